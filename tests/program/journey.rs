//! The program as its user sees it: in a terminal, waiting for texts on the screen.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use lifeboat::tui::terminal;
use lifeboat::tui::theme::Theme;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longer than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

fn side(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}

pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    everything: Vec<u8>,
}

impl Terminal {
    pub(crate) fn start(home: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_program(env!("CARGO_BIN_EXE_lifeboat"), home, arguments, environment)
    }

    fn start_program(
        program: impl AsRef<OsStr>,
        home: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("HOME", home);
        command.env("XDG_CONFIG_HOME", home.join("config"));
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (tell, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || tell.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            output,
            screen: vt100::Parser::new(side(24), side(80), 0),
            everything: Vec::new(),
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the screen shows `text`.
    pub(crate) fn see(&mut self, text: &str) {
        self.wait(|seen| seen.text().contains(text), &format!("no “{text}”"));
    }

    /// Presses Esc, and waits until `text` has left the screen. A key that is pressed before would reach the program
    /// together with Esc, which means Alt and that key.
    pub(crate) fn escape(&mut self, text: &str) {
        self.see(text);
        self.press("\u{1b}");
        self.wait(
            |seen| !seen.text().contains(text),
            &format!("still “{text}”"),
        );
    }

    /// Waits until the terminal has received `text`, on the screen or before.
    fn received(&mut self, text: &str) {
        let received = |seen: &Self| String::from_utf8_lossy(&seen.everything).contains(text);
        self.wait(received, &format!("never “{text}”"));
    }

    fn wait(&mut self, is_so: impl Fn(&Self) -> bool, wrong: &str) {
        let until = Instant::now() + PATIENCE;
        while !is_so(self) {
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("{error}: {wrong} on the screen:\n{}", self.text()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.everything.extend_from_slice(bytes);
    }

    /// Waits until the program has ended. Returns its exit code. The terminal must be in its former state.
    pub(crate) fn ended(mut self) -> (u32, Self) {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.text()),
            }
        }
        let code = self.child.wait().unwrap().exit_code();
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the screen was not given back");
        assert!(!screen.hide_cursor(), "the cursor was not given back");
        assert!(!screen.bracketed_paste());
        (code, self)
    }
}

/// Starts a rescue of a slow practice handset.
fn reading(home: &Path) -> Terminal {
    reading_at(home, "rate=60k/s")
}

fn reading_at(home: &Path, rate: &str) -> Terminal {
    let slow = ["--practice", "--fault", rate];
    let mut terminal = Terminal::start(home, &slow, &[]);
    terminal.see("Press Enter to rescue");
    terminal.press("\r");
    terminal.see("the owner may leave");
    terminal.press("\r");
    terminal.see("a second");
    terminal
}

fn only_folder(parent: &Path) -> std::path::PathBuf {
    let mut folders: Vec<_> = std::fs::read_dir(parent)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

#[test]
fn enter_alone_rescues_a_phone() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), &["--practice"], &[]);
    terminal.see("Press Enter to rescue");
    terminal.press("\r");
    terminal.see("the owner may leave");
    terminal.press("\r");
    terminal.see("Everything Lifeboat can read on this phone is safe.");
    terminal.press("\r");
    terminal.see("A reset destroys or asks for these");
    let stick = home.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    terminal.press("c");
    terminal.see("Which copy?");
    terminal.press("e");
    terminal.see("another folder");
    // The last row, however many drives this computer has.
    terminal.press(&"\u{1b}[B".repeat(9));
    terminal.press("\r");
    terminal.see("Copy to which folder");
    terminal.press("~/sti\t");
    terminal.see("~/stick/");
    terminal.press("\r");
    // Before the copy begins, it is said that this is no other disk.
    terminal.see("anyway");
    terminal.press("\r");
    terminal.see("The copy is on the same disk");
    terminal.press("\r");
    terminal.see("Rescues");
    terminal.see("rescued, safe");
    // Enter opens the finished rescue again, and starts no second one.
    terminal.press("\r");
    terminal.escape("Not ready to reset");
    terminal.see("Press n to rescue the phone again");
    terminal.press("q");
    let (code, terminal) = terminal.ended();
    assert_eq!(code, 0);
    assert!(only_folder(&stick).join("manifest-sha256.txt").is_file());
    assert!(terminal.text().contains("Rescue folder: "));
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(folder.join("data/contacts.vcf").is_file());
    assert!(folder.join("manifest-sha256.txt").is_file());
}

