//! Dispatch orders: what was issued, how each order stands, who did what, and whether the new state has come.
//!
//! Nothing here decides: the panel shows the order book as the engine tells it and asks for the next step.

use egui::{Color32, CornerRadius, Frame, Grid, Label, Margin, ProgressBar, RichText, ScrollArea, Stroke, Ui};

use super::control::readiness;
use super::look::Look;
use super::widgets::{command_button, element_link, weak};
use crate::emergency::incident::{CHINA_OFFSET_MIN, Moment};
use crate::live::Timestamp;
use crate::live::order::{Beyond, Setting, State};
use crate::session::Command;
use crate::session::live::{BookLine, LiveCommand, OrderCommand, OrderDesk, OrderLine, StepLine, Which};

/// What no order can carry is listed so far.
const MOST_NOT_ORDERS: usize = 6;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let Some(picture) = look.session.live_picture() else {
        ui.add(Label::new(RichText::new(look.t("message-alternatives-no-field")).weak()).wrap());
        command_button(ui, look, Command::Live(LiveCommand::Simulate), look.session.live().is_none(), commands);
        return;
    };
    let desk = &*picture.orders;
    ScrollArea::vertical().id_salt("orders").auto_shrink(false).show(ui, |ui| {
        // Books are issued without, written only with somebody armed.
        let ready = readiness(ui, look, picture, &picture.control, commands);
        state_of_book(ui, look, desk, commands);
        planning(ui, look, desk, commands);
        if desk.books.is_empty() {
            ui.add(Label::new(RichText::new(look.t("orders-no-books")).weak()).wrap());
        }
        for (at, book) in desk.books.iter().enumerate() {
            one_book(ui, look, book, ready, at == 0, commands);
        }
    });
}

fn ask(command: OrderCommand) -> Command {
    Command::Live(LiveCommand::Orders(command))
}

fn wrapped(ui: &mut Ui, text: String, colour: Color32) {
    ui.add(Label::new(RichText::new(text).color(colour)).wrap());
}

/// What concerns all books: the file, issuing, writing under way, what could not become an order.
fn state_of_book(ui: &mut Ui, look: &Look, desk: &OrderDesk, commands: &mut Vec<Command>) {
    if let Some(wrong) = &desk.wrong {
        wrapped(ui, wrong.text(look.language), look.colours.error.egui());
    }
    if desk.issuing {
        weak(ui, look.t("orders-issuing"));
    }
    if let Some(executing) = &desk.executing {
        ui.horizontal_wrapped(|ui| {
            let arguments = [
                ("user", executing.user.clone()),
                ("done", executing.done.to_string()),
                ("of", executing.of.to_string()),
            ];
            ui.label(RichText::new(look.with("orders-executing", &arguments)).color(look.colours.warning.egui()));
            command_button(ui, look, ask(OrderCommand::Stop), true, commands);
        });
    }
    if let Some(stopped) = &desk.stopped {
        wrapped(ui, stopped.text(look.language), look.colours.warning.egui());
    }
    if desk.not_orders.is_empty() {
        return;
    }
    wrapped(ui, look.t("orders-beyond"), look.colours.weak_text.egui());
    for (element, beyond) in desk.not_orders.iter().take(MOST_NOT_ORDERS) {
        ui.horizontal_wrapped(|ui| {
            element_link(ui, look, element, commands);
            weak(
                ui,
                match beyond {
                    Beyond::Added => look.t("orders-beyond-added"),
                    Beyond::Removed => look.t("orders-beyond-removed"),
                    Beyond::Field(field) => {
                        let leaf = field.rsplit('.').next().unwrap_or(field);
                        look.or(&format!("field-{leaf}"), leaf)
                    }
                },
            );
        });
    }
    if desk.not_orders.len() > MOST_NOT_ORDERS {
        let more = (desk.not_orders.len() - MOST_NOT_ORDERS).to_string();
        weak(ui, look.with("alternatives-more", &[("count", more)]));
    }
}

