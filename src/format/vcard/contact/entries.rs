//! Reads numbers, electronic addresses, messengers, and rows of other apps.

use super::labels::{Kind, apple_word};
use super::{MAX_GROUP, Reading};
use crate::format::vcard::{scrubbed, with_lf};
use crate::format::versit::{Parameter, Property, percent_decoded};
use crate::model::{
    ContactDate, ContactIdentity, CustomRow, DateKind, Email, InstantMessenger, Label,
    MessengerService, Nickname, Phone, Relation, SipAddress, Website,
};

impl Reading<'_> {
    /// Reads a property for reaching the person; returns false for other properties.
    pub(super) fn entry(&mut self, name: &str, property: &Property) -> bool {
        match name {
            "TEL" => self.phone(property),
            "EMAIL" => self.email(property),
            "URL" => {
                let label = self.label(property, Kind::Web);
                let url = property.text();
                if !url.is_empty() {
                    self.card.contact.websites.push(Website { url, label });
                }
            }
            "X-SIP" => {
                let label = self.label(property, Kind::Electronic);
                let address = property.text();
                if !address.is_empty() {
                    let sip = SipAddress { address, label };
                    self.card.contact.sip_addresses.push(sip);
                }
            }
            "IMPP" => self.impp(property),
            // RFC 9554 standardised Apple's property under another name.
            "X-SOCIALPROFILE" | "SOCIALPROFILE" => return self.profile(property),
            name => match service_of_property(name) {
                Some(service) => self.messenger(property, service, property.text()),
                None => return false,
            },
        }
        true
    }

    fn phone(&mut self, property: &Property) {
        let label = self.label(property, Kind::Phone);
        let text = property.text();
        // RFC 3966.
        let number = match without_scheme(&text, "tel:") {
            Some(rest) => percent_decoded(rest.trim_start_matches('/')),
            None => text,
        };
        if number.trim().is_empty() {
            return;
        }
        // In RFC 6350, a number can be any URI.
        if number
            .get(..4)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("sip:"))
        {
            let address = number;
            let sip = SipAddress { address, label };
            return self.card.contact.sip_addresses.push(sip);
        }
        self.card.contact.phones.push(Phone {
            number,
            label,
            normalized: None,
            primary: Self::is_preferred(property),
        });
    }

    fn email(&mut self, property: &Property) {
        let label = self.label(property, Kind::Electronic);
        let text = property.text();
        // RFC 6068. The text after a question mark is not part of the address.
        let address = match without_scheme(&text, "mailto:") {
            Some(rest) => percent_decoded(rest.split('?').next().unwrap_or(rest)),
            None => text,
        };
        if !address.trim().is_empty() {
            self.card.contact.emails.push(Email {
                address,
                label,
                display_name: None,
                primary: Self::is_preferred(property),
            });
        }
    }

    fn messenger(&mut self, property: &Property, service: MessengerService, handle: String) {
        let label = self.label(property, Kind::Electronic);
        if !handle.is_empty() {
            self.card.contact.messengers.push(InstantMessenger {
                handle,
                service,
                label,
            });
        }
    }

    /// Reads IMPP (RFC 4770). In most cards, including Lifeboat's, it repeats an X- property of the service.
    fn impp(&mut self, property: &Property) {
        let text = property.text();
        let named = ["X-SERVICE-TYPE", "SERVICE-TYPE", "X-SERVICE"]
            .into_iter()
            .find_map(|name| property.parameter(name))
            .map(str::to_owned);
        let (scheme, rest) = match text.split_once(':') {
            // A handle may itself contain a colon (`live:…`), so the text before it counts as a scheme only if it is
            // a known one.
            Some((scheme, rest)) if named.is_none() || is_scheme(scheme) => (scheme, rest),
            _ => ("", text.as_str()),
        };
        let rest = rest.trim_start_matches('/');
        // The URIs of AIM, MSN and Yahoo begin with an action.
        let rest = ["goim?screenname=", "chat?contact=", "sendim?"]
            .into_iter()
            .find_map(|done| rest.strip_prefix(done))
            .unwrap_or(rest);
        if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") {
            let label = self.label(property, Kind::Electronic);
            let address = text.clone();
            let mut known = self.card.contact.sip_addresses.iter().take(MAX_GROUP);
            if !known.any(|sip| sip.address == address) {
                let sip = SipAddress { address, label };
                self.card.contact.sip_addresses.push(sip);
            }
            return;
        }
        // Cleaned like a text property, for the comparison.
        let handle = percent_decoded(rest);
        let handle = scrubbed(&with_lf(&handle)).0.into_owned();
        let service = match &named {
            Some(name) => service_of_name(name),
            None => service_of_scheme(scheme),
        };
        let known = self
            .card
            .contact
            .messengers
            .iter()
            .take(MAX_GROUP)
            .any(|m| m.handle == handle && (named.is_none() || m.service == service));
        if !known {
            self.messenger(property, service, handle);
        }
    }

    /// Reads the person's page in a social network; false if the value is not a web address.
    fn profile(&mut self, property: &Property) -> bool {
        let url = property.text();
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return false;
        }
        let own = self.take(&property.group, "X-ABLABEL").map(apple_word);
        let typed = property.types().into_iter();
        let mut typed = typed.filter(|word| !word.eq_ignore_ascii_case("PREF"));
        let service = property.parameter("SERVICE-TYPE").map(str::to_owned);
        let word = service.or(own).or_else(|| typed.next());
        let label = word.map_or(Label::Profile, Label::Custom);
        self.card.contact.websites.push(Website { url, label });
        // The user name in the network and similar parameters.
        let known = ["TYPE", "", "SERVICE-TYPE", "VALUE", "PREF"];
        let more = |p: &Parameter| !known.contains(&p.name.as_str());
        if property.parameters.iter().any(more) {
            self.keep(property);
        }
        true
    }

    /// Reads a row of Android's database; returns false for other properties.
    pub(super) fn other_app(&mut self, name: &str, at: usize, property: &Property) -> bool {
        if name != "X-ANDROID-CUSTOM" {
            return false;
        }
        let parts = property.parts();
        let group = &property.group;
        // Rows that repeat, in Android's form, other properties of the group.
        const SAID: [&str; 2] = ["X-ABDATE", "X-ABRELATEDNAMES"];
        if SAID.iter().any(|name| self.find(group, name).is_some()) {
            // Those properties read the row themselves.
            self.set_used(at, false);
            return true;
        }
        let part = |at: usize| parts.get(at).filter(|part| !part.is_empty()).cloned();
        match parts.first().map(String::as_str) {
            Some("vnd.android.cursor.item/nickname") => {
                if let Some(name) = part(1) {
                    let label = match part(2).as_deref() {
                        Some("1") | None => Label::Default,
                        Some("0") => Label::Custom(part(3).unwrap_or_default()),
                        Some("3") => Label::MaidenName,
                        Some("4") => Label::ShortName,
                        Some("5") => Label::Initials,
                        Some("2") => Label::Other,
                        Some(number) => Label::Unknown(number.to_owned()),
                    };
                    self.card.contact.nicknames.push(Nickname { name, label });
                }
            }
            Some("vnd.android.cursor.item/contact_event") => {
                if let Some(date) = part(1) {
                    let kind = match part(2).as_deref() {
                        Some("0") => DateKind::Custom(part(3).unwrap_or_default()),
                        Some("1") => DateKind::Anniversary,
                        Some("3") => DateKind::Birthday,
                        _ => DateKind::Other,
                    };
                    self.card.contact.dates.push(ContactDate { date, kind });
                }
            }
            Some("vnd.android.cursor.item/identity") if part(1).is_some() => {
                self.card.contact.identities.push(ContactIdentity {
                    identity: part(1).unwrap_or_default(),
                    namespace: part(2),
                });
            }
            // The IMPP of the group says it better.
            Some("vnd.android.cursor.item/im") if self.find(group, "IMPP").is_some() => {}
            Some("vnd.android.cursor.item/relation") => {
                let number = part(2).and_then(|number| number.parse::<usize>().ok());
                let known = number.and_then(|number| Relation::KINDS.get(number.checked_sub(1)?));
                let kind = match known {
                    Some(kind) => (*kind).to_owned(),
                    None => part(3).unwrap_or_default(),
                };
                self.card.contact.relations.push(Relation {
                    name: part(1).unwrap_or_default(),
                    custom: known.is_none() && !kind.is_empty(),
                    kind,
                });
            }
            _ => {
                let mut parts = parts.into_iter();
                let mimetype = parts.next().unwrap_or_default();
                let data = (1u8..=15).zip(parts).filter(|(_, text)| !text.is_empty());
                self.card.contact.custom.push(CustomRow {
                    mimetype,
                    data: data.collect(),
                    blobs: Vec::new(),
                });
            }
        }
        true
    }
}

