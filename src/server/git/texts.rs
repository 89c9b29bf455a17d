//! What was drawn, as commits keep it: texts beside the pointers.

use super::reading::damaged;
use super::{Repository, Result};
use crate::model::version::ANNOTATIONS;
use std::collections::{BTreeMap, HashSet};

/// The path of the text that belongs to a file.
pub fn text_path(file: &str) -> String {
    format!("{ANNOTATIONS}{file}.json")
}

/// The file that a text at this path belongs to.
fn file_of(path: &[u8]) -> Option<String> {
    let path = std::str::from_utf8(path).ok()?;
    path.strip_prefix(ANNOTATIONS)?.strip_suffix(".json").map(str::to_owned)
}

/// A text that differs between two commits: the objects that hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// The path of the file to which the text belongs, or that of the text where it belongs to none.
    pub path: String,
    /// Before; none where it was not there.
    pub before: Option<String>,
    /// After; none where it is no more.
    pub after: Option<String>,
}

/// What a commit puts at a path in place of what one of those before it has there.
pub(super) struct Difference<'a> {
    pub commit: &'a str,
    /// What kind of thing it is; `000000` where there is nothing any more.
    pub mode: &'a str,
    pub object: &'a str,
    pub path: &'a [u8],
}

/// What `diff-tree --stdin -z --raw` says of many commits.
pub(super) fn each_difference(said: &[u8]) -> impl Iterator<Item = Result<Difference<'_>>> {
    let mut words = said.split(|byte| *byte == 0);
    let mut commit = "";
    std::iter::from_fn(move || {
        loop {
            let word = words.next().filter(|word| !word.is_empty())?;
            let read = || {
                let word = std::str::from_utf8(word).ok()?;
                let Some(head) = word.strip_prefix(':') else { return Some(Err(word)) };
                let [_, mode, _, object, _] = head.split(' ').collect::<Vec<_>>()[..] else { return None };
                Some(Ok((mode, object)))
            };
            match read() {
                Some(Err(id)) => commit = id,
                Some(Ok((mode, object))) => {
                    let path = words.next().ok_or_else(|| damaged("a difference"));
                    return Some(path.map(|path| Difference { commit, mode, object, path }));
                }
                None => return Some(Err(damaged("a difference"))),
            }
        }
    })
}

impl Repository {
    /// Those of these texts, each by its own path and its object, that any commit of the history has.
    pub(super) async fn texts_ever<'a>(
        &self,
        mut asked: HashSet<(&'a str, &'a str)>,
    ) -> Result<HashSet<(&'a str, &'a str)>> {
        if asked.is_empty() {
            return Ok(asked);
        }
        let folder = ANNOTATIONS.trim_end_matches('/');
        let commits = ["rev-list", "--all", "--full-history", "--", folder];
        let commits = self.git.run(commits, Vec::new()).await?.succeeded()?;
        let arguments = ["diff-tree", "--stdin", "-m", "-r", "-z", "--raw", "--root", "--no-renames", "--no-ext-diff"];
        let arguments = arguments.into_iter().chain(["--", folder]);
        let output = self.git.run(arguments, commits).await?.succeeded()?;
        let mut ever = HashSet::new();
        for difference in each_difference(&output) {
            let Difference { object, path, .. } = difference?;
            ever.extend(std::str::from_utf8(path).ok().map(|path| (path, object)));
        }
        asked.retain(|text| ever.contains(text));
        Ok(asked)
    }

    /// The texts of a commit: for each file that has one the object that holds it.
    pub async fn texts(&self, commit: &str) -> Result<BTreeMap<String, String>> {
        let arguments = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit, ANNOTATIONS];
        let output = self.git.run(arguments, Vec::new()).await?.succeeded()?;
        let mut texts = BTreeMap::new();
        for line in output.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let tab = line.iter().position(|byte| *byte == b'\t').ok_or_else(|| damaged("a tree"))?;
            let object = String::from_utf8_lossy(&line[..tab]).rsplit(' ').next().map(str::to_owned);
            texts.extend(file_of(&line[tab + 1..]).zip(object));
        }
        Ok(texts)
    }

    /// The texts that differ between two commits; without the first, all of the second.
    pub async fn text_changes(&self, from: Option<&str>, to: &str) -> Result<Vec<TextChange>> {
        let output = self.differences(from, to, &[ANNOTATIONS]).await?;
        let mut words = output.split(|byte| *byte == 0);
        let mut changes = Vec::new();
        while let (Some(head), Some(path)) = (words.next(), words.next()) {
            let head = String::from_utf8_lossy(head).into_owned();
            let [_, _, before, after, _] = head.split(' ').collect::<Vec<_>>()[..] else {
                return Err(damaged("a difference"));
            };
            let object = |id: &str| id.bytes().any(|byte| byte != b'0').then(|| id.to_owned());
            let path = file_of(path).unwrap_or_else(|| String::from_utf8_lossy(path).into_owned());
            changes.push(TextChange { path, before: object(before), after: object(after) });
        }
        Ok(changes)
    }

    /// How many bytes each of these objects has, which are there.
    pub async fn sizes_of(&self, objects: &[&str]) -> Result<Vec<u64>> {
        let sizes = self.sizes(objects).await?;
        sizes.into_iter().map(|found| found.map(|(_, size)| size).ok_or_else(|| damaged("a text"))).collect()
    }

    /// What these objects hold, in the same order.
    pub async fn contents_of(&self, objects: &[&str]) -> Result<Vec<Vec<u8>>> {
        let contents = self.contents(objects).await?;
        contents.into_iter().map(|content| content.ok_or_else(|| damaged("a text"))).collect()
    }

    /// The text that belongs to a file of a commit, if there is one. The file's path has been checked.
    pub async fn text(&self, commit: &str, file: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.contents(&[&format!("{commit}:{}", text_path(file))]).await?.pop().flatten())
    }

    /// The tree of all texts of a commit.
    pub async fn texts_tree(&self, commit: &str) -> Result<Option<String>> {
        let object = format!("{commit}:{}", ANNOTATIONS.trim_end_matches('/'));
        let said = self.git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", &object], Vec::new()).await?;
        Ok((said.code == 0).then(|| String::from_utf8_lossy(&said.output).trim().to_owned()))
    }
}
