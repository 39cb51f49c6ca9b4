//! `solve`: flows, pressures and temperatures, as a table for people, JSON or CSV for programs.

use super::table::Table;
use super::{line, load, load_for_json};
use crate::cli::args::{Solve, SolveMode, TableFormat};
use crate::cli::{Failure, Printer};
use crate::io::results;
use crate::network::{Network, Severity, validate};
use crate::solver::{Mode, Options, Solution, Solver};
use crate::units::Quantity;

pub fn run(given: &Solve, printer: &Printer) -> Result<(), Failure> {
    let mut network = match given.format {
        TableFormat::Json => load_for_json(&given.file, printer)?,
        _ => load(&given.file, printer)?,
    };
    if let Some(name) = &given.scenario {
        network = network.with_scenario(name).map_err(|error| Failure::input(error.to_string()))?;
    }
    let mode = match given.mode {
        SolveMode::Hydraulic => Mode::Hydraulic,
        SolveMode::Thermal => Mode::Thermal,
    };
    let checks = validate::validate(&network);
    if checks.iter().any(|finding| finding.severity == Severity::Error) {
        if given.format == TableFormat::Json {
            let answer = results::json_refused(&checks, printer.language);
            printer.data(given.output.as_deref(), answer.as_bytes())?;
        }
        printer.findings(&checks);
        return Err(Failure::Input(None));
    }
    let spinner = printer.spinner(&printer.language.texts().get("cli-solving"));
    let mut solution = Solver::new().solve(&network, &Options { mode, ..Options::default() });
    spinner.finish_and_clear();
    // What the solver says of an element is nearer to the cause than what the check says of it.
    let news: Vec<_> = checks
        .into_iter()
        .filter(|check| !solution.findings.iter().any(|f| f.code == check.code && f.element == check.element))
        .collect();
    solution.findings.extend(news);
    solution.findings.sort_by_key(|finding| finding.severity);
    let data = match given.format {
        TableFormat::Text => report(&network, &solution, mode, printer),
        TableFormat::Json => results::json(&network, &solution, printer.language),
        TableFormat::Csv => one_table(&results::csv(&network, &solution))?,
    };
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if given.format != TableFormat::Json {
        printer.findings(&solution.findings);
    }
    if solution.converged { Ok(()) } else { Err(Failure::Input(None)) }
}

