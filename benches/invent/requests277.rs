//! Requests for additional information: 277, guide 006020X313.

use super::dice::Dice;
use super::dice::FAMILY;
use super::dice::GIVEN;
use super::draft::Draft;
use super::draft::Kind;

/// One interchange that asks for documents of `claims` claims, fifty to a transaction set.
pub fn interchange_277(claims: usize) -> Vec<u8> {
    let mut dice = Dice::new(277);
    let mut draft = Draft::open(Kind {
        group: "HN",
        set: "277",
        guide: "006020X313",
        version: "00602",
    });
    let mut written = 0;
    while written < claims {
        let here = (claims - written).min(50);
        transaction(&mut draft, &mut dice, written, here);
        written += here;
    }
    draft.close()
}

fn transaction(draft: &mut Draft, dice: &mut Dice, first: usize, claims: usize) {
    let npi = dice.npi();
    draft.open_set();
    draft.segment(format_args!("BHT*0085*48*RFAI{first:09}*20260630*1200*RQ"));
    draft.segment(format_args!("HL*1**20*1"));
    draft.segment(format_args!("NM1*PR*2*INVENTED HEALTH PLAN*****PI*PLAN90001"));
    draft.segment(format_args!(
        "PER*IC*MEDICAL REVIEW*TE*5555550199*UR*https://plan.example/fhir"
    ));
    draft.segment(format_args!("HL*2*1*21*1"));
    draft.segment(format_args!(
        "NM1*41*2*INVENTED BILLING SERVICE*****46*ETIN700001"
    ));
    draft.segment(format_args!("HL*3*2*19*1"));
    draft.segment(format_args!("NM1*1P*2*INVENTED FAMILY PRACTICE*****XX*{npi}"));
    for place in 0..claims {
        one_request(draft, dice, place + 4, first + place);
    }
    draft.close_set();
}

fn one_request(draft: &mut Draft, dice: &mut Dice, level: usize, claim: usize) {
    let (family, given) = (dice.one_of(&FAMILY), dice.one_of(&GIVEN));
    let wanted = dice.one_of(&["18842-5", "11504-8", "34133-9"]);
    draft.segment(format_args!("HL*{level}*3*PT"));
    draft.segment(format_args!(
        "NM1*QC*1*{family}*{given}****MI*MBR{:09}",
        dice.below(1_000_000_000)
    ));
    draft.segment(format_args!("TRN*1*CASE{claim:010}"));
    draft.segment(format_args!(
        "STC*R4:{wanted}::LOI*20260630**{}",
        40 + dice.below(900)
    ));
    draft.segment(format_args!("REF*X1*ACCT{claim:09}"));
    draft.segment(format_args!("REF*EA*MRN{:08}", dice.below(100_000_000)));
    draft.segment(format_args!("REF*D9*CLH{claim:012}"));
    let day = dice.day();
    draft.segment(format_args!("DTP*472*RD8*{day}-{day}"));
    draft.segment(format_args!("DTP*106*D8*20260815"));
    for line in 1..=dice.below(3) {
        draft.segment(format_args!("SVC*HC:99214:25*{}*****1", 40 + dice.below(300)));
        draft.segment(format_args!(
            "STC*R4:{wanted}::LOI*20260630********R4:18789-8::LOI"
        ));
        draft.segment(format_args!("REF*FJ*LINE{line}"));
        draft.segment(format_args!("DTP*472*D8*{day}"));
    }
}
