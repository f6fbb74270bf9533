//! Whether the servers of partners are what the configuration says. Who is asked is told here, and what the answers
//! mean; the asking itself is done by whoever has sockets.

use super::Checked;
use crate::config::code;
use crate::config::code::Code;
use crate::config::quantity::Url;
use crate::config::report::Complaint;
use crate::config::settings::Agreement;
use crate::config::settings::Delivery;
use crate::config::settings::Role;
use crate::config::source::Origin;
use crate::config::source::Spot;
use crate::config::tree::Table;
use crate::routing::partner::Partner;
use crate::routing::partner::Speaks;

/// A server to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// The position of its partner among all of them.
    pub partner: usize,
    /// What is agreed with the partner.
    pub agreement: &'a Agreement,
    /// Where the server is.
    pub url: &'a Url,
    /// What it speaks.
    pub speaks: Language,
}

/// What a server speaks, and so what it is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// It is asked for its `metadata`.
    Fhir,
    /// A connection is made and closed again.
    X12,
}

/// What came of asking a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// Nobody answered, for this reason.
    Silent(String),
    /// What answered is no FHIR server, for this reason.
    Foreign(String),
    /// A FHIR server said this of itself.
    Stated(Statement),
    /// Somebody took the connection; more is not asked of X12 partners.
    Taken,
}

/// What a FHIR server says of itself in its `CapabilityStatement`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Statement {
    /// `fhirVersion`.
    pub fhir_version: Option<String>,
    /// Whether a Task can be created.
    pub creates_tasks: bool,
    /// Whether it has the operation `submit-attachment`.
    pub takes_submissions: bool,
}

/// The servers of all partners that can be asked.
///
/// Names that are kept for examples (RFC 2606) lead nowhere, and whoever has them has not put the real ones in yet:
/// they are left out.
pub fn servers(checked: &Checked) -> impl Iterator<Item = Server<'_>> {
    all(checked).filter(|server| !is_of_example(server.url))
}

/// How many servers have addresses as examples have them.
pub fn examples(checked: &Checked) -> usize {
    all(checked).filter(|server| is_of_example(server.url)).count()
}

fn all(checked: &Checked) -> impl Iterator<Item = Server<'_>> {
    let lowered = &checked.lowered;
    let both = lowered.partners.iter().zip(&lowered.routing.partners);
    both.enumerate().filter_map(|(partner, (agreement, known))| {
        let (url, speaks) = match (&known.speaks, &agreement.fhir, &agreement.deliver) {
            (Speaks::Fhir(_), Some(fhir), _) => (fhir.url.as_ref()?, Language::Fhir),
            (Speaks::X12 { .. }, _, Some(Delivery::Core { url, .. })) => (url, Language::X12),
            _ => return None,
        };
        Some(Server {
            partner,
            agreement,
            url,
            speaks,
        })
    })
}

/// Whether nobody can have this host.
fn is_of_example(url: &Url) -> bool {
    let host = url.host().trim_end_matches('.').to_ascii_lowercase();
    let within = |name: &str| {
        let rest = host.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    ["example", "invalid", "example.com", "example.net", "example.org"]
        .into_iter()
        .any(within)
}

/// Adds to the report what the answers show: each with the position of its partner, in any order.
pub fn judge(checked: &mut Checked, answers: &[(usize, Answer)]) {
    let lowered = &checked.lowered;
    let tables: Vec<&Table> = checked
        .document
        .tree
        .named("partner")
        .map(|(_, table)| table)
        .collect();
    let mut complaints = Vec::new();
    for (position, answer) in answers {
        let (Some(table), Some(agreement), Some(known)) = (
            tables.get(*position),
            lowered.partners.get(*position),
            lowered.routing.partners.get(*position),
        ) else {
            continue;
        };
        complaints.extend(
            findings(answer, agreement, known)
                .into_iter()
                .map(|finding| finding.complaint(table, &agreement.name)),
        );
    }
    for complaint in complaints {
        checked.report.add(complaint);
    }
    checked.report.settle(&checked.document.files);
}

/// What an answer shows of a partner.
struct Finding {
    code: &'static Code,
    /// What follows the name of the partner.
    text: &'static str,
    why: String,
    /// Where the configuration says otherwise.
    at: &'static str,
}

fn findings(answer: &Answer, agreement: &Agreement, known: &Partner) -> Vec<Finding> {
    let place = match known.speaks {
        Speaks::Fhir(_) => "fhir.url",
        Speaks::X12 { .. } => "deliver.core",
    };
    let finding = |code, text, why: &str, at| Finding {
        code,
        text,
        why: why.to_owned(),
        at,
    };
    let stated = match answer {
        Answer::Taken => return Vec::new(),
        Answer::Silent(why) => {
            return vec![finding(
                &code::world::NO_ANSWER,
                "could not be reached just now",
                why,
                place,
            )];
        }
        Answer::Foreign(why) => {
            let text = "does not answer as a FHIR server does";
            return vec![finding(&code::world::NO_STATEMENT, text, why, place)];
        }
        Answer::Stated(stated) => stated,
    };
    let Speaks::Fhir(abilities) = known.speaks else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Some(why) = wrong_version(stated.fhir_version.as_deref()) {
        let text = "speaks another version of FHIR";
        found.push(finding(&code::world::FHIR_VERSION, text, &why, place));
    }
    if abilities.tasks && !stated.creates_tasks {
        let text = "does not say that it takes Tasks";
        let why = "its CapabilityStatement has no `create` for Task";
        found.push(finding(&code::world::NO_TASKS, text, why, "fhir.attachments"));
    }
    let is_sent_documents = agreement.role == Role::Payer || !known.payer_ids.is_empty();
    if is_sent_documents && !stated.takes_submissions {
        let text = "does not say that it takes attachments";
        let why = "its CapabilityStatement has no operation `submit-attachment`";
        found.push(finding(&code::world::NO_SUBMISSIONS, text, why, place));
    }
    found
}

/// Why this is no version that CDex is built on.
fn wrong_version(told: Option<&str>) -> Option<String> {
    match told {
        Some(version) if version == "4.0" || version.starts_with("4.0.") => None,
        // A stranger's text is shown only where it can be a version.
        Some(version)
            if version.len() <= 20
                && version
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) =>
        {
            Some(format!("its CapabilityStatement says {version}, not 4.0.1"))
        }
        Some(_) | None => Some("its CapabilityStatement names no version".to_owned()),
    }
}

