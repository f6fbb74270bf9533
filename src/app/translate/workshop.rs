//! Translates one input after the other: finds the mapping, runs it, and judges what came of it.

use std::cell::Cell;

use serde_json::Value;
use x12_parser::Stamp;

use super::clinical::Clinic;
use super::documents;
use super::documents::Batch;
use super::envelope;
use super::heard;
use super::intake;
use super::intake::Arrived;
use super::knowledge::Knowledge;
use super::sniff::Format;
use super::sniff::word;
use super::told::Refusal;
use super::told::Subject;
use super::told::Told;
use crate::mapping::Digest;
use crate::mapping::Library;
use crate::mapping::Program;
use crate::mapping::guides::Guides;
use crate::mapping::program::Operation;
use crate::mapping::program::Side;
use crate::mapping::program::Source;
use crate::translate;
use crate::translate::Context;
use crate::translate::Lineage;
use crate::translate::Resources;
use crate::translate::Translation;
use crate::translate::ccda::Outcome;
use crate::translate::revision::Revisions;
use crate::x12;
use crate::x12::Answer;
use crate::x12::Frame;
use crate::x12::Transaction;

/// Where a translation goes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Aim {
    /// To the other side, in its usual form.
    #[default]
    Other,
    /// To FHIR.
    Fhir,
    /// To Tasks as PAS has them.
    Pas,
    /// To X12 of this guide.
    Guide(&'static str),
}

/// How the names of mappings begin that make what PAS asks for.
const FOR_PAS: &str = "task-pas-";

/// Everything that is needed to translate.
pub(crate) struct Workshop {
    pub(crate) library: Library,
    pub(crate) guides: Guides,
    pub(crate) knowledge: Knowledge,
    pub(crate) clinic: Clinic,
    pub(crate) aim: Aim,
    /// Whether anybody asks where everything came from.
    pub(crate) account: bool,
    /// Translate what its check refuses.
    pub(crate) lenient: bool,
    /// Use this mapping and no other.
    pub(crate) mapping: Option<String>,
    pub(crate) stamp: Stamp,
    /// Interchanges written so far.
    pub(crate) written: Cell<u32>,
}

/// What was translated.
#[derive(Clone, Copy)]
pub(crate) enum Original<'d> {
    X12(&'d Transaction),
    Fhir(&'d [Value]),
}

/// How it was translated.
#[derive(Clone, Copy)]
pub(crate) enum Made<'d> {
    /// By a mapping between X12 and FHIR.
    Mapped(&'d Translation<'d>, Original<'d>),
    /// By the rules for C-CDA.
    Converted(&'d Outcome, Digest),
    /// Not at all: in the words of another version, or of another guide.
    Revised(&'d Revisions, &'d [Value]),
    /// By the table of replies: what a partner answered.
    Heard(&'d Answer),
}

/// A translation, done.
pub(crate) struct Delivery<'d> {
    pub(crate) subject: &'d Subject,
    pub(crate) made: Made<'d>,
    /// What was found in the original; nothing of it refused the translation.
    pub(crate) findings: &'d [Told],
    /// What is wrong with the messages that came out.
    pub(crate) produced: Vec<Told>,
    /// JSON, a document a line, or an interchange.
    pub(crate) messages: Vec<u8>,
}

impl Delivery<'_> {
    /// Whether everything arrived, and everything was as it should be.
    pub(crate) fn is_clean(&self) -> bool {
        let at_fault = |told: &[Told]| told.iter().any(Told::refuses);
        self.loss_count() == 0 && !at_fault(self.findings) && !at_fault(&self.produced)
    }

    /// How many places are not as in the original.
    pub(crate) fn loss_count(&self) -> usize {
        match self.made {
            Made::Mapped(translation, _) => translation.loss_count(),
            Made::Converted(outcome, _) => outcome.left_behind.len(),
            Made::Revised(revisions, _) => revisions.lost.len(),
            Made::Heard(answer) => answer.unread.len(),
        }
    }

    /// Whether the messages are X12.
    pub(crate) fn is_x12(&self) -> bool {
        matches!(self.made, Made::Mapped(translation, _) if matches!(translation.program().to, Side::X12(_)))
    }
}

/// Who is told what came of each part of an input.
pub(crate) type See<'s> = dyn FnMut(Result<Delivery<'_>, Refusal>) + 's;

