//! The program itself, asked on the command line with something typed in.

use std::io::Write;
use std::process::{Command, Stdio};

/// Exit code, what it printed, and what it said beside. Users, audit log and name come from the arguments alone.
pub fn hypocaust(arguments: &[&str], typed: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hypocaust"))
        .args(arguments)
        .env_remove("HYPOCAUST_USERS")
        .env_remove("HYPOCAUST_WHO")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that needs no password may be gone already.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}
