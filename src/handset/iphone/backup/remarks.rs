//! What a person has to know about a backup: how old it is, whether it is whole, and what no backup holds.

use chrono::{DateTime, Local, Utc};

use super::folder::{About, BackupFolder};
use super::library::{self, Library};
use super::store::Store;
use crate::handset::iphone::products;
use crate::model::{NotCovered, ResetKind, Weight};
use crate::phrase;
use crate::reset;

/// In seconds.
const DAY: i64 = 86_400;

/// Days after which a backup is no longer called fresh.
const FRESH: i64 = 1;

impl About {
    /// The phone's model, as its maker sells it.
    pub fn model(&self) -> String {
        match (self.product.is_empty(), self.product_type.is_empty()) {
            (false, _) => self.product.clone(),
            (true, false) => products::name(&self.product_type)
                .unwrap_or(&self.product_type)
                .to_owned(),
            (true, true) => "iPhone".to_owned(),
        }
    }

    /// `iOS 17.1`.
    pub fn system_name(&self) -> String {
        let is_pad = self.product_type.starts_with("iPad");
        let major = self
            .system
            .split('.')
            .next()
            .and_then(|major| major.parse().ok());
        let name = if is_pad && major >= Some(13) {
            "iPadOS"
        } else {
            "iOS"
        };
        format!("{name} {}", self.system).trim_end().to_owned()
    }

    /// The day on which the backup was made, on this computer's clock.
    pub fn day(&self) -> Option<String> {
        let made = DateTime::<Utc>::from_timestamp(self.made?, 0)?;
        Some(made.with_timezone(&Local).format("%Y-%m-%d").to_string())
    }

    /// The backup, as a person knows it: the phone's name, its model, and the day.
    pub fn title(&self) -> String {
        let name = match self.name.is_empty() {
            true => self.model(),
            false => self.name.clone(),
        };
        match self.day() {
            Some(day) => phrase!("{name}, backup of {day}"),
            None => phrase!("{name}, backup without a date"),
        }
    }

    /// Whole days since the backup was made; `None`: it has no date, or one that is still to come.
    fn age(&self) -> Option<i64> {
        let seconds = Utc::now().timestamp().saturating_sub(self.made?);
        (seconds > -DAY).then_some(seconds.max(0) / DAY)
    }
}

/// How the backup is read.
pub fn approach(folder: &BackupFolder) -> String {
    let about = &folder.about;
    let how = match about.is_encrypted {
        true => phrase("encrypted backup"),
        false => phrase("backup"),
    };
    match about.day() {
        Some(day) => phrase!("{how} of {day} on this computer"),
        None => phrase!("{how} on this computer"),
    }
}

/// `3 days`, `14 months`.
fn long(days: i64) -> String {
    match days {
        1 => phrase("1 day").to_owned(),
        2..=60 => phrase!("{days} days"),
        61..=729 => phrase!("{} months", days / 30),
        _ => phrase!("{} years", days / 365),
    }
}

/// Date and state of the backup, in sentences.
pub fn warnings(store: &Store) -> Vec<String> {
    let about = &store.folder.about;
    let age = match (about.age(), about.day()) {
        (Some(days), _) if days < FRESH => None,
        (Some(days), _) => Some(phrase!(
            "This backup is {} old. The phone may hold more.",
            long(days)
        )),
        (None, Some(day)) => Some(phrase!(
            "This backup is dated {day}, which is still to come: a clock was wrong. The phone may hold more."
        )),
        (None, None) => {
            Some(phrase("This backup has no date. The phone may hold more.").to_owned())
        }
    };
    let unfinished = about.is_unfinished.then(|| {
        phrase("This backup was not finished when it was made. A part of the phone's data is not in it.").to_owned()
    });
    let unknown =
        (about.is_of_unknown_state && !about.is_unfinished).then(|| unknown_state().to_owned());
    age.into_iter()
        .chain(unfinished)
        .chain(unknown)
        .chain(list(store))
        .collect()
}

fn unknown_state() -> &'static str {
    phrase(
        "The backup does not say whether it was finished: its file Status.plist is missing or damaged. A part of the \
         phone's data may not be in it.",
    )
}

