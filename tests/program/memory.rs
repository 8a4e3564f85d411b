//! The memory use of a rescue: it grows by only a few bytes for each thing on the phone. Also the program's progress
//! messages and its end while it writes files.

mod listing;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::common::peak::peak;
use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::Stop;
use lifeboat::practice::android::{PracticeAndroid, Settings, Storage};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Progress, Target, run};

/// The real program, which rescues from a practice handset that this process serves.
struct Rescue {
    program: Child,
    stop: Stop,
    _folder: tempfile::TempDir,
}

impl Rescue {
    fn of(settings: Settings, only: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (handset, stop) = (PracticeAndroid::new(settings), Stop::new());
        let stopped = stop.clone();
        std::thread::spawn(move || handset.serve(listener, &stopped));
        let folder = tempfile::tempdir().expect("a folder");
        let program = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
            .args(["rescue", "--adb", &address, "--only", only, "--to"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("lifeboat runs");
        Self {
            program,
            stop,
            _folder: folder,
        }
    }

    /// Its exit code and its peak memory use in KiB.
    fn peak(mut self) -> (Option<i32>, u64) {
        let errors = self.program.stderr.take().expect("its messages");
        let told = std::thread::spawn(move || BufReader::new(errors).lines().count());
        let mut most = 0;
        let status = loop {
            most = most.max(peak(self.program.id()).unwrap_or(0));
            if let Some(status) = self.program.try_wait().expect("a status") {
                break status;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        told.join().expect("its messages");
        (status.code(), most)
    }
}

impl Drop for Rescue {
    fn drop(&mut self) {
        self.stop.stop();
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn can_measure() -> bool {
    let can = Path::new("/proc/self/status").exists();
    if !can {
        crate::common::cannot::cannot_run("no /proc here");
    }
    can
}

fn people(contacts: u32) -> Settings {
    Settings {
        contacts,
        events: 0,
        todos: 0,
        ..Settings::default()
    }
}

fn with_file(cards: String) -> Settings {
    Settings {
        storage: Storage {
            exported: vec![("Download/contacts.vcf".to_owned(), cards.into_bytes())],
            ..Storage::default()
        },
        ..people(5)
    }
}

/// Each additional contact may take a few hundred bytes of the peak memory use, whichever part of the rescue reaches
/// it.
#[test]
fn more_contacts_take_little_more() {
    if !can_measure() {
        return;
    }
    let [(one, few), (other, many)] =
        [4_000, 12_000].map(|contacts| Rescue::of(people(contacts), "contacts").peak());
    println!("{few} KiB, {many} KiB");
    assert_eq!((one, other), (Some(0), Some(0)));
    assert!(few > 0, "nothing was measured");
    let more = many.saturating_sub(few) * 1024 / 8_000;
    assert!(
        many * 2 <= few * 3,
        "{more} bytes a contact: {few} KiB, {many} KiB"
    );
}

/// A phone with so many text messages and little else.
fn texts(messages: u32) -> Settings {
    let mut settings = people(5);
    settings.owner.ordinary = true;
    settings.owner.messages = messages;
    settings.owner.pictures = 0;
    settings
}

/// Ten times the messages take at most half as much memory again.
fn assert_messages_take_little(few: u32, many: u32) {
    if !can_measure() {
        return;
    }
    let [(one, few), (other, many)] =
        [few, many].map(|messages| Rescue::of(texts(messages), "messages").peak());
    println!("{few} KiB, {many} KiB");
    assert_eq!((one, other), (Some(0), Some(0)));
    assert!(few > 0, "nothing was measured");
    assert!(many * 2 <= few * 3, "{few} KiB, {many} KiB");
}

#[test]
fn more_messages_take_little_more() {
    assert_messages_take_little(4_000, 12_000);
}

#[test]
#[ignore = "takes minutes; measured by hand: 43 MB and 61 MB"]
fn a_hundred_thousand_messages_take_little_more() {
    assert_messages_take_little(10_000, 100_000);
}

/// A quarter of a million numbers in one card, and the same numbers in ten thousand cards.
#[test]
fn a_large_file_of_cards_takes_150_mb_at_most() {
    if !can_measure() {
        return;
    }
    let tel = |numbers: usize| "TEL:5550142\n".repeat(numbers);
    let one = format!(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\n{}END:VCARD\n",
        tel(250_000)
    );
    let many: String = (0..10_000)
        .map(|n| {
            format!(
                "BEGIN:VCARD\nVERSION:3.0\nFN:Ann {n}\n{}END:VCARD\n",
                tel(25)
            )
        })
        .collect();
    for cards in [one, many] {
        let bytes = cards.len();
        let (code, most) = Rescue::of(with_file(cards), "contacts,photos").peak();
        println!("{most} KiB for a file of {bytes} bytes");
        assert!(code.is_some() && most > 0);
        assert!(most < 150 << 10, "{most} KiB for a file of {bytes} bytes");
    }
}

/// The progress counts all cards that are written and read back.
#[test]
fn writing_tells_how_far_it_is() {
    let handset = PracticeAndroid::new(people(300));
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let mut android = Android::open(adb, &Choices::default()).expect("a handset");
    let parent = tempfile::tempdir().expect("a folder");
    let (mut written, mut back) = (Vec::new(), Vec::new());
    let request = crate::common::request(Target::New(parent.path().to_owned()), "--practice");
    run(
        &mut android,
        &request,
        &Stop::new(),
        &mut |progress| match progress {
            Progress::Written { records, of } => written.push((records, of)),
            Progress::ReadBack { cards, of } => back.push((cards, of)),
            _ => {}
        },
    )
    .expect("a rescue");
    let is_sound = |told: &[(u64, u64)]| {
        told.iter().all(|(done, of)| done <= of) && told.is_sorted_by_key(|(done, _)| *done)
    };
    assert!(
        is_sound(&written) && is_sound(&back),
        "{written:?} {back:?}"
    );
    let (cards, of) = back.last().copied().expect("the cards are read back");
    assert!(cards == of && cards >= 300, "{back:?}");
}

/// A signal ends the writing of the files, and the folder can be resumed.
#[cfg(unix)]
#[test]
fn a_signal_ends_the_writing() {
    let mut rescue = Rescue::of(people(4_000), "contacts");
    let errors = rescue.program.stderr.take().expect("its messages");
    let mut lines = BufReader::new(errors).lines().map_while(Result::ok);
    let began = lines.find(|line| line == "Writing the files");
    assert!(began.is_some(), "nothing is written");
    let id = rescue.program.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status();
    assert!(sent.expect("kill runs").success());
    let said: Vec<String> = lines.collect();
    let status = rescue.program.wait().expect("a status");
    assert_eq!(status.code(), Some(3), "{said:?}");
    let stopped = said.iter().find(|line| line.starts_with("Stopped."));
    let stopped = stopped.unwrap_or_else(|| panic!("{said:?}"));
    assert!(
        stopped.contains("--resume") && stopped.contains("Do not reset"),
        "{stopped}"
    );
}
