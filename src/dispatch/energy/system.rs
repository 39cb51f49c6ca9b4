//! The system as a whole: how much of the heat arrives, what it takes to bring it, how much water is lost on the way
//! (失水率、系统能效, DB22/T 4.2.8).

use super::account::Account;
use super::history::{PlaceKind, Resource};
use super::{Refused, quotient};

/// Figures of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// Heat of all sources and of all substations, J.
    pub supplied_j: Result<f64, Refused>,
    pub received_j: Result<f64, Refused>,
    /// Heat at the substations over heat from the sources: what the primary network passes on (管网热输送效率). One less it is
    /// the rate of heat loss of JGJ/T 132-2009 chapter 13.
    pub transport_share: Result<f64, Refused>,
    /// Heat over energy of the fuel, of all sources.
    pub fuel_share: Result<f64, Refused>,
    /// Heat at the substations over energy of the fuel.
    pub whole_share: Result<f64, Refused>,
    /// Electricity of sources and substations over heat, J/J.
    pub electricity_per_heat: Result<f64, Refused>,
    /// Make-up over circulated water of the primary network, and of the secondary networks together.
    pub primary_loss_share: Result<f64, Refused>,
    pub secondary_loss_share: Result<f64, Refused>,
    /// Make-up of all, m³ per m² heated.
    pub make_up_per_area: Result<f64, Refused>,
}

impl System {
    /// From accounts as [`super::account::Books::accounts`] gives them.
    pub(super) fn of(accounts: &[Account]) -> Option<System> {
        let find = |kind| accounts.iter().find(|account| account.place.kind == kind);
        let (city, sources, stations) =
            (find(PlaceKind::City)?, find(PlaceKind::AllSources)?, find(PlaceKind::AllStations)?);
        let (supplied, received) = (sources.amount(Resource::Heat), stations.amount(Resource::Heat));
        let over = |a: &Result<f64, Refused>, b: &Result<f64, Refused>| quotient(a.clone()?, b.clone()?);
        let fuel = sources.amount(Resource::Fuel);
        Some(System {
            transport_share: over(&received, &supplied),
            fuel_share: sources.fuel_efficiency(),
            whole_share: over(&received, &fuel),
            electricity_per_heat: city.per_heat(Resource::Electricity),
            primary_loss_share: sources.water_loss_share(),
            secondary_loss_share: stations.water_loss_share(),
            make_up_per_area: city.per_area(Resource::MakeUp),
            supplied_j: supplied,
            received_j: received,
        })
    }
}
