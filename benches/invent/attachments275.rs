//! Attachments: 275, guide 006020X314, with a counted `BDS` of any size.

use super::dice::Dice;
use super::dice::FAMILY;
use super::dice::GIVEN;
use super::draft::Draft;
use super::draft::Kind;

/// One interchange with `claims` answers, a transaction set each, whose payloads are `payload` base 64 characters long.
pub fn interchange_275(claims: usize, payload: usize) -> Vec<u8> {
    let mut dice = Dice::new(275);
    let mut draft = open();
    let body = "QmFzZTY0".chars().cycle().take(payload).collect::<String>();
    for claim in 0..claims {
        draft.open_set();
        before_payload(&mut draft, &mut dice, claim);
        draft.segment(format_args!("BDS*B64*{payload}*{body}"));
        draft.close_set();
    }
    draft.close()
}

/// All that stands before and after a payload of `payload` octets in an interchange with a single `BDS`.
///
/// The caller feeds the head, then exactly that many octets of its own, then the tail; so a test of huge payloads needs no
/// memory for them. The filter is `NOF`: any octet may stand in the payload.
pub fn attachment_frame(payload: u64) -> (Vec<u8>, Vec<u8>) {
    let mut draft = open();
    draft.open_set();
    before_payload(&mut draft, &mut Dice::new(275), 0);
    draft.segment(format_args!("BDS*NOF*{payload}*"));
    let mut head = draft.take();
    // The segment's terminator belongs behind the payload.
    head.pop();
    draft.close_set();
    let mut tail = vec![b'~'];
    tail.append(&mut draft.close());
    (head, tail)
}

fn open() -> Draft {
    Draft::open(Kind {
        group: "PI",
        set: "275",
        guide: "006020X314",
        version: "00602",
    })
}

/// The segments of one answer up to the object that carries the payload.
fn before_payload(draft: &mut Draft, dice: &mut Dice, claim: usize) {
    let (family, given, npi) = (dice.one_of(&FAMILY), dice.one_of(&GIVEN), dice.npi());
    draft.segment(format_args!("BGN*11*ANSWER{claim:09}*20260630*1200"));
    draft.segment(format_args!("NM1*PR*2*INVENTED HEALTH PLAN*****PI*PLAN90001"));
    draft.segment(format_args!(
        "NM1*41*2*INVENTED BILLING SERVICE*****46*ETIN700001"
    ));
    draft.segment(format_args!("NM1*1P*2*INVENTED FAMILY PRACTICE*****XX*{npi}"));
    draft.segment(format_args!("NX1*1P"));
    draft.segment(format_args!("N3*100 SAMPLE STREET"));
    draft.segment(format_args!("N4*EXAMPLEVILLE*OH*450010001"));
    draft.segment(format_args!(
        "NM1*QC*1*{family}*{given}****MI*MBR{:09}",
        dice.below(1_000_000_000)
    ));
    draft.segment(format_args!("REF*X1*ACCT{claim:09}"));
    draft.segment(format_args!("DTP*472*D8*{}", dice.day()));
    draft.segment(format_args!("LX*1"));
    draft.segment(format_args!("TRN*2*CASE{claim:010}"));
    draft.segment(format_args!("STC*R4:18842-5::LOI*20260630"));
    draft.segment(format_args!("DTP*368*D8*20260630"));
    draft.segment(format_args!("CAT*AE*HL"));
    draft.segment(format_args!("OOI*1*47*ATTACHMENT"));
}
