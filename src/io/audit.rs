//! The audit log: a text file in which every record is chained to the one before.
//!
//! A line is 64 hexadecimal digits, a blank, and the record as JSON. The digits are SHA-256(digits of the line before, as
//! bytes ‖ JSON bytes), beginning from SHA-256 of a fixed text; every byte of a line is either hashed or fixed. So a line
//! changed in one bit, taken out, put in or moved breaks the chain at a line that [`verify`] names. A chain that was cut
//! off at its end is whole in itself: that shows against a [`Head`] kept elsewhere, of which one a day is written beside
//! the log. Somebody who can write the log and every copy of its heads can make up another past; keep the heads on another
//! machine.
//!
//! [`AuditLog::append`] writes one line at the end and forces it down before it returns. A program killed in between leaves
//! an unfinished line that nobody was told is safe; the next writer takes it off and says so in a record that quotes it.
//! Several programs may write: they wait for each other (a lock on the file) and read what the others added first.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{IoError, Problem, lines, save};
use crate::live::Timestamp;
use crate::live::audit::{Deed, Ledger, NotRecorded};

type Hash = [u8; 32];

const DAY_MS: i64 = 86_400_000;

/// A record with its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// From 1 without gaps.
    pub number: u64,
    #[serde(flatten)]
    pub deed: Deed,
}

/// The end of a log at some time: so many records, the last with this hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub records: u64,
    /// 64 hexadecimal digits.
    pub hash: String,
    /// When the last record was made.
    pub at: Timestamp,
}

/// Why a log is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// The line is no record.
    Form,
    /// The record does not follow from the one before: it, or the one before, was changed, or one is missing or too many.
    Chain,
    /// The file ends in the middle of this line.
    Torn,
    /// The log has fewer records than a head says.
    Short { records: u64, head: u64 },
    /// At this record a head has another hash: the past was written anew.
    OtherPast,
}

/// Where a log is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Number of the first record that cannot be trusted, which is its line.
    pub record: u64,
    pub what: Break,
}

impl Broken {
    /// The problem as a message with its remedy.
    pub fn problem(&self, path: &Path) -> Problem {
        let problem = match &self.what {
            Break::Form => Problem::new(path, "audit-form"),
            Break::Chain => Problem::new(path, "audit-chain"),
            Break::Torn => Problem::new(path, "audit-torn"),
            Break::Short { records, head } => {
                return Problem::new(path, "audit-short").with("records", records).with("head", head);
            }
            Break::OtherPast => Problem::new(path, "audit-other-past"),
        };
        problem.with("record", self.record).line(self.record as usize)
    }
}

/// A whole chain, or as much of it as is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub records: u64,
    hash: Hash,
    last: Option<Timestamp>,
    /// Bytes of whole lines.
    bytes: u64,
}

impl Chain {
    fn empty() -> Chain {
        Chain { records: 0, hash: Sha256::digest(b"hypocaust audit log 1").into(), last: None, bytes: 0 }
    }

    /// Its end; `None` of an empty log.
    pub fn head(&self) -> Option<Head> {
        self.last.map(|at| Head { records: self.records, hash: digits(&self.hash), at })
    }

    fn next(&self, json: &[u8]) -> Hash {
        Sha256::new().chain_update(self.hash).chain_update(json).finalize().into()
    }

    /// Takes a line with its end.
    fn take(&mut self, line: &[u8]) -> Result<Record, Broken> {
        let broken = |what| Broken { record: self.records + 1, what };
        let Some(content) = line.strip_suffix(b"\n") else { return Err(broken(Break::Torn)) };
        let Some((hash, json)) = content.split_at_checked(64) else { return Err(broken(Break::Form)) };
        let Some(json) = json.strip_prefix(b" ") else { return Err(broken(Break::Form)) };
        let expected = self.next(json);
        if hash != digits(&expected).as_bytes() {
            return Err(broken(Break::Chain));
        }
        let record: Record = serde_json::from_slice(json).map_err(|_| broken(Break::Form))?;
        if record.number != self.records + 1 {
            return Err(broken(Break::Chain));
        }
        self.hash = expected;
        self.records += 1;
        self.last = Some(record.deed.at);
        self.bytes += line.len() as u64;
        Ok(record)
    }
}

fn digits(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn system(path: &Path) -> impl Fn(std::io::Error) -> IoError {
    move |error| IoError::system(path, &error)
}

/// Reads a log to its end or to where it breaks, telling each record on the way; holds it against heads kept elsewhere.
pub fn verify(path: &Path, heads: &[Head], each: &mut dyn FnMut(&Record)) -> Result<Result<Chain, Broken>, IoError> {
    let mut reader = BufReader::new(File::open(path).map_err(system(path))?);
    let mut chain = Chain::empty();
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(system(path))? == 0 {
            break;
        }
        match chain.take(&line) {
            Ok(record) => each(&record),
            Err(broken) => return Ok(Err(broken)),
        }
        let other = |head: &&Head| head.records == chain.records && head.hash != digits(&chain.hash);
        if heads.iter().any(|head| other(&head)) {
            return Ok(Err(Broken { record: chain.records, what: Break::OtherPast }));
        }
    }
    if let Some(head) = heads.iter().filter(|head| head.records > chain.records).max_by_key(|head| head.records) {
        let what = Break::Short { records: chain.records, head: head.records };
        return Ok(Err(Broken { record: chain.records + 1, what }));
    }
    Ok(Ok(chain))
}

