//! `curve`: temperatures, flows and pressures by outdoor temperature, and orders for the sources ahead of the weather.

use serde_json::{Value, json};

use super::table::Table;
use super::{line, load, load_for_json, weather};
use crate::cli::args::{Curve, Regulation as Way, TableFormat};
use crate::cli::{Failure, Printer};
use crate::dispatch::balance::{Wishes, balance};
use crate::dispatch::heating_curve::{
    Regulated, Regulation, Rules, SourcePoint, StationPoint, Supplied, regulated, source_point, supplied,
};
use crate::network::{LinkId, Network};
use crate::physics::calendar::HOUR_S;
use crate::solver::{Mode, Options, Solver};
use crate::units::Quantity;

/// Steps of the table where no outdoor temperatures are given, K, up to this.
const STEP_K: f64 = 5.0;
const WARMEST_C: f64 = 5.0;

pub fn run(given: &Curve, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let network = match given.format {
        TableFormat::Json => load_for_json(&given.file, printer)?,
        _ => load(&given.file, printer)?,
    };
    let rules = Rules {
        secondary: regulation(given.secondary, given),
        primary: regulation(given.primary, given),
        least_flow: given.least_flow,
        least_supply_c: given.least_supply,
    };
    let mut found = regulated(&network);
    if let Some(id) = &given.station {
        let link = network.link_id(id);
        found.stations.retain(|(station, _)| Some(*station) == link);
        if found.stations.is_empty() {
            return Err(Failure::input(texts.with("curve-no-station", &[("station", id.clone().into())])));
        }
    }
    if found.stations.is_empty() {
        return Err(Failure::input(texts.get("curve-nobody").into_owned()));
    }
    let answer = Answer { network: &network, found: &found, rules: &rules, given, printer };
    let rows: Vec<Row> = answer.outdoors().into_iter().map(|outdoor_c| answer.row(outdoor_c)).collect();
    let orders = match weather::read(given.weather.as_deref(), printer)? {
        Some(series) => answer.orders(&|time_s| series.at(series.span_s().0 + time_s).temperature_c)?,
        None => Vec::new(),
    };
    let data = match given.format {
        TableFormat::Text => answer.text(&rows, &orders),
        TableFormat::Json => format!("{:#}\n", answer.json(&rows, &orders)),
        TableFormat::Csv => csv(&rows),
    };
    printer.data(given.output.as_deref(), data.as_bytes())
}

fn regulation(way: Way, given: &Curve) -> Regulation {
    match way {
        Way::Quality => Regulation::Quality,
        Way::Quantity => Regulation::Quantity,
        Way::Both => Regulation::Both { exponent: given.exponent },
        Way::Staged => Regulation::Staged { flows: given.stages.clone() },
    }
}

struct Answer<'a> {
    network: &'a Network,
    found: &'a Regulated,
    rules: &'a Rules,
    given: &'a Curve,
    printer: &'a Printer,
}

/// One outdoor temperature: all stations together (temperatures weighted with flows), and the rise each source needs then.
struct Row {
    all: StationPoint,
    rises_pa: Vec<(LinkId, f64)>,
}

