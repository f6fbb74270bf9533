//! A Task of one version of CDex in the words of another, with everything else as it was.

use super::element::Choice;
use super::element::Concept;
use super::element::Extension;
use super::element::Identifier;
use super::element::Reference;
use super::leaf::Leaf;
use super::leaf::Source;
use super::leaf::Text;
use super::made::Made;
use super::made::Omission;
use super::made::Unwritable;
use super::made::omit;
use super::resource::PractitionerRole;
use super::resource::task::Contained;
use super::resource::task::Detail;
use super::resource::task::Task;
use super::term::Spot;
use super::term::Term;
use super::term::canonical;
use super::term::reword;
use super::version::CdexVersion;
use super::version::Wire;

/// The request for attachments `task`, of CDex 1.1 to 3.0, in the words of `version`.
///
/// Unlike the way through [`AttachmentRequest`](super::attachment_request::AttachmentRequest), this keeps what no model
/// knows: texts beside codes, extensions, notes, the order of inputs. Line numbers change their extension, the owner
/// its form, codes their systems; what the version has no words for is left out and listed.
///
/// # Errors
/// 1.0.0 has no Task for attachments, and 1.1.0 none that asks for answers to a questionnaire.
pub fn in_words_of(mut task: Task, version: CdexVersion) -> Result<Made<Task>, Unwritable> {
    let refused = Unwritable::NoSuchMessage(version);
    let wire = Wire::Cdex(version);
    let code = task.code.as_mut();
    if version == CdexVersion::V1_0 || !code.is_none_or(|code| reword(code, Spot::Code, wire)) {
        return Err(refused);
    }
    let mut omitted = Vec::new();
    task.inputs
        .retain_mut(|input| keeps(input, Spot::Input, wire, "input", &mut omitted));
    task.outputs
        .retain_mut(|output| keeps(output, Spot::Output, wire, "output", &mut omitted));
    for input in &mut task.inputs {
        renumber(&mut input.extensions, version, &mut omitted);
    }
    if version < CdexVersion::V3_0 {
        task.identifiers.retain(|identifier| {
            let admin = is_admin(identifier);
            if admin {
                omit(&mut omitted, "admin-reference", identifier.value.as_ref());
            }
            !admin
        });
    }
    if version == CdexVersion::V1_1 {
        own_by_identifier(&mut task, &mut omitted);
    } else {
        own_by_role(&mut task);
    }
    for profile in task.meta.iter_mut().flat_map(|meta| &mut meta.profiles) {
        unversioned(profile);
    }
    Ok(Made { it: task, omitted })
}

/// Rewords a detail; false, with its value among what is left out, if `wire` has no words for it.
fn keeps(
    detail: &mut Detail,
    spot: Spot,
    wire: Wire,
    field: &'static str,
    omitted: &mut Vec<Omission>,
) -> bool {
    let said = detail
        .kind
        .as_mut()
        .is_none_or(|kind: &mut Concept| reword(kind, spot, wire));
    if !said {
        let place = detail
            .kind
            .as_ref()
            .and_then(|kind| kind.codings.first())
            .and_then(|coding| coding.code.as_ref());
        let source = place.map_or(Source::Fixed("cdex.input-type"), |leaf| leaf.source.clone());
        let mark = place.map_or(0, |leaf| leaf.mark);
        omitted.push(Omission { field, source, mark });
    }
    said
}

/// Puts line numbers into the extension of `version`.
fn renumber(extensions: &mut Vec<Extension>, version: CdexVersion, omitted: &mut Vec<Omission>) {
    let is_line = |extension: &Extension| {
        extension.is(canonical::LINE_NUMBER) || extension.is(canonical::SERVICE_LINE_NUMBER)
    };
    if version == CdexVersion::V1_1 {
        extensions.retain(|extension| {
            let line = is_line(extension);
            if line {
                omit(
                    omitted,
                    "item.line",
                    extension.value.as_ref().and_then(Choice::number),
                );
            }
            !line
        });
        return;
    }
    let (url, make): (&str, fn(Leaf<u32>) -> Choice) = match version {
        CdexVersion::V2_0 => (canonical::SERVICE_LINE_NUMBER, Choice::PositiveInt),
        _ => (canonical::LINE_NUMBER, Choice::Integer),
    };
    for extension in extensions.iter_mut().filter(|extension| is_line(extension)) {
        if let Some(number) = extension.value.as_ref().and_then(Choice::number) {
            extension.value = Some(make(number.clone()));
        }
        if let Some(name) = &extension.url
            && name.disclose() != url
        {
            extension.url = Some(name.derive(url.to_owned()));
        }
    }
}

/// Before 2.0 the owner is an identifier, and no role is contained.
fn own_by_identifier(task: &mut Task, omitted: &mut Vec<Omission>) {
    let Some(role) = task.practitioner_role().cloned() else {
        return;
    };
    let practitioner = role.practitioner.and_then(|reference| reference.identifier);
    let organization = role.organization.and_then(|reference| reference.identifier);
    if practitioner.is_some() {
        let left = organization
            .as_ref()
            .and_then(|identifier| identifier.value.as_ref());
        omit(omitted, "organization", left);
    }
    if let Some(identifier) = practitioner.or(organization) {
        task.owner = Some(Reference::to_identifier(identifier));
    }
    task.contained
        .retain(|contained| !matches!(contained, Contained::PractitionerRole(_)));
}

/// From 2.0 on the owner is a role that the Task contains.
fn own_by_role(task: &mut Task) {
    if task.practitioner_role().is_some() {
        return;
    }
    if let Some(owner) = task.owner.take() {
        let id = Some(Leaf::fixed(
            "practitionerrole".to_owned(),
            "cdex.practitioner-role-id",
        ));
        let role = PractitionerRole {
            id,
            practitioner: Some(owner),
            ..PractitionerRole::default()
        };
        task.contained.push(Contained::PractitionerRole(Box::new(role)));
        task.owner = Some(Reference::fixed("#practitionerrole", "cdex.task-owner"));
    }
}

fn is_admin(identifier: &Identifier) -> bool {
    identifier
        .kind
        .as_ref()
        .and_then(|kind| Term::of(kind, Spot::Identifier))
        == Some(Term::AdminRefNumber)
}

/// Takes the version off a profile, since it would be the wrong one.
fn unversioned(profile: &mut Text) {
    if let Some((url, _)) = profile.disclose().split_once('|') {
        *profile = profile.derive(url.to_owned());
    }
}
