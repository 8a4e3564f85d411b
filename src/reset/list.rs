//! The list: first the data that can't be recovered, worst first, then one line for all data that comes back.

use super::line;
use crate::model::{ResetKind, ResetLine};
use crate::phrase;

/// Maximum number of parts before the line about what comes back: lines that stand alone, and groups of lines.
pub const MOST: usize = 7;

/// Names that are spelled out in a line.
const NAMED: usize = 4;

/// Returns the lines as a list of few parts, the worst first. If there are too many lines, those of one kind stand
/// together below a heading ([`ResetLine::group`]), the least bad kind first; then lines of related kinds. What comes
/// back after signing in is one line.
pub fn list(lines: Vec<ResetLine>) -> Vec<ResetLine> {
    let (mut back, mut first): (Vec<_>, Vec<_>) = lines.into_iter().partition(|one| one.returns);
    by_rank(&mut back);
    by_rank(&mut first);
    let mut groups: Vec<Group> = first.into_iter().map(Group::of).collect();
    while groups.len() > MOST
        && let Some(kind) = mildest_of_several(&groups)
    {
        join(&mut groups, Joined::Kind(kind), |group| {
            group.kind() == Some(kind)
        });
    }
    // The mildest first. Each account has its own instruction, so they are joined last.
    for family in [Family::Other, Family::Bound, Family::Accounts] {
        if groups.len() > MOST {
            join(&mut groups, Joined::Family(family), |group| {
                group.family() == Some(family)
            });
        }
    }
    groups.sort_by(|one, other| one.worst().cmp(&other.worst()));
    let mut list: Vec<ResetLine> = groups.into_iter().flat_map(Group::told).collect();
    list.extend(returning(back));
    list
}

fn by_rank(lines: &mut [ResetLine]) {
    lines.sort_by(|a, b| (a.rank, &a.id).cmp(&(b.rank, &b.id)));
}

/// Lines that stand together in the list.
struct Group {
    /// In the order of their ranks; at least one.
    lines: Vec<ResetLine>,
    joined: Joined,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    No,
    Kind(ResetKind),
    Family(Family),
}

/// Kinds that belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Apps that are bound to the phone.
    Bound,
    /// What the owner needs to sign in and to be reached again.
    Accounts,
    /// Other data of apps, and what Lifeboat did not read.
    Other,
}

impl Family {
    /// The family of a kind; `None`: the kind always has a line of its own. With these, and one line for each family, a
    /// list has no more than [`MOST`] lines.
    fn of(kind: ResetKind) -> Option<Self> {
        match kind {
            ResetKind::Authenticator | ResetKind::Bank | ResetKind::Passes => Some(Self::Bound),
            ResetKind::Lock | ResetKind::Account | ResetKind::Esim => Some(Self::Accounts),
            ResetKind::Notes
            | ResetKind::Todos
            | ResetKind::Health
            | ResetKind::Media
            | ResetKind::NotRead
            | ResetKind::Other => Some(Self::Other),
            ResetKind::Wallet | ResetKind::Messenger | ResetKind::User | ResetKind::OnlyHere => {
                None
            }
        }
    }
}

impl Group {
    fn of(line: ResetLine) -> Self {
        Self {
            lines: vec![line],
            joined: Joined::No,
        }
    }

    fn kind(&self) -> Option<ResetKind> {
        self.lines.first().map(|one| one.kind)
    }

    fn family(&self) -> Option<Family> {
        Family::of(self.kind()?)
    }

    /// Rank and identifier of its worst line.
    fn worst(&self) -> Option<(u8, &str)> {
        self.lines.first().map(|one| (one.rank, one.id.as_str()))
    }

    /// The lines, below their heading.
    fn told(self) -> Vec<ResetLine> {
        let Self { mut lines, joined } = self;
        let names = spelled(&lines);
        let number = lines.len();
        let heading = match joined {
            Joined::No => return lines,
            Joined::Kind(kind) => of_kind(kind, number, &names),
            Joined::Family(Family::Bound) => phrase!(
                "{number} apps with sign-in codes, tickets or bank access are bound to this phone: {names}."
            ),
            Joined::Family(Family::Accounts) => phrase!(
                "{number} things to do before the reset: {names}. Change no password today."
            ),
            Joined::Family(Family::Other) => {
                phrase!("{number} other kinds of data are only on this phone: {names}.")
            }
        };
        for line in &mut lines {
            line.group.clone_from(&heading);
        }
        lines
    }
}

