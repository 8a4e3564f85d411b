//! Writing marked conversations.

use std::io;
use std::path::Path;

use super::Conversations;
use crate::collections::Format;
use crate::collections::pick::{explained, missing};
use crate::export::messages::{self, Lists, Parts};
use crate::model::Collection;
use crate::phrase;
use crate::vault::{DATA, Vault, VaultError};

pub const FORMATS: &[Format] = &[
    Format::of(phrase("CSV table"), messages::CSV),
    Format::of(
        phrase("XML for the app SMS Backup & Restore"),
        messages::XML,
    ),
];

/// Writes the messages of the marked conversations, see [`Pick`](crate::collections::Pick).
pub fn pick(vault: &Vault, keys: &[String], into: &Path) -> Result<(), String> {
    let failed = |error: io::Error| error.to_string();
    let mut all = Conversations::read(vault).map_err(explained)?;
    let mut wanted = Vec::new();
    for key in keys {
        wanted.push(all.with(key).ok_or_else(missing)?);
    }
    let order = std::mem::take(&mut all.order);
    let placed: Vec<String> = order
        .into_iter()
        .filter(|placed| wanted.contains(&placed.conversation))
        .map(|placed| placed.key)
        .collect();
    let mut parts = Parts::new(into).map_err(failed)?;
    for key in &placed {
        let message = all.one(vault, key).map_err(explained)?;
        message.parts.iter().for_each(|part| parts.expect(part));
    }
    if !parts.is_empty() {
        let mut broken = None;
        vault
            .for_each_raw(Collection::Messages, |request, first, bytes| {
                if let Err(error) = parts.add(request, first, bytes) {
                    broken.get_or_insert(error);
                }
                Ok::<_, VaultError>(())
            })
            .map_err(explained)?;
        if let Some(error) = broken {
            return Err(failed(error));
        }
        parts.close().map_err(failed)?;
        let data = vault.folder().join(DATA);
        parts.add_found(&data, || Ok(())).map_err(failed)?;
    }
    let mut out = Lists::new(into, placed.len() as u64).map_err(failed)?;
    for key in &placed {
        let message = all.one(vault, key).map_err(explained)?;
        let names = all.named(&message);
        out.push(&message, names.as_deref(), &parts)
            .map_err(failed)?;
    }
    out.finish().map_err(failed)?;
    Ok(())
}
