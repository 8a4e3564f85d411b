//! Looking at a rescue: reading a rescue folder, and the screen that shows its contents.

use std::path::Path;
use std::sync::LazyLock;

use chrono::NaiveDate;
use lifeboat::model::{Collection, Stop};
use lifeboat::practice::android::{LinkSettings, Settings, Storage};
use lifeboat::rescue::look::{Details, Field, Line, Overview, Repeats, Rescued, When, formats};
use lifeboat::tui::app::Task;
use lifeboat::tui::keys::Intent;
use lifeboat::tui::screen::look::{Code, DetailRequest, Look, Wish, draw};
use lifeboat::tui::theme::Theme;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// The rescue of the practice owner's phone, made once. Its folder is among the process's temporary files.
struct Practice {
    rescued: Rescued,
    overview: Overview,
    _made: crate::common::Practised,
}

static PRACTICE: LazyLock<Practice> = LazyLock::new(|| {
    let made = crate::common::rescue(Settings {
        contacts: 120,
        events: 90,
        todos: 20,
        photos: 6,
        storage: Storage {
            movie: Some(40_000),
            ..Storage::default()
        },
        ..Settings::default()
    });
    let rescued = Rescued::open(&made.folder).expect("a rescue");
    let overview = rescued.overview(&Stop::new()).expect("an overview");
    Practice {
        rescued,
        overview,
        _made: made,
    }
});

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day")
}

fn field<'a>(fields: &'a [Field], label: &str) -> &'a str {
    fields
        .iter()
        .find(|field| field.label == label)
        .map_or("", |field| &field.value)
}

fn lines(what: Collection) -> &'static [Line] {
    &PRACTICE.overview.of(what).expect("a list").lines
}

fn details(of: Collection, key: &str) -> Option<Details> {
    PRACTICE.rescued.details(of, key).expect("a journal")
}

/// Reads the data that the screen asks for, as a worker thread does.
fn serve(look: &mut Look, task: Option<Task>) {
    match task {
        Some(Task::Wish(Wish::Detail(DetailRequest { of, key }))) => {
            let details = details(of, &key).expect("a record");
            look.on_detail(&key, Ok(details.fields));
        }
        Some(Task::Wish(Wish::Raw(DetailRequest { of, key }))) => {
            let raw = PRACTICE.rescued.raw(of, &key);
            look.on_raw(&key, raw.map_err(|error| error.to_string()));
        }
        Some(Task::Wish(Wish::Qr(DetailRequest { of: _, key }))) => {
            let texts = PRACTICE.rescued.for_qr(&key).expect("a contact");
            let codes = texts
                .iter()
                .filter_map(|(text, about)| Code::of(text, about));
            look.on_qr(&key, Ok(codes.collect()));
        }
        Some(Task::Wish(Wish::Export {
            of,
            keys,
            format,
            folder,
        })) if Path::new(&folder).starts_with(std::env::temp_dir()) => {
            let done = PRACTICE
                .rescued
                .export(of, &keys, format, Path::new(&folder));
            look.on_exported(done);
        }
        _ => {}
    }
}

fn open() -> Look {
    let mut look = Look::new(today());
    let request = look.on_message(Ok(PRACTICE.overview.clone()));
    serve(&mut look, request);
    look
}

/// Opens the view on the calendar.
fn open_calendar() -> Look {
    let mut look = open();
    press(&mut look, &[Intent::NextTab]);
    look
}

fn press(look: &mut Look, intents: &[Intent]) {
    for intent in intents {
        let request = look.update(*intent);
        serve(look, request);
    }
}

fn typed(look: &mut Look, text: &str) {
    press(look, &[Intent::Search]);
    press(look, &text.chars().map(Intent::Type).collect::<Vec<_>>());
}

fn shown(look: &Look, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal
        .draw(|frame| draw(look, frame, frame.area(), Theme::plain()))
        .expect("a frame");
    terminal.backend().to_string()
}

