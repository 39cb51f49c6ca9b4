//! What a user wants remembered from one day to the next: language, theme, units, files opened lately.
//!
//! Kept as readable JSON in the user's configuration folder. A file that is missing, broken or from another version is
//! no reason not to start: what can be read holds, the rest is as on the first day. Not here: anything of a network.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::state::{Session, Theme};
use crate::io::{IoError, save};
use crate::text::Language;
use crate::units::{NumberStyle, Quantity};

/// Language, looks and habits of one user. What is `None` or absent is as the program comes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// `en` or `zh-CN`.
    pub language: Option<Language>,
    pub theme: Option<Theme>,
    /// Symbol of the unit a quantity is read in.
    pub units: BTreeMap<Quantity, String>,
    pub numbers: Option<NumberStyle>,
    /// Pipes are drawn this many times their true diameter.
    pub pipe_exaggeration: Option<f64>,
    /// Files opened or saved, newest first.
    pub recent: Vec<PathBuf>,
}

impl Preferences {
    /// Where they are kept; `None` on a system without a home folder.
    pub fn path() -> Option<PathBuf> {
        let strategy = etcetera::choose_base_strategy().ok()?;
        Some(strategy.config_dir().join("hypocaust").join("preferences.json"))
    }

    /// What is kept there, as far as it can be read.
    pub fn read(path: &Path) -> Preferences {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let Ok(serde_json::Value::Object(kept)) = serde_json::from_str(&text) else { return Preferences::default() };
        // Key by key: a word that a later version wrote must not cost the rest.
        let mut readable = serde_json::Map::new();
        for (key, value) in kept {
            let alone = serde_json::Map::from_iter([(key.clone(), value.clone())]);
            if serde_json::from_value::<Preferences>(alone.into()).is_ok() {
                readable.insert(key, value);
            }
        }
        serde_json::from_value(readable.into()).unwrap_or_default()
    }

    /// Writes them whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be made or the file not be written.
    pub fn write(&self, path: &Path) -> Result<(), IoError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| IoError::system(folder, &error))?;
        }
        let text = serde_json::to_string_pretty(self).map_err(|error| IoError::system(path, &error.into()))?;
        save::atomic(path, format!("{text}\n").as_bytes())
    }
}

impl Session {
    /// What is to be remembered of this session.
    pub fn preferences(&self) -> Preferences {
        let chosen = |quantity: &Quantity| self.units.unit(*quantity).symbol != quantity.units()[0].symbol;
        Preferences {
            language: Some(self.language),
            theme: Some(self.theme),
            units: (Quantity::ALL.into_iter().filter(chosen))
                .map(|quantity| (quantity, self.units.unit(quantity).symbol.to_owned()))
                .collect(),
            numbers: Some(self.units.style),
            pipe_exaggeration: Some(self.view.pipe_exaggeration),
            recent: self.recent.clone(),
        }
    }

    /// Shows things as remembered. Units this version does not know are left out.
    pub fn prefer(&mut self, preferences: &Preferences) {
        self.language = preferences.language.unwrap_or(self.language);
        self.theme = preferences.theme.unwrap_or(self.theme);
        for (quantity, symbol) in &preferences.units {
            self.units.choose(*quantity, symbol);
        }
        self.units.style = preferences.numbers.unwrap_or(self.units.style);
        if let Some(times) = preferences.pipe_exaggeration.filter(|times| times.is_finite()) {
            self.view.pipe_exaggeration = times.clamp(1.0, 100.0);
        }
        for path in preferences.recent.iter().rev() {
            self.remember(path.clone());
        }
    }
}
