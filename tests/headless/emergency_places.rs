//! Awkward places to burst, each with the sentences that people read, in both languages.

use hypocaust::emergency::burst::Hole;
use hypocaust::emergency::{Break, Request, respond};
use hypocaust::io::emergency as forms;
use hypocaust::network::{Consumer, Demand, Network, Node, Pipe, Side, Source, SourceControl, Valve};
use hypocaust::solver::Solver;
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;

/// H ═V0═ 1 ═P1═ 2 ═V1═ 3 ═P2═ 4, consumers at 2 and 4; a blind pipe PB at 2; an island PX; H has no valve before P0.
///
/// H ═P0═ 0 ═V0═ …
fn network() -> Network {
    let mut network = Network::new();
    for (side, letter) in [(Side::Supply, 'S'), (Side::Return, 'R')] {
        for n in ["H", "0", "1", "2", "3", "4", "B", "X", "Y"] {
            network.insert_node(format!("{letter}{n}"), Node { side, ..Node::default() }).unwrap();
        }
        let node = |n: &str| format!("{letter}{n}");
        let pipe = || Pipe { length_m: 200.0, inner_diameter_m: 0.2, outer_diameter_m: 0.219, ..Pipe::default() };
        for (id, from, to) in [("P0", "H", "0"), ("P1", "1", "2"), ("P2", "3", "4"), ("PB", "2", "B"), ("PX", "X", "Y")]
        {
            network.insert_link_between(format!("{id}{letter}"), &node(from), &node(to), pipe()).unwrap();
        }
        for (id, from, to) in [("V0", "0", "1"), ("V1", "2", "3")] {
            network.insert_link_between(format!("{id}{letter}"), &node(from), &node(to), Valve::default()).unwrap();
        }
    }
    let held = SourceControl::Reference { return_pressure_pa: 3e5, pressure_rise_pa: 4e5 };
    network.insert_link_between("H", "RH", "SH", Source { control: held, ..Source::default() }).unwrap();
    for n in ["2", "4"] {
        let consumer = Consumer { demand: Demand::Heat { heat_w: 1e6 }, people: Some(500), ..Consumer::default() };
        network.insert_link_between(format!("C{n}"), &format!("S{n}"), &format!("R{n}"), consumer).unwrap();
    }
    network
}

/// The sentences at the top of the sheet, both languages after each other.
fn read(network: &mut Network, places: &[(&str, f64)], unusable: &[&str]) -> String {
    let breaks = places
        .iter()
        .map(|&(id, position)| Break { link: network.link_id(id).unwrap(), position, hole: Hole::FullBore })
        .collect();
    let mut request = Request { breaks, ..Request::default() };
    request.reliance.unusable = unusable.iter().map(|id| network.link_id(id).unwrap()).collect();
    let response = respond(network, &request, &mut Solver::new()).unwrap();
    let lines = [Language::English, Language::Chinese]
        .map(|language| forms::sheet(network, &response, language, &DisplayUnits::default()).lines.join("\n"));
    lines.join("\n\n")
}

