//! OPTIONS and TIMES: units, head-loss formula, fluid, and which pattern period hour 0 is.
//!
//! Options that only steer EPANET's own iteration, reports or water quality are known and passed over; unknown ones are
//! kept for the report.

use super::model::{Reader, finite};
use super::scan::{Line, Scanned, Section, starts};
use super::units::{FLOW_WORDS, FlowUnit, PressureUnit, Units, VISCOSITY_M2_S};

/// Head-loss formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Headloss {
    HazenWilliams,
    DarcyWeisbach,
    ChezyManning,
}

/// What OPTIONS and TIMES say.
#[derive(Clone, Debug)]
pub(super) struct Options<'a> {
    pub(super) units: Units,
    pub(super) headloss: Headloss,
    viscosity: Option<f64>,
    pub(super) demand_multiplier: f64,
    pub(super) default_pattern: &'a str,
    /// Demands that fall with the pressure (PDA).
    pub(super) pressure_driven: bool,
    /// Lines with options nobody knows.
    pub(super) unknown: Vec<(usize, &'a str)>,
    pattern_start_s: i64,
    pattern_step_s: i64,
    /// Time of day at hour 0.
    pub(super) clock_start_s: i64,
}

pub(super) const DAY_S: i64 = 86_400;

impl Options<'_> {
    /// Kinematic viscosity by EPANET's rule: a value above 1e-3 is a multiple of water's at 20 °C, a smaller one is the
    /// viscosity itself, in ft²/s or m²/s.
    pub(super) fn viscosity_m2_s(&self) -> f64 {
        match self.viscosity {
            None => VISCOSITY_M2_S,
            Some(multiple) if multiple > 1e-3 => multiple * VISCOSITY_M2_S,
            Some(value) => self.units.length_m(self.units.length_m(value)),
        }
    }

    /// Number of the pattern period at hour 0.
    pub(super) fn pattern_period(&self) -> usize {
        usize::try_from(self.pattern_start_s.max(0) / self.pattern_step_s).unwrap_or(0)
    }
}

pub(super) fn read<'a>(scanned: &Scanned<'a>, reader: &mut Reader<'_>) -> Options<'a> {
    let mut options = Options {
        units: Units { flow: FlowUnit::Gpm, pressure: None, specific_gravity: 1.0 },
        headloss: Headloss::HazenWilliams,
        viscosity: None,
        demand_multiplier: 1.0,
        default_pattern: "1",
        pressure_driven: false,
        unknown: Vec::new(),
        pattern_start_s: 0,
        pattern_step_s: 3600,
        clock_start_s: 0,
    };
    for line in scanned.lines(Section::Options) {
        option(&mut options, line, reader);
    }
    for line in scanned.lines(Section::Times) {
        time(&mut options, line, reader);
    }
    options
}

/// Options that do not change the steady state.
const PASSED_OVER: [&str; 21] = [
    "QUAL",
    "MAP",
    "VERI",
    "UNBA",
    "DIFF",
    "TRIAL",
    "ACCU",
    "TOLER",
    "SEGM",
    "HTOL",
    "QTOL",
    "RQTOL",
    "CHECKFREQ",
    "MAXCHECK",
    "DAMPLIMIT",
    "FLOWCHANGE",
    "HEADERROR",
    "HYDR",
    "EMIT",
    "BACK",
    "PREC",
];

