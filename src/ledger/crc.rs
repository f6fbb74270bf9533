//! CRC-32C (Castagnoli), the checksum of the records of the blob log.
//!
//! By tables and not by the processor's own instruction, because that one cannot be reached without `unsafe`;
//! sixteen bytes a step keep it as fast as the SHA-256 beside it.

/// The polynomial, bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// `TABLES[n][b]` is the remainder of byte `b` followed by `n` zero bytes.
static TABLES: [[u32; 256]; 16] = tables();

#[expect(
    clippy::indexing_slicing,
    reason = "computed at compile time, where an index out of bounds is an error of compilation"
)]
const fn tables() -> [[u32; 256]; 16] {
    let mut tables = [[0; 256]; 16];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "less than 256")]
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            let carry = remainder & 1;
            remainder = (remainder >> 1) ^ (POLYNOMIAL * carry);
            bit += 1;
        }
        tables[0][byte] = remainder;
        byte += 1;
    }
    let mut table = 1;
    while table < 16 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// The CRC-32C of `bytes`.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    extend(0, bytes)
}

/// The CRC-32C of what `crc` is the checksum of, followed by `bytes`.
pub(crate) fn extend(crc: u32, bytes: &[u8]) -> u32 {
    let mut remainder = !crc;
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        remainder = step(remainder, block);
    }
    for byte in rest {
        remainder = (remainder >> 8) ^ look(0, remainder.to_le_bytes()[0] ^ byte);
    }
    !remainder
}

/// Sixteen bytes at once: each is looked up in the table of the zeros that follow it.
#[inline]
fn step(remainder: u32, block: &[u8; 16]) -> u32 {
    let [r0, r1, r2, r3] = remainder.to_le_bytes();
    let [
        b0,
        b1,
        b2,
        b3,
        b4,
        b5,
        b6,
        b7,
        b8,
        b9,
        b10,
        b11,
        b12,
        b13,
        b14,
        b15,
    ] = *block;
    look(15, b0 ^ r0)
        ^ look(14, b1 ^ r1)
        ^ look(13, b2 ^ r2)
        ^ look(12, b3 ^ r3)
        ^ look(11, b4)
        ^ look(10, b5)
        ^ look(9, b6)
        ^ look(8, b7)
        ^ look(7, b8)
        ^ look(6, b9)
        ^ look(5, b10)
        ^ look(4, b11)
        ^ look(3, b12)
        ^ look(2, b13)
        ^ look(1, b14)
        ^ look(0, b15)
}

#[inline]
#[expect(
    clippy::indexing_slicing,
    reason = "`table` is a constant below 16 and a byte is below 256"
)]
fn look(table: usize, byte: u8) -> u32 {
    TABLES[table][usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, bit by bit.
    fn slow(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 }
            })
        })
    }

    #[test]
    fn it_is_crc_32c() {
        assert_eq!(crc32c(b""), 0);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        // RFC 3720, B.4.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    }

    #[test]
    fn every_length_agrees_with_the_definition() {
        let bytes: Vec<u8> = (0..200_u8).map(|n| n.wrapping_mul(37) ^ 0x5a).collect();
        for length in 0..bytes.len() {
            assert_eq!(crc32c(&bytes[..length]), slow(&bytes[..length]), "{length} bytes");
        }
    }

    #[test]
    fn pieces_add_up() {
        let bytes = b"length, sequence, checksum, digest";
        for cut in 0..bytes.len() {
            assert_eq!(extend(crc32c(&bytes[..cut]), &bytes[cut..]), crc32c(bytes));
        }
    }
}
