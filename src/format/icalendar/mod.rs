//! iCalendar 2.0 (RFC 5545).
