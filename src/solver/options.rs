//! How exactly to solve.

/// What to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Flows and pressures at the temperatures given at sources and consumers.
    Hydraulic,
    /// Flows, pressures and temperatures.
    #[default]
    Thermal,
}

/// Water that hardly moves, in a solve that has to be quick. Next to no flow says hardly whose water stands there, and where
/// plants stand still and pockets are many, their weights go to and fro for a hundred passes while everything that matters has
/// settled. It is then not waited for: its weight is the last that was found, and flows and pressures are those of that weight, as
/// exactly as any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtRest {
    /// Flows below this share of the largest.
    pub share: f64,
    /// Coupled passes in which all water is given time to settle.
    pub after_passes: u32,
}

/// Parameters of a solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    pub mode: Mode,
    /// Largest flow error, relative to the largest flow. 1e-8 is far below any measurement and costs one more iteration
    /// than 1e-4, because Newton's method converges quadratically.
    pub tolerance: f64,
    /// Newton steps at most.
    pub max_iterations: u32,
    /// Largest temperature change between two coupled passes, K.
    pub temperature_tolerance_k: f64,
    /// Coupled passes at most. Most networks take five to fifteen; a hilly one with many weak loops a hundred. What has not
    /// settled by then is named.
    pub max_coupling_passes: u32,
    /// Which water counts as standing still, where less than the whole truth will do; `None`: all of it has to settle, and what
    /// does not is named.
    pub at_rest: Option<AtRest>,
    /// Whether the solution is held against the rules (pressures, velocities, capacities); a measurement of the solver
    /// alone does without.
    pub judge: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            mode: Mode::Thermal,
            tolerance: 1e-8,
            max_iterations: 60,
            temperature_tolerance_k: 1e-6,
            max_coupling_passes: 200,
            at_rest: None,
            judge: true,
        }
    }
}
