//! The analysis for people: sections of sentences and tables, for a terminal and for paper.

use crate::dispatch::energy::{
    Account, Comparison, EnergyHistory, EnergyView, Period, Piece, Place, PlaceKind, Ranking, Refused, Resource, System,
};
use crate::io::emergency::{Section, Sheet, SheetTable};
use crate::physics::calendar::{CivilTime, HOUR_S};
use crate::text::{Argument, Language};

const GJ: f64 = 1e9;
const KWH: f64 = 3.6e6;
const NONE: &str = "–";

/// `2026-01-15 06:00`.
pub(super) fn hour_text(hour: i64) -> String {
    let civil = CivilTime::of(hour as f64 * HOUR_S);
    format!("{} {:02}:00", civil.date_text(), (civil.second_of_day / HOUR_S).round() as u32)
}

/// A period in short: days where it is whole ones.
pub fn period_text(period: Period) -> String {
    let date = |hour: i64| CivilTime::of(hour as f64 * HOUR_S).date_text();
    if period.from % 24 == 0 && period.to % 24 == 0 {
        let last = date(period.to - 24);
        let first = date(period.from);
        return if first == last { first } else { format!("{first} – {last}") };
    }
    format!("{} – {}", hour_text(period.from), hour_text(period.to))
}

/// Four figures.
fn number(value: f64) -> String {
    let size = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    let digits = usize::try_from(3 - size).unwrap_or(0).min(6);
    format!("{value:.digits$}")
}

fn figure(value: Result<f64, Refused>, unit: f64) -> String {
    value.map_or_else(|_| NONE.to_owned(), |value| number(value / unit))
}

fn percent(value: f64) -> String {
    format!("{:.1}", 100.0 * value)
}

fn change(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{:+.1}", 100.0 * value))
}

struct Writer<'a> {
    view: &'a EnergyView,
    language: Language,
    /// Rows of the long tables; the rest is counted.
    most_rows: usize,
}

/// The analysis in a language. `history` says how the counters behaved.
pub fn sheet(view: &EnergyView, history: &EnergyHistory, language: Language, most_rows: usize) -> Sheet {
    let writer = Writer { view, language, most_rows };
    let mut sections = vec![writer.city()];
    sections.extend(writer.places(PlaceKind::Source));
    sections.extend(writer.places(PlaceKind::Station));
    sections.extend(writer.places(PlaceKind::Building));
    sections.extend(view.comparisons.iter().map(|comparison| writer.comparison(comparison)));
    sections.extend(view.rankings.iter().map(|ranking| writer.ranking(ranking)));
    sections.extend(writer.pieces(&view.pieces));
    sections.extend(writer.plan());
    sections.extend(writer.targets());
    sections.extend(writer.data(history));
    Sheet { title: writer.word("energy-title"), lines: vec![writer.weather()], sections }
}

