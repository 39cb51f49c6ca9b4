//! The tables of a building's settlement.

use std::collections::BTreeMap;
use std::path::Path;

use crate::io::sheet::{Column, Sheet, SheetRow};
use crate::io::{IoError, Problem};
use crate::physics::metering::{
    FlowSensor, Household, Integrated, Measured, Method, Reading, STANDARD_PRESSURE_PA, TwoPartPrice, integrate,
};

/// Everything the tables say about one building and period.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    pub method: Method,
    pub heat: BuildingHeat,
    pub period_h: f64,
    pub reference_c: f64,
    pub price: Option<TwoPartPrice>,
    /// As in the table of households.
    pub ids: Vec<String>,
    pub households: Vec<Household>,
    /// Risers whose storeys do not add up to their own temperature difference.
    pub riser_doubts: Vec<RiserDoubt>,
}

/// Heat at the building's entrance.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildingHeat {
    /// What is shared, J.
    pub heat_j: f64,
    /// From the meter's readings, where there are any.
    pub readings: Option<Integrated>,
    /// Lines of the readings in their file, for the faults.
    pub lines: Vec<usize>,
}

/// A riser whose measured temperature differences contradict each other.
#[derive(Clone, Debug, PartialEq)]
pub struct RiserDoubt {
    pub riser: String,
    /// Sum over the storeys over the riser's own.
    pub share: f64,
}

/// Differences over a riser may be off by this before it is told.
const RISER_TOLERANCE: f64 = 0.1;
const GIGAJOULE_J: f64 = 1e9;

const SETTLEMENT: &[Column] = &[("key", &["项目"]), ("value", &["值", "数值"])];
const HOUSEHOLDS: &[Column] = &[
    ("id", &["户号", "房号"]),
    ("area_m2", &["面积", "建筑面积"]),
    ("position_factor", &["位置系数", "系数"]),
    ("open_h", &["开启时间", "累计开启时间"]),
    ("allocator_units", &["分配计读数"]),
    ("heat_gj", &["热量", "用热量"]),
    ("room_temperature_c", &["室温", "室内温度"]),
];
const RADIATORS: &[Column] = &[
    ("household", &["户号", "房号"]),
    ("riser", &["立管"]),
    ("reading", &["读数"]),
    ("factor", &["修正系数"]),
    ("temperature_difference_k", &["温差"]),
];
const RISERS: &[Column] = &[
    ("id", &["立管", "编号"]),
    ("flow_m3_h", &["设计流量", "流量"]),
    ("temperature_difference_k", &["总温差", "温差"]),
];
const READINGS: &[Column] = &[
    ("time", &["时间"]),
    ("volume_m3", &["累计流量", "累积流量"]),
    ("supply_c", &["供水温度"]),
    ("return_c", &["回水温度"]),
];

/// Keys of `settlement.csv`.
const KEYS: [&str; 9] = [
    "method",
    "heat_gj",
    "period_h",
    "reference_temperature_c",
    "basic_price_1_m2",
    "metered_price_1_gj",
    "area_price_1_m2",
    "flow_sensor",
    "pressure_mpa",
];

/// The method of a word, in this program's or the guideline's words.
pub fn method_named(word: &str) -> Option<Method> {
    let chinese = |method: Method| match method {
        Method::OnOffTimeArea => "通断时间面积法",
        Method::HeatCostAllocator => "散热器热分配计法",
        Method::HouseholdMeter => "户用热量表法",
        Method::FlowTemperature => "流量温度法",
        Method::TemperatureArea => "温度面积法",
    };
    Method::ALL.into_iter().find(|method| method.word() == word || chinese(*method) == word)
}

