//! The command line and its plain commands. Messages go to standard error; standard output gets only results.

// `eprintln!` panics if the reader is gone, which would end a rescue.
#![warn(clippy::print_stderr)]

/// Marks a message for a person and prints it, see [`connect::tell`].
macro_rules! say {
    ($($message:tt)*) => {
        $crate::cli::connect::tell(&$crate::phrase!($($message)*))
    };
}

mod bytes;
mod connect;
mod copy;
mod devices;
mod forget;
mod linear;
#[cfg(feature = "pages")]
mod pages;
mod password;
mod practice;
mod progress;
mod report_problem;
mod rescue;
mod screens;
#[cfg(feature = "seal")]
mod seal;
mod ticks;
mod verify;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

use anyhow::{Result, anyhow};
use clap::builder::PossibleValue;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::coach::guides;
use crate::model::{Case, Collection, Condition, Stop};
use crate::phrase;
use crate::tui::theme::Theme;
use crate::vault::Desk;

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
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    screens: Screens,
}

#[derive(Debug, Args)]
struct Screens {
    /// Plugs in a practice phone with an invented owner.
    #[arg(long, value_name = "FAMILY", num_args = 0..=1, default_missing_value = "android")]
    practice: Option<Family>,
    /// What goes wrong with the practice phone (see `lifeboat practice serve FAMILY --help`).
    #[arg(long, value_name = "SPEC", requires = "practice")]
    fault: Option<String>,
    /// The folder for rescues. Each rescue gets its own folder in it. Default: `Rescues` in the home folder.
    #[arg(long, value_name = "PARENT")]
    to: Option<PathBuf>,
    #[command(flatten)]
    work_profile: WorkProfile,
    /// A debugging key that the phone may already trust. You can give this option several times.
    #[arg(long, value_name = "FILE")]
    adb_key: Vec<PathBuf>,
    #[command(flatten)]
    desk: ForDesk,
    /// For a desk in a shop: the screens show counts and states, and nothing of what is on the phones. Each rescue is
    /// encrypted as soon as it is checked, and the open folder is removed. Lifeboat asks for a passphrase, unless
    /// --seal-to names a key.
    #[arg(long = "desk", hide = !cfg!(feature = "seal"))]
    is_desk: bool,
    /// With --desk: who can open the rescues, as `age1…` or an SSH public key. You can give this option several times.
    #[arg(long, value_name = "RECIPIENT", requires = "is_desk", hide = !cfg!(feature = "seal"))]
    seal_to: Vec<String>,
    /// Asks and answers in lines of text, for a screen reader or a simple terminal.
    #[arg(long, conflicts_with = "is_desk")]
    plain: bool,
    #[command(flatten)]
    looks: Looks,
}

/// How the screens look.
#[derive(Debug, Clone, Copy, Default, Args)]
struct Looks {
    /// Draws the screens with ASCII characters alone. Names keep their own letters.
    #[arg(long)]
    ascii: bool,
    /// Uses the colours for a light background. Default: as the terminal says in COLORFGBG, or else for a dark one.
    #[arg(long, conflicts_with = "dark")]
    light: bool,
    /// Uses the colours for a dark background.
    #[arg(long)]
    dark: bool,
    /// Scrolls with the mouse wheel. To select text, hold Shift.
    #[arg(long)]
    mouse: bool,
}

impl Looks {
    fn theme(self) -> Theme {
        let theme = Theme::of_user();
        let theme = match (self.light, self.dark) {
            (true, _) => theme.on_light(true),
            (false, true) => theme.on_light(false),
            (false, false) => theme,
        };
        match self.ascii {
            true => theme.in_ascii(),
            false => theme,
        }
    }
}

/// Whether an employer's data is read.
#[derive(Debug, Clone, Args)]
struct WorkProfile {
    /// Also reads a work profile. A work profile belongs to an employer, so the log names the person who agreed. If
    /// you give no name, Lifeboat asks for the name.
    #[arg(
        long = "work-profile",
        value_name = "WHO-AGREED",
        num_args = 0..=1,
        default_missing_value = ""
    )]
    agreed_by: Option<String>,
}

