//! Generates manual pages and shell completions from the definition of the command line, for packages.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Args as _, CommandFactory as _};
use clap_complete::Shell;

use super::OK;
use super::arguments::{Arguments, Screens};
use crate::phrase;

/// Writes `man/` and `completions/` into a folder, which is created if it is missing.
///
/// # Errors
/// If the folder cannot be written.
pub fn write(folder: &Path) -> Result<u8> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    for made in [&man, &completions] {
        fs::create_dir_all(made).with_context(|| phrase!("can't create {}", made.display()))?;
    }
    let written = || phrase!("can't write {}", folder.display());
    clap_mangen::generate_to(shown(), &man).with_context(written)?;
    for shell in [Shell::Bash, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut shown(), "lifeboat", &completions)
            .with_context(written)?;
    }
    Ok(OK)
}

/// The command line without hidden commands, because completions would offer them.
fn shown() -> clap::Command {
    let whole = Arguments::command();
    let commands = whole.get_subcommands().filter(|c| !c.is_hide_set());
    let bare = clap::Command::new("lifeboat").version(env!("CARGO_PKG_VERSION"));
    Screens::augment_args(bare)
        .about(whole.get_about().cloned().unwrap_or_default())
        .subcommands(commands.cloned())
}