/// Reads a folder. `method`: as asked for on the way; else that of the settlement; else the one whose column is filled.
pub fn read_folder(folder: &Path, method: Option<Method>) -> Result<Settlement, IoError> {
    let mut error = IoError::default();
    let keys = Keys::read(&folder.join("settlement.csv"))?;
    let file = folder.join("households.csv");
    let households = Sheet::read(&file, HOUSEHOLDS, &["id", "area_m2"])?;
    let method = match method {
        Some(method) => method,
        None => match keys.text("method") {
            Some((line, word)) => method_named(word).ok_or_else(|| {
                let known = Method::ALL.map(Method::word).join(", ");
                keys.problem(line, "io-unknown-word").with("field", "method").with("word", word).with("known", known)
            })?,
            None => guess(folder, &households).ok_or_else(|| Problem::new(&keys.file, "io-meter-method").line(1))?,
        },
    };
    let mut number = |key: &'static str, low: f64, high: f64| {
        keys.number(key, low, high).unwrap_or_else(|problem| {
            error.push(*problem);
            None
        })
    };
    let given_j = number("heat_gj", 0.0, 1e9).map(|value| value * GIGAJOULE_J);
    let period_h = number("period_h", 0.0, 1e5);
    let reference_c = number("reference_temperature_c", -50.0, 25.0).unwrap_or(0.0);
    let pressure_pa = number("pressure_mpa", 0.1, 4.0).map_or(STANDARD_PRESSURE_PA, |value| value * 1e6);
    let basic = number("basic_price_1_m2", 0.0, 1e6);
    let metered = number("metered_price_1_gj", 0.0, 1e6);
    let area_1_m2 = number("area_price_1_m2", 0.0, 1e6);
    let price = (basic.is_some() || metered.is_some()).then(|| TwoPartPrice {
        basic_1_m2: basic.unwrap_or(0.0),
        metered_1_j: metered.unwrap_or(0.0) / GIGAJOULE_J,
        area_1_m2,
    });
    let sensor = match keys.text("flow_sensor") {
        None | Some((_, "return" | "回水")) => FlowSensor::Return,
        Some((_, "supply" | "供水")) => FlowSensor::Supply,
        Some((line, word)) => {
            let problem = keys.problem(line, "io-unknown-word").with("field", "flow_sensor");
            error.push(problem.with("word", word).with("known", "supply, return"));
            FlowSensor::Return
        }
    };
    if method == Method::OnOffTimeArea && period_h.is_none() {
        error.push(keys.problem(1, "io-meter-key").with("key", "period_h"));
    }
    let (readings, lines) = readings(&folder.join("readings.csv"), sensor, pressure_pa, &mut error);
    let heat_j = given_j.or(readings.as_ref().map(|readings| readings.heat_j));
    if heat_j.is_none() {
        error.push(keys.problem(1, "io-meter-heat"));
    }
    let radiators = Radiators::read(folder, method, &mut error);
    let (mut ids, mut all) = (Vec::new(), Vec::new());
    for row in households.rows() {
        match household(&row, method, &radiators) {
            Ok((id, _)) if ids.contains(&id) => {
                error.push(row.problem("io-duplicate-id-table").with("id", &id));
            }
            Ok((id, household)) => {
                ids.push(id);
                all.push(household);
            }
            Err(problem) => error.push(*problem),
        }
    }
    for (id, line) in &radiators.lines {
        if !ids.contains(id) {
            error.push(Problem::new(&radiators.file, "io-meter-household").with("household", id).line(*line));
        }
    }
    error.into_result()?;
    Ok(Settlement {
        method,
        // Without a heat the error above has ended this.
        heat: BuildingHeat { heat_j: heat_j.unwrap_or(0.0), readings, lines },
        period_h: period_h.unwrap_or(0.0),
        reference_c,
        price,
        ids,
        households: all,
        riser_doubts: radiators.doubts,
    })
}

/// The method whose data is there, the most exact first.
fn guess(folder: &Path, households: &Sheet) -> Option<Method> {
    let filled = |column: &str| households.rows().any(|row| row.text(column).is_some());
    if filled("heat_gj") {
        Some(Method::HouseholdMeter)
    } else if filled("allocator_units") {
        Some(Method::HeatCostAllocator)
    } else if folder.join("risers.csv").is_file() {
        Some(Method::FlowTemperature)
    } else if folder.join("radiators.csv").is_file() {
        Some(Method::HeatCostAllocator)
    } else if filled("open_h") {
        Some(Method::OnOffTimeArea)
    } else {
        filled("room_temperature_c").then_some(Method::TemperatureArea)
    }
}

