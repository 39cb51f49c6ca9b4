//! What is done with every sample that comes in, one after the other: screened, watched for alarms, put on the curves.
//!
//! Pure but for what it keeps: instants come in, nothing is read from a clock, no file is touched. The connection hands in
//! what the devices said and takes a [`Picture`] out when it wants one.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::board::AlarmBoard;
use super::desk::ControlDesk;
use super::orders::OrderDesk;
use super::picture::{Concern, DeviceLine, EstimateShown, GRACE_MS, Latest, Picture, Points};
use super::trend::Trends;
use crate::live::alarm::{
    AlarmId, AlarmSystem, Event, Kind, ModelReading, Order, Record, Refusal, Row, definitions, not_confirmed,
};
use crate::live::health::{Health, Window};
use crate::live::screening::{Cause, Screen};
use crate::live::{Fault, Quality, Sample, Tag, TagId, Timestamp};
use crate::network::{ElementRef, Network};
use crate::units::Quantity;

/// What is known of the field between two samples.
pub struct Intake {
    points: Arc<Points>,
    latest: Vec<Latest>,
    screen: Screen,
    health: Health,
    alarms: AlarmSystem,
    /// What happened to alarms and was not taken yet.
    happened: Vec<Event>,
    /// The alarm of a command not confirmed, by tag that may be written.
    commands: BTreeMap<TagId, AlarmId>,
    /// Screened samples the alarms have not seen yet: they are looked at together, a few times a second.
    unseen: Vec<Sample>,
    /// Tags by device, and what most of them are shown at.
    devices: BTreeMap<Arc<str>, (Vec<TagId>, Option<ElementRef>)>,
    trends: Arc<RwLock<Trends>>,
    samples: u64,
    estimate: Option<Arc<EstimateShown>>,
    /// When it came.
    estimated_at: Timestamp,
    /// The alarms have not been told of the estimate yet.
    is_new: bool,
}

impl Intake {
    /// Nothing known yet. `writable`: tags that may be written.
    pub fn new(
        points: Arc<Points>,
        network: &Network,
        writable: impl IntoIterator<Item = TagId>,
        now: Timestamp,
    ) -> Intake {
        let tags = points.tags.len();
        let (mut definitions, rules) = definitions(&points.tags);
        let mut commands = BTreeMap::new();
        for tag in writable {
            if let Some(definition) = not_confirmed(&points.tags, tag) {
                // Fewer alarms than tags times a dozen: the cast is exact.
                commands.insert(tag, AlarmId(definitions.len() as u32));
                definitions.push(definition);
            }
        }
        let never = Latest {
            value: f64::NAN,
            source_time: Timestamp::from_ms(i64::MIN),
            quality: Quality::Bad(Fault::NeverRead),
            cause: Cause::Never,
        };
        Intake {
            screen: Screen::new(&points.tags, Some(network)),
            health: Health::new(&points.tags, now),
            alarms: AlarmSystem::new(&points.tags, definitions, rules),
            happened: Vec::new(),
            commands,
            unseen: Vec::new(),
            devices: devices(&points),
            points,
            latest: vec![never; tags],
            trends: Arc::new(RwLock::new(Trends::new(tags, now))),
            samples: 0,
            estimate: None,
            estimated_at: now,
            is_new: false,
        }
    }

    /// Takes in what the devices said: the samples come back screened.
    pub fn take(&mut self, now: Timestamp, samples: &mut [Sample]) {
        self.samples += samples.len() as u64;
        self.screen.screen(now, samples);
        self.health.take(now, samples, true);
        self.keep(samples);
        self.unseen.extend_from_slice(samples);
    }

