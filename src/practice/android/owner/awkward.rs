//! Realistic values that cause problems in programs.

/// Notes and other free text. Each text is used in a contact, an event and a to-do.
pub(in crate::practice) const TEXTS: [&str; 34] = [
    "a, data2=5",
    "Row: 7 _id=3, data1=x",
    "first line\nRow: 1 _id=2, data1=not a row\nlast line",
    "NULL",
    "BLOB",
    "",
    " leading",
    "trailing ",
    "ends with a newline\n",
    "\nbegins with a newline",
    "DOS line\r\nnext line\r\n",
    "old Mac\rline",
    "tab\tbetween",
    "\"double\" and 'single' quotes",
    "back\\slash \\n and \\, and \\;",
    "semi;colon;separated",
    "comma, separated, text",
    "a=b",
    "emoji \u{1f9d1}\u{200d}\u{1f692} \u{1f1e9}\u{1f1ea} \u{2764}\u{fe0f}",
    "combining e\u{301} and A\u{30a}",
    "right to left \u{627}\u{644}\u{633}\u{644}\u{627}\u{645} and back",
    "zero\u{200b}width and soft\u{ad}hyphen",
    "line\u{2028}separator",
    "BEGIN:VCARD\nFN:nobody\nEND:VCARD",
    "=HYPERLINK(\"http://x.example\",\"click\")",
    "+49 171 5550123",
    "@SUM(1+1)",
    "-1",
    "0",
    "\u{feff}byte order mark",
    "No result found.",
    "Error while accessing provider:com.android.contacts",
    "Row: 0 ",
    "escape \u{1b}[31mred\u{1b}[0m and bell \u{7}",
];

/// Unusual but real e-mail addresses.
pub(super) const EMAILS: [&str; 8] = [
    "\"quoted local\"@example.com",
    "plus+tag@example.com",
    "UPPER@EXAMPLE.COM",
    "\u{fc}ml\u{e4}ut@b\u{fc}cher.example",
    "no-at-sign",
    "two@at@example.com",
    "Erika Muster <erika@example.com>",
    "a.very.long.local.part.that.goes.on.and.on.and.on@subdomain.of.a.long.domain.name.example",
];

/// Web addresses as people type them.
pub(super) const PAGES: [&str; 5] = [
    "www.example.com",
    "example.com/a,b;c",
    "https://example.com/?q=a&b=c#d",
    "HTTP://EXAMPLE.COM",
    "ftp.example.org",
];

/// Dates as they occur in contacts.
pub(super) const DATES: [&str; 7] = [
    "1984-02-29",
    "--02-29",
    "--12-24",
    "1979-11-05T00:00:00.000Z",
    "03.10.1990",
    "sometime in May",
    "1604-07-14",
];

/// Telephone numbers as people type them.
pub(super) const NUMBERS: [&str; 8] = [
    "*100#",
    "110",
    "0171/555 01-23",
    "+49 (0) 30 5550199",
    "+1-555-0100,,1234#",
    "1-800-FLOWERS",
    "tel:+4930555",
    "+4915155501234567890",
];
