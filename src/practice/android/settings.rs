//! Properties of a practice Android: its version, its owner's data, its restrictions and its faults.

use std::time::Duration;

use crate::practice::{Bus, OwnerAction, OwnersFile};

/// All options of a practice Android.
///
/// The default is a Samsung with Android 13 that can be read completely.
#[derive(Debug, Clone)]
pub struct Settings {
    /// API level, 16 (Android 4.1) to 36 (Android 16).
    pub android: u32,
    /// True: a Samsung, whose calendar provider holds the to-dos. False: a Pixel.
    pub samsung: bool,
    /// Number of live, joined contacts of the main user.
    pub contacts: u32,
    /// Number of the main user's events that are not deleted, including exceptions of series.
    pub events: u32,
    /// Number of to-dos of the main user. Only a Samsung has to-dos.
    pub todos: u32,
    /// Number of photos in `DCIM/Camera`.
    pub photos: u32,
    /// Adds a memory card, a messenger's picture, a deleted picture, a recording, and exported lists.
    pub more_files: bool,
    /// Two handsets with the same seed and counts hold the same data.
    pub seed: u64,
    /// A second handset with the same model and serial number, but another owner, is also plugged in.
    pub twin: bool,
    /// What is special about the owner's data.
    pub owner: OwnerData,
    /// The system and its apps.
    pub software: Software,
    /// The battery, and restarts.
    pub power: PowerSettings,
    /// How the providers answer.
    pub providers: Providers,
    /// SIM cards.
    pub sim: Sim,
    /// Further files, and the storages.
    pub storage: Storage,
    /// Debugging, and the cable.
    pub link: LinkSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            android: 33,
            samsung: true,
            contacts: 400,
            events: 300,
            todos: 60,
            photos: 0,
            more_files: false,
            seed: 1,
            twin: false,
            owner: OwnerData::default(),
            software: Software::default(),
            power: PowerSettings::default(),
            providers: Providers::default(),
            sim: Sim::default(),
            storage: Storage::default(),
            link: LinkSettings::default(),
        }
    }
}

/// What is special about the owner's data, and who else uses the handset.
#[derive(Debug, Clone)]
pub struct OwnerData {
    /// Number of calls of the main user in the log. The shell may read them from Android 13 on.
    pub calls: u32,
    /// The log also holds the odd rows that real phones hold.
    pub odd_calls: bool,
    /// Number of text messages of the main user that were sent or received. The shell may read them from Android 10 on.
    pub messages: u32,
    /// Number of multimedia messages.
    pub pictures: u32,
    /// There are also the odd messages that real phones hold.
    pub odd_messages: bool,
    /// Number of contacts that the owner deleted and that were not synced since.
    pub deleted_contacts: u32,
    /// Number of events that the owner deleted and that were not synced since.
    pub deleted_events: u32,
    /// Name and type of the account for data stored only on the handset; in AOSP it has neither.
    pub local_account: Option<(&'static str, &'static str)>,
    /// An account was removed but its rows remain. The account service no longer lists it.
    pub stale_account: bool,
    /// Secondary users and profiles.
    pub users: Vec<PracticeUser>,
    /// The user in the foreground.
    pub front_user: u32,
    /// One contact has a note larger than 2 MiB, which does not fit a cursor window.
    pub row_over_2mb: bool,
    /// Names and texts try to act as something other than text.
    pub hostile_texts: bool,
    /// No text is ambiguous in the output of `content` or otherwise awkward.
    pub ordinary: bool,
}

impl Default for OwnerData {
    fn default() -> Self {
        Self {
            calls: 90,
            odd_calls: false,
            messages: 60,
            pictures: 2,
            odd_messages: false,
            deleted_contacts: 5,
            deleted_events: 4,
            local_account: None,
            stale_account: false,
            users: Vec::new(),
            front_user: 0,
            row_over_2mb: false,
            hostile_texts: false,
            ordinary: false,
        }
    }
}

