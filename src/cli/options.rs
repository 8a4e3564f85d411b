//! Groups of options and values that several commands share.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use anyhow::{Result, anyhow};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::coach::guides;
use crate::model::{Case, Collection, Condition};
use crate::phrase;
use crate::tui::theme::Theme;
use crate::vault::Desk;

/// How the screens look.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Looks {
    /// Draws the screens with ASCII characters alone. Names keep their own letters.
    #[arg(long)]
    pub(super) ascii: bool,
    /// Uses the colours for a light background. Default: the background in COLORFGBG, or a dark background.
    #[arg(long, conflicts_with = "dark")]
    pub(super) light: bool,
    /// Uses the colours for a dark background.
    #[arg(long)]
    pub(super) dark: bool,
    /// Scrolls with the mouse wheel. To select text, hold Shift.
    #[arg(long)]
    pub(super) mouse: bool,
}

impl Looks {
    pub(super) fn theme(self) -> Theme {
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
pub(super) struct WorkProfile {
    /// Also reads a work profile. A work profile belongs to an employer, so the log names the person who agreed. If
    /// you give no name, Lifeboat asks for the name.
    #[arg(
        long = "work-profile",
        value_name = "WHO-AGREED",
        num_args = 0..=1,
        default_missing_value = ""
    )]
    pub(super) agreed_by: Option<String>,
}

impl WorkProfile {
    /// Name of the person who agreed; `None`: the work profile is not read. Asks on a terminal if the name is empty.
    pub(super) fn who_agreed(&self) -> Result<Option<String>> {
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
pub(super) struct ForDesk {
    /// The ticket for this rescue.
    #[arg(
        long,
        value_name = "TICKET",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) ticket: String,
    /// The person who does the rescue.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) operator: String,
}

impl ForDesk {
    pub(super) fn noted(&self) -> Desk {
        Desk {
            ticket: self.ticket.clone(),
            operator: self.operator.clone(),
        }
    }
}

/// What people say about the phone, for the order, the advice and the notes of a rescue.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ForCase {
    /// What a person sees on the phone or knows about it. The order and the advice follow from it. Can be repeated.
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    pub(super) condition: Vec<Seen>,
    /// For whom the phone is saved, if its owner can't ask for it. Also written to bag-info.txt.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) on_behalf_of: String,
    /// By what right, for example: heir, certificate of 3 May. Also written to bag-info.txt.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) by_right: String,
    /// Who at the company agreed, if the phone belongs to a company.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) company_agreed: String,
    /// What matters most to the owner. It is read first.
    #[arg(long, value_name = "COLLECTION")]
    pub(super) first: Option<Only>,
    /// The number of contacts that the phone's own Contacts screen shows. Lifeboat compares it with what it saved.
    #[arg(long, value_name = "NUMBER")]
    pub(super) contacts_shown: Option<u64>,
}

impl ForCase {
    pub(super) fn noted(&self) -> Case {
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
pub(super) struct Seen(Condition);

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

#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub(super) struct Source {
    /// The ID of a phone. `lifeboat devices` lists the IDs.
    #[arg(long, value_name = "ID")]
    pub(super) device: Option<String>,
    /// An Android phone whose debugging port is on the network.
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) adb: Option<String>,
    /// An image file of a memory card, as dd or ddrescue make it. Lifeboat opens the file for reading only.
    #[arg(long, value_name = "FILE")]
    pub(super) image: Option<PathBuf>,
    /// A backup of an iPhone on this computer: the folder that Finder, Apple Devices, iTunes or idevicebackup2 made.
    /// Lifeboat opens its files for reading only. For an encrypted backup, Lifeboat asks for the password. In a script,
    /// set the environment variable LIFEBOAT_BACKUP_PASSWORD.
    #[arg(long, value_name = "FOLDER")]
    pub(super) iphone_backup: Option<PathBuf>,
    /// A practice phone with an invented owner.
    #[arg(long, value_name = "FAMILY", num_args = 0..=1, default_missing_value = "android")]
    pub(super) practice: Option<Family>,
}

impl Source {
    /// True if no phone is named.
    pub(super) fn is_missing(&self) -> bool {
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
pub(super) enum Family {
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
    pub(super) fn reach(self) -> &'static str {
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
pub(super) struct Only(pub(super) Collection);

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
pub(super) fn only_names() -> &'static str {
    static NAMES: LazyLock<String> = LazyLock::new(|| {
        let names: Vec<&str> = Collection::asked().map(Collection::name).collect();
        names.join(",")
    });
    &NAMES
}
