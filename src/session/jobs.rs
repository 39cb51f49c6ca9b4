//! Slow work on other threads: solving, reading, writing, answering bursts ([`super::emergency::answer`]).
//!
//! Mechanism: one named solver thread; immutable snapshots with their revision go in through
//! a bounded channel, finished solutions come back through another. The newest request wins: the thread skips to the last
//! one waiting. The caller never blocks. A finished solve of an older revision is dropped by
//! [`Session::accept`]. Reading and writing get a thread each time, so that a slow disk holds up nobody.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use super::alternatives::{CompareNews, CompareRequest, MakeRequest, PageRequest, work as comparison, write_page};
use super::document::Document;
use super::effects::{Effects, ExportRequest, LoadRequest, SaveRequest};
use super::emergency::answer::Desk;
use super::emergency::book::Book;
use super::emergency::{ReportRequest, write_report};
use super::live::LiveSource;
use super::live::engine::Engine;
use super::message::Message;
use super::preferences::Preferences;
use super::state::{Session, SolveState};
use super::timeline::run::{RunNews, RunRequest, run};
use super::timeline::take_news;
use crate::emergency::incident::Event;
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
    /// Writes network and results for other programs; what had no room comes back.
    pub export: fn(&ExportRequest) -> Result<Vec<Finding>, IoError>,
    /// The demo city.
    pub demo: fn() -> Result<Network, IoError>,
}

impl Files {
    /// The disk: every format the program reads, native files written. The demo city comes from the caller.
    pub const fn on_disk(demo: fn() -> Result<Network, IoError>) -> Files {
        Files { open: open_file, save: save_file, export: export_file, demo }
    }
}

fn open_file(path: &Path) -> Result<Opened, IoError> {
    let opened = io::open(path)?;
    Ok((opened.network, opened.findings))
}

fn save_file(network: &Network, path: &Path) -> Result<(), IoError> {
    io::file::write(path, network)
}

fn export_file(request: &ExportRequest) -> Result<Vec<Finding>, IoError> {
    io::export::write(&request.path, request.format, &request.network, request.solution.as_deref())
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
    Exported { path: PathBuf, with_results: bool, result: Result<Vec<Finding>, IoError> },
    Reported { path: PathBuf, result: Result<Box<Event>, IoError> },
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
    /// A run has come further, or ended.
    pub time: bool,
    /// A comparison of alternatives has come further, or ended.
    pub comparison: bool,
    /// An emergency has been answered further.
    pub emergency: bool,
    /// There is news of the field.
    pub live: bool,
    /// The picture should look at its zone now.
    pub zone: bool,
}

/// For how long the first answer to a break waits for the whole one, where drawing both would delay the second.
const PATIENCE: Duration = Duration::from_millis(600);

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
    run_news: Receiver<(u64, RunNews)>,
    run_sender: SyncSender<(u64, RunNews)>,
    compare_news: Receiver<(u64, CompareNews)>,
    compare_sender: SyncSender<(u64, CompareNews)>,
    /// Stops the newest comparison.
    stop_comparison: Arc<AtomicBool>,
    emergency: Desk,
    /// What follows the field.
    live: Engine,
    book: Book,
    /// Stops the newest run.
    stop_run: Arc<AtomicBool>,
    /// Where preferences are kept and what is kept there.
    preferences: Option<(PathBuf, Preferences)>,
}

