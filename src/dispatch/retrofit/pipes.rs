//! Pipes: insulation renewed (保温更新).

use serde_json::json;

use super::{Left, Numbers, Parameter, Retrofit, Where, Why};
use crate::network::edit::Edit;
use crate::network::{LinkKind, Network};

pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "laid_before_year",
        default: 2005.0,
        range: (1900.0, 2100.0),
        source: "assumption: pipes older than twenty years",
    },
    Parameter {
        name: "conductivity_w_mk",
        default: 0.033,
        range: (0.015, 0.1),
        source: "GB/T 29047: polyurethane of pre-insulated pipes, at most 0.033 W/(m·K) at 50 °C",
    },
];

/// Old pipes get the insulation of new ones at the thickness they have; what moisture and age had added goes.
pub fn insulation(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let mut out = Retrofit::default();
    let (year, conductivity) = (numbers.of("laid_before_year"), numbers.of("conductivity_w_mk"));
    for view in network.links() {
        let LinkKind::Pipe(pipe) = &view.link.kind else { continue };
        if !meant.holds(view.id, None) {
            continue;
        }
        let old = pipe.details.year_laid.is_some_and(|laid| f64::from(laid) < year);
        let Some(insulation) = pipe.details.insulation.as_deref().filter(|_| old && pipe.u_w_m2k.is_none()) else {
            if *meant != Where::All {
                out.left.push(Left { element: view.element(), why: Why::Insulation });
            }
            continue;
        };
        // Never worse than what lies there.
        let best = conductivity.min(insulation.conductivity_w_mk);
        out.edits.push(Edit::set(view.element(), "details.insulation.conductivity_w_mk", json!(best)));
        let ageing = insulation.ageing_factor.min(1.0);
        out.edits.push(Edit::set(view.element(), "details.insulation.ageing_factor", json!(ageing)));
        out.changed.push(view.element());
    }
    out
}
