//! Why a value is doubted, with the numbers a person needs to judge.

use serde::{Deserialize, Serialize};

use crate::live::{Doubt, Fault, Quality, TagId, TagTable, Timestamp};
use crate::text::Language;
use crate::units::DisplayUnits;

/// What two or more instruments should tell alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Two instruments measure the same.
    Same,
    /// Available pressure is supply less return.
    Difference,
    /// Temperature difference is supply less return.
    Spread,
    /// Mass flow is volume flow times density.
    Density,
    /// Heat is flow times the difference of enthalpies (flow · ΔT).
    Heat,
    /// Supply is hotter than return.
    Hotter,
    /// Supply has more pressure than return.
    Above,
    /// Pressure falls along the supply: no point lies above the highest source.
    SupplyFalls,
    /// Pressure falls along the return: no point lies below the lowest source.
    ReturnFalls,
    /// Pressure falls along a pipe the way its water flows.
    Along,
    /// What flows into a node flows out of it.
    Node,
    /// What the sources give, the stations take.
    Network,
}

impl Check {
    /// Every check.
    pub const ALL: [Check; 12] = [
        Check::Same,
        Check::Difference,
        Check::Spread,
        Check::Density,
        Check::Heat,
        Check::Hotter,
        Check::Above,
        Check::SupplyFalls,
        Check::ReturnFalls,
        Check::Along,
        Check::Node,
        Check::Network,
    ];

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Check::Same => "check-same",
            Check::Difference => "check-difference",
            Check::Spread => "check-spread",
            Check::Density => "check-density",
            Check::Heat => "check-heat",
            Check::Hotter => "check-hotter",
            Check::Above => "check-above",
            Check::SupplyFalls => "check-supply-falls",
            Check::ReturnFalls => "check-return-falls",
            Check::Along => "check-along",
            Check::Node => "check-node",
            Check::Network => "check-network",
        }
    }

    /// Whether it asks for equality: one that holds acquits its members. An order may hold by chance.
    pub const fn acquits(self) -> bool {
        matches!(
            self,
            Check::Same
                | Check::Difference
                | Check::Spread
                | Check::Density
                | Check::Heat
                | Check::Node
                | Check::Network
        )
    }

    /// Whether an open balance without a culprit makes its members doubtful. A balance over a whole network names
    /// nobody: it may as well be a leak.
    pub const fn accuses(self) -> bool {
        !matches!(self, Check::Network | Check::Node)
    }
}

/// Why a value is doubted. Values are in the unit of the tag's samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// It came with that quality.
    Given,
    NotANumber,
    OutsideRange {
        least: f64,
        most: f64,
    },
    /// Its stamp lies ahead of the clock.
    Ahead {
        ms: i64,
    },
    /// Its stamp lies behind one that came before.
    Behind {
        ms: i64,
    },
    Rate {
        per_s: f64,
        most_per_s: f64,
    },
    /// So far from its neighbours, where this much would pass.
    Spike {
        off: f64,
        allowed: f64,
    },
    /// The very same number since then.
    Stuck {
        since: Timestamp,
        samples: u32,
    },
    /// Left what its neighbours say, slowly (`Drift`) or at once (`Inconsistent`): so many standard deviations.
    Contradicts {
        check: Check,
        deviations: f64,
        alone: bool,
    },
    Stale {
        age_ms: i64,
    },
    TooOld {
        age_ms: i64,
    },
    Never,
}

/// A change of quality and its cause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remark {
    pub tag: TagId,
    pub at: Timestamp,
    /// The number it is about; NaN where none came.
    pub value: f64,
    pub quality: Quality,
    pub cause: Cause,
}

impl Cause {
    /// The quality it gives.
    pub const fn quality(&self) -> Quality {
        match self {
            Cause::Given => Quality::Good,
            Cause::NotANumber => Quality::Bad(Fault::NotANumber),
            Cause::OutsideRange { .. } => Quality::Bad(Fault::OutOfRange),
            Cause::Ahead { .. } | Cause::Behind { .. } => Quality::Uncertain(Doubt::Clock),
            Cause::Rate { .. } => Quality::Uncertain(Doubt::RateOfChange),
            Cause::Spike { .. } => Quality::Uncertain(Doubt::Spike),
            Cause::Stuck { .. } => Quality::Uncertain(Doubt::Stuck),
            Cause::Contradicts { .. } => Quality::Uncertain(Doubt::Inconsistent),
            Cause::Stale { .. } => Quality::Uncertain(Doubt::Stale),
            Cause::TooOld { .. } => Quality::Bad(Fault::TooOld),
            Cause::Never => Quality::Bad(Fault::NeverRead),
        }
    }
}

impl Remark {
    /// The remark as a sentence: what is wrong with which instrument, by how much.
    pub fn text(&self, tags: &TagTable, language: Language, units: &DisplayUnits) -> String {
        let texts = language.texts();
        let Some(tag) = tags.get(self.tag) else { return texts.get(self.quality.key()).into_owned() };
        let shown = |value: f64| units.text(tag.quantity, value);
        let difference = |value: f64| units.text(tag.quantity.of_difference(), value);
        let seconds = |ms: i64| units.text(crate::units::Quantity::Duration, ms as f64 / 1e3);
        let name = ("tag", tag.name.to_string().into());
        match self.cause {
            Cause::Given => {
                texts.with("reason-given", &[name, ("quality", texts.get(self.quality.key()).into_owned().into())])
            }
            Cause::NotANumber => texts.with("reason-not-a-number", &[name]),
            Cause::OutsideRange { least, most } => texts.with(
                "reason-out-of-range",
                &[
                    name,
                    ("value", shown(self.value).into()),
                    ("least", shown(least).into()),
                    ("most", shown(most).into()),
                ],
            ),
            Cause::Ahead { ms } => texts.with("reason-clock-ahead", &[name, ("time", seconds(ms).into())]),
            Cause::Behind { ms } => texts.with("reason-clock-behind", &[name, ("time", seconds(ms).into())]),
            Cause::Rate { per_s, most_per_s } => texts.with(
                "reason-rate",
                &[name, ("rate", difference(per_s).into()), ("most", difference(most_per_s).into())],
            ),
            Cause::Spike { off, allowed } => texts.with(
                "reason-spike",
                &[name, ("off", difference(off).into()), ("allowed", difference(allowed).into())],
            ),
            Cause::Stuck { since, samples } => texts.with(
                "reason-stuck",
                &[
                    name,
                    ("value", shown(self.value).into()),
                    ("samples", samples.into()),
                    ("time", seconds(self.at.ms_since(since)).into()),
                ],
            ),
            Cause::Contradicts { check, deviations, alone } => {
                let key = match (self.quality, alone) {
                    (Quality::Uncertain(Doubt::Drift), _) => "reason-drift",
                    (_, true) => "reason-inconsistent",
                    (_, false) => "reason-one-of-several",
                };
                let deviations = format!("{deviations:.1}");
                texts.with(
                    key,
                    &[name, ("check", texts.get(check.key()).into_owned().into()), ("deviations", deviations.into())],
                )
            }
            Cause::Stale { age_ms } => texts.with("reason-stale", &[name, ("time", seconds(age_ms).into())]),
            Cause::TooOld { age_ms } => texts.with("reason-too-old", &[name, ("time", seconds(age_ms).into())]),
            Cause::Never => texts.with("reason-never", &[name]),
        }
    }
}
