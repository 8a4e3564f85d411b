//! Practice Androids that imitate real phones of a certain make or state: `--fault like=NAME`. The reports about them
//! are in `tests/FIELD.md`.

use super::settings::{Area, Model, PracticeUser, Settings, SimColumns, System};

/// A common kind of phone, and the expected result of rescuing it.
pub struct Profile {
    pub name: &'static str,
    pub what: &'static str,
    /// A healthy phone, whose rescue must end in "safe".
    pub is_safe: bool,
    set: fn(&mut Settings),
}

impl Profile {
    /// Changes the settings to this profile.
    pub fn apply(&self, settings: &mut Settings) {
        (self.set)(settings);
    }
}

const XIAOMI: Model = Model {
    maker: "Xiaomi",
    product: "vayu_eea",
    model: "M2102J20SG",
    device: "vayu",
};
const HUAWEI: Model = Model {
    maker: "HUAWEI",
    product: "ELE-L29",
    model: "ELE-L29",
    device: "HWELE",
};
const OPPO: Model = Model {
    maker: "OPPO",
    product: "CPH2173",
    model: "CPH2173",
    device: "OP4F4DL1",
};

const DOOGEE: Model = Model {
    maker: "DOOGEE",
    product: "S95Pro_EEA",
    model: "S95Pro",
    device: "S95Pro",
};
const ASUS: Model = Model {
    maker: "asus",
    product: "WW_Phone",
    model: "ASUS_Z01KD",
    device: "ASUS_Z01K_1",
};
const ONEPLUS: Model = Model {
    maker: "OnePlus",
    product: "OnePlus7_EEA",
    model: "GM1903",
    device: "OnePlus7",
};
const NOKIA_8110: Model = Model {
    maker: "HMD Global",
    product: "argon",
    model: "Nokia 8110 4G",
    device: "argon",
};

