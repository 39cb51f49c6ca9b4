//! The picture of the network: ground, streets, buildings, pipes and signs as five meshes.
//!
//! Built when something that has a shape changes (a fingerprint of shapes decides), not when a valve is turned or a
//! solution arrives: colours and states go into storage buffers (see `overlay::paint`). Few large batches, so that a city
//! costs no more draw calls than a village. Nothing of the network is kept in entities: the session holds the truth.

pub mod buildings;
pub mod ground;
pub mod materials;
pub mod pipes;
pub mod routes;
pub mod symbols;
pub mod zone;

use std::hash::{Hash, Hasher};

use bevy::math::{Vec3, Vec4};
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;
use rustc_hash::FxHasher;

use self::materials::{MapLook, MapMaterial, MaterialsPlugin, PipeLook, PipeMaterial, SymbolLook, SymbolMaterial};
use self::pipes::PipeOwner;
use self::routes::Routes;
use self::symbols::Sign;
use super::frame::MapFrame;
use super::palette::{Palette, with};
use super::schedule::TwinSystems;
use super::session_bridge::Open;
use crate::network::{LinkKind, Name, Network, Pipe, Side};
use crate::session::timeline::run::CELL_M;
use crate::session::{Theme, ViewSettings};
use crate::simulation::profile::cells_of;

/// Entries of the pipe buffer by owner.
pub const PIPE_ENTRIES: usize = 3;

/// Smallest half width of the thinnest pipe in pixels, and half the gap between the two of a trench.
const LEAST_HALF_PX: f32 = 1.3;
pub const HALF_GAP_PX: f32 = 0.7;
/// How far pipes and streets are pulled towards the eye against the ground, m.
const PIPE_PULL_M: f32 = 3.5;
const STREET_PULL_M: f32 = 2.0;
const WATER_PULL_M: f32 = 1.0;

/// Smallest half width in pixels of a pipe with this radius where a pixel is this large; as in `pipe_flow.wgsl`.
pub fn least_half_px(radius_m: f32, pixel_m: f32) -> f32 {
    LEAST_HALF_PX * (1.0 + 1.9 * radius_m.max(0.0).sqrt()) * (7.0 / pixel_m).clamp(0.55, 1.0)
}

/// Colours along a pipe at most: the ends of its cells.
fn knots_of(pipe: &Pipe) -> usize {
    cells_of(pipe.length_m, CELL_M) as usize + 1
}

/// Draws the session's network.
pub struct ScenePlugin;

impl Plugin for ScenePlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(MaterialsPlugin)
            .init_resource::<Picture>()
            .add_systems(Update, (rebuild, show_layers).chain().in_set(TwinSystems::Scene));
    }
}

/// What stands where in the picture; everything picking, labels and colours need to know.
#[derive(Resource, Default)]
pub struct Picture {
    /// Counts rebuilds; 0 before the first.
    pub generation: u64,
    pub frame: Option<MapFrame>,
    pub routes: Routes,
    pub signs: Vec<Sign>,
    /// Owners of the entries of the pipe buffer.
    pub pipe_owners: Vec<PipeOwner>,
    /// Ids of buildings by their number in the mesh.
    pub buildings: Vec<Name>,
    pub handles: Option<PictureHandles>,
    built_from: Option<BuiltFrom>,
}

/// What a picture was built from.
#[derive(Clone, Copy, Debug, PartialEq)]
struct BuiltFrom {
    shapes: u64,
    theme: Theme,
    supply: bool,
    return_side: bool,
}

/// Materials and buffers that change without a rebuild.
pub struct PictureHandles {
    pub ground: Handle<MapMaterial>,
    pub water: Handle<MapMaterial>,
    pub streets: Handle<MapMaterial>,
    pub blocks: Handle<MapMaterial>,
    pub pipes: Handle<PipeMaterial>,
    pub symbols: Handle<SymbolMaterial>,
    pub pipe_states: Handle<ShaderBuffer>,
    /// Colours along pipes, as many as there is room for.
    pub pipe_knots: Handle<ShaderBuffer>,
    pub knots: usize,
    pub block_tints: Handle<ShaderBuffer>,
    pub symbol_states: Handle<ShaderBuffer>,
}

/// Part of the picture an entity is.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Ground,
    Streets,
    Blocks,
    Network,
}

