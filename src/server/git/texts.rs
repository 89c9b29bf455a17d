//! What was drawn, as commits keep it: texts beside the pointers.

use super::reading::damaged;
use super::{Repository, Result};
use crate::model::version::ANNOTATIONS;
use std::collections::BTreeMap;

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
    /// Before; none where it was not there.
    pub before: Option<String>,
    /// After; none where it is no more.
    pub after: Option<String>,
}

impl Repository {
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
        while let (Some(head), Some(_)) = (words.next(), words.next()) {
            let head = String::from_utf8_lossy(head).into_owned();
            let [_, _, before, after, _] = head.split(' ').collect::<Vec<_>>()[..] else {
                return Err(damaged("a difference"));
            };
            let object = |id: &str| id.bytes().any(|byte| byte != b'0').then(|| id.to_owned());
            changes.push(TextChange { before: object(before), after: object(after) });
        }
        Ok(changes)
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
