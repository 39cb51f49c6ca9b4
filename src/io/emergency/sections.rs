//! The sheet of a response: what happened, what to close, whom it hits, how long they stay warm, what else can be done.

use super::parts::Part;
use super::provenance;
use super::sheet::{Section, Sheet, Writer};
use super::summary::summary;
use crate::emergency::Response;
use crate::emergency::burst::Spill;
use crate::emergency::closing::ClosingTask;
use crate::emergency::cooldown::WATCHED_C;
use crate::emergency::impact::Loss;
use crate::emergency::repair::accident_share;
use crate::emergency::response::Merit;
use crate::emergency::resupply::Action;
use crate::emergency::waves::MainWaves;
use crate::network::{LinkId, Name, Network, NodeId, Priority};
use crate::text::Language;
use crate::units::{DisplayUnits, Quantity, hours_minutes};

/// Rows of the long tables on a screen.
const MOST_ROWS: usize = 30;

/// The sheet of a response in a reader's language and units.
pub fn sheet(network: &Network, response: &Response, language: Language, units: &DisplayUnits) -> Sheet {
    report_sheet(network, response, language, units, MOST_ROWS)
}

/// The same with longer tables.
pub fn report_sheet(
    network: &Network,
    response: &Response,
    language: Language,
    units: &DisplayUnits,
    most_rows: usize,
) -> Sheet {
    let writer = Writer { network, language, units, most_rows, tables: true };
    let mut sheet = Sheet { title: writer.word("emergency-title"), ..Sheet::default() };
    let title = &network.settings().title;
    if !title.is_empty() {
        sheet.lines.push(title.clone());
    }
    sheet.lines.extend(summary(&writer, response));
    sheet.sections.extend(Part::ALL.into_iter().filter_map(|part| part.of(&writer, response)));
    provenance::mark(&writer, response, &mut sheet);
    sheet
}

fn nodes(writer: &Writer<'_>, nodes: &[NodeId]) -> String {
    let mut text: Vec<String> = nodes.iter().take(5).map(|&node| writer.node(node)).collect();
    if nodes.len() > 5 {
        text.push("…".to_owned());
    }
    text.join(", ")
}

pub(super) fn links(writer: &Writer<'_>, links: &[LinkId]) -> String {
    links.iter().map(|&link| writer.link(link)).collect::<Vec<_>>().join(", ")
}

pub(super) fn burst(writer: &Writer<'_>, response: &Response) -> Section {
    let mut section = writer.part(Part::Burst);
    let Some(state) = &response.burst else {
        section.lines.push(writer.word("emergency-not-solved"));
        return section;
    };
    let spill = |key: &str, spill: &Spill, lines: &mut Vec<String>| {
        lines.push(writer.sentence(
            key,
            &[
                ("flow", writer.value(Quantity::MassFlow, spill.mass_flow_kg_s()).into()),
                (
                    "pressure",
                    writer.value(Quantity::Pressure, spill.outflows.first().map_or(f64::NAN, |o| o.pressure_pa)).into(),
                ),
                ("short", spill.short.len().into()),
            ],
        ));
        if !spill.boiling.is_empty() {
            lines.push(writer.sentence(
                "emergency-boiling",
                &[("count", spill.boiling.len().into()), ("nodes", nodes(writer, &spill.boiling).into())],
            ));
        }
        if !spill.drained.is_empty() {
            lines.push(writer.sentence(
                "emergency-drained",
                &[("count", spill.drained.len().into()), ("nodes", nodes(writer, &spill.drained).into())],
            ));
            lines.push(writer.word("emergency-breaks-down"));
        }
    };
    if let Some(at_once) = &state.at_once {
        spill("emergency-at-once", at_once, &mut section.lines);
    }
    let key = if state.make_up_assumed { "emergency-make-up-assumed" } else { "emergency-make-up" };
    let capacity = writer.value(Quantity::MassFlow, state.make_up_capacity_kg_s);
    section.lines.push(writer.sentence(key, &[("capacity", capacity.into())]));
    match &state.exhausted {
        Some(exhausted) => spill("emergency-exhausted", exhausted, &mut section.lines),
        None if state.at_once.is_some() => section.lines.push(writer.word("emergency-make-up-holds")),
        None => section.lines.push(writer.word("emergency-burst-not-solved")),
    }
    if !state.tripping.is_empty() {
        section
            .lines
            .push(writer.sentence("emergency-tripping", &[("sources", links(writer, &state.tripping).into())]));
    }
    section.lines.push(writer.sentence(
        "emergency-water",
        &[
            ("least", format!("{:.0}", response.spilt_m3[0]).into()),
            ("most", format!("{:.0}", response.spilt_m3[1]).into()),
            ("drained", format!("{:.0}", response.drained_m3).into()),
        ],
    ));
    section
}

