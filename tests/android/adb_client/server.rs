//! Rescues through an adb server: a scripted one, and the real one if it is installed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lifeboat::link::tcp;
use lifeboat::protocol::adb::{
    ALLOW, Adb, AdbError, Options, Server, ShellCommand, ShellMode, SystemType, Waiting,
};

use super::adbd::{Answer, Device, Files, Service, Wire, packet};

const LIST: &str = "ABC123                 device usb:1-4 product:p model:M_1 device:d transport_id:1\n\
                    NEW                    unauthorized usb:1-5 transport_id:2\n";

fn counted(text: &str) -> String {
    format!("{:04x}{text}", text.len())
}

fn request(socket: &mut TcpStream) -> Option<String> {
    let mut length = [0; 4];
    socket.read_exact(&mut length).ok()?;
    let length = usize::from_str_radix(std::str::from_utf8(&length).ok()?, 16).ok()?;
    let mut text = vec![0; length];
    socket.read_exact(&mut text).ok()?;
    String::from_utf8(text).ok()
}

/// A scripted server: `answer` gives the reply to each request. Returns the requests too.
fn scripted(
    mut answer: impl FnMut(&str) -> Vec<u8> + Send + 'static,
) -> (Server, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            while let Some(text) = request(&mut socket) {
                log.lock().unwrap().push(text.clone());
                if socket.write_all(&answer(&text)).is_err() {
                    break;
                }
                if !text.starts_with("host:transport") {
                    break;
                }
            }
        }
    });
    (Server::at_port(port), asked)
}

fn okay(text: &str) -> Vec<u8> {
    format!("OKAY{text}").into_bytes()
}

fn fail(text: &str) -> Vec<u8> {
    format!("FAIL{}", counted(text)).into_bytes()
}

#[test]
fn a_servers_handset_is_read_like_any_other() {
    let (server, asked) = scripted(|text| match text {
        "host:devices-l" => okay(&counted(LIST)),
        "host-serial:ABC123:features" => okay(&counted("shell_v2,cmd,stat_v2")),
        "host:transport:ABC123" => okay(""),
        "shell,v2,raw:getprop" => [
            okay(""),
            packet(1, b"out"),
            packet(2, b"err"),
            packet(3, &[3]),
        ]
        .concat(),
        "shell,v2,raw:date +%s" => [okay(""), packet(1, b"cut")].concat(),
        "shell,v2,raw:pm list users" => fail("closed"),
        "shell,v2,raw:dumpsys battery" => Vec::new(),
        other => panic!("{other}"),
    });
    let devices = server.devices(&Options::default()).unwrap();
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[1].state, "unauthorized");
    let adb = Adb::through_server(server, "ABC123", Options::default()).unwrap();
    assert_eq!(adb.banner().system_type, SystemType::Device);
    assert_eq!(adb.banner().properties["ro.product.model"], "M_1");
    let stream = adb.shell(&ShellCommand::GetProp).unwrap();
    assert_eq!(stream.mode(), ShellMode::V2);
    let output = stream.read_all(100).unwrap();
    assert_eq!(
        (output.stdout, output.stderr, output.exit),
        (b"out".to_vec(), b"err".to_vec(), Some(3))
    );
    let cut = adb.run(&ShellCommand::Date, 100);
    assert!(matches!(cut, Err(AdbError::Truncated)));
    let refused = adb.run(&ShellCommand::Users, 100);
    assert!(matches!(refused, Err(AdbError::Refused { reason, .. }) if reason == "closed"));
    let ended = adb.run(&ShellCommand::Battery, 100).unwrap_err();
    assert!(ended.is_link_lost(), "{ended:?}");
    let asked = asked.lock().unwrap();
    assert!(
        asked
            .iter()
            .all(|text| !text.contains("kill") && !text.contains("start"))
    );
}

/// A second phone with the same name on the network has a blank in its serial number, so the server is asked by its
/// transport number.
#[test]
fn a_serial_with_blanks_is_asked_for_by_the_servers_number() {
    const SPACED: &str = "adb-9A1X-GHAxsW (2)._adb-tls-connect._tcp device product:renoir model:M_2 device:renoir \
                          transport_id:3\n";
    let (server, asked) = scripted(|text| match text {
        "host:devices-l" => okay(&counted(&format!("{LIST}{SPACED}"))),
        "host-transport-id:3:features" => okay(&counted("shell_v2")),
        "host:transport-id:3" => okay(""),
        "shell,v2,raw:getprop" => [okay(""), packet(1, b"out"), packet(3, &[0])].concat(),
        other => panic!("{other}"),
    });
    let devices = server.devices(&Options::default()).unwrap();
    assert_eq!(
        devices[2].serial,
        "adb-9A1X-GHAxsW (2)._adb-tls-connect._tcp"
    );
    let name = devices[2].by_number().expect("a number");
    let adb = Adb::through_server(server, &name, Options::default()).unwrap();
    assert_eq!(adb.banner().properties["ro.product.model"], "M_2");
    assert_eq!(adb.run(&ShellCommand::GetProp, 100).unwrap().stdout, b"out");
    assert!(asked.lock().unwrap().iter().all(|text| !text.contains(' ')));
}

