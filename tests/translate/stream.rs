//! An attachment that waits in a store arrives as one that was in memory does.

use cartage::fhir::json;
use cartage::fhir::json::CutId;
use cartage::fhir::json::Seal;
use cartage::mapping::Library;
use cartage::translate::Context;
use cartage::translate::Lineage;
use cartage::translate::Resources;
use cartage::translate::from_fhir;
use cartage::translate::from_x12;
use cartage::translate::stream;
use cartage::translate::stream::Away;
use cartage::translate::stream::Carrier;
use cartage::translate::stream::Dress;
use cartage::translate::stream::Held;
use cartage::translate::stream::Intake;
use cartage::translate::stream::NotCarried;
use cartage::translate::stream::Piece;
use cartage::translate::stream::SAMPLE;
use cartage::x12;
use cartage::x12::Assembler;
use cartage::x12::Filter;
use cartage::x12::Transaction;
use x12_parser::Address;
use x12_parser::Event;
use x12_parser::GroupHead;
use x12_parser::InterchangeHead;
use x12_parser::Reader;
use x12_parser::Stamp;
use x12_parser::WriteError;
use x12_parser::Writer;

const SEAL: Seal = Seal::new([0xa7; 16]);

/// A document of some kind, larger than what is kept to recognise it by.
fn document(kind: &str, length: usize) -> Vec<u8> {
    let (head, body): (&[u8], &[u8]) = match kind {
        "pdf" => (b"%PDF-1.7\n", b"\x00\x01\xfe\xff stream ~*:^ "),
        "cda" => (
            b"<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"><code code=\"11506-3\" codeSystem=\"2.16.840.1.113883.6.1\"/>",
            "<text>Caf\u{e9} invented</text>".as_bytes(),
        ),
        "text" => (b"An invented note. ", "na\u{ef}ve \u{2014} ".as_bytes()),
        _ => (b"\x00\x01\x02", b"\x03\xc3\x28"),
    };
    let more = body.iter().cycle().copied();
    let mut made: Vec<u8> = head.iter().copied().chain(more).take(length).collect();
    // No half of a character at the very end.
    while kind == "text" && std::str::from_utf8(&made).is_err() {
        made.pop();
    }
    made
}

fn encoded(document: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let whole = in_store(document, Held::Octets, 1000).1;
    let mut carrier = Carrier::new(&whole, Dress::Base64);
    carrier.carry(document, &mut text).unwrap();
    carrier.finish(&mut text).unwrap();
    text
}

/// Puts bytes into a store, which here is a list of chunks.
fn in_store(bytes: &[u8], held: Held, chunk: usize) -> (Vec<Vec<u8>>, Away) {
    let mut intake = Intake::new(held);
    let chunks: Vec<Vec<u8>> = bytes.chunks(chunk).map(<[u8]>::to_vec).collect();
    for chunk in &chunks {
        intake.take(chunk).unwrap();
    }
    (chunks, intake.finish(&SEAL, CutId::new(3)).unwrap())
}

/// What is made of some pieces with the one attachment that is away.
fn joined(pieces: &[Piece<'_>], store: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => out.extend_from_slice(bytes),
            Piece::Attachment(away, dress) => {
                let mut carrier = Carrier::new(away, *dress);
                for chunk in store {
                    carrier.carry(chunk, &mut out).unwrap();
                }
                carrier.finish(&mut out).unwrap();
            }
        }
    }
    out
}

/// A 275 with one attachment.
fn attachment_275(guide: &str, segment: &str, octets: &[u8]) -> Vec<u8> {
    let head = format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261120*0900*^*{}*000000001*0*T*:~\
GS*PI*SENDER*RECEIVER*20261120*0900*1*X*{guide}~ST*275*0001*{guide}~BGN*02*B1*20261120*0900~\
NM1*PR*2*INVENTED PLAN*****PI*P1~NM1*41*2*INVENTED SERVICE*****46*S1~NM1*1P*2*INVENTED CLINIC*****XX*1234567893~\
NM1*QC*1*EXAMPLE*ANN****MI*M1~REF*X1*A1~LX*1~TRN*1*C1~STC*R4:18842-5::LOI*20261120~DTP*368*D8*20261120~CAT*AE*TX~\
{segment}",
        guide.get(..5).unwrap()
    );
    let tail = b"~SE*16*0001~GE*1*1~IEA*1*000000001~";
    [head.as_bytes(), octets, tail].concat()
}

fn to_json(transaction: &Transaction, library: &Library) -> Vec<u8> {
    let program = library.program("submit-from-275").unwrap();
    let mut made = Vec::new();
    from_x12(program, transaction, &Context::new(), Lineage::Kept).write_documents(&mut made);
    made
}

