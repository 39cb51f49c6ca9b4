//! `undo(apply(x)) == x`, and refused edits change nothing.

use hypocaust::network::edit::{Edit, EditError, LinkData};
use hypocaust::network::{ElementKind, ElementRef, Link, Network, Node, Pipe, Side, Valve};

fn small() -> Network {
    let mut network = Network::new();
    for (id, x) in [("A", 0.0), ("B", 100.0), ("C", 200.0)] {
        network.insert_node(id, Node { x_m: x, side: Side::Supply, ..Node::default() }).unwrap();
    }
    network.insert_link_between("P1", "A", "B", Pipe::default()).unwrap();
    network.insert_link_between("V1", "B", "C", Valve::default()).unwrap();
    network
}

fn valve() -> ElementRef {
    ElementRef::new(ElementKind::Valve, "V1")
}

#[test]
fn undo_restores_every_kind_of_edit() {
    let edits = [
        Edit::set(valve(), "opening", 0.0),
        Edit::set(valve(), "name", "East gate"),
        Edit::set(valve(), "set_flow_kg_s", 3.5),
        Edit::set(ElementRef::new(ElementKind::Pipe, "P1"), "details.dn", 200),
        Edit::set(ElementRef::new(ElementKind::Pipe, "P1"), "inner_diameter_m", 0.1 + 0.2),
        Edit::set(ElementRef::new(ElementKind::Node, "A"), "z_m", 12.3),
        Edit::set(ElementRef::network(), "ambient_temperature_c", 3.0),
        Edit::AddNode { id: "D".into(), node: Box::default() },
        Edit::AddLink {
            id: "P2".into(),
            from: "A".into(),
            to: "C".into(),
            link: Box::new(LinkData::from(Link::from(Pipe::default()))),
        },
        Edit::Remove { element: valve() },
        Edit::Batch {
            label: "remove the end".to_owned(),
            edits: vec![
                Edit::Remove { element: valve() },
                Edit::Remove { element: ElementRef::new(ElementKind::Node, "C") },
            ],
        },
    ];
    for edit in edits {
        let before = small();
        let mut network = small();
        let handle = network.link_id("V1");
        let inverse = edit.apply(&mut network).unwrap();
        assert!(!network.same_as(&before), "{edit:?} changed nothing");
        let again = inverse.apply(&mut network).unwrap();
        assert!(network.same_as(&before), "{edit:?} was not undone");
        assert_eq!(network.link_id("V1"), handle, "handles survive undo");
        again.apply(&mut network).unwrap();
        let mut once = small();
        edit.apply(&mut once).unwrap();
        assert!(network.same_as(&once), "redo of {edit:?}");
    }
}

#[test]
fn a_refused_edit_changes_nothing() {
    let cases = [
        Edit::set(valve(), "opening", 1.5),
        Edit::set(valve(), "opening", "wide"),
        Edit::set(valve(), "openning", 0.5),
        Edit::set(ElementRef::new(ElementKind::Valve, "nowhere"), "opening", 0.5),
        Edit::Remove { element: ElementRef::new(ElementKind::Node, "B") },
        Edit::AddNode { id: "A".into(), node: Box::default() },
        Edit::Batch {
            label: "half good".to_owned(),
            edits: vec![Edit::set(valve(), "opening", 0.2), Edit::set(valve(), "opening", 7.0)],
        },
    ];
    for edit in cases {
        let mut network = small();
        let error: EditError = edit.apply(&mut network).unwrap_err();
        assert!(network.same_as(&small()), "{edit:?} changed something although it was refused");
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn refusals_name_element_and_remedy() {
    let mut network = small();
    let error = Edit::set(valve(), "openning", 0.5).apply(&mut network).unwrap_err().to_string();
    assert!(error.contains("valve V1") && error.contains("openning") && error.contains("opening"), "{error}");
    let error = Edit::set(valve(), "opening", 1.5).apply(&mut network).unwrap_err().to_string();
    assert!(error.contains("between 0 and 1"), "{error}");
}

#[test]
fn scenarios_inherit_and_name_what_is_wrong() {
    use hypocaust::network::Scenario;
    let mut network = small();
    let throttle = Scenario { edits: vec![Edit::set(valve(), "opening", 0.3)], ..Scenario::default() };
    let rename = Scenario {
        parent: Some("throttle".into()),
        edits: vec![Edit::set(valve(), "name", "x")],
        ..Scenario::default()
    };
    let lost = Scenario {
        edits: vec![Edit::Remove { element: ElementRef::new(ElementKind::Pipe, "no") }],
        ..Scenario::default()
    };
    let cycle = Scenario { parent: Some("cycle".into()), ..Scenario::default() };
    for (name, scenario) in [("throttle", throttle), ("rename", rename), ("lost", lost), ("cycle", cycle)] {
        network.insert_scenario(name, scenario);
    }
    let result = network.with_scenario("rename").unwrap();
    let valve = result.link_view(result.link_id("V1").unwrap()).unwrap();
    assert_eq!((valve.valve().unwrap().opening, valve.link.name()), (0.3, "x"));
    assert!(network.with_scenario("lost").unwrap_err().to_string().contains("scenario 'lost', edit 1: pipe no"));
    assert!(network.with_scenario("cycle").unwrap_err().to_string().contains("its own ancestor"));
    assert!(network.with_scenario("none").unwrap_err().to_string().contains("cycle, lost, rename, throttle"));
}
