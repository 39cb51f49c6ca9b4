//! One pipe in a step: what leaves it, what enters it, what it loses on the way.
//!
//! Plug flow with heat loss by residence time and the heat capacity of the steel (van der Heijde et al., Energy
//! Conversion and Management 151, 2017): U′ (T − T_s) = −(C_water + C_wall) dT/dt for water that moves with its stretch
//! of wall. Wall and water have one temperature here, so that a front travels slower than the water by the ratio of the
//! capacities: the wall is counted as more water, which makes storage, reversal and standstill exact for any step. What
//! the film between water and wall does to the width of a front is in `film`, for steps of seconds.
//!
//! A step has two halves, because what leaves a pipe shorter than its flow in a step depends on what enters:
//! [`Pipe::take`] gives the outlet as α + β·h_in, [`Pipe::give`] completes it once h_in is known. Leaving and entering
//! water lose for the time they really spent inside.

use super::enthalpy::Enthalpy;
use super::film::{Film, FilmData};
use super::store::{End, Store};

/// The water enters in as many parcels as keep k·Δt of each below this, because a parcel leaves as if it were of one
/// temperature.
const MOST_DECAY: f64 = 0.004;
const MOST_PIECES: usize = 32;
/// Temperature change after which the heat capacity is taken anew.
const TANGENT_K: f64 = 5.0;

/// What a pipe is made of, as heat sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipeData {
    /// Dense index of the link.
    pub link: u32,
    pub length_m: f64,
    pub inner_diameter_m: f64,
    pub water_kg: f64,
    /// Heat capacity of the wall, J/K.
    pub wall_j_k: f64,
    /// Heat lost per kelvin above the surroundings.
    pub loss_w_k: f64,
}

/// A pipe in time.
#[derive(Clone, Debug)]
pub struct Pipe {
    pub data: PipeData,
    store: Store,
    film: Option<Box<Film>>,
    /// Water and wall, as water.
    mass_kg: f64,
    /// 1/s.
    decay: f64,
    around_c: f64,
    around_j_kg: f64,
    /// Where T(h) is taken as a straight line: T₀, h₀, c₀.
    tangent: [f64; 3],
    /// exp(−k·Δt) for the step below.
    kept_share: f64,
    step_s: f64,
    /// Between take and give.
    taken: Taken,
    /// Heat lost in the last step, J.
    pub loss_j: f64,
    /// Heat lost since the start, J.
    pub lost_j: f64,
}

/// What one step does at the ends.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Taken {
    /// Outlet enthalpy is `fixed_j_kg + slope·h_in`.
    pub fixed_j_kg: f64,
    pub slope: f64,
    flow_kg_s: f64,
    passing_kg: f64,
    passing_share: f64,
}

/// (1 − e^−z)/z: mean of e^−t over 0…z.
#[inline]
fn mean_decay(z: f64) -> f64 {
    if z < 0.05 { 1.0 - z * (0.5 - z * (1.0 / 6.0 - z * (1.0 / 24.0 - z / 120.0))) } else { -(-z).exp_m1() / z }
}

#[inline]
fn decayed(z: f64) -> f64 {
    if z < 0.02 { 1.0 - z * (1.0 - z * (0.5 - z * (1.0 / 6.0 - z * (1.0 / 24.0 - z / 120.0)))) } else { (-z).exp() }
}

impl Pipe {
    /// A pipe filled with (share of the length, enthalpy) from its `from` end on.
    pub fn new(data: PipeData, around_c: f64, content: &[(f64, f64)], enthalpy: &Enthalpy) -> Pipe {
        let mean_j_kg: f64 = content.iter().map(|(share, h)| share * h).sum();
        let t0 = enthalpy.temperature_c(mean_j_kg);
        let c0 = enthalpy.heat_capacity_j_kgk(t0);
        let mass_kg = data.water_kg + data.wall_j_k / c0;
        let mut pipe = Pipe {
            data,
            store: Store::new(content.iter().map(|(share, h)| (share * mass_kg, *h))),
            film: None,
            mass_kg,
            decay: 0.0,
            around_c,
            around_j_kg: 0.0,
            tangent: [t0, mean_j_kg, c0],
            kept_share: 1.0,
            step_s: 0.0,
            taken: Taken::default(),
            loss_j: 0.0,
            lost_j: 0.0,
        };
        pipe.take_tangent(t0, enthalpy);
        pipe
    }

