//! The data types that several resources share.
//!
//! Every element keeps what its model has no field for, so that reading and writing it again loses nothing.

mod choice;
pub(crate) mod define;
mod extension;
mod valued;

pub use self::choice::Choice;
pub use self::extension::Extension;
pub use self::valued::Valued;
use crate::fhir::leaf::Leaf;
use crate::fhir::leaf::Text;
use define::element;

element! {
    /// A code of a code system.
    pub struct Coding {
        /// The code system.
        system: "system" => text,
        /// The version of the code system.
        version: "version" => text,
        /// The code.
        code: "code" => text,
        /// What the code means, in the sender's words.
        display: "display" => text,
    }
}

element! {
    /// A meaning, as codes, as text or as both.
    pub struct Concept {
        /// The same meaning in one or more code systems.
        codings: "coding" => many Coding,
        /// The meaning in the sender's words.
        text: "text" => text,
    }
}

element! {
    /// A business identifier: a value in a namespace.
    pub struct Identifier {
        /// What it is used for.
        usage: "use" => text,
        /// What kind of identifier it is.
        kind: "type" => one Concept,
        /// The namespace.
        system: "system" => text,
        /// The value.
        value: "value" => text,
        /// When it is or was valid.
        period: "period" => boxed Period,
        /// Who gave it.
        assigner: "assigner" => boxed Reference,
    }
}

element! {
    /// A time between two points, either of which may be open.
    pub struct Period {
        /// The first day or instant.
        start: "start" => text,
        /// The last day or instant.
        end: "end" => text,
    }
}

element! {
    /// Points at a resource: by where it is, by what it is called in business, or by name only.
    pub struct Reference {
        /// Where it is: relative, absolute, or `#id` for a contained one.
        reference: "reference" => text,
        /// What type it is of.
        kind: "type" => text,
        /// What it is called in business.
        identifier: "identifier" => one Identifier,
        /// What people call it.
        display: "display" => text,
    }
}

element! {
    /// The name of a person.
    pub struct HumanName {
        /// What the name is used for.
        usage: "use" => text,
        /// The whole name as it is written.
        text: "text" => text,
        /// The family name.
        family: "family" => text,
        /// The given names, the first one first.
        given: "given" => texts,
        /// What stands before the name.
        prefix: "prefix" => texts,
        /// What stands after the name.
        suffix: "suffix" => texts,
    }
}

element! {
    /// Content of any format, inline or by address.
    pub struct Attachment {
        /// The MIME type, with parameters.
        content_type: "contentType" => text,
        /// The language.
        language: "language" => text,
        /// The content as base64, or what stands for it where it was cut out; see
        /// [`Seal::opens`](crate::fhir::json::Seal::opens).
        content: "data" => text,
        /// Where the content is.
        url: "url" => text,
        /// How many bytes the content has.
        size: "size" => count,
        /// The SHA-1 of the content, as base64.
        hash: "hash" => text,
        /// What people call it.
        title: "title" => text,
        /// When it was made.
        creation: "creation" => text,
    }
}

element! {
    /// What a resource says about itself.
    pub struct Meta {
        /// The profiles that it claims to fit.
        profiles: "profile" => texts,
        /// Tags, such as the work queues of CDex.
        tags: "tag" => many Coding,
    }
}

impl Coding {
    /// A code of `system` that the rule called `rule` fixes.
    pub fn fixed(system: &'static str, code: &'static str, rule: &'static str) -> Self {
        Self {
            system: Some(Leaf::fixed(system, rule)),
            code: Some(Leaf::fixed(code, rule)),
            ..Self::default()
        }
    }

    /// Whether this is `code` of `system`.
    pub fn is(&self, system: &str, code: &str) -> bool {
        says(self.system.as_ref(), system) && says(self.code.as_ref(), code)
    }
}

impl Concept {
    /// The meaning of one code.
    pub fn of(coding: Coding) -> Self {
        Self {
            codings: vec![coding],
            ..Self::default()
        }
    }

    /// Whether one of the codes is `code` of `system`.
    pub fn has(&self, system: &str, code: &str) -> bool {
        self.codings.iter().any(|coding| coding.is(system, code))
    }

    /// The first code that is of `system`.
    pub fn code_of(&self, system: &str) -> Option<&Text> {
        let found = self
            .codings
            .iter()
            .find(|coding| says(coding.system.as_ref(), system));
        found.and_then(|coding| coding.code.as_ref())
    }
}

impl Identifier {
    /// An identifier that is a value and, where it is known, its namespace.
    pub fn of(system: Option<Text>, value: Text) -> Self {
        Self {
            system,
            value: Some(value),
            ..Self::default()
        }
    }
}

impl Reference {
    /// Points at what `identifier` names.
    pub fn to_identifier(identifier: Identifier) -> Self {
        Self {
            identifier: Some(identifier),
            ..Self::default()
        }
    }

    /// Points at `target`, as the rule called `rule` fixes it.
    pub fn fixed(target: &'static str, rule: &'static str) -> Self {
        Self {
            reference: Some(Leaf::fixed(target, rule)),
            ..Self::default()
        }
    }
}

fn says(leaf: Option<&Text>, text: &str) -> bool {
    leaf.is_some_and(|leaf| leaf.disclose() == text)
}
