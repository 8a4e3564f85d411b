//! A rescue never claims more than it checked, on storages by the thousand: media devices, memory cards, and the files of
//! Androids by either approach, each with an owner and troubles of its own. What was lost is judged by what the storages
//! hold, which the rescue can't see, and by the files of the rescue folder alone.
//!
//! `LIFEBOAT_STORAGES=10000 cargo test --release --test storages thousands` tries as many of each as are asked for;
//! `LIFEBOAT_STORAGE=N cargo test --test storages thousands::cards` tries one.

mod android;
mod cards;
mod judge;
mod media;
mod owner;
