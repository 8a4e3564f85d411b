//! The faults and other options of a practice Android. A new one is one entry here.

use super::profiles::{PROFILES, profile};
use super::settings::{
    Area, Auth, PracticeUser, Restarts, SeenAs, Settings, SimColumns, Strike, System, Uptime,
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
    fault("unplug-after=BYTES", "the link closes after so many bytes to the client, once; a new connection works (700k, 2MB)",
        |s, v| add(&mut s.link.unplug_after, bytes(v))),
    fault("unplug-after-rows=N", "the link closes after so many rows of content, once",
        |s, v| add(&mut s.link.unplug_after_rows, v.parse().ok())),
    fault("dies-after=SECONDS", "the battery is empty so long after the first connection, for good (2, 0.5, 300ms)",
        |s, v| some(&mut s.power.dies_after, duration(v))),
    fault("restarts-every=SECONDS[:UNLOCKED]", "it restarts so long after it was first read, or unlocked; its owner unlocks it UNLOCKED seconds later (20)",
        |s, v| some(&mut s.power.restarts, restarts(v, |every| {
            duration(every).filter(|every| !every.is_zero()).map(Uptime::Time)
        }))),
    fault("restarts-after-rows=N[:UNLOCKED]", "the same, each time that it has printed so many rows of content",
        |s, v| some(&mut s.power.restarts, restarts(v, |rows| {
            rows.parse().ok().filter(|rows| *rows > 0).map(Uptime::Rows)
        }))),
    fault("silent-after=BYTES:SECONDS", "nothing comes for so long after so many bytes, once",
        |s, v| add(&mut s.link.silent_after, v.split_once(':').and_then(|(after, long)| Some((bytes(after)?, duration(long)?))))),
    fault("error-after-rows=contacts|calendar|calls:N", "the provider dies after so many rows: the rows before it are printed, then a stack trace; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Dies, v))),
    // The first rows arrive with the cursor itself.
    fault("end-after-rows=contacts|calendar|calls:N", "the provider is killed after so many rows: the reply ends with its window (16 KiB), and nothing says so; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Ends, v).filter(|(_, _, rows)| *rows > 0))),
    fault("sync-after-rows=contacts|calendar|calls:N", "a sync changes the table after so many rows: the rows that come then are not those that should; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Sync, v))),
    fault("kill-after-rows=contacts|calendar|calls:N", "the content command is killed after so many rows; once",
        |s, v| add(&mut s.providers.strikes, strike(Strike::Killed, v))),
    fault("restarting=contacts|calendar|calls:N", "the provider is being started anew while so many queries are asked",
        |s, v| add(&mut s.providers.restarting, counted(v))),
    fault("hostile-texts", "names and texts that try to be something else: cards, formulas, markup, paths, orders to a terminal",
        |s, _| on(&mut s.owner.hostile_texts)),
    fault("lacks=COLUMN[:COLUMN]", "the maker's providers lack these columns (notes:system_id)",
        |s, v| { s.providers.lacking_columns.extend(v.split(':').map(str::to_owned)); Some(()) }),
    fault("owner=ordinary|awkward", "no text is odd, or that content prints ambiguously; awkward is the default",
        |s, v| put(&mut s.owner.ordinary, choice(v, &[("ordinary", true), ("awkward", false)]))),
    fault("lists=+N|-N", "the handset's own list of contacts is so much longer or shorter than what it holds",
        |s, v| put(&mut s.providers.listed_more, v.parse().ok().filter(|n: &i64| v.starts_with(['+', '-']) && n.abs() <= 1_000))),
    fault("deny=contacts|calendar|calls|icc|profile", "the shell user lacks the permission",
        |s, v| choice(v, &AREAS).map(|area| s.providers.denied.insert(area))),
    fault("ignore=contacts|calendar|calls", "the app-op is set to ignore: an empty result instead of an error",
        |s, v| choice(v, &TABLES).map(|area| s.providers.ignored.insert(area))),
    fault("calls=N|odd|shown", "so many calls in the log; rows as real phones have them; the shell may read the log before Android 13",
        |s, v| match v {
            "odd" => on(&mut s.owner.odd_calls),
            "shown" => on(&mut s.software.shows_calls),
            count => put(&mut s.owner.calls, count.parse().ok().filter(|count| *count <= 100_000)),
        }),
    fault("locked", "nobody has unlocked the handset since it started",
        |s, _| on(&mut s.software.locked_since_boot)),
    fault("battery=PERCENT", "the battery is so full and not charging",
        |s, v| { s.power.battery.charging = false; put(&mut s.power.battery.percent, v.parse().ok().filter(|percent| *percent <= 100)) }),
    fault("start=DURATION", "what each start of the content command costs (300ms, 2s)",
        |s, v| put(&mut s.software.content_start, duration(v))),
    fault("rate=BYTES/s", "how fast the link is (200k/s, 35MB/s)",
        |s, v| some(&mut s.link.bytes_per_second, bytes(v.strip_suffix("/s").unwrap_or(v)).filter(|rate| *rate > 0))),
    fault("prompt=SECONDS|never", "the computer is unknown; the owner answers the prompt so late, or never",
        |s, v| put(&mut s.link.auth, prompt(v))),
    fault("stale-frames", "frames of an earlier session come before the handshake",
        |s, _| on(&mut s.link.stale_frames)),
    fault("android=API_LEVEL", "how old the system is: 16 (Android 4.1) to 36 (Android 16)",
        |s, v| put(&mut s.android, v.parse().ok().filter(|level| (16..=36).contains(level)))),
    fault("row-over-2mb", "one contact's note is larger than any cursor window",
        |s, _| on(&mut s.owner.row_over_2mb)),
    fault("like=PROFILE", "it is like a real phone of some make or state; below is what there is",
        |s, v| profile(v).map(|profile| profile.apply(s))),
    fault("work-profile", "a second user with contacts and a calendar of its own",
        |s, _| add(&mut s.owner.users, Some(PracticeUser::work()))),
    fault("stale-account", "rows remain of an account that was removed",
        |s, _| on(&mut s.owner.stale_account)),
    fault("task-app=PACKAGE", "a task app that refuses the shell user: org.dmfs.tasks, org.tasks, at.techbee.jtx",
        |s, v| add(&mut s.software.task_apps, TASK_APPS.iter().map(|app| app.package).find(|package| *package == v))),
    fault("photos=N", "photos in the camera folder",
        |s, v| put(&mut s.photos, v.parse().ok().filter(|count| *count <= 100_000))),
    fault("more-files", "a memory card, a messenger's picture, one thrown away, a recording, exported lists",
        |s, _| on(&mut s.more_files)),
    fault("card-at=PATH[:LINK]", "where the memory card is mounted, and links to it (/storage/MicroSD, /storage/extSdCard:/mnt/extSdCard)",
        |s, v| {
            let mut paths = v.split(':').map(str::to_owned);
            put(&mut s.storage.card_at, paths.next().filter(|path| path.starts_with('/')))?;
            put(&mut s.storage.card_links, Some(paths.collect()))
        }),
    fault("no-mounts", "the shell is not shown what is mounted",
        |s, _| on(&mut s.storage.hides_mounts)),
    fault("movie=BYTES", "a film in Movies (64MB)",
        |s, v| some(&mut s.storage.movie, bytes(v))),
    fault("no-sim", "there is no SIM card",
        |s, _| put(&mut s.sim.entries, Some(None))),
    fault("sims=N:N", "the subscriptions of its SIM cards, which are one more with each card that was ever put in (6:7, 9:14)",
        |s, v| put(&mut s.sim.subscriptions, v.split(':').map(|id| id.parse().ok()).collect())),
    fault("hides-subscriptions=isub|all", "the shell is not told which subscriptions the SIM cards are, by dumpsys or at all",
        |s, v| {
            s.sim.hides_isub = true;
            put(&mut s.sim.hides_subscriptions, choice(v, &[("isub", false), ("all", true)]))
        }),
    fault("sim-columns=mediatek|samsung", "the SIM's phonebook has its maker's columns",
        |s, v| put(&mut s.sim.columns, choice(v, &[("mediatek", SimColumns::MediaTek), ("samsung", SimColumns::Samsung)]))),
    fault("sim-state=STATE", "what gsm.sim.state says: PIN_REQUIRED, PUK_REQUIRED, NETWORK_LOCKED, NOT_READY; of two LOADED:ABSENT",
        |s, v| some(&mut s.sim.state, Some(v.replace(':', ",")))),
    fault("noise", "the linker and the tracer write warnings beside what content and pm print, before Android 7 among it",
        |s, _| on(&mut s.software.noise)),
    fault("app-ops=not-found|no-service|no-uid", "app-ops can't be read: whether something is hidden from the shell is not told",
        |s, v| some(&mut s.software.hides_app_ops, choice(v, &[
            ("not-found", "/system/bin/sh: appops: not found"),
            ("no-service", "cmd: Can't find service: appops"),
            ("no-uid", "Error: No UID for com.android.shell in user 0"),
        ]))),
    fault("system=recovery|kaios|unknown", "another system than Android answers, which has no content command",
        |s, v| put(&mut s.software.system, choice(v, &[
            ("recovery", System::Recovery), ("kaios", System::KaiOs), ("unknown", System::Unknown),
        ]))),
    fault("seen-as=STATE[:SECONDS]", "the computer sees it charging, debugging-off, no-permission, claimed or bootloader on USB; ready after SECONDS",
        |s, v| {
            let (seen, after) = v.split_once(':').map_or((v, None), |(seen, after)| (seen, Some(after)));
            s.link.ready_after = after.map(|after| duration(after).ok_or(())).transpose().ok()?;
            put(&mut s.link.seen_as, choice(seen, &[
                ("charging", SeenAs::Charging), ("debugging-off", SeenAs::DebuggingOff),
                ("no-permission", SeenAs::NoPermission), ("claimed", SeenAs::Claimed), ("bootloader", SeenAs::Bootloader),
            ]))
        }),
    fault("bus=split|pauses|stalls", "on a USB gadget: transfers cut in two, halts in their middle, or endpoints that stall",
        |s, v| put(&mut s.link.bus, choice(v, &[("split", Bus::Split), ("pauses", Bus::Pauses), ("stalls", Bus::Stalls)]))),
    fault("twin", "a second handset of the same model and serial number is plugged in",
        |s, _| on(&mut s.twin)),
];

const AREAS: [(&str, Area); 5] = [
    ("contacts", Area::Contacts),
    ("calendar", Area::Calendar),
    ("calls", Area::Calls),
    ("icc", Area::Icc),
    ("profile", Area::Profile),
];
/// The areas whose tables are large.
const TABLES: [(&str, Area); 3] = [
    ("contacts", Area::Contacts),
    ("calendar", Area::Calendar),
    ("calls", Area::Calls),
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
