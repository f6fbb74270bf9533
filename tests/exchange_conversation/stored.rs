//! What earlier releases stored is read, and shows nothing of a person.
//!
//! `UPDATE_GOLDEN=1 cargo test --test exchange_conversation stored` writes the files of the present format anew; those
//! of earlier formats never change.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use cartage::exchange::coding::CodingError;
use cartage::exchange::coding::FORMAT;
use cartage::exchange::event::Answer;
use cartage::exchange::event::Event;
use cartage::exchange::event::Move;
use cartage::exchange::event::Submission;
use cartage::exchange::event::What;
use cartage::exchange::ids::Code;
use cartage::exchange::ids::Fingerprint;
use cartage::exchange::ids::Line;
use cartage::exchange::ladder::Rung;
use cartage::exchange::ladder::Verdict;
use cartage::exchange::moment::Moment;
use cartage::exchange::state::Exchange;
use cartage::exchange::terms::Terms;

use crate::scene::MINUTE;
use crate::scene::Scene;
use crate::scene::accepted;
use crate::scene::delivery;
use crate::scene::moved;
use crate::scene::part;
use crate::scene::receipt;
use crate::scene::refused;
use crate::scene::request;

/// A conversation in which about everything happens that is stored.
fn eventful() -> Scene {
    let mut scene = Scene::under(Terms::default());
    let by_control_number = Submission {
        answers: vec![Answer {
            line: Line::Control(Fingerprint::new(*b"CANARYCANARYCANARYCANARYCANARYCA")),
            code: Some(Code::parse("CANARY").unwrap()),
        }],
        sequence: Some(2),
        ..part(1, false)
    };
    for what in [
        What::Requested(request(3)),
        What::Faltered {
            delivery: delivery(0),
        },
        receipt(0, Rung::Transport, Verdict::Accepted),
        receipt(0, Rung::Functional, Verdict::WithErrors),
        moved(Move::OnHold),
        What::Submitted(part(0, false)),
        What::Submitted(by_control_number),
        What::Exhausted {
            delivery: delivery(1),
        },
        What::Replayed {
            delivery: delivery(1),
        },
        refused(2),
        What::Submitted(part(2, true)),
        accepted(1),
        receipt(3, Rung::Transport, Verdict::Accepted),
    ] {
        scene.pass(MINUTE);
        scene.take(what);
    }
    scene
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    let pairs = digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap());
    pairs.collect()
}

fn golden(name: &str, format: u8) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/exchange");
    folder.join(format!("{name}-format-{format}.hex"))
}

/// The state on the first line, then the events, one a line.
#[test]
fn the_present_format_has_not_changed() {
    let scene = eventful();
    let mut lines = vec![hex(&scene.exchange.encode())];
    lines.extend(scene.taken.iter().map(|event| hex(&event.encode())));
    let text = lines.join("\n") + "\n";
    let path = golden("eventful", FORMAT);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), text);
}

#[test]
fn what_any_format_stored_is_read_and_its_events_give_the_state_again() {
    for format in 1..=FORMAT {
        let text = fs::read_to_string(golden("eventful", format)).unwrap();
        let mut lines = text.lines().map(bytes);
        let state = Exchange::decode(&lines.next().unwrap()).unwrap();
        assert_eq!(state.kind(), eventful().exchange.kind());
        let replayed = lines.fold(Exchange::open(Terms::default()), |exchange, line| {
            let event = Event::decode(&line).unwrap();
            exchange.step(&event).unwrap().0
        });
        if format == FORMAT {
            assert_eq!(state, replayed);
        }
        assert_eq!(known_in(format, &state), known_in(format, &replayed));
    }
}

/// What `format` knew of a state.
fn known_in(format: u8, exchange: &Exchange) -> impl PartialEq + std::fmt::Debug {
    let mut parts = exchange.parts().to_vec();
    let mut deliveries = exchange.deliveries().to_vec();
    if format < 2 {
        for part in &mut parts {
            part.at = Moment::default();
        }
        for delivery in &mut deliveries {
            delivery.queued = Moment::default();
        }
    }
    let rest = (exchange.task(), exchange.timers(), exchange.terms().clone());
    (parts, deliveries, exchange.request().cloned(), rest)
}

#[test]
fn what_a_later_release_stored_is_refused_and_not_misread() {
    let mut bytes = eventful().exchange.encode();
    bytes[0] = FORMAT + 1;
    let later = CodingError::Later { found: FORMAT + 1 };
    assert_eq!(Exchange::decode(&bytes), Err(later));
    assert_eq!(Event::decode(&bytes), Err(later));
}

/// SEC-030.
#[test]
fn nothing_of_a_person_is_shown_by_states_events_effects_and_errors() {
    let scene = eventful();
    let shown = format!("{:?} {:?} {:?}", scene.exchange, scene.taken, scene.effects);
    assert!(!shown.contains("CANARY"));
    assert!(!shown.contains("67, 65, 78, 65, 82, 89"), "as numbers");
}
