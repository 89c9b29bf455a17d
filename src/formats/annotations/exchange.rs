//! Pictures and regions on their way in and out.

use super::error::{FormatError, Place, Stopped};
use super::losses::{Loss, Losses};
use super::placing::{Scale, placed};
use crate::model::region::{Region, Shape};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Read, Write};

/// Names of objects are cut to so many bytes: there may be millions of regions with each.
pub(in crate::formats) const MAX_OBJECT: usize = 1000;

/// The size of an upright picture in pixels, both more than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl PixelSize {
    /// A size from numbers of a file; `None` if one of them is not a number of pixels.
    pub(in crate::formats) fn of(width: f64, height: f64) -> Option<Self> {
        let side = |side: f64| (side >= 1.0 && side <= f64::from(u32::MAX)).then_some(side as u32);
        Some(Self { width: side(width)?, height: side(height)? })
    }
}

/// A picture without its regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its path, folders separated by `/`. Never empty, absolute or with `..`. A format that does not say the file's extension
    /// (YOLO) leaves it out where the file itself is not among the inputs.
    pub path: String,
    /// Its upright size, where the format says it.
    pub size: Option<PixelSize>,
    /// Name of its part of the split, such as `train`.
    pub split: Option<String>,
}

/// A picture with its regions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotated {
    /// What is known of the picture.
    pub head: Head,
    /// Its regions, in drawing order. Their ids are of no use to a format.
    pub regions: Vec<Region>,
}

/// Named inputs: the files of an archive or folder, each of which can be opened more than once.
pub trait Files {
    /// The paths of all files, folders separated by `/`. The order is kept where formats say nothing of it.
    fn paths(&self) -> Vec<String>;
    /// Opens the file with one of these paths from its beginning.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>>;
}

/// Takes what is read.
pub trait Sink {
    /// Takes an object that the input declares, whether or not a region shows it.
    fn object(&mut self, _name: &str) -> Result<(), Stopped> {
        Ok(())
    }
    /// Takes a picture. Pictures are numbered from 0 in the order in which they come, each once and before its regions.
    fn picture(&mut self, head: Head) -> Result<(), Stopped>;
    /// Takes a region of the picture with this number. Regions of one picture come in their order, but those of others may lie
    /// between them. The shape is valid; the object is empty where the input does not say it.
    fn region(&mut self, picture: usize, region: Region) -> Result<(), Stopped>;
}

/// Gives what is written.
pub trait Source {
    /// Calls `visit` with every picture, each time in the same order. The path of a picture is unique in its part of the split.
    fn each(&mut self, visit: &mut dyn FnMut(&Annotated) -> Result<(), FormatError>) -> Result<(), FormatError>;

    /// The names of the objects in the order in which formats number them. By default those that regions show, sorted, which
    /// walks through all pictures once.
    fn objects(&mut self) -> Result<Vec<String>, FormatError> {
        let mut names = BTreeSet::new();
        self.each(&mut |picture| {
            for region in &picture.regions {
                if !names.contains(&region.object) {
                    names.insert(region.object.clone());
                }
            }
            Ok(())
        })?;
        Ok(names.into_iter().collect())
    }
}

/// Takes the files that are written.
pub trait Output {
    /// Begins the file with this path; it ends when what is answered is dropped. At most one is open at a time, and none is
    /// begun twice.
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>>;
    /// Says where loaders of the format look for a picture's file. Called once for each picture, while no file is open.
    fn picture(&mut self, _head: &Head, _path: &str) -> Result<(), Stopped> {
        Ok(())
    }
}

/// Where pictures lie whose parts of the split are folders beside the pictures without one.
pub(in crate::formats) struct Folders {
    /// The parts, in lower case, since many systems fold case, and how the folder is called in which pictures stay apart from them.
    taken: BTreeSet<String>,
}

impl Folders {
    /// Walks through all pictures.
    pub fn of(source: &mut dyn Source) -> Result<Self, FormatError> {
        let mut parts = BTreeSet::new();
        source.each(&mut |picture| {
            let part = part_of(&picture.head);
            if !parts.contains(&part) {
                parts.insert(part);
            }
            Ok(())
        })?;
        Ok(Self::with(&parts))
    }

