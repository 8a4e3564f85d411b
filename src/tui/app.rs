//! State of the screens, and its changes by user intents and worker messages. No I/O.

mod asking;
mod hear;
mod leaving;
mod looking;
mod messages;
mod runs;
mod watched;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use ratatui::layout::{Position, Rect, Size};

use super::keys::{self, Intent};
use super::screen::coach::Coach;
use super::screen::dock::{Dock, Enter};
use super::screen::look::Look;
use super::screen::owner::Owner;
use super::screen::rescue::{Phase, Rescue};
use super::screen::sidekick::Sidekick;
use super::screen::ticks::Ticks;
use super::screen::verdict::Verdict;
use super::widget::chrome;
use super::widget::scroll::Scroll;
use crate::handset::find::{Device, Wanted};
use crate::model::Case;
use crate::rescue::Outcome;
use crate::vault::Desk;

use looking::RENEW_LOOK;
pub use messages::{Message, Task};
use runs::Run;
pub use runs::{Left, RunId, Start};

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
    /// The user is asked whether a running rescue is to be stopped.
    pub asks_to_leave: bool,
    /// The user is asked whether the rescue of another program is to be stopped: its folder, and the phone's name.
    pub asks_to_stop: Option<(PathBuf, String)>,
    /// The user wants to leave as soon as the safe data is written.
    pub leaving: bool,
    pub quit: bool,
    /// Size of the terminal, which limits how far a screen can be scrolled.
    pub size: Size,
    /// The ticket and the technician. They are asked for once.
    pub desk: Desk,
    /// Counts and states are shown, and nothing of what is on the phones.
    pub is_desk: bool,
    /// `Some`: rescues are sealed when they are finished. Holds the number of rescues that are being sealed.
    pub seals: bool,
    sealing: usize,
    /// The terminal shows ASCII alone.
    pub is_ascii: bool,
    /// Options that the commands for practice phones need.
    pub practice_option: Option<&'static str>,
    /// The rescue on the screen; the others are in `parked`, and those that have ended in `left`.
    shown: RunId,
    last: RunId,
    parked: BTreeMap<RunId, Run>,
    left: Vec<Left>,
    /// The phone that the rescue on the screen reads.
    reads: Option<(Device, Wanted)>,
    /// What begins after the page for the owner.
    pending: Vec<Start>,
    /// The rescue that the Look screen shows, and whether it was still running.
    looks_at: Option<(PathBuf, bool)>,
    today: NaiveDate,
    /// The screens from which the Look screen and the first steps were opened.
    looked_from: Screen,
    asked_from: Screen,
    /// A key was pressed, or the program has run for a while: no rescue is shown by itself any more.
    is_settled: bool,
    /// When the lists of a running rescue were last read, or a key was last pressed there.
    look_renewed: Duration,
    /// The interval to the next time.
    look_pause: Duration,
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
            asks_to_leave: false,
            asks_to_stop: None,
            leaving: false,
            quit: false,
            size: Size::new(80, 24),
            desk: Desk::default(),
            is_desk: false,
            seals: false,
            sealing: 0,
            is_ascii: false,
            practice_option: None,
            shown: 0,
            last: 0,
            parked: BTreeMap::new(),
            left: Vec::new(),
            reads: None,
            pending: Vec::new(),
            looks_at: None,
            today,
            looked_from: Screen::Dock,
            asked_from: Screen::Dock,
            is_settled: false,
            look_renewed: Duration::ZERO,
            look_pause: RENEW_LOOK,
        }
    }

    /// Shows the verdict of a rescue that has ended.
    pub fn open_again(&mut self, outcome: Outcome) {
        self.park();
        self.look = Look::new(self.today);
        self.looks_at = None;
        let now = self.rescue.now;
        self.rescue = Rescue::again(&outcome);
        self.rescue.now = now;
        self.verdict = Verdict::of(outcome);
        self.verdict.is_desk = self.is_desk;
        self.screen = Screen::Verdict;
    }

    /// Sets the clock, as time since the start. It is used for rates and the remaining time.
    pub fn tick(&mut self, now: Duration) {
        self.rescue.tick(now);
        self.verdict.tick(now);
        self.tick_parked(now);
        self.light_lamps();
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
            Screen::Rescue => self.rescue.password.is_some(),
            Screen::Dock | Screen::Sidekick | Screen::Coach => false,
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
        self.is_settled = true;
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
            Intent::Quit => self.on_quit(),
            Intent::Interrupt => self.on_interrupt(),
            _ if self.asks_to_leave => {
                self.asks_to_leave = false;
                None
            }
            intent if self.asks_to_stop.is_some() => self.answer_to_stop(intent),
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

    fn on_dock(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Coach => {
                self.coach = Coach::of(self.dock.chosen()).with(self.dock.answers());
                self.asked_from = Screen::Dock;
                self.screen = Screen::Coach;
                return None;
            }
            Intent::Steps => {
                self.coach = Coach::steps_of(self.dock.chosen()).with(self.dock.answers());
                self.asked_from = Screen::Dock;
                self.screen = Screen::Coach;
                return None;
            }
            _ => {}
        }
        let starts = match intent {
            Intent::Next => match self.dock.enter() {
                Enter::Rescue | Enter::Continue => self.dock.starts(false),
                Enter::Watch(id) => {
                    self.show_run(id);
                    return None;
                }
                Enter::Open => return self.dock.chosen_folder().map(Task::Reopen),
                Enter::Follow => {
                    self.watch_chosen();
                    return None;
                }
                Enter::Steps | Enter::Nothing => return None,
            },
            Intent::Anew => self.dock.starts(true),
            Intent::Files => self.dock.files_start().into_iter().collect(),
            Intent::StopOther => {
                self.asks_to_stop = self.dock.running_elsewhere();
                return None;
            }
            intent => {
                self.dock.update(intent);
                return None;
            }
        };
        self.prepare(starts)
    }

    /// The owner confirms that the phone is empty: the rescue continues and checks once more.
    fn confirm_empty(&mut self) -> Option<Task> {
        let folder = PathBuf::from(self.verdict.shows_nothing()?);
        let (device, wanted) = self.reads.clone()?;
        self.begin(&device, wanted);
        Some(Task::ConfirmEmpty(device, wanted, folder))
    }

    fn on_rescue(&mut self, intent: Intent) -> Option<Task> {
        if let Some(password) = &mut self.rescue.password {
            if password.update(intent) {
                self.rescue.password = None;
            }
            return None;
        }
        match intent {
            Intent::Next | Intent::Verdict if self.can_look() => {
                self.screen = Screen::Verdict;
            }
            Intent::Look if self.can_look_now() => return self.open_look(),
            Intent::Coach | Intent::Steps => self.ask_about_rescue(intent),
            Intent::StopOther => self.asks_to_stop = self.watched_to_stop(),
            Intent::Next | Intent::Back if self.has_ended() || self.rescue.is_elsewhere() => {
                self.go_to_dock();
            }
            Intent::Back => self.screen = Screen::Dock,
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
                self.screen = match self.can_look() {
                    true => Screen::Verdict,
                    false => Screen::Rescue,
                };
                None
            }
            Intent::Back if !self.look.takes_back() => {
                self.screen = self.looked_from;
                None
            }
            Intent::OpenFolder => Some(Task::Open(self.looked_at()?)),
            Intent::OpenReport => Some(Task::Open(self.looked_at()?.join(REPORT))),
            intent => {
                self.look_renewed = self.rescue.now;
                self.look.set_area(self.body());
                self.look.update(intent)
            }
        }
    }

    fn on_verdict(&mut self, intent: Intent) -> Option<Task> {
        if !self.verdict.is_busy() {
            self.verdict.say_nothing();
        }
        match intent {
            Intent::Copy => self.verdict.ask_which_copy(),
            Intent::Up
            | Intent::Down
            | Intent::PageUp
            | Intent::PageDown
            | Intent::First
            | Intent::Last
                if self.verdict.is_working() =>
            {
                let body = self.body();
                self.verdict.update(intent, body);
            }
            intent if self.verdict.is_busy() => return self.verdict.update_work(intent),
            Intent::Next => self.go_to_dock(),
            Intent::Back if self.rescue.is_again() => self.go_to_dock(),
            Intent::Back => self.screen = Screen::Rescue,
            Intent::Look => return self.open_look(),
            Intent::Ticks => {
                if let Some(outcome) = self.verdict.to_tick() {
                    self.ticks = Ticks::of(outcome, self.is_desk);
                    self.screen = Screen::Ticks;
                }
            }
            Intent::ConfirmEmpty => return self.confirm_empty(),
            Intent::OpenFolder => return self.verdict.folder_to_open().map(Task::Open),
            Intent::OpenReport => {
                let folder = self.verdict.folder_to_open()?;
                return Some(Task::Open(folder.join(REPORT)));
            }
            Intent::Finish => self.verdict.ask_to_finish(),
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

    /// Goes back to the list. A rescue that has ended is opened from there.
    fn go_to_dock(&mut self) {
        self.park();
        self.light_lamps();
        self.screen = Screen::Dock;
    }
}
