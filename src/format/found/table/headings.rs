//! Meanings of the headings of a table, in many languages. `assets/csv-headings.csv` lists them, with the programs
//! that write them.
//!
//! A heading can be ambiguous: `Geburtstag` is a birthday in Outlook and the day of a birthday in Thunderbird. The
//! program and language that know most of a table's headings therefore have priority.

use std::collections::HashMap;
use std::sync::LazyLock;

use csv::ReaderBuilder;

use super::field::Field;
use crate::model::Label;

const TABLE: &str = include_str!("../../../../assets/csv-headings.csv");

/// Programs that write headings. Programs whose own table format is known come first.
const SOURCES: [&str; 15] = [
    "outlook",
    "live",
    "google",
    "thunderbird",
    "yahoo",
    "nokia",
    "nokia-hu",
    "pear",
    "owncloud",
    "linkedin",
    "explay",
    "roundcube",
    "android",
    "words",
    "plain",
];

/// Maximum length of a heading that is looked up, in bytes.
const LONGEST: usize = 200;
/// A table with this number of headings from one program was written by that program. Its other headings are then not
/// interpreted differently.
const MANY: usize = 20;
/// Maximum number of words in a heading that are examined one by one.
const MOST_WORDS: usize = 8;

/// Index in [`Headings::languages`]; English is the first.
type Language = usize;
const ENGLISH: Language = 0;

#[derive(Debug, Clone, PartialEq)]
struct Meaning {
    language: Language,
    /// Bit set of indices in [`SOURCES`].
    sources: u32,
    field: Field,
}

impl Meaning {
    fn is_of(&self, dialect: Dialect) -> bool {
        self.language == dialect.language && self.sources & (1 << dialect.source) != 0
    }
}

/// A program in a certain language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Dialect {
    source: usize,
    language: Language,
}

struct Headings {
    languages: Vec<String>,
    by_heading: HashMap<String, Vec<Meaning>>,
    /// Headings in which characters other than letters separate the words, by their words.
    by_words: HashMap<String, Vec<Meaning>>,
}

static HEADINGS: LazyLock<Headings> = LazyLock::new(|| read(TABLE));

/// Reads the list of headings. Skips malformed rows; a test ensures that there are none.
fn read(table: &str) -> Headings {
    let mut headings = Headings {
        languages: Vec::new(),
        by_heading: HashMap::new(),
        by_words: HashMap::new(),
    };
    let mut reader = ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(table.as_bytes());
    for record in reader.records().flatten() {
        let [language, heading, field, sources] =
            [0, 1, 2, 3].map(|at| record.get(at).unwrap_or_default());
        let Some(field) = Field::named(field) else {
            continue;
        };
        let known = headings.languages.iter().position(|name| name == language);
        let language = known.unwrap_or_else(|| {
            headings.languages.push(language.to_owned());
            headings.languages.len() - 1
        });
        let bit = |name: &str| SOURCES.iter().position(|source| *source == name);
        let sources = sources
            .split(' ')
            .filter_map(bit)
            .fold(0, |bits, at| bits | 1 << at);
        let meaning = Meaning {
            language,
            sources,
            field,
        };
        headings
            .by_heading
            .entry(plain(heading))
            .or_default()
            .push(meaning);
    }
    headings
}

/// Normalises a heading: removes differences in case, blanks and surrounding characters.
fn plain(heading: &str) -> String {
    let mut plain = String::with_capacity(heading.len());
    let mut blank = false;
    for c in heading.trim_start_matches('\u{FEFF}').chars() {
        match c {
            '!' | '*' | '"' => {}
            c if c.is_whitespace() => blank = true,
            c => {
                if blank && !plain.is_empty() {
                    plain.push(' ');
                }
                blank = false;
                match c {
                    '\u{2019}' => plain.push('\''),
                    c => plain.extend(c.to_lowercase()),
                }
            }
        }
    }
    let end = plain.trim_end_matches([':', ' ']).len();
    plain.truncate(end);
    plain
}

/// True if the text is a known column heading.
pub(super) fn is_one(text: &str) -> bool {
    text.len() <= LONGEST && HEADINGS.by_heading.contains_key(&plain(text))
}

/// True for text that no heading contains: a telephone number or an address.
pub(super) fn is_value(cell: &[u8]) -> bool {
    /// More digits than any column number has.
    const MANY: usize = 5;
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit());
    digits.take(MANY).count() == MANY || memchr::memchr(b'@', cell).is_some()
}

