//! Numbers of every element: finite and in range.
//!
//! The ranges are those of [`fields::range`], so that a file, an edit and a check agree; a few are narrower because the
//! element gives the field a narrower meaning (a consumer cannot take a negative flow).

use crate::network::fields;
use crate::network::finding::FindingValue;
use crate::network::{
    Boundary, Code, Consumer, Demand, ElementKind, ElementRef, Finding, FrictionModel, LinkKind, Network, Node, Pipe,
    Pump, PumpControl, Source, SourceControl, Valve, WaterModel,
};
use crate::units::Quantity;

/// A number field of an element type: its name in files, how to read it, and where it must lie.
struct Field<T: ?Sized> {
    name: &'static str,
    value: fn(&T) -> Option<f64>,
    low: f64,
    high: f64,
}

fn field<T: ?Sized>(name: &'static str, value: fn(&T) -> Option<f64>) -> Field<T> {
    let (low, high) = fields::range(name);
    Field { name, value, low, high }
}

fn within<T: ?Sized>(name: &'static str, low: f64, high: f64, value: fn(&T) -> Option<f64>) -> Field<T> {
    Field { name, value, low, high }
}

/// A number that is no sensible value, as a finding.
pub(super) fn number_finding(
    element: ElementRef,
    name: &'static str,
    value: f64,
    low: f64,
    high: f64,
) -> Option<Finding> {
    if !value.is_finite() {
        return Some(Finding::new(Code::NotFinite, element).text("field", name));
    }
    if (low..=high).contains(&value) {
        return None;
    }
    let quantity = Quantity::of_key(name.rsplit('.').next().unwrap_or(name));
    let shown = |si: f64| match quantity {
        Some(quantity) => FindingValue::Physical(quantity, si),
        None => FindingValue::Text(format!("{si}")),
    };
    Some(
        Finding::new(Code::OutOfRange, element)
            .text("field", name)
            .with("value", shown(value))
            .with("low", shown(low))
            .with("high", shown(high)),
    )
}

fn check_fields<T: ?Sized>(
    table: &[Field<T>],
    target: &T,
    element: impl Fn() -> ElementRef,
    findings: &mut Vec<Finding>,
) {
    for field in table {
        if let Some(value) = (field.value)(target)
            && !(field.low..=field.high).contains(&value)
        {
            findings.extend(number_finding(element(), field.name, value, field.low, field.high));
        }
    }
}

/// Checks the numbers of settings, nodes, links, chambers and buildings.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    settings(network, findings);
    let node_fields = node_fields();
    for (_, id, node) in network.nodes() {
        check_fields(&node_fields, node, || ElementRef::new(ElementKind::Node, id.clone()), findings);
    }
    let (pipes, valves, pumps) = (pipe_fields(), valve_fields(), pump_fields());
    let (sources, consumers) = (source_fields(), consumer_fields());
    let friction = network.settings().friction;
    for view in network.links() {
        match &view.link.kind {
            LinkKind::Pipe(pipe) => {
                check_fields(&pipes, pipe, || view.element(), findings);
                check_pipe(pipe, friction, || view.element(), findings);
            }
            LinkKind::Valve(valve) => check_fields(&valves, &**valve, || view.element(), findings),
            LinkKind::Pump(pump) => check_fields(&pumps, &**pump, || view.element(), findings),
            LinkKind::Source(source) => check_fields(&sources, &**source, || view.element(), findings),
            LinkKind::Consumer(consumer) => check_fields(&consumers, &**consumer, || view.element(), findings),
        }
    }
    surroundings(network, findings);
}

fn settings(network: &Network, findings: &mut Vec<Finding>) {
    let settings = network.settings();
    let mut number = |name: &'static str, value: f64, low: f64, high: f64| {
        findings.extend(number_finding(ElementRef::network(), name, value, low, high));
    };
    number("ambient_temperature_c", settings.ambient_temperature_c, -60.0, 350.0);
    number("outdoor_temperature_c", settings.outdoor_temperature_c, -90.0, 60.0);
    number("gravity_m_s2", settings.gravity_m_s2, 0.0, 30.0);
    if let WaterModel::Constant { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } = settings.water {
        // Anything that flows in a pipe and is a liquid.
        number("water.constant.density_kg_m3", density_kg_m3, 100.0, 5000.0);
        number("water.constant.viscosity_pa_s", viscosity_pa_s, 1e-6, 10.0);
        number("water.constant.heat_capacity_j_kgk", heat_capacity_j_kgk, 100.0, 20_000.0);
    }
}

