//! Plants: heat out of the flue gas (锅炉烟气余热回收).

use super::{Left, Numbers, Parameter, Retrofit, Where, Why, kit};
use crate::network::{Network, SourceKind};

pub const PARAMETERS: &[Parameter] = &[Parameter {
    name: "approach_k",
    default: 5.0,
    range: (1.0, 60.0),
    source: "usual approach of a condenser in the return; the guide's 35 °C of flue gas take a heat pump",
}];

/// Boilers cool their flue gas to so much above the return water.
pub fn flue_gas(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let mut out = Retrofit::default();
    let approach_k = numbers.of("approach_k");
    for view in network.links() {
        let Some(source) = view.source().filter(|_| meant.holds(view.id, None)) else { continue };
        let fired = matches!(source.kind, SourceKind::CoalBoiler | SourceKind::GasBoiler | SourceKind::BiomassBoiler);
        let has = source.plant.as_deref().is_some_and(|plant| plant.flue_recovery_approach_k.is_some());
        if !fired || has {
            out.left.push(Left { element: view.element(), why: Why::NoFlue });
            continue;
        }
        out.edits.push(kit::set_in_group(
            network,
            view.element(),
            "plant",
            "flue_recovery_approach_k",
            approach_k.into(),
        ));
        out.changed.push(view.element());
    }
    out
}
