//! What a translation may know beyond the message.

/// One thing that the gateway knows and the message does not say; `$name` in a mapping.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Variable(u8);

impl Variable {
    /// `$position`
    pub const POSITION: Self = Self(0);
    /// `$first`
    pub const FIRST: Self = Self(1);
    /// `$outer-position`
    pub const OUTER_POSITION: Self = Self(2);

    /// Whether it depends on where in the message a mapping is.
    pub const fn is_of_thing_at_hand(self) -> bool {
        matches!(self, Self::POSITION | Self::FIRST | Self::OUTER_POSITION)
    }

    /// The variable of a name, without its `$`.
    pub fn named(name: &str) -> Option<Self> {
        let at = NAMES.iter().position(|(known, _)| *known == name)?;
        u8::try_from(at).ok().map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).map_or("", |(name, _)| *name)
    }

    /// Its number, from zero.
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// Every variable with what it means.
    pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        NAMES.iter().copied()
    }
}

/// How many variables there are.
pub const VARIABLES: usize = NAMES.len();

const NAMES: &[(&str, &str)] = &[
    (
        "position",
        "the place of the thing at hand among those that its scope goes through, from 1",
    ),
    (
        "first",
        "true if the thing at hand is the first one of those that share its target",
    ),
    ("outer-position", "the same of the scope around it"),
    ("version", "the version of CDex that the FHIR side speaks"),
    ("guide", "the guide of the X12 side"),
    ("use", "claim or preauthorization"),
    (
        "carry",
        "true if what only X12 knows travels in extensions of the FHIR message",
    ),
    (
        "packaging",
        "what of a FHIR content goes into a 275: document, mime or resource",
    ),
    ("displays", "true if codes get their names from our tables"),
    (
        "solicited",
        "true if an open request is known that the message answers",
    ),
    (
        "request-category",
        "how the open request says what it asks for, STC01-1, if all its questions say the same",
    ),
    ("tracking-system", "the namespace of the partner's tracking ids"),
    ("payer-system", "the namespace of payer ids"),
    ("member-system", "the namespace of member ids"),
    ("account-system", "the namespace of patient account numbers"),
    ("claim-system", "the namespace of claim numbers"),
    ("payer-url", "where answers to a request are to be sent"),
    ("claim-number", "the provider's number of the claim"),
    ("payer-claim-number", "the payer's number of the claim"),
    ("authorization-number", "the number of the prior authorisation"),
    (
        "questionnaire",
        "the address of the questionnaire that a payer means by LOINC 102089-0",
    ),
    ("patient-last", "the patient's family name"),
    ("patient-first", "the patient's first given name"),
    ("patient-middle", "the patient's second given name"),
    ("payer-name", "the name of the payer"),
    ("payer-id", "the id of the payer"),
    ("provider-name", "the name of the provider"),
    (
        "receiver-name",
        "the name of who receives a request for the provider",
    ),
    ("receiver-id", "the id of who receives a request for the provider"),
    ("submitter-name", "the name of who submits attachments"),
    ("submitter-id", "the id of who submits attachments"),
    ("control-number", "the number of the transaction, ST02"),
    (
        "reference",
        "the sender's reference for the transaction, BGN02 or BHT03",
    ),
    ("date", "today, as CCYYMMDD"),
    ("time", "now, as HHMM"),
    (
        "offset",
        "how far X12 times of this partner are from UTC, such as -05:00",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_found_by_its_name() {
        let variable = Variable::named("payer-url").unwrap();
        assert_eq!(variable.name(), "payer-url");
        assert_eq!(Variable::named("payer_url"), None);
        assert_eq!(Variable::named("position"), Some(Variable::POSITION));
        assert_eq!(Variable::named("first"), Some(Variable::FIRST));
        assert_eq!(Variable::named("outer-position"), Some(Variable::OUTER_POSITION));
        assert_eq!(Variable::all().count(), VARIABLES);
    }
}
