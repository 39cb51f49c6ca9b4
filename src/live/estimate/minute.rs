//! One minute: lines of the sum, fit, tests of every line, the question of a leak, and the answer.

use std::collections::BTreeMap;

use crate::live::{TagId, Timestamp};

use super::answer::{self, Observed, Variances, WITHOUT_ASSUMPTIONS};
use super::belief::{Error, Estimate, Leak, Residual, Suspect};
use super::estimator::{Distrust, Estimator, Memory};
use super::fit::{Losses, Row, RowReads};
use super::instrument::{Flow, Reads, are_pair};
use super::leak;
use super::model::{FLOW, InputKind, OUTLET};
use super::suspicion::{self, Tested};

/// Lines taken out in one minute at most, as a share of all instruments and at least so many.
const MOST_OUT_SHARE: f64 = 0.1;
const LEAST_OUT: usize = 4;
/// From so many deviations off the prediction on, the worst lines are sought before anything is fitted to them.
const GROSS: f64 = 30.0;
/// A residual below this, for so many minutes, and an instrument is believed again.
const AGREES: f64 = 3.0;
const MINUTES_OF_AGREEMENT: u32 = 5;
/// Share of circulation that may be lost without anybody calling it a leak (GB/T 33833 allows half a per cent).
const ORDINARY_SHARE: f64 = 0.005;
/// Share by which the ordinary loss follows the make-up in a minute.
const ORDINARY_FOLLOWS: f64 = 0.03;
/// Samples averaged while a leak is located.
const LEAK_WINDOW: usize = 20;
/// A leak has to be this share of circulation to be told.
const LEAST_LEAK_SHARE: f64 = 0.002;
/// Half a sum of squares that all instruments but the make-up meters may lose by a leak that those meters tell of.
const LEAST_CONFIRMED: f64 = -3.0;
/// The same that a leak has to gain where no make-up meter tells of it.
const LEAST_UNMETERED: f64 = 24.0;

/// By how much an instrument has to be further off to be named while a leak is there: its place is known to a pipe only,
/// and the laws were straightened over the change.
const LEAK_PATIENCE: f64 = 6.0;

/// Where water may be leaving.
struct FoundLeak {
    /// Of the best place.
    gain: f64,
    mass_flow_kg_s: f64,
    deviation_kg_s: f64,
    candidates: Vec<super::Candidate>,
    /// Probability by dense link.
    weights: Vec<(usize, f64)>,
}

impl FoundLeak {
    fn of(estimator: &Estimator, places: Vec<leak::Place>) -> Option<FoundLeak> {
        let best = places.iter().max_by(|a, b| a.gain.total_cmp(&b.gain).then(b.link.cmp(&a.link)))?;
        let (gain, mass_flow_kg_s, deviation_kg_s) = (best.gain, best.mass_flow_kg_s, best.deviation_kg_s);
        let (candidates, weights) = leak::candidates(&estimator.network, &estimator.model, &places);
        Some(FoundLeak { gain, mass_flow_kg_s, deviation_kg_s, candidates, weights })
    }
}

