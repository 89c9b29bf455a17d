//! `ocellus demo --yolo DIR`: pictures with boxes and polygons from a YOLO folder.
//!
//! ```text
//! DIR/images/<name>.jpg
//! DIR/boxes/<name>.txt        class, centre x, centre y, width, height; relative to the picture
//! DIR/polygons/<name>.txt     class, then x and y of every corner
//! DIR/boxes.classes.txt       a class a line: its number and its name, or names alone, which count from 0
//! DIR/polygons.classes.txt    likewise; the two may number differently
//! ```
//!
//! Lines that make no sense are left out and reported with file and number; coordinates that stick out of the picture by
//! rounding are moved to its border.

use super::site::{Caption, DemoError, Site, Summary, new_picture, now_s};
use crate::model::Region;
use crate::model::region::{Point, Rect, Shape, check_regions};
use crate::server::store::pictures;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// How far outside of the picture a coordinate may lie and still be taken for a rounding error.
const SLACK: f64 = 0.02;

/// Who posts the pictures.
const AUTHOR: &str = "yolo-import";

/// One of the two kinds of annotation files.
struct Annotations {
    dir: PathBuf,
    classes: HashMap<usize, String>,
    parse: fn(&[f64]) -> Result<Shape, String>,
}

/// Loads a YOLO folder under one licence. Pictures that are on the site already, from an earlier run, are passed over.
pub async fn yolo(
    site: &Site<'_>,
    dir: &Path,
    licence: &str,
    mut progress: impl FnMut(usize, usize, &str),
) -> Result<Summary, DemoError> {
    let mut summary = Summary::default();
    let images = image_files(&dir.join("images"))?;
    let kinds = [annotations(dir, "boxes", parse_box)?, annotations(dir, "polygons", parse_polygon)?];
    let now = now_s();
    let author = site.users(&[AUTHOR], now).await?.first().copied().unwrap_or_default();

    let total = images.len();
    let mut registered = BTreeSet::new();
    for (number, path) in images.into_iter().enumerate() {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let mut regions = Vec::new();
        for kind in kinds.iter().flatten() {
            regions.extend(read(kind, &name, &mut summary.problems)?);
        }
        for region in &regions {
            if registered.insert(region.object.clone()) {
                summary.objects += usize::from(site.object(&region.object, "", &[], author, now).await?);
            }
        }
        let bytes = tokio::fs::read(&path).await?;
        let hash = blake3::hash(&bytes).to_hex().to_string();
        if !pictures::of_blob(site.db, &hash).await?.is_empty() {
            summary.already_there += 1;
            progress(number + 1, total, &name);
            continue;
        }
        let kept = match site.keep(bytes, now).await {
            Ok(kept) => kept,
            // One broken picture is no reason to stop.
            Err(DemoError::Image(error)) => {
                summary.problems.push(format!("{}: {error}", path.display()));
                continue;
            }
            Err(error) => return Err(error),
        };
        let caption = Caption {
            title: name.clone(),
            description: String::new(),
            author,
            // In the order of their names, so that lists by date keep it.
            created_at: now - (total - number) as i64,
            nature: "photo".to_owned(),
            licences: vec![licence.to_owned()],
        };
        summary.regions += regions.len();
        summary.pictures += 1;
        pictures::insert(site.db, new_picture(&kept, caption, regions)).await?;
        progress(number + 1, total, &name);
    }
    Ok(summary)
}

/// All files of a folder in the order of their names.
fn image_files(dir: &Path) -> Result<Vec<PathBuf>, DemoError> {
    let entries = std::fs::read_dir(dir)
        .map_err(|error| DemoError::Input(format!("cannot read the folder {}: {error}", dir.display())))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !hidden {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(DemoError::Input(format!("there are no pictures in {}", dir.display())));
    }
    files.sort();
    Ok(files)
}

/// What is needed to read one kind of annotations; `None` if the folder has none of the kind.
fn annotations(
    dir: &Path,
    kind: &str,
    parse: fn(&[f64]) -> Result<Shape, String>,
) -> Result<Option<Annotations>, DemoError> {
    let folder = dir.join(kind);
    if !folder.is_dir() {
        return Ok(None);
    }
    let path = dir.join(format!("{kind}.classes.txt"));
    let text = std::fs::read_to_string(&path).map_err(|error| {
        DemoError::Input(format!("cannot read the names of the classes in {}: {error}", path.display()))
    })?;
    Ok(Some(Annotations { dir: folder, classes: class_names(&text), parse }))
}

/// The names of classes by their numbers, from a file that either numbers all of its lines or none.
fn class_names(text: &str) -> HashMap<usize, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let numbered = |line: &&str| {
        let (number, name) = line.split_once(char::is_whitespace)?;
        Some((number.trim_end_matches(':').parse().ok()?, capitalised(name.trim())))
    };
    let written = lines.iter().filter(|line| !line.is_empty());
    match written.map(numbered).collect::<Option<HashMap<usize, String>>>() {
        Some(classes) => classes,
        None => lines.into_iter().map(capitalised).enumerate().collect(),
    }
}