fn household(row: &SheetRow<'_>, method: Method, radiators: &Radiators) -> Result<(String, Household), Box<Problem>> {
    let id = row.required("id")?.to_owned();
    let area_m2 = row.required_number("area_m2", 1e-3, 1e7)?;
    let position_factor = row.number("position_factor", 0.05, 20.0)?.unwrap_or(1.0);
    // Bounds here only keep nonsense of the table out; what is doubtful is told by the sharing.
    let value = |column: &'static str| row.number(column, -1e12, 1e12);
    let measured = match method {
        Method::OnOffTimeArea => value("open_h")?.map(Measured::OpenHours),
        Method::HeatCostAllocator => {
            value("allocator_units")?.or(radiators.units.get(&id).copied()).map(Measured::AllocatorUnits)
        }
        Method::HouseholdMeter => value("heat_gj")?.map(|gj| Measured::Heat(gj * GIGAJOULE_J)),
        Method::FlowTemperature => radiators.flow_kelvin.get(&id).copied().map(Measured::FlowKelvin),
        Method::TemperatureArea => value("room_temperature_c")?.map(Measured::RoomTemperature),
    };
    Ok((id, Household { area_m2, measured: measured.unwrap_or(Measured::Missing), position_factor }))
}

/// Radiators summed by household.
#[derive(Default)]
struct Radiators {
    file: std::path::PathBuf,
    units: BTreeMap<String, f64>,
    flow_kelvin: BTreeMap<String, f64>,
    /// Households named, with their first line.
    lines: BTreeMap<String, usize>,
    doubts: Vec<RiserDoubt>,
}

impl Radiators {
    fn read(folder: &Path, method: Method, error: &mut IoError) -> Radiators {
        let mut out = Radiators { file: folder.join("radiators.csv"), ..Radiators::default() };
        if !matches!(method, Method::HeatCostAllocator | Method::FlowTemperature) || !out.file.is_file() {
            return out;
        }
        if let Err(found) = out.fill(folder, method, error) {
            for problem in found.problems {
                error.push(problem);
            }
        }
        out
    }

