//! Who sits at this screen: the dialogue that asks for name and password, and the sign in the line at the bottom.

use egui::{Context, Grid, Id, Key, RichText, TextEdit, Ui};

use super::dialogs::title;
use super::look::Look;
use super::widgets::{command_button, weak};
use crate::live::access::Secret;
use crate::session::live::{ControlCommand, ControlDesk, Door, LiveCommand, Seat};
use crate::session::{Command, Panel};

/// What has been typed so far.
#[derive(Clone, Default)]
struct Form {
    name: String,
    password: String,
    /// Handed in: the dialogue closes when it was right.
    sent: bool,
}

const FORM: &str = "sign-in-form";
const PASSWORD: &str = "sign-in-password-field";

/// Forgets what was typed: a password must not lie about when the dialogue is closed.
pub fn forget(ctx: &Context) {
    ctx.data_mut(|data| {
        data.remove::<Form>(Id::new(FORM));
        data.remove::<egui::text_edit::TextEditState>(Id::new(PASSWORD));
    });
}

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(360.0);
    title(ui, look, "sign-in-title", Panel::SignIn, commands);
    let Some(desk) = look.session.control_desk() else {
        ui.add(egui::Label::new(RichText::new(look.t("live-none")).weak()).wrap());
        return;
    };
    if desk.door == Door::Open {
        ui.add(egui::Label::new(RichText::new(look.t("sign-in-nobody-known")).weak()).wrap());
        return;
    }
    let mut form: Form = ui.data(|data| data.get_temp(Id::new(FORM))).unwrap_or_default();
    if let Some(seat) = &desk.seat {
        seated(ui, look, seat, commands);
        if form.sent && !seat.locked && !desk.signing_in {
            commands.push(Command::ClosePanel(Panel::SignIn));
            return;
        }
    }
    let mut enter = false;
    Grid::new("sign-in").num_columns(2).spacing([20.0, 8.0]).show(ui, |ui| {
        let label = ui.label(look.t("sign-in-name"));
        let field = ui.add(TextEdit::singleline(&mut form.name).desired_width(220.0)).labelled_by(label.id);
        // Who opens the dialogue wants to type.
        if form.name.is_empty() && ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
        ui.end_row();
        let label = ui.label(look.t("sign-in-password"));
        let field = TextEdit::singleline(&mut form.password).password(true).id(Id::new(PASSWORD)).desired_width(220.0);
        let response = ui.add(field).labelled_by(label.id);
        enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.end_row();
    });
    if desk.signing_in {
        weak(ui, look.t("sign-in-checking"));
    } else if let Some(denied) = &desk.denied {
        let text = RichText::new(denied.text(look.language)).color(look.colours.error.egui());
        ui.add(egui::Label::new(text).wrap());
    }
    ui.add_space(6.0);
    let ready = !desk.signing_in && !form.name.trim().is_empty() && !form.password.is_empty();
    let name = form.name.trim().to_owned();
    let ask = |password: &str| {
        let password = Secret::new(password);
        Command::Live(LiveCommand::Control(ControlCommand::SignIn { name, password }))
    };
    let button = ui.add_enabled(ready, egui::Button::new(look.t("command-control-sign-in")));
    if button.on_hover_text(look.t("command-control-sign-in.tip")).clicked() || (ready && enter) {
        commands.push(ask(&std::mem::take(&mut form.password)));
        ui.data_mut(|data| data.remove::<egui::text_edit::TextEditState>(Id::new(PASSWORD)));
        form.sent = true;
    }
    ui.data_mut(|data| data.insert_temp(Id::new(FORM), form));
}

/// Who sits here, and how he leaves.
fn seated(ui: &mut Ui, look: &Look, seat: &Seat, commands: &mut Vec<Command>) {
    let arguments = [("user", seat.user.clone()), ("role", look.t(seat.role.key()))];
    let key = if seat.locked { "sign-in-locked" } else { "sign-in-seated" };
    ui.add(egui::Label::new(look.with(key, &arguments)).wrap());
    ui.horizontal(|ui| {
        for command in [ControlCommand::SignOut, ControlCommand::Lock] {
            let shown = !(seat.locked && command == ControlCommand::Lock);
            command_button(ui, look, Command::Live(LiveCommand::Control(command)), shown, commands);
        }
    });
    ui.separator();
}

/// The sign in the line at the bottom; a click opens the dialogue. Nothing where nobody is told apart.
pub fn sign(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let Some(desk) = look.session.control_desk().filter(|desk| desk.door == Door::Guarded) else { return };
    ui.separator();
    let (text, colour) = match &desk.seat {
        None => (look.t("desk-nobody"), look.colours.weak_text),
        Some(seat) => {
            let arguments = [("user", seat.user.clone()), ("role", look.t(seat.role.key()))];
            match (seat.locked, armed(look, desk)) {
                (true, _) => (look.with("desk-locked", &arguments), look.colours.warning),
                // Armed is a state to leave: it stands out.
                (_, true) => (look.with("desk-armed", &arguments), look.colours.warning),
                _ => (look.with("desk-who", &arguments), look.colours.strong_text),
            }
        }
    };
    let show = Command::ShowPanel(Panel::SignIn);
    let response = ui.small_button(RichText::new(text).color(colour.egui()));
    if response.on_hover_text(show.tip(look.language)).clicked() {
        commands.push(show);
    }
}

fn armed(look: &Look, desk: &ControlDesk) -> bool {
    look.session.live_picture().is_some_and(|picture| desk.is_armed(picture.now))
}
