//! The thread that estimates the state of the field from the newest samples.
//!
//! One question at a time: while it thinks, newer samples are not queued behind it. A new network makes a new estimator,
//! and what stands otherwise in the field than drawn is followed ([`Follower`]).

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::picture::{EstimateShown, estimate_of_tags};
use crate::live::estimate::{Follower, Options};
use crate::live::{Readings, Sample, TagTable, Timestamp};
use crate::network::Network;

/// Time between two estimates.
const EVERY_MS: i64 = 10_000;

enum Question {
    Estimate { samples: Vec<Sample>, now: Timestamp },
    Adopt { network: Arc<Network>, state: u64 },
}

/// The estimation as the connection sees it; the thread ends when it is dropped.
pub(super) struct Estimating {
    questions: SyncSender<Question>,
    answers: Receiver<Option<EstimateShown>>,
    /// A network the thread had no time for yet.
    adopted: Option<(Arc<Network>, u64)>,
    asked: Option<Timestamp>,
    thinking: bool,
}

impl Estimating {
    pub fn start(network: Arc<Network>, state: u64, tags: Arc<TagTable>) -> std::io::Result<Estimating> {
        let (questions, incoming) = sync_channel(1);
        let (outgoing, answers) = sync_channel(1);
        std::thread::Builder::new()
            .name("estimation".to_owned())
            .spawn(move || think(network, state, &tags, &incoming, &outgoing))?;
        Ok(Estimating { questions, answers, adopted: None, asked: None, thinking: false })
    }

    /// A finished estimate.
    pub fn take(&mut self) -> Option<EstimateShown> {
        let answer = self.answers.try_recv().ok()?;
        self.thinking = false;
        answer
    }

    /// From now on with this network.
    pub fn adopt(&mut self, network: Arc<Network>, state: u64) {
        self.adopted = Some((network, state));
        self.asked = None;
    }

    /// Asks for an estimate where it is time for one. Never waits.
    pub fn offer(&mut self, now: Timestamp, samples: impl FnOnce() -> Vec<Sample>) {
        if self.thinking {
            return;
        }
        if let Some((network, state)) = self.adopted.take() {
            // The channel is empty: nobody is thinking, so the last question has been taken out.
            let _ = self.questions.try_send(Question::Adopt { network, state });
            return;
        }
        if self.asked.is_some_and(|asked| now.ms_since(asked) < EVERY_MS) {
            return;
        }
        if self.questions.try_send(Question::Estimate { samples: samples(), now }).is_ok() {
            self.asked = Some(now);
            self.thinking = true;
        }
    }
}

/// What is prepared once for a network as drawn.
struct Prepared {
    state: u64,
    /// `None` where the network cannot be solved: it has no state to be estimated, and the calculation says why.
    follower: Option<Follower>,
    readings: Readings,
}

impl Prepared {
    fn new(network: Arc<Network>, state: u64, tags: &Arc<TagTable>) -> Prepared {
        let readings = Readings::new(&network, tags.iter().map(|(_, tag)| tag));
        let follower = Follower::new(network, tags.clone(), Options::default()).ok();
        Prepared { state, follower, readings }
    }

    fn estimate(&mut self, number: u64, samples: &[Sample], now: Timestamp, tags: &TagTable) -> Option<EstimateShown> {
        let follower = self.follower.as_mut()?;
        let estimate = follower.estimate(samples, now);
        let of_tags = estimate_of_tags(follower.network(), tags, &self.readings, &estimate);
        let solution = Arc::new(estimate.solution.clone());
        let standing = follower.standing().into();
        Some(EstimateShown { number, state: self.state, solution, of_tags, standing, estimate: Arc::new(estimate) })
    }
}

fn think(
    network: Arc<Network>,
    state: u64,
    tags: &Arc<TagTable>,
    incoming: &Receiver<Question>,
    outgoing: &SyncSender<Option<EstimateShown>>,
) {
    let mut prepared = Prepared::new(network, state, tags);
    let mut number = 0;
    while let Ok(question) = incoming.recv() {
        match question {
            Question::Adopt { network, state } => prepared = Prepared::new(network, state, tags),
            Question::Estimate { samples, now } => {
                // Without an estimator too there is an answer: whoever asked waits for one before asking on.
                number += 1;
                let answer = prepared.estimate(number, &samples, now, tags);
                if outgoing.send(answer).is_err() {
                    return;
                }
            }
        }
    }
}
