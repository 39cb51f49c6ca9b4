//! Pictures without a window and without a display: the same scene drawn into an image, read back, written as PNG.
//!
//! The renderer compiles its pipelines before it draws (nothing pops up late), frames are stepped by hand, and the picture
//! is taken only when meshes, colours and texts have all been through a frame.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bevy::asset::RenderAssetUsages;
use bevy::camera::RenderTarget;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{Extent3d, PipelineCache, TextureDimension, TextureFormat, TextureUsages};
use bevy::render::settings::RenderCreation;
use bevy::render::{RenderApp, RenderPlugin};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass, PrimaryEguiContext, egui};

use super::camera::rig::{FIELD_OF_VIEW, Rig};
use super::camera::{Eye, MapCamera};
use super::errors::{TwinError, open_adapter, quietly};
use super::overlay::paint::Painted;
use super::overlay::{emergency, field, furniture, labels};
use super::quality::Quality;
use super::scene::Picture;
use super::session_bridge::Open;
use super::{RenderOptions, View, picture_plugins};
use crate::network::{ElementKind, ElementRef, Network};
use crate::session::Session;
use crate::session::view::place;

/// Smallest side of a picture.
const SMALLEST: u32 = 64;
/// Complete frames before the picture is taken: meshes and fonts are uploaded in the first ones.
const WARM_UP: u32 = 3;
/// Frames after which something must be wrong.
const LAST_FRAME: u32 = 2000;

/// Draws a session into a PNG file. Its solution is shown; solve first where values are wanted.
pub fn render(session: Session, options: &RenderOptions) -> Result<(), TwinError> {
    let resources = open_adapter()?;
    let limit = resources.0.limits().max_texture_dimension_2d;
    let [width, height] = options.size;
    if width < SMALLEST || height < SMALLEST || width > limit || height > limit {
        return Err(TwinError::BadSize { width, height, limit });
    }
    let target = target_of(session.network(), &session, &options.view)?;
    let image = quietly(|| draw(session, [width, height], target, resources))
        .map_err(|reason| TwinError::Broken { reason })??;
    write(image, &options.output)
}

/// What the camera looks at.
#[derive(Clone, Copy, Debug)]
enum Target {
    Everything { pitch: f32 },
    Place { x_m: f64, y_m: f64, radius_m: f32 },
}

fn target_of(network: &Network, session: &Session, view: &View) -> Result<Target, TwinError> {
    let unknown = |view: &str| TwinError::UnknownView { view: view.to_owned() };
    let around = |element: &ElementRef, radius_m: f64| {
        place(network, element).map(|at| Target::Place {
            x_m: at.x_m,
            y_m: at.y_m,
            radius_m: at.radius_m.max(radius_m) as f32,
        })
    };
    match view {
        View::Overview => Ok(Target::Everything { pitch: Rig::default().pitch }),
        View::Top => Ok(Target::Everything { pitch: std::f32::consts::FRAC_PI_2 - 0.001 }),
        View::Source => network
            .links()
            .find(|view| view.source().is_some())
            .and_then(|view| around(&view.element(), 320.0))
            .ok_or_else(|| unknown("source")),
        View::Worst => session
            .solution()
            .and_then(|solution| solution.worst_consumer(network))
            .and_then(|state| around(&network.link_ref(state.link), 220.0))
            .ok_or_else(|| unknown("worst")),
        View::Element(id) => ElementKind::ALL
            .into_iter()
            .map(|kind| ElementRef::new(kind, id.as_str()))
            .find(|element| element.kind != ElementKind::Network && network.contains(element))
            .and_then(|element| around(&element, 160.0))
            .ok_or_else(|| unknown(id)),
    }
}

/// The image drawn into.
#[derive(Resource, Clone)]
struct Canvas {
    image: Handle<Image>,
    size: [u32; 2],
    scale: f32,
    target: Target,
}

/// Bytes of the picture as the adapter gave them.
type Caught = Arc<Mutex<Option<Vec<u8>>>>;

/// Rows come back padded to a multiple of 256 bytes.
fn unpadded(bytes: Vec<u8>, [width, height]: [u32; 2]) -> Option<Image> {
    let row = width as usize * 4;
    let padded = row.next_multiple_of(256);
    let data: Vec<u8> =
        bytes.chunks(padded).take(height as usize).flat_map(|chunk| chunk.get(..row)).flatten().copied().collect();
    if data.len() != row * height as usize {
        return None;
    }
    let size = Extent3d { width, height, depth_or_array_layers: 1 };
    Some(Image::new(size, TextureDimension::D2, data, TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::MAIN_WORLD))
}

