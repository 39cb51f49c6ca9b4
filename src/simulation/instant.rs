//! What a station and its buildings were like at an instant, and in one word why their rooms are as warm as they are.
//!
//! Stations record plain numbers ([`StationInstant::to_numbers`]); a [`Recorder`](super::Recorder) gives them back as these
//! structs. [`Cause`] is told from what the step showed, from the network inwards: no water, too little, too cold, then the
//! controller, then the building. Sentences stand in `heat.ftl` (`cause-WORD`).

use crate::text::{Argument, Language};

/// Rooms this much colder than designed have a cause worth a word, K.
const COLD_K: f64 = 0.5;
/// Rooms this much warmer, K.
const WARM_K: f64 = 1.0;
/// Flow below this share of what was asked for is short.
const SHORT_SHARE: f64 = 0.98;
/// Less than this share is nothing.
const NOTHING_SHARE: f64 = 0.01;
/// Secondary supply this far below what is wanted is too cold, K.
const TOO_COLD_K: f64 = 1.0;
/// The valve counts as fully open from here on.
const OPEN: f64 = 0.95;
/// Gains worth mentioning, share of the loss.
const GAIN_SHARE: f64 = 0.1;

macro_rules! causes {
    ($( $(#[$doc:meta])* $name:ident $word:literal; )*) => {
        /// Why the rooms of a station are as warm as they are.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Cause { $( $(#[$doc])* $name, )* }
        impl Cause {
            pub const ALL: &'static [Cause] = &[$(Cause::$name),*];
            /// The stable word in results.
            pub const fn word(self) -> &'static str { match self { $(Cause::$name => $word),* } }
            const fn key(self) -> &'static str { match self { $(Cause::$name => concat!("cause-", $word)),* } }
        }
    };
}

causes! {
    /// As warm as designed.
    #[default]
    AsDesigned "as-designed";
    /// Out of service.
    Shut "shut";
    /// It asks for water and none comes: cut off.
    NoFlow "no-flow";
    /// Pressure difference does not drive the flow it asks for.
    FlowShort "flow-short";
    /// Valve open, flow as asked, and the primary supply is too cold for the set-point.
    SupplyTooCold "supply-too-cold";
    /// The valve, or the secondary water, is still on its way to the set-point.
    OnTheWay "on-the-way";
    /// Colder outdoors than the heating curve and the emitters are designed for.
    ColderThanDesign "colder-than-design";
    /// The heating curve's corrections by hour or weekday ask for less.
    CurveAsksLess "curve-asks-less";
    /// Valves or the controller of the building throttle.
    BuildingThrottles "building-throttles";
    /// It gets what it should and is warming up.
    Warming "warming";
    /// It gets what it should and loses more than designed (wind).
    LosesMore "loses-more";
    /// Sun and inner gains make it warmer than designed.
    WarmedByGains "warmed-by-gains";
    /// More heat than the rooms need.
    Overheated "overheated";
}

/// A station over one step of the simulation; heats are those of the buildings' last step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StationInstant {
    /// Of its coldest building.
    pub room_c: f64,
    /// Room temperature of the design.
    pub design_room_c: f64,
    /// Through the radiators, in the system of the coldest building.
    pub secondary_supply_c: f64,
    pub secondary_return_c: f64,
    /// What the controller wants of the supply.
    pub set_supply_c: f64,
    /// Of the control valve, 0…1.
    pub valve_opening: f64,
    /// Given by the emitters, lost through the envelope, gained from sun and from inside, W.
    pub heat_w: f64,
    pub loss_w: f64,
    pub solar_w: f64,
    pub internal_w: f64,
    pub outdoor_c: f64,
    pub design_outdoor_c: f64,
    pub primary_flow_kg_s: f64,
    /// Primary flow it asked for.
    pub wanted_flow_kg_s: f64,
    pub primary_supply_c: f64,
    pub primary_return_c: f64,
    /// Pressure difference across its primary side; NaN where unknown.
    pub available_pressure_pa: f64,
    /// Pumps and boosters.
    pub electricity_w: f64,
    pub cause: Cause,
}

/// A building of a station.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BuildingInstant {
    pub room_c: f64,
    pub heat_w: f64,
    pub loss_w: f64,
    /// Sun and inner gains.
    pub gain_w: f64,
}

