//! The encryption of files: AES-256 in CBC mode with an initial vector of zeros, and keys that are wrapped as in
//! RFC 3394.

use aes::cipher::{BlockDecryptMut as _, KeyIvInit as _, generic_array::GenericArray};
use aes::{Aes128, Aes256};
use aes_kw::KekAes256;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest as _, Sha1};

/// A key for AES-256.
pub type Key = [u8; 32];

/// Block size of AES, in bytes.
pub const BLOCK: usize = 16;

/// Size of a wrapped key, in bytes.
pub const WRAPPED: usize = 40;

/// Unwraps a key (RFC 3394); `None` if its check value shows that `by` is not the key that wrapped it.
pub fn unwrap(by: &Key, wrapped: &[u8]) -> Option<Key> {
    let mut key = [0; 32];
    let wrapped: &[u8; WRAPPED] = wrapped.try_into().ok()?;
    KekAes256::from(*by).unwrap(wrapped, &mut key).ok()?;
    Some(key)
}

/// Decrypts a file piece by piece.
pub struct Decryption(cbc::Decryptor<Aes256>);

impl Decryption {
    /// Decrypts from the beginning of a file, or from a later block, after the encrypted block `before` it.
    pub fn new(key: &Key, before: [u8; BLOCK]) -> Self {
        Self(cbc::Decryptor::new(key.into(), &before.into()))
    }

    /// Decrypts whole blocks in place. An incomplete block at the end stays as it is.
    pub fn decrypt(&mut self, bytes: &mut [u8]) {
        for block in bytes.chunks_exact_mut(BLOCK) {
            self.0
                .decrypt_block_mut(GenericArray::from_mut_slice(block));
        }
    }
}

/// Decrypts a row of the list of files as iOS 10.0 encrypts it, on its own, with the password itself: AES-128 in CBC
/// mode, Base64, key and initial vector as found by users of iphone-dataprotection (its pull request 30).
pub fn decrypt_10_0(row: &[u8], password: &str, salt: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = BASE64_STANDARD.decode(row).ok()?;
    if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK) {
        return None;
    }
    let digest = Sha1::new()
        .chain_update(password)
        .chain_update(salt)
        .finalize();
    let vector: [u8; BLOCK] = std::array::from_fn(|place| place as u8);
    let key: [u8; 16] = digest.get(..16)?.try_into().ok()?;
    let mut cipher = cbc::Decryptor::<Aes128>::new(&key.into(), &vector.into());
    for block in bytes.chunks_exact_mut(BLOCK) {
        cipher.decrypt_block_mut(GenericArray::from_mut_slice(block));
    }
    let padding = usize::from(*bytes.last()?);
    if (1..=BLOCK).contains(&padding) {
        bytes.truncate(bytes.len() - padding);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3394, section 4.6.
    #[test]
    fn a_key_is_unwrapped_as_in_the_standard() {
        let by: Key = std::array::from_fn(|place| place as u8);
        let wrapped = [
            0x28, 0xc9, 0xf4, 0x04, 0xc4, 0xb8, 0x10, 0xf4, 0xcb, 0xcc, 0xb3, 0x5c, 0xfb, 0x87,
            0xf8, 0x26, 0x3f, 0x57, 0x86, 0xe2, 0xd8, 0x0e, 0xd3, 0x26, 0xcb, 0xc7, 0xf0, 0xe7,
            0x1a, 0x99, 0xf4, 0x3b, 0xfb, 0x98, 0x8b, 0x9b, 0x7a, 0x02, 0xdd, 0x21,
        ];
        let mut key = [0; 32];
        for (place, byte) in key.iter_mut().enumerate() {
            *byte = match place {
                0..16 => (place * 0x11) as u8,
                _ => (place - 16) as u8,
            };
        }
        assert_eq!(unwrap(&by, &wrapped), Some(key));
        assert_eq!(unwrap(&key, &wrapped), None);
        assert_eq!(unwrap(&by, &wrapped[1..]), None);
    }
}
