//! CVAT for images 1.1: one XML document with an element for each picture.
//!
//! After CVAT's manual (docs.cvat.ai, "XML annotation format", version 1.1, annotation) and its serializer in `dataset_manager/formats/cvat.py`. Coordinates
//! are pixels from the top left corner; the points of a shape are `x,y` pairs between semicolons; a box may be turned by `rotation`
//! degrees clockwise about its middle; a mask is a frame of pixels as runs along its rows, beginning outside.
//!
//! Carried: everything that we have: boxes, polygons, polylines and points, to a millionth of a pixel, and the parts of the split.
//!
//! Reading: turned boxes and masks become polygons; several points in one shape become as many regions. Ellipses, cuboids, skeletons and the
//! tracks of videos are lost, as are attributes, groups, and orders other than that in the file.

#[cfg(test)]
mod tests;

use super::annotations::mask::Runs;
use super::annotations::xml::{Node, Walk, escaped};
use super::annotations::{
    FormatError, Head, Known, Loss, NO_SPLIT, Number, PixelSize, Place, Reading, Scale, Survey, Writing,
    corners_of_rotated, decimal, in_pixels, part_of, resolved, split_called,
};
use crate::model::region::{Point, Rect, Shape};
use std::io::Write;

/// Reads every XML file whose root is `annotations`, picture by picture. Others are left out, and counted.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".xml"));
    // Where there are several files, each has a part of the pictures.
    let mut known = Known::default();
    let (mut documents, mut first_fault) = (0_u64, None);
    for file in &paths {
        let mut walk = Walk::open(reading.files, file)?;
        match walk.root("annotations") {
            Ok(()) => documents += 1,
            Err(error @ FormatError::Invalid { .. }) => {
                reading.losses.add(Loss::File, || error.to_string());
                first_fault.get_or_insert(error);
                continue;
            }
            Err(error) => return Err(error),
        }
        while let Some(node) = walk.child(|name| matches!(name, b"image" | b"meta" | b"track"))? {
            let place = || format!("{file}, line {}", node.line);
            match node.name.as_str() {
                "meta" => announce_labels(reading, &node)?,
                "track" => reading.losses.add_many(Loss::OtherShape, node.children.len() as u64, place),
                _ => {
                    let Some(path) = resolved("", node.attribute("name").unwrap_or_default()) else {
                        reading.losses.add(Loss::BadName, place);
                        continue;
                    };
                    let split = node.attribute("subset").and_then(split_called);
                    let side = |name| node.attribute(name).map_or(f64::NAN, Number::parse);
                    let size = reading.size(PixelSize::of(side("width"), side("height")), &path);
                    let picture = reading.picture(&mut known, Head { path, size, split }, &place)?;
                    let has_shapes = node.children.iter().any(|child| child.name != "tag");
                    reading.losses.add_many(Loss::UnknownSize, u64::from(size.is_none() && has_shapes), place);
                    for shape in &node.children {
                        read_shape(reading, file, shape, picture, size)?;
                    }
                }
            }
        }
    }
    match (documents, first_fault) {
        (0, Some(fault)) => Err(fault),
        (0, None) => Err(FormatError::invalid("", Place::Whole, "there is no XML file")),
        _ => Ok(()),
    }
}

/// Announces the labels of a task or project, wherever they stand.
fn announce_labels(reading: &mut Reading, node: &Node) -> Result<(), FormatError> {
    for child in &node.children {
        if child.name == "label" {
            reading.sink.object(child.text_of("name").unwrap_or_default())?;
        } else {
            announce_labels(reading, child)?;
        }
    }
    Ok(())
}

fn points_of(node: &Node) -> Vec<Point> {
    let pairs = node.attribute("points").unwrap_or_default().split(';').filter(|pair| !pair.trim().is_empty());
    pairs
        .map(|pair| {
            let (x, y) = pair.split_once(',').unwrap_or((pair, ""));
            Point { x: Number::parse(x), y: Number::parse(y) }
        })
        .collect()
}

fn read_shape(
    reading: &mut Reading,
    file: &str,
    node: &Node,
    picture: usize,
    size: Option<PixelSize>,
) -> Result<(), FormatError> {
    let place = || format!("{file}, line {}", node.line);
    if node.name == "tag" {
        reading.losses.add(Loss::OfPicture, place);
        return Ok(());
    }
    let number = |name| node.attribute(name).map_or(f64::NAN, Number::parse);
    let is_said = |name: &&str| node.attribute(name).is_some_and(|value| !["", "0"].contains(&value));
    let attributes = ["occluded", "z_order", "group_id"].iter().filter(|name| is_said(name)).count();
    let own = node.children.iter().filter(|child| child.name == "attribute").count();
    reading.losses.add_many(Loss::Attribute, (attributes + own) as u64, place);
    let shapes = match node.name.as_str() {
        "box" => {
            let (x, y) = (number("xtl"), number("ytl"));
            let rect = Rect { x, y, w: number("xbr") - x, h: number("ybr") - y };
            match node.attribute("rotation").map(Number::parse) {
                Some(degrees) if degrees != 0.0 => {
                    let middle = Point { x: x + rect.w / 2.0, y: y + rect.h / 2.0 };
                    vec![Shape::Polygon(corners_of_rotated(rect, degrees, middle))]
                }
                _ => vec![Shape::Bbox(rect)],
            }
        }
        "polygon" => vec![Shape::Polygon(points_of(node))],
        "polyline" => vec![Shape::Polyline(points_of(node))],
        "points" => points_of(node).into_iter().map(Shape::Point).collect(),
        "mask" => {
            let Some((shapes, holes)) = parts_of(node) else {
                reading.losses.add(Loss::Unreadable, place);
                return Ok(());
            };
            reading.losses.add_many(Loss::Hole, holes, place);
            shapes
        }
        _ => {
            reading.losses.add(Loss::OtherShape, place);
            return Ok(());
        }
    };
    reading.regions(picture, size.map(Scale::from), shapes, node.attribute("label").unwrap_or_default(), &place)
}

