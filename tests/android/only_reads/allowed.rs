//! The allow-list as it was reviewed, and a judge that takes a request apart and compares it with the list.

use lifeboat::protocol::adb::allowed::{
    COMMANDS, SERVER_REQUESTS, SERVICES, SYNC_VERBS, URIS, Value,
};

/// The whole list. A change of the list needs a change here, which a reviewer sees.
const REVIEWED: &str = "\
service shell,v2,raw:
service exec:
service shell:
service sync:
command getprop
command dumpsys account
command dumpsys battery
command pm list users
command dumpsys user
command am get-current-user
command pm list packages [--user Number]
command appops get com.android.shell READ_CONTACTS
command appops get com.android.shell READ_CALENDAR
command appops get com.android.shell READ_CALL_LOG
command appops get com.android.shell READ_SMS
command date +%s
command dumpsys isub
command dumpsys content
command content query [--uri Uri] [--user Number] [--projection Sql] [--where Sql] [--sort Sql]
command content read [--uri Part]
command tail [-c FromByte] [-- Path]
uri content://com.android.contacts/raw_contact_entities
uri content://com.android.contacts/raw_contacts
uri content://com.android.contacts/contacts
uri content://com.android.contacts/groups
uri content://com.android.contacts/profile/raw_contact_entities
uri content://com.android.calendar/calendars
uri content://com.android.calendar/events
uri content://com.android.calendar/reminders
uri content://com.android.calendar/attendees
uri content://com.android.calendar/extendedproperties
uri content://com.android.calendar/syncTasks
uri content://com.android.calendar/TasksAccounts
uri content://call_log/calls
uri content://sms
uri content://mms
uri content://mms/part
uri content://mms/inbox
uri content://mms/sent
uri content://mms/#/part
uri content://mms/#/addr
uri content://media/external/file
uri content://telephony/siminfo
uri content://icc/adn
uri content://icc/adn2
uri content://icc/adn3
uri content://icc/adn4
uri content://icc/pbr
uri content://icc/pbr2
uri content://icc/pbr3
uri content://icc/pbr4
uri content://icc/adn/subId/
sync STAT
sync LST2
sync LIST
sync LIS2
sync RECV
sync RCV2
server host:devices-l
server host-serial:SERIAL:features
server host:transport:SERIAL
server host-transport-id:SERIAL:features
server host:transport-id:SERIAL
";

#[test]
fn the_list_is_the_one_that_was_reviewed() {
    let mut list: Vec<String> = SERVICES.map(|s| format!("service {}", s.name())).to_vec();
    for command in COMMANDS {
        let options = command.options().iter();
        let options = options.map(|o| format!(" [{} {:?}]", o.name(), o.value()));
        list.push(format!(
            "command {}{}",
            command.words(),
            options.collect::<String>()
        ));
    }
    list.extend(URIS.map(|(_, text)| format!("uri {text}")));
    list.extend(SYNC_VERBS.map(|v| format!("sync {}", String::from_utf8_lossy(&v.letters()))));
    list.extend(SERVER_REQUESTS.map(|request| match request.parts() {
        (begin, Some(end)) => format!("server {begin}SERIAL{end}"),
        (whole, None) => format!("server {whole}"),
    }));
    assert_eq!(list.join("\n") + "\n", REVIEWED);
}

/// Judges the name of a service that a stream is opened to.
pub fn judge_service(name: &str) -> Result<(), String> {
    let services = SERVICES.iter().map(|s| s.name());
    let prefix = services
        .filter(|prefix| name.starts_with(prefix))
        .max_by_key(|prefix| prefix.len())
        .ok_or_else(|| format!("no such service: {name:?}"))?;
    let rest = &name[prefix.len()..];
    match prefix {
        "sync:" if rest.is_empty() => Ok(()),
        "sync:" => Err(format!("more than sync: {name:?}")),
        _ => judge_line(rest),
    }
}

