//! A rescue never claims more than it checked, on thousands of phones with different owners, versions and troubles.
//! Losses are judged by the phone's own data, which the rescue can't see.
//!
//! `LIFEBOAT_PHONES=10000 cargo test --release --test rescues phones` tries that number of phones; `LIFEBOAT_PHONE=N`
//! tries a single one.

use crate::common::Practised;
use crate::common::thousands::{Came, Crowd, Dice, Tried};
use lifeboat::model::Verdict;
use lifeboat::practice::android::{
    Area, Battery, OwnerData, PROFILES, PowerSettings, PracticeAndroid, PracticeUser, Settings,
    Sim, Strike, TASK_APPS,
};

fn area(dice: &mut Dice) -> Area {
    if dice.chance(60) {
        Area::Contacts
    } else {
        Area::Calendar
    }
}

/// One phone and its troubles, in words.
struct Phone {
    settings: Settings,
    work_profile: bool,
    troubles: Vec<&'static str>,
    /// The phone keeps data from every computer, and is not safe without that data.
    is_closed: bool,
    /// The mode or user in which the phone is resumed once, before it is its owner's again.
    comes_back: Option<&'static str>,
}

/// Modes and users that show nothing, or another person's data.
const MODES: [&str; 5] = [
    "nothing-on-it",
    "pixel-repair-mode",
    "samsung-maintenance-mode",
    "xiaomi-second-space",
    "twrp",
];

fn phone(number: u64) -> Phone {
    let mut dice = Dice::of(number);
    let count = |dice: &mut Dice, most| {
        if dice.chance(12) {
            0
        } else {
            1 + dice.roll(most) as u32
        }
    };
    let mut settings = Settings {
        seed: number,
        android: 16 + dice.roll(21) as u32,
        samsung: dice.chance(60),
        contacts: count(&mut dice, 7),
        events: count(&mut dice, 7),
        todos: count(&mut dice, 4),
        owner: OwnerData {
            deleted_contacts: dice.roll(3) as u32,
            deleted_events: dice.roll(2) as u32,
            stale_account: dice.chance(15),
            ..OwnerData::default()
        },
        sim: Sim {
            entries: dice.chance(50).then(|| 1 + dice.roll(3) as u32),
            ..Sim::default()
        },
        power: PowerSettings {
            battery: Battery {
                percent: dice.roll(101) as u8,
                charging: dice.chance(70),
            },
            ..PowerSettings::default()
        },
        ..Settings::default()
    };
    let (mut troubles, mut is_closed) = (Vec::new(), false);
    // A profile sets the kind of phone. Its troubles are added to that.
    if dice.chance(25) {
        let profile = &PROFILES[dice.roll(PROFILES.len() as u64) as usize];
        settings.android = settings.android.max(26);
        profile.apply(&mut settings);
        troubles.push(profile.name);
        is_closed = !profile.is_safe;
    }
    if settings.owner.stale_account {
        troubles.push("stale account");
    }
    if dice.chance(15) {
        troubles.push("closed to-do app");
        is_closed = true;
        settings
            .software
            .task_apps
            .push(TASK_APPS[dice.roll(3) as usize].package);
    }
    // Android has had further users since 4.2, and work profiles since 5.
    let has_users = !settings.owner.users.is_empty();
    if settings.android >= 21 && dice.chance(15) && !has_users {
        troubles.push("work profile");
        settings.owner.users.push(PracticeUser {
            contacts: dice.roll(4) as u32,
            events: dice.roll(3) as u32,
            ..PracticeUser::work()
        });
    }
    if settings.android >= 17 && dice.chance(10) && !has_users {
        troubles.push("second person");
        settings.owner.users.push(PracticeUser {
            contacts: dice.roll(4) as u32,
            events: dice.roll(3) as u32,
            ..PracticeUser::person(11, "Kim")
        });
    }
    if dice.chance(5) {
        troubles.push("everything in the cloud");
        (
            settings.contacts,
            settings.events,
            settings.owner.deleted_contacts,
            settings.owner.deleted_events,
        ) = (0, 0, 0, 0);
    }
    let work_profile = dice.chance(50);
    // Half of all phones have no further troubles.
    for _ in 0..[0, 0, 0, 1, 1, 2][dice.roll(6) as usize] {
        let (area, rows) = (area(&mut dice), 1 + dice.roll(30));
        let times = if dice.chance(20) { 60 } else { 1 };
        troubles.push(match dice.roll(12) {
            0 => {
                settings.providers.denied.insert(area);
                "denied"
            }
            1 => {
                settings.providers.denied.insert(if dice.chance(50) {
                    Area::Icc
                } else {
                    Area::Profile
                });
                "SIM or own card denied"
            }
            2 | 3 => {
                settings.providers.ignored.insert(area);
                "app-op ignored"
            }
            4 => {
                settings.software.locked_since_boot = true;
                "locked since boot"
            }
            5 => {
                settings
                    .providers
                    .strikes
                    .extend(vec![(Strike::Dies, area, rows); times]);
                "provider dies"
            }
            6 => {
                settings
                    .providers
                    .strikes
                    .extend(vec![(Strike::Ends, area, rows); times]);
                "provider killed without a word"
            }
            7 => {
                settings
                    .providers
                    .strikes
                    .extend(vec![(Strike::Sync, area, rows); times]);
                "sync moves the rows"
            }
            8 => {
                settings
                    .providers
                    .strikes
                    .extend(vec![(Strike::Killed, area, rows); times]);
                "command killed"
            }
            9 => {
                settings
                    .providers
                    .restarting
                    .push((area, 1 + dice.roll(12)));
                "provider restarting"
            }
            10 => {
                settings.providers.listed_more = 1 + dice.roll(3) as i64;
                if dice.chance(70) {
                    settings.providers.listed_more = -settings.providers.listed_more;
                }
                "counts lie"
            }
            _ => {
                settings.link.unplug_after_rows.push(1 + dice.roll(150));
                "cable pulled"
            }
        });
    }
    if dice.chance(8) {
        troubles.push("photos");
        settings.photos = 1 + dice.roll(2) as u32;
    }
    let mut comes_back = None;
    if !settings.link.unplug_after_rows.is_empty() && dice.chance(50) {
        let mode = MODES[dice.roll(MODES.len() as u64) as usize];
        troubles.push(mode);
        comes_back = Some(mode);
    }
    Phone {
        settings,
        work_profile,
        troubles,
        is_closed,
        comes_back,
    }
}

