//! The shell commands that are needed for reading.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use super::adbd::Gone;
use super::console::Console;
use super::content;
use super::device::Device;
use super::files::Kind;
use super::power::Phase;
use super::services::{
    accounts, appops, battery, packages, properties, subscriptions, sync_state, users,
};
use super::settings::System;

/// Commands that change something on a real handset, whatever their arguments are.
const MUTATING: [&str; 30] = [
    "svc",
    "reboot",
    "rm",
    "input",
    "mv",
    "cp",
    "mkdir",
    "rmdir",
    "touch",
    "chmod",
    "chown",
    "ln",
    "dd",
    "kill",
    "killall",
    "setprop",
    "start",
    "stop",
    "monkey",
    "screencap",
    "screenrecord",
    "bu",
    "bmgr",
    "sm",
    "locksettings",
    "ime",
    "tee",
    "truncate",
    "sync",
    "tradeinmode",
];

/// Runs one command of `line` and returns its exit code.
pub(super) fn run(
    device: &Device,
    line: &str,
    words: &[String],
    console: &mut Console,
) -> Result<u8, Gone> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let level = device.settings.android;
    let Some((&name, arguments)) = words.split_first() else {
        return Ok(0);
    };
    if device.phase() == Phase::Starting && SERVICES.contains(&name) {
        return no_service(device, name, arguments, console);
    }
    let is_android = matches!(device.settings.software.system, System::Android);
    let text = match (name, arguments) {
        ("content" | "pm" | "am" | "appops" | "cmd" | "dumpsys" | "settings", _) if !is_android => {
            return not_found(device, line, name, console, false);
        }
        ("content", arguments) => {
            let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
            return content::run(device, line, &arguments, console);
        }
        ("echo", ["-n", rest @ ..]) => rest.join(" "),
        ("echo", rest) => format!("{}\n", rest.join(" ")),
        ("true", _) => String::new(),
        ("false", _) => return Ok(1),
        ("exit", [code]) => return Ok(code.parse().unwrap_or(2)),
        ("getprop", []) => properties(device)
            .iter()
            .fold(String::new(), |mut all, (name, value)| {
                let _ = writeln!(all, "[{name}]: [{value}]");
                all
            }),
        ("getprop", [name, rest @ ..]) => {
            let all = properties(device);
            let found = all.iter().find(|(known, _)| known == name);
            let other = rest.first().copied().unwrap_or("");
            format!("{}\n", found.map_or(other, |(_, value)| value))
        }
        ("dumpsys", ["account", ..]) => accounts(device),
        ("dumpsys", ["battery"]) => battery(device),
        ("dumpsys", ["user"]) => users(device, true),
        ("dumpsys", ["isub"]) => subscriptions(device),
        ("dumpsys", ["content"]) => sync_state(device),
        ("dumpsys", [service, rest @ ..]) => {
            let harmless = ["package", "window", "power", "usb", "cpuinfo", "meminfo"];
            if !harmless.contains(service) || rest.contains(&"set") {
                device.trip(line);
            }
            format!("Can't find service: {service}\n")
        }
        ("pm", ["list", "users"]) if level >= 17 => users(device, false),
        // Read-only commands that this Android version does not have yet.
        ("pm", ["list", "users"]) => "Error: unknown list type 'users'\n".into(),
        ("cmd", ["package", "list", "packages", ..]) if level < 24 => {
            return not_found(device, line, name, console, false);
        }
        ("pm", ["list", "packages", rest @ ..])
        | ("cmd", ["package", "list", "packages", rest @ ..]) => match packages(device, rest) {
            Ok(list) => list,
            Err(refusal) => {
                console.err(refusal.as_bytes())?;
                return Ok(255);
            }
        },
        ("am", ["get-current-user"]) if level >= 17 => {
            format!("{}\n", device.settings.owner.front_user)
        }
        ("appops", ["get", ..]) if device.settings.software.hides_app_ops.is_some() => {
            let said = device.settings.software.hides_app_ops.unwrap_or_default();
            console.err(format!("{said}\n").as_bytes())?;
            return Ok(255);
        }
        ("appops", ["get", rest @ ..]) if level >= 21 => appops(device, rest),
        ("appops", ["get", ..]) => return not_found(device, line, name, console, false),
        ("cmd", ["appops", "get", rest @ ..]) if level >= 24 => appops(device, rest),
        ("settings", ["get", ..]) => "null\n".into(),
        ("date", ["+%s"]) => format!("{}\n", now()),
        ("date", ["+%s%N" | "+%N"]) => format!("{}000000000\n", now()),
        ("date", []) => format!("{}\n", now()),
        ("id", []) => {
            "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),\
             1015(sdcard_rw),1028(sdcard_r),3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),\
             3009(readproc),3011(uhid) context=u:r:shell:s0\n"
                .into()
        }
        ("whoami", []) => "shell\n".into(),
        ("uname", _) => "Linux\n".into(),
        ("wm", ["size"]) => "Physical size: 1080x2400\n".into(),
        ("wm", ["density"]) => "Physical density: 420\n".into(),
        ("ls" | "cat" | "stat" | "tail", _) => return files(device, name, arguments, console),
        ("su", _) => return not_found(device, line, name, console, true),
        ("pm" | "am" | "appops" | "settings" | "wm" | "date" | "cmd" | "dumpsys", _) => {
            device.trip(line);
            return Ok(255);
        }
        _ if MUTATING.contains(&name) => {
            device.trip(line);
            return Ok(1);
        }
        // Its effect on another handset is unknown.
        _ => return not_found(device, line, name, console, true),
    };
    let is_noisy =
        device.settings.software.noise && matches!(name, "pm" | "am" | "appops" | "settings");
    if is_noisy {
        console.noise()?;
    }
    console.out(text.as_bytes())?;
    if is_noisy {
        console.noise()?;
    }
    Ok(0)
}

