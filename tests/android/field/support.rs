//! What the tests of peculiar Androids share.

use std::collections::BTreeSet;

use lifeboat::model::Collection;
use lifeboat::practice::android::Settings;
use lifeboat::rescue::{CollectionOutcome, Outcome};

use crate::common::{Practised, portable_files, rescue, with_fault};

/// A phone with few things.
pub fn few() -> Settings {
    Settings {
        contacts: 3,
        events: 1,
        todos: 1,
        ..Settings::default()
    }
}

/// Rescues a phone with few things and these faults.
pub fn rescued(faults: &str) -> Practised {
    rescue(with_fault(few(), faults))
}

pub fn of(outcome: &Outcome, what: Collection) -> &CollectionOutcome {
    let found = outcome.collections.iter().find(|c| c.name == what);
    found.expect("a collection")
}

/// The numbers that a rescue's contacts.vcf has.
pub fn numbers(practised: &Practised) -> BTreeSet<String> {
    let files = portable_files(&practised.folder);
    let text = String::from_utf8_lossy(&files["contacts.vcf"]).replace("\r\n ", "");
    let lines = text.lines().filter(|line| line.contains("TEL"));
    lines
        .filter_map(|line| Some(line.rsplit_once(':')?.1.to_owned()))
        .collect()
}

/// What was asked of a phone that begins so.
pub fn asked(practised: &Practised, what: &str) -> Vec<String> {
    let asked = practised.handset.asked().into_iter();
    asked.filter(|line| line.contains(what)).collect()
}
