//! Tables of contacts as programs and people write them.

use std::io::Cursor;

use lifeboat::format::Losses;
use lifeboat::format::contact_csv::{GoogleCsv, OutlookCsv};
use lifeboat::format::found::{self, Found, Kind};
use lifeboat::format::versit::Fault;
use lifeboat::model::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn read(file: impl AsRef<[u8]>) -> Found {
    found::read("list.csv", file.as_ref())
}

/// The contacts of a table in which the reader reports no faults.
#[track_caller]
fn contacts(file: impl AsRef<[u8]>) -> Vec<Contact> {
    let found = read(file);
    assert_eq!(found.unreadable.list, []);
    assert_eq!(found.kind, Kind::ContactTable);
    found
        .contacts
        .into_iter()
        .map(|found| found.contact)
        .collect()
}

#[track_caller]
fn contact(file: impl AsRef<[u8]>) -> Contact {
    let mut all = contacts(file);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn numbers(contact: &Contact) -> Vec<(Label, &str)> {
    let phones = contact.phones.iter();
    phones
        .map(|phone| (phone.label.clone(), phone.number.as_str()))
        .collect()
}

fn addresses(contact: &Contact) -> Vec<&str> {
    contact
        .emails
        .iter()
        .map(|email| email.address.as_str())
        .collect()
}

fn dates(contact: &Contact) -> Vec<&str> {
    contact
        .dates
        .iter()
        .map(|date| date.date.as_str())
        .collect()
}

fn given(contact: &Contact) -> &str {
    contact.names[0].given.as_deref().unwrap_or_default()
}

fn family(contact: &Contact) -> &str {
    contact.names[0].family.as_deref().unwrap_or_default()
}

#[test]
fn no_cell_overwrites_another() {
    let google = contact(
        "Name,Given Name,Family Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value,Address 1 - Type,\
         Address 1 - Street,Address 1 - City,Address 2 - Type,Address 2 - Street,Address 2 - City,Organization 1 - Name,\
         Organization 1 - Title,Organization 2 - Name,Organization 2 - Title\n\
         Nora Beck,Nora,Beck,Mobile,1701,Mobile,1702,Home,Alte Gasse 1,Ulm,Home,Neuer Weg 2,Bonn,Muehle KG,Cook,Werft AG,Welder\n",
    );
    let places: Vec<(Option<&str>, Option<&str>)> = google
        .addresses
        .iter()
        .map(|a| (a.street.as_deref(), a.city.as_deref()))
        .collect();
    assert_eq!(
        places,
        [
            (Some("Alte Gasse 1"), Some("Ulm")),
            (Some("Neuer Weg 2"), Some("Bonn"))
        ]
    );
    assert!(google.addresses.iter().all(|a| a.label == Label::Home));
    let work: Vec<(Option<&str>, Option<&str>)> = google
        .organizations
        .iter()
        .map(|o| (o.company.as_deref(), o.title.as_deref()))
        .collect();
    assert_eq!(
        work,
        [
            (Some("Muehle KG"), Some("Cook")),
            (Some("Werft AG"), Some("Welder"))
        ]
    );
    assert_eq!(
        numbers(&google),
        [(Label::Mobile, "1701"), (Label::Mobile, "1702")]
    );
    // Each heading appears twice, as in tables from Samsung's programs.
    let twice = contact(
        "Name,Mobile,Mobile,E-mail,E-mail,Company,Company,Birthday,Birthday,Street,City,Street,City\n\
         Nora,1701,1702,a@x.org,b@x.org,A,B,1985-04-12,1985-04-13,S 1,Ulm,S 2,Bonn\n",
    );
    assert_eq!(
        numbers(&twice),
        [(Label::Mobile, "1701"), (Label::Mobile, "1702")]
    );
    assert_eq!(addresses(&twice), ["a@x.org", "b@x.org"]);
    assert_eq!((twice.organizations.len(), twice.addresses.len()), (2, 2));
    assert_eq!(dates(&twice), ["1985-04-12", "1985-04-13"]);
    let names =
        contact("Name,Display Name,File As,Phone\nNora Beck,Nora Beck,\"Beck, Nora\",12345\n");
    assert_eq!(names.display_name, "Nora Beck");
    assert_eq!(names.notes, ["File As: Beck, Nora"]);
}

#[test]
fn several_values_stand_in_one_cell_of_any_column() {
    let google = contact(
        "First Name,Last Name,Nickname,Organization Name,Organization Title,Labels,E-mail 1 - Label,E-mail 1 - Value,\
         Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - Street,Address 1 - City,Website 1 - Label,\
         Website 1 - Value,Relation 1 - Label,Relation 1 - Value,Event 1 - Label,Event 1 - Value,Custom Field 1 - Label,\
         Custom Field 1 - Value\n\
         Nora,Beck,Nori ::: No,A ::: B,x ::: y,* myContacts ::: Friends ::: * starred,* Work,a@x.org ::: b@x.org,\
         Mobile ::: Home,171 ::: 172,Home ::: Work,G 1 ::: W 1,Ulm ::: Bonn,Blog,http://a ::: http://b,Spouse ::: Boss,\
         Ben ::: Eva,Anniversary,2010-05-01 ::: 2011-05-01,Shoe size,43 ::: 44\n",
    );
    assert_eq!(google.nicknames.len(), 2);
    assert_eq!(google.organizations[1].title.as_deref(), Some("y"));
    assert_eq!(
        (google.groups.as_slice(), google.starred),
        (&["Friends".to_owned()][..], true)
    );
    assert_eq!(addresses(&google), ["a@x.org", "b@x.org"]);
    assert!(google.emails[0].primary && google.emails[0].label == Label::Work);
    assert_eq!(
        numbers(&google),
        [(Label::Mobile, "171"), (Label::Home, "172")]
    );
    assert_eq!(google.addresses[1].city.as_deref(), Some("Bonn"));
    assert_eq!(google.addresses[1].label, Label::Work);
    assert_eq!(google.websites.len(), 2);
    let people: Vec<(&str, &str, bool)> = google
        .relations
        .iter()
        .map(|r| (r.kind.as_str(), r.name.as_str(), r.custom))
        .collect();
    assert_eq!(people, [("spouse", "Ben", false), ("Boss", "Eva", true)]);
    assert_eq!(dates(&google), ["2010-05-01", "2011-05-01"]);
    assert_eq!(google.notes, ["Shoe size: 43\nShoe size: 44"]);
}

#[test]
fn thunderbird_s_table_is_read_whole() {
    let header = "First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Work Phone,\
                  Home Phone,Fax Number,Pager Number,Mobile Number,Home Address,Home Address 2,Home City,Home State,\
                  Home ZipCode,Home Country,Work Address,Work Address 2,Work City,Work State,Work ZipCode,Work Country,\
                  Job Title,Department,Organization,Web Page 1,Web Page 2,Birth Year,Birth Month,Birth Day,Custom 1,\
                  Custom 2,Custom 3,Custom 4,Notes,\n";
    let nora = contact(format!(
        "{header}Nora,Beck,Nora Beck,Nori,n@x.org,m@x.org,,301,302,303,,170,Gasse 1,Hof,Ulm,BW,89073,Germany,,,,,,,Welder,\
         Hull,Werft AG,https://w.org,,1985,4,12,red,,,,likes tea,\n"
    ));
    assert_eq!(addresses(&nora), ["n@x.org", "m@x.org"]);
    assert_eq!(
        numbers(&nora),
        [
            (Label::Work, "301"),
            (Label::Home, "302"),
            (Label::OtherFax, "303"),
            (Label::Mobile, "170")
        ]
    );
    let home = &nora.addresses[0];
    assert_eq!(
        (home.street.as_deref(), home.postcode.as_deref()),
        (Some("Gasse 1\nHof"), Some("89073"))
    );
    assert_eq!((dates(&nora), nora.websites.len()), (vec!["1985-04-12"], 1));
    assert_eq!(nora.notes, ["likes tea", "Custom 1: red"]);
    // A year without a day, and a day without a year.
    let parts = contacts(format!(
        "{header}A,,,,,,,,,,,1234,,,,,,,,,,,,,,,,,,1985,,,,,,,,\nB,,,,,,,,,,,1234,,,,,,,,,,,,,,,,,,,4,12,,,,,,\n"
    ));
    assert_eq!(parts[0].notes, ["Birth Year: 1985"]);
    assert_eq!(dates(&parts[1]), ["--04-12"]);
}

#[test]
fn lists_in_other_languages_are_read() {
    let german = "\"Anrede\",\"Vorname\",\"Weitere Vornamen\",\"Nachname\",\"Firma\",\"Position\",\"Telefon geschäftlich\",\
                  \"Telefon privat\",\"Mobiltelefon\",\"Geburtstag\",\"E-Mail-Adresse\",\"E-Mail 2: Adresse\",\"Notizen\",\
                  \"Lieblingsfarbe\"\r\n\"\",\"Nora\",\"\",\"Beck\",\"Werft AG\",\"Schweißerin\",\"301\",\"302\",\"170\",\
                  \"12.04.1985\",\"n@x.org\",\"m@x.org\",\"\",\"blau\"\r\n";
    for file in [
        german.as_bytes().to_vec(),
        format!("\u{FEFF}{german}").into_bytes(),
        encoding_rs::WINDOWS_1252.encode(german).0.into_owned(),
        utf16(german),
    ] {
        let nora = contact(file);
        assert_eq!((given(&nora), family(&nora)), ("Nora", "Beck"));
        assert_eq!(
            numbers(&nora),
            [
                (Label::Work, "301"),
                (Label::Home, "302"),
                (Label::Mobile, "170")
            ]
        );
        assert_eq!(
            (dates(&nora), addresses(&nora)),
            (vec!["1985-04-12"], vec!["n@x.org", "m@x.org"])
        );
        assert_eq!(nora.organizations[0].title.as_deref(), Some("Schweißerin"));
        assert_eq!(nora.notes, ["Lieblingsfarbe: blau"]);
    }
    let french = contact(
        "Titre;Prénom;Nom;Société;Titre;Téléphone (bureau);Tél. mobile;Adresse de messagerie\nMme;Nora;Beck;Werft;Soudeuse;301;170;n@x.org\n",
    );
    assert_eq!(french.names[0].prefix.as_deref(), Some("Mme"));
    assert_eq!(french.organizations[0].title.as_deref(), Some("Soudeuse"));
    let russian = contact("Имя;Фамилия;Рабочий телефон;Заметки\nЖанна;Орлова;+7999;друг\n");
    assert_eq!(
        (family(&russian), russian.phones[0].label.clone()),
        ("Орлова", Label::Work)
    );
    let japanese = contact("姓,名,携帯電話,会社名\n青木,ソ子,0901,造船\n");
    assert_eq!(
        (family(&japanese), japanese.phones[0].label.clone()),
        ("青木", Label::Mobile)
    );
    let hungarian =
        contact("Név;Telefonszám;E-mail cím;Születésnap\nBeck Nóra;+361;n@x.hu;1985. 04. 12.\n");
    assert_eq!(
        (hungarian.display_name.as_str(), dates(&hungarian)),
        ("Beck Nóra", vec!["1985-04-12"])
    );
    // A hand-made list in which "Name" is the family name.
    let hand = contact(
        "Name;Vorname;Straße;PLZ;Ort;Telefon;Handy\nBeck;Nora;Gasse 1;89073;Ulm;0731;0170\n",
    );
    assert_eq!((given(&hand), family(&hand)), ("Nora", "Beck"));
    assert_eq!(hand.addresses[0].city.as_deref(), Some("Ulm"));
    assert_eq!(
        numbers(&hand),
        [(Label::Unset, "0731"), (Label::Mobile, "0170")]
    );
}

fn utf16(text: &str) -> Vec<u8> {
    let mark = [0xFF, 0xFE];
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    mark.into_iter().chain(units).collect()
}

#[test]
fn yahoo_nokia_and_outlook_are_read() {
    let yahoo = contact(
        "\"First\",\"Middle\",\"Last\",\"Nickname\",\"Email\",\"Category\",\"Distribution Lists\",\"Messenger ID\",\"Home\",\
         \"Work\",\"Pager\",\"Fax\",\"Mobile\",\"Other\",\"Yahoo Phone\",\"Primary\",\"Alternate Email 1\",\"Title\",\"Company\"\n\
         \"Nora\",\"\",\"Beck\",\"\",\"n@x.org\",\"\",\"\",\"nori\",\"302\",\"301\",\"\",\"303\",\"170\",\"304\",\"305\",\"\",\
         \"m@x.org\",\"Welder\",\"Werft\"\n",
    );
    let labels: Vec<Label> = yahoo
        .phones
        .iter()
        .map(|phone| phone.label.clone())
        .collect();
    assert_eq!(
        labels,
        [
            Label::Home,
            Label::Work,
            Label::OtherFax,
            Label::Mobile,
            Label::Other,
            Label::Unset
        ]
    );
    assert_eq!(yahoo.messengers[0].service, MessengerService::Yahoo);
    assert_eq!(yahoo.organizations[0].title.as_deref(), Some("Welder"));
    let nokia = contact(utf16(
        "\"Title\",\"First name\",\"Last name\",\"Job title\",\"Company\",\"Notes\",\"General mobile\",\"General phone\",\
         \"General e-mail\",\"General street\",\"General city\",\"Home mobile\",\"Home phone\",\"Home city\",\
         \"Business mobile\",\"Business phone\",\"Business fax\",\"\"\r\n\
         \"Dr\",\"Nora\",\"Beck\",\"Welder\",\"Werft\",\"tea\",\"171\",\"311\",\"g@x.org\",\"Gasse 1\",\"Ulm\",\"172\",\"312\",\
         \"Hof\",\"173\",\"313\",\"314\",\"\"\r\n",
    ));
    assert_eq!(nokia.names[0].prefix.as_deref(), Some("Dr"));
    assert_eq!(
        numbers(&nokia),
        [
            (Label::Mobile, "171"),
            (Label::Unset, "311"),
            (Label::Mobile, "172"),
            (Label::Home, "312"),
            (Label::WorkMobile, "173"),
            (Label::Work, "313"),
            (Label::WorkFax, "314"),
        ]
    );
    assert_eq!(nokia.addresses.len(), 2);
    let outlook = contact(
        "Title,First Name,Last Name,Company,Job Title,Business Street,Business Street 2,Business City,Home City,Birthday,\
         Anniversary,E-mail Address,E-mail Type,E-mail Display Name,Gender,Initials,Priority,Private,Sensitivity,Hobby\n\
         ,Nora,Beck,Werft,Welder,Line 1,Line 2,Bonn,Ulm,0/0/00,1/1/4501,n@x.org,SMTP,Nora (n@x.org),Unspecified,N.B.,Normal,\
         False,Normal,chess\n",
    );
    assert_eq!(
        outlook.addresses[0].street.as_deref(),
        Some("Line 1\nLine 2")
    );
    assert_eq!(outlook.addresses.len(), 2);
    assert!(outlook.dates.is_empty());
    assert_eq!(
        outlook.emails[0].display_name.as_deref(),
        Some("Nora (n@x.org)")
    );
    // A program's default values say nothing about a person, but they are kept.
    assert_eq!(outlook.notes, ["Hobby: chess"]);
    assert_eq!(outlook.unmapped.len(), 5);
}

#[test]
fn any_delimiter_and_a_line_that_names_it() {
    for (first, delimiter) in [
        ("", ','),
        ("", ';'),
        ("", '\t'),
        ("", '|'),
        ("sep=;\r\n", ';'),
        ("\"sep=|\"\r\n", '|'),
    ] {
        let table =
            "First Name,Last Name,Mobile Phone,Notes\r\nNora,Beck,1701,\"a, b; c\r\nd\"\r\n";
        let (head, note) = table.split_once('"').unwrap();
        let file = format!(
            "{first}{}\"{note}",
            head.replace(',', &delimiter.to_string())
        );
        let nora = contact(&file);
        assert_eq!(nora.notes, ["a, b; c\r\nd"], "{file}");
        assert_eq!(family(&nora), "Beck");
    }
}

#[test]
fn a_column_with_an_unknown_heading_is_known_by_its_cells() {
    let read = contact(
        "First Name,Last Name,Zweitnummer,Handy der Oma,Postfach 7,Punkte\r\n\
         Nora,Berg,+49 170 1234567,0170 7654321,nora@example.org,12\r\n",
    );
    let custom = |word: &str| Label::Custom(word.to_owned());
    assert_eq!(
        numbers(&read),
        [
            (custom("Zweitnummer"), "+49 170 1234567"),
            (Label::Mobile, "0170 7654321")
        ]
    );
    assert_eq!(addresses(&read), ["nora@example.org"]);
    assert_eq!(read.notes, ["Punkte: 12"]);
    // A list whose numbers have an unknown heading.
    for file in [
        "Nom;Numéro\r\nJean;+33 6 12 34 56 78\r\nZoé;+33 6 12 34 56 79\r\n",
        "이름,전화번호\r\n김철수,010-1234-5678\r\n",
    ] {
        assert!(!contacts(file)[0].phones.is_empty(), "{file}");
    }
    // Numbers of something else stay in the note.
    let other = contact("First Name,Last Name,Mobile Phone,Member\r\nNora,Berg,1,0012345678\r\n");
    assert_eq!((other.phones.len(), other.notes.len()), (1, 1));
}

#[test]
fn one_bad_byte_damages_one_cell() {
    let file = [
        "Name,Mobile Phone,Notes\r\nZoë Müller,+316,naïve\r\nЖанна Орлова,+799,друг\r\n".as_bytes(),
        b"Jos\xE9 Cort\xC3,+346,\r\n",
    ]
    .concat();
    let found = read(file);
    let names: Vec<&str> = found
        .contacts
        .iter()
        .map(|c| c.contact.display_name.as_str())
        .collect();
    assert_eq!(names, ["Zoë Müller", "Жанна Орлова", "José Cort\u{FFFD}"]);
    let fault = &found.unreadable.list[0];
    assert_eq!(
        (found.unreadable.list.len(), fault.fault, fault.line),
        (1, Fault::Charset, 4)
    );
    // Two files with different charsets, joined.
    let legacy = encoding_rs::WINDOWS_1252
        .encode("Jörg Groß,171,\r\nRené,172,\r\n")
        .0
        .into_owned();
    let joined = [
        b"Name,Mobile Phone,Notes\r\nZo\xC3\xAB,170,\r\n",
        legacy.as_slice(),
    ]
    .concat();
    let found = read(joined);
    let names: Vec<&str> = found
        .contacts
        .iter()
        .map(|c| c.contact.display_name.as_str())
        .collect();
    assert_eq!(names, ["Zoë", "Jörg Groß", "René"]);
    // A single charset in the whole file is not damage.
    for charset in [
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_JP,
        encoding_rs::ISO_2022_JP,
    ] {
        let text = "姓,名,携帯電話,メモ\r\n青木,ソ子,0901,天野喜孝は日本の画家である\r\n表,能,0902,電話をかけてください\r\n";
        let all = contacts(charset.encode(text).0);
        assert_eq!(
            (family(&all[0]), given(&all[0]), family(&all[1])),
            ("青木", "ソ子", "表")
        );
    }
}

#[test]
fn a_day_is_never_another() {
    let table = |rows: &[&str]| {
        let rows: String = rows
            .iter()
            .map(|day| format!("Nora,1701,{day}\n"))
            .collect();
        let all = contacts(format!("Name,Phone,Birthday\n{rows}"));
        let texts = all
            .iter()
            .map(|c| dates(c).first().copied().unwrap_or("-").to_owned());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(table(&["4/12/1985"]), ["4/12/1985"]);
    assert_eq!(
        table(&["4/12/1985", "25/12/1990"]),
        ["1985-12-04", "1990-12-25"]
    );
    assert_eq!(
        table(&["4/12/1985", "12/25/1990"]),
        ["1985-04-12", "1990-12-25"]
    );
    assert_eq!(
        table(&["4/12/1985", "12/25/1990", "25/12/1990"])[0],
        "4/12/1985"
    );
    assert_eq!(
        table(&["12.04.1985", "12.04.85", "31.02.1985"]),
        ["1985-04-12", "12.04.85", "31.02.1985"]
    );
    assert_eq!(
        table(&["0.0.00", "00.00.0000", "0/0/00", "0000-00-00"]),
        ["-", "-", "-", "-"]
    );
}

#[test]
fn damage_by_spreadsheets_is_reported() {
    let found = read(
        "First Name,Mobile Phone,Home Phone\nNora,4.91700E+11,=\"0301\"\nBen,'+49 170 1,#NAME?\nZoe,491701234567.0,-9999999908\n",
    );
    let of = |at: usize| &found.contacts[at].contact;
    assert_eq!(numbers(of(0)), [(Label::Home, "0301")]);
    assert_eq!(of(0).notes, ["Mobile Phone: 4.91700E+11"]);
    assert_eq!(numbers(of(1)), [(Label::Mobile, "+49 170 1")]);
    assert_eq!(numbers(of(2)), [(Label::Mobile, "491701234567")]);
    let faults: Vec<(u64, Fault)> = found
        .unreadable
        .list
        .iter()
        .map(|u| (u.line, u.fault))
        .collect();
    assert_eq!(
        faults,
        [(2, Fault::Number), (3, Fault::Number), (4, Fault::Number)]
    );
    // Text in a number column that is not a number is not read as one.
    let none = contact("Name,Mobile Phone,E-mail\nNora,none yet,n@x.org\n");
    assert_eq!(
        (none.phones.len(), none.notes.as_slice()),
        (0, &["Mobile Phone: none yet".to_owned()][..])
    );
}

#[test]
fn what_goes_wrong_with_quotes_and_rows_is_said() {
    let found = read("Name,Phone,Notes\nNora,1701,\"The Boss\nBen,1702,x\nZoe,1703,\"a, b\"\n");
    assert_eq!(found.contacts.len(), 3);
    assert_eq!(found.unreadable.list[0].fault, Fault::Quote);
    let found = read("Name,Phone,Notes\nNora,1701,\"likes tea\nand ca");
    assert_eq!(found.contacts[0].contact.notes, ["likes tea\nand ca"]);
    assert_eq!(found.unreadable.list[0].fault, Fault::NoEnd);
    let found = read("Name,Phone\nNora,1701,extra\nBen,1702\n");
    assert_eq!(found.contacts[0].contact.notes, ["Column 3: extra"]);
    assert_eq!(
        (found.contacts.len(), found.unreadable.list[0].fault),
        (2, Fault::Cells)
    );
}

#[test]
fn the_headings_may_stand_lower_and_again() {
    let linkedin = contact(
        "Notes:\n\"When exporting your data, you may notice that some of the addresses are missing.\"\n\n\
         First Name,Last Name,URL,Email Address,Company,Position,Connected On\nNora,Beck,https://l.org/n,n@x.org,Werft,Welder,12 Apr 2020\n",
    );
    assert_eq!(linkedin.notes, ["Connected On: 12 Apr 2020"]);
    let joined = contacts(
        "Name,Mobile Phone\nNora,1701\nFirst Name,Last Name,E-mail Address\nBen,Roy,b@x.org\nName,Mobile Phone\nZoe,1702\n",
    );
    assert_eq!(joined.len(), 3);
    assert_eq!(
        (family(&joined[1]), addresses(&joined[1])),
        ("Roy", vec!["b@x.org"])
    );
    assert_eq!(numbers(&joined[2]), [(Label::Mobile, "1702")]);
    // A contact above the headings is reported.
    let found = read("Nora,+49 170 1234567\nName,Mobile Phone\nBen,1702\n");
    assert_eq!(
        (found.contacts.len(), found.unreadable.list[0].fault),
        (1, Fault::Outside)
    );
}

#[test]
fn a_list_that_is_not_understood_is_named_and_another_table_is_no_loss() {
    for unclear in [
        "Nora Beck,+49 170 0000044,nora@example.org\nBen,0170 1234567,ben@example.org\n",
        "qwe;rty\nNora Beck;+255 712 345678\n",
        "Vorname;Nachname\nNora;Beck\n",
    ] {
        let found = read(unclear);
        assert_eq!(
            (found.kind, found.records()),
            (Kind::ContactTable, 0),
            "{unclear}"
        );
        let faults: Vec<Fault> = found.unreadable.list.iter().map(|u| u.fault).collect();
        assert_eq!(faults, [Fault::Columns], "{unclear}");
    }
    for other in [
        "Date,Amount\n2009-10-12,5\n",
        "Buchungstag;Betrag;Name;IBAN\n12.10.2009;-5,00;Nora;DE12\n",
        "Name,Number,Date,Duration,Type\nNora,+49170123456,2009-10-12 10:00,60,in\n",
        "name,url,username,password\nx,http://x.org,nora,secret\n",
        "2009-10-12 10:00:00;INFO;started\n2009-10-12 10:00:01;INFO;stopped\n",
        "Name,Number\nApple,5\nPear,6\n",
        "Subject,Start Date,Start Time\nServers down,10/3/2009,9:00\n",
        "x\n",
    ] {
        let found = read(other);
        assert_eq!(
            (found.kind, found.records()),
            (Kind::OtherTable, 0),
            "{other}"
        );
        assert_eq!(found.unreadable.list, [], "{other}");
    }
    // Nothing is reported about a text that is not a table.
    assert_eq!(
        found::read("notes.txt", b"Dear diary, today\n").kind,
        Kind::Unknown
    );
}

#[test]
fn a_card_in_a_note_is_a_note_and_a_card_in_a_table_s_name_a_card() {
    let nora = contact("Name,Phone,Notes\nNora,1701,\"BEGIN:VCARD\nFN:x\nEND:VCARD\"\n");
    assert_eq!(nora.display_name, "Nora");
    let card = read("BEGIN:VCARD\nVERSION:3.0\nFN:Nora Beck\nTEL:1\nEND:VCARD\n");
    assert_eq!((card.kind, card.contacts.len()), (Kind::VCard, 1));
}

// Lifeboat's own tables are read back as the same contacts.

fn google(contact: &Contact) -> Vec<u8> {
    let mut table = GoogleCsv::new(Cursor::new(Vec::new()));
    table
        .push(contact, &mut Losses::default())
        .expect("in memory");
    let mut out = csv::Writer::from_writer(Vec::new());
    table
        .finish(|row| out.write_byte_record(row))
        .expect("in memory");
    out.into_inner().expect("in memory")
}

fn outlook(contact: &Contact) -> Vec<u8> {
    let mut table = OutlookCsv::new(Vec::new()).expect("in memory");
    table
        .push(contact, &mut Losses::default())
        .expect("in memory");
    table.finish().expect("in memory")
}

/// The contact of a table with one row, without the source that the reader added.
fn read_back(file: &[u8]) -> Contact {
    let mut contact = contact(file);
    contact.sources.clear();
    contact.uid.clear();
    contact
}

/// A text that people write, and that a spreadsheet would run as a formula.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Zäéß][a-zA-Z äéß;,.\"'|=-]{0,20}[a-z]",
        1 => "[=@'-]{1,3}[a-z(]{1,9}",
        1 => "[\\p{Han}\\p{Cyrillic}]{1,12}",
        1 => "[a-z]{1,9}\n[a-z]{1,9}",
    ]
    .prop_filter("a heading", |text| text.trim() == text)
}