/// Makes one group of those that fit, if there are several.
fn join(groups: &mut Vec<Group>, joined: Joined, fits: impl Fn(&Group) -> bool) {
    let (some, others): (Vec<_>, Vec<_>) = std::mem::take(groups).into_iter().partition(fits);
    *groups = others;
    match some.len() {
        0 | 1 => groups.extend(some),
        _ => {
            let mut lines: Vec<ResetLine> = some.into_iter().flat_map(|one| one.lines).collect();
            by_rank(&mut lines);
            groups.push(Group { lines, joined });
        }
    }
}

/// Returns the kind that has several groups, and whose worst line is the least bad.
fn mildest_of_several(groups: &[Group]) -> Option<ResetKind> {
    let mut kinds: Vec<(u8, ResetKind)> = Vec::new();
    for one in groups.iter().filter_map(|group| group.lines.first()) {
        let of_kind = groups.iter().filter(|group| group.kind() == Some(one.kind));
        let worst = of_kind
            .clone()
            .filter_map(|group| group.lines.first())
            .map(|line| line.rank);
        if of_kind.count() > 1 {
            kinds.extend(worst.min().map(|rank| (rank, one.kind)));
        }
    }
    kinds.into_iter().max().map(|(_, kind)| kind)
}

/// What several lines of one kind have in common.
fn of_kind(kind: ResetKind, number: usize, names: &str) -> String {
    let only_here =
        |what| phrase!("{number} {what} keep data that is only on this phone: {names}.");
    match kind {
        ResetKind::Authenticator => only_here(phrase("apps with sign-in codes")),
        ResetKind::Wallet => only_here(phrase("wallets")),
        ResetKind::Bank => phrase!("{number} banking apps are bound to this phone: {names}."),
        ResetKind::Messenger => only_here(phrase("messengers")),
        ResetKind::Notes => only_here(phrase("apps with notes")),
        ResetKind::Todos => only_here(phrase("apps with to-dos")),
        ResetKind::Health => only_here(phrase("health apps")),
        ResetKind::Passes => only_here(phrase("apps with tickets and identity cards")),
        ResetKind::Media => only_here(phrase("apps with pictures and recordings")),
        ResetKind::Other => only_here(phrase("other apps")),
        ResetKind::User => {
            phrase!("{number} other users, profiles or folders were not fully read: {names}.")
        }
        ResetKind::NotRead => phrase!("{number} kinds of data were not saved: {names}."),
        ResetKind::Lock | ResetKind::Esim | ResetKind::Account | ResetKind::OnlyHere => {
            phrase!("{number} things to do before the reset: {names}. Change no password today.")
        }
    }
}

/// The one line about what comes back after signing in.
fn returning(lines: Vec<ResetLine>) -> Option<ResetLine> {
    let names = spelled(&lines);
    let lost = match lines.len() {
        0 => return None,
        1 => phrase!("One app gets its data back after signing in: {names}."),
        number => phrase!("{number} apps get their data back after signing in: {names}."),
    };
    Some(ResetLine {
        names: lines.iter().map(ResetLine::sentence).collect(),
        returns: true,
        ..line(
            ResetKind::Account,
            "signing-in",
            100,
            lost,
            phrase("Check that the owner knows the passwords."),
        )
    })
}

/// Returns the names of the first lines, and the number of the others: `A, B, C, D and 5 more`.
fn spelled(lines: &[ResetLine]) -> String {
    let shown: Vec<String> = lines.iter().take(NAMED).map(short_name).collect();
    match lines.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => phrase!("{} and {more} more", shown.join(", ")),
    }
}

