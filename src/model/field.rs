//! Additional fields of pictures: what a table or the file itself says of them beside what every picture has.

use super::exif::Place;
use serde::{Deserialize, Serialize};

/// What a field says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum FieldValue {
    /// Any text.
    Text(String),
    /// A number, which is finite.
    Number(f64),
    /// A day or moment after ISO 8601: `2026-05-17`, `2026-05-17T14:03:59`, with `Z` or `+02:00` behind it where that is known.
    Time(String),
    /// A place on earth.
    Place(Place),
}

impl FieldValue {
    /// The one text that says this value, as exports write it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Time(text) => text.clone(),
            Self::Number(number) if number.abs() >= 1e15 || (*number != 0.0 && number.abs() < 1e-6) => {
                format!("{number:e}")
            }
            Self::Number(number) => number.to_string(),
            Self::Place(place) => format!("{},{}", place.latitude, place.longitude),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_one_text() {
        let place = Place { latitude: -52.5, longitude: 13.0 };
        for (value, text, json) in [
            (FieldValue::Text("a b".into()), "a b", r#"{"kind":"text","value":"a b"}"#),
            (FieldValue::Number(2.50), "2.5", r#"{"kind":"number","value":2.5}"#),
            (FieldValue::Number(1e300), "1e300", r#"{"kind":"number","value":1e300}"#),
            (FieldValue::Time("2026-05-17".into()), "2026-05-17", r#"{"kind":"time","value":"2026-05-17"}"#),
            (FieldValue::Place(place), "-52.5,13", r#"{"kind":"place","value":{"latitude":-52.5,"longitude":13.0}}"#),
        ] {
            assert_eq!(value.text(), text);
            assert_eq!(serde_json::from_str::<FieldValue>(json).unwrap(), value);
            assert_eq!(serde_json::from_str::<FieldValue>(&serde_json::to_string(&value).unwrap()).unwrap(), value);
        }
    }
}
