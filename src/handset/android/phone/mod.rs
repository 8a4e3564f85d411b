//! The handset itself: its system, users, accounts and lock, and how it is recognised.

pub mod accounts;
pub mod esims;
pub mod lock;
pub mod recognition;
pub mod sync;
pub mod system;
pub mod users;
