//! What the system tells about itself: properties, users, battery.

use std::collections::HashMap;

use crate::model::Charger;
use crate::protocol::adb::SystemType;

/// The longest value of a property that is taken, in characters. Most have at most 91 bytes (AOSP `PROP_VALUE_MAX`); the
/// model and the serial number stand in files, and on a screen, where no more has room.
const LONGEST_PROPERTY: usize = 200;

/// `getprop`: lines of `[name]: [value]`.
pub fn properties(text: &str) -> HashMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.trim().strip_prefix('[')?.split_once("]: [")?;
        let value = value.strip_suffix(']')?.chars().take(LONGEST_PROPERTY);
        Some((name.to_owned(), value.collect()))
    };
    text.lines().filter_map(pair).collect()
}

/// Which system answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    Android,
    /// One that installs updates and repairs: the owner's data may be sealed, and no provider runs.
    Recovery,
    /// KaiOS, or Firefox OS, which it comes from: Android's base, with programs of its own.
    KaiOs,
}

impl System {
    /// As the handset introduces itself, and by its properties: some recovery systems (TWRP's older ones, LineageOS's) say
    /// `device`.
    pub fn of(banner: &SystemType, properties: &HashMap<String, String>) -> Self {
        let has = |start: &str| properties.keys().any(|name| name.starts_with(start));
        let is = |name: &str, value: &str| properties.get(name).is_some_and(|is| is == value);
        match banner {
            SystemType::Recovery | SystemType::Sideload | SystemType::Rescue => Self::Recovery,
            SystemType::Device
            | SystemType::Bootloader
            | SystemType::Unauthorized
            | SystemType::Other(_) => {
                // Android itself has no such service running beside it.
                if has("ro.twrp.") || is("init.svc.recovery", "running") {
                    Self::Recovery
                } else if has("ro.kaios.") || has("ro.moz.") {
                    Self::KaiOs
                } else {
                    Self::Android
                }
            }
        }
    }

    /// Why it gives no contacts, calendar or to-dos, and what does; `None`: it should. One text for all, so that it is
    /// said once.
    pub fn gives_none(self) -> Option<&'static str> {
        match self {
            Self::Android => None,
            Self::Recovery => Some(
                "The phone runs its recovery system, which shows nothing of its contacts, calendar and to-dos. They are \
                 still there: choose “Reboot”, then “System” (or “Reboot system now”). Choose no wipe, no format and no \
                 factory reset. Then unlock the phone and read it again.",
            ),
            Self::KaiOs => Some(
                "This is a KaiOS phone, which gives no contacts, calendar or to-dos over USB. Let it write its contacts to \
                 its memory card: Contacts, Options, Settings, Export contacts, Memory card. Then read the phone again, or \
                 its card in a reader. Copy the calendar by hand.",
            ),
        }
    }
}

/// A user of the handset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: u32,
    pub name: String,
    pub kind: UserKind,
    pub running: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    /// A person's own.
    Full,
    /// An employer's (`UserInfo.FLAG_MANAGED_PROFILE`).
    Work,
    /// Made for second copies of apps, a locked folder, or a guest: no address book of its own.
    Special,
}

/// `pm list users`: `UserInfo{10:Work profile:30} running` (AOSP `UserInfo.toString`, flags in hexadecimal).
pub fn users(text: &str) -> Vec<User> {
    let user = |line: &str| {
        let (info, state) = line.trim().strip_prefix("UserInfo{")?.rsplit_once('}')?;
        let (id, rest) = info.split_once(':')?;
        let (name, flags) = rest.rsplit_once(':')?;
        let (id, flags) = (id.parse().ok()?, u32::from_str_radix(flags, 16).ok()?);
        // FLAG_GUEST 0x4, FLAG_RESTRICTED 0x8, FLAG_MANAGED_PROFILE 0x20; profiles of other kinds are not
        // FLAG_FULL 0x400 from Android 11 on. Samsung: 95 dual messenger, 150 secure folder; others: 999 clones.
        let kind = if flags & 0x20 != 0 && id != 150 {
            UserKind::Work
        } else if flags & 0xc != 0 || matches!(id, 95 | 150..=160 | 999) || flags & 0x1000 != 0 {
            UserKind::Special
        } else {
            UserKind::Full
        };
        Some(User {
            id,
            name: name.to_owned(),
            kind,
            running: state.contains("running"),
        })
    };
    text.lines().filter_map(user).collect()
}

/// `dumpsys battery`: level in percent, and whether it is being charged (AOSP `BatteryService.dump`).
pub fn battery(text: &str) -> (Option<u8>, Charger) {
    let value = |name: &str| {
        text.lines().find_map(|line| {
            line.trim()
                .strip_prefix(name)?
                .strip_prefix(": ")
                .map(str::trim)
        })
    };
    let level = value("level").and_then(|v| v.parse::<u32>().ok());
    let scale = value("scale")
        .and_then(|v| v.parse::<u32>().ok())
        .filter(|s| *s > 0)
        .unwrap_or(100);
    let percent = level.map(|l| (l.saturating_mul(100) / scale).min(100) as u8);
    // BatteryManager: 2 charging, 3 discharging, 4 not charging, 5 full
    let charger = match value("status") {
        Some("2" | "5") => Charger::Charging,
        Some("3" | "4") => Charger::NotCharging,
        _ => Charger::Unknown,
    };
    (percent, charger)
}

/// `pm list packages`: lines of `package:name`.
pub fn packages(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|l| l.trim().strip_prefix("package:"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_their_kinds() {
        let text = "Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{10:Work: profile:1030} running\n\tUserInfo{11:Kim:410}\n";
        let users = users(text);
        assert_eq!(users.len(), 3);
        assert_eq!((users[0].kind, users[0].running), (UserKind::Full, true));
        assert_eq!(
            (users[1].kind, users[1].name.as_str()),
            (UserKind::Work, "Work: profile")
        );
        assert_eq!((users[2].kind, users[2].running), (UserKind::Full, false));
    }

    #[test]
    fn systems_are_told_apart() {
        for (banner, properties, system) in [
            (
                SystemType::Device,
                "[sys.boot_completed]: [1]\n",
                System::Android,
            ),
            (SystemType::Recovery, "", System::Recovery),
            (
                SystemType::Device,
                "[ro.twrp.version]: [3.2.1]\n",
                System::Recovery,
            ),
            (
                SystemType::Device,
                "[init.svc.recovery]: [running]\n",
                System::Recovery,
            ),
            (
                SystemType::Device,
                "[init.svc.recovery]: [stopped]\n",
                System::Android,
            ),
            (
                SystemType::Device,
                "[ro.kaios.use_timerfd]: [true]\n",
                System::KaiOs,
            ),
            (
                SystemType::Device,
                "[ro.moz.ril.numclients]: [2]\n",
                System::KaiOs,
            ),
        ] {
            assert_eq!(
                System::of(&banner, &super::properties(properties)),
                system,
                "{properties}"
            );
        }
    }

    #[test]
    fn battery_and_properties() {
        let text = "Current Battery Service state:\n  AC powered: false\n  status: 3\n  level: 41\n  scale: 100\n";
        assert_eq!(battery(text), (Some(41), Charger::NotCharging));
        let found = properties("[ro.product.model]: [Pixel 6]\n[a]: []\njunk\n");
        assert_eq!(found["ro.product.model"], "Pixel 6");
        assert_eq!(found["a"], "");
        let endless = format!("[ro.product.model]: [{}]\n", "é".repeat(5_000_000));
        assert_eq!(
            properties(&endless)["ro.product.model"],
            "é".repeat(LONGEST_PROPERTY)
        );
    }
}
