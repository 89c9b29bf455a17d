//! What is drawn on the pictures of a dataset, as text in its history: naming a version commits one small file per picture on which
//! something is drawn, so that Git shows how labels changed.

use super::journal::{self, Beside};
use super::{ALL_FILES, Held};
use crate::model::version::{ANNOTATIONS, RegionDifferences};
use crate::model::{AppError, Region};
use crate::server::errors::internal;
use crate::server::git::{NewCommit, Person, Repository, text_path};
use crate::server::store::audit::Actor;
use crate::server::store::dataset_files::{self, FileRow};
use crate::server::store::regions;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many pictures are looked at together.
const TOGETHER: usize = 500;
/// One commit brings about so many bytes of text; what is more comes in the next.
const MAX_TOGETHER: usize = 64 << 20;

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

fn read(text: &[u8]) -> Result<Drawn, AppError> {
    serde_json::from_slice(text).map_err(|error| internal("reading what was drawn", &error))
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
        for part in files.chunks(TOGETHER) {
            let pictures: Vec<i64> = part.iter().filter_map(|file| file.picture).collect();
            let drawn = regions::of_files(&db, &pictures).await?;
            let had: Vec<(&str, String)> =
                part.iter().filter_map(|file| Some((file.path.as_str(), before.remove(&file.path)?))).collect();
            let objects: Vec<&str> = had.iter().map(|(_, object)| object.as_str()).collect();
            let contents = repository.contents_of(&objects).await?;
            let had: HashMap<&str, Vec<u8>> = had.iter().map(|(path, _)| *path).zip(contents).collect();
            for file in part {
                let regions = file.picture.and_then(|picture| drawn.get(&picture)).filter(|drawn| !drawn.is_empty());
                let text = regions.map(|regions| write(&file.md5, regions)).transpose()?;
                if text.as_deref().map(str::as_bytes) == had.get(file.path.as_str()).map(Vec::as_slice) {
                    continue;
                }
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
        let settings = self.lacking_settings().await?;
            );
            return Err(AppError::Conflict(message));
        }
    }
    Ok(())
}

/// What was drawn on the picture with these bytes, as a commit keeps it.
pub(super) async fn at(repository: &Repository, commit: &str, path: &str, md5: &str) -> Result<Vec<Region>, AppError> {
    let Some(text) = repository.text(commit, path).await? else { return Ok(Vec::new()) };
    let drawn = read(&text)?;
    // Another picture has come to this place since.
    Ok(if drawn.md5 == md5 { drawn.regions } else { Vec::new() })
}

/// Counts what differs between what two commits keep. A region is the same one wherever it is.
pub(super) async fn differences(
    repository: &Repository,
    from: Option<&str>,
    to: &str,
) -> Result<RegionDifferences, AppError> {
    let changes = repository.text_changes(from, to).await?;
    let mut before: BTreeMap<Option<i64>, u64> = BTreeMap::new();
    let mut after: BTreeMap<Option<i64>, u64> = BTreeMap::new();
    for part in changes.chunks(TOGETHER) {
        let sides = [
            (&mut before, part.iter().filter_map(|change| change.before.as_deref()).collect::<Vec<_>>()),
            (&mut after, part.iter().filter_map(|change| change.after.as_deref()).collect::<Vec<_>>()),
        ];
        for (side, objects) in sides {
            for text in repository.contents_of(&objects).await? {
                for region in read(&text)?.regions {
                    side.insert(region.id, fingerprint(&region)?);
                }
            }
        }
    }
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let added = after.keys().filter(|id| !before.contains_key(id)).count();
    let removed = before.keys().filter(|id| !after.contains_key(id)).count();
    let changed = before.iter().filter(|(id, was)| after.get(id).is_some_and(|is| is != *was)).count();
    Ok(RegionDifferences {
        pictures: count(changes.len()),
        added: count(added),
        removed: count(removed),
        changed: count(changed),
    })
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
        assert!(read(b"{}").is_err());
    }

    #[test]
    fn a_text_is_no_folder() {
        let file = |path: &str| FileRow { path: path.into(), md5: String::new(), size: 0, picture: Some(1) };
        assert!(refuse_texts_in_texts(&[file("a"), file("b/a.jso/c"), file("a.jsonx/d")]).is_ok());
        let refused = refuse_texts_in_texts(&[file("a"), file("a.json/b")]).unwrap_err();
        assert!(refused.to_string().contains("`a.json`"), "{refused}");
    }
}
