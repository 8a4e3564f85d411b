//! The values in the elements of an exporter's file.

use super::elements::{NULL, Troubles};

/// The longest name of an entity, as in `&#1114111;`.
const MAX_ENTITY: usize = 10;

/// Returns the attributes of an element, after its name.
pub fn attributes<'t>(mut rest: &'t str, troubles: &mut Troubles) -> Vec<(&'t str, String)> {
    let mut all = Vec::new();
    loop {
        let Some((name, after)) = rest.split_once('=') else {
            return all;
        };
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| ['"', '\''].contains(c)) else {
            return all;
        };
        let value = after.get(1..).and_then(|after| after.split_once(quote));
        let Some((value, after)) = value else {
            return all;
        };
        rest = after;
        let name = name.split_ascii_whitespace().next_back();
        all.push((name.unwrap_or_default(), unescaped(value, troubles)));
    }
}

/// A value as the phone's table had it; `None`: there was none.
pub fn column(value: &str) -> Option<&str> {
    (value != NULL).then_some(value)
}

/// Replaces the entities of a text. Exporters write characters beyond U+FFFF as two entities, which is no XML. An `&`
/// that begins no entity stands for itself.
fn unescaped(text: &str, troubles: &mut Troubles) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        rest = after;
        let Some((entity, after)) = entity(after) else {
            plain.push('&');
            continue;
        };
        let mut code = match entity {
            Entity::Named(c) => u32::from(c),
            Entity::Number(code) => code,
        };
        rest = after;
        if let 0xD800..=0xDBFF = code {
            let low = after.strip_prefix('&').and_then(self::entity);
            if let Some((Entity::Number(low @ 0xDC00..=0xDFFF), after)) = low {
                code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                rest = after;
            }
        }
        plain.push(char::from_u32(code).unwrap_or_else(|| {
            troubles.characters += 1;
            '\u{FFFD}'
        }));
    }
    plain.push_str(rest);
    plain
}

enum Entity {
    Named(char),
    Number(u32),
}

/// Returns the entity at the beginning of a text, after its `&`, and what follows.
fn entity(text: &str) -> Option<(Entity, &str)> {
    let end = text
        .bytes()
        .take(MAX_ENTITY)
        .position(|byte| byte == b';')?;
    let (name, rest) = (text.get(..end)?, text.get(end + 1..)?);
    // Digits alone: `from_str_radix` takes a sign too.
    let number = |digits: &str, radix| {
        let is_plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = is_plain.then(|| u32::from_str_radix(digits, radix));
        number.and_then(Result::ok).map(Entity::Number)
    };
    let entity = match name {
        "amp" => Entity::Named('&'),
        "lt" => Entity::Named('<'),
        "gt" => Entity::Named('>'),
        "quot" => Entity::Named('"'),
        "apos" => Entity::Named('\''),
        name => match name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
            Some(hex) => number(hex, 16)?,
            None => number(name.strip_prefix('#')?, 10)?,
        },
    };
    Some((entity, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_of_every_kind_are_replaced() {
        for (text, plain, faults) in [
            ("a &amp; b &lt;&#9;&#x41;&#X42;", "a & b <\tAB", 0),
            ("&#55357;&#56832;&#xD83D;&#xde00;", "😀😀", 0),
            ("Tom & Jerry; and AT&T &", "Tom & Jerry; and AT&T &", 0),
            (
                "&&amp;amp;&#;&#+5;&#12345678901234;",
                "&&amp;&#;&#+5;&#12345678901234;",
                0,
            ),
            ("a&#55357;b&#56832;c", "a\u{FFFD}b\u{FFFD}c", 2),
            ("&#55357;&#55357;&#56832;", "\u{FFFD}😀", 1),
            ("&ä;&nbsp;", "&ä;&nbsp;", 0),
        ] {
            let mut troubles = Troubles::default();
            assert_eq!(unescaped(text, &mut troubles), plain);
            assert_eq!(troubles.characters, faults, "{text}");
        }
    }

    #[test]
    fn attributes_are_told_apart() {
        let mut troubles = Troubles::default();
        let all = attributes(" bare a = \"1\" b='\"=>' c=x d=\"2\"", &mut troubles);
        assert_eq!(all, [("a", "1".to_owned()), ("b", "\"=>".to_owned())]);
    }
}
