//! The sync service: stat, list and receive; sending is refused (AOSP `file_sync_service.cpp`,
//! `file_sync_protocol.h`).

use super::adbd::{Channel, Gone};
use super::device::Device;
use super::files::{Entry, Files, Kind};
use super::settings::FileTrouble;

/// Maximum length of a path, in bytes.
const LONGEST_PATH: usize = 1024;
/// Size of a piece of a file, in bytes.
const PIECE: usize = 64 << 10;
/// Number of bytes buffered between the service and adbd, which sends the buffer as one `WRTE` (AOSP `sockets.cpp`,
/// `local_socket_flush_outgoing`). This is Linux' default for a pair of sockets (`net.core.wmem_default`).
const SOCKET: usize = 192 << 10;
const ENOENT: u32 = 2;

/// Answers requests until the client quits.
pub(super) fn serve(channel: Channel) {
    let connection = std::sync::Arc::clone(&channel.connection);
    while !channel.is_gone() {
        match request(&connection.device, &channel) {
            Ok(true) => {}
            Ok(false) | Err(Gone) => break,
        }
    }
}

/// Answers one request; returns false at the end.
fn request(device: &Device, channel: &Channel) -> Result<bool, Gone> {
    let (id, length) = head(channel)?;
    let length = length as usize;
    if &id == b"QUIT" {
        return Ok(false);
    }
    if length > LONGEST_PATH {
        return fail(channel, "path too long");
    }
    let path = String::from_utf8_lossy(&channel.receive(length)?).into_owned();
    let name = String::from_utf8_lossy(&id).into_owned();
    device.note_asked(&format!("sync {name} {path}"));
    let level = device.settings.android;
    let files = &device.files;
    match &id {
        b"STAT" => {
            let found = files.stat(&path);
            let mut reply = b"STAT".to_vec();
            reply.extend(stat_v1(found.as_ref()));
            channel.send(&reply)?;
        }
        b"LST2" | b"STA2" if level >= 26 => {
            let mut reply = id.to_vec();
            reply.extend(stat_v2(files.stat(&path).as_ref()));
            channel.send(&reply)?;
        }
        b"LIST" => list(channel, files, &path, b"DENT", stat_v1_vec)?,
        b"LIS2" if level >= 30 => list(channel, files, &path, b"DNT2", stat_v2)?,
        b"RECV" => return receive(channel, files, &path),
        b"RCV2" if level >= 30 => {
            let (_, flags) = head(channel)?;
            if flags != 0 {
                return fail(channel, "compression is not supported here");
            }
            return receive(channel, files, &path);
        }
        b"SEND" | b"SND2" => {
            device.trip(&format!("sync {name} {path}"));
            return fail(channel, "couldn't create file: Permission denied");
        }
        _ => return fail(channel, &format!("unknown command {name}")),
    }
    Ok(true)
}

/// Reads an id of four letters, and a number.
fn head(channel: &Channel) -> Result<([u8; 4], u32), Gone> {
    let word = || <[u8; 4]>::try_from(channel.receive(4)?).map_err(|_| Gone);
    Ok((word()?, u32::from_le_bytes(word()?)))
}

/// Reports the reason and ends the service, as adbd does.
fn fail(channel: &Channel, why: &str) -> Result<bool, Gone> {
    let mut reply = b"FAIL".to_vec();
    reply.extend((why.len() as u32).to_le_bytes());
    reply.extend_from_slice(why.as_bytes());
    channel.send(&reply)?;
    Ok(false)
}

fn receive(channel: &Channel, files: &Files, path: &str) -> Result<bool, Gone> {
    let Some(pieces) = files.read(path, PIECE) else {
        let why = match files.stat(path).map(|entry| entry.kind) {
            Some(Kind::Folder) => "read failed: Is a directory",
            _ => "open failed: No such file or directory",
        };
        return fail(channel, why);
    };
    let trouble = files.trouble(path);
    if trouble == Some(FileTrouble::Denied) {
        return fail(channel, "open failed: Permission denied");
    }
    let mut left = match (trouble, files.stat(path)) {
        (Some(_), Some(entry)) => entry.size / 2,
        _ => u64::MAX,
    };
    let mut waiting = Vec::with_capacity(SOCKET + PIECE);
    for mut piece in pieces {
        piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        left -= piece.len() as u64;
        waiting.extend(b"DATA");
        waiting.extend((piece.len() as u32).to_le_bytes());
        waiting.extend(piece);
        if waiting.len() >= SOCKET {
            channel.send(&waiting)?;
            waiting.clear();
        }
    }
    channel.send(&waiting)?;
    if trouble == Some(FileTrouble::Fails) {
        return fail(channel, "read failed: I/O error");
    }
    channel.send(b"DONE\0\0\0\0")?;
    files.fetched();
    Ok(true)
}

fn list(
    channel: &Channel,
    files: &Files,
    path: &str,
    id: &[u8; 4],
    stat: fn(Option<&Entry>) -> Vec<u8>,
) -> Result<(), Gone> {
    if files.trouble(path) == Some(FileTrouble::Fails) {
        return fail(
            channel,
            "opendir failed: Transport endpoint is not connected",
        )
        .map(|_| ());
    }
    let mut reply = Vec::new();
    let mut name = |name: &str, entry: &Entry| {
        reply.extend_from_slice(id);
        reply.extend(stat(Some(entry)));
        reply.extend((name.len() as u32).to_le_bytes());
        reply.extend_from_slice(name.as_bytes());
    };
    let folder = files.stat(path).filter(|entry| entry.kind == Kind::Folder);
    // A folder that cannot be opened looks empty.
    if let Some(folder) = folder.filter(|_| files.trouble(path) != Some(FileTrouble::Denied)) {
        // Since Android 11, shared storage is behind a file system that lists neither entry (AOSP MediaProvider,
        // `ReaddirHelper.cpp`).
        if channel.connection.device.settings.android < 30 {
            name(".", &folder);
            name("..", &folder);
        }
        for entry in files.list(path) {
            name(&entry.name, &entry);
        }
    }
    // The end mark has the form of an entry with only zeros.
    reply.extend_from_slice(b"DONE");
    reply.resize(reply.len() + stat(None).len() + 4, 0);
    channel.send(&reply)
}

/// Mode, size and time, 32 bits each; all zero if the file does not exist.
fn stat_v1(entry: Option<&Entry>) -> [u8; 12] {
    let mut bytes = [0; 12];
    if let Some(entry) = entry {
        let words = [entry.mode(), entry.size as u32, entry.modified];
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
    }
    bytes
}

fn stat_v1_vec(entry: Option<&Entry>) -> Vec<u8> {
    stat_v1(entry).to_vec()
}

/// Error, device, inode, mode, links, user, group, size and three times.
fn stat_v2(entry: Option<&Entry>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(68);
    let Some(entry) = entry else {
        bytes.extend(ENOENT.to_le_bytes());
        bytes.resize(68, 0);
        return bytes;
    };
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(64_u64.to_le_bytes());
    bytes.extend((u64::from(entry.modified) ^ 0x5eed).to_le_bytes());
    for word in [entry.mode(), 1, 1023, 1023] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(entry.size.to_le_bytes());
    for _ in 0..3 {
        bytes.extend(u64::from(entry.modified).to_le_bytes());
    }
    bytes
}
