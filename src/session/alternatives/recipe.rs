//! Alternatives that are made for any network at a key, on a thread of their own: some need the network solved.

use std::sync::Arc;

use crate::dispatch::alternative::Alternative;
use crate::dispatch::alternative::ready::{self, District, ReadyError};
use crate::dispatch::retrofit::{self, RetrofitError, Technology, Values, Where};
use crate::network::{Name, Network};
use crate::text::{Argument, Language};
use crate::units::{DisplayUnits, Quantity};

/// Hours of the night between which rooms may be cooler, and by how much, K.
const NIGHT: (usize, usize) = (22, 5);
const NIGHT_K: f64 = 3.0;

/// How an alternative is made.
#[derive(Clone, Debug, PartialEq)]
pub enum Recipe {
    /// This source does not run.
    SourceOut(Name),
    /// All sources give their water warmer by so many K, or colder.
    Supply(f64),
    /// Rooms of all substations are cooler at night.
    Night,
    /// A new district at the far end, a twentieth of the city's load.
    District,
    /// A technology wherever the network has room for it.
    Retrofit(Technology),
}

/// A recipe to be worked out.
#[derive(Clone, Debug)]
pub struct MakeRequest {
    /// Counts the documents opened: what was made for another one is not taken.
    pub document: u64,
    pub network: Arc<Network>,
    pub recipe: Recipe,
    pub language: Language,
    pub units: DisplayUnits,
}

impl Recipe {
    /// What it is called.
    pub fn name(&self, language: Language, units: &DisplayUnits) -> String {
        let texts = language.texts();
        let with = |key: &str, name: &str, value: String| texts.with(key, &[(name, Argument::from(value))]);
        match self {
            Recipe::SourceOut(id) => with("alternatives-recipe-source-out", "source", id.to_string()),
            Recipe::Supply(difference_k) => {
                let size = units.text(Quantity::TemperatureDifference, difference_k.abs());
                let sign = if *difference_k < 0.0 { '\u{2212}' } else { '+' };
                with("alternatives-recipe-supply", "difference", format!("{sign}{size}"))
            }
            Recipe::Night => texts.get("alternatives-recipe-night").into_owned(),
            Recipe::District => texts.get("alternatives-recipe-district").into_owned(),
            Recipe::Retrofit(technology) => texts.get(&format!("retrofit-name-{}", technology.word())).into_owned(),
        }
    }

    /// The alternative of a network.
    ///
    /// # Errors
    /// Why there is none of this network.
    fn of(&self, network: &Network) -> Result<Alternative, NotMade> {
        match self {
            Recipe::SourceOut(id) => Ok(ready::source_out(network, id)?),
            Recipe::Supply(difference_k) => Ok(ready::supply_shift(network, *difference_k)?),
            Recipe::Night => Ok(ready::night_setback(network, NIGHT.0, NIGHT.1, NIGHT_K)?),
            Recipe::District => match District::usual(network) {
                Some(district) => Ok(ready::new_district(network, &district)?),
                None => Err(NotMade::NoHeat),
            },
            Recipe::Retrofit(technology) => {
                let retrofit = retrofit::propose(*technology, network, &Where::All, &Values::new())?;
                Ok(Alternative::of_edits(technology.word(), retrofit.edits))
            }
        }
    }
}

/// Why a recipe gives no alternative of this network.
#[derive(Debug, thiserror::Error)]
enum NotMade {
    #[error(transparent)]
    Ready(#[from] ReadyError),
    #[error(transparent)]
    Retrofit(#[from] RetrofitError),
    #[error("no consumer asks for heat")]
    NoHeat,
}

/// Works a recipe out.
///
/// # Errors
/// Why there is no such alternative, as a sentence.
pub fn make(request: &MakeRequest) -> Result<Alternative, String> {
    let name = request.recipe.name(request.language, &request.units);
    match request.recipe.of(&request.network) {
        Ok(alternative) => Ok(Alternative { name, ..alternative }),
        Err(NotMade::Ready(ReadyError::Network(findings)) | NotMade::Retrofit(RetrofitError::Unsolved(findings))) => {
            let words = findings.iter().take(2).map(|finding| finding.message(request.language, &request.units));
            Err(words.collect::<Vec<_>>().join(" "))
        }
        Err(error) => Err(error.to_string()),
    }
}
