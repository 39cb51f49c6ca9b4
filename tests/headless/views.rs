//! What panels show of a solved city: pressure diagrams, inspector rows, figures at a glance.

use std::sync::{Arc, LazyLock};

use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{Parameters, city};
use hypocaust::network::{ElementKind, ElementRef, SourceControl, fields};
use hypocaust::session::view::diagram::METRE_OF_WATER_PA;
use hypocaust::session::view::{RowValue, choice_value, inspector, pressure_diagram, summary};
use hypocaust::session::{Command, Session, apply};
use hypocaust::solver::{Options, Solution, Solver};
use hypocaust::text::Language;

/// A small city, solved once.
static CITY: LazyLock<(hypocaust::network::Network, Arc<Solution>)> = LazyLock::new(|| {
    let network = city(&Parameters { stations: 12, ..Parameters::default() });
    let solution = Solver::new().solve(&network, &Options::default());
    (network, Arc::new(solution))
});

fn session() -> Session {
    let mut session = Session::with_network(CITY.0.clone(), Language::English);
    session.accept(session.revision(), CITY.1.clone(), Vec::new(), 1.0);
    session
}

fn of_kind(session: &Session, kind: ElementKind) -> Vec<ElementRef> {
    session.network().links().map(|view| view.element()).filter(|element| element.kind == kind).collect()
}

#[test]
fn every_consumer_has_a_pressure_diagram_that_closes() {
    let session = session();
    assert!(CITY.1.converged, "{:?}", CITY.1.findings);
    let network = session.network();
    for consumer in of_kind(&session, ElementKind::Consumer) {
        let diagram = pressure_diagram(network, &CITY.1, &consumer).unwrap_or_else(|| panic!("no way to {consumer}"));
        let (supply, back) = (&diagram.supply, &diagram.back);
        let source = network.link_view(network.find_link(&diagram.source).unwrap()).unwrap();
        let user = network.link_view(network.find_link(&consumer).unwrap()).unwrap();
        assert_eq!(supply[0].node, network.node_ref(source.to));
        assert_eq!(supply.last().unwrap().node, network.node_ref(user.from));
        assert_eq!(back.last().unwrap().node, network.node_ref(user.to));
        for line in [supply, back] {
            assert_eq!(line[0].chainage_m, 0.0);
            assert!((line.last().unwrap().chainage_m - diagram.length_m).abs() < 1e-6);
            assert!(line.windows(2).all(|pair| pair[0].chainage_m <= pair[1].chainage_m), "{consumer}");
        }
        // Along the flow friction takes head from the supply and gives it to the return seen from the source. A pump
        // would raise it; this city has none on its mains.
        assert!(supply.windows(2).all(|pair| pair[1].head_m <= pair[0].head_m + 2.0), "{consumer}: supply rises");
        let state = CITY.1.consumer(user.handle).unwrap();
        assert!((diagram.available_pa - state.available_pressure_pa).abs() < 1e-3);
        let (end, start) = (supply.last().unwrap(), back.last().unwrap());
        let heads_pa = (end.head_m - end.elevation_m - start.head_m + start.elevation_m) * METRE_OF_WATER_PA;
        assert!((heads_pa - diagram.available_pa).abs() < 1e-3, "the distance of the lines is the available head");
    }
}

#[test]
fn the_static_line_is_the_head_of_the_pressure_reference() {
    let session = session();
    let diagram = session.diagram().expect("the worst loop has a diagram");
    let reference = session.network().links().find_map(|view| match view.source()?.control {
        SourceControl::Reference { return_pressure_pa, .. } => Some((view.from, return_pressure_pa)),
        SourceControl::WorstPoint { return_pressure_pa, .. } => Some((view.from, return_pressure_pa?)),
        _ => None,
    });
    let (node, pressure_pa) = reference.expect("the city has a source that holds the reference");
    let head_m = session.network().node(node).unwrap().z_m + pressure_pa / METRE_OF_WATER_PA;
    assert_eq!(diagram.static_head_m, Some(head_m));
}

#[test]
fn the_diagram_follows_selection_and_falls_back_to_the_worst_consumer() {
    let mut session = session();
    let worst = session.diagram().unwrap().consumer.clone();
    let other = of_kind(&session, ElementKind::Consumer).into_iter().find(|c| *c != worst).unwrap();
    apply(&mut session, Command::Select(other.clone()));
    assert_eq!(session.diagram().unwrap().consumer, other);
    apply(&mut session, Command::DiagramTo(None));
    assert_eq!(session.diagram().unwrap().consumer, worst);
    assert_eq!(summary(&session).worst.unwrap().0, worst);
}

#[test]
fn every_editable_row_can_be_set_to_what_it_shows() {
    let session = session();
    let mut elements: Vec<ElementRef> = ElementKind::ALL
        .into_iter()
        .filter(|kind| kind.is_link())
        .filter_map(|kind| of_kind(&session, kind).into_iter().next())
        .collect();
    let network = session.network();
    elements.extend(network.nodes().take(1).map(|(id, _, _)| network.node_ref(id)));
    elements.extend(network.buildings().keys().take(1).map(|id| ElementRef::new(ElementKind::Building, id.clone())));
    elements.extend(network.chambers().keys().take(1).map(|id| ElementRef::new(ElementKind::Chamber, id.clone())));
    elements.push(ElementRef::network());
    assert!(elements.len() >= 7, "{elements:?}");
    for element in elements {
        let view = inspector(&session, &element).unwrap();
        assert!(view.rows.windows(2).all(|pair| pair[0].group <= pair[1].group), "groups of {element} are in order");
        for row in view.rows {
            let Some(field) = row.field else { continue };
            let value = match &row.value {
                RowValue::Number { si, .. } => hypocaust::session::view::number_value(&field, *si),
                RowValue::Flag(flag) => (*flag).into(),
                RowValue::Text(text) if !text.is_empty() => text.as_str().into(),
                RowValue::Choice { word, .. } => choice_value(network, &element, &field, word),
                _ => continue,
            };
            let mut copy = network.clone();
            let edit = Edit::set(element.clone(), field.clone(), value);
            let inverse = edit.apply(&mut copy).unwrap_or_else(|error| panic!("{element} {field}: {error}"));
            inverse.apply(&mut copy).unwrap();
            assert!(copy.same_as(network), "{element} {field}: undo of a change from the inspector");
        }
    }
}

#[test]
fn every_choice_offered_is_a_word_the_element_takes() {
    let session = session();
    for element in [ElementKind::Pipe, ElementKind::Valve, ElementKind::Source, ElementKind::Consumer]
        .into_iter()
        .filter_map(|kind| of_kind(&session, kind).into_iter().next())
        .chain([ElementRef::network()])
    {
        for (field, words) in hypocaust::session::view::all_choices(element.kind) {
            for word in words {
                let mut network = session.network().clone();
                let value = choice_value(&network, &element, field, word);
                Edit::set(element.clone(), field, value)
                    .apply(&mut network)
                    .unwrap_or_else(|error| panic!("{element} {field} {word}: {error}"));
                assert!(fields::get(&network, &element, field).is_some());
            }
        }
    }
}

#[test]
fn figures_at_a_glance_add_up() {
    let session = session();
    let s = summary(&session);
    assert_eq!(s.consumers, 12);
    assert!(s.source_heat_w > 0.0 && s.consumer_heat_w > 0.0);
    let consumers: f64 = CITY.1.consumers.iter().map(|c| c.heat_w).sum();
    assert_eq!(s.consumer_heat_w, consumers);
    assert_eq!(s.unsatisfied, CITY.1.consumers.iter().filter(|c| !c.satisfied).count());
}
