//! Writes ORGANIZER and ATTENDEE (RFC 5545 sections 3.8.4.3 and 3.8.4.1).

use super::carried::parameter_of;
use super::lines::{Lines, parameter};
use crate::format::Losses;
use crate::model::{Attendee, AttendeeRole, AttendeeStatus, Event};
use crate::phrase;

/// Writes ORGANIZER and ATTENDEE lines. Without guests there is no ORGANIZER: RFC 5545 forbids it then, and programs
/// would show a meeting.
pub(super) fn write_people(lines: &mut Lines, event: &Event, losses: &mut Losses) {
    let guests: Vec<(&Attendee, String)> = event
        .attendees
        .iter()
        .filter_map(|attendee| Some((attendee, mailto(attendee.email.as_deref()?)?)))
        .collect();
    let chair = event.attendees.iter().find(|attendee| attendee.organizer);
    let address = match event.organizer.as_deref() {
        Some(organizer) => mailto(organizer),
        None => chair.and_then(|chair| mailto(chair.email.as_deref()?)),
    };
    if !guests.is_empty()
        && let Some(address) = &address
    {
        let name = guests
            .iter()
            .find(|(_, guest)| guest == address)
            .and_then(|(guest, _)| guest.name.as_deref());
        let mut name = common_name(name);
        if name.is_empty()
            && let Some(kept) = event
                .extended
                .iter()
                .find(|p| p.name.starts_with("ORGANIZER;"))
            && mailto(&kept.value).as_ref() == Some(address)
            && let Some(own) = parameter_of(&kept.name, "CN")
        {
            name = format!(";CN={own}");
        }
        lines.line(&format!("ORGANIZER{name};SCHEDULE-AGENT=NONE:{address}"));
    }
    for (attendee, address) in &guests {
        lines.line(&format!(
            "ATTENDEE{}{}{};SCHEDULE-AGENT=NONE:{address}",
            common_name(attendee.name.as_deref()),
            role(attendee.role),
            status(attendee.status),
        ));
    }
    for _ in guests.len()..event.attendees.len() {
        losses.add(phrase("guests without an e-mail address"));
    }
}

fn common_name(name: Option<&str>) -> String {
    name.filter(|name| !name.is_empty())
        .map(|name| format!(";CN={}", parameter(name)))
        .unwrap_or_default()
}

fn role(role: AttendeeRole) -> &'static str {
    match role {
        AttendeeRole::Unset => "",
        AttendeeRole::Required => ";ROLE=REQ-PARTICIPANT",
        AttendeeRole::Optional => ";ROLE=OPT-PARTICIPANT",
        AttendeeRole::Resource => ";CUTYPE=RESOURCE",
    }
}

fn status(status: AttendeeStatus) -> &'static str {
    match status {
        AttendeeStatus::Unset => "",
        AttendeeStatus::Accepted => ";PARTSTAT=ACCEPTED",
        AttendeeStatus::Declined => ";PARTSTAT=DECLINED",
        AttendeeStatus::Invited => ";PARTSTAT=NEEDS-ACTION",
        AttendeeStatus::Tentative => ";PARTSTAT=TENTATIVE",
    }
}

/// Returns a `mailto:` URI (RFC 6068) if the text looks like an e-mail address.
fn mailto(text: &str) -> Option<String> {
    let address = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, domain) = address.rsplit_once('@')?;
    let domain_ok = !domain.is_empty()
        && domain
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let local_ok = !local.is_empty()
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b));
    if !domain_ok || !local_ok || address.len() > 320 {
        return None;
    }
    let mut uri = String::from("mailto:");
    for c in local.chars() {
        match c {
            '%' | '?' | '#' | '^' | '`' | '{' | '|' | '}' | '/' | '&' => {
                uri.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => uri.push(c),
        }
    }
    uri.push('@');
    uri.push_str(domain);
    Some(uri)
}

#[cfg(test)]
mod tests {
    use super::mailto;

    #[test]
    fn only_addresses_become_mailto() {
        assert_eq!(
            mailto("a.b+c@example.com").as_deref(),
            Some("mailto:a.b+c@example.com")
        );
        assert_eq!(
            mailto("mailto:a@example.com").as_deref(),
            Some("mailto:a@example.com")
        );
        assert_eq!(
            mailto("50%?@example.com").as_deref(),
            Some("mailto:50%25%3F@example.com")
        );
        for text in [
            "",
            "@",
            "a@",
            "@b",
            "Anna Müller",
            "a b@c.de",
            "a@b\r\nX:1",
            "a@b;c",
            "é@b.de",
        ] {
            assert_eq!(mailto(text), None, "{text:?}");
        }
    }
}
