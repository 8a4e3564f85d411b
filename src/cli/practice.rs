//! `lifeboat practice`.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Family, OK, PracticeOwner, Serve};
use crate::handset::Handset;
use crate::handset::android::Choices;
use crate::handset::find::{OnWait, OpenError, Port, Wanted};
use crate::model::Stop;
use crate::practice::PracticePort;
use crate::practice::android::{self, Fault, PracticeAndroid, Settings};
use crate::practice::card::{self, CardPort, PracticeCard};
use crate::practice::media::{self, MediaPort, PracticeMedia};
use crate::protocol::adb::Options;
use crate::tui::Cable;

/// Help text for `--fault`.
pub fn fault_help() -> String {
    format!(
        "What goes wrong; several with commas between them.\n\n{}\nOf a media device (--practice media):\n\n{}\nOf a card \
         (--practice card):\n\n{}",
        android::fault_help(),
        media::fault_help(),
        card::fault_help()
    )
}

/// A practice handset that is plugged in.
pub struct Plugged {
    pub port: Arc<dyn Port>,
    pub cable: Arc<dyn Cable>,
    tripped: Box<dyn Fn() -> Vec<String>>,
}

/// Delays of a practice handset on the screens, similar to a real one.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Start-up time of Android's `content` command.
    pub start: Duration,
    pub bytes_per_second: u64,
}

impl Plugged {
    /// Creates a handset of this family with these faults. `options` and `choices` apply to an Android.
    ///
    /// # Errors
    /// If a fault is unknown.
    pub fn new(
        family: Family,
        fault: Option<&str>,
        pace: Option<Pace>,
        options: Options,
        choices: Choices,
    ) -> Result<Self> {
        match family {
            Family::Android => {
                let mut settings = faulty(fault)?;
                if let Some(pace) = pace {
                    settings.content_start = settings.content_start.max(pace.start);
                    settings.bytes_per_second =
                        settings.bytes_per_second.or(Some(pace.bytes_per_second));
                }
                let port = Arc::new(PracticePort::new(settings, options, choices));
                let watched = Arc::clone(&port);
                Ok(Self::of(port, move || watched.tripped()))
            }
            Family::Card => {
                let mut settings = card::settings(fault.unwrap_or_default())?;
                settings.bytes_per_second = pace.map(|pace| pace.bytes_per_second);
                let card = PracticeCard::new(settings);
                let port = Arc::new(CardPort(card.clone()));
                Ok(Self::of(port, move || card.tripped()))
            }
            Family::Media => {
                let mut settings = media::Settings {
                    more_files: true,
                    ..media::Settings::default()
                };
                media::apply(fault.unwrap_or_default(), &mut settings)?;
                settings.bytes_per_second = settings
                    .bytes_per_second
                    .or(pace.map(|pace| pace.bytes_per_second));
                let device = PracticeMedia::new(settings);
                let port = Arc::new(MediaPort(device.clone()));
                Ok(Self::of(port, move || device.tripped()))
            }
        }
    }

    fn of<P: Port + Cable + 'static>(
        port: Arc<P>,
        tripped: impl Fn() -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            port: port.clone(),
            cable: port,
            tripped: Box::new(tripped),
        }
    }

    /// Opens the first handset, whatever its name is.
    ///
    /// # Errors
    /// See [`Port::open`].
    pub fn open(&self, stop: &Stop, on_wait: OnWait) -> Result<Box<dyn Handset>, OpenError> {
        let first = self.port.look().devices.into_iter().next();
        let id = first.map(|device| device.id).unwrap_or_default();
        self.port.open(&id, Wanted::All, stop, on_wait)
    }

    /// The requests that did more than read. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        (self.tripped)()
    }
}

impl Cable for PracticePort {
    fn is_plugged(&self) -> bool {
        self.android().is_plugged()
    }

    fn toggle(&self) {
        match self.android().is_plugged() {
            true => self.android().unplug(),
            false => self.android().plug_in(),
        }
    }
}

impl Cable for CardPort {
    fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    fn toggle(&self) {
        match self.0.is_plugged() {
            true => self.0.unplug(),
            false => self.0.plug_in(),
        }
    }
}

impl Cable for MediaPort {
    fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    fn toggle(&self) {
        match self.0.is_plugged() {
            true => self.0.unplug(),
            false => self.0.plug_in(),
        }
    }
}

/// The practice handset that the command line describes.
fn settings(serve: &Serve) -> Result<Settings> {
    let mut settings = faulty(serve.fault.as_deref())?;
    settings.contacts = serve.contacts.map_or(settings.contacts, |n| n as _);
    settings.events = serve.events.map_or(settings.events, |n| n as _);
    settings.todos = serve.todos.map_or(settings.todos, |n| n as _);
    settings.seed = serve.seed.unwrap_or(settings.seed);
    settings.ordinary_owner |= serve.owner == PracticeOwner::Ordinary;
    Ok(settings)
}

/// The default practice handset, with faults if requested.
fn faulty(fault: Option<&str>) -> Result<Settings> {
    let mut settings = Settings {
        photos: 12,
        more_files: true,
        ..Settings::default()
    };
    if let Some(spec) = fault {
        spec.parse::<Fault>()?.apply(&mut settings);
    }
    Ok(settings)
}

/// Serves a practice handset until a signal arrives.
pub fn serve(serve: &Serve, stop: &Stop) -> Result<u8> {
    if !matches!(serve.family, Family::Android) {
        bail!(
            "only a practice Android is served; use the others with lifeboat rescue {}",
            serve.family.reach()
        );
    }
    let handset = PracticeAndroid::new(settings(serve)?);
    match (&serve.place.adb, &serve.place.gadget) {
        (Some(address), _) => on_network(&handset, address, stop)?,
        (None, controller) => on_gadget(&handset, controller.clone().flatten().as_deref(), stop)?,
    }
    for asked in handset.tripped() {
        say!("Something that is not reading was asked of it: {asked}");
    }
    Ok(OK)
}

fn on_network(handset: &PracticeAndroid, address: &str, stop: &Stop) -> Result<()> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{address} can't be listened on; choose another port"))?;
    let address = listener.local_addr()?;
    say!(
        "A practice Android speaks ADB on {address}. Rescue it: lifeboat rescue --adb {address} --to out. Ctrl-C ends it."
    );
    Ok(handset.serve(listener, stop)?)
}

#[cfg(target_os = "linux")]
fn on_gadget(handset: &PracticeAndroid, controller: Option<&str>, stop: &Stop) -> Result<()> {
    let (make, model, serial) = handset.name();
    let mut ready = |controller: &str| {
        say!(
            "A practice Android is plugged into {controller}: {make} {model}, {serial}. Ctrl-C ends it."
        );
    };
    crate::practice::gadget::serve(handset, controller, stop, &mut ready).context(
        "no USB gadget could be made; it takes root and a USB device controller (modprobe dummy_hcd makes one)",
    )
}

#[cfg(not(target_os = "linux"))]
fn on_gadget(_: &PracticeAndroid, _: Option<&str>, _: &Stop) -> Result<()> {
    bail!("only Linux can be a USB device; use --adb 127.0.0.1:5555")
}
