//! PBKDF2 (RFC 8018, section 5.2), with reports of its progress. A phone asks for ten million rounds, so each round
//! runs only two steps of the hash. The key of HMAC is processed once, before the rounds..

use hmac::digest::generic_array::GenericArray;
use hmac::digest::generic_array::typenum::U64;
use hmac::{Hmac, Mac};
use sha1::{Digest as _, Sha1};
use sha2_for_hmac::{Sha256, compress256};

use super::Key;

/// Rounds between two reports of progress.
const STEP: u32 = 1 << 14;

type Block = GenericArray<u8, U64>;

/// The constants with which the hashes begin (FIPS 180-4, section 5.3).
const SHA1: [u32; 5] = [
    0x6745_2301,
    0xefcd_ab89,
    0x98ba_dcfe,
    0x1032_5476,
    0xc3d2_e1f0,
];
const SHA256: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Derives a key with HMAC-SHA-256. `step` is called with the number of rounds since the last call. `None`: it returned
/// false.
pub fn sha256(
    secret: &[u8],
    salt: &[u8],
    rounds: u32,
    step: &mut dyn FnMut(u32) -> bool,
) -> Option<Key> {
    let keyed = <Hmac<Sha256> as Mac>::new_from_slice(secret).ok()?;
    let key = match secret.len() > 64 {
        true => Sha256::digest(secret).to_vec(),
        false => secret.to_vec(),
    };
    let first = keyed
        .chain_update(salt)
        .chain_update(1u32.to_be_bytes())
        .finalize()
        .into_bytes();
    let hash = Keyed::new(SHA256, compress_sha256, &key);
    let words = hash.rounds(words(&first), rounds, step)?;
    let mut derived = [0; 32];
    put(&words, &mut derived);
    Some(derived)
}

/// Derives a key with HMAC-SHA-1, in two parts, as [`sha256`].
pub fn sha1(
    secret: &[u8],
    salt: &[u8],
    rounds: u32,
    step: &mut dyn FnMut(u32) -> bool,
) -> Option<Key> {
    let keyed = <Hmac<Sha1> as Mac>::new_from_slice(secret).ok()?;
    let key = match secret.len() > 64 {
        true => Sha1::digest(secret).to_vec(),
        false => secret.to_vec(),
    };
    let hash = Keyed::new(SHA1, compress_sha1, &key);
    let mut derived = [0; 32];
    for (number, part) in (1u32..).zip(derived.chunks_mut(20)) {
        let first = keyed
            .clone()
            .chain_update(salt)
            .chain_update(number.to_be_bytes());
        let words = hash.rounds(words(&first.finalize().into_bytes()), rounds, step)?;
        put(&words, part);
    }
    Some(derived)
}

fn compress_sha1(state: &mut [u32; 5], block: &Block) {
    sha1::compress(state, std::slice::from_ref(block));
}

fn compress_sha256(state: &mut [u32; 8], block: &Block) {
    compress256(state, std::slice::from_ref(block));
}

/// A hash with a key: its two states after the key.
struct Keyed<const N: usize> {
    compress: fn(&mut [u32; N], &Block),
    inner: [u32; N],
    outer: [u32; N],
}

impl<const N: usize> Keyed<N> {
    fn new(begin: [u32; N], compress: fn(&mut [u32; N], &Block), key: &[u8]) -> Self {
        let after = |fill: u8| {
            let mut block = Block::default();
            block.iter_mut().for_each(|byte| *byte = fill);
            block
                .iter_mut()
                .zip(key)
                .for_each(|(byte, key)| *byte ^= key);
            let mut state = begin;
            compress(&mut state, &block);
            state
        };
        Self {
            compress,
            inner: after(0x36),
            outer: after(0x5c),
        }
    }

    /// Does all rounds after the first, which gave `last`.
    fn rounds(
        &self,
        mut last: [u32; N],
        rounds: u32,
        step: &mut dyn FnMut(u32) -> bool,
    ) -> Option<[u32; N]> {
        let mut all = last;
        // A hash, the mark of its end, and the length of the key and the hash in bits.
        let mut block = Block::default();
        let bits = (64 + 4 * N as u64) * 8;
        if let Some(mark) = block.get_mut(4 * N) {
            *mark = 0x80;
        }
        if let Some(end) = block.get_mut(56..) {
            end.copy_from_slice(&bits.to_be_bytes());
        }
        for round in 1..rounds {
            for state in [self.inner, self.outer] {
                put(&last, &mut block);
                last = state;
                (self.compress)(&mut last, &block);
            }
            all.iter_mut()
                .zip(&last)
                .for_each(|(all, last)| *all ^= last);
            if round.is_multiple_of(STEP) && !step(STEP) {
                return None;
            }
        }
        step(rounds % STEP).then_some(all)
    }
}

/// Writes words as bytes, as many as there is room for.
fn put(words: &[u32], bytes: &mut [u8]) {
    for (word, bytes) in words.iter().zip(bytes.chunks_mut(4)) {
        bytes.copy_from_slice(word.to_be_bytes().get(..bytes.len()).unwrap_or_default());
    }
}

fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let mut words = [0; N];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::iphone_backup::hex;

    /// RFC 6070 for SHA-1, RFC 7914, section 11, for SHA-256, both cut to 32 bytes. The long key is that of RFC 4231's
    /// sixth case, its result from OpenSSL.
    #[test]
    fn keys_are_derived_as_in_the_standards() {
        let mut go_on = |_| true;
        let key = sha1(b"password", b"salt", 4096, &mut go_on).unwrap();
        assert_eq!(&hex(&key)[..40], "4b007901b765489abead49d926f721d065a429c1");
        let key = sha1(
            b"passwordPASSWORDpassword",
            b"saltSALTsaltSALTsaltSALTsaltSALTsalt",
            4096,
            &mut go_on,
        );
        let key = hex(&key.unwrap());
        assert_eq!(
            &key[..50],
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"
        );
        let key = sha256(b"passwd", b"salt", 1, &mut go_on).unwrap();
        assert_eq!(
            hex(&key),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        );
        let key = sha256(b"Password", b"NaCl", 80_000, &mut go_on).unwrap();
        assert_eq!(
            hex(&key),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
        );
        for (hash, wanted) in [
            (LONG_SHA1, sha1(&[0xaa; 131], b"salt", 3, &mut go_on)),
            (LONG_SHA256, sha256(&[0xaa; 131], b"salt", 3, &mut go_on)),
        ] {
            assert_eq!(hex(&wanted.unwrap()), hash);
        }
        assert!(sha1(b"a", b"b", 100_000, &mut |_| false).is_none());
    }

    const LONG_SHA1: &str = "8e86196dfb9fd7bb9438b792d777bee37efefb6c6f8d3efda1de7671c328bb54";
    const LONG_SHA256: &str = "5b8f88843bc0eba1574ab29d079183daade33deb8de1ee4d1c2e81c40b7110c4";
}