/// The four tables of results as one: a first column says which table a row is from, cells a table lacks stay empty.
fn one_table(tables: &[(&str, String)]) -> Result<String, Failure> {
    let ours = |error: csv::Error| Failure::Ours(error.to_string());
    let mut heads: Vec<String> = vec!["table".to_owned()];
    for (_, text) in tables {
        for head in csv::Reader::from_reader(text.as_bytes()).headers().map_err(ours)? {
            if !heads.iter().any(|known| known == head) {
                heads.push(head.to_owned());
            }
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&heads).map_err(ours)?;
    for (name, text) in tables {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns: Vec<Option<usize>> = {
            let own = reader.headers().map_err(ours)?;
            heads.iter().map(|head| own.iter().position(|h| h == head)).collect()
        };
        let table = name.trim_end_matches(".csv");
        for row in reader.records() {
            let row = row.map_err(ours)?;
            let cells = columns.iter().enumerate().map(|(i, column)| match (i, column) {
                (0, _) => table,
                (_, Some(column)) => row.get(*column).unwrap_or(""),
                (_, None) => "",
            });
            writer.write_record(cells).map_err(ours)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| Failure::Ours(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Failure::Ours(error.to_string()))
}

/// The table for people: state, balance, sources, worst loop, consumers from the worst to the best.
fn report(network: &Network, solution: &Solution, mode: Mode, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let units = &printer.units;
    let mut out = String::new();
    let key = if solution.converged { "cli-converged" } else { "cli-not-converged" };
    let errors = solution.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    line(
        &mut out,
        format_args!(
            "{}",
            texts.with(key, &[("iterations", solution.report.iterations.into()), ("errors", errors.into())])
        ),
    );
    if !solution.converged {
        return out;
    }
    let report = &solution.report;
    line(
        &mut out,
        format_args!(
            "{}",
            texts.with(
                "cli-balance",
                &[
                    ("mass", format!("{:.1e} kg/s", report.max_mass_imbalance_kg_s).into()),
                    ("momentum", format!("{:.1e} Pa", report.max_momentum_residual_pa).into()),
                    ("energy", format!("{:.1e} W", report.energy_imbalance_w).into()),
                ],
            )
        ),
    );
    if !solution.sources.is_empty() {
        let mut table = Table::new(&[
            ("cli-source", None),
            ("cli-flow", Some(Quantity::MassFlow)),
            ("cli-heat", Some(Quantity::Heat)),
            ("cli-supply-pressure", Some(Quantity::Pressure)),
            ("cli-return-pressure", Some(Quantity::Pressure)),
        ]);
        for source in &solution.sources {
            table.row(vec![
                network.link_name(source.link).to_string(),
                units.number(Quantity::MassFlow, source.mass_flow_kg_s),
                units.number(Quantity::Heat, source.heat_w),
                units.number(Quantity::Pressure, source.supply_pressure_pa),
                units.number(Quantity::Pressure, source.return_pressure_pa),
            ]);
        }
        out.push('\n');
        out.push_str(&table.text(printer));
    }
    machines(network, solution, printer, &mut out);
    if let Some(worst) = solution.worst_consumer(network) {
        let name = network.link_name(worst.link);
        let available = units.text(Quantity::PressureDifference, worst.available_pressure_pa);
        let sentence =
            texts.with("cli-worst-loop", &[("consumer", name.to_string().into()), ("available", available.into())]);
        line(&mut out, format_args!("\n{sentence}"));
    }
    if solution.consumers.is_empty() {
        out.push('\n');
        out.push_str(&nodes_table(network, solution, printer));
        return out;
    }
    let mut consumers: Vec<_> = solution.consumers.iter().collect();
    consumers.sort_by(|a, b| a.available_pressure_pa.total_cmp(&b.available_pressure_pa).then(a.link.cmp(&b.link)));
    let mut table = Table::new(&[
        ("cli-consumer", None),
        ("cli-available", Some(Quantity::PressureDifference)),
        ("cli-flow", Some(Quantity::MassFlow)),
        ("cli-heat", Some(Quantity::Heat)),
        ("cli-supply-temperature", Some(Quantity::Temperature)),
        ("cli-satisfied", None),
    ]);
    for consumer in consumers {
        let inlet_c = solution.link(consumer.link).map_or(f64::NAN, |state| state.inlet_temperature_c);
        table.row(vec![
            network.link_name(consumer.link).to_string(),
            units.number(Quantity::PressureDifference, consumer.available_pressure_pa),
            units.number(Quantity::MassFlow, consumer.mass_flow_kg_s),
            units.number(Quantity::Heat, consumer.heat_w),
            units.number(Quantity::Temperature, if mode == Mode::Thermal { inlet_c } else { f64::NAN }),
            texts.get(if consumer.satisfied { "cli-yes" } else { "cli-no" }).into_owned(),
        ]);
    }
    out.push('\n');
    out.push_str(&table.text(printer));
    out
}

/// Pumps with what they draw, and holes with what they lose; nothing where there are none.
fn machines(network: &Network, solution: &Solution, printer: &Printer, out: &mut String) {
    let units = &printer.units;
    if !solution.pumps.is_empty() {
        let mut table = Table::new(&[
            ("cli-pump", None),
            ("cli-flow", Some(Quantity::VolumeFlow)),
            ("cli-head", Some(Quantity::Head)),
            ("cli-speed", Some(Quantity::Share)),
            ("cli-efficiency", Some(Quantity::Share)),
            ("cli-power", Some(Quantity::Heat)),
        ]);
        for pump in &solution.pumps {
            table.row(vec![
                network.link_name(pump.link).to_string(),
                units.number(Quantity::VolumeFlow, pump.flow_m3_h),
                units.number(Quantity::Head, pump.head_m),
                units.number(Quantity::Share, pump.speed),
                units.number(Quantity::Share, pump.efficiency),
                units.number(Quantity::Heat, pump.electric_power_w),
            ]);
        }
        out.push('\n');
        out.push_str(&table.text(printer));
    }
    if !solution.leaks.is_empty() {
        let mut table = Table::new(&[
            ("cli-leak", None),
            ("cli-position", Some(Quantity::Share)),
            ("cli-flow", Some(Quantity::MassFlow)),
            ("cli-pressure", Some(Quantity::Pressure)),
        ]);
        for leak in &solution.leaks {
            table.row(vec![
                network.link_name(leak.link).to_string(),
                units.number(Quantity::Share, leak.position),
                units.number(Quantity::MassFlow, leak.mass_flow_kg_s),
                units.number(Quantity::Pressure, leak.pressure_pa),
            ]);
        }
        out.push('\n');
        out.push_str(&table.text(printer));
    }
}

/// A network without consumers (drinking water): its nodes from the lowest pressure to the highest.
fn nodes_table(network: &Network, solution: &Solution, printer: &Printer) -> String {
    let mut nodes: Vec<_> = network
        .nodes()
        .filter_map(|(handle, id, _)| Some((id, solution.node(handle)?.pressure_pa)))
        .filter(|(_, pressure_pa)| pressure_pa.is_finite())
        .collect();
    nodes.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)));
    let mut table = Table::new(&[("cli-node", None), ("cli-pressure", Some(Quantity::Pressure))]);
    for (id, pressure_pa) in nodes {
        table.row(vec![id.to_string(), printer.units.number(Quantity::Pressure, pressure_pa)]);
    }
    table.text(printer)
}
