//! `estimate`: the state from measured values, or trials of the estimator with a known truth.

use std::sync::Arc;

use serde_json::{Value, json};

use super::table::Table;
use super::{line, load, load_for_json};
use crate::cli::args::{Estimate as Given, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io;
use crate::live::estimate::summary::{HAPPENINGS, Series, quantile};
use crate::live::estimate::trial::{Happening, PressureNoise, Setup};
use crate::live::estimate::{Belief, Error, Estimate, Follower, Options, Position, Standing, Taken, tags_of_sensors};
use crate::live::{Sample, TagId, TagTable, Timestamp};
use crate::network::{LinkKind, Network};
use crate::units::Quantity;

pub fn run(given: &Given, printer: &Printer) -> Result<(), Failure> {
    let network = Arc::new(match given.format {
        TextOrJson::Json => load_for_json(&given.file, printer)?,
        TextOrJson::Text => load(&given.file, printer)?,
    });
    let data = match (&given.samples, given.trial) {
        (Some(samples), _) => {
            let tags = Arc::new(tags_of_sensors(&network));
            let samples = io::samples::read(samples, &tags).map_err(|error| printer.refusal(&error))?;
            let mut follower = Follower::new(network.clone(), tags.clone(), Options::default())
                .map_err(|found| refused(&found, printer))?;
            let estimate = last_minute(&mut follower, &samples);
            let standing = follower.standing();
            let told = Told { network: &network, tags: &tags, estimate: &estimate, standing: &standing, printer };
            match given.format {
                TextOrJson::Text => told.text(),
                TextOrJson::Json => told.json(),
            }
        }
        (None, count) => trials(given, &network, u64::from(count.unwrap_or(1)), printer)?,
    };
    printer.data(given.output.as_deref(), data.as_bytes())
}

fn refused(findings: &[crate::network::Finding], printer: &Printer) -> Failure {
    let texts: Vec<String> = findings.iter().map(|finding| printer.finding_text(finding)).collect();
    Failure::input(texts.join("\n"))
}

/// Lets all minutes of the samples pass and gives the estimate of the last.
fn last_minute(follower: &mut Follower, samples: &[Sample]) -> Estimate {
    let minute = |sample: &Sample| sample.source_time.ms().div_euclid(60_000);
    let mut estimate = None;
    for group in samples.chunk_by(|a, b| minute(a) == minute(b)) {
        let now = group.last().map_or(Timestamp::from_ms(0), |sample| sample.source_time);
        estimate = Some(follower.estimate(group, now));
    }
    // Without any sample everything is assumed, and that is told.
    estimate.unwrap_or_else(|| follower.estimate(&[], Timestamp::from_ms(0)))
}

/// An estimate to be told.
struct Told<'a> {
    network: &'a Network,
    tags: &'a TagTable,
    estimate: &'a Estimate,
    standing: &'a [Standing],
    printer: &'a Printer,
}

