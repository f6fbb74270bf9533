//! Findings and reports as lines for a person.

use std::fmt::Write;

use x12_parser::Finding;
use x12_parser::Severity;
use x12_parser::Verdict;

use super::excerpt::Underlined;
use super::json::status;
use super::report::Kept;
use super::report::Report;
use crate::app::terminal::Palette;
use crate::app::terminal::Style;

/// Transactions listed line by line before the rest is only counted.
const TRANSACTIONS: usize = 12;

/// The whole report of one input.
pub(crate) fn report(report: &Report, title: &str, palette: Palette) -> String {
    let mut lines = headline(report, title, palette);
    transactions(report, palette, &mut lines);
    for kept in report.findings.kept() {
        lines.push('\n');
        finding(kept, palette, &mut lines);
    }
    let omitted = report.findings.omitted();
    if omitted > 0 {
        let more = format!("… and {omitted} more that are not listed; --limit lists more");
        push_line(
            &mut lines,
            format_args!("\n  {}", palette.style(Style::Faint, more)),
        );
    }
    if !report.findings.kept().is_empty() {
        lines.push('\n');
    }
    lines
}

/// `claim.edi: rejected, 1 interchange, 2 transactions, 3 errors`.
fn headline(report: &Report, title: &str, palette: Palette) -> String {
    let mut facts = vec![
        counted(report.interchanges, "interchange"),
        counted(report.totals.sum(), "transaction"),
    ];
    for (severity, noun) in [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ] {
        let count = report.findings.count(severity);
        if count > 0 {
            facts.push(counted(count, noun));
        }
    }
    if report.repaired {
        facts.push("repaired".to_owned());
    }
    let word = palette.style(verdict_style(report.verdict), status(report.verdict));
    let name = palette.style(Style::Strong, title);
    let mut line = String::new();
    push_line(&mut line, format_args!("{name}: {word}, {}", facts.join(", ")));
    line
}

fn transactions(report: &Report, palette: Palette, lines: &mut String) {
    if report.totals.sum() < 2 && report.verdict == Verdict::Accepted {
        return;
    }
    // All of them while they are few; else those that need a look.
    let few = report.totals.sum() <= TRANSACTIONS as u64;
    let worth = report
        .transactions
        .iter()
        .filter(|transaction| few || transaction.verdict != Verdict::Accepted);
    let mut listed = 0;
    for transaction in worth.take(TRANSACTIONS) {
        let verdict = palette.style(verdict_style(transaction.verdict), status(transaction.verdict));
        let (set, control, guide) = (&transaction.set, &transaction.control, &transaction.guide);
        push_line(lines, format_args!("  {set} {control} {guide}: {verdict}"));
        listed += 1;
    }
    let rest = report.totals.sum() - listed;
    if rest > 0 {
        let totals = &report.totals;
        let all = format!(
            "of {} transactions {} accepted, {} accepted with errors, {} rejected",
            totals.sum(),
            totals.accepted,
            totals.with_errors,
            totals.rejected
        );
        push_line(lines, format_args!("  {}", palette.style(Style::Faint, all)));
    }
}

/// A finding with its place and, where it is known, its segment with the fault underlined.
pub(crate) fn finding(kept: &Kept, palette: Palette, lines: &mut String) {
    let finding = &kept.finding;
    let style = severity_style(finding.severity);
    let head = palette.style(style, format!("{}[{}]", finding.severity, finding.code));
    push_line(lines, format_args!("  {head}: {}", finding.message()));
    let bar = palette.style(Style::Faint, "|");
    let arrow = palette.style(Style::Faint, "at");
    push_line(lines, format_args!("   {arrow} {}", place(finding)));
    if let Some(Underlined { text, marks }) = &kept.shown {
        push_line(lines, format_args!("     {bar} {text}"));
        push_line(lines, format_args!("     {bar} {}", palette.style(style, marks)));
    }
}

/// Where a finding is, from the inside out.
fn place(finding: &Finding) -> String {
    let at = &finding.place;
    let mut parts = vec![format!("byte {}", finding.offset)];
    if at.ordinal > 0 {
        let mut segment = format!("segment {}", at.ordinal);
        if at.position > 0 {
            let _ = write!(segment, " ({} in its transaction)", at.position);
        }
        parts.push(segment);
    }
    let mut spot = finding.segment.to_string();
    if let Some(element) = finding.element.filter(|element| element.element > 0) {
        let _ = write!(spot, "{:02}", element.element);
        if element.component > 0 {
            let _ = write!(spot, "-{}", element.component);
        }
        if element.repetition > 1 {
            let _ = write!(spot, ", repetition {}", element.repetition);
        }
    }
    parts.push(spot);
    if let Some(loop_id) = &finding.loop_id {
        parts.push(format!("loop {loop_id}"));
    }
    for (number, noun) in [
        (at.transaction, "transaction"),
        (at.group, "group"),
        (at.interchange, "interchange"),
    ] {
        if number > 0 {
            parts.push(format!("{noun} {number}"));
        }
    }
    parts.join(", ")
}

/// The last line over several inputs.
pub(crate) fn total(accepted: u64, rejected: u64, unreadable: u64, palette: Palette) -> String {
    let mut facts = vec![format!("{accepted} accepted")];
    if rejected > 0 {
        let text = format!("{rejected} rejected");
        facts.push(palette.style(Style::Error, text).to_string());
    }
    if unreadable > 0 {
        let text = format!("{unreadable} unreadable");
        facts.push(palette.style(Style::Error, text).to_string());
    }
    let all = counted(accepted + rejected + unreadable, "file");
    format!("{}: {}\n", palette.style(Style::Strong, all), facts.join(", "))
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How findings of a severity stand out.
pub(crate) const fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Note => Style::Note,
        Severity::Warning => Style::Warning,
        Severity::Error => Style::Error,
    }
}

const fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Accepted => Style::Good,
        Verdict::AcceptedWithErrors => Style::Warning,
        Verdict::Rejected => Style::Error,
    }
}

/// Adds a line; writing to a string cannot fail.
fn push_line(lines: &mut String, line: std::fmt::Arguments<'_>) {
    let _ = lines.write_fmt(line);
    lines.push('\n');
}
