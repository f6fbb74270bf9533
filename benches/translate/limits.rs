//! What this machine can do at most, measured in the same run: no translation is faster than touching its bytes.

use std::hint::black_box;

use base64_simd::STANDARD;

use crate::Bench;

/// As much as an attachment of 20 KB, and so often that a clock tick does not matter.
const SIZE: usize = 20_000;
const TIMES: usize = 20_000;

/// Copy, scan, base 64 both ways.
pub fn measure(bench: &Bench) {
    let times = if bench.smoke { 10 } else { TIMES };
    let text = vec![b'x'; SIZE];
    let encoded = STANDARD.encode_to_string(&text);
    let mut room = Vec::with_capacity(2 * SIZE);
    let mut each = |name: &str, work: &mut dyn FnMut(&mut Vec<u8>) -> usize| {
        let room = std::cell::RefCell::new(&mut room);
        let work = std::cell::RefCell::new(work);
        bench.measure(name, times, times * SIZE, None, &|| {
            let (mut room, mut work) = (room.borrow_mut(), work.borrow_mut());
            (0..times)
                .map(|_| {
                    room.clear();
                    black_box(work(&mut room))
                })
                .sum()
        });
    };
    each("limit: copying 20 KB", &mut |room| {
        room.extend_from_slice(black_box(&text));
        room.len()
    });
    each("limit: scanning 20 KB for a byte", &mut |_| {
        memchr::memchr(b'~', black_box(&text)).unwrap_or(SIZE)
    });
    each("limit: 20 KB into base64", &mut |room| {
        STANDARD.encode_append(black_box(&text), room);
        room.len()
    });
    each("limit: 20 KB out of base64", &mut |room| {
        let decoded = STANDARD.decode_append(black_box(encoded.as_bytes()), room);
        decoded.map_or(0, |()| room.len())
    });
}
