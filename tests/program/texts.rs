//! Every text that a person sees passes `src/phrase.rs`: no sentence stands in the source without its mark.

#[path = "../common/texts.rs"]
mod source;

use source::{Place, Text};

/// Files with words of formats, of protocols and of other programs.
const FILES: [(&str, &str); 19] = [
    (
        "format/contact_csv/google.rs",
        "the headings that Google imports",
    ),
    (
        "format/contact_csv/outlook.rs",
        "the headings that Outlook imports",
    ),
    (
        "format/found/table/",
        "the headings that other programs write",
    ),
    ("format/vcard/contact/labels.rs", "labels of cards"),
    ("format/vcard/labels.rs", "labels of cards"),
    (
        "handset/find/loaders.rs",
        "what loaders of phones say on USB",
    ),
    ("handset/find/vendors.rs", "names of makers"),
    (
        "handset/iphone/backup/files.rs",
        "names of folders in a backup",
    ),
    (
        "handset/iphone/backup/folder.rs",
        "names in the lists of a backup",
    ),
    ("handset/iphone/backup/index.rs", "columns of a database"),
    (
        "handset/iphone/databases/",
        "tables and columns, and the rows kept with a record",
    ),
    ("handset/iphone/products.rs", "names of models"),
    (
        "handset/owner_files.rs",
        "endings of file names, and names of folders",
    ),
    ("model/contact.rs", "Android's words for relations"),
    ("protocol/adb/allowed.rs", "the allow-list"),
    ("protocol/scsi/allowed.rs", "the allow-list"),
    (
        "report_problem/structure.rs",
        "words that a problem report keeps",
    ),
    ("vault/bag.rs", "the words of BagIt"),
    ("vault/disk.rs", "the words of custody.jsonl"),
];

/// Words of formats, of commands and of other programs in files that have texts too.
const WORDS: [&str; 11] = [
    " # refused, or broken off",
    "auto sync: ",
    "Google Talk",
    "daylight time",
    "domestic partner",
    "earlier lines left out",
    "no permissions",
    "opened again",
    "referred by",
    "rescue --device ID --to FOLDER",
    "standard time",
];

/// Functions that take what a device or another program says, the name of a thread, or the pattern of a date.
const READERS: [&str; 13] = [
    "contains",
    "eq_ignore_ascii_case",
    "find",
    "format",
    "is",
    "matches!",
    "name",
    "rfind",
    "spawn",
    "split_once",
    "starts_with",
    "strip_prefix",
    "word_after",
];

/// What takes a message for developers.
const DEVELOPERS: [&str; 7] = [
    "assert!",
    "assert_eq!",
    "debug_assert!",
    "debug_assert_eq!",
    "expect",
    "panic!",
    "unreachable!",
];

/// How SQL and commands begin.
const COMMANDS: [&str; 5] = ["--", "lifeboat rescue ", "sudo ", "ticks ", "verify "];

/// Words of SQL, in capitals.
const SQL: [&str; 16] = [
    " AND ", " AS ", " ASC", " DESC", " IN ", " IS ", " LIKE ", "BEGIN ", "CASE ", "CREATE ",
    "DELETE ", "INSERT ", "PRAGMA ", "SELECT ", "UPDATE ", "WHEN ",
];

/// Rooms that compare lists of names with what devices and files say.
const LISTS: [&str; 4] = ["format/", "handset/", "protocol/", "report_problem/"];

#[test]
fn every_text_that_a_person_sees_is_marked() {
    let all = source::texts();
    let marked = all
        .iter()
        .filter(|text| matches!(text.place, Place::Marked));
    assert!(marked.count() > 1000, "the marks are not found");
    let unmarked: Vec<String> = all
        .iter()
        .filter(|text| is_for_a_person(text))
        .map(|text| format!("src/{}:{}: {:?}", text.file, text.line, text.value))
        .collect();
    assert!(
        unmarked.is_empty(),
        "these texts are not marked with phrase(…) or phrase!(…):\n{}",
        unmarked.join("\n")
    );
}

#[test]
fn no_exception_is_left_over() {
    let all = source::texts();
    for (file, why) in FILES {
        let excused = |text: &Text| text.file.starts_with(file) && is_words(&text.value);
        assert!(all.iter().any(excused), "{file} ({why})");
    }
    for word in WORDS {
        assert!(all.iter().any(|text| text.value == word), "{word}");
    }
    for name in READERS {
        let is_of = |text: &Text| match &text.place {
            Place::Call(call) => call == name && is_words(&text.value),
            Place::Marked | Place::Compared | Place::List | Place::Name | Place::Other => false,
        };
        assert!(all.iter().any(is_of), "{name}");
    }
}

fn is_for_a_person(text: &Text) -> bool {
    let is_excused = match &text.place {
        Place::Marked | Place::Compared | Place::Name => true,
        Place::Call(name) => {
            READERS.contains(&name.as_str()) || DEVELOPERS.contains(&name.as_str())
        }
        Place::List => LISTS.iter().any(|room| text.file.starts_with(room)) && is_name(&text.value),
        Place::Other => false,
    };
    !is_excused
        && is_words(&text.value)
        && !WORDS.contains(&text.value.as_str())
        && !FILES.iter().any(|(file, _)| text.file.starts_with(file))
        && !COMMANDS.iter().any(|begin| text.value.starts_with(begin))
        && !SQL.iter().any(|word| text.value.contains(word))
}

/// A few words without an end of a sentence.
fn is_name(text: &str) -> bool {
    text.split(' ').count() <= 5 && !text.ends_with(['.', ':', ','])
}

/// True for two or more words with a space between their letters.
fn is_words(text: &str) -> bool {
    let text = source::letters(text);
    let is_word = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        is_word(pair[0])
            && is_word(pair[1])
            && pair[0].ends_with(|c: char| c.is_alphabetic() || "’',;:.)”".contains(c))
            && pair[1].starts_with(|c: char| c.is_alphabetic() || "“(".contains(c))
    })
}
