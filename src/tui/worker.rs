//! Threads for slow work, which send messages to the screen: scanning the ports, the rescue, and opening the rescued
//! data.

use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::SealKey;
use super::app::{Message, RunId};
use super::screen::look::DetailRequest;
use super::widget::thumbnail::Pictures;
use crate::collections::take_home;
use crate::handset::find::{Device, Found, OnWait, OpenError, Opened, Port, Wanted};
use crate::model::{Advice, Stop, size};
use crate::phrase;
use crate::rescue::finished;
use crate::rescue::look::{Details, Rescued};
use crate::rescue::{Librarian, Missing, Request, Window, nap, run_until_done, wait_for};
use crate::tui::screen::verdict::CopyKind;
use crate::vault::copy;
use crate::vault::drives;
use crate::vault::folder::free_space;
use crate::vault::ticks::Tick;

/// Interval between port scans.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Interval between two looks at the folder for rescues.
const LIST_EVERY: Duration = Duration::from_secs(1);

/// Maximum number of names that a path is completed from.
const MOST_NAMES: usize = 1_000;

/// Interval between progress messages of a copy.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Shared settings of the workers, and the receiver of their messages.
#[derive(Clone)]
pub struct Workers {
    pub port: Arc<dyn Port>,
    pub tell: Sender<Message>,
    /// How this terminal shows pictures.
    pub pictures: Pictures,
    /// Stops all workers.
    pub stop: Stop,
    /// The rescue that this worker's messages are about.
    pub run: Option<RunId>,
}

impl Workers {
    /// Scans the ports repeatedly and reports each change.
    pub fn watch_ports(&self) {
        let this = self.clone();
        self.spawn("ports", move || {
            let mut last: Option<Found> = None;
            while !this.stop.is_stopped() {
                let found = this.port.look();
                if last.as_ref() != Some(&found) {
                    last = Some(found.clone());
                    this.say(Message::Found(found));
                }
                nap(LOOK_EVERY, &this.stop);
            }
        });
    }

    /// Lists the rescues in `parent` again and again, and at once after each call of the returned sender.
    pub fn watch_rescues(&self, parent: PathBuf) -> Sender<()> {
        let (poke, poked) = channel();
        let this = self.clone();
        self.spawn("rescues", move || {
            let mut librarian = Librarian::default();
            let (mut last, mut free) = (None, None);
            while !this.stop.is_stopped() {
                let shelf = librarian.list(&parent);
                if last.as_ref() != Some(&shelf) {
                    last = Some(shelf.clone());
                    this.say(Message::Shelf(shelf));
                }
                let now = free_space(&parent).ok();
                // What a person would see as another number.
                if let Some(bytes) = now.filter(|bytes| Some(size(*bytes)) != free) {
                    free = Some(size(bytes));
                    this.say(Message::Free(bytes));
                }
                if poked.recv_timeout(LIST_EVERY) == Err(RecvTimeoutError::Disconnected) {
                    return;
                }
                while poked.try_recv().is_ok() {}
            }
        });
        poke
    }

