//! A rescue never claims more than it checked, on phones by the thousand: each with an owner, an age and troubles of
//! its own. What was lost is judged by what the phone holds, which the rescue can't see.
//!
//! `LIFEBOAT_PHONES=10000 cargo test --release --test phones` tries as many as are asked for, `LIFEBOAT_PHONE=N` one.

mod common;
#[path = "common/truth.rs"]
mod truth;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use lifeboat::model::Verdict;
use lifeboat::practice::android::{Area, Battery, PracticeUser, Settings, TASK_APPS};

/// How many phones a plain run tries.
const SAMPLE: u64 = 200;

/// Numbers that look random, the same for the same phone.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides.max(1)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    fn area(&mut self) -> Area {
        if self.chance(60) {
            Area::Contacts
        } else {
            Area::Calendar
        }
    }
}

/// One phone, and what it is troubled by, in words.
struct Phone {
    settings: Settings,
    work_profile: bool,
    troubles: Vec<&'static str>,
}

fn phone(number: u64) -> Phone {
    let mut dice = Dice(number.wrapping_mul(0x5851_f42d_4c95_7f2d));
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
        deleted_contacts: dice.roll(3) as u32,
        deleted_events: dice.roll(2) as u32,
        sim_entries: dice.chance(50).then(|| 1 + dice.roll(3) as u32),
        stale_account: dice.chance(15),
        battery: Battery {
            percent: dice.roll(101) as u8,
            charging: dice.chance(70),
        },
        ..Settings::default()
    };
    let mut troubles = Vec::new();
    if settings.stale_account {
        troubles.push("stale account");
    }
    if dice.chance(15) {
        troubles.push("closed to-do app");
        settings
            .task_apps
            .push(TASK_APPS[dice.roll(3) as usize].package);
    }
    // Android has had further users since 4.2, work profiles since 5.
    if settings.android >= 21 && dice.chance(15) {
        troubles.push("work profile");
        settings.users.push(PracticeUser {
            contacts: dice.roll(4) as u32,
            events: dice.roll(3) as u32,
            ..PracticeUser::work()
        });
    }
    if settings.android >= 17 && dice.chance(10) {
        troubles.push("second person");
        settings.users.push(PracticeUser {
            id: 11,
            name: "Kim".into(),
            work_profile: false,
            contacts: dice.roll(4) as u32,
            events: dice.roll(3) as u32,
        });
    }
    if dice.chance(5) {
        troubles.push("everything in the cloud");
        (
            settings.contacts,
            settings.events,
            settings.deleted_contacts,
            settings.deleted_events,
        ) = (0, 0, 0, 0);
    }
    let work_profile = dice.chance(50);
    // Half of all phones have nothing worse.
    for _ in 0..[0, 0, 0, 1, 1, 2][dice.roll(6) as usize] {
        let (area, rows) = (dice.area(), 1 + dice.roll(30));
        let times = if dice.chance(20) { 60 } else { 1 };
        troubles.push(match dice.roll(12) {
            0 => {
                settings.denied.insert(area);
                "denied"
            }
            1 => {
                settings.denied.insert(if dice.chance(50) {
                    Area::Icc
                } else {
                    Area::Profile
                });
                "SIM or own card denied"
            }
            2 | 3 => {
                settings.ignored.insert(area);
                "app-op ignored"
            }
            4 => {
                settings.locked_since_boot = true;
                "locked since boot"
            }
            5 => {
                settings.error_after_rows.extend(vec![(area, rows); times]);
                "provider dies"
            }
            6 => {
                settings.end_after_rows.extend(vec![(area, rows); times]);
                "provider killed without a word"
            }
            7 => {
                settings.sync_after_rows.extend(vec![(area, rows); times]);
                "sync moves the rows"
            }
            8 => {
                settings.kill_after_rows.extend(vec![(area, rows); times]);
                "command killed"
            }
            9 => {
                settings.restarting.push((area, 1 + dice.roll(12)));
                "provider restarting"
            }
            10 => {
                settings.listed_more = 1 + dice.roll(3) as i64;
                if dice.chance(70) {
                    settings.listed_more = -settings.listed_more;
                }
                "counts lie"
            }
            _ => {
                settings.unplug_after_rows.push(1 + dice.roll(150));
                "cable pulled"
            }
        });
    }
    if dice.chance(8) {
        troubles.push("photos");
        settings.photos = 1 + dice.roll(2) as u32;
    }
    Phone {
        settings,
        work_profile,
        troubles,
    }
}

