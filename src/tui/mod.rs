//! The terminal screens. They know handsets only through [`crate::handset::find`], and rescues only through
//! [`crate::rescue`]. Keys become intents, intents change the state, and only the state is drawn.

pub mod app;
pub mod keys;
pub mod screen;
pub mod terminal;
pub mod theme;
pub mod widget;
mod worker;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use ratatui::crossterm::event::{self, Event};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};

use crate::handset::find::{Device, Port, Wanted};
use crate::model::Stop;
use crate::phrase;
use crate::rescue::{Confirmed, Outcome, Request, Target, ask_to_stop, leave_alone};
use crate::vault::Desk;
pub use app::Left;
use app::{App, Message, RunId, Task};
use screen::look::Wish;
pub use screen::password::Asker;
use theme::Theme;
use widget::thumbnail::Pictures;
use worker::Workers;

/// Maximum time to wait for a key before messages from the workers are read again.
const LISTEN: Duration = Duration::from_millis(40);

/// Redraw interval while a handset is read, so that the time on the screen continues.
const REDRAW: Duration = Duration::from_millis(250);

/// How often drives are looked for while the user chooses one.
const DRIVES_EVERY: Duration = Duration::from_secs(2);

/// After the terminal was closed: how long a rescue waits for a phone that is gone or locked. What is saved is then
/// written to files, and the rescue can be continued.
const ALONE: Duration = Duration::from_secs(3_600);

/// The cable of a practice handset.
pub trait Cable: Send + Sync {
    fn is_plugged(&self) -> bool;
    /// Pulls the cable or plugs it in.
    fn toggle(&self);
}

/// Settings for the screens.
pub struct Setting {
    pub port: Arc<dyn Port>,
    /// The folder that contains the rescue folders.
    pub parent: PathBuf,
    pub today: NaiveDate,
    pub cable: Option<Arc<dyn Cable>>,
    /// The technician and the ticket.
    pub desk: Desk,
    /// Name of the person who agreed to the reading of a work profile, if it is read.
    pub work_profile_by: Option<String>,
    /// Carries questions for passwords to the screens.
    pub asker: Asker,
    /// A rescue that has ended and is opened again.
    pub again: Option<Outcome>,
    /// The options of the command line that reach a practice phone.
    pub practice_option: Option<&'static str>,
    /// Counts and states are shown, and nothing of what is on the phones.
    pub is_desk: bool,
    /// Encrypts each rescue as soon as it is finished, and removes its folder.
    pub seal_key: Option<SealKey>,
    pub theme: Theme,
    /// The wheel of the mouse scrolls.
    pub mouse: bool,
    /// Asks the screens to close, like a key.
    pub stop: Stop,
    /// The terminal was closed: running rescues go on without it.
    pub gone: Stop,
}

/// Who can open the rescues that are sealed.
#[derive(Clone)]
pub enum SealKey {
    Passphrase(String),
    /// Public keys of age or SSH.
    Recipients(Vec<String>),
}

/// Shows the screens until the user leaves. Returns the rescues that were started.
///
/// # Errors
/// If the terminal cannot be drawn on.
pub fn run(setting: Setting) -> io::Result<Vec<Left>> {
    let theme = setting.theme;
    let mouse = setting.mouse;
    let (tell, heard) = channel();
    setting.asker.connect(tell.clone());
    let mut stage = Stage::new(setting, tell);
    stage.workers.watch_ports();
    let mut screen = terminal::Screen::take(theme, mouse)?;
    // This may query the terminal, and the reply must not be taken for keys.
    stage.workers.pictures = Pictures::of_terminal(theme);
    let events = listen()?;
    stage.show(&mut screen, theme, &heard, &events);
    stage.workers.stop.stop();
    drop(screen);
    Ok(stage.app.left())
}

/// Reads terminal events on a separate thread, because crossterm 0.29 never returns from waiting for an event after
/// the terminal is gone.
fn listen() -> io::Result<Receiver<Event>> {
    let (tell, events) = channel();
    std::thread::Builder::new()
        .name("keys".into())
        .spawn(move || {
            while let Ok(event) = event::read() {
                if tell.send(event).is_err() {
                    return;
                }
            }
        })?;
    Ok(events)
}

/// The state, and the workers.
struct Stage {
    app: App,
    setting: Setting,
    workers: Workers,
    began: Instant,
    /// Stops the rescues.
    reading: BTreeMap<RunId, Stop>,
    /// Lists the rescues at once.
    poke: Sender<()>,
    /// Stops the current copy, or the finishing of a rescue.
    copying: Stop,
    wishes: Option<Sender<Wish>>,
    /// The user asked for the shell.
    suspends: bool,
}

