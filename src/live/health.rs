//! Health of communication and of data, over sliding windows.
//!
//! **Communication**, per device: the last answer, whether it answers now, and availability: the share of the polls in
//! the window that brought something. **Data**, per tag: with e the samples its period asks for in the window, g the good
//! and u the uncertain ones that came, the score is
//!
//! ```text
//! score = (g + u/2) / max(e, g + u + b)        b: bad ones
//! ```
//!
//! that is completeness (what came of what should have come) times validity (what of it may be used), a doubted value
//! counting half. A station's score is the mean over its tags, the network's the mean over all tags. DB22/T (urban smart
//! heating, clauses 6.1.2 and 6.2.4) and the digitalisation specification for heat and power groups (clause 6.2) ask for
//! such indicators, to be watched on line, and leave the formula open; this one is ours.
//!
//! Windows are rings of counts: the last hour by five minutes, the last day by hours.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Fault, Quality, Sample, TagId, TagTable, Timestamp};
use crate::network::ElementRef;

/// How far back a figure looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    Hour,
    Day,
}

impl Window {
    const fn slot_ms(self) -> i64 {
        match self {
            Window::Hour => 5 * 60_000,
            Window::Day => 60 * 60_000,
        }
    }

    const fn slots(self) -> usize {
        match self {
            Window::Hour => 12,
            Window::Day => 24,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    good: u32,
    uncertain: u32,
    bad: u32,
}

/// Counts over one window. The slot that runs now is the last of the window, so that it covers between slots − 1 and
/// slots slots of time.
#[derive(Clone, Debug)]
struct Ring {
    window: Window,
    /// Number of the running slot since 1970.
    slot: i64,
    /// When counting began.
    begun: Timestamp,
    counts: Vec<Count>,
}

impl Ring {
    fn new(window: Window, now: Timestamp) -> Ring {
        Ring {
            window,
            slot: now.ms().div_euclid(window.slot_ms()),
            begun: now,
            counts: vec![Count::default(); window.slots()],
        }
    }

    fn at(&self, slot: i64) -> usize {
        // Less than the number of slots, which is small.
        slot.rem_euclid(self.window.slots() as i64) as usize
    }

    fn turn(&mut self, now: Timestamp) {
        let slot = now.ms().div_euclid(self.window.slot_ms());
        let slots = self.window.slots() as i64;
        if slot < self.slot {
            // The clock was set back: counting goes on in the running slot.
            return;
        }
        for passed in (self.slot + 1).max(slot - slots + 1)..=slot {
            let at = self.at(passed);
            self.counts[at] = Count::default();
        }
        self.slot = slot;
    }

    fn add(&mut self, now: Timestamp, quality: Quality) {
        self.turn(now);
        let at = self.at(self.slot);
        let count = &mut self.counts[at];
        match quality {
            Quality::Good => count.good += 1,
            Quality::Uncertain(_) => count.uncertain += 1,
            Quality::Bad(_) => count.bad += 1,
        }
    }

    fn sum(&self) -> Count {
        self.counts.iter().fold(Count::default(), |sum, count| Count {
            good: sum.good + count.good,
            uncertain: sum.uncertain + count.uncertain,
            bad: sum.bad + count.bad,
        })
    }

    /// Time the counts cover, ms.
    fn covered_ms(&self, now: Timestamp) -> i64 {
        let first = (self.slot - self.window.slots() as i64 + 1) * self.window.slot_ms();
        now.ms_since(self.begun.max(Timestamp::from_ms(first))).max(0)
    }

    fn score(&self, now: Timestamp, period_ms: u32) -> Option<f64> {
        let sum = self.sum();
        let expected = self.covered_ms(now) as f64 / f64::from(period_ms.max(1));
        let came = f64::from(sum.good) + f64::from(sum.uncertain) + f64::from(sum.bad);
        let most = expected.floor().max(came);
        (most > 0.0).then(|| (f64::from(sum.good) + 0.5 * f64::from(sum.uncertain)) / most)
    }
}

#[derive(Clone, Debug)]
struct Link {
    answers: bool,
    last_answer: Option<Timestamp>,
    last_silence: Option<Timestamp>,
    hour: Ring,
    day: Ring,
}

/// How the link to a device stands.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceHealth {
    pub device: Arc<str>,
    /// Whether the last poll was answered; `None`: nothing has been heard of it yet.
    pub answers: Option<bool>,
    pub last_answer: Option<Timestamp>,
    pub last_silence: Option<Timestamp>,
    /// Share of polls answered, 0…1; `None` where there were none.
    pub availability_hour: Option<f64>,
    pub availability_day: Option<f64>,
}

/// How good the data of something is.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Mean score of its tags, 0…1.
    pub score: f64,
    /// Tags that are good, uncertain and bad now; those never read are bad.
    pub good: usize,
    pub uncertain: usize,
    pub bad: usize,
}

