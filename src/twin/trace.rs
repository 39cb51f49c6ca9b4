//! A diary of the window for tests that work it from outside, by mouse and keyboard.
//!
//! With the environment variable `HYPOCAUST_TRACE` naming a file, every quiet state of the window becomes one line of
//! JSON in it: hashes of solution, colours and diagram, the selection, where signs of the network lie in the window, and
//! role, name and rectangle of every widget. Quiet means: nothing computed, nothing moving, several frames drawn since.
//! Without the variable nothing here runs.

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::PathBuf;

use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw};
use bevy_egui::{EguiContexts, EguiOutput, EguiPrimaryContextPass, PrimaryEguiContext};
use rustc_hash::FxHasher;
use serde::Serialize;

use super::camera::Eye;
use super::overlay::paint::Painted;
use super::picking::shown_at;
use super::scene::Picture;
use super::schedule::TwinSystems;
use super::session_bridge::{Inbox, Open};
use crate::session::emergency::LogFile;
use crate::session::live::BookLine;
use crate::session::{Panel, Session};
use crate::solver::Solution;

/// Names the file of the diary.
const VARIABLE: &str = "HYPOCAUST_TRACE";
/// Frames without change before a state counts as quiet: layout settles in two, the picture follows one later.
const QUIET_FRAMES: u32 = 4;

/// What is shown of the field.
#[derive(Debug, Hash, Serialize)]
struct FieldLine {
    /// Whether the picture is that of the field.
    shown: bool,
    devices: usize,
    /// Devices that do not answer.
    silent: Vec<String>,
    /// Tags whose newest sample is not good, those of silent devices left out.
    doubted: Vec<String>,
    alarms: Vec<String>,
    /// How often every tag has been read, in the mean.
    rounds: u64,
}

/// Keeps the diary where one is asked for.
pub struct TracePlugin;

impl Plugin for TracePlugin {
    fn build(&self, app: &mut App) {
        let Some(path) = std::env::var_os(VARIABLE).map(PathBuf::from) else { return };
        match File::create(&path) {
            Ok(file) => {
                app.insert_resource(Diary { file, last: None, quiet: 0, written: None })
                    .add_systems(EguiPrimaryContextPass, name_widgets)
                    .add_systems(Update, write.in_set(TwinSystems::Mark));
            }
            Err(error) => error!("{VARIABLE}: {}: {error}", path.display()),
        }
    }
}

#[derive(Resource)]
struct Diary {
    file: File,
    last: Option<u64>,
    quiet: u32,
    written: Option<u64>,
}

#[derive(Serialize, Hash)]
struct Line {
    revision: u64,
    solution_revision: u64,
    converged: bool,
    /// Hash of all bits of the solution.
    solution: String,
    /// Hash of all bits of the colours on pipes and signs.
    colours: String,
    /// Hash of the pressure diagram.
    diagram: String,
    selection: Option<String>,
    hover: Option<String>,
    /// Where the program believes the pointer is.
    pointer: Option<[i32; 2]>,
    can_undo: bool,
    /// The emergency shown, where there is one.
    burst: Option<BurstLine>,
    /// Seconds from the start of the hours to the moment shown, where hours are shown.
    moment_s: Option<u64>,
    /// Moments computed.
    moments: usize,
    /// What is set side by side, while the panel is shown.
    alternatives: Option<AlternativesLine>,
    /// The field, where one is connected.
    field: Option<FieldLine>,
    /// Rectangle left for the map: x, y, width, height.
    map: [i32; 4],
    signs: Vec<SignLine>,
    widgets: Vec<WidgetLine>,
}

#[derive(Serialize, Hash)]
struct BurstLine {
    /// Valves of the plan that have to be closed, in order; empty while none is shown.
    valves: Vec<String>,
    stuck: Vec<String>,
    complete: bool,
    /// Card of the panel.
    card: String,
    cut_off: Option<usize>,
    standing: String,
    orders: usize,
    judged: bool,
    crews: usize,
    /// File of the incident, entries it has, and entries on their way there.
    log: Option<String>,
    entries: usize,
    under_way: usize,
    /// From the request to the answer.
    milliseconds: u64,
}

