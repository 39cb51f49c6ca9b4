//! `write`: one set point, by the guarded way of the window and with the same engine: sign in, switch on, arm, select, show,
//! ask, operate, read back. The password comes from standard input, never from the command line.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{books, load, user};
use crate::cli::args::Write;
use crate::cli::{Failure, Printer};
use crate::io::modbus::map::{DeviceMap, Point};
use crate::live::TagId;
use crate::live::access::Secret;
use crate::live::control::Selection;
use crate::network::Network;
use crate::session::Message;
use crate::session::live::engine::Engine;
use crate::session::live::{Connect, ControlCommand, ControlDesk, End, LiveNews, LiveOrder, LiveSource, Picture, Told};

/// Time between two looks at what has come.
const LOOK: Duration = Duration::from_millis(50);
/// Longest wait for one step: a device that is slow to answer, a password that is slow to check.
const STEP: Duration = Duration::from_secs(30);

pub fn run(given: &Write, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let map = DeviceMap::read(&given.map).map_err(|error| printer.refusal(&error))?;
    let point = map.points.iter().find(|point| *point.tag == *given.tag);
    let Some(point) = point.filter(|point| point.write.is_some()).cloned() else {
        return Err(Failure::input(texts.with("write-no-permit", &[("tag", given.tag.clone().into())])));
    };
    let Some(books) = books(given.users.as_ref(), given.audit.as_ref(), printer)? else {
        return Err(Failure::input(texts.get("control-off-no-users")));
    };
    let network = match &given.network {
        Some(path) => load(path, printer)?,
        None => Network::new(),
    };
    let password = Secret::new(user::password(printer)?);
    // No other devices are read.
    let map = Arc::new(only(&map, &point));
    let source = LiveSource::Map { map, history: None };
    let mut engine = Engine::default();
    let nobody: crate::session::jobs::Waker = Arc::new(|| {});
    let asked = Connect {
        source,
        network: Arc::new(network),
        state: 0,
        books: Some(books),
        orders: None,
        planner: None,
        language: printer.language,
    };
    engine.connect(asked, &nobody);
    let mut steps = Steps { engine, printer, newest: None };
    let value = point.unit.to_si(given.value);
    let written = steps.write(given, value, password);
    steps.leave();
    let told = written?;
    let arguments = [("tag", given.tag.clone().into()), ("value", steps.number(&told).into())];
    printer.say(&texts.with("write-confirmed", &arguments));
    Ok(())
}

/// The devices of a tag and of what its interlocks look at.
fn only(map: &DeviceMap, tag: &Point) -> DeviceMap {
    let looked_at = |point: &&Point| tag.interlocks.iter().any(|interlock| interlock.tag == point.tag);
    let wanted: BTreeSet<&str> = map.points.iter().filter(looked_at).chain([tag]).map(|point| &*point.device).collect();
    DeviceMap {
        devices: map.devices.iter().filter(|device| wanted.contains(&*device.name)).cloned().collect(),
        points: map.points.iter().filter(|point| wanted.contains(&*point.device)).cloned().collect(),
    }
}

/// The engine, asked one step after the other.
struct Steps<'a> {
    engine: Engine,
    printer: &'a Printer,
    newest: Option<Arc<Picture>>,
}

