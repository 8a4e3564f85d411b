//! Authentication of computers (AOSP `daemon/auth.cpp`, `android_pubkey.c`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_core::{OsRng, RngCore as _};
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};

use super::device::Device;
use super::settings::Auth;

/// Prefix of a SHA-1 digest in a PKCS #1 v1.5 signature (RFC 8017, section 9.2).
const SHA1_INFO: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];

/// The handset's reply to a computer.
pub(super) enum Verdict {
    Welcome,
    /// The computer must sign these bytes.
    Sign([u8; 20]),
}

/// Authenticates one connection.
pub(super) struct Doorman {
    device: Arc<Device>,
    token: [u8; 20],
    prompt: Option<Prompt>,
}

/// The prompt on the handset's screen.
struct Prompt {
    key: String,
    answer_at: Instant,
}

impl Doorman {
    pub fn new(device: &Arc<Device>) -> Self {
        Self {
            device: Arc::clone(device),
            token: [0; 20],
            prompt: None,
        }
    }

    /// Handles the computer's introduction.
    pub fn greet(&mut self) -> Verdict {
        match self.device.settings.link.auth {
            Auth::None => Verdict::Welcome,
            Auth::RequireKey { .. } => self.ask(),
        }
    }

    fn ask(&mut self) -> Verdict {
        OsRng.fill_bytes(&mut self.token);
        Verdict::Sign(self.token)
    }

    /// Checks a signature of the token. A known key is accepted; otherwise a new token is sent.
    pub fn signature(&mut self, signature: &[u8]) -> Verdict {
        let known = self.device.known_keys();
        let fits = |key: &String| {
            // The token takes the place of a SHA-1 digest.
            let padding = Pkcs1v15Sign {
                hash_len: Some(20),
                prefix: Box::new(SHA1_INFO),
            };
            public_key(key).is_some_and(|key| key.verify(padding, &self.token, signature).is_ok())
        };
        if known.iter().any(fits) {
            return Verdict::Welcome;
        }
        self.ask()
    }

    /// Handles a new public key: shows the prompt.
    pub fn public_key(&mut self, payload: &[u8]) {
        let text = String::from_utf8_lossy(payload);
        let key = text
            .split(['\0', ' '])
            .next()
            .unwrap_or_default()
            .to_owned();
        if let Auth::RequireKey {
            answered_after: Some(late),
            ..
        } = self.device.settings.link.auth
        {
            self.prompt = public_key(&key).is_some().then(|| Prompt {
                key,
                answer_at: Instant::now() + late.min(Duration::from_secs(86_400)),
            });
        }
    }

    /// Returns the owner's answer, when it is available.
    pub fn answered(&mut self) -> Option<Verdict> {
        let due = |prompt: &mut Prompt| prompt.answer_at <= Instant::now();
        let prompt = self.prompt.take_if(due)?;
        self.device.allow_key(prompt.key);
        Some(Verdict::Welcome)
    }
}

/// Reads the 524-byte structure: number of words in the modulus (64), a Montgomery constant, the modulus and another
/// constant in little-endian order, and the exponent.
fn public_key(base64: &str) -> Option<RsaPublicKey> {
    let bytes = STANDARD.decode(base64).ok()?;
    let words = bytes.get(..4)?;
    if bytes.len() != 524 || words != 64_u32.to_le_bytes() {
        return None;
    }
    let modulus = BigUint::from_bytes_le(bytes.get(8..264)?);
    let exponent = BigUint::from_bytes_le(bytes.get(520..524)?);
    RsaPublicKey::new(modulus, exponent).ok()
}
