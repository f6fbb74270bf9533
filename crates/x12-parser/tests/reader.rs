//! The reader on whole input, on chunks cut anywhere, on every truncation and every single-byte change.
#![allow(unreachable_pub, reason = "a test's modules are its own")]

mod support;

use support::Told;
use support::tell;
use x12_parser::Settings;

const SAMPLES: &[(&str, &[u8])] = &[
    ("275 with BDS", include_bytes!("data/275-bds.edi")),
    ("275 with BIN and raw text", include_bytes!("data/275-bin.edi")),
    ("277 with newlines", include_bytes!("data/277.edi")),
    (
        "two interchanges with their own separators",
        include_bytes!("data/two-interchanges.edi"),
    ),
];

#[track_caller]
fn same_for_every_cut(name: &str, input: &[u8], settings: Settings) {
    let whole = tell(input, input.len().max(1), settings);
    for size in [1, 2, 3, 5, 7, 16, 61, 64, 65, 105, 106, 107, 255, 257] {
        let cut = tell(input, size, settings);
        assert_eq!(cut, whole, "{name}: chunks of {size}");
    }
}

#[test]
fn events_do_not_depend_on_the_cuts() {
    for (name, input) in SAMPLES {
        same_for_every_cut(name, input, Settings::default());
        same_for_every_cut(name, input, Settings::default().with_repair(true));
    }
}

#[test]
fn every_truncation_is_read_alike_however_it_is_cut() {
    for (name, input) in SAMPLES {
        for end in 0..input.len() {
            for repair in [false, true] {
                let settings = Settings::default().with_repair(repair);
                let whole = tell(&input[..end], end.max(1), settings);
                for size in [1, 3] {
                    assert_eq!(
                        tell(&input[..end], size, settings),
                        whole,
                        "{name} cut at {end}, chunks of {size}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_single_byte_change_is_read_alike_however_it_is_cut() {
    for (name, input) in SAMPLES {
        for at in 0..input.len() {
            for byte in [b'~', b'*', b'\n', b' ', b'A', b'0', 0xff] {
                let mut changed = input.to_vec();
                changed[at] = byte;
                for repair in [false, true] {
                    let settings = Settings::default().with_repair(repair);
                    let whole = tell(&changed, changed.len(), settings);
                    assert_eq!(
                        tell(&changed, 1, settings),
                        whole,
                        "{name}: {byte} at {at}, repair {repair}"
                    );
                }
            }
        }
    }
}

#[test]
fn payloads_may_hold_anything() {
    let every: Vec<u8> = (0..=255).collect();
    for payload in [&every[..], b"~SE*3*0001~", b"ISA*00*~", b"", b"~", b"~~~~"] {
        let mut input = SAMPLES[0].1[..106].to_vec();
        input.extend_from_slice(b"GS*PI*A*B*20261120*0900*1*X*006020X314~ST*275*0001*006020X314~");
        input.extend_from_slice(format!("BDS*NOF*{}*", payload.len()).as_bytes());
        input.extend_from_slice(payload);
        input.extend_from_slice(b"~SE*3*0001~GE*1*1~IEA*1*000000001~");
        for repair in [false, true] {
            let settings = Settings::default().with_repair(repair);
            same_for_every_cut("payload", &input, settings);
            let told = tell(&input, input.len(), settings);
            assert!(told.contains(&Told::Payload(payload.to_vec())), "{told:?}");
            assert!(!told.iter().any(|one| matches!(one, Told::Fault(_))), "{told:?}");
        }
    }
}

#[test]
fn octets_withheld_once_are_not_taken_for_later_ones() {
    let input = String::from_utf8(SAMPLES[0].1.to_vec()).expect("text");
    // The declared length is too short, a terminator stands early, and the alphabet is left at the end.
    let payload = input
        .split("BDS*B64*")
        .nth(1)
        .and_then(|rest| rest.split('~').next())
        .expect("a payload");
    let (_, text) = payload.split_once('*').expect("a length");
    let broken = format!("99*{}~{} ", text.split_at(60).0, text.split_at(60).1);
    let input = input.replace(&format!("{payload}~"), &broken);
    let settings = Settings::default().with_repair(true);
    let told = tell(input.as_bytes(), input.len(), settings);
    for one in &told {
        if let Told::Fault(fault) = one {
            assert!(fault.offset + fault.length <= input.len() as u64, "{fault:?}");
        }
    }
    same_for_every_cut("withheld", input.as_bytes(), settings);
}