/// What a rescue of one phone came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// Called safe, and it is.
    Safe,
    /// Something was lost, and it was said.
    Unsafe,
    /// Nothing was lost, and it was not called safe.
    TooCareful,
}

fn try_phone(number: u64) -> Result<Came, String> {
    let Phone {
        settings,
        work_profile,
        troubles,
    } = phone(number);
    let mut practised = None;
    for _ in 0..4 {
        if let Ok(done) =
            common::try_rescue(settings.clone(), work_profile, common::folder_in_memory())
        {
            practised = Some(done);
            break;
        }
    }
    let Some(mut practised) = practised else {
        return Err(format!(
            "phone {number} ({troubles:?}) can't be rescued at all"
        ));
    };
    for _ in 0..4 {
        if practised.outcome.finished {
            break;
        }
        if practised.outcome.safe {
            return Err(format!(
                "phone {number} ({troubles:?}) is called safe before it was read"
            ));
        }
        let _ = common::try_resume(&mut practised);
    }
    let outcome = &practised.outcome;
    let lost = truth::lost(&settings, &practised.handset, &practised.folder, outcome);
    let complaint = |what: &str| {
        Err(format!(
            "phone {number} ({troubles:?}) {what}: {lost:?}\n{outcome:#?}\n{settings:?}"
        ))
    };
    for found in &outcome.collections {
        let claims = matches!(found.verdict, Verdict::Complete | Verdict::Empty);
        if claims && lost.iter().any(|l| l.collection == found.name) {
            return complaint(&format!(
                "has a collection {:?} called {:?}",
                found.name, found.verdict
            ));
        }
        if !claims && found.notes.is_empty() {
            return complaint("does not say why it is not complete");
        }
    }
    match (outcome.safe, lost.is_empty()) {
        (true, false) => complaint("is called safe and lost something"),
        (true, true) => Ok(Came::Safe),
        (false, false) => Ok(Came::Unsafe),
        (false, true) => Ok(Came::TooCareful),
    }
}

#[test]
fn no_phone_that_lost_something_is_called_safe() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    if let Some(one) = number("LIFEBOAT_PHONE") {
        println!("{:?}", try_phone(one).unwrap_or_else(|why| panic!("{why}")));
        return;
    }
    let phones = number("LIFEBOAT_PHONES").unwrap_or(SAMPLE);
    let (next, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let tally: Mutex<BTreeMap<&str, [u64; 3]>> = Mutex::default();
    let began = std::time::Instant::now();
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= phones || wrong.lock().unwrap().len() > 10 {
                        return;
                    }
                    let tried = std::panic::catch_unwind(|| try_phone(number));
                    match tried.unwrap_or_else(|_| Err(format!("phone {number} broke off"))) {
                        Ok(came) => {
                            let troubles = phone(number).troubles;
                            let mut tally = tally.lock().unwrap();
                            for what in troubles.into_iter().chain(["all"]) {
                                tally.entry(what).or_default()[came as usize] += 1;
                            }
                        }
                        Err(why) => wrong.lock().unwrap().push(why),
                    }
                }
            });
        }
    });
    let (tally, wrong) = (tally.into_inner().unwrap(), wrong.into_inner().unwrap());
    println!(
        "{phones} phones in {:?}: safe, lost and said so, safe and not called so",
        began.elapsed()
    );
    for (what, counts) in &tally {
        println!("{what:>32} {counts:?}");
    }
    assert!(
        wrong.is_empty(),
        "{} wrong: {}",
        wrong.len(),
        wrong.join("\n\n")
    );
    let [safe, said, careful] = tally["all"];
    assert!(
        safe * 100 >= (safe + careful) * 95,
        "{safe} of {} safe phones are called so",
        safe + careful
    );
    assert!(
        said * 10 > phones / 2,
        "{said} phones lost something: too few to prove anything"
    );
}
