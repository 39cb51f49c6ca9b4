//! Water and wall of one pipe with the film between them: the width of a temperature front, for steps of seconds.
//!
//! Water moves as parcels, the wall stands in cells; both exchange heat through the film (Nusselt number by flow), and
//! turbulence mixes neighbouring parcels (Taylor). Each exchange relaxes exactly towards the common temperature and
//! keeps heat. It costs every parcel and cell in every step; `pipe` uses it on request only.

use std::collections::VecDeque;

use super::store::{End, Store};

const MOST_PARCELS: usize = 512;
/// Water parcels that differ less are one, J/kg.
const SAME_J_KG: f64 = 0.5;

/// How fast things go in a pipe at its present flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilmData {
    /// Rate at which the difference between water and wall dies away, 1/s.
    pub relaxation_1_s: f64,
    /// Turbulent mixing as (mass of water per metre)²·D, kg²/s.
    pub mixing_kg2_s: f64,
    /// Cells of the wall wanted.
    pub cells: usize,
}

#[derive(Clone, Debug)]
pub struct Film {
    data: FilmData,
    water_kg: f64,
    /// The wall, as water.
    wall_kg: f64,
    /// (mass, enthalpy) from the `from` end on.
    water: VecDeque<(f64, f64)>,
    wall: Vec<f64>,
    /// Scratch: heat gained by each cell.
    gain_j: Vec<f64>,
}

impl Film {
    /// Water and wall as warm as `content` (mass of both, enthalpy).
    pub fn new(data: FilmData, water_kg: f64, wall_kg: f64, content: impl Iterator<Item = (f64, f64)>) -> Film {
        let cells = data.cells.clamp(4, 256);
        let share = water_kg / (water_kg + wall_kg);
        let water: VecDeque<(f64, f64)> = content.map(|(mass, h)| (mass * share, h)).collect();
        let mut film = Film { data, water_kg, wall_kg, water, wall: vec![0.0; cells], gain_j: vec![0.0; cells] };
        let cell_kg = film.water_kg / cells as f64;
        let mut sums = vec![0.0; cells];
        film.overlaps(|cell, parcel, mass| sums[cell] += mass * film.water[parcel].1);
        film.wall = sums.into_iter().map(|sum| sum / cell_kg).collect();
        film
    }

    pub fn set(&mut self, data: FilmData) {
        self.data = data;
    }

    /// Water and wall.
    pub fn mass_kg(&self) -> f64 {
        self.wall_kg + self.water.iter().map(|parcel| parcel.0).sum::<f64>()
    }

    pub fn heat_j(&self) -> f64 {
        let wall_kg = self.wall_kg / self.wall.len() as f64;
        self.water.iter().map(|(mass, h)| mass * h).sum::<f64>() + self.wall.iter().map(|h| wall_kg * h).sum::<f64>()
    }

    pub fn at(&self, end: End) -> Option<f64> {
        match end {
            End::From => self.water.front(),
            End::To => self.water.back(),
        }
        .map(|parcel| parcel.1)
    }

    pub fn profile(&self) -> Vec<(f64, f64)> {
        self.water.iter().map(|(mass, h)| (mass / self.water_kg, *h)).collect()
    }

    pub fn parcels(&self) -> usize {
        self.water.len()
    }

    pub fn pop(&mut self, end: End, mass_kg: f64, mut each: impl FnMut(f64, f64)) {
        let mut missing = mass_kg;
        let nothing = 1e-12 * self.water_kg;
        while missing > nothing {
            let parcel = match end {
                End::From => self.water.front_mut(),
                End::To => self.water.back_mut(),
            };
            let Some(parcel) = parcel else { break };
            let whole = parcel.0 <= missing + nothing;
            let taken = if whole { parcel.0 } else { missing };
            each(taken, parcel.1);
            parcel.0 -= taken;
            missing -= taken;
            if whole {
                match end {
                    End::From => self.water.pop_front(),
                    End::To => self.water.pop_back(),
                };
            }
        }
    }

