//! A session with panels before it, driven as a person would.

use std::sync::Arc;

use egui_kittest::Harness;
use hypocaust::network::{Consumer, ElementKind, ElementRef, Network, Node, Pipe, Pump, Side, Source, Valve};
use hypocaust::panels::{self, Layout, SceneInfo};
use hypocaust::session::{Command, Session, apply};
use hypocaust::solver::{ConsumerState, LinkState, NodeState, Report, Solution, Solver, SourceState};
use hypocaust::text::Language;

/// The session, and what the panels said in the last frame.
pub struct Desk {
    pub session: Session,
    /// Every command so far.
    pub log: Vec<Command>,
    pub layout: Option<Layout>,
}

/// Source – pipe – valve – pump – consumer and back; supply 100 °C.
pub fn network() -> Network {
    let mut network = Network::new();
    let mut settings = network.settings().clone();
    settings.title = "Test".to_owned();
    network.set_settings(settings);
    for (side, name, y) in [(Side::Supply, "S", 0.0), (Side::Return, "R", 2.0)] {
        for i in 0..5 {
            let x_m = 500.0 * f64::from(i);
            network
                .insert_node(format!("{name}{i}"), Node { x_m, y_m: y, z_m: 10.0, side, ..Node::default() })
                .unwrap();
        }
    }
    let pipe = || Pipe { length_m: 500.0, ..Pipe::default() };
    network.insert_link_between("H1", "R0", "S0", Source::default()).unwrap();
    network.insert_link_between("P1", "S0", "S1", pipe()).unwrap();
    network.insert_link_between("V1", "S1", "S2", Valve::default()).unwrap();
    network.insert_link_between("U1", "S2", "S3", Pump::default()).unwrap();
    network.insert_link_between("P2", "S3", "S4", pipe()).unwrap();
    network.insert_link_between("C1", "S4", "R4", Consumer::default()).unwrap();
    for i in (1..5).rev() {
        network
            .insert_link_between(format!("Q{i}"), format!("R{i}").as_str(), format!("R{}", i - 1).as_str(), pipe())
            .unwrap();
    }
    network
}

/// A solution made by hand: what panels show does not depend on a solver being right.
pub fn solution(network: &Network) -> Solution {
    let mut solution = Solution::unsolved(network, Vec::new());
    solution.converged = true;
    solution.report = Report { iterations: 5, ..Report::default() };
    for (id, _, node) in network.nodes() {
        let along = node.x_m / 2000.0;
        let supply = node.side == Side::Supply;
        solution.nodes[id.index()] = NodeState {
            pressure_pa: if supply { 800e3 - 100e3 * along } else { 400e3 + 100e3 * along },
            temperature_c: if supply { 100.0 } else { 50.0 },
        };
    }
    for view in network.links() {
        solution.links[view.handle.index()] = LinkState {
            mass_flow_kg_s: 20.0,
            velocity_m_s: 1.2,
            pressure_drop_pa: 25e3,
            inlet_temperature_c: 100.0,
            outlet_temperature_c: 99.0,
            heat_loss_w: 1e4,
        };
    }
    let consumer = network.link_id("C1").unwrap();
    let source = network.link_id("H1").unwrap();
    solution.consumers = vec![ConsumerState {
        link: consumer,
        mass_flow_kg_s: 20.0,
        available_pressure_pa: 200e3,
        heat_w: 4.1e6,
        satisfied: true,
    }];
    solution.sources = vec![SourceState {
        link: source,
        mass_flow_kg_s: 20.0,
        heat_w: 4.2e6,
        supply_pressure_pa: 800e3,
        return_pressure_pa: 400e3,
    }];
    solution
}

pub fn element(kind: ElementKind, id: &str) -> ElementRef {
    ElementRef::new(kind, id)
}

impl Desk {
    pub fn new(language: Language) -> Desk {
        Desk { session: Session::with_network(network(), language), log: Vec::new(), layout: None }.solved()
    }

    pub fn solved(mut self) -> Desk {
        self.solve();
        self
    }

    fn solve(&mut self) {
        let network = self.session.network();
        let known = network.link_id("C1").is_some();
        let solved = || Solver::new().solve(network, &hypocaust::solver::Options::default());
        let solution = Arc::new(if known { solution(network) } else { solved() });
        self.session.accept(self.session.revision(), solution, Vec::new(), 1.5);
    }

    pub fn ask(&mut self, command: Command) {
        apply(&mut self.session, command);
    }

    /// One frame: panels draw, commands are done, a change is solved at once.
    pub fn frame(&mut self, ctx: &egui::Context) {
        let mut commands = Vec::new();
        let scene = SceneInfo { cursor_m: Some([123.0, 456.0, 12.0]), heading_rad: None };
        self.layout = Some(panels::draw(ctx, &self.session, &scene, &mut commands));
        for command in commands {
            self.log.push(command.clone());
            if apply(&mut self.session, command).solve {
                self.solve();
            }
        }
    }

    pub fn open(self, width: f32, height: f32) -> Harness<'static, Desk> {
        Harness::builder()
            .with_size(egui::vec2(width, height))
            .with_max_steps(64)
            .build_ui_state(|ui, desk: &mut Desk| desk.frame(&ui.ctx().clone()), self)
    }
}

/// Every text on screen with its rectangle, from the shapes painted.
pub fn texts(harness: &Harness<'_, Desk>) -> Vec<(String, egui::Rect, egui::Rect)> {
    fn walk(shape: &egui::Shape, clip: egui::Rect, out: &mut Vec<(String, egui::Rect, egui::Rect)>) {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| walk(shape, clip, out)),
            egui::Shape::Text(text) => {
                out.push((text.galley.job.text.clone(), text.visual_bounding_rect(), clip));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for clipped in &harness.output().shapes {
        walk(&clipped.shape, clipped.clip_rect, &mut out);
    }
    out.retain(|(text, rect, clip)| !text.trim().is_empty() && clip.intersects(*rect));
    out
}
