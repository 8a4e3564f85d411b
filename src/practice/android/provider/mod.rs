//! The content providers: their names, access rules, and the meaning of URIs.

pub(super) mod calendar;
mod calls;
pub(super) mod contacts;
mod icc;
pub(super) mod media;
pub(super) mod messages;
pub(super) mod schema;
mod sql;
mod sql_checker;

use super::adbd::Gone;
use super::device::Device;
use super::power::Phase;
use super::settings::Area;
use super::task_apps::TASK_APPS;

/// A query from the `content` command.
pub(super) struct Query {
    pub uri: Uri,
    pub user: u32,
    pub projection: Option<Vec<String>>,
    pub filter: Option<String>,
    pub sort: Option<String>,
}

/// A parsed `content:` URI.
pub(super) struct Uri {
    pub text: String,
    pub authority: String,
    pub segments: Vec<String>,
    /// Names and values after the question mark.
    pub parameters: Vec<(String, String)>,
}

impl Uri {
    pub fn parse(text: &str) -> Self {
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = path.split_once('/').unwrap_or((path, ""));
        let segments = path.split('/').filter(|part| !part.is_empty());
        let parameters = parameters.split('&').filter(|part| !part.is_empty());
        Self {
            text: text.to_owned(),
            authority: authority.to_owned(),
            segments: segments.map(str::to_owned).collect(),
            parameters: parameters
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// Returns the path with `#` for its numbers, and the last number.
    pub fn shape(&self) -> (String, i64) {
        let mut id = 0;
        let parts: Vec<&str> = self
            .segments
            .iter()
            .map(|part| match part.parse::<i64>() {
                Ok(number) => {
                    id = number;
                    "#"
                }
                Err(_) => part.as_str(),
            })
            .collect();
        (parts.join("/"), id)
    }
}

/// A value of a cursor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Float(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// Receives the rows of a cursor one by one.
pub(super) trait Rows {
    fn row(&mut self, names: &[String], cells: &[Cell<'_>]) -> Result<(), Gone>;
}

/// A Java exception that is passed to the client.
#[derive(Debug)]
pub(super) struct Thrown {
    pub class: &'static str,
    pub message: String,
}

impl Thrown {
    pub fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
        }
    }

    pub fn argument(message: impl Into<String>) -> Self {
        Self::new("java.lang.IllegalArgumentException", message)
    }

    fn no_provider(authority: &str) -> Self {
        let message = format!("Could not find provider: {authority}");
        Self::new("java.lang.IllegalStateException", message)
    }

    fn denied(level: u32, provider: &str, permission: &str) -> Self {
        // The permission check moved from the query to the opening of the provider with external access.
        let write = permission.replace("READ_", "WRITE_");
        let message = format!(
            "Permission Denial: opening provider {provider} from (null) (pid=14211, uid=2000) \
             requires {permission}{}",
            if level >= 19 {
                format!(" or {write}")
            } else {
                String::new()
            }
        );
        Self::new("java.lang.SecurityException", message)
    }
}

/// Reason why a query ended early.
#[derive(Debug)]
pub(super) enum Ended {
    Thrown(Thrown),
    /// The client is gone.
    Gone,
    /// The `content` command was killed.
    Killed,
}

impl From<Gone> for Ended {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Thrown> for Ended {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

/// Runs a query and passes on its rows.
pub(super) fn query(device: &Device, query: &Query, rows: &mut dyn Rows) -> Result<(), Ended> {
    let authority = query.uri.authority.as_str();
    let settings = &device.settings;
    if device.phase() == Phase::Starting {
        // The activity manager, which opens providers, has not started yet.
        let message = "Attempt to invoke interface method 'android.app.ContentProviderHolder \
                       android.app.IActivityManager.getContentProviderExternal(java.lang.String, int, \
                       android.os.IBinder, java.lang.String)' on a null object reference";
        return Err(Thrown::new("java.lang.NullPointerException", message).into());
    }
    let Some(user) = device.user(query.user) else {
        return Err(Thrown::no_provider(authority).into());
    };
    if user.is_some_and(|user| user.is_refused) {
        let message = format!(
            "Shell does not have permission to access user {}",
            query.user
        );
        return Err(Thrown::new("java.lang.SecurityException", message).into());
    }
    let level = settings.android;
    let (area, provider, permission) = match authority {
        "com.android.contacts" | "contacts" => (
            Area::Contacts,
            "com.android.providers.contacts.ContactsProvider2",
            "android.permission.READ_CONTACTS",
        ),
        "com.android.calendar" => (
            Area::Calendar,
            "com.android.providers.calendar.CalendarProvider2",
            "android.permission.READ_CALENDAR",
        ),
        "call_log" | "mms" | "sms" | "icc" | "telephony" if settings.software.lacks_telephony => {
            return Err(Thrown::no_provider(authority).into());
        }
        "call_log" => (
            Area::Calls,
            "com.android.providers.contacts.CallLogProvider",
            "android.permission.READ_CALL_LOG",
        ),
        "mms" => (
            Area::Messages,
            "com.android.providers.telephony.MmsProvider",
            "android.permission.READ_SMS",
        ),
        "sms" => (
            Area::Messages,
            "com.android.providers.telephony.SmsProvider",
            "android.permission.READ_SMS",
        ),
        "icc" => (
            Area::Icc,
            "com.android.phone.IccProvider",
            "android.permission.READ_CONTACTS",
        ),
        "telephony" if level >= 22 && !settings.sim.hides_subscriptions => {
            return icc::all_cards(device, query, rows);
        }
        "telephony" => {
            let provider = "com.android.providers.telephony.TelephonyProvider";
            let permission = "android.permission.READ_PRIVILEGED_PHONE_STATE";
            return Err(Thrown::denied(level, provider, permission).into());
        }
        "media" if device.phase() == Phase::Open => return media::query(device, query, rows),
        _ => {
            let app = TASK_APPS.iter().find(|app| app.authority == authority);
            let installed = app.filter(|app| settings.software.task_apps.contains(&app.package));
            return Err(match installed {
                Some(app) => Thrown::denied(level, app.provider, app.permission).into(),
                None => Thrown::no_provider(authority).into(),
            });
        }
    };
    // Before the first unlock, the phone process runs, but the data of the other providers is encrypted.
    if device.phase() != Phase::Open && area != Area::Icc {
        return Err(Thrown::no_provider(authority).into());
    }
    if device.is_restarting(area) {
        return Err(Thrown::no_provider(authority).into());
    }
    // The shell may read the call log from Android 13 on.
    let is_too_old = area == Area::Calls && level < 33 && !settings.software.shows_calls;
    // Messages from Android 10 on.
    let is_too_old =
        is_too_old || (area == Area::Messages && level < 29 && !settings.software.shows_messages);
    if is_too_old || settings.providers.denied.contains(area) {
        return Err(Thrown::denied(level, provider, permission).into());
    }
    match area {
        Area::Contacts | Area::Profile => {
            let source = contacts::source(device, &query.uri)?;
            if settings.providers.denied.profile && source.store == super::Store::Profile {
                let permission = "android.permission.READ_PROFILE";
                return Err(Thrown::denied(level, provider, permission).into());
            }
            if settings.providers.ignored.contacts && level >= 18 {
                return Ok(());
            }
            if level >= 26 {
                contacts::check(query)?;
            }
            sql::run(device, query, &source, Some(Area::Contacts), rows)
        }
        Area::Calendar => {
            let source = calendar::source(device, &query.uri)?;
            if settings.providers.ignored.calendar && level >= 18 {
                return Ok(());
            }
            sql::run(device, query, &source, Some(Area::Calendar), rows)
        }
        Area::Calls => {
            let source = calls::source(device, &query.uri)?;
            if settings.providers.ignored.calls && level >= 18 {
                return Ok(());
            }
            if level >= 30 {
                calls::check(device, query)?;
            }
            sql::run(device, query, &source, Some(Area::Calls), rows)
        }
        Area::Messages => {
            // There is one provider for all users.
            let query = &Query {
                uri: Uri::parse(&query.uri.text),
                user: 0,
                projection: query.projection.clone(),
                filter: query.filter.clone(),
                sort: query.sort.clone(),
            };
            let source = messages::source(device, &query.uri);
            let is_refused = messages::is_refused(device, query);
            match source.filter(|_| !is_refused) {
                Some(_) if settings.providers.ignored.messages && level >= 18 => Ok(()),
                Some(source) if authority == "mms" => {
                    // This provider logs what SQLite says, and returns no cursor.
                    match sql::run(device, query, &source, None, rows) {
                        Err(Ended::Thrown(thrown)) if thrown.class.ends_with("SQLiteException") => {
                            Ok(())
                        }
                        ended => ended,
                    }
                }
                Some(source) => sql::run(device, query, &source, Some(Area::Messages), rows),
                None => Ok(()),
            }
        }
        Area::Icc => icc::query(device, &query.uri, rows),
    }
}
