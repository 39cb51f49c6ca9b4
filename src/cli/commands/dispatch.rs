//! `dispatch`: which source gives how much, at what cost, how far from the best, and what the network says to it.

use serde_json::{Value, json};

use super::table::columns;
use super::{line, load, load_for_json};
use crate::cli::args::{Dispatch, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::dispatch::optimise::propose::{Proposal, Refusal, Request, propose};
use crate::dispatch::optimise::terms::Terms;
use crate::dispatch::optimise::{Effort, Rule, Share};
use crate::io::dispatch::{Load, plan_csv, read_terms, time_text};
use crate::network::{Demand, Network};
use crate::physics::weather::WeatherSeries;

const MWH_J: f64 = 3.6e9;
/// Kept limits: a millionth of the greatest demand.
const TOLERANCE: f64 = 1e-5;
/// Rooms need no heat above this, °C.
const HEATING_LIMIT_C: f64 = 18.0;

pub fn run(given: &Dispatch, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let network = match given.format {
        TextOrJson::Json => load_for_json(&given.file, printer)?,
        TextOrJson::Text => load(&given.file, printer)?,
    };
    let terms = read_terms(&given.prices).map_err(|error| printer.refusal(&error))?;
    let weather = super::weather::read(given.weather.as_deref(), printer)?;
    let heat = given.load.as_deref().map(Load::read).transpose().map_err(|error| printer.refusal(&error))?;
    let steps = (given.hours * 3600.0 / given.step).round().max(1.0) as usize;
    let first = weather.as_ref().map(|series| series.span_s().0).or(heat.as_ref().map(|load| load.span_s().0));
    let start_s = given.start.or(first).unwrap_or(20_468.0 * 86_400.0);
    let end_s = start_s + steps as f64 * given.step;
    let known = weather.as_ref().map(|series| series.span_s()).or(heat.as_ref().map(Load::span_s));
    if let Some((first_s, last_s)) = known.filter(|(first_s, last_s)| start_s < *first_s || end_s > *last_s + 3600.0) {
        let times = [("first", first_s), ("last", last_s), ("start", start_s), ("end", end_s)];
        let times = times.map(|(name, time_s)| (name, time_text(time_s).into()));
        return Err(Failure::input(texts.with("dispatch-not-covered", &times)));
    }
    let (load_w, outdoor_c) = loads(&network, steps, given.step, start_s, weather.as_ref(), heat.as_ref());
    let request = Request {
        terms,
        load_w,
        outdoor_c,
        step_s: given.step,
        start_calendar_s: start_s,
        effort: Effort { gap: given.gap / 100.0, ..Effort::default() },
        verify: !given.no_simulation,
    };
    let spinner = printer.spinner(&texts.get("dispatch-at-work"));
    let proposal = propose(&network, &request, || spinner.inc(1));
    spinner.finish_and_clear();
    let proposal = proposal.map_err(|refusal| refused(&refusal, printer))?;
    if let Some(path) = &given.output {
        printer.data(Some(path), plan_csv(&proposal, start_s).as_bytes())?;
    }
    let told = Told { proposal: &proposal, terms: &request.terms, start_s, printer };
    let data = match given.format {
        TextOrJson::Text => told.text(),
        TextOrJson::Json => format!("{:#}\n", told.json()),
    };
    printer.data(None, data.as_bytes())?;
    if told.broken().is_empty() && proposal.tried.as_ref().is_none_or(|tried| tried.found.is_empty()) {
        Ok(())
    } else {
        Err(Failure::Input(None))
    }
}

/// Load of all consumers and outdoor temperature by step.
fn loads(
    network: &Network,
    steps: usize,
    step_s: f64,
    start_s: f64,
    weather: Option<&WeatherSeries>,
    heat: Option<&Load>,
) -> (Vec<f64>, Vec<f64>) {
    let settings = network.settings();
    let design_c = settings.design_or_present_outdoor_c();
    let demand = |view: crate::network::LinkView<'_>| match view.consumer() {
        Some(consumer) if !consumer.shut => match consumer.demand {
            Demand::Heat { heat_w } => heat_w,
            Demand::MassFlow { .. } => 0.0,
        },
        _ => 0.0,
    };
    let design_w: f64 = network.links().map(demand).sum();
    (0..steps)
        .map(|step| {
            let at_s = start_s + step as f64 * step_s;
            if let Some(load) = heat {
                let (heat_w, outdoor_c) = load.at(at_s + 0.5 * step_s);
                (heat_w, if outdoor_c.is_finite() { outdoor_c } else { settings.outdoor_temperature_c })
            } else {
                let outdoor_c =
                    weather.map_or(settings.outdoor_temperature_c, |series| series.mean(at_s, step_s).temperature_c);
                let share = (HEATING_LIMIT_C - outdoor_c) / (HEATING_LIMIT_C - design_c);
                (design_w * share.max(0.0), outdoor_c)
            }
        })
        .unzip()
}

