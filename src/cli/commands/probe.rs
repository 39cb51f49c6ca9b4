//! `probe`: what a field device holds, in every reading its words allow.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::line;
use super::table::columns;
use crate::cli::args::{Probe, ProbedTable, SerialParity, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io::modbus::map::{Parity, Table, TlsFiles, Transport, host_and_port};
use crate::io::modbus::probe::{NotProbed, Probed, Target, probe};
use crate::io::modbus::value::{DataType, WordOrder, decode, decode_text};
use crate::text::Argument;

/// Shown where words have no such reading.
const NOTHING: &str = "–";

pub fn run(given: &Probe, printer: &Printer) -> Result<(), Failure> {
    let target = target(given, printer)?;
    let texts = printer.language.texts();
    let spinner = printer.spinner(&target.transport.to_string());
    let probed = probe(&target);
    spinner.finish_and_clear();
    let probed = probed.map_err(|error| match error {
        NotProbed::File(error) => printer.refusal(&error),
        NotProbed::Fault(fault) => {
            let reason = fault.text(printer.language);
            let arguments =
                [("device", target.transport.to_string()), ("unit", given.unit.to_string()), ("reason", reason)];
            Failure::input(texts.with("probe-failed", &arguments.map(|(name, value)| (name, Argument::from(value)))))
        }
        NotProbed::System(reason) => Failure::input(reason),
    })?;
    let data = match given.format {
        TextOrJson::Text => text(&target, &probed, printer),
        TextOrJson::Json => format!("{:#}\n", json_of(&target, &probed)),
    };
    printer.data(None, data.as_bytes())?;
    let nothing = probed.words.iter().all(Option::is_none);
    match probed.exception {
        Some(exception) if nothing => Err(Failure::input(exception.text(printer.language))),
        Some(exception) => {
            printer.say(&exception.text(printer.language));
            Ok(())
        }
        None => Ok(()),
    }
}

fn target(given: &Probe, printer: &Printer) -> Result<Target, Failure> {
    let texts = printer.language.texts();
    let address = || {
        let bad = || Failure::input(texts.with("probe-address", &[("address", Argument::from(given.device.as_str()))]));
        host_and_port(&given.device, if given.tls { 802 } else { 502 }).ok_or_else(bad)
    };
    let transport = if given.serial {
        let parity = match given.parity {
            SerialParity::None => Parity::None,
            SerialParity::Odd => Parity::Odd,
            SerialParity::Even => Parity::Even,
        };
        Transport::Serial { path: (&given.device).into(), baud: given.baud, parity, stop_bits: given.stop_bits }
    } else {
        let (host, port) = address()?;
        match (&given.authority, &given.certificate, &given.key) {
            (Some(authority), Some(certificate), Some(key)) if given.tls => {
                let (authority, certificate, key) = (authority.clone(), certificate.clone(), key.clone());
                let files = TlsFiles { authority, certificate, key, server_name: given.server_name.clone() };
                Transport::Tls { host, port, files }
            }
            _ if given.rtu_over_tcp => Transport::RtuOverTcp { host, port },
            _ => Transport::Tcp { host, port },
        }
    };
    let timeout = Duration::from_millis(given.timeout.into());
    Ok(Target {
        transport,
        unit: given.unit,
        table: match given.table {
            ProbedTable::Coil => Table::Coil,
            ProbedTable::Discrete => Table::Discrete,
            ProbedTable::Input => Table::Input,
            ProbedTable::Holding => Table::Holding,
        },
        from: given.from,
        count: given.count,
        connect_timeout: timeout,
        request_timeout: timeout,
        ignores_transaction_id: given.ignore_transaction_id,
    })
}

/// The words of a value at a place, if all of them are there.
fn words_at(probed: &Probed, at: usize, registers: u16) -> Option<Vec<u16>> {
    probed.words.get(at..at + usize::from(registers))?.iter().copied().collect()
}

fn number_at(probed: &Probed, at: usize, kind: DataType, order: WordOrder) -> Option<f64> {
    decode(&words_at(probed, at, kind.registers())?, kind, order).ok()
}

/// Numbers as they come, very large and very small ones with an exponent. An f32 has the digits of an f32.
fn shown(value: f64, kind: DataType) -> String {
    let exponent = value != 0.0 && !(1e-4..1e10).contains(&value.abs());
    match (kind, exponent) {
        (DataType::F32, false) => (value as f32).to_string(),
        (DataType::F32, true) => format!("{:e}", value as f32),
        (DataType::F64, true) => format!("{value:e}"),
        _ => value.to_string(),
    }
}

/// Characters of one word.
fn characters(word: u16) -> String {
    decode_text(&[word], 2, WordOrder::Abcd)
}

fn text(target: &Target, probed: &Probed, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let mut out = String::new();
    let arguments = [
        ("device", target.transport.to_string()),
        ("unit", target.unit.to_string()),
        ("table", target.table.word().to_owned()),
        ("requests", probed.requests.to_string()),
        ("milliseconds", format!("{:.1}", probed.longest_s * 1e3)),
    ];
    let summary = texts.with("probe-summary", &arguments.map(|(name, value)| (name, Argument::from(value))));
    line(&mut out, format_args!("{summary}"));
    let address = texts.get("probe-address-head").into_owned();
    let addresses = (usize::from(target.from)..).take(probed.words.len());
    let head = |names: &[&str]| -> Vec<String> {
        std::iter::once(address.clone()).chain(names.iter().map(|name| (*name).to_owned())).collect()
    };
    let cell = |value: Option<String>| value.unwrap_or_else(|| NOTHING.to_owned());
    if target.table.is_bits() {
        let rows = addresses
            .zip(&probed.words)
            .map(|(address, bit)| vec![address.to_string(), cell(bit.map(|b| b.to_string()))]);
        out.push_str(&columns(&head(&[target.table.word()]), &rows.collect::<Vec<_>>(), &[false, true]));
        return out;
    }
    let row = |(at, word): (usize, &Option<u16>)| {
        let number = |kind| cell(number_at(probed, at, kind, WordOrder::Abcd).map(|value| shown(value, kind)));
        vec![
            (usize::from(target.from) + at).to_string(),
            cell(word.map(|word| format!("{word:04X}"))),
            cell(word.map(|word| format!("{word:016b}"))),
            number(DataType::U16),
            number(DataType::I16),
            number(DataType::Bcd16),
            cell(word.map(characters)),
        ]
    };
    let rows: Vec<_> = probed.words.iter().enumerate().map(row).collect();
    let heads = head(&["hex", "bit 15 … 0", "u16", "i16", "bcd16", "string"]);
    line(&mut out, format_args!(""));
    out.push_str(&columns(&heads, &rows, &[false, true, true, true, true, true, false]));
    for kind in DataType::NUMBERS.into_iter().filter(|kind| kind.registers() > 1) {
        let row = |at: usize| {
            let values = WordOrder::ALL.map(|order| cell(number_at(probed, at, kind, order).map(|v| shown(v, kind))));
            let any = values.iter().any(|value| value != NOTHING);
            any.then(|| std::iter::once((usize::from(target.from) + at).to_string()).chain(values).collect::<Vec<_>>())
        };
        let rows: Vec<_> = (0..probed.words.len()).filter_map(row).collect();
        if rows.is_empty() {
            continue;
        }
        let mut heads = head(&WordOrder::ALL.map(WordOrder::word));
        heads[0] = format!("{address} {kind}");
        line(&mut out, format_args!(""));
        out.push_str(&columns(&heads, &rows, &[false, true, true, true, true]));
    }
    out
}

fn json_of(target: &Target, probed: &Probed) -> Value {
    let entry = |(at, word): (usize, &Option<u16>)| {
        let mut entry = Map::new();
        entry.insert("address".to_owned(), json!(usize::from(target.from) + at));
        entry.insert("word".to_owned(), json!(word));
        if !target.table.is_bits() {
            entry.insert("string".to_owned(), json!(word.map(characters)));
            for kind in DataType::NUMBERS {
                let reading = |order| json!(number_at(probed, at, kind, order));
                let value = if kind.registers() == 1 {
                    reading(WordOrder::Abcd)
                } else {
                    WordOrder::ALL
                        .into_iter()
                        .map(|order| (order.word().to_owned(), reading(order)))
                        .collect::<Map<_, _>>()
                        .into()
                };
                entry.insert(kind.to_string(), value);
            }
        }
        Value::Object(entry)
    };
    json!({
        "device": target.transport.to_string(),
        "unit": target.unit,
        "table": target.table.word(),
        "requests": probed.requests,
        "longest_s": probed.longest_s,
        "exception": probed.exception.map(|exception| exception.0),
        "registers": probed.words.iter().enumerate().map(entry).collect::<Vec<_>>(),
    })
}
