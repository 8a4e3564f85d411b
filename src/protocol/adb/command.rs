//! The commands for a handset's shell, and how a request of the allow-list is written out.

use std::borrow::Cow;

use super::allowed::{self, Opt};
use super::error::AdbError;

/// A command that only reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShellCommand {
    GetProp,
    Accounts,
    Battery,
    Users,
    /// Types of users and profiles, and the user in the foreground.
    UserDump,
    CurrentUser,
    Packages {
        /// `None`: all users or the owner, depending on the Android version.
        user: Option<u32>,
    },
    AppOps {
        op: AppOp,
    },
    Date,
    /// The SIM cards.
    Subscriptions,
    /// The sync manager's state.
    SyncState,
    ContentQuery(Query),
    /// The bytes of a part of an MMS, by its number.
    ContentRead {
        part: u64,
    },
    /// A file's bytes from `from` on. Needs Android 6 or later.
    FileEnd {
        path: String,
        from: u64,
    },
}

/// An operation that Android can deny without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppOp {
    ReadContacts,
    ReadCalendar,
    ReadCallLog,
    ReadSms,
}

/// A table of a content provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentUri {
    RawContactEntities,
    RawContacts,
    Contacts,
    Groups,
    ProfileRawContactEntities,
    /// The SIM cards that were ever inserted, with the slots of those inserted now.
    SimInfo,
    IccAdn,
    /// The cards in further slots of MediaTek's phones with Android 4.
    IccAdn2,
    IccAdn3,
    IccAdn4,
    /// The phonebooks of USIM cards on those phones: they have more fields.
    IccPbr,
    IccPbr2,
    IccPbr3,
    IccPbr4,
    /// The SIM of this subscription.
    IccAdnSubscription(u32),
    Calendars,
    Events,
    Reminders,
    Attendees,
    ExtendedProperties,
    SamsungTasks,
    SamsungTaskAccounts,
    Calls,
    Sms,
    Mms,
    MmsInbox,
    MmsSent,
    MmsParts,
    /// The parts of the MMS with this number.
    MmsPartsOf(u64),
    /// The addresses of the MMS with this number.
    MmsAddresses(u64),
    MediaFiles,
}

impl ContentUri {
    /// Returns the URI, as the allow-list has it.
    pub fn text(self) -> String {
        let kind = std::mem::discriminant(&self);
        let row = allowed::URIS
            .iter()
            .find(|(uri, _)| std::mem::discriminant(uri) == kind);
        let text = row.map_or("", |(_, text)| *text);
        match self {
            Self::IccAdnSubscription(id) => format!("{text}{id}"),
            Self::MmsAddresses(id) | Self::MmsPartsOf(id) => text.replace('#', &id.to_string()),
            _ => text.to_owned(),
        }
    }
}

/// A query for rows of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub uri: ContentUri,
    /// `None`: the owner (user 0).
    pub user: Option<u32>,
    /// Columns, or expressions if the provider accepts them. Empty: all columns.
    pub projection: Vec<&'static str>,
    /// The SQL condition.
    pub filter: Option<String>,
    /// The SQL order.
    pub sort: Option<Cow<'static, str>>,
}

