//! Rescue: the progress, the data that is safe on disk so far, and advice.

mod keys;

pub use keys::KEYS;

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use crate::handset::find::{Device, Kind, Waiting};
use crate::model::{Charger, Collection, Health, Identity, Verdict, by_reason, called, size};
use crate::phrase;
use crate::rescue::{Outcome, Progress, Window};
use crate::tui::keys::Intent;
use crate::tui::screen::password::Password;
use crate::tui::theme::Theme;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::text::{count, counted, fit, hanging, padded, paragraph, seconds, wrap};

mod activity;
mod row;

use activity::{Activity, Rate};
use row::{Row, RowState};

/// Maximum number of advice texts on the screen. The oldest is removed first.
const MOST_ADVICE: usize = 12;

/// Columns of a row apart from its bar, with the usual room for its counts.
const BESIDE_BAR: usize = 66;
const COUNTS: usize = 14;

/// From this width on, there is room for what was read last.
const WIDE: usize = 118;

/// Phase of the whole rescue.
#[derive(Debug, Default)]
pub enum Phase {
    #[default]
    Idle,
    /// Connecting to the handset.
    Opening(Option<Waiting>),
    Reading,
    /// Writing the files.
    Writing,
    /// Reading the files back and sealing the folder.
    Sealing,
    /// The connection is lost. The rescue continues when the handset is connected again. Holds the step that the
    /// handset needs, once it is seen.
    Lost(Option<String>),
    /// The handset is locked. The rescue continues when its owner unlocks it. Holds this advice and the amount saved
    /// so far.
    Locked(String),
    Ended(Box<Outcome>),
    Failed {
        what: String,
        advice: String,
    },
}

/// State of the rescue on the screen.
#[derive(Debug, Default)]
pub struct Rescue {
    pub phase: Phase,
    /// Time since the program started.
    pub now: Duration,
    /// The rescue folder, after it was created.
    pub folder: Option<PathBuf>,
    /// Free bytes where the rescue is saved.
    pub free: Option<u64>,
    /// Names of what is read are not shown.
    pub is_desk: bool,
    /// Access to the data while it is read.
    pub window: Option<Window>,
    /// What has to be known by everyone who handles the phone, each in sentences.
    pub warnings: Vec<String>,
    /// The field for the password of a backup, while it is needed.
    pub password: Option<Password>,
    is_backup: bool,
    kind: Kind,
    /// What is said instead of asking to unlock the phone, if nobody can do that.
    pub instead: Option<&'static str>,
    id: String,
    name: String,
    began: Duration,
    ended: Option<Duration>,
    health: Option<Health>,
    offered: Vec<Collection>,
    rows: BTreeMap<Collection, Row>,
    advice: VecDeque<String>,
    activity: Activity,
    /// The collection of the last message.
    last: Option<Collection>,
    scroll: Scroll,
    /// Number of items written or read back, total number, and the word for the step.
    written: Option<(u64, u64, &'static str)>,
    /// Number of bytes read back, and total number.
    checked: Option<(u64, u64)>,
    stopped: bool,
    is_again: bool,
}

impl Rescue {
    /// Starts the rescue of a device.
    pub fn of(device: &Device, now: Duration) -> Self {
        Self {
            phase: Phase::Opening(None),
            id: device.id.clone(),
            is_backup: device.is_backup,
            kind: device.kind,
            name: device.name(),
            began: now,
            now,
            ..Self::default()
        }
    }

    /// A rescue that has ended and is opened again: nothing of its progress is known.
    pub fn again(outcome: &Outcome) -> Self {
        let handset = &outcome.handset;
        Self {
            phase: Phase::Ended(Box::new(outcome.clone())),
            folder: Some(PathBuf::from(&outcome.folder)),
            name: called(&handset.make, &handset.model),
            is_again: true,
            ..Self::default()
        }
    }

    /// True for a rescue that was opened again.
    pub fn is_again(&self) -> bool {
        self.is_again
    }

    /// The device's ID.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn name(&self) -> String {
        self.name.clone()
    }