/// What a station records: its numbers one after the other, each with its name in files, and last the number of its cause.
macro_rules! station_numbers {
    ($($field:ident $name:literal,)*) => {
        /// Names of a station's numbers in the order they are recorded.
        pub(super) const STATION_NAMES: [&str; 19] = [$($name,)* "cause"];

        impl StationInstant {
            pub(super) fn to_numbers(self) -> [f32; STATION_NAMES.len()] {
                [$(self.$field,)* f64::from(self.cause as u8)].map(|value| value as f32)
            }

            /// From what a station recorded; `None` where the numbers are those of another model.
            pub fn from_numbers(numbers: &[f32]) -> Option<StationInstant> {
                let own: &[f32; STATION_NAMES.len()] = numbers.first_chunk()?;
                let [$($field,)* cause] = own.map(f64::from);
                let cause = *Cause::ALL.get(cause as usize)?;
                Some(StationInstant { $($field,)* cause })
            }
        }
    };
}

station_numbers! {
    room_c "room_temperature_c",
    design_room_c "design_room_temperature_c",
    secondary_supply_c "secondary_supply_temperature_c",
    secondary_return_c "secondary_return_temperature_c",
    set_supply_c "set_supply_temperature_c",
    valve_opening "valve_opening",
    heat_w "heat_w",
    loss_w "loss_w",
    solar_w "solar_gain_w",
    internal_w "internal_gain_w",
    outdoor_c "outdoor_temperature_c",
    design_outdoor_c "design_outdoor_temperature_c",
    primary_flow_kg_s "primary_flow_kg_s",
    wanted_flow_kg_s "wanted_flow_kg_s",
    primary_supply_c "primary_supply_temperature_c",
    primary_return_c "primary_return_temperature_c",
    available_pressure_pa "available_pressure_pa",
    electricity_w "electricity_w",
}

/// Names of the numbers of each building behind it.
pub(super) const BUILDING_NAMES: [&str; 4] =
    ["building_room_temperature_c", "building_heat_w", "building_loss_w", "building_gain_w"];

impl StationInstant {
    /// One sentence that says why the rooms are as warm as they are, with the numbers that show it.
    pub fn why(&self, language: Language) -> String {
        let number = |value: f64, digits: usize| Argument::from(format!("{value:.digits$}"));
        let arguments = [
            ("room", number(self.room_c, 1)),
            ("design-room", number(self.design_room_c, 0)),
            ("supply", number(self.secondary_supply_c, 1)),
            ("set", number(self.set_supply_c, 1)),
            ("primary", number(self.primary_supply_c, 1)),
            ("opening", number(100.0 * self.valve_opening, 0)),
            ("flow", number(3.6 * self.primary_flow_kg_s, 1)),
            ("wanted", number(3.6 * self.wanted_flow_kg_s, 1)),
            ("available", number(1e-3 * self.available_pressure_pa, 0)),
            ("outdoor", number(self.outdoor_c, 1)),
            ("design-outdoor", number(self.design_outdoor_c, 1)),
            ("heat", number(1e-3 * self.heat_w, 0)),
            ("loss", number(1e-3 * self.loss_w, 0)),
            ("gain", number(1e-3 * (self.solar_w + self.internal_w), 0)),
        ];
        language.texts().with(self.cause.key(), &arguments)
    }
}

impl BuildingInstant {
    /// How many buildings are behind a station that recorded these numbers.
    pub fn count(numbers: &[f32]) -> usize {
        numbers.len().saturating_sub(STATION_NAMES.len()) / BUILDING_NAMES.len()
    }

    /// Where the numbers of a building begin among those of its station: the first is its room temperature.
    pub const fn place(building: usize) -> usize {
        STATION_NAMES.len() + building * BUILDING_NAMES.len()
    }

    /// From what a station recorded: every building behind it.
    pub fn all(numbers: &[f32]) -> Vec<BuildingInstant> {
        let behind = numbers.get(STATION_NAMES.len()..).unwrap_or_default();
        let (all, _) = behind.as_chunks::<{ BUILDING_NAMES.len() }>();
        let one = |numbers: &[f32; BUILDING_NAMES.len()]| {
            let [room_c, heat_w, loss_w, gain_w] = numbers.map(f64::from);
            BuildingInstant { room_c, heat_w, loss_w, gain_w }
        };
        all.iter().map(one).collect()
    }
}

/// What is looked at beside the instant itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub shut: bool,
    /// Supply the plain curve asks for, without corrections.
    pub curve_supply_c: f64,
    /// Secondary flow over its design.
    pub flow_share: f64,
    /// Flow the control leaves open.
    pub slack_kg_s: f64,
}

