//! The waves of closing one valve: the main before it and behind it by the method of characteristics, and two-speed closing.
//!
//! The bound of [`super::closing`] knows neither the friction that slows the water by itself nor the branches that swallow a
//! wave nor how much of the stroke throttles at all; on a long main it asks for hours. Where it finds a limit passed, the way
//! to the next feed and the way to the break are cut into reaches and calculated ([`crate::physics::characteristics`]):
//! lengths, sections, flows and losses of the solved state after the burst, what branches off as endless pipes, feed and
//! break holding their pressures. If the waves keep nominal and vapour pressure, the valve may be closed as planned. If not,
//! closing at two speeds is tried: four fifths of the stroke quickly, where hardly anything is throttled, the rest slowly; the
//! quickest that holds is proposed. Not here: waves that meet from two valves closing at once.

use super::ways::{Passage, Ways};
use crate::network::{LinkId, LinkView, Network, NodeId};
use crate::physics::characteristics::{Line, Main, Reach};
use crate::physics::surge::{BULK_MODULUS_WATER_PA, ELASTICITY_STEEL_PA, Restraint, wave_speed_m_s};
use crate::physics::water::{ATMOSPHERE_PA, density_kg_m3, saturation_pressure_pa};
use crate::solver::Solution;

/// Mains shorter than this are left to the bound, m.
const LONG_MAIN_M: f64 = 500.0;
/// Reaches on the longer side.
const REACHES: usize = 32;
/// Closing times beyond so many reflections are slow enough for the bound.
const MOST_REFLECTIONS: f64 = 400.0;
/// Share of the stroke that is closed quickly.
const QUICK_STROKE: f64 = 0.8;
/// Shares of the whole time for the quick part, and whole times over that of the plan, which are tried.
const QUICK_TIMES: [f64; 3] = [0.25, 0.4, 0.8];
const SLOWER: [f64; 12] = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 16.0, 25.0, 40.0, 60.0, 100.0];
const GRAVITY_M_S2: f64 = 9.81;

/// Closing at two speeds that keeps both limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoSpeed {
    /// Share of the stroke of the first part.
    pub quick_share: f64,
    pub quick_s: f64,
    pub slow_s: f64,
    pub highest_pa: f64,
    pub lowest_pa: f64,
}

/// What the waves of closing a valve reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MainWaves {
    /// Greatest pressure before the valve anywhere along the main, closing as planned; lowest behind it.
    pub highest_pa: f64,
    pub lowest_pa: f64,
    /// Keeps nominal pressure, and brings no water to boil that did not boil already.
    pub safe: bool,
    /// Length of main that was calculated, m.
    pub length_m: f64,
    /// Where closing as planned is not safe: what is; `None` where none of those tried is.
    pub two_speed: Option<TwoSpeed>,
}

/// What the closing of a valve is held against.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub nominal_pa: Option<f64>,
    pub temperature_c: f64,
    /// The water behind the valve boils before it is touched.
    pub boils_already: bool,
}

