//! State of the screens, and its changes by user intents and worker messages. No I/O.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use ratatui::layout::{Position, Rect, Size};

use super::keys::{self, Intent};
use super::screen::coach::Coach;
use super::screen::dock::Dock;
use super::screen::look::{Code, Look, Wish};
use super::screen::owner::Owner;
use super::screen::rescue::{Phase, Rescue};
use super::screen::sidekick::Sidekick;
use super::screen::ticks::Ticks;
use super::screen::verdict::Verdict;
use super::widget::chrome;
use super::widget::entry::Completed;
use super::widget::scroll::Scroll;
use super::widget::thumbnail::Thumbnail;
use crate::handset::find::{Device, Found, OpenError, Waiting, Wanted};
use crate::model::{Case, Identity};
use crate::phrase;
use crate::rescue::look::{Field, Overview};
use crate::rescue::{Outcome, Progress, Unfinished};
use crate::tui::screen::verdict::CopyKind;
use crate::vault::copies::Copies;
use crate::vault::copy::CopyProgress;
use crate::vault::ticks::Tick;

/// The screens. Each one answers one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Which phones are plugged in?
    Dock,
    /// How far is the rescue?
    Rescue,
    /// Is this the right data?
    Look,
    /// Is the data safe?
    Verdict,
    /// What has to be done before a reset?
    Ticks,
    /// What can be rescued from a Sidekick?
    Sidekick,
    /// What to do about a phone that is broken, locked or not one's own?
    Coach,
    /// What can only the owner do, before the rescue?
    Owner,
}

/// Messages from the workers.
#[derive(Debug)]
pub enum Message {
    Found(Found),
    /// The rescues that can be continued.
    Unfinished(Vec<Unfinished>),
    /// Whether the practice handset's cable is plugged in.
    Cable(bool),
    Waiting(Waiting),
    Opened(Identity),
    Progress(Progress),
    CouldNotOpen(OpenError),
    Ended(Box<Outcome>),
    /// The rescue could not continue: the error, and advice.
    Failed {
        what: String,
        advice: String,
    },
    /// Progress of the copy.
    Copying(CopyProgress),
    /// The copy has ended: its location and all known copies (none after a plain copy), or the error and advice.
    Copied(Result<(PathBuf, Option<Copies>), String>),
    /// A line was ticked: the result with it, or the error and advice.
    Ticked(Box<Result<Outcome, String>>),
    Overview(Result<Overview, String>),
    Detail {
        key: String,
        fields: Result<Vec<Field>, String>,
    },
    /// What the phone sent about a record.
    Raw {
        key: String,
        raw: Result<String, String>,
    },
    /// A contact as QR codes.
    Qr {
        key: String,
        codes: Result<Vec<Code>, String>,
    },
    /// An export has ended: the new file or folder, or the error and advice.
    Exported(Result<PathBuf, String>),
    /// The desk's program was started for this path, or why not.
    OpenedWith(PathBuf, Result<(), String>),
    /// A typed path and its completion.
    PathCompleted(String, Completed),
    /// The picture in a file.
    Picture {
        key: String,
        picture: Thumbnail,
    },
    /// A worker stopped unexpectedly.
    Broke(String),
}

/// Requests to the workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Rescue into a new folder, or continue in this folder.
    Rescue(Device, Wanted, Option<PathBuf>),
    /// Continue in this folder, after the owner confirmed that the phone has no contacts and no events.
    ConfirmEmpty(Device, Wanted, PathBuf),
    /// Search for rescues that can be continued.
    FindUnfinished,
    /// Stop reading, and write files from the data that is safe.
    Stop,
    Look(PathBuf),
    /// A request about the rescue that is looked at.
    Wish(Wish),
    /// Copy a text to the clipboard of the terminal.
    Clipboard(String),
    /// Open a file or folder with the desk's program.
    Open(PathBuf),
    /// Complete a typed path.
    Complete(String),
    /// Make a second copy of a rescue, in a folder that the user chose.
    Copy {
        rescue: PathBuf,
        to: String,
        kind: CopyKind,
    },
    StopCopy,
    /// Note what was done about a line of what a reset destroys.
    Tick {
        rescue: PathBuf,
        line: String,
        tick: Tick,
    },
    Cable,
    /// Give the terminal back until the shell continues the program.
    Suspend,
}

/// The report, from the folder of a rescue.
const REPORT: &str = "data/report.html";