impl Workshop {
    /// Translates an input; tells of each transaction, and of each resource, what became of it.
    pub(crate) fn translate(&self, input: &[u8], see: &mut See<'_>) {
        let format = Format::of(input);
        if let Some(reason) = format.refusal() {
            return see(Err(Refusal::whole(reason)));
        }
        match (format, &self.aim) {
            (Format::Cda, Aim::Guide(_)) => see(Err(Refusal::whole(
                "a C-CDA document goes into X12 as an attachment, with $submit-attachment around it",
            ))),
            (Format::Cda, Aim::Pas) => see(Err(Refusal::whole("PAS has no Task for a document"))),
            (Format::Cda, Aim::Fhir | Aim::Other) => self.convert(input, see),
            (Format::X12, Aim::Guide(_)) => see(Err(Refusal::whole(
                "this is X12 already; it is translated to fhir",
            ))),
            (Format::X12, Aim::Fhir | Aim::Pas | Aim::Other) => self.translate_x12(input, see),
            (_, Aim::Fhir | Aim::Pas | Aim::Guide(_) | Aim::Other) => self.translate_json(input, see),
        }
    }

    fn convert(&self, input: &[u8], see: &mut See<'_>) {
        let outcome = match self.clinic.convert(input, self.account) {
            Ok(outcome) => outcome,
            Err(refused) => return see(Err(Refusal::whole(format!("{refused} ({})", refused.code())))),
        };
        let findings: Vec<Told> = outcome.notes.iter().map(Told::from).collect();
        let mut messages = on_one_line(outcome.bundle.clone()).into_bytes();
        messages.push(b'\n');
        see(Ok(Delivery {
            subject: &Subject {
                kind: "ClinicalDocument".to_owned(),
                ..Subject::default()
            },
            made: Made::Converted(&outcome, self.clinic.hash()),
            findings: &findings,
            produced: Vec::new(),
            messages,
        }));
    }

    fn translate_x12(&self, input: &[u8], see: &mut See<'_>) {
        let (arrived, around) = intake::read(input, self.guides.set(), false);
        let answers = x12::answers(input);
        let nothing = arrived.is_empty() && answers.is_empty();
        let (heard, arrived): (Vec<Arrived>, Vec<Arrived>) = arrived
            .into_iter()
            .partition(|arrived| !answers.is_empty() && heard::is_answer(arrived));
        for arrived in arrived {
            self.translate_arrived(&arrived, see);
        }
        self.tell_answers(&answers, &heard, see);
        if around.iter().any(Told::refuses) {
            let mut refused = Refusal::whole("something in it belongs to no transaction that is whole");
            refused.findings = around;
            see(Err(refused));
        } else if nothing {
            see(Err(Refusal::whole("there is no transaction in it")));
        }
    }

    #[expect(clippy::result_large_err, reason = "it is told at once and kept nowhere")]
    fn translate_arrived(&self, arrived: &Arrived, see: &mut See<'_>) {
        let refuse = |reason: String| {
            let mut findings: Vec<Told> = Vec::new();
            findings.extend(arrived.findings.iter().filter(|told| told.refuses()).cloned());
            Err(Refusal {
                subject: arrived.subject.clone(),
                reason,
                findings,
            })
        };
        let Some(transaction) = &arrived.transaction else {
            return see(refuse(not_assembled(arrived)));
        };
        if transaction.payloads().iter().any(|payload| payload.broken) {
            return see(refuse("the end of its attachment is not known".to_owned()));
        }
        if arrived.rejected && !self.lenient {
            return see(refuse(
                "its check refuses it; with --lenient it is translated all the same".to_owned(),
            ));
        }
        let from = |side: &Side| matches!(side, Side::X12(frame) if frame.name == transaction.frame().name);
        let to = |side: &Side| matches!(side, Side::Fhir(_));
        let Some(program) = self.program(from, to) else {
            return see(refuse(no_mapping(&arrived.subject, "FHIR")));
        };
        let context = self.context();
        let translation = translate::from_x12(program, transaction, &context, Lineage::Kept);
        if let Some(reason) = unfinished(&translation) {
            return see(refuse(reason));
        }
        let mut produced = Vec::new();
        for document in translation.documents() {
            match crate::fhir::json::read(document.as_bytes()) {
                Ok(value) => produced.extend(documents::findings(kind_of(&value), &value)),
                Err(refusal) => produced.push(Told::from(&refusal.finding())),
            }
        }
        if !self.lenient && produced.iter().any(Told::refuses) {
            return see(Err(faulty(&arrived.subject, produced)));
        }
        let mut messages = Vec::new();
        for document in translation.documents() {
            messages.extend_from_slice(on_one_line(document).as_bytes());
            messages.push(b'\n');
        }
        see(Ok(Delivery {
            subject: &arrived.subject,
            made: Made::Mapped(&translation, Original::X12(transaction)),
            findings: &arrived.findings,
            produced,
            messages,
        }));
    }

