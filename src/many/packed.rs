//! A packed queue.

use std::collections::VecDeque;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Things in the order in which they were added, packed in blocks: paths of one folder take some ten bytes each.
#[derive(Debug, Clone)]
pub struct Packed<T> {
    at_once: usize,
    /// Packed blocks of `at_once` things each.
    blocks: VecDeque<Box<[u8]>>,
    /// The things after the blocks, not packed yet.
    last: Vec<T>,
}

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Creates an empty queue that packs `at_once` things at a time, and returns as many at a time.
    pub fn by(at_once: usize) -> Self {
        Self {
            at_once: at_once.max(1),
            blocks: VecDeque::new(),
            last: Vec::new(),
        }
    }

    pub fn push(&mut self, thing: T) {
        self.last.push(thing);
        if self.last.len() >= self.at_once {
            self.blocks.push_back(pack(&self.last));
            self.last.clear();
        }
    }

    pub fn len(&self) -> usize {
        self.blocks.len() * self.at_once + self.last.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the first things; empty if there are no more.
    pub fn take(&mut self) -> Vec<T> {
        match self.blocks.pop_front() {
            Some(block) => unpack(&block),
            None => std::mem::take(&mut self.last),
        }
    }

    /// Returns the thing at index `at`, in the order of arrival.
    pub fn get(&self, at: usize) -> Option<T>
    where
        T: Clone,
    {
        match self.blocks.get(at / self.at_once) {
            Some(block) => unpack(block).into_iter().nth(at % self.at_once),
            None => {
                let at = at.checked_sub(self.blocks.len() * self.at_once)?;
                self.last.get(at).cloned()
            }
        }
    }
}

/// # Panics
/// If the things can't be written as JSON, as the journal writes them.
fn pack<T: Serialize>(things: &[T]) -> Box<[u8]> {
    let json = serde_json::to_vec(things).expect("own data can be written as JSON");
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    let packed = packer.write_all(&json).and_then(|()| packer.finish());
    packed.expect("writing into memory can't fail").into()
}

/// # Panics
/// If a block, which this process has packed itself, is damaged.
fn unpack<T: DeserializeOwned>(block: &[u8]) -> Vec<T> {
    let mut json = Vec::new();
    let unpacked = DeflateDecoder::new(block).read_to_end(&mut json);
    unpacked.expect("what was packed");
    serde_json::from_slice(&json).expect("what was packed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_come_back_in_order() {
        for many in [0, 1, 6, 7, 8, 70, 75] {
            let mut packed = Packed::by(7);
            (0..many).for_each(|number| packed.push(format!("/sdcard/DCIM/{number}.jpg")));
            assert_eq!(packed.len(), many);
            let got: Vec<_> = (0..=many).filter_map(|at| packed.get(at)).collect();
            let mut back = Vec::new();
            while let some @ [_, ..] = &packed.take()[..] {
                back.extend_from_slice(some);
            }
            assert!(packed.is_empty());
            assert_eq!(back.len(), many);
            assert_eq!(got, back);
            assert!(
                back.iter()
                    .enumerate()
                    .all(|(at, path)| *path == format!("/sdcard/DCIM/{at}.jpg"))
            );
        }
    }

    #[test]
    fn paths_of_a_folder_take_little() {
        let mut packed = Packed::by(500);
        let path = |number: u32| {
            format!(
                "/sdcard/DCIM/Camera/IMG_2024{:04}_{number:06}.jpg",
                number % 1231
            )
        };
        (0..10_000).for_each(|number| packed.push(path(number)));
        let bytes: usize = packed.blocks.iter().map(|block| block.len()).sum();
        assert!(bytes < 10_000 * 16, "{bytes}");
    }
}