    /// Text next to the title: the phone and its battery level.
    pub fn beside(&self) -> String {
        let percent = self.health.as_ref().and_then(|h| h.battery_percent);
        // The battery level of a disconnected phone is unknown.
        if matches!(self.phase, Phase::Lost(_)) {
            return match percent {
                None => phrase!("{}   not connected", self.name),
                Some(percent) => phrase!("{}   not connected, last seen at {percent} %", self.name),
            };
        }
        let Some(percent) = percent else {
            return self.name.clone();
        };
        let charger = match self.health.as_ref().map(|h| h.charger) {
            Some(Charger::Charging) => phrase(", charging"),
            Some(Charger::NotCharging) => phrase(", not charging"),
            _ => "",
        };
        phrase!("{}   battery {percent} %{charger}", self.name)
    }

    /// Sets the clock, as time since the program started.
    pub fn tick(&mut self, now: Duration) {
        self.now = now;
        if let (Phase::Reading, Some((what, rate))) = (&self.phase, self.rate()) {
            self.activity.note(now, what, rate);
        }
        if matches!(self.phase, Phase::Reading) {
            for row in self.rows.values_mut() {
                row.tick(now);
            }
        }
    }

    /// The collection that is being read, and how fast.
    fn rate(&self) -> Option<(Collection, Rate)> {
        let what = self.last?;
        let row = self.rows.get(&what)?;
        let rate = row.rate().filter(|_| row.state == RowState::Reading)?;
        let rate = match row.bytes.is_some() {
            true => Rate::Bytes(rate),
            false => Rate::Items(rate),
        };
        Some((what, rate))
    }

    /// True if the rescue can't go on before somebody does something to the phone.
    pub fn waits_for_a_person(&self) -> bool {
        self.is_waiting() || matches!(self.phase, Phase::Opening(_))
    }

    /// What happens, in a few words: `calendar, 204 of 318`.
    pub fn in_short(&self) -> String {
        match &self.phase {
            Phase::Idle => String::new(),
            Phase::Opening(None) => phrase("connecting").into(),
            Phase::Opening(Some(Waiting::Silent(_))) => phrase("no answer yet").into(),
            Phase::Opening(Some(_)) => phrase("tap “Allow” on the phone").into(),
            Phase::Lost(_) => phrase("PAUSED: plug it in").into(),
            Phase::Locked(_) => phrase("PAUSED: unlock it").into(),
            Phase::Writing => phrase("writing the files").into(),
            Phase::Sealing => phrase("checking the files").into(),
            Phase::Ended(_) | Phase::Failed { .. } => phrase("stopped").into(),
            Phase::Reading => match self.current() {
                None => phrase("reading").into(),
                Some((what, row)) => {
                    let counted = row.counted();
                    match counted.is_empty() {
                        true => what.named().to_owned(),
                        false => format!("{} {counted}", what.named()),
                    }
                }
            },
        }
    }

    /// The collection that is being read.
    fn current(&self) -> Option<(Collection, &Row)> {
        let is_read = |row: &Row| {
            matches!(
                row.state,
                RowState::Reading | RowState::Looking | RowState::LookingAgain
            )
        };
        let mut rows = self.rows.iter().map(|(what, row)| (*what, row));
        let last = |what: &Collection| Some(*what) == self.last;
        rows.clone()
            .find(|(what, row)| last(what) && is_read(row))
            .or_else(|| rows.clone().find(|(_, row)| row.state == RowState::Reading))
            .or_else(|| rows.find(|(_, row)| is_read(row)))
    }

    /// A message about a collection has come: it is the one that is read.
    fn turn_to(&mut self, what: Collection) -> &mut Row {
        if let Some(before) = self.last.filter(|before| *before != what) {
            self.row(before).is_overtaken();
        }
        self.last = Some(what);
        self.row(what)
    }

    /// How much of the collection that is being read is done, and of how much.
    pub fn share(&self) -> Option<(u64, u64)> {
        match self.phase {
            Phase::Reading => self.current()?.1.share(),
            Phase::Writing => self.written.map(|(done, of, _)| (done, of)),
            Phase::Sealing => self.checked,
            _ => None,
        }
        .filter(|(_, of)| *of > 0)
    }

    /// True if the lines do not fit into this number of lines of `width` columns.
    pub fn is_longer_than(&self, height: usize, width: usize) -> bool {
        lines(self, false, left_of(width), Theme::plain()).len() > height
    }

    /// Scrolls.
    pub fn update(&mut self, intent: Intent, area: Rect) {
        let width = left_of(usize::from(area.width));
        let number = lines(self, false, width, Theme::plain()).len();
        self.scroll.update(intent, number, area);
    }

    pub fn is_reading(&self) -> bool {
        !self.has_ended() && !matches!(self.phase, Phase::Idle)
    }