#[test]
fn an_old_handset_falls_back_over_a_server_too() {
    let (server, _) = scripted(|text| match text {
        "host:devices-l" => okay(&counted(LIST)),
        "host-serial:ABC123:features" => okay(&counted("")),
        "host:transport:ABC123" => okay(""),
        "exec:getprop" => fail("closed"),
        "shell:getprop" => okay("a\r\nb\r\n"),
        other => panic!("{other}"),
    });
    let adb = Adb::through_server(server, "ABC123", Options::default()).unwrap();
    assert_eq!(
        adb.run(&ShellCommand::GetProp, 100).unwrap().stdout,
        b"a\nb\n"
    );
}

#[test]
fn a_server_is_waited_for_until_the_owner_allows_it() {
    let mut times = 0;
    let (server, _) = scripted(move |text| match text {
        "host:devices-l" => okay(&counted("NEW device\n")),
        "host-serial:NEW:features" => {
            times += 1;
            match times {
                1 => fail("device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set"),
                2 => fail("device still authorizing"),
                _ => okay(&counted("shell_v2")),
            }
        }
        "host-serial:GONE:features" => fail("device 'GONE' not found"),
        other => panic!("{other}"),
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&told);
    let options = Options {
        on_wait: Arc::new(move |waiting| to.lock().unwrap().push(waiting)),
        ..Options::default()
    };
    let adb = Adb::through_server(server, "NEW", options).unwrap();
    assert!(adb.banner().has("shell_v2"));
    assert_eq!(*told.lock().unwrap(), [Waiting::ForPermission(ALLOW)]);
    let gone = Adb::through_server(server, "GONE", Options::default()).unwrap_err();
    assert!(matches!(gone, AdbError::Gone { .. }));
    let odd = Adb::through_server(server, "a b", Options::default()).unwrap_err();
    assert!(matches!(odd, AdbError::Server(_)));
}

#[test]
fn where_no_server_runs_none_is_started() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let server = Server::at_port(port);
    let error = server.devices(&Options::default()).unwrap_err();
    assert!(matches!(error, AdbError::NoServer { .. }));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn what_is_no_server_is_not_believed() {
    for reply in [
        &b"HTTP/1.1 400 Bad"[..],
        b"OKAYzzzz",
        b"OKAYffff short",
        b"FAIL",
        b"",
    ] {
        let (server, _) = scripted(move |_| reply.to_vec());
        assert!(server.devices(&Options::default()).is_err());
    }
}

struct Both(Files);

impl Service for Both {
    fn opened(&mut self, name: &str) -> Option<Answer> {
        match name {
            "sync:" => self.0.opened(name),
            "shell,v2,raw:getprop" => Some(Answer::Bytes(
                [packet(1, b"out\n"), packet(3, &[9])].concat(),
            )),
            _ => None,
        }
    }

    fn wrote(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.0.wrote(bytes)
    }
}

/// The scripted handset behind Debian's own server, so that both sides of the server's protocol are real.
#[test]
fn the_real_server_is_understood() {
    let free = || {
        TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port()
    };
    let home = tempfile::tempdir().unwrap();
    let port = free();
    let adb = |args: &[&str]| {
        let mut command = Command::new("adb");
        command
            .args(["-P", &port.to_string()])
            .args(args)
            .env("HOME", home.path())
            .env_remove("ADB_VENDOR_KEYS")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let Ok(mut running) = adb(&["nodaemon", "server"]).spawn() else {
        crate::common::cannot::cannot_run("no adb here, whose server could be tried");
        return;
    };
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() && began.elapsed().as_secs() < 10 {
        std::thread::sleep(Duration::from_millis(50));
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let content: Vec<u8> = (0..300_000u32).map(|n| (n % 253) as u8).collect();
    let files = Files {
        content: content.clone(),
        ..Files::default()
    };
    let device = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut wire = Wire(tcp::from_stream(stream, "client".into()).unwrap());
        // The real server's greeting asks for more features than Lifeboat's.
        Device::default().serve_any(&mut wire, &mut Both(files));
    });
    let tried = || {
        let status = adb(&["connect", &place]).status().unwrap();
        assert!(status.success());
        let server = Server::at_port(port);
        let devices = server.devices(&Options::default()).unwrap();
        assert_eq!(
            (devices[0].serial.as_str(), devices[0].state.as_str()),
            (place.as_str(), "device")
        );
        let adb = Adb::through_server(server, &place, Options::default()).unwrap();
        assert!(adb.banner().has("shell_v2"));
        let output = adb.run(&ShellCommand::GetProp, 100).unwrap();
        assert_eq!(
            (output.stdout.as_slice(), output.exit),
            (&b"out\n"[..], Some(9))
        );
        let refused = adb.run(&ShellCommand::Date, 100);
        assert!(
            matches!(refused, Err(AdbError::Refused { .. })),
            "{refused:?}"
        );
        let mut got = Vec::new();
        let mut sync = adb.sync();
        assert!(sync.stat(b"/sdcard/a.jpg").unwrap().is_some());
        sync.recv(b"/sdcard/a.jpg", &mut got).unwrap();
        assert!(got == content);
    };
    let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(tried));
    running.kill().unwrap();
    running.wait().unwrap();
    tried.unwrap();
    device.join().unwrap();
}
