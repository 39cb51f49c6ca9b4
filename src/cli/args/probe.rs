//! The arguments of `probe`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::TextOrJson;

#[derive(Debug, Args)]
pub struct Probe {
    /// Device: HOST or HOST:PORT (502, with --tls 802), or a serial port such as /dev/ttyUSB0 with --serial
    #[arg(value_name = "HOST[:PORT]")]
    pub device: String,
    /// Unit identifier
    #[arg(long, default_value = "1")]
    pub unit: u8,
    /// Table to read
    #[arg(long, value_enum, default_value = "holding")]
    pub table: ProbedTable,
    /// First address, counted from 0 as on the wire
    #[arg(long, value_name = "ADDRESS", default_value = "0")]
    pub from: u16,
    /// Registers or bits to read
    #[arg(long, default_value = "10", value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub count: u16,
    /// Modbus/TCP Security: TLS with certificates on both sides
    #[arg(long, requires_all = ["authority", "certificate", "key"], conflicts_with_all = ["serial", "rtu_over_tcp"])]
    pub tls: bool,
    /// Authority that signed the certificate of the device (PEM)
    #[arg(long, value_name = "PEM", requires = "tls")]
    pub authority: Option<PathBuf>,
    /// Our certificate with its chain (PEM)
    #[arg(long, value_name = "PEM", requires = "tls")]
    pub certificate: Option<PathBuf>,
    /// Our private key (PEM)
    #[arg(long, value_name = "PEM", requires = "tls")]
    pub key: Option<PathBuf>,
    /// Name in the certificate of the device, where it is not the host
    #[arg(long, value_name = "NAME", requires = "tls")]
    pub server_name: Option<String>,
    /// Serial frames through a transparent gateway
    #[arg(long, conflicts_with = "serial")]
    pub rtu_over_tcp: bool,
    /// A serial port of this machine
    #[arg(long)]
    pub serial: bool,
    /// Speed of the serial port
    #[arg(long, default_value = "9600", requires = "serial")]
    pub baud: u32,
    /// Parity of the serial port
    #[arg(long, value_enum, default_value = "even", requires = "serial")]
    pub parity: SerialParity,
    /// Stop bits of the serial port
    #[arg(long, default_value = "1", requires = "serial", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub stop_bits: u8,
    /// The device need not repeat the transaction number
    #[arg(long)]
    pub ignore_transaction_id: bool,
    /// Longest wait for the connection and for each answer
    #[arg(long, value_name = "MILLISECONDS", default_value = "3000", value_parser = clap::value_parser!(u32).range(10..=120_000))]
    pub timeout: u32,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProbedTable {
    Coil,
    Discrete,
    Input,
    Holding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SerialParity {
    None,
    Odd,
    Even,
}
