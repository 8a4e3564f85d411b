//! What the fictional owner has, in plain form: the same person as the owner of the practice Android, with the same
//! friends.

use crate::practice::android::owner::awkward::TEXTS;
use crate::practice::android::owner::people::{self, CITIES, COMPANIES, STREETS};
use crate::practice::rng::Rng;

/// Reference time for all dates: 2024-06-03 08:00 UTC, in seconds since 1970.
const NOW: i64 = 1_717_401_600;
const DAY: i64 = 86_400;

/// The owner's data.
#[derive(Debug, Clone, Default)]
pub struct Owner {
    pub friends: Vec<Friend>,
    pub appointments: Vec<Appointment>,
    pub errands: Vec<Errand>,
    pub texts: Vec<Text>,
    pub calls: Vec<PhoneCall>,
}

/// A person in the address book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Friend {
    pub given: String,
    pub family: String,
    pub phonetic: Option<(String, String)>,
    pub maiden: Option<String>,
    pub company: Option<String>,
    pub note: Option<String>,
    /// Labels as the database has them, and numbers.
    pub phones: Vec<(Option<&'static str>, String)>,
    pub emails: Vec<(Option<&'static str>, String)>,
    /// Street, city, region, postcode, country.
    pub address: Option<[String; 5]>,
    /// In days since 1970.
    pub birthday: Option<i64>,
    pub birthday_has_year: bool,
    pub sister: Option<String>,
    pub skype: Option<String>,
    pub group: Option<&'static str>,
    /// On the phone only, and in no account.
    pub is_local: bool,
    pub has_picture: bool,
    /// The friend is linked with the one before, and both are shown as one.
    pub is_linked: bool,
}

/// How an appointment is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// 1 daily, 2 weekly, 3 monthly, 4 yearly.
    pub frequency: i64,
    pub interval: i64,
    pub count: i64,
    pub specifier: Option<&'static str>,
    /// The same as RFC 5545 writes it.
    pub rule: &'static str,
    /// The number of a cancelled occurrence, counted in days from the first; and that of a moved one.
    pub cancelled: Option<i64>,
    pub moved: Option<i64>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    pub title: String,
    pub place: Option<String>,
    pub notes: Option<String>,
    /// In seconds since 1970; `zone` is `None` for a time that is the same on every clock.
    pub start: i64,
    pub seconds: i64,
    pub zone: Option<&'static str>,
    pub is_day: bool,
    pub repeat: Option<Repeat>,
    /// Minutes before.
    pub reminder: Option<i64>,
    pub guests: Vec<(String, String)>,
    pub is_local: bool,
}

/// A reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    pub title: String,
    pub notes: Option<String>,
    /// In seconds since 1970.
    pub due: Option<i64>,
    pub is_day: bool,
    pub done: Option<i64>,
    pub priority: i64,
    pub list: &'static str,
    pub is_local: bool,
    /// It is repeated every week.
    pub is_weekly: bool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub people: Vec<String>,
    pub is_own: bool,
    pub text: String,
    /// In seconds since 1970.
    pub at: i64,
    pub has_picture: bool,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneCall {
    pub number: Option<String>,
    pub at: i64,
    pub seconds: i64,
    pub is_own: bool,
    pub is_answered: bool,
}

const MOBILE: &str = "_$!<Mobile>!$_";
const HOME: &str = "_$!<Home>!$_";
const WORK: &str = "_$!<Work>!$_";

impl Owner {
    /// Returns an owner with this many things of each kind. `is_awkward`: with texts that cause trouble in programs.
    pub fn of(seed: u64, count: u32, is_awkward: bool) -> Self {
        let awkward = |index: u32| {
            let text = TEXTS
                .get(index as usize)
                .filter(|text| is_awkward && !text.is_empty());
            text.map(|text| (*text).to_owned())
        };
        Self {
            friends: (0..count)
                .map(|index| friend(seed, index, awkward(index)))
                .collect(),
            appointments: (0..count)
                .map(|index| appointment(seed, index, awkward(index)))
                .collect(),
            errands: (0..count)
                .map(|index| errand(seed, index, awkward(index)))
                .collect(),
            texts: (0..count)
                .map(|index| text(seed, index, awkward(index)))
                .collect(),
            calls: (0..count).map(|index| call(seed, index)).collect(),
        }
    }
}

fn number(rng: &mut Rng) -> String {
    format!("+49 171 555{:04}", rng.below(10_000))
}

