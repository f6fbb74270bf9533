//! Messages of every shape: there and back they are the same, what comes out is sound, and the books balance.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cartage::base::finding::Severity;
use cartage::fhir::check;
use cartage::fhir::codes::CodeLists;
use cartage::fhir::json;
use cartage::mapping::Library;
use cartage::mapping::guides::Guides;
use cartage::translate::Context;
use cartage::translate::Lineage;
use cartage::translate::Resources;
use cartage::translate::from_fhir;
use cartage::translate::from_x12;
use cartage::x12;
use cartage::x12::Transaction;
use proptest::prelude::*;
use x12_parser::GuideValidator;
use x12_parser::Reader;

use crate::balance;
use crate::round_trip;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::built_in().unwrap());
static GUIDES: LazyLock<Guides> = LazyLock::new(|| match Guides::embedded() {
    Ok(guides) => guides,
    Err(error) => panic!("{error}"),
});

/// Choices in a row; once they are used up the first of everything is chosen, so that less is simpler.
struct Dice {
    choices: Vec<u8>,
    at: usize,
}

impl Dice {
    fn pick(&mut self, of: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(choice) % of
    }

    fn coin(&mut self) -> bool {
        self.pick(2) == 1
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.pick(of.len())]
    }
}

/// A transaction in the making, segment by segment.
struct Message {
    text: String,
    segments: usize,
}

impl Message {
    fn new(set: &str, guide: &str) -> Self {
        let mut message = Self {
            text: String::new(),
            segments: 0,
        };
        message.add(&format!("ST*{set}*0001*{guide}"));
        message
    }

    fn add(&mut self, segment: &str) {
        self.text.push_str(segment.trim_end_matches('*'));
        self.text.push('~');
        self.segments += 1;
    }

    /// The whole interchange.
    fn finish(mut self, group: &str, guide: &str) -> String {
        self.add(&format!("SE*{}*0001", self.segments + 1));
        let version = &guide[..5];
        format!(
            "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *270104*0930*^*{version}*000000001*0*T*:~\
             GS*{group}*SENDER*RECEIVER*20270104*0930*1*X*{guide}~{}GE*1*1~IEA*1*000000001~",
            self.text
        )
    }
}

const CODES: [&str; 5] = ["18842-5", "11504-8", "11506-3", "34133-9", "18776-5"];
const ORGANIZATIONS: [&str; 2] = ["2*LAKE CLINIC*****XX*1234567893", "2*HILL CLINIC*****SV*HC-7"];
const PERSONS: [&str; 2] = ["1*HALE*SAM****XX*1407071236", "1*WREN*IDA****FI*361234567"];

/// A request for information in one of the two guides.
fn request(dice: &mut Dice) -> (String, &'static str) {
    let guide = ["006020X313", "005010X213"][dice.pick(2)];
    let mut message = Message::new("277", guide);
    message.add(&format!(
        "BHT*0085*48*BATCH-1*20270104*{}*RQ",
        dice.one(&["0930", "0000", "093015"])
    ));
    let (mut level, mut claim) = (1, 0);
    message.add("HL*1**20*1");
    message.add(&format!(
        "NM1*PR*2*{}*****{}",
        dice.one(&["NORTHERN PLAN", "NOT STATED"]),
        dice.one(&["PI*77001", "XV*HP-9"])
    ));
    message.add(dice.one(&[
        "PER*IC**UR*https://plan.example/a",
        "PER*IC*CLAIMS DESK*TE*2005550199*UR*https://plan.example/a",
        "PER*IC*CLAIMS DESK*TE*2005550199*FX*2005550100*UR*https://plan.example/a",
        "PER*IC**UR*https://plan.example/a*EM*desk@plan.example",
    ]));
    level += 1;
    message.add(&format!("HL*{level}*1*21*1"));
    message.add(&format!(
        "NM1*41*2*{}*****46*{}",
        dice.one(&["LAKE HUB", "LAKE CLINIC"]),
        dice.one(&["L46", "1234567893"])
    ));
    // The receiver of several organisations comes back once for each of them, so there is one; of persons there may be
    // two, each once.
    let asked_of: &[&str] = [&ORGANIZATIONS[..1], &ORGANIZATIONS[1..], &PERSONS[..1], &PERSONS][dice.pick(4)];
    for provider in asked_of {
        level += 1;
        let above = level;
        message.add(&format!("HL*{level}*2*19*1"));
        message.add(&format!("NM1*1P*{provider}"));
        for _ in 0..=dice.pick(2) {
            level += 1;
            message.add(&format!("HL*{level}*{above}*PT"));
            let name = dice.one(&["RIVERA*ALEX", "STONE*KIM*Q**JR", "OAK"]);
            message.add(&patient(name, level));
            for _ in 0..=dice.pick(2) {
                claim += 1;
                asked(&mut message, dice, guide, claim);
            }
        }
    }
    (message.finish("HN", guide), guide)
}

