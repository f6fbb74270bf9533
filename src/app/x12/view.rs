//! An input shown while it is read.

use std::io::Write;

use x12_parser::Envelope;
use x12_parser::Event;
use x12_parser::Finding;
use x12_parser::Reader;
use x12_parser::Segment;
use x12_parser::Settings;
use x12_parser::Severity;

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
    reader: Reader,
    page: Page<'f>,
}

/// What is shown, as far as it has come.
struct Page<'f> {
    envelope: Envelope,
    sheet: Sheet,
    folder: Option<&'f Folder>,
    payload: Option<Payload<'f>>,
    lines: String,
    depth: usize,
    sound: bool,
}

impl<'f> View<'f> {
    /// A view in these colours; payloads go to `folder`.
    pub(crate) fn new(repair: bool, folder: Option<&'f Folder>, palette: Palette) -> Self {
        Self {
            reader: Reader::new(Settings::default().with_repair(repair)),
            page: Page {
                envelope: Envelope::default(),
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
        let mut events = self.reader.feed(chunk);
        while let Some(event) = events.advance() {
            self.page.show(&event)?;
            self.page.turn(out)?;
        }
        Ok(())
    }

    /// Shows the end; says whether all was sound.
    ///
    /// # Errors
    /// As [`View::feed`].
    pub(crate) fn finish(mut self, out: &mut impl Write) -> Result<bool, Stop> {
        let mut events = self.reader.finish();
        while let Some(event) = events.advance() {
            self.page.show(&event)?;
        }
        let length = self.reader.consumed();
        let mut found = Vec::new();
        self.page
            .envelope
            .finish(length, &mut |finding| found.push(finding));
        self.page.depth = 0;
        for finding in &found {
            self.page.remark(finding);
        }
        self.page.turn(out)?;
        Ok(self.page.sound && length > 0)
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
        let mut found = Vec::new();
        self.envelope.observe(event, &mut |finding| found.push(finding));
        for finding in &found {
            self.remark(finding);
        }
        Ok(())
    }

    /// Shows a segment at `depth`; what comes next stands at `next`.
    fn segment(&mut self, segment: &Segment<'_>, depth: usize, next: usize) {
        self.sheet.segment(segment, &Nameless, depth, &mut self.lines);
        self.depth = next;
    }

    fn remark(&mut self, finding: &Finding) {
        self.sound &= finding.severity < Severity::Error;
        let text = format!(
            "{}[{}]: {}, byte {}",
            finding.severity,
            finding.code,
            finding.message(),
            finding.offset
        );
        self.sheet.remark(
            render::severity_style(finding.severity),
            &text,
            self.depth,
            &mut self.lines,
        );
    }

    fn turn(&mut self, out: &mut impl Write) -> Result<(), Stop> {
        out.write_all(self.lines.as_bytes())?;
        self.lines.clear();
        Ok(())
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
