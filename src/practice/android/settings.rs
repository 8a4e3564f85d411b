//! What a practice Android is like: its age, its owner's data, what it denies, how it fails.

use std::time::Duration;

use crate::practice::{Deed, OwnersFile};

/// Everything that can be chosen about a practice Android.
///
/// The default is a Samsung with Android 13 that an unhurried reader can read whole.
#[derive(Debug, Clone)]
pub struct Settings {
    /// API level, 16 (Android 4.1) to 36 (Android 16).
    pub android: u32,
    /// Living, joined contacts of the main user.
    pub contacts: u32,
    /// Rows of the main user's events that are not deleted, exceptions of series included.
    pub events: u32,
    /// To-dos of the main user. Only a Samsung has them.
    pub todos: u32,
    /// Contacts that the owner deleted and that were not synced since.
    pub deleted_contacts: u32,
    /// Events that the owner deleted and that were not synced since.
    pub deleted_events: u32,
    /// Two handsets with the same seed and counts hold the same data.
    pub seed: u64,
    /// A Samsung, whose calendar provider holds the to-dos; else a Pixel.
    pub samsung: bool,
    /// Another make and model than `samsung` gives.
    pub model: Option<Model>,
    /// Properties that it has besides.
    pub properties: Vec<(&'static str, &'static str)>,
    /// Name and type of the account that stands for the handset itself; AOSP's has neither.
    pub local_account: Option<(&'static str, &'static str)>,
    /// What each start of the `content` command costs, as the start of a Java machine does.
    pub content_start: Duration,
    /// How fast the link to the client is, bytes a second.
    pub bytes_per_second: Option<u64>,
    /// Permissions that the maker took from the shell user.
    pub denied: Areas,
    /// App-ops set to `ignore`: the provider answers with nothing.
    pub ignored: Areas,
    /// Nobody has unlocked the handset since it started: contacts, calendar and files are sealed.
    pub locked_since_boot: bool,
    pub battery: Battery,
    pub auth: Auth,
    /// Second users and profiles.
    pub users: Vec<PracticeUser>,
    /// The user in front.
    pub front_user: u32,
    /// Entries in the SIM card's phonebook; `None`: no card.
    pub sim_entries: Option<u32>,
    /// The subscriptions of the cards that are in it, each with as many entries: numbers grow with every card that was
    /// ever put in.
    pub sims: Vec<u32>,
    /// `dumpsys isub` does not tell them; nor does anything else.
    pub hides_isub: bool,
    pub hides_subscriptions: bool,
    /// Which columns the SIM's provider prints.
    pub sim_columns: SimColumns,
    /// `gsm.sim.state`, where it is another than `READY` or `ABSENT`: a locked card shows no entries.
    pub sim_state: Option<String>,
    /// An account that was removed while its rows remain: the account service no longer lists it.
    pub stale_account: bool,
    /// Installed task apps whose providers refuse the shell user: package names out of [`TASK_APPS`].
    pub task_apps: Vec<&'static str>,
    /// Photos in `DCIM/Camera`.
    pub photos: u32,
    /// Beside the photos: a memory card, a messenger's picture, one that was thrown away, a recording, exported lists.
    pub more_files: bool,
    /// Where its memory card is mounted, and links to it.
    pub card_at: String,
    pub card_links: Vec<String>,
    /// The shell is not shown what is mounted.
    pub hides_mounts: bool,
    /// Files that the owner put onto the shared storage: where in it, and their bytes.
    pub exported: Vec<(String, Vec<u8>)>,
    /// What lies on its storages besides.
    pub owned: Vec<OwnersFile>,
    /// What is wrong with some of `owned` and their folders, by their paths.
    pub file_troubles: Vec<(String, FileTrouble)>,
    /// What happens once so many files were asked for; in order.
    pub deeds: Vec<(u32, Deed)>,
    /// A film of so many bytes in `Movies`, which the media provider does not know yet.
    pub movie: Option<u64>,
    /// One contact has a note over 2 MiB, which no cursor window holds.
    pub row_over_2mb: bool,
    /// Frames of an earlier session come before the handshake, as on some handsets.
    pub stale_frames: bool,
    /// The link closes after so many bytes to the client; each entry once, in order.
    pub unplug_after: Vec<u64>,
    /// The link closes after so many rows of `content`; each entry once, in order.
    pub unplug_after_rows: Vec<u64>,
    /// The battery is empty so long after a client first connected: it is never heard of again.
    pub dies_after: Option<Duration>,
    /// Nothing comes for so long after so many bytes to the client; each entry once, in order.
    pub silent_after: Vec<(u64, Duration)>,
    /// A provider dies after so many rows; each entry once.
    pub error_after_rows: Vec<(Area, u64)>,
    /// A provider's process is killed after so many rows, and the client takes what it has for all; each entry once.
    pub end_after_rows: Vec<(Area, u64)>,
    /// A sync changes the table after so many rows, so that the next window of the cursor begins elsewhere; each
    /// entry once.
    pub sync_after_rows: Vec<(Area, u64)>,
    /// The `content` command is killed after so many rows; each entry once.
    pub kill_after_rows: Vec<(Area, u64)>,
    /// A provider is being started anew while so many queries are asked.
    pub restarting: Vec<(Area, u64)>,
    /// Columns that the maker's providers lack.
    pub lacking_columns: Vec<String>,
    /// Names and texts try to be something else.
    pub hostile_texts: bool,
    /// No text is one that `content` prints ambiguously, or that is odd otherwise.
    pub ordinary_owner: bool,
    /// By how many contacts the handset's own list is longer than what it holds; below 0: shorter.
    pub listed_more: i64,
    /// The linker and the tracer write warnings beside what `content` and `pm` print.
    pub noise: bool,
    /// What it says when it is asked for app-ops, where it does not tell them.
    pub hides_app_ops: Option<&'static str>,
    /// Another system than Android itself answers.
    pub system: System,
    /// The USB interfaces that a computer sees.
    pub seen_as: SeenAs,
    /// How long after it was first plugged in it is seen ready; `None`: it stays as it is.
    pub ready_after: Option<Duration>,
    /// How the bus behaves where it is on a USB gadget.
    pub bus: Bus,
    /// It restarts again and again, and comes back locked.
    pub restarts: Option<Restarts>,
    /// A second handset of the same model, with the same serial number and another owner, is plugged in beside it.
    pub twin: bool,
}

