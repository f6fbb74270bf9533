//! The shape of the files, and how it becomes what the crate compiles. `mappings/guides/README.md` tells the meaning.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use x12_parser::CodesSpec;
use x12_parser::DictionarySpec;
use x12_parser::ElementSpec;
use x12_parser::GuideSpec;
use x12_parser::LoopSpec;
use x12_parser::PartsSince;
use x12_parser::PartsSpec;
use x12_parser::RuleSpec;
use x12_parser::SegmentSpec;
use x12_parser::Written;

use super::source::Source;

type Text = Spanned<String>;

/// A file of a guide.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuideFile {
    guide: Text,
    also: Option<Text>,
    set: Text,
    group: Option<Text>,
    version: Text,
    name: String,
    grade: Option<Text>,
    complete: Option<Text>,
    pick: Option<Text>,
    segments: Vec<SegmentRow>,
    #[serde(default)]
    codes: BTreeMap<Text, Text>,
    #[serde(default, rename = "loop")]
    loops: Vec<LoopRow>,
    #[serde(default, rename = "rule")]
    rules: Vec<RuleRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoopRow {
    id: Text,
    name: String,
    #[serde(rename = "in")]
    within: Option<Text>,
    at: u16,
    usage: Text,
    repeat: Option<Text>,
    grade: Option<Text>,
    complete: Option<Text>,
    segments: Vec<SegmentRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentRow {
    at: u16,
    #[serde(rename = "use")]
    used: Text,
    key: Option<Text>,
    name: Option<String>,
    usage: Text,
    repeat: Option<Text>,
    grade: Option<Text>,
    #[serde(default)]
    elements: BTreeMap<Text, Text>,
    rest: Option<Text>,
    notes: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    when: Text,
    then: Text,
    grade: Option<Text>,
}

/// A file of the dictionary.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DictionaryFile {
    #[serde(default)]
    elements: BTreeMap<Text, ElementRow>,
    #[serde(default)]
    composites: BTreeMap<Text, PartsRow>,
    #[serde(default)]
    segments: BTreeMap<Text, PartsRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ElementRow {
    name: String,
    #[serde(rename = "type")]
    data_type: Text,
    codes: Option<Text>,
    #[serde(default)]
    since: BTreeMap<Text, Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartsRow {
    name: String,
    elements: Text,
    notes: Option<Text>,
    #[serde(default)]
    since: BTreeMap<Text, PartsLater>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartsLater {
    elements: Text,
    notes: Option<Text>,
}

/// Gives texts their places.
struct Lowering<'s> {
    source: &'s Source,
    start: usize,
}

impl Lowering<'_> {
    fn text(&self, text: &Text) -> Written {
        self.source.written(text, self.start)
    }

    fn maybe(&self, text: Option<&Text>) -> Option<Written> {
        text.map(|text| self.text(text))
    }

    fn segments(&self, rows: Vec<SegmentRow>) -> Vec<SegmentSpec> {
        rows.into_iter().map(|row| self.segment(row)).collect()
    }

    fn segment(&self, row: SegmentRow) -> SegmentSpec {
        let elements = row.elements.iter();
        SegmentSpec {
            at: row.at,
            used: self.text(&row.used),
            key: self.maybe(row.key.as_ref()),
            usage: self.text(&row.usage),
            repeat: self.maybe(row.repeat.as_ref()),
            grade: self.maybe(row.grade.as_ref()),
            elements: elements
                .map(|(number, rule)| (self.text(number), self.text(rule)))
                .collect(),
            rest: self.maybe(row.rest.as_ref()),
            notes: self.maybe(row.notes.as_ref()),
            name: row.name,
        }
    }

    fn loop_row(&self, row: LoopRow) -> LoopSpec {
        LoopSpec {
            id: self.text(&row.id),
            name: row.name,
            within: self.maybe(row.within.as_ref()),
            at: row.at,
            usage: self.text(&row.usage),
            repeat: self.maybe(row.repeat.as_ref()),
            grade: self.maybe(row.grade.as_ref()),
            complete: self.maybe(row.complete.as_ref()),
            segments: self.segments(row.segments),
        }
    }

    fn rule(&self, row: &RuleRow) -> RuleSpec {
        RuleSpec {
            when: self.text(&row.when),
            then: self.text(&row.then),
            grade: self.maybe(row.grade.as_ref()),
        }
    }

    fn parts(&self, id: &Text, row: PartsRow) -> PartsSpec {
        let since = row.since.iter();
        PartsSpec {
            id: self.text(id),
            elements: self.text(&row.elements),
            notes: self.maybe(row.notes.as_ref()),
            since: since
                .map(|(version, later)| PartsSince {
                    version: self.text(version),
                    elements: self.text(&later.elements),
                    notes: self.maybe(later.notes.as_ref()),
                })
                .collect(),
            name: row.name,
        }
    }
}

impl GuideFile {
    /// The guide as the crate wants it written.
    pub(super) fn lower(self, source: &Source) -> GuideSpec {
        let lowering = Lowering { source, start: 0 };
        GuideSpec {
            id: lowering.text(&self.guide),
            also: lowering.maybe(self.also.as_ref()),
            set: lowering.text(&self.set),
            group: self
                .group
                .as_ref()
                .map(|group| lowering.text(group))
                .unwrap_or_default(),
            version: lowering.text(&self.version),
            name: self.name,
            grade: lowering.maybe(self.grade.as_ref()),
            complete: lowering.maybe(self.complete.as_ref()),
            pick: lowering.maybe(self.pick.as_ref()),
            segments: lowering.segments(self.segments),
            loops: self.loops.into_iter().map(|row| lowering.loop_row(row)).collect(),
            codes: self
                .codes
                .iter()
                .map(|(name, codes)| CodesSpec {
                    name: lowering.text(name),
                    codes: lowering.text(codes),
                })
                .collect(),
            rules: self.rules.iter().map(|row| lowering.rule(row)).collect(),
        }
    }
}

impl DictionaryFile {
    /// Adds the entries of this file, the first byte of which has the mark `start`.
    pub(super) fn lower_into(self, source: &Source, start: usize, spec: &mut DictionarySpec) {
        let lowering = Lowering { source, start };
        for (number, row) in self.elements {
            let since = row.since.iter();
            spec.elements.push(ElementSpec {
                number: lowering.text(&number),
                data_type: lowering.text(&row.data_type),
                codes: lowering.maybe(row.codes.as_ref()),
                since: since
                    .map(|(version, data_type)| (lowering.text(version), lowering.text(data_type)))
                    .collect(),
                name: row.name,
            });
        }
        let composites = self.composites.into_iter();
        spec.composites
            .extend(composites.map(|(id, row)| lowering.parts(&id, row)));
        let segments = self.segments.into_iter();
        spec.segments
            .extend(segments.map(|(id, row)| lowering.parts(&id, row)));
    }
}
