//! Which fields an inspector offers: their group, those that may be unset, and the words of choices.
//!
//! Fields themselves come from the element types (`network::fields`); a field missing here is still shown, among the
//! attributes. Only order, group and offers live here.

use super::inspector::Group;
use crate::network::ElementKind;

/// What an unset field would hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Number,
    Flag,
    Text,
    /// The word that holds while the field is absent.
    Choice(&'static str),
}

/// Fields offered although an element may not have them set.
pub const fn offered(kind: ElementKind) -> &'static [(&'static str, Shape)] {
    match kind {
        ElementKind::Pipe => &[
            ("name", Shape::Text),
            ("state", Shape::Choice("open")),
            ("zeta", Shape::Number),
            ("u_w_m2k", Shape::Number),
            ("details.dn", Shape::Number),
            ("details.depth_m", Shape::Number),
            ("details.nominal_pressure_pa", Shape::Number),
            ("details.material", Shape::Text),
            ("details.year_laid", Shape::Number),
            ("details.laying", Shape::Choice("buried")),
        ],
        ElementKind::Valve => &[
            ("name", Shape::Text),
            ("kv_m3_h", Shape::Number),
            ("diameter_m", Shape::Number),
            ("set_pressure_pa", Shape::Number),
            ("set_flow_kg_s", Shape::Number),
            ("efficiency", Shape::Number),
            ("drive", Shape::Choice("manual")),
            ("condition", Shape::Choice("operable")),
            ("closing_time_s", Shape::Number),
        ],
        ElementKind::Pump => &[
            ("name", Shape::Text),
            ("role", Shape::Choice("circulation")),
            ("control", Shape::Choice("speed")),
            ("rated_speed_rpm", Shape::Number),
            ("npsh_required_head_m", Shape::Number),
            ("motor_efficiency", Shape::Number),
        ],
        ElementKind::Source => &[
            ("name", Shape::Text),
            ("kind", Shape::Choice("combined-heat-and-power")),
            ("capacity_w", Shape::Number),
            ("minimum_heat_w", Shape::Number),
            ("maximum_flow_kg_s", Shape::Number),
            ("plant.start_time_s", Shape::Number),
            ("plant.ramp_up_w_s", Shape::Number),
            ("plant.ramp_down_w_s", Shape::Number),
            ("plant.efficiency", Shape::Number),
        ],
        ElementKind::Consumer => &[
            ("name", Shape::Text),
            ("shut", Shape::Flag),
            ("connection", Shape::Choice("indirect")),
            ("priority", Shape::Choice("residential")),
            ("kv_open_m3_h", Shape::Number),
            ("hand_opening", Shape::Number),
            ("station.mixing_ratio", Shape::Number),
            ("station.circuit_drop_pa", Shape::Number),
            ("station.circuit_flow_kg_s", Shape::Number),
            ("required_pressure_pa", Shape::Number),
            ("secondary.secondary_supply_temperature_c", Shape::Number),
            ("secondary.secondary_return_temperature_c", Shape::Number),
            ("secondary.primary_supply_temperature_c", Shape::Number),
            ("heated_area_m2", Shape::Number),
            ("households", Shape::Number),
            ("people", Shape::Number),
            ("address", Shape::Text),
        ],
        ElementKind::Node => &[("name", Shape::Text), ("demand_kg_s", Shape::Number), ("chamber", Shape::Text)],
        ElementKind::Chamber => {
            &[("name", Shape::Text), ("depth_m", Shape::Number), ("drain", Shape::Flag), ("vent", Shape::Flag)]
        }
        ElementKind::Building => &[
            ("name", Shape::Text),
            ("heated_area_m2", Shape::Number),
            ("storeys", Shape::Number),
            ("households", Shape::Number),
            ("people", Shape::Number),
            ("priority", Shape::Choice("residential")),
            ("time_constant_s", Shape::Number),
            ("heating.heat_index_w_m2", Shape::Number),
            ("heating.room_temperature_c", Shape::Number),
        ],
        ElementKind::Sensor => &[("name", Shape::Text), ("tag", Shape::Text), ("deviation_si", Shape::Number)],
        ElementKind::Network => &[],
    }
}