    /// Knows the parts, as [`part_of`] calls them.
    pub fn with(parts: &BTreeSet<String>) -> Self {
        let mut taken: BTreeSet<String> = parts.iter().map(|part| part.to_lowercase()).collect();
        // Without any part nothing can be where another is.
        if taken.iter().all(|part| part == NO_SPLIT) {
            taken.clear();
        } else {
            taken.insert(NO_SPLIT.to_owned());
        }
        Self { taken }
    }

    /// The path of a picture without the folder of its part, and whether it is its own. One without a part whose folder is called like a part
    /// lies in another folder, since a picture of that part could be where it is.
    pub fn path_of(&self, head: &Head) -> (String, bool) {
        let first = head.path.split('/').next().unwrap_or_default();
        match self.taken.contains(&first.to_lowercase()) && part_of(head) == NO_SPLIT {
            true => (format!("{NO_SPLIT}/{}", head.path), false),
            false => (head.path.clone(), true),
        }
    }

    /// The path of a picture with the folder of its part. Counts it if it is not its own.
    pub fn place(&self, head: &Head, losses: &mut Losses) -> String {
        let (path, is_own) = self.path_of(head);
        if !is_own {
            losses.add(Loss::Renamed, || head.path.clone());
        }
        if is_own { under_part(head) } else { path }
    }

    /// Does the same without counting, for whoever says a picture more than once.
    pub fn path(&self, head: &Head) -> String {
        let (path, is_own) = self.path_of(head);
        if is_own { under_part(head) } else { path }
    }
}

/// A picture's path where parts of the split are folders.
pub(in crate::formats) fn under_part(head: &Head) -> String {
    match part_of(head) {
        part if part == NO_SPLIT => head.path.clone(),
        part => format!("{part}/{}", head.path),
    }
}

/// The path of a picture of this part of the split that is said as [`under_part`] says it.
pub(in crate::formats) fn without_part(path: String, split: Option<&str>) -> String {
    let rest = split.and_then(|split| path.strip_prefix(split)?.strip_prefix('/'));
    rest.filter(|rest| !rest.is_empty()).map(str::to_owned).unwrap_or(path)
}

/// What every reader works with.
pub struct Reading<'a> {
    /// The inputs.
    pub files: &'a dyn Files,
    /// Asked for the size of the picture with this path, where the input does not say it.
    pub sizes: &'a mut dyn FnMut(&str) -> Option<PixelSize>,
    /// Takes what is read.
    pub sink: &'a mut dyn Sink,
    /// Counts what cannot be represented.
    pub losses: &'a mut Losses,
}

impl Reading<'_> {
    /// The paths of the inputs, without what macOS puts beside every file of an archive.
    pub(in crate::formats) fn paths(&self) -> Vec<String> {
        let mut paths = self.files.paths();
        paths.retain(|path| !path.split('/').any(|part| part == "__MACOSX" || part.starts_with("._")));
        paths
    }

    /// Opens an input.
    pub(in crate::formats) fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, FormatError> {
        self.files.open(path).map_err(FormatError::io(path))
    }

    /// Reads an input of at most `limit` bytes as text. What is no UTF-8 is replaced, and a mark at the beginning dropped.
    pub(in crate::formats) fn text(&self, path: &str, limit: u64) -> Result<String, FormatError> {
        let mut bytes = Vec::new();
        self.open(path)?.take(limit + 1).read_to_end(&mut bytes).map_err(FormatError::io(path))?;
        if bytes.len() as u64 > limit {
            let message = format!("it is longer than {limit} bytes");
            return Err(FormatError::invalid(path, Place::Whole, message));
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
    }

    /// The size that the input says, or else the one that the caller knows.
    pub(in crate::formats) fn size(&mut self, said: Option<PixelSize>, path: &str) -> Option<PixelSize> {
        said.or_else(|| (self.sizes)(path))
    }

    /// Hands a picture on, unless it is there already: then it is taken for the same, and what belongs to it is added. Answers its number.
    pub(in crate::formats) fn picture(
        &mut self,
        known: &mut Known,
        head: Head,
        place: &dyn Fn() -> String,
    ) -> Result<usize, FormatError> {
        let (picture, is_new) = known.number(head.split.as_deref(), &head.path)?;
        if is_new {
            self.sink.picture(head)?;
        } else {
            self.losses.add(Loss::DuplicatePicture, place);
        }
        Ok(picture)
    }

    /// Hands on the shapes that one annotation has become. Without a scale, only what was lost on the way is counted.
    pub(in crate::formats) fn regions(
        &mut self,
        picture: usize,
        scale: Option<Scale>,
        shapes: Vec<Shape>,
        object: &str,
        place: &dyn Fn() -> String,
    ) -> Result<(), FormatError> {
        self.losses.add_parts(shapes.len(), place);
        let Some(scale) = scale else { return Ok(()) };
        shapes.into_iter().try_for_each(|shape| self.region(picture, scale, shape, object, place))
    }

    /// Hands a shape on that is measured in units of which `scale` make a picture's sides.
    pub(in crate::formats) fn region(
        &mut self,
        picture: usize,
        scale: Scale,
        shape: Shape,
        object: &str,
        place: &dyn Fn() -> String,
    ) -> Result<(), FormatError> {
        let (shapes, loss) = placed(shape, scale);
        if let Some(loss) = loss {
            self.losses.add(loss, place);
        }
        if object.is_empty() && !shapes.is_empty() {
            self.losses.add(Loss::Unnamed, place);
        }
        let object = if object.len() > MAX_OBJECT {
            self.losses.add(Loss::ObjectName, place);
            &object[..object.floor_char_boundary(MAX_OBJECT)]
        } else {
            object
        };
        for shape in shapes {
            self.sink.region(picture, Region { id: None, shape, object: object.to_owned() })?;
        }
        Ok(())
    }
}

