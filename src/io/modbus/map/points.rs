//! The tables of points of a device map.
//!
//! One row a point, in the words and units of the device's manual; limits and ranges stand in the point's own unit. Every
//! problem names the line, the device and the register.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::super::value::{DataType, KNOWN_TYPES, WordOrder};
use super::units::to_si;
use super::{Device, Point, Table, WriteInterlock, WritePermit, units};
use crate::io::file::place;
use crate::io::sheet::{Column, Sheet, SheetRow};
use crate::io::{IoError, Problem};
use crate::live::{Limits, Observed, Range};
use crate::network::{ElementKind, ElementRef};
use crate::units::Unit;

/// Columns and what else their headers may say.
pub(super) const COLUMNS: &[Column] = &[
    ("tag", &["标签", "点名"]),
    ("device", &["设备"]),
    ("table", &["区", "寄存器区"]),
    ("register", &["寄存器", "地址"]),
    ("type", &["类型", "数据类型"]),
    ("order", &["字节序"]),
    ("scale", &["系数", "倍率"]),
    ("offset", &["偏移"]),
    ("unit", &["单位"]),
    ("observed", &["参数", "量"]),
    ("element", &["元件"]),
    ("high_high", &["高高限"]),
    ("high", &["高限"]),
    ("low", &["低限"]),
    ("low_low", &["低低限"]),
    ("least", &["量程下限"]),
    ("most", &["量程上限"]),
    ("deviation", &["标准差"]),
    ("period_s", &["周期"]),
    ("write_least", &["写下限"]),
    ("write_most", &["写上限"]),
    ("write_step", &["写步长"]),
    ("write_interval_s", &["写间隔"]),
    ("write_while", &["写联锁"]),
    ("alone", &["单独读"]),
    ("note", &["备注"]),
];
const REQUIRED: &[&str] = &["tag", "device", "register", "type"];
/// Beyond this a number of a manual is a typing error.
const LARGEST: f64 = 1e15;
const USUAL_PERIOD_S: f64 = 10.0;

/// Points as read, each with its place for what is found wrong later.
#[derive(Default)]
pub(super) struct Rows {
    points: Vec<Point>,
    places: Vec<(PathBuf, usize)>,
    by_tag: BTreeMap<Arc<str>, usize>,
}

type Parsed<T> = Result<T, Box<Problem>>;

impl Rows {
    pub fn into_points(self) -> Vec<Point> {
        self.points
    }

    /// Reads one table.
    pub fn read(&mut self, file: &Path, devices: &[Device], error: &mut IoError) {
        let sheet = match Sheet::read(file, COLUMNS, REQUIRED) {
            Ok(sheet) => sheet,
            Err(found) => return found.problems.into_iter().for_each(|problem| error.push(problem)),
        };
        sheet.refuse_unknown(error);
        let by_name: BTreeMap<&str, &Device> = devices.iter().map(|device| (&*device.name, device)).collect();
        for row in sheet.rows() {
            match point(&row, &by_name) {
                Ok(point) => self.add(point, &row, error),
                Err(problem) => error.push(*problem),
            }
        }
    }

    fn add(&mut self, point: Point, row: &SheetRow<'_>, error: &mut IoError) {
        if let Some(first) = self.by_tag.get(&point.tag) {
            let (file, line) = &self.places[*first];
            let problem = row.problem("io-modbus-tag-twice").with("tag", &point.tag);
            error.push(problem.with("file", file.display()).with("line", line));
            return;
        }
        self.by_tag.insert(point.tag.clone(), self.points.len());
        self.points.push(point);
        self.places.push((row.file().to_owned(), row.line));
    }

    /// Interlocks name points that may stand in rows, and tables, further down; their bounds are in the units of those.
    pub fn resolve_interlocks(&mut self, error: &mut IoError) {
        for at in 0..self.points.len() {
            for which in 0..self.points[at].interlocks.len() {
                let interlock = &self.points[at].interlocks[which];
                let Some(&other) = self.by_tag.get(&interlock.tag) else {
                    let (file, line) = &self.places[at];
                    let problem = Problem::new(file, "io-modbus-interlock-unknown").line(*line);
                    error.push(problem.subject(subject(&self.points[at])).with("tag", &interlock.tag));
                    continue;
                };
                let unit = self.points[other].unit;
                let interlock = &mut self.points[at].interlocks[which];
                (interlock.least, interlock.most) = (to_si(unit, interlock.least), to_si(unit, interlock.most));
            }
        }
    }

