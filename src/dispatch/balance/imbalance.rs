//! Imbalance (水力失调度) x = flow over wanted flow, of every station and of all together.

use crate::network::LinkId;
use crate::solver::Solution;

use super::MET_SHARE;

/// Flows within this range of the wanted one count as balanced where nothing better is asked: 0.9…1.2, GB 50411, JGJ/T 132.
const ACCEPTED: std::ops::RangeInclusive<f64> = 0.9..=1.2;

/// One station.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationFlow {
    pub link: LinkId,
    pub wanted_kg_s: f64,
    pub flow_kg_s: f64,
    /// Supply minus return pressure at its nodes.
    pub available_pa: f64,
}

impl StationFlow {
    /// x.
    pub fn ratio(&self) -> f64 {
        self.flow_kg_s / self.wanted_kg_s
    }

    pub fn is_met(&self) -> bool {
        (self.ratio() - 1.0).abs() <= MET_SHARE
    }
}

/// All stations of a state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imbalance {
    /// By link, rising.
    pub stations: Vec<StationFlow>,
}

impl Imbalance {
    /// What a solved state gives to stations that want these flows.
    pub fn of(wanted_kg_s: &[(LinkId, f64)], solution: &Solution) -> Imbalance {
        let flow = |&(link, wanted_kg_s): &(LinkId, f64)| {
            let state = solution.consumer(link);
            StationFlow {
                link,
                wanted_kg_s,
                // Where no pressure reaches, nothing flows.
                flow_kg_s: state.map_or(0.0, |state| state.mass_flow_kg_s).max(0.0),
                available_pa: state.map_or(f64::NAN, |state| state.available_pressure_pa),
            }
        };
        Imbalance { stations: wanted_kg_s.iter().map(flow).collect() }
    }

    pub fn get(&self, link: LinkId) -> Option<&StationFlow> {
        self.stations.binary_search_by_key(&link, |station| station.link).ok().map(|at| &self.stations[at])
    }

    /// Least and greatest x; (NaN, NaN) of nobody.
    pub fn range(&self) -> (f64, f64) {
        let ratios = self.stations.iter().map(StationFlow::ratio);
        (ratios.clone().fold(f64::NAN, f64::min), ratios.fold(f64::NAN, f64::max))
    }

    /// Stations within ±2 %.
    pub fn met(&self) -> usize {
        self.stations.iter().filter(|station| station.is_met()).count()
    }

    /// Stations within 0.9…1.2.
    pub fn accepted(&self) -> usize {
        self.stations.iter().filter(|station| ACCEPTED.contains(&station.ratio())).count()
    }

    /// Root mean square of x − 1, every station weighing alike.
    pub fn deviation(&self) -> f64 {
        let sum: f64 = self.stations.iter().map(|station| (station.ratio() - 1.0).powi(2)).sum();
        (sum / self.stations.len().max(1) as f64).sqrt()
    }

    /// Flow of all together over what they want.
    pub fn total(&self) -> f64 {
        let (flow, wanted) = self
            .stations
            .iter()
            .fold((0.0, 0.0), |(flow, wanted), station| (flow + station.flow_kg_s, wanted + station.wanted_kg_s));
        flow / wanted
    }
}