fn burst_of(session: &Session) -> Option<BurstLine> {
    let emergency = session.shown_emergency()?;
    let answer = emergency.shown();
    let valves = answer.iter().flat_map(|answer| {
        let needed = answer.response.tasks.iter().filter(|task| !task.optional);
        needed.map(|task| answer.network.link_name(task.valve).to_string()).collect::<Vec<_>>()
    });
    let drill = emergency.drill();
    Some(BurstLine {
        valves: valves.collect(),
        stuck: emergency.stuck().map(ToString::to_string).collect(),
        complete: answer.is_some_and(|answer| answer.complete),
        card: emergency.card().word().to_owned(),
        cut_off: answer.and_then(|answer| Some(answer.response.impact.as_ref()?.totals.cut_off)),
        standing: format!("{:?}", session.emergency_standing()),
        orders: drill.map_or(0, |drill| drill.orders().len()),
        judged: drill.is_some_and(|drill| drill.comparison().is_some()),
        crews: emergency.crews(),
        log: emergency.file().map(|file| file.path.display().to_string()),
        entries: emergency.file().map_or(0, |file| file.entries),
        under_way: emergency.file().map_or(0, LogFile::under_way),
        milliseconds: answer.map_or(0, |answer| answer.milliseconds.round() as u64),
    })
}

#[derive(Serialize, Hash)]
struct AlternativesLine {
    names: Vec<String>,
    at_work: bool,
    /// Columns that were worked out; 0 without a sheet of the list as it is.
    columns: usize,
    chosen: usize,
    /// Whether the picture shows what the chosen one changes.
    change: bool,
    card: String,
    /// Newest first.
    books: Vec<OrdersLine>,
}

#[derive(Serialize, Hash)]
struct OrdersLine {
    plan: String,
    states: Vec<String>,
    reached: bool,
}

fn alternatives_of(session: &Session) -> Option<AlternativesLine> {
    let alternatives = session.alternatives();
    let sheet = alternatives.sheet().filter(|_| session.sheet_is_current());
    let books = session.order_desk().map_or_else(Vec::new, |desk| {
        let line = |book: &BookLine| OrdersLine {
            plan: book.book.plan.clone(),
            states: book.orders.iter().map(|line| line.order.state.key().to_owned()).collect(),
            reached: book.steps.iter().all(|step| step.reached.is_some()),
        };
        desk.books.iter().map(line).collect()
    });
    session.shows(Panel::Alternatives).then(|| AlternativesLine {
        names: alternatives.list().iter().map(|one| one.name.clone()).collect(),
        at_work: alternatives.progress().is_some(),
        columns: sheet.map_or(0, |sheet| sheet.rows.iter().filter(|row| row.is_ok()).count()),
        chosen: alternatives.chosen(),
        change: session.shown_change().is_some(),
        card: alternatives.card().word().to_owned(),
        books,
    })
}

#[derive(Serialize, Hash)]
struct SignLine {
    element: String,
    at: [i32; 2],
}

#[derive(Serialize, Hash)]
struct WidgetLine {
    role: String,
    name: String,
    value: String,
    rect: [i32; 4],
}

/// Names and rectangles of widgets are those egui prepares for screen readers.
fn name_widgets(mut contexts: EguiContexts) -> Result {
    contexts.ctx_mut()?.enable_accesskit();
    Ok(())
}

/// What the window shows and where the pointer is.
#[derive(bevy::ecs::system::SystemParam)]
struct Seen<'w, 's> {
    output: Query<'w, 's, &'static EguiOutput, With<PrimaryEguiContext>>,
    window: Query<'w, 's, &'static Window, With<PrimaryWindow>>,
}

fn write(
    mut diary: ResMut<Diary>,
    open: Res<Open>,
    state: (Res<Inbox>, Res<Painted>, Res<Picture>, Res<Eye>),
    seen: Seen,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let (inbox, painted, picture, eye) = state;
    let Seen { output, window } = seen;
    let session = &open.session;
    let busy = !session.solution_is_current()
        || session.running().is_some()
        || session.emergency().is_some_and(|emergency| emergency.is_waiting())
        || session.drill_runs()
        || !inbox.commands.is_empty()
        || eye.now != eye.target
        || painted.count == 0;
    let line = Line {
        revision: session.revision(),
        solution_revision: session.solution_revision(),
        converged: session.solution().is_some_and(|solution| solution.converged),
        solution: session.solution().map_or_else(String::new, |solution| format!("{:016x}", bits_of(solution))),
        colours: format!("{:016x}", painted.hash),
        diagram: diagram_of(session),
        selection: session.selection().map(ToString::to_string),
        hover: session.hover().map(ToString::to_string),
        pointer: window
            .iter()
            .next()
            .and_then(Window::cursor_position)
            .map(|at| [at.x.round() as i32, at.y.round() as i32]),
        can_undo: session.document().history().can_undo(),
        burst: burst_of(session),
        alternatives: alternatives_of(session),
        moment_s: session
            .timeline()
            .filter(|_| session.shows_time())
            .map(|timeline| (timeline.playhead_s() - timeline.start_s()).round() as u64),
        moments: session.timeline().map_or(0, |timeline| timeline.len()),
        field: session.live_picture().map(|picture| field_of(session, picture)),
        map: [eye.area.min.x, eye.area.min.y, eye.area.width(), eye.area.height()].map(|value| value.round() as i32),
        signs: signs_of(session, &picture, &eye),
        widgets: output.iter().next().map(widgets_of).unwrap_or_default(),
    };
    let mut hash = FxHasher::default();
    line.hash(&mut hash);
    let now = hash.finish();
    diary.quiet = if busy || diary.last != Some(now) { 0 } else { diary.quiet + 1 };
    diary.last = Some(now);
    // A field is never quiet: its clock alone moves every second.
    let enough = if session.live().is_some() { 1 } else { QUIET_FRAMES };
    if diary.quiet < enough {
        redraw.write(RequestRedraw);
        return;
    }
    if diary.written == Some(now) {
        return;
    }
    diary.written = Some(now);
    let written = serde_json::to_string(&line)
        .map_err(std::io::Error::other)
        .and_then(|text| writeln!(diary.file, "{text}").and_then(|()| diary.file.flush()));
    if let Err(error) = written {
        error!("{VARIABLE}: {error}");
    }
}

