//! Tables and views in the form of AOSP's `ContactsDatabaseHelper` and `CalendarDatabaseHelper`, as far as queries
//! can see them. Indexes are created after the rows.

/// Schema of `contacts2.db` and `profile.db`. `profile` is true for the latter.
pub(in crate::practice::android) fn contacts(profile: bool) -> String {
    let profile = u8::from(profile);
    let account = "accounts.account_name AS account_name, accounts.account_type AS account_type, \
        accounts.data_set AS data_set, (CASE WHEN accounts.data_set IS NULL THEN accounts.account_type \
        ELSE accounts.account_type||'/'||accounts.data_set END) AS account_type_and_data_set";
    let sync = format!(
        "raw_contacts.account_id, {account}, raw_contacts.sourceid AS sourceid, \
         raw_contacts.backup_id AS backup_id, raw_contacts.version AS version, \
         raw_contacts.dirty AS dirty, raw_contacts.sync1 AS sync1, raw_contacts.sync2 AS sync2, \
         raw_contacts.sync3 AS sync3, raw_contacts.sync4 AS sync4"
    );
    let data = "is_primary, is_super_primary, data_version, data.package_id, package AS res_package, \
        data.mimetype_id, mimetype AS mimetype, is_read_only, data1, data2, data3, data4, data5, data6, \
        data7, data8, data9, data10, data11, data12, data13, data14, data15, carrier_presence, \
        preferred_phone_account_component_name, preferred_phone_account_id, data_sync1, data_sync2, \
        data_sync3, data_sync4";
    let names = "name_raw_contact.display_name_source AS display_name_source, \
        name_raw_contact.display_name AS display_name, \
        name_raw_contact.display_name_alt AS display_name_alt, \
        name_raw_contact.phonetic_name AS phonetic_name, \
        name_raw_contact.phonetic_name_style AS phonetic_name_style, \
        name_raw_contact.sort_key AS sort_key, name_raw_contact.phonebook_label AS phonebook_label, \
        name_raw_contact.phonebook_bucket AS phonebook_bucket, \
        name_raw_contact.sort_key_alt AS sort_key_alt, \
        name_raw_contact.phonebook_label_alt AS phonebook_label_alt, \
        name_raw_contact.phonebook_bucket_alt AS phonebook_bucket_alt";
    let base = "has_phone_number, name_raw_contact_id, lookup, photo_id, photo_file_id, \
        CAST(EXISTS (SELECT _id FROM visible_contacts WHERE contacts._id=visible_contacts._id) \
        AS INTEGER) AS in_visible_group, \
        CAST(EXISTS (SELECT _id FROM default_directory WHERE contacts._id=default_directory._id) \
        AS INTEGER) AS in_default_directory, status_update_id, contacts.contact_last_updated_timestamp";
    let options = "contacts.custom_ringtone AS custom_ringtone, \
        contacts.send_to_voicemail AS send_to_voicemail, 0 AS x_last_time_contacted, \
        0 AS x_times_contacted, 0 AS last_time_contacted, 0 AS times_contacted, \
        contacts.starred AS starred, contacts.pinned AS pinned";
    let photos = |id: &str| {
        format!(
            "(CASE WHEN photo_file_id IS NULL THEN (CASE WHEN photo_id IS NULL OR photo_id=0 THEN NULL \
             ELSE 'content://com.android.contacts/contacts/'||{id}||'/photo' END) \
             ELSE 'content://com.android.contacts/display_photo/'||photo_file_id END) AS photo_uri, \
             (CASE WHEN photo_id IS NULL OR photo_id=0 THEN NULL \
             ELSE 'content://com.android.contacts/contacts/'||{id}||'/photo' END) AS photo_thumb_uri"
        )
    };
    let of_contact = photos("contacts._id");
    let of_raw = photos("raw_contacts.contact_id");
    let group = "LEFT OUTER JOIN groups ON (mimetypes.mimetype=\
        'vnd.android.cursor.item/group_membership' AND groups._id=data.data1)";
    format!(
        "
CREATE TABLE accounts (_id INTEGER PRIMARY KEY AUTOINCREMENT, account_name TEXT, account_type TEXT,
  data_set TEXT, sim_slot_index INTEGER, sim_ef_type INTEGER,
  ungrouped_visible INTEGER NOT NULL DEFAULT 0, should_sync INTEGER NOT NULL DEFAULT 1,
  is_default INTEGER NOT NULL DEFAULT 0);
CREATE TABLE contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, name_raw_contact_id INTEGER,
  photo_id INTEGER, photo_file_id INTEGER, custom_ringtone TEXT,
  send_to_voicemail INTEGER NOT NULL DEFAULT 0, x_times_contacted INTEGER NOT NULL DEFAULT 0,
  x_last_time_contacted INTEGER, times_contacted INTEGER NOT NULL DEFAULT 0,
  last_time_contacted INTEGER, starred INTEGER NOT NULL DEFAULT 0, pinned INTEGER NOT NULL DEFAULT 0,
  has_phone_number INTEGER NOT NULL DEFAULT 0, lookup TEXT, status_update_id INTEGER,
  contact_last_updated_timestamp INTEGER);
CREATE TABLE deleted_contacts (contact_id INTEGER PRIMARY KEY,
  contact_deleted_timestamp INTEGER NOT NULL DEFAULT 0);
CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER, sourceid TEXT,
  backup_id TEXT, raw_contact_is_read_only INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1, dirty INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0, metadata_dirty INTEGER NOT NULL DEFAULT 0, contact_id INTEGER,
  aggregation_mode INTEGER NOT NULL DEFAULT 0, aggregation_needed INTEGER NOT NULL DEFAULT 1,
  custom_ringtone TEXT, send_to_voicemail INTEGER NOT NULL DEFAULT 0,
  x_times_contacted INTEGER NOT NULL DEFAULT 0, x_last_time_contacted INTEGER,
  times_contacted INTEGER NOT NULL DEFAULT 0, last_time_contacted INTEGER,
  starred INTEGER NOT NULL DEFAULT 0, pinned INTEGER NOT NULL DEFAULT 0, display_name TEXT,
  display_name_alt TEXT, display_name_source INTEGER NOT NULL DEFAULT 0, phonetic_name TEXT,
  phonetic_name_style TEXT, sort_key TEXT, phonebook_label TEXT, phonebook_bucket INTEGER,
  sort_key_alt TEXT, phonebook_label_alt TEXT, phonebook_bucket_alt INTEGER,
  name_verified INTEGER NOT NULL DEFAULT 0, sync1 TEXT, sync2 TEXT, sync3 TEXT, sync4 TEXT);
