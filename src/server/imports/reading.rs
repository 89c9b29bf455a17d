//! Annotations are read twice: to learn what there is, and to hand the regions on. Both happen off the async threads, and both take the
//! same pictures for the same.

use super::source::Inputs;
use crate::formats::annotations::{FormatError, Head, Losses, PixelSize, Reading, Sink, Stopped};
use crate::formats::matching::{PictureIndex, Sought};
use crate::model::import::{Listed, MAX_CLASSES};
use crate::model::{AnnotationFormat, Region};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// So many regions are handed on together.
const TOGETHER: usize = 10_000;
/// So many pictures that lose their regions and get none are handed on together.
const EMPTIED_TOGETHER: usize = 500;
/// So many pictures that are not there are named to whoever wants to know.
const MOST_NAMED: usize = 50_000;

/// A picture that may get regions.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its path in the dataset.
    pub path: String,
    /// Its number; none as long as it is not there yet.
    pub picture: Option<i64>,
    /// Its upright size, where it is known.
    pub size: Option<PixelSize>,
}

/// The pictures that may be meant: first those that come along, then those of the dataset.
pub struct Pictures {
    targets: Vec<Target>,
    own: PictureIndex,
    /// For each picture that comes along: its target, if it has one.
    own_targets: Vec<Option<usize>>,
    own_paths: Vec<String>,
    there: PictureIndex,
}

impl Pictures {
    /// `there` are the pictures of the dataset, by their paths below `folder`; `own` are the paths of those that come along, each with
    /// whether it is, or will be, the one in the dataset at its place.
    pub fn new(folder: &str, mut there: Vec<Target>, own: Vec<(String, bool)>) -> Self {
        let index =
            PictureIndex::new(there.iter().map(|target| target.path.strip_prefix(folder).unwrap_or(&target.path)));
        let by_path: HashMap<String, usize> =
            there.iter().enumerate().map(|(number, target)| (target.path.clone(), number)).collect();
        let mut own_targets = Vec::with_capacity(own.len());
        for (path, is_it) in &own {
            let path = format!("{folder}{path}");
            own_targets.push(match (is_it, by_path.get(&path)) {
                (false, _) => None,
                (true, Some(number)) => Some(*number),
                (true, None) => {
                    there.push(Target { path, picture: None, size: None });
                    Some(there.len() - 1)
                }
            });
        }
        let own_paths: Vec<String> = own.into_iter().map(|(path, _)| path).collect();
        let own = PictureIndex::new(own_paths.iter().map(String::as_str));
        Self { targets: there, own, own_targets, own_paths, there: index }
    }

    /// All of them.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    fn find(&self, path: &str, split: Option<&str>) -> Found {
        let own = self.own.find(path, split);
        match own {
            Sought::One(number) => {
                return self.own_targets[number].map_or(Found::Missing, |target| Found::One(target, false));
            }
            Sought::Several => return Found::Several,
            Sought::ByName(_) | Sought::None => {}
        }
        let there = self.there.find(path, split);
        // One in other folders that comes along counts less than one that lies where it is said.
        if let (Sought::ByName(number), false) = (own, matches!(there, Sought::One(_))) {
            return self.own_targets[number].map_or(Found::Missing, |target| Found::One(target, true));
        }
        match there {
            Sought::One(number) => Found::One(number, false),
            Sought::ByName(number) => Found::One(number, true),
            Sought::Several => Found::Several,
            Sought::None => Found::Missing,
        }
    }

    /// The size of the picture that a path means: as the dataset knows it, or as `measure` finds it for one that comes along.
    fn size(&self, path: &str, measure: &mut dyn FnMut(&str) -> Option<PixelSize>) -> Option<PixelSize> {
        let Found::One(target, _) = self.find(path, None) else { return None };
        self.targets[target].size.or_else(|| match self.own.find(path, None) {
            Sought::One(number) | Sought::ByName(number) => measure(&self.own_paths[number]),
            Sought::Several | Sought::None => None,
        })
    }
}

/// What a picture of the input is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// This target, and whether by its name alone.
    One(usize, bool),
    Several,
    Missing,
}

/// Takes pictures for targets, one after the other.
struct Taking {
    pictures: Arc<Pictures>,
    taken: HashSet<usize>,
    /// For each picture of the input.
    targets: Vec<Option<usize>>,
    end: CancellationToken,
}

impl Taking {
    fn new(pictures: Arc<Pictures>, end: CancellationToken) -> Self {
        Self { pictures, taken: HashSet::new(), targets: Vec::new(), end }
    }

