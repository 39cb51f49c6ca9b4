//! What an emergency adds to the map: the break, the valves to close by number, the ways of the crews, the zone's edge.
//!
//! Drawn over the map in window pixels, so that numbers stay as large from far as from near. Signs that would cover each
//! other move apart and keep a line to their place; names of the map give way to them.

use bevy::math::Vec2;
use bevy_egui::egui::{self, Align2, Color32, FontId, Pos2, Rect, Shape, Stroke, vec2};

use super::labels::Inks;
use crate::emergency::closing::{bases, place_m};
use crate::network::{LinkId, Network};
use crate::session::Session;
use crate::session::emergency::{Answer, Drill, Emergency, colours};
use crate::text::Argument;
use crate::twin::camera::Eye;
use crate::twin::frame::MapFrame;
use crate::twin::picking::shown_at;
use crate::twin::scene::Picture;
use crate::units::hours_minutes;

/// Half size of a valve's disc.
const DISC: f32 = 15.0;
/// Height of the break's mast.
const MAST: f32 = 84.0;
/// Points of the ring round the break.
const RING_POINTS: usize = 40;

struct Sheet<'a> {
    painter: &'a egui::Painter,
    session: &'a Session,
    picture: &'a Picture,
    frame: &'a MapFrame,
    eye: &'a Eye,
    inks: Inks,
}

fn rgb([r, g, b]: [u8; 3]) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// Draws what is known; `taken` grows by the places that names must keep clear of. `seconds` moves the ring of the break.
pub fn draw(
    painter: &egui::Painter,
    session: &Session,
    picture: &Picture,
    eye: &Eye,
    seconds: f32,
    taken: &mut Vec<Rect>,
) {
    let (Some(emergency), Some(frame)) = (session.shown_emergency(), &picture.frame) else { return };
    let sheet = Sheet { painter, session, picture, frame, eye, inks: Inks::of(session.theme()) };
    if let Some(answer) = emergency.shown() {
        sheet.edges(answer);
        sheet.plan_ways(emergency, answer);
    }
    if let Some(drill) = emergency.drill() {
        sheet.drill_ways(drill);
    }
    for place in emergency.places() {
        if let Some(link) = session.network().find_link(&place.element) {
            sheet.mast(link, place.position, seconds, taken);
        }
    }
    match emergency.drill().filter(|drill| !drill.is_over()) {
        Some(drill) => sheet.orders(drill, taken),
        None => {
            if let Some(answer) = emergency.shown() {
                sheet.valves(emergency, answer, taken);
            }
        }
    }
}