    /// Encrypts a finished rescue, and removes its folder.
    #[cfg(feature = "seal")]
    pub fn seal(&self, folder: PathBuf, key: SealKey) {
        use crate::vault::archive::{self, Lock};
        let this = self.clone();
        self.spawn("seal", move || {
            let mut told: Option<Instant> = None;
            let mut tell = |progress| {
                if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                    told = Some(Instant::now());
                    this.say(Message::Sealing(progress));
                }
            };
            let sealed = match &key {
                SealKey::Passphrase(text) => Ok(Lock::with_passphrase(text.clone())),
                SealKey::Recipients(texts) => Lock::for_recipients(texts),
            }
            .and_then(|lock| archive::seal(&folder, None, &lock, &Stop::new(), &mut tell));
            this.say(Message::Sealed(match sealed {
                Ok(archived) => {
                    let removed = archive::remove_plain(&folder);
                    Ok((archived.place, removed.err().map(|error| error.explained())))
                }
                Err(error) => Err(error.explained()),
            }));
        });
    }

    /// This build can't encrypt, and its command line refuses to promise it.
    #[cfg(not(feature = "seal"))]
    pub fn seal(&self, folder: PathBuf, _: SealKey) {
        self.say(Message::Sealed(Err(phrase!(
            "this lifeboat was built without seal: {}",
            folder.display()
        ))));
    }

    /// Opens a rescue that has ended.
    pub fn reopen(&self, folder: PathBuf) {
        let this = self.clone();
        self.spawn("open", move || {
            let opened = finished::open(&folder).map(Box::new);
            this.say(Message::Reopened(opened.map_err(|error| error.explained())));
        });
    }

    /// Looks for drives that a copy of the rescue can go to.
    pub fn drives(&self, rescue: PathBuf) {
        let this = self.clone();
        self.spawn("drives", move || {
            this.say(Message::Drives(drives::drives(&rescue)));
        });
    }

    /// Looks at a folder that the user typed.
    pub fn weigh(&self, rescue: PathBuf, typed: String) {
        let this = self.clone();
        self.spawn("weigh", move || {
            let place = typed_folder(&typed);
            let drive = place.is_dir().then(|| drives::weigh(&rescue, &place));
            this.say(Message::Weighed { typed, drive });
        });
    }

    /// Completes a path.
    pub fn complete(&self, typed: String) {
        let this = self.clone();
        self.spawn("complete", move || {
            if let Some(completed) = completed(&typed) {
                this.say(Message::Completed { typed, completed });
            }
        });
    }

    /// Rescues a handset, until `stop`.
    pub fn rescue(&self, device: Device, wanted: Wanted, request: Request, stop: Stop) {
        let this = self.clone();
        self.spawn("rescue", move || {
            let opened = match this.open(&device.id, wanted, &stop) {
                Ok(opened) => opened,
                Err(error) => return this.say(Message::CouldNotOpen(error)),
            };
            let identity = opened.handset.identity().clone();
            this.say(Message::Opened(identity.clone()));
            let missing = Missing {
                id: device.id.clone(),
                serial: identity.serial,
                wanted,
            };
            let done = run_until_done(
                opened,
                &request,
                // On the screens, a person is watching, so there is no time limit for waits.
                None,
                &stop,
                &mut |progress| this.say(Message::Progress(progress)),
                &mut |_, tell| {
                    wait_for(
                        this.port.as_ref(),
                        &missing,
                        None,
                        &this.on_wait(),
                        &stop,
                        tell,
                    )
                },
            );
            this.say(match done {
                Ok(outcome) => Message::Ended(Box::new(outcome)),
                Err(error) => Message::Failed {
                    what: error.to_string(),
                    advice: error.advice(),
                },
            });
        });
    }

    /// Copies a rescue into the folder that the user typed, until `stop`.
    pub fn copy(&self, rescue: PathBuf, to: String, kind: CopyKind, stop: Stop) {
        let this = self.clone();
        self.spawn("copy", move || {
            let mut told: Option<Instant> = None;
            let to = typed_folder(&to);
            let mut tell = |progress| {
                if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                    told = Some(Instant::now());
                    this.say(Message::Copying(progress));
                }
            };
            let done = match kind {
                CopyKind::Exact => copy::copy(&rescue, &to, &stop, &mut tell)
                    .map(|copied| (copied.place, Some(copied.copies))),
                CopyKind::Plain => take_home::copy(&rescue, &to, &stop, &mut tell)
                    .map(|copied| (copied.place, None)),
            };
            this.say(Message::Copied(done.map_err(|error| error.explained())));
        });
    }

    /// Notes what `by` did about a line of what a reset destroys.
    pub fn tick(&self, rescue: PathBuf, line: String, tick: Tick, by: String) {
        let this = self.clone();
        self.spawn("ticks", move || {
            let done = match finished::tick(&rescue, &line, &tick, &by) {
                Ok(Some(outcome)) => Ok(outcome),
                Ok(None) => Err(phrase("the rescue has no such line.").to_owned()),
                Err(error) => Err(error.explained()),
            };
            this.say(Message::Ticked(Box::new(done)));
        });
    }

    /// Opens the rescued data and reads details on request.
    pub fn look(&self, folder: PathBuf, window: Window) -> Sender<DetailRequest> {
        let (request, wishes) = channel();
        let this = self.clone();
        self.spawn("look", move || this.look_on(&folder, window, &wishes));
        request
    }

    fn look_on(&self, folder: &Path, window: Window, wishes: &Receiver<DetailRequest>) {
        let explained = |error: crate::vault::VaultError| error.explained();
        let rescued = match Rescued::open_through(folder, window) {
            Ok(rescued) => rescued,
            Err(error) => return self.say(Message::Overview(Err(explained(error)))),
        };
        let overview = rescued.overview(&self.stop);
        self.say(Message::Overview(overview.map_err(explained)));
        while let Ok(mut request) = wishes.recv() {
            // Only the newest of the waiting requests is still needed.
            while let Ok(later) = wishes.try_recv() {
                request = later;
            }
            let DetailRequest { of, key } = request;
            let details = rescued.details(of, &key).map(Option::unwrap_or_default);
            let (fields, picture) = match details {
                Ok(Details { fields, copy }) => (Ok(fields), copy),
                Err(error) => (Err(explained(error)), None),
            };
            let name = key.clone();
            self.say(Message::Detail { key, fields });
            let shown = picture.and_then(|place| self.pictures.show(&place));
            if let Some(picture) = shown {
                self.say(Message::Picture { key: name, picture });
            }
        }
    }

    fn open(&self, id: &str, wanted: Wanted, stop: &Stop) -> Result<Opened, OpenError> {
        self.port.open(id, wanted, stop, self.on_wait())
    }

    /// Returns a function that tells the screen why the rescue waits.
    fn on_wait(&self) -> OnWait {
        let (tell, run) = (self.tell.clone(), self.run);
        Arc::new(move |waiting| {
            // The receiver is gone after the screen has closed.
            let _ = tell.send(about(run, Message::Waiting(waiting)));
        })
    }

    /// Sends a message to the screen, which may already be gone.
    fn say(&self, message: Message) {
        let _ = self.tell.send(about(self.run, message));
    }

    /// Starts a worker. A panic in it is reported as a message, so it does not damage the screen.
    fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) {
        let (tell, run) = (self.tell.clone(), self.run);
        let job = move || {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                let _ = tell.send(about(run, Message::Broke(said(panic.as_ref()))));
            }
        };
        if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(job) {
            self.say(Message::Broke(error.to_string()));
        }
    }
}

