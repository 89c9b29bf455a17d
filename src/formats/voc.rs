//! Pascal VOC: an XML file with boxes for each picture.
//!
//! After the development kit of the PASCAL VOC challenge 2012 and what readers of it do. Pixels are
//! counted from 1, and a box names the first and the last pixel that belong to it: `xmin` 1 and `xmax` 10 are ten pixels
//! wide from the left edge. So `xmin - 1` and `xmax` are the edges in pixels from 0, as detectron2 takes them, too; datumaro needs
//! its option `coordinate_mode="voc-one-based"` for that. VOC's own files have fractions here and there, so edges between
//! pixels are written with up to six decimals, and whole ones without any. Tools that count from 0 write `xmin` 0, which is read as
//! the edge and not as outside.
//!
//! Carried: boxes, to a millionth of a pixel. A polygon becomes the box around it, which is counted; polylines and points are lost.
//!
//! The file of `JPEGImages/a/b.jpg` is `Annotations/a/b.xml`, and `ImageSets/Main/<part>.txt` lists the `a/b` of a part of the split.
//! Parts share one folder, so pictures whose paths are equal but for that are renamed. `labelmap.txt` names the classes for datumaro
//! and CVAT.

#[cfg(test)]
mod tests;

use super::annotations::xml::{Node, Walk, escaped};
use super::annotations::{
    Annotated, FormatError, Head, Known, Loss, NO_SPLIT, Number, PixelSize, Place, Reading, Scale, Stems, Survey,
    Writing, boxes_of, decimal, folder_of, part_of, resolved, split_called, stem_of,
};
use crate::model::region::{Rect, Shape};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;

/// No list of pictures is longer.
const MAX_LIST: u64 = 128 << 20;

