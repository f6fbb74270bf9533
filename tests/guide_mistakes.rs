//! One mistake in a message costs one finding, or few: what follows it is understood all the same.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests may stop"
)]

use cartage::mapping::guides::Guides;
use x12_parser::Finding;
use x12_parser::GuideValidator;
use x12_parser::Reader;

const REQUEST: &str = include_str!("../crates/x12-parser/tests/data/277.edi");
const ATTACHMENT: &str = "ISA*00*          *00*          *ZZ*NORTHCLINIC    *ZZ*HARBORPLAN     *261120*0900*^*00602*000000002*0*T*:~\
    GS*PI*NORTHCLINIC*HARBORPLAN*20261120*0900*2*X*006020X314~ST*275*0001*006020X314~BGN*11*R80*20261120*0900~\
    NM1*PR*2*HARBOR PLAN*****PI*60601~NM1*41*2*NORTH CLINIC*****46*NC001~NM1*1P*2*NORTH CLINIC*****XX*1234567893~\
    NM1*QC*1*MARLOWE*ADA****MI*M0080~REF*X1*ACCT80~DTP*472*D8*20261101~\
    LX*1~TRN*2*CASE80~STC*R4:18842-5::LOI*20261110~DTP*368*D8*20261120~CAT*AE*HL~OOI*1*47*ATTACHMENT~BDS*B64*4*QUJD~\
    LX*2~TRN*2*CASE80~STC*R4:11504-8::LOI*20261110~REF*FJ*2~DTP*368*D8*20261120~CAT*AE*IA~OOI*1*47*ATTACHMENT~BDS*B64*4*QUJD~\
    SE*24*0001~GE*1*2~IEA*1*000000002~";

/// A message as its segments, and where its body begins and ends.
struct Message {
    segments: Vec<String>,
    guide: (&'static str, &'static str),
}

impl Message {
    fn of(text: &str, guide: (&'static str, &'static str)) -> Self {
        let segments = text
            .split('~')
            .map(str::trim)
            .filter(|segment| !segment.is_empty());
        Self {
            segments: segments.map(str::to_owned).collect(),
            guide,
        }
    }

    /// The numbers of the segments between `ST` and `SE`.
    fn body(&self) -> std::ops::Range<usize> {
        3..self.segments.len() - 3
    }

    /// The errors that a change of the segments brings.
    fn errors(&self, guides: &Guides, change: impl FnOnce(&mut Vec<String>)) -> Vec<Finding> {
        let mut segments = self.segments.clone();
        change(&mut segments);
        let input = segments.join("~") + "~";
        let mut found = Vec::new();
        let (set, id) = self.guide;
        let mut validator = GuideValidator::among(guides.guide_for(set, id)).unwrap();
        let mut reader = Reader::default();
        let mut events = reader.feed(input.as_bytes());
        while let Some(event) = events.advance() {
            validator.observe(&event, &mut |finding| found.push(finding));
        }
        found.retain(|finding| finding.severity == x12_parser::Severity::Error);
        found
    }
}

