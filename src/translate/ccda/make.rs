//! The closed list of functions that rows name in `as`.

use super::conversion::Conversion;
use super::json::Slot;
use super::note;
use super::rules::Row;
use super::special;
use super::types::concept::Fallback;
use super::types::number;
use super::types::person_name;
use crate::ccda::Node;
use crate::ccda::n;

/// Writes an element of what a node of the source says; `false` if it says nothing.
pub(super) type Make = for<'t> fn(&mut Conversion<'t>, &'t Row, Slot<'_>, Node<'t>) -> bool;

/// The function called `name`.
pub(super) fn function(name: &str) -> Option<Make> {
    let make: Make = match name {
        "object" => object,
        "fixed" => |c, row, slot, _| c.w.raw(slot, row.fixed.as_deref().unwrap_or_default()),
        "identifier" => |c, _, slot, node| c.identifier(slot, node),
        "concept" => |c, _, slot, node| c.concept(slot, node),
        "concept-else-text" => |c, _, slot, node| c.concept_with(slot, node, Fallback::Uncoded),
        "concept-with-text" => |c, _, slot, node| c.concept_with(slot, node, Fallback::Always),
        "coding" => |c, _, slot, node| c.coding(slot, node),
        "text-concept" => text_concept,
        "code" => code,
        "mapped" => mapped,
        "text" => text,
        "attribute" => attribute,
        "name" => |c, _, slot, node| c.w.collapsed(slot, &person_name::as_text(node)),
        "dateTime" => |c, _, slot, node| c.date_time(slot, node),
        "date" => |c, _, slot, node| c.date(slot, node),
        "instant" => |c, _, slot, node| c.instant(slot, node),
        "period" => |c, _, slot, node| c.period(slot, node),
        "time" => |c, _, slot, node| c.time(slot, node),
        "quantity" => |c, _, slot, node| c.quantity(slot, node),
        "simple-quantity" => |c, _, slot, node| c.quantity_with(slot, node, ""),
        "age" => |c, _, slot, node| c.age(slot, node),
        "interval" => |c, _, slot, node| c.interval(slot, node),
        "range" => |c, _, slot, node| c.range(slot, node),
        "ratio" => |c, _, slot, node| c.ratio(slot, node),
        "value" => |c, _, slot, node| c.value(slot, node),
        "boolean" => boolean,
        "positiveInt" => positive,
        "absent" => absent,
        "absent-concept" => absent_concept,
        "attachment" => |c, _, slot, node| c.attachment(slot, node),
        "patient" => |c, _, slot, _| c.refer_to_patient(slot),
        "document-encounter" => |c, _, slot, _| c.encounter.is_some_and(|id| c.refer(slot, id)),
        "actor" => |c, _, slot, node| c.actor(slot, node),
        "person" => |c, _, slot, node| c.person(slot, node),
        "organization" => |c, _, slot, node| c.organization_actor(slot, node),
        "location" => |c, _, slot, node| c.location(slot, node),
        "device" => |c, _, slot, node| c.device(slot, node),
        "telecom" => |c, _, slot, node| c.telecom(slot, node, true),
        "address" => |c, _, slot, node| c.address(slot, node, true),
        "statement" => |c, _, slot, node| c.refer_to_statement(slot, node),
        "linked" => |c, _, slot, node| c.refer_by_id(slot, node),
        "narrative" => |c, _, _, node| c.section_text(node, 0),
        name => return special::function(name),
    };
    Some(make)
}

fn object<'t>(c: &mut Conversion<'t>, row: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let mark = c.w.mark();
    let object = c.w.open(slot);
    let whole = c.rows(&row.rows, node);
    let written = c.w.close(object);
    if !whole {
        c.w.rewind(mark);
    }
    written && whole
}

/// A concept of text only.
fn text_concept<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some(text) = c.text_of(node) else { return false };
    let object = c.w.open(slot.typed("CodeableConcept"));
    c.w.collapsed("text", &text);
    c.w.close(object)
}

/// The `code` of a node, or its `value`, as the table translates it.
fn code<'t>(c: &mut Conversion<'t>, row: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let Some(found) = spelled(node, row) else {
        return false;
    };
    match &row.map {
        None => !found.contains(char::is_whitespace) && c.w.text(slot, found),
        Some(table) => {
            let rules = c.rules;
            let known = rules
                .value(table, found)
                .or_else(|| rules.value(table, &found.to_ascii_lowercase()));
            if row.to == "status" && !c.knows(table, found) {
                c.note(note::STATUS_UNKNOWN, node);
            }
            known.is_some_and(|to| c.w.text(slot, to))
        }
    }
}

