//! Options and faults of a practice media device, as text for a command line.

use super::settings::{Lie, Model, Mute, Settings};
use crate::practice::amount::{bytes, duration};

/// An option: its spelling, its description, and the change it makes.
type Fault = (
    &'static str,
    &'static str,
    fn(&mut Settings, &str) -> Option<()>,
);

/// All options. The text after `=` in the name stands for the value.
#[rustfmt::skip]
const FAULTS: [Fault; 43] = [
    ("model=android|responder|camera|iphone|oldphone|watch|player", "what it behaves as", |s, v| {
        s.model = match v {
            "android" => Model::Android,
            "responder" => Model::Responder,
            "camera" => Model::Camera,
            "iphone" => Model::IPhone,
            "oldphone" => Model::OldPhone,
            "watch" => Model::Watch,
            "player" => Model::Player,
            _ => return None,
        };
        Some(())
    }),
    ("serial=TEXT", "its serial number", |s, v| put(&mut s.serial, Some(Some(v.to_owned())))),
    ("photos=N", "so many photos", |s, v| put(&mut s.photos, v.parse().ok())),
    ("movie=BYTES", "a film (64MB)", |s, v| put(&mut s.movie, bytes(v).map(Some))),
    ("many=N", "so many tiny files in one folder", |s, v| put(&mut s.many, v.parse().ok())),
    ("many-in-one=N", "of these so many in one folder, in as many folders as it takes", |s, v| {
        put(&mut s.many_in_one, v.parse().ok())
    }),
    ("slow-folder=SECONDS", "it tells what lies in the camera's folder so long after it was asked", |s, v| {
        put(&mut s.slow_folder, duration(v).map(Some))
    }),
    ("slow-all=SECONDS", "it tells all objects of a storage so long after it was asked", |s, v| {
        put(&mut s.slow_all, duration(v).map(Some))
    }),
    ("seed=N", "another owner", |s, v| put(&mut s.seed, v.parse().ok())),
    ("battery=PERCENT", "how full the battery is", |s, v| put(&mut s.battery, v.parse().ok())),
    ("locked", "it shows no storage", |s, _| put(&mut s.locked, Some(true))),
    ("unlocked-after=SECONDS", "it shows its storages so long after it was first asked for them", |s, v| {
        put(&mut s.unlocked_after, duration(v).map(Some))
    }),
    ("locks-after=BYTES", "it locks itself after so many bytes", |s, v| put(&mut s.locks_after, bytes(v).map(Some))),
    ("unplug-after=BYTES", "the cable comes out after so many bytes, once; it is in again after three seconds", |s, v| {
        s.unplug_after.push(bytes(v)?);
        Some(())
    }),
    ("changes=N", "the first photo changes so often while it is read", |s, v| put(&mut s.changes, v.parse().ok())),
    ("vanishes", "the second photo goes away while it is read", |s, _| put(&mut s.vanishes, Some(true))),
    ("denied", "the third photo can't be read", |s, _| put(&mut s.denied, Some(true))),
    ("lie=short|long", "the length told of the fourth photo is wrong: less comes, or more", |s, v| {
        s.lie = Some(match v {
            "short" => Lie::Short,
            "long" => Lie::Long,
            _ => return None,
        });
        Some(())
    }),
    ("no-partial", "files can only be had whole", |s, _| put(&mut s.no_partial, Some(true))),
    ("ring", "two folders lie in each other", |s, _| put(&mut s.ring, Some(true))),
    ("busy=N", "it is busy at the first so many questions", |s, v| put(&mut s.busy, v.parse().ok())),
    ("left-over", "an earlier program left its session open, and a file on its way", |s, _| put(&mut s.left_over, Some(true))),
    ("events", "events come over the pipe of data", |s, _| put(&mut s.events, Some(true))),
    ("extra-byte", "data that fill their last packet are followed by one byte too many", |s, _| put(&mut s.extra_byte, Some(true))),
    ("long-sizes", "sizes stand in 64 bits where 32 belong", |s, _| put(&mut s.long_sizes, Some(true))),
    ("flat", "whichever folder is asked for, all objects are given", |s, _| put(&mut s.flat, Some(true))),
    ("converts", "the second photo is converted on the way, and no longer has its listed size", |s, _| put(&mut s.converts, Some(true))),
    ("short-names", "the names of photos come without their endings", |s, _| put(&mut s.short_names, Some(true))),
    ("renumbers", "each session gives the objects other numbers", |s, _| put(&mut s.renumbers, Some(true))),
    ("folder-as-file", "the camera's folder is listed as a file of 4 KB, as some Androids do", |s, _| put(&mut s.folder_as_file, Some(true))),
    ("lost-folder", "the camera's folder is in no listing but that of the whole storage", |s, _| put(&mut s.lost_folder, Some(true))),
    ("junk-headers", "data come with junk for their code and number", |s, _| put(&mut s.junk_headers, Some(true))),
    ("mute-battery=once|ever", "the question for the battery is never answered: that alone, or nothing after it until it is plugged in again", |s, v| {
        s.mute_battery = Some(match v {
            "once" => Mute::Once,
            "ever" => Mute::Ever,
            _ => return None,
        });
        Some(())
    }),
    ("no-storage-info", "it can't describe its storages", |s, _| put(&mut s.no_storage_info, Some(true))),
    ("claims-partial", "it lists the reading of parts, and does not know it", |s, _| put(&mut s.claims_partial, Some(true))),
    ("aae-names", "an iPhone calls its photos .AAE, and tells no format", |s, _| put(&mut s.aae_names, Some(true))),
    ("placeholder", "while it is locked, it lists a storage that is not there", |s, _| put(&mut s.placeholder, Some(true))),
    ("thinks=SECONDS", "it sends the header of a file, and its bytes so long after", |s, v| put(&mut s.thinks, duration(v).map(Some))),
    ("mute-photo=once|ever", "the second photo never comes: that alone, or nothing after it until it is plugged in again", |s, v| {
        s.mute_photo = Some(match v {
            "once" => Mute::Once,
            "ever" => Mute::Ever,
            _ => return None,
        });
        Some(())
    }),
    ("untold-sizes", "files are said to hold nothing; their sizes are told only when asked for apart", |s, _| put(&mut s.untold_sizes, Some(true))),
    ("no-empty-files", "a file that holds nothing can't be read", |s, _| put(&mut s.no_empty_files, Some(true))),
    ("stray-parents", "what lies in the root says that it lies in an object that there is not", |s, _| put(&mut s.stray_parents, Some(true))),
    ("pace=BYTES", "how fast the link is, a second", |s, v| put(&mut s.bytes_per_second, bytes(v).map(Some))),
];

/// Reason why a fault could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault “{given}” of a media device; choose from: {known}")]
pub struct FaultError {
    given: String,
    known: String,
}

/// Applies the options in `spec`, a comma-separated list.
///
/// # Errors
/// Names the first option that cannot be read, and all known options.
pub fn apply(spec: &str, settings: &mut Settings) -> Result<(), FaultError> {
    for given in spec.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        let (name, value) = given.split_once('=').unwrap_or((given, ""));
        let done = FAULTS.iter().find_map(|(form, _, change)| {
            let (known, takes) = form.split_once('=').unwrap_or((form, ""));
            let fits = known == name && takes.is_empty() == value.is_empty();
            fits.then(|| change(settings, value))
        });
        if done.flatten().is_none() {
            let known: Vec<&str> = FAULTS.iter().map(|(form, ..)| *form).collect();
            return Err(FaultError {
                given: given.to_owned(),
                known: known.join(", "),
            });
        }
    }
    Ok(())
}

/// Returns the list as text for a help screen, one line for each option.
pub fn fault_help() -> String {
    let line = |(form, what, _): &Fault| format!("{form:<38} {what}\n");
    FAULTS.iter().map(line).collect()
}

fn put<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}
