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
    let mut settings = Settings::default();
    if let Some(spec) = fault {
        spec.parse::<Fault>()?.apply(&mut settings);
    }
    Ok(settings)
}

/// Serves a practice handset until a signal comes.
pub fn serve(serve: &Serve, stop: &Stop) -> Result<u8> {
    let settings = settings(serve)?;
    let listener = TcpListener::bind(&serve.adb)
        .with_context(|| format!("{} can't be listened on; choose another port", serve.adb))?;
    let handset = PracticeAndroid::new(settings);
    eprintln!(
        "A practice Android speaks ADB on {}. Rescue it: lifeboat rescue --adb {} --to out. Ctrl-C ends it.",
        listener.local_addr()?,
        listener.local_addr()?
    );
    handset.serve(listener, stop)?;
    for asked in handset.tripped() {
        eprintln!("Something that is not reading was asked of it: {asked}");
    }
    Ok(OK)
}
