//! Colours and states of pipes and signs, written into storage buffers when the solution or the colouring changes.

use std::hash::{Hash, Hasher};

use bevy::math::Vec4;
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;
use rustc_hash::FxHasher;

use super::alarm::Alarm;
use crate::network::{LinkId, LinkKind, Network, PipeState, ValveCondition};
use crate::session::colouring::{ColourBy, Coloured, Range};
use crate::session::{Session, Theme};
use crate::solver::Solution;
use crate::twin::palette::{Palette, linear, with};
use crate::twin::scene::pipes::PipeOwner;
use crate::twin::scene::symbols::{Sign, SignKind};
use crate::twin::scene::{PIPE_ENTRIES, Picture};
use crate::twin::schedule::TwinSystems;
use crate::twin::session_bridge::Open;

/// How much of its value's colour a building shows; the rest is light and shade.
const BLOCK_TINT: f32 = 0.92;
/// An opening below this is shut.
const SHUT: f64 = 0.005;

/// Keeps the buffers up to date.
pub struct PaintPlugin;

impl Plugin for PaintPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Painted>().add_systems(Update, paint.in_set(TwinSystems::Paint));
    }
}

/// What is on the pipes at present.
#[derive(Resource, Default)]
pub struct Painted {
    key: Option<PaintKey>,
    /// Hash of all bits written, for whoever wants to know whether two pictures have the same colours.
    pub hash: u64,
    /// Counts paintings.
    pub count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct PaintKey {
    generation: u64,
    revision: u64,
    solution: (u64, u64, bool),
    /// Of an alternative against the network as it is.
    change: u64,
    by: ColourBy,
    lock: Option<Range>,
    theme: Theme,
    /// Breaks, and the answer shown: number, with other ways searched; `None` outside of emergencies.
    emergency: Option<(usize, u64, bool)>,
}

fn paint(
    open: Res<Open>,
    picture: Res<Picture>,
    mut painted: ResMut<Painted>,
    mut buffers: ResMut<Assets<ShaderBuffer>>,
) {
    let session = &open.session;
    let Some(handles) = &picture.handles else { return };
    let key = PaintKey {
        generation: picture.generation,
        revision: session.revision(),
        solution: (session.solution_revision(), session.shown_version(), session.solution().is_some()),
        change: session.change_version(),
        by: session.view().colour_by,
        lock: session.view().range_lock,
        theme: session.theme(),
        emergency: session.shown_emergency().map(|emergency| {
            let (number, complete) = emergency.shown().map_or((0, false), |answer| (answer.number, answer.complete));
            (emergency.places().len(), number, complete)
        }),
    };
    if painted.key == Some(key) {
        return;
    }
    painted.key = Some(key);
    let coloured = session.coloured();
    let (pipes, knots) = pipe_states(session, &picture, &coloured, handles.knots);
    let tints = block_tints(session, &coloured);
    let symbols = symbol_states(session, &picture, &coloured);
    let mut hash = FxHasher::default();
    for value in pipes.iter().chain(&knots).chain(&tints).chain(&symbols) {
        value.to_array().map(f32::to_bits).hash(&mut hash);
    }
    painted.hash = hash.finish();
    painted.count += 1;
    for (handle, data) in [
        (&handles.pipe_states, pipes),
        (&handles.pipe_knots, knots),
        (&handles.block_tints, tints),
        (&handles.symbol_states, symbols),
    ] {
        if let (Some(mut buffer), false) = (buffers.get_mut(handle), data.is_empty()) {
            buffer.set_data(data);
        }
    }
}

/// Linear colour of a value.
fn colour_of(coloured: &Coloured, value: f64, range: Range, palette: &Palette) -> Vec3 {
    if !value.is_finite() {
        return palette.unknown;
    }
    let [r, g, b] = coloured.colour(value, range).map(|channel| linear(f32::from(channel) / 255.0));
    Vec3::new(r, g, b)
}

/// Three entries per owner and the colours along the pipes (`room` of them), as `pipe_flow.wgsl` reads them.
fn pipe_states(session: &Session, picture: &Picture, coloured: &Coloured, room: usize) -> (Vec<Vec4>, Vec<Vec4>) {
    let palette = Palette::of(session.theme());
    let range = coloured.range(session.view().range_lock);
    let network = session.network();
    let solution = session.solution().map(AsRef::as_ref);
    let alarm = Alarm::of(session, &palette);
    let mut out = Vec::with_capacity(PIPE_ENTRIES * picture.pipe_owners.len());
    let mut knots = Vec::with_capacity(room);
    for owner in &picture.pipe_owners {
        match *owner {
            PipeOwner::Link(link) => {
                let [start, end] = coloured.links.get(link.index()).copied().unwrap_or([f64::NAN; 2]);
                let velocity = velocity_m_s(solution, link);
                let closed = f32::from(u8::from(is_closed(network, link)));
                if let Some(alarm) = &alarm {
                    let colour = alarm.pipe(link);
                    out.extend([with(colour, velocity), with(colour, closed), Vec4::ZERO]);
                    continue;
                }
                out.push(with(colour_of(coloured, start, range, &palette), velocity));
                out.push(with(colour_of(coloured, end, range, &palette), closed));
                let along = coloured.along.as_ref().map_or(&[][..], |along| along.of(link.index()));
                // A pipe that was added after the hours were computed, or has no room, shows its ends.
                let along = if knots.len() + along.len() <= room { along } else { &[] };
                out.push(Vec4::new(knots.len() as f32, along.len() as f32, 0.0, 0.0));
                knots.extend(
                    along.iter().map(|value| with(colour_of(coloured, f64::from(*value), range, &palette), 1.0)),
                );
            }
            PipeOwner::Node(node) => {
                if let Some(alarm) = &alarm {
                    let colour = alarm.node(node);
                    out.extend([with(colour, 0.0), with(colour, 0.0), Vec4::ZERO]);
                    continue;
                }
                let mut value = coloured.nodes.get(node.index()).copied().unwrap_or(f64::NAN);
                // Quantities of links have no value at a node: the joint takes the largest of the pipes it joins.
                if value.is_nan() {
                    value = network
                        .links_at(node)
                        .into_iter()
                        .filter(|link| network.link_view(*link).is_some_and(|view| view.pipe().is_some()))
                        .filter_map(|link| coloured.links.get(link.index()).map(|ends| ends[0]))
                        .fold(f64::NAN, f64::max);
                }
                let colour = colour_of(coloured, value, range, &palette);
                out.extend([with(colour, 0.0), with(colour, 0.0), Vec4::ZERO]);
            }
        }
    }
    knots.resize(room, Vec4::ZERO);
    (out, knots)
}

/// Colour of every building and how much of it shows, as `map.wgsl` reads them.
fn block_tints(session: &Session, coloured: &Coloured) -> Vec<Vec4> {
    let palette = Palette::of(session.theme());
    let range = coloured.range(session.view().range_lock);
    let count = session.network().buildings().len().max(1);
    if let Some(alarm) = Alarm::of(session, &palette) {
        return (0..count).map(|at| alarm.block(at)).collect();
    }
    let tint = |at: usize| match coloured.buildings.get(at) {
        Some(value) if value.is_finite() => with(colour_of(coloured, *value, range, &palette), BLOCK_TINT),
        _ => Vec4::ZERO,
    };
    (0..count).map(tint).collect()
}

fn velocity_m_s(solution: Option<&Solution>, link: LinkId) -> f32 {
    let Some(state) = solution.and_then(|solution| solution.link(link)) else { return 0.0 };
    if state.velocity_m_s.is_finite() { state.velocity_m_s as f32 } else { 0.0 }
}

fn is_closed(network: &Network, link: LinkId) -> bool {
    match network.link(link).map(|link| &link.kind) {
        Some(LinkKind::Pipe(pipe)) => pipe.state == PipeState::Closed,
        Some(LinkKind::Valve(valve)) => valve.opening < SHUT,
        _ => false,
    }
}

/// Two entries per sign, as `symbol.wgsl` reads them.
fn symbol_states(session: &Session, picture: &Picture, coloured: &Coloured) -> Vec<Vec4> {
    let palette = Palette::of(session.theme());
    let range = coloured.range(session.view().range_lock);
    let network = session.network();
    let solution = session.solution().map(AsRef::as_ref);
    let alarm = Alarm::of(session, &palette);
    let state = |sign: &Sign| {
        let usual = symbol_state(sign, network, solution, coloured, range, &palette);
        match (&alarm, sign.link) {
            (Some(alarm), Some(link)) if sign.kind == SignKind::Consumer => alarm.consumer(link),
            _ => usual,
        }
    };
    picture.signs.iter().flat_map(state).collect()
}

fn symbol_state(
    sign: &Sign,
    network: &Network,
    solution: Option<&Solution>,
    coloured: &Coloured,
    range: Range,
    palette: &Palette,
) -> [Vec4; 2] {
    let plain = [with(palette.paper, 0.0), Vec4::ZERO];
    let Some(view) = sign.link.and_then(|link| network.link_view(link)) else { return plain };
    match (&view.link.kind, sign.kind) {
        (LinkKind::Valve(valve), SignKind::Valve) => {
            let condition = match valve.condition {
                ValveCondition::Operable => 0.0,
                ValveCondition::Stuck => 1.0,
                ValveCondition::Unreachable | ValveCondition::Unknown => 2.0,
            };
            let keep = valve.opening < SHUT || valve.condition == ValveCondition::Stuck;
            let opening = if valve.opening < SHUT { 0.0 } else { valve.opening as f32 };
            [with(palette.paper, f32::from(u8::from(keep))), Vec4::new(opening, condition, 0.0, 0.0)]
        }
        (LinkKind::Pump(pump), _) => {
            [with(palette.paper, 0.0), Vec4::new(f32::from(u8::from(pump.running)), 0.0, 0.0, 0.0)]
        }
        (LinkKind::Consumer(consumer), _) => {
            let state = solution.and_then(|solution| solution.consumer(view.handle));
            let short = state.is_some_and(|state| !state.satisfied) && !consumer.shut;
            // Substations show what they have in common with the pipes; what has no meaning for them leaves them plain.
            let value = match coloured.by {
                ColourBy::AvailableHead | ColourBy::Flow | ColourBy::Room => {
                    coloured.links.get(view.handle.index()).map_or(f64::NAN, |ends| ends[0])
                }
                ColourBy::Pressure | ColourBy::Temperature => {
                    coloured.nodes.get(view.from.index()).copied().unwrap_or(f64::NAN)
                }
                _ => f64::NAN,
            };
            let fill = if value.is_finite() { colour_of(coloured, value, range, palette) } else { palette.consumer };
            let alert = f32::from(u8::from(short));
            [with(fill, alert), Vec4::new(1.0, 0.0, alert, 0.0)]
        }
        (LinkKind::Source(source), _) => {
            let fill = if source.running { palette.source } else { palette.unknown };
            [with(fill, 1.0), Vec4::new(1.0, 0.0, 0.0, 0.0)]
        }
        _ => plain,
    }
}
