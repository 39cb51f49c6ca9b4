//! EPANET input files: what is read from them, what is said about bad ones, and that writing gives them back.

use std::path::Path;

use hypocaust::io::inp;
use hypocaust::network::{Boundary, Finding, FrictionModel, LinkKind, Network, PipeState, ValveKind, WaterModel};
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;
use proptest::prelude::*;

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/epanet").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn parse(text: &str) -> (Network, Vec<Finding>) {
    inp::parse(text, Path::new("test.inp")).unwrap_or_else(|error| panic!("{error}"))
}

/// One line a finding, as the command line shows it.
fn report(findings: &[Finding]) -> String {
    let units = DisplayUnits::default();
    findings
        .iter()
        .map(|finding| format!("{}: {}\n", finding.severity.word(), finding.message(Language::English, &units)))
        .collect()
}

#[test]
fn net1_in_si() {
    let (network, findings) = parse(&data("Net1.inp"));
    assert_eq!((network.node_count(), network.link_count()), (11, 13));
    let node = |id: &str| network.node(network.node_id(id).unwrap()).unwrap();
    assert!((node("10").z_m - 710.0 * 0.3048).abs() < 1e-12);
    // 150 gpm at 1000 kg/m³, with EPANET's 448.831 gpm in a cubic foot a second.
    assert!((node("11").demand_kg_s - 150.0 / 448.831 * 28.316_846_592).abs() < 1e-9);
    let Some(Boundary::Tank { level_m, diameter_m, .. }) = node("2").boundary() else { panic!("no tank") };
    assert!((level_m - 36.576).abs() < 1e-12 && (diameter_m - 15.3924).abs() < 1e-12);
    assert!(matches!(node("9").boundary(), Some(Boundary::Reservoir { head_m, .. }) if (head_m - 243.84).abs() < 1e-9));
    let pipe = network.link_view(network.link_id("110").unwrap()).unwrap().pipe().unwrap().clone();
    assert!((pipe.length_m - 60.96).abs() < 1e-12 && (pipe.inner_diameter_m - 0.4572).abs() < 1e-12);
    assert_eq!(pipe.details.hazen_williams_c, Some(100.0));
    assert_eq!(network.settings().friction, FrictionModel::HazenWilliams);
    assert!((network.settings().gravity_m_s2 - 9.81456).abs() < 1e-12);
    insta::assert_snapshot!(report(&findings), @"
    info: network: controls that do not act at hour 0, left out: 2 (lines 68, 69)
    info: network: demands, speeds and heads are those of hour 0 (pattern period 1); the patterns were left out
    info: network: sections without bearing on flows and pressures were left out: QUALITY, ENERGY, REACTIONS, LABELS
    info: network: the coordinates were multiplied by 80.4672 so that distances agree with the pipe lengths
    ");
}

#[test]
fn net3_controls_at_hour_0() {
    let (network, findings) = parse(&data("Net3.inp"));
    let link = |id: &str| network.link(network.link_id(id).unwrap()).unwrap().kind.clone();
    let LinkKind::Pump(lake) = link("10") else { panic!("no pump") };
    let LinkKind::Pump(river) = link("335") else { panic!("no pump") };
    let LinkKind::Pipe(bypass) = link("330") else { panic!("no pipe") };
    assert!(!lake.running && river.running && bypass.state == PipeState::Closed);
    // Base 1 gpm with pattern 3, which begins with 620.
    let node = network.node(network.node_id("15").unwrap()).unwrap();
    assert!((node.demand_kg_s - 620.0 / 448.831 * 28.316_846_592).abs() < 1e-9);
    insta::assert_snapshot!(report(&findings), @"
    info: network: controls that act at hour 0: 2; they have set 335, 330
    info: network: controls that do not act at hour 0, left out: 16 (lines 293, 294, 295, 296, 297, 298, 299, 300, …)
    info: network: demands, speeds and heads are those of hour 0 (pattern period 1); the patterns were left out
    info: network: sections without bearing on flows and pressures were left out: ENERGY, REACTIONS, LABELS
    info: network: the coordinates were multiplied by 224.5642 so that distances agree with the pipe lengths
    ");
}

#[test]
fn every_kind_of_valve_and_pump() {
    use ValveKind::*;
    let (network, findings) = parse(&data("valves.inp"));
    let valve = |id: &str| network.link_view(network.link_id(id).unwrap()).unwrap().valve().unwrap().clone();
    let weight_pa_m = 1020.0 * 9.81456;
    let psi_m = 0.3048 / (0.4333 * 1.02);
    let prv = valve("V1");
    assert_eq!(prv.kind, PressureReducing);
    assert!((prv.set_pressure_pa.unwrap() / (50.0 * psi_m * weight_pa_m) - 1.0).abs() < 1e-12);
    let kinds = ["V2", "V3", "V4", "V5", "V6", "V7", "V9"].map(|id| valve(id).kind);
    assert_eq!(kinds, [PressureSustaining, PressureBreaking, Flow, Control, GeneralPurpose, Control, Control]);
    // Set by a control at time 0, by another at the clock time of the start, and from the file.
    assert_eq!(valve("V5").zeta, Some(40.0));
    assert!((valve("V10").set_flow_kg_s.unwrap() - 600.0 / 448.831 * 28.316_846_592 * 1.02).abs() < 1e-9);
    assert_eq!((valve("V7").opening, valve("V7").zeta), (0.55, Some(3.0)));
    assert_eq!(valve("V6").loss_curve.len(), 4);
    let pump = |id: &str| network.link_view(network.link_id(id).unwrap()).unwrap().pump().unwrap().clone();
    assert_eq!((pump("U1").speed, pump("U3").speed, pump("U5").running), (0.95, 0.7, false));
    // 30 hp: H = 8.814·30/Q in feet and cubic feet a second.
    assert!((pump("U4").power_w.unwrap() - 8.814 * 30.0 * 0.3048f64.powi(4) * weight_pa_m).abs() < 1e-6);
    // Categories: the first DEMANDS line replaces the JUNCTIONS one; 30·0.5 + 25·0.8, times 1.2.
    let node = network.node(network.node_id("C4").unwrap()).unwrap();
    assert!((node.demand_kg_s - 42.0 / 448.831 * 28.316_846_592 * 1.02).abs() < 1e-9);
    insta::assert_snapshot!(report(&findings), @"
    info: valve V9: this PRV is fixed open; it became an open valve with its loss coefficient, the set value was dropped
    info: network: controls that act at hour 0: 2; they have set V5, V10
    info: network: controls that do not act at hour 0, left out: 2 (lines 113, 116)
    warning: network: controls on the pressure of a junction, left out: 1 (lines 117)
    info: network: rules, which act only after hour 0, left out: 1
    info: network: demands, speeds and heads are those of hour 0 (pattern period 3); the patterns were left out
    info: network: the coordinates were multiplied by 0.3048 so that distances agree with the pipe lengths
    ");
}

#[test]
fn viscosity_is_a_factor_or_a_value() {
    for (option, viscosity_m2_s) in
        [("", 1.1e-5 * 0.09290304), ("VISCOSITY 2", 2.2e-5 * 0.09290304), ("VISCOSITY 1.31e-6", 1.31e-6)]
    {
        let text = format!("[JUNCTIONS]\nA 1\n[OPTIONS]\nUNITS CMH\n{option}\n");
        let WaterModel::Constant { density_kg_m3, viscosity_pa_s, .. } = parse(&text).0.settings().water else {
            panic!("not constant")
        };
        assert!((viscosity_pa_s / density_kg_m3 / viscosity_m2_s - 1.0).abs() < 1e-12, "{option}");
    }
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let text = "[TITLE]\nbad\n[JUNCTIONS]\n A ten\n B 1 2 ghost\n B 3\n C 1 nan\n[TANKS]\n T 1 2 3\n[PIPES]\n 1 A\n 2 A B -5\n 3 A \
                nowhere 10\n 4 A A 10 100\n 5 A B 10 100 100 0 Ajar\n[PUMPS]\n U A B HEAD none\n U A B TURBO 3\n[VALVES]\n V A B 100 XYZ \
                3\n[STATUS]\n Q Open\n[CONTROLS]\n LINK 5 OPEN SOON\n LINK 2 OPEN AT TIME noon\n[OPTIONS]\n UNITS furlongs\n HEADLOSS none\n";
    let error = inp::parse(text, Path::new("bad.inp")).unwrap_err();
    insta::assert_snapshot!(error.text(Language::English), @r#"
    bad.inp:4: [JUNCTIONS] elevation is "ten"; wanted: a number; correct the word
    bad.inp:5: [JUNCTIONS] pattern names "ghost", which is not in PATTERNS; correct the name or define it there
    bad.inp:6: [JUNCTIONS] the id "B" was already given in line 5; rename or remove one of the two
    bad.inp:7: [JUNCTIONS] demand is "nan"; wanted: a number; correct the word
    bad.inp:9: [TANKS] the line has 4 words; wanted: id elevation level minimum-level maximum-level diameter; complete the line
    bad.inp:11: [PIPES] the line has 2 words; wanted: id node1 node2 length diameter roughness minor-loss status; complete the line
    bad.inp:12: [PIPES] length is "-5"; wanted: a number above 0; correct the word
    bad.inp:13: [PIPES] node names "nowhere", which is not in JUNCTIONS, RESERVOIRS, TANKS; correct the name or define it there
    bad.inp:14: [PIPES] "4" begins and ends at the same node; correct one of its ends
    bad.inp:15: [PIPES] status is "Ajar"; wanted: OPEN, CLOSED, CV; correct the word
    bad.inp:17: [PUMPS] HEAD names "none", which is not in CURVES; correct the name or define it there
    bad.inp:18: [PUMPS] keyword is "TURBO"; wanted: HEAD, POWER, SPEED, PATTERN; correct the word
    bad.inp:20: [VALVES] type is "XYZ"; wanted: PRV, PSV, PBV, FCV, TCV, GPV, PCV; correct the word
    bad.inp:22: [STATUS] link names "Q", which is not in PIPES, PUMPS, VALVES; correct the name or define it there
    bad.inp:24: [CONTROLS] the line has 4 words; wanted: LINK id status AT TIME time, or LINK id status IF NODE id ABOVE level; complete the line
    bad.inp:25: [CONTROLS] link names "2", which is not in PIPES, PUMPS, VALVES; correct the name or define it there
    bad.inp:27: [OPTIONS] UNITS is "furlongs"; wanted: CFS, GPM, MGD, IMGD, AFD, LPS, LPM, MLD, CMH, CMD, CMS; correct the word
    bad.inp:28: [OPTIONS] HEADLOSS is "none"; wanted: H-W, D-W, C-M; correct the word
    "#);
    assert!(error.text(Language::Chinese).contains("bad.inp:4: [JUNCTIONS]"));
    let error = inp::parse("once upon a time", Path::new("bad.inp")).unwrap_err();
    insta::assert_snapshot!(error.text(Language::English), @"bad.inp: the file has no section like [JUNCTIONS] or [PIPES]; check that this is an EPANET input file");
}

/// 1e308 m became infinite mm on writing, 1e-320 in became 0 m on reading.
#[test]
fn numbers_beyond_any_network_are_refused() {
    for diameter in ["1e308", "1e-320", "inf"] {
        let text = format!("[JUNCTIONS]\nA 1\nB 2\n[PIPES]\np A B 10 {diameter} 120\n");
        let error = inp::parse(&text, Path::new("bad.inp")).unwrap_err().to_string();
        assert!(error.contains("bad.inp:5") && error.contains(diameter), "{error}");
    }
}

#[test]
fn unknown_sections_and_options_are_reported() {
    let text = "[JUNCTIONS]\nA 1\nB 2\n[PIPES]\np A B 10 100 120\n[FOO]\n1 2\n[OPTIONS]\nFLYING 3\nDEMAND MODEL PDA\n[EMITTERS]\nA 0.5\n\
                [LEAKAGE]\np 1 0.1\n[QUALITY]\nA 1\n";
    insta::assert_snapshot!(report(&parse(text).1), @"
    warning: network: section [FOO] (line 6) is not one of EPANET's and was left out
    warning: network: option FLYING (line 9) is not one of EPANET's and was left out
    warning: network: the demands fall with the pressure in the file (PDA); here they are taken in full
    warning: node A: emitters left out: 1 (A); outflow that follows the pressure is not in the steady state
    warning: pipe p: pipes whose leakage was left out: 1 (p)
    info: network: sections without bearing on flows and pressures were left out: QUALITY
    info: node A: nodes without coordinates, placed among their neighbours: 2 (A, B)
    ");
}

/// Relative difference below rounding of a unit conversion there and back.
fn near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// Compares two networks number by number through their serialised elements.
fn assert_same(a: &Network, b: &Network) {
    use hypocaust::network::fields;
    fn compare(path: &str, a: &serde_json::Value, b: &serde_json::Value) {
        use serde_json::Value;
        match (a, b) {
            (Value::Object(a), Value::Object(b)) => {
                assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{path}");
                a.iter().for_each(|(key, value)| compare(&format!("{path}.{key}"), value, &b[key]));
            }
            (Value::Array(a), Value::Array(b)) => {
                assert_eq!(a.len(), b.len(), "{path}");
                a.iter().zip(b).for_each(|(a, b)| compare(path, a, b));
            }
            (Value::Number(a), Value::Number(b)) => {
                assert!(near(a.as_f64().unwrap(), b.as_f64().unwrap()), "{path}: {a} {b}");
            }
            _ => assert_eq!(a, b, "{path}"),
        }
    }
    let elements = |network: &Network| {
        let mut all = vec![hypocaust::network::ElementRef::network()];
        all.extend(network.nodes().map(|(node, ..)| network.node_ref(node)));
        all.extend(network.links().map(|view| view.element()));
        all.sort();
        all
    };
    assert_eq!(elements(a), elements(b));
    for element in elements(a) {
        let object = |network: &Network| serde_json::Value::Object(fields::object(network, &element).unwrap());
        compare(&element.to_string(), &object(a), &object(b));
        if let (Some(link), Some(other)) = (a.find_link(&element), b.find_link(&element)) {
            let ends = |n: &Network, link| n.ends(link).map(|(from, to)| (n.node_name(from), n.node_name(to)));
            assert_eq!(ends(a, link), ends(b, other));
        }
    }
}

#[test]
fn writing_gives_the_network_back() {
    for name in ["Net1.inp", "Net3.inp", "ky4_si.inp", "metric.inp"] {
        let (network, _) = parse(&data(name));
        let written = inp::write(&network);
        assert_eq!(report(&written.findings), "", "{name}");
        let (again, _) = parse(&written.text);
        assert_same(&network, &again);
        assert_eq!(inp::write(&again).text.lines().count(), written.text.lines().count());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Files damaged at random are read or refused, never a panic; what is read can be written and read again.
    #[test]
    fn damaged_files_never_panic(
        file in 0..3_usize, edits in prop::collection::vec((any::<u32>(), 0..7_u8, "\\PC{0,8}"), 1..12),
    ) {
        let mut lines: Vec<String> =
            data(["Net1.inp", "valves.inp", "metric.inp"][file]).lines().map(str::to_owned).collect();
        for (seed, action, text) in edits {
            let at = seed as usize % lines.len().max(1);
            if lines.is_empty() { break; }
            let words: Vec<&str> = lines[at].split_whitespace().collect();
            let word = (seed as usize / 7) % words.len().max(1);
            match action {
                0 => { lines.remove(at); }
                1 => { let line = lines[at].clone(); lines.insert(at, line); }
                2 => { lines.truncate(at + 1); }
                3 => {
                    let mut words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
                    if !words.is_empty() { words[word] = text; }
                    lines[at] = words.join(" ");
                }
                4 => {
                    let numbers = ["NaN", "-1", "1e308", "-inf", "0", "1e-320", "99999999999999999999"];
                    let mut words: Vec<&str> = words.clone();
                    if !words.is_empty() { words[word] = numbers[seed as usize % numbers.len()]; }
                    lines[at] = words.join(" ");
                }
                5 => { let cut = lines[at].chars().take(seed as usize % 9).collect(); lines[at] = cut; }
                _ => { lines.insert(at, text); }
            }
        }
        if let Ok((network, _)) = inp::parse(&lines.join("\n"), Path::new("damaged.inp")) {
            let written = inp::write(&network);
            let again = inp::parse(&written.text, Path::new("again.inp"));
            prop_assert!(again.is_ok(), "{}", again.unwrap_err());
        }
    }
}
