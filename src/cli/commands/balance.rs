//! `balance`: valve openings and pump speeds for wanted flows, in the order they are set.

use serde_json::{Value, json};

use super::table::Table;
use super::{line, load, load_for_json};
use crate::cli::args::{Balance as Arguments, SolveMode, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::dispatch::balance::{
    Balance, BalanceError, Bound, Imbalance, Obstacle, SettingKind, Step, Unmet, Wishes, balance, commissioning,
    total_w,
};
use crate::io;
use crate::network::edit::Edit;
use crate::network::{LinkId, Network, Scenario};
use crate::solver::Mode;
use crate::text::Argument;
use crate::units::Quantity;

/// Stations up to which every step of commissioning is solved by itself.
const MOST_STEPS: usize = 2000;

pub fn run(given: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let mut network = match given.format {
        TextOrJson::Json => load_for_json(&given.file, printer)?,
        TextOrJson::Text => load(&given.file, printer)?,
    };
    let flows_kg_s = match &given.wanted {
        Some(path) => io::wanted_flows::read(path, &network).map_err(|error| printer.refusal(&error))?,
        None => Default::default(),
    };
    let mode = match given.mode {
        SolveMode::Hydraulic => Mode::Hydraulic,
        SolveMode::Thermal => Mode::Thermal,
    };
    let wishes =
        Wishes { mode, flows_kg_s, by_hand: given.by_hand, keep_required: !given.bare, more_power: given.more_power };
    let spinner = printer.spinner(&texts.get("balance-at-work"));
    let found = balance(&network, &wishes).and_then(|found| {
        let steps = match found.settings.len() {
            ..=MOST_STEPS => commissioning(&network, &wishes, &found)?,
            _ => Vec::new(),
        };
        Ok((found, steps))
    });
    spinner.finish_and_clear();
    let (found, steps) = found.map_err(|error| refusal(&error, printer))?;
    let told = Told { network: &network, found: &found, steps: &steps, printer };
    let data = match given.format {
        TextOrJson::Text => told.text(),
        TextOrJson::Json => format!("{:#}\n", told.json()),
    };
    printer.data(None, data.as_bytes())?;
    let Some(path) = &given.output else { return Ok(()) };
    let label = texts.get("balance-edit").into_owned();
    match &given.scenario {
        Some(name) => {
            let edits = found.edits.clone();
            network.insert_scenario(name.as_str(), Scenario { note: label, parent: None, edits });
        }
        None => {
            let edit = Edit::Batch { label, edits: found.edits.clone() };
            edit.apply(&mut network).map_err(|error| Failure::Ours(error.to_string()))?;
        }
    }
    io::file::write(path, &network).map_err(|error| printer.refusal(&error))?;
    printer.say(&texts.with("balance-written", &[("path", path.display().to_string().into())]));
    Ok(())
}

fn refusal(error: &BalanceError, printer: &Printer) -> Failure {
    let texts = printer.language.texts();
    let (key, findings) = match error {
        BalanceError::Unsolved(findings) => ("balance-unsolved", findings.as_slice()),
        BalanceError::NoState(findings) => ("balance-no-state", findings.as_slice()),
        BalanceError::NoLevel => ("balance-no-level", &[][..]),
        BalanceError::Nobody => ("balance-nobody", &[][..]),
        BalanceError::Refused(error) => return Failure::Ours(error.to_string()),
    };
    let mut lines = vec![texts.get(key).into_owned()];
    lines.extend(findings.iter().take(10).map(|finding| printer.finding_text(finding)));
    Failure::input(lines.join("\n"))
}

struct Told<'a> {
    network: &'a Network,
    found: &'a Balance,
    steps: &'a [Step],
    printer: &'a Printer,
}

