//! Guesses what was meant by a word that is not known.

/// The candidate that is most like `word`, if one is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = match word.chars().count() {
        0..=2 => 1,
        3..=6 => 2,
        _ => 3,
    };
    let folded = fold(word);
    candidates
        .into_iter()
        .map(|candidate| (distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?` with the nearest candidate in backticks.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

fn fold(word: &str) -> Vec<char> {
    word.chars()
        .map(|letter| {
            if letter == '_' {
                '-'
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect()
}

/// How many letters must be changed, added, left out or swapped with their neighbour.
fn distance(one: &[char], other: &[char]) -> usize {
    // Longer words than these are no keys, and the table would grow with their product.
    if one.len() > 80 || other.len() > 80 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, other_letter) in other.iter().enumerate() {
            let cost = |costs: &[usize], at: usize| costs.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut cheapest = (cost(&last, column) + usize::from(letter != other_letter))
                .min(cost(&last, column + 1) + 1)
                .min(cost(&next, column) + 1);
            let swapped = row > 0
                && column > 0
                && one.get(row - 1) == Some(other_letter)
                && other.get(column - 1) == Some(letter);
            if swapped {
                cheapest = cheapest.min(cost(&before, column - 1) + 1);
            }
            next.push(cheapest);
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        let keys = [
            "payer-id",
            "provider-npi",
            "loinc",
            "tin",
            "isa-sender",
            "gs-sender",
            "to",
        ];
        assert_eq!(nearest(word, keys), expected);
    }

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        check("payer-ids", Some("payer-id"));
        check("payer_id", Some("payer-id"));
        check("laoinc", Some("loinc"));
        check("lionc", Some("loinc"));
        check("nit", Some("tin"));
        check("isa-sendr", Some("isa-sender"));
    }

    #[test]
    fn what_is_like_nothing_is_not_guessed() {
        check("member-id", None);
        check("x", None);
        check("completely-different", None);
        check("", None);
    }
}
