//! Trials: a network whose true state is known, instruments with noise on it, a fault or a leak put in, and what the
//! estimator makes of it. Everything follows from a seed.
//!
//! The truth is a solve of the network with other demands, return temperatures and, if wanted, other roughnesses than the
//! estimator is told, and with ordinary losses of water. It moves from minute to minute. Instruments are those that the
//! standard's appendices A and C list for sources and substations (flow, heat, temperature and pressure on both sides,
//! make-up) and pressures in a share of the chambers.

use std::f64::consts::PI;
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;

use crate::live::{Limits, Observed, Quality, Readings, Sample, Tag, TagId, TagTable, Timestamp};
use crate::network::edit::Edit;
use crate::network::{Demand, ElementKind, ElementRef, LinkId, LinkKind, Name, Network, NodeId, Side, SourceControl};
use crate::solver::{Options as SolveOptions, Solution, Solver};
use crate::units::Quantity;

use super::{Error, Estimate, Estimator, Options};

/// How far pressures are off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PressureNoise {
    /// Share of a span of 1.6 MPa.
    OfSpan(f64),
    OfReading(f64),
}

/// What is measured, and how well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setup {
    /// Share of substations with instruments, and of chambers with two pressures.
    pub stations: f64,
    pub chambers: f64,
    /// Standard deviations: of flow and heat as a share of the reading, of pressure, of temperature.
    pub flow_share: f64,
    pub pressure: PressureNoise,
    pub temperature_k: f64,
    /// Standard deviation of the logarithm of every pipe's true roughness against the one the estimator is told.
    pub roughness: f64,
    /// Minutes before anything happens, and after.
    pub before: u32,
    pub after: u32,
}

impl Default for Setup {
    /// Instruments as the standard asks for, 5 % of the chambers, 2 % on flow, 0.5 % of span on pressure, 0.3 K.
    fn default() -> Self {
        Setup {
            stations: 1.0,
            chambers: 0.05,
            flow_share: 0.02,
            pressure: PressureNoise::OfSpan(0.005),
            temperature_k: 0.3,
            roughness: 0.0,
            before: 12,
            after: 5,
        }
    }
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Happening {
    /// Nothing: whatever is named is a false alarm.
    Nothing,
    /// One instrument reads 10 % too much or too little.
    Gross,
    /// One instrument stops moving.
    Stuck,
    /// Supply and return of one pair are swapped.
    Swapped,
    /// A leak of this share of circulation.
    Leak(f64),
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Instruments that were made wrong.
    pub wrong: Vec<Name>,
    /// Of them, those that were named, and the minutes it took to name all.
    pub found: usize,
    pub minutes_to_name: Option<u32>,
    /// Whether it was said what is wrong with them.
    pub kind_right: bool,
    /// Healthy instruments that were named at any time.
    pub false_names: Vec<Name>,
    /// A leak was called.
    pub minutes_to_leak: Option<u32>,
    /// Distance of the true place from the middle of each candidate at the end, m, and their probabilities.
    pub candidate_m: Vec<(f64, f64)>,
    /// Water lost, by truth and by estimate, kg/s.
    pub leak_kg_s: [f64; 2],
    /// Errors of the estimated available pressure where it is not measured, Pa, and the deviations given for them.
    pub unmeasured: Vec<(f64, f64)>,
    /// The same for flows of pipes, kg/s.
    pub flows: Vec<(f64, f64)>,
    pub converged: bool,
}

/// Chance: uniform and normal numbers.
struct Dice(ChaCha8Rng);

impl Dice {
    fn new(seed: u64, purpose: u64) -> Dice {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(purpose);
        Dice(stream)
    }

    /// Uniform in 0 < x < 1.
    fn share(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        (-2.0 * self.share().ln()).sqrt() * (2.0 * PI * self.share()).cos()
    }

