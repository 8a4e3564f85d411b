//! RSA keys by which a handset recognizes a computer. With a key that the handset already trusts, no prompt is needed,
//! which matters if the screen is broken.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::model::Advice;
use crate::phrase;
use crate::system::{place, plain, private};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::OsRng;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, RsaPrivateKey};

/// The only key size that Android accepts, in bits.
const BITS: usize = 2048;
const BYTES: usize = BITS / 8;
/// The prefix of a SHA-1 digest in a PKCS#1 v1.5 signature (RFC 8017 section 9.2, note 1).
const SHA1_PREFIX: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];
/// Maximum number of bytes read from a key file.
const MAX_KEY_FILE: u64 = 64 << 10;
/// Maximum number of keys read from a folder.
const MAX_KEYS: usize = 256;

/// A private key and where it comes from.
#[derive(Clone)]
pub struct Key {
    private: RsaPrivateKey,
    /// The file that it was read from.
    pub source: String,
}

impl fmt::Debug for Key {
    /// Omits the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Why a key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key file {} could not be read: {source}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not an RSA private key in PEM form", .path.display())]
    NotAKey { path: PathBuf },
    #[error("the key in {} has {bits} bits, but Android accepts only {BITS}", .path.display())]
    WrongSize { path: PathBuf, bits: usize },
    #[error("a key could not be saved in {}: {source}", .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("a key could not be created or used: {0}")]
    Rsa(#[from] rsa::Error),
}

impl Advice for KeyError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Read { .. } => phrase(
                "Check the path, and check that you have permission to read the file. Or leave \
                 out the option.",
            ),
            Self::NotAKey { .. } | Self::WrongSize { .. } => {
                phrase("Give the private key that adb saves as `adbkey` (not `adbkey.pub`).")
            }
            Self::Write { .. } => {
                phrase("Make that folder writable, or set XDG_CONFIG_HOME to a writable folder.")
            }
            Self::Rsa(_) => phrase("Try again, or give another key with --adb-key."),
        };
        text.to_owned()
    }
}

impl Key {
    /// Generates a new key. Takes about a second.
    ///
    /// # Errors
    /// [`KeyError::Rsa`] if the system provides no random numbers.
    pub fn generate(source: impl Into<String>) -> Result<Self, KeyError> {
        Ok(Self {
            private: RsaPrivateKey::new(&mut OsRng, BITS)?,
            source: source.into(),
        })
    }

