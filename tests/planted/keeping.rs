//! Faults of keeping: copies, folders, archives of what was rescued.
