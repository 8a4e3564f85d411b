//! The lines of the list of calls, the newest first.

use chrono::{DateTime, Local};

use super::Calls;
use crate::collections::details::{line, places};
use crate::collections::list::{Ended, GoOn, Line, Listing, Sheet};
use crate::collections::search_key::SearchText;
use crate::collections::twins::is_found;
use crate::export::calls::{caller_id, is_stand_in};
use crate::model::{Call, CallKind};
use crate::phrase;
use crate::vault::Vault;

pub static SHEET: Sheet = Sheet {
    unit: "",
    none: phrase("This phone held no calls that Lifeboat can read."),
    share: 11,
    is_month: false,
    fill,
};

fn fill(journal: &Vault, go_on: GoOn<'_>, listing: &mut Listing) -> Result<(), Ended> {
    Calls::read(journal)?.each(journal, |key, call| {
        go_on()?;
        let places = listing.places(&places(std::slice::from_ref(&call.source)));
        listing.lines.push(Line {
            places,
            key: key.into(),
            found: is_found(key),
            ..call_line(&call)
        });
        Ok::<_, Ended>(())
    })
}

/// Returns who called or was called: the name, else the number, else why there is neither.
pub fn who(call: &Call) -> String {
    let number = call.number.as_deref().filter(|n| !is_stand_in(n));
    let known = call.name.as_deref().or(number).map(line);
    let known = known.filter(|known| !known.is_empty());
    known.unwrap_or_else(|| match caller_id(call.presentation) {
        why if why.is_empty() => phrase("(no number)").into(),
        why => phrase!("(number {why})"),
    })
}

fn call_line(call: &Call) -> Line {
    // Without `..`: a new field of a call does not compile until it is decided whether its line shows it.
    let Call {
        kind,
        number,
        presentation: _,
        at,
        duration: _,
        name,
        place,
        post_dial_digits,
        subscription_id: _,
        subscription_component_name: _,
        transcription,
        extended,
        source,
    } = call;
    let who = who(call);
    let mut search = SearchText::of(&who);
    search.add_number(number.as_deref().unwrap_or_default());
    search.add_all([number, name, place, post_dial_digits, transcription]);
    for (_, text) in extended {
        search.add(text);
    }
    let millis = at.unwrap_or_default();
    let at = at.and_then(DateTime::from_timestamp_millis);
    let at = at.map(|at| at.with_timezone(&Local));
    Line {
        search: search.done(),
        at: millis,
        name: who.into(),
        before: match kind {
            CallKind::Incoming | CallKind::AnsweredElsewhere => phrase("in      "),
            CallKind::Outgoing => phrase("out     "),
            CallKind::Missed => phrase("missed  "),
            CallKind::Voicemail => phrase("mailbox "),
            CallKind::Rejected => phrase("refused "),
            CallKind::Blocked => phrase("blocked "),
            CallKind::Other(_) | CallKind::Unknown => "?       ",
        },
        remark: at.map_or(phrase("no date").into(), |at| {
            at.format("%-d %b %Y %H:%M").to_string().into()
        }),
        deleted: source.deleted,
        only_here: source.only_here && !source.deleted,
        ..Line::default()
    }
}
