//! What the orders of a plan will change, by the model: the network as it stands against the network of the plan.
//!
//! Mechanism: both are solved steadily; watched are volume flow (which meters show), heat, supply and return temperature of each source, the loop that
//! will be the worst, and the stations that change most. What the model predicts no change of is watched too where it
//! belongs to a source: that it stays is part of the prediction. Transport of heat takes its time (hours in a large
//! network): until it has arrived, temperatures and heats are still on the way.

use std::collections::BTreeMap;

use super::Watched;
use crate::live::{Observed, Timestamp, reading_of};
use crate::network::edit::{Edit, EditError};
use crate::network::{Demand, ElementRef, LinkKind, Network};
use crate::solver::{Options, Solution, Solver};

/// Stations watched at most beside the worst loop.
const STATIONS: usize = 6;
/// Less than this share of its flow is no change of a station worth watching.
const CHANGE_SHARE: f64 = 0.02;
/// How near a prediction counts as reached: what instruments and the daily ups and downs of the demand leave uncertain.
const TEMPERATURE_K: f64 = 1.5;
const FLOW_SHARE: f64 = 0.06;
const FLOW_M3_H: f64 = 1.0;
const HEAT_SHARE: f64 = 0.07;
const HEAT_W: f64 = 30_000.0;
const PRESSURE_SHARE: f64 = 0.1;
const PRESSURE_PA: f64 = 15_000.0;

/// The network of one state cannot be solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOutlook {
    #[error("the network as it stands cannot be solved")]
    Base,
    #[error("the network of the plan cannot be solved")]
    Alternative,
}

impl NoOutlook {
    /// Key of its sentence in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            NoOutlook::Base => "orders-no-outlook-base",
            NoOutlook::Alternative => "orders-no-outlook-alternative",
        }
    }
}

/// What is to be watched, with what the model predicts. Sources first.
///
/// # Errors
/// Which of the two networks has no solution.
pub fn outlook(base: &Network, alternative: &Network, at: Timestamp) -> Result<Vec<Watched>, NoOutlook> {
    let solve = |network: &Network| {
        let solution = Solver::new().solve(network, &Options { judge: false, ..Options::default() });
        solution.converged.then_some(solution)
    };
    let before = solve(base).ok_or(NoOutlook::Base)?;
    let after = solve(alternative).ok_or(NoOutlook::Alternative)?;
    let both = Both { base, alternative, before: &before, after: &after, at };
    let mut out = Vec::new();
    for view in alternative.links().filter(|view| view.source().is_some()) {
        for observed in [Observed::SupplyTemperature, Observed::ReturnTemperature, Observed::VolumeFlow, Observed::Heat]
        {
            out.extend(both.watched(&view.element(), observed));
        }
    }
    let worst = after.worst_consumer(alternative).map(|consumer| alternative.link_ref(consumer.link));
    if let Some(worst) = &worst {
        out.extend(both.watched(worst, Observed::PressureDifference));
        out.extend(both.watched(worst, Observed::VolumeFlow));
    }
    let mut moved: Vec<(f64, ElementRef)> = Vec::new();
    for view in alternative.links().filter(|view| view.consumer().is_some()) {
        let element = view.element();
        let [Some(was), Some(is)] = both.read(&element, Observed::VolumeFlow) else { continue };
        let share = (is - was).abs() / was.abs().max(is.abs()).max(FLOW_M3_H);
        if share > CHANGE_SHARE && Some(&element) != worst.as_ref() {
            moved.push((share, element));
        }
    }
    // Largest first; by id where equal, so that no order of a map shows.
    moved.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    for (_, element) in moved.iter().take(STATIONS) {
        out.extend(both.watched(element, Observed::VolumeFlow));
    }
    Ok(out)
}

struct Both<'a> {
    base: &'a Network,
    alternative: &'a Network,
    before: &'a Solution,
    after: &'a Solution,
    at: Timestamp,
}

impl Both<'_> {
    fn read(&self, element: &ElementRef, observed: Observed) -> [Option<f64>; 2] {
        let quantity = observed.quantities().first().copied();
        [(self.base, self.before), (self.alternative, self.after)]
            .map(|(network, solution)| reading_of(network, solution, element, observed, quantity?))
    }

    fn watched(&self, element: &ElementRef, observed: Observed) -> Option<Watched> {
        let [before, after] = self.read(element, observed);
        let predicted = after?;
        let before = before.unwrap_or(0.0);
        let size = predicted.abs();
        let tolerance = match observed {
            Observed::SupplyTemperature | Observed::ReturnTemperature => TEMPERATURE_K,
            Observed::VolumeFlow => (FLOW_SHARE * size).max(FLOW_M3_H),
            Observed::Heat => (HEAT_SHARE * size).max(HEAT_W),
            _ => (PRESSURE_SHARE * size).max(PRESSURE_PA),
        };
        Some(Watched { element: element.clone(), observed, before, predicted, tolerance, at: self.at })
    }
}

/// The network as it is drawn, with what an estimated state knows better: heat and return temperature of every consumer,
/// supply temperature of every source that runs.
///
/// # Errors
/// A value that an element refuses.
pub fn as_estimated(drawn: &Network, estimate: &Solution) -> Result<Network, EditError> {
    let mut edits: BTreeMap<ElementRef, Vec<Edit>> = BTreeMap::new();
    for view in drawn.links() {
        let element = view.element();
        let flow_kg_s = estimate.link(view.handle).map_or(f64::NAN, |state| state.mass_flow_kg_s);
        let flows = flow_kg_s.is_finite() && flow_kg_s > 0.0;
        let read = |observed: Observed| {
            let quantity = observed.quantities().first().copied()?;
            reading_of(drawn, estimate, &element, observed, quantity).filter(|value| value.is_finite())
        };
        let mut set = |field: &str, value: f64| {
            edits.entry(element.clone()).or_default().push(Edit::set(element.clone(), field, value));
        };
        match &view.link.kind {
            LinkKind::Consumer(consumer) if !consumer.shut && flows && consumer.hand_opening.is_none() => {
                if let Some(return_c) = read(Observed::ReturnTemperature) {
                    set("return_temperature_c", return_c);
                }
                match consumer.demand {
                    Demand::Heat { .. } => {
                        if let Some(heat_w) = read(Observed::Heat).filter(|heat_w| *heat_w > 0.0) {
                            set("demand.heat.heat_w", heat_w);
                        }
                    }
                    Demand::MassFlow { .. } => set("demand.mass-flow.mass_flow_kg_s", flow_kg_s),
                }
            }
            LinkKind::Source(source) if source.running && flows => {
                if let Some(supply_c) = read(Observed::SupplyTemperature) {
                    set("supply_temperature_c", supply_c);
                }
            }
            _ => {}
        }
    }
    let mut network = drawn.clone();
    let edits = edits.into_values().flatten().collect();
    Edit::Batch { label: String::new(), edits }.apply(&mut network)?;
    Ok(network)
}
