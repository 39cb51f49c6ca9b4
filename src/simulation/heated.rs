//! A substation with the buildings behind it as a consumer of the network.
//!
//! Mechanism: `physics::station` and `physics::building` as they are, joined by the secondary supply and return; made from
//! the network's data by `network::thermal`. Every building has its own thermal mass, control and gains; what the buildings
//! send back enters the station in its next step (minutes, where secondary networks delay longer). Where buildings throttle,
//! the secondary pump follows.

use super::instant::{BUILDING_NAMES, BuildingInstant, Cause, Judged, STATION_NAMES, StationInstant};
use super::terminal::{Consumer, Moment, Passed};
use crate::network::thermal::{ServedBuilding, ServedSystem};
use crate::physics::building::{Building, BuildingControl, BuildingInputs, BuildingOutputs, BuildingState, MassState};
use crate::physics::station::{HeldTemperature, SecondarySystem, StationInputs, SystemInputs, SystemState};

/// Technical room of the station, °C.
const STATION_ROOM_C: f64 = 20.0;

/// The controller decides anew when one of these has moved since it last did: set supply, primary inlet, secondary return,
/// K, and the share of the secondary flow. The flow it leaves unchanged is then right to about 0.2 %.
const DECISION: [f64; 4] = [0.05, 0.2, 0.1, 0.005];
/// The valve's motor leaves the flow open by a dead band either way. One move of it, a dead band and what has come up in the
/// same step, asks for no hydraulic solve; two in one direction do.
const SLACK: f64 = 1.5;
/// A station without a controller would take so many times its full flow, if the network gave it: its valve alone limits it.
const UNREGULATED: f64 = 10.0;
/// Buildings answer in hours; they are stepped no more often than this.
const BUILDING_STEP_S: f64 = 300.0;
/// Buildings whose constants differ by less than this, relatively, are of one kind.
const SAME_KIND: f64 = 1e-9;

/// Buildings of one kind on one of the systems, taken as one: the same mass, gains and control over their losses, so that all
/// of them are equally warm at any time.
#[derive(Clone, Copy, Debug)]
struct House {
    building: Building,
    internal_gain_w: f64,
    state: BuildingState,
    out: BuildingOutputs,
}

/// A building's place among the houses of its kind.
#[derive(Clone, Copy, Debug)]
struct Member {
    house: u32,
    share: f64,
}

/// One pressure zone: a secondary system and the buildings behind it.
#[derive(Clone, Debug)]
struct Zone {
    system: SecondarySystem,
    state: SystemState,
    inputs: SystemInputs,
    houses: Vec<House>,
    members: Vec<Member>,
    /// What the valve's target was found for (see [`DECISION`]), and the target.
    decided_for: [f64; 4],
    target: f64,
    /// Of the step under way: set supply, secondary return, opening at the end, mean primary flow asked for.
    wanted_c: f64,
    back_c: f64,
    opening_end: f64,
    asked_kg_s: f64,
    /// Since the buildings' last step: time, and secondary supply times time.
    waiting_s: f64,
    supply_c_s: f64,
    /// Of the last step: secondary supply °C, electricity W.
    supply_c: f64,
    electricity_w: f64,
    /// Of that, heat pumps and electric boilers; and the water made up, kg/s.
    booster_w: f64,
    make_up_kg_s: f64,
}

/// A substation of one or several zones.
#[derive(Clone, Debug)]
pub struct HeatedStation {
    zones: Vec<Zone>,
    shut: bool,
    electricity_j: f64,
    booster_electricity_j: f64,
    make_up_kg: f64,
    instant: StationInstant,
    recorded: Vec<f32>,
    names: Vec<&'static str>,
}

impl HeatedStation {
    /// Systems with their buildings, at rest: rooms at their design temperature, secondary water and valve where the heating
    /// curve wants them at this primary supply and outdoor temperature. A station that is shut asks for nothing.
    pub fn new(systems: Vec<ServedSystem>, primary_supply_c: f64, outdoor_c: f64, shut: bool) -> HeatedStation {
        let zones: Vec<Zone> =
            systems.into_iter().map(|system| Zone::at_rest(system, primary_supply_c, outdoor_c)).collect();
        let houses = zones.first().map_or(0, |zone| zone.members.len());
        let of_houses = std::iter::repeat_n(BUILDING_NAMES, houses).flatten();
        let mut station = HeatedStation {
            zones,
            shut,
            electricity_j: 0.0,
            booster_electricity_j: 0.0,
            make_up_kg: 0.0,
            instant: StationInstant { outdoor_c, primary_supply_c, ..StationInstant::default() },
            recorded: Vec::new(),
            names: STATION_NAMES.into_iter().chain(of_houses).collect(),
        };
        station.record(true);
        station
    }

