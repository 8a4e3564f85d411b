//! Converts rows of the call log.

use crate::format::calls_xml;
use crate::format::phone_xml::in_milliseconds;
use crate::handset::android::content::{ExactRow, View};
use crate::model::{Call, Presentation, Source};

/// Columns that fields of [`Call`] hold completely.
const DECODED: [&str; 11] = [
    "_id",
    "duration",
    "type",
    "number",
    "name",
    "geocoded_location",
    "post_dial_digits",
    "subscription_id",
    "subscription_component_name",
    "transcription",
    "presentation",
];

/// Converts a row of the call log.
pub fn decode(view: &View, row: &ExactRow, place: &str) -> Call {
    let filled = |name: &str| row.text(view, name).filter(|text| !text.is_empty());
    let text = |name: &str| filled(name).map(str::to_owned);
    let number = |name: &str| row.number(view, name);
    let date = number("date");
    let at = in_milliseconds(date.filter(|date| *date != 0));
    let numbers = view.numbers().iter();
    let numbers = numbers.filter_map(|name| Some((*name, number(name)?.to_string())));
    let texts = view.texts().iter();
    let texts = texts.filter_map(|name| Some((*name, filled(name)?.to_owned())));
    // A date that `at` holds exactly need not be kept a second time.
    let is_decoded = |name: &str| DECODED.contains(&name) || (name == "date" && date == at);
    let others = numbers.chain(texts).filter(|(name, _)| !is_decoded(name));
    Call {
        kind: calls_xml::kind(number("type")),
        number: text("number"),
        presentation: presentation(number("presentation"), filled("number")),
        at,
        duration: number("duration"),
        name: text("name"),
        place: text("geocoded_location"),
        post_dial_digits: text("post_dial_digits"),
        subscription_id: text("subscription_id"),
        subscription_component_name: text("subscription_component_name"),
        transcription: text("transcription"),
        extended: others
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        source: Source {
            place: place.to_owned(),
            row: number("_id").unwrap_or_default(),
            only_here: true,
            ..Source::default()
        },
    }
}

/// What the network said about a number. Before Android 4.4 there was no column for it, and the number itself told (AOSP
/// `CallerInfo.UNKNOWN_NUMBER`, `PRIVATE_NUMBER`, `PAYPHONE_NUMBER`); restored lists still hold such numbers.
fn presentation(said: Option<i64>, number: Option<&str>) -> Presentation {
    match (calls_xml::presentation(said), number) {
        (Presentation::Allowed, Some("-1")) => Presentation::Unknown,
        (Presentation::Allowed, Some("-2")) => Presentation::Restricted,
        (Presentation::Allowed, Some("-3")) => Presentation::Payphone,
        (said, _) => said,
    }
}
