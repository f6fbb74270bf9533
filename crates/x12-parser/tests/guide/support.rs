//! A small guide that has one of everything, and a check of what it finds.

use x12_parser::Dictionary;
use x12_parser::DictionarySpec;
use x12_parser::Finding;
use x12_parser::Guide;
use x12_parser::GuideSpec;
use x12_parser::GuideValidator;
use x12_parser::LoopSpec;
use x12_parser::Reader;
use x12_parser::SegmentSpec;

const HEADER: &str = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~\
                      GS*PI*CLINIC*PLAN*20261120*0900*1*X*006020X999~";

/// A dictionary with every data type.
pub fn dictionary() -> DictionarySpec {
    DictionarySpec::default()
        .element("66", "kind of id", "ID 1..2")
        .element("67", "id", "AN 2..80")
        .element("93", "name", "AN 1..60")
        .element("96", "segment count", "N0 1..10")
        .coded("98", "role", "ID 2..3", "1P 41 77 PR QC")
        .element("127", "reference", "AN 1..50")
        .element("128", "kind of reference", "ID 2..3")
        .element("143", "transaction set", "ID 3..3")
        .element("234", "service", "AN 1..48")
        .element("235", "kind of service", "ID 2..2")
        .element("329", "control number", "AN 4..9")
        .coded("353", "purpose", "ID 2..2", "00 02 11 13")
        .element("373", "date", "DT 8..8")
        .element("337", "time", "TM 4..8")
        .element("374", "kind of date", "ID 3..3")
        .element("554", "number", "N0 1..6")
        .element("628", "level number", "AN 1..12")
        .element("734", "parent", "AN 1..12")
        .element("735", "level code", "ID 1..2")
        .element("782", "amount", "R 1..18")
        .element("784", "length", "N0 1..15")
        .element("785", "binary", "B 1..")
        .element("1250", "format", "ID 2..3")
        .element("1251", "date or time", "AN 1..35")
        .element("1570", "filter", "ID 3..3")
        .element("1705", "guide", "AN 1..35")
        .composite("C003", "service", "235! 234! 234 234")
        .segment("ST", "start", "143! 329! 1705", "")
        .segment("SE", "end", "96! 329!", "")
        .segment("BGN", "begin", "353! 127! 373! 337", "")
        .segment("NM1", "name", "98! 93 66 67 93", "P0304 E0205")
        .segment("REF", "reference", "128! 127 93", "R0203")
        .segment("DTP", "date", "374! 1250! 1251!", "")
        .segment("LX", "counter", "554!", "")
        .segment("SVC", "service", "C003! 782 782 C003x2", "C0403")
        .segment("HL", "level", "628! 734 735!", "")
        .segment("BDS", "binary", "1570! 784! 785!", "")
        .segment("PWK", "paperwork", "93", "")
        .segment("CUR", "currency", "93", "")
}

/// A guide that has one of everything.
pub fn guide_spec() -> GuideSpec {
    GuideSpec::new("275", "006020X999", "00602")
        .codes("services", "HC NU")
        .segment(SegmentSpec::new(10, "ST", "R").element("03", "R (006020X999)"))
        .segment(
            SegmentSpec::new(20, "BGN", "R")
                .key("begin")
                .element("01", "R (02 11 00[C])")
                .element("03", "R date"),
        )
        .segment(SegmentSpec::new(30, "CUR", "N"))
        .segment(SegmentSpec::new(9000, "SE", "R"))
        .with_loop(
            LoopSpec::new(50, "1000A", "R").segment(
                SegmentSpec::new(10, "NM1*PR", "R")
                    .element("02", "S 2..20")
                    .element("03", "R (PI XV)"),
            ),
        )
        .with_loop(
            LoopSpec::new(50, "1000B", "R")
                .segment(
                    SegmentSpec::new(10, "NM1*1P", "R")
                        .element("03", "R (XX FI)")
                        .element("04", "R npi if 03=XX")
                        .element("05", "N[C]"),
                )
                .segment(SegmentSpec::new(20, "REF*EA", "R"))
                .segment(SegmentSpec::new(20, "REF*G1|9F[C]", "S").repeat("2"))
                .segment(
                    SegmentSpec::new(30, "DTP*472", "S")
                        .element("02", "R (D8 RD8)")
                        .element("03", "R as 02"),
                )
                .segment(SegmentSpec::new(40, "PWK", "R[C]")),
        )
        .with_loop(
            LoopSpec::new(100, "2000", "R")
                .repeat("2")
                .segment(SegmentSpec::new(10, "LX", "R").element("01", "R counts"))
                .segment(
                    SegmentSpec::new(20, "REF*6R", "S")
                        .key("line")
                        .element("02", "R 2..10[C]"),
                )
                .segment(
                    SegmentSpec::new(30, "SVC", "S")
                        .key("service")
                        .repeat("3")
                        .element("01-1", "R @services")
                        .element("04", "S x2"),
                ),
        )
        .with_loop(
            LoopSpec::new(40, "2100", "S")
                .within("2000")
                .segment(SegmentSpec::new(10, "BDS", "R").element("01", "R (B64 HDC NOF)")),
        )
        .rule("begin.01 = 11", "line required")
        .rule("begin.01 = 02", "service.02 required")
        .rule("line present", "service.03 not used")
}

