//! Generated pictures and films of a practice handset's owner: the same for the same seed on every computer.

use super::rng::Rng;

/// Time stamp of files without their own date, in seconds since 1970: 2024-02-29 12:00 UTC.
pub(super) const DATE: u32 = 1_709_208_000;

/// When the photo was taken, in seconds since 1970.
pub(super) fn taken(number: u32) -> u32 {
    DATE.wrapping_add(number.wrapping_mul(7_777))
}

/// File name in the style of a camera.
pub(super) fn name(number: u32) -> String {
    let date = chrono::DateTime::from_timestamp(i64::from(taken(number)), 0);
    match date {
        Some(date) => format!("{}.jpg", date.format("%Y%m%d_%H%M%S")),
        None => format!("{number}.jpg"),
    }
}

/// Generates a file of `size` bytes piece by piece: the boxes of an MP4 (ISO/IEC 14496-12, section 4.2), then bytes
/// that never repeat.
pub(super) fn movie(seed: u64, size: u64) -> impl Iterator<Item = Vec<u8>> {
    movie_from(seed, size, 0)
}

/// Size of a generated piece of a film, in bytes.
pub(super) const BLOCK: usize = 64 << 10;

/// Like [`movie`], from a given block on.
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

const JPEG_HEAD: [u8; 2] = [0xff, 0xd8];
const COMMENT: [u8; 2] = [0xff, 0xfe];

/// Number of blocks in a picture, each of 8 by 8 pixels in one colour.
const BLOCKS_ACROSS: i32 = 40;
const BLOCKS_DOWN: i32 = 30;

/// Returns the part after the filler: hills under a sun, as baseline JPEG (ITU-T T.81). Each block has only a mean
/// value, so the code for the other coefficients has a single word: the end of the block.
fn jpeg_tail(seed: u64, number: u32) -> Vec<u8> {
    let mut tail = vec![0xff, 0xdb, 0, 67, 0];
    tail.extend([8; 64]);
    let (height, width) = (BLOCKS_DOWN as u8 * 8, (BLOCKS_ACROSS * 8) as u16);
    let [wide, narrow] = width.to_be_bytes();
    tail.extend([0xff, 0xc0, 0, 17, 8, 0, height, wide, narrow, 3]);
    tail.extend([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // T.81, table K.3: the number of codes of each length, and the sizes of the differences that they stand for.
    tail.extend([
        0xff, 0xc4, 0, 31, 0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
    ]);
    tail.extend(0..12);
    tail.extend([0xff, 0xc4, 0, 20, 0x10, 1]);
    tail.extend([0; 16]);
    tail.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let mut bits = Bits::default();
    let mut last = [0; 3];
    for colour in scene(seed, number) {
        for (last, value) in last.iter_mut().zip(colour) {
            bits.difference(value - *last);
            *last = value;
        }
    }
    tail.extend(bits.finish());
    tail.extend([0xff, 0xd9]);
    tail
}

/// The colours of the blocks, line by line: brightness, blue and red (YCbCr), each from -128 to 127.
fn scene(seed: u64, number: u32) -> impl Iterator<Item = [i32; 3]> {
    let mut rng = Rng::of(seed, "scene", u64::from(number));
    let mut below = |most: i32| rng.below(most as u64) as i32;
    let sun = (4 + below(BLOCKS_ACROSS - 8), 4 + below(8));
    let hour = below(40);
    let mut crest = 14 + below(8);
    let crests: Vec<i32> = (0..BLOCKS_ACROSS)
        .map(|_| {
            crest = (crest + below(3) - 1).clamp(12, 24);
            crest
        })
        .collect();
    (0..BLOCKS_DOWN).flat_map(move |y| {
        let line: Vec<[i32; 3]> = (0..BLOCKS_ACROSS)
            .zip(&crests)
            .map(|(x, crest)| {
                let from_sun = (x - sun.0).pow(2) + (y - sun.1).pow(2);
                match (from_sun <= 9, y - crest) {
                    (_, deep @ 0..) => [-20 - deep * 4, -18, -20 + hour / 4],
                    (true, _) => [110, -60, 20],
                    (false, _) => [30 + y * 3, 40 - hour - y, hour - 20 + y],
                }
            })
            .collect();
        line
    })
}

/// Bits in the order of a JPEG scan, with a zero byte after each 0xFF byte.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    waiting: u32,
    count: u32,
}

impl Bits {
    /// Writes the mean of a block as the difference from the previous block, then the end of the block.
    fn difference(&mut self, difference: i32) {
        let size = 32 - difference.unsigned_abs().leading_zeros();
        match size {
            0 => self.put(0b00, 2),
            1..=5 => self.put(0b001 + size, 3),
            // One more 1 before the 0 for each size.
            _ => self.put((1 << (size - 2)) - 2, size - 2),
        }
        let low = if difference < 0 {
            difference - 1
        } else {
            difference
        };
        self.put(low as u32 & ((1 << size) - 1), size);
        self.put(0, 1);
    }

    fn put(&mut self, bits: u32, count: u32) {
        for at in (0..count).rev() {
            self.waiting = self.waiting << 1 | (bits >> at & 1);
            self.count += 1;
            if self.count == 8 {
                let byte = self.waiting as u8;
                self.bytes.push(byte);
                if byte == 0xff {
                    self.bytes.push(0);
                }
                (self.waiting, self.count) = (0, 0);
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        while self.count > 0 {
            self.put(1, 1);
        }
        self.bytes
    }
}

/// Length of [`photo`] in bytes.
pub(super) fn size(seed: u64, number: u32) -> u64 {
    let filler = filler(seed, number);
    let segments = filler.div_ceil(FILL);
    (JPEG_HEAD.len() + filler + segments * 4 + jpeg_tail(seed, number).len()) as u64
}

const FILL: usize = 60_000;

fn filler(seed: u64, number: u32) -> usize {
    40_000 + Rng::of(seed, "photo size", u64::from(number)).below(120_000) as usize
}

/// Generates a JPEG that every program can open. Comments make it large.
pub(super) fn photo(seed: u64, number: u32) -> Vec<u8> {
    let bytes = Rng::of(seed, "photo", u64::from(number)).bytes(filler(seed, number));
    let mut photo = JPEG_HEAD.to_vec();
    for part in bytes.chunks(FILL) {
        photo.extend(COMMENT);
        photo.extend(((part.len() + 2) as u16).to_be_bytes());
        photo.extend_from_slice(part);
    }
    photo.extend(jpeg_tail(seed, number));
    photo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_has_the_size_that_is_told_before_it_is_drawn() {
        for number in 0..50 {
            assert_eq!(photo(3, number).len() as u64, size(3, number));
        }
    }
}
