//! Words that are kept: words of protocols, of Android and of Lifeboat itself. All words that are not listed here are
//! replaced, so that unforeseen data reveals nothing.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words of Lifeboat's own sentences, as used in its source code.
static OF_SENTENCES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("words.txt").split_whitespace().collect());

/// Columns of whole numbers: row numbers, flags, kinds, and times. Times are kept since faults in calendars depend on
/// them.
const NUMBERS: &str = "\
    _id _sync_account_key _sync_dirty accessLevel accountKey adn_index allDay attendeeRelationship attendeeStatus \
    attendeeType availability calendar_color calendar_id complete contact_id data_id date_completed deleted dirty \
    dtend dtstart due_date efid eventColor eventStatus event_id importance is_primary is_super_primary media_type \
    method minutes name_raw_contact_id original_id originalAllDay originalInstanceTime parentId photo_id \
    recordnumber recurrence_day_of_month recurrence_day_of_week recurrence_interval recurrence_month_of_year \
    recurrence_occurrences recurrence_regenerate recurrence_start recurrence_type recurrence_until \
    recurrence_week_of_month reminder_set reminder_time send_to_voicemail sensitivity starred start_date sub_id \
    sync_events utc_due_date utc_start_date version visible date date_sent thread_id read seen protocol locked \
    error_code reply_path_present person msg_box m_type m_size sub_cs text_only pri st d_rpt rr mid seq chset charset";

/// Columns of texts. If a text contains such a name between a comma and an equals sign, the name looks like a cell and
/// is kept.
const TEXTS: &str = "\
    _data _sync_id accountName account_name account_type aas additionalNumber anr anrA_number anrB_number \
    anrC_number anr_number anrs attendeeEmail attendeeIdNamespace attendeeIdentity attendeeName body \
    calendar_displayName calendar_timezone category1 category2 category3 clientId customAppPackage customAppUri \
    custom_ringtone data1 data2 data3 data4 data5 data6 data7 data8 data9 data10 data11 data12 data13 data14 data15 \
    data_set description displayName duration emails eventEndTimezone eventLocation eventTimezone exdate exrule \
    groupIds group_sourceid mimetype name notes number organizer original_sync_id ownerAccount rdate rrule sne \
    sourceid subject system_id title uid2445 value address service_center creator m_id tr_id ct_t ct_l m_cls ct cid \
    text";

/// Words of recurrence rules (RFC 5545, section 3.3.10, and Android's own date columns).
const OF_RULES: &str = "\
    FREQ UNTIL COUNT INTERVAL BYSECOND BYMINUTE BYHOUR BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS WKST \
    SECONDLY MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY SU MO TU WE TH FR SA T Z P W D H M S PT RSCALE GREGORIAN \
    SKIP";

/// Endings of the kinds of data rows, after `vnd.android.cursor.item/` or `vnd.com.google.cursor.item/`.
const KINDS: &str = "\
    name phone_v2 email_v2 photo organization im nickname note postal-address_v2 group_membership website \
    contact_event relation sip_address identity contact_user_defined_field contact_misc contact_file_as \
    contact_hobby";

/// Package prefixes of makers and system authors: these packages come with every phone, and say nothing about its
/// owner.
const SYSTEM_PACKAGES: &str = "\
    android com.android. com.google.android. com.samsung.android. com.sec.android. com.miui. com.xiaomi. com.huawei. \
    com.hihonor. com.oppo. com.coloros. com.oneplus. com.vivo. com.sonymobile. com.sonyericsson. com.lge. \
    com.motorola. com.htc. com.asus. com.qualcomm. com.mediatek.";

/// Known account types: the type of an account determines how it is read.
const ACCOUNT_KINDS: &str = "\
    com.google com.osp.app.signin com.android.exchange com.google.android.gm.exchange com.microsoft.office.outlook \
    com.whatsapp com.android.contacts.sim vnd.sec.contact.sim vnd.sec.contact.sim2 vnd.sec.contact.phone com.xiaomi \
    com.android.huawei.phone com.android.huawei.sim com.htc.android.pcsc com.sonyericsson.localcontacts \
    com.oppo.contacts.device com.motorola.blur.contacts bitfire.at.davdroid at.bitfire.davdroid com.davx5 LOCAL \
    com.yahoo.mobile.client.share.account org.telegram.messenger org.thoughtcrime.securesms com.viber.voip.account \
    com.skype.contacts.sync com.facebook.auth.login com.twitter.android.auth.login com.linkedin.android";