impl ShellCommand {
    /// Returns the line for the handset's shell.
    ///
    /// # Errors
    /// [`AdbError::NulInRequest`] for a NUL, which would cut the line short.
    pub fn render(&self) -> Result<String, AdbError> {
        let (command, options) = match self {
            Self::GetProp => (allowed::GETPROP, Vec::new()),
            Self::Accounts => (allowed::ACCOUNTS, Vec::new()),
            Self::Battery => (allowed::BATTERY, Vec::new()),
            Self::Users => (allowed::USERS, Vec::new()),
            Self::UserDump => (allowed::USER_DUMP, Vec::new()),
            Self::CurrentUser => (allowed::CURRENT_USER, Vec::new()),
            Self::Packages { user } => (allowed::PACKAGES, vec![of_user(*user)]),
            Self::AppOps { op } => match op {
                AppOp::ReadContacts => (allowed::MAY_READ_CONTACTS, Vec::new()),
                AppOp::ReadCalendar => (allowed::MAY_READ_CALENDAR, Vec::new()),
                AppOp::ReadCallLog => (allowed::MAY_READ_CALLS, Vec::new()),
                AppOp::ReadSms => (allowed::MAY_READ_MESSAGES, Vec::new()),
            },
            Self::Date => (allowed::DATE, Vec::new()),
            Self::Subscriptions => (allowed::SUBSCRIPTIONS, Vec::new()),
            Self::SyncState => (allowed::SYNC_STATE, Vec::new()),
            Self::ContentQuery(query) => (allowed::CONTENT_QUERY, query.options()),
            Self::ContentRead { part } => {
                let uri = format!("{}{part}", allowed::MMS_PART);
                (allowed::CONTENT_READ, vec![(allowed::PART, uri)])
            }
            Self::FileEnd { path, from } => {
                let first = format!("+{}", from.saturating_add(1));
                let options = vec![(allowed::FROM_BYTE, first), (allowed::PATH, path.clone())];
                (allowed::FILE_END, options)
            }
        };
        let mut line = command.words().to_owned();
        // `content` refuses an option without a value.
        for (option, value) in options.iter().filter(|(_, value)| !value.is_empty()) {
            line.push_str(&format!(" {} {}", option.name(), quoted(value)));
        }
        if line.contains('\0') {
            return Err(AdbError::NulInRequest);
        }
        Ok(line)
    }
}

fn of_user(user: Option<u32>) -> (Opt, String) {
    let number = user.map(|user| user.to_string());
    (allowed::USER, number.unwrap_or_default())
}

impl Query {
    fn options(&self) -> Vec<(Opt, String)> {
        vec![
            (allowed::URI, self.uri.text()),
            of_user(self.user),
            (allowed::PROJECTION, self.projection.join(":")),
            (allowed::WHERE, self.filter.clone().unwrap_or_default()),
            (
                allowed::SORT,
                self.sort.as_deref().unwrap_or_default().to_owned(),
            ),
        ]
    }
}

/// Returns `value` as one word of the shell, which changes nothing between single quotes.
fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:.,/-".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// The services to which a stream is opened.
pub(super) enum Service<'a> {
    Shell(ShellMode, &'a ShellCommand),
    /// Reading files; see [`super::sync`] for the requests.
    Sync,
}

/// How a command's output arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellMode {
    /// Android 7 and later: separate output and error output, and an exit code.
    V2,
    /// Android 5 and 6: error output mixed into the output, no exit code.
    Exec,
    /// Earlier versions: like `Exec`, but through a terminal, whose changes are undone.
    Pty,
}

impl Service<'_> {
    /// # Errors
    /// See [`ShellCommand::render`].
    pub fn render(&self) -> Result<String, AdbError> {
        let (service, command) = match self {
            Self::Shell(ShellMode::V2, command) => (allowed::SHELL_V2, command),
            Self::Shell(ShellMode::Exec, command) => (allowed::EXEC, command),
            Self::Shell(ShellMode::Pty, command) => (allowed::SHELL, command),
            Self::Sync => return Ok(allowed::SYNC.name().to_owned()),
        };
        Ok(format!("{}{}", service.name(), command.render()?))
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
            sort: Some("_id".into()),
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
    fn every_uri_has_a_row() {
        for (uri, text) in allowed::URIS {
            assert!(
                uri.text()
                    .starts_with(text.split('#').next().unwrap_or_default())
            );
            assert!(text.starts_with("content://"));
        }
        assert_eq!(
            ContentUri::IccAdnSubscription(7).text(),
            "content://icc/adn/subId/7"
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

    /// A shell must return each value as one word, whatever the value contains.
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
