//! What the demo plays: each journey, who takes part, and what must be seen.

use super::cast::ATLAS;
use super::cast::BEACON;
use super::cast::ELM;
use super::cast::HARBOR;
use super::cast::LAKESIDE;
use super::cast::MARSH;
use super::cast::NOBODY;
use super::cast::NORTH;
use super::journey::Begins;
use super::journey::Journey;
use super::journey::SEARCH;
use crate::app::simulate::Fault;
use crate::app::simulate::Purpose;
use crate::app::simulate::What;

/// All journeys.
pub(super) const JOURNEYS: &[Journey] = &[
    Journey {
        title: "X12 asks FHIR: 277 becomes Task, $submit-attachment becomes 275",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (HARBOR, What::Sent, "277"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "X12 5010 asks a practice without a server: its Task waits with the gateway",
        payer: ATLAS,
        provider: ELM,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (ATLAS, What::Sent, "277"),
            (ELM, What::Received, "task"),
            (ELM, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
            (ATLAS, What::Sent, "824"),
        ],
    },
    Journey {
        title: "FHIR asks X12: Task becomes 277, 275 becomes $submit-attachment",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (BEACON, What::Sent, "task"),
            (NORTH, What::Received, "277"),
            (NORTH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
            (NORTH, What::Received, "824"),
            (BEACON, What::Sent, SEARCH),
        ],
    },
    Journey {
        title: "a hospital on FHIR sends documents unasked to a payer on X12 5010",
        payer: ATLAS,
        provider: LAKESIDE,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (LAKESIDE, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
            (ATLAS, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a hospital on FHIR sends documents unasked for a prior authorisation",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Provider,
        purpose: Purpose::Preauthorization,
        fault: None,
        expected: &[
            (LAKESIDE, What::Sent, "submit-attachment"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a clinic on X12 sends documents unasked to a payer on FHIR",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (NORTH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
            (NORTH, What::Received, "824"),
        ],
    },
    Journey {
        title: "X12 to X12: what needs no translation passes unchanged",
        payer: HARBOR,
        provider: NORTH,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (HARBOR, What::Sent, "277"),
            (NORTH, What::Received, "277"),
            (NORTH, What::Sent, "275"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "FHIR to FHIR: a prior authorisation, answered through the gateway",
        payer: BEACON,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Preauthorization,
        fault: None,
        expected: &[
            (BEACON, What::Sent, "task"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (BEACON, What::Received, "submit-attachment"),
        ],
    },
    Journey {
        title: "a hospital that is busy now and then: it is tried until it takes the Task",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: Some((LAKESIDE, Fault::Unavailable)),
        expected: &[
            (HARBOR, What::Sent, "277"),
            (LAKESIDE, What::Misbehaved, ""),
            (LAKESIDE, What::Received, "task"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "a hospital that sends its documents one by one",
        payer: ATLAS,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: Some((LAKESIDE, Fault::Partial)),
        expected: &[
            (ATLAS, What::Sent, "277"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (ATLAS, What::Received, "275"),
        ],
    },
    Journey {
        title: "a clinic that sends everything twice: the payer gets it once",
        payer: BEACON,
        provider: NORTH,
        begins: Begins::Provider,
        purpose: Purpose::Claim,
        fault: Some((NORTH, Fault::Duplicate)),
        expected: &[
            (NORTH, What::Sent, "275"),
            (NORTH, What::Misbehaved, "275"),
            (NORTH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
            (NORTH, What::Received, "824"),
        ],
    },
    Journey {
        title: "a prior authorisation: a pended 278 becomes Task, its answer a 275",
        payer: HARBOR,
        provider: LAKESIDE,
        begins: Begins::Payer,
        purpose: Purpose::Preauthorization,
        fault: None,
        expected: &[
            (HARBOR, What::Sent, "278"),
            (LAKESIDE, What::Received, "task"),
            (LAKESIDE, What::Sent, "submit-attachment"),
            (HARBOR, What::Received, "275"),
            (HARBOR, What::Sent, "824"),
        ],
    },
    Journey {
        title: "FHIR asks a clinic that knows only folders: files go, files come",
        payer: BEACON,
        provider: MARSH,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[
            (BEACON, What::Sent, "task"),
            (MARSH, What::Received, "277"),
            (MARSH, What::Sent, "275"),
            (BEACON, What::Received, "submit-attachment"),
            (MARSH, What::Received, "999"),
            (MARSH, What::Received, "824"),
            (BEACON, What::Sent, SEARCH),
        ],
    },
    Journey {
        title: "a request for somebody unknown: it is kept, and an operator sees why",
        payer: HARBOR,
        provider: NOBODY,
        begins: Begins::Payer,
        purpose: Purpose::Claim,
        fault: None,
        expected: &[(HARBOR, What::Sent, "277")],
    },
];

/// So many messages each of them must have been handed when all is over, acknowledgements apart.
pub(super) fn due(name: &str) -> usize {
    let all = JOURNEYS.iter().flat_map(|journey| journey.expected);
    all.filter(|(part, what, message)| part.name == name && *what == What::Received && *message != "999")
        .count()
}
