//! State shared by all connections to one practice Android: settings, data, faults and tripwire.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::database::{Database, Store};
use super::files::Files;
use super::power::{Phase, Power};
use super::settings::{Area, Auth, Model, PracticeUser, SeenAs, Settings, System};
use super::{owner, wire};
use crate::model::Stop;

pub(super) struct Device {
    pub settings: Settings,
    pub files: Files,
    asked: Mutex<Vec<String>>,
    /// Number of `content` commands that run, and the maximum so far.
    contents: Mutex<(usize, usize)>,
    tripped: Mutex<Vec<String>>,
    faults: Mutex<Faults>,
    known_keys: Mutex<Vec<String>>,
    stores: Mutex<HashMap<(u32, Store), Arc<Database>>>,
    cable: Mutex<Cable>,
    power: Arc<Power>,
    /// When the handset was first plugged in.
    since: Instant,
    /// When a client first connected.
    first_client: OnceLock<Instant>,
}

/// Features of adbd, each with an API level from which it is certainly available.
const FEATURES: [(u32, &str); 14] = [
    (24, "cmd"),
    (24, "shell_v2"),
    (26, "stat_v2"),
    (29, "fixed_push_mkdir"),
    (29, "apex"),
    (29, "abb"),
    (30, "fixed_push_symlink_timestamp"),
    (30, "abb_exec"),
    (30, "remount_shell"),
    (30, "track_app"),
    (30, "ls_v2"),
    (30, "sendrecv_v2"),
    (30, "sendrecv_v2_dry_run_send"),
    (34, "delayed_ack"),
];

/// Time for which the cable is out after a fault pulled it.
const OUT_FOR: Duration = Duration::from_secs(3);

/// The cable between the handset and the computer.
#[derive(Default)]
struct Cable {
    /// Stops the links on this cable.
    links: Stop,
    out: Out,
    /// Number of times it was unplugged and plugged in again.
    again: u32,
}

#[derive(Default)]
enum Out {
    #[default]
    No,
    Until(Instant),
    UntilPluggedIn,
}

/// Faults that occur once, over all connections.
struct Faults {
    unplug_bytes: VecDeque<u64>,
    unplug_rows: VecDeque<u64>,
    silences: VecDeque<(u64, Duration)>,
    strikes: Vec<(Strike, Area, u64)>,
    restarting: Vec<(Area, u64)>,
}

/// A fault between two rows of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strike {
    /// The provider dies, and the client gets an error.
    Dies,
    /// The provider is killed when the client asks for the next window of its cursor. The client then treats the
    /// current window as the last one (AOSP `BulkCursorToCursorAdaptor.onMove`).
    Ends,
    /// A sync changes the table. The next window of the cursor is filled by a new query (AOSP
    /// `SQLiteCursor.fillWindow`).
    Sync,
    /// The `content` command itself is killed, because memory is low.
    Killed,
}

/// Faults that affect outgoing bytes.
#[derive(Default)]
pub(super) struct Fate {
    pub silence: Option<Duration>,
    /// Number of bytes that are still sent before the link closes.
    pub cut: Option<u64>,
}

/// Protocol parameters for the Android version.
pub(super) struct Protocol {
    pub version: u32,
    pub payload: u32,
}

/// A running `content` command.
pub(super) struct ContentRun<'a>(&'a Device);

impl Drop for ContentRun<'_> {
    fn drop(&mut self) {
        lock(&self.0.contents).0 -= 1;
    }
}

impl Device {
    pub fn new(settings: Settings) -> Self {
        let faults = Faults {
            unplug_bytes: settings.unplug_after.iter().copied().collect(),
            unplug_rows: settings.unplug_after_rows.iter().copied().collect(),
            silences: settings.silent_after.iter().copied().collect(),
            strikes: [
                (Strike::Dies, &settings.error_after_rows),
                (Strike::Ends, &settings.end_after_rows),
                (Strike::Sync, &settings.sync_after_rows),
                (Strike::Killed, &settings.kill_after_rows),
            ]
            .into_iter()
            .flat_map(|(strike, all)| all.iter().map(move |(area, rows)| (strike, *area, *rows)))
            .collect(),
            restarting: settings.restarting.clone(),
        };
        let known_keys = match &settings.auth {
            Auth::None => Vec::new(),
            Auth::RequireKey { accepted, .. } => accepted
                .iter()
                .filter_map(|key| key.split_whitespace().next())
                .map(str::to_owned)
                .collect(),
        };
        let power = Arc::new(Power::new(&settings));
        Self {
            files: Files::new(&settings, &power),
            power,
            settings,
            asked: Mutex::default(),
            contents: Mutex::default(),
            tripped: Mutex::default(),
            faults: Mutex::new(faults),
            known_keys: Mutex::new(known_keys),
            stores: Mutex::default(),
            cable: Mutex::default(),
            since: Instant::now(),
            first_client: OnceLock::new(),
        }
    }

