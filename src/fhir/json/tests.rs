//! The reader and the writer, on whole texts, on every cut, on every truncation and on every changed byte.

use serde_json::Value;

use super::*;

const SEAL: Seal = Seal::new([7; 16]);

/// What was cut out: pointer and text, in order.
type Cuts = Vec<(String, String)>;

/// Reads `chunks` and gathers what was cut out.
fn gather(chunks: &[&[u8]], settings: Settings) -> Result<(Value, Cuts), Refusal> {
    let mut reader = Reader::new(settings);
    let mut cuts: Vec<(String, Vec<u8>)> = Vec::new();
    for chunk in chunks {
        let mut events = reader.feed(chunk);
        while let Some(event) = events.advance()? {
            match event {
                Event::Begins { id, pointer } => {
                    assert_eq!(id.number() as usize, cuts.len());
                    cuts.push((pointer.to_owned(), Vec::new()));
                }
                Event::Text { id, bytes, .. } => {
                    assert!(!bytes.is_empty());
                    cuts[id.number() as usize].1.extend_from_slice(bytes);
                }
                Event::Ends { id, length } => assert_eq!(cuts[id.number() as usize].1.len() as u64, length),
            }
        }
    }
    let cuts = cuts
        .into_iter()
        .map(|(pointer, text)| (pointer, String::from_utf8(text).unwrap()));
    reader.finish().map(|value| (value, cuts.collect()))
}

/// Reads `text` whole, cut in two everywhere and byte by byte, and holds that it makes no difference.
#[track_caller]
fn everywhere(text: &[u8], settings: Settings) -> Result<(Value, Cuts), Refusal> {
    let whole = gather(&[text], settings);
    for cut in 0..=text.len() {
        assert_eq!(
            gather(&[&text[..cut], &text[cut..]], settings),
            whole,
            "cut at {cut}"
        );
    }
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(gather(&bytes, settings), whole, "byte by byte");
    whole
}

#[track_caller]
fn check(input: &str, expected: &str) {
    let (value, cuts) = everywhere(input.as_bytes(), Settings::whole()).unwrap();
    assert_eq!(text(&value), expected);
    assert!(cuts.is_empty());
}

#[track_caller]
fn refuse(input: &[u8], fault: Fault, offset: u64) {
    let refusal = everywhere(input, Settings::whole()).unwrap_err();
    assert_eq!(
        (refusal.fault, refusal.offset),
        (fault, offset),
        "{}",
        String::from_utf8_lossy(input)
    );
}

