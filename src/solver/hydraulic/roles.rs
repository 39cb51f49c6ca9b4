//! What part each link plays in the system of equations, decided once per solve.
//!
//! The roles, together with the ends of the links, are all that shapes the structure: as long as they stay the same, the
//! symbolic work of [`super::reduction`] is kept.

use super::super::problem::{Control, Element, Hold, Problem, PumpHold};

/// Part of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Passes nothing.
    Off,
    /// Two-way strictly rising law: may be eliminated as a leaf or inside a chain.
    Plain,
    /// Law with limits (check valve, pump, flow limiter, saturating consumer): a link of the core.
    Special,
    /// Holds a pressure somewhere by adjusting itself: a link of the core with one unknown of its own.
    Controller,
    /// Fixed pressure difference at any flow: its ends are contracted to one node.
    Rigid,
    /// Fixed flow: known injections at its ends.
    Injected,
}

/// Roles of all links of the problem, then of its make-ups with limited capacity, each a link from the ground to its
/// node, then of its holes, each a link to the ground.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    pub roles: Vec<Role>,
    pub from: Vec<u32>,
    pub to: Vec<u32>,
    /// Nodes that must stay nodes of the core because a controller senses their pressure; rising.
    pub kept: Vec<u32>,
    /// Nodes with a pressure given from outside without limit; rising.
    pub fixed: Vec<u32>,
    /// Boundary rows behind the links beyond those of the problem.
    pub limited: Vec<u32>,
    /// The first of the links behind those of make-ups: one for each hole, from its node to the ground.
    pub first_leak: u32,
}

impl Roles {
    /// `freed` tells by consumer row which consumers follow their saturating law instead of a fixed flow, `follow` whether
    /// sources that hold the worst consumer's pressure are controllers instead of given rises. The ends of
    /// links beyond those of the problem only; [`Self::take_ends`] adds the rest.
    pub fn assign(&mut self, problem: &Problem, freed: &[bool], follow: bool) {
        let ground = problem.node_count() as u32;
        let Roles { roles, from, to, kept, fixed, limited, first_leak } = self;
        roles.clear();
        kept.clear();
        fixed.clear();
        limited.clear();
        roles.extend(problem.elements.iter().map(|element| match *element {
            Element::Closed => Role::Off,
            Element::Plain(_) => Role::Plain,
            Element::Valve(row) => match problem.valves[row as usize].control {
                Control::Check
                | Control::FlowLimit { .. }
                | Control::PressureBreaking { .. }
                | Control::Overflow { .. } => Role::Special,
                Control::PressureReducing { .. }
                | Control::PressureSustaining { .. }
                | Control::DifferentialPressure { .. } => Role::Controller,
            },
            Element::Pump(row) => match problem.pumps[row as usize].hold {
                PumpHold::DifferentialPressure { .. } => Role::Controller,
                PumpHold::Speed | PumpHold::MassFlow(_) | PumpHold::Rise(_) | PumpHold::Source => Role::Special,
            },
            Element::Source(row) => match problem.sources[row as usize].hold {
                Hold::WorstPoint { .. } if follow => Role::Controller,
                Hold::Rise(_) | Hold::WorstPoint { .. } => Role::Rigid,
                Hold::MassFlow(_) => Role::Injected,
                Hold::Speed(_) => Role::Special,
                Hold::SupplyPressure(_) => Role::Controller,
            },
            Element::Consumer(row) => {
                if freed[row as usize] || problem.consumers[row as usize].by_hand {
                    Role::Special
                } else {
                    Role::Injected
                }
            }
        }));
        from.clear();
        to.clear();
        for (link, role) in roles.iter().enumerate() {
            if *role == Role::Controller {
                kept.extend([problem.from[link], problem.to[link]]);
                match problem.elements[link] {
                    Element::Valve(row) => {
                        if let Control::DifferentialPressure { high, low, .. } = problem.valves[row as usize].control {
                            kept.extend([high, low]);
                        }
                    }
                    Element::Pump(row) => {
                        if let PumpHold::DifferentialPressure { high, low, .. } = problem.pumps[row as usize].hold {
                            kept.extend([high, low]);
                        }
                    }
                    Element::Source(row) => {
                        if let Hold::WorstPoint { consumer: Some(row), .. } = problem.sources[row as usize].hold {
                            let consumer = problem.consumers[row as usize].link as usize;
                            kept.extend([problem.from[consumer], problem.to[consumer]]);
                        }
                    }
                    _ => {}
                }
            }
        }
        for (row, boundary) in problem.boundaries.iter().enumerate() {
            if boundary.capacity_kg_s.is_finite() {
                roles.push(Role::Special);
                from.push(ground);
                to.push(boundary.node);
                limited.push(row as u32);
            } else {
                fixed.push(boundary.node);
            }
        }
        *first_leak = roles.len() as u32;
        for leak in &problem.leaks {
            roles.push(Role::Special);
            from.push(leak.node);
            to.push(ground);
        }
        for source in &problem.sources {
            if source.return_pressure_pa.is_some() {
                fixed.push(problem.from[source.link as usize]);
            }
        }
        for list in [kept, fixed] {
            list.sort_unstable();
            list.dedup();
        }
    }

    /// Whether freshly assigned roles have the ends of these.
    pub fn has_ends_of(&self, problem: &Problem, assigned: &Roles) -> bool {
        let links = problem.link_count();
        let same = |own: &[u32], given: &[u32], beyond: &[u32]| {
            own.len() == given.len() + beyond.len() && own[..links] == *given && own[links..] == *beyond
        };
        same(&self.from, &problem.from, &assigned.from) && same(&self.to, &problem.to, &assigned.to)
    }

    /// Whether freshly assigned roles are these, ends aside.
    pub fn has_roles_of(&self, assigned: &Roles) -> bool {
        self.roles == assigned.roles
            && self.kept == assigned.kept
            && self.fixed == assigned.fixed
            && self.limited == assigned.limited
    }

    /// Takes the ends of others, which are equal.
    pub fn exchange_ends(&mut self, other: &mut Roles) {
        std::mem::swap(&mut self.from, &mut other.from);
        std::mem::swap(&mut self.to, &mut other.to);
    }

    /// Completes freshly assigned roles by the ends of the problem's links.
    pub fn take_ends(&mut self, problem: &Problem) {
        self.from.splice(0..0, problem.from.iter().copied());
        self.to.splice(0..0, problem.to.iter().copied());
    }
}
