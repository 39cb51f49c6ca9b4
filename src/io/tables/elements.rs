//! Rows as elements: one function for each table, with the defaults of missing columns (listed in the module's head).

use super::row::Row;
use crate::network::attributes::Attributes;
use crate::network::{
    Characteristic, Consumer, Demand, LinkKind, Name, Node, Pipe, Pump, Source, SourceControl, Valve, ValveKind,
    catalogue,
};

/// An element with what its row held beside it.
pub struct Made {
    pub kind: LinkKind,
    /// Values of the row the element's law does not read, kept as attributes.
    pub aside: Attributes,
}

impl From<LinkKind> for Made {
    fn from(kind: LinkKind) -> Self {
        Made { kind, aside: Attributes::default() }
    }
}

/// A node.
pub fn node(row: &Row<'_>) -> Node {
    let node = Node {
        side: row.word("side").unwrap_or_default(),
        x_m: row.number("x_m").unwrap_or(0.0),
        y_m: row.number("y_m").unwrap_or(0.0),
        z_m: row.number("z_m").unwrap_or(0.0),
        attributes: row.attributes(),
        ..Node::default()
    };
    row.further(node)
}

/// A pipe. `distance_m`: between its end nodes, its length where none is given; zero where that is not known either.
/// The second value says whether the length was taken from there.
pub fn pipe(row: &Row<'_>, distance_m: f64) -> (Option<Pipe>, bool) {
    let length_m = row.number("length_m");
    let guessed = row.text("length_m").is_none();
    if guessed && distance_m <= 0.0 {
        row.push(row.problem("io-missing-cell").with("column", "length_m"));
    }
    let dn = row.number("dn").and_then(|dn| {
        let whole = (dn.fract() == 0.0 && (1.0..=f64::from(u16::MAX)).contains(&dn)).then_some(dn as u16);
        if whole.is_none() {
            row.push(row.problem("io-want-whole").with("field", "dn").with("got", dn));
        }
        whole
    });
    let nominal = dn.and_then(catalogue::by_dn);
    let inner_diameter_m = match (row.number("inner_diameter_m"), nominal, dn) {
        (Some(inner), _, _) => Some(inner),
        (None, Some(nominal), _) => Some(nominal.inner_diameter_m()),
        // What stands there could not be read, which was noted.
        _ if row.text("inner_diameter_m").is_some() => None,
        (None, None, None) if row.text("dn").is_some() => None,
        (None, None, Some(dn)) => {
            row.push(row.problem("io-dn-unknown").with("dn", dn));
            None
        }
        (None, None, None) => {
            row.push(row.problem("io-diameter-missing"));
            None
        }
    };
    let Some(inner_diameter_m) = inner_diameter_m else { return (None, false) };
    let outer_diameter_m = row.number("outer_diameter_m").unwrap_or_else(|| match nominal {
        Some(nominal) if nominal.outer_diameter_m > inner_diameter_m => nominal.outer_diameter_m,
        _ => inner_diameter_m + 2.0 * catalogue::at_least(inner_diameter_m).wall_m,
    });
    let mut pipe = Pipe {
        length_m: length_m.unwrap_or(distance_m),
        inner_diameter_m,
        outer_diameter_m,
        roughness_m: row.number("roughness_m").unwrap_or(Pipe::default().roughness_m),
        zeta: row.number("zeta").unwrap_or(0.0),
        u_w_m2k: row.number("u_w_m2k"),
        ..Pipe::default()
    };
    pipe.details.dn = dn;
    (Some(row.further(pipe)), guessed)
}

/// A consumer.
pub fn consumer(row: &Row<'_>) -> Option<Made> {
    let mode = match row.text("mode") {
        Some(word) => super::words::canonical(word),
        None if row.text("heat_w").is_some() => "heat".to_owned(),
        None => "mass-flow".to_owned(),
    };
    let mut aside = Attributes::default();
    let demand = match mode.as_str() {
        "mass-flow" => {
            keep(row, "heat_w", &mut aside);
            Demand::MassFlow { mass_flow_kg_s: row.required_number("mass_flow_kg_s")? }
        }
        "heat" => {
            keep(row, "mass_flow_kg_s", &mut aside);
            Demand::Heat { heat_w: row.required_number("heat_w")? }
        }
        _ => {
            row.unknown_word("mode", row.text("mode").unwrap_or(""), &mode, &["mass_flow", "heat"]);
            return None;
        }
    };
    let consumer = Consumer {
        demand,
        return_temperature_c: row.number("return_temperature_c").unwrap_or(Consumer::default().return_temperature_c),
        ..Consumer::default()
    };
    Some(Made { kind: LinkKind::Consumer(Box::new(row.further(consumer))), aside })
}

/// Keeps a number its element has no place for.
fn keep(row: &Row<'_>, column: &str, aside: &mut Attributes) {
    if let Some(number) = row.number(column) {
        aside.insert(column.to_owned(), crate::network::attributes::Attribute::Number(number));
    }
}

