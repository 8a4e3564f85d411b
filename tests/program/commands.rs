//! The program itself: its output, where the output goes, and its exit codes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common::served::Served;
use serde_json::Value;

fn lifeboat(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env_remove("ADB_VENDOR_KEYS")
        .env("ANDROID_ADB_SERVER_PORT", "1")
        .stdin(Stdio::null())
        .output()
        .expect("lifeboat runs")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", text(&output.stdout)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn served(more: &[&str]) -> Served {
    let owner = ["--contacts", "60", "--events", "40", "--todos", "8"];
    Served::start(&[&owner, more].concat())
}

fn only_folder(parent: &Path) -> PathBuf {
    let mut found = std::fs::read_dir(parent).expect("the parent");
    found.next().expect("a folder").expect("a folder").path()
}

/// Nobody reads the messages (`lifeboat … 2>&1 | head`, or a closed terminal), and the rescue goes on.
#[test]
fn a_rescue_goes_on_where_nobody_reads_its_messages() {
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let arguments = ["rescue", "--practice", "--to", to, "--only", "contacts"];
    let done = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .env("HOME", to)
        .stdin(Stdio::null())
        .stderr(writer)
        .output()
        .expect("lifeboat runs");
    assert_eq!(done.status.code(), Some(0));
    let folder = PathBuf::from(text(&done.stdout).trim_end());
    assert!(folder.join("manifest-sha256.txt").is_file());
}

