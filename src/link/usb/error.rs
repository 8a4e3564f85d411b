//! USB errors, in words.

use crate::model::Advice;
use crate::phrase;

/// Why a device on USB could not be opened or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsbError {
    #[error("programs can't use USB on this computer")]
    NoUsb,
    #[error("the device is no longer plugged in")]
    Gone,
    #[error("you don't have permission to use the device")]
    NoPermission,
    #[error("another program is using the device")]
    Busy,
    #[error("the device no longer has the USB interface that was listed")]
    Changed,
    #[error("the device did not answer in time")]
    TimedOut,
    #[error("the device stopped the transfer")]
    Stalled,
    #[error("the device sent more data than requested")]
    Overflow,
    #[error("the device sent an invalid description of itself")]
    BadDescriptor,
    #[error("this computer's driver does not let programs use the device")]
    NotSupported,
    #[error("this computer has too little memory for USB")]
    NoMemory,
    #[error("USB failed: {0}")]
    Other(rusb::Error),
}

impl Advice for UsbError {
    fn advice(&self) -> String {
        let text = match self {
            Self::NoUsb => phrase(
                "Use a computer with USB ports. In a virtual machine or a container, pass the USB device through \
                 to it.",
            ),
            Self::Gone => phrase("Plug the phone in again and unlock it."),
            Self::NoPermission => phrase(
                "On Linux, install the rules in assets/70-lifeboat.rules, then unplug the phone and plug it in again.",
            ),
            Self::Busy => phrase(
                "Close the other program that uses the phone (such as Android Studio, scrcpy or a file manager), \
                 then plug the phone in again.",
            ),
            Self::Changed => phrase(
                "The phone changed its USB mode. Try again, and don't change the phone's USB setting.",
            ),
            Self::TimedOut => phrase("Unlock the phone and plug it in again."),
            Self::Stalled | Self::Overflow | Self::BadDescriptor => phrase(
                "Plug the phone in again, directly into the computer. If this happens again, use another cable.",
            ),
            Self::NotSupported => phrase(
                "Windows uses its own driver for this device. If it is an Android phone with USB debugging, use \
                 Android's own adb: Lifeboat reads through adb. Copy pictures with Explorer, under “This PC”.",
            ),
            Self::NoMemory => phrase("Close other programs and try again."),
            Self::Other(_) => phrase(
                "Plug the phone in again. If this happens again, use another USB port of this computer.",
            ),
        };
        text.to_owned()
    }
}

impl From<rusb::Error> for UsbError {
    fn from(error: rusb::Error) -> Self {
        use rusb::Error as E;
        match error {
            // While a cable is pulled out, Linux reports ENODEV or EPROTO, other systems an input/output error.
            E::NoDevice | E::Io => Self::Gone,
            E::Access => Self::NoPermission,
            E::Busy => Self::Busy,
            E::NotFound => Self::Changed,
            E::Timeout => Self::TimedOut,
            E::Pipe => Self::Stalled,
            E::Overflow => Self::Overflow,
            E::BadDescriptor => Self::BadDescriptor,
            E::NotSupported => Self::NotSupported,
            E::NoMem => Self::NoMemory,
            E::InvalidParam | E::Interrupted | E::Other => Self::Other(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_library_has_a_sentence_and_a_next_step() {
        use rusb::Error as E;
        let all = [
            E::Io,
            E::InvalidParam,
            E::Access,
            E::NoDevice,
            E::NotFound,
            E::Busy,
            E::Timeout,
            E::Overflow,
            E::Pipe,
            E::Interrupted,
            E::NoMem,
            E::NotSupported,
            E::BadDescriptor,
            E::Other,
        ];
        for error in all {
            let ours = UsbError::from(error);
            assert!(!ours.to_string().is_empty());
            assert!(ours.advice().ends_with('.'), "{ours:?}");
        }
        assert_eq!(UsbError::from(E::NoDevice), UsbError::Gone);
        assert_eq!(UsbError::from(E::Access), UsbError::NoPermission);
    }
}
