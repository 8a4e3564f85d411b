//! Components: the lines from BEGIN to END.

use std::ops::Range;

use super::property::Property;
use super::text::Dialect;

/// A component with its properties and nested components.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// `VCARD`, `VEVENT`…, in upper case.
    pub name: String,
    pub dialect: Dialect,
    pub properties: Vec<Property>,
    pub components: Vec<Component>,
    /// Range of its bytes in the file, including the BEGIN and END lines.
    pub raw: Range<usize>,
    /// Line number of its BEGIN, from 1.
    pub line: u64,
    /// The component follows an `AGENT:` property.
    pub agent: bool,
}

impl Component {
    /// The first property with this name.
    pub fn first(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|p| p.name == name)
    }

    /// The first non-empty text of a property with this name.
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

    /// Sets the dialect of all texts. The dialect depends on the version, which is known only at the end of the
    /// component.
    pub(super) fn settle(&mut self, inherited: Option<Dialect>) {
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

    /// Guesses the dialect without a version: a calendar is old if it has properties that only old calendars have.
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