/// What runs on the handset.
#[derive(Debug, Clone)]
pub struct Software {
    /// A system other than Android answers.
    pub system: System,
    /// A make and model other than those that `samsung` selects.
    pub model: Option<Model>,
    /// Additional system properties.
    pub properties: Vec<(&'static str, &'static str)>,
    /// A tablet without a modem: it has no SIM card, call log or messages, and no app that stores them.
    pub lacks_telephony: bool,
    /// The handset refuses to list its users.
    pub hides_users: bool,
    /// The linker and the tracer write warnings into the output of `content` and `pm`.
    pub noise: bool,
    /// A maker's shell may read the call log before Android 13.
    pub shows_calls: bool,
    /// A maker's shell may read messages before Android 10.
    pub shows_messages: bool,
    /// Reply to a request for app-ops, if the handset does not list them.
    pub hides_app_ops: Option<&'static str>,
    /// Installed task apps whose providers refuse the shell user: package names from [`super::TASK_APPS`].
    pub task_apps: Vec<&'static str>,
    /// Apps of the owner, by their packages.
    pub apps: Vec<String>,
    /// What is not synchronised, by authority; `all`: nothing is.
    pub sync_off: Vec<String>,
    /// Start-up time of the `content` command, which starts a Java machine.
    pub content_start: Duration,
    /// The handset was not unlocked since it started: contacts, calendar and files are encrypted.
    pub locked_since_boot: bool,
}

impl Default for Software {
    fn default() -> Self {
        Self {
            system: System::default(),
            model: None,
            properties: Vec::new(),
            lacks_telephony: false,
            hides_users: false,
            noise: false,
            shows_calls: false,
            shows_messages: false,
            hides_app_ops: None,
            task_apps: Vec::new(),
            apps: ["com.whatsapp", "com.google.android.apps.authenticator2"]
                .map(str::to_owned)
                .to_vec(),
            sync_off: Vec::new(),
            content_start: Duration::ZERO,
            locked_since_boot: false,
        }
    }
}

/// The battery, and restarts.
#[derive(Debug, Clone, Default)]
pub struct PowerSettings {
    pub battery: Battery,
    /// The battery runs out this long after a client first connected, and the handset never responds again.
    pub dies_after: Option<Duration>,
    /// The handset restarts repeatedly and is locked afterwards.
    pub restarts: Option<Restarts>,
}

/// What the providers of contacts and calendar refuse, and how they fail.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    /// Permissions that the maker removed from the shell user.
    pub denied: Areas,
    /// App-ops set to `ignore`: the provider returns no rows.
    pub ignored: Areas,
    /// The name of the app-op's mode for them.
    pub ignored_mode: String,
    /// Faults between two rows of a query: the number of rows before each. Each occurs once.
    pub strikes: Vec<(Strike, Area, u64)>,
    /// A provider is restarting during this number of queries.
    pub restarting: Vec<(Area, u64)>,
    /// Columns that the maker's providers lack.
    pub lacking_columns: Vec<String>,
    /// Queries about multimedia messages that are answered with nothing, as if there were no rows.
    pub mms_silent: Vec<MmsQuery>,
    /// What opening a part's file says, such as `EACCES (Permission denied)`; empty: the file opens.
    pub mms_file_error: &'static str,
    /// Number of contacts by which the handset's own list is longer than its contents; negative: shorter.
    pub listed_more: i64,
}

/// Queries about multimedia messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MmsQuery {
    /// The list of all messages.
    List,
    /// The list of all parts.
    Parts,
    /// The end of the list of all parts, which looks whole.
    PartsEnd,
    /// The parts of one message.
    PartsOfOne,
    Addresses,
    /// The lists of received and of sent messages.
    Boxes,
}