CREATE TABLE packages (_id INTEGER PRIMARY KEY AUTOINCREMENT, package TEXT NOT NULL);
CREATE TABLE mimetypes (_id INTEGER PRIMARY KEY AUTOINCREMENT, mimetype TEXT NOT NULL);
CREATE TABLE data (_id INTEGER PRIMARY KEY AUTOINCREMENT, package_id INTEGER,
  mimetype_id INTEGER NOT NULL, raw_contact_id INTEGER NOT NULL, hash_id TEXT,
  is_read_only INTEGER NOT NULL DEFAULT 0, is_primary INTEGER NOT NULL DEFAULT 0,
  is_super_primary INTEGER NOT NULL DEFAULT 0, data_version INTEGER NOT NULL DEFAULT 0, data1 TEXT,
  data2 TEXT, data3 TEXT, data4 TEXT, data5 TEXT, data6 TEXT, data7 TEXT, data8 TEXT, data9 TEXT,
  data10 TEXT, data11 TEXT, data12 TEXT, data13 TEXT, data14 TEXT, data15 TEXT, data_sync1 TEXT,
  data_sync2 TEXT, data_sync3 TEXT, data_sync4 TEXT, carrier_presence INTEGER NOT NULL DEFAULT 0,
  is_phone_account_migration_pending INTEGER NOT NULL DEFAULT 0,
  preferred_phone_account_component_name TEXT, preferred_phone_account_id TEXT);
CREATE TABLE groups (_id INTEGER PRIMARY KEY AUTOINCREMENT, package_id INTEGER, account_id INTEGER,
  sourceid TEXT, version INTEGER NOT NULL DEFAULT 1, dirty INTEGER NOT NULL DEFAULT 0, title TEXT,
  title_res INTEGER, notes TEXT, system_id TEXT, deleted INTEGER NOT NULL DEFAULT 0,
  group_visible INTEGER NOT NULL DEFAULT 0, should_sync INTEGER NOT NULL DEFAULT 1,
  auto_add INTEGER NOT NULL DEFAULT 0, favorites INTEGER NOT NULL DEFAULT 0,
  group_is_read_only INTEGER NOT NULL DEFAULT 0, sync1 TEXT, sync2 TEXT, sync3 TEXT, sync4 TEXT);
CREATE TABLE agg_exceptions (_id INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER NOT NULL,
  raw_contact_id1 INTEGER, raw_contact_id2 INTEGER);
