//! `meter`: a building's heat shared among its households, with checks of the data and the two-part bill.

use crate::cli::args::{Meter, TableFormat};
use crate::cli::{Failure, Printer};
use crate::io::metering;
use crate::physics::metering::{AllocationError, Method, allocate};

pub fn run(given: &Meter, printer: &Printer) -> Result<(), Failure> {
    let method = given.method.as_deref().map(|word| {
        metering::method_named(word).ok_or_else(|| {
            let known = Method::ALL.map(Method::word).join(", ");
            let texts = printer.language.texts();
            Failure::input(texts.with("meter-unknown-method", &[("method", word.into()), ("known", known.into())]))
        })
    });
    let settlement =
        metering::read_folder(&given.folder, method.transpose()?).map_err(|error| printer.refusal(&error))?;
    let allocation = allocate(
        settlement.heat.heat_j,
        settlement.method,
        &settlement.households,
        settlement.period_h,
        settlement.reference_c,
    )
    .map_err(|error| Failure::input(refusal(&error, &settlement, printer)))?;
    let data = match given.format {
        TableFormat::Text => metering::text(&settlement, &allocation, printer.language).into_bytes(),
        TableFormat::Json => format!("{:#}\n", metering::json(&settlement, &allocation, printer.language)).into_bytes(),
        TableFormat::Csv => {
            metering::csv(&settlement, &allocation).map_err(|error| Failure::Ours(error.to_string()))?
        }
    };
    printer.data(given.output.as_deref(), &data)
}

fn refusal(error: &AllocationError, settlement: &metering::Settlement, printer: &Printer) -> String {
    let texts = printer.language.texts();
    match error {
        AllocationError::NoHouseholds => texts.get("meter-no-households").into_owned(),
        AllocationError::NoHeat { heat_j } => {
            texts.with("meter-no-heat", &[("heat", format!("{:.3}", heat_j / 1e9).into())])
        }
        AllocationError::BadHousehold { at } => {
            let id = settlement.ids.get(*at).cloned().unwrap_or_default();
            texts.with("meter-bad-household", &[("household", id.into())])
        }
        AllocationError::NothingMeasured => {
            texts.with("meter-nothing-measured", &[("method", settlement.method.word().into())])
        }
    }
}
