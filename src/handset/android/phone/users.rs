//! The users and profiles of a handset, and how a rescue treats each kind.

use std::collections::HashMap;

use crate::model::{NotCovered, ResetKind, ResetLine, Weight};
use crate::phrase;
use crate::reset::{self, rank};

/// A user of the handset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: u32,
    /// May be empty: makers' clone profiles often have no name.
    pub name: String,
    pub kind: UserKind,
}

/// The kinds of users. Their treatment is defined only in [`UserKind::is_read`] and [`User::not_covered`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    /// A person with data of their own: the owner, a second user, Xiaomi's second space, Huawei's private space.
    Person,
    /// A guest, or a shop's demo user.
    Guest,
    /// An employer's profile.
    Work,
    /// Copies of apps. Some return the owner's own rows.
    Clone,
    /// Samsung's Secure Folder, and Motorola's of the same name.
    SecureFolder,
    /// Android 15's private space.
    PrivateSpace,
    /// Samsung's Maintenance mode: an empty user for a repair shop.
    Maintenance,
    /// Android's own profile for parental controls, or for a tablet in its dock: it holds no data of an owner.
    OfSystem,
    /// A profile of an unknown kind.
    OtherProfile,
}

/// Why a user was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// The user was not selected.
    LeftOut,
    /// The handset refused.
    Refused,
}

/// Flags of AOSP's `UserInfo`.
mod flag {
    pub const GUEST: u32 = 0x4;
    pub const MANAGED_PROFILE: u32 = 0x20;
    pub const DEMO: u32 = 0x200;
    pub const PROFILE: u32 = 0x1000;
    /// Samsung's `FLAG_MAINTENANCE_MODE` (`MaintenanceModeUtils`).
    pub const MAINTENANCE: u32 = 0x8_0000;
    /// Xiaomi's XSpace; Huawei's and OPPO's cloned apps.
    pub const CLONES: u32 = 0x80_0000 | 0x400_0000;
}

/// Samsung's `MAINTENANCE_MODE_USER_ID` (`MaintenanceModeUtils`).
const MAINTENANCE_USER: u32 = 77;

/// Samsung numbers Secure Folders from 150.
const SECURE_FOLDERS: std::ops::RangeInclusive<u32> = 150..=160;

/// The numbers of Samsung's older Knox workspaces, which are an employer's.
const WORKSPACES: std::ops::RangeInclusive<u32> = 100..=149;

/// The numbers that makers give to profiles of cloned apps: Samsung, Huawei, the others. AOSP numbers users from 10 and
/// takes the lowest free number.
const CLONES: [std::ops::RangeInclusive<u32>; 3] = [95..=99, 128..=128, 995..=999];

impl UserKind {
    /// Determines the kind of a user. `type_name` comes from `dumpsys user` on Android 11 and later (AOSP
    /// `UserManager.USER_TYPE_…`).
    fn of(id: u32, name: &str, flags: u32, type_name: Option<&str>) -> Self {
        let has = |flag: u32| flags & flag != 0;
        let is_profile = has(flag::PROFILE | flag::MANAGED_PROFILE);
        if id == MAINTENANCE_USER && has(flag::MAINTENANCE) {
            return Self::Maintenance;
        }
        if name == "Secure Folder" || (SECURE_FOLDERS.contains(&id) && is_profile) {
            return Self::SecureFolder;
        }
        let has_clones_number = CLONES.iter().any(|numbers| numbers.contains(&id));
        if has(flag::CLONES) || (has_clones_number && is_profile) {
            return Self::Clone;
        }
        if WORKSPACES.contains(&id) && has(flag::MANAGED_PROFILE) {
            return Self::Work;
        }
        let type_name = type_name.and_then(|name| name.strip_prefix("android.os.usertype."));
        match type_name {
            Some("profile.CLONE") => return Self::Clone,
            Some("profile.PRIVATE") => return Self::PrivateSpace,
            Some("profile.MANAGED") => return Self::Work,
            Some("full.GUEST" | "full.DEMO") => return Self::Guest,
            Some("profile.SUPERVISING" | "profile.COMMUNAL") => return Self::OfSystem,
            Some(other) if other.starts_with("profile.") => return Self::OtherProfile,
            Some(_) | None => {}
        }
        if has(flag::GUEST | flag::DEMO) {
            Self::Guest
        } else if has(flag::MANAGED_PROFILE) {
            Self::Work
        } else if has(flag::PROFILE) && name.eq_ignore_ascii_case("private space") {
            Self::PrivateSpace
        } else if has(flag::PROFILE) {
            Self::OtherProfile
        } else {
            Self::Person
        }
    }

