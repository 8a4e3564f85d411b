//! A phone that restarts and comes back locked: the rescue pauses and does not end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{names_of_differing, portable_files, request, with_fault};
use lifeboat::handset::android::Choices;
use lifeboat::handset::find::{OnWait, Opened, Port, State, Wanted};
use lifeboat::model::{Advice as _, Collection, Stop, Verdict};
use lifeboat::practice::PracticePort;
use lifeboat::practice::android::Settings;
use lifeboat::protocol::adb::Options;
use lifeboat::rescue::{
    Missing, Outcome, Pause, Progress, Target, run_until_done, unfinished, wait_for,
};
use lifeboat::vault::bag;

/// The longest time that a test waits for a practice phone.
const LONG: Duration = Duration::from_secs(60);

fn port(settings: Settings) -> PracticePort {
    PracticePort::new(settings, Options::default(), Choices::default())
}

fn nobody() -> OnWait {
    Arc::new(|_| {})
}

/// Waits until the phone can be reached.
fn reached(port: &PracticePort) -> Opened {
    let since = Instant::now();
    while since.elapsed() < LONG {
        let ready = port
            .look()
            .devices
            .into_iter()
            .find(|d| d.state == State::Ready);
        let opened = ready.map(|d| port.open(&d.id, Wanted::All, &Stop::new(), nobody()));
        if let Some(Ok(opened)) = opened {
            return opened;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the phone does not come back");
}

/// Runs a rescue in as many parts as it needs.
fn rescue(
    port: &PracticePort,
    target: Target,
    patience: Option<Duration>,
    tell: &mut dyn FnMut(&Progress),
) -> Outcome {
    let opened = reached(port);
    let missing = Missing {
        serial: opened.handset.identity().serial.clone(),
        ..Missing::default()
    };
    let stop = Stop::new();
    let outcome = run_until_done(
        opened,
        &request(target, "--practice"),
        patience,
        &stop,
        &mut |progress| tell(&progress),
        &mut |pause, tell| {
            // With no patience, the rescue does not wait for a phone that is gone either.
            if pause == Pause::Lost && patience == Some(Duration::ZERO) {
                return None;
            }
            let until = Some(Instant::now() + LONG);
            wait_for(port, &missing, until, &nobody(), &stop, tell)
        },
    );
    assert_eq!(port.tripped(), Vec::<String>::new());
    outcome.unwrap_or_else(|error| panic!("{error}: {}", error.advice()))
}

fn owner(fault: &str) -> Settings {
    let settings = Settings {
        photos: 3,
        more_files: true,
        ..Settings::default()
    };
    with_fault(settings, fault)
}

fn is_sealed(outcome: &Outcome) -> bool {
    bag::is_finished(Path::new(&outcome.folder))
}

#[test]
fn one_that_restarts_again_and_again_ends_in_the_same_files() {
    let parent = tempfile::tempdir().expect("a folder");
    let smooth = {
        let target = Target::New(parent.path().join("smooth"));
        rescue(&port(owner("")), target, None, &mut |_| {})
    };
    assert!(smooth.safe, "{:?}", smooth.why_not);
    let port = port(owner("restarts-after-rows=4000:0.3"));
    let (mut lost, mut back) = (0, 0);
    let target = Target::New(parent.path().join("restarts"));
    let outcome = rescue(&port, target, None, &mut |progress| match progress {
        Progress::Lost => lost += 1,
        Progress::Back => back += 1,
        _ => {}
    });
    assert!(outcome.safe && outcome.finished, "{:?}", outcome.why_not);
    assert!(lost > 1 && back >= lost, "{lost} times gone, {back} back");
    let files = |outcome: &Outcome| portable_files(Path::new(&outcome.folder));
    let differing = names_of_differing(&files(&smooth), &files(&outcome));
    assert_eq!(differing, Vec::<String>::new());
    let says = |outcome: &Outcome| -> Vec<_> {
        let all = outcome.collections.iter();
        all.map(|c| (c.name, c.handset_says, c.rescued, c.read_back))
            .collect()
    };
    assert_eq!(says(&smooth), says(&outcome));
}

#[test]
fn one_that_comes_back_locked_is_told_what_is_saved_and_goes_on_later() {
    let parent = tempfile::tempdir().expect("a folder");
    // The phone stays locked for an hour, longer than the test runs.
    let gone = port(owner("restarts-after-rows=2500:3600"));
    let target = Target::New(parent.path().to_owned());
    let first = rescue(&gone, target, Some(Duration::ZERO), &mut |_| {});
    assert!(!first.finished && first.lost);
    let folder = PathBuf::from(&first.folder);
    let before = portable_files(&folder);
    let waiting = unfinished(parent.path());
    let counted = waiting[0].saved[&Collection::Contacts];
    let mut said = Vec::new();
    let target = Target::Resume(folder.clone());
    let locked = rescue(&gone, target, Some(Duration::ZERO), &mut |progress| {
        if let Progress::Locked(unlock_it) = progress {
            said.push(unlock_it.clone());
        }
    });
    let expected = format!("Unlock the phone. So far, {counted} of 400 contacts are saved.");
    assert!(counted > 0 && counted < 400, "{counted}");
    assert_eq!(said, std::slice::from_ref(&expected));
    assert!(
        locked.why_not[0].contains(&expected),
        "{:?}",
        locked.why_not
    );
    assert!(!locked.finished && !locked.safe && !is_sealed(&locked));
    assert_eq!(
        names_of_differing(&before, &portable_files(&folder)),
        Vec::<String>::new()
    );
    assert_eq!(unfinished(parent.path()), waiting);
    // The same phone, unlocked.
    let open = port(owner(""));
    let done = rescue(&open, Target::Resume(folder), None, &mut |_| {});
    assert!(done.safe && is_sealed(&done), "{:?}", done.why_not);
}

#[test]
fn one_that_is_locked_from_the_start_is_no_finished_rescue() {
    for android in [23, 33] {
        let settings = Settings {
            android,
            ..owner("locked")
        };
        let parent = tempfile::tempdir().expect("a folder");
        let target = Target::New(parent.path().to_owned());
        let mut said = Vec::new();
        let outcome = rescue(
            &port(settings),
            target,
            Some(Duration::ZERO),
            &mut |progress| {
                if let Progress::Locked(unlock_it) = progress {
                    said.push(unlock_it.clone());
                }
            },
        );
        assert!(!outcome.finished && !is_sealed(&outcome), "{android}");
        assert_eq!(
            said,
            ["Unlock the phone. So far, 12 SIM card entries are saved."],
            "{android}"
        );
        let contacts = &outcome.collections[0];
        assert_eq!(contacts.verdict, Verdict::Unreadable, "{android}");
        assert_eq!(contacts.handset_says, None, "{android}");
        // The owner enters the code.
        let open = port(Settings {
            android,
            ..owner("")
        });
        let target = Target::Resume(PathBuf::from(&outcome.folder));
        let done = rescue(&open, target, None, &mut |_| {});
        assert!(done.safe, "{android}: {:?}", done.why_not);
    }
}

#[test]
fn what_a_setting_closes_can_be_read_once_it_is_changed() {
    let parent = tempfile::tempdir().expect("a folder");
    let target = Target::New(parent.path().to_owned());
    let hidden = rescue(&port(owner("ignore=contacts")), target, None, &mut |_| {});
    assert!(!hidden.finished && !is_sealed(&hidden));
    assert!(
        hidden.why_not.iter().any(|why| why.contains("--resume")),
        "{:?}",
        hidden.why_not
    );
    let target = Target::Resume(PathBuf::from(&hidden.folder));
    let done = rescue(&port(owner("")), target, None, &mut |_| {});
    assert!(done.safe, "{:?}", done.why_not);
}