/// Planning anew every quarter of an hour, and what it proposes.
fn planning(ui: &mut Ui, look: &Look, desk: &OrderDesk, commands: &mut Vec<Command>) {
    let planning = &desk.planning;
    if !planning.is_on {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if planning.at_work {
            weak(ui, look.t("orders-planning"));
        } else if let Some(next) = planning.next_at {
            weak(ui, look.with("orders-plans-next", &[("time", clock(next))]));
        }
        command_button(ui, look, ask(OrderCommand::Replan), !planning.at_work, commands);
    });
    if let Some(trouble) = &planning.trouble {
        wrapped(ui, trouble.text(look.language), look.colours.warning.egui());
    }
    if let Some(proposal) = &planning.proposal {
        ui.horizontal_wrapped(|ui| {
            let arguments = [
                ("plan", proposal.plan.clone()),
                ("count", proposal.set_points.len().to_string()),
                ("time", clock(proposal.made_at)),
            ];
            ui.label(look.with("orders-proposal", &arguments));
            command_button(ui, look, ask(OrderCommand::IssueProposal), true, commands);
        });
    }
}

/// As the clock of the field at the top of the window.
fn clock(at: Timestamp) -> String {
    Moment { unix_s: at.ms().div_euclid(1000), offset_min: CHINA_OFFSET_MIN }.time_of_day()
}

fn one_book(ui: &mut Ui, look: &Look, line: &BookLine, ready: bool, newest: bool, commands: &mut Vec<Command>) {
    let edge = if newest { look.colours.accent.egui() } else { look.colours.line.egui() };
    Frame::new()
        .fill(look.colours.inset.egui())
        .stroke(Stroke::new(1.0, edge))
        .corner_radius(CornerRadius::same(5))
        .inner_margin(Margin::symmetric(8, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(&line.book.plan).strong().color(look.colours.strong_text.egui()));
            let issued = [("who", line.book.issued_by.clone()), ("time", clock(line.book.issued_at))];
            weak(ui, look.with("orders-issued-by", &issued));
            for step in &line.steps {
                one_step(ui, look, step);
            }
            if !line.is_over() {
                book_buttons(ui, look, line, ready, commands);
            }
            for order in &line.orders {
                one_order(ui, look, order, commands);
            }
            for step in line.steps.iter().filter(|step| !step.watched.is_empty()) {
                watched(ui, look, step, commands);
            }
        });
    ui.add_space(6.0);
}

/// What can be asked of all orders of a book that it fits.
fn book_buttons(ui: &mut Ui, look: &Look, line: &BookLine, ready: bool, commands: &mut Vec<Command>) {
    let which = Which::Book(line.book.number);
    let some = |state: State| line.count(state) > 0;
    let writable = line.orders.iter().any(|order| order.writable && order.order.state == State::Confirmed);
    ui.horizontal_wrapped(|ui| {
        command_button(ui, look, ask(OrderCommand::Receive(which)), some(State::Issued), commands);
        command_button(ui, look, ask(OrderCommand::Confirm(which)), some(State::Received), commands);
        command_button(ui, look, ask(OrderCommand::Execute(which)), ready && writable, commands);
        let by_hand = line.orders.iter().any(|order| order.tag.is_none() && order.order.state == State::Confirmed);
        if by_hand {
            command_button(ui, look, ask(OrderCommand::Report(which)), true, commands);
        }
        let open = [State::Issued, State::Received, State::Confirmed].into_iter().any(some);
        let withdraw = OrderCommand::Withdraw { which, why: String::new() };
        command_button(ui, look, ask(withdraw), open, commands);
    });
}

/// How far the new state has come.
fn one_step(ui: &mut Ui, look: &Look, step: &StepLine) {
    if let Some(reached) = step.reached {
        let text = look.with("orders-reached", &[("time", clock(reached))]);
        wrapped(ui, format!("● {text}"), look.colours.good.egui());
    } else if let Some(share) = step.share().filter(|_| step.counts) {
        ui.add(ProgressBar::new(share as f32).desired_height(8.0));
        let settled = step.watched.iter().filter(|(progress, _)| progress.is_settled()).count();
        let arguments = [("settled", settled.to_string()), ("of", step.watched.len().to_string())];
        weak(ui, look.with("orders-under-way", &arguments));
    }
}

