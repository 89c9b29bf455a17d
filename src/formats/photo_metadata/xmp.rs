//! XMP: RDF in XML (ISO 16684-1). Of a packet only the properties are read that are known here, wherever they stand.
//!
//! No document type is accepted, so that there are no entities beyond those of XML itself. Memory is bounded by what is kept of each
//! property, and time by the length of the packet.

use super::{PhotoField, PhotoFields, camera, put_number, put_place, put_text};
use crate::model::FieldValue;
use crate::model::exif::Place;
use crate::query::date::parse_iso;
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use std::collections::BTreeMap;

/// No packet is longer, in bytes.
const MAX_PACKET: usize = 4 << 20;
/// Elements stand in each other at most so deep.
const MAX_DEPTH: usize = 64;
/// In all open elements together so many prefixes are bound at most: each name is looked up among them.
const MAX_PREFIXES: usize = 256;
/// Of a property so many values count, such as keywords.
const MAX_VALUES: usize = 200;
/// Of a value so many bytes count.
const MAX_VALUE: usize = 20_000;

const RDF: &[u8] = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const TIFF: &[u8] = b"http://ns.adobe.com/tiff/1.0/";
const EXIF: &[u8] = b"http://ns.adobe.com/exif/1.0/";
const EXIF_EX: &[u8] = b"http://cipa.jp/exif/1.0/";
const AUX: &[u8] = b"http://ns.adobe.com/exif/1.0/aux/";
const DC: &[u8] = b"http://purl.org/dc/elements/1.1/";
const PHOTOSHOP: &[u8] = b"http://ns.adobe.com/photoshop/1.0/";
const RIGHTS: &[u8] = b"http://ns.adobe.com/xap/1.0/rights/";
const CC: &[u8] = b"http://creativecommons.org/ns#";
const PLUS: &[u8] = b"http://ns.useplus.org/ldf/xmp/1.0/";

/// A property that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Property {
    Make,
    Model,
    Lens,
    LensName,
    ExposureTime,
    FNumber,
    Iso,
    IsoOld,
    FocalLength,
    Taken,
    Created,
    Latitude,
    Longitude,
    Altitude,
    BelowSea,
    Title,
    Headline,
    Description,
    Subject,
    Creator,
    Credit,
    Rights,
    UsageTerms,
    Licence,
    WebStatement,
    Licensor,
}

fn property(namespace: &[u8], name: &[u8]) -> Option<Property> {
    let known: &[(&[u8], &[u8], Property)] = &[
        (TIFF, b"Make", Property::Make),
        (TIFF, b"Model", Property::Model),
        (EXIF_EX, b"LensModel", Property::Lens),
        (AUX, b"Lens", Property::LensName),
        (EXIF, b"ExposureTime", Property::ExposureTime),
        (EXIF, b"FNumber", Property::FNumber),
        (EXIF_EX, b"PhotographicSensitivity", Property::Iso),
        (EXIF, b"ISOSpeedRatings", Property::IsoOld),
        (EXIF, b"FocalLength", Property::FocalLength),
        (EXIF, b"DateTimeOriginal", Property::Taken),
        (PHOTOSHOP, b"DateCreated", Property::Created),
        (EXIF, b"GPSLatitude", Property::Latitude),
        (EXIF, b"GPSLongitude", Property::Longitude),
        (EXIF, b"GPSAltitude", Property::Altitude),
        (EXIF, b"GPSAltitudeRef", Property::BelowSea),
        (DC, b"title", Property::Title),
        (PHOTOSHOP, b"Headline", Property::Headline),
        (DC, b"description", Property::Description),
        (DC, b"subject", Property::Subject),
        (DC, b"creator", Property::Creator),
        (PHOTOSHOP, b"Credit", Property::Credit),
        (DC, b"rights", Property::Rights),
        (RIGHTS, b"UsageTerms", Property::UsageTerms),
        (CC, b"license", Property::Licence),
        (RIGHTS, b"WebStatement", Property::WebStatement),
        (PLUS, b"LicensorURL", Property::Licensor),
    ];
    known.iter().find(|(space, word, _)| (*space, *word) == (namespace, name)).map(|(_, _, property)| *property)
}