pub(super) fn valves(writer: &Writer<'_>, response: &Response) -> Section {
    let mut section = writer.part(Part::Valves);
    let plan = &response.plan;
    if !plan.stopped_sources.is_empty() {
        let sources = links(writer, &plan.stopped_sources);
        section.lines.push(writer.sentence("emergency-stop-sources", &[("sources", sources.into())]));
    }
    if !plan.stopped_feeds.is_empty() {
        let feeds = nodes(writer, &plan.stopped_feeds);
        section.lines.push(writer.sentence("emergency-stop-feeds", &[("feeds", feeds.into())]));
    }
    for hand_over in response.impact.iter().flat_map(|impact| &impact.hand_overs) {
        section.lines.push(writer.sentence(
            "emergency-hand-over",
            &[
                ("source", writer.link(hand_over.source).into()),
                ("pressure", writer.value(Quantity::Pressure, hand_over.return_pressure_pa).into()),
            ],
        ));
    }
    let row = |(number, task): (usize, &ClosingTask)| {
        vec![
            if task.optional { "·".to_owned() } else { (number + 1).to_string() },
            writer.link(task.valve),
            writer.side(task.valve),
            writer.place(task.valve),
            task.crew.map_or_else(|| writer.word("emergency-remote"), |crew| (crew + 1).to_string()),
            writer.units.number(Quantity::MassFlow, task.flow_kg_s),
            hours_minutes(task.begins_s),
            hours_minutes(task.shut_s),
        ]
    };
    section.table = writer.table(
        &[
            ("emergency-order", None),
            ("emergency-valve", None),
            ("emergency-side", None),
            ("emergency-chamber", None),
            ("emergency-crew", None),
            ("cli-flow", Some(Quantity::MassFlow)),
            ("emergency-begins", None),
            ("emergency-shut", None),
        ],
        response.tasks.iter().enumerate().map(row),
    );
    if !plan.optional.is_empty() {
        section.notes.push(writer.word("emergency-optional"));
    }
    for task in &response.tasks {
        let Some(surge) = task.surge.filter(|surge| !surge.is_bounded()) else { continue };
        if let Some(waves) = surge.waves {
            section.notes.push(waves_note(writer, task, &waves));
            continue;
        }
        let arguments = [
            ("valve", writer.link(task.valve).into()),
            ("rise", writer.value(Quantity::PressureDifference, surge.rise_pa).into()),
            ("highest", writer.value(Quantity::Pressure, surge.highest_pa).into()),
            ("lowest", writer.value(Quantity::Pressure, surge.lowest_pa).into()),
            ("slower", surge.slower_s.map_or_else(|| "–".to_owned(), |s| writer.value(Quantity::Duration, s)).into()),
        ];
        let key = if surge.slower_s.is_some() { "emergency-surge-slower" } else { "emergency-surge" };
        section.notes.push(writer.sentence(key, &arguments));
    }
    if response.tasks.iter().any(|task| task.closing_assumed) {
        section.notes.push(writer.word("emergency-times-assumed"));
    }
    if !response.unknown_valves.is_empty() {
        let valves = links(writer, &response.unknown_valves);
        section.notes.push(writer.sentence("emergency-unknown-valves", &[("valves", valves.into())]));
    }
    if !response.flooded_valves.is_empty() {
        let valves = links(writer, &response.flooded_valves);
        section.notes.push(writer.sentence("emergency-flooded", &[("valves", valves.into())]));
    }
    section
}