fn node_fields() -> Vec<Field<Node>> {
    vec![
        field("x_m", |n: &Node| Some(n.x_m)),
        field("y_m", |n| Some(n.y_m)),
        field("z_m", |n| Some(n.z_m)),
        field("demand_kg_s", |n| Some(n.demand_kg_s)),
        field("boundary.pressure_pa", |n| match n.boundary() {
            Some(Boundary::MakeUp { pressure_pa, .. }) => Some(pressure_pa),
            _ => None,
        }),
        within("boundary.capacity_kg_s", 0.0, 1e6, |n| match n.boundary() {
            Some(Boundary::MakeUp { capacity_kg_s, .. }) => capacity_kg_s,
            _ => None,
        }),
        field("boundary.temperature_c", |n| match n.boundary() {
            Some(
                Boundary::MakeUp { temperature_c, .. }
                | Boundary::Reservoir { temperature_c, .. }
                | Boundary::Tank { temperature_c, .. },
            ) => Some(temperature_c),
            None => None,
        }),
        within("boundary.head_m", -500.0, 9000.0, |n| match n.boundary() {
            Some(Boundary::Reservoir { head_m, .. }) => Some(head_m),
            _ => None,
        }),
        within("boundary.level_m", 0.0, 1000.0, |n| match n.boundary() {
            Some(Boundary::Tank { level_m, .. }) => Some(level_m),
            _ => None,
        }),
        field("boundary.diameter_m", |n| match n.boundary() {
            Some(Boundary::Tank { diameter_m, .. }) => Some(diameter_m),
            _ => None,
        }),
    ]
}

fn pipe_fields() -> Vec<Field<Pipe>> {
    vec![
        field("length_m", |p: &Pipe| Some(p.length_m)),
        field("inner_diameter_m", |p| Some(p.inner_diameter_m)),
        field("outer_diameter_m", |p| Some(p.outer_diameter_m)),
        field("roughness_m", |p| Some(p.roughness_m)),
        field("zeta", |p| Some(p.zeta)),
        within("u_w_m2k", 0.0, 1e5, |p| p.u_w_m2k),
        within("details.nominal_pressure_pa", 0.0, 1e8, |p| p.details.nominal_pressure_pa),
        field("details.depth_m", |p| p.details.depth_m),
        field("details.insulation.thickness_m", |p| p.details.insulation.as_ref().map(|i| i.thickness_m)),
        within("details.insulation.conductivity_w_mk", 1e-4, 500.0, |p| {
            p.details.insulation.as_ref().map(|i| i.conductivity_w_mk)
        }),
        within("details.insulation.ageing_factor", 0.0, 100.0, |p| {
            p.details.insulation.as_ref().map(|i| i.ageing_factor)
        }),
        within("details.hazen_williams_c", 1.0, 1000.0, |p| p.details.hazen_williams_c),
        within("details.manning_n", 1e-4, 1.0, |p| p.details.manning_n),
    ]
}

/// What two fields of a pipe say together.
fn check_pipe(pipe: &Pipe, friction: FrictionModel, element: impl Fn() -> ElementRef, findings: &mut Vec<Finding>) {
    let (inner_m, outer_m) = (pipe.inner_diameter_m, pipe.outer_diameter_m);
    if outer_m < inner_m {
        findings.push(
            Finding::new(Code::WallNegative, element()).physical("outer", Quantity::Diameter, outer_m).physical(
                "inner",
                Quantity::Diameter,
                inner_m,
            ),
        );
    }
    let missing = |field: &'static str| Finding::new(Code::MissingValue, element()).text("field", field);
    for leak in pipe.leaks.iter().flat_map(|leaks| &leaks.0) {
        if leak.effective_area_m2().is_none() {
            findings.push(missing("leaks.hole_diameter_m"));
        }
        for (name, value, high) in [
            ("leaks.position", Some(leak.position), 1.0),
            ("leaks.hole_area_m2", leak.hole_area_m2, 10.0),
            ("leaks.hole_diameter_m", leak.hole_diameter_m, 4.0),
            ("leaks.discharge_coefficient", Some(leak.discharge_coefficient), 1.0),
            ("leaks.outside_pressure_pa", Some(leak.outside_pressure_pa), 1e7),
        ] {
            findings.extend(value.and_then(|value| number_finding(element(), name, value, 0.0, high)));
        }
    }
    match friction {
        FrictionModel::HazenWilliams => {
            if pipe.details.hazen_williams_c.is_none() {
                findings.push(missing("details.hazen_williams_c"));
            }
        }
        FrictionModel::ChezyManning => {
            if pipe.details.manning_n.is_none() {
                findings.push(missing("details.manning_n"));
            }
        }
        // Roughness as large as the radius leaves no bore; no law of friction is defined there.
        _ => {
            let high_m = 0.5 * inner_m;
            if pipe.roughness_m > high_m && pipe.roughness_m <= fields::range("roughness_m").1 {
                findings.extend(number_finding(element(), "roughness_m", pipe.roughness_m, 0.0, high_m));
            }
        }
    }
}

