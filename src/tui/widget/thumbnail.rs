//! Small pictures on the screen. Terminals with graphics (kitty, sixel, iTerm2) show them directly, others as half
//! blocks. Image decoders are large, so a build without the feature `thumbnails` shows no pictures.

#[cfg(feature = "thumbnails")]
mod shown;
#[cfg(not(feature = "thumbnails"))]
#[path = "thumbnail/none.rs"]
mod shown;

pub use shown::{Pictures, Thumbnail};
