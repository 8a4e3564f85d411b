//! Reads birthdays, anniversaries and other dates, and relations to other people.

use super::labels::apple_word;
use super::{MAX_GROUP, Reading};
use crate::format::vcard::dates::is_date;
use crate::format::versit::Property;
use crate::model::{ContactDate, DateKind, Relation};

/// Year that Apple's address books write for a date without a year. iOS drops the parameter that marks it when a card
/// was changed.
const NO_YEAR: &str = "1604";

impl Reading<'_> {
    /// Reads a property for a date or a relation; returns false for other properties.
    pub(super) fn date(&mut self, name: &str, property: &Property) -> bool {
        match name {
            "BDAY" => self.day(DateKind::Birthday, day(property)),
            "ANNIVERSARY" | "X-ANNIVERSARY" | "X-EVOLUTION-ANNIVERSARY" | "X-WEDDING" => {
                self.day(DateKind::Anniversary, day(property));
            }
            "X-ABDATE" => self.labelled_day(property),
            "X-ABRELATEDNAMES" => self.labelled_relation(property),
            // A RELATED next to Apple's form says the same.
            "RELATED" if self.beside_names(&property.group) => {}
            "RELATED" => {
                let kind = property.types().first().map(|word| word.to_lowercase());
                self.relation(property.text(), kind.unwrap_or_default());
            }
            "X-SPOUSE" | "X-EVOLUTION-SPOUSE" | "X-KADDRESSBOOK-X-SPOUSESNAME" => {
                self.relation(property.text(), "spouse".into());
            }
            "X-MANAGER" | "X-MS-MANAGER" | "X-EVOLUTION-MANAGER" => {
                self.relation(property.text(), "manager".into());
            }
            "X-ASSISTANT" | "X-MS-ASSISTANT" | "X-EVOLUTION-ASSISTANT" => {
                self.relation(property.text(), "assistant".into());
            }
            "X-CHILDREN" | "X-MS-CHILD" => self.relation(property.text(), "child".into()),
            _ => return false,
        }
        true
    }

    fn day(&mut self, kind: DateKind, date: String) {
        let entry = ContactDate { date, kind };
        let mut known = self.card.contact.dates.iter().take(MAX_GROUP);
        if !entry.date.is_empty() && !known.any(|other| *other == entry) {
            self.card.contact.dates.push(entry);
        }
    }

    /// Reads X-ABDATE, with the X-ABLabel and the Android row of its group.
    fn labelled_day(&mut self, property: &Property) {
        let group = &property.group;
        let label = self.take(group, "X-ABLABEL");
        let android = self.find(group, "X-ANDROID-CUSTOM").map(|(at, custom)| {
            self.mark(at);
            custom.parts().into_iter().nth(2).unwrap_or_default()
        });
        let word = label.clone().map(apple_word).unwrap_or_default();
        let kind = match android.as_deref() {
            Some("0") => DateKind::Custom(label.unwrap_or_default()),
            Some("1") => DateKind::Anniversary,
            Some("3") => DateKind::Birthday,
            Some(_) => DateKind::Other,
            None => match word.as_str() {
                "Anniversary" => DateKind::Anniversary,
                "Birthday" => DateKind::Birthday,
                "Other" | "" => DateKind::Other,
                _ => DateKind::Custom(word),
            },
        };
        if android.is_some() {
            let date = property.text();
            if !date.is_empty() {
                self.card.contact.dates.push(ContactDate { date, kind });
            }
        } else {
            self.day(kind, day(property));
        }
    }

    fn beside_names(&self, group: &str) -> bool {
        let Some(group) = self.groups.get(group) else {
            return false;
        };
        group
            .iter()
            .filter_map(|&at| self.properties.get(at))
            .any(|property| property.name == "X-ABRELATEDNAMES")
    }

    fn relation(&mut self, name: String, kind: String) {
        let kind = match kind.as_str() {
            "kin" => "relative".into(),
            "sweetheart" => "partner".into(),
            "agent" => "assistant".into(),
            _ => kind,
        };
        let custom = !kind.is_empty() && !Relation::KINDS.contains(&kind.as_str());
        let relation = Relation { name, kind, custom };
        let mut known = self.card.contact.relations.iter().take(MAX_GROUP);
        if !known.any(|other| *other == relation) && !relation.name.is_empty() {
            self.card.contact.relations.push(relation);
        }
    }

    /// Reads X-ABRELATEDNAMES, with the X-ABLabel of its group, and the Android row with a number for the kind; 0 means
    /// a custom label.
    fn labelled_relation(&mut self, property: &Property) {
        let android = self
            .find(&property.group, "X-ANDROID-CUSTOM")
            .map(|(at, custom)| {
                self.mark(at);
                custom.parts().into_iter().nth(2).unwrap_or_default()
            });
        let label = self.take(&property.group, "X-ABLABEL");
        let name = property.text();
        let known = android
            .as_deref()
            .and_then(|number| number.parse::<usize>().ok()?.checked_sub(1))
            .and_then(|at| Relation::KINDS.get(at));
        let relation = match (known, android) {
            (Some(kind), _) => Relation {
                name,
                kind: (*kind).to_owned(),
                custom: false,
            },
            (None, Some(_)) => {
                let kind = label.unwrap_or_default();
                let custom = !kind.is_empty();
                Relation { name, kind, custom }
            }
            (None, None) => {
                let word = label.clone().map(apple_word).unwrap_or_default();
                let lower = word.to_lowercase();
                let own = label.as_ref() == Some(&word);
                let custom =
                    !word.is_empty() && (own || !Relation::KINDS.contains(&lower.as_str()));
                let kind = if custom { word } else { lower };
                Relation { name, kind, custom }
            }
        };
        if relation != Relation::default() {
            self.card.contact.relations.push(relation);
        }
    }
}

