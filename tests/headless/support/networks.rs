//! Random networks with every kind of element and every field in use, for property tests.
//!
//! Numbers lie in the ranges the editor allows; texts hold quotes, line ends and Chinese. The networks are whole (all
//! ends exist) but make no sense: files and edits must carry them, no solver need.

mod links;

use hypocaust::network::attributes::{Attribute, Attributes};
use hypocaust::network::edit::{Edit, LinkData};
use hypocaust::network::{
    Backdrop, Boundary, Building, BuildingUsage, Chamber, Characteristic, Connection, Consumer, Demand, Drive,
    ElementKind, ElementRef, EmitterKind, EntranceQuantity, FrictionModel, HeatPumpSource, HeatStore, Heating,
    HeldTemperature, Insulation, Laying, Leak, Leaks, Link, LinkKind, Name, Network, Node, Notes, Pipe, PipeDetails,
    PipeState, Plant, Priority, PropertyPoint, Pump, PumpControl, PumpPoint, PumpRole, Scenario, Secondary,
    SecondaryZone, Sensor, Settings, Side, Source, SourceControl, SourceKind, Station, Street, Terrain, Valve,
    ValveCondition, ValveKind, Water, WaterModel, ZoneExchanger,
};
use hypocaust::units::Quantity;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use links::{heating, link};

/// Any whole network of up to a dozen nodes.
pub fn networks() -> BoxedStrategy<Network> {
    let nodes = vec(node(), 1..12);
    let links = vec((any::<(u16, u16)>(), link()), 0..16);
    let rest = (vec(chamber(), 0..3), vec(building(), 0..3), vec(sensor(), 0..3), vec(scenario(), 0..3), backdrop());
    (settings(), nodes, links, rest, text())
        .prop_map(|(settings, nodes, links, rest, odd)| {
            let mut network = Network::new();
            network.set_settings(settings);
            let count = nodes.len();
            // One id is as odd as ids can be; the others are plain.
            let node_id = |i: usize| Name::from(if i == 0 { format!("n{odd}") } else { format!("节点 {i}") });
            for (i, node) in nodes.into_iter().enumerate() {
                network.insert_node(node_id(i), node).unwrap();
            }
            for (i, ((from, to), link)) in links.into_iter().enumerate() {
                let [from, to] = [from, to].map(|end| network.node_id(&node_id(end as usize % count)).unwrap());
                let id = if i == 0 { format!("l{odd}") } else { format!("L{i}") };
                network.insert_link(id, from, to, link).unwrap();
            }
            let (chambers, buildings, sensors, scenarios, backdrop) = rest;
            for (i, chamber) in chambers.into_iter().enumerate() {
                network.insert_chamber(format!("J{i}"), chamber).unwrap();
            }
            for (i, building) in buildings.into_iter().enumerate() {
                network.insert_building(format!("B{i}"), building).unwrap();
            }
            for (i, sensor) in sensors.into_iter().enumerate() {
                network.insert_sensor(format!("T{i}"), sensor).unwrap();
            }
            for (i, scenario) in scenarios.into_iter().enumerate() {
                network.insert_scenario(format!("W{i}"), scenario);
            }
            network.set_backdrop(backdrop);
            network
        })
        .boxed()
}

/// A finite number between two bounds, with awkward ones among them.
fn number(low: f64, high: f64) -> BoxedStrategy<f64> {
    prop_oneof![
        3 => low..high,
        1 => select(vec![0.1 + 0.2, 1.0, 1e-9, 1.0 / 3.0, 5e-324, 123_456.789]).prop_map(move |x: f64| x.clamp(low, high)),
    ].boxed()
}

fn positive() -> BoxedStrategy<f64> {
    number(1e-3, 1e6).boxed()
}

fn place() -> BoxedStrategy<f64> {
    number(-1e6, 1e6).boxed()
}

fn height() -> BoxedStrategy<f64> {
    number(-400.0, 8000.0).boxed()
}

