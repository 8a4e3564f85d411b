//! What a reset destroys, as the practice phones show it.

use lifeboat::model::{ResetKind, ResetPart, Ticked};

use lifeboat::practice::android::Settings;

use crate::common::{Practised, rescue};

/// An owner with few things, and a fault.
fn with_fault(fault: &str) -> Settings {
    let settings = Settings {
        contacts: 40,
        events: 20,
        todos: 4,
        photos: 2,
        ..Settings::default()
    };
    crate::common::with_fault(settings, fault)
}

fn lines(rescued: &Practised) -> Vec<&Ticked> {
    rescued.outcome.before_reset.iter().collect()
}

fn text(rescued: &Practised, id: &str) -> Option<String> {
    let found = lines(rescued).into_iter().find(|one| one.line.id == id)?;
    Some(found.line.sentence())
}

#[test]
fn a_line_says_what_is_true_on_this_phone() {
    for (fault, id, words) in [
        (
            "android=36,esim=O2",
            "esim",
            "An eSIM is stored in this phone (O2).",
        ),
        (
            "android=33,esim=O2,esim=Club",
            "esim",
            "2 eSIMs are stored in this phone (O2, Club).",
        ),
        (
            "android=29,esim=O2",
            "esim",
            "An eSIM is stored in this phone (O2).",
        ),
        (
            "android=34",
            "password",
            "this phone asks for the password of alex.winter@gmail.example (Google).",
        ),
        (
            "sync-off=com.android.calendar",
            "synchronise",
            "Synchronisation is switched off: alex.winter@gmail.example (calendar)",
        ),
        (
            "sync-off=all",
            "synchronise",
            "Automatic synchronisation is switched off",
        ),
        ("like=samsung-secure-folder", "user-150", "Secure Folder"),
        (
            "like=pixel-work-profile",
            "user-10",
            "The work profile “Work profile” was not read",
        ),
        ("app=org.thoughtcrime.securesms", "signal", "Signal: "),
    ] {
        let rescued = rescue(with_fault(fault));
        let told = text(&rescued, id).unwrap_or_else(|| panic!("{fault}: {:#?}", lines(&rescued)));
        assert!(told.contains(words), "{fault}: {told}");
        assert!(!rescued.outcome.ready_to_reset, "{fault}");
    }
}

#[test]
fn what_a_phone_does_not_have_has_no_line() {
    // No eSIM; a version that has none; a version that asks for no password; everything synchronises.
    for (fault, id) in [
        ("android=34", "esim"),
        ("android=26", "esim"),
        ("android=19", "password"),
        ("android=34", "synchronise"),
        ("android=34", "signal"),
        ("app=com.samsung.knox.securefolder", "secure-folder"),
    ] {
        let rescued = rescue(with_fault(fault));
        assert_eq!(text(&rescued, id), None, "{fault}");
    }
}

#[test]
fn seven_parts_however_many_apps() {
    let apps = [
        "com.azure.authenticator",
        "org.thoughtcrime.securesms",
        "ch.threema.app",
        "de.ingdiba.bankingapp",
        "io.metamask",
        "com.starfinanz.mobile.android.pushtan",
        "com.google.android.apps.photos",
        "com.sec.android.app.shealth",
        "com.samsung.android.app.notes",
        "com.discord",
        "com.fitbit.FitbitMobile",
    ];
    let fault = format!("android=34,esim=O2,sync-off=all,app={}", apps.join(":"));
    let rescued = rescue(with_fault(&fault));
    let all = lines(&rescued);
    let parts = ResetPart::all(&rescued.outcome.before_reset);
    let first = parts.iter().map(|part| &part.lines()[0].line);
    let first: Vec<_> = first.filter(|line| !line.returns).collect();
    assert!(first.len() <= 7, "{all:#?}");
    assert!(first.is_sorted_by_key(|line| line.rank), "{all:#?}");
    // Each app is ticked by itself, and says what to do.
    for id in ["signal", "threema", "whatsapp"] {
        let line = all.iter().find(|one| one.line.id == id);
        let line = &line.unwrap_or_else(|| panic!("{id}: {all:#?}")).line;
        assert!(line.group.contains("messengers"), "{line:#?}");
        assert!(!line.first.is_empty(), "{line:#?}");
    }
    let last = all.last().expect("lines");
    assert!(
        last.line.returns && last.line.lost.contains("Discord"),
        "{last:#?}"
    );
    let here = all.iter().find(|one| one.line.kind == ResetKind::OnlyHere);
    let here = here.expect("the number of what is only here");
    assert!(
        here.line.lost.contains(" contacts, ") && here.line.names.len() > 20,
        "{here:#?}"
    );
    let everything = format!("{all:#?}");
    for name in [
        "Signal",
        "Threema",
        "ING",
        "MetaMask",
        "Microsoft Authenticator",
        "Samsung Health",
        "WhatsApp",
    ] {
        assert!(everything.contains(name), "{name}: {everything}");
    }
}

/// Each line is open when a rescue ends, and no headline speaks of a phone that is ready.
#[test]
fn no_phone_is_ready_when_its_rescue_ends() {
    for fault in ["", "android=19", "like=kaios", "like=xiaomi-clones"] {
        let outcome = rescue(with_fault(fault)).outcome;
        assert!(
            !outcome.ready_to_reset && !outcome.before_reset.is_empty(),
            "{fault}: {outcome:#?}"
        );
        let said = format!(
            "{} {}",
            outcome.headline,
            outcome.readiness().unwrap_or_default()
        );
        assert!(
            !said.contains("Ready to reset") && !said.contains("is ready"),
            "{fault}: {said}"
        );
    }
}
