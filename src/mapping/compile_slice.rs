//! Compiles slices, each at its first use.

use super::compiler::Compiler;
use super::compiler::append;
use super::fields::Located;
use super::program::Constant;
use super::program::FhirStep;
use super::program::Form;
use super::program::Rule;
use super::program::RuleId;
use super::program::Slice;
use super::program::SliceId;
use super::slice::SliceText;

impl Compiler<'_> {
    /// The slice of a list, and the type of its items.
    pub(super) fn slice(
        &mut self,
        list: &str,
        name: &str,
        kind: &str,
        at: usize,
    ) -> Option<(SliceId, String)> {
        let slices = self.slices;
        let Some(text) = slices.find(list, name) else {
            let known = slices.names_in(list).join(", ");
            self.complain(at, format!("{list} has no slice {name}; it has {known}"));
            return None;
        };
        let kind = text.kind.clone().unwrap_or_else(|| kind.to_owned());
        let key = format!("{list}:{name}");
        if let Some(id) = self.slice_ids.get(&key) {
            return Some((*id, kind));
        }
        let id = SliceId(u16::try_from(self.slice_ids.len()).unwrap_or(u16::MAX));
        self.slice_ids.insert(key.clone(), id);
        let rule = self.slice_rule(&key, text);
        let slice = self.compiled(&key, text, &kind, rule, at);
        // Slices inside of slices do not occur, so the numbers are in the order of the list.
        self.program.slices.push(slice);
        Some((id, kind))
    }

    fn slice_rule(&mut self, key: &str, text: &SliceText) -> RuleId {
        let rule = Rule {
            name: key.into(),
            function: "constant",
            file: self.slices.file.as_str().into(),
            line: text.line,
            source: text.source.as_str().into(),
            note: "".into(),
            repaired: None,
            refusal: None,
        };
        self.add_slice_rule(rule)
    }

    fn compiled(&mut self, key: &str, text: &SliceText, kind: &str, rule: RuleId, at: usize) -> Slice {
        let by = text.by.as_ref().map_or("", |by| by.text.as_str());
        let also = self.slice_constants("", &text.also, kind, at);
        let mut forms = Vec::new();
        for (versions, is) in &text.forms {
            let constants = self.slice_constants(by, is, kind, at);
            let all = [constants.as_slice(), &also].concat();
            let mould = self.mould(&all, rule);
            let is = is
                .iter()
                .map(|(member, value)| (self.intern(&member.text), self.intern(&value.text)));
            forms.push(Form {
                versions: *versions,
                is: is.collect(),
                constants: append(&mut self.program.constants, constants),
                mould,
            });
        }
        let steps = by.split('.').filter(|member| !member.is_empty());
        let steps: Vec<FhirStep> = steps
            .map(|member| FhirStep::Member(self.intern(member)))
            .collect();
        Slice {
            name: key.into(),
            rule,
            by: append(&mut self.program.steps, steps),
            forms,
            also: append(&mut self.program.constants, also),
        }
    }

    /// Members below an item of a slice, and what they hold.
    fn slice_constants(
        &mut self,
        below: &str,
        members: &[(Located, Located)],
        kind: &str,
        at: usize,
    ) -> Vec<Constant> {
        let mut found = Vec::new();
        for (member, value) in members {
            let text = match below {
                "" => member.text.clone(),
                below => format!("{below}.{}", member.text),
            };
            if let Some((steps, _)) = self.fhir_target(&Located { text, at }, kind) {
                let value = self.intern(&value.text);
                let to = append(&mut self.program.targets, steps);
                found.push(Constant { to, value });
            }
        }
        found
    }
}
