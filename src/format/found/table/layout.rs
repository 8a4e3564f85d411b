//! Assigns the columns of a table to places. Columns with parts of the same value (a street and a city, a label and
//! its number) share one place. Two columns of the same kind never share a place.

use std::collections::{HashMap, HashSet};

use super::field::{Field, service};
use super::headings::understood;
use super::kind::{Content, Looks};
use crate::format::vcard::words;
use crate::model::{DateKind, Label, MessengerService};

/// The value that one or more columns form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    Name,
    Nickname(Label),
    Organization,
    Address(Label),
    Phone(Label),
    Email(Label),
    Website(Label),
    Relation(String),
    Day(DateKind),
    /// Year, month and day of birth in separate columns.
    Birth,
    Messenger(MessengerService),
    Sip(Label),
    Groups,
    GoogleGroups,
    Note,
    /// Google's custom fields: a label and a value.
    Custom,
    Setting,
    Aside,
    /// For the note, with the heading in front.
    Other,
}

/// The part of the value that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Value,
    Label,
    Service,
    EmailName,
    EmailType,
    Display,
    Given,
    Middle,
    Family,
    Prefix,
    Suffix,
    SpokenGiven,
    SpokenMiddle,
    SpokenFamily,
    Company,
    SpokenCompany,
    Department,
    Title,
    Role,
    Office,
    Symbol,
    Formatted,
    Street,
    Extended,
    City,
    Region,
    Postcode,
    Country,
    PoBox,
    Year,
    Month,
    Day,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The heading as written in the table.
    pub heading: String,
    /// Index in [`Layout::places`].
    pub place: usize,
    pub part: Part,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub columns: Vec<Column>,
    pub places: Vec<Place>,
    /// Number of columns with a known meaning.
    pub known: usize,
}

impl Layout {
    /// Creates the layout from the cells of a header.
    pub(super) fn of(header: &[String]) -> Self {
        let fields = understood(header);
        let mut layout = Building::default();
        layout.count_towns(&fields);
        for (at, (heading, field)) in header.iter().zip(fields).enumerate() {
            layout.column(at, heading, field);
        }
        let mut layout = layout.layout;
        layout.separate_births();
        layout
    }

    pub(super) fn place(&self, column: &Column) -> &Place {
        self.places.get(column.place).unwrap_or(&Place::Other)
    }

    /// True if a column holds such a part of such a place.
    pub(super) fn has(&self, wanted: impl Fn(&Place, Part) -> bool) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|column| wanted(self.place(column), column.part))
    }

    /// A column for the day of birth holds the whole date if there is no column for the month.
    fn separate_births(&mut self) {
        let has = |wanted: Part| self.has(|place, part| *place == Place::Birth && part == wanted);
        if has(Part::Month) && has(Part::Day) {
            return;
        }
        for column in &mut self.columns {
            if self.places.get(column.place) == Some(&Place::Birth) {
                let whole = column.part == Part::Day;
                column.part = Part::Value;
                column.place = self.places.len();
                self.places.push(match whole {
                    true => Place::Day(DateKind::Birthday),
                    false => Place::Other,
                });
            }
        }
    }

    /// Gives the columns with unknown headings a meaning by their cells: e-mail addresses, and telephone numbers whose
    /// heading or country's code says so. The heading becomes their label.
    pub(super) fn by_content(&mut self, looks: &Looks) {
        for (at, column) in self.columns.iter().enumerate() {
            let Some(place) = self.places.get_mut(column.place) else {
                continue;
            };
            if *place != Place::Other || column.part != Part::Value {
                continue;
            }
            let label = || match column.heading == nameless(at) {
                true => Label::Unset,
                false => Label::Custom(column.heading.clone()),
            };
            let meant = match looks.content(at) {
                Content::Addresses => Place::Email(label()),
                Content::Numbers { .. } if is_of_mobiles(&column.heading) => {
                    Place::Phone(Label::Mobile)
                }
                Content::Numbers { abroad } if abroad || is_of_phones(&column.heading) => {
                    Place::Phone(label())
                }
                Content::Numbers { .. } | Content::Other => continue,
            };
            *place = meant;
            self.known = self.columns.len().min(self.known + 1);
        }
    }

    /// Treats the name column as the family name: for a table with given names, in which the names do not contain
    /// them.
    pub(super) fn names_are_families(&mut self) {
        let name = self.places.iter().position(|place| *place == Place::Name);
        for column in &mut self.columns {
            if column.part == Part::Display && Some(column.place) == name {
                column.part = Part::Family;
            }
        }
    }
}