impl Told<'_> {
    fn name(&self, link: LinkId) -> String {
        self.network.link_name(link).to_string()
    }

    fn pressure(&self, pascal: f64) -> String {
        self.printer.units.text(Quantity::PressureDifference, pascal)
    }

    fn say(&self, out: &mut String, key: &str, arguments: &[(&str, Argument)]) {
        line(out, format_args!("{}", self.printer.language.texts().with(key, arguments)));
    }

    fn text(&self) -> String {
        let (found, mut out) = (self.found, String::new());
        let x = |value: f64| format!("{value:.2}");
        for (key, state) in [("balance-before", &found.before), ("balance-after", &found.after)] {
            let (least, most) = state.range();
            self.say(
                &mut out,
                key,
                &[
                    ("least", x(least).into()),
                    ("most", x(most).into()),
                    ("total", x(state.total()).into()),
                    ("met", state.met().to_string().into()),
                    ("accepted", state.accepted().to_string().into()),
                    ("all", state.stations.len().to_string().into()),
                ],
            );
        }
        let kilowatt = |powers: &[crate::dispatch::balance::PumpPower]| format!("{:.1} kW", 1e-3 * total_w(powers));
        self.say(
            &mut out,
            "balance-power",
            &[("before", kilowatt(&found.power_before).into()), ("after", kilowatt(&found.power_after).into())],
        );
        if found.level < 1.0 {
            self.say(&mut out, "balance-level", &[("level", format!("{:.1} %", 100.0 * found.level).into())]);
        }
        self.say(&mut out, "balance-gap", &[("gap", format!("{:.1e}", found.gap).into())]);
        self.zones(&mut out);
        self.unmet(&mut out);
        self.settings(&mut out);
        self.stations(&mut out);
        for finding in &found.news {
            line(&mut out, format_args!("\n{}", self.printer.finding_text(finding)));
        }
        out
    }

    fn zones(&self, out: &mut String) {
        for zone in &self.found.zones {
            out.push('\n');
            let sources: Vec<String> = zone.sources.iter().map(|&link| self.name(link)).collect();
            self.say(
                out,
                "balance-zone",
                &[
                    ("sources", sources.join(", ").into()),
                    ("stations", zone.stations.to_string().into()),
                    ("lowered", self.pressure(zone.lowered_pa).into()),
                ],
            );
            if let Some(worst) = zone.worst {
                self.say(
                    out,
                    "balance-worst",
                    &[
                        ("consumer", self.name(worst.consumer).into()),
                        ("before", self.pressure(worst.margin_before_pa).into()),
                        ("after", self.pressure(worst.margin_after_pa).into()),
                    ],
                );
            }
            let (key, element) = match zone.bound {
                Bound::Loop(link) => ("balance-bound-loop", self.name(link)),
                Bound::Unmet(link) => ("balance-bound-unmet", self.name(link)),
                Bound::Vapour(node) => ("balance-bound-vapour", self.network.node_name(node).to_string()),
                Bound::Power => ("balance-bound-power", String::new()),
                Bound::NoSource => ("balance-bound-no-source", String::new()),
            };
            self.say(out, key, &[("element", element.into())]);
        }
    }

    fn unmet(&self, out: &mut String) {
        for unmet in &self.found.unmet {
            out.push('\n');
            let x = self.found.after.get(unmet.consumer).map_or(f64::NAN, |station| station.ratio());
            self.say(
                out,
                "balance-unmet",
                &[("consumer", self.name(unmet.consumer).into()), ("share", format!("{:.0} %", 100.0 * x).into())],
            );
            let missing = if unmet.missing_pa.is_finite() { self.pressure(unmet.missing_pa) } else { "–".to_owned() };
            let element = obstacle_link(unmet).map_or_else(String::new, |link| self.name(link));
            let (number, more) = match unmet.obstacle {
                Obstacle::OwnValve { kv_m3_h } => (format!("{kv_m3_h:.1} m³/h"), String::new()),
                Obstacle::Pipe { loss_pa_m, dn, .. } => (format!("DN{dn}"), format!("{loss_pa_m:.0} Pa/m")),
                Obstacle::Valve { loss_pa, .. } => (self.pressure(loss_pa), String::new()),
                Obstacle::CutOff | Obstacle::Pumps => (String::new(), String::new()),
            };
            self.say(
                out,
                &format!("balance-obstacle-{}", unmet.obstacle.word()),
                &[
                    ("element", element.into()),
                    ("number", number.into()),
                    ("more", more.into()),
                    ("missing", missing.into()),
                ],
            );
        }
    }

    fn settings(&self, out: &mut String) {
        let texts = self.printer.language.texts();
        let units = &self.printer.units;
        let mut table = Table::new(&[
            ("balance-step", None),
            ("balance-element", None),
            ("balance-kind", None),
            ("balance-from", None),
            ("balance-to", None),
            ("balance-kv", None),
            ("balance-read", Some(Quantity::MassFlow)),
            ("balance-final", Some(Quantity::MassFlow)),
            ("balance-takes", Some(Quantity::PressureDifference)),
        ]);
        for (place, setting) in self.found.settings.iter().enumerate() {
            let shown = |value: f64| match setting.kind {
                SettingKind::SourcePressure => units.number(Quantity::PressureDifference, value),
                _ if value.is_nan() => "–".to_owned(),
                _ => format!("{:.1} %", 100.0 * value),
            };
            let read = self.steps.get(place).map_or(f64::NAN, |step| step.read_kg_s);
            table.row(vec![
                (place + 1).to_string(),
                self.name(setting.link),
                texts.get(&format!("balance-kind-{}", setting.kind.word())).into_owned(),
                shown(setting.before),
                shown(setting.after),
                if setting.kv_m3_h.is_finite() { format!("{:.1}", setting.kv_m3_h) } else { "–".to_owned() },
                units.number(Quantity::MassFlow, read),
                units.number(Quantity::MassFlow, setting.flow_kg_s),
                units.number(Quantity::PressureDifference, setting.drop_pa),
            ]);
        }
        out.push('\n');
        self.say(out, "balance-order", &[]);
        out.push_str(&table.text(self.printer));
    }

    fn stations(&self, out: &mut String) {
        let units = &self.printer.units;
        let mut table = Table::new(&[
            ("cli-consumer", None),
            ("balance-wanted", Some(Quantity::MassFlow)),
            ("balance-x-before", None),
            ("balance-x-after", None),
            ("cli-available", Some(Quantity::PressureDifference)),
        ]);
        let pairs = self.found.before.stations.iter().zip(&self.found.after.stations);
        let mut rows: Vec<_> = pairs.collect();
        rows.sort_by(|a, b| a.0.ratio().total_cmp(&b.0.ratio()).then(a.0.link.cmp(&b.0.link)));
        for (before, after) in rows {
            table.row(vec![
                self.name(before.link),
                units.number(Quantity::MassFlow, before.wanted_kg_s),
                format!("{:.3}", before.ratio()),
                format!("{:.3}", after.ratio()),
                units.number(Quantity::PressureDifference, after.available_pa),
            ]);
        }
        out.push('\n');
        out.push_str(&table.text(self.printer));
    }

    fn json(&self) -> Value {
        let found = self.found;
        let state = |state: &Imbalance, powers| {
            let (least, most) = state.range();
            json!({ "least": least, "greatest": most, "deviation": state.deviation(), "total": state.total(),
                "met": state.met(), "accepted": state.accepted(), "pump_power_w": total_w(powers) })
        };
        let zones: Vec<Value> = found.zones.iter().map(|zone| {
            let (bound, element) = match zone.bound {
                Bound::Loop(link) => ("loop", Some(self.name(link))),
                Bound::Unmet(link) => ("unmet", Some(self.name(link))),
                Bound::Vapour(node) => ("vapour", Some(self.network.node_name(node).to_string())),
                Bound::Power => ("power", None),
                Bound::NoSource => ("no-source", None),
            };
            json!({
                "sources": zone.sources.iter().map(|&link| self.name(link)).collect::<Vec<_>>(), "stations": zone.stations,
                "lowered_pa": zone.lowered_pa, "bound": { "by": bound, "element": element },
                "worst_loop": zone.worst.map(|worst| json!({ "consumer": self.name(worst.consumer),
                    "margin_before_pa": worst.margin_before_pa, "margin_after_pa": worst.margin_after_pa })),
            })
        }).collect();
        let stations: serde_json::Map<String, Value> = found.before.stations.iter().zip(&found.after.stations).map(|(before, after)| {
            (self.name(before.link), json!({ "wanted_kg_s": before.wanted_kg_s, "flow_before_kg_s": before.flow_kg_s,
                "flow_after_kg_s": after.flow_kg_s, "imbalance_before": before.ratio(), "imbalance_after": after.ratio(),
                "available_before_pa": before.available_pa, "available_after_pa": after.available_pa }))
        }).collect();
        let settings: Vec<Value> = found.settings.iter().enumerate().map(|(place, setting)| {
            json!({ "element": self.name(setting.link), "kind": setting.kind.word(), "before": setting.before,
                "after": setting.after, "kv_m3_h": setting.kv_m3_h, "flow_kg_s": setting.flow_kg_s, "drop_pa": setting.drop_pa,
                "stations": setting.stations, "read_kg_s": self.steps.get(place).map(|step| step.read_kg_s) })
        }).collect();
        let unmet: Vec<Value> = found
            .unmet
            .iter()
            .map(|unmet| {
                let mut value = json!({ "consumer": self.name(unmet.consumer), "missing_pa": unmet.missing_pa,
                "obstacle": unmet.obstacle.word(), "element": obstacle_link(unmet).map(|link| self.name(link)) });
                match unmet.obstacle {
                    Obstacle::OwnValve { kv_m3_h } => value["kv_m3_h"] = kv_m3_h.into(),
                    Obstacle::Pipe { loss_pa_m, dn, .. } => {
                        value["loss_pa_m"] = loss_pa_m.into();
                        value["dn"] = dn.into();
                    }
                    Obstacle::Valve { loss_pa, .. } => value["loss_pa"] = loss_pa.into(),
                    Obstacle::CutOff | Obstacle::Pumps => {}
                }
                value
            })
            .collect();
        json!({
            "before": state(&found.before, &found.power_before), "after": state(&found.after, &found.power_after),
            "level": found.level, "gap": found.gap, "zones": zones, "unmet": unmet, "settings": settings,
            "stations": stations, "edits": found.edits,
            "new_findings": found.news.iter().map(|finding| self.printer.finding_text(finding)).collect::<Vec<_>>(),
        })
    }
}

fn obstacle_link(unmet: &Unmet) -> Option<LinkId> {
    match unmet.obstacle {
        Obstacle::Pipe { link, .. } | Obstacle::Valve { link, .. } => Some(link),
        Obstacle::CutOff | Obstacle::OwnValve { .. } | Obstacle::Pumps => None,
    }
}
