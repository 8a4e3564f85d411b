"""Contacts, calendar, SIM and media providers of the handset, over SQLite.

Tables, views, projection maps and the checks on projection, where and sort follow
AOSP's ContactsDatabaseHelper/ContactsProvider2/SqlChecker and
CalendarDatabaseHelper/CalendarProvider2; the text is that of cmds/content.
"""
import re
import sqlite3
import struct
import threading
import urllib.parse

import messages


class ProviderError(Exception):
    """A Java exception that the content tool prints on stderr."""

    def __init__(self, java, message):
        super().__init__(message)
        self.java, self.message = java, message


def java_order(keys):
    """The iteration order of a java.util.HashMap into which the keys were put one by one."""
    def h(s):
        v = 0
        for u in struct.unpack("<%dH" % (len(s.encode("utf-16-le")) // 2), s.encode("utf-16-le")):
            v = (31 * v + u) & 0xFFFFFFFF
        return v ^ (v >> 16)
    keys = list(dict.fromkeys(keys))
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda k: (h(k) & (size - 1), keys.index(k)))


CONTACTS_COLUMNS = """custom_ringtone display_name display_name_alt display_name_source in_default_directory in_visible_group
last_time_contacted lookup phonetic_name phonetic_name_style photo_id photo_file_id photo_uri photo_thumb_uri send_to_voicemail
sort_key_alt sort_key phonebook_label phonebook_bucket phonebook_label_alt phonebook_bucket_alt starred pinned times_contacted
has_phone_number contact_last_updated_timestamp""".split()
PRESENCE = {c: "NULL" for c in """contact_presence contact_chat_capability contact_status contact_status_ts
contact_status_res_package contact_status_label contact_status_icon""".split()}
DATA_PRESENCE = {c: "NULL" for c in "mode chat_capability status status_ts status_res_package status_label status_icon".split()}
RAW_COLUMNS = "account_name account_type data_set account_type_and_data_set dirty sourceid backup_id version".split()
SYNC = "sync1 sync2 sync3 sync4".split()
DATA_COLUMNS = ["data%d" % k for k in range(1, 16)] + """carrier_presence preferred_phone_account_component_name preferred_phone_account_id
data_version is_primary is_super_primary mimetype res_package data_sync1 data_sync2 data_sync3 data_sync4 group_sourceid""".split()
SINCE = {"carrier_presence": 23, "preferred_phone_account_component_name": 29, "preferred_phone_account_id": 29, "backup_id": 23,
         "metadata_dirty": 24, "hash_id": 23, "pinned": 19, "contact_last_updated_timestamp": 18, "phonebook_label": 18,
         "phonebook_bucket": 18, "phonebook_label_alt": 18, "phonebook_bucket_alt": 18, "data_set": 14}


def same(names, **extra):
    d = {n: n for n in names}
    d.update(extra)
    return d


def contacts_maps(api):
    keep = lambda d: {k: v for k, v in d.items() if SINCE.get(k, 0) <= api}
    raw = same("""_id contact_id deleted display_name display_name_alt display_name_source phonetic_name phonetic_name_style sort_key
        sort_key_alt phonebook_label phonebook_bucket phonebook_label_alt phonebook_bucket_alt times_contacted last_time_contacted
        custom_ringtone send_to_voicemail starred pinned aggregation_mode raw_contact_is_user_profile metadata_dirty""".split() + RAW_COLUMNS + SYNC)
    ent = same("_id contact_id data_id deleted starred raw_contact_is_user_profile".split() + RAW_COLUMNS + SYNC + DATA_COLUMNS)
    contacts = same("_id has_phone_number name_raw_contact_id is_user_profile".split() + CONTACTS_COLUMNS, **PRESENCE)
    data = same("_id raw_contact_id hash_id contact_id name_raw_contact_id raw_contact_is_user_profile".split() + DATA_COLUMNS + RAW_COLUMNS
                + CONTACTS_COLUMNS, **DATA_PRESENCE, **PRESENCE, times_used="0", last_time_used="0")
    groups = same("""_id account_name account_type data_set account_type_and_data_set sourceid dirty version res_package title title_res
        group_visible system_id deleted notes should_sync favorites auto_add group_is_read_only""".split() + SYNC)
    return {
        "raw_contact_entities": ("view_raw_entities", keep(ent)), "raw_contacts": ("view_raw_contacts", keep(raw)),
        "contacts": ("view_contacts", keep(contacts)), "data": ("view_data", keep(data)), "groups": ("view_groups", keep(groups)),
        "deleted_contacts": ("deleted_contacts", same(["contact_id", "contact_deleted_timestamp"])),
        "aggregation_exceptions": ("agg_exceptions", same(["_id", "type", "raw_contact_id1", "raw_contact_id2"])),
        "settings": ("view_settings", same("account_name account_type data_set ungrouped_visible should_sync".split(),
                                           any_unsynced="0", summ_count="0", summ_phones="0")),
        "directories": ("directories", same("_id packageName typeResourceId displayName authority accountType accountName exportSupport "
                                            "shortcutSupport photoSupport".split())),
        "provider_status": (None, None), "syncstate": ("_sync_state", same(["_id", "account_name", "account_type", "data"])),
    }


EVENTS_BASE = """account_name account_type title eventLocation description eventStatus eventColor eventColor_index selfAttendeeStatus dtstart
dtend eventTimezone eventEndTimezone duration allDay accessLevel availability hasAlarm hasExtendedProperties rrule rdate exrule exdate
original_sync_id original_id originalInstanceTime originalAllDay lastDate hasAttendeeData calendar_id guestsCanInviteOthers guestsCanModify
guestsCanSeeGuests organizer isOrganizer customAppPackage customAppUri uid2445 deleted _sync_id""".split()
CAL_IN_EVENTS = """calendar_color calendar_color_index calendar_access_level visible calendar_timezone ownerAccount calendar_displayName
allowedReminders allowedAttendeeTypes allowedAvailability maxReminders canOrganizerRespond canModifyTimeZone""".split()
IS_PRIMARY = "COALESCE(isPrimary, ownerAccount = account_name) AS isPrimary"
SYNC_DATA = ["sync_data%d" % k for k in range(1, 11)]
CAL_SYNC = ["cal_sync%d" % k for k in range(1, 11)]
EVENTS_MAP = same(EVENTS_BASE + CAL_IN_EVENTS, isPrimary=IS_PRIMARY) | same(["displayColor", "_id"] + SYNC_DATA + CAL_SYNC + ["dirty", "mutators", "lastSynced"])
ENTITIES_MAP = same(EVENTS_BASE + ["_id"] + SYNC_DATA + ["dirty", "mutators", "lastSynced"] + CAL_SYNC)
CALENDARS_MAP = same("""_id account_name account_type _sync_id dirty mutators name calendar_displayName calendar_color calendar_color_index
calendar_access_level visible sync_events calendar_location calendar_timezone ownerAccount""".split(), isPrimary=IS_PRIMARY) | same(
    """canOrganizerRespond canModifyTimeZone canPartiallyUpdate maxReminders allowedReminders allowedAvailability allowedAttendeeTypes
    deleted""".split() + CAL_SYNC)
ATTENDEES_MAP = same(EVENTS_BASE) | {"event_id": "event_id", "_id": "Attendees._id AS _id"} | same(
    "attendeeName attendeeEmail attendeeStatus attendeeRelationship attendeeType attendeeIdentity attendeeIdNamespace".split()) | {
    "deleted": "Events.deleted AS deleted", "_sync_id": "Events._sync_id AS _sync_id"}
SINCE_CAL = {"uid2445": 17, "mutators": 23, "isOrganizer": 17, "isPrimary": 17, "attendeeIdentity": 16, "attendeeIdNamespace": 16,
             "customAppPackage": 16, "customAppUri": 16, "eventColor_index": 15, "calendar_color_index": 15, "displayColor": 15}
CALENDAR = {
    "events": ("view_events", EVENTS_MAP, None), "event_entities": ("view_events", ENTITIES_MAP, None),
    "calendars": ("Calendars", CALENDARS_MAP, None), "calendar_entities": ("Calendars", CALENDARS_MAP, None),
    "attendees": ("Attendees, Events, Calendars", ATTENDEES_MAP, "Events._id=Attendees.event_id AND Events.calendar_id=Calendars._id"),
    "reminders": ("Reminders", None, None), "extendedproperties": ("ExtendedProperties", None, None),
    "colors": ("Colors", same("_id data account_name account_type color_index color_type color".split()), None),
    "properties": ("CalendarCache", same(["key", "value"]), None), "syncstate": ("_sync_state", None, None),
}
TASK_COLUMNS = {c: "TEXT" for c in """_id syncServerId displayName _sync_dirty clientId sourceid bodyType body_size body_truncated due_date
utc_due_date importance date_completed complete recurrence_type recurrence_start recurrence_until recurrence_occurrences
recurrence_interval recurrence_day_of_month recurrence_day_of_week recurrence_week_of_month recurrence_month_of_year
recurrence_regenerate recurrence_dead_occur reminder_set reminder_time sensitivity start_date utc_start_date parentId subject body
category1 category2 category3 mailboxKey accountKey accountName reminder_type groupId previousId deleted""".split()}
for _c in TASK_COLUMNS:
    if _c not in ("syncServerId", "displayName", "clientId", "subject", "body", "category1", "category2", "category3", "accountName"):
        TASK_COLUMNS[_c] = "INTEGER"
TASK_COLUMNS["_id"] = "INTEGER PRIMARY KEY AUTOINCREMENT"

CONTACTS_SQL = """
CREATE TABLE accounts(_id INTEGER PRIMARY KEY AUTOINCREMENT, account_name TEXT, account_type TEXT, data_set TEXT, sim_slot_index INTEGER,
 sim_ef_type INTEGER, ungrouped_visible INTEGER NOT NULL DEFAULT 0, should_sync INTEGER NOT NULL DEFAULT 1, x_is_default INTEGER NOT NULL DEFAULT 0);
CREATE TABLE contacts(_id INTEGER PRIMARY KEY AUTOINCREMENT, name_raw_contact_id INTEGER, photo_id INTEGER, photo_file_id INTEGER,
 custom_ringtone TEXT, send_to_voicemail INTEGER NOT NULL DEFAULT 0, starred INTEGER NOT NULL DEFAULT 0, pinned INTEGER NOT NULL DEFAULT 0,
 has_phone_number INTEGER NOT NULL DEFAULT 0, lookup TEXT, status_update_id INTEGER, contact_last_updated_timestamp INTEGER);
CREATE TABLE raw_contacts(_id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER, sourceid TEXT, backup_id TEXT,
 raw_contact_is_read_only INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1, dirty INTEGER NOT NULL DEFAULT 0,
 deleted INTEGER NOT NULL DEFAULT 0, metadata_dirty INTEGER NOT NULL DEFAULT 0, contact_id INTEGER, aggregation_mode INTEGER NOT NULL DEFAULT 0,
 custom_ringtone TEXT, send_to_voicemail INTEGER NOT NULL DEFAULT 0, starred INTEGER NOT NULL DEFAULT 0, pinned INTEGER NOT NULL DEFAULT 0,
 display_name TEXT, display_name_alt TEXT, display_name_source INTEGER NOT NULL DEFAULT 0, phonetic_name TEXT, phonetic_name_style TEXT,
 sort_key TEXT, phonebook_label TEXT, phonebook_bucket INTEGER, sort_key_alt TEXT, phonebook_label_alt TEXT, phonebook_bucket_alt INTEGER,
 sync1 TEXT, sync2 TEXT, sync3 TEXT, sync4 TEXT);
CREATE INDEX raw_contacts_contact_id_index ON raw_contacts(contact_id);
CREATE TABLE packages(_id INTEGER PRIMARY KEY, package TEXT NOT NULL);
CREATE TABLE mimetypes(_id INTEGER PRIMARY KEY AUTOINCREMENT, mimetype TEXT NOT NULL UNIQUE);
CREATE TABLE data(_id INTEGER PRIMARY KEY AUTOINCREMENT, package_id INTEGER, mimetype_id INTEGER NOT NULL, raw_contact_id INTEGER NOT NULL,
 hash_id TEXT, is_read_only INTEGER NOT NULL DEFAULT 0, is_primary INTEGER NOT NULL DEFAULT 0, is_super_primary INTEGER NOT NULL DEFAULT 0,
 data_version INTEGER NOT NULL DEFAULT 0, data1 TEXT, data2 TEXT, data3 TEXT, data4 TEXT, data5 TEXT, data6 TEXT, data7 TEXT, data8 TEXT,
 data9 TEXT, data10 TEXT, data11 TEXT, data12 TEXT, data13 TEXT, data14 TEXT, data15 TEXT, data_sync1 TEXT, data_sync2 TEXT, data_sync3 TEXT,
 data_sync4 TEXT, carrier_presence INTEGER NOT NULL DEFAULT 0, preferred_phone_account_component_name TEXT, preferred_phone_account_id TEXT);
CREATE INDEX data_raw_contact_id ON data(raw_contact_id);
CREATE TABLE groups(_id INTEGER PRIMARY KEY AUTOINCREMENT, package_id INTEGER, account_id INTEGER, sourceid TEXT, version INTEGER NOT NULL DEFAULT 1,
 dirty INTEGER NOT NULL DEFAULT 0, title TEXT, title_res INTEGER, notes TEXT, system_id TEXT, deleted INTEGER NOT NULL DEFAULT 0,
 group_visible INTEGER NOT NULL DEFAULT 0, should_sync INTEGER NOT NULL DEFAULT 1, auto_add INTEGER NOT NULL DEFAULT 0,
 favorites INTEGER NOT NULL DEFAULT 0, group_is_read_only INTEGER NOT NULL DEFAULT 0, sync1 TEXT, sync2 TEXT, sync3 TEXT, sync4 TEXT);
CREATE TABLE deleted_contacts(contact_id INTEGER PRIMARY KEY, contact_deleted_timestamp INTEGER NOT NULL DEFAULT 0);
CREATE TABLE agg_exceptions(_id INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER NOT NULL, raw_contact_id1 INTEGER, raw_contact_id2 INTEGER);
CREATE TABLE directories(_id INTEGER PRIMARY KEY AUTOINCREMENT, packageName TEXT, authority TEXT, typeResourceId INTEGER, typeResourceName TEXT,
 accountType TEXT, accountName TEXT, displayName TEXT, exportSupport INTEGER DEFAULT 0, shortcutSupport INTEGER DEFAULT 0, photoSupport INTEGER DEFAULT 0);
INSERT INTO directories(packageName,authority,typeResourceId,displayName) VALUES('com.android.providers.contacts','com.android.contacts',1,NULL),
 ('com.android.providers.contacts','com.android.contacts',2,NULL);
CREATE TABLE _sync_state(_id INTEGER PRIMARY KEY, account_name TEXT NOT NULL, account_type TEXT NOT NULL, data TEXT);
CREATE VIEW view_settings AS SELECT _id AS account_id, account_name, account_type, data_set, ungrouped_visible, should_sync FROM accounts;
CREATE VIEW view_groups AS SELECT groups._id AS _id, groups.account_id AS account_id, accounts.account_name AS account_name,
 accounts.account_type AS account_type, accounts.data_set AS data_set,
 (CASE WHEN accounts.data_set IS NULL THEN accounts.account_type ELSE accounts.account_type||'/'||accounts.data_set END) AS account_type_and_data_set,
 sourceid, version, dirty, title, title_res, notes, system_id, deleted, group_visible, groups.should_sync AS should_sync, auto_add, favorites,
 group_is_read_only, sync1, sync2, sync3, sync4, packages.package AS res_package
 FROM groups JOIN accounts ON (groups.account_id=accounts._id) LEFT OUTER JOIN packages ON (groups.package_id=packages._id);
"""
_DATA_SEL = """is_primary, is_super_primary, data_version, data.package_id, package AS res_package, data.mimetype_id, mimetype AS mimetype,
 is_read_only, data1, data2, data3, data4, data5, data6, data7, data8, data9, data10, data11, data12, data13, data14, data15,
 carrier_presence, preferred_phone_account_component_name, preferred_phone_account_id, data_sync1, data_sync2, data_sync3, data_sync4"""
_SYNC_SEL = """raw_contacts.account_id, accounts.account_name AS account_name, accounts.account_type AS account_type, accounts.data_set AS data_set,
 (CASE WHEN accounts.data_set IS NULL THEN accounts.account_type ELSE accounts.account_type||'/'||accounts.data_set END) AS account_type_and_data_set,
 raw_contacts.sourceid AS sourceid, raw_contacts.backup_id AS backup_id, raw_contacts.version AS version, raw_contacts.dirty AS dirty,
 raw_contacts.sync1 AS sync1, raw_contacts.sync2 AS sync2, raw_contacts.sync3 AS sync3, raw_contacts.sync4 AS sync4"""
_NAMES = ", ".join("name_raw_contact.%s AS %s" % (c, c) for c in """display_name_source display_name display_name_alt phonetic_name
 phonetic_name_style sort_key phonebook_label phonebook_bucket sort_key_alt phonebook_label_alt phonebook_bucket_alt""".split())
_BASE = """has_phone_number, name_raw_contact_id, lookup, photo_id, photo_file_id, 1 AS in_visible_group, 1 AS in_default_directory,
 status_update_id, contacts.contact_last_updated_timestamp"""
_OPT = """contacts.custom_ringtone AS custom_ringtone, contacts.send_to_voicemail AS send_to_voicemail, 0 AS last_time_contacted,
 0 AS times_contacted, contacts.starred AS starred, contacts.pinned AS pinned"""
_GROUPJOIN = """LEFT OUTER JOIN groups ON (mimetypes.mimetype='vnd.android.cursor.item/group_membership' AND groups._id=data.data1)"""


def contacts_views(profile):
    p = "1" if profile else "0"
    return f"""
CREATE VIEW view_raw_entities AS SELECT contact_id, raw_contacts.deleted AS deleted, raw_contacts.metadata_dirty AS metadata_dirty, {_DATA_SEL},
 {_SYNC_SEL}, raw_contacts._id AS _id, data._id AS data_id, raw_contacts.starred AS starred, {p} AS raw_contact_is_user_profile,
 groups.sourceid AS group_sourceid FROM raw_contacts JOIN accounts ON (raw_contacts.account_id=accounts._id)
 LEFT OUTER JOIN data ON (data.raw_contact_id=raw_contacts._id) LEFT OUTER JOIN packages ON (data.package_id=packages._id)
 LEFT OUTER JOIN mimetypes ON (data.mimetype_id=mimetypes._id) {_GROUPJOIN};
CREATE VIEW view_raw_contacts AS SELECT raw_contacts._id AS _id, contact_id, aggregation_mode, raw_contact_is_read_only, deleted,
 raw_contacts.metadata_dirty, display_name_source, display_name, display_name_alt, phonetic_name, phonetic_name_style, sort_key, phonebook_label,
 phonebook_bucket, sort_key_alt, phonebook_label_alt, phonebook_bucket_alt, {p} AS raw_contact_is_user_profile, custom_ringtone, send_to_voicemail,
 0 AS last_time_contacted, 0 AS times_contacted, starred, pinned, {_SYNC_SEL} FROM raw_contacts JOIN accounts ON (raw_contacts.account_id=accounts._id);
CREATE VIEW view_contacts AS SELECT contacts._id AS _id, {_OPT}, {_NAMES}, {_BASE},
 CASE WHEN photo_file_id IS NULL THEN CASE WHEN photo_id IS NULL OR photo_id=0 THEN NULL ELSE 'content://com.android.contacts/contacts/'||contacts._id||'/photo' END
 ELSE 'content://com.android.contacts/display_photo/'||photo_file_id END AS photo_uri,
 CASE WHEN photo_id IS NULL OR photo_id=0 THEN NULL ELSE 'content://com.android.contacts/contacts/'||contacts._id||'/photo' END AS photo_thumb_uri,
 {p} AS is_user_profile FROM contacts JOIN raw_contacts AS name_raw_contact ON(name_raw_contact_id=name_raw_contact._id);
CREATE VIEW view_data AS SELECT data._id AS _id, hash_id, raw_contact_id, raw_contacts.contact_id AS contact_id, {_SYNC_SEL}, {_DATA_SEL}, {_OPT},
 {_NAMES}, {_BASE}, NULL AS photo_uri, NULL AS photo_thumb_uri, {p} AS raw_contact_is_user_profile, groups.sourceid AS group_sourceid
 FROM data JOIN mimetypes ON (data.mimetype_id=mimetypes._id) JOIN raw_contacts ON (data.raw_contact_id=raw_contacts._id)
 JOIN accounts ON (raw_contacts.account_id=accounts._id) JOIN contacts ON (raw_contacts.contact_id=contacts._id)
 JOIN raw_contacts AS name_raw_contact ON(name_raw_contact_id=name_raw_contact._id)
 LEFT OUTER JOIN packages ON (data.package_id=packages._id) {_GROUPJOIN};
"""


# Tables and views whose names are no column names: what SqlChecker refuses as tokens.
HIDDEN = set("""accounts contacts raw_contacts packages mimetypes groups deleted_contacts agg_exceptions directories view_settings view_groups
view_raw_entities view_raw_contacts view_contacts view_data view_entities photo_files stream_items stream_item_photos phone_lookup name_lookup
nickname_lookup visible_contacts status_updates data_usage_stat pre_authorized_uris properties search_index sqlite_master sqlite_sequence
android_metadata presence agg_presence _sync_state_metadata select""".split())

CALENDAR_SQL = """
CREATE TABLE Calendars(_id INTEGER PRIMARY KEY, account_name TEXT, account_type TEXT, _sync_id TEXT, dirty INTEGER, mutators TEXT, name TEXT,
 calendar_displayName TEXT, calendar_color INTEGER, calendar_color_index TEXT, calendar_access_level INTEGER, visible INTEGER NOT NULL DEFAULT 1,
 sync_events INTEGER NOT NULL DEFAULT 0, calendar_location TEXT, calendar_timezone TEXT, ownerAccount TEXT, isPrimary INTEGER,
 canOrganizerRespond INTEGER NOT NULL DEFAULT 1, canModifyTimeZone INTEGER DEFAULT 1, canPartiallyUpdate INTEGER DEFAULT 0,
 maxReminders INTEGER DEFAULT 5, allowedReminders TEXT DEFAULT '0,1', allowedAvailability TEXT DEFAULT '0,1', allowedAttendeeTypes TEXT DEFAULT '0,1,2',
 deleted INTEGER NOT NULL DEFAULT 0, %s);
CREATE TABLE Events(_id INTEGER PRIMARY KEY AUTOINCREMENT, _sync_id TEXT, dirty INTEGER, mutators TEXT, lastSynced INTEGER DEFAULT 0,
 calendar_id INTEGER NOT NULL, title TEXT, eventLocation TEXT, description TEXT, eventColor INTEGER, eventColor_index TEXT, eventStatus INTEGER,
 selfAttendeeStatus INTEGER NOT NULL DEFAULT 0, dtstart INTEGER, dtend INTEGER, eventTimezone TEXT, duration TEXT, allDay INTEGER NOT NULL DEFAULT 0,
 accessLevel INTEGER NOT NULL DEFAULT 0, availability INTEGER NOT NULL DEFAULT 0, hasAlarm INTEGER NOT NULL DEFAULT 0,
 hasExtendedProperties INTEGER NOT NULL DEFAULT 0, rrule TEXT, rdate TEXT, exrule TEXT, exdate TEXT, original_id INTEGER, original_sync_id TEXT,
 originalInstanceTime INTEGER, originalAllDay INTEGER, lastDate INTEGER, hasAttendeeData INTEGER NOT NULL DEFAULT 0,
 guestsCanModify INTEGER NOT NULL DEFAULT 0, guestsCanInviteOthers INTEGER NOT NULL DEFAULT 1, guestsCanSeeGuests INTEGER NOT NULL DEFAULT 1,
 organizer STRING, isOrganizer INTEGER, deleted INTEGER NOT NULL DEFAULT 0, eventEndTimezone TEXT, customAppPackage TEXT, customAppUri TEXT,
 uid2445 TEXT, %s);
CREATE TABLE Attendees(_id INTEGER PRIMARY KEY, event_id INTEGER, attendeeName TEXT, attendeeEmail TEXT, attendeeStatus INTEGER,
 attendeeRelationship INTEGER, attendeeType INTEGER, attendeeIdentity TEXT, attendeeIdNamespace TEXT);
CREATE TABLE Reminders(_id INTEGER PRIMARY KEY, event_id INTEGER, minutes INTEGER, method INTEGER NOT NULL DEFAULT 0);
CREATE TABLE ExtendedProperties(_id INTEGER PRIMARY KEY, event_id INTEGER, name TEXT, value TEXT);
CREATE TABLE Colors(_id INTEGER PRIMARY KEY, account_name TEXT NOT NULL, account_type TEXT NOT NULL, data TEXT, color_type INTEGER NOT NULL,
 color_index TEXT NOT NULL, color INTEGER NOT NULL);
CREATE TABLE CalendarCache(_id INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT);
CREATE TABLE _sync_state(_id INTEGER PRIMARY KEY, account_name TEXT NOT NULL, account_type TEXT NOT NULL, data TEXT);
INSERT INTO CalendarCache VALUES(1,'timezoneType','auto'),(2,'timezoneInstances','Europe/Berlin');
""" % (", ".join(c + " TEXT" for c in CAL_SYNC), ", ".join(c + " TEXT" for c in SYNC_DATA)) + """
CREATE VIEW view_events AS SELECT Events._id AS _id, title, description, eventLocation, eventColor, eventColor_index, eventStatus,
 selfAttendeeStatus, dtstart, dtend, duration, eventTimezone, eventEndTimezone, allDay, accessLevel, availability, hasAlarm,
 hasExtendedProperties, rrule, rdate, exrule, exdate, original_sync_id, original_id, originalInstanceTime, originalAllDay, lastDate,
 hasAttendeeData, calendar_id, guestsCanInviteOthers, guestsCanModify, guestsCanSeeGuests, organizer,
 COALESCE(isOrganizer, organizer = ownerAccount) AS isOrganizer, customAppPackage, customAppUri, uid2445, %s, Events.deleted AS deleted,
 Events._sync_id AS _sync_id, Events.dirty AS dirty, Events.mutators AS mutators, lastSynced, Calendars.account_name AS account_name,
 Calendars.account_type AS account_type, calendar_timezone, calendar_displayName, calendar_location, visible, calendar_color,
 calendar_color_index, calendar_access_level, maxReminders, allowedReminders, allowedAttendeeTypes, allowedAvailability, canOrganizerRespond,
 canModifyTimeZone, canPartiallyUpdate, isPrimary, %s, ownerAccount, sync_events, ifnull(eventColor,calendar_color) AS displayColor
 FROM Events JOIN Calendars ON (Events.calendar_id=Calendars._id);
""" % (", ".join(SYNC_DATA), ", ".join(CAL_SYNC))
TASKS_SQL = """
CREATE TABLE Tasks(%s);
CREATE TABLE TasksAccounts(_id INTEGER PRIMARY KEY, _sync_account TEXT, _sync_account_key INTEGER, _sync_account_type TEXT, url TEXT, displayName TEXT,
 selected INTEGER DEFAULT 1, sync_events INTEGER DEFAULT 1, color INTEGER);
INSERT INTO TasksAccounts(_sync_account,_sync_account_key,_sync_account_type,displayName) VALUES('My Task',0,'local','My Task'),
 ('m.lopez@firm.example',1,'com.google.android.gm.exchange','m.lopez@firm.example');
""" % ", ".join("%s %s" % kv for kv in TASK_COLUMNS.items())


def tokens(sql, single=False):
    """SqlChecker.findTokens: raises where AOSP's does."""
    bad = lambda m: ProviderError("com.android.providers.contacts.sqlite.SqlChecker$InvalidSqlException", "%s in '%s'" % (m, sql))
    pos, out = 0, []
    while pos < len(sql):
        ch = sql[pos]
        m = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").match(sql, pos)
        if m:
            out.append(m.group())
            pos = m.end()
            continue
        if ch in "'\"`":
            start = pos
            pos += 1
            while True:
                pos = sql.find(ch, pos)
                if pos < 0:
                    raise bad("Unterminated quote")
                if sql[pos + 1:pos + 2] != ch:
                    break
                pos += 2
            if ch != "'":
                out.append(sql[start + 1:pos].replace(ch * 2, ch))
            elif single:
                raise bad("Non-token detected")
            pos += 1
            continue
        if ch == "[":
            end = sql.find("]", pos)
            if end < 0:
                raise bad("Unterminated quote")
            out.append(sql[pos + 1:end])
            pos = end + 1
            continue
        if single:
            raise bad("Non-token detected")
        if sql.startswith("--", pos):
            pos = sql.find("\n", pos)
            if pos < 0:
                raise bad("Unterminated comment")
        elif sql.startswith("/*", pos):
            pos = sql.find("*/", pos + 2)
            if pos < 0:
                raise bad("Unterminated comment")
            pos += 1
        elif ch == ";":
            raise bad("Semicolon is not allowed")
        pos += 1
    for t in out:
        if t.lower() in HIDDEN or t.lower().startswith("x_"):
            raise bad("Detected disallowed token: " + t)
    if single and len(out) != 1:
        raise bad("Multiple tokens detected" if out else "Token not found")


def java_float(v):
    f = struct.unpack("<f", struct.pack("<f", v))[0]
    if f == 0 or 1e-3 <= abs(f) < 1e7:
        for d in range(1, 10):
            s = "%.*g" % (d, f)
            if struct.unpack("<f", struct.pack("<f", float(s)))[0] == f:
                break
        s = repr(float(s))
        return s if "." in s else s + ".0"
    for d in range(0, 9):
        s = "%.*E" % (d, f)
        if struct.unpack("<f", struct.pack("<f", float(s)))[0] == f:
            break
    m, e = s.split("E")
    return (m if "." in m else m + ".0") + "E" + str(int(e))


class Database:
    """A shared in-memory SQLite database; every thread gets its own connection."""
    count = 0

    def __init__(self, script):
        Database.count += 1
        self.uri = "file:peer%d?mode=memory&cache=shared" % Database.count
        self.keep = self.connect()
        self.keep.executescript(script)

    def connect(self):
        c = sqlite3.connect(self.uri, uri=True, check_same_thread=False)
        c.text_factory = bytes
        c.create_function("jfloat", 1, java_float, deterministic=True)
        c.create_collation("LOCALIZED", lambda a, b: (a > b) - (a < b))
        c.create_collation("PHONEBOOK", lambda a, b: (a > b) - (a < b))
        c.execute("PRAGMA read_uncommitted=1")
        return c


class Providers:
    """All providers of one Android user."""

    def __init__(self, owner, api, samsung=True, files=()):
        self.api = api
        self.contacts_maps = contacts_maps(api)
        self.contacts = Database(CONTACTS_SQL + contacts_views(False))
        self.profile = Database(CONTACTS_SQL + contacts_views(True))
        self.calendar = Database(CALENDAR_SQL + (TASKS_SQL if samsung else ""))
        self.media = Database("""CREATE TABLE files(_id INTEGER PRIMARY KEY, _data TEXT, _size INTEGER, date_added INTEGER, date_modified INTEGER,
            datetaken INTEGER, mime_type TEXT, media_type INTEGER, title TEXT, _display_name TEXT, bucket_display_name TEXT, bucket_id TEXT,
            relative_path TEXT, volume_name TEXT, orientation INTEGER, width INTEGER, height INTEGER, duration INTEGER, is_pending INTEGER DEFAULT 0,
            is_trashed INTEGER DEFAULT 0, is_favorite INTEGER DEFAULT 0, date_expires INTEGER, parent INTEGER, format INTEGER,
            owner_package_name TEXT);""")
        self.telephony = Database(messages.SCRIPT)
        owner.messages.fill(self.telephony.keep)
        self.samsung = samsung
        self.sim = owner.sim
        self._fill(owner, files)
        self.cache, self.lock = {}, threading.Lock()

    def _fill(self, o, files):
        c = self.contacts.keep
        c.executemany("INSERT INTO accounts(_id,account_name,account_type,data_set) VALUES(?,?,?,?)",
                      [(a["id"], a["name"], a["type"], a["data_set"]) for a in o.accounts])
        c.executemany("INSERT INTO groups(_id,account_id,sourceid,title,notes,system_id,deleted,auto_add,favorites) VALUES(?,?,?,?,?,?,?,?,?)",
                      [(g["id"], g["account_id"], g["sourceid"], g["title"], g["notes"], g["system_id"], g["deleted"], g["auto_add"], g["favorites"]) for g in o.groups])
        c.executemany("INSERT INTO contacts(_id,name_raw_contact_id,starred,lookup,contact_last_updated_timestamp,has_phone_number) VALUES(?,?,?,?,?,1)",
                      [(x["id"], x["raws"][0], x["starred"], "0r%d-%X" % (x["raws"][0], x["id"] * 4421), 1700000000000 + x["id"] * 1000) for x in o.contacts])
        self._raws(c, o.raws)
        c.executemany("INSERT INTO deleted_contacts VALUES(?,?)", [(900001, 1760000000000), (900002, 1760000100000)])
        c.commit()
        p = self.profile.keep
        p.execute("INSERT INTO accounts(_id) VALUES(1)")
        p.execute("INSERT INTO contacts(_id,name_raw_contact_id) VALUES(?,?)", (o.profile["contact_id"], o.profile["id"]))
        self._raws(p, [dict(id=o.profile["id"], contact_id=o.profile["contact_id"], account_id=1, deleted=0, rows=o.profile["rows"], starred=0,
                            sourceid=None, display_name=o.profile["rows"][0]["data1"], dirty=0, version=3, sync1=None, sync2=None, sync3=None, sync4=None)])
        p.commit()
        k = self.calendar.keep
        k.executemany("""INSERT INTO Calendars(_id,account_name,account_type,name,calendar_displayName,calendar_color,calendar_access_level,
            calendar_timezone,ownerAccount,sync_events) VALUES(?,?,?,?,?,?,?,?,?,1)""",
                      [(x["id"], x["account_name"], x["account_type"], x["name"], x["display"], x["color"], x["access"], x["tz"], x["owner"]) for x in o.calendars])
        k.executemany("""INSERT INTO Events(_id,_sync_id,calendar_id,title,eventLocation,description,eventColor,eventStatus,dtstart,dtend,eventTimezone,
            duration,allDay,accessLevel,availability,hasAlarm,rrule,rdate,exrule,exdate,original_id,original_sync_id,originalInstanceTime,originalAllDay,
            organizer,deleted,eventEndTimezone,customAppUri,uid2445,dirty,hasAttendeeData) VALUES(""" + ",".join("?" * 31) + ")",
                      [(e["id"], e["sync_id"], e["calendar_id"], e["title"], e["location"], e["description"], e["color"], e["status"], e["dtstart"],
                        e["dtend"], e["tz"], e["duration"], e["all_day"], e["access"], e["availability"], e["has_alarm"], e["rrule"], e["rdate"],
                        e["exrule"], e["exdate"], e["original_id"], e["original_sync_id"], e["original_time"], e["original_all_day"], e["organizer"],
                        e["deleted"], e["end_tz"], e["app_uri"], e["uid"], e["deleted"], 1) for e in o.events])
        k.executemany("INSERT INTO Reminders VALUES(?,?,?,?)", [(x["id"], x["event"], x["minutes"], x["method"]) for x in o.reminders])
        k.executemany("INSERT INTO Attendees VALUES(?,?,?,?,?,?,?,NULL,NULL)",
                      [(x["id"], x["event"], x["name"], x["email"], x["status"], x["rel"], x["type"]) for x in o.attendees])
        k.executemany("INSERT INTO ExtendedProperties(event_id,name,value) VALUES(?,?,?)", [(x["event"], x["name"], x["value"]) for x in o.extended])
        if self.samsung:
            cols = list(TASK_COLUMNS)
            k.executemany("INSERT INTO Tasks(%s) VALUES(%s)" % (",".join(cols), ",".join("?" * len(cols))), [[t[n] for n in cols] for t in o.tasks])
        k.commit()
        m = self.media.keep
        m.executemany("""INSERT INTO files(_data,_size,date_added,date_modified,datetaken,mime_type,media_type,title,_display_name,bucket_display_name,
            relative_path,volume_name) VALUES(?,?,?,?,?,?,?,?,?,?,?,'external_primary')""", files)
        m.commit()

    def _raws(self, c, raws):
        mimes = {}
        for raw in raws:
            for row in raw["rows"]:
                mimes.setdefault(row["mimetype"], len(mimes) + 1)
        c.executemany("INSERT INTO mimetypes(_id,mimetype) VALUES(?,?)", [(v, k) for k, v in mimes.items()])
        c.executemany("""INSERT INTO raw_contacts(_id,account_id,sourceid,version,dirty,deleted,contact_id,aggregation_mode,starred,display_name,
            display_name_alt,sort_key,sort_key_alt,display_name_source,sync1) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,40,?)""",
                      [(x["id"], x["account_id"], x["sourceid"], x["version"], x["dirty"], x["deleted"], x["contact_id"], 3 if x["deleted"] else 0,
                        x["starred"], x["display_name"], x["display_name"], x["display_name"], x["display_name"], x["sync1"]) for x in raws])
        names = ["data%d" % k for k in range(1, 16)]
        c.executemany("INSERT INTO data(_id,raw_contact_id,mimetype_id,is_primary,is_super_primary,%s) VALUES(%s)" % (",".join(names), ",".join("?" * 20)),
                      [[row["data_id"], x["id"], mimes[row["mimetype"]], row["is_primary"], row["is_super_primary"]] + [row[n] for n in names]
                       for x in raws for row in x["rows"]])

    # ------------------------------------------------------------------ queries
    def query(self, uri, projection, where, sort):
        """Yields chunks of the content tool's stdout; raises ProviderError before or in the middle."""
        key = (uri, tuple(projection) if projection else None, where, sort)
        with self.lock:
            hit = self.cache.get(key)
        if hit is not None:
            yield from hit
            return
        kept, size = [], 0
        for chunk in self._query(uri, projection, where, sort):
            size += len(chunk)
            if kept is not None:
                kept.append(chunk)
                if size > 256 << 20:
                    kept = None
            yield chunk
        if kept is not None:
            with self.lock:
                self.cache[key] = kept

    def _query(self, uri, projection, where, sort):
        u = urllib.parse.urlsplit(uri)
        path = [urllib.parse.unquote(x) for x in u.path.split("/") if x]
        params = dict(urllib.parse.parse_qsl(u.query, keep_blank_values=True))
        illegal = lambda m: ProviderError("java.lang.IllegalArgumentException", m)
        if u.netloc in ("com.android.contacts", "contacts"):
            db, sql, args = self._contacts_sql(path, params, projection, where, sort, uri)
            if db is None:
                yield sql
                return
        elif u.netloc == "com.android.calendar":
            for p in params:
                if p not in ("caller_is_syncadapter", "account_name", "account_type"):
                    raise illegal("Invalid URI parameter: " + p)
            if path and path[0] in ("syncTasks", "TasksAccounts", "tasks") and self.samsung and len(path) == 1:
                db, args = self.calendar, []
                sql = self._build({"syncTasks": "Tasks", "tasks": "Tasks", "TasksAccounts": "TasksAccounts"}[path[0]], None, None, projection, where, sort, False)
            else:
                if not path or path[0] not in CALENDAR or len(path) > 2 or (len(path) == 2 and not path[1].isdigit()):
                    raise illegal("Unknown URL " + uri)
                table, mapping, base = CALENDAR[path[0]]
                if mapping is not None:
                    mapping = {k: v for k, v in mapping.items() if SINCE_CAL.get(k, 0) <= self.api}
                args = []
                if len(path) == 2:
                    args = [path[1]]
                    base = {"attendees": "Attendees._id=? AND Events._id=Attendees.event_id AND Events.calendar_id=Calendars._id",
                            "extendedproperties": "ExtendedProperties._id=?", "reminders": "Reminders._id=?"}.get(path[0], "_id=?")
                db = self.calendar
                sql = self._build(table, mapping, base, projection, where, sort, False)
        elif u.netloc == "icc" and path and path[0] in ("adn", "fdn", "sdn"):
            rows = self.sim if path[0] == "adn" else []
            if not rows:
                yield b"No result found.\n"
            for i, (name, number, emails, ident) in enumerate(rows):
                yield ("Row: %d name=%s, number=%s, emails=%s, _id=%d\n" % (i, name, number, emails, ident)).encode()
            return
        elif u.netloc in ("sms", "mms"):
            source = messages.table(u.netloc, path)
            if source is None:
                yield b"No result found.\n"
                return
            db, args = self.telephony, []
            sql = self._build(source[0], None, source[1], projection, where, sort, False)
            if u.netloc == "mms":
                # MmsProvider logs what SQLite says, and returns no cursor.
                try:
                    yield from self._run(db, sql, args)
                except ProviderError:
                    yield b"No result found.\n"
                return
        elif u.netloc == "media" and len(path) >= 2 and path[0].startswith("external"):
            base = {"file": None, "images": "media_type=1", "video": "media_type=3", "audio": "media_type=2"}.get(path[1], "x")
            if base == "x":
                raise ProviderError("java.lang.IllegalStateException", "Unknown URL: " + uri)
            cols = [r[1].decode() for r in self.media.connect().execute("PRAGMA table_info(files)")]
            db, args = self.media, []
            sql = self._build("files", same(cols), base, projection, where, sort, True)
        else:
            raise ProviderError("java.lang.IllegalStateException", "Could not find provider: " + u.netloc)
        yield from self._run(db, sql, args)

    def _contacts_sql(self, path, params, projection, where, sort, uri):
        illegal = lambda m: ProviderError("java.lang.IllegalArgumentException", m)
        db = self.contacts
        if path and path[0] == "profile":
            db = self.profile
            path = path[1:] or ["contacts"]
            if path[0] not in ("contacts", "data", "raw_contacts", "raw_contact_entities", "entities"):
                raise illegal("Unknown URL " + uri)
        args, base = [], "1"
        if len(path) == 2 and path[1].isdigit():
            args, base = [path[1]], "1 AND _id=?"
        elif len(path) == 3 and path[0] == "raw_contacts" and path[2] == "entity":
            args, base, path = [path[1]], "1 AND _id=?", ["raw_contact_entities"]
        elif len(path) == 3 and path[0] == "raw_contacts" and path[2] == "data":
            args, base, path = [path[1]], "1 AND raw_contact_id=?", ["data"]
        elif len(path) != 1:
            raise illegal("Unknown URL " + uri)
        if path[0] not in self.contacts_maps:
            raise illegal("Unknown URL " + uri)
        table, mapping = self.contacts_maps[path[0]]
        if self.api >= 26:
            for p in projection or []:
                tokens(p, True)
            for piece in (where, sort):
                if piece is not None:
                    tokens(piece)
        if table is None:
            cols = projection or ["status", "database_creation_timestamp"]
            vals = {"status": "0", "database_creation_timestamp": "1600000000000"}
            return None, ("Row: 0 " + ", ".join("%s=%s" % (c, vals.get(c, "NULL")) for c in cols) + "\n").encode(), []
        if params.get("account_name") and params.get("account_type"):
            row = db.connect().execute("SELECT _id FROM accounts WHERE account_name=? AND account_type=?",
                                       (params["account_name"], params["account_type"])).fetchone()
            base = ("(account_id=%d)" % row[0] if row else "(1=2)") + (" AND _id=?" if args else "")
        return db, self._build(table, mapping, base, projection, where, sort, True), args

    def _build(self, table, mapping, base, projection, where, sort, strict):
        if projection == ["_count"] and mapping is not None:
            mapping = {"_count": "COUNT(*) AS _count"}
        if not projection:
            cols = java_order([k for k in mapping if k != "_count"]) if mapping is not None else None
        else:
            cols = projection
        out = []
        for c in cols or []:
            if mapping is None:
                out.append(c)
                continue
            m = re.fullmatch(r"(?i)(AVG|COUNT|MAX|MIN|SUM|TOTAL|GROUP_CONCAT)\((.+)\)", c) if self.api >= 29 else None
            e = mapping.get(c)
            if e is not None:
                out.append(e if e == c or " AS " in e else e + " AS " + c)
            elif m and m.group(2) in mapping:
                out.append("%s(%s)" % (m.group(1), m.group(2)))
            elif not strict and (" AS " in c or " as " in c):
                out.append(c)
            else:
                raise ProviderError("java.lang.IllegalArgumentException", "Invalid column " + c)
        sql = "SELECT %s FROM %s" % (", ".join(out) if out else "*", table)
        parts = []
        if base:
            parts.append("(%s)" % base)
        if where:
            parts.append("(%s)" % where)
        if parts:
            sql += " WHERE " + " AND ".join(parts)
        if sort:
            sql += " ORDER BY " + sort
        return sql

    def _run(self, db, sql, args):
        c = db.connect()
        try:
            try:
                probe = c.execute(sql, args)
            except (sqlite3.Error, sqlite3.Warning) as e:
                raise ProviderError("android.database.sqlite.SQLiteException", "%s (code 1 SQLITE_ERROR): , while compiling: %s" % (e, sql))
            names = [d[0] for d in probe.description]
            probe.close()
            low = [n.lower() for n in names]
            integer = "((c%d + 2147483648) & 4294967295) - 2147483648" if self.api < 21 else "c%d"
            exprs = []
            for k, n in enumerate(names):
                f = low.index(low[k])
                exprs.append("'%s%s='||CASE typeof(c%d) WHEN 'null' THEN 'NULL' WHEN 'text' THEN c%d WHEN 'integer' THEN %s WHEN 'blob' THEN 'BLOB' "
                             "ELSE jfloat(c%d) END" % (", " if k else "", n.replace("'", "''"), f, f, integer % f, f))
            full = "WITH q(%s) AS (%s) SELECT %s FROM q" % (",".join("c%d" % k for k in range(len(names))), sql, "||".join(exprs))
            cur = c.execute(full, args)
            n = 0
            while True:
                rows = cur.fetchmany(1000)
                if not rows:
                    break
                yield b"".join([b"Row: %d %b\n" % (k, r[0]) for k, r in enumerate(rows, n)])
                n += len(rows)
            if n == 0:
                yield b"No reuslt found.\n" if self.api <= 17 else b"No result found.\n"
        finally:
            c.close()
