//! A rescue never claims more than it checked, on thousands of storages: media devices, memory cards, and the files of
//! Androids by either approach, with different owners and troubles. Losses are judged by the contents of the storages,
//! which the rescue can't see, and by the files of the rescue folder alone.
//!
//! `LIFEBOAT_STORAGES=10000 cargo test --release --test storages thousands` tries that number of each;
//! `LIFEBOAT_STORAGE=N cargo test --test storages thousands::cards` tries a single one.

mod android;
mod cards;
mod judge;
mod media;
mod owner;
