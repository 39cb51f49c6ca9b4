//! The arguments as typed.

mod balance;
mod calibrate;
mod compare;
mod curve;
mod dispatch;
mod emergency;
mod energy;
mod estimate;
mod field;
mod forecast;
mod history;
mod live;
mod orders;
mod probe;
mod retrofit;
mod security;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::physics::calendar;
use crate::physics::ground::GroundClimate;
use crate::text::Language;

pub use balance::*;
pub use calibrate::*;
pub use compare::*;
pub use curve::*;
pub use dispatch::*;
pub use emergency::*;
pub use energy::*;
pub use estimate::*;
pub use field::*;
pub use forecast::*;
pub use history::*;
pub use live::*;
pub use orders::*;
pub use probe::*;
pub use retrofit::*;
pub use security::*;

const EXAMPLES: &str = "\
Examples:
  hypocaust                                   open the demo city, live: simulated field devices on this machine
  hypocaust city.hypocaust.json               open a network
  hypocaust city.hypocaust.json --live devices.toml --history history/ --users users.json
  hypocaust check tables/                     list everything that is wrong with a folder of tables
  hypocaust solve city.hypocaust.json         worst loop, balance, consumers and sources as a table
  hypocaust solve Net3.inp --mode hydraulic --format json --output result.json
  hypocaust simulate city.hypocaust.json --hours 48 --buildings --weather harbin-like --format csv
  hypocaust dispatch city.hypocaust.json --prices prices.toml --weather harbin-like --hours 24
  hypocaust compare city.hypocaust.json --ready usual --prices prices.toml --weather harbin-like --page sheet.pdf
  hypocaust burst city.hypocaust.json --pipe PS0042 --stuck VS0007
  hypocaust burst city.hypocaust.json --pipe PS0042 --incident east.incident.json
  hypocaust incident east.incident.json add confirm VS0012 'shut, tight' --who Li
  hypocaust field --fault dead:ST007 --write-map devices.toml
  hypocaust import pipes.geojson --output city.hypocaust.json
  hypocaust render city.hypocaust.json --output city.png --colour-by temperature

FILE may be a native file (*.hypocaust.json) or anything `import` reads: EPANET *.inp,
GeoJSON, *.xlsx, or a folder of CSV tables. Results go to standard output or to --output,
remarks to standard error.
Exit status: 0 done; 1 the input cannot be used (the message says what to do);
2 a mistake of the program.";

/// Hydraulic and thermal solver and 3D digital twin for city district heating.
#[derive(Debug, Parser)]
#[command(name = "hypocaust", version, about, after_help = EXAMPLES, max_term_width = 110)]
pub struct Arguments {
    /// Network to open; without it the demo city, live
    pub file: Option<PathBuf>,

    /// Device map of the field to follow (see docs/device-map.md)
    #[arg(long, value_name = "MAP", requires = "file")]
    pub live: Option<PathBuf>,

    /// Folder that keeps what the field says
    #[arg(long, value_name = "FOLDER", requires = "live")]
    pub history: Option<PathBuf>,

    /// File of the users who may sign in; by default that in the folder of the settings, where there is one. Without users
    /// nothing can be written to the field
    #[arg(long, value_name = "PATH", env = "HYPOCAUST_USERS")]
    pub users: Option<PathBuf>,

    /// Audit log of what users do; by default beside the users: audit.log
    #[arg(long, value_name = "PATH", requires = "users")]
    pub audit: Option<PathBuf>,

    /// Log of dispatch orders (see docs/orders.md); by default beside the users or in the history folder: orders.log
    #[arg(long, value_name = "PATH")]
    pub orders: Option<PathBuf>,

    /// Prices and limits of the sources: plan the dispatch anew from the estimated state every quarter of an hour
    #[arg(long, value_name = "PRICES")]
    pub prices: Option<PathBuf>,

