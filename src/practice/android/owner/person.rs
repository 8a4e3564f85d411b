//! Data rows of one raw contact: names, numbers and so on.

use rusqlite::types::Value;

use super::contact_rows::*;
use super::people::{self, Name};
use super::{Owner, awkward};
use crate::practice::rng::Rng;

/// Writes the data rows of one raw contact.
#[allow(clippy::too_many_arguments)]
pub(super) fn person(
    owner: &Owner,
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
    name: Option<&Name>,
    summary: &mut Summary,
) -> rusqlite::Result<()> {
    if let Some(name) = name {
        let mut row = vec![text(name.full()), text(name.given), text(name.family)];
        let titled = rng.chance(6);
        row.push(if titled { text("Dr.") } else { Value::Null });
        row.push(if rng.chance(8) {
            text("M.")
        } else {
            Value::Null
        });
        row.push(if titled {
            text("jun., PhD")
        } else {
            Value::Null
        });
        let (given, family) = name.read.unzip();
        row.push(given.map_or(Value::Null, text));
        row.push(Value::Null);
        row.push(family.map_or(Value::Null, text));
        row.push(number(i64::from(name.style)));
        row.push(number(if name.read.is_some() { 4 } else { 0 }));
        writer.data(raw, NAME, false, row)?;
    }
    let awkward = owner.awkward_text(index).filter(|_| part == 0);
    phones(writer, rng, raw, index, part, summary)?;
    emails(writer, rng, raw, index, part)?;
    if rng.chance(40) {
        address(writer, rng, raw)?;
    }
    if let Some(text_here) = awkward.filter(|_| index.is_multiple_of(3)) {
        let row = vec![text(text_here), number(1), Value::Null, text(text_here)];
        writer.data(raw, ORGANIZATION, false, row)?;
    } else if rng.chance(35) {
        let kind = 1 + i64::from(rng.chance(10));
        let mut row = typed(rng.pick(&people::COMPANIES), kind, None);
        row.push(if rng.chance(60) {
            text("Head of Docks & Quays")
        } else {
            Value::Null
        });
        row.push(if rng.chance(30) {
            text("Dept. 4; Night shift")
        } else {
            Value::Null
        });
        writer.data(raw, ORGANIZATION, false, row)?;
    }
    match awkward {
        Some(note) => {
            writer.data(raw, NOTE, false, vec![text(note)])?;
            if index.is_multiple_of(2) {
                let row = vec![text(note), number(1)];
                writer.data(raw, NICKNAME, false, row)?;
            }
        }
        None if index == 40 && owner.row_over_2mb && part == 0 => {
            let note = "This note is too long for any cursor window. ".repeat(70_000);
            writer.data(raw, NOTE, false, vec![text(note)])?;
        }
        None if index == 41 && part == 0 => {
            let note = "Ten thousand characters, all of them kept. 0123456789\n".repeat(186);
            writer.data(raw, NOTE, false, vec![text(note)])?;
        }
        None if rng.chance(25) => {
            let note = [
                "Met at the harbour festival.",
                "Two lines:\n- likes tea\n- hates phones",
                "Door code 4711#, third floor\r\nring twice",
                "Αγαπά τη θάλασσα",
            ];
            writer.data(raw, NOTE, false, vec![text(rng.pick(&note))])?;
        }
        None => {}
    }
    more(writer, rng, raw, index, part)?;
    if rng.chance(30) {
        let file = rng.chance(60).then(|| 1 + (raw & 0xff_ffff));
        let mut row = vec![Value::Null; 13];
        row.push(file.map_or(Value::Null, number));
        row.push(Value::Blob(thumbnail(rng)));
        let id = writer.data(raw, PHOTO, false, row)?;
        summary.photo.get_or_insert((id, file));
    }
    Ok(())
}

fn phones(
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
    summary: &mut Summary,
) -> rusqlite::Result<()> {
    let count = match rng.below(10) {
        0 => 0,
        1..=6 => 1,
        7 | 8 => 2,
        _ => 3,
    };
    for place in 0..count {
        let odd = awkward::NUMBERS
            .get(index as usize)
            .filter(|_| part + place == 0);
        let digits = format!("+49 17{} {:07}", rng.below(10), rng.below(10_000_000));
        let kind = [2, 1, 3, 12, 0, 4, 7, 17][rng.below(8) as usize];
        let label = (kind == 0).then_some("Ferienhaus, See");
        let mut row = typed(odd.copied().unwrap_or(&digits), kind, label);
        row.push(if odd.is_some() {
            Value::Null
        } else {
            text(digits.replace(' ', ""))
        });
        writer.data(raw, PHONE, place == 0 && count > 1, row)?;
        summary.phone = true;
    }
    Ok(())
}