    /// A point that is read alone shares no register with another.
    pub fn check_alone(&self, error: &mut IoError) {
        // Sorted by place, neighbours tell: only points of one device and table can meet.
        let mut order: Vec<usize> = (0..self.points.len()).collect();
        let key = |&at: &usize| (&self.points[at].device, self.points[at].table, self.points[at].register, at);
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        for (rank, &first) in order.iter().enumerate() {
            let a = &self.points[first];
            let end = u32::from(a.register) + u32::from(a.width());
            let meets = |b: &Point| b.device == a.device && b.table == a.table && u32::from(b.register) < end;
            for &second in order[rank + 1..].iter().take_while(|&&at| meets(&self.points[at])) {
                let b = &self.points[second];
                if a.alone || b.alone {
                    let (file, line) = &self.places[second];
                    let problem = Problem::new(file, "io-modbus-alone").line(*line).subject(subject(b));
                    error.push(problem.with("tag", &b.tag).with("other", &a.tag));
                }
            }
        }
    }
}

/// What a problem is about: device, table and register as on the wire.
fn subject(point: &Point) -> String {
    format!("{} {} {}", point.device, point.table.word(), point.register)
}

fn point(row: &SheetRow<'_>, devices: &BTreeMap<&str, &Device>) -> Parsed<Point> {
    let name = row.required("device")?;
    let Some(device) = devices.get(name) else {
        return Err(Box::new(match place::nearest(name, devices.keys().copied()) {
            Some(meant) => row.problem("io-modbus-no-device-meant").with("device", name).with("meant", meant),
            None => row.problem("io-modbus-no-device").with("device", name),
        }));
    };
    let about = |text: &str| format!("{name} {text}");
    inner(row, device).map_err(|problem| {
        if problem.subject.is_some() {
            return problem;
        }
        let place = [row.text("table"), row.text("register")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Box::new(problem.subject(about(&place).trim_end().to_owned()))
    })
}

fn inner(row: &SheetRow<'_>, device: &Device) -> Parsed<Point> {
    let kind = kind(row)?;
    let table = table(row, kind)?;
    let mut point = Point::new(row.required("tag")?, device.name.clone(), register(row, device)?, kind);
    point.table = table;
    check_place(row, device, &point)?;
    point.order = match row.text("order") {
        None => WordOrder::Abcd,
        Some(text) => WordOrder::named(text)
            .ok_or_else(|| unknown(row, "order", text, &WordOrder::ALL.map(WordOrder::word).join(", ")))?,
    };
    if matches!(kind, DataType::Text(_)) && point.order.low_word_first() {
        return Err(unknown(row, "order", point.order.word(), "ABCD, BADC"));
    }
    point.scale = number(row, "scale")?.unwrap_or(1.0);
    if point.scale == 0.0 {
        return Err(Box::new(row.problem("io-modbus-scale")));
    }
    point.offset = number(row, "offset")?.unwrap_or(0.0);
    point.observed = observed(row)?;
    let text = row.text("unit").unwrap_or("");
    (point.quantity, point.unit) = units::unit_named(point.observed, text).map_err(|known| {
        let problem = row.problem("io-modbus-unit").with("unit", text).with("observed", word_of(point.observed));
        Box::new(problem.with("known", if known.is_empty() { "–".to_owned() } else { known }))
    })?;
    point.element = element(row)?;
    let unit = point.unit;
    let level = |column| Parsed::Ok(number(row, column)?.map(|shown| to_si(unit, shown)));
    point.limits =
        Limits { high_high: level("high_high")?, high: level("high")?, low: level("low")?, low_low: level("low_low")? };
    check_limits(row)?;
    point.range = match (level("least")?, level("most")?) {
        (None, None) => None,
        (Some(least), Some(most)) if least < most => Some(Range { least, most }),
        _ => return Err(Box::new(row.problem("io-modbus-range").with("low", "least").with("high", "most"))),
    };
    // Differences know no offset.
    let step = Unit { offset: 0.0, ..unit };
    point.deviation_si = row.number("deviation", 0.0, LARGEST)?.map(|shown| to_si(step, shown));
    let period_s = row.number("period_s", 0.1, 86_400.0)?.unwrap_or(USUAL_PERIOD_S);
    // A day in milliseconds fits 32 bits.
    point.period_ms = (period_s * 1e3).round() as u32;
    point.write = write(row, &point)?;
    point.interlocks = interlocks(row, &point)?;
    point.alone = match row.text("alone").map(str::to_lowercase).as_deref() {
        None | Some("no" | "false" | "0" | "否") => false,
        Some("yes" | "true" | "1" | "是") => true,
        Some(other) => return Err(unknown(row, "alone", other, "yes, no")),
    };
    Ok(point)
}

fn unknown(row: &SheetRow<'_>, field: &str, word: &str, known: &str) -> Box<Problem> {
    Box::new(row.problem("io-unknown-word").with("field", field).with("word", word).with("known", known))
}

fn number(row: &SheetRow<'_>, column: &'static str) -> Parsed<Option<f64>> {
    row.number(column, -LARGEST, LARGEST)
}

fn kind(row: &SheetRow<'_>) -> Parsed<DataType> {
    let text = row.required("type")?;
    text.parse().map_err(|_| unknown(row, "type", text, KNOWN_TYPES))
}

/// The table; where none is named, that of the type: coils for bits, holding registers for the rest.
fn table(row: &SheetRow<'_>, kind: DataType) -> Parsed<Table> {
    let table = match row.text("table") {
        None if kind == DataType::Bit => Table::Coil,
        None => Table::Holding,
        Some(text) => {
            Table::named(text).ok_or_else(|| unknown(row, "table", text, &Table::ALL.map(Table::word).join(", ")))?
        }
    };
    let key = match (table.is_bits(), kind) {
        (true, DataType::Bit) => return Ok(table),
        (true, _) => "io-modbus-type-of-bit",
        (false, DataType::Bit) => "io-modbus-bit-of-register",
        (false, _) => return Ok(table),
    };
    Err(Box::new(row.problem(key).with("table", table.word()).with("type", kind)))
}

/// The address on the wire: decimal or `0x…`, less one where the manual counts from 1.
fn register(row: &SheetRow<'_>, device: &Device) -> Parsed<u16> {
    let text = row.required("register")?;
    let number = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => text.parse::<u32>(),
    };
    let first = u32::from(device.counts_from_one);
    number.ok().and_then(|number| u16::try_from(number.checked_sub(first)?).ok()).ok_or_else(|| {
        let problem = row.problem("io-modbus-register").with("register", text);
        Box::new(problem.with("low", first).with("high", 65_535 + first))
    })
}

