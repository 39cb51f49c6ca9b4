//! `orders`: list a log of dispatch orders, verify it on the way, and enter what a crew, station or plant does about them.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::line;
use super::table::columns;
use crate::cli::args::{Orders as Given, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io::orders::OrderLog;
use crate::live::Timestamp;
use crate::live::order::{Book, Entry, Event, How, Order};
use crate::network::finding::element_text;

pub fn run(given: &Given, printer: &Printer) -> Result<(), Failure> {
    let mut log = OrderLog::open(&given.log).map_err(|error| printer.refusal(&error))?;
    let entered = enter(given, &mut log, printer)?;
    let data = match given.format {
        TextOrJson::Text => text(given, &log, printer),
        TextOrJson::Json => format!("{:#}\n", answer(given, &log, printer)),
    };
    printer.data(None, data.as_bytes())?;
    if entered {
        return Ok(());
    }
    // A log with lines that do not count is not as it should be.
    for problem in log.problems() {
        printer.error(&problem.text(printer.language));
    }
    if log.problems().next().is_none() { Ok(()) } else { Err(Failure::Input(None)) }
}

/// Enters what was asked for; whether anything was.
fn enter(given: &Given, log: &mut OrderLog, printer: &Printer) -> Result<bool, Failure> {
    let why = || given.why.clone();
    let events: Vec<Event> = [
        given.receive.iter().map(|&order| Event::Receive { order }).collect::<Vec<_>>(),
        given.confirm.iter().map(|&order| Event::Confirm { order }).collect(),
        given.refuse.iter().map(|&order| Event::Refuse { order, why: why() }).collect(),
        given.done.iter().map(|&order| Event::Execute { order, how: How::Reported, value: None }).collect(),
        given.failed.iter().map(|&order| Event::Fail { order, why: why() }).collect(),
    ]
    .concat();
    if events.is_empty() {
        return Ok(false);
    }
    let who = given.who.trim();
    if who.is_empty() {
        return Err(Failure::input(printer.language.texts().get("orders-no-name")));
    }
    for event in events {
        // One after the other: an order may be received and confirmed in one call.
        let entry = Entry { at: Timestamp::from(SystemTime::now()), who: who.to_owned(), event };
        log.add(entry).map_err(|error| printer.refusal(&error))?;
    }
    Ok(true)
}

fn chosen<'a>(given: &'a Given, log: &'a OrderLog) -> impl Iterator<Item = (&'a Book, Vec<&'a Order>)> + 'a {
    let orders = log.orders();
    let books = orders.books().filter(|book| given.book.is_none_or(|number| number == book.number));
    books.map(move |book| {
        let own = orders.of_book(book).filter(|order| !given.open || order.state.is_open());
        (book, own.collect())
    })
}

fn text(given: &Given, log: &OrderLog, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let heads: Vec<String> =
        ["order-number", "order-element", "order-what", "order-value", "order-due", "order-state", "order-last"]
            .map(|key| texts.get(key).into_owned())
            .into();
    let right = [true, false, false, true, false, false, false];
    let mut out = String::new();
    for (book, own) in chosen(given, log).filter(|(_, own)| !own.is_empty() || !given.open) {
        let arguments = [
            ("book", book.number.to_string().into()),
            ("plan", book.plan.clone().into()),
            ("who", book.issued_by.clone().into()),
            ("time", clock(book.issued_at).into()),
        ];
        line(&mut out, format_args!("{}", texts.with("orders-book", &arguments)));
        let row = |order: &&Order| {
            let point = &order.set_point;
            let shown = |value: f64| match (point.setting.is_state(), value >= 0.5) {
                (true, true) => texts.get("setting-yes").into_owned(),
                (true, false) => texts.get("setting-no").into_owned(),
                (false, _) => printer.units.text(point.setting.quantity(), value),
            };
            let value = match point.from {
                Some(from) => format!("{} → {}", shown(from), shown(point.value)),
                None => shown(point.value),
            };
            let mut state = texts.get(order.state.key()).into_owned();
            if order.overdue && order.state.is_open() {
                state = format!("{state}, {}", texts.get("order-overdue"));
            }
            let last = order.deeds.last().map_or_else(String::new, |deed| {
                let why =
                    if deed.why.is_empty() { String::new() } else { format!(": {}", deed.why.replace('\n', " ")) };
                format!("{} {}{why}", clock(deed.at), deed.who)
            });
            vec![
                order.number.to_string(),
                element_text(&point.element, printer.language),
                texts.get(point.setting.key()).into_owned(),
                value,
                clock(point.at),
                state,
                last,
            ]
        };
        let rows: Vec<Vec<String>> = own.iter().map(row).collect();
        out.push_str(&columns(&heads, &rows, &right));
        out.push('\n');
    }
    out
}

/// Date and time of day where this machine stands, to the second.
fn clock(time: Timestamp) -> String {
    let text = time.local_text();
    text.split_once('.').map_or(text.clone(), |(whole, _)| whole.to_owned())
}

fn answer(given: &Given, log: &OrderLog, printer: &Printer) -> Value {
    let (mut books, mut orders) = (Vec::new(), Vec::new());
    for (book, own) in chosen(given, log) {
        books.push(json!({
            "book": book.number,
            "plan": book.plan,
            "issued_by": book.issued_by,
            "issued_at": book.issued_at.to_string(),
            "first_order": book.orders.0,
            "last_order": book.orders.1,
            "watched": book.watched,
        }));
        for order in own {
            let deeds: Vec<Value> = order
                .deeds
                .iter()
                .map(|deed| {
                    json!({
                        "at": deed.at.to_string(),
                        "who": deed.who,
                        "what": deed.word,
                        "state": deed.state,
                        "why": deed.why,
                    })
                })
                .collect();
            let point = &order.set_point;
            orders.push(json!({
                "order": order.number,
                "book": order.book,
                "element": point.element,
                "setting": point.setting,
                "value_si": point.value,
                "from_si": point.from,
                "due": point.at.to_string(),
                "why": point.why,
                "state": order.state,
                "overdue": order.overdue,
                "how": order.how,
                "read_si": order.value,
                "verdict": order.verdict,
                "deeds": deeds,
            }));
        }
    }
    let problems: Vec<String> = log.problems().map(|problem| problem.text(printer.language)).collect();
    json!({ "books": books, "orders": orders, "problems": problems })
}