CREATE TABLE visible_contacts (_id INTEGER PRIMARY KEY);
CREATE TABLE default_directory (_id INTEGER PRIMARY KEY);
CREATE VIEW view_data AS SELECT data._id AS _id, hash_id, raw_contact_id,
  raw_contacts.contact_id AS contact_id, {sync}, {data}, {options}, {names}, {base}, {of_raw},
  {profile} AS raw_contact_is_user_profile, groups.sourceid AS group_sourceid
  FROM data JOIN mimetypes ON (data.mimetype_id=mimetypes._id)
  JOIN raw_contacts ON (data.raw_contact_id=raw_contacts._id)
  JOIN accounts ON (raw_contacts.account_id=accounts._id)
  JOIN contacts ON (raw_contacts.contact_id=contacts._id)
  JOIN raw_contacts AS name_raw_contact ON (name_raw_contact_id=name_raw_contact._id)
  LEFT OUTER JOIN packages ON (data.package_id=packages._id) {group};
CREATE VIEW view_raw_contacts AS SELECT raw_contacts._id AS _id, contact_id, aggregation_mode,
  raw_contact_is_read_only, deleted, raw_contacts.metadata_dirty, display_name_source, display_name,
  display_name_alt, phonetic_name, phonetic_name_style, sort_key, phonebook_label, phonebook_bucket,
  sort_key_alt, phonebook_label_alt, phonebook_bucket_alt, {profile} AS raw_contact_is_user_profile,
  custom_ringtone, send_to_voicemail, 0 AS x_last_time_contacted, 0 AS last_time_contacted,
  0 AS x_times_contacted, 0 AS times_contacted, starred, pinned, {sync}
  FROM raw_contacts JOIN accounts ON (raw_contacts.account_id=accounts._id);
CREATE VIEW view_contacts AS SELECT contacts._id AS _id, {options}, {names}, {base}, {of_contact},
  {profile} AS is_user_profile FROM contacts
  JOIN raw_contacts AS name_raw_contact ON (name_raw_contact_id=name_raw_contact._id);
CREATE VIEW view_raw_entities AS SELECT contact_id, raw_contacts.deleted AS deleted,
  raw_contacts.metadata_dirty, {data}, {sync}, raw_contacts._id AS _id, data._id AS data_id,
  raw_contacts.starred AS starred, {profile} AS raw_contact_is_user_profile,
  groups.sourceid AS group_sourceid
  FROM raw_contacts JOIN accounts ON (raw_contacts.account_id=accounts._id)
  LEFT OUTER JOIN data ON (data.raw_contact_id=raw_contacts._id)
  LEFT OUTER JOIN packages ON (data.package_id=packages._id)
  LEFT OUTER JOIN mimetypes ON (data.mimetype_id=mimetypes._id) {group};
CREATE VIEW view_groups AS SELECT groups._id AS _id, groups.account_id AS account_id, {account},
  sourceid, version, dirty, title, title_res, notes, system_id, deleted, group_visible,
  groups.should_sync AS should_sync, auto_add, favorites, group_is_read_only, sync1, sync2, sync3,
  sync4, package AS res_package FROM groups JOIN accounts ON (groups.account_id=accounts._id)
  LEFT OUTER JOIN packages ON (groups.package_id=packages._id);
CREATE VIEW view_settings AS SELECT accounts._id AS account_id, accounts.account_name AS account_name,
  accounts.account_type AS account_type, accounts.data_set AS data_set, ungrouped_visible, should_sync
  FROM accounts;
"
    )
}

/// Indexes of `contacts2.db`.
pub(in crate::practice::android) const CONTACTS_INDEXES: &str = "
CREATE INDEX raw_contacts_contact_id_index ON raw_contacts (contact_id);
CREATE UNIQUE INDEX mime_type ON mimetypes (mimetype);
CREATE INDEX data_raw_contact_id ON data (raw_contact_id);
";

