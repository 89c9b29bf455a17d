//! What cameras and editors write into pictures, as a flat list of named fields.
//!
//! Three standards say much the same: EXIF (CIPA DC-008), which cameras write; IPTC-IIM 4.2, which news agencies wrote; and XMP
//! (ISO 16684-1), which programs write now. Here are the parts that are pure: [`iptc`] and [`xmp()`] read bytes, [`from_exif`] turns what is
//! known of EXIF into fields, and [`merged`] puts them together. Where in a file the bytes lie, the server knows (`images/exif`).
//!
//! Of a field that several say, XMP counts before IPTC, and that before EXIF: a program that changes a picture's metadata writes XMP
//! at least, and a camera knows nothing of what came later. Which fields are the same, the Metadata Working Group's "Guidelines
//! for Handling Image Metadata" 2.0 and the IPTC Photo Metadata Standard say.

mod iim;
#[cfg(test)]
mod tests;
mod xmp;

pub use iim::{from_photoshop, iptc};
pub use xmp::xmp;

use crate::model::exif::Place;
use crate::model::{Exif, FieldValue};
use std::collections::BTreeMap;

/// What a field is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhotoField {
    /// Maker and model of the camera.
    Camera,
    /// Name of the lens.
    Lens,
    /// Exposure time in seconds.
    ExposureTime,
    /// The f-number.
    Aperture,
    /// Sensitivity after ISO 12232.
    Iso,
    /// Focal length in millimetres.
    FocalLength,
    /// When it was taken.
    Taken,
    /// Where it was taken.
    Place,
    /// Metres above the sea.
    Altitude,
    /// The title.
    Title,
    /// The headline.
    Headline,
    /// The description.
    Description,
    /// Words that it is found by, with `; ` between them.
    Keywords,
    /// Who made it, with `; ` between several.
    Creator,
    /// Whom to name.
    Credit,
    /// Whose it is.
    Copyright,
    /// Terms of use in words.
    UsageTerms,
    /// The address of its licence.
    LicenceUrl,
    /// Where a licence can be had.
    LicensorUrl,
}

impl PhotoField {
    /// Every field, in the order in which they are shown.
    pub const ALL: [PhotoField; 19] = [
        Self::Camera,
        Self::Lens,
        Self::ExposureTime,
        Self::Aperture,
        Self::Iso,
        Self::FocalLength,
        Self::Taken,
        Self::Place,
        Self::Altitude,
        Self::Title,
        Self::Headline,
        Self::Description,
        Self::Keywords,
        Self::Creator,
        Self::Credit,
        Self::Copyright,
        Self::UsageTerms,
        Self::LicenceUrl,
        Self::LicensorUrl,
    ];

    /// The name of the field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Lens => "lens",
            Self::ExposureTime => "exposure time",
            Self::Aperture => "aperture",
            Self::Iso => "ISO",
            Self::FocalLength => "focal length",
            Self::Taken => "taken",
            Self::Place => "place",
            Self::Altitude => "altitude",
            Self::Title => "title",
            Self::Headline => "headline",
            Self::Description => "description",
            Self::Keywords => "keywords",
            Self::Creator => "creator",
            Self::Credit => "credit",
            Self::Copyright => "copyright",
            Self::UsageTerms => "usage terms",
            Self::LicenceUrl => "licence URL",
            Self::LicensorUrl => "licensor URL",
        }
    }
}

/// Fields by what they are about.
pub type PhotoFields = BTreeMap<PhotoField, FieldValue>;

/// A text is cut to so many characters.
const MAX_TEXT: usize = 20_000;

/// Puts together what each of the standards says: of a field that several have, XMP counts before IPTC, and that before EXIF.
pub fn merged(exif: PhotoFields, iptc: PhotoFields, xmp: PhotoFields) -> PhotoFields {
    let mut fields = exif;
    fields.extend(iptc);
    fields.extend(xmp);
    fields
}

/// What is known of EXIF as fields.
pub fn from_exif(exif: &Exif) -> PhotoFields {
    let mut fields = PhotoFields::new();
    put_text(&mut fields, PhotoField::Camera, exif.camera.as_deref().unwrap_or_default());
    put_text(&mut fields, PhotoField::Lens, exif.lens.as_deref().unwrap_or_default());
    put_number(&mut fields, PhotoField::ExposureTime, exif.exposure_time);
    put_number(&mut fields, PhotoField::Aperture, exif.aperture);
    put_number(&mut fields, PhotoField::Iso, exif.iso.map(f64::from));
    put_number(&mut fields, PhotoField::FocalLength, exif.focal_length);
    if let Some(taken) = &exif.taken {
        fields.insert(PhotoField::Taken, FieldValue::Time(taken.clone()));
    }
    if let Some(place) = exif.place {
        put_place(&mut fields, place);
    }
    fields
}

/// Puts a text in, if anything is left of it without space and what no page can show.
pub fn put_text(fields: &mut PhotoFields, field: PhotoField, text: &str) {
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(MAX_TEXT).collect();
    let text = text.trim();
    if !text.is_empty() {
        fields.insert(field, FieldValue::Text(text.to_owned()));
    }
}

/// Puts a number in, if it is one.
pub fn put_number(fields: &mut PhotoFields, field: PhotoField, number: Option<f64>) {
    if let Some(number) = number.filter(|number| number.is_finite()) {
        fields.insert(field, FieldValue::Number(number));
    }
}

fn put_place(fields: &mut PhotoFields, place: Place) {
    if place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0 {
        fields.insert(PhotoField::Place, FieldValue::Place(place));
    }
}

/// Maker and model of a camera as one text: models often repeat who makes them.
pub fn camera(make: Option<String>, model: Option<String>) -> Option<String> {
    match (make, model) {
        (Some(make), Some(model)) => {
            let brand = make.split_whitespace().next().unwrap_or_default().to_lowercase();
            let repeated = model.to_lowercase().starts_with(&brand);
            Some(if repeated { model } else { format!("{make} {model}") })
        }
        (make, model) => model.or(make),
    }
}
