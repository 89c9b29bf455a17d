//! Label Studio: a JSON list of tasks, each a picture with the results of its annotations.
//!
//! After labelstud.io, "Label Studio JSON format of annotated tasks" and the pages of the tags `RectangleLabels`, `PolygonLabels`
//! and `KeyPointLabels`. Coordinates are hundredths of the picture's sides; a rectangle may be turned by `rotation` degrees clockwise
//! about its top left corner, which means pixels, not hundredths. The size in pixels stands at each result as
//! `original_width` and `original_height`.
//!
//! Carried: boxes, polygons and points, to the twelfth decimal of a hundredth. Polylines are lost in writing, since only some
//! releases have a tag for them. The part of the split and the size are fields of the
//! task's data.
//!
//! Reading: turned rectangles become polygons, polygons that are not closed and vectors become polylines. Of several annotations of a task
//! the one that is the ground truth counts, or else the first that was not cancelled; others are lost, as are predictions, ellipses,
//! brush strokes, choices, texts and relations. Where the shape and its labels are two results with one id, they are put together.

mod results;
#[cfg(test)]
mod tests;

use super::annotations::json::{self, Scanner, entries, fields};
use super::annotations::tree::Tree;
use super::annotations::xml::escaped;
use super::annotations::{
    EXTENSIONS, Folders, FormatError, Head, Known, Loss, Number, PixelSize, Place, Reading, Survey, Writing, exact,
    has_extension, path_of_served, percent_encoded, split_called, without_part,
};
use crate::model::region::{Kind, Point, Rect, Shape};
use results::{ResultEntry, read_results};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::Write;

/// The name of the picture in the labelling configuration that is written.
const IMAGE: &str = "image";
/// Where pictures are, from the root of the storage on.
const FOLDER: &str = "images/";
/// The keys of a task's data that are asked for the picture first.
const IMAGE_KEYS: [&str; 5] = [IMAGE, "img", "image_url", "url", "picture"];

/// What is said of the task besides its annotations, in so many values.
type Data = Tree<100_000>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct AnnotationEntry {
    was_cancelled: bool,
    ground_truth: bool,
}

/// Reads every JSON file that is a list of tasks, or one task.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".json"));
    let mut known = Known::default();
    for file in &paths {
        let mut scanner = Scanner::open(reading.files, file)?;
        if scanner.peek()? == Some(b'{') {
            read_task(reading, file, scanner.raw()?, &mut known)?;
        } else {
            scanner.enter(b'[')?;
            let mut index = 0_u64;
            while scanner.item()? {
                read_task(reading, &format!("{file}, [{index}]"), scanner.raw()?, &mut known)?;
                index += 1;
            }
        }
        scanner.finish()?;
    }
    if paths.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no JSON file"));
    }
    Ok(())
}

fn read_task(reading: &mut Reading, place: &str, task: &[u8], known: &mut Known) -> Result<(), FormatError> {
    // Older releases called annotations completions.
    let task = fields(task, ["data", "annotations", "completions", "predictions"]);
    let task = task.and_then(|fields| match json::read::<Data>(fields.known[0]) {
        Some(Tree(Value::Object(data))) => Ok((data, fields.known)),
        _ => Err("there is no `data` that could be read".to_owned()),
    });
    let (data, [_, annotations, completions, predictions]) = match task {
        Ok(task) => task,
        Err(message) => {
            reading.losses.add(Loss::Unreadable, || format!("{place}: {message}"));
            return Ok(());
        }
    };
    let split = data.get("split").and_then(Value::as_str).and_then(split_called);
    let found = picture_of(&data).map(|(key, path)| (key, without_part(path, split.as_deref())));
    let Some((key, path)) = found else {
        reading.losses.add(Loss::BadName, || place.to_owned());
        return Ok(());
    };
    let is_other = |(name, value): &(&String, &Value)| {
        *name != key && !["split", "width", "height"].contains(&name.as_str()) && !value.is_null() && *value != ""
    };
    let annotations = annotations.or(completions).unwrap_or_default();
    let flags =
        || entries(annotations).map(|(_, entry)| json::read::<AnnotationEntry>(Some(entry)).unwrap_or_default());
    let chosen = flags()
        .position(|annotation| annotation.ground_truth && !annotation.was_cancelled)
        .or_else(|| flags().position(|annotation| !annotation.was_cancelled));
    let others = entries(annotations).count() - usize::from(chosen.is_some())
        + entries(predictions.unwrap_or_default()).count()
        + data.iter().filter(is_other).count();
    reading.losses.add_many(Loss::OfPicture, others as u64, || place.to_owned());
    let chosen = chosen.and_then(|chosen| entries(annotations).nth(chosen));
    let results = chosen.and_then(|(_, entry)| entries(entry).find(|(key, _)| key == "result"));
    let results = results.map_or(&b"[]"[..], |(_, results)| results);
    if !results.starts_with(b"[") && results != b"null" {
        reading.losses.add(Loss::Unreadable, || format!("{place}, result"));
    }
    let said = entries(results).find_map(|(_, result)| ResultEntry::of(result).ok()?.size);
    let side = |key: &str| data.get(key).and_then(Value::as_f64).unwrap_or_default();
    let size = reading.size(said.or_else(|| PixelSize::of(side("width"), side("height"))), &path);
    let picture = reading.picture(known, Head { path, size, split }, &|| place.to_owned())?;
    read_results(reading, place, results, picture, size)
}