/// A number that changes when anything with a shape or place does.
fn shapes(network: &Network) -> u64 {
    let mut hash = FxHasher::default();
    let put = |value: f64, hash: &mut FxHasher| value.to_bits().hash(hash);
    network.topology().hash(&mut hash);
    (std::ptr::from_ref(network.backdrop()) as usize).hash(&mut hash);
    for (_, _, node) in network.nodes() {
        for value in [node.x_m, node.y_m, node.z_m] {
            put(value, &mut hash);
        }
        (node.side as u8).hash(&mut hash);
    }
    for view in network.links() {
        view.handle.index().hash(&mut hash);
        match &view.link.kind {
            LinkKind::Pipe(pipe) => {
                put(pipe.outer_diameter_m, &mut hash);
                put(pipe.inner_diameter_m, &mut hash);
                pipe.details.route_m.as_flattened().iter().for_each(|value| put(*value, &mut hash));
            }
            LinkKind::Valve(valve) => put(valve.diameter_m.unwrap_or(0.0), &mut hash),
            LinkKind::Source(source) => {
                put(source.capacity_w.unwrap_or(0.0), &mut hash);
                (source.kind as u8).hash(&mut hash);
            }
            LinkKind::Pump(_) | LinkKind::Consumer(_) => {}
        }
    }
    for building in network.buildings().values() {
        put(buildings::height_m(building).into(), &mut hash);
        building.footprint_m.as_flattened().iter().for_each(|value| put(*value, &mut hash));
        (building.priority as u8).hash(&mut hash);
    }
    for chamber in network.chambers().values() {
        put(chamber.x_m, &mut hash);
        put(chamber.y_m, &mut hash);
    }
    hash.finish()
}

/// Whether a side is drawn; lines that belong to neither always are.
fn shown(view: &ViewSettings) -> impl Fn(Side) -> bool {
    let (supply, return_side) = (view.supply, view.return_side);
    move |side| match side {
        Side::Supply => supply,
        Side::Return => return_side,
        Side::Single => true,
    }
}

/// Assets a rebuild writes to.
#[derive(bevy::ecs::system::SystemParam)]
struct Stores<'w> {
    meshes: ResMut<'w, Assets<Mesh>>,
    map: ResMut<'w, Assets<MapMaterial>>,
    pipes: ResMut<'w, Assets<PipeMaterial>>,
    symbols: ResMut<'w, Assets<SymbolMaterial>>,
    buffers: ResMut<'w, Assets<ShaderBuffer>>,
}

/// Builds the meshes anew when shapes, theme or shown sides changed.
fn rebuild(
    mut commands: Commands,
    open: Res<Open>,
    mut picture: ResMut<Picture>,
    mut stores: Stores,
    layers: Query<Entity, With<Layer>>,
    mut seen: Local<Option<u64>>,
) {
    let session = &open.session;
    // Fingerprints are only worth taking when the revision or the look changed.
    let from_look = picture.built_from.map(|built| (built.theme, built.supply, built.return_side));
    let look = (session.theme(), session.view().supply, session.view().return_side);
    if *seen == Some(session.revision()) && from_look == Some(look) {
        return;
    }
    *seen = Some(session.revision());
    let network = session.network();
    let built_from = BuiltFrom { shapes: shapes(network), theme: look.0, supply: look.1, return_side: look.2 };
    if picture.built_from == Some(built_from) {
        return;
    }
    for entity in &layers {
        commands.entity(entity).despawn();
    }

    let palette = Palette::of(session.theme());
    let frame = MapFrame::of(network);
    let routes = Routes::of(network, &frame);
    let signs = symbols::signs(network, &frame, &routes);
    let pipe_batch = pipes::build(&routes, shown(session.view()));
    let symbol_mesh = symbols::build(&signs, shown(session.view()));
    let ground = ground::ground(&frame, &palette);
    let water = ground::water(network.backdrop(), &frame, &palette);
    let streets = ground::streets(network.backdrop(), &frame, &palette);
    let mut blocks = buildings::buildings(network, &frame, &palette);
    buildings::plants(network, &frame, &palette, &mut blocks);

    // At least one entry: an empty storage buffer cannot be bound.
    let empty = |entries: usize| ShaderBuffer::from(vec![Vec4::ZERO; entries]);
    let pipe_states = stores.buffers.add(empty((PIPE_ENTRIES * pipe_batch.owners.len()).max(PIPE_ENTRIES)));
    // Buffers keep their size: one that grew would leave materials with the old one.
    let knots = network.links().filter_map(|view| view.pipe()).map(knots_of).sum::<usize>().max(1);
    let pipe_knots = stores.buffers.add(empty(knots));
    let block_tints = stores.buffers.add(empty(network.buildings().len().max(1)));
    let no_tints = stores.buffers.add(empty(1));
    let symbol_states = stores.buffers.add(empty((2 * signs.len()).max(2)));
    let radius_m = frame.radius_m();
    let map = |contour_step_m: f32, pull_m: f32, blocks: bool| MapMaterial {
        look: map_look(&palette, radius_m, contour_step_m, pull_m, blocks),
        tints: if blocks { block_tints.clone() } else { no_tints.clone() },
    };
    let relief = frame.ground.height_m.iter().fold((f32::MAX, f32::MIN), |(l, h), y| (l.min(*y), h.max(*y)));
    let handles = PictureHandles {
        ground: stores.map.add(map(contour_step_m(relief.1 - relief.0), 0.0, false)),
        water: stores.map.add(map(0.0, WATER_PULL_M, false)),
        streets: stores.map.add(map(0.0, STREET_PULL_M, false)),
        blocks: stores.map.add(map(0.0, 0.0, true)),
        pipes: stores.pipes.add(PipeMaterial {
            look: pipe_look(&palette),
            states: pipe_states.clone(),
            knots: pipe_knots.clone(),
        }),
        symbols: stores.symbols.add(SymbolMaterial { look: symbol_look(&palette), states: symbol_states.clone() }),
        pipe_states,
        pipe_knots,
        knots,
        block_tints,
        symbol_states,
    };
    for (layer, mesh, material) in [
        (Layer::Ground, ground, &handles.ground),
        (Layer::Streets, water, &handles.water),
        (Layer::Streets, streets, &handles.streets),
        (Layer::Blocks, blocks, &handles.blocks),
    ] {
        if !mesh.is_empty() {
            let mesh = stores.meshes.add(mesh.build());
            commands.spawn((layer, Mesh3d(mesh), MeshMaterial3d(material.clone()), Transform::IDENTITY));
        }
    }
    // Ribbons and signs reach beyond their axes, so their bounding boxes would cut them off too early.
    if !pipe_batch.mesh.is_empty() {
        let mesh = stores.meshes.add(pipe_batch.mesh.build());
        let material = MeshMaterial3d(handles.pipes.clone());
        commands.spawn((Layer::Network, Mesh3d(mesh), material, bevy::camera::visibility::NoFrustumCulling));
    }
    if !symbol_mesh.is_empty() {
        let mesh = stores.meshes.add(symbol_mesh.build());
        let material = MeshMaterial3d(handles.symbols.clone());
        commands.spawn((Layer::Network, Mesh3d(mesh), material, bevy::camera::visibility::NoFrustumCulling));
    }
    commands.insert_resource(ClearColor(Color::linear_rgb(
        palette.background.x,
        palette.background.y,
        palette.background.z,
    )));
    picture.generation += 1;
    picture.frame = Some(frame);
    picture.routes = routes;
    picture.signs = signs;
    picture.pipe_owners = pipe_batch.owners;
    picture.buildings = network.buildings().keys().cloned().collect();
    picture.handles = Some(handles);
    picture.built_from = Some(built_from);
}