    /// Parses PEM text, PKCS#8 (as adb writes it) or PKCS#1. `path` is for the error message.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`], [`KeyError::WrongSize`].
    pub fn from_pem(text: &str, path: &Path) -> Result<Self, KeyError> {
        let private = RsaPrivateKey::from_pkcs8_pem(text)
            .ok()
            .or_else(|| RsaPrivateKey::from_pkcs1_pem(text).ok())
            .ok_or_else(|| KeyError::NotAKey { path: path.into() })?;
        let bits = private.n().bits();
        if bits != BITS {
            return Err(KeyError::WrongSize {
                path: path.into(),
                bits,
            });
        }
        Ok(Self {
            private,
            source: path.display().to_string(),
        })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError::Read`] and the errors of [`Key::from_pem`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Read {
            path: path.into(),
            source,
        };
        let mut bytes = Vec::new();
        let file = plain::open_chosen(path).map_err(failed)?;
        file.take(MAX_KEY_FILE)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        Self::from_pem(&String::from_utf8_lossy(&bytes), path)
    }

    /// Signs a token as adbd expects it: PKCS#1 v1.5 over the 20 bytes, treated as a SHA-1 digest.
    ///
    /// # Errors
    /// [`KeyError::Rsa`] if the key's numbers are inconsistent.
    pub fn sign(&self, token: &[u8; 20]) -> Result<Vec<u8>, KeyError> {
        let padding = Pkcs1v15Sign {
            hash_len: Some(token.len()),
            prefix: Box::new(SHA1_PREFIX),
        };
        Ok(self.private.sign_with_rng(&mut OsRng, padding, token)?)
    }

    /// Returns the public key as Android stores it, without a name: 524 bytes in base64. They are (AOSP libcrypto_utils
    /// `android_pubkey`) the length of the modulus in words, -1/n mod 2^32, the modulus n and 2^4096 mod n (both
    /// little-endian), and the exponent.
    pub fn public(&self) -> String {
        let n = self.private.n();
        let lowest = n
            .to_bytes_le()
            .iter()
            .take(4)
            .rev()
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        // Newton's iteration doubles the correct low bits each time: 3, 6, 12, 24, 48.
        let inverse = (0..4).fold(lowest, |x, _| {
            x.wrapping_mul(2u32.wrapping_sub(lowest.wrapping_mul(x)))
        });
        let squared = (BigUint::from(1u8) << (2 * BITS)) % n;
        let exponent = self.private.e().to_bytes_le();

        let mut bytes = Vec::with_capacity(3 * 4 + 2 * BYTES);
        bytes.extend(((BITS / 32) as u32).to_le_bytes());
        bytes.extend(inverse.wrapping_neg().to_le_bytes());
        for (number, length) in [
            (n.to_bytes_le(), BYTES),
            (squared.to_bytes_le(), BYTES),
            (exponent, 4),
        ] {
            let mut place = number;
            place.resize(length, 0);
            bytes.extend(place);
        }
        STANDARD.encode(bytes)
    }

    /// True if two keys have the same modulus.
    fn is_same(&self, other: &Self) -> bool {
        self.private.n() == other.private.n()
    }
}

/// The places where keys of this computer may be.
#[derive(Debug, Clone, Default)]
pub struct KeyPlaces {
    /// Named by the user; these are tried first.
    pub extra: Vec<PathBuf>,
    /// adb's folder `.android`.
    pub android: Option<PathBuf>,
    /// Files, or folders of `*.adb_key` files.
    pub vendor: Vec<PathBuf>,
}

impl KeyPlaces {
    /// Returns the places that adb uses too (`~/.android/adbkey`, `$ADB_VENDOR_KEYS`), and `extra`.
    pub fn of_user(extra: Vec<PathBuf>) -> Self {
        let vendor = std::env::var_os("ADB_VENDOR_KEYS").unwrap_or_default();
        Self {
            extra,
            android: std::env::home_dir().map(|home| home.join(".android")),
            vendor: std::env::split_paths(&vendor)
                .filter(|path| !path.as_os_str().is_empty())
                .collect(),
        }
    }

    /// Returns all keys in these places, each once, and the errors of the others.
    pub fn search(&self) -> (Vec<Key>, Vec<KeyError>) {
        let (mut keys, mut problems) = (Vec::<Key>::new(), Vec::new());
        let mut take = |loaded: Result<Key, KeyError>| match loaded {
            Ok(key) if keys.iter().any(|known| known.is_same(&key)) => {}
            Ok(key) => keys.push(key),
            Err(error) => problems.push(error),
        };
        for path in &self.extra {
            for file in key_files(path) {
                take(file.and_then(|file| Key::load(&file)));
            }
        }
        if let Some(folder) = &self.android {
            match Key::load(&folder.join("adbkey")) {
                // Most computers have never run adb.
                Err(KeyError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                loaded => take(loaded),
            }
        }
        for path in &self.vendor {
            for file in key_files(path) {
                take(file.and_then(|file| Key::load(&file)));
            }
        }
        (keys, problems)
    }
}

/// Returns `path` itself or, for a folder, its `*.adb_key` files by name.
fn key_files(path: &Path) -> Vec<Result<PathBuf, KeyError>> {
    if !path.is_dir() {
        return vec![Ok(path.to_owned())];
    }
    match fs::read_dir(path) {
        Ok(entries) => {
            let mut files: Vec<PathBuf> = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|file| file.extension().is_some_and(|end| end == "adb_key"))
                .take(MAX_KEYS)
                .collect();
            files.sort();
            files.into_iter().map(Ok).collect()
        }
        Err(source) => vec![Err(KeyError::Read {
            path: path.to_owned(),
            source,
        })],
    }
}

/// Lifeboat's own key, generated when it is first needed.
#[derive(Debug, Clone)]
pub struct OwnKey {
    path: PathBuf,
}

impl OwnKey {
    /// Returns the key that is stored in the file `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns the key at `$XDG_CONFIG_HOME/lifeboat/adbkey`, or the same under `~/.config`; `None` without a home
    /// folder.
    pub fn of_user() -> Option<Self> {
        let config = std::env::var_os("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(std::env::home_dir()?.join(".config")))?;
        Some(Self::at(config.join("lifeboat").join("adbkey")))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the key, if it was already generated.
    ///
    /// # Errors
    /// If the file exists but can't be used.
    pub fn existing(&self) -> Result<Option<Key>, KeyError> {
        match Key::load(&self.path) {
            Err(KeyError::Read { source, .. })
                if matches!(
                    source.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            loaded => loaded.map(Some),
        }
    }

    /// Reads the key. If there is none, generates it and stores it, readable only by its owner. A key that can't be
    /// stored is used only this time.
    ///
    /// # Errors
    /// If the key can't be read or generated.
    pub fn load_or_create(&self) -> Result<Key, KeyError> {
        if let Some(key) = self.existing()? {
            return Ok(key);
        }
        let key = Key::generate(self.path.display().to_string())?;
        match self.keep(&key) {
            Ok(()) => Ok(key),
            // Another Lifeboat was faster: the handset should know one key, not two.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.existing()?.ok_or(KeyError::Write {
                    path: self.path.clone(),
                    source: error,
                })
            }
            // If the home folder can't be written to, the phone is read all the same: the key is used only this time,
            // and the phone asks again the next time.
            Err(_) => Ok(key),
        }
    }

    /// Writes the key to a draft file first, so that an incomplete key is never found at its path.
    fn keep(&self, key: &Key) -> io::Result<()> {
        let pem = key
            .private
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(io::Error::other)?;
        if let Some(folder) = self.path.parent() {
            private::create_folder(folder)?;
        }
        let draft = self
            .path
            .with_extension(format!("{}.new", std::process::id()));
        let placed = private::create_file(&draft).and_then(|mut file| {
            file.write_all(pem.as_bytes())?;
            file.sync_all()?;
            // A hard link never replaces a file. Some file systems have no hard links.
            match fs::hard_link(&draft, &self.path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    place::rename(&draft, &self.path)
                }
                linked => linked,
            }
        });
        // After a rename, the draft no longer exists.
        let _ = fs::remove_file(&draft);
        placed
    }
}
