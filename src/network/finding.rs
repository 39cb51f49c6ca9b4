//! What checks have to say: a code, the elements concerned, the numbers, and from them a sentence with a remedy.
//!
//! Findings come from validation, from import, from the solver and from rules. They are data; the sentence is made in
//! the reader's language from `findings.ftl`, where every [`Code`] has a message and a `.help`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ElementRef;
use crate::text::{Argument, Language};
use crate::units::{DisplayUnits, Quantity};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The network cannot be solved, or the result would be nonsense.
    Error,
    /// Solvable, but something will not work as wanted.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

macro_rules! codes {
    ($( $(#[$doc:meta])* $name:ident $word:literal $severity:ident; )*) => {
        /// What a finding says. The word is stable: scripts match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code { $( $(#[$doc])* #[serde(rename = $word)] $name, )* }
        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name),*];
            /// The stable word in JSON results, also the key of its sentence (`finding-WORD`).
            pub const fn word(self) -> &'static str { match self { $(Code::$name => $word),* } }
            /// How bad it usually is.
            pub const fn severity(self) -> Severity { match self { $(Code::$name => Severity::$severity),* } }
            const fn key(self) -> &'static str { match self { $(Code::$name => concat!("finding-", $word)),* } }
            const fn help_key(self) -> &'static str { match self { $(Code::$name => concat!("finding-", $word, ".help")),* } }
        }
    };
}

