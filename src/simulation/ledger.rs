//! Where the heat of a step, or of all steps, came from and went.

/// Heat of a network in time, J. Heat carried by water across the border of the network counts above 0 °C.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ledger {
    pub supplied_j: f64,
    pub consumed_j: f64,
    pub lost_j: f64,
    /// Carried in by water from outside, carried off by water drawn from the network.
    pub fed_j: f64,
    pub drawn_j: f64,
    /// Change of the heat in water and walls.
    pub stored_j: f64,
    /// Carried off by what flows of the hydraulics leave open at nodes.
    pub open_j: f64,
}

impl Ledger {
    pub fn add(&mut self, other: &Ledger) {
        self.supplied_j += other.supplied_j;
        self.consumed_j += other.consumed_j;
        self.lost_j += other.lost_j;
        self.fed_j += other.fed_j;
        self.drawn_j += other.drawn_j;
        self.stored_j += other.stored_j;
        self.open_j += other.open_j;
    }

    /// What is missing, J: 0 up to the rounding of the sums and what the hydraulics leave open.
    pub fn imbalance_j(&self) -> f64 {
        self.supplied_j + self.fed_j - self.consumed_j - self.drawn_j - self.lost_j - self.stored_j
    }

    /// Share of the imbalance in the heat delivered (or supplied, where nobody takes any).
    pub fn imbalance_share(&self) -> f64 {
        let delivered_j = self.consumed_j.abs().max(self.supplied_j.abs()).max(self.lost_j.abs());
        if delivered_j > 0.0 { self.imbalance_j().abs() / delivered_j } else { self.imbalance_j().abs() }
    }
}
