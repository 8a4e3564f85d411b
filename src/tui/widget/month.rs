//! A month as a grid of days, with weeks from Monday. The number of entries follows each day that has any.

use chrono::{Datelike, Days, Months, NaiveDate};
use ratatui::text::{Line, Span};

use crate::phrase;
use crate::tui::theme::Theme;

/// Width of the grid, if each day has `cell` columns.
pub const fn width(cell: u16) -> u16 {
    cell * 7
}

/// Minimum width of a day in columns: a mark, the day, a dot, one digit.
pub const NARROWEST: u16 = 5;

/// A month to draw.
pub struct Month<'a> {
    /// Any day of the month.
    pub of: NaiveDate,
    /// Number of entries on each day, from the first of the month.
    pub counts: &'a [usize],
    pub chosen: Option<NaiveDate>,
    pub today: NaiveDate,
}

impl Month<'_> {
    /// The names of the weekdays, then one line for each week.
    pub fn lines(&self, cell: u16, theme: Theme) -> Vec<Line<'static>> {
        let cell = usize::from(cell.max(NARROWEST));
        let names = [
            phrase("Mo"),
            phrase("Tu"),
            phrase("We"),
            phrase("Th"),
            phrase("Fr"),
            phrase("Sa"),
            phrase("Su"),
        ];
        let names: String = names
            .iter()
            .map(|name| format!(" {name:<0$}", cell - 1))
            .collect();
        let mut lines = vec![Line::styled(names, theme.quiet())];
        lines.extend(self.weeks().map(|week| {
            let days = week.into_iter().flat_map(|day| match day {
                Some(day) => self.day(day, cell, theme),
                None => vec![Span::raw(" ".repeat(cell))],
            });
            Line::from(days.collect::<Vec<_>>())
        }));
        lines
    }

    /// Column and line of a day within [`Month::lines`].
    pub fn place(&self, day: NaiveDate, cell: u16) -> Option<(u16, u16)> {
        let (line, week) = self
            .weeks()
            .enumerate()
            .find(|(_, week)| week.contains(&Some(day)))?;
        let column = week.iter().position(|found| *found == Some(day))?;
        let column = u16::try_from(column).ok()?;
        Some((column * cell.max(NARROWEST), u16::try_from(line).ok()? + 1))
    }

    /// The weeks of the month, without days of other months.
    fn weeks(&self) -> impl Iterator<Item = [Option<NaiveDate>; 7]> {
        let first = self.of.with_day(1).unwrap_or(self.of);
        let last = first
            .checked_add_months(Months::new(1))
            .and_then(|next| next.pred_opt())
            .unwrap_or(first);
        let before = first.weekday().num_days_from_monday();
        let weeks = (before + last.day()).div_ceil(7);
        (0..weeks).map(move |week| {
            std::array::from_fn(|column| {
                let at = u64::from(week) * 7 + column as u64;
                let day = first.checked_add_days(Days::new(at.checked_sub(before.into())?))?;
                (day <= last).then_some(day)
            })
        })
    }

    fn day(&self, day: NaiveDate, cell: usize, theme: Theme) -> Vec<Span<'static>> {
        let count = self
            .counts
            .get(day.day0() as usize)
            .copied()
            .unwrap_or_default();
        let is_chosen = self.chosen == Some(day);
        let mut style = if count > 0 {
            theme.strong()
        } else {
            theme.quiet()
        };
        if day == self.today {
            style = style.add_modifier(ratatui::style::Modifier::UNDERLINED);
        }
        if is_chosen {
            style = theme.chosen();
        }
        let mark = if is_chosen { "›" } else { " " };
        let digits = cell.saturating_sub(4).min(3);
        let behind = match count {
            0 => String::new(),
            n if n.to_string().len() <= digits => format!("·{n}"),
            _ if digits > 1 => format!("·{}+", "9".repeat(digits - 1)),
            _ => "·+".to_owned(),
        };
        let beside = if is_chosen {
            theme.chosen()
        } else {
            theme.quiet()
        };
        vec![
            Span::styled(
                mark,
                if is_chosen {
                    theme.chosen()
                } else {
                    theme.quiet()
                },
            ),
            Span::styled(format!("{:>2}", day.day()), style),
            Span::styled(
                format!("{behind:<0$}", cell - 3 - usize::from(cell > 5)),
                beside,
            ),
            Span::raw(if cell > 5 { " " } else { "" }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(of: &str, cell: u16) -> Vec<String> {
        let month = Month {
            of: of.parse().unwrap(),
            counts: &[0, 3, 12],
            chosen: of.parse().ok(),
            today: of.parse().unwrap(),
        };
        let lines = month.lines(cell, Theme::plain());
        lines
            .iter()
            .map(|line| line.to_string().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn weeks_begin_on_monday() {
        let lines = shown("2026-11-02", 5);
        assert_eq!(lines[0], " Mo   Tu   We   Th   Fr   Sa   Su");
        assert_eq!(lines[1], format!("{}  1", " ".repeat(30)));
        assert_eq!(lines[2], "› 2·3  3·+  4    5    6    7    8");
        assert_eq!(lines.len(), 7);
        assert_eq!(shown("2027-02-01", 5).len(), 5);
        assert!(shown("2026-11-02", 7)[2].contains("3·12"));
    }
}