/// The heading of a column without one.
fn nameless(at: usize) -> String {
    format!("Column {}", at + 1)
}

/// The same for mobile phones.
fn is_of_mobiles(heading: &str) -> bool {
    const WORDS: [&str; 15] = [
        "mobil",
        "móvil",
        "cell",
        "celular",
        "gsm",
        "handy",
        "моб",
        "κιν",
        "נייד",
        "جوال",
        "手机",
        "手機",
        "携帯",
        "휴대",
        "มือถือ",
    ];
    let heading = heading.to_lowercase();
    WORDS.iter().any(|word| heading.contains(word))
}

/// True if a heading speaks of telephones in one of the languages that say so with a similar word, or in a few others.
fn is_of_phones(heading: &str) -> bool {
    const WORDS: [&str; 24] = [
        "tel",
        "tél",
        "phon",
        "fon",
        "mobil",
        "móvil",
        "cel",
        "gsm",
        "fax",
        "handy",
        "whatsapp",
        "тел",
        "моб",
        "τηλ",
        "κιν",
        "טלפון",
        "נייד",
        "هاتف",
        "جوال",
        "電話",
        "电话",
        "手机",
        "전화",
        "휴대",
    ];
    let heading = heading.to_lowercase();
    WORDS.iter().any(|word| heading.contains(word))
}

