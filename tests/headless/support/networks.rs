//! Random networks with every kind of element and every field in use, for property tests.
//!
//! Numbers lie in the ranges the editor allows; texts hold quotes, line ends and Chinese. The networks are whole (all
//! ends exist) but make no sense: files and edits must carry them, no solver need.

use std::collections::BTreeMap;

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
    vec((text(), value), 0..3).prop_map(|pairs| pairs.into_iter().collect::<BTreeMap<_, _>>()).boxed()
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
            boundary,
            chamber,
            attributes,
        })
        .boxed()
}

fn link() -> BoxedStrategy<Link> {
    let kind = prop_oneof![
        3 => pipe().prop_map(LinkKind::Pipe),
        1 => valve().prop_map(|valve| LinkKind::Valve(Box::new(valve))),
        1 => pump().prop_map(|pump| LinkKind::Pump(Box::new(pump))),
        1 => source().prop_map(|source| LinkKind::Source(Box::new(source))),
        1 => consumer().prop_map(|consumer| LinkKind::Consumer(Box::new(consumer))),
    ];
    (kind, text(), of(name()), attributes())
        .prop_map(|(kind, name, chamber, attributes)| {
            let notes = Notes { name, chamber, attributes };
            Link { kind, notes: (notes != Notes::default()).then(|| Box::new(notes)) }
        })
        .boxed()
}

fn pipe() -> BoxedStrategy<Pipe> {
    let state = select(vec![PipeState::Open, PipeState::Closed, PipeState::OneWay]);
    let insulation = (share(), positive(), positive()).prop_map(|(thickness_m, conductivity_w_mk, ageing_factor)| {
        Box::new(Insulation { thickness_m, conductivity_w_mk, ageing_factor })
    });
    let laying = select(vec![Laying::Buried, Laying::Duct, Laying::Overhead, Laying::UtilityTunnel]);
    let route = vec((place(), place(), height()).prop_map(|(x, y, z)| [x, y, z]), 0..4);
    let first = (of(any::<u16>()), of(pascal()), of(insulation), of(share()), laying, text(), of(any::<u16>()));
    let details = (first, of(name()), route, of(positive()), of(share())).prop_map(
        |((dn, nominal_pressure_pa, insulation, depth_m, laying, material, year_laid), pair, route_m, c, n)| {
            PipeDetails {
                dn,
                nominal_pressure_pa,
                insulation,
                depth_m,
                laying,
                material,
                year_laid,
                pair,
                route_m,
                hazen_williams_c: c,
                manning_n: n,
            }
        },
    );
    let details = prop_oneof![Just(PipeDetails::default()), details];
    let zeta = prop_oneof![Just(0.0), positive()];
    let leak = (share(), of(share()), of(diameter()), share(), positive()).prop_map(
        |(position, hole_area_m2, hole_diameter_m, discharge_coefficient, outside_pressure_pa)| Leak {
            position,
            hole_area_m2,
            hole_diameter_m,
            discharge_coefficient,
            outside_pressure_pa,
        },
    );
    let leaks = prop_oneof![6 => Just(None), 1 => vec(leak, 0..3).prop_map(|leaks| Some(Box::new(Leaks(leaks))))];
    let state = (state, leaks);
    (number(0.0, 1e5), diameter(), diameter(), number(0.0, 0.01), zeta, of(positive()), state, details)
        .prop_map(|(length_m, inner_diameter_m, outer_diameter_m, roughness_m, zeta, u_w_m2k, state, details)| Pipe {
            leaks: state.1,
            length_m,
            inner_diameter_m,
            outer_diameter_m,
            roughness_m,
            zeta,
            u_w_m2k,
            state: state.0,
            details: Box::new(details),
        })
        .boxed()
}

