//! The allow-list: everything that can be sent to a handset over ADB. Every request is built from these rows, and only
//! this file can create rows. Nothing here writes, deletes, unlocks, syncs, resets or reboots.
//!
//! The verbs of `content` that write are left out. So is a query of the calendar's `instances`, since it makes the
//! handset write (AOSP `CalendarProvider2.handleInstanceQuery`). The sync service can also send files: only its reading
//! requests are here.

use super::command::ContentUri;

/// Services to which a stream can be opened. A command of [`COMMANDS`] follows all but the last.
pub const SERVICES: [Service; 4] = [SHELL_V2, EXEC, SHELL, SYNC];
pub const SHELL_V2: Service = Service("shell,v2,raw:");
pub const EXEC: Service = Service("exec:");
pub const SHELL: Service = Service("shell:");
pub const SYNC: Service = Service("sync:");

/// Commands for the shell: fixed words, then options.
#[rustfmt::skip]
pub const COMMANDS: [Command; 17] = [
    GETPROP, ACCOUNTS, BATTERY, USERS, USER_DUMP, CURRENT_USER, PACKAGES, MAY_READ_CONTACTS, MAY_READ_CALENDAR,
    MAY_READ_CALLS, MAY_READ_MESSAGES, DATE, SUBSCRIPTIONS, SYNC_STATE, CONTENT_QUERY, CONTENT_READ, FILE_END,
];
/// Make, model, system version.
pub const GETPROP: Command = Command("getprop", &[]);
/// The accounts, which own contacts and calendars.
pub const ACCOUNTS: Command = Command("dumpsys account", &[]);
/// Battery level, and whether a charger is connected.
pub const BATTERY: Command = Command("dumpsys battery", &[]);
/// The owner, work profiles, and other users.
pub const USERS: Command = Command("pm list users", &[]);
/// Types of the users (Android 11), and the user in the foreground (Android 12).
pub const USER_DUMP: Command = Command("dumpsys user", &[]);
pub const CURRENT_USER: Command = Command("am get-current-user", &[]);
/// Installed apps: some keep their own to-dos.
pub const PACKAGES: Command = Command("pm list packages", &[USER]);
/// Whether the shell may read. If not, Android returns nothing and no error.
pub const MAY_READ_CONTACTS: Command = Command("appops get com.android.shell READ_CONTACTS", &[]);
pub const MAY_READ_CALENDAR: Command = Command("appops get com.android.shell READ_CALENDAR", &[]);
pub const MAY_READ_CALLS: Command = Command("appops get com.android.shell READ_CALL_LOG", &[]);
pub const MAY_READ_MESSAGES: Command = Command("appops get com.android.shell READ_SMS", &[]);
/// The handset's clock, in seconds.
pub const DATE: Command = Command("date +%s", &[]);
/// The subscription IDs, by which the phonebooks of several SIM cards are queried.
pub const SUBSCRIPTIONS: Command = Command("dumpsys isub", &[]);
/// Which accounts synchronise: what is only on the handset is lost with it (AOSP `ContentService.dump` only prints).
pub const SYNC_STATE: Command = Command("dumpsys content", &[]);
/// Rows of a content provider.
pub const CONTENT_QUERY: Command = Command("content query", &[URI, USER, PROJECTION, WHERE, SORT]);
/// The bytes of a part of an MMS: a picture, a recording. AOSP's `MmsProvider.openFile` opens only such parts.
pub const CONTENT_READ: Command = Command("content read", &[PART]);
/// A file from some byte on: the sync service can only read whole files.
pub const FILE_END: Command = Command("tail", &[FROM_BYTE, PATH]);

pub const URI: Opt = Opt("--uri", Value::Uri);
pub const PART: Opt = Opt("--uri", Value::Part);
pub const USER: Opt = Opt("--user", Value::Number);
pub const PROJECTION: Opt = Opt("--projection", Value::Sql);
pub const WHERE: Opt = Opt("--where", Value::Sql);
pub const SORT: Opt = Opt("--sort", Value::Sql);
pub const FROM_BYTE: Opt = Opt("-c", Value::FromByte);
pub const PATH: Opt = Opt("--", Value::Path);

/// The beginning of the URIs for [`CONTENT_READ`]; the number of a part follows.
pub const MMS_PART: &str = "content://mms/part/";

/// URIs for [`CONTENT_QUERY`]. The last is followed by a subscription ID. `#` stands for the number of a message.
#[rustfmt::skip]
pub const URIS: [(ContentUri, &str); 31] = [
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
    (ContentUri::Calls, "content://call_log/calls"),
    (ContentUri::Sms, "content://sms"),
    (ContentUri::Mms, "content://mms"),
    (ContentUri::MmsParts, "content://mms/part"),
    (ContentUri::MmsInbox, "content://mms/inbox"),
    (ContentUri::MmsSent, "content://mms/sent"),
    (ContentUri::MmsPartsOf(0), "content://mms/#/part"),
    (ContentUri::MmsAddresses(0), "content://mms/#/addr"),
    (ContentUri::MediaFiles, "content://media/external/file"),
    (ContentUri::SimInfo, "content://telephony/siminfo"),
    (ContentUri::IccAdn, "content://icc/adn"),
    (ContentUri::IccAdn2, "content://icc/adn2"),
    (ContentUri::IccAdn3, "content://icc/adn3"),
    (ContentUri::IccAdn4, "content://icc/adn4"),
    (ContentUri::IccPbr, "content://icc/pbr"),
    (ContentUri::IccPbr2, "content://icc/pbr2"),
    (ContentUri::IccPbr3, "content://icc/pbr3"),
    (ContentUri::IccPbr4, "content://icc/pbr4"),
    (ContentUri::IccAdnSubscription(0), "content://icc/adn/subId/"),
];

/// Requests to the sync service, each with a path.
pub const SYNC_VERBS: [SyncVerb; 6] = [STAT, LST2, LIST, LIS2, RECV, RCV2];
pub const STAT: SyncVerb = SyncVerb(*b"STAT");
pub const LST2: SyncVerb = SyncVerb(*b"LST2");
pub const LIST: SyncVerb = SyncVerb(*b"LIST");
pub const LIS2: SyncVerb = SyncVerb(*b"LIS2");
pub const RECV: SyncVerb = SyncVerb(*b"RECV");
pub const RCV2: SyncVerb = SyncVerb(*b"RCV2");

/// Requests to the adb server of this computer. Between the two parts stands a serial number, the number that the
/// server assigned, or nothing.
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

/// A row of [`SERVICES`]: the beginning of the service's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service(&'static str);

/// A row of [`COMMANDS`]: the fixed words, and the options that may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command(&'static str, &'static [Opt]);

/// An option of a command, and the kind of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opt(&'static str, Value);

/// Kinds of option values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Number,
    /// A row of [`URIS`].
    Uri,
    /// [`MMS_PART`] and a number.
    Part,
    /// Columns, a condition or an order: any part of a SELECT (AOSP `SQLiteQueryBuilder`).
    Sql,
    /// `+` and the number of the first byte, counted from 1.
    FromByte,
    /// The path of a file to read.
    Path,
}

/// A row of [`SYNC_VERBS`]: the four letters of the request.
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

    /// Returns the request about the handset `serial`.
    pub(super) fn about(self, serial: &str) -> String {
        match self.1 {
            Some(end) => format!("{}{serial}{end}", self.0),
            None => self.0.to_owned(),
        }
    }
}
