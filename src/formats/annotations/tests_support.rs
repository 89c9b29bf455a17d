//! What the tests of all formats share.

use super::{
    Annotated, Files, FormatError, Head, Loss, Losses, Output, PixelSize, Reading, Sink, Source, Stopped, Writing,
    stem_of,
};
use crate::model::region::{Kind, Point, Rect, Region, Shape};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// Files in memory, to be written and read.
#[derive(Default)]
pub struct Memory {
    pub files: BTreeMap<String, Vec<u8>>,
    pub pictures: Vec<(String, String)>,
}

impl Memory {
    pub fn with(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Self { files, pictures: Vec::new() }
    }

    pub fn text(&self, path: &str) -> &str {
        std::str::from_utf8(&self.files[path]).unwrap()
    }

    /// Puts empty files where loaders look for pictures.
    pub fn put_pictures(&mut self) {
        for (_, path) in &self.pictures {
            assert!(self.files.insert(path.clone(), Vec::new()).is_none(), "{path} twice");
        }
    }
}

impl Files for Memory {
    fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.files.get(path).ok_or(io::ErrorKind::NotFound)?.as_slice()))
    }
}

impl Output for Memory {
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
        assert!(!self.files.contains_key(path), "{path} twice");
        Ok(Box::new(self.files.entry(path.to_owned()).or_default()))
    }

    fn picture(&mut self, head: &Head, path: &str) -> Result<(), Stopped> {
        self.pictures.push((head.path.clone(), path.to_owned()));
        Ok(())
    }
}

/// Everything that was read.
#[derive(Default, Debug)]
pub struct Collected {
    pub objects: Vec<String>,
    pub pictures: Vec<Annotated>,
}

impl Collected {
    pub fn picture(&self, path: &str) -> &Annotated {
        self.pictures.iter().find(|picture| picture.head.path == path).unwrap_or_else(|| panic!("no {path}: {self:#?}"))
    }

    pub fn shapes(&self, path: &str) -> Vec<(Shape, &str)> {
        self.picture(path).regions.iter().map(|region| (region.shape.clone(), region.object.as_str())).collect()
    }
}

impl Sink for Collected {
    fn object(&mut self, name: &str) -> Result<(), Stopped> {
        self.objects.push(name.to_owned());
        Ok(())
    }

    fn picture(&mut self, head: Head) -> Result<(), Stopped> {
        self.pictures.push(Annotated { head, regions: Vec::new() });
        Ok(())
    }

    fn region(&mut self, picture: usize, region: Region) -> Result<(), Stopped> {
        assert!(crate::geometry::is_valid(&region.shape), "{region:?}");
        self.pictures[picture].regions.push(region);
        Ok(())
    }
}

impl Source for Vec<Annotated> {
    fn each(&mut self, visit: &mut dyn FnMut(&Annotated) -> Result<(), FormatError>) -> Result<(), FormatError> {
        self.iter().try_for_each(visit)
    }
}

pub type Read_ = fn(&mut Reading) -> Result<(), FormatError>;
pub type Write_ = fn(&mut Writing) -> Result<(), FormatError>;

/// Reads files; pictures whose size is not said have 640 x 480 pixels, but those called `unknown`.
pub fn read_from(reader: Read_, files: &Memory) -> (Result<(), FormatError>, Collected, Losses) {
    let (mut sink, mut losses) = (Collected::default(), Losses::default());
    let mut sizes = |path: &str| (!stem_of(path).ends_with("unknown")).then_some(PixelSize { width: 640, height: 480 });
    let outcome = reader(&mut Reading { files, sizes: &mut sizes, sink: &mut sink, losses: &mut losses });
    (outcome, sink, losses)
}

/// Reads files that have to be readable.
pub fn read_well(reader: Read_, files: &[(&str, &str)]) -> (Collected, Losses) {
    let (outcome, sink, losses) = read_from(reader, &Memory::with(files));
    outcome.unwrap();
    (sink, losses)
}

/// Reads files that must not be readable, and answers why.
pub fn read_badly(reader: Read_, files: &[(&str, &str)]) -> String {
    read_from(reader, &Memory::with(files)).0.unwrap_err().to_string()
}

/// Writes pictures, twice, since the same has to come out.
pub fn write_out(writer: Write_, pictures: &[Annotated]) -> (Memory, Losses) {
    let mut outcomes = (0..2).map(|_| {
        let (mut output, mut losses) = (Memory::default(), Losses::default());
        let mut source = pictures.to_vec();
        writer(&mut Writing { source: &mut source, output: &mut output, losses: &mut losses }).unwrap();
        assert_eq!(output.pictures.len(), pictures.len());
        (output, losses)
    });
    let (first, second) = (outcomes.next().unwrap(), outcomes.next().unwrap());
    assert!(first.0.files == second.0.files && first.1 == second.1);
    first
}

/// How many losses of each kind there were.
pub fn counted(losses: &Losses) -> Vec<(Loss, u64)> {
    losses.counts().collect()
}

pub fn rect(x: f64, y: f64, w: f64, h: f64) -> Shape {
    Shape::Bbox(Rect { x, y, w, h })
}

pub fn points(corners: &[(f64, f64)]) -> Vec<Point> {
    corners.iter().map(|(x, y)| Point { x: *x, y: *y }).collect()
}

pub fn region(shape: Shape, object: &str) -> Region {
    Region { id: None, shape, object: object.to_owned() }
}

