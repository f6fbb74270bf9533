//! Checks UTF-8 that comes in pieces.

use std::str;

/// What is known of a text of which more may come: the bytes of a character that is not whole yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Utf8 {
    open: [u8; 4],
    held: usize,
}

impl Utf8 {
    /// Takes the next piece, of which `ascii` says whether all of it is ASCII.
    ///
    /// Fails with the position in `piece` at which no character can be.
    pub(super) fn accept(&mut self, piece: &[u8], ascii: bool) -> Result<(), usize> {
        if self.held == 0 && ascii {
            return Ok(());
        }
        let taken = self.complete(piece)?;
        let rest = piece.get(taken..).unwrap_or_default();
        match str::from_utf8(rest) {
            Ok(_) => Ok(()),
            Err(fault) if fault.error_len().is_some() => Err(taken + fault.valid_up_to()),
            Err(fault) => {
                let open = rest.get(fault.valid_up_to()..).unwrap_or_default();
                self.hold(open);
                Ok(())
            }
        }
    }

    /// Whether no character is left open.
    pub(super) const fn is_whole(self) -> bool {
        self.held == 0
    }

    /// Completes the open character, if there is one, from the start of `piece`; says how many bytes that took.
    fn complete(&mut self, piece: &[u8]) -> Result<usize, usize> {
        let mut taken = 0;
        while self.held > 0 {
            let Some(next) = piece.get(taken) else { break };
            let open = self.open;
            let mut longer: Vec<u8> = open.iter().take(self.held).copied().collect();
            longer.push(*next);
            match str::from_utf8(&longer) {
                Ok(_) => self.held = 0,
                Err(fault) if fault.error_len().is_some() => return Err(taken),
                Err(_) => self.hold(&longer),
            }
            taken += 1;
        }
        Ok(taken)
    }

    fn hold(&mut self, open: &[u8]) {
        self.held = open.len().min(self.open.len());
        for (slot, byte) in self.open.iter_mut().zip(open) {
            *slot = *byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], valid: bool) {
        for cut in 0..=bytes.len() {
            let mut text = Utf8::default();
            let pieces = [&bytes[..cut], &bytes[cut..]];
            let accepted = pieces
                .iter()
                .all(|piece| text.accept(piece, piece.is_ascii()).is_ok());
            assert_eq!(accepted && text.is_whole(), valid, "{bytes:x?} cut at {cut}");
        }
    }

    #[test]
    fn characters_may_be_cut_anywhere() {
        check("aé€𝄞z".as_bytes(), true);
        check("𝄞𝄞".as_bytes(), true);
        check(b"", true);
    }

    #[test]
    fn what_is_not_utf8_is_refused_wherever_it_is_cut() {
        for bytes in [
            &b"\xff"[..],
            b"a\x80",
            b"\xc3",
            b"\xc3a",
            b"\xe2\x82",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xc0\xaf",
        ] {
            check(bytes, false);
        }
    }

    #[test]
    fn the_place_of_the_fault_is_told() {
        assert_eq!(Utf8::default().accept(b"ab\xffc", false), Err(2));
        let mut text = Utf8::default();
        text.accept(b"a\xc3", false).unwrap();
        assert_eq!(text.accept(b"bc", true), Err(0));
    }
}