/// The field of a task's data that is the picture, and the picture's path: one that is called like it, or else one that has a picture's
/// extension.
fn picture_of(data: &Map<String, Value>) -> Option<(&str, String)> {
    let path = |key: &str| {
        let url = data.get(key)?.as_str()?;
        let path = path_of_served(url)?;
        // What we write starts there.
        let rest = path.strip_prefix(FOLDER).filter(|rest| url.contains("/local-files/") && !rest.is_empty());
        Some(rest.map(str::to_owned).unwrap_or(path))
    };
    let called = || IMAGE_KEYS.iter().filter_map(|key| Some((*key, path(key)?)));
    let is_picture = |(_, path): &(&str, String)| has_extension(path, &EXTENSIONS);
    let other = || data.keys().filter_map(|key| Some((key.as_str(), path(key)?))).find(is_picture);
    called().find(is_picture).or_else(|| called().next()).or_else(other)
}

#[derive(Serialize)]
struct TaskOut<'a> {
    data: DataOut,
    annotations: [AnnotationOut<'a>; 1],
}

#[derive(Serialize)]
struct DataOut {
    image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<String>,
    /// A picture without results would have no size otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
}

#[derive(Serialize)]
struct AnnotationOut<'a> {
    result: Vec<ResultOut<'a>>,
}

#[derive(Serialize)]
struct ResultOut<'a> {
    id: String,
    r#type: &'static str,
    from_name: &'static str,
    to_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_height: Option<u32>,
    image_rotation: u8,
    value: ValueOut<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueOut<'a> {
    Rectangle { x: Number, y: Number, width: Number, height: Number, rotation: u8, rectanglelabels: [&'a str; 1] },
    Polygon { points: Vec<[Number; 2]>, closed: bool, polygonlabels: [&'a str; 1] },
    KeyPoint { x: Number, y: Number, width: Number, keypointlabels: [&'a str; 1] },
}

/// Writes `tasks.json`, and `config.xml` with the labelling configuration that fits it. Pictures are expected in `images/`. A storage for local
/// files has to serve them, with the folder that has `images/` in it as its root. Walks through the source three times.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let survey = Survey::of(writing.source)?;
    let path = "config.xml";
    writing.file(path, |_, file, _| write_config(file, &survey.objects).map_err(FormatError::io(path)))?;
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    let folders = Folders::with(&survey.parts);
    source.each(&mut |picture| {
        let path = folders.place(&picture.head, writing.losses);
        Ok(output.picture(&picture.head, &format!("{FOLDER}{path}"))?)
    })?;
    let path = "tasks.json";
    writing.file(path, |source, file, losses| {
        let io = |error| FormatError::io(path)(error);
        write!(file, "[").map_err(io)?;
        let mut tasks = 0_u64;
        source.each(&mut |picture| {
            let head = &picture.head;
            let mut result = Vec::new();
            for (region, number) in picture.regions.iter().zip(1..) {
                let Some((name, value)) = said_as(&region.shape, &region.object) else {
                    losses.add(Loss::of_kind(Kind::Polyline), || head.path.clone());
                    continue;
                };
                result.push(ResultOut {
                    id: format!("r{number}"),
                    r#type: name,
                    from_name: name,
                    to_name: IMAGE,
                    original_width: head.size.map(|size| size.width),
                    original_height: head.size.map(|size| size.height),
                    image_rotation: 0,
                    value,
                });
            }
            let image = format!("/data/local-files/?d={FOLDER}{}", percent_encoded(&folders.path(head)));
            let [width, height] = [head.size.map(|size| size.width), head.size.map(|size| size.height)];
            let data = DataOut { image, split: head.split.clone(), width, height };
            tasks += 1;
            writeln!(file, "{}", if tasks > 1 { "," } else { "" }).map_err(io)?;
            let task = TaskOut { data, annotations: [AnnotationOut { result }] };
            serde_json::to_writer(&mut *file, &task).map_err(|error| FormatError::io(path)(error.into()))
        })?;
        writeln!(file, "]").map_err(io)
    })
}

/// The type of a result, which is also the name of its tag, and its value; `None` for what has none.
fn said_as<'a>(shape: &Shape, object: &'a str) -> Option<(&'static str, ValueOut<'a>)> {
    let percent = |number: f64| exact(number * 100.0);
    let pair = |point: &Point| [percent(point.x), percent(point.y)];
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            let [x, y, width, height] = [*x, *y, *w, *h].map(percent);
            Some((
                "rectanglelabels",
                ValueOut::Rectangle { x, y, width, height, rotation: 0, rectanglelabels: [object] },
            ))
        }
        Shape::Polygon(points) => {
            let points = points.iter().map(pair).collect();
            Some(("polygonlabels", ValueOut::Polygon { points, closed: true, polygonlabels: [object] }))
        }
        Shape::Point(point) => {
            let [x, y] = pair(point);
            Some(("keypointlabels", ValueOut::KeyPoint { x, y, width: Number(0.5), keypointlabels: [object] }))
        }
        Shape::Polyline(_) => None,
    }
}

fn write_config(file: &mut dyn Write, objects: &[String]) -> std::io::Result<()> {
    writeln!(file, "<View>\n  <Image name=\"{IMAGE}\" value=\"${IMAGE}\"/>")?;
    for (tag, name) in [
        ("RectangleLabels", "rectanglelabels"),
        ("PolygonLabels", "polygonlabels"),
        ("KeyPointLabels", "keypointlabels"),
    ] {
        writeln!(file, "  <{tag} name=\"{name}\" toName=\"{IMAGE}\">")?;
        for object in objects {
            writeln!(file, "    <Label value=\"{}\"/>", escaped(object))?;
        }
        writeln!(file, "  </{tag}>")?;
    }
    writeln!(file, "</View>")
}
