//! Where labels and pictures are in the folders that YOLO's loaders know.

use crate::formats::annotations::tree::Tree;
use crate::formats::annotations::{
    EXTENSIONS, FormatError, Head, Loss, Place, Reading, folder_of, has_extension, resolved, split_called, stem_of,
};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// No list is longer.
const MAX_CONFIG: u64 = 64 << 20;
/// No more of a `data.yaml` is read as a whole: reading YAML may take a time that grows with the square of its length. Of a longer one the
/// names of the classes are read line by line.
const MAX_YAML: usize = 64 << 10;
/// What a `data.yaml` says; a few lines with aliases could stand for millions of values.
type Config = Tree<100_000>;
/// No data set has more classes.
const MAX_CLASSES: usize = 1_000_000;
/// The line of a class is a dictionary with one key.
const MAX_NAME_VALUES: usize = 4;
/// Keys of `data.yaml` that name no part of the split.
const NO_PARTS: [&str; 8] = ["names", "nc", "path", "download", "license", "version", "author", "yaml_file"];
/// Folders that are parts of a split even where no configuration says so.
const PARTS: [&str; 4] = ["train", "val", "valid", "test"];
/// Text files that are no labels.
const NO_LABELS: [&str; 8] =
    ["classes.txt", "labels.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "readme.txt", "license.txt"];

/// Those of them that list pictures.
const LISTS: [&str; 4] = ["train.txt", "val.txt", "valid.txt", "test.txt"];

/// The names of classes by their numbers.
type Names = BTreeMap<u64, String>;

/// The files of a data set.
pub(super) struct Layout {
    /// The names of the classes that have one, by their numbers.
    pub names: Names,
    /// Whether rows are boxes with joints behind them.
    pub has_joints: bool,
    /// The pictures among the inputs that belong to it.
    pub pictures: Vec<String>,
    labels: Vec<String>,
    /// Whether labels are in a folder of their own.
    has_folders: bool,
    /// The folders of pictures that are a part of the split, without a slash at their end.
    folders: BTreeMap<String, String>,
    /// The part of the split that lists say of pictures, by their path without extension.
    listed: HashMap<String, String>,
    /// The pictures by the path without extension at which loaders look for their labels.
    by_labels: HashMap<String, Vec<String>>,
}

/// A part of the split may be said in so many entries.
const MAX_ENTRIES: usize = 10_000;

/// What parts of the split can be.
struct There<'a> {
    files: HashSet<&'a str>,
    /// All folders with pictures in them, at any depth.
    folders: HashSet<String>,
}

impl<'a> There<'a> {
    fn of(layout: &Layout, paths: &'a [String]) -> Self {
        let mut folders = HashSet::new();
        let labelled = layout.labels.iter().map(|path| layout.picture_of(path));
        for path in layout.pictures.iter().cloned().chain(labelled) {
            let mut folder = folder_of(&path);
            while !folder.is_empty() && folders.insert(folder.to_owned()) {
                folder = folder_of(folder);
            }
        }
        Self { files: paths.iter().map(String::as_str).collect(), folders }
    }
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_lowercase()
}

/// A path up to its last folder with this name, and what comes behind that.
fn at_folder<'a>(path: &'a str, folder: &str) -> Option<(&'a str, &'a str)> {
    let inside = format!("/{folder}/");
    match path.rfind(&inside) {
        Some(at) => Some((&path[..at], &path[at + inside.len()..])),
        None => path.strip_prefix(&inside[1..]).map(|rest| ("", rest)),
    }
}

fn joined(folder: &str, rest: &str) -> String {
    if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") }
}

/// The path without extension of a picture's labels: the last folder `images` becomes `labels`.
pub(super) fn labels_of(picture: &str) -> String {
    let stem = stem_of(picture);
    at_folder(stem, "images").map_or(stem.to_owned(), |(before, rest)| joined(before, &format!("labels/{rest}")))
}

impl Layout {
    pub fn of(reading: &mut Reading) -> Result<Self, FormatError> {
        let paths = reading.paths();
        let has_folders = paths.iter().any(|path| has_extension(path, &["txt"]) && at_folder(path, "labels").is_some());
        let mut layout = Self {
            names: BTreeMap::new(),
            has_joints: false,
            pictures: paths.iter().filter(|path| has_extension(path, &EXTENSIONS)).cloned().collect(),
            labels: Vec::new(),
            has_folders,
            folders: BTreeMap::new(),
            listed: HashMap::new(),
            by_labels: HashMap::new(),
        };
        for picture in &layout.pictures {
            let labels = if has_folders { labels_of(picture) } else { stem_of(picture).to_owned() };
            layout.by_labels.entry(labels).or_default().push(picture.clone());
        }
        for path in paths.iter().filter(|path| has_extension(path, &["txt"])) {
            let has_picture = layout.by_labels.contains_key(stem_of(path));
            let is_called_so = !NO_LABELS.contains(&name_of(path).as_str());
            let is_label = match has_folders {
                true => is_called_so && at_folder(path, "labels").is_some(),
                false => is_called_so && layout.by_labels.is_empty(),
            };
            if is_label || has_picture {
                layout.labels.push(path.clone());
            } else if is_called_so && !has_folders {
                reading.losses.add(Loss::File, || path.clone());
            }
        }
        layout.read_config(reading, &paths)?;
        Ok(layout)
    }

