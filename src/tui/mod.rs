//! The terminal screens. They know handsets only through [`crate::handset::find`], and rescues only through
//! [`crate::rescue`]. Keys become intents, intents change the state, and only the state is drawn.

pub mod app;
pub mod keys;
pub mod screen;
pub mod terminal;
pub mod theme;
pub mod widget;
mod worker;

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
use crate::rescue::{Confirmed, Outcome, Request, Target};
use crate::vault::Desk;
use app::{App, Message, Task};
use screen::look::Wish;
pub use screen::password::Asker;
use screen::rescue::Phase;
use theme::Theme;
use widget::thumbnail::Pictures;
use worker::Workers;

/// Maximum time to wait for a key before messages from the workers are read again.
const LISTEN: Duration = Duration::from_millis(40);

/// Redraw interval while a handset is read, so that the time on the screen continues.
const REDRAW: Duration = Duration::from_millis(250);

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
    pub theme: Theme,
    /// The wheel of the mouse scrolls.
    pub mouse: bool,
    /// Asks the screens to close, like a key.
    pub stop: Stop,
}

/// Result of the last rescue when the user leaves.
pub struct Left {
    pub folder: PathBuf,
    pub finished: bool,
}

/// Shows the screens until the user leaves. Returns the result of the last rescue, if one was started.
///
/// # Errors
/// If the terminal cannot be drawn on.
pub fn run(setting: Setting) -> io::Result<Option<Left>> {
    let theme = setting.theme;
    let mouse = setting.mouse;
    let (tell, heard) = channel();
    setting.asker.connect(tell.clone());
    let mut stage = Stage::new(setting, tell);
    stage.workers.watch_ports();
    stage.start(Some(Task::FindUnfinished));
    let mut screen = terminal::Screen::take(theme, mouse)?;
    // This may query the terminal, and the reply must not be taken for keys.
    stage.workers.pictures = Pictures::of_terminal(theme);
    let events = listen()?;
    stage.show(&mut screen, theme, &heard, &events);
    stage.workers.stop.stop();
    drop(screen);
    let rescue = stage.app.rescue;
    let finished = matches!(&rescue.phase, Phase::Ended(outcome) if outcome.finished);
    Ok(rescue.folder.map(|folder| Left { folder, finished }))
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
    /// Stops the current rescue.
    reading: Stop,
    /// Stops the current copy.
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
        if let Some(outcome) = setting.again.take() {
            app.open_again(outcome);
        }
        Self {
            app,
            workers: Workers {
                port: Arc::clone(&setting.port),
                tell,
                pictures: Pictures::default(),
                stop: Stop::new(),
            },
            setting,
            began: Instant::now(),
            reading: Stop::new(),
            copying: Stop::new(),
            wishes: None,
            suspends: false,
        }
    }

    /// Runs until the user leaves. If the terminal is gone, the current rescue is stopped and the safe data is
    /// written.
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
        let continued = terminal::continued();
        while !self.app.quit {
            self.app.tick(self.began.elapsed());
            for message in heard.try_iter() {
                stale = true;
                let task = self.app.on_message(message);
                self.start(task);
            }
            stale |= self.feel_cable();
            if (self.setting.stop.is_stopped() || is_gone) && !asked_to_leave {
                asked_to_leave = true;
                stale = true;
                let task = self.app.update(keys::Intent::Quit);
                self.start(task);
            }
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
            let is_due = stale || (self.app.is_reading() && drawn.elapsed() >= REDRAW);
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
        self.reading = Stop::new();
        let request = Request {
            target,
            only: Vec::new(),
            reach: match wanted {
                Wanted::All => format!("--device {}", device.id),
                Wanted::Files => format!("--device {} --files", device.id),
            },
            today: self.setting.today,
            desk: self.setting.desk.clone(),
            confirmed: Confirmed {
                work_profile_by: self.setting.work_profile_by.clone(),
                is_empty,
            },
            case: self.app.case.clone(),
        };
        let stop = self.reading.clone();
        self.workers.rescue(device, wanted, request, stop);
    }

    /// Gives a task to the workers.
    fn start(&mut self, task: Option<Task>) {
        match task {
            None => {}
            Some(Task::FindUnfinished) => {
                self.workers.find_unfinished(self.setting.parent.clone());
            }
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
            Some(Task::Stop) => self.reading.stop(),
            Some(Task::Copy { rescue, to, kind }) => {
                self.copying = Stop::new();
                self.workers.copy(rescue, to, kind, self.copying.clone());
            }
            Some(Task::Tick { rescue, line, tick }) => {
                let by = self.setting.desk.operator.clone();
                self.workers.tick(rescue, line, tick, by);
            }
            Some(Task::StopCopy) => self.copying.stop(),
            Some(Task::Look(folder)) => self.wishes = Some(self.workers.look(folder)),
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
