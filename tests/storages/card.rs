//! Memory cards: whatever a card holds that is the owner's is there byte for byte, or said not to be; and nothing but
//! reading is asked of it.

mod exfat;
mod faults;
mod field;
mod hostile;
mod images;
mod journeys;
mod layouts;
mod mounted;
mod pair;
mod readers;
mod support;
mod tables;
