//! The eSIMs that are stored in a handset, in use or not.

use std::collections::BTreeMap;

/// What a handset says about its eSIMs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Esims {
    /// The names of the eSIMs, as the owner sees them; possibly none.
    Named(Vec<String>),
    /// It does not say which of its SIM cards are eSIMs.
    Unknown,
}

/// Most subscriptions that are looked at: the list keeps every card that was ever inserted.
const MOST: usize = 200;

/// Reads `dumpsys isub`. Each subscription is one line, in the list of active ones, of all, or of both. Its type stands
/// in it as `isEmbedded false` (AOSP `SubscriptionInfo`, Android 9 to 12), `isEmbedded=true` (13) or `isEmbedded=1` (AOSP
/// `SubscriptionInfoInternal`, since 14). Of an eSIM that was deleted it says false (`updateEmbeddedSubscriptions`); of
/// one that is switched off it says true, with the slot -1.
pub fn esims(dump: &str) -> Esims {
    let mut found: BTreeMap<u32, Option<String>> = BTreeMap::new();
    let lines = dump.lines().map(str::trim);
    for line in lines.filter(|line| line.starts_with(['{', '['])).take(MOST) {
        let (Some(id), Some(is_embedded)) = (id(line), is_embedded(line)) else {
            continue;
        };
        found.insert(id, is_embedded.then(|| name(line)));
    }
    match found.is_empty() {
        true => Esims::Unknown,
        false => Esims::Named(found.into_values().flatten().collect()),
    }
}

fn id(line: &str) -> Option<u32> {
    let at = ["{id=", " id="].iter().find_map(|name| {
        let (_, rest) = line.split_once(name)?;
        Some(rest)
    })?;
    let end = at.find(|c: char| !c.is_ascii_digit())?;
    at.get(..end)?.parse().ok()
}

/// True for an eSIM; `None`: the line doesn't say. The owner's names come before the word, so the last one counts.
fn is_embedded(line: &str) -> Option<bool> {
    let (_, value) = line.rsplit_once("isEmbedded")?;
    let value = value.strip_prefix(['=', ' '])?;
    let end = value.find(|c: char| !c.is_ascii_alphanumeric());
    match value.get(..end.unwrap_or(value.len()))? {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The name of a subscription: the owner's, or the provider's.
fn name(line: &str) -> String {
    let between = |start: &str, ends: &[&str]| {
        let (_, rest) = line.split_once(start)?;
        let end = ends.iter().filter_map(|end| rest.find(end)).min()?;
        let name = rest.get(..end)?.trim();
        (!matches!(name, "" | "null")).then(|| name.to_owned())
    };
    between("displayName=", &[" carrierName=", " nameSource="])
        .or_else(|| between("carrierName=", &[" isOpportunistic", " nameSource="]))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of real phones; `tests/FIELD.md` names the sources.
    #[test]
    fn esims_of_real_phones_of_every_version() {
        let named = |names: &[&str]| Esims::Named(names.iter().map(|n| (*n).to_owned()).collect());
        for (dump, wanted) in [
            (
                "SubscriptionManagerService:\nActive subscriptions:\n  [SubscriptionInfoInternal: id=3 iccId=899186104[****] \
                 simSlotIndex=1 portIndex=0 isEmbedded=1 carrierId=2018 displayName=Jio carrierName=Jio True5G]\n  \
                 [SubscriptionInfoInternal: id=4 iccId=899100090[****] simSlotIndex=-1 portIndex=-1 isEmbedded=0 \
                 carrierId=1961 displayName=Airtel carrierName=airtel]\n  [SubscriptionInfoInternal: id=5 \
                 iccId=899145227[****] simSlotIndex=0 portIndex=1 isEmbedded=1 carrierId=1961 displayName=Airtel \
                 carrierName=airtel Wi-Fi Calling]\n\nEmbedded subscriptions: [1, 3, 5]\nAll subscriptions:\n  \
                 [SubscriptionInfoInternal: id=3 iccId=899186104[****] simSlotIndex=1 portIndex=0 isEmbedded=1 \
                 displayName=Jio carrierName=Jio True5G]\n",
                named(&["Jio", "Airtel"]),
            ),
            (
                "[SubscriptionInfoInternal: id=1 iccId=[****] simSlotIndex=-1 portIndex=-1 isEmbedded=1 \
                 isRemovableEmbedded=0 displayName=Tello carrierName= isOpportunistic=0 mcc=310 mnc=240\n\
                 Embedded subscriptions: [1]\n",
                named(&["Tello"]),
            ),
            (
                " ActiveSubInfoList:\n  {id=7, iccId=89[****] simSlotIndex=1 displayName=giffgaff sws \
                 carrierName=giffgaff isEmbedded=true}\n++++\n AllSubInfoList:\n  {id=5, simSlotIndex=-1 \
                 displayName=Club carrierName=没有服务 isEmbedded=true}\n  {id=7, simSlotIndex=1 \
                 displayName=giffgaff sws carrierName=giffgaff isEmbedded=true}\n",
                named(&["Club", "giffgaff sws"]),
            ),
            (
                " ActiveSubInfoList:\n  {id=1, iccId=890124019[****] simSlotIndex=0 carrierId=1 displayName=T-Mobile \
                 carrierName=T-Mobile nameSource=0 mcc 310 mnc 260mCountryIso=us isEmbedded false nativeAccessRules \
                 null cardString=890124019[****] cardId=-1}\n",
                named(&[]),
            ),
            // The owner's name can't pass for the type.
            (
                "{id=1, simSlotIndex=0 displayName=isEmbedded=true carrierName=x isEmbedded false}\n",
                named(&[]),
            ),
            // Android 8 does not know eSIMs.
            (
                " ActiveSubInfoList:\n  {id=6, iccId=8949[****] simSlotIndex=0 displayName=a carrierName=b}\n",
                Esims::Unknown,
            ),
            ("Can't find service: isub\n", Esims::Unknown),
        ] {
            assert_eq!(esims(dump), wanted, "{dump}");
        }
    }
}
