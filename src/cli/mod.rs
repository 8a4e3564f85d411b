//! The command line and its plain commands. Messages go to standard error; standard output gets only results.

// `eprintln!` panics if the reader is gone, which would end a rescue.
#![warn(clippy::print_stderr)]

/// Prints a message for a person, see [`connect::tell`].
macro_rules! say {
    ($($message:tt)*) => {
        $crate::cli::connect::tell(&format!($($message)*))
    };
}

mod bytes;
mod connect;
mod copy;
mod devices;
#[cfg(feature = "pages")]
mod pages;
mod practice;
mod progress;
mod report_problem;
mod rescue;
mod screens;
#[cfg(feature = "seal")]
mod seal;
mod verify;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

use anyhow::{Result, anyhow};
use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::{Collection, Stop};
use crate::vault::Desk;

/// Takes contacts, calendar and to-dos off a handset before anyone resets it. Without a command it opens its screens.
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
    /// Plugs a practice handset with a fictional owner in.
    #[arg(long, value_name = "FAMILY", num_args = 0..=1, default_missing_value = "android")]
    practice: Option<Family>,
    /// What goes wrong with the practice handset (see `lifeboat practice serve --help`).
    #[arg(long, value_name = "SPEC", requires = "practice")]
    fault: Option<String>,
    /// The folder in which each rescue gets a folder of its own; `Rescues` in the home folder if not named.
    #[arg(long, value_name = "PARENT")]
    to: Option<PathBuf>,
    #[command(flatten)]
    work_profile: WorkProfile,
    /// A debugging key that the handset may know already; may be given several times.
    #[arg(long, value_name = "FILE")]
    adb_key: Vec<PathBuf>,
    #[command(flatten)]
    desk: ForDesk,
}

/// Whether an employer's data is read.
#[derive(Debug, Clone, Args)]
struct WorkProfile {
    /// Reads a work profile too. What is in it is an employer's: the log names who agreed. Without a name, the name is
    /// asked for.
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
                "The work profile is an employer's. Who agreed that it is read? (name, then Enter)"
            );
            std::io::stdin().read_line(&mut who)?;
        }
        match who.trim() {
            "" => Err(anyhow!(
                "a work profile is an employer's: name who agreed that it is read, as in --work-profile \"Kim Lee, IT\""
            )),
            who => Ok(Some(who.to_owned())),
        }
    }
}

