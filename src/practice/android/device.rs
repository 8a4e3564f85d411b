//! State shared by all connections to one practice Android: settings, data, faults and tripwire.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::database::{Database, Store};
use super::files::Files;
use super::power::{Phase, Power};
use super::settings::{Area, Auth, Model, PracticeUser, SeenAs, Settings, Strike, System};
use super::{adbd, owner, usb, wire};
use crate::handset::find::usb::UsbDevice;
use crate::link::Link;
use crate::model::Stop;
use crate::practice::base::{Base, lock};
use crate::practice::device::{Bus, CancelWrites, PracticeDevice, Protocol};
use crate::practice::{OwnersFile, media, pictures};

pub struct Device {
    pub(super) settings: Settings,
    pub(super) files: Files,
    base: Base,
    /// The same handset by file transfer; made when it is first used.
    media: OnceLock<Arc<media::Device>>,
    /// Number of `content` commands that run, and the maximum so far.
    contents: Mutex<(usize, usize)>,
    faults: Mutex<Faults>,
    known_keys: Mutex<Vec<String>>,
    stores: Mutex<HashMap<(u32, Store), Arc<Database>>>,
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

/// Faults that occur once, over all connections.
struct Faults {
    unplug_rows: VecDeque<u64>,
    silences: VecDeque<(u64, Duration)>,
    strikes: Vec<(Strike, Area, u64)>,
    restarting: Vec<(Area, u64)>,
}

/// Faults that affect outgoing bytes.
#[derive(Default)]
pub(super) struct Fate {
    pub silence: Option<Duration>,
    /// Number of bytes that are still sent before the link closes.
    pub cut: Option<u64>,
}

/// Protocol parameters for the Android version.
pub(super) struct Framing {
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

impl PracticeDevice for Device {
    type Settings = Settings;
    const NAME: &'static str = "practice phone";
    const LINK: &'static str = "practice phone";
    const PROTOCOL: Protocol = Protocol::Adb;
    const SOCKET: u8 = 4;

    fn new(settings: Settings) -> Self {
        let mut strikes = settings.providers.strikes.clone();
        strikes.sort_by_key(|(strike, ..)| *strike);
        let faults = Faults {
            unplug_rows: settings.link.unplug_after_rows.iter().copied().collect(),
            silences: settings.link.silent_after.iter().copied().collect(),
            strikes,
            restarting: settings.providers.restarting.clone(),
        };
        let known_keys = match &settings.link.auth {
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
            base: Base::new(&settings.link.unplug_after),
            media: OnceLock::new(),
            settings,
            contents: Mutex::default(),
            faults: Mutex::new(faults),
            known_keys: Mutex::new(known_keys),
            stores: Mutex::default(),
            since: Instant::now(),
            first_client: OnceLock::new(),
        }
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn serve(
        self: &Arc<Self>,
        protocol: Protocol,
        link: Link,
        cancel_writes: CancelWrites,
        stop: &Stop,
    ) {
        match protocol {
            Protocol::Mtp => self
                .media
                .get_or_init(|| Arc::new(self.by_file_transfer()))
                .serve(protocol, link, cancel_writes, stop),
            Protocol::Adb | Protocol::Disk => adbd::serve(self, link, cancel_writes, stop),
        }
    }

    fn usb(&self) -> UsbDevice {
        usb::descriptors(self)
    }

    fn is_on(&self) -> bool {
        !self.is_dead() && self.phase() != Phase::Gone
    }

    /// Connections from before a restart are gone.
    fn boots(&self) -> u32 {
        self.power.boots()
    }

    fn twin(settings: &Settings) -> Option<Settings> {
        settings.twin.then(|| Settings {
            seed: settings.seed.wrapping_add(1),
            ..settings.clone()
        })
    }

    fn bus(&self) -> Bus {
        self.settings.link.bus
    }
}

impl Device {
    /// The handset as its computer sees it by file transfer: the same cable, the same owner's files.
    fn by_file_transfer(&self) -> media::Device {
        let Model { maker, model, .. } = self.model();
        let Settings {
            photos,
            more_files,
            seed,
            storage,
            power,
            link,
            ..
        } = &self.settings;
        let exported = storage.exported.iter().map(|(path, bytes)| OwnersFile {
            path: path.clone(),
            bytes: bytes.clone(),
            modified: pictures::DATE,
        });
        let settings = media::Settings {
            name: Some((maker, model)),
            serial: Some(self.serial().to_owned()),
            photos: *photos,
            more_files: *more_files,
            seed: *seed,
            owned: storage.owned.iter().cloned().chain(exported).collect(),
            actions: storage.actions.clone(),
            movie: storage.movie,
            battery: power.battery.percent,
            locked: self.settings.software.locked_since_boot,
            bytes_per_second: link.bytes_per_second,
            ..media::Settings::default()
        };
        media::Device::on_cable(settings, self.base.clone())
    }

