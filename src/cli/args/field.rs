//! Arguments of the simulated field.

use std::path::PathBuf;

use clap::Args;

use super::{TextOrJson, positive};

#[derive(Debug, Args)]
pub struct Field {
    /// Network whose devices are played; without it the demo city
    pub file: Option<PathBuf>,
    /// Address the devices answer at; 0.0.0.0 for all of this machine
    #[arg(long, default_value = "127.0.0.1", value_name = "HOST")]
    pub host: String,
    /// Port of the first device, each further address one more; 0 takes free ports
    #[arg(long, default_value = "15020", value_name = "PORT")]
    pub port_base: u16,
    /// Speak Modbus/TCP Security with the certificates of this folder; where it has none they are made: of the devices, of an
    /// operator (reads and writes) and of a viewer (reads)
    #[arg(long, value_name = "FOLDER")]
    pub tls: Option<PathBuf>,
    /// Buildings of each substation with a meter at the heat entrance and a thermometer in a room
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub users: u16,
    /// Seconds of the field in one of the clock
    #[arg(long, default_value = "1", value_name = "TIMES", value_parser = positive)]
    pub speed: f64,
    /// Something that goes wrong: KIND:TARGET[:VALUE][@STARTs[..ENDs]], like stuck:ST012.T1@60s, dead:ST007 or
    /// leak:PS0057@0.5:2%@300s; may be given again
    #[arg(long = "fault", value_name = "FAULT")]
    pub faults: Vec<String>,
    /// Also what goes wrong in the demonstration: one device dead, one sensor stuck
    #[arg(long)]
    pub demo_faults: bool,
    /// Multiplies the noise of all instruments; 0 for none
    #[arg(long, default_value = "1", value_name = "TIMES", value_parser = not_negative)]
    pub noise: f64,
    /// Mean outdoor temperature of the day, °C
    #[arg(long, default_value = "-12", value_name = "CELSIUS", allow_negative_numbers = true)]
    pub outdoor: f64,
    /// Same seed, same weather, demands and noise
    #[arg(long, default_value = "1")]
    pub seed: u64,
    /// Wanted time between two readings of a point, written into the device map, s
    #[arg(long, default_value = "5", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub period: u32,
    /// Write the device map here (TOML, with its points as CSV beside it)
    #[arg(long, value_name = "PATH")]
    pub write_map: Option<PathBuf>,
    /// End after so many seconds of the clock; by default when it is interrupted
    #[arg(long = "for", value_name = "SECONDS", value_parser = positive)]
    pub seconds: Option<f64>,
    /// How the list of devices is told
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
}

fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err("expected a number not below 0".to_owned()),
    }
}
