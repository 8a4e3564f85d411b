//! What the screens show, and how it changes: by what the user wants and by what the workers tell. No I/O.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use ratatui::layout::{Position, Rect, Size};

use super::keys::{self, Intent};
use super::screen::dock::Dock;
use super::screen::look::{Look, Wish};
use super::screen::rescue::{Phase, Rescue};
use super::screen::sidekick::Sidekick;
use super::screen::verdict::Verdict;
use super::widget::chrome;
use super::widget::thumbnail::Thumbnail;
use crate::handset::find::{Device, Found, OpenError, Waiting, Wanted};
use crate::model::Identity;
use crate::rescue::look::{Field, Shelf};
use crate::rescue::{Outcome, Progress, Unfinished};
use crate::vault::copies::Copies;
use crate::vault::copy::CopyProgress;

/// One question each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// What is plugged in?
    Dock,
    /// How far is it?
    Rescue,
    /// Are these the right things?
    Look,
    /// Is it safe?
    Verdict,
    /// What can be had from a Sidekick?
    Sidekick,
}

/// What the workers tell.
#[derive(Debug)]
pub enum Message {
    Found(Found),
    /// The rescues that can go on.
    Unfinished(Vec<Unfinished>),
    /// The practice handset's cable is in, or out.
    Cable(bool),
    Waiting(Waiting),
    Opened(Identity),
    Progress(Progress),
    CouldNotOpen(OpenError),
    Ended(Box<Outcome>),
    /// The rescue could not go on: what happened and what to do.
    Failed {
        what: String,
        advice: String,
    },
    /// How far the copy is.
    Copying(CopyProgress),
    /// The copy has ended: the place and the copies that there are now, or what happened and what to do.
    Copied(Result<(PathBuf, Copies), String>),
    Shelf(Result<Shelf, String>),
    Detail {
        key: String,
        fields: Result<Vec<Field>, String>,
    },
    /// What a file shows.
    Picture {
        key: String,
        picture: Thumbnail,
    },
    /// A worker broke off.
    Broke(String),
}

/// Requests to the workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Into a new folder, or one that it goes on in.
    Rescue(Device, Wanted, Option<PathBuf>),
    /// Go on in this folder, now that the owner has confirmed that the phone holds neither contacts nor events.
    ConfirmEmpty(Device, Wanted, PathBuf),
    /// Look for rescues that can go on.
    FindUnfinished,
    /// Stop reading; what is safe is written.
    Stop,
    Look(PathBuf),
    Detail(Wish),
    /// A second copy of a rescue, in a folder that the user has named.
    Copy {
        rescue: PathBuf,
        to: String,
    },
    StopCopy,
    Cable,
}

/// The state of the whole.
pub struct App {
    pub screen: Screen,
    pub dock: Dock,
    pub rescue: Rescue,
    pub look: Look,
    pub verdict: Verdict,
    pub sidekick: Sidekick,
    pub help: bool,
    /// With a practice handset: whether its cable is in.
    pub practice: Option<bool>,
    /// The user wants to leave as soon as what is safe is written.
    pub leaving: bool,
    pub quit: bool,
    /// Of the terminal: how far a screen can be scrolled depends on it.
    pub size: Size,
    /// What is being rescued, or was last.
    reads: Option<(Device, Wanted)>,
    today: NaiveDate,
}

impl App {
    /// `parent`: the folder in which rescues get theirs.
    pub fn new(parent: PathBuf, today: NaiveDate, is_practice: bool) -> Self {
        Self {
            screen: Screen::Dock,
            dock: Dock::new(parent),
            rescue: Rescue::default(),
            look: Look::new(today),
            verdict: Verdict::default(),
            sidekick: Sidekick::default(),
            help: false,
            practice: is_practice.then_some(true),
            leaving: false,
            quit: false,
            size: Size::new(80, 24),
            reads: None,
            today,
        }
    }

    /// The clock, as time since the start: for rates and what is left.
    pub fn tick(&mut self, now: Duration) {
        self.rescue.now = now;
    }

