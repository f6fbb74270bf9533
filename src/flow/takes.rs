//! What attachments a partner takes: a submission that brings others is refused, because they would be refused there.

use serde_json::Value;

use crate::base::media;
use crate::fhir::json;
use crate::flow::heavy::Cut;
use crate::flow::material::Material;
use crate::flow::meaning::list;
use crate::flow::meaning::named;
use crate::flow::meaning::text;
use crate::flow::settings::Takes;
use crate::x12::Transaction;

/// Why a partner does not take a submission.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum NotTaken {
    /// One of its attachments is too large.
    #[error("its receiver takes no attachment so large")]
    TooLarge,
    /// It has too many of them.
    #[error("its receiver takes fewer attachments in one message")]
    TooMany,
    /// One of them is of another kind.
    #[error("its receiver takes no attachment of such a media type")]
    OtherMedia,
}

/// An attachment, as far as it matters here.
struct Attached {
    octets: u64,
    /// Its media type, if it says one.
    media: Option<String>,
}

/// Whether a partner takes what a submission brings.
///
/// # Errors
/// Says why not.
pub(crate) fn judge(takes: &Takes, material: &Material) -> Result<(), NotTaken> {
    if *takes == Takes::default() {
        return Ok(());
    }
    let all = attached(material);
    if takes.most.is_some_and(|most| all.len() as u64 > most) {
        return Err(NotTaken::TooMany);
    }
    for one in &all {
        if takes.largest.is_some_and(|largest| one.octets > largest) {
            return Err(NotTaken::TooLarge);
        }
        let is_named = |said: &String| {
            takes
                .media_types
                .iter()
                .any(|known| media::bare(known) == media::bare(said))
        };
        if !takes.media_types.is_empty() && one.media.as_ref().is_some_and(|media| !is_named(media)) {
            return Err(NotTaken::OtherMedia);
        }
    }
    Ok(())
}

fn attached(material: &Material) -> Vec<Attached> {
    let document = material.document.as_ref();
    if let Some(parameters) = document.and_then(|document| json::read(document.0.as_bytes()).ok()) {
        let mut found = Vec::new();
        for attachment in named(&parameters, "Attachment") {
            let parts = list(attachment, "part").filter(|part| text(part, "name") == Some("Content"));
            let resources = parts.filter_map(|part| part.get("resource"));
            for resource in attachment.get("resource").into_iter().chain(resources) {
                contents(resource, &material.cuts, &mut found);
            }
        }
        return found;
    }
    let payloads = material.transaction.iter().flat_map(Transaction::payloads);
    let octets = payloads.map(|payload| {
        let cut = material.cuts.iter().find(|cut| cut.stands_as(&payload.octets));
        cut.map_or(payload.octets.len() as u64, Cut::octets)
    });
    octets.map(|octets| Attached { octets, media: None }).collect()
}

/// What a resource holds: the documents of a `DocumentReference`, the octets of a `Binary`, or itself.
fn contents(resource: &Value, cuts: &[Cut], found: &mut Vec<Attached>) {
    let document = |holder: &Value| Attached {
        octets: match text(holder, "data") {
            Some(data) => octets(data, cuts),
            // What is named by address only says itself how large it is, if it does.
            None => holder.get("size").and_then(Value::as_u64).unwrap_or_default(),
        },
        media: text(holder, "contentType").map(str::to_owned),
    };
    match text(resource, "resourceType") {
        Some("DocumentReference") => {
            let attachments = list(resource, "content").filter_map(|content| content.get("attachment"));
            found.extend(attachments.map(document));
        }
        Some("Binary") => found.push(document(resource)),
        _ => found.push(Attached {
            octets: json::text(resource).len() as u64,
            media: Some("application/fhir+json".to_owned()),
        }),
    }
}

/// How many octets base 64 stands for, or what stands in for it.
fn octets(data: &str, cuts: &[Cut]) -> u64 {
    if let Some(cut) = cuts.iter().find(|cut| cut.reads_as(data)) {
        return cut.octets();
    }
    let digits = data
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=');
    digits.count() as u64 * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::material::Document;
    use crate::routing::key::Message;
    use serde_json::json;

    fn material(resources: &[Value]) -> Material {
        let attachment =
            |resource| json!({"name": "Attachment", "part": [{"name": "Content", "resource": resource}]});
        let attachments: Vec<Value> = resources.iter().map(attachment).collect();
        let parameters = json!({"resourceType": "Parameters", "parameter": attachments});
        Material {
            came: Message::Attachment275,
            transaction: None,
            delimiters: None,
            document: Some(Document(parameters.to_string())),
            cuts: Vec::new(),
            raw: None,
        }
    }

    fn document(media: &str, data: &str) -> Value {
        let attachment = json!({"contentType": media, "data": data});
        json!({"resourceType": "DocumentReference", "content": [{"attachment": attachment}]})
    }

    #[test]
    fn who_says_nothing_takes_everything() {
        let all = material(&[document("image/gif", "R0lGODlh")]);
        assert_eq!(judge(&Takes::default(), &all), Ok(()));
    }

    #[test]
    fn what_is_too_large_too_much_or_of_another_kind_is_not_taken() {
        let takes = Takes {
            largest: Some(7),
            most: Some(2),
            media_types: vec!["application/pdf".to_owned(), "text/xml".to_owned()],
        };
        let small = document("Application/PDF; version=2", "SW52ZW50ZQ==");
        let unnamed = json!({"resourceType": "Binary", "data": "AAAA"});
        assert_eq!(
            judge(&takes, &material(&[small.clone(), unnamed.clone()])),
            Ok(())
        );
        let large = document("text/xml", "SW52ZW50ZWQ=");
        assert_eq!(judge(&takes, &material(&[large])), Err(NotTaken::TooLarge));
        let three = [small.clone(), unnamed, small];
        assert_eq!(judge(&takes, &material(&three)), Err(NotTaken::TooMany));
        let picture = document("image/gif", "R0lG");
        assert_eq!(judge(&takes, &material(&[picture])), Err(NotTaken::OtherMedia));
        let resource = json!({"resourceType": "Observation"});
        let found = judge(&takes, &material(&[resource]));
        assert_eq!(found, Err(NotTaken::TooLarge));
    }

    #[test]
    fn what_is_named_by_address_says_how_large_it_is() {
        let takes = Takes {
            largest: Some(7),
            ..Takes::default()
        };
        let named = |size| {
            let attachment = json!({"url": "https://lake.example/Binary/1", "size": size});
            material(&[json!({"resourceType": "DocumentReference", "content": [{"attachment": attachment}]})])
        };
        assert_eq!(judge(&takes, &named(7)), Ok(()));
        assert_eq!(judge(&takes, &named(8)), Err(NotTaken::TooLarge));
    }
}
