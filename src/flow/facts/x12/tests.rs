use super::*;

const ENVELOPE: &str = "ISA*00*          *00*          *ZZ*NORTHCLINIC    *ZZ*HARBORPLAN     *261120*0900*^*00602*000000001*0*T*:~";

fn interchange(group: &str, body: &str) -> String {
    let trailer = "~SE*0*0001~GE*1*1~IEA*1*000000001~";
    format!("{ENVELOPE}GS*{group}*NORTH*HARBOR*20261120*0900*1*X*006020X999~{body}{trailer}")
}

/// One line a fact: key, value, place as `explain` shows it.
#[track_caller]
fn check(input: &str, expected: &[&str]) {
    let found = read(input.as_bytes());
    let told: Vec<String> = found.iter().flat_map(Facts::all).map(tell).collect();
    assert_eq!(told, expected);
}

fn tell(fact: &crate::routing::facts::Fact) -> String {
    let place = match &fact.source {
        Source::Read(Place::X12(place)) => {
            let loop_id = place.loop_id.as_deref().unwrap_or("-");
            let segment = place.segment.map(|id| id.to_string()).unwrap_or_default();
            format!(
                "{loop_id} {segment}{:02}, segment {}",
                place.element.unwrap_or(0),
                place.ordinal.unwrap_or(0)
            )
        }
        other => format!("{other:?}"),
    };
    format!("{} {} {place}", fact.key, fact.value)
}

/// The envelope's own facts, which every transaction has.
const ENVELOPED: [&str; 4] = [
    "isa-sender ZZ:NORTHCLINIC - ISA06, segment 1",
    "isa-receiver ZZ:HARBORPLAN - ISA08, segment 1",
    "gs-sender NORTH - GS02, segment 2",
    "gs-receiver HARBOR - GS03, segment 2",
];