    /// A handset is being read.
    pub fn is_reading(&self) -> bool {
        self.rescue.is_reading()
    }

    /// The last rescue has ended, in whatever way.
    pub fn has_ended(&self) -> bool {
        self.rescue.has_ended()
    }

    /// Something was rescued that can be looked at.
    pub fn can_look(&self) -> bool {
        matches!(self.rescue.phase, Phase::Ended(_))
    }

    pub fn is_typing(&self) -> bool {
        match self.screen {
            Screen::Look => self.look.is_typing(),
            Screen::Verdict => self.verdict.is_typing(),
            Screen::Dock | Screen::Rescue | Screen::Sidekick => false,
        }
    }

    pub fn can_go_back(&self) -> bool {
        match self.screen {
            Screen::Dock => false,
            Screen::Rescue => self.has_ended(),
            Screen::Look | Screen::Sidekick => true,
            Screen::Verdict => !self.verdict.is_busy(),
        }
    }

    /// Does what the user wants. Gives what the workers have to do for it.
    pub fn update(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Help => {
                self.help = !self.help;
                None
            }
            Intent::Quit if self.is_reading() && !self.leaving => {
                self.leaving = true;
                self.screen = Screen::Rescue;
                Some(Task::Stop)
            }
            Intent::Quit if self.verdict.is_copying() && !self.leaving => {
                self.leaving = true;
                self.screen = Screen::Verdict;
                Some(Task::StopCopy)
            }
            Intent::Quit => {
                self.quit = true;
                None
            }
            Intent::Cable => Some(Task::Cable),
            intent => match self.screen {
                Screen::Dock => self.on_dock(intent),
                Screen::Rescue => self.on_rescue(intent),
                Screen::Look => self.on_look(intent),
                Screen::Verdict => self.on_verdict(intent),
                Screen::Sidekick => self.on_sidekick(intent),
            },
        }
    }

    fn on_sidekick(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Back => self.screen = Screen::Dock,
            intent => {
                let body = self.body();
                self.sidekick.update(intent, body);
            }
        }
        None
    }

    fn on_dock(&mut self, intent: Intent) -> Option<Task> {
        if intent == Intent::Sidekick {
            self.screen = Screen::Sidekick;
            return None;
        }
        let (device, wanted) = match intent {
            Intent::Next => (self.dock.ready()?.clone(), Wanted::All),
            Intent::Files => (self.dock.files_alone()?.clone(), Wanted::Files),
            Intent::Anew => match self.dock.ready() {
                Some(device) => (device.clone(), Wanted::All),
                None => (self.dock.files_alone()?.clone(), Wanted::Files),
            },
            intent => {
                self.dock.update(intent);
                return None;
            }
        };
        let goes_on = self.dock.unfinished().filter(|_| intent != Intent::Anew);
        let folder = goes_on.map(|unfinished| unfinished.folder.clone());
        self.begin(&device, wanted);
        Some(Task::Rescue(device, wanted, folder))
    }

    /// A rescue begins, or goes on.
    fn begin(&mut self, device: &Device, wanted: Wanted) {
        self.rescue = Rescue::of(device, self.rescue.now);
        self.look = Look::new(self.today);
        self.verdict = Verdict::default();
        self.screen = Screen::Rescue;
        self.reads = Some((device.clone(), wanted));
    }

    /// The owner says that the phone holds nothing: the rescue goes on, and looks once more.
    fn confirm_empty(&mut self) -> Option<Task> {
        let folder = PathBuf::from(self.verdict.shows_nothing()?);
        let (device, wanted) = self.reads.clone()?;
        self.begin(&device, wanted);
        Some(Task::ConfirmEmpty(device, wanted, folder))
    }

    fn on_rescue(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Next if self.can_look() => return self.open_look(),
            Intent::Verdict if self.can_look() => self.screen = Screen::Verdict,
            Intent::Next | Intent::Back if self.has_ended() => self.screen = Screen::Dock,
            _ => {}
        }
        None
    }

    fn on_look(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Next if !self.look.is_typing() => {
                self.screen = Screen::Verdict;
                None
            }
            Intent::Back if !self.look.takes_back() => {
                self.screen = Screen::Rescue;
                None
            }
            intent => self.look.update(intent).map(Task::Detail),
        }
    }

    fn on_verdict(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Copy => self.verdict.ask_where_to(),
            Intent::Type(c) => self.verdict.type_on(c),
            Intent::Erase => self.verdict.erase(),
            Intent::Next if self.verdict.is_typing() => return self.verdict.begin_copy(),
            Intent::Back if self.verdict.is_typing() => self.verdict.leave_copy(),
            Intent::Back if self.verdict.is_copying() => return Some(Task::StopCopy),
            Intent::Next | Intent::Look if self.verdict.is_copying() => {}
            Intent::Next => self.screen = Screen::Dock,
            Intent::Back => self.screen = Screen::Rescue,
            Intent::Look => return self.open_look(),
            Intent::ConfirmEmpty => return self.confirm_empty(),
            intent => {
                let body = self.body();
                self.verdict.update(intent, body);
            }
        }
        None
    }

    /// Where the screen is drawn, between its title and its keys.
    fn body(&self) -> Rect {
        let area = Rect::from((Position::ORIGIN, self.size));
        chrome::body(area, &keys::shown(self))
    }

    fn open_look(&mut self) -> Option<Task> {
        self.screen = Screen::Look;
        let Phase::Ended(outcome) = &self.rescue.phase else {
            return None;
        };
        // What was opened once stays as it is: the rescue has ended.
        (!self.look.is_open()).then(|| Task::Look(PathBuf::from(&outcome.folder)))
    }

    /// Takes in what a worker tells. Gives what is to be done next.
    pub fn hear(&mut self, message: Message) -> Option<Task> {
        match message {
            Message::Found(found) => self.dock.hear(found),
            Message::Unfinished(list) => self.dock.hear_unfinished(list),
            Message::Cable(is_in) => self.practice = self.practice.map(|_| is_in),
            Message::Waiting(waiting) => self.rescue.hear_waiting(waiting),
            Message::Opened(identity) => self.rescue.hear_opened(identity),
            Message::Progress(progress) => self.rescue.hear(progress),
            Message::CouldNotOpen(OpenError { what, advice })
            | Message::Failed { what, advice } => {
                self.end(Phase::Failed { what, advice });
                return Some(Task::FindUnfinished);
            }
            Message::Ended(outcome) => {
                if outcome.finished {
                    let (id, folder) = (self.rescue.id(), &outcome.folder);
                    self.dock.rescued(id, folder, outcome.safe);
                }
                self.verdict = Verdict::of((*outcome).clone());
                self.end(Phase::Ended(outcome));
                return Some(Task::FindUnfinished);
            }
            Message::Copying(progress) => self.verdict.hear_copying(progress),
            Message::Copied(done) => {
                self.verdict.hear_copied(done);
                self.quit |= self.leaving && !self.is_reading();
            }
            Message::Shelf(shelf) => return self.look.hear(shelf).map(Task::Detail),
            Message::Detail { key, fields } => self.look.hear_detail(&key, fields),
            Message::Picture { key, picture } => self.look.hear_picture(&key, picture),
            Message::Broke(what) => {
                let advice = "What was committed is safe on the disk. Leave with q, start Lifeboat again, and rescue \
                              with --resume. Please report this, with the file that lifeboat report-problem makes of \
                              the folder.";
                self.end(Phase::Failed {
                    what,
                    advice: advice.into(),
                });
                self.screen = Screen::Rescue;
            }
        }
        None
    }

    /// The rescue has ended; so does the program, if its user waited for that.
    fn end(&mut self, phase: Phase) {
        self.rescue.end(phase, self.leaving);
        self.quit |= self.leaving;
    }
}
