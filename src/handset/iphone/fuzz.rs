//! The private parsers of this module, for the fuzz targets.

use super::databases;

/// Reads an archived text of a message, a packed note and a note in HTML.
pub fn texts(bytes: &[u8]) {
    databases::read_texts(bytes);
}
