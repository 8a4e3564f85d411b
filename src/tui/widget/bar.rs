//! A progress bar.

/// Returns a bar of `width` columns for `done` of `of`. The bar is full only if everything is done.
pub fn bar(done: u64, of: u64, width: usize) -> String {
    let filled = if of == 0 || done >= of {
        if done >= of && of > 0 { width } else { 0 }
    } else {
        let part = done.saturating_mul(width as u64) / of;
        (part as usize).min(width.saturating_sub(1))
    };
    let mut text = "█".repeat(filled);
    text.push_str(&"░".repeat(width.saturating_sub(filled)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_full_only_at_the_end() {
        assert_eq!(bar(0, 10, 4), "░░░░");
        assert_eq!(bar(5, 10, 4), "██░░");
        assert_eq!(bar(999, 1000, 4), "███░");
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(0, 0, 4), "░░░░");
    }
}