fn option<'a>(options: &mut Options<'a>, line: &Line<'a>, reader: &mut Reader<'_>) {
    let word = |index: usize| line.words.get(index).copied().unwrap_or("");
    let is = |index: usize, keyword: &str| starts(word(index), keyword);
    // EPANET lets an option without value pass.
    let has = |index: usize| line.words.len() > index;
    if is(0, "UNIT") {
        match FlowUnit::of_word(word(1)) {
            Some(flow) => options.units.flow = flow,
            None if has(1) => reader.bad_word(line, "UNITS", word(1), FLOW_WORDS),
            None => {}
        }
    } else if is(0, "PRESSURE") {
        // PRESSURE EXPONENT belongs to pressure-driven demands.
        if !has(1) || is(1, "EXP") {
            return;
        }
        match PressureUnit::of_word(word(1)) {
            Some(unit) => options.units.pressure = Some(unit),
            None => reader.bad_word(line, "PRESSURE", word(1), "PSI, KPA, METERS, BAR, FEET"),
        }
    } else if is(0, "HEADL") {
        options.headloss = match word(1) {
            w if starts(w, "H-W") => Headloss::HazenWilliams,
            w if starts(w, "D-W") => Headloss::DarcyWeisbach,
            w if starts(w, "C-M") => Headloss::ChezyManning,
            "" => return,
            other => return reader.bad_word(line, "HEADLOSS", other, "H-W, D-W, C-M"),
        };
    } else if is(0, "VISC") && has(1) {
        options.viscosity = reader.positive(line, 1, "VISCOSITY").or(options.viscosity);
    } else if is(0, "SPEC") && has(2) {
        options.units.specific_gravity = reader.positive(line, 2, "SPECIFIC GRAVITY").unwrap_or(1.0);
    } else if is(0, "DEMAND") && is(1, "MODEL") {
        options.pressure_driven = is(2, "PDA");
    } else if is(0, "DEMAND") && has(2) {
        options.demand_multiplier = reader.positive(line, 2, "DEMAND MULTIPLIER").unwrap_or(1.0);
    } else if is(0, "PATT") && has(1) {
        options.default_pattern = word(1);
    } else {
        let known = ["VISC", "SPEC", "DEMAND", "PATT", "MINI", "REQ"].into_iter().chain(PASSED_OVER);
        if !known.into_iter().any(|keyword| is(0, keyword)) {
            options.unknown.push((line.number, word(0)));
        }
    }
}

fn time<'a>(options: &mut Options<'a>, line: &Line<'a>, reader: &mut Reader<'_>) {
    let is = |index: usize, keyword: &str| line.words.get(index).is_some_and(|word| starts(word, keyword));
    let target = if is(0, "PATT") && is(1, "TIME") {
        &mut options.pattern_step_s
    } else if is(0, "PATT") && is(1, "STAR") {
        &mut options.pattern_start_s
    } else if is(0, "STAR") {
        &mut options.clock_start_s
    } else {
        // Duration, time steps and reports: nothing at hour 0 depends on them.
        return;
    };
    let last = line.words.len() - 1;
    let read = hours(line.words[last], "").or_else(|| hours(line.words[last.saturating_sub(1)], line.words[last]));
    match read {
        Some(hours) => *target = (3600.0 * hours + 0.5) as i64,
        None => reader.bad_word(line, line.words[0], line.words[last], "a time like 6, 6:30, 90 MIN or 6:30 PM"),
    }
    options.clock_start_s %= DAY_S;
    if options.pattern_step_s <= 0 {
        options.pattern_step_s = 3600;
    }
}

/// A time in hours: decimal with a unit, or h:mm:ss with AM or PM. `None` where it is none of these.
pub(super) fn hours(time: &str, unit: &str) -> Option<f64> {
    let mut parts = [0.0; 3];
    let mut count = 0;
    for part in time.split(':') {
        *parts.get_mut(count)? = finite(part)?;
        count += 1;
    }
    let value = parts[0];
    if count == 1 {
        for (keyword, per_hour) in [("SEC", 3600.0), ("MIN", 60.0), ("HOU", 1.0), ("DAY", 1.0 / 24.0)] {
            if starts(unit, keyword) {
                return Some(value / per_hour).filter(|hours| *hours >= 0.0);
            }
        }
    }
    let value = value + parts[1] / 60.0 + parts[2] / 3600.0;
    let half_day = || (0.0..13.0).contains(&value).then_some(if value >= 12.0 { value - 12.0 } else { value });
    match unit {
        "" => Some(value).filter(|hours| *hours >= 0.0),
        unit if starts(unit, "AM") => half_day(),
        unit if starts(unit, "PM") => half_day().map(|hours| hours + 12.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_every_form() {
        assert_eq!(hours("6", ""), Some(6.0));
        assert_eq!(hours("6:30", ""), Some(6.5));
        assert_eq!(hours("90", "MIN"), Some(1.5));
        assert_eq!(hours("2", "days"), Some(48.0));
        assert_eq!(hours("12", "am"), Some(0.0));
        assert_eq!(hours("12:30", "PM"), Some(12.5));
        assert_eq!(hours("1", "pm"), Some(13.0));
        assert_eq!(hours("14", "pm"), None);
        assert_eq!(hours("x", ""), None);
        assert_eq!(hours("1:2:3:4", ""), None);
        assert_eq!(hours("-1", ""), None);
    }
}