/// Objects are written with a capital on this platform: "traffic light" becomes "Traffic light".
fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The regions of one picture. A picture without a file has none.
fn read(kind: &Annotations, name: &str, problems: &mut Vec<String>) -> Result<Vec<Region>, DemoError> {
    let path = kind.dir.join(format!("{name}.txt"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(DemoError::Input(format!("cannot read {}: {error}", path.display()))),
    };
    let mut regions = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match parse_line(kind, line) {
            Ok(region) => regions.push(region),
            Err(fault) => problems.push(format!("{}, line {}: {fault}", path.display(), index + 1)),
        }
    }
    Ok(regions)
}

fn parse_line(kind: &Annotations, line: &str) -> Result<Region, String> {
    let mut words = line.split_ascii_whitespace();
    let class = words.next().unwrap_or_default();
    let class: usize = class.parse().map_err(|_| format!("`{class}` is not the number of a class"))?;
    let object = kind.classes.get(&class).filter(|name| !name.is_empty());
    let object = object.ok_or_else(|| format!("there is no class {class}"))?.clone();
    let numbers: Vec<f64> =
        words.map(|word| word.parse().map_err(|_| format!("`{word}` is not a number"))).collect::<Result<_, _>>()?;
    let region = Region { id: None, shape: (kind.parse)(&numbers)?, object };
    match check_regions(std::slice::from_ref(&region), "regions") {
        Ok(()) => Ok(region),
        Err(faults) => Err(faults.first().map_or_else(String::new, |fault| fault.message.clone())),
    }
}

fn parse_box(numbers: &[f64]) -> Result<Shape, String> {
    let &[x, y, w, h] = numbers else {
        return Err(format!("a box has 4 numbers after its class, not {}", numbers.len()));
    };
    let (left, right) = (inside(x - w / 2.0)?, inside(x + w / 2.0)?);
    let (top, bottom) = (inside(y - h / 2.0)?, inside(y + h / 2.0)?);
    if right <= left || bottom <= top {
        return Err("the box has no area".to_owned());
    }
    Ok(Shape::Bbox(Rect { x: left, y: top, w: right - left, h: bottom - top }))
}

fn parse_polygon(numbers: &[f64]) -> Result<Shape, String> {
    if numbers.len() < 6 || numbers.len() % 2 == 1 {
        return Err(format!("a polygon has pairs of numbers, at least 3; here are {} numbers", numbers.len()));
    }
    let corners: Result<Vec<Point>, String> =
        numbers.chunks_exact(2).map(|pair| Ok(Point { x: inside(pair[0])?, y: inside(pair[1])? })).collect();
    Ok(Shape::Polygon(corners?))
}

/// A coordinate moved to the border if it sticks out by a rounding error.
fn inside(coordinate: f64) -> Result<f64, String> {
    if (-SLACK..=1.0 + SLACK).contains(&coordinate) {
        Ok(coordinate.clamp(0.0, 1.0))
    } else {
        Err(format!("the coordinate {coordinate} lies outside of the picture"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(parse: fn(&[f64]) -> Result<Shape, String>) -> Annotations {
        Annotations { dir: PathBuf::new(), classes: class_names("cat\ntraffic light\n"), parse }
    }

    #[test]
    fn boxes_and_polygons_become_regions() {
        let region = parse_line(&kind(parse_box), "1 0.5 0.25 0.5 0.5").unwrap();
        assert_eq!(region.object, "Traffic light");
        assert_eq!(region.shape, Shape::Bbox(Rect { x: 0.25, y: 0.0, w: 0.5, h: 0.5 }));
        let region = parse_line(&kind(parse_polygon), "0 0.1 0.2 0.3 0.2 1.001 0.9").unwrap();
        let Shape::Polygon(corners) = region.shape else { panic!() };
        assert_eq!(corners[2], Point { x: 1.0, y: 0.9 });
    }

    #[test]
    fn faults_are_named() {
        for (line, fault) in [
            ("x 1 1 1 1", "`x` is not the number of a class"),
            ("7 0.5 0.5 0.5 0.5", "there is no class 7"),
            ("0 0.5 0.5 0.5", "a box has 4 numbers after its class, not 3"),
            ("0 0.5 0.5 0 0.5", "the box has no area"),
            ("0 0.5 0.5 NaN 0.5", "the coordinate NaN lies outside of the picture"),
            ("0 0.9 0.5 0.5 0.5", "the coordinate 1.15 lies outside of the picture"),
        ] {
            assert_eq!(parse_line(&kind(parse_box), line).unwrap_err(), fault);
        }
        assert!(parse_line(&kind(parse_polygon), "0 0.1 0.2 0.3 0.2 0.5").is_err());
    }

    #[test]
    fn classes_may_be_numbered() {
        let classes = class_names("1 cat\n90 traffic light\n\n");
        assert_eq!((classes[&1].as_str(), classes[&90].as_str(), classes.len()), ("Cat", "Traffic light", 2));
        let classes = class_names("cat\n3 of a kind\n");
        assert_eq!((classes[&0].as_str(), classes[&1].as_str()), ("Cat", "3 of a kind"));
    }

    #[test]
    fn names_get_a_capital() {
        assert_eq!(capitalised("traffic light"), "Traffic light");
        assert_eq!(capitalised(""), "");
    }
}
