//! Pressure waves in a main that a valve closes: the method of characteristics on one line.
//!
//! After Wylie & Streeter, *Fluid Transients in Systems*, ch. 3 (characteristic equations 3-16…3-24), with the discrete
//! vapour cavity model of ch. 8. A line is cut into reaches that a wave crosses in one time step each, so that no wave speed
//! has to be adjusted and nothing is interpolated; reaches may differ in section and friction. Its far end holds its
//! pressure (a plant, a big main, the open break); the near end is the valve. Branches on the way are endless pipes: they
//! take their share of a wave and send nothing back. Flows are masses, so that Δp = (a/A)·Δm.
//!
//! Pressures are piezometric: heights are added by the caller. Friction is quasi-steady, which damps too little, on the safe
//! side. Not here: unsteady friction, gas in the water, pumps that run down.

/// A stretch that a wave crosses in one time step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// a/A, Pa per kg/s.
    pub impedance: f64,
    /// Friction of the stretch: Δp = resistance·m·|m|, Pa/(kg/s)².
    pub resistance: f64,
    /// Flow before anything moves, towards the valve, kg/s.
    pub flow_kg_s: f64,
}

/// From an end that holds its pressure to the valve (upstream), or from the valve to such an end (downstream).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Pressure at the far end, Pa.
    pub held_pa: f64,
    /// In the direction of the flow.
    pub reaches: Vec<Reach>,
    /// Admittance ΣA/a of what branches off at each point (one more than reaches), kg/s per Pa; 0: nothing does.
    pub branches: Vec<f64>,
    /// Vapour pressure at each point (heights taken in), Pa; below it the water boils.
    pub vapour_pa: Vec<f64>,
}

/// How a valve moves: (time, opening) with rising times; linear in between, the last opening for ever.
pub type Movement = [(f64, f64)];

/// A line, a valve, a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Main {
    pub upstream: Line,
    pub downstream: Line,
    /// Pressure the open valve takes at its flow: Δp = resistance·m². Closing to an opening τ makes it resistance·m²/τ².
    pub valve_resistance: f64,
    pub step_s: f64,
}

/// What the waves reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waves {
    /// Greatest and lowest pressure at each point of the upstream line, and of the downstream line.
    pub upstream_pa: Vec<[f64; 2]>,
    pub downstream_pa: Vec<[f64; 2]>,
    /// Vapour stood somewhere.
    pub boiled: bool,
    /// Before the valve, at every step: for diagrams and tests.
    pub at_valve_pa: Vec<f64>,
    /// Mass that came in at the upstream end less what passed the valve, kg.
    pub stored_kg: f64,
}

/// One line in time.
#[derive(Clone, Debug)]
struct Moving<'a> {
    line: &'a Line,
    pressure_pa: Vec<f64>,
    /// Flow arriving at and leaving each point.
    arriving: Vec<f64>,
    leaving: Vec<f64>,
    cavity_kg: Vec<f64>,
    first_pa: Vec<f64>,
    extreme_pa: Vec<[f64; 2]>,
    boiled: bool,
}

/// p = c − b·m along the wave that runs with the flow, p = c + b·m along the one against it.
#[derive(Clone, Copy, Debug)]
struct Wave {
    c: f64,
    b: f64,
}

