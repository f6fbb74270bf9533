//! `cartage demo`: says what of Cartage exists today and shows it on invented messages.

use std::io;
use std::io::Write;

use super::Ending;
use super::terminal::Style;
use super::terminal::Terminal;
use super::x12::demonstrate;
use crate::mapping::guides::Guides;

/// Show what exists today, on invented messages.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Prints what exists and what does not, and lets it work.
pub(super) fn run(_args: &Args, out: &mut Terminal) -> io::Result<Ending> {
    let guides = Guides::embedded().map_err(io::Error::other)?;
    let title = out.style(Style::Strong, "Cartage");
    writeln!(out, "{title} {}\n{EXISTS}", env!("CARGO_PKG_VERSION"))?;

    step(1, "A payer asks the clinic for an operative note (277).", out)?;
    demonstrate::check("request.x12", REQUEST, &guides, out)?;

    step(2, "The clinic answers with the document (275).", out)?;
    demonstrate::check("attachment.x12", ATTACHMENT, &guides, out)?;

    step(3, "The same attachment with mistakes in it.", out)?;
    let broken = broken();
    demonstrate::check("broken.x12", &broken, &guides, out)?;

    step(4, "The 999 that tells the clinic what was wrong.", out)?;
    demonstrate::answer(&broken, &guides, out)?;

    step(
        5,
        "What is asked for, and what is sent (of each, one loop with its elements named).",
        out,
    )?;
    demonstrate::show(REQUEST, "2200D", &guides, out)?;
    writeln!(out)?;
    demonstrate::show(ATTACHMENT, "2110B", &guides, out)?;

    writeln!(out, "\n{TRY}")?;
    Ok(Ending::Good)
}

fn step(number: u8, what: &str, out: &mut Terminal) -> io::Result<()> {
    let line = out.style(Style::Strong, format!("{number}  {what}"));
    writeln!(out, "\n{line}\n")
}

/// The attachment with a check digit, a date and a count that are wrong.
fn broken() -> Vec<u8> {
    let mut copy = ATTACHMENT.to_vec();
    for (right, wrong) in MISTAKES {
        let found = copy.windows(right.len()).position(|window| window == *right);
        if let Some(spot) = found.and_then(|at| copy.get_mut(at..at + right.len())) {
            spot.copy_from_slice(wrong);
        }
    }
    copy
}

/// What stands in the sample, and what the broken copy has in its place.
const MISTAKES: &[(&[u8], &[u8])] = &[
    (b"*XX*1234567893", b"*XX*1234567890"),
    (b"*D8*20261103", b"*D8*20261303"),
    (b"SE*16*", b"SE*15*"),
];

const REQUEST: &[u8] = include_bytes!("../../tests/data/x12/demo-277-request.x12");
const ATTACHMENT: &[u8] = include_bytes!("../../tests/data/x12/demo-275-attachment.x12");

const EXISTS: &str = "
The gateway does not run yet: nothing here carries a message from one side to the other.
What runs is its X12 side: reading, checking, answering and showing. All people, plans
and numbers below are invented.";

const TRY: &str = "Try it on your own files: cartage x12 check FILE...  and  cartage x12 show FILE";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_made_and_changes_no_length() {
        let broken = broken();
        assert_eq!(broken.len(), ATTACHMENT.len());
        for (right, wrong) in MISTAKES {
            assert_eq!(right.len(), wrong.len());
            assert!(broken.windows(wrong.len()).any(|window| window == *wrong));
        }
    }
}
