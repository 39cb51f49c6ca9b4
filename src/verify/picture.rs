//! Curves of a case as an SVG picture, written by hand: a frame, round marks on the axes, one line a curve, a legend.

use std::fmt::Write;

/// Curves over one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// File name without ending; `/` becomes `-`.
    pub name: String,
    title: String,
    horizontal: &'static str,
    vertical: &'static str,
    curves: Vec<Curve>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    label: String,
    points: Vec<(f64, f64)>,
    thin: bool,
}

impl Curve {
    pub fn new(label: &str, x: &[f64], y: &[f64]) -> Curve {
        Curve { label: label.to_owned(), points: x.iter().copied().zip(y.iter().copied()).collect(), thin: false }
    }

    pub fn of(label: &str, points: &[(f64, f64)]) -> Curve {
        Curve { label: label.to_owned(), points: points.to_vec(), thin: false }
    }

    pub fn thin(mut self) -> Curve {
        self.thin = true;
        self
    }
}

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 40.0;
const RIGHT: f64 = 20.0;
const BOTTOM: f64 = 46.0;
/// Distinguishable for the colour-blind (Okabe and Ito).
const COLOURS: [&str; 6] = ["#999999", "#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7"];
/// Points closer than this, in pixels, are one.
const SAME: f64 = 1.0;

impl Picture {
    pub fn new(
        name: &str,
        title: &str,
        horizontal: &'static str,
        vertical: &'static str,
        curves: Vec<Curve>,
    ) -> Picture {
        Picture { name: name.replace('/', "-"), title: title.to_owned(), horizontal, vertical, curves }
    }

    /// Adds to the title.
    pub fn named(mut self, more: &str) -> Picture {
        self.title.push_str(more);
        self
    }

    /// The picture as SVG.
    pub fn svg(&self) -> String {
        let all =
            || self.curves.iter().flat_map(|curve| curve.points.iter()).filter(|p| p.0.is_finite() && p.1.is_finite());
        let (x0, x1) = range(all().map(|p| p.0));
        let (y0, y1) = range(all().map(|p| p.1));
        let (y0, y1) = (y0 - 0.03 * (y1 - y0), y1 + 0.03 * (y1 - y0));
        let across = |x: f64| LEFT + (x - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT);
        let down = |y: f64| HEIGHT - BOTTOM - (y - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"20\" font-size=\"15\">{}</text>\n",
            escaped(&self.title)
        );
        // Writing into a string cannot fail.
        let mut line = |text: String| svg.push_str(&text);
        for x in marks(x0, x1) {
            let at = across(x);
            line(format!(
                "<path d=\"M{at:.1} {TOP}V{:.1}\" stroke=\"#e5e5e5\"/><text x=\"{at:.1}\" y=\"{:.1}\" \
                 text-anchor=\"middle\">{x}</text>\n",
                HEIGHT - BOTTOM,
                HEIGHT - BOTTOM + 16.0
            ));
        }
        for y in marks(y0, y1) {
            let at = down(y);
            line(format!(
                "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#e5e5e5\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{y}</text>\n",
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 4.0
            ));
        }
        line(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text x=\"14\" y=\"{:.1}\">{}</text>\n",
            0.5 * (LEFT + WIDTH - RIGHT),
            HEIGHT - 8.0,
            escaped(self.horizontal),
            TOP - 8.0,
            escaped(self.vertical)
        ));
        for (at, curve) in self.curves.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            let width = if curve.thin { 1.0 } else { 1.8 };
            let mut path = String::new();
            let mut last = (f64::NEG_INFINITY, f64::NEG_INFINITY);
            for point in curve.points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()) {
                let here = (across(point.0), down(point.1));
                if (here.0 - last.0).abs() >= SAME || (here.1 - last.1).abs() >= SAME {
                    let word = if path.is_empty() { 'M' } else { 'L' };
                    let _ = write!(path, "{word}{:.1} {:.1}", here.0, here.1);
                    last = here;
                }
            }
            line(format!("<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>\n"));
            let x = LEFT + 12.0 + 205.0 * at as f64;
            line(format!(
                "<path d=\"M{x:.1} 32h18\" stroke=\"{colour}\" stroke-width=\"{width}\"/><text x=\"{:.1}\" \
                 y=\"36\">{}</text>\n",
                x + 22.0,
                escaped(&curve.label)
            ));
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low < high {
        (low, high)
    } else if low.is_finite() {
        (low - 1.0, low + 1.0)
    } else {
        (0.0, 1.0)
    }
}

/// Five to ten round numbers in a range.
fn marks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 8.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|f| f * power).find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    // Rounded to the digits of the step, so that 0.1 + 0.2 does not show.
    (first..=last).map(|at| (at as f64 * step * 1e9).round() / 1e9).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_marks_labels_and_lines() {
        let curve = Curve::new("a < b", &[0.0, 50.0, 100.0], &[18.0, f64::NAN, 52.0]);
        let svg = Picture::new("x/y", "Title", "time, s", "°C", vec![curve]).svg();
        assert!(svg.contains("a &lt; b") && svg.contains(">20</text>") && svg.ends_with("</svg>\n"));
        assert!(!svg.contains("NaN"));
        assert_eq!(marks(0.0, 1.0), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    }
}