/// The name of a line's thing, for a list of names.
fn short_name(line: &ResetLine) -> String {
    match line.kind {
        ResetKind::Lock => phrase("the password that a reset asks for").to_owned(),
        ResetKind::Esim => phrase("eSIM").to_owned(),
        ResetKind::Account => phrase("synchronisation").to_owned(),
        ResetKind::OnlyHere => phrase("data that is only on this phone").to_owned(),
        _ => match line.names.as_slice() {
            [name] => name.clone(),
            _ => line.id.replace('-', " "),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::ResetPart;

    fn app(kind: ResetKind, number: usize, rank: u8) -> ResetLine {
        let name = format!("App {number}");
        ResetLine {
            names: vec![name.clone()],
            ..line(kind, &name, rank, format!("{name}: gone."), "Save it.")
        }
    }

    #[test]
    fn few_lines_stay_as_they_are_and_the_worst_is_first() {
        let lines = vec![
            app(ResetKind::Bank, 1, 30),
            app(ResetKind::Messenger, 2, 5),
            app(ResetKind::Bank, 3, 29),
        ];
        let ids: Vec<String> = list(lines).into_iter().map(|one| one.id).collect();
        assert_eq!(ids, ["app-2", "app-3", "app-1"]);
    }

    #[test]
    fn seventy_lines_stand_in_seven_parts() {
        let kinds = [
            ResetKind::Bank,
            ResetKind::Authenticator,
            ResetKind::Messenger,
            ResetKind::Notes,
            ResetKind::Health,
            ResetKind::Media,
        ];
        let mut lines: Vec<_> = (0..60)
            .map(|n| app(kinds[n % kinds.len()], n, 10 + (n % kinds.len()) as u8))
            .collect();
        lines.extend((60..70).map(|n| ResetLine {
            returns: true,
            ..app(ResetKind::Other, n, 90)
        }));
        lines.push(line(ResetKind::Esim, "esim", 35, "The eSIM.", "Keep it."));
        lines.push(line(ResetKind::Lock, "lock", 2, "A password.", "Try it."));
        let all: Vec<_> = list(lines).into_iter().map(ResetLine::open).collect();
        assert_eq!(all.len(), 60 + 2 + 1, "each has a box of its own");
        let parts = ResetPart::all(&all);
        let told: Vec<String> = parts.iter().map(|part| part.lost()).collect();
        let begins = [
            "A password.",
            "10 banking apps",
            "10 apps with sign-in codes",
            "10 messengers",
            "30 other kinds of data",
            "The eSIM.",
            "10 apps get their data back",
        ];
        assert_eq!(told.len(), begins.len(), "{told:#?}");
        for (told, begin) in told.iter().zip(begins) {
            assert!(told.starts_with(begin), "{told}");
        }
        let last = &all[62].line;
        assert!(
            last.returns && last.lost.ends_with("App 63 and 6 more."),
            "{last:?}"
        );
    }

    fn any_line() -> impl Strategy<Value = ResetLine> {
        let kinds = prop_oneof![
            Just(ResetKind::Authenticator),
            Just(ResetKind::Wallet),
            Just(ResetKind::Bank),
            Just(ResetKind::Messenger),
            Just(ResetKind::Notes),
            Just(ResetKind::Media),
            Just(ResetKind::Other),
            Just(ResetKind::User),
            Just(ResetKind::NotRead),
            Just(ResetKind::Lock),
            Just(ResetKind::Esim),
        ];
        (kinds, 1u8..=100, any::<bool>(), 0usize..500).prop_map(|(kind, rank, returns, n)| {
            ResetLine {
                returns,
                ..app(kind, n, rank)
            }
        })
    }

    proptest! {
        /// The list is short, sorted, the same in any order, and no loss is left out.
        #[test]
        fn nothing_is_left_out(lines in prop::collection::vec(any_line(), 0..40)) {
            let mut lines = lines;
            lines.sort_by(|a, b| a.id.cmp(&b.id));
            lines.dedup_by(|a, b| a.id == b.id);
            let told = list(lines.clone());
            let all: Vec<_> = told.iter().cloned().map(ResetLine::open).collect();
            let parts = ResetPart::all(&all);
            prop_assert!(parts.len() <= MOST + 1);
            let worst = |part: &&ResetPart<'_>| part.lines()[0].line.rank;
            let first = parts.iter().filter(|part| !part.lines()[0].line.returns);
            prop_assert!(first.is_sorted_by_key(|part| worst(&part)));
            prop_assert!(told.iter().rev().skip(1).all(|one| !one.returns));
            for one in &lines {
                let is_told = |told: &ResetLine| {
                    told.id == one.id
                        || told.returns && told.names.iter().any(|text| text.contains(&one.sentence()))
                };
                prop_assert!(told.iter().any(is_told), "{one:?}");
            }
            lines.reverse();
            prop_assert_eq!(list(lines), told);
        }
    }
}
