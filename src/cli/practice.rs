//! `lifeboat practice`, and the practice phones of `--practice`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand, ValueEnum};

use super::OK;
use super::options::Family;
use crate::handset::android::Choices;
use crate::handset::family::Secrets;
use crate::handset::find::{OnWait, OpenError, Opened, Port, Wanted};
use crate::model::Stop;
use crate::phrase;
use crate::practice::android::{self, PracticeAndroid, SeenAs};
use crate::practice::card::{self, PracticeCard};
use crate::practice::fault::{self, Pace, PracticeSettings};
#[cfg(target_os = "linux")]
use crate::practice::gadget;
use crate::practice::iphone_backup::{self, PracticeBackups};
use crate::practice::media::{self, PracticeMedia};
use crate::practice::{Practice, PracticeDevice, PracticePort};
use crate::protocol::adb::Options;
use crate::tui::Cable;

/// A practice handset that is plugged in.
pub struct Plugged {
    pub port: Arc<dyn Port>,
    /// `None`: it has no cable.
    pub cable: Option<Arc<dyn Cable>>,
    tripped: Box<dyn Fn() -> Vec<String>>,
}

/// What the command line says about a practice handset.
pub struct PracticeRequest<'a> {
    pub family: Family,
    pub fault: Option<&'a str>,
    /// How slow it is; `None`: as fast as it can be.
    pub pace: Option<Pace>,
    /// An Android transfers files and has debugging switched off.
    pub files: bool,
}

impl Plugged {
    /// Creates a handset. `options` and `choices` apply to an Android.
    ///
    /// # Errors
    /// If a fault is unknown.
    pub fn new(
        wish: &PracticeRequest,
        options: Options,
        choices: Choices,
        secrets: Secrets,
    ) -> Result<Self> {
        match wish.family {
            Family::IphoneBackup => {
                let settings: iphone_backup::Settings = settings(wish.fault, wish.pace)?;
                let backups = PracticeBackups::new(&settings, secrets).context(phrase(
                    "can't write the practice backup into the folder for temporary files",
                ))?;
                Ok(Self {
                    port: Arc::new(backups),
                    cable: None,
                    tripped: Box::new(Vec::new),
                })
            }
            Family::Android => {
                let mut settings: android::Settings = settings(wish.fault, wish.pace)?;
                if wish.files && settings.link.seen_as == SeenAs::Ready {
                    settings.link.seen_as = SeenAs::DebuggingOff;
                }
                Ok(Self::of::<android::Device>(settings, options, choices))
            }
            Family::Card => {
                let settings = settings(wish.fault, wish.pace)?;
                Ok(Self::of::<card::Device>(settings, options, choices))
            }
            Family::Media => {
                let settings = settings(wish.fault, wish.pace)?;
                Ok(Self::of::<media::Device>(settings, options, choices))
            }
        }
    }

    fn of<D: PracticeDevice>(settings: D::Settings, options: Options, choices: Choices) -> Self {
        let port = Arc::new(PracticePort::<D>::new(settings, options, choices));
        Self {
            port: port.clone(),
            cable: Some(port.clone()),
            tripped: Box::new(move || port.tripped()),
        }
    }

    /// Opens the first handset, whatever its name is.
    ///
    /// # Errors
    /// See [`Port::open`].
    pub fn open(&self, wanted: Wanted, stop: &Stop, on_wait: OnWait) -> Result<Opened, OpenError> {
        let first = self.port.look().devices.into_iter().next();
        let id = first.map(|device| device.id).unwrap_or_default();
        self.port.open(&id, wanted, stop, on_wait)
    }

    /// The requests that did more than read. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        (self.tripped)()
    }
}

impl<D: PracticeDevice> Cable for PracticePort<D> {
    fn is_plugged(&self) -> bool {
        self.device().is_plugged()
    }

    fn toggle(&self) {
        match self.device().is_plugged() {
            true => self.device().unplug(),
            false => self.device().plug_in(),
        }
    }
}

/// The usual settings of a family, with faults if requested.
fn settings<S: PracticeSettings>(fault: Option<&str>, pace: Option<Pace>) -> Result<S> {
    let mut settings = S::usual();
    if let Some(spec) = fault {
        fault::apply(spec, &mut settings)?;
    }
    if let Some(pace) = pace {
        settings.slow_down(pace);
    }
    Ok(settings)
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Puts a practice phone where other programs can reach it.
    #[command(subcommand)]
    Serve(Serve),
}