impl Cause {
    /// The cause by the numbers of an instant.
    pub(super) fn of(at: &StationInstant, judged: &Judged) -> Cause {
        let gains = at.solar_w + at.internal_w > GAIN_SHARE * at.loss_w;
        if at.room_c > at.design_room_c + WARM_K {
            return if gains { Cause::WarmedByGains } else { Cause::Overheated };
        }
        if at.room_c >= at.design_room_c - COLD_K {
            return Cause::AsDesigned;
        }
        let (got, asked) = (at.primary_flow_kg_s, at.wanted_flow_kg_s);
        if judged.shut {
            Cause::Shut
        } else if asked > 0.0 && got <= NOTHING_SHARE * asked {
            Cause::NoFlow
        } else if got < SHORT_SHARE * asked - judged.slack_kg_s {
            Cause::FlowShort
        } else if at.secondary_supply_c < at.set_supply_c - TOO_COLD_K {
            if at.valve_opening >= OPEN { Cause::SupplyTooCold } else { Cause::OnTheWay }
        } else if at.outdoor_c < at.design_outdoor_c - COLD_K {
            Cause::ColderThanDesign
        } else if at.set_supply_c < judged.curve_supply_c - COLD_K {
            Cause::CurveAsksLess
        } else if judged.flow_share < OPEN {
            Cause::BuildingThrottles
        } else if at.heat_w + at.solar_w + at.internal_w >= at.loss_w {
            Cause::Warming
        } else {
            Cause::LosesMore
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: StationInstant = StationInstant {
        room_c: 16.0,
        design_room_c: 18.0,
        secondary_supply_c: 75.0,
        secondary_return_c: 50.0,
        set_supply_c: 75.0,
        valve_opening: 0.75,
        heat_w: 1e6,
        loss_w: 0.9e6,
        solar_w: 0.0,
        internal_w: 0.0,
        outdoor_c: -20.0,
        design_outdoor_c: -20.0,
        primary_flow_kg_s: 4.0,
        wanted_flow_kg_s: 4.0,
        primary_supply_c: 110.0,
        primary_return_c: 52.0,
        available_pressure_pa: 1.5e5,
        electricity_w: 2e3,
        cause: Cause::AsDesigned,
    };
    const PLAIN: Judged = Judged { shut: false, curve_supply_c: 75.0, flow_share: 1.0, slack_kg_s: 0.0 };

    #[test]
    fn every_cause_is_told_by_its_own_sign() {
        let of = |change: &dyn Fn(&mut StationInstant, &mut Judged)| {
            let (mut at, mut judged) = (FINE, PLAIN);
            change(&mut at, &mut judged);
            Cause::of(&at, &judged)
        };
        assert_eq!(of(&|at, _| at.room_c = 17.8), Cause::AsDesigned);
        assert_eq!(of(&|_, judged| judged.shut = true), Cause::Shut);
        assert_eq!(of(&|at, _| at.primary_flow_kg_s = 0.0), Cause::NoFlow);
        assert_eq!(of(&|at, _| at.primary_flow_kg_s = 3.0), Cause::FlowShort);
        assert_eq!(of(&|at, judged| (at.primary_flow_kg_s, judged.slack_kg_s) = (3.9, 0.1)), Cause::Warming);
        let cold = |at: &mut StationInstant, opening| (at.secondary_supply_c, at.valve_opening) = (60.0, opening);
        assert_eq!(of(&|at, _| cold(at, 1.0)), Cause::SupplyTooCold);
        assert_eq!(of(&|at, _| cold(at, 0.5)), Cause::OnTheWay);
        assert_eq!(of(&|at, _| at.outdoor_c = -25.0), Cause::ColderThanDesign);
        assert_eq!(of(&|_, judged| judged.curve_supply_c = 78.0), Cause::CurveAsksLess);
        assert_eq!(of(&|_, judged| judged.flow_share = 0.5), Cause::BuildingThrottles);
        assert_eq!(of(&|_, _| {}), Cause::Warming);
        assert_eq!(of(&|at, _| at.loss_w = 1.1e6), Cause::LosesMore);
        assert_eq!(of(&|at, _| at.room_c = 21.0), Cause::Overheated);
        assert_eq!(of(&|at, _| (at.room_c, at.solar_w) = (21.0, 2e5)), Cause::WarmedByGains);
    }

    #[test]
    fn numbers_come_back_and_every_cause_has_its_sentence() {
        for &cause in Cause::ALL {
            let at = StationInstant { cause, ..FINE };
            assert_eq!(StationInstant::from_numbers(&at.to_numbers()), Some(at));
            for language in Language::ALL {
                let sentence = at.why(language);
                assert!(sentence.len() > 10 && !sentence.contains("cause-") && !sentence.contains('{'), "{sentence}");
            }
        }
        assert_eq!(StationInstant::from_numbers(&[1.0; 3]), None);
    }
}
