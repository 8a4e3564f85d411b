//! What to do where no device can be read, whatever its family is.

use super::State;
use super::usb::{Access, clean};
use crate::phrase;

/// The commands that install the udev rules.
pub const INSTALL_RULES: [&str; 2] = [
    "sudo cp assets/70-lifeboat.rules /etc/udev/rules.d/",
    "sudo udevadm control --reload",
];

/// Returns whether an interface can be used, and if not, what to do. `on_windows`: the same for an interface that Windows'
/// own driver has.
pub fn of_access(access: &Access, on_windows: (State, String)) -> (State, String) {
    let text = match access {
        Access::Ok => return (State::Ready, String::new()),
        Access::NoPermission => no_permission(),
        Access::Busy { by } if by.iter().filter_map(|name| clean(name)).next().is_none() => {
            phrase(
                "Another program is using the phone. Close any program that may be using it (Android Studio, scrcpy, \
                 a second Lifeboat, another user's adb), then try again.",
            )
                .to_owned()
        }
        Access::Busy { by } => phrase!(
            "Another program is using the phone: {}. Close it, then try again.",
            by.iter().filter_map(|name| clean(name)).collect::<Vec<_>>().join(", ")
        ),
        Access::SystemDriver => return on_windows,
        Access::Gone => phrase(
            "The phone was disconnected while Lifeboat checked it. Check that both ends of the cable \
             are plugged in, then try again.",
        )
            .to_owned(),
        Access::Other(why) => phrase!(
            "The phone is connected, but could not be opened: {}. Plug it in again. If this happens again, use \
             another USB port of this computer.",
            clean(why).unwrap_or_else(|| phrase("USB failed").to_owned())
        ),
    };
    (State::NeedsYou, text)
}

fn no_permission() -> String {
    if cfg!(target_os = "linux") {
        phrase!(
            "The phone is ready, but you don't have permission to use it. Install the rules that come with \
             Lifeboat, from its folder: {}; {}; then unplug the phone and plug it in again.",
            INSTALL_RULES[0],
            INSTALL_RULES[1]
        )
    } else {
        phrase(
            "The phone is ready, but you don't have permission to use it. Close other programs that use phones, then \
             plug the phone in again.",
        )
            .to_owned()
    }
}

/// Advice if nothing that could be a handset is plugged in.
pub const NOTHING_PLUGGED_IN: &str = phrase(
    "No phone found. Plug the phone directly into this computer with a data \
     cable, and unlock the phone. A charge-only cable looks like this too. Try \
     the phone's own cable. If the phone offers no choice of USB mode, try \
     another cable. A locked phone with Auto Blocker, Advanced Protection or \
     Lockdown can't be found either: unlock it first, then plug it in.",
);

/// Advice if this computer has no USB.
pub const NO_USB: &str = phrase(
    "Lifeboat can't use USB here (a virtual machine?). Use another computer, or pass the \
     phone's USB device through to this one.",
);
