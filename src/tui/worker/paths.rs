//! Paths that a person types.

use std::path::PathBuf;

use crate::tui::widget::entry::Completed;

/// Interprets a typed folder name: `~` is the home folder, as in a shell, and relative names also start there.
pub(super) fn typed_folder(typed: &str) -> PathBuf {
    let typed = typed.trim();
    let home = || std::env::home_dir().unwrap_or_default();
    match typed.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            home().join(rest.trim_start_matches('/'))
        }
        _ => home().join(typed),
    }
}

/// The most names that are offered for a typed path.
const MOST_CHOICES: usize = 200;

/// Completes a typed path as far as the folders on the disk leave no choice.
pub(super) fn completed(typed: &str) -> Completed {
    let (folder, begun) = match typed.rfind(['/', std::path::MAIN_SEPARATOR]) {
        Some(at) => typed.split_at(at + 1),
        None => ("", typed),
    };
    if typed == "~" {
        return Completed {
            text: "~/".to_owned(),
            choices: Vec::new(),
        };
    }
    let entries = std::fs::read_dir(typed_folder(folder));
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(begun) && !name.chars().any(char::is_control))
        .filter(|name| !name.starts_with('.') || begun.starts_with('.'))
        .take(MOST_CHOICES)
        .collect();
    names.sort();
    let Some(first) = names.first() else {
        return Completed {
            text: typed.to_owned(),
            choices: Vec::new(),
        };
    };
    if names.len() == 1 {
        return Completed {
            text: format!("{folder}{first}/"),
            choices: Vec::new(),
        };
    }
    let mut common = first.clone();
    while !names.iter().all(|name| name.starts_with(&common)) {
        common.pop();
    }
    Completed {
        text: format!("{folder}{common}"),
        choices: names,
    }
}