impl Told<'_> {
    fn tag(&self, tag: TagId) -> String {
        self.tags.get(tag).map_or_else(String::new, |tag| tag.name.to_string())
    }

    /// Value with its deviation and origin.
    fn cell(&self, quantity: Quantity, value: f64, belief: &Belief) -> String {
        let number = self.printer.units.number(quantity, value);
        let deviation = self.printer.units.number(quantity.of_difference(), belief.deviation);
        format!("{number} ± {deviation}")
    }

    fn text(&self) -> String {
        let (texts, units) = (self.printer.language.texts(), &self.printer.units);
        let estimate = self.estimate;
        let mut out = String::new();
        let head = if estimate.converged { "estimate-head" } else { "estimate-head-unsettled" };
        let number = |value: f64| format!("{value:.1}");
        line(
            &mut out,
            format_args!(
                "{}",
                texts.with(
                    head,
                    &[
                        ("instruments", estimate.residuals.len().to_string().into()),
                        ("sum", number(estimate.sum_of_squares).into()),
                        ("checks", number(estimate.redundancy).into()),
                        ("nodes", estimate.observed_nodes[0].to_string().into()),
                        ("all", estimate.observed_nodes[1].to_string().into()),
                    ]
                )
            ),
        );
        let sizes: Vec<f64> = estimate.residuals.iter().map(|residual| residual.normalised.abs()).collect();
        let share = |share: f64| format!("{:.2}", quantile(sizes.clone(), share));
        let spread = [("median", share(0.5).into()), ("most", share(0.9).into()), ("largest", share(1.0).into())];
        line(&mut out, format_args!("{}", texts.with("estimate-residuals", &spread)));
        for standing in self.standing {
            line(&mut out, format_args!("{}", standing.text(self.tags, self.printer.language, units)));
        }
        for suspect in &estimate.suspects {
            let sentence = texts.with(
                "estimate-suspect",
                &[
                    ("error", suspect.text(self.tags, estimate.at, self.printer.language, units).into()),
                    ("others", suspect.or_else.len().into()),
                    ("names", suspect.or_else.iter().map(|tag| self.tag(*tag)).collect::<Vec<_>>().join(", ").into()),
                ],
            );
            line(&mut out, format_args!("{sentence}"));
        }
        if estimate.suspects.is_empty() {
            line(&mut out, format_args!("{}", texts.get("estimate-no-suspect")));
        }
        if let Some(leak) = &estimate.leak {
            let size = units.text(Quantity::MassFlow, leak.mass_flow_kg_s);
            line(&mut out, format_args!("{}", texts.with("estimate-leak", &[("size", size.into())])));
            for candidate in &leak.candidates {
                let sentence = texts.with(
                    "estimate-candidate",
                    &[
                        ("pipe", self.network.link_name(candidate.link).to_string().into()),
                        ("probability", format!("{:.0}", 100.0 * candidate.probability).into()),
                    ],
                );
                line(&mut out, format_args!("{sentence}"));
            }
        }
        let mut table = Table::new(&[
            ("estimate-place", None),
            ("cli-flow", Some(Quantity::MassFlow)),
            ("cli-supply-pressure", Some(Quantity::Pressure)),
            ("cli-return-pressure", Some(Quantity::Pressure)),
            ("cli-supply-temperature", Some(Quantity::Temperature)),
            ("estimate-origin", None),
        ]);
        for view in self.network.links() {
            let (supply, back) = match view.link.kind {
                LinkKind::Source(_) => (view.to, view.from),
                LinkKind::Consumer(_) => (view.from, view.to),
                _ => continue,
            };
            let (Some(link), Some(belief)) =
                (estimate.solution.link(view.handle), estimate.links.get(view.handle.index()))
            else {
                continue;
            };
            let node =
                |node: crate::network::NodeId| Some((estimate.solution.node(node)?, estimate.nodes.get(node.index())?));
            let (Some((hot, hot_belief)), Some((cold, cold_belief))) = (node(supply), node(back)) else { continue };
            table.row(vec![
                view.id.to_string(),
                self.cell(Quantity::MassFlow, link.mass_flow_kg_s, &belief.flow),
                self.cell(Quantity::Pressure, hot.pressure_pa, &hot_belief.pressure),
                self.cell(Quantity::Pressure, cold.pressure_pa, &cold_belief.pressure),
                self.cell(Quantity::Temperature, hot.temperature_c, &hot_belief.temperature),
                texts.get(belief.flow.origin.key()).into_owned(),
            ]);
        }
        out.push('\n');
        out.push_str(&table.text(self.printer));
        out
    }

    fn json(&self) -> String {
        let estimate = self.estimate;
        let finite = |value: f64| if value.is_finite() { json!(value) } else { Value::Null };
        let belief = |value: f64, belief: &Belief| {
            let origin = belief.origin.key().trim_start_matches("origin-");
            json!({ "value": finite(value), "deviation": finite(belief.deviation), "origin": origin })
        };
        let nodes: serde_json::Map<String, Value> = self
            .network
            .nodes()
            .filter_map(|(handle, id, _)| {
                let (state, own) = (estimate.solution.node(handle)?, estimate.nodes.get(handle.index())?);
                let value = json!({
                    "pressure_pa": belief(state.pressure_pa, &own.pressure),
                    "temperature_c": belief(state.temperature_c, &own.temperature),
                });
                Some((id.to_string(), value))
            })
            .collect();
        let links: serde_json::Map<String, Value> = self
            .network
            .links()
            .filter_map(|view| {
                let state = estimate.solution.link(view.handle)?;
                let own = estimate.links.get(view.handle.index())?;
                Some((view.id.to_string(), json!({ "mass_flow_kg_s": belief(state.mass_flow_kg_s, &own.flow) })))
            })
            .collect();
        let residuals: Vec<Value> = estimate
            .residuals
            .iter()
            .map(|residual| {
                json!({
                    "tag": self.tag(residual.tag), "measured": residual.measured, "estimated": residual.estimated,
                    "deviation": residual.deviation, "normalised": finite(residual.normalised), "used": residual.used,
                })
            })
            .collect();
        let suspects: Vec<Value> = estimate
            .suspects
            .iter()
            .map(|suspect| {
                let error = match suspect.error {
                    Error::Offset(by) => json!({ "offset": by }),
                    Error::Stuck(since) => json!({ "stuck": since.to_string() }),
                    Error::Swapped(other) => json!({ "swapped": self.tag(other) }),
                };
                let or_else: Vec<String> = suspect.or_else.iter().map(|tag| self.tag(*tag)).collect();
                json!({ "tag": self.tag(suspect.tag), "error": error, "since": suspect.since.to_string(), "or": or_else })
            })
            .collect();
        let position = |position: Position| match position {
            Position::Opening(share) => json!({ "opening": share }),
            Position::Speed(share) => json!({ "speed": share }),
            Position::InOperation(runs) => json!({ "in_operation": runs }),
        };
        let standing: Vec<Value> = self
            .standing
            .iter()
            .map(|standing| {
                json!({
                    "element": standing.element.id, "tag": self.tag(standing.tag), "field": position(standing.field),
                    "drawn": position(standing.drawn), "taken": standing.taken == Taken::Yes,
                })
            })
            .collect();
        let leak = estimate.leak.as_ref().map(|leak| {
            let candidates: Vec<Value> = leak
                .candidates
                .iter()
                .map(|candidate| {
                    let pipe = self.network.link_name(candidate.link);
                    json!({ "pipe": &*pipe, "probability": candidate.probability })
                })
                .collect();
            json!({
                "since": leak.since.to_string(), "mass_flow_kg_s": leak.mass_flow_kg_s,
                "deviation_kg_s": leak.deviation_kg_s, "candidates": candidates,
            })
        });
        let whole = json!({
            "converged": estimate.converged, "iterations": estimate.iterations,
            "sum_of_squares": estimate.sum_of_squares, "redundancy": estimate.redundancy,
            "observed_nodes": estimate.observed_nodes, "observed_links": estimate.observed_links,
            "nodes": nodes, "links": links, "standing": standing, "residuals": residuals, "suspects": suspects, "leak": leak,
        });
        format!("{whole:#}\n")
    }
}

