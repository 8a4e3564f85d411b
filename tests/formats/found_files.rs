//! Files that an owner had exported: whatever phones and programs wrote is read, nothing breaks the reader, what
//! Lifeboat writes comes back, and what two approaches give is not doubled.

mod calendars;
mod hostile;
mod joining;
mod judges;
mod phones;
mod processor;
mod real_cards;
mod round_trip;
mod samples;
mod tables;
