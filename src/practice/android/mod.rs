//! A practice Android.
