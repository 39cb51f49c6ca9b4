//! Pressure references that contradict each other.

use super::super::problem::{Element, Hold, Problem};
use super::core::Core;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::network::finding::FindingValue;
use crate::network::{Code, ElementRef, Finding, Network, Severity};

/// Given pressures closer than this count as equal, Pa.
const EQUAL_PA: f64 = 1.0;
/// Exchange between two make-ups that counts as nothing, relative to the largest flow.
const EXCHANGE_SHARE: f64 = 1e-6;

/// Reports contradictions. Gives whether there are none that make the answer wrong.
pub fn check(
    network: &Network,
    problem: &Problem,
    structure: &Structure,
    core: &Core,
    state: &mut HydraulicState,
) -> bool {
    let mut good = true;
    let fixers = fixers(network, problem);
    for pair in fixers.windows(2) {
        if pair[0].node == pair[1].node && (pair[0].pressure_pa - pair[1].pressure_pa).abs() > EQUAL_PA {
            state.findings.push(contradiction(pair[1].element.clone(), pair[0].element.clone()));
            good = false;
        }
    }
    let rises = |link: u32| {
        core.node_offset[problem.to[link as usize] as usize] - core.node_offset[problem.from[link as usize] as usize]
    };
    for &link in &structure.contraction.redundant {
        let wanted = match problem.elements[link as usize] {
            Element::Source(row) => problem.sources[row as usize],
            _ => continue,
        };
        let held = match wanted.hold {
            Hold::Rise(rise) => rise,
            _ => continue,
        };
        if (rises(link) - held).abs() > EQUAL_PA {
            let element = network.link_ref(problem.link_handles[link as usize]);
            let other = other_side(network, problem, structure, link, &fixers);
            state.findings.push(contradiction(element, other));
            good = false;
        }
    }
    good &= supply_pressures(network, problem, structure, core, state, &fixers);
    exchange(problem, state, &fixers);
    good
}

/// Supply pressures to be held at one place, or where the pressure is given anyway.
fn supply_pressures(
    network: &Network,
    problem: &Problem,
    structure: &Structure,
    core: &Core,
    state: &mut HydraulicState,
    fixers: &[Fixer],
) -> bool {
    let representative = &structure.contraction.representative;
    let ground = representative.len() as u32 - 1;
    let mut held: Vec<(u32, f64, ElementRef)> = Vec::new();
    let mut good = true;
    for source in &problem.sources {
        let Hold::SupplyPressure(set_pa) = source.hold else { continue };
        let node = problem.to[source.link as usize] as usize;
        let set_pa = set_pa - core.node_offset[node];
        let element = network.link_ref(problem.link_handles[source.link as usize]);
        let tied = representative[problem.from[source.link as usize] as usize] == representative[node];
        let missing_pa = set_pa + core.node_offset[node] - state.pressure_pa[node];
        let other = if tied && representative[node] != ground {
            // Something else holds the difference of its ends.
            (missing_pa.is_nan() || missing_pa.abs() > EQUAL_PA)
                .then(|| other_side(network, problem, structure, source.link, fixers))
        } else if representative[node] == ground {
            (set_pa.abs() > EQUAL_PA)
                .then(|| fixers.first().map_or_else(ElementRef::network, |fixer| fixer.element.clone()))
        } else {
            held.iter()
                .find(|(root, other_pa, _)| *root == representative[node] && (other_pa - set_pa).abs() > EQUAL_PA)
                .map(|(_, _, element)| element.clone())
        };
        if let Some(other) = other {
            state.findings.push(contradiction(element.clone(), other));
            good = false;
        }
        held.push((representative[node], set_pa, element));
    }
    good
}

struct Fixer {
    node: u32,
    pressure_pa: f64,
    element: ElementRef,
    closed_network: bool,
}

/// Everything that fixes the pressure of a node without limit, in node order.
fn fixers(network: &Network, problem: &Problem) -> Vec<Fixer> {
    let boundaries = problem.boundaries.iter().filter(|row| row.capacity_kg_s.is_infinite()).map(|row| Fixer {
        node: row.node,
        pressure_pa: row.pressure_pa,
        element: network.node_ref(problem.node_handles[row.node as usize]),
        closed_network: row.make_up,
    });
    let sources = problem.sources.iter().filter_map(|source| {
        Some(Fixer {
            node: problem.from[source.link as usize],
            pressure_pa: source.return_pressure_pa?,
            element: network.link_ref(problem.link_handles[source.link as usize]),
            closed_network: true,
        })
    });
    let mut all: Vec<Fixer> = boundaries.chain(sources).collect();
    all.sort_by_key(|fixer| fixer.node);
    all
}

fn contradiction(element: ElementRef, other: ElementRef) -> Finding {
    Finding::new(Code::ContradictoryReferences, element)
        .with("other", FindingValue::Element(other.clone()))
        .others(vec![other])
}

/// What already holds the difference that a redundant source wants to hold.
fn other_side(network: &Network, problem: &Problem, structure: &Structure, link: u32, fixers: &[Fixer]) -> ElementRef {
    use super::contraction::Via;
    let (from, to) = (problem.from[link as usize], problem.to[link as usize]);
    let by_source = structure.contraction.steps.iter().find_map(|step| match step.via {
        Via::Forward(other) | Via::Backward(other) if step.child == to || step.child == from => Some(other),
        _ => None,
    });
    match by_source {
        Some(other) => network.link_ref(problem.link_handles[other as usize]),
        None => {
            fixers.iter().find(|fixer| fixer.node == to).map_or_else(ElementRef::network, |fixer| fixer.element.clone())
        }
    }
}

/// Two make-ups of one closed part: what one feeds in, the other lets out.
fn exchange(problem: &Problem, state: &mut HydraulicState, fixers: &[Fixer]) {
    if fixers.iter().filter(|fixer| fixer.closed_network).count() < 2 {
        return;
    }
    let mut surplus = vec![0.0; problem.node_count()];
    for link in 0..problem.link_count() {
        surplus[problem.from[link] as usize] -= state.mass_flow_kg_s[link];
        surplus[problem.to[link] as usize] += state.mass_flow_kg_s[link];
    }
    let limit = EXCHANGE_SHARE * state.largest_flow_kg_s;
    let closed = || fixers.iter().filter(|fixer| fixer.closed_network);
    let takes = |fixer: &&Fixer| surplus[fixer.node as usize] - problem.demand_kg_s[fixer.node as usize];
    let out = closed().max_by(|a, b| takes(a).total_cmp(&takes(b)));
    let fed = closed().min_by(|a, b| takes(a).total_cmp(&takes(b)));
    if let (Some(out), Some(fed)) = (out, fed)
        && takes(&out) > limit
        && takes(&fed) < -limit
    {
        let finding = contradiction(fed.element.clone(), out.element.clone());
        state.findings.push(finding.severe(Severity::Warning));
    }
}
