//! Media devices: whole rescues of practice devices, cut and resumed anywhere, and devices that misbehave.

mod approaches;
mod hostile;
mod journeys;
mod kinds;
mod large;
mod many;
pub mod support;
mod traffic;
