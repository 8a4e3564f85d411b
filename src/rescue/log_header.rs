//! The general entries of a rescue's log: the tool, the handset, the operator, both clocks, and the traces that reading
//! leaves on the handset. The log also holds the requests to the handset.

use chrono::{DateTime, SecondsFormat, Utc};

use super::error::RescueError;
use super::request::{Confirmed, Request};
use crate::handset::Handset;
use crate::model::Collection;
use crate::phrase;
use crate::vault::{Vault, VaultError};

/// Largest difference between two clocks that still counts as agreement, in seconds: the query itself takes time.
const MAX_CLOCK_DIFFERENCE: u64 = 2;

/// Writes the entries that start a part of the log: the first part, or the part of a resumed rescue.
pub fn begin(
    handset: &mut dyn Handset,
    vault: &mut Vault,
    request: &Request,
) -> Result<(), RescueError> {
    let identity = handset.identity().clone();
    vault.log(&phrase!(
        "Lifeboat {} reads {} {}, {}, by {}",
        env!("CARGO_PKG_VERSION"),
        identity.make,
        identity.model,
        identity.system,
        identity.approach
    ))?;
    let desk = vault.set_desk(&request.desk)?;
    for (name, value) in [
        (phrase("Ticket"), desk.ticket),
        (phrase("Done by"), desk.operator),
    ] {
        if !value.is_empty() {
            vault.log(&format!("{name}: {value}"))?;
        }
    }
    let case = vault.set_case(&request.case)?;
    for sentence in case.warnings().into_iter().chain(case.sentences()) {
        vault.log(&sentence)?;
    }
    let Confirmed {
        work_profile_by,
        is_empty,
    } = &request.confirmed;
    if let Some(who) = work_profile_by {
        let name = phrase("The work profile is read too; who agreed");
        vault.log(&format!("{name}: {who}"))?;
    }
    if *is_empty {
        vault.log(phrase(
            "The owner confirms that the phone has no contacts and no events.",
        ))?;
    }
    log_traces(handset, vault)?;
    let clock = handset.clock();
    let here = Utc::now();
    log_asked(handset, vault)?;
    // If the link is already gone, the read notices and reports that.
    let said = clock.map_or_else(
        |error| phrase!("The phone's clock could not be read: {error}"),
        |clock| clocks(clock, here),
    );
    vault.log(&said)?;
    Ok(())
}

/// Writes the entries for another approach to the same handset, which gives these collections.
pub fn goes_on(
    handset: &dyn Handset,
    vault: &mut Vault,
    collections: &[Collection],
) -> Result<(), VaultError> {
    let names: Vec<&str> = collections.iter().map(|what| what.name()).collect();
    vault.log(&phrase!(
        "Lifeboat reads {} by {}",
        names.join(", "),
        handset.identity().approach
    ))?;
    log_traces(handset, vault)
}

/// Logs the traces that reading leaves on the handset.
fn log_traces(handset: &dyn Handset, vault: &mut Vault) -> Result<(), VaultError> {
    for trace in handset.traces() {
        vault.log(&phrase!("Reading leaves this on the phone: {trace}"))?;
    }
    Ok(())
}

/// Compares the handset's clock with this computer's.
fn clocks(handset: Option<i64>, here: DateTime<Utc>) -> String {
    let Some(seconds) = handset else {
        return phrase("The phone gives no time.").into();
    };
    let Some(there) = DateTime::from_timestamp(seconds, 0) else {
        return phrase!("The phone's clock says {seconds} s since 1970, which is no date.");
    };
    let ahead = seconds.saturating_sub(here.timestamp());
    let apart = ahead.unsigned_abs();
    let beside = match ahead {
        _ if apart <= MAX_CLOCK_DIFFERENCE => phrase("they agree").to_owned(),
        1.. => phrase!("the phone's clock is {apart} s ahead"),
        _ => phrase!("the phone's clock is {apart} s behind"),
    };
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    phrase!(
        "The phone's clock says {}, this computer's clock says {}: {beside}.",
        text(there),
        text(here)
    )
}

/// Logs the requests to the handset.
pub fn log_asked(handset: &mut dyn Handset, vault: &mut Vault) -> Result<(), VaultError> {
    loop {
        let asked = handset.asked();
        if asked.is_empty() {
            return Ok(());
        }
        vault.log_asked(&asked)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared() {
        let here = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
        for (there, said) in [
            (Some(1_000_000_001), "they agree"),
            (Some(1_000_000_060), "60 s ahead"),
            (Some(999_999_940), "60 s behind"),
            (Some(i64::MAX), "no date"),
            (Some(i64::MIN), "no date"),
            (None, "no time"),
        ] {
            assert!(clocks(there, here).contains(said), "{there:?}");
        }
    }
}
