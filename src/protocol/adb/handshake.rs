//! How a connection begins: CNXN, AUTH, CNXN (AOSP `packages/modules/adb`, docs/dev/protocol.md and
//! `client/auth.cpp`).

use std::time::{Duration, Instant};

use super::banner::{Banner, OUR_FEATURES};
use super::connection::{Writer, send};
use super::error::AdbError;
use super::frame::{AUTH, CNXN, Frame, FrameReader, MAX_PAYLOAD, STLS, VERSION_WITHOUT_SUMS};
use super::keys::{Key, OwnKey};
use super::watch::{Wait, Watch};

const TOKEN: u32 = 1;
const SIGNATURE: u32 = 2;
const PUBLIC_KEY: u32 = 3;

/// What a former session may have left on the link: so many frames, and so many bytes of one whose header
/// was read already.
const MAX_STALE_FRAMES: usize = 64;
const MAX_JUNK: usize = MAX_PAYLOAD as usize;
/// The least that a handset must take in one payload, in bytes. Android never offered less than 4096.
const MIN_PAYLOAD: u32 = 64;

/// What was agreed on.
pub(super) struct Agreed {
    pub sums: bool,
    /// In bytes.
    pub max_payload: u32,
    pub banner: Banner,
}

/// Ways to prove who we are.
pub(super) struct Identity<'a> {
    pub keys: &'a [Key],
    pub own: Option<&'a OwnKey>,
}

/// How far proving has come.
struct Proof<'a> {
    keys: std::slice::Iter<'a, Key>,
    /// Not tried yet.
    own: Option<&'a OwnKey>,
    /// The owner is being asked on the handset's screen.
    offered: bool,
}

/// Connects over a link that nothing has been sent on.
///
/// # Errors
/// [`AdbError::NoAnswer`] if the handset says nothing for `timeout`. There is no limit to how long the
/// owner may take to allow this computer.
pub(super) fn connect(
    frames: &mut FrameReader,
    writer: &Writer,
    identity: &Identity,
    watch: &Watch,
    timeout: Duration,
) -> Result<Agreed, AdbError> {
    let features = format!("host::features={}", OUR_FEATURES.join(","));
    watch.trail.note(&format!("CNXN {features}"));
    // Until the handset's version is known its check sums are filled in.
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
                    return Err(AdbError::protocol(
                        "it goes on with another session instead of beginning a new one",
                    ));
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
        return Err(AdbError::protocol("the check sum of its greeting is wrong"));
    }
    if frame.arg1 < MIN_PAYLOAD {
        return Err(AdbError::protocol("it takes no payloads"));
    }
    Ok(Agreed {
        sums,
        max_payload: frame.arg1.min(MAX_PAYLOAD),
        banner: Banner::parse(&frame.payload),
    })
}

/// Answers a token: signs it with the next key, or, when all were refused, offers our own public key,
/// which makes the handset ask its owner. A token that comes after that is left alone, since the owner is
/// being asked already.
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
        .map_err(|_| AdbError::protocol("its token does not have 20 bytes"))?;
    let next = match proof.keys.next() {
        Some(key) => Some(key.clone()),
        None => match proof.own.take() {
            Some(own) => own.existing()?,
            None => None,
        },
    };
    if let Some(key) = next {
        let signature = key.sign(token)?;
        watch
            .trail
            .note("AUTH: its token, signed with a key of this computer");
        return send(writer, true, AUTH, [SIGNATURE, 0], &signature);
    }
    let key = match (identity.own, identity.keys.last()) {
        (Some(own), _) => own.load_or_create()?,
        (None, Some(key)) => key.clone(),
        (None, None) => return Err(AdbError::NoKey),
    };
    let offer = format!("{} lifeboat@host\0", key.public()).into_bytes();
    watch
        .trail
        .note("AUTH: this computer's public key, for its owner to allow");
    send(writer, true, AUTH, [PUBLIC_KEY, 0], &offer)?;
    proof.offered = true;
    Ok(())
}
