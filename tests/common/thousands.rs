//! Thousands of handsets, each generated from its number. The claims of each rescue are compared with what the handset
//! holds.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use lifeboat::rescue::Target;

/// Pseudo-random numbers, the same for the same seed.
pub struct Dice(u64);

impl Dice {
    /// The numbers for one handset.
    pub fn of(number: u64) -> Self {
        Self(number.wrapping_mul(0x5851_f42d_4c95_7f2d))
    }

    /// A number from 0 up to, but not including, `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides.max(1)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    /// An element of a list that is not empty.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.roll(list.len() as u64) as usize]
    }
}

/// The result of the rescue of one handset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// The rescue was called safe, and it is.
    Safe,
    /// Something was lost, and the rescue said so.
    Unsafe,
    /// Nothing was lost, but the rescue was not called safe.
    TooCareful,
}

/// One handset that was tried.
pub struct Tried {
    /// The handset's troubles, in words.
    pub troubles: Vec<&'static str>,
    /// An error: the rescue was called safe and was not, or its files are not what the handset held.
    pub came: Result<Came, String>,
}

/// A number of handsets, and their name.
pub struct Crowd {
    /// The plural name, such as `phones`.
    pub name: &'static str,
    /// Environment variables that set how many handsets are tried, or the number of a single one.
    pub many: &'static str,
    pub one: &'static str,
    /// How many handsets a plain run tries.
    pub sample: u64,
    /// How many handsets are tried at a time for each processor: more than one if they mostly wait.
    pub at_once: usize,
}

impl Crowd {
    /// Tries the handsets. None may be wrong. Of those that lost nothing, at least 97 in a hundred (95 in a small
    /// crowd) must be called safe.
    pub fn never_claims_more(&self, attempt: impl Fn(u64) -> Tried + Sync) {
        let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
        if let Some(one) = number(self.one) {
            let tried = attempt(one);
            println!("{:?}", tried.came.unwrap_or_else(|why| panic!("{why}")));
            return;
        }
        let all = number(self.many).unwrap_or(self.sample);
        let (next, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
        let counter: Mutex<BTreeMap<&str, [u64; 3]>> = Mutex::default();
        let careful = Mutex::new(Vec::new());
        let began = std::time::Instant::now();
        let threads = std::thread::available_parallelism().map_or(2, |n| n.get()) * self.at_once;
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= all || wrong.lock().unwrap().len() > 10 {
                            return;
                        }
                        let Ok(tried) = catch_unwind(AssertUnwindSafe(|| attempt(number))) else {
                            let what = format!("number {number} broke off");
                            wrong.lock().unwrap().push(what);
                            continue;
                        };
                        match tried.came {
                            Ok(came) => {
                                let mut counter = counter.lock().unwrap();
                                for what in tried.troubles.into_iter().chain(["all"]) {
                                    counter.entry(what).or_default()[came as usize] += 1;
                                }
                                if came == Came::TooCareful {
                                    careful.lock().unwrap().push(number);
                                }
                            }
                            Err(why) => wrong.lock().unwrap().push(why),
                        }
                    }
                });
            }
        });
        let (counter, wrong) = (counter.into_inner().unwrap(), wrong.into_inner().unwrap());
        println!(
            "{all} {} in {:?}: safe, lost and said so, safe and not called so",
            self.name,
            began.elapsed()
        );
        for (what, counts) in &counter {
            println!("{what:>32} {counts:?}");
        }
        println!("not called safe: {:?}", careful.into_inner().unwrap());
        assert!(
            wrong.is_empty(),
            "{} wrong: {}",
            wrong.len(),
            wrong.join("\n\n")
        );
        let [safe, said, careful] = counter["all"];
        // A small sample varies more.
        let released = if all >= 1_000 { 97 } else { 95 };
        assert!(
            safe * 100 >= (safe + careful) * released,
            "{safe} of {} safe {} are called so",
            safe + careful,
            self.name
        );
        assert!(
            said * 20 > all,
            "{said} {} lost something: too few to prove anything",
            self.name
        );
    }
}

/// The unfinished rescue in `parent`, as the target to resume: the only folder there.
pub fn goes_on(parent: &Path) -> Target {
    let mut folders = std::fs::read_dir(parent).expect("the folder's list");
    let only = folders.next().expect("a rescue").expect("its name").path();
    assert!(folders.next().is_none(), "more than one rescue was begun");
    Target::Resume(only)
}
