//! Which loops a transaction set has, and which segments open and fill them.
//!
//! This is the shape that meaning hangs on, not the guide: nothing is refused by it, and a segment that it does not
//! know stays in the loop that is open.

use super::LoopName;
use crate::base::place::SegmentId;

/// The loops of a kind of transaction set.
#[derive(Debug, Eq, PartialEq)]
pub struct Frame {
    /// What mappings call it.
    pub name: &'static str,
    /// The guides that have this shape.
    pub guides: &'static [&'static str],
    /// Every loop below its parent; the first stands for the transaction itself.
    pub loops: &'static [LoopRule],
}

/// One loop.
#[derive(Debug, Eq, PartialEq)]
pub struct LoopRule {
    /// What the guide calls it; empty for the transaction itself.
    pub name: &'static str,
    /// The loop around it.
    pub parent: &'static str,
    /// The segments that open it; any one does.
    pub opens: &'static [Opening],
    /// The segments in it, in the order in which they are written.
    pub segments: &'static [&'static str],
}

/// A segment that opens a loop.
#[derive(Debug, Eq, PartialEq)]
pub struct Opening {
    /// The segment.
    pub segment: &'static str,
    /// The element that tells it from others of its kind, from one; zero if none is needed.
    pub element: u32,
    /// What that element may hold; nothing means anything.
    pub any_of: &'static [&'static str],
}

impl Frame {
    /// The shape of a guide.
    pub fn of_guide(guide: &str) -> Option<&'static Self> {
        FRAMES.iter().copied().find(|frame| frame.guides.contains(&guide))
    }

    /// The shape of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FRAMES.iter().copied().find(|frame| frame.name == name)
    }

    /// All shapes.
    pub const fn all() -> &'static [&'static Self] {
        FRAMES
    }

    /// The levels of the hierarchy that may stand between a level and the one that the guide has around it, innermost
    /// first: they hang below the same level and come before it.
    pub fn levels_between(&self, above: LoopName, below: LoopName) -> impl Iterator<Item = LoopName> {
        let is_level = self.find(below).is_some_and(|(_, rule)| rule.is_level());
        let end = self.find(below).map_or(0, |(position, _)| position);
        let before = self.loops.get(..end).filter(|_| is_level).unwrap_or_default();
        let between = before
            .iter()
            .rev()
            .filter(move |rule| rule.is_level() && rule.parent == above.as_str());
        between.filter_map(|rule| LoopName::parse(rule.name))
    }

    /// Whether any loop is a level of the hierarchy.
    pub fn has_levels(&self) -> bool {
        self.loops.iter().any(LoopRule::is_level)
    }

    /// A loop and where it stands in the order of the guide.
    pub fn find(&self, name: LoopName) -> Option<(usize, &LoopRule)> {
        let mut rules = self.loops.iter().enumerate();
        rules.find(|(_, rule)| name.is(rule.name))
    }
}

impl LoopRule {
    /// Whether the loop is a level of the hierarchy.
    pub fn is_level(&self) -> bool {
        self.opens.iter().any(|opening| opening.segment == "HL")
    }

    /// Where a segment stands in the order of the loop; those that are unknown come last.
    pub fn rank(&self, segment: SegmentId) -> usize {
        self.segments
            .iter()
            .position(|known| is_called(segment, known))
            .unwrap_or(self.segments.len())
    }
}

/// Whether a segment has this name.
#[inline]
fn is_called(segment: SegmentId, name: &str) -> bool {
    let [first, second, third] = *segment.letters();
    match *name.as_bytes() {
        [one, other] => [one, other, b' '] == [first, second, third],
        [one, other, last] => [one, other, last] == [first, second, third],
        _ => false,
    }
}

/// The elements that the standard makes of components, in the segments that our guides use: bit n for element n.
pub(super) fn composites(segment: SegmentId) -> u32 {
    match segment.letters() {
        b"HI " => u32::MAX,
        b"STC" => 1 << 1 | 1 << 10 | 1 << 11,
        b"SVC" => 1 << 1 | 1 << 6,
        b"SV1" | b"SV3" => 1 << 1,
        b"SV2" => 1 << 2,
        b"UM " => 1 << 4 | 1 << 5,
        b"REF" => 1 << 4,
        _ => 0,
    }
}

