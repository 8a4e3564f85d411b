//! Files that an owner exported: files of all phones and programs are read, nothing breaks the reader, Lifeboat's own
//! files are read back, and data that two approaches give is not doubled.

mod calendars;
mod cut_letters;
mod edited;
mod hostile;
mod joined_charsets;
mod joining;
mod judges;
mod listed_changes;
mod phones;
mod processor;
mod real_cards;
mod round_trip;
mod samples;
mod several_in_a_cell;
mod tables;
mod zones;
