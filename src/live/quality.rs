//! How far a value can be believed, after the three classes of OPC UA part 8 and IEC 62541: good, uncertain, bad.

use serde::{Deserialize, Serialize};

/// How far a value can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Quality {
    /// Nothing speaks against it.
    Good,
    /// A number came, but something speaks against it.
    Uncertain(Doubt),
    /// No number that may be used.
    Bad(Fault),
}

/// What speaks against a value that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Doubt {
    /// Faster than the quantity can change.
    RateOfChange,
    /// A single value far from its neighbours in time.
    Spike,
    /// Not one digit has moved for longer than noise allows.
    Stuck,
    /// Slowly leaves what its redundant neighbours say.
    Drift,
    /// Contradicts a balance or another instrument.
    Inconsistent,
    /// The model with all other measurements contradicts it.
    DeviatesFromModel,
    /// Older than two periods.
    Stale,
    /// Put in by hand or by the program in place of a measurement.
    Substituted,
    /// Its time stamp lies ahead of the clock or behind a later one.
    Clock,
}

/// Why there is no usable number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// Nothing has come yet.
    NeverRead,
    /// The device does not answer.
    Communication,
    /// The device answers that it cannot (a Modbus exception).
    DeviceException,
    /// Outside what the instrument can show.
    OutOfRange,
    /// Not a number, infinite, or no valid coding.
    NotANumber,
    /// The device itself marks it as faulty.
    DeviceFault,
    /// Read less often than once in the time after which it is worth nothing.
    TooOld,
    /// Taken out of service by a person.
    OutOfService,
}

impl Quality {
    /// Whether nothing speaks against the value.
    pub const fn is_good(self) -> bool {
        matches!(self, Quality::Good)
    }

    /// Whether a number came that a careful reader may look at: good or uncertain.
    pub const fn is_usable(self) -> bool {
        !matches!(self, Quality::Bad(_))
    }

    /// Whether it says that the device is silent: any other sample, a refusal too, proves that it answered.
    pub const fn is_silence(self) -> bool {
        matches!(
            self,
            Quality::Bad(Fault::Communication | Fault::NeverRead | Fault::TooOld) | Quality::Uncertain(Doubt::Stale)
        )
    }

    /// The worse of two: bad before uncertain before good; of two alike the first.
    pub const fn and(self, other: Quality) -> Quality {
        match (self, other) {
            (Quality::Bad(_), _) => self,
            (_, Quality::Bad(_)) => other,
            (Quality::Uncertain(_), _) => self,
            _ => other,
        }
    }

    /// One byte for storage; a stored byte means the same for ever, so numbers are only ever added.
    pub const fn code(self) -> u8 {
        match self {
            Quality::Good => 0,
            Quality::Uncertain(doubt) => 64 + doubt as u8,
            Quality::Bad(fault) => 128 + fault as u8,
        }
    }

    /// The quality a stored byte means; `None` for a byte no version wrote.
    pub fn of_code(code: u8) -> Option<Quality> {
        match code {
            0 => Some(Quality::Good),
            64..128 => Doubt::ALL.get(usize::from(code - 64)).map(|&doubt| Quality::Uncertain(doubt)),
            128.. => Fault::ALL.get(usize::from(code - 128)).map(|&fault| Quality::Bad(fault)),
            _ => None,
        }
    }

    /// Key of its name in the translation files: `quality-good`, `quality-stuck`, `quality-communication` …
    pub const fn key(self) -> &'static str {
        match self {
            Quality::Good => "quality-good",
            Quality::Uncertain(doubt) => doubt.key(),
            Quality::Bad(fault) => fault.key(),
        }
    }
}

impl Doubt {
    /// Every doubt, in the order of their codes.
    pub const ALL: [Doubt; 9] = [
        Doubt::RateOfChange,
        Doubt::Spike,
        Doubt::Stuck,
        Doubt::Drift,
        Doubt::Inconsistent,
        Doubt::DeviatesFromModel,
        Doubt::Stale,
        Doubt::Substituted,
        Doubt::Clock,
    ];

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Doubt::RateOfChange => "quality-rate-of-change",
            Doubt::Spike => "quality-spike",
            Doubt::Stuck => "quality-stuck",
            Doubt::Drift => "quality-drift",
            Doubt::Inconsistent => "quality-inconsistent",
            Doubt::DeviatesFromModel => "quality-deviates-from-model",
            Doubt::Stale => "quality-stale",
            Doubt::Substituted => "quality-substituted",
            Doubt::Clock => "quality-clock",
        }
    }
}

impl Fault {
    /// Every fault, in the order of their codes.
    pub const ALL: [Fault; 8] = [
        Fault::NeverRead,
        Fault::Communication,
        Fault::DeviceException,
        Fault::OutOfRange,
        Fault::NotANumber,
        Fault::DeviceFault,
        Fault::TooOld,
        Fault::OutOfService,
    ];

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Fault::NeverRead => "quality-never-read",
            Fault::Communication => "quality-communication",
            Fault::DeviceException => "quality-device-exception",
            Fault::OutOfRange => "quality-out-of-range",
            Fault::NotANumber => "quality-not-a-number",
            Fault::DeviceFault => "quality-device-fault",
            Fault::TooOld => "quality-too-old",
            Fault::OutOfService => "quality-out-of-service",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code that changed its meaning would turn every stored winter into another one.
    #[test]
    fn codes_come_back_and_never_change() {
        let mut every = vec![Quality::Good];
        every.extend(Doubt::ALL.map(Quality::Uncertain));
        every.extend(Fault::ALL.map(Quality::Bad));
        for quality in every {
            assert_eq!(Quality::of_code(quality.code()), Some(quality));
        }
        assert_eq!(Quality::Uncertain(Doubt::Clock).code(), 72);
        assert_eq!(Quality::Bad(Fault::OutOfService).code(), 135);
        assert_eq!([1, 63, 73, 127, 136, 255].map(Quality::of_code), [None; 6]);
    }

    #[test]
    fn the_worse_wins() {
        let doubt = Quality::Uncertain(Doubt::Spike);
        let fault = Quality::Bad(Fault::Communication);
        assert_eq!(Quality::Good.and(doubt), doubt);
        assert_eq!(doubt.and(fault), fault);
        assert_eq!(fault.and(Quality::Good), fault);
        assert_eq!(doubt.and(Quality::Uncertain(Doubt::Stale)), doubt);
    }
}
