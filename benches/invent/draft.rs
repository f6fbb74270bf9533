//! An interchange while it is being written: the counts that its trailers need.

use std::fmt;
use std::io::Write;

/// What tells one kind of interchange from another.
pub struct Kind {
    /// The functional group's code (GS01).
    pub group: &'static str,
    /// The transaction set (ST01).
    pub set: &'static str,
    /// The implementation guide (ST03 and GS08).
    pub guide: &'static str,
    /// The interchange version (ISA12).
    pub version: &'static str,
}

/// One interchange with one functional group, open for transaction sets.
pub struct Draft {
    kind: Kind,
    bytes: Vec<u8>,
    sets: u32,
    segments_in_set: u32,
}

impl Draft {
    /// Opens the interchange and its group.
    pub fn open(kind: Kind) -> Self {
        let (group, guide, version) = (kind.group, kind.guide, kind.version);
        let mut draft = Self {
            kind,
            bytes: Vec::new(),
            sets: 0,
            segments_in_set: 0,
        };
        let blank = "          ";
        draft.segment(format_args!(
            "ISA*00*{blank}*00*{blank}*ZZ*{:<15}*ZZ*{:<15}*260630*1200*^*{version}*000000001*0*T*:",
            "INVENTEDSENDER", "INVENTEDPAYER"
        ));
        draft.segment(format_args!(
            "GS*{group}*INVENTEDSENDER*INVENTEDPAYER*20260630*1200*1*X*{guide}"
        ));
        draft
    }

    /// How many bytes stand written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes that stand written, taken out; the counts stay.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Writes one segment and its terminator.
    pub fn segment(&mut self, text: fmt::Arguments<'_>) {
        self.bytes
            .write_fmt(text)
            .expect("writing to memory does not fail");
        self.bytes.push(b'~');
        self.segments_in_set += 1;
    }

    /// Opens a transaction set.
    pub fn open_set(&mut self) {
        self.sets += 1;
        self.segments_in_set = 0;
        let (set, number, guide) = (self.kind.set, self.sets, self.kind.guide);
        self.segment(format_args!("ST*{set}*{number:04}*{guide}"));
    }

    /// Closes the transaction set that is open.
    pub fn close_set(&mut self) {
        let (segments, number) = (self.segments_in_set + 1, self.sets);
        self.segment(format_args!("SE*{segments}*{number:04}"));
    }

    /// Closes the group and the interchange, and hands all of it over.
    pub fn close(mut self) -> Vec<u8> {
        let sets = self.sets;
        self.segment(format_args!("GE*{sets}*1"));
        self.segment(format_args!("IEA*1*000000001"));
        self.bytes
    }
}
