//! Faults of a practice card, as text for a command line.

use super::Settings;

/// Spelling and description of each fault.
const FAULTS: [(&str, &str); 5] = [
    ("photos=N", "photos on it"),
    (
        "bad-sectors=N",
        "so many photos have a block that can't be read",
    ),
    (
        "unplug-after=BYTES",
        "the cable comes out after so many bytes, once, for three seconds (700000)",
    ),
    ("no-medium", "the slot is empty"),
    (
        "no-attention",
        "the first read does not fail, as it does on most devices after a reset",
    ),
];

/// Reason why a fault could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{given}\u{201d} is no fault of a practice card; choose from: {known}")]
pub struct FaultError {
    given: String,
    known: String,
}

/// Returns the settings of a card with these faults, a comma-separated list.
///
/// # Errors
/// If a fault is unknown, or its value cannot be read.
pub fn settings(spec: &str) -> Result<Settings, FaultError> {
    let mut settings = Settings::default();
    for one in spec.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        if set(&mut settings, one).is_none() {
            return Err(FaultError {
                given: one.to_owned(),
                known: FAULTS.map(|(form, _)| form).join(", "),
            });
        }
    }
    Ok(settings)
}

fn set(settings: &mut Settings, one: &str) -> Option<()> {
    let (name, value) = one.split_once('=').unwrap_or((one, ""));
    match (name, value) {
        ("photos", n) => settings.photos = n.parse().ok().filter(|n| *n <= 2_000)?,
        ("bad-sectors", n) => settings.bad_sectors = n.parse().ok()?,
        ("unplug-after", n) => settings.unplug_after.push(n.parse().ok()?),
        ("no-medium", "") => settings.no_medium = true,
        ("no-attention", "") => settings.unit_attention = false,
        _ => return None,
    }
    Some(())
}

/// Returns the list as text for a help screen, one line for each fault.
pub fn fault_help() -> String {
    FAULTS
        .iter()
        .map(|(form, what)| format!("{form:<38} {what}\n"))
        .collect()
}
