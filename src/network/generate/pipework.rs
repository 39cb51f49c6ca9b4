//! Lays the mains: junctions at crossings, trenches along streets, valves in chambers, laterals to the substations, and
//! the lines from the plants.
//!
//! Sizes are read off design flows; the pressure every source must give follows from the worst way through its tree.

use super::draft::{Draft, Junction, LATERAL, Trench};
use super::geometry::{Point, add, between, distance, scaled, sub, unit};
use super::mains::{Laid, Mains};
use super::names::Title;
use super::plan::Plan;
use super::plants::Plant;
use super::sizing::{self, Limits};
use super::substations::Substation;
use super::{SUPPLY_C, inserted, rounded};
use crate::network::attributes::Attribute;
use crate::network::catalogue::NominalPipe;
use crate::network::{
    Connection, Consumer, Demand, Drive, Link, LinkKind, Name, Notes, Source, SourceControl, SourceKind, Valve,
    ValveKind,
};

/// Everything the pipework is laid from.
pub(super) struct Design<'a> {
    pub(super) plan: &'a Plan,
    pub(super) plants: &'a [Plant],
    pub(super) stations: &'a [Substation],
    pub(super) mains: &'a Mains,
    pub(super) streets: &'a [Title],
    pub(super) station_titles: &'a [Title],
    pub(super) plant_titles: &'a [Title],
}

/// Where substations and sources came to lie.
pub(super) struct Laying {
    pub(super) stations: Vec<Junction>,
    pub(super) plants: Vec<Junction>,
    /// Junctions of mains with the chamber's size: places for pressure sensors.
    pub(super) chambers: Vec<Junction>,
    /// Ids of the supply pipe of each plant.
    pub(super) plant_pipes: Vec<Name>,
    pub(super) lowest_z_m: f64,
    pub(super) highest_z_m: f64,
}

/// Distance after which a main gets a sectioning valve (distribution mains: 1 to 1.5 km).
const SECTION_M: f64 = 1000.0;
/// Pipe axis below ground.
const DEPTH_M: f64 = 1.5;

struct Work<'a, 'b> {
    design: &'a Design<'a>,
    draft: &'a mut Draft<'b>,
    limits: Limits,
    at: Vec<Option<Junction>>,
    /// Pressure lost one way from the plant to a crossing.
    loss_pa: Vec<f64>,
    /// Way since the last sectioning valve.
    since_m: Vec<f64>,
    root: Vec<usize>,
    worst_pa: Vec<f64>,
    out: Laying,
    bypasses: usize,
}

/// Lays everything and adds sources and consumers.
pub(super) fn lay(design: &Design, draft: &mut Draft) -> Laying {
    let count = design.plan.crossings.len();
    let mut root: Vec<usize> = (0..count).collect();
    for &crossing in &design.mains.order {
        root[crossing] = root[design.mains.parent[crossing]];
    }
    let limits = Limits {
        // Main mains 30 to 70 Pa/m; the longer the way, the wider the pipes.
        loss_pa_m: (300_000.0 / (2.0 * design.mains.longest_m.max(1.0))).clamp(30.0, 70.0),
        velocity_m_s: 3.0,
        smallest_dn: 125,
    };
    let mut work = Work {
        design,
        draft,
        limits,
        at: vec![None; count],
        loss_pa: vec![0.0; count],
        since_m: vec![0.0; count],
        root,
        worst_pa: vec![0.0; count],
        out: Laying {
            stations: Vec::new(),
            plants: Vec::new(),
            chambers: Vec::new(),
            plant_pipes: Vec::new(),
            lowest_z_m: f64::INFINITY,
            highest_z_m: f64::NEG_INFINITY,
        },
        bypasses: 0,
    };
    work.crossings();
    let mut stations = vec![None; design.stations.len()];
    let mut rank = vec![usize::MAX; count];
    for (number, &crossing) in design.mains.order.iter().enumerate() {
        rank[crossing] = number;
    }
    let mut streets: Vec<usize> = (0..design.plan.streets.len())
        .filter(|&street| design.mains.laid[street] != Laid::Stub || !design.mains.along[street].is_empty())
        .collect();
    streets.sort_by_key(|&street| (rank[design.mains.fed_from[street]], street));
    for street in streets {
        work.street(street, &mut stations);
    }
    work.out.stations = stations.into_iter().flatten().collect();
    work.sources();
    work.out
}

impl Work<'_, '_> {
    fn note_height(&mut self, z_m: f64) {
        self.out.lowest_z_m = self.out.lowest_z_m.min(z_m);
        self.out.highest_z_m = self.out.highest_z_m.max(z_m);
    }

