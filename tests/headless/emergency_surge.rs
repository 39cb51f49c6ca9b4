//! Waves of closing a valve at the end of a long main, as a plan has them.

use hypocaust::emergency::burst::Hole;
use hypocaust::emergency::closing::Surge;
use hypocaust::emergency::{Break, Request, respond};
use hypocaust::network::{Consumer, Demand, Drive, Network, Node, Pipe, Side, Source, SourceControl, Valve};
use hypocaust::solver::Solver;

const LENGTH_M: f64 = 6000.0;

/// Plant ═ 6 km of DN800 ═ valve with a drive ═ 300 m ═ consumer; the break is behind the valve.
fn network(closing_s: f64, nominal_pa: f64) -> Network {
    let mut network = Network::new();
    for (side, letter) in [(Side::Supply, 'S'), (Side::Return, 'R')] {
        for (n, x_m) in [0.0, LENGTH_M, LENGTH_M + 1.0, LENGTH_M + 300.0].into_iter().enumerate() {
            network.insert_node(format!("{letter}{n}"), Node { side, x_m, ..Node::default() }).unwrap();
        }
        let node = |n: usize| format!("{letter}{n}");
        let pipe = |length_m| {
            let mut pipe = Pipe { length_m, inner_diameter_m: 0.8, outer_diameter_m: 0.82, ..Pipe::default() };
            pipe.details.nominal_pressure_pa = Some(nominal_pa);
            pipe
        };
        let valve = Valve {
            diameter_m: Some(0.8),
            drive: Drive::Electric,
            closing_time_s: Some(closing_s),
            ..Valve::default()
        };
        network.insert_link_between(format!("L{letter}"), &node(0), &node(1), pipe(LENGTH_M)).unwrap();
        network.insert_link_between(format!("V{letter}"), &node(1), &node(2), valve).unwrap();
        network.insert_link_between(format!("P{letter}"), &node(2), &node(3), pipe(300.0)).unwrap();
    }
    let held = SourceControl::Reference { return_pressure_pa: 4e5, pressure_rise_pa: 8e5 };
    network.insert_link_between("H", "R0", "S0", Source { control: held, ..Source::default() }).unwrap();
    let consumer = Consumer { demand: Demand::Heat { heat_w: 100e6 }, ..Consumer::default() };
    network.insert_link_between("C", "S3", "R3", consumer).unwrap();
    network
}

/// The surge of the supply's valve when a hole of a quarter of a square metre is torn behind it.
fn surge(closing_s: f64, nominal_pa: f64) -> Surge {
    let mut network = network(closing_s, nominal_pa);
    let (link, valve) = (network.link_id("PS").unwrap(), network.link_id("VS").unwrap());
    let breaks = vec![Break { link, position: 0.5, hole: Hole::Area { area_m2: 0.25 } }];
    let request = Request { breaks, without_resupply: true, ..Request::default() };
    let response = respond(&mut network, &request, &mut Solver::new()).unwrap();
    response.tasks.iter().find(|task| task.valve == valve).unwrap().surge.unwrap()
}

#[test]
fn a_long_main_is_calculated_where_the_bound_is_passed() {
    let quick = surge(20.0, 16e5);
    assert!(!quick.is_bounded(), "{quick:?}");
    let waves = quick.waves.unwrap();
    assert!((waves.length_m - LENGTH_M).abs() < 1.0);
    // The waves stay within Joukowsky over the pressure held at the plant, and pass the limit all the same.
    assert!(!waves.safe && !quick.is_safe());
    assert!(waves.highest_pa > 16e5 && waves.highest_pa < 12e5 + 1.05 * sudden_pa(&quick), "{waves:?} {quick:?}");
    // Two speeds that hold; the quick part takes four fifths of the stroke.
    let two = waves.two_speed.unwrap();
    assert!(two.highest_pa <= 16e5 && two.quick_share == 0.8);
    assert!(two.slow_s > two.quick_s * 0.2 && two.quick_s + two.slow_s >= 20.0);
}

/// Rise of a closure at once, by the bound's own rise and times.
fn sudden_pa(surge: &Surge) -> f64 {
    // A quarter of the closing time is effective; the bound falls with reflection over effective time.
    let effective_s: f64 = 0.25 * 20.0;
    surge.rise_pa * (effective_s / surge.reflection_s).max(1.0)
}

#[test]
fn the_fast_path_is_left_alone_where_it_holds() {
    // Slow enough for the bound, or strong enough pipes: no waves are calculated.
    assert!(surge(3000.0, 40e5).waves.is_none());
    let strong = surge(20.0, 100e5);
    assert!(strong.is_bounded() || strong.waves.is_some());
    // Slower closing lowers what the waves reach.
    let (quick, slow) = (surge(20.0, 16e5), surge(120.0, 16e5));
    if let (Some(quick), Some(slow)) = (quick.waves, slow.waves) {
        assert!(slow.highest_pa < quick.highest_pa);
    }
}
