//! The readers of others, each behind the same small face.

use std::error::Error;
use std::hint::black_box;

use x12_stream_parser::Parser;
use x12_stream_parser::split_sub_elements;

use crate::cpu_clock::CpuReading;
use crate::cpu_clock::cpu_reading;

/// What a reader found: the cost of reading, and how many segments there were.
pub type Found = Result<(CpuReading, usize), Box<dyn Error>>;

/// A reader that can be measured, in one of its ways of use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Peer {
    /// `edi`: the whole document as a tree in memory, with its check of counts and control numbers.
    Edi,
    /// `edi`: the same, and the tree's memory given back within the measured time.
    EdiFreed,
    /// `x12-stream-parser`: an iterator of borrowed segments.
    StreamSegments,
    /// `x12-stream-parser`: the same, and every element and component visited.
    StreamElements,
    /// `x12-types`: the 837 as one typed structure.
    #[cfg(feature = "x12-types")]
    Types,
}

impl Peer {
    /// All readers that were compiled in.
    pub const fn all() -> &'static [Self] {
        &[
            Self::Edi,
            Self::EdiFreed,
            Self::StreamSegments,
            Self::StreamElements,
            #[cfg(feature = "x12-types")]
            Self::Types,
        ]
    }

    /// The reader that the command line calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().iter().copied().find(|peer| peer.name() == name)
    }

    /// What the command line calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edi => "edi",
            Self::EdiFreed => "edi-freed",
            Self::StreamSegments => "x12-stream-parser",
            Self::StreamElements => "x12-stream-parser-elements",
            #[cfg(feature = "x12-types")]
            Self::Types => "x12-types",
        }
    }

    /// The package it is published as.
    pub const fn package(self) -> &'static str {
        match self {
            Self::Edi | Self::EdiFreed => "edi",
            Self::StreamSegments | Self::StreamElements => "x12-stream-parser",
            #[cfg(feature = "x12-types")]
            Self::Types => "x12-types",
        }
    }

    /// Reads `input` `runs` times.
    pub fn read(self, input: &str, runs: usize) -> Found {
        match self {
            Self::Edi => edi_document(input, runs),
            Self::EdiFreed => edi_document_freed(input, runs),
            Self::StreamSegments => stream(input, runs, |_| 0),
            Self::StreamElements => stream(input, runs, visit_components),
            #[cfg(feature = "x12-types")]
            Self::Types => typed_837(input, runs),
        }
    }
}

fn edi_document(input: &str, runs: usize) -> Found {
    let (cost, document) = cpu_reading(runs, || edi::parse(black_box(input)))?;
    let document = document.map_err(|refusal| format!("edi refuses the file: {refusal}"))?;
    let mut segments = 0;
    for interchange in &document.interchanges {
        segments += 2;
        for group in &interchange.functional_groups {
            segments += 2;
            segments += group
                .transactions
                .iter()
                .map(|set| set.segments.len() + 2)
                .sum::<usize>();
        }
    }
    Ok((cost, segments))
}

fn edi_document_freed(input: &str, runs: usize) -> Found {
    let (_, segments) = edi_document(input, 1)?;
    let (cost, ()) = cpu_reading(runs, || drop(black_box(edi::parse(black_box(input)))))?;
    Ok((cost, segments))
}

/// Counts the segments; `visit` looks at each and returns a number, so that the looking cannot be left out.
fn stream(input: &str, runs: usize, visit: fn(&x12_stream_parser::SegmentSlice<'_>) -> usize) -> Found {
    let delimiters = x12_delimiters::Delimiters::from_isa(input.as_bytes())
        .map_err(|refusal| format!("x12-delimiters refuses the file: {refusal:?}"))?;
    let (cost, counted) = cpu_reading(runs, || {
        let mut segments = 0;
        for segment in Parser::new(black_box(input.as_bytes()), delimiters) {
            black_box(visit(&segment?));
            segments += 1;
        }
        Ok::<_, x12_stream_parser::ParserError>(segments)
    })?;
    Ok((
        cost,
        counted.map_err(|refusal| format!("x12-stream-parser refuses the file: {refusal:?}"))?,
    ))
}

fn visit_components(segment: &x12_stream_parser::SegmentSlice<'_>) -> usize {
    let separator = segment.sub_element_separator();
    segment
        .elements()
        .flat_map(|element| split_sub_elements(element, separator))
        .map(<[u8]>::len)
        .sum()
}

#[cfg(feature = "x12-types")]
fn typed_837(input: &str, runs: usize) -> Found {
    use x12_types::util::Parser as _;
    use x12_types::v005010::_837;
    use x12_types::v005010::Transmission;

    let (cost, read) = cpu_reading(runs, || Transmission::<_837>::parse(black_box(input)))?;
    let (rest, transmission) = read.map_err(|_| "x12-types refuses the file")?;
    if !rest.is_empty() {
        return Err(format!("x12-types stopped with {} bytes unread", rest.len()).into());
    }
    // The typed structure has no list of segments: the trailers say how many each transaction set had.
    let mut segments = 2;
    for group in &transmission.functional_group {
        segments += 2;
        for set in &group.segments {
            segments += set.se._01.to_string().parse::<usize>()?;
        }
    }
    Ok((cost, segments))
}