/// What a technician notes with a rescue: in its log, its report and `bag-info.txt`.
#[derive(Debug, Clone, Args)]
struct ForDesk {
    /// The ticket that the rescue is for.
    #[arg(
        long,
        value_name = "TICKET",
        default_value = "",
        hide_default_value = true
    )]
    ticket: String,
    /// Who does it.
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

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the handsets that can be seen, and what each needs before it can be read.
    Devices {
        /// Prints one JSON array.
        #[arg(long)]
        json: bool,
        /// Prints what is seen on USB and by an adb server, for a bug report: JSON, serial numbers replaced by others of the
        /// same shape. It is sent nowhere.
        #[arg(long, conflicts_with = "json")]
        dump: bool,
        /// Writes the dump into this new file, readable by you alone.
        #[arg(long, value_name = "FILE", requires = "dump")]
        to: Option<PathBuf>,
    },
    /// Takes everything off a handset into a new folder. It only reads.
    Rescue(Rescue),
    /// Makes a second copy of a finished rescue, on a stick or a network drive, and reads it back from there.
    #[command(after_help = EXIT_CODES_OF_COPY)]
    Copy {
        /// The rescue folder.
        folder: PathBuf,
        /// A folder that is there: the copy gets the rescue's own name in it.
        to: PathBuf,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Makes one encrypted archive of a finished rescue, which age and tar open again.
    #[command(after_help = EXIT_CODES_OF_SEAL)]
    Seal(Seal),
    /// Checks every file of a rescue folder, and counts the copies that it knows of.
    #[command(after_help = EXIT_CODES_OF_VERIFY)]
    Verify {
        folder: PathBuf,
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Makes a file for a bug report out of a rescue folder, finished or not. Names, numbers, texts and serial numbers are
    /// replaced by others of the same shape. It is sent nowhere.
    #[command(after_help = ABOUT_REPORTS)]
    ReportProblem {
        /// The rescue folder. Nothing is written into it.
        folder: PathBuf,
        /// The new file; lifeboat-problem-DATE.txt in the current folder if not named.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Virtual handsets to practise with.
    Practice {
        #[command(subcommand)]
        command: Practice,
    },
    /// Writes the manual pages and the completions for shells into a folder.
    #[cfg(feature = "pages")]
    #[command(hide = true)]
    Pages { folder: PathBuf },
}

#[derive(Debug, Args)]
#[cfg_attr(not(feature = "seal"), allow(dead_code))]
struct Seal {
    /// The rescue folder.
    folder: PathBuf,
    /// Who can open it: `age1…`, or an SSH public key, `ssh-ed25519 …`; may be given several times.
    #[arg(
        long,
        value_name = "RECIPIENT",
        required_unless_present = "passphrase",
        conflicts_with = "passphrase"
    )]
    to: Vec<String>,
    /// Whoever knows the passphrase can open it. It is asked for, or read from a pipe: one line.
    #[arg(long)]
    passphrase: bool,
    /// The archive; beside the folder, with .tar.age at the end of its name, if not named.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Removes the plain folder once the archive was read back. A disk may keep what was removed for long.
    #[arg(long)]
    remove: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Rescue {
    #[command(flatten)]
    source: Source,
    /// The folder in which the rescue gets a folder of its own; it is made if missing.
    #[arg(long, value_name = "PARENT", required_unless_present = "resume")]
    to: Option<PathBuf>,
    /// Goes on with an unfinished rescue.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["to", "only"])]
    resume: Option<PathBuf>,
    /// Only these.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = only_names()
    )]
    only: Vec<Only>,
    /// Reads the files of a phone whose debugging can't be switched on, as it transfers them (MTP). Let its Contacts app
    /// export to a file on the phone first.
    #[arg(long, requires = "device")]
    files: bool,
    #[command(flatten)]
    work_profile: WorkProfile,
    /// A debugging key that the handset may know already; may be given several times.
    #[arg(long, value_name = "FILE")]
    adb_key: Vec<PathBuf>,
    /// What goes wrong with the practice handset (see `lifeboat practice serve --help`).
    #[arg(long, value_name = "SPEC", requires = "practice")]
    fault: Option<String>,
    /// Goes on with the rescue of a phone that shows nothing: its owner confirms that the phone holds no contacts and no
    /// events.
    #[arg(long)]
    confirm_empty: bool,
    #[command(flatten)]
    desk: ForDesk,
    /// How long to wait for a phone that is locked, or whose connection is lost, before the rescue is left unfinished:
    /// 90, 10m, 2h. Without it: 10 minutes for one that is locked, no time for one that is gone.
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
    let seconds = number.map_err(|_| "write it as 90, 90s, 10m or 2h".to_owned())?;
    let seconds = u64::from(seconds) * unit.map_or(1, |(_, seconds)| *seconds);
    Ok(std::time::Duration::from_secs(seconds))
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A handset that `lifeboat devices` lists.
    #[arg(long, value_name = "ID")]
    device: Option<String>,
    /// An Android handset whose debugging port is on the network.
    #[arg(long, value_name = "HOST:PORT")]
    adb: Option<String>,
    /// A memory card as an image file, as dd or ddrescue make it: it is opened for reading alone.
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// A practice handset with a fictional owner.
    #[arg(long, value_name = "FAMILY", num_args = 0..=1, default_missing_value = "android")]
    practice: Option<Family>,
}

/// A family of practice handsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Family {
    Android,
    /// A memory card, laid out as a Sidekick's.
    Card,
    /// A phone that transfers files, a camera, or an iPhone seen as one.
    Media,
}

