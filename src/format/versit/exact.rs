//! What a format has no place for, in one property of a card, an event or a to-do.
//!
//! After a record is written, its text is read as any program reads it. The differences between what is seen there and
//! the record go into [`NAME`], as JSON. Each difference is tied to the value that is seen: it holds a digest of that
//! value, and says nothing once the value has been edited.
//!
//! - A field: `"display_name":[digest,exact value]`.
//! - A list: `"phones":{"seen":[[digest,changes],…],"order":[…],"more":[[index,entry],…]}`. `seen` lists entries that
//!   differ: their changed fields, or null for an entry that the record does not have. `order` is there if the file has
//!   the entries in another order. `more` lists the entries that are not seen, with their index.

use std::collections::{HashMap, HashSet, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// Name of the property.
pub(crate) const NAME: &str = "X-LIFEBOAT-DATA";

/// Maximum memory for the value of one property, in bytes, as [`cost`] estimates it.
const MAX_COST: usize = 64 << 20;

/// A field that does not count for a digest: the text of an alarm is the title of its event, and may be edited there.
const LOOSE: &str = "extended";

/// The differences of one record, by field.
pub(crate) type Data = Map<String, Value>;

/// A record whose differences can be kept.
pub(crate) trait Exact {
    /// Returns how `self` differs from `seen`, the same record as its text shows it.
    fn differences(&self, seen: &Self) -> Data;
    /// Makes `self`, as its text shows it, the record that was written. Leaves out what was edited or is damaged.
    fn restore(&mut self, data: &mut Data);
}

/// Implements [`Exact`]. Names every field, so that a new one does not compile until it is decided how it is kept. A
/// field with `by` is tied to the value of that expression instead of its own.
macro_rules! exact {
    ($record:ident {
        one { $($one:ident $(by $tie:ident)?,)* }
        list { $($list:ident,)* }
        not { $($not:ident,)* }
    }) => {
        impl $crate::format::versit::exact::Exact for $record {
            fn differences(&self, seen: &Self) -> $crate::format::versit::exact::Data {
                use $crate::format::versit::exact;
                let Self { $($one,)* $($list,)* $($not: _,)* } = self;
                let mut data = exact::Data::new();
                $(if *$one != seen.$one {
                    exact::keep(&mut data, stringify!($one), $one, &exact!(tie seen $one $($tie)?));
                })*
                $(exact::keep_list(&mut data, stringify!($list), $list, &seen.$list);)*
                data
            }

            fn restore(&mut self, data: &mut $crate::format::versit::exact::Data) {
                use $crate::format::versit::exact;
                // All ties are to what was seen, so they are made before a field changes.
                $(let $one = exact::kept(data, stringify!($one), || exact!(tie self $one $($tie)?));)*
                $(if let Some(value) = $one { self.$one = value; })*
                $(exact::restore_list(data, stringify!($list), &mut self.$list);)*
            }
        }
    };
    (tie $seen:ident $one:ident) => { exact::digest(&$seen.$one) };
    (tie $seen:ident $one:ident $tie:ident) => { exact::digest(&$tie($seen)) };
}
pub(crate) use exact;

/// Keeps a field that is seen differently. `tie`: the digest of what is seen.
pub(crate) fn keep(data: &mut Data, name: &str, exact: &impl Serialize, tie: &str) {
    data.insert(name.to_owned(), json!([tie, value(exact)]));
}

/// Takes the exact value of a field, if what is seen still has the digest that it is tied to.
pub(crate) fn kept<T: DeserializeOwned>(
    data: &mut Data,
    name: &str,
    tie: impl FnOnce() -> String,
) -> Option<T> {
    let (tied, exact): (String, T) = serde_json::from_value(data.remove(name)?).ok()?;
    (tied == tie()).then_some(exact)
}

/// The differences of a list.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct List {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seen: Vec<(String, Value)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    order: Vec<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<(usize, Value)>,
}

