//! Audit log and users: whatever is done to the file of the log is found; nobody gets in who should not.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use hypocaust::io::audit::{AuditLog, Break, Broken, Chain, Head, heads_of, read_heads, verify};
use hypocaust::io::users::{Denied, FAILURES, LOCKED_OUT_MS, Users};
use hypocaust::live::Timestamp;
use hypocaust::live::access::Role;
use hypocaust::live::audit::Deed;

use crate::support::program::hypocaust;

const DAY_MS: i64 = 86_400_000;

fn deed(number: i64) -> Deed {
    Deed::new(Timestamp::from_ms(number * 1000), "li", "select", format!("ST{number:03}.SET"))
        .by(Role::Dispatcher)
        .with("new", number)
}

fn written(path: &Path, count: i64) -> AuditLog {
    let mut log = AuditLog::open(path).unwrap();
    for number in 0..count {
        assert_eq!(log.append(&deed(number)).unwrap(), number as u64 + 1);
    }
    log
}

fn check(path: &Path, heads: &[Head]) -> Result<Chain, Broken> {
    verify(path, heads, &mut |_| {}).unwrap()
}

#[test]
fn what_was_written_is_read_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let log = written(&path, 20);
    let mut seen = Vec::new();
    let chain = verify(&path, &[], &mut |record| seen.push(record.clone())).unwrap().unwrap();
    assert_eq!(chain.head(), log.head());
    assert!(seen.iter().enumerate().all(|(at, it)| it.number == at as u64 + 1 && it.deed == deed(at as i64)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn every_single_flipped_bit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    written(&path, 4);
    let whole = fs::read(&path).unwrap();
    for byte in 0..whole.len() {
        let line = whole[..byte].iter().filter(|it| **it == b'\n').count() as u64 + 1;
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[byte] ^= 1 << bit;
            fs::write(&path, &flipped).unwrap();
            match check(&path, &[]) {
                Ok(_) => panic!("bit {bit} of byte {byte} was not found"),
                Err(broken) => assert_eq!(broken.record, line, "bit {bit} of byte {byte}: {broken:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_deleted_inserted_or_moved_record_is_found(
        what in 0..5_usize, first in 0..12_usize, second in 0..12_usize, byte in 0..200_usize, with in any::<u8>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.log");
        let head = written(&path, 12).head().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<Vec<u8>> = text.split_inclusive('\n').map(|line| line.as_bytes().to_vec()).collect();
        let before = lines.clone();
        match what {
            0 => { lines.remove(first); }
            1 => { let copy = lines[first].clone(); lines.insert(second, copy); }
            2 => lines.swap(first, second),
            3 => { let at = byte % lines[first].len(); lines[first][at] = with; }
            _ => lines.truncate(first),
        }
        prop_assume!(lines != before);
        fs::write(&path, lines.concat()).unwrap();
        let found = check(&path, std::slice::from_ref(&head));
        prop_assert!(found.is_err(), "not found: {what} {first} {second}");
        let cut_off = what == 4 || (what == 0 && first == 11);
        if cut_off {
            // Whole in itself; only the head tells.
            prop_assert!(check(&path, &[]).is_ok());
            let what = Break::Short { records: lines.len() as u64, head: 12 };
            prop_assert_eq!(found.unwrap_err().what, what);
        }
    }
}

#[test]
fn a_past_written_anew_shows_against_a_head() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let head = written(&path, 5).head().unwrap();
    fs::remove_file(&path).unwrap();
    let mut log = AuditLog::open(&path).unwrap();
    for number in 0..8 {
        log.append(&deed(number).with("new", 99)).unwrap();
    }
    assert!(check(&path, &[]).is_ok(), "whole in itself");
    assert_eq!(check(&path, &[head]).unwrap_err(), Broken { record: 5, what: Break::OtherPast });
}

#[test]
fn a_torn_tail_is_told_and_mended_without_losing_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    written(&path, 3);
    let whole = fs::read(&path).unwrap();
    written_more(&path);
    let longer = fs::read(&path).unwrap();
    for cut in (whole.len() + 1..longer.len()).step_by(7).chain([longer.len() - 1]) {
        fs::write(&path, &longer[..cut]).unwrap();
        assert_eq!(check(&path, &[]).unwrap_err(), Broken { record: 4, what: Break::Torn });
        let mut log = AuditLog::open(&path).unwrap();
        assert_eq!(log.append(&deed(9)).unwrap(), 5);
        let mut seen = Vec::new();
        verify(&path, &[], &mut |record| seen.push(record.clone())).unwrap().unwrap();
        assert_eq!((seen.len(), seen[3].deed.action.as_str()), (5, "audit-recovered"));
        assert_eq!(seen[3].deed.details["unfinished"].as_bytes(), &longer[whole.len()..cut]);
        assert!((0..3).all(|at| seen[at].deed == deed(at as i64)) && seen[4].deed == deed(9));
    }
}

fn written_more(path: &Path) {
    AuditLog::open(path).unwrap().append(&deed(3)).unwrap();
}

#[test]
fn two_writers_make_one_chain_and_a_broken_one_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let (mut one, mut other) = (AuditLog::open(&path).unwrap(), AuditLog::open(&path).unwrap());
    for number in 0..10 {
        let log = if number % 3 == 0 { &mut one } else { &mut other };
        assert_eq!(log.append(&deed(number)).unwrap(), number as u64 + 1);
    }
    assert_eq!(check(&path, &[]).unwrap().records, 10);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(AuditLog::open(&path).is_err());
    fs::write(&path, &bytes[..50]).unwrap();
    assert!(one.append(&deed(11)).is_err(), "cut off while it was open");
}

