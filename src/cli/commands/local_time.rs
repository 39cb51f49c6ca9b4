//! Instants as they are typed and printed: in the local time that was asked for.

use crate::cli::args::Stretch;
use crate::cli::{Failure, Printer};
use crate::live::Timestamp;
use crate::physics::calendar::{CivilTime, days_from_civil};

/// Local time on a command line.
pub struct LocalTime<'a> {
    /// Ahead of UTC.
    pub offset_ms: i64,
    pub printer: &'a Printer,
}

impl LocalTime<'_> {
    pub fn stretch(&self, time: &Stretch) -> Result<(Timestamp, Timestamp), Failure> {
        let bound = |text: &Option<String>, open| text.as_deref().map_or(Ok(open), |text| self.instant(text));
        Ok((bound(&time.from, Timestamp::from_ms(i64::MIN))?, bound(&time.to, Timestamp::from_ms(i64::MAX))?))
    }

    /// RFC 3339, or date and time of day in local time.
    pub fn instant(&self, text: &str) -> Result<Timestamp, Failure> {
        if let Ok(instant) = Timestamp::parse(text) {
            return Ok(instant);
        }
        local_ms(text).map(|ms| Timestamp::from_ms(ms - self.offset_ms)).ok_or_else(|| {
            Failure::input(self.printer.language.texts().with("history-no-time", &[("text", text.into())]))
        })
    }

    pub fn local(&self, time: Timestamp) -> String {
        let ms = time.ms() + self.offset_ms;
        let civil = CivilTime::of(ms.div_euclid(1000) as f64);
        let second = civil.second_of_day as u32;
        format!(
            "{} {:02}:{:02}:{:02}.{:03}",
            civil.date_text(),
            second / 3600,
            second / 60 % 60,
            second % 60,
            ms.rem_euclid(1000)
        )
    }
}

/// `2026-01-15`, `2026-01-15T18:00` or `2026-01-15 18:00:30` as ms of local time.
fn local_ms(text: &str) -> Option<i64> {
    let (day, time) = text.trim().split_once(['T', ' ']).unwrap_or((text.trim(), "00:00"));
    let mut day = day.splitn(3, '-');
    let (year, month, date) = (day.next()?, day.next()?, day.next()?);
    let days = days_from_civil(year.parse().ok()?, month.parse().ok()?, date.parse().ok()?)?;
    let mut time = time.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (time.next()??, time.next()??);
    let second = time.next().unwrap_or(Some(0))?;
    let sound = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    (sound && time.next().is_none()).then_some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000)
}
