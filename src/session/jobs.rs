//! Slow work on other threads: solving, reading, writing.
//!
//! Mechanism: one named solver thread; immutable snapshots with their revision go in through
//! a bounded channel, finished solutions come back through another. The newest request wins: the thread skips to the last
//! one waiting. The caller never blocks. A finished solve of an older revision is dropped by
//! [`Session::accept`]. Reading and writing get a thread each time, so that a slow disk holds up nobody.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::Instant;

use super::document::Document;
use super::effects::{Effects, LoadRequest, SaveRequest};
use super::message::Message;
use super::state::{Session, SolveState};
use crate::io::{self, IoError};
use crate::network::validate::validate;
use crate::network::{Finding, Network, Severity};
use crate::solver::{Options, Solution, Solver};

/// How networks are read and written: functions, so that tests need no disk.
#[derive(Clone, Copy)]
pub struct Files {
    /// Reads a file: the network and what reading had to mend or guess; or why not.
    pub open: fn(&Path) -> Result<Opened, IoError>,
    /// Writes a file whole or not at all; or says why not.
    pub save: fn(&Network, &Path) -> Result<(), IoError>,
    /// The demo city.
    pub demo: fn() -> Result<Network, IoError>,
}

impl Files {
    /// The disk: every format the program reads, native files written. The demo city comes from the caller.
    pub const fn on_disk(demo: fn() -> Result<Network, IoError>) -> Files {
        Files { open: open_file, save: save_file, demo }
    }
}

fn open_file(path: &Path) -> Result<Opened, IoError> {
    let opened = io::open(path)?;
    Ok((opened.network, opened.findings))
}

fn save_file(network: &Network, path: &Path) -> Result<(), IoError> {
    io::file::write(path, network)
}

/// A network read, and what reading had to mend or guess.
pub type Opened = (Network, Vec<Finding>);

struct SolveRequest {
    revision: u64,
    network: Arc<Network>,
}

struct Solved {
    revision: u64,
    solution: Arc<Solution>,
    problems: Vec<Finding>,
    milliseconds: f64,
}

enum FileDone {
    Loaded { number: u64, path: Option<PathBuf>, result: Result<Box<Opened>, IoError> },
    Saved { path: PathBuf, state: u64, document: u64, result: Result<(), IoError> },
}

/// What [`Jobs::poll`] brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// A new solution is the current one.
    pub solution: bool,
    /// Another document is open: forget everything built from the old one and show the whole.
    pub document: bool,
    /// A file was written.
    pub saved: bool,
}

/// Called from a worker when something is ready to be polled: wakes a window that sleeps between events.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The threads behind a session.
pub struct Jobs {
    files: Files,
    waker: Waker,
    requests: Option<SyncSender<SolveRequest>>,
    solved: Receiver<Solved>,
    /// The newest request, while the channel is full.
    waiting: Option<SolveRequest>,
    file_done: Receiver<FileDone>,
    file_sender: SyncSender<FileDone>,
    /// Number of the newest load; an older one that ends later is dropped.
    newest_load: u64,
    loads_running: usize,
    saves_running: usize,
}

impl Jobs {
    /// Starts the solver thread.
    pub fn new(files: Files, waker: Waker) -> std::io::Result<Jobs> {
        let (requests, incoming) = sync_channel::<SolveRequest>(4);
        let (outgoing, solved) = sync_channel::<Solved>(4);
        let wake = waker.clone();
        std::thread::Builder::new().name("solver".to_owned()).spawn(move || solve_all(incoming, outgoing, wake))?;
        let (file_sender, file_done) = sync_channel(4);
        Ok(Jobs {
            files,
            waker,
            requests: Some(requests),
            solved,
            waiting: None,
            file_done,
            file_sender,
            newest_load: 0,
            loads_running: 0,
            saves_running: 0,
        })
    }

    /// Starts what a command asked for.
    pub fn follow(&mut self, session: &mut Session, effects: &Effects) {
        if effects.solve {
            self.request_solve(session);
        }
        if let Some(request) = &effects.load {
            self.load(session, request.clone());
        }
        if let Some(request) = &effects.save {
            self.save(session, request.clone());
        }
    }

    /// Asks for a solve of the present revision. Never waits.
    pub fn request_solve(&mut self, session: &mut Session) {
        self.waiting = Some(SolveRequest { revision: session.revision(), network: session.document().snapshot() });
        session.solve_state = SolveState::Running { revision: session.revision() };
        self.pass_on();
    }

    /// Whether anything is under way, so that a window should keep polling.
    pub fn is_busy(&self, session: &Session) -> bool {
        self.loads_running > 0 || self.saves_running > 0 || matches!(session.solve_state(), SolveState::Running { .. })
    }