impl Answer<'_> {
    fn outdoors(&self) -> Vec<f64> {
        if !self.given.outdoor.is_empty() {
            return self.given.outdoor.clone();
        }
        let coldest_c = self.network.settings().design_outdoor_c();
        let steps = ((WARMEST_C - coldest_c) / STEP_K).floor().max(0.0) as usize;
        (0..=steps)
            .map(|step| WARMEST_C - STEP_K * step as f64)
            .chain([coldest_c])
            .collect::<Vec<_>>()
            .into_iter()
            .fold(Vec::new(), |mut list, c| {
                if list.last() != Some(&c) {
                    list.push(c);
                }
                list
            })
    }

    fn row(&self, outdoor_c: f64) -> Row {
        let points: Vec<(LinkId, StationPoint)> =
            self.found.stations.iter().map(|(link, station)| (*link, station.at(outdoor_c, self.rules))).collect();
        let sum = |of: &dyn Fn(&StationPoint) -> f64| points.iter().map(|(_, point)| of(point)).sum::<f64>();
        let (primary_kg_s, secondary_kg_s) = (sum(&|p| p.primary_kg_s), sum(&|p| p.secondary_kg_s));
        let mean = |of: &dyn Fn(&StationPoint) -> f64, flow: &dyn Fn(&StationPoint) -> f64, all: f64| {
            if all > 0.0 { sum(&|p| of(p) * flow(p)) / all } else { sum(of) / points.len() as f64 }
        };
        let (primary, secondary) = (&|p: &StationPoint| p.primary_kg_s, &|p: &StationPoint| p.secondary_kg_s);
        let mut all = points[0].1;
        all.heat_w = sum(&|p| p.heat_w);
        all.primary.supply_c = mean(&|p| p.primary.supply_c, primary, primary_kg_s);
        all.primary.return_c = mean(&|p| p.primary.return_c, primary, primary_kg_s);
        all.secondary.supply_c = mean(&|p| p.secondary.supply_c, secondary, secondary_kg_s);
        all.secondary.return_c = mean(&|p| p.secondary.return_c, secondary, secondary_kg_s);
        (all.primary_kg_s, all.secondary_kg_s) = (primary_kg_s, secondary_kg_s);
        Row { all, rises_pa: if self.given.station.is_some() { Vec::new() } else { self.rises_pa(&points) } }
    }

    /// Rises with which the worst loop just has its flow.
    fn rises_pa(&self, points: &[(LinkId, StationPoint)]) -> Vec<(LinkId, f64)> {
        let mut wishes = Wishes { mode: Mode::Hydraulic, more_power: true, ..Wishes::default() };
        for (link, point) in points {
            if point.primary_kg_s > 0.0 {
                *wishes.flows_kg_s.entry(*link).or_insert(0.0) += point.primary_kg_s;
            }
        }
        let Ok(found) = balance(self.network, &wishes) else { return Vec::new() };
        let sources = &found.solution_after.sources;
        sources.iter().map(|source| (source.link, source.supply_pressure_pa - source.return_pressure_pa)).collect()
    }

    fn orders(&self, outdoor_c: &dyn Fn(f64) -> f64) -> Result<Vec<(LinkId, f64, Vec<SourcePoint>)>, Failure> {
        let solution = Solver::new().solve(self.network, &Options { judge: false, ..Options::default() });
        if !solution.converged {
            let texts: Vec<String> = solution.findings.iter().take(10).map(|f| self.printer.finding_text(f)).collect();
            return Err(Failure::input(texts.join("\n")));
        }
        let ground_c = self.network.settings().ambient_temperature_c;
        let point = |list: &[Supplied], hour: u32| {
            source_point(list, self.rules, ground_c, HOUR_S * f64::from(hour), outdoor_c)
        };
        let mean_delay = |list: &[Supplied]| {
            let heat: f64 = list.iter().map(|it| it.station.heat_w).sum();
            list.iter().map(|it| it.delay_s * it.station.heat_w).sum::<f64>() / heat
        };
        let sources = supplied(self.network, self.found, &solution);
        Ok(sources
            .into_iter()
            .map(|(link, list)| {
                (link, mean_delay(&list), (0..self.given.hours).map(|hour| point(&list, hour)).collect())
            })
            .collect())
    }

    fn text(&self, rows: &[Row], orders: &[(LinkId, f64, Vec<SourcePoint>)]) -> String {
        let (texts, units) = (self.printer.language.texts(), &self.printer.units);
        let mut out = String::new();
        let degrees = |c: f64| units.number(Quantity::Temperature, c);
        let mut table = Table::new(&[
            ("curve-outdoor", Some(Quantity::Temperature)),
            ("curve-load", None),
            ("cli-heat", Some(Quantity::Heat)),
            ("curve-secondary-supply", Some(Quantity::Temperature)),
            ("curve-secondary-return", Some(Quantity::Temperature)),
            ("curve-secondary-flow", Some(Quantity::MassFlow)),
            ("curve-primary-supply", Some(Quantity::Temperature)),
            ("curve-primary-return", Some(Quantity::Temperature)),
            ("curve-primary-flow", Some(Quantity::MassFlow)),
            ("curve-rise", Some(Quantity::PressureDifference)),
        ]);
        for Row { all, rises_pa } in rows {
            let rises: Vec<String> =
                rises_pa.iter().map(|(_, rise)| units.number(Quantity::PressureDifference, *rise)).collect();
            table.row(vec![
                degrees(all.outdoor_c),
                format!("{:.3}", all.relative_load),
                units.number(Quantity::Heat, all.heat_w),
                degrees(all.secondary.supply_c),
                degrees(all.secondary.return_c),
                units.number(Quantity::MassFlow, all.secondary_kg_s),
                degrees(all.primary.supply_c),
                degrees(all.primary.return_c),
                units.number(Quantity::MassFlow, all.primary_kg_s),
                if rises.is_empty() { "–".to_owned() } else { rises.join(" / ") },
            ]);
        }
        out.push_str(&table.text(self.printer));
        for (link, delay_s, points) in orders {
            let name = self.network.link_name(*link).to_string();
            let minutes = format!("{:.0}", delay_s / 60.0);
            let sentence = texts.with("curve-orders", &[("source", name.into()), ("minutes", minutes.into())]);
            line(&mut out, format_args!("\n{sentence}"));
            let mut table = Table::new(&[
                ("curve-hour", None),
                ("curve-outdoor", Some(Quantity::Temperature)),
                ("curve-primary-supply", Some(Quantity::Temperature)),
                ("curve-highest", Some(Quantity::Temperature)),
                ("curve-primary-flow", Some(Quantity::MassFlow)),
                ("cli-heat", Some(Quantity::Heat)),
            ]);
            for point in points {
                table.row(vec![
                    format!("{:.0}", point.time_s / HOUR_S),
                    degrees(point.outdoor_c),
                    degrees(point.supply_c),
                    degrees(point.highest_c),
                    units.number(Quantity::MassFlow, point.flow_kg_s),
                    units.number(Quantity::Heat, point.heat_w),
                ]);
            }
            out.push_str(&table.text(self.printer));
        }
        for (link, reason) in &self.found.without {
            let name = self.network.link_name(*link).to_string();
            let arguments = [("station", name.into()), ("reason", reason.clone().into())];
            line(&mut out, format_args!("{}", texts.with("curve-without", &arguments)));
        }
        out
    }

    fn json(&self, rows: &[Row], orders: &[(LinkId, f64, Vec<SourcePoint>)]) -> Value {
        let name = |link: LinkId| self.network.link_name(link).to_string();
        let rows: Vec<Value> = rows
            .iter()
            .map(|Row { all, rises_pa }| {
                let rises: serde_json::Map<String, Value> =
                    rises_pa.iter().map(|(link, rise)| (name(*link), json!(rise))).collect();
                json!({
                    "outdoor_temperature_c": all.outdoor_c, "relative_load": all.relative_load, "heat_w": all.heat_w,
                    "secondary_supply_c": all.secondary.supply_c, "secondary_return_c": all.secondary.return_c,
                    "secondary_flow_kg_s": all.secondary_kg_s, "primary_supply_c": all.primary.supply_c,
                    "primary_return_c": all.primary.return_c, "primary_flow_kg_s": all.primary_kg_s, "source_rise_pa": rises,
                })
            })
            .collect();
        let sources: Vec<Value> = orders
            .iter()
            .map(|(link, delay_s, points)| {
                let points: Vec<Value> = points
                    .iter()
                    .map(|p| {
                        json!({ "time_s": p.time_s, "outdoor_temperature_c": p.outdoor_c, "supply_c": p.supply_c,
                            "highest_c": p.highest_c, "flow_kg_s": p.flow_kg_s, "heat_w": p.heat_w })
                    })
                    .collect();
                json!({ "source": name(*link), "delay_s": delay_s, "orders": points })
            })
            .collect();
        let without: Vec<Value> = self
            .found
            .without
            .iter()
            .map(|(link, reason)| json!({ "station": name(*link), "reason": reason }))
            .collect();
        json!({ "curve": rows, "sources": sources, "without": without })
    }
}

fn csv(rows: &[Row]) -> String {
    let mut out =
        "outdoor_temperature_c,relative_load,heat_w,secondary_supply_c,secondary_return_c,secondary_flow_kg_s,\
                   primary_supply_c,primary_return_c,primary_flow_kg_s\n"
            .to_owned();
    for Row { all, .. } in rows {
        let cells = [
            all.outdoor_c,
            all.relative_load,
            all.heat_w,
            all.secondary.supply_c,
            all.secondary.return_c,
            all.secondary_kg_s,
            all.primary.supply_c,
            all.primary.return_c,
            all.primary_kg_s,
        ];
        line(&mut out, format_args!("{}", cells.map(|cell| cell.to_string()).join(",")));
    }
    out
}
