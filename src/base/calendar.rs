//! The calendar: days since the start of 1970, and the dates that they are.

/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// The last day that is written with four digits for its year: 31 December 9999.
const LAST: u64 = 2_932_896;

/// From 1 March of the year 0 to the start of 1970. Years are counted from March, so that the day that comes and goes
/// is the last one of its year, and in eras of 400, after which all repeats.
const BEFORE_1970: u64 = 719_468;
const ERA: u64 = 146_097;

/// Year, month and day so many days after the start of 1970; what lies beyond the year 9999 is its last day.
pub const fn date(days: u64) -> (u64, u64, u64) {
    let days = if days < LAST { days } else { LAST } + BEFORE_1970;
    let (era, day) = (days / ERA, days % ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let day = day - (153 * from_march + 2) / 5 + 1;
    let (month, next) = if from_march < 10 {
        (from_march + 3, 0)
    } else {
        (from_march - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

/// How many days after the start of 1970 a date is; nothing for one before that, or that no calendar has.
pub fn days_to(year: u64, month: u64, day: u64) -> Option<u64> {
    // No year that anybody writes is longer, and the sums below stay numbers.
    if year > u64::from(u32::MAX) || day == 0 || day > length(year, month)? {
        return None;
    }
    let (year, from_march) = if month > 2 {
        (year, month - 3)
    } else {
        (year.checked_sub(1)?, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * from_march + 2) / 5 + day - 1;
    days.checked_sub(BEFORE_1970)
}

/// How many days a month has, counted from one; nothing for a month that no year has.
pub const fn length(year: u64, month: u64) -> Option<u64> {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => Some(29),
        2 => Some(28),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_a_date_and_each_date_its_day() {
        let mut expected = (1970, 1, 1);
        for days in 0..=LAST {
            let found = date(days);
            assert_eq!(found, expected, "{days}");
            let (year, month, day) = found;
            assert_eq!(days_to(year, month, day), Some(days));
            expected = if Some(day) < length(year, month) {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
        assert_eq!(expected, (10_000, 1, 1));
        assert_eq!(date(u64::MAX), (9_999, 12, 31));
    }

    #[test]
    fn what_no_calendar_has_is_no_day() {
        for (year, month, day) in [
            (2026, 2, 29),
            (2100, 2, 29),
            (2026, 4, 31),
            (2026, 0, 1),
            (2026, 13, 1),
            (2026, 1, 0),
            (1969, 12, 31),
            (0, 1, 1),
            (u64::MAX, 1, 1),
        ] {
            assert_eq!(days_to(year, month, day), None, "{year}-{month}-{day}");
        }
        assert_eq!(days_to(2000, 2, 29), Some(11_016));
    }
}