/// Columns with the same key are parts of the same place.
type Key = (&'static str, String, usize);

#[derive(Default)]
struct Building {
    layout: Layout,
    places: HashMap<Key, usize>,
    /// Number of columns of each kind so far.
    seen: HashMap<(&'static str, String), usize>,
    /// Number of addresses for each label, by their towns and postcodes.
    towns: HashMap<String, usize>,
    /// Labels of addresses that have a street column.
    streets: HashSet<String>,
    /// Place of the last e-mail address.
    email: Option<usize>,
}

impl Building {
    fn push(&mut self, heading: &str, place: usize, part: Part) {
        self.layout.columns.push(Column {
            heading: heading.to_owned(),
            place,
            part,
        });
    }

    fn own_place(&mut self, place: Place) -> usize {
        self.layout.places.push(place);
        self.layout.places.len() - 1
    }

    fn shared_place(&mut self, key: Key, place: impl FnOnce() -> Place) -> usize {
        if let Some(at) = self.places.get(&key) {
            return *at;
        }
        let at = self.own_place(place());
        self.places.insert(key, at);
        at
    }

    /// Number of this column among those of the same kind, from 0.
    fn nth(&mut self, kind: &'static str, label: &Label) -> usize {
        let seen = self
            .seen
            .entry((kind, words(label).into_owned()))
            .or_default();
        *seen += 1;
        *seen - 1
    }

    fn count_towns(&mut self, fields: &[Option<Field>]) {
        let mut counts: HashMap<(bool, String), usize> = HashMap::new();
        for field in fields.iter().flatten() {
            let (city, label) = match field {
                Field::City(label) => (true, label),
                Field::Postcode(label) => (false, label),
                Field::Street(label) => {
                    self.streets.insert(words(label).into_owned());
                    continue;
                }
                _ => continue,
            };
            *counts.entry((city, words(label).into_owned())).or_default() += 1;
        }
        for ((_, label), count) in counts {
            let most = self.towns.entry(label).or_default();
            *most = (*most).max(count);
        }
    }

    fn column(&mut self, at: usize, heading: &str, field: Option<Field>) {
        let shown = match heading.trim() {
            "" => nameless(at),
            heading => heading.trim_start_matches('\u{FEFF}').to_owned(),
        };
        if let Some((place, part)) = self.numbered(&shown) {
            self.layout.known += 1;
            return self.push(&shown, place, part);
        }
        let Some(field) = field.filter(|field| !matches!(field, Field::Place(_))) else {
            let place = self.own_place(Place::Other);
            return self.push(&shown, place, Part::Value);
        };
        self.layout.known += 1;
        let (place, part) = self.field(field);
        self.push(&shown, place, part);
    }

    fn field(&mut self, field: Field) -> (usize, Part) {
        let place = match field {
            Field::Display => return self.name("display", Part::Display),
            Field::Given => return self.name("given", Part::Given),
            Field::Middle => return self.name("middle", Part::Middle),
            Field::Family => return self.name("family", Part::Family),
            Field::Prefix => return self.name("prefix", Part::Prefix),
            Field::Suffix => return self.name("suffix", Part::Suffix),
            Field::SpokenGiven => return self.name("spoken given", Part::SpokenGiven),
            Field::SpokenMiddle => return self.name("spoken middle", Part::SpokenMiddle),
            Field::SpokenFamily => return self.name("spoken family", Part::SpokenFamily),
            Field::Company => return self.organization("company", Part::Company),
            Field::SpokenCompany => return self.organization("spoken", Part::SpokenCompany),
            Field::Department => return self.organization("department", Part::Department),
            Field::Title => return self.organization("title", Part::Title),
            Field::Role => return self.organization("role", Part::Role),
            Field::Office => return self.organization("office", Part::Office),
            Field::Address(label) => return self.address("address", label, Part::Formatted),
            Field::Street(label) => return self.address("street", label, Part::Street),
            Field::Extended(label) => return self.address("extended", label, Part::Extended),
            Field::City(label) => return self.address("city", label, Part::City),
            Field::Region(label) => return self.address("region", label, Part::Region),
            Field::Postcode(label) => return self.address("postcode", label, Part::Postcode),
            Field::Country(label) => return self.address("country", label, Part::Country),
            Field::PoBox(label) => return self.address("po box", label, Part::PoBox),
            Field::BirthYear => return self.birth("year", Part::Year),
            Field::BirthMonth => return self.birth("month", Part::Month),
            Field::BirthDay => return self.birth("day", Part::Day),
            Field::EmailName | Field::EmailType => {
                let part = match field {
                    Field::EmailName => Part::EmailName,
                    _ => Part::EmailType,
                };
                return match self.email {
                    Some(place) => (place, part),
                    None => (self.own_place(Place::Other), Part::Value),
                };
            }
            Field::Email(label) => {
                let place = self.own_place(Place::Email(label));
                self.email = Some(place);
                return (place, Part::Value);
            }
            Field::Nickname(label) => Place::Nickname(label),
            Field::Phone(label) => Place::Phone(label),
            Field::Website(label) => Place::Website(label),
            Field::Birthday => Place::Day(DateKind::Birthday),
            Field::Anniversary => Place::Day(DateKind::Anniversary),
            Field::Note => Place::Note,
            Field::Groups => Place::Groups,
            Field::GoogleGroups => Place::GoogleGroups,
            Field::Relation(kind) => Place::Relation(kind),
            Field::Messenger(service) => Place::Messenger(service),
            Field::Sip(label) => Place::Sip(label),
            Field::Setting => Place::Setting,
            Field::Aside => Place::Aside,
            Field::Other | Field::Place(_) => Place::Other,
        };
        (self.own_place(place), Part::Value)
    }

    fn name(&mut self, kind: &'static str, part: Part) -> (usize, Part) {
        let nth = self.nth(kind, &Label::Unset);
        let key = ("name", String::new(), nth);
        (self.shared_place(key, || Place::Name), part)
    }

    fn organization(&mut self, kind: &'static str, part: Part) -> (usize, Part) {
        let nth = self.nth(kind, &Label::Unset);
        let key = ("organization", String::new(), nth);
        (self.shared_place(key, || Place::Organization), part)
    }

    fn birth(&mut self, kind: &'static str, part: Part) -> (usize, Part) {
        let nth = self.nth(kind, &Label::Unset);
        let key = ("birth", String::new(), nth);
        (self.shared_place(key, || Place::Birth), part)
    }

    /// Two street columns with one town column are two lines of the same address. An address column next to a town
    /// column is the street.
    fn address(&mut self, kind: &'static str, label: Label, part: Part) -> (usize, Part) {
        let mut nth = self.nth(kind, &label);
        let word = words(&label).into_owned();
        let part = match part {
            Part::Formatted if self.towns.contains_key(&word) && !self.streets.contains(&word) => {
                Part::Street
            }
            part => part,
        };
        if matches!(part, Part::Street | Part::Formatted)
            && let Some(towns) = self.towns.get(&word)
        {
            nth = nth.min(towns.saturating_sub(1));
        }
        let key = ("address", word, nth);
        (self.shared_place(key, || Place::Address(label)), part)
    }

    /// Reads Google's numbered columns: `Phone 1 - Value`, `Address 2 - City`, and those of its first format,
    /// `Section 1 - Email`.
    fn numbered(&mut self, heading: &str) -> Option<(usize, Part)> {
        let (left, part) = heading.split_once(" - ")?;
        let kind = left.trim_end_matches(|c: char| c.is_ascii_digit());
        let number: usize = left.get(kind.len()..)?.parse().ok()?;
        let (kind, part) = (kind.trim().to_lowercase(), part.trim().to_lowercase());
        let named = |part: &str| match part {
            "label" | "type" => Some(Part::Label),
            "value" => Some(Part::Value),
            _ => None,
        };
        let (kind, part, place) = match (kind.as_str(), part.as_str()) {
            ("phone", part) => ("phone", named(part)?, Place::Phone(Label::Unset)),
            ("e-mail" | "email", part) => ("email", named(part)?, Place::Email(Label::Unset)),
            ("website", part) => ("website", named(part)?, Place::Website(Label::Unset)),
            ("relation", part) => ("relation", named(part)?, Place::Relation(String::new())),
            ("event", part) => ("event", named(part)?, Place::Day(DateKind::Other)),
            ("custom field", part) => ("custom", named(part)?, Place::Custom),
            ("im", "service") => (
                "im",
                Part::Service,
                Place::Messenger(MessengerService::Unset),
            ),
            ("im", part) => (
                "im",
                named(part)?,
                Place::Messenger(MessengerService::Unset),
            ),
            ("address", part) => {
                let part = match part {
                    "formatted" => Part::Formatted,
                    "street" => Part::Street,
                    "city" => Part::City,
                    "po box" => Part::PoBox,
                    "region" => Part::Region,
                    "postal code" => Part::Postcode,
                    "country" => Part::Country,
                    "extended address" => Part::Extended,
                    part => named(part)?,
                };
                ("numbered address", part, Place::Address(Label::Unset))
            }
            ("organization", part) => {
                let part = match part {
                    "name" => Part::Company,
                    "yomi name" => Part::SpokenCompany,
                    "title" => Part::Title,
                    "department" => Part::Department,
                    "symbol" => Part::Symbol,
                    "location" => Part::Office,
                    "job description" => Part::Role,
                    part => named(part)?,
                };
                ("numbered organization", part, Place::Organization)
            }
            ("section", part) => {
                let (part, place) = match part {
                    "email" => (Part::Value, Place::Email(Label::Unset)),
                    "phone" => (Part::Value, Place::Phone(Label::Unset)),
                    "mobile" => (Part::Value, Place::Phone(Label::Mobile)),
                    "pager" => (Part::Value, Place::Phone(Label::Pager)),
                    "fax" => (Part::Value, Place::Phone(Label::OtherFax)),
                    "im" => (Part::Value, Place::Messenger(service(""))),
                    "address" => (Part::Formatted, Place::Address(Label::Unset)),
                    "company" | "title" => {
                        let key = ("section", String::new(), number);
                        let at = self.shared_place(key, || Place::Organization);
                        let part = if part == "title" {
                            Part::Title
                        } else {
                            Part::Company
                        };
                        return Some((at, part));
                    }
                    _ => return None,
                };
                return Some((self.own_place(place), part));
            }
            _ => return None,
        };
        // A second column with the same heading holds another value.
        let nth = {
            let seen = self
                .seen
                .entry((kind, format!("{number} {part:?}")))
                .or_default();
            *seen += 1;
            *seen - 1
        };
        let key = (kind, format!("{number}"), nth);
        Some((self.shared_place(key, || place), part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Layout {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        Layout::of(&header)
    }

    fn addresses(layout: &Layout) -> usize {
        let is_address = |place: &&Place| matches!(place, Place::Address(_));
        layout.places.iter().filter(is_address).count()
    }

    #[test]
    fn lines_of_one_address_and_two_addresses_are_told_apart() {
        assert_eq!(
            addresses(&of("First Name,Home Street,Home Street 2,Home City")),
            1
        );
        assert_eq!(addresses(&of("Name,Address 1,Address 2,City,Country")), 1);
        assert_eq!(addresses(&of("Name,Address 1,Address 2")), 2);
        assert_eq!(addresses(&of("Name,Street,City,Street,City")), 2);
        assert_eq!(
            addresses(&of(
                "Address 1 - Type,Address 1 - Street,Address 2 - Type,Address 2 - Street"
            )),
            2
        );
        assert_eq!(addresses(&of("Home City,Business City,Other City")), 3);
    }

    #[test]
    fn a_day_of_birth_alone_is_the_whole_birthday() {
        let layout = of("First Name,Birth Day");
        assert_eq!(
            layout.place(&layout.columns[1]),
            &Place::Day(DateKind::Birthday)
        );
        let layout = of("First Name,Birth Year,Birth Month,Birth Day");
        assert_eq!(layout.place(&layout.columns[3]), &Place::Birth);
    }

    #[test]
    fn what_is_unknown_has_a_place_too() {
        let layout = of("First Name,Shoe size,");
        assert_eq!(layout.known, 1);
        assert_eq!(layout.place(&layout.columns[1]), &Place::Other);
        assert_eq!(layout.columns[2].heading, "Column 3");
    }
}