/// Prefixes of property names that only describe the system.
const PROPERTIES: &str = "\
    ro.build. ro.product. ro.crypto. ro.debuggable ro.secure ro.adb. ro.board. ro.hardware ro.vendor.build. \
    ro.system.build. ro.miui. ro.kernel.qemu gsm.sim.state persist.sys.timezone persist.sys.locale \
    persist.sys.usb.config sys.boot_completed sys.usb. sys.user.0. vold.decrypt";

/// Words printed by Android's own commands.
const OF_ANDROID: &str = "\
    User Users UserInfo Owner Accounts Account name type AccountId Action_Type timestamp UID TableName Key History \
    action_account_add accounts Active Sessions RegisteredServicesCache services ServiceInfo \
    AuthenticatorDescription ComponentInfo uid running Current user serialNo Type State os usertype full SYSTEM \
    SECONDARY GUEST profile MANAGED CLONE PRIVATE RUNNING_UNLOCKED RUNNING_LOCKED BOOTING STOPPING SHUTDOWN package \
    android Battery Service state AC USB Wireless Dock powered true false Max charging current voltage Charge \
    counter status health present level scale temperature technology Li ion poly Row NULL BLOB No result found Error \
    while accessing provider java lang database sqlite content util com org at Exception SecurityException \
    IllegalArgumentException IllegalStateException NullPointerException RuntimeException \
    UnsupportedOperationException SQLiteException SQLException DeadObjectException RemoteException OutOfMemoryError \
    Permission Denial opening reading from null pid requires or grantUriPermission Invalid column no such Could not \
    find Unknown URI Can app ActivityThread internal Binder Parcel readException DatabaseUtils CursorWrapper Native \
    Method WARNING linker unused DT entry arg Killed Segmentation fault inaccessible sh Failure calling transact \
    Neither nor process has the does have permission";

/// Folders created by Android, cameras and known apps, and words in the names of their files.
const OF_PATHS: &str = "\
    sdcard storage emulated self primary mnt media data proc mounts etc dev sys tmp home run Volumes DCIM Camera \
    Pictures Picture Movies Music Download Downloads Documents Recordings Ringtones Alarms Notifications Podcasts \
    Audiobooks Android obb WhatsApp Media Images Video Videos Audio Voice Notes Sent Business Backups Databases \
    Telegram Signal Screenshots Screenshot Bluetooth bluetooth thumbnails thumbdata trashed pending nomedia LOST DIR \
    FOUND Internal Phone Card SD card IMG DSC DSCN DSCF VID PXL MVIMG PANO BURST COVER WA AUD PTT STK DOC MOV ANDRO \
    APPLE CANON MEDIA MSDCF OLYMP GOPRO PHOTO MISC THMBNL contacts calendar com whatsapp";

/// Known file name extensions.
const ENDINGS: &str = "\
    jpg jpeg png gif heic heif webp avif bmp tif tiff dng cr2 nef arw mp4 mov 3gp 3g2 mkv webm avi mpg wmv ts mp3 \
    m4a aac amr ogg opus wav flac mid vcf vcs ics vnt csv txt pdf doc docx xls xlsx zip db json xml html apk sqlite \
    lvd nomedia lock thm";

/// Words of requests, apart from Lifeboat's sentences.
const OF_REQUESTS: &str = "\
    CNXN OPEN AUTH STLS sync LIS2 LIST LST2 STA2 STAT RCV2 RECV DENT host features shell s v2 raw exec shell_v2 \
    stat_v2 ls_v2 sendrecv_v2 delayed_ack getprop dumpsys pm list packages users user date battery account content \
    query cmd getvar settings id ls cat transport any devices track version appops get INQUIRY READ CAPACITY TEST \
    UNIT READY REQUEST SENSE MODE GetDeviceInfo OpenSession CloseSession GetStorageIDs GetStorageInfo GetNumObjects \
    GetObjectHandles GetObjectInfo GetObject GetPartialObject GetPartialObject64 GetObjectPropsSupported \
    GetObjectPropDesc GetObjectPropValue GetObjectPropList GetDevicePropDesc GetDevicePropValue";

/// The kind of text that a word is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// A sentence of Lifeboat.
    Sentence,
    /// Output of Android's commands.
    Android,
    Path,
    Request,
}

/// Returns true if the list contains the word.
fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|one| one == word)
}