/// Changes `REQUEST` and `ATTACHMENT` in many ways and checks the most errors that one change brings, and the mean.
#[track_caller]
fn check(most: usize, mean: f64, changes: impl Fn(&Message) -> Vec<Box<dyn Fn(&mut Vec<String>)>>) {
    let guides = Guides::embedded().unwrap();
    let messages = [
        Message::of(REQUEST, ("277", "006020X313")),
        Message::of(ATTACHMENT, ("275", "006020X314")),
    ];
    let (mut all, mut count) = (0, 0);
    for message in &messages {
        assert_eq!(message.errors(&guides, |_| {}), [], "the message is right");
        for (number, change) in changes(message).into_iter().enumerate() {
            let errors = message.errors(&guides, change);
            assert!(
                errors.len() <= most,
                "change {number} of a {}: {errors:#?}",
                message.guide.0
            );
            all += errors.len();
            count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
    let found = all as f64 / f64::from(count);
    assert!(found <= mean, "{found} errors for each change");
}

/// A change at each segment of the body.
fn at_each(
    message: &Message,
    change: impl Fn(&mut Vec<String>, usize) + Clone + 'static,
) -> Vec<Box<dyn Fn(&mut Vec<String>)>> {
    message
        .body()
        .map(|at| {
            let change = change.clone();
            Box::new(move |segments: &mut Vec<String>| change(segments, at)) as Box<dyn Fn(&mut Vec<String>)>
        })
        .collect()
}

#[test]
fn an_unknown_segment_is_one_finding() {
    check(1, 1.0, |message| {
        at_each(message, |segments, at| segments.insert(at, "ZZZ*1".to_owned()))
    });
}

#[test]
fn a_segment_of_another_set_is_one_finding() {
    check(1, 1.0, |message| {
        at_each(message, |segments, at| segments.insert(at, "HCR*A1".to_owned()))
    });
}

#[test]
fn a_missing_segment_is_one_finding() {
    check(2, 1.0, |message| {
        at_each(message, |segments, at| drop(segments.remove(at)))
    });
}

#[test]
fn a_doubled_segment_is_one_finding() {
    check(1, 1.0, |message| {
        at_each(message, |segments, at| segments.insert(at, segments[at].clone()))
    });
}

#[test]
fn two_segments_in_each_others_place_are_two_findings() {
    check(3, 1.6, |message| {
        at_each(message, |segments, at| segments.swap(at, at - 1))
    });
}

#[test]
fn a_wrong_code_is_few_findings() {
    check(3, 1.3, |message| {
        at_each(message, |segments, at| {
            let (id, rest) = segments[at].split_once('*').unwrap();
            let rest = rest.split_once('*').map_or("", |(_, rest)| rest);
            segments[at] = format!("{id}*Q9*{rest}");
        })
    });
}

#[test]
fn a_stray_copy_of_any_segment_anywhere_is_few_findings() {
    check(5, 1.1, |message| {
        let body = message.body();
        body.clone()
            .flat_map(|from| {
                at_each(message, move |segments, at| {
                    let stray = segments[from].clone();
                    segments.insert(at, stray);
                })
            })
            .collect()
    });
}

#[test]
fn any_segment_moved_anywhere_is_few_findings() {
    check(7, 1.8, |message| {
        let body = message.body();
        body.clone()
            .flat_map(|from| {
                at_each(message, move |segments, at| {
                    let moved = segments.remove(from);
                    segments.insert(at, moved);
                })
            })
            .collect()
    });
}

#[test]
fn many_mistakes_at_once_never_stop_the_check() {
    let guides = Guides::embedded().unwrap();
    let messages = [
        Message::of(REQUEST, ("277", "006020X313")),
        Message::of(ATTACHMENT, ("275", "006020X314")),
    ];
    let pool: Vec<String> = messages
        .iter()
        .flat_map(|message| message.segments.clone())
        .collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chance = |bound: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % bound as u64).unwrap()
    };
    for guide in guides.set().guides() {
        for _ in 0..200 {
            let length = chance(40);
            let mut body: Vec<String> = (0..length).map(|_| pool[chance(pool.len())].clone()).collect();
            for segment in &mut body {
                if chance(4) == 0 && !segment.is_empty() {
                    let at = chance(segment.len());
                    let odd = ["*", ":", "^", "Q", "9", "", "**", " "][chance(8)];
                    segment.replace_range(at..=at, odd);
                }
            }
            let message = Message::of(REQUEST, ("277", "006020X313"));
            let mut segments = message.segments[..3].to_vec();
            segments.extend(body);
            segments.push("SE*1*0001".to_owned());
            let mut validator = GuideValidator::new(guide);
            let mut reader = Reader::default();
            let input = segments.join("~") + "~";
            let mut events = reader.feed(input.as_bytes());
            while let Some(event) = events.advance() {
                validator.observe(&event, &mut |finding| {
                    assert!(finding.offset + finding.length <= input.len() as u64);
                });
            }
        }
    }
}
