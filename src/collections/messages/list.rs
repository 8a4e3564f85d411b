//! The lines of the list of conversations, that with the newest message first.

use chrono::{DateTime, Local};

use super::conversations::Conversations;
use crate::collections::details::line;
use crate::collections::list::{Ended, GoOn, Line, Listing, Sheet};
use crate::collections::search_key::search_key;
use crate::model::grouped;
use crate::phrase;
use crate::vault::Vault;

pub static SHEET: Sheet = Sheet {
    unit: phrase("conversations"),
    none: phrase("This phone held no messages that Lifeboat can read."),
    share: 9,
    is_month: false,
    fill,
};

fn fill(journal: &Vault, go_on: GoOn<'_>, listing: &mut Listing) -> Result<(), Ended> {
    // The texts of each conversation, folded for the search.
    let mut texts: Vec<String> = Vec::new();
    let all = Conversations::read_each(journal, |number, message| {
        go_on()?;
        if texts.len() <= number {
            texts.resize(number + 1, String::new());
        }
        if let Some(own) = texts.get_mut(number) {
            for text in [&message.subject, &message.text].into_iter().flatten() {
                own.push('\n');
                own.push_str(&search_key(&line(text)));
            }
        }
        Ok::<_, Ended>(())
    })?;
    for number in all.newest_first() {
        let (Some(one), Some(texts)) = (all.all.get(number), texts.get_mut(number)) else {
            continue;
        };
        let Some((at, _, key)) = &one.newest else {
            continue;
        };
        let name = all.title(one);
        let mut search = search_key(&name);
        for address in &one.addresses {
            search.push('\n');
            search.push_str(&search_key(&line(address)));
            let digits: String = address.chars().filter(char::is_ascii_digit).collect();
            search.push('\n');
            search.push_str(&digits);
        }
        search.push_str(&std::mem::take(texts));
        let millis = at.unwrap_or_default();
        let at = at.and_then(DateTime::from_timestamp_millis);
        let at = at.map(|at| at.with_timezone(&Local).format("%-d %b %Y").to_string());
        let at = at.unwrap_or_else(|| phrase("no date").into());
        listing.lines.push(Line {
            key: key.as_str().into(),
            name: name.into(),
            search: search.into(),
            remark: format!("{} · {at}", one.count).into(),
            only_here: true,
            at: millis,
            aside: one.found == one.count,
            found: one.found == one.count,
            more: (one.count - one.found).saturating_sub(1),
            ..Line::default()
        });
    }
    let found = all.joins.new;
    if found > 0 {
        listing.more = phrase!("{} from exported files", grouped(found));
    }
    listing.about = match all.all.len() {
        0 => String::new(),
        1 => phrase(" in 1 conversation").into(),
        many => phrase!(" in {many} conversations"),
    };
    Ok(())
}
