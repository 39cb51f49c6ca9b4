//! Which alternatives are asked for: scenarios, files, ready-made ones, and how their sources run.

use super::base;
use crate::cli::args::Compare;
use crate::cli::{Failure, Printer};
use crate::dispatch::alternative::ready::{
    District, ReadyError, new_district, night_setback, source_out, supply_shift, usual,
};
use crate::dispatch::alternative::{Alternative, SourceRunning};
use crate::io::alternatives::read;
use crate::network::{Name, Network};

/// The base and all others.
pub fn all(given: &Compare, network: &Network, prices: bool, printer: &Printer) -> Result<Vec<Alternative>, Failure> {
    let texts = printer.language.texts();
    let mut out = vec![base(printer)];
    for name in &given.scenarios {
        let scenario = Alternative::of_scenario(network, name);
        out.push(scenario.map_err(|error| Failure::input(error.to_string()))?);
    }
    for path in &given.alternatives {
        out.extend(read(path).map_err(|error| printer.refusal(&error))?);
    }
    for what in &given.ready {
        out.extend(ready(what, network, prices).map_err(Failure::input)?);
    }
    for (at, one) in out.iter().enumerate() {
        if out[..at].iter().any(|other| other.name == one.name) {
            return Err(Failure::input(texts.with("compare-twice", &[("name", one.name.clone().into())])));
        }
    }
    let way = |word: &str| {
        let words: Vec<&str> = SourceRunning::ALL.into_iter().map(SourceRunning::word).collect();
        let refused = || Failure::input(format!("--running {word}: expected one of {}", words.join(", ")));
        SourceRunning::by_word(word).ok_or_else(refused)
    };
    for running in &given.running {
        match running.rsplit_once('=') {
            None => {
                let way = way(running)?;
                out.iter_mut().for_each(|one| one.running = way);
            }
            Some((name, word)) => {
                let way = way(word)?;
                let known = || out.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", ");
                let Some(at) = out.iter().position(|one| one.name == name) else {
                    let arguments = [("name", name.to_owned().into()), ("known", known().into())];
                    return Err(Failure::input(texts.with("compare-unknown-running", &arguments)));
                };
                out[at].running = way;
            }
        }
    }
    Ok(out)
}

/// One of the ready-made; an error says what is wrong with what was asked.
fn ready(what: &str, network: &Network, prices: bool) -> Result<Vec<Alternative>, String> {
    let (kind, value) = what.split_once('=').unwrap_or((what, ""));
    let refused = |error: ReadyError| format!("--ready {what}: {error}");
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| format!("--ready {what}: '{text}' is no number"));
    let made = match kind {
        "usual" => return Ok(usual(network, prices)),
        "without" => source_out(network, value),
        "supply" => supply_shift(network, number(value)?),
        "night" => {
            let form = || format!("--ready {what}: expected night=FROM-TO:K, such as night=22-5:3");
            let (hours, rooms_k) = value.split_once(':').ok_or_else(form)?;
            let (from, to) = hours.split_once('-').ok_or_else(form)?;
            let hour = |text: &str| text.trim().parse::<usize>().map_err(|_| form());
            night_setback(network, hour(from)?, hour(to)?, number(rooms_k)?)
        }
        "district" if value.is_empty() => {
            let none = || format!("--ready {what}: the network has no consumer of heat to lie beyond");
            new_district(network, &District::usual(network).ok_or_else(none)?)
        }
        "district" => {
            let [node, stations, heat_mw, distance_m] = value.split(',').collect::<Vec<_>>()[..] else {
                return Err(format!("--ready {what}: expected district=NODE,COUNT,MW,METRES"));
            };
            let stations = number(stations)?;
            let district = District {
                node: Name::from(node.trim()),
                stations: stations.max(0.0).round() as usize,
                heat_each_w: 1e6 * number(heat_mw)? / stations.max(1.0),
                distance_m: number(distance_m)?,
            };
            new_district(network, &district)
        }
        _ => return Err(format!("--ready {what}: expected without=, supply=, night=, district or usual")),
    };
    made.map(|one| vec![one]).map_err(refused)
}
