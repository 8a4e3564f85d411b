//! All that Lifeboat ever asks a handset's shell: the allow-list, as data.
//!
//! | asked | what it tells |
//! | --- | --- |
//! | `getprop` | make, model, system version |
//! | `dumpsys account` | the accounts, which own contacts and calendars |
//! | `dumpsys battery` | charge and charger |
//! | `pm list users` | the owner, work profiles, second users |
//! | `pm list packages [--user N]` | installed apps (to-do apps that keep their own data) |
//! | `appops get com.android.shell OP` | whether reading is silently answered with nothing |
//! | `date +%s` | the handset's clock, in seconds |
//! | `content query --uri …` | rows of one of the providers of [`ContentUri`] |
//!
//! `content` has other verbs that write; none can be expressed here. Of the calendar's URIs `instances`
//! is left out, since querying it makes the handset write (AOSP `CalendarProvider2.handleInstanceQuery`).

use super::error::AdbError;

/// A command that only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShellCommand {
    GetProp,
    Accounts,
    Battery,
    Users,
    Packages {
        /// `None`: of all users, or the owner, as the version has it.
        user: Option<u32>,
    },
    AppOps {
        op: AppOp,
    },
    Date,
    ContentQuery(Query),
}

/// An operation that Android can deny without saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppOp {
    ReadContacts,
    ReadCalendar,
}

/// A provider's table that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentUri {
    RawContactEntities,
    RawContacts,
    Contacts,
    Groups,
    ProfileRawContactEntities,
    IccAdn,
    /// The SIM of this subscription.
    IccAdnSubscription(u32),
    Calendars,
    Events,
    Reminders,
    Attendees,
    ExtendedProperties,
    SamsungTasks,
    SamsungTaskAccounts,
    MediaFiles,
}

impl ContentUri {
    /// The URI itself.
    pub fn text(self) -> String {
        let fixed = match self {
            Self::RawContactEntities => "content://com.android.contacts/raw_contact_entities",
            Self::RawContacts => "content://com.android.contacts/raw_contacts",
            Self::Contacts => "content://com.android.contacts/contacts",
            Self::Groups => "content://com.android.contacts/groups",
            Self::ProfileRawContactEntities => {
                "content://com.android.contacts/profile/raw_contact_entities"
            }
            Self::IccAdn => "content://icc/adn",
            Self::IccAdnSubscription(id) => return format!("content://icc/adn/subId/{id}"),
            Self::Calendars => "content://com.android.calendar/calendars",
            Self::Events => "content://com.android.calendar/events",
            Self::Reminders => "content://com.android.calendar/reminders",
            Self::Attendees => "content://com.android.calendar/attendees",
            Self::ExtendedProperties => "content://com.android.calendar/extendedproperties",
            Self::SamsungTasks => "content://com.android.calendar/syncTasks",
            Self::SamsungTaskAccounts => "content://com.android.calendar/TasksAccounts",
            Self::MediaFiles => "content://media/external/file",
        };
        fixed.to_owned()
    }
}

/// Rows to be read from a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub uri: ContentUri,
    /// `None`: the owner (user 0).
    pub user: Option<u32>,
    /// Columns, or expressions where the provider takes them. Empty: all columns.
    pub projection: Vec<&'static str>,
    /// The SQL condition.
    pub filter: Option<String>,
    /// The SQL order.
    pub sort: Option<&'static str>,
}

impl ShellCommand {
    /// The line that the handset's shell gets.
    ///
    /// # Errors
    /// [`AdbError::NulInRequest`], since a NUL would cut the line short.
    pub fn render(&self) -> Result<String, AdbError> {
        let line = match self {
            Self::GetProp => "getprop".to_owned(),
            Self::Accounts => "dumpsys account".to_owned(),
            Self::Battery => "dumpsys battery".to_owned(),
            Self::Users => "pm list users".to_owned(),
            Self::Packages { user: None } => "pm list packages".to_owned(),
            Self::Packages { user: Some(user) } => format!("pm list packages --user {user}"),
            Self::AppOps { op } => {
                let op = match op {
                    AppOp::ReadContacts => "READ_CONTACTS",
                    AppOp::ReadCalendar => "READ_CALENDAR",
                };
                format!("appops get com.android.shell {op}")
            }
            Self::Date => "date +%s".to_owned(),
            Self::ContentQuery(query) => query.render(),
        };
        if line.contains('\0') {
            return Err(AdbError::NulInRequest);
        }
        Ok(line)
    }
}

