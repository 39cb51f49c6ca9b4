//! Keeping what comes: the thread that records it, those that send it on to other historians, and the one that writes down
//! what happens to alarms.

use std::path::Path;

use super::engine::Outbox;
use super::journal::Journalling;
use crate::io::historian::forward::Forwarder;
use crate::io::historian::{Historian, Recorder, Settings};
use crate::io::{IoError, alarm_journal};
use crate::live::alarm::Record;
use crate::live::{Sample, TagTable, Timestamp};
use crate::session::message::Message;
use crate::text::Language;

/// Batches that may wait for the disk.
const WAITING_RECORDS: usize = 256;
/// Attempts after which a link to another historian counts as down: half a minute or more. Until then it may be a restart.
const LINK_IS_DOWN: u32 = 6;
/// How far back the journal is read for alarms that were left standing or aside.
const REMEMBERED_MS: i64 = 100 * 86_400_000;

/// What keeps the samples and sends them on.
pub(super) struct Keeping {
    recorder: Recorder,
    /// To other historians, by name; whether it was said that one is down.
    links: Vec<(String, Forwarder, bool)>,
    journal: Journalling,
    /// What was last said to be wrong with the recording, and with the journal.
    told: [Option<String>; 2],
    /// What could not be read of the journal, until somebody is told.
    damaged: Option<Message>,
}

/// What is wrong with keeping, if anything.
fn wrong(error: Option<IoError>, lost: u64, language: Language) -> Option<String> {
    match error {
        Some(error) => Some(error.text(language)),
        None if lost > 0 => Some(language.texts().get("live-disk-behind").into_owned()),
        None => None,
    }
}

/// Says what is wrong, and nothing while it is what was said last.
fn tell(key: &'static str, wrong: Option<String>, lost: u64, told: &mut Option<String>, outbox: &Outbox) {
    if wrong == *told {
        return;
    }
    if let Some(reason) = &wrong {
        outbox.trouble(Message::new(key).with("reason", reason.clone()).with("lost", lost.to_string()));
    }
    *told = wrong;
}

impl Keeping {
    /// Begins to keep in a folder, as is set there; what another run wrote of its alarms comes with it. Fails with the reason in
    /// this language.
    pub fn open(
        folder: &Path,
        tags: &TagTable,
        now: Timestamp,
        language: Language,
    ) -> Result<(Keeping, Vec<Record>), String> {
        let unreadable = |error: IoError| error.text(language);
        let settings = Settings::read(folder).map_err(unreadable)?;
        let historian = Historian::open(folder, settings.options()).map_err(unreadable)?;
        historian.register(tags).map_err(unreadable)?;
        let links = settings.start_links(&historian).map_err(unreadable)?;
        let links = links.into_iter().map(|(name, link)| (name, link, false)).collect();
        let recorder = Recorder::start(historian, WAITING_RECORDS).map_err(|error| error.to_string())?;
        let folder = folder.join(alarm_journal::FOLDER);
        let left = alarm_journal::read(&folder, now.plus_ms(-REMEMBERED_MS), Timestamp::from_ms(i64::MAX));
        let left = left.map_err(unreadable)?;
        let damaged = (!left.problems.is_empty())
            .then(|| Message::new("live-journal-damaged").with("reason", left.problems.text(language)));
        let journal = Journalling::start(folder).map_err(|error| error.to_string())?;
        Ok((Keeping { recorder, links, journal, told: [None, None], damaged }, left.records))
    }

    /// Hands over what happened to alarms. Never waits.
    pub fn note(&self, happened: Vec<Record>) {
        self.journal.offer(happened);
    }

    /// Hands a batch to the disk without waiting for it.
    pub fn offer(&self, batch: Vec<Sample>) {
        // What it refuses it counts; see `watch`.
        let _ = self.recorder.offer(batch);
    }

    /// Says once that samples or alarms are not kept, and why; and that they do not get on to another historian.
    pub fn watch(&mut self, language: Language, outbox: &Outbox) {
        if let Some(damaged) = self.damaged.take() {
            outbox.trouble(damaged);
        }
        let (recorded, noted) = (self.recorder.status(), self.journal.status());
        let [told, told_of_journal] = &mut self.told;
        let lost = recorded.lost_samples;
        tell("live-not-kept", wrong(recorded.error, lost, language), lost, told, outbox);
        let lost = noted.lost;
        tell("live-journal-not-kept", wrong(noted.error, lost, language), lost, told_of_journal, outbox);
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