/// Schema of `calendar.db`.
pub(in crate::practice::android) fn calendar() -> String {
    let ten = |prefix: &str| -> String {
        (1..=10)
            .map(|number| format!(", {prefix}{number} TEXT"))
            .collect()
    };
    let list = |prefix: &str| -> String {
        (1..=10)
            .map(|number| format!(", {prefix}{number}"))
            .collect()
    };
    let (sync_data, cal_sync) = (ten("sync_data"), ten("cal_sync"));
    let (sync_datas, cal_syncs) = (list("sync_data"), list("cal_sync"));
    format!(
        "
CREATE TABLE Colors (_id INTEGER PRIMARY KEY, account_name TEXT NOT NULL, account_type TEXT NOT NULL,
  data TEXT, color_type INTEGER NOT NULL, color_index TEXT NOT NULL, color INTEGER NOT NULL);
CREATE TABLE Calendars (_id INTEGER PRIMARY KEY, account_name TEXT, account_type TEXT, _sync_id TEXT,
  dirty INTEGER, mutators TEXT, name TEXT, calendar_displayName TEXT, calendar_color INTEGER,
  calendar_color_index TEXT, calendar_access_level INTEGER, visible INTEGER NOT NULL DEFAULT 1,
  sync_events INTEGER NOT NULL DEFAULT 0, calendar_location TEXT, calendar_timezone TEXT,
  ownerAccount TEXT, isPrimary INTEGER, canOrganizerRespond INTEGER NOT NULL DEFAULT 1,
  canModifyTimeZone INTEGER DEFAULT 1, canPartiallyUpdate INTEGER DEFAULT 0,
  maxReminders INTEGER DEFAULT 5, allowedReminders TEXT DEFAULT '0,1',
  allowedAvailability TEXT DEFAULT '0,1', allowedAttendeeTypes TEXT DEFAULT '0,1,2',
  deleted INTEGER NOT NULL DEFAULT 0{cal_sync});
CREATE TABLE Events (_id INTEGER PRIMARY KEY AUTOINCREMENT, _sync_id TEXT, dirty INTEGER, mutators TEXT,
  lastSynced INTEGER DEFAULT 0, calendar_id INTEGER NOT NULL, title TEXT, eventLocation TEXT,
  description TEXT, eventColor INTEGER, eventColor_index TEXT, eventStatus INTEGER,
  selfAttendeeStatus INTEGER NOT NULL DEFAULT 0, dtstart INTEGER, dtend INTEGER, eventTimezone TEXT,
  duration TEXT, allDay INTEGER NOT NULL DEFAULT 0, accessLevel INTEGER NOT NULL DEFAULT 0,
  availability INTEGER NOT NULL DEFAULT 0, hasAlarm INTEGER NOT NULL DEFAULT 0,
  hasExtendedProperties INTEGER NOT NULL DEFAULT 0, rrule TEXT, rdate TEXT, exrule TEXT, exdate TEXT,
  original_id INTEGER, original_sync_id TEXT, originalInstanceTime INTEGER, originalAllDay INTEGER,
  lastDate INTEGER, hasAttendeeData INTEGER NOT NULL DEFAULT 0,
  guestsCanModify INTEGER NOT NULL DEFAULT 0, guestsCanInviteOthers INTEGER NOT NULL DEFAULT 1,
  guestsCanSeeGuests INTEGER NOT NULL DEFAULT 1, organizer STRING, isOrganizer INTEGER,
  deleted INTEGER NOT NULL DEFAULT 0, eventEndTimezone TEXT, customAppPackage TEXT, customAppUri TEXT,
  uid2445 TEXT{sync_data});
CREATE TABLE Attendees (_id INTEGER PRIMARY KEY, event_id INTEGER, attendeeName TEXT,
  attendeeEmail TEXT, attendeeStatus INTEGER, attendeeRelationship INTEGER, attendeeType INTEGER,
  attendeeIdentity TEXT, attendeeIdNamespace TEXT);
CREATE TABLE Reminders (_id INTEGER PRIMARY KEY, event_id INTEGER, minutes INTEGER,
  method INTEGER NOT NULL DEFAULT 0);
CREATE TABLE ExtendedProperties (_id INTEGER PRIMARY KEY, event_id INTEGER, name TEXT, value TEXT);
CREATE VIEW view_events AS SELECT Events._id AS _id, title, description, eventLocation, eventColor,
  eventColor_index, eventStatus, selfAttendeeStatus, dtstart, dtend, duration, eventTimezone,
  eventEndTimezone, allDay, accessLevel, availability, hasAlarm, hasExtendedProperties, rrule, rdate,
  exrule, exdate, original_sync_id, original_id, originalInstanceTime, originalAllDay, lastDate,
  hasAttendeeData, calendar_id, guestsCanInviteOthers, guestsCanModify, guestsCanSeeGuests, organizer,
  COALESCE(isOrganizer, organizer = ownerAccount) AS isOrganizer, customAppPackage, customAppUri,
  uid2445{sync_datas}, Events.deleted AS deleted, Events._sync_id AS _sync_id, Events.dirty AS dirty,
  Events.mutators AS mutators, lastSynced, Calendars.account_name AS account_name,
  Calendars.account_type AS account_type, calendar_timezone, calendar_displayName, calendar_location,
  visible, calendar_color, calendar_color_index, calendar_access_level, maxReminders,
  allowedReminders, allowedAttendeeTypes, allowedAvailability, canOrganizerRespond, canModifyTimeZone,
  canPartiallyUpdate, isPrimary{cal_syncs}, ownerAccount, sync_events,
  ifnull(eventColor,calendar_color) AS displayColor
  FROM Events JOIN Calendars ON (Events.calendar_id=Calendars._id);
"
    )
}

