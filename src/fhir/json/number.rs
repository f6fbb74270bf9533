//! The grammar of a number.

/// Whether `text` is a number as RFC 8259 writes it: no leading zero, no bare point, no plus sign in front.
pub(super) fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, text) = digits(text);
    if !matches!(whole, [b'0'] | [b'1'..=b'9', ..]) {
        return false;
    }
    let (fraction, text) = match text.strip_prefix(b".") {
        None => (&b"0"[..], text),
        Some(rest) => digits(rest),
    };
    let (exponent, text) = match text {
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => digits(rest),
        _ => (&b"0"[..], text),
    };
    !fraction.is_empty() && !exponent.is_empty() && text.is_empty()
}

/// The digits at the start of `text`, and what follows them.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at_checked(count).unwrap_or((text, b""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_rfc_8259_says() {
        for good in [
            "0", "-0", "7", "72.50", "-0.10", "1e5", "1E+5", "1.0e-10", "10", "120.000",
        ] {
            assert!(is_number(good.as_bytes()), "{good}");
        }
        for bad in [
            "", "-", "00", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "1.e5", "1.5.2", "0x1", "1e5.0",
            "--1", "1-",
        ] {
            assert!(!is_number(bad.as_bytes()), "{bad}");
        }
    }
}
