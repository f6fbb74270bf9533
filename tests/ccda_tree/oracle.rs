//! Two readers' trees as comparable lines.

use cartage::ccda::Node;
use cartage::ccda::n;

/// What one node is: its depth, its name with the namespace, its attributes in order, or its text.
pub(crate) type Line = (usize, String, Vec<(String, String)>);

const V3: &str = "urn:hl7-org:v3";

/// The document as roxmltree reads it, without what our tree leaves out.
pub(crate) fn tell(text: &str) -> Result<Vec<Line>, roxmltree::Error> {
    let document = roxmltree::Document::parse(text)?;
    let mut lines = Vec::new();
    for node in document.root_element().descendants() {
        let depth = node.ancestors().count() - 2;
        if node.is_element() {
            let attributes = node
                .attributes()
                .map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()));
            lines.push((depth, node.tag_name().name().to_owned(), attributes.collect()));
        } else if node.is_text() {
            let written = node.text().unwrap();
            let kept = !written.bytes().all(|byte| byte.is_ascii_whitespace()) || in_narrative(node);
            // A comment cuts a text in two for roxmltree and not for us.
            let after_comment = node
                .prev_sibling()
                .is_some_and(|before| before.is_comment() || before.is_pi());
            let last = lines
                .last_mut()
                .filter(|(_, name, _): &&mut Line| name == "#text");
            match last {
                Some((its_depth, _, text)) if *its_depth == depth && after_comment => {
                    text[0].1.push_str(written);
                }
                _ if kept || touches_comment(node) => {
                    lines.push((
                        depth,
                        "#text".to_owned(),
                        vec![(String::new(), written.to_owned())],
                    ));
                }
                _ => {}
            }
        }
    }
    lines.retain(|(_, name, text)| {
        name != "#text" || text.len() != 1 || !text[0].0.is_empty() || !text[0].1.trim_ascii().is_empty()
    });
    Ok(lines)
}

fn touches_comment(node: roxmltree::Node<'_, '_>) -> bool {
    let passed_over = |other: Option<roxmltree::Node<'_, '_>>| {
        other.is_some_and(|other| other.is_comment() || other.is_pi())
    };
    passed_over(node.prev_sibling()) || passed_over(node.next_sibling())
}

fn in_narrative(node: roxmltree::Node<'_, '_>) -> bool {
    node.ancestors().any(|around| around.has_tag_name((V3, "text")))
}

/// The document as we read it; white space alone is left out, as in [`tell`].
pub(crate) fn tell_ours(root: Node<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for node in std::iter::once(root).chain(root.descendants()) {
        let depth = node.ancestors().count();
        if node.is_text() {
            if !node.own_text().trim_ascii().is_empty() {
                let text = node.own_text().to_owned();
                lines.push((depth, "#text".to_owned(), vec![(String::new(), text)]));
            }
        } else {
            let attributes = node.attribute_list().map(|(name, value)| {
                let name = if name == n::XSI_TYPE {
                    "type"
                } else {
                    name.local().unwrap_or("")
                };
                (name.to_owned(), value.to_owned())
            });
            lines.push((depth, node.local_name().to_owned(), attributes.collect()));
        }
    }
    lines
}

/// Attributes that CDA does not have are compared by their values only: our tree need not spell them.
pub(crate) fn forget_unknown_names(ours: &[Line], theirs: &mut [Line]) {
    for (ours, theirs) in ours.iter().zip(theirs) {
        for ((name, _), (their_name, _)) in ours.2.iter().zip(&mut theirs.2) {
            if name.is_empty() {
                their_name.clear();
            }
        }
    }
}
