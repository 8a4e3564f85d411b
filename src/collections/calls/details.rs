//! All details of a call, in reading order.

use chrono::{DateTime, Local};

use super::list::who;
use crate::collections::details::{Details, Fields};
use crate::export::calls::{caller_id, in_hours, kind_in_words};
use crate::model::Call;
use crate::phrase;

pub fn details(call: &Call) -> Details {
    // Without `..`: a new field of a call does not compile until it is handled here.
    let Call {
        kind,
        number,
        presentation,
        at,
        duration,
        name: _,
        place,
        post_dial_digits,
        subscription_id,
        subscription_component_name,
        transcription,
        extended,
        source,
    } = call;
    let mut fields = Fields::default();
    let mut add = |label: &str, text: &Option<String>| {
        fields.add(label, text.as_deref().unwrap_or_default());
    };
    add(phrase("Who"), &Some(who(call)));
    add(phrase("Number"), number);
    add(phrase("Caller ID"), &Some(caller_id(*presentation)));
    add(phrase("Kind"), &Some(kind_in_words(*kind)));
    let at = at.and_then(DateTime::from_timestamp_millis);
    let at = at.map(|at| at.with_timezone(&Local));
    add(
        phrase("When"),
        &at.map(|at| at.format("%-d %b %Y %H:%M:%S %:z").to_string()),
    );
    add(phrase("Duration"), &duration.map(in_hours));
    add(phrase("Place"), place);
    add(phrase("Dialled after"), post_dial_digits);
    add(phrase("Voicemail"), transcription);
    add(phrase("SIM or account"), subscription_id);
    fields.add_sources(std::slice::from_ref(source));
    let component = subscription_component_name.as_deref();
    let component = component.map(|text| ("subscription_component_name", text));
    let others = extended
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    for (name, text) in component.into_iter().chain(others) {
        fields.add_with(phrase("Other data"), text, &[name]);
    }
    fields.done()
}
