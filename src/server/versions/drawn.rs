//! What is drawn on the pictures of a dataset, as text in its history: naming a version commits one small file per picture on which
//! something is drawn, so that Git shows how labels changed.

use super::journal::{self, Beside};
use super::{ALL_FILES, Held};
use crate::model::version::{ANNOTATIONS, PictureDifference, RegionDifferences};
use crate::model::{AppError, Region};
use crate::server::errors::internal;
use crate::server::git::{NewCommit, Person, Repository, TextChange, shown, text_path};
use crate::server::store;
use crate::server::store::audit::Actor;
use crate::server::store::dataset_files::{self, FileRow};
use crate::server::store::regions;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// So many pictures are looked at together,
const TOGETHER: usize = 500;
/// and what is drawn on them has about so many bytes.
const BYTES_TOGETHER: u64 = 32 << 20;
/// One commit brings about so many bytes of text; what is more comes in the next.
const MAX_TOGETHER: usize = 64 << 20;
/// So many bytes of text are compared for one who asks.
const MAX_COMPARED: u64 = 512 << 20;
/// So many pictures are named.
const MAX_LISTED: usize = 100;

/// What is drawn on one picture. One region stands in one line, in the order of their numbers, and a number of the picture is written
/// with as few digits as lead back to it: the same regions are always the same text.
fn write(md5: &str, regions: &[Region]) -> Result<String, AppError> {
    let mut sorted: Vec<&Region> = regions.iter().collect();
    sorted.sort_by_key(|region| region.id);
    let line = |region: &&Region| serde_json::to_string(region).map_err(|error| internal("writing a region", &error));
    let lines = sorted.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{{\n\"md5\": \"{md5}\",\n\"regions\": [\n{}\n]\n}}\n", lines.join(",\n")))
}

/// The same, as it is read.
#[derive(Deserialize)]
struct Drawn {
    /// The MD5 of the picture's bytes.
    md5: String,
    regions: Vec<Region>,
}

/// None where it is no such text. The site writes nothing else; but a history that came from elsewhere may have been changed by hand.
fn read(text: &[u8]) -> Option<Drawn> {
    serde_json::from_slice(text).inspect_err(|error| tracing::warn!(%error, "what was drawn cannot be read")).ok()
}

/// Cuts a list of things of these sizes into parts that are not too much to be looked at together.
fn parts(sizes: &[u64]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (place, size) in sizes.iter().enumerate() {
        bytes += size;
        match parts.last_mut() {
            Some(part) if part.len() < TOGETHER && bytes <= BYTES_TOGETHER => part.end = place + 1,
            _ => {
                bytes = *size;
                parts.push(place..place + 1);
            }
        }
    }
    parts
}

impl Held {
    /// Commits what is drawn now, as far as the newest commit does not say so already, and gives what is then the newest one.
    pub(super) async fn keep_drawn(&mut self, author: &Person, actor: Actor, version: &str) -> Result<(), AppError> {
        let Some(head) = self.head.clone() else { return Ok(()) };
        let (db, repository) = (self.state.db.clone(), self.repository.clone());
        let mut files = dataset_files::below(&db, self.dataset, "", ALL_FILES).await?;
        files.retain(|file| file.picture.is_some());
        refuse_texts_in_texts(&files)?;
        let mut before = repository.texts(&head).await?;
        let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let gone = before.keys().filter(|path| !paths.contains(path.as_str()));
        // What goes comes first: its name may be that of a folder now.
        let mut texts: Vec<(String, Option<String>)> = gone.map(|path| (text_path(path), None)).collect();
        let mut bytes = 0;
        let pictures: Vec<i64> = files.iter().filter_map(|file| file.picture).collect();
        let mut sizes = Vec::with_capacity(pictures.len());
        for part in pictures.chunks(TOGETHER) {
            let bytes = store::pictures::region_bytes(&db, part).await?;
            let of = |picture: &i64| bytes.get(picture).and_then(|bytes| u64::try_from(*bytes).ok());
            sizes.extend(part.iter().map(|picture| of(picture).unwrap_or_default()));
        }
        for part in parts(&sizes) {
            let drawn = regions::of_files(&db, &pictures[part.clone()]).await?;
            let mut new = Vec::with_capacity(part.len());
            for file in &files[part] {
                let regions = file.picture.and_then(|picture| drawn.get(&picture)).filter(|drawn| !drawn.is_empty());
                let text = regions.map(|regions| write(&file.md5, regions)).transpose()?;
                new.push((file, text, before.remove(&file.path)));
            }
            let same = same(&repository, &new).await?;
            for ((file, text, _), _) in new.into_iter().zip(same).filter(|(_, same)| !same) {
                bytes += text.as_ref().map_or(0, String::len);
                texts.push((text_path(&file.path), text));
            }
            if bytes >= MAX_TOGETHER {
                self.commit_texts(author, actor, version, std::mem::take(&mut texts)).await?;
                bytes = 0;
            }
        }
        self.commit_texts(author, actor, version, texts).await
    }

