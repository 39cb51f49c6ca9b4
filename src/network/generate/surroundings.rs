//! What stands around the pipes: buildings with their substations, sensors, street lines, river and open country.

use super::Parameters;
use super::draft::{Draft, Junction};
use super::geometry::{Point, add, between, distance, right_of, scaled, sub, unit};
use super::houses::{House, Usage};
use super::names::Title;
use super::pipework::{Design, Laying, source_id, station_id};
use super::plan::{Class, Plan};
use super::plants;
use super::{inserted, rounded};
use crate::network::{Backdrop, Building, ElementKind, ElementRef, Network, Sensor, Street, Terrain, Water};
use crate::units::Quantity;

/// Adds the buildings; of a very large city only every so many houses, so that it stays a file people can open.
pub(super) fn buildings(
    draft: &mut Draft,
    design: &Design,
    houses: &[House],
    quarters: &[Title],
    parameters: &Parameters,
) {
    let mut heated_by = vec![None; houses.len()];
    let mut keeps = vec![false; houses.len()];
    for (index, station) in design.stations.iter().enumerate() {
        let id: crate::network::Name = station_id(index).into();
        keeps[station.house] = true;
        for &house in &station.houses {
            heated_by[house] = Some(id.clone());
        }
    }
    let every = houses.len().div_ceil(parameters.most_buildings.max(1)).max(1);
    let mut in_block = (usize::MAX, 0);
    for (index, house) in houses.iter().enumerate() {
        in_block = if in_block.0 == house.block { (house.block, in_block.1 + 1) } else { (house.block, 1) };
        let important = keeps[index] || matches!(house.usage, Usage::Hospital);
        if !important && index % every != 0 {
            continue;
        }
        let building = Building {
            name: format!("{}{}号楼", quarters[house.block].chinese, in_block.1),
            footprint_m: house.outline.clone(),
            height_m: house.height_m,
            z_m: draft.ground_m(house.centre),
            consumer: heated_by[index].clone(),
            heated_area_m2: Some(house.area_m2),
            storeys: Some(house.storeys),
            year_built: Some(house.year),
            households: (house.households > 0).then_some(house.households),
            people: Some(house.people()),
            priority: house.priority(),
            time_constant_s: Some(house.time_constant_h() * 3600.0),
            ..Building::default()
        };
        inserted(draft.network.insert_building(format!("B{:04}", index + 1), building));
    }
    for (number, plant) in design.plants.iter().enumerate() {
        for (part, building) in plants::buildings(plant, parameters.seed, number).into_iter().enumerate() {
            let z_m = draft.ground_m(plant.at);
            let building = Building {
                name: format!("{}{}", design.plant_titles[number].chinese, building.name),
                footprint_m: building.outline,
                height_m: rounded(building.height_m),
                z_m,
                priority: crate::network::Priority::Industrial,
                ..Building::default()
            };
            inserted(draft.network.insert_building(format!("{}-{}", source_id(number), part + 1), building));
        }
    }
}

/// Adds the measuring points a heating company has: everything at plants and substations, pressure in large chambers.
pub(super) fn sensors(network: &mut Network, laying: &Laying) {
    let nodes = |network: &Network, junction: &Junction| junction.nodes.map(|node| network.node_ref(node));
    let mut points = Vec::new();
    for (number, plant) in laying.plants.iter().enumerate() {
        let element = ElementRef::new(ElementKind::Source, source_id(number));
        points.push((source_id(number), nodes(network, plant), element, true));
    }
    for (index, station) in laying.stations.iter().enumerate() {
        let element = ElementRef::new(ElementKind::Consumer, station_id(index));
        points.push((station_id(index), nodes(network, station), element, false));
    }
    let chambers: Vec<(String, [ElementRef; 2])> = laying
        .chambers
        .iter()
        .step_by(9)
        .enumerate()
        .map(|(number, junction)| (format!("CH{:02}", number + 1), nodes(network, junction)))
        .collect();
    let mut add = |id: String, element: ElementRef, quantity: Quantity, deviation_si: f64| {
        let sensor = Sensor {
            name: String::new(),
            element,
            quantity,
            tag: id.clone(),
            deviation_si: Some(deviation_si),
            attributes: Default::default(),
        };
        inserted(network.insert_sensor(id, sensor));
    };
    // Pressure transmitters of class 0.5 % of 1.6 MPa; resistance thermometers; ultrasonic meters of 1 %.
    for (id, [supply, back], element, is_source) in points {
        add(format!("{id}.P1"), supply.clone(), Quantity::Pressure, 4000.0);
        add(format!("{id}.P2"), back.clone(), Quantity::Pressure, 4000.0);
        add(format!("{id}.T1"), supply, Quantity::Temperature, 0.3);
        add(format!("{id}.T2"), back, Quantity::Temperature, 0.3);
        let flow = if is_source { 8.0 } else { 0.2 };
        add(format!("{id}.F"), element.clone(), Quantity::MassFlow, flow);
        if is_source {
            add(format!("{id}.Q"), element, Quantity::Heat, 1.5e6);
        }
    }
    for (id, [supply, back]) in chambers {
        add(format!("{id}.P1"), supply, Quantity::Pressure, 4000.0);
        add(format!("{id}.P2"), back, Quantity::Pressure, 4000.0);
    }
}

