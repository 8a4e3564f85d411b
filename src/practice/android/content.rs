//! The `content` command: its arguments and its output (AOSP `cmds/content`, `Content.java`).

use super::adbd::Gone;
use super::console::Console;
use super::device::Device;
use super::java;
use super::provider::{self, Cell, Ended, Query, Rows, Thrown, Uri};

/// Runs `content` with its arguments. The exit code is always 0, because Java exceptions are caught and printed.
pub(super) fn run(
    device: &Device,
    line: &str,
    arguments: &[String],
    console: &mut Console,
) -> Result<u8, Gone> {
    let _run = device.content_runs();
    std::thread::sleep(device.settings.software.content_start);
    let level = device.settings.android;
    let verb = arguments.first().map(String::as_str);
    let rest = arguments.get(1..).unwrap_or_default();
    let query = match verb {
        Some("query") => query(level, rest),
        Some("insert" | "update" | "delete" | "write" | "call") => {
            device.trip(line);
            return Ok(0);
        }
        Some("read") if level >= 21 => return read(device, rest, console),
        Some("gettype") if level >= 28 => {
            console.line("Result: null")?;
            return Ok(0);
        }
        verb => Err(format!("Unsupported operation: {}", verb.unwrap_or("null"))),
    };
    let query = match query {
        Ok(query) => query,
        Err(message) => {
            console.line("usage: adb shell content [subcommand] [options]")?;
            console.line("")?;
            console.line(&format!("[ERROR] {message}"))?;
            return Ok(0);
        }
    };
    // Instances are created by the query itself, so this query writes.
    if query.uri.authority == "com.android.calendar"
        && query.uri.segments.iter().any(|part| part == "instances")
    {
        device.trip(line);
    }
    if device.settings.software.noise {
        console.noise()?;
    }
    let mut printer = Printer {
        device,
        console,
        level,
        rows: 0,
    };
    let ended = provider::query(device, &query, &mut printer);
    let rows = printer.rows;
    match ended {
        Ok(()) if rows == 0 && level < 18 => console.line("No reuslt found.")?,
        Ok(()) if rows == 0 => console.line("No result found.")?,
        Ok(()) => {}
        Err(Ended::Gone) => return Err(Gone),
        Err(Ended::Killed) => {
            // The last output may be half a row. Exit code: 128 plus SIGKILL.
            if rows % 2 == 1 {
                console.out(format!("Row: {rows} _").as_bytes())?;
            }
            return Ok(137);
        }
        Err(Ended::Thrown(thrown)) => report(&query.uri.authority, &thrown, console)?,
    }
    if device.settings.software.noise {
        console.noise()?;
    }
    Ok(0)
}

fn query(level: u32, arguments: &[String]) -> Result<Query, String> {
    let mut uri = None;
    let mut query = Query {
        uri: Uri::parse(""),
        user: 0,
        projection: None,
        filter: None,
        sort: None,
    };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let known = match name.as_str() {
            "--uri" | "--projection" | "--where" | "--sort" => true,
            "--user" => level >= 17,
            _ => false,
        };
        if !known {
            return Err(format!("Unsupported argument: {name}"));
        }
        let value = rest.next();
        let value = value.filter(|value| !value.is_empty() && !value.starts_with("--"));
        let value = value.ok_or_else(|| format!("No value for argument: {name}"))?;
        match name.as_str() {
            "--uri" => uri = Some(Uri::parse(value)),
            "--user" if level >= 24 && ["current", "cur"].contains(&value.as_str()) => {
                query.user = 0;
            }
            "--user" => {
                let number = value.parse::<u32>();
                query.user = number.map_err(|_| format!("For input string: \"{value}\""))?;
            }
            "--projection" => query.projection = Some(java::split_projection(value)),
            "--where" => query.filter = Some(value.clone()),
            _ => query.sort = Some(value.clone()),
        }
    }
    query.uri = uri.ok_or("Content provider URI not specified. Did you specify --uri argument?")?;
    Ok(query)
}

