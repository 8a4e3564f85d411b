//! The system's information about itself: properties, battery, apps.

use std::collections::HashMap;

use crate::model::Charger;
use crate::phrase;
use crate::protocol::adb::SystemType;

/// The longest property value that is kept, in characters. Most values have at most 91 bytes (AOSP `PROP_VALUE_MAX`).
/// The model and the serial number are written to files and shown on screen, where longer values do not fit.
const LONGEST_PROPERTY: usize = 200;

/// Parses `getprop`: lines of `[name]: [value]`.
pub fn properties(text: &str) -> HashMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.trim().strip_prefix('[')?.split_once("]: [")?;
        let value = value.strip_suffix(']')?.chars().take(LONGEST_PROPERTY);
        Some((name.to_owned(), value.collect()))
    };
    text.lines().filter_map(pair).collect()
}

/// The system that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    Android,
    /// A system for updates and repairs: the owner's data may be encrypted, and no provider runs.
    Recovery,
    /// KaiOS, or its predecessor Firefox OS: Android's base with different programs.
    KaiOs,
}

impl System {
    /// Determines the system from the handset's banner and its properties. Some recovery systems (older versions of
    /// TWRP, LineageOS) announce themselves as `device`.
    pub fn of(banner: &SystemType, properties: &HashMap<String, String>) -> Self {
        let has = |start: &str| properties.keys().any(|name| name.starts_with(start));
        let is = |name: &str, value: &str| properties.get(name).is_some_and(|is| is == value);
        match banner {
            SystemType::Recovery | SystemType::Sideload | SystemType::Rescue => Self::Recovery,
            SystemType::Device
            | SystemType::Bootloader
            | SystemType::Unauthorized
            | SystemType::Other(_) => {
                // On a running Android, this service does not run.
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

    /// Why the system provides no contacts, calendar or to-dos, and what to do; `None` if it should provide them. One
    /// text for all collections, so that it is shown only once.
    pub fn why_no_collections(self) -> Option<&'static str> {
        match self {
            Self::Android => None,
            Self::Recovery => Some(phrase(
                "The phone runs its recovery system, which does not show contacts, calendar or to-dos. They are \
                 still on the phone. Choose “Reboot”, then “System” (or “Reboot system now”). Don't choose a \
                 wipe, a format or a factory reset. Then unlock the phone and read it again.",
            )),
            Self::KaiOs => Some(phrase(
                "This is a KaiOS phone. KaiOS doesn't share contacts, calendar or to-dos over USB. Export the \
                 contacts to the phone's memory card: Contacts > Options > Settings > Export contacts > Memory \
                 card. Then read the phone again, or read the card in a card reader. Copy the calendar by hand.",
            )),
        }
    }
}

/// Parses `dumpsys battery`: the level in percent, and whether the battery is charging (AOSP `BatteryService.dump`).
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

/// Parses `pm list packages`: lines of `package:name`.
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
