//! What is known of a city's meters: a series for every resource of every place, its area, and the air outside.

use std::sync::Arc;

use super::degree_days::Outdoor;
use super::hourly::Hourly;

/// What has meters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    /// Everything together.
    City,
    /// All sources, all substations together.
    AllSources,
    AllStations,
    Source,
    Station,
    Building,
}

impl PlaceKind {
    /// The word in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            PlaceKind::City => "city",
            PlaceKind::AllSources => "all_sources",
            PlaceKind::AllStations => "all_stations",
            PlaceKind::Source => "source",
            PlaceKind::Station => "station",
            PlaceKind::Building => "building",
        }
    }

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            PlaceKind::City => "energy-city",
            PlaceKind::AllSources => "energy-all-sources",
            PlaceKind::AllStations => "energy-all-stations",
            PlaceKind::Source => "energy-source",
            PlaceKind::Station => "energy-station",
            PlaceKind::Building => "energy-building",
        }
    }
}

/// A place with meters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub kind: PlaceKind,
    /// Id in the network; of sums the word of their kind.
    pub id: Arc<str>,
    /// What people call it; may be empty.
    pub name: Arc<str>,
}

impl Place {
    pub fn new(kind: PlaceKind, id: &str, name: &str) -> Place {
        Place { kind, id: id.into(), name: name.into() }
    }

    /// A sum.
    pub fn whole(kind: PlaceKind) -> Place {
        Place::new(kind, kind.word(), "")
    }
}

/// What is counted (DB22/T 4.2.8: 燃料、热、电和水).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Heat, J: of a source what it gave, of a substation or building what it took.
    Heat,
    /// Electricity, J.
    Electricity,
    /// Make-up water, m³.
    MakeUp,
    /// Water circulated in the network that the make-up goes into, m³: of a source the primary, of a substation the secondary.
    Circulated,
    /// Energy of the fuel (lower heating value), J.
    Fuel,
}

impl Resource {
    pub const ALL: [Resource; 5] =
        [Resource::Heat, Resource::Electricity, Resource::MakeUp, Resource::Circulated, Resource::Fuel];

    /// The word in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Resource::Heat => "heat",
            Resource::Electricity => "electricity",
            Resource::MakeUp => "make_up",
            Resource::Circulated => "circulated",
            Resource::Fuel => "fuel",
        }
    }

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Resource::Heat => "energy-heat",
            Resource::Electricity => "energy-electricity",
            Resource::MakeUp => "energy-make-up",
            Resource::Circulated => "energy-circulated",
            Resource::Fuel => "energy-fuel",
        }
    }
}

/// A place and its meters.
#[derive(Clone, Debug, PartialEq)]
pub struct Metered {
    pub place: Place,
    /// Heated floor area.
    pub area_m2: Option<f64>,
    series: [Option<Hourly>; 5],
}

impl Metered {
    /// Without any meter.
    pub fn new(place: Place, area_m2: Option<f64>) -> Metered {
        Metered { place, area_m2: area_m2.filter(|area| *area > 0.0), series: Default::default() }
    }

    pub fn series(&self, resource: Resource) -> Option<&Hourly> {
        self.series[resource as usize].as_ref()
    }

    pub fn set(&mut self, resource: Resource, series: Hourly) {
        self.series[resource as usize] = Some(series);
    }

    pub fn is_measured(&self) -> bool {
        self.series.iter().any(Option::is_some)
    }
}

/// Everything known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnergyHistory {
    /// All sources and substations of the network, with or without meters, and the buildings that have some; by kind and id.
    pub metered: Vec<Metered>,
    /// Heat all sources give and all substations take, where one series tells it, J.
    pub supplied: Option<Hourly>,
    pub received: Option<Hourly>,
    pub outdoor: Option<Outdoor>,
}

impl EnergyHistory {
    /// In the order of kinds and ids.
    pub fn sort(&mut self) {
        self.metered.sort_by(|a, b| a.place.cmp(&b.place));
    }

    pub fn find(&self, kind: PlaceKind, id: &str) -> Option<&Metered> {
        self.metered.iter().find(|own| own.place.kind == kind && *own.place.id == *id)
    }

    pub fn find_mut(&mut self, kind: PlaceKind, id: &str) -> Option<&mut Metered> {
        self.metered.iter_mut().find(|own| own.place.kind == kind && *own.place.id == *id)
    }

    pub fn of_kind(&self, kind: PlaceKind) -> impl Iterator<Item = &Metered> {
        self.metered.iter().filter(move |own| own.place.kind == kind)
    }

    /// First hour that any meter knows, and the one after the last.
    pub fn span(&self) -> Option<(i64, i64)> {
        let own = self.metered.iter().flat_map(|own| own.series.iter().flatten());
        let spans = own.chain(&self.supplied).chain(&self.received).filter_map(Hourly::known_span);
        spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}
