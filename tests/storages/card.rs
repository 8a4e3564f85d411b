//! Memory cards: all of the owner's files on a card are copied byte for byte or reported as missing, and the card gets
//! read requests only.

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
