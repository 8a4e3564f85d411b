//! Texts that try to act as something other than text: content that an attacker could put on a handset to harm the
//! reader.

use rusqlite::Connection;

use super::super::database::Store;

/// Used as names of people and calendars, notes, titles and places.
const TEXTS: [&str; 26] = [
    "Eve\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Mallory\r\nX-EVIL:1\r\nEND:VCARD",
    "Eve\nEND:VEVENT\nBEGIN:VEVENT\nX-EVIL:1\nEND:VEVENT",
    "Eve\\nX-EVIL:1",
    "Eve\rX-EVIL:1",
    "Eve\u{85}X-EVIL:1\u{2028}X-EVIL:2",
    "=cmd|'/c calc'!A1",
    "+1+cmd|'/c calc'!A1",
    "-2+3",
    "@SUM(1;1)",
    "\t=1+1",
    "\r=1+1",
    "a\",=1+1,\"b",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; <b>bold",
    "../../../../etc/passwd",
    "/etc/passwd",
    "..",
    "CON",
    "nul.txt",
    "C:\\Windows\\System32\\x",
    "a:b*c?d<e>f|g",
    "harmless\u{202e}gpj.exe",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
    "%00%0a%2e%2e%2f",
    "{{7*7}} ${7*7} `reboot` $(reboot)",
];

pub(super) fn fill(store: Store, connection: &Connection) -> rusqlite::Result<()> {
    let long = "N\u{e4}m".repeat(100);
    let texts: Vec<&str> = TEXTS.into_iter().chain([long.as_str()]).collect();
    let columns: &[(&str, &str)] = match store {
        Store::Contacts => &[
            // Kinds of data in the order of `contact_rows::MIMETYPES`: names, notes, companies, addresses.
            ("data", "data1"),
            ("groups", "title"),
            ("raw_contacts", "display_name"),
        ],
        Store::Profile => &[("data", "data1")],
        Store::Calendar => &[
            ("Calendars", "calendar_displayName"),
            ("Events", "title"),
            ("Events", "eventLocation"),
            ("Events", "description"),
            ("ExtendedProperties", "value"),
        ],
        Store::Calls => &[("calls", "number"), ("calls", "name")],
        Store::Messages => &[("sms", "body"), ("sms", "address")],
        Store::Media => &[],
    };
    for (table, column) in columns {
        let mut ids = connection.prepare(&format!("SELECT rowid FROM {table} ORDER BY rowid"))?;
        let ids: Vec<i64> = ids
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let kind = match *table {
            // Columns with row numbers stay unchanged.
            "data" => " AND mimetype_id NOT IN (10, 11) AND typeof(data1)='text'",
            _ => "",
        };
        let sql = format!("UPDATE {table} SET {column}=?1 WHERE rowid=?2{kind}");
        let mut update = connection.prepare(&sql)?;
        for (id, text) in ids.iter().zip(texts.iter().cycle()) {
            update.execute((text, id))?;
        }
    }
    Ok(())
}
