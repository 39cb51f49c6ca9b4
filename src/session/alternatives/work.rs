//! The comparison on a thread of its own: finds weather and prices, simulates every alternative, and hands over one sheet.
//!
//! The simulations of one comparison share all cores; a newer request stops an older one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use super::recipe::{MakeRequest, make};
use crate::dispatch::alternative::{
    Alternative, Assessment, Conditions, Figure, Refusal, Watch, assess_all, pareto_of,
};
use crate::dispatch::optimise::propose;
use crate::dispatch::optimise::terms::Terms;
use crate::io::{self, IoError};
use crate::network::Network;
use crate::physics::calendar::DAY_S;
use crate::physics::weather::WeatherSeries;
use crate::session::jobs::Waker;
use crate::session::timeline::{RunOrder, RunWeather, WeatherChoice};
use crate::text::Language;
use crate::units::DisplayUnits;

/// Axes of what is called best: money (where there is none, heat) against cold rooms.
const AXES: [Figure; 2] = [Figure::Money, Figure::Unmet];
const AXES_WITHOUT_PRICES: [Figure; 2] = [Figure::HeatSupplied, Figure::Unmet];

/// Prices of the demo city, which has no file beside it.
const DEMO_PRICES: &str = include_str!("../../../networks/demo-city/prices.toml");

/// Where prices come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prices {
    /// `prices.toml` beside the network's file, where there is one.
    Beside(PathBuf),
    /// Those shipped with the demo city.
    Demo,
}

/// What to compare.
#[derive(Clone, Debug)]
pub struct CompareRequest {
    pub number: u64,
    pub network: Arc<Network>,
    /// State of the document the network is.
    pub state: u64,
    /// Name of the column of the network as it is.
    pub base_name: String,
    pub alternatives: Vec<Alternative>,
    pub weather: WeatherChoice,
    pub start_calendar_s: Option<f64>,
    pub hours: f64,
    pub prices: Prices,
    pub language: Language,
    pub units: DisplayUnits,
}

/// What the thread tells.
#[derive(Debug)]
pub enum CompareNews {
    /// Share done.
    Progress(f64),
    Done(Arc<Sheet>),
    /// Why, as a sentence.
    Failed(String),
    /// A recipe was worked out for a document.
    Made {
        document: u64,
        made: Result<Box<Alternative>, String>,
    },
}

/// Alternatives side by side.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Of the request it answers.
    pub number: u64,
    /// State of the document whose network is the first column.
    pub state: u64,
    pub alternatives: Vec<Alternative>,
    pub conditions: Conditions,
    /// Word of the example winter or name of the file; empty: the network's own temperature.
    pub weather_name: String,
    /// Of the columns.
    pub names: Vec<String>,
    /// The network as it is, then the alternatives; or why there is nothing.
    pub rows: Vec<Result<Assessment, String>>,
    /// Which no other one beats on `axes`.
    pub best: Vec<bool>,
    pub axes: [Figure; 2],
    /// Why there is no money.
    pub without_prices: Option<String>,
    pub wall_s: f64,
}

/// Works a request out; `tell` says whether anybody still listens.
pub fn work(request: &CompareRequest, stop: &AtomicBool, tell: &(dyn Fn(CompareNews) + Sync)) {
    let since = Instant::now();
    match sheet(request, stop, since, &|share| tell(CompareNews::Progress(share))) {
        Ok(sheet) => tell(CompareNews::Done(Arc::new(sheet))),
        Err(reason) => tell(CompareNews::Failed(reason)),
    }
}

