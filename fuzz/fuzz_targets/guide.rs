//! Any text as a guide: it is refused with faults that have a place, or it checks a message.
//!
//! What stands behind a line of three hyphens is the dictionary; without such a line a small one is used.
#![no_main]

use cartage::mapping::guides::Guides;
use cartage::mapping::guides::LoadError;
use libfuzzer_sys::fuzz_target;
use x12_parser::GuideValidator;
use x12_parser::Reader;

const DICTIONARY: &str = r#"
[elements]
96 = { name = "count", type = "N0 1..10" }
98 = { name = "role", type = "ID 2..3", codes = "PR QC 41" }
143 = { name = "set", type = "ID 3..3" }
329 = { name = "control number", type = "AN 4..9" }
353 = { name = "purpose", type = "ID 2..2", since = { 00602 = "ID 2..3" } }
373 = { name = "date", type = "DT 8..8" }
628 = { name = "number", type = "AN 1..12" }
734 = { name = "parent", type = "AN 1..12" }
735 = { name = "level", type = "ID 1..2" }
[composites]
C1 = { name = "pair", elements = "98! 353", notes = "P0102" }
[segments]
ST = { name = "start", elements = "143! 329!" }
SE = { name = "end", elements = "96! 329!" }
BGN = { name = "begin", elements = "353! 329 373", notes = "P0203" }
NM1 = { name = "name", elements = "98! C1x2 329" }
HL = { name = "level", elements = "628! 734 735!" }
"#;

const MESSAGE: &[u8] = b"ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~\
    GS*PI*CLINIC*PLAN*20261120*0900*1*X*X~ST*275*0001~BGN*02*R1~HL*1**20~NM1*PR*PR:02^QC~HL*2*1*21~NM1*QC~NM1*41~\
    BGN*11~SE*9*0001~GE*1*1~IEA*1*000000001~";

fuzz_target!(|text: &str| {
    let (guide, dictionary) = text.split_once("\n---\n").unwrap_or((text, DICTIONARY));
    let files = [("guide.toml", guide), ("dictionary.toml", dictionary)];
    let guides = match Guides::from_files(files) {
        Ok(guides) => guides,
        Err(LoadError::Faulty(faults)) => {
            for fault in faults {
                let text = if fault.file == "guide.toml" { guide } else { dictionary };
                assert!(fault.line <= text.lines().count() + 1, "a fault is inside its file");
            }
            return;
        }
        Err(LoadError::Unreadable { .. }) => unreachable!("no file is read"),
    };
    for guide in guides.set().guides() {
        let mut validator = GuideValidator::new(guide);
        let mut reader = Reader::default();
        let mut events = reader.feed(MESSAGE);
        while let Some(event) = events.advance() {
            validator.observe(&event, &mut |finding| {
                assert!(finding.offset + finding.length <= MESSAGE.len() as u64);
            });
            if let Some(place) = validator.matched() {
                assert_eq!(place.path().count(), place.depth());
            }
        }
    }
});
