//! Advice for the owner, who may be frightened: why a handset can't be read now, and what to do.

use super::State;
use super::kind::Kind;
use super::loaders::Loader;
use super::usb::{Access, Storage, SystemDisk, clean};
use crate::handset::memory_card::ON_WINDOWS;

/// The commands that install the udev rules.
pub const INSTALL_RULES: [&str; 2] = [
    "sudo cp assets/70-lifeboat.rules /etc/udev/rules.d/",
    "sudo udevadm control --reload",
];

/// Returns how the owner switches USB debugging on, in the words of the maker's menus.
fn debugging(make: &str) -> String {
    let is = |maker: &str| make.eq_ignore_ascii_case(maker);
    let (number, of_maker) = if is("Samsung") {
        (
            "Software information, and tap “Build number”",
            " If the switch is grey, Auto Blocker is on: switch it off under Settings, Security and privacy; it asks for \
             the phone's code.",
        )
    } else if is("Xiaomi") {
        (
            "and tap “OS version”",
            " “USB debugging” alone is enough: sign in to no Mi account, put in no SIM card, and leave “USB debugging \
             (Security settings)” off.",
        )
    } else {
        (
            "and tap “Build number” (Samsung: under Software information; Xiaomi: “OS version”)",
            "",
        )
    };
    format!(
        "To let this computer read it: unlock the phone; open Settings, About phone, {number} seven times; then in \
         Settings, System, Developer options, switch “USB debugging” on and tap “Allow” when the phone asks.{of_maker} If \
         Settings refuse it: on a child's phone the parent allows it in Family Link; for a phone that a company manages, \
         ask its IT first. Keep it unlocked and plugged in. Don't restart it and don't reset it."
    )
}

/// Returns what the owner has to do before a phone of this kind can be read. Only kinds whose interface is checked
/// separately are ready here.
pub fn of_kind(kind: Kind, make: &str) -> (State, String) {
    let needs_debugging = |what: &str| (State::NeedsYou, format!("{what} {}", debugging(make)));
    let out_of_reach = |text: &str| (State::OutOfReach, text.to_owned());
    match kind {
        Kind::Debugging | Kind::KaiOs | Kind::Card => (State::Ready, String::new()),
        Kind::Camera | Kind::Gadget => out_of_reach(
            "A device that shows pictures is seen, but its interface for them is incomplete. Copy them from its memory \
             card.",
        ),
        Kind::DebuggingOff => needs_debugging("The phone is seen, but its USB debugging is off."),
        Kind::Tethering => needs_debugging(
            "The phone shares its network with this computer (“USB tethering”) and shows nothing else; a mobile router \
             looks the same. Tap the phone's USB message and choose “File transfer”, or switch “USB tethering” off under \
             Settings, Network (Samsung: Connections), Hotspot and tethering.",
        ),
        Kind::ChargingOnly => needs_debugging(
            "The phone is seen, but it only charges. First unlock it, unplug it and plug it in again: a locked phone with \
             Auto Blocker, Advanced Protection or Lockdown lets no computer in.",
        ),
        Kind::Recovery => out_of_reach(RECOVERY),
        Kind::Bootloader => out_of_reach(BOOTLOADER),
        Kind::Loader(loader) => {
            let what = match loader {
                Loader::Chip => {
                    "it runs no system: it waits in its chip's loader, with a black screen"
                }
                Loader::Flash => "it is in its maker's mode for installing a system",
                Loader::Crash => "its system crashed, and it waits with a black screen",
            };
            out_of_reach(&format!("A phone is seen, but {what}. {LOADER}"))
        }
        Kind::SamsungDownload => out_of_reach(
            "The phone is in Samsung's download mode, where nothing of its owner's can be read; what it holds is \
             still there. To leave it: press Volume Down where the screen says “Cancel”, or hold Volume Down and the \
             power key until it starts normally. Install nothing and choose no reset; then unlock it.",
        ),
        Kind::IPhone => out_of_reach(
            "An iPhone, iPad or iPod is seen, and it does not show its pictures. Unlock it, plug it in again, and tap \
             “Trust”. Don't reset it: first make a backup with Apple's own program (Finder on a Mac, Apple Devices or \
             iTunes on Windows).",
        ),
        Kind::IPhoneRecovery => out_of_reach(&format!(
            "An iPhone or iPad is seen in recovery mode, where it shows a cable and a computer, and nothing can be read; \
             what it holds is still there. {IPHONE_RESTART} If it comes back to that picture, Apple's own program may \
             offer “Update”, which keeps what is on it, and “Restore”, which erases it: choose “Update” alone, and stop if \
             it fails."
        )),
        Kind::IPhoneDfu => out_of_reach(&format!(
            "An iPhone or iPad is seen in DFU mode, with a black screen, where nothing can be read; what it holds is \
             still there. Click no “Restore” in Apple's own program: it erases the iPhone. {IPHONE_RESTART} If the screen \
             stays black, it is a case for a repair that keeps what is on it."
        )),
        Kind::WindowsPhone => out_of_reach(
            "A Windows Phone is seen. It gives its contacts and calendar to no computer by cable, so Lifeboat can't \
             read it. Don't reset it: look first whether they can be sent from the phone.",
        ),
        Kind::FeaturePhone => out_of_reach(
            "The phone is seen, but it is of a kind that this version of Lifeboat can't read. Don't reset it: its \
             contacts can usually be copied to the memory card or the SIM card, or sent by Bluetooth, from the phone's own \
             menu.",
        ),
    }
}

