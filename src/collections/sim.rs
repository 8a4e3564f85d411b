//! Entries of the SIM cards' phonebooks. The contacts' room joins them with the contacts, and writes and lists them.

use super::Room;

/// The SIM cards.
pub static ROOM: Room = Room::EMPTY;
