//! The stations and sources of a network as things to regulate: designs from its data, delays and cooling from its steady state.

use super::{RegulatedStation, Supplied};
use crate::dispatch::balance::Way;
use crate::network::thermal::{secondary_side, station};
use crate::network::{LinkId, LinkKind, Network, NodeId};
use crate::physics::station::Conversion;
use crate::solver::Solution;
use crate::solver::fluid::Fluid;

/// Room the secondary curves of stations without data of their own are drawn for, °C.
const ROOM_C: f64 = 18.0;

/// What of a network can be regulated by formula.
#[derive(Clone, Debug, Default)]
pub struct Regulated {
    /// Stations, several systems of one beside each other.
    pub stations: Vec<(LinkId, RegulatedStation)>,
    /// Consumers for which there is no curve, with the reason.
    pub without: Vec<(LinkId, String)>,
}

/// The stations of a network. Their design is the demand at the design outdoor temperature, with the secondary side of their data or the one
/// that is usual for their connection.
pub fn regulated(network: &Network) -> Regulated {
    let mut out = Regulated::default();
    let supply_c = network
        .links()
        .filter_map(|view| view.source().filter(|source| source.running))
        .map(|source| source.supply_temperature_c)
        .fold(f64::NAN, f64::max);
    let heat_capacity = |back_c: f64| {
        Fluid::new(&network.settings().water).map_or(4200.0, |fluid| fluid.mean_heat_capacity_j_kgk(supply_c, back_c))
    };
    for view in network.links() {
        let Some(consumer) = view.consumer().filter(|consumer| !consumer.shut) else { continue };
        let side = secondary_side(consumer, supply_c, false, ROOM_C);
        let cp = heat_capacity(consumer.return_temperature_c);
        let model = match station(consumer, &side, network.settings().design_outdoor_c(), cp) {
            Ok(model) => model,
            Err(fault) => {
                out.without.push((view.handle, fault.to_string()));
                continue;
            }
        };
        for system in &model.systems {
            let curve = system.set_point.curve;
            let exchanger = match system.conversion {
                Conversion::Plate(exchanger) => Some(exchanger),
                Conversion::ElectricBooster(booster) => Some(booster.exchanger),
                Conversion::Mixing(_) | Conversion::Direct => None,
                Conversion::Absorption(_) | Conversion::BoosterHeatPump(_) => {
                    out.without.push((view.handle, "its machine has no curve by formula".to_owned()));
                    continue;
                }
            };
            let spread_k = curve.design_supply_c - curve.design_return_c;
            let mixing_ratio = match system.conversion {
                Conversion::Mixing(_) => {
                    ((side.primary_supply_temperature_c - curve.design_supply_c) / spread_k).max(0.0)
                }
                _ => 0.0,
            };
            out.stations.push((
                view.handle,
                RegulatedStation {
                    curve,
                    heat_w: system.circuit.design_flow_kg_s * cp * spread_k,
                    heat_capacity_j_kgk: cp,
                    exchanger,
                    mixing_ratio,
                    primary_supply_c: side.primary_supply_temperature_c,
                },
            ));
        }
    }
    out
}

/// The stations by the source most of whose water they get, with delay and cooling of a solved state with temperatures.
pub fn supplied(network: &Network, regulated: &Regulated, solution: &Solution) -> Vec<(LinkId, Vec<Supplied>)> {
    let way = Way::new(network, solution);
    let fluid = Fluid::new(&network.settings().water).ok();
    let ground_c = network.settings().ambient_temperature_c;
    let mut sources: Vec<(LinkId, NodeId, Vec<Supplied>)> = network
        .links()
        .filter(|view| matches!(&view.link.kind, LinkKind::Source(source) if source.running))
        .map(|view| (view.handle, view.to, Vec::new()))
        .collect();
    for (link, station) in &regulated.stations {
        let Some((from, _)) = network.ends(*link) else { continue };
        let links = way.supply(from);
        let mut delay_s = 0.0;
        for part in &links {
            let (Some(view), Some(state)) = (network.link_view(*part), solution.link(*part)) else { continue };
            let Some(pipe) = view.pipe() else { continue };
            let area_m2 = 0.25 * std::f64::consts::PI * pipe.inner_diameter_m * pipe.inner_diameter_m;
            let mean_c = 0.5 * (state.inlet_temperature_c + state.outlet_temperature_c);
            let density = fluid
                .as_ref()
                .map_or(960.0, |fluid| fluid.density_kg_m3(if mean_c.is_finite() { mean_c } else { 90.0 }));
            delay_s += pipe.length_m * area_m2 * density / state.mass_flow_kg_s.abs();
        }
        // The way ends at a source, or at the node of one.
        let ends: Vec<NodeId> = match links.last() {
            Some(last) => network.ends(*last).map_or(Vec::new(), |(a, b)| vec![a, b]),
            None => vec![from],
        };
        let source = sources.iter_mut().find(|(_, to, _)| ends.contains(to));
        let Some((source, _, list)) = source else { continue };
        let sent_c =
            network.link_view(*source).and_then(|view| view.source()).map_or(f64::NAN, |s| s.supply_temperature_c);
        let come_c = solution.link(*link).map_or(f64::NAN, |state| state.inlet_temperature_c);
        let cooling = (sent_c - come_c) / (sent_c - ground_c);
        let cooling_share = if cooling.is_finite() { cooling.clamp(0.0, 0.9) } else { 0.0 };
        list.push(Supplied { station: *station, delay_s, cooling_share });
    }
    sources.into_iter().map(|(link, _, list)| (link, list)).filter(|(_, list)| !list.is_empty()).collect()
}
