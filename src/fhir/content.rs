//! What an attachment is made of: the document behind whatever resource carries it.

use super::element::Attachment;
use super::kept::Resource;
use super::leaf::Text;
use super::resource::Binary;
use super::resource::DocumentReference;
use super::resource::bundle::Bundle;

/// The content of an attachment, by the kind of resource that carries it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// A document of any format, inline or by address.
    Document(Box<DocumentReference>),
    /// Bytes of any format.
    Binary(Box<Binary>),
    /// A FHIR document or another bundle.
    Bundle(Box<Bundle>),
    /// Answers to a questionnaire, as they came.
    Answers(Resource),
    /// Another resource, as it came.
    Other(Resource),
}

impl Content {
    /// Looks into `resource`.
    pub fn of(resource: &Resource) -> Self {
        let kind = resource.kind();
        let found = match kind {
            Some("DocumentReference") => DocumentReference::inside(resource)
                .map(Box::new)
                .map(Self::Document),
            Some("Binary") => Binary::inside(resource).map(Box::new).map(Self::Binary),
            Some("Bundle") => Bundle::inside(resource).map(Box::new).map(Self::Bundle),
            Some("QuestionnaireResponse") => Some(Self::Answers(resource.clone())),
            _ => None,
        };
        found.unwrap_or_else(|| Self::Other(resource.clone()))
    }

    /// The formats in which a document comes, the first one first.
    pub fn formats(&self) -> impl Iterator<Item = &Attachment> {
        let contents = match self {
            Self::Document(document) => document.contents.as_slice(),
            Self::Binary(_) | Self::Bundle(_) | Self::Answers(_) | Self::Other(_) => &[],
        };
        contents.iter().filter_map(|content| content.attachment.as_ref())
    }

    /// The bytes as base64, or what stands for them where they were cut out, if they are inline.
    pub fn inline(&self) -> Option<&Text> {
        match self {
            Self::Binary(binary) => binary.content.as_ref(),
            Self::Document(_) => self.formats().find_map(|attachment| attachment.content.as_ref()),
            Self::Bundle(_) | Self::Answers(_) | Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::place::Place;
    use crate::fhir::json;

    fn of(text: &str) -> Content {
        let place = Place::Fhir {
            expression: "Parameters.parameter[7].part[1].resource".into(),
        };
        Content::of(&Resource::new(json::read(text.as_bytes()).unwrap(), place))
    }

    #[test]
    fn a_document_shows_its_formats_with_their_places() {
        let content = of(r#"{"resourceType":"DocumentReference","content":[
            {"attachment":{"contentType":"text/xml","url":"https://a.example/1"}},{"attachment":{"data":"QUJD"}}]}"#);
        assert_eq!(content.formats().count(), 2);
        let inline = content.inline().unwrap();
        assert_eq!(inline.disclose(), "QUJD");
        let expected = "Parameters.parameter[7].part[1].resource.content[1].attachment.data";
        assert_eq!(
            inline.source,
            crate::fhir::leaf::Source::Read(Place::Fhir {
                expression: expected.into()
            })
        );
    }

    #[test]
    fn other_resources_are_told_apart() {
        assert!(matches!(
            of(r#"{"resourceType":"Binary","data":"QUJD"}"#),
            Content::Binary(_)
        ));
        assert!(matches!(of(r#"{"resourceType":"Bundle"}"#), Content::Bundle(_)));
        assert!(matches!(
            of(r#"{"resourceType":"QuestionnaireResponse"}"#),
            Content::Answers(_)
        ));
        assert!(matches!(
            of(r#"{"resourceType":"Observation"}"#),
            Content::Other(_)
        ));
        assert!(of(r#"{"resourceType":"Observation"}"#).inline().is_none());
    }
}
