//! Tests of mappings, as they stand beside them.

use super::Problem;
use super::fields;
use super::fields::Fields;
use super::problem::Problems;
use super::variable::Variable;

/// One test of a mapping: a message, what is known beside it, and what comes of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trial {
    /// The mapping.
    pub mapping: String,
    /// What it shows, as a sentence.
    pub name: String,
    /// The file and the line where it stands.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The message; X12 from `ST` to `SE`, or resources as JSON with `---` between them.
    pub given: String,
    /// What the gateway knows.
    pub context: Vec<(Variable, String)>,
    /// Leaves of a FHIR target and their values.
    pub expect: Vec<(String, String)>,
    /// The segments of an X12 target, `ST` to `SE`; none are checked if absent.
    pub wire: Option<String>,
    /// Rules that refuse, or that miss something.
    pub refused: Vec<String>,
    /// Places of the source that are lost and why, such as `2200D/REF02 no-target`, and leaves of the target that were
    /// filled; none are checked if absent.
    pub losses: Option<Vec<String>>,
}

impl Trial {
    pub(super) fn read(file: &str, text: &str) -> (Vec<Self>, Vec<Problem>) {
        let mut problems = Problems::new(file, text);
        let Some(table) = fields::parse(text, &mut problems) else {
            return (Vec::new(), problems.into_sorted());
        };
        let mut fields = Fields::new(table.get_ref(), 0);
        let mapping = fields.required("mapping", &mut problems).text;
        let tests = fields.tables("test", &mut problems);
        let read = |test| Self::one(test, file, &mapping, &mut problems);
        let trials = tests.into_iter().map(read).collect();
        fields.finish(&mut problems);
        (trials, problems.into_sorted())
    }

    fn one(mut fields: Fields<'_>, file: &str, mapping: &str, problems: &mut Problems<'_>) -> Self {
        let mut context = Vec::new();
        if let Some(mut known) = fields.table("context", problems) {
            for (name, value) in known.pairs(problems) {
                match Variable::named(&name.text) {
                    Some(variable) => context.push((variable, value.text)),
                    None => problems.at(name.at, format!("there is no ${}", name.text)),
                }
            }
        }
        let expect = fields.table("expect", problems);
        let expect = expect.map_or_else(Vec::new, |mut expect| expect.pairs(problems));
        let losses = fields.has("losses").then(|| fields.texts("losses", problems));
        let trial = Self {
            mapping: mapping.to_owned(),
            name: fields.required("name", problems).text,
            file: file.to_owned(),
            line: problems.position(fields.at).0,
            given: fields.required("given", problems).text,
            context,
            expect: expect
                .into_iter()
                .map(|(path, value)| (path.text, value.text))
                .collect(),
            wire: fields.text("wire", problems).map(|wire| wire.text),
            refused: fields
                .texts("refused", problems)
                .into_iter()
                .map(|rule| rule.text)
                .collect(),
            losses: losses.map(|losses| losses.into_iter().map(|loss| loss.text).collect()),
        };
        fields.finish(problems);
        trial
    }
}
