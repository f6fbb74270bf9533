//! Conversion notes: what was odd, where, and what was made of it.

use crate::base::finding::Blame;
use crate::base::finding::Code;
use crate::base::finding::Finding;
use crate::base::finding::Severity;
use crate::ccda::NodeId;
use crate::ccda::Tree;

/// One kind of note.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Kind {
    pub(super) code: Code,
    pub(super) severity: Severity,
    pub(super) message: &'static str,
}

macro_rules! kinds {
    ($($name:ident $severity:ident $code:literal $message:literal;)*) => {
        $(pub(super) const $name: Kind = Kind {
            code: Code::new($code),
            severity: Severity::$severity,
            message: $message,
        };)*
    };
}

kinds! {
    BAD_ID_ROOT Warning "ccda.bad-id-root" "the root of an id is neither an OID nor a UUID; kept as text";
    BAD_NPI Warning "ccda.bad-npi" "a national provider identifier fails its check digit; kept as it is";
    BAD_CODE Warning "ccda.bad-code" "a code has white space inside; only its text is kept";
    SYSTEM_BY_NAME Information "ccda.system-by-name" "a code system is named instead of identified; found by its name";
    SYSTEM_REPAIRED Information "ccda.system-repaired" "a value set is given as code system; the system of its codes is used";
    SYSTEM_UNKNOWN Warning "ccda.system-unknown" "a code system is not an OID and its name is not known; the code is kept without it";
    DANGLING_TEXT Warning "ccda.dangling-text" "a reference into the narrative leads nowhere";
    BAD_TIME Warning "ccda.bad-time" "a time is not one; left out";
    TIME_REPAIRED Information "ccda.time-repaired" "a time is not written as it should be; its sound beginning is kept";
    TIME_HOUR Information "ccda.time-hour" "a time has hours but no minutes; the date is kept";
    ZONE_ASSUMED Information "ccda.zone-assumed" "a time has no offset; the one of its surroundings is used";
    ZONE_MISSING Warning "ccda.zone-missing" "a time has no offset and none is known; the date is kept";
    BACKWARDS Warning "ccda.backwards" "a period ends before it begins; its end is left out";
    BAD_NUMBER Warning "ccda.bad-number" "a number is not one; left out";
    UNIT_REPAIRED Information "ccda.unit-repaired" "a unit is no UCUM code; the one that is meant is added";
    UNIT_UNKNOWN Information "ccda.unit-unknown" "a unit is no UCUM code; kept as text";
    BAD_BASE64 Warning "ccda.bad-base64" "a body is not base64; left out";
    SHORT_BASE64 Warning "ccda.truncated-base64" "a body in base64 ends in the middle of a group; left out";
    COMPRESSED Information "ccda.compressed" "a body is compressed; it is kept as it came and not opened";
    UNSAFE_LINK Warning "ccda.unsafe-link" "a link in the narrative leads neither to a page nor to a mailbox; only its words are kept";
    NARRATIVE_ELEMENT Information "ccda.narrative-element" "an element is none of narrative; only its words are kept";
    MEDIA_TYPE Information "ccda.media-type" "a body is of another kind than it says; its first bytes decide";
    UNKNOWN_TEMPLATE Information "ccda.unknown-template" "no template of an entry is known; converted by its class";
    UNRESOLVED Warning "ccda.unresolved" "a reference to another entry leads nowhere";
    DUPLICATE_ID Information "ccda.duplicate-id" "entries with different content have the same id; each is kept";
    MERGED Information "ccda.merged" "the same entry stands in two places; converted once";
    STATUS_UNKNOWN Information "ccda.status-unknown" "a status code is not known";
    NO_INFORMATION Information "ccda.no-information" "an entry only says that there is no information; nothing is made of it";
    EMPTY_SECTION Information "ccda.empty-section" "a section has neither text nor entries; left out";
    MORE_PATIENTS Warning "ccda.more-patients" "the document is about more than one patient; the first is its subject";
    SEVERITY_ALONE Information "ccda.severity-alone" "a severity has no reaction to belong to; kept as note";
    NAME_SPLIT Information "ccda.name-split" "a name is one text; its last word is taken as family name";
    NOT_CONVERTED Warning "ccda.not-converted" "no rule fits a statement; it stays in the narrative only";
    NO_ROOM Information "ccda.no-room" "a statement belongs to a resource in which its place is taken or missing; it stays in the narrative";
    STATUS_CONFLICT Information "ccda.status-conflict" "an ended problem says it is active; its end decides";
}

/// One note, with the node it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    pub(super) kind: Kind,
    pub(super) node: NodeId,
}

impl Noted {
    /// The note as the finding that reports show; XPath and line are worked out only here.
    pub(super) fn finding(self, tree: &Tree<'_>) -> Finding {
        Finding {
            code: self.kind.code,
            severity: self.kind.severity,
            blame: Blame::Sender,
            message: self.kind.message,
            place: tree.node(self.node).place(),
        }
    }
}