    /// Records that a client connected.
    pub(super) fn welcome(&self) {
        self.first_client.get_or_init(Instant::now);
        self.power.welcome();
    }

    /// Progress of the handset since it was last switched on.
    pub(super) fn phase(&self) -> Phase {
        self.power.phase()
    }

    /// True if the battery is empty.
    pub(super) fn is_dead(&self) -> bool {
        let since = self.first_client.get().map(Instant::elapsed);
        since
            .zip(self.settings.power.dies_after)
            .is_some_and(|(since, after)| since >= after)
    }

    pub(super) fn seen_as(&self) -> SeenAs {
        match self.settings.link.ready_after {
            Some(after) if self.since.elapsed() >= after => SeenAs::Ready,
            _ => self.settings.link.seen_as,
        }
    }

    /// Records a request.
    pub(super) fn note_asked(&self, what: &str) {
        self.base.note(what);
    }

    /// Records a request that does more than read.
    pub(super) fn trip(&self, what: &str) {
        self.base.trip(what);
    }

    /// Counts a `content` command while it runs.
    pub(super) fn content_runs(&self) -> ContentRun<'_> {
        let mut contents = lock(&self.contents);
        contents.0 += 1;
        contents.1 = contents.1.max(contents.0);
        ContentRun(self)
    }

    pub(super) fn most_contents(&self) -> usize {
        lock(&self.contents).1
    }

    pub(super) fn known_keys(&self) -> Vec<String> {
        lock(&self.known_keys).clone()
    }

    pub(super) fn allow_key(&self, key: String) {
        lock(&self.known_keys).push(key);
    }

    /// Protocol version and maximum payload by Android version: first 4 KiB, 256 KiB from Android 7, and 1 MiB
    /// without checksums from Android 9.
    pub(super) fn framing(&self) -> Framing {
        let (version, payload) = match self.settings.android {
            ..24 => (wire::VERSION_SUMMED, 4 << 10),
            24..28 => (wire::VERSION_SUMMED, 256 << 10),
            28.. => (wire::VERSION_UNSUMMED, 1 << 20),
        };
        Framing { version, payload }
    }

    /// The banner with which the handset introduces itself.
    pub(super) fn banner(&self) -> Vec<u8> {
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
        let system = match self.settings.software.system {
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
    pub(super) fn has_feature(&self, name: &str) -> bool {
        FEATURES
            .iter()
            .any(|(since, known)| *known == name && *since <= self.settings.android)
    }

    /// Serial number.
    pub(super) fn serial(&self) -> &'static str {
        if self.settings.samsung {
            "R5CT60PRACT"
        } else {
            "1B9XPRACTICE"
        }
    }

    pub(super) fn model(&self) -> Model {
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
        settings.software.model.unwrap_or(Model {
            maker,
            product,
            model,
            device,
        })
    }

    /// SIM state of each slot.
    pub(super) fn sim_states(&self) -> Vec<String> {
        let settings = &self.settings;
        let one = match settings.sim.entries {
            Some(_) => "READY",
            None => "ABSENT",
        };
        let all = vec![one; settings.sim.subscriptions.len()].join(",");
        let all = settings.sim.state.as_ref().unwrap_or(&all);
        all.split(',').map(str::to_owned).collect()
    }

    /// Returns the faults that affect the next `length` bytes. Each fault occurs once.
    pub(super) fn charge(&self, length: u64) -> Fate {
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
        fate.cut = self.base.charge(length);
        fate
    }

    /// Counts a printed row. Returns true if the cable is pulled after it.
    pub(super) fn row_printed(&self) -> bool {
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
            self.base.fall_out();
        }
        over
    }

    /// Returns the fault that is due after this number of rows of a query, if any. Each fault occurs once.
    pub(super) fn strikes(&self, area: Area, rows: u64, is_next_window: bool) -> Option<Strike> {
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
    pub(super) fn is_restarting(&self, area: Area) -> bool {
        let mut faults = lock(&self.faults);
        let fault = faults
            .restarting
            .iter_mut()
            .find(|(of, left)| *of == area && *left > 0);
        fault.map(|(_, left)| *left -= 1).is_some()
    }

    /// Waits until the link is free, then reserves it for `length` bytes at the configured speed.
    pub(super) fn pace(&self, free_at: &mut Instant, length: usize) {
        let Some(rate) = self.settings.link.bytes_per_second.filter(|&rate| rate > 0) else {
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
    pub(super) fn store(
        &self,
        user: u32,
        store: Store,
    ) -> Option<Result<Arc<Database>, rusqlite::Error>> {
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
    pub(super) fn user(&self, id: u32) -> Option<Option<&PracticeUser>> {
        if id == 0 {
            return Some(None);
        }
        self.settings
            .owner
            .users
            .iter()
            .find(|user| user.id == id)
            .map(Some)
    }
}