#[test]
fn the_rescued_data_is_searched_and_taken_along() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), &["--practice"], &[]);
    terminal.see("Press Enter to rescue");
    terminal.press("\r");
    terminal.see("the owner may leave");
    terminal.press("\r");
    terminal.see("Everything Lifeboat can read on this phone is safe.");
    terminal.press("l");
    terminal.see("1 of 419");
    // Letters are typed, and Ctrl-U erases them all.
    terminal.press("/qqqq");
    terminal.see("Search: qqqq");
    terminal.press("\u{15}muller");
    terminal.see("Search: muller");
    terminal.see("(419 in all)");
    terminal.press("\r\r");
    terminal.see("copy the value");
    terminal.press("y");
    terminal.see("Copied: ");
    terminal.press("r");
    terminal.escape("Sent by the phone");
    terminal.see("copy the value");
    terminal.press("Q");
    terminal.see("Name");
    terminal.press("x");
    terminal.press(" e");
    terminal.see("Export as");
    terminal.press("\r\u{15}~/ou");
    terminal.see("Folder: ~/ou");
    std::fs::create_dir(home.path().join("out")).unwrap();
    terminal.press("\t");
    terminal.see("Folder: ~/out/");
    terminal.press("\r");
    terminal.see("Written: ");
    // The shell can't continue this program, so it goes on at once, and draws everything again.
    terminal.press("\u{1a}");
    terminal.received("type: fg");
    // Back to the list, then to the next collection.
    terminal.escape("Written: ");
    terminal.see("mark");
    terminal.press("\t");
    terminal.see("284 events");
    terminal.press("a");
    terminal.see("entries");
    terminal.press("t");
    terminal.see("›");
    terminal.press("v");
    terminal.see("A reset destroys or asks for these");
    terminal.press("q");
    let (code, terminal) = terminal.ended();
    assert_eq!(code, 0);
    let all = String::from_utf8_lossy(&terminal.everything).into_owned();
    assert!(all.contains("\u{1b}]52;c;"), "the clipboard is told");
    let card = std::fs::read_to_string(only_folder(&home.path().join("out"))).unwrap();
    assert_eq!(card.matches("BEGIN:VCARD").count(), 1, "{card}");
}

#[test]
fn a_cable_that_comes_out_is_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let fault = "unplug-after-rows=900";
    let mut terminal = Terminal::start(home.path(), &["--practice", "--fault", fault], &[]);
    terminal.see("Press Enter to rescue");
    terminal.press("\r");
    terminal.see("the owner may leave");
    terminal.press("\r");
    terminal.see("the connection was lost");
    terminal.see("Everything Lifeboat can read on this phone is safe.");
    terminal.press("q");
    terminal.ended();
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(
        folder.join("manifest-sha256.txt").is_file(),
        "one rescue, finished"
    );
}

#[test]
fn the_cable_can_be_pulled_by_hand() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), &["--practice"], &[]);
    terminal.see("Press Enter to rescue");
    terminal.press("u");
    terminal.see("No phone found yet.");
    terminal.press("u");
    terminal.see("Press Enter to rescue");
    terminal.press("q");
    assert_eq!(terminal.ended().0, 0);
}

#[test]
fn ctrl_c_keeps_what_is_safe() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading(home.path());
    terminal.press("\u{3}");
    terminal.see("To continue: lifeboat rescue --resume");
    terminal.ended();
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(folder.join("data/contacts.vcf").is_file());
    assert!(!folder.join("manifest-sha256.txt").exists());
}

/// A phone that gives no more: what is saved becomes a finished rescue, on the screens alone.
#[test]
fn a_rescue_is_finished_without_its_phone() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading(home.path());
    terminal.press("qq");
    terminal.see("To continue: lifeboat rescue --resume");
    terminal.ended();
    let mut terminal = Terminal::start(home.path(), &["--practice"], &[]);
    terminal.see("Press Enter to continue");
    terminal.press("u");
    terminal.see("No phone found yet.");
    terminal.press("\u{1b}[B");
    terminal.see("Enter open");
    terminal.press("\r");
    terminal.see("finish without the phone");
    terminal.press("f");
    terminal.see("Press Enter to finish");
    terminal.press("\r");
    terminal.see("The rescue was finished without reading everything.");
    terminal.press("q");
    terminal.ended();
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(folder.join("manifest-sha256.txt").is_file());
}

