//! Web Annotation of the W3C, which is written only.
//!
//! After the recommendations "Web Annotation Data Model" (sections 4.2.1 and 4.2.7) and "Media Fragments URI 1.0" (section 4.2.2). Each region
//! is an annotation that tags a part of a picture. A box with whole pixels is a media fragment, `xywh=pixel:x,y,w,h`; that has
//! no room for fractions, so everything else is an SVG selector with the shape in pixels of the picture. A point is a path
//! that goes nowhere.
//!
//! Carried: everything that we have: boxes, polygons, polylines and points, to a millionth of a pixel. Pictures without regions and parts of
//! the split have no word.

#[cfg(test)]
mod tests;

use super::annotations::xml::escaped;
use super::annotations::{Folders, FormatError, Loss, PixelSize, Writing, in_pixels, percent_encoded};
use crate::model::region::{Point, Rect, Shape};
use serde::Serialize;

const CONTEXT: &str = "http://www.w3.org/ns/anno.jsonld";
const MEDIA_FRAGMENTS: &str = "http://www.w3.org/TR/media-frags/";

#[derive(Serialize)]
struct AnnotationOut<'a> {
    id: String,
    r#type: &'static str,
    motivation: &'static str,
    body: Body<'a>,
    target: Target<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    purpose: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
struct Target<'a> {
    source: &'a str,
    selector: Selector,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Selector {
    #[serde(rename = "FragmentSelector", rename_all = "camelCase")]
    Fragment { conforms_to: &'static str, value: String },
    #[serde(rename = "SvgSelector")]
    Svg { value: String },
}

/// Writes `annotations.jsonld`, a page of annotations, and expects pictures in `images/`. Regions of pictures of unknown size are lost. Walks
/// through the source twice.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    let folder = |path: &str| format!("images/{path}");
    let folders = Folders::of(source)?;
    source.each(&mut |picture| {
        let path = folders.place(&picture.head, writing.losses);
        Ok(output.picture(&picture.head, &folder(&path))?)
    })?;
    let path = "annotations.jsonld";
    writing.file(path, |source, file, losses| {
        let io = |error| FormatError::io(path)(error);
        write!(file, "{{\"@context\":\"{CONTEXT}\",\"id\":\"{path}\",\"type\":\"AnnotationPage\",\"items\":[")
            .map_err(io)?;
        let mut items = 0_u64;
        source.each(&mut |picture| {
            let head = &picture.head;
            let Some(size) = head.size else {
                losses.add(Loss::UnknownSize, || head.path.clone());
                return Ok(());
            };
            losses.add_many(Loss::Split, u64::from(head.split.is_some()), || head.path.clone());
            let source = percent_encoded(&folder(&folders.path(head)));
            for region in &picture.regions {
                items += 1;
                writeln!(file, "{}", if items > 1 { "," } else { "" }).map_err(io)?;
                let annotation = AnnotationOut {
                    id: format!("{path}#{items}"),
                    r#type: "Annotation",
                    motivation: "tagging",
                    body: Body { r#type: "TextualBody", purpose: "tagging", value: &region.object },
                    target: Target { source: &source, selector: selector_of(&in_pixels(&region.shape, size), size) },
                };
                serde_json::to_writer(&mut *file, &annotation).map_err(|error| FormatError::io(path)(error.into()))?;
            }
            Ok(())
        })?;
        writeln!(file, "]}}").map_err(io)
    })
}

fn selector_of(shape: &Shape, PixelSize { width, height }: PixelSize) -> Selector {
    let points = |points: &[Point]| {
        let pairs: Vec<String> = points.iter().map(|point| format!("{},{}", point.x, point.y)).collect();
        escaped(&pairs.join(" "))
    };
    let element = match shape {
        Shape::Bbox(Rect { x, y, w, h }) if [x, y, w, h].iter().all(|side| side.fract() == 0.0) => {
            let value = format!("xywh=pixel:{x},{y},{w},{h}");
            return Selector::Fragment { conforms_to: MEDIA_FRAGMENTS, value };
        }
        Shape::Bbox(Rect { x, y, w, h }) => format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>"),
        Shape::Polygon(corners) => format!("<polygon points=\"{}\"/>", points(corners)),
        Shape::Polyline(corners) => format!("<polyline fill=\"none\" points=\"{}\"/>", points(corners)),
        Shape::Point(Point { x, y }) => format!("<path d=\"M{x} {y}z\"/>"),
    };
    let value = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\">{element}</svg>");
    Selector::Svg { value }
}