    /// Lets time pass: what no longer comes is marked, alarms come and go. To be called a few times a second. Whether
    /// anything of that happened.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let (aged, _) = self.screen.tick(now);
        self.health.aged(&aged);
        self.health.tick(now);
        self.keep(&aged);
        self.unseen.extend_from_slice(&aged);
        self.heed(now) | !aged.is_empty()
    }

    /// Holds what has come against the alarms: whether one came or went.
    pub fn heed(&mut self, now: Timestamp) -> bool {
        let model = self.model();
        let events = self.alarms.step(now, &self.unseen, &model);
        self.unseen.clear();
        let any = !events.is_empty();
        self.happened.extend(events);
        any
    }

    /// Takes up the alarms where another run of the program left them.
    pub fn restore(&mut self, records: &[Record], now: Timestamp) {
        self.alarms.restore(records, now);
    }

    /// What happened to alarms since this was last asked.
    pub fn happened(&mut self) -> Vec<Record> {
        let events = std::mem::take(&mut self.happened);
        events.iter().filter_map(|event| self.alarms.record(event, &self.points.tags)).collect()
    }

    /// Notes what a person did. Refused where it has been done or has gone meanwhile: then there is nothing to do.
    fn done(&mut self, done: Result<Event, Refusal>) {
        self.happened.extend(done.ok());
    }

    /// What the estimate says each tag should read: compared once an estimate.
    fn model(&mut self) -> Vec<ModelReading> {
        let Some(estimate) = self.estimate.as_ref().filter(|_| std::mem::take(&mut self.is_new)) else {
            return Vec::new();
        };
        let one = |(index, [value, _]): (usize, &[f64; 2])| {
            value.is_finite().then_some(ModelReading { tag: TagId(index as u32), value: *value })
        };
        estimate.of_tags.iter().enumerate().filter_map(one).collect()
    }

    /// Names of an alarm, or of all, that wait for somebody to take note.
    pub fn waiting(&self, alarm: Option<AlarmId>) -> Vec<(AlarmId, Arc<str>)> {
        let rows = self.alarms.rows(Order::Priority).into_iter();
        rows.filter(|row| alarm.is_none_or(|alarm| row.alarm == alarm) && row.state.waits())
            .map(|row| (row.alarm, row.name))
            .collect()
    }

    /// Name of an alarm.
    pub fn alarm_name(&self, alarm: AlarmId) -> Option<Arc<str>> {
        self.alarms.definition(alarm).map(|definition| definition.name.clone())
    }

    /// Somebody has seen these alarms.
    pub fn acknowledge(&mut self, now: Timestamp, alarms: &[(AlarmId, Arc<str>)], user: &str) {
        for &(alarm, _) in alarms {
            let done = self.alarms.acknowledge(alarm, user, "", now);
            self.done(done);
            // That a command was not confirmed is over when somebody knows of it; the device's readings go on.
            let command = self.commands.iter().find(|(_, of)| **of == alarm).map(|(tag, _)| *tag);
            if let Some(tag) = command {
                self.command(now, tag, false);
            }
        }
    }

    /// Puts an alarm aside for some minutes.
    pub fn shelve(&mut self, now: Timestamp, alarm: AlarmId, minutes: u32, user: &str) {
        let done = self.alarms.shelve(alarm, user, 60_000 * i64::from(minutes), user, now);
        self.done(done);
    }

    /// Takes an alarm off its shelf.
    pub fn unshelve(&mut self, now: Timestamp, alarm: AlarmId, user: &str) {
        let done = self.alarms.unshelve(alarm, user, now);
        self.done(done);
    }

    /// Raises the alarm that a command to a tag was not confirmed, or takes it back.
    pub fn command(&mut self, now: Timestamp, tag: TagId, lost: bool) {
        if let Some(&alarm) = self.commands.get(&tag) {
            // The alarm is one of the program's own: it is never refused.
            let events = self.alarms.set(alarm, lost, now, now).unwrap_or_default();
            self.happened.extend(events);
        }
    }

    fn keep(&mut self, samples: &[Sample]) {
        let mut trends = self.trends.write().unwrap_or_else(PoisonError::into_inner);
        for sample in samples.iter() {
            let Some(latest) = self.latest.get_mut(sample.tag.index()) else { continue };
            if sample.source_time < latest.source_time {
                continue;
            }
            // A device that has fallen silent leaves its last value to be seen, marked as what it is.
            if sample.quality.is_usable() || sample.value.is_finite() {
                latest.value = sample.value;
                latest.source_time = sample.source_time;
            }
            latest.quality = sample.quality;
            latest.cause = self.screen.cause(sample.tag).unwrap_or(Cause::Given);
            trends.push(sample);
        }
    }

    /// The newest samples of all tags, for the estimation.
    pub fn newest(&self) -> Vec<Sample> {
        let one = |(index, latest): (usize, &Latest)| Sample {
            tag: TagId(index as u32),
            source_time: latest.source_time,
            arrival_time: latest.source_time,
            value: latest.value,
            quality: latest.quality,
        };
        self.latest.iter().enumerate().map(one).collect()
    }

    /// The newest estimate, and when it came.
    pub fn estimate(&self) -> Option<(&Arc<EstimateShown>, Timestamp)> {
        self.estimate.as_ref().map(|estimate| (estimate, self.estimated_at))
    }

    pub fn tag(&self, id: TagId) -> Option<&Tag> {
        self.points.tags.get(id)
    }

    /// The newest value of a tag and when it was true, while it is good and not older than two periods.
    pub fn good(&self, id: TagId, now: Timestamp) -> Option<(f64, Timestamp)> {
        let latest =
            self.latest.get(id.index()).filter(|latest| latest.quality.is_good() && latest.value.is_finite())?;
        let period_ms = i64::from(self.tag(id)?.period_ms);
        let fresh = now.ms_since(latest.source_time) <= 2 * period_ms + GRACE_MS;
        fresh.then_some((latest.value, latest.source_time))
    }

    /// The network that stands in the field is this one now.
    pub fn adopt(&mut self, network: &Network) {
        self.points = Arc::new(Points::new(self.points.tags.clone(), network));
        self.devices = devices(&self.points);
    }

    /// Tags of a device, those of them that are good, and what the device stands at.
    pub fn of_device(&self, device: &str) -> (usize, usize, Option<ElementRef>) {
        let Some((tags, element)) = self.devices.get(device) else { return (0, 0, None) };
        let good = tags.iter().filter(|tag| self.latest[tag.index()].quality.is_good()).count();
        (tags.len(), good, element.clone())
    }

    /// A new estimate of the whole state.
    pub fn estimated(&mut self, estimate: EstimateShown, now: Timestamp) {
        self.estimate = Some(Arc::new(estimate));
        self.estimated_at = now;
        self.is_new = true;
    }

    /// Everything as it is now.
    pub fn picture(
        &mut self,
        now: Timestamp,
        devices: Vec<DeviceLine>,
        dropped: u64,
        control: ControlDesk,
        orders: Arc<OrderDesk>,
    ) -> Picture {
        let tags = self.points.tags.clone();
        let quantity = |row: &Row| row.tag.and_then(|tag| tags.get(tag)).map_or(Quantity::Number, |tag| tag.quantity);
        let alarms = AlarmBoard::of(&mut self.alarms, &tags, now, quantity);
        let concerns = self.concerns(&devices, &alarms);
        Picture {
            now,
            points: self.points.clone(),
            latest: self.latest.clone().into(),
            devices: devices.into(),
            alarms: Arc::new(alarms),
            control: Arc::new(control),
            orders,
            concerns: Arc::new(concerns),
            estimate: self.estimate.clone(),
            score: self.health.network(Window::Hour, now),
            trends: self.trends.clone(),
            samples: self.samples,
            dropped,
        }
    }

    fn concerns(&self, devices: &[DeviceLine], alarms: &AlarmBoard) -> BTreeMap<ElementRef, Concern> {
        let mut out: BTreeMap<ElementRef, Concern> = BTreeMap::new();
        let mut note = |element: &ElementRef, concern: Concern| {
            let worst = out.entry(element.clone()).or_insert(concern);
            *worst = (*worst).min(concern);
        };
        for (index, latest) in self.latest.iter().enumerate() {
            let never = latest.quality == Quality::Bad(Fault::NeverRead);
            if let Some(element) = self.points.shown_at(TagId(index as u32))
                && !latest.quality.is_good()
                && !never
            {
                note(element, Concern::Doubt);
            }
        }
        for device in devices.iter().filter(|device| !device.answers) {
            if let Some(element) = &device.element {
                note(element, Concern::Silent);
            }
        }
        for line in alarms.lines.iter().filter(|line| line.row.active) {
            let place = line.row.tag.and_then(|tag| self.points.shown_at(tag)).or(line.row.element.as_ref());
            let concern = match line.row.kind {
                Kind::Communication => Concern::Silent,
                Kind::Quality => Concern::Doubt,
                _ => Concern::Alarm { priority: line.priority(), unacknowledged: line.waits() },
            };
            if let Some(element) = place {
                note(element, concern);
            }
        }
        out
    }
}

/// Tags by device, and what most of them are shown at.
fn devices(points: &Points) -> BTreeMap<Arc<str>, (Vec<TagId>, Option<ElementRef>)> {
    let mut out: BTreeMap<Arc<str>, (Vec<TagId>, Option<ElementRef>)> = BTreeMap::new();
    for (id, tag) in points.tags.iter() {
        out.entry(tag.device.clone()).or_default().0.push(id);
    }
    for (tags, element) in out.values_mut() {
        let mut votes: BTreeMap<&ElementRef, usize> = BTreeMap::new();
        for place in tags.iter().filter_map(|&tag| points.shown_at(tag)) {
            *votes.entry(place).or_default() += 1;
        }
        *element = votes.into_iter().max_by_key(|(_, count)| *count).map(|(place, _)| place.clone());
    }
    out
}
