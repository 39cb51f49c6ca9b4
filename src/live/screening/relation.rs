//! What several instruments should tell alike: residuals of balances and orders, followed in time.
//!
//! A residual is divided by the deviation its instruments allow and averaged over some evaluations; only what stays
//! outside accuses. Every relation is evaluated when all its instruments have spoken anew, so that each evaluation is a
//! new piece of evidence.

use super::cause::Check;
use crate::live::{Tag, TagId, instrument_deviation};
use crate::physics::water::{density_kg_m3, enthalpy_j_kg};
use crate::units::Quantity;

/// Share of a new residual in the mean.
const SHARE: f64 = 0.125;
/// Deviations of the mean beyond which a relation is broken. The mean of so many has a noise of a quarter; the rest is
/// room for what instruments are off for good.
pub const BROKEN: f64 = 4.0;
/// And below which it holds again.
const HOLDS: f64 = 2.5;
/// Deviations that, three times in a row, need no mean.
const GROSS: f64 = 8.0;
/// Evaluations between holding well and breaking beyond which it was a drift.
const SLOW: u32 = 30;
/// Evaluations before anything is said.
const NEEDED: u32 = 5;
/// Of so many stations one may be silent in the balance of a network.
const SILENT_OF: u32 = 10;
/// Gravity, m/s².
const GRAVITY: f64 = 9.806_65;
/// Absolute pressure densities are taken at, Pa; a megapascal more changes them by 0.05 %.
const PRESSURE_PA: f64 = 1.0e6;

/// Value and deviation of an instrument that may be believed now.
pub type Readings<'a> = &'a dyn Fn(TagId) -> Option<(f64, f64)>;
/// What kind of number an instrument gives.
pub type Kinds<'a> = &'a dyn Fn(TagId) -> Option<Quantity>;

/// A member of a balance of flows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    pub tag: TagId,
    /// +1 flows in, −1 flows out.
    pub sign: f64,
    /// Thermometer at the flow meter, where it tells a volume.
    pub thermometer: Option<TagId>,
}

/// How residual and deviation come out of the values.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// first = second.
    Same { first: TagId, second: TagId },
    /// supply − return = difference.
    Difference { supply: TagId, back: TagId, difference: TagId },
    /// mass flow = density · volume flow.
    Density { mass: TagId, volume: TagId, thermometer: Option<TagId> },
    /// heat = flow · (h(supply) − h(return)).
    Heat { heat: TagId, flow: TagId, supply: TagId, back: TagId },
    /// greater ≥ less; not asked while `flow` is at rest.
    Above { greater: TagId, less: TagId, flow: Option<TagId> },
    /// The head at `point` lies between those of `ends`: below the highest (`below`) or above the lowest. Heights in m.
    Head { point: (TagId, f64), ends: Vec<(TagId, f64)>, below: bool, density_kg_m3: f64 },
    /// Head falls from the first to the second while `flow` is positive, rises while it is negative. Heights in m.
    Along { first: (TagId, f64), second: (TagId, f64), flow: TagId, density_kg_m3: f64 },
    /// Σ sign · flow = 0.
    Sum { flows: Vec<Flow> },
}

/// A relation and how it stands.
#[derive(Clone, Debug)]
pub struct Relation {
    pub check: Check,
    pub law: Law,
    members: Vec<TagId>,
    mean: f64,
    count: u32,
    gross: u32,
    /// Evaluations since it last held well.
    rising: u32,
    pub broken: bool,
    /// The instrument left it slowly.
    pub slow: bool,
}

impl Relation {
    pub fn new(check: Check, law: Law) -> Relation {
        let mut members = match &law {
            Law::Same { first, second } => vec![*first, *second],
            Law::Difference { supply, back, difference } => vec![*supply, *back, *difference],
            Law::Density { mass, volume, .. } => vec![*mass, *volume],
            Law::Heat { heat, flow, supply, back } => vec![*heat, *flow, *supply, *back],
            Law::Above { greater, less, .. } => vec![*greater, *less],
            Law::Head { point, ends, .. } => std::iter::once(point.0).chain(ends.iter().map(|(tag, _)| *tag)).collect(),
            Law::Along { first, second, .. } => vec![first.0, second.0],
            Law::Sum { flows } => flows.iter().map(|flow| flow.tag).collect(),
        };
        members.sort_unstable();
        members.dedup();
        Relation { check, law, members, mean: 0.0, count: 0, gross: 0, rising: 0, broken: false, slow: false }
    }