/// Keeps how a list differs from the one that is seen.
pub(crate) fn keep_list<T: Serialize + PartialEq>(
    data: &mut Data,
    name: &str,
    exact: &[T],
    seen: &[T],
) {
    if exact == seen {
        return;
    }
    let places = places(exact, seen);
    let mut source: Vec<Option<usize>> = vec![None; seen.len()];
    for (at, place) in places.iter().enumerate() {
        if let Some(source) = place.and_then(|place| source.get_mut(place)) {
            *source = Some(at);
        }
    }
    let mut list = List::default();
    let twin = |at: &Option<usize>| at.and_then(|at| exact.get(at));
    let differs = |(seen, at): &(&T, &Option<usize>)| twin(at) != Some(*seen);
    // An equal entry before a changed one is named too, so that the two are not taken for each other.
    let changed = seen.iter().zip(&source).filter(differs);
    let changed: HashSet<String> = changed.map(|(entry, _)| digest(entry)).collect();
    for (entry, at) in seen.iter().zip(&source).filter(|_| !changed.is_empty()) {
        let tie = digest(entry);
        if changed.contains(&tie) {
            list.seen.push((tie, changes(twin(at), entry)));
        }
    }
    let there: Vec<usize> = places.iter().flatten().copied().collect();
    if !there.is_sorted() {
        let mut sorted = there.clone();
        sorted.sort_unstable();
        let rank = |place: &usize| sorted.binary_search(place).ok();
        list.order = there.iter().filter_map(rank).collect();
    }
    let more = exact.iter().zip(&places).enumerate();
    let more = more.filter(|(_, (_, place))| place.is_none());
    list.more = more.map(|(at, (entry, _))| (at, value(entry))).collect();
    data.insert(name.to_owned(), json!(list));
}

/// For each exact entry, the index of the entry that shows it: an equal one, otherwise one that shares a value.
fn places<T: Serialize + PartialEq>(exact: &[T], seen: &[T]) -> Vec<Option<usize>> {
    let mut places: Vec<Option<usize>> = vec![None; exact.len()];
    let mut free = vec![true; seen.len()];
    let pairs = exact.iter().zip(seen).zip(places.iter_mut().zip(&mut free));
    for (at, ((exact, seen), (place, free))) in pairs.enumerate() {
        if exact == seen {
            (*place, *free) = (Some(at), false);
        }
    }
    for keys in [whole, shared] {
        let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (at, entry) in exact.iter().enumerate() {
            if places.get(at) == Some(&None) {
                for key in keys(&value(entry)) {
                    waiting.entry(key).or_default().push_back(at);
                }
            }
        }
        for (at, (entry, free)) in seen.iter().zip(&mut free).enumerate() {
            if !*free || waiting.is_empty() {
                continue;
            }
            let found = keys(&value(entry)).iter().find_map(|key| {
                let queue = waiting.get_mut(key)?;
                std::iter::from_fn(|| queue.pop_front()).find(|at| places.get(*at) == Some(&None))
            });
            if let Some(place) = found.and_then(|found| places.get_mut(found)) {
                (*place, *free) = (Some(at), false);
            }
        }
    }
    places
}

fn whole(entry: &Value) -> Vec<String> {
    vec![entry.to_string()]
}

/// The values of an entry, longest first, without what a format may change in a text.
fn shared(entry: &Value) -> Vec<String> {
    const LAST: usize = 5;
    let mut keys: Vec<(usize, String)> = Vec::new();
    let mut add = |name: &str, value: &Value| {
        if let Some(value) = filled(value.clone()) {
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let mut last: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
            let last: String = last.drain(last.len().saturating_sub(LAST)..).collect();
            keys.push((text.len(), format!("{name} {last}")));
        }
    };
    match entry {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| add(name, value)),
        Value::Array(items) => items.iter().for_each(|value| add("", value)),
        other => add("", other),
    }
    keys.sort_by(|a, b| b.cmp(a));
    keys.into_iter().map(|(_, key)| key).collect()
}

