//! Writes contacts-v4.vcf on a separate thread: validating each card takes longer than writing all the other files.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::{ContactFilesError, Output, Result};
use crate::format::Losses;
use crate::format::vcard::{Photo, v4};
use crate::model::Contact;
use crate::phrase;

/// Number of contacts passed on at once.
const BATCH: usize = 64;
/// Maximum number of waiting batches.
const QUEUE: usize = 8;

#[derive(Debug, Default)]
pub(super) struct V4Written {
    pub extensions: u64,
    pub plain: u64,
    pub refused: u64,
    pub losses: Losses,
}

type Pictured = (Contact, Option<Photo>);

#[derive(Debug)]
pub(super) struct V4Thread {
    batch: Vec<Pictured>,
    queue: SyncSender<Vec<Pictured>>,
    /// `None` after the thread's result was taken.
    thread: Option<JoinHandle<Result<V4Written>>>,
}

impl V4Thread {
    pub fn start(output: Output) -> Result<Self> {
        let (queue, batches) = sync_channel(QUEUE);
        let path = output.path.clone();
        let thread = Builder::new()
            .name("vcard-4".to_owned())
            .spawn(move || write(output, &batches));
        let thread = thread.map_err(|source| ContactFilesError::Io { path, source })?;
        Ok(Self {
            batch: Vec::with_capacity(BATCH),
            queue,
            thread: Some(thread),
        })
    }

    pub fn push(&mut self, contact: &Contact, photo: Option<Photo>) -> Result<()> {
        let is_large = photo.is_some();
        self.batch.push((contact.clone(), photo));
        // Large pictures are not collected in a batch: they take far more memory than the other data of a contact.
        if self.batch.len() < BATCH && !is_large {
            Ok(())
        } else {
            self.send()
        }
    }

    pub fn finish(mut self) -> Result<V4Written> {
        self.send()?;
        drop(self.queue);
        ended(self.thread)
    }

    fn send(&mut self) -> Result<()> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        // The thread stops accepting batches only if it has failed.
        match self.queue.send(batch) {
            Ok(()) => Ok(()),
            Err(_) => ended(self.thread.take()).and(Err(ContactFilesError::V4)),
        }
    }
}

fn ended(thread: Option<JoinHandle<Result<V4Written>>>) -> Result<V4Written> {
    let thread = thread.ok_or(ContactFilesError::V4)?;
    thread.join().map_err(|_| ContactFilesError::V4)?
}

fn write(mut output: Output, batches: &Receiver<Vec<Pictured>>) -> Result<V4Written> {
    let mut written = V4Written::default();
    let mut card = Vec::new();
    for (contact, photo) in batches.iter().flatten() {
        card.clear();
        match v4::write(&contact, &mut card, &mut written.losses) {
            Ok(form) => {
                written.extensions += form.extensions;
                written.plain += u64::from(form.plain);
                if let Some(photo) = photo {
                    photo.put_into_v4(&mut card);
                }
            }
            Err(v4::Refused { .. }) => {
                written.refused += 1;
                written
                    .losses
                    .add(phrase("contact cards that vCard 4.0 can't store"));
            }
        }
        output.write(&card)?;
    }
    output.sync()?;
    Ok(written)
}
