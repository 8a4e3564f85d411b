//! What stays as it is: words of protocols, of Android and of Lifeboat itself. Everything that is not named here is
//! replaced, so that what nobody has thought of gives nothing away.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words of Lifeboat's own sentences, as they stand in its source.
static OF_SENTENCES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("words.txt").split_whitespace().collect());

/// Columns of whole numbers: row numbers, flags, kinds, and times, which stay since faults of calendars depend on them.
const NUMBERS: &str = "\
    _id _sync_account_key _sync_dirty accessLevel accountKey adn_index allDay attendeeRelationship attendeeStatus \
    attendeeType availability calendar_color calendar_id complete contact_id data_id date_completed deleted dirty \
    dtend dtstart due_date efid eventColor eventStatus event_id importance is_primary is_super_primary media_type \
    method minutes name_raw_contact_id original_id originalAllDay originalInstanceTime parentId photo_id \
    recordnumber recurrence_day_of_month recurrence_day_of_week recurrence_interval recurrence_month_of_year \
    recurrence_occurrences recurrence_regenerate recurrence_start recurrence_type recurrence_until \
    recurrence_week_of_month reminder_set reminder_time send_to_voicemail sensitivity starred start_date sub_id \
    sync_events utc_due_date utc_start_date version visible";

/// Columns of texts. A text that holds the name of one between a comma and an equals sign looks like a cell: it stays so.
const TEXTS: &str = "\
    _data _sync_id accountName account_name account_type aas additionalNumber anr anrA_number anrB_number \
    anrC_number anr_number anrs attendeeEmail attendeeIdNamespace attendeeIdentity attendeeName body \
    calendar_displayName calendar_timezone category1 category2 category3 clientId customAppPackage customAppUri \
    custom_ringtone data1 data2 data3 data4 data5 data6 data7 data8 data9 data10 data11 data12 data13 data14 data15 \
    data_set description displayName duration emails eventEndTimezone eventLocation eventTimezone exdate exrule \
    groupIds group_sourceid mimetype name notes number organizer original_sync_id ownerAccount rdate rrule sne \
    sourceid subject system_id title uid2445 value";

/// Words of a recurrence (RFC 5545, section 3.3.10, and Android's own columns of dates).
const OF_RULES: &str = "\
    FREQ UNTIL COUNT INTERVAL BYSECOND BYMINUTE BYHOUR BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS WKST \
    SECONDLY MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY SU MO TU WE TH FR SA T Z P W D H M S PT RSCALE GREGORIAN \
    SKIP";

/// Kinds of data rows that end so after `vnd.android.cursor.item/`, or `vnd.com.google.cursor.item/`.
const KINDS: &str = "\
    name phone_v2 email_v2 photo organization im nickname note postal-address_v2 group_membership website \
    contact_event relation sip_address identity contact_user_defined_field contact_misc contact_file_as \
    contact_hobby";

/// Makers and authors of systems: their packages come with every phone, and tell nothing of its owner.
const SYSTEM_PACKAGES: &str = "\
    android com.android. com.google.android. com.samsung.android. com.sec.android. com.miui. com.xiaomi. com.huawei. \
    com.hihonor. com.oppo. com.coloros. com.oneplus. com.vivo. com.sonymobile. com.sonyericsson. com.lge. \
    com.motorola. com.htc. com.asus. com.qualcomm. com.mediatek.";

/// Kinds of accounts whose words are known: what an account is decides how it is read.
const ACCOUNT_KINDS: &str = "\
    com.google com.osp.app.signin com.android.exchange com.google.android.gm.exchange com.microsoft.office.outlook \
    com.whatsapp com.android.contacts.sim vnd.sec.contact.sim vnd.sec.contact.sim2 vnd.sec.contact.phone com.xiaomi \
    com.android.huawei.phone com.android.huawei.sim com.htc.android.pcsc com.sonyericsson.localcontacts \
    com.oppo.contacts.device com.motorola.blur.contacts bitfire.at.davdroid at.bitfire.davdroid com.davx5 LOCAL \
    com.yahoo.mobile.client.share.account org.telegram.messenger org.thoughtcrime.securesms com.viber.voip.account \
    com.skype.contacts.sync com.facebook.auth.login com.twitter.android.auth.login com.linkedin.android";