#[test]
fn leaving_asks_first_and_prints_a_command_that_works() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading(home.path());
    terminal.press("q");
    terminal.escape("A rescue is running.");
    terminal.see("a second");
    terminal.press("qq");
    terminal.see("To continue: lifeboat rescue --resume");
    let (code, terminal) = terminal.ended();
    assert_eq!(code, 3, "something is missing");
    let text = terminal.text().replace('\n', " ");
    let line = text.split("To continue: lifeboat ").nth(1).unwrap();
    let words = shlex::split(line.trim()).unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(&words)
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{words:?}: {done:?}");
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(folder.join("manifest-sha256.txt").is_file());
}

/// Esc goes back to the phones while the rescue continues, and contacts can be looked at meanwhile.
#[test]
fn a_rescue_goes_on_behind_the_screen() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading_at(home.path(), "rate=150k/s");
    terminal.press("\u{1b}");
    terminal.see("This phone is being read.");
    terminal.press("\r");
    terminal.see("Reading. Contacts come first.");
    terminal.press("l");
    terminal.see("Rescued data");
    terminal.escape("only on this phone");
    terminal.see("Everything Lifeboat can read on this phone is safe.");
    terminal.press("q");
    assert_eq!(terminal.ended().0, 0);
}

#[test]
fn marked_phones_are_rescued_together() {
    let home = tempfile::tempdir().unwrap();
    let slow = ["--practice", "--fault", "twin,rate=200k/s"];
    let mut terminal = Terminal::start(home.path(), &slow, &[]);
    terminal.see("Press Enter to rescue");
    terminal.press(" ");
    terminal.see("[x]");
    terminal.press("\u{1b}[B ");
    terminal.see("rescue 2 phones together");
    terminal.press("\r");
    terminal.see("and 1 more");
    terminal.press("\r");
    terminal.see("contacts");
    terminal.see("safe, 1 copy");
    terminal.see("The rescue of this phone has ended.");
    terminal.press("qq");
    terminal.ended();
    let folders = std::fs::read_dir(home.path().join("Rescues/Practice")).unwrap();
    assert_eq!(folders.count(), 2);
}

#[test]
fn a_signal_is_as_good_as_a_key() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading(home.path());
    let id = terminal.child.process_id().unwrap().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(sent.unwrap().success());
    terminal.see("To continue: lifeboat rescue --resume");
    terminal.ended();
}

/// Closing the window ends no rescue, and another Lifeboat finds the one that runs.
#[test]
fn a_rescue_outlives_its_terminal_and_is_found_again() {
    let home = tempfile::tempdir().unwrap();
    let terminal = reading_at(home.path(), "rate=150k/s");
    // Closes the last handles of the terminal's other end. The reading thread drops its own with the next bytes.
    let Terminal {
        mut child,
        master,
        keys,
        output,
        ..
    } = terminal;
    drop((master, keys, output));
    let mut second = Terminal::start(home.path(), &["--practice"], &[]);
    // Its Rescue screen is shown at once, and goes on. Esc leads to the phones and Enter back.
    second.see("Reading");
    second.see("a second");
    second.press("\u{1b}");
    second.see("Another Lifeboat reads this phone");
    second.press("\r");
    second.see("Don't unplug the phone.");
    second.see("Everything Lifeboat can read on this phone is safe.");
    second.see("A reset destroys or asks for these");
    second.press("q");
    assert_eq!(second.ended().0, 0);
    let (tell, ended) = channel();
    std::thread::spawn(move || tell.send(child.wait().is_ok()));
    assert!(
        ended
            .recv_timeout(PATIENCE)
            .expect("it ends without a terminal")
    );
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(folder.join("manifest-sha256.txt").is_file(), "it is whole");
}

