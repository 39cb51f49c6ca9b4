//! The JSON answer of `burst`. Times count from the alarm, in seconds; every element by its id.

use serde_json::{Value, json};

use crate::emergency::burst::{BurstState, Hole, Spill};
use crate::emergency::closing::ClosingTask;
use crate::emergency::cooldown::{BuildingClock, WATCHED_C};
use crate::emergency::impact::{Impact, Loss};
use crate::emergency::isolation::Isolation;
use crate::emergency::response::{Alternative, Fallback, Merit};
use crate::emergency::resupply::{Action, Rejected, Resupply};
use crate::emergency::shedding::Shedding;
use crate::emergency::{Break, Response};
use crate::network::{Finding, LinkId, Network, NodeId};
use crate::text::Language;
use crate::units::DisplayUnits;

/// Ids of links, in their order.
pub(super) fn ids(network: &Network, links: &[LinkId]) -> Vec<String> {
    links.iter().map(|&link| network.link_name(link).to_string()).collect()
}

fn node_ids(network: &Network, nodes: &[NodeId]) -> Vec<String> {
    nodes.iter().map(|&node| network.node_name(node).to_string()).collect()
}

/// `null` where it is not a number.
fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

/// The answer to a break as JSON text with a final newline.
pub fn json(network: &Network, response: &Response, language: Language) -> String {
    let value = json!({
        "solved": response.before.converged,
        "breaks": response.breaks.iter().map(|broken| broken_form(network, broken)).collect::<Vec<_>>(),
        "outdoor_temperature_c": response.outdoor_c,
        "repair_s": response.repair_s,
        "burst": response.burst.as_ref().map(|state| burst_form(network, state)),
        "isolation": {
            "plan": plan_form(network, &response.plan),
            "order": response.tasks.iter().map(|task| task_form(network, task)).collect::<Vec<_>>(),
            "shut_s": response.shut_s,
            "spilt_m3": response.spilt_m3.map(number),
            "drained_m3": number(response.drained_m3),
            "unknown_valves": ids(network, &response.unknown_valves),
            "flooded_valves": ids(network, &response.flooded_valves),
            "outer_ring": response.outer_ring.as_ref().map(|ring| json!({
                "plan": plan_form(network, &ring.plan),
                "more_cut_off": ring.more_cut_off,
                "more_cut_off_w": number(ring.more_cut_off_w),
            })),
            "alternatives": response.alternatives.iter().map(|a| alternative_form(network, a)).collect::<Vec<_>>(),
            "fallbacks": response.fallbacks.iter().map(|f| fallback_form(network, f)).collect::<Vec<_>>(),
        },
        "impact": response.impact.as_ref().map(|impact| impact_form(network, impact, language)),
        "clocks": clocks_form(network, response, &response.clocks),
        "resupply": resupply_form(network, &response.resupply, language),
        "shedding": response.shedding.as_ref().map(|shedding| shedding_form(network, shedding)),
        "temporary_boilers": response.temporary_boilers.iter().map(|boiler| json!({
            "at": &*network.link_name(boiler.at),
            "consumers": boiler.consumers,
            "protected": boiler.protected,
            "least_w": number(boiler.least_w),
            "missing_w": number(boiler.missing_w),
        })).collect::<Vec<_>>(),
        "clocks_resupplied": clocks_form(network, response, &response.clocks_resupplied),
        "restore": {
            "supply_volume_m3": response.restore.supply_volume_m3,
            "return_volume_m3": response.restore.return_volume_m3,
            "fill_kg_s": number(response.restore.fill_kg_s),
            "fill_s": number(response.restore.fill_s),
            "open": ids(network, &response.restore.valves),
            "vents": node_ids(network, &response.restore.vents),
            "drains": node_ids(network, &response.restore.drains),
            "drain_chambers": response.restore.drain_chambers.iter().map(|id| &**id).collect::<Vec<_>>(),
            "vent_chambers": response.restore.vent_chambers.iter().map(|id| &**id).collect::<Vec<_>>(),
            "arrivals": response.restore.arrivals.iter()
                .map(|(link, at_s)| json!({ "consumer": &*network.link_name(*link), "hot_after_s": number(*at_s) }))
                .collect::<Vec<_>>(),
            "rooms": response.restore.rooms.iter()
                .map(|(building, after_s)| json!({ "building": &**building, "warm_after_s": after_s }))
                .collect::<Vec<_>>(),
        },
        "problems": problems(&response.before.findings, language),
    });
    format!("{value:#}\n")
}

