//! The README and the files in docs/: every command in them is run with its placeholders filled in, and every link
//! leads somewhere.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lifeboat::practice::card::{PracticeCard, Settings};

use crate::common::served::Served;
#[cfg(unix)]
use crate::journey::Terminal;

/// Commands that need more than Lifeboat, each with the file that runs it, and how that file writes it.
const RUN_ELSEWHERE: [(&str, &str, &str); 12] = [
    (
        "lifeboat practice serve media --gadget --fault model=camera",
        "tests/lab/cases/served.sh",
        "served media media --fault",
    ),
    (
        "cargo run --release -- --practice",
        ".ci/run",
        "cargo run --quiet --features seal,thumbnails -- --practice",
    ),
    ("cargo test", ".ci/run", "\ncargo test\n"),
    ("cargo bench", ".ci/run", "\ncargo test --benches\n"),
    (
        "cargo run --example picture > assets/rescue.svg",
        ".ci/run",
        "cargo run --quiet --example picture",
    ),
    (
        "cargo run --example picture -- journey > assets/journey.svg",
        ".ci/run",
        "cargo run --quiet --example picture -- journey",
    ),
    ("packaging/build", ".ci/run", "packaging/build windows"),
    ("tests/lab/run speed", ".ci/run", "tests/lab/run"),
    (
        "sudo cp assets/70-lifeboat.rules /etc/udev/rules.d/",
        "tests/lab/cases/permission.sh",
        "assets/70-lifeboat.rules\" /etc/udev/rules.d/",
    ),
    (
        "sudo udevadm control --reload",
        "tests/lab/cases/permission.sh",
        "udevadm control --reload",
    ),
    (
        "sudo apt install ./lifeboat_0.1.0_amd64.deb",
        "packaging/test-installed",
        "apt install",
    ),
    (
        "cargo install --locked --path . --features seal,thumbnails",
        ".ci/run",
        "cargo install --locked --path . --features seal,thumbnails",
    ),
];

/// What commands begin with in a sentence.
const PROGRAMS: [&str; 5] = ["lifeboat ", "cargo ", "sudo ", "packaging/", "tests/lab/"];

