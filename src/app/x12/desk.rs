//! Where reports and answers go: standard output, standard error, or files.

use std::ffi::OsString;
use std::io;
use std::io::Write;
use std::path::Path;

use super::answers::Answers;
use super::excerpt::tame;
use super::extract::Folder;
use super::inputs::Inaccessible;
use super::inputs::Input;
use super::json;
use super::json::Besides;
use super::render;
use super::report::Report;
use crate::app::terminal::Terminal;

/// Where the answers to what was checked go.
pub(crate) enum Destination {
    /// Nobody wants them.
    Nowhere,
    /// Standard output; reports then go to standard error.
    Output,
    /// A member of the object that a program reads.
    Object,
    /// Files, named after what they answer.
    Folder(Folder),
}

/// Hands out reports and answers.
pub(crate) struct Desk<'a> {
    /// Whether a program reads the reports.
    json: bool,
    answers: Destination,
    out: &'a mut Terminal,
    /// Where a person reads, if standard output is for the answers.
    aside: Option<Terminal>,
}

impl<'a> Desk<'a> {
    /// A desk that writes to `out`.
    pub(crate) fn new(json: bool, answers: Destination, out: &'a mut Terminal) -> Self {
        let aside = matches!(answers, Destination::Output).then(Terminal::stderr);
        Self {
            json,
            answers,
            out,
            aside,
        }
    }

    /// Tells that an input could not be read to its end; `report` is about what was.
    ///
    /// # Errors
    /// The failure to write the report.
    pub(crate) fn lost(&mut self, report: &Report, title: &str, unreadable: &Inaccessible) -> io::Result<()> {
        if self.json {
            let besides = Besides {
                ack: None,
                error: Some(&unreadable.fault),
            };
            json::write(report, besides, self.out)?;
            self.out.flush()?;
        }
        say(format_args!("{}: {}", tame(title), unreadable.fault));
        Ok(())
    }

    /// Tells what came of an input and passes its answers on; says whether all of them could be written.
    ///
    /// # Errors
    /// The failure to write the report, or an answer to standard output.
    pub(crate) fn close(
        &mut self,
        report: &Report,
        input: &Input,
        read: &Result<Answers, Inaccessible>,
    ) -> io::Result<bool> {
        let title = input.title();
        let answers = match read {
            Ok(answers) => answers,
            Err(unreadable) => return self.lost(report, &title, unreadable).map(|()| true),
        };
        self.report(report, &title, answers)?;
        if let Some(refused) = answers.refused {
            say(format_args!("{title}: an answer cannot be written: {refused}"));
        }
        let written = answers.bytes.is_empty() || self.pass_on(input, &answers.bytes)?;
        self.out.flush()?;
        Ok(written)
    }

    fn report(&mut self, report: &Report, title: &str, answers: &Answers) -> io::Result<()> {
        if self.json {
            let ack = String::from_utf8_lossy(&answers.bytes);
            let besides = Besides {
                ack: matches!(self.answers, Destination::Object).then_some(&*ack),
                error: None,
            };
            return json::write(report, besides, self.out);
        }
        let person = self.aside.as_mut().unwrap_or(self.out);
        let text = render::report(report, title, person.palette());
        person.write_all(text.as_bytes())?;
        person.flush()
    }

    /// Writes the answers to an input where they belong; says whether that was possible.
    fn pass_on(&mut self, input: &Input, answers: &[u8]) -> io::Result<bool> {
        match &self.answers {
            Destination::Nowhere | Destination::Object => {}
            Destination::Output => self.out.write_all(answers)?,
            Destination::Folder(folder) => match file(folder, input.below(), answers) {
                Ok(name) if !self.json => writeln!(self.out, "  answer: {name}")?,
                Ok(_) => {}
                Err(inaccessible) => {
                    complain(&inaccessible);
                    return Ok(false);
                }
            },
        }
        Ok(true)
    }

    /// The last line over several inputs: accepted, rejected, unreadable.
    ///
    /// # Errors
    /// The failure to write it.
    pub(crate) fn sum_up(&mut self, counts: [u64; 3]) -> io::Result<()> {
        if self.json || counts.iter().sum::<u64>() < 2 {
            return Ok(());
        }
        let person = self.aside.as_mut().unwrap_or(self.out);
        let [accepted, rejected, unreadable] = counts;
        let total = render::total(accepted, rejected, unreadable, person.palette());
        person.write_all(total.as_bytes())?;
        person.flush()
    }
}

/// Writes answers to a file named after the input, and tells its name.
fn file(folder: &Folder, input: &Path, answers: &[u8]) -> Result<String, Inaccessible> {
    let mut name = OsString::from(input);
    name.push(".ack.x12");
    let mut draft = folder.create(Path::new(&name))?;
    draft.write(answers)?;
    draft.finish(true)
}

/// Tells why something could not be done at all.
pub(crate) fn complain(why: &dyn std::error::Error) {
    match why.source() {
        Some(cause) => say(format_args!("{why}: {cause}")),
        None => say(format_args!("{why}")),
    }
}

/// Says something on standard error; should that be closed, the exit code still tells.
fn say(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "cartage: {what}");
}
