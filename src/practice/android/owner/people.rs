//! Names of fictional people.

use crate::practice::rng::Rng;

/// A person's name in one script.
pub(in crate::practice) struct Name {
    pub given: &'static str,
    pub family: &'static str,
    /// Pronunciation of the given and the family name, if the script does not show it.
    pub read: Option<(&'static str, &'static str)>,
    /// `FULL_NAME_STYLE`: 1 Western, 3 Chinese, 4 Japanese, 5 Korean.
    pub style: u8,
}

impl Name {
    /// The full name.
    pub fn full(&self) -> String {
        match self.style {
            3..=5 => format!("{}{}", self.family, self.given),
            _ => format!("{} {}", self.given, self.family),
        }
    }

    /// The name with the family name first.
    pub fn reversed(&self) -> String {
        match self.style {
            3..=5 => self.full(),
            _ => format!("{}, {}", self.family, self.given),
        }
    }
}

const LATIN: ([&str; 28], [&str; 28]) = (
    [
        "Anna",
        "Ben",
        "Chloé",
        "Dániel",
        "Elif",
        "François",
        "Gösta",
        "Håkon",
        "Inês",
        "Jürgen",
        "Katarzyna",
        "Łukasz",
        "Mária",
        "Noé",
        "Óscar",
        "Petra",
        "Quentin",
        "Renée",
        "Søren",
        "Tomáš",
        "Ursula",
        "Věra",
        "Willem",
        "Xavier",
        "Yağmur",
        "Zoë",
        "Mary-Jane",
        "Jan Peter",
    ],
    [
        "Ångström",
        "Böhm",
        "Çelik",
        "D'Angelo",
        "Eğri",
        "Fernández",
        "García López",
        "Høst",
        "Ibsen",
        "Jørgensen",
        "Kowalska",
        "Löwe",
        "Müller-Lüdenscheidt",
        "Nováková",
        "O'Neill",
        "Pérez",
        "Quist",
        "Řezníček",
        "Şahin",
        "Tóth",
        "Úlfarsson",
        "van der Berg",
        "Weiß",
        "Xhaka",
        "Yılmaz",
        "Žižek",
        "Smith",
        "Meier",
    ],
);
const GREEK: ([&str; 6], [&str; 6]) = (
    ["Ελένη", "Γιώργος", "Μαρία", "Νίκος", "Σοφία", "Θανάσης"],
    [
        "Παπαδοπούλου",
        "Νικολάου",
        "Οικονόμου",
        "Δημητρίου",
        "Ζαχαρίας",
        "Ψαρρός",
    ],
);
const CYRILLIC: ([&str; 7], [&str; 7]) = (
    [
        "Ольга",
        "Иван",
        "Мария",
        "Сергій",
        "Даніїл",
        "Ђорђе",
        "Юлія",
    ],
    [
        "Иванова",
        "Кузнецов",
        "Шевченко",
        "Петровић",
        "Ющенко",
        "Соловьёв",
        "Їжак",
    ],
);
const ARABIC: ([&str; 6], [&str; 6]) = (
    ["فاطمة", "محمد", "ليلى", "يوسف", "نور", "خالد"],
    ["الأحمد", "حداد", "منصور", "العلي", "بن سالم", "القاسم"],
);
/// Given name, family name, and their pronunciations.
const JAPANESE: [[&str; 4]; 5] = [
    ["花子", "山田", "はなこ", "やまだ"],
    ["太郎", "佐藤", "たろう", "さとう"],
    ["美咲", "鈴木", "みさき", "すずき"],
    ["健", "髙橋", "けん", "たかはし"],
    ["さくら", "渡邉", "さくら", "わたなべ"],
];
const CHINESE: [[&str; 2]; 5] = [
    ["小明", "王"],
    ["丽", "欧阳"],
    ["伟", "张"],
    ["雪芬", "李"],
    ["𠮷", "陈"],
];
const KOREAN: [[&str; 2]; 3] = [["민준", "김"], ["서연", "이"], ["지훈", "남궁"]];

/// Returns a name, usually in Latin script.
pub(in crate::practice) fn name(rng: &mut Rng) -> Name {
    let western = |rng: &mut Rng, given: &[&'static str], family: &[&'static str]| Name {
        given: rng.pick(given),
        family: rng.pick(family),
        read: None,
        style: 1,
    };
    let eastern = |given, family, read, style| Name {
        given,
        family,
        read,
        style,
    };
    match rng.below(20) {
        0 | 1 => western(rng, &GREEK.0, &GREEK.1),
        2 | 3 => western(rng, &CYRILLIC.0, &CYRILLIC.1),
        4 => western(rng, &ARABIC.0, &ARABIC.1),
        5 => {
            let [given, family, read_given, read_family] = JAPANESE[rng.below(5) as usize];
            eastern(given, family, Some((read_given, read_family)), 4)
        }
        6 => {
            let [given, family] = CHINESE[rng.below(5) as usize];
            eastern(given, family, None, 3)
        }
        7 => {
            let [given, family] = KOREAN[rng.below(3) as usize];
            eastern(given, family, None, 5)
        }
        _ => western(rng, &LATIN.0, &LATIN.1),
    }
}

/// Names of employers.
pub(in crate::practice) const COMPANIES: [&str; 8] = [
    "Möwe & Söhne GmbH",
    "Harbour Pilots Ltd.",
    "Bäckerei Korn; Filiale 2",
    "\"Quotes\" Inc.",
    "株式会社みなと",
    "ООО Ромашка",
    "Α.Ε. Θάλασσα",
    "Smith, Smith & Smith",
];

pub(in crate::practice) const STREETS: [&str; 6] = [
    "Hafenstraße 12",
    "221B Baker Street",
    "Οδός Ερμού 4",
    "ул. Ленина, д. 5, кв. 17",
    "Rue de l'Église 3 bis",
    "1600 Pine Street\nApt. 4;5",
];

/// City, region, postcode, country.
pub(in crate::practice) const CITIES: [[&str; 4]; 6] = [
    ["Hamburg", "", "20457", "Germany"],
    ["London", "Greater London", "NW1 6XE", "United Kingdom"],
    ["Αθήνα", "Αττική", "105 63", "Ελλάδα"],
    ["Санкт-Петербург", "", "190000", "Россия"],
    ["Genève", "GE", "1204", "Suisse"],
    ["Springfield", "IL", "62701", "USA"],
];
