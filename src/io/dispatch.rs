//! Files of the dispatch: prices and limits (TOML), the load to come (a table), the plan (CSV).
//!
//! Not here: what the terms mean for a network (`dispatch::optimise::terms`).

use std::fmt::Write as _;
use std::path::Path;

use super::sheet::{Column, Sheet};
use super::{IoError, Problem, encoding};
use crate::dispatch::optimise::propose::Proposal;
use crate::dispatch::optimise::terms::Terms;
use crate::physics::calendar::CivilTime;

const COLUMNS: &[Column] =
    &[("time", &["时间"]), ("heat_mw", &["热负荷", "负荷"]), ("heat_w", &[]), ("outdoor_c", &["室外温度"])];

/// Reads prices and limits; an error names file, line and key.
pub fn read_terms(path: &Path) -> Result<Terms, IoError> {
    let text = encoding::read(path)?;
    terms(path, &text)
}

/// The same of a text.
pub fn terms(path: &Path, text: &str) -> Result<Terms, IoError> {
    toml::from_str(text).map_err(|error| {
        let problem = Problem::new(path, "dispatch-terms").with("reason", error.message());
        let before = error.span().and_then(|span| text.get(..span.start));
        match before {
            Some(before) => problem.line(before.matches('\n').count() + 1).into(),
            None => problem.into(),
        }
    })
}

/// A load: rising times with heat, W, and the outdoor temperature where it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    entries: Vec<(f64, f64, f64)>,
}

impl Load {
    /// Reads a table with time and heat_mw or heat_w; outdoor_c where known.
    pub fn read(path: &Path) -> Result<Load, IoError> {
        Load::of(&Sheet::read(path, COLUMNS, &["time"])?)
    }

    /// The same of a text.
    pub fn parse(path: &Path, text: &str) -> Result<Load, IoError> {
        Load::of(&Sheet::parse(path, text, COLUMNS, &["time"])?)
    }

    fn of(sheet: &Sheet) -> Result<Load, IoError> {
        let mut error = IoError::default();
        let mut entries: Vec<(f64, f64, f64)> = Vec::new();
        for row in sheet.rows() {
            let read = || -> Result<_, Box<Problem>> {
                let heat_w = match row.number("heat_mw", 0.0, 1e6)? {
                    Some(mw) => 1e6 * mw,
                    None => row.required_number("heat_w", 0.0, 1e12)?,
                };
                Ok((row.time_s("time")?, heat_w, row.number("outdoor_c", -70.0, 60.0)?.unwrap_or(f64::NAN)))
            };
            match read() {
                Ok(entry) if entries.last().is_none_or(|last| last.0 < entry.0) => entries.push(entry),
                Ok(_) => error.push(Problem::new(sheet.file(), "io-time-not-rising").line(row.line)),
                Err(problem) => error.push(*problem),
            }
        }
        error.into_result()?;
        if entries.is_empty() {
            return Err(Problem::new(sheet.file(), "io-weather-empty").into());
        }
        Ok(Load { entries })
    }

    /// First and last time, s.
    pub fn span_s(&self) -> (f64, f64) {
        // There is at least one entry.
        (self.entries[0].0, self.entries[self.entries.len() - 1].0)
    }

    /// Heat, W, and outdoor temperature (NaN: not given) at a time, on the straight line; the ends are held.
    pub fn at(&self, time_s: f64) -> (f64, f64) {
        let next = self.entries.partition_point(|entry| entry.0 <= time_s);
        let before = &self.entries[next.saturating_sub(1)];
        let after = &self.entries[next.min(self.entries.len() - 1)];
        let share = if after.0 > before.0 { ((time_s - before.0) / (after.0 - before.0)).clamp(0.0, 1.0) } else { 0.0 };
        (before.1 + share * (after.1 - before.1), before.2 + share * (after.2 - before.2))
    }
}

/// `2026-01-15T06:15`.
pub fn time_text(time_s: f64) -> String {
    let civil = CivilTime::of(time_s);
    let minutes = (civil.second_of_day / 60.0).round() as u32;
    format!("{}T{:02}:{:02}", civil.date_text(), minutes / 60, minutes % 60)
}

/// The plan as a table: a row a step, heats in MW.
pub fn plan_csv(proposal: &Proposal, start_s: f64) -> String {
    let (model, plan) = (&proposal.model, &proposal.outcome.plan);
    let mut out = "time,demand_mw".to_owned();
    for unit in &model.units {
        let id = &unit.id;
        let _ = write!(out, ",{id}:on,{id}:heat_mw");
        if proposal.tried.is_some() {
            let _ = write!(out, ",{id}:simulated_mw,{id}:supply_c,{id}:flow_kg_s,{id}:rise_kpa,{id}:pumps_kw");
        }
    }
    for store in &model.stores {
        let _ = write!(out, ",{0}:out_mw,{0}:content_mwh", store.id);
    }
    out.push_str(",missing_mw,surplus_mw\n");
    for step in 0..model.steps() {
        let time = time_text(start_s + step as f64 * model.step_s);
        let _ = write!(out, "{time},{:.4}", model.demand_w[step] / 1e6);
        for unit in 0..model.units.len() {
            let _ = write!(out, ",{},{:.4}", u8::from(plan.runs(unit, step)), plan.heat_w[unit][step] / 1e6);
            if let Some(tried) = &proposal.tried {
                let _ = write!(
                    out,
                    ",{:.4},{:.2},{:.2},{:.1},{:.1}",
                    tried.heat_w[unit][step] / 1e6,
                    tried.supply_c[unit][step],
                    tried.flow_kg_s[unit][step],
                    tried.rise_pa[unit][step] / 1e3,
                    tried.pumps_w[unit][step] / 1e3,
                );
            }
        }
        for store in 0..model.stores.len() {
            let (out_mw, content_mwh) = (plan.store_w[store][step] / 1e6, plan.content_j[store][step] / 3.6e9);
            let _ = write!(out, ",{out_mw:.4},{content_mwh:.4}");
        }
        let _ = writeln!(out, ",{:.4},{:.4}", plan.missing_w[step] / 1e6, plan.surplus_w[step] / 1e6);
    }
    out
}
