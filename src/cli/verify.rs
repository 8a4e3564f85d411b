//! `lifeboat verify`.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::{FAILED, OK, connect};
use crate::vault::{self, for_display};

/// Checks a rescue folder against its manifests.
pub fn verify(folder: &Path, json: bool) -> Result<u8> {
    let report = vault::verify(folder, &mut |_| {})
        .map_err(|error| anyhow!("{error}. {}", error.advice()))?;
    if json {
        connect::print(&serde_json::to_string_pretty(&report)?);
    } else if report.ok {
        connect::print(&format!(
            "All {} files are whole ({} bytes).",
            report.files, report.bytes
        ));
    } else {
        for problem in &report.problems {
            connect::print(&for_display(problem));
        }
    }
    Ok(if report.ok { OK } else { FAILED })
}
