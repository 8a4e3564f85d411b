//! Five minutes with the owner: what only the owner can do or say, on one page before the rescue.

mod keys;

pub use keys::KEYS;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::coach::{Ask, OwnerOf, OwnerStep, owner_steps};
use crate::handset::find::{Device, Wanted};
use crate::model::{Case, Collection, Condition};
use crate::phrase;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::entry;
use crate::tui::widget::text::{hanging, paragraph};
use crate::vault::Desk;

/// Longest number of contacts that can be typed, in digits.
const MOST_DIGITS: usize = 6;

/// Longest typed text, in characters.
const LONGEST: usize = 120;

/// The page, and what was answered so far.
#[derive(Debug, Default)]
pub struct Owner {
    device: Device,
    rows: Vec<&'static OwnerStep>,
    at: usize,
    case: Case,
    desk: Desk,
    /// Number of phones that begin after the page.
    phones: usize,
}

impl Owner {
    /// The page for a phone, or for several that begin together. `case`, `desk`: what is known already.
    /// For several phones, only what is the same for all of them is asked.
    pub fn of(device: &Device, wanted: Wanted, phones: usize, case: Case, desk: Desk) -> Self {
        let mut rows = owner_steps(
            &device.make,
            OwnerOf::phone_in(&device.situations, wanted == Wanted::Files),
            &case.conditions,
        );
        rows.retain(|row| phones <= 1 || row.for_several);
        Self {
            device: device.clone(),
            rows,
            at: 0,
            case,
            desk,
            phones,
        }
    }

    /// The phone's name, next to the title.
    pub fn beside(&self) -> String {
        match self.phones {
            0 | 1 => self.device.name(),
            phones => phrase!("{} and {} more", self.device.name(), phones - 1),
        }
    }

    /// What was answered.
    pub fn answered(&self) -> (Case, Desk) {
        (self.case.clone(), self.desk.clone())
    }

    /// The chosen row is one to type in.
    pub fn is_typing(&self) -> bool {
        let row = self.rows.get(self.at);
        row.is_some_and(|row| matches!(row.ask, Ask::Number | Ask::Text))
    }

    pub fn update(&mut self, intent: Intent) {
        let last = self.rows.len().saturating_sub(1);
        match intent {
            Intent::Up => self.at = self.at.saturating_sub(1),
            Intent::Down => self.at = (self.at + 1).min(last),
            Intent::First | Intent::PageUp => self.at = 0,
            Intent::Last | Intent::PageDown => self.at = last,
            Intent::Done => self.change(),
            Intent::Type(c) => self.type_on(c),
            Intent::Erase | Intent::EraseAll | Intent::EraseWord => self.erase(intent),
            _ => {}
        }
    }

    /// Ticks the chosen row, or goes to its next answer.
    fn change(&mut self) {
        let Some(row) = self.rows.get(self.at) else {
            return;
        };
        let case = &mut self.case;
        match row.ask {
            Ask::Tick => match case.done.iter().position(|one| *one == row.name) {
                Some(place) => {
                    case.done.remove(place);
                }
                None => case.done.push(row.name.clone()),
            },
            Ask::Choice => {
                let mut choices = Collection::asked();
                case.first = match case.first {
                    None => choices.next(),
                    Some(first) => choices.skip_while(|one| *one != first).nth(1),
                };
            }
            Ask::YesNo => {
                let answer = case.answer(&row.name);
                *answer = match *answer {
                    None => Some(true),
                    Some(true) => Some(false),
                    Some(false) => None,
                };
            }
            Ask::Number | Ask::Text => {}
        }
    }

    /// The text that the chosen row holds, if it is one to type in.
    fn typed(&mut self) -> Option<&mut String> {
        let row = self.rows.get(self.at)?;
        match row.name.as_str() {
            "behalf" => Some(&mut self.case.on_behalf_of),
            "right" => Some(&mut self.case.by_right),
            "company" => Some(&mut self.case.company_agreed),
            "ticket" => Some(&mut self.desk.ticket),
            "operator" => Some(&mut self.desk.operator),
            _ => None,
        }
    }