impl WorkProfile {
    /// Name of the person who agreed; `None`: the work profile is not read. Asks on a terminal if the name is empty.
    fn who_agreed(&self) -> Result<Option<String>> {
        let Some(named) = &self.agreed_by else {
            return Ok(None);
        };
        let mut who = named.trim().to_owned();
        if who.is_empty() && std::io::stdin().is_terminal() {
            say!(
                "The work profile belongs to an employer. Who agreed that Lifeboat may read it? Type the name, \
                 then press Enter."
            );
            std::io::stdin().read_line(&mut who)?;
        }
        match who.trim() {
            "" => Err(anyhow!(phrase(
                "a work profile belongs to an employer: name the person who agreed, for example --work-profile \
                 \"Kim Lee, IT\""
            ))),
            who => Ok(Some(who.to_owned())),
        }
    }
}

/// What a technician notes with a rescue: in its log, its report and `bag-info.txt`.
#[derive(Debug, Clone, Args)]
struct ForDesk {
    /// The ticket for this rescue.
    #[arg(
        long,
        value_name = "TICKET",
        default_value = "",
        hide_default_value = true
    )]
    ticket: String,
    /// The person who does the rescue.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    operator: String,
}

impl ForDesk {
    fn noted(&self) -> Desk {
        Desk {
            ticket: self.ticket.clone(),
            operator: self.operator.clone(),
        }
    }
}

/// What people say about the phone, for the order, the advice and the notes of a rescue.
#[derive(Debug, Clone, Default, Args)]
struct ForCase {
    /// What a person sees on the phone or knows about it. The order and the advice follow from it. Can be repeated.
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    condition: Vec<Seen>,
    /// For whom the phone is saved, if its owner can't ask for it. Also written to bag-info.txt.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    on_behalf_of: String,
    /// By what right, for example: heir, certificate of 3 May. Also written to bag-info.txt.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    by_right: String,
    /// Who at the company agreed, if the phone belongs to a company.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    company_agreed: String,
    /// What matters most to the owner. It is read first.
    #[arg(long, value_name = "COLLECTION")]
    first: Option<Only>,
    /// The number of contacts that the phone's own Contacts screen shows. Lifeboat compares it with what it saved.
    #[arg(long, value_name = "NUMBER")]
    contacts_shown: Option<u64>,
}

impl ForCase {
    fn noted(&self) -> Case {
        Case {
            conditions: self.condition.iter().map(|one| one.0).collect(),
            on_behalf_of: self.on_behalf_of.clone(),
            by_right: self.by_right.clone(),
            company_agreed: self.company_agreed.clone(),
            first: self.first.map(|one| one.0),
            contacts_shown: self.contacts_shown,
            ..Case::default()
        }
    }
}

/// A condition of a phone that is named on the command line.
#[derive(Debug, Clone, Copy)]
struct Seen(Condition);

impl ValueEnum for Seen {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Seen>> = LazyLock::new(|| Condition::ALL.map(Seen).into());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let guide = guides().iter().find(|guide| guide.condition == self.0)?;
        Some(PossibleValue::new(self.0.name()).help(guide.seen.as_str()))
    }
}