/// A phone with KaiOS can be read, and gives more after the owner has exported the contacts.
pub const KAIOS: &str = "The phone runs KaiOS, which gives its contacts to no computer. First let it write them into files: \
    Contacts, Options, Settings, Export contacts, Memory card. Those files and its pictures are copied then.";

const IPHONE_RESTART: &str = "Unplug it and restart it by its keys: press Volume Up, then Volume Down, then hold the side key \
    until the apple shows (iPhone 7: Volume Down and the side key; older ones: the home key and the upper key). It erases \
    nothing.";

const LOADER: &str = "What it holds is still there, and can't be read in this state. Unplug it and hold the power key for \
    half a minute, then together with Volume Down, until it starts. If it doesn't: charge it for half an hour, unless it \
    is wet or swollen, and try once more. Run no program that flashes, unlocks or “unbricks” it: these erase it. If it stays \
    like that, it is a case for a repair that keeps what is on it.";

/// The commands that install the udev rules for memory cards.
const INSTALL_CARD_RULES: &str =
    "sudo cp assets/71-lifeboat-cards.rules /etc/udev/rules.d/; sudo udevadm control --reload";

/// Returns whether a memory card's interface can be used, and if not, what to do.
pub fn of_card_access(access: &Access) -> (State, String) {
    match access {
        Access::NoPermission if cfg!(target_os = "linux") => (
            State::NeedsYou,
            format!(
                "A memory card, or a stick, is seen, but this computer doesn't let you read it. If it is what you want to \
                 rescue, install the rules that come with Lifeboat, from its folder: {INSTALL_CARD_RULES}; then unplug it \
                 and plug it in again."
            ),
        ),
        Access::SystemDriver => (
            State::OutOfReach,
            format!("A memory card, or a stick, is seen. {ON_WINDOWS}"),
        ),
        access => of_access(access),
    }
}

/// Returns why the list on Windows shows no memory cards, and what to do.
pub fn no_cards_on_windows() -> String {
    format!("For a memory card: {ON_WINDOWS}")
}

/// Returns what to do before a media device gives its files, if only files are read from it or if files are the
/// fallback; `None` if the device is no media device. `shows`: the device has a complete interface for files.
pub fn of_media(kind: Kind, make: &str, shows: bool, access: &Access) -> Option<(State, String)> {
    match kind {
        Kind::Camera | Kind::Gadget | Kind::IPhone if shows => {
            Some(match of_media_access(access) {
                (State::Ready, _) if kind == Kind::IPhone => (State::Ready, IPHONE.to_owned()),
                (state, text) if kind == Kind::IPhone && *access == Access::SystemDriver => {
                    (state, format!("{text} {IPHONE_BACKUP}"))
                }
                refused => refused,
            })
        }
        Kind::DebuggingOff if shows => {
            let (state, text) = of_kind(kind, make);
            let instead = match access {
                Access::SystemDriver => FILES_INSTEAD_ON_WINDOWS,
                _ => FILES_INSTEAD,
            };
            Some((state, format!("{text} {instead}")))
        }
        Kind::WindowsPhone | Kind::FeaturePhone if shows => {
            let (state, text) = of_kind(kind, make);
            let files = match access {
                Access::SystemDriver => FILES_ON_WINDOWS,
                _ => FILES,
            };
            Some((state, format!("{text} {files}")))
        }
        _ => None,
    }
}