    /// A person has stopped it.
    pub fn was_stopped(&self) -> bool {
        self.stopped
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_) | Phase::Failed { .. })
    }

    pub fn on_waiting(&mut self, waiting: Waiting) {
        match (&mut self.phase, waiting) {
            (Phase::Opening(now), waiting) => *now = Some(waiting),
            // A restart can cancel a permission that was given only once.
            (Phase::Lost(needs), Waiting::ForPermission(ask)) => *needs = Some(waits(ask)),
            _ => {}
        }
    }

    pub fn on_opened(&mut self, identity: Identity) {
        self.is_backup = identity.is_backup;
        let name = identity.name();
        if !name.is_empty() {
            self.name = name;
        }
        if matches!(self.phase, Phase::Opening(_)) {
            self.phase = Phase::Reading;
        }
    }

    pub fn end(&mut self, phase: Phase, stopped: bool) {
        self.phase = phase;
        self.stopped = stopped;
        self.ended = Some(self.now);
    }

    pub fn on_message(&mut self, progress: Progress) {
        match progress {
            Progress::Folder(folder) => self.folder = Some(folder),
            Progress::Window(window) => self.window = Some(window),
            Progress::Offered(offered) => self.offered = offered,
            Progress::Health(health) => self.health = Some(health),
            Progress::Looking(what) => self.turn_to(what).state = RowState::Looking,
            Progress::LookingAgain(what) => self.turn_to(what).state = RowState::LookingAgain,
            Progress::Surveyed(what, holding) => self.row(what).survey(holding),
            Progress::Safe {
                what,
                rows,
                of,
                things,
            } => {
                let now = self.now;
                self.turn_to(what).safe(now, rows, of, things);
            }
            Progress::Copied {
                what,
                bytes,
                safe: _,
                of_bytes,
            } => {
                let now = self.now;
                self.turn_to(what).copied(now, bytes, of_bytes);
            }
            Progress::Current { .. } if self.is_desk => {}
            Progress::Current { what, name } => self.activity.on_name(what, &name),
            Progress::Read(what) => {
                let after = self.now.saturating_sub(self.began);
                self.row(what).read(after);
            }
            // Safe data is also written while the connection is lost. This is not the end.
            Progress::Writing if !self.is_waiting() => {
                self.phase = Phase::Writing;
                (self.written, self.checked) = (None, None);
            }
            Progress::Sealing if !self.is_waiting() => self.phase = Phase::Sealing,
            Progress::Writing | Progress::Sealing => {}
            Progress::Written { records, of } => {
                self.written = Some((records, of, phrase("Writing the files")));
            }
            Progress::ReadBack { cards, of } => {
                self.written = Some((cards, of, phrase("Checking the contact files")));
            }
            Progress::Checked { bytes, of_bytes } => self.checked = Some((bytes, of_bytes)),
            Progress::Lost => self.wait(Phase::Lost(None)),
            Progress::Locked(unlock_it) => self.wait(Phase::Locked(unlock_it)),
            Progress::Needs(what) if self.is_waiting() => self.phase = Phase::Lost(Some(what)),
            Progress::Needs(_) => {}
            Progress::Back => {
                self.phase = Phase::Reading;
                self.rows.values_mut().for_each(Row::go_on);
            }
            Progress::Advice(text) => {
                if !self.advice.contains(&text) {
                    self.advice.push_back(text);
                }
                while self.advice.len() > MOST_ADVICE {
                    self.advice.pop_front();
                }
            }
        }
    }

    /// The headline while a phone is read.
    fn reads(&self) -> String {
        let has_contacts = self.offered.is_empty() || self.offered.contains(&Collection::Contacts);
        match self.current() {
            None if has_contacts => {
                phrase("Reading. Contacts come first. Don't unplug the cable.").into()
            }
            None => phrase("Reading. Don't unplug the cable.").into(),
            Some((Collection::Contacts, _)) => {
                phrase("Reading. Contacts come first. Don't unplug the cable.").into()
            }
            Some((what, _)) => phrase!("Reading: {}. Don't unplug the cable.", what.named()),
        }
    }

    /// True if the handset cannot be read now and the rescue will continue later.
    fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Lost(_) | Phase::Locked(_))
    }

    /// Changes to a waiting phase. Measured rates are no longer valid.
    fn wait(&mut self, phase: Phase) {
        self.phase = phase;
        self.activity.pause();
        for row in self.rows.values_mut() {
            row.pause();
        }
    }

    /// The collections that the handset offers; all collections until this is known.
    fn order(&self) -> impl Iterator<Item = Collection> {
        let offered = |what: &Collection| self.offered.is_empty() || self.offered.contains(what);
        Collection::ALL.into_iter().filter(offered)
    }

    /// Number of items that are saved.
    fn things(&self) -> u64 {
        self.rows.values().map(|row| row.things).sum()
    }

    fn row(&mut self, what: Collection) -> &mut Row {
        self.rows.entry(what).or_default()
    }
}

