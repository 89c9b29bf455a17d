//! YOLO as Ultralytics reads it: a text file with numbers for each picture, and `data.yaml` with the names of the classes.
//!
//! After the pages "Object detection datasets" and "Instance segmentation datasets" of docs.ultralytics.com and what `verify_image_label`
//! and `img2label_paths` of `ultralytics/data/utils.py` do: the labels of `images/train/a.jpg` are in `labels/train/a.txt`, a row is the
//! class's number from 0 and either the centre, width and height of a box or the corners of a polygon, all as parts of the
//! picture's sides. A loader takes a file for boxes or for segments as a whole, so that one export has rows of one sort only.
//!
//! Carried: boxes ([`write`]) or polygons ([`write_segments`]), to the twelfth decimal. The other of the two is turned into
//! what there is room for, which is counted; polylines and points are lost. Sizes are not said and not needed.
//!
//! Reading takes both sorts of rows, in the layouts of Ultralytics, Roboflow (`train/labels/a.txt`) and Darknet (`a.txt` beside
//! `a.jpg`); a box with a confidence is read without it, and so is one with joints.

mod layout;
#[cfg(test)]
mod tests;

use super::annotations::{
    FormatError, Head, Loss, NO_SPLIT, Number, Place, Reading, Scale, Stems, Survey, Writing, exact, part_of,
};
use crate::geometry::outline;
use crate::model::region::{Point, Rect, Region, Shape};
use layout::{Layout, labels_of};
use std::collections::{HashMap, HashSet};
use std::io::Write;

/// No file of rows is longer.
const MAX_LABELS: u64 = 128 << 20;

/// Reads labels, boxes and polygons alike, and announces the pictures without any that are among the inputs.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let layout = Layout::of(reading)?;
    for name in layout.names.values() {
        reading.sink.object(name)?;
    }
    let (mut known, mut labelled) = (HashMap::new(), HashSet::new());
    let mut announce = |reading: &mut Reading, path: &str| -> Result<usize, FormatError> {
        let mut head = layout.head(path);
        let next = known.len();
        let mut number = |head: &Head| *known.entry((head.split.clone(), head.path.clone())).or_insert(next);
        if number(&head) != next {
            // Folders with equal names in them.
            path.clone_into(&mut head.path);
            let picture = number(&head);
            if picture != next {
                reading.losses.add(Loss::DuplicatePicture, || path.to_owned());
                return Ok(picture);
            }
        }
        reading.sink.picture(head)?;
        Ok(next)
    };
    for (file, paths) in layout.labels() {
        let text = reading.text(file, MAX_LABELS)?;
        for path in paths {
            labelled.insert(path.clone());
            let picture = announce(reading, &path)?;
            read_rows(reading, file, &text, picture, &layout)?;
        }
    }
    for path in layout.pictures.iter().filter(|path| !labelled.contains(path.as_str())) {
        announce(reading, path)?;
    }
    if known.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no file with labels and no picture"));
    }
    Ok(())
}

fn read_rows(
    reading: &mut Reading,
    file: &str,
    text: &str,
    picture: usize,
    layout: &Layout,
) -> Result<(), FormatError> {
    for (line, row) in text.lines().zip(1_u64..) {
        let place = || format!("{file}, line {row}");
        let mut words = line.split_ascii_whitespace();
        let Some(class) = words.next().map(Number::parse) else { continue };
        let numbers: Vec<f64> = words.map(Number::parse).collect();
        if class.fract() != 0.0 || !(0.0..1e9).contains(&class) {
            reading.losses.add(Loss::Unreadable, place);
            continue;
        }
        let shape = match numbers.as_slice() {
            [x, y, w, h, rest @ ..] if rest.len() < 2 || layout.has_joints => {
                reading.losses.add_many(Loss::Attribute, u64::from(!rest.is_empty()), place);
                Shape::Bbox(Rect { x: x - w / 2.0, y: y - h / 2.0, w: *w, h: *h })
            }
            corners if corners.len() >= 6 && corners.len().is_multiple_of(2) => {
                Shape::Polygon(corners.chunks_exact(2).map(|pair| Point { x: pair[0], y: pair[1] }).collect())
            }
            _ => {
                reading.losses.add(Loss::Unreadable, place);
                continue;
            }
        };
        let unknown;
        let object = match layout.names.get(&(class as u64)) {
            Some(name) => name,
            None => {
                reading.losses.add(Loss::UnknownObject, place);
                unknown = class.to_string();
                &unknown
            }
        };
        reading.region(picture, Scale::UNIT, shape, object, &place)?;
    }
    Ok(())
}

