//! Exchanges as they are read on a terminal.

use std::io;
use std::io::Write;

use super::halted::Halted;
use super::halted::Halts;
use super::halted::Which;
use super::query::Hop;
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
        let styles = listing.exchanges.iter().map(|line| style(&line.state));
        let heads = ["EXCHANGE", "STATE", "ASKS", "ANSWERS", "PARTS", "CHANGED"];
        table(heads, &rows, styles, out)?;
    }
    if let Some(older) = &listing.older {
        writeln!(out, "older ones: --before {older}")?;
    }
    for (messages, title, option) in [
        (&listing.parked, "waiting for a person", "--parked"),
        (&listing.refused, "refused of late", "--refused"),
    ] {
        if !messages.is_empty() {
            let title = out.style(Style::Strong, title);
            writeln!(out, "\n{title} (all of them: exchanges list {option})")?;
            halted_table(messages, out)?;
        }
    }
    writeln!(
        out,
        "\n{} to be sent, {} dead letters, {} parked",
        listing.waiting, listing.dead, listing.parked_in_all
    )
}

/// The table of messages that went no further.
pub(super) fn halted(halts: &Halts, which: Which, out: &mut Terminal) -> io::Result<()> {
    if halts.messages.is_empty() {
        let none = match which {
            Which::Parked => "no message waits for a person",
            Which::Refused => "no message was refused",
        };
        writeln!(out, "{none}")?;
    } else {
        halted_table(&halts.messages, out)?;
    }
    if let Some(older) = &halts.older {
        writeln!(out, "older ones: --before {older}")?;
    }
    Ok(())
}

fn halted_table(messages: &[Halted], out: &mut Terminal) -> io::Result<()> {
    let rows: Vec<[String; 6]> = messages.iter().map(halted_row).collect();
    let styles = messages.iter().map(|_| Style::Warning);
    table(
        ["ENTRY", "AT", "FROM", "DOOR", "MESSAGE", "WHY"],
        &rows,
        styles,
        out,
    )
}

fn halted_row(halted: &Halted) -> [String; 6] {
    [
        halted.entry.clone(),
        halted.at.clone(),
        halted.from.clone(),
        halted.door.clone(),
        halted.what.clone(),
        halted.why.join("; "),
    ]
}

/// Rows below their heads, each column as wide as it must be.
fn table(
    heads: [&str; 6],
    rows: &[[String; 6]],
    styles: impl Iterator<Item = Style>,
    out: &mut Terminal,
) -> io::Result<()> {
    let heads = heads.map(str::to_owned);
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
    for (row, style) in rows.iter().zip(styles) {
        writeln!(out, "{}", out.style(style, line(row)))?;
    }
    Ok(())
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
    hops(&told.hops, out)?;
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

/// What happened, a line each.
pub(super) fn hops(hops: &[Hop], out: &mut Terminal) -> io::Result<()> {
    let mut at = "";
    for hop in hops {
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
        "parked" | "refused" | "conflict" | "unreadable" => Style::Warning,
        _ => Style::Faint,
    }
}
