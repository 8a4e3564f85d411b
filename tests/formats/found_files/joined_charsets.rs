//! Files joined from files in different charsets, without labels: each card is read in its own charset.

use encoding_rs::{
    EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
};
use lifeboat::format::found;
use lifeboat::model::PersonName;

fn card(name: &str, charset: &'static Encoding) -> Vec<u8> {
    let text = format!("BEGIN:VCARD\r\nVERSION:2.1\r\nN:{name}\r\nTEL:0401\r\nEND:VCARD\r\n");
    let (bytes, _, lossy) = charset.encode(&text);
    assert!(!lossy, "{name}");
    bytes.into_owned()
}

fn names(file: &[u8]) -> Vec<String> {
    let found = found::read("contacts.vcf", file);
    let name = |name: &PersonName| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{};{}", part(&name.family), part(&name.given))
    };
    let contacts = found.contacts.iter();
    contacts
        .map(|found| name(&found.contact.names[0]))
        .collect()
}

#[track_caller]
fn comes_through(cards: &[(&str, &'static Encoding)]) {
    let file: Vec<u8> = cards
        .iter()
        .flat_map(|(name, charset)| card(name, charset))
        .collect();
    let wanted: Vec<&str> = cards.iter().map(|(name, _)| *name).collect();
    assert_eq!(names(&file), wanted);
}

#[test]
fn each_card_has_its_own_charset() {
    comes_through(&[
        ("Müller;Jürgen", WINDOWS_1252),
        ("Иванов;Пётр", WINDOWS_1251),
        ("Žižka;Šimon", UTF_8),
        ("Łoś;Świętosław", WINDOWS_1250),
    ]);
    comes_through(&[("Müller;Jürgen", WINDOWS_1252), ("王;小明", GBK)]);
    comes_through(&[
        ("Müller;Jürgen", WINDOWS_1252),
        ("山田;太郎", SHIFT_JIS),
        ("Çelik;Öğüt", UTF_8),
    ]);
    comes_through(&[
        ("Иванов;Пётр", WINDOWS_1251),
        ("Сидорова;Анна", WINDOWS_1251),
        ("Кузнецов;Дмитрий", WINDOWS_1251),
        ("Смирнова;Ольга", WINDOWS_1251),
        ("Müller;Jürgen", WINDOWS_1252),
        ("Ёлкин;Юрий", UTF_8),
    ]);
}

#[test]
fn a_file_in_one_charset_keeps_it_in_its_shortest_cards() {
    comes_through(&[
        ("Иванов;Пётр", WINDOWS_1251),
        ("Ли;Ян", WINDOWS_1251),
        ("Ю;Я", WINDOWS_1251),
        ("Кузнецов;Дмитрий", WINDOWS_1251),
    ]);
    comes_through(&[
        ("Łoś;Świętosław", WINDOWS_1250),
        ("Żak;Jan", WINDOWS_1250),
        ("Kowalczyk;Grażyna", WINDOWS_1250),
        ("Źródło;Żółć", WINDOWS_1250),
    ]);
    comes_through(&[
        ("山田;太郎", SHIFT_JIS),
        ("林;一", SHIFT_JIS),
        ("佐々木;花子", SHIFT_JIS),
        ("ｻﾄｳ;ﾊﾅ", SHIFT_JIS),
    ]);
    comes_through(&[("김;철수", EUC_KR), ("이;영희", EUC_KR), ("박;준", EUC_KR)]);
}

#[test]
fn a_label_counts_for_the_other_lines_of_its_card() {
    let mut file = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=SHIFT_JIS:".to_vec();
    file.extend(&*SHIFT_JIS.encode("山田;太郎").0);
    file.extend(b"\r\nORG:");
    file.extend(&*SHIFT_JIS.encode("株式会社 日本").0);
    file.extend(b"\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GBK:");
    file.extend(&*GBK.encode("王;伟").0);
    file.extend(b"\r\nORG:");
    file.extend(&*GBK.encode("中文 没有声明").0);
    file.extend(b"\r\nEND:VCARD\r\n");
    let found = found::read("contacts.vcf", &file);
    let companies: Vec<_> = found
        .contacts
        .iter()
        .map(|found| found.contact.organizations[0].company.as_deref())
        .collect();
    assert_eq!(companies, [Some("株式会社 日本"), Some("中文 没有声明")]);
}

#[test]
fn many_cards_in_turn_take_linear_time() {
    let pair = [
        card("Müller;Jürgen", WINDOWS_1252),
        card("Иванов;Пётр", WINDOWS_1251),
    ]
    .concat();
    let began = std::time::Instant::now();
    assert_eq!(names(&pair.repeat(10_000)).len(), 20_000);
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}
