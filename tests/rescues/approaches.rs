//! One device, several approaches, one rescue: each collection comes from the first approach that gives it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::common::invented::{Invented, Said};
use crate::common::request;
use lifeboat::handset::Handset;
use lifeboat::handset::find::{OpenError, Opened, Other};
use lifeboat::model::{
    Advice as _, Collection, Contact, HandsetFile, HandsetPath, Holding, Record, RecordBody, Stop,
    Verdict,
};
use lifeboat::rescue::{Outcome, Progress, Target, run_until_done};
use tempfile::TempDir;

fn said(record: Record) -> Said {
    Said {
        holding: Holding {
            handset_says: Some(1),
            rows: Some(1),
            ..Holding::default()
        },
        records: vec![record],
        ..Said::default()
    }
}

fn contact() -> Said {
    said(Record {
        key: "contact/1".into(),
        body: RecordBody::Contact(Contact {
            display_name: "Ada".into(),
            ..Contact::default()
        }),
    })
}

fn photo() -> Said {
    let file = HandsetFile {
        path: HandsetPath(b"/Phone/DCIM/1.jpg".to_vec()),
        relative: HandsetPath(b"DCIM/1.jpg".to_vec()),
        size: 1_000,
        exact: true,
        modified: 1_000_000_000,
        ..HandsetFile::default()
    };
    said(Record {
        key: file.key(),
        body: RecordBody::File(file),
    })
}

fn closed() -> Said {
    Said {
        holding: Holding {
            unreadable: Some("It lists no storage.".into()),
            ..Holding::default()
        },
        ..Said::default()
    }
}

/// A phone that gives its contacts and no files.
fn by_debugging() -> Invented {
    Invented::with([
        (Collection::Contacts, contact()),
        (Collection::Files, closed()),
    ])
}

/// The same phone, which gives its files alone, after its cable was out for `cuts` attempts.
fn by_file_transfer(cuts: u32) -> Invented {
    let mut phone = Invented::with([(Collection::Files, photo())]);
    phone.says.retain(|what, _| *what == Collection::Files);
    phone.gives_files_after = Some(cuts);
    phone.called("MTP over nothing")
}

fn files(open: impl FnOnce() -> Result<Box<dyn Handset>, OpenError> + Send + 'static) -> Other {
    Other {
        covers: vec![Collection::Files],
        open: Box::new(open),
    }
}

/// The phone, read by debugging first. The file transfer is opened only after the debugging has ended.
fn both(first: Invented, cuts: u32) -> Opened {
    let is_over = first.hung_up.clone();
    let other = files(move || {
        assert!(is_over.is_stopped(), "two approaches at once");
        Ok(Box::new(by_file_transfer(cuts)))
    });
    Opened {
        others: vec![other],
        ..Opened::alone(first)
    }
}

/// Runs a rescue; `again` reaches the phone anew after a lost link.
fn rescue(
    opened: Opened,
    target: Target,
    tell: &mut dyn FnMut(Progress),
    again: &mut dyn FnMut() -> Option<Opened>,
) -> Outcome {
    let request = request(target, "--practice");
    run_until_done(opened, &request, None, &Stop::new(), tell, &mut |_, _| {
        again()
    })
    .unwrap_or_else(|error| panic!("{}", error.explained()))
}

fn smooth(opened: Opened) -> (Outcome, TempDir) {
    let parent = tempfile::tempdir().expect("a folder");
    let target = Target::New(parent.path().to_owned());
    (rescue(opened, target, &mut |_| {}, &mut || None), parent)
}

fn log_of(outcome: &Outcome) -> String {
    let log = Path::new(&outcome.folder).join("data/log.txt");
    fs::read_to_string(log).expect("a log")
}

fn assert_holds_both(outcome: &Outcome) {
    assert!(outcome.finished && outcome.safe, "{:#?}", outcome.why_not);
    let photos = outcome
        .collections
        .iter()
        .find(|c| c.name == Collection::Files);
    assert_eq!(photos.expect("photos").verdict, Verdict::Complete);
    let data = Path::new(&outcome.folder).join("data");
    assert_eq!(
        fs::read(data.join("photos/DCIM/1.jpg")).expect("the photo"),
        [7; 1_000]
    );
    let cards = fs::read_to_string(data.join("contacts.vcf")).expect("cards");
    assert!(cards.contains("Ada"), "{cards}");
    let log = log_of(outcome);
    assert!(
        log.contains("Lifeboat reads photos by MTP over nothing"),
        "{log}"
    );
}