const IPHONE: &str = "Unlock it, tap “Trust” if it asks, and keep it unlocked: its pictures can be copied. For its contacts \
    and calendar make a backup with Apple's own program.";

const IPHONE_BACKUP: &str = "For its contacts and calendar make a backup with Apple's own program (Apple Devices or iTunes).";

/// The fallback if debugging can't be switched on: contacts that were exported first are then among the files.
const FILES_INSTEAD: &str = "Where debugging can't be had: first let the Contacts app export its contacts to a file on the \
    phone; then choose “File transfer” in the phone's USB message, and copy its files: lifeboat rescue --device ID --files.";

const FILES_INSTEAD_ON_WINDOWS: &str = "Where debugging can't be had: first let the Contacts app export its contacts to a file \
    on the phone; then choose “File transfer” in the phone's USB message, and copy its files with Explorer (under “This \
    PC”): Windows holds them with its own driver. Lifeboat on Linux copies and checks them.";

const FILES: &str = "Its pictures can be copied: lifeboat rescue --device ID --files.";

const FILES_ON_WINDOWS: &str = "Windows holds it with its own driver, so Lifeboat can't read its files here. Copy its \
    pictures with Explorer (under “This PC”), or use Lifeboat on Linux, which reads and checks them. Delete nothing on it.";

/// Returns whether an interface for files can be used, and if not, what to do.
fn of_media_access(access: &Access) -> (State, String) {
    match access {
        Access::Busy { by } => {
            let by: Vec<String> = by.iter().filter_map(|name| clean(name)).collect();
            let by = match by.is_empty() {
                true => String::new(),
                false => format!(": {}", by.join(", ")),
            };
            let text = format!(
                "Another program shows its pictures{by}. Close that program, or eject the device in the file manager \
                 without unplugging it, then look again."
            );
            (State::NeedsYou, text)
        }
        Access::SystemDriver => (State::OutOfReach, FILES_ON_WINDOWS.to_owned()),
        access => of_access(access),
    }
}

/// Returns whether a memory card can be read, by how the system uses its disks, and if not, what to do.
pub fn of_storage(storage: &Storage) -> (State, String) {
    let used: Vec<&str> = storage
        .disks
        .iter()
        .flat_map(|disk| &disk.used_as)
        .map(String::as_str)
        .collect();
    let is_empty = |disk: &SystemDisk| disk.size == 0;
    let text = if !used.is_empty() {
        format!(
            "A disk with a medium that can be taken out is seen: a memory card, or a stick. This computer uses it ({}), so \
             Lifeboat does not touch it. To rescue it: close what is open on it and unmount it (in the file manager, or \
             umount), leave it plugged in, and look again.",
            used.join(", ")
        )
    } else if storage.has_driver && storage.disks.is_empty() {
        "A disk is seen, and this computer still looks at it. Look again in a moment.".to_owned()
    } else if !storage.disks.is_empty() && storage.disks.iter().all(is_empty) {
        "A card reader or a phone's drive is seen, and there is no card in it. Put the card in, or choose on the phone that \
         it is shown to the computer (“USB storage”, “Disk drive”)."
            .to_owned()
    } else {
        return (State::Ready, String::new());
    };
    (State::NeedsYou, text)
}

const BOOTLOADER: &str = "The phone is in its bootloader, where nothing of its owner's can be read; what it holds is \
    still there. If it shows a menu, choose “Start” with the volume keys, and confirm with the power key; if it shows none \
    (as on a Xiaomi), hold the power key for 15 seconds until it restarts. Choose no wipe, no reset, no unlock and no \
    recovery; then unlock the screen.";

