//! Folders of tables and workbooks: the contract's columns, what people write instead, and what is refused.

use std::path::{Path, PathBuf};

use hypocaust::io::{self, Format, tables};
use hypocaust::network::{Code, Demand, Network, SourceControl, WaterModel};
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::networks::networks;
use crate::support::workbook::workbook;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference").join(name)
}

const NODES: &str = "id,side,x_m,y_m,z_m\nS0,supply,0,0,1\nS1,supply,300,400,1\nR0,return,0,1,1\nR1,return,300,401,1\n";
const PIPES: &str = "id,from,to,length_m,dn\nPS,S0,S1,520.5,200\nPR,R1,R0,,200\n";
const REST: [(&str, &str); 2] = [
    ("consumers.csv", "id,from,to,mode,mass_flow_kg_s,heat_w,return_temperature_c\nC0,S1,R1,heat,,700000,45\n"),
    (
        "sources.csv",
        "id,from,to,mode,return_pressure_pa,pressure_rise_pa,mass_flow_kg_s,supply_temperature_c\nH0,R0,S0,reference,400000,250000,,90\n",
    ),
];

fn small() -> Vec<(&'static str, &'static str)> {
    let mut files = vec![("nodes.csv", NODES), ("pipes.csv", PIPES)];
    files.extend(REST);
    files
}

/// Findings as English sentences.
fn sentences(findings: &[hypocaust::network::Finding]) -> Vec<String> {
    findings.iter().map(|finding| finding.message(Language::English, &DisplayUnits::default())).collect()
}