    /// Open the demo city without its simulated field devices
    #[arg(long, conflicts_with_all = ["file", "live"])]
    pub offline: bool,

    /// Language of messages and pictures; by default that of the system
    #[arg(long = "language", global = true, value_name = "LANGUAGE", value_parser = language)]
    language: Option<Language>,

    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,

    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// Whether a language was asked for.
    pub const fn has_language(&self) -> bool {
        self.language.is_some()
    }

    /// The language asked for, else the system's, else English.
    pub fn language(&self) -> Language {
        self.language.unwrap_or_else(|| {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(|name| std::env::var(name).ok())
                .find(|value| !value.is_empty())
                .and_then(|value| Language::from_tag(&value))
                .unwrap_or_default()
        })
    }
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_tag(text).ok_or_else(|| "expected zh-CN or en".to_owned())
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List everything that is wrong or doubtful about a network, without solving it
    Check(Check),
    /// Compute flows, pressures and temperatures
    Solve(Solve),
    /// Compute the network in time: heat travels with the water, buildings cool and warm
    Simulate(Simulate),
    /// Plan which source gives how much and when stores charge, at least cost, and try the plan on the network
    Dispatch(Dispatch),
    /// Simulate alternatives side by side: heat, power, cost, CO₂, cold rooms, broken rules, each with its uncertainty
    Compare(Box<Compare>),
    /// Read a foreign file, report what was mended, guessed or refused, and save it as a native file
    Import(Import),
    /// Write the network and its results as GeoJSON, a folder of CSV tables, or EPANET INP
    Export(Export),
    /// Make a synthetic city: streets, terrain, looped mains, stations and buildings
    Generate(Generate),
    /// Reproduce published and independently computed results, side by side with their sources
    Verify(Verify),
    /// Draw a picture of a network, without a display
    Render(Render),
    /// Share a building's heat among its households, check the data, and write the bills
    Meter(Meter),
    /// A main breaks: which valves to close, who is cut off, how long rooms stay warm, what brings heat back
    Burst(Burst),
    /// Follow a field for some time and print what is known of it: devices, alarms, readings, estimate
    Live(Live),
    /// Show the log of an incident, follow it, or add to it
    Incident(Incident),
    /// List a log of dispatch orders, and enter what is done about them
    Orders(Orders),
    /// Let every part that valves can shut off fail in turn, and rank the outages
    Criticality(Criticality),
    /// Estimate the whole state from measurements, name instruments that are wrong, and find leaks
    Estimate(Estimate),
    /// Find roughnesses, valve openings and pump curves from recorded days, and judge them by days held out
    Calibrate(Calibrate),
    /// Find valve openings and pump speeds that give every station its flow with the least pumping power
    Balance(Balance),
    /// Simulate retrofit technologies before and after, and set them beside the ranges of a provincial guide
    Retrofit(Box<Retrofit>),
    /// Forecast the heat load of city, sources and substations: 24 hours and five days, with intervals
    Forecast(Box<Forecast>),
    /// Analyse what was used of heat, power, water and fuel: per area and degree-day, beside other periods, ranked, against a plan
    Energy(Box<Energy>),
    /// Heating curves: temperatures, flows and pressures by outdoor temperature, and orders for the sources ahead of the weather
    Curve(Curve),
    /// Fit time constant, heat loss and gains of a building to measured room temperatures
    Fit(Fit),
    /// What the live twin has recorded: values, means and totals, export, backup, verification
    History(History),
    /// Play the field devices of a network as Modbus/TCP servers whose registers follow the model
    Field(Field),
    /// Write one set point to the field: selected, shown, confirmed, read back and recorded
    Write(Write),
    /// Measure how fast this machine solves a network
    Bench(Bench),
    /// Read a Modbus device and show its words in every interpretation
    Probe(Box<Probe>),
    /// Verify the audit log, write its head, show its records
    Audit(Audit),
    /// Add, list and change the users of the live side
    User(User),
    /// Print the JSON Schema of the native file
    Schema,
    /// Print completions for a shell
    Completions(Completions),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people: summary, worst loop, consumers sorted by available pressure
    #[value(alias = "table")]
    Text,
    /// Everything, by id
    Json,
    /// Nodes, links, consumers and sources as one CSV with a column `table`
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Geojson,
    /// A folder of tables with results beside them
    Csv,
    /// EPANET, supply and return as they are
    Inp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SolveMode {
    /// Flows and pressures only
    Hydraulic,
    /// Flows, pressures and temperatures, coupled
    Thermal,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Network to check
    pub file: PathBuf,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
}

#[derive(Debug, Args)]
pub struct Solve {
    /// Network to solve
    pub file: PathBuf,
    #[arg(long, value_enum, default_value = "thermal")]
    pub mode: SolveMode,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Scenario saved in the file to apply first
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Simulate {
    /// Network to simulate
    pub file: PathBuf,
    /// How long
    #[arg(long, value_name = "HOURS", default_value = "24", value_parser = positive)]
    pub hours: f64,
    /// Step
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = positive)]
    pub step: f64,
    /// Interval of the time series
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = positive)]
    pub every: f64,
    /// Weather by the hour (CSV with time, temperature_c, wind_m_s, solar_w_m2), or an example winter: beijing-like,
    /// harbin-like, urumqi-like. Heats of the network then count for its own outdoor temperature. By default that
    /// temperature stays
    #[arg(long, value_name = "FILE")]
    pub weather: Option<String>,
    /// When it starts, such as 2026-01-15 or 2026-01-15T18:00; by default with the weather
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub start: Option<f64>,
    /// Substations with heating curve, exchanger and building in place of given heats
    #[arg(long)]
    pub buildings: bool,
    /// Plants with ramps, least load, start time, fuel, power, CO₂ and cost in place of given supply temperatures
    #[arg(long)]
    pub plants: bool,
    /// Supply temperature of the sources by outdoor temperature, ordered anew every four hours
    #[arg(long)]
    pub supply_curve: bool,
    /// Node or link whose temperature (and flow, and what its substation or plant records) becomes columns; may be repeated
    #[arg(long = "element", value_name = "ID")]
    pub elements: Vec<String>,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Scenario saved in the file to apply first
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Scenario saved in the file that a second run goes on with, from an instant of the first (--branch-at); its columns
    /// stand beside those of the first
    #[arg(long, value_name = "NAME", requires = "branch_at")]
    pub branch: Option<String>,
    /// When the second run leaves the first
    #[arg(long, value_name = "HOURS", default_value = "0", requires = "branch", value_parser = non_negative)]
    pub branch_at: f64,
    /// CSV to write with the room temperature of every flat at the end, by its place in the building
    #[arg(long, value_name = "CSV", requires = "buildings")]
    pub rooms: Option<PathBuf>,
    /// CSV to write with the heat every pipe has lost, with its zone and side
    #[arg(long, value_name = "CSV")]
    pub losses: Option<PathBuf>,
    /// Ground by season and depth of each pipe: mean of the year at the surface in °C, half its swing in K, day of the year
    /// when it is coldest, such as 6,18,25. By default the network's temperature of the ground stays
    #[arg(long, value_name = "MEAN,SWING,DAY", value_parser = ground, allow_hyphen_values = true)]
    pub ground: Option<GroundClimate>,
    /// How far radiators are sized for each flat's own loss: 1 makes all flats equally warm, 0 gives all the same heat
    #[arg(long, value_name = "FRACTION", default_value = "0.8", value_parser = fraction)]
    pub flat_sizing: f64,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Import {
    /// *.inp, *.geojson, *.xlsx, or a folder of tables
    pub source: PathBuf,
    /// Native file to write; by default SOURCE's name with .hypocaust.json, beside it
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Ends of GIS lines closer than this are joined, m
    #[arg(long, value_name = "METRES", default_value = "0.5", value_parser = non_negative)]
    pub snap_tolerance: f64,
    /// Whether a layer with supply pipes only gets its return pipes
    #[arg(long, value_enum, default_value = "auto")]
    pub mirror: Mirror,
    /// Coordinate system of a GIS layer that does not tell it, e.g. EPSG:4547 (metres); by default WGS 84 degrees
    #[arg(long, value_name = "NAME")]
    pub crs: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mirror {
    /// When nothing in the layer says supply or return
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
pub struct Export {
    /// Network to export
    pub file: PathBuf,
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// File (GeoJSON, INP) or folder (CSV) to write
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,
    /// Leave results out: the network only
    #[arg(long)]
    pub no_results: bool,
}

#[derive(Debug, Args)]
pub struct Generate {
    /// Number of substations of a city; about seven pipes each
    #[arg(long, required_unless_present = "pipes", value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub stations: Option<u32>,
    /// Number of pipes, both sides together: of a bench network, or of a city (with --stations) whose mains are cut into
    /// shorter pipes
    #[arg(long, value_parser = clap::value_parser!(u32).range(8..=2_000_000))]
    pub pipes: Option<u32>,
    /// A city, or a bare street grid for measuring solvers
    #[arg(long, value_enum, default_value = "city")]
    pub plan: Plan,
    /// Same seed, same city
    #[arg(long, default_value = "1")]
    pub seed: u64,
    /// Share of street crossings closed to loops
    #[arg(long, value_name = "FRACTION", default_value = "0.12", value_parser = fraction)]
    pub loops: f64,
    /// Number of heat sources; by default by size
    #[arg(long)]
    pub sources: Option<u32>,
    /// File to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Plan {
    /// Streets, terrain, looped mains, valves, stations and buildings
    City,
    /// Bare hydraulics with the given share of loops
    Grid,
    /// Bare hydraulics with a pipe in every street
    Meshed,
}

#[derive(Debug, Args)]
pub struct Render {
    /// Network to draw; without it the demo city
    pub file: Option<PathBuf>,
    /// PNG to write
    #[arg(short, long, value_name = "PNG")]
    pub output: PathBuf,
    /// Picture size in pixels
    #[arg(long, value_name = "WxH", default_value = "1600x900", value_parser = size)]
    pub size: (u32, u32),
    /// pressure, available-head, temperature, velocity, specific-loss, flow, diameter, side or (with --at) room
    #[arg(long, value_name = "QUANTITY", default_value = "pressure")]
    pub colour_by: String,
    /// overview, top, source, worst, or the id of an element
    #[arg(long, value_name = "NAME", default_value = "overview")]
    pub view: String,
    /// Instead of the steady state a moment of a cold night: so many hours after its evening (18:00)
    #[arg(long, value_name = "HOURS", value_parser = non_negative)]
    pub at: Option<f64>,
    /// Weather of that night: a file, or the name of an example winter; by default one that fits the network
    #[arg(long, value_name = "FILE", requires = "at")]
    pub weather: Option<String>,
    /// Draw the supply side only
    #[arg(long)]
    pub supply_only: bool,
    /// Dark background
    #[arg(long)]
    pub dark: bool,
}

#[derive(Debug, Args)]
pub struct Verify {
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// Folder with further reference networks: tables with expected/ beside them, INP files with EPANET's results
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Folder to draw the cases in time into, one SVG each
    #[arg(long, value_name = "FOLDER")]
    pub plots: Option<PathBuf>,
    /// Instead: draw, solve and judge so many random networks
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["data", "plots"])]
    pub random: Option<u32>,
    /// Instead: balance and judge so many random cities that are out of balance
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["data", "plots", "random"])]
    pub balance: Option<u32>,
    /// Which random networks; the same seed gives the same ones
    #[arg(long, default_value = "1")]
    pub seed: u64,
    /// Solve and judge one random network by the number a failure was reported with
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["data", "plots", "random"])]
    pub case: Option<u64>,
    /// Small random networks only, as the tests take them
    #[arg(long)]
    pub small: bool,
    /// Native file to write the network of --case to
    #[arg(short, long, value_name = "FILE", requires = "case")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Meter {
    /// Folder with settlement.csv, households.csv and, by method, readings.csv, radiators.csv, risers.csv
    pub folder: PathBuf,
    /// on-off-time-area, heat-cost-allocator, household-meter, flow-temperature or temperature-area; by default that of
    /// the settlement, else the one whose data is there
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Fit {
    /// CSV with time, room_temperature_c, outdoor_temperature_c and, where known, heat_w and solar_w_m2
    pub file: PathBuf,
    /// Fit what is always gained inside as well; needs a varied history
    #[arg(long)]
    pub gains: bool,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
}

