//! Keeping what comes: the thread that records it, and those that send it on to other historians.

use std::path::Path;

use super::engine::Outbox;
use crate::io::IoError;
use crate::io::historian::forward::Forwarder;
use crate::io::historian::{Historian, Recorder, Settings};
use crate::live::{Sample, TagTable};
use crate::session::message::Message;
use crate::text::Language;

/// Batches that may wait for the disk.
const WAITING_RECORDS: usize = 256;
/// Attempts after which a link to another historian counts as down: half a minute or more. Until then it may be a restart.
const LINK_IS_DOWN: u32 = 6;

/// What keeps the samples and sends them on.
pub(super) struct Keeping {
    recorder: Recorder,
    /// To other historians, by name; whether it was said that one is down.
    links: Vec<(String, Forwarder, bool)>,
    /// What was last said to be wrong with the recording.
    told: Option<String>,
}

impl Keeping {
    /// Begins to keep in a folder, as is set there. Fails with the reason in this language.
    pub fn open(folder: &Path, tags: &TagTable, language: Language) -> Result<Keeping, String> {
        let unreadable = |error: IoError| error.text(language);
        let settings = Settings::read(folder).map_err(unreadable)?;
        let historian = Historian::open(folder, settings.options()).map_err(unreadable)?;
        historian.register(tags).map_err(unreadable)?;
        let links = settings.start_links(&historian).map_err(unreadable)?;
        let links = links.into_iter().map(|(name, link)| (name, link, false)).collect();
        let recorder = Recorder::start(historian, WAITING_RECORDS).map_err(|error| error.to_string())?;
        Ok(Keeping { recorder, links, told: None })
    }

    /// Hands a batch to the disk without waiting for it.
    pub fn offer(&self, batch: Vec<Sample>) {
        // What it refuses it counts; see `watch`.
        let _ = self.recorder.offer(batch);
    }

    /// Says once that what comes is not kept, and why; and that it does not get on to another historian.
    pub fn watch(&mut self, language: Language, outbox: &Outbox) {
        let status = self.recorder.status();
        let lost = status.lost_samples.to_string();
        let wrong = match status.error {
            Some(error) => Some(error.text(language)),
            None if status.lost_samples > 0 => Some(language.texts().get("live-disk-behind").into_owned()),
            None => None,
        };
        if wrong != self.told {
            if let Some(reason) = &wrong {
                outbox.trouble(Message::new("live-not-kept").with("reason", reason.clone()).with("lost", lost));
            }
            self.told = wrong;
        }
        for (name, link, told) in &mut self.links {
            let status = link.status();
            let is_down = status.failures >= LINK_IS_DOWN;
            if is_down && !*told {
                let reason = status.error.unwrap_or_default();
                outbox.trouble(Message::new("live-link-down").with("link", name.clone()).with("reason", reason));
            }
            // Said again only after it has stood in between.
            *told = is_down;
        }
    }
}
