//! The phone's list of calls.

use super::Room;

/// The list of calls.
pub static ROOM: Room = Room::EMPTY;