/// Returns true for a word that is kept. The first word of a sentence may be capitalised.
pub fn is_kept(word: &str, among: Among, is_first: bool) -> bool {
    match among {
        Among::Sentence => {
            let small = || word.to_ascii_lowercase();
            OF_SENTENCES.contains(word) || (is_first && OF_SENTENCES.contains(small().as_str()))
        }
        Among::Android => has(OF_ANDROID, word),
        Among::Path => has(OF_PATHS, word),
        Among::Request => has(OF_REQUESTS, word) || OF_SENTENCES.contains(word),
    }
}

/// Returns all words that may be kept somewhere, for tests of a report's content.
pub fn kept_words() -> impl Iterator<Item = &'static str> {
    let sentences = OF_SENTENCES.iter().copied();
    let lists = [
        NUMBERS,
        TEXTS,
        OF_RULES,
        KINDS,
        SYSTEM_PACKAGES,
        ACCOUNT_KINDS,
        PROPERTIES,
        OF_ANDROID,
        OF_PATHS,
        ENDINGS,
        OF_REQUESTS,
    ];
    sentences.chain(lists.into_iter().flat_map(str::split_whitespace))
}

/// The kind of content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Numbers,
    Times,
    Kinds,
    AccountKinds,
    Rules,
    TimeZones,
    Paths,
    Texts,
}

/// Returns the kind of content of the column with this name; `None`: no such column.
pub fn column(name: &[u8]) -> Option<Holds> {
    let name = std::str::from_utf8(name).ok()?;
    if has(NUMBERS, name) {
        let is_long = ["date", "dt", "time", "Time", "olor", "start", "until"]
            .iter()
            .any(|word| name.contains(word));
        return Some(match is_long {
            true => Holds::Times,
            false => Holds::Numbers,
        });
    }
    has(TEXTS, name).then_some(match name {
        "mimetype" => Holds::Kinds,
        "account_type" => Holds::AccountKinds,
        "rrule" | "rdate" | "exrule" | "exdate" | "duration" => Holds::Rules,
        "eventTimezone" | "eventEndTimezone" | "calendar_timezone" => Holds::TimeZones,
        "_data" => Holds::Paths,
        _ => Holds::Texts,
    })
}

/// Returns true for a cell that is only structure, in a column of that kind.
pub fn is_kept_cell(cell: &str, holds: Holds) -> bool {
    let is_number = || {
        let digits = cell.strip_prefix('-').unwrap_or(cell);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    // A kind of number or address, or a flag.
    let is_short = is_number() && cell.len() <= 2;
    matches!(cell, "NULL" | "BLOB" | "")
        || is_short
        || match holds {
            // A row number, a flag or a colour; only a time is longer.
            Holds::Numbers => is_number() && cell.len() <= 8,
            Holds::Times => is_number() && cell.len() <= 14,
            Holds::Kinds => is_kind(cell),
            Holds::AccountKinds => has(ACCOUNT_KINDS, cell) || is_system_package(cell),
            Holds::Rules => is_rule(cell),
            Holds::TimeZones => is_time_zone(cell),
            Holds::Paths | Holds::Texts => false,
        }
}

fn is_kind(text: &str) -> bool {
    ["vnd.android.cursor.item/", "vnd.com.google.cursor.item/"]
        .iter()
        .filter_map(|begin| text.strip_prefix(begin))
        .any(|kind| has(KINDS, kind))
}

fn is_rule(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphabetic())
        .all(|word| word.is_empty() || has(OF_RULES, word))
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"=;,:-+\n".contains(&b))
}

/// Returns true for an IANA time zone.
pub fn is_time_zone(text: &str) -> bool {
    text.parse::<chrono_tz::Tz>().is_ok()
}

/// Returns true for a program that comes with phones.
pub fn is_system_package(name: &str) -> bool {
    name == "android"
        || SYSTEM_PACKAGES
            .split_whitespace()
            .any(|begin| begin.ends_with('.') && name.starts_with(begin))
}

/// Returns true for a known account type.
pub fn is_account_kind(name: &str) -> bool {
    has(ACCOUNT_KINDS, name)
}

/// Returns true for a property that only describes the system.
pub fn is_property(name: &str) -> bool {
    !name.contains("serial")
        && PROPERTIES
            .split_whitespace()
            .any(|begin| name.starts_with(begin))
}

/// Returns true for a known file name extension.
pub fn is_ending(text: &str) -> bool {
    ENDINGS
        .split_whitespace()
        .any(|ending| ending.eq_ignore_ascii_case(text))
}
