//! Faults of a practice Android, as text for a command line.

use std::str::FromStr;
use std::time::Duration;

use super::profiles::{PROFILES, profile};
use super::settings::{
    Area, Auth, Bus, PracticeUser, Restarts, SeenAs, Settings, SimColumns, System, TASK_APPS,
    Uptime,
};
use crate::practice::amount::{bytes, duration};

/// A kind of fault: its spelling and its effect. [`FAULTS`] is the whole list.
pub struct FaultKind {
    pub name: &'static str,
    /// Form of the value after `=`; empty if there is none.
    pub value: &'static str,
    pub what: &'static str,
    set: fn(&mut Settings, &str) -> Option<()>,
}

/// All faults.
pub const FAULTS: &[FaultKind] = &[
    FaultKind {
        name: "unplug-after",
        value: "BYTES",
        what: "the link closes after so many bytes to the client, once; a new connection works (700k, 2MB)",
        set: |s, v| {
            s.unplug_after.push(bytes(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "unplug-after-rows",
        value: "N",
        what: "the link closes after so many rows of content, once",
        set: |s, v| {
            s.unplug_after_rows.push(v.parse().ok()?);
            Some(())
        },
    },
    FaultKind {
        name: "dies-after",
        value: "SECONDS",
        what: "the battery is empty so long after the first connection, for good (2, 0.5, 300ms)",
        set: |s, v| {
            s.dies_after = Some(duration(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "restarts-every",
        value: "SECONDS[:UNLOCKED]",
        what: "it restarts so long after it was first read, or unlocked; its owner unlocks it UNLOCKED seconds later (20)",
        set: |s, v| {
            let (every, unlocked_after) = restart(v)?;
            let every = Uptime::Time(duration(every).filter(|every| !every.is_zero())?);
            s.restarts = Some(Restarts {
                every,
                unlocked_after,
            });
            Some(())
        },
    },
    FaultKind {
        name: "restarts-after-rows",
        value: "N[:UNLOCKED]",
        what: "the same, each time that it has printed so many rows of content",
        set: |s, v| {
            let (rows, unlocked_after) = restart(v)?;
            let every = Uptime::Rows(rows.parse().ok().filter(|rows| *rows > 0)?);
            s.restarts = Some(Restarts {
                every,
                unlocked_after,
            });
            Some(())
        },
    },
    FaultKind {
        name: "silent-after",
        value: "BYTES:SECONDS",
        what: "nothing comes for so long after so many bytes, once",
        set: |s, v| {
            let (after, long) = v.split_once(':')?;
            s.silent_after.push((bytes(after)?, duration(long)?));
            Some(())
        },
    },
    FaultKind {
        name: "error-after-rows",
        value: "contacts|calendar|calls:N",
        what: "the provider dies after so many rows: the rows before it are printed, then a stack trace; once",
        set: |s, v| {
            s.error_after_rows.push(area_and_count(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "end-after-rows",
        value: "contacts|calendar|calls:N",
        what: "the provider is killed after so many rows: the reply ends with its window (16 KiB), and nothing says so; once",
        set: |s, v| {
            // The first rows arrive with the cursor itself.
            s.end_after_rows
                .push(area_and_count(v).filter(|(_, rows)| *rows > 0)?);
            Some(())
        },
    },
    FaultKind {
        name: "sync-after-rows",
        value: "contacts|calendar|calls:N",
        what: "a sync changes the table after so many rows: the rows that come then are not those that should; once",
        set: |s, v| {
            s.sync_after_rows.push(area_and_count(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "kill-after-rows",
        value: "contacts|calendar|calls:N",
        what: "the content command is killed after so many rows; once",
        set: |s, v| {
            s.kill_after_rows.push(area_and_count(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "restarting",
        value: "contacts|calendar|calls:N",
        what: "the provider is being started anew while so many queries are asked",
        set: |s, v| {
            s.restarting.push(area_and_count(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "hostile-texts",
        value: "",
        what: "names and texts that try to be something else: cards, formulas, markup, paths, orders to a terminal",
        set: |s, _| {
            s.hostile_texts = true;
            Some(())
        },
    },
    FaultKind {
        name: "lacks",
        value: "COLUMN[:COLUMN]",
        what: "the maker's providers lack these columns (notes:system_id)",
        set: |s, v| {
            s.lacking_columns.extend(v.split(':').map(str::to_owned));
            Some(())
        },
    },
    FaultKind {
        name: "owner",
        value: "ordinary|awkward",
        what: "no text is odd, or that content prints ambiguously; awkward is the default",
        set: |s, v| {
            s.ordinary_owner = match v {
                "ordinary" => true,
                "awkward" => false,
                _ => return None,
            };
            Some(())
        },
    },
    FaultKind {
        name: "lists",
        value: "+N|-N",
        what: "the handset's own list of contacts is so much longer or shorter than what it holds",
        set: |s, v| {
            let signed = v.starts_with(['+', '-']);
            s.listed_more = v
                .parse()
                .ok()
                .filter(|n: &i64| signed && n.abs() <= 1_000)?;
            Some(())
        },
    },
    FaultKind {
        name: "deny",
        value: "contacts|calendar|calls|icc|profile",
        what: "the shell user lacks the permission",
        set: |s, v| {
            s.denied.insert(area(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "ignore",
        value: "contacts|calendar|calls",
        what: "the app-op is set to ignore: an empty result instead of an error",
        set: |s, v| {
            let of =
                area(v).filter(|of| matches!(of, Area::Contacts | Area::Calendar | Area::Calls))?;
            s.ignored.insert(of);
            Some(())
        },
    },
    FaultKind {
        name: "calls",
        value: "N|odd|shown",
        what: "so many calls in the log; rows as real phones have them; the shell may read it before Android 13",
        set: |s, v| {
            match v {
                "odd" => s.odd_calls = true,
                "shown" => s.shows_calls = true,
                count => s.calls = count.parse().ok().filter(|&count| count <= 100_000)?,
            }
            Some(())
        },
    },
    FaultKind {
        name: "locked",
        value: "",
        what: "nobody has unlocked the handset since it started",
        set: |s, _| {
            s.locked_since_boot = true;
            Some(())
        },
    },
    FaultKind {
        name: "battery",
        value: "PERCENT",
        what: "the battery is so full and not charging",
        set: |s, v| {
            s.battery.percent = v.parse().ok().filter(|&percent| percent <= 100)?;
            s.battery.charging = false;
            Some(())
        },
    },
    FaultKind {
        name: "start",
        value: "DURATION",
        what: "what each start of the content command costs (300ms, 2s)",
        set: |s, v| {
            s.content_start = duration(v)?;
            Some(())
        },
    },
    FaultKind {
        name: "rate",
        value: "BYTES/s",
        what: "how fast the link is (200k/s, 35MB/s)",
        set: |s, v| {
            let rate = bytes(v.strip_suffix("/s").unwrap_or(v)).filter(|&rate| rate > 0)?;
            s.bytes_per_second = Some(rate);
            Some(())
        },
    },
    FaultKind {
        name: "prompt",
        value: "SECONDS|never",
        what: "the computer is unknown; the owner answers the prompt so late, or never",
        set: |s, v| {
            let answered_after = match v {
                "never" => None,
                late => Some(duration(late)?),
            };
            s.auth = Auth::RequireKey {
                accepted: Vec::new(),
                answered_after,
            };
            Some(())
        },
    },
    FaultKind {
        name: "stale-frames",
        value: "",
        what: "frames of an earlier session come before the handshake",
        set: |s, _| {
            s.stale_frames = true;
            Some(())
        },
    },
    FaultKind {
        name: "android",
        value: "API_LEVEL",
        what: "how old the system is: 16 (Android 4.1) to 36 (Android 16)",
        set: |s, v| {
            s.android = v.parse().ok().filter(|level| (16..=36).contains(level))?;
            Some(())
        },
    },
    FaultKind {
        name: "row-over-2mb",
        value: "",
        what: "one contact's note is larger than any cursor window",
        set: |s, _| {
            s.row_over_2mb = true;
            Some(())
        },
    },
    FaultKind {
        name: "like",
        value: "PROFILE",
        what: "it is like a real phone of some make or state; below is what there is",
        set: |s, v| {
            profile(v)?.apply(s);
            Some(())
        },
    },
    FaultKind {
        name: "work-profile",
        value: "",
        what: "a second user with contacts and a calendar of its own",
        set: |s, _| {
            s.users.push(PracticeUser::work());
            Some(())
        },
    },
    FaultKind {
        name: "stale-account",
        value: "",
        what: "rows remain of an account that was removed",
        set: |s, _| {
            s.stale_account = true;
            Some(())
        },
    },
    FaultKind {
        name: "task-app",
        value: "PACKAGE",
        what: "a task app that refuses the shell user: org.dmfs.tasks, org.tasks, at.techbee.jtx",
        set: |s, v| {
            let app = TASK_APPS.iter().find(|app| app.package == v)?;
            s.task_apps.push(app.package);
            Some(())
        },
    },
    FaultKind {
        name: "photos",
        value: "N",
        what: "photos in the camera folder",
        set: |s, v| {
            s.photos = v.parse().ok().filter(|&count| count <= 100_000)?;
            Some(())
        },
    },
    FaultKind {
        name: "more-files",
        value: "",
        what: "a memory card, a messenger's picture, one thrown away, a recording, exported lists",
        set: |s, _| {
            s.more_files = true;
            Some(())
        },
    },
    FaultKind {
        name: "card-at",
        value: "PATH[:LINK]",
        what: "where the memory card is mounted, and links to it (/storage/MicroSD, /storage/extSdCard:/mnt/extSdCard)",
        set: |s, v| {
            let mut paths = v.split(':').map(str::to_owned);
            s.card_at = paths.next().filter(|path| path.starts_with('/'))?;
            s.card_links = paths.collect();
            Some(())
        },
    },
    FaultKind {
        name: "no-mounts",
        value: "",
        what: "the shell is not shown what is mounted",
        set: |s, _| {
            s.hides_mounts = true;
            Some(())
        },
    },
    FaultKind {
        name: "movie",
        value: "BYTES",
        what: "a film in Movies (64MB)",
        set: |s, v| {
            s.movie = Some(bytes(v)?);
            Some(())
        },
    },
    FaultKind {
        name: "no-sim",
        value: "",
        what: "there is no SIM card",
        set: |s, _| {
            s.sim_entries = None;
            Some(())
        },
    },
    FaultKind {
        name: "sims",
        value: "N:N",
        what: "the subscriptions of its SIM cards, which are one more with each card that was ever put in (6:7, 9:14)",
        set: |s, v| {
            let ids = v.split(':').map(|id| id.parse().ok());
            s.sims = ids.collect::<Option<_>>()?;
            Some(())
        },
    },
    FaultKind {
        name: "hides-subscriptions",
        value: "isub|all",
        what: "the shell is not told which subscriptions the SIM cards are, by dumpsys or at all",
        set: |s, v| {
            s.hides_isub = true;
            s.hides_subscriptions = match v {
                "isub" => false,
                "all" => true,
                _ => return None,
            };
            Some(())
        },
    },
    FaultKind {
        name: "sim-columns",
        value: "mediatek|samsung",
        what: "the SIM's phonebook has its maker's columns",
        set: |s, v| {
            s.sim_columns = match v {
                "mediatek" => SimColumns::MediaTek,
                "samsung" => SimColumns::Samsung,
                _ => return None,
            };
            Some(())
        },
    },
    FaultKind {
        name: "sim-state",
        value: "STATE",
        what: "what gsm.sim.state says: PIN_REQUIRED, PUK_REQUIRED, NETWORK_LOCKED, NOT_READY; of two LOADED:ABSENT",
        set: |s, v| {
            s.sim_state = Some(v.replace(':', ","));
            Some(())
        },
    },
    FaultKind {
        name: "noise",
        value: "",
        what: "the linker and the tracer write warnings beside what content and pm print, before Android 7 among it",
        set: |s, _| {
            s.noise = true;
            Some(())
        },
    },
    FaultKind {
        name: "app-ops",
        value: "not-found|no-service|no-uid",
        what: "app-ops can't be read: whether something is hidden from the shell is not told",
        set: |s, v| {
            s.hides_app_ops = Some(match v {
                "not-found" => "/system/bin/sh: appops: not found",
                "no-service" => "cmd: Can't find service: appops",
                "no-uid" => "Error: No UID for com.android.shell in user 0",
                _ => return None,
            });
            Some(())
        },
    },
    FaultKind {
        name: "system",
        value: "recovery|kaios|unknown",
        what: "another system than Android answers, which has no content command",
        set: |s, v| {
            s.system = match v {
                "recovery" => System::Recovery,
                "kaios" => System::KaiOs,
                "unknown" => System::Unknown,
                _ => return None,
            };
            Some(())
        },
    },
    FaultKind {
        name: "seen-as",
        value: "STATE[:SECONDS]",
        what: "the computer sees it charging, debugging-off, no-permission, claimed or bootloader on USB; ready after SECONDS",
        set: |s, v| {
            let (seen, after) = match v.split_once(':') {
                Some((seen, after)) => (seen, Some(duration(after)?)),
                None => (v, None),
            };
            s.seen_as = match seen {
                "charging" => SeenAs::Charging,
                "debugging-off" => SeenAs::DebuggingOff,
                "no-permission" => SeenAs::NoPermission,
                "claimed" => SeenAs::Claimed,
                "bootloader" => SeenAs::Bootloader,
                _ => return None,
            };
            s.ready_after = after;
            Some(())
        },
    },
    FaultKind {
        name: "bus",
        value: "split|pauses|stalls",
        what: "on a USB gadget: transfers cut in two, halts in their middle, or endpoints that stall",
        set: |s, v| {
            s.bus = match v {
                "split" => Bus::Split,
                "pauses" => Bus::Pauses,
                "stalls" => Bus::Stalls,
                _ => return None,
            };
            Some(())
        },
    },
    FaultKind {
        name: "twin",
        value: "",
        what: "a second handset of the same model and serial number is plugged in",
        set: |s, _| {
            s.twin = true;
            Some(())
        },
    },
];

/// Faults as text: a comma-separated list of `name` or `name=value`, see [`FAULTS`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fault(Vec<(String, String)>);

/// Reason why a fault could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error("there is no fault called \u{201c}{name}\u{201d}; choose from: {known}")]
    Unknown { name: String, known: String },
    #[error("\u{201c}{given}\u{201d} can't be read; write it as {form}: {what}")]
    Value {
        given: String,
        form: String,
        what: &'static str,
    },
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(spec: &str) -> Result<Self, FaultError> {
        let mut scratch = Settings::default();
        let mut list = Vec::new();
        for one in spec.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let (name, value) = one.split_once('=').unwrap_or((one, ""));
            let kind = kind(name).ok_or_else(|| FaultError::Unknown {
                name: name.to_owned(),
                known: FAULTS.iter().map(form).collect::<Vec<_>>().join(", "),
            })?;
            let fits = value.is_empty() == kind.value.is_empty();
            if !fits || (kind.set)(&mut scratch, value).is_none() {
                return Err(FaultError::Value {
                    given: one.to_owned(),
                    form: form(kind),
                    what: kind.what,
                });
            }
            list.push((name.to_owned(), value.to_owned()));
        }
        Ok(Self(list))
    }
}

impl Fault {
    /// Applies the faults to the settings.
    pub fn apply(&self, settings: &mut Settings) {
        for (name, value) in &self.0 {
            if let Some(kind) = kind(name) {
                // Cannot fail: the value was already parsed once.
                let _ = (kind.set)(settings, value);
            }
        }
    }
}

/// Returns the list as text for a help screen, one line for each fault.
pub fn fault_help() -> String {
    let faults = FAULTS.iter().map(|kind| (form(kind), kind.what));
    let profiles = PROFILES.iter();
    let profiles = profiles.map(|profile| (format!("like={}", profile.name), profile.what));
    faults
        .chain(profiles)
        .map(|(form, what)| format!("{form:<38} {what}\n"))
        .collect()
}

fn kind(name: &str) -> Option<&'static FaultKind> {
    FAULTS.iter().find(|kind| kind.name == name)
}

fn form(kind: &FaultKind) -> String {
    match kind.value {
        "" => kind.name.to_owned(),
        value => format!("{}={value}", kind.name),
    }
}

/// Default time from a restart to the unlock.
const UNLOCKED_AFTER: Duration = Duration::from_secs(20);

/// Parses `180` or `180:20`: the time of restarts, and the time from a restart to the unlock.
fn restart(text: &str) -> Option<(&str, Duration)> {
    match text.split_once(':') {
        Some((every, unlocked)) => Some((every, duration(unlocked)?)),
        None => Some((text, UNLOCKED_AFTER)),
    }
}

fn area(text: &str) -> Option<Area> {
    match text {
        "contacts" => Some(Area::Contacts),
        "calendar" => Some(Area::Calendar),
        "calls" => Some(Area::Calls),
        "icc" => Some(Area::Icc),
        "profile" => Some(Area::Profile),
        _ => None,
    }
}

/// Parses `contacts:7`.
fn area_and_count(text: &str) -> Option<(Area, u64)> {
    let (of, count) = text.split_once(':')?;
    let of = area(of).filter(|of| matches!(of, Area::Contacts | Area::Calendar | Area::Calls))?;
    Some((of, count.parse().ok()?))
}