fn celsius() -> BoxedStrategy<f64> {
    number(-50.0, 300.0).boxed()
}

fn diameter() -> BoxedStrategy<f64> {
    number(1e-3, 3.0).boxed()
}

fn pascal() -> BoxedStrategy<f64> {
    number(-9e4, 5e6).boxed()
}

fn share() -> BoxedStrategy<f64> {
    number(0.0, 1.0).boxed()
}

pub fn text() -> BoxedStrategy<String> {
    select(vec!["", "a", "东门 1", "say \"when\"", "back\\slash", "line\nend\ttab", "é 🔥", "null", "{}", ", [", "1e5"])
        .prop_map(str::to_owned)
        .boxed()
}

fn name() -> BoxedStrategy<Name> {
    text().prop_map(Name::from).boxed()
}

fn attributes() -> BoxedStrategy<Attributes> {
    let value = prop_oneof![
        any::<bool>().prop_map(Attribute::Flag),
        place().prop_map(Attribute::Number),
        text().prop_map(Attribute::Text),
    ];
    vec((text(), value), 0..3).prop_map(|pairs| pairs.into_iter().collect::<Attributes>()).boxed()
}

fn settings() -> BoxedStrategy<Settings> {
    let friction = select(vec![
        FrictionModel::Colebrook,
        FrictionModel::SwameeJain,
        FrictionModel::Altshul,
        FrictionModel::Shifrinson,
        FrictionModel::HazenWilliams,
        FrictionModel::ChezyManning,
    ]);
    let points =
        || vec((celsius(), positive()).prop_map(|(temperature_c, value)| PropertyPoint { temperature_c, value }), 0..4);
    let water = prop_oneof![
        Just(WaterModel::Iapws),
        (positive(), positive(), positive()).prop_map(|(density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk)| {
            WaterModel::Constant { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk }
        }),
        (points(), points(), points()).prop_map(|(density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk)| {
            WaterModel::Table { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk }
        }),
    ];
    (text(), friction, water, celsius(), (celsius(), of(celsius())), positive(), text())
        .prop_map(
            |(
                title,
                friction,
                water,
                ambient_temperature_c,
                (outdoor_temperature_c, design_outdoor_temperature_c),
                gravity_m_s2,
                coordinate_system,
            )| {
                Settings {
                    title,
                    friction,
                    water,
                    ambient_temperature_c,
                    outdoor_temperature_c,
                    design_outdoor_temperature_c,
                    gravity_m_s2,
                    coordinate_system,
                }
            },
        )
        .boxed()
}

fn node() -> BoxedStrategy<Node> {
    let boundary = prop_oneof![
        (pascal(), of(positive()), celsius()).prop_map(|(pressure_pa, capacity_kg_s, temperature_c)| {
            Boundary::MakeUp { pressure_pa, capacity_kg_s, temperature_c }
        }),
        (height(), celsius()).prop_map(|(head_m, temperature_c)| Boundary::Reservoir { head_m, temperature_c }),
        (height(), height(), height(), diameter(), celsius()).prop_map(
            |(level_m, minimum_level_m, maximum_level_m, diameter_m, temperature_c)| Boundary::Tank {
                level_m,
                minimum_level_m,
                maximum_level_m,
                diameter_m,
                temperature_c,
            }
        ),
    ];
    let side = select(vec![Side::Supply, Side::Return, Side::Single]);
    (text(), side, place(), place(), height(), place(), of(boundary), of(name()), attributes())
        .prop_map(|(name, side, x_m, y_m, z_m, demand_kg_s, boundary, chamber, attributes)| Node {
            name,
            side,
            x_m,
            y_m,
            z_m,
            demand_kg_s,
            boundary: boundary.map(Box::new),
            chamber,
            attributes,
        })
        .boxed()
}

fn priority() -> BoxedStrategy<Priority> {
    select(vec![Priority::Hospital, Priority::School, Priority::Care, Priority::Residential, Priority::Industrial])
        .boxed()
}