fn label() -> impl Strategy<Value = Label> {
    use Label::*;
    prop_oneof![
        4 => select(vec![Unset, Home, Work, Other, Mobile, WorkFax, HomeFax, OtherFax, Pager, Callback, Car, CompanyMain,
            Isdn, Main, Radio, Telex, TtyTdd, WorkMobile, WorkPager, Assistant, Mms]),
        1 => "[a-z]{3,9}x".prop_map(Custom),
        1 => (100u32..999).prop_map(|number| Unknown(number.to_string())),
    ]
}

fn day() -> impl Strategy<Value = String> {
    (option::of(1900..2030u32), 1..13u32, 1..29u32).prop_map(|(year, month, day)| match year {
        Some(year) => format!("{year:04}-{month:02}-{day:02}"),
        None => format!("--{month:02}-{day:02}"),
    })
}

prop_compose! {
    fn name()(given in word(), family in word(), middle in option::of(word()), prefix in option::of(word()),
        suffix in option::of(word()), spoken in option::of(word())) -> PersonName {
        PersonName {
            given: Some(given), family: Some(family), middle, prefix, suffix, phonetic_given: spoken,
            ..PersonName::default()
        }
    }
}

prop_compose! {
    fn address()(street in word(), city in option::of(word()), postcode in option::of("[0-9]{5}"),
        country in option::of(word()), po_box in option::of("[0-9]{1,5}"), label in label()) -> PostalAddress {
        PostalAddress { street: Some(street), city, postcode, country, po_box, label, ..PostalAddress::default() }
    }
}