/// When a handset restarts, and when its owner unlocks it then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restarts {
    /// For how long it runs each time.
    pub every: Uptime,
    /// How long after a restart it is unlocked. Until then it is gone, then starts, then is locked.
    pub unlocked_after: Duration,
}

/// How long a handset that restarts can be read between two unlockings and restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uptime {
    Time(Duration),
    /// Until so many rows of `content` were printed.
    Rows(u64),
}

/// What is wrong with one file or folder, each time that it is asked for (AOSP `file_sync_service.cpp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileTrouble {
    /// A file can't be opened; a folder looks as if nothing were in it, not even itself.
    Denied,
    /// Reading fails in the middle of a file, and it is said.
    Fails,
    /// A file ends in its middle, as one does whose disk gives no more, and nothing says so.
    Ends,
}

/// The columns of makers' SIM providers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SimColumns {
    #[default]
    Aosp,
    /// MediaTek's: every row has the number 0.
    MediaTek,
    /// Samsung's of Android 4.
    Samsung,
}

/// Which system answers. None but Android has a `content` command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum System {
    #[default]
    Android,
    /// TWRP, a recovery system with a shell.
    Recovery,
    /// KaiOS, which has Android's base and programs of its own.
    KaiOs,
    /// One that says nothing of itself.
    Unknown,
}

/// What a computer sees of a handset on USB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SeenAs {
    /// Its debugging interface, which can be opened.
    #[default]
    Ready,
    /// Nothing that could be read.
    Charging,
    /// The transfer of files alone.
    DebuggingOff,
    /// A debugging interface that the user of the computer may not open.
    NoPermission,
    /// A debugging interface that another program uses.
    Claimed,
    /// Its bootloader.
    Bootloader,
}

/// How the bus behaves. All of it is allowed by USB 2.0 (chapters 5.8 and 8.5.2), and none of it may matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bus {
    #[default]
    Smooth,
    /// Each transfer to the computer is cut into two that end with short packets.
    Split,
    /// The handset stops for a while in the middle of transfers.
    Pauses,
    /// The endpoint to the computer stalls now and then.
    Stalls,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            android: 33,
            contacts: 400,
            events: 300,
            todos: 60,
            deleted_contacts: 5,
            deleted_events: 4,
            seed: 1,
            samsung: true,
            model: None,
            properties: Vec::new(),
            local_account: None,
            content_start: Duration::ZERO,
            bytes_per_second: None,
            denied: Areas::default(),
            ignored: Areas::default(),
            locked_since_boot: false,
            battery: Battery::default(),
            auth: Auth::default(),
            users: Vec::new(),
            front_user: 0,
            sim_entries: Some(12),
            sims: vec![1],
            hides_isub: false,
            hides_subscriptions: false,
            sim_columns: SimColumns::default(),
            sim_state: None,
            stale_account: false,
            task_apps: Vec::new(),
            photos: 0,
            more_files: false,
            card_at: "/storage/1A2B-3C4D".into(),
            card_links: Vec::new(),
            hides_mounts: false,
            exported: Vec::new(),
            owned: Vec::new(),
            file_troubles: Vec::new(),
            deeds: Vec::new(),
            movie: None,
            row_over_2mb: false,
            stale_frames: false,
            unplug_after: Vec::new(),
            unplug_after_rows: Vec::new(),
            dies_after: None,
            silent_after: Vec::new(),
            error_after_rows: Vec::new(),
            end_after_rows: Vec::new(),
            sync_after_rows: Vec::new(),
            kill_after_rows: Vec::new(),
            restarting: Vec::new(),
            lacking_columns: Vec::new(),
            hostile_texts: false,
            ordinary_owner: false,
            listed_more: 0,
            noise: false,
            hides_app_ops: None,
            system: System::default(),
            seen_as: SeenAs::default(),
            ready_after: None,
            bus: Bus::default(),
            restarts: None,
            twin: false,
        }
    }
}

