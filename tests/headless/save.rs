//! Saving leaves the old file or the new one whole, wherever it is interrupted.

use std::io::ErrorKind;
use std::path::Path;

use hypocaust::io::save::{self, Step};

const STEPS: [Step; 6] = [Step::Created, Step::HalfWritten, Step::Written, Step::Synced, Step::Renamed, Step::Done];

/// Saves, failing behind one step as a full disk or a killed program would.
fn save_failing_at(path: &Path, content: &str, stop: Step) -> Result<(), hypocaust::io::IoError> {
    save::with_interruption(path, content.as_bytes(), &mut |step| {
        if step == stop { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    })
}

fn names(folder: &Path) -> Vec<String> {
    let mut out: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    out.sort();
    out
}

#[test]
fn an_interrupted_save_leaves_old_or_new_whole() {
    for stop in STEPS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net.hypocaust.json");
        std::fs::write(&path, "the old network").unwrap();
        let error = save_failing_at(&path, "the new network, longer than the old", stop).unwrap_err();
        assert!(error.to_string().contains("the disk is full"), "{error}");
        let now = std::fs::read_to_string(&path).unwrap();
        let expected = if stop < Step::Renamed { "the old network" } else { "the new network, longer than the old" };
        assert_eq!(now, expected, "{stop:?}");
        assert_eq!(names(folder.path()), ["net.hypocaust.json"], "nothing is left behind after {stop:?}");
    }
}

#[test]
fn at_every_step_the_file_under_its_name_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.hypocaust.json");
    std::fs::write(&path, "old").unwrap();
    let mut seen = Vec::new();
    save::with_interruption(&path, b"new", &mut |step| {
        // What somebody would find who opened the file at this moment, as after a power cut.
        seen.push((step, std::fs::read_to_string(&path).unwrap()));
        Ok(())
    })
    .unwrap();
    let expected: Vec<(Step, String)> =
        STEPS.iter().map(|step| (*step, if *step < Step::Renamed { "old" } else { "new" }.to_owned())).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_new_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.json");
    save_failing_at(&path, "content", Step::Synced).unwrap_err();
    assert_eq!(names(folder.path()), Vec::<String>::new());
    save::atomic(&path, b"content").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "content");
}

#[test]
fn places_that_cannot_be_written_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/folder/net.json");
    let error = save::atomic(&missing, b"x").unwrap_err().to_string();
    assert!(error.contains("net.json") && error.contains("no such file or folder"), "{error}");
    let error = save::atomic(folder.path(), b"x").unwrap_err();
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.json");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.json");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    save::atomic(&link, b"new").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink(), "the link still is one");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    // A new file is as readable as one made by any program.
    let (plain, saved) = (folder.path().join("plain"), folder.path().join("saved"));
    std::fs::write(&plain, "x").unwrap();
    save::atomic(&saved, b"x").unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&saved), mode(&plain));
    // A file somebody made read-only is not replaced.
    std::fs::set_permissions(&plain, std::fs::Permissions::from_mode(0o444)).unwrap();
    assert!(save::atomic(&plain, b"y").is_err());
    assert_eq!(std::fs::read_to_string(&plain).unwrap(), "x");
}

/// Saving over `/dev/null` must not make a file of it: as root that would break every program of the machine.
#[cfg(unix)]
#[test]
fn a_pipe_gets_the_content_and_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let path = path.clone();
        move || std::fs::read_to_string(path).unwrap()
    });
    save::atomic(&path, b"content").unwrap();
    assert_eq!(reader.join().unwrap(), "content");
    assert!(std::fs::symlink_metadata(&path).unwrap().file_type().is_fifo());
}
