//! vCard 3.0 (RFC 2426) and 4.0 (RFC 6350).
