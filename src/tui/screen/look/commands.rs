//! The commands of the Look screen: what keys do in the lists, in the details, and in what lies on top.

use std::collections::HashSet;

use super::calendar::Calendar;
use super::menu::{Choice, Menu};
use super::{Look, Over, Tab, Wish};
use crate::phrase;
use crate::rescue::look::Format;
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::widget::entry::Entry;

impl Look {
    /// Carries out a command of a list or of the details.
    pub(super) fn command(&mut self, intent: Intent) -> Option<Task> {
        let chosen = self.chosen();
        match intent {
            Intent::NextTab => self.turn(true),
            Intent::PreviousTab => self.turn(false),
            Intent::Left if self.in_detail => self.leave_detail(),
            Intent::Next | Intent::Enter | Intent::Right if self.in_detail => {}
            Intent::Next | Intent::Enter => self.in_detail = chosen.is_some(),
            Intent::Raw => return self.show_raw(),
            Intent::CopyValue => return self.copy_value(),
            Intent::Qr if self.is_contact() => {
                self.over = Some(Over::Qr(None));
                return Some(Task::Wish(Wish::Qr(chosen?)));
            }
            Intent::Open => return Some(Task::Wish(Wish::Open(chosen?))),
            Intent::Filter => self.over = self.tab().map(|t| Over::Menu(Menu::of_filters(t))),
            Intent::Sort => self.over = self.tab().map(|t| Over::Menu(Menu::of_sorts(t))),
            Intent::Export if chosen.is_some() => {
                self.over = self.tab().and_then(Menu::of_formats).map(Over::Menu);
            }
            Intent::Mark if !self.is_in_month() => {
                if let Some(tab) = self.tab_mut() {
                    tab.list.mark();
                }
            }
            Intent::Mark => self.mark_event(),
            Intent::MarkAll => {
                if let Some(tab) = self.tab_mut() {
                    tab.list.mark_all();
                }
            }
            Intent::Agenda => {
                if let Some(tab) = self.tab_mut() {
                    tab.agenda = !tab.agenda;
                }
            }
            intent => self.go(intent),
        }
        None
    }

    /// Marks the selected event of the month.
    fn mark_event(&mut self) {
        let Some(tab) = self.tab_mut() else {
            return;
        };
        let line = tab.month.as_ref().and_then(Calendar::entry);
        let line = line.and_then(|entry| u32::try_from(entry.line).ok());
        if let Some(line) = line
            && !tab.list.marked.remove(&line)
        {
            tab.list.marked.insert(line);
        }
    }

    pub(super) fn leave_detail(&mut self) {
        self.in_detail = false;
        if let Some(detail) = &mut self.detail {
            detail.raw = None;
            detail.scrolled = 0;
        }
    }

    /// Shows the raw form, or the values again.
    pub(super) fn show_raw(&mut self) -> Option<Task> {
        let detail = self.detail.as_mut()?;
        self.in_detail = true;
        detail.scrolled = 0;
        if detail.raw.take().is_some() {
            return None;
        }
        detail.raw = Some(None);
        Some(Task::Wish(Wish::Raw(detail.request.clone())))
    }

    /// Copies the selected value, or from the list the one that people want first.
    fn copy_value(&mut self) -> Option<Task> {
        let detail = self.detail.as_ref()?;
        let field = match self.in_detail {
            true => detail.value(),
            false => detail.main_value(),
        }?;
        // A purpose in brackets is no part of a number.
        let value = match field.value.rsplit_once(" (") {
            Some((value, purpose)) if purpose.ends_with(')') && !value.is_empty() => value,
            _ => &field.value,
        };
        let value = value.to_owned();
        self.said = Some(phrase!("Copied: {value}"));
        Some(Task::Clipboard(value))
    }

    /// Carries out an intent for what lies on top.
    pub(super) fn update_over(&mut self, intent: Intent) -> Option<Task> {
        match (&mut self.over, intent) {
            (Some(Over::Writing), _) => {}
            (_, Intent::Back) | (Some(Over::Qr(_)), _) => self.over = None,
            (Some(Over::Menu(menu)), Intent::Next | Intent::Enter) => {
                let choice = menu.choice();
                self.over = None;
                self.choose(choice?);
                return self.request();
            }
            (Some(Over::Menu(menu)), intent) => menu.update(intent),
            (Some(Over::Folder { entry, .. }), Intent::Complete) => {
                return Some(Task::Complete(entry.text.clone()));
            }
            (Some(Over::Folder { format, entry, .. }), Intent::Next | Intent::Enter) => {
                let (format, folder) = (*format, entry.text.clone());
                return self.export(format, folder);
            }
            (Some(Over::Folder { entry, .. }), intent) => entry.update(intent),
            (None, _) => {}
        }
        None
    }

    fn choose(&mut self, choice: Choice) {
        let number = self.picked().len();
        let Some(Tab { listing, list, .. }) = self.tab_mut() else {
            return;
        };
        match choice {
            Choice::Filter(filter) => list.limit_to(filter, listing),
            Choice::Sort(sort) => list.sort_by(sort, listing),
            Choice::Format(format) => {
                self.over = Some(Over::Folder {
                    format,
                    number,
                    entry: Entry::new("~/"),
                });
            }
        }
    }

    /// Keys of the marked lines; without any, that of the selected one.
    fn picked(&self) -> Vec<String> {
        let Some(tab) = self.tab() else {
            return Vec::new();
        };
        let mut keys: Vec<String> = match tab.list.marked.is_empty() {
            true => self.chosen().map(|chosen| chosen.key).into_iter().collect(),
            false => {
                let lines = tab.list.picked().into_iter();
                let lines = lines.filter_map(|line| tab.listing.lines.get(line));
                lines.map(|line| line.key.to_string()).collect()
            }
        };
        // A changed date has the key of its series.
        let mut seen = HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        keys
    }

    fn export(&mut self, format: Format, folder: String) -> Option<Task> {
        let (keys, of) = (self.picked(), self.tab()?.listing.of);
        if keys.is_empty() || folder.trim().is_empty() {
            return None;
        }
        self.over = Some(Over::Writing);
        Some(Task::Wish(Wish::Export {
            of,
            keys,
            format,
            folder,
        }))
    }
}
