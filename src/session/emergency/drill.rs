//! A rehearsal: its clock, the user's orders, and the comparison at its end.

use std::sync::Arc;

use crate::emergency::rehearsal::{Comparison, Order, Rehearsal};
use crate::network::{LinkId, Network};

/// Minutes of the rehearsal in a second at the start.
const FIRST_SPEED: f64 = 1.0;

/// A rehearsal under way or over.
#[derive(Clone, Debug)]
pub struct Drill {
    /// The network it happens in: orders change nothing of the document.
    pub(super) network: Arc<Network>,
    pub(super) rehearsal: Rehearsal,
    pub(super) clock_s: f64,
    /// Minutes of the rehearsal in a second of the beholder.
    pub(super) speed: f64,
    pub(super) playing: bool,
    pub(super) over: bool,
    pub(super) comparison: Option<Comparison>,
}

impl Drill {
    pub(super) fn new(network: Arc<Network>, rehearsal: Rehearsal) -> Drill {
        Drill { network, rehearsal, clock_s: 0.0, speed: FIRST_SPEED, playing: true, over: false, comparison: None }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Since the alarm.
    pub fn clock_s(&self) -> f64 {
        self.clock_s
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    pub fn runs(&self) -> bool {
        self.playing && !self.over
    }

    pub fn is_over(&self) -> bool {
        self.over
    }

    pub fn orders(&self) -> &[Order] {
        &self.rehearsal.orders
    }

    pub fn order(&self, valve: LinkId) -> Option<&Order> {
        self.rehearsal.orders.iter().find(|order| order.valve == valve)
    }

    pub fn comparison(&self) -> Option<&Comparison> {
        self.comparison.as_ref()
    }

    pub(super) fn advance(&mut self, seconds: f64) -> bool {
        if !self.runs() || seconds.is_nan() || seconds <= 0.0 {
            return false;
        }
        self.clock_s += 60.0 * self.speed * seconds;
        true
    }
}