/// Watches communication and data quality.
#[derive(Clone, Debug)]
pub struct Health {
    tags: TagTable,
    devices: BTreeMap<Arc<str>, Option<Link>>,
    scores: Vec<(Ring, Ring)>,
    now: Vec<Quality>,
    /// Tags of each element.
    elements: BTreeMap<ElementRef, Vec<TagId>>,
}

impl Health {
    /// Counting begins at `now`.
    pub fn new(tags: &TagTable, now: Timestamp) -> Health {
        let mut elements: BTreeMap<ElementRef, Vec<TagId>> = BTreeMap::new();
        let mut devices = BTreeMap::new();
        for (id, tag) in tags.iter() {
            if let Some(element) = &tag.element {
                elements.entry(element.clone()).or_default().push(id);
            }
            if !tag.device.is_empty() {
                devices.insert(tag.device.clone(), None);
            }
        }
        Health {
            scores: vec![(Ring::new(Window::Hour, now), Ring::new(Window::Day, now)); tags.len()],
            now: vec![Quality::Bad(Fault::NeverRead); tags.len()],
            tags: tags.clone(),
            devices,
            elements,
        }
    }

    /// A poll of a device was answered or not. A device that answers with exceptions answers.
    pub fn polled(&mut self, device: &str, now: Timestamp, answered: bool) {
        let Some(link) = self.devices.get_mut(device) else { return };
        let link = link.get_or_insert_with(|| Link {
            answers: answered,
            last_answer: None,
            last_silence: None,
            hour: Ring::new(Window::Hour, now),
            day: Ring::new(Window::Day, now),
        });
        link.answers = answered;
        *if answered { &mut link.last_answer } else { &mut link.last_silence } = Some(now);
        let quality = if answered { Quality::Good } else { Quality::Bad(Fault::Communication) };
        link.hour.add(now, quality);
        link.day.add(now, quality);
    }

    /// Counts screened samples; with `infer_polls`, for those who do not call [`Health::polled`], takes the samples of a device in
    /// this batch as one poll of it.
    pub fn take(&mut self, now: Timestamp, samples: &[Sample], infer_polls: bool) {
        let mut answered: BTreeMap<Arc<str>, bool> = BTreeMap::new();
        for sample in samples {
            let Some(tag) = self.tags.get(sample.tag) else { continue };
            let (hour, day) = &mut self.scores[sample.tag.index()];
            hour.add(now, sample.quality);
            day.add(now, sample.quality);
            self.now[sample.tag.index()] = sample.quality;
            if infer_polls && !tag.device.is_empty() {
                *answered.entry(tag.device.clone()).or_default() |= !sample.quality.is_silence();
            }
        }
        for (device, answered) in answered {
            self.polled(&device, now, answered);
        }
    }

    /// Notes what [`Screen::tick`](super::screening::Screen::tick) found old, without counting it as having come.
    pub fn aged(&mut self, samples: &[Sample]) {
        for sample in samples {
            if let Some(now) = self.now.get_mut(sample.tag.index()) {
                *now = sample.quality;
            }
        }
    }

    /// Lets the windows slide on. To be called now and then where nothing comes.
    pub fn tick(&mut self, now: Timestamp) {
        for (hour, day) in &mut self.scores {
            hour.turn(now);
            day.turn(now);
        }
        for link in self.devices.values_mut().flatten() {
            link.hour.turn(now);
            link.day.turn(now);
        }
    }

    /// Score of a tag, 0…1; `None` before its first sample was due.
    pub fn tag(&self, tag: TagId, window: Window, now: Timestamp) -> Option<f64> {
        let (hour, day) = self.scores.get(tag.index())?;
        let ring = if window == Window::Hour { hour } else { day };
        ring.score(now, self.tags.get(tag)?.period_ms)
    }

    /// Quality of a tag now.
    pub fn quality(&self, tag: TagId) -> Option<Quality> {
        self.now.get(tag.index()).copied()
    }

    /// Score of a source, a substation or any other element with tags.
    pub fn element(&self, element: &ElementRef, window: Window, now: Timestamp) -> Option<Score> {
        self.mean(self.elements.get(element)?.iter().copied(), window, now)
    }

    /// Elements with tags, with their scores, worst first.
    pub fn elements(&self, window: Window, now: Timestamp) -> Vec<(&ElementRef, Score)> {
        let mut out: Vec<_> = self
            .elements
            .iter()
            .filter_map(|(element, tags)| Some((element, self.mean(tags.iter().copied(), window, now)?)))
            .collect();
        out.sort_by(|a, b| a.1.score.total_cmp(&b.1.score).then(a.0.cmp(b.0)));
        out
    }

