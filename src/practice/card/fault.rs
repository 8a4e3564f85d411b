//! The faults and other options of a practice card. A new one is one entry here.

use super::Settings;
use crate::practice::fault::{Fault, Pace, PracticeSettings, add, bytes, fault, number, on, put};

impl PracticeSettings for Settings {
    const FAULTS: &'static [Fault<Self>] = FAULTS;

    fn slow_down(&mut self, pace: Pace) {
        self.bytes_per_second.get_or_insert(pace.bytes_per_second);
    }
}

#[rustfmt::skip]
const FAULTS: &[Fault<Settings>] = &[
    fault("photos=N", "the number of photos on the card", |s, v| put(&mut s.photos, v.parse().ok().filter(|n| *n <= 2_000))),
    fault("bad-sectors=N", "this many photos have a block that can't be read", |s, v| number(&mut s.bad_sectors, v)),
    fault("unplug-after=BYTES", "the cable is unplugged after this many bytes, once, for three seconds (700000)",
        |s, v| add(&mut s.unplug_after, bytes(v))),
    fault("no-medium", "no card is inserted", |s, _| on(&mut s.no_medium)),
    fault("no-attention", "the first read doesn't fail; on most devices it fails after a reset",
        |s, _| put(&mut s.unit_attention, Some(false))),
];