/// What the waves of one valve come to.
fn waves_note(writer: &Writer<'_>, task: &ClosingTask, waves: &MainWaves) -> String {
    let mut arguments = vec![
        ("valve", writer.link(task.valve).into()),
        ("length", writer.value(Quantity::Length, waves.length_m).into()),
        ("highest", writer.value(Quantity::Pressure, waves.highest_pa).into()),
        ("lowest", writer.value(Quantity::Pressure, waves.lowest_pa).into()),
    ];
    let key = match waves.two_speed {
        _ if waves.safe => "emergency-waves-safe",
        None => "emergency-waves-unsafe",
        Some(two) => {
            arguments.push(("share", writer.value(Quantity::Share, two.quick_share).into()));
            arguments.push(("quick", writer.value(Quantity::Duration, two.quick_s).into()));
            arguments.push(("slow", writer.value(Quantity::Duration, two.slow_s).into()));
            "emergency-waves-two-speed"
        }
    };
    writer.sentence(key, &arguments)
}

pub(super) fn fallbacks(writer: &Writer<'_>, response: &Response) -> Option<Section> {
    if response.fallbacks.is_empty() {
        return None;
    }
    let rows = response.fallbacks.iter().map(|fallback| {
        let instead = if fallback.instead.is_empty() {
            writer.word(if fallback.stops_sources { "emergency-stop-plant" } else { "emergency-none-needed" })
        } else {
            links(writer, &fallback.instead)
        };
        vec![
            writer.link(fallback.valve),
            instead,
            fallback.more_cut_off.to_string(),
            writer.units.number(Quantity::Heat, fallback.more_cut_off_w),
        ]
    });
    let table = writer.table(
        &[
            ("emergency-if-stuck", None),
            ("emergency-close-instead", None),
            ("emergency-more-cut-off", None),
            ("emergency-more-heat", Some(Quantity::Heat)),
        ],
        rows,
    );
    let ring = response.outer_ring.iter().map(|ring| {
        if ring.plan.valves.is_empty() {
            let sources = links(writer, &ring.plan.stopped_sources);
            return writer.sentence("emergency-outer-none", &[("sources", sources.into())]);
        }
        let arguments = [
            ("valves", links(writer, &ring.plan.valves).into()),
            ("count", ring.more_cut_off.into()),
            ("heat", writer.value(Quantity::Heat, ring.more_cut_off_w).into()),
        ];
        writer.sentence("emergency-outer-ring", &arguments)
    });
    let notes = ring.collect();
    Some(Section { table, notes, ..writer.part(Part::Fallbacks) })
}

pub(super) fn alternatives(writer: &Writer<'_>, response: &Response) -> Option<Section> {
    if response.alternatives.len() < 2 {
        return None;
    }
    let rows = response.alternatives.iter().map(|alternative| {
        let merits: Vec<String> = alternative
            .merits
            .iter()
            .map(|merit| {
                writer.word(match merit {
                    Merit::FewestUsers => "emergency-fewest-users",
                    Merit::FewestValves => "emergency-fewest-valves",
                    Merit::Soonest => "emergency-soonest",
                    Merit::IfUnknownHold => "emergency-if-unknown-hold",
                })
            })
            .collect();
        vec![
            merits.join(", "),
            links(writer, &alternative.plan.valves),
            hours_minutes(alternative.shut_s),
            alternative.cut_off.to_string(),
            writer.units.number(Quantity::Heat, alternative.cut_off_w),
            format!("{:.0}", alternative.drained_m3),
        ]
    });
    let table = writer.table(
        &[
            ("emergency-merit", None),
            ("emergency-valves-short", None),
            ("emergency-shut", None),
            ("emergency-cut-off", None),
            ("emergency-heat-lost", Some(Quantity::Heat)),
            ("emergency-drains-m3", None),
        ],
        rows,
    );
    Some(Section { table, ..writer.part(Part::Alternatives) })
}