/// The additional tables of Samsung's calendar provider: its tasks.
pub(in crate::practice::android) const TASKS: &str = "
CREATE TABLE TasksAccounts (_id INTEGER PRIMARY KEY, _sync_account TEXT, _sync_account_key INTEGER,
  _sync_account_type TEXT, url TEXT, displayName TEXT, selected INTEGER NOT NULL DEFAULT 1);
CREATE TABLE TaskGroup (_id INTEGER PRIMARY KEY, _accountId INTEGER, groupName TEXT,
  selected INTEGER NOT NULL DEFAULT 1, group_order INTEGER);
CREATE TABLE Tasks (_id INTEGER PRIMARY KEY, syncServerId TEXT, displayName TEXT, _sync_dirty INTEGER,
  clientId TEXT, sourceid INTEGER, bodyType INTEGER, body_size INTEGER, body_truncated INTEGER,
  due_date INTEGER, utc_due_date INTEGER, importance INTEGER, date_completed INTEGER,
  complete INTEGER NOT NULL DEFAULT 0, recurrence_type INTEGER, recurrence_start INTEGER,
  recurrence_until INTEGER, recurrence_occurrences INTEGER, recurrence_interval INTEGER,
  recurrence_day_of_month INTEGER, recurrence_day_of_week INTEGER, recurrence_week_of_month INTEGER,
  recurrence_month_of_year INTEGER, recurrence_regenerate INTEGER, recurrence_dead_occur INTEGER,
  reminder_set INTEGER, reminder_time INTEGER, sensitivity INTEGER, start_date INTEGER,
  utc_start_date INTEGER, parentId INTEGER NOT NULL DEFAULT 0, subject TEXT, body TEXT,
  category1 TEXT, category2 TEXT, category3 TEXT, mailboxKey INTEGER, accountKey INTEGER,
  accountName TEXT, reminder_type INTEGER, groupId INTEGER, previousId INTEGER,
  deleted INTEGER NOT NULL DEFAULT 0);
CREATE VIEW view_tasks AS SELECT Tasks._id AS _id, syncServerId, Tasks.displayName AS displayName,
  _sync_dirty, clientId, sourceid, bodyType, body_size, body_truncated, due_date, utc_due_date,
  importance, date_completed, complete, recurrence_type, recurrence_start, recurrence_until,
  recurrence_occurrences, recurrence_interval, recurrence_day_of_month, recurrence_day_of_week,
  recurrence_week_of_month, recurrence_month_of_year, recurrence_regenerate, recurrence_dead_occur,
  reminder_set, reminder_time, sensitivity, start_date, utc_start_date, parentId, subject, body,
  category1, category2, category3, mailboxKey, accountKey, accountName, reminder_type,
  ta.selected AS selected, groupId, previousId, tg.selected AS groupSelected, groupName, deleted
  FROM (Tasks INNER JOIN TaskGroup tg ON tg._id=Tasks.groupId)
  JOIN TasksAccounts ta ON (Tasks.accountKey=ta._sync_account_key);
";

/// Indexes of `calendar.db`.
pub(in crate::practice::android) const CALENDAR_INDEXES: &str = "
CREATE INDEX eventsCalendarIdIndex ON Events (calendar_id);
CREATE INDEX attendeesEventIdIndex ON Attendees (event_id);
CREATE INDEX remindersEventIdIndex ON Reminders (event_id);
CREATE INDEX extendedPropertiesEventIdIndex ON ExtendedProperties (event_id);
";

