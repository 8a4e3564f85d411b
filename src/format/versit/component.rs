//! Components: what stands between BEGIN and END.

use std::ops::Range;

use super::property::Property;
use super::text::Dialect;

/// A component with what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// `VCARD`, `VEVENT`…, in capitals.
    pub name: String,
    pub dialect: Dialect,
    pub properties: Vec<Property>,
    pub components: Vec<Component>,
    /// Its bytes in the file, BEGIN and END with their lines.
    pub raw: Range<usize>,
    /// The line of its BEGIN, from 1.
    pub line: u64,
    /// It stands behind an `AGENT:`.
    pub agent: bool,
}

impl Component {
    /// The first property of that name.
    pub fn first(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|p| p.name == name)
    }

    /// The first text of that name that holds something.
    pub fn text(&self, name: &str) -> Option<String> {
        self.properties
            .iter()
            .filter(|p| p.name == name)
            .map(Property::text)
            .find(|text| !text.is_empty())
    }

    pub(super) fn settled(mut self) -> Self {
        self.settle(None);
        self
    }

    /// Every text must be read the way its version writes it, which is known only at the end.
    fn settle(&mut self, inherited: Option<Dialect>) {
        let own = self.own_dialect();
        let dialect = own.or(inherited).unwrap_or_else(|| self.likely_dialect());
        self.dialect = dialect;
        for property in &mut self.properties {
            property.dialect = dialect;
        }
        for component in &mut self.components {
            component.settle(Some(dialect));
        }
    }

    fn own_dialect(&self) -> Option<Dialect> {
        let version = self.first("VERSION")?.raw.trim();
        match (self.name.as_str(), version) {
            ("VCARD", "2.1") | ("VCALENDAR", "1.0") => Some(Dialect::Old),
            ("VCARD", "3.0" | "4.0") | ("VCALENDAR", "2.0") => Some(Dialect::New),
            _ => None,
        }
    }

    /// Without a version, a calendar is an old one if it has what only old ones have.
    fn likely_dialect(&self) -> Dialect {
        let old = |property: &Property| match property.name.as_str() {
            "AALARM" | "DALARM" | "MALARM" | "PALARM" | "DCREATED" => true,
            "RRULE" => !property.raw.contains('='),
            "VERSION" => property.raw.trim() == "1.0",
            _ => false,
        };
        let any_old = |component: &Component| component.properties.iter().any(old);
        match self.name.as_str() {
            "VCALENDAR" if !any_old(self) && !self.components.iter().any(any_old) => Dialect::New,
            _ => Dialect::Old,
        }
    }
}