fn friend(seed: u64, index: u32, awkward: Option<String>) -> Friend {
    // The practice Android draws the name first too.
    let mut rng = Rng::of(seed, "contact", u64::from(index));
    let name = people::name(&mut rng);
    let mut friend = Friend {
        given: name.given.to_owned(),
        family: name.family.to_owned(),
        phonetic: name
            .read
            .map(|(given, family)| (given.to_owned(), family.to_owned())),
        note: awkward,
        is_local: index.is_multiple_of(4),
        is_linked: index % 11 == 7,
        has_picture: index % 3 == 1,
        ..Friend::default()
    };
    friend.phones.push((Some(MOBILE), number(&mut rng)));
    if rng.chance(30) {
        friend.phones.push((Some(WORK), number(&mut rng)));
        friend.phones.push((Some("Boat"), number(&mut rng)));
    }
    if rng.chance(60) {
        let label = [None, Some(HOME), Some(WORK)][rng.below(3) as usize];
        friend
            .emails
            .push((label, format!("friend{index}@example.org")));
    }
    friend.maiden = rng.chance(10).then(|| "Sand".to_owned());
    friend.company = rng.chance(30).then(|| rng.pick(&COMPANIES).to_owned());
    if rng.chance(40) {
        let [city, region, postcode, country] = CITIES[rng.below(6) as usize];
        let street = rng.pick(&STREETS);
        friend.address = Some([street, city, region, postcode, country].map(str::to_owned));
    }
    if rng.chance(50) {
        friend.birthday_has_year = rng.chance(70);
        // Since 1940.
        friend.birthday = Some(rng.below(22_000) as i64 - 10_957);
    }
    friend.sister = rng.chance(10).then(|| "Ida".to_owned());
    friend.skype = rng.chance(10).then(|| format!("friend.{index}"));
    friend.group = rng.chance(20).then_some("Crew");
    friend
}

const REPEATS: [Repeat; 4] = [
    Repeat {
        frequency: 1,
        interval: 1,
        count: 10,
        specifier: None,
        rule: "FREQ=DAILY;COUNT=10",
        cancelled: Some(2),
        moved: Some(4),
    },
    Repeat {
        frequency: 2,
        interval: 2,
        count: 0,
        specifier: Some("D=0MO,0TH"),
        rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        cancelled: None,
        moved: Some(14),
    },
    Repeat {
        frequency: 3,
        interval: 1,
        count: 0,
        specifier: Some("D=-1FR"),
        rule: "FREQ=MONTHLY;BYDAY=-1FR",
        cancelled: None,
        moved: None,
    },
    Repeat {
        frequency: 4,
        interval: 1,
        count: 0,
        specifier: Some("M=1;O=5"),
        rule: "FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=5",
        cancelled: None,
        moved: None,
    },
];

fn appointment(seed: u64, index: u32, awkward: Option<String>) -> Appointment {
    let mut rng = Rng::of(seed, "appointment", u64::from(index));
    let is_day = rng.chance(25);
    let hour = NOW + (rng.below(800) as i64 - 400) * DAY;
    let repeat = REPEATS.get(rng.below(9) as usize).cloned();
    Appointment {
        title: format!("Berth {index}"),
        place: rng.chance(40).then(|| rng.pick(&STREETS).to_owned()),
        notes: awkward,
        start: if is_day {
            hour.div_euclid(DAY) * DAY
        } else {
            hour
        },
        seconds: if is_day {
            DAY * (1 + rng.below(3) as i64)
        } else {
            900 * (1 + rng.below(8) as i64)
        },
        zone: if is_day {
            None
        } else {
            [Some("Europe/Berlin"), Some("America/New_York"), None][rng.below(3) as usize]
        },
        is_day,
        repeat,
        reminder: rng.chance(50).then(|| 5 * rng.below(20) as i64),
        guests: match rng.chance(20) {
            true => vec![
                (
                    "Alex Winter".to_owned(),
                    "alex.winter@gmail.example".to_owned(),
                ),
                ("Chloé Böhm".to_owned(), format!("guest{index}@example.org")),
            ],
            false => Vec::new(),
        },
        is_local: index.is_multiple_of(3),
    }
}

fn errand(seed: u64, index: u32, awkward: Option<String>) -> Errand {
    let mut rng = Rng::of(seed, "errand", u64::from(index));
    let is_day = rng.chance(40);
    let due = NOW + rng.below(100) as i64 * DAY;
    Errand {
        title: format!("Paint hull {index}"),
        notes: awkward,
        due: rng.chance(70).then_some(if is_day {
            due.div_euclid(DAY) * DAY
        } else {
            due
        }),
        is_day,
        done: rng.chance(30).then_some(NOW - rng.below(100) as i64 * DAY),
        priority: [0, 0, 1, 5, 9][rng.below(5) as usize],
        list: rng.pick(&["Boat", "Home"]),
        is_local: index % 4 == 1,
        is_weekly: rng.chance(20),
    }
}

fn text(seed: u64, index: u32, awkward: Option<String>) -> Text {
    let mut rng = Rng::of(seed, "text", u64::from(index));
    let person = |number: u64| format!("+49171555{number:04}");
    let people = match rng.chance(15) {
        true => vec![person(1), person(2), person(3)],
        false => vec![person(rng.below(20))],
    };
    Text {
        people,
        is_own: rng.chance(50),
        text: awkward.unwrap_or_else(|| format!("Tide {index} 🚤")),
        at: NOW - i64::from(index) * 3_600,
        has_picture: rng.chance(15),
    }
}

fn call(seed: u64, index: u32) -> PhoneCall {
    let mut rng = Rng::of(seed, "call", u64::from(index));
    let is_own = rng.chance(40);
    let is_answered = rng.chance(70);
    PhoneCall {
        number: rng.chance(90).then(|| number(&mut rng)),
        at: NOW - i64::from(index) * 7_200,
        seconds: if is_answered {
            1 + rng.below(900) as i64
        } else {
            0
        },
        is_own,
        is_answered,
    }
}
