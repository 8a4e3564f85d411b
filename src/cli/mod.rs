//! The command line and its plain commands. Messages go to standard error; standard output gets only results.

// `eprintln!` panics if the reader is gone, which would end a rescue.
#![warn(clippy::print_stderr)]

/// Marks a message for a person and prints it, see [`connect::tell`].
macro_rules! say {
    ($($message:tt)*) => {
        $crate::cli::connect::tell(&$crate::phrase!($($message)*))
    };
}

mod arguments;
mod bytes;
mod connect;
mod copy;
mod devices;
mod forget;
mod linear;
mod options;
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

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::model::Stop;
use crate::phrase;
use arguments::{Arguments, Command};

/// Exit codes: success; something requested is missing; failure. clap uses 2 for usage errors.
const OK: u8 = 0;
const FAILED: u8 = 1;
const NOT_ALL: u8 = 3;
const USAGE: u8 = 2;

/// Returns the definition of the command line, with its help texts.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stop = Stop::new();
    ignore_file_size_signal();
    let done = match arguments.command {
        None if arguments.screens.plain => {
            stop_on_signals(&stop);
            ignore_hangup();
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
        Ok(_) if connect::is_result_lost() => ExitCode::from(FAILED),
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say!("lifeboat: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// Makes a file that exceeds the user's size limit cause an error (EFBIG) that is reported, instead of ending the
/// program.
fn ignore_file_size_signal() {
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
        ignore_hangup();
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
fn ignore_hangup() {
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
