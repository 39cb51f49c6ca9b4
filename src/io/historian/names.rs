//! Names of what is stored: a number of the historian's own for every tag that ever had a row, whatever the table of
//! tags looks like today.
//!
//! The file is small, written whole, and kept twice: without names a history is worth nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::bits::{Bytes, put_varint};
use super::disk::{self, Disk};
use super::error::{damage, damaged};
use super::frame::{self, Item, Kind};
use super::identity::Identity;
use crate::io::{IoError, Problem};
use crate::live::{Observed, Tag};
use crate::units::Quantity;

/// The identity stands in this file itself.
const UNSEEDED: u32 = 0;

const FILES: [&str; 2] = ["tags", "tags.copy"];

/// How the values of a tag add up over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summing {
    /// A reading of the moment: its mean says something.
    Mean,
    /// A running total: what it rises by says something.
    Counter,
    /// A state: on or off.
    State,
}

impl Summing {
    fn of(observed: Observed) -> Summing {
        match observed {
            Observed::Energy | Observed::Volume | Observed::MakeUpVolume | Observed::Electricity => Summing::Counter,
            Observed::Running | Observed::Fault | Observed::Automatic | Observed::Contact => Summing::State,
            _ => Summing::Mean,
        }
    }

    const fn code(self) -> u8 {
        match self {
            Summing::Mean => 0,
            Summing::Counter => 1,
            Summing::State => 2,
        }
    }

    const fn of_code(code: u8) -> Option<Summing> {
        match code {
            0 => Some(Summing::Mean),
            1 => Some(Summing::Counter),
            2 => Some(Summing::State),
            _ => None,
        }
    }
}

/// A tag as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTag {
    pub name: Arc<str>,
    /// Kind of number; its SI unit is that of the values.
    pub quantity: Quantity,
    pub summing: Summing,
}

/// All stored tags, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Names {
    identity: Identity,
    tags: Vec<StoredTag>,
    by_name: BTreeMap<Arc<str>, u32>,
    changed: bool,
}

impl Names {
    /// Those of a history that begins.
    fn of_new() -> Names {
        Names { identity: Identity::any(), changed: true, ..Names::default() }
    }

    /// What the check sums of the history's files begin with.
    pub fn seed(&self) -> u32 {
        self.identity.seed()
    }

    /// The number of a tag, a new one where the name is new.
    pub fn number(&mut self, tag: &Tag) -> u32 {
        let stored = StoredTag { name: tag.name.clone(), quantity: tag.quantity, summing: Summing::of(tag.observed) };
        match self.by_name.get(&tag.name) {
            Some(&number) => {
                if let Some(known) = self.tags.get_mut(number as usize)
                    && *known != stored
                {
                    *known = stored;
                    self.changed = true;
                }
                number
            }
            None => {
                self.changed = true;
                self.add(stored)
            }
        }
    }

    fn add(&mut self, tag: StoredTag) -> u32 {
        let number = self.tags.len() as u32;
        self.by_name.insert(tag.name.clone(), number);
        self.tags.push(tag);
        number
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    pub fn all(&self) -> &[StoredTag] {
        &self.tags
    }

    /// Whether something is not on the disk yet.
    pub const fn changed(&self) -> bool {
        self.changed
    }

    /// Both files with these names.
    pub fn content(&self) -> Vec<u8> {
        let mut body = self.identity.0.to_le_bytes().to_vec();
        put_varint(&mut body, self.tags.len() as u64);
        for tag in &self.tags {
            // Position in `Quantity::ALL` could change; the word cannot.
            let word = word_of(tag.quantity);
            body.push(tag.summing.code());
            for text in [&word, &*tag.name] {
                put_varint(&mut body, text.len() as u64);
                body.extend_from_slice(text.as_bytes());
            }
        }
        let mut out = Vec::new();
        frame::write(&mut out, UNSEEDED, Kind::Names, self.tags.len() as u64, &body);
        out
    }

    /// Writes both files.
    pub fn save(&mut self, disk: &dyn Disk, folder: &Path) -> Result<(), IoError> {
        let content = self.content();
        for file in FILES {
            let path = folder.join(file);
            disk::replace(disk, &path, &content).map_err(|error| IoError::system(&path, &error))?;
        }
        self.changed = false;
        Ok(())
    }

    /// Reads the names. Where only one of the two files is sound, it counts, and the other is told as damage.
    pub fn load(folder: &Path) -> Result<(Names, Vec<Problem>), IoError> {
        let read = FILES.map(|file| read(&folder.join(file)));
        match read {
            [Ok(None), Ok(None)] => Ok((Names::of_new(), Vec::new())),
            [Ok(Some(first)), Ok(second)] => {
                // The copy is written second: after a crash it may lag.
                let lags = second.is_none_or(|second| second.tags != first.tags || second.identity != first.identity);
                Ok((Names { changed: lags, ..first }, Vec::new()))
            }
            [Ok(Some(first)), Err(error)] => Ok((Names { changed: true, ..first }, error.problems)),
            [Ok(None), Ok(Some(second))] => {
                Ok((Names { changed: true, ..second }, vec![damage(&folder.join(FILES[0]), "names")]))
            }
            [Err(error), Ok(Some(second))] => Ok((Names { changed: true, ..second }, error.problems)),
            [Err(error), _] | [_, Err(error)] => Err(error),
        }
    }
}

fn word_of(quantity: Quantity) -> String {
    serde_json::to_value(quantity).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `None` where the file is not there.
fn read(path: &Path) -> Result<Option<Names>, IoError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(IoError::system(path, &error)),
    };
    let items = frame::scan(UNSEEDED, &bytes);
    let [Item::Record { kind: Kind::Names, body, .. }] = &items[..] else { return Err(damaged(path, "names")) };
    parse(&bytes[body.clone()]).map(Some).ok_or_else(|| damaged(path, "names"))
}

fn parse(body: &[u8]) -> Option<Names> {
    let mut body = Bytes::new(body);
    let mut names = Names { identity: Identity(body.u64()?), ..Names::default() };
    for _ in 0..body.varint()? {
        let summing = Summing::of_code(body.byte()?)?;
        let word = std::str::from_utf8(body.counted()?).ok()?;
        // A quantity of a later version is still a number.
        let quantity = serde_json::from_value(word.into()).unwrap_or(Quantity::Number);
        let name = Arc::from(std::str::from_utf8(body.counted()?).ok()?);
        names.add(StoredTag { name, quantity, summing });
    }
    body.rest().is_empty().then_some(names)
}
