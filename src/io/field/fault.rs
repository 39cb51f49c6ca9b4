//! What can be made to go wrong in the field, and how it is written: `KIND:TARGET[:VALUE][@STARTs[..ENDs]]`.
//!
//! Times are seconds of the field's own clock. Faults of instruments change what a register says, faults of devices how they
//! talk, faults of the plant what is true.

use std::fmt;
use std::str::FromStr;

use crate::io::modbus::value::WordOrder;

/// Something that goes wrong, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub kind: FaultKind,
    /// Tag, device or element.
    pub target: String,
    /// Place along a pipe, 0…1, for a leak.
    pub position: f64,
    pub from_s: f64,
    /// `None`: for good.
    pub until_s: Option<f64>,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// A tag keeps the value it has.
    Stuck,
    /// A tag leaves the truth by so much an hour, in its register's unit.
    Drift(f64),
    /// A tag is wrong by so much, in its register's unit.
    Bias(f64),
    /// A tag shows a single value wrong by so much, in its register's unit, at one showing in twenty on average.
    Spikes(f64),
    /// Noise so many times as strong.
    Noise(f64),
    /// A tag that counts in floating point says that it is no number; others show their greatest value.
    NotANumber,
    /// A tag, or all of a device, comes in another order of words.
    Order(WordOrder),
    /// An alarm contact, fault or state is 1.
    Contact,
    /// Supply and return of a device have changed places (T1 and T2, P1 and P2).
    Swapped,
    /// A device refuses connections.
    Dead,
    /// A device takes connections and answers nothing.
    Silent,
    /// A device closes the connection at every request.
    Drops,
    /// A device answers so many milliseconds late.
    Slow(u32),
    /// A device answers every request with this Modbus exception.
    Exception(u8),
    /// A device answers every request with transaction identifier 0.
    ZeroTransaction,
    /// A device answers with fewer registers than were asked for.
    Short,
    /// A pipe loses this share of what circulates.
    Leak(f64),
    /// A valve is shut where it stands.
    Shut,
    /// A source or pump stops.
    Trip,
}

/// Text that is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{text}”: {reason}; write KIND:TARGET[:VALUE][@STARTs[..ENDs]], like stuck:ST012.T1@60s, with KIND one of {KINDS}"
)]
pub struct NotAFault {
    pub text: String,
    pub reason: &'static str,
}

/// The words of all kinds.
pub const KINDS: &str = "stuck, drift, bias, spikes, noise, nan, order, contact, swapped, dead, silent, drops, slow, \
                         exception, busy, zero-transaction, short, leak, shut, trip";

impl Fault {
    /// A fault that is there from the start and for good.
    pub fn new(kind: FaultKind, target: impl Into<String>) -> Fault {
        Fault { kind, target: target.into(), position: 0.5, from_s: 0.0, until_s: None }
    }

    /// The same from a time on.
    pub fn since(mut self, from_s: f64) -> Fault {
        self.from_s = from_s;
        self
    }

    /// Whether it is there at a time.
    pub fn holds(&self, time_s: f64) -> bool {
        time_s >= self.from_s && self.until_s.is_none_or(|until_s| time_s < until_s)
    }
}

impl FaultKind {
    /// Whether it changes what is true, not only what is told.
    pub const fn is_of_plant(self) -> bool {
        matches!(self, FaultKind::Leak(_) | FaultKind::Shut | FaultKind::Trip)
    }

    /// Whether it is one of how a device talks.
    pub const fn is_of_device(self) -> bool {
        matches!(
            self,
            FaultKind::Dead
                | FaultKind::Silent
                | FaultKind::Drops
                | FaultKind::Slow(_)
                | FaultKind::Exception(_)
                | FaultKind::ZeroTransaction
                | FaultKind::Short
        )
    }

    const fn word(self) -> &'static str {
        match self {
            FaultKind::Stuck => "stuck",
            FaultKind::Drift(_) => "drift",
            FaultKind::Bias(_) => "bias",
            FaultKind::Spikes(_) => "spikes",
            FaultKind::Noise(_) => "noise",
            FaultKind::NotANumber => "nan",
            FaultKind::Order(_) => "order",
            FaultKind::Contact => "contact",
            FaultKind::Swapped => "swapped",
            FaultKind::Dead => "dead",
            FaultKind::Silent => "silent",
            FaultKind::Drops => "drops",
            FaultKind::Slow(_) => "slow",
            FaultKind::Exception(_) => "exception",
            FaultKind::ZeroTransaction => "zero-transaction",
            FaultKind::Short => "short",
            FaultKind::Leak(_) => "leak",
            FaultKind::Shut => "shut",
            FaultKind::Trip => "trip",
        }
    }
}

impl FromStr for Fault {
    type Err = NotAFault;