/// Splits a heading into words, even joined ones: `HomePhone2`, `given_name`, `E-Mail (privat)`. Numbers are left
/// out.
fn words(heading: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut fresh = true;
    let mut last = ' ';
    for c in heading.chars() {
        if c.is_alphabetic() || matches!(c, '\'' | '-') {
            if fresh || (c.is_uppercase() && last.is_lowercase()) {
                words.push(String::new());
            }
            fresh = false;
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        } else if !c.is_numeric() {
            fresh = true;
        }
        last = c;
    }
    words.retain(|word| word.chars().any(char::is_alphabetic));
    words
}

/// Splits words at hyphens, except `e-mail`.
fn unhyphenated(words: &[String]) -> Vec<String> {
    let mut split: Vec<String> = Vec::with_capacity(words.len());
    for part in words
        .iter()
        .flat_map(|word| word.split('-'))
        .filter(|part| !part.is_empty())
    {
        match split.last_mut() {
            Some(last) if last == "e" && part == "mail" => last.push_str("-mail"),
            _ => split.push(part.to_owned()),
        }
    }
    split
}

/// Returns the field of each column of a header; `None` for unknown columns.
pub(super) fn understood(header: &[String]) -> Vec<Option<Field>> {
    let headings = &*HEADINGS;
    let spellings: Vec<Spelling> = header.iter().map(|heading| Spelling::of(heading)).collect();
    let (dialect, known) = headings.dialect(&spellings).unzip();
    let is_whole = known.is_some_and(|known| known >= MANY);
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut fields: Vec<Option<Field>> = Vec::with_capacity(header.len());
    for spelling in &spellings {
        let nth = seen.entry(&spelling.plain).or_default();
        fields.push(headings.field(spelling, dialect, is_whole, *nth));
        *nth += 1;
    }
    titles(&spellings, &mut fields);
    fields
}

/// Decides the meaning of `Title`. It is a form of address if it stands before the names, or if another column holds
/// job titles. Otherwise, or if another column holds the form of address, it is a job title.
fn titles(spellings: &[Spelling], fields: &mut [Option<Field>]) {
    let named = |field: &Option<Field>| {
        matches!(field, Some(Field::Given | Field::Family | Field::Display))
    };
    let first_name = fields.iter().position(named);
    let own = |at: usize| spellings.get(at).is_some_and(|s| s.plain == "title");
    let other = |wanted: Field| {
        let mut with = fields.iter().enumerate();
        with.any(|(at, field)| !own(at) && field.as_ref() == Some(&wanted))
    };
    let (prefix, title) = (other(Field::Prefix), other(Field::Title));
    for (at, field) in fields.iter_mut().enumerate() {
        if own(at) && matches!(field, Some(Field::Prefix | Field::Title)) {
            let before = first_name.is_none_or(|first| at < first);
            let of_person = !prefix && (title || before);
            *field = Some(if of_person {
                Field::Prefix
            } else {
                Field::Title
            });
        }
    }
}

struct Spelling {
    plain: String,
    words: Vec<String>,
}

impl Spelling {
    fn of(heading: &str) -> Self {
        let heading = if heading.len() > LONGEST { "" } else { heading };
        Self {
            plain: plain(heading),
            words: words(heading),
        }
    }
}

impl Headings {
    fn meanings(&self, heading: &str) -> &[Meaning] {
        self.by_heading.get(heading).map_or(&[], Vec::as_slice)
    }

    /// The program and language that know most of the headings, and the number of those. In a tie, the first in
    /// [`SOURCES`] wins.
    fn dialect(&self, spellings: &[Spelling]) -> Option<(Dialect, usize)> {
        let mut known: HashMap<Dialect, usize> = HashMap::new();
        for spelling in spellings {
            let mut here: Vec<Dialect> = Vec::new();
            for meaning in self.meanings(&spelling.plain) {
                if matches!(meaning.field, Field::Place(_)) {
                    continue;
                }
                for source in
                    (0..SOURCES.len()).filter(|source| meaning.sources & (1 << source) != 0)
                {
                    let dialect = Dialect {
                        source,
                        language: meaning.language,
                    };
                    if !here.contains(&dialect) {
                        here.push(dialect);
                    }
                }
            }
            for dialect in here {
                *known.entry(dialect).or_default() += 1;
            }
        }
        let best =
            |(a, n): &(Dialect, usize), (b, m): &(Dialect, usize)| n.cmp(m).then_with(|| b.cmp(a));
        known.into_iter().max_by(best)
    }