/// Says which rescue a message is about.
fn about(run: Option<RunId>, message: Message) -> Message {
    match run {
        Some(run) => Message::Of(run, Box::new(message)),
        None => message,
    }
}

/// Completes the last name of a typed path to the longest beginning that all matching folders share.
fn completed(typed: &str) -> Option<String> {
    let (above, begun) = match typed.rfind('/') {
        Some(end) => typed.split_at(end + 1),
        None => ("", typed),
    };
    let folder = typed_folder(above);
    let entries = fs::read_dir(folder).ok()?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let is_wanted =
                name.starts_with(begun) && (name.starts_with('.') == begun.starts_with('.'));
            (is_wanted && entry.path().is_dir()).then_some(name)
        })
        .take(MOST_NAMES)
        .collect();
    names.sort_unstable();
    let (first, last) = (names.first()?, names.last()?);
    let shared: String = first
        .chars()
        .zip(last.chars())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one)
        .collect();
    let end = if names.len() == 1 { "/" } else { "" };
    let completed = format!("{above}{shared}{end}");
    (completed.len() > typed.len()).then_some(completed)
}

/// Interprets a typed folder name: `~` is the home folder, as in a shell, and relative names also start there.
fn typed_folder(typed: &str) -> PathBuf {
    let typed = typed.trim();
    let home = || std::env::home_dir().unwrap_or_default();
    match typed.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            home().join(rest.trim_start_matches('/'))
        }
        _ => home().join(typed),
    }
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    phrase!(
        "A part of Lifeboat crashed ({})",
        text.unwrap_or(phrase("no reason given"))
    )
}
