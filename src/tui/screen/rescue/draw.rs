//! Draws the Rescue screen: the headline, the rows, warnings, and beside them what was read last.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::row::RowState;
use super::rows::row_lines;
use super::{Phase, Rescue, waits};
use crate::handset::find::{Kind, Waiting};
use crate::model::{Collection, by_reason, size};
use crate::phrase;
use crate::rescue::Outcome;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, counted, fit, hanging, paragraph, seconds, wrap};

/// From this width on, there is room for what was read last.
const WIDE: usize = 118;

pub fn draw(rescue: &Rescue, leaving: bool, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = left_of(rescue, usize::from(area.width));
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
pub(super) fn left_of(rescue: &Rescue, width: usize) -> usize {
    let has_names = rescue.is_reading() && rescue.activity.names().next().is_some();
    if width < WIDE || !has_names {
        width
    } else {
        width * 2 / 3
    }
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

pub(super) fn lines(
    rescue: &Rescue,
    leaving: bool,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
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

/// The headline, a sentence about the current phase.
fn headline(rescue: &Rescue, leaving: bool, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let (text, style) = match &rescue.phase {
        _ if (leaving || rescue.is_stopping) && !rescue.has_ended() => (
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

fn ended(outcome: &Outcome, kind: Kind, stopped: bool, theme: Theme) -> (String, Style) {
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

fn safe_so_far(rescue: &Rescue, theme: Theme) -> Line<'static> {
    let things = rescue.things();
    let end = rescue.ended.unwrap_or(rescue.now);
    let long = (end + rescue.before).saturating_sub(rescue.began).as_secs();
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
