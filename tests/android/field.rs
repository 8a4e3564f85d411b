//! Androids as they are found in use: what their commands print, hide and refuse, in whole rescues of practice
//! handsets.

mod app_ops;
mod cards;
mod large;
mod noise;
mod sims;
mod support;
mod systems;