/// The outlines of a mask's parts in pixels of the picture, and how many holes they have.
fn parts_of(node: &Node) -> Option<(Vec<Shape>, u64)> {
    let number = |name| node.attribute(name).map_or(f64::NAN, Number::parse);
    let counts = node.attribute("rle")?.split(',').map(|count| count.trim().parse().ok());
    // Along the rows of a mask is down the columns of one that is mirrored at its diagonal.
    let runs = Runs::new(number("height"), number("width"), counts.collect::<Option<_>>()?)?;
    let (left, top) = (number("left"), number("top"));
    let parts = runs.parts();
    let holes = parts.iter().map(|part| part.holes).sum();
    let upright = |at: Point| Point { x: left + at.y, y: top + at.x };
    let shapes = parts.into_iter().map(|part| Shape::Polygon(part.corners.into_iter().map(upright).collect()));
    Some((shapes.collect(), holes))
}

/// Writes `annotations.xml` and expects pictures in `images/<part>/`, or in `images/` where there is no split. Pictures of unknown size are
/// said without their regions. Walks through the source three times.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let survey = Survey::with_parts(writing.source, writing.losses)?;
    let path = "annotations.xml";
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    source.each(&mut |picture| {
        let part = part_of(&picture.head);
        let folder = if has_parts(&survey) { format!("images/{part}") } else { "images".to_owned() };
        Ok(output.picture(&picture.head, &format!("{folder}/{}", picture.head.path))?)
    })?;
    writing.file(path, |source, file, losses| {
        let io = |error| FormatError::io(path)(error);
        write_meta(file, &survey).map_err(io)?;
        let mut id = 0;
        source.each(&mut |picture| {
            let head = &picture.head;
            write!(file, "  <image id=\"{id}\" name=\"{}\"", escaped(&head.path)).map_err(io)?;
            id += 1;
            if has_parts(&survey) {
                write!(file, " subset=\"{}\"", escaped(&part_of(head))).map_err(io)?;
            }
            let Some(size) = head.size else {
                losses.add_many(Loss::UnknownSize, u64::from(!picture.regions.is_empty()), || head.path.clone());
                return writeln!(file, "/>").map_err(io);
            };
            writeln!(file, " width=\"{}\" height=\"{}\">", size.width, size.height).map_err(io)?;
            for region in &picture.regions {
                let shape = in_pixels(&region.shape, size);
                write_shape(file, &shape, &escaped(&region.object)).map_err(io)?;
            }
            writeln!(file, "  </image>").map_err(io)
        })?;
        writeln!(file, "</annotations>").map_err(io)
    })
}

/// Whether any picture belongs to a part of the split.
fn has_parts(survey: &Survey) -> bool {
    survey.parts.iter().any(|part| part != NO_SPLIT)
}

/// Parts of a split are those of a project's tasks; datumaro looks there to know which there are.
fn write_meta(file: &mut dyn Write, survey: &Survey) -> std::io::Result<()> {
    let kind = if has_parts(survey) { "project" } else { "task" };
    writeln!(file, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>")?;
    writeln!(file, "  <meta>\n    <{kind}>\n      <labels>")?;
    for name in &survey.objects {
        writeln!(file, "        <label>\n          <name>{}</name>", escaped(name))?;
        writeln!(file, "          <attributes></attributes>\n        </label>")?;
    }
    writeln!(file, "      </labels>")?;
    if has_parts(survey) {
        writeln!(file, "      <tasks>")?;
        for part in &survey.parts {
            writeln!(file, "        <task>\n          <subset>{}</subset>\n        </task>", escaped(part))?;
        }
        writeln!(file, "      </tasks>")?;
    }
    writeln!(file, "    </{kind}>\n  </meta>")
}

fn write_shape(file: &mut dyn Write, shape: &Shape, label: &str) -> std::io::Result<()> {
    let name = match shape {
        Shape::Bbox(_) => "box",
        Shape::Polygon(_) => "polygon",
        Shape::Polyline(_) => "polyline",
        Shape::Point(_) => "points",
    };
    write!(file, "    <{name} label=\"{label}\" source=\"manual\" occluded=\"0\"")?;
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            let edges = [("xtl", *x), ("ytl", *y), ("xbr", x + w), ("ybr", y + h)];
            for (name, edge) in edges {
                write!(file, " {name}=\"{}\"", decimal(edge).0)?;
            }
        }
        Shape::Polygon(points) | Shape::Polyline(points) => write_points(file, points)?,
        Shape::Point(point) => write_points(file, &[*point])?,
    }
    writeln!(file, " z_order=\"0\"></{name}>")
}

fn write_points(file: &mut dyn Write, points: &[Point]) -> std::io::Result<()> {
    let pairs: Vec<String> = points.iter().map(|point| format!("{},{}", point.x, point.y)).collect();
    write!(file, " points=\"{}\"", pairs.join(";"))
}
