//! Sharing the heat of a building's meter among its households (热分摊): Q_i = Q·w_i/Σw, with a weight by method.
//!
//! | method | weight of a household |
//! |---|---|
//! | 通断时间面积法 on-off time and area | open hours × area |
//! | 散热器热分配计法 heat cost allocators | Σ reading × rating factor of its radiators |
//! | 户用热量表法 household meters | metered heat |
//! | 流量温度法 flow and temperature | Σ riser flow × temperature drop over the radiator's storey |
//! | 温度面积法 temperature and area | area × (mean room temperature − reference temperature) |
//!
//! The first four after the Beijing guideline on heat metering §3.4 (JGJ 173), the fifth by the rule “equal temperature,
//! equal charge”: the reference is 0 °C unless the mean outdoor temperature of the season is given. Households without
//! usable data get the mean of the others per floor area and are marked. Where position factors are given, a weight is
//! divided by its factor, so that nobody pays for the roof of all. Not here: reading tables, prices.

/// How a building's heat is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    OnOffTimeArea,
    HeatCostAllocator,
    HouseholdMeter,
    FlowTemperature,
    TemperatureArea,
}

impl Method {
    pub const ALL: [Method; 5] = [
        Method::OnOffTimeArea,
        Method::HeatCostAllocator,
        Method::HouseholdMeter,
        Method::FlowTemperature,
        Method::TemperatureArea,
    ];

    /// The stable word in files and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Method::OnOffTimeArea => "on-off-time-area",
            Method::HeatCostAllocator => "heat-cost-allocator",
            Method::HouseholdMeter => "household-meter",
            Method::FlowTemperature => "flow-temperature",
            Method::TemperatureArea => "temperature-area",
        }
    }
}

/// What was measured at a household, in the method's terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// Hours its valve was open.
    OpenHours(f64),
    /// Σ reading × rating factor of its radiators.
    AllocatorUnits(f64),
    /// J.
    Heat(f64),
    /// Σ over its radiators of riser flow (any unit, the same for all) × temperature drop, K.
    FlowKelvin(f64),
    /// Mean room temperature of the period, °C.
    RoomTemperature(f64),
    Missing,
}

/// A household.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Household {
    pub area_m2: f64,
    pub measured: Measured,
    /// Heat need by place in the house over the mean; 1 where no correction is wanted.
    pub position_factor: f64,
}

/// What is doubtful about a household's data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HouseholdDoubt {
    /// No value, or one of another method: estimated.
    Missing,
    /// Negative or not finite: estimated.
    NotPlausible { value: f64 },
    /// The valve was open longer than the period: estimated.
    BeyondPeriod { hours: f64, period_h: f64 },
    /// Mean room temperature outside 5…35 °C: estimated.
    RoomTemperature { temperature_c: f64 },
    /// No heat at all while the others were heated: empty flat, closed valve or dead device. Counted as read.
    Nothing,
    /// Weight per area this many times the building's median (above 3 or below a third). Counted as read.
    Unusual { times: f64 },
}

impl HouseholdDoubt {
    /// Whether the household's own value was not used.
    pub fn replaces_value(&self) -> bool {
        !matches!(self, HouseholdDoubt::Nothing | HouseholdDoubt::Unusual { .. })
    }
}

/// What is doubtful about the building as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BuildingDoubt {
    /// Household meters sum to this share of the building's meter (outside 0.85…1.02).
    MeterSum { share: f64 },
    /// More than a tenth of the area was estimated.
    ManyEstimated { share_of_area: f64 },
}

/// Why nothing can be shared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AllocationError {
    NoHouseholds,
    /// Heat of the building not positive.
    NoHeat {
        heat_j: f64,
    },
    /// Area or position factor of this household (from 0) not positive.
    BadHousehold {
        at: usize,
    },
    /// No household has a usable value.
    NothingMeasured,
}

/// A household's share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allocated {
    pub heat_j: f64,
    pub share: f64,
    pub heat_j_m2: f64,
    pub estimated: bool,
}

/// The shares of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Allocation {
    pub households: Vec<Allocated>,
    /// (household from 0, doubt), in order.
    pub household_doubts: Vec<(usize, HouseholdDoubt)>,
    pub building_doubts: Vec<BuildingDoubt>,
    /// Of household meters, the building's heat that no household metered, J: risers and stairs, or meter errors.
    pub unmetered_j: Option<f64>,
}

