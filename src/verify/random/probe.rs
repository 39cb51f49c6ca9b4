//! Whether a source that is said not to hold its value indeed cannot: its pumps are given fixed rises over eight orders
//! of magnitude instead, and what it was to hold must never pass its set value on the way.

use crate::network::edit::Edit;
use crate::network::{ElementRef, Network, SourceControl};
use crate::solver::{Mode, Options, Solution, Solver};

/// Rises tried, Pa.
const RISES_PA: [f64; 12] = [-1e6, -1e5, 0.0, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8];

/// Whether no fixed rise of the source brings what it holds to its set value.
pub(super) fn out_of_reach(network: &Network, element: &ElementRef, heat: bool) -> bool {
    let Some(view) = network.find_link(element).and_then(|link| network.link_view(link)) else { return false };
    let Some(source) = view.source() else { return false };
    let (set_pa, control): (f64, &dyn Fn(f64) -> serde_json::Value) = match &source.control {
        SourceControl::WorstPoint { available_pressure_pa, return_pressure_pa: Some(back), .. } => {
            let back = *back;
            (
                *available_pressure_pa,
                &move |rise: f64| serde_json::json!({"reference": {"return_pressure_pa": back, "pressure_rise_pa": rise}}),
            )
        }
        SourceControl::WorstPoint { available_pressure_pa, .. } => (*available_pressure_pa, &rise),
        SourceControl::SupplyPressure { supply_pressure_pa } => (*supply_pressure_pa, &rise),
        _ => return false,
    };
    let to = view.to;
    let held = |solution: &Solution, network: &Network| match source.control {
        SourceControl::SupplyPressure { .. } => solution.node(to).map(|node| node.pressure_pa),
        _ => solution
            .consumers
            .iter()
            .filter(|consumer| {
                network.link_view(consumer.link).and_then(|view| view.consumer()).is_some_and(super::asks)
            })
            .map(|consumer| consumer.available_pressure_pa)
            .filter(|pressure| pressure.is_finite())
            .min_by(f64::total_cmp),
    };
    let mode = if heat { Mode::Thermal } else { Mode::Hydraulic };
    let options = Options { mode, judge: false, ..Options::default() };
    let (mut below, mut above) = (false, false);
    for rise_pa in RISES_PA {
        let mut probe = network.clone();
        if Edit::set(element.clone(), "control", control(rise_pa)).apply(&mut probe).is_err() {
            return false;
        }
        let solution = Solver::new().solve(&probe, &options);
        match held(&solution, &probe).filter(|_| solution.converged) {
            Some(value) if value < set_pa - 1.0 => below = true,
            Some(value) if value > set_pa + 1.0 => above = true,
            Some(_) => return false,
            // A rise that has no state of its own says nothing.
            None => {}
        }
    }
    !(below && above)
}

fn rise(rise_pa: f64) -> serde_json::Value {
    serde_json::json!({"pressure-rise": {"pressure_rise_pa": rise_pa}})
}