    pub fn push(&mut self, end: End, mass_kg: f64, enthalpy_j_kg: f64) {
        let neighbour = match end {
            End::From => self.water.front_mut(),
            End::To => self.water.back_mut(),
        };
        match neighbour {
            Some(parcel) if (parcel.1 - enthalpy_j_kg).abs() < SAME_J_KG => {
                parcel.1 += mass_kg / (parcel.0 + mass_kg) * (enthalpy_j_kg - parcel.1);
                parcel.0 += mass_kg;
            }
            _ if mass_kg > 0.0 => match end {
                End::From => self.water.push_front((mass_kg, enthalpy_j_kg)),
                End::To => self.water.push_back((mass_kg, enthalpy_j_kg)),
            },
            _ => {}
        }
        if self.water.len() > MOST_PARCELS {
            let old = std::mem::take(&mut self.water);
            let mut parcels = old.into_iter();
            while let Some(first) = parcels.next() {
                let second = parcels.next().unwrap_or((0.0, first.1));
                let mass = first.0 + second.0;
                self.water.push_back((mass, first.1 + second.0 / mass * (second.1 - first.1)));
            }
        }
    }

    pub fn decay(&mut self, kept_share: f64, around_j_kg: f64) {
        for (_, h) in &mut self.water {
            *h = around_j_kg + kept_share * (*h - around_j_kg);
        }
        for h in &mut self.wall {
            *h = around_j_kg + kept_share * (*h - around_j_kg);
        }
    }

    /// Calls `each(cell, parcel, mass)` for every stretch that one parcel and one cell share.
    fn overlaps(&self, mut each: impl FnMut(usize, usize, f64)) {
        let cell_kg = self.water_kg / self.wall.len() as f64;
        let (mut cell, mut room) = (0, cell_kg);
        for (at, &(mass, _)) in self.water.iter().enumerate() {
            let mut left = mass;
            while left > 0.0 {
                let last = cell + 1 == self.wall.len();
                let piece = if last { left } else { left.min(room) };
                each(cell, at, piece);
                left -= piece;
                room -= piece;
                if room <= 0.0 && !last {
                    (cell, room) = (cell + 1, cell_kg);
                }
            }
        }
    }

    /// Lets water, wall and neighbours exchange heat for a time.
    pub fn exchange(&mut self, time_s: f64) {
        let moved = -(-self.data.relaxation_1_s * time_s).exp_m1();
        let wall_share = self.wall_kg / self.water_kg;
        let mut gain = std::mem::take(&mut self.gain_j);
        gain.clear();
        gain.resize(self.wall.len(), 0.0);
        let mut water_gain = vec![0.0; self.water.len()];
        self.overlaps(|cell, parcel, mass| {
            // Towards (m h + w g)/(m + w) of the piece of water and its piece of wall.
            let heat = mass * wall_share / (1.0 + wall_share) * (self.wall[cell] - self.water[parcel].1) * moved;
            water_gain[parcel] += heat;
            gain[cell] -= heat;
        });
        let cell_kg = self.wall_kg / self.wall.len() as f64;
        for (h, gain) in self.wall.iter_mut().zip(&gain) {
            *h += gain / cell_kg;
        }
        for at in 1..self.water.len() {
            let (a, b) = (self.water[at - 1], self.water[at]);
            let exchanged = (self.data.mixing_kg2_s * time_s / (0.5 * (a.0 + b.0))).min(0.25 * a.0.min(b.0));
            let heat = exchanged * (a.1 - b.1);
            water_gain[at] += heat;
            water_gain[at - 1] -= heat;
        }
        for ((mass, h), gain) in self.water.iter_mut().zip(&water_gain) {
            *h += gain / *mass;
        }
        self.gain_j = gain;
    }

    /// Water and wall as one again: each cell of wall with the water that stands in it.
    pub fn into_store(self) -> Store {
        let mut pieces = Vec::new();
        // The last cell takes rounding; what a cell gives per kg of water is its heat over the water it meets.
        let mut met = vec![0.0; self.wall.len()];
        self.overlaps(|cell, _, mass| met[cell] += mass);
        let cell_kg = self.wall_kg / self.wall.len() as f64;
        self.overlaps(|cell, parcel, mass| {
            let wall_kg = cell_kg * mass / met[cell];
            let heat = mass * self.water[parcel].1 + wall_kg * self.wall[cell];
            pieces.push((mass + wall_kg, heat / (mass + wall_kg)));
        });
        Store::new(pieces)
    }
}
