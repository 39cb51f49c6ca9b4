//! Opening a folder: what is sealed, what is in the log, and what a crash left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, RwLock};

use super::error::gather;
use super::log::LogFile;
use super::names::Names;
use super::options::Options;
use super::segment::{self, Mark, Segment};
use super::store::{Historian, Shared, State, Writer};
use crate::io::{IoError, Problem};

/// The mark of the last sealing is looked for in so many of the newest segments.
const MARKS_LOOKED_AT: usize = 256;

/// Opens a folder for reading, also while another program writes it.
pub(super) fn read(folder: &Path, options: Options) -> Result<Historian, IoError> {
    if !folder.join("log").is_dir() {
        return Err(Problem::new(folder, "historian-none").into());
    }
    open(folder, options, false)
}

pub(super) fn open(folder: &Path, options: Options, for_writing: bool) -> Result<Historian, IoError> {
    let disk = options.disk.clone();
    let system = |error| IoError::system(folder, &error);
    let mut lock = None;
    if for_writing {
        let log = folder.join("log");
        if !log.is_dir() {
            disk.create_folder(&log).map_err(system)?;
            disk.sync_folder(folder).map_err(system)?;
            if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                disk.sync_folder(parent).map_err(system)?;
            }
        }
        lock = Some(take_lock(folder)?);
    }
    let mut state = State::default();
    let (names, problems) = Names::load(folder)?;
    state.names = names;
    problems.into_iter().for_each(|problem| state.damage.push(problem));
    if for_writing && state.names.changed() {
        state.names.save(&*disk, folder)?;
    }

    // The log before the segments: what leaves the log meanwhile stands in segments by then.
    let log_files = log_files(folder, &mut state)?;
    let found = files(folder)?;
    let seed = state.names.seed();
    let mut writer = Writer { next_sequence: 1, next_generation: 1, next_log: 1, ..Writer::default() };
    for (path, day, generation) in found.summaries {
        writer.next_generation = writer.next_generation.max(generation + 1);
        state.summaries.insert(day, Arc::new(Segment::at(path, day, generation, seed)));
    }
    let mark = segments(folder, found.segments, &mut state, &mut writer);
    if for_writing {
        for path in found.parts.into_iter().chain(replaced(&mut state)) {
            disk.remove(&path).map_err(|error| IoError::system(&path, &error))?;
        }
    } else {
        replaced(&mut state);
    }
    logs(folder, &log_files, mark, &mut state, &mut writer);
    super::forward::load(folder, &mut state)?;
    let shared = Shared {
        folder: folder.to_owned(),
        options,
        state: RwLock::new(state),
        writer: Mutex::new(writer),
        lock,
        pins: AtomicUsize::new(0),
    };
    Ok(Historian { shared: Arc::new(shared) })
}

fn take_lock(folder: &Path) -> Result<File, IoError> {
    let path = folder.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| IoError::system(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Problem::new(folder, "historian-locked").into()),
        Err(TryLockError::Error(error)) => Err(IoError::system(&path, &error)),
    }
}

#[derive(Default)]
struct Files {
    segments: Vec<(PathBuf, i64, u64)>,
    summaries: Vec<(PathBuf, i64, u64)>,
    /// Begun and never finished.
    parts: Vec<PathBuf>,
}

fn files(folder: &Path) -> Result<Files, IoError> {
    let mut found = Files::default();
    let list = |path: &Path| -> Result<Vec<fs::DirEntry>, IoError> {
        fs::read_dir(path).and_then(Iterator::collect).map_err(|error| IoError::system(path, &error))
    };
    for entry in list(folder)? {
        let path = entry.path();
        if path.is_dir() {
            for entry in list(&path)? {
                let path = entry.path();
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if let Some((day, generation, is_summary)) = segment::of_file_name(&name) {
                    let list = if is_summary { &mut found.summaries } else { &mut found.segments };
                    list.push((path, day, generation));
                } else if name.ends_with(".part") {
                    found.parts.push(path);
                }
            }
        } else if path.extension().is_some_and(|extension| extension == "part") {
            found.parts.push(path);
        }
    }
    found.summaries.sort();
    found.parts.sort();
    found.segments.sort_by_key(|(_, day, generation)| (*day, *generation));
    Ok(found)
}

