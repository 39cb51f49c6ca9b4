//! `hypocaust field` as scripts use it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use hypocaust::io::modbus::map::{DeviceMap, Transport};

fn field(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust")).arg("field").args(arguments).env("LC_ALL", "C").output().unwrap()
}

#[test]
fn it_serves_writes_its_map_and_ends_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("devices.toml");
    let asked = ["--port-base", "0", "--for", "0.3", "--demo-faults", "--fault", "leak:PS0057:2%", "--format", "json"];
    let output = field(&[&asked[..], &["--write-map", map.to_str().unwrap()]].concat());
    let talk = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{talk}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let devices = answer["devices"].as_array().unwrap();
    let read = DeviceMap::read(&map).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(devices.len(), read.devices.len());
    // 60 substations, two plants, twelve chambers; a meter and a thermometer in one building of each substation.
    assert_eq!(devices.len(), 74 + 120);
    assert_eq!(devices.iter().map(|device| device["points"].as_u64().unwrap()).sum::<u64>(), read.points.len() as u64);
    assert!(devices.iter().all(|device| device["port"].as_u64().unwrap() > 1023));
    for word in ["dead:ST", "stuck:ST", "leak:PS0057", "194 devices"] {
        assert!(talk.contains(word), "{word}: {talk}");
    }
}

#[test]
fn what_is_no_fault_or_has_no_target_ends_with_1_in_both_languages() {
    for (fault, english, chinese) in [("melt:ST001", "is no fault", "不是故障"), ("dead:NOBODY", "no NOBODY", "不存在")]
    {
        for (language, word) in [("en", english), ("zh-CN", chinese)] {
            let output = field(&["--port-base", "0", "--for", "0.1", "--fault", fault, "--language", language]);
            let talk = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{talk}");
            assert!(talk.contains(word), "{talk}");
        }
    }
}

/// One command makes the certificates, serves with them and tells the reader where they are.
#[test]
fn a_device_behind_tls_is_probed_with_the_certificates_it_came_with() {
    let folder = tempfile::tempdir().unwrap();
    let (map, certificates) = (folder.path().join("devices.toml"), folder.path().join("certificates"));
    let mut served = Command::new(env!("CARGO_BIN_EXE_hypocaust"))
        .args(["field", "--port-base", "0", "--for", "60", "--users", "0", "--format", "json", "--write-map"])
        .args([map.as_os_str(), "--tls".as_ref(), certificates.as_os_str()])
        .env("LC_ALL", "C")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The list is written when all devices answer; it ends with a brace at the beginning of a line.
    let mut lines = BufReader::new(served.stdout.take().unwrap()).lines();
    while lines.next().unwrap().unwrap() != "}" {}
    let read = DeviceMap::read(&map).unwrap_or_else(|error| panic!("{error}"));
    let Transport::Tls { port, files, .. } = &read.devices[0].transport else { panic!("{:?}", read.devices[0]) };
    let probe = |with: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_hypocaust"))
            .args(["probe", &format!("127.0.0.1:{port}"), "--count", "4", "--format", "json"])
            .args(["--unit", &read.devices[0].unit_id.to_string()])
            .args(with)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (authority, certificate, key) = (path(&files.authority), path(&files.certificate), path(&files.key));
    let secure = ["--tls", "--authority", &authority, "--certificate", &certificate, "--key", &key];
    let (code, answer) = probe(&secure);
    assert_eq!(code, Some(0), "{answer}");
    assert!(answer.contains("\"registers\""), "{answer}");
    // Without a certificate there is no answer.
    assert_ne!(probe(&["--timeout", "500"]).0, Some(0));
    served.kill().unwrap();
    served.wait().unwrap();
}
