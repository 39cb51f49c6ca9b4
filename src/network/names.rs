//! Slots by id, without keeping the ids a second time.
//!
//! A hash table of slot numbers alone: the id of a slot is read where it stands, in the graph. Five bytes an element
//! instead of twenty-five. Nothing iterates over it, so no order of hashes can reach a result.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Slots by id. Every call is told how to read the id of a slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(HashTable<u32>);

fn hash(id: &str) -> u64 {
    FxBuildHasher.hash_one(id)
}

impl Names {
    pub fn find<'a>(&self, id: &str, id_of: impl Fn(u32) -> &'a str) -> Option<u32> {
        self.0.find(hash(id), |&slot| id_of(slot) == id).copied()
    }

    /// Adds a slot whose id can be read already and is not in the table.
    pub fn insert<'a>(&mut self, slot: u32, id_of: impl Fn(u32) -> &'a str) {
        let entry = self.0.entry(hash(id_of(slot)), |&other| other == slot, |&other| hash(id_of(other)));
        if let Entry::Vacant(place) = entry {
            place.insert(slot);
        }
    }

    /// Takes a slot out by the id it has, or had.
    pub fn remove(&mut self, slot: u32, id: &str) {
        if let Ok(entry) = self.0.find_entry(hash(id), |&other| other == slot) {
            entry.remove();
        }
    }

    pub fn shrink_to_fit<'a>(&mut self, id_of: impl Fn(u32) -> &'a str) {
        self.0.shrink_to_fit(|&slot| hash(id_of(slot)));
    }
}
