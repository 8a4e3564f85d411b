//! What the system tells about itself: properties, battery, apps.

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