    /// Room temperature of the coldest building; NaN without any.
    pub fn room_c(&self) -> f64 {
        let houses = self.zones.iter().flat_map(|zone| &zone.houses);
        houses.map(|house| house.state.mass.room_c).fold(f64::NAN, f64::min)
    }

    /// Electricity of heat pumps and electric boilers since the start; the rest of [`Consumer::electricity_j`] is that of pumps.
    pub fn booster_electricity_j(&self) -> f64 {
        self.booster_electricity_j
    }

    /// Water made up on the secondary side since the start.
    pub fn make_up_kg(&self) -> f64 {
        self.make_up_kg
    }

    /// The station as it is now.
    pub fn instant(&self) -> &StationInstant {
        &self.instant
    }

    /// The buildings as they are now, in the order they were given; a building on several systems by its coldest rooms and
    /// the sums of its heats.
    pub fn buildings(&self) -> Vec<BuildingInstant> {
        let count = self.zones.first().map_or(0, |zone| zone.members.len());
        let one = |at: usize| {
            let mut sum = BuildingInstant { room_c: f64::NAN, ..BuildingInstant::default() };
            for zone in &self.zones {
                let Some(Member { house, share }) = zone.members.get(at) else { continue };
                let house = &zone.houses[*house as usize];
                sum.room_c = sum.room_c.min(house.state.mass.room_c);
                sum.heat_w += share * house.out.heat_w;
                sum.loss_w += share * house.out.loss_w;
                sum.gain_w += share * house.out.gain_w;
            }
            sum
        };
        (0..count).map(one).collect()
    }

    /// Primary flow of a zone where the station gets this much: shared as asked for.
    fn share_kg_s(&self, zone: &Zone, mass_flow_kg_s: f64) -> f64 {
        let asked: f64 = self.zones.iter().map(|zone| zone.asked_kg_s).sum();
        if asked > 0.0 { mass_flow_kg_s * zone.asked_kg_s / asked } else { mass_flow_kg_s / self.zones.len() as f64 }
    }

    /// Puts the present into numbers; buildings only where they were stepped. The zone shown is the one of the coldest
    /// building.
    fn record(&mut self, buildings: bool) {
        let coldest = |zone: &Zone| zone.houses.iter().map(|house| house.state.mass.room_c).fold(f64::NAN, f64::min);
        let Some(shown) = self.zones.iter().min_by(|a, b| coldest(a).total_cmp(&coldest(b))) else { return };
        let curve = &shown.system.set_point.curve;
        let houses = self.zones.iter().flat_map(|zone| &zone.houses);
        let sum = |of: &dyn Fn(&House) -> f64| -> f64 { houses.clone().map(of).sum() };
        let internal_w = sum(&|house| house.internal_gain_w);
        let mut at = StationInstant {
            room_c: coldest(shown),
            design_room_c: curve.room_c,
            secondary_supply_c: shown.supply_c,
            secondary_return_c: shown.state.return_c,
            set_supply_c: shown.wanted_c,
            valve_opening: shown.state.opening,
            heat_w: sum(&|house| house.out.heat_w),
            loss_w: sum(&|house| house.out.loss_w),
            solar_w: sum(&|house| house.out.gain_w) - internal_w,
            internal_w,
            design_outdoor_c: curve.design_outdoor_c,
            electricity_w: self.zones.iter().map(|zone| zone.electricity_w).sum(),
            ..self.instant
        };
        let judged = Judged {
            shut: self.shut,
            curve_supply_c: curve.at_outdoor(shown.state.set_point.outdoor_c, 1.0).supply_c,
            flow_share: shown.inputs.flow_share,
            slack_kg_s: self.slack_kg_s(),
        };
        at.cause = Cause::of(&at, &judged);
        self.instant = at;
        if !buildings {
            let own = self.recorded.iter_mut().zip(at.to_numbers());
            own.for_each(|(number, new)| *number = new);
            return;
        }
        self.recorded.clear();
        self.recorded.extend(at.to_numbers());
        for building in self.buildings() {
            self.recorded
                .extend([building.room_c, building.heat_w, building.loss_w, building.gain_w].map(|v| v as f32));
        }
    }
}

fn station_inputs(now: &Moment, inlet_c: f64) -> StationInputs {
    StationInputs {
        primary_inlet_c: inlet_c,
        outdoor_c: now.weather.temperature_c,
        ambient_c: STATION_ROOM_C,
        time_s: now.calendar_s,
    }
}