fn patient(name: &str, number: usize) -> String {
    let stars = 5 - name.matches('*').count();
    format!("NM1*QC*1*{name}{}MI*M-{number}", "*".repeat(stars))
}

/// What a request asks about one claim.
fn asked(message: &mut Message, dice: &mut Dice, guide: &str, claim: usize) {
    message.add(&format!("TRN*1*REQ-{claim}"));
    let lines = dice.pick(3);
    for _ in 0..=dice.pick(3) {
        question(message, dice, "20270104");
    }
    let own = if guide == "005010X213" { "EJ" } else { "X1" };
    message.add(&format!("REF*{own}*CLM-{claim}"));
    for reference in ["BLT*111", "EA*MRN-1", "D9*HUB-1", "1K*ICN-1"] {
        if dice.coin() {
            message.add(&format!("REF*{reference}"));
        }
    }
    message.add(dice.one(&["DTP*472*D8*20261230", "DTP*472*RD8*20261230-20270102"]));
    message.add("DTP*106*D8*20270204");
    for line in 1..=lines {
        message.add(&format!(
            "SVC*HC:9921{line}{}*{}",
            dice.one(&["", ":25"]),
            dice.one(&["100", "72.50"])
        ));
        question(message, dice, dice_date(line));
        message.add(&format!("REF*FJ*{line}"));
        if dice.coin() {
            message.add("DTP*472*D8*20261231");
        }
    }
}

const fn dice_date(line: usize) -> &'static str {
    if line == 2 { "20270103" } else { "20270104" }
}

fn question(message: &mut Message, dice: &mut Dice, date: &str) {
    let code = dice.one(&CODES);
    let charge = dice.one(&["", "250", "72.50"]);
    let modifiers = dice.one(&[
        "",
        "******R4:18789-8::LOI",
        "******R4:18789-8::LOI*R4:18793-0::LOI",
    ]);
    let category = dice.one(&["R4", "R3"]);
    let modifiers = modifiers.replace("R4", category);
    message.add(&format!("STC*{category}:{code}::LOI*{date}**{charge}{modifiers}"));
}

const CDA: &str = "<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"><code code=\"11506-3\" codeSystem=\"2.16.840.1.113883.6.1\"/></ClinicalDocument>";
/// Documents as base 64: a CDA, a PDF, a text, octets of no kind, and none at all.
const CONTENTS: [&str; 4] = ["JVBERi0xLjcgaW52ZW50ZWQ=", "UGxhaW4gd29yZHMu", "AAECAwQF/w==", ""];

/// An attachment in one of the four guides.
fn attachment(dice: &mut Dice) -> (String, &'static str) {
    let guide = ["006020X314", "005010X210", "006020X316", "005010X211"][dice.pick(4)];
    let solicited = dice.coin();
    let mut message = Message::new("275", guide);
    message.add(&format!(
        "BGN*{}*S-1*20270104*{}",
        if solicited { "11" } else { "02" },
        dice.one(&["0930", ""])
    ));
    message.add(dice.one(&[
        "NM1*PR*2*NORTHERN PLAN*****PI*77001",
        "NM1*PR*2*NORTHERN PLAN*****XV*HP-9",
    ]));
    message.add("NM1*41*2*LAKE HUB*****46*L46");
    let provider = [dice.one(&ORGANIZATIONS), dice.one(&PERSONS)][dice.pick(2)];
    message.add(&format!("NM1*1P*{provider}"));
    message.add(&patient(dice.one(&["RIVERA*ALEX", "STONE*KIM*Q**JR"]), 1));
    if guide.starts_with("00602") {
        message.add("REF*X1*CLM-1");
    } else {
        message.add("REF*EJ*CLM-1");
    }
    for reference in ["1K*ICN-1", "BLT*111", "EA*MRN-1"] {
        if dice.coin() {
            message.add(&format!("REF*{reference}"));
        }
    }
    message.add(dice.one(&["DTP*472*D8*20261230", "DTP*472*RD8*20261230-20270102"]));
    for number in 1..=(1 + dice.pick(3)) {
        message.add(&format!("LX*{number}"));
        message.add(&format!("TRN*{}*ACN-1", if solicited { "2" } else { "1" }));
        if solicited {
            message.add(&format!(
                "STC*{}:{}::LOI*20270104",
                dice.one(&["R4", "R3"]),
                dice.one(&CODES)
            ));
        }
        for line in 0..dice.pick(3) {
            message.add(&format!("REF*FJ*{}", line + 1));
        }
        message.add(dice.one(&["DTP*368*D8*20270104", "DTP*368*D8*20270103"]));
        message.add(&format!("CAT*AE*{}", dice.one(&["HL", "IA", "TX"])));
        content(&mut message, dice, guide);
    }
    (message.finish("PI", guide), guide)
}

