//! Envelopes around what we send, with places for the control numbers that the commit takes (ROB-011).

use x12_parser::Delimiters;
use x12_parser::Event;
use x12_parser::GroupHead;
use x12_parser::InterchangeHead;
use x12_parser::Reader;
use x12_parser::Segment;
use x12_parser::Stamp;
use x12_parser::Usage;
use x12_parser::Version;
use x12_parser::WriteError;
use x12_parser::Writer;

use crate::flow::settings::Own;
use crate::flow::settings::X12Terms;
use crate::ledger::body::Body;
use crate::ledger::body::Draft;
use crate::ledger::body::NumberPlace;
use crate::ledger::body::NumberUse;
use crate::ledger::ids::Series;
use crate::ledger::ids::SeriesName;
use crate::ledger::ids::TenantId;
use crate::x12::Transaction;

/// Writes transactions of one guide as an interchange of ours for a partner; its control numbers are still to come.
/// What passes unchanged keeps the separators that it came with.
///
/// # Errors
/// Refuses what the writer refuses: an id that does not fit, or a text that no separators leave room for.
pub(crate) fn interchange(
    transactions: &[Transaction],
    guide: &str,
    own: &Own,
    to: &X12Terms,
    stamp: Stamp,
    delimiters: Option<Delimiters>,
) -> Result<Vec<u8>, WriteError> {
    let mut head = InterchangeHead::new(address(&own.isa), address(&to.isa), stamp, PLACEHOLDER);
    head.version = version(guide);
    head.delimiters = delimiters.unwrap_or_else(|| Transaction::separators(transactions));
    head.usage = usage(own);
    let mut writer = Writer::new(Vec::new());
    writer.interchange(&head)?;
    writer.group(&GroupHead {
        functional_id: functional_id(transactions),
        sender: &own.gs,
        receiver: &to.gs,
        stamp,
        control: PLACEHOLDER,
        guide,
    })?;
    for transaction in transactions {
        transaction.write(&mut writer)?;
    }
    writer.end_group()?;
    writer.end_interchange()?;
    writer.finish()
}

/// ISA12 that goes with a guide.
pub(crate) fn version(guide: &str) -> Version {
    if guide.starts_with("004") || guide.starts_with("005") {
        Version::V00501
    } else {
        Version::V00602
    }
}

/// ISA15 of what we send.
pub(crate) const fn usage(own: &Own) -> Usage {
    if own.production {
        Usage::Production
    } else {
        Usage::Test
    }
}

/// An id of an interchange as the writer takes it.
pub(crate) fn address(id: &crate::routing::value::IsaId) -> x12_parser::Address<'_> {
    let (qualifier, id) = id.as_str().split_once(':').unwrap_or(("ZZ", id.as_str()));
    x12_parser::Address { qualifier, id }
}

/// GS01 of a transaction set.
fn functional_id(transactions: &[Transaction]) -> &'static str {
    match transactions.first().map(|transaction| transaction.frame().name) {
        Some("275") => "PI",
        Some("278") => "HI",
        _ => "HN",
    }
}

/// A draft of interchanges that were written with [`PLACEHOLDER`]s: each interchange and each group gets the next
/// number of the partner.
pub(crate) fn numbered(written: Vec<u8>, partner: &TenantId) -> Draft {
    let mut numbers: Vec<NumberUse> = Vec::new();
    let mut reader = Reader::default();
    let mut group = None;
    let mut interchange = None;
    let mut see = |event: Event<'_>| match event {
        Event::InterchangeStart(segment) => {
            interchange = Some(numbers.len());
            numbers.push(number(ISA13, partner, 1, &segment, 13));
        }
        Event::GroupStart(segment) => {
            group = Some(numbers.len());
            // A group's number has no leading zeros.
            numbers.push(number(GS06, partner, 100_000_000, &segment, 6));
        }
        Event::GroupEnd(segment) => again(&mut numbers, group, &segment),
        Event::InterchangeEnd(segment) => again(&mut numbers, interchange, &segment),
        _ => {}
    };
    let mut events = reader.feed(&written);
    while let Some(event) = events.advance() {
        see(event);
    }
    let mut events = reader.finish();
    while let Some(event) = events.advance() {
        see(event);
    }
    Draft {
        body: Body::inline(written),
        numbers,
    }
}

fn number(series: &str, partner: &TenantId, first: u64, segment: &Segment<'_>, element: usize) -> NumberUse {
    NumberUse {
        series: self::series(partner, series),
        width: 9,
        first,
        places: place(segment, element).into_iter().collect(),
    }
}

/// `GE02` and `IEA02` repeat the number of what they end.
fn again(numbers: &mut [NumberUse], which: Option<usize>, segment: &Segment<'_>) {
    let found = which.and_then(|which| numbers.get_mut(which));
    if let (Some(number), Some(place)) = (found, place(segment, 2)) {
        number.places.push(place);
    }
}

fn place(segment: &Segment<'_>, element: usize) -> Option<NumberPlace> {
    let offset = usize::try_from(segment.element(element)?.offset()).ok()?;
    Some(NumberPlace { part: 0, offset })
}

/// A series of control numbers towards a partner.
pub(crate) fn series(partner: &TenantId, name: &str) -> Series {
    Series {
        partner: partner.clone(),
        name: SeriesName::parse(name).expect("the names of our series are printable and short"),
    }
}

/// The series of interchange numbers.
pub(crate) const ISA13: &str = "isa13";
/// The series of group numbers.
pub(crate) const GS06: &str = "gs06";
/// Nine digits that stand where a number will.
pub(crate) const PLACEHOLDER: u32 = 999_999_999;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::settings::tests::own;
    use crate::flow::settings::tests::x12_terms;
    use crate::x12;

    #[test]
    fn each_number_has_all_its_places() {
        let request = include_str!("../../tests/data/x12/demo-277-request.x12");
        let transactions = x12::read_plainly(request.as_bytes());
        let stamp = Stamp::parse("20261120", "0905").unwrap();
        let written = interchange(
            &transactions,
            "006020X313",
            &own(),
            &x12_terms("NORTH"),
            stamp,
            None,
        )
        .unwrap();
        let text = String::from_utf8(written.clone()).unwrap();
        assert_eq!(text.matches("999999999").count(), 4);
        let draft = numbered(written, &TenantId::parse("north").unwrap());
        let places: Vec<usize> = draft.numbers.iter().map(|number| number.places.len()).collect();
        assert_eq!(places, [2, 2]);
        for number in &draft.numbers {
            for place in &number.places {
                assert_eq!(&text[place.offset..place.offset + 9], "999999999");
            }
        }
    }
}
