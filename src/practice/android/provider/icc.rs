//! The SIM card's phonebook (AOSP `IccProvider`): a cursor made by hand, which knows neither
//! projection, filter nor order.

use super::{Cell, Ended, Rows, Thrown, Uri};
use crate::practice::android::device::Device;
use crate::practice::android::owner;
use crate::practice::android::settings::SimColumns;

/// Number of the only SIM card's subscription.
const SUBSCRIPTION: i64 = 1;

pub(super) fn query(device: &Device, uri: &Uri, rows: &mut dyn Rows) -> Result<(), Ended> {
    let (shape, number) = uri.shape();
    let here = match shape.as_str() {
        "adn" => true,
        "adn/subId/#" => number == SUBSCRIPTION,
        // Fixed dialling and service numbers: this card has none.
        "fdn" | "sdn" | "fdn/subId/#" | "sdn/subId/#" => false,
        _ => return Err(Thrown::argument(format!("Unknown URL {}", uri.text)).into()),
    };
    let Some(count) = device.settings.sim_entries.filter(|_| here) else {
        return Ok(());
    };
    let is_open = |state: &String| state.contains("READY") && !state.contains("NOT_READY");
    if !device.settings.sim_state.as_ref().is_none_or(is_open) {
        return Ok(());
    }
    // Additional numbers came with Android 12.
    let more = device.settings.android >= 31;
    let names: &[&str] = match device.settings.sim_columns {
        SimColumns::Aosp if more => &["name", "number", "emails", "anrs", "_id"],
        SimColumns::Aosp => &["name", "number", "emails", "_id"],
        SimColumns::MediaTek => &[
            "index",
            "name",
            "number",
            "emails",
            "additionalNumber",
            "groupIds",
            "_id",
            "aas",
            "sne",
        ],
        SimColumns::Samsung => &[
            "name",
            "number",
            "anr_number",
            "anrA_number",
            "anrB_number",
            "anrC_number",
            "emails",
            "adn_index",
            "_id",
        ],
    };
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    for (place, entry) in owner::sim::entries(device.settings.seed, count).enumerate() {
        // Empty places of the card keep their numbers.
        let Some(entry) = entry else { continue };
        let emails = entry.email.as_deref().map(|email| format!("{email},"));
        let more = entry.more.map(|more| more.trim_end_matches(':'));
        let cells: Vec<Cell> = names
            .iter()
            .map(|name| match name.as_str() {
                "name" => Cell::Text(entry.name.as_bytes()),
                "number" => Cell::Text(entry.number.as_bytes()),
                "emails" => text(emails.as_deref()),
                "anrs" => text(entry.more),
                "additionalNumber" | "anr_number" => {
                    Cell::Text(more.unwrap_or_default().as_bytes())
                }
                "index" | "adn_index" => Cell::Integer(place as i64 + 1),
                "_id" if device.settings.sim_columns == SimColumns::Aosp => {
                    Cell::Integer(place as i64)
                }
                "_id" => Cell::Integer(0),
                "aas" | "sne" => Cell::Null,
                _ => Cell::Text(b""),
            })
            .collect();
        rows.row(&names, &cells)?;
    }
    Ok(())
}

fn text(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Null, |text| Cell::Text(text.as_bytes()))
}