/// The waves of closing `valve` in `closing_s`, in the solved state after the burst; `None` where the main is short, stands
/// still, or its course is not known.
pub fn main_waves(
    network: &Network,
    ways: &Ways,
    valve: &LinkView<'_>,
    burst: &Solution,
    breaks: &[usize],
    closing_s: f64,
    limits: Limits,
) -> Option<MainWaves> {
    let flow_kg_s = burst.link(valve.handle)?.mass_flow_kg_s;
    let (before, behind) = if flow_kg_s >= 0.0 { (valve.from, valve.to) } else { (valve.to, valve.from) };
    let density = density_kg_m3(limits.temperature_c, 1.0e6);
    let up = route(network, ways, burst, before, valve.handle, true, |node| ways.is_fed(node));
    let down = route(network, ways, burst, behind, valve.handle, false, |node| breaks.contains(&node));
    let course = Course { network, burst, density, level_m: network.node(before)?.z_m };
    let (up, down) = (course.pipes(&up, before)?, course.pipes(&down, behind)?);
    let travel_s = |pipes: &[Piece]| pipes.iter().map(|piece| piece.travel_s).sum::<f64>();
    let length_m = up.iter().map(|piece| piece.length_m).sum::<f64>();
    let longest_s = travel_s(&up).max(travel_s(&down));
    let flow_kg_s = flow_kg_s.abs();
    if length_m < LONG_MAIN_M || flow_kg_s <= 0.0 || closing_s > MOST_REFLECTIONS * 2.0 * longest_s {
        return None;
    }
    let step_s = longest_s / REACHES as f64;
    let vapour_pa = saturation_pressure_pa(limits.temperature_c) - ATMOSPHERE_PA;
    // The far ends hold what the solved state has there; steady losses lead back to the pressures at the valve.
    let (high_pa, low_pa) = (course.head_pa(before)?, course.head_pa(behind)?);
    let main = Main {
        upstream: course.line(&up, step_s, flow_kg_s, vapour_pa, high_pa, true),
        downstream: course.line(&down, step_s, flow_kg_s, vapour_pa, low_pa, false),
        valve_resistance: (high_pa - low_pa).max(1.0) / flow_kg_s.powi(2),
        step_s,
    };
    let tail_s = 4.0 * longest_s;
    let judge = |movement: &[(f64, f64)], whole_s: f64| {
        let waves = main.run(movement, whole_s + tail_s);
        let highest_pa = waves.upstream_pa.iter().map(|[high, _]| *high).fold(f64::NEG_INFINITY, f64::max);
        let lowest_pa = waves.downstream_pa.iter().map(|[_, low]| *low).fold(f64::INFINITY, f64::min);
        let safe =
            limits.nominal_pa.is_none_or(|limit_pa| highest_pa <= limit_pa) && (limits.boils_already || !waves.boiled);
        (highest_pa, lowest_pa, safe)
    };
    let (highest_pa, lowest_pa, safe) = judge(&[(closing_s, 0.0)], closing_s);
    let mut two_speed = None;
    if !safe {
        'slower: for times in SLOWER {
            let whole_s = closing_s * times;
            if whole_s > MOST_REFLECTIONS * 2.0 * longest_s {
                break;
            }
            for quick in QUICK_TIMES {
                let quick_s = quick * whole_s;
                let (highest_pa, lowest_pa, safe) = judge(&[(quick_s, 1.0 - QUICK_STROKE), (whole_s, 0.0)], whole_s);
                if safe {
                    let slow_s = whole_s - quick_s;
                    two_speed = Some(TwoSpeed { quick_share: QUICK_STROKE, quick_s, slow_s, highest_pa, lowest_pa });
                    break 'slower;
                }
            }
        }
    }
    Some(MainWaves { highest_pa, lowest_pa, safe, length_m, two_speed })
}

/// Pipes from a node to the nearest one that is `there`, by length, against the water (upstream) or with it; empty where
/// none is found.
fn route(
    network: &Network,
    ways: &Ways,
    burst: &Solution,
    start: NodeId,
    but: LinkId,
    against: bool,
    there: impl Fn(usize) -> bool,
) -> Vec<LinkId> {
    let mut best = vec![f64::INFINITY; ways.node_bound()];
    let mut came: Vec<Option<(LinkId, usize)>> = vec![None; ways.node_bound()];
    let mut open = std::collections::BinaryHeap::from([(std::cmp::Reverse(0u64), start.index())]);
    best[start.index()] = 0.0;
    while let Some((std::cmp::Reverse(millimetres), node)) = open.pop() {
        let here_m = millimetres as f64 / 1000.0;
        if here_m > best[node] + 0.001 {
            continue;
        }
        if there(node) {
            let mut way = Vec::new();
            let mut at = node;
            while let Some((link, next)) = came[at] {
                way.push(link);
                at = next;
            }
            way.reverse();
            return way;
        }
        for &link in ways.links_at(node) {
            if link == but || matches!(ways.passage(link), Passage::Shut | Passage::Source) {
                continue;
            }
            let Some(view) = network.link_view(link).filter(|view| view.consumer().is_none()) else { continue };
            // Only along the water that the valve stops.
            let flow = burst.link(link).map_or(0.0, |state| state.mass_flow_kg_s);
            let leaves = if view.from.index() == node { flow > 0.0 } else { flow < 0.0 };
            let next = ways.across(link, node);
            let length_m = here_m + view.pipe().map_or(0.0, |pipe| pipe.length_m);
            if leaves != against && flow != 0.0 && length_m + 0.001 < best[next] {
                best[next] = length_m;
                came[next] = Some((link, node));
                open.push((std::cmp::Reverse((length_m * 1000.0) as u64), next));
            }
        }
    }
    Vec::new()
}

/// A pipe on the way, from the valve outwards.
#[derive(Clone, Copy, Debug)]
struct Piece {
    length_m: f64,
    travel_s: f64,
    impedance: f64,
    drop_pa: f64,
    flow_kg_s: f64,
    /// Admittance of what branches off at its far end.
    branch: f64,
    /// Height of its far end over the valve, as pressure.
    height_pa: f64,
}

struct Course<'a> {
    network: &'a Network,
    burst: &'a Solution,
    density: f64,
    level_m: f64,
}