/// The rescue of a closed window can be stopped from another one.
#[test]
fn a_rescue_without_a_terminal_is_stopped_by_another_lifeboat() {
    let home = tempfile::tempdir().unwrap();
    let terminal = reading(home.path());
    let Terminal {
        mut child,
        master,
        keys,
        output,
        ..
    } = terminal;
    drop((master, keys, output));
    let mut second = Terminal::start(home.path(), &["--practice"], &[]);
    second.see("a second");
    second.press("x");
    second.see("Stop the rescue");
    second.press("x");
    second.see("finish without the phone");
    child.wait().unwrap();
    second.press("\r");
    second.see("UNFINISHED");
    second.press("q");
    assert_eq!(second.ended().0, 0);
}

#[test]
fn it_fits_a_terminal_that_grows_and_shrinks() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), &["--practice"], &[]);
    terminal.see("Press Enter to rescue");
    for (rows, cols, text) in [
        (40, 120, "Press Enter to rescue"),
        (15, 60, "? all keys"),
        (8, 30, "This window is too small"),
        (24, 80, "Phones"),
    ] {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        terminal
            .screen
            .screen_mut()
            .set_size(side(rows), side(cols));
        terminal.master.resize(size).unwrap();
        terminal.see(text);
    }
    terminal.press("?");
    terminal.see("Keys on this screen");
    terminal.press("x");
    terminal.press("q");
    terminal.ended();
}

#[test]
fn without_colours_the_choice_is_still_marked() {
    let home = tempfile::tempdir().unwrap();
    let twins = ["--practice", "--fault", "twin"];
    let mut terminal = Terminal::start(home.path(), &twins, &[("NO_COLOR", "1")]);
    terminal.see("›");
    terminal.see("Press Enter to rescue");
    terminal.press("q");
    let (_, terminal) = terminal.ended();
    let text = String::from_utf8_lossy(&terminal.everything).into_owned();
    for code in ["\u{1b}[31m", "\u{1b}[32m", "\u{1b}[36m", "\u{1b}[38;5"] {
        assert!(!text.contains(code), "{code:?}");
    }
}

#[test]
fn without_a_terminal_the_plain_commands_are_named() {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        said.contains("lifeboat rescue") && said.contains("lifeboat devices"),
        "{said}"
    );
    assert!(done.stdout.is_empty());
}

/// The program that the next test runs in a terminal: a thread panics while the screen is in use.
#[test]
fn a_panic_while_the_screen_is_taken() {
    let Ok(whose) = std::env::var("PANIC_OF") else {
        return;
    };
    let screen = terminal::Screen::take(Theme::plain(), false).unwrap();
    if whose == "worker" {
        let worker = std::thread::spawn(|| panic!("a worker broke"));
        assert!(worker.join().is_err());
        drop(screen);
        println!("the screen outlived it");
    } else {
        panic!("the drawing thread broke");
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_a_workers_does_not_touch_it() {
    let home = tempfile::tempdir().unwrap();
    let this = std::env::current_exe().unwrap();
    let arguments = [
        "--exact",
        "journey::a_panic_while_the_screen_is_taken",
        "--nocapture",
    ];
    for (whose, seen, unseen) in [
        ("drawing thread", "the drawing thread broke", "outlived"),
        ("worker", "the screen outlived it", "a worker broke"),
    ] {
        let environment = [("PANIC_OF", whose)];
        let terminal = Terminal::start_program(&this, home.path(), &arguments, &environment);
        let (_, terminal) = terminal.ended();
        let text = String::from_utf8_lossy(&terminal.everything).into_owned();
        // The message is printed after the terminal was restored, so it stays readable.
        let back = text
            .find("\u{1b}[?1049l")
            .expect("the screen was given back");
        assert!(text[back..].contains(seen), "{text:?}");
        assert!(!text.contains(unseen), "{text:?}");
        assert_eq!(text.matches("\u{1b}[?1049l").count(), 1, "{text:?}");
    }
}

/// A stopped rescue, or one whose program was closed, is offered as soon as the same phone is there.
#[test]
fn an_unfinished_rescue_is_offered_again_after_the_program_was_closed() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading(home.path());
    terminal.press("\u{3}");
    terminal.see("To continue: lifeboat rescue --resume");
    terminal.ended();
    let mut terminal = Terminal::start(home.path(), &["--practice"], &[]);
    terminal.see("Press Enter to continue the rescue of");
    terminal.see("UNFINISHED");
    // Without the phone, the screen asks the user to plug the phone in.
    terminal.press("u");
    terminal.see("No phone found yet.");
    terminal.press("\u{1b}[B");
    terminal.see("Plug in the phone to continue.");
    terminal.press("u");
    terminal.see("Press Enter to continue.");
    terminal.press("\r");
    terminal.see("Everything Lifeboat can read on this phone is safe.");
    terminal.press("\r");
    terminal.see("A reset destroys or asks for these");
    terminal.press("\r");
    terminal.see("rescued, safe");
    terminal.press("q");
    terminal.ended();
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(
        folder.join("manifest-sha256.txt").is_file(),
        "one rescue, finished"
    );
}

#[test]
fn after_a_kill_the_rescue_is_offered_again_or_restarted() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = reading(home.path());
    terminal.child.kill().unwrap();
    terminal.child.wait().unwrap();
    let mut terminal = Terminal::start(home.path(), &["--practice"], &[]);
    terminal.see("Press Enter to continue the rescue of");
    terminal.press("n");
    terminal.see("the owner may leave");
    terminal.press("\r");
    terminal.see("Everything Lifeboat can read on this phone is safe.");
    terminal.press("q");
    terminal.ended();
    let folders = std::fs::read_dir(home.path().join("Rescues/Practice")).unwrap();
    assert_eq!(folders.count(), 2);
}