/// Findings in the form every JSON answer has them.
pub(super) fn problems(findings: &[Finding], language: Language) -> Vec<Value> {
    let units = DisplayUnits::default();
    findings
        .iter()
        .map(|finding| {
            json!({
                "severity": finding.severity.word(),
                "code": finding.code.word(),
                "element": &*finding.element.id,
                "message": finding.message(language, &units),
                "help": finding.help(language, &units),
            })
        })
        .collect()
}

fn shedding_form(network: &Network, shedding: &Shedding) -> Value {
    json!({
        "accident_share": shedding.accident_share,
        "below_accident_share": shedding.below_accident_share,
        "balanced": shedding.balanced,
        "given_w": number(shedding.given_w),
        "capacity_w": number(shedding.capacity_w),
        "solves": shedding.solves,
        "reductions": shedding.reductions.iter().map(|reduction| json!({
            "consumer": &*network.link_name(reduction.consumer),
            "priority": reduction.priority,
            "share": reduction.share,
            "heat_before_w": number(reduction.before_w),
        })).collect::<Vec<_>>(),
    })
}

fn broken_form(network: &Network, broken: &Break) -> Value {
    let hole = match broken.hole {
        Hole::FullBore => json!("full-bore"),
        Hole::Area { area_m2 } => json!({ "area_m2": area_m2 }),
    };
    json!({ "element": &*network.link_name(broken.link), "position": broken.position, "hole": hole })
}

fn burst_form(network: &Network, state: &BurstState) -> Value {
    json!({
        "at_once": state.at_once.as_ref().map(|spill| spill_form(network, spill)),
        "make_up_exhausted": state.exhausted.as_ref().map(|spill| spill_form(network, spill)),
        "make_up_capacity_kg_s": number(state.make_up_capacity_kg_s),
        "make_up_assumed": state.make_up_assumed,
        "tripping_sources": ids(network, &state.tripping),
    })
}

fn spill_form(network: &Network, spill: &Spill) -> Value {
    json!({
        "outflow_kg_s": number(spill.mass_flow_kg_s()),
        "outflows": spill.outflows.iter().map(|outflow| json!({
            "pipe": &*network.link_name(outflow.link),
            "mass_flow_kg_s": number(outflow.mass_flow_kg_s),
            "pressure_pa": number(outflow.pressure_pa),
        })).collect::<Vec<_>>(),
        "boiling_nodes": node_ids(network, &spill.boiling),
        "drained_nodes": node_ids(network, &spill.drained),
        "short_consumers": ids(network, &spill.short),
        "iterations": spill.solution.report.iterations,
    })
}

fn plan_form(network: &Network, plan: &Isolation) -> Value {
    json!({
        "close": ids(network, &plan.valves),
        "optional": ids(network, &plan.optional),
        "stop_sources": ids(network, &plan.stopped_sources),
        "stop_feeds": node_ids(network, &plan.stopped_feeds),
    })
}

fn task_form(network: &Network, task: &ClosingTask) -> Value {
    json!({
        "valve": &*network.link_name(task.valve),
        "optional": task.optional,
        "chamber": task.chamber.as_deref(),
        "flow_kg_s": number(task.flow_kg_s),
        "remote": task.remote,
        "crew": task.crew.map(|crew| crew + 1),
        "travel_s": task.travel_s,
        "closing_s": task.closing_s,
        "closing_assumed": task.closing_assumed,
        "begins_s": task.begins_s,
        "shut_s": task.shut_s,
        "surge": task.surge.map(|surge| json!({
            "rise_pa": number(surge.rise_pa),
            "highest_pa": number(surge.highest_pa),
            "nominal_pa": surge.nominal_pa,
            "lowest_pa": number(surge.lowest_pa),
            "vapour_pa": number(surge.vapour_pa),
            "reflection_s": number(surge.reflection_s),
            "safe": surge.is_safe(),
            "slower_s": surge.slower_s,
            "waves": surge.waves.map(|waves| json!({
                "highest_pa": number(waves.highest_pa),
                "lowest_pa": number(waves.lowest_pa),
                "safe": waves.safe,
                "length_m": number(waves.length_m),
                "two_speed": waves.two_speed.map(|two| json!({
                    "quick_share": two.quick_share,
                    "quick_s": number(two.quick_s),
                    "slow_s": number(two.slow_s),
                    "highest_pa": number(two.highest_pa),
                    "lowest_pa": number(two.lowest_pa),
                })),
            })),
        })),
    })
}

