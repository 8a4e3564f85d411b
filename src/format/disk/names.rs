//! Names in directories: UTF-16 long names, and short names in a code page.

/// Upper half of code page 437, the default of formatters and most phones. Code page 850 has its accented letters at
/// the same places.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
                             αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Decodes text of the code page.
pub(super) fn of_code_page(bytes: &[u8]) -> String {
    let letter = |byte: &u8| match byte {
        ..0x80 => char::from(*byte),
        high => CODE_PAGE_437
            .chars()
            .nth(usize::from(high - 0x80))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    bytes.iter().map(letter).collect()
}

/// Converts UTF-16 up to a NUL to UTF-8. An unpaired surrogate is written as three bytes, as in WTF-8, so that
/// different names stay different.
pub(super) fn of_utf16(units: &[u16]) -> Vec<u8> {
    let units = units.iter().copied().take_while(|unit| *unit != 0);
    let mut name = Vec::new();
    for letter in char::decode_utf16(units) {
        match letter {
            Ok(letter) => name.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(alone) => {
                let unit = alone.unpaired_surrogate();
                let six = |shift: u16| 0x80 | (unit >> shift & 0x3f) as u8;
                name.extend([0xe0 | (unit >> 12) as u8, six(6), six(0)]);
            }
        }
    }
    name
}

/// Splits bytes into little-endian UTF-16 units.
pub(super) fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let (pairs, _) = bytes.as_chunks();
    pairs.iter().map(|pair| u16::from_le_bytes(*pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_code_page_is_a_letter_of_its_own() {
        let all: Vec<u8> = (0..=255).collect();
        let text = of_code_page(&all);
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 256);
        assert_eq!(of_code_page(&[0x81, 0x8e, 0xe1]), "üÄß");
    }

    #[test]
    fn no_two_names_become_one() {
        assert_eq!(of_utf16(&[0x6771, 0x4eac, 0, 0x41]), "東京".as_bytes());
        assert_eq!(of_utf16(&[0xd83c, 0xdf88]), "🎈".as_bytes());
        assert_eq!(of_utf16(&[0xd83c, 0x41]), [0xed, 0xa0, 0xbc, 0x41]);
        assert_ne!(of_utf16(&[0xd83c]), of_utf16(&[0xd83d]));
    }
}
