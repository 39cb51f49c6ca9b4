//! Core links with corners: limited laws and controllers, and the branch (*regime*) of its law each one is on.
//!
//! A law with vertical branches is never evaluated on them: there the flow is *pinned* to the limit and the link gets a
//! vanishing conductance, so that the matrix stays regular even where pinned links cut a zone off. Between Newton steps
//! the regime follows from the new flow and the new pressure difference (primal–dual active set): past a limit → pinned;
//! pinned, but the difference asks for flow on the other side → free again.

use super::super::problem::{Control, Element, Hold, Problem, PumpHold, ValveRow};
use super::laws::{Limited, SMALL_SLOPE_PA_S_KG};
use super::roles::Role;
use super::structure::Structure;
use crate::physics::friction::PressureDrop;

/// Droop of controllers, Pa per kg/s: 1 Pa at 1 t/s. Real regulators have much more; without any, two regulators holding
/// the same pressure would share the flow in no defined way.
pub const DROOP_PA_S_KG: f64 = 1e-3;

/// Droop of all controllers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Droop {
    /// [`DROOP_PA_S_KG`].
    #[default]
    Exact,
    /// More, on the way to a solution.
    Soft(f64),
}

impl Droop {
    pub fn pa_s_kg(self) -> f64 {
        match self {
            Droop::Exact => DROOP_PA_S_KG,
            Droop::Soft(slope) => slope.max(DROOP_PA_S_KG),
        }
    }
}

/// Walls that stand for vertical branches: what it costs to pass a limit by the width between both limits, or by the
/// largest flow where that is less.
#[derive(Clone, Copy, Debug)]
pub struct Walls {
    pub height_pa: f64,
    pub scale_kg_s: f64,
}

impl Walls {
    fn slope_pa_s_kg(self, law: &Limited) -> f64 {
        let width = (law.high_kg_s - law.low_kg_s).clamp(1e-9 * self.scale_kg_s, self.scale_kg_s);
        self.height_pa / width
    }
}

/// Changes of regime a controller may make in one solve.
const MOST_CHANGES: u32 = 12;

/// Set values missed by less than this are held.
const NOT_HELD_PA: f64 = 1e-2;

/// Error of corners in a finished state, Pa, and of laws relative to their own loss.
const CORNER_PA: f64 = 2e-3;
const LAW_DIGITS: f64 = 4e-9;

/// Drop at the typical flow that every special is given at least for the first step.
const BEGIN_DROP_PA: f64 = 1e4;

/// Branch of the law a special link is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// Follows its law (a controller: fully open).
    Free,
    /// Flow at the lowest limit (a controller: shut).
    Low,
    /// Flow at the highest limit.
    High,
    /// A controller that holds its set value.
    Active,
}

/// Link that holds a pressure or a difference of pressures.
#[derive(Clone, Copy, Debug)]
pub struct Controller {
    /// Law when fully open, or of a pump at its greatest speed; `None`: a source that can raise any pressure.
    open: Option<Limited>,
    pub set_pa: f64,
    /// Nodes whose pressures are counted with plus and minus.
    pub plus: u32,
    pub minus: Option<u32>,
    /// Whether more flow raises (+1) or lowers (−1) what it senses.
    pub sense: f64,
}

/// Droop of sources that hold a difference, Pa per kg/s: enough to share flow between several.
const SOURCE_DROOP_PA_S_KG: f64 = 1e-6;