/// What is shown of the field.
fn field_of(session: &Session, picture: &crate::session::live::Picture) -> FieldLine {
    let silent: Vec<String> =
        (picture.devices.iter().filter(|device| !device.answers)).map(|device| device.name.to_string()).collect();
    let doubted = picture
        .points
        .tags
        .iter()
        .filter(|(id, tag)| picture.remark(*id).is_some() && !silent.iter().any(|device| **device == *tag.device));
    FieldLine {
        shown: session.shows_live(),
        devices: picture.devices.len(),
        doubted: doubted.map(|(_, tag)| tag.name.to_string()).collect(),
        silent,
        alarms: picture.alarms.lines.iter().map(|line| line.row.name.to_string()).collect(),
        rounds: picture.samples / picture.points.tags.len().max(1) as u64,
    }
}

/// Hash of every bit of a solution.
fn bits_of(solution: &Solution) -> u64 {
    let mut hash = FxHasher::default();
    for node in &solution.nodes {
        [node.pressure_pa, node.temperature_c].map(f64::to_bits).hash(&mut hash);
    }
    for link in &solution.links {
        [
            link.mass_flow_kg_s,
            link.velocity_m_s,
            link.pressure_drop_pa,
            link.inlet_temperature_c,
            link.outlet_temperature_c,
            link.heat_loss_w,
        ]
        .map(f64::to_bits)
        .hash(&mut hash);
    }
    for consumer in &solution.consumers {
        [consumer.mass_flow_kg_s, consumer.available_pressure_pa, consumer.heat_w].map(f64::to_bits).hash(&mut hash);
    }
    for source in &solution.sources {
        [source.mass_flow_kg_s, source.heat_w, source.supply_pressure_pa, source.return_pressure_pa]
            .map(f64::to_bits)
            .hash(&mut hash);
    }
    hash.finish()
}

/// Hash of the diagram as data.
fn diagram_of(session: &Session) -> String {
    let mut hash = FxHasher::default();
    format!("{:?}", session.diagram()).hash(&mut hash);
    format!("{:016x}", hash.finish())
}

/// Signs inside the map, in window pixels.
fn signs_of(session: &Session, picture: &Picture, eye: &Eye) -> Vec<SignLine> {
    let exaggeration = session.view().pipe_exaggeration as f32;
    picture
        .signs
        .iter()
        .filter_map(|sign| {
            let (_, depth) = eye.now.project(sign.position, eye.aspect())?;
            let half_px = sign.half_px(eye.pixel_m(depth), true)?;
            let (at, _) = shown_at(eye, sign.position, sign.lateral, sign.widest_m, half_px * 1.04, exaggeration)?;
            eye.area
                .inflate(-10.0)
                .contains(at)
                .then(|| SignLine { element: sign.element.to_string(), at: [at.x.round() as i32, at.y.round() as i32] })
        })
        .collect()
}

fn widgets_of(output: &EguiOutput) -> Vec<WidgetLine> {
    let scale = f64::from(output.pixels_per_point);
    let Some(update) = &output.platform_output.accesskit_update else { return Vec::new() };
    update
        .nodes
        .iter()
        .filter_map(|(_, node)| {
            let bounds = node.bounds()?;
            let value = node.value().map(str::to_owned).or_else(|| node.numeric_value().map(|value| value.to_string()));
            Some(WidgetLine {
                role: format!("{:?}", node.role()),
                name: node.label().unwrap_or_default().to_owned(),
                value: value.unwrap_or_default(),
                rect: [bounds.x0, bounds.y0, bounds.width(), bounds.height()].map(|side| (side * scale).round() as i32),
            })
        })
        .filter(|widget| !widget.name.is_empty() || !widget.value.is_empty())
        .collect()
}
