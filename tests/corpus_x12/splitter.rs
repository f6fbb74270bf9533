//! A slow and obvious reader of sound interchanges, to hold the fast one against.

/// A segment as the splitter sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Piece {
    pub(crate) offset: usize,
    pub(crate) raw: Vec<u8>,
    pub(crate) payload: Option<Vec<u8>>,
}

/// Splits `input` until something is not as it should be; says whether it came to the end.
pub(crate) fn split(input: &[u8]) -> (Vec<Piece>, bool) {
    let mut pieces = Vec::new();
    let mut at = 0;
    loop {
        while at < input.len() && input[at].is_ascii_whitespace() {
            at += 1;
        }
        if at == input.len() {
            return (pieces, true);
        }
        if input.len() < at + 106 || &input[at..at + 3] != b"ISA" {
            return (pieces, false);
        }
        let (element, terminator) = (input[at + 3], input[at + 105]);
        pieces.push(Piece {
            offset: at,
            raw: input[at..at + 105].to_vec(),
            payload: None,
        });
        at += 106;
        match body(input, at, element, terminator, &mut pieces) {
            Some(end) => at = end,
            None => return (pieces, false),
        }
    }
}

/// Splits from behind an `ISA` to behind its `IEA`.
fn body(input: &[u8], start: usize, element: u8, terminator: u8, pieces: &mut Vec<Piece>) -> Option<usize> {
    let mut at = start;
    loop {
        while input.get(at).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            at += 1;
        }
        let rest = &input[at.min(input.len())..];
        let id: Vec<u8> = rest
            .iter()
            .copied()
            .take_while(|byte| *byte != element && *byte != terminator)
            .collect();
        if id == b"BIN" || id == b"BDS" {
            let fields = if id == b"BIN" { 2 } else { 3 };
            let separators: Vec<usize> = (0..rest.len())
                .filter(|at| rest[*at] == element)
                .take(fields)
                .collect();
            let [.., before, last] = separators[..] else {
                return None;
            };
            let length: usize = std::str::from_utf8(&rest[before + 1..last]).ok()?.parse().ok()?;
            let payload = rest.get(last + 1..last + 1 + length)?;
            if rest.get(last + 1 + length) != Some(&terminator) {
                return None;
            }
            pieces.push(Piece {
                offset: at,
                raw: rest[..last].to_vec(),
                payload: Some(payload.to_vec()),
            });
            at += last + 1 + length + 1;
            continue;
        }
        let end = rest.iter().position(|byte| *byte == terminator)?;
        pieces.push(Piece {
            offset: at,
            raw: rest[..end].to_vec(),
            payload: None,
        });
        at += end + 1;
        if id == b"IEA" {
            return Some(at);
        }
    }
}
