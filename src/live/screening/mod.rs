//! Screening: which samples may be believed, and why not the others.
//!
//! [`Screen`] follows every tag in time ([`course`]): number, range, clock, rate of change, spike, stuck; and compares
//! instruments that should tell alike ([`relation`], found by [`links`]): doubles, differences, heat against flow and
//! ΔT, pressure along the flow, sums of flows. What breaks is traced to the instrument that explains it ([`blame`]).
//! [`Screen::tick`] sees what no longer comes. Nothing is put in a value's place: a doubted value keeps its number and
//! gets a quality and a cause. Estimating what it should be is the state estimation's.

mod blame;
mod cause;
mod course;
mod links;
mod parameters;
mod relation;

use std::collections::BTreeMap;

use super::{Doubt, Observed, Quality, Sample, TagId, TagTable, Timestamp};
use crate::network::Network;

use course::{Age, Course};
use relation::Relation;

pub use cause::{Cause, Check, Remark};
pub use course::{CLOCK_TOLERANCE_MS, LEAST_RUN, stuck_after};
pub use parameters::{Nature, Parameters};

/// So many instruments of a kind can tell how one of them behaves.
const LEAST_PEERS: usize = 10;

/// What is known of a tag besides its course.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// Last sample as it came, with the quality it was given.
    sample: Option<Sample>,
    /// Whether its number may be used to judge others.
    witness: bool,
    /// Counts its usable samples.
    count: u64,
    age: Age,
    accused: Option<Cause>,
    drift: bool,
    /// What was last remarked.
    quality: Option<Quality>,
    cause: Cause,
}

/// A balance that does not close now.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    pub check: Check,
    /// In the order of their handles.
    pub members: Vec<TagId>,
    /// Mean residual in standard deviations of the instruments; positive: too much flows in, the first is greater.
    pub deviations: f64,
}

/// Screens samples as they come.
#[derive(Clone, Debug)]
pub struct Screen {
    tags: TagTable,
    courses: Vec<Course>,
    standings: Vec<Standing>,
    relations: Vec<Relation>,
    /// Counts of members at the last evaluation, by relation.
    counted: Vec<Vec<u64>>,
    /// Relations of tag i: `of_tag[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    of_tag: Vec<u32>,
    /// Instruments of one kind, where there are enough to tell how such an instrument behaves.
    kinds: Vec<Vec<TagId>>,
    begun: Option<Timestamp>,
}

