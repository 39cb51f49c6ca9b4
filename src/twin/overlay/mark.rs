//! Marks what is under the cursor and what is selected, and passes slider values on to the shaders.

use bevy::math::Vec4;
use bevy::prelude::*;

use crate::network::{ElementKind, ElementRef, Network};
use crate::session::Session;
use crate::twin::quality::Quality;
use crate::twin::scene::Picture;
use crate::twin::scene::materials::{MapMaterial, PipeMaterial, SymbolMaterial, as_mark};
use crate::twin::scene::pipes::PipeOwner;
use crate::twin::schedule::TwinSystems;
use crate::twin::session_bridge::Open;

/// Keeps marks up to date.
pub struct MarkPlugin;

impl Plugin for MarkPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, mark.in_set(TwinSystems::Mark));
    }
}

/// Numbers of an element in the three meshes that can be marked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Marks {
    pipe: Option<u32>,
    sign: Option<u32>,
    block: Option<u32>,
}

fn marks(picture: &Picture, network: &Network, element: Option<&ElementRef>) -> Marks {
    let Some(element) = element else { return Marks::default() };
    let position = |found: Option<usize>| found.map(|index| index as u32);
    let link = network.find_link(element);
    let owner = match (link, element.kind) {
        (Some(link), _) => Some(PipeOwner::Link(link)),
        (None, ElementKind::Node) => network.node_id(&element.id).map(PipeOwner::Node),
        _ => None,
    };
    Marks {
        pipe: position(owner.and_then(|owner| picture.pipe_owners.iter().position(|known| *known == owner))),
        sign: position(picture.signs.iter().position(|sign| sign.element == *element)),
        block: (element.kind == ElementKind::Building)
            .then(|| position(picture.buildings.iter().position(|id| *id == element.id)))
            .flatten(),
    }
}

/// What the marks were computed from.
#[derive(Clone, Debug, Default, PartialEq)]
struct MarkKey {
    generation: u64,
    hover: Option<ElementRef>,
    selection: Option<ElementRef>,
}

#[derive(bevy::ecs::system::SystemParam)]
struct Looks<'w> {
    map: ResMut<'w, Assets<MapMaterial>>,
    pipes: ResMut<'w, Assets<PipeMaterial>>,
    symbols: ResMut<'w, Assets<SymbolMaterial>>,
}

fn mark(
    open: Res<Open>,
    picture: Res<Picture>,
    quality: Res<Quality>,
    time: Res<Time>,
    mut looks: Looks,
    mut known: Local<(MarkKey, Marks, Marks)>,
) {
    let Some(handles) = &picture.handles else { return };
    let session: &Session = &open.session;
    let key = MarkKey {
        generation: picture.generation,
        hover: session.hover().cloned(),
        selection: session.selection().cloned(),
    };
    if known.0 != key {
        known.1 = marks(&picture, session.network(), key.hover.as_ref());
        known.2 = marks(&picture, session.network(), key.selection.as_ref());
        known.0 = key;
    }
    let (hover, selection) = (known.1, known.2);
    let exaggeration = session.view().pipe_exaggeration as f32;
    let seconds = if quality.animated { time.elapsed_secs_wrapped() } else { 0.0 };
    let dimmed = if session.view().underground { 0.45 } else { 1.0 };

    // Touching an asset uploads it again: only where a number differs.
    if let Some(look) = looks.pipes.get(&handles.pipes).map(|material| material.look) {
        let size = Vec4::new(exaggeration, look.size.y, look.size.z, look.size.w);
        let motion = Vec4::new(seconds, 1.0, as_mark(hover.pipe), as_mark(selection.pipe));
        if (look.size, look.motion) != (size, motion)
            && let Some(mut material) = looks.pipes.get_mut(&handles.pipes)
        {
            (material.look.size, material.look.motion) = (size, motion);
        }
    }
    if let Some(look) = looks.symbols.get(&handles.symbols).map(|material| material.look) {
        let size = Vec4::new(look.size.x, look.size.y, look.size.z, exaggeration);
        let motion = Vec4::new(0.0, 0.0, as_mark(hover.sign), as_mark(selection.sign));
        if (look.size, look.motion) != (size, motion)
            && let Some(mut material) = looks.symbols.get_mut(&handles.symbols)
        {
            (material.look.size, material.look.motion) = (size, motion);
        }
    }
    if let Some(look) = looks.map.get(&handles.blocks).map(|material| material.look) {
        let options = Vec4::new(look.options.x, look.options.y, as_mark(hover.block), as_mark(selection.block));
        if look.options != options
            && let Some(mut material) = looks.map.get_mut(&handles.blocks)
        {
            material.look.options = options;
        }
    }
    if let Some(strength) = looks.map.get(&handles.ground).map(|material| material.look.contour.w) {
        let wanted = 0.55 * dimmed;
        if strength != wanted
            && let Some(mut material) = looks.map.get_mut(&handles.ground)
        {
            material.look.contour.w = wanted;
        }
    }
}