    fn is_number(&self) -> bool {
        let row = self.rows.get(self.at);
        row.is_some_and(|row| row.ask == Ask::Number)
    }

    fn type_on(&mut self, c: char) {
        if self.is_number() {
            let digit = c.to_digit(10).map(u64::from);
            let before = self.case.contacts_shown.unwrap_or_default();
            let room = before < 10_u64.pow(MOST_DIGITS as u32 - 1);
            if let (Some(digit), true) = (digit, room) {
                self.case.contacts_shown = Some(before * 10 + digit);
            }
        } else if let Some(text) = self.typed()
            && text.chars().count() < LONGEST
        {
            text.push(c);
        }
    }

    fn erase(&mut self, intent: Intent) {
        if self.is_number() {
            let left = match intent {
                Intent::Erase => self.case.contacts_shown.unwrap_or_default() / 10,
                _ => 0,
            };
            self.case.contacts_shown = (left > 0).then_some(left);
        } else if let Some(text) = self.typed() {
            entry::edit(text, intent);
        }
    }
}

pub fn draw(owner: &Owner, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = usize::from(area.width);
    let mut lines = Vec::new();
    let title = match owner.case.conditions.has(Condition::Died) {
        _ if owner.phones > 1 => phrase(
            "This is noted for all of these phones. All of it is optional: Enter starts the rescues. For questions \
             about a single phone, start it alone.",
        ),
        true => phrase(
            "Type for whom the phone is saved and by what right. You can leave everything out: Enter starts the rescue.",
        ),
        false => phrase(
            "Only the owner can do this. All of it is optional: Enter starts the rescue. After this page the owner \
             may leave.",
        ),
    };
    lines.extend(paragraph(title, theme.strong(), width));
    for warning in owner.case.conditions.iter().map(Condition::warning) {
        lines.extend(hanging("  !  ", theme.care(), warning, width));
    }
    let mut bottom = 0;
    for (place, row) in owner.rows.iter().enumerate() {
        lines.extend(of_row(owner, row, place == owner.at, width, theme));
        if place == owner.at {
            bottom = lines.len();
        }
    }
    // Scrolls so that the chosen row stays visible.
    let beyond = bottom.saturating_sub(usize::from(area.height));
    let shown: Vec<Line<'_>> = lines.into_iter().skip(beyond).collect();
    frame.render_widget(Paragraph::new(shown), area);
}

fn of_row(
    owner: &Owner,
    row: &'static OwnerStep,
    is_chosen: bool,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let case = &owner.case;
    let is_done = case.done.contains(&row.name);
    let mark = match (row.ask, is_done) {
        (Ask::Tick, true) => "[x]",
        (Ask::Tick, false) => "[ ]",
        (Ask::Number | Ask::Text | Ask::Choice | Ask::YesNo, _) => " - ",
    };
    let value = match row.ask {
        Ask::Tick => String::new(),
        Ask::Number => case
            .contacts_shown
            .map_or_else(String::new, |number| number.to_string()),
        Ask::Text => match row.name.as_str() {
            "behalf" => case.on_behalf_of.clone(),
            "right" => case.by_right.clone(),
            "ticket" => owner.desk.ticket.clone(),
            "operator" => owner.desk.operator.clone(),
            _ => case.company_agreed.clone(),
        },
        Ask::Choice => format!(
            "‹ {} ›",
            case.first.map_or(phrase("no answer"), Collection::named)
        ),
        Ask::YesNo => format!(
            "‹ {} ›",
            match *case.clone().answer(&row.name) {
                None => phrase("no answer"),
                Some(true) => phrase("yes"),
                Some(false) => phrase("NO"),
            }
        ),
    };
    let cursor = match is_chosen && owner.is_typing() {
        true => "_",
        false => "",
    };
    let text = format!("{} {value}{cursor}", row.text);
    let pointer = if is_chosen { "›" } else { " " };
    let style = if is_chosen {
        theme.strong()
    } else {
        Style::new()
    };
    hanging(
        &format!(" {pointer} {mark} "),
        theme.key(),
        text.trim_end(),
        // The mark is wider than that of other lists.
        width.saturating_sub(3),
    )
    .into_iter()
    .map(|line| line.patch_style(style))
    .collect()
}