/// Takes a snapshot at three sizes, without the lines around each screen.
fn snapshot(name: &str, look: &Look) {
    insta::assert_snapshot!(format!("{name}_60x15"), shown(look, 58, 11));
    insta::assert_snapshot!(format!("{name}_80x24"), shown(look, 78, 20));
    insta::assert_snapshot!(format!("{name}_120x40"), shown(look, 118, 36));
}

#[test]
fn the_lists_have_what_the_verdict_counts() {
    let outcome = &PRACTICE._made.outcome;
    for list in &PRACTICE.overview.lists {
        let mut all = outcome.collections.iter();
        let verdict = all.find(|c| c.name == list.of).expect("a collection");
        let number = |which: &dyn Fn(&Line) -> bool| {
            let lines = list.lines.iter().filter(|line| !line.part && which(line));
            lines.map(|line| 1 + line.more).sum::<u64>()
        };
        let is_own = |line: &Line| !line.deleted && !line.aside;
        assert_eq!(number(&is_own), verdict.rescued, "{}", list.of.name());
        assert_eq!(list.count(), verdict.rescued);
        assert_eq!(number(&|line| line.deleted), verdict.deleted_kept);
        let only_here = number(&|line| line.only_here && is_own(line));
        if let Some(expected) = verdict.only_here {
            assert_eq!(only_here, expected, "{}", list.of.name());
        }
    }
    let on_sim = lines(Collection::Contacts).iter();
    assert!(
        on_sim.filter(|line| line.remark == "SIM").count() > 0,
        "SIM entries without a card are there"
    );
    let calendar = PRACTICE.overview.of(Collection::Calendar).expect("a list");
    assert_eq!(calendar.about, " in 5 calendars");
    let zones = calendar.lines.iter().map(|line| &line.when);
    let zones = zones.flatten().filter_map(|when| when.elsewhere.as_deref());
    assert!(zones.clone().count() > 0);
    assert!(zones.clone().all(|zone| zone != "Berlin"));
}

#[test]
fn photos_are_listed_with_what_became_of_them() {
    let mut look = open();
    press(&mut look, &[Intent::PreviousTab]);
    snapshot("photos", &look);
    typed(&mut look, "practice");
    let found = shown(&look, 78, 20);
    assert!(
        found.contains("1 of 1 found") && found.contains("practice.mp4"),
        "{found}"
    );
    for line in lines(Collection::Files) {
        assert!(!line.aside, "{line:?}");
        let file = details(Collection::Files, &line.key).expect("a file");
        let bytes = std::fs::read(file.copy.expect("a copy")).expect("its bytes");
        assert_eq!(field(&file.fields, "Bytes"), bytes.len().to_string());
    }
}

/// With the feature enabled, a picture replaces the first lines of its details.
#[cfg(feature = "thumbnails")]
#[test]
fn a_picture_is_shown_beside_its_list() {
    use lifeboat::tui::widget::thumbnail::Pictures;
    let mut look = open();
    press(&mut look, &[Intent::PreviousTab]);
    let before = shown(&look, 118, 36);
    assert!(!before.contains('▀'), "{before}");
    let mut photos = lines(Collection::Files).iter();
    let photo = photos.find(|f| f.name.ends_with(".jpg")).expect("a photo");
    let file = details(Collection::Files, &photo.key).expect("a file");
    let picture = Pictures::in_blocks().show(&file.copy.expect("a copy"));
    look.on_picture(&photo.key, picture.expect("a picture"));
    let after = shown(&look, 118, 36);
    assert!(after.contains('▀') && after.contains("SHA-256"), "{after}");
    // A broken picture, or a file that is not a picture, shows nothing.
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in [
        ("a.jpg", &b"\xff\xd8\xff\xe0 broken"[..]),
        ("b.png", b"\x89PNG\r\n\x1a\n"),
        ("c.txt", b"text"),
        ("d.gif", b""),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        assert!(Pictures::in_blocks().show(&path).is_none(), "{name}");
    }
}

#[test]
fn a_hundred_thousand_contacts_would_take_less_than_50_mb() {
    let all = lines(Collection::Contacts);
    // 16 bytes of an allocator's overhead for each of three texts.
    let one = |c: &Line| size_of::<Line>() + c.key.len() + c.name.len() + c.search.len() + 3 * 16;
    let bytes: usize = all.iter().map(one).sum();
    assert!(bytes / all.len() < 500, "{}", bytes / all.len());
}

