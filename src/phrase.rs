//! The one place that every text passes on its way to a person: screens, messages, advice, the report and the log.
//!
//! [`phrase()`] marks a constant text, and `phrase!` marks a template and fills it in as `format!` does. Both do no
//! more today. `cargo run --example texts` lists what is marked, and `tests/program/texts.rs` finds what is not.
//!
//! Two kinds of texts are marked by their place, and the command lists them too: `#[error("…")]` of thiserror, and the
//! help texts of clap.
//!
//! A translation comes in here. `phrase` looks its text up in a table of the language and returns the text itself if
//! the table has none; it is a `const fn` because texts also stand in constants, so these then hold the English text and
//! are looked up where they are shown. `phrase!` chooses among templates: a build script turns each marked template
//! into a `match` on the language with one `format!` for each translation, so that the compiler checks the places of
//! every one. Names of files, words of formats and everything that Lifeboat reads again are not marked: they are the
//! same in every language.

/// Marks a constant text that a person sees, and returns it.
pub const fn phrase(text: &'static str) -> &'static str {
    text
}

/// Marks a template of a text that a person sees, and fills it in as `format!` does.
macro_rules! filled {
    ($($template:tt)*) => {
        ::std::format!($($template)*)
    };
}

// The macro may not bear the name of the function in this module.
pub(crate) use filled as phrase;
