//! What can be written on the command line: the commands, their options and help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::options::{Family, ForCase, ForDesk, Looks, Only, Source, WorkProfile, only_names};
use super::practice;
use crate::phrase;

/// Copies contacts, calendar, to-dos and photos from a phone before anyone resets the phone. Without a command,
/// Lifeboat opens its screens.
#[derive(Debug, Parser)]
#[command(
    name = "lifeboat",
    version,
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) screens: Screens,
}

#[derive(Debug, Args)]
pub(super) struct Screens {
    /// Plugs in a practice phone with an invented owner.
    #[arg(long, value_name = "FAMILY", num_args = 0..=1, default_missing_value = "android")]
    pub(super) practice: Option<Family>,
    /// What goes wrong with the practice phone (see `lifeboat practice serve FAMILY --help`).
    #[arg(long, value_name = "SPEC", requires = "practice")]
    pub(super) fault: Option<String>,
    /// The folder for rescues. Each rescue gets its own folder in it. Default: `Rescues` in the home folder.
    #[arg(long, value_name = "PARENT")]
    pub(super) to: Option<PathBuf>,
    #[command(flatten)]
    pub(super) work_profile: WorkProfile,
    /// A debugging key that the phone may already trust. You can give this option several times.
    #[arg(long, value_name = "FILE")]
    pub(super) adb_key: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) desk: ForDesk,
    /// For a desk in a shop: the screens show counts and states, and nothing of what is on the phones. Each rescue is
    /// encrypted as soon as it is checked, and the open folder is removed. Lifeboat asks for a passphrase, unless
    /// --seal-to names a key.
    #[arg(long = "desk", hide = !cfg!(feature = "seal"))]
    pub(super) is_desk: bool,
    /// With --desk: who can open the rescues, as `age1…` or an SSH public key. You can give this option several times.
    #[arg(long, value_name = "RECIPIENT", requires = "is_desk", hide = !cfg!(feature = "seal"))]
    pub(super) seal_to: Vec<String>,
    /// Asks and answers in lines of text, for a screen reader or a simple terminal.
    #[arg(long, conflicts_with = "is_desk")]
    pub(super) plain: bool,
    #[command(flatten)]
    pub(super) looks: Looks,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists the phones that are found, and what each phone needs before Lifeboat can read it.
    Devices {
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
        /// Prints the devices found on USB and by an adb server as JSON, for a bug report. Serial numbers are
        /// replaced by made-up ones of the same form. Nothing is sent anywhere.
        #[arg(long, conflicts_with = "json")]
        dump: bool,
        /// Writes the dump to this new file. Only you can read the file.
        #[arg(long, value_name = "FILE", requires = "dump")]
        to: Option<PathBuf>,
    },
    /// Copies everything that Lifeboat can read from a phone into a new folder. Lifeboat only reads from the phone.
    Rescue(Box<Rescue>),
    /// Opens the screens with a rescue that has ended: its data, its verdict, copies, and the list of what a reset
    /// destroys.
    Open {
        /// The rescue folder.
        folder: PathBuf,
        /// Your name. It is noted with each line that you tick.
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        by: String,
    },
    /// Lists what a reset of the phone destroys, and notes what was done about it. Without an option, the list stays as
    /// it is.
    #[command(after_help = EXIT_CODES_OF_TICKS)]
    Ticks(Ticks),
    /// Copies a finished rescue to a USB stick or a network drive, and checks the copy.
    #[command(after_help = EXIT_CODES_OF_COPY)]
    Copy {
        /// The rescue folder.
        folder: PathBuf,
        /// An existing folder. The copy becomes a folder in it, with the same name as the rescue.
        to: PathBuf,
        /// Makes a plain copy for the phone's owner instead: pages that every browser opens, pictures, and files to
        /// import. It does not count as a copy of the rescue.
        #[arg(long)]
        plain: bool,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Makes an encrypted archive of a finished rescue. The programs age and tar can open the archive.
    #[command(after_help = EXIT_CODES_OF_SEAL, hide = !cfg!(feature = "seal"))]
    Seal(Seal),
    /// Finishes a rescue without the phone: the phone has died, or gives no more. Writes the report and seals the folder
    /// with the data that is saved, so that it can be copied and handed over. It can't be resumed after that.
    #[command(after_help = EXIT_CODES_OF_FINISH)]
    Finish {
        /// The folder of the unfinished rescue.
        folder: PathBuf,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Removes a rescue folder and lists what was removed. Lifeboat asks first. Traces of the data may stay on the disk.
    #[command(after_help = EXIT_CODES_OF_FORGET)]
    Forget {
        /// The rescue folder.
        folder: PathBuf,
        /// Removes the folder without a question.
        #[arg(long)]
        yes: bool,
    },
    /// Checks every file of a rescue folder, and counts the known copies of the rescue.
    #[command(after_help = EXIT_CODES_OF_VERIFY)]
    Verify {
        /// The rescue folder.
        folder: PathBuf,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Makes a file for a bug report from a rescue folder, finished or not. Names, numbers, texts and serial numbers
    /// are replaced by made-up ones of the same form. Nothing is sent anywhere.
    #[command(after_help = ABOUT_REPORTS)]
    ReportProblem {
        /// The rescue folder. Nothing is written into it.
        folder: PathBuf,
        /// The new file. Default: lifeboat-problem-DATE.txt in the current folder.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Runs practice phones: simulated phones, for trying out Lifeboat.
    Practice {
        #[command(subcommand)]
        command: practice::Command,
    },
    /// Writes the manual pages and the shell completions into a folder.
    #[cfg(feature = "pages")]
    #[command(hide = true)]
    Pages { folder: PathBuf },
}

#[derive(Debug, Args)]
pub(super) struct Ticks {
    /// The folder of a finished rescue.
    pub(super) folder: PathBuf,
    /// Notes that this line is done. The list shows the ID of each line before its text. You can give this option
    /// several times.
    #[arg(long, value_name = "ID")]
    pub(super) done: Vec<String>,
    /// Notes that this line is skipped, with the reason. You can give this option several times.
    #[arg(long, value_name = "ID", requires = "reason")]
    pub(super) skip: Vec<String>,
    /// The reason for the lines that are skipped.
    #[arg(long, value_name = "TEXT", requires = "skip")]
    pub(super) reason: Option<String>,
    /// Notes that this line is open again. You can give this option several times.
    #[arg(long, value_name = "ID")]
    pub(super) reopen: Vec<String>,
    /// Your name. It is noted with each line.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) by: String,
    /// Also lists the things behind each line, such as the names of contacts.
    #[arg(long)]
    pub(super) details: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[cfg_attr(not(feature = "seal"), allow(dead_code))]
pub(super) struct Seal {
    /// The rescue folder.
    pub(super) folder: PathBuf,
    /// A recipient who can open the archive: `age1…`, or an SSH public key, `ssh-ed25519 …`. You can give this option
    /// several times.
    #[arg(
        long,
        value_name = "RECIPIENT",
        required_unless_present = "passphrase",
        conflicts_with = "passphrase"
    )]
    pub(super) to: Vec<String>,
    /// Encrypts the archive with a passphrase. Anyone who knows the passphrase can open the archive. Lifeboat asks
    /// for the passphrase, or reads one line from a pipe.
    #[arg(long)]
    pub(super) passphrase: bool,
    /// The archive file. Default: beside the folder, with the folder's name and .tar.age at the end.
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Removes the unencrypted folder after the archive is checked. The removed data may stay on the disk for a long
    /// time.
    #[arg(long)]
    pub(super) remove: bool,
    /// Prints one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Rescue {
    #[command(flatten)]
    pub(super) source: Source,
    /// The folder for rescues. The rescue gets its own folder in it. Lifeboat creates a missing folder.
    #[arg(long, value_name = "PARENT", required_unless_present = "resume")]
    pub(super) to: Option<PathBuf>,
    /// Continues an unfinished rescue. If you name no phone, Lifeboat uses the phone of that rescue.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["to", "only"])]
    pub(super) resume: Option<PathBuf>,
    /// Rescues only these collections.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = only_names()
    )]
    pub(super) only: Vec<Only>,
    /// Reads only the files of a phone, by file transfer (MTP). Use this option if you can't turn on USB debugging.
    /// First export the contacts to a file on the phone, in the phone's Contacts app.
    #[arg(long, conflicts_with_all = ["adb", "image", "iphone_backup"])]
    pub(super) files: bool,
    #[command(flatten)]
    pub(super) work_profile: WorkProfile,
    /// A debugging key that the phone may already trust. You can give this option several times.
    #[arg(long, value_name = "FILE")]
    pub(super) adb_key: Vec<PathBuf>,
    /// What goes wrong with the practice phone (see `lifeboat practice serve FAMILY --help`).
    #[arg(long, value_name = "SPEC", requires = "practice")]
    pub(super) fault: Option<String>,
    /// Continues the rescue of a phone that shows no contacts and no events. The owner confirms that the phone has no
    /// contacts and no events.
    #[arg(long)]
    pub(super) confirm_empty: bool,
    #[command(flatten)]
    pub(super) desk: ForDesk,
    #[command(flatten)]
    pub(super) case: ForCase,
    /// How long to wait for a phone that is locked, disconnected, or asks a question on its screen, for example 90, 10m
    /// or 2h. After that time, the rescue stays unfinished. Default: 10 minutes for a locked phone, no wait for a disconnected phone.
    #[arg(long, value_name = "SECONDS", value_parser = how_long)]
    pub(super) wait: Option<std::time::Duration>,
    /// Prints one JSON object at the end.
    #[arg(long)]
    pub(super) json: bool,
}

