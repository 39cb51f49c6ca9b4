//! `verify`: published and independently computed results beside ours.

use crate::cli::args::{TextOrJson, Verify};
use crate::cli::{Failure, Printer};
use crate::io::IoError;
use crate::verify::{self, Library};

pub fn run(given: &Verify, printer: &Printer) -> Result<(), Failure> {
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
