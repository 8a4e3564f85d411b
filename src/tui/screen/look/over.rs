//! What lies on top of the lists: a menu, the folder for an export, a QR code.

use super::menu::Menu;
use super::qr::Code;
use crate::rescue::look::Format;
use crate::tui::widget::entry::Entry;

#[derive(Debug)]
pub enum Over {
    Menu(Menu),
    /// Where the marked things are to be written.
    Folder {
        format: Format,
        number: usize,
        entry: Entry,
    },
    /// The files are being written.
    Writing,
    /// The QR codes of a contact, the fullest first; `None`: not loaded yet.
    Qr(Option<Result<Vec<Code>, String>>),
}
