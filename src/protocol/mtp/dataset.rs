//! Parses the answers of devices (ISO 15740, chapters 5 and 13; MTP 1.1, section 5). All numbers are little-endian.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// Maximum length of an array that is accepted.
const MAX_ARRAY: usize = 1 << 20;

/// The format of a folder.
pub(super) const ASSOCIATION: u16 = 0x3001;
/// The format of a file about which the device knows no more, and of folders on some Androids.
const UNDEFINED: u16 = 0x3000;

/// Formats whose files have a usual extension (ISO 15740, section 6.3; MTP 1.1, appendix A).
const ENDINGS: [(u16, &str); 16] = [
    (0x3008, "wav"),
    (0x3009, "mp3"),
    (0x300a, "avi"),
    (0x300b, "mpg"),
    (0x3801, "jpg"),
    (0x3802, "tif"),
    (0x3804, "bmp"),
    (0x3807, "gif"),
    (0x380b, "png"),
    (0x380d, "tif"),
    (0xb982, "mp4"),
    (0xb984, "3gp"),
    (0xbb82, "vcf"),
    (0xbb83, "vcf"),
    (0xbe02, "vcs"),
    (0xbe03, "ics"),
];

/// A device's description of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The ID of the vendor extension: 6 is Microsoft's, which is MTP. 0: none.
    pub extension: u32,
    /// The extensions in words, such as `microsoft.com: 1.0; android.com: 1.0;`.
    pub extensions: String,
    /// Codes of the operations that it supports.
    pub operations: Vec<u16>,
    /// Codes of its properties.
    pub properties: Vec<u16>,
    pub make: String,
    pub model: String,
    pub version: String,
    pub serial: String,
}

/// A storage of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageInfo {
    /// It is removable, such as a memory card.
    pub is_removable: bool,
    /// A description for people.
    pub description: String,
    /// The volume's label or number.
    pub volume: String,
    /// Free bytes, and all; `None`: not told.
    pub room: Option<(u64, u64)>,
}

/// A file or a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectInfo {
    pub storage: u32,
    pub is_folder: bool,
    /// Its format is unknown. Some Androids list folders that an app has made in this way.
    pub may_be_folder: bool,
    /// Whether files of this format are pictures, films or sounds; `None` for other formats.
    pub shows: Option<Shows>,
    /// The usual extension for its format, if the device reports a known one.
    pub ending: Option<&'static str>,
    /// In bytes; `None` if the size does not fit into 32 bits.
    pub size: Option<u64>,
    /// The folder that it reports as its parent; 0: none.
    pub parent: u32,
    pub name: String,
    pub captured: Option<MtpTime>,
    pub modified: Option<MtpTime>,
}

/// What the files of a format show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    Picture,
    Film,
    Sound,
}

impl Shows {
    /// Returns what files of a format show (ISO 15740, section 6.3; MTP 1.1, appendix A), including a camera's raw
    /// pictures (libgphoto2's ptp.h).
    fn of(format: u16) -> Option<Self> {
        match format {
            0x3800..=0x3fff | 0xb101 | 0xb103 | 0xb104 | 0xb108 => Some(Self::Picture),
            0x300a..=0x300c | 0xb980..=0xb984 => Some(Self::Film),
            0x3007..=0x3009 | 0xb900..=0xb906 => Some(Self::Sound),
            _ => None,
        }
    }
}

/// A time as a device writes it (ISO 15740, section 5.3.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MtpTime {
    pub clock: NaiveDateTime,
    /// Seconds east of UTC; `None`: the device's own time, in an unknown zone.
    pub offset: Option<i32>,
}

impl MtpTime {
    /// Parses `20091003T143000`, with an optional `.5`, and then an optional `Z`, `+0200` or `-0330`.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once('T')?;
        let number = |part: Option<&str>| part?.parse::<u32>().ok();
        let date = NaiveDate::from_ymd_opt(
            date.get(..4)?.parse().ok()?,
            number(date.get(4..6))?,
            number(date.get(6..8))?,
        )?;
        let hour = number(rest.get(..2))?;
        let (minute, second) = (number(rest.get(2..4))?, number(rest.get(4..6))?);
        // A leap second is read as second 59.
        let time = NaiveTime::from_hms_opt(hour, minute, second.min(59))?;
        let zone = rest.get(6..)?.trim_start_matches('.');
        let zone = zone.trim_start_matches(|c: char| c.is_ascii_digit());
        let offset = match zone.as_bytes() {
            [] => None,
            [b'Z', ..] => Some(0),
            [sign @ (b'+' | b'-'), ..] => {
                let hours = number(zone.get(1..3))? as i32;
                let minutes = number(zone.get(3..5)).unwrap_or_default() as i32;
                let seconds = (hours * 60 + minutes) * 60;
                Some(if *sign == b'-' { -seconds } else { seconds })
            }
            _ => None,
        };
        let offset = offset.filter(|seconds| seconds.abs() < 86_400);
        Some(Self {
            clock: date.and_time(time),
            offset,
        })
    }
}

