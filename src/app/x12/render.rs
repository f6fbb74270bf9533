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
    let (notes, graver): (Vec<_>, Vec<_>) = report
        .findings
        .kept()
        .iter()
        .partition(|kept| kept.finding.severity == Severity::Note);
    for kept in &graver {
        lines.push('\n');
        finding(kept, palette, &mut lines);
    }
    if !graver.is_empty() && !notes.is_empty() {
        lines.push('\n');
    }
    remarks(&notes, palette, &mut lines);
    let omitted = report.findings.omitted();
    if omitted > 0 {
        let more = format!("… and {omitted} more that are not listed; --limit lists more");
        push_line(
            &mut lines,
            format_args!("\n  {}", palette.style(Style::Faint, more)),
        );
    }
    if !graver.is_empty() {
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

/// Notes in a line each; those that say the same of the same element are told once, with the place of the first.
fn remarks(notes: &[&Kept], palette: Palette, lines: &mut String) {
    let mut told: Vec<(String, &Finding, u64)> = Vec::new();
    for kept in notes {
        let finding = &kept.finding;
        let says = format!("{}: {}", finding.code, spot(finding));
        let alike = told.iter_mut().find(|(key, first, _)| {
            *key == says && first.code == finding.code && first.detail == finding.detail
        });
        match alike {
            Some((_, _, count)) => *count += 1,
            None => told.push((says, finding, 0)),
        }
    }
    for (_, first, others) in told {
        let more = match others {
            0 => String::new(),
            _ => format!(" (and {others} more)"),
        };
        let head = palette.style(Style::Note, format!("note[{}]", first.code));
        let message = first.message();
        push_line(
            lines,
            format_args!("  {head}: {message}, {}{more}", short_place(first)),
        );
    }
}

/// Where a finding is, as briefly as can be.
fn short_place(finding: &Finding) -> String {
    format!("byte {}, {}", finding.offset, spot(finding))
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
    parts.push(spot(finding));
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

/// The segment and element, as people write them: `NM108`, `STC01-2`.
fn spot(finding: &Finding) -> String {
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
    spot
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

#[cfg(test)]
mod tests {
    use x12_parser::Code;
    use x12_parser::ElementError;
    use x12_parser::ElementPlace;
    use x12_parser::Note;
    use x12_parser::Place;
    use x12_parser::SegmentId;

    use super::*;
    use crate::app::x12::report::Findings;
    use crate::app::x12::report::Totals;
    use crate::app::x12::report::Transaction;

    const PLACE: Place = Place {
        offset: 400,
        ordinal: 11,
        position: 9,
        interchange: 1,
        group: 1,
        transaction: 2,
    };

    fn invalid_code() -> Finding {
        let code = Code::Element(ElementError::InvalidCode);
        let element = ElementPlace {
            element: 1,
            component: 2,
            ..ElementPlace::default()
        };
        let mut finding = Finding::at(code, PLACE, SegmentId::of(b"STC"))
            .on_element(element)
            .spanning(407, 3);
        finding.loop_id = Some("2200D".into());
        finding
    }

    fn empty_report() -> Report {
        Report {
            name: "a.x12".to_owned(),
            interchanges: 1,
            transactions: Vec::new(),
            totals: Totals::default(),
            findings: Findings::new(10),
            repaired: false,
            verdict: Verdict::Accepted,
        }
    }

    fn transact(made: &mut Report, control: usize, verdict: Verdict) {
        made.totals.add(verdict);
        made.verdict = made.verdict.max(verdict);
        made.transactions.push(Transaction {
            set: "277".to_owned(),
            guide: "006020X313".to_owned(),
            control: format!("{control:04}"),
            verdict,
        });
    }

    #[track_caller]
    fn check(made: &Report, expected: &str) {
        assert_eq!(report(made, "a.x12", Palette::PLAIN), expected);
    }

    #[test]
    fn a_finding_tells_its_place_from_the_inside_out() {
        let mut made = empty_report();
        transact(&mut made, 1, Verdict::Rejected);
        made.findings.add(&invalid_code(), || {
            Some(Underlined {
                text: "STC*R4:X".to_owned(),
                marks: "       ^".to_owned(),
            })
        });
        check(
            &made,
            "a.x12: rejected, 1 interchange, 1 transaction, 1 error
  277 0001 006020X313: rejected

  error[IK403-7]: the value is not in the code list
   at byte 407, segment 11 (9 in its transaction), STC01-2, loop 2200D, transaction 2, group 1, interchange 1
     | STC*R4:X
     |        ^

",
        );
    }

    #[test]
    fn notes_that_say_the_same_are_told_once() {
        let mut made = empty_report();
        transact(&mut made, 1, Verdict::Accepted);
        for _ in 0..3 {
            let note = Finding::at(Code::Note(Note::BlankPadding), PLACE, SegmentId::of(b"HL"));
            made.findings.add(&note, || None);
        }
        check(
            &made,
            "a.x12: accepted, 1 interchange, 1 transaction, 3 notes
  note[note-padding]: blanks stand before a segment id, byte 400, HL (and 2 more)
",
        );
    }

    #[test]
    fn of_many_transactions_those_in_trouble_are_listed() {
        let mut made = empty_report();
        for control in 1..=20 {
            let verdict = if control == 7 {
                Verdict::AcceptedWithErrors
            } else {
                Verdict::Accepted
            };
            transact(&mut made, control, verdict);
        }
        check(
            &made,
            "a.x12: accepted with errors, 1 interchange, 20 transactions
  277 0007 006020X313: accepted with errors
  of 20 transactions 19 accepted, 1 accepted with errors, 0 rejected
",
        );
    }

    #[test]
    fn what_is_not_listed_is_counted() {
        let mut made = empty_report();
        made.findings = Findings::new(0);
        made.findings.add(&invalid_code(), || None);
        made.verdict = Verdict::Rejected;
        check(
            &made,
            "a.x12: rejected, 1 interchange, 0 transactions, 1 error

  … and 1 more that are not listed; --limit lists more
",
        );
    }

    #[test]
    fn the_last_line_counts_the_files() {
        assert_eq!(
            total(2, 1, 0, Palette::PLAIN),
            "3 files: 2 accepted, 1 rejected\n"
        );
        assert_eq!(
            total(0, 0, 1, Palette::PLAIN),
            "1 file: 0 accepted, 1 unreadable\n"
        );
    }
}