/// Resumes a rescue while the phone is in a mode. Returns a complaint if the rescue then claims to be done.
fn resume_in(mode: &str, settings: &Settings, practised: &Practised) -> Option<String> {
    let mut settings = crate::common::with_fault(settings.clone(), &format!("like={mode}"));
    settings.link.unplug_after_rows.clear();
    let held_nothing = settings.contacts + settings.events == 0
        && practised
            .outcome
            .collections
            .iter()
            .all(|c| c.handset_says.unwrap_or_default() == 0);
    let android = PracticeAndroid::new(settings);
    let came = crate::common::try_resume_with(&android, practised).ok()?;
    let shows_nothing = ["nothing-on-it", "pixel-repair-mode"].contains(&mode) && !held_nothing;
    let claims = came.safe || (came.finished && shows_nothing);
    claims.then(|| format!("{mode}: {came:#?}"))
}

fn try_phone(number: u64) -> Result<Came, String> {
    let Phone {
        settings,
        work_profile,
        troubles,
        is_closed,
        comes_back,
    } = phone(number);
    let mut practised = None;
    for _ in 0..4 {
        if let Ok(done) = crate::common::try_rescue(
            settings.clone(),
            work_profile,
            crate::common::folder_in_memory(),
        ) {
            practised = Some(done);
            break;
        }
    }
    let Some(mut practised) = practised else {
        return Err(format!(
            "phone {number} ({troubles:?}) can't be rescued at all"
        ));
    };
    if let (Some(mode), false) = (comes_back, practised.outcome.finished)
        && let Some(complaint) = resume_in(mode, &settings, &practised)
    {
        return Err(format!(
            "phone {number} ({troubles:?}) claims in {complaint}"
        ));
    }
    for _ in 0..4 {
        if practised.outcome.finished {
            break;
        }
        if practised.outcome.safe {
            return Err(format!(
                "phone {number} ({troubles:?}) is called safe before it was read"
            ));
        }
        let _ = crate::common::try_resume(&mut practised);
    }
    if practised.outcome.shows_nothing {
        let is_so = settings.contacts + settings.events == 0;
        if !is_so && !is_hidden(&settings) {
            return Err(format!(
                "phone {number} ({troubles:?}) is said to show nothing"
            ));
        }
        // The owner knows that the phone is empty.
        if is_so {
            let _ = crate::common::confirm_empty(&mut practised);
        }
    }
    let outcome = &practised.outcome;
    let lost = crate::truth::lost(&settings, &practised.handset, &practised.folder, outcome);
    let complaint = |what: &str| {
        Err(format!(
            "phone {number} ({troubles:?}) {what}: {lost:?}\n{outcome:#?}\n{settings:?}"
        ))
    };
    for found in &outcome.collections {
        let claims = matches!(found.verdict, Verdict::Complete | Verdict::Empty);
        // Nobody knows whether a phone that hides its users has others: the phone is not safe then, whatever is read.
        let hides_users = settings.software.hides_users;
        if claims && !hides_users && lost.iter().any(|l| l.collection == found.name) {
            return complaint(&format!(
                "has a collection {:?} called {:?}",
                found.name, found.verdict
            ));
        }
        if !claims && found.notes.is_empty() {
            return complaint("does not say why it is not complete");
        }
    }
    let confirmed = settings.contacts + settings.events == 0 && outcome.finished;
    match (outcome.safe, lost.is_empty()) {
        (true, _) if is_closed && !confirmed => {
            complaint("is called safe though it keeps something to itself")
        }
        (false, true) if is_closed => Ok(Came::Unsafe),
        (true, false) => complaint("is called safe and lost something"),
        (true, true) => Ok(Came::Safe),
        (false, false) => Ok(Came::Unsafe),
        // The data that a to-do app hides is reported, but it is lost all the same.
        (false, true) if !settings.software.task_apps.is_empty() => Ok(Came::Unsafe),
        (false, true) => {
            println!("phone {number} ({troubles:?}): {:?}", outcome.why_not);
            Ok(Came::TooCareful)
        }
    }
}

/// Returns true if the practice handset answers with nothing although it holds data.
fn is_hidden(settings: &Settings) -> bool {
    settings.providers.ignored.contacts || settings.providers.ignored.calendar
}

#[test]
fn no_phone_that_lost_something_is_called_safe() {
    let phones = Crowd {
        name: "phones",
        many: "LIFEBOAT_PHONES",
        one: "LIFEBOAT_PHONE",
        sample: 200,
        at_once: 1,
    };
    phones.never_claims_more(|number| Tried {
        troubles: phone(number).troubles,
        came: try_phone(number),
    });
}