fn draw(
    session: Session,
    size: [u32; 2],
    target: Target,
    resources: bevy::render::settings::RenderResources,
) -> Result<Image, TwinError> {
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .build()
            .disable::<WinitPlugin>()
            .set(LogPlugin { level: bevy::log::Level::ERROR, ..default() })
            .disable::<PipelinedRenderingPlugin>()
            .set(WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() })
            .set(RenderPlugin {
                render_creation: RenderCreation::Manual(resources),
                synchronous_pipeline_compilation: true,
                ..default()
            }),
    );
    // Texts keep their size in proportion on large pictures.
    let scale = (size[1] as f32 / 800.0).clamp(1.0, 4.0).min(size[0] as f32 / 640.0).max(0.5);
    let mut image = Image::new_target_texture(size[0], size[1], TextureFormat::Rgba8UnormSrgb, None);
    image.asset_usage = RenderAssetUsages::all();
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    let image = app.world_mut().resource_mut::<Assets<Image>>().add(image);
    app.insert_resource(Canvas { image: image.clone(), size, scale, target })
        .insert_resource(Quality::STILL)
        .insert_resource(Open { session })
        .init_resource::<Eye>()
        .add_plugins(super::ui_host::egui_plugin())
        .insert_resource(bevy_egui::EguiGlobalSettings { auto_create_primary_context: false, ..default() });
    picture_plugins(&mut app);
    app.add_systems(Startup, spawn_cameras)
        .add_systems(Update, look.in_set(super::schedule::TwinSystems::Camera))
        .add_systems(EguiPrimaryContextPass, paint_over);
    app.finish();
    app.cleanup();

    let caught: Caught = Caught::default();
    let mut asked = false;
    let mut settled = 0;
    for _ in 0..LAST_FRAME {
        app.update();
        settled = if is_complete(&app) { settled + 1 } else { 0 };
        // Shaders are read on other threads; a frame without them is drawn at once and would only burn time.
        if settled == 0 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        if settled >= WARM_UP && !asked {
            asked = true;
            let keep = caught.clone();
            app.world_mut().spawn(Readback::texture(image.clone())).observe(move |done: On<ReadbackComplete>| {
                if let Ok(mut slot) = keep.lock() {
                    *slot = Some(done.data.clone());
                }
            });
        }
        if let Some(bytes) = caught.lock().ok().and_then(|mut slot| slot.take()) {
            return unpadded(bytes, size).ok_or(TwinError::NothingDrawn);
        }
    }
    Err(TwinError::NothingDrawn)
}

/// Whether everything has a colour and no pipeline waits for its shader.
fn is_complete(app: &App) -> bool {
    let painted = app.world().resource::<Painted>().count > 0;
    let compiled = app
        .get_sub_app(RenderApp)
        .and_then(|render| render.world().get_resource::<PipelineCache>())
        .is_some_and(|cache| cache.waiting_pipelines().next().is_none());
    painted && compiled
}

fn spawn_cameras(mut commands: Commands, canvas: Res<Canvas>, quality: Res<Quality>) {
    let target = || {
        RenderTarget::Image(bevy::camera::ImageRenderTarget {
            handle: canvas.image.clone(),
            scale_factor: canvas.scale,
        })
    };
    commands.spawn((
        MapCamera,
        PrimaryEguiContext,
        Camera3d::default(),
        Camera::default(),
        target(),
        Projection::Perspective(PerspectiveProjection { fov: FIELD_OF_VIEW, near: 1.0, far: 500_000.0, ..default() }),
        bevy::core_pipeline::tonemapping::Tonemapping::None,
        quality.msaa(),
        Transform::default(),
    ));
}

fn look(
    mut eye: ResMut<Eye>,
    canvas: Res<Canvas>,
    picture: Res<Picture>,
    mut cameras: Query<&mut Transform, With<MapCamera>>,
) {
    let Some(frame) = &picture.frame else { return };
    let logical = Vec2::new(canvas.size[0] as f32, canvas.size[1] as f32) / canvas.scale;
    eye.area = Rect::from_corners(Vec2::ZERO, logical);
    let aspect = eye.aspect();
    match canvas.target {
        Target::Everything { pitch } => {
            eye.target = Rig { pitch, ..Rig::default() };
            eye.fit(frame, &picture.routes);
        }
        Target::Place { x_m, y_m, radius_m } => {
            eye.target = Rig { pitch: 0.62, ..Rig::default() };
            let centre = frame.on_ground(x_m, y_m);
            eye.target.fit(centre, [radius_m, radius_m], aspect);
        }
    }
    eye.jump();
    if let Ok(mut transform) = cameras.single_mut() {
        *transform = Transform { translation: eye.now.eye(), rotation: eye.now.rotation(), scale: Vec3::ONE };
    }
}

fn paint_over(mut contexts: EguiContexts, open: Res<Open>, picture: Res<Picture>, mut eye: ResMut<Eye>) -> Result {
    let ctx = contexts.ctx_mut()?;
    let area = ctx.viewport_rect();
    crate::panels::fonts::install_once(ctx);
    let painter = egui::Painter::new(ctx.clone(), egui::LayerId::background(), area);
    let mut taken = vec![furniture::north_card(area)];
    emergency::draw(&painter, &open.session, &picture, &eye, 0.0, &mut taken);
    field::draw(&painter, &open.session, &picture, &eye, &mut taken);
    labels::draw(&painter, &open.session, &picture, &eye, taken);
    furniture::scale_and_north(&painter, area, &eye, open.session.theme(), false);
    let title = furniture::title(&painter, area, &open.session);
    let legend = furniture::legend(&painter, area, &open.session);
    // The next frame looks at the network past them.
    let cards = [title, legend, furniture::north_card(area)];
    eye.cards = cards.map(|card| Rect::new(card.min.x, card.min.y, card.max.x, card.max.y)).to_vec();
    Ok(())
}

/// Writes the picture beside its destination and moves it there, so that a failure leaves no half file.
fn write(image: Image, path: &Path) -> Result<(), TwinError> {
    let failed = |reason: String| TwinError::NotWritten { path: path.to_owned(), reason };
    let picture = image.try_into_dynamic().map_err(|error| failed(error.to_string()))?.to_rgb8();
    let folder: PathBuf = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    // In a folder of its own: the file inside gets the rights any new file gets, and the folder goes whatever happens.
    let corner = tempfile::Builder::new()
        .prefix(".hypocaust-")
        .tempdir_in(&folder)
        .map_err(|error| failed(error.to_string()))?;
    let file = corner.path().join("picture.png");
    picture.save(&file).map_err(|error| failed(error.to_string()))?;
    std::fs::rename(&file, path).map_err(|error| failed(error.to_string()))?;
    Ok(())
}
