//! The writer of field devices as the guard of commands sees it: hands over, and does not wait.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use super::guard::Answer;
use crate::io::modbus::{NotWritten, Writer};
use crate::live::control::{self, Handed, Order};
use crate::text::Language;

/// Gives each order to a thread of its own, which waits for the device and answers through the channel.
pub(super) struct Wire<'a> {
    pub writer: Option<&'a Arc<Writer>>,
    pub answers: &'a SyncSender<Answer>,
    pub language: Language,
}

impl control::Writer for Wire<'_> {
    fn write(&mut self, order: &Order) -> Handed {
        let Some(writer) = self.writer.cloned() else {
            return Handed::Failed(NotWritten::Ended.text(self.language));
        };
        let (answers, language) = (self.answers.clone(), self.language);
        let Order { number, tag, value, .. } = *order;
        let work = move || {
            let echo = match writer.write(tag, value) {
                Ok(written) => Ok(written.value),
                Err(NotWritten::NotHeld { value }) => Ok(value),
                Err(reason) => Err(reason.text(language)),
            };
            // The field may have been left meanwhile.
            let _ = answers.send(Answer::Written { number, echo });
        };
        match std::thread::Builder::new().name("command".to_owned()).spawn(work) {
            Ok(_) => Handed::Pending,
            Err(error) => Handed::Failed(error.to_string()),
        }
    }
}
