//! The allow-list: all that can leave for a handset over ADB. Every request is made of these rows, and rows can be
//! made in this file alone. Nothing here writes, deletes, unlocks, syncs, resets or reboots.
//!
//! `content` has other verbs that write; of its `query` the calendar's `instances` is left out, since asking for it
//! makes the handset write (AOSP `CalendarProvider2.handleInstanceQuery`). The sync service can send files too: only
//! what reads is here.

use super::command::ContentUri;

/// What a stream can be opened to. A command of [`COMMANDS`] follows all but the last.
pub const SERVICES: [Service; 4] = [SHELL_V2, EXEC, SHELL, SYNC];
pub const SHELL_V2: Service = Service("shell,v2,raw:");
pub const EXEC: Service = Service("exec:");
pub const SHELL: Service = Service("shell:");
pub const SYNC: Service = Service("sync:");

/// What a shell can be asked: fixed words, then options.
#[rustfmt::skip]
pub const COMMANDS: [Command; 13] = [
    GETPROP, ACCOUNTS, BATTERY, USERS, USER_DUMP, CURRENT_USER, PACKAGES, MAY_READ_CONTACTS, MAY_READ_CALENDAR, DATE,
    SUBSCRIPTIONS, CONTENT_QUERY, FILE_END,
];
/// Make, model, system version.
pub const GETPROP: Command = Command("getprop", &[]);
/// The accounts, which own contacts and calendars.
pub const ACCOUNTS: Command = Command("dumpsys account", &[]);
/// Charge and charger.
pub const BATTERY: Command = Command("dumpsys battery", &[]);
/// The owner, work profiles, second users.
pub const USERS: Command = Command("pm list users", &[]);
/// What kinds of users these are (Android 11), and who is in front (Android 12).
pub const USER_DUMP: Command = Command("dumpsys user", &[]);
pub const CURRENT_USER: Command = Command("am get-current-user", &[]);
/// Installed apps: some keep to-dos of their own.
pub const PACKAGES: Command = Command("pm list packages", &[USER]);
/// Whether reading is answered with nothing, without an error.
pub const MAY_READ_CONTACTS: Command = Command("appops get com.android.shell READ_CONTACTS", &[]);
pub const MAY_READ_CALENDAR: Command = Command("appops get com.android.shell READ_CALENDAR", &[]);
/// The handset's clock, in seconds.
pub const DATE: Command = Command("date +%s", &[]);
/// The numbers by which the phonebooks of several SIM cards are asked for.
pub const SUBSCRIPTIONS: Command = Command("dumpsys isub", &[]);
/// Rows of a provider.
pub const CONTENT_QUERY: Command = Command("content query", &[URI, USER, PROJECTION, WHERE, SORT]);
/// A file from its middle on: the sync service knows only whole ones.
pub const FILE_END: Command = Command("tail", &[FROM_BYTE, PATH]);

pub const URI: Opt = Opt("--uri", Value::Uri);
pub const USER: Opt = Opt("--user", Value::Number);
pub const PROJECTION: Opt = Opt("--projection", Value::Sql);
pub const WHERE: Opt = Opt("--where", Value::Sql);
pub const SORT: Opt = Opt("--sort", Value::Sql);
pub const FROM_BYTE: Opt = Opt("-c", Value::FromByte);
pub const PATH: Opt = Opt("--", Value::Path);