const FRAMES: &[&Frame] = &[&REQUEST_277, &ATTACHMENT_275, &REVIEW_278];

/// The loop that holds the trailer, so that it comes after all others.
pub(super) const TRAILER: &str = "9999";

const fn on(segment: &'static str, element: u32, any_of: &'static [&'static str]) -> Opening {
    Opening {
        segment,
        element,
        any_of,
    }
}

const fn row(
    name: &'static str,
    parent: &'static str,
    opens: &'static [Opening],
    segments: &'static [&'static str],
) -> LoopRule {
    LoopRule {
        name,
        parent,
        opens,
        segments,
    }
}

/// A loop that any segment of the kind opens.
const ANY: &[&str] = &[];

/// The 277 that asks for information about a claim.
static REQUEST_277: Frame = Frame {
    name: "277",
    guides: &["006020X313", "005010X213", "004050X150", "008020X340"],
    loops: &[
        row("", "", &[], &["ISA", "GS", "ST", "BHT"]),
        row("2000A", "", &[on("HL", 3, &["20"])], &["HL"]),
        row(
            "2100A",
            "2000A",
            &[on("NM1", 0, ANY)],
            &["NM1", "N3", "N4", "PER"],
        ),
        row("2000B", "2000A", &[on("HL", 3, &["21"])], &["HL"]),
        row(
            "2100B",
            "2000B",
            &[on("NM1", 0, ANY)],
            &["NM1", "N3", "N4", "PER"],
        ),
        row("2000C", "2000B", &[on("HL", 3, &["19"])], &["HL"]),
        row(
            "2100C",
            "2000C",
            &[on("NM1", 0, ANY)],
            &["NM1", "N3", "N4", "PER"],
        ),
        row(
            "2000D",
            "2000C",
            &[on("HL", 3, &["PT", "22", "23"])],
            &["HL", "DMG"],
        ),
        row("2100D", "2000D", &[on("NM1", 0, ANY)], &["NM1", "N3", "N4"]),
        row(
            "2200D",
            "2000D",
            &[on("TRN", 0, ANY)],
            &["TRN", "STC", "REF", "DTP", "QTY", "AMT"],
        ),
        row(
            "2210D",
            "2200D",
            &[on("PWK", 0, ANY), on("PER", 0, ANY)],
            &["PWK", "PER", "N1", "N3", "N4"],
        ),
        row(
            "2220D",
            "2200D",
            &[on("SVC", 0, ANY)],
            &["SVC", "STC", "REF", "DTP"],
        ),
        row("2225D", "2220D", &[on("PWK", 0, ANY)], &["PWK"]),
        row(TRAILER, "", &[on("SE", 0, ANY)], &["SE"]),
    ],
};

/// The 275 that carries attachments to a claim or to a prior authorisation.
static ATTACHMENT_275: Frame = Frame {
    name: "275",
    guides: &[
        "006020X314",
        "005010X210",
        "006020X316",
        "005010X211",
        "004050X151",
        // The regulation prints the name without its second zero.
        "06020X314",
    ],
    loops: &[
        row("", "", &[], &["ISA", "GS", "ST", "BGN", "DTM", "TRN"]),
        row("1000A", "", &[on("NM1", 1, &["PR", "X3"])], &["NM1", "PER"]),
        row("1000B", "", &[on("NM1", 1, &["41"])], &["NM1", "PER"]),
        row(
            "1000C",
            "",
            &[on("NM1", 1, &["1P", "85", "82", "77", "FA", "SJ", "71"])],
            &["NM1", "PRV", "PER", "REF"],
        ),
        row("1100C", "1000C", &[on("NX1", 0, ANY)], &["NX1", "N3", "N4"]),
        row(
            "1000D",
            "",
            &[on("NM1", 1, &["QC", "IL", "03"])],
            &["NM1", "REF", "DMG", "DTP"],
        ),
        row("2000A", "", &[on("LX", 0, ANY)], &["LX", "TRN", "STC", "REF"]),
        row(
            "2100A",
            "2000A",
            &[on("DTP", 1, &["472", "150", "151", "434"])],
            &["DTP"],
        ),
        row("2100B", "2000A", &[on("DTP", 0, ANY)], &["DTP", "CAT", "PID"]),
        row(
            "2110B",
            "2100B",
            &[
                on("OOI", 0, ANY),
                on("EFI", 0, ANY),
                on("BDS", 0, ANY),
                on("BIN", 0, ANY),
            ],
            &["OOI", "EFI", "BDS", "BIN"],
        ),
        row(TRAILER, "", &[on("SE", 0, ANY)], &["SE"]),
    ],
};