    async fn commit_texts(
        &mut self,
        author: &Person,
        actor: Actor,
        version: &str,
        texts: Vec<(String, Option<String>)>,
    ) -> Result<(), AppError> {
        if texts.is_empty() {
            return Ok(());
        }
        let message = format!("Annotations of {version}");
        let settings = self.lacking_settings().await?;
        let commit = NewCommit {
            parent: self.head.as_deref(),
            author,
            at: actor.at,
            message: &message,
            edits: &[],
            texts: &texts,
            settings: &settings,
        };
        let beside = Beside { actor, prepared: None, pushed: false };
        journal::write(self, beside)?;
        let to = self.repository.commit(&self.lock, &commit).await?;
        self.follow(&to, beside).await?;
        self.head = Some(to);
        Ok(())
    }
}

/// Of each of these files with its text whether the object that it had holds the same. Only what is as long is read.
async fn same(
    repository: &Repository,
    files: &[(&FileRow, Option<String>, Option<String>)],
) -> Result<Vec<bool>, AppError> {
    let had: Vec<&str> = files.iter().filter_map(|(_, _, object)| object.as_deref()).collect();
    let sizes: HashMap<&str, u64> = had.iter().copied().zip(repository.sizes_of(&had).await?).collect();
    let is_as_long = |text: &Option<String>, object: &str| {
        text.as_ref().is_some_and(|text| sizes.get(object).is_some_and(|size| *size == text.len() as u64))
    };
    let likely: Vec<&str> = files
        .iter()
        .filter_map(|(_, text, object)| object.as_deref().filter(|object| is_as_long(text, object)))
        .collect();
    let contents: HashMap<&str, Vec<u8>> = likely.iter().copied().zip(repository.contents_of(&likely).await?).collect();
    let is_same = |(_, text, object): &(&FileRow, Option<String>, Option<String>)| match (text, object) {
        (None, None) => true,
        (Some(text), Some(object)) => contents.get(object.as_str()).is_some_and(|had| had == text.as_bytes()),
        _ => false,
    };
    Ok(files.iter().map(is_same).collect())
}

/// The text of `a` is the file `a.json`, which cannot be where the texts of a folder `a.json` are.
fn refuse_texts_in_texts(files: &[FileRow]) -> Result<(), AppError> {
    let texts: BTreeSet<String> = files.iter().map(|file| text_path(&file.path)).collect();
    for text in &texts {
        let mut above = text.match_indices('/').map(|(end, _)| &text[..end]);
        if let Some(folder) = above.find(|folder| texts.contains(*folder)) {
            let folder = folder.strip_prefix(ANNOTATIONS).unwrap_or(folder);
            let file = folder.strip_suffix(".json").unwrap_or(folder);
            let message = format!(
                "what is drawn on `{file}` would be kept as `{folder}`, which is the name of a folder; rename one of both"
            );
            return Err(AppError::Conflict(message));
        }
    }
    Ok(())
}

