//! A source out of service, and another supply temperature.

use super::stations::written_sides;
use super::{ReadyError, range};
use crate::dispatch::alternative::Alternative;
use crate::dispatch::alternative::bill::makes_heat;
use crate::network::edit::Edit;
use crate::network::sets::Sets;
use crate::network::{LinkId, LinkView, Network, SourceControl};
use crate::solver::{Mode, Options, Solver};

/// Rise of a source that becomes the reference, where neither says one, Pa.
const USUAL_RISE_PA: f64 = 400_000.0;

fn set_control(view: &LinkView<'_>, control: &SourceControl) -> Option<Edit> {
    let value = serde_json::to_value(control).ok()?;
    Some(Edit::set(view.element(), "control", value))
}

/// The source stands still. The largest of those left in its part of the network takes the pumps' work over: its rise becomes the
/// greater of both (where both hold one), and it becomes the pressure reference, at the pressure its return has now, where that was the
/// one that stands still. More its pumps do not give: who gets too little then is for the simulation to say.
pub fn source_out(network: &Network, id: &str) -> Result<Alternative, ReadyError> {
    let known = || {
        let all = network.links().filter(|view| view.source().is_some()).map(|view| view.id.to_string());
        all.collect::<Vec<_>>().join(", ")
    };
    let missing = || ReadyError::NoSource(id.to_owned(), known());
    let view = network.link_id(id).and_then(|link| network.link_view(link)).ok_or_else(missing)?;
    let source = view.source().ok_or_else(missing)?;
    if !source.running {
        return Err(ReadyError::StandsStill(id.to_owned()));
    }
    let alone = || ReadyError::Alone(id.to_owned());
    let other = taker(network, view.handle).and_then(|link| network.link_view(link)).ok_or_else(alone)?;
    let own = &other.source().ok_or_else(alone)?.control;
    let mut edits = vec![Edit::set(view.element(), "running", false)];
    let rise_pa = match (own.pressure_rise_pa(), source.control.pressure_rise_pa()) {
        (Some(own_pa), Some(out_pa)) => Some(own_pa.max(out_pa)),
        (own_pa, _) => own_pa,
    };
    let control = match (reference_pa(&source.control), reference_pa(own)) {
        (Some(reference_pa), None) => {
            let return_pressure_pa = pressure_at(network, &other, reference_pa)?;
            Some(as_reference(own, return_pressure_pa, rise_pa.or(source.control.pressure_rise_pa())))
        }
        _ => rise_pa.and_then(|rise_pa| own.with_pressure_rise(rise_pa)),
    };
    let control = control.filter(|control| control != own);
    edits.extend(control.and_then(|control| set_control(&other, &control)));
    let note = match rise_pa {
        Some(rise_pa) => format!("{} gives {:.0} kPa", other.id, 1e-3 * rise_pa),
        None => format!("{} takes over", other.id),
    };
    Ok(Alternative { note, ..Alternative::of_edits(format!("without {id}"), edits) })
}

/// A control that holds the return pressure as well.
fn as_reference(own: &SourceControl, return_pressure_pa: f64, rise_pa: Option<f64>) -> SourceControl {
    match own {
        SourceControl::WorstPoint { available_pressure_pa, consumer, .. } => SourceControl::WorstPoint {
            available_pressure_pa: *available_pressure_pa,
            consumer: consumer.clone(),
            return_pressure_pa: Some(return_pressure_pa),
        },
        SourceControl::Speed { .. } => SourceControl::Speed { return_pressure_pa: Some(return_pressure_pa) },
        _ => SourceControl::Reference { return_pressure_pa, pressure_rise_pa: rise_pa.unwrap_or(USUAL_RISE_PA) },
    }
}

/// The pressure a source holds at its return, as the pressure reference.
fn reference_pa(control: &SourceControl) -> Option<f64> {
    match control {
        SourceControl::Reference { return_pressure_pa, .. } => Some(*return_pressure_pa),
        SourceControl::WorstPoint { return_pressure_pa, .. } | SourceControl::Speed { return_pressure_pa } => {
            *return_pressure_pa
        }
        _ => None,
    }
}

/// The largest other source that runs in the same part of the network.
fn taker(network: &Network, out: LinkId) -> Option<LinkId> {
    let mut sets = Sets::new(network.node_bound());
    for view in network.links() {
        sets.join_under_least(view.from.index() as u32, view.to.index() as u32);
    }
    let part = sets.of(network.ends(out)?.0.index() as u32);
    let mut best: Option<(f64, LinkId)> = None;
    for view in network.links() {
        let Some(source) = view.source().filter(|source| makes_heat(source) && view.handle != out) else { continue };
        let capacity_w = source.capacity_w.unwrap_or(0.0);
        if sets.of(view.from.index() as u32) == part && best.is_none_or(|(most_w, _)| capacity_w > most_w) {
            best = Some((capacity_w, view.handle));
        }
    }
    best.map(|(_, link)| link)
}

/// Pressure of a source's return as the network runs now.
fn pressure_at(network: &Network, view: &LinkView<'_>, otherwise_pa: f64) -> Result<f64, ReadyError> {
    let options = Options { mode: Mode::Hydraulic, judge: false, ..Options::default() };
    let solution = Solver::new().solve(network, &options);
    if !solution.converged {
        return Err(ReadyError::Network(solution.findings));
    }
    let pressure_pa = solution.node(view.from).map_or(f64::NAN, |node| node.pressure_pa);
    Ok(if pressure_pa.is_finite() { (pressure_pa / 1000.0).round() * 1000.0 } else { otherwise_pa })
}

/// All sources give water so much warmer at design; their curves follow. Substations stay what they are.
pub fn supply_shift(network: &Network, shift_k: f64) -> Result<Alternative, ReadyError> {
    range("the shift of the supply temperature, K,", shift_k, -60.0, 60.0)?;
    let mut edits = written_sides(network)?;
    for view in network.links() {
        let Some(source) = view.source().filter(|source| makes_heat(source)) else { continue };
        edits.push(Edit::set(view.element(), "supply_temperature_c", source.supply_temperature_c + shift_k));
    }
    Ok(Alternative::of_edits(format!("supply {shift_k:+} K"), edits))
}