#[test]
fn every_line_has_its_detail() {
    for list in &PRACTICE.overview.lists {
        for line in list.lines.iter().filter(|line| !line.part) {
            let details = details(list.of, &line.key);
            let details = details.unwrap_or_else(|| panic!("{}", line.key));
            assert_eq!(details.fields[0].value, *line.name);
        }
        assert_eq!(details(list.of, "contact/none"), None);
        assert_eq!(details(list.of, ""), None);
    }
}

#[test]
fn names_stand_where_a_person_looks_for_them() {
    let all = lines(Collection::Contacts);
    let names: Vec<&str> = all.iter().map(|c| &*c.name).collect();
    assert_eq!(all[0].remark, "owner");
    let place = |start: char| {
        names
            .iter()
            .skip(1)
            .position(|name| name.starts_with(start))
    };
    if let (Some(accented), Some(z)) = (place('É').or(place('Ö')).or(place('Ł')), place('Z')) {
        assert!(accented < z);
    }
}

#[test]
fn series_are_there_on_each_of_their_days() {
    let events = || lines(Collection::Calendar).iter();
    let whens = events().filter_map(|line| line.when.as_ref());
    let series: Vec<_> = whens
        .filter(|when| matches!(when.repeats, Repeats::On(_)))
        .collect();
    assert!(series.len() >= 5);
    let most = series
        .iter()
        .filter_map(|event| {
            let day = event.day?;
            let year = day.checked_add_days(chrono::Days::new(366))?;
            Some(event.days_in(day, year).len())
        })
        .max();
    assert!(most > Some(10), "{most:?}");
    let changed = events().filter(|e| e.part).count();
    assert!(changed > 0);
}

#[test]
fn an_unfinished_rescue_can_be_looked_at_and_gone_on_with() {
    let settings: Settings = Settings {
        contacts: 60,
        events: 30,
        todos: 5,
        link: LinkSettings {
            unplug_after_rows: vec![200],
            ..LinkSettings::default()
        },
        ..Settings::default()
    };
    let mut made = crate::common::rescue(settings);
    assert!(!made.outcome.finished);
    let rescued = Rescued::open(&made.folder).expect("a rescue");
    let _ = rescued.overview(&Stop::new()).expect("an overview");
    while !crate::common::resume(&mut made).finished {}
    let length = |stop: &Stop, what| {
        let overview = rescued.overview(stop).expect("an overview");
        overview.of(what).expect("a list").lines.len()
    };
    assert!(length(&Stop::new(), Collection::Contacts) >= 60);
    let stopped = Stop::new();
    stopped.stop();
    assert_eq!(length(&stopped, Collection::Calendar), 0);
    assert!(Rescued::open(Path::new("/nowhere")).is_err());
}

#[test]
fn the_calendar_opens_at_this_month() {
    let look = open_calendar();
    snapshot("calendar", &look);
}

#[test]
fn up_and_down_go_through_the_calendar_and_pages_are_months() {
    let mut look = open_calendar();
    press(&mut look, &[Intent::Last]);
    insta::assert_snapshot!("calendar_last", shown(&look, 78, 20));
    press(&mut look, &[Intent::First, Intent::Up, Intent::Up]);
    let first = shown(&look, 78, 20);
    press(&mut look, &[Intent::PageUp]);
    assert_eq!(shown(&look, 78, 20), first);
    for _ in 0..40 {
        press(&mut look, &[Intent::Down]);
    }
    for _ in 0..40 {
        press(&mut look, &[Intent::Up]);
    }
    assert_eq!(shown(&look, 78, 20), first);
}

#[test]
fn the_contacts_and_their_details() {
    let mut look = open();
    press(&mut look, &[Intent::PageDown, Intent::Down]);
    snapshot("contacts", &look);
}

#[test]
fn the_todos() {
    let mut look = open_calendar();
    press(&mut look, &[Intent::NextTab, Intent::Down]);
    snapshot("todos", &look);
}