impl Steps<'_> {
    fn write(&mut self, given: &Write, value: f64, password: Secret) -> Result<Told, Failure> {
        let texts = self.printer.language.texts();
        let tag = self.until("write-no-value", |picture| {
            let tag = picture.points.tags.id(&given.tag)?;
            let good = picture.latest.get(tag.index()).is_some_and(|latest| latest.quality.is_good());
            good.then_some(Ok(tag))
        })?;
        self.order(ControlCommand::SignIn { name: given.who.clone(), password });
        self.desk("write-no-answer", |desk| match (&desk.seat, &desk.denied, &desk.off) {
            (_, _, Some(off)) => Some(Err(off.clone())),
            (Some(_), _, None) => Some(Ok(())),
            (None, Some(denied), None) => Some(Err(denied.clone())),
            (None, None, None) => None,
        })?;
        self.order(ControlCommand::Switch(true));
        self.desk("write-no-answer", |desk| desk.on.then_some(Ok(())))?;
        self.order(ControlCommand::Arm);
        self.desk("write-no-answer", |desk| desk.seat.as_ref()?.armed_until.map(|_| Ok(())))?;
        self.order(ControlCommand::Select { tag, value });
        let selection = self.desk("write-no-answer", |desk| match (&desk.selection, desk.told.get(&tag)) {
            (Some(selection), _) => Some(Ok(selection.clone())),
            (None, Some(told)) => Some(Err(told.why.clone().unwrap_or(Message::new("write-no-answer")))),
            (None, None) => None,
        })?;
        self.show(tag, &selection);
        if !given.yes && !self.agreed()? {
            self.order(ControlCommand::Cancel);
            return Err(Failure::input(texts.get("write-taken-back")));
        }
        self.order(ControlCommand::Operate { number: selection.number });
        let told = self.desk("write-no-answer", |desk| desk.told.get(&tag).cloned().map(Ok))?;
        if told.end == End::Confirmed {
            return Ok(told);
        }
        let key = if told.end == End::Refused { "control-told-refused" } else { "control-told-not-confirmed" };
        let reason = told.why.as_ref().map_or_else(String::new, |why| why.text(self.printer.language));
        let value = self.number(&told);
        let arguments = [("value", value.into()), ("user", told.user.into()), ("reason", reason.into())];
        Err(Failure::input(texts.with(key, &arguments)))
    }

    /// Signs out, so that the log has it, and lets go of the device.
    fn leave(&mut self) {
        self.order(ControlCommand::SignOut);
        // Where even that fails, there is nothing left to be done about it.
        let _ = self.desk("write-no-answer", |desk| desk.seat.is_none().then_some(Ok(())));
        self.engine.leave();
    }

    fn order(&mut self, command: ControlCommand) {
        self.engine.order(LiveOrder::Control(command));
        // Whatever was seen so far was seen before it.
        self.newest = None;
    }

    fn desk<T>(
        &mut self,
        late: &'static str,
        look: impl Fn(&ControlDesk) -> Option<Result<T, Message>>,
    ) -> Result<T, Failure> {
        self.until(late, |picture| look(&picture.control))
    }

    /// Looks at pictures until one has an answer; what the engine refuses meanwhile ends the waiting.
    fn until<T>(
        &mut self,
        late: &'static str,
        look: impl Fn(&Picture) -> Option<Result<T, Message>>,
    ) -> Result<T, Failure> {
        let said = |message: &Message| Failure::input(message.text(self.printer.language));
        let end = Instant::now() + STEP;
        loop {
            for news in self.engine.news() {
                match news {
                    LiveNews::Picture(picture) => self.newest = Some(picture),
                    LiveNews::Adopted(_) => {}
                    LiveNews::Trouble(message) | LiveNews::Fault(message) => return Err(said(&message)),
                }
            }
            if let Some(answer) = self.newest.as_deref().and_then(&look) {
                return answer.map_err(|message| said(&message));
            }
            if Instant::now() > end {
                return Err(said(&Message::new(late)));
            }
            std::thread::sleep(LOOK);
        }
    }

    fn show(&self, tag: TagId, selection: &Selection) {
        let texts = self.printer.language.texts();
        let Some(known) = self.newest.as_ref().and_then(|picture| picture.points.tags.get(tag)) else { return };
        let number = |si: f64| self.printer.units.text(known.quantity, si);
        let place = [("tag", known.name.to_string().into()), ("device", selection.device.to_string().into())];
        self.printer.say(&texts.with("control-selected", &place));
        let change = [("old", number(selection.old).into()), ("new", number(selection.new).into())];
        self.printer.say(&texts.with("control-change", &change));
        for told in &selection.predicted {
            let arguments = [
                ("what", told.what.clone().into()),
                ("before", told.before.clone().into()),
                ("after", told.after.clone().into()),
            ];
            self.printer.say(&texts.with("control-predicted", &arguments));
        }
        if selection.predicted.is_empty() {
            self.printer.say(&texts.get("control-not-predicted"));
        }
    }

    fn agreed(&self) -> Result<bool, Failure> {
        let texts = self.printer.language.texts();
        self.printer.say(&texts.get("write-ask"));
        Ok(["yes", "是"].contains(&user::input_line()?.trim()))
    }

    fn number(&self, told: &Told) -> String {
        let quantity = self.newest.as_ref().and_then(|picture| {
            let of = |(tag, other): (&TagId, &Told)| (other == told).then_some(*tag);
            picture.points.tags.get(picture.control.told.iter().find_map(of)?).map(|tag| tag.quantity)
        });
        quantity.map_or_else(|| told.value.to_string(), |quantity| self.printer.units.text(quantity, told.value))
    }
}
