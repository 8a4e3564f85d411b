//! Random calls with random arguments: only requests on the list may leave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::Stop;
use lifeboat::practice::android::{PracticeAndroid, Settings};
use lifeboat::protocol::adb::allowed::URIS;
use lifeboat::protocol::adb::{Adb, AppOp, ContentUri, Options, Query, Server, ShellCommand};
use lifeboat::rescue::{Target, run};
use proptest::prelude::*;

use super::allowed::judge_server_request;
use super::recorder::recorded;

/// Arguments that try to add another request.
const SLY: [&str; 22] = [
    "_id",
    "",
    "'",
    "\"",
    "a' ; reboot ; '",
    "'\\''; reboot; '\\''",
    "\n reboot \n",
    "\r\nreboot",
    "; rm -rf /sdcard",
    "| reboot",
    "&& reboot &",
    "$(reboot)",
    "`reboot`",
    "${IFS}reboot",
    "a\0b",
    "\\",
    "\\'",
    "--uri content://com.android.calendar/instances/when/0/1",
    "> /sdcard/x",
    "*?[a]~#!",
    "\u{202e}\u{2019}\u{ff07}\u{feff}",
    "_id; DELETE FROM raw_contacts",
];

fn sly() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(SLY.to_vec()).prop_map(str::to_owned),
        2 => "[a-z'\"\\\\;$`\n|&<>() ]{0,40}",
        2 => any::<String>(),
        1 => (0usize..200_000).prop_map(|length| "'; reboot; ".repeat(length / 10)),
    ]
}

fn sly_static() -> impl Strategy<Value = &'static str> {
    prop::sample::select(SLY.to_vec())
}

#[derive(Debug, Clone)]
enum Call {
    Shell(ShellCommand),
    /// A command that is started and dropped after this number of reads.
    Dropped(ShellCommand, u8),
    Stat(String),
    List(String, usize),
    Receive(String),
}

fn command() -> impl Strategy<Value = ShellCommand> {
    let uri = prop_oneof![
        3 => prop::sample::select(URIS.map(|(uri, _)| uri).to_vec()),
        1 => any::<u32>().prop_map(ContentUri::IccAdnSubscription),
        1 => any::<u64>().prop_map(ContentUri::MmsAddresses),
        1 => any::<u64>().prop_map(ContentUri::MmsPartsOf),
    ];
    let user = || prop::option::of(prop_oneof![Just(0u32), any::<u32>()]);
    let query = (
        uri,
        user(),
        prop::collection::vec(sly_static(), 0..4),
        prop::option::of(sly()),
        prop::option::of(sly_static()),
    );
    prop_oneof![
        1 => Just(ShellCommand::GetProp),
        1 => Just(ShellCommand::Accounts),
        1 => Just(ShellCommand::Battery),
        1 => Just(ShellCommand::Users),
        1 => user().prop_map(|user| ShellCommand::Packages { user }),
        1 => Just(ShellCommand::AppOps { op: AppOp::ReadContacts }),
        1 => Just(ShellCommand::AppOps { op: AppOp::ReadCalendar }),
        1 => Just(ShellCommand::AppOps { op: AppOp::ReadCallLog }),
        1 => Just(ShellCommand::AppOps { op: AppOp::ReadSms }),
        1 => any::<u64>().prop_map(|part| ShellCommand::ContentRead { part }),
        1 => Just(ShellCommand::Date),
        1 => Just(ShellCommand::Subscriptions),
        1 => Just(ShellCommand::SyncState),
        1 => (sly(), any::<u64>()).prop_map(|(path, from)| ShellCommand::FileEnd { path, from }),
        12 => query.prop_map(|(uri, user, projection, filter, sort)| {
            ShellCommand::ContentQuery(Query { uri, user, projection, filter, sort: sort.map(Into::into) })
        }),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => command().prop_map(Call::Shell),
        2 => (command(), 0u8..3).prop_map(|(command, reads)| Call::Dropped(command, reads)),
        1 => sly().prop_map(Call::Stat),
        1 => (sly(), 0usize..5).prop_map(|(path, limit)| Call::List(path, limit)),
        1 => sly().prop_map(Call::Receive),
    ]
}

fn make(adb: &Adb, call: &Call) {
    // A failed call must keep to the list too.
    match call {
        Call::Shell(command) => drop(adb.run(command, 1 << 16)),
        Call::Dropped(command, reads) => {
            if let Ok(mut stream) = adb.shell(command) {
                for _ in 0..*reads {
                    let _ = stream.read();
                }
            }
        }
        Call::Stat(path) => drop(adb.sync().stat(path.as_bytes())),
        Call::List(path, limit) => drop(adb.sync().list(path.as_bytes(), *limit)),
        Call::Receive(path) => drop(adb.sync().recv(path.as_bytes(), &mut Vec::new())),
    }
}