fn sheet(
    request: &CompareRequest,
    stop: &AtomicBool,
    since: Instant,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Sheet, String> {
    let language = request.language;
    let (weather, weather_name, start_s) = weather(request)?;
    let (prices, mut without_prices) = match prices(request) {
        Ok(prices) => (prices, None),
        Err(error) => (None, Some(error.text(language))),
    };
    let mut conditions =
        Conditions { prices: prices.map(Arc::new), ..Conditions::new(Arc::new(weather), start_s, request.hours) };
    let mut all = vec![Alternative::base(request.base_name.clone())];
    all.extend(request.alternatives.iter().cloned());
    let watch = Watch { cancel: stop, progress };
    let mut rows = assess_all(&request.network, &all, &conditions, &watch);
    if let Some(Err(refusal @ Refusal::Prices { .. })) = rows.first() {
        // Prices of another city: everything but money can still be told.
        without_prices = Some(text(refusal, request));
        conditions.prices = None;
        rows = assess_all(&request.network, &all, &conditions, &watch);
    }
    if let Some(Err(refusal)) = rows.first() {
        return Err(text(refusal, request));
    }
    let axes = if conditions.prices.is_some() { AXES } else { AXES_WITHOUT_PRICES };
    let known: Vec<&Assessment> = rows.iter().filter_map(|row| row.as_ref().ok()).collect();
    let mut of_known = pareto_of(&known, &axes).into_iter();
    let best = rows.iter().map(|row| row.is_ok() && of_known.next() == Some(true)).collect();
    Ok(Sheet {
        number: request.number,
        state: request.state,
        alternatives: request.alternatives.clone(),
        conditions,
        weather_name,
        names: all.into_iter().map(|alternative| alternative.name).collect(),
        rows: rows.into_iter().map(|row| row.map_err(|refusal| text(&refusal, request))).collect(),
        best,
        axes,
        without_prices,
        wall_s: since.elapsed().as_secs_f64(),
    })
}

/// Why an alternative could not be simulated, with the first findings in words.
fn text(whole: &Refusal, request: &CompareRequest) -> String {
    let findings = match whole {
        Refusal::Prices { errors, .. } => {
            return errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        }
        Refusal::Network { findings, .. } => findings,
        Refusal::Plan { refusal, .. } => match &**refusal {
            propose::Refusal::Network(findings) => findings,
            _ => return whole.to_string(),
        },
        _ => return whole.to_string(),
    };
    let words = findings.iter().take(3).map(|finding| finding.message(request.language, &request.units));
    words.collect::<Vec<_>>().join(" ")
}

/// Weather, its name, and when to begin: the midnight before the coldest night where nothing is said.
fn weather(request: &CompareRequest) -> Result<(WeatherSeries, String, f64), String> {
    let order = RunOrder {
        weather: request.weather.clone(),
        start_calendar_s: request.start_calendar_s,
        hours: request.hours,
        scenario: None,
    };
    let found = RunWeather::find(&order, &request.network).map_err(|error| error.text(request.language))?;
    let start_s = match request.start_calendar_s {
        Some(start_s) => start_s,
        None => (found.start_calendar_s / DAY_S).floor() * DAY_S,
    };
    let series = match found.series {
        Some(series) => WeatherSeries::clone(&series),
        // One temperature at one time is a series.
        None => WeatherSeries::new(&[(start_s, found.constant)]).map_err(|error| format!("{error:?}"))?,
    };
    Ok((series, found.name, start_s))
}

/// Prices where there are any; an error where there are and they cannot be read.
fn prices(request: &CompareRequest) -> Result<Option<Terms>, IoError> {
    match &request.prices {
        Prices::Demo => {
            let terms = io::dispatch::terms(Path::new("prices.toml"), DEMO_PRICES)?;
            // A network that is not the demo city has not been given any.
            Ok(Some(terms).filter(|terms| terms.check(&request.network).is_empty()))
        }
        Prices::Beside(folder) => {
            let path = folder.join("prices.toml");
            if path.is_file() { io::dispatch::read_terms(&path).map(Some) } else { Ok(None) }
        }
    }
}

/// The folder a file lies in.
pub fn beside(path: &Path) -> Prices {
    Prices::Beside(path.parent().map(Path::to_path_buf).unwrap_or_default())
}

/// Works a recipe out on a thread of its own.
///
/// # Errors
/// The system gives no thread.
pub fn start_making(request: MakeRequest, sender: SyncSender<(u64, CompareNews)>, waker: Waker) -> std::io::Result<()> {
    let run = move || {
        let news = CompareNews::Made { document: request.document, made: make(&request).map(Box::new) };
        if sender.send((0, news)).is_ok() {
            waker();
        }
    };
    std::thread::Builder::new().name("alternative".to_owned()).spawn(run).map(|_| ())
}

/// Starts the thread; it ends by itself.
///
/// # Errors
/// The system gives no thread.
pub fn start(
    request: CompareRequest,
    stop: Arc<AtomicBool>,
    sender: SyncSender<(u64, CompareNews)>,
    waker: Waker,
) -> std::io::Result<()> {
    let number = request.number;
    let run = move || {
        work(&request, &stop, &|news| {
            let sent = match news {
                // Progress that finds no room is not missed.
                CompareNews::Progress(_) => sender.try_send((number, news)).is_ok(),
                news => sender.send((number, news)).is_ok(),
            };
            if sent {
                waker();
            }
        });
    };
    std::thread::Builder::new().name("comparison".to_owned()).spawn(run).map(|_| ())
}