    /// Takes in whatever has finished. Never waits. To be called once a frame, before commands.
    pub fn poll(&mut self, session: &mut Session) -> Arrived {
        let mut arrived = Arrived::default();
        self.pass_on();
        while let Ok(done) = self.solved.try_recv() {
            arrived.solution |= session.accept(done.revision, done.solution, done.problems, done.milliseconds);
        }
        while let Ok(done) = self.file_done.try_recv() {
            match done {
                FileDone::Loaded { number, path, result } => {
                    self.loads_running = self.loads_running.saturating_sub(1);
                    if number != self.newest_load {
                        continue;
                    }
                    session.loading = None;
                    match result {
                        Ok(opened) => {
                            let (network, findings) = *opened;
                            session.adopt(Document::new(network, path, findings));
                            arrived.document = true;
                            self.request_solve(session);
                        }
                        Err(error) => complain(session, "message-not-opened", &error),
                    }
                }
                FileDone::Saved { path, state, document, result } => {
                    self.saves_running = self.saves_running.saturating_sub(1);
                    match result {
                        Ok(()) => {
                            let shown = path.display().to_string();
                            if document == session.document_number {
                                session.document.mark_saved(path.clone(), state);
                            }
                            session.remember(path);
                            session.notify(Severity::Info, Message::new("message-saved").with("path", shown));
                            arrived.saved = true;
                        }
                        Err(error) => complain(session, "message-not-saved", &error),
                    }
                }
            }
        }
        arrived
    }

    fn pass_on(&mut self) {
        let (Some(requests), Some(request)) = (&self.requests, self.waiting.take()) else { return };
        match requests.try_send(request) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(request)) => self.waiting = Some(request),
        }
    }

    fn load(&mut self, session: &mut Session, request: LoadRequest) {
        let files = self.files;
        self.newest_load += 1;
        let number = self.newest_load;
        let started = self.spawn("reader", move || match request {
            LoadRequest::Demo => FileDone::Loaded {
                number,
                path: None,
                result: (files.demo)().map(|network| Box::new((network, Vec::new()))),
            },
            LoadRequest::File(path) => {
                let result = (files.open)(&path).map(Box::new);
                FileDone::Loaded { number, path: Some(path), result }
            }
        });
        match started {
            Ok(()) => self.loads_running += 1,
            Err(error) => {
                session.loading = None;
                complain(session, "message-not-opened", &error);
            }
        }
    }

    fn save(&mut self, session: &mut Session, request: SaveRequest) {
        let files = self.files;
        let started = self.spawn("writer", move || {
            let result = (files.save)(&request.network, &request.path);
            FileDone::Saved { path: request.path, state: request.state, document: request.document, result }
        });
        match started {
            Ok(()) => self.saves_running += 1,
            Err(error) => {
                complain(session, "message-not-saved", &error);
            }
        }
    }

    fn spawn(&self, name: &str, work: impl FnOnce() -> FileDone + Send + 'static) -> Result<(), IoError> {
        let (sender, waker) = (self.file_sender.clone(), self.waker.clone());
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                // Nobody listens any more only when the program ends.
                if sender.send(work()).is_ok() {
                    waker();
                }
            })
            .map(|_| ())
            .map_err(|error| IoError::system(Path::new(""), &error))
    }
}

fn complain(session: &mut Session, key: &'static str, error: &IoError) {
    let reason = error.text(session.language());
    session.notify(Severity::Error, Message::new(key).with("reason", reason));
}

/// The solver thread: ends when the other side is gone.
fn solve_all(incoming: Receiver<SolveRequest>, outgoing: SyncSender<Solved>, waker: Waker) {
    while let Ok(first) = incoming.recv() {
        let mut request = first;
        loop {
            match incoming.try_recv() {
                Ok(newer) => request = newer,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        let started = Instant::now();
        // Afresh each time: a start from the last state would save a millisecond or two and leave its traces in the last
        // bits, so that an undo would not bring back exactly what was there before.
        let solution = Solver::new().solve(&request.network, &Options::default());
        let milliseconds = started.elapsed().as_secs_f64() * 1e3;
        let problems = problems(&request.network, &solution);
        let done = Solved { revision: request.revision, solution: Arc::new(solution), problems, milliseconds };
        // The snapshot goes before the result arrives: the session can then change its network without a copy.
        drop(request);
        if outgoing.send(done).is_err() {
            return;
        }
        waker();
    }
}

/// Findings of validation and solution, each once, errors first.
pub fn problems(network: &Network, solution: &Solution) -> Vec<Finding> {
    let mut all = solution.findings.clone();
    for finding in validate(network) {
        if !all.iter().any(|known| known.code == finding.code && known.element == finding.element) {
            all.push(finding);
        }
    }
    all.sort_by_key(|finding| finding.severity);
    all
}