#[test]
fn values_are_read_and_written_as_they_came() {
    for text in [
        "{}",
        "[]",
        "0",
        "-0.10",
        "72.50",
        "1E5",
        "1e+5",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        r#""""#,
        r#"{"a":[1,{"b":null},[]],"c":"d"}"#,
        r#"{"z":1,"a":2}"#,
        r#""a\"b\\c\n\r\t\u0001é𝄞""#,
    ] {
        check(text, text);
    }
    check(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n", r#"{"a":[1,2]}"#);
    check(r#""\/\b\f\u00e9\u20AC\ud834\udd1e""#, "\"/\\u0008\\u000cé€𝄞\"");
    check(
        r#"{"$serde_json::private::Number":"1"}"#,
        r#"{"$serde_json::private::Number":"1"}"#,
    );
}

#[test]
fn what_security_asks_to_refuse_is_refused_with_its_byte() {
    refuse(b"\xef\xbb\xbf{}", Fault::ByteOrderMark, 0);
    refuse(br#"{"a":1,"b":2,"a":3}"#, Fault::DuplicateName, 13);
    refuse(br#"{"a":1,"\u0061":3}"#, Fault::DuplicateName, 7);
    refuse(b"{} {}", Fault::Trailing, 3);
    refuse(b"1 x", Fault::Trailing, 2);
    refuse(br#""\ud834""#, Fault::LoneSurrogate, 7);
    refuse(br#""\ud834x""#, Fault::LoneSurrogate, 7);
    refuse(br#""\ud834\n""#, Fault::LoneSurrogate, 8);
    refuse(br#""\ud834\ud834""#, Fault::LoneSurrogate, 12);
    refuse(br#""\udd1e""#, Fault::LoneSurrogate, 6);
    refuse(b"\"a\xff\"", Fault::NotUtf8, 2);
    refuse(b"\"\xc3\"", Fault::NotUtf8, 2);
    refuse(b"\"\xc3\\n\"", Fault::NotUtf8, 3);
}

#[test]
fn what_is_not_json_is_refused_with_its_byte() {
    refuse(b"", Fault::EndsEarly, 0);
    refuse(b"  ", Fault::EndsEarly, 2);
    refuse(br#"{"a":"#, Fault::EndsEarly, 5);
    refuse(br#"{"a":"b"#, Fault::EndsEarly, 7);
    refuse(b"tru", Fault::EndsEarly, 3);
    refuse(b"-", Fault::Number, 0);
    refuse(b"[01]", Fault::Number, 1);
    refuse(b"[1.]", Fault::Number, 1);
    refuse(b"[1,]", Fault::Unexpected, 3);
    refuse(b"[,1]", Fault::Unexpected, 1);
    refuse(br#"{"a":1,}"#, Fault::Unexpected, 7);
    refuse(br#"{"a" 1}"#, Fault::Unexpected, 5);
    refuse(br"{a:1}", Fault::Unexpected, 1);
    refuse(b"[1}", Fault::Unexpected, 2);
    refuse(b"{]", Fault::Unexpected, 1);
    refuse(b"truth", Fault::Unexpected, 3);
    refuse(b"NaN", Fault::Unexpected, 0);
    refuse(b"'a'", Fault::Unexpected, 0);
    refuse(b"\"a\nb\"", Fault::Control, 2);
    refuse(br#""\x""#, Fault::Escape, 2);
    refuse(br#""\u12g4""#, Fault::Escape, 5);
}

#[test]
fn limits_hold_to_the_item() {
    let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(read(&nested(128)).is_ok());
    assert_eq!(read(&nested(129)).unwrap_err().fault, Fault::TooDeep);
    assert_eq!(read(&nested(129)).unwrap_err().offset, 128);
    let long_name = |length| format!(r#"{{"{}":1}}"#, "n".repeat(length));
    assert!(read(long_name(1024).as_bytes()).is_ok());
    assert_eq!(
        read(long_name(1025).as_bytes()).unwrap_err().fault,
        Fault::LongName
    );
    let escaped = format!(r#"{{"{}":1}}"#, r"\u006e".repeat(1025));
    assert_eq!(read(escaped.as_bytes()).unwrap_err().fault, Fault::LongName);
    assert!(read("1".repeat(256).as_bytes()).is_ok());
    refuse("1".repeat(257).as_bytes(), Fault::LongNumber, 0);
    let settings = Settings {
        max_held: 10_000,
        ..Settings::cutting(SEAL)
    };
    let many = format!("[{}1]", "1,".repeat(200));
    assert_eq!(
        gather(&[many.as_bytes()], settings).unwrap_err().fault,
        Fault::TooLarge
    );
}

#[test]
fn a_refusal_names_the_element_and_not_its_content() {
    let text = br#"{"resourceType":"Task","input":[{},{"valueString":"Mary Major","valueString":1}]}"#;
    let refusal = read(text).unwrap_err();
    assert_eq!(
        refusal.finding().to_string(),
        "error: an object has the same name twice (json.duplicate-name) at Task.input[1].value"
    );
    assert_eq!(
        refusal.to_string(),
        "an object has the same name twice at byte 63"
    );
    assert_eq!(
        &*read(br#"{"resourceType":"Mary Major","x y":tru}"#)
            .unwrap_err()
            .expression,
        "?.?"
    );
}

#[test]
fn every_fault_has_a_name_of_its_own() {
    let codes: std::collections::BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes.len(), Fault::ALL.len());
}

const SAMPLE: &str =
    r#"{"resourceType":"Parameters","p":[{"name":"A","v":"x\u00e9\/ü\n"},{"n":-72.50,"o":[true,null,{}]}]}"#;

#[test]
fn every_truncation_is_refused() {
    for length in 0..SAMPLE.len() {
        assert!(read(&SAMPLE.as_bytes()[..length]).is_err(), "{length}");
    }
}

#[test]
fn every_changed_byte_gives_what_another_reader_gives() {
    for at in 0..SAMPLE.len() {
        for byte in (0..=255).step_by(3).chain(*b"\"\\{}[],:0e.-") {
            let mut changed = SAMPLE.as_bytes().to_vec();
            changed[at] = byte;
            let other = serde_json::from_slice::<Value>(&changed);
            match (read(&changed), other) {
                (Ok(ours), other) => {
                    let again = serde_json::from_str::<Value>(&text(&ours)).unwrap();
                    assert_eq!(
                        again,
                        other.expect("the other reader takes it too"),
                        "{byte} at {at}"
                    );
                }
                (Err(refusal), Ok(_)) => assert_eq!(refusal.fault, Fault::DuplicateName, "{byte} at {at}"),
                (Err(_), Err(_)) => {}
            }
        }
    }
}

/// Texts of more than 8 bytes are cut out.
fn cutting() -> Settings {
    Settings {
        cut_over: 8,
        cut_only: &[],
        ..Settings::cutting(SEAL)
    }
}

#[track_caller]
fn check_cuts(input: &str, expected: &[(&str, &str)]) {
    let (value, cuts) = everywhere(input.as_bytes(), cutting()).unwrap();
    let found: Vec<(&str, &str)> = cuts
        .iter()
        .map(|(pointer, text)| (pointer.as_str(), text.as_str()))
        .collect();
    assert_eq!(found, expected);
    for (number, (pointer, _)) in cuts.iter().enumerate() {
        let stand_in = value.pointer(pointer).and_then(Value::as_str).unwrap();
        assert_eq!(
            SEAL.opens(stand_in).map(CutId::number),
            u32::try_from(number).ok()
        );
    }
    let mut spliced = Vec::new();
    splice(&value, &SEAL, &mut spliced, |id, put| {
        for part in cuts[id.number() as usize].1.as_bytes().chunks(3) {
            put(part)?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(read(&spliced), read(input.as_bytes()));
}

#[test]
fn long_texts_are_cut_out_and_put_back() {
    check_cuts(r#"{"a":"12345678"}"#, &[]);
    check_cuts(r#"{"a":"123456789"}"#, &[("/a", "123456789")]);
    check_cuts(r#""123456789""#, &[("", "123456789")]);
    check_cuts(
        r#"{"p":[{"d":"JVBERi0xLjQK"},{"d":"short"},{"x/y~":["","0123456789abcdef0123456789abcdef"]}]}"#,
        &[
            ("/p/0/d", "JVBERi0xLjQK"),
            ("/p/2/x~1y~0/1", "0123456789abcdef0123456789abcdef"),
        ],
    );
}

#[test]
fn escapes_and_letters_beyond_ascii_survive_in_long_texts() {
    check_cuts(
        r#"["AB\/CD\/EF\/GH\/IJ\/KL\/MN"]"#,
        &[("/0", "AB/CD/EF/GH/IJ/KL/MN")],
    );
    check_cuts(
        r#"["\u0000\u0001\"\\\n\r\t\b\f!"]"#,
        &[("/0", "\0\u{1}\"\\\n\r\t\u{8}\u{c}!")],
    );
    check_cuts(r#"["\ud834\udd1e\ud834\udd1e𝄞é€ü"]"#, &[("/0", "𝄞𝄞𝄞é€ü")]);
    check_cuts(r#"["ééééé"]"#, &[("/0", "ééééé")]);
}

#[test]
fn faults_in_long_texts_are_found() {
    for (input, fault) in [
        (&b"[\"123456789\xff\"]"[..], Fault::NotUtf8),
        (b"[\"123456789\xc3\"]", Fault::NotUtf8),
        (br#"["123456789\ud834"]"#, Fault::LoneSurrogate),
        (br#"["123456789\ud834 "]"#, Fault::LoneSurrogate),
        (b"[\"123456789\n\"]", Fault::Control),
        (b"[\"1234567890", Fault::EndsEarly),
    ] {
        assert_eq!(everywhere(input, cutting()).unwrap_err().fault, fault);
    }
}

#[test]
fn a_text_that_looks_like_a_stand_in_is_cut_out_whatever_its_length() {
    let forged = SEAL.stand_in(CutId::new(0));
    let settings = Settings {
        cut_only: &[],
        ..Settings::cutting(SEAL)
    };
    let (value, cuts) = everywhere(format!(r#"["{forged}"]"#).as_bytes(), settings).unwrap();
    assert_eq!(cuts, [("/0".to_owned(), forged.clone())]);
    assert_eq!(SEAL.opens(value[0].as_str().unwrap()), Some(CutId::new(0)));
    let other = Seal::new([8; 16]).stand_in(CutId::new(0));
    let (_, cuts) = everywhere(format!(r#"["{other}"]"#).as_bytes(), settings).unwrap();
    assert!(cuts.is_empty());
}

#[test]
fn long_texts_are_cut_out_of_the_members_that_hold_base64_only() {
    let settings = Settings {
        cut_over: 8,
        max_held: 1000,
        ..Settings::cutting(SEAL)
    };
    let text = br#"{"display":"0123456789","data":"0123456789","list":["0123456789"],"valueBase64Binary":"0123456789"}"#;
    let (value, cuts) = everywhere(text, settings).unwrap();
    assert_eq!(
        cuts.iter().map(|cut| cut.0.as_str()).collect::<Vec<_>>(),
        ["/data", "/valueBase64Binary"]
    );
    assert_eq!(value["display"], "0123456789");
    let long = format!(r#"{{"display":"{}"}}"#, "x".repeat(1000));
    assert_eq!(
        everywhere(long.as_bytes(), settings).unwrap_err().fault,
        Fault::TooLarge
    );
    let escaped = format!(r#"{{"display":"{}"}}"#, r"\n".repeat(1000));
    assert_eq!(
        everywhere(escaped.as_bytes(), settings).unwrap_err().fault,
        Fault::TooLarge
    );
}

#[test]
fn a_long_text_passes_in_few_events_whatever_escapes_it_has() {
    for unit in ["QUJD", r"QU\/JD"] {
        let input = format!(r#"{{"data":"{}"}}"#, unit.repeat(100_000));
        let mut reader = Reader::new(Settings::cutting(SEAL));
        let mut events = reader.feed(input.as_bytes());
        let mut count = 0;
        let mut length = 0;
        while let Some(event) = events.advance().unwrap() {
            count += 1;
            if let Event::Text { bytes, .. } = event {
                length += bytes.len();
            }
        }
        assert_eq!(length, unit.replace('\\', "").len() * 100_000);
        assert!(count < 40, "{count} events for {unit}");
    }
}

#[test]
fn events_dropped_before_their_end_are_noticed() {
    let mut reader = Reader::new(Settings::whole());
    drop(reader.feed(b"{}"));
    assert_eq!(reader.finish().unwrap_err().fault, Fault::Abandoned);
}

#[test]
fn a_refusal_is_repeated() {
    let mut reader = Reader::new(Settings::whole());
    let mut events = reader.feed(b"[}");
    let first = events.advance().unwrap_err();
    assert_eq!(events.advance().unwrap_err(), first);
    drop(events);
    assert_eq!(reader.feed(b"]").advance().unwrap_err(), first);
    assert_eq!(reader.finish().unwrap_err(), first);
}

#[test]
fn nothing_prints_what_is_read_or_written() {
    let mut reader = Reader::new(cutting());
    let mut printed = Vec::new();
    let mut events = reader.feed(br#"{"canary":"canary-canary","a":["canary"#);
    while let Some(event) = events.advance().unwrap() {
        printed.push(format!("{event:?}"));
    }
    printed.push(format!("{events:?}"));
    drop(events);
    printed.push(format!("{reader:?}"));
    let value = read(br#"{"canary":"canary"}"#).unwrap();
    printed.push(format!("{:?}", pieces(&value, &SEAL)));
    for text in printed {
        assert!(
            !text.contains("canary") && !text.contains("99, 97, 110"),
            "{text}"
        );
    }
}
