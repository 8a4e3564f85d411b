//! A rescue leaves nothing behind, however it ends: no thread, no open file or socket. They are counted for the whole
//! process, so this test has its own process.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::with_fault;
use lifeboat::handset::android::{Android, Choices};
use lifeboat::link::tcp;
use lifeboat::model::{Collection, Stop};
use lifeboat::practice::android::{PracticeAndroid, Settings, Software};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Progress, Target, run};

/// Numbers of threads, and of open files and sockets, of this process.
fn held() -> (usize, usize) {
    let count = |place: &str| fs::read_dir(place).expect("proc").count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// Ends the practice handset's service, also when an assertion fails.
struct Ends<'a>(&'a Stop);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Runs one rescue over TCP with this fault. `when` may stop the rescue or break its disk.
fn once(fault: &str, when: &mut dyn FnMut(&Progress, &Stop)) -> &'static str {
    let settings = Settings {
        contacts: 60,
        events: 40,
        todos: 8,
        software: Software {
            content_start: Duration::from_millis(30),
            ..Software::default()
        },
        ..Settings::default()
    };
    let handset = PracticeAndroid::new(with_fault(settings, fault));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let end = Stop::new();
    std::thread::scope(|scope| {
        let (served, end_of_service) = (&handset, &end);
        scope.spawn(move || served.serve(listener, end_of_service).expect("a service"));
        let _ends = Ends(&end);
        let stop = Stop::new();
        let link = tcp::connect(&address, Duration::from_secs(5)).expect("a link");
        let options = Options {
            stop: stop.clone(),
            ..Options::default()
        };
        let parent = tempfile::tempdir().expect("a folder");
        let request = common::request(Target::New(parent.path().to_owned()), "--practice");
        let mut folder = None;
        let ended = Adb::connect(link, options)
            .map_err(|e| e.to_string())
            .and_then(|adb| Android::open(adb, &Choices::default()).map_err(|e| e.to_string()))
            .and_then(|mut android| {
                let done = run(&mut android, &request, &stop, &mut |progress| {
                    if let Progress::Folder(place) = &progress {
                        folder = Some(place.clone());
                    }
                    when(&progress, &stop);
                    let gone = fault == "twin"
                        && matches!(progress, Progress::Surveyed(Collection::Calendar, _));
                    if let (true, Some(folder)) = (gone, &folder) {
                        // The rescue writes cards into the folder at the same time.
                        while fs::remove_dir_all(folder).is_err() && folder.exists() {}
                    }
                });
                drop(android);
                done.map_err(|e| e.to_string())
            });
        match ended {
            Ok(outcome) if outcome.finished => "finished",
            Ok(outcome) if outcome.lost => "cut",
            Ok(_) => "stopped",
            Err(_) => "failed",
        }
    })
}

#[test]
fn nothing_is_left_of_a_rescue_however_it_ends() {
    let stop_in_calendar = |progress: &Progress, stop: &Stop| {
        if matches!(progress, Progress::Looking(Collection::Calendar)) {
            stop.stop();
        }
    };
    // The first rescue leaves permanent things (the runtime's logging, caches), which are no leak.
    once("photos=0", &mut |_, _| {});
    std::thread::sleep(Duration::from_millis(300));
    let before = held();
    for (fault, expected) in [
        ("photos=0", "finished"),
        ("unplug-after-rows=200", "cut"),
        ("unplug-after-rows=20", "cut"),
        ("start=60ms", "stopped"),
        // The folder is removed during the rescue. The fault `twin` only marks this case: a second handset makes no
        // difference.
        ("twin", "failed"),
    ] {
        let ended = match expected {
            "stopped" => once(fault, &mut { stop_in_calendar }),
            _ => once(fault, &mut |_, _| {}),
        };
        assert_eq!(ended, expected, "{fault}");
        // The practice handset's own threads end shortly after their link.
        let until = Instant::now() + Duration::from_secs(5);
        while held() != before && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(held(), before, "{expected}: threads, and files and sockets");
    }
}
