//! Random links with every field in use: pipes, valves, pumps, sources, consumers, and what they say of heat in time.

use super::*;

pub fn link() -> BoxedStrategy<Link> {
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
            details: details.into(),
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
                hand_opening: None,
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

pub fn heating() -> BoxedStrategy<Box<Heating>> {
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
