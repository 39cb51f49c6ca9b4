//! A model as the search counts it: heat in shares of the greatest demand, time in steps, money in a unit of its own.
//!
//! Interior point methods and tolerances want numbers near one. [`Core`] is the model so scaled, with the elements of the
//! heat balance of a step in one list ([`Element`]): sources, stores, what is missing, what is too much, the same for every
//! area. It is read by the price search (`prices`), the programmes (`programme`) and the paths (`paths`).

use super::model::Model;

/// Heat that can be given in a step: between `low` and `low + width` at a slope.
#[derive(Clone, Copy, Debug, Default)]
pub struct Element {
    pub low: f64,
    pub width: f64,
    pub slope: f64,
}

/// Stands for no limit of rising or falling: far more than any heat, and a number to reckon with.
const NO_RAMP: f64 = 1e6;

pub struct CoreUnit {
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    pub slope: Vec<f64>,
    pub standing: Vec<f64>,
    pub start: f64,
    pub rise: f64,
    pub fall: f64,
    pub enter: f64,
    pub leave: f64,
    /// Whether ramps can ever bind.
    pub ramps: bool,
    pub quota: f64,
    pub least_on: usize,
    pub least_off: usize,
    pub was_on: bool,
    /// Steps it has to stay as it was.
    pub locked: usize,
    pub was: f64,
}

pub struct CoreStore {
    pub least: f64,
    pub most: f64,
    pub start: f64,
    pub end: f64,
    pub charge: Vec<f64>,
    pub discharge: Vec<f64>,
    pub kept: f64,
}

pub struct CoreArea {
    pub least: Vec<f64>,
    pub most: Vec<f64>,
}

/// A limit on sources together, in a step in which it can bind.
pub struct CoreCut {
    /// Share of each source, and of each store.
    pub units: Vec<f64>,
    pub stores: Vec<f64>,
    pub most: f64,
}

/// A model in numbers near one.
pub struct Core {
    pub steps: usize,
    pub demand: Vec<f64>,
    pub units: Vec<CoreUnit>,
    pub stores: Vec<CoreStore>,
    pub areas: Vec<CoreArea>,
    pub area_of: Vec<Option<usize>>,
    pub area_of_store: Vec<Option<usize>>,
    /// By step: those that can bind in it.
    pub cuts: Vec<Vec<CoreCut>>,
    /// Slope of missing heat, and minus that of surplus.
    pub missing: f64,
    /// Surplus and missing heat at most: more than can come about.
    pub room: f64,
    /// Cost of what is forbidden.
    pub barred: f64,
    /// By step: ways of running, as (of, on), that are forbidden.
    pub forbidden: Vec<Vec<(u32, u32)>>,
    /// Watts and money of one.
    pub power_w: f64,
    pub money: f64,
}

