//! Entries of the SIM cards' phonebooks. The contacts' room joins them with the contacts, and writes and lists them.

use super::Room;
use super::contacts::pick;

/// The SIM cards.
pub static ROOM: Room = Room {
    formats: pick::FORMATS,
    pick: pick::pick,
    ..Room::EMPTY
};
