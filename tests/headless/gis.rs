//! Maps of utilities: what becomes of lines and points, and that digitising order and direction do not matter.

use std::path::{Path, PathBuf};

use hypocaust::io::geojson::{ImportOptions, Mirror, import, parse};
use hypocaust::io::geojson_export;
use hypocaust::network::{Demand, ElementKind, Finding, LinkKind, Network, Priority, Side, SourceControl, ValveKind};
use hypocaust::solver::{Mode, Options, Solver};
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;
use proptest::prelude::*;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gis").join(name)
}

fn report(findings: &[Finding]) -> String {
    let units = DisplayUnits::default();
    findings
        .iter()
        .map(|finding| format!("{}: {}\n", finding.severity.word(), finding.message(Language::English, &units)))
        .collect()
}

/// Nodes and links as text: what is joined to what, with lengths and diameters.
fn picture(network: &Network) -> String {
    let mut out = String::new();
    for (_, id, node) in network.nodes() {
        out.push_str(&format!("{id} {:?} {:.1} {:.1} {:.1}\n", node.side, node.x_m, node.y_m, node.z_m));
    }
    for view in network.links() {
        let what = match &view.link.kind {
            LinkKind::Pipe(pipe) => {
                format!("pipe {:.1} m {:.4} m {:?}", pipe.length_m, pipe.inner_diameter_m, pipe.details.pair)
            }
            LinkKind::Valve(valve) => format!("valve {:?} {}", valve.kind, valve.opening),
            LinkKind::Pump(pump) => format!("pump {:?}", pump.curve),
            LinkKind::Source(source) => format!("source {:?}", source.control),
            LinkKind::Consumer(consumer) => format!("consumer {:?}", consumer.demand),
        };
        let (from, to) = (network.node_name(view.from), network.node_name(view.to));
        out.push_str(&format!("{} {from} -> {to}: {what}\n", view.id));
    }
    out
}

