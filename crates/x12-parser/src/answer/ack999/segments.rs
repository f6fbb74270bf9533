//! What is wrong inside a transaction: IK3, CTX and IK4.

use crate::Code;
use crate::ElementError;
use crate::Finding;
use crate::SegmentError;
use crate::SegmentId;
use crate::SegmentWriter;
use crate::Severity;
use crate::Sink;
use crate::WriteError;
use crate::Writer;
use crate::answer::Limits;
use crate::answer::ta1::is_told;

/// Largest number of an element or component in its composite (DE 722, DE 1528).
const MAX_NUMBER: u8 = 99;

/// Writes the loops for all findings about segments and elements that the sender is told of, up to the limits.
pub(super) fn write<S: Sink>(
    findings: &[Finding],
    limits: Limits,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    let mut told: Vec<&Finding> = findings
        .iter()
        .filter(|finding| is_told(finding) && matches!(finding.code, Code::Segment(_) | Code::Element(_)))
        .collect();
    told.sort_by(|one, other| key(one).cmp(&key(other)));
    let segments: Vec<&[&Finding]> = told.chunk_by(|one, other| key(one) == key(other)).collect();
    for segment in gravest(segments, limits.segments) {
        write_segment(segment, limits, writer)?;
    }
    Ok(())
}

/// What makes two findings speak of one segment. Something missing has the position of the segment before which it was
/// missed, so the position alone does not tell.
fn key(finding: &Finding) -> (u32, SegmentId, Option<&str>) {
    (
        finding.place.position,
        finding.segment,
        finding.loop_id.as_deref(),
    )
}

/// At most `most` segments, in their order. Where some must be left out, errors stay before warnings.
fn gravest<'f>(mut segments: Vec<&'f [&'f Finding]>, most: usize) -> Vec<&'f [&'f Finding]> {
    if segments.len() > most {
        segments.sort_by_key(|findings| std::cmp::Reverse(weight(findings)));
        segments.truncate(most);
        segments.sort_by_key(|findings| findings.first().map(|finding| finding.place.position));
    }
    segments
}

fn weight(findings: &[&Finding]) -> Severity {
    findings
        .iter()
        .map(|finding| finding.severity)
        .max()
        .unwrap_or(Severity::Note)
}

fn write_segment<S: Sink>(
    findings: &[&Finding],
    limits: Limits,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    let mut elements = Vec::new();
    let mut told = Vec::new();
    for finding in findings {
        match finding.code {
            Code::Segment(error) if error != SegmentError::ElementsInError && !told.contains(&error) => {
                told.push(error);
                write_ik3(finding, error, writer)?;
            }
            Code::Segment(error) => told.push(error),
            Code::Element(error) => elements.push((*finding, error)),
            Code::Interchange(_)
            | Code::Group(_)
            | Code::Transaction(_)
            | Code::Content(_)
            | Code::Note(_) => {}
        }
    }
    if let Some(finding) = findings.first()
        && (!elements.is_empty() || told.contains(&SegmentError::ElementsInError))
    {
        write_ik3(finding, SegmentError::ElementsInError, writer)?;
        for (finding, error) in elements.into_iter().take(limits.elements) {
            write_ik4(finding, error, writer)?;
        }
    }
    Ok(())
}

fn write_ik3<S: Sink>(
    finding: &Finding,
    error: SegmentError,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    let segment = writer.segment("IK3");
    place(segment, finding).element(error.as_str()).end()
}

/// The id of the segment, its position, and its loop.
fn place<'w, S: Sink>(segment: SegmentWriter<'w, S>, finding: &Finding) -> SegmentWriter<'w, S> {
    // What stands in the place of an id may be anything; `ZZZ` is no segment and stands for it.
    let id = if finding.segment.is_well_formed() {
        finding.segment.as_str()
    } else {
        "ZZZ"
    };
    let loop_id = finding.loop_id.as_deref().filter(|id| is_loop_id(id));
    segment
        .element(id)
        .number(u64::from(finding.place.position.max(1)))
        .element(loop_id.unwrap_or_default())
}

/// Loop ids come out of guide files, so what could not be told as one is left out.
fn is_loop_id(id: &str) -> bool {
    (1..=6).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn write_ik4<S: Sink>(
    finding: &Finding,
    error: ElementError,
    writer: &mut Writer<S>,
) -> Result<(), WriteError> {
    // Without an element there is no place to name; the IK3 has told that some element is wrong.
    let Some(element) = finding.element.filter(|place| place.element > 0) else {
        return Ok(());
    };
    let part = |number: u8| match number {
        0 => String::new(),
        number => number.to_string(),
    };
    let dictionary = element.dictionary.filter(|number| (1..=9999).contains(number));
    writer
        .segment("IK4")
        .element(&part(element.element.min(MAX_NUMBER)))
        .component(&part(element.component.min(MAX_NUMBER)))
        .component(&part(element.repetition))
        .element(&dictionary.map(|number| number.to_string()).unwrap_or_default())
        .element(error.as_str())
        .end()?;
    if depends(error) {
        write_trigger(finding, element.element.min(MAX_NUMBER), writer)?;
    }
    Ok(())
}

/// Whether an error only exists because of what stands elsewhere.
const fn depends(error: ElementError) -> bool {
    matches!(
        error,
        ElementError::DependentMissing | ElementError::DependentNotUsed
    )
}

/// Names the segment whose content brought the rule about.
fn write_trigger<S: Sink>(finding: &Finding, element: u8, writer: &mut Writer<S>) -> Result<(), WriteError> {
    let segment = writer.segment("CTX").element("SITUATIONAL TRIGGER");
    place(segment, finding).number(u64::from(element)).end()
}