fn content(message: &mut Message, dice: &mut Dice, guide: &str) {
    let plain = dice.pick(CONTENTS.len() + 1);
    let encoded = CONTENTS.get(plain).copied();
    if guide.starts_with("00602") {
        message.add("OOI*1*47*ATTACHMENT");
        match encoded {
            Some(encoded) => octets(message, &format!("BDS*B64*{}*{encoded}", encoded.len())),
            None => octets(message, &format!("BDS*ASC*{}*{CDA}", CDA.len())),
        }
        return;
    }
    message.add("EFI*05");
    let body = match encoded {
        None | Some("") => CDA.to_owned(),
        Some(encoded) => {
            format!("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n")
        }
    };
    octets(message, &format!("BIN*{}*{body}", body.len()));
}

/// A segment whose payload may end in a separator.
fn octets(message: &mut Message, segment: &str) {
    message.text.push_str(segment);
    message.text.push('~');
    message.segments += 1;
}

/// What the guide of a transaction has against it, notes of weak rules apart.
fn faults(interchange: &str, set: &str, guide: &str) -> Vec<String> {
    let mut validator = GuideValidator::among(GUIDES.guide_for(set, guide)).unwrap();
    let mut reader = Reader::default();
    let mut found = Vec::new();
    let mut events = reader.feed(interchange.as_bytes());
    while let Some(event) = events.advance() {
        if event.place().in_transaction() {
            validator.observe(&event, &mut |finding| found.push(finding));
        }
    }
    validator.finish(&mut |finding| found.push(finding));
    let errors = found
        .iter()
        .filter(|finding| finding.severity == x12_parser::Severity::Error);
    errors
        .map(|finding| format!("{} {} {}", finding.code, finding.segment, finding.message()))
        .collect()
}

/// What the profile of a resource has against it.
fn refusals(document: &str) -> Vec<String> {
    let value = json::read(document.as_bytes()).unwrap();
    let lists = CodeLists::embedded();
    let found = match value["resourceType"].as_str() {
        Some("Task") => check::task(&value, lists),
        _ => check::parameters(&value, lists),
    };
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(ToString::to_string).collect()
}

/// Goes there and back: sound on both sides, balanced books, and the same but for the numbers of the transaction.
fn same_again(input: &str, (set, guide): (&str, &str), (there, back): (&str, &str), version: &str) {
    let read = x12::read_plainly(input.as_bytes());
    let [before] = read.as_slice() else {
        panic!("one transaction\n{input}");
    };
    assert_eq!(faults(input, set, guide), [""; 0], "what goes in\n{input}");
    let context = Context::new()
        .with("version", version)
        .with("offset", "-05:00")
        .with("date", "20270104");
    let made = from_x12(LIBRARY.program(there).unwrap(), before, &context, Lineage::Kept);
    let missing: Vec<&str> = made.missing().map(|rule| &*rule.name).collect();
    assert!(missing.is_empty(), "{missing:?}\n{input}");
    let known = balance::accounted(&made);
    let unknown: Vec<String> = balance::elements(before)
        .into_iter()
        .filter(|place| !known.contains(place))
        .collect();
    assert!(unknown.is_empty(), "in neither report: {unknown:?}\n{input}");
    let documents: Vec<String> = made.documents().collect();
    for document in &documents {
        assert_eq!(refusals(document), [""; 0], "as {version}\n{input}\n{document}");
    }
    let texts: Vec<&[u8]> = documents.iter().map(String::as_bytes).collect();
    let resources = Resources::read(&texts).unwrap();
    let context = context.with("guide", guide);
    let returned = from_fhir(
        LIBRARY.program(back).unwrap(),
        &resources,
        &context,
        Lineage::Kept,
    );
    let after: String = returned.transactions().map(Transaction::to_lines).collect();
    let found = round_trip::differences(&before.to_lines(), &after, round_trip::CONTROL);
    assert!(found.is_empty(), "as {version}\n{}\n{input}", found.join("\n"));
    let [again] = returned.transactions().collect::<Vec<_>>()[..] else {
        panic!("one transaction comes back\n{input}");
    };
    let once_more = from_x12(LIBRARY.program(there).unwrap(), again, &context, Lineage::Skipped);
    let once_more: Vec<String> = once_more.documents().collect();
    assert_eq!(once_more, documents, "the second trip\n{input}");
    let targets: BTreeSet<String> = balance::targets(&returned);
    for transaction in returned.transactions() {
        for element in balance::elements(transaction) {
            assert!(targets.contains(&element), "{element} has no lineage\n{input}");
        }
    }
}