    /// The files of labels, each with the pictures that it is for. Where the picture itself is not there, its path has no extension.
    pub fn labels(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.labels.iter().map(|file| {
            let pictures = self.by_labels.get(stem_of(file)).cloned();
            (file.as_str(), pictures.unwrap_or_else(|| vec![self.picture_of(file)]))
        })
    }

    /// The path without extension of the picture that a file of labels is for, where no picture says so.
    fn picture_of(&self, labels: &str) -> String {
        let stem = stem_of(labels);
        match at_folder(stem, "labels").filter(|_| self.has_folders) {
            Some((before, rest)) => joined(before, &format!("images/{rest}")),
            None => stem.to_owned(),
        }
    }

    /// The part of the split that a picture belongs to, and its path in that.
    pub fn head(&self, path: &str) -> Head {
        let head = |path: &str, split: Option<String>| Head { path: path.to_owned(), size: None, split };
        let listed = self.listed.get(stem_of(path)).or_else(|| self.listed.get(path));
        // The nearest folder decides.
        let mut folder = folder_of(path);
        while !folder.is_empty() {
            if let Some(split) = self.folders.get(folder) {
                return head(&path[folder.len() + 1..], split_called(split));
            }
            folder = folder_of(folder);
        }
        let split = listed.and_then(|split| split_called(split));
        let Some((before, rest)) = at_folder(path, "images") else { return head(path, split) };
        let part_before = before.rsplit('/').next().filter(|part| PARTS.contains(part));
        match rest.split_once('/') {
            Some((part, rest)) if PARTS.contains(&part) => head(rest, split.or_else(|| split_called(part))),
            _ => head(rest, split.or_else(|| part_before.and_then(split_called))),
        }
    }

    fn read_config(&mut self, reading: &mut Reading, paths: &[String]) -> Result<(), FormatError> {
        let mut configs: Vec<&String> = paths.iter().filter(|path| has_extension(path, &["yaml", "yml"])).collect();
        configs.sort_by_key(|path| (path.matches('/').count(), name_of(path) != "data.yaml"));
        let mut there = There::of(self, paths);
        for path in configs {
            let text = reading.text(path, MAX_CONFIG)?;
            let (text, listed) = without_names(path, &text)?;
            let value = match serde_yaml::from_str::<Config>(&text) {
                Ok(value) => value.0,
                Err(error) => {
                    let line = error.location().map_or(Place::Whole, |at| Place::Line(at.line() as u64));
                    return Err(FormatError::invalid(path, line, "it is no YAML, or there is too much in it"));
                }
            };
            let Value::Object(config) = value else { continue };
            let Some(names) = config.get("names") else { continue };
            self.names = listed.or_else(|| names_of(names)).ok_or_else(|| {
                FormatError::invalid(
                    path,
                    Place::Path("names".into()),
                    "it is neither a list nor a dictionary of names",
                )
            })?;
            self.has_joints = config.contains_key("kpt_shape");
            let mut parts: Vec<_> = config.iter().filter(|(key, _)| !NO_PARTS.contains(&key.as_str())).collect();
            // Where parts have pictures in common, the first of them has these.
            parts.sort_by_key(|(key, _)| (*key != "train", *key != "val"));
            for (part, value) in parts {
                let entries: Vec<&str> = match value {
                    Value::String(entry) => vec![entry],
                    Value::Array(entries) => entries.iter().filter_map(Value::as_str).collect(),
                    _ => continue,
                };
                let root = config.get("path").and_then(Value::as_str).unwrap_or_default();
                let others = entries.len().saturating_sub(MAX_ENTRIES);
                reading.losses.add_many(Loss::Split, others as u64, || format!("{path}, {part}"));
                for entry in entries.into_iter().take(MAX_ENTRIES) {
                    self.read_part(reading, &mut there, (path, root), part, entry)?;
                }
            }
            return Ok(());
        }
        // Nothing says that these are parts of the split.
        for list in paths.iter().filter(|path| LISTS.contains(&name_of(path).as_str()) && !self.labels.contains(path)) {
            reading.losses.add(Loss::File, || list.clone());
        }
        // Darknet and LabelImg write one name into each line.
        let is_names = |path: &&String| {
            has_extension(path, &["names"]) || ["classes.txt", "labels.txt"].contains(&name_of(path).as_str())
        };
        match paths.iter().filter(is_names).min_by_key(|path| path.matches('/').count()) {
            Some(path) => {
                let text = reading.text(path, MAX_CONFIG)?;
                let names = text.lines().map(|name| name.trim().to_owned()).take(MAX_CLASSES);
                self.names = (0..).zip(names).filter(|(_, name)| !name.is_empty()).collect();
            }
            None => reading
                .losses
                .add(Loss::UnknownObject, || "there is no data.yaml with the names of the classes".to_owned()),
        }
        Ok(())
    }