/// What [`CONTENT_QUERY`] can be asked for. The last is followed by a SIM's number.
#[rustfmt::skip]
pub const URIS: [(ContentUri, &str); 16] = [
    (ContentUri::RawContactEntities, "content://com.android.contacts/raw_contact_entities"),
    (ContentUri::RawContacts, "content://com.android.contacts/raw_contacts"),
    (ContentUri::Contacts, "content://com.android.contacts/contacts"),
    (ContentUri::Groups, "content://com.android.contacts/groups"),
    (ContentUri::ProfileRawContactEntities, "content://com.android.contacts/profile/raw_contact_entities"),
    (ContentUri::Calendars, "content://com.android.calendar/calendars"),
    (ContentUri::Events, "content://com.android.calendar/events"),
    (ContentUri::Reminders, "content://com.android.calendar/reminders"),
    (ContentUri::Attendees, "content://com.android.calendar/attendees"),
    (ContentUri::ExtendedProperties, "content://com.android.calendar/extendedproperties"),
    (ContentUri::SamsungTasks, "content://com.android.calendar/syncTasks"),
    (ContentUri::SamsungTaskAccounts, "content://com.android.calendar/TasksAccounts"),
    (ContentUri::MediaFiles, "content://media/external/file"),
    (ContentUri::SimInfo, "content://telephony/siminfo"),
    (ContentUri::IccAdn, "content://icc/adn"),
    (ContentUri::IccAdnSubscription(0), "content://icc/adn/subId/"),
];

/// What the sync service can be asked, each with a path.
pub const SYNC_VERBS: [SyncVerb; 6] = [STAT, LST2, LIST, LIS2, RECV, RCV2];
pub const STAT: SyncVerb = SyncVerb(*b"STAT");
pub const LST2: SyncVerb = SyncVerb(*b"LST2");
pub const LIST: SyncVerb = SyncVerb(*b"LIST");
pub const LIS2: SyncVerb = SyncVerb(*b"LIS2");
pub const RECV: SyncVerb = SyncVerb(*b"RECV");
pub const RCV2: SyncVerb = SyncVerb(*b"RCV2");

/// What the adb server of this computer can be asked: a serial number stands between the two parts, or the number that the
/// server gave, or nothing.
pub const SERVER_REQUESTS: [ServerRequest; 5] = [
    DEVICES,
    FEATURES,
    TRANSPORT,
    FEATURES_BY_NUMBER,
    TRANSPORT_BY_NUMBER,
];
pub const DEVICES: ServerRequest = ServerRequest("host:devices-l", None);
pub const FEATURES: ServerRequest = ServerRequest("host-serial:", Some(":features"));
pub const TRANSPORT: ServerRequest = ServerRequest("host:transport:", Some(""));
pub const FEATURES_BY_NUMBER: ServerRequest =
    ServerRequest("host-transport-id:", Some(":features"));
pub const TRANSPORT_BY_NUMBER: ServerRequest = ServerRequest("host:transport-id:", Some(""));

/// A row of [`SERVICES`]: how the name of the service begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service(&'static str);

/// A row of [`COMMANDS`]: the fixed words, and what may follow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command(&'static str, &'static [Opt]);

/// An option of a command, with what its value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opt(&'static str, Value);

/// What the value of an option may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Number,
    /// A row of [`URIS`].
    Uri,
    /// Columns, a condition or an order: parts of a SELECT, whatever they are (AOSP `SQLiteQueryBuilder`).
    Sql,
    /// `+` and the number of the first byte, of which the first has number 1.
    FromByte,
    /// A file that is read.
    Path,
}

/// A row of [`SYNC_VERBS`]: the request's four letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncVerb([u8; 4]);

/// A row of [`SERVER_REQUESTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerRequest(&'static str, Option<&'static str>);

impl Service {
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl Command {
    pub const fn words(self) -> &'static str {
        self.0
    }

    pub const fn options(self) -> &'static [Opt] {
        self.1
    }
}

impl Opt {
    pub const fn name(self) -> &'static str {
        self.0
    }

    pub const fn value(self) -> Value {
        self.1
    }
}

impl SyncVerb {
    pub const fn letters(self) -> [u8; 4] {
        self.0
    }
}

impl ServerRequest {
    pub const fn parts(self) -> (&'static str, Option<&'static str>) {
        (self.0, self.1)
    }

    /// The request about the handset `serial`.
    pub(super) fn about(self, serial: &str) -> String {
        match self.1 {
            Some(end) => format!("{}{serial}{end}", self.0),
            None => self.0.to_owned(),
        }
    }
}
