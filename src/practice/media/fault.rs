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
    fault("model=android|responder|camera|iphone|oldphone|watch|player", "the kind of device",
        |s, v| put(&mut s.model, choice(v, &[
            ("android", Model::Android), ("responder", Model::Responder),
            ("camera", Model::Camera), ("iphone", Model::IPhone), ("oldphone", Model::OldPhone), ("watch", Model::Watch), ("player", Model::Player),
        ]))),
    fault("serial=TEXT", "the serial number of the device", |s, v| some(&mut s.serial, Some(v.to_owned()))),
    fault("photos=N", "the number of photos", |s, v| number(&mut s.photos, v)),
    fault("movie=BYTES", "a video (64MB)", |s, v| some(&mut s.movie, bytes(v))),
    fault("many=N", "this many tiny files in one folder", |s, v| number(&mut s.many, v)),
    fault("many-in-one=N", "at most this many of the tiny files in one folder; the rest are in more folders",
        |s, v| number(&mut s.many_in_one, v)),
    fault("slow-folder=SECONDS", "the device lists the camera folder this long after the request",
        |s, v| some(&mut s.slow_folder, duration(v))),
    fault("slow-all=SECONDS", "the device lists all objects of a storage this long after the request",
        |s, v| some(&mut s.slow_all, duration(v))),
    fault("seed=N", "another owner", |s, v| number(&mut s.seed, v)),
    fault("battery=PERCENT", "the charge of the battery", |s, v| number(&mut s.battery, v)),
    fault("locked", "the device shows no storage", |s, _| on(&mut s.locked)),
    fault("unlocked-after=SECONDS", "the device shows its storages this long after the first request for them",
        |s, v| some(&mut s.unlocked_after, duration(v))),
    fault("locks-after=BYTES", "the device locks itself after this many bytes", |s, v| some(&mut s.locks_after, bytes(v))),
    fault("unplug-after=BYTES", "the cable is unplugged after this many bytes, once; it is plugged in again \
                                 after three seconds",
        |s, v| add(&mut s.unplug_after, bytes(v))),
    fault("changes=N", "the first photo changes this many times while it is read", |s, v| number(&mut s.changes, v)),
    fault("vanishes", "the second photo is deleted while it is read", |s, _| on(&mut s.vanishes)),
    fault("denied", "the third photo can't be read", |s, _| on(&mut s.denied)),
    fault("lie=short|long", "the listed length of the fourth photo is wrong: the file is shorter or longer",
        |s, v| some(&mut s.lie, choice(v, &[("short", Lie::Short), ("long", Lie::Long)]))),
    fault("no-partial", "files can only be read whole", |s, _| on(&mut s.no_partial)),
    fault("ring", "two folders contain each other", |s, _| on(&mut s.ring)),
    fault("busy=N", "the device is busy for this many requests at the start", |s, v| number(&mut s.busy, v)),
    fault("left-over", "an earlier program left its session open, and a file half sent",
        |s, _| on(&mut s.left_over)),
    fault("events", "events arrive on the data pipe", |s, _| on(&mut s.events)),
    fault("extra-byte", "data that fills its last packet is followed by an extra byte",
        |s, _| on(&mut s.extra_byte)),
    fault("long-sizes", "sizes are sent as 64 bits instead of 32", |s, _| on(&mut s.long_sizes)),
    fault("flat", "a list of any folder returns all objects", |s, _| on(&mut s.flat)),
    fault("converts", "the second photo is converted when it is sent, and no longer has its listed size",
        |s, _| on(&mut s.converts)),
    fault("short-names", "the names of photos have no extension", |s, _| on(&mut s.short_names)),
    fault("renumbers", "the objects get new numbers in each session", |s, _| on(&mut s.renumbers)),
    fault("folder-as-file", "the camera folder is listed as a file of 4 KB, as on some Androids",
        |s, _| on(&mut s.folder_as_file)),
    fault("lost-folder", "the camera folder is listed only in the list of the whole storage",
        |s, _| on(&mut s.lost_folder)),
    fault("junk-headers", "data headers have invalid codes and numbers", |s, _| on(&mut s.junk_headers)),
    fault("mute-battery=once|ever", "the request for the battery level is never answered; once: only that \
                                     request; ever: nothing after it until the device is plugged in again",
        |s, v| some(&mut s.mute_battery, choice(v, &[("once", Mute::Once), ("ever", Mute::Ever)]))),
    fault("no-storage-info", "the device can't describe its storages", |s, _| on(&mut s.no_storage_info)),
    fault("claims-partial", "the device claims to support partial reads, but does not", |s, _| on(&mut s.claims_partial)),
    fault("aae-names", "an iPhone names its photos .AAE and reports no format", |s, _| on(&mut s.aae_names)),
    fault("placeholder", "while it is locked, the device lists a storage that does not exist", |s, _| on(&mut s.placeholder)),
    fault("thinks=SECONDS", "the device sends the header of a file, and its bytes this long after",
        |s, v| some(&mut s.thinks, duration(v))),
    fault("mute-photo=once|ever", "the second photo never arrives; once: only that photo; ever: nothing after it \
                                   until the device is plugged in again",
        |s, v| some(&mut s.mute_photo, choice(v, &[("once", Mute::Once), ("ever", Mute::Ever)]))),
    fault("untold-sizes", "files are listed with size 0; their real sizes must be requested separately",
        |s, _| on(&mut s.untold_sizes)),
    fault("no-empty-files", "an empty file can't be read", |s, _| on(&mut s.no_empty_files)),
    fault("stray-parents", "objects in the root report a parent object that does not exist",
        |s, _| on(&mut s.stray_parents)),
    fault("pace=BYTES", "the speed of the link, in bytes per second", |s, v| some(&mut s.bytes_per_second, bytes(v))),
];