/// A guide with a hierarchy.
pub fn levels_spec() -> GuideSpec {
    let level = |id: &str, code: &str| {
        LoopSpec::new(900, id, "R")
            .repeat(">1")
            .segment(SegmentSpec::new(10, &format!("HL***{code}"), "R"))
    };
    let name = |id: &str, within: &str, role: &str| {
        LoopSpec::new(20, id, "R")
            .within(within)
            .segment(SegmentSpec::new(10, &format!("NM1*{role}"), "R"))
    };
    GuideSpec::new("277", "006020X998", "00602")
        .segment(SegmentSpec::new(10, "ST", "R"))
        .segment(SegmentSpec::new(9000, "SE", "R"))
        .with_loop(level("2000A", "20"))
        .with_loop(name("2100A", "2000A", "PR"))
        .with_loop(level("2000B", "21").within("2000A"))
        .with_loop(name("2100B", "2000B", "41"))
        .with_loop(level("2000C", "PT").within("2000B"))
        .with_loop(name("2100C", "2000C", "QC"))
        .with_loop(
            LoopSpec::new(30, "2200C", "R")
                .within("2000C")
                .repeat(">1")
                .segment(SegmentSpec::new(10, "REF*EA", "R"))
                .segment(SegmentSpec::new(20, "DTP*106", "R")),
        )
}

/// Compiles a guide that is sound.
pub fn compiled(spec: &GuideSpec) -> Guide {
    let dictionary = Dictionary::compile(&dictionary()).expect("the dictionary is sound");
    Guide::compile(spec, &dictionary).expect("the guide is sound")
}

/// Everything that `body`, the segments between `ST` and `SE`, makes the guide say.
pub fn findings(guide: &Guide, body: &str, chunk: usize) -> (String, Vec<Finding>) {
    let (set, id) = (guide.set(), guide.id());
    let input = format!("{HEADER}ST*{set}*0001*{id}~{body}SE*9*0001~GE*1*1~IEA*1*000000001~");
    let mut reader = Reader::default();
    let mut validator = GuideValidator::new(guide);
    let mut found = Vec::new();
    for chunk in input.as_bytes().chunks(chunk) {
        let mut events = reader.feed(chunk);
        while let Some(event) = events.advance() {
            validator.observe(&event, &mut |finding| found.push(finding));
        }
    }
    let mut events = reader.finish();
    while let Some(event) = events.advance() {
        validator.observe(&event, &mut |finding| found.push(finding));
    }
    validator.finish(&mut |finding| found.push(finding));
    (input, found)
}

/// One finding on one line: code, segment, position, loop, element, and the text it underlines.
fn line(input: &str, finding: &Finding) -> String {
    let weight = if finding.weak { "note " } else { "" };
    let within = finding
        .loop_id
        .as_ref()
        .map_or_else(String::new, |id| format!(" in {id}"));
    let element = finding.element.map_or_else(String::new, |place| {
        let part = |mark: &str, number: u8| match number {
            0 => String::new(),
            number => format!("{mark}{number}"),
        };
        let dictionary = place
            .dictionary
            .map_or_else(String::new, |number| format!(" ({number})"));
        let (component, repetition) = (part("-", place.component), part("x", place.repetition));
        format!(" {:02}{component}{repetition}{dictionary}", place.element)
    });
    let start = usize::try_from(finding.offset).expect("offsets are small");
    let end = start + usize::try_from(finding.length).expect("lengths are small");
    let (code, segment, position) = (finding.code, finding.segment, finding.place.position);
    format!(
        "{weight}{code} {segment}@{position}{within}{element} {:?}",
        &input[start..end]
    )
}

/// Checks what `guide` finds in `body`, whole and byte by byte.
#[track_caller]
pub fn check(guide: &Guide, body: &str, expected: &[&str]) {
    for chunk in [usize::MAX, 1] {
        let (input, found) = findings(guide, body, chunk);
        let lines: Vec<String> = found.iter().map(|finding| line(&input, finding)).collect();
        assert_eq!(lines, expected, "{body}");
    }
}