fn valve_fields() -> Vec<Field<Valve>> {
    vec![
        field("opening", |v: &Valve| Some(v.opening)),
        field("efficiency", |v| v.efficiency),
        field("kv_m3_h", |v| v.kv_m3_h),
        field("zeta", |v| v.zeta),
        field("diameter_m", |v| v.diameter_m),
        field("set_pressure_pa", |v| v.set_pressure_pa),
        within("set_flow_kg_s", 0.0, 1e6, |v| v.set_flow_kg_s),
        field("closing_time_s", |v| v.closing_time_s),
    ]
}

fn pump_fields() -> Vec<Field<Pump>> {
    vec![
        field("speed", |p: &Pump| Some(p.speed)),
        within("power_w", 0.0, 1e9, |p| p.power_w),
        within("rated_speed_rpm", 0.0, 1e5, |p| p.rated_speed_rpm),
        within("npsh_required_head_m", 0.0, 1000.0, |p| p.npsh_required_head_m),
        within("motor_efficiency", 0.0, 1.0, |p| p.motor_efficiency),
        within("control.mass_flow_kg_s", 0.0, 1e6, |p| match p.control {
            PumpControl::MassFlow { mass_flow_kg_s } => Some(mass_flow_kg_s),
            _ => None,
        }),
        within("control.pressure_rise_pa", 0.0, 1e8, |p| match p.control {
            PumpControl::PressureRise { pressure_rise_pa } => Some(pressure_rise_pa),
            _ => None,
        }),
        within("control.set_pressure_pa", 0.0, 1e8, |p| match p.control {
            PumpControl::DifferentialPressure { set_pressure_pa, .. } => Some(set_pressure_pa),
            _ => None,
        }),
    ]
}

fn source_fields() -> Vec<Field<Source>> {
    vec![
        field("supply_temperature_c", |s: &Source| Some(s.supply_temperature_c)),
        field("capacity_w", |s| s.capacity_w),
        field("minimum_heat_w", |s| s.minimum_heat_w),
        field("maximum_flow_kg_s", |s| s.maximum_flow_kg_s),
        field("return_pressure_pa", |s| match s.control {
            SourceControl::Reference { return_pressure_pa, .. } => Some(return_pressure_pa),
            SourceControl::WorstPoint { return_pressure_pa, .. } | SourceControl::Speed { return_pressure_pa } => {
                return_pressure_pa
            }
            _ => None,
        }),
        field("pressure_rise_pa", |s| match s.control {
            SourceControl::Reference { pressure_rise_pa, .. } | SourceControl::PressureRise { pressure_rise_pa } => {
                Some(pressure_rise_pa)
            }
            _ => None,
        }),
        within("exchanger.ua_w_k", 1e-3, 1e12, |s| s.exchanger.as_ref().map(|plate| plate.ua_w_k)),
        within("exchanger.primary_flow_kg_s", 1e-6, 1e6, |s| s.exchanger.as_ref().map(|plate| plate.primary_flow_kg_s)),
        within("exchanger.secondary_flow_kg_s", 1e-6, 1e6, |s| {
            s.exchanger.as_ref().map(|plate| plate.secondary_flow_kg_s)
        }),
        within("exchanger.fouling_k_w", 0.0, 1e3, |s| s.exchanger.as_ref().map(|plate| plate.fouling_k_w)),
        within("store.volume_m3", 0.0, 1e7, |s| s.store.as_ref().map(|store| store.volume_m3)),
        within("store.lower_temperature_c", 0.0, 350.0, |s| s.store.as_ref().map(|store| store.lower_temperature_c)),
        within("store.charge_share", 0.0, 1.0, |s| s.store.as_ref().map(|store| store.charge_share)),
        within("mass_flow_kg_s", 0.0, 1e6, |s| match s.control {
            // A store that charges takes water from the supply.
            SourceControl::MassFlow { mass_flow_kg_s } if s.store.is_some() => Some(mass_flow_kg_s.abs()),
            SourceControl::MassFlow { mass_flow_kg_s } => Some(mass_flow_kg_s),
            _ => None,
        }),
        field("supply_pressure_pa", |s| match s.control {
            SourceControl::SupplyPressure { supply_pressure_pa } => Some(supply_pressure_pa),
            _ => None,
        }),
        within("available_pressure_pa", 0.0, 1e8, |s| match s.control {
            SourceControl::WorstPoint { available_pressure_pa, .. } => Some(available_pressure_pa),
            _ => None,
        }),
    ]
}

