//! Our own form: JSON Lines, one picture each, with regions as the site's API says them.
//!
//! `{"path", "width", "height", "split", "regions": [{"type", "shape", "object"}]}`; `width`, `height` and `split` may be absent. Carried: everything,
//! to the last bit. Reading also takes the picture dictionaries that the API answers, which have no path but an address to
//! download from; what else they say of a picture is counted as lost.

#[cfg(test)]
mod tests;

use super::annotations::json::said;
use super::annotations::lines::Lines;
use super::annotations::{
    FormatError, Head, Known, Loss, PixelSize, Place, Reading, Writing, path_of_url, resolved, split_called, under_part,
};
use crate::model::region::{Region, parse_regions};
use serde::Serialize;
use serde_json::{Map, Value};

/// Reads every file with lines of JSON.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".jsonl"));
    let (mut pictures, mut known) = (0, Known::default());
    for file in &paths {
        let mut lines = Lines::open(reading.files, file)?;
        while let Some(line) = lines.next()? {
            let line = serde_json::from_slice::<Map<String, Value>>(line);
            let place = format!("{file}, line {}", lines.number);
            let mut picture = match line {
                Ok(picture) => picture,
                Err(error) => {
                    reading.losses.add(Loss::Unreadable, || format!("{place}: {}", said(&error)));
                    continue;
                }
            };
            let text = |key: &str| picture.get(key).and_then(Value::as_str);
            let path = text("path").map_or_else(|| text("download").and_then(path_of_url), |path| resolved("", path));
            let Some(path) = path else {
                reading.losses.add(Loss::BadName, || place);
                continue;
            };
            let split = text("split").and_then(split_called);
            if !known.is_new(file, split.as_deref(), &path)? {
                reading.losses.add(Loss::DuplicatePicture, || place);
                continue;
            }
            let own = ["path", "width", "height", "split", "regions", "id", "download"];
            let others = picture.iter().filter(|(key, value)| !own.contains(&key.as_str()) && !value.is_null()).count();
            reading.losses.add_many(Loss::OfPicture, others as u64, || place.clone());
            let side = |key: &str| picture.get(key).and_then(Value::as_f64).unwrap_or_default();
            let size = reading.size(PixelSize::of(side("width"), side("height")), &path);
            reading.sink.picture(Head { path, size, split })?;
            let regions = match picture.remove("regions") {
                Some(Value::Array(regions)) => regions,
                None | Some(Value::Null) => Vec::new(),
                Some(_) => {
                    reading.losses.add(Loss::Unreadable, || format!("{place}, regions"));
                    Vec::new()
                }
            };
            for (index, region) in regions.into_iter().enumerate() {
                read_region(reading, region, pictures, &format!("{place}, regions[{index}]"))?;
            }
            pictures += 1;
        }
    }
    if paths.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no file with lines of JSON"));
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

/// Writes `annotations.jsonl`, and expects pictures in `images/`. Walks through the source twice.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    source.each(&mut |picture| Ok(output.picture(&picture.head, &format!("images/{}", under_part(&picture.head)))?))?;
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
