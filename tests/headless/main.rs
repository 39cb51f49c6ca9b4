//! Every test that needs no window, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a panic in a test is its report"
)]

mod alarm_journal;
mod alarms;
mod allocation;
mod architecture;
mod balance;
mod calibrate_command;
mod cli;
mod compare;
mod control;
mod coupled;
mod destest;
mod device_map;
mod dispatch_network;
mod dispatch_optimise;
mod edit;
mod elements_example;
mod elements_leaks;
mod elements_properties;
mod elements_pumps;
mod elements_stations;
mod elements_zones;
mod emergency_carried_out;
mod emergency_events;
mod emergency_field;
mod emergency_isolation;
mod emergency_oracles;
mod emergency_places;
mod emergency_response;
mod emergency_segments;
mod emergency_surge;
mod energy;
mod epanet;
mod epanet_results;
mod estimate;
mod estimate_follow;
mod field_command;
mod forecast;
mod generate;
mod gis;
mod guarded_writes;
mod heat_data;
mod historian;
mod hydraulic_complaints;
mod hydraulic_controllers;
mod hydraulic_properties;
mod hydraulic_reference;
mod hydraulic_zoo;
mod incident;
mod kept_solver;
mod live_dictionary;
mod live_field;
mod live_reading;
mod live_soak;
mod map_fuzz;
mod metering;
mod modbus_line;
mod modbus_polling;
mod modbus_probe;
mod modbus_properties;
mod modbus_tls;
mod native_file;
mod orders;
mod plants_in_time;
mod random_networks;
mod reference_data;
mod regulation;
mod regulator;
mod reordering;
mod report;
mod results;
mod retrofit;
mod rules;
mod save;
mod screening;
mod screening_field;
mod security;
mod session;
mod session_alternatives;
mod session_emergency;
mod session_log;
mod shipped;
mod simulate_command;
mod simulation;
mod stations_in_time;
mod support;
mod tables;
mod temperatures;
mod timeline;
mod validate;
mod verify;
mod views;
mod weak_loops;
mod weather;
mod weather_service;
mod zones_in_time;
