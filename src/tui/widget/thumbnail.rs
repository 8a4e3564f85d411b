//! Small pictures on the screen: drawn by the terminal where it can (kitty, sixel, iTerm2), in half blocks elsewhere.
//! Decoders weigh, so a build without the feature `thumbnails` shows none.

#[cfg(feature = "thumbnails")]
mod shown;
#[cfg(not(feature = "thumbnails"))]
#[path = "thumbnail/none.rs"]
mod shown;

pub use shown::{Pictures, Thumbnail};
