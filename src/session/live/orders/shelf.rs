//! Where the order book is kept while a field is followed: a log on the disk, opened anew as long as it cannot be, or memory.

use std::path::PathBuf;

use crate::io::orders::OrderLog;
use crate::live::Timestamp;
use crate::live::order::{Entry, Event, Orders, Refusal};
use crate::session::message::Message;
use crate::text::Language;

enum Kept {
    File(Box<OrderLog>),
    /// A file that cannot be opened.
    Closed(PathBuf),
    Memory(Orders),
}

/// The order book and where it is kept.
pub(super) struct Shelf {
    kept: Kept,
    /// Why it cannot be written, or not be read whole.
    wrong: Option<String>,
    language: Language,
}

impl Shelf {
    /// The orders of a file, or none that are kept longer than the program runs.
    pub fn new(file: Option<PathBuf>, language: Language) -> Shelf {
        let kept = file.map_or(Kept::Memory(Orders::default()), Kept::Closed);
        let mut shelf = Shelf { kept, wrong: None, language };
        shelf.refresh();
        shelf
    }

    /// The book; `None` while the file cannot be opened.
    pub fn orders(&self) -> Option<&Orders> {
        match &self.kept {
            Kept::File(log) => Some(log.orders()),
            Kept::Memory(orders) => Some(orders),
            Kept::Closed(_) => None,
        }
    }

    pub fn file(&self) -> Option<PathBuf> {
        match &self.kept {
            Kept::File(log) => Some(log.path().to_owned()),
            Kept::Closed(path) => Some(path.clone()),
            Kept::Memory(_) => None,
        }
    }

    pub fn wrong(&self) -> Option<Message> {
        self.wrong.is_some().then(|| self.closed())
    }

    /// What was to be entered by itself could not be.
    pub fn complain(&mut self, why: &Message) {
        self.wrong = Some(why.text(self.language));
    }

    /// Nothing can be entered.
    pub fn closed(&self) -> Message {
        Message::new("orders-not-entered").with("reason", self.wrong.clone().unwrap_or_default())
    }

    /// Reads what others have entered; opens a file that could not be opened.
    pub fn refresh(&mut self) {
        let result = match &mut self.kept {
            Kept::File(log) => log.refresh().map(|_| ()),
            Kept::Closed(path) => OrderLog::open_or_begin(path).map(|log| self.kept = Kept::File(Box::new(log))),
            Kept::Memory(_) => Ok(()),
        };
        let damaged = |log: &OrderLog| log.problems().next().map(|problem| problem.text(self.language));
        self.wrong = match (&result, &self.kept) {
            (Err(error), _) => Some(error.text(self.language)),
            (Ok(()), Kept::File(log)) => damaged(log),
            (Ok(()), _) => None,
        };
    }

    /// Enters events; on the disk when this returns. All or none.
    pub fn enter(&mut self, who: &str, events: Vec<Event>, now: Timestamp) -> Result<(), Message> {
        if events.is_empty() {
            return Ok(());
        }
        let entries: Vec<Entry> =
            events.into_iter().map(|event| Entry { at: now, who: who.to_owned(), event }).collect();
        match &mut self.kept {
            Kept::File(log) => log
                .add_all(entries)
                .map_err(|error| Message::new("orders-not-entered").with("reason", error.text(self.language))),
            Kept::Memory(orders) => {
                let mut next = orders.clone();
                entries.iter().try_for_each(|entry| next.take(entry)).map_err(|refusal| message(&refusal))?;
                *orders = next;
                Ok(())
            }
            Kept::Closed(_) => Err(self.closed()),
        }
    }
}

fn message(refusal: &Refusal) -> Message {
    let number = refusal.number().map_or_else(String::new, |number| number.to_string());
    let message = Message::new(refusal.key()).with("order", number);
    match refusal {
        Refusal::NotNow { state, event, .. } => {
            message.with("state", format!("{state:?}").to_lowercase()).with("event", *event)
        }
        _ => message,
    }
}
