//! Saving so that a crash at any moment leaves the old file or the new one, whole.
//!
//! The new content goes to a temporary file in the same folder, is forced to the disk, and then takes the old one's name
//! in one step of the file system; the folder is forced to the disk last, so that the new name survives a power cut.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::IoError;

/// The steps of a save, in order. Tests stop after each of them, as a crash would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The temporary file stands, empty.
    Created,
    /// It holds half of the content.
    HalfWritten,
    /// It holds all of the content, perhaps not on the disk yet.
    Written,
    /// Its content is on the disk.
    Synced,
    /// It has the name of the file saved.
    Renamed,
    /// The name is on the disk.
    Done,
}

/// Writes a file atomically. An existing file keeps its permissions; a link is followed, not replaced; a device or a pipe
/// gets the content as it is.
pub fn atomic(path: &Path, content: &[u8]) -> Result<(), IoError> {
    with_interruption(path, content, &mut |_| Ok(()))
}

/// As [`atomic`], asking before going on from each step whether to go on. An error stops there as a failure of the
/// system would.
pub fn with_interruption(
    path: &Path,
    content: &[u8],
    go_on: &mut dyn FnMut(Step) -> std::io::Result<()>,
) -> Result<(), IoError> {
    // Replacing the name of a link would leave the file it points to behind, old.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    replace(&target, content, go_on).map_err(|error| IoError::system(path, &error))
}

/// Forces the folder of a new file to the disk, so that its name survives a power cut.
pub(super) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    sync_folder(&folder_of(path))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn replace(path: &Path, content: &[u8], go_on: &mut dyn FnMut(Step) -> std::io::Result<()>) -> std::io::Result<()> {
    let folder = folder_of(path);
    let permissions = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(std::io::Error::from(std::io::ErrorKind::IsADirectory)),
        // A device or a pipe (/dev/null, /dev/stdout) is written to: taking its name would destroy it for everybody.
        Ok(metadata) if !metadata.is_file() => {
            return File::options().write(true).open(path).and_then(|mut device| device.write_all(content));
        }
        Ok(metadata) if metadata.permissions().readonly() => {
            return Err(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
        }
        Ok(metadata) => Some(metadata.permissions()),
        Err(_) => None,
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hypocaust-").suffix(".part");
    #[cfg(unix)]
    if permissions.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // A new file gets what any new file gets (the umask takes its part off), not the privacy of a temporary one.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut temporary = builder.tempfile_in(&folder)?;
    go_on(Step::Created)?;
    let (first, second) = content.split_at(content.len() / 2);
    temporary.write_all(first)?;
    go_on(Step::HalfWritten)?;
    temporary.write_all(second)?;
    go_on(Step::Written)?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions)?;
    }
    temporary.as_file().sync_all()?;
    go_on(Step::Synced)?;
    temporary.persist(path).map_err(|error| error.error)?;
    go_on(Step::Renamed)?;
    sync_folder(&folder)?;
    go_on(Step::Done)
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind;
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems (network shares) know no syncing of folders, and some folders may be written but not read;
        // the file itself is safe by then.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Elsewhere a folder cannot be opened as a file; the system keeps names safe by its journal.
#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}