/// How an entry differs from the one that shows it; null: there is none.
fn changes<T: Serialize + PartialEq>(exact: Option<&T>, seen: &T) -> Value {
    match exact {
        None => Value::Null,
        Some(exact) if exact == seen => Value::Object(Map::new()),
        Some(exact) => match (value(exact), value(seen)) {
            (Value::Object(exact), Value::Object(seen)) => {
                let gone = seen.keys().filter(|name| !exact.contains_key(*name));
                let mut changes: Map<String, Value> =
                    gone.map(|name| (name.clone(), Value::Null)).collect();
                let other = exact
                    .into_iter()
                    .filter(|(name, v)| seen.get(name) != Some(v));
                changes.extend(other);
                Value::Object(changes)
            }
            (exact, _) => exact,
        },
    }
}

/// Makes a list, as its text shows it, the list that was written.
pub(crate) fn restore_list<T: Serialize + DeserializeOwned>(
    data: &mut Data,
    name: &str,
    seen: &mut Vec<T>,
) {
    let list = data.remove(name).map(serde_json::from_value);
    let Some(Ok(List {
        seen: ties,
        order,
        more,
    })) = list
    else {
        return;
    };
    let mut tied: HashMap<String, VecDeque<Value>> = HashMap::new();
    for (tie, changes) in ties {
        tied.entry(tie).or_default().push_back(changes);
    }
    let untied = tied.is_empty();
    let restored = |entry: T| match tied.get_mut(&digest(&entry)).and_then(VecDeque::pop_front) {
        Some(Value::Null) => None,
        Some(changes) => Some(changed(&entry, changes).unwrap_or(entry)),
        None => Some(entry),
    };
    let mut there: Vec<Option<T>> = match untied {
        true => seen.drain(..).map(Some).collect(),
        false => seen.drain(..).filter_map(restored).map(Some).collect(),
    };
    if order.len() == there.len() {
        let in_order = order.iter().filter_map(|at| there.get_mut(*at)?.take());
        let mut sorted: Vec<Option<T>> = in_order.map(Some).collect();
        sorted.append(&mut there);
        there = sorted;
    }
    let mut there = there.into_iter().flatten();
    for (at, entry) in more {
        let lacking = at.saturating_sub(seen.len());
        seen.extend(there.by_ref().take(lacking));
        seen.extend(serde_json::from_value::<T>(entry).ok());
    }
    seen.extend(there);
}

/// Returns an entry with its changed fields. None: they are damaged.
fn changed<T: Serialize + DeserializeOwned>(entry: &T, changes: Value) -> Option<T> {
    let exact = match (value(entry), changes) {
        (entry, Value::Object(changes)) if changes.is_empty() => entry,
        (Value::Object(mut fields), Value::Object(changes)) => {
            for (name, value) in changes {
                match value {
                    Value::Null => fields.remove(&name),
                    value => fields.insert(name, value),
                };
            }
            Value::Object(fields)
        }
        (_, exact) => exact,
    };
    serde_json::from_value(exact).ok()
}

/// A digest of what a value says; empty if it says nothing. Later versions add fields: an empty field does not count.
pub(crate) fn digest(value: &impl Serialize) -> String {
    let Some(filled) = filled(self::value(value)) else {
        return String::new();
    };
    let digest = Sha256::digest(filled.to_string());
    // 48 bits: nobody is kept from making two equal digests, and only the entries of one record are told apart.
    URL_SAFE_NO_PAD.encode(digest.get(..6).unwrap_or_default())
}

/// Returns a value without its empty parts. None: all of it is empty.
fn filled(value: Value) -> Option<Value> {
    match value {
        value if is_default(&value) => None,
        Value::String(text) => (!text.is_empty()).then_some(Value::String(text)),
        Value::Object(fields) => {
            let filled = fields.into_iter();
            let filled = filled.filter(|(name, _)| name != LOOSE);
            let filled = filled.filter_map(|(name, value)| Some((name, self::filled(value)?)));
            let filled: Map<String, Value> = filled.collect();
            (!filled.is_empty()).then_some(Value::Object(filled))
        }
        other => Some(other),
    }
}

