//! `generate`: a synthetic city, or a bare street grid for measuring solvers.

use crate::cli::args::{Generate, Plan};
use crate::cli::{Failure, Printer};
use crate::io;
use crate::network::Network;
use crate::network::generate::{GridLoops, GridParameters, Parameters, city, grid};

/// Pipes of a bench network for each substation asked for.
const PIPES_PER_STATION: u32 = 5;

pub fn run(given: &Generate, printer: &Printer) -> Result<(), Failure> {
    let spinner = printer.spinner(&printer.language.texts().get("cli-generating"));
    let network = make(given);
    let written = network.and_then(|network| {
        io::file::write(&given.output, &network).map_err(|error| printer.refusal(&error))?;
        Ok(network)
    });
    spinner.finish_and_clear();
    let network = written?;
    let texts = printer.language.texts();
    printer.say(&texts.with(
        "cli-generated",
        &[
            ("nodes", network.node_count().into()),
            ("links", network.link_count().into()),
            ("path", given.output.display().to_string().into()),
        ],
    ));
    Ok(())
}

fn make(given: &Generate) -> Result<Network, Failure> {
    let sources = given.sources.map(|count| count as usize);
    let loops = match given.plan {
        Plan::City => {
            let Some(stations) = given.stations else {
                return Err(Failure::input(
                    "a city is sized by --stations; --pipes cuts its mains into so many pipes, and sizes --plan grid and meshed",
                ));
            };
            return Ok(city(&Parameters {
                stations: stations as usize,
                seed: given.seed,
                loops: given.loops,
                sources: sources.unwrap_or_default(),
                pipes: given.pipes.unwrap_or_default() as usize,
                ..Parameters::default()
            }));
        }
        Plan::Grid => GridLoops::Share(given.loops),
        Plan::Meshed => GridLoops::Meshed,
    };
    // clap makes sure that one of the two is there.
    let pipes = given.pipes.or(given.stations.map(|n| n * PIPES_PER_STATION)).unwrap_or_default();
    let mut parameters = GridParameters::new(pipes as usize, loops, given.seed);
    parameters.sources = sources.unwrap_or_default();
    Ok(grid(&parameters))
}
