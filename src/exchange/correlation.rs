//! Which exchange a message belongs to (x12.md §3.2, GW-11).
//!
//! A number that was made for the purpose joins: payer and tracking number, between the same partners.
//! Everything else that agrees makes an exchange a candidate, with reasons, for a person or a rule of the route.
//! Nothing here guesses, not even when there is one candidate only.
//!
//! | What | 837 | 277 | 275 | 278 | CDex | Here |
//! |---|---|---|---|---|---|---|
//! | provider's attachment control number | PWK06 | – | TRN02, TRN01=1 | PWK06 | TrackingId, unsolicited | [`Tracking`] by [`Maker::Source`] |
//! | payer's request number | – | 2200D TRN02 | TRN02, TRN01=2 | TRN02 | TrackingId, solicited | [`Tracking`] by [`Maker::Requester`] |
//! | payer's claim number | REF*F8 | REF*1K | REF*1K | – | – | [`Names::payer_claim`] |
//! | provider's claim number | CLM01 | REF*X1, EJ | REF*X1, EJ | – | reasonReference | [`Names::provider_claim`] |
//! | administrative reference | – | – | – | REF*NT | AdminRefNumber | [`Names::admin_reference`] |
//! | clearinghouse's number | REF*D9 | REF*D9 | REF*D9 | – | – | [`Names::clearinghouse_claim`] |

use crate::base::ids::PayerId;
use crate::base::ids::TrackingId;
use crate::exchange::ids::ExchangeId;
use crate::exchange::ids::Fingerprint;
use crate::exchange::ids::PartnerName;

/// What a message or an exchange goes by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Names {
    /// The partner on the provider's side, as the route or the credentials name it.
    pub source: PartnerName,
    /// The payer, where it is named.
    pub payer: Option<PayerId>,
    /// Its tracking numbers.
    pub tracking: Vec<Tracking>,
    /// The number that the payer's review system gave.
    pub admin_reference: Option<Fingerprint>,
    /// The payer's number of the claim.
    pub payer_claim: Option<Fingerprint>,
    /// The provider's number of the claim.
    pub provider_claim: Option<Fingerprint>,
    /// The clearinghouse's number of the claim.
    pub clearinghouse_claim: Option<Fingerprint>,
    /// The member id of the patient.
    pub member: Option<Fingerprint>,
    /// The first day of service.
    pub service_day: Option<Day>,
}

/// A tracking number and who made it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tracking {
    /// The number.
    pub number: TrackingId,
    /// Who made it.
    pub maker: Maker,
    /// A digest of the namespace it is from (`Identifier.system`), if it says so.
    pub system: Option<Fingerprint>,
}

/// Who made a tracking number.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Maker {
    /// Who asks: the payer.
    Requester,
    /// Who answers: the provider, on the claim.
    Source,
    /// The message does not say; `$submit-attachment` never does.
    Unknown,
}

/// A day, as a number of eight digits: year, month, day.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(u32);

/// What a route compares.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct MatchRule {
    /// Compare the namespaces of tracking numbers, where both sides have one.
    pub strict_systems: bool,
    /// Take payer ids that differ in case only for the same.
    pub fold_payers: bool,
}

/// Where a message belongs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Correlation {
    /// To this exchange.
    Joins {
        /// Which.
        exchange: ExchangeId,
        /// What does not agree all the same; the guide's own examples have such pairs.
        doubts: Vec<Doubt>,
    },
    /// Perhaps to one of these, the likeliest first; a person decides.
    Candidates(Vec<Candidate>),
    /// To nothing known.
    Unknown,
}

/// An exchange that a message may belong to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// Which.
    pub exchange: ExchangeId,
    /// What agrees.
    pub reasons: Vec<Reason>,
    /// What does not.
    pub doubts: Vec<Doubt>,
}