prop_compose! {
    fn for_google()(
        name in name(), shown in option::of(word()),
        phones in vec(("[+0-9][0-9 ]{3,9}[0-9]", label(), any::<bool>()), 0..5),
        emails in vec(("[a-z]{1,9}@[a-z]{1,9}\\.org", label(), any::<bool>()), 0..4),
        addresses in vec(address(), 0..4),
        company in option::of((word(), option::of(word()), option::of(word()))), second in option::of(word()),
        nicknames in vec(word(), 0..3), note in option::of(word()),
        websites in vec(("[a-z]{1,9}\\.org", label()), 0..3),
        relations in vec((word(), select(Relation::KINDS.to_vec())), 0..3),
        birthday in option::of(day()), anniversary in option::of((1990..2020u32).prop_map(|y| format!("{y}-05-01"))),
        groups in vec("[A-Za-z][a-z;, ]{0,9}[a-z]", 0..3), starred: bool,
        handle in option::of(("[a-z]{1,9}", select(vec![MessengerService::Skype, MessengerService::Icq]))),
    ) -> Contact {
        let mut contact = Contact { names: vec![name], starred, ..Contact::default() };
        if let Some(shown) = shown {
            contact.names[0].display = Some(shown.clone());
            contact.display_name = shown;
        }
        contact.phones = phones.into_iter()
            .map(|(number, label, primary)| Phone { number, label, primary, ..Phone::default() }).collect();
        contact.emails = emails.into_iter()
            .map(|(address, label, primary)| Email { address, label, primary, ..Email::default() }).collect();
        contact.addresses = addresses;
        contact.organizations.extend(company.map(|(company, title, job_description)| Organization {
            company: Some(company), title, job_description, ..Organization::default()
        }));
        contact.organizations.extend(second.filter(|_| !contact.organizations.is_empty()).map(|company| Organization {
            company: Some(company), ..Organization::default()
        }));
        contact.nicknames = nicknames.into_iter().map(|name| Nickname { name, label: Label::Unset }).collect();
        contact.notes = note.into_iter().collect();
        contact.websites = websites.into_iter().map(|(url, label)| Website { url, label }).collect();
        contact.relations = relations.into_iter()
            .map(|(name, kind)| Relation { name, kind: kind.to_owned(), custom: false }).collect();
        contact.dates.extend(birthday.map(|date| ContactDate { date, kind: DateKind::Birthday }));
        contact.dates.extend(anniversary.map(|date| ContactDate { date, kind: DateKind::Anniversary }));
        contact.groups = groups;
        contact.groups.sort();
        contact.groups.dedup();
        contact.messengers = handle.into_iter()
            .map(|(handle, service)| InstantMessenger { handle, service, label: Label::Unset }).collect();
        contact
    }
}

