//! Records that exist only on the phone. Lifeboat has saved them, and after a reset nothing else has them.

use super::{line, rank};
use crate::model::{Collection, ResetKind, ResetLine, grouped};
use crate::phrase;

/// Returns the line about the records that exist only on the phone, by collection: how many, and the names of some or
/// all of them. `None` if there are none.
pub fn only_here(found: Vec<(Collection, u64, Vec<String>)>) -> Option<ResetLine> {
    let found: Vec<_> = found.into_iter().filter(|(_, n, _)| *n > 0).collect();
    let all: u64 = found.iter().map(|(_, number, _)| number).sum();
    let counted: Vec<String> = found
        .iter()
        .map(|(what, number, _)| format!("{} {}", grouped(*number), what.things_alone(*number)))
        .collect();
    let (last, others) = counted.split_last()?;
    let counted = match others {
        [] => last.clone(),
        others => phrase!("{} and {last}", others.join(", ")),
    };
    let lost = match all {
        1 => phrase!("{counted} is only on this phone. Lifeboat has saved it."),
        _ => phrase!("{counted} are only on this phone. Lifeboat has saved them."),
    };
    let mut names = Vec::new();
    for (what, number, some) in found {
        let more = number.saturating_sub(some.len() as u64);
        names.extend(some.iter().map(|name| format!("{}: {name}", what.title())));
        names.extend((more > 0).then(|| {
            phrase!(
                "{}: {} more, see the list of the rescued data.",
                what.title(),
                grouped(more)
            )
        }));
    }
    Some(ResetLine {
        names,
        ..line(
            ResetKind::OnlyHere,
            "only-here",
            rank::ONLY_HERE,
            lost,
            phrase("Make a copy of this rescue on another disk."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_stands_first_and_the_names_behind() {
        let names = vec!["Kim Lee".to_owned()];
        let line = only_here(vec![
            (Collection::Contacts, 1_195, names),
            (Collection::Calendar, 0, vec![]),
            (Collection::Todos, 1, vec!["Milk".to_owned()]),
        ])
        .unwrap();
        assert_eq!(
            line.lost,
            "1,195 contacts and 1 to-do are only on this phone. Lifeboat has saved them."
        );
        assert_eq!(
            line.names,
            [
                "Contacts: Kim Lee",
                "Contacts: 1,194 more, see the list of the rescued data.",
                "To-dos: Milk"
            ]
        );
        assert_eq!(only_here(vec![(Collection::Contacts, 0, vec![])]), None);
        let one = only_here(vec![(Collection::Contacts, 1, vec![])]).unwrap();
        assert!(one.lost.starts_with("1 contact is only on this phone."));
    }
}