/// What agrees between a message and an exchange.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Reason {
    /// The tracking number.
    Tracking,
    /// The payer's claim number.
    PayerClaim,
    /// The provider's claim number.
    ProviderClaim,
    /// The clearinghouse's claim number.
    ClearinghouseClaim,
    /// The administrative reference number.
    AdminReference,
    /// The member and the day of service.
    MemberAndDay,
}

/// What does not agree between a message and an exchange.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Doubt {
    /// Another exchange agrees as well.
    Ambiguous,
    /// They name different partners.
    Partner,
    /// They name different payers.
    Payer,
    /// They name payers that differ in case.
    PayerCase,
    /// The tracking numbers are from different namespaces.
    System,
    /// One tracking number is the payer's, the other the provider's.
    Maker,
    /// They name different claims.
    Claim,
    /// They name different members.
    Member,
    /// They name different days of service.
    ServiceDay,
}

/// A key under which an exchange is to be found by a message that shares it.
///
/// An index over these finds all exchanges that [`correlate`] would join or name, and few others.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Lookup {
    /// A tracking number, whoever made it.
    Tracking(TrackingId),
    /// A number of a claim or a reference, whoever gave it.
    Number(Fingerprint),
    /// A member on a day.
    MemberDay(Fingerprint, Day),
}

/// Where the message that goes by `message` belongs among `known`.
///
/// `known` may be all exchanges, or those that share a [`Lookup`] with the message; the result is the same.
pub fn correlate<'a>(
    message: &Names,
    known: impl IntoIterator<Item = (ExchangeId, &'a Names)>,
    rule: MatchRule,
) -> Correlation {
    let mut joins: Vec<Candidate> = Vec::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    for (exchange, names) in known {
        let comparison = compare(message, names, rule);
        let candidate = Candidate {
            exchange,
            reasons: comparison.reasons,
            doubts: comparison.doubts,
        };
        if comparison.is_exact {
            joins.push(candidate);
        } else if !candidate.reasons.is_empty() {
            candidates.push(candidate);
        }
    }
    if joins.len() > 1 {
        for candidate in &mut joins {
            candidate.doubts.push(Doubt::Ambiguous);
        }
    } else if let Some(Candidate { exchange, doubts, .. }) = joins.pop() {
        return Correlation::Joins { exchange, doubts };
    }
    candidates.extend(joins);
    if candidates.is_empty() {
        return Correlation::Unknown;
    }
    candidates.sort_by_key(|candidate| {
        let (for_it, against) = (candidate.reasons.len(), candidate.doubts.len());
        (std::cmp::Reverse(for_it), against, candidate.exchange)
    });
    Correlation::Candidates(candidates)
}

impl Names {
    /// Names of which nothing is known but the partner.
    pub const fn of(source: PartnerName) -> Self {
        Self {
            source,
            payer: None,
            tracking: Vec::new(),
            admin_reference: None,
            payer_claim: None,
            provider_claim: None,
            clearinghouse_claim: None,
            member: None,
            service_day: None,
        }
    }

    /// The keys under which an exchange of these names is to be found.
    pub fn lookups(&self) -> Vec<Lookup> {
        let tracking = self
            .tracking
            .iter()
            .map(|one| Lookup::Tracking(one.number.clone()));
        let numbers = [
            self.admin_reference,
            self.payer_claim,
            self.provider_claim,
            self.clearinghouse_claim,
        ];
        let numbers = numbers.into_iter().flatten().map(Lookup::Number);
        let member_day = self.member.zip(self.service_day);
        let member_day = member_day.map(|(member, day)| Lookup::MemberDay(member, day));
        tracking.chain(numbers).chain(member_day).collect()
    }
}

impl Day {
    /// Reads a day as X12 writes it, such as `20260901`; `None` if it has no such month or day of any month.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u32 = text.parse().ok()?;
        let (month, day) = (number / 100 % 100, number % 100);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Self(number))
    }
}

impl Lookup {
    /// The key as bytes for an index: different keys have different bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Tracking(number) => [b"t", number.as_str().as_bytes()].concat(),
            Self::Number(fingerprint) => [&b"n"[..], fingerprint.as_bytes()].concat(),
            Self::MemberDay(member, day) => [&b"m"[..], member.as_bytes(), &day.0.to_be_bytes()].concat(),
        }
    }
}