impl Screen {
    /// For these tags; with the network, pressures and flows of different elements are compared as well.
    pub fn new(tags: &TagTable, network: Option<&Network>) -> Screen {
        let relations = links::relations(tags, network);
        let mut starts = vec![0; tags.len() + 1];
        for relation in &relations {
            relation.members().iter().for_each(|tag| starts[tag.index() + 1] += 1);
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut of_tag = vec![0; starts[tags.len()]];
        for (number, relation) in relations.iter().enumerate() {
            for tag in relation.members() {
                of_tag[next[tag.index()]] = number as u32;
                next[tag.index()] += 1;
            }
        }
        let standing = Standing {
            sample: None,
            witness: false,
            count: 0,
            age: Age::Fresh,
            accused: None,
            drift: false,
            quality: None,
            cause: Cause::Given,
        };
        let mut kinds: BTreeMap<Observed, Vec<TagId>> = BTreeMap::new();
        for (id, tag) in tags.iter() {
            kinds.entry(tag.observed).or_default().push(id);
        }
        Screen {
            kinds: kinds.into_values().filter(|kind| kind.len() >= LEAST_PEERS).collect(),
            courses: tags.iter().map(|(_, tag)| Course::new(tag)).collect(),
            standings: vec![standing; tags.len()],
            counted: relations.iter().map(|relation| vec![0; relation.members().len()]).collect(),
            tags: tags.clone(),
            relations,
            starts,
            of_tag,
            begun: None,
        }
    }

    /// Number of relations between instruments.
    pub fn relation_count(&self) -> usize {
        self.relations.len()
    }

    /// Balances that do not close now, whether or not an instrument could be named.
    pub fn broken(&self) -> Vec<Broken> {
        let broken = self.relations.iter().filter(|relation| relation.broken);
        broken
            .map(|relation| Broken {
                check: relation.check,
                members: relation.members().to_vec(),
                deviations: relation.deviations(),
            })
            .collect()
    }

    /// Why a tag has the quality it has now.
    pub fn cause(&self, tag: TagId) -> Option<Cause> {
        self.standings.get(tag.index()).map(|standing| standing.cause)
    }

    /// Time without change after which a tag is called stuck, at the period it is read with and as restless as it has
    /// been so far; `None` for what may stand still. Ten periods for a restless instrument; one not seen before is taken to
    /// be as still as the stillest of its kind, and where those are not known either, ninety-three periods.
    pub fn stuck_after_ms(&self, tag: TagId) -> Option<i64> {
        let samples = self.courses.get(tag.index())?.stuck_after()?;
        let period_ms = self.tags.get(tag)?.period_ms;
        Some(i64::from(samples) * i64::from(period_ms))
    }

    /// Screens samples in the order they came: each gets the worse of its own quality and what was found. Answers with
    /// the changes of quality. Samples of other tables are left alone.
    pub fn screen(&mut self, now: Timestamp, samples: &mut [Sample]) -> Vec<Remark> {
        self.begun.get_or_insert(now);
        let mut touched: Vec<u32> = Vec::new();
        let mut causes = Vec::with_capacity(samples.len());
        for sample in samples.iter_mut() {
            let at = sample.tag.index();
            let (Some(tag), Some(course)) = (self.tags.get(sample.tag), self.courses.get_mut(at)) else {
                causes.push(Cause::Given);
                continue;
            };
            let cause = course.check(tag, sample, now);
            let standing = &mut self.standings[at];
            sample.quality = cause.with(sample.quality);
            standing.age = Age::Fresh;
            standing.sample = Some(*sample);
            standing.witness = sample.quality.is_good();
            if standing.witness {
                standing.count += 1;
                touched.extend_from_slice(&self.of_tag[self.starts[at]..self.starts[at + 1]]);
            }
            causes.push(cause);
        }
        touched.sort_unstable();
        touched.dedup();
        if self.compare(now, &touched) {
            self.accuse();
        }
        let mut remarks = Vec::new();
        for (sample, cause) in samples.iter_mut().zip(causes) {
            let Some(standing) = self.standings.get_mut(sample.tag.index()) else { continue };
            let mut cause = cause;
            if sample.quality.is_good()
                && let Some(accusation) = standing.accused
            {
                let doubt = if standing.drift { Doubt::Drift } else { Doubt::Inconsistent };
                sample.quality = Quality::Uncertain(doubt);
                cause = accusation;
            }
            standing.sample = Some(*sample);
            remarks.extend(standing.remark(sample, sample.source_time, cause));
        }
        remarks
    }

    /// Marks what has not come for too long, and what has come again is left to [`Screen::screen`]. Answers with the last
    /// sample of each tag whose age has changed its quality, and with the remarks. To be called every second or so.
    pub fn tick(&mut self, now: Timestamp) -> (Vec<Sample>, Vec<Remark>) {
        self.learn_from_peers();
        let begun = *self.begun.get_or_insert(now);
        let (mut samples, mut remarks) = (Vec::new(), Vec::new());
        for ((id, tag), (course, standing)) in self.tags.iter().zip(self.courses.iter().zip(self.standings.iter_mut()))
        {
            let since = standing.sample.map_or(begun, |sample| sample.arrival_time);
            let age_ms = now.ms_since(since).max(0);
            let age = Age::of(age_ms, tag.period_ms, course.parameters.too_old_ms);
            // It only grows here: time set back makes nothing fresh.
            if age <= standing.age {
                continue;
            }
            standing.age = age;
            let Some(last) = standing.sample else {
                let sample = Sample {
                    tag: id,
                    source_time: now,
                    arrival_time: now,
                    value: f64::NAN,
                    quality: Cause::Never.quality(),
                };
                if standing.quality != Some(sample.quality) {
                    samples.push(sample);
                    remarks.extend(standing.remark(&sample, now, Cause::Never));
                }
                continue;
            };
            let cause = if age == Age::Stale { Cause::Stale { age_ms } } else { Cause::TooOld { age_ms } };
            // What was bad before it fell silent stays bad for that reason.
            let worse = if age == Age::Stale { last.quality.is_good() } else { last.quality.is_usable() };
            if worse {
                let sample = Sample { quality: cause.quality(), ..last };
                standing.witness = false;
                samples.push(sample);
                remarks.extend(standing.remark(&sample, now, cause));
            }
        }
        (samples, remarks)
    }

    /// An instrument that has not moved since it was first seen can be judged by its kind: once nine in ten of them are
    /// known, it is taken to be as still as the stillest.
    fn learn_from_peers(&mut self) {
        for kind in &self.kinds {
            let known: Vec<f64> = kind.iter().filter_map(|tag| self.courses[tag.index()].known_run()).collect();
            let stillest = known.iter().copied().fold(1.0, f64::max);
            let peers = (known.len() * 10 >= kind.len() * 9).then_some(stillest);
            for tag in kind {
                self.courses[tag.index()].suppose(peers);
            }
        }
    }

    /// Evaluates the relations among these whose instruments have all spoken anew. Answers whether one broke or healed.
    fn compare(&mut self, now: Timestamp, touched: &[u32]) -> bool {
        let mut changed = false;
        let (tags, standings) = (&self.tags, &self.standings);
        let kind = |id: TagId| tags.get(id).map(|tag| tag.quantity);
        let reading = |id: TagId| {
            let (tag, standing) = (tags.get(id)?, standings.get(id.index())?);
            let sample = standing.sample.filter(|_| standing.witness)?;
            let fresh = now.ms_since(sample.arrival_time) <= 2 * i64::from(tag.period_ms.max(1)) + CLOCK_TOLERANCE_MS;
            fresh.then(|| relation::reading(tag, sample.value))
        };
        for &number in touched {
            let relation = &mut self.relations[number as usize];
            let counted = &mut self.counted[number as usize];
            let anew = relation.members().iter().zip(counted.iter()).all(|(tag, counted)| {
                standings[tag.index()].count > *counted
                    // A network has a dead station now and then.
                    || (relation.check == Check::Network && reading(*tag).is_none())
            });
            if !anew {
                continue;
            }
            let Some(deviations) = relation.residual(&reading, &kind) else { continue };
            for (tag, counted) in relation.members().iter().zip(counted.iter_mut()) {
                *counted = standings[tag.index()].count;
            }
            let before = relation.broken;
            relation.take(deviations);
            changed |= relation.broken || before;
        }
        changed
    }

    /// Finds whom broken relations accuse now.
    fn accuse(&mut self) {
        for standing in &mut self.standings {
            standing.accused = None;
        }
        for accused in blame::accused(&self.relations) {
            let relation = &self.relations[accused.relation];
            let standing = &mut self.standings[accused.tag.index()];
            standing.drift = accused.alone && relation.slow;
            standing.accused = Some(Cause::Contradicts {
                check: relation.check,
                deviations: relation.deviations(),
                alone: accused.alone,
            });
        }
    }
}

impl Standing {
    /// Notes quality and cause; a remark where the quality has changed.
    fn remark(&mut self, sample: &Sample, at: Timestamp, cause: Cause) -> Option<Remark> {
        self.cause = cause;
        let before = self.quality.replace(sample.quality);
        let changed = before.unwrap_or(Quality::Good) != sample.quality;
        changed.then_some(Remark { tag: sample.tag, at, value: sample.value, quality: sample.quality, cause })
    }
}
