//! The engine: survey, order, read, commit, resume, verify, verdict.
