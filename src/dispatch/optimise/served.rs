//! Which consumers get their due while temperatures are still on their way.
//!
//! When the split between plants changes, fronts of colder and warmer water walk through the pipes, and a station's valve follows a
//! step behind: for some minutes a consumer gets a little less, then a little more. Its buildings, whose time constants are days, do
//! not notice: with 40 K to the outside and 60 h, one per cent missing over an hour is seven thousandths of a kelvin. So the mean
//! over an hour counts, and besides no step may fall far below. The available pressure has to be there at the end of every step.

use std::collections::VecDeque;

use crate::network::{Code, Finding, LinkId, Network, Severity};
use crate::simulation::Simulation;
use crate::units::Quantity;

/// Share of its due that a consumer has to get in the mean over this time, s.
const SHARE: f64 = 0.99;
const OVER_S: f64 = 3600.0;
/// And in every step.
const LEAST_SHARE: f64 = 0.9;

/// What all consumers got lately.
pub(super) struct Served<'a> {
    /// Link, design heat, return temperature.
    consumers: &'a [(LinkId, f64, f64)],
    design_w: f64,
    /// Heat by consumer in the step that runs, and in the last steps with the load of each.
    now_w: Vec<f64>,
    lately: VecDeque<(f64, Vec<f64>)>,
    steps: usize,
}

impl<'a> Served<'a> {
    pub(super) fn new(consumers: &'a [(LinkId, f64, f64)], step_s: f64) -> Served<'a> {
        let design_w = consumers.iter().map(|(_, heat_w, _)| heat_w).sum::<f64>().max(1.0);
        let steps = (OVER_S / step_s).ceil().max(1.0) as usize;
        Served { consumers, design_w, now_w: vec![0.0; consumers.len()], lately: VecDeque::new(), steps }
    }

    /// Takes what passed in a part of a step, `share` of it.
    pub(super) fn add(&mut self, simulation: &Simulation, share: f64) {
        for (now_w, (link, _, _)) in self.now_w.iter_mut().zip(self.consumers) {
            *now_w += share * simulation.at_consumer(*link).map_or(0.0, |passed| passed.heat_w);
        }
    }

    /// Ends a step in which all together asked for `load_w`: who lacks heat, or pressure.
    pub(super) fn judge(&mut self, network: &Network, simulation: &Simulation, load_w: f64) -> Vec<Finding> {
        let fresh = vec![0.0; self.consumers.len()];
        self.lately.push_back((load_w, std::mem::replace(&mut self.now_w, fresh)));
        if self.lately.len() > self.steps {
            self.lately.pop_front();
        }
        let mut found = Vec::new();
        for (number, (link, heat_w, _)) in self.consumers.iter().enumerate() {
            let (Some(passed), Some(view)) = (simulation.at_consumer(*link), network.link_view(*link)) else {
                continue;
            };
            if heat_w * load_w <= 0.0 {
                continue;
            }
            let required_pa = view.consumer().and_then(|consumer| consumer.required_pressure_pa);
            if let Some(required_pa) = required_pa.filter(|pa| passed.pressure_difference_pa < *pa) {
                let short = Finding::new(Code::PressureShort, view.element()).severe(Severity::Warning);
                let short = short.physical("available", Quantity::PressureDifference, passed.pressure_difference_pa);
                found.push(short.physical("required", Quantity::PressureDifference, required_pa));
            }
            let due_w = |load_w: f64| heat_w * load_w / self.design_w;
            let steps = self.lately.len() as f64;
            let (got_w, asked_w) = self.lately.iter().fold((0.0, 0.0), |(got_w, asked_w), (load_w, heats)| {
                (got_w + heats[number] / steps, asked_w + due_w(*load_w) / steps)
            });
            let last_w = self.lately.back().map_or(0.0, |(_, heats)| heats[number]);
            let short = if got_w < SHARE * asked_w {
                Some((got_w, asked_w))
            } else {
                (last_w < LEAST_SHARE * due_w(load_w)).then_some((last_w, due_w(load_w)))
            };
            if let Some((got_w, asked_w)) = short {
                let short = Finding::new(Code::ConsumerShort, view.element()).severe(Severity::Warning);
                let short = short.physical("demand", Quantity::Heat, asked_w);
                found.push(short.physical("served", Quantity::Heat, got_w));
            }
        }
        found
    }
}