    /// Learns which pictures are a part of the split: those of a folder, or of a list in a text file.
    fn read_part(
        &mut self,
        reading: &mut Reading,
        there: &mut There,
        (config, root): (&str, &str),
        part: &str,
        entry: &str,
    ) -> Result<(), FormatError> {
        let folder = folder_of(config);
        let within = |root: Option<String>| root.and_then(|root| resolved(&root, entry));
        let candidates =
            [resolved(folder, entry), within(resolved(folder, root)), resolved("", entry), within(resolved("", root))];
        // Roboflow writes `../train/images` into a file that stands beside `train`.
        let beside = resolved(folder, entry.trim_start_matches("../"));
        for candidate in candidates.into_iter().chain([beside]).flatten() {
            if has_extension(&candidate, &["txt"]) {
                // Each list once, however often it is named.
                if !there.files.remove(candidate.as_str()) {
                    continue;
                }
                for line in reading.text(&candidate, MAX_CONFIG)?.lines() {
                    for path in [resolved(folder_of(&candidate), line), resolved("", line)].into_iter().flatten() {
                        self.listed.entry(stem_of(&path).to_owned()).or_insert_with(|| part.to_owned());
                    }
                }
                return Ok(());
            }
            if there.folders.contains(&candidate) {
                let last = candidate.rsplit('/').next().unwrap_or_default();
                // Where two parts are the same folder, the one that is called like it is meant.
                let known = self.folders.entry(candidate.clone()).or_insert_with(|| part.to_owned());
                if last == part || (split_called(last).is_none() && *known != last) {
                    last.clone_into(known);
                }
                return Ok(());
            }
        }
        Ok(())
    }
}

/// A `data.yaml` that is short enough, and the names that were taken out of it for that: lines with a number and a name, as most programs write
/// them, of which each is YAML by itself.
fn without_names<'a>(path: &str, text: &'a str) -> Result<(Cow<'a, str>, Option<Names>), FormatError> {
    if text.len() <= MAX_YAML {
        return Ok((text.into(), None));
    }
    let (mut rest, mut names, mut is_name) = (String::new(), None, false);
    for (line, number) in text.lines().zip(1_u64..) {
        let fault = |message: &str| FormatError::invalid(path, Place::Line(number), message);
        is_name &= line.trim().is_empty() || line.starts_with([' ', '\t']);
        let is_long = if is_name { line.len() > MAX_YAML } else { rest.len() + line.len() > MAX_YAML };
        if is_long {
            return Err(fault(&format!("up to here it is longer than {MAX_YAML} bytes, without the names of classes")));
        }
        if !is_name {
            is_name = line.trim_end() == "names:" && names.is_none();
            rest.push_str(if is_name { "names: {}" } else { line });
            rest.push('\n');
            continue;
        }
        let names = names.get_or_insert_with(BTreeMap::new);
        let said = serde_yaml::from_str::<Tree<MAX_NAME_VALUES>>(line).map_err(|_| fault("it is no YAML"))?;
        if !said.0.is_null() {
            names.extend(names_of(&said.0).ok_or_else(|| fault("it is no number with a name"))?);
        }
        if names.len() > MAX_CLASSES {
            return Err(fault("there are too many classes"));
        }
    }
    Ok((rest.into(), names))
}

/// The names of the classes by their numbers.
fn names_of(value: &Value) -> Option<Names> {
    let name = |value: &Value| match value {
        Value::String(name) => name.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => String::new(),
    };
    let mut names: Names = match value {
        Value::Array(names) => (0..).zip(names).map(|(number, value)| (number, name(value))).collect(),
        Value::Object(names) => {
            names.iter().filter_map(|(key, value)| Some((key.parse().ok()?, name(value)))).collect()
        }
        _ => return None,
    };
    names.retain(|_, name| !name.is_empty());
    Some(names)
}