    /// True if this kind's contacts and calendar are read.
    pub fn is_read(self, with_work_profile: bool) -> bool {
        match self {
            Self::Person => true,
            Self::Work => with_work_profile,
            Self::Guest
            | Self::Clone
            | Self::SecureFolder
            | Self::PrivateSpace
            | Self::Maintenance
            | Self::OfSystem
            | Self::OtherProfile => false,
        }
    }
}

impl User {
    /// The owner, who exists on every handset.
    pub fn owner() -> Self {
        Self {
            id: 0,
            name: String::new(),
            kind: UserKind::Person,
        }
    }

    /// The user number for queries. The first user needs none, and the oldest `content` doesn't know the option.
    pub fn to_ask(&self) -> Option<u32> {
        (self.id != 0).then_some(self.id)
    }

    /// Adds the user to a sentence; the first user is not named.
    pub fn labelled(&self, index: usize, note: String) -> String {
        if index == 0 {
            note
        } else {
            phrase!("User {}: {note}", self.label())
        }
    }

    /// The name of this user in files and sentences, unlike that of any of `all`: Android suggests the same name for each
    /// new user.
    pub fn place(&self, all: &[Self]) -> String {
        let is_alone = all.iter().filter(|user| user.name == self.name).count() < 2;
        match self.name.trim() {
            "" | "null" => phrase!("User {}", self.id),
            name if is_alone => name.to_owned(),
            name => format!("{name} ({})", self.id),
        }
    }

    /// `“Kim”`, or the user's number if there is no name.
    pub fn label(&self) -> String {
        match self.name.trim() {
            "" | "null" => phrase!("number {}", self.id),
            name => format!("“{name}”"),
        }
    }

    /// The consequence of not reading this user, and the next step.
    pub fn not_covered(&self, why: Unread) -> NotCovered {
        let label = self.label();
        let (weight, rank, lost, first) = match (self.kind, why) {
            (UserKind::Person, _) => (
                Weight::Waits(phrase!("the user {label}")),
                rank::PERSON,
                phrase!("The data of user {label} on this phone was not read."),
                phrase(
                    "Switch to that user on the phone, unlock the phone and run the rescue again. If the phone \
                     still refuses access, export contacts and calendar on the phone with its own apps.",
                ),
            ),
            (UserKind::Work, Unread::LeftOut) => (
                Weight::InHeadline(phrase!("the work profile {label}")),
                rank::PROFILE,
                phrase!(
                    "The work profile {label} was not read, because it belongs to an employer."
                ),
                phrase(
                    "Ask the employer's IT department before a reset. --work-profile reads it too.",
                ),
            ),
            (UserKind::Work, Unread::Refused) => (
                Weight::InHeadline(phrase!("the work profile {label}")),
                rank::PROFILE,
                phrase!("The work profile {label} on this phone could not be read."),
                phrase(
                    "Turn the profile on, or ask the employer's IT department, which may forbid access.",
                ),
            ),
            (UserKind::PrivateSpace, _) => (
                Weight::NotSafe(phrase("the private space").into()),
                rank::PERSON,
                phrase!(
                    "The private space {label} was not read: Android doesn't share it over USB. A reset erases it."
                ),
                phrase(
                    "Open the private space on the phone with its owner, and send or upload the data in it. Don't \
                     reset the phone before its owner confirms that nothing in the private space is still needed.",
                ),
            ),
            (UserKind::Maintenance, _) => return maintenance(),
            (UserKind::SecureFolder, _) => (
                Weight::Listed,
                rank::SECURE_FOLDER,
                phrase!(
                    "Data in {label}, a locked folder of the phone's maker: the phone doesn't share it over USB."
                ),
                phrase("Open the folder on the phone and move out the data that you need."),
            ),
            (UserKind::Clone, _) => (
                Weight::Listed,
                rank::CLONES,
                phrase!("Data inside cloned apps (the profile {label})."),
                phrase("Back it up in each cloned app."),
            ),
            (UserKind::Guest, _) => (
                Weight::Listed,
                rank::GUEST,
                phrase!("Data of the guest {label} on this phone."),
                "",
            ),
            (UserKind::OfSystem, _) => (
                Weight::Listed,
                rank::GUEST,
                phrase!("The profile {label}, which Android made for itself."),
                "",
            ),
            (UserKind::OtherProfile, _) => (
                Weight::NotSafe(phrase!("the profile {label}")),
                rank::PERSON,
                phrase!(
                    "The profile {label} was not read: Lifeboat doesn't know this kind of profile. It may be a \
                     private space, which a reset erases."
                ),
                phrase(
                    "Open it on the phone with its owner, and send or export the data in it. Don't reset the phone \
                     before its owner confirms that nothing in it is still needed.",
                ),
            ),
        };
        let id = format!("user-{}", self.id);
        NotCovered {
            line: ResetLine {
                names: vec![label],
                ..reset::line(ResetKind::User, id, rank, lost, first)
            },
            weight,
        }
    }