    fn take(&mut self, head: &Head) -> Result<Found, Stopped> {
        if self.end.is_cancelled() {
            return Err(Stopped);
        }
        let found = match self.pictures.find(&head.path, head.split.as_deref()) {
            // By its name alone nothing is taken that something else is already.
            Found::One(target, true) if self.taken.contains(&target) => Found::Several,
            found => found,
        };
        let target = match found {
            Found::One(target, _) => Some(target),
            Found::Several | Found::Missing => None,
        };
        self.taken.extend(target);
        self.targets.push(target);
        Ok(found)
    }
}

/// What there is in an input.
#[derive(Default)]
pub struct Survey {
    /// How many pictures there are.
    pub pictures: u64,
    /// How many of them are found.
    pub found: u64,
    /// How many of these by their name alone.
    pub found_by_name: u64,
    /// Those that are not there.
    pub missing: Listed,
    /// Those of which several pictures have the name.
    pub ambiguous: Listed,
    /// The paths of both, with what is wrong.
    pub faults: Vec<(String, &'static str)>,
    /// How many regions there are.
    pub regions: u64,
    /// By the name of each class: how many regions are of it, and how many of these are of pictures that are found.
    pub classes: BTreeMap<String, (u64, u64)>,
    /// What cannot be said here.
    pub losses: Losses,
}

struct Surveying {
    taking: Taking,
    survey: Survey,
    /// Why it stopped.
    fault: Option<String>,
}

impl Sink for Surveying {
    fn picture(&mut self, head: Head) -> Result<(), Stopped> {
        let found = self.taking.take(&head)?;
        let survey = &mut self.survey;
        survey.pictures += 1;
        let (list, what) = match found {
            Found::One(_, by_name) => {
                survey.found += 1;
                survey.found_by_name += u64::from(by_name);
                return Ok(());
            }
            Found::Several => (&mut survey.ambiguous, "several pictures of the dataset may be meant"),
            Found::Missing => (&mut survey.missing, "no picture of the dataset is called so"),
        };
        list.add(|| head.path.clone());
        if survey.faults.len() < MOST_NAMED {
            survey.faults.push((head.path, what));
        }
        Ok(())
    }

    fn region(&mut self, picture: usize, region: Region) -> Result<(), Stopped> {
        if self.taking.end.is_cancelled() {
            return Err(Stopped);
        }
        let survey = &mut self.survey;
        survey.regions += 1;
        let is_found = self.taking.targets.get(picture).is_some_and(Option::is_some);
        if let Some((all, found)) = survey.classes.get_mut(&region.object) {
            *all += 1;
            *found += u64::from(is_found);
            return Ok(());
        }
        if survey.classes.len() >= MAX_CLASSES {
            self.fault = Some(format!("there are more than {MAX_CLASSES} classes"));
            return Err(Stopped);
        }
        survey.classes.insert(region.object, (1, u64::from(is_found)));
        Ok(())
    }
}

/// Learns what there is.
pub fn survey(
    format: AnnotationFormat,
    inputs: &Inputs,
    pictures: &Arc<Pictures>,
    end: CancellationToken,
    measure: &mut dyn FnMut(&str) -> Option<PixelSize>,
) -> Result<Survey, FormatError> {
    let taking = Taking::new(pictures.clone(), end);
    let mut sink = Surveying { taking, survey: Survey::default(), fault: None };
    let mut losses = Losses::default();
    let mut sizes = |path: &str| pictures.size(path, measure);
    let read = format.read(&mut Reading { files: inputs, sizes: &mut sizes, sink: &mut sink, losses: &mut losses });
    if let Some(message) = sink.fault {
        return Err(FormatError::Invalid {
            file: String::new(),
            place: crate::formats::annotations::Place::Whole,
            message,
        });
    }
    read?;
    sink.survey.losses = losses;
    Ok(sink.survey)
}

/// Regions of several pictures.
#[derive(Debug, Default)]
pub struct Part {
    /// By target: whether it has had none of this input before, and its regions.
    pub regions: Vec<(usize, bool, Vec<Region>)>,
    /// How many regions of the input lie before the end of this part, whatever became of them.
    pub read: u64,
}

/// What regions of which classes show, if anything.
pub type Classes = HashMap<String, Option<String>>;

struct Feeding {
    taking: Taking,
    classes: Classes,
    /// So many regions were handed on by whoever worked on it before.
    skip: u64,
    read: u64,
    met: HashSet<usize>,
    /// By target, in the order in which they are met.
    numbers: HashMap<usize, usize>,
    part: Part,
    length: usize,
    sender: mpsc::Sender<Part>,
}

impl Feeding {
    fn send(&mut self) -> Result<(), Stopped> {
        self.numbers.clear();
        self.length = 0;
        let mut part = std::mem::take(&mut self.part);
        part.read = self.read;
        self.sender.blocking_send(part).map_err(|_| Stopped)
    }