/// What reading the folder says is wrong, without the folder's own path.
fn refused(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let error = tables::read_folder(folder.path()).expect_err("this must be refused");
    error
        .to_string()
        .replace(&format!("{}/", folder.path().display()), "")
        .replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn the_reference_networks_are_read_whole() {
    for (name, pipes, consumers, sources) in
        [("n10_const_mdot", 46, 10, 1), ("n100x2_const_mdot", 468, 100, 2), ("n10_water_heat", 46, 10, 1)]
    {
        let opened = io::open(&reference(name)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(opened.format, Format::Tables);
        assert_eq!(sentences(&opened.findings), Vec::<String>::new(), "{name}");
        let network = opened.network;
        let count = |f: fn(&hypocaust::network::LinkView<'_>) -> bool| network.links().filter(f).count();
        assert_eq!(count(|view| view.pipe().is_some()), pipes, "{name}");
        assert_eq!(count(|view| view.consumer().is_some()), consumers, "{name}");
        assert_eq!(count(|view| view.source().is_some()), sources, "{name}");
    }
    let network = io::open(&reference("n10_water_heat")).unwrap().network;
    assert!(matches!(&network.settings().water, WaterModel::Table { density_kg_m3, .. } if density_kg_m3.len() > 10));
    let pipe = network.link_view(network.link_id("PS1").unwrap()).unwrap();
    let pipe = pipe.pipe().unwrap();
    assert_eq!((pipe.length_m, pipe.inner_diameter_m, pipe.zeta, pipe.u_w_m2k), (128.8, 0.124, 1.0, Some(10.0)));
    assert_eq!(pipe.details.dn, Some(125));
}

#[test]
fn missing_columns_take_their_defaults_and_guesses_are_told() {
    let folder = folder(&small());
    let (network, findings) = tables::read_folder(folder.path()).unwrap();
    assert_eq!(
        sentences(&findings),
        ["pipe PR: Pipes without length: 1, PR first; the straight distance of their nodes was taken."]
    );
    assert_eq!(findings[0].code, Code::ImportGuessed);
    let pipe = |id| network.link_view(network.link_id(id).unwrap()).unwrap().pipe().unwrap().clone();
    assert_eq!(pipe("PS").length_m, 520.5);
    assert_eq!(pipe("PR").length_m, 500.0);
    assert_eq!((pipe("PS").inner_diameter_m, pipe("PS").outer_diameter_m), (0.219 - 2.0 * 0.006, 0.219));
    assert_eq!((pipe("PS").roughness_m, pipe("PS").zeta, pipe("PS").u_w_m2k), (0.0005, 0.0, None));
    assert_eq!(network.settings().water, WaterModel::Iapws);
    let consumer = network.link_view(network.link_id("C0").unwrap()).unwrap().consumer().unwrap().clone();
    assert_eq!(consumer.demand, Demand::Heat { heat_w: 700_000.0 });
    assert_eq!(consumer.return_temperature_c, 45.0);
}

#[test]
fn chinese_headers_units_and_encodings_are_read() {
    let nodes = "编号;供回水;X(m);Y(m);高程（m）\nS0;供水;0;0;12.5\nS1;供水;300;400;10\n";
    let pipes =
        "编号\t起点\t终点\t长度(m)\t内径(mm)\t外径(mm)\t管材\t班组\n东一路\tS0\tS1\t520.5\t207\t219\tQ235\t三班\n";
    let encode = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(pipes.encode_utf16().flat_map(u16::to_le_bytes));
    let with_mark = |text: &str| [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for (nodes, pipes) in [
        (nodes.as_bytes().to_vec(), pipes.as_bytes().to_vec()),
        (encode(nodes), encode(pipes)),
        (with_mark(nodes), utf16),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("节点.csv"), nodes).unwrap();
        std::fs::write(folder.path().join("管道.csv"), pipes).unwrap();
        let (network, findings) = tables::read_folder(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(sentences(&findings), Vec::<String>::new());
        assert_eq!(network.node(network.node_id("S0").unwrap()).unwrap().z_m, 12.5);
        let view = network.link_view(network.link_id("东一路").unwrap()).unwrap();
        let pipe = view.pipe().unwrap();
        assert_eq!((pipe.length_m, pipe.inner_diameter_m, pipe.outer_diameter_m), (520.5, 0.207, 0.219));
        assert_eq!(pipe.details.material, "Q235");
        let attributes = &view.link.notes.as_ref().unwrap().attributes;
        assert_eq!(attributes["班组"], hypocaust::network::attributes::Attribute::Text("三班".to_owned()));
    }
}

#[test]
fn an_id_in_two_tables_is_mended_and_told() {
    let mut files = small();
    files.push(("valves.csv", "id,from,to,kind,kv_m3_h,state,set_value\nPS,S0,S1,flow,120,closed,5\n"));
    files.push(("pumps.csv", "id,from,to,speed\nU,S0,S1,0.9\n"));
    files.push(("pump_curves.csv", "pump,flow_m3_h,head_m,efficiency\nU,100,20,\nU,0,30,0.5\n"));
    files.push(("owners.csv", "id\n"));
    let folder = folder(&files);
    let (network, findings) = tables::read_folder(folder.path()).unwrap();
    insta::assert_snapshot!(sentences(&findings).join("\n"), @r##"
network: The table owners is not one of a network and was left out.
valve valves/PS: The id PS is also used in pipes; it is called valves/PS here.
pipe PR: Pipes without length: 1, PR first; the straight distance of their nodes was taken.
"##);
    let valve = network.link_view(network.link_id("valves/PS").unwrap()).unwrap().valve().unwrap().clone();
    assert_eq!((valve.opening, valve.set_flow_kg_s, valve.kv_m3_h), (0.0, Some(5.0), Some(120.0)));
    let pump = network.link_view(network.link_id("U").unwrap()).unwrap().pump().unwrap().clone();
    assert_eq!(pump.curve.iter().map(|point| point.flow_m3_h).collect::<Vec<_>>(), [0.0, 100.0]);
}

#[test]
fn values_a_mode_does_not_read_are_kept_as_attributes() {
    let mut files = small();
    files[2].1 = "id,from,to,mode,mass_flow_kg_s,heat_w\nC0,S1,R1,mass_flow,3.5,700000\n";
    let folder = folder(&files);
    let (network, _) = tables::read_folder(folder.path()).unwrap();
    let view = network.link_view(network.link_id("C0").unwrap()).unwrap();
    assert_eq!(view.consumer().unwrap().demand, Demand::MassFlow { mass_flow_kg_s: 3.5 });
    assert!(view.link.notes.as_ref().unwrap().attributes.contains_key("heat_w"));
}

#[test]
fn written_tables_read_back_the_same() {
    for name in ["n10_const_mdot", "n100x2_const_mdot", "n10_water_heat"] {
        let network = io::open(&reference(name)).unwrap().network;
        assert!(again(&network).same_as(&network), "{name}");
    }
    let mut files = small();
    files.push(("valves.csv", "id,from,to,kind,opening,characteristic,condition,attributes.leak\nV,S0,S1,control,0.25,equal-percentage:30,stuck,true\nW,S0,S1,调节阀,0.5,0:0 0.5:0.2 1:1,,\n"));
    files.push(("pumps.csv", "id,from,to,running,名称\nU,S0,S1,0,\"North, 1\"\n"));
    files.push(("pump_curves.csv", "pump,flow_m3_h,head_m\nU,0,30\nU,100,20\n"));
    let network = tables::read_folder(folder(&files).path()).unwrap_or_else(|error| panic!("{error}")).0;
    assert!(!network.link_view(network.link_id("U").unwrap()).unwrap().pump().unwrap().running);
    assert!(again(&network).same_as(&network));
    let source = network.link_view(network.link_id("H0").unwrap()).unwrap().source().unwrap().clone();
    assert!(matches!(source.control, SourceControl::Reference { pressure_rise_pa: 250_000.0, .. }));
}

fn again(network: &Network) -> Network {
    let folder = tempfile::tempdir().unwrap();
    tables::write_folder(folder.path(), network).unwrap();
    let (read, findings) = tables::read_folder(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(sentences(&findings), Vec::<String>::new());
    read
}

#[test]
fn a_network_written_over_a_larger_one_leaves_nothing_of_it() {
    let folder = folder(&small());
    let mut network = Network::new();
    network.insert_node("A", Default::default()).unwrap();
    tables::write_folder(folder.path(), &network).unwrap();
    assert!(!folder.path().join("pipes.csv").exists());
    assert!(tables::read_folder(folder.path()).unwrap().0.same_as(&network));
}

#[test]
fn everything_wrong_is_listed_with_file_line_element_and_remedy() {
    let pipes = "id,from,to,length_m,dn,state\n\
        P1,S0,S1,-5,100,open\n\
        P2,S0,S9,100,100,opne\n\
        P1,S0,S1,100,100,\n\
        P3,S0,S1,\"12,5\",100,\n\
        P4,S0,S1,long,100,\n\
        P5,S0,S1,NaN,100,\n\
        P6,S0,S1,100,90,\n\
        P7,S0,S1,100,,\n\
        ,S0,S1,100,100,\n\
        P8,S0,S0,,100,\n\
        P9,,S1,100,100.5,\n\
        P10,S0\n\
        P11,S0,S1,12,5,100,open\n";
    insta::assert_snapshot!(refused(&[("nodes.csv", NODES), ("pipes.csv", pipes)]), @r##"
pipes.csv:2: pipe P1: length_m is -5; it must lie between 0 and 200000; correct it, and check its unit
pipes.csv:3: pipe P2: to names the node "S9", which does not exist; did you mean "S0"?
pipes.csv:3: pipe P2: state cannot be "opne"; did you mean "open"?
pipes.csv:4: pipe P1: the id "P1" is taken by the element in line 2; give one of the two another id
pipes.csv:5: pipe P3: length_m is 12,5, with a decimal comma; write 12.5
pipes.csv:6: pipe P4: length_m is long, not a number; write a number with a decimal point and without unit or quotes
pipes.csv:7: pipe P5: NaN is not a number a file can hold; write a finite number, or leave the field out where it may be unset
pipes.csv:8: pipe P6: DN 90 is not in the catalogue; give inner_diameter_m and outer_diameter_m
pipes.csv:9: pipe P7: neither dn nor inner_diameter_m is given; give one of them
pipes.csv:10: id is empty; fill it in
pipes.csv:11: pipe P8: length_m is empty; fill it in
pipes.csv:12: pipe P9: from is empty; fill it in
pipes.csv:12: pipe P9: dn is 100.5, not a whole number; write a whole number, zero or greater
pipes.csv:13: the row has 2 cells where the header has 6; complete the row; the file may have been cut short
pipes.csv:14: the row has 7 cells where the header has 6; remove the cells too many; numbers need a decimal point, texts with commas need quotes
"##);
}

#[test]
fn tables_that_are_none_are_refused() {
    let mut all = Vec::new();
    let cases: [&[(&str, &str)]; 9] = [
        &[],
        &[("readme.csv", "a,b\n1,2\n")],
        &[("pipes.csv", PIPES)],
        &[("nodes.csv", "")],
        &[("nodes.csv", "x_m,y_m\n1,2\n")],
        &[("nodes.csv", "id,编号\n1,2\n")],
        &[("nodes.csv", "id,side\nA,left\n"), ("node.csv", "id\nA\n")],
        &[
            ("nodes.csv", NODES),
            ("settings.csv", "key,value\nwater,table\ngravity,9.81\nfriction,colbrook\nambient_temperature_c,4000\n"),
        ],
        &[
            ("nodes.csv", NODES),
            ("pump_curves.csv", "pump,flow_m3_h,head_m\nU,1,2\n"),
            ("water.csv", "property,temperature_c,value\nmass,1,2\n"),
        ],
    ];
    for files in cases {
        all.push(refused(files));
    }
    insta::assert_snapshot!(all.join("\n\n"), @r##"
FOLDER: the folder holds no tables of a network; it should hold nodes.csv, pipes.csv, consumers.csv and sources.csv

FOLDER: the folder holds no tables of a network; it should hold nodes.csv, pipes.csv, consumers.csv and sources.csv

FOLDER: there is no table nodes; add nodes.csv

nodes.csv: the table has no header; give its first line the names of the columns, or remove the file

nodes.csv:1: the column id is missing; there are x_m, y_m; add it, or correct the header

nodes.csv:1: the columns "id" and "编号" are the same; remove one of the two

nodes.csv: there are two tables of this kind; the first is node.csv; keep one of the two

settings.csv:2: water is to come from a table, but there is none; add water.csv, or set water to constant or iapws
settings.csv:3: there is no field "gravity"; did you mean "gravity_m_s2"?
settings.csv:4: value cannot be "colbrook"; did you mean "colebrook"?
settings.csv:5: ambient_temperature_c is 4000; it must lie between -60 and 350; correct it, and check its unit

pump_curves.csv:2: there is no pump U for this curve; add it to the pumps, or correct its id
water.csv: the table has no rows for density_kg_m3; add at least one
water.csv: the table has no rows for viscosity_pa_s; add at least one
water.csv: the table has no rows for heat_capacity_j_kgk; add at least one
water.csv:2: property cannot be "mass"; use one of density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk
"##);
}

#[test]
fn binary_data_in_a_table_names_the_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("nodes.csv"), b"id,x_m\nA,1\nB,\x00\x01\xff\xfe\x80\n").unwrap();
    let error = tables::read_folder(folder.path()).unwrap_err();
    assert_eq!(error.problems[0].line, Some(3));
}

#[test]
fn a_workbook_is_the_same_as_a_folder() {
    let files = small();
    let sheets: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.strip_suffix(".csv").unwrap(), *text)).collect();
    let folder = folder(&files);
    let path = folder.path().join("book.xlsx");
    std::fs::write(&path, workbook(&sheets)).unwrap();
    let opened = io::open(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.format, Format::Workbook);
    assert!(opened.network.same_as(&tables::read_folder(folder.path()).unwrap().0));
}

#[test]
fn problems_in_a_workbook_name_sheet_and_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.xlsx");
    let sheets = [
        ("nodes", "id,side\nA,supply\n7,left\n"),
        ("管道", "编号,起点,终点,长度(m),dn\nP1,A,7,many,100\nP2,A,B\n"),
        ("notes", "hello"),
    ];
    std::fs::write(&path, workbook(&sheets)).unwrap();
    let error = io::open(&path).unwrap_err().to_string().replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(error, @r##"
book.xlsx#nodes:3: node 7: side cannot be "left"; use one of supply, return, single
book.xlsx#管道:2: pipe P1: 长度(m) is many, not a number; write a number with a decimal point and without unit or quotes
book.xlsx#管道:3: pipe P2: to names the node "B", which does not exist; did you mean "A"?
book.xlsx#管道:3: pipe P2: neither dn nor inner_diameter_m is given; give one of them
"##);
    std::fs::write(&path, workbook(&[("Sheet1", "a,b\n1,2\n")])).unwrap();
    let error = io::open(&path).unwrap_err().to_string();
    assert!(error.contains("holds no tables of a network"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_tables_never_panic(which in 0_usize..4, at in any::<u16>(), length in 0_usize..8, insert in vec(any::<u8>(), 0..4)) {
        let files = small();
        let folder = folder(&files);
        let (name, text) = files[which];
        let mut bytes = text.as_bytes().to_vec();
        let from = at as usize % bytes.len();
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, insert);
        std::fs::write(folder.path().join(name), bytes).unwrap();
        if let Err(error) = tables::read_folder(folder.path()) {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.to_string().contains(name) || error.to_string().contains("pipes.csv") || error.to_string().contains("rs.csv") || error.to_string().contains("sources.csv"), "{}", error);
        }
    }

    #[test]
    fn damaged_workbooks_never_panic(at in any::<u32>(), length in 0_usize..40, insert in vec(any::<u8>(), 0..4)) {
        let files = small();
        let sheets: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.strip_suffix(".csv").unwrap(), *text)).collect();
        let mut bytes = workbook(&sheets);
        let from = at as usize % bytes.len();
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, insert);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.xlsx");
        std::fs::write(&path, bytes).unwrap();
        if let Err(error) = io::open(&path) {
            prop_assert!(error.to_string().contains("book.xlsx"), "{}", error);
        }
    }

}

proptest! {
    // Few cases: every table is forced to the disk.
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever tables can hold of a network survives writing and reading them.
    #[test]
    fn tables_written_once_stay_the_same(network in networks()) {
        let folder = tempfile::tempdir().unwrap();
        tables::write_folder(folder.path(), &network).unwrap();
        let first = tables::read_folder(folder.path());
        // Random networks hold what tables refuse (no text of its own, doubtful numbers); those that pass must be stable.
        if let Ok((first, _)) = first {
            prop_assert_eq!((first.node_count(), first.link_count()), (network.node_count(), network.link_count()));
            let second_folder = tempfile::tempdir().unwrap();
            tables::write_folder(second_folder.path(), &first).unwrap();
            let (second, _) = tables::read_folder(second_folder.path()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(second.same_as(&first));
        }
    }
}