/// Contacts and calendar do not return files here, because they override another method of the provider.
fn read(device: &Device, arguments: &[String], console: &mut Console) -> Result<u8, Gone> {
    let uri = arguments
        .iter()
        .skip_while(|argument| *argument != "--uri")
        .nth(1)
        .map_or("", String::as_str);
    let uri = Uri::parse(uri);
    if device.settings.software.noise {
        console.noise()?;
    }
    match provider::messages::open(device, &uri) {
        Ok(bytes) => {
            for piece in bytes.chunks(8 << 10) {
                console.out(piece)?;
            }
        }
        Err(thrown) => report(&uri.authority, &thrown, console)?,
    }
    Ok(0)
}

fn report(authority: &str, thrown: &Thrown, console: &mut Console) -> Result<(), Gone> {
    let message = match thrown.message.as_str() {
        "" => String::new(),
        text => format!(": {text}"),
    };
    let text = format!(
        "Error while accessing provider:{authority}\n\
         {}{message}\n\
         \tat android.database.DatabaseUtils.readExceptionFromParcel(DatabaseUtils.java:184)\n\
         \tat android.database.DatabaseUtils.readExceptionFromParcel(DatabaseUtils.java:140)\n\
         \tat android.content.ContentProviderProxy.query(ContentProviderNative.java:481)\n\
         \tat com.android.commands.content.Content$QueryCommand.onExecute(Content.java:671)\n\
         \tat com.android.commands.content.Content$Command.execute(Content.java:519)\n\
         \tat com.android.commands.content.Content.main(Content.java:727)\n\
         \tat com.android.internal.os.RuntimeInit.nativeFinishInit(Native Method)\n\
         \tat com.android.internal.os.RuntimeInit.main(RuntimeInit.java:355)\n",
        thrown.class
    );
    console.err(text.as_bytes())
}

/// Prints rows as they arrive.
struct Printer<'a> {
    device: &'a Device,
    console: &'a mut Console,
    level: u32,
    rows: u64,
}

impl Rows for Printer<'_> {
    fn row(&mut self, names: &[String], cells: &[Cell<'_>]) -> Result<(), Gone> {
        let mut line = format!("Row: {} ", self.rows).into_bytes();
        for (place, name) in names.iter().enumerate() {
            if place > 0 {
                line.extend_from_slice(b", ");
            }
            line.extend_from_slice(name.as_bytes());
            line.push(b'=');
            // Values are looked up by name, so the first column with a name is used for all columns with it.
            let first = names
                .iter()
                .position(|other| other.eq_ignore_ascii_case(name));
            write(cells.get(first.unwrap_or(place)), self.level, &mut line);
        }
        line.push(b'\n');
        self.rows += 1;
        self.console.out(&line)?;
        if self.device.settings.software.noise && self.rows.is_multiple_of(3) {
            self.console.noise()?;
        }
        if self.device.row_printed() {
            self.console.flush()?;
            self.console.channel.connection.close();
            return Err(Gone);
        }
        Ok(())
    }
}

fn write(cell: Option<&Cell<'_>>, level: u32, line: &mut Vec<u8>) {
    match cell {
        None | Some(Cell::Null) => line.extend_from_slice(b"NULL"),
        Some(Cell::Blob(_)) => line.extend_from_slice(b"BLOB"),
        Some(Cell::Text(text)) => line.extend_from_slice(text),
        Some(Cell::Float(value)) => line.extend_from_slice(java::float(*value as f32).as_bytes()),
        // Before Android 5, only the low 32 bits of an integer were read.
        Some(Cell::Integer(value)) if level < 21 => {
            line.extend_from_slice((*value as i32).to_string().as_bytes());
        }
        Some(Cell::Integer(value)) => line.extend_from_slice(value.to_string().as_bytes()),
    }
}