impl Estimator {
    pub(super) fn minute(&mut self, now: Timestamp) -> Estimate {
        let excess = self.excess();
        let limit = leak::limit_of(self.options.false_leak);
        if let Some(excess) = excess {
            self.watch.take(now, excess, limit);
        }
        let mut rows = self.rows();
        let mut losses = self.losses();
        self.find_stuck(&mut rows, now);
        let before = self.state.clone();
        let mut found = None;
        let mut pending: Vec<usize> = Vec::new();
        if excess.is_some_and(|excess| excess > leak::SEEN_EXCESS) {
            // Before it is called too: nobody is to be accused of what a leak explains. It is not told until then.
            found = self.metered_leak(&mut rows, &losses);
            if found.is_none() {
                // Before a leak is called nobody knows whether it is one or the meter; afterwards it is the meter.
                let undecided = self.watch.called.is_none();
                for at in self.make_up_rows(&rows) {
                    rows[at].out = true;
                    pending.extend(undecided.then_some(at));
                }
            }
        }
        if let Some(found) = &found {
            self.loosen(&mut losses, found);
        }
        self.sift_gross(&mut rows, &losses);
        let mut named: Vec<(usize, f64, Vec<usize>)> = Vec::new();
        let mut tested;
        loop {
            self.settle(&rows, &losses);
            self.fit.system.invert();
            tested = suspicion::residuals(&self.fit, &self.model, &self.state, &rows, None);
            if !self.sifts {
                break;
            }
            let checks = tested.iter().filter(|tested| !tested.normalised.is_nan()).count().max(1);
            // While a leak's place is not known exactly its neighbours' residuals are not those of healthy minutes.
            let patience = if found.is_some() { LEAK_PATIENCE } else { 1.0 };
            let limit = patience * suspicion::two_sided_limit(self.options.false_alarm / checks as f64);
            let Some(at) = suspicion::worst(&tested, &rows, limit) else { break };
            if found.is_none()
                && excess.is_none()
                && let Some(leak) = self.unmetered_leak(0.5 * tested[at].normalised * tested[at].normalised)
            {
                self.loosen(&mut losses, &leak);
                self.watch.called.get_or_insert(now);
                found = Some(leak);
                continue;
            }
            if self.taken_out(&rows) >= self.most_out() {
                break;
            }
            let alike = suspicion::alike(&self.fit, &self.model, &self.state, &rows, &tested, at);
            named.push((at, tested[at].normalised.abs(), alike));
            self.take_out(&mut rows, at);
        }
        if !self.fit.converged && !finite(&self.state) {
            // Nothing to go on from; the next minute starts where this one did.
            self.state = before;
        }
        self.distrust(&rows, &tested, &named, &pending, now);
        self.trust_again(&rows, &tested);
        let leak = found.and_then(|found| self.leak(found));
        let estimate = self.told(now, &rows, &losses, &tested, leak);
        self.remember(now, !named.is_empty());
        self.follow_ordinary();
        estimate
    }

    /// Whether what is made up beyond the ordinary leaves by a leak, and where: the pattern of all other instruments,
    /// fitted without the make-up meters, must not speak against so much water leaving somewhere. Else it is the meter.
    fn metered_leak(&mut self, rows: &mut [Row], losses: &Losses) -> Option<FoundLeak> {
        let given = rows.to_vec();
        let (mut made_up, mut variance) = (0.0, 0.0);
        for at in self.make_up_rows(rows) {
            if let RowReads::Instrument(instrument) = rows[at].reads
                && let Some(factor) = self.make_up_factor(instrument)
            {
                made_up += rows[at].value / factor;
                variance += (rows[at].deviation / factor).powi(2);
                rows[at].out = true;
            }
        }
        for row in rows.iter_mut() {
            if let RowReads::InputFlow(input) = row.reads
                && self.model.inputs[input as usize].kind == InputKind::MakeUp
            {
                row.deviation = 1e3 * self.model.circulation_kg_s;
            }
        }
        let size = made_up - self.ordinary_kg_s.unwrap_or(0.0);
        if variance == 0.0 || size <= 0.0 {
            rows.copy_from_slice(&given);
            return None;
        }
        let before = self.state.clone();
        self.sift_gross(rows, losses);
        self.settle(rows, losses);
        self.fit.system.invert();
        let places = leak::places(&self.fit, &self.model, &self.state, Some((size, variance)));
        self.state = before;
        rows.copy_from_slice(&given);
        FoundLeak::of(self, places).filter(|found| found.gain > LEAST_CONFIRMED)
    }

    /// A leak that no make-up meter tells of: it must explain more than the worst line by itself.
    fn unmetered_leak(&self, gain: f64) -> Option<FoundLeak> {
        let places = leak::places(&self.fit, &self.model, &self.state, None);
        let best = places.iter().map(|place| place.gain).fold(0.0, f64::max);
        if best < gain.max(LEAST_UNMETERED) {
            return None;
        }
        FoundLeak::of(self, places)
    }

    fn settle(&mut self, rows: &[Row], losses: &Losses) {
        self.fit.settle(&mut self.model, &mut self.state, rows, losses, &self.options, None);
    }

