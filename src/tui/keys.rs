//! What keys come to.

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    /// The next thing to do: start the rescue, go on to the next screen.
    Next,
    Back,
    /// To the next of the screen's tabs.
    NextTab,
    PreviousTab,
    Search,
    Type(char),
    Erase,
    /// The next page of what is looked at.
    More,
    Look,
    Verdict,
    /// Pulls the practice handset's cable, or plugs it in.
    Cable,
    Help,
    Quit,
}
