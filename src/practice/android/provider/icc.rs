//! The SIM card's phonebook (AOSP `IccProvider`). The provider builds its cursor by hand and ignores projection,
//! filter and sort order.

use super::{Cell, Ended, Query, Rows, Thrown, Uri};
use crate::practice::android::device::Device;
use crate::practice::android::owner;
use crate::practice::android::settings::SimColumns;

pub(super) fn query(device: &Device, uri: &Uri, rows: &mut dyn Rows) -> Result<(), Ended> {
    let (shape, number) = uri.shape();
    let sims = &device.settings.sim.subscriptions;
    // The first card is the default for calls.
    let here = match shape.as_str() {
        "adn" => (!sims.is_empty()).then_some(0),
        "adn2" | "adn3" | "adn4" | "pbr" | "pbr2" | "pbr3" | "pbr4"
            if device.settings.sim.are_apart =>
        {
            let slot = shape.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            slot.parse()
                .map_or(Some(0), |slot: usize| Some(slot.saturating_sub(1)))
        }
        "adn/subId/#" => sims.iter().position(|id| i64::from(*id) == number),
        // Fixed dialling and service numbers, which these cards do not have.
        "fdn" | "sdn" | "fdn/subId/#" | "sdn/subId/#" => None,
        _ => return Err(Thrown::argument(format!("Unknown URL {}", uri.text)).into()),
    };
    let (Some(count), Some(card)) = (device.settings.sim.entries, here) else {
        return Ok(());
    };
    let states = device.sim_states();
    if !matches!(
        states.get(card).map(String::as_str),
        Some("READY" | "LOADED")
    ) {
        return Ok(());
    }
    // Additional numbers came with Android 12.
    let more = device.settings.android >= 31;
    let names: &[&str] = match device.settings.sim.columns {
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
    for (place, entry) in owner::sim::entries(device.settings.seed + card as u64, count).enumerate()
    {
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
                "_id" if device.settings.sim.columns == SimColumns::Aosp => {
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

/// All cards that were ever inserted, with the slots of the current ones (AOSP `TelephonyProvider`, `siminfo`).
pub(super) fn all_cards(device: &Device, query: &Query, rows: &mut dyn Rows) -> Result<(), Ended> {
    if query.uri.segments != ["siminfo"] {
        return Err(Thrown::argument(format!("Unknown URL {}", query.uri.text)).into());
    }
    let names = query.projection.clone();
    let names = names.unwrap_or_else(|| vec!["_id".into(), "sim_id".into()]);
    let sims = &device.settings.sim.subscriptions;
    for id in 1..=sims.iter().copied().max().unwrap_or(0) {
        let slot = sims.iter().position(|known| *known == id);
        let slot = slot.map_or(-1, |slot| slot as i64);
        let cell = |name: &String| match name.as_str() {
            "_id" => Cell::Integer(i64::from(id)),
            "sim_id" => Cell::Integer(slot),
            _ => Cell::Null,
        };
        rows.row(&names, &names.iter().map(cell).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn text(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Null, |text| Cell::Text(text.as_bytes()))
}