impl Jobs {
    /// Starts the solver thread.
    pub fn new(files: Files, waker: Waker) -> std::io::Result<Jobs> {
        let (requests, incoming) = sync_channel::<SolveRequest>(4);
        let (outgoing, solved) = sync_channel::<Solved>(4);
        let wake = waker.clone();
        std::thread::Builder::new().name("solver".to_owned()).spawn(move || solve_all(incoming, outgoing, wake))?;
        let emergency = Desk::start(waker.clone())?;
        let book = Book::start(waker.clone())?;
        let (file_sender, file_done) = sync_channel(4);
        let (run_sender, run_news) = sync_channel(8);
        let (compare_sender, compare_news) = sync_channel(8);
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
            run_news,
            run_sender,
            compare_news,
            compare_sender,
            stop_comparison: Arc::new(AtomicBool::new(false)),
            emergency,
            live: Engine::default(),
            book,
            stop_run: Arc::new(AtomicBool::new(false)),
            preferences: None,
        })
    }

    /// From now on every picture takes the processors from who computes: partial answers wait a little for whole ones, and
    /// new values of the field are shown less often. To be called before anything is asked.
    pub fn spare_the_processor(&mut self) {
        self.emergency.set_patience(PATIENCE);
        self.live.spare_the_processor();
    }

    /// Keeps the preferences of the session in this file from now on, as often as they change.
    pub fn keep_preferences(&mut self, path: PathBuf, session: &Session) {
        // Without the files opened lately: the one that has just been opened is worth remembering.
        self.preferences = Some((path, Preferences { recent: Vec::new(), ..session.preferences() }));
    }

    /// Writes preferences that have changed. A disk that refuses them is not worth a message: nothing of the work is lost.
    fn keep(&mut self, session: &Session) {
        let Some((path, kept)) = &mut self.preferences else { return };
        let now = session.preferences();
        if now == *kept {
            return;
        }
        kept.clone_from(&now);
        let path = path.clone();
        let _ = std::thread::Builder::new().name("preferences".to_owned()).spawn(move || now.write(&path));
    }

    /// Starts what a command of a person asked for.
    pub fn follow(&mut self, session: &mut Session, effects: &Effects) {
        self.live.acted();
        self.start(session, effects);
    }

    fn start(&mut self, session: &mut Session, effects: &Effects) {
        self.keep(session);
        self.write_log(session);
        if effects.solve {
            self.request_solve(session);
        }
        if let Some(request) = &effects.load {
            self.load(session, request.clone());
        }
        if let Some(request) = &effects.save {
            self.save(session, request.clone());
        }
        if let Some(request) = &effects.export {
            self.export(session, request.clone());
        }
        if let Some(request) = &effects.emergency {
            self.emergency.ask(request.as_ref().clone());
        }
        if let Some(order) = &effects.live {
            self.live.order(order.clone());
        }
        if let Some(request) = &effects.report {
            self.report(session, request.as_ref().clone());
        }
        if effects.stop_run {
            self.stop_run.store(true, Ordering::Relaxed);
        }
        if effects.stop_comparison {
            self.stop_comparison.store(true, Ordering::Relaxed);
        }
        if let Some(request) = &effects.page {
            self.print_page(session, request.as_ref().clone());
        }
        if let Some(request) = &effects.make {
            self.make(session, request.as_ref().clone());
        }
        if let Some(request) = &effects.comparison {
            self.compare(session, request.as_ref().clone());
        }
        if let Some(request) = &effects.run {
            self.run(session, request.as_ref().clone());
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
        let solving = matches!(session.solve_state(), SolveState::Running { .. });
        let answering = session.emergency().is_some_and(|emergency| emergency.is_waiting());
        let comparing = session.alternatives().progress().is_some() || session.alternatives().is_making();
        self.loads_running > 0
            || self.saves_running > 0
            || solving
            || answering
            || comparing
            || session.running().is_some()
    }

    /// Takes in whatever has finished. Never waits. To be called once a frame, before commands.
    pub fn poll(&mut self, session: &mut Session) -> Arrived {
        let mut arrived = Arrived::default();
        self.pass_on();
        if let Some(asked) = session.take_connecting() {
            self.live.connect(asked, &self.waker);
        }
        for news in self.live.news() {
            arrived.live |= session.take_live(news);
        }
        // Another document is open, or the field was left.
        if session.live().is_none() {
            self.live.leave();
        }
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
                            self.stop_run.store(true, Ordering::Relaxed);
                            self.stop_comparison.store(true, Ordering::Relaxed);
                            let is_demo = path.is_none();
                            session.adopt(Document::new(network, path, findings));
                            if is_demo && session.demo_field {
                                session.connect(LiveSource::Simulated);
                            }
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
                FileDone::Reported { path, result } => {
                    self.saves_running = self.saves_running.saturating_sub(1);
                    match result {
                        Ok(frozen) => {
                            session.log_frozen(*frozen);
                            exported(session, &path, true, Vec::new());
                        }
                        Err(error) => complain(session, "message-not-saved", &error),
                    }
                }
                FileDone::Exported { path, with_results, result } => {
                    self.saves_running = self.saves_running.saturating_sub(1);
                    match result {
                        Ok(findings) => exported(session, &path, with_results, findings),
                        Err(error) => complain(session, "message-not-saved", &error),
                    }
                }
            }
        }
        while let Ok((number, news)) = self.run_news.try_recv() {
            arrived.time |= take_news(session, number, news);
        }
        while let Ok((number, news)) = self.compare_news.try_recv() {
            arrived.comparison |= session.take_compare_news(number, news);
        }
        while let Some(news) = self.emergency.take() {
            arrived.emergency = true;
            arrived.zone |= session.take_emergency_news(news);
        }
        while let Some(news) = self.book.take() {
            arrived.emergency = true;
            let effects = session.take_log_news(news);
            arrived.zone |= !effects.view.is_empty();
            self.start(session, &effects);
        }
        self.write_log(session);
        if arrived.document || arrived.saved {
            self.keep(session);
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

    fn export(&mut self, session: &mut Session, request: ExportRequest) {
        let write = self.files.export;
        let started = self.spawn("writer", move || {
            let result = write(&request);
            FileDone::Exported { path: request.path, with_results: request.solution.is_some(), result }
        });
        match started {
            Ok(()) => self.saves_running += 1,
            Err(error) => complain(session, "message-not-saved", &error),
        }
    }

    /// Entries of the incident go to its file.
    fn write_log(&mut self, session: &mut Session) {
        for request in session.take_log_requests() {
            self.book.ask(request);
        }
    }

    fn report(&mut self, session: &mut Session, request: ReportRequest) {
        let started = self.spawn("writer", move || {
            let result = write_report(&request).map(Box::new);
            FileDone::Reported { path: request.path, result }
        });
        match started {
            Ok(()) => self.saves_running += 1,
            Err(error) => complain(session, "message-not-saved", &error),
        }
    }

    /// Starts a run; an older one is given up.
    fn run(&mut self, session: &mut Session, request: RunRequest) {
        self.stop_run.store(true, Ordering::Relaxed);
        self.stop_run = Arc::new(AtomicBool::new(false));
        let (stop, sender, waker) = (self.stop_run.clone(), self.run_sender.clone(), self.waker.clone());
        let number = request.number;
        let work = move || {
            run(&request, &stop, &mut |news, last| {
                let sent = if last {
                    sender.send((number, news)).map_err(|_| None)
                } else {
                    sender.try_send((number, news)).map_err(|error| match error {
                        TrySendError::Full((_, news)) => Some(news),
                        TrySendError::Disconnected(_) => None,
                    })
                };
                if sent.is_ok() {
                    waker();
                }
                sent
            });
        };
        if let Err(error) = std::thread::Builder::new().name("simulation".to_owned()).spawn(work) {
            session.running = None;
            let error = IoError::system(Path::new(""), &error);
            complain(session, "message-run-failed", &error);
        }
    }

    fn print_page(&mut self, session: &mut Session, request: PageRequest) {
        let started = self.spawn("writer", move || {
            let result = write_page(&request).map(|()| Vec::new());
            FileDone::Exported { path: request.path, with_results: true, result }
        });
        match started {
            Ok(()) => self.saves_running += 1,
            Err(error) => complain(session, "message-not-saved", &error),
        }
    }

    fn make(&mut self, session: &mut Session, request: MakeRequest) {
        let started = comparison::start_making(request, self.compare_sender.clone(), self.waker.clone());
        if let Err(error) = started {
            session.alternatives.making = session.alternatives.making.saturating_sub(1);
            complain(session, "message-alternatives-failed", &IoError::system(Path::new(""), &error));
        }
    }

    /// Starts a comparison; an older one is given up.
    fn compare(&mut self, session: &mut Session, request: CompareRequest) {
        self.stop_comparison.store(true, Ordering::Relaxed);
        self.stop_comparison = Arc::new(AtomicBool::new(false));
        let started =
            comparison::start(request, self.stop_comparison.clone(), self.compare_sender.clone(), self.waker.clone());
        if let Err(error) = started {
            session.alternatives.progress = None;
            let error = IoError::system(Path::new(""), &error);
            complain(session, "message-alternatives-failed", &error);
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

impl Drop for Jobs {
    fn drop(&mut self) {
        self.stop_run.store(true, Ordering::Relaxed);
        self.stop_comparison.store(true, Ordering::Relaxed);
    }
}

/// Says what was written, and what the other format had no room for.
fn exported(session: &mut Session, path: &Path, with_results: bool, findings: Vec<Finding>) {
    let key = if with_results { "message-exported-results" } else { "message-exported" };
    session.notify(Severity::Info, Message::new(key).with("path", path.display().to_string()));
    if let Some(first) = findings.first() {
        let message = Message::new("message-export-left-out")
            .with("count", findings.len().to_string())
            .with("first", first.message(session.language(), session.units()));
        session.notify(Severity::Warning, message);
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
        let solution = Solver::new().solve_or_flows(&request.network, &Options::default());
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