#[test]
fn what_the_first_does_not_give_comes_from_the_next() {
    let (outcome, _parent) = smooth(both(by_debugging(), 0));
    assert_holds_both(&outcome);
}

/// An old phone's modem gives contacts, and knows nothing of the memory card in it.
#[test]
fn what_the_first_does_not_know_of_comes_from_the_next() {
    let mut modem = by_debugging();
    modem.says.remove(&Collection::Files);
    let (outcome, _parent) = smooth(both(modem, 0));
    assert_holds_both(&outcome);
}

#[test]
fn an_approach_that_is_not_needed_is_not_opened() {
    let mut phone = by_debugging();
    phone.says.insert(Collection::Files, photo());
    phone.gives_files_after = Some(0);
    let opened = Opened {
        others: vec![files(|| panic!("it is opened"))],
        ..Opened::alone(phone)
    };
    let (outcome, _parent) = smooth(opened);
    assert!(outcome.safe, "{:#?}", outcome.why_not);
}

#[test]
fn a_cable_that_comes_out_during_the_second_approach_costs_nothing() {
    let parent = tempfile::tempdir().expect("a folder");
    let target = Target::New(parent.path().to_owned());
    let times = AtomicU32::new(0);
    let outcome = rescue(both(by_debugging(), 1), target, &mut |_| {}, &mut || {
        times.fetch_add(1, Ordering::Relaxed);
        Some(both(by_debugging(), 0))
    });
    assert_eq!(times.load(Ordering::Relaxed), 1);
    assert_holds_both(&outcome);
}

#[test]
fn an_approach_that_can_not_be_opened_can_be_opened_later() {
    let parent = tempfile::tempdir().expect("a folder");
    let busy = || OpenError {
        may_pass: false,
        what: "another program shows its pictures".into(),
        advice: "Close that program.".into(),
    };
    let opened = Opened {
        others: vec![files(move || Err(busy()))],
        ..Opened::alone(by_debugging())
    };
    let mut advice = Vec::new();
    let begun = rescue(
        opened,
        Target::New(parent.path().to_owned()),
        &mut |progress| advice.extend(matches!(progress, Progress::Advice(_)).then_some(progress)),
        &mut || None,
    );
    assert!(!begun.finished && !begun.safe, "{begun:#?}");
    assert!(
        format!("{advice:?}").contains("Close that program."),
        "{advice:?}"
    );
    assert!(
        begun
            .why_not
            .iter()
            .any(|why| why.contains("It lists no storage.")),
        "{begun:#?}"
    );
    let folder = PathBuf::from(&begun.folder);
    let target = || Target::Resume(folder.clone());
    // Without the other approach, the first has nothing more to give.
    let ended = rescue(both(by_debugging(), 0), target(), &mut |_| {}, &mut || None);
    assert_holds_both(&ended);
}

/// Files that the second approach copied are safe, even if the first alone goes on.
#[test]
fn what_an_earlier_part_has_from_the_second_approach_stays() {
    let parent = tempfile::tempdir().expect("a folder");
    let target = Target::New(parent.path().to_owned());
    let mut phone = by_debugging();
    phone
        .says
        .get_mut(&Collection::Calendar)
        .expect("calendar")
        .holding
        .remedy = Some(lifeboat::model::Remedy::Setting);
    let calendar = phone.says.get_mut(&Collection::Calendar).expect("calendar");
    calendar.holding.unreadable = Some("A setting hides it.".into());
    let begun = rescue(both(phone, 0), target, &mut |_| {}, &mut || None);
    assert!(!begun.finished, "{begun:#?}");
    let target = Target::Resume(PathBuf::from(&begun.folder));
    let ended = rescue(
        Opened::alone(by_debugging()),
        target,
        &mut |_| {},
        &mut || None,
    );
    assert_holds_both(&ended);
}
