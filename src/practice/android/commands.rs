//! The shell commands that are needed for reading.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use super::adbd::Gone;
use super::console::Console;
use super::content;
use super::device::Device;
use super::files::Kind;
use super::owner;
use super::power::Phase;
use super::settings::{Area, Model, System};

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
    let is_android = matches!(device.settings.system, System::Android);
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
        ("am", ["get-current-user"]) if level >= 17 => format!("{}\n", device.settings.front_user),
        ("appops", ["get", ..]) if device.settings.hides_app_ops.is_some() => {
            let said = device.settings.hides_app_ops.unwrap_or_default();
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
    let is_noisy = device.settings.noise && matches!(name, "pm" | "am" | "appops" | "settings");
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

fn properties(device: &Device) -> Vec<(&'static str, String)> {
    let settings = &device.settings;
    let Model {
        maker,
        product,
        model,
        device: name,
    } = device.model();
    let mut all = vec![
        ("ro.product.manufacturer", maker.to_owned()),
        ("ro.product.brand", maker.to_lowercase()),
        ("ro.product.name", product.to_owned()),
        ("ro.product.model", model.to_owned()),
        ("ro.product.device", name.to_owned()),
        ("ro.serialno", device.serial().to_owned()),
        ("ro.boot.serialno", device.serial().to_owned()),
        ("ro.build.version.release", settings.release().to_owned()),
        ("ro.build.version.sdk", settings.android.to_string()),
        (
            "ro.build.fingerprint",
            format!(
                "{}/{product}/{name}:{}/PRACTICE.{}/1:user/release-keys",
                maker.to_lowercase(),
                settings.release(),
                settings.android
            ),
        ),
        ("ro.build.version.security_patch", "2025-03-01".to_owned()),
        ("ro.build.type", "user".to_owned()),
        ("ro.debuggable", "0".to_owned()),
        ("ro.secure", "1".to_owned()),
        ("ro.crypto.state", "encrypted".to_owned()),
        ("persist.sys.timezone", "Europe/Berlin".to_owned()),
        ("persist.sys.locale", "de-DE".to_owned()),
    ];
    let phase = device.phase();
    if phase != Phase::Starting {
        all.push(("sys.boot_completed", "1".to_owned()));
    }
    if settings.android >= 24 {
        all.push(("ro.crypto.type", "file".to_owned()));
        // The property is only ever set to true (AOSP `UserDataPreparer.prepareUserDataLI`). It is missing before the
        // first unlock.
        if phase == Phase::Open {
            all.push(("sys.user.0.ce_available", "true".to_owned()));
        }
    }
    match settings.system {
        System::Android | System::Unknown => {}
        System::Recovery => all.extend([
            ("ro.twrp.version", "3.7.0_12-0".to_owned()),
            ("init.svc.recovery", "running".to_owned()),
        ]),
        System::KaiOs => all.push(("ro.kaios.torch_enable_value", "127".to_owned())),
    }
    all.push(("gsm.sim.state", device.sim_states().join(",")));
    for (name, value) in &settings.properties {
        all.retain(|(known, _)| known != name);
        all.push((name, (*value).to_owned()));
    }
    all.sort_unstable();
    all
}

fn accounts(device: &Device) -> String {
    let mut text = String::new();
    let users = &device.settings.users;
    let ids =
        std::iter::once((0, "Owner")).chain(users.iter().map(|user| (user.id, user.name.as_str())));
    for (id, name) in ids {
        let list = owner::Owner::of(&device.settings, id).map(|owner| owner.listed_accounts());
        let list = list.unwrap_or_default();
        let _ = writeln!(
            text,
            "User UserInfo{{{id}:{name}:{:x}}}:",
            flags(device, id)
        );
        let _ = writeln!(text, "  Accounts: {}", list.len());
        for (name, kind) in &list {
            let _ = writeln!(text, "    Account {{name={name}, type={kind}}}");
        }
        text.push_str("\n  AccountId, Action_Type, timestamp, UID, TableName, Key\n");
        text.push_str("  Accounts History\n");
        for (place, (_, kind)) in list.iter().enumerate() {
            let _ = writeln!(
                text,
                "  {},action_account_add,2023-05-{:02} 09:14:03,10{},accounts,{place}",
                place + 1,
                place + 2,
                120 + kind.len()
            );
        }
        let apps = owner::SIGNING_IN;
        let _ = writeln!(
            text,
            "\n  Active Sessions: 0\n\n  RegisteredServicesCache: {} services",
            apps.len()
        );
        for (place, kind) in apps.iter().enumerate() {
            let _ = writeln!(
                text,
                "    ServiceInfo: AuthenticatorDescription {{type={kind}}}, ComponentInfo{{{kind}/.Sync}}, uid 101{place}"
            );
        }
        text.push('\n');
    }
    text
}

fn flags(device: &Device, id: u32) -> u32 {
    match device.user(id).flatten() {
        None if device.settings.android >= 29 => 0xc13,
        None => 0x13,
        Some(user) => user.flags,
    }
}

/// The `type_name` of a user in `dumpsys user`.
fn user_type(device: &Device, id: u32) -> String {
    match device.user(id).flatten() {
        None => "android.os.usertype.full.SYSTEM".into(),
        Some(user) if user.type_name.starts_with(['f', 'p']) => {
            format!("android.os.usertype.{}", user.type_name)
        }
        Some(user) => user.type_name.to_owned(),
    }
}

fn users(device: &Device, dump: bool) -> String {
    let (level, front) = (device.settings.android, device.settings.front_user);
    let mut text = String::new();
    if dump && level >= 31 {
        let _ = writeln!(text, "Current user: {front}\n");
    }
    text.push_str("Users:\n");
    let more = device
        .settings
        .users
        .iter()
        .map(|user| (user.id, user.name.as_str()));
    for (id, name) in std::iter::once((0, "Owner")).chain(more) {
        let flags = flags(device, id);
        if dump {
            let state = match device.phase() {
                Phase::Open => "RUNNING_UNLOCKED",
                Phase::Gone | Phase::Starting | Phase::Locked => "RUNNING_LOCKED",
            };
            let _ = writeln!(text, "  UserInfo{{{id}:{name}:{flags:x}}} serialNo={id}");
            if level >= 30 {
                let _ = writeln!(text, "    Type: {}", user_type(device, id));
            }
            let _ = writeln!(text, "    State: {state}");
        } else {
            let _ = writeln!(text, "\tUserInfo{{{id}:{name}:{flags:x}}} running");
        }
    }
    text
}

/// Subscriptions of the SIM cards: AOSP's `SubscriptionController` from Android 5.1 to 13, and
/// `SubscriptionManagerService` in later versions.
fn subscriptions(device: &Device) -> String {
    let settings = &device.settings;
    let level = settings.android;
    if level < 22 {
        return "Can't find service: isub\n".into();
    }
    let (mut active, mut all) = (String::new(), String::new());
    let states = device.sim_states();
    let mut card = |id: u32, slot: i64| {
        let line = match level {
            34.. => format!(
                "  [SubscriptionInfoInternal: id={id} iccId=898600451[****] simSlotIndex={slot} portIndex=0 isEmbedded=0 \
                 displayName=id={} carrierName=Example number=[****] mcc=262 mnc=01]\n",
                id + 1
            ),
            _ => format!(
                "  {{id={id}, iccId=898600451[****] simSlotIndex={slot} displayName=id={} carrierName=Example \
                 nameSource=0 mcc 262 mnc 1}}\n",
                id + 1
            ),
        };
        all.push_str(&line);
        if slot >= 0 {
            active.push_str(&line);
        }
    };
    let present = settings.sim_entries.is_some() && !settings.hides_isub;
    let newest = settings.sims.iter().copied().max().unwrap_or(0);
    for id in 1..=newest {
        let slot = settings.sims.iter().position(|known| *known == id);
        let is_open = |slot: &usize| {
            matches!(
                states.get(*slot).map(String::as_str),
                Some("READY" | "LOADED")
            )
        };
        let slot = slot.filter(|slot| present && is_open(slot));
        card(id, slot.map_or(-1, |slot| slot as i64));
    }
    match (level, active.is_empty()) {
        (34.., _) => format!(
            "SubscriptionManagerService:\nActive modem count=2\nLogical SIM slot sub id mapping:\n\nActive subscriptions:\n\
             {active}\nAll subscriptions:\n{all}\n"
        ),
        (_, true) => format!(
            "SubscriptionController:\n ActiveSubInfoList: is null\n++++\n AllSubInfoList:\n{all}++++\n"
        ),
        (_, false) => format!(
            "SubscriptionController:\n defaultSubId=1\n++++\n ActiveSubInfoList:\n{active}++++\n AllSubInfoList:\n{all}++++\n"
        ),
    }
}

fn battery(device: &Device) -> String {
    let battery = device.settings.battery;
    let full = battery.percent == 100;
    let status = match (battery.charging, full) {
        (_, true) => 5,
        (true, _) => 2,
        (false, _) => 3,
    };
    format!(
        "Current Battery Service state:\n  AC powered: false\n  USB powered: {}\n  Wireless powered: false\n  \
         Max charging current: 500000\n  Max charging voltage: 5000000\n  Charge counter: 3812000\n  \
         status: {status}\n  health: 2\n  present: true\n  level: {}\n  scale: 100\n  voltage: 4123\n  \
         temperature: 287\n  technology: Li-ion\n",
        battery.charging, battery.percent
    )
}

/// Returns the package list, or the reason for a refusal. Without a user number, the list covers all users, and one
/// of them may be closed to the shell.
fn packages(device: &Device, arguments: &[&str]) -> Result<String, String> {
    let asked = arguments
        .iter()
        .skip_while(|word| **word != "--user")
        .nth(1)
        .and_then(|id| id.parse::<u32>().ok());
    let mut users = device.settings.users.iter();
    let closed = users.find(|user| user.is_refused && asked.is_none_or(|asked| asked == user.id));
    if let Some(user) = closed {
        return Err(format!(
            "\nException occurred while executing 'list':\n\
             java.lang.SecurityException: Shell does not have permission to access user {}\n\
             \tat com.android.server.am.UserController.handleIncomingUser(UserController.java:2511)\n\
             \tat com.android.server.pm.PackageManagerShellCommand.runListPackages(PackageManagerShellCommand.java:865)\n",
            user.id
        ));
    }
    let user = asked.unwrap_or(0);
    let mut all = vec![
        "android",
        "com.android.shell",
        "com.android.settings",
        "com.android.phone",
        "com.android.providers.calendar",
        "com.android.providers.media",
    ];
    if device.settings.samsung {
        all.extend([
            "com.samsung.android.providers.contacts",
            "com.samsung.android.calendar",
        ]);
    } else {
        all.extend([
            "com.android.providers.contacts",
            "com.google.android.contacts",
        ]);
    }
    if user == 0 {
        all.extend(["com.google.android.gms", "at.bitfire.davdroid"]);
        all.extend(device.settings.task_apps.iter().copied());
    }
    all.sort_unstable();
    Ok(all.iter().fold(String::new(), |mut text, package| {
        let _ = writeln!(text, "package:{package}");
        text
    }))
}

fn appops(device: &Device, arguments: &[&str]) -> String {
    // `--user N` may come first.
    let rest = match arguments {
        ["--user", _, rest @ ..] => rest,
        rest => rest,
    };
    let (Some(_), Some(name)) = (rest.first(), rest.get(1)) else {
        return "No operations.\n".into();
    };
    let area = match *name {
        "READ_CONTACTS" | "android:read_contacts" => Area::Contacts,
        "READ_CALENDAR" | "android:read_calendar" => Area::Calendar,
        "READ_CALL_LOG" | "android:read_call_log" => Area::Calls,
        _ => return "No operations.\nDefault mode: allow\n".into(),
    };
    let mode = match device.settings.ignored.contains(area) {
        true => "ignore",
        false => "allow",
    };
    let name = name.trim_start_matches("android:").to_uppercase();
    format!("{name}: {mode}; time=+2m14s301ms ago\n")
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
