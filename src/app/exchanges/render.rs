//! Exchanges as they are read on a terminal.

use std::io;
use std::io::Write;

use super::query::Line;
use super::query::Listing;
use super::query::Told;
use crate::app::terminal::Style;
use crate::app::terminal::Terminal;

/// The table of exchanges, and what else waits.
pub(super) fn list(listing: &Listing, out: &mut Terminal) -> io::Result<()> {
    if listing.exchanges.is_empty() {
        writeln!(out, "no exchanges")?;
    } else {
        let rows: Vec<[String; 6]> = listing.exchanges.iter().map(row).collect();
        let heads = ["EXCHANGE", "STATE", "ASKS", "ANSWERS", "PARTS", "CHANGED"].map(str::to_owned);
        let width = |column: usize| {
            let cells = rows.iter().chain([&heads]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        let line = |row: &[String; 6]| {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        writeln!(out, "{}", out.style(Style::Strong, line(&heads)))?;
        for (row, exchange) in rows.iter().zip(&listing.exchanges) {
            writeln!(out, "{}", out.style(style(&exchange.state), line(row)))?;
        }
    }
    if let Some(older) = &listing.older {
        writeln!(out, "older ones: --before {older}")?;
    }
    for parked in &listing.parked {
        let head = out.style(Style::Warning, "parked");
        writeln!(
            out,
            "{head} {} {} from {}: {}",
            parked.entry, parked.at, parked.from, parked.why
        )?;
    }
    writeln!(
        out,
        "{} to be sent, {} dead letters",
        listing.waiting, listing.dead
    )
}

fn row(line: &Line) -> [String; 6] {
    [
        line.id.clone(),
        line.state.clone(),
        line.asks.clone(),
        line.answers.clone(),
        line.parts.to_string(),
        line.changed.clone(),
    ]
}

fn style(state: &str) -> Style {
    match state {
        "completed" => Style::Faint,
        "on-hold" | "held" => Style::Warning,
        "rejected" | "failed" | "unreadable" => Style::Error,
        _ => Style::Note,
    }
}

/// One exchange with its timeline.
pub(super) fn show(told: &Told, out: &mut Terminal) -> io::Result<()> {
    let line = &told.exchange;
    let head = out.style(Style::Strong, &line.id);
    writeln!(out, "{head}  {}", out.style(style(&line.state), &line.state))?;
    if let Some(why) = &line.why {
        writeln!(out, "  {why}")?;
    }
    writeln!(
        out,
        "  {} asks, {} answers; {} parts so far",
        line.asks, line.answers, line.parts
    )?;
    if let Some(due) = &line.due {
        writeln!(out, "  due {due}")?;
    }
    for (what, value) in told.names.iter().chain(&told.pinned) {
        writeln!(out, "  {what}: {value}")?;
    }
    writeln!(out)?;
    let mut at = "";
    for hop in &told.hops {
        // The time stands once for all that happened at it.
        let shown = if hop.at == at { "" } else { &hop.at };
        at = &hop.at;
        let details: Vec<String> = hop
            .details
            .iter()
            .map(|(name, value)| detail(name, value))
            .collect();
        let what = format!("{:<11}", hop.what);
        let what = out.style(hop_style(&hop.what), what);
        writeln!(out, "{shown:<24} {:>6}  {what} {}", hop.entry, details.join(", "))?;
    }
    if !told.sent.is_empty() {
        writeln!(out)?;
    }
    for sent in &told.sent {
        let numbers: Vec<String> = sent
            .numbers
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let attempts = if sent.attempts == 1 { "attempt" } else { "attempts" };
        write!(out, "{}  {} to {}, ", sent.id, sent.what, sent.to)?;
        write!(out, "{}, {} {attempts}", sent.standing, sent.attempts)?;
        let due = sent.due.as_ref().map(|due| format!("due {due}"));
        for more in [sent.trouble.clone(), due].into_iter().flatten() {
            write!(out, ", {more}")?;
        }
        if !numbers.is_empty() {
            write!(out, ", {}", numbers.join(", "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn detail(name: &str, value: &str) -> String {
    if name == "sha256" {
        // Enough to compare by eye; all of it is in the JSON.
        let short: String = value.chars().take(12).collect();
        return format!("sha256 {short}…");
    }
    format!("{name} {value}")
}

fn hop_style(what: &str) -> Style {
    match what {
        "received" | "answered" => Style::Note,
        "parked" | "unreadable" => Style::Warning,
        _ => Style::Faint,
    }
}
