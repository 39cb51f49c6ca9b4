//! The answer to a break as the session keeps it, and the thread that works it out.
//!
//! Mechanism: one named thread, requests through a bounded channel, the newest wins: older ones that still wait are skipped,
//! and the search for re-supply of one under way is not begun once a newer one has come. An answer comes twice, first without
//! re-supply; where drawing it would take the processors from the search, only if the search takes long ([`Pace`]). Everything a picture needs of it (who is what, where the zone lies) is prepared here, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use crate::emergency::impact::ConsumerImpact;
use crate::emergency::isolation::IsolationFault;
use crate::emergency::rehearsal::{Comparison, compare};
use crate::emergency::{Request, Response, add_resupply, first_response};
use crate::io::emergency::{Rings, zone_areas};
use crate::network::{LinkId, Network};
use crate::solver::{Solution, Solver};

/// What is asked of the thread.
#[derive(Clone, Debug)]
pub struct EmergencyRequest {
    /// Counts the requests of a session; the newest counts.
    pub number: u64,
    pub network: Arc<Network>,
    /// State of the document the network is.
    pub state: u64,
    pub work: EmergencyWork,
}

#[derive(Clone, Debug)]
pub enum EmergencyWork {
    /// `before`: the solved state of the network, where somebody has it.
    Respond { asked: Box<Request>, before: Option<Arc<Solution>> },
    /// Judge these closings against the answer.
    Compare { answer: Arc<Answer>, closings: Vec<(LinkId, f64)>, ended_s: f64 },
}

/// What the thread tells.
#[derive(Debug)]
pub enum EmergencyNews {
    Answer(Arc<Answer>),
    Fault { number: u64, fault: IsolationFault },
    Compared { number: u64, comparison: Box<Comparison> },
}

/// What a link is in the picture of an emergency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// As it was.
    #[default]
    Served,
    Broken,
    /// Drains: between the break and the valves.
    Zone,
    /// No heat gets here any more.
    Unfed,
}

/// How a building fares until the repair ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fare {
    /// Below 12 °C before the repair ends.
    TooCold,
    /// Below 16 °C.
    Cold,
    /// Gets less heat, keeps 16 °C.
    Short,
}

/// A finished answer with everything drawn from it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub number: u64,
    /// What was answered for.
    pub request: Request,
    pub network: Arc<Network>,
    pub state: u64,
    pub response: Response,
    /// Other ways of feeding have been searched for.
    pub complete: bool,
    /// From the request to this answer.
    pub milliseconds: f64,
    /// Outlines of what drains and of what has no heat.
    pub zone: [Rings; 2],
    /// By link slot.
    pub roles: Vec<Role>,
    /// By link slot: share of its heat a consumer keeps; 1 for everything else.
    pub shares: Vec<f32>,
    /// By link slot: place among the consumers that lose heat.
    places: Vec<Option<u32>>,
    /// By place in [`Network::buildings`].
    pub fares: Vec<Option<Fare>>,
}

impl Answer {
    /// What a consumer loses; `None` where it loses nothing.
    pub fn loss_of(&self, link: LinkId) -> Option<&ConsumerImpact> {
        let place = self.places.get(link.index()).copied().flatten()?;
        self.response.impact.as_ref()?.consumers.get(place as usize)
    }

    /// Without re-supply.
    fn new(request: &EmergencyRequest, asked: &Request, response: Response, since: Instant) -> Answer {
        let network = request.network.clone();
        let zone = zone_areas(&network, &response);
        let mut roles = vec![Role::Served; network.link_bound()];
        for view in network.links() {
            let both = |flags: &[bool]| flags[view.from.index()] && flags[view.to.index()];
            roles[view.handle.index()] = if response.breaks.iter().any(|broken| broken.link == view.handle) {
                Role::Broken
            } else if both(&response.plan.zone) {
                Role::Zone
            } else if both(&response.plan.unfed) {
                Role::Unfed
            } else {
                Role::Served
            };
        }
        let mut shares = vec![1.0; network.link_bound()];
        let mut places = vec![None; network.link_bound()];
        for (place, consumer) in (0..).zip(response.impact.iter().flat_map(|impact| &impact.consumers)) {
            shares[consumer.consumer.index()] = consumer.share as f32;
            places[consumer.consumer.index()] = Some(place);
        }
        let clocks: std::collections::BTreeMap<_, _> =
            response.clocks.iter().map(|clock| (&clock.building, clock)).collect();
        let fares = network
            .buildings()
            .keys()
            .map(|id| {
                let clock = clocks.get(id)?;
                let before = |at: usize| clock.crosses_s[at].is_some_and(|at_s| at_s < response.repair_s);
                Some(match () {
                    () if before(2) => Fare::TooCold,
                    () if before(0) => Fare::Cold,
                    () => Fare::Short,
                })
            })
            .collect();
        let milliseconds = since.elapsed().as_secs_f64() * 1e3;
        Answer {
            number: request.number,
            request: asked.clone(),
            network,
            state: request.state,
            response,
            complete: false,
            milliseconds,
            zone,
            roles,
            shares,
            places,
            fares,
        }
    }
}