    /// The instruments it compares, in the order of their handles.
    pub fn members(&self) -> &[TagId] {
        &self.members
    }

    /// Mean residual in deviations.
    pub fn deviations(&self) -> f64 {
        self.mean
    }

    /// Whether it has been asked often enough to speak for an instrument.
    pub fn known(&self) -> bool {
        self.count >= NEEDED
    }

    /// Takes in a residual in deviations.
    pub fn take(&mut self, deviations: f64) {
        // A residual of thousands of deviations must be forgotten in reasonable time.
        let bounded = deviations.clamp(-100.0, 100.0);
        self.count = self.count.saturating_add(1);
        self.mean += (bounded - self.mean) * SHARE.max(1.0 / f64::from(self.count));
        // A heat meter reckons over a minute and more: while flow changes it is off grossly and honestly.
        let gross = deviations.abs() > GROSS && self.check != Check::Heat;
        self.gross = if gross { self.gross + 1 } else { 0 };
        self.rising = if self.mean.abs() < 1.0 { 0 } else { self.rising.saturating_add(1) };
        if self.broken {
            self.broken = self.mean.abs() > HOLDS;
        } else if self.gross >= 3 || (self.known() && self.mean.abs() > BROKEN) {
            self.broken = true;
            self.slow = self.gross < 3 && self.rising > SLOW;
        }
    }

    /// The residual in deviations; `None` where the relation says nothing now. `value`: what the instruments show.
    pub fn residual(&self, tag: Readings<'_>, kind: Kinds<'_>) -> Option<f64> {
        let ratio = |residual: f64, variance: f64| (variance > 0.0).then(|| residual / variance.sqrt());
        match &self.law {
            Law::Same { first, second } => {
                let (a, b) = (tag(*first)?, tag(*second)?);
                ratio(a.0 - b.0, a.1 * a.1 + b.1 * b.1)
            }
            Law::Difference { supply, back, difference } => {
                let (supply, back, difference) = (tag(*supply)?, tag(*back)?, tag(*difference)?);
                let variance = supply.1.powi(2) + back.1.powi(2) + difference.1.powi(2);
                ratio(supply.0 - back.0 - difference.0, variance)
            }
            Law::Density { mass, volume, thermometer } => {
                let (mass, volume) = (tag(*mass)?, tag(*volume)?);
                let density = density_at(thermometer.and_then(tag).map(|it| it.0));
                let to_mass = density.0 / 3600.0;
                let spread = volume.0 * density.1 / 3600.0;
                ratio(mass.0 - to_mass * volume.0, mass.1.powi(2) + (to_mass * volume.1).powi(2) + spread * spread)
            }
            Law::Heat { heat, flow, supply, back } => {
                let quantity = kind(*flow)?;
                let (heat, flow, supply, back) = (tag(*heat)?, tag(*flow)?, tag(*supply)?, tag(*back)?);
                let (factor, spread) = to_mass(quantity, Some(0.5 * (supply.0 + back.0)));
                let drop = enthalpy_j_kg(supply.0, PRESSURE_PA) - enthalpy_j_kg(back.0, PRESSURE_PA);
                let mass = factor * flow.0;
                // J/(kg K) of water, to spread two thermometers.
                let per_k = 4200.0 * mass;
                let variance = heat.1.powi(2)
                    + (drop * factor * flow.1).powi(2)
                    + (drop * spread * flow.0).powi(2)
                    + per_k.powi(2) * (supply.1.powi(2) + back.1.powi(2));
                ratio(heat.0 - mass * drop, variance)
            }
            Law::Above { greater, less, flow } => {
                if let Some(flow) = flow {
                    let flow = tag(*flow)?;
                    if flow.0.abs() <= 3.0 * flow.1 {
                        return None;
                    }
                }
                let (greater, less) = (tag(*greater)?, tag(*less)?);
                ratio((greater.0 - less.0).min(0.0), greater.1.powi(2) + less.1.powi(2))
            }
            Law::Head { point, ends, below, density_kg_m3 } => {
                let per_m = density_kg_m3 * GRAVITY;
                let own = tag(point.0)?;
                let head = own.0 + per_m * point.1;
                let mut limit: Option<(f64, f64, f64)> = None;
                for (end, height) in ends {
                    let it = tag(*end)?;
                    let head = it.0 + per_m * height;
                    let better = limit.is_none_or(|(other, _, _)| if *below { head > other } else { head < other });
                    if better {
                        limit = Some((head, it.1, *height));
                    }
                }
                let (limit, deviation, height) = limit?;
                // Water a tenth hotter or colder than supposed weighs 3 % more or less.
                let column = 0.03 * per_m * (point.1 - height);
                let over = if *below { (limit - head).min(0.0) } else { (head - limit).min(0.0) };
                ratio(over, own.1.powi(2) + deviation.powi(2) + column * column)
            }
            Law::Along { first, second, flow, density_kg_m3 } => {
                let flow = tag(*flow)?;
                if flow.0.abs() <= 3.0 * flow.1 {
                    return None;
                }
                let per_m = density_kg_m3 * GRAVITY;
                let (a, b) = (tag(first.0)?, tag(second.0)?);
                let fall = (a.0 + per_m * first.1 - b.0 - per_m * second.1) * flow.0.signum();
                let column = 0.03 * per_m * (first.1 - second.1);
                ratio(fall.min(0.0), a.1.powi(2) + b.1.powi(2) + column * column)
            }
            Law::Sum { flows } => {
                let (mut sum, mut variance) = (0.0, 0.0);
                // Flows out, of which a few may be silent: their sum and number.
                let (mut out, mut spoke, mut silent) = (0.0, 0_u32, 0_u32);
                for flow in flows {
                    let (factor, spread) = to_mass(kind(flow.tag)?, flow.thermometer.and_then(tag).map(|it| it.0));
                    let it = match tag(flow.tag) {
                        Some(it) => it,
                        None if self.check == Check::Network && flow.sign < 0.0 => {
                            silent += 1;
                            continue;
                        }
                        None => return None,
                    };
                    if flow.sign < 0.0 {
                        out += factor * it.0;
                        spoke += 1;
                    }
                    sum += flow.sign * factor * it.0;
                    variance += (factor * it.1).powi(2) + (spread * it.0).powi(2);
                }
                if silent > 0 {
                    if silent * SILENT_OF > spoke {
                        return None;
                    }
                    // A station that says nothing takes as much as the others, or nothing, or twice that.
                    let usual = out / f64::from(spoke);
                    sum -= f64::from(silent) * usual;
                    variance += f64::from(silent) * usual * usual;
                }
                ratio(sum, variance)
            }
        }
    }
}