/// The recipient of a sealed archive: a key from age's own tests.
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and the documents, by name.
fn documents() -> Vec<(String, String)> {
    let listed = std::fs::read_dir(root().join("docs")).expect("docs");
    let names = listed.map(|entry| entry.expect("a name").path());
    let mut paths: Vec<PathBuf> = names.collect();
    paths.push(root().join("README.md"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("a name below");
            let text = std::fs::read_to_string(&path).expect("text");
            (name.to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// The commands in a document: indented lines, and code spans that begin with a program's name.
fn commands(text: &str) -> BTreeSet<String> {
    let apart = text.lines().filter_map(|line| line.strip_prefix("    "));
    let apart = apart.map(|line| line.split(" #").next().unwrap_or(line).trim());
    let marked = text.split('`').skip(1).step_by(2);
    let begins = |text: &&str| PROGRAMS.iter().any(|program| text.starts_with(program));
    apart
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .chain(marked.filter(begins))
        .map(str::to_owned)
        .collect()
}

/// A folder in which the commands are run, with the things that a reader has.
struct Reader {
    home: tempfile::TempDir,
    /// A finished rescue.
    folder: String,
    served: Served,
}

impl Reader {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let card = PracticeCard::new(Settings::default());
        std::fs::write(home.path().join("card.img"), card.image()).expect("an image");
        let mut reader = Self {
            home,
            folder: String::new(),
            served: Served::start(&["--contacts", "5", "--events", "5", "--todos", "1"]),
        };
        let done = reader.run("lifeboat rescue --practice --only contacts --to first");
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        reader.folder = String::from_utf8_lossy(&done.stdout).trim_end().to_owned();
        reader
    }

    /// The words of a command, with the reader's own values filled in.
    fn words(&self, command: &str) -> Vec<String> {
        let plain = command.replace("(or --passphrase)", "");
        let home = self.home.path().to_string_lossy().into_owned();
        let fill = |word: &str| match word {
            "FOLDER" => self.folder.clone(),
            "HOST:PORT" => self.served.address.clone(),
            "age1…" => RECIPIENT.to_owned(),
            "/media/stick" => format!("{home}/stick"),
            "127.0.0.1:5555" => "127.0.0.1:0".to_owned(),
            word => word.replace("~/", &format!("{home}/")),
        };
        plain.split_whitespace().skip(1).map(fill).collect()
    }

    fn command(&self, command: &str) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_lifeboat"));
        program
            .args(self.words(command))
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env_remove("ADB_VENDOR_KEYS")
            .env("ANDROID_ADB_SERVER_PORT", "1")
            .stdin(Stdio::null());
        program
    }

    fn run(&self, command: &str) -> Output {
        std::fs::create_dir_all(self.home.path().join("stick")).expect("a folder");
        self.command(command).output().expect("lifeboat runs")
    }

    /// Opens the screens in a terminal, which show the practice phone, and leaves them.
    #[cfg(unix)]
    fn opens(&self, command: &str) {
        let words = self.words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut terminal = Terminal::start(self.home.path(), &words, &[]);
        terminal.see("SM-A536B");
        terminal.press("q");
        let (code, _) = terminal.ended();
        assert_eq!(code, 0, "{command}");
    }

    /// Runs a practice phone that is served until it is stopped. Returns true if it starts.
    fn is_served(&self, command: &str) -> bool {
        let mut serves = self.command(command);
        let mut serves = serves.stderr(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        let messages = serves.stderr.take().expect("its messages");
        BufReader::new(messages)
            .read_line(&mut line)
            .expect("a line");
        serves.kill().expect("it ends");
        serves.wait().expect("it ends");
        line.contains("ADB on ")
    }
}

/// The exit codes with which a command may end, and words that its messages contain.
fn expected(command: &str) -> (&'static [i32], &'static str) {
    match command {
        // No phone with this ID is plugged in here.
        command if command.contains("--device ID") => (&[1], "ID"),
        // A memory card has files only.
        command if command.contains("--image") => (&[0, 3], ""),
        // There is no terminal here.
        command if command.starts_with("lifeboat open ") => (&[2], "terminal"),
        "lifeboat --desk" => (&[2], "terminal"),
        command if command.starts_with("lifeboat forget ") => (&[1, 2, 3], ""),
        // Nobody answers.
        "lifeboat --plain" => (&[0, 1, 2, 3], ""),
        // The rescue is finished already, and is no backup of an iPhone.
        command if command.starts_with("lifeboat finish ") => (&[1], "finished"),
        command if command.contains("--iphone-backup FOLDER") => (&[1], "backup"),
        // The practice backup is encrypted, and nobody types its password.
        command if command.contains("--iphone-backup") => (&[1], "password"),
        // Other lines are still open.
        command if command.starts_with("lifeboat ticks ") => (&[3], ""),
        _ => (&[0], ""),
    }
}

#[test]
fn every_command_of_the_documents_does_what_it_says() {
    let reader = Reader::new();
    let all: BTreeSet<String> = documents()
        .iter()
        .flat_map(|(_, text)| commands(text))
        .collect();
    assert!(all.len() >= 20, "{all:#?}");
    for command in all {
        if let Some((_, file, words)) = RUN_ELSEWHERE.iter().find(|(known, _, _)| *known == command)
        {
            let text = std::fs::read_to_string(root().join(file)).expect(file);
            assert!(text.contains(words), "{command} is not run by {file}");
            continue;
        }
        assert!(command.starts_with("lifeboat "), "who runs {command}?");
        if command.contains("practice serve android --adb") {
            assert!(reader.is_served(&command), "{command}");
            continue;
        }
        #[cfg(unix)]
        if command.starts_with("lifeboat --practice") {
            reader.opens(&command);
            continue;
        }
        if command.starts_with("lifeboat seal ") && !cfg!(feature = "seal") {
            continue;
        }
        let (codes, words) = expected(&command);
        // A text that only names a command: its help is asked for.
        let word = command.strip_prefix("lifeboat ").unwrap_or_default();
        let names_one = !word.contains([' ', '-']) && word != "devices";
        let done = match names_one {
            true => reader.run(&format!("{command} --help")),
            false => reader.run(&command),
        };
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        let code = done.status.code().unwrap_or(-1);
        assert!(codes.contains(&code), "{command}: {code}\n{said}");
        assert!(said.contains(words), "{command}: {said}");
    }
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut links = 0;
    for (name, text) in documents() {
        let folder = root().join(&name);
        let folder = folder.parent().expect("a folder");
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap_or(link);
            if link.starts_with("https://") {
                continue;
            }
            links += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = match file.is_empty() {
                true => root().join(&name),
                false => folder.join(file),
            };
            assert!(path.exists(), "{name}: {link}");
            if heading.is_empty() {
                continue;
            }
            let there = std::fs::read_to_string(&path).expect("text");
            let slug = |line: &str| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                title.replace(' ', "-").replace([',', '\'', '(', ')'], "")
            };
            let mut headings = there.lines().filter(|line| line.starts_with('#')).map(slug);
            assert!(headings.any(|found| found == heading), "{name}: {link}");
        }
    }
    assert!(links >= 10, "{links}");
}

/// The README must fit on three screens of a terminal or a browser.
#[test]
fn the_readme_fits_on_three_screens() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("text");
    assert!(
        text.lines().count() <= 120,
        "{} lines",
        text.lines().count()
    );
}