impl Stage {
    fn new(mut setting: Setting, tell: Sender<Message>) -> Self {
        let mut app = App::new(
            setting.parent.clone(),
            setting.today,
            setting.cable.is_some(),
        );
        app.desk = setting.desk.clone();
        app.is_desk = setting.is_desk;
        app.is_ascii = setting.theme.is_ascii();
        app.seals = setting.seal_key.is_some();
        app.practice_option = setting.practice_option;
        if let Some(outcome) = setting.again.take() {
            app.open_again(outcome);
        }
        let workers = Workers {
            port: Arc::clone(&setting.port),
            tell,
            pictures: Pictures::default(),
            stop: Stop::new(),
            run: None,
        };
        Self {
            app,
            poke: workers.watch_rescues(setting.parent.clone()),
            workers,
            setting,
            began: Instant::now(),
            reading: BTreeMap::new(),
            copying: Stop::new(),
            wishes: None,
            suspends: false,
        }
    }

    /// Runs until the user leaves. If the terminal is gone, running rescues go on without it.
    fn show(
        &mut self,
        screen: &mut terminal::Screen,
        theme: Theme,
        heard: &Receiver<Message>,
        events: &Receiver<Event>,
    ) {
        let mut stale = true;
        let mut drawn = Instant::now();
        let (mut asked_to_leave, mut is_gone) = (false, false);
        let (mut waits_since, mut drives_since) = (None, Instant::now());
        let continued = terminal::continued();
        while !self.app.quit {
            self.app.tick(self.began.elapsed());
            for message in heard.try_iter() {
                stale = true;
                let task = self.app.on_message(message);
                self.start(task);
            }
            stale |= self.feel_cable();
            is_gone |= self.setting.gone.is_stopped();
            if is_gone {
                leave_alone();
            }
            let is_over = is_gone && self.has_nothing_to_do(&mut waits_since);
            if (self.setting.stop.is_stopped() || is_over) && !asked_to_leave {
                asked_to_leave = true;
                stale = true;
                let task = self.app.update(keys::Intent::Interrupt);
                self.start(task);
            }
            stale |= self.look_for_drives(&mut drives_since);
            let returned = match std::mem::take(&mut self.suspends) {
                #[cfg(unix)]
                true => Some(screen.suspend(&continued)),
                _ if continued.swap(false, Ordering::SeqCst) => Some(screen.take_again()),
                _ => None,
            };
            if let Some(returned) = returned {
                stale = true;
                is_gone |= returned.is_err();
            }
            let is_due = stale || (self.app.is_moving() && drawn.elapsed() >= REDRAW);
            if is_due && !is_gone {
                is_gone = draw(screen, &mut self.app, theme).is_err();
                drawn = Instant::now();
                stale = false;
            }
            let (changed, task) = self.app.work();
            stale |= changed;
            self.start(task);
            let wait = match self.app.has_work() {
                true => Duration::ZERO,
                false => LISTEN,
            };
            match events.recv_timeout(wait) {
                Ok(event) => {
                    stale |= matches!(event, Event::Resize(..));
                    for intent in keys::intents(&event, &self.app) {
                        stale = true;
                        let task = self.app.update(intent);
                        self.start(task);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    is_gone = true;
                    std::thread::sleep(LISTEN);
                }
            }
        }
    }

    /// Without a terminal: true if no rescue runs, or if all of them have waited too long for somebody.
    fn has_nothing_to_do(&self, waits_since: &mut Option<Instant>) -> bool {
        if !self.app.is_reading() {
            return !self.app.verdict.is_working();
        }
        match self.app.only_waits() {
            true => waits_since.get_or_insert_with(Instant::now).elapsed() >= ALONE,
            false => {
                *waits_since = None;
                false
            }
        }
    }

    /// Updates the list of drives while the user chooses one.
    fn look_for_drives(&mut self, since: &mut Instant) -> bool {
        if since.elapsed() < DRIVES_EVERY {
            return false;
        }
        *since = Instant::now();
        if let Some(rescue) = self.app.verdict.wants_drives() {
            self.workers.drives(rescue);
        }
        false
    }

    /// Checks the practice handset's cable. Returns true if it changed.
    fn feel_cable(&mut self) -> bool {
        let is_in = self.setting.cable.as_ref().map(|cable| cable.is_plugged());
        let changed = is_in.filter(|is_in| self.app.practice != Some(*is_in));
        let task = changed.and_then(|is_in| self.app.on_message(Message::Cable(is_in)));
        self.start(task);
        changed.is_some()
    }

    /// Starts the rescue of a handset. `is_empty`: the owner confirmed that the handset is empty.
    fn rescue(&mut self, device: Device, wanted: Wanted, target: Target, is_empty: bool) {
        let Some(run) = self.app.run_of(&device.id) else {
            return;
        };
        let source = match self.setting.practice_option {
            Some(option) => option.to_owned(),
            None => format!("--device {}", device.id),
        };
        let request = Request {
            target,
            only: Vec::new(),
            reach: match wanted {
                Wanted::All => source,
                Wanted::Files => format!("{source} --files"),
            },
            today: self.setting.today,
            desk: self.app.desk.clone(),
            confirmed: Confirmed {
                work_profile_by: self.setting.work_profile_by.clone(),
                is_empty,
            },
            case: self.app.case_of(run),
        };
        let stop = Stop::new();
        self.reading.insert(run, stop.clone());
        let workers = Workers {
            run: Some(run),
            ..self.workers.clone()
        };
        workers.rescue(device, wanted, request, stop);
    }

    /// Gives a task to the workers.
    fn start(&mut self, task: Option<Task>) {
        match task {
            None => {}
            Some(Task::Several(tasks)) => {
                for task in tasks {
                    self.start(Some(task));
                }
            }
            Some(Task::FindRescues) => {
                // The worker ends only with the program.
                let _ = self.poke.send(());
            }
            Some(Task::Seal(run, folder)) => {
                if let Some(key) = self.setting.seal_key.clone() {
                    let workers = Workers {
                        run: Some(run),
                        ..self.workers.clone()
                    };
                    workers.seal(folder, key);
                }
            }
            Some(Task::Reopen(folder)) => self.workers.reopen(folder),
            Some(Task::StopOther(folder)) => {
                if let Err(error) = ask_to_stop(&folder) {
                    let why = phrase!("The rescue could not be stopped: {error}");
                    self.app.dock.could_not_stop(&folder, why);
                }
            }
            Some(Task::Drives(rescue)) => self.workers.drives(rescue),
            Some(Task::Weigh { rescue, place }) => self.workers.weigh(rescue, place),
            Some(Task::Rescue(device, wanted, folder)) => {
                let target = match folder {
                    Some(folder) => Target::Resume(folder),
                    None => Target::New(self.setting.parent.clone()),
                };
                self.rescue(device, wanted, target, false);
            }
            Some(Task::ConfirmEmpty(device, wanted, folder)) => {
                self.rescue(device, wanted, Target::Resume(folder), true);
            }
            Some(Task::Stop) => self.reading.values().for_each(Stop::stop),
            Some(Task::Copy { rescue, to, kind }) => {
                self.copying = Stop::new();
                self.workers.copy(rescue, to, kind, self.copying.clone());
            }
            Some(Task::Tick { rescue, line, tick }) => {
                let by = self.app.desk.operator.clone();
                self.workers.tick(rescue, line, tick, by);
            }
            Some(Task::Finish(folder)) => {
                self.copying = Stop::new();
                let today = self.setting.today;
                self.workers.finish(folder, today, self.copying.clone());
            }
            Some(Task::StopCopy) => self.copying.stop(),
            Some(Task::Look(folder)) => {
                let window = self.app.rescue.window.clone().unwrap_or_default();
                self.wishes = Some(self.workers.look(folder, window));
            }
            Some(Task::Clipboard(text)) => {
                // A terminal that does not know the sequence ignores it; the screen shows the text in any case.
                let _ = terminal::copy(&text);
            }
            Some(Task::Open(path)) => self.workers.open_with_desk(path),
            Some(Task::Complete(text)) => self.workers.complete(text),
            Some(Task::Wish(request)) => {
                if let Some(wishes) = &self.wishes {
                    // The worker ends only after it has reported this.
                    let _ = wishes.send(request);
                }
            }
            Some(Task::Suspend) => self.suspends = true,
            Some(Task::Cable) => {
                if let Some(cable) = &self.setting.cable {
                    cable.toggle();
                }
            }
        }
    }
}

fn draw(screen: &mut terminal::Screen, app: &mut App, theme: Theme) -> io::Result<()> {
    app.size = screen.terminal.size()?;
    execute!(io::stdout(), BeginSynchronizedUpdate)?;
    screen
        .terminal
        .draw(|frame| screen::draw(app, frame, theme))?;
    execute!(io::stdout(), EndSynchronizedUpdate)
}
