//! Shell commands on three generations of handsets.

use super::*;

const LINES: &[u8] = b"one\r\ntwo\n\r\r\nend\r";

#[test]
fn android_7_and_later_tell_output_errors_and_exit_code_apart() {
    for piece in [1, 3, 5, 64 << 10] {
        let device = Device {
            piece,
            ..Device::default()
        };
        let (link, device) = serving(device, |_: &str| {
            let parts = [
                packet(1, b"out"),
                packet(9, b"unknown"),
                packet(2, b"err"),
                packet(1, b""),
                packet(1, LINES),
                packet(3, &[42]),
            ];
            Some(Answer::Bytes(parts.concat()))
        });
        let adb = connect(link);
        let mut stream = adb.shell(&ShellCommand::Battery).unwrap();
        assert_eq!(stream.mode(), ShellMode::V2);
        let (mut out, mut err, mut exit) = (Vec::new(), Vec::new(), None);
        while let Some(chunk) = stream.read().unwrap() {
            match chunk {
                Chunk::Stdout(bytes) => out.extend(bytes),
                Chunk::Stderr(bytes) => err.extend(bytes),
                Chunk::Exit(code) => exit = Some(code),
            }
        }
        assert_eq!(out, [b"out", LINES].concat());
        assert_eq!((err.as_slice(), exit), (&b"err"[..], Some(42)));
        assert_eq!(stream.read().unwrap(), None, "and stays at its end");
        drop((stream, adb));
        device.join().unwrap();
    }
}

#[test]
fn a_command_that_is_cut_off_is_not_taken_for_a_whole_one() {
    let (link, device) = serving(Device::default(), |_: &str| {
        Some(Answer::Bytes(packet(1, b"half of it")))
    });
    let adb = connect(link);
    let error = adb.run(&ShellCommand::Accounts, 100).unwrap_err();
    assert!(matches!(error, AdbError::Truncated) && error.is_link_lost());
    drop(adb);
    device.join().unwrap();
}

#[test]
fn android_5_and_6_answer_through_exec() {
    let device = Device {
        banner: "device::ro.product.name=x;features=cmd",
        ..Device::default()
    };
    let (link, device) = serving(device, |name: &str| {
        assert_eq!(name, "exec:dumpsys account");
        Some(Answer::Bytes(LINES.to_vec()))
    });
    let adb = connect(link);
    let stream = adb.shell(&ShellCommand::Accounts).unwrap();
    assert_eq!(stream.mode(), ShellMode::Exec);
    let output = stream.read_all(100).unwrap();
    assert_eq!((output.stdout.as_slice(), output.exit), (LINES, None));
    drop(adb);
    device.join().unwrap();
}

#[test]
fn android_4_answers_through_a_terminal_whose_changes_are_undone() {
    for piece in 1..6 {
        let device = Device {
            banner: "device::",
            piece,
            ..Device::default()
        };
        let log = Arc::clone(&device.log);
        let (link, device) = serving(device, |name: &str| {
            name.starts_with("shell:").then(|| {
                let shown = String::from_utf8(LINES.to_vec()).unwrap();
                Answer::Bytes(shown.replace('\n', "\r\n").into_bytes())
            })
        });
        let adb = connect(link);
        for _ in 0..2 {
            let stream = adb.shell(&ShellCommand::Date).unwrap();
            assert_eq!(stream.mode(), ShellMode::Pty);
            assert_eq!(stream.read_all(100).unwrap().stdout, LINES);
        }
        drop(adb);
        device.join().unwrap();
        let log = log.lock().unwrap();
        let opens: Vec<_> = log.iter().filter(|line| line.starts_with("OPEN")).collect();
        assert_eq!(
            opens,
            [
                "OPEN exec:date +%s\0",
                "OPEN shell:date +%s\0",
                "OPEN shell:date +%s\0"
            ],
            "exec is tried once"
        );
    }
}

#[test]
fn a_handset_that_runs_nothing_says_so() {
    let device = Device {
        banner: "sideload::",
        ..Device::default()
    };
    let (link, device) = serving(device, |_: &str| None);
    let adb = connect(link);
    assert_eq!(adb.banner().system_type, SystemType::Sideload);
    let result = adb.run(&ShellCommand::GetProp, 10);
    assert!(matches!(result, Err(AdbError::Refused { .. })));
    drop(adb);
    device.join().unwrap();
}