    /// Records that a client connected.
    pub fn welcome(&self) {
        self.first_client.get_or_init(Instant::now);
        self.power.welcome();
    }

    /// Progress of the handset since it was last switched on.
    pub fn phase(&self) -> Phase {
        self.power.phase()
    }

    /// Number of restarts. Connections from before a restart are gone.
    pub fn boots(&self) -> u32 {
        self.power.boots()
    }

    /// True if the battery is empty.
    pub fn is_dead(&self) -> bool {
        let since = self.first_client.get().map(Instant::elapsed);
        since
            .zip(self.settings.dies_after)
            .is_some_and(|(since, after)| since >= after)
    }

    /// Stops when the cable is pulled.
    pub fn cable(&self) -> Stop {
        lock(&self.cable).links.clone()
    }

    pub fn is_plugged(&self) -> bool {
        let mut cable = lock(&self.cable);
        if matches!(cable.out, Out::Until(when) if Instant::now() >= when) {
            cable.out = Out::No;
            cable.again += 1;
        }
        matches!(cable.out, Out::No) && !self.is_dead() && self.phase() != Phase::Gone
    }

    pub fn pluggings(&self) -> u32 {
        1 + lock(&self.cable).again + self.boots()
    }

    pub fn seen_as(&self) -> SeenAs {
        match self.settings.ready_after {
            Some(after) if self.since.elapsed() >= after => SeenAs::Ready,
            _ => self.settings.seen_as,
        }
    }

    pub fn unplug(&self) {
        let mut cable = lock(&self.cable);
        cable.out = Out::UntilPluggedIn;
        std::mem::take(&mut cable.links).stop();
    }

    pub fn plug_in(&self) {
        let mut cable = lock(&self.cable);
        if !matches!(cable.out, Out::No) {
            cable.again += 1;
        }
        cable.out = Out::No;
    }

    /// Records that a fault pulled the cable.
    fn fell_out(&self) {
        lock(&self.cable).out = Out::Until(Instant::now() + OUT_FOR);
    }

    pub fn note_asked(&self, what: &str) {
        lock(&self.asked).push(what.to_owned());
    }

    /// Records a request that does more than read.
    pub fn trip(&self, what: &str) {
        lock(&self.tripped).push(what.to_owned());
    }

    pub fn asked(&self) -> Vec<String> {
        lock(&self.asked).clone()
    }