impl Finding {
    fn complaint(self, partner: &Table, name: &str) -> Complaint {
        let at: Origin = partner
            .find_path(self.at)
            .or_else(|| partner.find_path("fhir.url"))
            .map_or(partner.origin, |node| node.origin);
        let text = format!("partner {name} {}", self.text);
        let complaint = Complaint::new(self.code, at, text);
        let complaint = match at.spot {
            Spot::Text { .. } => complaint.spot(""),
            Spot::Cell { .. } => complaint,
        };
        complaint.why(self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::check::check;
    use crate::config::quantity::Day;
    use crate::config::source::InMemory;

    const TEXT: &str = r#"
config-version = 1
[gateway]
name = "Example"
public-url = "https://gateway.example"
data-dir = "data"
isa = "ZZ:EXAMPLE"
usage = "T"
[partner.acme]
role = "payer"
payer-ids = ["60054"]
speaks = "fhir"
fhir = { url = "https://cdex.acme.test/r4" }
[partner.clinic]
role = "provider"
npi = ["1234567893"]
speaks = "fhir"
fhir = { url = "https://clinic.test/r4", attachments = "task" }
[partner.oldstone]
role = "payer"
payer-ids = ["00520"]
speaks = "x12"
x12 = { isa = "ZZ:OLDSTONE", guides = ["006020X313", "006020X314"] }
deliver = { core = "https://edi.oldstone.test/core", mode = "batch" }
[partner.paper]
role = "payer"
payer-ids = ["00521"]
speaks = "fhir"
fhir = { url = "https://Paper.Example:8443/r4" }
"#;

    fn checked() -> Checked {
        let texts = InMemory::default().with("gateway.toml", TEXT);
        let today = Day {
            year: 2026,
            month: 11,
            day: 20,
        };
        let checked = check(&texts, "gateway.toml", today);
        assert!(checked.is_sound() && checked.report.complaints().is_empty());
        checked
    }

    fn codes(answers: &[(usize, Answer)]) -> Vec<String> {
        let mut checked = checked();
        judge(&mut checked, answers);
        let complaints = checked.report.complaints().iter();
        complaints.map(|complaint| complaint.code.to_string()).collect()
    }

    fn stated(version: Option<&str>, creates_tasks: bool, takes_submissions: bool) -> Answer {
        Answer::Stated(Statement {
            fhir_version: version.map(str::to_owned),
            creates_tasks,
            takes_submissions,
        })
    }

    #[test]
    fn those_with_a_server_are_asked_but_not_examples() {
        let checked = checked();
        let asked: Vec<(usize, Language)> = servers(&checked)
            .map(|server| (server.partner, server.speaks))
            .collect();
        assert_eq!(
            asked,
            [(0, Language::Fhir), (1, Language::Fhir), (2, Language::X12)]
        );
        assert_eq!(examples(&checked), 1);
        let is_example = |text: &str| is_of_example(&Url::parse(text).unwrap());
        assert!(is_example("https://example.com/r4") && is_example("http://a.example.org:80"));
        assert!(!is_example("https://myexample.com/r4") && !is_example("https://example.edu"));
    }

    #[test]
    fn a_server_that_says_what_is_needed_of_it_is_good() {
        assert!(
            codes(&[
                (0, stated(Some("4.0.1"), false, true)),
                (1, stated(Some("4.0.0"), true, false)),
                (2, Answer::Taken),
                (17, Answer::Taken),
            ])
            .is_empty()
        );
    }

    #[test]
    fn each_partner_is_asked_for_what_it_is_sent() {
        let lacking = stated(Some("4.0.1"), false, false);
        assert_eq!(codes(&[(0, lacking.clone())]), ["G0617"]);
        assert_eq!(codes(&[(1, lacking)]), ["G0616"]);
        assert_eq!(codes(&[(1, Answer::Foreign("so".to_owned()))]), ["G0614"]);
        assert_eq!(codes(&[(2, Answer::Silent("so".to_owned()))]), ["G0613"]);
    }

    #[test]
    fn only_r4_is_the_version_of_cdex() {
        for (version, codes_of) in [
            (Some("4.0"), &[][..]),
            (Some("4.0.1"), &[]),
            (Some("4.0.1-cibuild"), &[]),
            (Some("4.01"), &["G0615"]),
            (Some("4.3.0"), &["G0615"]),
            (Some("40.1"), &["G0615"]),
            (Some("<script>"), &["G0615"]),
            (None, &["G0615"]),
        ] {
            assert_eq!(
                codes(&[(0, stated(version, true, true))]),
                codes_of,
                "{version:?}"
            );
        }
        assert!(!wrong_version(Some("<script>")).unwrap().contains("script"));
    }
}