#[derive(Debug, Subcommand)]
enum Command {
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
struct Ticks {
    /// The folder of a finished rescue.
    folder: PathBuf,
    /// Notes that this line is done. The list shows the ID of each line before its text. You can give this option
    /// several times.
    #[arg(long, value_name = "ID")]
    done: Vec<String>,
    /// Notes that this line is skipped, with the reason. You can give this option several times.
    #[arg(long, value_name = "ID", requires = "reason")]
    skip: Vec<String>,
    /// The reason for the lines that are skipped.
    #[arg(long, value_name = "TEXT", requires = "skip")]
    reason: Option<String>,
    /// Notes that this line is open again. You can give this option several times.
    #[arg(long, value_name = "ID")]
    reopen: Vec<String>,
    /// Your name. It is noted with each line.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    by: String,
    /// Also lists the things behind each line, such as the names of contacts.
    #[arg(long)]
    details: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[cfg_attr(not(feature = "seal"), allow(dead_code))]
struct Seal {
    /// The rescue folder.
    folder: PathBuf,
    /// A recipient who can open the archive: `age1…`, or an SSH public key, `ssh-ed25519 …`. You can give this option
    /// several times.
    #[arg(
        long,
        value_name = "RECIPIENT",
        required_unless_present = "passphrase",
        conflicts_with = "passphrase"
    )]
    to: Vec<String>,
    /// Encrypts the archive with a passphrase. Anyone who knows the passphrase can open the archive. Lifeboat asks
    /// for the passphrase, or reads one line from a pipe.
    #[arg(long)]
    passphrase: bool,
    /// The archive file. Default: beside the folder, with the folder's name and .tar.age at the end.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Removes the unencrypted folder after the archive is checked. The removed data may stay on the disk for a long
    /// time.
    #[arg(long)]
    remove: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Args)]
struct Rescue {
    #[command(flatten)]
    source: Source,
    /// The folder for rescues. The rescue gets its own folder in it. Lifeboat creates a missing folder.
    #[arg(long, value_name = "PARENT", required_unless_present = "resume")]
    to: Option<PathBuf>,
    /// Continues an unfinished rescue. If you name no phone, it is the phone that the rescue was read from.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["to", "only"])]
    resume: Option<PathBuf>,
    /// Rescues only these collections.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = only_names()
    )]
    only: Vec<Only>,
    /// Reads only the files of a phone, by file transfer (MTP). Use this option if you can't turn on USB debugging.
    /// First export the contacts to a file on the phone, in the phone's Contacts app.
    #[arg(long, conflicts_with_all = ["adb", "image", "iphone_backup"])]
    files: bool,
    #[command(flatten)]
    work_profile: WorkProfile,
    /// A debugging key that the phone may already trust. You can give this option several times.
    #[arg(long, value_name = "FILE")]
    adb_key: Vec<PathBuf>,
    /// What goes wrong with the practice phone (see `lifeboat practice serve FAMILY --help`).
    #[arg(long, value_name = "SPEC", requires = "practice")]
    fault: Option<String>,
    /// Continues the rescue of a phone that shows no contacts and no events. The owner confirms that the phone has no
    /// contacts and no events.
    #[arg(long)]
    confirm_empty: bool,
    #[command(flatten)]
    desk: ForDesk,
    #[command(flatten)]
    case: ForCase,
    /// How long to wait for a phone that is locked, disconnected, or asks a question on its screen, for example 90, 10m
    /// or 2h. After that time, the rescue stays unfinished. Default: 10 minutes for a locked phone, no wait for a disconnected phone.
    #[arg(long, value_name = "SECONDS", value_parser = how_long)]
    wait: Option<std::time::Duration>,
    /// Prints one JSON object at the end.
    #[arg(long)]
    json: bool,
}

/// Parses `90`, `90s`, `10m`, `2h`.
fn how_long(text: &str) -> Result<std::time::Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    let unit = units.iter().find(|(unit, _)| text.ends_with(*unit));
    let digits = text.strip_suffix(|c| unit.is_some_and(|(unit, _)| c == *unit));
    let number = digits.unwrap_or(text).parse::<u32>();
    let seconds = number.map_err(|_| phrase("write it as 90, 90s, 10m or 2h").to_owned())?;
    let seconds = u64::from(seconds) * unit.map_or(1, |(_, seconds)| *seconds);
    Ok(std::time::Duration::from_secs(seconds))
}

