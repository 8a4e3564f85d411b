//! The desk's own programs, such as its viewer of pictures and its file manager.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::phrase;

/// A program that can't open the file ends within this time. A program that still runs has opened the file.
const FAILS_WITHIN: Duration = Duration::from_secs(3);

/// Opens a file or folder with the program that the desk has for it. May wait some seconds.
///
/// # Errors
/// Why it was not opened.
pub fn open(path: &Path) -> Result<(), String> {
    path.symlink_metadata()
        .map_err(|error| phrase!("The file is not there ({error})"))?;
    let program = if cfg!(windows) {
        "explorer"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let started = Command::new(program)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|_| phrase!("{program} is not installed"))?;
    let began = Instant::now();
    while began.elapsed() < FAILS_WITHIN {
        match child.try_wait() {
            // Explorer's exit code says nothing.
            Ok(Some(status)) if status.success() || cfg!(windows) => return Ok(()),
            Ok(Some(_)) => return Err(phrase!("{program} has no program for it")),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}
