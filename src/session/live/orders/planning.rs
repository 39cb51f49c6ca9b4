//! Planning anew from the estimated state, every quarter of an hour or when asked.
//!
//! Mechanism: the network as it stands with what the estimate knows better goes to a [`Planner`] on a thread of its own; what
//! comes back is a proposal that waits for a person to issue it. Nothing is issued, let alone written, by itself. A planning
//! that takes longer than the quarter of an hour delays the next one.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::desk::{Planning, Proposal};
use crate::dispatch::optimise::Effort;
use crate::dispatch::optimise::propose::{Request, propose};
use crate::dispatch::optimise::terms::Terms;
use crate::emergency::incident::CHINA_OFFSET_MIN;
use crate::live::order::{Series, SetPoint, Setting, Watched, as_estimated, schedule, value_of};
use crate::live::{Observed, Timestamp, reading_of};
use crate::network::{Demand, ElementKind, ElementRef, Network};
use crate::physics::weather::WeatherSeries;
use crate::session::message::Message;
use crate::solver::Solution;

/// Time between two plannings.
pub const EVERY_MS: i64 = 15 * 60_000;
const STEP_S: f64 = 900.0;
const STEP_MS: i64 = 900_000;
/// Changes that are not told: of a supply temperature, and of a heat as a share of the greatest planned.
const TEMPERATURE_BAND_K: f64 = 2.0;
const HEAT_BAND_SHARE: f64 = 0.05;
/// How near a planned heat counts as reached.
const HEAT_SHARE: f64 = 0.07;
const TEMPERATURE_K: f64 = 1.5;
/// Rooms need no heat above this, °C.
const HEATING_LIMIT_C: f64 = 18.0;

/// What a plan is made from.
#[derive(Clone, Debug)]
pub struct PlanFrom {
    /// The network that stands in the field, with the demands, return and supply temperatures that are estimated now.
    pub network: Network,
    pub estimate: Arc<Solution>,
    pub now: Timestamp,
}

/// A plan in orders.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub plan: String,
    /// Only what is to change; may be empty.
    pub set_points: Vec<SetPoint>,
    pub watched: Vec<Watched>,
}

/// Who makes plans. Called on a thread of its own.
pub trait Planner: std::fmt::Debug + Send + Sync {
    /// A plan from here on, or why there is none.
    fn plan(&self, from: &PlanFrom) -> Result<Planned, Message>;
}

type Made = Result<Planned, Message>;

/// Plans again and again.
pub(super) struct Rolling {
    planner: Option<Arc<dyn Planner>>,
    next_at: Timestamp,
    made: (SyncSender<Made>, Receiver<Made>),
    at_work: bool,
    proposal: Option<Arc<Proposal>>,
    trouble: Option<Message>,
}

impl Rolling {
    /// The first time as soon as there is an estimate.
    pub fn new(planner: Option<Arc<dyn Planner>>, now: Timestamp) -> Rolling {
        let made = sync_channel(1);
        Rolling { planner, next_at: now, made, at_work: false, proposal: None, trouble: None }
    }

    /// Without waiting for its time.
    pub fn ask(&mut self, now: Timestamp) -> Result<(), Message> {
        if self.planner.is_none() {
            return Err(Message::new("orders-no-planner"));
        }
        self.next_at = now;
        Ok(())
    }

    /// The proposal, to be issued.
    pub fn proposal(&self) -> Option<Arc<Proposal>> {
        self.proposal.clone()
    }

    /// It has been issued.
    pub fn issued(&mut self) {
        self.proposal = None;
    }

    /// Begins a planning where it is time for one, and takes in one that is made; whether anything is new.
    pub fn tick(&mut self, drawn: &Arc<Network>, estimate: Option<&Arc<Solution>>, now: Timestamp) -> bool {
        let mut anew = false;
        if let Ok(made) = self.made.1.try_recv() {
            (self.at_work, anew) = (false, true);
            match made {
                Ok(Planned { plan, set_points, watched }) => {
                    self.trouble = None;
                    // A plan that changes nothing proposes nothing.
                    self.proposal = (!set_points.is_empty())
                        .then(|| Arc::new(Proposal { made_at: now, plan, set_points, watched }));
                }
                Err(why) => self.trouble = Some(why),
            }
        }
        let (Some(planner), Some(estimate)) = (&self.planner, estimate) else { return anew };
        if self.at_work || now < self.next_at {
            return anew;
        }
        self.next_at = now.plus_ms(EVERY_MS);
        let (planner, sender) = (planner.clone(), self.made.0.clone());
        let (drawn, estimate) = (drawn.clone(), estimate.clone());
        let work = move || {
            let network = as_estimated(&drawn, &estimate).unwrap_or_else(|_| (*drawn).clone());
            // The field may have been left meanwhile.
            let _ = sender.send(planner.plan(&PlanFrom { network, estimate, now }));
        };
        match std::thread::Builder::new().name("planning".to_owned()).spawn(work) {
            Ok(_) => self.at_work = true,
            Err(error) => self.trouble = Some(Message::new("live-no-thread").with("reason", error.to_string())),
        }
        true
    }

