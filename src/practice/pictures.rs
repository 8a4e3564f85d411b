//! Pictures and recordings of a practice handset's owner, drawn by code: the same for the same seed, everywhere.

use super::rng::Rng;

/// Seconds since 1970 that files without a date of their own carry: 2024-02-29 12:00 UTC.
pub(super) const DATE: u32 = 1_709_208_000;

/// When it was taken, in seconds since 1970.
pub(super) fn taken(number: u32) -> u32 {
    DATE.wrapping_add(number.wrapping_mul(7_777))
}

/// What a camera calls it.
pub(super) fn name(number: u32) -> String {
    let date = chrono::DateTime::from_timestamp(i64::from(taken(number)), 0);
    match date {
        Some(date) => format!("{}.jpg", date.format("%Y%m%d_%H%M%S")),
        None => format!("{number}.jpg"),
    }
}

/// A file of so many bytes, made as it is read, with the boxes of an MP4 (ISO/IEC 14496-12, section 4.2) before
/// bytes that repeat nowhere.
pub(super) fn movie(seed: u64, size: u64) -> impl Iterator<Item = Vec<u8>> {
    movie_from(seed, size, 0)
}

/// How much of a film is made at once, in bytes.
pub(super) const BLOCK: usize = 64 << 10;

/// The same from this block on.
pub(super) fn movie_from(seed: u64, size: u64, block: u64) -> impl Iterator<Item = Vec<u8>> {
    let mut head = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec();
    head.extend(b"\0\0\0\x01mdat");
    head.extend(size.saturating_sub(24).to_be_bytes());
    let noise = Rng::of(seed, "movie", 0).bytes(BLOCK);
    (block..size.div_ceil(BLOCK as u64)).map(move |number| {
        let mut bytes = noise.clone();
        bytes
            .iter_mut()
            .zip(number.to_le_bytes())
            .for_each(|(place, byte)| *place ^= byte);
        if number == 0 {
            bytes
                .iter_mut()
                .zip(&head)
                .for_each(|(place, byte)| *place = *byte);
        }
        let left = size - number * BLOCK as u64;
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        bytes
    })
}

/// Before and after the filler: a grey picture of 8 by 8 points, baseline JPEG (ITU-T T.81).
const JPEG_HEAD: [u8; 2] = [0xff, 0xd8];
const COMMENT: [u8; 2] = [0xff, 0xfe];

fn jpeg_tail() -> Vec<u8> {
    let mut tail = vec![0xff, 0xdb, 0, 67, 0];
    tail.extend([1; 64]);
    tail.extend([0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    for class in [0x00, 0x10] {
        // One code of one bit, for nothing: no difference, and the end of the block.
        tail.extend([0xff, 0xc4, 0, 20, class, 1]);
        tail.extend([0; 15]);
        tail.push(0);
    }
    tail.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9]);
    tail
}

/// How many bytes [`photo`] gives.
pub(super) fn size(seed: u64, number: u32) -> u64 {
    let filler = filler(seed, number);
    let segments = filler.div_ceil(FILL);
    (JPEG_HEAD.len() + filler + segments * 4 + jpeg_tail().len()) as u64
}

const FILL: usize = 60_000;

fn filler(seed: u64, number: u32) -> usize {
    40_000 + Rng::of(seed, "photo size", u64::from(number)).below(120_000) as usize
}

/// A JPEG that every program opens, made large by comments.
pub(super) fn photo(seed: u64, number: u32) -> Vec<u8> {
    let bytes = Rng::of(seed, "photo", u64::from(number)).bytes(filler(seed, number));
    let mut photo = JPEG_HEAD.to_vec();
    for part in bytes.chunks(FILL) {
        photo.extend(COMMENT);
        photo.extend(((part.len() + 2) as u16).to_be_bytes());
        photo.extend_from_slice(part);
    }
    photo.extend(jpeg_tail());
    photo
}