/// The part of a dataset that is not parsed yet.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]: [u8; 1]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Reads UTF-16 text, which is preceded by the number of its units, including the zero at its end.
    fn text(&mut self) -> Option<String> {
        let count = usize::from(self.u8()?);
        let units = self.take(count * 2)?.chunks_exact(2);
        let units = units.map(|pair| pair.iter().rev().fold(0, |u, b| u << 8 | u16::from(*b)));
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        Some(String::from_utf16_lossy(&units))
    }

    /// Reads a text that names something, without control characters.
    fn label(&mut self) -> Option<String> {
        let text = self.text()?;
        let kept: String = text.chars().filter(|c| !c.is_control()).collect();
        Some(kept.trim().to_owned())
    }

    fn numbers<T>(
        &mut self,
        size: usize,
        number: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = usize::try_from(self.u32()?).ok()?;
        let bytes = count.checked_mul(size).filter(|_| count <= MAX_ARRAY)?;
        let mut inner = Self(self.take(bytes)?);
        (0..count).map(|_| number(&mut inner)).collect()
    }

    fn words(&mut self) -> Option<Vec<u16>> {
        self.numbers(2, Self::u16)
    }
}

/// Parses `GetDeviceInfo`. Texts at the end may be missing.
pub(super) fn device_info(bytes: &[u8]) -> Option<DeviceInfo> {
    let mut fields = Fields(bytes);
    let _version = fields.u16()?;
    let extension = fields.u32()?;
    let _extension_version = fields.u16()?;
    let extensions = fields.label()?;
    let _mode = fields.u16()?;
    let operations = fields.words()?;
    let _events = fields.words()?;
    let properties = fields.words()?;
    let (_capture, _playback) = (fields.words()?, fields.words()?);
    let mut label = || fields.label().unwrap_or_default();
    Some(DeviceInfo {
        extension,
        extensions,
        operations,
        properties,
        make: label(),
        model: label(),
        version: label(),
        serial: label(),
    })
}

/// Parses `GetStorageInfo`.
pub(super) fn storage_info(bytes: &[u8]) -> Option<StorageInfo> {
    let mut fields = Fields(bytes);
    // 1 and 3 are fixed, 2 and 4 removable.
    let is_removable = matches!(fields.u16()?, 2 | 4);
    let (_filesystem, _access) = (fields.u16()?, fields.u16()?);
    let (capacity, free, _objects) = (fields.u64()?, fields.u64()?, fields.u32()?);
    // Some devices leave the fields empty, or fill them with ones.
    let is_told = capacity > 0 && capacity < u64::MAX && free <= capacity;
    Some(StorageInfo {
        is_removable,
        description: fields.label().unwrap_or_default(),
        volume: fields.label().unwrap_or_default(),
        room: is_told.then_some((free, capacity)),
    })
}

/// Parses an array of 32-bit numbers: storages or handles.
pub(super) fn handles(bytes: &[u8]) -> Option<Vec<u32>> {
    Fields(bytes).numbers(4, Fields::u32)
}

/// Parses `GetObjectInfo`. Some Samsung phones write the size with 64 bits (libmtp's list of devices). This form is
/// tried if the usual one does not fit.
pub(super) fn object_info(bytes: &[u8]) -> Option<ObjectInfo> {
    let short = |fields: &mut Fields| {
        let size = fields.u32()?;
        Some((size != u32::MAX).then_some(u64::from(size)))
    };
    let long = |fields: &mut Fields| fields.u64().map(Some);
    object_info_with(bytes, short).or_else(|| object_info_with(bytes, long))
}

