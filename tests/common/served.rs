//! The program's practice handset, in its own process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A practice handset on its own port, ended with the test.
pub struct Served {
    process: Child,
    pub address: String,
}

impl Served {
    /// Starts a practice handset with these additional arguments.
    pub fn start(words: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
            .args(["practice", "serve", "android", "--adb", "127.0.0.1:0"])
            .args(words)
            .stderr(Stdio::piped())
            .spawn()
            .expect("lifeboat runs");
        let mut line = String::new();
        let errors = process.stderr.take().expect("its messages");
        BufReader::new(errors).read_line(&mut line).expect("a line");
        let address = line
            .split("ADB on ")
            .nth(1)
            .and_then(|rest| rest.split(". ").next());
        let address = address
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .to_owned();
        Self { process, address }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