/// Numbers and contents of the log files, in order. One that is gone was sealed meanwhile.
fn log_files(folder: &Path, state: &mut State) -> Result<Vec<(u64, Vec<u8>)>, IoError> {
    let log = folder.join("log");
    let failed = |error| IoError::system(&log, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(&log).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".log"));
        let number: Option<u64> = number.and_then(|number| number.parse().ok());
        found.extend(number);
    }
    found.sort_unstable();
    let mut contents = Vec::new();
    for number in found {
        let path = LogFile::new(folder, number).path;
        match fs::read(&path) {
            Ok(bytes) => contents.push((number, bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => gather(&mut state.damage, IoError::system(&path, &error)),
        }
    }
    Ok(contents)
}

/// Puts the segments in order and finds the mark of the last sealing.
fn segments(folder: &Path, found: Vec<(PathBuf, i64, u64)>, state: &mut State, writer: &mut Writer) -> Option<Mark> {
    let seed = state.names.seed();
    let mut newest: Vec<Arc<Segment>> = Vec::new();
    for (path, day, generation) in found {
        writer.next_generation = writer.next_generation.max(generation + 1);
        let path = if path.starts_with(folder) { path } else { folder.join(path) };
        let segment = Arc::new(Segment::at(path, day, generation, seed));
        newest.push(segment.clone());
        state.segments.entry(day).or_default().push(segment);
    }
    newest.sort_by_key(|segment| std::cmp::Reverse(segment.generation));
    newest.truncate(MARKS_LOOKED_AT);
    let mut mark: Option<Mark> = None;
    for segment in newest {
        match segment.root() {
            Ok(root) => {
                writer.next_sequence = writer.next_sequence.max(root.nature.order + 1);
                if let Some(found) = root.nature.mark
                    && mark.is_none_or(|known| known.sequence < found.sequence)
                {
                    mark = Some(found);
                }
            }
            Err(error) => gather(&mut state.damage, error),
        }
    }
    // Days of one segment need no order, so its root need not be read now.
    for segments in state.segments.values_mut().filter(|segments| segments.len() > 1) {
        segments.sort_by_key(|segment| (segment.root().map_or(u64::MAX, |root| root.nature.order), segment.generation));
    }
    mark
}

/// Takes out the segments that another one, whole and named, replaces; their files.
fn replaced(state: &mut State) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for segments in state.segments.values_mut().filter(|segments| segments.len() > 1) {
        let gone: BTreeSet<u64> = segments
            .iter()
            .filter_map(|segment| segment.root().ok())
            .flat_map(|root| root.nature.replaces.clone())
            .collect();
        segments.retain(|segment| {
            let stays = !gone.contains(&segment.generation);
            if !stays {
                paths.push(segment.path.clone());
            }
            stays
        });
    }
    paths
}

/// Reads what is in the log and not sealed.
fn logs(folder: &Path, files: &[(u64, Vec<u8>)], mark: Option<Mark>, state: &mut State, writer: &mut Writer) {
    let is_sealed =
        |sequence: u64, ms: i64| mark.is_some_and(|mark| sequence <= mark.sequence && !mark.window.contains(ms));
    let seed = state.names.seed();
    let mut missing = BTreeMap::new();
    let mut expected = None;
    for (number, bytes) in files {
        let number = *number;
        writer.next_log = writer.next_log.max(number + 1);
        let hot = &mut state.hot;
        let recovered = LogFile::recover(folder, number, seed, bytes, |sequence, rows| {
            if let Some(expected) = expected
                && sequence != expected
                // Files of sealed rows are removed, not always in order.
                && mark.is_none_or(|mark| sequence > mark.sequence + 1)
            {
                missing.insert(number, (expected, sequence));
            }
            expected = Some(sequence + 1);
            for &(tag, row) in rows.iter().filter(|(_, row)| !is_sealed(sequence, row.ms)) {
                hot.insert(tag, row);
            }
        });
        let (mut file, problems, unfinished) = recovered;
        if let Some(last) = file.last_sequence() {
            file.hours.retain(|&hour| !is_sealed(last, hour));
            writer.next_sequence = writer.next_sequence.max(last + 1);
        }
        state.remarks.extend(unfinished);
        let told = !problems.is_empty();
        problems.into_iter().for_each(|problem| state.damage.push(problem));
        if let Some((expected, found)) = missing.get(&number)
            && !told
        {
            let problem =
                Problem::new(&file.path, "historian-gap").with("from", *expected).with("to", found.saturating_sub(1));
            state.damage.push(problem);
            file.damaged = true;
        }
        state.logs.push(file);
    }
}
