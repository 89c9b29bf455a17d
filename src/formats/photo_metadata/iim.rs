//! IPTC-IIM: data sets of a number and a value, which lie among the resources of Photoshop.
//!
//! After "IPTC-NAA Information Interchange Model Version 4", chapters 1 and 6, and Adobe's "Photoshop File Formats
//! Specification", "Image Resource Blocks".

use super::{PhotoField, PhotoFields, put_text};
use crate::model::FieldValue;
use crate::query::date::parse_iso;

/// The resource that holds the data sets.
const IPTC: u16 = 0x0404;
/// No editor writes so many.
const MAX_SETS: usize = 5000;
/// The escape that says UTF-8 (ISO 2022), in data set 1:90.
const UTF8: &[u8] = b"\x1B%G";

/// The data sets among Photoshop's resources, if they are there.
pub fn from_photoshop(mut resources: &[u8]) -> Option<&[u8]> {
    loop {
        let rest = resources.strip_prefix(b"8BIM")?;
        let id = u16::from_be_bytes([*rest.first()?, *rest.get(1)?]);
        // A name with its length before it, and then a length, each up to an even place.
        let name = usize::from(*rest.get(2)?) + 1;
        let at = 2 + name.next_multiple_of(2);
        let length = u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?) as usize;
        let data = rest.get(at + 4..)?;
        if id == IPTC {
            // What is cut off at the end leaves those before it.
            return Some(&data[..length.min(data.len())]);
        }
        resources = data.get(length.checked_next_multiple_of(2)?..)?;
    }
}

/// What data sets say. Where they break off, what came before counts.
pub fn iptc(bytes: &[u8]) -> PhotoFields {
    let mut sets: Vec<(u8, &[u8])> = Vec::new();
    let (mut rest, mut is_utf8) = (bytes, false);
    while let (Some((record, number, value, after)), true) = (next(rest), sets.len() < MAX_SETS) {
        match record {
            1 if number == 90 => is_utf8 = value == UTF8,
            2 => sets.push((number, value)),
            _ => {}
        }
        rest = after;
    }
    let text = |value: &[u8]| match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) if is_utf8 => String::from_utf8_lossy(value).into_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(value).0.into_owned(),
    };
    let all = |wanted: u8| {
        let values = sets.iter().filter(|(number, _)| *number == wanted).map(|(_, value)| text(value));
        values.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect::<Vec<_>>()
    };
    let mut fields = PhotoFields::new();
    for (number, field) in [
        (5, PhotoField::Title),
        (25, PhotoField::Keywords),
        (80, PhotoField::Creator),
        (105, PhotoField::Headline),
        (110, PhotoField::Credit),
        (116, PhotoField::Copyright),
        (120, PhotoField::Description),
    ] {
        put_text(&mut fields, field, &all(number).join("; "));
    }
    if let Some(taken) = all(55).first().and_then(|day| moment(day, all(60).first().map(String::as_str))) {
        fields.insert(PhotoField::Taken, FieldValue::Time(taken));
    }
    fields
}

/// The record, number and value of the first data set, and what follows it.
fn next(bytes: &[u8]) -> Option<(u8, u8, &[u8], &[u8])> {
    let [0x1C, record, number, high, low, rest @ ..] = bytes else { return None };
    let short = u16::from_be_bytes([*high, *low]);
    let (length, rest) = if short & 0x8000 == 0 {
        (usize::from(short), rest)
    } else {
        // An extended data set: its length is as long as this says.
        let (length, rest) =
            rest.split_at_checked(usize::from(short & 0x7FFF)).filter(|(length, _)| length.len() <= 4)?;
        (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((*record, *number, value, rest))
}

/// `20260517` and `140359+0200` as one text after ISO 8601. A month or day of 0 is none that anybody knows.
fn moment(day: &str, time: Option<&str>) -> Option<String> {
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let part =
        |text: &str, from: usize, till: usize| text.get(from..till).filter(|part| are_digits(part)).map(str::to_owned);
    if day.len() != 8 {
        return None;
    }
    let day = format!("{}-{}-{}", part(day, 0, 4)?, part(day, 4, 6)?, part(day, 6, 8)?);
    let clock = time.and_then(|time| {
        let clock = format!("T{}:{}:{}", part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
        let zone = match time.get(6..7) {
            Some(sign @ ("+" | "-")) if time.len() == 11 => {
                format!("{sign}{}:{}", part(time, 7, 9)?, part(time, 9, 11)?)
            }
            _ => String::new(),
        };
        Some(clock + &zone)
    });
    let whole = clock.map(|clock| format!("{day}{clock}")).filter(|whole| parse_iso(whole).is_some());
    whole.or(Some(day)).filter(|moment| parse_iso(moment).is_some())
}