fn small(android: u32) -> Settings {
    Settings {
        android,
        contacts: 3,
        events: 3,
        todos: 2,
        photos: 2,
        ..Settings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_calls_make_anything_else_leave(
        android in prop::sample::select(vec![16u32, 19, 21, 24, 28, 30, 36]),
        calls in prop::collection::vec(call(), 1..10),
    ) {
        let handset = PracticeAndroid::new(small(android));
        let (link, recording) = recorded(handset.link());
        let adb = Adb::connect(link, Options::default()).unwrap();
        for call in &calls {
            make(&adb, call);
        }
        drop(adb);
        let recording = recording.lock().unwrap();
        prop_assert_eq!(&recording.wrong, &[""; 0]);
        prop_assert!(recording.judged().frames > 0);
        // The handset's own tripwire does not use the list.
        prop_assert_eq!(handset.tripped(), [""; 0]);
    }

    /// A real shell splits the line into the same words as the judge: one command with unchanged values.
    #[test]
    fn a_real_shell_makes_the_same_words(command in command()) {
        let Ok(line) = command.render() else {
            return Ok(());
        };
        prop_assume!(line.len() < 100_000);
        prop_assert_eq!(super::allowed::judge_service(&format!("shell:{line}")), Ok(()));
        let script = format!("set -- {line}\nfor word do printf '%s\\0' \"$word\"; done");
        let Ok(output) = std::process::Command::new("sh").args(["-c", &script]).output() else {
            crate::common::cannot::cannot_run("no sh here");
            return Ok(());
        };
        let words = shlex::split(&line).unwrap();
        let expected: String = words.iter().map(|word| format!("{word}\0")).collect();
        prop_assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }
}

/// An adb server that agrees to everything and records the requests.
struct Agreeable {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Stop,
}

impl Agreeable {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, stop) = (Arc::<Mutex<Vec<String>>>::default(), Stop::new());
        let (of_thread, ends) = (Arc::clone(&asked), stop.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.is_stopped() {
                    return;
                }
                let asked = Arc::clone(&of_thread);
                std::thread::spawn(move || Self::serve(stream, &asked));
            }
        });
        Self { port, asked, stop }
    }

    fn serve(mut stream: TcpStream, asked: &Mutex<Vec<String>>) -> Option<()> {
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        loop {
            let mut head = [0; 4];
            stream.read_exact(&mut head).ok()?;
            let length = usize::from_str_radix(std::str::from_utf8(&head).ok()?, 16).ok()?;
            let mut text = vec![0; length];
            stream.read_exact(&mut text).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            stream.write_all(b"OKAY").ok()?;
            let chosen = text.starts_with("host:transport:");
            if text.ends_with(":features") || text == "host:devices-l" {
                stream.write_all(b"000eshell_v2,ls_v2").ok()?;
            }
            asked.lock().unwrap().push(text);
            if !chosen {
                return Some(());
            }
        }
    }
}

impl Drop for Agreeable {
    fn drop(&mut self) {
        self.stop.stop();
        // Wakes the listening thread.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_adb_server_is_asked_for_nothing_else(
        serial in prop_oneof![Just("9A1X".to_owned()), Just("usb:1-4".to_owned()), sly(), "[a-z0-9:;.]{1,12}"],
        calls in prop::collection::vec(call(), 1..4),
    ) {
        let server = Agreeable::start();
        let options = Options { handshake_timeout: Duration::from_secs(1), ..Options::default() };
        if let Ok(adb) = Adb::through_server(Server::at_port(server.port), &serial, options) {
            for call in calls.iter().filter(|call| matches!(call, Call::Shell(_) | Call::Dropped(..))) {
                make(&adb, call);
            }
        }
        for request in server.asked.lock().unwrap().iter() {
            prop_assert_eq!(judge_server_request(request, &serial), Ok(()));
            // The server splits requests at colons, so the serial number must not be able to begin another request.
            let verbs = ["kill", "forward", "reverse", "reboot", "connect", "disconnect", "reconnect", "attach", "emulator"];
            let parts: Vec<&str> = request.split(':').collect();
            prop_assert!(!request.starts_with("host") || !parts.iter().skip(2).any(|p| verbs.iter().any(|v| p.starts_with(v))), "{}", request);
        }
    }
}

/// Whole rescues of handsets of all Android versions, in good order and not: every frame is judged.
#[test]
fn whole_rescues_only_read() {
    let mut judged = 0;
    for (android, spec) in [
        (16, ""),
        (19, "task-app=org.tasks"),
        (23, "stale-account"),
        (24, "deny=contacts"),
        (26, "ignore=calendar"),
        (28, "locked"),
        (30, "work-profile,photos=5"),
        (33, "row-over-2mb"),
        (34, "error-after-rows=contacts:20,deny=icc"),
        (36, "prompt=0s,stale-frames"),
    ] {
        let mut settings = Settings {
            android,
            contacts: 60,
            events: 30,
            todos: 8,
            ..Settings::default()
        };
        lifeboat::practice::fault::apply(spec, &mut settings).unwrap();
        let handset = PracticeAndroid::new(settings);
        let (link, recording) = recorded(handset.link());
        let places = tempfile::tempdir().unwrap();
        let key = lifeboat::protocol::adb::OwnKey::at(places.path().join("adbkey"));
        let options = Options {
            own_key: Some(key),
            ..Options::default()
        };
        let adb = Adb::connect(link, options).unwrap();
        let choices = Choices {
            work_profile: true,
            ..Choices::default()
        };
        let mut android_handset = Android::open(adb, &choices).unwrap();
        let request = crate::common::request(Target::New(places.path().to_owned()), "--practice");
        run(&mut android_handset, &request, &Stop::new(), &mut |_| {}).unwrap();
        drop(android_handset);
        let recording = recording.lock().unwrap();
        assert_eq!(recording.wrong, [""; 0], "{android} {spec}");
        assert_eq!(handset.tripped(), [""; 0], "{android} {spec}");
        judged += recording.judged().services;
    }
    assert!(judged > 200, "{judged} requests judged");
}
