//! Additional fields of pictures: what a table or the file itself says of them beside what every picture has.

use super::date::parse_iso;
use super::error::FieldError;
use super::exif::Place;
use super::limits::check_text;
use super::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A picture has at most so many additional fields.
pub const MAX_FIELDS: usize = 500;
/// The name of a field has at most so many characters.
pub const MAX_FIELD_NAME: usize = 200;
/// A text of a field has at most so many characters.
pub const MAX_FIELD_TEXT: usize = 20_000;

/// An additional field of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureField {
    /// Its name, which no other of the picture has, whatever the case.
    pub name: String,
    /// What it says.
    #[serde(flatten)]
    pub value: FieldValue,
}

/// Which fields a picture is to have: by name what they say, or null for those that go. Others stay as they are.
pub type FieldChanges = BTreeMap<String, Option<FieldValue>>;

/// What fields are told apart by: their names without regard to case.
pub fn field_key(name: &str) -> String {
    fold(name)
}

/// What is wrong with changes to fields, if anything is; `path` is where they stand.
pub fn check_fields(path: &str, changes: &FieldChanges) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if changes.len() > MAX_FIELDS {
        errors.push(FieldError::new(path, format!("must have at most {MAX_FIELDS} entries")));
    }
    let mut keys = std::collections::BTreeSet::new();
    for (name, value) in changes {
        let shown: String = name.chars().take(60).collect();
        let place = format!("{path}.{shown}");
        let is_line = !name.contains(['\n', '\r', '\t']);
        if name.trim() != name || name.is_empty() || !is_line {
            errors.push(FieldError::new(&place, "must be called something, on one line and without space around it"));
        }
        if !keys.insert(field_key(name)) {
            errors.push(FieldError::new(&place, "is there twice, in different case"));
        }
        errors.extend(check_text(&place, name, MAX_FIELD_NAME));
        errors.extend(value.as_ref().and_then(|value| value.fault()).map(|fault| FieldError::new(&place, fault)));
    }
    errors
}

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
    /// The word for what kind of value it is, as JSON has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Time(_) => "time",
            Self::Place(_) => "place",
        }
    }

    /// The value of this kind that this is the text of, as [`text`](Self::text) says it.
    pub fn read(kind: &str, text: &str) -> Option<Self> {
        match kind {
            "text" => Some(Self::Text(text.to_owned())),
            "number" => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Number),
            "time" => Some(Self::Time(text.to_owned())),
            "place" => {
                let (latitude, longitude) = text.split_once(',')?;
                Some(Self::Place(Place { latitude: latitude.parse().ok()?, longitude: longitude.parse().ok()? }))
            }
            _ => None,
        }
    }

    /// What it is compared by where more and less are asked for: numbers as they are, and times as Unix seconds, UTC where no zone is said.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            // Whole seconds, which floats tell exactly.
            Self::Time(time) => parse_iso(time).map(|seconds| seconds as f64),
            Self::Text(_) | Self::Place(_) => None,
        }
    }

    /// What is wrong with it, if anything is.
    fn fault(&self) -> Option<String> {
        match self {
            Self::Text(text) => check_text("", text, MAX_FIELD_TEXT).map(|error| error.message),
            Self::Number(number) if !number.is_finite() => Some("must be a finite number".to_owned()),
            Self::Time(time) if parse_iso(time).is_none() => {
                Some("must be a time such as 2026-05-17 or 2026-05-17T14:03:59+02:00".to_owned())
            }
            Self::Place(Place { latitude, longitude }) => {
                let fits = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
                (!fits).then(|| "must be at most 90 degrees north or south and 180 east or west".to_owned())
            }
            Self::Number(_) | Self::Time(_) => None,
        }
    }

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
            assert_eq!(FieldValue::read(value.kind(), text), Some(value.clone()));
            assert_eq!(serde_json::from_str::<FieldValue>(json).unwrap(), value);
            assert_eq!(serde_json::from_str::<FieldValue>(&serde_json::to_string(&value).unwrap()).unwrap(), value);
        }
    }

    #[test]
    fn changes_are_checked() {
        let place = |latitude| Some(FieldValue::Place(Place { latitude, longitude: 0.0 }));
        let right = FieldChanges::from_iter([
            ("weather".to_owned(), None),
            ("taken".to_owned(), Some(FieldValue::Time("2026-05-17T14:03:59+02:00".into()))),
            ("place".to_owned(), place(-90.0)),
        ]);
        assert_eq!(check_fields("fields", &right), []);
        let wrong = FieldChanges::from_iter([
            ("".to_owned(), None),
            (" a".to_owned(), None),
            ("b".to_owned(), Some(FieldValue::Number(f64::NAN))),
            ("c".to_owned(), Some(FieldValue::Time("yesterday".into()))),
            ("d".to_owned(), place(90.1)),
            ("E".to_owned(), None),
            ("e".to_owned(), Some(FieldValue::Text("\u{0}".into()))),
        ]);
        let errors = check_fields("fields", &wrong);
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["fields.", "fields. a", "fields.b", "fields.c", "fields.d", "fields.e", "fields.e"]);
        assert_eq!(FieldValue::Time("1970-01-02".into()).number(), Some(86_400.0));
    }
}