    /// Counts a `content` command while it runs.
    pub fn content_runs(&self) -> ContentRun<'_> {
        let mut contents = lock(&self.contents);
        contents.0 += 1;
        contents.1 = contents.1.max(contents.0);
        ContentRun(self)
    }

    pub fn most_contents(&self) -> usize {
        lock(&self.contents).1
    }

    pub fn tripped(&self) -> Vec<String> {
        lock(&self.tripped).clone()
    }

    pub fn known_keys(&self) -> Vec<String> {
        lock(&self.known_keys).clone()
    }

    pub fn allow_key(&self, key: String) {
        lock(&self.known_keys).push(key);
    }

    /// Protocol version and maximum payload by Android version: first 4 KiB, 256 KiB from Android 7, and 1 MiB
    /// without checksums from Android 9.
    pub fn protocol(&self) -> Protocol {
        let (version, payload) = match self.settings.android {
            ..24 => (wire::VERSION_SUMMED, 4 << 10),
            24..28 => (wire::VERSION_SUMMED, 256 << 10),
            28.. => (wire::VERSION_UNSUMMED, 1 << 20),
        };
        Protocol { version, payload }
    }

    /// The banner with which the handset introduces itself.
    pub fn banner(&self) -> Vec<u8> {
        let level = self.settings.android;
        if level < 17 {
            return b"device::\0".to_vec();
        }
        let Model {
            maker: _,
            product,
            model,
            device: name,
        } = self.model();
        let system = match self.settings.system {
            System::Recovery => "recovery",
            System::Android | System::KaiOs | System::Unknown => "device",
        };
        let mut banner = format!(
            "{system}::ro.product.name={product};ro.product.model={model};ro.product.device={name};"
        );
        if level >= 24 {
            let features = FEATURES.iter().filter(|(since, _)| *since <= level);
            let features: Vec<&str> = features.map(|(_, name)| *name).collect();
            banner.push_str("features=");
            banner.push_str(&features.join(","));
        } else {
            // Older daemons end the string with a NUL.
            banner.push('\0');
        }
        banner.into_bytes()
    }

    /// True if the handset offers this feature.
    pub fn has_feature(&self, name: &str) -> bool {
        FEATURES
            .iter()
            .any(|(since, known)| *known == name && *since <= self.settings.android)
    }

    /// Serial number.
    pub fn serial(&self) -> &'static str {
        if self.settings.samsung {
            "R5CT60PRACT"
        } else {
            "1B9XPRACTICE"
        }
    }

    pub fn model(&self) -> Model {
        let settings = &self.settings;
        let (product, model, device) = match (settings.samsung, settings.android) {
            (true, ..24) => ("ja3gxx", "GT-I9500", "ja3g"),
            (true, 24..30) => ("dreamltexx", "SM-G950F", "dreamlte"),
            (true, 30..) => ("a53xnaxx", "SM-A536B", "a53x"),
            (false, ..24) => ("hammerhead", "Nexus 5", "hammerhead"),
            (false, 24..30) => ("walleye", "Pixel 2", "walleye"),
            (false, 30..) => ("oriole", "Pixel 6", "oriole"),
        };
        let maker = if settings.samsung {
            "samsung"
        } else {
            "Google"
        };
        settings.model.unwrap_or(Model {
            maker,
            product,
            model,
            device,
        })
    }

    /// SIM state of each slot.
    pub fn sim_states(&self) -> Vec<String> {
        let settings = &self.settings;
        let one = match settings.sim_entries {
            Some(_) => "READY",
            None => "ABSENT",
        };
        let all = vec![one; settings.sims.len()].join(",");
        let all = settings.sim_state.as_ref().unwrap_or(&all);
        all.split(',').map(str::to_owned).collect()
    }

    /// Returns the faults that affect the next `length` bytes. Each fault occurs once.
    pub fn charge(&self, length: u64) -> Fate {
        let mut faults = lock(&self.faults);
        let mut fate = Fate::default();
        if let Some((left, long)) = faults.silences.front_mut() {
            if *left <= length {
                fate.silence = Some(*long);
                faults.silences.pop_front();
            } else {
                *left -= length;
            }
        }
        if let Some(left) = faults.unplug_bytes.front_mut() {
            if *left <= length {
                fate.cut = Some(*left);
                faults.unplug_bytes.pop_front();
                self.fell_out();
            } else {
                *left -= length;
            }
        }
        fate
    }

    /// Counts a printed row. Returns true if the cable is pulled after it.
    pub fn row_printed(&self) -> bool {
        if self.power.row_printed() {
            return true;
        }
        let mut faults = lock(&self.faults);
        let Some(left) = faults.unplug_rows.front_mut() else {
            return false;
        };
        *left = left.saturating_sub(1);
        let over = *left == 0;
        if over {
            faults.unplug_rows.pop_front();
            self.fell_out();
        }
        over
    }

    /// Returns the fault that is due after this number of rows of a query, if any. Each fault occurs once.
    pub fn strikes(&self, area: Area, rows: u64, is_next_window: bool) -> Option<Strike> {
        let mut faults = lock(&self.faults);
        let due = |(strike, of, after): &(Strike, Area, u64)| {
            *of == area
                && match strike {
                    // These faults have an effect only when the next window of the cursor is requested.
                    Strike::Ends | Strike::Sync => is_next_window && *after <= rows,
                    Strike::Dies | Strike::Killed => *after == rows,
                }
        };
        let place = faults.strikes.iter().position(due)?;
        Some(faults.strikes.remove(place).0)
    }

    /// True while a provider is restarting. Each query counts.
    pub fn is_restarting(&self, area: Area) -> bool {
        let mut faults = lock(&self.faults);
        let fault = faults
            .restarting
            .iter_mut()
            .find(|(of, left)| *of == area && *left > 0);
        fault.map(|(_, left)| *left -= 1).is_some()
    }

    /// Waits until the link is free, then reserves it for `length` bytes at the configured speed.
    pub fn pace(&self, free_at: &mut Instant, length: usize) {
        let Some(rate) = self.settings.bytes_per_second.filter(|&rate| rate > 0) else {
            return;
        };
        let now = Instant::now();
        let start = (*free_at).max(now);
        *free_at = start + Duration::from_secs_f64(length as f64 / rate as f64);
        // Shorter sleeps are not exact, so short delays accumulate in `free_at`.
        let ahead = free_at.saturating_duration_since(now);
        if ahead > Duration::from_millis(2) {
            std::thread::sleep(ahead);
        }
    }

    /// Returns a user's database, which is created on first use; `None` if there is no such user.
    pub fn store(&self, user: u32, store: Store) -> Option<Result<Arc<Database>, rusqlite::Error>> {
        let owner = owner::Owner::of(&self.settings, user)?;
        // The lock is held during creation, so that two concurrent queries do not create the database twice.
        let mut stores = lock(&self.stores);
        if let Some(database) = stores.get(&(user, store)) {
            return Some(Ok(Arc::clone(database)));
        }
        let made = Database::new(|connection| owner.fill(store, connection)).map(Arc::new);
        if let Ok(database) = &made {
            stores.insert((user, store), Arc::clone(database));
        }
        Some(made)
    }

    /// Finds a user. The main user is `Some(None)`.
    pub fn user(&self, id: u32) -> Option<Option<&PracticeUser>> {
        if id == 0 {
            return Some(None);
        }
        self.settings
            .users
            .iter()
            .find(|user| user.id == id)
            .map(Some)
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