    fn translate_json(&self, input: &[u8], see: &mut See<'_>) {
        match documents::read(input) {
            Ok(batches) => {
                for batch in &batches {
                    self.translate_batch(batch, see);
                }
            }
            Err(refusal) => see(Err(refusal)),
        }
    }

    fn translate_batch(&self, batch: &Batch<'_>, see: &mut See<'_>) {
        // Only PAS asks in bundles, and a bundle has no other side.
        let is_bundle = batch.subject.kind == "Bundle" && self.aim == Aim::Other;
        if matches!(self.aim, Aim::Fhir | Aim::Pas) || is_bundle {
            return self.revise(batch, see);
        }
        match self.checked(batch) {
            Err(reason) => see(Err(refusal(batch, reason))),
            Ok((program, guide)) => self.translate_checked(batch, program, guide, see),
        }
    }

    /// The mapping and the guide for some resources, if they may be translated.
    fn checked(&self, batch: &Batch<'_>) -> Result<(&Program, &'static str), String> {
        if batch.values.iter().any(documents::asks_for_data) {
            return Err("a request for data has no form in X12".to_owned());
        }
        let kind = batch.subject.kind.as_str();
        let guide = match self.aim {
            Aim::Guide(guide) => guide,
            Aim::Fhir | Aim::Pas | Aim::Other => usual_guide(batch),
        };
        let frame = Frame::of_guide(guide);
        let from = |side: &Side| matches!(side, Side::Fhir(known) if **known == *kind);
        let to = |side: &Side| matches!(side, Side::X12(known) if frame.is_some_and(|frame| frame.name == known.name));
        let Some(program) = self.program(from, to) else {
            return Err(no_mapping(&batch.subject, guide));
        };
        if batch.findings.iter().any(Told::refuses) && !self.lenient {
            return Err("its profile refuses it; with --lenient it is translated all the same".to_owned());
        }
        Ok((program, guide))
    }

    fn translate_checked(&self, batch: &Batch<'_>, program: &Program, guide: &str, see: &mut See<'_>) {
        let resources = match Resources::read(&batch.texts) {
            Ok(resources) => resources,
            Err(fault) => return see(Err(refusal(batch, fault.to_string()))),
        };
        let control = self.written.get() + 1;
        let mut context = self.context().with("guide", guide);
        if context.named("control-number").is_none() {
            context = context.with("control-number", &format!("{control:04}"));
        }
        let translation = translate::from_fhir(program, &resources, &context, Lineage::Kept);
        if let Some(reason) = unfinished(&translation) {
            return see(Err(refusal(batch, reason)));
        }
        let transactions: Vec<Transaction> = translation.transactions().cloned().collect();
        let (envelope, first) = (&self.knowledge.envelope, self.knowledge.envelope.control);
        let number = first.saturating_add(control - 1);
        let messages = match envelope::write(&transactions, guide, envelope, self.stamp, number) {
            Ok(messages) => messages,
            Err(refused) => return see(Err(refusal(batch, refused.to_string()))),
        };
        let produced = self.check_produced(&messages);
        if !self.lenient && produced.iter().any(Told::refuses) {
            return see(Err(faulty(&batch.subject, produced)));
        }
        self.written.set(control);
        see(Ok(Delivery {
            subject: &batch.subject,
            made: Made::Mapped(&translation, Original::Fhir(&batch.values)),
            findings: &batch.findings,
            produced,
            messages,
        }));
    }

    /// What our own check says of an interchange that we made.
    fn check_produced(&self, messages: &[u8]) -> Vec<Told> {
        let (arrived, mut found) = intake::read(messages, self.guides.set(), false);
        found.extend(arrived.into_iter().flat_map(|arrived| arrived.findings));
        found
    }

    /// The first mapping that reads and makes what is wanted; those for PAS are only used when PAS is.
    fn program(&self, from: impl Fn(&Side) -> bool, to: impl Fn(&Side) -> bool) -> Option<&Program> {
        let for_pas = |program: &Program| program.id.starts_with(FOR_PAS);
        let fits = |program: &&Program| {
            let is_wanted = self.mapping.is_some() || for_pas(program) == (self.aim == Aim::Pas);
            is_wanted && from(&program.from) && to(&program.to)
        };
        match &self.mapping {
            Some(id) => self.library.program(id).filter(fits),
            None => self.library.programs().iter().find(fits),
        }
    }