#[derive(Debug, Args)]
pub struct Bench {
    /// Network to solve
    pub file: PathBuf,
    /// Runs of which the best counts
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// What-ifs solved together on all processors as well, each with one valve shut
    #[arg(long, default_value = "0", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub scenarios: u32,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// Shell to complete for
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err("expected a number above 0".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}

/// Seconds as `physics::calendar` counts.
fn date(text: &str) -> Result<f64, String> {
    let refused = || "expected a date such as 2026-01-15 or 2026-01-15T18:00".to_owned();
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let part = |text: &str| text.parse::<u32>().map_err(|_| refused());
    let [year, month, date] = day.split('-').collect::<Vec<_>>()[..] else { return Err(refused()) };
    let (hour, minute) = time.split_once(':').ok_or_else(refused)?;
    let (hour, minute) = (part(hour)?, part(minute)?);
    let days = calendar::days_from_civil(part(year)? as i32, part(month)?, part(date)?);
    let days = days.filter(|_| hour < 24 && minute < 60).ok_or_else(refused)?;
    Ok(days as f64 * calendar::DAY_S + f64::from(hour * 3600 + minute * 60))
}

/// Diffusivity of moist soil, m²/s.
const SOIL_DIFFUSIVITY_M2_S: f64 = 0.6e-6;

fn ground(text: &str) -> Result<GroundClimate, String> {
    let numbers: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match numbers[..] {
        [mean_c, amplitude_k, coldest_day]
            if mean_c.abs() < 60.0 && (0.0..60.0).contains(&amplitude_k) && (0.0..=366.0).contains(&coldest_day) =>
        {
            Ok(GroundClimate { mean_c, amplitude_k, coldest_day, diffusivity_m2_s: SOIL_DIFFUSIVITY_M2_S })
        }
        _ => {
            Err("expected mean of the year in °C, half the swing in K, coldest day of the year, such as 6,18,25"
                .to_owned())
        }
    }
}

fn non_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err("expected a length in metres, 0 or more".to_owned()),
    }
}

fn fraction(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a fraction between 0 and 1".to_owned()),
    }
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let parse = |part: &str| part.parse::<u32>().ok().filter(|n| (64..=16_384).contains(n));
    text.split_once(['x', 'X', '×'])
        .and_then(|(width, height)| Some((parse(width)?, parse(height)?)))
        .ok_or_else(|| "expected WIDTHxHEIGHT between 64 and 16384, such as 1600x900".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_and_languages_are_read() {
        assert_eq!(date("1970-01-02T01:30"), Ok(86_400.0 + 5400.0));
        assert!(date("2026-02-30").is_err() && date("2026-01-15T25:00").is_err() && date("tomorrow").is_err());
        assert_eq!(size("1600x900"), Ok((1600, 900)));
        assert!(size("1600").is_err() && size("0x5").is_err());
        assert_eq!(language("zh-CN"), Ok(Language::Chinese));
        assert!(language("fr").is_err());
    }
}