#[test]
fn one_line_for_both_pipes() {
    let opened = import(&data("street.geojson"), &ImportOptions::default()).unwrap();
    let network = &opened.network;
    let link = |id: &str| network.link(network.link_id(id).unwrap_or_else(|| panic!("no {id}"))).unwrap();
    assert!(network.settings().coordinate_system.starts_with("+proj=tmerc"));
    // Source and consumers join the two sides.
    for view in network.links() {
        let sides = (network.node(view.from).unwrap().side, network.node(view.to).unwrap().side);
        let expected = match view.link.kind.element_kind() {
            ElementKind::Source => (Side::Return, Side::Supply),
            ElementKind::Consumer => (Side::Supply, Side::Return),
            _ => (sides.0, sides.0),
        };
        assert_eq!(sides, expected, "{}", view.id);
    }
    let LinkKind::Consumer(school) = &link("U1").kind else { panic!("no consumer") };
    assert_eq!((school.demand, school.priority), (Demand::Heat { heat_w: 1.2e6 }, Priority::School));
    let LinkKind::Consumer(by_area) = &link("U3").kind else { panic!("no consumer") };
    assert_eq!((by_area.demand, by_area.households), (Demand::Heat { heat_w: 24_000.0 * 45.0 }, Some(310)));
    let LinkKind::Source(plant) = &link("R1").kind else { panic!("no source") };
    assert_eq!(plant.control, SourceControl::Reference { return_pressure_pa: 350_000.0, pressure_rise_pa: 450_000.0 });
    assert_eq!((plant.capacity_w, plant.supply_temperature_c), (Some(58e6), 115.0));
    // Found by the name in its column, and by lying inside.
    assert_eq!(network.buildings()["L1"].consumer.as_deref(), Some("U2"));
    assert_eq!(network.buildings()["L2"].consumer.as_deref(), Some("U1"));
    assert_eq!(network.chambers().len(), 1);
    let LinkKind::Valve(shut) = &link("F2-R").kind else { panic!("no valve") };
    assert_eq!((shut.kind, shut.opening), (ValveKind::Isolating, 0.0));
    insta::assert_snapshot!(picture(network), @r#"
    D1 Supply -403.5 0.0 212.5
    D1-R Return -402.9 -0.6 212.5
    N1 Supply -803.5 0.0 212.5
    N1-R Return -803.5 -0.9 212.5
    N2 Supply -754.0 0.0 212.5
    N2-R Return -754.0 -0.9 212.5
    N3 Supply -753.5 0.0 212.5
    N3-R Return -753.5 -0.9 212.5
    N4 Supply -703.5 0.2 212.5
    N4-R Return -703.1 -0.6 212.5
    N5 Supply -703.5 39.6 212.5
    N5-R Return -702.8 39.6 212.5
    N6 Supply -703.5 40.1 212.5
    N6-R Return -702.8 40.1 212.5
    N7 Supply -703.5 80.0 212.5
    N7-R Return -702.8 80.0 212.5
    N8 Supply -603.5 0.1 212.5
    N8-R Return -603.5 -0.8 212.5
    N9 Supply -403.5 100.0 212.5
    N9-R Return -402.7 100.0 212.5
    N10 Supply -403.5 150.0 212.5
    N10-R Return -402.9 149.4 212.5
    N11 Supply -403.0 100.0 212.5
    N11-R Return -403.0 99.3 212.5
    N12 Supply -303.5 100.0 212.5
    N12-R Return -303.1 99.5 212.5
    N13 Supply -303.5 200.0 212.5
    N13-R Return -302.8 200.0 212.5
    N14 Supply -203.5 150.0 212.5
    N14-R Return -203.5 149.1 212.5
    G1/1-R N1-R -> N2-R: pipe 50.0 m 0.3110 m Some("G1/1")
    G1/1 N1 -> N2: pipe 50.0 m 0.3110 m Some("G1/1-R")
    G1/2-R N3-R -> N4-R: pipe 50.0 m 0.3110 m Some("G1/2")
    G1/2 N3 -> N4: pipe 50.0 m 0.3110 m Some("G1/2-R")
    G1/3-R N4-R -> N8-R: pipe 100.0 m 0.3110 m Some("G1/3")
    G1/3 N4 -> N8: pipe 100.0 m 0.3110 m Some("G1/3-R")
    G2/1-R N8-R -> D1-R: pipe 199.8 m 0.2610 m Some("G2/1")
    G2/1 N8 -> D1: pipe 199.8 m 0.2610 m Some("G2/1-R")
    G2/2-R D1-R -> N9-R: pipe 100.0 m 0.2610 m Some("G2/2")
    G2/2 D1 -> N9: pipe 100.0 m 0.2610 m Some("G2/2-R")
    G2/3-R N9-R -> N10-R: pipe 50.0 m 0.2610 m Some("G2/3")
    G2/3 N9 -> N10: pipe 50.0 m 0.2610 m Some("G2/3-R")
    G3-R N10-R -> N14-R: pipe 205.0 m 0.2610 m Some("G3")
    G3 N10 -> N14: pipe 205.0 m 0.2610 m Some("G3-R")
    Z1/1-R N7-R -> N6-R: pipe 39.9 m 0.1500 m Some("Z1/1")
    Z1/1 N7 -> N6: pipe 39.9 m 0.1500 m Some("Z1/1-R")
    Z1/2-R N5-R -> N4-R: pipe 39.9 m 0.1500 m Some("Z1/2")
    Z1/2 N5 -> N4: pipe 39.9 m 0.1500 m Some("Z1/2-R")
    Z2-R N12-R -> N13-R: pipe 100.0 m 0.0810 m Some("Z2")
    Z2 N12 -> N13: pipe 100.0 m 0.0810 m Some("Z2-R")
    Z3-R N12-R -> N11-R: pipe 100.0 m 0.0810 m Some("Z3")
    Z3 N12 -> N11: pipe 100.0 m 0.0810 m Some("Z3-R")
    F1-R N3-R -> N2-R: valve Sectioning 1
    F1 N3 -> N2: valve Sectioning 1
    F2-R N6-R -> N5-R: valve Isolating 0
    F2 N6 -> N5: valve Isolating 0
    F3-R N9-R -> N11-R: valve Isolating 1
    F3 N9 -> N11: valve Balancing 1
    R1 N1-R -> N1: source Reference { return_pressure_pa: 350000.0, pressure_rise_pa: 450000.0 }
    U1 N7 -> N7-R: consumer Heat { heat_w: 1200000.0 }
    U3 N13 -> N13-R: consumer Heat { heat_w: 1080000.0 }
    U2 N14 -> N14-R: consumer Heat { heat_w: 900000.0 }
    "#);
    insta::assert_snapshot!(report(&opened.findings), @"
    warning: pipe G1: street_attributes.csv says 材质 = 铸铁, the map says otherwise; the map was believed
    warning: network: 14 of 15 nodes have no elevation; they took that of their neighbours
    warning: consumer U3: its heat load was computed from 24000 m² with 45 W/m²
    warning: consumer U1: its heat load has no unit; it was taken as 1200 kW
    warning: network: the map has one line for both pipes; the return was added beside it (ids end in -R)
    warning: pipe G3: it has no diameter; 261 mm was taken from its neighbours
    warning: valve F3: it regulates in the supply; the return got an open shut-off valve
    warning: consumer U3: it stands 3.00 m beside the pipes and was joined to the nearest node
    warning: valve F3: it stands where several pipes meet; it was put into Z3
    warning: network: «X2» it is abandoned or only planned and was left out
    warning: consumer U4: no pipe lies within 5 m; it was left out
    warning: network: «K1» it has no geometry and was left out
    info: pipe G1: divided into 3 pipes where others touch it
    info: pipe G2: divided into 3 pipes where others touch it
    info: pipe Z1: divided into 2 pipes where others touch it
    info: pipe G1b: drawn twice, the other time as G1; it was left out
    info: network: «street_attributes.csv» attribute table joined by id: 3 rows found their feature, 1 did not
    info: pipe G1: ends that missed each other by 0.30 m were joined: G1, G2
    info: pipe G3: ends that missed each other by 0.20 m were joined: G3
    info: pipe X1: shorter than the tolerance; its two ends became one node
    ");
}

#[test]
fn supply_and_return_drawn_apart() {
    let opened = import(&data("two_sided.geojson"), &ImportOptions::default()).unwrap();
    assert_eq!(opened.network.settings().coordinate_system, "EPSG:4547");
    insta::assert_snapshot!(picture(&opened.network), @"
    N1 Return 525000.0 4859999.0 210.0
    N2 Supply 525000.0 4860000.0 210.0
    N3 Return 525059.5 4859999.0 210.4
    N4 Supply 525059.5 4860000.0 210.4
    N5 Return 525060.0 4859999.0 210.4
    N6 Supply 525060.0 4860000.0 210.4
    N7 Supply 525150.0 4860000.0 211.0
    N8 Supply 525150.0 4860050.0 211.0
    N9 Return 525150.8 4859999.0 211.0
    N10 Return 525150.8 4860050.0 211.0
    N11 Supply 525300.0 4860000.0 212.0
    N12 Supply 525300.0 4860059.5 213.0
    N13 Supply 525300.0 4860060.0 213.0
    N14 Supply 525300.0 4860120.0 214.0
    N15 Return 525301.0 4859999.0 212.0
    N16 Return 525301.0 4860120.0 214.0
    S1/1 N2 -> N4: pipe 60.0 m 0.2070 m None
    S1/2 N6 -> N7: pipe 90.0 m 0.2070 m None
    S1/3 N7 -> N11: pipe 150.0 m 0.2070 m None
    S2/1 N11 -> N12: pipe 60.0 m 0.1000 m None
    S2/2 N13 -> N14: pipe 60.0 m 0.1000 m None
    R1/1 N15 -> N9: pipe 150.2 m 0.2070 m None
    R1/2 N9 -> N5: pipe 90.8 m 0.2070 m None
    R1/3 N3 -> N1: pipe 60.0 m 0.2070 m None
    R2 N16 -> N15: pipe 121.0 m 0.1000 m None
    S3 N7 -> N8: pipe 50.0 m 0.0810 m None
    R3 N10 -> N9: pipe 51.0 m 0.0810 m None
    v1 N6 -> N4: valve Sectioning 1
    booster N12 -> N13: pump [PumpPoint { flow_m3_h: 30.000000000000004, head_m: 10.193679918450561, efficiency: None }]
    v2 N5 -> N3: valve Sectioning 1
    plant N1 -> N2: source Reference { return_pressure_pa: 300000.0, pressure_rise_pa: 400000.0 }
    house N8 -> N10: consumer Heat { heat_w: 350000.0 }
    school N14 -> N16: consumer Heat { heat_w: 800000.0 }
    ");
    insta::assert_snapshot!(report(&opened.findings), @"
    warning: pump booster: which way it works follows from the nearest source
    warning: network: 2 of 16 nodes have no elevation; they took that of their neighbours
    info: pipe R1: divided into 3 pipes where others touch it
    info: pipe S1: divided into 3 pipes where others touch it
    info: pipe S2: divided into 2 pipes where others touch it
    ");
}

#[test]
fn imported_maps_can_be_solved() {
    for (name, consumer, heat_w) in [("street.geojson", "U2", 9e5), ("two_sided.geojson", "school", 8e5)] {
        let network = import(&data(name), &ImportOptions::default()).unwrap().network;
        let solution = Solver::new().solve(&network, &Options::default());
        assert!(solution.converged, "{name}: {:?}", solution.findings);
        let state = solution.consumer(network.link_id(consumer).unwrap()).unwrap();
        assert!((state.heat_w / heat_w - 1.0).abs() < 1e-3, "{name}: {state:?}");
    }
}

/// A map goes out in the degrees it came in, and comes back as the same network: same pipes, same results.
#[test]
fn the_way_back_to_degrees() {
    let network = import(&data("street.geojson"), &ImportOptions::default()).unwrap().network;
    let text = geojson_export::network(&network);
    let map: geojson::FeatureCollection = text.parse().unwrap();
    let corner = map.features.iter().find(|feature| feature.property("id").is_some_and(|id| id == "D1")).unwrap();
    let geojson::GeometryValue::Point { coordinates } = &corner.geometry.as_ref().unwrap().value else {
        panic!("no point")
    };
    let original = [125.32 + 400.0 / 80_354.2, 43.89];
    assert!((coordinates[0] - original[0]).abs() < 1e-7 && (coordinates[1] - original[1]).abs() < 1e-7);
    let (again, _) = parse(&text, &[], Path::new("again.geojson"), &ImportOptions::default()).unwrap();
    assert_eq!(again.link_count(), network.link_count());
    let solve = |network: &Network, id: &str| {
        let solution = Solver::new().solve(network, &Options { mode: Mode::Hydraulic, ..Options::default() });
        solution.consumer(network.link_id(id).unwrap()).unwrap().available_pressure_pa
    };
    for id in ["U2", "U3"] {
        let (before, after) = (solve(&network, id), solve(&again, id));
        assert!((before / after - 1.0).abs() < 0.01, "{id}: {before} {after}");
    }
}

#[test]
fn what_is_no_map_is_refused() {
    let refuse = |text: &str| {
        parse(text, &[], Path::new("map.geojson"), &ImportOptions::default()).unwrap_err().text(Language::English)
    };
    let point = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#;
    let crs = r#"{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:4326"}},"features":[{"type":"Feature","properties":{},
        "geometry":{"type":"LineString","coordinates":[[500000,2],[500001,3]]}}]}"#;
    let texts =
        ["", "{\"type\":\n \"FeatureCollection\" \"features\"", "[1, 2]", "{\"type\":\"Topology\"}", point, crs];
    insta::assert_snapshot!(texts.map(refuse).join("\n"), @"
    map.geojson:1:0: EOF while parsing a value at line 1 column 0; correct the JSON there, or export the layer again
    map.geojson:2:22: expected `,` or `}` at line 2 column 22; correct the JSON there, or export the layer again
    map.geojson: the file is JSON, but no GeoJSON feature collection; export the layer as GeoJSON (RFC 7946)
    map.geojson: the file is JSON, but no GeoJSON feature collection; export the layer as GeoJSON (RFC 7946)
    map.geojson: the map has no line that could be a pipe; import the layer with the pipes; points and outlines alone are no network
    map.geojson: the coordinates are no longitudes and latitudes of EPSG:4326; name the coordinate system of the map, or export it in WGS 84
    ");
}

#[test]
fn the_caller_decides_about_mirroring_and_system() {
    let line =
        r#"{"type":"Feature","properties":{"dn":100},"geometry":{"type":"LineString","coordinates":[[0,0],[100,0]]}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","features":[{line}]}}"#);
    let with = |mirror, crs: Option<&str>| {
        let options = ImportOptions { mirror, crs: crs.map(str::to_owned), ..ImportOptions::default() };
        parse(&text, &[], Path::new("map.geojson"), &options).unwrap().0
    };
    let single = with(Mirror::Never, Some("EPSG:4547"));
    assert_eq!((single.link_count(), single.node_count()), (1, 2));
    assert!(single.nodes().all(|(_, _, node)| node.side == Side::Single));
    let pipe = single.links().next().unwrap().pipe().unwrap().clone();
    assert_eq!((pipe.length_m, pipe.details.dn), (100.0, Some(100)));
    assert_eq!(with(Mirror::Auto, Some("EPSG:4547")).link_count(), 2);
    // As degrees the same line is a quarter of the equator; nothing here may panic.
    assert_eq!(with(Mirror::Always, None).link_count(), 2);
}

/// A random street grid as lines on a plane, with a source and consumers, and a shuffled and partly reversed twin.
#[derive(Clone, Debug)]
struct Map {
    lines: Vec<Vec<[f64; 2]>>,
    points: Vec<([f64; 2], &'static str)>,
}

impl Map {
    fn text(&self, order: &[usize], reversed: &[bool]) -> String {
        let mut features = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let mut line = line.clone();
            if reversed[at % reversed.len()] {
                line.reverse();
            }
            let dn = [200, 150, 100][at % 3];
            features.push(serde_json::json!({ "type": "Feature", "properties": { "id": format!("P{at}"), "dn": dn },
                "geometry": { "type": "LineString", "coordinates": line } }));
        }
        for (at, (place, kind)) in self.points.iter().enumerate() {
            features.push(serde_json::json!({ "type": "Feature",
                "properties": { "id": format!("{kind}{at}"), "type": kind, "heat_kw": 400, "subtype": "sectioning" },
                "geometry": { "type": "Point", "coordinates": place } }));
        }
        let features: Vec<_> = order.iter().filter_map(|at| features.get(*at).cloned()).collect();
        serde_json::json!({ "type": "FeatureCollection", "features": features }).to_string()
    }

    fn network(&self, order: &[usize], reversed: &[bool]) -> Network {
        let options = ImportOptions { crs: Some("EPSG:4547".to_owned()), ..ImportOptions::default() };
        parse(&self.text(order, reversed), &[], Path::new("map.geojson"), &options).unwrap().0
    }

    fn len(&self) -> usize {
        self.lines.len() + self.points.len()
    }
}

fn maps() -> impl Strategy<Value = Map> {
    // A main eastwards with branches north and south from its corners or the middle of its pieces, ends off by up to
    // 0.2 m, some branches tied together to loops; a consumer at most branch ends, valves anywhere on the main.
    let slip = || -0.14..0.14_f64;
    let branch = (0..10_i32, any::<bool>(), slip(), slip(), 0..4_u8);
    let valve = (1..49_i32, slip());
    (
        prop::collection::vec((slip(), slip()), 6),
        prop::collection::btree_map((0..10_i32, any::<bool>()), branch, 1..8),
        prop::collection::vec(valve, 0..3),
        any::<bool>(),
    )
        .prop_map(|(slips, branches, valves, tie)| {
            let corner = |at: usize| [at as f64 * 100.0, 0.0];
            let mut lines: Vec<Vec<[f64; 2]>> = (0..5)
                .map(|at| {
                    let ((dx, dy), (ex, ey)) = (slips[at], slips[at + 1]);
                    let (a, b) = (corner(at), corner(at + 1));
                    vec![[a[0] + dx, a[1] + dy], [a[0] + 40.0, 0.0], [b[0] - ey, b[1] + ex]]
                })
                .collect();
            let mut points = vec![([0.1, 0.0], "source")];
            let mut ends = Vec::new();
            for ((at, north), (_, _, dx, dy, kind)) in branches {
                let x = f64::from(at) * 50.0;
                let y = if north { 80.0 } else { -60.0 };
                lines.push(vec![[x + dx, dy], [x, 0.5 * y], [x + 5.0, y + dx]]);
                if kind > 0 {
                    points.push(([x + 5.0 + dy, y], "substation"));
                }
                if north {
                    ends.push([x + 5.0, y + dx]);
                }
            }
            if tie {
                lines.extend(ends.windows(2).map(|pair| pair.to_vec()));
            }
            points.extend(valves.into_iter().map(|(at, dy)| ([f64::from(at) * 10.0 + 3.0, dy], "valve")));
            Map { lines, points }
        })
}

/// Kinds and rounded lengths of the links at a node.
type Neighbourhood = Vec<(ElementKind, i64)>;

/// What must not change: lengths and diameters of pipes, and how many links of each kind meet at the nodes.
fn invariant(network: &Network) -> (Vec<(i64, i64)>, Vec<Neighbourhood>) {
    let size = |link: &LinkKind| match link {
        LinkKind::Pipe(pipe) => ((pipe.length_m * 1e4).round() as i64, (pipe.inner_diameter_m * 1e6) as i64),
        _ => (0, 0),
    };
    let mut pipes: Vec<_> = network.links().map(|view| size(&view.link.kind)).collect();
    pipes.sort_unstable();
    let mut nodes: Vec<Vec<_>> = network
        .nodes()
        .map(|(node, ..)| {
            let mut at: Vec<_> = network
                .links_at(node)
                .into_iter()
                .map(|link| {
                    let kind = &network.link(link).unwrap().kind;
                    (kind.element_kind(), size(kind).0)
                })
                .collect();
            at.sort_unstable();
            at
        })
        .collect();
    nodes.sort();
    (pipes, nodes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn direction_and_order_of_digitising_do_not_matter(
        map in maps(),
        reversed in prop::collection::vec(any::<bool>(), 14),
        keys in prop::collection::vec(any::<u32>(), 20),
    ) {
        let straight: Vec<usize> = (0..map.len()).collect();
        let mut shuffled = straight.clone();
        shuffled.sort_by_key(|at| keys[*at % keys.len()].wrapping_mul(*at as u32 + 1));
        let one = map.network(&straight, &[false]);
        let other = map.network(&shuffled, &reversed);
        prop_assert_eq!(invariant(&one), invariant(&other));
        // Consumers keep their ids, whatever the nodes are called: they must get the same.
        let solve = |network: &Network| {
            let solution = Solver::new().solve(network, &Options { mode: Mode::Hydraulic, ..Options::default() });
            let states = solution.consumers.iter().map(|state| {
                (network.link_name(state.link), state.mass_flow_kg_s, state.available_pressure_pa)
            });
            let mut states: Vec<_> = states.collect();
            states.sort_by(|a, b| a.0.cmp(&b.0));
            (solution.converged, states)
        };
        let (here, there) = (solve(&one), solve(&other));
        prop_assert_eq!(here.0, there.0);
        prop_assert_eq!(here.1.len(), there.1.len());
        for (a, b) in here.1.iter().zip(&there.1) {
            prop_assert_eq!(&a.0, &b.0);
            let near = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-6 * a.abs().max(1.0);
            prop_assert!(near(a.1, b.1) && near(a.2, b.2), "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn damaged_maps_never_panic(cut in 0..6000_usize, at in 0..6000_usize, with in "\\PC{0,4}") {
        let text = std::fs::read_to_string(data("street.geojson")).unwrap();
        let mut chars: Vec<char> = text.chars().collect();
        let place = at.min(chars.len() - 1);
        chars.splice(place..(place + cut % 5).min(chars.len()), with.chars());
        if cut % 7 == 0 {
            chars.truncate(cut);
        }
        let text: String = chars.into_iter().collect();
        let _ = parse(&text, &[], Path::new("map.geojson"), &ImportOptions::default());
    }
}
