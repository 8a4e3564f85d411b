//! A malicious handset: its texts stay plain text, and it can't use more memory than the limit.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Practised, portable_files, rescue};
use lifeboat::practice::android::Settings;

fn hostile() -> Practised {
    let mut settings = Settings {
        contacts: 60,
        events: 60,
        todos: 10,
        ..Settings::default()
    };
    settings.owner.hostile_texts = true;
    rescue(settings)
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    let bytes = files
        .get(name)
        .unwrap_or_else(|| panic!("{name} in {:?}", files.keys()));
    String::from_utf8(bytes.clone()).expect("UTF-8")
}

#[test]
fn hostile_texts_stay_texts() {
    let done = hostile();
    assert!(done.outcome.safe, "{:?}", done.outcome.why_not);
    let files = portable_files(&done.folder);
    // Nothing is written outside the rescue folder.
    let beside: Vec<_> = std::fs::read_dir(done.parent.path())
        .expect("a folder")
        .collect();
    assert_eq!(beside.len(), 1);
    for name in files.keys() {
        check_name(name);
    }

    // The number of cards and events matches the number of people, counted by an independent reader. No text of the
    // handset became a card or an event.
    let cards = text(&files, "contacts.vcf");
    let people = cards.lines().filter(|line| *line == "BEGIN:VCARD").count();
    let (mut read, mut parser) = (0, calcard::Parser::new(&cards));
    loop {
        match parser.entry() {
            calcard::Entry::VCard(_) => read += 1,
            calcard::Entry::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(read, people);
    let sim = done
        .outcome
        .collections
        .iter()
        .map(|c| (c.name, c.rescued))
        .collect::<BTreeMap<_, _>>();
    let counted = sim[&lifeboat::model::Collection::Contacts];
    assert!(
        people as u64 >= counted && people as u64 <= counted + 12,
        "{people} cards of {counted} people"
    );
    // Pictures of messages are no text.
    let texts = files.iter();
    for (name, bytes) in texts.filter(|(name, _)| !name.starts_with("messages/parts/")) {
        let is_lines = name.ends_with(".vcf") || name.ends_with(".ics");
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        if is_lines {
            let evil = |line: &&str| line.starts_with("X-EVIL") || *line == "FN:Mallory";
            assert_eq!(text.split(['\r', '\n']).find(evil), None, "{name}");
            let odd = |c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\t');
            assert!(!text.contains(odd), "{name} holds a control character");
        }
        if name.ends_with(".csv") {
            check_cells(name, bytes);
        }
    }
    let calendar: icalendar::Calendar = text(&files, "calendar.ics").parse().expect("a calendar");
    assert!(calendar.components.len() >= 40);
}

/// Asserts that every system accepts the name as a file in that folder (Windows: "Naming Files, Paths, and
/// Namespaces").
fn check_name(path: &str) {
    for part in path.split('/') {
        let stem = part
            .split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let reserved = ["CON", "PRN", "AUX", "NUL", "COM1", "LPT1"];
        assert!(!reserved.contains(&stem.as_str()), "{path}");
        assert!(
            !part.is_empty() && part != "." && part != ".." && part.len() <= 255,
            "{path}"
        );
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let odd = |c: char| c.is_control() || turns(c) || "\\:*?\"<>|".contains(c);
        assert!(!part.contains(odd) && !part.ends_with(['.', ' ']), "{path}");
    }
}

/// Asserts that no cell could be run as a formula by a spreadsheet (OWASP, "CSV Injection").
fn check_cells(name: &str, bytes: &[u8]) {
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    for row in rows.records() {
        for cell in &row.expect("a row") {
            let number = cell.strip_prefix(['+', '-']).is_some_and(|rest| {
                !rest.is_empty()
                    && rest
                        .chars()
                        .all(|c| c.is_ascii_digit() || " ()/.-+,#*".contains(c))
            });
            assert!(
                number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{name}: {cell:?}"
            );
        }
    }
}

#[test]
fn the_report_and_the_terminal_show_them_as_text() {
    let done = hostile();
    let report = std::fs::read_to_string(done.folder.join("data/report.html")).expect("a report");
    for markup in ["<script", "<img", "onerror=alert(1)>", "\u{1b}", "\u{9b}"] {
        assert!(!report.contains(markup), "{markup} in the report");
    }
    let list = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(["rescue", "--practice", "--fault", "hostile-texts", "--to"])
        .arg(done.parent.path())
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    for bytes in [list.stdout, list.stderr] {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        assert!(!shown.contains(odd), "{shown:?}");
    }
}

/// What the hostile adbd answers to every command.
#[derive(Debug, Clone, Copy)]
enum Flood {
    /// A packet that announces 4 GiB, then data for as long as the client reads.
    HugePacket,
    /// One endless row.
    EndlessRow,
    /// An endless number of rows.
    EndlessRows,
    /// An endless number of errors.
    EndlessErrors,
    /// An endless number of empty packets.
    EndlessNothing,
    /// A frame that announces 4 GiB.
    HugeFrame,
}

fn frame(command: &[u8; 4], arg0: u32, arg1: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = command.to_vec();
    let magic = !u32::from_le_bytes(*command);
    for word in [arg0, arg1, payload.len() as u32, 0, magic] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(payload);
    bytes
}

/// The bytes that are sent again and again on a stream to `service`.
fn flood(kind: Flood, service: &str, first: bool) -> Vec<u8> {
    let packet =
        |id: u8, data: &[u8]| [&[id], &(data.len() as u32).to_le_bytes()[..], data].concat();
    let is_query = service.contains("content query");
    match kind {
        Flood::HugePacket if first => vec![1, 0xff, 0xff, 0xff, 0xff],
        Flood::HugePacket => vec![b'x'; 256 << 10],
        Flood::EndlessRow if first && is_query => packet(
            1,
            b"Row: 0 contact_id=1, _id=1, data_id=1, deleted=0, mimetype=",
        ),
        Flood::EndlessRow => packet(1, &vec![b'x'; 256 << 10]),
        Flood::EndlessRows => {
            let row = b"Row: 0 _id=1, contact_id=1, data_id=1\n";
            packet(1, &row.repeat(6_000))
        }
        Flood::EndlessErrors => packet(2, &vec![b'E'; 256 << 10]),
        Flood::EndlessNothing => packet(1, b"").repeat(50_000),
        Flood::HugeFrame => Vec::new(),
    }
}

fn serve(mut stream: TcpStream, kind: Flood) -> Option<()> {
    let mut streams: BTreeMap<u32, String> = BTreeMap::new();
    loop {
        let mut header = [0; 24];
        stream.read_exact(&mut header).ok()?;
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let mut payload = vec![0; word(12) as usize];
        stream.read_exact(&mut payload).ok()?;
        let (client, ours) = (word(4), word(8));
        match &header[..4] {
            b"CNXN" => {
                let banner = b"device::ro.product.model=Evil;features=shell_v2,stat_v2,ls_v2";
                stream
                    .write_all(&frame(b"CNXN", 0x0100_0001, 1 << 20, banner))
                    .ok()?;
            }
            b"OPEN" => {
                let service = String::from_utf8_lossy(&payload).into_owned();
                stream
                    .write_all(&frame(b"OKAY", client, client, &[]))
                    .ok()?;
                // The first answers are those of an ordinary handset, so that the rescue goes on.
                let plain = match service
                    .trim_end_matches('\0')
                    .rsplit(':')
                    .next()
                    .unwrap_or_default()
                {
                    "getprop" => {
                        Some("[ro.product.manufacturer]: [Evil]\n[ro.build.version.sdk]: [33]\n")
                    }
                    "dumpsys account" => Some("User UserInfo{0:Owner:c13}:\n  Accounts: 0\n"),
                    "pm list users" => Some("Users:\n\tUserInfo{0:Owner:c13} running\n"),
                    "pm list packages" => Some("package:android\n"),
                    "dumpsys battery" => Some("  level: 50\n"),
                    _ => None,
                };
                match (plain, kind) {
                    (Some(text), Flood::EndlessRow | Flood::EndlessRows) => {
                        let length = (text.len() as u32).to_le_bytes();
                        let said =
                            [&[1], &length[..], text.as_bytes(), &[3, 1, 0, 0, 0, 0]].concat();
                        stream
                            .write_all(&frame(b"WRTE", client, client, &said))
                            .ok()?;
                        stream
                            .write_all(&frame(b"CLSE", client, client, &[]))
                            .ok()?;
                    }
                    (_, Flood::HugeFrame) => {
                        let mut huge = frame(b"WRTE", client, client, &[]);
                        huge[12..16].copy_from_slice(&[0xff; 4]);
                        stream.write_all(&huge).ok()?;
                        let junk = vec![0; 1 << 20];
                        while stream.write_all(&junk).is_ok() {}
                        return None;
                    }
                    _ => {
                        let said = flood(kind, &service, true);
                        streams.insert(client, service);
                        stream
                            .write_all(&frame(b"WRTE", client, client, &said))
                            .ok()?;
                    }
                }
            }
            b"OKAY" => {
                if let Some(service) = streams.get(&ours) {
                    let said = flood(kind, service, false);
                    stream
                        .write_all(&frame(b"WRTE", ours, client, &said))
                        .ok()?;
                }
            }
            b"CLSE" => drop(streams.remove(&ours)),
            _ => {}
        }
    }
}

#[test]
fn memory_is_bounded_whatever_comes() {
    if !Path::new("/proc/self/status").exists() {
        crate::common::cannot::cannot_run("no /proc here");
        return;
    }
    let mut highest = 0;
    for kind in [
        Flood::HugePacket,
        Flood::HugeFrame,
        Flood::EndlessRow,
        Flood::EndlessRows,
        Flood::EndlessErrors,
        Flood::EndlessNothing,
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || serve(stream, kind));
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
            .args(["rescue", "--adb", &address, "--json", "--to"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (began, mut most) = (Instant::now(), 0);
        let status = loop {
            most = most.max(crate::common::peak::peak(program.id()).unwrap_or(0) / 1024);
            if let Some(status) = program.try_wait().unwrap() {
                break Some(status);
            }
            if began.elapsed() > Duration::from_secs(60) {
                // A user would have stopped it by now. The test measures its memory.
                program.kill().unwrap();
                program.wait().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        println!(
            "{kind:?}: {most} MiB at most, {status:?} after {:?}",
            began.elapsed()
        );
        // The program may have ended before its memory could be measured.
        assert!(most < 512, "{kind:?}: {most} MiB");
        highest = highest.max(most);
        let failed = status.is_some_and(|status| !status.success());
        assert!(failed, "{kind:?} has no end");
    }
    assert!(highest > 0, "nothing was measured");
}