/// Parses `90`, `90s`, `10m`, `2h`.
pub(super) fn how_long(text: &str) -> Result<std::time::Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    let unit = units.iter().find(|(unit, _)| text.ends_with(*unit));
    let digits = text.strip_suffix(|c| unit.is_some_and(|(unit, _)| c == *unit));
    let number = digits.unwrap_or(text).parse::<u32>();
    let seconds = number.map_err(|_| phrase("write it as 90, 90s, 10m or 2h").to_owned())?;
    let seconds = u64::from(seconds) * unit.map_or(1, |(_, seconds)| *seconds);
    Ok(std::time::Duration::from_secs(seconds))
}

pub(super) const EXIT_CODES_OF_COPY: &str = phrase(
    "Exit codes: 0 the copy is complete and checked; 1 the command failed; 2 wrong \
     usage; 3 stopped, run the same command to continue",
);
pub(super) const EXIT_CODES_OF_SEAL: &str = phrase(
    "To open the archive: age -d ARCHIVE | tar -x\n\nExit codes: 0 the archive is \
     complete and checked; 1 the command failed; 2 wrong usage; 3 stopped, no \
     archive was made",
);
pub(super) const EXIT_CODES_OF_FORGET: &str = phrase(
    "Exit codes: 0 the folder was removed; 1 the command failed; 2 wrong usage; 3 you \
     did not confirm, nothing was removed",
);
pub(super) const EXIT_CODES_OF_TICKS: &str = phrase(
    "Exit codes: 0 the phone is ready for a reset; 1 the command failed; 2 wrong usage; 3 a \
     line is open, or not all data is safe",
);
pub(super) const ABOUT_REPORTS: &str = phrase(
    "The file contains versions, the phone's make and model, the result of each \
     collection, the log, the requests to the phone and the phone's answers. Times and \
     row numbers are kept. Photos are not included. Read the file before you send \
     it.\n\nExit codes: 0 the file was written, even if parts of the folder could not be \
     read; 1 the command failed; 2 wrong usage",
);
pub(super) const EXIT_CODES_OF_FINISH: &str = phrase(
    "Exit codes: 0 everything was read; 1 the rescue could not be finished; 2 wrong usage; 3 the rescue is finished, \
     but not everything was read",
);
pub(super) const EXIT_CODES_OF_VERIFY: &str = phrase(
    "Exit codes: 0 all files are complete and unchanged; 1 a file has changed or \
     could not be checked; 2 wrong usage; 3 the rescue is not finished",
);