/// Trials of every kind as a table.
fn trials(given: &Given, network: &Arc<Network>, count: u64, printer: &Printer) -> Result<String, Failure> {
    let pressure = if given.of_reading {
        PressureNoise::OfReading(0.005 * given.noise)
    } else {
        PressureNoise::OfSpan(0.005 * given.noise)
    };
    let setup = Setup {
        stations: given.stations,
        chambers: given.chambers,
        flow_share: 0.02 * given.noise,
        pressure,
        temperature_k: 0.3 * given.noise,
        roughness: given.roughness,
        after: given.minutes,
        ..Setup::default()
    };
    let texts = printer.language.texts();
    let bar = printer.progress(HAPPENINGS.len() as u64 * count, &texts.get("estimate-trials"));
    let mut all = Vec::new();
    for happening in HAPPENINGS {
        let seeds = given.seed..given.seed + count;
        let series = Series::run(network, &setup, happening, &Options::default(), seeds, || bar.inc(1));
        all.push(series.map_err(|found| refused(&found, printer))?);
    }
    bar.finish_and_clear();
    Ok(match given.format {
        TextOrJson::Text => trial_text(&all, count, printer),
        TextOrJson::Json => trial_json(&all),
    })
}

/// Keys of translations and words in JSON.
const fn words(happening: Happening) -> (&'static str, &'static str) {
    match happening {
        Happening::Nothing => ("estimate-nothing", "nothing"),
        Happening::Gross => ("estimate-gross", "gross"),
        Happening::Stuck => ("estimate-held", "stuck"),
        Happening::Swapped => ("estimate-pair", "swapped"),
        Happening::Leak(_) => ("estimate-leaking", "leak"),
    }
}

