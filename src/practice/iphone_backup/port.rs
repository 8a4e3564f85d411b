//! A computer with a practice backup on its disk.

use std::io;
use std::path::{Path, PathBuf};

use super::settings::Settings;
use super::write::{self, UDID};
use crate::handset::family::{self, How, Secrets};
use crate::handset::find::{
    Found, OnWait, OpenError, Opened, Port, Seen, SeenFolder, Wanted, choose, judge,
};
use crate::handset::iphone::backup;
use crate::model::Stop;
use crate::system::private;

/// A backup in a private folder, which is removed at the end.
pub struct PracticeBackups {
    folder: PathBuf,
    secrets: Secrets,
}

impl PracticeBackups {
    /// Writes the backup.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn new(settings: &Settings, secrets: Secrets) -> io::Result<Self> {
        let name = format!("lifeboat-practice-{}-{}", std::process::id(), settings.seed);
        let folder = std::env::temp_dir().join(name);
        private::create_new_folder(&folder)?;
        let backups = Self { folder, secrets };
        let root = backups.root();
        private::create_new_folder(&root)?;
        write::write(settings, &root)?;
        Ok(backups)
    }

    /// The folder of the backup.
    pub fn root(&self) -> PathBuf {
        self.folder.join(UDID)
    }

    fn see(&self) -> Seen {
        let folders: Vec<SeenFolder> = backup::seen(std::slice::from_ref(&self.folder));
        Seen {
            usb: Some(Vec::new()),
            server: None,
            folders,
        }
    }
}

impl Port for PracticeBackups {
    fn look(&self) -> Found {
        Found {
            notes: Vec::new(),
            ..Found::of(&self.see())
        }
    }

    fn open(&self, id: &str, _: Wanted, stop: &Stop, on_wait: OnWait) -> Result<Opened, OpenError> {
        let how = How {
            adb: Default::default(),
            choices: Default::default(),
            secrets: self.secrets.clone(),
            stop: stop.clone(),
            on_wait,
        };
        let approaches = choose(judge(&self.see()), id)?.0;
        let first = approaches.into_iter().next().unwrap_or_default();
        Ok(family::open(&first, &how)?.into())
    }
}

impl Drop for PracticeBackups {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
}
