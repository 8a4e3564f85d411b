//! The table of apps that keep data only on the phone, or bind it to the phone. It is plain data in `assets/reset/`,
//! each row with its source.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{line, rank};
use crate::model::{ResetKind, ResetLine};
use crate::phrase;

const TABLE: &str = include_str!("../../assets/reset/apps.toml");

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its names in Android's list of packages: versions of the same app for several stores or countries.
    pub packages: Vec<String>,
    pub name: String,
    pub kind: ResetKind,
    /// What a reset destroys, in sentences.
    pub lost: String,
    /// What to do first, in sentences.
    pub first: String,
    /// Its data comes back after signing in.
    pub returns: bool,
    /// From 1, the worst, to 100.
    pub rank: u8,
    /// The address of the page that it is taken from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    app: Vec<App>,
}

/// Returns the rows of the table. A test reads it.
pub fn apps() -> &'static [App] {
    static APPS: LazyLock<Vec<App>> = LazyLock::new(|| {
        let table: Result<Table, _> = toml::from_str(TABLE);
        match table {
            Ok(table) => table.app,
            Err(error) => panic!("assets/reset/apps.toml: {error}"),
        }
    });
    &APPS
}

impl App {
    /// The identifier of its line: its name, or its first package if another app has the same name.
    fn id(&self) -> &str {
        let same = apps().iter().filter(|other| other.name == self.name);
        match (same.count(), self.packages.first()) {
            (2.., Some(package)) => package,
            _ => &self.name,
        }
    }
}

/// Returns the lines about the installed apps, by the names of their packages.
pub fn lines(installed: &[String]) -> Vec<ResetLine> {
    let installed: HashSet<&str> = installed.iter().map(String::as_str).collect();
    let is_there = |app: &&App| app.packages.iter().any(|one| installed.contains(&**one));
    let found = apps().iter().filter(is_there).map(|app| ResetLine {
        names: vec![app.name.clone()],
        returns: app.returns,
        ..line(
            app.kind,
            app.id(),
            app.rank,
            format!("{}: {}", app.name, app.lost),
            &app.first,
        )
    });
    found.collect()
}

/// Returns the line about all apps that are not in the table.
pub fn the_rest() -> ResetLine {
    line(
        ResetKind::Other,
        "other-apps",
        rank::REST,
        phrase("Data inside other apps was not saved: games, settings, downloads."),
        phrase(
            "Open each app that matters, and check that it has an account or a backup of its own.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_each_row_is_whole() {
        let table: Table = toml::from_str(TABLE).expect("assets/reset/apps.toml");
        let (mut packages, mut ids) = (HashSet::new(), HashSet::new());
        for app in &table.app {
            let App {
                packages: of_app,
                name,
                kind,
                lost,
                first,
                returns: _,
                rank,
                source,
            } = app;
            assert!(!of_app.is_empty(), "{name}: no package");
            for package in of_app {
                let is_name = |c: char| c.is_ascii_alphanumeric() || "._".contains(c);
                assert!(
                    package.contains('.') && package.chars().all(is_name),
                    "{name}: {package}"
                );
                assert!(packages.insert(package.clone()), "{package} twice");
            }
            assert!((1..=100).contains(rank), "{name}: rank {rank}");
            assert!(is_of_app(*kind), "{name}: {kind:?}");
            assert!(source.starts_with("https://"), "{name}: {source}");
            for text in [lost, first] {
                assert!(
                    text.ends_with('.') && text.trim() == text && !text.contains("  "),
                    "{name}: {text}"
                );
                assert!(text.chars().count() <= 240, "{name}: {text}");
                // A line says what is true on this phone.
                for word in [" may ", " might ", " could ", " possibly "] {
                    assert!(!text.contains(word), "{name}: {text}");
                }
            }
            assert!(ids.insert(super::super::id_of(app.id())), "{name} twice");
        }
        assert!(!table.app.is_empty());
    }

    /// The kinds that a row of the table can have.
    fn is_of_app(kind: ResetKind) -> bool {
        match kind {
            ResetKind::Authenticator
            | ResetKind::Wallet
            | ResetKind::Bank
            | ResetKind::Messenger
            | ResetKind::Notes
            | ResetKind::Todos
            | ResetKind::Health
            | ResetKind::Passes
            | ResetKind::Media
            | ResetKind::Other => true,
            ResetKind::Lock
            | ResetKind::Esim
            | ResetKind::Account
            | ResetKind::User
            | ResetKind::OnlyHere
            | ResetKind::NotRead => false,
        }
    }

    #[test]
    fn only_installed_apps_have_lines() {
        let installed = ["com.whatsapp", "com.whatsapp.w4", "org.example"].map(str::to_owned);
        let found = lines(&installed);
        let ids: Vec<&str> = found.iter().map(|line| line.id.as_str()).collect();
        assert_eq!(ids, ["whatsapp"]);
        assert!(found[0].lost.starts_with("WhatsApp: "));
        assert!(lines(&[]).is_empty());
    }
}