fn trial_text(all: &[Series], count: u64, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let mut out = String::new();
    line(&mut out, format_args!("{}", texts.with("estimate-trial-head", &[("count", count.to_string().into())])));
    let mut table = Table::new(&[
        ("estimate-case", None),
        ("estimate-named", None),
        ("estimate-false", None),
        ("estimate-minutes", None),
        ("estimate-median", Some(Quantity::PressureDifference)),
        ("estimate-most", Some(Quantity::PressureDifference)),
        ("estimate-within", None),
    ]);
    for series in all {
        let named = match series.happening {
            Happening::Nothing => "–".to_owned(),
            Happening::Leak(_) => percent(series.noticed(5)),
            _ => percent(series.named()),
        };
        let minutes = series.minutes_to_name(0.95);
        table.row(vec![
            texts.get(words(series.happening).0).into_owned(),
            named,
            percent(series.false_alarms()),
            if minutes.is_finite() { format!("{minutes:.0}") } else { "–".to_owned() },
            printer.units.number(Quantity::PressureDifference, series.pressure_error_pa(0.5)),
            printer.units.number(Quantity::PressureDifference, series.pressure_error_pa(0.9)),
            percent(series.within_two_deviations()),
        ]);
        if let Happening::Leak(_) = series.happening {
            let [first_m, nearest_m] = series.distances_m();
            let found = [
                ("located", percent(series.located()).into()),
                ("first", format!("{first_m:.0}").into()),
                ("nearest", format!("{nearest_m:.0}").into()),
            ];
            let sentence = texts.with("estimate-located", &found);
            out.push_str(&table.text(printer));
            line(&mut out, format_args!("{sentence}"));
            return out;
        }
    }
    out.push_str(&table.text(printer));
    out
}

fn trial_json(all: &[Series]) -> String {
    let finite = |value: f64| if value.is_finite() { json!(value) } else { Value::Null };
    let series: serde_json::Map<String, Value> = all
        .iter()
        .map(|series| {
            let missed: Vec<&crate::network::Name> = series
                .outcomes
                .iter()
                .filter(|outcome| outcome.minutes_to_name.is_none())
                .flat_map(|outcome| &outcome.wrong)
                .collect();
            let falsely: Vec<&crate::network::Name> =
                series.outcomes.iter().flat_map(|outcome| &outcome.false_names).collect();
            let [first_m, nearest_m] = series.distances_m();
            let value = json!({
                "trials": series.outcomes.len(), "named": series.named(), "false_alarms": series.false_alarms(),
                "settled": series.outcomes.iter().filter(|outcome| outcome.converged).count(),
                "minutes_to_name_95": finite(series.minutes_to_name(0.95)),
                "pressure_error_pa": { "median": finite(series.pressure_error_pa(0.5)), "90": finite(series.pressure_error_pa(0.9)) },
                "within_two_deviations": series.within_two_deviations(),
                "leak": { "noticed_in_5_minutes": series.noticed(5), "located": series.located(),
                          "first_candidate_m": finite(first_m), "nearest_candidate_m": finite(nearest_m) },
                "missed": missed, "falsely_named": falsely,
            });
            (words(series.happening).1.to_owned(), value)
        })
        .collect();
    format!("{:#}\n", Value::Object(series))
}