impl Controller {
    /// Its droop, where that of all is this.
    pub fn droop_pa_s_kg(&self, droop: Droop) -> f64 {
        match droop {
            Droop::Exact if self.open.is_none() && self.minus.is_some() => SOURCE_DROOP_PA_S_KG,
            droop => droop.pa_s_kg(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Limited(Limited),
    Controller(Controller),
}

/// A special link of the core with its regime.
#[derive(Clone, Copy, Debug)]
pub struct Special {
    kind: Kind,
    pub regime: Regime,
    /// Changes of regime in this solve.
    pub changes: u32,
    /// A controller that stands open because it found no rest.
    given_up: bool,
}

/// Flows and pressures smaller than these count as on the corner.
#[derive(Clone, Copy, Debug)]
pub struct Corner {
    pub flow_kg_s: f64,
    pub pressure_pa: f64,
    /// Whether the flows are near enough to a solution for what controllers sense to mean anything.
    pub calm: bool,
}

/// Where a special link has come to rest, and what counts as nothing there.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub flow_kg_s: f64,
    pub difference_pa: f64,
    pub sensed_pa: f64,
    pub least_kg_s: f64,
    pub allowed_pa: f64,
    /// Largest flow, whose digits all flows have.
    pub scale_kg_s: f64,
}

impl Special {
    pub fn new(problem: &Problem, structure: &Structure, link: usize) -> Special {
        let kind = kind(problem, structure, link);
        let regime = match &kind {
            Kind::Controller(Controller { open: None, .. }) => Regime::Active,
            _ => Regime::Free,
        };
        Special { kind, regime, changes: 0, given_up: false }
    }

    /// New numbers for the same link; the regime stays.
    pub fn refresh(&mut self, problem: &Problem, structure: &Structure, link: usize) {
        self.kind = kind(problem, structure, link);
        self.changes = 0;
    }

    pub fn controller(&self) -> Option<&Controller> {
        match &self.kind {
            Kind::Controller(controller) => Some(controller),
            Kind::Limited(_) => None,
        }
    }

    /// Has a controller sense the difference of these nodes from now on.
    pub fn sense(&mut self, high: u32, low: u32) {
        if let Kind::Controller(controller) = &mut self.kind {
            (controller.plus, controller.minus) = (high, Some(low));
        }
    }

    /// Flow it is pinned to, if it is.
    pub fn pinned(&self) -> Option<f64> {
        match (&self.kind, self.regime) {
            (_, Regime::Free | Regime::Active) => None,
            (Kind::Limited(law), Regime::Low) => Some(law.low_kg_s),
            (Kind::Limited(law), Regime::High) => Some(law.high_kg_s),
            (Kind::Controller(_), _) => Some(0.0),
        }
    }

    /// Least and greatest flow it may have.
    pub fn limits_kg_s(&self) -> [f64; 2] {
        match &self.kind {
            Kind::Limited(law) => [law.low_kg_s, law.high_kg_s],
            Kind::Controller(Controller { open: Some(_), .. }) => [0.0, f64::INFINITY],
            Kind::Controller(_) => [f64::NEG_INFINITY, f64::INFINITY],
        }
    }

    /// Whether it is a controller that lets nothing through.
    pub fn stands_shut(&self) -> bool {
        self.controller().is_some() && self.regime == Regime::Low
    }

    /// Back to its law, as walls want it.
    pub fn release(&mut self) {
        if self.controller().is_none() {
            self.regime = Regime::Free;
        }
        self.changes = 0;
    }

    /// Whether it is a controller that can stand open.
    pub fn can_give_up(&self) -> bool {
        self.controller().is_some_and(|controller| controller.open.is_some())
    }

    /// Makes a controller stand open for the rest of the solve. Gives whether it is one that can.
    pub fn give_up(&mut self) -> bool {
        self.given_up = self.can_give_up();
        if self.given_up {
            self.regime = Regime::Free;
        }
        self.given_up
    }

    /// The controller it is, unless it stands open for good.
    pub fn acting(&self) -> Option<&Controller> {
        self.controller().filter(|_| !self.given_up)
    }

    /// A new solve begins.
    pub fn take_heart(&mut self) {
        self.given_up = false;
    }

    /// Whether it is a controller that passes more than its set value allows.
    pub fn fails_to_hold(&self, flow_kg_s: f64, sensed_pa: f64) -> bool {
        let Some(controller) = self.controller() else { return false };
        let wanted = controller.sense * (controller.set_pa - sensed_pa) - DROOP_PA_S_KG * flow_kg_s.abs();
        // A source that holds its supply pressure misses it on either side.
        let misses = wanted < -NOT_HELD_PA || controller.open.is_none() && wanted > NOT_HELD_PA;
        misses && (flow_kg_s > 0.0 || controller.open.is_none())
    }

    /// How far a point is beside the law: between the limits on it, at a limit on its far side; a controller holds,
    /// stands open, or is shut with too little pressure before it or nothing to want. `None`: on it. What a controller
    /// that stands open does not hold is said by [`Self::fails_to_hold`]. Regimes are not asked.
    pub fn beside_law_pa(&self, problem: &Problem, point: Point) -> Option<f64> {
        let Point { flow_kg_s: flow, difference_pa, sensed_pa, least_kg_s, allowed_pa, scale_kg_s } = point;
        let corner_pa = allowed_pa + CORNER_PA;
        let [low, high] = self.limits_kg_s();
        // What is no number is beside every law.
        let inside = flow >= low - least_kg_s && flow <= high + least_kg_s;
        if !inside || difference_pa.is_nan() {
            return Some(f64::INFINITY);
        }
        let beside = |law: &Limited, at_low: bool, at_high: bool| {
            let at = law.drop(problem, flow);
            let residual = difference_pa - at.drop_pa;
            let digits = 64.0 * f64::EPSILON * scale_kg_s * at.slope_pa_s_kg;
            let on_law = residual.abs() <= allowed_pa.max(LAW_DIGITS * at.drop_pa.abs()) + digits;
            let on_limit = at_low && residual <= corner_pa || at_high && residual >= -corner_pa;
            (!on_law && !on_limit).then_some(residual.abs())
        };
        match &self.kind {
            Kind::Limited(law) => beside(law, flow <= low + least_kg_s, flow >= high - least_kg_s),
            Kind::Controller(controller) => {
                // Whether a source holds its supply pressure is said elsewhere.
                let law = controller.open.as_ref()?;
                let wanted = controller.sense * (controller.set_pa - sensed_pa);
                let held_pa = DROOP_PA_S_KG * flow.abs() + corner_pa;
                let still = flow <= least_kg_s;
                // Of a node without pressure nothing can be asked.
                let throttles = sensed_pa.is_nan() || wanted.abs() <= held_pa;
                if still && wanted <= held_pa {
                    return None;
                }
                beside(law, still, throttles)
            }
        }
    }

    /// Whether its flow stands at the highest limit.
    pub fn at_high(&self) -> bool {
        self.regime == Regime::High
    }

    /// Law at a flow. `soft`: slope of the walls that replace the vertical branches, where the regimes have been seen to
    /// cycle.
    pub fn law(&self, problem: &Problem, flow_kg_s: f64, soft: Option<Walls>) -> PressureDrop {
        match &self.kind {
            Kind::Limited(law) => {
                let Some(walls) = soft else { return law.drop(problem, flow_kg_s) };
                let wall = walls.slope_pa_s_kg(law);
                let inside = flow_kg_s.clamp(law.low_kg_s, law.high_kg_s);
                let at = law.drop(problem, inside);
                let beyond = flow_kg_s - inside;
                if beyond == 0.0 {
                    return at;
                }
                PressureDrop { drop_pa: at.drop_pa + wall * beyond, slope_pa_s_kg: wall }
            }
            Kind::Controller(controller) => match &controller.open {
                // Shut, with a wall instead of nothing at all: what lies behind keeps a pressure.
                Some(law) if self.regime == Regime::Low && soft.is_some() => {
                    let wall = soft.map_or(0.0, |walls| walls.height_pa / walls.scale_kg_s);
                    let at_rest_pa = law.drop(problem, 0.0).drop_pa;
                    PressureDrop { drop_pa: at_rest_pa + wall * flow_kg_s, slope_pa_s_kg: wall }
                }
                Some(law) => law.drop(problem, flow_kg_s),
                None => PressureDrop { drop_pa: 0.0, slope_pa_s_kg: 1.0 },
            },
        }
    }

    /// Typical flow, and drop at rest and slope of the straight line that stands for the law in the first step.
    pub fn begin(&mut self, problem: &Problem) -> (f64, f64, f64) {
        let typical = match &self.kind {
            Kind::Limited(law) => {
                self.regime = Regime::Free;
                law.typical_flow_kg_s(problem)
            }
            Kind::Controller(Controller { open: Some(law), .. }) => {
                self.regime = Regime::Free;
                law.typical_flow_kg_s(problem)
            }
            Kind::Controller(_) => 0.0,
        };
        let at_rest = self.law(problem, 0.0, None).drop_pa;
        let chord = (self.law(problem, typical, None).drop_pa - at_rest) / typical;
        // Flat laws (held differences, next to no resistance) would send the first flows anywhere.
        let steep_enough = BEGIN_DROP_PA / typical.abs().max(1e-3);
        (typical, at_rest, if chord.is_finite() { chord.max(steep_enough) } else { steep_enough })
    }

    /// Regime that goes with a flow known from an earlier solution.
    pub fn resume(&mut self, flow_kg_s: f64) {
        if let Kind::Limited(law) = &self.kind {
            self.regime = if flow_kg_s >= law.high_kg_s {
                Regime::High
            } else if flow_kg_s <= law.low_kg_s {
                Regime::Low
            } else {
                Regime::Free
            };
        }
    }

    /// Takes the regime that belongs to a flow (in soft mode, beyond the limits by a little), pressure difference and sensed
    /// value. Gives whether it changed.
    pub fn update(
        &mut self,
        problem: &Problem,
        flow: f64,
        difference_pa: f64,
        sensed_pa: f64,
        droop_pa_s_kg: f64,
        corner: Corner,
    ) -> bool {
        let next = match &self.kind {
            Kind::Limited(law) => match self.regime {
                Regime::Free if flow < law.low_kg_s - corner.flow_kg_s => Regime::Low,
                Regime::Free if flow > law.high_kg_s + corner.flow_kg_s => Regime::High,
                Regime::Low if difference_pa > law.drop(problem, law.low_kg_s).drop_pa + corner.pressure_pa => {
                    Regime::Free
                }
                Regime::High if difference_pa < law.drop(problem, law.high_kg_s).drop_pa - corner.pressure_pa => {
                    Regime::Free
                }
                same => same,
            },
            Kind::Controller(controller) => {
                let Some(open) = &controller.open else { return false };
                // Positive: more flow is needed to come to the set value; and more than it has.
                let wanted = controller.sense * (controller.set_pa - sensed_pa);
                let spare = wanted - droop_pa_s_kg * flow.max(0.0);
                let lost_pa = |flow| open.drop(problem, flow).drop_pa;
                let tired = self.changes >= MOST_CHANGES && droop_pa_s_kg == DROOP_PA_S_KG;
                match self.regime {
                    Regime::Free | Regime::Active if flow < -corner.flow_kg_s => Regime::Low,
                    Regime::Low if self.given_up && difference_pa > lost_pa(0.0) + corner.pressure_pa => Regime::Free,
                    same if !corner.calm || self.given_up => same,
                    // It has tried often enough: what it senses does not follow it. It stays open.
                    Regime::Free if tired => Regime::Free,
                    // At rest it would throttle further: where nothing can flow, its flow never gets below nothing.
                    Regime::Active if flow <= corner.flow_kg_s && wanted < -corner.pressure_pa => Regime::Low,
                    // At rest with nothing to throttle, and it would like more: it stands open.
                    Regime::Active
                        if flow <= corner.flow_kg_s
                            && wanted > corner.pressure_pa
                            && difference_pa <= lost_pa(0.0) + corner.pressure_pa =>
                    {
                        Regime::Free
                    }
                    Regime::Active if difference_pa < lost_pa(flow) - corner.pressure_pa => Regime::Free,
                    Regime::Free if spare < -corner.pressure_pa => Regime::Active,
                    Regime::Low if wanted > corner.pressure_pa && difference_pa > lost_pa(0.0) + corner.pressure_pa => {
                        // The lesser of what the set value asks for and what the open valve lets through.
                        let asked = (wanted / droop_pa_s_kg).min(1e9);
                        if tired || difference_pa < lost_pa(asked) { Regime::Free } else { Regime::Active }
                    }
                    same => same,
                }
            }
        };
        let changed = next != self.regime;
        self.regime = next;
        self.changes += u32::from(changed);
        changed
    }
}

fn kind(problem: &Problem, structure: &Structure, link: usize) -> Kind {
    if link >= problem.link_count() {
        if let Some(leak) = structure.leak(problem, link) {
            let density_kg_m3 = problem.density_kg_m3[leak.link as usize];
            return Kind::Limited(Limited::leak(leak.effective_area_m2, density_kg_m3));
        }
        let row = structure.roles.limited[link - problem.link_count()] as usize;
        return Kind::Limited(Limited::make_up(problem.boundaries[row].capacity_kg_s));
    }
    if let Some(law) = Limited::new(problem, link) {
        return Kind::Limited(law);
    }
    debug_assert_eq!(structure.roles.roles[link], Role::Controller);
    let (from, to) = (problem.from[link], problem.to[link]);
    let mut controller = Controller { open: None, set_pa: 0.0, plus: to, minus: None, sense: 1.0 };
    match problem.elements[link] {
        Element::Valve(row) => {
            let ValveRow { resistance, control } = problem.valves[row as usize];
            controller.open = Some(Limited::open(problem, link, resistance));
            match control {
                Control::PressureReducing { set_pa } => controller.set_pa = set_pa,
                Control::PressureSustaining { set_pa } => {
                    controller = Controller { set_pa, plus: from, sense: -1.0, ..controller };
                }
                Control::DifferentialPressure { set_pa, high, low } => {
                    controller = Controller { set_pa, plus: high, minus: Some(low), ..controller };
                }
                // The other controls have limited laws.
                _ => {}
            }
        }
        Element::Pump(row) => {
            controller.open = Some(Limited::pump(problem, link, row));
            if let PumpHold::DifferentialPressure { set_pa, high, low } = problem.pumps[row as usize].hold {
                controller = Controller { set_pa, plus: high, minus: Some(low), ..controller };
            }
        }
        Element::Source(row) => {
            match problem.sources[row as usize].hold {
                Hold::SupplyPressure(set_pa) => controller.set_pa = set_pa,
                Hold::WorstPoint { available_pa, consumer } => {
                    // Whom it senses where it is to be the worst is said as soon as there are pressures.
                    let ends = consumer.map_or(link, |row| problem.consumers[row as usize].link as usize);
                    let [plus, minus] = match consumer {
                        Some(_) => [problem.from[ends], problem.to[ends]],
                        None => [to, from],
                    };
                    controller = Controller { set_pa: available_pa, plus, minus: Some(minus), ..controller };
                }
                _ => {}
            }
        }
        _ => {}
    }
    Kind::Controller(controller)
}

/// Slope that stands for "no law of its own" in the matrix: a controller's real flow is its own unknown, the conductance
/// only keeps the matrix regular.
pub const CONTROLLER_SLOPE_PA_S_KG: f64 = 1e3;

/// Smallest slope a link of the core may have in the matrix.
pub const SMALLEST_SLOPE_PA_S_KG: f64 = 1e-3 * SMALL_SLOPE_PA_S_KG;