/// At a desk, contents are not shown, and the open folder is gone as soon as the rescue is checked.
#[cfg(feature = "seal")]
#[test]
fn at_a_desk_a_rescue_is_sealed_at_once() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), &["--desk", "--practice"], &[]);
    terminal.see("Passphrase");
    terminal.press("four words of a song\r");
    terminal.see("Repeat");
    terminal.press("four words of a song\r");
    terminal.see("Press Enter to rescue");
    terminal.press("\r");
    terminal.see("the owner may leave");
    terminal.press("\r");
    terminal.see("You can unplug the phone.");
    // Enter goes to the verdict: the data is not shown.
    terminal.press("\r");
    terminal.see("Sealed and checked");
    let seen = String::from_utf8_lossy(&terminal.everything).into_owned();
    assert!(!seen.contains("alex.winter"), "{}", terminal.text());
    for name in names_on_the_practice_phone() {
        assert!(!seen.contains(&name), "{name}: {}", terminal.text());
    }
    // Neither the data nor the open folder can be reached from here.
    terminal.press("lto");
    terminal.see("Sealed and checked");
    terminal.press("\r");
    terminal.see("sealed, ");
    terminal.press("q");
    let (code, _) = terminal.ended();
    assert_eq!(code, 0);
    let parent = home.path().join("Rescues/Practice");
    let archive = only_folder(&parent);
    assert!(
        archive.to_str().unwrap().ends_with(".tar.age"),
        "{archive:?}"
    );
}

/// The names of contacts that a rescue without a desk finds.
#[cfg(feature = "seal")]
fn names_on_the_practice_phone() -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().to_str().unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(["rescue", "--practice", "--only", "contacts", "--to", to])
        .env("HOME", home.path())
        .output()
        .unwrap();
    let cards = only_folder(home.path()).join("data/contacts.vcf");
    let text = std::fs::read_to_string(cards).unwrap_or_else(|e| panic!("{e}: {done:?}"));
    let names = text.lines().filter_map(|line| line.strip_prefix("FN:"));
    let names: Vec<String> = names
        .filter(|name| name.contains(' ') && name.len() > 8)
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 100, "{names:?}");
    names
}

/// A passphrase that is typed in two ways seals nothing.
#[cfg(feature = "seal")]
#[test]
fn at_a_desk_the_passphrase_is_typed_twice() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(home.path(), &["--desk", "--practice"], &[]);
    terminal.see("Passphrase");
    terminal.press("four words of a song\r");
    terminal.see("Repeat");
    terminal.press("five words of a song\r");
    terminal.see("passphrases are different");
    assert!(!home.path().join("Rescues").exists());
}