/// The terminal window is closed during a rescue.
#[cfg(unix)]
#[test]
fn a_rescue_outlives_its_terminal() {
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().join("rescues");
    let mut running = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(["rescue", "--practice", "--only", "contacts", "--to"])
        .arg(&to)
        .env("HOME", parent.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("lifeboat runs");
    while !to.exists() {
        assert!(running.try_wait().expect("a child").is_none());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let hung_up = Command::new("kill")
        .args(["-HUP", &running.id().to_string()])
        .status();
    assert!(hung_up.expect("kill runs").success());
    let done = running.wait_with_output().expect("a child");
    assert_eq!(done.status.code(), Some(0));
    let folder = PathBuf::from(text(&done.stdout).trim_end());
    assert!(folder.join("manifest-sha256.txt").is_file());
}

#[test]
fn no_message_does_anything_to_a_terminal() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent
        .path()
        .join("a\u{1b}]0;title\u{7}\nb\u{9b}31m\u{202e}");
    std::fs::create_dir(&folder).expect("a folder");
    let said = lifeboat(&["verify", folder.to_str().expect("text")]);
    assert_eq!(said.status.code(), Some(1));
    let said = text(&said.stderr);
    assert!(said.contains("a]0;title b31m"), "{said:?}");
    assert!(
        !said
            .trim_end()
            .contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{said:?}"
    );
}

#[test]
fn the_readme_command_rescues_and_verify_agrees() {
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().join("made if missing");
    let done = lifeboat(&[
        "rescue",
        "--practice",
        "--to",
        to.to_str().expect("text"),
        "--json",
    ]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let outcome = json(&done);
    assert_eq!(outcome["safe"], true, "{outcome}");
    for key in ["folder", "handset", "collections", "why_not", "not_covered"] {
        assert!(outcome.get(key).is_some(), "{key}");
    }
    for key in ["make", "model", "serial", "system"] {
        assert!(
            outcome["handset"][key]
                .as_str()
                .is_some_and(|t| !t.is_empty()),
            "{key}"
        );
    }
    for collection in outcome["collections"].as_array().expect("a list") {
        for key in [
            "name",
            "verdict",
            "handset_says",
            "rescued",
            "only_here",
            "deleted_kept",
            "raw_only",
            "notes",
        ] {
            assert!(collection.get(key).is_some(), "{key} in {collection}");
        }
    }
    let folder = outcome["folder"].as_str().expect("a folder").to_owned();
    let verified = lifeboat(&["verify", &folder, "--json"]);
    assert_eq!(
        (verified.status.code(), json(&verified)["ok"].as_bool()),
        (Some(0), Some(true))
    );

    let card = only_folder(&Path::new(&folder).join("data/contacts"));
    let mut bytes = std::fs::read(&card).expect("a card");
    bytes[30] ^= 1;
    std::fs::write(&card, bytes).expect("a damaged card");
    let verified = lifeboat(&["verify", &folder]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(
        text(&verified.stdout).contains("contacts/"),
        "{}",
        text(&verified.stdout)
    );
}

#[test]
fn a_second_rescue_of_the_day_has_a_folder_of_its_own() {
    let served = served(&[]);
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    for _ in 0..2 {
        let done = lifeboat(&["rescue", "--adb", &served.address, "--to", to]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        assert!(
            Path::new(text(&done.stdout).trim()).is_dir(),
            "the folder alone is on stdout"
        );
    }
    assert_eq!(std::fs::read_dir(to).expect("the parent").count(), 2);
}

#[test]
fn a_cut_rescue_says_so_and_is_resumed() {
    let served = served(&["--fault", "unplug-after-rows=300"]);
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let cut = lifeboat(&["rescue", "--adb", &served.address, "--to", to, "--json"]);
    assert_eq!(cut.status.code(), Some(3), "{}", text(&cut.stderr));
    assert_eq!(json(&cut)["safe"], false);
    assert!(
        text(&cut.stderr).contains("--resume"),
        "{}",
        text(&cut.stderr)
    );
    let folder = only_folder(parent.path());
    let folder = folder.to_str().expect("text");
    let resumed = lifeboat(&[
        "rescue",
        "--resume",
        folder,
        "--adb",
        &served.address,
        "--json",
    ]);
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    assert_eq!(json(&resumed)["safe"], true);
    let again = lifeboat(&["rescue", "--resume", folder, "--adb", &served.address]);
    assert_eq!(
        again.status.code(),
        Some(1),
        "a finished folder is never written into again"
    );
}

/// A phone that died in the middle of its rescue leaves a folder that can be handed over.
#[test]
fn a_rescue_is_finished_without_its_phone() {
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let fault = ["--fault", "unplug-after-rows=400,photos=4"];
    let cut = lifeboat(&[&["rescue", "--practice", "--to", to], &fault[..]].concat());
    assert_eq!(cut.status.code(), Some(3), "{}", text(&cut.stderr));
    let folder = only_folder(parent.path());
    let place = folder.to_str().expect("text");
    assert!(!folder.join("manifest-sha256.txt").exists());
    let finished = lifeboat(&["finish", place, "--json"]);
    let said = text(&finished.stderr);
    assert_eq!(finished.status.code(), Some(3), "{said}");
    let outcome = json(&finished);
    assert_eq!(outcome["finished"], true, "{outcome}");
    assert_eq!(outcome["safe"], false, "{outcome}");
    assert!(
        said.contains("was finished without reading everything") && !said.contains("--resume"),
        "{said}"
    );
    let report = std::fs::read_to_string(folder.join("data/report.html")).expect("a report");
    assert!(!report.contains("--resume"));
    assert_eq!(lifeboat(&["verify", place]).status.code(), Some(0));
    let copies = tempfile::tempdir().expect("a folder");
    let copied = lifeboat(&["copy", place, copies.path().to_str().expect("text")]);
    assert_eq!(copied.status.code(), Some(0), "{}", text(&copied.stderr));
    // Nothing is added to a sealed folder.
    for again in [
        &["finish", place][..],
        &["rescue", "--practice", "--resume", place],
    ] {
        let refused = lifeboat(again);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("is finished"), "{said}");
    }
}

#[test]
fn a_locked_phone_is_waited_for_as_long_as_was_asked() {
    let served = served(&["--fault", "locked"]);
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let source = ["--adb", &served.address];
    let rescue = ["rescue", "--to", to, "--wait", "0"];
    let locked = lifeboat(&[&rescue[..], &source].concat());
    let said = text(&locked.stderr);
    assert_eq!(locked.status.code(), Some(3), "{said}");
    assert!(
        said.contains("Unlock the phone. So far, 12 SIM card entries are saved")
            && said.contains("--resume"),
        "{said}"
    );
    let folder = only_folder(parent.path());
    let resume = ["rescue", "--resume", folder.to_str().expect("text")];
    // The program says that the phone is locked and waits until its user ends it.
    let mut waits = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args([&resume[..], &source].concat())
        .env("HOME", to)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("lifeboat runs");
    let mut lines = BufReader::new(waits.stderr.take().expect("a pipe")).lines();
    let told = lines.find(|line| {
        line.as_ref()
            .is_ok_and(|line| line.contains("Unlock the phone. So far, "))
    });
    assert!(told.is_some(), "it does not say what it waits for");
    let id = waits.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill runs")
            .success()
    );
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    assert_eq!(waits.wait().expect("an end").code(), Some(3), "{rest:?}");
    assert!(rest.join("\n").contains("--resume"), "{rest:?}");
    assert!(!folder.join("manifest-sha256.txt").exists());
    let wrong = lifeboat(&[&resume[..], &source, &["--wait", "soon"]].concat());
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
}

/// A question on the phone's screen that nobody answers ends the wait, before a rescue and within it.
#[test]
fn an_unanswered_question_is_waited_for_as_long_as_was_asked() {
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let served = served(&["--fault", "prompt=never"]);
    let fault = ["--practice", "--fault", "prompt=never"];
    for source in [&["--adb", &served.address][..], &fault] {
        let since = std::time::Instant::now();
        let ended = lifeboat(&[&["rescue", "--to", to, "--wait", "2"], source].concat());
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(
            said.contains("could not be read within 2 seconds"),
            "{said}"
        );
        assert!(since.elapsed().as_secs() < 30, "{source:?}");
    }
}

#[test]
fn what_was_not_asked_for_is_not_called_safe() {
    let served = served(&[]);
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let done = lifeboat(&[
        "rescue",
        "--adb",
        &served.address,
        "--to",
        to,
        "--only",
        "calendar",
        "--json",
    ]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let outcome = json(&done);
    assert_eq!(outcome["safe"], false);
    assert!(
        outcome["why_not"][0]
            .as_str()
            .is_some_and(|w| w.contains("not asked for")),
        "{outcome}"
    );
    let names: Vec<_> = outcome["collections"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|c| &c["name"])
        .collect();
    assert_eq!(names, ["calendar"]);
}

#[test]
fn wrong_usage_and_failures_have_exit_codes_of_their_own() {
    assert_eq!(lifeboat(&["rescue", "--practice"]).status.code(), Some(2));
    assert_eq!(lifeboat(&["rescue", "--to", "x"]).status.code(), Some(2));
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let nobody = lifeboat(&["rescue", "--adb", "127.0.0.1:1", "--to", to]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(
        text(&nobody.stderr).contains("can't connect to"),
        "{}",
        text(&nobody.stderr)
    );
    assert_eq!(lifeboat(&["verify", to]).status.code(), Some(1));
    let served = served(&["--fault", "deny=contacts"]);
    let denied = lifeboat(&["rescue", "--adb", &served.address, "--to", to]);
    assert_eq!(denied.status.code(), Some(3), "{}", text(&denied.stderr));
}

#[test]
fn without_an_adb_server_devices_says_what_to_do() {
    let listed = lifeboat(&["devices", "--json"]);
    assert_eq!(
        (listed.status.code(), text(&listed.stdout).trim()),
        (Some(0), "[]")
    );
    assert!(
        text(&listed.stderr).contains("adb"),
        "{}",
        text(&listed.stderr)
    );
}

/// Debian's adb is the server that already holds the handset.
#[test]
fn a_handset_that_an_adb_server_holds_is_rescued_through_it() {
    let Ok(version) = Command::new("adb").arg("version").output() else {
        println!("adb is not installed: nothing was tried through its server");
        return;
    };
    assert!(version.status.success());
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port")
        .port();
    let home = tempfile::tempdir().expect("a folder");
    let with = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .env("ANDROID_ADB_SERVER_PORT", port.to_string())
            .env("HOME", home.path())
            .output()
            .expect("it runs")
    };
    let served = served(&[]);
    let connected = with("adb", &["connect", &served.address]);
    assert!(
        text(&connected.stdout).contains("connected"),
        "{}",
        text(&connected.stdout)
    );
    let program = env!("CARGO_BIN_EXE_lifeboat");
    let listed = with(program, &["devices", "--json"]);
    let devices: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(
        devices[0]["id"],
        Value::String(served.address.clone()),
        "{devices}"
    );
    assert_eq!(devices[0]["state"], "ready");
    let to = home.path().join("out");
    let done = with(
        program,
        &[
            "rescue",
            "--device",
            &served.address,
            "--to",
            to.to_str().expect("text"),
            "--json",
        ],
    );
    let outcome: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    let alive = with("adb", &["devices"]);
    with("adb", &["kill-server"]);
    assert_eq!(outcome["safe"], true, "{outcome}");
    assert!(
        text(&alive.stdout).contains(&served.address),
        "the server still holds it"
    );
}

/// A limit on the length of files (`ulimit -f`) sends SIGXFSZ, which kills a program that does not handle it.
#[test]
#[cfg(unix)]
fn a_file_that_grows_too_long_is_an_error_in_words() {
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().to_str().expect("text");
    let command = "ulimit -f 40; exec \"$0\" rescue --practice --to \"$1\"";
    let done = Command::new("sh")
        .args(["-c", command, env!("CARGO_BIN_EXE_lifeboat"), to])
        .env("HOME", to)
        .stdin(Stdio::null())
        .output()
        .expect("sh runs");
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
    let said = text(&done.stderr);
    assert!(said.contains("lifeboat: "), "{said}");
}