/// Returns plain data, which JSON can always express, without the fields that a record has by default.
fn value(value: &impl Serialize) -> Value {
    fn lean(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let lean = fields.into_iter().map(|(name, value)| (name, lean(value)));
                Value::Object(lean.filter(|(_, value)| !is_default(value)).collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(lean).collect()),
            other => other,
        }
    }
    lean(serde_json::to_value(value).unwrap_or_default())
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Returns the differences as JSON without control characters, even those that JSON allows. None: there are none, or
/// more than [`parsed`] would read.
pub(crate) fn text(data: &Data) -> Option<String> {
    let json = Some(data).filter(|data| !data.is_empty());
    let json = json.and_then(|data| serde_json::to_string(data).ok())?;
    if cost(&json) > MAX_COST {
        return None;
    }
    if !json.chars().any(char::is_control) {
        return Some(json);
    }
    let mut text = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if c.is_control() {
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    Some(text)
}

/// Reads the value of the property. None: it is damaged or too large.
pub(crate) fn parsed(text: &str) -> Option<Data> {
    (cost(text) <= MAX_COST).then(|| serde_json::from_str(text).ok())?
}

/// Estimates the memory for JSON, in bytes: an object takes about 700, and any value about 64.
fn cost(json: &str) -> usize {
    let parts = json.bytes().map(|byte| match byte {
        b'{' => 700,
        b'[' | b',' => 64,
        _ => 1,
    });
    parts.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Phone;
    use proptest::prelude::*;

    fn phones() -> impl Strategy<Value = Vec<Phone>> {
        let phone = ("[12]?", proptest::option::of("[34]?"), any::<bool>());
        let phone = phone.prop_map(|(number, normalized, primary)| Phone {
            number,
            normalized,
            primary,
            ..Phone::default()
        });
        proptest::collection::vec(phone, 0..9)
    }

    proptest! {
        /// Whatever a reader sees, the exact list comes back, also if equal entries occur several times.
        #[test]
        fn a_list_comes_back_whatever_is_seen_of_it(exact in phones(), seen in phones()) {
            let mut data = Data::new();
            keep_list(&mut data, "phones", &exact, &seen);
            let text = text(&data);
            prop_assert_eq!(text.is_none(), exact == seen);
            let mut read = text.map_or_else(Data::new, |text| parsed(&text).expect("JSON"));
            let mut restored = seen;
            restore_list(&mut read, "phones", &mut restored);
            prop_assert_eq!(restored, exact);
        }

        #[test]
        fn nothing_in_the_property_breaks_a_list(text in "[\\[\\]{}\\\",:0-9a-z]{0,60}", seen in phones()) {
            for text in [text.clone(), format!("{{\"phones\":{{\"seen\":[{text}],\"more\":[{text}]}}}}")] {
                let mut restored = seen.clone();
                if let Some(mut data) = parsed(&text) {
                    restore_list(&mut data, "phones", &mut restored);
                }
            }
        }
    }

    #[test]
    fn a_digest_does_not_depend_on_empty_fields() {
        let phone = Phone {
            number: "1".into(),
            ..Phone::default()
        };
        assert_eq!(
            digest(&phone),
            digest(&json!({"label": "unset", "number": "1", "later": null}))
        );
        assert_eq!(digest(&""), "");
        assert_eq!(digest(&Option::<u8>::None), "");
        assert_ne!(digest(&"a"), digest(&"b"));
    }

    #[test]
    fn values_that_would_take_too_much_memory_are_refused() {
        assert!(parsed(&format!("{{\"a\":[{}0]}}", "0,".repeat(2 << 20))).is_none());
        assert!(parsed(&format!("{{\"a\":[{}0]}}", "{},".repeat(1 << 17))).is_none());
        assert!(parsed("{\"a\":[0]}").is_some());
        assert!(parsed("[0]").is_none());
    }
}
