//! L7: panels as functions: they read the session, draw with egui, and push commands. They hold no state of the program.
//!
//! [`draw`] is the single entry: it lays out everything around the 3D view and says which rectangle is left for it. What
//! little a widget must remember between frames (a text being typed, the row a list is scrolled to) lives in egui's
//! memory. No window, no Bevy, no file is written from here.

mod alarms;
mod alternatives;
mod control;
mod diagram;
mod dialogs;
mod editor;
mod elements;
mod emergency;
mod estimate;
mod file_list;
pub mod fonts;
mod inspector;
mod legend;
mod live;
mod look;
mod moment;
mod notifications;
mod orders;
mod overview;
mod palette;
mod problems;
mod run_dialog;
mod scenarios;
mod shortcuts;
mod sign_in;
mod status_bar;
pub mod theme;
mod time_bar;
mod top_bar;
mod widgets;

use egui::{Context, Id, LayerId, Order, Panel, Rect, Ui, UiBuilder};

use crate::session::{self, Command, Session};
use look::Look;

/// What the picture tells the panels: shown in the status bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SceneInfo {
    /// Place below the pointer: x, y and ground elevation, m.
    pub cursor_m: Option<[f64; 3]>,
    /// Angle of the view against north, clockwise, radians; for the north arrow.
    pub heading_rad: Option<f64>,
}

/// What the panels leave to the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Free rectangle for the 3D view, in points.
    pub central: Rect,
    /// The card with the legend over the 3D view, in points.
    pub legend: Option<Rect>,
    /// Whether the pointer belongs to a panel.
    pub wants_pointer: bool,
    /// Whether keys belong to a text field or a dialogue.
    pub wants_keyboard: bool,
}

/// Draws everything for one frame. Fonts are installed and the theme set on the way.
pub fn draw(ctx: &Context, session: &Session, scene: &SceneInfo, commands: &mut Vec<Command>) -> Layout {
    fonts::install_once(ctx);
    theme::apply(ctx, session.theme());
    let look = Look::new(session);
    shortcuts::read(ctx, session, commands);

    let mut root = Ui::new(
        ctx.clone(),
        Id::new("hypocaust"),
        UiBuilder::new().layer_id(LayerId::background()).max_rect(ctx.viewport_rect()),
    );
    let ui = &mut root;
    Panel::top("top-bar").show(ui, |ui| top_bar::draw(ui, &look, commands));
    Panel::top("overview").show(ui, |ui| overview::draw(ui, &look, commands));
    if session.shows_banner() {
        Panel::top("emergency-banner").show(ui, |ui| emergency::banner::draw(ui, &look));
    }
    Panel::bottom("status-bar").show(ui, |ui| status_bar::draw(ui, &look, scene, commands));
    if session.shows(session::Panel::Time) {
        Panel::bottom("time-bar").show(ui, |ui| time_bar::draw(ui, &look, commands));
    }
    if let Some(tab) = session::Panel::TABS.into_iter().find(|tab| session.shows(*tab)) {
        Panel::left("left").default_size(290.0).size_range(220.0..=520.0).show(ui, |ui| {
            left(ui, &look, tab, commands);
        });
    }
    if session.shows(session::Panel::Emergency) {
        let least = (ctx.viewport_rect().width() * 0.3).clamp(320.0, 400.0);
        Panel::right("emergency").default_size(least.max(400.0)).size_range(least..=620.0).show(ui, |ui| {
            emergency::draw(ui, &look, commands);
        });
    }
    if session.shows(session::Panel::Alternatives) {
        let width = ctx.viewport_rect().width();
        let (least, most) = ((width * 0.3).clamp(340.0, 460.0), (width * 0.48).max(460.0));
        Panel::right("alternatives")
            .default_size((460.0 + 0.5 * (width - 1280.0)).clamp(least, 660.0))
            .size_range(least..=most)
            .show(ui, |ui| alternatives::draw(ui, &look, commands));
    }
    if session.shows(session::Panel::Inspector) {
        Panel::right("right").default_size(330.0).size_range(280.0..=560.0).show(ui, |ui| {
            inspector::draw(ui, &look, commands);
        });
    }
    if session.shows(session::Panel::Diagram) {
        let most = (ctx.viewport_rect().height() * 0.6).max(160.0);
        Panel::bottom("diagram").resizable(true).default_size(230.0).size_range(140.0..=most).show(ui, |ui| {
            diagram::draw(ui, &look, commands);
        });
    }
    let central = ui.available_rect_before_wrap();
    let shown = session.shows(session::Panel::Legend);
    let legend = shown.then(|| legend::draw(ctx, &look, central, commands));
    notifications::draw(ctx, &look, central, commands);
    dialogs::draw(ctx, &look, commands);
    Layout { central, legend, wants_pointer: wants_pointer(ctx, central), wants_keyboard: wants_keyboard(ctx, session) }
}

fn left(ui: &mut Ui, look: &Look, tab: session::Panel, commands: &mut Vec<Command>) {
    // A panel shrinks to what it holds; the picture must not jump when a list becomes empty.
    ui.set_min_width(ui.available_width());
    widgets::tabs(ui, look, tab, commands);
    ui.add_space(4.0);
    match tab {
        session::Panel::Problems => problems::draw(ui, look, commands),
        session::Panel::Scenarios => scenarios::draw(ui, look, commands),
        session::Panel::Live => live::devices(ui, look, commands),
        session::Panel::Alarms => alarms::draw(ui, look, commands),
        _ => elements::draw(ui, look, commands),
    }
}

/// The pointer is a panel's while it drags there or hovers one; over the free rectangle only what floats there counts.
fn wants_pointer(ctx: &Context, central: Rect) -> bool {
    if ctx.egui_is_using_pointer() {
        return true;
    }
    let Some(at) = ctx.input(|input| input.pointer.interact_pos()) else { return false };
    if !central.contains(at) {
        return true;
    }
    ctx.layer_id_at(at).is_some_and(|layer| layer.order != Order::Background)
}

fn wants_keyboard(ctx: &Context, session: &Session) -> bool {
    ctx.egui_wants_keyboard_input() || session::Panel::ALL.iter().any(|p| p.is_dialog() && session.shows(*p))
}