/// Weights per area beyond these multiples of the median are told.
const UNUSUAL: (f64, f64) = (1.0 / 3.0, 3.0);
const METER_SUM: (f64, f64) = (0.85, 1.02);
const ROOM_RANGE_C: (f64, f64) = (5.0, 35.0);
const MANY_ESTIMATED: f64 = 0.1;

/// Shares a building's heat, J. `period_h`: length of the period (on-off method); `reference_c`: see the table above.
pub fn allocate(
    heat_j: f64,
    method: Method,
    households: &[Household],
    period_h: f64,
    reference_c: f64,
) -> Result<Allocation, AllocationError> {
    if households.is_empty() {
        return Err(AllocationError::NoHouseholds);
    }
    if !(heat_j > 0.0 && heat_j.is_finite()) {
        return Err(AllocationError::NoHeat { heat_j });
    }
    let positive = |value: f64| value > 0.0 && value.is_finite();
    if let Some(at) = households.iter().position(|h| !positive(h.area_m2) || !positive(h.position_factor)) {
        return Err(AllocationError::BadHousehold { at });
    }
    let read: Vec<Result<f64, HouseholdDoubt>> =
        households.iter().map(|household| weight(method, household, period_h, reference_c)).collect();
    let mut household_doubts: Vec<(usize, HouseholdDoubt)> =
        read.iter().enumerate().filter_map(|(at, weight)| weight.err().map(|doubt| (at, doubt))).collect();
    let good: Vec<(usize, f64)> = read.iter().enumerate().filter_map(|(at, w)| w.ok().map(|w| (at, w))).collect();
    let good_weight: f64 = good.iter().map(|(_, weight)| weight).sum();
    if good_weight <= 0.0 {
        return Err(AllocationError::NothingMeasured);
    }
    let good_area: f64 = good.iter().map(|(at, _)| households[*at].area_m2).sum();
    let all_area: f64 = households.iter().map(|household| household.area_m2).sum();
    let weights: Vec<f64> = read
        .iter()
        .zip(households)
        .map(|(weight, household)| weight.unwrap_or(good_weight / good_area * household.area_m2))
        .collect();
    household_doubts.extend(unusual(&good, households));
    household_doubts.sort_by_key(|doubt| doubt.0);
    let sum: f64 = weights.iter().sum();
    let allocated = weights
        .iter()
        .zip(households)
        .zip(&read)
        .map(|((weight, household), read)| {
            let share = weight / sum;
            let own_j = heat_j * share;
            Allocated { heat_j: own_j, share, heat_j_m2: own_j / household.area_m2, estimated: read.is_err() }
        })
        .collect();
    let mut building_doubts = Vec::new();
    let mut unmetered_j = None;
    if method == Method::HouseholdMeter {
        let metered: f64 = good
            .iter()
            .map(|(at, _)| if let Measured::Heat(own_j) = households[*at].measured { own_j } else { 0.0 })
            .sum();
        unmetered_j = Some(heat_j - metered);
        // Only where every meter was read is the sum a sum.
        let share = metered / heat_j;
        if good.len() == households.len() && !(METER_SUM.0..=METER_SUM.1).contains(&share) {
            building_doubts.push(BuildingDoubt::MeterSum { share });
        }
    }
    let share_of_area = 1.0 - good_area / all_area;
    if share_of_area > MANY_ESTIMATED {
        building_doubts.push(BuildingDoubt::ManyEstimated { share_of_area });
    }
    Ok(Allocation { households: allocated, household_doubts, building_doubts, unmetered_j })
}

