//! The faults and other options of a practice backup. A new one is one entry here.

use super::settings::{Era, PASSWORD, Settings};
use crate::practice::fault::{Fault, Pace, PracticeSettings, choice, fault, number, on, put};

impl PracticeSettings for Settings {
    const FAULTS: &'static [Fault<Self>] = FAULTS;

    /// A folder on a disk is as fast as the disk.
    fn slow_down(&mut self, _: Pace) {}
}

const ERAS: &[(&str, Era)] = &[
    ("5", Era::Ios5),
    ("9", Era::Ios9),
    ("10.0", Era::Ios10),
    ("14", Era::Ios14),
    ("26", Era::Ios26),
];

#[rustfmt::skip]
const FAULTS: &[Fault<Settings>] = &[
    fault("ios=VERSION", "the phone's system: 5, 9, 10.0, 14 or 26", |s, v| put(&mut s.era, choice(v, ERAS))),
    fault("encrypted", "the backup is encrypted with the password “lifeboat”", |s, _| put(&mut s.password, Some(Some(PASSWORD.into())))),
    fault("rounds=N", "rounds of the password's derivation (10000000 on real phones)", |s, v| put(&mut s.rounds, v.parse().ok().filter(|n| *n > 0))),
    fault("photos=N", "the number of photos", |s, v| put(&mut s.photos, v.parse().ok().filter(|n| *n <= 200_000))),
    fault("in-cloud=N", "this many further photos are only in iCloud", |s, v| put(&mut s.in_cloud, v.parse().ok().filter(|n| *n <= 200_000))),
    fault("things=N", "the number of contacts, events, reminders, messages and calls, of each kind", |s, v| put(&mut s.things, v.parse().ok().filter(|n| *n <= 100_000))),
    fault("missing=N", "this many photos are listed, but not in the folder", |s, v| number(&mut s.missing, v)),
    fault("changed=N", "this many photos have another checksum than the list says", |s, v| number(&mut s.changed, v)),
    fault("cut=N", "this many photos are cut short", |s, v| number(&mut s.cut, v)),
    fault("age=DAYS", "the backup is this old", |s, v| {
        let days: i64 = v.parse().ok().filter(|days| (0..20_000).contains(days))?;
        put(&mut s.made, Some(Some(chrono::Utc::now().timestamp() - days * 86_400)))
    }),
    fault("unfinished", "the backup was interrupted", |s, _| on(&mut s.unfinished)),
    fault("damaged-list", "the list of files is damaged", |s, _| on(&mut s.damaged_list)),
    fault("hostile", "the list names paths that lead outside", |s, _| on(&mut s.hostile)),
];