fn consumer_fields() -> Vec<Field<Consumer>> {
    vec![
        within("mass_flow_kg_s", 0.0, 1e6, |c: &Consumer| match c.demand {
            Demand::MassFlow { mass_flow_kg_s } => Some(mass_flow_kg_s),
            Demand::Heat { .. } => None,
        }),
        field("heat_w", |c| match c.demand {
            Demand::Heat { heat_w } => Some(heat_w),
            Demand::MassFlow { .. } => None,
        }),
        field("return_temperature_c", |c| Some(c.return_temperature_c)),
        field("kv_open_m3_h", |c| c.kv_open_m3_h),
        within("hand_opening", 0.0, 1.0, |c| c.hand_opening),
        within("required_pressure_pa", 0.0, 1e8, |c| c.required_pressure_pa),
        field("heated_area_m2", |c| c.heated_area_m2),
        // Elevators mix up to some four times the primary water, pumps at low temperatures more.
        within("station.mixing_ratio", 0.0, 50.0, |c| c.station.as_ref().map(|station| station.mixing_ratio)),
        within("station.circuit_drop_pa", 0.0, 1e7, |c| c.station.as_ref().map(|station| station.circuit_drop_pa)),
        within("station.circuit_flow_kg_s", 0.0, 1e6, |c| c.station.as_ref().map(|station| station.circuit_flow_kg_s)),
    ]
}

fn surroundings(network: &Network, findings: &mut Vec<Finding>) {
    for (id, chamber) in network.chambers() {
        let places = [("x_m", Some(chamber.x_m)), ("y_m", Some(chamber.y_m)), ("z_m", Some(chamber.z_m))];
        for (name, value) in places.into_iter().chain([("depth_m", chamber.depth_m)]) {
            let (low, high) = fields::range(name);
            let element = ElementRef::new(ElementKind::Chamber, id.clone());
            findings.extend(value.and_then(|value| number_finding(element, name, value, low, high)));
        }
    }
    for (id, building) in network.buildings() {
        let numbers = [
            ("height_m", Some(building.height_m)),
            ("z_m", Some(building.z_m)),
            ("heated_area_m2", building.heated_area_m2),
        ];
        let element = || ElementRef::new(ElementKind::Building, id.clone());
        for (name, value) in numbers {
            let (low, high) = fields::range(name);
            findings.extend(value.and_then(|value| number_finding(element(), name, value, low, high)));
        }
        // A time constant of zero would make a building without walls; a hundred years none with a heating.
        if let Some(seconds) = building.time_constant_s {
            findings.extend(number_finding(element(), "time_constant_s", seconds, 1.0, 3.2e9));
        }
        if building.footprint_m.iter().flatten().any(|value| !value.is_finite()) {
            findings.push(Finding::new(Code::NotFinite, element()).text("field", "footprint_m"));
        }
    }
    for (id, sensor) in network.sensors() {
        if let Some(deviation) = sensor.deviation_si {
            let element = ElementRef::new(ElementKind::Sensor, id.clone());
            findings.extend(number_finding(element, "deviation_si", deviation, 0.0, 1e12));
        }
    }
    if network.backdrop().terrain.as_ref().is_some_and(|terrain| terrain.z_m.iter().any(|z| !z.is_finite())) {
        findings.push(Finding::new(Code::NotFinite, ElementRef::network()).text("field", "terrain.z_m"));
    }
}
