//! What the worker tells the Look screen.

use std::path::PathBuf;

use super::detail::Detail;
use super::over::Over;
use super::*;

impl Look {
    /// Takes the rescued data, or the reason why it cannot be shown. Returns the first request for details.
    pub fn on_message(&mut self, overview: Result<Overview, String>) -> Option<Task> {
        let before = self.tab().map(|tab| tab.listing.of);
        let key = self.chosen().map(|chosen| chosen.key);
        self.typing = false;
        self.in_detail = false;
        self.over = None;
        self.open = match overview {
            Err(why) => Open::Failed(why),
            Ok(overview) => {
                let lists = overview.lists.into_iter();
                Open::Tabs(lists.map(|list| Tab::new(list, self.today)).collect())
            }
        };
        if let Some(of) = before {
            self.go_to(of, key.as_deref());
        }
        self.detail = None;
        self.request()
    }

    /// Takes requested details. Details that are no longer selected are ignored.
    pub fn on_detail(&mut self, key: &str, fields: Result<Vec<Field>, String>) {
        if let Some(detail) = self.detail_of(key) {
            detail.fields = Some(fields);
        }
    }

    /// Takes the picture of a file.
    pub fn on_picture(&mut self, key: &str, picture: Thumbnail) {
        if let Some(detail) = self.detail_of(key) {
            detail.picture = Some(picture);
        }
    }

    /// Takes the raw form of a record.
    pub fn on_raw(&mut self, key: &str, raw: Result<String, String>) {
        if let Some(detail) = self.detail_of(key)
            && detail.raw.is_some()
        {
            detail.raw = Some(Some(raw));
        }
    }

    /// Takes the QR codes of a contact.
    pub fn on_qr(&mut self, key: &str, codes: Result<Vec<Code>, String>) {
        if self.detail_of(key).is_some()
            && let Some(Over::Qr(waiting)) = &mut self.over
        {
            *waiting = Some(codes);
        }
    }

    /// Takes the end of an export.
    pub fn on_exported(&mut self, done: Result<PathBuf, String>) {
        if matches!(self.over, Some(Over::Writing)) {
            self.over = None;
        }
        self.said = Some(match done {
            Ok(path) => phrase!("Written: {}", path.display()),
            Err(why) => phrase!("Not written: {why}"),
        });
    }

    /// Takes the completion of a typed path.
    pub fn on_completed(&mut self, from: &str, completed: Completed) {
        if let Some(Over::Folder { entry, .. }) = &mut self.over {
            entry.complete(from, completed);
        }
    }

    /// Says what was done, until the next key.
    pub fn say(&mut self, text: String) {
        self.said = Some(text);
    }

    fn detail_of(&mut self, key: &str) -> Option<&mut Detail> {
        let detail = self.detail.as_mut();
        detail.filter(|detail| detail.request.key == key)
    }
}
