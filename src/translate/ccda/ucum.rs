//! Which units are UCUM: its grammar with the atoms that medicine uses.

/// Atoms that take a metric prefix.
const METRIC: &[&str] = &[
    "m", "g", "s", "L", "l", "mol", "eq", "Cel", "Hz", "N", "Pa", "J", "W", "A", "V", "F", "Ohm", "S", "Wb",
    "T", "H", "lm", "lx", "Bq", "Gy", "Sv", "kat", "U", "osm", "cal", "bar", "cd", "K", "C", "rad", "sr",
    "u", "eV", "pc", "t", "ar", "[IU]", "[iU]", "m[H2O]", "m[Hg]", "B", "bit", "By", "Bd", "R", "RAD", "REM",
    "Ci", "P", "St", "dyn", "erg", "G", "Mx", "Oe", "Gb", "sb", "Lmb", "ph", "kp", "[cal_th]",
];

/// Atoms that stand alone.
const PLAIN: &[&str] = &[
    "%",
    "[ppth]",
    "[ppm]",
    "[ppb]",
    "[pptr]",
    "min",
    "h",
    "d",
    "a",
    "a_t",
    "a_j",
    "a_g",
    "wk",
    "mo",
    "mo_s",
    "mo_j",
    "deg",
    "'",
    "''",
    "[in_i]",
    "[ft_i]",
    "[yd_i]",
    "[mi_i]",
    "[lb_av]",
    "[oz_av]",
    "[gr]",
    "[dr_av]",
    "[lb_tr]",
    "[oz_tr]",
    "[lb_ap]",
    "[oz_ap]",
    "[stone_av]",
    "[degF]",
    "[tsp_us]",
    "[tbs_us]",
    "[cup_us]",
    "[foz_us]",
    "[pt_us]",
    "[qt_us]",
    "[gal_us]",
    "[foz_br]",
    "[pH]",
    "[drp]",
    "[HPF]",
    "[LPF]",
    "[CFU]",
    "[PFU]",
    "[arb'U]",
    "[USP'U]",
    "[GPL'U]",
    "[MPL'U]",
    "[APL'U]",
    "[beth'U]",
    "[anti'Xa'U]",
    "[todd'U]",
    "[dye'U]",
    "[smgy'U]",
    "[bdsk'U]",
    "[ka'U]",
    "[knk'U]",
    "[mclg'U]",
    "[tb'U]",
    "[CCID_50]",
    "[TCID_50]",
    "[EID_50]",
    "[FFU]",
    "[BAU]",
    "[AU]",
    "[Amb'a'1'U]",
    "[PNU]",
    "[Lf]",
    "[D'ag'U]",
    "[FEU]",
    "[ELU]",
    "[EU]",
    "[car_Au]",
    "[in_i'Hg]",
    "[in_i'H2O]",
    "[diop]",
    "[p'diop]",
    "[MET]",
    "[S]",
    "[sft_i]",
    "[sin_i]",
    "[cin_i]",
    "[cft_i]",
    "[psi]",
    "[Ch]",
    "[hnsf'U]",
    "[mesh_i]",
    "[hp_X]",
    "[hp_C]",
    "10*",
    "10^",
    "[pi]",
    "gon",
    "dB",
    "Np",
    "g%",
    "[lbf_av]",
    "[mi_us]",
    "[Cal]",
    "[RFC]",
    "[degR]",
    "[knt_i]",
    "[acr_us]",
    "[bu_us]",
    "[cr_i]",
];

const PREFIXES: &[&str] = &[
    "da", "Ki", "Mi", "Gi", "Ti", "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "d", "c", "m", "u", "n", "p",
    "f", "a", "z", "y",
];

/// Whether `unit` is a UCUM code in its case-sensitive form.
pub(super) fn is_sound(unit: &str) -> bool {
    if unit.is_empty() || unit.len() > 64 || !unit.bytes().all(|byte| (b'!'..=b'~').contains(&byte)) {
        return false;
    }
    let mut rest = unit.strip_prefix('/').unwrap_or(unit);
    loop {
        let Some(after) = component(rest) else {
            return false;
        };
        if after.is_empty() {
            return true;
        }
        rest = match after.strip_prefix(['.', '/']) {
            Some(next) => next,
            None => return false,
        };
    }
}

/// What is left after one component.
fn component(text: &str) -> Option<&str> {
    if let Some(inside) = text.strip_prefix('(') {
        let end = inside.find(')')?;
        let (term, after) = inside.split_at_checked(end)?;
        return is_sound(term).then(|| after.strip_prefix(')')).flatten();
    }
    // A term ends at an operator that is in no bracket.
    let mut depth = 0_u8;
    let end = text
        .char_indices()
        .find(|(_, letter)| {
            match letter {
                '[' | '{' => depth = depth.saturating_add(1),
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && matches!(letter, '.' | '/')
        })
        .map_or(text.len(), |(at, _)| at);
    let (term, after) = text.split_at_checked(end)?;
    annotated(term).then_some(after)
}

fn annotated(term: &str) -> bool {
    let simple = match term.split_once('{') {
        None => term,
        Some((simple, annotation)) => {
            let closed = annotation
                .strip_suffix('}')
                .is_some_and(|inside| !inside.contains(['{', '}']));
            if !closed {
                return false;
            }
            simple
        }
    };
    if simple.is_empty() {
        return term.len() > 2;
    }
    if simple.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    is_atom(simple) || is_atom(without_exponent(simple))
}

fn without_exponent(simple: &str) -> &str {
    let digits = simple.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if digits.len() == simple.len() {
        return simple;
    }
    digits.strip_suffix(['+', '-']).unwrap_or(digits)
}

fn is_atom(simple: &str) -> bool {
    PLAIN.contains(&simple)
        || METRIC.contains(&simple)
        || PREFIXES.iter().any(|prefix| {
            simple
                .strip_prefix(prefix)
                .is_some_and(|atom| METRIC.contains(&atom))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_of_laboratories_are_sound() {
        for unit in [
            "1",
            "%",
            "mm[Hg]",
            "kg/m2",
            "10*3/uL",
            "/min",
            "mg/dL",
            "[degF]",
            "{score}",
            "mmol/L",
            "m[IU]/L",
            "[lb_av]",
            "mL/min/{1.73_m2}",
            "10*6/mL",
            "cm",
            "/[HPF]",
            "ng/mL{RBCs}",
            "mg/(24.h)",
            "10^3",
            "ug/kg/min",
            "{INR}",
            "L/min",
        ] {
            assert!(is_sound(unit), "{unit}");
        }
    }

    #[test]
    fn what_vendors_invent_is_not() {
        for unit in [
            "",
            "mmHg",
            "lbs",
            "kg/m²",
            "mg/dl per day",
            "beats/min",
            "{",
            "x10E3/uL",
            "mg//dL",
            "in",
            "{}",
        ] {
            assert!(!is_sound(unit), "{unit}");
        }
    }
}
