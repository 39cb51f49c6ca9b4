//! What is wrong with a network by its structure alone: what a solver has to refuse, and whom it has to name.
//!
//! Four ways to be ill-posed, each found without solving anything: nothing gives a pressure; a part of the network has
//! no way to a given pressure and asks for water; given pressure differences contradict each other round a ring; given
//! flows have no way past one-way elements and limits (a maximum flow from all that feeds to all that draws, with the
//! given pressures as unlimited exchange: by the theorem of Gale and Hoffman the flows can be balanced if and only if
//! everything is saturated). Controllers that sense pressures may be open or shut: where that decides, both verdicts
//! stand.

use super::element::{Rule, rule};
use super::flow::FlowNetwork;
use crate::network::{Boundary, Code, ElementRef, LinkKind, Network, SourceControl};

/// Pressures closer than this agree.
const EQUAL_PA: f64 = 1.0;

/// Something a solver must find: one of the codes at one of the elements.
#[derive(Clone, Debug)]
pub struct Expectation {
    pub codes: &'static [Code],
    pub elements: Vec<ElementRef>,
}

/// What is to be said about a network.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Each forbids a solution.
    pub errors: Vec<Expectation>,
    /// Whether the position of controllers decides if given flows can be balanced.
    pub undecided: bool,
}

/// The part of each link in the structure.
struct Tie {
    from: usize,
    to: usize,
    low: f64,
    high: f64,
    /// Given flow instead of limits.
    given: Option<f64>,
    throttle: bool,
    rise: Option<f64>,
    element: ElementRef,
    driver: bool,
    asks: bool,
}

/// Classifies a network whose numbers are all sound.
pub fn expected(network: &Network) -> Expected {
    let mut out = Expected::default();
    let ground = network.node_bound();
    let ties = ties(network);
    let mut fixed: Vec<(usize, f64, ElementRef)> = Vec::new();
    let mut limited: Vec<(usize, f64, ElementRef)> = Vec::new();
    for (handle, _, node) in network.nodes() {
        let element = network.node_ref(handle);
        match node.boundary.as_deref() {
            Some(Boundary::MakeUp { capacity_kg_s: Some(capacity), .. }) => {
                limited.push((handle.index(), *capacity, element));
            }
            Some(Boundary::MakeUp { pressure_pa, .. }) => fixed.push((handle.index(), *pressure_pa, element)),
            // Open water: its pressure never contradicts anything here, the generator puts none at a source.
            Some(_) => fixed.push((handle.index(), f64::NAN, element)),
            None => {}
        }
    }
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        if let SourceControl::Reference { return_pressure_pa: pressure_pa, .. }
        | SourceControl::WorstPoint { return_pressure_pa: Some(pressure_pa), .. } = source.control
        {
            fixed.push((view.from.index(), pressure_pa, view.element()));
        }
    }
    if fixed.is_empty() && limited.is_empty() {
        out.errors.push(Expectation { codes: &[Code::NoPressureReference], elements: vec![ElementRef::network()] });
    }
    contradictions(network, &ties, &fixed, &mut out);
    let mut parts = Parts::new(ground + 1);
    for (node, _, _) in fixed.iter().chain(&limited) {
        parts.join(*node, ground);
    }
    for tie in ties.iter().filter(|tie| tie.given.is_none() && (tie.low < 0.0 || tie.high > 0.0)) {
        parts.join(tie.from, tie.to);
    }
    islands(network, &ties, &mut parts, ground, &mut out);
    balance(network, &ties, &fixed, &limited, &mut parts, ground, &mut out);
    out
}

fn ties(network: &Network) -> Vec<Tie> {
    let mut ties = Vec::new();
    for view in network.links() {
        // Densities do not matter for limits.
        let Some(rule) = rule(network, &view, 1000.0, 1e-3) else { continue };
        let mut tie = Tie {
            from: view.from.index(),
            to: view.to.index(),
            low: 0.0,
            high: 0.0,
            given: None,
            throttle: false,
            rise: None,
            element: view.element(),
            driver: false,
            asks: view.consumer().is_some_and(super::asks),
        };
        let running = !matches!(rule, Rule::Closed);
        tie.driver = running && matches!(view.link.kind, LinkKind::Source(_) | LinkKind::Pump(_));
        match rule {
            Rule::Closed => {}
            Rule::Law { low_kg_s, high_kg_s, .. } => {
                (tie.low, tie.high) = (low_kg_s, if high_kg_s.is_nan() { f64::INFINITY } else { high_kg_s });
            }
            Rule::Throttle { .. } => (tie.high, tie.throttle) = (f64::INFINITY, true),
            Rule::Flow(given) => tie.given = Some(given),
            Rule::Rise(rise) => (tie.low, tie.high, tie.rise) = (f64::NEG_INFINITY, f64::INFINITY, Some(rise)),
            Rule::SupplyPressure(_) | Rule::WorstPoint(_) => (tie.low, tie.high) = (f64::NEG_INFINITY, f64::INFINITY),
        }
        ties.push(tie);
    }
    ties
}

