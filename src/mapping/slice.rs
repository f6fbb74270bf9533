//! How slices are written, and the short names for long addresses.

use std::collections::BTreeMap;

use super::fields;
use super::fields::Fields;
use super::fields::Located;
use super::problem::Problem;
use super::problem::Problems;
use super::program::Versions;

/// The file of slices as written.
#[derive(Clone, Debug, Default)]
pub(super) struct SliceFile {
    pub(super) file: String,
    pub(super) names: BTreeMap<String, String>,
    pub(super) slices: Vec<SliceText>,
}

/// One slice as written.
#[derive(Clone, Debug)]
pub(super) struct SliceText {
    /// The type and member of the list, such as `Task.input`.
    pub(super) element: Located,
    pub(super) name: Located,
    /// The type of its items, where the list itself does not say.
    pub(super) kind: Option<String>,
    pub(super) by: Option<Located>,
    pub(super) forms: Vec<(Versions, Vec<(Located, Located)>)>,
    pub(super) also: Vec<(Located, Located)>,
    pub(super) source: String,
    pub(super) line: usize,
}

impl SliceFile {
    pub(super) fn read(file: &str, text: &str) -> (Self, Vec<Problem>) {
        let mut problems = Problems::new(file, text);
        let mut found = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        let Some(table) = fields::parse(text, &mut problems) else {
            return (found, problems.into_sorted());
        };
        let mut fields = Fields::new(table.get_ref(), 0);
        if let Some(mut names) = fields.table("names", &mut problems) {
            for (name, address) in names.pairs(&mut problems) {
                found.names.insert(name.text, address.text);
            }
        }
        for slice in fields.tables("slice", &mut problems) {
            let slice = found.slice(slice, &mut problems);
            let twin = |other: &SliceText| {
                other.element.text == slice.element.text && other.name.text == slice.name.text
            };
            if found.slices.iter().any(twin) {
                problems.at(
                    slice.name.at,
                    format!("{} has this slice already", slice.element.text),
                );
            }
            found.slices.push(slice);
        }
        fields.finish(&mut problems);
        (found, problems.into_sorted())
    }

    fn slice(&self, mut fields: Fields<'_>, problems: &mut Problems<'_>) -> SliceText {
        let at = fields.at;
        let mut forms = Vec::new();
        if let Some(mut is) = fields.table("is", problems) {
            forms.push((Versions::ALL, self.named(is.pairs(problems), problems)));
        }
        for mut wire in fields.tables("wire", problems) {
            let versions = wire.required("versions", problems);
            let versions = Versions::parse(&versions.text).unwrap_or_else(|| {
                problems.at(versions.at, "not versions of CDex with | between them");
                Versions::default()
            });
            if let Some(mut is) = wire.table("is", problems) {
                forms.push((versions, self.named(is.pairs(problems), problems)));
            }
            wire.finish(problems);
        }
        if forms.is_empty() {
            problems.at(at, "a slice says how it looks: is, or wire");
        }
        let also = fields.table("also", problems);
        let also = also.map_or_else(Vec::new, |mut also| also.pairs(problems));
        let slice = SliceText {
            element: fields.required("element", problems),
            name: fields.required("name", problems),
            kind: fields.text("kind", problems).map(|kind| kind.text),
            by: fields.text("by", problems),
            forms,
            also: self.named(also, problems),
            source: fields.required("source", problems).text,
            line: problems.position(at).0,
        };
        fields.finish(problems);
        slice
    }

    fn named(&self, pairs: Vec<(Located, Located)>, problems: &mut Problems<'_>) -> Vec<(Located, Located)> {
        let resolve = |(key, mut value): (Located, Located)| {
            value.text = self.resolve(&value.text).unwrap_or_else(|message| {
                problems.at(value.at, message);
                String::new()
            });
            (key, value)
        };
        pairs.into_iter().map(resolve).collect()
    }

    /// The address behind `@name`; any other text is itself.
    pub(super) fn resolve(&self, text: &str) -> Result<String, String> {
        match text.strip_prefix('@') {
            None => Ok(text.to_owned()),
            Some(name) => self
                .names
                .get(name)
                .cloned()
                .ok_or_else(|| format!("no address is called @{name}")),
        }
    }

    pub(super) fn find(&self, element: &str, name: &str) -> Option<&SliceText> {
        let mut slices = self.slices.iter();
        slices.find(|slice| slice.element.text == element && slice.name.text == name)
    }

    /// The names of the slices of a list.
    pub(super) fn names_in(&self, element: &str) -> Vec<&str> {
        let slices = self.slices.iter().filter(|slice| slice.element.text == element);
        slices.map(|slice| slice.name.text.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
[names]
temp = "http://example.org/temp"

[[slice]]
element = "Task.input"
name = "Url"
by = "type.coding"
is = { system = "@temp", code = "url" }
source = "us"

[[slice]]
element = "Task.input"
name = "Url"
wire = [{ versions = "2.1|9.9", is = { code = "@other" } }]
"#;

    #[test]
    fn slices_are_read_and_all_that_is_wrong_is_told() {
        let (file, problems) = SliceFile::read("slices.toml", TEXT);
        let url = file.find("Task.input", "Url").unwrap();
        assert_eq!(url.forms[0].1[0].1.text, "http://example.org/temp");
        let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(
            lines,
            [
                "slices.toml:12:1: source is missing",
                "slices.toml:14:9: Task.input has this slice already",
                "slices.toml:15:23: not versions of CDex with | between them",
                "slices.toml:15:48: no address is called @other",
            ]
        );
    }
}