prop_compose! {
    fn for_outlook()(
        name in name(),
        labels in subsequence(vec![Label::Home, Label::Work, Label::Mobile, Label::HomeFax, Label::WorkFax,
            Label::OtherFax, Label::Pager, Label::Car, Label::CompanyMain, Label::Isdn, Label::Main, Label::Radio,
            Label::Telex, Label::TtyTdd, Label::Assistant, Label::Callback, Label::Other], 0..17),
        number in "[+0-9][0-9 ]{3,9}[0-9]",
        emails in vec(("[a-z]{1,9}@[a-z]{1,9}\\.org", option::of(word())), 0..4),
        places in subsequence(vec![Label::Home, Label::Work, Label::Other], 0..4), address in address(),
        company in option::of((word(), option::of(word()), option::of(word()), option::of(word()))),
        nickname in option::of(word()), note in option::of(word()), website in option::of("[a-z]{1,9}\\.org"),
        kinds in subsequence(vec!["spouse", "child", "manager", "assistant"], 0..5), person in word(),
        birthday in option::of((1900..2030u32).prop_map(|y| format!("{y}-04-12"))),
        groups in vec("[A-Za-z][a-z ]{0,9}[a-z]", 0..3),
    ) -> Contact {
        let mut contact = Contact { names: vec![name], ..Contact::default() };
        contact.phones = labels.into_iter()
            .map(|label| Phone { number: number.clone(), label, ..Phone::default() }).collect();
        contact.emails = emails.into_iter()
            .map(|(address, display_name)| Email { address, display_name, ..Email::default() }).take(3).collect();
        contact.addresses = places.into_iter().map(|label| PostalAddress { label, ..address.clone() }).collect();
        contact.organizations.extend(company.map(|(company, title, department, office_location)| Organization {
            company: Some(company), title, department, office_location, ..Organization::default()
        }));
        contact.nicknames = nickname.into_iter().map(|name| Nickname { name, label: Label::Unset }).collect();
        contact.notes = note.into_iter().collect();
        contact.websites = website.into_iter().map(|url| Website { url, label: Label::Home }).collect();
        contact.relations = kinds.into_iter()
            .map(|kind| Relation { name: person.clone(), kind: kind.to_owned(), custom: false }).collect();
        contact.dates.extend(birthday.map(|date| ContactDate { date, kind: DateKind::Birthday }));
        contact.groups = groups;
        contact.groups.sort();
        contact.groups.dedup();
        contact
    }
}

