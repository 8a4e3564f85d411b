//! A rescue folder may come from another person. Its journal and its contents must never lead outside the folder, run
//! anything, or make the program wait.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{cut_among_photos, rescue, try_resume};
use lifeboat::practice::android::Settings;

/// The longest time that the program may take.
const PATIENCE: Duration = Duration::from_secs(30);

fn change_journal(folder: &Path, sql: &str) {
    let journal = folder.join("data/lifeboat.sqlite");
    let db = rusqlite::Connection::open(journal).expect("the journal");
    db.execute_batch(sql).expect("a change");
    let _: String = db
        .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
        .expect("a mode");
}

fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(made.success());
}

/// Runs the program, which must end by itself.
fn ends(arguments: &[&str]) -> i32 {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let began = Instant::now();
    loop {
        if let Some(status) = program.try_wait().expect("a status") {
            return status.code().unwrap_or(-1);
        }
        if began.elapsed() > PATIENCE {
            let _ = program.kill();
            panic!("{arguments:?} waits for ever");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_journal_s_places_lead_nowhere_else() {
    for place in [
        "../../../elsewhere/file",
        "/etc/hostname",
        "photos/../../x",
        "lifeboat.sqlite",
        "photos",
    ] {
        let mut practised = cut_among_photos();
        let elsewhere = practised.parent.path().join("elsewhere");
        fs::create_dir(&elsewhere).expect("a folder");
        fs::write(elsewhere.join("file"), "mine").expect("a file");
        let copied = format!(
            "INSERT OR REPLACE INTO record (collection, place, key, kind, json) VALUES ('photos', x'00', 'copied/x', 'copied', \
             json_object('copied', json_object('path', '/sdcard/DCIM/Camera/x.jpg', 'place', '{place}', 'size', 4, \
             'modified', 0, 'sha256', '{:064}')))",
            0
        );
        change_journal(&practised.folder, &copied);
        let error = try_resume(&mut practised).expect_err("a refusal");
        assert!(
            error.to_string().contains("damaged") || error.to_string().contains("copy"),
            "{place}: {error}"
        );
        let left = fs::read_to_string(elsewhere.join("file")).expect("the file");
        assert_eq!(left, "mine");
    }
}

#[test]
fn triggers_and_views_of_others_never_run() {
    for object in [
        "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM record; END",
        "CREATE VIEW v AS SELECT 1",
        // A name that SQLite keeps for itself.
        "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM record; END; PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET name = 'sqlite_t', sql = replace(sql, 'TRIGGER t', 'TRIGGER sqlite_t') WHERE name = 't'",
        "CREATE TEMP TABLE harmless (x)",
    ] {
        let mut practised = cut_among_photos();
        change_journal(&practised.folder, object);
        let done = try_resume(&mut practised);
        // A temporary object goes with its connection, so only these do not fail.
        assert_eq!(done.is_ok(), object.contains("TEMP"), "{object}");
    }
}

#[test]
fn links_in_the_folder_are_not_followed() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut practised = cut_among_photos();
    let photos = practised.folder.join("data/photos");
    let _ = fs::remove_dir_all(&photos);
    symlink(elsewhere.path(), &photos).expect("a link");
    assert!(try_resume(&mut practised).is_err());
    assert_eq!(fs::read_dir(elsewhere.path()).expect("it").count(), 0);

    let mut practised = cut_among_photos();
    let data = practised.folder.join("data");
    let moved = elsewhere.path().join("data");
    fs::rename(&data, &moved).expect("moved");
    symlink(&moved, &data).expect("a link");
    assert!(try_resume(&mut practised).is_err());
}

#[test]
fn pipes_are_not_waited_for() {
    let practised = rescue(Settings {
        contacts: 3,
        events: 2,
        ..Settings::default()
    });
    let folder = practised.folder.to_str().expect("text").to_owned();
    let to = practised.parent.path().join("copies");
    fs::create_dir(&to).expect("a folder");
    pipe(&practised.folder.join("custody.jsonl"));
    for arguments in [
        vec!["verify", &folder],
        vec!["copy", &folder, to.to_str().expect("text")],
    ] {
        assert_ne!(ends(&arguments), 0, "{arguments:?}");
    }
    // A link in place of the file is neither read nor written through.
    let secret = practised.parent.path().join("secret");
    fs::write(&secret, "secret\n").expect("a file");
    let custody = practised.folder.join("custody.jsonl");
    fs::remove_file(&custody).expect("removed");
    symlink(&secret, &custody).expect("a link");
    assert_ne!(ends(&["copy", &folder, to.to_str().expect("text")]), 0);
    assert_eq!(fs::read_to_string(&secret).expect("it"), "secret\n");

    let key = practised.parent.path().join("adbkey");
    pipe(&key);
    let place: PathBuf = practised.parent.path().join("new");
    let arguments = [
        "rescue",
        "--practice",
        "--adb-key",
        key.to_str().expect("text"),
        "--only",
        "contacts",
        "--to",
        place.to_str().expect("text"),
    ];
    ends(&arguments);

    let mut cut = cut_among_photos();
    for entry in fs::read_dir(cut.folder.join("data")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_part = path
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with(".part-"));
        if is_part {
            pipe(&path);
        }
    }
    let done = try_resume(&mut cut).expect("an outcome");
    assert!(done.safe, "{:?}", done.why_not);
}

/// Files that lie beside a rescue, a backup or an image, as pipes.
#[test]
fn pipes_beside_the_sources_are_not_waited_for() {
    let parent = tempfile::tempdir().expect("a folder");
    let at = |name: &str| parent.path().join(name);
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    let to = text(&at("to"));

    pipe(&at("card.img"));
    let image = text(&at("card.img"));
    assert_ne!(ends(&["rescue", "--image", &image, "--to", &to]), 0);

    fs::write(at("other.img"), vec![0; 1 << 20]).expect("an image");
    pipe(&at("other.map"));
    let image = text(&at("other.img"));
    assert_ne!(ends(&["rescue", "--image", &image, "--to", &to]), 0);

    let backup = at("backup");
    fs::create_dir(&backup).expect("a folder");
    for name in ["Info.plist", "Manifest.plist", "Status.plist"] {
        pipe(&backup.join(name));
    }
    let backup = text(&backup);
    assert_ne!(
        ends(&["rescue", "--iphone-backup", &backup, "--to", &to]),
        0
    );

    let mut cut = cut_among_photos();
    let name = cut
        .folder
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    pipe(&cut.folder.with_file_name(format!(".{name}.running")));
    let done = try_resume(&mut cut).expect("an outcome");
    assert!(done.safe, "{:?}", done.why_not);
}

/// Programs that make backups link unchanged files instead of copying them.
#[test]
fn files_with_a_second_name_are_not_written_into() {
    let practised = rescue(Settings::default());
    let folder = practised.folder.to_str().expect("text").to_owned();
    let custody = practised.folder.join("custody.jsonl");
    let other = practised.parent.path().join("other");
    fs::hard_link(&custody, &other).expect("a link");
    let before = fs::read(&other).expect("the log");
    let to = practised.parent.path().join("stick");
    fs::create_dir(&to).expect("a folder");
    ends(&["copy", &folder, to.to_str().expect("text")]);
    assert_eq!(fs::read(&other).expect("the log"), before);

    let cut = cut_among_photos();
    let journal = cut.folder.join("data/lifeboat.sqlite");
    fs::hard_link(&journal, practised.parent.path().join("journal")).expect("a link");
    let before = fs::read(&journal).expect("the journal");
    assert_eq!(ends(&["finish", cut.folder.to_str().expect("text")]), 1);
    assert_eq!(fs::read(&journal).expect("the journal"), before);
}
