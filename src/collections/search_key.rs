//! Searching: folding of texts, and what a search term finds. People type names without accents, numbers in any
//! spelling, and words with a slip of the finger.

use unicode_normalization::UnicodeNormalization as _;

/// Folds a text for searching and sorting: `Ågot Łuczak` becomes `agot luczak`. Letters lose their case and their
/// accents, width and presentation; digits of all scripts become `0` to `9`.
pub fn search_key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            c if is_accent(c) => {}
            c => folded.push(plain(c)),
        }
    }
    folded
}

/// True for marks that people leave out when they type: accents, and the vowel signs of Hebrew and Arabic. The signs of
/// Indian scripts and of Japanese belong to the letters.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}'
        | '\u{483}'..='\u{487}'
        | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}' | '\u{5C2}' | '\u{5C4}' | '\u{5C5}' | '\u{5C7}'
        | '\u{610}'..='\u{61A}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FE20}'..='\u{FE2F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// The letter that stands for letters which have no decomposition, and for those that people don't tell apart.
fn plain(c: char) -> char {
    match c {
        'đ' | 'ð' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'ŧ' => 't',
        'ς' => 'σ',
        // Arabic: alef, yeh and teh marbuta; Persian: yeh and kaf.
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ة' => 'ه',
        'ک' => 'ك',
        // Katakana as hiragana.
        'ァ'..='ヶ' => u32::from(c)
            .checked_sub(0x60)
            .and_then(char::from_u32)
            .unwrap_or(c),
        c if c.is_ascii() => c,
        c => digit(c).unwrap_or(c),
    }
}

/// The first digits of scripts that people save phone numbers in.
const ZEROS: [u32; 13] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xE50, 0x17E0,
];

/// The ASCII digit for a digit of another script.
fn digit(c: char) -> Option<char> {
    let c = u32::from(c);
    let value = ZEROS
        .iter()
        .find_map(|zero| c.checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// The longest part of a text that a search looks into, in bytes.
const MOST_SEARCHED: usize = 8 << 10;

/// The texts of a record that a search looks into, folded, one a line. The first is its name.
#[derive(Debug, Default)]
pub struct SearchText(String);

impl SearchText {
    pub fn of(name: &str) -> Self {
        Self(search_key(name).replace('\n', " "))
    }

    /// Adds a text.
    pub fn add(&mut self, text: &str) {
        let mut end = text.len().min(MOST_SEARCHED);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or_default().trim();
        if text.is_empty() {
            return;
        }
        let folded = search_key(text);
        // The parts of a name are in the name already.
        let name = self.0.split('\n').next().unwrap_or_default();
        if !name.contains(&folded) {
            self.0.push('\n');
            self.0.push_str(&folded);
        }
    }

    pub fn add_all<'a>(&mut self, texts: impl IntoIterator<Item = &'a Option<String>>) {
        for text in texts.into_iter().flatten() {
            self.add(text);
        }
    }

    /// Adds a number: its digits, as a person would dial them.
    pub fn add_number(&mut self, number: &str) {
        let number = search_key(number).replace("(0)", "");
        let digits: String = number
            .chars()
            .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
            .collect();
        if !digits.is_empty() && !self.0.contains(&digits) {
            self.0.push('\n');
            self.0.push_str(&digits);
        }
    }

    pub fn done(self) -> Box<str> {
        self.0.into()
    }
}

/// Minimum length of a number that is compared by its last digits.
const LONG: usize = 7;

/// A search term: words that must all occur, or a number in any spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needle {
    words: Vec<Word>,
    /// The digits of a term that is only a number, as a person would dial it after the country code or the first zero.
    digits: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    /// For a word of digits with a plus or zeros before: the digits behind these.
    number: Option<String>,
}

impl Word {
    fn new(text: &str) -> Self {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.trim_start_matches('0');
        let differs = is_number && number.len() > 1 && number.len() < text.len();
        Self {
            text: text.to_owned(),
            number: differs.then(|| number.to_owned()),
        }
    }

    fn is_in(&self, folded: &str) -> bool {
        let number = self.number.as_ref();
        folded.contains(self.text.as_str())
            || number.is_some_and(|number| folded.contains(number.as_str()))
    }
}

impl Needle {
    pub fn new(text: &str) -> Self {
        let folded = search_key(text);
        let written = |c: char| c.is_ascii_digit() || " +-/().\u{a0}".contains(c);
        // The zero in +49 (0)171 is not dialled together with the country code.
        let dialled = folded.replace("(0)", "");
        let digits: String = dialled.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0').to_owned();
        Self {
            words: folded.split_whitespace().map(Word::new).collect(),
            digits: (digits.len() > 1 && folded.chars().all(written)).then_some(digits),
        }
    }

    /// Returns true for an empty search term, which matches everything.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns true if a longer term can only find fewer lines.
    pub fn narrows(&self) -> bool {
        let has_digit = |word: &Word| word.text.contains(|c: char| c.is_ascii_digit() || c == '+');
        !self.words.iter().any(has_digit)
    }

    /// Returns true if a folded text matches.
    pub fn is_in(&self, folded: &str) -> bool {
        self.words.iter().all(|word| word.is_in(folded))
            || self
                .digits
                .as_ref()
                .is_some_and(|digits| has_number(folded, digits))
    }