    /// Elevation of the pipe axis under a point of the map.
    fn axis_m(&self, at: Point) -> f64 {
        rounded(self.draft.ground_m(at) - DEPTH_M)
    }

    fn crossings(&mut self) {
        let Design { plan, mains, streets, .. } = self.design;
        for &crossing in &mains.order {
            let here = plan.crossings[crossing];
            let along = match mains.feeder[crossing] {
                Some(_) => sub(here, plan.crossings[mains.parent[crossing]]),
                None => [1.0, 0.0],
            };
            let with_pipes: Vec<usize> = plan.streets_at[crossing]
                .iter()
                .copied()
                .filter(|&street| {
                    mains.laid[street] != Laid::Stub
                        || (!mains.along[street].is_empty() && mains.fed_from[street] == crossing)
                })
                .collect();
            let on_bridge = plan.streets_at[crossing].iter().all(|&street| plan.streets[street].bridge);
            // On a bridge the pipes hang under the deck, some metres over the water.
            let z_m = if on_bridge { rounded(self.draft.ground_m(here) + 5.0) } else { self.axis_m(here) };
            let chamber = (with_pipes.len() >= 3).then(|| {
                let mut lines: Vec<usize> =
                    plan.streets_at[crossing].iter().map(|&street| plan.streets[street].line).collect();
                lines.sort_unstable();
                lines.dedup();
                let names: Vec<&str> = lines.iter().take(2).map(|&line| streets[line].chinese.as_str()).collect();
                self.draft.chamber(here, format!("{}井室", names.join("与")), 3.2)
            });
            let junction = self.draft.junction(here, along, z_m, chamber.clone());
            self.note_height(z_m);
            if chamber.is_some() {
                self.out.chambers.push(junction.clone());
            }
            self.at[crossing] = Some(junction);
        }
    }

    /// Whether a street's pipe begins with a valve at a crossing.
    fn valve_at(&self, street: usize, crossing: usize) -> bool {
        let Design { plan, mains, .. } = self.design;
        match mains.laid[street] {
            Laid::Tie | Laid::Loop => true,
            Laid::Stub => mains.along[street].len() > 1,
            Laid::Tree if mains.fed_from[street] != crossing => false,
            Laid::Tree => {
                let largest = plan.streets_at[crossing]
                    .iter()
                    .copied()
                    .filter(|&other| mains.laid[other] == Laid::Tree && mains.fed_from[other] == crossing)
                    .max_by(|&a, &b| mains.entering_kg_s[a].total_cmp(&mains.entering_kg_s[b]).then(b.cmp(&a)));
                let on_bridge = plan.streets_at[crossing].iter().all(|&s| plan.streets[s].bridge);
                let full = self.since_m[crossing] + plan.streets[street].length_m > SECTION_M;
                // Both banks of a bridge can be shut off.
                !on_bridge && (largest != Some(street) || full || plan.streets[street].bridge)
            }
        }
    }

    fn year(&mut self, at: Point) -> u16 {
        let plan = self.design.plan;
        let outward = (distance(at, plan.centre) / plan.radius_m.max(1.0)).min(1.0);
        // The middle was piped first and partly renewed since.
        if self.draft.dice.chance(0.18) {
            2012 + self.draft.dice.below(13) as u16
        } else {
            (1987.0 + 26.0 * outward + self.draft.dice.between(-2.0, 5.0)) as u16
        }
    }