impl<'a> Moving<'a> {
    /// The steady state; `at_start` says whether the pressure is held at the first or at the last point.
    fn new(line: &'a Line, at_start: bool) -> Moving<'a> {
        let points = line.reaches.len() + 1;
        let drop = |reach: &Reach| reach.resistance * reach.flow_kg_s * reach.flow_kg_s.abs();
        let mut pressure_pa = vec![line.held_pa; points];
        if at_start {
            for (i, reach) in line.reaches.iter().enumerate() {
                pressure_pa[i + 1] = pressure_pa[i] - drop(reach);
            }
        } else {
            for (i, reach) in line.reaches.iter().enumerate().rev() {
                pressure_pa[i] = pressure_pa[i + 1] + drop(reach);
            }
        }
        let flow = |i: usize| line.reaches.get(i).map_or(0.0, |reach| reach.flow_kg_s);
        let arriving = (0..points).map(|i| flow(i.saturating_sub(1))).collect();
        let leaving = (0..points).map(|i| flow(i.min(points.saturating_sub(2)))).collect();
        let extreme_pa = pressure_pa.iter().map(|&p| [p, p]).collect();
        Moving {
            line,
            first_pa: pressure_pa.clone(),
            arriving,
            leaving,
            cavity_kg: vec![0.0; points],
            extreme_pa,
            pressure_pa,
            boiled: false,
        }
    }

    fn last(&self) -> usize {
        self.pressure_pa.len() - 1
    }

    /// What arrives at point `i` with the flow.
    fn forth(&self, i: usize) -> Wave {
        let (reach, m) = (&self.line.reaches[i - 1], self.leaving[i - 1]);
        Wave { c: self.pressure_pa[i - 1] + reach.impedance * m, b: reach.impedance + reach.resistance * m.abs() }
    }

    /// What arrives at point `i` against the flow.
    fn back(&self, i: usize) -> Wave {
        let (reach, m) = (&self.line.reaches[i], self.arriving[i + 1]);
        Wave { c: self.pressure_pa[i + 1] - reach.impedance * m, b: reach.impedance + reach.resistance * m.abs() }
    }

    fn branch(&self, i: usize) -> f64 {
        self.line.branches.get(i).copied().unwrap_or(0.0)
    }

    fn vapour(&self, i: usize) -> f64 {
        self.line.vapour_pa.get(i).copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// All points between two reaches: pressures and flows of the next step. A point at vapour pressure keeps it until its
    /// cavity has closed.
    fn inner(&mut self, step_s: f64) -> Vec<(f64, f64, f64)> {
        let mut next = Vec::with_capacity(self.pressure_pa.len());
        for i in 1..self.last() {
            let (forth, back) = (self.forth(i), self.back(i));
            // What the branch takes in the steady state, and how that changes with pressure.
            let drawn = self.line.reaches[i - 1].flow_kg_s - self.line.reaches[i].flow_kg_s;
            let branch = self.branch(i);
            let weight = 1.0 / forth.b + 1.0 / back.b + branch;
            let mut p = (forth.c / forth.b + back.c / back.b + branch * self.first_pa[i] - drawn) / weight;
            let vapour = self.vapour(i);
            if p < vapour || self.cavity_kg[i] > 0.0 {
                let arriving = (forth.c - vapour) / forth.b;
                let leaving = (vapour - back.c) / back.b;
                let out = leaving + drawn + branch * (vapour - self.first_pa[i]);
                self.cavity_kg[i] += (out - arriving) * step_s;
                if self.cavity_kg[i] > 0.0 {
                    self.boiled = true;
                    next.push((vapour, arriving, leaving));
                    continue;
                }
                self.cavity_kg[i] = 0.0;
                p = p.max(vapour);
            }
            next.push((p, (forth.c - p) / forth.b, (p - back.c) / back.b));
        }
        next
    }

    fn take(&mut self, inner: Vec<(f64, f64, f64)>) {
        for (i, (p, arriving, leaving)) in inner.into_iter().enumerate() {
            (self.pressure_pa[i + 1], self.arriving[i + 1], self.leaving[i + 1]) = (p, arriving, leaving);
        }
    }

    fn meet(&mut self) {
        for (extreme, &p) in self.extreme_pa.iter_mut().zip(&self.pressure_pa) {
            *extreme = [extreme[0].max(p), extreme[1].min(p)];
        }
    }
}

/// The opening at a time.
fn opening(movement: &Movement, time_s: f64) -> f64 {
    let mut before = (0.0, 1.0);
    for &(at_s, share) in movement {
        if time_s < at_s {
            let span_s = at_s - before.0;
            return if span_s > 0.0 { before.1 + (share - before.1) * (time_s - before.0) / span_s } else { share };
        }
        before = (at_s, share);
    }
    before.1
}

/// The flow through a valve between what arrives from both sides: r/τ²·m·|m| + (b₁ + b₂)·m = c₁ − c₂.
fn through(resistance: f64, opening: f64, before: Wave, behind: Wave) -> f64 {
    if opening <= 1e-9 {
        return 0.0;
    }
    let (square, linear) = (resistance / (opening * opening), before.b + behind.b);
    let push = before.c - behind.c;
    let magnitude = if square > 0.0 {
        2.0 * push.abs() / (linear + (linear * linear + 4.0 * square * push.abs()).sqrt())
    } else {
        push.abs() / linear
    };
    magnitude.copysign(push)
}

impl Main {
    /// Moves the valve and follows the waves for `duration_s`.
    pub fn run(&self, movement: &Movement, duration_s: f64) -> Waves {
        let (mut up, mut down) = (Moving::new(&self.upstream, true), Moving::new(&self.downstream, false));
        let steps = (duration_s / self.step_s).ceil().max(0.0) as usize;
        let mut out = Waves { at_valve_pa: Vec::with_capacity(steps + 1), ..Waves::default() };
        let mut vapour_kg = 0.0;
        for step in 1..=steps {
            let share = opening(movement, step as f64 * self.step_s);
            let (last, open) = (up.last(), self.downstream.reaches.is_empty());
            let before = if last > 0 { up.forth(last) } else { Wave { c: self.upstream.held_pa, b: 0.0 } };
            let behind = if open { Wave { c: self.downstream.held_pa, b: 0.0 } } else { down.back(0) };
            let mut flow = through(self.valve_resistance, share, before, behind);
            let mut behind_pa = behind.c + behind.b * flow;
            let vapour = down.vapour(0);
            let mut leaving = flow;
            if !open && (behind_pa < vapour || vapour_kg > 0.0) {
                // Vapour behind the valve: it holds the pressure there until the water comes back.
                flow = through(self.valve_resistance, share, before, Wave { c: vapour, b: 0.0 });
                leaving = (vapour - behind.c) / behind.b;
                vapour_kg += (leaving - flow) * self.step_s;
                behind_pa = vapour;
                if vapour_kg <= 0.0 {
                    vapour_kg = 0.0;
                    flow = through(self.valve_resistance, share, before, behind);
                    leaving = flow;
                    behind_pa = (behind.c + behind.b * flow).max(vapour);
                } else {
                    down.boiled = true;
                }
            }
            let (upper, lower) = (up.inner(self.step_s), down.inner(self.step_s));
            // The held ends answer with flow.
            let first = (last > 0).then(|| (self.upstream.held_pa - up.back(0).c) / up.back(0).b);
            let end = down.last();
            let ending = (end > 0).then(|| (down.forth(end).c - self.downstream.held_pa) / down.forth(end).b);
            up.take(upper);
            down.take(lower);
            // Where the wave that came back tears the water at the shut valve, it stays at vapour pressure; how much vapour
            // stands there is not counted.
            let at_valve_pa = before.c - before.b * flow;
            up.boiled |= at_valve_pa < up.vapour(last);
            up.pressure_pa[last] = at_valve_pa.max(up.vapour(last));
            (up.arriving[last], up.leaving[last]) = (flow, flow);
            if let Some(first) = first {
                (up.arriving[0], up.leaving[0]) = (first, first);
                out.stored_kg += (first - flow) * self.step_s;
            }
            down.pressure_pa[0] = behind_pa;
            (down.arriving[0], down.leaving[0]) = (leaving, leaving);
            if let Some(ending) = ending {
                down.pressure_pa[end] = self.downstream.held_pa;
                (down.arriving[end], down.leaving[end]) = (ending, ending);
            }
            up.meet();
            down.meet();
            out.at_valve_pa.push(up.pressure_pa[last]);
        }
        out.boiled = up.boiled || down.boiled;
        (out.upstream_pa, out.downstream_pa) = (up.extreme_pa, down.extreme_pa);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::surge::{closure_pa, joukowsky_pa};
    use super::*;

    const SPEED: f64 = 1000.0;
    const DENSITY: f64 = 950.0;
    const AREA: f64 = 0.785;
    const LENGTH: f64 = 3000.0;
    const VELOCITY: f64 = 1.5;
    const HELD: f64 = 12e5;

    /// A plain pipe of 3 km between a plant and a valve that lets out against nothing; friction `loss_pa` in all.
    fn pipe(reaches: usize, loss_pa: f64) -> Main {
        let flow_kg_s = DENSITY * AREA * VELOCITY;
        let resistance = loss_pa / flow_kg_s.powi(2) / reaches as f64;
        let reach = Reach { impedance: SPEED / AREA, resistance, flow_kg_s };
        Main {
            upstream: Line { held_pa: HELD, reaches: vec![reach; reaches], ..Line::default() },
            downstream: Line::default(),
            valve_resistance: (HELD - loss_pa) / flow_kg_s.powi(2),
            step_s: LENGTH / SPEED / reaches as f64,
        }
    }

    fn highest(waves: &Waves) -> f64 {
        waves.at_valve_pa.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn what_stands_still_stays() {
        let waves = pipe(32, 4e5).run(&[], 60.0);
        assert!(waves.upstream_pa.iter().all(|[high, low]| (high - low).abs() < 1e-3), "{:?}", waves.upstream_pa);
        assert!(waves.stored_kg.abs() < 1e-6 && !waves.boiled);
    }

    #[test]
    fn sudden_closure_is_joukowsky_and_goes_on_for_ever_without_friction() {
        let waves = pipe(40, 0.0).run(&[(0.0, 0.0)], 61.0);
        let rise = joukowsky_pa(DENSITY, SPEED, VELOCITY);
        assert!((highest(&waves) - HELD - rise).abs() < 1.0, "{}", highest(&waves));
        // Energy: a square wave of period 4 L/a = 12 s whose height does not change.
        for time_s in [1.0f64, 5.0, 13.0, 25.0, 49.0] {
            let at = waves.at_valve_pa[(time_s / (LENGTH / SPEED / 40.0)) as usize];
            assert!((at - HELD - rise).abs() < 1.0, "{time_s}: {at}");
        }
        let at = waves.at_valve_pa[(7.0 / (LENGTH / SPEED / 40.0)) as usize];
        assert!((at - HELD + rise).abs() < 1.0, "{at}");
    }

    #[test]
    fn mass_that_came_in_is_held_by_the_pressure() {
        // Shut at once; after L/a the whole pipe stands at the risen pressure: Δm = Δp·A·L/a².
        let waves = pipe(400, 0.0).run(&[(0.0, 0.0)], LENGTH / SPEED);
        let held_kg = joukowsky_pa(DENSITY, SPEED, VELOCITY) * AREA * LENGTH / SPEED.powi(2);
        assert!((waves.stored_kg / held_kg - 1.0).abs() < 1e-9, "{} {held_kg}", waves.stored_kg);
    }

    #[test]
    fn gradual_closure_follows_allievi() {
        // Allievi's interlocking equations: h = √(H/H₀) at t = i·2L/a,
        // h_i² + h_{i−1}² − 2 = 2ρ(τ_{i−1}h_{i−1} − τ_i h_i), ρ = ρ_w a v₀/(2 p₀).
        let (reflection_s, closing_s) = (2.0 * LENGTH / SPEED, 42.0);
        let waves = pipe(64, 0.0).run(&[(closing_s, 0.0)], closing_s);
        let rho = DENSITY * SPEED * VELOCITY / (2.0 * HELD);
        let (mut h, mut tau) = (1.0f64, 1.0f64);
        for i in 1..=6 {
            let next = 1.0 - f64::from(i) * reflection_s / closing_s;
            // h² + 2ρτ·h = 2 − h_{i−1}² + 2ρ τ_{i−1}h_{i−1}
            let right = 2.0 - h * h + 2.0 * rho * tau * h;
            let linear = rho * next;
            h = -linear + (linear * linear + right).sqrt();
            tau = next;
            let step = (f64::from(i) * reflection_s / (LENGTH / SPEED / 64.0)).round() as usize - 1;
            let found = (waves.at_valve_pa[step] / HELD).sqrt();
            assert!((found / h - 1.0).abs() < 1e-9, "{i}: {found} {h}");
        }
    }

    #[test]
    fn slow_closure_stays_at_michaud() {
        // A stiff column of water slowed evenly needs ρ·v·L/t; the waves on top of it at most as much again: Michaud's bound.
        for closing_s in [60.0, 240.0, 1200.0] {
            let michaud = closure_pa(DENSITY, SPEED, VELOCITY, LENGTH, closing_s);
            let rise = highest(&pipe(64, 0.0).run(&[(closing_s, 0.0)], closing_s + 30.0)) - HELD;
            assert!((0.5..1.0).contains(&(rise / michaud)), "{closing_s}: {rise} {michaud}");
        }
    }

    #[test]
    fn halving_the_grid_changes_less_and_less() {
        let highest =
            [16, 32, 64, 128].map(|reaches| highest(&pipe(reaches, 5e5).run(&[(4.0, 0.2), (20.0, 0.0)], 40.0)));
        let change = [0, 1, 2].map(|i| (highest[i + 1] - highest[i]).abs());
        assert!(change[1] < 0.75 * change[0] + 1.0 && change[2] < 0.75 * change[1] + 1.0, "{highest:?}");
        assert!(change[2] < 2e-3 * highest[3], "{highest:?}");
    }

    #[test]
    fn a_branch_takes_its_share_of_the_wave() {
        // An endless branch of the same section half way passes 2/3 of the wave on (transmission 2A₁/(A₁+A₂+A₃)).
        let mut main = pipe(40, 0.0);
        main.upstream.branches = vec![0.0; 41];
        main.upstream.branches[20] = AREA / SPEED;
        let waves = main.run(&[(0.0, 0.0)], 2.9);
        let rise = joukowsky_pa(DENSITY, SPEED, VELOCITY);
        assert!((waves.upstream_pa[5][0] - HELD - rise * 2.0 / 3.0).abs() < 1.0, "{:?}", waves.upstream_pa[5]);
    }

    #[test]
    fn vapour_holds_the_pressure_behind_a_valve() {
        // Valve in the middle: behind it the water tears off; no pressure below that of vapour, and the cavity closes.
        let mut main = pipe(40, 0.0);
        main.downstream = Line { held_pa: 2e5, vapour_pa: vec![-0.3e5; 41], ..main.upstream.clone() };
        main.valve_resistance = 10e5 / (DENSITY * AREA * VELOCITY).powi(2);
        let waves = main.run(&[(1.0, 0.0)], 120.0);
        assert!(waves.boiled);
        let lowest = waves.downstream_pa.iter().map(|[_, low]| *low).fold(f64::INFINITY, f64::min);
        assert!((lowest + 0.3e5).abs() < 1e-6, "{lowest}");
        // Closing far slower than the wave returns does not tear it.
        assert!(!main.run(&[(600.0, 0.0)], 620.0).boiled);
    }
}
