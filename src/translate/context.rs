//! What the gateway knows and the message does not say.

use crate::mapping::VARIABLES;
use crate::mapping::Variable;

/// Values of variables; nothing is known unless it was set.
#[derive(Clone, Eq, PartialEq)]
pub struct Context {
    values: [Option<Box<str>>; VARIABLES],
}

impl Context {
    /// Nothing is known but the defaults: CDex 2.1, names for codes, and what only X12 knows travels along.
    pub fn new() -> Self {
        let mut context = Self {
            values: [const { None }; VARIABLES],
        };
        for (name, value) in DEFAULTS {
            context = context.with(name, value);
        }
        context
    }

    /// The same, and this too. A name that is no variable changes nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Some(variable) = Variable::named(name) {
            self.set(variable, value);
        }
        self
    }

    /// Sets a variable; an empty value forgets it.
    pub fn set(&mut self, variable: Variable, value: &str) {
        if let Some(known) = self.values.get_mut(variable.number()) {
            *known = (!value.is_empty()).then(|| value.into());
        }
    }

    /// The value of a variable.
    #[inline]
    pub fn value(&self, variable: Variable) -> Option<&str> {
        self.values.get(variable.number())?.as_deref()
    }

    /// The value of the variable of a name.
    pub fn named(&self, name: &str) -> Option<&str> {
        self.value(Variable::named(name)?)
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows names only: what is known may name a person.
impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = Variable::all().filter(|(name, _)| self.named(name).is_some());
        f.debug_list().entries(known.map(|(name, _)| name)).finish()
    }
}

const DEFAULTS: [(&str, &str); 5] = [
    ("version", "2.1"),
    ("use", "claim"),
    ("carry", "true"),
    ("packaging", "document"),
    ("displays", "true"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_does_not_show_what_it_knows() {
        let context = Context::new().with("patient-last", "canary").with("version", "");
        assert_eq!(context.named("patient-last"), Some("canary"));
        assert_eq!(context.named("version"), None);
        let shown = format!("{context:?}");
        assert!(
            shown.contains("patient-last") && !shown.contains("canary"),
            "{shown}"
        );
    }
}