/// Disjoint sets with an offset to the root.
struct Parts {
    parent: Vec<usize>,
    above: Vec<f64>,
}

impl Parts {
    fn new(count: usize) -> Parts {
        Parts { parent: (0..count).collect(), above: vec![0.0; count] }
    }

    fn root(&self, mut node: usize) -> (usize, f64) {
        let mut above = 0.0;
        while self.parent[node] != node {
            above += self.above[node];
            node = self.parent[node];
        }
        (node, above)
    }

    fn join(&mut self, a: usize, b: usize) {
        self.join_with(a, b, 0.0);
    }

    /// value(b) = value(a) + rise. Where both are joined already: the contradiction.
    fn join_with(&mut self, a: usize, b: usize, rise: f64) -> Option<f64> {
        let ((root_a, above_a), (root_b, above_b)) = (self.root(a), self.root(b));
        if root_a == root_b {
            return Some(above_b - above_a - rise);
        }
        self.parent[root_b] = root_a;
        self.above[root_b] = above_a + rise - above_b;
        None
    }
}

/// Rings of given differences that do not add up, and values that are held where something else gives them.
fn contradictions(network: &Network, ties: &[Tie], fixed: &[(usize, f64, ElementRef)], out: &mut Expected) {
    let ground = network.node_bound();
    let mut rigid = Parts::new(ground + 1);
    let mut clash: Vec<usize> = Vec::new();
    for (node, pressure_pa, _) in fixed {
        if rigid.join_with(ground, *node, *pressure_pa).is_some_and(|error| error.abs() > EQUAL_PA) {
            clash.push(*node);
        }
    }
    for tie in ties {
        if let Some(rise) = tie.rise
            && rigid.join_with(tie.from, tie.to, rise).is_some_and(|error| error.abs() > EQUAL_PA)
        {
            clash.push(tie.from);
        }
    }
    // What holds the difference of its ends, at whatever value. A source beside it changes no pressure: what it moves flows
    // back through the other.
    let mut tied = Parts::new(ground + 1);
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        if !matches!(source.control, SourceControl::MassFlow { .. } | SourceControl::SupplyPressure { .. }) {
            tied.join(view.from.index(), view.to.index());
        }
    }
    // Without anybody who draws water there is no worst point, and two sources that hold it do not disagree.
    let asked = network.links().any(|view| view.consumer().is_some_and(super::asks));
    // A rise that is to follow the worst point, or a supply pressure to be held, between nodes whose difference is given.
    let mut held: Vec<(usize, f64, ElementRef)> = Vec::new();
    let mut worst: Option<(f64, ElementRef)> = None;
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        let (from, to) = (view.from.index(), view.to.index());
        let wanted = match source.control {
            SourceControl::WorstPoint { available_pressure_pa, .. } => {
                match &worst {
                    Some((other, element)) if asked && (other - available_pressure_pa).abs() > EQUAL_PA => {
                        out.errors.push(Expectation {
                            codes: &[Code::SetValueNotHeld],
                            elements: vec![element.clone(), view.element()],
                        });
                    }
                    _ => worst = Some((available_pressure_pa, view.element())),
                }
                rigid.root(from).0 == rigid.root(to).0
            }
            SourceControl::SupplyPressure { supply_pressure_pa } => {
                // Given anyway, or as far above the pressure before it as something else holds it.
                let given = rigid.root(to).0 == rigid.root(ground).0 || tied.root(to).0 == tied.root(from).0;
                let (root, above) = rigid.root(to);
                let twin = held
                    .iter()
                    .find(|(other, set, _)| *other == root && (set + above - supply_pressure_pa).abs() > EQUAL_PA);
                if let Some((_, _, element)) = twin {
                    out.errors.push(Expectation {
                        codes: &[Code::ContradictoryReferences, Code::SetValueNotHeld],
                        elements: vec![element.clone(), view.element()],
                    });
                }
                held.push((root, supply_pressure_pa - above, view.element()));
                given
            }
            _ => false,
        };
        if wanted {
            out.errors.push(Expectation {
                codes: &[Code::ContradictoryReferences, Code::SetValueNotHeld],
                elements: vec![view.element()],
            });
        }
    }
    for node in clash {
        let root = rigid.root(node).0;
        let fixers = fixed.iter().filter(|(node, _, _)| rigid.root(*node).0 == root).map(|fixer| fixer.2.clone());
        let sources = ties.iter().filter(|tie| tie.rise.is_some() && rigid.root(tie.from).0 == root);
        let elements = fixers.chain(sources.map(|tie| tie.element.clone())).collect();
        out.errors.push(Expectation { codes: &[Code::ContradictoryReferences], elements });
    }
}