/// Reads every XML file with an `annotation` in it. One that is broken is left out, and counted.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    let splits = read_splits(reading, &paths)?;
    paths.retain(|path| path.to_lowercase().ends_with(".xml"));
    let mut known = Known::default();
    for file in &paths {
        let mut walk = Walk::open(reading.files, file)?;
        let annotation = match walk.whole("annotation") {
            Ok(annotation) => annotation,
            Err(FormatError::Invalid { file, place, message }) => {
                reading.losses.add(Loss::Unreadable, || format!("{file}{place}: {message}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(path) = path_of(file, annotation.text_of("filename")) else {
            reading.losses.add(Loss::BadName, || file.clone());
            continue;
        };
        let number = |node: &Node, name| node.text_of(name).map_or(f64::NAN, Number::parse);
        let said =
            annotation.child("size").and_then(|size| PixelSize::of(number(size, "width"), number(size, "height")));
        let size = reading.size(said, &path);
        let split = splits.get(stem_of(&within_annotations(file))).and_then(|split| split_called(split));
        let picture = reading.picture(&mut known, Head { path, size, split }, &|| file.clone())?;
        let is_segmented = annotation.text_of("segmented").is_some_and(|text| text != "0" && !text.is_empty());
        reading.losses.add_many(Loss::OfPicture, u64::from(is_segmented), || file.clone());
        let has_boxes = annotation.children.iter().any(|child| child.child("bndbox").is_some());
        reading.losses.add_many(Loss::UnknownSize, u64::from(size.is_none() && has_boxes), || file.clone());
        for object in annotation.children.iter().filter(|child| child.name == "object") {
            read_object(reading, file, object, picture, size)?;
        }
    }
    if known.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no XML file with an annotation"));
    }
    Ok(())
}

/// A file's path in the folder of annotations.
fn within_annotations(file: &str) -> String {
    let inside = "Annotations/";
    file.rfind(inside).map_or(file, |at| &file[at + inside.len()..]).to_owned()
}

/// The path of the picture: some write all of it into the file, some only its name.
fn path_of(file: &str, name: Option<&str>) -> Option<String> {
    let within = within_annotations(file);
    match name.filter(|name| !name.is_empty()) {
        Some(name) if name.contains(['/', '\\']) => resolved("", name),
        Some(name) => resolved(folder_of(&within), name),
        None => resolved("", stem_of(&within)),
    }
}

/// The part of the split of each picture, by its path without extension.
fn read_splits(reading: &Reading, paths: &[String]) -> Result<HashMap<String, String>, FormatError> {
    let mut lists: Vec<&String> =
        paths.iter().filter(|path| path.contains("ImageSets/Main/") && path.ends_with(".txt")).collect();
    let stem = |path: &str| stem_of(path).rsplit('/').next().unwrap_or_default().to_owned();
    let names: HashSet<String> = lists.iter().map(|path| stem(path)).collect();
    // `trainval.txt` is both, so that only pictures that are in neither belong to it.
    lists.sort_by_key(|path| stem(path) == "trainval");
    let mut splits = HashMap::new();
    for path in &lists {
        let name = stem(path);
        let text = reading.text(path, MAX_LIST)?;
        // `cat_train.txt` says which pictures of `train.txt` show a cat, with a number behind each.
        let is_called_so = name.match_indices('_').any(|(at, _)| names.contains(&name[at + 1..]));
        let is_answer = |line: &str| [" 1", " 0", " -1"].iter().any(|answer| line.trim_end().ends_with(answer));
        if is_called_so && text.lines().all(is_answer) {
            continue;
        }
        for line in text.lines() {
            let line = line.trim().trim_matches('"');
            if !line.is_empty() {
                splits.entry(line.to_owned()).or_insert_with(|| name.clone());
            }
        }
    }
    Ok(splits)
}

fn read_object(
    reading: &mut Reading,
    file: &str,
    object: &Node,
    picture: usize,
    size: Option<PixelSize>,
) -> Result<(), FormatError> {
    let place = || format!("{file}, line {}", object.line);
    let is_said = |child: &&Node| match child.name.as_str() {
        "name" | "bndbox" | "part" | "id" | "deleted" | "verified" | "date" => false,
        "pose" => !child.text.is_empty() && child.text != "Unspecified",
        "attributes" => !child.children.is_empty(),
        _ => !child.children.is_empty() || !["", "0"].contains(&child.text.as_str()),
    };
    let attributes = object.children.iter().filter(is_said).count();
    reading.losses.add_many(Loss::Attribute, attributes as u64, place);
    // Heads, hands and feet of a person, which are boxes in a box.
    let parts = object.children.iter().filter(|child| child.name == "part").count();
    reading.losses.add_many(Loss::OtherShape, parts as u64, place);
    let Some(bndbox) = object.child("bndbox") else {
        reading.losses.add(Loss::OtherShape, place);
        return Ok(());
    };
    let Some(size) = size else { return Ok(()) };
    let edge = |name| bndbox.text_of(name).map_or(f64::NAN, Number::parse);
    let first = |edge: f64| if (0.0..1.0).contains(&edge) { 0.0 } else { edge - 1.0 };
    let (x, y) = (first(edge("xmin")), first(edge("ymin")));
    let shape = Shape::Bbox(Rect { x, y, w: edge("xmax") - x, h: edge("ymax") - y });
    reading.region(picture, Scale::from(size), shape, object.text_of("name").unwrap_or_default(), &place)
}

/// Writes `Annotations`, `ImageSets/Main` and `labelmap.txt`, and expects pictures in `JPEGImages`. Pictures of unknown size are said without
/// their regions. Walks through the source twice, and once for each part of the split.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let survey = Survey::with_parts(writing.source, writing.losses)?;
    let names = names_of(&survey);
    let path = "labelmap.txt";
    writing.file(path, |_, file, losses| {
        writeln!(file, "# label:color_rgb:parts:actions").map_err(FormatError::io(path))?;
        for (name, said) in &names {
            if name != said {
                losses.add(Loss::ObjectName, || format!("{path}: {name}"));
            }
            writeln!(file, "{said}:::").map_err(FormatError::io(path))?;
        }
        Ok(())
    })?;
    let mut stems = Stems::default();
    let (source, output, losses) = (&mut *writing.source, &mut *writing.output, &mut *writing.losses);
    source.each(&mut |picture| {
        let (path, is_own) = stems.distinct("", &picture.head.path);
        if !is_own {
            losses.add(Loss::Renamed, || picture.head.path.clone());
        }
        output.picture(&picture.head, &format!("JPEGImages/{path}"))?;
        let said = |object: &str| names.get(object).map_or("", String::as_str);
        let boxes = boxes_of(picture, losses).into_iter().map(|(object, rect)| (said(object), rect));
        let boxes: Vec<(&str, Rect)> = boxes.collect();
        let annotation = format!("Annotations/{}.xml", stem_of(&path));
        let text = document(picture, &path, &boxes);
        let mut file = output.file(&annotation).map_err(FormatError::io(&annotation))?;
        file.write_all(text.as_bytes()).map_err(FormatError::io(&annotation))
    })?;
    for part in &survey.parts {
        let path = format!("ImageSets/Main/{part}.txt");
        writing.file(&path, |source, file, _| {
            let mut stems = Stems::default();
            source.each(&mut |picture| {
                let (own, _) = stems.distinct("", &picture.head.path);
                if part_of(&picture.head) != *part {
                    return Ok(());
                }
                writeln!(file, "{}", stem_of(&own)).map_err(FormatError::io(&path))
            })
        })?;
    }
    if survey.parts.is_empty() {
        writing.file(&format!("ImageSets/Main/{NO_SPLIT}.txt"), |_, _, _| Ok(()))?;
    }
    Ok(())
}

