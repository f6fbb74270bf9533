//! Numbers whose digits are kept as they were written.

use std::borrow::Cow;

/// The JSON of a decimal, digit by digit; `None` if `text` is no number.
pub(in crate::translate::ccda) fn decimal(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = (digits(whole) || whole.is_empty() && fraction.is_some_and(digits))
        && fraction.is_none_or(|fraction| fraction.is_empty() || digits(fraction))
        && exponent
            .is_none_or(|exponent| exponent.len() < 5 && digits(exponent.trim_start_matches(['+', '-'])));
    if !sound {
        return None;
    }
    let trimmed = whole.trim_start_matches('0');
    let whole_sound = trimmed.len() == whole.len() || whole == "0";
    if !text.starts_with('+') && whole_sound && !whole.is_empty() && fraction != Some("") {
        return Some(Cow::Borrowed(text));
    }
    let mut json = String::with_capacity(text.len() + 1);
    json.push_str(sign);
    json.push_str(if trimmed.is_empty() { "0" } else { trimmed });
    if let Some(fraction) = fraction.filter(|fraction| !fraction.is_empty()) {
        json.push('.');
        json.push_str(fraction);
    }
    if let Some(exponent) = exponent {
        json.push('e');
        json.push_str(exponent);
    }
    Some(Cow::Owned(json))
}

/// The JSON of a whole number that fits 32 bits.
pub(in crate::translate::ccda) fn integer(text: &str) -> Option<i32> {
    let text = text.trim();
    let text = text.strip_suffix(".0").unwrap_or(text);
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept() {
        for (text, expected) in [
            ("1.030", Some("1.030")),
            ("0", Some("0")),
            ("-5", Some("-5")),
            ("+5", Some("5")),
            (".5", Some("0.5")),
            ("007", Some("7")),
            ("5.", Some("5")),
            ("1e3", Some("1e3")),
            ("", None),
            ("<5", None),
            ("1,000", None),
            ("1.2.3", None),
            ("-", None),
            ("1e", None),
            ("NaN", None),
        ] {
            assert_eq!(decimal(text).as_deref(), expected, "{text}");
        }
    }
}