fn object_info_with(
    bytes: &[u8],
    size: impl Fn(&mut Fields) -> Option<Option<u64>>,
) -> Option<ObjectInfo> {
    let mut fields = Fields(bytes);
    let storage = fields.u32()?;
    let format = fields.u16()?;
    let _protection = fields.u16()?;
    let size = size(&mut fields)?;
    // The thumbnail's format, size, width and height; the picture's width, height and depth.
    let _thumbnail_format = fields.u16()?;
    fields.take(6 * 4)?;
    let parent = fields.u32()?;
    let _association = fields.u16()?;
    let (_description, _sequence) = (fields.u32()?, fields.u32()?);
    let name = fields.text().filter(|name| !name.is_empty())?;
    let mut time = || fields.text().and_then(|text| MtpTime::parse(&text));
    Some(ObjectInfo {
        storage,
        is_folder: format == ASSOCIATION,
        may_be_folder: format == UNDEFINED,
        shows: Shows::of(format),
        ending: ENDINGS
            .iter()
            .find(|(code, _)| *code == format)
            .map(|(_, ending)| *ending),
        size,
        parent,
        name,
        captured: time(),
        modified: time(),
    })
}

/// Parses `GetObjectPropValue` of a property that is an integer.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    match bytes.len() {
        8 => Fields(bytes).u64(),
        4 => Fields(bytes).u32().map(u64::from),
        _ => None,
    }
}

/// Parses `GetDevicePropDesc` of an unsigned 8-bit property, and returns its current value in percent of its range.
pub(super) fn percent(bytes: &[u8]) -> Option<u8> {
    const UINT8: u16 = 0x0002;
    let mut fields = Fields(bytes);
    let _property = fields.u16()?;
    if fields.u16()? != UINT8 {
        return None;
    }
    let (_settable, _default) = (fields.u8()?, fields.u8()?);
    let now = fields.u8()?;
    let (least, most) = match fields.u8()? {
        // A range: from, to, step.
        1 => (fields.u8()?, fields.u8()?),
        // A list of values: their number, then each value.
        2 => {
            let count = usize::from(fields.u16()?);
            let values = fields.take(count)?;
            (*values.iter().min()?, *values.iter().max()?)
        }
        _ => (0, 100),
    };
    let span = most.checked_sub(least).filter(|span| *span > 0)?;
    let above = now.checked_sub(least)?;
    u8::try_from(u32::from(above) * 100 / u32::from(span))
        .ok()
        .filter(|percent| *percent <= 100)
}

/// The type of device that a device reports for itself (MTP 1.1, appendix C, *Perceived Device Type*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Perceived {
    /// A device that takes pictures or films.
    Camera,
    /// A device that plays or records sounds.
    Player,
    /// A phone or an organiser.
    Phone,
}

/// Parses `GetDevicePropDesc` of the perceived type, a 32-bit number, and returns its current value; `Some(None)` if it
/// is another type.
pub(super) fn perceived(bytes: &[u8]) -> Option<Option<Perceived>> {
    const UINT32: u16 = 0x0006;
    let mut fields = Fields(bytes);
    let _property = fields.u16()?;
    if fields.u16()? != UINT32 {
        return None;
    }
    let (_settable, _default) = (fields.u8()?, fields.u32()?);
    Some(match fields.u32()? {
        1 | 4 => Some(Perceived::Camera),
        2 | 6 => Some(Perceived::Player),
        3 | 5 => Some(Perceived::Phone),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        let time = |text| MtpTime::parse(text).map(|t| (t.clock.to_string(), t.offset));
        let clock = "2009-10-03 14:30:05".to_owned();
        for (text, offset) in [
            ("20091003T143005", None),
            ("20091003T143005.0", None),
            ("20091003T143005Z", Some(0)),
            ("20091003T143005.5Z", Some(0)),
            ("20091003T143005+0200", Some(7_200)),
            ("20091003T143005-0330", Some(-12_600)),
            ("20091003T143005+99", None),
        ] {
            assert_eq!(time(text), Some((clock.clone(), offset)), "{text}");
        }
        for text in [
            "",
            "T",
            "20091003",
            "20091303T143005",
            "2009äT",
            "20091003T14300",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn a_battery_is_told_in_percent_of_its_range() {
        assert_eq!(percent(&[1, 0x50, 2, 0, 0, 0, 83, 1, 0, 100, 1]), Some(83));
        assert_eq!(
            percent(&[1, 0x50, 2, 0, 0, 0, 3, 2, 4, 0, 0, 1, 2, 4]),
            Some(75)
        );
        assert_eq!(percent(&[1, 0x50, 2, 0, 0, 0, 200, 1, 0, 100, 1]), None);
        assert_eq!(percent(&[1, 0x50, 2, 0, 0, 0, 1, 1, 5, 5, 1]), None);
        assert_eq!(percent(&[1, 0x50, 4, 0, 0]), None);
    }
}