/// Whether the point fits the address space and what the device gives in one read.
fn check_place(row: &SheetRow<'_>, device: &Device, point: &Point) -> Parsed<()> {
    let end = u32::from(point.register) + u32::from(point.width());
    if end > 65_536 {
        let problem = row.problem("io-modbus-past-end").with("type", point.kind).with("register", point.register);
        return Err(Box::new(problem));
    }
    if !point.table.is_bits() && point.width() > device.most_registers {
        let problem = row.problem("io-modbus-too-wide").with("type", point.kind).with("registers", point.width());
        return Err(Box::new(problem.with("most", device.most_registers)));
    }
    Ok(())
}

fn observed(row: &SheetRow<'_>) -> Parsed<Observed> {
    let Some(text) = row.text("observed") else { return Ok(Observed::Other) };
    serde_json::from_value(Value::String(text.to_owned())).map_err(|reason| {
        let reason = reason.to_string();
        let known: Vec<&str> = reason.split('`').skip(3).step_by(2).collect();
        match place::nearest(text, known.iter().copied()) {
            Some(meant) => {
                let problem = row.problem("io-unknown-word-meant").with("field", "observed").with("word", text);
                Box::new(problem.with("meant", meant))
            }
            None => unknown(row, "observed", text, &known.join(", ")),
        }
    })
}

