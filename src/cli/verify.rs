//! `lifeboat verify`.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::bytes::Bar;
use super::{FAILED, NOT_ALL, OK, connect};
use crate::model::Stop;
use crate::phrase;
use crate::vault::{self, for_display};

/// Checks a rescue folder against its manifests and counts its copies.
pub fn verify(folder: &Path, json: bool, stop: &Stop) -> Result<u8> {
    let mut bar = Bar::new();
    let report = vault::verify_until(stop, folder, &mut |progress| {
        bar.tell(phrase("Checking"), progress.bytes_done, progress.bytes);
    });
    bar.end();
    let report = report.map_err(connect::explained)?;
    if stop.is_stopped() {
        return Err(anyhow!(phrase(
            "the check was stopped before it finished. Run the check again."
        )));
    }
    if json {
        connect::print(&serde_json::to_string_pretty(&report)?);
    } else if report.ok {
        connect::print(&phrase!(
            "All {} files are complete and unchanged ({} bytes).",
            report.files,
            report.bytes
        ));
        connect::print(&report.copies.sentence());
        for other in &report.copies.others {
            let day = other.checked.get(..10).unwrap_or_default();
            connect::print(&for_display(&phrase!(
                "  {}, checked on {day}; lifeboat verify can check this copy again",
                other.place
            )));
        }
        for other in &report.copies.not_found {
            connect::print(&for_display(&phrase!(
                "  {}: not found, so not counted. If this copy is on a disk that is not plugged in, plug in the \
                 disk and run the check again.",
                other.place
            )));
        }
    } else {
        for problem in &report.problems {
            connect::print(&for_display(problem));
        }
    }
    Ok(match (report.ok, report.finished) {
        (true, _) => OK,
        (false, false) => NOT_ALL,
        (false, true) => FAILED,
    })
}
