//! Shared code for the tests of unusual Androids.

use std::collections::BTreeSet;

use lifeboat::model::Collection;
use lifeboat::practice::android::Settings;
use lifeboat::rescue::{CollectionOutcome, Outcome};

use crate::common::{Practised, portable_files, rescue, with_fault};

/// Settings of a phone with little data.
pub fn few() -> Settings {
    Settings {
        contacts: 3,
        events: 1,
        todos: 1,
        ..Settings::default()
    }
}

/// Rescues a phone with little data and these faults.
pub fn rescued(faults: &str) -> Practised {
    rescue(with_fault(few(), faults))
}

pub fn of(outcome: &Outcome, what: Collection) -> &CollectionOutcome {
    let found = outcome.collections.iter().find(|c| c.name == what);
    found.expect("a collection")
}

/// The phone numbers in a rescue's contacts.vcf.
pub fn numbers(practised: &Practised) -> BTreeSet<String> {
    let files = portable_files(&practised.folder);
    let text = String::from_utf8_lossy(&files["contacts.vcf"]).replace("\r\n ", "");
    let lines = text.lines().filter(|line| line.contains("TEL"));
    lines
        .filter_map(|line| Some(line.rsplit_once(':')?.1.to_owned()))
        .collect()
}

/// The requests to a phone that contain `what`.
pub fn asked(practised: &Practised, what: &str) -> Vec<String> {
    let asked = practised.handset.asked().into_iter();
    asked.filter(|line| line.contains(what)).collect()
}