impl Family {
    /// The option that selects this family on the command line.
    fn reach(self) -> &'static str {
        match self {
            Self::Android => "--practice",
            Self::Card => "--practice card",
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

#[derive(Debug, Subcommand)]
enum Practice {
    /// Puts a practice handset where other programs can reach it.
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Serve {
    family: Family,
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "N")]
    contacts: Option<u32>,
    #[arg(long, value_name = "N")]
    events: Option<u32>,
    #[arg(long, value_name = "N")]
    todos: Option<u32>,
    /// Another owner.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Whether some of the owner's texts are odd, or such as `content` prints ambiguously.
    #[arg(long, value_enum, default_value = "awkward")]
    owner: PracticeOwner,
    /// What goes wrong, such as `unplug-after=100000` or `deny=contacts`; several with commas between them.
    #[arg(long, value_name = "SPEC", long_help = practice::fault_help())]
    fault: Option<String>,
}

/// What the texts of a practice handset's owner are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PracticeOwner {
    Ordinary,
    Awkward,
}

/// Where a practice handset is put.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// The address on which it speaks ADB, such as 127.0.0.1:5555.
    #[arg(long, value_name = "ADDRESS:PORT")]
    adb: Option<String>,
    /// A USB device controller of this computer, the first that is free if not named: any computer at the other end
    /// of the cable sees a phone. It takes Linux and root; `modprobe dummy_hcd` makes a controller that is plugged
    /// into the same computer.
    #[arg(long, value_name = "CONTROLLER", num_args = 0..=1)]
    gadget: Option<Option<String>>,
}

/// Exit codes: success; something requested is missing; failure. clap uses 2 for usage errors.
const OK: u8 = 0;
const FAILED: u8 = 1;
const NOT_ALL: u8 = 3;
const USAGE: u8 = 2;

const EXIT_CODES_OF_COPY: &str = "Exit codes: 0 there is a copy, read back and whole; 3 it was stopped, the same command \
                                  goes on; 2 wrong usage; 1 it failed";
const EXIT_CODES_OF_SEAL: &str = "Open it again with: age -d ARCHIVE | tar -x\n\nExit codes: 0 there is an archive, \
                                  read back; 3 it was stopped, there is none; 2 wrong usage; 1 it failed";
const ABOUT_REPORTS: &str = "In the file: versions, the phone's make and model, what came of each collection, the log, what \
                             the phone was asked and what it answered. Times and row numbers are kept. Photos are not in it. \
                             Read it before you send it.\n\nExit codes: 0 there is a file, also where some of the folder \
                             could not be read; 2 wrong usage; 1 it failed";
const EXIT_CODES_OF_VERIFY: &str = "Exit codes: 0 every file is what was rescued; 3 the rescue is not finished; 2 wrong \
                                    usage; 1 something has changed, or could not be looked at";

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stop = Stop::new();
    outlive_file_limit();
    let done = match arguments.command {
        None => screens::show(&arguments.screens, &stop),
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
        say!("lifeboat: the limit on the length of files can't be watched for: {error}");
    }
}

fn plain(command: Command, stop: &Stop) -> anyhow::Result<u8> {
    if let Command::Rescue(_) | Command::Copy { .. } | Command::Seal(_) = command {
        outlive_terminal();
    }
    match command {
        Command::Devices { dump: true, to, .. } => devices::dump(to.as_deref(), stop),
        Command::Devices { json, .. } => devices::list(json, stop),
        Command::Rescue(rescue) => rescue::rescue(&rescue, stop),
        Command::Copy { folder, to, json } => copy::copy(&folder, &to, json, stop),
        #[cfg(feature = "seal")]
        Command::Seal(asked) => seal::seal(&asked, stop),
        #[cfg(not(feature = "seal"))]
        Command::Seal(asked) => Err(anyhow::anyhow!(
            "this lifeboat was built without seal. Build it with: cargo install --path . --features seal; or let age and \
             tar do it: tar -c {:?} | age -p > rescue.tar.age",
            asked.folder
        )),
        Command::Verify { folder, json } => verify::verify(&folder, json, stop),
        Command::ReportProblem { folder, to } => report_problem::report(&folder, to.as_deref()),
        Command::Practice {
            command: Practice::Serve(serve),
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
            say!("lifeboat: Ctrl-C can't be watched for: {error}");
        }
    }
}
