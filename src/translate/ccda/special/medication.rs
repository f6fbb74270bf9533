//! Medication, dosage, dispense request.

mod dosage;

use crate::ccda::Node;
use crate::ccda::TemplateKey;
use crate::ccda::n;
use crate::translate::ccda::conversion::Conversion;
use crate::translate::ccda::json::Slot;
use crate::translate::ccda::make::Make;
use crate::translate::ccda::rules::Row;
use crate::translate::ccda::types::concept::Fallback;
use crate::translate::ccda::types::number;
use crate::translate::ccda::types::person_name;

/// The id of the contained Medication.
const CONTAINED: &str = "medication";

pub(super) fn function(name: &str) -> Option<Make> {
    match name {
        "medication" => Some(medication),
        "no-medication" => Some(no_medication),
        "medication-intent" => Some(intent),
        "requester" => Some(requester),
        "dispense-request" => Some(dispense_request),
        "dosage" => Some(|c, _, slot, node| c.dosage(slot, node)),
        "administration-dosage" => Some(|c, _, slot, node| c.administration_dosage(slot, node)),
        "maker" => Some(maker),
        "still-active" => Some(still_active),
        "absent-unknown" => Some(|c, _, slot, _| c.absent(slot, "unknown")),
        "occurrence-unknown" => Some(|c, _, slot, _| c.w.text(slot.typed("String"), "unknown")),
        _ => None,
    }
}

fn template(number: u16) -> TemplateKey {
    TemplateKey::new(&format!("2.16.840.1.113883.10.20.22.4.{number}"))
}

/// The statements of the template `number` related to `node`.
pub(super) fn related(node: Node<'_>, number: u16) -> impl Iterator<Item = Node<'_>> {
    let key = template(number);
    node.all(n::ENTRY_RELATIONSHIP)
        .flat_map(Node::children)
        .filter(move |inner| inner.has_template(key))
}

/// What a product is, as a concept or as a contained resource where there is more to say than its code.
fn medication<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, product: Node<'t>) -> bool {
    let Some(material) = product
        .child(n::MANUFACTURED_MATERIAL)
        .or_else(|| product.child(n::MANUFACTURED_LABELED_DRUG))
    else {
        return false;
    };
    let statement = c.statement;
    let form = statement
        .child(n::ADMINISTRATION_UNIT_CODE)
        .filter(|form| form.attribute(n::CODE).is_some());
    let maker = product
        .child(n::MANUFACTURER_ORGANIZATION)
        .and_then(|maker| maker.child(n::NAME))
        .filter(|name| person_name::speaks(*name));
    let lot = material
        .child(n::LOT_NUMBER_TEXT)
        .filter(|lot| person_name::speaks(*lot));
    let vehicles = vehicles(statement);
    if form.is_none() && maker.is_none() && lot.is_none() && vehicles.is_empty() {
        return named(c, slot.typed("CodeableConcept"), material);
    }
    let mark = c.w.mark();
    let list = c.w.open_list("contained");
    let object = c.w.open(Slot::Element);
    c.w.text("resourceType", "Medication");
    c.w.text("id", CONTAINED);
    let known = named(c, "code".into(), material);
    if let Some(maker) = maker {
        let reference = c.w.open("manufacturer");
        c.w.collapsed("display", &person_name::as_text(maker));
        c.w.close(reference);
    }
    if let Some(form) = form {
        c.concept("form".into(), form);
    }
    ingredients(c, vehicles);
    if let Some(lot) = lot {
        let batch = c.w.open("batch");
        c.w.collapsed("lotNumber", &lot.text());
        c.w.close(batch);
    }
    c.w.close(object);
    c.w.close_list(list);
    if !known {
        c.w.rewind(mark);
        return false;
    }
    let reference = c.w.open(slot.typed("Reference"));
    c.w.pieces("reference", &["#", CONTAINED]);
    c.w.close(reference)
}

/// What a medication is carried by, such as a solution.
fn vehicles(statement: Node<'_>) -> Vec<Node<'_>> {
    statement
        .all(n::PARTICIPANT)
        .filter_map(|participant| participant.child(n::PARTICIPANT_ROLE))
        .filter(|role| role.has_template(template(24)))
        .filter_map(|role| role.at(&[n::PLAYING_ENTITY, n::CODE]))
        .collect()
}

fn ingredients<'t>(c: &mut Conversion<'t>, vehicles: Vec<Node<'t>>) {
    let list = c.w.open_list("ingredient");
    for vehicle in vehicles {
        let ingredient = c.w.open(Slot::Element);
        if c.concept("itemCodeableConcept".into(), vehicle) {
            c.w.boolean("isActive", false);
        }
        c.w.close(ingredient);
    }
    c.w.close_list(list);
}

