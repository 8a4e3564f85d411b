//! How to put the files onto a new phone or into an account.
//!
//! Nobody tried these steps with the services themselves. Sources: Apple, "Import contacts into Contacts on Mac"
//! (support.apple.com/guide/contacts/adrbk1457); macitynet.it, "Importare formato vCard" (an iPhone offers to add all
//! cards of an attachment); time.news, "Import vCard files to iCloud" (November 2025, for iCloud.com). The steps for
//! Google and Outlook are desk practice. The limits of Google's website are those of `for-google/`.

use crate::phrase;

/// How one system takes the files. Each step is a sentence.
pub struct Guide {
    pub name: &'static str,
    pub contacts: &'static [&'static str],
    pub calendar: &'static [&'static str],
    pub todos: &'static str,
}

/// The name of the folder with the files to import.
pub const FOLDER: &str = "for-your-new-phone";

pub const GUIDES: &[Guide] = &[
    Guide {
        name: phrase("Android phone"),
        contacts: &[
            phrase("Copy contacts.vcf to the phone, or plug the stick into it."),
            phrase(
                "Open Contacts, tap Organise (Samsung: Menu, Manage contacts), then Import from file.",
            ),
            phrase("Choose contacts.vcf, and the account that is to hold the contacts."),
        ],
        calendar: &[phrase(
            "Most Android phones can't import a calendar file themselves. Use the steps for Google below, on a computer. \
             The events then appear on the phone.",
        )],
        todos: phrase(
            "An app such as Tasks.org or OpenTasks imports todos.ics. Google's own apps don't.",
        ),
    },
    Guide {
        name: phrase("iPhone"),
        contacts: &[
            phrase("Send contacts.vcf to yourself by e-mail, or use the steps for iCloud below."),
            phrase("Open the e-mail on the iPhone in Mail, and tap the attachment."),
            phrase("Tap Add All Contacts."),
        ],
        calendar: &[
            phrase("Send calendar.ics to yourself by e-mail, and open it on the iPhone in Mail."),
            phrase("Tap the attachment, then Add All, and choose a calendar."),
        ],
        todos: phrase("Reminders takes to-dos from a Mac: open todos.ics there with Reminders."),
    },
    Guide {
        name: phrase("Google account, on a computer"),
        contacts: &[
            phrase("Open contacts.google.com and sign in."),
            phrase("Click Import, then Select file, and choose contacts.vcf."),
            phrase(
                "If there is a folder for-google, import its files one after another instead: the website refuses large files.",
            ),
        ],
        calendar: &[
            phrase("Open calendar.google.com. Click the gear, Settings, then Import & export."),
            phrase(
                "Choose calendar.ics (or the files in for-google, one after another) and a calendar, and click Import.",
            ),
        ],
        todos: phrase("Google Tasks can't import files. The page To-dos lists them."),
    },
    Guide {
        name: phrase("iCloud, on a computer"),
        contacts: &[
            phrase("Open icloud.com/contacts and sign in."),
            phrase(
                "Click the + or the gear, then Import Contact or Import vCard, and choose contacts.vcf.",
            ),
        ],
        calendar: &[phrase(
            "On a Mac, open Calendar, choose File, Import, and calendar.ics. Without a Mac, use the steps for an iPhone.",
        )],
        todos: phrase("On a Mac, open todos.ics with Reminders."),
    },
    Guide {
        name: phrase("Outlook"),
        contacts: &[
            phrase(
                "Open People on outlook.com or in the new Outlook. Click Manage contacts, then Import contacts.",
            ),
            phrase(
                "Choose contacts-outlook.csv: Outlook reads only the first contact of contacts.vcf.",
            ),
        ],
        calendar: &[phrase(
            "Open Calendar, click Add calendar, then Upload from file, and choose calendar.ics.",
        )],
        todos: phrase("Outlook can't import todos.ics. The page To-dos lists them."),
    },
];
