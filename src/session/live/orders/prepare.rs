//! From the network of a plan to orders and their outlook: what the thread `orders` does.

use super::command::Issue;
use crate::live::Timestamp;
use crate::live::order::{self, Beyond, as_estimated, differences, outlook};
use crate::network::edit::Edit;
use crate::network::{ElementRef, Network, fields};
use crate::session::message::Message;
use crate::solver::Solution;

/// What a plan as a network means in orders, and what the model predicts of them from the state as it is estimated.
pub(super) fn orders_of(
    base: &Network,
    plan_network: &Network,
    estimate: Option<&Solution>,
    plan: &str,
    at: Timestamp,
) -> Result<(Issue, Vec<(ElementRef, Beyond)>), Message> {
    let found = differences(base, plan_network, at);
    if found.set_points.is_empty() {
        return Err(Message::new("orders-nothing-differs"));
    }
    // What no order can carry must not be predicted: only the set-points are set on the network as it stands.
    let stands = match estimate {
        Some(estimate) => as_estimated(base, estimate).unwrap_or_else(|_| base.clone()),
        None => base.clone(),
    };
    let mut after = stands.clone();
    for point in &found.set_points {
        let edit = order::edit(&after, point).ok_or(());
        if edit.and_then(|edit| edit.apply(&mut after).map_err(|_| ())).is_err() {
            // The control holds another quantity than before: the element as the plan has it.
            if let Some(edit) = control_of(plan_network, &point.element) {
                let _ = edit.apply(&mut after);
            }
        }
    }
    let watched = outlook(&stands, &after, at).map_err(|none| Message::new(none.key()))?;
    Ok((Issue { plan: plan.to_owned(), set_points: found.set_points, watched }, found.not_orders))
}

fn control_of(network: &Network, element: &ElementRef) -> Option<Edit> {
    let control = fields::get(network, element, "control")?;
    Some(Edit::set(element.clone(), "control", control))
}