fn emails(
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
) -> rusqlite::Result<()> {
    for place in 0..rng.below(3) {
        let odd = awkward::EMAILS
            .get(index as usize)
            .filter(|_| part == 0 && place == 0);
        let plain = format!("p{index}.{part}{place}@mail.example");
        let kind = [1, 2, 3, 4, 0][rng.below(5) as usize];
        let label = (kind == 0).then_some("Tennis");
        let mut row = typed(odd.copied().unwrap_or(&plain), kind, label);
        row.push(if rng.chance(10) {
            text("Shown, Name")
        } else {
            Value::Null
        });
        writer.data(raw, EMAIL, place == 0 && rng.chance(20), row)?;
    }
    Ok(())
}

fn address(writer: &mut Writer<'_>, rng: &mut Rng, raw: i64) -> rusqlite::Result<()> {
    let street = rng.pick(&people::STREETS);
    let [city, region, code, country] = people::CITIES[rng.below(6) as usize];
    let or_null = |value: &str| {
        if value.is_empty() {
            Value::Null
        } else {
            text(value)
        }
    };
    let pobox = if rng.chance(10) {
        text("PO Box 12")
    } else {
        Value::Null
    };
    let kind = [1, 2, 3, 0][rng.below(4) as usize];
    let label = (kind == 0).then_some("Summer house");
    let mut row = typed(format!("{street}\n{code} {city}\n{country}"), kind, label);
    row.push(text(street));
    row.push(pobox);
    row.push(if rng.chance(10) {
        text("Old Town")
    } else {
        Value::Null
    });
    row.extend([text(city), or_null(region), text(code), text(country)]);
    writer.data(raw, POSTAL, false, row)?;
    Ok(())
}

/// Writes rows of the kinds that only some contacts have.
fn more(
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
) -> rusqlite::Result<()> {
    if rng.chance(15) {
        let page = awkward::PAGES[rng.below(5) as usize];
        let kind = 1 + rng.below(7) as i64;
        writer.data(raw, WEBSITE, false, typed(page, kind, None))?;
    }
    let odd = awkward::DATES.get(index as usize).filter(|_| part == 0);
    if let Some(date) = odd {
        writer.data(raw, EVENT, false, typed(*date, 3, None))?;
    } else if rng.chance(25) {
        let (month, day) = (1 + rng.below(12), 1 + rng.below(28));
        let date = match rng.below(3) {
            0 => format!("--{month:02}-{day:02}"),
            _ => format!("{}-{month:02}-{day:02}", 1940 + rng.below(75)),
        };
        let kind = [3, 3, 3, 1, 2, 0][rng.below(6) as usize];
        let label = (kind == 0).then_some("Name day");
        writer.data(raw, EVENT, false, typed(date, kind, label))?;
    }
    if rng.chance(8) {
        let kind = rng.below(15) as i64;
        let label = (kind == 0).then_some("Godmother");
        writer.data(raw, RELATION, false, typed("Renate O'Neill", kind, label))?;
    }
    if rng.chance(6) {
        let protocol = [-1, 0, 3, 5, 7][rng.below(5) as usize];
        let mut row = typed(format!("chat{index}"), 3, None);
        row.extend([Value::Null, number(protocol)]);
        row.push(if protocol == -1 {
            text("Matrix")
        } else {
            Value::Null
        });
        writer.data(raw, IM, false, row)?;
    }
    if rng.chance(6) {
        let kind = 1 + rng.below(5) as i64;
        writer.data(raw, NICKNAME, false, typed("Captain", kind, None))?;
    }
    if rng.chance(2) {
        let row = typed(format!("sip:{index}@voip.example"), 3, None);
        writer.data(raw, SIP, false, row)?;
    }
    if rng.chance(2) {
        let row = vec![text(format!("acct:{index}")), text("com.example.identity")];
        writer.data(raw, IDENTITY, false, row)?;
    }
    if rng.chance(12) {
        let digits = format!("4917{:08}", rng.below(100_000_000));
        let row = vec![
            text(format!("{digits}@s.whatsapp.net")),
            text("WhatsApp"),
            text(format!("Message +{digits}")),
        ];
        writer.data(raw, WHATSAPP, false, row)?;
    }
    if rng.chance(1) {
        let mut row = vec![Value::Null; 9];
        row.push(text("4026-1180"));
        writer.data(raw, LOYALTY, false, row)?;
    }
    Ok(())
}

/// Returns bytes with the outer form of a small JPEG.
fn thumbnail(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    let length = 200 + rng.below(600) as usize;
    bytes.extend(rng.bytes(length));
    bytes.extend([0xff, 0xd9]);
    bytes
}