    fn take_tangent(&mut self, temperature_c: f64, enthalpy: &Enthalpy) {
        self.tangent = [temperature_c, enthalpy.of(temperature_c), enthalpy.heat_capacity_j_kgk(temperature_c)];
        self.decay = if self.mass_kg > 0.0 { self.data.loss_w_k / (self.mass_kg * self.tangent[2]) } else { 0.0 };
        self.step_s = 0.0;
        self.set_surroundings(self.around_c);
    }

    /// Temperature around the pipe, its neighbour's warmth included.
    #[inline]
    pub fn set_surroundings(&mut self, around_c: f64) {
        self.around_c = around_c;
        self.around_j_kg = self.tangent[1] + self.tangent[2] * (around_c - self.tangent[0]);
    }

    pub fn surroundings_c(&self) -> f64 {
        self.around_c
    }

    /// Heat of water and wall above 0 °C, J.
    #[inline]
    pub fn heat_j(&self) -> f64 {
        self.film.as_ref().map_or_else(|| self.store.heat_j(), |film| film.heat_j())
    }

    /// Mean temperature.
    #[inline]
    pub fn mean_c(&self) -> f64 {
        if self.mass_kg > 0.0 {
            self.tangent[0] + (self.heat_j() / self.mass_kg - self.tangent[1]) / self.tangent[2]
        } else {
            self.around_c
        }
    }

    /// Enthalpy of the water at an end.
    pub fn at(&self, end: End) -> Option<f64> {
        self.film.as_ref().map_or_else(|| self.store.at(end), |film| film.at(end))
    }

    /// (share of the length, enthalpy) from the `from` end on.
    pub fn profile(&self) -> Vec<(f64, f64)> {
        match &self.film {
            Some(film) => film.profile(),
            None => self.store.content().map(|(mass_kg, h)| (mass_kg / self.mass_kg, h)).collect(),
        }
    }

    /// The same part by part, without collecting them.
    pub fn each_part(&self, mut each: impl FnMut(f64, f64)) {
        match &self.film {
            Some(film) => film.profile().into_iter().for_each(|(share, h)| each(share, h)),
            None => self.store.content().for_each(|(mass_kg, h)| each(mass_kg / self.mass_kg, h)),
        }
    }

    /// Parcels held.
    pub fn parcels(&self) -> usize {
        self.film.as_ref().map_or(self.store.len(), |film| film.parcels())
    }

    /// Half the largest difference of two parcels ever merged here, K.
    pub fn largest_merge_k(&self) -> f64 {
        self.store.largest_merge_j_kg / self.tangent[2]
    }

    /// Whether the pipe holds more than one step of this flow.
    pub fn outlasts(&self, flow_kg_s: f64, step_s: f64) -> bool {
        flow_kg_s.abs() * step_s <= self.mass_kg
    }

    /// From now on the film between water and wall counts where the flow of a step is at most half the water.
    pub fn refine(&mut self, film: Option<FilmData>, flow_kg_s: f64, step_s: f64) {
        let wanted = film.filter(|_| flow_kg_s.abs() * step_s <= 0.5 * self.data.water_kg && self.data.wall_j_k > 0.0);
        match (wanted, self.film.take()) {
            (Some(data), Some(mut known)) => {
                known.set(data);
                self.film = Some(known);
            }
            (Some(data), None) => {
                let wall_kg = self.mass_kg - self.data.water_kg;
                self.film = Some(Box::new(Film::new(data, self.data.water_kg, wall_kg, self.store.content())));
            }
            (None, Some(known)) => self.store = known.into_store(),
            (None, None) => {}
        }
    }

    /// What the first half of this step found.
    #[inline]
    pub fn taken(&self) -> Taken {
        self.taken
    }