/// Returns the text after a scheme that ends in a colon, in any case.
fn without_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = text.trim_start().split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

fn service_of_property(name: &str) -> Option<MessengerService> {
    Some(match name {
        "X-AIM" => MessengerService::Aim,
        "X-MSN" => MessengerService::Msn,
        "X-YAHOO" => MessengerService::Yahoo,
        "X-SKYPE-USERNAME" | "X-SKYPE" => MessengerService::Skype,
        "X-QQ" => MessengerService::Qq,
        "X-GOOGLE-TALK" | "X-GTALK" => MessengerService::GoogleTalk,
        "X-ICQ" => MessengerService::Icq,
        "X-JABBER" | "X-XMPP" => MessengerService::Jabber,
        "X-NETMEETING" => MessengerService::NetMeeting,
        "X-GADUGADU" => MessengerService::Custom("Gadu-Gadu".into()),
        "X-GROUPWISE" => MessengerService::Custom("GroupWise".into()),
        _ => return None,
    })
}

fn service_of_name(name: &str) -> MessengerService {
    match name.to_ascii_lowercase().as_str() {
        "aim" => MessengerService::Aim,
        "msn" => MessengerService::Msn,
        "yahoo" => MessengerService::Yahoo,
        "skype" => MessengerService::Skype,
        "qq" => MessengerService::Qq,
        "googletalk" | "google talk" | "gtalk" => MessengerService::GoogleTalk,
        "icq" => MessengerService::Icq,
        "jabber" | "xmpp" => MessengerService::Jabber,
        "netmeeting" => MessengerService::NetMeeting,
        "" => MessengerService::Unset,
        _ => MessengerService::Custom(name.to_owned()),
    }
}

/// True for the schemes of messenger addresses.
fn is_scheme(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let known = [
        "x-apple", "sip", "sips", "xmpp", "tel", "mailto", "http", "https", "irc", "ircs", "sgnl",
        "tg", "matrix", "im", "gg", "facebook", "whatsapp", "weixin", "line", "viber", "discord",
    ];
    known.contains(&word.as_str())
        || !matches!(service_of_scheme(&word), MessengerService::Custom(_))
}

fn service_of_scheme(scheme: &str) -> MessengerService {
    match scheme.to_ascii_lowercase().as_str() {
        "aim" => MessengerService::Aim,
        "msn" | "msnim" => MessengerService::Msn,
        "mqq" | "qq" => MessengerService::Qq,
        "ymsgr" | "yahoo" => MessengerService::Yahoo,
        "skype" => MessengerService::Skype,
        "icq" => MessengerService::Icq,
        "gtalk" => MessengerService::GoogleTalk,
        "xmpp" => MessengerService::Jabber,
        "" | "x-apple" => MessengerService::Unset,
        _ => MessengerService::Custom(scheme.to_owned()),
    }
}
