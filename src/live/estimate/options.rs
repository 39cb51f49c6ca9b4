//! What the estimation takes for granted: how far assumptions, laws and instruments may be off. One standard deviation each.

/// Assumptions of the estimator.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Flow of a substation where only its design (or forecast) tells it, as a share of it.
    pub demand_share: f64,
    /// Flow of a source where only its design tells it, as a share of all circulation.
    pub source_share: f64,
    /// Outlet temperature of a substation or source where only the network's data tell it, K.
    pub outlet_k: f64,
    /// Set pressure of a source (return pressure, rise), Pa.
    pub set_pressure_pa: f64,
    /// Make-up flow, as a share of all circulation, where nobody measures it.
    pub make_up_share: f64,
    /// Loss of water through all joints together beyond what is ordinary, as a share of all circulation.
    pub loss_share: f64,
    /// Flow through a pipe or valve that its law gives for a pressure difference (roughness, deposits), as a share of it.
    pub law_share: f64,
    /// Cooling on the way through a pipe, as a share of it, and what the steady law leaves out at every node, K.
    pub cooling_share: f64,
    pub mixing_k: f64,
    /// How much a substation's flow (share) and outlet temperature (K) move in a minute.
    pub demand_drift_share: f64,
    pub outlet_drift_k: f64,
    /// Samples of a tag that count as one measurement.
    pub window: usize,
    /// Part of an instrument's deviation that stays from sample to sample and so does not average out.
    pub lasting_share: f64,
    /// Probability with which one estimate names some healthy instrument, all of them together.
    pub false_alarm: f64,
    /// Probability a minute of calling a leak where there is none.
    pub false_leak: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            demand_share: 0.3,
            source_share: 0.3,
            outlet_k: 5.0,
            set_pressure_pa: 30_000.0,
            make_up_share: 0.01,
            loss_share: 3e-4,
            law_share: 0.01,
            cooling_share: 0.2,
            mixing_k: 0.1,
            demand_drift_share: 0.005,
            outlet_drift_k: 0.2,
            window: 5,
            lasting_share: 0.1,
            false_alarm: 2e-4,
            false_leak: 1e-5,
        }
    }
}