impl Sheet<'_> {
    fn on_ground(&self, [x_m, y_m]: [f64; 2]) -> Option<Pos2> {
        let (at, _) = self.eye.to_window(self.frame.on_ground(x_m, y_m))?;
        Some(egui::pos2(at.x, at.y))
    }

    /// Where a valve's own sign is.
    fn valve_at(&self, network: &Network, valve: LinkId) -> Option<Pos2> {
        let sign = self.picture.signs.iter().find(|sign| sign.link == Some(valve));
        let Some(sign) = sign else { return self.on_ground(place_m(network, valve)?) };
        let (_, depth) = self.eye.now.project(sign.position, self.eye.aspect())?;
        let half_px = sign.half_px(self.eye.pixel_m(depth), true)?;
        let times = self.session.view().pipe_exaggeration as f32;
        let (at, _) = shown_at(self.eye, sign.position, sign.lateral, sign.widest_m, half_px * 1.04, times)?;
        Some(egui::pos2(at.x, at.y))
    }

    /// Edges of what drains and of what has no heat.
    fn edges(&self, answer: &Answer) {
        for (rings, colour) in [(&answer.zone[1], colours::UNFED), (&answer.zone[0], colours::ALARM)] {
            for ring in rings {
                let mut line: Vec<Pos2> = Vec::new();
                for point in ring {
                    match self.on_ground(*point) {
                        // Arcs of the strips have more points than pixels.
                        Some(at) if line.last().is_none_or(|last| last.distance(at) > 2.5) => line.push(at),
                        Some(_) => {}
                        None => self.edge(std::mem::take(&mut line), colour),
                    }
                }
                self.edge(line, colour);
            }
        }
    }

    fn edge(&self, line: Vec<Pos2>, colour: [u8; 3]) {
        if line.len() > 1 {
            self.painter.add(Shape::line(line, Stroke::new(1.6, rgb(colour))));
        }
    }

    fn plan_ways(&self, emergency: &Emergency, answer: &Answer) {
        let network = &answer.network;
        let homes = bases(network, &answer.request.crews);
        for crew in 0..answer.request.crews.count {
            let mut tasks: Vec<_> = answer.response.tasks.iter().filter(|task| task.crew == Some(crew)).collect();
            tasks.sort_by(|a, b| a.begins_s.total_cmp(&b.begins_s));
            let done = |valve: LinkId| emergency.is_shut(&network.link_name(valve));
            let stops = tasks.iter().filter(|task| !done(task.valve)).filter_map(|task| place_m(network, task.valve));
            self.way(homes.get(crew % homes.len().max(1)).copied(), stops.collect(), crew);
        }
    }

    fn drill_ways(&self, drill: &Drill) {
        if drill.is_over() {
            return;
        }
        let network = drill.network();
        let crews = crate::emergency::closing::Crews::default();
        let homes = bases(network, &crews);
        for crew in 0..crews.count {
            let orders = drill.orders().iter().filter(|order| order.crew == Some(crew));
            let stops = orders.filter_map(|order| place_m(network, order.valve));
            self.way(homes.get(crew % homes.len().max(1)).copied(), stops.collect(), crew);
        }
    }

    /// A crew's way from its base from valve to valve.
    fn way(&self, home: Option<[f64; 2]>, stops: Vec<[f64; 2]>, crew: usize) {
        let (Some(home), false) = (home, stops.is_empty()) else { return };
        let points: Vec<Pos2> = std::iter::once(home).chain(stops).filter_map(|point| self.on_ground(point)).collect();
        for (width, colour) in [(4.5, self.inks.halo), (2.0, self.inks.text)] {
            self.painter.extend(Shape::dashed_line(&points, Stroke::new(width, colour), 9.0, 6.0));
        }
        let Some(home) = self.on_ground(home) else { return };
        // A second crew of the same base stands beside the first.
        let card = Rect::from_center_size(home + vec2(26.0 * crew as f32 - 13.0, 30.0), vec2(22.0, 20.0));
        self.painter.rect(card, 4.0, self.inks.text, Stroke::new(1.5, self.inks.halo), egui::StrokeKind::Outside);
        let colour = self.inks.card.to_opaque();
        self.painter.text(
            card.center(),
            Align2::CENTER_CENTER,
            (crew + 1).to_string(),
            FontId::proportional(14.0),
            colour,
        );
    }

    /// A mast with a star over the break and a ring round its foot, seen from anywhere.
    fn mast(&self, link: LinkId, position: f64, seconds: f32, taken: &mut Vec<Rect>) {
        let Some(route) = self.picture.routes.routes.iter().find(|route| route.link == link) else { return };
        let wanted_m = route.points.last().map_or(0.0, |point| point.along_m) * position as f32;
        let after = route.points.partition_point(|point| point.along_m < wanted_m).clamp(1, route.points.len() - 1);
        let (a, b) = (&route.points[after - 1], &route.points[after]);
        let share = if b.along_m > a.along_m { (wanted_m - a.along_m) / (b.along_m - a.along_m) } else { 0.0 };
        let place = a.position.lerp(b.position, share.clamp(0.0, 1.0));
        let lateral = a.lateral.lerp(b.lateral, share.clamp(0.0, 1.0));
        let times = self.session.view().pipe_exaggeration as f32;
        let Some((foot, pixel_m)) = shown_at(self.eye, place, lateral, route.radius_m, 0.0, times) else { return };
        let alarm = rgb(colours::ALARM);
        let pulse = if seconds > 0.0 { (seconds * 1.1).fract() } else { 0.55 };
        for (share, strength) in [(pulse, 1.0 - pulse), (0.35, 1.0)] {
            let radius_m = (14.0 + 46.0 * share) * pixel_m;
            let points: Vec<Pos2> = (0..RING_POINTS)
                .filter_map(|i| {
                    let (sin, cos) = (i as f32 / RING_POINTS as f32 * std::f32::consts::TAU).sin_cos();
                    let mut at = place;
                    (at.x, at.z) = (place.x + cos * radius_m, place.z + sin * radius_m);
                    self.eye.to_window(at).map(|(at, _)| egui::pos2(at.x, at.y))
                })
                .collect();
            self.painter.add(Shape::closed_line(points, Stroke::new(3.5, alarm.gamma_multiply(strength))));
        }
        let foot = egui::pos2(foot.x, foot.y);
        let top = foot - vec2(0.0, MAST);
        self.painter.line_segment([foot, top], Stroke::new(6.0, self.inks.halo));
        self.painter.line_segment([foot, top], Stroke::new(3.0, alarm));
        let star: Vec<Pos2> = (0..16)
            .map(|i| {
                let angle = i as f32 / 16.0 * std::f32::consts::TAU;
                let radius = if i % 2 == 0 { 22.0 } else { 13.5 };
                top + vec2(angle.cos(), angle.sin()) * radius
            })
            .collect();
        // Filled from the middle: the star is not convex.
        let mut mesh = egui::Mesh::default();
        mesh.colored_vertex(top, alarm);
        star.iter().for_each(|at| mesh.colored_vertex(*at, alarm));
        (0..16).for_each(|i| mesh.add_triangle(0, i + 1, (i + 1) % 16 + 1));
        self.painter.add(mesh);
        self.painter.add(Shape::closed_line(star, Stroke::new(1.8, Color32::WHITE)));
        self.painter.text(top, Align2::CENTER_CENTER, "!", FontId::proportional(24.0), Color32::WHITE);
        taken.push(Rect::from_center_size(top, vec2(46.0, 46.0)));
        taken.push(Rect::from_min_max(top - vec2(3.0, 0.0), foot + vec2(3.0, 0.0)));
    }

    fn valves(&self, emergency: &Emergency, answer: &Answer, taken: &mut Vec<Rect>) {
        let network = &answer.network;
        let mut discs = Vec::new();
        let stop = self.session.language().texts().get("alarm-stop").into_owned();
        for &plant in &answer.response.plan.stopped_sources {
            let text = "■".to_owned();
            discs.push(Disc { valve: plant, text, colour: colours::ALARM, under: stop.clone(), size: DISC });
        }
        let needed = answer.response.tasks.iter().filter(|task| !task.optional).enumerate();
        for (number, task) in needed {
            let done = emergency.is_shut(&network.link_name(task.valve));
            let colour = if done { colours::DONE } else { colours::ALARM };
            let under = task.crew.map_or_else(|| hours_minutes(task.shut_s), |crew| self.eta(crew, task.shut_s));
            let text = if done { "●".to_owned() } else { (number + 1).to_string() };
            discs.push(Disc { valve: task.valve, text, colour, under, size: DISC });
        }
        for id in emergency.stuck() {
            if let Some(valve) = network.link_id(id) {
                discs.push(Disc {
                    valve,
                    text: "×".to_owned(),
                    colour: colours::WATCH,
                    under: String::new(),
                    size: DISC,
                });
            }
        }
        for task in answer.response.tasks.iter().filter(|task| task.optional) {
            let done = emergency.is_shut(&network.link_name(task.valve));
            let colour = if done { colours::DONE } else { [0x80, 0x88, 0x92] };
            discs.push(Disc { valve: task.valve, text: String::new(), colour, under: String::new(), size: 7.0 });
        }
        self.discs(network, discs, taken);
    }

    fn orders(&self, drill: &Drill, taken: &mut Vec<Rect>) {
        let now_s = drill.clock_s();
        let disc = |(number, order): (usize, &crate::emergency::rehearsal::Order)| {
            let (text, colour) = match () {
                () if now_s >= order.begins_s && !order.moves => ("×".to_owned(), colours::WATCH),
                () if now_s >= order.shut_s => ("●".to_owned(), colours::DONE),
                () => ((number + 1).to_string(), colours::ALARM),
            };
            let under = order.crew.map_or_else(|| hours_minutes(order.shut_s), |crew| self.eta(crew, order.shut_s));
            Disc { valve: order.valve, text, colour, under, size: DISC }
        };
        self.discs(drill.network(), drill.orders().iter().enumerate().map(disc).collect(), taken);
    }

    fn eta(&self, crew: usize, at_s: f64) -> String {
        let texts = self.session.language().texts();
        texts.with("alarm-eta", &[("crew", Argument::from(crew + 1)), ("time", Argument::from(hours_minutes(at_s)))])
    }

    /// Valves' numbers, moved aside where another sign lies: lines first, so that they hide no number.
    fn discs(&self, network: &Network, discs: Vec<Disc>, taken: &mut Vec<Rect>) {
        let mut placed = Vec::new();
        for disc in discs {
            let Some(at) = self.valve_at(network, disc.valve).filter(|at| self.painter.clip_rect().contains(*at))
            else {
                continue;
            };
            let caption = (!disc.under.is_empty())
                .then(|| self.painter.layout_no_wrap(disc.under.clone(), FontId::proportional(12.5), self.inks.text));
            let wide = caption.as_ref().map_or(0.0, |caption| caption.size().x + 8.0).max(2.0 * disc.size);
            let tall = caption.as_ref().map_or(0.0, |caption| caption.size().y + 2.0);
            let around = |at: Pos2| {
                let low = at + vec2(wide / 2.0, disc.size + tall);
                Rect::from_min_max(at - vec2(wide / 2.0, disc.size), low)
            };
            let mut places = [0.0, 2.3, 3.4, 4.8, 6.4, 8.2].into_iter().flat_map(|reach| {
                let count = if reach == 0.0 { 1 } else { 8 };
                (0..count).map(move |i| {
                    let (sin, cos) = (i as f32 / 8.0 * std::f32::consts::TAU - 0.4).sin_cos();
                    at + vec2(cos, sin) * reach * DISC
                })
            });
            let clip = self.painter.clip_rect();
            let free = |place: &Pos2| {
                let rect = around(*place);
                clip.contains_rect(rect) && taken.iter().all(|known| !known.intersects(rect))
            };
            let place = places.find(free).unwrap_or(at);
            taken.push(around(place));
            placed.push((disc, at, place, caption));
        }
        for (disc, at, place, _) in placed.iter().filter(|(_, at, place, _)| at != place) {
            self.painter.line_segment([*at, *place], Stroke::new(4.0, self.inks.halo));
            self.painter.line_segment([*at, *place], Stroke::new(1.8, rgb(disc.colour)));
            self.painter.circle(*at, 4.0, rgb(disc.colour), Stroke::new(1.2, Color32::WHITE));
        }
        for (disc, _, place, caption) in placed {
            self.painter.circle(place, disc.size, rgb(disc.colour), Stroke::new(2.0, Color32::WHITE));
            let ink = if disc.colour == colours::WATCH { Color32::BLACK } else { Color32::WHITE };
            let font = FontId::proportional(disc.size * 1.25);
            self.painter.text(place, Align2::CENTER_CENTER, &disc.text, font, ink);
            if let Some(caption) = caption {
                let card = Rect::from_center_size(
                    place + vec2(0.0, disc.size + caption.size().y / 2.0 + 1.0),
                    caption.size() + vec2(8.0, 0.0),
                );
                self.painter.rect_filled(card, 3.0, self.inks.card.to_opaque());
                self.painter.galley(card.center() - caption.size() / 2.0, caption, self.inks.text);
            }
        }
    }
}

