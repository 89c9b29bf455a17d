//! What the cells of a column are: numbers, moments, places or texts.

use super::dates::{is_dotted, iso};
use crate::formats::annotations::{EXTENSIONS, has_extension};
use crate::model::FieldValue;
use crate::model::exif::Place;
use serde::{Deserialize, Serialize};

/// The order in which days are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// `2026-05-17`.
    YearFirst,
    /// `17.5.2026`.
    DayFirst,
    /// `5/17/2026`.
    MonthFirst,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum ColumnKind {
    /// Nothing: all of them are empty.
    Empty,
    /// Texts of any kind.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number {
        /// Whether a comma stands before the fraction.
        comma: bool,
    },
    /// Yes or no, in whichever language.
    Boolean,
    /// Days or moments.
    Time {
        /// How days are written.
        order: DateOrder,
    },
    /// Latitude and longitude.
    Place,
}

impl ColumnKind {
    /// What a cell says if it is of this kind. Whether there is something in it the caller has seen.
    pub fn value(self, cell: &str) -> Option<FieldValue> {
        match self {
            Self::Empty => None,
            Self::Text => Some(FieldValue::Text(cell.to_owned())),
            Self::Integer => integer(cell).map(FieldValue::Number),
            Self::Number { comma } => number(cell, comma).map(FieldValue::Number),
            Self::Boolean => boolean(cell).map(|truth| FieldValue::Text(truth.to_string())),
            Self::Time { order } => iso(cell, order).map(FieldValue::Time),
            Self::Place => place(cell).map(FieldValue::Place),
        }
    }
}

/// So many digits a number tells exactly.
const EXACT_DIGITS: usize = 15;

/// A whole number. What begins with a zero, or has more digits than a number keeps, is the name of something.
fn integer(cell: &str) -> Option<f64> {
    let digits = cell.strip_prefix(['+', '-', '−']).unwrap_or(cell);
    let is_name = digits.len() > EXACT_DIGITS || (digits.len() > 1 && digits.starts_with('0')) || cell.starts_with('+');
    if digits.is_empty() || is_name || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: f64 = digits.parse().ok()?;
    Some(if digits.len() < cell.len() { 0.0 - number } else { number })
}

/// A number with a point or a comma before its fraction.
pub(super) fn number(cell: &str, comma: bool) -> Option<f64> {
    let unsigned = cell.strip_prefix(['-', '−']).unwrap_or(cell);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once(if comma { ',' } else { '.' }) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_long = whole.len() > EXACT_DIGITS && fraction.is_none() && exponent.is_none();
    // What begins with a zero is the name of something, even `01e5`.
    let is_whole = is_digits(whole) && !is_long && (whole.len() == 1 || !whole.starts_with('0'));
    let is_exponent = |text: &str| is_digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    if !is_whole || !fraction.is_none_or(is_digits) || !exponent.is_none_or(is_exponent) {
        return None;
    }
    let text = format!("{whole}.{}e{}", fraction.unwrap_or("0"), exponent.unwrap_or("0"));
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    Some(if unsigned.len() < cell.len() { 0.0 - number } else { number })
}

fn boolean(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "ja" | "wahr" | "oui" | "vrai" | "sí" | "si" | "verdadero" => Some(true),
        "false" | "no" | "n" | "f" | "nein" | "falsch" | "non" | "faux" | "falso" => Some(false),
        _ => None,
    }
}

/// One coordinate in degrees, perhaps with a sign for degrees and the letter of a side.
fn degrees(text: &str, sides: [char; 2], most: f64) -> Option<f64> {
    let text = text.trim();
    let last = text.chars().next_back()?.to_ascii_uppercase();
    let side = sides.iter().position(|side| *side == last);
    let inner = match side {
        Some(_) => text[..text.len() - 1].trim_end(),
        None => text,
    };
    let inner = inner.strip_suffix('°').unwrap_or(inner).trim_end();
    let degrees = number(inner, false).or_else(|| number(inner, true))?;
    if side.is_some() && degrees < 0.0 {
        return None;
    }
    let degrees = if side == Some(1) { 0.0 - degrees } else { degrees };
    (degrees.abs() <= most).then_some(degrees)
}

/// Latitude and longitude in degrees, in one cell. Two whole numbers are rather something else.
fn place(cell: &str) -> Option<Place> {
    let inner = cell.strip_prefix(['(', '[']).and_then(|inner| inner.strip_suffix([')', ']'])).unwrap_or(cell).trim();
    let parts: Vec<&str> = ["; ", ";", ", ", ",", " "]
        .iter()
        .map(|separator| inner.split(separator).filter(|part| !part.trim().is_empty()).collect::<Vec<_>>())
        .find(|parts| parts.len() == 2)?;
    let has_fraction = parts.iter().all(|part| part.contains(['.', ',', '°']));
    let latitude = degrees(parts[0], ['N', 'S'], 90.0)?;
    let longitude = degrees(parts[1], ['E', 'W'], 180.0)?;
    has_fraction.then_some(Place { latitude, longitude })
}