/// Table of `calllog.db` (AOSP `CallLogDatabaseHelper`).
pub(in crate::practice::android) const CALLS: &str = "
CREATE TABLE calls (_id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT,
  presentation INTEGER NOT NULL DEFAULT 1, post_dial_digits TEXT NOT NULL DEFAULT '',
  via_number TEXT NOT NULL DEFAULT '', date INTEGER, duration INTEGER, data_usage INTEGER, type INTEGER,
  features INTEGER NOT NULL DEFAULT 0, subscription_component_name TEXT, subscription_id TEXT,
  phone_account_address TEXT, phone_account_hidden INTEGER NOT NULL DEFAULT 0, new INTEGER, name TEXT,
  numbertype INTEGER, numberlabel TEXT, countryiso TEXT, voicemail_uri TEXT, is_read INTEGER,
  geocoded_location TEXT, lookup_uri TEXT, matched_number TEXT, normalized_number TEXT,
  photo_id INTEGER NOT NULL DEFAULT 0, photo_uri TEXT, formatted_number TEXT,
  add_for_all_users INTEGER NOT NULL DEFAULT 1, last_modified INTEGER DEFAULT 0,
  call_screening_component_name TEXT, call_screening_app_name TEXT,
  block_reason INTEGER NOT NULL DEFAULT 0, missed_reason INTEGER NOT NULL DEFAULT 0,
  priority INTEGER NOT NULL DEFAULT 0, subject TEXT, location TEXT, composer_photo_uri TEXT,
  transcription TEXT, transcription_state INTEGER NOT NULL DEFAULT 0,
  is_business_call INTEGER NOT NULL DEFAULT 0, asserted_display_name TEXT);
";

/// Tables of `mmssms.db` (AOSP `MmsSmsDatabaseHelper`).
pub(in crate::practice::android) const MESSAGES: &str = "
CREATE TABLE sms (_id INTEGER PRIMARY KEY, thread_id INTEGER, address TEXT, person INTEGER, date INTEGER,
  date_sent INTEGER DEFAULT 0, protocol INTEGER, read INTEGER DEFAULT 0, status INTEGER DEFAULT -1,
  type INTEGER, reply_path_present INTEGER, subject TEXT, body TEXT, service_center TEXT,
  locked INTEGER DEFAULT 0, sub_id INTEGER DEFAULT -1, error_code INTEGER DEFAULT -1, creator TEXT,
  seen INTEGER DEFAULT 0);
CREATE TABLE pdu (_id INTEGER PRIMARY KEY, thread_id INTEGER, date INTEGER, date_sent INTEGER DEFAULT 0,
  msg_box INTEGER, read INTEGER DEFAULT 0, m_id TEXT, sub TEXT, sub_cs INTEGER, ct_t TEXT, ct_l TEXT,
  exp INTEGER, m_cls TEXT, m_type INTEGER, v INTEGER, m_size INTEGER, pri INTEGER, rr INTEGER,
  rpt_a INTEGER, resp_st INTEGER, st INTEGER, tr_id TEXT, retr_st INTEGER, retr_txt TEXT,
  retr_txt_cs INTEGER, read_status INTEGER, ct_cls INTEGER, resp_txt TEXT, d_tm INTEGER, d_rpt INTEGER,
  locked INTEGER DEFAULT 0, sub_id INTEGER DEFAULT -1, seen INTEGER DEFAULT 0, creator TEXT,
  text_only INTEGER DEFAULT 0);
CREATE TABLE addr (_id INTEGER PRIMARY KEY, msg_id INTEGER, contact_id INTEGER, address TEXT,
  type INTEGER, charset INTEGER);
CREATE TABLE part (_id INTEGER PRIMARY KEY AUTOINCREMENT, mid INTEGER, seq INTEGER DEFAULT 0, ct TEXT,
  name TEXT, chset INTEGER, cd TEXT, fn TEXT, cid TEXT, cl TEXT, ctt_s INTEGER, ctt_t TEXT, _data TEXT,
  text TEXT);
-- The files below `app_parts`.
CREATE TABLE file (part INTEGER PRIMARY KEY, bytes BLOB);
";

/// Table of the media provider, as far as photos need it.
pub(in crate::practice::android) const MEDIA: &str = "
CREATE TABLE files (_id INTEGER PRIMARY KEY AUTOINCREMENT, _data TEXT, _display_name TEXT,
  _size INTEGER, mime_type TEXT, title TEXT, date_added INTEGER, date_modified INTEGER,
  datetaken INTEGER, media_type INTEGER, width INTEGER, height INTEGER, orientation INTEGER,
  latitude REAL, longitude REAL, relative_path TEXT, bucket_id TEXT, bucket_display_name TEXT,
  is_pending INTEGER DEFAULT 0, is_trashed INTEGER DEFAULT 0, date_expires INTEGER);
";
