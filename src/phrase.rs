//! The one place that every text passes on its way to a person: screens, messages, advice, the report and the log.
//!
//! [`phrase()`] marks a constant text. `phrase!` marks a template and fills it in as `format!` does. Today, both do
//! nothing else. `cargo run --quiet --example texts` lists what is marked, and `tests/program/texts.rs` finds what is
//! not.
//!
//! Some texts are marked by their place, and the command lists them too: `#[error("…")]` of thiserror, and the help
//! texts of clap.
//!
//! A translation would come in here. `phrase` would look for its text in a table of the language, and return the text
//! itself if the table lacks it. The texts of constants would be looked up where they are shown, because a constant is
//! made before the language is known. `phrase!` would become a procedural macro that writes a `match` on the language,
//! with one `format!` for each translation, so that the compiler checks the places of every template.
//!
//! File names, words of formats and protocols, and words that Lifeboat reads back from its own files are not marked:
//! they are the same in every language.

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

// Within this module, the function already has the name.
pub(crate) use filled as phrase;