/// One coordinate of a place whose other one is in another column.
pub(super) fn coordinate(cell: &str, is_latitude: bool) -> Option<f64> {
    if is_latitude { degrees(cell, ['N', 'S'], 90.0) } else { degrees(cell, ['E', 'W'], 180.0) }
}

/// Whether a cell is none that names a column.
pub(super) fn looks_like_data(cell: &str) -> bool {
    let orders = [DateOrder::YearFirst, DateOrder::DayFirst, DateOrder::MonthFirst];
    number(cell, false).is_some()
        || number(cell, true).is_some()
        || place(cell).is_some()
        || orders.iter().any(|order| iso(cell, *order).is_some())
        || is_address(cell)
        || has_extension(cell, &EXTENSIONS)
}

/// Whether a cell is the address of something on the web.
pub(super) fn is_address(cell: &str) -> bool {
    let scheme = cell.split("://").next().unwrap_or_default();
    scheme.len() < cell.len()
        && ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && !cell.contains(char::is_whitespace)
}

/// What the cells of a column may be, after those that have been seen.
#[derive(Clone, Debug)]
pub(super) struct Guess {
    /// How many were not empty.
    pub filled: u64,
    may_be_comma: bool,
    is_integer: bool,
    is_point: bool,
    is_comma: bool,
    /// A comma that separates no thousands has been seen.
    is_fraction: bool,
    is_boolean: bool,
    is_place: bool,
    is_latitude: bool,
    is_longitude: bool,
    is_dotted: bool,
    orders: [bool; 3],
}

const ORDERS: [DateOrder; 3] = [DateOrder::YearFirst, DateOrder::DayFirst, DateOrder::MonthFirst];

impl Guess {
    /// Nothing has been seen yet. Where commas stand between cells, none stands before a fraction.
    pub fn new(delimiter: u8) -> Self {
        Self {
            filled: 0,
            may_be_comma: delimiter != b',',
            is_integer: true,
            is_point: true,
            is_comma: true,
            is_fraction: false,
            is_boolean: true,
            is_place: true,
            is_latitude: true,
            is_longitude: true,
            is_dotted: true,
            orders: [true; 3],
        }
    }

    /// Takes a cell in that is not empty.
    pub fn see(&mut self, cell: &str) {
        self.filled += 1;
        self.is_integer = self.is_integer && integer(cell).is_some();
        self.is_point = self.is_point && number(cell, false).is_some();
        self.is_comma = self.is_comma && self.may_be_comma && number(cell, true).is_some();
        self.is_fraction |= cell.split_once(',').is_some_and(|(_, fraction)| fraction.len() != 3);
        self.is_boolean = self.is_boolean && boolean(cell).is_some();
        self.is_place = self.is_place && place(cell).is_some();
        self.is_latitude = self.is_latitude && coordinate(cell, true).is_some();
        self.is_longitude = self.is_longitude && coordinate(cell, false).is_some();
        self.is_dotted = self.is_dotted && is_dotted(cell);
        for (order, fits) in ORDERS.iter().zip(&mut self.orders) {
            *fits = *fits && iso(cell, *order).is_some();
        }
    }

    /// Whether all cells can be one coordinate of a place.
    pub fn is_coordinate(&self, is_latitude: bool) -> bool {
        self.filled > 0 && if is_latitude { self.is_latitude } else { self.is_longitude }
    }

    /// Whether all cells are days of which nobody can tell whether the day or the month comes first.
    pub fn is_ambiguous(&self) -> bool {
        self.filled > 0 && self.orders[1] && self.orders[2] && !self.is_dotted
    }

    /// What the cells are.
    pub fn kind(&self) -> ColumnKind {
        match self.orders {
            _ if self.filled == 0 => ColumnKind::Empty,
            _ if self.is_integer => ColumnKind::Integer,
            _ if self.is_point => ColumnKind::Number { comma: false },
            _ if self.is_comma && self.is_fraction => ColumnKind::Number { comma: true },
            _ if self.is_boolean => ColumnKind::Boolean,
            [true, ..] => ColumnKind::Time { order: DateOrder::YearFirst },
            [_, true, false] => ColumnKind::Time { order: DateOrder::DayFirst },
            [_, true, true] if self.is_dotted => ColumnKind::Time { order: DateOrder::DayFirst },
            [_, false, true] if !self.is_dotted => ColumnKind::Time { order: DateOrder::MonthFirst },
            _ if self.is_place => ColumnKind::Place,
            _ => ColumnKind::Text,
        }
    }
}