/// Buildings of one kind put together, and which each belongs to.
fn by_kind(buildings: &[ServedBuilding]) -> (Vec<ServedBuilding>, Vec<Member>) {
    let mut kinds: Vec<(ServedBuilding, f64)> = Vec::new();
    let mut places = Vec::new();
    for one in buildings {
        let loss_w_k = one.building.mass.steady_loss_w_k();
        let same = |kind: &ServedBuilding| {
            let factor = loss_w_k / kind.building.mass.steady_loss_w_k();
            let gains = (one.internal_gain_w - factor * kind.internal_gain_w).abs();
            gains <= SAME_KIND * one.internal_gain_w.abs()
                && one.building.is_nearly(&kind.building.times(factor), SAME_KIND)
        };
        let at = kinds.iter().position(|(kind, _)| same(kind)).unwrap_or(kinds.len());
        if at == kinds.len() {
            kinds.push((*one, 0.0));
        }
        kinds[at].1 += loss_w_k;
        places.push((at, loss_w_k));
    }
    let member = |(at, loss_w_k): (usize, f64)| Member { house: at as u32, share: loss_w_k / kinds[at].1 };
    let members = places.into_iter().map(member).collect();
    let whole = |(kind, loss_w_k): (ServedBuilding, f64)| {
        let factor = loss_w_k / kind.building.mass.steady_loss_w_k();
        ServedBuilding { building: kind.building.times(factor), internal_gain_w: factor * kind.internal_gain_w }
    };
    (kinds.iter().copied().map(whole).collect(), members)
}

impl Zone {
    fn at_rest(served: ServedSystem, primary_supply_c: f64, outdoor_c: f64) -> Zone {
        let ServedSystem { system, buildings } = served;
        let curve = system.set_point.curve;
        let at = curve.at_outdoor(outdoor_c, 1.0);
        let room_c = curve.room_c;
        let state = BuildingState { mass: MassState { room_c, structure_c: room_c }, entrance_share: 1.0 };
        let house = |ServedBuilding { building, internal_gain_w }| {
            // What a rest at the room temperature means: losses are made up.
            let loss_w = building.mass.loss_w(state.mass, outdoor_c, 0.0);
            let out = BuildingOutputs {
                heat_w: loss_w - internal_gain_w,
                loss_w,
                gain_w: internal_gain_w,
                room_c,
                mass_flow_kg_s: building.design_flow_kg_s,
                return_c: at.return_c,
            };
            House { building, internal_gain_w, state, out }
        };
        let (houses, members) = by_kind(&buildings);
        let mut state = system.start(at.supply_c, outdoor_c);
        state.return_c = at.return_c;
        let inputs = SystemInputs { user_return_c: at.return_c, flow_share: 1.0 };
        let here =
            StationInputs { primary_inlet_c: primary_supply_c, outdoor_c, ambient_c: STATION_ROOM_C, time_s: 0.0 };
        state.opening = system.opening_for(&here, &inputs, at.supply_c, at.return_c);
        Zone {
            system,
            state,
            inputs,
            houses: houses.into_iter().map(house).collect(),
            members,
            decided_for: [f64::NAN; 4],
            target: 0.0,
            wanted_c: at.supply_c,
            back_c: at.return_c,
            opening_end: state.opening,
            asked_kg_s: 0.0,
            waiting_s: 0.0,
            supply_c_s: 0.0,
            supply_c: at.supply_c,
            electricity_w: 0.0,
            booster_w: 0.0,
            make_up_kg_s: 0.0,
        }
    }

    /// What the controller does in the coming step; gives the flow it asks for.
    fn decide(&mut self, at: &StationInputs, shut: bool, step_s: f64) -> f64 {
        let (wanted_c, back_c) = self.system.wish_c(&self.state, at, &self.inputs, step_s);
        let now = [wanted_c, at.primary_inlet_c, back_c, self.inputs.flow_share];
        // Not near a NaN either: nothing has been decided yet.
        let near = now.iter().zip(&self.decided_for).zip(DECISION).all(|((a, b), most)| (a - b).abs() <= most);
        if self.system.set_point.held == HeldTemperature::Nothing {
            (self.wanted_c, self.back_c, self.opening_end) = (wanted_c, back_c, 1.0);
            self.asked_kg_s = if shut { 0.0 } else { UNREGULATED * self.system.full_primary_kg_s };
            return self.asked_kg_s;
        }
        if shut {
            // Decided anew when it opens.
            (self.target, self.decided_for) = (0.0, [f64::NAN; 4]);
        } else if !near {
            self.target = self.system.opening_for(at, &self.inputs, wanted_c, back_c);
            self.decided_for = now;
        }
        let travel = self.system.actuator.travel(self.state.opening, self.target, step_s);
        (self.wanted_c, self.back_c, self.opening_end) = (wanted_c, back_c, travel.end);
        self.asked_kg_s = if shut { 0.0 } else { travel.mean * self.system.full_primary_kg_s };
        self.asked_kg_s
    }