impl Core {
    pub fn new(model: &Model) -> Core {
        let steps = model.steps();
        let most_w = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        let power_w = most_w(&model.demand_w).max(1.0);
        let joule = power_w * model.step_s;
        // The dearest joule costs ten.
        let money = (model.missing_1_j * joule / 100.0).max(1e-300);
        let heat = |values: &[f64]| values.iter().map(|w| w / power_w).collect::<Vec<f64>>();
        let ramp = |w: f64| (w / power_w).min(NO_RAMP);
        let unit = |unit: &super::model::Unit| {
            let floor: Vec<f64> = (0..steps).map(|step| unit.floor_w(step) / power_w).collect();
            let (most, least) = (most_w(&unit.most_w), unit.least_w.iter().copied().fold(f64::INFINITY, f64::min));
            let free = unit.rise_w >= most && unit.fall_w >= most;
            let to_leave = if unit.was_on && unit.was_w > unit.leave_w() {
                // Down to where it can be left, first.
                ((unit.was_w - unit.leave_w()) / unit.fall_w.max(1e-9)).ceil().min(steps as f64) as usize
            } else {
                0
            };
            let locked = if unit.was_on { unit.least_on } else { unit.least_off }.saturating_sub(unit.was_for);
            CoreUnit {
                low: floor,
                high: heat(&unit.most_w),
                slope: unit.running_1_j.iter().map(|rates| rates.total() * joule / money).collect(),
                standing: unit.standing_1_s.iter().map(|rates| rates.total() * model.step_s / money).collect(),
                start: unit.start / money,
                rise: ramp(unit.rise_w),
                fall: ramp(unit.fall_w),
                enter: ramp(unit.enter_w()),
                leave: ramp(unit.leave_w()),
                ramps: !free && most > least.min(most),
                quota: unit.quota_j / joule,
                least_on: unit.least_on.max(1),
                least_off: unit.least_off.max(1),
                was_on: unit.was_on,
                locked: locked.max(to_leave),
                // It cannot have run below its least load.
                was: if unit.was_on {
                    unit.was_w.max(unit.least_w.first().copied().unwrap_or(0.0)) / power_w
                } else {
                    0.0
                },
            }
        };
        let units: Vec<CoreUnit> = model.units.iter().map(unit).collect();
        let stores: Vec<CoreStore> = model
            .stores
            .iter()
            .map(|store| CoreStore {
                least: store.least_j / joule,
                most: store.most_j / joule,
                start: store.start_j / joule,
                end: store.end_j / joule,
                charge: heat(&store.charge_w),
                discharge: heat(&store.discharge_w),
                kept: store.kept,
            })
            .collect();
        let mut area_of = vec![None; units.len()];
        let mut area_of_store = vec![None; stores.len()];
        for (number, area) in model.areas.iter().enumerate() {
            for unit in &area.units {
                area_of[*unit] = Some(number);
            }
            for store in area.stores.iter().filter(|store| **store < stores.len()) {
                area_of_store[*store] = Some(number);
            }
        }
        let areas =
            model.areas.iter().map(|area| CoreArea { least: heat(&area.least_w), most: heat(&area.most_w) }).collect();
        let missing = model.missing_1_j * joule / money;
        let all: f64 = units.iter().map(|unit| most_w(&unit.high)).sum::<f64>()
            + stores.iter().map(|store| most_w(&store.charge) + most_w(&store.discharge)).sum::<f64>();
        let mut forbidden = vec![Vec::new(); steps];
        for bar in model.forbidden.iter().filter(|bar| bar.step < steps) {
            forbidden[bar.step].push((bar.of, bar.on));
        }
        for number in (0..model.units.len()).filter(|number| model.units[*number].must_run) {
            forbidden.iter_mut().for_each(|bars| bars.push((1 << number, 0)));
        }
        let cuts = (0..steps).map(|step| cuts_of(model, &units, &stores, step, power_w)).collect();
        Core {
            steps,
            demand: heat(&model.demand_w),
            units,
            stores,
            areas,
            area_of,
            area_of_store,
            cuts,
            missing,
            room: all + 1.0,
            barred: 20.0 * missing,
            forbidden,
            power_w,
            money,
        }
    }

    /// Number of ways of running together.
    pub fn ways(&self) -> usize {
        1 << self.units.len()
    }

    pub fn was(&self) -> u32 {
        self.units.iter().enumerate().map(|(number, unit)| u32::from(unit.was_on) << number).sum()
    }

    pub fn is_forbidden(&self, step: usize, way: u32) -> bool {
        self.forbidden[step].iter().any(|(of, on)| way & of == *on)
    }
}

/// The cuts that the greatest heat of everything could break in a step.
fn cuts_of(model: &Model, units: &[CoreUnit], stores: &[CoreStore], step: usize, power_w: f64) -> Vec<CoreCut> {
    let padded = |shares: &[f64], count: usize| -> Vec<f64> {
        (0..count).map(|number| shares.get(number).copied().unwrap_or(0.0)).collect()
    };
    let mut out = Vec::new();
    for cut in model.cuts.iter().filter(|cut| cut.most_w[step].is_finite()) {
        let (of_units, of_stores) = (padded(&cut.units, units.len()), padded(&cut.stores, stores.len()));
        let most = cut.most_w[step] / power_w;
        let highest: f64 =
            of_units.iter().zip(units).map(|(share, unit)| (share * unit.high[step]).max(0.0)).sum::<f64>()
                + of_stores
                    .iter()
                    .zip(stores)
                    .map(|(share, store)| (share * store.discharge[step]).max(-share * store.charge[step]))
                    .sum::<f64>();
        if highest > most {
            out.push(CoreCut { units: of_units, stores: of_stores, most });
        }
    }
    out
}
