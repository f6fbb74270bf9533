//! What an operator of the gateway of the demo sees, and whether everybody has everything once.

use std::io;
use std::io::Write;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::sleep;

use super::cast::CAST;
use super::cast::Part;
use super::cast::Stage;
use super::programme::due;
use crate::app::exchanges::query;
use crate::app::exchanges::query::Answer;
use crate::app::exchanges::query::Query;
use crate::app::exchanges::query::Which;
use crate::app::simulate::Counted;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;

/// Shows what `cartage exchanges list --parked` tells of a message of this partner; true if it tells of one.
///
/// # Errors
/// The failure to print.
pub(super) async fn shows_parked(stage: &Stage, from: Part, out: &mut Terminal) -> io::Result<bool> {
    let question = Query::Halted {
        which: Which::Parked,
        partner: Some(from.name.to_owned()),
        before: None,
        most: 1,
    };
    let answer = query::answer(&*stage.gateway.ledger().store(), &question).await;
    let Answer::Halted(halts) = answer else {
        writeln!(
            out,
            "  {}",
            out.style(Style::Error, "failed; the ledger tells nothing")
        )?;
        return Ok(false);
    };
    let Some(parked) = halts.messages.first() else {
        writeln!(out, "  {}", out.style(Style::Error, "failed; nothing is parked"))?;
        return Ok(false);
    };
    let told = format!("parked {}: {} from {}", parked.entry, parked.what, parked.from);
    writeln!(out, "    {}", out.style(Style::Warning, told))?;
    writeln!(out, "    {}", out.style(Style::Warning, parked.why.join("; ")))?;
    let how = format!(
        "cartage exchanges list --parked, cartage exchanges show {}",
        parked.entry
    );
    writeln!(out, "    {}", out.style(Style::Faint, how))?;
    writeln!(
        out,
        "  {}",
        out.style(Style::Good, "acknowledged, parked, told to the operator")
    )?;
    Ok(true)
}

/// Tells how many messages each partner was handed; true if each was handed each of its messages once.
///
/// # Errors
/// The failure to print.
pub(super) async fn counts(stage: &Stage, out: &mut Terminal) -> io::Result<bool> {
    let is_empty = emptied(stage).await;
    let mut told = Vec::new();
    let mut wrong = Vec::new();
    let mut all = 0;
    for part in CAST {
        let Some(partner) = stage.partner(part) else {
            continue;
        };
        let Counted { messages, again } = partner.counted();
        all += messages;
        told.push(format!("{} {messages}", part.name));
        if again > 0 {
            wrong.push(format!("{} had {again} again", part.name));
        }
        let due = due(part.name);
        if messages != due {
            wrong.push(format!("{} has {messages} of {due}", part.name));
        }
    }
    if !is_empty {
        wrong.push("some still wait to be sent".to_owned());
    }
    let line = format!("{all} messages were handed over: {}", told.join(", "));
    writeln!(out, "{line}")?;
    let (style, verdict) = if wrong.is_empty() {
        (Style::Good, "each of them exactly once".to_owned())
    } else {
        (Style::Error, format!("not exactly once: {}", wrong.join("; ")))
    };
    writeln!(out, "{}", out.style(style, verdict))?;
    Ok(wrong.is_empty())
}

/// Waits until nothing is left to be sent; false if that does not come.
async fn emptied(stage: &Stage) -> bool {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Ok(tally) = stage.gateway.ledger().store().tally().await
            && tally.waiting == 0
        {
            return true;
        }
        sleep(LOOK).await;
    }
    false
}

/// How long the last messages may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The wait between two looks.
const LOOK: Duration = Duration::from_millis(50);
