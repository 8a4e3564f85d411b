//! The keybag of an encrypted backup: keys for the classes of files, wrapped by a key that the password gives.

use std::collections::BTreeMap;

use super::cipher::{Key, WRAPPED, unwrap};
use super::pbkdf2;

/// Limits: the size of a keybag in bytes, and the rounds of a derivation. Phones use 10 million rounds.
const MAX_SIZE: usize = 1 << 20;
const MAX_ROUNDS: u32 = 200_000_000;

/// The flag of a class key that the password wraps; others are wrapped by a key that never leaves the phone.
const BY_PASSWORD: u32 = 2;

/// A keybag, as the phone wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keybag {
    salt: Vec<u8>,
    rounds: u32,
    /// Salt and rounds of the step before, since iOS 10.2.
    first: Option<(Vec<u8>, u32)>,
    /// The wrapped keys that a password unwraps, by class.
    wrapped: BTreeMap<u32, Vec<u8>>,
}

/// Why a keybag can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeybagError {
    #[error("the backup's list of keys is damaged")]
    Damaged,
    #[error("the backup asks for more rounds of its password than any real one")]
    TooManyRounds,
}

/// Why a keybag was not unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    #[error("the password is wrong")]
    WrongPassword,
    #[error("stopped")]
    Stopped,
}

/// The keys of an unlocked keybag, by class.
#[derive(Clone, Default)]
pub struct ClassKeys(BTreeMap<u32, Key>);

impl ClassKeys {
    /// Unwraps a file's own key. `wrapped` begins with the class in four bytes where `class` is `None`.
    pub fn unwrap(&self, class: u32, wrapped: &[u8]) -> Option<Key> {
        unwrap(self.0.get(&class)?, wrapped)
    }
}

/// A class key that is being read.
#[derive(Default)]
struct Class {
    number: Option<u32>,
    flags: u32,
    key: Vec<u8>,
}

impl Keybag {
    /// Reads a keybag: values of four letters, a length, and bytes. Each `UUID` after the first begins a class.
    ///
    /// # Errors
    /// If it is damaged, or asks for too many rounds.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeybagError> {
        if bytes.len() > MAX_SIZE {
            return Err(KeybagError::Damaged);
        }
        let mut bag = Self::default();
        let (mut first_salt, mut first_rounds) = (None, None);
        let mut class: Option<Class> = None;
        let mut is_begun = false;
        let mut rest = bytes;
        while let Some((head, tail)) = rest.split_at_checked(8) {
            let (tag, length) = head.split_at(4);
            let length = number(length).ok_or(KeybagError::Damaged)?;
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let (value, tail) = tail.split_at_checked(length).ok_or(KeybagError::Damaged)?;
            rest = tail;
            match tag {
                b"UUID" if is_begun => {
                    bag.keep(class.replace(Class::default()));
                }
                b"UUID" => is_begun = true,
                b"CLAS" => {
                    if let Some(class) = &mut class {
                        class.number = number(value);
                    }
                }
                b"WRAP" => {
                    if let Some(class) = &mut class {
                        class.flags = number(value).unwrap_or_default();
                    }
                }
                b"WPKY" => {
                    if let Some(class) = &mut class {
                        class.key = value.to_vec();
                    }
                }
                b"SALT" => bag.salt = value.to_vec(),
                b"ITER" => bag.rounds = number(value).ok_or(KeybagError::Damaged)?,
                b"DPSL" => first_salt = Some(value.to_vec()),
                b"DPIC" => first_rounds = number(value),
                _ => {}
            }
        }
        bag.keep(class);
        bag.first = first_salt.zip(first_rounds);
        let first_rounds = bag.first.as_ref().map_or(0, |(_, rounds)| *rounds);
        if bag.wrapped.is_empty() || bag.salt.is_empty() || bag.rounds == 0 {
            return Err(KeybagError::Damaged);
        }
        match bag.rounds.checked_add(first_rounds) {
            Some(all) if all <= MAX_ROUNDS => Ok(bag),
            Some(_) | None => Err(KeybagError::TooManyRounds),
        }
    }

    fn keep(&mut self, class: Option<Class>) {
        let Some(Class {
            number: Some(number),
            flags,
            key,
        }) = class
        else {
            return;
        };
        if flags & BY_PASSWORD != 0 && key.len() == WRAPPED {
            self.wrapped.insert(number, key);
        }
    }

    /// Derives the key from a password, and unwraps the class keys. `go_on` is called with the part that is done, from
    /// 0 to 1, many times a second; if it returns false, the derivation ends.
    ///
    /// # Errors
    /// If the password is wrong, or `go_on` returned false.
    pub fn unlock(
        &self,
        password: &str,
        go_on: &mut dyn FnMut(f32) -> bool,
    ) -> Result<ClassKeys, UnlockError> {
        let first = self.first.as_ref().map_or(0, |(_, rounds)| *rounds);
        // The second step has two blocks of 20 bytes.
        let total = f64::from(first) + 2.0 * f64::from(self.rounds);
        let mut done = 0.0;
        let mut step = |rounds: u32| {
            done += f64::from(rounds);
            go_on((done / total) as f32)
        };
        let by_first = match &self.first {
            Some((salt, rounds)) => Some(
                pbkdf2::sha256(password.as_bytes(), salt, *rounds, &mut step)
                    .ok_or(UnlockError::Stopped)?,
            ),
            None => None,
        };
        let secret = by_first.as_ref().map_or(password.as_bytes(), |key| key);
        let key =
            pbkdf2::sha1(secret, &self.salt, self.rounds, &mut step).ok_or(UnlockError::Stopped)?;
        let keys: BTreeMap<u32, Key> = self
            .wrapped
            .iter()
            .filter_map(|(class, wrapped)| Some((*class, unwrap(&key, wrapped)?)))
            .collect();
        match keys.is_empty() {
            true => Err(UnlockError::WrongPassword),
            false => Ok(ClassKeys(keys)),
        }
    }
}

/// Four bytes as a number.
fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_keybag_is_refused_and_never_read_beyond_its_end() {
        let mut bag = Vec::new();
        let mut put = |tag: &[u8; 4], value: &[u8]| {
            bag.extend_from_slice(tag);
            bag.extend((value.len() as u32).to_be_bytes());
            bag.extend_from_slice(value);
        };
        put(b"UUID", &[1; 16]);
        put(b"SALT", &[2; 20]);
        put(b"ITER", &10u32.to_be_bytes());
        put(b"UUID", &[3; 16]);
        put(b"CLAS", &4u32.to_be_bytes());
        put(b"WRAP", &2u32.to_be_bytes());
        put(b"WPKY", &[5; 40]);
        let read = Keybag::parse(&bag).unwrap();
        assert_eq!(read.wrapped.keys().collect::<Vec<_>>(), [&4]);
        assert!(read.unlock("x", &mut |_| true).is_err());
        for end in 0..bag.len() {
            assert!(Keybag::parse(&bag[..end]).is_err(), "{end}");
        }
    }
}
