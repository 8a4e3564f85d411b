//! The banner of an ADB device: how it describes itself when it connects.

use std::collections::{BTreeMap, BTreeSet};

/// The feature by which a stream continues without waiting for each acknowledgement (AOSP `packages/modules/adb`,
/// docs/dev/delayed_ack.md).
pub(super) const DELAYED_ACK: &str = "delayed_ack";

/// Features that Lifeboat can use; only these are requested. adbd takes everything up to the next comma for the name of
/// a feature, so nothing may follow the last one.
pub(super) const OUR_FEATURES: [&str; 5] =
    ["shell_v2", "stat_v2", "ls_v2", "sendrecv_v2", DELAYED_ACK];

/// A handset's description of itself, sent when a connection is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Banner {
    /// The system that runs on the handset.
    pub system_type: SystemType,
    /// `ro.product.name`, `ro.product.model`, `ro.product.device`, if the handset sends them.
    pub properties: BTreeMap<String, String>,
    /// The features that both sides support.
    pub features: BTreeSet<String>,
}

/// Kinds of systems on a handset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SystemType {
    /// Android itself.
    #[default]
    Device,
    /// A recovery system: other partitions may be readable, but the content providers don't run.
    Recovery,
    /// A recovery system that only takes updates.
    Sideload,
    Rescue,
    Bootloader,
    /// The handset is connected, but has not allowed this computer.
    Unauthorized,
    /// Any other system, in the handset's own word.
    Other(String),
}

impl SystemType {
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "device" => Self::Device,
            "recovery" => Self::Recovery,
            "sideload" => Self::Sideload,
            "rescue" => Self::Rescue,
            "bootloader" => Self::Bootloader,
            "unauthorized" => Self::Unauthorized,
            other => Self::Other(super::error::printable(other.as_bytes())),
        }
    }
}

impl Banner {
    /// Parses the payload of a CNXN: `device::ro.product.name=…;features=…`.
    pub(super) fn parse(payload: &[u8]) -> Self {
        let text = String::from_utf8_lossy(payload);
        let text = text.trim_end_matches('\0');
        let mut parts = text.splitn(3, ':');
        let system_type = SystemType::parse(parts.next().unwrap_or_default());
        let mut banner = Self {
            system_type,
            ..Self::default()
        };
        for property in parts.nth(1).unwrap_or_default().split(';') {
            match property.split_once('=') {
                Some(("features", list)) => banner.features = shared_features(list),
                Some((key, value))
                    if key.starts_with("ro.") && key.bytes().all(|b| b.is_ascii_graphic()) =>
                {
                    let printable = super::error::printable(value.as_bytes());
                    banner.properties.insert(key.to_owned(), printable);
                }
                _ => {}
            }
        }
        banner
    }

    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }
}

/// Returns the features of a comma-separated list that Lifeboat supports too.
pub(super) fn shared_features(list: &str) -> BTreeSet<String> {
    list.split(',')
        .map(str::trim)
        .filter(|feature| OUR_FEATURES.contains(feature))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_banners_old_and_new() {
        let banner = Banner::parse(
            b"device::ro.product.name=oriole;ro.product.model=Pixel 6;ro.product.device=oriole;features=shell_v2,cmd,stat_v2,delayed_ack,brotli\0",
        );
        assert_eq!(banner.system_type, SystemType::Device);
        assert_eq!(
            banner
                .properties
                .get("ro.product.model")
                .map(String::as_str),
            Some("Pixel 6")
        );
        assert!(banner.has("shell_v2") && banner.has("stat_v2"));
        assert!(banner.has("delayed_ack"));
        assert!(!banner.has("cmd"), "never used, so never shared");
        assert_eq!(Banner::parse(b"device::").features.len(), 0);
        assert_eq!(
            Banner::parse(b"recovery::ro.product.name=x;").system_type,
            SystemType::Recovery
        );
        assert_eq!(
            Banner::parse(b"\xff").system_type,
            SystemType::Other("\u{fffd}".into())
        );
    }
}
