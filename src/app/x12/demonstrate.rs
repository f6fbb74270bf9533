//! The commands on messages in memory.

use std::io;
use std::io::Write;

use x12_parser::Terms;

use super::answers::Answerer;
use super::inputs::Inaccessible;
use super::inspect::Excerpts;
use super::inspect::Inspection;
use super::inspect::Showing;
use super::render;
use super::show::Stop;
use super::view::View;
use crate::app::terminal::Terminal;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::mapping::guides::Guides;

/// The most findings of one message that are listed.
const LIMIT: usize = 20;

/// Checks a message and prints the report.
///
/// # Errors
/// The failure to print.
pub(crate) fn check(name: &str, message: &[u8], guides: &Guides, out: &mut Terminal) -> io::Result<()> {
    let showing = Showing {
        limit: LIMIT,
        excerpts: Excerpts::Plain,
    };
    let mut inspection = Inspection::new(name.to_owned(), Terms::default(), guides.set(), showing);
    inspection.feed(message);
    let (report, _) = inspection.finish();
    let text = render::report(&report, name, out.palette());
    out.write_all(text.as_bytes())
}

/// Checks a message and prints the answer.
///
/// # Errors
/// The failure to print.
pub(crate) fn answer(message: &[u8], guides: &Guides, out: &mut Terminal) -> io::Result<()> {
    let mut answerer = Answerer::at(SystemClock::start().now());
    let showing = Showing {
        limit: 0,
        excerpts: Excerpts::None,
    };
    let inspection = Inspection::new(String::new(), Terms::default(), guides.set(), showing);
    let mut inspection = inspection.answered_by(&mut answerer);
    inspection.feed(message);
    let (_, answers) = inspection.finish();
    out.write_all(&answers.bytes)
}

/// Shows one loop of a message and what is in it.
///
/// # Errors
/// The failure to print.
pub(crate) fn show(message: &[u8], loop_id: &str, guides: &Guides, out: &mut Terminal) -> io::Result<()> {
    let mut shown = Vec::new();
    let mut view = View::new(false, guides.set(), None, out.palette());
    match view
        .feed(message, &mut shown)
        .and_then(|()| view.finish(&mut shown))
    {
        Ok(_) => {}
        Err(Stop::Output(fault) | Stop::File(Inaccessible { fault, .. })) => return Err(fault),
        Err(Stop::Guides(faults)) => return Err(io::Error::other(faults)),
    }
    let shown = String::from_utf8_lossy(&shown);
    let depth = |line: &str| line.len() - line.trim_start().len();
    let from = shown
        .lines()
        .skip_while(|line| !line.contains(&format!("loop {loop_id}")));
    let outer = from.clone().next().map_or(0, depth);
    let inside = from
        .enumerate()
        .take_while(|(at, line)| *at == 0 || depth(line) > outer);
    for (_, line) in inside {
        writeln!(out, "  {}", line.get(outer..).unwrap_or_default())?;
    }
    Ok(())
}
