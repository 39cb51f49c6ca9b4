//! Cities out of balance: whole networks whose stations nobody regulates, with valves that stand anyhow and pumps that give too much.
//!
//! A [`city`](super::city) of six to some fifty stations, a third of them with loops, is spoilt: station valves too large and at
//! random openings, balancing valves with all characteristics in branches, rises 1.1 to 2 times those of design, pumps in some stations, in one
//! city of three something that keeps stations from their flow whatever is done. What was done on purpose is told beside the network.

use super::dice::Dice;
use super::{Parameters, city};
use crate::network::{
    Characteristic, Demand, LinkId, LinkKind, Name, Network, NodeId, Pump, PumpPoint, PumpRole, SourceControl, Station,
    ValveCondition, ValveKind,
};

const DENSITY_KG_M3: f64 = 970.0;

/// What keeps a station from its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilt {
    /// Its lateral is far too narrow.
    NarrowLateral,
    /// Its own valve is far too small.
    SmallValve,
    /// A valve before it does not move and is almost shut.
    StuckValve,
    /// The pumps of all sources are too weak for the far stations.
    WeakPumps,
}

impl Spoilt {
    pub const fn word(self) -> &'static str {
        match self {
            Spoilt::NarrowLateral => "narrow-lateral",
            Spoilt::SmallValve => "small-valve",
            Spoilt::StuckValve => "stuck-valve",
            Spoilt::WeakPumps => "weak-pumps",
        }
    }
}

/// A city out of balance.
#[derive(Clone, Debug)]
pub struct UnbalancedCity {
    pub network: Network,
    /// What was done, and the station it was done to (none: to the pumps).
    pub spoilt: Vec<(Spoilt, Option<Name>)>,
    /// Whether some stations have pumps of their own.
    pub station_pumps: bool,
}

/// The city out of balance of a seed, of six to `most_stations` stations.
pub fn unbalanced(seed: u64, most_stations: usize) -> UnbalancedCity {
    let mut dice = Dice::new(seed, 70);
    let stations = 6 + dice.below(most_stations.saturating_sub(5).max(1));
    let parameters = Parameters {
        stations,
        seed,
        loops: if dice.chance(0.35) { 0.0 } else { dice.between(0.05, 0.35) },
        sources: [1, 1, 2, 3][dice.below(4)],
        relief_m: dice.between(0.0, 60.0),
        most_buildings: 10,
        pipes: 0,
    };
    let mut network = city(&parameters);
    let consumers: Vec<LinkId> = of_kind(&network, |kind| matches!(kind, LinkKind::Consumer(_)));
    let station_pumps = dice.chance(0.3);
    let regulated = if dice.chance(0.25) { 0.2 } else { 0.0 };
    let required = dice.chance(0.5);
    for &link in &consumers {
        let Some(LinkKind::Consumer(consumer)) = network.link_mut(link).map(|link| &mut link.kind) else { continue };
        let design_kg_s = match consumer.demand {
            Demand::Heat { heat_w } => heat_w / (4200.0 * (super::SUPPLY_C - consumer.return_temperature_c)),
            Demand::MassFlow { mass_flow_kg_s } => mass_flow_kg_s,
        };
        consumer.kv_open_m3_h = consumer.kv_open_m3_h.map(|kv| kv * dice.between(1.0, 2.5));
        if !dice.chance(regulated) {
            consumer.hand_opening = Some(dice.between(0.2, 1.0));
        }
        if !required {
            consumer.required_pressure_pa = None;
        }
        if station_pumps && dice.chance(0.3) {
            let pump = pump(&mut dice, design_kg_s, 16.0, PumpRole::Distributed);
            consumer.station = Some(Box::new(Station { pump: Some(pump), ..Station::default() }));
        }
    }
    balancing_valves(&mut network, &mut dice);
    let mut spoilt = Vec::new();
    let weak = dice.chance(0.1);
    if weak {
        spoilt.push((Spoilt::WeakPumps, None));
    }
    if dice.chance(0.3) {
        for _ in 0..1 + dice.below(2) {
            let station = consumers[dice.below(consumers.len())];
            let what = [Spoilt::NarrowLateral, Spoilt::SmallValve, Spoilt::StuckValve][dice.below(3)];
            if spoil(&mut network, station, what) {
                spoilt.push((what, Some(network.link_name(station))));
            }
        }
    }
    let stuck = spoilt.iter().any(|(what, _)| *what == Spoilt::StuckValve);
    let surplus = if weak { dice.between(0.45, 0.7) } else { dice.between(1.1, 2.0) };
    let with_curves = dice.chance(0.5);
    let follows = dice.chance(0.15);
    for link in of_kind(&network, |kind| matches!(kind, LinkKind::Source(_))) {
        let Some(LinkKind::Source(source)) = network.link_mut(link).map(|link| &mut link.kind) else { continue };
        let mut rise = 0.0;
        if let SourceControl::Reference { pressure_rise_pa, .. } | SourceControl::PressureRise { pressure_rise_pa } =
            &mut source.control
        {
            *pressure_rise_pa *= surplus;
            rise = *pressure_rise_pa;
        }
        if with_curves {
            let flow_kg_s = source.maximum_flow_kg_s.unwrap_or(100.0).max(10.0);
            let head_m = (1.3 * rise / (DENSITY_KG_M3 * 9.81)).max(5.0);
            source.pumps = Some(Box::new(pump(&mut dice, flow_kg_s, head_m, PumpRole::Circulation)));
        }
        // With a valve that does not move it would drive the rise beyond all pumps.
        if follows
            && !stuck
            && parameters.sources == 1
            && let SourceControl::Reference { return_pressure_pa, .. } = source.control
        {
            source.control = SourceControl::WorstPoint {
                available_pressure_pa: 1e3 * dice.between(50.0, 120.0),
                consumer: None,
                return_pressure_pa: Some(return_pressure_pa),
            };
        }
    }
    UnbalancedCity { network, spoilt, station_pumps }
}