impl Settings {
    /// The Android version that the API level stands for.
    pub fn release(&self) -> &'static str {
        match self.android {
            ..=16 => "4.1.2",
            17 => "4.2.2",
            18 => "4.3",
            19 | 20 => "4.4.4",
            21 => "5.0.2",
            22 => "5.1.1",
            23 => "6.0.1",
            24 => "7.0",
            25 => "7.1.2",
            26 => "8.0.0",
            27 => "8.1.0",
            28 => "9",
            29 => "10",
            30 => "11",
            31 | 32 => "12",
            33 => "13",
            34 => "14",
            35 => "15",
            36.. => "16",
        }
    }
}

/// What a permission or an app-op guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Contacts,
    Calendar,
    /// The SIM card's phonebook.
    Icc,
    /// The owner's own card, which had a permission of its own before Android 6.
    Profile,
}

/// A set of areas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Areas {
    pub contacts: bool,
    pub calendar: bool,
    pub icc: bool,
    pub profile: bool,
}

impl Areas {
    pub fn insert(&mut self, area: Area) {
        match area {
            Area::Contacts => self.contacts = true,
            Area::Calendar => self.calendar = true,
            Area::Icc => self.icc = true,
            Area::Profile => self.profile = true,
        }
    }

    pub fn contains(self, area: Area) -> bool {
        match area {
            Area::Contacts => self.contacts,
            Area::Calendar => self.calendar,
            Area::Icc => self.icc,
            Area::Profile => self.profile,
        }
    }
}

/// What `dumpsys battery` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Battery {
    pub percent: u8,
    pub charging: bool,
}

impl Default for Battery {
    fn default() -> Self {
        Self {
            percent: 83,
            charging: true,
        }
    }
}

/// Whether a computer has to be allowed before it may talk to the handset.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Any computer may: an old or a developer's handset.
    #[default]
    None,
    /// Only computers whose key is known, or whose key the owner allows on the screen.
    RequireKey {
        /// Known keys: base64 of the Android public key structure, as in `adbkey.pub`.
        accepted: Vec<String>,
        /// When the owner answers the prompt; `None`: never.
        answered_after: Option<Duration>,
    },
}

/// Make and model, as the properties have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    pub maker: &'static str,
    pub product: &'static str,
    pub model: &'static str,
    pub device: &'static str,
}

/// A further user of the handset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeUser {
    /// 10 and up; a Samsung's Secure Folder is 150.
    pub id: u32,
    pub name: String,
    /// As `pm list users` prints them.
    pub flags: u32,
    /// As `dumpsys user` prints it from Android 11 on, without `android.os.usertype.` in AOSP's own.
    pub type_name: &'static str,
    pub contacts: u32,
    pub events: u32,
    /// The shell user may not look into it.
    pub is_refused: bool,
    /// Its providers answer with the owner's rows, as those of some clones do.
    pub shows_owner: bool,
}

impl PracticeUser {
    /// A work profile as company portals set them up.
    pub fn work() -> Self {
        Self {
            id: 10,
            name: "Work profile".into(),
            flags: 0x1030,
            type_name: "profile.MANAGED",
            contacts: 40,
            events: 20,
            is_refused: false,
            shows_owner: false,
        }
    }

    /// A second person with data of their own.
    pub fn person(id: u32, name: &str) -> Self {
        Self {
            id,
            name: name.into(),
            flags: 0x410,
            type_name: "full.SECONDARY",
            ..Self::work()
        }
    }

    /// A profile that the shell user may not look into.
    pub fn closed(id: u32, name: &str, flags: u32, type_name: &'static str) -> Self {
        Self {
            id,
            name: name.into(),
            flags,
            type_name,
            is_refused: true,
            ..Self::work()
        }
    }
}

/// A task app that keeps its to-dos from the shell user.
#[derive(Debug, Clone, Copy)]
pub struct TaskApp {
    pub package: &'static str,
    pub authority: &'static str,
    pub provider: &'static str,
    pub permission: &'static str,
}

/// Task apps with a provider of their own, from their manifests.
pub const TASK_APPS: [TaskApp; 3] = [
    TaskApp {
        package: "org.dmfs.tasks",
        authority: "org.dmfs.tasks",
        provider: "org.dmfs.provider.tasks.TaskProvider",
        permission: "org.dmfs.permission.READ_TASKS",
    },
    TaskApp {
        package: "org.tasks",
        authority: "org.tasks",
        provider: "org.tasks.provider.TasksContentProvider",
        permission: "org.tasks.permission.READ_TASKS",
    },
    TaskApp {
        package: "at.techbee.jtx",
        authority: "at.techbee.jtx.provider",
        provider: "at.techbee.jtx.contract.SyncContentProvider",
        permission: "at.techbee.jtx.permission.READ",
    },
];
