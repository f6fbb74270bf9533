//! The commands on messages in memory.

use std::io;
use std::io::Write;

use x12_parser::Terms;

use super::answers::Answerer;
use super::inspect::Excerpts;
use super::inspect::Inspection;
use super::render;
use super::show::Stop;
use super::view::View;
use crate::app::terminal::Terminal;
use crate::base::clock::Clock;
use crate::base::clock::SystemClock;

/// The most findings of one message that are listed.
const LIMIT: usize = 20;

/// Checks a message and prints the report.
///
/// # Errors
/// The failure to print.
pub(crate) fn check(name: &str, message: &[u8], out: &mut Terminal) -> io::Result<()> {
    let mut inspection = Inspection::new(name.to_owned(), Terms::default(), LIMIT, Excerpts::Plain);
    inspection.feed(message);
    let (report, _) = inspection.finish();
    let text = render::report(&report, name, out.palette());
    out.write_all(text.as_bytes())
}

/// Checks a message and prints the answer.
///
/// # Errors
/// The failure to print.
pub(crate) fn answer(message: &[u8], out: &mut Terminal) -> io::Result<()> {
    let mut answerer = Answerer::at(SystemClock::start().now());
    let inspection = Inspection::new(String::new(), Terms::default(), LIMIT, Excerpts::None);
    let mut inspection = inspection.answered_by(&mut answerer);
    inspection.feed(message);
    let (_, answers) = inspection.finish();
    out.write_all(&answers.bytes)
}

/// Shows a message.
///
/// # Errors
/// The failure to print.
pub(crate) fn show(message: &[u8], out: &mut Terminal) -> io::Result<()> {
    let mut view = View::new(false, None, out.palette());
    match view.feed(message, out).and_then(|()| view.finish(out)) {
        Ok(_) => Ok(()),
        Err(Stop::Output(fault) | Stop::File(super::inputs::Inaccessible { fault, .. })) => Err(fault),
    }
}
