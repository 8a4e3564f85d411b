//! Reads FN, N, NICKNAME and phonetic names.

use super::labels::Kind;
use super::{MAX_GROUP, Reading};
use crate::format::versit::Property;
use crate::model::{Nickname, PersonName};

impl Reading<'_> {
    /// Reads a property for the person's name; returns false for other properties.
    pub(super) fn name(&mut self, name: &str, property: &Property) -> bool {
        match name {
            "FN" => {
                let text = property.text();
                if self.card.contact.display_name.is_empty() {
                    self.card.contact.display_name = text;
                } else if text != self.card.contact.display_name {
                    self.keep(property);
                }
            }
            "N" => {
                let parts = property.fields(3);
                let part = |at: usize| parts.get(at).filter(|part| !part.is_empty()).cloned();
                let name = PersonName {
                    family: part(0),
                    given: part(1),
                    middle: part(2),
                    prefix: part(3),
                    suffix: part(4),
                    ..PersonName::default()
                };
                let mut known = self.card.contact.names.iter().take(MAX_GROUP);
                let known = known.any(|other| *other == name);
                // More parts than a name has.
                if parts.iter().skip(5).any(|part| !part.trim().is_empty()) {
                    self.keep(property);
                }
                if !known && name != PersonName::default() {
                    self.card.contact.names.push(name);
                }
            }
            "NICKNAME" => {
                let label = self.label(property, Kind::Nickname);
                for name in property.items() {
                    if !name.is_empty() {
                        let label = label.clone();
                        self.card.contact.nicknames.push(Nickname { name, label });
                    }
                }
            }
            "X-PHONETIC-FIRST-NAME" => self.speak(0, property.text()),
            "X-PHONETIC-MIDDLE-NAME" => self.speak(1, property.text()),
            "X-PHONETIC-LAST-NAME" => self.speak(2, property.text()),
            // Japanese phones: the reading of the name.
            "SOUND" if has_type(property, "X-IRMC-N") => {
                let mut parts = property.parts().into_iter();
                let (family, given) = (parts.next(), parts.next());
                let taken = self.phonetic.iter().any(Option::is_some);
                if taken {
                    self.keep(property);
                } else {
                    self.speak(2, family.unwrap_or_default());
                    self.speak(0, given.unwrap_or_default());
                }
            }
            _ => return false,
        }
        true
    }

    fn speak(&mut self, part: usize, text: String) {
        if let Some(place) = self.phonetic.get_mut(part)
            && place.is_none()
            && !text.is_empty()
        {
            *place = Some(text);
        }
    }

    /// Completes the first name.
    pub(super) fn finish_names(&mut self) {
        let contact = &mut self.card.contact;
        let [given, middle, family] = std::mem::take(&mut self.phonetic);
        let spoken = given.is_some() || middle.is_some() || family.is_some();
        let shown = Some(contact.display_name.clone()).filter(|name| !name.is_empty());
        if contact.names.is_empty() && (spoken || shown.is_some()) {
            contact.names.push(PersonName::default());
        }
        if let Some(first) = contact.names.first_mut() {
            first.display = first.display.take().or(shown);
            first.phonetic_given = given;
            first.phonetic_middle = middle;
            first.phonetic_family = family;
        }
    }
}

pub(super) fn has_type(property: &Property, word: &str) -> bool {
    property
        .types()
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}
