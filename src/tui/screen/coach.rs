//! The coach: the steps out of the state that a phone is in, what a person sees on it and USB can't tell, and the steps
//! that follow.

mod draw;
mod keys;

pub use draw::draw;
pub use keys::KEYS;

use ratatui::layout::Rect;

use crate::coach::{ANDROID, Guide, Situation, State, guides};
use crate::handset::find::{self, Device};
use crate::model::Conditions;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::scroll::Scroll;
use draw::lines;

/// The key that takes an answer back.
pub const NOTHING: char = '0';

/// The makers to choose from if USB does not name the maker.
const MAKERS: [&str; 9] = [
    "Samsung", "Apple", "Google", "Xiaomi", "Huawei", "OnePlus", "OPPO", "Motorola", ANDROID,
];

/// What the page shows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// The steps out of the state that USB shows.
    Steps,
    /// The question what a person sees.
    #[default]
    Question,
    Answer(&'static Guide),
}

/// The phone that is asked about, and the answer.
#[derive(Debug, Default)]
pub struct Coach {
    /// The phone that was selected when the page was opened; `None`: no phone was plugged in.
    device: Option<Device>,
    /// The maker that a person chose, for a phone that USB does not name.
    maker: Option<&'static str>,
    page: Page,
    /// The page was opened with the steps, so the way back leads there.
    has_steps: bool,
    /// The state in which the steps began. The steps of all later states are done.
    began: Option<&'static State>,
    /// Steps of the present state that a person has marked as done: USB shows only where a state ends.
    marked: usize,
    /// The phone of the steps is unplugged.
    is_gone: bool,
    /// The phone is being read, and asked about meanwhile.
    is_read: bool,
    /// What a person sees.
    answers: Conditions,
    /// None of what is asked for is true.
    is_taken_back: bool,
    /// Technical background is shown.
    has_details: bool,
    scroll: Scroll,
}

impl Coach {
    /// The page that asks what a person sees.
    pub fn of(device: Option<&Device>) -> Self {
        Self {
            device: device.cloned(),
            ..Self::default()
        }
    }

    /// The page with the steps out of the state that a phone is in.
    pub fn steps_of(device: Option<&Device>) -> Self {
        let mut coach = Self {
            page: Page::Steps,
            has_steps: true,
            ..Self::of(device)
        };
        coach.began = coach.situation().state();
        coach
    }

    /// The page, with what was answered earlier.
    #[must_use]
    pub fn with(self, answers: Conditions) -> Self {
        Self { answers, ..self }
    }

    /// The page about a phone that is being read.
    #[must_use]
    pub fn while_read(self) -> Self {
        Self {
            is_read: true,
            ..self
        }
    }

    /// The phone's name, next to the title.
    pub fn beside(&self) -> String {
        self.device.as_ref().map_or_else(String::new, Device::name)
    }

    /// ID of the phone that is asked about.
    pub fn id(&self) -> Option<&str> {
        self.device.as_ref().map(|device| device.id.as_str())
    }

    /// Follows the phone: it may have changed its state. If no phone was selected, the first phone that appears is
    /// followed.
    pub fn on_found(&mut self, devices: &[Device]) {
        let same = match &self.device {
            Some(device) => devices.iter().find(|one| one.id == device.id),
            None => devices.first(),
        };
        self.is_gone = same.is_none() && self.device.is_some();
        // The rescue knows what its phone waits for.
        if self.is_read {
            return;
        }
        let Some(device) = same.filter(|device| self.device.as_ref() != Some(device)) else {
            return;
        };
        let before = self.situation().state();
        self.device = Some(device.clone());
        let now = self.situation().state();
        if before == now {
            return;
        }
        self.marked = 0;
        let is_on_way = |began: &&'static State| {
            let mut way = began.way();
            now.is_none_or(|now| way.any(|state| state == now))
        };
        self.began = self.began.filter(is_on_way).or(now);
    }

    /// What a person sees.
    pub fn answered(&self) -> &Conditions {
        &self.answers
    }

    pub fn is_question(&self) -> bool {
        self.page == Page::Question
    }

    pub fn is_steps(&self) -> bool {
        self.page == Page::Steps
    }

    /// The phone can be read now.
    pub fn is_ready(&self) -> bool {
        let device = self.device.as_ref();
        let device = device.filter(|_| !self.is_gone && !self.is_read);
        device.is_some_and(|device| device.state == find::State::Ready)
    }

    /// Only the phone's files can be read now.
    pub fn gives_files_alone(&self) -> bool {
        let device = self.device.as_ref();
        let device = device.filter(|_| !self.is_gone && !self.is_read);
        device.is_some_and(|device| device.files_alone)
    }

    /// Asks what a person sees.
    pub fn ask(&mut self) {
        self.page = Page::Question;
        self.scroll = Scroll::default();
    }

    /// Goes back to the page before. Returns false if this is the first one.
    pub fn takes_back(&mut self) -> bool {
        self.scroll = Scroll::default();
        let before = match self.page {
            Page::Answer(_) => Page::Question,
            Page::Question if self.has_steps => Page::Steps,
            Page::Question | Page::Steps => return false,
        };
        self.page = before;
        true
    }

    pub fn update(&mut self, intent: Intent, area: Rect) {
        match intent {
            Intent::Answer(key) => {
                let guide = guides().iter().find(|guide| guide.key == key);
                self.is_taken_back = guide.is_none();
                match guide {
                    Some(guide) => self.answers.insert(guide.condition),
                    None => self.answers = Conditions::default(),
                }
                self.page = guide.map_or(self.page, Page::Answer);
                self.scroll = Scroll::default();
            }
            Intent::NextMaker => {
                let next = match self.maker {
                    None => 0,
                    Some(maker) => 1 + MAKERS.iter().position(|one| *one == maker).unwrap_or(0),
                };
                self.maker = MAKERS.get(next).copied();
                self.scroll = Scroll::default();
            }
            Intent::Details => self.has_details = !self.has_details,
            Intent::Done => self.marked += 1,
            intent => {
                let lines = lines(self, area, Theme::plain()).len();
                self.scroll.update(intent, lines, area);
            }
        }
    }

    /// The steps of one of the answers come before the phone is read.
    fn is_asked_first(&self) -> bool {
        let mut answered = guides()
            .iter()
            .filter(|guide| self.answers.has(guide.condition));
        answered.any(|guide| !guide.ready.is_empty())
    }

    /// The phone's maker; empty if it is not known.
    fn make(&self) -> &str {
        let seen = self.device.as_ref().map_or("", |device| &device.make);
        match seen {
            "" => self.maker.unwrap_or_default(),
            make => make,
        }
    }

    /// True if USB does not name the phone's maker, so that a person may.
    pub fn asks_for_maker(&self) -> bool {
        let device = self.device.as_ref();
        device.is_none_or(|device| device.make.is_empty())
    }

    /// What is to be done about the phone first.
    fn situation(&self) -> Situation {
        match &self.device {
            None => Situation::of("nothing"),
            Some(device) => device.situations.first().cloned().unwrap_or_default(),
        }
    }
}
