//! Substations: their secondary sides written down, and set-points that are lower at night.

use super::{ReadyError, range};
use crate::dispatch::alternative::Alternative;
use crate::network::edit::Edit;
use crate::network::thermal::Served;
use crate::network::{Demand, LinkView, Network, Secondary};
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;
use crate::solver::problem::Problem;

/// Secondary sides of all consumers that are substations in time, as the simulation takes them.
fn sides(network: &Network) -> Result<Vec<(LinkView<'_>, Secondary)>, ReadyError> {
    let problem = Problem::new(network).map_err(ReadyError::Network)?;
    let design_outdoor_c = network.settings().design_or_present_outdoor_c();
    let served = Served::new(network);
    let mut out = Vec::new();
    for view in network.links() {
        let Some(consumer) = view.consumer() else { continue };
        let heated = matches!(consumer.demand, Demand::Heat { heat_w } if heat_w > 0.0);
        if !heated && consumer.secondary.is_none() {
            continue;
        }
        let supply_c = problem.supply_temperature_c;
        // A consumer whose data make no station follows the weather in any case.
        if let Ok(side) = served.side(view.id, consumer, supply_c, design_outdoor_c, HEAT_CAPACITY_J_KGK) {
            out.push((view, side));
        }
    }
    Ok(out)
}

fn written(view: &LinkView<'_>, side: &Secondary) -> Result<Edit, ReadyError> {
    let fault = |error: serde_json::Error| ReadyError::Station(view.id.to_string(), error.to_string());
    Ok(Edit::set(view.element(), "secondary", serde_json::to_value(side).map_err(fault)?))
}

/// Edits that write down the secondary side of every consumer that leaves it open, exactly as it is taken now: afterwards it no
/// longer follows the temperatures of the network.
pub fn written_sides(network: &Network) -> Result<Vec<Edit>, ReadyError> {
    let open = |view: &LinkView<'_>| view.consumer().is_some_and(|consumer| consumer.secondary.is_none());
    sides(network)?.iter().filter(|(view, _)| open(view)).map(|(view, side)| written(view, side)).collect()
}

/// From one hour of the day to before another all heating curves of substations ask for rooms so much cooler. A curve asks for its supply
/// temperature, so the shift of the supply is the room's times how steep the curve is at design.
pub fn night_setback(
    network: &Network,
    from_hour: usize,
    to_hour: usize,
    rooms_k: f64,
) -> Result<Alternative, ReadyError> {
    range("the hour", from_hour.max(to_hour) as f64, 0.0, 23.0)?;
    range("the setback of rooms, K,", rooms_k, 0.0, 10.0)?;
    let at_night = |hour: usize| {
        if from_hour <= to_hour { (from_hour..to_hour).contains(&hour) } else { hour >= from_hour || hour < to_hour }
    };
    let design_outdoor_c = network.settings().design_or_present_outdoor_c();
    let mut edits = Vec::new();
    for (view, mut side) in sides(network)? {
        let steep = (side.secondary_supply_temperature_c - side.room_temperature_c)
            / (side.room_temperature_c - design_outdoor_c).max(1.0);
        let shift_k = (-10.0 * rooms_k * (1.0 + steep)).round() / 10.0;
        let own = std::mem::take(&mut side.hour_shift_k);
        side.hour_shift_k = (0..24)
            .map(|hour| own.get(hour).copied().unwrap_or(0.0) + if at_night(hour) { shift_k } else { 0.0 })
            .collect();
        edits.push(written(&view, &side)?);
    }
    let name = format!("night {from_hour}–{to_hour} h, rooms −{rooms_k} K");
    Ok(Alternative::of_edits(name, edits))
}