/// Parts without a way to a given pressure that ask for water or drive it.
fn islands(network: &Network, ties: &[Tie], parts: &mut Parts, ground: usize, out: &mut Expected) {
    let grounded = parts.root(ground).0;
    let mut roots: Vec<usize> = network.nodes().map(|(node, _, _)| parts.root(node.index()).0).collect();
    roots.sort_unstable();
    roots.dedup();
    for root in roots.into_iter().filter(|&root| root != grounded) {
        let inside = |node: usize| parts.root(node).0 == root;
        let mut named: Vec<ElementRef> = Vec::new();
        let (mut drives, mut asks, mut closed) = (false, false, false);
        for (handle, _, node) in network.nodes().filter(|(node, _, _)| inside(node.index())) {
            named.push(network.node_ref(handle));
            if node.demand_kg_s != 0.0 {
                out.errors
                    .push(Expectation { codes: &[Code::DemandUnserved], elements: vec![network.node_ref(handle)] });
            }
        }
        for tie in ties.iter().filter(|tie| inside(tie.from) || inside(tie.to)) {
            let shut = tie.given.is_none() && tie.low == 0.0 && tie.high == 0.0;
            closed |= shut && inside(tie.from) != inside(tie.to);
            drives |= tie.driver;
            asks |= tie.asks || tie.given.is_some();
            named.push(tie.element.clone());
        }
        if drives || asks && !closed {
            out.errors.push(Expectation { codes: &[Code::Island, Code::NoPressureReference], elements: named });
        }
    }
}

/// Given flows that have no way.
fn balance(
    network: &Network,
    ties: &[Tie],
    fixed: &[(usize, f64, ElementRef)],
    limited: &[(usize, f64, ElementRef)],
    parts: &mut Parts,
    ground: usize,
    out: &mut Expected,
) {
    let grounded = parts.root(ground).0;
    // (node, flow entering there, whom to name)
    let mut given: Vec<(usize, f64, ElementRef)> = Vec::new();
    for (handle, _, node) in network.nodes().filter(|(_, _, node)| node.demand_kg_s != 0.0) {
        given.push((handle.index(), -node.demand_kg_s, network.node_ref(handle)));
    }
    for tie in ties {
        if let Some(flow) = tie.given {
            given.push((tie.from, -flow, tie.element.clone()));
            given.push((tie.to, flow, tie.element.clone()));
        }
    }
    // What is adrift is refused already.
    given.retain(|(node, flow, _)| parts.root(*node).0 == grounded && *flow != 0.0);
    if given.is_empty() {
        return;
    }
    let fed: f64 = given.iter().map(|(_, flow, _)| flow.max(0.0)).sum();
    let drawn: f64 = given.iter().map(|(_, flow, _)| (-flow).max(0.0)).sum();
    let solve = |throttles_open: bool| {
        let (start, end) = (ground + 1, ground + 2);
        let mut flow = FlowNetwork::new(ground + 3);
        for tie in ties.iter().filter(|tie| tie.given.is_none()) {
            let high = if tie.throttle && !throttles_open { 0.0 } else { tie.high };
            flow.edge(tie.from, tie.to, high, -tie.low);
        }
        for (node, _, _) in fixed {
            flow.edge(ground, *node, f64::INFINITY, f64::INFINITY);
        }
        for (node, capacity, _) in limited {
            flow.edge(ground, *node, *capacity, f64::INFINITY);
        }
        for (node, amount, _) in &given {
            if *amount > 0.0 {
                flow.edge(start, *node, *amount, 0.0);
            } else {
                flow.edge(*node, end, -amount, 0.0);
            }
        }
        flow.edge(start, ground, drawn, 0.0);
        flow.edge(ground, end, fed, 0.0);
        let moved = flow.run(start, end);
        let missing = fed + drawn - moved;
        (missing > 1e-9 * (fed + drawn), flow.reached(start))
    };
    let (impossible, reached) = solve(true);
    if impossible {
        let stuck = given.iter().filter(|(node, flow, _)| reached[*node] == (*flow > 0.0));
        let elements = stuck.map(|one| one.2.clone()).chain(limited.iter().map(|one| one.2.clone())).collect();
        out.errors.push(Expectation { codes: &[Code::FlowNotBalanced], elements });
    } else if ties.iter().any(|tie| tie.throttle) && solve(false).0 {
        out.undecided = true;
    }
}