/// An answer to a request for review that is pended for something.
fn review(dice: &mut Dice) -> (String, &'static str) {
    let guide = "005010X217";
    let mut message = Message::new("278", guide);
    message.add("BHT*0007*11*ASK-1*20270104*0930*19");
    message.add("HL*1**20*1");
    message.add("NM1*X3*2*NORTHERN REVIEW*****PI*77001");
    message.add(dice.one(&[
        "PER*IC**UR*https://plan.example/a",
        "PER*IC*DESK*TE*2005550199*UR*https://plan.example/a",
    ]));
    message.add("HL*2*1*21*1");
    message.add(&format!("NM1*1P*{}", dice.one(&ORGANIZATIONS)));
    message.add("HL*3*2*22*1");
    message.add("NM1*IL*1*RIVERA*ALEX****MI*M-1");
    message.add(dice.one(&["DMG*D8*19700303*F", "DMG*D8*19700303"]));
    let mut level = 3;
    if dice.coin() {
        level = 4;
        message.add("HL*4*3*23*1");
        message.add("NM1*QC*1*RIVERA*JO");
    }
    let event = level + 1;
    let services = dice.pick(3);
    message.add(&format!("HL*{event}*{level}*EV*{}", usize::from(services > 0)));
    message.add("TRN*2*ASK-1*9LAKE00001");
    message.add(dice.one(&["TRN*1*UMO-1*9NORTH0001", "TRN*1*UMO-2*9NORTH0002"]));
    message.add("UM*HS*I*3");
    message.add("HCR*A4**0U");
    if dice.coin() {
        message.add("REF*NT*ADM-1");
    }
    // Something is always asked of the event.
    message.add(&wanted(dice));
    if dice.coin() {
        message.add("PWK*OB*EL");
    }
    for service in 1..=services {
        message.add(&format!("HL*{}*{event}*SS*0", event + service));
        if dice.coin() {
            message.add(&format!("TRN*1*UMO-1-{service}*9NORTH0001"));
        }
        message.add(dice.one(&["HCR*A4**0U", "HCR*A1*AUTH-1"]));
        if dice.coin() {
            message.add(&wanted(dice));
        }
        message.add("SV1*HC:L8690*500*UN*1");
        if dice.coin() {
            message.add("PWK*77*EL***AC*CTL-1*Therapy notes");
        }
    }
    (message.finish("HI", guide), guide)
}

fn wanted(dice: &mut Dice) -> String {
    let first = dice.one(&CODES);
    let more = dice.one(&["", "*LOI:18776-5", "*LOI:102089-0"]);
    format!("HI*{}LOI:{first}{more}", dice.one(&["", "ABK:J449*"]))
}

/// A review becomes Tasks that are sound, and nothing of it is unaccounted for.
fn asked_for(input: &str, guide: &str, context: &Context) {
    assert_eq!(faults(input, "278", guide), [""; 0], "what goes in\n{input}");
    let read = x12::read_plainly(input.as_bytes());
    let made = from_x12(
        LIBRARY.program("task-from-278").unwrap(),
        &read[0],
        context,
        Lineage::Kept,
    );
    assert_eq!(made.missing().count(), 0, "{input}");
    let known = balance::accounted(&made);
    let unknown: Vec<String> = balance::elements(&read[0])
        .into_iter()
        .filter(|place| !known.contains(place))
        .collect();
    assert!(unknown.is_empty(), "in neither report: {unknown:?}\n{input}");
    assert!(made.documents().count() > 0, "{input}");
    for document in made.documents() {
        assert_eq!(refusals(&document), [""; 0], "{input}\n{document}");
    }
}

fn dice() -> impl Strategy<Value = Dice> {
    prop::collection::vec(any::<u8>(), 0..120).prop_map(|choices| Dice { choices, at: 0 })
}

impl std::fmt::Debug for Dice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.choices).finish()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_request_of_any_shape_comes_back(mut dice in dice()) {
        let (input, guide) = request(&mut dice);
        for version in ["2.0", "2.1", "3.0"] {
            same_again(&input, ("277", guide), ("task-from-277", "277-from-task"), version);
        }
    }

    #[test]
    fn a_review_of_any_shape_becomes_sound_tasks(mut dice in dice()) {
        let (input, guide) = review(&mut dice);
        let address = Context::new().with("questionnaire", "https://plan.example/Questionnaire/oxygen");
        for version in ["2.0", "2.1", "3.0"] {
            for known in [&address, &Context::new()] {
                let context = known.clone().with("version", version).with("offset", "Z");
                asked_for(&input, guide, &context);
            }
        }
    }

    #[test]
    fn an_attachment_of_any_shape_comes_back(mut dice in dice()) {
        let (input, guide) = attachment(&mut dice);
        for version in ["2.0", "2.1", "3.0"] {
            same_again(&input, ("275", guide), ("submit-from-275", "275-from-submit"), version);
        }
    }
}
