//! What an Android's services and properties tell the shell.

use std::fmt::Write as _;

use super::device::Device;
use super::owner;
use super::power::Phase;
use super::settings::{Area, Model, System};

pub(super) fn properties(device: &Device) -> Vec<(&'static str, String)> {
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
    match settings.software.system {
        System::Android | System::Unknown => {}
        System::Recovery => all.extend([
            ("ro.twrp.version", "3.7.0_12-0".to_owned()),
            ("init.svc.recovery", "running".to_owned()),
        ]),
        System::KaiOs => all.push(("ro.kaios.torch_enable_value", "127".to_owned())),
    }
    let states = device.sim_states();
    match settings.sim.are_apart {
        _ if settings.software.lacks_telephony => {}
        true => {
            let names = [
                "gsm.sim.state",
                "gsm.sim.state.2",
                "gsm.sim.state.3",
                "gsm.sim.state.4",
            ];
            all.extend(names.into_iter().zip(states));
        }
        false => all.push(("gsm.sim.state", states.join(","))),
    }
    for (name, value) in &settings.software.properties {
        all.retain(|(known, _)| known != name);
        all.push((name, (*value).to_owned()));
    }
    all.sort_unstable();
    all
}

pub(super) fn accounts(device: &Device) -> String {
    let mut text = String::new();
    let users = &device.settings.owner.users;
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

pub(super) fn users(device: &Device, dump: bool) -> String {
    let (level, front) = (device.settings.android, device.settings.owner.front_user);
    let mut text = String::new();
    if device.settings.software.hides_users {
        return "java.lang.SecurityException: You need MANAGE_USERS permission to: query users\n"
            .into();
    }
    if dump && level >= 31 {
        let _ = writeln!(text, "Current user: {front}\n");
    }
    text.push_str("Users:\n");
    let more = device
        .settings
        .owner
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
pub(super) fn subscriptions(device: &Device) -> String {
    let settings = &device.settings;
    let level = settings.android;
    if level < 22 || settings.software.lacks_telephony {
        return "Can't find service: isub\n".into();
    }
    let (mut active, mut all) = (String::new(), String::new());
    let states = device.sim_states();
    let mut card = |id: u32, slot: i64, name: &str, is_esim: bool| {
        let line = match level {
            34.. => format!(
                "  [SubscriptionInfoInternal: id={id} iccId=898600451[****] simSlotIndex={slot} portIndex=0 isEmbedded={} \
                 displayName={name} carrierName=Example number=[****] mcc=262 mnc=01]\n",
                u8::from(is_esim)
            ),
            _ => {
                let embedded = match level {
                    33 => format!(" isEmbedded={is_esim}"),
                    28..=32 => format!(" isEmbedded {is_esim}"),
                    _ => String::new(),
                };
                format!(
                    "  {{id={id}, iccId=898600451[****] simSlotIndex={slot} displayName={name} carrierName=Example \
                     nameSource=0 mcc 262 mnc 1{embedded} accessRules null}}\n",
                )
            }
        };
        all.push_str(&line);
        if slot >= 0 {
            active.push_str(&line);
        }
    };
    let present = settings.sim.entries.is_some() && !settings.sim.hides_isub;
    let newest = settings
        .sim
        .subscriptions
        .iter()
        .copied()
        .max()
        .unwrap_or(0);
    for id in 1..=newest {
        let slot = settings
            .sim
            .subscriptions
            .iter()
            .position(|known| *known == id);
        let is_open = |slot: &usize| {
            matches!(
                states.get(*slot).map(String::as_str),
                Some("READY" | "LOADED")
            )
        };
        let slot = slot.filter(|slot| present && is_open(slot));
        let name = format!("id={}", id + 1);
        card(id, slot.map_or(-1, |slot| slot as i64), &name, false);
    }
    for (id, name) in (newest + 1..).zip(&settings.sim.esims) {
        card(id, -1, name, true);
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

/// The sync manager's state (AOSP `SyncManager.dumpSyncState`).
pub(super) fn sync_state(device: &Device) -> String {
    let (level, off) = (device.settings.android, &device.settings.software.sync_off);
    let is_off = |what: &str| off.iter().any(|one| one == what);
    let auto = if level >= 28 {
        "Auto sync"
    } else {
        "auto sync"
    };
    let mut text = format!(
        "Data connected: true\nBattery saver: false\nBackground network restriction:  disabled\n{auto}: u0={} \n\
         Storage low: false\nClock valid: true\nAccounts: 2\nNow: 319303 (2024-06-03 08:00:00)\nUptime: 5m19s\n\n\
         Active Syncs: 0\n\nPending Syncs: 0\n\nPeriodic Syncs: 0\n\nSync Status\n",
        !is_off("all")
    );
    let owner = owner::Owner::of(&device.settings, 0);
    for (name, kind) in owner
        .map(|owner| owner.listed_accounts())
        .unwrap_or_default()
    {
        let user = if level >= 17 { " u0" } else { "" };
        let _ = writeln!(text, "Account {name}{user} {kind}\n{}", "=".repeat(71));
        let _ = writeln!(
            text,
            "{:<40} Syncable  Enabled  Stats  Loc  Poll",
            "Authority"
        );
        for authority in [
            "com.android.calendar",
            "com.android.contacts",
            "com.google.android.gms.fitness",
        ] {
            let (syncable, enabled) = match authority.ends_with("fitness") {
                true => (-1, false),
                false => (1, !is_off(authority)),
            };
            let _ = writeln!(
                text,
                "{authority:<40} {syncable:<9} {enabled:<8} Total  0    0     3  OTHER SUCCESS\n{:60}Today   2024-06-03 07:59:01",
                ""
            );
        }
    }
    text.push_str("\nSync History\n");
    text
}

pub(super) fn battery(device: &Device) -> String {
    let battery = device.settings.power.battery;
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
pub(super) fn packages(device: &Device, arguments: &[&str]) -> Result<String, String> {
    let asked = arguments
        .iter()
        .skip_while(|word| **word != "--user")
        .nth(1)
        .and_then(|id| id.parse::<u32>().ok());
    let mut users = device.settings.owner.users.iter();
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
    if device.settings.software.lacks_telephony {
        all.retain(|app| *app != "com.android.phone");
    }
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
        all.extend(device.settings.software.task_apps.iter().copied());
        all.extend(device.settings.software.apps.iter().map(String::as_str));
    }
    all.sort_unstable();
    Ok(all.iter().fold(String::new(), |mut text, package| {
        let _ = writeln!(text, "package:{package}");
        text
    }))
}

pub(super) fn appops(device: &Device, arguments: &[&str]) -> String {
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
        "READ_SMS" | "android:read_sms" => Area::Messages,
        _ => return "No operations.\nDefault mode: allow\n".into(),
    };
    let mode = match device.settings.providers.ignored.contains(area) {
        true if device.settings.providers.ignored_mode.is_empty() => "ignore",
        true => device.settings.providers.ignored_mode.as_str(),
        false => "allow",
    };
    let name = name.trim_start_matches("android:").to_uppercase();
    format!("{name}: {mode}; time=+2m14s301ms ago\n")
}
