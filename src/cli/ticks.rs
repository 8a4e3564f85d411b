//! `lifeboat ticks`.

use std::path::Path;

use anyhow::{Result, anyhow};
use serde::Serialize;

use super::arguments::Ticks;
use super::{NOT_ALL, OK, USAGE, connect};
use crate::model::{ResetPart, Ticked};
use crate::phrase;
use crate::rescue::{Outcome, finished};
use crate::vault::for_display;
use crate::vault::ticks::Tick;

/// Output of `--json`.
#[derive(Debug, Serialize)]
struct Told<'a> {
    folder: &'a str,
    ready_to_reset: bool,
    safe: bool,
    before_reset: &'a [Ticked],
}

/// Notes what was done about the lines of what a reset destroys, and lists all lines.
pub fn ticks(asked: &Ticks) -> Result<u8> {
    let mut outcome = finished::open(&asked.folder).map_err(connect::explained)?;
    let reason = asked
        .reason
        .as_deref()
        .unwrap_or_default()
        .trim()
        .to_owned();
    if !asked.skip.is_empty() && reason.is_empty() {
        say!("lifeboat: to skip a line, give a reason: --reason \"…\"");
        return Ok(USAGE);
    }
    let done = asked.done.iter().map(|id| (id, Tick::Done));
    let skipped = asked.skip.iter().map(|id| (id, Tick::Skip(reason.clone())));
    let reopened = asked.reopen.iter().map(|id| (id, Tick::Reopen));
    let all: Vec<(&String, Tick)> = done.chain(skipped).chain(reopened).collect();
    // Nothing is noted if one of the lines does not exist.
    for (id, _) in &all {
        if !outcome.before_reset.iter().any(|one| one.line.id == **id) {
            return Err(no_line(&asked.folder, id));
        }
    }
    for (id, tick) in &all {
        let noted = finished::tick(&asked.folder, id, tick, &asked.by);
        let noted = noted.map_err(connect::explained)?;
        outcome = noted.ok_or_else(|| no_line(&asked.folder, id))?;
    }
    if asked.json {
        let told = Told {
            folder: &outcome.folder,
            ready_to_reset: outcome.ready_to_reset,
            safe: outcome.safe,
            before_reset: &outcome.before_reset,
        };
        connect::print(&serde_json::to_string_pretty(&told)?);
    } else {
        list(&outcome, asked.details);
    }
    Ok(match outcome.ready_to_reset {
        true => OK,
        false => NOT_ALL,
    })
}

fn no_line(folder: &Path, id: &str) -> anyhow::Error {
    anyhow!(phrase!(
        "the rescue has no line {id:?}. To list its lines: lifeboat ticks {:?}",
        folder
    ))
}

/// The lines of a part, after its heading was printed.
fn with_heading(part: ResetPart<'_>) -> &[Ticked] {
    if let ResetPart::Group { heading, lines: _ } = part {
        connect::print(&for_display(heading));
    }
    part.lines()
}

fn list(outcome: &Outcome, has_details: bool) {
    let readiness = outcome.readiness();
    connect::print(readiness.as_deref().unwrap_or(&outcome.headline));
    let parts = ResetPart::all(&outcome.before_reset);
    for Ticked { line, state } in parts.into_iter().flat_map(with_heading) {
        connect::print(&for_display(&format!(
            "{} {}: {}",
            state.mark(),
            line.id,
            line.lost
        )));
        for text in [&line.first, &state.sentence()] {
            if !text.is_empty() {
                connect::print(&for_display(&format!("      {text}")));
            }
        }
        for name in line
            .names
            .iter()
            .filter(|_| has_details && line.names.len() > 1)
        {
            connect::print(&for_display(&format!("      - {name}")));
        }
    }
}
