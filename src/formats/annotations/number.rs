//! Numbers as files have them.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Formatter};

/// A number, which some programs write as text. What is no number is NaN, so that the shape is lost and not the whole entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::formats) struct Number(pub f64);

impl Number {
    /// The number that a text says, NaN if none.
    pub fn parse(text: &str) -> f64 {
        text.trim().parse().unwrap_or(f64::NAN)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
        Ok(Number(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
        Ok(Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number(number as f64))
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<Number, E> {
        Ok(Number(f64::from(u8::from(is))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
        Ok(Number(Number::parse(text)))
    }

    fn visit_unit<E: Error>(self) -> Result<Number, E> {
        Ok(Number(f64::NAN))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// Whole numbers are written without a point.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 1e15 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// A text that names something is no longer, since many of them are kept.
const MAX_ID: usize = 1000;

/// What names a picture or class inside of a file: a whole number, or a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::formats) enum Id {
    /// A number, also one that stands as text.
    Number(i64),
    /// Any other text.
    Text(Box<str>),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Id::Number(number) => number.fmt(f),
            Id::Text(text) => text.fmt(f),
        }
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a text that names something")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Id, E> {
        Ok(Id::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Id, E> {
        Ok(i64::try_from(number).map_or_else(|_| Id::Text(number.to_string().into()), Id::Number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Id, E> {
        // Spreadsheets and pandas make 7.0 of 7.
        if number.fract() == 0.0 && number.abs() < 9e15 {
            Ok(Id::Number(number as i64))
        } else {
            Ok(Id::Text(number.to_string().into()))
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
        if text.len() > MAX_ID {
            return Err(E::custom("a name of something is too long"));
        }
        // `01` names something else than `1`.
        let number = text.parse().ok().filter(|number: &i64| number.to_string() == text);
        Ok(number.map_or_else(|| Id::Text(text.into()), Id::Number))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

/// A number of pixels or per cent as files say it: to the sixth decimal, so that a tool's own few decimals come out as they came in.
pub(in crate::formats) fn decimal(number: f64) -> Number {
    rounded(number, 1e6)
}

/// A part of a side as files say it: to the twelfth decimal.
pub(in crate::formats) fn exact(number: f64) -> Number {
    rounded(number, 1e12)
}

fn rounded(number: f64, unit: f64) -> Number {
    // Adding 0 makes a plain zero of a negative one.
    Number((number * unit).round() / unit + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_all_forms() {
        let read = |text: &str| serde_json::from_str::<Number>(text).unwrap().0;
        assert_eq!(read("1e3"), 1000.0);
        assert_eq!(read("\" 12.50 \""), 12.5);
        assert!(read("null").is_nan() && read("\"x\"").is_nan() && read("\"inf\"").is_infinite());
        assert!(serde_json::from_str::<Number>("[]").is_err());
        let id = |text: &str| serde_json::from_str::<Id>(text).unwrap().to_string();
        assert_eq!([id("7"), id("\"7\""), id("7.0"), id("\"a-7\""), id("1.5")], ["7", "7", "7", "a-7", "1.5"]);
        assert_eq!([id("\"01\""), id("\"+1\"")], ["01", "+1"]);
        assert_eq!(id("18446744073709551615"), "18446744073709551615");
    }

    #[test]
    fn numbers_are_written_short() {
        let write = |number: Number| serde_json::to_string(&number).unwrap();
        assert_eq!(write(decimal(0.1 + 0.2)), "0.3");
        assert_eq!(write(decimal(-1e-9)), "0");
        assert_eq!(write(decimal(640.0)), "640");
        assert_eq!(write(exact(1.0 / 3.0)), "0.333333333333");
    }
}