codes! {
    /// Nothing to solve.
    EmptyNetwork "empty-network" Error;
    /// A number is NaN or infinite. Arguments: field.
    NotFinite "not-finite" Error;
    /// A number lies outside its sensible range. Arguments: field, value, low, high.
    OutOfRange "out-of-range" Error;
    /// Data of heat in time that make no model. Arguments: field.
    ThermalContradiction "thermal-contradiction" Error;
    /// Outer diameter below inner diameter.
    WallNegative "wall-negative" Error;
    /// A link from a node to itself.
    SelfLoop "self-loop" Warning;
    /// A node without links. Ignored by the solver.
    LonelyNode "lonely-node" Info;
    /// A part of the network without pressure reference. Arguments: nodes, consumers, example.
    Island "island" Error;
    /// A part cut off by closed valves that asks for water or heat. Arguments: nodes, consumers.
    CutOff "cut-off" Warning;
    /// Two pressure references in one part that cannot both hold. Arguments: other.
    ContradictoryReferences "contradictory-references" Error;
    /// Two pressure references in one closed network: water goes in at one and out at the other. Arguments: other.
    SeveralReferences "several-references" Warning;
    /// Elements without resistance in a ring: the data do not say how the flow divides. Arguments: other.
    UndeterminedSplit "undetermined-split" Warning;
    /// No pressure reference anywhere.
    NoPressureReference "no-pressure-reference" Error;
    /// A consumer joins two nodes of the same side. Arguments: side.
    ConsumerSides "consumer-sides" Warning;
    /// A source joins two nodes of the same side. Arguments: side.
    SourceSides "source-sides" Warning;
    /// A consumer or source whose ends are the wrong way round.
    EndsReversed "ends-reversed" Warning;
    /// A pipe joins supply and return.
    PipeJoinsSides "pipe-joins-sides" Warning;
    /// A pump without curve, power or with nonsense in it. Arguments: reason.
    PumpCurve "pump-curve" Error;
    /// A value is missing that the network's friction law needs. Arguments: field.
    MissingValue "missing-value" Error;
    /// A controller without set value. Arguments: field.
    MissingSetValue "missing-set-value" Error;
    /// A table (characteristic, property, loss) that does not rise or is empty. Arguments: field.
    BadTable "bad-table" Error;
    /// An id that names nothing. Arguments: field, target.
    DanglingReference "dangling-reference" Warning;
    /// Scenarios that start from each other. Arguments: scenario, parent.
    ScenarioCycle "scenario-cycle" Warning;
    /// Return temperature not below the supply temperature: no heat can be given. Arguments: supply, return.
    NoTemperatureDifference "no-temperature-difference" Error;
    /// A demand no pressure can serve. Arguments: demand, served.
    DemandUnserved "demand-unserved" Warning;
    /// Available pressure below what the consumer was designed for. Arguments: available, required.
    PressureShort "pressure-short" Warning;
    /// The consumer gets less than it asks for. Arguments: demand, served.
    ConsumerShort "consumer-short" Warning;
    /// Negative available pressure at a consumer with given flow. Arguments: available.
    NegativeAvailablePressure "negative-available-pressure" Warning;
    /// Water that is fed in or drawn off and has no way to go: one-way elements, limits and closed ones stand round it.
    /// Arguments: demand, served.
    FlowNotBalanced "flow-not-balanced" Error;
    /// A controller cannot hold what it is set to: what it senses does not follow its opening. Arguments: set, sensed.
    SetValueNotHeld "set-value-not-held" Warning;
    /// Two elements hold the same pressure at values that cannot both be. Arguments: other, set, other-set.
    SetValuesFight "set-values-fight" Warning;
    /// A pump works beyond the last point of its curve. Arguments: flow, limit.
    PumpBeyondCurve "pump-beyond-curve" Warning;
    /// A pump is switched on but passes nothing (head too high or check valve shut).
    PumpNoFlow "pump-no-flow" Info;
    /// A pump at its greatest speed does not reach what it is to hold. Arguments: set, reached.
    PumpAtFullSpeed "pump-at-full-speed" Warning;
    /// A pump would have to brake the water to hold what it is set to. Arguments: drop.
    PumpBrakes "pump-brakes" Warning;
    /// Pressure at a pump's suction below vapour pressure + 50 kPa (GB 55010). Arguments: margin, limit.
    SuctionPressureLow "suction-pressure-low" Warning;
    /// NPSH available below NPSH required and its margin. Arguments: available, required.
    NpshShort "npsh-short" Warning;
    /// A source takes heat or flow from the network. Arguments: flow.
    SourceReversed "source-reversed" Warning;
    /// Heat above capacity. Arguments: heat, capacity.
    SourceOverCapacity "source-over-capacity" Warning;
    /// Heat below the least a source can give. Arguments: heat, minimum.
    SourceBelowMinimum "source-below-minimum" Info;
    /// Flow above that of its pumps. Arguments: flow, limit.
    SourceFlowHigh "source-flow-high" Warning;
    /// Make-up beyond its capacity. Arguments: flow, capacity.
    MakeUpOverCapacity "make-up-over-capacity" Warning;
    /// A hole loses water. Arguments: flow, position.
    Leak "leak" Warning;
    /// Pressure below vapour pressure + 30 kPa (GB 55010). Arguments: pressure, limit, temperature.
    PressureBelowVapour "pressure-below-vapour" Error;
    /// Return pressure below 50 kPa (GB 55010). Arguments: pressure, limit.
    ReturnPressureLow "return-pressure-low" Warning;
    /// Pressure above nominal pressure. Arguments: pressure, limit.
    PressureAboveNominal "pressure-above-nominal" Error;
    /// Velocity above the limit (CJJ/T 34 §7.3). Arguments: velocity, limit.
    VelocityHigh "velocity-high" Warning;
    /// Specific friction loss above the limit (CJJ/T 34 §7.3). Arguments: loss, limit.
    SpecificLossHigh "specific-loss-high" Info;
    /// Hydraulics did not reach the tolerance. Arguments: iterations, residual, limit.
    NotConverged "not-converged" Error;
    /// Temperatures and flows did not settle together. Arguments: change, limit.
    CouplingNotSettled "coupling-not-settled" Error;
    /// A loop has several or no steady states: the weight of its water sends it to and fro. Arguments: count, least, most.
    WeakLoop "weak-loop" Error;
    /// Flows and pressures were found, temperatures were not: both do not come to rest together.
    FlowsAlone "flows-alone" Warning;
    /// No flow: the water has cooled to its surroundings. Arguments: count.
    Stagnant "stagnant" Info;
    /// More findings of a kind than are listed. Arguments: count, code.
    MoreOfTheSame "more-of-the-same" Info;
    /// Import mended something. Arguments: text.
    ImportMended "import-mended" Info;
    /// Import had to guess. Arguments: text.
    ImportGuessed "import-guessed" Warning;
    /// Import refused something. Arguments: text.
    ImportRefused "import-refused" Error;
    /// Import left something out that the program does not compute. Arguments: text.
    ImportLeftOut "import-left-out" Info;
    /// A format written to cannot hold something. Arguments: text.
    ExportChanged "export-changed" Warning;
    /// A tag is measured at an element that does not exist. Arguments: tag, device.
    MeasuredNowhere "measured-nowhere" Warning;
    /// A tag is measured at an element that has no such thing. Arguments: tag, device, observed.
    MeasuredOddly "measured-oddly" Warning;
    /// A forecast exceeds what a source can give. Arguments: heat, limit, time, count.
    ForecastAboveCapacity "forecast-above-capacity" Warning;
    /// A forecast exceeds what a source may give in a day. Arguments: heat, limit, time, count.
    ForecastAboveQuota "forecast-above-quota" Warning;
}