/// The words a field may hold; empty where it is not a choice.
pub fn choices(kind: ElementKind, field: &str) -> &'static [&'static str] {
    const PRIORITY: &[&str] = &["hospital", "school", "care", "residential", "public", "commercial", "industrial"];
    match (kind, field) {
        (ElementKind::Valve, "kind") => &[
            "sectioning",
            "isolating",
            "control",
            "balancing",
            "check",
            "bypass",
            "differential-pressure",
            "flow",
            "pressure-reducing",
            "pressure-sustaining",
            "pressure-breaking",
            "general-purpose",
            "turbine",
        ],
        (ElementKind::Valve, "drive") => &["manual", "electric", "hydraulic", "pneumatic", "self-acting"],
        (ElementKind::Valve, "condition") => &["operable", "stuck", "unreachable", "unknown"],
        (ElementKind::Valve, "characteristic") => &["linear", "equal-percentage", "quick-opening"],
        (ElementKind::Pump, "role")
        | (ElementKind::Consumer, "station.pump.role")
        | (ElementKind::Source, "pumps.role") => &["circulation", "distributed", "booster", "make-up", "mixing"],
        (ElementKind::Pump, "control")
        | (ElementKind::Consumer, "station.pump.control")
        | (ElementKind::Source, "pumps.control") => &["speed", "mass-flow", "pressure-rise", "differential-pressure"],
        (ElementKind::Source, "kind") => &[
            "combined-heat-and-power",
            "coal-boiler",
            "gas-boiler",
            "biomass-boiler",
            "electric-boiler",
            "heat-pump",
            "waste-heat",
            "geothermal",
            "solar",
            "interconnection",
            "heat-store",
            "other",
        ],
        (ElementKind::Source, "control") => {
            &["reference", "pressure-rise", "mass-flow", "supply-pressure", "worst-point", "speed"]
        }
        (ElementKind::Consumer, "demand") => &["heat", "mass-flow"],
        (ElementKind::Consumer, "connection") => &[
            "indirect",
            "mixing-bypass-pump",
            "mixing-supply-pump",
            "mixing-return-pump",
            "jet-pump",
            "direct",
            "absorption-exchanger",
            "booster-heat-pump",
            "building-exchanger",
        ],
        (ElementKind::Consumer | ElementKind::Building, "priority") => PRIORITY,
        (ElementKind::Consumer, "secondary.held") => &["supply", "return", "mean", "nothing"],
        (ElementKind::Building, "heating.emitter") => &["radiator", "floor"],
        (ElementKind::Building, "heating.usage") => &[
            "residential",
            "residential-mixed",
            "school-office",
            "hospital-nursery",
            "hotel",
            "shop",
            "canteen",
            "theatre-exhibition",
            "hall-gymnasium",
        ],
        (ElementKind::Building, "heating.entrance") => &["room", "return", "mean-water"],
        (ElementKind::Source, "plant.heat_source") => &["air", "ground", "sewage", "waste-heat"],
        (ElementKind::Pipe, "state") => &["open", "closed", "one-way"],
        (ElementKind::Pipe, "details.laying") => &["buried", "duct", "overhead", "utility-tunnel"],
        (ElementKind::Node, "side") => &["supply", "return", "single"],
        (ElementKind::Network, "friction") => {
            &["colebrook", "swamee-jain", "altshul", "shifrinson", "hazen-williams", "chezy-manning"]
        }
        (ElementKind::Network, "water") => &["iapws", "constant"],
        _ => &[],
    }
}

/// Group of a field and its place within, by the whole name or its last part.
pub fn group(field: &str) -> (Group, usize) {
    const ORDER: &[(Group, &[&str])] = &[
        (
            Group::Identity,
            &[
                "name",
                "title",
                "kind",
                "role",
                "side",
                "connection",
                "priority",
                "address",
                "tag",
                "element",
                "quantity",
                "chamber",
                "consumer",
                "primary",
                "material",
                "year_laid",
                "year_built",
                "laying",
                "drive",
                "condition",
                "pair",
            ],
        ),
        (
            Group::Operation,
            &[
                "opening",
                "speed",
                "parallel",
                "running",
                "shut",
                "state",
                "demand",
                "heat_w",
                "mass_flow_kg_s",
                "control",
                "return_pressure_pa",
                "pressure_rise_pa",
                "supply_pressure_pa",
                "available_pressure_pa",
                "supply_temperature_c",
                "return_temperature_c",
                "set_pressure_pa",
                "set_flow_kg_s",
                "demand_kg_s",
                "pressure_pa",
                "head_m",
                "level_m",
                "capacity_kg_s",
                "temperature_c",
                "outdoor_temperature_c",
                "design_outdoor_temperature_c",
                "ambient_temperature_c",
            ],
        ),
        (
            Group::Geometry,
            &[
                "dn",
                "length_m",
                "inner_diameter_m",
                "outer_diameter_m",
                "diameter_m",
                "x_m",
                "y_m",
                "z_m",
                "depth_m",
                "height_m",
                "storeys",
                "route_m",
                "footprint_m",
            ],
        ),
        (
            Group::Hydraulics,
            &[
                "roughness_m",
                "zeta",
                "kv_m3_h",
                "kv_open_m3_h",
                "hand_opening",
                "mixing_ratio",
                "circuit_drop_pa",
                "circuit_flow_kg_s",
                "required_pressure_pa",
                "nominal_pressure_pa",
                "characteristic",
                "rangeability",
                "points",
                "curve",
                "power_w",
                "check_valve",
                "rated_speed_rpm",
                "npsh_required_head_m",
                "npsh_curve",
                "motor_efficiency",
                "closing_time_s",
                "friction",
                "gravity_m_s2",
                "hazen_williams_c",
                "manning_n",
                "loss_curve",
                "sensing_nodes",
                "maximum_flow_kg_s",
            ],
        ),
        (
            Group::Heat,
            &[
                "u_w_m2k",
                "thickness_m",
                "conductivity_w_mk",
                "ageing_factor",
                "capacity_w",
                "ua_w_k",
                "primary_flow_kg_s",
                "secondary_flow_kg_s",
                "fouling_k_w",
                "volume_m3",
                "lower_temperature_c",
                "charge_share",
                "minimum_heat_w",
                "heated_area_m2",
                "households",
                "people",
                "time_constant_s",
            ],
        ),
    ];
    if field.starts_with("attributes.") {
        return (Group::Attributes, usize::MAX);
    }
    // Heat in time stands together, whatever else its fields are called like.
    if ["secondary.", "heating.", "plant."].iter().any(|prefix| field.starts_with(prefix)) {
        return (Group::Heat, usize::MAX);
    }
    let leaf = field.rsplit('.').next().unwrap_or(field);
    for (group, names) in ORDER {
        if let Some(at) = names.iter().position(|name| *name == leaf) {
            return (*group, at);
        }
    }
    (Group::Attributes, usize::MAX)
}

