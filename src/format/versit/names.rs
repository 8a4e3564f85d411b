//! Property names, used to tell a property from the continuation line of a text.

/// Properties of vCard (2.1; RFC 2426, 2739, 4770, 6350, 6474, 6715, 8605, 9554, 9555), vCalendar 1.0, iCalendar
/// (RFC 5545, 7986, 9073, 9074, 9253) and vNote, sorted.
const STANDARD: [&str; 125] = [
    "AALARM",
    "ACKNOWLEDGED",
    "ACTION",
    "ADR",
    "AGENT",
    "ANNIVERSARY",
    "ATTACH",
    "ATTENDEE",
    "BDAY",
    "BEGIN",
    "BIRTHPLACE",
    "BODY",
    "CALADRURI",
    "CALSCALE",
    "CALURI",
    "CAPURI",
    "CATEGORIES",
    "CLASS",
    "CLIENTPIDMAP",
    "COLOR",
    "COMMENT",
    "COMPLETED",
    "CONCEPT",
    "CONFERENCE",
    "CONTACT",
    "CONTACT-URI",
    "CREATED",
    "DALARM",
    "DAYLIGHT",
    "DCREATED",
    "DEATHDATE",
    "DEATHPLACE",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DUE",
    "DURATION",
    "EMAIL",
    "END",
    "ESTIMATED-DURATION",
    "EXDATE",
    "EXPERTISE",
    "EXRULE",
    "FBURL",
    "FN",
    "FREEBUSY",
    "GENDER",
    "GEO",
    "GRAMGENDER",
    "HOBBY",
    "IMAGE",
    "IMPP",
    "INTEREST",
    "JSPROP",
    "KEY",
    "KIND",
    "LABEL",
    "LANG",
    "LANGUAGE",
    "LAST-MODIFIED",
    "LINK",
    "LOCATION",
    "LOCATION-TYPE",
    "LOGO",
    "MAILER",
    "MALARM",
    "MEMBER",
    "METHOD",
    "N",
    "NAME",
    "NICKNAME",
    "NOTE",
    "ORG",
    "ORG-DIRECTORY",
    "ORGANIZER",
    "PALARM",
    "PARTICIPANT-TYPE",
    "PERCENT-COMPLETE",
    "PHOTO",
    "PRIORITY",
    "PRODID",
    "PROFILE",
    "PRONOUNS",
    "PROXIMITY",
    "RDATE",
    "RECURRENCE-ID",
    "REFID",
    "REFRESH-INTERVAL",
    "RELATED",
    "RELATED-TO",
    "REPEAT",
    "REQUEST-STATUS",
    "RESOURCE-TYPE",
    "RESOURCES",
    "REV",
    "RNUM",
    "ROLE",
    "RRULE",
    "SEQUENCE",
    "SOCIALPROFILE",
    "SORT-STRING",
    "SOUND",
    "SOURCE",
    "STATUS",
    "STRUCTURED-DATA",
    "STYLED-DESCRIPTION",
    "SUBJECT",
    "SUMMARY",
    "TEL",
    "TITLE",
    "TRANSP",
    "TRIGGER",
    "TZ",
    "TZID",
    "TZID-ALIAS-OF",
    "TZNAME",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TZUNTIL",
    "TZURL",
    "UID",
    "URL",
    "VERSION",
    "XML",
];

/// Machine-readable values. A line without an explicit fold cannot be a continuation of them.
const CLOSED: &[&str] = &[
    "AALARM",
    "ACTION",
    "ANNIVERSARY",
    "BDAY",
    "CALSCALE",
    "CLASS",
    "COMPLETED",
    "CREATED",
    "DALARM",
    "DAYLIGHT",
    "DCREATED",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DUE",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "FREEBUSY",
    "GENDER",
    "GEO",
    "KIND",
    "LAST-MODIFIED",
    "METHOD",
    "PERCENT-COMPLETE",
    "PRIORITY",
    "PRODID",
    "PROFILE",
    "RDATE",
    "RECURRENCE-ID",
    "REPEAT",
    "REV",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "TRIGGER",
    "TZ",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "VERSION",
];

/// Values that rarely contain line breaks.
const WORDS: [&str; 6] = ["EMAIL", "IMPP", "SOURCE", "TEL", "UID", "URL"];

/// Free texts of several lines, with any content.
const LONG: [&str; 8] = [
    "ADR",
    "BODY",
    "COMMENT",
    "DESCRIPTION",
    "LABEL",
    "LOCATION",
    "NOTE",
    "SUMMARY",
];

/// Tells whether a line that is not a property can continue the property before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Continuation {
    /// Yes, as another line of the text.
    Text,
    /// Yes, although a continuation is unusual.
    Oddly,
    /// No.
    Never,
}

/// Tells how a line can continue a property with this name (in upper case).
pub(super) fn goes_on(name: &str) -> Continuation {
    if CLOSED.contains(&name) {
        Continuation::Never
    } else if WORDS.contains(&name) {
        Continuation::Oddly
    } else {
        Continuation::Text
    }
}

/// True if a property with this name holds texts of several lines.
pub(super) fn is_long_text(name: &str) -> bool {
    LONG.contains(&name)
}

/// True if the value of a property with this name is one word, such as an address.
pub(super) fn is_one_word(name: &str) -> bool {
    const ADDRESSES: [&str; 7] = [
        "CALADRURI",
        "CALURI",
        "EMAIL",
        "FBURL",
        "IMPP",
        "URL",
        "X-SIP",
    ];
    ADDRESSES.contains(&name)
}

/// True for the name (in upper case) of a standard property.
pub(super) fn is_standard(name: &str) -> bool {
    STANDARD.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted() {
        assert!(STANDARD.is_sorted());
        assert!(is_standard("FN") && !is_standard("X-ABLABEL"));
    }
}
