//! Names on the map that do not overlap, and the words beside the cursor.

use bevy_egui::egui;

use crate::network::{ElementKind, ElementRef, LinkKind, Network, Priority};
use crate::session::{Session, Theme};
use crate::text::{Argument, Language};
use crate::twin::camera::Eye;
use crate::twin::picking::shown_at;
use crate::twin::scene::Picture;
use crate::twin::scene::symbols::{Sign, SignKind};

/// At most this many names at a time: more is noise.
const MOST_LABELS: usize = 70;

/// Colours of text on the map.
#[derive(Clone, Copy)]
pub struct Inks {
    pub text: egui::Color32,
    pub quiet: egui::Color32,
    pub halo: egui::Color32,
    pub card: egui::Color32,
    pub line: egui::Color32,
}

impl Inks {
    pub fn of(theme: Theme) -> Inks {
        let rgb = egui::Color32::from_rgb;
        match theme {
            Theme::Light => Inks {
                text: rgb(0x1d, 0x25, 0x2e),
                quiet: rgb(0x55, 0x60, 0x6c),
                halo: egui::Color32::from_rgba_unmultiplied(250, 250, 248, 228),
                card: egui::Color32::from_rgba_unmultiplied(255, 255, 255, 236),
                line: rgb(0xc3, 0xc8, 0xce),
            },
            Theme::Dark => Inks {
                text: rgb(0xea, 0xee, 0xf2),
                quiet: rgb(0xa3, 0xae, 0xba),
                halo: egui::Color32::from_rgba_unmultiplied(14, 18, 24, 180),
                card: egui::Color32::from_rgba_unmultiplied(22, 28, 36, 236),
                line: rgb(0x3c, 0x47, 0x54),
            },
        }
    }
}

/// A name waiting for a place.
struct Wish<'a> {
    rank: (u8, f32),
    sign: &'a Sign,
    strong: bool,
}

/// Draws names, most important first; a name that would cover another, or what is `taken` already, is left out.
pub fn draw(painter: &egui::Painter, session: &Session, picture: &Picture, eye: &Eye, mut taken: Vec<egui::Rect>) {
    if !session.view().labels {
        return;
    }
    let network = session.network();
    let inks = Inks::of(session.theme());
    let exaggeration = session.view().pipe_exaggeration as f32;
    let mut wishes: Vec<Wish<'_>> = picture.signs.iter().filter_map(|sign| wish(sign, session)).collect();
    // Stable order among equals, so that names do not flicker while the camera moves.
    wishes.sort_by(|a, b| a.rank.0.cmp(&b.rank.0).then(b.rank.1.total_cmp(&a.rank.1)));
    let most = taken.len() + MOST_LABELS;
    let clip = painter.clip_rect().shrink(4.0);
    for wish in wishes {
        if taken.len() >= most {
            break;
        }
        let sign = wish.sign;
        let Some((_, depth)) = eye.now.project(sign.position, eye.aspect()) else { continue };
        let Some(half_px) = sign.half_px(eye.pixel_m(depth), true) else { continue };
        // Names of small things only from near by.
        let pixel_m = eye.pixel_m(depth);
        let too_far = match sign.kind {
            SignKind::Source => false,
            SignKind::Consumer => pixel_m > 4.5,
            SignKind::Valve | SignKind::Pump => pixel_m > 0.9,
            SignKind::Chamber => pixel_m > 0.6,
        };
        if too_far && !wish.strong {
            continue;
        }
        let Some((at, _)) = shown_at(eye, sign.position, sign.lateral, sign.widest_m, half_px * 1.04, exaggeration)
        else {
            continue;
        };
        let text = name_of(network, &sign.element);
        let size = if sign.kind == SignKind::Source { 14.0 } else { 11.5 };
        let galley = painter.layout_no_wrap(text, egui::FontId::proportional(size), inks.text);
        let spots = [
            egui::vec2(half_px + 4.0, -galley.size().y / 2.0),
            egui::vec2(-galley.size().x / 2.0, half_px + 2.0),
            egui::vec2(-galley.size().x / 2.0, -half_px - 2.0 - galley.size().y),
            egui::vec2(-half_px - 4.0 - galley.size().x, -galley.size().y / 2.0),
        ];
        let here = egui::pos2(at.x, at.y);
        let place = spots.into_iter().map(|spot| egui::Rect::from_min_size(here + spot, galley.size())).find(|rect| {
            clip.contains_rect(*rect)
                && taken.iter().all(|known| !known.expand2(egui::vec2(4.0, 1.0)).intersects(*rect))
        });
        let Some(rect) = place else { continue };
        taken.push(rect);
        painter.rect_filled(rect.expand2(egui::vec2(3.0, 0.0)), 3.0, inks.halo);
        painter.galley(rect.min, galley, inks.text);
    }
}

/// Text with a soft edge in the colour of the ground, readable on anything.
pub fn haloed(painter: &egui::Painter, at: egui::Pos2, galley: std::sync::Arc<egui::Galley>, inks: Inks) {
    for offset in [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (-0.8, -0.8), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8)]
    {
        let moved = at + egui::vec2(offset.0, offset.1) * 1.2;
        painter.galley_with_override_text_color(moved, galley.clone(), inks.halo);
    }
    painter.galley(at, galley, inks.text);
}