fn of_kind(network: &Network, wanted: impl Fn(&LinkKind) -> bool) -> Vec<LinkId> {
    network.links().filter(|view| wanted(&view.link.kind)).map(|view| view.handle).collect()
}

/// Three points around the one of design, with efficiencies.
fn pump(dice: &mut Dice, flow_kg_s: f64, head_m: f64, role: PumpRole) -> Pump {
    let flow_m3_h = 3600.0 * flow_kg_s / DENSITY_KG_M3;
    let best = dice.between(0.7, 0.82);
    let point = |flow: f64, head: f64, efficiency: f64| PumpPoint {
        flow_m3_h: flow * flow_m3_h,
        head_m: head * head_m,
        efficiency: Some(efficiency * best),
    };
    Pump {
        curve: vec![point(0.0, 1.25, 0.3), point(0.5, 1.17, 0.8), point(1.0, 1.0, 1.0), point(1.6, 0.6, 0.85)],
        speed: if role == PumpRole::Distributed { dice.between(0.5, 1.0) } else { 1.0 },
        motor_efficiency: Some(0.93),
        role,
        ..Pump::default()
    }
}

/// More than half of the smaller isolating valves of the return are balancing valves, at any opening.
fn balancing_valves(network: &mut Network, dice: &mut Dice) {
    for link in of_kind(network, |kind| matches!(kind, LinkKind::Valve(valve) if valve.kind == ValveKind::Isolating)) {
        if !network.link_name(link).starts_with("VR") || !dice.chance(0.6) {
            continue;
        }
        let Some(LinkKind::Valve(valve)) = network.link_mut(link).map(|link| &mut link.kind) else { continue };
        let Some(diameter_m) = valve.diameter_m else { continue };
        let dn = 1e3 * diameter_m;
        valve.kind = if dice.chance(0.8) { ValveKind::Balancing } else { ValveKind::Control };
        // Usual of valves with measuring nipples: some 37 m³/h at DN 50, growing with the area.
        valve.kv_m3_h = dice.chance(0.85).then_some(0.015 * dn * dn);
        valve.characteristic = match dice.below(4) {
            0 => Characteristic::EqualPercentage { rangeability: dice.between(30.0, 50.0) },
            1 => Characteristic::QuickOpening,
            2 => Characteristic::Table { points: vec![[0.25, 0.1], [0.5, 0.35], [0.75, 0.7], [1.0, 1.0]] },
            _ => Characteristic::Linear,
        };
        valve.condition = ValveCondition::Operable;
        valve.opening = dice.between(0.35, 1.0);
    }
}

/// The link of this kind that the water of a station comes or goes by.
fn beside(network: &Network, node: NodeId, wanted: impl Fn(&LinkKind) -> bool) -> Option<LinkId> {
    network.links_at(node).into_iter().find(|&link| network.link(link).is_some_and(|link| wanted(&link.kind)))
}

fn spoil(network: &mut Network, station: LinkId, what: Spoilt) -> bool {
    let Some((supply, back)) = network.ends(station) else { return false };
    match what {
        Spoilt::NarrowLateral => {
            let Some(pipe) = beside(network, supply, |kind| matches!(kind, LinkKind::Pipe(_))) else { return false };
            let Some(LinkKind::Pipe(pipe)) = network.link_mut(pipe).map(|link| &mut link.kind) else { return false };
            pipe.inner_diameter_m *= 0.4;
        }
        Spoilt::SmallValve => {
            let Some(LinkKind::Consumer(consumer)) = network.link_mut(station).map(|link| &mut link.kind) else {
                return false;
            };
            consumer.kv_open_m3_h = consumer.kv_open_m3_h.map(|kv| 0.12 * kv);
        }
        Spoilt::StuckValve => {
            // Behind the pipe of its lateral.
            let Some(pipe) = beside(network, back, |kind| matches!(kind, LinkKind::Pipe(_))) else { return false };
            let Some((from, to)) = network.ends(pipe) else { return false };
            let far = if from == back { to } else { from };
            let Some(valve) = beside(network, far, |kind| matches!(kind, LinkKind::Valve(_))) else { return false };
            let Some(LinkKind::Valve(valve)) = network.link_mut(valve).map(|link| &mut link.kind) else { return false };
            valve.condition = ValveCondition::Stuck;
            valve.opening = 0.04;
            valve.characteristic = Characteristic::Linear;
        }
        Spoilt::WeakPumps => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_city_and_every_way_of_spoiling_occurs() {
        let cities: Vec<UnbalancedCity> = (0..60).map(|seed| unbalanced(seed, 8)).collect();
        assert!(cities[7].network.same_as(&unbalanced(7, 8).network));
        for what in [Spoilt::NarrowLateral, Spoilt::SmallValve, Spoilt::StuckValve, Spoilt::WeakPumps] {
            assert!(cities.iter().any(|city| city.spoilt.iter().any(|(done, _)| *done == what)), "{what:?}");
        }
        let by_hand = |city: &UnbalancedCity| {
            city.network.links().filter(|view| view.consumer().is_some_and(|c| c.hand_opening.is_some())).count()
        };
        assert!(cities.iter().all(|city| by_hand(city) > 0));
        assert!(cities.iter().any(|city| city.station_pumps));
    }
}
