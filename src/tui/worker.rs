//! Threads for slow work, which send messages to the screen: scanning the ports, the rescue, and opening the rescued
//! data.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use chrono::NaiveDate;

mod paths;

use paths::{completed, typed_folder};

use super::SealKey;
use super::app::{Message, RunId};
use super::screen::look::{Code, DetailRequest, Wish};
use super::widget::thumbnail::Pictures;
use crate::collections::take_home;
use crate::handset::find::{Device, Found, OnWait, OpenError, Opened, Port, Wanted};
use crate::model::{Advice, Stop, size};
use crate::phrase;
use crate::rescue::finished;
use crate::rescue::look::{Details, Field, Rescued};
use crate::rescue::{
    Missing, Request, RescueError, RescueLister, Window, finish_as_it_is, run_until_done,
    sleep_unless_stopped, wait_for,
};
use crate::system::desk;
use crate::tui::screen::verdict::CopyKind;
use crate::vault::copy;
use crate::vault::drives;
use crate::vault::folder::free_space;
use crate::vault::ticks::Tick;

/// Interval between port scans.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Interval between two looks at the folder for rescues.
const LIST_EVERY: Duration = Duration::from_secs(1);

/// The longest time that the rows of one contact are searched for.
const LONG_LOOK: Duration = Duration::from_secs(1);

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
                sleep_unless_stopped(LOOK_EVERY, &this.stop);
            }
        });
    }

    /// Lists the rescues in `parent` again and again, and at once after each call of the returned sender.
    pub fn watch_rescues(&self, parent: PathBuf) -> Sender<()> {
        let (poke, poked) = channel();
        let this = self.clone();
        self.spawn("rescues", move || {
            let mut lister = RescueLister::default();
            let (mut last, mut free) = (None, None);
            while !this.stop.is_stopped() {
                let rescues = lister.list(&parent);
                if last.as_ref() != Some(&rescues) {
                    last = Some(rescues.clone());
                    this.say(Message::RescueList(rescues));
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

    /// Finishes a rescue without its phone, until `stop`.
    pub fn finish(&self, folder: PathBuf, today: NaiveDate, stop: Stop) {
        let this = self.clone();
        self.spawn("finish", move || {
            let done = finish_as_it_is(&folder, today, &stop, &mut |progress| {
                this.say(Message::Finishing(progress));
            });
            this.say(Message::FinishedAsItIs(match done {
                Ok(outcome) => Ok(Box::new(outcome)),
                Err(RescueError::Stopped) => Err(None),
                Err(error) => Err(Some(format!("{error}. {}", error.advice()))),
            }));
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
    pub fn look(&self, folder: PathBuf, window: Window) -> Sender<Wish> {
        let (request, wishes) = channel();
        let this = self.clone();
        self.spawn("look", move || this.look_on(&folder, window, &wishes));
        request
    }

    fn look_on(&self, folder: &Path, window: Window, wishes: &Receiver<Wish>) {
        let explained = |error: crate::vault::VaultError| error.explained();
        let rescued = match Rescued::open_through(folder, window) {
            Ok(rescued) => rescued,
            Err(error) => return self.say(Message::Overview(Err(explained(error)))),
        };
        let overview = rescued.overview(&self.stop);
        self.say(Message::Overview(overview.map_err(explained)));
        let mut waiting = None;
        while let Some(wish) = waiting.take().or_else(|| wishes.recv().ok()) {
            match wish {
                Wish::Detail(mut request) => {
                    // Only the newest of the waiting requests for details is still needed.
                    while let Ok(later) = wishes.try_recv() {
                        match later {
                            Wish::Detail(later) => request = later,
                            other => {
                                waiting = Some(other);
                                break;
                            }
                        }
                    }
                    let fields = self.tell_details(&rescued, &request);
                    let DetailRequest { of, key } = request;
                    // The next wish ends this. A rescue that goes on must not wait for it.
                    let began = Instant::now();
                    let mut is_over = || {
                        waiting = waiting.take().or_else(|| wishes.try_recv().ok());
                        waiting.is_some() || self.stop.is_stopped() || began.elapsed() > LONG_LOOK
                    };
                    if let Some(mut fields) = fields
                        && !is_over()
                        && let Ok(true) = rescued.tell_accounts(of, &key, &mut fields, &mut is_over)
                    {
                        let fields = Ok(fields);
                        self.say(Message::Detail { key, fields });
                    }
                }
                Wish::Raw(DetailRequest { of, key }) => {
                    let raw = rescued.raw(of, &key).map_err(explained);
                    self.say(Message::Raw { key, raw });
                }
                Wish::Qr(DetailRequest { of: _, key }) => {
                    let texts = rescued.for_qr(&key).map_err(explained);
                    let codes = texts.and_then(|texts| codes(&texts));
                    self.say(Message::Qr { key, codes });
                }
                Wish::Export {
                    of,
                    keys,
                    format,
                    folder,
                } => {
                    let folder = typed_folder(&folder);
                    let done = rescued.export(of, &keys, format, &folder);
                    self.say(Message::Exported(done));
                }
                Wish::Open(DetailRequest { of, key }) => {
                    let details = rescued.details(of, &key);
                    let copy = details.ok().flatten().and_then(|details| details.copy);
                    let path = copy.unwrap_or_else(|| rescued.folder().to_owned());
                    self.open_with_desk(path);
                }
            }
        }
    }

    /// Shows the details of a record, and its picture. Returns the details.
    fn tell_details(&self, rescued: &Rescued, request: &DetailRequest) -> Option<Vec<Field>> {
        let DetailRequest { of, key } = request;
        let details = rescued.details(*of, key).map(Option::unwrap_or_default);
        let (fields, picture) = match details {
            Ok(Details { fields, copy }) => (Ok(fields), copy),
            Err(error) => (Err(error.explained()), None),
        };
        let known = fields.as_ref().ok().cloned();
        self.say(Message::Detail {
            key: key.clone(),
            fields,
        });
        let shown = picture.and_then(|place| self.pictures.show(&place));
        if let Some(picture) = shown {
            self.say(Message::Picture {
                key: key.clone(),
                picture,
            });
        }
        known
    }

    /// Opens a file or folder with the desk's program.
    pub fn open_with_desk(&self, path: PathBuf) {
        let this = self.clone();
        self.spawn("open", move || {
            let done = desk::open(&path);
            this.say(Message::OpenedWith(path, done));
        });
    }

    /// Completes a typed path.
    pub fn complete(&self, text: String) {
        let this = self.clone();
        self.spawn("complete", move || {
            let completed = completed(&text);
            this.say(Message::PathCompleted(text, completed));
        });
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

/// The codes that can be made of these texts.
fn codes(texts: &[(String, &'static str)]) -> Result<Vec<Code>, String> {
    let codes: Vec<Code> = texts
        .iter()
        .filter_map(|(text, about)| Code::of(text, about))
        .collect();
    match codes.is_empty() {
        true => Err(phrase("This contact is too long for a QR code.").to_owned()),
        false => Ok(codes),
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