/// The table of test programs in tests/README.md names every module of every program, and no others. The table of
/// planted faults names files and tests that exist.
#[test]
fn the_tables_of_tests_are_true() {
    let readme = std::fs::read_to_string(root().join("tests/README.md")).expect("text");
    let quoted = |text: &str| -> BTreeSet<String> {
        text.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    for program in ["formats", "android", "storages", "rescues", "program"] {
        let row = format!("| `{program}` |");
        let row = readme.lines().find(|line| line.starts_with(&row));
        let named = quoted(row.expect(program).rsplit('|').nth(1).expect("modules"));
        let main = root().join("tests").join(program).join("main.rs");
        let main = std::fs::read_to_string(main).expect("text");
        let modules = main.lines().filter_map(|line| {
            let name = line.strip_prefix("mod ")?.strip_suffix(';')?;
            let is_shared = ["common", "truth"].contains(&name);
            (!is_shared).then(|| name.to_owned())
        });
        assert_eq!(named, modules.collect(), "{program}");
    }
    let sources: Vec<String> = ["src", "tests"]
        .into_iter()
        .flat_map(|folder| texts_below(&root().join(folder)))
        .collect();
    let begin = readme.find("| fault | where in `src`").expect("the table");
    let rows = readme[begin..].lines().skip(2);
    let mut faults = 0;
    for row in rows.take_while(|line| line.starts_with('|')) {
        faults += 1;
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for place in cells[2].split('`').skip(1).step_by(2) {
            assert!(root().join("src").join(place).exists(), "{place}: {row}");
        }
        for test in quoted(cells[3]).iter().filter(|name| name.contains('_')) {
            let function = format!("fn {test}(");
            let module = format!("mod {test};");
            let is_there = sources
                .iter()
                .any(|s| s.contains(&function) || s.contains(&module));
            assert!(is_there, "{test}: {row}");
        }
    }
    assert!(faults >= 48, "{faults}");
}

/// The texts of all Rust files in a folder and in the folders below it.
fn texts_below(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a name").path();
        if path.is_dir() {
            texts.extend(texts_below(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            texts.push(std::fs::read_to_string(&path).expect("text"));
        }
    }
    texts
}