/// What a thread under way asks about.
#[derive(Debug, Default)]
pub struct Pace {
    /// Number of the newest request.
    pub newest: AtomicU64,
    /// For how long the answer without re-supply is held back, so that the whole one may come in its place.
    pub patience_ms: AtomicU64,
}

/// Answers a request here and now; `tell` gets the news.
pub fn work(request: &EmergencyRequest, since: Instant, pace: &Pace, tell: &mut dyn FnMut(EmergencyNews)) {
    let number = request.number;
    // A copy of its own: plans are tried out on it.
    let mut network = Network::clone(&request.network);
    match &request.work {
        EmergencyWork::Respond { asked, before } => {
            let mut solver = Solver::new();
            let before = before.as_ref().map(|before| Solution::clone(before));
            let mut response = match first_response(&mut network, asked, before, &mut solver) {
                Ok(response) => response,
                Err(fault) => {
                    tell(EmergencyNews::Fault { number, fault });
                    return;
                }
            };
            let early = Arc::new(Answer::new(request, asked, response.clone(), since));
            let patience = Duration::from_millis(pace.patience_ms.load(Ordering::Relaxed));
            let mut held = Some(early.clone());
            let mut tell_early = |tell: &mut dyn FnMut(EmergencyNews)| {
                if since.elapsed() >= patience
                    && let Some(early) = held.take()
                {
                    tell(EmergencyNews::Answer(early));
                }
            };
            tell_early(tell);
            // Whoever asked something newer does not wait for the rest of this.
            if pace.newest.load(Ordering::Relaxed) == number {
                add_resupply(&mut network, asked, &mut solver, &mut response, &mut || tell_early(tell));
                // The plan is the same, and with it everything drawn of it.
                let milliseconds = since.elapsed().as_secs_f64() * 1e3;
                let whole = Answer { response, complete: true, milliseconds, ..Answer::clone(&early) };
                tell(EmergencyNews::Answer(Arc::new(whole)));
            }
        }
        EmergencyWork::Compare { answer, closings, ended_s } => {
            let comparison = compare(&mut network, &answer.response, closings, *ended_s, &mut Solver::new());
            tell(EmergencyNews::Compared { number, comparison: Box::new(comparison) });
        }
    }
}

/// The thread and its channels.
pub struct Desk {
    requests: SyncSender<(EmergencyRequest, Instant)>,
    news: Receiver<EmergencyNews>,
    waiting: Option<(EmergencyRequest, Instant)>,
    pace: Arc<Pace>,
}

impl Desk {
    /// Starts the thread; `waker` is called when there is news.
    pub fn start(waker: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Desk> {
        let (requests, incoming) = sync_channel::<(EmergencyRequest, Instant)>(4);
        let (outgoing, news) = sync_channel(8);
        let pace = Arc::new(Pace::default());
        let known = pace.clone();
        std::thread::Builder::new().name("emergency".to_owned()).spawn(move || {
            while let Ok(mut request) = incoming.recv() {
                while let Ok(newer) = incoming.try_recv() {
                    request = newer;
                }
                work(&request.0, request.1, &known, &mut |news| {
                    // Nobody listens any more only when the program ends.
                    if outgoing.send(news).is_ok() {
                        waker();
                    }
                });
            }
        })?;
        Ok(Desk { requests, news, waiting: None, pace })
    }

    /// How long an answer without re-supply is held back from now on.
    pub fn set_patience(&mut self, patience: Duration) {
        self.pace.patience_ms.store(patience.as_millis() as u64, Ordering::Relaxed);
    }

    /// Asks. Never waits.
    pub fn ask(&mut self, request: EmergencyRequest) {
        self.pace.newest.store(request.number, Ordering::Relaxed);
        self.waiting = Some((request, Instant::now()));
        self.pass_on();
    }

    /// The next piece of news. Never waits.
    pub fn take(&mut self) -> Option<EmergencyNews> {
        self.pass_on();
        self.news.try_recv().ok()
    }

    fn pass_on(&mut self) {
        let Some(request) = self.waiting.take() else { return };
        if let Err(TrySendError::Full(request)) = self.requests.try_send(request) {
            self.waiting = Some(request);
        }
    }
}