impl Course<'_> {
    fn height_pa(&self, node: NodeId) -> f64 {
        self.network.node(node).map_or(0.0, |node| (node.z_m - self.level_m) * self.density * GRAVITY_M_S2)
    }

    /// Piezometric pressure, at the height of the valve.
    fn head_pa(&self, node: NodeId) -> Option<f64> {
        let pressure_pa = self.burst.node(node)?.pressure_pa;
        pressure_pa.is_finite().then(|| pressure_pa + self.height_pa(node))
    }

    /// Wave speed and section of a pipe.
    fn speed_and_area(&self, link: LinkId) -> Option<(f64, f64)> {
        let view = self.network.link_view(link)?;
        let pipe = view.pipe()?;
        let wall_m = 0.5 * (pipe.outer_diameter_m - pipe.inner_diameter_m);
        let speed = wave_speed_m_s(
            self.density,
            BULK_MODULUS_WATER_PA,
            pipe.inner_diameter_m,
            wall_m,
            ELASTICITY_STEEL_PA,
            Restraint::Anchored,
        );
        let area_m2 = 0.25 * std::f64::consts::PI * pipe.inner_diameter_m * pipe.inner_diameter_m;
        (wall_m > 0.0 && speed > 0.0 && area_m2 > 0.0).then_some((speed, area_m2))
    }

    /// The pipes of a way; `None` where one of them has no wall.
    fn pipes(&self, way: &[LinkId], start: NodeId) -> Option<Vec<Piece>> {
        let mut out = Vec::new();
        let mut at = start;
        let mut passed_pa = 0.0;
        for (number, &link) in way.iter().enumerate() {
            let view = self.network.link_view(link)?;
            let far = if view.from == at { view.to } else { view.from };
            let state = self.burst.link(link)?;
            at = far;
            let drop_pa = state.pressure_drop_pa.abs() + passed_pa;
            let Some(pipe) = view.pipe() else {
                // A valve or pump on the way is a loss without length.
                passed_pa = if drop_pa.is_finite() { drop_pa } else { 0.0 };
                continue;
            };
            passed_pa = 0.0;
            let (speed, area_m2) = self.speed_and_area(link)?;
            let next = way.get(number + 1);
            let aside = self.network.links_at(far).into_iter().filter(|&other| other != link && Some(&other) != next);
            let branch = aside.filter_map(|other| self.speed_and_area(other)).map(|(a, area)| area / a).sum();
            out.push(Piece {
                length_m: pipe.length_m,
                travel_s: pipe.length_m / speed,
                impedance: speed / area_m2,
                drop_pa,
                flow_kg_s: state.mass_flow_kg_s.abs(),
                branch,
                height_pa: self.height_pa(far),
            });
        }
        Some(out)
    }

    /// A line of equal travel times; `near_pa` is the piezometric pressure at the valve in the steady state.
    fn line(
        &self,
        pieces: &[Piece],
        step_s: f64,
        flow_kg_s: f64,
        vapour_pa: f64,
        near_pa: f64,
        upstream: bool,
    ) -> Line {
        let whole_s: f64 = pieces.iter().map(|piece| piece.travel_s).sum();
        let reaches = (whole_s / step_s).round() as usize;
        let sign = if upstream { 1.0 } else { -1.0 };
        if reaches == 0 {
            return Line { held_pa: near_pa, vapour_pa: vec![vapour_pa], ..Line::default() };
        }
        // From the valve outwards: each reach takes its share of the pieces it lies on.
        let mut list = vec![Reach { impedance: 0.0, resistance: 0.0, flow_kg_s: 0.0 }; reaches];
        let mut drop_pa = vec![0.0; reaches];
        let mut branches = vec![0.0; reaches + 1];
        let mut vapour = vec![vapour_pa; reaches + 1];
        let scale = reaches as f64 / whole_s;
        let mut at = 0.0;
        for piece in pieces {
            let (start, end) = (at * scale, (at + piece.travel_s) * scale);
            for (i, reach) in list.iter_mut().enumerate() {
                let overlap = (end.min(i as f64 + 1.0) - start.max(i as f64)).max(0.0);
                if overlap > 0.0 {
                    reach.impedance += overlap * piece.impedance;
                    reach.flow_kg_s += overlap * piece.flow_kg_s;
                    drop_pa[i] += overlap / (end - start) * piece.drop_pa;
                }
            }
            at += piece.travel_s;
            let point = ((at * scale).round() as usize).min(reaches);
            if point < reaches {
                branches[point] += piece.branch;
            }
            for height in &mut vapour[(start.round() as usize).min(reaches)..=point] {
                *height = vapour_pa + piece.height_pa;
            }
        }
        // At the valve runs what runs through it; farther out what the branches take comes on top.
        list[0].flow_kg_s = flow_kg_s;
        for (reach, drop_pa) in list.iter_mut().zip(&drop_pa) {
            if reach.flow_kg_s > 0.0 {
                reach.resistance = drop_pa / reach.flow_kg_s.powi(2);
            }
        }
        let losses_pa: f64 = list.iter().map(|reach| reach.resistance * reach.flow_kg_s.powi(2)).sum();
        if upstream {
            list.reverse();
            branches.reverse();
            vapour.reverse();
        }
        Line { held_pa: near_pa + sign * losses_pa, reaches: list, branches, vapour_pa: vapour }
    }
}