const RECOVERY: &str = "The phone is in its recovery system, where its contacts and calendar can't be read; what it \
    holds is still there. Where it says “Can't load Android system”, choose “Try again”, never “Factory data reset”; else \
    choose “Reboot system now” (TWRP: Reboot, System) with the volume keys, and confirm with the power key. Choose no wipe \
    and no factory reset; then unlock the screen.";

/// Returns whether a debugging interface can be used, and if not, what to do.
pub fn of_access(access: &Access) -> (State, String) {
    let text = match access {
        Access::Ok => return (State::Ready, String::new()),
        Access::NoPermission => no_permission(),
        Access::Busy { by } if by.iter().filter_map(|name| clean(name)).next().is_none() => {
            "Another program is using the phone. Close what may be using it (Android Studio, scrcpy, a second \
             Lifeboat, another user's adb), then look again."
                .to_owned()
        }
        Access::Busy { by } => format!(
            "Another program is using the phone: {}. Close it, then look again.",
            by.iter().filter_map(|name| clean(name)).collect::<Vec<_>>().join(", ")
        ),
        Access::SystemDriver => "The phone is ready, but Windows' driver lets Lifeboat not use it. Let Android's own adb hold \
                                 it: unpack Google's “SDK Platform-Tools for Windows”, run: adb devices, and tap “Allow” on \
                                 the phone. Then look again: Lifeboat reads through adb."
            .to_owned(),
        Access::Gone => "The phone went away while it was looked at. Check that both ends of the cable are in, and look \
                         again."
            .to_owned(),
        Access::Other(why) => format!(
            "The phone is seen, but could not be opened: {}. Plug it in again, into another socket of this computer \
             if this comes back.",
            clean(why).unwrap_or_else(|| "USB failed".to_owned())
        ),
    };
    (State::NeedsYou, text)
}

fn no_permission() -> String {
    if cfg!(target_os = "linux") {
        format!(
            "The phone is ready, but this computer doesn't let you use it. Install the rules that come with Lifeboat, \
             from its folder: {}; {}; then unplug the phone and plug it in again.",
            INSTALL_RULES[0], INSTALL_RULES[1]
        )
    } else {
        "The phone is ready, but this computer doesn't let you use it. Close other programs that use phones, then plug \
         it in again."
            .to_owned()
    }
}

/// Returns the meaning of a state in the adb server's list (AOSP `packages/modules/adb`, adb.cpp,
/// `to_string(ConnectionState)`).
pub fn of_server(state: &str) -> (State, String) {
    let (state, text) = match state {
        "device" => (State::Ready, ""),
        "unauthorized" | "authorizing" => (
            State::NeedsYou,
            "The phone waits for its owner's permission. Unlock it and tap “Allow” on its USB debugging question. If \
             none shows: switch USB debugging off and on again.",
        ),
        "detached" => (
            State::NeedsYou,
            "The adb server has let go of the phone (adb detach). Plug it in again, or let the server take it: adb attach.",
        ),
        "offline" | "connecting" => (
            State::NeedsYou,
            "The phone does not answer. Unplug it, plug it in again, and unlock it.",
        ),
        s if s.starts_with("no permissions") => return of_access(&Access::NoPermission),
        "bootloader" => (State::OutOfReach, BOOTLOADER),
        "recovery" | "sideload" | "rescue" => (State::OutOfReach, RECOVERY),
        _ => (
            State::OutOfReach,
            "The phone is in a state in which it can't be read. Unplug it, plug it in again, and unlock it.",
        ),
    };
    (state, text.to_owned())
}

/// Advice if nothing that could be a handset is plugged in.
pub const NOTHING_PLUGGED_IN: &str = "No phone is seen on USB. Plug it in with a cable that carries data, straight into \
    this computer, and unlock it. A cable that only charges looks the same: take the one that came with the phone, or \
    one over which files were copied before; if the phone offers no choice of USB mode when plugged in, try another \
    cable. A locked phone with Auto Blocker, Advanced Protection or Lockdown shows nothing either: unlock it first, then \
    plug it in.";

/// Advice if this computer has no USB.
pub const NO_USB: &str = "This computer has no USB that Lifeboat can look at, as in a virtual machine or a container. \
    Use another computer, or hand the phone's USB device through to this one.";
