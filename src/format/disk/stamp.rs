//! Times as FAT and exFAT store them.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// A point in time, by the clock of the device that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The time that the clock showed.
    pub local: NaiveDateTime,
    /// Offset of the clock from UTC, in minutes. `None`: not recorded. FAT never records an offset.
    pub offset: Option<i32>,
}

impl Stamp {
    /// Reads a date and a time of a FAT directory (FAT: General Overview of On-Disk Format 1.03, "Date and Time
    /// Formats"), with a resolution of two seconds. `hundredths` of a second, up to 199, are added if the entry
    /// stores them. `None`: there is no date.
    pub(super) fn of_fat(date: u16, time: u16, hundredths: u8) -> Option<Self> {
        let day = NaiveDate::from_ymd_opt(
            1980 + i32::from(date >> 9),
            u32::from(date >> 5 & 0x0f),
            u32::from(date & 0x1f),
        )?;
        let (hour, minute) = (u32::from(time >> 11), u32::from(time >> 5 & 0x3f));
        let local = day.and_hms_opt(hour, minute, u32::from(time & 0x1f) * 2)?;
        let fraction = TimeDelta::milliseconds(i64::from(hundredths.min(199)) * 10);
        Some(Self {
            local: local.checked_add_signed(fraction)?,
            offset: None,
        })
    }

    /// Reads a time of an exFAT directory entry (exFAT file system specification, 7.4.8). The upper half is the date.
    /// The offset is a signed seven-bit number of quarter hours; the highest bit says that it is valid.
    pub(super) fn of_exfat(stamp: u32, hundredths: u8, offset: u8) -> Option<Self> {
        let fat = Self::of_fat((stamp >> 16) as u16, stamp as u16, hundredths)?;
        let quarters = i32::from((offset << 1).cast_signed() >> 1);
        Some(Self {
            offset: (offset & 0x80 != 0).then_some(quarters * 15),
            ..fat
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(stamp: Option<Stamp>) -> Option<(String, Option<i32>)> {
        stamp.map(|stamp| (stamp.local.to_string(), stamp.offset))
    }

    #[test]
    fn times_are_read_as_they_were_written() {
        let day = 29 << 9 | 10 << 5 | 3;
        let time = 23 << 11 | 59 << 5 | 29;
        assert_eq!(
            shown(Stamp::of_fat(day, time, 150)),
            Some(("2009-10-03 23:59:59.500".into(), None))
        );
        assert_eq!(Stamp::of_fat(0, 0, 0), None);
        assert_eq!(Stamp::of_fat(day, 24 << 11, 0), None);
        let both = u32::from(day) << 16 | u32::from(time);
        for (offset, minutes) in [
            (0x00, None),
            (0x80, Some(0)),
            (0x84, Some(60)),
            (0xf0, Some(-240)),
            (0xd0, Some(-720)),
            (0xb8, Some(840)),
        ] {
            let stamp = Stamp::of_exfat(both, 0, offset);
            assert_eq!(stamp.map(|stamp| stamp.offset), Some(minutes), "{offset:x}");
        }
    }
}