/// Translates a 275 with its attachment in memory and with the attachment in a store; both must be the same.
#[track_caller]
fn check_to_json(library: &Library, input: &[u8], chunk: usize) {
    let whole = x12::read_plainly(input);
    let expected = to_json(&whole[0], library);
    let mut reader = Reader::default();
    let mut assembler = Assembler::keeping(1000);
    let mut intake = None;
    let mut store = Vec::new();
    let mut transactions = Vec::new();
    for part in input.chunks(chunk) {
        let mut events = reader.feed(part);
        while let Some(event) = events.advance() {
            match &event {
                Event::BinaryStart(head) => {
                    intake = Some(Intake::new(match Filter::of(head.filter().unwrap_or_default()) {
                        Filter::Base64 => Held::Base64,
                        _ => Held::Octets,
                    }));
                }
                Event::BinaryChunk(chunk) => {
                    intake.as_mut().unwrap().take(chunk.bytes).unwrap();
                    store.push(chunk.bytes.to_vec());
                }
                _ => {}
            }
            transactions.extend(assembler.take(&event));
        }
    }
    let transaction = &mut transactions[0];
    assert!(transaction.payloads()[0].withheld > 0);
    let unfinished = to_json(transaction, library);
    assert!(
        !unfinished.windows(12).any(|part| part == br#""contentType"#),
        "what is not all here is not taken"
    );
    let away = [intake.unwrap().finish(&SEAL, CutId::new(0)).unwrap()];
    let dress = match transaction.payloads()[0].filter {
        Filter::Base64 => Dress::Base64,
        _ => Dress::Octets,
    };
    transaction.put_away(0, away[0].stand_in(dress));
    let made = to_json(transaction, library);
    assert!(
        made.len() < 3 * SAMPLE,
        "the skeleton is small: {} bytes",
        made.len()
    );
    let pieces = stream::pieces(&made, &away);
    stream::all_found(&pieces, &away).unwrap();
    assert!(
        joined(&pieces, &store) == expected,
        "another message by way of the store"
    );
}

#[test]
fn a_275_becomes_the_same_parameters_by_way_of_the_store() {
    let library = Library::built_in().unwrap();
    for kind in ["pdf", "cda", "text", "octets"] {
        let document = document(kind, 200_003);
        let text = encoded(&document);
        let (size, length) = (text.len(), document.len());
        for chunk in [997, 4096, 1 << 20] {
            let input = attachment_275("006020X314", &format!("BDS*B64*{size}*"), &text);
            check_to_json(&library, &input, chunk);
            let input = attachment_275("006020X314", &format!("BDS*NOF*{length}*"), &document);
            check_to_json(&library, &input, chunk);
            let input = attachment_275("005010X210", &format!("BIN*{length}*"), &document);
            check_to_json(&library, &input, chunk);
        }
    }
}

/// The bytes of an interchange with a transaction, whose payload `put` writes.
fn wire<P>(transaction: &Transaction, put: P) -> Vec<u8>
where
    P: FnMut(&x12::Payload, &mut Writer<Vec<u8>>) -> Result<(), WriteError>,
{
    let stamp = Stamp::parse("20261120", "0900").unwrap();
    let party = |id| Address { qualifier: "ZZ", id };
    let mut writer = Writer::new(Vec::new());
    let mut head = InterchangeHead::new(party("SENDER"), party("RECEIVER"), stamp, 1);
    head.delimiters = Transaction::separators(std::slice::from_ref(transaction));
    writer.interchange(&head).unwrap();
    let group = GroupHead {
        functional_id: "PI",
        sender: "SENDER",
        receiver: "RECEIVER",
        stamp,
        control: 1,
        guide: "006020X314",
    };
    writer.group(&group).unwrap();
    transaction.write_with(&mut writer, put).unwrap();
    writer.end_group().unwrap();
    writer.end_interchange().unwrap();
    writer.finish().unwrap()
}

/// Parameters with one document.
fn submission(document: &[u8], media: &str) -> Vec<u8> {
    let head = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"TrackingId","valueIdentifier":{{"value":"C1"}}}},{{"name":"AttachTo","valueCode":"claim"}},{{"name":"PayerId","valueIdentifier":{{"value":"P1"}}}},{{"name":"MemberId","valueIdentifier":{{"value":"M1"}}}},{{"name":"Attachment","part":[{{"name":"Code","valueCodeableConcept":{{"coding":[{{"system":"http://loinc.org","code":"18842-5"}}]}}}},{{"name":"Content","resource":{{"resourceType":"DocumentReference","status":"current","content":[{{"attachment":{{"contentType":"{media}","data":""#
    );
    let tail = br#"","title":"note"}}]}}]},{"name":"Final","valueBoolean":true}]}"#;
    [head.as_bytes(), &encoded(document), tail].concat()
}

fn to_x12(text: &[u8], context: &Context, library: &Library) -> Transaction {
    let documents = [text];
    let resources = Resources::read(&documents).unwrap();
    let program = library.program("275-from-submit").unwrap();
    let translation = from_fhir(program, &resources, context, Lineage::Kept);
    translation.transactions().next().unwrap().clone()
}

/// Reads JSON with its long text cut out; gives the store, the attachment and the JSON with a stand-in for it.
fn cut(input: &[u8], chunk: usize) -> (Vec<Vec<u8>>, Away, Vec<u8>) {
    let mut reader = json::Reader::new(json::Settings::cutting(SEAL));
    let (mut store, mut intake) = (Vec::new(), Intake::new(Held::Base64));
    for part in input.chunks(chunk) {
        let mut events = reader.feed(part);
        while let Some(event) = events.advance().unwrap() {
            if let json::Event::Text { bytes, .. } = event {
                intake.take(bytes).unwrap();
                store.push(bytes.to_vec());
            }
        }
    }
    let skeleton = reader.finish().unwrap();
    let away = intake.finish(&SEAL, CutId::new(0)).unwrap();
    let mut text = Vec::new();
    json::splice(&skeleton, &SEAL, &mut text, |id, put| {
        assert_eq!(id, away.id());
        put(&away.stand_in(Dress::Base64))
    })
    .unwrap();
    (store, away, text)
}

#[test]
fn a_submission_becomes_the_same_275_by_way_of_the_store() {
    let library = Library::built_in().unwrap();
    let kinds = [
        ("pdf", "application/pdf"),
        ("cda", "text/xml"),
        ("text", "text/plain"),
    ];
    for (kind, media) in kinds {
        for length in [100_000, 199_998, 199_999] {
            let input = submission(&document(kind, length), media);
            for guide in ["006020X314", "005010X210", "006020X316", "005010X211"] {
                let context = Context::new()
                    .with("guide", guide)
                    .with("control-number", "0001")
                    .with("date", "20261120");
                let whole = to_x12(&input, &context, &library);
                let expected = wire(&whole, |payload, writer| {
                    writer.binary(payload.wire_filter(), payload.octets.len() as u64)?;
                    writer.octets(&payload.octets)
                });
                let (store, away, text) = cut(&input, 4093);
                let away = [away];
                let made = wire(&to_x12(&text, &context, &library), |payload, writer| {
                    let pieces = stream::pieces(&payload.octets, &away);
                    assert_eq!(stream::all_found(&pieces, &away), Ok(()));
                    let octets = joined(&pieces, &store);
                    writer.binary(payload.wire_filter(), octets.len() as u64)?;
                    writer.octets(&octets)
                });
                assert!(made == expected, "{kind} of {length} for {guide}");
            }
        }
    }
}

#[test]
fn what_has_to_be_understood_whole_is_not_put_away() {
    let refused = |held, bytes: &[u8]| {
        let mut intake = Intake::new(held);
        intake
            .take(bytes)
            .and_then(|()| intake.finish(&SEAL, CutId::new(0)))
            .map(|_| ())
    };
    let check =
        |held, bytes: &str, expected| assert_eq!(refused(held, bytes.as_bytes()), expected, "{bytes}");
    check(Held::Octets, "", Err(NotCarried::Empty));
    check(
        Held::Octets,
        " {\"resourceType\":\"Binary\"}",
        Err(NotCarried::Resource),
    );
    check(
        Held::Octets,
        "MIME-Version: 1.0\r\n\r\n",
        Err(NotCarried::Wrapped),
    );
    check(Held::Octets, "{\\rtf1 note}", Ok(()));
    check(Held::Base64, "QUJD\r\nREVG", Err(NotCarried::NotBase64));
    check(Held::Base64, "QUJ", Err(NotCarried::NotBase64));
    check(Held::Base64, "QQ==QUJD", Err(NotCarried::NotBase64));
    check(Held::Base64, "QUI=", Ok(()));
    for text in ["TW*u", "T===", "====", "TQ=A", "TW=u", "TW u", "TR=="] {
        check(Held::Base64, text, Err(NotCarried::NotBase64));
    }
    let mut intake = Intake::new(Held::Base64);
    for part in ["QU", "I", "=", "QUJD"] {
        let taken = intake.take(part.as_bytes());
        assert_eq!(taken.is_err(), part == "QUJD", "nothing comes behind padding");
    }
}

#[test]
fn a_document_that_is_wrapped_twice_is_told_to_be_hidden() {
    let library = Library::built_in().unwrap();
    let input = submission(&document("pdf", 100_000), "application/pdf");
    let (_, away, text) = cut(&input, 4096);
    let context = Context::new()
        .with("guide", "006020X314")
        .with("packaging", "mime");
    let transaction = to_x12(&text, &context, &library);
    let away = [away];
    let pieces = stream::pieces(&transaction.payloads()[0].octets, &away);
    assert_eq!(stream::all_found(&pieces, &away), Err(NotCarried::Hidden));
}

#[test]
fn what_is_shown_of_an_attachment_is_its_size() {
    let (_, away) = in_store(b"An invented canary.", Held::Octets, 4);
    let shown = format!("{away:?}");
    assert!(
        shown.contains("19") && !shown.contains("canary") && !shown.contains("65, 110"),
        "{shown}"
    );
}
