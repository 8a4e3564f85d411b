//! Whether decoded text makes sense: text in the wrong charset mixes scripts within a word, or has signs in words.

/// Minimum number of accented Latin letters in a row that no language writes.
const ACCENTED: usize = 4;

/// What a character is in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Ascii,
    /// A Latin letter beyond ASCII.
    Accented,
    /// Greek, Cyrillic, Hebrew or Arabic.
    OtherAlphabet,
    HalfKana,
    /// Chinese characters, Japanese syllables and Korean syllables.
    EastAsian,
    /// A sign that may stand between letters, such as an apostrophe or a dash.
    Between,
    /// Any other sign beyond ASCII.
    Sign,
    /// A sign that begins no word: a fraction, a currency, a lone accent.
    NeverBefore,
    /// ASCII that is no letter, and characters whose use is unknown.
    Other,
    /// No text has this character.
    Never,
}

use Class::{
    Accented, Ascii, Between, EastAsian, HalfKana, Never, NeverBefore, Other, OtherAlphabet, Sign,
};

/// True unless the text is certainly in the wrong charset.
pub(super) fn is_likely(text: &str) -> bool {
    let (mut before, mut last) = (Other, Other);
    let mut accented = 0_usize;
    for next in text.chars().map(class).chain([Other]) {
        accented = if next == Accented { accented + 1 } else { 0 };
        let is_mixed = match (last, next) {
            (Ascii | Accented, OtherAlphabet) | (OtherAlphabet, Ascii | Accented) => true,
            (HalfKana, EastAsian) | (EastAsian, HalfKana) => true,
            (NeverBefore, next) => is_letter(next),
            _ => false,
        };
        let is_between = match last {
            Sign => is_letter(before) && is_letter(next),
            // A syllable between Latin letters.
            EastAsian => before == Ascii && next == Ascii,
            _ => false,
        };
        if is_mixed || is_between || next == Never || accented >= ACCENTED {
            return false;
        }
        (before, last) = (last, next);
    }
    true
}

fn is_letter(class: Class) -> bool {
    match class {
        Ascii | Accented | OtherAlphabet | HalfKana | EastAsian => true,
        Between | Sign | NeverBefore | Other | Never => false,
    }
}

fn class(c: char) -> Class {
    match c {
        'A'..='Z' | 'a'..='z' => Ascii,
        '\0'..='\x7F' => Other,
        '\u{80}'..='\u{9F}' | '\u{E000}'..='\u{F8FF}' | '\u{FFFD}' => Never,
        '\u{A0}' | '\u{AA}' | '\u{AD}' | '°' | '´' | '·' | 'º' => Between,
        '\u{2010}'..='\u{201B}' | '\u{2026}' => Between,
        '¡' | '¿' | '«' | '»' | '§' | '©' | '®' | 'µ' | '¶' => Sign,
        '\u{A1}'..='\u{BF}' | '×' | '÷' => NeverBefore,
        '\u{2C6}' | '\u{2DC}' | '\u{2C7}' | '\u{2D8}'..='\u{2DD}' => NeverBefore,
        '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => Accented,
        '\u{370}'..='\u{6FF}' => OtherAlphabet,
        '\u{2000}'..='\u{2FFF}' => Sign,
        '\u{FF61}'..='\u{FF9F}' => HalfKana,
        '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' => EastAsian,
        _ => Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_its_own_charset_makes_sense() {
        for text in [
            "N:Müller;Jürgen\n",
            "Łoś;Świętosław",
            "Иванов;Пётр",
            "王;小明",
            "山田;太郎 Aさん",
            "¿Qué? ¡Olé! Nº 5, 1ª planta",
            "O´Brien, L’Été, Coŀlegi – Straße § 5 20 € 30 m²",
            "Παπάς Γιάννης",
            "김;철수",
            "ｶﾅ ﾀﾛｳ",
            "Dvořáková;Eliška",
        ] {
            assert!(is_likely(text), "{text}");
        }
    }

    #[test]
    fn text_in_another_charset_makes_none() {
        for text in [
            "Jьrgen Mьller",
            "Ï¸òð Èâàíîâ",
            "Ñèäîðîâà;Àííà",
            "£oœ;Œwiêtos³aw",
            "Íõ;Ð¡Ã÷",
            "ŽR“c;‘¾˜Y",
            "J\u{FFFD}rgen",
            "J珣gen",
        ] {
            assert!(!is_likely(text), "{text}");
        }
    }
}
