//! The network at a glance.

use crate::network::{ElementRef, LinkKind, Severity};
use crate::session::Session;

/// Figures of the whole network; NaN where there is no solution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Given by all sources, W.
    pub source_heat_w: f64,
    /// Taken by all consumers, W.
    pub consumer_heat_w: f64,
    /// Lost by all pipes, W.
    pub loss_w: f64,
    /// Sum over the sources, kg/s.
    pub flow_kg_s: f64,
    /// Flow-weighted over the sources.
    pub supply_temperature_c: f64,
    pub return_temperature_c: f64,
    /// End of the worst loop and its available pressure.
    pub worst: Option<(ElementRef, f64)>,
    pub unsatisfied: usize,
    pub errors: usize,
    pub warnings: usize,
    pub pipes: usize,
    pub consumers: usize,
    pub sources: usize,
    pub nodes: usize,
    /// Length of all pipes, m.
    pub pipe_length_m: f64,
}

/// The figures of a session.
pub fn summary(session: &Session) -> Summary {
    let network = session.network();
    let mut out = Summary { nodes: network.node_count(), ..Summary::default() };
    for view in network.links() {
        match &view.link.kind {
            LinkKind::Pipe(pipe) => {
                out.pipes += 1;
                out.pipe_length_m += pipe.length_m;
            }
            LinkKind::Consumer(_) => out.consumers += 1,
            LinkKind::Source(_) => out.sources += 1,
            _ => {}
        }
    }
    for finding in session.problems() {
        match finding.severity {
            Severity::Error => out.errors += 1,
            Severity::Warning => out.warnings += 1,
            Severity::Info => {}
        }
    }
    let Some(solution) = session.solution().filter(|solution| solution.converged) else {
        for value in [
            &mut out.source_heat_w,
            &mut out.consumer_heat_w,
            &mut out.loss_w,
            &mut out.flow_kg_s,
            &mut out.supply_temperature_c,
            &mut out.return_temperature_c,
        ] {
            *value = f64::NAN;
        }
        return out;
    };
    let (mut supply, mut back) = (0.0, 0.0);
    for source in &solution.sources {
        out.source_heat_w += source.heat_w;
        out.flow_kg_s += source.mass_flow_kg_s;
        if let Some(state) = solution.link(source.link) {
            supply += source.mass_flow_kg_s * state.outlet_temperature_c;
            back += source.mass_flow_kg_s * state.inlet_temperature_c;
        }
    }
    out.supply_temperature_c = supply / out.flow_kg_s;
    out.return_temperature_c = back / out.flow_kg_s;
    out.consumer_heat_w = solution.consumers.iter().map(|consumer| consumer.heat_w).sum();
    out.unsatisfied = solution.consumers.iter().filter(|consumer| !consumer.satisfied).count();
    // A hydraulic solution has no losses, which is something else than none.
    let losses = || solution.links.iter().map(|link| link.heat_loss_w).filter(|w| w.is_finite());
    out.loss_w = match session.shown_place() {
        Some(place) => place.loss_w(),
        None if losses().next().is_some() => losses().sum(),
        None => f64::NAN,
    };
    out.worst =
        solution.worst_consumer(network).map(|worst| (network.link_ref(worst.link), worst.available_pressure_pa));
    out
}