    /// First half of a step: cools what is inside and takes out what leaves.
    #[inline]
    pub fn take(&mut self, flow_kg_s: f64, step_s: f64, enthalpy: &Enthalpy) -> Taken {
        let mean_c = self.mean_c();
        if (mean_c - self.tangent[0]).abs() > TANGENT_K {
            self.take_tangent(mean_c, enthalpy);
        }
        if step_s != self.step_s {
            self.step_s = step_s;
            self.kept_share = (-self.decay * step_s).exp();
        }
        let around = self.around_j_kg;
        let (decay, rate) = (self.decay, flow_kg_s.abs());
        let through_kg = rate * step_s;
        let end = if flow_kg_s > 0.0 { End::To } else { End::From };
        let (mut gone_kg, mut out_j, mut loss_j) = (0.0, 0.0, 0.0);
        if let Some(film) = &mut self.film {
            film.exchange(0.5 * step_s);
            let each = |mass: f64, h: f64| {
                let share = decayed(decay * gone_kg / rate) * mean_decay(decay * mass / rate);
                out_j += mass * (around + (h - around) * share);
                loss_j += mass * (h - around) * (1.0 - share);
                gone_kg += mass;
            };
            film.pop(end, through_kg, each);
            loss_j += (1.0 - self.kept_share) * (film.heat_j() - film.mass_kg() * around);
            film.decay(self.kept_share, around);
        } else {
            if rate > 0.0 {
                let leaving_kg = through_kg.min(self.mass_kg);
                self.store.pop(end, leaving_kg, |mass, h| {
                    let share = decayed(decay * gone_kg / rate) * mean_decay(decay * mass / rate);
                    out_j += mass * (around + (h - around) * share);
                    loss_j += mass * (h - around) * (1.0 - share);
                    gone_kg += mass;
                });
            }
            loss_j += (1.0 - self.kept_share) * (self.store.heat_j() - self.store.mass_kg() * around);
            self.store.decay(self.kept_share, around);
        }
        let mut taken = Taken { flow_kg_s, ..Taken::default() };
        if through_kg > self.mass_kg && self.film.is_none() {
            taken.passing_kg = through_kg - gone_kg;
            taken.passing_share = decayed(decay * self.mass_kg / rate);
            taken.fixed_j_kg = (out_j + taken.passing_kg * around * (1.0 - taken.passing_share)) / through_kg;
            taken.slope = taken.passing_kg * taken.passing_share / through_kg;
        } else if gone_kg > 0.0 {
            taken.fixed_j_kg = out_j / gone_kg;
        }
        self.loss_j = loss_j;
        self.taken = taken;
        taken
    }

    /// Second half: what entered is in.
    #[inline]
    pub fn give(&mut self, inlet_j_kg: f64) {
        let taken = self.taken;
        let rate = taken.flow_kg_s.abs();
        if rate > 0.0 {
            let excess = inlet_j_kg - self.around_j_kg;
            let end = if taken.flow_kg_s > 0.0 { End::From } else { End::To };
            let held_kg = self.film.as_ref().map_or_else(|| self.store.mass_kg(), |film| film.mass_kg());
            let stays_kg = self.mass_kg - held_kg;
            let decay = self.decay * stays_kg / rate;
            let pieces = if decay > MOST_DECAY { ((decay / MOST_DECAY) as usize + 1).min(MOST_PIECES) } else { 1 };
            let piece_kg = stays_kg / pieces as f64;
            let each = decay / pieces as f64;
            let mean = mean_decay(each);
            for piece in (0..pieces).rev() {
                let share = mean * if piece > 0 { decayed(each * piece as f64) } else { 1.0 };
                let h = self.around_j_kg + excess * share;
                match &mut self.film {
                    Some(film) => film.push(end, piece_kg, h),
                    None => self.store.push(end, piece_kg, h),
                }
                self.loss_j += piece_kg * excess * (1.0 - share);
            }
            self.loss_j += taken.passing_kg * excess * (1.0 - taken.passing_share);
        }
        if let Some(film) = &mut self.film {
            film.exchange(0.5 * self.step_s);
        }
        self.lost_j += self.loss_j;
    }
}