/// The code of a material, else its name, else the text of the statement.
fn named<'t>(c: &mut Conversion<'t>, slot: Slot<'_>, material: Node<'t>) -> bool {
    let code = material.child(n::CODE);
    let coded = code.is_some_and(|code| {
        code.attribute(n::CODE).is_some()
            || code
                .child(n::TRANSLATION)
                .is_some_and(|translation| translation.attribute(n::CODE).is_some())
            || code.child(n::ORIGINAL_TEXT).is_some()
    });
    if let Some(code) = code.filter(|_| coded)
        && c.concept(slot, code)
    {
        return true;
    }
    if let Some(text) = material.child(n::NAME).and_then(|name| c.text_of(name)) {
        let object = c.w.open(slot);
        c.w.collapsed("text", &text);
        return c.w.close(object);
    }
    code.is_some_and(|code| c.concept_with(slot, code, Fallback::Uncoded))
}

/// What an unnamed medication is called: the text of its statement, else unknown.
fn no_medication<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let text = node.child(n::TEXT).and_then(|text| c.text_of(text));
    let object = c.w.open(slot.typed("CodeableConcept"));
    match text {
        Some(text) => c.w.text("text", &text),
        None => c.w.text("text", "unknown"),
    };
    c.w.close(object)
}

/// Whether the entry, its section or the document has an author who can be the requester.
fn has_requester<'t>(c: &mut Conversion<'t>, node: Node<'t>) -> bool {
    requester_node(c, node).is_some()
}

fn requester_node<'t>(c: &mut Conversion<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let authors: Vec<Node<'t>> = std::iter::once(node)
        .chain(node.ancestors())
        .flat_map(|around| around.all(n::AUTHOR))
        .collect();
    authors.into_iter().find_map(|author| {
        let role = author.child(n::ASSIGNED_AUTHOR)?;
        c.party(role).map(|_| author)
    })
}

/// An order needs somebody who ordered; without one it is a plan.
fn intent<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let rules = c.rules;
    let mood = node.attribute(n::MOOD_CODE).unwrap_or("EVN");
    let intent = rules.value("medication-intent", mood).unwrap_or("plan");
    let own = node.child(n::AUTHOR).is_some_and(|author| {
        author
            .child(n::ASSIGNED_AUTHOR)
            .is_some_and(|role| crate::translate::ccda::participants::named_person(role).is_some())
    });
    let usable = intent != "order" || own || node.child(n::AUTHOR).is_none() && has_requester(c, node);
    c.w.text(slot, if usable { intent } else { "plan" })
}

fn requester<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    match requester_node(c, node) {
        Some(author) => c.actor(slot, author),
        None => false,
    }
}

fn dispense_request<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let order = if node.name() == n::SUPPLY {
        Some(node)
    } else {
        related(node, 17).next()
    };
    let dispense = related(node, 18).next();
    let sources: Vec<Node<'t>> = order.into_iter().chain(dispense).collect();
    for source in &sources {
        c.credit_source(*source);
    }
    let object = c.w.open(slot);
    let repeats = sources.iter().find_map(|source| {
        let number = source.child(n::REPEAT_NUMBER)?.attribute(n::VALUE)?;
        // CDA counts every fill, FHIR only those after the first.
        number::integer(number).map(|number| number - 1)
    });
    if let Some(repeats) = repeats.filter(|repeats| *repeats >= 0) {
        c.w.raw("numberOfRepeatsAllowed", &repeats.to_string());
    }
    for source in &sources {
        let Some(time) = source.child(n::EFFECTIVE_TIME) else {
            continue;
        };
        if c.period("validityPeriod".into(), time) {
            break;
        }
    }
    for source in &sources {
        let Some(quantity) = source.child(n::QUANTITY) else {
            continue;
        };
        if c.quantity_with("quantity".into(), quantity, "") {
            break;
        }
    }
    c.w.close(object)
}

/// A manufacturer by name.
fn maker<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some(name) = node.child(n::NAME).filter(|name| person_name::speaks(*name)) else {
        return false;
    };
    let object = c.w.open(slot);
    c.w.collapsed("display", &person_name::as_text(name));
    c.w.close(object)
}

/// That an order which is written down in full is still to be taken: it ends after the document was made.
fn still_active<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, end: Node<'t>) -> bool {
    let root = c.tree.root();
    let made = root.child(n::EFFECTIVE_TIME).and_then(|time| c.stamp_of(time));
    let ends = c.stamp(end);
    match (made, ends) {
        (Some(made), Some(ends)) if made.is_before(&ends) => c.w.text(slot, "active"),
        _ => false,
    }
}