/// The weight of a household, or why it has none of its own.
fn weight(method: Method, household: &Household, period_h: f64, reference_c: f64) -> Result<f64, HouseholdDoubt> {
    let usable = |value: f64| {
        if value >= 0.0 && value.is_finite() { Ok(value) } else { Err(HouseholdDoubt::NotPlausible { value }) }
    };
    let weight = match (method, household.measured) {
        (Method::OnOffTimeArea, Measured::OpenHours(hours)) => {
            // A minute an hour of clock drift is no fault.
            if hours > period_h * (1.0 + 1.0 / 60.0) {
                return Err(HouseholdDoubt::BeyondPeriod { hours, period_h });
            }
            usable(hours)? * household.area_m2
        }
        (Method::HeatCostAllocator, Measured::AllocatorUnits(value))
        | (Method::HouseholdMeter, Measured::Heat(value))
        | (Method::FlowTemperature, Measured::FlowKelvin(value)) => usable(value)?,
        (Method::TemperatureArea, Measured::RoomTemperature(temperature_c)) => {
            if !(ROOM_RANGE_C.0..=ROOM_RANGE_C.1).contains(&temperature_c) {
                return Err(HouseholdDoubt::RoomTemperature { temperature_c });
            }
            usable((temperature_c - reference_c).max(0.0))? * household.area_m2
        }
        _ => return Err(HouseholdDoubt::Missing),
    };
    Ok(weight / household.position_factor)
}