/// SIM cards. The default is one with twelve entries.
#[derive(Debug, Clone)]
pub struct Sim {
    /// Number of entries in the SIM card's phonebook; `None`: no card.
    pub entries: Option<u32>,
    /// Subscription ids of the inserted cards, all with the same number of entries. Ids grow with every card that was
    /// ever inserted.
    pub subscriptions: Vec<u32>,
    /// Neither `dumpsys isub` nor any other command lists the subscriptions.
    pub hides_isub: bool,
    /// The names of the eSIMs that are stored, in use or not.
    pub esims: Vec<String>,
    pub hides_subscriptions: bool,
    /// Each slot has a property for its state and a URI for its phonebook, as on MediaTek's phones with Android 4.
    pub are_apart: bool,
    /// The columns that the SIM provider prints.
    pub columns: SimColumns,
    /// Value of `gsm.sim.state`, if not `READY` or `ABSENT`. A locked card shows no entries.
    pub state: Option<String>,
}

impl Default for Sim {
    fn default() -> Self {
        Self {
            entries: Some(12),
            subscriptions: vec![1],
            hides_isub: false,
            esims: Vec::new(),
            hides_subscriptions: false,
            are_apart: false,
            columns: SimColumns::default(),
            state: None,
        }
    }
}

/// Files, and the storages that hold them.
#[derive(Debug, Clone)]
pub struct Storage {
    /// Mount point of the memory card, and links to it.
    pub card_at: String,
    pub card_links: Vec<String>,
    /// The shell cannot see the mounted volumes.
    pub hides_mounts: bool,
    /// Files that the owner put on the shared storage: paths and bytes.
    pub exported: Vec<(String, Vec<u8>)>,
    /// Further files on the storages.
    pub owned: Vec<OwnersFile>,
    /// Faults of files in `owned` and of their folders, by path.
    pub troubles: Vec<(String, FileTrouble)>,
    /// Changes after a number of file requests, in order.
    pub actions: Vec<(u32, OwnerAction)>,
    /// The number of pictures of cloned apps in the storage of user 999, which the owner's media provider lists too. They
    /// have the names of the owner's own pictures.
    pub clone_pictures: u32,
    /// The shell can't open that storage.
    pub hides_clones: bool,
    /// Adds a film of this size in bytes to `Movies`, which the media provider has not scanned yet.
    pub movie: Option<u64>,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            card_at: "/storage/1A2B-3C4D".into(),
            card_links: Vec::new(),
            hides_mounts: false,
            exported: Vec::new(),
            owned: Vec::new(),
            troubles: Vec::new(),
            actions: Vec::new(),
            clone_pictures: 0,
            hides_clones: false,
            movie: None,
        }
    }
}

/// Debugging, and the cable to the computer.
#[derive(Debug, Clone, Default)]
pub struct LinkSettings {
    pub auth: Auth,
    /// Speed of the link to the client, in bytes a second.
    pub bytes_per_second: Option<u64>,
    /// Frames of an earlier session arrive before the handshake, as on some handsets.
    pub stale_frames: bool,
    /// The link closes after this number of bytes sent; each entry once, in order.
    pub unplug_after: Vec<u64>,
    /// The link closes after this number of `content` rows; each entry once, in order.
    pub unplug_after_rows: Vec<u64>,
    /// After this number of bytes sent, nothing is sent for this time; each entry once, in order.
    pub silent_after: Vec<(u64, Duration)>,
    /// The USB interfaces that a computer sees.
    pub seen_as: SeenAs,
    /// Time from the first plugging in until a computer sees the handset as [`SeenAs::Ready`]; `None`: `seen_as` stays.
    pub ready_after: Option<Duration>,
    /// Behaviour of the bus on a USB gadget.
    pub bus: Bus,
}

/// The time of restarts, and of the unlock after each restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restarts {
    /// Running time before each restart.
    pub every: Uptime,
    /// Time from a restart to the unlock. In this time, the handset is gone, then starts, then is locked.
    pub unlocked_after: Duration,
}

/// Limit after which the handset restarts, counted from the unlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uptime {
    Time(Duration),
    /// Until this number of `content` rows is printed.
    Rows(u64),
}