fn with_envelope<'a>(first: &[&'a str], then: &[&'a str]) -> Vec<&'a str> {
    first
        .iter()
        .copied()
        .chain(ENVELOPED)
        .chain(then.iter().copied())
        .collect()
}

#[test]
fn a_request_names_payer_provider_and_documents() {
    let body = "ST*277*0001*006020X313~BHT*0085*48*R~HL*1**20*1~NM1*PR*2*PLAN*****PI*60054~HL*2*1*21*1~\
        NM1*41*2*CLINIC*****46*NC001~HL*3*2*19*1~NM1*1P*2*CLINIC*****XX*1234567893~REF*EI*012345678~HL*4*3*PT~\
        NM1*QC*1*CANARY*ADA****MI*CANARY~TRN*1*CASE1~STC*R4:18842-5::LOI*20261110~REF*EJ*CANARY~SVC*HC:99213~\
        STC*R4:11504-8::LOI*20261110********R4:18789-8::LOI";
    let expected = with_envelope(
        &[
            "message 277 - ST01, segment 1",
            "version 006020X313 - ST03, segment 1",
        ],
        &[
            "payer-id 60054 2100A NM109, segment 4",
            "organization NC001 2100B NM109, segment 6",
            "provider-npi 1234567893 2100C NM109, segment 8",
            "loinc 18842-5 2200D STC01, segment 13",
            "loinc 11504-8 2220D STC01, segment 16",
            "tin [private] 2100C REF02, segment 9",
            "attach-to claim Known(\"by its guide\")",
        ],
    );
    check(&interchange("HN", body), &expected);
}

#[test]
fn an_attachment_names_payer_submitter_provider_and_purpose() {
    let body = "ST*275*0001~BGN*11*REF1*20261120~NM1*PR*2*PLAN*****PI*00520~NM1*41*2*CLINIC*****46*NC001~\
        NM1*1P*2*CLINIC*****FI*987654321~NM1*QC*1*CANARY*ADA****MI*CANARY~REF*EJ*CANARY~LX*1~TRN*2*CASE1~\
        STC*R4:18842-5::LOI~DTP*368*D8*20261120~CAT*AE*HL~BDS*NOF*4*~NM1";
    let expected = with_envelope(
        &[
            "message 275 - ST01, segment 1",
            "version 006020X999 - GS08, segment 2",
        ],
        &[
            "payer-id 00520 1000A NM109, segment 3",
            "organization NC001 1000B NM109, segment 4",
            "loinc 18842-5 2000A STC01, segment 10",
            "tin [private] 1000C NM109, segment 5",
            "solicited true - BGN01, segment 2",
        ],
    );
    check(&interchange("PI", body), &expected);
}

#[test]
fn where_the_purpose_is_unclear_the_trace_number_tells() {
    let solicited = |bgn: &str, trn: &str| {
        let body = format!("ST*275*0001*005010X210~BGN*{bgn}*R*20261120~LX*1~TRN*{trn}*A1");
        let found = read(interchange("PI", &body).as_bytes());
        found[0].first(Key::Solicited).map(str::to_owned)
    };
    assert_eq!(solicited("00", "2").as_deref(), Some("true"));
    assert_eq!(solicited("00", "1").as_deref(), Some("false"));
    assert_eq!(solicited("02", "2").as_deref(), Some("false"));
    assert_eq!(solicited("22", ""), None);
}

#[test]
fn a_review_names_payer_requester_and_documents() {
    let body = "ST*278*0001*005010X217~BHT*0007*11*R~HL*1**20*1~NM1*X3*2*PLAN*****PI*60054~HL*2*1*21*1~\
        NM1*1P*2*CLINIC*****XX*1234567893~HL*3*2*22*1~NM1*IL*1*CANARY*ADA****MI*CANARY~HL*4*3*EV*1~TRN*1*A1~\
        HI*LOI:18842-5~NM1*71*1*GREENE*BO****XX*1999999992";
    let expected = with_envelope(
        &[
            "message 278 - ST01, segment 1",
            "version 005010X217 - ST03, segment 1",
        ],
        &[
            "payer-id 60054 2010A NM109, segment 4",
            "organization 1234567893 2010B NM109, segment 6",
            "provider-npi 1999999992 2010EA NM109, segment 12",
            "loinc 18842-5 - HI01, segment 11",
            "attach-to preauthorization Known(\"by its guide\")",
        ],
    );
    check(&interchange("HI", body), &expected);
}

#[test]
fn answers_are_acknowledgements_with_an_envelope() {
    for set in ["999", "824"] {
        let expected = with_envelope(
            &[
                "message ack - ST01, segment 1",
                "version 005010X231A1 - ST03, segment 1",
            ],
            &[],
        );
        check(
            &interchange("FA", &format!("ST*{set}*0001*005010X231A1~AK1*PI*1")),
            &expected,
        );
    }
    let note = format!("{ENVELOPE}TA1*000000001*261120*0900*A*000~IEA*0*000000001~");
    check(
        &note,
        &[
            "message ack - TA100, segment 2",
            "isa-sender ZZ:NORTHCLINIC - ISA06, segment 1",
            "isa-receiver ZZ:HARBORPLAN - ISA08, segment 1",
        ],
    );
}

#[test]
fn each_transaction_has_facts_of_its_own_and_a_broken_one_keeps_what_was_read() {
    let two = "ST*275*0001*006020X314~NM1*PR*2*P*****PI*60054~SE*3*0001~ST*275*0002*006020X316~NM1*PR*2*P*****PI*00520";
    let found = read(interchange("PI", two).as_bytes());
    let payers: Vec<_> = found.iter().map(|facts| facts.first(Key::PayerId)).collect();
    assert_eq!(payers, [Some("60054"), Some("00520")]);
    assert_eq!(found[1].first(Key::AttachTo), Some("preauthorization"));
    let whole = interchange("PI", two);
    let cut = whole.as_bytes().split_last_chunk::<40>().unwrap().0;
    assert_eq!(read(cut).len(), 2);
}

#[test]
fn nothing_of_the_patient_is_a_fact() {
    let body = "ST*275*0001*006020X314~NM1*QC*1*CANARY*CANARY****FI*123456789~REF*EI*123456789~REF*SY*CANARY~LX*1~TRN*1*CANARY";
    let found = read(interchange("PI", body).as_bytes());
    assert!(found[0].about(Key::Tin).is_empty());
    assert!(!format!("{found:?}").contains("CANARY"));
}

#[test]
fn what_is_no_identifier_is_remarked_and_not_kept() {
    let found = read(
        interchange(
            "HN",
            "ST*277*0001*006020X313~HL*1**19*1~NM1*1P*2*C*****XX*1234567890",
        )
        .as_bytes(),
    );
    assert!(found[0].about(Key::ProviderNpi).is_empty());
    assert_eq!(found[0].remarks().len(), 1);
}