    fn field(
        &self,
        spelling: &Spelling,
        dialect: Option<Dialect>,
        is_whole: bool,
        nth: usize,
    ) -> Option<Field> {
        let meanings = self.meanings(&spelling.plain);
        let column = |meaning: &&Meaning| !matches!(meaning.field, Field::Place(_));
        if let Some(dialect) = dialect {
            let mut own = meanings.iter().filter(|m| m.is_of(dialect)).filter(column);
            let last = own.clone().next_back();
            if let Some(meaning) = own.nth(nth).or(last)
                && (meaning.field != Field::Other || is_whole)
            {
                return Some(meaning.field.clone());
            }
        }
        let language = dialect.map_or(ENGLISH, |dialect| dialect.language);
        for language in [language, ENGLISH] {
            if let Some(field) = self.in_language(&spelling.plain, language) {
                return Some(field);
            }
        }
        let split = unhyphenated(&spelling.words);
        for (words, language) in [
            (&spelling.words, language),
            (&spelling.words, ENGLISH),
            (&split, language),
            (&split, ENGLISH),
        ] {
            if let Some(field) = self.composed(words, language) {
                return Some(field);
            }
        }
        // Another language is used only if all its meanings agree.
        let mut others = meanings.iter().filter(column).map(|meaning| &meaning.field);
        let first = others.next()?;
        others.all(|field| field == first).then(|| first.clone())
    }

    fn in_language(&self, heading: &str, language: Language) -> Option<Field> {
        let glued = self.by_words.get(heading).into_iter().flatten();
        let meanings = self.meanings(heading).iter().chain(glued);
        let meanings = meanings.filter(|m| m.language == language);
        let columns = meanings.filter(|m| !matches!(m.field, Field::Place(_)));
        let rank = |meaning: &&Meaning| {
            (
                meaning.field == Field::Other,
                meaning.sources.trailing_zeros(),
            )
        };
        let first = columns.min_by_key(rank);
        first.map(|meaning| meaning.field.clone())
    }

    /// Interprets a heading that is in no list: a known heading without its numbers, with or without a word for a
    /// place.
    fn composed(&self, words: &[String], language: Language) -> Option<Field> {
        if words.is_empty() || words.len() > MOST_WORDS {
            return None;
        }
        let join = |words: &[String]| words.join(" ");
        if let Some(field) = self.in_language(&join(words), language) {
            return Some(field);
        }
        for length in 1..words.len() {
            let (front, rest) = words.split_at(length);
            let (start, back) = words.split_at(words.len() - length);
            for (place, thing) in [(front, rest), (back, start)] {
                let place = self.place(&join(place), language);
                let thing = self.in_language(&join(thing), language);
                if let (Some(place), Some(thing)) = (place, thing)
                    && let Some(field) = thing.at(&place)
                {
                    return Some(field);
                }
            }
        }
        None
    }

