//! Sizes in readable form.

/// Formats bytes for people: `0.4 MB`, `41.3 MB`, `12.0 GB`.
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes / (unit / 10) % 10);
    match bytes {
        0..10_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}