fn value(look: &Look, setting: Setting, si: f64) -> String {
    match setting.is_state() {
        true if si >= 0.5 => look.t("setting-yes"),
        true => look.t("setting-no"),
        false => look.number(setting.quantity(), si),
    }
}

fn state_colour(look: &Look, state: State) -> Color32 {
    match state {
        State::Compared => look.colours.good.egui(),
        State::Failed | State::Refused => look.colours.error.egui(),
        State::Writing | State::Executed => look.colours.warning.egui(),
        State::Withdrawn => look.colours.weak_text.egui(),
        State::Issued | State::Received | State::Confirmed => look.colours.text.egui(),
    }
}

fn one_order(ui: &mut Ui, look: &Look, line: &OrderLine, commands: &mut Vec<Command>) {
    let order = &line.order;
    let point = &order.set_point;
    ui.separator();
    ui.horizontal_wrapped(|ui| {
        weak(ui, format!("{}", order.number));
        element_link(ui, look, &point.element, commands);
        ui.label(look.t(point.setting.key()));
        let from = point.from.map(|from| format!("{} → ", value(look, point.setting, from))).unwrap_or_default();
        let wanted = format!("{from}{}", value(look, point.setting, point.value));
        ui.label(RichText::new(wanted).strong().color(look.colours.strong_text.egui()));
        if let Some((present, ..)) = line.present {
            let colour = if line.is_met() == Some(true) { look.colours.good } else { look.colours.weak_text };
            let text = look.with("orders-present", &[("value", value(look, point.setting, present))]);
            ui.label(RichText::new(text).color(colour.egui()));
        }
    });
    ui.horizontal_wrapped(|ui| {
        let mut words = look.t(order.state.key());
        for more in order.verdict.map(|verdict| verdict.key()).into_iter() {
            words = format!("{words}: {}", look.t(more));
        }
        let history: Vec<String> = order
            .deeds
            .iter()
            .map(|deed| format!("{} {} {} {}", clock(deed.at), deed.who, look.t(deed.state.key()), deed.why))
            .collect();
        let response = ui.label(RichText::new(words).color(state_colour(look, order.state)));
        response.on_hover_text(history.join("\n"));
        if order.overdue && order.state.is_open() {
            ui.label(RichText::new(look.t("order-overdue")).color(look.colours.error.egui()));
        }
        if let Some((who, at)) = line.last() {
            weak(ui, format!("{who} {}", clock(at)));
        }
        if !line.writable && order.state.is_open() {
            weak(ui, look.t("orders-by-hand"));
        }
    });
    if let Some(why) = order.deeds.last().map(|deed| deed.why.as_str()).filter(|why| !why.is_empty()) {
        wrapped(ui, why.to_owned(), look.colours.warning.egui());
    }
}

/// Predicted against present.
fn watched(ui: &mut Ui, look: &Look, step: &StepLine, commands: &mut Vec<Command>) {
    ui.add_space(4.0);
    let title = if step.counts { "orders-watched" } else { "orders-watched-later" };
    weak(ui, look.t(title));
    let id = ("orders-watched", step.at.ms(), step.watched.len());
    Grid::new(id).num_columns(5).spacing([10.0, 2.0]).striped(true).show(ui, |ui| {
        for key in ["", "orders-quantity", "orders-before", "orders-predicted", "orders-now"] {
            weak(ui, if key.is_empty() { String::new() } else { look.t(key) });
        }
        ui.end_row();
        for (progress, _) in &step.watched {
            let watched = &progress.watched;
            let number = |si: f64| look.number(watched.quantity(), si);
            element_link(ui, look, &watched.element, commands);
            ui.label(look.t(watched.observed.key()));
            ui.label(number(watched.before));
            ui.label(number(watched.predicted));
            let colour = if progress.is_settled() { look.colours.good } else { look.colours.text };
            let present = progress.present.map_or_else(|| "–".to_owned(), |(value, _)| number(value));
            ui.label(RichText::new(present).color(colour.egui()));
            ui.end_row();
        }
    });
}