pub(super) fn priority(writer: &Writer<'_>, priority: Priority) -> String {
    writer.word(match priority {
        Priority::Hospital => "emergency-hospital",
        Priority::School => "emergency-school",
        Priority::Care => "emergency-care",
        Priority::Residential => "emergency-residential",
        Priority::Public => "emergency-public",
        Priority::Commercial => "emergency-commercial",
        Priority::Industrial => "emergency-industrial",
    })
}

fn more(writer: &Writer<'_>, count: usize) -> Vec<String> {
    if count > writer.most_rows {
        vec![writer.sentence("emergency-more", &[("count", (count - writer.most_rows).into())])]
    } else {
        Vec::new()
    }
}

pub(super) fn users(writer: &Writer<'_>, response: &Response) -> Option<Section> {
    let impact = response.impact.as_ref().filter(|impact| !impact.consumers.is_empty())?;
    let least = accident_share(writer.network.settings().design_outdoor_c());
    let mut section = writer.part(Part::Users);
    section.lines.push(writer.sentence(
        "emergency-accident-share",
        &[
            ("share", writer.value(Quantity::Share, least).into()),
            ("count", impact.totals.below_accident_share.into()),
            ("area", writer.value(Quantity::Area, impact.totals.heated_area_m2).into()),
            ("buildings", impact.totals.buildings.into()),
        ],
    ));
    if !impact.solution.has_heat() {
        section.lines.push(writer.word("emergency-flows-alone"));
    }
    let rows = impact.consumers.iter().take(writer.most_rows).map(|consumer| {
        let element = writer.network.link_view(consumer.consumer).and_then(|view| view.consumer());
        vec![
            writer.link(consumer.consumer),
            priority(writer, consumer.priority),
            writer.word(match consumer.loss {
                Loss::CutOff => "emergency-loss-cut-off",
                Loss::PressureShort => "emergency-loss-pressure",
                Loss::TooCold => "emergency-loss-cold",
                Loss::HeatShort => "emergency-loss-heat",
            }),
            writer.units.number(Quantity::Share, consumer.share),
            writer.units.number(Quantity::Heat, consumer.before_w),
            element.and_then(|element| element.people).map_or_else(|| "–".to_owned(), |people| people.to_string()),
        ]
    });
    section.table = writer.table(
        &[
            ("cli-consumer", None),
            ("emergency-priority", None),
            ("emergency-loss", None),
            ("emergency-share", Some(Quantity::Share)),
            ("emergency-heat-before", Some(Quantity::Heat)),
            ("emergency-people", None),
        ],
        rows,
    );
    section.notes = more(writer, impact.consumers.len());
    Some(section)
}

pub(super) fn clocks(writer: &Writer<'_>, response: &Response) -> Option<Section> {
    if response.clocks.is_empty() {
        return None;
    }
    let mut section = writer.part(Part::Clock);
    let after = response.clocks_resupplied.iter().filter(|clock| clock.too_cold(response.repair_s)).count();
    section.lines.push(writer.sentence(
        "emergency-clock-sentence",
        &[
            ("count", response.too_cold().count().into()),
            ("repair", hours_minutes(response.repair_s).into()),
            ("after", after.into()),
        ],
    ));
    let rows = response.clocks.iter().take(writer.most_rows).map(|clock| {
        let name = writer.network.buildings().get(&clock.building).map_or("", |building| &building.name);
        let mut row = vec![
            format!("{} {name}", clock.building).trim_end().to_owned(),
            priority(writer, clock.priority),
            format!("{:.0}{}", clock.time_constant_h, if clock.assumed { "?" } else { "" }),
        ];
        row.extend(clock.crosses_s.iter().map(|at| at.map_or_else(|| "–".to_owned(), hours_minutes)));
        row.push(writer.units.number(Quantity::Temperature, clock.at_repair_c));
        row
    });
    let below = WATCHED_C.map(|limit_c| {
        writer.sentence("emergency-below", &[("limit", writer.value(Quantity::Temperature, limit_c).into())])
    });
    section.table = writer.table(
        &[
            ("emergency-building", None),
            ("emergency-priority", None),
            ("emergency-time-constant", None),
            (&below[0], None),
            (&below[1], None),
            (&below[2], None),
            ("emergency-at-repair", Some(Quantity::Temperature)),
        ],
        rows,
    );
    section.notes = more(writer, response.clocks.len());
    section.notes.push(writer.word("emergency-clock-note"));
    Some(section)
}