/// State of the whole program.
pub struct App {
    pub screen: Screen,
    pub dock: Dock,
    pub rescue: Rescue,
    pub look: Look,
    pub verdict: Verdict,
    pub ticks: Ticks,
    pub sidekick: Sidekick,
    pub coach: Coach,
    pub owner: Owner,
    /// What people said about the phone that is read.
    pub case: Case,
    pub help: bool,
    pub help_scroll: Scroll,
    /// For a practice handset: whether its cable is plugged in.
    pub practice: Option<bool>,
    /// The user wants to leave as soon as the safe data is written.
    pub leaving: bool,
    pub quit: bool,
    /// Size of the terminal, which limits how far a screen can be scrolled.
    pub size: Size,
    /// The current or last rescue.
    reads: Option<(Device, Wanted)>,
    today: NaiveDate,
    /// The screen from which the Look screen was opened.
    looked_from: Screen,
}

impl App {
    /// `parent`: the folder that contains the rescue folders.
    pub fn new(parent: PathBuf, today: NaiveDate, is_practice: bool) -> Self {
        Self {
            screen: Screen::Dock,
            dock: Dock::new(parent),
            rescue: Rescue::default(),
            look: Look::new(today),
            verdict: Verdict::default(),
            ticks: Ticks::default(),
            sidekick: Sidekick::default(),
            coach: Coach::default(),
            owner: Owner::default(),
            case: Case::default(),
            help: false,
            help_scroll: Scroll::default(),
            practice: is_practice.then_some(true),
            leaving: false,
            quit: false,
            size: Size::new(80, 24),
            reads: None,
            today,
            looked_from: Screen::Dock,
        }
    }

    /// Shows the verdict of a rescue that has ended.
    pub fn open_again(&mut self, outcome: Outcome) {
        self.rescue = Rescue::again(&outcome);
        self.verdict = Verdict::of(outcome);
        self.screen = Screen::Verdict;
    }

    /// Sets the clock, as time since the start. It is used for rates and the remaining time.
    pub fn tick(&mut self, now: Duration) {
        self.rescue.tick(now);
    }

    /// True while a handset is read.
    pub fn is_reading(&self) -> bool {
        self.rescue.is_reading()
    }

    /// True if the last rescue has ended, with or without success.
    pub fn has_ended(&self) -> bool {
        self.rescue.has_ended()
    }

    /// True if there is rescued data to show.
    pub fn can_look(&self) -> bool {
        matches!(self.rescue.phase, Phase::Ended(_))
    }

    pub fn is_typing(&self) -> bool {
        match self.screen {
            Screen::Look => self.look.is_typing(),
            Screen::Verdict => self.verdict.is_typing(),
            Screen::Ticks => self.ticks.is_typing(),
            Screen::Owner => self.owner.is_typing(),
            Screen::Dock | Screen::Rescue | Screen::Sidekick | Screen::Coach => false,
        }
    }

    pub fn can_go_back(&self) -> bool {
        match self.screen {
            Screen::Dock => false,
            Screen::Rescue => self.has_ended(),
            Screen::Look | Screen::Sidekick | Screen::Coach | Screen::Owner => true,
            Screen::Ticks => !self.ticks.is_typing(),
            Screen::Verdict => !self.verdict.is_busy(),
        }
    }

    /// Carries out an intent. Returns the resulting task for the workers.
    pub fn update(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Help => {
                self.help = !self.help;
                self.help_scroll = Scroll::default();
                None
            }
            Intent::Up
            | Intent::Down
            | Intent::PageUp
            | Intent::PageDown
            | Intent::First
            | Intent::Last
                if self.help =>
            {
                let area = Rect::from((Position::ORIGIN, self.size));
                let (lines, area) = chrome::help_size(&keys::all(self), area);
                self.help_scroll.update(intent, lines, area);
                None
            }
            Intent::Suspend => Some(Task::Suspend),
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
                Screen::Ticks => self.on_ticks(intent),
                Screen::Sidekick => self.on_sidekick(intent),
                Screen::Coach => self.on_coach(intent),
                Screen::Owner => self.on_owner(intent),
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

    fn on_coach(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Back if !self.coach.takes_back() => self.screen = Screen::Dock,
            Intent::Coach => self.coach.ask(),
            Intent::Next | Intent::Files => {
                self.dock.choose(self.coach.id()?);
                self.screen = Screen::Dock;
                return self.on_dock(intent);
            }
            intent => {
                let body = self.body();
                self.coach.update(intent, body);
                self.remember_answer();
            }
        }
        None
    }

