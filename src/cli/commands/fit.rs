//! `fit`: constants of a building from measured room temperatures.

use serde_json::json;

use crate::cli::args::{Fit, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io::room_history;
use crate::physics::building::{FitError, fit};

pub fn run(given: &Fit, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let history = room_history::read(&given.file).map_err(|error| printer.refusal(&error))?;
    let found = fit(&history.samples, given.gains).map_err(|error| match error {
        FitError::TooFew { samples, needed } => Failure::input(texts.with(
            "cli-fit-too-few",
            &[("samples", samples.to_string().into()), ("needed", needed.to_string().into())],
        )),
        FitError::BadSample { at } => printer.refusal(&room_history::not_rising(&given.file, &history, at)),
        FitError::NoInformation => Failure::input(texts.get("cli-fit-no-information")),
    })?;
    let loss_w_k = found.per_watt_k_w.map(|per_watt| 1.0 / per_watt);
    let aperture_m2 = loss_w_k.zip(found.per_sun_k_m2_w).map(|(loss, per_sun)| loss * per_sun);
    let gains_w = loss_w_k.map(|loss| loss * found.gain_k);
    let data = match given.format {
        TextOrJson::Json => {
            let value = json!({
                "time_constant_s": found.time_constant_s,
                "time_constant_error_s": found.time_constant_error_s,
                "loss_w_k": loss_w_k,
                "solar_aperture_m2": aperture_m2,
                "gain_k": found.gain_k,
                "gain_w": gains_w,
                "start_c": found.start_c,
                "deviation_k": found.deviation_k,
                "samples": found.samples,
            });
            format!("{value:#}\n")
        }
        TextOrJson::Text => {
            let mut lines = vec![
                texts.with(
                    "cli-fit",
                    &[
                        ("samples", found.samples.to_string().into()),
                        ("deviation", format!("{:.3}", found.deviation_k).into()),
                    ],
                ),
                texts.with(
                    "cli-fit-time-constant",
                    &[
                        ("hours", format!("{:.1}", found.time_constant_s / 3600.0).into()),
                        ("error", format!("{:.1}", found.time_constant_error_s / 3600.0).into()),
                    ],
                ),
            ];
            let mut say = |key: &str, name: &'static str, value: Option<f64>, digits: usize| {
                if let Some(value) = value {
                    lines.push(texts.with(key, &[(name, format!("{value:.digits$}").into())]));
                }
            };
            say("cli-fit-loss", "loss", loss_w_k.map(|loss| loss / 1000.0), 3);
            say("cli-fit-sun", "area", aperture_m2, 1);
            if given.gains {
                match gains_w {
                    Some(watts) => say("cli-fit-gains", "gains", Some(watts / 1000.0), 2),
                    None => say("cli-fit-gain-k", "gains", Some(found.gain_k), 2),
                }
            }
            say("cli-fit-file", "seconds", Some(found.time_constant_s), 0);
            lines.join("\n") + "\n"
        }
    };
    printer.data(None, data.as_bytes())
}
