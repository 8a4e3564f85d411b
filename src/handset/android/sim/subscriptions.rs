//! The subscriptions of a handset's SIM cards. A phonebook is queried by its subscription number, and these numbers
//! grow with every card that was ever inserted.

use std::collections::BTreeSet;

/// The most cards that a handset is assumed to hold at once.
const MAX_CARDS: usize = 8;

/// Returns the subscriptions of the inserted cards from `dumpsys isub`; empty if the dump does not list them.
///
/// The active subscriptions follow a heading: `ActiveSubInfoList:` with `{id=7, iccId=… simSlotIndex=1 …` (AOSP
/// `SubscriptionController`, Android 5.1 to 13), `Active subscriptions:` with `[SubscriptionInfoInternal: id=7 …` (AOSP
/// `SubscriptionManagerService`, since 14). Removed cards and past events come further down.
pub fn active(dump: &str) -> Vec<u32> {
    let found: BTreeSet<u32> = cards(dump).into_iter().map(|(id, _)| id).collect();
    found.into_iter().collect()
}

/// Returns the slots of these cards.
pub fn active_slots(dump: &str) -> BTreeSet<usize> {
    cards(dump).into_iter().map(|(_, slot)| slot).collect()
}

/// The subscription and the slot of each active card.
fn cards(dump: &str) -> Vec<(u32, usize)> {
    let is_heading = |line: &str| {
        line.starts_with("ActiveSubInfoList:") || line.starts_with("Active subscriptions:")
    };
    let mut lines = dump.lines().map(str::trim);
    if !lines.any(is_heading) {
        return Vec::new();
    }
    let listed = lines.take_while(|line| line.starts_with(['{', '[']));
    listed.take(MAX_CARDS).filter_map(of_a_card).collect()
}

/// Returns the same from the rows of `content://telephony/siminfo` (AOSP `Telephony.SimInfo`: `sim_id` is the slot, -1
/// for a removed card). Some Android versions show these rows to the shell and others don't.
pub fn of_sim_info(text: &str) -> Vec<u32> {
    let rows = text.lines().filter(|line| line.starts_with("Row: "));
    let present = rows.filter_map(|line| {
        let slot = number(line, ", sim_id=")?;
        u32::try_from(number(line, " _id=")?)
            .ok()
            .filter(|_| slot >= 0)
    });
    let found: BTreeSet<u32> = present.take(MAX_CARDS).collect();
    found.into_iter().collect()
}

/// Returns the slots of the cards in these rows.
pub fn slots(text: &str) -> BTreeSet<usize> {
    let rows = text.lines().filter(|line| line.starts_with("Row: "));
    let slots = rows.filter_map(|line| usize::try_from(number(line, ", sim_id=")?).ok());
    slots.take(MAX_CARDS).collect()
}

/// Returns the number behind `name` in a row.
fn number(line: &str, name: &str) -> Option<i64> {
    let (_, rest) = line.split_once(name)?;
    let end = rest.find(|c: char| c != '-' && !c.is_ascii_digit());
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

/// The number and the slot of a listed subscription whose card is in a slot. Names that the owner chose come after both
/// fields.
fn of_a_card(line: &str) -> Option<(u32, usize)> {
    let value = |name: &str| {
        let at = line.match_indices(name).map(|(at, _)| at).find(|at| {
            // The end of a longer field name does not count.
            line.get(..*at)
                .is_some_and(|before| before.ends_with(['{', '[', ' ']))
        })?;
        let rest = line.get(at + name.len()..)?;
        let end = rest.find(|c: char| c != '-' && !c.is_ascii_digit());
        rest.get(..end.unwrap_or(rest.len()))
    };
    let slot: i64 = value("simSlotIndex=")?.parse().ok()?;
    let slot = usize::try_from(slot).ok()?;
    Some((value("id=")?.parse().ok()?, slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_in_slots_are_found_among_all_there_ever_were() {
        let text = "Row: 0 _id=1, sim_id=-1\nRow: 1 _id=9, sim_id=0\nWARNING: linker: x\nRow: 2 _id=14, sim_id=1\nRow: 3 _id=x, sim_id=1\n";
        assert_eq!(of_sim_info(text), [9, 14]);
        assert_eq!(of_sim_info("No result found.\n"), [0; 0]);
    }

    #[test]
    fn active_subscriptions_are_found_in_every_form() {
        for (dump, ids) in [
            (
                "SubscriptionController:\n ActiveSubInfoList:\n  {id=6, iccId=8949[****] simSlotIndex=0 displayName=a id=4 carrierName=b}\n  \
                 {id=7, iccId=8949[****] simSlotIndex=1 displayName=c}\n++++\n AllSubInfoList:\n  {id=1, iccId=1 simSlotIndex=-1}\n",
                vec![6, 7],
            ),
            (
                " ActiveSubInfoList:\n  {id=9 iccId=8 simSlotIndex=0 carrierId=1}\n  {id=8 iccId=8 simSlotIndex=-1 carrierId=1}\n",
                vec![9],
            ),
            (
                "SubscriptionManagerService:\nLogical SIM slot sub id mapping:\n  Logical SIM slot 0: subId=14\n\nActive subscriptions:\n  \
                 [SubscriptionInfoInternal: id=14 iccId=8986[****] simSlotIndex=0 portIndex=0 isEmbedded=0]\n  \
                 [SubscriptionInfoInternal: id=9 iccId=8986[****] simSlotIndex=1 portIndex=0]\n\nAll subscriptions:\n  \
                 [SubscriptionInfoInternal: id=1 iccId=8 simSlotIndex=0]\n",
                vec![9, 14],
            ),
            (
                " ActiveSubInfoList: is null\n+++\n AllSubInfoList:\n  {id=1, simSlotIndex=0}\n",
                vec![],
            ),
            ("Can't find service: isub\n", vec![]),
            (
                "ActiveSubInfoList:\n {id=-1, simSlotIndex=0}\n {id=99999999999, simSlotIndex=0}\n {id=, simSlotIndex=}\n",
                vec![],
            ),
        ] {
            assert_eq!(active(dump), ids, "{dump}");
            assert_eq!(active_slots(dump).len(), ids.len(), "{dump}");
        }
    }
}