/// What was drawn on the picture with these bytes, as a commit keeps it. A conflict where that cannot be read.
pub(super) async fn at(repository: &Repository, commit: &str, path: &str, md5: &str) -> Result<Vec<Region>, AppError> {
    let Some(text) = repository.text(commit, path).await? else { return Ok(Vec::new()) };
    let drawn = read(&text).ok_or_else(|| unreadable(commit, path))?;
    // Another picture has come to this place since.
    Ok(if drawn.md5 == md5 { drawn.regions } else { Vec::new() })
}

/// What a commit keeps of what was drawn on these pictures, each of them named by its path and the MD5 of its bytes, a part at a time:
/// `take` gets the place of a picture in the list with its regions, in the order of the list. Nothing is drawn on those that are not
/// named to it.
pub(super) async fn each_at(
    repository: &Repository,
    commit: &str,
    pictures: &[(&str, &str)],
    mut take: impl FnMut(usize, Vec<Region>) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let texts = repository.texts(commit).await?;
    let (places, objects): (Vec<usize>, Vec<&str>) =
        pictures.iter().enumerate().filter_map(|(place, (path, _))| Some((place, texts.get(*path)?.as_str()))).unzip();
    let sizes = repository.sizes_of(&objects).await?;
    for part in parts(&sizes) {
        let contents = repository.contents_of(&objects[part.clone()]).await?;
        // It keeps a processor busy for a while.
        let read = tokio::task::spawn_blocking(move || contents.iter().map(|text| read(text)).collect::<Vec<_>>());
        let read = read.await.map_err(|error| internal("reading what was drawn", &error))?;
        for (place, drawn) in places[part].iter().zip(read) {
            let (path, md5) = pictures[*place];
            let drawn = drawn.ok_or_else(|| unreadable(commit, path))?;
            if drawn.md5 == md5 {
                take(*place, drawn.regions)?;
            }
        }
    }
    Ok(())
}

/// Whoever learns from what is drawn must not take what cannot be read for nothing.
fn unreadable(commit: &str, path: &str) -> AppError {
    AppError::Conflict(format!("what commit {commit} keeps of what was drawn on `{}` cannot be read", shown(path)))
}

/// Counts what differs between what two commits keep. A region is the same one wherever it is. What cannot be read counts for nothing.
pub(super) async fn differences(
    repository: &Repository,
    from: Option<&str>,
    to: &str,
) -> Result<RegionDifferences, AppError> {
    let mut changes = repository.text_changes(from, to).await?;
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let mut bytes = 0;
    let before = drawn_in(repository, &changes, |change| change.before.as_deref(), &mut bytes).await?;
    let after = drawn_in(repository, &changes, |change| change.after.as_deref(), &mut bytes).await?;
    let by_id = |drawn: &[Fingerprints]| drawn.iter().flatten().copied().collect::<HashMap<_, _>>();
    let (was, is) = (by_id(&before), by_id(&after));
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut told = RegionDifferences::default();
    for ((change, before), after) in changes.into_iter().zip(before).zip(after) {
        let one = PictureDifference {
            gone: change.after.is_none(),
            path: change.path,
            added: count(after.iter().filter(|(id, _)| !was.contains_key(id)).count()),
            removed: count(before.iter().filter(|(id, _)| !is.contains_key(id)).count()),
            changed: count(after.iter().filter(|(id, is)| was.get(id).is_some_and(|was| was != is)).count()),
        };
        told.added += one.added;
        told.removed += one.removed;
        told.changed += one.changed;
        // A picture that was only moved has another text.
        if one.added + one.removed + one.changed == 0 {
            continue;
        }
        told.pictures += 1;
        if told.changes.len() < MAX_LISTED {
            told.changes.push(one);
        }
    }
    Ok(told)
}

/// The regions of a text: their numbers, and what tells them apart.
type Fingerprints = Vec<(Option<i64>, u64)>;

