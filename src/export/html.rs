//! Text of other origin inside HTML: the parts that the report and the plain copy's pages share.
//!
//! No page has scripts or asks for anything from elsewhere, and each declares this to the browser.

use crate::vault::for_display;

/// Longest text that is shown in full, in characters.
pub const MAX_TEXT: usize = 600;

/// The policy that every page declares: nothing is loaded but its own styles and, where `images` allows them, pictures
/// beside it.
pub fn policy(images: bool) -> String {
    let images = if images { " img-src 'self' file:;" } else { "" };
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';{images} style-src \
         'unsafe-inline'; form-action 'none'; base-uri 'none'\">"
    )
}

/// Isolates external text from the direction of the surrounding text.
pub fn bdi(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// Escapes text for HTML, in an element or a quoted attribute, without characters that move or reverse the surrounding
/// text. A text of more than [`MAX_TEXT`] characters is cut, and ends in an ellipsis.
pub fn escape(text: &str) -> String {
    // Long text is cut before it is processed.
    let cut = text.char_indices().nth(MAX_TEXT).map(|(end, _)| end);
    let mut escaped = escape_all(text.get(..cut.unwrap_or(text.len())).unwrap_or(text));
    if cut.is_some() {
        escaped.push('…');
    }
    escaped
}

/// As [`escape`], for a text of any length.
pub fn escape_all(text: &str) -> String {
    let shown = for_display(text);
    let mut escaped = String::with_capacity(shown.len() + 16);
    for c in shown.trim().chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Returns the text of escaped HTML without markup.
pub fn unescape(html: &str) -> String {
    // The ampersand comes last: `&amp;lt;` is the text `&lt;`.
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