    fn street(&mut self, index: usize, stations: &mut [Option<Junction>]) {
        let Design { plan, mains, streets, .. } = self.design;
        let street = &plan.streets[index];
        let first = mains.fed_from[index];
        let last = street.ends[0] + street.ends[1] - first;
        let (here, there) = (plan.crossings[first], plan.crossings[last]);
        let Some(start) = self.at[first].clone() else { return };
        let year = self.year(between(here, there, 0.5));
        let through = if mains.laid[index] == Laid::Tree { 0.0 } else { mains.through_kg_s[index] };
        let mut flow = mains.entering_kg_s[index];
        let smallest_dn = if mains.laid[index] == Laid::Stub { 100 } else { self.limits.smallest_dn };
        let limits = Limits { smallest_dn, ..self.limits };
        let size_for = |flow: f64| sizing::smallest_within(flow.max(through), limits);

        let mut size = size_for(flow);
        let with_valve = self.valve_at(index, first);
        let mut at = if with_valve {
            let kind = if size.dn >= 250 { ValveKind::Sectioning } else { ValveKind::Isolating };
            self.draft.valves(&start, there, kind, size.dn)
        } else {
            start
        };
        let mut loss_pa = self.loss_pa[first];
        let title = &streets[street.line].chinese;
        let mut chamber_number = 0;
        for &station in &mains.along[index] {
            let share = self.design.stations[station].share;
            let place = between(plan.crossings[street.ends[0]], plan.crossings[street.ends[1]], share).map(rounded);
            let apart_m = distance(at.at, place);
            let branch = if apart_m < 6.0 && chamber_number > 0 {
                // Two substations opposite each other share a chamber.
                at.clone()
            } else {
                chamber_number += 1;
                let chamber = self.draft.chamber(place, format!("{title}{}号井", self.out.chambers.len() + 1), 2.6);
                let z_m = self.axis_m(place);
                self.note_height(z_m);
                let next = self.draft.junction(place, sub(there, here), z_m, Some(chamber));
                self.out.chambers.push(next.clone());
                loss_pa += self.pipe(&at, &next, size, flow, 1.0, year, street.bridge);
                next
            };
            stations[station] = Some(self.lateral(&branch, station, loss_pa, self.root[first], year));
            flow = (flow - self.design.stations[station].mass_flow_kg_s).max(0.0);
            size = size_for(flow.max(1e-3));
            at = branch;
        }
        if mains.laid[index] == Laid::Stub {
            if mains.along[index].len() > 1 {
                self.bypass(&at);
            }
            return;
        }
        let Some(end) = self.at[last].clone() else { return };
        let end = if self.valve_at(index, last) && matches!(mains.laid[index], Laid::Tie | Laid::Loop) {
            let kind = if size.dn >= 250 { ValveKind::Sectioning } else { ValveKind::Isolating };
            self.draft.valves(&end, here, kind, size.dn)
        } else {
            end
        };
        let reversed = mains.laid[index] != Laid::Tree && mains.arriving_kg_s[last] > mains.arriving_kg_s[first];
        let (a, b) = if reversed { (&end, &at) } else { (&at, &end) };
        loss_pa += self.pipe(a, b, size, flow, 1.5, year, street.bridge);
        if mains.laid[index] == Laid::Tree {
            self.loss_pa[last] = loss_pa;
            self.since_m[last] = if with_valve { 0.0 } else { self.since_m[first] } + street.length_m;
        }
    }

    /// A trench with bends and compensators by its length; returns what it loses at design flow.
    fn pipe(
        &mut self,
        a: &Junction,
        b: &Junction,
        size: NominalPipe,
        flow_kg_s: f64,
        fittings: f64,
        year: u16,
        bridge: bool,
    ) -> f64 {
        let length_m = distance(a.at, b.at).max(1.0);
        let zeta = ((fittings + length_m / 120.0) * 10.0).round() / 10.0;
        self.draft.trench(a, b, Trench { size, zeta, year, bridge });
        sizing::specific_loss_pa_m(flow_kg_s, &size) * length_m + sizing::fitting_loss_pa(flow_kg_s, &size, zeta)
    }

    fn lateral(&mut self, branch: &Junction, index: usize, loss_pa: f64, root: usize, year: u16) -> Junction {
        let station = &self.design.stations[index];
        let flow = station.mass_flow_kg_s;
        let size = sizing::smallest_within(flow, LATERAL);
        let behind = self.draft.valves(branch, station.at, ValveKind::Isolating, size.dn);
        let z_m = rounded(self.draft.ground_m(station.at) - 0.8);
        self.note_height(z_m);
        let end = self.draft.junction(station.at, sub(station.at, branch.at), z_m, None);
        let loss_pa = loss_pa + self.pipe(&behind, &end, size, flow, 2.5, year, false);
        self.worst_pa[root] = self.worst_pa[root].max(2.0 * loss_pa + station.required_pa);

        let title = &self.design.station_titles[index];
        // Fully open, half of the required pressure is enough for the design flow: Δp[bar] = (Q/Kv)²·ρ/1000.
        let flow_m3_h = flow / sizing::DENSITY_KG_M3 * 3600.0;
        let kv = flow_m3_h * (sizing::DENSITY_KG_M3 / 1000.0 / (0.5 * station.required_pa * 1e-5)).sqrt();
        let street = self.design.plan.streets[station.street].line;
        let consumer = Consumer {
            demand: Demand::Heat { heat_w: station.heat_w },
            return_temperature_c: station.return_c,
            connection: Connection::Indirect,
            kv_open_m3_h: Some((kv * 10.0).round() / 10.0),
            hand_opening: None,
            station: None,
            secondary: None,
            required_pressure_pa: Some(station.required_pa),
            priority: station.priority,
            heated_area_m2: Some(station.area_m2.round()),
            households: Some(station.households),
            people: Some(station.people),
            address: self.design.streets[street].chinese.clone(),
            shut: false,
        };
        let link = Link { kind: LinkKind::Consumer(Box::new(consumer)), notes: notes(title) };
        inserted(self.draft.network.insert_link(station_id(index), end.nodes[0], end.nodes[1], link));
        end
    }