fn not_found(
    device: &Device,
    line: &str,
    name: &str,
    console: &mut Console,
    trips: bool,
) -> Result<u8, Gone> {
    if trips {
        device.trip(line);
    }
    // The wording changed with mksh's inaccessible-or-not-found in Android 10.
    let what = if device.settings.android >= 29 {
        "inaccessible or not found"
    } else {
        "not found"
    };
    console.err(format!("/system/bin/sh: {name}: {what}\n").as_bytes())?;
    Ok(127)
}

/// Commands that ask a system service.
const SERVICES: [&str; 5] = ["dumpsys", "pm", "am", "cmd", "appops"];

/// Output of these commands before the services have started.
fn no_service(
    device: &Device,
    name: &str,
    arguments: &[&str],
    console: &mut Console,
) -> Result<u8, Gone> {
    let service = match name {
        "dumpsys" => {
            let service = arguments.first().unwrap_or(&"");
            console.err(format!("Can't find service: {service}\n").as_bytes())?;
            return Ok(0);
        }
        "cmd" => arguments.first().unwrap_or(&""),
        "pm" => "package",
        "am" => "activity",
        _ => name,
    };
    if device.settings.android < 24 && name == "pm" {
        let text = "Error: Could not access the Package Manager.  Is the system running?\n";
        console.err(text.as_bytes())?;
        return Ok(1);
    }
    console.err(format!("cmd: Can't find service: {service}\n").as_bytes())?;
    Ok(20)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Runs `ls`, `cat`, `stat` and `tail -c +N` on the virtual files.
fn files(
    device: &Device,
    name: &str,
    arguments: &[&str],
    console: &mut Console,
) -> Result<u8, Gone> {
    let mut from = 1_u64;
    let mut paths = Vec::new();
    let mut words = arguments.iter();
    let mut operands = false;
    while let Some(word) = words.next() {
        match *word {
            path if operands => paths.push(path),
            "--" => operands = true,
            "-c" if name == "tail" => {
                let start = words.next().and_then(|n| n.strip_prefix('+')?.parse().ok());
                from = start.unwrap_or(1);
            }
            "-c" if name == "stat" => drop(words.next()),
            word if word.starts_with('-') => {}
            path => paths.push(path),
        }
    }
    let mut code = 0;
    for path in paths {
        let Some(file) = device.files.stat(path) else {
            let text = format!("{name}: {path}: No such file or directory\n");
            console.err(text.as_bytes())?;
            code = 1;
            continue;
        };
        match (name, file.kind) {
            ("ls", Kind::Folder) => {
                for entry in device.files.list(path) {
                    console.line(&entry.name)?;
                }
            }
            ("ls", Kind::File) => console.line(path)?,
            ("stat", _) => {
                console.line(&format!("  File: {path}"))?;
                console.line(&format!("  Size: {}", file.size))?;
                console.line(&format!("Modify: {}", file.modified))?;
            }
            (_, Kind::Folder) => {
                console.err(format!("{name}: read: Is a directory\n").as_bytes())?;
                code = 1;
            }
            (_, Kind::File) => {
                let mut skipped = from.saturating_sub(1);
                for piece in device.files.read(path, 4096).into_iter().flatten() {
                    let start = usize::try_from(skipped)
                        .unwrap_or(usize::MAX)
                        .min(piece.len());
                    skipped -= start as u64;
                    console.out(piece.get(start..).unwrap_or_default())?;
                }
            }
        }
    }
    Ok(code)
}