#[test]
fn a_search_finds_names_and_numbers() {
    let mut look = open();
    typed(&mut look, "mul");
    assert!(look.is_typing());
    insta::assert_snapshot!("search_contacts", shown(&look, 78, 20));
    press(&mut look, &[Intent::Next]);
    assert!(!look.is_typing() && look.takes_back());
    press(&mut look, &[Intent::Back]);
    assert!(!look.takes_back());
    let number = lines(Collection::Contacts)
        .iter()
        .find_map(|c| {
            c.search
                .split('\n')
                .find(|l| l.len() > 8 && l.bytes().all(|b| b.is_ascii_digit()))
        })
        .expect("a number");
    typed(&mut look, number);
    assert!(!shown(&look, 78, 20).contains("Nothing found"));
    typed(&mut look, "no such thing");
    insta::assert_snapshot!("search_nothing", shown(&look, 78, 20));
}

#[test]
fn a_search_in_the_calendar_lists_what_was_found() {
    let mut look = open_calendar();
    press(&mut look, &[Intent::Search]);
    typed(&mut look, "dentist");
    press(&mut look, &[Intent::Down]);
    insta::assert_snapshot!("search_calendar", shown(&look, 78, 20));
    press(&mut look, &[Intent::Next, Intent::Back]);
    let month = shown(&look, 78, 20);
    assert!(month.contains("Dentist"), "{month}");
    assert!(month.contains("Mo   Tu"), "{month}");
}

#[test]
fn nothing_there_is_said() {
    let mut look = Look::new(today());
    insta::assert_snapshot!("opening", shown(&look, 78, 4));
    assert_eq!(look.on_message(Ok(Overview::default())), None);
    look.update(Intent::NextTab);
    insta::assert_snapshot!("empty_calendar", shown(&look, 78, 8));
    look.update(Intent::NextTab);
    insta::assert_snapshot!("empty_todos", shown(&look, 78, 8));
    assert_eq!(look.on_message(Err("the disk is gone".into())), None);
    insta::assert_snapshot!("failed", shown(&look, 78, 4));
}

#[test]
fn the_cursor_stands_on_the_chosen_line_or_in_the_search() {
    let cursor = |look: &Look| {
        let mut terminal = Terminal::new(TestBackend::new(78, 20)).expect("a terminal");
        terminal
            .draw(|frame| draw(look, frame, frame.area(), Theme::coloured()))
            .expect("a frame");
        let at = terminal.get_cursor_position().expect("a cursor");
        let cell = terminal
            .backend()
            .buffer()
            .cell(at)
            .map(|c| c.symbol().to_owned());
        (at.y, cell.unwrap_or_default())
    };
    let mut look = open_calendar();
    assert_eq!(cursor(&look).1, "›");
    press(&mut look, &[Intent::NextTab]);
    assert_eq!(cursor(&look).1, "›");
    typed(&mut look, "e");
    assert_eq!(cursor(&look).0, 3);
}

fn intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        Just(Intent::Up),
        Just(Intent::Down),
        Just(Intent::PageUp),
        Just(Intent::PageDown),
        Just(Intent::First),
        Just(Intent::Last),
        Just(Intent::Next),
        Just(Intent::Back),
        Just(Intent::NextTab),
        Just(Intent::PreviousTab),
        Just(Intent::Search),
        any::<char>().prop_map(Intent::Type),
        prop::sample::select(vec!['a', 'e', '0', ' ', '日']).prop_map(Intent::Type),
        Just(Intent::Erase),
        prop::sample::select(vec![
            Intent::EraseAll,
            Intent::EraseWord,
            Intent::Complete,
            Intent::Left,
            Intent::Right,
            Intent::Enter,
            Intent::Mark,
            Intent::MarkAll,
            Intent::Export,
            Intent::Filter,
            Intent::Sort,
            Intent::Raw,
            Intent::CopyValue,
            Intent::Qr,
            Intent::Agenda,
            Intent::Today,
        ]),
        Just(Intent::Help),
    ]
}

