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

use super::annotations::json::{Scanner, said};
use super::annotations::xml::escaped;
use super::annotations::{
    FormatError, Head, Known, Loss, Number, PixelSize, Place, Reading, Survey, Writing, exact, path_of_url,
    percent_encoded, split_called, under_part, without_part,
};
use crate::model::region::{Kind, Point, Rect, Shape};
use results::{ResultEntry, read_results};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::Write;

/// The name of the picture in the labelling configuration that is written.
const IMAGE: &str = "image";
/// The keys of a task's data that are asked for the picture first.
const IMAGE_KEYS: [&str; 5] = [IMAGE, "img", "image_url", "url", "picture"];

#[derive(Deserialize)]
struct Task {
    data: Map<String, Value>,
    /// Older releases called them completions.
    #[serde(default, alias = "completions")]
    annotations: Vec<AnnotationEntry>,
    #[serde(default)]
    predictions: Vec<Value>,
}

#[derive(Deserialize)]
struct AnnotationEntry {
    #[serde(default)]
    result: Vec<Value>,
    #[serde(default)]
    was_cancelled: bool,
    #[serde(default)]
    ground_truth: bool,
}

/// Reads every JSON file that is a list of tasks, or one task.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".json"));
    let (mut pictures, mut known) = (0, Known::default());
    for file in &paths {
        let mut scanner = Scanner::open(reading.files, file)?;
        if scanner.peek()? == Some(b'{') {
            let task = scanner.value::<Task>()?;
            read_task(reading, file, task, &mut pictures, &mut known)?;
        } else {
            scanner.enter(b'[')?;
            let mut index = 0_u64;
            while scanner.item()? {
                let task = scanner.value::<Task>()?;
                read_task(reading, &format!("{file}, [{index}]"), task, &mut pictures, &mut known)?;
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

fn read_task(
    reading: &mut Reading,
    place: &str,
    task: Result<Task, serde_json::Error>,
    pictures: &mut usize,
    known: &mut Known,
) -> Result<(), FormatError> {
    let task = match task {
        Ok(task) => task,
        Err(error) => {
            reading.losses.add(Loss::Unreadable, || format!("{place}: {}", said(&error)));
            return Ok(());
        }
    };
    let text = |key: &str| task.data.get(key).and_then(Value::as_str);
    let split = text("split").and_then(split_called);
    let url = IMAGE_KEYS.iter().find_map(|key| text(key)).or_else(|| task.data.values().find_map(Value::as_str));
    let Some(path) = url.and_then(path_of_url).map(|path| without_part(path, split.as_deref())) else {
        reading.losses.add(Loss::BadName, || place.to_owned());
        return Ok(());
    };
    if !known.is_new(place, split.as_deref(), &path)? {
        reading.losses.add(Loss::DuplicatePicture, || place.to_owned());
        return Ok(());
    }
    let chosen = task
        .annotations
        .iter()
        .position(|annotation| annotation.ground_truth && !annotation.was_cancelled)
        .or_else(|| task.annotations.iter().position(|annotation| !annotation.was_cancelled));
    let others = task.annotations.len() - usize::from(chosen.is_some()) + task.predictions.len();
    reading.losses.add_many(Loss::OfPicture, others as u64, || place.to_owned());
    let results =
        chosen.and_then(|chosen| task.annotations.into_iter().nth(chosen)).map(|annotation| annotation.result);
    let results: Vec<Result<ResultEntry, String>> = results
        .unwrap_or_default()
        .into_iter()
        .map(|result| ResultEntry::deserialize(result).map_err(|error| said(&error)))
        .collect();
    let sizes = results
        .iter()
        .flatten()
        .find_map(|result| PixelSize::of(result.original_width.as_ref()?.0, result.original_height.as_ref()?.0));
    let side = |key: &str| task.data.get(key).and_then(Value::as_f64).unwrap_or_default();
    let size = reading.size(sizes.or_else(|| PixelSize::of(side("width"), side("height"))), &path);
    reading.sink.picture(Head { path, size, split })?;
    *pictures += 1;
    read_results(reading, place, results, *pictures - 1, size)
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

/// Writes `tasks.json`, and `config.xml` with the labelling configuration that fits it. Pictures are expected in `images/`, which a storage for local
/// files has to serve. Walks through the source three times.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let survey = Survey::of(writing.source)?;
    let path = "config.xml";
    writing.file(path, |_, file, _| write_config(file, &survey.objects).map_err(FormatError::io(path)))?;
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    source.each(&mut |picture| Ok(output.picture(&picture.head, &format!("images/{}", under_part(&picture.head)))?))?;
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
            let image = format!("/data/local-files/?d={}", percent_encoded(&under_part(head)));
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