    fn fill(&mut self, folder: &Path, method: Method, error: &mut IoError) -> Result<(), IoError> {
        let by_flow = method == Method::FlowTemperature;
        let mut risers: BTreeMap<String, (f64, Option<f64>, f64)> = BTreeMap::new();
        if by_flow {
            let sheet = Sheet::read(&folder.join("risers.csv"), RISERS, &["id", "flow_m3_h"])?;
            for row in sheet.rows() {
                let read = || -> Result<_, Box<Problem>> {
                    let flow = row.required_number("flow_m3_h", 0.0, 1e6)?;
                    Ok((row.required("id")?.to_owned(), flow, row.number("temperature_difference_k", 0.0, 150.0)?))
                };
                match read() {
                    Ok((id, flow, own_k)) => {
                        risers.insert(id, (flow, own_k, 0.0));
                    }
                    Err(problem) => error.push(*problem),
                }
            }
        }
        let needed: &[&'static str] =
            if by_flow { &["household", "riser", "temperature_difference_k"] } else { &["household", "reading"] };
        let sheet = Sheet::read(&self.file, RADIATORS, needed)?;
        for row in sheet.rows() {
            if let Err(problem) = self.add(&row, by_flow, &mut risers) {
                error.push(*problem);
            }
        }
        for (riser, (_, own_k, sum_k)) in risers {
            if let Some(own_k) = own_k.filter(|own_k| *own_k > 0.0) {
                let share = sum_k / own_k;
                if (share - 1.0).abs() > RISER_TOLERANCE {
                    self.doubts.push(RiserDoubt { riser, share });
                }
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        row: &SheetRow<'_>,
        by_flow: bool,
        risers: &mut BTreeMap<String, (f64, Option<f64>, f64)>,
    ) -> Result<(), Box<Problem>> {
        let household = row.required("household")?.to_owned();
        self.lines.entry(household.clone()).or_insert(row.line);
        if by_flow {
            let name = row.required("riser")?;
            let difference_k = row.required_number("temperature_difference_k", -150.0, 150.0)?;
            let riser =
                risers.get_mut(name).ok_or_else(|| Box::new(row.problem("io-meter-riser").with("riser", name)))?;
            riser.2 += difference_k;
            *self.flow_kelvin.entry(household).or_insert(0.0) += riser.0 * difference_k;
        } else {
            let factor = row.number("factor", 0.0, 1e6)?.unwrap_or(1.0);
            let reading = row.required_number("reading", -1e12, 1e12)?;
            *self.units.entry(household).or_insert(0.0) += factor * reading;
        }
        Ok(())
    }
}

/// Heat of the building's meter, and the lines its readings stand in.
fn readings(
    file: &Path,
    sensor: FlowSensor,
    pressure_pa: f64,
    error: &mut IoError,
) -> (Option<Integrated>, Vec<usize>) {
    if !file.is_file() {
        return (None, Vec::new());
    }
    let sheet = match Sheet::read(file, READINGS, &["time", "volume_m3", "supply_c", "return_c"]) {
        Ok(sheet) => sheet,
        Err(found) => {
            for problem in found.problems {
                error.push(problem);
            }
            return (None, Vec::new());
        }
    };
    let (mut all, mut lines) = (Vec::new(), Vec::new());
    for row in sheet.rows() {
        let read = || -> Result<_, Box<Problem>> {
            Ok(Reading {
                time_s: row.time_s("time")?,
                volume_m3: row.required_number("volume_m3", -1e12, 1e12)?,
                supply_c: row.required_number("supply_c", -1e6, 1e6)?,
                return_c: row.required_number("return_c", -1e6, 1e6)?,
            })
        };
        match read() {
            Ok(reading) => {
                all.push(reading);
                lines.push(row.line);
            }
            Err(problem) => error.push(*problem),
        }
    }
    (Some(integrate(&all, sensor, pressure_pa)), lines)
}

/// `settlement.csv`: keys with their values and lines.
struct Keys {
    file: std::path::PathBuf,
    values: BTreeMap<String, (usize, String)>,
}

impl Keys {
    fn read(file: &Path) -> Result<Keys, IoError> {
        let sheet = Sheet::read(file, SETTLEMENT, &["key", "value"])?;
        let mut error = IoError::default();
        let mut values = BTreeMap::new();
        for row in sheet.rows() {
            match (row.required("key"), row.text("value")) {
                (Ok(key), _) if !KEYS.contains(&key) => {
                    let problem = row.problem("io-unknown-field").with("field", key);
                    error.push(problem.with("known", KEYS.join(", ")));
                }
                (Ok(key), Some(value)) => {
                    if values.insert(key.to_owned(), (row.line, value.to_owned())).is_some() {
                        error.push(row.problem("io-duplicate-field").with("field", key));
                    }
                }
                (Ok(_), None) => {}
                (Err(problem), _) => error.push(*problem),
            }
        }
        error.into_result()?;
        Ok(Keys { file: file.to_owned(), values })
    }

    fn problem(&self, line: usize, key: &'static str) -> Problem {
        Problem::new(&self.file, key).line(line)
    }

    fn text(&self, key: &str) -> Option<(usize, &str)> {
        self.values.get(key).map(|(line, value)| (*line, value.as_str()))
    }

    fn number(&self, key: &'static str, low: f64, high: f64) -> Result<Option<f64>, Box<Problem>> {
        let Some((line, text)) = self.text(key) else { return Ok(None) };
        let value = crate::io::tables::number(text).map_err(|reason| {
            let problem = self.problem(line, reason).with("field", key).with("got", text).with("word", text);
            Box::new(problem.with("meant", text.replacen(',', ".", 1)))
        })?;
        if (low..=high).contains(&value) {
            return Ok(Some(value));
        }
        let problem = self.problem(line, "io-out-of-range").with("field", key).with("value", value);
        Err(Box::new(problem.with("low", low).with("high", high)))
    }
}
