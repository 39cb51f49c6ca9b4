//! `verify`: published and independently computed results beside ours; random networks, solved and judged.

use crate::cli::args::{TextOrJson, Verify};
use crate::cli::{Failure, Printer};
use crate::io::{self, IoError};
use crate::network::generate::{self, Sizes};
use crate::verify::random::{self, RandomRun};
use crate::verify::{self, Library, balancing};

/// Most stations of a city to balance.
const SMALL_CITY: usize = 14;
const LARGE_CITY: usize = 60;

pub fn run(given: &Verify, printer: &Printer) -> Result<(), Failure> {
    let sizes = if given.small { Sizes::Small } else { Sizes::All };
    if let Some(seed) = given.case {
        if let Some(path) = &given.output {
            io::file::write(path, &generate::random(seed, sizes).network).map_err(|error| printer.refusal(&error))?;
        }
        return judged(given, printer, &RandomRun { seed, cases: vec![random::run_case(seed, sizes)] });
    }
    if let Some(count) = given.random {
        let bar = printer.progress(u64::from(count), &printer.language.texts().get("verify-running"));
        let run = random::run_cases(given.seed, u64::from(count), sizes, |done| bar.set_position(done as u64));
        bar.finish_and_clear();
        return judged(given, printer, &run);
    }
    if let Some(count) = given.balance {
        let bar = printer.progress(u64::from(count), &printer.language.texts().get("verify-running"));
        let most = if given.small { SMALL_CITY } else { LARGE_CITY };
        let run = balancing::balance_cases(given.seed, u64::from(count), most, |done| bar.set_position(done as u64));
        bar.finish_and_clear();
        let answer = match given.format {
            TextOrJson::Text => balancing::balance_text(&run, printer.language),
            TextOrJson::Json => format!("{:#}\n", balancing::balance_json(&run)),
        };
        printer.data(None, answer.as_bytes())?;
        return if run.passed() { Ok(()) } else { Err(Failure::Input(None)) };
    }
    let mut library = Library::embedded();
    if let Some(folder) = &given.data {
        library.add_folder(folder).map_err(|error| printer.refusal(&error))?;
    }
    let bar = printer.progress(1, &printer.language.texts().get("verify-running"));
    let verification = verify::verify(&library, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    if let Some(folder) = &given.plots {
        std::fs::create_dir_all(folder).map_err(|error| printer.refusal(&IoError::system(folder, &error)))?;
        for picture in verification.cases.iter().flat_map(|case| &case.pictures) {
            let path = folder.join(format!("{}.svg", picture.name));
            std::fs::write(&path, picture.svg()).map_err(|error| printer.refusal(&IoError::system(&path, &error)))?;
        }
    }
    let answer = match given.format {
        TextOrJson::Text => verify::text(&verification, printer.language),
        TextOrJson::Json => format!("{:#}\n", verify::json(&verification)),
    };
    printer.data(None, answer.as_bytes())?;
    if verification.passed() {
        Ok(())
    } else {
        // The figures are somebody else's: where ours differ, the mistake is ours.
        Err(Failure::Ours(printer.language.texts().get("verify-failure").into_owned()))
    }
}

/// The outcome of random networks; any failure is a mistake of ours, but what to do about it is to look at the case: 1.
fn judged(given: &Verify, printer: &Printer, run: &RandomRun) -> Result<(), Failure> {
    let answer = match given.format {
        TextOrJson::Text => random::random_text(run, printer.language),
        TextOrJson::Json => format!("{:#}\n", random::random_json(run)),
    };
    printer.data(None, answer.as_bytes())?;
    if run.passed() { Ok(()) } else { Err(Failure::Input(None)) }
}