/// A source.
pub fn source(row: &Row<'_>) -> Option<Made> {
    let given = |column: &str| row.text(column).is_some();
    let mode = match row.text("mode") {
        Some(word) => super::words::canonical(word),
        None if given("return_pressure_pa") => "reference".to_owned(),
        None if given("pressure_rise_pa") => "pressure-rise".to_owned(),
        None if given("mass_flow_kg_s") => "mass-flow".to_owned(),
        None => "reference".to_owned(),
    };
    let used: &[&str] = match mode.as_str() {
        "reference" => &["return_pressure_pa", "pressure_rise_pa"],
        "pressure-rise" => &["pressure_rise_pa"],
        "mass-flow" => &["mass_flow_kg_s"],
        "supply-pressure" => &["supply_pressure_pa"],
        "worst-point" => &["available_pressure_pa", "return_pressure_pa", "consumer"],
        "speed" => &["return_pressure_pa"],
        _ => {
            let known = ["reference", "pressure_rise", "mass_flow", "supply_pressure", "worst_point", "speed"];
            row.unknown_word("mode", row.text("mode").unwrap_or(""), &mode, &known);
            return None;
        }
    };
    let control = match mode.as_str() {
        "reference" => SourceControl::Reference {
            return_pressure_pa: row.required_number("return_pressure_pa")?,
            pressure_rise_pa: row.required_number("pressure_rise_pa")?,
        },
        "pressure-rise" => SourceControl::PressureRise { pressure_rise_pa: row.required_number("pressure_rise_pa")? },
        "mass-flow" => SourceControl::MassFlow { mass_flow_kg_s: row.required_number("mass_flow_kg_s")? },
        "supply-pressure" => {
            SourceControl::SupplyPressure { supply_pressure_pa: row.required_number("supply_pressure_pa")? }
        }
        "speed" => SourceControl::Speed { return_pressure_pa: row.number("return_pressure_pa") },
        _ => SourceControl::WorstPoint {
            available_pressure_pa: row.required_number("available_pressure_pa")?,
            consumer: row.text("consumer").map(Name::from),
            return_pressure_pa: row.number("return_pressure_pa"),
        },
    };
    let mut aside = Attributes::default();
    let columns =
        ["return_pressure_pa", "pressure_rise_pa", "mass_flow_kg_s", "supply_pressure_pa", "available_pressure_pa"];
    for column in columns.into_iter().filter(|column| !used.contains(column)) {
        keep(row, column, &mut aside);
    }
    let source = Source {
        control,
        supply_temperature_c: row.number("supply_temperature_c").unwrap_or(Source::default().supply_temperature_c),
        ..Source::default()
    };
    Some(Made { kind: LinkKind::Source(Box::new(row.further(source))), aside })
}

/// A valve.
pub fn valve(row: &Row<'_>) -> Made {
    let kind: ValveKind = row.word("kind").unwrap_or_default();
    let mut valve = Valve {
        kind,
        kv_m3_h: row.number("kv_m3_h"),
        opening: row.number("opening").unwrap_or(1.0),
        characteristic: characteristic(row),
        diameter_m: row.number("diameter_m"),
        ..Valve::default()
    };
    if let Some(state) = row.text("state") {
        match super::words::canonical(state).as_str() {
            "open" => {}
            "closed" => valve.opening = 0.0,
            word => row.unknown_word("state", state, word, &["open", "closed"]),
        }
    }
    match (kind, row.number("set_value")) {
        (ValveKind::Flow, value) => valve.set_flow_kg_s = value,
        (
            ValveKind::DifferentialPressure
            | ValveKind::PressureReducing
            | ValveKind::PressureSustaining
            | ValveKind::PressureBreaking
            | ValveKind::Turbine,
            value,
        ) => valve.set_pressure_pa = value,
        _ => {}
    }
    LinkKind::Valve(Box::new(row.further(valve))).into()
}

/// `linear`, `equal-percentage:50`, `quick-opening`, or pairs `0:0 0.5:0.2 1:1`.
fn characteristic(row: &Row<'_>) -> Characteristic {
    let Some(text) = row.text("characteristic") else { return Characteristic::Linear };
    let word = super::words::canonical(text);
    let (name, parameter) = word.split_once(':').map_or((word.as_str(), None), |(name, rest)| (name, Some(rest)));
    match name {
        "linear" => return Characteristic::Linear,
        "quick-opening" => return Characteristic::QuickOpening,
        "equal-percentage" | "等百分比" => match parameter.map(str::parse::<f64>) {
            // The usual rangeability of control valves (IEC 60534).
            None => return Characteristic::EqualPercentage { rangeability: 50.0 },
            Some(Ok(rangeability)) if rangeability.is_finite() => {
                return Characteristic::EqualPercentage { rangeability };
            }
            Some(_) => {}
        },
        _ => {
            let pair = |pair: &str| {
                let (opening, share) = pair.split_once(':')?;
                Some([super::row::number(opening).ok()?, super::row::number(share).ok()?])
            };
            let points: Option<Vec<[f64; 2]>> = text.split_whitespace().map(pair).collect();
            if let Some(points) = points {
                return Characteristic::Table { points };
            }
        }
    }
    let known = ["linear", "equal-percentage", "equal-percentage:50", "quick-opening", "0:0 0.5:0.2 1:1"];
    row.unknown_word("characteristic", text, &word, &known);
    Characteristic::Linear
}

/// A pump; its curve comes from another table.
pub fn pump(row: &Row<'_>) -> Pump {
    let parallel = row.number("parallel").map_or(Some(1), |parallel| {
        let whole = parallel.fract() == 0.0 && (0.0..=100.0).contains(&parallel);
        if !whole {
            row.push(row.problem("io-want-whole").with("field", "parallel").with("got", parallel));
        }
        whole.then_some(parallel as u16)
    });
    let pump = Pump { speed: row.number("speed").unwrap_or(1.0), parallel: parallel.unwrap_or(1), ..Pump::default() };
    row.further(pump)
}