/// Shows and hides terrain and buildings.
fn show_layers(open: Res<Open>, mut layers: Query<(&Layer, &mut Visibility)>) {
    let view = open.session.view();
    for (layer, mut visibility) in &mut layers {
        let wanted = match layer {
            Layer::Ground => view.terrain,
            Layer::Streets => view.terrain && !view.underground,
            Layer::Blocks => view.buildings && !view.underground,
            Layer::Network => true,
        };
        let wanted = if wanted { Visibility::Inherited } else { Visibility::Hidden };
        visibility.set_if_neq(wanted);
    }
}

/// A round step that gives some dozen contour lines.
fn contour_step_m(relief_m: f32) -> f32 {
    [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| relief_m / step < 18.0).unwrap_or(100.0)
}

fn map_look(palette: &Palette, radius_m: f32, contour_step_m: f32, pull_m: f32, blocks: bool) -> MapLook {
    // Relief is lit from the north-west, as maps have been shaded for two centuries; blocks from the south-west, so that
    // the walls one looks at from the south are not the dark ones.
    let light = if blocks { Vec3::new(-0.5, 0.72, 0.48) } else { Vec3::new(-0.45, 0.78, -0.32) }.normalize();
    MapLook {
        haze: with(palette.background, 4.0 * radius_m),
        light: with(light, palette.ambient),
        options: Vec4::new(contour_step_m, pull_m, -1.0, -1.0),
        contour: with(palette.contour, 0.55),
        highlight: with(palette.highlight, 1.0),
    }
}

fn pipe_look(palette: &Palette) -> PipeLook {
    PipeLook {
        size: Vec4::new(8.0, LEAST_HALF_PX, HALF_GAP_PX, PIPE_PULL_M),
        motion: Vec4::new(0.0, 1.0, -1.0, -1.0),
        casing_supply: with(palette.casing_supply, 0.55),
        casing_return: with(palette.casing_return, 0.75),
        highlight: with(palette.highlight, 1.0),
        layer: Vec4::ONE,
    }
}

fn symbol_look(palette: &Palette) -> SymbolLook {
    SymbolLook {
        size: Vec4::new(0.0, HALF_GAP_PX, LEAST_HALF_PX, 8.0),
        motion: Vec4::new(0.0, 0.0, -1.0, -1.0),
        ink: with(palette.ink, 1.0),
        paper: with(palette.paper, 1.0),
        alert: with(palette.alert, 1.0),
        warn: with(palette.warn, 1.0),
        highlight: with(palette.highlight, 1.0),
    }
}