/// Values of properties, in the order of the packet.
#[derive(Default)]
struct Values(BTreeMap<Property, Vec<String>>);

impl Values {
    fn add(&mut self, property: Property, value: &str) {
        let value = value.trim();
        let values = self.0.entry(property).or_default();
        if !value.is_empty() && values.len() < MAX_VALUES {
            values.push(value[..value.floor_char_boundary(MAX_VALUE)].to_owned());
        }
    }

    fn first(&self, property: Property) -> Option<&str> {
        self.0.get(&property)?.first().map(String::as_str)
    }

    fn joined(&self, property: Property) -> String {
        self.0.get(&property).map(|values| values.join("; ")).unwrap_or_default()
    }
}

/// What a packet says. Where it breaks off, what came before counts.
pub fn xmp(packet: &[u8]) -> PhotoFields {
    let mut values = Values::default();
    if packet.len() <= MAX_PACKET {
        read(packet, &mut values);
    }
    fields(&values)
}

fn read(packet: &[u8], values: &mut Values) -> Option<()> {
    let mut reader = NsReader::from_reader(packet);
    // For each open element the property that its text belongs to, and how many prefixes are bound in it and around it.
    let mut open: Vec<(Option<Property>, usize)> = Vec::new();
    let mut text = String::new();
    loop {
        let event = reader.read_event().ok()?;
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                text.clear();
                let (around, bound) = open.last().copied().unwrap_or_default();
                let bound = bound + prefixes(start);
                if bound > MAX_PREFIXES {
                    return None;
                }
                let own = begun(&reader, start, values)?;
                if matches!(event, Event::Start(_)) {
                    open.push((own.or(around), bound));
                    if open.len() > MAX_DEPTH {
                        return None;
                    }
                }
            }
            Event::End(_) => {
                if let Some((Some(property), _)) = open.pop() {
                    values.add(property, &text);
                }
                text.clear();
            }
            Event::Text(part) => push(&mut text, part),
            Event::CData(part) => push(&mut text, part),
            Event::GeneralRef(reference) => {
                let entity = format!("&{};", std::str::from_utf8(reference).ok()?);
                let character = quick_xml::escape::unescape(&entity).ok()?;
                push(&mut text, character.as_bytes());
            }
            Event::DocType(_) | Event::Eof => return None,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// How many prefixes an element binds.
fn prefixes(start: &BytesStart) -> usize {
    let mut attributes = start.attributes();
    let names = attributes.with_checks(false).map_while(Result::ok).map(|attribute| attribute.key);
    names.filter(|name| name.as_namespace_binding().is_some()).count()
}

fn push(text: &mut String, part: &[u8]) {
    if text.len() < MAX_VALUE {
        text.push_str(&String::from_utf8_lossy(&part[..part.len().min(MAX_VALUE)]));
    }
}

/// The property that an element is. What stands in its attributes is taken in.
fn begun(reader: &NsReader<&[u8]>, start: &BytesStart, values: &mut Values) -> Option<Option<Property>> {
    let (space, name) = reader.resolver().resolve_element(start.name());
    let own = match space {
        ResolveResult::Bound(space) => property(space.as_ref(), name.as_ref()),
        _ => None,
    };
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.ok()?;
        let (space, name) = reader.resolver().resolve_attribute(attribute.key);
        let ResolveResult::Bound(space) = space else { continue };
        let said = match (space.as_ref(), name.as_ref()) {
            // An address may stand beside the name of the property.
            (RDF, b"resource") => own,
            (space, name) => property(space, name),
        };
        if let (Some(property), Ok(raw)) = (said, std::str::from_utf8(&attribute.value)) {
            values.add(property, &quick_xml::escape::unescape(raw).ok()?);
        }
    }
    Some(own)
}

