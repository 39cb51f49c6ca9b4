//! What every way of running costs in every step once the ties between steps have prices.
//!
//! Steps are tied by the contents of stores, by ramps and by quotas. With a price on each tie (Lagrange multipliers) nothing but
//! the switching of sources ties them any more: [`Priced`] holds the least cost of each way of running in each step, a filling
//! in order of merit, the cost of switching, and what the prices themselves add. Its least path (`paths`) is a lower bound of the
//! question for any prices whatever.

use super::core::{Core, Element};

/// A price for each tie.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// Of the content, by store and step.
    pub content: Vec<Vec<f64>>,
    /// Of rising and falling, by source and step; empty without ramps.
    pub rise: Vec<Vec<f64>>,
    pub fall: Vec<Vec<f64>>,
    pub quota: Vec<f64>,
    /// Of the cuts, by step: for each way of running of which they are known, one for each cut of the step.
    pub cuts: Vec<Vec<(u32, Vec<f64>)>>,
}

impl Prices {
    pub fn zero(core: &Core) -> Prices {
        let ramps = || core.units.iter().map(|unit| vec![0.0; if unit.ramps { core.steps } else { 0 }]).collect();
        Prices {
            content: vec![vec![0.0; core.steps]; core.stores.len()],
            rise: ramps(),
            fall: ramps(),
            quota: vec![0.0; core.units.len()],
            cuts: vec![Vec::new(); core.steps],
        }
    }
}

/// The question at given prices.
pub struct Priced {
    /// Least cost by step and way of running: `step * ways + way`.
    pub node: Vec<f64>,
    /// By source and step: cost of coming in and of going out in this step.
    pub enter: Vec<Vec<f64>>,
    pub leave: Vec<Vec<f64>>,
    /// What the prices add whatever is done.
    pub constant: f64,
}

impl Priced {
    pub fn new(core: &Core, prices: &Prices) -> Priced {
        let (steps, ways, count) = (core.steps, core.ways(), core.units.len());
        let mut constant = contents(core, prices);
        let mut slope: Vec<Vec<f64>> = core.units.iter().map(|unit| unit.slope.clone()).collect();
        let mut standing: Vec<Vec<f64>> = core.units.iter().map(|unit| unit.standing.clone()).collect();
        let mut enter: Vec<Vec<f64>> = core.units.iter().map(|unit| vec![unit.start; steps]).collect();
        let mut leave = vec![vec![0.0; steps]; count];
        for (number, unit) in core.units.iter().enumerate() {
            if unit.quota.is_finite() {
                constant -= prices.quota[number] * unit.quota;
                slope[number].iter_mut().for_each(|slope| *slope += prices.quota[number]);
            }
            if !unit.ramps {
                continue;
            }
            let (rise, fall) = (&prices.rise[number], &prices.fall[number]);
            for step in 0..steps {
                // P − P₋ − rise·on₋ − enter·start ≤ 0 and P₋ − P − fall·on − leave·stop ≤ 0.
                slope[number][step] += rise[step] - fall[step];
                standing[number][step] -= fall[step] * fall_at(core, number, step);
                enter[number][step] -= rise[step] * unit.enter;
                leave[number][step] -= fall[step] * unit.leave;
                if step > 0 {
                    slope[number][step - 1] += fall[step] - rise[step];
                    standing[number][step - 1] -= rise[step] * unit.rise;
                } else {
                    constant += (fall[0] - rise[0]) * unit.was;
                    if unit.was_on {
                        constant -= rise[0] * unit.rise;
                    }
                }
            }
        }
        let mut node = Vec::with_capacity(steps * ways);
        let mut merit = Merit::default();
        #[expect(clippy::needless_range_loop, reason = "a step of the model, and of what each source costs in it")]
        for step in 0..steps {
            merit.set(core, prices, &slope, step, &[]);
            let first = node.len();
            for way in 0..ways as u32 {
                let mut cost = merit.least(core, step, way);
                cost += running(way).map(|number| standing[number][step]).sum::<f64>();
                if core.is_forbidden(step, way) {
                    cost += core.barred;
                }
                node.push(cost);
            }
            // Cuts tie the sources of a step. Any price on them gives a bound for any way of running: the best of those known counts.
            for (_, of_cuts) in &prices.cuts[step] {
                merit.set(core, prices, &slope, step, of_cuts);
                let paid: f64 = core.cuts[step].iter().zip(of_cuts).map(|(cut, price)| cut.most * price).sum();
                for way in 0..ways as u32 {
                    let mut cost = merit.least(core, step, way) - paid;
                    cost += running(way).map(|number| standing[number][step]).sum::<f64>();
                    if core.is_forbidden(step, way) {
                        cost += core.barred;
                    }
                    let known = &mut node[first + way as usize];
                    *known = known.max(cost);
                }
            }
        }
        Priced { node, enter, leave, constant }
    }

    /// Cost of going from one way of running to another in a step.
    pub fn switch(&self, step: usize, from: u32, to: u32) -> f64 {
        let coming: f64 = running(to & !from).map(|unit| self.enter[unit][step]).sum();
        coming + running(from & !to).map(|unit| self.leave[unit][step]).sum::<f64>()
    }

