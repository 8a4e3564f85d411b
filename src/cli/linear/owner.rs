//! What only the owner of the phone can do or say, asked one by one.

use super::Dialogue;
use crate::coach::{Ask, OwnerOf, owner_steps};
use crate::handset::find::Device;
use crate::model::{Case, Collection, Conditions};
use crate::phrase;
use crate::vault::Desk;

/// Asks the owner. Every question can be left out. `None`: the person is gone.
pub fn ask(talk: &Dialogue<'_>, device: &Device, files: bool, desk: &mut Desk) -> Option<Case> {
    let mut case = Case::default();
    say!("A few questions for the owner. Press Enter to skip a question.");
    let kind = OwnerOf::phone_in(&device.situations, files);
    for step in owner_steps(&device.make, kind, &Conditions::default()) {
        match step.ask {
            Ask::Tick => {
                if talk.is_yes(&phrase!("{} Done?", step.text))? {
                    case.done.push(step.name.clone());
                }
            }
            Ask::Number => {
                let answer = talk.ask(&step.text)?;
                case.contacts_shown = answer.parse().ok().filter(|number| *number > 0);
            }
            Ask::YesNo => {
                let answer = talk.ask(&phrase!("{} Type y or n.", step.text))?;
                *case.answer(&step.name) = match answer.to_lowercase().as_str() {
                    "y" | "yes" => Some(true),
                    "n" | "no" => Some(false),
                    _ => None,
                };
            }
            Ask::Choice => {
                let all: Vec<&str> = Collection::asked().map(Collection::name).collect();
                let answer = talk.ask(&format!("{} {}", step.text, all.join(", ")))?;
                case.first = Collection::asked().find(|one| one.name() == answer.to_lowercase());
            }
            Ask::Text => {
                let kept = match step.name.as_str() {
                    "ticket" => &mut desk.ticket,
                    "operator" => &mut desk.operator,
                    "behalf" => &mut case.on_behalf_of,
                    "right" => &mut case.by_right,
                    _ => &mut case.company_agreed,
                };
                // The ticket and the technician are asked for once.
                if kept.is_empty() {
                    *kept = talk.ask(&step.text)?;
                }
            }
        }
    }
    Some(case)
}