/// Reads heads, one a line.
pub fn read_heads(path: &Path) -> Result<Vec<Head>, IoError> {
    let text = std::fs::read_to_string(path).map_err(system(path))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|error| Problem::new(path, "audit-bad-head").with("reason", error).line(number + 1).into())
        })
        .collect()
}

/// Where the daily heads of a log are written.
pub fn heads_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".heads");
    path.with_file_name(name)
}

/// A log that is written to.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    chain: Chain,
}

impl AuditLog {
    /// Opens a log, or begins one that only its owner can read. Refused where the chain is broken: keep that file as
    /// evidence and begin another one.
    pub fn open(path: &Path) -> Result<AuditLog, IoError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        match options.open(path) {
            Ok(file) => {
                file.sync_all().and_then(|()| save::sync_folder_of(path)).map_err(system(path))?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(IoError::system(path, &error)),
        }
        let mut log = AuditLog { path: path.to_owned(), chain: Chain::empty() };
        let mut file = File::open(path).map_err(system(path))?;
        log.catch_up(&mut file)?;
        Ok(log)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The end of the log as it was last read or written.
    pub fn head(&self) -> Option<Head> {
        self.chain.head()
    }

    /// Adds a record. When this returns, it is on the disk, behind whatever others have added meanwhile.
    pub fn append(&mut self, deed: &Deed) -> Result<u64, IoError> {
        let path = self.path.clone();
        let mut file = lines::open_to_add(&path)?;
        let torn = self.catch_up(&mut file)?;
        let mut lines = Vec::new();
        let mut chain = self.chain.clone();
        if !torn.is_empty() {
            // Nobody was told that it is safe.
            file.set_len(self.chain.bytes).map_err(system(&path))?;
            let text = String::from_utf8_lossy(&torn).into_owned();
            let found = Deed::new(deed.at, "program", "audit-recovered", "").with("unfinished", text);
            put(&path, &mut chain, &found, &mut lines)?;
        }
        put(&path, &mut chain, deed, &mut lines)?;
        self.daily_head(deed.at)?;
        lines::add(&path, &mut file, &lines)?;
        self.chain = chain;
        Ok(self.chain.records)
    }

    /// Before the first record of a day: the end of the days before, beside the log.
    fn daily_head(&self, at: Timestamp) -> Result<(), IoError> {
        let day = |at: Timestamp| at.ms().div_euclid(DAY_MS);
        let Some(head) = self.head().filter(|head| day(head.at) < day(at)) else { return Ok(()) };
        let path = heads_of(&self.path);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        private(&mut options);
        let mut file = options.open(&path).map_err(system(&path))?;
        let mut line = json(&path, &head)?;
        line.push(b'\n');
        file.write_all(&line).and_then(|()| file.sync_all()).map_err(system(&path))
    }

    /// Reads whole lines from where the last reading ended; what lies behind the last line end.
    fn catch_up(&mut self, file: &mut File) -> Result<Vec<u8>, IoError> {
        let path = self.path.clone();
        let Some(added) = lines::read_added(&path, file, self.chain.bytes)? else {
            // It was cut off while we had it open: that is no crash.
            let what = Break::Short { records: 0, head: self.chain.records };
            return Err(Broken { record: self.chain.records, what }.problem(&path).into());
        };
        for line in added.lines() {
            self.chain.take(line).map_err(|broken| IoError::from(broken.problem(&path)))?;
        }
        Ok(added.torn().to_vec())
    }
}

impl Ledger for AuditLog {
    fn record(&mut self, deed: &Deed) -> Result<(), NotRecorded> {
        let told = |error: IoError| NotRecorded(error.text(crate::text::Language::English));
        self.append(deed).map(|_| ()).map_err(told)
    }
}

fn json<T: Serialize>(path: &Path, value: &T) -> Result<Vec<u8>, IoError> {
    serde_json::to_vec(value).map_err(|error| Problem::new(path, "io-system").with("reason", error).into())
}

fn put(path: &Path, chain: &mut Chain, deed: &Deed, lines: &mut Vec<u8>) -> Result<(), IoError> {
    let record = Record { number: chain.records + 1, deed: deed.clone() };
    let json = json(path, &record)?;
    let mut line = digits(&chain.next(&json)).into_bytes();
    line.push(b' ');
    line.extend_from_slice(&json);
    line.push(b'\n');
    chain.take(&line).map_err(|broken| IoError::from(broken.problem(path)))?;
    lines.extend_from_slice(&line);
    Ok(())
}

/// New files are for their owner alone.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

/// Elsewhere the folder of the user's own settings keeps others out.
#[cfg(not(unix))]
pub(super) fn private(_options: &mut OpenOptions) {}