#[derive(Debug, Subcommand)]
pub enum Serve {
    /// An Android with debugging, on a network port or on USB.
    Android(ServeAndroid),
    /// A phone that transfers files, a camera, or an iPhone seen as one, on USB.
    Media(ServeMedia),
    /// A Sidekick's memory card, as an image file or on USB.
    Card(ServeCard),
    /// A backup of an iPhone, in a folder.
    IphoneBackup(ServeBackup),
}

#[derive(Debug, Args)]
pub struct ServeBackup {
    /// The folder of the backup, a new one. `lifeboat rescue --iphone-backup FOLDER` reads it, as do other programs for
    /// backups.
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// What it is and what goes wrong, such as `encrypted` or `ios=9`; several with commas between them.
    #[arg(long, value_name = "SPEC", long_help = help::<iphone_backup::Settings>())]
    fault: Option<String>,
}

#[derive(Debug, Args)]
pub struct ServeAndroid {
    /// The address on which it speaks ADB, such as 127.0.0.1:5555.
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        required_unless_present = "gadget",
        conflicts_with = "gadget"
    )]
    adb: Option<String>,
    #[command(flatten)]
    gadget: Gadget,
    /// Its owner's contacts.
    #[arg(long, value_name = "N")]
    contacts: Option<u32>,
    /// Its owner's events.
    #[arg(long, value_name = "N")]
    events: Option<u32>,
    /// Its owner's to-dos, on a Samsung.
    #[arg(long, value_name = "N")]
    todos: Option<u32>,
    /// Another owner.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Adds odd texts, or texts that `content` prints ambiguously.
    #[arg(long, value_enum, default_value = "awkward")]
    owner: PracticeOwner,
    /// What goes wrong, such as `unplug-after=100000` or `deny=contacts`; several with commas between them.
    #[arg(long, value_name = "SPEC", long_help = help::<android::Settings>())]
    fault: Option<String>,
}

/// A place on USB.
#[derive(Debug, Args)]
struct Gadget {
    /// A USB device controller of this computer, the first that is free if not named: any computer at the other end
    /// of the cable sees a phone. It takes Linux and root; `modprobe dummy_hcd` makes a controller that is plugged
    /// into the same computer.
    #[arg(id = "gadget", long = "gadget", value_name = "CONTROLLER", num_args = 0..=1)]
    controller: Option<Option<String>>,
}

impl Gadget {
    fn name(&self) -> Option<&str> {
        self.controller.as_ref()?.as_deref()
    }
}

#[derive(Debug, Args)]
pub struct ServeMedia {
    #[command(flatten)]
    gadget: Gadget,
    /// What it is and what goes wrong, such as `model=camera` or `unplug-after=100000`; several with commas between
    /// them.
    #[arg(long, value_name = "SPEC", long_help = help::<media::Settings>())]
    fault: Option<String>,
}

#[derive(Debug, Args)]
pub struct ServeCard {
    /// The image, a new file. `lifeboat rescue --image FILE` reads it, as does any program for disks.
    #[arg(long, value_name = "FILE")]
    image: PathBuf,
    /// Photos on the card.
    #[arg(long, value_name = "N", default_value = "12", value_parser = clap::value_parser!(u32).range(..=2_000))]
    photos: u32,
    /// Another owner.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    gadget: Gadget,
}

/// What the texts of a practice handset's owner are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PracticeOwner {
    Ordinary,
    Awkward,
}

/// Help text for `--fault`.
fn help<S: PracticeSettings>() -> String {
    let faults = fault::help::<S>();
    phrase!("What goes wrong; several with commas between them.\n\n{faults}")
}

