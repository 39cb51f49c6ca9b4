//! The incident's file, written as things happen, and the thread that writes it.
//!
//! Mechanism: one named thread owns the [`Journal`]. Entries go in through a bounded channel, each is on the disk before it is
//! answered for, and once a second the file is read on, so that what other programs add is seen here as well. What comes
//! back is the whole log as the file has it and how many of this session's entries have been dealt with: the session shows
//! the file's entries and behind them its own that are still under way. The window never waits for the disk.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::emergency::incident::Entry;
use crate::io::IoError;
use crate::io::incident::Journal;

/// How often the file is looked at for what others have added.
const LOOK: Duration = Duration::from_secs(1);

/// What is asked of the thread.
#[derive(Clone, Debug)]
pub enum BookRequest {
    /// Begin this file with these entries.
    Begin { path: PathBuf, entries: Vec<Entry> },
    /// Take part in this file.
    Open { path: PathBuf },
    /// Add to the file that is open.
    Add(Box<Entry>),
    /// Leave the file as it is.
    Close,
}

/// What the thread tells.
#[derive(Debug)]
pub enum BookNews {
    /// The file's entries, and how many of this session's it has dealt with since the file was begun or opened.
    Entries {
        path: PathBuf,
        entries: Vec<Entry>,
        dealt_with: usize,
    },
    /// A file that was to be opened, read.
    Opened {
        path: PathBuf,
        entries: Vec<Entry>,
    },
    Fault {
        path: PathBuf,
        error: IoError,
    },
}

/// The open file and what has been done with it.
#[derive(Default)]
struct Desk {
    journal: Option<Journal>,
    path: PathBuf,
    dealt_with: usize,
}

impl Desk {
    fn entries(&self) -> Option<BookNews> {
        let entries = self.journal.as_ref()?.incident().entries().to_vec();
        Some(BookNews::Entries { path: self.path.clone(), entries, dealt_with: self.dealt_with })
    }

    fn fault(&self, error: IoError) -> BookNews {
        BookNews::Fault { path: self.path.clone(), error }
    }

    fn add(&mut self, entry: Entry, news: &mut Vec<BookNews>) {
        let Some(journal) = &mut self.journal else { return };
        if let Err(error) = journal.add(entry) {
            news.push(self.fault(error));
        }
        self.dealt_with += 1;
    }

    fn serve(&mut self, request: BookRequest) -> Vec<BookNews> {
        let mut news = Vec::new();
        match request {
            BookRequest::Begin { path, entries } => {
                *self = Desk { path: path.clone(), ..Desk::default() };
                let mut entries = entries.into_iter();
                match entries.next().map(|first| Journal::create(&path, first)) {
                    Some(Ok(journal)) => {
                        (self.journal, self.dealt_with) = (Some(journal), 1);
                        entries.for_each(|entry| self.add(entry, &mut news));
                    }
                    Some(Err(error)) => news.push(self.fault(error)),
                    None => {}
                }
            }
            BookRequest::Open { path } => {
                *self = Desk { path: path.clone(), ..Desk::default() };
                match Journal::open(&path) {
                    Ok(journal) => {
                        let entries = journal.incident().entries().to_vec();
                        self.journal = Some(journal);
                        return vec![BookNews::Opened { path, entries }];
                    }
                    Err(error) => news.push(self.fault(error)),
                }
            }
            BookRequest::Add(entry) => self.add(*entry, &mut news),
            BookRequest::Close => *self = Desk::default(),
        }
        news.extend(self.entries());
        news
    }

    /// What others have added since.
    fn look(&mut self) -> Vec<BookNews> {
        let Some(journal) = &mut self.journal else { return Vec::new() };
        match journal.refresh() {
            Ok(0) => Vec::new(),
            Ok(_) => self.entries().into_iter().collect(),
            Err(error) => {
                // Once is enough: the file is gone, and nothing more can be written to it.
                self.journal = None;
                vec![self.fault(error)]
            }
        }
    }
}

/// The thread and its channels.
pub struct Book {
    requests: Option<SyncSender<BookRequest>>,
    news: Receiver<BookNews>,
    waiting: VecDeque<BookRequest>,
    thread: Option<JoinHandle<()>>,
}

impl Book {
    /// Starts the thread; `waker` is called when there is news.
    pub fn start(waker: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Book> {
        let (requests, incoming) = sync_channel::<BookRequest>(64);
        let (outgoing, news) = sync_channel(64);
        let thread = std::thread::Builder::new().name("incident".to_owned()).spawn(move || {
            let mut desk = Desk::default();
            loop {
                let told = match incoming.recv_timeout(LOOK) {
                    Ok(request) => desk.serve(request),
                    Err(RecvTimeoutError::Timeout) => desk.look(),
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                for news in told {
                    // Full only while nobody looks (the program is ending): the writing goes on, the telling does not.
                    if outgoing.try_send(news).is_ok() {
                        waker();
                    }
                }
            }
        })?;
        Ok(Book { requests: Some(requests), news, waiting: VecDeque::new(), thread: Some(thread) })
    }

    /// Asks. Never waits.
    pub fn ask(&mut self, request: BookRequest) {
        self.waiting.push_back(request);
        self.pass_on();
    }

    /// The next piece of news. Never waits.
    pub fn take(&mut self) -> Option<BookNews> {
        self.pass_on();
        self.news.try_recv().ok()
    }

    fn pass_on(&mut self) {
        let Some(requests) = &self.requests else { return };
        while let Some(request) = self.waiting.pop_front() {
            if let Err(TrySendError::Full(request)) = requests.try_send(request) {
                self.waiting.push_front(request);
                return;
            }
        }
    }
}

impl Drop for Book {
    /// What was handed over is written before the program ends.
    fn drop(&mut self) {
        if let Some(requests) = self.requests.take() {
            for request in self.waiting.drain(..) {
                // Nobody receives any more only where the thread is gone.
                let _ = requests.send(request);
            }
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether a path is that of an incident's file.
pub fn is_log(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(crate::io::incident::ENDING))
}
