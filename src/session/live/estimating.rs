//! The thread that estimates the state of the field from the newest samples.
//!
//! One question at a time: while it thinks, newer samples are not queued behind it. A new network makes a new estimator.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::picture::{EstimateShown, estimate_of_tags};
use crate::live::estimate::Estimator;
use crate::live::{Sample, TagTable, Timestamp};
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
    answers: Receiver<EstimateShown>,
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
        Some(answer)
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

fn think(
    mut network: Arc<Network>,
    mut state: u64,
    tags: &Arc<TagTable>,
    incoming: &Receiver<Question>,
    outgoing: &SyncSender<EstimateShown>,
) {
    let mut estimator = Estimator::new(network.clone(), tags.clone()).ok();
    let mut number = 0;
    while let Ok(question) = incoming.recv() {
        match question {
            Question::Adopt { network: adopted, state: new } => {
                (network, state) = (adopted, new);
                estimator = Estimator::new(network.clone(), tags.clone()).ok();
            }
            Question::Estimate { samples, now } => {
                // A network that cannot be solved has no state to be estimated; the calculation says why.
                let Some(estimator) = &mut estimator else { continue };
                let estimate = estimator.estimate(&samples, now);
                number += 1;
                let of_tags = estimate_of_tags(&network, tags, &estimate);
                let solution = Arc::new(estimate.solution.clone());
                let shown = EstimateShown { number, state, solution, of_tags, estimate: Arc::new(estimate) };
                if outgoing.send(shown).is_err() {
                    return;
                }
            }
        }
    }
}