/// The word of the file.
pub(super) fn word_of(observed: Observed) -> String {
    // Its serialised form is a text by its attributes.
    serde_json::to_value(observed).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `consumer:CS0012`.
fn element(row: &SheetRow<'_>) -> Parsed<Option<ElementRef>> {
    let Some(text) = row.text("element") else { return Ok(None) };
    let known = || ElementKind::ALL.map(ElementKind::word).join(", ");
    let Some((word, id)) = text.split_once(':') else {
        return Err(Box::new(row.problem("io-modbus-element").with("element", text).with("known", known())));
    };
    let kind = ElementKind::ALL.into_iter().find(|kind| kind.word() == word.trim());
    kind.map(|kind| Some(ElementRef::new(kind, id.trim())))
        .ok_or_else(|| Box::new(row.problem("io-modbus-element").with("element", text).with("known", known())))
}

/// LL ≤ L ≤ H ≤ HH, as far as they are given.
fn check_limits(row: &SheetRow<'_>) -> Parsed<()> {
    let mut last: Option<(&'static str, f64)> = None;
    for column in ["low_low", "low", "high", "high_high"] {
        let Some(value) = number(row, column)? else { continue };
        if let Some((lower, least)) = last
            && value < least
        {
            return Err(Box::new(row.problem("io-modbus-range").with("low", lower).with("high", column)));
        }
        last = Some((column, value));
    }
    Ok(())
}

fn write(row: &SheetRow<'_>, point: &Point) -> Parsed<Option<WritePermit>> {
    let unit = point.unit;
    let bounds = (number(row, "write_least")?, number(row, "write_most")?);
    let step = row.number("write_step", f64::MIN_POSITIVE, LARGEST)?;
    let interval_s = row.number("write_interval_s", 0.0, 86_400.0)?;
    let (least, most) = match bounds {
        (None, None) if step.is_none() && interval_s.is_none() => return Ok(None),
        (Some(least), Some(most)) if least <= most => (to_si(unit, least), to_si(unit, most)),
        _ => {
            let problem = row.problem("io-modbus-range").with("low", "write_least").with("high", "write_most");
            return Err(Box::new(problem));
        }
    };
    if matches!(point.table, Table::Discrete | Table::Input) {
        return Err(Box::new(row.problem("io-modbus-read-only").with("table", point.table.word())));
    }
    if matches!(point.kind, DataType::BitOfWord(_) | DataType::Text(_)) {
        return Err(Box::new(row.problem("io-modbus-not-writable").with("type", point.kind)));
    }
    Ok(Some(WritePermit {
        least,
        most,
        most_step: step.map(|shown| to_si(Unit { offset: 0.0, ..unit }, shown)),
        least_interval_s: interval_s.unwrap_or(0.0),
    }))
}

/// `ST012.P1 0.3..1.0 & ST012.RUN 1..1`; bounds as written, in the units of those tags.
fn interlocks(row: &SheetRow<'_>, point: &Point) -> Parsed<Vec<WriteInterlock>> {
    let Some(text) = row.text("write_while") else { return Ok(Vec::new()) };
    let one = |part: &str| {
        let (tag, bounds) = part.trim().rsplit_once(char::is_whitespace)?;
        let (least, most) = bounds.split_once("..")?;
        let (least, most) = (least.parse::<f64>().ok()?, most.parse::<f64>().ok()?);
        let ordered = least.abs() <= LARGEST && most.abs() <= LARGEST && least <= most;
        ordered.then(|| WriteInterlock { tag: tag.trim().into(), least, most })
    };
    let all: Option<Vec<WriteInterlock>> = text.split('&').map(one).collect();
    all.filter(|_| point.write.is_some()).ok_or_else(|| Box::new(row.problem("io-modbus-interlock").with("text", text)))
}