impl Writer<'_> {
    fn word(&self, key: &str) -> String {
        self.language.texts().get(key).into_owned()
    }

    fn sentence(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        self.language.texts().with(key, arguments)
    }

    fn heads(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.word(key)).collect()
    }

    /// Id and name; of sums what they are.
    fn place(&self, place: &Place) -> String {
        match place.kind {
            PlaceKind::City | PlaceKind::AllSources | PlaceKind::AllStations => self.word(place.kind.key()),
            _ if place.name.is_empty() => place.id.to_string(),
            _ => format!("{} {}", place.id, place.name),
        }
    }

    /// A table of which the first rows are shown, without columns in which there is nothing at all.
    fn table(&self, section: &mut Section, heads: &[&str], mut rows: Vec<Vec<String>>) {
        let hidden = rows.len().saturating_sub(self.most_rows);
        rows.truncate(self.most_rows);
        if hidden > 0 {
            section.notes.push(self.sentence("energy-further", &[("count", hidden.into())]));
        }
        if rows.is_empty() {
            return;
        }
        let told: Vec<bool> = (0..heads.len()).map(|at| rows.iter().any(|row| row[at] != NONE)).collect();
        let kept =
            |row: Vec<String>| row.into_iter().zip(&told).filter(|(_, told)| **told).map(|(cell, _)| cell).collect();
        let rows = rows.into_iter().map(kept).collect();
        section.table = Some(SheetTable { heads: kept(self.heads(heads)), rows });
    }

    fn weather(&self) -> String {
        let period = self.view.setting.period;
        let hours = [("period", period_text(period).into()), ("hours", period.len().to_string().into())];
        match &self.view.degree_days {
            Ok(sum) => self.sentence(
                "energy-period",
                &[
                    hours[0].clone(),
                    hours[1].clone(),
                    ("degree_days", number(sum.degree_days).into()),
                    ("base", self.view.setting.base_c.to_string().into()),
                    ("known", percent(sum.known_share).into()),
                    ("mean", format!("{:.1}", sum.mean_c).into()),
                ],
            ),
            Err(_) => self.sentence("energy-period-no-weather", &hours),
        }
    }

    fn why(&self, refused: &Refused) -> String {
        match refused {
            Refused::NotMeasured => self.word("energy-refused-not-measured"),
            Refused::TooLittle { known_share } => {
                self.sentence("energy-refused-too-little", &[("known", percent(*known_share).into())])
            }
            Refused::Members { refused, of, first } => {
                let arguments =
                    [("missing", (*refused).into()), ("of", (*of).into()), ("first", first.to_string().into())];
                self.sentence("energy-refused-members", &arguments)
            }
            Refused::NoArea => self.word("energy-refused-no-area"),
            Refused::NoWeather => self.word("energy-refused-no-weather"),
            Refused::Nought => self.word("energy-refused-nought"),
        }
    }

    /// Every figure of the whole by its name, its unit, and why it is missing where it is.
    fn city(&self) -> Section {
        let mut section = Section { title: self.word("energy-whole"), ..Section::default() };
        let mut rows = Vec::new();
        let mut row = |key: &str, unit: &str, value: Result<f64, Refused>, scale: f64| {
            let (text, why) = match &value {
                Ok(value) => (number(value * scale), String::new()),
                Err(refused) => (NONE.to_owned(), self.why(refused)),
            };
            rows.push(vec![self.word(key), text, unit.to_owned(), why]);
        };
        if let Some(city) = self.view.city() {
            row("energy-figure-heat", "GJ", city.amount(Resource::Heat), 1.0 / GJ);
            row("energy-figure-heat-area", "GJ/m²", city.per_area(Resource::Heat), 1.0 / GJ);
            row("energy-figure-heat-area-day", "kJ/(m²·°C·d)", city.heat_per_area_and_degree_day(), 1e-3);
            row("energy-figure-electricity-area", "kWh/m²", city.per_area(Resource::Electricity), 1.0 / KWH);
            row("energy-figure-water-area", "L/m²", city.per_area(Resource::MakeUp), 1e3);
        }
        if let Some(system) = &self.view.system {
            let System { supplied_j, received_j, transport_share, fuel_share, whole_share, .. } = system.clone();
            row("energy-figure-supplied", "GJ", supplied_j, 1.0 / GJ);
            row("energy-figure-received", "GJ", received_j, 1.0 / GJ);
            row("energy-figure-transport", "%", transport_share, 100.0);
            row("energy-figure-fuel-share", "%", fuel_share, 100.0);
            row("energy-figure-whole-share", "%", whole_share, 100.0);
            row("energy-figure-electricity-heat", "kWh/GJ", system.electricity_per_heat.clone(), GJ / KWH);
            row("energy-figure-primary-loss", "%", system.primary_loss_share.clone(), 100.0);
            row("energy-figure-secondary-loss", "%", system.secondary_loss_share.clone(), 100.0);
        }
        section.table = Some(SheetTable {
            heads: self.heads(&["energy-head-figure", "energy-head-value", "energy-head-unit", "energy-head-why"]),
            rows,
        });
        section.found = self.word("energy-found-whole");
        section
    }

    fn known(&self, account: &Account) -> [String; 2] {
        let heat = account.total(Resource::Heat).ok();
        let known = heat.map(|heat| percent(heat.measured_share + heat.bridged_share));
        let filled = heat.map(|heat| percent(if heat.amount > 0.0 { heat.filled / heat.amount } else { 0.0 }));
        [known, filled].map(|text| text.unwrap_or_else(|| NONE.to_owned()))
    }

    /// Places of a kind of which anything is known.
    fn places(&self, kind: PlaceKind) -> Option<Section> {
        let known = |account: &&Account| Resource::ALL.iter().any(|resource| account.amount(*resource).is_ok());
        let all = || self.view.accounts.iter().filter(|account| account.place.kind == kind);
        let accounts: Vec<&Account> = all().filter(known).collect();
        if accounts.is_empty() {
            return None;
        }
        let key = match kind {
            PlaceKind::Source => "energy-sources",
            PlaceKind::Station => "energy-stations",
            _ => "energy-buildings",
        };
        let mut section = Section { title: self.word(key), ..Section::default() };
        let sources = kind == PlaceKind::Source;
        let row = |account: &&Account| -> Vec<String> {
            let heat = figure(account.amount(Resource::Heat), GJ);
            let mut row = vec![self.place(&account.place)];
            if sources {
                row.extend([
                    heat,
                    figure(account.amount(Resource::Fuel), GJ),
                    figure(account.fuel_efficiency(), 0.01),
                    figure(account.per_heat(Resource::Electricity), KWH / GJ),
                    figure(account.amount(Resource::MakeUp), 1.0),
                    figure(account.water_loss_share(), 0.01),
                ]);
            } else {
                row.extend([
                    account.area_m2.map_or_else(|| NONE.to_owned(), |area| format!("{area:.0}")),
                    heat,
                    figure(account.per_area(Resource::Heat), GJ),
                    figure(account.heat_per_area_and_degree_day(), 1e3),
                    figure(account.per_area(Resource::Electricity), KWH),
                    figure(account.per_area(Resource::MakeUp), 1e-3),
                    figure(account.water_loss_share(), 0.01),
                ]);
            }
            row.extend(self.known(account));
            row
        };
        let heads: &[&str] = if sources {
            &[
                "energy-head-place",
                "energy-head-heat",
                "energy-head-fuel",
                "energy-head-efficiency",
                "energy-head-electricity-heat",
                "energy-head-make-up",
                "energy-head-loss",
                "energy-head-known",
                "energy-head-filled",
            ]
        } else {
            &[
                "energy-head-place",
                "energy-head-area",
                "energy-head-heat",
                "energy-head-heat-area",
                "energy-head-heat-area-day",
                "energy-head-electricity-area",
                "energy-head-water-area",
                "energy-head-loss",
                "energy-head-known",
                "energy-head-filled",
            ]
        };
        let without = all().count() - accounts.len();
        self.table(&mut section, heads, accounts.iter().map(row).collect());
        if without > 0 {
            section.notes.push(self.sentence("energy-without", &[("count", without.into())]));
        }
        section.found =
            self.sentence("energy-found-places", &[("least", percent(self.view.setting.least_share).into())]);
        Some(section)
    }

    fn comparison(&self, comparison: &Comparison) -> Section {
        let title = format!("{}: {}", self.word(comparison.other.key()), period_text(comparison.period));
        let mut section = Section { title, ..Section::default() };
        if let (Ok(then), Ok(now)) = (&comparison.degree_days, &self.view.degree_days) {
            let arguments = [("then", number(*then).into()), ("now", number(now.degree_days).into())];
            section.lines.push(self.sentence("energy-compared-weather", &arguments));
        }
        let shown = |resource: Resource| match resource {
            Resource::Heat | Resource::Fuel => (GJ, "GJ"),
            Resource::Electricity => (KWH, "kWh"),
            Resource::MakeUp | Resource::Circulated => (1.0, "m³"),
        };
        let row = |own: &crate::dispatch::energy::Change| {
            let (unit, symbol) = shown(own.resource);
            let corrected = own.corrected_then.clone().and_then(Result::ok);
            vec![
                self.place(&own.place),
                format!("{} {symbol}", self.word(own.resource.key())),
                number(own.now / unit),
                number(own.then / unit),
                change(own.raw_share.clone().ok()),
                corrected.map_or_else(|| NONE.to_owned(), |then| number(then / unit)),
                change(own.corrected_share().and_then(Result::ok)),
            ]
        };
        let heads = [
            "energy-head-place",
            "energy-head-what",
            "energy-head-now",
            "energy-head-then",
            "energy-head-change",
            "energy-head-corrected",
            "energy-head-corrected-change",
        ];
        self.table(&mut section, &heads, comparison.changes.iter().map(row).collect());
        if comparison.without > 0 {
            section.notes.push(self.sentence("energy-not-then", &[("count", comparison.without.into())]));
        }
        section.found = self.word("energy-found-compared");
        section
    }

    fn ranking(&self, ranking: &Ranking) -> Section {
        let (unit, symbol) = match ranking.resource {
            Resource::Heat | Resource::Fuel => (GJ, "GJ/m²"),
            Resource::Electricity => (KWH, "kWh/m²"),
            Resource::MakeUp | Resource::Circulated => (1e-3, "L/m²"),
        };
        let title = self.sentence(
            "energy-ranking",
            &[("what", self.word(ranking.resource.key()).into()), ("kind", self.word(ranking.kind.key()).into())],
        );
        let mut section = Section { title, ..Section::default() };
        let median = [("median", number(ranking.median / unit).into()), ("unit", symbol.to_owned().into())];
        section.lines.push(self.sentence("energy-median", &median));
        let rows = ranking.ranked.iter().map(|one| {
            let value = number(one.per_area / unit);
            vec![one.rank.to_string(), self.place(&one.place), value, change(one.deviation_share)]
        });
        let heads = ["energy-head-rank", "energy-head-place", "energy-head-per-area", "energy-head-deviation"];
        self.table(&mut section, &heads, rows.collect());
        if !ranking.without.is_empty() {
            section.notes.push(self.sentence("energy-without", &[("count", ranking.without.len().into())]));
        }
        section
    }

    fn pieces(&self, pieces: &[Piece]) -> Option<Section> {
        let row = |piece: &Piece| -> Option<Vec<String>> {
            let city = piece.accounts.first()?;
            Some(vec![
                period_text(piece.period),
                figure(city.degree_days.clone().map(|sum| sum.degree_days), 1.0),
                figure(city.amount(Resource::Heat), GJ),
                figure(city.per_area(Resource::Heat), GJ),
                figure(city.heat_per_area_and_degree_day(), 1e3),
                figure(city.per_area(Resource::Electricity), KWH),
                figure(city.per_area(Resource::MakeUp), 1e-3),
            ])
        };
        let rows: Vec<Vec<String>> = pieces.iter().filter_map(row).collect();
        if rows.is_empty() {
            return None;
        }
        let mut section = Section { title: self.word("energy-pieces"), ..Section::default() };
        let heads = [
            "energy-head-period",
            "energy-head-degree-days",
            "energy-head-heat",
            "energy-head-heat-area",
            "energy-head-heat-area-day",
            "energy-head-electricity-area",
            "energy-head-water-area",
        ];
        self.table(&mut section, &heads, rows);
        Some(section)
    }

    fn plan(&self) -> Option<Section> {
        if self.view.planned.is_empty() {
            return None;
        }
        let mut section = Section { title: self.word("energy-plan"), ..Section::default() };
        let rows = self.view.planned.iter().map(|own| {
            let worst = own.worst.map(|(hour, by)| format!("{:+.1} ({})", by / GJ, hour_text(hour)));
            let measured = own.measured_hours > 0;
            let heat = |value: f64| if measured { number(value / GJ) } else { NONE.to_owned() };
            vec![
                self.place(&own.place),
                format!("{}/{}", own.measured_hours, own.hours),
                heat(own.planned_j),
                heat(own.actual_j),
                change(own.deviation_share()),
                own.hourly_share.map_or_else(|| NONE.to_owned(), percent),
                worst.unwrap_or_else(|| NONE.to_owned()),
            ]
        });
        let heads = [
            "energy-head-place",
            "energy-head-hours",
            "energy-head-planned",
            "energy-head-actual",
            "energy-head-change",
            "energy-head-hourly",
            "energy-head-worst",
        ];
        self.table(&mut section, &heads, rows.collect());
        section.found = self.word("energy-found-plan");
        Some(section)
    }

    fn targets(&self) -> Option<Section> {
        if self.view.targets.is_empty() {
            return None;
        }
        let mut section = Section { title: self.word("energy-targets"), ..Section::default() };
        let rows = self.view.targets.iter().map(|own| {
            let (unit, symbol) = match own.resource {
                Resource::Heat | Resource::Fuel => (GJ, "GJ/m²"),
                Resource::Electricity => (KWH, "kWh/m²"),
                Resource::MakeUp | Resource::Circulated => (1e-3, "L/m²"),
            };
            vec![
                self.place(&own.place),
                format!("{} {symbol}", self.word(own.resource.key())),
                number(own.target / unit),
                figure(own.actual.clone(), unit),
                change(own.deviation_share()),
            ]
        });
        let heads =
            ["energy-head-place", "energy-head-what", "energy-head-target", "energy-head-actual", "energy-head-change"];
        self.table(&mut section, &heads, rows.collect());
        Some(section)
    }

    /// Meters that were exchanged, rolled over, or said what cannot be.
    fn data(&self, history: &EnergyHistory) -> Option<Section> {
        let mut section = Section { title: self.word("energy-data"), ..Section::default() };
        for metered in &history.metered {
            for resource in Resource::ALL {
                let Some(notes) = metered.series(resource).map(|series| series.counter) else { continue };
                let counts = [
                    ("energy-rolled-over", notes.roll_overs),
                    ("energy-reset", notes.resets),
                    ("energy-left-out", notes.left_out),
                ];
                for (key, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
                    let arguments = [
                        ("place", self.place(&metered.place).into()),
                        ("what", self.word(resource.key()).into()),
                        ("count", (count as usize).into()),
                    ];
                    section.lines.push(self.sentence(key, &arguments));
                }
            }
        }
        let hidden = section.lines.len().saturating_sub(self.most_rows);
        section.lines.truncate(self.most_rows);
        if hidden > 0 {
            section.notes.push(self.sentence("energy-further", &[("count", hidden.into())]));
        }
        (!section.lines.is_empty()).then_some(section)
    }
}
