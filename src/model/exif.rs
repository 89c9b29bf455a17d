//! What a camera writes into a picture's file.

use serde::{Deserialize, Serialize};

/// What is known of how a picture was taken. What the camera did not tell is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exif {
    /// Maker and model of the camera.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
    /// Name of the lens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Exposure time in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_time: Option<f64>,
    /// The f-number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aperture: Option<f64>,
    /// Sensitivity after ISO 12232.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iso: Option<u32>,
    /// Focal length in millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focal_length: Option<f64>,
    /// When it was taken, by the camera's clock: `2026-05-17T14:03:59`, with `+02:00` after it where the camera knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// Where it was taken. There only if the uploader keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place on earth, in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// North of the equator.
    pub latitude: f64,
    /// East of Greenwich.
    pub longitude: f64,
}

impl Exif {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Exposure as photographers write it: "1/250 s, f/2.8, ISO 400, 50 mm".
    pub fn exposure_text(&self) -> Option<String> {
        let time = self.exposure_time.filter(|seconds| *seconds > 0.0).map(|seconds| {
            if seconds < 0.3 { format!("1/{:.0} s", 1.0 / seconds) } else { format!("{} s", short(seconds)) }
        });
        let parts = [
            time,
            self.aperture.map(|number| format!("f/{}", short(number))),
            self.iso.map(|iso| format!("ISO {iso}")),
            self.focal_length.map(|length| format!("{} mm", short(length))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The moment as people read it: "2026-05-17 14:03:59 +02:00".
    pub fn taken_text(&self) -> Option<String> {
        let taken = self.taken.as_ref()?;
        let (moment, zone) = taken.split_at_checked(19).unwrap_or((taken, ""));
        Some(format!("{} {zone}", moment.replace('T', " ")).trim_end().to_owned())
    }
}

impl Place {
    /// "52.51627° N, 13.37770° E".
    pub fn text(&self) -> String {
        let side = |degrees: f64, positive, negative| {
            format!("{:.5}° {}", degrees.abs(), if degrees < 0.0 { negative } else { positive })
        };
        format!("{}, {}", side(self.latitude, "N", "S"), side(self.longitude, "E", "W"))
    }
}

/// A number with at most one digit after the point.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_like_photographers() {
        let exif = Exif {
            exposure_time: Some(0.004),
            aperture: Some(2.8),
            iso: Some(400),
            focal_length: Some(50.0),
            taken: Some("2026-05-17T14:03:59+02:00".into()),
            ..Exif::default()
        };
        assert_eq!(exif.exposure_text().unwrap(), "1/250 s, f/2.8, ISO 400, 50 mm");
        assert_eq!(exif.taken_text().unwrap(), "2026-05-17 14:03:59 +02:00");
        let long = Exif { exposure_time: Some(2.5), ..Exif::default() };
        assert_eq!(long.exposure_text().unwrap(), "2.5 s");
        assert_eq!(Exif::default().exposure_text(), None);
        assert!(Exif::default().is_empty());
        let place = Place { latitude: -52.516_27, longitude: 13.3777 };
        assert_eq!(place.text(), "52.51627° S, 13.37770° E");
    }
}