#[test]
fn a_head_is_written_every_day() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.log");
    let mut log = AuditLog::open(&path).unwrap();
    for (day, number) in [(0, 1), (0, 2), (1, 3), (1, 4), (5, 5)] {
        let at = Timestamp::from_ms(day * DAY_MS + number);
        log.append(&Deed::new(at, "li", "arm", "")).unwrap();
    }
    let heads = read_heads(&heads_of(&path)).unwrap();
    assert_eq!(heads.iter().map(|head| head.records).collect::<Vec<_>>(), [2, 4]);
    assert!(check(&path, &heads).is_ok());
}

const ADMINISTRATOR: &str = "boiler feed water 7";
const OTHER: &str = "cold return 55";

#[test]
fn users_their_passwords_and_the_lock_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.json");
    let now = Timestamp::from_ms(0);
    let mut users = Users::open(&path).unwrap();
    assert!(users.add("li", Role::Dispatcher, OTHER, now).is_err(), "the first must be an administrator");
    users.add("wang", Role::Administrator, ADMINISTRATOR, now).unwrap();
    users.add("li", Role::Dispatcher, OTHER, now).unwrap();
    assert!(users.add("li", Role::Viewer, OTHER, now).is_err(), "twice");
    assert!(users.add("a b", Role::Viewer, OTHER, now).is_err() && users.add("", Role::Viewer, OTHER, now).is_err());
    assert!(users.add("zhao", Role::Viewer, "short", now).is_err());
    assert!(users.add("zhao", Role::Viewer, "iamzhaohere", now).is_err(), "the name in the password");
    assert!(users.add("zhao", Role::Administrator, OTHER.get(..12).unwrap(), now).is_err());

    // No secret in the plain file, and nobody else reads it.
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(ADMINISTRATOR) && !text.contains(OTHER));
    assert!(text.contains("$argon2id$v=19$m=65536,t=3,p=4$") && text.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(Users::open(&path).is_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    let sitting = users.sign_in("li", OTHER, now).unwrap().unwrap();
    assert_eq!((sitting.user.as_str(), sitting.role), ("li", Role::Dispatcher));
    assert_eq!(users.sign_in("nobody", OTHER, now).unwrap(), Err(Denied::Wrong));
    for attempt in 1..=FAILURES {
        // As a new program each time: the count is in the file.
        let denied = Users::open(&path).unwrap().sign_in("li", "wrong", now).unwrap().unwrap_err();
        assert_eq!(denied == Denied::Wrong, attempt < FAILURES);
    }
    let until = now.plus_ms(LOCKED_OUT_MS);
    assert_eq!(users.sign_in("li", OTHER, until.plus_ms(-1)).unwrap(), Err(Denied::LockedOut { until }));
    assert!(users.sign_in("li", OTHER, until).unwrap().is_ok());

    assert!(users.remove("wang").is_err() && users.set_role("wang", Role::Engineer, None).is_err(), "the last one");
    assert!(users.set_role("li", Role::Administrator, None).is_err(), "needs a password of its own");
    users.set_role("li", Role::Administrator, Some("another long word")).unwrap();
    users.remove("wang").unwrap();
    assert_eq!(users.list().len(), 1);
    assert!(Users::open(&path).unwrap().sign_in("li", "another long word", now).unwrap().is_ok());
}

#[test]
fn users_and_their_audit_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let (users, log) = (folder.path().join("users.json"), folder.path().join("audit.log"));
    let (users, log) = (users.to_str().unwrap(), log.to_str().unwrap());
    let user = |arguments: &[&str], input: &str| {
        let all = [&["user", "--users", users, "--who", "root", "--language", "en"], arguments].concat();
        hypocaust(&all, input)
    };
    let (code, _, said) = user(&["add", "li", "--role", "dispatcher"], "cold return 55\n");
    assert_eq!(code, 1);
    assert!(said.contains("first user must be an administrator"), "{said}");
    assert_eq!(user(&["add", "wang", "--role", "administrator"], "boiler feed water 7\n").0, 0);
    assert_eq!(user(&["add", "li", "--role", "dispatcher"], "cold return 55\r\n").0, 0);
    assert_eq!(user(&["role", "li", "engineer"], "").0, 0);
    assert_eq!(user(&["password", "li"], "hot supply 110\n").0, 0);
    assert_eq!(user(&["remove", "wang"], "").0, 1);
    let (code, listed, _) = user(&["list", "--format", "json"], "");
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((code, &listed[0]["name"], &listed[0]["role"]), (0, &"li".into(), &"engineer".into()));
    assert!(
        Users::open(Path::new(users)).unwrap().sign_in("li", "hot supply 110", Timestamp::from_ms(0)).unwrap().is_ok()
    );

    let (code, said, _) = hypocaust(&["audit", "verify", log, "--format", "json"], "");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["whole"]), (0, &true.into()));
    let (_, shown, _) = hypocaust(&["audit", "show", log], "");
    assert!(shown.contains("user-add") && shown.contains("user-remove-refused") && shown.contains("root"), "{shown}");
    assert!(!shown.contains("return 55") && !shown.contains("argon2"));
    let head = folder.path().join("head");
    assert_eq!(hypocaust(&["audit", "head", log, "--output", head.to_str().unwrap()], "").0, 0);

    // The last record is cut off: the chain is whole, the head tells.
    let text = fs::read_to_string(log).unwrap();
    let cut = text.trim_end().rfind('\n').unwrap() + 1;
    fs::write(log, &text[..cut]).unwrap();
    assert_eq!(hypocaust(&["audit", "verify", log], "").0, 0);
    let (code, _, said) =
        hypocaust(&["audit", "verify", log, "--heads", head.to_str().unwrap(), "--language", "en"], "");
    assert_eq!(code, 1);
    assert!(said.contains("its end was cut off"), "{said}");
    fs::write(log, text.replacen("wang", "zhao", 1)).unwrap();
    let (code, _, said) = hypocaust(&["audit", "verify", log, "--language", "zh-CN"], "");
    assert_eq!(code, 1);
    assert!(said.contains("audit.log:"), "{said}");
}
