//! What cameras write: with which camera, lens and settings a picture was taken, when and where.

use super::containers::starts;
use super::tiff::{Budget, EXIF_DIRECTORY, GPS_DIRECTORY, Tiff};
pub(super) use crate::formats::photo_metadata::camera;
use crate::model::Exif;
use crate::model::exif::Place;
use crate::server::images::format::Format;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

/// Where a JPEG's EXIF is looked for, to be shown: it stands before the pixels.
const HEAD_BYTES: u64 = 4 << 20;

const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const EXPOSURE_TIME: u16 = 0x829A;
const F_NUMBER: u16 = 0x829D;
const ISO: u16 = 0x8827;
const TAKEN: u16 = 0x9003;
const TAKEN_ZONE: u16 = 0x9011;
const FOCAL_LENGTH: u16 = 0x920A;
const LENS_MODEL: u16 = 0xA434;
const LATITUDE_SIDE: u16 = 1;
const LATITUDE: u16 = 2;
const LONGITUDE_SIDE: u16 = 3;
const LONGITUDE: u16 = 4;

/// What a camera wrote into a file, if it wrote anything.
pub fn read_exif(path: &Path, format: Format) -> io::Result<Option<Exif>> {
    let mut file = BufReader::new(File::open(path)?);
    read(&mut file, format)
}

pub(super) fn read(file: &mut (impl Read + Seek), format: Format) -> io::Result<Option<Exif>> {
    let mut budget = Budget::default();
    for start in starts(file, format, HEAD_BYTES)? {
        if let Some((mut tiff, first)) = Tiff::open(file, start, &mut budget)? {
            let exif = tiff.exif(first)?;
            if !exif.is_empty() {
                return Ok(Some(exif));
            }
        }
    }
    Ok(None)
}

impl<F: Read + Seek> Tiff<'_, F> {
    fn exif(&mut self, first: u64) -> io::Result<Exif> {
        let mut exif = Exif::default();
        let Some(main) = self.directory(first)? else { return Ok(exif) };
        let (mut make, mut model) = (None, None);
        for entry in main.first_of_each_tag() {
            match entry.tag {
                MAKE => make = self.text(entry)?,
                MODEL => model = self.text(entry)?,
                EXIF_DIRECTORY => {
                    if let Some(offset) = self.whole(entry)? {
                        self.photograph(offset, &mut exif)?;
                    }
                }
                GPS_DIRECTORY => {
                    if let Some(offset) = self.whole(entry)? {
                        exif.place = self.place(offset)?;
                    }
                }
                _ => {}
            }
        }
        exif.camera = camera(make, model);
        Ok(exif)
    }

    fn photograph(&mut self, offset: u64, exif: &mut Exif) -> io::Result<()> {
        let Some(directory) = self.directory(offset)? else { return Ok(()) };
        let (mut taken, mut zone) = (None, None);
        let positive = |number: Option<f64>| number.filter(|number| *number > 0.0);
        for entry in directory.first_of_each_tag() {
            match entry.tag {
                EXPOSURE_TIME => exif.exposure_time = positive(self.rationals(entry)?.first().copied()),
                F_NUMBER => exif.aperture = positive(self.rationals(entry)?.first().copied()),
                FOCAL_LENGTH => exif.focal_length = positive(self.rationals(entry)?.first().copied()),
                ISO => exif.iso = self.whole(entry)?.and_then(|iso| u32::try_from(iso).ok()).filter(|iso| *iso > 0),
                TAKEN => taken = self.text(entry)?,
                TAKEN_ZONE => zone = self.text(entry)?,
                LENS_MODEL => exif.lens = self.text(entry)?,
                _ => {}
            }
        }
        exif.taken = taken.and_then(|taken| moment(&taken, zone.as_deref()));
        Ok(())
    }

    fn place(&mut self, offset: u64) -> io::Result<Option<Place>> {
        let Some(directory) = self.directory(offset)? else { return Ok(None) };
        let (mut latitude, mut longitude, mut south, mut west) = (None, None, false, false);
        for entry in directory.first_of_each_tag() {
            match entry.tag {
                LATITUDE_SIDE => south = self.text(entry)?.is_some_and(|side| side.starts_with(['S', 's'])),
                LONGITUDE_SIDE => west = self.text(entry)?.is_some_and(|side| side.starts_with(['W', 'w'])),
                LATITUDE => latitude = degrees(&self.rationals(entry)?),
                LONGITUDE => longitude = degrees(&self.rationals(entry)?),
                _ => {}
            }
        }
        let signed = |degrees: f64, negative: bool| if negative { -degrees } else { degrees };
        Ok(latitude.zip(longitude).and_then(|(latitude, longitude)| {
            let place = Place { latitude: signed(latitude, south), longitude: signed(longitude, west) };
            (place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0).then_some(place)
        }))
    }
}

/// Degrees, minutes and seconds as degrees.
fn degrees(parts: &[f64]) -> Option<f64> {
    let (first, rest) = parts.split_first()?;
    let units = [60.0, 3600.0];
    Some(rest.iter().zip(units).fold(*first, |sum, (part, unit)| sum + part / unit))
}

/// `2026:05:17 14:03:59` and `+02:00` as one text after ISO 8601. A clock that was never set gives nothing.
pub(super) fn moment(taken: &str, zone: Option<&str>) -> Option<String> {
    let fits = |text: &str, form: &str| {
        text.len() == form.len()
            && text.chars().zip(form.chars()).all(|(c, form)| if form == '0' { c.is_ascii_digit() } else { c == form })
    };
    if !fits(taken, "0000:00:00 00:00:00") || taken.starts_with("0000") {
        return None;
    }
    let (date, time) = taken.split_once(' ')?;
    let zone = zone.filter(|zone| fits(zone, "+00:00") || fits(zone, "-00:00")).unwrap_or_default();
    Some(format!("{}T{time}{zone}", date.replace(':', "-")))
}
