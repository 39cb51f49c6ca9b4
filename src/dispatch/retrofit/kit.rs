//! What all technologies need: stations with their secondary sides made explicit, networks with edits applied, source pressures that
//! fit new flows.

use serde_json::{Value, json};

use super::{Left, Retrofit, RetrofitError, Where, Why};
use crate::dispatch::balance::{SettingKind, Wishes, balance};
use crate::network::edit::Edit;
use crate::network::thermal::Served;
use crate::network::{Consumer, Demand, ElementRef, LinkView, Network, Secondary, fields};
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;
use crate::solver::fluid::Fluid;
use crate::solver::{Options, Solution, Solver};

/// Warmest supply temperature of the running sources, °C.
pub fn supply_c(network: &Network) -> f64 {
    let sources = network.links().filter_map(|view| view.source().filter(|source| source.running));
    sources.map(|source| source.supply_temperature_c).fold(f64::NAN, f64::max)
}

/// The network with edits applied.
pub fn edited(network: &Network, edits: &[Edit]) -> Result<Network, RetrofitError> {
    let mut out = network.clone();
    for edit in edits {
        edit.apply(&mut out)?;
    }
    Ok(out)
}

/// The steady state of a network.
pub fn solved(network: &Network) -> Result<Solution, RetrofitError> {
    let solution = Solver::new().solve(network, &Options::default());
    if solution.converged { Ok(solution) } else { Err(RetrofitError::Unsolved(solution.findings)) }
}

/// A station that is meant, its heat and its secondary side as it runs now.
pub struct Station<'a> {
    pub view: LinkView<'a>,
    pub consumer: &'a Consumer,
    pub heat_w: f64,
    pub side: Secondary,
}

impl Station<'_> {
    pub fn element(&self) -> ElementRef {
        self.view.element()
    }

    pub fn set(&self, field: &str, value: impl Into<Value>) -> Edit {
        Edit::set(self.element(), field, value)
    }

    /// Gives it this secondary side.
    pub fn set_side(&self, side: &Secondary) -> Edit {
        // A struct of numbers and names always becomes JSON.
        self.set("secondary", serde_json::to_value(side).unwrap_or(Value::Null))
    }

    /// Flow its heat takes between the supply of the sources and its return temperature, kg/s.
    pub fn flow_kg_s(&self, network: &Network) -> f64 {
        let (supply_c, return_c) = (supply_c(network), self.consumer.return_temperature_c);
        let each_j_kg = Fluid::new(&network.settings().water)
            .map_or(HEAT_CAPACITY_J_KGK * (supply_c - return_c), |fluid| fluid.heat_between_j_kg(supply_c, return_c));
        self.heat_w / each_j_kg
    }
}

/// The stations with a heat that are meant, in the order of the network; others that are meant go to `left`.
pub fn stations<'a>(network: &'a Network, meant: &Where, left: &mut Vec<Left>) -> Vec<Station<'a>> {
    let served = Served::new(network);
    let supply_c = supply_c(network);
    let design_c = network.settings().design_or_present_outdoor_c();
    let mut out = Vec::new();
    for view in network.links() {
        let Some(consumer) = view.consumer().filter(|consumer| meant.holds(view.id, None) && !consumer.shut) else {
            continue;
        };
        match consumer.demand {
            Demand::Heat { heat_w } if heat_w > 0.0 => {
                match served.side(view.id, consumer, supply_c, design_c, HEAT_CAPACITY_J_KGK) {
                    Ok(side) => out.push(Station { view, consumer, heat_w, side }),
                    Err(_) => left.push(Left { element: view.element(), why: Why::NoModel }),
                }
            }
            Demand::Heat { .. } | Demand::MassFlow { .. } => {
                left.push(Left { element: view.element(), why: Why::NoHeat });
            }
        }
    }
    out
}

/// Edits that set the pressures of all sources to what the worst loop of a network needs at its design flows.
pub fn fitted_pressures(network: &Network) -> Result<Vec<Edit>, RetrofitError> {
    let found = balance(network, &Wishes { more_power: true, ..Wishes::default() })?;
    let of_sources = found.settings.into_iter().filter(|setting| setting.kind == SettingKind::SourcePressure);
    Ok(of_sources.flat_map(|setting| setting.edits).collect())
}

/// Adds to a retrofit the source pressures that fit it.
pub fn with_fitted_pressures(network: &Network, mut retrofit: Retrofit) -> Result<Retrofit, RetrofitError> {
    if !retrofit.changed.is_empty() {
        let pressures = fitted_pressures(&edited(network, &retrofit.edits)?)?;
        retrofit.edits.extend(pressures);
    }
    Ok(retrofit)
}

/// Sets a field of a group that an element may not have yet (`heating`, `plant`): then the group is set, so that taking the edit
/// back leaves none either.
pub fn set_in_group(network: &Network, element: ElementRef, group: &str, field: &str, value: Value) -> Edit {
    match fields::get(network, &element, group) {
        None | Some(Value::Null) => Edit::set(element, group, json!({ field: value })),
        Some(_) => Edit::set(element, format!("{group}.{field}"), value),
    }
}

/// No value.
pub fn none() -> Value {
    json!(null)
}
