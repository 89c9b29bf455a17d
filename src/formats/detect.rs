//! Which annotation format inputs have, by the names of their files and the beginning of one of them.

use super::annotations::Files;
use crate::model::AnnotationFormat;
use std::io::Read;

/// So much of a file is looked at.
const BEGINNING: u64 = 64 * 1024;
/// So many files of a kind are looked at.
const MOST: usize = 20;

/// The format of the inputs; `None` where nothing tells.
pub fn detect(files: &dyn Files) -> Option<AnnotationFormat> {
    let mut paths = files.paths();
    paths.retain(|path| !path.split('/').any(|part| part == "__MACOSX" || part.starts_with("._")));
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let has = |wanted: &[&str]| paths.iter().any(|path| wanted.contains(&name(path).as_str()));
    if has(&["metadata.csv", "metadata.jsonl"]) {
        return Some(AnnotationFormat::Imagefolder);
    }
    if has(&["data.yaml", "data.yml", "dataset.yaml", "obj.names", "classes.txt"]) {
        return Some(AnnotationFormat::Yolo);
    }
    let ending = |ending: &'static str| paths.iter().filter(move |path| name(path).ends_with(ending)).take(MOST);
    let first = |ending_of: &'static str, look: fn(&str) -> Option<AnnotationFormat>| {
        ending(ending_of).find_map(|path| look(&beginning(files, path)?))
    };
    first(".jsonl", |text| text.contains("\"path\"").then_some(AnnotationFormat::Ocellus))
        .or_else(|| first(".xml", of_xml))
        .or_else(|| first(".json", of_json))
        .or_else(|| first(".txt", of_labels))
}

fn beginning(files: &dyn Files, path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    files.open(path).ok()?.take(BEGINNING).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

fn of_xml(text: &str) -> Option<AnnotationFormat> {
    let at = |name: &str| text.find(name);
    match (at("<annotations"), at("<annotation>")) {
        (Some(_), None) => Some(AnnotationFormat::Cvat),
        (Some(many), Some(one)) if many < one => Some(AnnotationFormat::Cvat),
        (_, Some(_)) => Some(AnnotationFormat::Voc),
        (None, None) => None,
    }
}

fn of_json(text: &str) -> Option<AnnotationFormat> {
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    let is_list = text.starts_with('[');
    match () {
        () if has("shapes") && (has("imagePath") || has("imageHeight")) => Some(AnnotationFormat::Labelme),
        () if has("_via_img_metadata") || has("shape_attributes") || has("file_attributes") => {
            Some(AnnotationFormat::Via)
        }
        () if is_list && has("data") && (has("annotations") || has("completions") || has("predictions")) => {
            Some(AnnotationFormat::LabelStudio)
        }
        () if has("items") && (has("media_type") || has("infos") || has("label")) => Some(AnnotationFormat::Datumaro),
        () if !is_list && (has("images") || has("image_id") || has("file_name")) => Some(AnnotationFormat::Coco),
        () if !is_list && has("infos") && has("categories") => Some(AnnotationFormat::Datumaro),
        () => None,
    }
}

/// Rows of a class and numbers from 0 to 1 are those of YOLO.
fn of_labels(text: &str) -> Option<AnnotationFormat> {
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let numbers: Vec<f64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let (class, rest) = numbers.split_first()?;
    let fits = class.fract() == 0.0 && rest.len() >= 4 && rest.iter().all(|number| (-0.01..=1.01).contains(number));
    fits.then_some(AnnotationFormat::Yolo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::annotations::tests_support::{Memory, rect, region};
    use crate::formats::annotations::{Annotated, Head, Losses, PixelSize, Writing};

    #[test]
    fn every_format_is_told_by_what_is_written_in_it() {
        for format in AnnotationFormat::ALL.into_iter().filter(|format| format.is_readable()) {
            let size = Some(PixelSize { width: 640, height: 480 });
            let head = Head { path: "a/cat.jpg".to_owned(), size, split: Some("train".to_owned()) };
            let mut source = vec![Annotated { head, regions: vec![region(rect(0.25, 0.25, 0.5, 0.5), "cat")] }];
            let (mut files, mut losses) = (Memory::default(), Losses::default());
            let mut writing = Writing { source: &mut source, output: &mut files, losses: &mut losses };
            format.write(&mut writing).unwrap();
            let expected = if format == AnnotationFormat::YoloSeg { AnnotationFormat::Yolo } else { format };
            assert_eq!(detect(&files), Some(expected), "{}", format.as_str());
        }
        assert_eq!(detect(&Memory::default()), None);
        let labels = |text| detect(&Memory::with(&[("labels/a.txt", text)]));
        assert_eq!(labels("\n0 0.5 0.5 0.25 0.25\n"), Some(AnnotationFormat::Yolo));
        assert_eq!(labels("see the other file\n"), None);
        assert_eq!(labels("1 2 3 4 5\n"), None);
    }
}
