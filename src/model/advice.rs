//! What a person can do about an error.

/// An error that says what to do next.
pub trait Advice: std::error::Error {
    /// What to do next, in a sentence or two.
    fn advice(&self) -> String;
    /// True if a later attempt may succeed without anybody's help.
    fn may_pass(&self) -> bool {
        false
    }
    /// What happened, and what to do next.
    fn explained(&self) -> String {
        format!("{self}. {}", self.advice())
    }
}
