//! Pipes, pumps, valves, and sources that become pumps.

use std::fmt::Write as _;

use super::Writer;
use crate::network::{
    Characteristic, ElementRef, FrictionModel, LinkKind, LinkView, Pipe, PipeState, Pump, PumpControl, Severity,
    SourceControl, Valve, ValveKind,
};
use crate::physics::valve::{CharacteristicTable, OpeningCharacteristic, ValveBuild, zeta_of_kv};

/// EPANET's default coefficients, for pipes without one.
const HAZEN_WILLIAMS_C: f64 = 130.0;
const MANNING_N: f64 = 0.01;
/// Length and diameter of a check valve, which in EPANET is a pipe.
const CHECK_VALVE_M: f64 = 0.01;
/// Valves without a diameter get the largest pipe at their ends, or this.
const VALVE_DIAMETER_M: f64 = 0.1;
/// A level pump curve falls by this much up to [`LEVEL_CURVE_FLOW`]: EPANET wants it falling.
const LEVEL_CURVE_FALL_M: f64 = 1e-3;
/// L/s; beyond any network.
const LEVEL_CURVE_FLOW: f64 = 1e5;
/// EPANET's own large loss coefficient.
const LARGEST_ZETA: f64 = 1e8;

impl Writer<'_> {
    pub(super) fn links(&mut self) {
        let mut without_coefficient = 0;
        for view in self.network.links() {
            let ends = format!(
                "{}\t{}\t{}",
                self.link_names.get(view.id),
                self.node_names.get(&self.network.node_name(view.from)),
                self.node_names.get(&self.network.node_name(view.to)),
            );
            let name = self.link_names.get(view.id).to_owned();
            if let Some(tag) = view.link.notes.as_ref().and_then(|notes| super::names::tag(&notes.attributes)) {
                let _ = writeln!(self.sections.tags, " LINK\t{name}\t{tag}");
            }
            self.lost(&view);
            match &view.link.kind {
                _ if view.from == view.to => {
                    let arguments = [("reason", "it begins and ends at the same node".to_owned())];
                    self.note(Severity::Warning, view.element(), "inp-export-refused", &arguments);
                }
                LinkKind::Pipe(pipe) => {
                    without_coefficient += usize::from(self.pipe(&name, &ends, pipe));
                }
                LinkKind::Pump(pump) => self.pump(&name, &ends, pump, view.element()),
                LinkKind::Valve(valve) => self.valve(&name, &ends, valve, &view),
                LinkKind::Source(source) => {
                    if let SourceControl::PressureRise { pressure_rise_pa } = source.control
                        && source.running
                    {
                        let head_m = pressure_rise_pa / self.units.weight_pa_m();
                        let curve = self.curve(&[[0.0, head_m], [LEVEL_CURVE_FLOW, head_m - LEVEL_CURVE_FALL_M]]);
                        let _ = writeln!(self.sections.pumps, " {ends}\tHEAD\t{curve}");
                    }
                }
                // Consumers are demands at their nodes.
                LinkKind::Consumer(_) => {}
            }
        }
        if without_coefficient > 0 {
            let hazen_williams = self.network.settings().friction == FrictionModel::HazenWilliams;
            let value = if hazen_williams { HAZEN_WILLIAMS_C } else { MANNING_N };
            let arguments = [("count", without_coefficient.to_string()), ("value", value.to_string())];
            self.note(Severity::Warning, ElementRef::network(), "inp-export-roughness", &arguments);
        }
    }

    /// Says what of a link EPANET has no place for.
    fn lost(&mut self, view: &LinkView<'_>) {
        let key = match &view.link.kind {
            LinkKind::Pipe(pipe) if pipe.leaks.is_some() => "inp-export-leaks",
            LinkKind::Pump(pump) if pump.control != PumpControl::Speed => "inp-export-pump-control",
            LinkKind::Consumer(consumer) if consumer.station.is_some() => "inp-export-station",
            LinkKind::Source(source) if source.exchanger.is_some() => "inp-export-exchanger",
            _ => return,
        };
        self.note(Severity::Warning, view.element(), key, &[]);
    }

    /// Whether the pipe had no coefficient for the head-loss formula.
    fn pipe(&mut self, name: &str, ends: &str, pipe: &Pipe) -> bool {
        let (coefficient, otherwise) = match self.network.settings().friction {
            FrictionModel::HazenWilliams => (pipe.details.hazen_williams_c, HAZEN_WILLIAMS_C),
            FrictionModel::ChezyManning => (pipe.details.manning_n, MANNING_N),
            _ => (Some(pipe.roughness_m * 1000.0), 0.0),
        };
        let state = match pipe.state {
            PipeState::Open => "Open",
            PipeState::Closed => "Closed",
            PipeState::OneWay => "CV",
        };
        let _ = writeln!(
            self.sections.pipes,
            " {ends}\t{}\t{}\t{}\t{}\t{state}",
            pipe.length_m,
            pipe.inner_diameter_m * 1000.0,
            // EPANET refuses a roughness of zero.
            coefficient.unwrap_or(otherwise).max(1e-6),
            pipe.zeta,
        );
        for [x, y, _] in &pipe.details.route_m {
            let _ = writeln!(self.sections.vertices, " {name}\t{x}\t{y}");
        }
        coefficient.is_none()
    }

    /// Writes a curve and gives its name.
    fn curve(&mut self, points: &[[f64; 2]]) -> usize {
        self.curves += 1;
        for [x, y] in points {
            let _ = writeln!(self.sections.curves, " {}\t{x}\t{y}", self.curves);
        }
        self.curves
    }

    fn pump(&mut self, name: &str, ends: &str, pump: &Pump, element: ElementRef) {
        let parameters = if let Some(power_w) = pump.power_w {
            format!("POWER\t{}", self.units.power_of_w(power_w))
        } else if pump.curve.is_empty() {
            return self.note(Severity::Error, element, "inp-export-pump", &[]);
        } else {
            // Equal pumps side by side share the flow.
            let parallel = f64::from(pump.parallel.max(1));
            let flow = |flow_m3_h: f64| self.units.flow_of_m3_s(flow_m3_h / 3600.0) * parallel;
            let points: Vec<[f64; 2]> = pump.curve.iter().map(|p| [flow(p.flow_m3_h), p.head_m]).collect();
            format!("HEAD\t{}", self.curve(&points))
        };
        let _ = writeln!(self.sections.pumps, " {ends}\t{parameters}\tSPEED\t{}", pump.speed);
        if !pump.running || pump.parallel == 0 {
            let _ = writeln!(self.sections.status, " {name}\tClosed");
        }
    }

    fn valve(&mut self, name: &str, ends: &str, valve: &Valve, view: &LinkView<'_>) {
        let diameter_m = valve.diameter_m.filter(|d| *d > 0.0).unwrap_or_else(|| self.pipe_diameter_m(view));
        let zeta = full_zeta(valve, diameter_m);
        let metres = |pressure_pa: Option<f64>| pressure_pa.unwrap_or(0.0) / self.units.weight_pa_m();
        let throttled = || (zeta / share(valve).powi(2)).min(LARGEST_ZETA);
        let (kind, setting) = match valve.kind {
            ValveKind::Check => {
                let _ = writeln!(
                    self.sections.pipes,
                    " {ends}\t{CHECK_VALVE_M}\t{}\t{}\t{zeta}\tCV",
                    diameter_m * 1000.0,
                    match self.network.settings().friction {
                        FrictionModel::HazenWilliams => HAZEN_WILLIAMS_C,
                        FrictionModel::ChezyManning => MANNING_N,
                        _ => 0.5,
                    }
                );
                return self.note(Severity::Info, view.element(), "inp-export-check-valve", &[]);
            }
            ValveKind::PressureReducing => ("PRV", metres(valve.set_pressure_pa).to_string()),
            ValveKind::PressureSustaining => ("PSV", metres(valve.set_pressure_pa).to_string()),
            ValveKind::PressureBreaking => ("PBV", metres(valve.set_pressure_pa).to_string()),
            ValveKind::Flow => ("FCV", self.units.flow_of_kg_s(valve.set_flow_kg_s.unwrap_or(0.0)).to_string()),
            ValveKind::Turbine if valve.set_pressure_pa.is_some() => ("PRV", metres(valve.set_pressure_pa).to_string()),
            ValveKind::Turbine if valve.loss_curve.is_empty() => ("TCV", throttled().to_string()),
            ValveKind::GeneralPurpose | ValveKind::Turbine => {
                let flow = |flow_m3_h: f64| self.units.flow_of_m3_s(flow_m3_h / 3600.0);
                let points: Vec<[f64; 2]> = valve.loss_curve.iter().map(|[q, h]| [flow(*q), *h]).collect();
                ("GPV", self.curve(&points).to_string())
            }
            ValveKind::DifferentialPressure => {
                self.note(Severity::Warning, view.element(), "inp-export-differential", &[]);
                ("TCV", zeta.to_string())
            }
            ValveKind::Sectioning
            | ValveKind::Isolating
            | ValveKind::Control
            | ValveKind::Balancing
            | ValveKind::Bypass => ("TCV", throttled().to_string()),
        };
        let _ = writeln!(self.sections.valves, " {ends}\t{}\t{kind}\t{setting}\t{zeta}", diameter_m * 1000.0);
        if valve.opening <= 0.0 {
            let _ = writeln!(self.sections.status, " {name}\tClosed");
        }
    }

    fn pipe_diameter_m(&self, view: &LinkView<'_>) -> f64 {
        let largest = [view.from, view.to]
            .into_iter()
            .flat_map(|node| self.network.links_at(node))
            .filter_map(|link| Some(self.network.link_view(link)?.pipe()?.inner_diameter_m))
            .fold(0.0, f64::max);
        if largest > 0.0 { largest } else { VALVE_DIAMETER_M }
    }
}