#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
struct Source {
    /// The ID of a phone. `lifeboat devices` lists the IDs.
    #[arg(long, value_name = "ID")]
    device: Option<String>,
    /// An Android phone whose debugging port is on the network.
    #[arg(long, value_name = "HOST:PORT")]
    adb: Option<String>,
    /// An image file of a memory card, as dd or ddrescue make it. Lifeboat opens the file for reading only.
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// A backup of an iPhone on this computer: the folder that Finder, Apple Devices, iTunes or idevicebackup2 made.
    /// Lifeboat opens its files for reading only. For an encrypted backup, Lifeboat asks for the password. In a script,
    /// set the environment variable LIFEBOAT_BACKUP_PASSWORD.
    #[arg(long, value_name = "FOLDER")]
    iphone_backup: Option<PathBuf>,
    /// A practice phone with an invented owner.
    #[arg(long, value_name = "FAMILY", num_args = 0..=1, default_missing_value = "android")]
    practice: Option<Family>,
}

impl Source {
    /// True if no phone is named.
    fn is_missing(&self) -> bool {
        let Self {
            device,
            adb,
            image,
            iphone_backup,
            practice,
        } = self;
        device.is_none()
            && adb.is_none()
            && image.is_none()
            && iphone_backup.is_none()
            && practice.is_none()
    }
}

/// A family of practice handsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Family {
    Android,
    /// A memory card with the same folders as a Sidekick's card.
    Card,
    /// A backup of an iPhone on this computer.
    IphoneBackup,
    /// A phone in file transfer mode, a camera, or an iPhone that appears as a camera.
    Media,
}

impl Family {
    /// The option that selects this family on the command line.
    fn reach(self) -> &'static str {
        match self {
            Self::Android => "--practice",
            Self::Card => "--practice card",
            Self::IphoneBackup => "--practice iphone-backup",
            Self::Media => "--practice media",
        }
    }
}

/// A collection that is asked for by name.
#[derive(Debug, Clone, Copy)]
struct Only(Collection);

impl ValueEnum for Only {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Only>> = LazyLock::new(|| Collection::asked().map(Only).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let value = PossibleValue::new(self.0.name());
        Some(match self.0.help() {
            "" => value,
            help => value.help(help),
        })
    }
}

/// Returns the names of all values of `--only`, for its help.
fn only_names() -> &'static str {
    static NAMES: LazyLock<String> = LazyLock::new(|| {
        let names: Vec<&str> = Collection::asked().map(Collection::name).collect();
        names.join(",")
    });
    &NAMES
}

/// Exit codes: success; something requested is missing; failure. clap uses 2 for usage errors.
const OK: u8 = 0;
const FAILED: u8 = 1;
const NOT_ALL: u8 = 3;
const USAGE: u8 = 2;

const EXIT_CODES_OF_COPY: &str = phrase(
    "Exit codes: 0 the copy is complete and checked; 1 the command failed; 2 wrong \
     usage; 3 stopped, run the same command to continue",
);
const EXIT_CODES_OF_SEAL: &str = phrase(
    "To open the archive: age -d ARCHIVE | tar -x\n\nExit codes: 0 the archive is \
     complete and checked; 1 the command failed; 2 wrong usage; 3 stopped, no \
     archive was made",
);
const EXIT_CODES_OF_FORGET: &str = phrase(
    "Exit codes: 0 the folder was removed; 1 the command failed; 2 wrong usage; 3 you \
     did not confirm, nothing was removed",
);
const EXIT_CODES_OF_TICKS: &str = phrase(
    "Exit codes: 0 the phone is ready for a reset; 1 the command failed; 2 wrong usage; 3 a \
     line is open, or not all data is safe",
);
const ABOUT_REPORTS: &str = phrase(
    "The file contains versions, the phone's make and model, the result of each \
     collection, the log, the requests to the phone and the phone's answers. Times and \
     row numbers are kept. Photos are not included. Read the file before you send \
     it.\n\nExit codes: 0 the file was written, even if parts of the folder could not be \
     read; 1 the command failed; 2 wrong usage",
);
const EXIT_CODES_OF_FINISH: &str = phrase(
    "Exit codes: 0 everything was read; 1 the rescue could not be finished; 2 wrong usage; 3 the rescue is finished, \
     but not everything was read",
);
const EXIT_CODES_OF_VERIFY: &str = phrase(
    "Exit codes: 0 all files are complete and unchanged; 1 a file has changed or \
     could not be checked; 2 wrong usage; 3 the rescue is not finished",
);