fn chamber() -> BoxedStrategy<Chamber> {
    let place = (place(), place(), height());
    (text(), place, of(share()), of(any::<u16>()), any::<(bool, bool, bool)>(), attributes())
        .prop_map(|(name, (x_m, y_m, z_m), depth_m, compensators, (drain, vent, flooded), attributes)| Chamber {
            name,
            x_m,
            y_m,
            z_m,
            depth_m,
            compensators,
            drain,
            vent,
            flooded,
            attributes,
        })
        .boxed()
}

fn building() -> BoxedStrategy<Building> {
    let footprint = vec((place(), place()).prop_map(|(x, y)| [x, y]), 0..5);
    let counts = (of(any::<u16>()), of(any::<u16>()), of(any::<u32>()), of(any::<u32>()));
    let first = (text(), footprint, positive(), height(), of(name()), of(positive()));
    (first, counts, priority(), (of(positive()), of(heating())), attributes())
        .prop_map(|(first, (storeys, year_built, households, people), priority, thermal, attributes)| {
            let (time_constant_s, heating) = thermal;
            let (name, footprint_m, height_m, z_m, consumer, heated_area_m2) = first;
            Building {
                name,
                footprint_m,
                height_m,
                z_m,
                consumer,
                heated_area_m2,
                storeys,
                year_built,
                households,
                people,
                priority,
                time_constant_s,
                heating,
                attributes,
            }
        })
        .boxed()
}

fn element() -> BoxedStrategy<ElementRef> {
    (select(ElementKind::ALL.to_vec()), text()).prop_map(|(kind, id)| ElementRef::new(kind, id)).boxed()
}

fn sensor() -> BoxedStrategy<Sensor> {
    (text(), element(), select(Quantity::ALL.to_vec()), text(), of(positive()), attributes())
        .prop_map(|(name, element, quantity, tag, deviation_si, attributes)| Sensor {
            name,
            element,
            quantity,
            tag,
            deviation_si,
            attributes,
        })
        .boxed()
}

fn scenario() -> BoxedStrategy<Scenario> {
    let value = prop_oneof![
        Just(serde_json::Value::Null),
        share().prop_map(serde_json::Value::from),
        text().prop_map(serde_json::Value::from),
    ];
    let edit = prop_oneof![
        (element(), text(), value).prop_map(|(element, field, value)| Edit::Set { element, field, value }),
        (name(), node()).prop_map(|(id, node)| Edit::AddNode { id, node: Box::new(node) }),
        (name(), name(), name(), link()).prop_map(|(id, from, to, link)| Edit::AddLink {
            id,
            from,
            to,
            link: Box::new(LinkData::from(link))
        }),
        element().prop_map(|element| Edit::Remove { element }),
        settings().prop_map(|settings| Edit::SetSettings { settings: Box::new(settings) }),
    ];
    let batch = (text(), vec(edit, 0..3)).prop_map(|(label, edits)| Edit::Batch { label, edits });
    (text(), of(name()), vec(batch, 0..3)).prop_map(|(note, parent, edits)| Scenario { note, parent, edits }).boxed()
}

fn backdrop() -> BoxedStrategy<Backdrop> {
    let line = vec((place(), place()).prop_map(|(x, y)| [x, y]), 0..4);
    let water =
        (text(), place(), line.clone()).prop_map(|(name, level_m, outline_m)| Water { name, level_m, outline_m });
    let street = (text(), positive(), line).prop_map(|(name, width_m, line_m)| Street { name, width_m, line_m });
    let terrain =
        (place(), place(), positive(), 1_u32..5, 0_usize..4).prop_flat_map(|(x_m, y_m, cell_m, columns, rows)| {
            vec(-400.0_f32..8000.0, columns as usize * rows).prop_map(move |z_m| Terrain {
                x_m,
                y_m,
                cell_m,
                columns,
                z_m,
            })
        });
    (of(terrain), vec(street, 0..3), vec(water, 0..2))
        .prop_map(|(terrain, streets, water)| Backdrop { terrain, streets, water })
        .boxed()
}
