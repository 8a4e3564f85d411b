//! What the system tells about itself: properties, battery, apps.

use std::collections::HashMap;

use crate::model::Charger;

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