/// Arbitrary lines, unlike those of any rescue: any text, and days at the limits of the calendar.
fn any_overview() -> impl Strategy<Value = Overview> {
    let text = || {
        prop_oneof![any::<String>(), "[a-z日👨\u{200D}\u{301}\u{1b} ]{0,60}"]
            .prop_map(Box::<str>::from)
    };
    let day = || {
        prop_oneof![-3_000_000..3_000_000i64, 20_500..20_900i64]
            .prop_map(|days| NaiveDate::default().checked_add_signed(chrono::Duration::days(days)))
    };
    let line =
        (text(), text(), any::<bool>(), any::<bool>()).prop_map(|(name, search, deleted, done)| {
            Line {
                key: name.clone(),
                remark: name.to_string().into(),
                name,
                search,
                deleted,
                done,
                ..Line::default()
            }
        });
    let when = (day(), any::<u16>(), text()).prop_map(|(day, more_days, time)| When {
        day,
        more_days,
        elsewhere: Some(time.clone()),
        time,
        repeats: Repeats::FirstOnly,
    });
    let lines = prop::collection::vec((line, when), 0..12);
    let lists = Overview::default().lists.len();
    prop::collection::vec(lines, lists).prop_map(|all| {
        let mut overview = Overview::default();
        for (list, lines) in overview.lists.iter_mut().zip(all) {
            list.lines = lines
                .into_iter()
                .map(|(line, when)| Line {
                    when: list.sheet.is_month.then(|| Box::new(when)),
                    ..line
                })
                .collect();
        }
        overview
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_breaks_the_screen(
        intents in prop::collection::vec(intent(), 0..30),
        sizes in prop::collection::vec((1u16..140, 1u16..50), 1..4),
        details in any::<bool>(),
    ) {
        let mut look = open();
        for intent in intents {
            let request = look.update(intent);
            if details {
                serve(&mut look, request);
            }
        }
        for (width, height) in sizes.into_iter().chain([(1, 1), (2, 40), (200, 1)]) {
            shown(&look, width, height);
        }
    }

    #[test]
    fn no_text_and_no_day_breaks_the_screen(
        overview in any_overview(),
        intents in prop::collection::vec(intent(), 0..30),
        value in any::<String>(),
        size in (1u16..140, 1u16..50),
    ) {
        let mut look = Look::new(today());
        let mut request = look.on_message(Ok(overview));
        for intent in intents {
            if let Some(Task::Wish(Wish::Detail(DetailRequest { key, .. }))) = &request {
                let field = Field { label: value.clone(), value: value.clone(), origin: value.clone() };
                let fields = vec![field; 3];
                look.on_detail(key, Ok(fields));
            }
            shown(&look, size.0, size.1);
            request = look.update(intent);
        }
    }
}

/// The index of the tab of a collection.
fn open_at(of: Collection) -> Look {
    let mut look = open();
    let lists = &PRACTICE.overview.lists;
    let tab = lists.iter().position(|list| list.of == of).expect("a list");
    for _ in 0..tab {
        press(&mut look, &[Intent::NextTab]);
    }
    look
}

#[test]
fn a_number_is_found_in_another_spelling() {
    let number = lines(Collection::Contacts)
        .iter()
        .find_map(|c| c.search.split('\n').find_map(|l| l.strip_prefix("49")))
        .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        .expect("a German number");
    let (code, rest) = number.split_at(3);
    for typed_in in [
        format!("0{code} {rest}"),
        format!("+49 (0){code}/{rest}"),
        format!("0049{number}"),
    ] {
        let mut look = open();
        typed(&mut look, &typed_in);
        let screen = shown(&look, 118, 36);
        assert!(!screen.contains("Nothing found"), "{typed_in}\n{screen}");
        assert!(!screen.contains("similar"), "{typed_in}\n{screen}");
    }
}

#[test]
fn what_is_nearly_right_is_found_and_called_similar() {
    let mut look = open_calendar();
    typed(&mut look, "dentsit");
    let screen = shown(&look, 118, 36);
    assert!(
        screen.contains("Dentist") && screen.contains("no exact match"),
        "{screen}"
    );
}

#[test]
fn filters_and_orders_say_what_they_show() {
    let mut look = open();
    press(&mut look, &[Intent::Filter]);
    snapshot("filters", &look);
    press(&mut look, &[Intent::Down, Intent::Enter]);
    let here = lines(Collection::Contacts).iter();
    let here = here.filter(|line| line.is_only_here()).count();
    let all = lines(Collection::Contacts).len();
    let screen = shown(&look, 118, 36);
    assert!(
        screen.contains(&format!(
            "1 of {here} found ({all} in all), only on this phone"
        )),
        "{screen}"
    );
    press(
        &mut look,
        &[Intent::Sort, Intent::Down, Intent::Enter, Intent::Back],
    );
    let screen = shown(&look, 118, 36);
    assert!(screen.contains(&format!("of {all}, reversed")), "{screen}");
}

#[test]
fn the_marked_are_exported_in_any_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut made = 0;
    for list in &PRACTICE.overview.lists {
        for (at, format) in formats(list.of).iter().enumerate() {
            let mut look = open_at(list.of);
            if list.lines.is_empty() {
                continue;
            }
            let picked = match list.sheet.is_month {
                true => vec![Intent::Mark],
                false => vec![Intent::Mark, Intent::Mark],
            };
            press(&mut look, &picked);
            press(&mut look, &[Intent::Export]);
            press(&mut look, &vec![Intent::Down; at]);
            press(&mut look, &[Intent::Enter, Intent::EraseAll]);
            let to = folder.path().join(format!("{made}"));
            let path = to.display().to_string();
            press(
                &mut look,
                &path.chars().map(Intent::Type).collect::<Vec<_>>(),
            );
            press(&mut look, &[Intent::Enter]);
            let screen = shown(&look, 118, 36);
            assert!(screen.contains("Written: "), "{format:?}\n{screen}");
            let entries: Vec<_> = std::fs::read_dir(&to).expect("a folder").collect();
            assert_eq!(entries.len(), 1, "{format:?}: {entries:?}");
            made += 1;
        }
    }
    assert!(made >= 9, "{made}");
    let cards = std::fs::read_dir(folder.path().join("0")).expect("a folder");
    let card = cards.flatten().next().expect("a file").path();
    let text = std::fs::read_to_string(card).expect("cards");
    assert_eq!(text.matches("BEGIN:VCARD").count(), 2);
    // Nothing is written into the rescue.
    let inside = PRACTICE._made.folder.join("data");
    let key = lines(Collection::Contacts)[0].key.to_string();
    let format = formats(Collection::Contacts)[0];
    let done = PRACTICE
        .rescued
        .export(Collection::Contacts, &[key], format, &inside);
    assert!(done.is_err());
}

#[test]
fn the_details_open_and_each_value_can_be_copied() {
    let mut look = open();
    press(&mut look, &[Intent::Down, Intent::Enter]);
    assert!(look.takes_back());
    snapshot("detail", &look);
    let copied = |look: &mut Look| match look.update(Intent::CopyValue) {
        Some(Task::Clipboard(text)) => text,
        other => panic!("{other:?}"),
    };
    let name = copied(&mut look);
    assert_eq!(name, *lines(Collection::Contacts)[1].name);
    press(&mut look, &[Intent::Down]);
    assert_ne!(copied(&mut look), name);
    // The line that names the copied value goes with the next key.
    press(&mut look, &[Intent::Up, Intent::Down]);
    let screen = shown(&look, 118, 36);
    press(&mut look, &[Intent::Raw]);
    let raw = shown(&look, 118, 36);
    assert!(raw.contains("Sent by the phone:"), "{raw}");
    press(&mut look, &[Intent::Raw]);
    assert_eq!(shown(&look, 118, 36), screen);
    press(&mut look, &[Intent::Back]);
    assert!(!look.takes_back());
}

/// The phone itself joins the raw contacts of several accounts.
#[test]
fn a_contact_of_several_accounts_says_which_has_each_value() {
    let mut told = 0;
    for line in lines(Collection::Contacts) {
        let mut fields = details(Collection::Contacts, &line.key)
            .expect("a contact")
            .fields;
        let stored = fields.iter().filter(|field| field.label == "Stored in");
        let stored: Vec<String> = stored.map(|field| field.value.clone()).collect();
        let some = PRACTICE
            .rescued
            .tell_accounts(Collection::Contacts, &line.key, &mut fields, &mut || false)
            .expect("a journal");
        told += usize::from(some);
        for field in fields.iter().filter(|field| !field.origin.is_empty()) {
            let mut places = field.origin.split(", ");
            assert!(
                places.all(|place| stored.iter().any(|stored| stored.contains(place))),
                "{field:?} {stored:?}"
            );
        }
        if told > 2 {
            return;
        }
    }
    panic!("no contact of several accounts");
}

#[test]
fn a_contact_becomes_a_code_that_fits_the_window() {
    let mut look = open();
    press(&mut look, &[Intent::Down, Intent::Qr]);
    let large = shown(&look, 118, 36);
    assert!(large.contains('█') && large.contains("Name"), "{large}");
    for (width, height) in [(78, 20), (58, 15)] {
        let small = shown(&look, width, height);
        assert!(small.contains('█') && small.contains("number"), "{small}");
    }
    let narrow = shown(&look, 20, 8);
    let narrow = narrow.replace('"', " ");
    let words: Vec<&str> = narrow.split_whitespace().collect();
    assert!(words.join(" ").contains("too small"), "{narrow}");
    press(&mut look, &[Intent::Up]);
    assert!(!shown(&look, 118, 36).contains("Name, numbers"));
}

#[test]
fn days_are_walked_with_left_and_right() {
    let mut look = open_calendar();
    press(&mut look, &[Intent::Today]);
    assert!(shown(&look, 118, 36).contains("Sunday 22 November 2026"));
    press(&mut look, &[Intent::Right]);
    assert!(shown(&look, 118, 36).contains("Monday 23 November 2026"));
    press(&mut look, &[Intent::Left, Intent::Left]);
    assert!(shown(&look, 118, 36).contains("Saturday 21 November 2026"));
    press(&mut look, &[Intent::Agenda]);
    snapshot("agenda", &look);
}

#[test]
fn the_screen_in_ascii_has_no_other_marks() {
    let mut look = open();
    press(&mut look, &[Intent::Filter]);
    let mut terminal = Terminal::new(TestBackend::new(78, 20)).expect("a terminal");
    let theme = Theme::plain().in_ascii();
    terminal
        .draw(|frame| {
            draw(&look, frame, frame.area(), theme);
            theme.finish(frame.buffer_mut());
        })
        .expect("a frame");
    let cells = terminal.backend().buffer().content.iter();
    let marks = cells.flat_map(|cell| cell.symbol().chars());
    let marks: Vec<char> = marks
        .filter(|c| !c.is_ascii() && !c.is_alphanumeric())
        .filter(|c| ('\u{2000}'..'\u{2c00}').contains(c))
        .collect();
    assert!(marks.is_empty(), "{marks:?}");
}

/// A list that is so long that a search goes on in slices.
#[test]
fn a_long_search_goes_on_in_slices() {
    let mut overview = Overview::default();
    let lines = (0..30_000).map(|n| Line {
        key: format!("contact/{n}").into(),
        name: format!("Person {n}").into(),
        search: format!("person {n}\n49171{n:07}").into(),
        ..Line::default()
    });
    overview.lists[0].lines = lines.collect();
    let mut look = Look::new(today());
    look.on_message(Ok(overview));
    look.update(Intent::Search);
    for c in "person 29999".chars() {
        look.update(Intent::Type(c));
    }
    assert!(look.has_work());
    assert!(shown(&look, 118, 36).contains("searching"));
    let mut slices = 0;
    while look.has_work() {
        look.work();
        slices += 1;
    }
    assert!(slices < 100, "{slices}");
    let screen = shown(&look, 118, 36);
    assert!(screen.contains("1 of 1 found (30,000 in all)"), "{screen}");
}