    fn below(&mut self, count: usize) -> usize {
        ((self.share() * count as f64) as usize).min(count.saturating_sub(1))
    }
}

/// The tags of a network under a setup. Which stations and chambers have instruments follows from the seed.
pub fn instruments(network: &Network, solution: &Solution, setup: &Setup, seed: u64) -> TagTable {
    let mut dice = Dice::new(seed, 1);
    let mut table = TagTable::default();
    let mut add = |element: &ElementRef, observed: Observed, quantity: Quantity, deviation_si: Option<f64>| {
        let name: Name = format!("{}.{observed:?}", element.id).into();
        // Ids are unique and so are these names; a second one of the same is the same instrument.
        let _ = table.add(Tag {
            name,
            device: "".into(),
            element: Some(element.clone()),
            observed,
            quantity,
            period_ms: 60_000,
            range: None,
            limits: Limits::default(),
            deviation_si,
        });
    };
    let pressure = |node: NodeId| {
        let reading = solution.node(node).map_or(0.0, |state| state.pressure_pa);
        Some(match setup.pressure {
            PressureNoise::OfSpan(share) => share * 1.6e6,
            PressureNoise::OfReading(share) => (share * reading).abs().max(100.0),
        })
    };
    for view in network.links() {
        let (supply, back) = match &view.link.kind {
            LinkKind::Source(source) if source.running => (view.to, view.from),
            LinkKind::Consumer(consumer) if !consumer.shut && dice.share() < setup.stations => (view.from, view.to),
            _ => continue,
        };
        let element = view.element();
        let flow = solution.link(view.handle).map_or(1.0, |state| state.mass_flow_kg_s.abs());
        let heat = flow * 4200.0 * 60.0;
        add(&element, Observed::MassFlow, Quantity::MassFlow, Some(setup.flow_share * flow));
        add(&element, Observed::Heat, Quantity::Heat, Some(setup.flow_share * heat));
        for (observed, node) in [(Observed::SupplyPressure, supply), (Observed::ReturnPressure, back)] {
            add(&element, observed, Quantity::Pressure, pressure(node));
        }
        for observed in [Observed::SupplyTemperature, Observed::ReturnTemperature] {
            add(&element, observed, Quantity::Temperature, Some(setup.temperature_k));
        }
        if let LinkKind::Source(source) = &view.link.kind
            && matches!(source.control, SourceControl::Reference { .. })
        {
            add(&element, Observed::MakeUpFlow, Quantity::MassFlow, None);
        }
    }
    for (id, chamber) in chamber_nodes(network) {
        if dice.share() < setup.chambers {
            let element = ElementRef::new(ElementKind::Chamber, id);
            add(&element, Observed::SupplyPressure, Quantity::Pressure, pressure(chamber[0]));
            add(&element, Observed::ReturnPressure, Quantity::Pressure, pressure(chamber[1]));
        }
    }
    table
}

/// Chambers with a node of each side: the first of that side in it.
fn chamber_nodes(network: &Network) -> Vec<(Name, [NodeId; 2])> {
    network
        .chambers()
        .keys()
        .filter_map(|id| {
            let find = |wanted: Side| {
                let own = network.nodes().filter(|(_, _, node)| node.chamber.as_deref() == Some(id)).map(|(n, ..)| n);
                let linked = network
                    .links()
                    .filter(|view| view.link.notes.as_ref().and_then(|notes| notes.chamber.as_deref()) == Some(id))
                    .flat_map(|view| [view.from, view.to]);
                own.chain(linked).find(|node| network.node(*node).is_some_and(|node| node.side == wanted))
            };
            Some((id.clone(), [find(Side::Supply)?, find(Side::Return)?]))
        })
        .collect()
}

/// The true network: what the estimator is not told.
struct Truth {
    network: Network,
    solver: Solver,
    solution: Solution,
    base: Vec<(LinkId, ElementRef, f64)>,
    level: Vec<f64>,
    dice: Dice,
}

impl Truth {
    fn new(network: &Network, setup: &Setup, seed: u64) -> Truth {
        let mut dice = Dice::new(seed, 2);
        let mut own = network.clone();
        let mut base = Vec::new();
        for view in network.links() {
            match &view.link.kind {
                LinkKind::Consumer(consumer) if !consumer.shut => {
                    let factor = (0.1 * dice.normal()).clamp(-0.3, 0.3).exp();
                    let element = view.element();
                    if let Demand::Heat { heat_w } = consumer.demand {
                        base.push((view.handle, element.clone(), heat_w * factor));
                    }
                    let return_c = consumer.return_temperature_c + (1.5 * dice.normal()).clamp(-4.0, 4.0);
                    apply(&mut own, &element, "return_temperature_c", json!(return_c));
                }
                LinkKind::Pipe(pipe) if setup.roughness > 0.0 => {
                    let roughness_m = pipe.roughness_m * (setup.roughness * dice.normal()).exp();
                    apply(&mut own, &view.element(), "roughness_m", json!(roughness_m));
                }
                _ => {}
            }
        }
        let design: f64 =
            base.iter().map(|(_, _, heat_w)| heat_w).sum::<f64>() / (4200.0 * 60.0) * (0.001 + 0.002 * dice.share());
        let nodes: Vec<Name> =
            network.nodes().filter(|(_, _, node)| node.side != Side::Single).map(|(_, id, _)| id.clone()).collect();
        for id in &nodes {
            let element = ElementRef::new(ElementKind::Node, id.clone());
            apply(&mut own, &element, "demand_kg_s", json!(design / nodes.len() as f64));
        }
        let level = vec![0.0; base.len()];
        let mut truth = Truth { network: own, solver: Solver::new(), solution: Solution::default(), base, level, dice };
        truth.step();
        truth
    }