/// Whether two shapes are the same but for `tolerance` in each coordinate.
pub fn alike(a: &Shape, b: &Shape, tolerance: f64) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= tolerance;
    let all =
        |a: &[Point], b: &[Point]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a.x, b.x) && near(a.y, b.y));
    match (a, b) {
        (Shape::Bbox(a), Shape::Bbox(b)) => near(a.x, b.x) && near(a.y, b.y) && near(a.w, b.w) && near(a.h, b.h),
        (Shape::Polygon(a), Shape::Polygon(b)) | (Shape::Polyline(a), Shape::Polyline(b)) => all(a, b),
        (Shape::Point(a), Shape::Point(b)) => all(&[*a], &[*b]),
        _ => false,
    }
}

/// A place in the picture: anywhere, at an edge, or a whole pixel of 640 x 480.
fn place() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..=1.0f64, 1 => Just(0.0), 1 => Just(1.0), 2 => (0..=640_u32).prop_map(|pixel| f64::from(pixel) / 640.0)]
}

fn point() -> impl Strategy<Value = Point> {
    (place(), place()).prop_map(|(x, y)| Point { x, y })
}

/// Shapes that formats cannot take for others: no corner is there twice in a row, and boxes are at least a hundredth wide.
fn shape(kind: Kind) -> BoxedStrategy<Shape> {
    let line = |least: usize| {
        prop::collection::vec(point(), least..9).prop_filter("corners differ", |points| {
            points.iter().zip(points.iter().cycle().skip(1)).all(|(a, b)| (a.x - b.x).abs() + (a.y - b.y).abs() > 0.001)
        })
    };
    match kind {
        Kind::Bbox => (place(), place(), place(), place())
            .prop_map(|(a, b, c, d)| {
                let (x, y) = (a.min(c).min(0.98), b.min(d).min(0.98));
                Rect { x, y, w: (a.max(c) - x).max(0.01), h: (b.max(d) - y).max(0.01) }
            })
            .prop_map(Shape::Bbox)
            .boxed(),
        Kind::Polygon => line(3).prop_map(Shape::Polygon).boxed(),
        Kind::Polyline => line(2).prop_map(Shape::Polyline).boxed(),
        Kind::Point => point().prop_map(Shape::Point).boxed(),
    }
}

/// Pictures with regions of these kinds, with and without folders, splits and regions, and with names of all sorts.
pub fn pictures(kinds: &'static [Kind]) -> impl Strategy<Value = Vec<Annotated>> {
    let region = (
        prop::sample::select(kinds),
        prop::sample::select(&["cat", "a dog", "Ähre", "x.y & <z> \"q\"", "it's, 100%"][..]),
    )
        .prop_flat_map(|(kind, name)| shape(kind).prop_map(move |shape| self::region(shape, name)));
    let folder = prop::sample::select(&["", "a/", "b.c/", "a/ä ö/", "images/"][..]);
    let name = prop::sample::select(&["1.jpg", "x.y.png", "Bär & <b>.jpeg", "no extension"][..]);
    let split = prop::sample::select(&["train", "val"][..]);
    let picture = (folder, name, split, 1..2000_u32, 1..2000_u32, prop::collection::vec(region, 0..5)).prop_map(
        |(folder, name, split, width, height, regions)| Annotated {
            head: Head {
                path: format!("{folder}{name}"),
                size: Some(PixelSize { width, height }),
                split: Some(split.to_owned()),
            },
            regions,
        },
    );
    prop::collection::vec(picture, 1..5).prop_map(|mut pictures| {
        let mut seen = std::collections::HashSet::new();
        pictures.retain(|picture| seen.insert((picture.head.path.clone(), picture.head.split.clone())));
        pictures
    })
}

/// What is written of pictures comes back: paths, parts of the split, objects and shapes, in whatever order pictures stand.
/// Shapes may differ by `tolerance` pixels.
pub fn check_round_trip(
    pictures: &[Annotated],
    (reader, writer): (Read_, Write_),
    tolerance: f64,
) -> Result<(), TestCaseError> {
    let (mut written, losses) = write_out(writer, pictures);
    prop_assert!(losses.is_empty(), "{losses:?}");
    written.put_pictures();
    let (outcome, read, losses) = read_from(reader, &written);
    outcome.map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(losses.is_empty(), "{losses:?}");
    prop_assert_eq!(read.pictures.len(), pictures.len());
    for picture in pictures {
        let found = read
            .pictures
            .iter()
            .find(|found| found.head.path == picture.head.path && found.head.split == picture.head.split);
        let Some(found) = found else {
            return Err(TestCaseError::fail(format!("{:?} is not in {:#?}", picture.head, read.pictures)));
        };
        prop_assert!(found.head.size.is_none() || found.head.size == picture.head.size);
        prop_assert_eq!(found.regions.len(), picture.regions.len());
        for (region, found) in picture.regions.iter().zip(&found.regions) {
            prop_assert_eq!(&region.object, &found.object);
            let size = picture.head.size.map_or(1, |size| size.width.min(size.height));
            prop_assert!(
                alike(&region.shape, &found.shape, tolerance / f64::from(size)),
                "{region:?} became {found:?}"
            );
        }
    }
    Ok(())
}

/// However a file is damaged, reading ends, with or without an error.
pub fn check_damage(reader: Read_, files: &[(&str, &str)], cut: usize, put: u8, length: usize) {
    for damaged in 0..files.len() {
        let mut memory = Memory::with(files);
        let bytes = memory.files.get_mut(files[damaged].0).unwrap();
        if bytes.is_empty() {
            continue;
        }
        let at = cut % bytes.len();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, [put]);
        drop(read_from(reader, &memory));
    }
}
