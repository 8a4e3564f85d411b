//! Faults and other options of practice devices as text: a comma-separated list of `name` or `name=value`. Each family
//! has one table of them.

use std::fmt::Debug;
use std::str::FromStr;
use std::time::Duration;

/// An entry of a family's table.
pub struct Fault<S: 'static> {
    /// Its spelling, `name` or `name=VALUE`. The text after `=` stands for the value.
    pub form: &'static str,
    /// What it does, in a line.
    pub what: &'static str,
    /// Changes the settings; `None`: the value cannot be read.
    pub set: fn(&mut S, &str) -> Option<()>,
}

/// Makes an entry.
pub(super) const fn fault<S>(
    form: &'static str,
    what: &'static str,
    set: fn(&mut S, &str) -> Option<()>,
) -> Fault<S> {
    Fault { form, what, set }
}

/// The settings of a family's practice devices.
pub trait PracticeSettings: Debug + Clone + Default + 'static {
    /// Everything that can be chosen as text.
    const FAULTS: &'static [Fault<Self>];

    /// The device of `--practice`.
    fn usual() -> Self {
        Self::default()
    }

    /// Makes the device as slow as a real one, except where a fault has said how slow it is.
    fn slow_down(&mut self, pace: Pace);

    /// Further lines of the help text: spelling and meaning.
    fn more_help() -> Vec<(String, &'static str)> {
        Vec::new()
    }
}

/// Delays of a practice device, similar to those of a real one.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Start-up time of Android's `content` command.
    pub start: Duration,
    /// Speed of the link.
    pub bytes_per_second: u64,
}

/// Reason why a fault could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error("there is no fault named \u{201c}{name}\u{201d}; choose from: {known}")]
    Unknown { name: String, known: String },
    #[error("\u{201c}{given}\u{201d} is not valid; write {form}: {what}")]
    Value {
        given: String,
        form: &'static str,
        what: &'static str,
    },
}

/// Applies the faults in `spec`.
///
/// # Errors
/// Names the first one that is unknown or whose value cannot be read. Those before it are applied.
pub fn apply<S: PracticeSettings>(spec: &str, settings: &mut S) -> Result<(), FaultError> {
    for given in spec.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        let (name, value) = given.split_once('=').unwrap_or((given, ""));
        let mut known = S::FAULTS.iter();
        let fault = known.find(|fault| fault.split().0 == name);
        let fault = fault.ok_or_else(|| FaultError::Unknown {
            name: name.to_owned(),
            known: S::FAULTS
                .iter()
                .map(|f| f.form)
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        let fits = value.is_empty() == fault.split().1.is_empty();
        if !fits || (fault.set)(settings, value).is_none() {
            return Err(FaultError::Value {
                given: given.to_owned(),
                form: fault.form,
                what: fault.what,
            });
        }
    }
    Ok(())
}

impl<S> Fault<S> {
    /// Its name, and what stands for its value; empty if it has none.
    fn split(&self) -> (&'static str, &'static str) {
        self.form.split_once('=').unwrap_or((self.form, ""))
    }
}

/// Returns a family's faults as text for a help screen, one line for each.
pub fn help<S: PracticeSettings>() -> String {
    let faults = S::FAULTS.iter();
    let lines = faults.map(|fault| (fault.form.to_owned(), fault.what));
    lines
        .chain(S::more_help())
        .map(|(form, what)| format!("{form:<38} {what}\n"))
        .collect()
}

/// Sets an option to a value that could be read.
pub(super) fn put<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}

/// Sets an option that is absent by default.
pub(super) fn some<T>(place: &mut Option<T>, value: Option<T>) -> Option<()> {
    put(place, value.map(Some))
}

/// Sets a number.
pub(super) fn number<T: FromStr>(place: &mut T, text: &str) -> Option<()> {
    put(place, text.parse().ok())
}

/// Adds a value that could be read to a list.
pub(super) fn add<T>(list: &mut Vec<T>, value: Option<T>) -> Option<()> {
    list.push(value?);
    Some(())
}

/// Switches something on.
pub(super) fn on(place: &mut bool) -> Option<()> {
    put(place, Some(true))
}

/// Finds what a word stands for.
pub(super) fn choice<T: Copy>(word: &str, all: &[(&str, T)]) -> Option<T> {
    let (_, meaning) = all.iter().find(|(known, _)| *known == word)?;
    Some(*meaning)
}

/// Parses `700`, `700k`, `2MB`, `5GB` as bytes, in decimal multiples.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// Parses `300ms`, `2s`, `2`, `0.5s`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * scale;
    Duration::try_from_secs_f64(seconds).ok()
}