pub fn draw(rescue: &Rescue, leaving: bool, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = left_of(usize::from(area.width));
    let left = Rect {
        width: u16::try_from(width).unwrap_or(area.width),
        ..area
    };
    rescue
        .scroll
        .draw(lines(rescue, leaving, width, theme), frame, left, theme);
    if left.width < area.width && rescue.is_reading() && rescue.password.is_none() {
        let beside = Rect {
            x: left.x + left.width,
            width: area.width - left.width,
            ..area
        };
        frame.render_widget(Paragraph::new(names(rescue, beside, theme)), beside);
    }
}

/// Columns of the rows and sentences. Wider screens show beside them what was read last.
fn left_of(width: usize) -> usize {
    if width < WIDE { width } else { width * 2 / 3 }
}

/// What was read last, the newest first.
fn names(rescue: &Rescue, area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let width = usize::from(area.width).saturating_sub(4);
    let mut lines = vec![
        Line::from(""),
        Line::styled(phrase("  │ Read last:"), theme.quiet()),
    ];
    let room = usize::from(area.height).saturating_sub(lines.len());
    lines.extend(rescue.activity.names().take(room).map(|name| {
        Line::from(vec![
            Span::styled("  │ ", theme.rule()),
            Span::raw(fit(name, width)),
        ])
    }));
    // Nothing is read by name yet, or names are not shown.
    if lines.len() == 2 { Vec::new() } else { lines }
}

fn lines(rescue: &Rescue, leaving: bool, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from("")];
    if let Some(password) = &rescue.password {
        lines.extend(password.lines(width, theme));
        return lines;
    }
    lines.extend(headline(rescue, leaving, width, theme));
    for warning in &rescue.warnings {
        lines.extend(hanging("  !  ", theme.care(), warning, width));
    }
    lines.push(Line::from(""));
    lines.extend(row_lines(rescue, width, theme));
    lines.push(Line::from(""));
    lines.extend(warnings(rescue, width, theme));
    let is_copied = rescue.current().is_some_and(|(what, row)| {
        row.state == RowState::Reading && rescue.activity.of() == Some(what)
    });
    if matches!(rescue.phase, Phase::Reading) && is_copied {
        let rate = rescue.rate().map(|(_, rate)| rate);
        lines.extend(rescue.activity.line(rate, width, theme));
    }
    lines.push(safe_so_far(rescue, theme));
    if let Some(folder) = &rescue.folder {
        let free = rescue
            .free
            .filter(|_| rescue.is_reading())
            .map_or(String::new(), |free| phrase!(", {} free", size(free)));
        let text = phrase!("Saved in: {}{free}", folder.display());
        lines.extend(paragraph(&text, theme.quiet(), width));
    }
    if rescue.is_reading() && !rescue.is_backup {
        let text = match rescue.phase {
            Phase::Lost(_) => phrase(
                "The rescue is paused. Don't restart or reset the phone, don't update it and don't sign out.",
            ),
            _ if rescue.kind != Kind::Phone => &phrase!("Don't unplug the {}.", rescue.kind.noun()),
            _ => phrase(
                "Don't unplug the phone. Don't restart or reset it, don't update it and don't sign out.",
            ),
        };
        lines.push(Line::from(""));
        lines.extend(paragraph(text, theme.care(), width));
    }
    lines
}

/// What could not be read, and other advice, the newest first.
fn warnings(rescue: &Rescue, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let closed =
        Collection::ALL
            .into_iter()
            .filter_map(|what| match &rescue.rows.get(&what)?.state {
                RowState::Closed(reason) => Some((what, reason.as_str())),
                _ => None,
            });
    let newest_first = rescue.advice.iter().rev().cloned();
    let mut lines: Vec<Line<'static>> = Vec::new();
    for text in newest_first.chain(by_reason(closed)) {
        lines.extend(hanging("  !  ", theme.care(), &text, width));
        lines.push(Line::from(""));
    }
    lines
}