/// The 278 that answers a request for review.
static REVIEW_278: Frame = Frame {
    name: "278",
    guides: &["005010X217", "005010X216", "006020X315"],
    loops: &[
        row("", "", &[], &["ISA", "GS", "ST", "BHT"]),
        row("2000A", "", &[on("HL", 3, &["20"])], &["HL", "AAA"]),
        row("2010A", "2000A", &[on("NM1", 0, ANY)], &["NM1", "PER", "AAA"]),
        row("2000B", "2000A", &[on("HL", 3, &["21"])], &["HL"]),
        row(
            "2010B",
            "2000B",
            &[on("NM1", 0, ANY)],
            &["NM1", "REF", "N3", "N4", "PER", "AAA", "PRV"],
        ),
        row("2000C", "2000B", &[on("HL", 3, &["22"])], &["HL"]),
        row(
            "2010C",
            "2000C",
            &[on("NM1", 0, ANY)],
            &["NM1", "REF", "N3", "N4", "AAA", "DMG", "INS"],
        ),
        row("2000D", "2000C", &[on("HL", 3, &["23"])], &["HL"]),
        row(
            "2010D",
            "2000D",
            &[on("NM1", 0, ANY)],
            &["NM1", "REF", "N3", "N4", "AAA", "DMG", "INS"],
        ),
        row(
            "2000E",
            "2000C",
            &[on("HL", 3, &["EV"])],
            &[
                "HL", "TRN", "AAA", "UM", "HCR", "REF", "DTP", "HI", "HSD", "CL1", "CR1", "CR2", "CR5",
                "CR6", "PWK", "MSG",
            ],
        ),
        row(
            "2010E",
            "2000E",
            &[on("NM1", 0, ANY)],
            &["NM1", "REF", "N3", "N4", "PER", "AAA", "PRV"],
        ),
        row(
            "2000F",
            "2000E",
            &[on("HL", 3, &["SS"])],
            &[
                "HL", "TRN", "AAA", "UM", "HCR", "REF", "DTP", "HI", "SV1", "SV2", "SV3", "TOO", "HSD",
                "PWK", "MSG",
            ],
        ),
        row(
            "2010F",
            "2000F",
            &[on("NM1", 0, ANY)],
            &["NM1", "REF", "N3", "N4", "PER", "AAA", "PRV"],
        ),
        row(TRAILER, "", &[on("SE", 0, ANY)], &["SE"]),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loop_has_a_parent_before_it() {
        for frame in Frame::all() {
            for (index, rule) in frame.loops.iter().enumerate().skip(1) {
                assert!(LoopName::parse(rule.name).is_some(), "{}", rule.name);
                let before = frame.loops[..index].iter().any(|other| other.name == rule.parent);
                assert!(before, "{} {}", frame.name, rule.name);
                for opening in rule.opens {
                    assert!(rule.segments.contains(&opening.segment), "{}", rule.name);
                }
            }
        }
    }

    #[test]
    fn a_dependent_may_stand_between_the_subscriber_and_the_event() {
        let between = |frame: &str, above: &str, below: &str| -> Vec<String> {
            let name = |text| LoopName::parse(text).unwrap();
            let frame = Frame::named(frame).unwrap();
            let found = frame.levels_between(name(above), name(below));
            found.map(|name| name.to_string()).collect()
        };
        assert_eq!(between("278", "2000C", "2000E"), ["2000D"]);
        assert!(between("278", "2000E", "2000F").is_empty());
        assert!(between("278", "2000E", "2010E").is_empty());
        assert!(between("277", "2000C", "2000D").is_empty());
    }

    #[test]
    fn a_guide_has_one_frame() {
        assert_eq!(Frame::of_guide("006020X313").unwrap().name, "277");
        assert_eq!(Frame::of_guide("005010X211").unwrap().name, "275");
        assert_eq!(Frame::of_guide("005010X212"), None);
    }
}