/// Loss coefficient fully open.
fn full_zeta(valve: &Valve, diameter_m: f64) -> f64 {
    if let Some(kv) = valve.kv_m3_h.filter(|kv| *kv > 0.0) {
        return zeta_of_kv(kv, diameter_m);
    }
    valve.zeta.filter(|zeta| *zeta >= 0.0).unwrap_or_else(|| {
        match valve.kind {
            ValveKind::Sectioning | ValveKind::Isolating => ValveBuild::Butterfly,
            ValveKind::Check => ValveBuild::SwingCheck,
            _ => ValveBuild::Globe,
        }
        .open_zeta()
    })
}

/// Share of the full Kv at the valve's opening; 1 where its table is no characteristic.
fn share(valve: &Valve) -> f64 {
    let characteristic = match &valve.characteristic {
        Characteristic::Linear => OpeningCharacteristic::Linear,
        Characteristic::EqualPercentage { rangeability } => {
            OpeningCharacteristic::EqualPercentage { rangeability: *rangeability }
        }
        Characteristic::QuickOpening => OpeningCharacteristic::QuickOpening,
        Characteristic::Table { points } => {
            let rows: Vec<(f64, f64)> = points.iter().map(|point| (point[0], point[1])).collect();
            match CharacteristicTable::new(&rows) {
                Ok(table) => OpeningCharacteristic::Table(table),
                Err(_) => return 1.0,
            }
        }
    };
    if valve.opening <= 0.0 { 1.0 } else { characteristic.share(valve.opening).max(1e-6) }
}
