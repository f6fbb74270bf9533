//! Professional claims: 837, guide 005010X222A1.

use super::dice::CITY;
use super::dice::Dice;
use super::dice::FAMILY;
use super::dice::GIVEN;
use super::dice::STREET;
use super::draft::Draft;
use super::draft::Kind;

/// One interchange of professional claims, `target` bytes long or a little more than that.
pub fn interchange_837(target: usize) -> Vec<u8> {
    let mut dice = Dice::new(837);
    let mut draft = Draft::open(Kind {
        group: "HC",
        set: "837",
        guide: "005010X222A1",
        version: "00501",
    });
    let mut claim = 0;
    while claim == 0 || draft.len() < target {
        transaction(&mut draft, &mut dice, &mut claim, target);
    }
    draft.close()
}

/// One transaction set: up to ten billing providers with twenty subscribers each.
fn transaction(draft: &mut Draft, dice: &mut Dice, claim: &mut u32, target: usize) {
    draft.open_set();
    draft.segment(format_args!("BHT*0019*00*BATCH{claim:07}*20260630*120000*CH"));
    draft.segment(format_args!(
        "NM1*41*2*INVENTED BILLING SERVICE*****46*ETIN700001"
    ));
    draft.segment(format_args!(
        "PER*IC*CLAIMS DESK*TE*5555550100*EM*desk@billing.example"
    ));
    draft.segment(format_args!("NM1*40*2*INVENTED HEALTH PLAN*****46*PLAN90001"));
    let mut level = 0;
    for _ in 0..10 {
        if level > 0 && draft.len() >= target {
            break;
        }
        level += 1;
        let provider_level = level;
        billing_provider(draft, dice, provider_level);
        for _ in 0..20 {
            level += 1;
            *claim += 1;
            subscriber(draft, dice, level, provider_level);
            one_claim(draft, dice, *claim);
        }
    }
    draft.close_set();
}

fn billing_provider(draft: &mut Draft, dice: &mut Dice, level: u32) {
    let (npi, street, city) = (dice.npi(), dice.one_of(&STREET), dice.one_of(&CITY));
    let family = dice.one_of(&FAMILY);
    draft.segment(format_args!("HL*{level}**20*1"));
    draft.segment(format_args!("PRV*BI*PXC*207Q00000X"));
    draft.segment(format_args!("NM1*85*2*{family} FAMILY PRACTICE*****XX*{npi}"));
    draft.segment(format_args!(
        "N3*{} {street}*SUITE {}",
        100 + dice.below(9000),
        1 + dice.below(400)
    ));
    draft.segment(format_args!("N4*{city}"));
    draft.segment(format_args!("REF*EI*{:09}", 990_000_000 + dice.below(9_999_999)));
}

fn subscriber(draft: &mut Draft, dice: &mut Dice, level: u32, parent: u32) {
    let (family, given) = (dice.one_of(&FAMILY), dice.one_of(&GIVEN));
    let (street, city) = (dice.one_of(&STREET), dice.one_of(&CITY));
    draft.segment(format_args!("HL*{level}*{parent}*22*0"));
    draft.segment(format_args!("SBR*P*18*GRP{:06}******CI", dice.below(1_000_000)));
    draft.segment(format_args!(
        "NM1*IL*1*{family}*{given}*Q***MI*MBR{:09}",
        dice.below(1_000_000_000)
    ));
    draft.segment(format_args!("N3*{} {street}", 1 + dice.below(9999)));
    draft.segment(format_args!("N4*{city}"));
    let sex = dice.one_of(&["F", "M", "U"]);
    draft.segment(format_args!(
        "DMG*D8*{}{:02}{:02}*{sex}",
        1940 + dice.below(80),
        1 + dice.below(12),
        1 + dice.below(28)
    ));
    draft.segment(format_args!("NM1*PR*2*INVENTED HEALTH PLAN*****PI*PLAN90001"));
}

fn one_claim(draft: &mut Draft, dice: &mut Dice, claim: u32) {
    let lines = 1 + dice.below(5);
    let charge = 40 + dice.below(300);
    draft.segment(format_args!(
        "CLM*ACCT{claim:09}*{}***11:B:1*Y*A*Y*Y",
        charge * lines
    ));
    draft.segment(format_args!("DTP*431*D8*{}", dice.day()));
    draft.segment(format_args!("REF*D9*CLH{claim:012}"));
    draft.segment(format_args!("REF*EA*MRN{:08}", dice.below(100_000_000)));
    if dice.below(4) == 0 {
        draft.segment(format_args!(
            "NTE*ADD*PATIENT REPORTS SYMPTOMS FOR {} WEEKS, NOTES ON FILE",
            1 + dice.below(9)
        ));
    }
    match dice.below(3) {
        0 => draft.segment(format_args!("HI*ABK:J0690")),
        1 => draft.segment(format_args!("HI*ABK:E119*ABF:I10*ABF:Z7984")),
        _ => draft.segment(format_args!("HI*ABK:M5450*ABF:R0789*ABF:E785*ABF:K219")),
    }
    let (family, given, npi) = (dice.one_of(&FAMILY), dice.one_of(&GIVEN), dice.npi());
    draft.segment(format_args!("NM1*82*1*{family}*{given}****XX*{npi}"));
    draft.segment(format_args!("PRV*PE*PXC*207Q00000X"));
    let (street, city, npi) = (dice.one_of(&STREET), dice.one_of(&CITY), dice.npi());
    draft.segment(format_args!(
        "NM1*77*2*INVENTED OUTPATIENT CLINIC {:02}*****XX*{npi}",
        1 + dice.below(40)
    ));
    draft.segment(format_args!(
        "N3*{} {street}*BUILDING {}",
        100 + dice.below(9000),
        1 + dice.below(20)
    ));
    draft.segment(format_args!("N4*{city}"));
    for line in 1..=lines {
        service_line(draft, dice, line, charge, claim);
    }
}

fn service_line(draft: &mut Draft, dice: &mut Dice, line: u64, charge: u64, claim: u32) {
    let procedure = dice.one_of(&[
        "HC:99213:25",
        "HC:99214",
        "HC:36415",
        "HC:80053:QW:59",
        "HC:93000:::::ELECTROCARDIOGRAM",
    ]);
    let pointer = dice.one_of(&["1", "1:2", "1:2:3"]);
    draft.segment(format_args!("LX*{line}"));
    draft.segment(format_args!(
        "SV1*{procedure}*{charge}*UN*{}***{pointer}",
        1 + dice.below(3)
    ));
    draft.segment(format_args!("DTP*472*D8*{}", dice.day()));
    draft.segment(format_args!("REF*6R*LINE{claim:012}N{line:03}"));
}