    /// A closed warm-keeping connection at the end of a branch main.
    fn bypass(&mut self, at: &Junction) {
        self.bypasses += 1;
        let valve = Valve {
            kind: ValveKind::Bypass,
            diameter_m: Some(0.04),
            opening: 0.0,
            drive: Drive::Manual,
            ..Valve::default()
        };
        let chamber = self.draft.network.node(at.nodes[0]).and_then(|node| node.chamber.clone());
        self.draft.valve(format!("BP{:03}", self.bypasses), at.nodes, valve, chamber);
    }

    fn sources(&mut self) {
        let design = self.design;
        let highest_m = self.out.highest_z_m;
        for (number, plant) in design.plants.iter().enumerate() {
            let Some(root) = self.at[plant.crossing].clone() else { continue };
            let flow = design.mains.arriving_kg_s[plant.crossing];
            let size = sizing::smallest_within(flow.max(1.0), Limits { loss_pa_m: 50.0, ..self.limits });
            let z_m = self.axis_m(plant.at);
            self.note_height(z_m);
            let towards = sub(root.at, plant.at);
            let end = self.draft.junction(plant.at, towards, z_m, None);
            let near = add(plant.at, scaled(unit(towards), 26.0)).map(rounded);
            let name = format!("{}出口井室", design.plant_titles[number].chinese);
            let chamber = self.draft.chamber(near, name, 3.5);
            let near_z_m = self.axis_m(near);
            let gate = self.draft.junction(near, towards, near_z_m, Some(chamber));
            let year = if number == 0 { 1989 } else { 2016 };
            let mut loss_pa = self.pipe(&end, &gate, size, flow, 2.0, year, false);
            self.out.plant_pipes.push(self.draft.last_supply_pipe());
            let behind = self.draft.valves(&gate, root.at, ValveKind::Sectioning, size.dn);
            loss_pa += self.pipe(&behind, &root, size, flow, 2.0, year, false);

            let worst_pa = self.worst_pa[plant.crossing] + 2.0 * loss_pa;
            let rise_pa = (worst_pa * 1.1 / 1e4).ceil() * 1e4;
            let control = if number == 0 {
                // The highest point of the return keeps 120 kPa with the pumps stopped and running.
                let return_pa = ((120_000.0 + (highest_m - z_m).max(0.0) * 9650.0) / 1e4).ceil() * 1e4;
                SourceControl::Reference { return_pressure_pa: return_pa, pressure_rise_pa: rise_pa }
            } else {
                SourceControl::PressureRise { pressure_rise_pa: rise_pa }
            };
            let heat_w = flow * sizing::HEAT_CAPACITY_J_KGK * (SUPPLY_C - 50.0);
            let source = Source {
                control,
                supply_temperature_c: SUPPLY_C,
                kind: plant.kind,
                capacity_w: Some((1.3 * heat_w / 1e7).ceil() * 1e7),
                minimum_heat_w: (plant.kind == SourceKind::CombinedHeatAndPower)
                    .then(|| (0.25 * heat_w / 1e6).round() * 1e6),
                maximum_flow_kg_s: Some((1.4 * flow / 10.0).ceil() * 10.0),
                pumps: None,
                store: None,
                exchanger: None,
                plant: None,
                running: true,
            };
            let link = Link { kind: LinkKind::Source(Box::new(source)), notes: notes(&design.plant_titles[number]) };
            inserted(self.draft.network.insert_link(source_id(number), end.nodes[1], end.nodes[0], link));
            self.out.plants.push(end);
        }
    }
}

pub(super) fn station_id(index: usize) -> String {
    format!("ST{:03}", index + 1)
}

pub(super) fn source_id(number: usize) -> String {
    format!("HS{:02}", number + 1)
}

fn notes(title: &Title) -> Option<Box<Notes>> {
    let attributes = [("name_en".to_owned(), Attribute::Text(title.latin.clone()))].into_iter().collect();
    Some(Box::new(Notes { name: title.chinese.clone(), chamber: None, attributes }))
}
