//! The reader on messages of others: `../shared/corpus/x12`, used in place.
//!
//! Without that folder each test prints one line and passes; under `CI=true` its absence is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may stop and speak"
)]

#[path = "corpus_x12/chance.rs"]
mod chance;
#[path = "corpus_x12/damage.rs"]
mod damage;
#[path = "corpus_x12/folder.rs"]
mod folder;
#[path = "corpus_x12/splitter.rs"]
mod splitter;
#[path = "corpus_x12/told.rs"]
mod told;
#[path = "corpus_x12/verdict.rs"]
mod verdict;

use chance::Chance;
use folder::samples;
use splitter::Piece;
use splitter::split;
use told::Told;
use told::tell;
use x12_parser::Delimiters;
use x12_parser::Settings;

const REPAIRS: [bool; 2] = [false, true];

fn settings(repair: bool) -> Settings {
    Settings::default().with_repair(repair)
}

fn whole(input: &[u8], settings: Settings) -> Vec<Told> {
    tell(input, [input.len()], settings)
}

#[track_caller]
fn same_for_every_cut(name: &str, input: &[u8]) {
    for repair in REPAIRS {
        let expected = whole(input, settings(repair));
        let one_by_one = tell(input, std::iter::repeat(1), settings(repair));
        assert_eq!(one_by_one, expected, "{name}: bytes one by one");
        for seed in 0..8 {
            let cut = tell(input, Chance::new(seed).lengths(), settings(repair));
            assert_eq!(cut, expected, "{name}: chunks by chance, seed {seed}");
        }
    }
}

#[test]
fn events_do_not_depend_on_the_cuts() {
    for sample in samples() {
        same_for_every_cut(&sample.name, &sample.bytes);
    }
}

/// Compares both readers up to the first fault; says whether there was none.
#[track_caller]
fn same_for_both_readers(name: &str, input: &[u8]) -> bool {
    let told = whole(input, settings(false));
    let (pieces, _) = split(input);
    let mut pieces = pieces.into_iter();
    let mut told = told.into_iter();
    while let Some(event) = told.next() {
        let found = match event {
            Told::Fault(_) => return false,
            Told::Segment(raw, place) => (place, raw, None),
            Told::Head(raw, _, place) => {
                let Some(Told::Payload(octets)) = told.next() else {
                    return false;
                };
                let Some(Told::End(..)) = told.next() else {
                    panic!("{name}: a payload has no end");
                };
                (place, raw, Some(octets))
            }
            Told::Payload(_) | Told::End(..) => panic!("{name}: a payload has no head"),
        };
        let (place, raw, payload) = found;
        let offset = usize::try_from(place.offset).unwrap();
        let piece = Piece { offset, raw, payload };
        assert_eq!(Some(piece), pieces.next(), "{name}: segment {}", place.ordinal);
    }
    assert_eq!(pieces.next(), None, "{name}: the slow reader found more");
    true
}

#[test]
fn the_slow_reader_agrees() {
    let samples = samples();
    let mut alike = 0;
    for sample in &samples {
        alike += usize::from(same_for_both_readers(&sample.name, &sample.bytes));
    }
    assert!(
        samples.is_empty() || alike > 40,
        "{alike} files without a fault are too few"
    );
}

#[test]
fn the_slow_reader_agrees_on_invented_interchanges() {
    for seed in 0..300 {
        let input = invented(Chance::new(seed));
        assert!(
            same_for_both_readers("invented", &input),
            "seed {seed}: nothing in it is a fault"
        );
        same_for_every_cut(&format!("invented, seed {seed}"), &input);
    }
}

/// One or more interchanges with separators, line ends, segments and payloads of all kinds.
fn invented(mut chance: Chance) -> Vec<u8> {
    let mut input = Vec::new();
    for _ in 0..=chance.below(3) {
        let marks = [*b"*^:~", *b"|!>\n", [0x1d, 0x1f, 0x1e, 0x1c], *b"+;,'", *b"*U:\r"][chance.below(5)];
        let repetition = (marks[1] != b'U').then_some(marks[1]);
        let delimiters = Delimiters::new(marks[0], repetition, marks[2], marks[3]).unwrap();
        let padding: &[u8] = [&b""[..], b"\n", b"\r\n", b"\n\n"][chance.below(4)];
        // A carriage return is padding too, so it is read away where it is not the terminator of something.
        let padding = if marks[3] == b'\r' { b"" } else { padding };
        let mut header = b"ISA*00*          *00*          *ZZ*NORTHCLINIC    *ZZ*HARBORPLAN     *261120*0900*^*00602*000000001*0*T*:~".to_vec();
        for byte in &mut header {
            *byte = match *byte {
                b'*' => marks[0],
                b'^' => marks[1],
                b':' => marks[2],
                b'~' => marks[3],
                other => other,
            };
        }
        input.extend_from_slice(&header);
        for _ in 0..chance.below(40) {
            input.extend_from_slice(padding);
            segment(&mut chance, delimiters, &mut input);
        }
        input.extend_from_slice(padding);
        input
            .extend_from_slice(&[b"IEA", &marks[..1], b"1", &marks[..1], b"000000001", &marks[3..]].concat());
        input.extend_from_slice(padding);
    }
    input
}

fn segment(chance: &mut Chance, delimiters: Delimiters, input: &mut Vec<u8>) {
    let element = delimiters.element();
    let ids: [&[u8]; 10] = [
        b"ST", b"SE", b"GS", b"GE", b"NM1", b"HL", b"ISB", b"BI", b"BDS", b"BIN",
    ];
    let id = ids[chance.below(ids.len())];
    input.extend_from_slice(id);
    let binary = id == b"BDS" || id == b"BIN";
    if binary {
        if id == b"BDS" {
            input.extend_from_slice(&[&[element], b"NOF".as_slice()].concat());
        }
        let longest = [1, 20, 300, 3000][chance.below(4)];
        let length = chance.below(longest);
        input.push(element);
        input.extend_from_slice(length.to_string().as_bytes());
        input.push(element);
        input.extend(std::iter::repeat_with(|| chance.next().to_be_bytes()[0]).take(length));
    } else {
        for _ in 0..chance.below(8) {
            input.push(element);
            let separators = [
                delimiters.component(),
                delimiters.repetition().unwrap_or(b'x'),
                b' ',
            ];
            for _ in 0..chance.below(12) {
                let letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[chance.below(36)];
                let odd = chance.below(10) == 0;
                input.push(if odd { separators[chance.below(3)] } else { letter });
            }
        }
    }
    input.push(delimiters.segment());
}