/// Returns a date in the form of Android's provider (`1985-04-12`, `--04-12`). Returns any other text unchanged.
fn day(property: &Property) -> String {
    let text = property.text();
    let written = text.trim();
    let (date, time) = written.split_once(['T', ' ']).unwrap_or((written, ""));
    let time = time.split(['+', '-']).next().unwrap_or_default();
    let at_midnight = time.chars().all(|c| matches!(c, '0' | ':' | 'Z' | '.'));
    let formed = formed(date).or_else(|| day_first(date));
    let Some(formed) = formed.filter(|formed| at_midnight && is_date(formed)) else {
        return text;
    };
    // How iOS writes a date without a year.
    let omitted = property.parameter("X-APPLE-OMIT-YEAR").map(str::trim);
    match formed.split_once('-') {
        Some((year, rest)) if year == NO_YEAR || (!year.is_empty() && omitted == Some(year)) => {
            format!("--{rest}")
        }
        _ => formed,
    }
}

/// Converts `19850412`, `1985-4-2`, `1985/04/12`, `--0412` and `--4-12` to Android's form.
fn formed(date: &str) -> Option<String> {
    let (year, rest) = match date.strip_prefix("--") {
        Some(rest) => (None, rest),
        None => {
            let (year, rest) = date.split_at_checked(4)?;
            (
                Some(year),
                rest.strip_prefix(['-', '/', '.']).unwrap_or(rest),
            )
        }
    };
    let (month, day) = match rest.split_once(['-', '/', '.']) {
        Some(parts) => parts,
        None if rest.len() == 4 => rest.split_at_checked(2)?,
        None => return None,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !(digits(month) && digits(day) && year.is_none_or(digits)) {
        return None;
    }
    Some(match year {
        Some(year) if year != "0000" => format!("{year}-{month:0>2}-{day:0>2}"),
        // Some programs write a date without a year like this.
        Some(_) | None => format!("--{month:0>2}-{day:0>2}"),
    })
}

/// Converts `12.4.1985`. Between points, the day always comes first.
fn day_first(date: &str) -> Option<String> {
    let mut parts = date.split('.').map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let number =
        |text: &str| matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    (number(day) && number(month) && is_year && parts.next().is_none())
        .then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::versit::Parameter;

    #[test]
    fn days_are_put_into_one_form() {
        for (text, wanted) in [
            ("19850412", "1985-04-12"),
            ("1985-04-12", "1985-04-12"),
            ("1995/04/15", "1995-04-15"),
            ("1985-04-12T00:00:00Z", "1985-04-12"),
            ("19800101T000000Z", "1980-01-01"),
            ("--0412", "--04-12"),
            ("--04-12", "--04-12"),
            ("--4-12", "--04-12"),
            ("1604-06-26", "--06-26"),
            ("1985-4-2", "1985-04-02"),
            ("1985-04-12T00:00:00+02:00", "1985-04-12"),
            ("1985-04-11T22:00:00Z", "1985-04-11T22:00:00Z"),
            ("---12", "---12"),
            ("1985-04-12T10:30:00Z", "1985-04-12T10:30:00Z"),
            ("19851345", "19851345"),
            ("12.04.1985", "1985-04-12"),
            ("2.4.1985", "1985-04-02"),
            ("12.13.1985", "12.13.1985"),
            ("04/12/1985", "04/12/1985"),
            ("0000-04-12", "--04-12"),
            ("circa 1800", "circa 1800"),
            ("", ""),
        ] {
            let property = Property {
                raw: text.into(),
                ..Property::default()
            };
            assert_eq!(day(&property), wanted, "{text}");
        }
        for raw in ["1604-04-12", "16040412", "1604-04-12T00:00:00Z"] {
            let apple = Property {
                raw: raw.into(),
                parameters: vec![Parameter {
                    name: "X-APPLE-OMIT-YEAR".into(),
                    value: "1604".into(),
                }],
                ..Property::default()
            };
            assert_eq!(day(&apple), "--04-12");
        }
    }
}
