//! The phone's list of calls.

use super::Room;

/// The list of calls.
pub struct Calls;

impl Room for Calls {}