fn wish<'a>(sign: &'a Sign, session: &Session) -> Option<Wish<'a>> {
    let network = session.network();
    let selected = session.selection() == Some(&sign.element);
    if selected {
        return Some(Wish { rank: (0, 0.0), sign, strong: true });
    }
    if session.shown_answer().is_some() {
        return concerned(sign, session);
    }
    let link = sign.link.and_then(|link| network.link(link));
    let (rank, strong) = match (sign.kind, link.map(|link| &link.kind)) {
        (SignKind::Source, _) => ((1, 0.0), true),
        (SignKind::Valve, Some(LinkKind::Valve(valve))) if valve.opening < 0.005 => ((2, 0.0), true),
        (SignKind::Consumer, _) => {
            let heat_w = sign
                .link
                .and_then(|link| session.solution()?.consumer(link).map(|state| state.heat_w as f32))
                .filter(|heat| heat.is_finite())
                .unwrap_or(0.0);
            ((3, heat_w), false)
        }
        (SignKind::Pump, _) => ((4, 0.0), false),
        (SignKind::Valve, _) => ((5, 0.0), false),
        (SignKind::Chamber, _) => ((6, 0.0), false),
    };
    Some(Wish { rank, sign, strong })
}

/// In an emergency: plants, and those who lose heat, hospitals and schools first and from any distance.
fn concerned<'a>(sign: &'a Sign, session: &Session) -> Option<Wish<'a>> {
    if sign.kind == SignKind::Source {
        return Some(Wish { rank: (2, 0.0), sign, strong: true });
    }
    let answer = session.shown_answer()?;
    let link = sign.link.filter(|_| sign.kind == SignKind::Consumer)?;
    let impact = answer.loss_of(link)?;
    let first = impact.priority < Priority::Residential;
    let lost_w = ((1.0 - impact.share) * impact.before_w) as f32;
    Some(Wish { rank: (if first { 1 } else { 3 }, lost_w), sign, strong: first })
}

/// What people call an element.
pub fn name_of(network: &Network, element: &ElementRef) -> String {
    let name = match element.kind {
        ElementKind::Node => {
            network.node_id(&element.id).and_then(|node| network.node(node)).map(|node| node.name.as_str())
        }
        ElementKind::Chamber => network.chambers().get(&element.id).map(|chamber| chamber.name.as_str()),
        ElementKind::Building => network.buildings().get(&element.id).map(|building| building.name.as_str()),
        _ => network.find_link(element).and_then(|link| network.link(link)).map(|link| link.name()),
    };
    name.filter(|name| !name.is_empty()).map_or_else(|| element.id.to_string(), str::to_owned)
}

/// Name and value of what is under the cursor, beside it.
pub fn tooltip(painter: &egui::Painter, area: egui::Rect, cursor: egui::Pos2, session: &Session) {
    let Some(element) = session.hover() else { return };
    let network = session.network();
    let inks = Inks::of(session.theme());
    let texts = session.language().texts();
    let name = name_of(network, element);
    let kind = texts.get(&format!("element-{}", element.kind.word())).into_owned();
    let heading =
        if session.language() == Language::Chinese { format!("{kind} {name}") } else { format!("{name} · {kind}") };
    let mut rows = vec![(heading, 13.0, inks.text)];
    let coloured = session.coloured();
    let values: Vec<f64> = match element.kind {
        ElementKind::Node => network
            .node_id(&element.id)
            .and_then(|node| coloured.nodes.get(node.index()).copied())
            .into_iter()
            .collect(),
        ElementKind::Building => {
            let place = network.buildings().keys().position(|id| *id == element.id);
            place.and_then(|place| coloured.buildings.get(place).copied()).into_iter().collect()
        }
        _ => network
            .find_link(element)
            .and_then(|link| coloured.links.get(link.index()))
            .map_or_else(Vec::new, |ends| if ends[0] == ends[1] { vec![ends[0]] } else { ends.to_vec() }),
    };
    let values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    if coloured.by.is_continuous() && !values.is_empty() {
        let quantity = coloured.quantity();
        let unit = session.units().unit(quantity).symbol;
        let numbers: Vec<String> = values.iter().map(|value| session.units().number(quantity, *value)).collect();
        rows.push((format!("{} {unit}", numbers.join(" → ")), 12.5, inks.text));
    }
    if let Some(LinkKind::Valve(valve)) =
        network.find_link(element).and_then(|link| network.link(link)).map(|link| &link.kind)
    {
        let opening = session.units().text(crate::units::Quantity::Share, valve.opening);
        rows.push((texts.with("twin-opening", &[("opening", Argument::from(opening))]), 12.5, inks.quiet));
    }
    let galleys: Vec<_> = rows
        .into_iter()
        .map(|(text, size, colour)| painter.layout_no_wrap(text, egui::FontId::proportional(size), colour))
        .collect();
    let width = galleys.iter().map(|galley| galley.size().x).fold(0.0, f32::max) + 16.0;
    let height = galleys.iter().map(|galley| galley.size().y + 1.0).sum::<f32>() + 10.0;
    let mut corner = cursor + egui::vec2(16.0, 14.0);
    if corner.x + width > area.max.x - 4.0 {
        corner.x = cursor.x - 10.0 - width;
    }
    if corner.y + height > area.max.y - 4.0 {
        corner.y = cursor.y - 10.0 - height;
    }
    let card = egui::Rect::from_min_size(corner, egui::vec2(width, height));
    painter.rect(card, 4.0, inks.card, egui::Stroke::new(1.0, inks.line), egui::StrokeKind::Inside);
    let mut at = card.min + egui::vec2(8.0, 5.0);
    for galley in galleys {
        let step = galley.size().y + 1.0;
        painter.galley(at, galley, inks.text);
        at.y += step;
    }
}
