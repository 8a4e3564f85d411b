//! `lifeboat practice`.

use std::net::TcpListener;

use anyhow::{Context, Result};

use super::{OK, Serve};
use crate::link::Stop;
use crate::practice::android::{self, Fault, PracticeAndroid, Settings};

/// What `--fault` takes.
pub fn fault_help() -> String {
    format!(
        "What goes wrong; several with commas between them.\n\n{}",
        android::fault_help()
    )
}

/// The practice handset that the command line describes.
fn settings(serve: &Serve) -> Result<Settings> {
    let mut settings = faulty(serve.fault.as_deref())?;
    settings.contacts = serve.contacts.map_or(settings.contacts, |n| n as _);
    settings.events = serve.events.map_or(settings.events, |n| n as _);
    settings.todos = serve.todos.map_or(settings.todos, |n| n as _);
    settings.seed = serve.seed.unwrap_or(settings.seed);
    Ok(settings)
}

/// The usual practice handset with a fault, if one is asked for.
pub fn faulty(fault: Option<&str>) -> Result<Settings> {
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

/// Serves a practice handset until a signal comes.
pub fn serve(serve: &Serve, stop: &Stop) -> Result<u8> {
    let handset = PracticeAndroid::new(settings(serve)?);
    match (&serve.place.adb, &serve.place.gadget) {
        (Some(address), _) => on_network(&handset, address, stop)?,
        (None, controller) => on_gadget(&handset, controller.clone().flatten().as_deref(), stop)?,
    }
    for asked in handset.tripped() {
        eprintln!("Something that is not reading was asked of it: {asked}");
    }
    Ok(OK)
}

fn on_network(handset: &PracticeAndroid, address: &str, stop: &Stop) -> Result<()> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{address} can't be listened on; choose another port"))?;
    let address = listener.local_addr()?;
    eprintln!(
        "A practice Android speaks ADB on {address}. Rescue it: lifeboat rescue --adb {address} --to out. Ctrl-C ends it."
    );
    Ok(handset.serve(listener, stop)?)
}

#[cfg(target_os = "linux")]
fn on_gadget(handset: &PracticeAndroid, controller: Option<&str>, stop: &Stop) -> Result<()> {
    let (make, model, serial) = handset.name();
    let mut ready = |controller: &str| {
        eprintln!(
            "A practice Android is plugged into {controller}: {make} {model}, {serial}. Ctrl-C ends it."
        );
    };
    crate::practice::gadget::serve(handset, controller, stop, &mut ready).context(
        "no USB gadget could be made; it takes root and a USB device controller (modprobe dummy_hcd makes one)",
    )
}

#[cfg(not(target_os = "linux"))]
fn on_gadget(_: &PracticeAndroid, _: Option<&str>, _: &Stop) -> Result<()> {
    anyhow::bail!("only Linux can be a USB device; use --adb 127.0.0.1:5555")
}