impl Query {
    fn render(&self) -> String {
        let mut line = format!("content query --uri {}", self.uri.text());
        if let Some(user) = self.user {
            line.push_str(&format!(" --user {user}"));
        }
        let projection = self.projection.join(":");
        let options = [
            ("--projection", projection.as_str()),
            ("--where", self.filter.as_deref().unwrap_or_default()),
            ("--sort", self.sort.unwrap_or_default()),
        ];
        // `content` refuses an option without a value.
        for (option, value) in options.iter().filter(|(_, value)| !value.is_empty()) {
            line.push_str(&format!(" {option} {}", quoted(value)));
        }
        line
    }
}

/// `value` as one word of the shell, which changes nothing between single quotes.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:.,/-".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// What a stream is opened for: nothing else can be.
pub(super) enum Service<'a> {
    Shell(ShellMode, &'a ShellCommand),
    /// Reading files; see [`super::sync`] for the verbs that are used.
    Sync,
}

/// How a command's output comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellMode {
    /// Android 7 and later: output and error output apart, and an exit code.
    V2,
    /// Android 5 and 6: error output mixed into the output, no exit code.
    Exec,
    /// Earlier: as `Exec`, and through a terminal, whose changes are undone.
    Pty,
}

impl Service<'_> {
    /// # Errors
    /// Those of [`ShellCommand::render`].
    pub fn render(&self) -> Result<String, AdbError> {
        let (prefix, command) = match self {
            Self::Shell(ShellMode::V2, command) => ("shell,v2,raw:", command),
            Self::Shell(ShellMode::Exec, command) => ("exec:", command),
            Self::Shell(ShellMode::Pty, command) => ("shell:", command),
            Self::Sync => return Ok("sync:".to_owned()),
        };
        Ok(format!("{prefix}{}", command.render()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_rendered_in_the_order_that_content_documents() {
        let query = ShellCommand::ContentQuery(Query {
            uri: ContentUri::Events,
            user: Some(10),
            projection: vec!["_id", "CAST(dtstart AS TEXT) AS dtstart"],
            filter: Some("title='It''s'".into()),
            sort: Some("_id"),
        });
        assert_eq!(
            query.render().unwrap(),
            r"content query --uri content://com.android.calendar/events --user 10 --projection '_id:CAST(dtstart AS TEXT) AS dtstart' --where 'title='\''It'\'''\''s'\''' --sort _id"
        );
        let all = ShellCommand::ContentQuery(Query {
            uri: ContentUri::IccAdnSubscription(3),
            user: None,
            projection: vec![],
            filter: Some(String::new()),
            sort: None,
        });
        assert_eq!(
            all.render().unwrap(),
            "content query --uri content://icc/adn/subId/3"
        );
    }

    #[test]
    fn a_nul_is_refused() {
        let query = ShellCommand::ContentQuery(Query {
            uri: ContentUri::Groups,
            user: None,
            projection: vec![],
            filter: Some("a\0b".into()),
            sort: None,
        });
        assert!(matches!(query.render(), Err(AdbError::NulInRequest)));
    }

    /// A shell must give back each value as one word, whatever is in it.
    #[test]
    fn quoting_survives_a_real_shell() {
        for value in [
            "a b",
            "it's",
            "''",
            "$HOME `id` \\",
            "a\nb",
            "*;|&<>()#!~",
            "-n",
            "\"",
            "ü",
            "'; reboot; '",
        ] {
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", quoted(&format!("x{value}")))])
                .output();
            let Ok(output) = output else {
                println!("no sh here: not tested");
                return;
            };
            assert_eq!(String::from_utf8_lossy(&output.stdout), format!("x{value}"));
        }
    }
}