/// The regions on one side of each of these changes. `bytes` counts what has been read.
async fn drawn_in(
    repository: &Repository,
    changes: &[TextChange],
    side: impl Fn(&TextChange) -> Option<&str>,
    bytes: &mut u64,
) -> Result<Vec<Fingerprints>, AppError> {
    let (places, objects): (Vec<usize>, Vec<&str>) =
        changes.iter().enumerate().filter_map(|(place, change)| Some((place, side(change)?))).unzip();
    let sizes = repository.sizes_of(&objects).await?;
    *bytes += sizes.iter().sum::<u64>();
    if *bytes > MAX_COMPARED {
        let message =
            "more is drawn differently than can be compared at once; take states that are nearer to each other";
        return Err(AppError::TooLarge(message.to_owned()));
    }
    let mut found = vec![Fingerprints::new(); changes.len()];
    for part in parts(&sizes) {
        let texts = repository.contents_of(&objects[part.clone()]).await?;
        // It keeps a processor busy for a while.
        let read = tokio::task::spawn_blocking(move || texts.iter().map(|text| fingerprints(text)).collect()).await;
        let read: Result<Vec<_>, _> = read.map_err(|error| internal("comparing what was drawn", &error))?;
        for (place, fingerprints) in places[part].iter().zip(read?) {
            found[*place] = fingerprints;
        }
    }
    Ok(found)
}

/// The regions in a text; none where it cannot be read.
fn fingerprints(text: &[u8]) -> Result<Fingerprints, AppError> {
    let regions = read(text).into_iter().flat_map(|drawn| drawn.regions);
    regions.map(|region| Ok((region.id, fingerprint(&region)?))).collect()
}

/// Tells regions apart without keeping their corners.
fn fingerprint(region: &Region) -> Result<u64, AppError> {
    let text = serde_json::to_vec(region).map_err(|error| internal("writing a region", &error))?;
    let hash = blake3::hash(&text);
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    Ok(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Point, Shape};

    fn region(id: i64, x: f64) -> Region {
        Region { id: Some(id), shape: Shape::Point(Point { x, y: 0.1 }), object: "Cat \"x\"\n".into() }
    }

    #[test]
    fn the_same_regions_are_the_same_text() {
        let (one, two) = (region(1, 1.0 / 3.0), region(2, 1e-7));
        let text = write("0".repeat(32).as_str(), &[two.clone(), one.clone()]).unwrap();
        assert_eq!(text, write("0".repeat(32).as_str(), &[one.clone(), two.clone()]).unwrap());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 7, "{text}");
        assert_eq!(
            lines[3],
            r#"{"id":1,"type":"point","shape":{"x":0.3333333333333333,"y":0.1},"object":"Cat \"x\"\n"},"#
        );
        let back = read(text.as_bytes()).unwrap();
        assert_eq!((back.md5, back.regions), ("0".repeat(32), vec![one, two]));
        assert!(read(b"{}").is_none());
        assert!(fingerprints(b"outs:\n").unwrap().is_empty());
        let told = fingerprints(text.as_bytes()).unwrap();
        assert_eq!(told.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [Some(1), Some(2)]);
    }

    #[test]
    fn parts_have_no_more_than_can_be_held() {
        assert!(parts(&[]).is_empty());
        assert_eq!(parts(&[1; TOGETHER + 1]), [0..TOGETHER, TOGETHER..TOGETHER + 1]);
        let half = BYTES_TOGETHER / 2;
        assert_eq!(parts(&[half, half, 1, 3 * half, 1, 2]), [0..2, 2..3, 3..4, 4..6]);
    }

    #[test]
    fn a_text_is_no_folder() {
        let file = |path: &str| FileRow { path: path.into(), md5: String::new(), size: 0, picture: Some(1) };
        assert!(refuse_texts_in_texts(&[file("a"), file("b/a.jso/c"), file("a.jsonx/d")]).is_ok());
        let refused = refuse_texts_in_texts(&[file("a"), file("a.json/b")]).unwrap_err();
        assert!(refused.to_string().contains("`a.json`"), "{refused}");
    }
}