/// Serves a practice phone until a signal arrives.
pub fn serve(serve: &Serve, stop: &Stop) -> Result<u8> {
    let tripped = match serve {
        Serve::Android(asked) => serve_android(asked, stop)?,
        Serve::Media(asked) => {
            let media = PracticeMedia::new(settings(asked.fault.as_deref(), None)?);
            let instead = phrase("Without one: lifeboat rescue --practice media --to out");
            on_gadget(&media, None, asked.gadget.name(), instead, stop)?;
            media.tripped()
        }
        Serve::IphoneBackup(asked) => {
            let settings: iphone_backup::Settings = settings(asked.fault.as_deref(), None)?;
            let folder = asked.folder.display();
            std::fs::create_dir(&asked.folder)
                .and_then(|()| iphone_backup::write(&settings, &asked.folder).map(drop))
                .with_context(|| phrase!("{folder} can't be written; name a new folder"))?;
            say!(
                "A practice backup is in {folder}. Rescue it: lifeboat rescue --iphone-backup {folder} --to out"
            );
            Vec::new()
        }
        Serve::Card(asked) => {
            let mut settings = card::Settings {
                photos: asked.photos,
                ..card::Settings::usual()
            };
            settings.seed = asked.seed.unwrap_or(settings.seed);
            serve_card(&PracticeCard::new(settings), asked, stop)?;
            Vec::new()
        }
    };
    for asked in tripped {
        say!("The practice phone received a request that does more than read: {asked}");
    }
    Ok(OK)
}

fn serve_android(asked: &ServeAndroid, stop: &Stop) -> Result<Vec<String>> {
    let mut settings: android::Settings = settings(asked.fault.as_deref(), None)?;
    settings.contacts = asked.contacts.unwrap_or(settings.contacts);
    settings.events = asked.events.unwrap_or(settings.events);
    settings.todos = asked.todos.unwrap_or(settings.todos);
    settings.seed = asked.seed.unwrap_or(settings.seed);
    settings.owner.ordinary |= asked.owner == PracticeOwner::Ordinary;
    let android = PracticeAndroid::new(settings);
    match &asked.adb {
        Some(address) => {
            let listener = TcpListener::bind(address)
                .with_context(|| phrase!("can't listen on {address}; choose another port"))?;
            let address = listener.local_addr()?;
            say!(
                "A practice Android speaks ADB on {address}. To rescue it: lifeboat rescue --adb {address} --to \
                 out. Press Ctrl-C to stop."
            );
            android.serve(listener, stop)?;
        }
        None => {
            let instead = phrase("Without one: put --adb 127.0.0.1:5555 in place of --gadget.");
            on_gadget(&android, None, asked.gadget.name(), instead, stop)?;
        }
    }
    Ok(android.tripped())
}

/// Writes the image, and plugs it in if a controller is named.
fn serve_card(card: &PracticeCard, asked: &ServeCard, stop: &Stop) -> Result<()> {
    let image = asked.image.display();
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).open(&asked.image);
    file.and_then(|mut file| file.write_all(card.image()))
        .with_context(|| phrase!("{image} can't be written; name a new file"))?;
    let rescue = phrase!("lifeboat rescue --image {image} --to out");
    match &asked.gadget.controller {
        Some(_) => {
            let instead = phrase!("The image is there: {rescue}");
            let controller = asked.gadget.name();
            on_gadget(card, Some(&asked.image), controller, &instead, stop)
        }
        None => {
            say!("A practice card is in {image}. Rescue it: {rescue}");
            Ok(())
        }
    }
}

/// Plugs a practice phone into a controller until `stop`. `instead` says what to do where there is none.
#[cfg(target_os = "linux")]
fn on_gadget<D: PracticeDevice>(
    device: &Practice<D>,
    image: Option<&Path>,
    controller: Option<&str>,
    instead: &str,
    stop: &Stop,
) -> Result<()> {
    let seen = device.usb();
    let words = [seen.manufacturer, seen.product, seen.serial];
    let words: Vec<String> = words.into_iter().flatten().collect();
    let mut ready = |controller: &str| {
        let (name, words) = (D::NAME, words.join(", "));
        say!("{name} is plugged into {controller}: {words}. Press Ctrl-C to unplug it.");
    };
    let served = match image {
        Some(image) => gadget::serve_image(device, image, controller, stop, &mut ready),
        None => gadget::serve(device, controller, stop, &mut ready),
    };
    served.map_err(|error| {
        anyhow!(
            phrase!("no USB gadget could be made: {error}. It takes root and a USB device controller; modprobe \
                     dummy_hcd makes one. {instead}"
        ))
    })
}

#[cfg(not(target_os = "linux"))]
fn on_gadget<D: PracticeDevice>(
    _: &Practice<D>,
    _: Option<&Path>,
    _: Option<&str>,
    instead: &str,
    _: &Stop,
) -> Result<()> {
    Err(anyhow!(phrase!(
        "only Linux can be a USB device. {instead}"
    )))
}