/// Judges a shell line by the words that a POSIX shell would make of it.
fn judge_line(line: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}: {line:?}"));
    if !is_inert(line) {
        return wrong("it means more than words to a shell");
    }
    let Some(words) = shlex::split(line) else {
        return wrong("a quote is not closed");
    };
    let row = COMMANDS.iter().find_map(|command| {
        let fixed: Vec<&str> = command.words().split(' ').collect();
        let (head, options) = words.split_at_checked(fixed.len())?;
        (head == fixed).then_some((command, options))
    });
    let Some((command, options)) = row else {
        return wrong("no such command");
    };
    let mut seen = Vec::new();
    for pair in options.chunks(2) {
        let [name, value] = pair else {
            return wrong("an option without a value");
        };
        let Some(option) = command.options().iter().find(|o| o.name() == name) else {
            return wrong("no such option");
        };
        if seen.contains(name) {
            return wrong("an option twice");
        }
        seen.push(name.clone());
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = match option.value() {
            Value::Number => is_number(value),
            Value::Uri => URIS.iter().any(|(_, text)| match text.split_once('#') {
                Some((begin, end)) => {
                    let rest = value.strip_prefix(begin);
                    rest.and_then(|rest| rest.strip_suffix(end))
                        .is_some_and(is_number)
                }
                None if text.ends_with('/') => value.strip_prefix(text).is_some_and(is_number),
                None => value == text,
            }),
            Value::Part => value
                .strip_prefix("content://mms/part/")
                .is_some_and(is_number),
            Value::Sql => true,
            Value::FromByte => value.strip_prefix('+').is_some_and(is_number),
            Value::Path => true,
        };
        if !fits {
            return wrong("the value of an option");
        }
    }
    Ok(())
}

/// Returns true if the line consists of blanks, plain characters, quoted parts and escaped quotes, so that a shell only
/// splits it into words (POSIX.1-2024, Shell Command Language, 2.2).
fn is_inert(line: &str) -> bool {
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let inert = match c {
            '\'' => rest.by_ref().any(|c| c == '\''),
            '\\' => rest.next() == Some('\''),
            c => c.is_ascii_alphanumeric() || " _:.,/+%-".contains(c),
        };
        if !inert {
            return false;
        }
    }
    true
}

/// Judges a request to the adb server of this computer. `serial` is the chosen handset.
pub fn judge_server_request(request: &str, serial: &str) -> Result<(), String> {
    let known = SERVER_REQUESTS.iter().any(|row| match row.parts() {
        (begin, Some(end)) => request == format!("{begin}{serial}{end}"),
        (whole, None) => request == whole,
    });
    match known {
        true => Ok(()),
        false => judge_service(request),
    }
}

/// The judge must be able to refuse.
#[test]
fn what_writes_is_not_on_the_list() {
    for service in [
        "reboot:",
        "root:",
        "remount:",
        "tcpip:5555",
        "usb:",
        "backup:-all",
        "restore:",
        "disable-verity:",
        "sync:x",
        "shell:",
        "shell:rm -rf /sdcard",
        "shell:getprop; reboot",
        "shell:getprop\nreboot",
        "shell:getprop $(reboot)",
        "shell:getprop `reboot`",
        "shell:getprop && reboot",
        "shell:getprop > /sdcard/x",
        "shell:getprop 'x",
        "shell:getprop x",
        "shell:setprop a b",
        "shell:date -s 1",
        "shell:date +%s 1",
        "shell:pm list packages --user 0 --user 1",
        "shell:pm list packages --user x",
        "shell:pm uninstall a",
        "shell:dumpsys battery set level 3",
        "shell:appops set com.android.shell READ_CONTACTS allow",
        "shell:content delete --uri content://com.android.contacts/raw_contacts",
        "shell:content insert --uri content://com.android.contacts/raw_contacts --bind a:s:b",
        "shell:content query --uri content://com.android.calendar/instances/when/0/1",
        "shell:content query --uri content://icc/adn/subId/",
        "shell:content query --uri content://icc/adn/subId/1/x",
        "shell:content query --uri content://com.android.contacts/raw_contacts?caller_is_syncadapter=true",
        "shell:content query --uri content://com.android.contacts/contacts --bind a",
    ] {
        assert!(judge_service(service).is_err(), "{service}");
    }
    for request in [
        "host:kill",
        "host:connect:x",
        "host:transport-any",
        "host:transport-id:2",
        "host-transport-id:1:forward:tcp:1;tcp:2",
        "host-serial:1:forward:tcp:1;tcp:2",
    ] {
        assert!(judge_server_request(request, "1").is_err(), "{request}");
    }
    assert_eq!(judge_service("shell:getprop"), Ok(()));
    assert_eq!(
        judge_service(
            r"exec:content query --uri content://icc/adn/subId/3 --where 'a='\''$(x);'\''' --sort _id"
        ),
        Ok(())
    );
}