struct Comparison {
    is_exact: bool,
    reasons: Vec<Reason>,
    doubts: Vec<Doubt>,
}

fn compare(message: &Names, known: &Names, rule: MatchRule) -> Comparison {
    let tracking = compare_tracking(message, known, rule);
    let mut doubts = Vec::new();
    if message.source != known.source {
        doubts.push(Doubt::Partner);
    }
    doubts.extend(payer_barrier(message, known, rule));
    if let Agreement::Barred(barrier) = tracking {
        doubts.push(barrier);
    }
    let is_exact = tracking == Agreement::Exact && doubts.is_empty();
    let mut reasons = Vec::new();
    if tracking != Agreement::None {
        reasons.push(Reason::Tracking);
    }
    compare_claims(message, known, &mut reasons, &mut doubts);
    compare_patients(message, known, &mut reasons, &mut doubts);
    Comparison {
        is_exact,
        reasons,
        doubts,
    }
}

fn compare_claims(message: &Names, known: &Names, reasons: &mut Vec<Reason>, doubts: &mut Vec<Doubt>) {
    let numbers = [
        (
            Reason::AdminReference,
            message.admin_reference,
            known.admin_reference,
        ),
        (Reason::PayerClaim, message.payer_claim, known.payer_claim),
        (
            Reason::ProviderClaim,
            message.provider_claim,
            known.provider_claim,
        ),
        (
            Reason::ClearinghouseClaim,
            message.clearinghouse_claim,
            known.clearinghouse_claim,
        ),
    ];
    for (reason, one, other) in numbers {
        match one.zip(other) {
            Some((one, other)) if one == other => reasons.push(reason),
            Some(_) if !doubts.contains(&Doubt::Claim) => doubts.push(Doubt::Claim),
            Some(_) | None => {}
        }
    }
}

fn compare_patients(message: &Names, known: &Names, reasons: &mut Vec<Reason>, doubts: &mut Vec<Doubt>) {
    let same_member = message.member.zip(known.member).map(|(one, other)| one == other);
    let same_day = message
        .service_day
        .zip(known.service_day)
        .map(|(one, other)| one == other);
    if same_member == Some(true) && same_day == Some(true) {
        reasons.push(Reason::MemberAndDay);
    }
    if same_member == Some(false) {
        doubts.push(Doubt::Member);
    }
    if same_day == Some(false) {
        doubts.push(Doubt::ServiceDay);
    }
}

/// What keeps the payers from being the same, if anything; one that is not named is no barrier (GW-11).
fn payer_barrier(message: &Names, known: &Names, rule: MatchRule) -> Option<Doubt> {
    let (one, other) = message.payer.as_ref().zip(known.payer.as_ref())?;
    if one == other {
        None
    } else if !one.as_str().eq_ignore_ascii_case(other.as_str()) {
        Some(Doubt::Payer)
    } else if rule.fold_payers {
        None
    } else {
        Some(Doubt::PayerCase)
    }
}

/// How two lists of tracking numbers agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Agreement {
    None,
    /// A number agrees, but for this.
    Barred(Doubt),
    Exact,
}

fn compare_tracking(message: &Names, known: &Names, rule: MatchRule) -> Agreement {
    let mut best = Agreement::None;
    for one in &message.tracking {
        for other in known.tracking.iter().filter(|other| other.number == one.number) {
            let systems = one.system.zip(other.system);
            if !one.maker.may_be(other.maker) {
                best = Agreement::Barred(Doubt::Maker);
            } else if rule.strict_systems && systems.is_some_and(|(one, other)| one != other) {
                best = Agreement::Barred(Doubt::System);
            } else {
                return Agreement::Exact;
            }
        }
    }
    best
}

impl Maker {
    fn may_be(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }
}

#[cfg(test)]
#[path = "correlation/tests.rs"]
mod tests;
