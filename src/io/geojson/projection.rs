//! From longitude and latitude to metres on a plane and back.
//!
//! A network gets its own transverse Mercator: central meridian and origin in its middle, scale 1 there, on the WGS 84
//! ellipsoid. Over a city (± 30 km) distances are then true to 1e-5, and the map stands upright. The whole definition
//! goes into [`Settings::coordinate_system`](crate::network::Settings) as a PROJ string, so that export finds the way
//! back. The formulas are proj4rs's. Projected coordinates of other systems are taken as metres as they are.

use proj4rs::proj::Proj;
use proj4rs::transform::transform;

/// The two sides of a map projection.
pub struct Projection {
    degrees: Proj,
    metres: Proj,
    definition: String,
}

impl Projection {
    /// The projection with its middle at a place, which is rounded to 0.01° so that a slightly larger map keeps it.
    /// `None` for places that are not on earth.
    pub fn around(longitude_deg: f64, latitude_deg: f64) -> Option<Projection> {
        if longitude_deg.is_nan() || longitude_deg.abs() > 180.0 || latitude_deg.is_nan() || latitude_deg.abs() > 89.0 {
            return None;
        }
        Self::from_definition(&format!(
            "+proj=tmerc +lat_0={latitude_deg:.2} +lon_0={longitude_deg:.2} +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m \
             +no_defs"
        ))
    }

    /// The projection a PROJ string defines, as [`Self::definition`] gave it; `None` where the text is none.
    pub fn from_definition(definition: &str) -> Option<Projection> {
        if !definition.starts_with("+proj=") {
            return None;
        }
        Some(Projection {
            degrees: Proj::from_proj_string("+proj=longlat +ellps=WGS84 +no_defs").ok()?,
            metres: Proj::from_proj_string(definition).ok()?,
            definition: definition.to_owned(),
        })
    }

    /// The PROJ string.
    pub fn definition(&self) -> &str {
        &self.definition
    }

    /// East and north in m; `None` where the place cannot be shown.
    pub fn to_metres(&self, longitude_deg: f64, latitude_deg: f64) -> Option<[f64; 2]> {
        let mut point = (longitude_deg.to_radians(), latitude_deg.to_radians(), 0.0);
        transform(&self.degrees, &self.metres, &mut point).ok()?;
        (point.0.is_finite() && point.1.is_finite()).then_some([point.0, point.1])
    }

    /// Longitude and latitude in degrees.
    pub fn to_degrees(&self, x_m: f64, y_m: f64) -> Option<[f64; 2]> {
        let mut point = (x_m, y_m, 0.0);
        transform(&self.metres, &self.degrees, &mut point).ok()?;
        let (longitude, latitude) = (point.0.to_degrees(), point.1.to_degrees());
        (longitude.is_finite() && latitude.is_finite()).then_some([longitude, latitude])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_meridian_has_its_length_and_the_way_back_is_the_same() {
        let projection = Projection::around(125.3245, 43.8868).expect("Changchun");
        assert!(projection.definition().contains("+lat_0=43.89 +lon_0=125.32"));
        // Meridian arc of WGS 84 from 43.5° to 44.5°, integrated numerically: 111 112.243 m.
        let (south, north) = (projection.to_metres(125.32, 43.5), projection.to_metres(125.32, 44.5));
        let (south, north) = (south.expect("south"), north.expect("north"));
        assert!((north[1] - south[1] - 111_112.243).abs() < 1e-2, "{}", north[1] - south[1]);
        assert!(south[0].abs() < 1e-6 && north[0].abs() < 1e-6);
        // 0.01° of parallel at 43.89°: 6 388 422.8 m · 0.720 672 · 0.01° = 803.542 m.
        let east = projection.to_metres(125.33, 43.89).expect("east");
        assert!((east[0] - 803.542).abs() < 1e-2 && east[1].abs() < 0.1, "{east:?}");
        let [longitude, latitude] = projection.to_degrees(1234.5, -6789.0).expect("degrees");
        let [x, y] = projection.to_metres(longitude, latitude).expect("metres");
        assert!((x - 1234.5).abs() < 1e-6 && (y + 6789.0).abs() < 1e-6, "{x} {y}");
        assert!(Projection::around(500.0, 0.0).is_none() && Projection::from_definition("local metres").is_none());
    }
}