/// An argument of a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum FindingValue {
    /// Shown in the reader's unit.
    Physical(Quantity, f64),
    /// Shown as it is.
    Count(usize),
    Text(String),
    /// A sentence of the translations by key, with its own arguments: what an import mended, in the reader's language.
    Phrase(&'static str, Vec<(&'static str, String)>),
    Element(ElementRef),
}

/// One thing a check found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub severity: Severity,
    pub code: Code,
    /// The element concerned; [`ElementRef::network`] where it is the whole.
    pub element: ElementRef,
    /// Further elements (the nodes of an island, the other reference), most important first; may be cut short.
    pub others: Vec<ElementRef>,
    pub arguments: Vec<(&'static str, FindingValue)>,
}

impl Finding {
    pub fn new(code: Code, element: ElementRef) -> Finding {
        Finding { severity: code.severity(), code, element, others: Vec::new(), arguments: Vec::new() }
    }

    /// Adds an argument of the sentence.
    pub fn with(mut self, name: &'static str, value: FindingValue) -> Finding {
        self.arguments.push((name, value));
        self
    }

    pub fn physical(self, name: &'static str, quantity: Quantity, si: f64) -> Finding {
        self.with(name, FindingValue::Physical(quantity, si))
    }

    pub fn count(self, name: &'static str, count: usize) -> Finding {
        self.with(name, FindingValue::Count(count))
    }

    pub fn text(self, name: &'static str, text: impl Into<String>) -> Finding {
        self.with(name, FindingValue::Text(text.into()))
    }

    /// Adds a sentence of the translations, by key, as an argument.
    pub fn phrase(self, name: &'static str, key: &'static str, arguments: &[(&'static str, String)]) -> Finding {
        self.with(name, FindingValue::Phrase(key, arguments.to_vec()))
    }

    pub fn others(mut self, others: Vec<ElementRef>) -> Finding {
        self.others = others;
        self
    }

    pub fn severe(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    /// The sentence: what is wrong, with names and numbers.
    pub fn message(&self, language: Language, units: &DisplayUnits) -> String {
        self.render(self.code.key(), language, units)
    }

    /// What to do about it.
    pub fn help(&self, language: Language, units: &DisplayUnits) -> String {
        self.render(self.code.help_key(), language, units)
    }

    fn render(&self, key: &'static str, language: Language, units: &DisplayUnits) -> String {
        let texts = language.texts();
        let mut arguments: Vec<(&str, Argument<'static>)> =
            vec![("element", Argument::from(element_text(&self.element, language)))];
        for (name, value) in &self.arguments {
            let value = match value {
                FindingValue::Physical(quantity, si) => units.text(*quantity, *si),
                FindingValue::Count(count) => count.to_string(),
                FindingValue::Text(text) => text.clone(),
                FindingValue::Phrase(key, arguments) => {
                    let arguments: Vec<(&str, Argument<'_>)> =
                        arguments.iter().map(|(name, value)| (*name, Argument::from(value.as_str()))).collect();
                    texts.with(key, &arguments)
                }
                FindingValue::Element(element) => element_text(element, language),
            };
            arguments.push((name, Argument::from(value)));
        }
        texts.with(key, &arguments)
    }
}

/// `pipe PS0`, `管道 PS0`.
pub fn element_text(element: &ElementRef, language: Language) -> String {
    let word = language.texts().get(element_key(element.kind)).into_owned();
    if element.id.is_empty() { word } else { format!("{word} {}", element.id) }
}

const fn element_key(kind: super::ElementKind) -> &'static str {
    use super::ElementKind::*;
    match kind {
        Node => "element-node",
        Pipe => "element-pipe",
        Valve => "element-valve",
        Pump => "element-pump",
        Source => "element-source",
        Consumer => "element-consumer",
        Chamber => "element-chamber",
        Building => "element-building",
        Sensor => "element-sensor",
        Network => "element-network",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_sentence_and_remedy_in_both_languages() {
        for language in Language::ALL {
            for code in Code::ALL {
                assert!(language.texts().has(code.key()), "{language:?}: {}", code.key());
                assert!(language.texts().has(code.help_key()), "{language:?}: {}", code.help_key());
            }
        }
    }

    #[test]
    fn a_finding_reads_as_a_sentence_with_names_and_numbers() {
        let pipe = ElementRef::new(super::super::ElementKind::Pipe, "P7");
        let finding = Finding::new(Code::VelocityHigh, pipe).physical("velocity", Quantity::Velocity, 4.2).physical(
            "limit",
            Quantity::Velocity,
            3.5,
        );
        let units = DisplayUnits::default();
        let english = finding.message(Language::English, &units);
        assert!(english.contains("P7") && english.contains("4.20 m/s") && english.contains("3.50 m/s"), "{english}");
        assert!(finding.message(Language::Chinese, &units).contains("管道 P7"));
    }
}