/// Fault of a file or folder, on every request (AOSP `file_sync_service.cpp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileTrouble {
    /// A file cannot be opened; a folder looks empty, even without an entry for itself.
    Denied,
    /// Reading fails in the middle of a file, with an error.
    Fails,
    /// A file ends in the middle without an error, as on a failing disk.
    Ends,
}

/// The columns of SIM providers of different makers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SimColumns {
    #[default]
    Aosp,
    /// MediaTek: every row has the number 0.
    MediaTek,
    /// Samsung with Android 4.
    Samsung,
}

/// The system that answers. Only Android has a `content` command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum System {
    #[default]
    Android,
    /// TWRP, a recovery system with a shell.
    Recovery,
    /// KaiOS, which has Android's base system and its own programs.
    KaiOs,
    /// A system that does not identify itself.
    Unknown,
}

/// A computer's view of the handset on USB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SeenAs {
    /// A debugging interface that can be opened.
    #[default]
    Ready,
    /// No readable interface.
    Charging,
    /// Only file transfer.
    DebuggingOff,
    /// A debugging interface that the user of the computer has no permission to open.
    NoPermission,
    /// A debugging interface that another program is using.
    Claimed,
    /// The bootloader.
    Bootloader,
}

/// A fault between two rows of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strike {
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

impl Settings {
    /// The Android version for the API level.
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

/// Data guarded by a permission or an app-op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Contacts,
    Calendar,
    Calls,
    Messages,
    /// The SIM card's phonebook.
    Icc,
    /// The owner's own card, which had a separate permission before Android 6.
    Profile,
}

/// A set of areas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Areas {
    pub contacts: bool,
    pub calendar: bool,
    pub calls: bool,
    pub messages: bool,
    pub icc: bool,
    pub profile: bool,
}

impl Areas {
    pub fn insert(&mut self, area: Area) {
        match area {
            Area::Contacts => self.contacts = true,
            Area::Calendar => self.calendar = true,
            Area::Calls => self.calls = true,
            Area::Messages => self.messages = true,
            Area::Icc => self.icc = true,
            Area::Profile => self.profile = true,
        }
    }

    pub fn contains(self, area: Area) -> bool {
        match area {
            Area::Contacts => self.contacts,
            Area::Calendar => self.calendar,
            Area::Calls => self.calls,
            Area::Messages => self.messages,
            Area::Icc => self.icc,
            Area::Profile => self.profile,
        }
    }
}

/// Values for `dumpsys battery`.
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

/// Whether a computer must be allowed before it may use debugging.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Every computer is allowed: an old handset or one for developers.
    #[default]
    None,
    /// Only computers with a known key, or with a key that the owner allows on the screen.
    RequireKey {
        /// Known keys: base64 of the Android public key structure, as in `adbkey.pub`.
        accepted: Vec<String>,
        /// Time until the owner answers the prompt; `None`: never.
        answered_after: Option<Duration>,
    },
}

/// Make and model, as in the system properties.
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
    /// From 10 up; Samsung's Secure Folder is 150.
    pub id: u32,
    pub name: String,
    /// As printed by `pm list users`.
    pub flags: u32,
    /// As printed by `dumpsys user` from Android 11 on. AOSP's own types are given without `android.os.usertype.`.
    pub type_name: &'static str,
    pub contacts: u32,
    pub events: u32,
    /// The shell user has no access to this user.
    pub is_refused: bool,
    /// The providers return the owner's rows, as for some app-clone users.
    pub shows_owner: bool,
}

impl PracticeUser {
    /// A work profile as company portals create it.
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

    /// A second person with separate data.
    pub fn person(id: u32, name: &str) -> Self {
        Self {
            id,
            name: name.into(),
            flags: 0x410,
            type_name: "full.SECONDARY",
            ..Self::work()
        }
    }

    /// A profile that the shell user has no access to.
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