/// What rows are.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    Boxes,
    Segments,
}

/// Writes boxes. A polygon becomes the box around it.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    write_rows(writing, Rows::Boxes)
}

/// Writes polygons. A box becomes one with four corners.
pub fn write_segments(writing: &mut Writing) -> Result<(), FormatError> {
    write_rows(writing, Rows::Segments)
}

/// Writes `data.yaml` and, for each picture `images/<part>/<path>`, its rows, if any. Walks through the source twice.
fn write_rows(writing: &mut Writing, rows: Rows) -> Result<(), FormatError> {
    let survey = Survey::with_parts(writing.source, writing.losses)?;
    let path = "data.yaml";
    writing.file(path, |_, file, _| write_config(file, &survey).map_err(FormatError::io(path)))?;
    let mut stems = Stems::default();
    let (source, output, losses) = (&mut *writing.source, &mut *writing.output, &mut *writing.losses);
    source.each(&mut |picture| {
        let head = &picture.head;
        let part = part_of(head);
        let (path, is_own) = stems.distinct(&part, &head.path);
        if !is_own {
            losses.add(Loss::Renamed, || head.path.clone());
        }
        let path = format!("images/{part}/{path}");
        output.picture(head, &path)?;
        let labels = format!("{}.txt", labels_of(&path));
        let mut text = String::new();
        for region in &picture.regions {
            match said(region, rows) {
                Ok((numbers, loss)) => {
                    if let Some(loss) = loss {
                        losses.add(loss, || head.path.clone());
                    }
                    text.push_str(&survey.number(&region.object).to_string());
                    for number in numbers {
                        text.push(' ');
                        text.push_str(&exact(number).0.to_string());
                    }
                    text.push('\n');
                }
                Err(loss) => losses.add(loss, || head.path.clone()),
            }
        }
        // Also without rows: that says that somebody has looked.
        let mut file = output.file(&labels).map_err(FormatError::io(&labels))?;
        file.write_all(text.as_bytes()).map_err(FormatError::io(&labels))
    })
}

/// The numbers of a region's row.
fn said(region: &Region, rows: Rows) -> Result<(Vec<f64>, Option<Loss>), Loss> {
    let loss = match (&region.shape, rows) {
        (Shape::Polyline(_) | Shape::Point(_), _) => return Err(Loss::of_kind(region.shape.kind())),
        (Shape::Bbox(_), Rows::Boxes) | (Shape::Polygon(_), Rows::Segments) => None,
        (Shape::Polygon(_), Rows::Boxes) => Some(Loss::BoxOnly),
        (Shape::Bbox(_), Rows::Segments) => Some(Loss::Outlined),
    };
    if rows == Rows::Segments {
        let corners = outline(&region.shape).unwrap_or_default();
        return Ok((corners.into_iter().flat_map(|corner| [corner.x, corner.y]).collect(), loss));
    }
    let Rect { x, y, w, h } = region.shape.bounds();
    if w <= 0.0 || h <= 0.0 {
        return Err(Loss::Degenerate);
    }
    Ok((vec![x + w / 2.0, y + h / 2.0, w, h], loss))
}

/// Without a `path`, loaders take the folder of the file itself. They ask for `train` and `val` in any case.
fn write_config(file: &mut dyn Write, survey: &Survey) -> std::io::Result<()> {
    let first = survey.parts.first().map_or(NO_SPLIT, String::as_str);
    let has = |part: &str| survey.parts.contains(part);
    for part in ["train", "val"] {
        let folder = if has(part) { part } else { first };
        writeln!(file, "{part}: {}", text(&format!("images/{folder}")))?;
    }
    for part in survey.parts.iter().filter(|part| !["train", "val"].contains(&part.as_str())) {
        writeln!(file, "{}: {}", text(part), text(&format!("images/{part}")))?;
    }
    writeln!(file, "nc: {}", survey.objects.len())?;
    if survey.objects.is_empty() {
        return writeln!(file, "names: []");
    }
    writeln!(file, "names:")?;
    for (number, name) in survey.objects.iter().enumerate() {
        writeln!(file, "  {number}: {}", text(name))?;
    }
    Ok(())
}

/// A text as YAML has it in double quotes, which is JSON's form, but for characters that YAML does not print.
fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ if character.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