    /// Score of everything.
    pub fn network(&self, window: Window, now: Timestamp) -> Option<Score> {
        self.mean(self.tags.iter().map(|(id, _)| id), window, now)
    }

    fn mean(&self, tags: impl Iterator<Item = TagId>, window: Window, now: Timestamp) -> Option<Score> {
        let mut out = Score { score: 0.0, good: 0, uncertain: 0, bad: 0 };
        let mut known = 0_u32;
        for tag in tags {
            match self.now[tag.index()] {
                Quality::Good => out.good += 1,
                Quality::Uncertain(_) => out.uncertain += 1,
                Quality::Bad(_) => out.bad += 1,
            }
            if let Some(score) = self.tag(tag, window, now) {
                out.score += score;
                known += 1;
            }
        }
        out.score /= f64::from(known.max(1));
        (known > 0).then_some(out)
    }

    /// Every device, in the order of names.
    pub fn devices(&self) -> impl Iterator<Item = DeviceHealth> + '_ {
        let share = |ring: &Ring| {
            let sum = ring.sum();
            let polls = f64::from(sum.good) + f64::from(sum.bad);
            (polls > 0.0).then(|| f64::from(sum.good) / polls)
        };
        self.devices.iter().map(move |(device, link)| DeviceHealth {
            device: device.clone(),
            answers: link.as_ref().map(|link| link.answers),
            last_answer: link.as_ref().and_then(|link| link.last_answer),
            last_silence: link.as_ref().and_then(|link| link.last_silence),
            availability_hour: link.as_ref().and_then(|link| share(&link.hour)),
            availability_day: link.as_ref().and_then(|link| share(&link.day)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Doubt, Observed, Tag};
    use crate::network::ElementKind;
    use crate::units::Quantity;

    fn table() -> TagTable {
        let mut table = TagTable::default();
        for name in ["a", "b"] {
            let tag = Tag {
                device: "PLC".into(),
                element: Some(ElementRef::new(ElementKind::Consumer, "ST1")),
                ..Tag::new(name, Observed::SupplyTemperature, Quantity::Temperature)
            };
            table.add(tag).unwrap();
        }
        table
    }

    fn sample(tag: u32, minute: i64, quality: Quality) -> Sample {
        let at = Timestamp::from_ms(minute * 60_000);
        Sample { tag: TagId(tag), source_time: at, arrival_time: at, value: 90.0, quality }
    }

    #[test]
    fn the_score_is_completeness_times_validity_and_forgets() {
        let at = |minute: i64| Timestamp::from_ms(minute * 60_000);
        let mut health = Health::new(&table(), at(0));
        for minute in 1..=20 {
            let other = if minute <= 10 { Quality::Good } else { Quality::Uncertain(Doubt::Stuck) };
            let mut samples = vec![sample(1, minute, other)];
            if minute % 2 == 0 {
                samples.push(sample(0, minute, Quality::Good));
            }
            health.take(at(minute), &samples, true);
        }
        // Every second one came, all good; all came, half of them doubted.
        assert_eq!(health.tag(TagId(0), Window::Hour, at(20)), Some(0.5));
        assert_eq!(health.tag(TagId(1), Window::Hour, at(20)), Some(0.75));
        let station = health.element(&ElementRef::new(ElementKind::Consumer, "ST1"), Window::Day, at(20)).unwrap();
        assert_eq!(station, Score { score: 0.625, good: 1, uncertain: 1, bad: 0 });
        assert_eq!(health.network(Window::Day, at(20)), Some(station));
        // Two hours of silence: nothing of it is left in the hour, all of it in the day.
        health.tick(at(140));
        assert_eq!(health.tag(TagId(0), Window::Hour, at(140)), Some(0.0));
        assert_eq!(health.tag(TagId(0), Window::Day, at(140)), Some(10.0 / 140.0));
    }

    #[test]
    fn a_device_that_refuses_answers_and_one_that_is_silent_does_not() {
        let at = |minute: i64| Timestamp::from_ms(minute * 60_000);
        let mut health = Health::new(&table(), at(0));
        assert_eq!(health.devices().next().unwrap().answers, None);
        health.take(at(1), &[sample(0, 1, Quality::Bad(Fault::DeviceException))], true);
        health.take(at(2), &[sample(0, 2, Quality::Bad(Fault::Communication))], true);
        health.take(at(3), &[sample(0, 3, Quality::Bad(Fault::Communication))], true);
        health.take(at(4), &[sample(0, 4, Quality::Bad(Fault::Communication)), sample(1, 4, Quality::Good)], true);
        let device = health.devices().next().unwrap();
        assert_eq!((device.answers, device.availability_hour), (Some(true), Some(0.5)));
        assert_eq!((device.last_answer, device.last_silence), (Some(at(4)), Some(at(3))));
    }
}