    /// One minute on: demands wander.
    fn step(&mut self) {
        for ((_, element, heat_w), level) in self.base.iter().zip(&mut self.level) {
            *level = 0.98 * *level + 0.003 * self.dice.normal();
            let demand = Demand::Heat { heat_w: heat_w * (1.0 + *level) };
            apply(&mut self.network, element, "demand", json!(demand));
        }
        let options =
            SolveOptions { judge: false, tolerance: 1e-7, temperature_tolerance_k: 1e-4, ..Default::default() };
        self.solver.solve_into(&self.network, &options, &mut self.solution);
    }

    fn circulation_kg_s(&self) -> f64 {
        self.solution.sources.iter().map(|source| source.mass_flow_kg_s.abs()).sum()
    }

    /// Opens a hole somewhere, by chance in proportion to length; gives its place on the map.
    fn leak(&mut self, share: f64, dice: &mut Dice) -> [f64; 2] {
        let pipes: Vec<(LinkId, f64)> = self
            .network
            .links()
            .filter_map(|view| Some((view.handle, view.pipe()?.length_m)))
            .filter(|(link, _)| self.solution.link(*link).is_some_and(|state| state.mass_flow_kg_s != 0.0))
            .collect();
        let total: f64 = pipes.iter().map(|(_, length)| length).sum();
        let mut at = dice.share() * total;
        let mut chosen = pipes.first().map(|(link, _)| *link);
        for &(link, length) in &pipes {
            chosen = Some(link);
            if at <= length {
                break;
            }
            at -= length;
        }
        let Some(view) = chosen.and_then(|link| self.network.link_view(link)) else { return [f64::NAN; 2] };
        let position = dice.share();
        let place = |node: NodeId| self.network.node(node).map_or([f64::NAN; 2], |node| [node.x_m, node.y_m]);
        let pressure = |node: NodeId| self.solution.node(node).map_or(0.0, |state| state.pressure_pa);
        let (a, b) = (place(view.from), place(view.to));
        let inside = pressure(view.from) + position * (pressure(view.to) - pressure(view.from));
        let wanted = share * self.circulation_kg_s();
        let area_m2 = wanted / (0.6 * (2.0 * 960.0 * inside.max(1e4)).sqrt());
        let element = view.element();
        let leaks = json!([{ "position": position, "hole_area_m2": area_m2, "discharge_coefficient": 0.6 }]);
        apply(&mut self.network, &element, "leaks", leaks);
        std::array::from_fn(|i| a[i] + position * (b[i] - a[i]))
    }
}

/// A change of the true network. What cannot be applied leaves it as it is: then that is the truth.
fn apply(network: &mut Network, element: &ElementRef, field: &str, value: serde_json::Value) {
    let _ = Edit::set(element.clone(), field, value).apply(network);
}

/// One trial on a network.
///
/// # Errors
/// What makes the network unusable for the solver.
pub fn run(
    network: &Arc<Network>,
    setup: &Setup,
    happening: Happening,
    options: &Options,
    seed: u64,
) -> Result<Outcome, Vec<crate::network::Finding>> {
    let mut truth = Truth::new(network, setup, seed);
    let tags = Arc::new(instruments(network, &truth.solution, setup, seed));
    let mut estimator = Estimator::with_options(network.clone(), tags.clone(), options.clone())?;
    let mut dice = Dice::new(seed, 3);
    let fault = Fault::draw(&tags, happening, &mut dice);
    let mut outcome = Outcome { wrong: fault.names(&tags), ..Outcome::default() };
    let mut noise = Dice::new(seed, 4);
    let mut values = vec![f64::NAN; tags.len()];
    let mut held: Option<Vec<f64>> = None;
    let mut leak_at = None;
    let mut last = None;
    for minute in 0..setup.before + setup.after {
        if minute > 0 {
            truth.step();
        }
        let begun = minute >= setup.before;
        if minute == setup.before
            && let Happening::Leak(share) = happening
        {
            leak_at = Some(truth.leak(share, &mut dice));
            truth.step();
        }
        let readings = Readings::new(&truth.network, tags.iter().map(|(_, tag)| tag));
        readings.read_into(&truth.network, &truth.solution, &mut values);
        for ((_, tag), value) in tags.iter().zip(&mut values) {
            let deviation = tag.deviation_si.unwrap_or((setup.flow_share * value.abs()).max(0.005));
            *value += deviation * noise.normal();
        }
        if begun {
            fault.spoil(&mut values, &mut held);
        } else {
            held = Some(values.clone());
        }
        let now = Timestamp::from_ms(i64::from(minute) * 60_000);
        let samples: Vec<Sample> = tags
            .iter()
            .zip(&values)
            .map(|((tag, _), &value)| Sample {
                tag,
                source_time: now,
                arrival_time: now,
                value,
                quality: Quality::Good,
            })
            .collect();
        let estimate = estimator.estimate(&samples, now);
        outcome.judge(&tags, &fault, &estimate, begun.then(|| minute - setup.before + 1));
        last = Some(estimate);
    }
    if let Some(estimate) = last {
        outcome.measure(network, &truth, &tags, &estimate, leak_at);
    }
    Ok(outcome)
}

/// What is done to the values.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    Factor(TagId, f64),
    Hold(TagId),
    Swap(TagId, TagId),
}

