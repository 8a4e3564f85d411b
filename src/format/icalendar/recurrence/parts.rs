//! Splits a recurrence rule into its parts.

use std::borrow::Cow;

use chrono::Datelike;

use super::super::moment::Stamp;

/// The parts in writing order. The last two come from RFC 7529.
const ORDER: [&str; 16] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
    "RSCALE",
    "SKIP",
];

/// The parts of a rule by name, in the order of [`ORDER`], in upper case and without blanks.
pub(super) struct Parts<'t> {
    pub(super) list: Vec<(&'static str, Cow<'t, str>)>,
    /// Some parts are extensions of a program.
    pub(super) foreign: bool,
}

impl<'t> Parts<'t> {
    /// Reads a rule. None if some text is not a rule part, or a part occurs twice.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let mut parts = Self {
            list: Vec::new(),
            foreign: false,
        };
        for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let name = name.trim();
            if name.get(..2).is_some_and(|x| x.eq_ignore_ascii_case("X-")) {
                parts.foreign = true;
                continue;
            }
            let name = ORDER
                .iter()
                .find(|known| known.eq_ignore_ascii_case(name))?;
            let value = in_capitals(value);
            if value.is_empty() {
                continue;
            }
            match parts.get(name) {
                Some(same) if same == &*value => {}
                Some(_) => return None,
                None => parts.list.push((name, value)),
            }
        }
        parts
            .list
            .sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name));
        Some(parts)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let part = self.list.iter().find(|(known, _)| *known == name)?;
        Some(&part.1)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn drop(&mut self, name: &str) {
        self.list.retain(|(known, _)| *known != name);
    }

    /// Replaces the parts of RFC 7529. None if they ask for another calendar. True if the rule moves to another day in
    /// short months in a way that RFC 5545 cannot express.
    pub(super) fn plain_scale(&mut self, start: &Stamp) -> Option<bool> {
        if !matches!(self.get("RSCALE"), None | Some("GREGORIAN" | "GREGORY")) {
            return None;
        }
        let skips = match self.get("SKIP") {
            None | Some("OMIT") => false,
            Some("FORWARD" | "BACKWARD") => true,
            Some(_) => return None,
        };
        let long = matches!(self.get("FREQ"), Some("MONTHLY" | "YEARLY"));
        let is_rare = |name: &str, day: &str| {
            let mut days = self.get(name).unwrap_or_default().split(',');
            days.any(|known| known.trim_start_matches(['-', '+']) == day)
        };
        let missing = match (self.get("BYMONTHDAY"), self.get("BYDAY")) {
            _ if is_rare("BYYEARDAY", "366") || is_rare("BYWEEKNO", "53") => true,
            (Some(days), _) => days
                .split(',')
                .any(|day| number(day, -28, 28).is_none_or(|day| day == 0)),
            (None, Some(_)) => false,
            (None, None) => start.day().day() > 28 && !self.has("BYYEARDAY"),
        };
        let backward = self.get("SKIP") == Some("BACKWARD");
        self.drop("RSCALE");
        self.drop("SKIP");
        let lost = skips && long && missing && self.without_skip(backward, start).is_none();
        Some(lost)
    }

    /// Says in RFC 5545 what SKIP says: BACKWARD means the last existing day up to the given one, and the day after 28
    /// February is day 60 of every year. None if RFC 5545 cannot say it.
    fn without_skip(&mut self, backward: bool, start: &Stamp) -> Option<()> {
        let by_day = ["BYMONTHDAY", "BYDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"];
        if backward
            && self.get("BYYEARDAY") == Some("366")
            && !by_day.iter().any(|part| self.has(part))
        {
            self.set("BYYEARDAY", "-1".into());
            return Some(());
        }
        if ["BYDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"]
            .iter()
            .any(|part| self.has(part))
        {
            return None;
        }
        let yearly = self.get("FREQ") == Some("YEARLY");
        let own = start.day();
        let day = match self.get("BYMONTHDAY") {
            Some(day) => number(day, 29, 31)?,
            None => i64::from(own.day()),
        };
        // Without a day, a yearly rule is about the month of its start.
        let months = match self.get("BYMONTH") {
            Some(months) => Some(months.to_owned()),
            None => (yearly && !self.has("BYMONTHDAY")).then(|| own.month().to_string()),
        };
        if !backward {
            if !yearly || day != 29 || months.as_deref() != Some("2") {
                return None;
            }
            self.drop("BYMONTH");
            self.drop("BYMONTHDAY");
            self.set("BYYEARDAY", "60".into());
            return Some(());
        }
        if day == 31 {
            self.set("BYMONTHDAY", "-1".into());
        } else {
            let is_one_month = months
                .as_deref()
                .is_some_and(|months| !months.contains(','));
            if yearly && !is_one_month {
                // BYSETPOS counts within a year.
                let interval = self.get("INTERVAL").unwrap_or("1");
                if interval != "1" {
                    return None;
                }
                self.set("FREQ", "MONTHLY".into());
            }
            let days = if day == 30 { "28,29,30" } else { "28,29" };
            self.set("BYMONTHDAY", days.into());
            self.set("BYSETPOS", "-1".into());
        }
        if let Some(months) = months {
            self.set("BYMONTH", months.into());
        }
        Some(())
    }

    /// Sets a part to a value, in its place in the order.
    fn set(&mut self, name: &'static str, value: Cow<'t, str>) {
        self.drop(name);
        let place = |name: &str| ORDER.iter().position(|known| *known == name);
        let at = self
            .list
            .partition_point(|(known, _)| place(known) < place(name));
        self.list.insert(at, (name, value));
    }
}

/// Returns a value in upper case, without blanks and without commas at its ends.
fn in_capitals(value: &str) -> Cow<'_, str> {
    let value = value.trim().trim_matches([',', '"']);
    let odd = |c: char| c.is_whitespace() || c.is_ascii_lowercase();
    if !value.contains(odd) {
        return Cow::Borrowed(value);
    }
    let bare: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    Cow::Owned(bare.trim_matches(',').to_ascii_uppercase())
}

pub(super) fn number(text: &str, least: i64, most: i64) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}
