//! A sequence diagram in a terminal: a payer, the gateway and a provider, and what goes between them.

use std::io;
use std::io::Write;

use crate::app::simulate::Event;
use crate::app::simulate::What;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;

/// The room between two of the three.
const LANE: usize = 35;

/// Which of the two sides somebody is on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    /// Left of the gateway.
    Left,
    /// Right of it.
    Right,
}

/// Writes who is who.
///
/// # Errors
/// The failure to print.
pub(super) fn heading(left: &str, right: &str, out: &mut Terminal) -> io::Result<()> {
    let wide = LANE + 1;
    let line = format!("  {left:<half$}{:^7}{right:>half$}", "gateway", half = wide - 3);
    writeln!(out, "{}", out.style(Style::Faint, line.trim_end()))
}

/// Writes one event: the message that way, the answer the other.
///
/// # Errors
/// The failure to print.
pub(super) fn hop(side: Side, event: &Event, out: &mut Terminal) -> io::Result<()> {
    let inwards = event.what == What::Sent;
    match event.what {
        What::Sent | What::Received if is_unanswered(&event.outcome) => {
            let label = format!("{}, {}", event.message, event.outcome);
            let message = arrow(side, inwards, &label);
            writeln!(out, "{}", out.style(Style::Note, message))?;
        }
        What::Sent | What::Received => {
            let message = arrow(side, inwards, event.message);
            let answer = arrow(side, !inwards, &shortened(&event.outcome));
            writeln!(out, "{}", out.style(Style::Note, message))?;
            writeln!(out, "{}", out.style(Style::Faint, answer))?;
        }
        What::Failed | What::Misbehaved => {
            let style = if event.what == What::Failed {
                Style::Error
            } else {
                Style::Warning
            };
            let what = format!("{} {}", event.message, event.outcome);
            let text = format!("    {}: {}", event.partner, what.trim_start());
            writeln!(out, "{}", out.style(style, text))?;
        }
        What::Listens => return Ok(()),
    }
    // Whoever watches wants to see each hop as it happens.
    out.flush()
}

/// Whether nothing goes the other way: a file is fetched or placed, and so is a Task that waits with the gateway.
pub(super) fn is_unanswered(outcome: &str) -> bool {
    ["found", "placed", "fetched"]
        .iter()
        .any(|word| outcome.starts_with(word))
}

/// An answer in fewer words.
fn shortened(outcome: &str) -> String {
    outcome
        .replace("OperationOutcome information, ", "")
        .replace("OperationOutcome", "outcome:")
}

/// A line with an arrow towards the gateway or away from it.
fn arrow(side: Side, inwards: bool, label: &str) -> String {
    let points_right = (side == Side::Left) == inwards;
    let room = LANE - 4;
    let label: String = if label.chars().count() > room {
        let cut: String = label.chars().take(room - 1).collect();
        format!("{cut}…")
    } else {
        label.to_owned()
    };
    let shaft = format!("{:─^room$}", format!(" {label} "), room = LANE - 1);
    let drawn = if points_right {
        format!("{shaft}▶")
    } else {
        format!("◀{shaft}")
    };
    let empty = " ".repeat(LANE);
    match side {
        Side::Left => format!("  │{drawn}│{empty}│"),
        Side::Right => format!("  │{empty}│{drawn}│"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(side: Side, inwards: bool, label: &str, expected: &str) {
        let drawn = arrow(side, inwards, label);
        assert_eq!(drawn, expected);
        assert_eq!(drawn.chars().count(), 2 * LANE + 5);
    }

    #[test]
    fn arrows_point_where_the_message_goes() {
        check(
            Side::Left,
            true,
            "277",
            "  │────────────── 277 ───────────────▶│                                   │",
        );
        check(
            Side::Left,
            false,
            "277",
            "  │◀────────────── 277 ───────────────│                                   │",
        );
        check(
            Side::Right,
            true,
            "275",
            "  │                                   │◀────────────── 275 ───────────────│",
        );
    }

    #[test]
    fn answers_are_told_in_few_words() {
        let of_documents = "200 OperationOutcome information, 2 documents, the last";
        assert_eq!(shortened(of_documents), "200 2 documents, the last");
        assert_eq!(shortened("422 OperationOutcome error"), "422 outcome: error");
        assert!(is_unanswered("placed in the folder") && !is_unanswered("200 999 A"));
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let drawn = arrow(Side::Left, true, &"long ".repeat(20));
        assert!(drawn.contains('…'));
        assert_eq!(drawn.chars().count(), 2 * LANE + 5);
    }
}