/// What is wrong with the list of files, in a sentence.
fn list(store: &Store) -> Option<String> {
    let reading = &store.reading;
    match (&reading.cut, reading.unreadable) {
        (Some(why), _) => Some(phrase!(
            "The backup's list of files could not be read to its end ({why}). Lifeboat knows {} of its files.",
            reading.files
        )),
        (None, 0) => None,
        (None, unreadable) => Some(phrase!(
            "{unreadable} entries of the backup's list of files could not be understood."
        )),
    }
}

/// False if files may be missing that the phone has: the backup was not finished, or its list is damaged.
pub fn is_whole(store: &Store) -> bool {
    !store.folder.about.is_unfinished && list(store).is_none()
}

/// What a backup never holds, and what this one lacks.
pub fn not_covered(store: &Store, library: Option<&Library>) -> Vec<NotCovered> {
    let about = &store.folder.about;
    let mut all = Vec::new();
    let line = |id: &str, rank, lost: String, first: &str| {
        reset::line(ResetKind::NotRead, id, rank, lost, first)
    };
    let newer = match (about.day(), about.age()) {
        (Some(day), Some(age)) if age >= FRESH => phrase!(
            "What was added or changed on the phone after the backup of {day}, which is {} old.",
            long(age)
        ),
        (Some(day), _) => {
            phrase!("What was added or changed on the phone after the backup of {day}.")
        }
        (None, _) => phrase("What was added or changed on the phone after the backup.").to_owned(),
    };
    let newer = line(
        "backup-newer",
        reset::rank::PERSON,
        newer,
        phrase("If the phone still works, make a new backup and rescue that one too."),
    );
    all.push(match about.age() {
        Some(days) if days < FRESH => NotCovered::listed(newer),
        Some(_) | None => NotCovered {
            line: newer,
            weight: Weight::InHeadline(match about.day() {
                Some(day) => phrase!("anything newer than the backup of {day}"),
                None => phrase("anything newer than the backup").to_owned(),
            }),
        },
    });
    let broken = list(store);
    if about.is_unfinished || broken.is_some() {
        let lost = broken.unwrap_or_else(|| {
            phrase("The backup was not finished: a part of the phone's data is not in it.")
                .to_owned()
        });
        all.push(NotCovered {
            line: line(
                "backup-unfinished",
                reset::rank::PERSON,
                lost,
                phrase("Look for an older backup, or make a new one if the phone still works."),
            ),
            weight: Weight::NotSafe(phrase("the rest of an incomplete backup").into()),
        });
    }
    let elsewhere = library.map_or(0, |library| library.photos_elsewhere.count);
    let look = phrase("Sign in at icloud.com and check that they are there.");
    if elsewhere > 0 {
        let photos = library::photos(elsewhere);
        let lost = phrase!(
            "{photos} of the phone's library that this backup does not have. If “iCloud Photos” is on, they are in \
             iCloud."
        );
        all.push(NotCovered {
            line: line("backup-icloud-photos", reset::rank::NOT_READ, lost, look),
            weight: Weight::InHeadline(phrase!("{photos} that the backup does not have")),
        });
    }
    let mut listed = |id: &str, lost: &str, first: &str| {
        all.push(NotCovered::listed(line(
            id,
            reset::rank::NOT_READ,
            lost.to_owned(),
            first,
        )));
    };
    // The phone's list of photos tells that there are none.
    if elsewhere == 0 && !library.is_some_and(|library| library.has_photos) {
        listed(
            "backup-icloud-photos",
            phrase(
                "Photos and videos that are only in iCloud. A backup holds those that were on the phone.",
            ),
            look,
        );
    }
    listed(
        "backup-mail",
        phrase("E-mail. A backup holds none."),
        phrase("Check that each mail account still has its mail on the server."),
    );
    listed(
        "backup-apps",
        phrase(
            "Data that apps keep out of backups, such as the chats of Signal and the keys of some authenticators.",
        ),
        phrase("Move them with each app itself while the phone still works."),
    );
    if about.is_of_unknown_state && !about.is_unfinished {
        listed(
            "backup-state",
            unknown_state(),
            phrase("If the phone still works, make a new backup and rescue that one too."),
        );
    }
    if !about.is_encrypted {
        listed(
            "backup-unencrypted",
            phrase(
                "Calls, health data, saved passwords and Wi-Fi passwords. Only an encrypted backup holds them.",
            ),
            phrase("If the phone still works, make an encrypted backup."),
        );
    }
    all
}
