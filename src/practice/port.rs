//! A computer with practice handsets plugged in.

use super::snapshot::snapshot;
use crate::handset::Handset;
use crate::handset::android::{Android, Choices};
use crate::handset::find::{Found, OnWait, OpenError, Port, Seen, State, Wanted, choose, judge};
use crate::model::Stop;
use crate::practice::android::{PracticeAndroid, Settings};
use crate::protocol::adb::{Adb, Options};

/// A port with only practice handsets. Real devices are not visible. Its handsets are judged in the same way as real
/// ones.
pub struct PracticePort {
    android: PracticeAndroid,
    /// A second handset with the same model and serial number.
    twin: Option<PracticeAndroid>,
    options: Options,
    choices: Choices,
}

/// Socket numbers of the handset and its twin.
const SOCKETS: [u8; 2] = [4, 5];

impl PracticePort {
    /// Plugs in a practice Android, and its twin if the settings ask for one.
    pub fn new(settings: Settings, options: Options, choices: Choices) -> Self {
        let twin = settings.twin.then(|| {
            PracticeAndroid::new(Settings {
                seed: settings.seed.wrapping_add(1),
                ..settings.clone()
            })
        });
        Self {
            android: PracticeAndroid::new(settings),
            twin,
            options,
            choices,
        }
    }

    /// The handset, for pulling its cable or for access without the debug bridge.
    pub fn android(&self) -> &PracticeAndroid {
        &self.android
    }

    /// Requests to any of the handsets that do more than read. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        self.handsets()
            .flat_map(|(_, handset)| handset.tripped())
            .collect()
    }

    /// Opens the first handset, whatever its name is.
    ///
    /// # Errors
    /// See [`Port::open`].
    pub fn open_first(&self, stop: &Stop, on_wait: OnWait) -> Result<Box<dyn Handset>, OpenError> {
        let first = judge(&self.see()).into_iter().next();
        let id = first.map(|listed| listed.device.id).unwrap_or_default();
        self.open(&id, Wanted::All, stop, on_wait)
    }

    /// The handsets with their sockets.
    fn handsets(&self) -> impl Iterator<Item = (u8, &PracticeAndroid)> {
        SOCKETS
            .into_iter()
            .zip(std::iter::once(&self.android).chain(&self.twin))
    }

    fn see(&self) -> Seen {
        let plugged = self.handsets().filter(|(_, handset)| handset.is_plugged());
        Seen {
            usb: Some(
                plugged
                    .map(|(socket, handset)| snapshot(handset, socket))
                    .collect(),
            ),
            server: None,
        }
    }
}

/// Lists the connected handsets as on a real computer, except for the way they are reached.
pub(super) fn listed(seen: &Seen) -> Found {
    let mut found = Found::of(seen);
    for device in &mut found.devices {
        // Only the USB view is imitated; file transfer is not available.
        device.files_alone = false;
        device.approaches = match device.state {
            State::Ready => vec!["practice".into()],
            _ => Vec::new(),
        };
    }
    found
}

impl Port for PracticePort {
    fn look(&self) -> Found {
        listed(&self.see())
    }

    fn open(
        &self,
        id: &str,
        _: Wanted,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Box<dyn Handset>, OpenError> {
        let listed = judge(&self.see());
        if listed.is_empty() {
            return Err(OpenError {
                what: "the practice handset is not plugged in".into(),
                advice: "Plug it in again.".into(),
            });
        }
        let (_, path) = choose(listed, id)?;
        let handset = self
            .handsets()
            .find(|(socket, handset)| {
                snapshot(handset, *socket).path() == path.as_deref().unwrap_or_default()
            })
            .map_or(&self.android, |(_, handset)| handset);
        let options = Options {
            stop: stop.clone(),
            on_wait,
            ..self.options.clone()
        };
        let adb = Adb::connect(handset.link(), options)?;
        Ok(Box::new(Android::open(adb, &self.choices)?))
    }
}