fn refused(refusal: &Refusal, printer: &Printer) -> Failure {
    match refusal {
        Refusal::Terms(errors) => Failure::input(lines(errors)),
        Refusal::Model(faults) => Failure::input(lines(faults)),
        Refusal::Network(findings) => {
            printer.findings(findings);
            Failure::Input(None)
        }
    }
}

fn lines<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

struct Told<'a> {
    proposal: &'a Proposal,
    terms: &'a Terms,
    start_s: f64,
    printer: &'a Printer,
}

impl Told<'_> {
    fn broken(&self) -> Vec<crate::dispatch::optimise::Violation> {
        let model = &self.proposal.model;
        let most_w = model.demand_w.iter().copied().fold(1.0, f64::max);
        self.proposal.outcome.plan.violations(model, TOLERANCE * most_w)
    }

    fn rule_key(rule: Option<Rule>) -> &'static str {
        match rule {
            Some(Rule::Priority) => "priority",
            Some(Rule::EqualShares) => "equal_shares",
            None => "as_it_runs",
        }
    }

    fn text(&self) -> String {
        let texts = self.printer.language.texts();
        let Proposal { model, outcome, tried, .. } = self.proposal;
        let (bill, plan) = (&outcome.bill, &outcome.plan);
        let get = |key: &str| texts.get(key).into_owned();
        let mut out = String::new();
        let hourly = (3600.0 / model.step_s).round().max(1.0) as usize;
        let mut heads = vec![get("dispatch-time"), get("dispatch-demand")];
        heads.extend(model.units.iter().map(|unit| unit.id.clone()));
        heads.extend(model.stores.iter().map(|store| store.id.clone()));
        let mut rows = Vec::new();
        for from in (0..model.steps()).step_by(hourly) {
            let to = (from + hourly).min(model.steps());
            let mean = |values: &[f64]| values[from..to].iter().sum::<f64>() / (to - from) as f64 / 1e6;
            let mut row = vec![time_text(self.start_s + from as f64 * model.step_s)];
            row.push(format!("{:.1}", mean(&model.demand_w)));
            for (unit, heat) in plan.heat_w.iter().enumerate() {
                let runs = (from..to).any(|step| plan.runs(unit, step));
                row.push(if runs { format!("{:.1}", mean(heat)) } else { "–".to_owned() });
            }
            row.extend(plan.store_w.iter().map(|heat| format!("{:+.1}", mean(heat) + 0.0)));
            rows.push(row);
        }
        let right: Vec<bool> = (0..heads.len()).map(|column| column > 0).collect();
        out.push_str(&columns(&heads, &rows, &right));
        out.push('\n');
        let heads = ["dispatch-source", "dispatch-heat", "dispatch-starts", "dispatch-money"].map(get);
        let mut rows: Vec<Vec<String>> = Vec::new();
        for (unit, own) in model.units.iter().enumerate() {
            let heat = format!("{:.1}", bill.heat_j[unit] / MWH_J);
            rows.push(vec![
                own.id.clone(),
                heat,
                bill.starts_of[unit].to_string(),
                format!("{:.0}", bill.money_of[unit]),
            ]);
        }
        for share in Share::ALL.into_iter().filter(|share| *share != Share::Preference) {
            let money = bill.shares.0[share as usize];
            if money != 0.0 {
                let key = format!("dispatch-share-{}", share.word().replace('_', "-"));
                rows.push(vec![get(&key), String::new(), String::new(), format!("{money:.0}")]);
            }
        }
        let starts = format!("{:.0}", bill.starts);
        rows.push(vec![get("dispatch-share-starts"), String::new(), bill.start_count.to_string(), starts]);
        rows.push(vec![get("dispatch-all"), String::new(), String::new(), format!("{:.0}", bill.money())]);
        out.push_str(&columns(&heads, &rows, &[false, true, true, true]));
        out.push('\n');
        let number = |value: f64, digits: usize| format!("{value:.digits$}").into();
        line(
            &mut out,
            format_args!(
                "{}",
                texts.with(
                    "dispatch-gap",
                    &[
                        ("gap", number(100.0 * outcome.gap, 2)),
                        ("bound", number(bill.money() - (bill.objective() - outcome.bound), 0)),
                        ("currency", self.terms.currency.clone().into()),
                        ("carbon", number(bill.carbon_kg / 1000.0, 1)),
                    ]
                )
            ),
        );
        if let Some(free) = self.proposal.free_bound {
            let free = bill.money() - (bill.objective() - free);
            let above = number(100.0 * (bill.money() / free - 1.0), 2);
            let text = texts.with("dispatch-free", &[("free", number(free, 0)), ("above", above)]);
            line(&mut out, format_args!("{text}"));
        }
        for other in &self.proposal.compared {
            let saved = 100.0 * (1.0 - bill.money() / other.money);
            let key = format!("dispatch-rule-{}", Self::rule_key(other.rule).replace('_', "-"));
            line(
                &mut out,
                format_args!(
                    "{}",
                    texts.with(
                        &key,
                        &[
                            ("money", number(other.money, 0)),
                            ("saved", number(saved, 1)),
                            ("missing", number(other.missing_j / MWH_J, 1)),
                            ("surplus", number(other.surplus_j / MWH_J, 1)),
                            ("way", number(100.0 * other.gave_way, 0)),
                        ]
                    )
                ),
            );
        }
        let broken = self.broken();
        for one in &broken {
            line(
                &mut out,
                format_args!(
                    "{}",
                    texts.with(
                        "dispatch-broken",
                        &[
                            ("time", time_text(self.start_s + one.step as f64 * model.step_s).into()),
                            ("who", one.who.clone().into()),
                            ("what", one.what.into()),
                            ("amount", number(one.amount_w / 1e6, 3)),
                        ]
                    )
                ),
            );
        }
        if let Some(tried) = tried {
            let difference = &self.proposal.difference;
            line(
                &mut out,
                format_args!(
                    "{}",
                    texts.with(
                        "dispatch-difference",
                        &[
                            ("heat", number(100.0 * difference.heat_share, 2)),
                            ("step", number(difference.step_w / 1e6, 2)),
                            ("mean", number(difference.root_mean_square_w / 1e6, 2)),
                            ("consumed", number(100.0 * difference.consumed_share, 2)),
                            ("lost", number(difference.network_w / 1e6, 2)),
                            ("pumps", number(100.0 * difference.pumps_share, 0)),
                            ("coldest", number(tried.coldest_c.iter().copied().fold(f64::INFINITY, f64::min), 1)),
                        ]
                    )
                ),
            );
            let key = if tried.found.is_empty() { "dispatch-borne" } else { "dispatch-not-borne" };
            let counts = [
                ("plans", self.proposal.plans.to_string().into()),
                ("simulated", self.proposal.simulated.to_string().into()),
                ("limits", model.cuts.len().to_string().into()),
                ("drawn", self.proposal.drawn.len().to_string().into()),
                ("own", self.proposal.own_found.to_string().into()),
                ("found", tried.found.len().to_string().into()),
            ];
            line(&mut out, format_args!("{}", texts.with(key, &counts)));
            for found in tried.found.iter().take(20) {
                let time = time_text(self.start_s + found.step as f64 * model.step_s);
                let message = found.finding.message(self.printer.language, &self.printer.units);
                line(&mut out, format_args!("  {time}  {message}"));
            }
        } else {
            line(&mut out, format_args!("{}", get("dispatch-not-tried")));
        }
        if !self.terms.note.is_empty() {
            line(&mut out, format_args!("{}", self.terms.note));
        }
        out
    }

    fn json(&self) -> Value {
        let Proposal { model, outcome, compared, tried, drawn, plans, difference, network_w, .. } = self.proposal;
        let Proposal { simulated, own_found, free_bound, .. } = self.proposal;
        let (bill, plan) = (&outcome.bill, &outcome.plan);
        let shares: serde_json::Map<String, Value> =
            Share::ALL.iter().map(|share| (share.word().to_owned(), json!(bill.shares.0[*share as usize]))).collect();
        let units: Vec<Value> = model
            .units
            .iter()
            .enumerate()
            .map(|(unit, own)| {
                let on: Vec<bool> = (0..model.steps()).map(|step| plan.runs(unit, step)).collect();
                let mut value = json!({
                    "id": own.id, "on": on, "heat_w": plan.heat_w[unit], "heat_j": bill.heat_j[unit],
                    "starts": bill.starts_of[unit], "money": bill.money_of[unit],
                });
                if let Some(tried) = tried {
                    value["simulated"] = json!({
                        "heat_w": tried.heat_w[unit], "supply_c": tried.supply_c[unit], "return_c": tried.return_c[unit],
                        "flow_kg_s": tried.flow_kg_s[unit], "rise_pa": tried.rise_pa[unit],
                        "pumps_w": tried.pumps_w[unit],
                    });
                }
                value
            })
            .collect();
        let stores: Vec<Value> = model
            .stores
            .iter()
            .enumerate()
            .map(|(at, own)| json!({ "id": own.id, "out_w": plan.store_w[at], "content_j": plan.content_j[at] }))
            .collect();
        let rules: Vec<Value> = compared
            .iter()
            .map(|one| {
                json!({
                    "rule": Self::rule_key(one.rule), "money": one.money, "carbon_kg": one.carbon_kg,
                    "missing_j": one.missing_j, "surplus_j": one.surplus_j, "gave_way": one.gave_way,
                })
            })
            .collect();
        let broken: Vec<Value> = self
            .broken()
            .iter()
            .map(|one| json!({ "step": one.step, "who": one.who, "what": one.what, "amount_w": one.amount_w }))
            .collect();
        let limits: Vec<Value> =
            model.cuts.iter().map(|one| json!({ "id": one.id, "shares": one.units, "most_w": one.most_w })).collect();
        let drawn: Vec<Value> = drawn
            .iter()
            .map(|one| {
                let element = one.element.to_string();
                json!({ "step": one.step, "share": one.share, "because": one.because.word(), "element": element })
            })
            .collect();
        let mut value = json!({
            "start": time_text(self.start_s), "step_s": model.step_s, "note": self.terms.note,
            "currency": self.terms.currency, "demand_w": model.demand_w, "network_w": network_w,
            "sources": units, "stores": stores, "missing_w": plan.missing_w, "surplus_w": plan.surplus_w,
            "money": bill.money(), "shares": shares, "starts": bill.starts, "carbon_kg": bill.carbon_kg,
            "objective": bill.objective(), "bound": outcome.bound, "gap": outcome.gap,
            "rounds": outcome.rounds, "trials": outcome.trials, "branches": outcome.branches,
            "by_rule": rules, "broken": broken, "plans": plans, "simulated": simulated,
            "free_bound": free_bound, "transport_limits": limits, "steps_drawn": drawn, "own_way_found": own_found,
        });
        if let Some(tried) = tried {
            let found: Vec<Value> = tried
                .found
                .iter()
                .map(|found| {
                    let message = found.finding.message(self.printer.language, &self.printer.units);
                    let element = found.finding.element.to_string();
                    json!({ "step": found.step, "code": found.finding.code.word(), "element": element, "message": message })
                })
                .collect();
            value["simulation"] = json!({
                "found": found, "consumed_w": tried.consumed_w, "supplied_w": tried.supplied_w,
                "coldest_c": tried.coldest_c, "hydraulic_solves": tried.hydraulic_solves,
                "difference": {
                    "heat_share": difference.heat_share, "step_w": difference.step_w,
                    "root_mean_square_w": difference.root_mean_square_w,
                    "consumed_share": difference.consumed_share, "network_w": difference.network_w,
                    "pumps_share": difference.pumps_share,
                },
            });
        }
        value
    }
}