/// A valve's number (or a plant that has to stop) and what stands under it.
struct Disc {
    valve: LinkId,
    text: String,
    colour: [u8; 3],
    under: String,
    size: f32,
}

/// Share of the way along a link's line in the picture that lies nearest to a point of the window.
pub fn share_at(picture: &Picture, eye: &Eye, times: f32, link: LinkId, cursor: Vec2) -> f64 {
    let Some(route) = picture.routes.routes.iter().find(|route| route.link == link) else { return 0.5 };
    let whole_m = route.points.last().map_or(0.0, |point| point.along_m);
    let mut best = (f32::MAX, 0.5);
    for pair in route.points.windows(2) {
        let place = |at: usize| shown_at(eye, pair[at].position, pair[at].lateral, pair[at].widest_m, 0.0, times);
        let (Some((a, _)), Some((b, _))) = (place(0), place(1)) else { continue };
        let along = b - a;
        let length = along.length_squared();
        let share = if length > 0.0 { ((cursor - a).dot(along) / length).clamp(0.0, 1.0) } else { 0.0 };
        let distance = cursor.distance(a + along * share);
        if distance < best.0 && whole_m > 0.0 {
            let along_m = pair[0].along_m + (pair[1].along_m - pair[0].along_m) * share;
            best = (distance, f64::from(along_m / whole_m));
        }
    }
    best.1
}