    /// The data of another person that is not read even if contacts and calendar are: over USB, Android shows only the
    /// files of one user.
    pub fn files(&self) -> NotCovered {
        let label = self.label();
        NotCovered {
            line: reset::line(
                ResetKind::User,
                format!("files-of-user-{}", self.id),
                rank::PROFILE,
                phrase!(
                    "Photos and files of the user {label}: Android shares only the first user's files."
                ),
                phrase("Switch to that user on the phone, and copy the files by file transfer."),
            ),
            weight: match self.kind {
                UserKind::Person => Weight::InHeadline(phrase!("photos of the user {label}")),
                UserKind::Guest
                | UserKind::Work
                | UserKind::Clone
                | UserKind::SecureFolder
                | UserKind::PrivateSpace
                | UserKind::Maintenance
                | UserKind::OfSystem
                | UserKind::OtherProfile => Weight::Listed,
            },
        }
    }
}

fn maintenance() -> NotCovered {
    hidden_owner(
        phrase("the owner's data hidden by Maintenance mode"),
        phrase("The phone is in Maintenance mode, which hides all data of its owner."),
        phrase(
            "Pull down the notifications and tap “Maintenance mode is on”, then Exit. Let the owner unlock the \
             phone, then run the rescue again.",
        ),
    )
}

fn hidden_owner(name: &str, lost: &str, first: &str) -> NotCovered {
    NotCovered {
        line: reset::line(ResetKind::User, "owner", rank::PERSON, lost, first),
        weight: Weight::Waits(name.to_owned()),
    }
}

/// A mode in which the handset hides its owner's data, found from the properties: Samsung's Maintenance mode
/// (`PROPERTY_IS_IN_MAINTENANCE_MODE`), or the Repair mode of Pixel phones, which runs a second system with its own
/// data (AOSP `gsid`).
pub fn hiding_mode(properties: &HashMap<String, String>) -> Option<NotCovered> {
    if is_in_maintenance(properties) {
        Some(maintenance())
    } else if is_on(properties, "ro.gsid.image_running") {
        Some(hidden_owner(
            phrase("the owner's data hidden by Repair mode"),
            phrase(
                "The phone runs a second system (Repair mode, or a test system), which hides all data of its owner.",
            ),
            phrase(
                "In Settings > System, choose “Exit repair mode”, or restart the phone. Let the owner unlock the \
                 phone, then run the rescue again.",
            ),
        ))
    } else {
        None
    }
}

/// True if the properties report Samsung's Maintenance mode.
pub fn is_in_maintenance(properties: &HashMap<String, String>) -> bool {
    is_on(properties, "persist.sys.is_in_maintenance_mode")
}

fn is_on(properties: &HashMap<String, String>, name: &str) -> bool {
    let value = properties.get(name).map(|value| value.trim());
    matches!(value, Some("1" | "true"))
}

/// The users that a handset reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Users {
    /// All users, the owner first.
    pub all: Vec<User>,
    /// The user whose screen is shown; `None`: not reported.
    pub in_front: Option<u32>,
    /// The handset listed its users. If not, the owner is only assumed to be alone.
    pub are_listed: bool,
}

