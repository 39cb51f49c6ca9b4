//! A source out of service, and another supply temperature.

use super::stations::written_sides;
use super::{ReadyError, range};
use crate::dispatch::alternative::Alternative;
use crate::dispatch::alternative::bill::makes_heat;
use crate::network::edit::Edit;
use crate::network::sets::Sets;
use crate::network::{LinkId, LinkView, Network, Source, SourceControl};
use crate::solver::{Mode, Options, Solver};

/// Available pressure held above the most that any consumer requires, Pa.
const MARGIN_PA: f64 = 20_000.0;
/// Where no consumer says what it requires.
const USUAL_REQUIRED_PA: f64 = 80_000.0;

fn set_control(view: &LinkView<'_>, control: &SourceControl) -> Option<Edit> {
    let value = serde_json::to_value(control).ok()?;
    Some(Edit::set(view.element(), "control", value))
}

/// The source stands still. The largest of those left in its part of the network takes the pumps' work over: it holds the worst
/// consumer's pressure, and the pressure reference (at the pressure its return has now) where that was the one that stands still.
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
    let taker = taker(network, view.handle).ok_or_else(|| ReadyError::Alone(id.to_owned()))?;
    let mut edits = vec![Edit::set(view.element(), "running", false)];
    let Some(other) = network.link_view(taker) else { return Err(ReadyError::Alone(id.to_owned())) };
    let own_reference = other.source().and_then(reference_pa);
    let return_pressure_pa = match reference_pa(source) {
        Some(reference_pa) if own_reference.is_none() => Some(pressure_at(network, &other, reference_pa)?),
        _ => own_reference,
    };
    let required_pa = network.links().filter_map(|view| view.consumer()?.required_pressure_pa).fold(f64::NAN, f64::max);
    let required_pa = if required_pa.is_finite() { required_pa } else { USUAL_REQUIRED_PA };
    let control = SourceControl::WorstPoint {
        available_pressure_pa: required_pa + MARGIN_PA,
        consumer: None,
        return_pressure_pa,
    };
    edits.extend(set_control(&other, &control));
    let note = format!("{} holds the worst consumer at {:.0} kPa", other.id, 1e-3 * (required_pa + MARGIN_PA));
    Ok(Alternative { note, ..Alternative::of_edits(format!("without {id}"), edits) })
}

/// The pressure a source holds at its return, as the pressure reference.
fn reference_pa(source: &Source) -> Option<f64> {
    match source.control {
        SourceControl::Reference { return_pressure_pa, .. } => Some(return_pressure_pa),
        SourceControl::WorstPoint { return_pressure_pa, .. } | SourceControl::Speed { return_pressure_pa } => {
            return_pressure_pa
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