    fn from_str(text: &str) -> Result<Fault, NotAFault> {
        let refuse = |reason| NotAFault { text: text.to_owned(), reason };
        let (what, when) = match text.rsplit_once('@') {
            Some((what, when)) if when.ends_with('s') => (what, Some(when)),
            _ => (text, None),
        };
        let (word, rest) = what.split_once(':').ok_or_else(|| refuse("no kind and target"))?;
        let (target, value) = match rest.split_once(':') {
            Some((target, value)) => (target, Some(value)),
            None => (rest, None),
        };
        let number = |ends: &str| {
            let value = value.ok_or_else(|| refuse("this kind needs a value"))?;
            let value = value.strip_suffix(ends).unwrap_or(value).trim();
            value
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .ok_or_else(|| refuse("the value is no number"))
        };
        let kind = match word {
            "stuck" => FaultKind::Stuck,
            "drift" => FaultKind::Drift(number("/h")?),
            "bias" => FaultKind::Bias(number("")?),
            "spikes" => FaultKind::Spikes(number("")?),
            "noise" => FaultKind::Noise(number("")?),
            "nan" => FaultKind::NotANumber,
            "order" => FaultKind::Order(
                value.and_then(WordOrder::named).ok_or_else(|| refuse("the order is ABCD, CDAB, BADC or DCBA"))?,
            ),
            "contact" => FaultKind::Contact,
            "swapped" => FaultKind::Swapped,
            "dead" => FaultKind::Dead,
            "silent" => FaultKind::Silent,
            "drops" => FaultKind::Drops,
            "slow" => match number("ms")? {
                ms if (0.0..=60_000.0).contains(&ms) => FaultKind::Slow(ms as u32),
                _ => return Err(refuse("between 0 and 60000 ms")),
            },
            "exception" => match number("")? {
                code if (1.0..=255.0).contains(&code) => FaultKind::Exception(code as u8),
                _ => return Err(refuse("exception codes are 1 to 255")),
            },
            "busy" => FaultKind::Exception(super::image::BUSY),
            "zero-transaction" => FaultKind::ZeroTransaction,
            "short" => FaultKind::Short,
            "leak" => match number("%")? / 100.0 {
                share if share > 0.0 && share <= 1.0 => FaultKind::Leak(share),
                _ => return Err(refuse("a leak loses more than 0 % and at most 100 %")),
            },
            "shut" => FaultKind::Shut,
            "trip" => FaultKind::Trip,
            _ => return Err(refuse("unknown kind")),
        };
        let (target, position) = match target.split_once('@') {
            Some((target, at)) if matches!(kind, FaultKind::Leak(_)) => {
                let position = at.parse().ok().filter(|at| (0.0..=1.0).contains(at));
                (target, position.ok_or_else(|| refuse("the place along a pipe is between 0 and 1"))?)
            }
            _ => (target, 0.5),
        };
        if target.is_empty() {
            return Err(refuse("no target"));
        }
        let mut fault = Fault { position, ..Fault::new(kind, target) };
        if let Some(when) = when {
            let seconds = |text: &str| {
                let number = text.strip_suffix('s').and_then(|text| text.parse::<f64>().ok());
                number.filter(|s| s.is_finite() && *s >= 0.0).ok_or_else(|| refuse("times are like 60s or 60s..300s"))
            };
            match when.split_once("..") {
                Some((from, until)) => (fault.from_s, fault.until_s) = (seconds(from)?, Some(seconds(until)?)),
                None => fault.from_s = seconds(when)?,
            }
        }
        Ok(fault)
    }
}

/// As it is read.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.target)?;
        match self.kind {
            FaultKind::Drift(value) | FaultKind::Bias(value) | FaultKind::Spikes(value) | FaultKind::Noise(value) => {
                write!(f, ":{value}")?;
            }
            FaultKind::Order(order) => write!(f, ":{}", order.word())?,
            FaultKind::Slow(ms) => write!(f, ":{ms}")?,
            FaultKind::Exception(code) => write!(f, ":{code}")?,
            FaultKind::Leak(share) => write!(f, "@{}:{}%", self.position, 100.0 * share)?,
            _ => {}
        }
        match (self.from_s, self.until_s) {
            (0.0, None) => Ok(()),
            (from_s, None) => write!(f, "@{from_s}s"),
            (from_s, Some(until_s)) => write!(f, "@{from_s}s..{until_s}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_written_alike() {
        for text in [
            "stuck:ST012.T1@60s",
            "drift:ST012.T1:0.5",
            "bias:ST012.P1:-0.02@5s..10s",
            "spikes:HS01.F:300",
            "noise:CH01.P1:5",
            "nan:ST001.Q",
            "order:ST001:CDAB",
            "contact:ST003.AL.WATER@30s",
            "swapped:ST004",
            "dead:ST007",
            "silent:ST008",
            "drops:ST009",
            "slow:ST010:400",
            "exception:ST011:4",
            "zero-transaction:ST012",
            "short:ST013",
            "leak:PS0057@0.25:2%@300s",
            "shut:VS0001@10s..20s",
            "trip:HS02",
        ] {
            let fault: Fault = text.parse().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(fault.to_string(), text);
            assert!(KINDS.contains(fault.kind.word()));
        }
        let leak: Fault = "leak:PS0057@0.25:2%@300s".parse().unwrap();
        assert_eq!((leak.kind, leak.position, leak.from_s), (FaultKind::Leak(0.02), 0.25, 300.0));
        assert!(!leak.holds(299.0) && leak.holds(300.0) && leak.holds(1e9));
        let shut: Fault = "shut:V@10s..20s".parse().unwrap();
        assert!(shut.holds(10.0) && !shut.holds(20.0));
        assert_eq!("busy:X".parse::<Fault>().unwrap().kind, FaultKind::Exception(6));
        assert_eq!("drift:X:0.5/h".parse::<Fault>().unwrap().kind, FaultKind::Drift(0.5));
    }

    #[test]
    fn what_is_no_fault_says_how_to_write_one() {
        for text in [
            "",
            "stuck",
            "stuck:",
            "melt:X",
            "drift:X",
            "bias:X:much",
            "leak:P:0%",
            "leak:P@2:1%",
            "order:X:AB",
            "slow:X:1e9",
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains("KIND:TARGET"), "{error}");
        }
        assert!("stuck:X@-3s".parse::<Fault>().is_err());
    }
}
