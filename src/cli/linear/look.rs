//! The rescued data, by question and answer.

use std::path::Path;

use anyhow::Result;

use super::Dialogue;
use crate::cli::connect;
use crate::model::{Stop, counted};
use crate::phrase;
use crate::rescue::look::{Needle, Rescued};

/// Number of lines that are told for one search.
const MOST: usize = 20;

/// Searches and tells details until the person has enough. `None`: the person is gone.
pub fn look(talk: &Dialogue<'_>, folder: &Path) -> Result<Option<()>> {
    let rescued = Rescued::open(folder).map_err(connect::explained)?;
    let overview = rescued.overview(&Stop::new()).map_err(connect::explained)?;
    for list in overview.lists.iter().filter(|list| !list.lines.is_empty()) {
        say!("{}: {}", list.of.title(), list.summary());
    }
    loop {
        let question = phrase("Type a name or a number to search for, or press Enter to go back.");
        let Some(wanted) = talk.ask(question) else {
            return Ok(None);
        };
        if wanted.is_empty() {
            return Ok(Some(()));
        }
        let needle = Needle::new(&wanted);
        let mut found = Vec::new();
        let mut all = 0;
        for list in &overview.lists {
            for line in &list.lines {
                let is_match = match line.search.is_empty() {
                    true => needle.is_in(&crate::collections::search_key::search_key(&line.name)),
                    false => needle.is_in(&line.search),
                };
                all += u64::from(is_match);
                if is_match && found.len() < MOST {
                    found.push((list.of, line));
                    say!("{}: {}, {}", found.len(), list.of.title(), line.name);
                }
            }
        }
        if all > MOST as u64 {
            say!(
                "{} in all. Type more of the name.",
                counted(all, phrase("match"), phrase("matches"))
            );
        }
        if found.is_empty() {
            say!("Nothing was found.");
            continue;
        }
        let Some(number) = talk.ask(phrase(
            "Type a number for details, or press Enter to search again.",
        )) else {
            return Ok(None);
        };
        let place = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let Some((of, line)) = place.and_then(|place| found.get(place)) else {
            continue;
        };
        let details = rescued
            .details(*of, &line.key)
            .map_err(connect::explained)?;
        for field in details.unwrap_or_default().fields {
            match field.label.is_empty() {
                true => say!("{}", field.value),
                false => say!("{}: {}", field.label, field.value),
            }
        }
    }
}