    /// Goes on with the primary flow that came.
    fn settle(&mut self, now: &Moment, at: &StationInputs, primary_kg_s: f64) {
        let out = self.system.step_planned(
            &mut self.state,
            at,
            &self.inputs,
            primary_kg_s,
            self.wanted_c,
            self.opening_end,
            now.step_s,
        );
        (self.supply_c, self.electricity_w) = (out.supply_c, out.electricity_w + out.pump_w);
        (self.booster_w, self.make_up_kg_s) = (out.electricity_w, out.make_up_kg_s);
        self.waiting_s += now.step_s;
        self.supply_c_s += now.step_s * out.supply_c;
        if self.waiting_s >= BUILDING_STEP_S * (1.0 - 1e-9) {
            self.heat_the_buildings(now);
            (self.waiting_s, self.supply_c_s) = (0.0, 0.0);
        }
    }

    fn heat_the_buildings(&mut self, now: &Moment) {
        let set_point = &self.system.set_point;
        let (mut flow, mut sum, mut design) = (0.0, 0.0, 0.0);
        for house in &mut self.houses {
            let inputs = BuildingInputs {
                supply_c: self.supply_c_s / self.waiting_s,
                offered_flow_kg_s: house.building.design_flow_kg_s,
                outdoor_c: now.weather.temperature_c,
                wind_m_s: now.weather.wind_m_s,
                solar_w_m2: now.weather.solar_w_m2,
                internal_gain_w: house.internal_gain_w,
                set_point_c: match house.building.control {
                    BuildingControl::Entrance(control) => {
                        set_point.entrance_c(control.quantity, now.weather.temperature_c)
                    }
                    // Not looked at.
                    BuildingControl::None | BuildingControl::Thermostat(_) => set_point.curve.room_c,
                },
            };
            house.out = house.building.step(&mut house.state, &inputs, self.waiting_s);
            flow += house.out.mass_flow_kg_s;
            sum += house.out.mass_flow_kg_s * house.out.return_c;
            design += house.building.design_flow_kg_s;
        }
        if flow > 0.0 {
            self.inputs.user_return_c = sum / flow;
        }
        self.inputs.flow_share = if design > 0.0 { flow / design } else { 1.0 };
    }
}

impl Consumer for HeatedStation {
    fn wanted_flow_kg_s(&mut self, now: &Moment, before: &Passed) -> f64 {
        let at = station_inputs(now, before.inlet_c);
        let shut = self.shut;
        self.zones.iter_mut().map(|zone| zone.decide(&at, shut, now.step_s)).sum()
    }

    fn slack_kg_s(&self) -> f64 {
        let zone = |zone: &Zone| zone.system.actuator.dead_band * zone.system.full_primary_kg_s;
        SLACK * self.zones.iter().map(zone).sum::<f64>()
    }

    fn return_c(&self, now: &Moment, inlet_c: f64, mass_flow_kg_s: f64) -> f64 {
        let at = station_inputs(now, inlet_c);
        let (mut flow, mut sum) = (0.0, 0.0);
        for zone in &self.zones {
            let own = self.share_kg_s(zone, mass_flow_kg_s);
            let out = zone.system.converted(&at, &zone.inputs, own, zone.wanted_c, zone.back_c);
            flow += own;
            sum += own * out.primary_outlet_c;
        }
        if flow > 0.0 { sum / flow } else { inlet_c }
    }

    fn settle(&mut self, now: &Moment, passed: &Passed) {
        let at = station_inputs(now, passed.inlet_c);
        for row in 0..self.zones.len() {
            let own = self.share_kg_s(&self.zones[row], passed.mass_flow_kg_s.max(0.0));
            self.zones[row].settle(now, &at, own);
            self.electricity_j += self.zones[row].electricity_w * now.step_s;
            self.booster_electricity_j += self.zones[row].booster_w * now.step_s;
            self.make_up_kg += self.zones[row].make_up_kg_s * now.step_s;
        }
        self.instant = StationInstant {
            outdoor_c: now.weather.temperature_c,
            primary_flow_kg_s: passed.mass_flow_kg_s,
            wanted_flow_kg_s: self.zones.iter().map(|zone| zone.asked_kg_s).sum(),
            primary_supply_c: passed.inlet_c,
            primary_return_c: passed.outlet_c,
            available_pressure_pa: passed.pressure_difference_pa,
            ..self.instant
        };
        let stepped = self.zones.iter().any(|zone| zone.waiting_s == 0.0);
        self.record(stepped);
    }

    fn recorded(&self) -> &[f32] {
        &self.recorded
    }

    fn recorded_names(&self) -> &[&'static str] {
        &self.names
    }

    fn electricity_j(&self) -> f64 {
        self.electricity_j
    }

    fn set_shut(&mut self, shut: bool) {
        self.shut = shut;
    }

    fn station(&self) -> Option<&HeatedStation> {
        Some(self)
    }

    fn boxed_clone(&self) -> Box<dyn Consumer> {
        Box::new(self.clone())
    }
}