/// Weights that stand out from the median per area.
fn unusual(good: &[(usize, f64)], households: &[Household]) -> Vec<(usize, HouseholdDoubt)> {
    let mut specific: Vec<f64> = good.iter().map(|(at, weight)| weight / households[*at].area_m2).collect();
    specific.sort_by(f64::total_cmp);
    let median = specific[specific.len() / 2];
    good.iter()
        .filter_map(|&(at, weight)| {
            let times = weight / households[at].area_m2 / median;
            if weight == 0.0 {
                Some((at, HouseholdDoubt::Nothing))
            } else if median > 0.0 && !(UNUSUAL.0..=UNUSUAL.1).contains(&times) {
                Some((at, HouseholdDoubt::Unusual { times }))
            } else {
                None
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn household(area_m2: f64, measured: Measured) -> Household {
        Household { area_m2, measured, position_factor: 1.0 }
    }

    fn shares(method: Method, measured: [Measured; 3]) -> Vec<f64> {
        let households =
            [80.0, 100.0, 120.0].into_iter().zip(measured).map(|(a, m)| household(a, m)).collect::<Vec<_>>();
        let out = allocate(300e9, method, &households, 1000.0, 0.0).unwrap();
        let sum: f64 = out.households.iter().map(|h| h.heat_j).sum();
        assert!((sum / 300e9 - 1.0).abs() < 1e-12);
        out.households.iter().map(|h| h.share).collect()
    }

    fn close(found: &[f64], expected: [f64; 3]) {
        let sum: f64 = expected.iter().sum();
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected / sum).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn the_five_methods_by_hand() {
        use Measured::*;
        close(
            &shares(Method::OnOffTimeArea, [OpenHours(500.0), OpenHours(800.0), OpenHours(1000.0)]),
            [40_000.0, 80_000.0, 120_000.0],
        );
        close(
            &shares(Method::HeatCostAllocator, [AllocatorUnits(120.0), AllocatorUnits(200.0), AllocatorUnits(180.0)]),
            [120.0, 200.0, 180.0],
        );
        close(&shares(Method::HouseholdMeter, [Heat(70e9), Heat(100e9), Heat(115e9)]), [70.0, 100.0, 115.0]);
        close(&shares(Method::FlowTemperature, [FlowKelvin(4.0), FlowKelvin(5.5), FlowKelvin(3.0)]), [4.0, 5.5, 3.0]);
        close(
            &shares(Method::TemperatureArea, [RoomTemperature(18.0), RoomTemperature(20.0), RoomTemperature(22.0)]),
            [80.0 * 18.0, 2000.0, 120.0 * 22.0],
        );
    }

    #[test]
    fn equal_temperature_equal_charge() {
        let households: Vec<Household> =
            [60.0, 90.0, 140.0].iter().map(|a| household(*a, Measured::RoomTemperature(20.0))).collect();
        let out = allocate(1e11, Method::TemperatureArea, &households, 0.0, -5.0).unwrap();
        let first = out.households[0].heat_j_m2;
        assert!(out.households.iter().all(|h| (h.heat_j_m2 / first - 1.0).abs() < 1e-12));
    }

    #[test]
    fn bad_data_is_replaced_by_the_mean_of_the_others_and_told() {
        let households = [
            household(100.0, Measured::OpenHours(500.0)),
            household(100.0, Measured::OpenHours(700.0)),
            household(100.0, Measured::OpenHours(1200.0)),
            household(100.0, Measured::OpenHours(-3.0)),
            household(50.0, Measured::Missing),
            household(100.0, Measured::Heat(1e9)),
        ];
        let out = allocate(1e11, Method::OnOffTimeArea, &households, 1000.0, 0.0).unwrap();
        let doubts: Vec<usize> = out.household_doubts.iter().map(|doubt| doubt.0).collect();
        assert_eq!(doubts, [2, 3, 4, 5]);
        assert!(out.household_doubts.iter().all(|doubt| doubt.1.replaces_value()));
        // 500, 700, and the mean 600 four times (once for half the area).
        assert!((out.households[2].share - 600.0 / (500.0 + 700.0 + 3.5 * 600.0)).abs() < 1e-12);
        assert!(out.households[4].estimated && !out.households[0].estimated);
        assert!(matches!(out.building_doubts[..], [BuildingDoubt::ManyEstimated { share_of_area }]
            if (share_of_area - 350.0 / 550.0).abs() < 1e-12));
    }

    #[test]
    fn outliers_and_closed_flats_count_as_read_but_are_told() {
        let values = [100.0, 110.0, 90.0, 105.0, 0.0, 400.0, 20.0];
        let households: Vec<Household> =
            values.iter().map(|value| household(100.0, Measured::AllocatorUnits(*value))).collect();
        let out = allocate(1e11, Method::HeatCostAllocator, &households, 0.0, 0.0).unwrap();
        assert_eq!(out.household_doubts[0], (4, HouseholdDoubt::Nothing));
        assert!(
            matches!(out.household_doubts[1], (5, HouseholdDoubt::Unusual { times }) if (times - 4.0).abs() < 1e-9)
        );
        assert!(matches!(out.household_doubts[2], (6, HouseholdDoubt::Unusual { .. })));
        assert_eq!(out.households[4].heat_j, 0.0);
        assert!(out.building_doubts.is_empty());
    }

    #[test]
    fn household_meters_are_held_against_the_building() {
        let households = [household(100.0, Measured::Heat(40e9)), household(100.0, Measured::Heat(36e9))];
        let out = allocate(100e9, Method::HouseholdMeter, &households, 0.0, 0.0).unwrap();
        assert!((out.unmetered_j.unwrap() - 24e9).abs() < 1.0);
        assert!(matches!(out.building_doubts[..], [BuildingDoubt::MeterSum { share }] if (share - 0.76).abs() < 1e-12));
        let good = allocate(80e9, Method::HouseholdMeter, &households, 0.0, 0.0).unwrap();
        assert!(good.building_doubts.is_empty() && (good.households[0].heat_j - 80e9 * 40.0 / 76.0).abs() < 1.0);
    }

    #[test]
    fn position_factors_spare_the_corner_flat() {
        let mut corner = household(100.0, Measured::Heat(15.18e9));
        corner.position_factor = 1.518;
        let mut inner = household(100.0, Measured::Heat(6.87e9));
        inner.position_factor = 0.687;
        let out = allocate(20e9, Method::HouseholdMeter, &[corner, inner], 0.0, 0.0).unwrap();
        assert!((out.households[0].share - 0.5).abs() < 1e-12);
    }

    #[test]
    fn nothing_to_share_says_why() {
        let one = [household(100.0, Measured::Heat(1.0))];
        assert_eq!(allocate(1.0, Method::HouseholdMeter, &[], 0.0, 0.0), Err(AllocationError::NoHouseholds));
        assert_eq!(allocate(0.0, Method::HouseholdMeter, &one, 0.0, 0.0), Err(AllocationError::NoHeat { heat_j: 0.0 }));
        assert_eq!(allocate(1.0, Method::OnOffTimeArea, &one, 9.0, 0.0), Err(AllocationError::NothingMeasured));
        let no_area = [one[0], household(0.0, Measured::Heat(1.0))];
        assert_eq!(
            allocate(1.0, Method::HouseholdMeter, &no_area, 0.0, 0.0),
            Err(AllocationError::BadHousehold { at: 1 })
        );
    }
}
