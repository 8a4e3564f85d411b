//! The SIM card's phonebook (AOSP `IccProvider`): a cursor made by hand, which knows neither
//! projection, filter nor order.

use super::{Cell, Ended, Rows, Thrown, Uri};
use crate::practice::android::device::Device;
use crate::practice::android::owner;

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
    // Additional numbers came with Android 12.
    let more = device.settings.android >= 31;
    let mut names = vec!["name", "number", "emails"];
    names.extend(more.then_some("anrs"));
    names.push("_id");
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    for (place, entry) in owner::sim::entries(device.settings.seed, count).enumerate() {
        // Empty places of the card keep their numbers.
        let Some(entry) = entry else { continue };
        let text = |text: &'static str| Cell::Text(text.as_bytes());
        let emails = entry.email.as_deref().map(|email| format!("{email},"));
        let mut cells = vec![
            Cell::Text(entry.name.as_bytes()),
            Cell::Text(entry.number.as_bytes()),
            emails
                .as_deref()
                .map_or(Cell::Null, |all| Cell::Text(all.as_bytes())),
        ];
        cells.extend(more.then_some(entry.more.map_or(Cell::Null, text)));
        cells.push(Cell::Integer(place as i64));
        rows.row(&names, &cells)?;
    }
    Ok(())
}