fn fields(values: &Values) -> PhotoFields {
    let mut fields = PhotoFields::new();
    let first = |property| values.first(property);
    let owned = |property| values.first(property).map(str::to_owned);
    let positive = |property| values.first(property).and_then(fraction).filter(|number| *number > 0.0);
    let made_with = camera(owned(Property::Make), owned(Property::Model)).unwrap_or_default();
    put_text(&mut fields, PhotoField::Camera, &made_with);
    let lens = first(Property::Lens).or(first(Property::LensName)).unwrap_or_default();
    put_text(&mut fields, PhotoField::Lens, lens);
    put_number(&mut fields, PhotoField::ExposureTime, positive(Property::ExposureTime));
    put_number(&mut fields, PhotoField::Aperture, positive(Property::FNumber));
    put_number(&mut fields, PhotoField::Iso, positive(Property::Iso).or(positive(Property::IsoOld)));
    put_number(&mut fields, PhotoField::FocalLength, positive(Property::FocalLength));
    let taken = [Property::Taken, Property::Created].iter().find_map(|property| moment(values.first(*property)?));
    if let Some(taken) = taken {
        fields.insert(PhotoField::Taken, FieldValue::Time(taken));
    }
    let degrees = |property, sides| first(property).and_then(|text| degrees(text, sides));
    let (latitude, longitude) = (degrees(Property::Latitude, ['N', 'S']), degrees(Property::Longitude, ['E', 'W']));
    if let (Some(latitude), Some(longitude)) = (latitude, longitude) {
        put_place(&mut fields, Place { latitude, longitude });
    }
    let below = first(Property::BelowSea) == Some("1");
    let altitude = first(Property::Altitude).and_then(fraction).map(|metres| if below { -metres } else { metres });
    put_number(&mut fields, PhotoField::Altitude, altitude);
    // Of texts in several languages the first is the one for everybody.
    for (field, property) in [
        (PhotoField::Title, Property::Title),
        (PhotoField::Headline, Property::Headline),
        (PhotoField::Description, Property::Description),
        (PhotoField::Credit, Property::Credit),
        (PhotoField::Copyright, Property::Rights),
        (PhotoField::UsageTerms, Property::UsageTerms),
        (PhotoField::LicensorUrl, Property::Licensor),
    ] {
        put_text(&mut fields, field, first(property).unwrap_or_default());
    }
    put_text(&mut fields, PhotoField::Keywords, &values.joined(Property::Subject));
    put_text(&mut fields, PhotoField::Creator, &values.joined(Property::Creator));
    let licence = first(Property::Licence).or(first(Property::WebStatement)).unwrap_or_default();
    put_text(&mut fields, PhotoField::LicenceUrl, licence);
    fields
}

/// `1/250` or `2.8`.
fn fraction(text: &str) -> Option<f64> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let value = match text.split_once('/') {
        Some((above, below)) => number(above)? / number(below)?,
        None => number(text)?,
    };
    value.is_finite().then_some(value)
}

/// `52,30.6N` or `52,30,36N` as degrees.
fn degrees(text: &str, sides: [char; 2]) -> Option<f64> {
    let text = text.trim();
    let side = text.chars().next_back()?.to_ascii_uppercase();
    let inner = text.strip_suffix(|c: char| c.is_ascii_alphabetic())?;
    let parts: Option<Vec<f64>> = inner.split(',').map(|part| part.trim().parse().ok()).collect();
    let parts = parts.filter(|parts| parts.len() <= 3 && parts.iter().all(|part| *part >= 0.0))?;
    let units = [1.0, 60.0, 3600.0];
    let degrees: f64 = parts.iter().zip(units).map(|(part, unit)| part / unit).sum();
    match sides {
        [positive, _] if side == positive => Some(degrees),
        [_, negative] if side == negative => Some(-degrees),
        _ => None,
    }
}

/// A moment with as much as is known of it. A year alone would be taken for a number.
fn moment(text: &str) -> Option<String> {
    let text = text.trim().replacen(' ', "T", 1);
    parse_iso(&text).map(|_| text)
}
