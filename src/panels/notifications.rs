//! Messages over the picture, newest below, until dismissed.

use egui::{Align2, Area, Context, CornerRadius, Frame, Id, Label, Margin, Order, Rect, vec2};

use super::look::Look;
use super::widgets::{severity_colour, severity_mark};
use crate::network::Severity;
use crate::session::Command;

/// Messages shown at once.
const SHOWN: usize = 4;
/// Seconds after which what is no error goes by itself.
const SECONDS: f64 = 6.0;

pub fn draw(ctx: &Context, look: &Look, central: Rect, commands: &mut Vec<Command>) {
    let all = look.session.notifications();
    if all.is_empty() {
        return;
    }
    let now = ctx.input(|input| input.time);
    Area::new(Id::new("notifications"))
        .order(Order::Foreground)
        .pivot(Align2::CENTER_TOP)
        .fixed_pos(central.center_top() + vec2(0.0, 12.0))
        .show(ctx, |ui| {
            ui.set_max_width(380.0f32.min(central.width() - 24.0));
            for notification in all.iter().skip(all.len().saturating_sub(SHOWN)) {
                let id = Id::new(("notification", notification.number));
                let since = ctx.data_mut(|data| *data.get_temp_mut_or(id, now));
                if notification.severity == Severity::Info {
                    if now - since > SECONDS {
                        commands.push(Command::DismissNotification(notification.number));
                    } else {
                        ctx.request_repaint_after(std::time::Duration::from_secs_f64(SECONDS + 0.1));
                    }
                }
                Frame::new()
                    .fill(look.colours.raised.egui())
                    .stroke(egui::Stroke::new(1.0, severity_colour(look, notification.severity)))
                    .corner_radius(CornerRadius::same(6))
                    .inner_margin(Margin::symmetric(10, 8))
                    .show(ui, |ui| {
                        ui.horizontal_top(|ui| {
                            severity_mark(ui, look, notification.severity);
                            let width = (ui.available_width() - 34.0).max(60.0);
                            ui.vertical(|ui| {
                                ui.set_width(width);
                                ui.add(Label::new(notification.message.text(look.language)).wrap());
                            });
                            let dismiss = Command::DismissNotification(notification.number);
                            if ui.small_button("×").on_hover_text(dismiss.tip(look.language)).clicked() {
                                commands.push(dismiss);
                            }
                        });
                    });
            }
        });
}