    fn put(&mut self, target: usize, regions: impl IntoIterator<Item = Region>) {
        let next = self.part.regions.len();
        let number = *self.numbers.entry(target).or_insert(next);
        if number == next {
            self.part.regions.push((target, self.met.insert(target), Vec::new()));
        }
        self.part.regions[number].2.extend(regions);
    }
}

impl Sink for Feeding {
    fn picture(&mut self, head: Head) -> Result<(), Stopped> {
        self.taking.take(&head).map(drop)
    }

    fn region(&mut self, picture: usize, mut region: Region) -> Result<(), Stopped> {
        if self.taking.end.is_cancelled() {
            return Err(Stopped);
        }
        self.read += 1;
        let Some(target) = self.taking.targets.get(picture).copied().flatten() else { return Ok(()) };
        let Some(object) = self.classes.get(&region.object).cloned().flatten() else { return Ok(()) };
        if self.read <= self.skip {
            self.met.insert(target);
            return Ok(());
        }
        region.object = object;
        self.put(target, [region]);
        self.length += 1;
        if self.length >= TOGETHER { self.send() } else { Ok(()) }
    }
}

/// Hands regions on, from the one behind the first `skip` on. Pictures that are named and get no region come at the end.
pub fn feed(
    format: AnnotationFormat,
    inputs: &Inputs,
    pictures: &Arc<Pictures>,
    (classes, skip): (Classes, u64),
    end: CancellationToken,
    sender: mpsc::Sender<Part>,
) -> Result<(), FormatError> {
    let taking = Taking::new(pictures.clone(), end);
    let (met, numbers, part) = (HashSet::new(), HashMap::new(), Part::default());
    let mut sink = Feeding { taking, classes, skip, read: 0, met, numbers, part, length: 0, sender };
    let mut losses = Losses::default();
    let mut sizes = |path: &str| pictures.size(path, &mut |_| None);
    format.read(&mut Reading { files: inputs, sizes: &mut sizes, sink: &mut sink, losses: &mut losses })?;
    sink.send()?;
    let mut rest: Vec<usize> = sink.taking.taken.difference(&sink.met).copied().collect();
    rest.sort_unstable();
    for some in rest.chunks(EMPTIED_TOGETHER) {
        some.iter().for_each(|target| sink.put(*target, []));
        sink.send()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Target {
        Target { path: path.to_owned(), picture: Some(1), size: None }
    }

    fn head(path: &str) -> Head {
        Head { path: path.to_owned(), ..Head::default() }
    }

    #[test]
    fn pictures_that_come_along_are_meant_before_others() {
        let there = vec![target("in/a.jpg"), target("in/new/a.jpg"), target("in/b.jpg"), target("in/new/c.jpg")];
        let own = vec![("new/a.jpg".to_owned(), true), ("new/c.jpg".to_owned(), false), ("new/d.jpg".to_owned(), true)];
        let pictures = Pictures::new("in/", there, own);
        assert_eq!(pictures.find("a.jpg", None), Found::One(1, false));
        assert_eq!(pictures.find("b.jpg", None), Found::One(2, false));
        assert_eq!(pictures.find("x/b.jpg", None), Found::One(2, true));
        // One that could not be brought is not taken for the one at its place.
        assert_eq!(pictures.find("c.jpg", None), Found::Missing);
        assert_eq!(pictures.find("d.jpg", None), Found::One(4, false));
        assert_eq!(pictures.targets()[4].path, "in/new/d.jpg");
        assert_eq!(pictures.find("e.jpg", None), Found::Missing);
        assert_eq!(pictures.find("x/d.jpg", None), Found::One(4, true));
        let pictures = Pictures::new("", vec![target("val/a.jpg")], vec![("train/a.jpg".to_owned(), true)]);
        assert_eq!(pictures.find("val/a.jpg", None), Found::One(0, false));
        assert_eq!(pictures.find("test/a.jpg", None), Found::One(1, true));
    }

    #[test]
    fn by_its_name_alone_a_picture_is_taken_once() {
        let pictures = Pictures::new("", vec![target("a.jpg")], Vec::new());
        let mut taking = Taking::new(Arc::new(pictures), CancellationToken::new());
        assert_eq!(taking.take(&head("x/a.jpg")), Ok(Found::One(0, true)));
        assert_eq!(taking.take(&head("y/a.jpg")), Ok(Found::Several));
        assert_eq!(taking.take(&head("a.jpg")), Ok(Found::One(0, false)));
        assert_eq!(taking.targets, [Some(0), None, Some(0)]);
    }
}