    pub(super) fn context(&self) -> Context {
        let context = self.knowledge.context.clone();
        let known = |name| context.named(name).is_some();
        let (date, time) = (known("date"), known("time"));
        let context = if date {
            context
        } else {
            context.with("date", self.stamp.date())
        };
        if time {
            context
        } else {
            context.with("time", self.stamp.time())
        }
    }
}

pub(super) fn refusal(batch: &Batch<'_>, reason: String) -> Refusal {
    Refusal {
        subject: batch.subject.clone(),
        reason,
        findings: batch
            .findings
            .iter()
            .filter(|told| told.refuses())
            .cloned()
            .collect(),
    }
}

/// The refusal to send what the receiver would refuse.
pub(super) fn faulty(subject: &Subject, produced: Vec<Told>) -> Refusal {
    Refusal {
        subject: subject.clone(),
        reason:
            "it lacks what a sound message needs; --context can tell more, and with --lenient it is made \
                 all the same. In what would come out:"
                .to_owned(),
        findings: produced.into_iter().filter(Told::refuses).collect(),
    }
}

/// Why the reader made no transaction of what arrived.
fn not_assembled(arrived: &Arrived) -> String {
    if Frame::of_guide(&arrived.subject.guide).is_some() {
        "it has no end".to_owned()
    } else {
        no_mapping(&arrived.subject, "FHIR")
    }
}

/// Why what a translation made is no message.
fn unfinished(translation: &Translation<'_>) -> Option<String> {
    if let Some(rule) = translation.missing().next() {
        let (name, file, line) = (&rule.name, &rule.file, rule.line);
        if let Some(refusal) = &rule.refusal {
            return Some(format!("{refusal} ({file}:{line})"));
        }
        let known = variables(translation.program(), name);
        if !known.is_empty() {
            return Some(format!(
                "it does not say what {name} must write ({file}:{line}); --context can tell it as {known}"
            ));
        }
        return Some(format!(
            "there is nothing for {name} to write, which must be there ({file}:{line})"
        ));
    }
    translation
        .is_empty()
        .then(|| "nothing in it becomes a message".to_owned())
}

/// The variables that a row would take, by their names.
fn variables(program: &Program, rule: &str) -> String {
    let rows = program.operations.iter().filter_map(|operation| match operation {
        Operation::Row(row) if *program.rule(row.rule).name == *rule => Some(row),
        Operation::Row(_) | Operation::Scope(_) => None,
    });
    let places = rows.flat_map(|row| row.from.of(&program.places));
    let names = places.filter_map(|place| match place {
        Source::Variable(variable) => Some(variable.name()),
        Source::X12(_) | Source::Fhir(_) => None,
    });
    names.collect::<Vec<&str>>().join(" or ")
}

/// The guide that a resource is translated to where none is asked for.
fn usual_guide(batch: &Batch<'_>) -> &'static str {
    let prior = |value: &Value| {
        let parameters = value.get("parameter").and_then(Value::as_array);
        parameters.into_iter().flatten().any(|parameter| {
            let text = |name| parameter.get(name).and_then(Value::as_str);
            text("name") == Some("AttachTo") && text("valueCode") == Some("preauthorization")
        })
    };
    match batch.subject.kind.as_str() {
        "Parameters" if batch.values.iter().any(prior) => "006020X316",
        "Parameters" => "006020X314",
        _ => "006020X313",
    }
}

/// A JSON text on one line. What was taken over as it was may have breaks; none of them is inside a string, where JSON
/// has them escaped, so blanks say the same.
pub(crate) fn on_one_line(document: String) -> String {
    if document.contains(['\n', '\r']) {
        document.replace(['\n', '\r'], " ")
    } else {
        document
    }
}

pub(super) fn kind_of(value: &Value) -> &str {
    value
        .get("resourceType")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn no_mapping(subject: &Subject, to: &str) -> String {
    let article = if subject.kind.starts_with(['A', 'E', 'I', 'O', 'U', '8']) {
        "an"
    } else {
        "a"
    };
    match (subject.kind.as_str(), subject.guide.as_str()) {
        ("", _) => "it does not say what resource it is".to_owned(),
        (kind, "") => format!("no mapping makes {to} of {article} {}", word(kind)),
        (kind, guide) => format!(
            "no mapping makes {to} of {article} {} of {}",
            word(kind),
            word(guide)
        ),
    }
}
