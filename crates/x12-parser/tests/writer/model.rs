//! Interchanges as plain values: made at random, written, and read back into the same values.

use proptest::collection::vec;
use proptest::prelude::*;
use x12_parser::Address;
use x12_parser::BinaryForm;
use x12_parser::Delimiters;
use x12_parser::Event;
use x12_parser::Events;
use x12_parser::Filter;
use x12_parser::Framing;
use x12_parser::GroupHead;
use x12_parser::InterchangeHead;
use x12_parser::LineEnd;
use x12_parser::Reader;
use x12_parser::Segment;
use x12_parser::Stamp;
use x12_parser::Version;
use x12_parser::WriteError;
use x12_parser::Writer;

/// Elements of repetitions of components.
pub type Values = Vec<Vec<Vec<String>>>;

#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Segment(String, Values),
    Payload(BinaryForm, Vec<u8>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    pub guide: Option<String>,
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Interchange {
    pub version: Version,
    pub delimiters: Delimiters,
    pub line_end: LineEnd,
    pub groups: Vec<Vec<Transaction>>,
}

pub fn stamp() -> Stamp {
    Stamp::parse("20261120", "0905").expect("a day and a minute")
}

/// Writes everything, payloads in runs of `run` octets.
pub fn write(interchanges: &[Interchange], run: usize) -> Result<Vec<u8>, WriteError> {
    let end = Address {
        qualifier: "ZZ",
        id: "ANY 1",
    };
    let mut writer = Writer::new(Vec::new());
    for (control, interchange) in (1..).zip(interchanges) {
        let mut head = InterchangeHead::new(end, end, stamp(), control);
        head.version = interchange.version;
        head.delimiters = interchange.delimiters;
        head.line_end = interchange.line_end;
        writer.interchange(&head)?;
        for (control, group) in (1..).zip(&interchange.groups) {
            writer.group(&GroupHead {
                functional_id: "PI",
                sender: "ANY",
                receiver: "ANY",
                stamp: stamp(),
                control,
                guide: "006020X314",
            })?;
            for (number, transaction) in group.iter().enumerate() {
                let control = format!("{:04}", number + 1);
                writer.transaction("275", &control, transaction.guide.as_deref())?;
                for piece in &transaction.pieces {
                    write_piece(&mut writer, piece, run)?;
                }
                writer.end_transaction()?;
            }
            writer.end_group()?;
        }
        writer.end_interchange()?;
    }
    writer.finish()
}

fn write_piece(writer: &mut Writer<Vec<u8>>, piece: &Piece, run: usize) -> Result<(), WriteError> {
    match piece {
        Piece::Segment(id, values) => {
            let mut segment = writer.segment(id);
            for element in values {
                for (nth, repetition) in element.iter().enumerate() {
                    let mut components = repetition.iter();
                    let first = components.next().map_or("", String::as_str);
                    segment = if nth == 0 {
                        segment.element(first)
                    } else {
                        segment.repetition(first)
                    };
                    segment = components.fold(segment, |segment, value| segment.component(value));
                }
            }
            segment.end()
        }
        Piece::Payload(form, octets) => {
            writer.binary_as(*form, octets.len() as u64)?;
            octets
                .chunks(run.max(1))
                .try_for_each(|chunk| writer.octets(chunk))
        }
    }
}

/// Reads everything back in chunks of `size`, and checks what the model does not hold: counts, numbers, no faults.
pub fn read(input: &[u8], size: usize) -> Vec<Interchange> {
    let mut reader = Reader::default();
    let mut found = Found::default();
    for chunk in input.chunks(size.max(1)) {
        found.take(reader.feed(chunk));
    }
    found.take(reader.finish());
    found.interchanges
}

#[derive(Default)]
struct Found {
    interchanges: Vec<Interchange>,
    payload: Vec<u8>,
    form: Option<BinaryForm>,
    segments: usize,
}

impl Found {
    fn take(&mut self, mut events: Events<'_, '_>) {
        while let Some(event) = events.advance() {
            match event {
                Event::InterchangeStart(isa) => self.open(&isa),
                Event::GroupStart(_) => self.interchange().groups.push(Vec::new()),
                Event::TransactionStart(st) => {
                    self.segments = 1;
                    let guide = (!st.value(3).is_empty()).then(|| text(st.value(3)));
                    self.group().push(Transaction {
                        guide,
                        pieces: Vec::new(),
                    });
                }
                Event::Segment(segment) => {
                    let piece = Piece::Segment(text(segment.id()), values(&segment));
                    self.add(piece);
                }
                Event::BinaryStart(head) => {
                    self.form = Some(head.filter().map_or(BinaryForm::Bin, |filter| {
                        BinaryForm::Bds(
                            *FILTERS
                                .iter()
                                .find(|one| one.as_str().as_bytes() == filter)
                                .unwrap(),
                        )
                    }));
                }
                Event::BinaryChunk(chunk) => self.payload.extend_from_slice(chunk.bytes),
                Event::BinaryEnd(end) => {
                    assert_eq!(end.framing, Framing::Declared);
                    let piece = Piece::Payload(self.form.unwrap(), std::mem::take(&mut self.payload));
                    self.add(piece);
                }
                Event::TransactionEnd(se) => {
                    let control = format!("{:04}", self.group().len());
                    assert_eq!(text(se.value(1)), (self.segments + 1).to_string());
                    assert_eq!(text(se.value(2)), control);
                }
                Event::GroupEnd(ge) => {
                    assert_eq!(text(ge.value(1)), self.group().len().to_string());
                    assert_eq!(text(ge.value(2)), self.interchange().groups.len().to_string());
                }
                Event::InterchangeEnd(iea) => {
                    assert_eq!(text(iea.value(1)), self.interchange().groups.len().to_string());
                    assert_eq!(text(iea.value(2)), format!("{:09}", self.interchanges.len()));
                }
                Event::Fault(fault) => panic!("{fault:?}"),
            }
        }
    }

    fn open(&mut self, isa: &Segment<'_>) {
        assert_eq!(isa.raw().len(), 105);
        self.interchanges.push(Interchange {
            version: Version::parse(&text(isa.value(12))).unwrap(),
            delimiters: isa.delimiters(),
            line_end: LineEnd::None,
            groups: Vec::new(),
        });
    }

    fn interchange(&mut self) -> &mut Interchange {
        self.interchanges.last_mut().unwrap()
    }

    fn group(&mut self) -> &mut Vec<Transaction> {
        self.interchange().groups.last_mut().unwrap()
    }

    fn add(&mut self, piece: Piece) {
        self.segments += 1;
        self.group().last_mut().unwrap().pieces.push(piece);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn values(segment: &Segment<'_>) -> Values {
    segment
        .elements()
        .map(|element| {
            element
                .repetitions()
                .map(|repetition| repetition.components().map(|one| text(one.raw())).collect())
                .collect()
        })
        .collect()
}

/// The one form of each value: nothing empty at an end, and nothing wholly absent inside.
pub fn normal(mut interchanges: Vec<Interchange>) -> Vec<Interchange> {
    let pieces = interchanges
        .iter_mut()
        .flat_map(|one| one.groups.iter_mut().flatten())
        .flat_map(|one| one.pieces.iter_mut());
    for piece in pieces {
        let Piece::Segment(_, values) = piece else {
            continue;
        };
        for element in values.iter_mut() {
            for repetition in element.iter_mut() {
                trim(repetition, String::is_empty, String::new());
            }
            trim(element, |one| one.concat().is_empty(), vec![String::new()]);
        }
        trim(values, |one| one.concat().concat().is_empty(), Vec::new());
    }
    for interchange in &mut interchanges {
        interchange.line_end = LineEnd::None;
    }
    interchanges
}

fn trim<T: Clone>(list: &mut Vec<T>, is_empty: impl Fn(&T) -> bool, one: T) {
    while list.last().is_some_and(&is_empty) {
        list.pop();
    }
    if list.is_empty() {
        list.push(one);
    }
}

const FILTERS: [Filter; 8] = [
    Filter::Baudot,
    Filter::Ascii,
    Filter::Base64,
    Filter::Hexadecimal,
    Filter::None,
    Filter::Radix64,
    Filter::Uuencode,
    Filter::Agreed,
];

/// Bytes that interchanges have been seen to use as separators, and some that nobody would.
const SEPARATORS: &[u8] = b"*|^~:>!\n\r\t\x1c\x1d\x1e\x1f\x85\xff{}<+'\"/\\?;,.-_=&%$#@()[]`\x01\x7f\x80";

/// What text is made of; separators are taken out of it.
const TEXT: &str = "ABCXYZ0189abz .-/&'()+,:*~^|>!<\u{e9}\u{20ac}";

/// Ids of segments, some of which begin like a reserved one.
const IDS: &[&str] = &["NM1", "REF", "HL", "STC", "N3", "LX", "B1N", "SEX"];

fn delimiters() -> impl Strategy<Value = Delimiters> {
    let byte = || proptest::sample::select(SEPARATORS);
    let odd = (byte(), proptest::option::weighted(0.7, byte()), byte(), byte())
        .prop_filter_map("they clash", |(a, b, c, d)| Delimiters::new(a, b, c, d).ok());
    prop_oneof![1 => Just(Delimiters::USUAL), 3 => odd]
}

fn word() -> impl Strategy<Value = String> {
    let letters: Vec<char> = TEXT.chars().collect();
    vec(proptest::sample::select(letters), 0..6).prop_map(|letters| letters.into_iter().collect())
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..300),
        Just((0..=255).collect()),
        Just(b"~SE*3*0001~GE*1*1~IEA*1*000000001~ISA*00*".to_vec()),
        Just(Vec::new()),
        vec(proptest::sample::select(SEPARATORS), 0..40),
    ]
}

fn piece() -> impl Strategy<Value = Piece> {
    let element = vec(vec(word(), 1..4), 1..3);
    let segment = (proptest::sample::select(IDS), vec(element, 1..6))
        .prop_map(|(id, values)| Piece::Segment(id.to_owned(), values));
    let form = proptest::option::of(proptest::sample::select(&FILTERS[..]))
        .prop_map(|filter| filter.map_or(BinaryForm::Bin, BinaryForm::Bds));
    let binary = (form, payload()).prop_map(|(form, octets)| Piece::Payload(form, octets));
    prop_oneof![3 => segment, 1 => binary]
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let guide = proptest::option::of(Just("006020X314".to_owned()));
    (guide, vec(piece(), 0..5)).prop_map(|(guide, pieces)| Transaction { guide, pieces })
}

fn line_end() -> impl Strategy<Value = LineEnd> {
    prop_oneof![Just(LineEnd::None), Just(LineEnd::Lf), Just(LineEnd::CrLf)]
}

/// Any interchange that can be written: versions go with separators, text holds none, no segment is empty.
pub fn interchange() -> impl Strategy<Value = Interchange> {
    let groups = vec(vec(transaction(), 0..3), 0..3);
    (delimiters(), line_end(), groups).prop_map(|(delimiters, line_end, mut groups)| {
        let version = match delimiters.repetition() {
            Some(_) => Version::V00602,
            None => Version::V00401,
        };
        for transaction in groups.iter_mut().flatten() {
            for piece in &mut transaction.pieces {
                make_writable(piece, delimiters);
            }
        }
        Interchange {
            version,
            delimiters,
            line_end,
            groups,
        }
    })
}

fn make_writable(piece: &mut Piece, delimiters: Delimiters) {
    let Piece::Segment(_, values) = piece else { return };
    for element in values.iter_mut() {
        if delimiters.repetition().is_none() {
            element.truncate(1);
        }
        for value in element.iter_mut().flatten() {
            value.retain(|letter| {
                let mut bytes = [0; 4];
                !letter
                    .encode_utf8(&mut bytes)
                    .bytes()
                    .any(|byte| delimiters.contains(byte))
            });
        }
    }
    if values.concat().concat().concat().is_empty() {
        values.push(vec![vec!["1".to_owned()]]);
    }
}