/// The code in the attribute that the path ends with, else in `code` or `value`.
fn spelled<'t>(node: Node<'t>, row: &Row) -> Option<&'t str> {
    let attribute = row.from.iter().find_map(|path| path.attribute);
    match attribute {
        Some(attribute) => node.attribute(attribute),
        None => node.attribute(n::CODE).or_else(|| node.attribute(n::VALUE)),
    }
}

/// A concept whose one coding is what the table makes of the code, or of one of its translations.
fn mapped<'t>(c: &mut Conversion<'t>, row: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let (Some(table), Some(system)) = (&row.map, &row.system) else {
        return false;
    };
    let rules = c.rules;
    let candidates = std::iter::once(node).chain(node.all(n::TRANSLATION));
    let mut codes = candidates.filter_map(|node| spelled(node, row));
    let Some(code) = codes.find_map(|code| {
        rules
            .value(table, code)
            .or_else(|| rules.value(table, &code.to_ascii_lowercase()))
    }) else {
        return false;
    };
    let object = c.w.open(slot.typed("CodeableConcept"));
    let list = c.w.open_list("coding");
    let coding = c.w.open(Slot::Element);
    c.w.text("system", system);
    c.w.text("code", code);
    c.w.close(coding);
    c.w.close_list(list);
    c.w.close(object)
}

fn text<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    match c.text_of(node) {
        Some(text) => c.w.text(slot.typed("String"), &text),
        None => false,
    }
}

/// An attribute as text.
fn attribute<'t>(c: &mut Conversion<'t>, row: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    spelled(node, row).is_some_and(|value| c.w.collapsed(slot.typed("String"), value))
}

fn boolean<'t>(c: &mut Conversion<'t>, row: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    match spelled(node, row) {
        Some("true" | "1") => c.w.boolean(slot.typed("Boolean"), true),
        Some("false" | "0") => c.w.boolean(slot.typed("Boolean"), false),
        _ => false,
    }
}

fn positive<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let value = node.attribute(n::VALUE).and_then(number::integer);
    value
        .filter(|value| *value > 0)
        .is_some_and(|value| c.w.raw(slot.typed("PositiveInt"), &value.to_string()))
}

/// Why a value is absent: what the source says, else `unknown`.
fn absent_code<'t>(c: &Conversion<'t>, node: Node<'t>) -> &'t str {
    let rules = c.rules;
    let flavor = node.null_flavor().unwrap_or("UNK");
    rules.value("absent-reason", flavor).unwrap_or("unknown")
}

/// The extension that says why a value is absent.
fn absent<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let reason = absent_code(c, node);
    c.absent(slot, reason)
}

/// A concept that says why a value is absent.
fn absent_concept<'t>(c: &mut Conversion<'t>, _: &'t Row, slot: Slot<'_>, node: Node<'t>) -> bool {
    let reason = absent_code(c, node);
    let object = c.w.open(slot);
    let list = c.w.open_list("coding");
    let coding = c.w.open(Slot::Element);
    c.w.text(
        "system",
        "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    );
    c.w.text("code", reason);
    c.w.close(coding);
    c.w.close_list(list);
    c.w.close(object)
}

impl<'t> Conversion<'t> {
    /// Whether `table` has a row for `code` itself.
    fn knows(&self, table: &str, code: &str) -> bool {
        let table = self.rules.tables.values.get(table);
        table.is_some_and(|table| table.find(&code.to_ascii_lowercase()).is_some())
    }

    /// Writes an element that only says why it is absent.
    pub(super) fn absent(&mut self, slot: Slot<'_>, reason: &str) -> bool {
        let object = self.w.open(slot);
        let list = self.w.open_list("extension");
        let extension = self.w.open(Slot::Element);
        self.w.text(
            "url",
            "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        );
        self.w.text("valueCode", reason);
        self.w.close(extension);
        self.w.close_list(list);
        self.w.close(object)
    }

    /// Writes an Age: a Quantity whose unit is one of time.
    fn age(&mut self, slot: Slot<'_>, node: Node<'t>) -> bool {
        let Some(value) = node.attribute(n::VALUE).and_then(number::decimal) else {
            return false;
        };
        let rules = self.rules;
        let unit = node.attribute(n::UNIT).unwrap_or("a");
        let Some(code) = rules.value("age-unit", unit) else {
            return false;
        };
        if value.starts_with('-') || value.trim_matches(['0', '.']).is_empty() && code == "a" {
            // FHIR wants an age to be positive.
            return false;
        }
        let object = self.w.open(slot.typed("Age"));
        self.w.raw("value", &value);
        self.w.text("unit", unit);
        self.w.text("system", "http://unitsofmeasure.org");
        self.w.text("code", code);
        self.w.close(object)
    }
}
