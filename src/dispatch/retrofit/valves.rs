//! Valves that bring order: control valves with drives at stations (电动调节阀), balancing valves set once (平衡阀).

use super::{Left, Retrofit, RetrofitError, Where, Why, kit};
use crate::dispatch::balance::{SettingKind, Wishes, balance};
use crate::network::Network;
use crate::physics::station::HeldTemperature;

/// Stations set by hand get a drive and a controller that holds the heating curve; where no station is left by hand the sources come
/// down to what the worst loop needs, as the guide asks for pumps and valves together.
pub fn control(network: &Network, meant: &Where) -> Result<Retrofit, RetrofitError> {
    let mut out = Retrofit::default();
    for station in kit::stations(network, meant, &mut out.left) {
        let held = station.consumer.secondary.as_deref().map(|side| side.held);
        let free = held == Some(HeldTemperature::Nothing);
        if !free && station.consumer.hand_opening.is_none() {
            out.left.push(Left { element: station.element(), why: Why::Regulated });
            continue;
        }
        if station.consumer.hand_opening.is_some() {
            out.edits.push(station.set("hand_opening", kit::none()));
        }
        if free {
            out.edits.push(station.set("secondary.held", "supply"));
        }
        out.changed.push(station.element());
    }
    let after = kit::edited(network, &out.edits)?;
    let by_hand = after.links().any(|view| view.consumer().is_some_and(|consumer| consumer.hand_opening.is_some()));
    if by_hand { Ok(out) } else { kit::with_fitted_pressures(network, out) }
}

/// Stations set by hand are set to their flow of design, the pumps to the worst loop; nothing regulates afterwards either. Of a
/// part of the stations only those are set, and the pumps left.
pub fn balancing(network: &Network, meant: &Where) -> Result<Retrofit, RetrofitError> {
    let mut out = Retrofit::default();
    let stations = kit::stations(network, meant, &mut out.left);
    for station in &stations {
        if station.consumer.hand_opening.is_none() {
            out.left.push(Left { element: station.element(), why: Why::Regulated });
        }
    }
    if stations.iter().all(|station| station.consumer.hand_opening.is_none()) {
        return Ok(out);
    }
    for setting in balance(network, &Wishes::default())?.settings {
        let Some(view) = network.link_view(setting.link) else { continue };
        let whole = *meant == Where::All;
        if setting.kind == SettingKind::Station && meant.holds(view.id, None) {
            out.changed.push(view.element());
        } else if !whole {
            continue;
        }
        out.edits.extend(setting.edits);
    }
    Ok(out)
}