pub(super) fn action(writer: &Writer<'_>, action: &Action) -> String {
    match action {
        Action::OpenValves(valves) => {
            writer.sentence("emergency-open-valves", &[("valves", links(writer, valves).into())])
        }
        Action::StartSource(link) => {
            writer.sentence("emergency-start-source", &[("source", writer.link(*link).into())])
        }
        Action::StartPump(link) => writer.sentence("emergency-start-pump", &[("pump", writer.link(*link).into())]),
        Action::RaiseSource { source, pressure_rise_pa } => {
            let rise = writer.value(Quantity::PressureDifference, *pressure_rise_pa);
            let arguments = [("source", writer.link(*source).into()), ("rise", rise.into())];
            writer.sentence("emergency-raise-source", &arguments)
        }
    }
}

pub(super) fn resupply(writer: &Writer<'_>, response: &Response) -> Option<Section> {
    response.impact.as_ref().filter(|impact| !impact.consumers.is_empty())?;
    let mut section = writer.part(Part::Resupply);
    let found = &response.resupply;
    if found.steps.is_empty() {
        section.lines.push(writer.word("emergency-no-resupply"));
    } else {
        let rows = found.steps.iter().enumerate().map(|(number, step)| {
            vec![
                (number + 1).to_string(),
                action(writer, &step.action),
                writer.units.number(Quantity::Heat, step.regained_w),
                step.after.totals.cut_off.to_string(),
            ]
        });
        section.table = writer.table(
            &[
                ("emergency-order", None),
                ("emergency-action", None),
                ("emergency-regained", Some(Quantity::Heat)),
                ("emergency-still-cut-off", None),
            ],
            rows,
        );
    }
    if found.steps.iter().any(|step| !step.after.solution.has_heat()) {
        section.notes.push(writer.word("emergency-resupply-flows-alone"));
    }
    for rejected in &found.rejected {
        let reason = rejected.breaks.as_ref().map_or_else(String::new, |f| f.message(writer.language, writer.units));
        let arguments = [
            ("action", action(writer, &rejected.action).into()),
            ("heat", writer.value(Quantity::Heat, rejected.regained_w).into()),
            ("reason", reason.into()),
        ];
        section.notes.push(writer.sentence("emergency-rejected", &arguments));
    }
    for boiler in &response.temporary_boilers {
        let arguments = [
            ("consumer", writer.link(boiler.at).into()),
            ("count", boiler.consumers.into()),
            ("protected", boiler.protected.into()),
            ("least", writer.value(Quantity::Heat, boiler.least_w).into()),
            ("missing", writer.value(Quantity::Heat, boiler.missing_w).into()),
        ];
        section.notes.push(writer.sentence("emergency-boiler", &arguments));
    }
    Some(section)
}