    /// Cost of a path, what the prices add included.
    pub fn of_path(&self, core: &Core, path: &[u32]) -> f64 {
        let (mut cost, mut way) = (self.constant, core.was());
        for (step, next) in path.iter().enumerate() {
            cost += self.switch(step, way, *next) + self.node[step * core.ways() + *next as usize];
            way = *next;
        }
        cost
    }
}

/// Fall a source may have in a step in which it runs: what its capacity loses counts as allowed.
pub fn fall_at(core: &Core, unit: usize, step: usize) -> f64 {
    let unit = &core.units[unit];
    let before = if step > 0 { unit.high[step - 1] } else { unit.was };
    unit.fall.max(before - unit.high[step])
}

/// Numbers of the sources that run.
pub fn running(way: u32) -> impl Iterator<Item = usize> {
    (0..u32::BITS as usize).filter(move |unit| way >> unit & 1 == 1)
}

/// What the contents of the stores cost at best: E⁺ − kept·E + out = 0 with a price on each.
fn contents(core: &Core, prices: &Prices) -> f64 {
    let mut sum = 0.0;
    for (store, price) in core.stores.iter().zip(&prices.content) {
        let Some(first) = price.first() else { continue };
        sum -= store.kept * first * store.start;
        for step in 0..core.steps {
            let own = price[step] - price.get(step + 1).map_or(0.0, |next| store.kept * next);
            sum += own * if own > 0.0 { store.least } else { store.most };
            if step + 1 == core.steps && own > 0.0 {
                // What lacks at the end is as dear as missing heat.
                sum += own.min(core.missing) * (store.end - store.least).max(0.0);
            }
        }
    }
    sum
}

/// The elements of one step in order of merit.
#[derive(Default)]
struct Merit {
    /// (element, area) by number: sources, stores, missing, surplus, then both for each area.
    elements: Vec<(Element, Option<usize>)>,
    order: Vec<u32>,
}

impl Merit {
    /// With a price on each cut of the step, or without.
    fn set(&mut self, core: &Core, prices: &Prices, slope: &[Vec<f64>], step: usize, of_cuts: &[f64]) {
        let cuts = || core.cuts[step].iter().zip(of_cuts).filter(|(_, price)| **price > 0.0);
        self.elements.clear();
        for (number, unit) in core.units.iter().enumerate() {
            let (low, high) = (unit.low[step], unit.high[step]);
            let slope = slope[number][step] + cuts().map(|(cut, price)| cut.units[number] * price).sum::<f64>();
            self.elements.push((Element { low, width: high - low, slope }, core.area_of[number]));
        }
        for (number, store) in core.stores.iter().enumerate() {
            let (charge, discharge) = (store.charge[step], store.discharge[step]);
            let slope =
                prices.content[number][step] + cuts().map(|(cut, price)| cut.stores[number] * price).sum::<f64>();
            let element = Element { low: -charge, width: charge + discharge, slope };
            self.elements.push((element, core.area_of_store[number]));
        }
        let scopes = std::iter::once(None).chain((0..core.areas.len()).map(Some));
        for area in scopes {
            self.elements.push((Element { low: 0.0, width: core.room, slope: core.missing }, area));
            self.elements.push((Element { low: -core.room, width: core.room, slope: -core.missing }, area));
        }
        self.order = (0..self.elements.len() as u32).collect();
        let slope_of = |at: &u32| self.elements[*at as usize].0.slope;
        self.order.sort_by(|a, b| slope_of(a).total_cmp(&slope_of(b)));
    }

    /// Least cost of the step with these sources running.
    fn least(&self, core: &Core, step: usize, way: u32) -> f64 {
        let units = core.units.len();
        let runs = |at: usize| at >= units || way >> at & 1 == 1;
        let (mut cost, mut given) = (0.0, 0.0);
        // Missing and surplus of an area are heat of it that balances its own bounds, and the whole.
        let mut in_area = vec![0.0; core.areas.len()];
        for (at, (element, area)) in self.elements.iter().enumerate() {
            if runs(at) {
                given += element.low;
                cost += element.low * element.slope;
                if let Some(area) = area {
                    in_area[*area] += element.low;
                }
            }
        }
        let mut used = vec![0.0; if core.areas.is_empty() { 0 } else { self.elements.len() }];
        for (number, area) in core.areas.iter().enumerate() {
            let mut need = area.least[step] - in_area[number];
            for at in self.order.iter().map(|at| *at as usize) {
                let (element, own) = &self.elements[at];
                if need <= 0.0 {
                    break;
                }
                if *own == Some(number) && runs(at) {
                    let take = need.min(element.width);
                    (used[at], need) = (take, need - take);
                    (given, in_area[number]) = (given + take, in_area[number] + take);
                    cost += take * element.slope;
                }
            }
        }
        let mut need = core.demand[step] - given;
        for at in self.order.iter().map(|at| *at as usize) {
            if need <= 0.0 {
                break;
            }
            if !runs(at) {
                continue;
            }
            let (element, area) = &self.elements[at];
            let mut take = need.min(element.width - used.get(at).copied().unwrap_or(0.0));
            if let Some(area) = area {
                take = take.min((core.areas[*area].most[step] - in_area[*area]).max(0.0));
                in_area[*area] += take;
            }
            cost += take * element.slope;
            need -= take;
        }
        cost
    }
}