/// Asks the owner for something that Lifeboat waits for.
fn waits(ask: &str) -> String {
    phrase!("{ask} Lifeboat is waiting.")
}

/// The headline, a sentence about the current phase.
fn headline(rescue: &Rescue, leaving: bool, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let (text, style) = match &rescue.phase {
        _ if leaving && !rescue.has_ended() => (
            phrase("Stopping. Writing the saved data to files…").into(),
            theme.care(),
        ),
        Phase::Idle => (String::new(), theme.strong()),
        Phase::Opening(None) if rescue.is_backup => {
            (phrase("Opening the backup…").into(), theme.strong())
        }
        Phase::Opening(None) => (phrase("Connecting to the phone…").into(), theme.strong()),
        Phase::Opening(Some(Waiting::ForPermission(ask) | Waiting::ForPermissionInVain(ask))) => (
            rescue.instead.map_or_else(|| waits(ask), str::to_owned),
            theme.care(),
        ),
        Phase::Opening(Some(Waiting::Silent(long))) => (
            phrase!(
                "The phone has not answered for {}. It may be busy for several minutes. Lifeboat is waiting.",
                seconds(long.as_secs())
            ),
            theme.strong(),
        ),
        Phase::Opening(Some(Waiting::Deriving(percent))) => (
            phrase!("Checking the password… {percent} %"),
            theme.strong(),
        ),
        Phase::Reading if rescue.is_backup => (
            phrase("Reading the backup. Contacts come first. Nothing in its folder is changed.")
                .into(),
            theme.strong(),
        ),
        Phase::Reading => (rescue.reads(), theme.strong()),
        Phase::Lost(Some(needs)) => (needs.clone(), theme.care()),
        Phase::Locked(unlock_it) => (
            match rescue.instead {
                Some(instead) => instead.to_owned(),
                None => phrase!(
                    "The phone is locked. {unlock_it} The rescue continues when the phone is unlocked."
                ),
            },
            theme.care(),
        ),
        Phase::Lost(None) => (
            phrase!(
                "Paused: the connection was lost. {} are saved. Plug in the phone and unlock it. The rescue then \
                 continues by itself.",
                counted(rescue.things(), phrase("item"), phrase("items"))
            ),
            theme.care(),
        ),
        Phase::Writing => {
            let text = match rescue.written {
                Some((done, of, doing)) if of > 0 => {
                    phrase!("{doing}… {} of {}", count(done), count(of))
                }
                Some(_) | None => phrase("Writing the files…").into(),
            };
            (text, theme.strong())
        }
        Phase::Sealing => {
            let far = rescue.checked.map_or(String::new(), |(bytes, of)| {
                phrase!(" {} of {}", size(bytes), size(of))
            });
            let text = phrase!("Checking the files and finishing the folder…{far}");
            (text, theme.strong())
        }
        Phase::Ended(outcome) => ended(outcome, rescue.kind, rescue.stopped, theme),
        Phase::Failed { what, advice } => (format!("{what}. {advice}"), theme.bad()),
    };
    wrap(&text, width.saturating_sub(2))
        .into_iter()
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect()
}

fn ended(
    outcome: &Outcome,
    kind: Kind,
    stopped: bool,
    theme: Theme,
) -> (String, ratatui::style::Style) {
    if outcome.safe {
        let text = match outcome.handset.is_backup {
            true => outcome.headline.clone(),
            false => phrase!("{} You can unplug the {}.", outcome.headline, kind.noun()),
        };
        return (text, theme.good());
    }
    if !stopped && !outcome.finished && !outcome.lost && !outcome.shows_nothing {
        let text = phrase!(
            "{} What was read is saved. You can unplug the {}, and continue later. The verdict gives the reasons.",
            outcome.headline,
            kind.noun()
        );
        return (text, theme.bad());
    }
    if (stopped || !outcome.finished) && !outcome.shows_nothing {
        let text = phrase(
            "Stopped. Everything read so far is saved. You can continue the rescue. Do not reset the phone.",
        );
        return (text.into(), theme.care());
    }
    let text = phrase!("{} The verdict gives the reasons.", outcome.headline);
    (text, theme.bad())
}

/// What the line of a collection says.
struct Cells {
    row: Row,
    title: &'static str,
    counted: String,
    /// The rest in words.
    told: String,
}