    /// Lines of the sum: instruments with a value, set pressures, what is known of inputs.
    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.windows.len() + self.model.held.len() + 2 * self.model.inputs.len());
        let begun = self.watch.begun();
        let window = if begun.is_some() { LEAK_WINDOW } else { self.options.window };
        let since = begun.map_or(self.since, |begun| self.since.max(begun));
        for (at, instrument) in self.fit.instruments.iter().enumerate() {
            if !self.usable[at] {
                continue;
            }
            let out = self.distrusted.contains_key(&at);
            // What is not believed is watched by its last sample alone: the earlier ones are those that were wrong.
            let mean = self.windows[at].mean(if out { 1 } else { window }, if out { self.since } else { since });
            let Some((value, count)) = mean.or_else(|| self.windows[at].last().map(|(_, value)| (value, 1))) else {
                continue;
            };
            let expected = instrument.value(&self.model, &self.state);
            let one = instrument.deviation_at(&self.model, &self.state, expected);
            let lasting = self.options.lasting_share * self.options.lasting_share;
            let deviation = one * ((1.0 - lasting) / count as f64 + lasting).sqrt();
            rows.push(Row { value, deviation, reads: RowReads::Instrument(at), out });
        }
        for (at, held) in self.model.held.iter().enumerate() {
            let deviation = self.options.set_pressure_pa;
            rows.push(Row { value: held.pressure_pa, deviation, reads: RowReads::Held(at), out: false });
        }
        let memory = self.memory.front().filter(|_| self.memory.len() >= self.options.window);
        for (number, input) in self.model.inputs.iter().enumerate() {
            let (reads_flow, reads_outlet) = (RowReads::InputFlow(number as u32), RowReads::InputOutlet(number as u32));
            let kept = memory.filter(|_| matches!(input.kind, InputKind::Substation | InputKind::Source));
            let mut flow = (input.flow_kg_s, input.flow_deviation);
            let mut outlet = (input.outlet_c, input.outlet_deviation);
            if input.kind == InputKind::MakeUp {
                flow.0 = self.ordinary_kg_s.unwrap_or(0.0);
            }
            if let Some(memory) = kept {
                let minutes = self.options.window as f64;
                // Sources follow whatever the network asks for, leaks too: their flow has no inertia.
                if input.kind == InputKind::Substation {
                    let (value, variance) = memory.flow[number];
                    let least = 0.01 * input.flow_kg_s.abs();
                    let drift = self.options.demand_drift_share * value.abs().max(least) * minutes.sqrt();
                    flow = (value, (variance + drift * drift).sqrt().min(input.flow_deviation));
                }
                let (value, variance) = memory.outlet[number];
                let drift = self.options.outlet_drift_k * minutes.sqrt();
                outlet = (value, (variance + drift * drift).sqrt().min(input.outlet_deviation));
            }
            rows.push(Row { value: flow.0, deviation: flow.1, reads: reads_flow, out: false });
            if input.kind != InputKind::Controller {
                rows.push(Row { value: outlet.0, deviation: outlet.1, reads: reads_outlet, out: false });
            }
        }
        rows
    }

    /// Ordinary losses, spread over the pipes by their volume, each node's as uncertain as it is large.
    fn losses(&self) -> Losses {
        let ordinary = self.ordinary_kg_s.unwrap_or(0.0).max(0.0);
        let spread = self.options.loss_share * self.model.circulation_kg_s;
        Losses {
            mean_kg_s: self.model.volume_share.iter().map(|share| share * ordinary).collect(),
            variance: self.model.volume_share.iter().map(|share| share * spread * spread).collect(),
        }
    }

    /// What the make-up meters show now beyond the ordinary, in standard deviations; `None` without meters, or before the
    /// ordinary is known.
    fn excess(&mut self) -> Option<f64> {
        let (mut sum, mut variance, mut count) = (0.0, 0.0, 0);
        for (at, instrument) in self.fit.instruments.iter().enumerate() {
            let Some(factor) = self.make_up_factor(at) else { continue };
            if !self.usable[at] || self.distrusted.contains_key(&at) {
                continue;
            }
            let (_, value) = self.windows[at].last()?;
            let deviation = instrument.deviation_at(&self.model, &self.state, value);
            sum += value / factor;
            variance += (deviation / factor).powi(2);
            count += 1;
        }
        if count == 0 {
            return None;
        }
        let Some(ordinary) = self.ordinary_kg_s else {
            // The first minutes say what is ordinary, as far as a network may lose at all.
            self.ordinary_kg_s = Some(sum.clamp(0.0, ORDINARY_SHARE * self.model.circulation_kg_s));
            return None;
        };
        let drift = 5e-4 * self.model.circulation_kg_s;
        Some((sum - ordinary) / (variance + drift * drift).sqrt())
    }

    /// Takes out instruments that show the same number again and again although they never used to.
    fn find_stuck(&mut self, rows: &mut [Row], now: Timestamp) {
        let count = self.windows.len().max(1) as f64;
        for row in rows.iter_mut() {
            let RowReads::Instrument(at) = row.reads else { continue };
            let window = &self.windows[at];
            if row.out || window.chance_of_run() > self.options.false_alarm / count {
                continue;
            }
            row.out = true;
            let since = window.standing_since().unwrap_or(now);
            let tag = self.fit.instruments[at].tag;
            let suspect = Suspect { tag, error: Error::Stuck(since), normalised: f64::NAN, since, or_else: Vec::new() };
            self.distrusted.insert(at, Distrust { suspect, agreed: 0 });
        }
    }

    /// Before anything is fitted to values that are wildly off: the worst lines go by a linear look from the prediction.
    fn sift_gross(&mut self, rows: &mut [Row], losses: &Losses) {
        let off = |estimator: &Estimator, row: &Row| {
            let rest = row.value - estimator.fit.value(&estimator.model, &estimator.state, row.reads);
            !row.out && rest.abs() > GROSS * row.deviation
        };
        let most = if self.sifts { self.most_out() } else { 0 };
        for _ in 0..most {
            if !rows.iter().any(|row| off(self, row)) {
                return;
            }
            let mut state = self.state.clone();
            self.fit.assemble(&mut self.model, &mut state, rows, losses, &self.options, 1.0);
            self.fit.system.factorise();
            self.fit.system.invert();
            let change = self.fit.change();
            let tested = suspicion::residuals(&self.fit, &self.model, &state, rows, Some(&change));
            let Some(at) = suspicion::worst(&tested, rows, GROSS) else { return };
            self.take_out(rows, at);
        }
    }

    /// Takes a line out of the sum; what was remembered of an input gives way to its design.
    fn take_out(&self, rows: &mut [Row], at: usize) {
        let row = &mut rows[at];
        match row.reads {
            RowReads::InputFlow(input) => {
                let input = self.model.inputs[input as usize];
                if row.deviation < input.flow_deviation {
                    (row.value, row.deviation) = (row.value, input.flow_deviation.max(row.value.abs()));
                    return;
                }
            }
            RowReads::InputOutlet(input) => {
                let input = self.model.inputs[input as usize];
                if row.deviation < input.outlet_deviation {
                    row.deviation = input.outlet_deviation;
                    return;
                }
            }
            RowReads::Instrument(_) | RowReads::Held(_) => {}
        }
        row.out = true;
    }

    fn taken_out(&self, rows: &[Row]) -> usize {
        rows.iter().filter(|row| row.out && matches!(row.reads, RowReads::Instrument(_))).count()
    }

    fn most_out(&self) -> usize {
        LEAST_OUT.max((MOST_OUT_SHARE * self.windows.len() as f64) as usize)
    }

    /// Lines of the make-up meters that are in use.
    fn make_up_rows(&self, rows: &[Row]) -> Vec<usize> {
        let meter = |row: &Row| match row.reads {
            RowReads::Instrument(at) => !row.out && self.make_up_factor(at).is_some(),
            _ => false,
        };
        rows.iter().enumerate().filter(|(_, row)| meter(row)).map(|(at, _)| at).collect()
    }

    /// From kg/s to what a make-up meter shows; `None` for other instruments.
    fn make_up_factor(&self, at: usize) -> Option<f64> {
        let Reads::Flow { flow: Flow::Input(input), at: warmth } = self.fit.instruments[at].reads else { return None };
        if self.model.inputs[input as usize].kind != InputKind::MakeUp {
            return None;
        }
        let outlet_c = self.state.input_outlet_c[input as usize];
        Some(warmth.map_or(1.0, |_| 3600.0 / self.model.fluid.density_kg_m3(outlet_c)))
    }

    /// Lets water leave where it may be leaving.
    fn loosen(&self, losses: &mut Losses, found: &FoundLeak) {
        for &(link, probability) in &found.weights {
            let variance = 2.0 * probability * found.mass_flow_kg_s * found.mass_flow_kg_s;
            for node in [self.model.problem.from[link], self.model.problem.to[link]] {
                losses.variance[node as usize] += variance;
            }
        }
    }

    fn leak(&self, found: FoundLeak) -> Option<Leak> {
        let large = found.mass_flow_kg_s > LEAST_LEAK_SHARE * self.model.circulation_kg_s;
        large.then_some(Leak {
            since: self.watch.called?,
            mass_flow_kg_s: found.mass_flow_kg_s,
            deviation_kg_s: found.deviation_kg_s,
            candidates: found.candidates,
        })
    }

    /// Writes down who is not believed any more, and what is wrong with them.
    fn distrust(
        &mut self,
        rows: &[Row],
        tested: &[Tested],
        named: &[(usize, f64, Vec<usize>)],
        pending: &[usize],
        now: Timestamp,
    ) {
        let by_row: BTreeMap<usize, &(usize, f64, Vec<usize>)> = named.iter().map(|entry| (entry.0, entry)).collect();
        let tag_of = |row: &Row| match row.reads {
            RowReads::Instrument(at) => Some(self.fit.instruments[at].tag),
            _ => None,
        };
        let mut found: Vec<(usize, Suspect)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let RowReads::Instrument(instrument) = row.reads else { continue };
            if !row.out || pending.contains(&at) || self.distrusted.contains_key(&instrument) {
                continue;
            }
            let (normalised, or_else) = match by_row.get(&at) {
                Some((_, normalised, alike)) => {
                    (*normalised, alike.iter().filter_map(|&other| tag_of(&rows[other])).collect())
                }
                None => (tested[at].normalised.abs(), Vec::new()),
            };
            let tag = self.fit.instruments[instrument].tag;
            let error = Error::Offset(tested[at].rest);
            found.push((instrument, Suspect { tag, error, normalised, since: now, or_else }));
        }
        for (instrument, suspect) in found {
            self.distrusted.insert(instrument, Distrust { suspect, agreed: 0 });
        }
        self.name_swapped(rows);
    }

    /// Two instruments of one place that show each other's values.
    fn name_swapped(&mut self, rows: &[Row]) {
        let value = |at: usize| {
            let row = rows.iter().find(|row| matches!(row.reads, RowReads::Instrument(other) if other == at))?;
            let expected = self.fit.instruments[at].value(&self.model, &self.state);
            Some((row.value, expected, row.deviation))
        };
        let out: Vec<usize> = self.distrusted.keys().copied().collect();
        let mut swapped: Vec<(usize, TagId)> = Vec::new();
        for (position, &a) in out.iter().enumerate() {
            for &b in &out[position + 1..] {
                let (one, other) = (&self.fit.instruments[a], &self.fit.instruments[b]);
                if !are_pair(&self.model, one, other) {
                    continue;
                }
                let (Some(first), Some(second)) = (value(a), value(b)) else { continue };
                let apart = (first.1 - second.1).abs();
                let near = |measured: f64, expected: f64| (measured - expected).abs() < 0.2 * apart;
                if near(first.0, second.1) && near(second.0, first.1) {
                    swapped.push((a, other.tag));
                    swapped.push((b, one.tag));
                }
            }
        }
        for (at, other) in swapped {
            if let Some(distrust) = self.distrusted.get_mut(&at) {
                distrust.suspect.error = Error::Swapped(other);
            }
        }
    }

    /// Instruments that have agreed with the estimate for a while are believed again.
    fn trust_again(&mut self, rows: &[Row], tested: &[Tested]) {
        let mut back = Vec::new();
        for (row, tested) in rows.iter().zip(tested) {
            let RowReads::Instrument(at) = row.reads else { continue };
            let moving = self.windows[at].chance_of_run() > 1e-3;
            if let Some(distrust) = self.distrusted.get_mut(&at) {
                let agrees = tested.normalised.abs() < AGREES && moving;
                distrust.agreed = if agrees { distrust.agreed + 1 } else { 0 };
                if distrust.agreed >= MINUTES_OF_AGREEMENT {
                    back.push(at);
                }
            }
        }
        for at in back {
            self.distrusted.remove(&at);
        }
    }

    /// Keeps what this estimate knows of the inputs for the prediction of later ones.
    fn remember(&mut self, now: Timestamp, named: bool) {
        let variance = |scalar: usize| self.fit.system.inverse(scalar, scalar).unwrap_or(f64::INFINITY).max(0.0);
        let memory = Memory {
            at: now,
            flow: (0..self.model.inputs.len())
                .map(|at| (self.state.input_flow_kg_s[at], variance(self.model.of_input(at as u32, FLOW))))
                .collect(),
            outlet: (0..self.model.inputs.len())
                .map(|at| (self.state.input_outlet_c[at], variance(self.model.of_input(at as u32, OUTLET))))
                .collect(),
        };
        if self.memory.back().is_some_and(|last| last.at >= now) {
            return;
        }
        if named {
            // The last minutes were drawn off by what has just been named; what is now known stands for them.
            self.memory.iter_mut().skip(1).for_each(|entry| {
                entry.flow.clone_from(&memory.flow);
                entry.outlet.clone_from(&memory.outlet);
            });
        }
        self.memory.push_back(memory);
        while self.memory.len() > self.options.window {
            self.memory.pop_front();
        }
    }

    fn follow_ordinary(&mut self) {
        if self.watch.rising_since.is_some() {
            return;
        }
        let made_up: f64 =
            self.model.make_ups.iter().map(|&(_, input)| self.state.input_flow_kg_s[input as usize]).sum();
        if let Some(ordinary) = &mut self.ordinary_kg_s {
            *ordinary += ORDINARY_FOLLOWS * (made_up.max(0.0) - *ordinary);
        }
    }

    fn told(
        &mut self,
        now: Timestamp,
        rows: &[Row],
        losses: &Losses,
        tested: &[Tested],
        leak: Option<Leak>,
    ) -> Estimate {
        let variances = Variances::of(&self.fit, &self.model);
        let observed = self.observed(rows, losses, &variances);
        let origins = answer::origins(&self.model, &self.fit, rows, &observed);
        let (nodes, links) = answer::beliefs(&self.network, &self.model, &variances, &origins);
        let (converged, iterations) = (self.fit.converged, self.fit.iterations);
        let solution = answer::solution(&self.network, &self.model, &self.state, converged, iterations);
        let mut residuals: Vec<Residual> = Vec::with_capacity(self.windows.len());
        let (mut sum_of_squares, mut redundancy) = (0.0, 0.0);
        for (row, tested) in rows.iter().zip(tested) {
            if !row.out && row.deviation > 0.0 {
                sum_of_squares += (tested.rest / row.deviation).powi(2);
                redundancy += (tested.spread / row.deviation).powi(2);
            }
            let RowReads::Instrument(at) = row.reads else { continue };
            residuals.push(Residual {
                tag: self.fit.instruments[at].tag,
                measured: row.value,
                estimated: row.value - tested.rest,
                deviation: row.deviation,
                normalised: tested.normalised,
                used: !row.out,
            });
        }
        residuals.sort_by_key(|residual| residual.tag);
        let mut suspects: Vec<Suspect> = self.distrusted.values().map(|distrust| distrust.suspect.clone()).collect();
        suspects.sort_by_key(|suspect| suspect.tag);
        let drawn_nodes = self.model.problem.drawn_nodes;
        let count = |list: &[bool], most: usize| list.iter().take(most).filter(|seen| **seen).count();
        Estimate {
            at: now,
            converged,
            iterations,
            solution,
            nodes,
            links,
            residuals,
            suspects,
            leak,
            sum_of_squares,
            redundancy,
            observed_nodes: [count(&observed.pressure, drawn_nodes), drawn_nodes],
            observed_links: [count(&observed.flow, self.model.problem.drawn_links), self.model.problem.drawn_links],
        }
    }

    /// Which unknowns the lines in use determine without any assumption; worked out anew when they change.
    fn observed(&mut self, rows: &[Row], losses: &Losses, variances: &Variances) -> Observed {
        let mut key = vec![false; self.windows.len()];
        for row in rows.iter().filter(|row| !row.out) {
            if let RowReads::Instrument(at) = row.reads {
                key[at] = true;
            }
        }
        if let Some((known, observed)) = &self.observed
            && *known == key
        {
            return observed.clone();
        }
        let mut fit = self.fit.clone();
        let mut state = self.state.clone();
        fit.assemble(&mut self.model, &mut state, rows, losses, &self.options, WITHOUT_ASSUMPTIONS);
        fit.system.factorise();
        fit.system.invert();
        let observed = variances.observed(&Variances::of(&fit, &self.model));
        self.observed = Some((key, observed.clone()));
        observed
    }
}

fn finite(state: &super::state::State) -> bool {
    state.pressure_pa.iter().chain(&state.temperature_c).chain(&state.input_flow_kg_s).all(|value| value.is_finite())
}