    pub fn shown(&self) -> Planning {
        Planning {
            is_on: self.planner.is_some(),
            at_work: self.at_work,
            next_at: self.planner.is_some().then_some(self.next_at),
            proposal: self.proposal.clone(),
            trouble: self.trouble.clone(),
        }
    }
}

/// The optimal dispatch from now on: which source gives how much, at which temperature.
///
/// The load is that of the estimated demands; with weather it follows the outdoor temperature from there on, without it stays.
#[derive(Clone, Debug)]
pub struct DispatchPlanner {
    pub terms: Terms,
    pub hours: f64,
    pub weather: Option<WeatherSeries>,
}

impl Planner for DispatchPlanner {
    fn plan(&self, from: &PlanFrom) -> Result<Planned, Message> {
        let request = self.request(from);
        let proposal = propose(&from.network, &request, || {}).map_err(|_| Message::new("orders-no-plan"))?;
        let Some(tried) = proposal.tried.as_ref().filter(|tried| tried.found.is_empty()) else {
            return Err(Message::new("orders-plan-breaks-rules"));
        };
        let plan = &proposal.outcome.plan;
        let at = |step: usize| from.now.plus_ms(STEP_MS.saturating_mul(step as i64));
        let steps = request.load_w.len();
        let mut series = Vec::new();
        for (unit, known) in proposal.model.units.iter().enumerate() {
            let element = ElementRef::new(ElementKind::Source, known.id.as_str());
            if !from.network.contains(&element) {
                continue;
            }
            let over =
                |value: &dyn Fn(usize) -> f64| (0..steps).map(|step| (at(step), value(step))).collect::<Vec<_>>();
            let runs = |step: usize| plan.runs(unit, step);
            // What stands still is not told a temperature.
            let running = |value: f64, step: usize| if runs(step) { value } else { f64::NAN };
            let most_w = tried.heat_w[unit].iter().copied().fold(0.0, f64::max);
            let one = |setting, values, dead_band| Series {
                present: present(from, &element, setting),
                element: element.clone(),
                setting,
                values,
                dead_band,
            };
            series.push(one(Setting::Running, over(&|step| f64::from(u8::from(runs(step)))), 0.5));
            let supply = over(&|step| running(tried.supply_c[unit][step], step));
            series.push(one(Setting::SupplyTemperature, supply, TEMPERATURE_BAND_K));
            let heat = over(&|step| running(tried.heat_w[unit][step], step));
            series.push(one(Setting::Heat, heat, HEAT_BAND_SHARE * most_w.max(1.0)));
        }
        let set_points = schedule(&series);
        let mut watched = Vec::new();
        for point in &set_points {
            let (observed, tolerance) = match point.setting {
                Setting::SupplyTemperature => (Observed::SupplyTemperature, TEMPERATURE_K),
                Setting::Heat => (Observed::Heat, (HEAT_SHARE * point.value.abs()).max(30_000.0)),
                _ => continue,
            };
            let (element, before) = (point.element.clone(), point.from.unwrap_or(0.0));
            watched.push(Watched { element, observed, before, predicted: point.value, tolerance, at: point.at });
        }
        let plan = PLAN.to_owned();
        Ok(Planned { plan, set_points, watched })
    }
}

/// What plans of the dispatch are called in the book.
const PLAN: &str = "dispatch";

impl DispatchPlanner {
    fn request(&self, from: &PlanFrom) -> Request {
        let start_s = from.now.seconds() + 60.0 * f64::from(CHINA_OFFSET_MIN);
        let steps = (self.hours * 3600.0 / STEP_S).round().clamp(1.0, 480.0) as usize;
        let now_c = from.network.settings().outdoor_temperature_c;
        let heat_w = |view: crate::network::LinkView<'_>| match view.consumer() {
            Some(consumer) if !consumer.shut => match consumer.demand {
                Demand::Heat { heat_w } => heat_w,
                Demand::MassFlow { .. } => 0.0,
            },
            _ => 0.0,
        };
        let present_w: f64 = from.network.links().map(heat_w).sum();
        let outdoor_c: Vec<f64> = (0..steps)
            .map(|step| {
                let at_s = start_s + step as f64 * STEP_S;
                let known = self.weather.as_ref().filter(|series| series.covers(at_s));
                known.map_or(now_c, |series| series.mean(at_s, STEP_S).temperature_c)
            })
            .collect();
        let first_c = outdoor_c.first().copied().unwrap_or(now_c);
        let load_w = outdoor_c
            .iter()
            .map(|outdoor_c| {
                let share = (HEATING_LIMIT_C - outdoor_c) / (HEATING_LIMIT_C - first_c);
                present_w * if share.is_finite() { share.clamp(0.0, 3.0) } else { 1.0 }
            })
            .collect();
        Request {
            terms: self.terms.clone(),
            load_w,
            outdoor_c,
            step_s: STEP_S,
            start_calendar_s: start_s,
            effort: Effort::default(),
            verify: true,
        }
    }
}

/// What a source does now.
fn present(from: &PlanFrom, element: &ElementRef, setting: Setting) -> Option<f64> {
    let (observed, quantity) = (setting.effect(), setting.quantity());
    let seen = observed.and_then(|observed| reading_of(&from.network, &from.estimate, element, observed, quantity));
    seen.or_else(|| value_of(&from.network, element, setting))
}