fn valve() -> BoxedStrategy<Valve> {
    let kind = select(vec![
        ValveKind::Sectioning,
        ValveKind::Isolating,
        ValveKind::Control,
        ValveKind::Balancing,
        ValveKind::Check,
        ValveKind::Bypass,
        ValveKind::DifferentialPressure,
        ValveKind::Flow,
        ValveKind::PressureReducing,
        ValveKind::PressureSustaining,
        ValveKind::PressureBreaking,
        ValveKind::GeneralPurpose,
        ValveKind::Turbine,
    ]);
    let pairs = || vec((share(), share()).prop_map(|(a, b)| [a, b]), 0..4);
    let characteristic = prop_oneof![
        Just(Characteristic::Linear),
        positive().prop_map(|rangeability| Characteristic::EqualPercentage { rangeability }),
        Just(Characteristic::QuickOpening),
        pairs().prop_map(|points| Characteristic::Table { points }),
    ];
    let drive = select(vec![Drive::Manual, Drive::Electric, Drive::Hydraulic, Drive::Pneumatic, Drive::SelfActing]);
    let condition = select(vec![
        ValveCondition::Operable,
        ValveCondition::Stuck,
        ValveCondition::Unreachable,
        ValveCondition::Unknown,
    ]);
    let sensing = of((name(), name()).prop_map(|(a, b)| [a, b]));
    let first = (kind, of(positive()), of(positive()), share(), characteristic, (of(diameter()), of(share())));
    (first, of(pascal()), of(positive()), sensing, pairs(), drive, of(positive()), condition)
        .prop_map(
            |(first, set_pressure_pa, set_flow_kg_s, sensing_nodes, loss_curve, drive, closing_time_s, condition)| {
                let (kind, kv_m3_h, zeta, opening, characteristic, (diameter_m, efficiency)) = first;
                Valve {
                    kind,
                    kv_m3_h,
                    zeta,
                    opening,
                    characteristic,
                    diameter_m,
                    set_pressure_pa,
                    set_flow_kg_s,
                    sensing_nodes,
                    loss_curve,
                    efficiency,
                    drive,
                    closing_time_s,
                    condition,
                }
            },
        )
        .boxed()
}

fn pump() -> BoxedStrategy<Pump> {
    let point = (positive(), positive(), of(share())).prop_map(|(flow_m3_h, head_m, efficiency)| PumpPoint {
        flow_m3_h,
        head_m,
        efficiency,
    });
    let role = select(vec![
        PumpRole::Circulation,
        PumpRole::Distributed,
        PumpRole::Booster,
        PumpRole::MakeUp,
        PumpRole::Mixing,
    ]);
    let control = prop_oneof![
        Just(PumpControl::Speed),
        positive().prop_map(|mass_flow_kg_s| PumpControl::MassFlow { mass_flow_kg_s }),
        pascal().prop_map(|pressure_rise_pa| PumpControl::PressureRise { pressure_rise_pa }),
        (pascal(), name(), name()).prop_map(|(set_pressure_pa, a, b)| PumpControl::DifferentialPressure {
            set_pressure_pa,
            sensing_nodes: [a, b],
        }),
    ];
    let npsh = (vec((positive(), positive()).prop_map(|(a, b)| [a, b]), 0..3), of(positive()), of(share()));
    let first = (vec(point, 0..4), of(positive()), number(0.0, 1.5), 0_u16..=100);
    (first, any::<(bool, bool)>(), of(positive()), npsh, role, control)
        .prop_map(
            |(
                (curve, power_w, speed, parallel),
                (running, check_valve),
                rated_speed_rpm,
                (npsh_curve, npsh_required_head_m, motor_efficiency),
                role,
                control,
            )| {
                Pump {
                    curve,
                    power_w,
                    speed,
                    control,
                    parallel,
                    running,
                    check_valve,
                    rated_speed_rpm,
                    npsh_required_head_m,
                    npsh_curve,
                    motor_efficiency,
                    role,
                }
            },
        )
        .boxed()
}

fn source() -> BoxedStrategy<Source> {
    let control = prop_oneof![
        (pascal(), pascal()).prop_map(|(return_pressure_pa, pressure_rise_pa)| SourceControl::Reference {
            return_pressure_pa,
            pressure_rise_pa
        }),
        pascal().prop_map(|pressure_rise_pa| SourceControl::PressureRise { pressure_rise_pa }),
        positive().prop_map(|mass_flow_kg_s| SourceControl::MassFlow { mass_flow_kg_s }),
        pascal().prop_map(|supply_pressure_pa| SourceControl::SupplyPressure { supply_pressure_pa }),
        of(pascal()).prop_map(|return_pressure_pa| SourceControl::Speed { return_pressure_pa }),
        (pascal(), of(name()), of(pascal())).prop_map(|(available_pressure_pa, consumer, return_pressure_pa)| {
            SourceControl::WorstPoint { available_pressure_pa, consumer, return_pressure_pa }
        }),
    ];
    let kind = select(vec![
        SourceKind::CombinedHeatAndPower,
        SourceKind::GasBoiler,
        SourceKind::HeatPump,
        SourceKind::Interconnection,
        SourceKind::HeatStore,
        SourceKind::Other,
    ]);
    let store = (positive(), celsius(), share()).prop_map(|(volume_m3, lower_temperature_c, charge_share)| {
        Box::new(HeatStore { volume_m3, lower_temperature_c, charge_share })
    });
    let exchanger = (name(), positive(), positive(), positive(), share()).prop_map(
        |(primary, ua_w_k, primary_flow_kg_s, secondary_flow_kg_s, fouling_k_w)| {
            Box::new(ZoneExchanger { primary, ua_w_k, primary_flow_kg_s, secondary_flow_kg_s, fouling_k_w })
        },
    );
    let machines = (of(pump().prop_map(Box::new)), of(store), of(exchanger), of(plant()));
    let limits = (of(positive()), of(positive()), of(positive()));
    (control, celsius(), kind, limits, machines, any::<bool>())
        .prop_map(|(control, supply_temperature_c, kind, limits, (pumps, store, exchanger, plant), running)| {
            let (capacity_w, minimum_heat_w, maximum_flow_kg_s) = limits;
            Source {
                control,
                supply_temperature_c,
                kind,
                capacity_w,
                minimum_heat_w,
                maximum_flow_kg_s,
                pumps,
                store,
                exchanger,
                plant,
                running,
            }
        })
        .boxed()
}

