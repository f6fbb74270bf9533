//! An input shown while it is checked.

use std::io::Write;

use x12_parser::Checker;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::Keep;
use x12_parser::Matched;
use x12_parser::Segment;
use x12_parser::Settings;
use x12_parser::Severity;
use x12_parser::Terms;
use x12_parser::Watch;

use super::extract::Folder;
use super::payload::Payload;
use super::render;
use super::sheet::Names;
use super::sheet::Sheet;
use super::show::Stop;
use crate::app::terminal::Palette;
use crate::app::terminal::Style;

/// Follows the events of one input and shows each.
pub(crate) struct View<'f> {
    checker: Checker<'static>,
    page: Page<'f>,
}

/// What is shown, as far as it has come.
struct Page<'f> {
    sheet: Sheet,
    folder: Option<&'f Folder>,
    payload: Option<Payload<'f>>,
    lines: String,
    depth: usize,
    sound: bool,
}

/// A page and where its lines go. Who watches a check cannot stop it, so the first failure is kept.
struct Reader<'p, 'f, W> {
    page: &'p mut Page<'f>,
    out: &'p mut W,
    stopped: Option<Stop>,
}

impl<'f> View<'f> {
    /// A view in these colours; payloads go to `folder`.
    pub(crate) fn new(repair: bool, folder: Option<&'f Folder>, palette: Palette) -> Self {
        let mut terms = Terms::default();
        terms.settings = Settings::default().with_repair(repair);
        // Nothing is answered, so no receipt has to hold anything.
        terms.keep = Keep::Faulty;
        terms.max_findings = 0;
        Self {
            checker: Checker::new(terms, super::guides::carried()),
            page: Page {
                sheet: Sheet::new(palette),
                folder,
                payload: None,
                lines: String::new(),
                depth: 0,
                sound: true,
            },
        }
    }

    /// Shows the next bytes.
    ///
    /// # Errors
    /// A payload that cannot be written, or an output that is closed.
    pub(crate) fn feed(&mut self, chunk: &[u8], out: &mut impl Write) -> Result<(), Stop> {
        let mut reader = Reader::of(&mut self.page, out);
        self.checker.feed(chunk, &mut reader);
        reader.stopped.map_or(Ok(()), Err)
    }

    /// Shows the end; says whether all was sound.
    ///
    /// # Errors
    /// As [`View::feed`].
    pub(crate) fn finish(mut self, out: &mut impl Write) -> Result<bool, Stop> {
        let mut reader = Reader::of(&mut self.page, out);
        self.checker.finish(&mut reader);
        reader.stopped.map_or(Ok(self.page.sound), Err)
    }
}

impl<'p, 'f, W: Write> Reader<'p, 'f, W> {
    const fn of(page: &'p mut Page<'f>, out: &'p mut W) -> Self {
        Self {
            page,
            out,
            stopped: None,
        }
    }

    fn turn(&mut self) {
        if self.stopped.is_none()
            && let Err(fault) = self.out.write_all(self.page.lines.as_bytes())
        {
            self.stopped = Some(Stop::Output(fault));
        }
        self.page.lines.clear();
    }
}

impl<W: Write> Watch for Reader<'_, '_, W> {
    fn event(&mut self, event: &Event<'_>, _place: Option<Matched<'_>>, findings: &[Finding]) {
        if self.stopped.is_some() {
            return;
        }
        match self.page.show(event) {
            Ok(()) => self.page.remark(findings),
            Err(stop) => self.stopped = Some(stop),
        }
        self.turn();
    }

    fn ending(&mut self, findings: &[Finding]) {
        self.page.depth = 0;
        self.page.remark(findings);
        self.turn();
    }
}

impl Page<'_> {
    fn show(&mut self, event: &Event<'_>) -> Result<(), Stop> {
        match event {
            Event::InterchangeStart(segment) => self.segment(segment, 0, 1),
            Event::GroupStart(segment) => self.segment(segment, 1, 2),
            Event::TransactionStart(segment) => self.segment(segment, 2, 3),
            Event::Segment(segment) => self.segment(segment, self.depth, self.depth),
            Event::TransactionEnd(segment) => self.segment(segment, 2, 2),
            Event::GroupEnd(segment) => self.segment(segment, 1, 1),
            Event::InterchangeEnd(segment) => self.segment(segment, 0, 0),
            Event::BinaryStart(head) => {
                self.segment(&head.segment, self.depth, self.depth);
                self.payload = Some(Payload::new(head, self.folder));
            }
            Event::BinaryChunk(chunk) => {
                if let Some(payload) = &mut self.payload {
                    payload.take(chunk.bytes)?;
                }
            }
            Event::BinaryEnd(end) => {
                if let Some(payload) = self.payload.take() {
                    let summary = payload.end(end.framing)?;
                    self.sound &= summary.is_sound();
                    let style = if summary.is_sound() {
                        Style::Good
                    } else {
                        Style::Error
                    };
                    self.sheet
                        .remark(style, &summary.to_string(), self.depth, &mut self.lines);
                }
            }
            Event::Fault(_) => {}
        }
        Ok(())
    }

    /// Shows a segment at `depth`; what comes next stands at `next`.
    fn segment(&mut self, segment: &Segment<'_>, depth: usize, next: usize) {
        self.sheet.segment(segment, &Nameless, depth, &mut self.lines);
        self.depth = next;
    }

    fn remark(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.sound &= finding.severity < Severity::Error;
            let text = format!(
                "{}[{}]: {}, byte {}",
                finding.severity,
                finding.code,
                finding.message(),
                finding.offset
            );
            let style = render::severity_style(finding.severity);
            self.sheet.remark(style, &text, self.depth, &mut self.lines);
        }
    }
}

/// Where no guide is known.
struct Nameless;

impl Names for Nameless {
    fn segment(&self) -> Option<&str> {
        None
    }

    fn element(&self, _element: usize, _component: usize) -> Option<&str> {
        None
    }
}