fn cells(rescue: &Rescue, what: Collection) -> Cells {
    let row = rescue.rows.get(&what).cloned().unwrap_or_default();
    let verdict = match &rescue.phase {
        Phase::Ended(outcome) => outcome.collections.iter().find(|c| c.name == what),
        _ => None,
    };
    let title = verdict.map_or(what.title(), |c| c.title());
    let (counted, told) = match verdict {
        None => (row.counted(), row.told(rescue.now)),
        Some(c) => {
            let counted = match c.handset_says.filter(|says| *says < c.rescued) {
                // There is only room for one number.
                Some(_) => Some(count(c.rescued)),
                None => c.counted(count),
            };
            (
                counted.unwrap_or_else(|| "-".into()),
                in_words(c, rescue.is_backup),
            )
        }
    };
    Cells {
        row,
        title,
        counted,
        told,
    }
}

fn row_lines(rescue: &Rescue, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut all: Vec<Cells> = rescue.order().map(|what| cells(rescue, what)).collect();
    if matches!(rescue.phase, Phase::Reading) && rescue.current().is_some() {
        let is_next =
            |cells: &&mut Cells| matches!(cells.row.state, RowState::Waiting | RowState::Later);
        if let Some(next) = all.iter_mut().find(is_next) {
            next.told = phrase("next").into();
        }
    }
    // Nothing is left to do, and there is more to say.
    let has_bars = !rescue.has_ended();
    // Large counts are never cut.
    let widest = all.iter().map(|cells| cells.counted.width()).max();
    let column = widest.unwrap_or_default().max(COUNTS);
    let bar_width = width
        .saturating_sub(BESIDE_BAR + column - COUNTS)
        .clamp(8, (width / 3).max(8));
    let bar_width = if has_bars { bar_width } else { 0 };
    let before = 2 + 10 + bar_width + 2 + column + 2;
    let room = width.saturating_sub(before);
    let line = |cells: &Cells| {
        let style = match &cells.row.state {
            RowState::Read { .. } => theme.good(),
            RowState::Closed(_) => theme.care(),
            RowState::Waiting => theme.quiet(),
            _ => theme.strong(),
        };
        // At the end, nothing is cut.
        let mut told = match has_bars {
            true => vec![fit(&cells.told, room)],
            false => wrap(&cells.told, room),
        }
        .into_iter();
        let mut lines = vec![Line::from(vec![
            Span::raw(format!("  {}", padded(cells.title, 10))),
            Span::styled(cells.row.bar(bar_width), style),
            Span::raw(format!("  {}  ", padded(&cells.counted, column))),
            Span::raw(told.next().unwrap_or_default()),
        ])];
        lines.extend(told.map(|more| Line::raw(format!("{}{more}", " ".repeat(before)))));
        lines
    };
    all.iter().flat_map(line).collect()
}

fn in_words(c: &crate::rescue::CollectionOutcome, is_backup: bool) -> String {
    let mut words = vec![
        match c.verdict {
            Verdict::Complete => phrase("safe"),
            Verdict::Empty if is_backup => phrase("none in the backup"),
            Verdict::Empty => phrase("none on the phone"),
            Verdict::Partial => phrase("incomplete"),
            Verdict::Unreadable => phrase("not read"),
            Verdict::OutOfReach => phrase("can't be read like this"),
        }
        .to_owned(),
    ];
    words.extend(
        c.only_here
            .filter(|n| *n > 0)
            .map(|n| phrase!("{} only here", count(n))),
    );
    words.extend((c.found > 0).then(|| phrase!("{} from files", count(c.found))));
    words.extend(
        (c.deleted_kept > 0).then(|| phrase!("{} deleted but saved", count(c.deleted_kept))),
    );
    words.join(", ")
}

fn safe_so_far(rescue: &Rescue, theme: Theme) -> Line<'static> {
    let things = rescue.things();
    let end = rescue.ended.unwrap_or(rescue.now);
    let long = end.saturating_sub(rescue.began).as_secs();
    Line::from(vec![
        Span::raw(match rescue.has_ended() {
            true => phrase("  Saved: "),
            false => phrase("  Saved so far: "),
        }),
        Span::styled(
            counted(things, phrase("item"), phrase("items")),
            theme.strong(),
        ),
        Span::styled(format!("   {}", seconds(long)), theme.quiet()),
    ])
}
