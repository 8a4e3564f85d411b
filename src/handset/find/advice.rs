//! Advice for devices of any family that can't be read.

use super::State;
use super::usb::{Access, clean};
use crate::coach::Situation;
use crate::phrase;

/// The commands that install the udev rules.
pub const INSTALL_RULES: [&str; 2] = [
    "sudo cp assets/70-lifeboat.rules /etc/udev/rules.d/",
    "sudo udevadm control --reload",
];

/// Returns whether an interface can be used, and if not, what to do. `on_windows`: the same for an interface that Windows'
/// own driver has.
pub fn of_access(access: &Access, on_windows: (State, Situation)) -> (State, Situation) {
    let situation = match access {
        Access::Ok => return (State::Ready, Situation::default()),
        Access::NoPermission if cfg!(target_os = "linux") => {
            Situation::naming("permission", INSTALL_RULES.join("; "))
        }
        Access::NoPermission => Situation::of("permission_other"),
        Access::Busy { by } => Situation::naming("busy", names(by)),
        Access::SystemDriver => return on_windows,
        Access::Gone => Situation::of("gone"),
        Access::Other(why) => Situation::naming(
            "failed",
            clean(why).unwrap_or_else(|| phrase("USB failed").to_owned()),
        ),
    };
    (State::NeedsYou, situation)
}

/// Returns the programs that use a device, for the end of a sentence: `: gvfsd`, or nothing if none is known.
pub fn names(by: &[String]) -> String {
    let by: Vec<String> = by.iter().filter_map(|name| clean(name)).collect();
    match by.is_empty() {
        true => String::new(),
        false => format!(": {}", by.join(", ")),
    }
}

/// Advice if nothing that could be a handset is plugged in.
pub fn nothing_plugged_in() -> String {
    Situation::of("nothing").paragraph("")
}

/// Advice if this computer has no USB.
pub const NO_USB: &str = phrase(
    "Lifeboat can't use USB here (a virtual machine?). Use another computer, or pass the \
     phone's USB device through to this one.",
);