    /// Remembers what a person sees on the phone that the coach is about.
    fn remember_answer(&mut self) {
        let id = self.coach.id().unwrap_or(Dock::NEXT);
        self.dock.answer(id, self.coach.answered().clone());
    }

    fn on_owner(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Next => {
                let (case, device, wanted) = self.owner.answered();
                self.case = case;
                self.begin(&device, wanted);
                return Some(Task::Rescue(device, wanted, None));
            }
            Intent::Back => self.screen = Screen::Dock,
            intent => self.owner.update(intent),
        }
        None
    }

    fn on_dock(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Sidekick => {
                self.screen = Screen::Sidekick;
                return None;
            }
            Intent::Coach => {
                self.coach = Coach::of(self.dock.chosen()).with(self.dock.answers());
                self.screen = Screen::Coach;
                return None;
            }
            Intent::Steps => {
                self.coach = Coach::steps_of(self.dock.chosen()).with(self.dock.answers());
                self.screen = Screen::Coach;
                return None;
            }
            _ => {}
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
        self.case = Case {
            conditions: self.dock.conditions(&device.id),
            ..Case::default()
        };
        // A phone that may be gone at any moment is read at once.
        let is_hasty = self.case.conditions.are_hasty();
        if folder.is_none() && device.has_owner && !is_hasty {
            self.owner = Owner::of(&device, wanted, self.case.clone());
            self.screen = Screen::Owner;
            return None;
        }
        self.begin(&device, wanted);
        Some(Task::Rescue(device, wanted, folder))
    }

    /// Starts or continues a rescue.
    fn begin(&mut self, device: &Device, wanted: Wanted) {
        self.rescue = Rescue::of(device, self.rescue.now);
        self.rescue.warnings = self.case.warnings();
        self.rescue.instead = self.case.conditions.instead_of_unlocking();
        self.dock.answer_is_used();
        self.look = Look::new(self.today);
        self.verdict = Verdict::default();
        self.screen = Screen::Rescue;
        self.reads = Some((device.clone(), wanted));
    }

    /// The owner confirms that the phone is empty: the rescue continues and checks once more.
    fn confirm_empty(&mut self) -> Option<Task> {
        let folder = PathBuf::from(self.verdict.shows_nothing()?);
        let (device, wanted) = self.reads.clone()?;
        self.begin(&device, wanted);
        Some(Task::ConfirmEmpty(device, wanted, folder))
    }

    fn on_rescue(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Next if self.can_look() => self.screen = Screen::Verdict,
            Intent::Look if self.can_look() => return self.open_look(),
            Intent::Next | Intent::Back if self.has_ended() => self.screen = Screen::Dock,
            intent => {
                let body = self.body();
                self.rescue.update(intent, body);
            }
        }
        None
    }

    fn on_look(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Verdict => {
                self.screen = Screen::Verdict;
                None
            }
            Intent::Back if !self.look.takes_back() => {
                self.screen = self.looked_from;
                None
            }
            Intent::OpenFolder => Some(Task::Open(self.looked_at()?)),
            Intent::OpenReport => Some(Task::Open(self.looked_at()?.join(REPORT))),
            intent => {
                self.look.set_area(self.body());
                self.look.update(intent)
            }
        }
    }

    fn on_verdict(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Copy => self.verdict.ask_which_copy(),
            Intent::CopyAs(kind) => self.verdict.ask_where_to(kind),
            Intent::Type(c) => self.verdict.type_on(c),
            Intent::Erase => self.verdict.erase(),
            Intent::Next if self.verdict.is_typing() => return self.verdict.begin_copy(),
            Intent::Back if self.verdict.is_typing() || self.verdict.is_choosing() => {
                self.verdict.leave_copy();
            }
            Intent::Back if self.verdict.is_copying() => return Some(Task::StopCopy),
            Intent::Next | Intent::Look if self.verdict.is_busy() => {}
            Intent::Next => self.screen = Screen::Dock,
            Intent::Back if self.rescue.is_again() => self.screen = Screen::Dock,
            Intent::Back => self.screen = Screen::Rescue,
            Intent::Look => return self.open_look(),
            Intent::Ticks => {
                if let Some(outcome) = self.verdict.to_tick() {
                    self.ticks = Ticks::of(outcome);
                    self.screen = Screen::Ticks;
                }
            }
            Intent::ConfirmEmpty => return self.confirm_empty(),
            intent => {
                let body = self.body();
                self.verdict.update(intent, body);
            }
        }
        None
    }

    /// True if the Rescue screen has more lines than fit. The keys take up to two lines.
    pub fn rescue_overflows(&self) -> bool {
        let [width, height] = [self.size.width, self.size.height].map(usize::from);
        let lines = height.saturating_sub(usize::from(chrome::RULES) + 2);
        self.rescue.is_longer_than(lines, width.saturating_sub(2))
    }

    fn on_ticks(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Back if !self.ticks.is_typing() => {
                self.screen = Screen::Verdict;
                None
            }
            intent => self.ticks.update(intent),
        }
    }

    /// The area between the title and the keys of a screen.
    fn body(&self) -> Rect {
        let area = Rect::from((Position::ORIGIN, self.size));
        chrome::body(area, &keys::shown(self))
    }

    /// Continues work that was cut into slices. Returns whether the screen changed, and the next task.
    pub fn work(&mut self) -> (bool, Option<Task>) {
        self.look.work()
    }

    /// True if there is such work.
    pub fn has_work(&self) -> bool {
        self.look.has_work()
    }

    /// The rescue that is looked at.
    fn looked_at(&self) -> Option<PathBuf> {
        match &self.rescue.phase {
            Phase::Ended(outcome) => Some(PathBuf::from(&outcome.folder)),
            _ => None,
        }
    }

    fn open_look(&mut self) -> Option<Task> {
        self.looked_from = self.screen;
        self.screen = Screen::Look;
        let Phase::Ended(outcome) = &self.rescue.phase else {
            return None;
        };
        // An opened shelf stays valid, because the rescue has ended.
        (!self.look.is_open()).then(|| Task::Look(PathBuf::from(&outcome.folder)))
    }

    /// Handles a message from a worker. Returns the next task.
    pub fn on_message(&mut self, message: Message) -> Option<Task> {
        match message {
            Message::Found(found) => {
                self.coach.on_found(&found.devices);
                self.remember_answer();
                self.dock.on_message(found);
            }
            Message::Unfinished(list) => self.dock.on_unfinished(list),
            Message::Cable(is_in) => self.practice = self.practice.map(|_| is_in),
            Message::Waiting(waiting) => self.rescue.on_waiting(waiting),
            Message::Opened(identity) => self.rescue.on_opened(identity),
            Message::Progress(progress) => self.rescue.on_message(progress),
            Message::CouldNotOpen(OpenError {
                what,
                advice,
                may_pass: _,
            })
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
            Message::Copying(progress) => self.verdict.on_copying(progress),
            Message::Copied(done) => {
                self.verdict.on_copied(done);
                self.quit |= self.leaving && !self.is_reading();
            }
            Message::Ticked(done) => {
                self.ticks.on_ticked(done.as_ref().as_ref());
                if let Ok(outcome) = done.as_ref() {
                    self.verdict.on_ticked(outcome);
                }
            }
            Message::Overview(lists) => return self.look.on_message(lists),
            Message::Raw { key, raw } => self.look.on_raw(&key, raw),
            Message::Qr { key, codes } => self.look.on_qr(&key, codes),
            Message::Exported(done) => self.look.on_exported(done),
            Message::OpenedWith(path, done) => self.look.say(match done {
                Ok(()) => phrase!("Opened: {}", path.display()),
                Err(why) => phrase!("{why}. Open it yourself: {}", path.display()),
            }),
            Message::PathCompleted(from, completed) => self.look.on_completed(&from, completed),
            Message::Detail { key, fields } => self.look.on_detail(&key, fields),
            Message::Picture { key, picture } => self.look.on_picture(&key, picture),
            Message::Broke(what) => {
                let advice = phrase(
                    "Everything saved so far is safe on the disk. Press q to quit. Then start Lifeboat \
                     again and continue the rescue with --resume. Please report this error. Attach the \
                     file that lifeboat report-problem makes from the rescue folder.",
                );
                self.end(Phase::Failed {
                    what,
                    advice: advice.into(),
                });
                self.screen = Screen::Rescue;
            }
        }
        None
    }

    /// Ends the rescue, and also the program if its user waited for that.
    fn end(&mut self, phase: Phase) {
        self.rescue.end(phase, self.leaving);
        self.quit |= self.leaving;
    }
}