/// All profiles.
pub const PROFILES: &[Profile] = &[
    Profile {
        name: "samsung-secure-folder",
        what: "a Samsung with a Secure Folder, which refuses the shell",
        is_safe: true,
        set: |s| {
            let folder = PracticeUser::closed(150, "Secure Folder", 0x1006_1030, "profile.MANAGED");
            s.owner.users.push(folder);
        },
    },
    Profile {
        name: "samsung-dual-messenger",
        what: "a Samsung with cloned messengers",
        is_safe: true,
        set: |s| {
            let clones = PracticeUser::closed(95, "DUAL_APP", 0x2000_1010, "profile.CLONE");
            s.owner.users.push(clones);
        },
    },
    Profile {
        name: "samsung-maintenance-mode",
        what: "a Samsung in Maintenance mode: another user is shown, and the owner's data is locked",
        is_safe: false,
        set: |s| {
            let shop = PracticeUser::closed(77, "Maintenance mode", 0x8_0410, "full.SECONDARY");
            s.owner.users.push(shop);
            s.owner.front_user = 77;
            s.software.locked_since_boot = true;
            s.software
                .properties
                .push(("persist.sys.is_in_maintenance_mode", "true"));
        },
    },
    Profile {
        name: "pixel-repair-mode",
        what: "a Pixel in Repair mode: a second, empty system",
        is_safe: false,
        set: |s| {
            pixel(s, 34);
            nothing(s);
            s.software.properties.push(("ro.gsid.image_running", "1"));
        },
    },
    Profile {
        name: "pixel-private-space",
        what: "a Pixel with the private space of Android 15, locked",
        is_safe: false,
        set: |s| {
            pixel(s, 35);
            let space = PracticeUser::closed(11, "Private space", 0x1090, "profile.PRIVATE");
            s.owner.users.push(space);
        },
    },
    Profile {
        name: "pixel-work-profile",
        what: "a Pixel with a work profile",
        is_safe: true,
        set: |s| {
            pixel(s, 34);
            s.owner.users.push(PracticeUser::work());
        },
    },
    Profile {
        name: "xiaomi-clones",
        what: "a Xiaomi with cloned apps",
        is_safe: true,
        set: clones_of_xiaomi,
    },
    Profile {
        name: "xiaomi-second-space",
        what: "a Xiaomi with a second space, which refuses the shell",
        is_safe: false,
        set: |s| {
            other_make(s, XIAOMI);
            let space = PracticeUser::closed(10, "security space", 0x410, "full.SECONDARY");
            s.owner.users.push(space);
        },
    },
    Profile {
        name: "huawei-local-contacts",
        what: "a Huawei with contacts in the maker's own account; its cloned apps return the owner's rows",
        is_safe: true,
        set: |s| {
            other_make(s, HUAWEI);
            s.android = 29;
            s.owner.local_account = Some(("Phone", "com.android.huawei.phone"));
            s.owner.users.push(PracticeUser {
                is_refused: false,
                shows_owner: true,
                ..PracticeUser::closed(128, "分身应用", 0x400_0410, "profile.CLONE")
            });
        },
    },
    Profile {
        name: "oppo-clones",
        what: "an OPPO with two profiles of cloned apps",
        is_safe: true,
        set: |s| {
            other_make(s, OPPO);
            for id in [998, 999] {
                let clones = PracticeUser::closed(id, "MultiApp", 0x400_1010, "MultiApp");
                s.owner.users.push(clones);
            }
        },
    },
    Profile {
        name: "mediatek-two-sims",
        what: "a MediaTek phone with two SIM cards; their phonebooks have the maker's own columns",
        is_safe: true,
        set: |s| {
            other_make(s, DOOGEE);
            s.android = 28;
            s.sim.columns = SimColumns::MediaTek;
            s.sim.subscriptions = vec![6, 7];
        },
    },
    Profile {
        name: "mediatek-android-4-two-sims",
        what: "a MediaTek phone with Android 4.4 and two SIM cards, each at an address of its own",
        is_safe: true,
        set: |s| {
            other_make(s, DOOGEE);
            s.android = 19;
            s.sim.columns = SimColumns::MediaTek;
            s.sim.subscriptions = vec![1, 2];
            s.sim.are_apart = true;
        },
    },
    Profile {
        name: "xiaomi-clones-with-pictures",
        what: "a Xiaomi whose list of pictures has those of cloned apps, which the shell may read",
        is_safe: true,
        set: |s| {
            clones_of_xiaomi(s);
            s.storage.clone_pictures = 3;
        },
    },
    Profile {
        name: "xiaomi-clones-with-closed-pictures",
        what: "the same, if the shell may not read them",
        is_safe: true,
        set: |s| {
            clones_of_xiaomi(s);
            s.storage.clone_pictures = 3;
            s.storage.hides_clones = true;
        },
    },
    Profile {
        name: "xiaomi-theme-warning",
        what: "a Xiaomi whose Java programs print a warning of its themes",
        is_safe: true,
        set: |s| {
            other_make(s, XIAOMI);
            s.software.noise = true;
        },
    },
    Profile {
        name: "xiaomi-asks",
        what: "a Xiaomi that asks before it shows its contacts",
        is_safe: false,
        set: |s| {
            other_make(s, XIAOMI);
            s.providers.ignored.insert(Area::Contacts);
            s.providers.ignored_mode = "ask; rejectTime=+2ms ago".into();
        },
    },
    Profile {
        name: "two-guests-of-one-name",
        what: "two further persons with the same name, and one without a name",
        is_safe: true,
        set: |s| {
            let names = [(10, "Gast"), (11, "Gast"), (12, "")];
            s.owner
                .users
                .extend(names.map(|(id, name)| PracticeUser::person(id, name)));
        },
    },
    Profile {
        name: "samsung-knox-workspace",
        what: "a Samsung with an employer's Knox workspace, which refuses the shell",
        is_safe: true,
        set: |s| {
            s.android = 24;
            s.owner
                .users
                .push(PracticeUser::closed(100, "KNOX", 0x30, "profile.MANAGED"));
        },
    },
    Profile {
        name: "wifi-tablet",
        what: "a tablet without a modem, and without apps for calls and messages",
        is_safe: true,
        set: |s| {
            pixel(s, 33);
            s.software.lacks_telephony = true;
            s.sim.entries = None;
            (s.owner.calls, s.owner.messages, s.owner.pictures) = (0, 0, 0);
        },
    },
    Profile {
        name: "users-not-shown",
        what: "a phone that refuses to list its users",
        is_safe: false,
        set: |s| {
            pixel(s, 34);
            s.software.hides_users = true;
        },
    },
    Profile {
        name: "huawei-repair-mode",
        what: "a Huawei in its repair mode: a user for the repair shop is shown, and the owner's data is locked",
        is_safe: false,
        set: |s| {
            other_make(s, HUAWEI);
            s.owner.users.push(PracticeUser::closed(
                126,
                "RepairMode",
                0x410,
                "full.SECONDARY",
            ));
            s.owner.front_user = 126;
            s.software.locked_since_boot = true;
        },
    },
    Profile {
        name: "sim-not-recognised",
        what: "a phone that doesn't know the state of its SIM card",
        is_safe: false,
        set: |s| {
            pixel(s, 34);
            s.sim.state = Some("UNKNOWN".into());
        },
    },
    Profile {
        name: "galaxy-s3-with-card",
        what: "a Galaxy S3 with Android 4.4: memory card at /mnt/extSdCard, linker warnings within the output",
        is_safe: true,
        set: |s| {
            s.android = 19;
            s.storage.card_at = "/storage/extSdCard".into();
            s.storage.card_links = vec!["/mnt/extSdCard".into()];
            s.more_files = true;
            s.software.noise = true;
        },
    },
    Profile {
        name: "asus-local-contacts",
        what: "an ASUS with contacts in the maker's own account, and its card at /storage/MicroSD",
        is_safe: true,
        set: |s| {
            other_make(s, ASUS);
            s.android = 26;
            s.owner.local_account = Some(("Device", "asus.local.phone"));
            s.storage.card_at = "/storage/MicroSD".into();
            s.more_files = true;
        },
    },
    Profile {
        name: "oneplus-without-app-ops",
        what: "a OnePlus that doesn't report its app-ops, with an empty SIM card",
        is_safe: true,
        set: |s| {
            other_make(s, ONEPLUS);
            s.owner.local_account = Some(("Phone", "vnd.oneplus.contact.phone"));
            s.software.hides_app_ops = Some("cmd: Can't find service: appops");
            s.sim.entries = Some(0);
        },
    },
    Profile {
        name: "twrp",
        what: "a phone that runs a recovery system",
        is_safe: false,
        set: |s| s.software.system = System::Recovery,
    },
    Profile {
        name: "kaios",
        what: "a phone with KaiOS",
        is_safe: false,
        set: |s| {
            other_make(s, NOKIA_8110);
            s.android = 23;
            s.software.system = System::KaiOs;
        },
    },
    Profile {
        name: "second-person",
        what: "a second person with their own contacts and calendar",
        is_safe: true,
        set: |s| s.owner.users.push(PracticeUser::person(11, "Kim")),
    },
    Profile {
        name: "second-person-closed",
        what: "a second person, whose data refuses the shell",
        is_safe: false,
        set: |s| {
            s.owner.users.push(PracticeUser {
                is_refused: true,
                ..PracticeUser::person(11, "Kim")
            });
        },
    },
    Profile {
        name: "nothing-on-it",
        what: "a phone without contacts or events: already reset, or in a mode that hides them",
        is_safe: false,
        set: nothing,
    },
];

/// Finds the profile for `like=NAME`.
pub(super) fn profile(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

fn pixel(settings: &mut Settings, android: u32) {
    settings.samsung = false;
    settings.android = android;
}

fn other_make(settings: &mut Settings, model: Model) {
    settings.samsung = false;
    settings.software.model = Some(model);
}

fn clones_of_xiaomi(settings: &mut Settings) {
    other_make(settings, XIAOMI);
    let clones = PracticeUser::closed(999, "XSpace", 0x80_1010, "profile.CLONE");
    settings.owner.users.push(clones);
}

fn nothing(settings: &mut Settings) {
    settings.contacts = 0;
    settings.events = 0;
    settings.todos = 0;
    settings.owner.deleted_contacts = 0;
    settings.owner.deleted_events = 0;
}
