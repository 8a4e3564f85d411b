//! One file a screen: state in, frame out.

pub mod look;