#[test]
fn no_valve_towards_the_source() {
    insta::assert_snapshot!(read(&mut network(), &[("P0S", 0.5)], &[]), @"
    Burst: P0S, supply, 200.0 mm, at 50.0 % of its length, torn off.
    No valve stands in the way: stop the sources named below.
    No valve stands between the break and H: stopping it is the only way, and costs whatever hangs on it.
    2 consumers lose heat, 2 of them all of it: 1000 people in 0 households, 2000.0 kW missing.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    H is the only plant, and nothing else feeds the consumers: all 2 are without heat until the repair ends. Bring boilers to those named under “Heat by other ways”, hospitals, schools and care homes first; drain what may freeze.

    爆管：P0S，供水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    途中没有可关的阀门：停运下列热源。
    破口与 H 之间没有阀门：只能停运该热源，其所带用户全部受影响。
    2 个热用户受影响，其中 2 个完全停热：1000 人、0 户，缺热 2000.0 kW。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    H 是唯一热源，没有其他供热途径：全部 2 个热用户在修复完成前停热。请按“其他途径供热”所列调用临时锅炉，优先医院、学校和养老机构；有冻结危险处应泄水。
    ");
}

#[test]
fn all_valves_towards_the_source_stuck() {
    insta::assert_snapshot!(read(&mut network(), &[("P1S", 0.5)], &["V0S", "V0R"]), @"
    Burst: P1S, supply, 200.0 mm, at 50.0 % of its length, torn off.
    No valve stands in the way: stop the sources named below.
    No valve stands between the break and H: stopping it is the only way, and costs whatever hangs on it.
    2 consumers lose heat, 2 of them all of it: 1000 people in 0 households, 2000.0 kW missing.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    H is the only plant, and nothing else feeds the consumers: all 2 are without heat until the repair ends. Bring boilers to those named under “Heat by other ways”, hospitals, schools and care homes first; drain what may freeze.

    爆管：P1S，供水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    途中没有可关的阀门：停运下列热源。
    破口与 H 之间没有阀门：只能停运该热源，其所带用户全部受影响。
    2 个热用户受影响，其中 2 个完全停热：1000 人、0 户，缺热 2000.0 kW。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    H 是唯一热源，没有其他供热途径：全部 2 个热用户在修复完成前停热。请按“其他途径供热”所列调用临时锅炉，优先医院、学校和养老机构；有冻结危险处应泄水。
    ");
}

#[test]
fn on_a_blind_pipe() {
    insta::assert_snapshot!(read(&mut network(), &[("PBS", 0.5)], &[]), @"
    Burst: PBS, supply, 200.0 mm, at 50.0 % of its length, torn off.
    PBS ends blind: nothing hangs behind it.
    Close 2 valves; the break is shut off 0:18 h after the alarm.
    2 consumers lose heat, 2 of them all of it: 1000 people in 0 households, 2000.0 kW missing.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    H is the only plant, and nothing else feeds the consumers: all 2 are without heat until the repair ends. Bring boilers to those named under “Heat by other ways”, hospitals, schools and care homes first; drain what may freeze.

    爆管：PBS，供水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    PBS 为盲端管段，其后没有热用户。
    关闭 2 个阀门；接警后 0:18 h 完成隔断。
    2 个热用户受影响，其中 2 个完全停热：1000 人、0 户，缺热 2000.0 kW。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    H 是唯一热源，没有其他供热途径：全部 2 个热用户在修复完成前停热。请按“其他途径供热”所列调用临时锅炉，优先医院、学校和养老机构；有冻结危险处应泄水。
    ");
}

#[test]
fn at_the_end_of_the_network() {
    insta::assert_snapshot!(read(&mut network(), &[("P2S", 0.5)], &[]), @"
    Burst: P2S, supply, 200.0 mm, at 50.0 % of its length, torn off.
    Close 2 valves; the break is shut off 0:18 h after the alarm.
    1 consumers lose heat, 1 of them all of it: 500 people in 0 households, 1000.0 kW missing.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    No other source and no tie reaches those cut off: they stay without heat until the repair ends, unless a boiler is brought.

    爆管：P2S，供水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    关闭 2 个阀门；接警后 0:18 h 完成隔断。
    1 个热用户受影响，其中 1 个完全停热：500 人、0 户，缺热 1000.0 kW。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    没有其他热源或联络管可以到达停热用户：除非调用临时锅炉，修复完成前将一直停热。
    ");
}

#[test]
fn the_valve_itself() {
    insta::assert_snapshot!(read(&mut network(), &[("V1S", 0.5)], &[]), @"
    Burst: V1S, supply, torn off.
    V1S is broken itself and shuts nothing off: the plan uses the next valves on both sides.
    Close 2 valves; the break is shut off 0:18 h after the alarm.
    2 consumers lose heat, 2 of them all of it: 1000 people in 0 households, 2000.0 kW missing.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    H is the only plant, and nothing else feeds the consumers: all 2 are without heat until the repair ends. Bring boilers to those named under “Heat by other ways”, hospitals, schools and care homes first; drain what may freeze.

    爆管：V1S，供水，全断面断裂。
    V1S 本身损坏，无法关断：方案改用两侧相邻的阀门。
    关闭 2 个阀门；接警后 0:18 h 完成隔断。
    2 个热用户受影响，其中 2 个完全停热：1000 人、0 户，缺热 2000.0 kW。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    H 是唯一热源，没有其他供热途径：全部 2 个热用户在修复完成前停热。请按“其他途径供热”所列调用临时锅炉，优先医院、学校和养老机构；有冻结危险处应泄水。
    ");
}

#[test]
fn right_beside_a_valve() {
    insta::assert_snapshot!(read(&mut network(), &[("P2S", 0.0)], &[]), @"
    Burst: P2S, supply, 200.0 mm, at 0.0 % of its length, torn off.
    Right beside the break: V1S. If the break is on the far side, or the valve leaks, use what stands under “If a valve does not move”.
    Close 2 valves; the break is shut off 0:18 h after the alarm.
    1 consumers lose heat, 1 of them all of it: 500 people in 0 households, 1000.0 kW missing.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    No other source and no tie reaches those cut off: they stay without heat until the repair ends, unless a boiler is brought.

    爆管：P2S，供水，200.0 mm，距起点 0.0 % 处，全断面断裂。
    紧邻破口：V1S。若破口在其另一侧或阀门内漏，请按“阀门关不动时”处理。
    关闭 2 个阀门；接警后 0:18 h 完成隔断。
    1 个热用户受影响，其中 1 个完全停热：500 人、0 户，缺热 1000.0 kW。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    没有其他热源或联络管可以到达停热用户：除非调用临时锅炉，修复完成前将一直停热。
    ");
}

/// The valves at the only plant's main shut everybody off: nothing else feeds them, and the sentence says what to do.
#[test]
fn no_other_source() {
    let mut network = network();
    for id in ["C2", "C4"] {
        let element = network.link_ref(network.link_id(id).unwrap());
        let priority = if id == "C4" { "hospital" } else { "residential" };
        hypocaust::network::edit::Edit::set(element, "priority", priority).apply(&mut network).unwrap();
    }
    insta::assert_snapshot!(read(&mut network, &[("P1S", 0.5)], &[]), @"
    Burst: P1S, supply, 200.0 mm, at 50.0 % of its length, torn off.
    Close 2 valves; the break is shut off 0:18 h after the alarm.
    2 consumers lose heat, 2 of them all of it: 1000 people in 0 households, 2000.0 kW missing.
    Come first: 1 hospitals, 0 schools, 0 care homes.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    H is the only plant, and nothing else feeds the consumers: all 2 are without heat until the repair ends. Bring boilers to those named under “Heat by other ways”, hospitals, schools and care homes first; drain what may freeze.

    爆管：P1S，供水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    关闭 2 个阀门；接警后 0:18 h 完成隔断。
    2 个热用户受影响，其中 2 个完全停热：1000 人、0 户，缺热 2000.0 kW。
    优先保障：医院 1 处、学校 0 处、养老托育 0 处。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    H 是唯一热源，没有其他供热途径：全部 2 个热用户在修复完成前停热。请按“其他途径供热”所列调用临时锅炉，优先医院、学校和养老机构；有冻结危险处应泄水。
    ");
}

#[test]
fn in_an_island() {
    insta::assert_snapshot!(read(&mut network(), &[("PXS", 0.5)], &[]), @"
    Burst: PXS, supply, 200.0 mm, at 50.0 % of its length, torn off.
    Nothing feeds this place: no valve has to be closed.
    Nobody loses heat.

    爆管：PXS，供水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    此处没有水源来水，无需关阀。
    没有热用户停热。
    ");
}

#[test]
fn two_at_once() {
    insta::assert_snapshot!(read(&mut network(), &[("P1S", 0.5), ("P2R", 0.5)], &[]), @"
    Burst: P1S, supply, 200.0 mm, at 50.0 % of its length, torn off.
    Burst: P2R, return, 200.0 mm, at 50.0 % of its length, torn off.
    2 breaks at once: the valves below shut off all of them; until then both lose water.
    Close 2 valves; the break is shut off 0:18 h after the alarm.
    2 consumers lose heat, 2 of them all of it: 1000 people in 0 households, 2000.0 kW missing.
    0 buildings fall below 12 °C before the repair ends (repair 8:00 h, outdoors -10.0 °C).
    H is the only plant, and nothing else feeds the consumers: all 2 are without heat until the repair ends. Bring boilers to those named under “Heat by other ways”, hospitals, schools and care homes first; drain what may freeze.

    爆管：P1S，供水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    爆管：P2R，回水，200.0 mm，距起点 50.0 % 处，全断面断裂。
    2 处同时爆管：下列阀门可将其全部隔断；隔断之前各处均在失水。
    关闭 2 个阀门；接警后 0:18 h 完成隔断。
    2 个热用户受影响，其中 2 个完全停热：1000 人、0 户，缺热 2000.0 kW。
    修复完成前 0 栋建筑室温将低于 12 °C（修复 8:00 h，室外 -10.0 °C）。
    H 是唯一热源，没有其他供热途径：全部 2 个热用户在修复完成前停热。请按“其他途径供热”所列调用临时锅炉，优先医院、学校和养老机构；有冻结危险处应泄水。
    ");
}

#[test]
fn what_cannot_burst_and_what_is_empty() {
    let mut network = network();
    let consumer = Break { link: network.link_id("C2").unwrap(), position: 0.5, hole: Hole::FullBore };
    let mut lines = Vec::new();
    let faults = [
        respond(&mut network, &Request::default(), &mut Solver::new()).unwrap_err(),
        respond(&mut network, &Request { breaks: vec![consumer], ..Request::default() }, &mut Solver::new())
            .unwrap_err(),
        respond(&mut Network::new(), &Request::default(), &mut Solver::new()).unwrap_err(),
    ];
    for fault in &faults {
        lines.extend([Language::English, Language::Chinese].map(|language| forms::fault_text(fault, language)));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    No break was named: choose a pipe, a valve or a pump.
    未指定爆管位置：请选择管道、阀门或水泵。
    consumer C2 cannot burst: name a pipe, a valve or a pump.
    热用户 C2 不会爆裂：请指定管道、阀门或水泵。
    The network is empty: there is nothing that could burst. Open or import a network first.
    管网为空，没有可能爆裂的元件。请先打开或导入管网。
    ");
}