/// The map: terrain, streets as lines, roads into the country, river and its banks.
pub(super) fn backdrop(plan: &Plan, titles: &[Title], plants: &[plants::Plant], terrain: Terrain) -> Backdrop {
    let mut streets = lines(plan, titles);
    let (low, high) = corners(&terrain);
    for line in streets.clone().iter().filter(|line| line.width_m >= 40.0) {
        for end in [false, true] {
            let mut from: Vec<Point> = line.line_m.clone();
            if end {
                from.reverse();
            }
            if let Some(road) = country_road(plan, &from, low, high) {
                streets.push(Street { name: String::new(), width_m: 14.0, line_m: road });
            }
        }
    }
    for plant in plants {
        let line_m = vec![plan.crossings[plant.crossing], plant.at];
        streets.push(Street { name: String::new(), width_m: 12.0, line_m });
    }
    let middle: Vec<Point> = plan.river.line().to_vec();
    let width_m = plan.river.width_m;
    // Promenades on both banks, only along the city.
    for sign in [-1.0, 1.0] {
        let mut line_m = Vec::new();
        for (index, &point) in beside(&middle, sign * (0.5 * width_m + 24.0)).iter().enumerate() {
            if distance(middle[index], plan.centre) < 0.95 * plan.radius_m {
                line_m.push(point.map(rounded));
            }
        }
        if line_m.len() > 2 {
            let name = if sign > 0.0 { "南沿江路" } else { "北沿江路" };
            streets.push(Street { name: name.to_owned(), width_m: 14.0, line_m });
        }
    }
    let mut outline_m: Vec<Point> = beside(&middle, -0.5 * width_m);
    let mut far: Vec<Point> = beside(&middle, 0.5 * width_m);
    far.reverse();
    outline_m.append(&mut far);
    let outline_m = outline_m
        .into_iter()
        .map(|point| [0, 1].map(|axis| rounded(point[axis].clamp(low[axis], high[axis]))))
        .collect();
    let level_m = rounded(f64::from(terrain.z_m.iter().copied().fold(f32::INFINITY, f32::min)) + 1.0);
    let water = vec![Water { name: "清河".to_owned(), level_m, outline_m }];
    Backdrop { terrain: Some(terrain), streets, water }
}

fn corners(terrain: &Terrain) -> (Point, Point) {
    let extent = |cells: u32| f64::from(cells.saturating_sub(1)) * terrain.cell_m;
    let low = [terrain.x_m, terrain.y_m];
    (low, add(low, [extent(terrain.columns), extent(terrain.rows())]))
}

/// A line moved sideways, to the right for positive distances.
fn beside(line: &[Point], by_m: f64) -> Vec<Point> {
    (0..line.len())
        .map(|index| {
            let along = sub(line[(index + 1).min(line.len() - 1)], line[index.saturating_sub(1)]);
            add(line[index], scaled(right_of(unit(along)), by_m))
        })
        .collect()
}

/// Streets of the same line joined end to end.
fn lines(plan: &Plan, titles: &[Title]) -> Vec<Street> {
    let mut order: Vec<usize> =
        (0..plan.streets.len()).filter(|&street| !plan.streets_at[plan.streets[street].ends[0]].is_empty()).collect();
    // Within a line the first end rises from west to east or south to north.
    order.sort_by_key(|&street| {
        let street = &plan.streets[street];
        (street.line, street.ends[0].min(street.ends[1]))
    });
    let mut lines: Vec<(usize, Vec<usize>, f64)> = Vec::new();
    for street in order {
        let street = &plan.streets[street];
        let [a, b] = [street.ends[0].min(street.ends[1]), street.ends[0].max(street.ends[1])];
        match lines.last_mut() {
            Some((line, chain, _)) if *line == street.line && chain.last() == Some(&a) => chain.push(b),
            _ => {
                let width_m = if street.class == Class::Minor { 16.0 } else { street.width_m() };
                lines.push((street.line, vec![a, b], width_m));
            }
        }
    }
    lines
        .into_iter()
        .map(|(line, chain, width_m)| Street {
            name: titles[line].chinese.clone(),
            width_m,
            line_m: chain.into_iter().map(|crossing| plan.crossings[crossing]).collect(),
        })
        .collect()
}

/// An arterial goes on into the country until the map ends or water comes.
fn country_road(plan: &Plan, from_far_end: &[Point], low: Point, high: Point) -> Option<Vec<Point>> {
    let (&end, &before) = (from_far_end.first()?, from_far_end.get(1)?);
    let outward = unit(sub(end, plan.centre));
    let mut along = unit(sub(end, before));
    if along[0] * outward[0] + along[1] * outward[1] < 0.35 {
        return None;
    }
    let mut road = vec![end];
    let mut at = end;
    for _ in 0..400 {
        along = unit(add(scaled(along, 0.93), scaled(outward, 0.07)));
        let next = add(at, scaled(along, 120.0));
        let outside = (0..2).any(|axis| next[axis] < low[axis] || next[axis] > high[axis]);
        if plan.river.near_m(between(at, next, 0.5)) < 0.5 * plan.river.width_m + 30.0 {
            break;
        }
        if outside {
            break;
        }
        at = next;
        road.push(at.map(rounded));
    }
    (road.len() > 2).then_some(road)
}