pub(super) fn shedding(writer: &Writer<'_>, response: &Response) -> Option<Section> {
    let found = response.shedding.as_ref().filter(|found| !found.reductions.is_empty())?;
    let shares = found.reductions.iter().map(|reduction| reduction.share);
    let (least, most) = shares.fold((1.0f64, 0.0f64), |(least, most), share| (least.min(share), most.max(share)));
    let mut section = writer.part(Part::Shedding);
    section.lines.push(writer.sentence(
        "emergency-shedding-alike",
        &[
            ("count", found.reductions.len().into()),
            ("least", writer.value(Quantity::Share, least).into()),
            ("most", writer.value(Quantity::Share, most).into()),
            ("given", writer.value(Quantity::Heat, found.given_w).into()),
            ("capacity", writer.value(Quantity::Heat, found.capacity_w).into()),
        ],
    ));
    if found.below_accident_share {
        let share = writer.value(Quantity::Share, found.accident_share);
        section.lines.push(writer.sentence("emergency-shedding-below", &[("share", share.into())]));
    }
    if !found.balanced {
        section.lines.push(writer.word("emergency-shedding-open"));
    }
    let rows = found.reductions.iter().take(writer.most_rows).map(|reduction| {
        vec![
            writer.link(reduction.consumer),
            priority(writer, reduction.priority),
            writer.units.number(Quantity::Heat, reduction.before_w),
            writer.units.number(Quantity::Share, reduction.share),
        ]
    });
    section.table = writer.table(
        &[
            ("cli-consumer", None),
            ("emergency-priority", None),
            ("emergency-heat-before", Some(Quantity::Heat)),
            ("emergency-shed-to", Some(Quantity::Share)),
        ],
        rows,
    );
    section.notes = more(writer, found.reductions.len());
    Some(section)
}

/// The first chambers of a list by id and name.
fn chambers(writer: &Writer<'_>, ids: &[Name]) -> String {
    let text = |id: &Name| {
        let name = writer.network.chambers().get(id).map_or("", |chamber| chamber.name.as_str());
        format!("{id} {name}").trim_end().to_owned()
    };
    let mut parts: Vec<String> = ids.iter().take(5).map(text).collect();
    match ids.len() {
        0 => parts.push("–".to_owned()),
        1..=5 => {}
        _ => parts.push("…".to_owned()),
    }
    parts.join(", ")
}

pub(super) fn restore(writer: &Writer<'_>, response: &Response) -> Section {
    let restore = &response.restore;
    let mut section = writer.part(Part::Restore);
    section.lines.push(writer.sentence(
        "emergency-fill",
        &[
            ("volume", format!("{:.0}", restore.supply_volume_m3 + restore.return_volume_m3).into()),
            ("flow", writer.value(Quantity::MassFlow, restore.fill_kg_s).into()),
            ("time", hours_minutes(restore.fill_s).into()),
        ],
    ));
    if !restore.vents.is_empty() {
        section.lines.push(writer.sentence(
            "emergency-vents",
            &[("vents", nodes(writer, &restore.vents).into()), ("drains", nodes(writer, &restore.drains).into())],
        ));
    }
    if !restore.drain_chambers.is_empty() || !restore.vent_chambers.is_empty() {
        let arguments = [
            ("drains", chambers(writer, &restore.drain_chambers).into()),
            ("vents", chambers(writer, &restore.vent_chambers).into()),
        ];
        section.lines.push(writer.sentence("emergency-chambers", &arguments));
    }
    if !restore.valves.is_empty() {
        let order: Vec<String> = restore.valves.iter().map(|&valve| writer.link(valve)).collect();
        section.lines.push(writer.sentence("emergency-open-order", &[("valves", order.join(" → ").into())]));
    }
    let warm: Vec<f64> = restore.rooms.iter().filter_map(|(_, after_s)| *after_s).collect();
    if let Some(last) = restore.arrivals.last() {
        section.lines.push(writer.sentence(
            "emergency-arrivals",
            &[("consumer", writer.link(last.0).into()), ("time", hours_minutes(last.1).into())],
        ));
    }
    if !restore.rooms.is_empty() {
        section.lines.push(writer.sentence(
            "emergency-rooms",
            &[
                ("time", hours_minutes(warm.iter().copied().fold(0.0, f64::max)).into()),
                ("never", (restore.rooms.len() - warm.len()).into()),
            ],
        ));
    }
    section
}
