//! The one-page printable report.
