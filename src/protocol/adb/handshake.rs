//! The beginning of a connection: CNXN, AUTH, CNXN (AOSP `packages/modules/adb`, docs/dev/protocol.md and
//! `client/auth.cpp`).

use std::time::{Duration, Instant};

use super::banner::{Banner, OUR_FEATURES};
use super::connection::{Writer, send};
use super::error::AdbError;
use super::frame::{AUTH, CNXN, Frame, FrameReader, MAX_PAYLOAD, STLS, VERSION_WITHOUT_SUMS};
use super::keys::{Key, OwnKey};
use super::watch::{Wait, Watch};
use crate::phrase;

const TOKEN: u32 = 1;
const SIGNATURE: u32 = 2;
const PUBLIC_KEY: u32 = 3;

/// The most that a former session may have left on the link: whole frames, and bytes of a frame whose header was
/// already read.
const MAX_STALE_FRAMES: usize = 64;
const MAX_JUNK: usize = MAX_PAYLOAD as usize;
/// The least that a handset must accept in one payload, in bytes. Android never offered less than 4096.
const MIN_PAYLOAD: u32 = 64;

/// The result of the handshake.
pub(super) struct Agreed {
    pub sums: bool,
    /// In bytes.
    pub max_payload: u32,
    pub banner: Banner,
}

/// The keys that can prove the identity of this computer.
pub(super) struct Identity<'a> {
    pub keys: &'a [Key],
    pub own: Option<&'a OwnKey>,
}

/// The progress of the proof.
struct Proof<'a> {
    keys: std::slice::Iter<'a, Key>,
    /// Lifeboat's own key, if it was not tried yet.
    own: Option<&'a OwnKey>,
    /// The owner is being asked on the handset's screen.
    offered: bool,
}

/// Connects over a link on which nothing has been sent.
///
/// # Errors
/// [`AdbError::NoAnswer`] if the handset is silent for `timeout`. The owner may take any time to allow this computer.
pub(super) fn connect(
    frames: &mut FrameReader,
    writer: &Writer,
    identity: &Identity,
    watch: &Watch,
    timeout: Duration,
) -> Result<Agreed, AdbError> {
    let features = format!("host::features={}", OUR_FEATURES.join(","));
    watch.request_log.note(&format!("CNXN {features}"));
    // Check sums are filled in until the handset's version is known.
    send(
        writer,
        true,
        CNXN,
        [VERSION_WITHOUT_SUMS, MAX_PAYLOAD],
        features.as_bytes(),
    )?;
    let mut proof = Proof {
        keys: identity.keys.iter(),
        own: identity.own,
        offered: false,
    };
    let mut wait = watch.wait();
    let (mut heard, mut stale, mut junk) = (Instant::now(), 0, MAX_JUNK);
    loop {
        let asked = proof.offered;
        let mut idle = || look(&mut wait, asked, heard, timeout);
        let frame = frames.next(&mut junk, &mut idle)?;
        match frame.command {
            CNXN => return agree(&frame),
            AUTH if frame.arg0 == TOKEN => {
                heard = Instant::now();
                answer(writer, &frame, &mut proof, identity, watch)?;
            }
            STLS => return Err(AdbError::NeedsTls),
            _ => {
                stale += 1;
                if stale > MAX_STALE_FRAMES {
                    return Err(AdbError::protocol(phrase(
                        "it continues an old session instead of starting a new one",
                    )));
                }
            }
        }
    }
}

fn look(wait: &mut Wait, asked: bool, heard: Instant, timeout: Duration) -> Result<(), AdbError> {
    if asked {
        return wait.for_permission();
    }
    if heard.elapsed() >= timeout {
        return Err(AdbError::NoAnswer(timeout));
    }
    wait.for_bytes(heard)
}

fn agree(frame: &Frame) -> Result<Agreed, AdbError> {
    let sums = frame.arg0 < VERSION_WITHOUT_SUMS;
    if sums && !frame.is_whole() {
        return Err(AdbError::protocol(phrase(
            "the checksum of its first message is wrong",
        )));
    }
    if frame.arg1 < MIN_PAYLOAD {
        return Err(AdbError::protocol(phrase("it accepts no payloads")));
    }
    Ok(Agreed {
        sums,
        max_payload: frame.arg1.min(MAX_PAYLOAD),
        banner: Banner::parse(&frame.payload),
    })
}

/// Answers a token. Signs it with the next key or, if all keys were refused, offers the public key, which makes the
/// handset ask its owner. Later tokens are ignored, since the owner is already being asked.
fn answer(
    writer: &Writer,
    frame: &Frame,
    proof: &mut Proof,
    identity: &Identity,
    watch: &Watch,
) -> Result<(), AdbError> {
    if proof.offered {
        return Ok(());
    }
    let token: &[u8; 20] = frame
        .payload
        .as_slice()
        .try_into()
        .map_err(|_| AdbError::protocol(phrase("its token does not have 20 bytes")))?;
    let next = match proof.keys.next() {
        Some(key) => Some(key.clone()),
        None => match proof.own.take() {
            Some(own) => own.existing()?,
            None => None,
        },
    };
    if let Some(key) = next {
        let signature = key.sign(token)?;
        watch.request_log.note(phrase(
            "AUTH: the phone's token, signed with a key of this computer",
        ));
        return send(writer, true, AUTH, [SIGNATURE, 0], &signature);
    }
    let key = match (identity.own, identity.keys.last()) {
        (Some(own), _) => own.load_or_create()?,
        (None, Some(key)) => key.clone(),
        (None, None) => return Err(AdbError::NoKey),
    };
    let offer = format!("{} lifeboat@host\0", key.public()).into_bytes();
    watch.request_log.note(phrase(
        "AUTH: this computer's public key, for the phone's owner to allow",
    ));
    send(writer, true, AUTH, [PUBLIC_KEY, 0], &offer)?;
    proof.offered = true;
    Ok(())
}
