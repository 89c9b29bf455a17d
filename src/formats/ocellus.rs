//! Our own form: JSON Lines, one picture each, with regions as the site's API says them.
//!
//! `{"path", "width", "height", "split", "regions": [{"type", "shape", "object"}]}`; `width`, `height` and `split` may be absent. Carried: everything,
//! to the last bit. Reading also takes the picture dictionaries that the API answers, which have no path but an address to
//! download from; what else they say of a picture is counted as lost.

#[cfg(test)]
mod tests;

use super::annotations::json::{self, entries, fields, said};
use super::annotations::lines::Lines;
use super::annotations::tree::Tree;
use super::annotations::{
    Folders, FormatError, Head, Known, Loss, PixelSize, Place, Reading, Writing, path_of_url, resolved, split_called,
};
use crate::model::region::{MAX_POINTS, Region, parse_regions};
use serde::Serialize;
use serde_json::Value;

/// A region has no more values and keys in it.
const MAX_NODES: usize = 5 * MAX_POINTS + 100;

/// Reads every file with lines of JSON.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".jsonl"));
    let mut known = Known::default();
    for file in &paths {
        let mut lines = Lines::open(reading.files, file)?;
        while let Some((number, line)) = lines.next()? {
            read_line(reading, line, &mut known, &format!("{file}, line {number}"))?;
        }
    }
    if paths.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no file with lines of JSON"));
    }
    Ok(())
}

fn read_line(reading: &mut Reading, line: &[u8], known: &mut Known, place: &str) -> Result<(), FormatError> {
    let keys = ["path", "width", "height", "split", "regions", "id", "download"];
    let fields = match fields(line, keys) {
        Ok(fields) => fields,
        Err(message) => {
            reading.losses.add(Loss::Unreadable, || format!("{place}: {message}"));
            return Ok(());
        }
    };
    let [path, width, height, split, regions, _, download] = fields.known;
    let path = match json::read::<String>(path) {
        Some(path) => resolved("", &path),
        None => json::read::<String>(download).and_then(|address| path_of_url(&address)),
    };
    let Some(path) = path else {
        reading.losses.add(Loss::BadName, || place.to_owned());
        return Ok(());
    };
    reading.losses.add_many(Loss::OfPicture, fields.others, || place.to_owned());
    let split = json::read::<String>(split).and_then(|split| split_called(&split));
    let side = |side| json::read::<f64>(side).unwrap_or_default();
    let size = reading.size(PixelSize::of(side(width), side(height)), &path);
    let picture = reading.picture(known, Head { path, size, split }, &|| place.to_owned())?;
    let regions = regions.filter(|regions| *regions != b"null").unwrap_or(b"[]");
    if !regions.starts_with(b"[") {
        reading.losses.add(Loss::Unreadable, || format!("{place}, regions"));
        return Ok(());
    }
    for (index, (_, region)) in entries(regions).enumerate() {
        let place = format!("{place}, regions[{index}]");
        match serde_json::from_slice::<Tree<MAX_NODES>>(region) {
            Ok(region) => read_region(reading, region.0, picture, &place)?,
            Err(error) => reading.losses.add(Loss::Unreadable, || format!("{place}: {}", said(&error))),
        }
    }
    Ok(())
}

/// The rules are those of the API: what it would refuse is not repaired here.
fn read_region(reading: &mut Reading, region: Value, picture: usize, place: &str) -> Result<(), FormatError> {
    match parse_regions(&Value::Array(vec![region]), "") {
        Ok(regions) => {
            for region in regions {
                reading.sink.region(picture, Region { id: None, ..region })?;
            }
        }
        Err(faults) => reading.losses.add(Loss::Unreadable, || {
            let fault =
                faults.first().map(|fault| format!("{} {}", fault.field.trim_start_matches("[0]"), fault.message));
            format!("{place}: {}", fault.unwrap_or_default())
        }),
    }
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<&'a str>,
    regions: Vec<Plain<'a>>,
}

/// A region without its id, which means nothing elsewhere.
#[derive(Serialize)]
struct Plain<'a> {
    #[serde(flatten)]
    shape: &'a crate::model::region::Shape,
    object: &'a str,
}

/// Writes `annotations.jsonl`, and expects pictures in `images/`. Walks through the source three times.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    let folders = Folders::of(source)?;
    source.each(&mut |picture| {
        let path = folders.place(&picture.head, writing.losses);
        Ok(output.picture(&picture.head, &format!("images/{path}"))?)
    })?;
    let path = "annotations.jsonl";
    writing.file(path, |source, file, _| {
        source.each(&mut |picture| {
            let head = &picture.head;
            let line = Line {
                path: &head.path,
                width: head.size.map(|size| size.width),
                height: head.size.map(|size| size.height),
                split: head.split.as_deref(),
                regions: picture.regions.iter().map(|Region { shape, object, .. }| Plain { shape, object }).collect(),
            };
            serde_json::to_writer(&mut *file, &line).map_err(|error| FormatError::io(path)(error.into()))?;
            writeln!(file).map_err(FormatError::io(path))
        })
    })
}
