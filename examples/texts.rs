//! Lists the texts that a person sees, each once with the first place that has it:
//!
//!     cargo run --quiet --example texts
//!
//! These are the texts marked in the source (see `src/phrase.rs`) in the order of files and lines, then the help texts of
//! the commands, and then the steps of `assets/coach/`.

use std::collections::HashSet;
use std::io::Write as _;

use clap::Command;
use lifeboat::coach::{always, guides};

#[allow(
    dead_code,
    reason = "the test asks where a text stands that is not marked"
)]
#[path = "../tests/common/texts.rs"]
mod texts;

fn main() -> std::io::Result<()> {
    let marked = texts::texts()
        .into_iter()
        .filter(|text| matches!(text.place, texts::Place::Marked))
        .filter(|text| texts::letters(&text.value).contains(char::is_alphabetic))
        .map(|text| (format!("src/{}:{}", text.file, text.line), text.value));
    let mut command = lifeboat::cli::command();
    command.build();
    let mut helped = Vec::new();
    help(&command, "lifeboat", &mut helped);
    let coached = guides().iter().flat_map(|guide| {
        let steps = guide
            .steps
            .iter()
            .flat_map(|step| [&step.text, &step.detail]);
        [&guide.seen, &guide.title].into_iter().chain(steps)
    });
    let always = always().iter().flat_map(|step| [&step.text, &step.detail]);
    let coached = coached
        .chain(always)
        .filter(|text| !text.is_empty())
        .map(|text| ("assets/coach/".to_owned(), text.clone()));
    let mut seen = HashSet::new();
    let mut out = std::io::stdout().lock();
    for (place, text) in marked.chain(helped).chain(coached) {
        if seen.insert(text.clone()) {
            writeln!(out, "{place}: {text:?}")?;
        }
    }
    Ok(())
}

/// Adds the help texts of a command, its options and its subcommands. `name`: the command as it is typed.
fn help(command: &Command, name: &str, texts: &mut Vec<(String, String)>) {
    let place = format!("{name} --help");
    let about = [
        command.get_about(),
        command.get_long_about(),
        command.get_before_help(),
        command.get_after_help(),
        command.get_after_long_help(),
    ];
    let mut add = |text: &clap::builder::StyledStr| texts.push((place.clone(), text.to_string()));
    about.into_iter().flatten().for_each(&mut add);
    for argument in command.get_arguments() {
        let helps = [argument.get_help(), argument.get_long_help()];
        helps.into_iter().flatten().for_each(&mut add);
        for value in argument.get_possible_values() {
            value.get_help().into_iter().for_each(&mut add);
        }
    }
    for inner in command.get_subcommands() {
        help(inner, &format!("{name} {}", inner.get_name()), texts);
    }
}
