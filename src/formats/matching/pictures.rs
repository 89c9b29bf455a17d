//! Finding the picture that an annotation file means, among those of an archive or a dataset.
//!
//! Annotations travel without the folders that they were made in: a file may say `train/a.jpg`, `a.jpg` or just `a`, and the picture
//! lies at `images/train/a.jpg`. So names are compared from their ends: of all pictures with the same name the one counts that has most
//! of the folders, and the part of the split, in its path.

use super::index::{folded, name_of};
use crate::formats::annotations::stem_of;
use std::collections::HashMap;

/// With more pictures of the same name than this only the whole path tells.
const MOST_ALIKE: usize = 5000;

/// Which picture is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The one with this number, whose path ends as the text says.
    One(usize),
    /// The one with this number, which lies in other folders than the text says.
    ByName(usize),
    /// Several fit as well.
    Several,
    /// None.
    None,
}

/// Pictures by their paths.
pub struct PictureIndex {
    /// The paths, without regard to case and the form of Unicode.
    paths: Vec<String>,
    /// By the path as it is.
    exact: HashMap<String, usize>,
    /// By the folded path; nothing where several have it.
    by_path: HashMap<String, Option<usize>>,
    /// By the name without folders and extension.
    by_stem: HashMap<String, Vec<usize>>,
}

/// How well a picture fits; more is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// Whether the extension is the same, where the text has one.
    extension: bool,
    /// How many of the folders are the same, from the end.
    folders: usize,
    /// Whether one of its other folders is called like the part of the split.
    split: bool,
    /// Whether it has no other folders than the text says.
    whole: bool,
}

impl PictureIndex {
    /// An index of these paths, which are distinct and numbered from 0.
    pub fn new<'p>(paths: impl Iterator<Item = &'p str>) -> Self {
        let exact: HashMap<String, usize> = paths.enumerate().map(|(number, path)| (path.to_owned(), number)).collect();
        let mut paths = vec![String::new(); exact.len()];
        for (path, number) in &exact {
            paths[*number] = folded(path);
        }
        let (mut by_path, mut by_stem) = (HashMap::with_capacity(paths.len()), HashMap::<String, Vec<usize>>::new());
        for (number, path) in paths.iter().enumerate() {
            by_path.entry(path.clone()).and_modify(|several| *several = None).or_insert(Some(number));
            by_stem.entry(stem_of(name_of(path)).to_owned()).or_default().push(number);
        }
        Self { paths, exact, by_path, by_stem }
    }

    /// The picture that a path means which belongs to this part of the split.
    pub fn find(&self, path: &str, split: Option<&str>) -> Sought {
        let exact = self.exact.get(path);
        let (path, split) = (folded(path), split.map(folded));
        let known = exact.copied().map(Some).or_else(|| self.by_path.get(&path).copied());
        if let Some(known) = known
            && split.as_deref().is_none_or(|split| !self.has_in(split, &path))
        {
            return known.map_or(Sought::Several, Sought::One);
        }
        let name = name_of(&path);
        // A dot may be part of a name that has lost its extension.
        let stems = [stem_of(name), name];
        let alike = stems.iter().take(if stems[0] == stems[1] { 1 } else { 2 });
        let alike: Vec<usize> = alike.filter_map(|stem| self.by_stem.get(*stem)).flatten().copied().collect();
        if alike.len() > MOST_ALIKE {
            return known.flatten().map_or(Sought::Several, Sought::One);
        }
        let fits = alike.into_iter().map(|number| (self.fit(number, &path, split.as_deref()), number));
        let mut best: Option<(Fit, usize, bool)> = None;
        for (fit, number) in fits {
            best = match best {
                Some((other, first, several)) if other > fit => Some((other, first, several)),
                Some((other, first, _)) if other == fit => Some((other, first, true)),
                _ => Some((fit, number, false)),
            };
        }
        match best {
            None => Sought::None,
            Some((_, _, true)) => Sought::Several,
            Some((fit, number, false)) if fit.folders == path.matches('/').count() => Sought::One(number),
            Some((_, number, false)) => Sought::ByName(number),
        }
    }

    /// Whether there is such a path below a folder of this name as well.
    fn has_in(&self, folder: &str, path: &str) -> bool {
        self.by_stem.get(stem_of(name_of(path))).is_some_and(|alike| {
            alike.len() <= MOST_ALIKE
                && alike.iter().any(|number| {
                    let rest = self.paths[*number].strip_suffix(path).and_then(|rest| rest.strip_suffix('/'));
                    rest.is_some_and(|rest| rest.split('/').any(|part| part == folder))
                })
        })
    }

    fn fit(&self, number: usize, path: &str, split: Option<&str>) -> Fit {
        let found = &self.paths[number];
        let extension = stem_of(name_of(path)) == name_of(path) || name_of(path) == name_of(found);
        let folders_of = |path: &str| path.rsplit('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
        let (wanted, has) = (folders_of(path), folders_of(found));
        let folders = wanted.iter().zip(&has).take_while(|(wanted, has)| wanted == has).count();
        let split = split.is_some_and(|split| has[folders..].iter().any(|folder| folder == split));
        Fit { extension, folders, split, whole: has.len() == folders }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str], path: &str, split: Option<&str>) -> Sought {
        PictureIndex::new(paths.iter().copied()).find(path, split)
    }

    #[test]
    fn a_picture_is_found_by_as_much_of_its_path_as_is_said() {
        let paths = ["images/train/a.jpg", "images/val/a.jpg", "b.jpg", "x/B.png", "c.d.jpeg", "a.tiff"];
        for (path, split, expected) in [
            ("images/train/a.jpg", None, Sought::One(0)),
            ("train/a.jpg", None, Sought::One(0)),
            ("a.jpg", Some("val"), Sought::One(1)),
            ("VAL/A.jpg", None, Sought::One(1)),
            ("a.jpg", None, Sought::Several),
            ("a.jpg", Some("test"), Sought::Several),
            ("a.tiff", None, Sought::One(5)),
            ("b.jpg", None, Sought::One(2)),
            ("b", None, Sought::One(2)),
            ("x/b", None, Sought::One(3)),
            ("somewhere/b.png", None, Sought::ByName(3)),
            ("c.d", None, Sought::One(4)),
            ("c.d.jpg", None, Sought::One(4)),
            ("c", None, Sought::None),
            ("", None, Sought::None),
        ] {
            assert_eq!(found(&paths, path, split), expected, "{path} {split:?}");
        }
    }

    #[test]
    fn the_part_of_the_split_decides_between_folders() {
        let paths = ["a.jpg", "val/a.jpg"];
        assert_eq!(found(&paths, "a.jpg", Some("val")), Sought::One(1));
        assert_eq!(found(&paths, "a.jpg", Some("train")), Sought::One(0));
        assert_eq!(found(&paths, "a.jpg", None), Sought::One(0));
    }

    #[test]
    fn case_tells_apart_where_nothing_else_does() {
        let paths = ["a.jpg", "A.jpg"];
        assert_eq!(found(&paths, "a.jpg", None), Sought::One(0));
        assert_eq!(found(&paths, "A.jpg", None), Sought::One(1));
        assert_eq!(found(&paths, "a.JPG", None), Sought::Several);
    }

    #[test]
    fn the_form_of_unicode_does_not_matter() {
        assert_eq!(found(&["B\u{e4}r.jpg"], "Ba\u{308}r.JPG", None), Sought::One(0));
    }
}