/// Returns the definition of the command line, with its help texts.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stop = Stop::new();
    outlive_file_limit();
    let done = match arguments.command {
        None if arguments.screens.plain => {
            stop_on_signals(&stop);
            outlive_terminal();
            linear::talk(&arguments.screens, &stop)
        }
        None => screens::show(&arguments.screens, None, &stop),
        Some(Command::Open { folder, by }) => screens::open(&folder, by, &stop),
        Some(command) => {
            stop_on_signals(&stop);
            plain(command, &stop)
        }
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say!("lifeboat: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// Makes a file that exceeds the user's size limit cause an error (EFBIG) that is reported, instead of ending the
/// program.
fn outlive_file_limit() {
    #[cfg(unix)]
    if let Err(error) = signal_hook::flag::register(
        signal_hook::consts::SIGXFSZ,
        std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)),
    ) {
        say!("lifeboat: can't watch for the file size limit: {error}");
    }
}

fn plain(command: Command, stop: &Stop) -> anyhow::Result<u8> {
    if let Command::Rescue(_) | Command::Finish { .. } | Command::Copy { .. } | Command::Seal(_) =
        command
    {
        outlive_terminal();
    }
    match command {
        Command::Devices { dump: true, to, .. } => devices::dump(to.as_deref(), stop),
        Command::Devices { json, .. } => devices::list(json, stop),
        Command::Rescue(rescue) if rescue.source.is_missing() && rescue.resume.is_none() => {
            let what = phrase(
                "no phone is named: add --device ID, --adb HOST:PORT, --image FILE or --practice",
            );
            Arguments::command()
                .error(clap::error::ErrorKind::MissingRequiredArgument, what)
                .exit()
        }
        Command::Rescue(rescue) => rescue::rescue(&rescue, stop),
        Command::Open { folder, by } => screens::open(&folder, by, stop),
        Command::Ticks(asked) => ticks::ticks(&asked),
        Command::Copy {
            folder,
            to,
            plain: true,
            json,
        } => copy::plain_copy(&folder, &to, json, stop),
        Command::Copy {
            folder,
            to,
            plain: false,
            json,
        } => copy::copy(&folder, &to, json, stop),
        #[cfg(feature = "seal")]
        Command::Seal(asked) => seal::seal(&asked, stop),
        #[cfg(not(feature = "seal"))]
        Command::Seal(asked) => Err(anyhow::anyhow!(phrase!(
            "this lifeboat was built without seal. To build it with seal: cargo install --locked --path . \
             --features seal. To encrypt without Lifeboat, use tar and age: tar -c {:?} | age -p > rescue.tar.age",
            asked.folder
        ))),
        Command::Finish { folder, json } => rescue::finish(&folder, json, stop),
        Command::Forget { folder, yes } => forget::forget(&folder, yes),
        Command::Verify { folder, json } => verify::verify(&folder, json, stop),
        Command::ReportProblem { folder, to } => report_problem::report(&folder, to.as_deref()),
        Command::Practice {
            command: practice::Command::Serve(serve),
        } => practice::serve(&serve, stop),
        #[cfg(feature = "pages")]
        Command::Pages { folder } => pages::write(&folder),
    }
}

/// Lets long commands continue after the terminal is closed or its connection is lost, because the phone may not be
/// available again. The messages are also in the rescue's files.
fn outlive_terminal() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGHUP, std::sync::Arc::default());
}

/// The first signal asks to stop. The second one ends the program at once; committed data is safe.
fn stop_on_signals(stop: &Stop) {
    for signal in signal_hook::consts::TERM_SIGNALS {
        let flag = stop.flag();
        let armed = signal_hook::flag::register_conditional_shutdown(
            *signal,
            130,
            std::sync::Arc::clone(&flag),
        )
        .and_then(|_| signal_hook::flag::register(*signal, flag));
        if let Err(error) = armed {
            say!("lifeboat: can't watch for Ctrl-C: {error}");
        }
    }
}