/// Density and how well it is known, kg/m³.
fn density_at(temperature_c: Option<f64>) -> (f64, f64) {
    match temperature_c {
        // The meter may sit in the other pipe: ± 2 %.
        Some(temperature_c) => {
            let density = density_kg_m3(temperature_c, PRESSURE_PA);
            (density, 0.02 * density)
        }
        // Water between 30 °C and 130 °C.
        None => (967.0, 20.0),
    }
}

/// Factor from the unit of a flow to kg/s, and how well it is known.
fn to_mass(quantity: Quantity, temperature_c: Option<f64>) -> (f64, f64) {
    if quantity == Quantity::VolumeFlow {
        let (density, spread) = density_at(temperature_c);
        (density / 3600.0, spread / 3600.0)
    } else {
        (1.0, 0.0)
    }
}

/// What an instrument shows, with its deviation.
pub fn reading(tag: &Tag, value: f64) -> (f64, f64) {
    (value, instrument_deviation(tag, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation() -> Relation {
        Relation::new(Check::Same, Law::Same { first: TagId(0), second: TagId(1) })
    }

    #[test]
    fn noise_within_its_deviation_breaks_nothing_and_a_drift_does_slowly() {
        let mut relation = relation();
        for step in 0..1000 {
            relation.take(if step % 2 == 0 { 2.5 } else { -2.5 });
            assert!(!relation.broken, "step {step}");
        }
        for step in 0..400 {
            relation.take(f64::from(step) / 50.0);
        }
        assert!(relation.broken && relation.slow);
        for _ in 0..60 {
            relation.take(0.0);
        }
        assert!(!relation.broken);
    }

    #[test]
    fn a_gross_error_needs_three_evaluations() {
        let mut relation = relation();
        relation.take(50.0);
        relation.take(50.0);
        assert!(!relation.broken);
        relation.take(50.0);
        assert!(relation.broken && !relation.slow);
    }
}