/// The warning for a handset that does not say whether it has other users.
pub fn not_listed() -> NotCovered {
    NotCovered {
        line: reset::line(
            ResetKind::User,
            "users-not-shown",
            rank::PERSON,
            phrase(
                "The phone didn't show whether it has further users or profiles. Their data was not read.",
            ),
            phrase(
                "Look for other users in the phone's settings, under Users or Accounts. If there is one, switch to \
                 that user and run the rescue again.",
            ),
        ),
        weight: Weight::NotSafe(phrase("other users, if there are any").into()),
    }
}

impl Users {
    /// Parses `pm list users` (`UserInfo{10:Work profile:1030} running`, AOSP `UserInfo.toString`, flags in
    /// hexadecimal) and `dumpsys user`, which prints the same with a `Type:` line below it, and a line `Current user:
    /// 0` (AOSP `UserManagerService.dump`).
    pub fn parse(list: &str, dump: &str) -> Self {
        let mut in_front = None;
        let mut types: HashMap<u32, &str> = HashMap::new();
        let mut last = None;
        for line in dump.lines().map(str::trim) {
            if let Some((id, ..)) = user_info(line) {
                last = Some(id);
            } else if let (Some(id), Some(name)) = (last, line.strip_prefix("Type: ")) {
                types.entry(id).or_insert(name.trim());
            } else if let Some(id) = line.strip_prefix("Current user: ") {
                in_front = in_front.or(id.trim().parse().ok());
            }
        }
        let mut all = vec![User::owner()];
        let mut are_listed = false;
        for (id, name, flags) in list.lines().chain(dump.lines()).filter_map(user_info) {
            let name = name.to_owned();
            are_listed = true;
            match all.iter_mut().find(|known| known.id == id) {
                Some(known) if known.name.is_empty() => known.name = name,
                Some(_) => {}
                None => all.push(User {
                    id,
                    kind: UserKind::of(id, &name, flags, types.get(&id).copied()),
                    name,
                }),
            }
        }
        Self {
            all,
            in_front,
            are_listed,
        }
    }

    /// Reads `am get-current-user`, if the dump did not name the current user.
    pub fn on_current(&mut self, said: &str) {
        self.in_front = self.in_front.or(said.trim().parse().ok());
    }

    /// True if one of the users is that of Samsung's Maintenance mode.
    pub fn are_in_maintenance(&self) -> bool {
        self.all
            .iter()
            .any(|user| user.kind == UserKind::Maintenance)
    }

    /// The label of the current user, if that is not the owner.
    pub fn other_in_front(&self) -> Option<String> {
        let other = self.in_front.filter(|id| *id != 0)?;
        let user = self.all.iter().find(|user| user.id == other);
        Some(user.map_or_else(|| phrase!("number {other}"), User::label))
    }

    /// A note if the current user is not the owner.
    pub fn not_the_owner(&self) -> Option<NotCovered> {
        let label = self.other_in_front()?;
        Some(NotCovered::listed(reset::line(
            ResetKind::User,
            "in-front",
            rank::PROFILE,
            phrase!("The phone shows the user {label}, not its owner."),
            phrase("Switch to the owner's screen and check whether anything is missing."),
        )))
    }
}