fn alternative_form(network: &Network, alternative: &Alternative) -> Value {
    let merits: Vec<&str> = alternative
        .merits
        .iter()
        .map(|merit| match merit {
            Merit::FewestUsers => "fewest-users",
            Merit::FewestValves => "fewest-valves",
            Merit::Soonest => "soonest",
            Merit::IfUnknownHold => "if-unknown-hold",
        })
        .collect();
    json!({
        "merits": merits,
        "plan": plan_form(network, &alternative.plan),
        "shut_s": number(alternative.shut_s),
        "cut_off": alternative.cut_off,
        "cut_off_w": number(alternative.cut_off_w),
        "drained_m3": number(alternative.drained_m3),
    })
}

fn fallback_form(network: &Network, fallback: &Fallback) -> Value {
    json!({
        "valve": &*network.link_name(fallback.valve),
        "close_instead": ids(network, &fallback.instead),
        "more_cut_off": fallback.more_cut_off,
        "more_cut_off_w": number(fallback.more_cut_off_w),
        "stops_sources": fallback.stops_sources,
    })
}

/// The stable word of a loss.
pub(super) const fn loss_word(loss: Loss) -> &'static str {
    match loss {
        Loss::CutOff => "cut-off",
        Loss::PressureShort => "pressure-short",
        Loss::TooCold => "too-cold",
        Loss::HeatShort => "heat-short",
    }
}

fn impact_form(network: &Network, impact: &Impact, language: Language) -> Value {
    let totals = impact.totals;
    json!({
        "converged": impact.solution.converged,
        "iterations": impact.solution.report.iterations,
        "totals": {
            "consumers": totals.consumers,
            "cut_off": totals.cut_off,
            "below_accident_share": totals.below_accident_share,
            "buildings": totals.buildings,
            "households": totals.households,
            "people": totals.people,
            "heated_area_m2": totals.heated_area_m2,
            "lost_w": number(totals.lost_w),
            "hospitals": totals.hospitals,
            "schools": totals.schools,
            "care_homes": totals.care_homes,
        },
        "hand_overs": impact.hand_overs.iter().map(|hand_over| json!({
            "source": &*network.link_name(hand_over.source),
            "return_pressure_pa": hand_over.return_pressure_pa,
            "pressure_rise_pa": hand_over.pressure_rise_pa,
        })).collect::<Vec<_>>(),
        "consumers": impact.consumers.iter().map(|consumer| json!({
            "consumer": &*network.link_name(consumer.consumer),
            "loss": loss_word(consumer.loss),
            "share": consumer.share,
            "heat_before_w": number(consumer.before_w),
            "priority": consumer.priority,
        })).collect::<Vec<_>>(),
        "problems": problems(&impact.news, language),
    })
}

fn clocks_form(network: &Network, response: &Response, clocks: &[BuildingClock]) -> Value {
    let below = clocks.iter().filter(|clock| clock.too_cold(response.repair_s)).count();
    json!({
        "watched_c": WATCHED_C,
        "below_lowest_before_repair": below,
        "buildings": clocks.iter().map(|clock| json!({
            "building": &*clock.building,
            "consumer": &*network.link_name(clock.consumer),
            "priority": clock.priority,
            "share": clock.supplied_share,
            "start_c": clock.start_c,
            "time_constant_h": clock.time_constant_h,
            "assumed": clock.assumed,
            "crosses_s": clock.crosses_s,
            "at_repair_c": number(clock.at_repair_c),
        })).collect::<Vec<_>>(),
    })
}

fn action_form(network: &Network, action: &Action) -> Value {
    match action {
        Action::OpenValves(valves) => json!({ "open_valves": ids(network, valves) }),
        Action::StartSource(link) => json!({ "start_source": &*network.link_name(*link) }),
        Action::StartPump(link) => json!({ "start_pump": &*network.link_name(*link) }),
        Action::RaiseSource { source, pressure_rise_pa } => {
            json!({ "raise_source": &*network.link_name(*source), "pressure_rise_pa": pressure_rise_pa })
        }
    }
}

fn resupply_form(network: &Network, resupply: &Resupply, language: Language) -> Value {
    let rejected = |rejected: &Rejected| {
        json!({
            "action": action_form(network, &rejected.action),
            "regained_w": number(rejected.regained_w),
            "breaks": problems(rejected.breaks.as_slice(), language),
        })
    };
    json!({
        "solves": resupply.solves,
        "steps": resupply.steps.iter().map(|step| json!({
            "action": action_form(network, &step.action),
            "regained_w": number(step.regained_w),
            "still_lost_w": number(step.after.totals.lost_w),
            "still_cut_off": step.after.totals.cut_off,
        })).collect::<Vec<_>>(),
        "rejected": resupply.rejected.iter().map(rejected).collect::<Vec<_>>(),
    })
}