/// Sorts the lists that Outlook's table orders in its own way.
fn ordered(mut contact: Contact) -> Contact {
    contact.phones.sort_by_key(|phone| phone.label.clone());
    contact
        .addresses
        .sort_by_key(|address| address.label.clone());
    contact
        .relations
        .sort_by_key(|relation| relation.kind.clone());
    contact
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn google_s_table_is_read_back(wanted in for_google()) {
        let file = google(&wanted);
        let read = read_back(&file);
        prop_assert_eq!(read, wanted, "{}", String::from_utf8_lossy(&file));
    }

    #[test]
    fn outlook_s_table_is_read_back(wanted in for_outlook()) {
        let file = outlook(&wanted);
        let read = read_back(&file);
        prop_assert_eq!(ordered(read), ordered(wanted), "{}", String::from_utf8_lossy(&file));
    }

    /// Whatever the first rows contain, no cell of a list with two known columns is lost.
    #[test]
    fn every_cell_is_somewhere(cells in vec("[a-z]{5,9}[0-9]{2}", 1..40), headings in vec("X[a-z]{1,12}", 1..40)) {
        let header: String = headings.iter().map(|heading| format!(",{heading}")).collect();
        let row: String = cells.iter().map(|cell| format!(",{cell}")).collect();
        let found = read(format!("First Name,Mobile Phone{header}\nNora,1701{row}\n"));
        prop_assert_eq!(found.contacts.len(), 1);
        let json = serde_json::to_string(&found.contacts[0].contact).expect("plain data");
        for cell in &cells {
            prop_assert!(json.contains(cell.as_str()), "{cell} of {json}");
        }
    }
}

#[test]
fn a_guarded_formula_comes_back_without_its_guard() {
    let read = read_back(&google(&Contact {
        display_name: "=cmd|' /C calc'!A0".into(),
        ..Contact::default()
    }));
    assert_eq!(read.names[0].given.as_deref(), Some("=cmd|' /C calc'!A0"));
}
