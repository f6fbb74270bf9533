//! An input shown while it is checked.

use std::io::Write;

use x12_parser::Checker;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::GuideSet;
use x12_parser::Keep;
use x12_parser::Matched;
use x12_parser::Segment;
use x12_parser::SegmentId;
use x12_parser::Settings;
use x12_parser::Severity;
use x12_parser::Terms;
use x12_parser::Watch;

use super::extract::Folder;
use super::names::EnvelopeNames;
use super::payload::Payload;
use super::render;
use super::sheet::Sheet;
use super::show::Stop;
use crate::app::terminal::Palette;
use crate::app::terminal::Style;

/// Follows the events of one input and shows each.
pub(crate) struct View<'f> {
    checker: Checker<'f>,
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
struct Press<'p, 'f, W> {
    page: &'p mut Page<'f>,
    out: &'p mut W,
    stopped: Option<Stop>,
}

impl<'f> View<'f> {
    /// A view by these guides and in these colours; payloads go to `folder`.
    pub(crate) fn new(
        repair: bool,
        guides: &'f GuideSet,
        folder: Option<&'f Folder>,
        palette: Palette,
    ) -> Self {
        let mut terms = Terms::default();
        terms.settings = Settings::default().with_repair(repair);
        // Nothing is answered, so no receipt has to hold anything.
        terms.keep = Keep::Faulty;
        terms.max_findings = 0;
        Self {
            checker: Checker::new(terms, guides),
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
        let mut press = Press::of(&mut self.page, out);
        self.checker.feed(chunk, &mut press);
        press.stopped.map_or(Ok(()), Err)
    }

    /// Shows the end; says whether all was sound.
    ///
    /// # Errors
    /// As [`View::feed`].
    pub(crate) fn finish(mut self, out: &mut impl Write) -> Result<bool, Stop> {
        let mut press = Press::of(&mut self.page, out);
        self.checker.finish(&mut press);
        press.stopped.map_or(Ok(self.page.sound), Err)
    }
}

impl<'p, 'f, W: Write> Press<'p, 'f, W> {
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

impl<W: Write> Watch for Press<'_, '_, W> {
    fn event(&mut self, event: &Event<'_>, place: Option<Matched<'_>>, findings: &[Finding]) {
        if self.stopped.is_some() {
            return;
        }
        match self.page.show(event, place) {
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
    fn show(&mut self, event: &Event<'_>, place: Option<Matched<'_>>) -> Result<(), Stop> {
        match event {
            Event::InterchangeStart(segment) | Event::InterchangeEnd(segment) => self.envelope(segment, 0),
            Event::GroupStart(segment) | Event::GroupEnd(segment) => self.envelope(segment, 1),
            Event::TransactionStart(segment) | Event::TransactionEnd(segment) => {
                self.segment(segment, place, 2);
            }
            Event::Segment(segment) if segment.place().in_transaction() => self.segment(segment, place, 3),
            Event::Segment(segment) => self.outside(segment, place),
            Event::BinaryStart(head) => {
                self.segment(&head.segment, place, 3);
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

    /// Shows a segment of an envelope at `depth`.
    fn envelope(&mut self, segment: &Segment<'_>, depth: usize) {
        let names = EnvelopeNames::of(SegmentId::of(segment.id()));
        self.sheet.segment(segment, &names, depth, &mut self.lines);
        self.depth = depth;
    }

    /// Shows a segment outside transactions, such as a `TA1`.
    fn outside(&mut self, segment: &Segment<'_>, place: Option<Matched<'_>>) {
        self.depth = 1;
        self.segment(segment, place, 1);
    }

    /// Shows a segment that may stand in a guide; outside any loop it stands at `depth`.
    fn segment(&mut self, segment: &Segment<'_>, place: Option<Matched<'_>>, depth: usize) {
        let Some(matched) = place else {
            // What the guide does not know is shown where the segment before it stands.
            let names = EnvelopeNames::of(SegmentId::of(segment.id()));
            self.depth = self.depth.max(depth);
            return self.sheet.segment(segment, &names, self.depth, &mut self.lines);
        };
        self.depth = depth + matched.depth();
        if matched.opens_loop() {
            let (id, name) = (matched.loop_id(), matched.loop_name());
            self.sheet.begin_loop(id, name, self.depth - 1, &mut self.lines);
        }
        self.sheet.segment(segment, &matched, self.depth, &mut self.lines);
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