fn consumer() -> BoxedStrategy<Consumer> {
    let demand = prop_oneof![
        positive().prop_map(|mass_flow_kg_s| Demand::MassFlow { mass_flow_kg_s }),
        positive().prop_map(|heat_w| Demand::Heat { heat_w }),
    ];
    let connection = select(vec![Connection::Indirect, Connection::MixingBypassPump, Connection::Direct]);
    let station = (number(0.0, 5.0), positive(), positive(), of(pump())).prop_map(
        |(mixing_ratio, circuit_drop_pa, circuit_flow_kg_s, pump)| {
            Box::new(Station { mixing_ratio, circuit_drop_pa, circuit_flow_kg_s, pump })
        },
    );
    let zones = vec((text(), share(), number(-5.0, 5.0)), 0..3).prop_map(|zones| {
        zones
            .into_iter()
            .map(|(name, heat_share, shift_k)| SecondaryZone { name, heat_share, shift_k })
            .collect::<Vec<_>>()
    });
    let shifts = vec(number(-9.0, 9.0), 0..25);
    let secondary = (celsius(), of(positive()), zones, shifts, share()).prop_map(
        |(secondary_supply_temperature_c, water_kg, zones, hour_shift_k, make_up_share)| {
            let held = if zones.is_empty() { HeldTemperature::Mean } else { HeldTemperature::Return };
            Box::new(Secondary {
                secondary_supply_temperature_c,
                water_kg,
                zones,
                hour_shift_k,
                make_up_share,
                held,
                ..Secondary::default()
            })
        },
    );
    let station = (of(positive()), of(station), of(secondary));
    let first = (demand, celsius(), connection, station, of(pascal()), priority());
    (first, of(positive()), of(any::<u32>()), of(any::<u32>()), text(), any::<bool>())
        .prop_map(|(first, heated_area_m2, households, people, address, shut)| {
            let (demand, return_temperature_c, connection, station, required_pressure_pa, priority) = first;
            let (kv_open_m3_h, station, secondary) = station;
            Consumer {
                demand,
                return_temperature_c,
                connection,
                kv_open_m3_h,
                station,
                secondary,
                required_pressure_pa,
                priority,
                heated_area_m2,
                households,
                people,
                address,
                shut,
            }
        })
        .boxed()
}

fn plant() -> BoxedStrategy<Box<Plant>> {
    (of(positive()), of(share()), positive(), vec(positive(), 0..3))
        .prop_map(|(ramp_up_w_s, efficiency, fuel_price_1_gj, electricity_price_1_kwh)| {
            let heat_source = HeatPumpSource::Sewage;
            Box::new(Plant {
                ramp_up_w_s,
                efficiency,
                fuel_price_1_gj,
                electricity_price_1_kwh,
                heat_source,
                ..Plant::default()
            })
        })
        .boxed()
}

fn heating() -> BoxedStrategy<Box<Heating>> {
    (of(positive()), celsius(), of(share()), any::<bool>())
        .prop_map(|(heat_index_w_m2, room_temperature_c, room_capacity_share, floor)| {
            Box::new(Heating {
                usage: floor.then_some(BuildingUsage::Hotel),
                emitter: if floor { EmitterKind::Floor } else { EmitterKind::Radiator },
                entrance: floor.then_some(EntranceQuantity::Return),
                heat_index_w_m2,
                room_temperature_c,
                room_capacity_share,
                ..Heating::default()
            })
        })
        .boxed()
}

fn priority() -> BoxedStrategy<Priority> {
    select(vec![Priority::Hospital, Priority::School, Priority::Care, Priority::Residential, Priority::Industrial])
        .boxed()
}

fn chamber() -> BoxedStrategy<Chamber> {
    let place = (place(), place(), height());
    (text(), place, of(share()), of(any::<u16>()), any::<(bool, bool)>(), attributes())
        .prop_map(|(name, (x_m, y_m, z_m), depth_m, compensators, (drain, vent), attributes)| Chamber {
            name,
            x_m,
            y_m,
            z_m,
            depth_m,
            compensators,
            drain,
            vent,
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
