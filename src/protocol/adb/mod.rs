//! The Android debug bridge.
