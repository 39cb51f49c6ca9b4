//! Other plans than the one proposed: with fewer valves, sooner shut, and for the case that its valves do not hold.
//!
//! Each by tracing alone, with the users it cuts off by tracing as well.

use super::closing::alone_s;
use super::isolation::{Broken, Isolation, Isolator};
use super::response::{Alternative, Fallback, Merit, Request, Ring};
use super::restore::drained_m3;
use super::ways::{Reliance, Ways};
use crate::network::{LinkId, Network};

/// The plan and the best in other respects, each once. `lost` counts the consumers a plan cuts off, and their heat.
pub fn alternatives(
    network: &Network,
    request: &Request,
    broken: &Broken,
    isolator: &Isolator<'_>,
    plan: &Isolation,
    lost: &dyn Fn(&Isolation) -> (usize, f64),
) -> Vec<Alternative> {
    let time_s = |link: LinkId| alone_s(network, &request.crews, link);
    let mut plans = vec![
        (Merit::FewestUsers, plan.clone()),
        (Merit::FewestValves, isolator.fewest(&|_| true)),
        (Merit::Soonest, isolator.soonest(&|_| true, &time_s)),
    ];
    if !request.reliance.trust_unknown {
        let reliance = Reliance { trust_unknown: true, ..request.reliance.clone() };
        let ways = Ways::new(network, &reliance);
        plans.push((Merit::IfUnknownHold, Isolator::new(network, &ways, broken).nearest(&|_| true)));
    }
    let mut out: Vec<Alternative> = Vec::new();
    for (merit, plan) in plans {
        if let Some(known) = out.iter_mut().find(|known| known.plan.valves == plan.valves) {
            if merit != Merit::IfUnknownHold {
                known.merits.push(merit);
            }
            continue;
        }
        let shut_s = plan.valves.iter().map(|&link| time_s(link)).fold(0.0, f64::max);
        let (cut_off, cut_off_w) = lost(&plan);
        let (supply_m3, return_m3) = drained_m3(network, &plan.zone, &broken.links);
        let drained_m3 = supply_m3 + return_m3;
        out.push(Alternative { merits: vec![merit], plan, shut_s, cut_off, cut_off_w, drained_m3 });
    }
    out
}

/// What to do if one valve of the plan does not move, for each in turn.
pub fn fallbacks(
    isolator: &Isolator<'_>,
    plan: &Isolation,
    lost: &dyn Fn(&Isolation) -> (usize, f64),
) -> Vec<Fallback> {
    let (base, base_w) = lost(plan);
    plan.valves
        .iter()
        .map(|&valve| {
            let other = isolator.nearest(&|link| link != valve);
            let (cut_off, cut_off_w) = lost(&other);
            Fallback {
                valve,
                instead: other.valves.iter().copied().filter(|link| !plan.valves.contains(link)).collect(),
                more_cut_off: cut_off.saturating_sub(base),
                more_cut_off_w: (cut_off_w - base_w).max(0.0),
                stops_sources: other.stopped_sources.len() > plan.stopped_sources.len(),
            }
        })
        .collect()
}

/// The ring of valves to close if none of the plan's moves.
pub fn outer_ring(
    isolator: &Isolator<'_>,
    plan: &Isolation,
    lost: &dyn Fn(&Isolation) -> (usize, f64),
) -> Option<Ring> {
    if plan.valves.is_empty() {
        return None;
    }
    let (base, base_w) = lost(plan);
    let outer = isolator.nearest(&|link| !plan.valves.contains(&link));
    let (cut_off, cut_off_w) = lost(&outer);
    Some(Ring {
        plan: outer,
        more_cut_off: cut_off.saturating_sub(base),
        more_cut_off_w: (cut_off_w - base_w).max(0.0),
    })
}
