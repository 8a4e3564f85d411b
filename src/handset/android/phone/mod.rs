//! The handset itself: its system, users, accounts and lock, and how it is recognised.

pub mod accounts;
pub mod lock;
pub mod recognition;
pub mod system;
pub mod users;