    /// Returns true if a folded text matches in spite of a slip: one letter of a longer word is wrong, missing, too many
    /// or swapped with the next (two letters of a long word), or the letters of a word stand in the name with others
    /// between.
    pub fn is_nearly_in(&self, folded: &str) -> bool {
        let name = folded.split('\n').next().unwrap_or_default();
        !self.words.is_empty()
            && self.words.iter().all(|word| {
                word.is_in(folded) || skips(name, &word.text) || slips(folded, &word.text)
            })
    }
}

/// Returns true if a text has a line with this number, with or without its country code.
fn has_number(folded: &str, digits: &str) -> bool {
    if folded.contains(digits) {
        return true;
    }
    digits.len() > LONG
        && folded.split('\n').any(|line| {
            let own = line.trim_start_matches('0');
            own.len() >= LONG && digits.ends_with(own)
        })
}

/// Returns true if all letters of a word occur in a name in this order, the first one at the beginning of a word.
fn skips(name: &str, word: &str) -> bool {
    let Some(first) = word
        .chars()
        .next()
        .filter(|_| word.chars().nth(2).is_some())
    else {
        return false;
    };
    let mut before = ' ';
    name.char_indices().any(|(at, c)| {
        let begins = c == first && !before.is_alphanumeric();
        before = c;
        begins && {
            let mut rest = name[at..].chars();
            word.chars().all(|wanted| rest.any(|c| c == wanted))
        }
    })
}

/// The longest word that is compared letter by letter.
const LONGEST: usize = 32;

/// Returns true if some word of a text begins like this word, apart from typing errors.
fn slips(folded: &str, word: &str) -> bool {
    let wanted: Vec<char> = word.chars().take(LONGEST + 1).collect();
    let allowed = match wanted.len() {
        4..8 => 1,
        8..=LONGEST => 2,
        _ => return false,
    };
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|own| own.len() + allowed >= wanted.len())
        .any(|own| is_near(own, &wanted, allowed))
}

/// Returns true if the beginning of a word is at most `allowed` slips away from the wanted letters. (The distance of
/// Damerau and Levenshtein, in which two neighbours that are swapped are one slip.)
fn is_near(own: &str, wanted: &[char], allowed: usize) -> bool {
    let mut before = [0usize; LONGEST + 1];
    let mut row: [usize; LONGEST + 1] = std::array::from_fn(|at| at);
    let last = wanted.len().min(LONGEST);
    let mut previous = None;
    for (line, c) in own.chars().take(last + allowed).enumerate() {
        let older = before;
        before = row;
        row[0] = line + 1;
        let mut best = row[0];
        for (at, letter) in wanted.iter().take(last).enumerate() {
            let same = usize::from(*letter != c);
            let mut cost = (before[at] + same).min(before[at + 1] + 1).min(row[at] + 1);
            let swapped = at > 0 && previous == Some(*letter) && wanted.get(at - 1) == Some(&c);
            if swapped {
                cost = cost.min(older[at - 1] + 1);
            }
            row[at + 1] = cost;
            best = best.min(cost);
        }
        if row[last] <= allowed {
            return true;
        }
        if best > allowed {
            return false;
        }
        previous = Some(c);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_takes_for_the_same_is_the_same() {
        assert_eq!(search_key("ÅGOT Łuczak-Weiß"), "agot luczak-weiss");
        assert_eq!(search_key("Mu\u{308}ller"), search_key("müller"));
        assert_eq!(search_key("Ελένη ИВАН 電話"), "ελενη иван 電話");
        assert_eq!(search_key("ＡＢＣ ｶﾀｶﾅ"), "abc かたかな");
        assert_eq!(search_key("Nguyễn Đức"), "nguyen duc");
        assert_eq!(search_key("أَحمد"), search_key("احمد"));
        assert_eq!(search_key("٠١٧١ ۵۵"), "0171 55");
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        let line = "anna muller\n491711234567\nanna@example.com";
        for found in [
            "0",
            "+49 171",
            "(171) 123-45",
            "MÜLLER anna",
            "@example",
            "",
        ] {
            let wanted = found != "0";
            assert_eq!(Needle::new(found).is_in(line), wanted, "{found}");
        }
        assert!(!Needle::new("anna berta").is_in(line));
    }

    #[test]
    fn country_codes_and_first_zeros_make_no_difference() {
        for saved in ["491715550100", "01715550100", "00491715550100"] {
            for typed in [
                "0171 5550100",
                "+49 171 5550100",
                "0049171/5550100",
                "+49 (0)171 5550100",
                "171-555",
                "555 0100",
                "٠١٧١ ٥٥٥٠١٠٠",
                "anna 0171",
            ] {
                let line = format!("anna\n{saved}");
                assert!(Needle::new(typed).is_in(&line), "{typed} in {saved}");
            }
            for typed in ["0172 5550100", "+44 171 5550199"] {
                let line = format!("anna\n{saved}");
                assert!(!Needle::new(typed).is_in(&line), "{typed} in {saved}");
            }
        }
    }

    #[test]
    fn slips_are_forgiven() {
        let line = "johanna schmidt\n491711234567\njohanna@example.com";
        for (typed, near) in [
            ("schmitt", true),
            ("shcmidt", true),
            ("jhanna", true),
            ("johana schmid", true),
            ("jhn", true),
            ("jss", false),
            ("meier", false),
            ("schulz", false),
            ("", false),
        ] {
            assert_eq!(Needle::new(typed).is_nearly_in(line), near, "{typed}");
        }
    }
}