/// No input has more pictures: what is kept of each of them to tell it from the others has to fit into memory.
pub(in crate::formats) const MAX_PICTURES: usize = 10_000_000;

/// The pictures that were read, as keyed hashes of their paths: two of millions have the same hash less often than disks fail.
#[derive(Default)]
pub(in crate::formats) struct Known {
    hasher: RandomState,
    seen: HashMap<u64, usize>,
}

impl Known {
    /// The number of a picture of this part of the split, from 0 in the order in which they come, and whether it was not there before.
    fn number(&mut self, split: Option<&str>, path: &str) -> Result<(usize, bool), FormatError> {
        let next = self.seen.len();
        let number = *self.seen.entry(self.hasher.hash_one((split, path))).or_insert(next);
        if self.seen.len() > MAX_PICTURES {
            let message = format!("there are more than {MAX_PICTURES} pictures");
            return Err(FormatError::invalid(path, Place::Whole, message));
        }
        Ok((number, number == next))
    }

    /// Whether no picture has come yet.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

/// What every writer works with.
pub struct Writing<'a> {
    /// Gives the pictures.
    pub source: &'a mut dyn Source,
    /// Takes the files.
    pub output: &'a mut dyn Output,
    /// Counts what the format cannot say.
    pub losses: &'a mut Losses,
}

/// What a writer has to know before the first region.
pub(in crate::formats) struct Survey {
    /// The objects in the order of their numbers.
    pub objects: Vec<String>,
    /// The number of each object, from 0.
    pub numbers: BTreeMap<String, usize>,
    /// The parts of the split, sorted, as [`part_of`] calls them.
    pub parts: BTreeSet<String>,
}

/// What files of pictures without a part of the split are called.
pub(in crate::formats) const NO_SPLIT: &str = "default";

