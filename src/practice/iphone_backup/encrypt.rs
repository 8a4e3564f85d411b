//! The keys of an encrypted backup, and the encryption of its files.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockEncryptMut as _, KeyIvInit as _};
use aes::{Aes128, Aes256};
use aes_kw::KekAes256;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest as _, Sha1};

use super::settings::{Era, Settings};
// Its standard has its own examples; nothing else is shared with the reader.
use crate::format::iphone_backup::pbkdf2;
use crate::practice::rng::Rng;

/// Protection classes of a phone. Files are in the first three; the others hold passwords.
const CLASSES: std::ops::RangeInclusive<u32> = 1..=11;

/// The class of the owner's files.
pub const CLASS: u32 = 3;

/// Rounds of the last derivation, as on real phones.
const ROUNDS: u32 = 10_000;

/// The keys of a backup.
pub struct Keys {
    classes: Vec<[u8; 32]>,
    rng: Rng,
}

impl Keys {
    /// Makes keys, and the keybag in which the password wraps them.
    pub fn new(settings: &Settings, password: &str) -> (Self, Vec<u8>) {
        let mut rng = Rng::of(settings.seed, "keys", 0);
        let salt = rng.bytes(20);
        let first_salt = rng.bytes(20);
        let is_old = matches!(settings.era, Era::Ios5 | Era::Ios9 | Era::Ios10);
        let mut go_on = |_| true;
        let secret = match is_old {
            true => password.as_bytes().to_vec(),
            false => pbkdf2::sha256(
                password.as_bytes(),
                &first_salt,
                settings.rounds,
                &mut go_on,
            )
            .unwrap_or_default()
            .to_vec(),
        };
        let by = pbkdf2::sha1(&secret, &salt, ROUNDS, &mut go_on).unwrap_or_default();
        let mut bag = Vec::new();
        let mut put = |tag: &[u8; 4], value: &[u8]| {
            bag.extend_from_slice(tag);
            bag.extend((value.len() as u32).to_be_bytes());
            bag.extend_from_slice(value);
        };
        let number = |number: u32| number.to_be_bytes();
        put(b"VERS", &number(if is_old { 3 } else { 4 }));
        put(b"TYPE", &number(1));
        put(b"UUID", &rng.bytes(16));
        put(b"HMCK", &rng.bytes(40));
        put(b"WRAP", &number(1));
        put(b"SALT", &salt);
        put(b"ITER", &number(ROUNDS));
        if !is_old {
            put(b"DPWT", &number(0));
            put(b"DPIC", &number(settings.rounds));
            put(b"DPSL", &first_salt);
        }
        let mut classes = Vec::new();
        for class in CLASSES {
            let key: [u8; 32] = std::array::from_fn(|_| rng.next() as u8);
            put(b"UUID", &rng.bytes(16));
            put(b"CLAS", &number(class));
            // Keys of some classes never leave the phone.
            put(b"WRAP", &number(if class == 10 { 1 } else { 2 }));
            put(b"KTYP", &number(0));
            put(b"WPKY", &wrapped(&by, &key));
            classes.push(key);
        }
        (Self { classes, rng }, bag)
    }

    /// Makes a key for a file, and wraps it by the key of its class.
    pub fn file_key(&mut self) -> ([u8; 32], Vec<u8>) {
        let key: [u8; 32] = std::array::from_fn(|_| self.rng.next() as u8);
        let by = self
            .classes
            .get(CLASS as usize - 1)
            .copied()
            .unwrap_or_default();
        let mut with_class = CLASS.to_le_bytes().to_vec();
        with_class.extend(wrapped(&by, &key));
        (key, with_class)
    }
}

fn wrapped(by: &[u8; 32], key: &[u8; 32]) -> Vec<u8> {
    let mut wrapped = vec![0; 40];
    KekAes256::from(*by)
        .wrap(key, &mut wrapped)
        .unwrap_or_default();
    wrapped
}

/// Encrypts a file.
pub fn encrypted(key: &[u8; 32], bytes: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<Aes256>::new(key.into(), &[0; 16].into())
        .encrypt_padded_vec_mut::<Pkcs7>(bytes)
}

/// Encrypts a row of iOS 10.0's list.
pub fn encrypted_10_0(password: &str, salt: &[u8], row: &[u8]) -> Vec<u8> {
    let digest = Sha1::new()
        .chain_update(password)
        .chain_update(salt)
        .finalize();
    let key: [u8; 16] = std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default());
    let vector: [u8; 16] = std::array::from_fn(|at| at as u8);
    let cipher = cbc::Encryptor::<Aes128>::new(&key.into(), &vector.into());
    BASE64_STANDARD
        .encode(cipher.encrypt_padded_vec_mut::<Pkcs7>(row))
        .into_bytes()
}
