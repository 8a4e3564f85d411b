//! The faults and other options of a practice media device. A new one is one entry here.

use super::settings::{Lie, Model, Mute, Settings};
use crate::practice::fault::{
    Fault, Pace, PracticeSettings, add, bytes, choice, duration, fault, number, on, put, some,
};

impl PracticeSettings for Settings {
    const FAULTS: &'static [Fault<Self>] = FAULTS;

    fn usual() -> Self {
        Self {
            more_files: true,
            ..Self::default()
        }
    }

    fn slow_down(&mut self, pace: Pace) {
        self.bytes_per_second.get_or_insert(pace.bytes_per_second);
    }
}

#[rustfmt::skip]
const FAULTS: &[Fault<Settings>] = &[
    fault("model=android|responder|camera|iphone|oldphone|watch|player", "what it behaves as",
        |s, v| put(&mut s.model, choice(v, &[
            ("android", Model::Android), ("responder", Model::Responder),
            ("camera", Model::Camera), ("iphone", Model::IPhone), ("oldphone", Model::OldPhone), ("watch", Model::Watch), ("player", Model::Player),
        ]))),
    fault("serial=TEXT", "its serial number", |s, v| some(&mut s.serial, Some(v.to_owned()))),
    fault("photos=N", "so many photos", |s, v| number(&mut s.photos, v)),
    fault("movie=BYTES", "a film (64MB)", |s, v| some(&mut s.movie, bytes(v))),
    fault("many=N", "so many tiny files in one folder", |s, v| number(&mut s.many, v)),
    fault("many-in-one=N", "of these so many in one folder, in as many folders as it takes",
        |s, v| number(&mut s.many_in_one, v)),
    fault("slow-folder=SECONDS", "it tells what lies in the camera's folder so long after it was asked",
        |s, v| some(&mut s.slow_folder, duration(v))),
    fault("slow-all=SECONDS", "it tells all objects of a storage so long after it was asked",
        |s, v| some(&mut s.slow_all, duration(v))),
    fault("seed=N", "another owner", |s, v| number(&mut s.seed, v)),
    fault("battery=PERCENT", "how full the battery is", |s, v| number(&mut s.battery, v)),
    fault("locked", "it shows no storage", |s, _| on(&mut s.locked)),
    fault("unlocked-after=SECONDS", "it shows its storages so long after it was first asked for them",
        |s, v| some(&mut s.unlocked_after, duration(v))),
    fault("locks-after=BYTES", "it locks itself after so many bytes", |s, v| some(&mut s.locks_after, bytes(v))),
    fault("unplug-after=BYTES", "the cable comes out after so many bytes, once; it is in again after three seconds",
        |s, v| add(&mut s.unplug_after, bytes(v))),
    fault("changes=N", "the first photo changes so often while it is read", |s, v| number(&mut s.changes, v)),
    fault("vanishes", "the second photo goes away while it is read", |s, _| on(&mut s.vanishes)),
    fault("denied", "the third photo can't be read", |s, _| on(&mut s.denied)),
    fault("lie=short|long", "the length told of the fourth photo is wrong: less comes, or more",
        |s, v| some(&mut s.lie, choice(v, &[("short", Lie::Short), ("long", Lie::Long)]))),
    fault("no-partial", "files can only be had whole", |s, _| on(&mut s.no_partial)),
    fault("ring", "two folders lie in each other", |s, _| on(&mut s.ring)),
    fault("busy=N", "it is busy at the first so many questions", |s, v| number(&mut s.busy, v)),
    fault("left-over", "an earlier program left its session open, and a file on its way",
        |s, _| on(&mut s.left_over)),
    fault("events", "events come over the pipe of data", |s, _| on(&mut s.events)),
    fault("extra-byte", "data that fill their last packet are followed by one byte too many",
        |s, _| on(&mut s.extra_byte)),
    fault("long-sizes", "sizes stand in 64 bits where 32 belong", |s, _| on(&mut s.long_sizes)),
    fault("flat", "whichever folder is asked for, all objects are given", |s, _| on(&mut s.flat)),
    fault("converts", "the second photo is converted on the way, and no longer has its listed size",
        |s, _| on(&mut s.converts)),
    fault("short-names", "the names of photos come without their endings", |s, _| on(&mut s.short_names)),
    fault("renumbers", "each session gives the objects other numbers", |s, _| on(&mut s.renumbers)),
    fault("folder-as-file", "the camera's folder is listed as a file of 4 KB, as some Androids do",
        |s, _| on(&mut s.folder_as_file)),
    fault("lost-folder", "the camera's folder is in no listing but that of the whole storage",
        |s, _| on(&mut s.lost_folder)),
    fault("junk-headers", "data come with junk for their code and number", |s, _| on(&mut s.junk_headers)),
    fault("mute-battery=once|ever", "the question for the battery is never answered: that alone, or nothing after it until it is plugged in again",
        |s, v| some(&mut s.mute_battery, choice(v, &[("once", Mute::Once), ("ever", Mute::Ever)]))),
    fault("no-storage-info", "it can't describe its storages", |s, _| on(&mut s.no_storage_info)),
    fault("claims-partial", "it lists the reading of parts, and does not know it", |s, _| on(&mut s.claims_partial)),
    fault("aae-names", "an iPhone calls its photos .AAE, and tells no format", |s, _| on(&mut s.aae_names)),
    fault("placeholder", "while it is locked, it lists a storage that is not there", |s, _| on(&mut s.placeholder)),
    fault("thinks=SECONDS", "it sends the header of a file, and its bytes so long after",
        |s, v| some(&mut s.thinks, duration(v))),
    fault("mute-photo=once|ever", "the second photo never comes: that alone, or nothing after it until it is plugged in again",
        |s, v| some(&mut s.mute_photo, choice(v, &[("once", Mute::Once), ("ever", Mute::Ever)]))),
    fault("untold-sizes", "files are said to hold nothing; their sizes are told only when asked for apart",
        |s, _| on(&mut s.untold_sizes)),
    fault("no-empty-files", "a file that holds nothing can't be read", |s, _| on(&mut s.no_empty_files)),
    fault("stray-parents", "what lies in the root says that it lies in an object that there is not",
        |s, _| on(&mut s.stray_parents)),
    fault("pace=BYTES", "how fast the link is, a second", |s, v| some(&mut s.bytes_per_second, bytes(v))),
];
