//! `hypocaust field` as scripts use it.

use std::process::{Command, Output};

use hypocaust::io::modbus::map::DeviceMap;

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
    // 60 substations, two plants, twelve chambers.
    assert_eq!(devices.len(), 74);
    assert_eq!(devices.iter().map(|device| device["points"].as_u64().unwrap()).sum::<u64>(), read.points.len() as u64);
    assert!(devices.iter().all(|device| device["port"].as_u64().unwrap() > 1023));
    for word in ["dead:ST", "stuck:ST", "leak:PS0057", "74 devices"] {
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