/// Parses number, name and flags from `UserInfo{10:Work: profile:1030} running`. A name may contain colons and braces.
fn user_info(line: &str) -> Option<(u32, &str, u32)> {
    let (info, _) = line.trim().strip_prefix("UserInfo{")?.rsplit_once('}')?;
    let (id, rest) = info.split_once(':')?;
    let (name, flags) = rest.rsplit_once(':')?;
    Some((id.parse().ok()?, name, u32::from_str_radix(flags, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output of `pm list users` on makers' own phones; `tests/FIELD.md` names the sources.
    #[test]
    fn users_of_real_phones_and_their_kinds() {
        use UserKind::{Clone, Guest, OtherProfile, Person, PrivateSpace, SecureFolder, Work};
        for (line, kind) in [
            ("UserInfo{10:Work: profile:1030} running", Work),
            ("UserInfo{10:Arbeitsprofil:30} running", Work),
            ("UserInfo{11:Kim:410}", Person),
            ("UserInfo{10:security space:410} running", Person),
            ("UserInfo{11:security space:13} running", Person),
            ("UserInfo{10:PrivateSpace:2000410}", Person),
            ("UserInfo{10:Guest:414}", Guest),
            ("UserInfo{11:Private space:1090}", PrivateSpace),
            ("UserInfo{150:Secure Folder:10061030} running", SecureFolder),
            (
                "UserInfo{151:Sicherer Ordner:10061030} running",
                SecureFolder,
            ),
            ("UserInfo{150:Secure Folder:61010} running", SecureFolder),
            ("UserInfo{95:DualApp:30} running", Clone),
            ("UserInfo{95:DUAL_APP:20001010} running", Clone),
            ("UserInfo{999:XSpace:801010} running", Clone),
            ("UserInfo{999:XSpace:800010} running", Clone),
            ("UserInfo{999:Multi-App:4000030} running", Clone),
            ("UserInfo{998:MultiApp:4001010} running", Clone),
            ("UserInfo{128:分身应用:4000410} running", Clone),
            ("UserInfo{999:doubleinstance:1030} running", Clone),
            ("UserInfo{10::1010} running", OtherProfile),
            // Samsung's Knox workspace, and a profile that some maker added.
            ("UserInfo{100:KNOX:30} running", Work),
            ("UserInfo{100:Knox Workspace:1030} running", Work),
            ("UserInfo{200:Privacy System:1010} running", OtherProfile),
            ("UserInfo{200:Second System:410} running", Person),
            ("UserInfo{10:Secure Folder:1030} running", SecureFolder),
            (
                "UserInfo{77:Maintenance mode:80410} running",
                UserKind::Maintenance,
            ),
        ] {
            let users = Users::parse(
                &format!("Users:\n\tUserInfo{{0:Owner:c13}} running\n\t{line}\n"),
                "",
            );
            assert_eq!(users.all.len(), 2, "{line}");
            assert_eq!(users.all[1].kind, kind, "{line}");
        }
    }

    /// The name of a private space is in the owner's language, and not each Android tells its type.
    #[test]
    fn a_profile_of_an_unknown_kind_is_never_safe() {
        let list =
            "Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{11:Vertrauliches Profil:1090}\n";
        let users = Users::parse(list, "");
        let lost = users.all[1].not_covered(Unread::LeftOut);
        assert!(lost.is_needed(), "{lost:?}");
        let dump =
            "UserInfo{11:Supervising:1090}\n Type: android.os.usertype.profile.SUPERVISING\n";
        let users = Users::parse("", dump);
        let lost = users.all[1].not_covered(Unread::LeftOut);
        assert!(!lost.is_needed(), "{lost:?}");
    }

    #[test]
    fn the_dump_tells_types_and_who_is_in_front() {
        let dump = "Current user: 11\n\nUsers:\n  UserInfo{0:null:4c13} serialNo=0 isPrimary=true\n    \
                    Type: android.os.usertype.full.SYSTEM\n  UserInfo{10::1010} serialNo=10 isPrimary=false parentId=0\n    \
                    Type: android.os.usertype.profile.CLONE\n  UserInfo{11:Profil privé:1010} serialNo=11\n    \
                    Type: android.os.usertype.profile.PRIVATE\n    State: RUNNING_UNLOCKED\n";
        for list in [
            "Users:\n\tUserInfo{0:null:4c13} running\n\tUserInfo{10::1010} running\n\tUserInfo{11:Profil privé:1010}\n",
            "",
        ] {
            let users = Users::parse(list, dump);
            let kinds: Vec<_> = users.all.iter().map(|user| (user.id, user.kind)).collect();
            let wanted = [
                (0, UserKind::Person),
                (10, UserKind::Clone),
                (11, UserKind::PrivateSpace),
            ];
            assert_eq!(kinds, wanted);
            assert_eq!(users.in_front, Some(11));
            assert_eq!(users.all[1].label(), "number 10");
        }
        let mut untold = Users::parse("Error: unknown list type 'users'", "");
        untold.on_current("10\n");
        assert_eq!((untold.all.len(), untold.in_front), (1, Some(10)));
        assert!(!untold.are_listed && not_listed().is_needed());
        assert!(untold.not_the_owner().is_some());
    }
}
