//! Handsets as an adb server lists them.

use serde::{Deserialize, Serialize};

use super::error::printable;
use super::server::is_serial;

/// A handset that the server sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    pub serial: String,
    /// `device`, `recovery`, `unauthorized`, `offline`, `no permissions`, …
    pub state: String,
    /// The place on USB, such as `usb:1-4.2`. The server accepts it in place of a serial number that two handsets
    /// share.
    pub path: Option<String>,
    pub product: Option<String>,
    pub model: Option<String>,
    pub device: Option<String>,
    pub transport_id: Option<u64>,
}

/// The prefix of a name that is the server's number for a handset.
pub(super) const BY_NUMBER: &str = "transport_id:";

/// The one-word states in the server's list (AOSP `packages/modules/adb`, adb.cpp and transport.cpp,
/// `connection_state_name` and `to_string(ConnectionState)`). The only state of several words is [`NO_PERMISSION`].
const STATES: [&str; 12] = [
    "device",
    "unauthorized",
    "authorizing",
    "offline",
    "connecting",
    "detached",
    "recovery",
    "sideload",
    "rescue",
    "bootloader",
    "host",
    "unknown",
];
/// The beginning of the state that gives its reasons in words.
const NO_PERMISSION: &str = "no permissions";

impl Device {
    /// Parses one line of `devices-l`: serial, state, then `key:value` words. The serial of a phone on the network may
    /// contain spaces, as `adb-9A1X-abc (2)._adb-tls-connect._tcp` does, if two phones have one name.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let (serial, state, rest) = split(line)?;
        let mut device = Self {
            serial: printable(serial.as_bytes()),
            state: printable(state.as_bytes()),
            ..Self::default()
        };
        for word in rest.split_whitespace() {
            let Some((key, value)) = word.split_once(':') else {
                continue;
            };
            let text = || Some(printable(value.as_bytes()));
            match key {
                "usb" => device.path = Some(printable(word.as_bytes())),
                "product" => device.product = text(),
                "model" => device.model = text(),
                "device" => device.device = text(),
                "transport_id" => device.transport_id = value.parse().ok(),
                _ => {}
            }
        }
        Some(device)
    }

    /// Returns the name to ask the server for if neither serial nor place is usable, such as `transport_id:3`.
    pub fn by_number(&self) -> Option<String> {
        Some(format!("{BY_NUMBER}{}", self.transport_id?))
    }

    /// True if the server can be asked for the handset by its serial.
    pub fn has_plain_serial(&self) -> bool {
        is_serial(&self.serial)
    }
}

/// Splits a line into serial, state and the rest.
fn split(line: &str) -> Option<(&str, &str, &str)> {
    let at_word = |state: &str| {
        line.match_indices(state).map(|(at, _)| at).find(|at| {
            let before = line.get(..*at).unwrap_or_default();
            let after = line.get(at + state.len()..).unwrap_or_default();
            // Only `key:value` words follow the state of a phone that could be opened.
            let begins = before.ends_with(char::is_whitespace) && !before.trim().is_empty();
            if state == NO_PERMISSION {
                return begins;
            }
            let ends = after.is_empty() || after.starts_with(char::is_whitespace);
            begins && ends && after.split_whitespace().all(|word| word.contains(':'))
        })
    };
    let known = STATES.iter().chain([&NO_PERMISSION]);
    let found = known.filter_map(|state| Some((at_word(state)?, *state)));
    // If a serial looks like a state, the last match is the state.
    if let Some((at, state)) = found.max_by_key(|(at, _)| *at) {
        let serial = line.get(..at)?.trim();
        return Some((serial, state, line.get(at + state.len()..)?));
    }
    let (serial, rest) = line.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let (state, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    (!state.is_empty()).then_some((serial, state, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_lines_of_devices_l() {
        let pixel = Device::parse(
            "9A1X                   device usb:1-4 product:oriole model:Pixel_6 device:oriole transport_id:3",
        )
        .unwrap();
        assert_eq!(
            (pixel.serial.as_str(), pixel.state.as_str()),
            ("9A1X", "device")
        );
        assert_eq!(pixel.model.as_deref(), Some("Pixel_6"));
        assert_eq!(pixel.transport_id, Some(3));
        assert_eq!(pixel.path.as_deref(), Some("usb:1-4"));
        let closed = Device::parse(
            "(no serial number)     no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-2 transport_id:4",
        )
        .unwrap();
        assert_eq!(closed.serial, "(no serial number)");
        assert_eq!(closed.state, "no permissions");
        assert_eq!(closed.transport_id, Some(4));
        let spaced = Device::parse(
            "adb-9A1X-GHAxsW (2)._adb-tls-connect._tcp device product:renoir model:M2101K9G device:renoir transport_id:3",
        )
        .unwrap();
        assert_eq!(spaced.serial, "adb-9A1X-GHAxsW (2)._adb-tls-connect._tcp");
        assert_eq!(
            (spaced.state.as_str(), spaced.transport_id),
            ("device", Some(3))
        );
        assert_eq!(spaced.model.as_deref(), Some("M2101K9G"));
        assert!(!spaced.has_plain_serial());
        assert_eq!(spaced.by_number().as_deref(), Some("transport_id:3"));
        for (line, serial, state) in [
            (
                "adb-device (3) offline transport_id:4",
                "adb-device (3)",
                "offline",
            ),
            (
                "my device device product:a transport_id:5",
                "my device",
                "device",
            ),
            (
                "device unauthorized usb:1-1 transport_id:6",
                "device",
                "unauthorized",
            ),
            ("A1   detached usb:1-3 transport_id:7", "A1", "detached"),
            (
                "A2 no permissions; see [http://developer.android.com/tools/device.html] usb:1-2 transport_id:8",
                "A2",
                "no permissions",
            ),
            (
                "A3 something-new usb:1-2 transport_id:9",
                "A3",
                "something-new",
            ),
            ("A4 rescue usb:336592896X transport_id:10", "A4", "rescue"),
        ] {
            let device = Device::parse(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (device.serial.as_str(), device.state.as_str()),
                (serial, state)
            );
            assert!(device.transport_id.is_some(), "{line}");
        }
        assert_eq!(Device::parse("lonely"), None);
        let old = Device::parse("127.0.0.1:5555 unauthorized").unwrap();
        assert_eq!(old.state, "unauthorized");
        assert_eq!(Device::parse(""), None);
    }
}