/// Whether a field may be unset.
pub fn is_optional(kind: ElementKind, field: &str) -> bool {
    field.starts_with("attributes.")
        || offered(kind).iter().any(|(name, shape)| *name == field && *shape == Shape::Number)
}

/// A usual value to start from where a number is not set yet, SI.
pub fn suggestion(field: &str) -> f64 {
    match field.rsplit('.').next().unwrap_or(field) {
        "dn" => 200.0,
        "depth_m" => 1.5,
        "nominal_pressure_pa" => 1.6e6,
        "year_laid" => 2010.0,
        "u_w_m2k" => 0.5,
        "kv_m3_h" => 500.0,
        "kv_open_m3_h" => 50.0,
        "hand_opening" => 1.0,
        "mixing_ratio" => 2.0,
        "circuit_drop_pa" => 20e3,
        "circuit_flow_kg_s" => 10.0,
        "efficiency" => 0.8,
        "diameter_m" => 0.2,
        "set_pressure_pa" => 100e3,
        "set_flow_kg_s" => 10.0,
        "closing_time_s" => 60.0,
        "rated_speed_rpm" => 1480.0,
        "npsh_required_head_m" => 4.0,
        "motor_efficiency" => 0.92,
        "capacity_w" => 50e6,
        "minimum_heat_w" => 5e6,
        "maximum_flow_kg_s" => 300.0,
        "required_pressure_pa" => 50e3,
        "heated_area_m2" => 50_000.0,
        "households" => 500.0,
        "people" => 1500.0,
        "storeys" => 6.0,
        "secondary_supply_temperature_c" => 75.0,
        "secondary_return_temperature_c" => 50.0,
        "primary_supply_temperature_c" => 110.0,
        "heat_index_w_m2" => 45.0,
        "room_temperature_c" => 18.0,
        "time_constant_s" => 360_000.0,
        "start_time_s" => 1800.0,
        "ramp_up_w_s" | "ramp_down_w_s" => 20_000.0,
        _ => 0.0,
    }
}

/// The JSON number of a field: counts are whole.
pub fn number_value(field: &str, si: f64) -> serde_json::Value {
    match field.rsplit('.').next().unwrap_or(field) {
        "dn" | "year_laid" | "year_built" | "parallel" | "households" | "people" | "storeys" | "compensators" => {
            serde_json::Value::from(si.round() as i64)
        }
        _ => serde_json::Value::from(si),
    }
}

/// Every field of a kind that is a choice, with its words: for checks that all have names.
pub fn all_choices(kind: ElementKind) -> Vec<(&'static str, &'static [&'static str])> {
    const FIELDS: &[&str] = &[
        "kind",
        "drive",
        "condition",
        "characteristic",
        "role",
        "control",
        "demand",
        "connection",
        "priority",
        "state",
        "details.laying",
        "side",
        "friction",
        "water",
        "secondary.held",
        "heating.emitter",
        "heating.usage",
        "heating.entrance",
        "plant.heat_source",
    ];
    FIELDS.iter().map(|field| (*field, choices(kind, field))).filter(|(_, words)| !words.is_empty()).collect()
}