/// What objects are called: the lines of `labelmap.txt` have no way to say a colon, and the files of pictures have to say the same.
fn names_of(survey: &Survey) -> BTreeMap<&str, String> {
    let plain = |name: &str| {
        let name = name.trim().replace([':', '\n', '\r'], "_");
        if name.starts_with('#') { name.replacen('#', "_", 1) } else { name }
    };
    let is_own = |name: &&String| plain(name) == **name;
    let mut taken: HashSet<String> = survey.objects.iter().filter(is_own).cloned().collect();
    let distinct = |name: &String| {
        let mut said = plain(name);
        while said != *name && !taken.insert(said.clone()) {
            said.push('_');
        }
        said
    };
    let said: Vec<String> = survey.objects.iter().map(distinct).collect();
    survey.objects.iter().map(String::as_str).zip(said).collect()
}

fn document(picture: &Annotated, path: &str, boxes: &[(&str, Rect)]) -> String {
    let mut text = format!("<annotation>\n  <folder></folder>\n  <filename>{}</filename>\n", escaped(path));
    text.push_str("  <source>\n    <database>Unknown</database>\n  </source>\n");
    if let Some(PixelSize { width, height }) = picture.head.size {
        text.push_str(&format!(
            "  <size>\n    <width>{width}</width>\n    <height>{height}</height>\n    <depth>3</depth>\n  </size>\n"
        ));
    }
    text.push_str("  <segmented>0</segmented>\n");
    for (name, Rect { x, y, w, h }) in boxes {
        text.push_str(&format!("  <object>\n    <name>{}</name>\n    <pose>Unspecified</pose>\n", escaped(name)));
        text.push_str("    <truncated>0</truncated>\n    <difficult>0</difficult>\n    <bndbox>\n");
        let edges = [("xmin", x + 1.0), ("ymin", y + 1.0), ("xmax", x + w), ("ymax", y + h)];
        for (name, edge) in edges {
            text.push_str(&format!("      <{name}>{}</{name}>\n", decimal(edge).0));
        }
        text.push_str("    </bndbox>\n  </object>\n");
    }
    text.push_str("</annotation>\n");
    text
}