impl Fault {
    fn draw(tags: &TagTable, happening: Happening, dice: &mut Dice) -> Fault {
        let all: Vec<(TagId, &Tag)> = tags.iter().collect();
        let any = |dice: &mut Dice| all[dice.below(all.len())].0;
        match happening {
            Happening::Nothing | Happening::Leak(_) => Fault::None,
            _ if all.is_empty() => Fault::None,
            Happening::Gross => {
                let tag = any(dice);
                Fault::Factor(tag, if dice.share() < 0.5 { 1.1 } else { 0.9 })
            }
            Happening::Stuck => Fault::Hold(any(dice)),
            Happening::Swapped => {
                let pairs: Vec<(TagId, TagId)> = all
                    .iter()
                    .filter_map(|(id, tag)| {
                        let partner = match tag.observed {
                            Observed::SupplyPressure => Observed::ReturnPressure,
                            Observed::SupplyTemperature => Observed::ReturnTemperature,
                            _ => return None,
                        };
                        let same =
                            |other: &&(TagId, &Tag)| other.1.element == tag.element && other.1.observed == partner;
                        Some((*id, all.iter().find(same)?.0))
                    })
                    .collect();
                match pairs.get(dice.below(pairs.len())) {
                    Some(&(a, b)) => Fault::Swap(a, b),
                    None => Fault::None,
                }
            }
        }
    }

    fn tags(&self) -> Vec<TagId> {
        match *self {
            Fault::None => Vec::new(),
            Fault::Factor(tag, _) | Fault::Hold(tag) => vec![tag],
            Fault::Swap(a, b) => vec![a, b],
        }
    }

    fn names(&self, tags: &TagTable) -> Vec<Name> {
        self.tags().iter().filter_map(|id| tags.get(*id)).map(|tag| tag.name.clone()).collect()
    }

    fn spoil(&self, values: &mut [f64], held: &mut Option<Vec<f64>>) {
        match *self {
            Fault::None => {}
            Fault::Factor(tag, factor) => values[tag.index()] *= factor,
            Fault::Hold(tag) => {
                if let Some(held) = held {
                    values[tag.index()] = held[tag.index()];
                }
            }
            Fault::Swap(a, b) => values.swap(a.index(), b.index()),
        }
    }
}

