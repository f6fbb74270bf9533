//! Guides: what a transaction may hold, as tables that are read from outside, and the check against them.

mod astray;
mod compile;
mod course;
mod dictionary;
mod doubt;
mod element;
mod fields;
mod form;
mod grammar;
mod inspect;
mod lacks;
mod levels;
mod matched;
mod note;
mod octets;
mod resync;
mod set;
mod spec;
mod table;
mod validator;
mod way;
mod written;

pub use dictionary::Dictionary;
pub use dictionary::DictionarySpec;
pub use dictionary::ElementSpec;
pub use dictionary::PartsSince;
pub use dictionary::PartsSpec;
pub use matched::Matched;
pub use set::GuideSet;
pub use spec::CodesSpec;
pub use spec::GuideSpec;
pub use spec::LoopSpec;
pub use spec::RuleSpec;
pub use spec::SegmentSpec;
pub use validator::GuideValidator;
pub use written::GuideError;
pub use written::GuideFault;
pub use written::Written;

use crate::Segment;
use course::Sight;
use fields::Fields;
use std::sync::Arc;
use table::Run;
use table::Tables;
use table::code_word;

/// What a transaction may hold: its loops, segments, elements and codes, checked and ready to check with.
///
/// ```
/// use x12_parser::{Dictionary, DictionarySpec, Guide, GuideSpec, GuideValidator, LoopSpec, Reader, SegmentSpec};
///
/// let dictionary = DictionarySpec::default()
///     .element("96", "segment count", "N0 1..10")
///     .element("98", "role", "ID 2..3")
///     .element("143", "transaction set", "ID 3..3")
///     .element("329", "control number", "AN 4..9")
///     .element("1035", "name", "AN 1..60")
///     .element("1705", "guide", "AN 1..35")
///     .segment("ST", "start", "143! 329! 1705", "")
///     .segment("NM1", "name", "98! 1035", "")
///     .segment("SE", "end", "96! 329!", "");
/// let spec = GuideSpec::new("275", "006020X314", "00602")
///     .segment(SegmentSpec::new(10, "ST", "R"))
///     .with_loop(
///         LoopSpec::new(20, "1000A", "R").segment(SegmentSpec::new(10, "NM1*PR", "R").element("02", "R 2..20")),
///     )
///     .segment(SegmentSpec::new(90, "SE", "R"));
/// let dictionary = Dictionary::compile(&dictionary).expect("the dictionary is sound");
/// let guide = Guide::compile(&spec, &dictionary).expect("the guide is sound");
///
/// let input = b"ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PLAN           *261120*0900*^*00602*000000001*0*T*:~\
/// GS*PI*CLINIC*PLAN*20261120*0900*1*X*006020X314~ST*275*0001*006020X314~NM1*PR~SE*3*0001~GE*1*1~IEA*1*000000001~";
/// let (mut reader, mut validator, mut found) = (Reader::default(), GuideValidator::new(&guide), Vec::new());
/// let mut events = reader.feed(input);
/// while let Some(event) = events.advance() {
///     validator.observe(&event, &mut |finding| found.push(finding));
/// }
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].code.to_string(), "IK403-1");
/// assert_eq!(found[0].loop_id.as_deref(), Some("1000A"));
/// ```
#[derive(Clone, Debug)]
pub struct Guide {
    id: Arc<str>,
    also: Vec<Arc<str>>,
    set: Arc<str>,
    group: Arc<str>,
    name: Arc<str>,
    /// Id and codes of the second segment that make a transaction this guide's.
    pick: Option<(u32, Run)>,
    tables: Tables,
}

impl Guide {
    /// Checks a guide as written, and makes tables of it.
    ///
    /// # Errors
    /// Tells everything that is wrong with it, each fault with the mark of the text it is in.
    pub fn compile(spec: &GuideSpec, dictionary: &Dictionary) -> Result<Self, Vec<GuideError>> {
        let compiled = compile::compile(spec, dictionary)?;
        let also = spec.also.iter().flat_map(|also| also.text.split_whitespace());
        Ok(Self {
            id: spec.id.text.as_str().into(),
            also: also.map(Into::into).collect(),
            set: spec.set.text.as_str().into(),
            group: spec.group.text.as_str().into(),
            name: spec.name.as_str().into(),
            pick: compiled.pick,
            tables: compiled.tables,
        })
    }

    /// The id, for instance `006020X314`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The transaction set, for instance `275`.
    #[must_use]
    pub fn set(&self) -> &str {
        &self.set
    }

    /// The functional group (GS01) that such transactions belong in, for instance `PI`.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// What such a transaction is for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the guide serves an id: its own or another.
    #[must_use]
    pub fn serves(&self, id: &str) -> bool {
        *self.id == *id || self.also.iter().any(|also| **also == *id)
    }

    /// Whether the guide is for a segment outside transactions.
    fn is_lone(&self) -> bool {
        &*self.set == "TA1"
    }

    /// The id of a loop; none for the transaction itself.
    fn loop_id(&self, number: u16) -> Option<&Arc<str>> {
        Some(&self.tables.of_loop(number).id).filter(|id| !id.is_empty())
    }

    /// Whether the guide is told from others by segments with this id.
    fn is_picked_in(&self, id: u32) -> bool {
        self.pick.is_some_and(|(wanted, _)| wanted == id)
    }

    fn is_picked_by(&self, segment: &Segment<'_>, fields: &Fields, id: u32) -> bool {
        let Some((wanted, tests)) = self.pick else {
            return true;
        };
        let sight = Sight {
            tables: &self.tables,
            segment,
            fields,
            id,
        };
        id == wanted
            && tests.of(&self.tables.tests).iter().all(|test| {
                let raw = sight
                    .fields
                    .part(segment, test.number.element, test.number.component);
                self.tables.list(test.list).holds(code_word(raw), raw)
            })
    }
}
