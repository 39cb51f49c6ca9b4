//! `hypocaust probe` against a device with holes in its registers.

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::plc::{Act, Plc};

fn probe(plc: &Plc, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust"))
        .args(["probe", &plc.address.to_string()])
        .args(arguments)
        .env("LC_ALL", "C")
        .output()
        .unwrap()
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn plc() -> Plc {
    // 123.456 as f32, then a hole, then text.
    let words = [(0, 0x42F6), (1, 0xE979), (2, 0x1234), (4, 0x4865), (5, 0x6174)];
    Plc::with_registers(Arc::new(Mutex::new(words.into_iter().collect())))
}

#[test]
fn words_are_shown_in_every_reading() {
    let output = probe(&plc(), &["--count", "6"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output.stderr));
    let text = said(&output.stdout);
    let row =
        |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}\n{text}"));
    let cells: Vec<&str> = row("2 ").split_whitespace().collect();
    assert_eq!(cells, ["2", "1234", "0001001000110100", "4660", "4660", "1234", "·4"]);
    assert!(row("3 ").contains("–"), "{text}");
    assert!(row("4 ").ends_with("He"), "{text}");
    let floats = text.split("address f32").nth(1).unwrap();
    assert!(floats.lines().nth(1).unwrap().starts_with("0 ") && floats.contains("123.456"), "{text}");
    assert!(said(&output.stderr).contains("exception 02"), "{}", said(&output.stderr));
}

#[test]
fn the_answer_for_scripts() {
    let output = probe(&plc(), &["--count", "4", "--format", "json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["registers"][0]["f32"]["ABCD"].as_f64().unwrap() as f32, 123.456);
    assert_eq!(answer["registers"][1]["word"], 0xE979);
    assert_eq!(answer["registers"][3]["word"], Value::Null);
    assert_eq!(answer["registers"][0]["u64"]["ABCD"], Value::Null);
    assert_eq!(answer["exception"], 2);
}

#[test]
fn devices_that_do_not_answer_are_told_with_the_reason() {
    let nothing = probe(&plc(), &["--from", "100"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(said(&nothing.stderr).contains("exception 02: the device has no such register"), "{nothing:?}");
    let silent = Plc::start(|_| Vec::new());
    let output = probe(&silent, &["--timeout", "100", "--unit", "9"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output.stderr).contains("unit 9: no answer in time"), "{}", said(&output.stderr));
    let liar = Plc::start(|asked| vec![Act::Send(asked.words([1]))]);
    assert!(said(&probe(&liar, &[]).stderr).contains("an answer of the wrong length: 4 instead of 22 bytes"));
    let output =
        Command::new(env!("CARGO_BIN_EXE_hypocaust")).args(["probe", "http://x"]).env("LC_ALL", "zh_CN.UTF-8").output();
    assert!(said(&output.unwrap().stderr).contains("不是地址"));
}
