//! What a set-point would change, by the model: shown with a selection before anything is done.
//!
//! Mechanism: the network that stands in the field is solved with the set-point at its old and at its new value, and three
//! figures of the two steady states are set side by side. A set-point the model has no part for (the secondary side of a
//! station, a controller's mode) is predicted nothing of, and the selection says so by its silence.

use crate::live::control::Predicted;
use crate::live::{Observed, Tag};
use crate::network::edit::Edit;
use crate::network::{ElementKind, Network, SourceControl};
use crate::solver::{Options, Solution, Solver};
use crate::text::Language;
use crate::units::{DisplayUnits, Quantity};

/// What changes when a tag is set from one value to another (SI). Empty where the model cannot tell.
pub fn predict(network: &Network, tag: &Tag, [old, new]: [f64; 2], language: Language) -> Vec<Predicted> {
    let solved = |value: f64| {
        let mut set = network.clone();
        edit(network, tag, value)?.apply(&mut set).ok()?;
        let solution = Solver::new().solve(&set, &Options::default());
        solution.converged.then_some(solution)
    };
    let Some((before, after)) = solved(old).zip(solved(new)) else { return Vec::new() };
    let units = DisplayUnits::default();
    let texts = language.texts();
    let mut out = Vec::new();
    let mut add = |what: String, quantity: Quantity, figures: [f64; 2]| {
        let [before, after] = figures.map(|si| units.text(quantity, si));
        out.push(Predicted { what, before, after });
    };
    let heat = |solution: &Solution| solution.sources.iter().map(|source| source.heat_w).sum();
    let flow = |solution: &Solution| solution.sources.iter().map(|source| source.mass_flow_kg_s).sum();
    add(texts.get("overview-heat").into_owned(), Quantity::Heat, [heat(&before), heat(&after)]);
    add(texts.get("overview-flow").into_owned(), Quantity::MassFlow, [flow(&before), flow(&after)]);
    // The same station in both: that another one becomes the worst is told by its own figure being no worse.
    if let Some(worst) = after.worst_consumer(network) {
        let of = |solution: &Solution| {
            solution.consumer(worst.link).map_or(f64::NAN, |consumer| consumer.available_pressure_pa)
        };
        let what = format!("{} {}", texts.get("overview-worst"), network.link_ref(worst.link).id);
        add(what, Quantity::PressureDifference, [of(&before), of(&after)]);
    }
    out
}

/// What the tag sets in the network.
fn edit(network: &Network, tag: &Tag, value: f64) -> Option<Edit> {
    let element = tag.element.as_ref()?;
    let set = |field: &str, value: serde_json::Value| Some(Edit::set(element.clone(), field, value));
    match (element.kind, tag.observed) {
        (ElementKind::Source, Observed::SupplyTemperatureSetting) => set("supply_temperature_c", value.into()),
        (ElementKind::Source, Observed::MakeUpPressure) => {
            let mut control = network.link_view(network.find_link(element)?)?.source()?.control.clone();
            match &mut control {
                SourceControl::Reference { return_pressure_pa, .. } => *return_pressure_pa = value,
                SourceControl::Speed { return_pressure_pa: Some(held) }
                | SourceControl::WorstPoint { return_pressure_pa: Some(held), .. } => *held = value,
                _ => return None,
            }
            set("control", serde_json::to_value(control).ok()?)
        }
        (ElementKind::Valve, Observed::Opening) => set("opening", value.into()),
        (ElementKind::Pump, Observed::Speed) => set("speed", value.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Limits;
    use crate::network::ElementRef;
    use crate::network::generate::demo_city;

    fn tag(kind: ElementKind, id: &str, observed: Observed) -> Tag {
        Tag {
            name: "x".into(),
            device: "d".into(),
            element: Some(ElementRef::new(kind, id)),
            observed,
            quantity: Quantity::Temperature,
            period_ms: 1000,
            range: None,
            limits: Limits::default(),
            deviation_si: None,
        }
    }

    #[test]
    fn hotter_water_needs_less_flow_and_what_the_model_lacks_is_not_guessed() {
        let network = demo_city();
        let source = network.links().find_map(|view| view.source().map(|_| view.element())).unwrap();
        let told = |value: f64| {
            let tag = tag(ElementKind::Source, &source.id, Observed::SupplyTemperatureSetting);
            predict(&network, &tag, [110.0, value], Language::English)
        };
        let flow = |told: &[Predicted]| told[1].after.split_whitespace().next().unwrap().parse::<f64>().unwrap();
        let (cooler, hotter) = (told(95.0), told(125.0));
        assert_eq!(hotter.len(), 3);
        assert_eq!(cooler[1].before, hotter[1].before);
        assert!(flow(&hotter) < flow(&cooler), "{hotter:?} {cooler:?}");
        let station = network.links().find_map(|view| view.consumer().map(|_| view.element())).unwrap();
        let other = tag(ElementKind::Consumer, &station.id, Observed::Other);
        assert!(predict(&network, &other, [50.0, 60.0], Language::English).is_empty());
    }
}