impl Outcome {
    fn judge(&mut self, tags: &TagTable, fault: &Fault, estimate: &Estimate, minute: Option<u32>) {
        let wrong = if minute.is_some() { fault.tags() } else { Vec::new() };
        self.found = 0;
        self.kind_right = !wrong.is_empty();
        for suspect in &estimate.suspects {
            if wrong.contains(&suspect.tag) {
                self.found += 1;
                let right = match (fault, suspect.error) {
                    (Fault::Factor(..), Error::Offset(_)) | (Fault::Hold(_), Error::Stuck(_) | Error::Offset(_)) => {
                        true
                    }
                    (Fault::Swap(a, b), Error::Swapped(other)) => other == *a || other == *b,
                    _ => false,
                };
                self.kind_right &= right;
            } else if let Some(tag) = tags.get(suspect.tag)
                && !self.false_names.contains(&tag.name)
            {
                self.false_names.push(tag.name.clone());
            }
        }
        if !wrong.is_empty() && self.found == wrong.len() && self.minutes_to_name.is_none() {
            self.minutes_to_name = minute;
        }
        if estimate.leak.is_some() && self.minutes_to_leak.is_none() {
            // Before anything has happened: minute 0.
            self.minutes_to_leak = Some(minute.unwrap_or(0));
        }
        self.converged = estimate.converged;
    }

    fn measure(
        &mut self,
        network: &Network,
        truth: &Truth,
        tags: &TagTable,
        estimate: &Estimate,
        leak_at: Option<[f64; 2]>,
    ) {
        let measured: Vec<&Name> =
            tags.iter().filter_map(|(_, tag)| tag.element.as_ref()).map(|element| &element.id).collect();
        let mut places: Vec<[NodeId; 2]> = chamber_nodes(network)
            .into_iter()
            .filter(|(id, _)| !measured.contains(&id))
            .map(|(_, ends)| ends)
            .collect();
        places.extend(
            network
                .links()
                .filter(|view| view.consumer().is_some_and(|consumer| !consumer.shut) && !measured.contains(&view.id))
                .map(|view| [view.from, view.to]),
        );
        let available = |solution: &Solution, ends: &[NodeId; 2]| {
            Some(solution.node(ends[0])?.pressure_pa - solution.node(ends[1])?.pressure_pa)
        };
        for ends in &places {
            let (Some(wanted), Some(got)) = (available(&truth.solution, ends), available(&estimate.solution, ends))
            else {
                continue;
            };
            let deviation = ends
                .iter()
                .filter_map(|node| estimate.nodes.get(node.index()))
                .map(|belief| belief.pressure.deviation)
                .fold(0.0, f64::hypot);
            self.unmeasured.push((got - wanted, deviation));
        }
        for view in network.links().filter(|view| view.pipe().is_some()) {
            let (Some(wanted), Some(got)) = (truth.solution.link(view.handle), estimate.solution.link(view.handle))
            else {
                continue;
            };
            let deviation = estimate.links.get(view.handle.index()).map_or(f64::NAN, |belief| belief.flow.deviation);
            self.flows.push((got.mass_flow_kg_s - wanted.mass_flow_kg_s, deviation));
        }
        if let Some(place) = leak_at {
            let lost: f64 = truth.solution.leaks.iter().map(|leak| leak.mass_flow_kg_s).sum();
            self.leak_kg_s = [lost, estimate.leak.as_ref().map_or(0.0, |leak| leak.mass_flow_kg_s)];
            let candidates = estimate.leak.iter().flat_map(|leak| &leak.candidates);
            for candidate in candidates {
                let Some((from, to)) = network.ends(candidate.link) else { continue };
                let middle = |axis: fn(&crate::network::Node) -> f64| {
                    let of = |node| network.node(node).map_or(f64::NAN, axis);
                    0.5 * (of(from) + of(to))
                };
                let (x_m, y_m) = (middle(|node| node.x_m), middle(|node| node.y_m));
                self.candidate_m.push(((x_m - place[0]).hypot(y_m - place[1]), candidate.probability));
            }
        }
    }
}