    fn place(&self, word: &str, language: Language) -> Option<Label> {
        let meanings = self.meanings(word).iter();
        let mut places = meanings.filter(|m| m.language == language || m.language == ENGLISH);
        places.find_map(|meaning| match &meaning.field {
            Field::Place(label) => Some(label.clone()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(header: &str) -> Vec<Option<Field>> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        understood(&header)
    }

    #[test]
    fn the_table_has_its_form() {
        let mut reader = ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(TABLE.as_bytes());
        let mut rows = 0;
        for record in reader.records() {
            let record = record.expect("four columns");
            let [language, heading, field, sources] = [0, 1, 2, 3].map(|at| &record[at]);
            assert!(Field::named(field).is_some(), "{record:?}");
            assert!(
                !heading.trim().is_empty() && heading.trim() == heading,
                "{record:?}"
            );
            assert!(!plain(heading).is_empty(), "{record:?}");
            assert!(!is_value(heading.as_bytes()), "{record:?}");
            assert!(
                language
                    .split('-')
                    .all(|part| (2..=3).contains(&part.len())),
                "{record:?}"
            );
            assert!(!sources.is_empty(), "{record:?}");
            assert!(
                sources.split(' ').all(|name| SOURCES.contains(&name)),
                "{record:?}"
            );
            rows += 1;
        }
        let read: usize = HEADINGS.by_heading.values().map(Vec::len).sum();
        assert_eq!(rows, read);
        assert_eq!(HEADINGS.languages[ENGLISH], "en");
    }

    /// The whole table of each program in each language is understood column by column, as the list says.
    #[test]
    fn every_program_s_table_is_understood() {
        let mut reader = ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(TABLE.as_bytes());
        let mut tables: HashMap<(String, String), Vec<(String, Field)>> = HashMap::new();
        for record in reader.records() {
            let record = record.expect("four columns");
            for source in record[3].split(' ').filter(|source| *source != "plain") {
                let table = tables.entry((record[0].to_owned(), source.to_owned()));
                let field = Field::named(&record[2]).expect("a field");
                table.or_default().push((record[1].to_owned(), field));
            }
        }
        let mut checked = 0;
        for ((language, source), table) in tables {
            // The plain words of a language are not a program's table.
            if table.len() < 25 || matches!(source.as_str(), "words" | "android" | "roundcube") {
                continue;
            }
            let header: Vec<String> = table.iter().map(|(heading, _)| heading.clone()).collect();
            for ((heading, wanted), read) in table.iter().zip(understood(&header)) {
                let said = format!("{heading} of {source} in {language}");
                match read {
                    // The position of the column decides.
                    Some(Field::Prefix | Field::Title) if heading == "Title" => {}
                    read => assert_eq!(read.as_ref(), Some(wanted), "{said}"),
                }
            }
            checked += 1;
        }
        assert!(checked > 90, "{checked}");
    }

    /// A heading that one program uses for two columns means two places or two parts of a name. It is not a mistake.
    #[test]
    fn the_table_does_not_contradict_itself() {
        let mut said: HashMap<(Dialect, &str), Vec<&Field>> = HashMap::new();
        for (heading, meanings) in &HEADINGS.by_heading {
            for meaning in meanings {
                for source in (0..SOURCES.len()).filter(|at| meaning.sources & (1 << at) != 0) {
                    let language = meaning.language;
                    let fields = said
                        .entry((Dialect { source, language }, heading))
                        .or_default();
                    assert!(!fields.contains(&&meaning.field), "{heading} twice");
                    fields.push(&meaning.field);
                }
            }
        }
        let kind = |field: &Field| std::mem::discriminant(field);
        let is_name = |field: &&Field| {
            matches!(
                field,
                Field::Given | Field::Family | Field::Display | Field::Prefix | Field::Title
            )
        };
        for ((dialect, heading), fields) in said {
            if fields.len() > 1 {
                let alike = fields.iter().all(|field| kind(field) == kind(fields[0]));
                let is_place = |field: &&Field| {
                    matches!(
                        field,
                        Field::Address(_)
                            | Field::Street(_)
                            | Field::City(_)
                            | Field::Region(_)
                            | Field::Postcode(_)
                            | Field::Country(_)
                    )
                };
                let address = fields.iter().all(is_place);
                assert!(
                    alike || address || fields.iter().all(is_name),
                    "{heading} of {} in {}: {fields:?}",
                    SOURCES[dialect.source],
                    HEADINGS.languages[dialect.language]
                );
            }
        }
    }

    #[test]
    fn one_heading_means_what_the_others_say() {
        let outlook = fields("Vorname,Nachname,Telefon geschäftlich,Geburtstag");
        assert_eq!(outlook[3], Some(Field::Birthday));
        let thunderbird = fields(
            "Vorname,Nachname,Anzeigename,Tel. dienstlich,Geburtsjahr,Geburtsmonat,Geburtstag",
        );
        assert_eq!(thunderbird[6], Some(Field::BirthDay));
        let french = fields(
            "Prénom,Nom de famille,Nom à afficher,Adresse privée,Ville,Code postal,Adresse professionnelle,Ville,Code postal",
        );
        assert_eq!(french[4], Some(Field::City(Label::Home)));
        assert_eq!(french[7], Some(Field::City(Label::Work)));
        assert_eq!(
            fields("Titre,Prénom,Nom,Société,Service,Titre,Rue (bureau)")[5],
            Some(Field::Title)
        );
        assert_eq!(
            fields("Title,First Name,Last Name,Job Title")[0],
            Some(Field::Prefix)
        );
        assert_eq!(
            fields("First,Last,Email,Messenger ID,Home,Title,Company")[5],
            Some(Field::Title)
        );
    }

    #[test]
    fn headings_that_no_list_has_are_composed() {
        for (heading, wanted) in [
            ("Mobile Phone 2", Field::Phone(Label::Mobile)),
            ("Phone (Home)", Field::Phone(Label::Home)),
            ("HomePhone2", Field::Phone(Label::Home)),
            ("work_email", Field::Email(Label::Work)),
            ("E-mail 4 Address", Field::Email(Label::Unset)),
            ("given_name", Field::Given),
            ("FirstName", Field::Given),
            ("Work Mobile", Field::Phone(Label::WorkMobile)),
            ("Home Town", Field::City(Label::Home)),
            ("Fax (work)", Field::Phone(Label::WorkFax)),
            ("Home-Phone", Field::Phone(Label::Home)),
            ("work-e-mail", Field::Email(Label::Work)),
        ] {
            assert_eq!(
                fields(&format!("{heading},Last Name"))[0],
                Some(wanted),
                "{heading}"
            );
        }
        let german = fields("Vorname,Nachname,Telefon (Privat),Mobil 2,E-Mail 2");
        assert_eq!(german[2], Some(Field::Phone(Label::Home)));
        assert_eq!(german[3], Some(Field::Phone(Label::Mobile)));
        assert_eq!(german[4], Some(Field::Email(Label::Unset)));
        for unknown in ["Shoe size", "Amount", "", "42"] {
            assert_eq!(
                fields(&format!("{unknown},Last Name"))[0],
                None,
                "{unknown}"
            );
        }
    }
}