/// The part of the split that a picture belongs to, as a file or folder can be called. A name that has to be changed for that, or that is
/// the one for pictures without a part, gets a mark behind it, so that `a/b` and `a_b` stay apart.
pub(in crate::formats) fn part_of(head: &Head) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | ' ' | '.');
    let split = head.split.as_deref().unwrap_or_default();
    let trimmed = split.trim_matches(['.', ' ']);
    let name: String = trimmed.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    if split.is_empty() {
        return NO_SPLIT.to_owned();
    }
    if name == split && name != NO_SPLIT {
        return name;
    }
    // After Fowler, Noll and Vo, since the same has to come out each time.
    let mark = split.bytes().fold(0x811c_9dc5_u32, |mark, byte| (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{name}-{mark:08x}")
}

/// The part of the split that a file or folder with this name is for.
pub(in crate::formats) fn split_called(name: &str) -> Option<String> {
    (!name.is_empty() && name != NO_SPLIT).then(|| name.to_owned())
}

impl Survey {
    /// Walks through all pictures. Objects that regions show and the source forgot are put behind the others.
    pub fn of(source: &mut dyn Source) -> Result<Self, FormatError> {
        Self::walk(source, &mut |_| {})
    }

    /// Does the same for a format that says parts of the split by names of files alone, and counts the pictures whose part will not be
    /// read as what it is.
    pub fn with_parts(source: &mut dyn Source, losses: &mut Losses) -> Result<Self, FormatError> {
        Self::walk(source, &mut |head| {
            if head.split.is_some() && split_called(&part_of(head)) != head.split {
                losses.add(Loss::Split, || head.path.clone());
            }
        })
    }

    fn walk(source: &mut dyn Source, visit: &mut dyn FnMut(&Head)) -> Result<Self, FormatError> {
        let mut survey = Self { objects: Vec::new(), numbers: BTreeMap::new(), parts: BTreeSet::new() };
        for name in source.objects()? {
            survey.know(&name);
        }
        source.each(&mut |picture| {
            visit(&picture.head);
            survey.parts.insert(part_of(&picture.head));
            picture.regions.iter().for_each(|region| survey.know(&region.object));
            Ok(())
        })?;
        Ok(survey)
    }

    /// Counts an object, if it is new.
    fn know(&mut self, name: &str) {
        if !self.numbers.contains_key(name) {
            self.numbers.insert(name.to_owned(), self.objects.len());
            self.objects.push(name.to_owned());
        }
    }

    /// The number of an object, from 0.
    pub fn number(&self, object: &str) -> usize {
        self.numbers.get(object).copied().unwrap_or_default()
    }
}

impl Writing<'_> {
    /// Writes a file. Its bytes are gathered before they go on, and are gone on when this answers.
    pub(in crate::formats) fn file(
        &mut self,
        path: &str,
        write: impl FnOnce(&mut dyn Source, &mut dyn Write, &mut Losses) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut file = BufWriter::new(self.output.file(path).map_err(FormatError::io(path))?);
        write(self.source, &mut file, self.losses)?;
        file.flush().map_err(FormatError::io(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::annotations::tests_support::{counted, write_out};

    #[test]
    fn no_two_pictures_are_at_the_same_place() {
        let head =
            |path: &str, split: Option<&str>| Head { path: path.into(), size: None, split: split.map(str::to_owned) };
        let heads = [
            head("a.jpg", Some("train")),
            head("train/a.jpg", None),
            head("default/train/a.jpg", None),
            head("a.jpg", None),
            head("a.jpg", Some("default")),
            head("default/a.jpg", None),
            head("x/a.jpg", None),
            head("x/a.jpg", Some("train")),
            head("train", None),
        ];
        let pictures = heads.clone().map(|head| Annotated { head, regions: Vec::new() });
        let formats = crate::model::AnnotationFormat::ALL;
        for format in formats.into_iter().filter(|format| format.is_readable()) {
            let (mut output, mut losses) =
                (crate::formats::annotations::tests_support::Memory::default(), Losses::default());
            let mut source = pictures.to_vec();
            format.write(&mut Writing { source: &mut source, output: &mut output, losses: &mut losses }).unwrap();
            let places: BTreeSet<&String> = output.pictures.iter().map(|(_, place)| place).collect();
            assert_eq!(places.len(), pictures.len(), "{}: {places:?}", format.as_str());
        }
        let folders = Folders::of(&mut pictures.to_vec()).unwrap();
        let own = |split: Option<&str>, path: &str| folders.path_of(&head(path, split)).1;
        assert!(own(None, "x/a.jpg") && own(Some("val"), "train/a.jpg") && !own(None, "train/a.jpg"));
        let alone = Folders::with(&BTreeSet::from([NO_SPLIT.to_owned()]));
        assert_eq!(alone.path(&head("default/a.jpg", None)), "default/a.jpg");
    }

    #[test]
    fn parts_stay_apart_and_changed_names_are_counted() {
        let head = |split: &str| Head { path: "a.jpg".into(), size: None, split: Some(split.into()) };
        assert_eq!(part_of(&head("a_b")), "a_b");
        assert!(part_of(&head("a/b")).starts_with("a_b-") && part_of(&head("..")).starts_with('-'));
        let pictures = ["a_b", "a/b", "a:b"].map(|split| Annotated { head: head(split), regions: Vec::new() });
        for writer in [crate::formats::coco::write, crate::formats::yolo::write, crate::formats::datumaro::write] {
            assert_eq!(counted(&write_out(writer, &pictures).1), [(Loss::Split, 2)]);
        }
    }
}
