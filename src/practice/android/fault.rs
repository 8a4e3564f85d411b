//! The faults and other options of a practice Android. A new one is one entry here.

use super::profiles::{PROFILES, profile};
use super::settings::{
    Area, Auth, MmsQuery, PracticeUser, Restarts, SeenAs, Settings, SimColumns, Strike, System,
    Uptime,
};
use super::task_apps::TASK_APPS;
use crate::practice::Bus;
use crate::practice::fault::{
    Fault, Pace, PracticeSettings, add, bytes, choice, duration, fault, on, put, some,
};

impl PracticeSettings for Settings {
    const FAULTS: &'static [Fault<Self>] = FAULTS;

    fn usual() -> Self {
        Self {
            photos: 12,
            more_files: true,
            ..Self::default()
        }
    }

    fn slow_down(&mut self, pace: Pace) {
        let start = &mut self.software.content_start;
        *start = pace.start.max(*start);
        self.link
            .bytes_per_second
            .get_or_insert(pace.bytes_per_second);
    }

    fn more_help() -> Vec<(String, &'static str)> {
        let profiles = PROFILES.iter();
        profiles
            .map(|profile| (format!("like={}", profile.name), profile.what))
            .collect()
    }
}

/// All faults.
#[rustfmt::skip]
const FAULTS: &[Fault<Settings>] = &[
    fault("unplug-after=BYTES", "the link closes after this many bytes to the client, once; a new connection \
                                 works (700k, 2MB)",
        |s, v| add(&mut s.link.unplug_after, bytes(v))),
    fault("unplug-after-rows=N", "the link closes after this many rows of content, once",
        |s, v| add(&mut s.link.unplug_after_rows, v.parse().ok())),
    fault("dies-after=SECONDS", "the battery dies for good, this long after the first connection (2, 0.5, 300ms)",
        |s, v| some(&mut s.power.dies_after, duration(v))),
    fault("restarts-every=SECONDS[:UNLOCKED]", "the phone restarts, this long after it was first read or \
                                                unlocked; the owner unlocks it UNLOCKED seconds later (20)",
        |s, v| some(&mut s.power.restarts, restarts(v, |every| {
            duration(every).filter(|every| !every.is_zero()).map(Uptime::Time)
        }))),
    fault("restarts-after-rows=N[:UNLOCKED]", "the phone restarts each time it has printed this many rows of \
                                               content; UNLOCKED as above",
        |s, v| some(&mut s.power.restarts, restarts(v, |rows| {
            rows.parse().ok().filter(|rows| *rows > 0).map(Uptime::Rows)
        }))),
    fault("silent-after=BYTES:SECONDS", "the phone sends nothing for this long, after this many bytes, once",
        |s, v| add(&mut s.link.silent_after, v.split_once(':').and_then(|(after, long)| Some((bytes(after)?, duration(long)?))))),
    fault("error-after-rows=contacts|calendar|calls|messages:N", "the provider crashes after this many rows; the rows \
                                                         before are printed, then a stack trace; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Dies, v))),
    // The first rows arrive with the cursor itself.
    fault("end-after-rows=contacts|calendar|calls|messages:N", "the provider is killed after this many rows; the reply \
                                                       ends with its window (16 KiB) and no error; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Ends, v).filter(|(_, _, rows)| *rows > 0))),
    fault("sync-after-rows=contacts|calendar|calls|messages:N", "a sync changes the table after this many rows, so that \
                                                        the wrong rows follow; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Sync, v))),
    fault("kill-after-rows=contacts|calendar|calls|messages:N", "the content command is killed after this many rows; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Killed, v))),
    fault("restarting=contacts|calendar|calls|messages:N", "the provider is restarting during this many queries",
        |s, v| add(&mut s.providers.restarting, counted(v))),
    fault("hostile-texts", "names and texts that imitate something else: cards, formulas, markup, paths, \
                            terminal commands",
        |s, _| on(&mut s.owner.hostile_texts)),
    fault("lacks=COLUMN[:COLUMN]", "the maker's providers don't have these columns (notes:system_id)",
        |s, v| { s.providers.lacking_columns.extend(v.split(':').map(str::to_owned)); Some(()) }),
    fault("owner=ordinary|awkward", "ordinary: no unusual texts, and none that content prints ambiguously; \
                                     awkward: the default",
        |s, v| put(&mut s.owner.ordinary, choice(v, &[("ordinary", true), ("awkward", false)]))),
    fault("lists=+N|-N", "the phone's own list of contacts is this much longer or shorter than its contents",
        |s, v| put(&mut s.providers.listed_more, v.parse().ok().filter(|n: &i64| v.starts_with(['+', '-']) && n.abs() <= 1_000))),
    fault("deny=contacts|calendar|calls|messages|icc|profile", "the shell user does not have the permission",
        |s, v| choice(v, &AREAS).map(|area| s.providers.denied.insert(area))),
    fault("ignore=contacts|calendar|calls|messages", "the app-op is set to ignore: the result is empty instead of an error",
        |s, v| choice(v, &TABLES).map(|area| s.providers.ignored.insert(area))),
    fault("ignore-mode=MODE", "the name of that mode: MIUI's ask or mode=5, foreground",
        |s, v| put(&mut s.providers.ignored_mode, Some(v.to_owned()))),
    fault("calls=N|odd|shown", "so many calls in the log; rows as real phones have them; the shell may read the log before Android 13",
        |s, v| match v {
            "odd" => on(&mut s.owner.odd_calls),
            "shown" => on(&mut s.software.shows_calls),
            count => put(&mut s.owner.calls, count.parse().ok().filter(|count| *count <= 100_000)),
        }),
    fault("messages=N|odd|shown", "so many text messages; rows as real phones have them; the shell may read them before Android 10",
        |s, v| match v {
            "odd" => on(&mut s.owner.odd_messages),
            "shown" => on(&mut s.software.shows_messages),
            count => put(&mut s.owner.messages, count.parse().ok().filter(|count| *count <= 200_000)),
        }),
    fault("mms=N", "so many multimedia messages",
        |s, v| put(&mut s.owner.pictures, v.parse().ok().filter(|count| *count <= 10_000))),
    fault("mms-silent=list|boxes|parts|parts-end|all-parts|addresses", "the phone answers these queries about multimedia messages with \
                                                        nothing, as if there were no rows",
        |s, v| {
            let silent: &[MmsQuery] = choice(v, &[
                ("list", &[MmsQuery::List] as &[_]), ("boxes", &[MmsQuery::List, MmsQuery::Boxes]), ("parts", &[MmsQuery::Parts]),
                ("parts-end", &[MmsQuery::PartsEnd]),
                ("all-parts", &[MmsQuery::Parts, MmsQuery::PartsOfOne]), ("addresses", &[MmsQuery::Addresses]),
            ])?;
            s.providers.mms_silent.extend(silent);
            Some(())
        }),
    fault("mms-lost=EACCES|EIO|ENOENT", "the files of multimedia messages can't be opened, with this error; ENOENT: they are gone",
        |s, v| put(&mut s.providers.mms_file_error, choice(v, &[
            ("EACCES", "EACCES (Permission denied)"), ("EIO", "EIO (I/O error)"),
            ("ENOENT", "ENOENT (No such file or directory)"),
        ]))),
    fault("locked", "the phone has not been unlocked since it was started",
        |s, _| on(&mut s.software.locked_since_boot)),
    fault("battery=PERCENT", "the battery has this charge and is not charging",
        |s, v| { s.power.battery.charging = false; put(&mut s.power.battery.percent, v.parse().ok().filter(|percent| *percent <= 100)) }),
    fault("start=DURATION", "the time that each start of the content command takes (300ms, 2s)",
        |s, v| put(&mut s.software.content_start, duration(v))),
    fault("rate=BYTES/s", "the speed of the link (200k/s, 35MB/s)",
        |s, v| some(&mut s.link.bytes_per_second, bytes(v.strip_suffix("/s").unwrap_or(v)).filter(|rate| *rate > 0))),
    fault("prompt=SECONDS|never", "the phone doesn't know the computer; the owner answers the prompt after this \
                                   time, or never",
        |s, v| put(&mut s.link.auth, prompt(v))),
    fault("stale-frames", "frames of an earlier session arrive before the handshake",
        |s, _| on(&mut s.link.stale_frames)),
    fault("android=API_LEVEL", "the version of the system: 16 (Android 4.1) to 36 (Android 16)",
        |s, v| put(&mut s.android, v.parse().ok().filter(|level| (16..=36).contains(level)))),
    fault("row-over-2mb", "the note of one contact is larger than any cursor window",
        |s, _| on(&mut s.owner.row_over_2mb)),
    fault("like=PROFILE", "the phone imitates a real make or state; see the list below",
        |s, v| profile(v).map(|profile| profile.apply(s))),
    fault("work-profile", "a second user with their own contacts and calendar",
        |s, _| add(&mut s.owner.users, Some(PracticeUser::work()))),
    fault("stale-account", "the phone still has rows of a removed account",
        |s, _| on(&mut s.owner.stale_account)),
    fault("task-app=PACKAGE", "a task app that refuses the shell user: org.dmfs.tasks, org.tasks, at.techbee.jtx",
        |s, v| add(&mut s.software.task_apps, TASK_APPS.iter().map(|app| app.package).find(|package| *package == v))),
    fault("app=PACKAGE[:PACKAGE]", "apps that the owner installed (com.whatsapp)",
        |s, v| {
            s.software.apps.extend(v.split(':').map(str::to_owned));
            Some(())
        }),
    fault("sync-off=AUTHORITY|all", "the owner switched synchronisation off: of one kind of data \
                                     (com.android.contacts), or of all",
        |s, v| add(&mut s.software.sync_off, Some(v.to_owned()))),
    fault("esim=NAME", "an eSIM is stored in the phone",
        |s, v| add(&mut s.sim.esims, Some(v.to_owned()))),
    fault("photos=N", "the number of photos in the camera folder",
        |s, v| put(&mut s.photos, v.parse().ok().filter(|count| *count <= 100_000))),
    fault("more-files", "a memory card, a picture from a messenger, a deleted picture, a recording, exported lists",
        |s, _| on(&mut s.more_files)),
    fault("card-at=PATH[:LINK]", "the path where the memory card is mounted, and links to it (/storage/MicroSD, \
                                  /storage/extSdCard:/mnt/extSdCard)",
        |s, v| {
            let mut paths = v.split(':').map(str::to_owned);
            put(&mut s.storage.card_at, paths.next().filter(|path| path.starts_with('/')))?;
            put(&mut s.storage.card_links, Some(paths.collect()))
        }),
    fault("clone-pictures=N[:closed]", "the phone's list of pictures has N of cloned apps, in the storage of user 999; \
                                        closed: the shell can't open that storage",
        |s, v| {
            let (count, closed) = v.split_once(':').map_or((v, None), |(count, closed)| (count, Some(closed)));
            s.storage.hides_clones = closed.map(|closed| choice(closed, &[("closed", true)]).ok_or(())).transpose().ok()?.is_some();
            put(&mut s.storage.clone_pictures, count.parse().ok().filter(|count| *count <= 1_000))
        }),
    fault("no-mounts", "the shell can't see the mounted storages",
        |s, _| on(&mut s.storage.hides_mounts)),
    fault("movie=BYTES", "a video in Movies (64MB)",
        |s, v| some(&mut s.storage.movie, bytes(v))),
    fault("no-telephony", "a tablet without a modem, and without apps for calls and messages",
        |s, _| on(&mut s.software.lacks_telephony)),
    fault("hides-users", "the phone refuses to list its users",
        |s, _| on(&mut s.software.hides_users)),
    fault("no-sim", "there is no SIM card",
        |s, _| put(&mut s.sim.entries, Some(None))),
    fault("sims=N:N", "the subscription numbers of the SIM cards; each new card gets the next number (6:7, 9:14)",
        |s, v| put(&mut s.sim.subscriptions, v.split(':').map(|id| id.parse().ok()).collect())),
    fault("hides-subscriptions=isub|all", "the shell can't see the subscriptions of the SIM cards: not in \
                                           dumpsys (isub), or not at all (all)",
        |s, v| {
            s.sim.hides_isub = true;
            put(&mut s.sim.hides_subscriptions, choice(v, &[("isub", false), ("all", true)]))
        }),
    fault("sims-apart", "each SIM slot has a property for its state and a URI for its phonebook, as on MediaTek's phones \
                         with Android 4",
        |s, _| on(&mut s.sim.are_apart)),
    fault("sim-columns=mediatek|samsung", "the SIM phonebook has the maker's own columns",
        |s, v| put(&mut s.sim.columns, choice(v, &[("mediatek", SimColumns::MediaTek), ("samsung", SimColumns::Samsung)]))),
    fault("sim-state=STATE", "the value of gsm.sim.state: PIN_REQUIRED, PUK_REQUIRED, NETWORK_LOCKED, NOT_READY; \
                              for two SIM cards LOADED:ABSENT",
        |s, v| some(&mut s.sim.state, Some(v.replace(':', ",")))),
    fault("noise", "the linker and the tracer print warnings beside the output of content and pm; before Android \
                    7, within it",
        |s, _| on(&mut s.software.noise)),
    fault("app-ops=not-found|no-service|no-uid", "app-ops can't be read, so the phone doesn't say whether it \
                                                  hides data from the shell",
        |s, v| some(&mut s.software.hides_app_ops, choice(v, &[
            ("not-found", "/system/bin/sh: appops: not found"),
            ("no-service", "cmd: Can't find service: appops"),
            ("no-uid", "Error: No UID for com.android.shell in user 0"),
        ]))),
    fault("system=recovery|kaios|unknown", "a system other than Android answers; it has no content command",
        |s, v| put(&mut s.software.system, choice(v, &[
            ("recovery", System::Recovery), ("kaios", System::KaiOs), ("unknown", System::Unknown),
        ]))),
    fault("seen-as=STATE[:SECONDS]", "how the phone appears on USB: charging, debugging-off, no-permission, \
                                      claimed or bootloader; ready after SECONDS",
        |s, v| {
            let (seen, after) = v.split_once(':').map_or((v, None), |(seen, after)| (seen, Some(after)));
            s.link.ready_after = after.map(|after| duration(after).ok_or(())).transpose().ok()?;
            put(&mut s.link.seen_as, choice(seen, &[
                ("charging", SeenAs::Charging), ("debugging-off", SeenAs::DebuggingOff),
                ("no-permission", SeenAs::NoPermission), ("claimed", SeenAs::Claimed), ("bootloader", SeenAs::Bootloader),
            ]))
        }),
    fault("bus=split|pauses|stalls", "on a USB gadget: transfers are split, pause in the middle, or stall",
        |s, v| put(&mut s.link.bus, choice(v, &[("split", Bus::Split), ("pauses", Bus::Pauses), ("stalls", Bus::Stalls)]))),
    fault("twin", "a second phone with the same model and serial number is plugged in",
        |s, _| on(&mut s.twin)),
];

const AREAS: [(&str, Area); 6] = [
    ("contacts", Area::Contacts),
    ("calendar", Area::Calendar),
    ("calls", Area::Calls),
    ("messages", Area::Messages),
    ("icc", Area::Icc),
    ("profile", Area::Profile),
];
/// The areas whose tables are large.
const TABLES: [(&str, Area); 4] = [
    ("contacts", Area::Contacts),
    ("calendar", Area::Calendar),
    ("calls", Area::Calls),
    ("messages", Area::Messages),
];

/// Parses `contacts:7`.
fn counted(text: &str) -> Option<(Area, u64)> {
    let (area, count) = text.split_once(':')?;
    Some((choice(area, &TABLES)?, count.parse().ok()?))
}

fn strike(strike: Strike, text: &str) -> Option<(Strike, Area, u64)> {
    counted(text).map(|(area, rows)| (strike, area, rows))
}

/// Parses `180` or `180:20`: the time of restarts, and the time from a restart to the unlock.
fn restarts(text: &str, every: impl Fn(&str) -> Option<Uptime>) -> Option<Restarts> {
    let (time, unlocked) = text.split_once(':').unwrap_or((text, "20"));
    Some(Restarts {
        every: every(time)?,
        unlocked_after: duration(unlocked)?,
    })
}

/// Parses `5` or `never`.
fn prompt(text: &str) -> Option<Auth> {
    let answered_after = match text {
        "never" => None,
        late => Some(duration(late)?),
    };
    Some(Auth::RequireKey {
        accepted: Vec::new(),
        answered_after,
    })
}
