//! The media provider, as far as it lists photos.

use super::sql::{self, Source};
use super::{Ended, Query, Rows, Thrown};
use crate::practice::android::database::Store;
use crate::practice::android::device::Device;

/// Columns of `files` that a client may request.
pub(in crate::practice::android) const COLUMNS: [&str; 21] = [
    "_id",
    "_data",
    "_display_name",
    "_size",
    "mime_type",
    "title",
    "date_added",
    "date_modified",
    "datetaken",
    "media_type",
    "width",
    "height",
    "orientation",
    "latitude",
    "longitude",
    "relative_path",
    "bucket_id",
    "bucket_display_name",
    "is_pending",
    "is_trashed",
    "date_expires",
];

pub(super) fn query(device: &Device, query: &Query, rows: &mut dyn Rows) -> Result<(), Ended> {
    let level = device.settings.android;
    let (shape, id) = query.uri.shape();
    let filter = match shape.as_str() {
        "external/file" | "external_primary/file" => None,
        "external/images/media" | "external_primary/images/media" => {
            Some("media_type=1".to_owned())
        }
        "external/video/media" | "external_primary/video/media" => Some("media_type=3".to_owned()),
        "external/file/#" | "external/images/media/#" => Some(format!("_id={id}")),
        _ => {
            let message = format!("Unknown URL: {}", query.uri.text);
            return Err(Thrown::new("java.lang.IllegalStateException", message).into());
        }
    };
    // These columns came with Android 10 and 11.
    let hidden = |name: &str| {
        (level < 29 && ["relative_path", "is_pending"].contains(&name))
            || (level < 30 && ["is_trashed"].contains(&name))
            || (level < 29 && name == "date_expires")
            || (level >= 29 && ["latitude", "longitude"].contains(&name))
    };
    let names = COLUMNS.iter().filter(|name| !hidden(name));
    let source = Source {
        store: Store::Media,
        tables: "files".into(),
        map: Some(
            names
                .map(|name| ((*name).to_owned(), (*name).to_owned()))
                .collect(),
        ),
        strict: level >= 30,
        filter,
    };
    sql::run(device, query, &source, None, rows)
}