/// Properties of a system that tell of it alone, by how their names begin.
const PROPERTIES: &str = "\
    ro.build. ro.product. ro.crypto. ro.debuggable ro.secure ro.adb. ro.board. ro.hardware ro.vendor.build. \
    ro.system.build. ro.miui. ro.kernel.qemu gsm.sim.state persist.sys.timezone persist.sys.locale \
    persist.sys.usb.config sys.boot_completed sys.usb. sys.user.0. vold.decrypt";

/// Words of what Android's own commands print.
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

/// Folders that Android, cameras and known apps make, and words in the names of their files.
const OF_PATHS: &str = "\
    sdcard storage emulated self primary mnt media data proc mounts etc dev sys tmp home run Volumes DCIM Camera \
    Pictures Picture Movies Music Download Downloads Documents Recordings Ringtones Alarms Notifications Podcasts \
    Audiobooks Android obb WhatsApp Media Images Video Videos Audio Voice Notes Sent Business Backups Databases \
    Telegram Signal Screenshots Screenshot Bluetooth bluetooth thumbnails thumbdata trashed pending nomedia LOST DIR \
    FOUND Internal Phone Card SD card IMG DSC DSCN DSCF VID PXL MVIMG PANO BURST COVER WA AUD PTT STK DOC MOV ANDRO \
    APPLE CANON MEDIA MSDCF OLYMP GOPRO PHOTO MISC THMBNL contacts calendar com whatsapp";

/// Endings by which programs know files.
const ENDINGS: &str = "\
    jpg jpeg png gif heic heif webp avif bmp tif tiff dng cr2 nef arw mp4 mov 3gp 3g2 mkv webm avi mpg wmv ts mp3 \
    m4a aac amr ogg opus wav flac mid vcf vcs ics vnt csv txt pdf doc docx xls xlsx zip db json xml html apk sqlite \
    lvd nomedia lock thm";

/// Words of requests that are not Lifeboat's sentences.
const OF_REQUESTS: &str = "\
    CNXN OPEN AUTH STLS sync LIS2 LIST LST2 STA2 STAT RCV2 RECV DENT host features shell s v2 raw exec shell_v2 \
    stat_v2 ls_v2 sendrecv_v2 delayed_ack getprop dumpsys pm list packages users user date battery account content \
    query cmd getvar settings id ls cat transport any devices track version appops get INQUIRY READ CAPACITY TEST \
    UNIT READY REQUEST SENSE MODE GetDeviceInfo OpenSession CloseSession GetStorageIDs GetStorageInfo GetNumObjects \
    GetObjectHandles GetObjectInfo GetObject GetPartialObject GetPartialObject64 GetObjectPropsSupported \
    GetObjectPropDesc GetObjectPropValue GetObjectPropList GetDevicePropDesc GetDevicePropValue";

/// What a word of a text stands among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Lifeboat's own sentences.
    Sentence,
    /// What Android's commands print.
    Android,
    Path,
    Request,
}

/// True for a word of a list.
fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|one| one == word)
}

/// True for a word that stays. A sentence begins with a capital.
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

/// All words that may stay somewhere, for those who check what a report holds.
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

/// What a column holds.
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

/// What a column of this name holds; `None`: no column is called so.
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

/// True for a cell that is structure by itself, in a column that holds such.
pub fn is_kept_cell(cell: &str, holds: Holds) -> bool {
    let is_number = || {
        let digits = cell.strip_prefix('-').unwrap_or(cell);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    // A kind of number or address, a flag.
    let is_short = is_number() && cell.len() <= 2;
    matches!(cell, "NULL" | "BLOB" | "")
        || is_short
        || match holds {
            // A row number, a flag, a colour; a time alone is longer.
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

/// True for a zone of the IANA's.
pub fn is_time_zone(text: &str) -> bool {
    text.parse::<chrono_tz::Tz>().is_ok()
}

/// True for a program that comes with phones.
pub fn is_system_package(name: &str) -> bool {
    name == "android"
        || SYSTEM_PACKAGES
            .split_whitespace()
            .any(|begin| begin.ends_with('.') && name.starts_with(begin))
}

/// True for a kind of account that is known.
pub fn is_account_kind(name: &str) -> bool {
    has(ACCOUNT_KINDS, name)
}

/// True for a property that tells of the system alone.
pub fn is_property(name: &str) -> bool {
    !name.contains("serial")
        && PROPERTIES
            .split_whitespace()
            .any(|begin| name.starts_with(begin))
}

/// True for an ending by which programs know files.
pub fn is_ending(text: &str) -> bool {
    ENDINGS
        .split_whitespace()
        .any(|ending| ending.eq_ignore_ascii_case(text))
}
