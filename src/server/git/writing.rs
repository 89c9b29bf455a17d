//! Making commits and tags: each is there as a whole, or not at all.

use super::command::run;
use super::{GitError, Lock, Pointer, Repository, Result, pointer};
use crate::model::version::{BRANCH, is_commit_id};
use std::fmt::Write;

/// Who makes a commit or tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// What looks like a mail address.
    pub email: String,
}

/// What stands behind the number of a user in commits and tags, as in a mail address.
pub const MAIL_HOST: &str = "@users.ocellus.invalid";

/// The number of the user whom a mail address in a commit or tag names.
pub fn user_of(email: &str) -> Option<i64> {
    email.strip_suffix(MAIL_HOST)?.parse().ok()
}

/// What a commit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The file has these bytes from now on, whether or not it was there.
    Put(String, Pointer),
    /// The file is no more.
    Remove(String),
}

/// A commit to be made.
#[derive(Clone, Debug)]
pub struct NewCommit<'a> {
    /// The newest commit, on which it is based; none for the first one.
    pub parent: Option<&'a str>,
    /// Who makes it.
    pub author: &'a Person,
    /// When, in Unix seconds.
    pub at: i64,
    /// What is done, in words.
    pub message: &'a str,
    /// What changes. No path comes twice.
    pub edits: &'a [Edit],
    /// Texts beside the files, by path: what they are from now on, or that they are no more. What goes comes first.
    pub texts: &'a [(String, Option<String>)],
    /// Git's and DVC's own files, by path.
    pub settings: &'a [(&'a str, String)],
}

/// A tag to be made.
#[derive(Clone, Debug)]
pub struct NewTag<'a> {
    /// Its name, which has been checked.
    pub name: &'a str,
    /// The commit.
    pub commit: &'a str,
    /// Who makes it.
    pub author: &'a Person,
    /// When, in Unix seconds.
    pub at: i64,
    /// What is said of it, possibly nothing.
    pub message: &'a str,
}

impl Person {
    /// As it stands in a commit, without what would mean something there.
    fn line(&self, at: i64) -> String {
        format!("{} <{}> {at} +0000", plain(&self.name), plain(&self.email))
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>')).collect()
}

/// A path as `fast-import` reads it, whatever is in it.
fn quoted(path: &str) -> String {
    let mut quoted = String::with_capacity(path.len() + 2);
    quoted.push('"');
    for c in path.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn data(stream: &mut String, text: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(stream, "data {}\n{text}", text.len());
}

/// The commit as `fast-import` reads it. Without the last line, which only a whole one has, nothing is done.
fn stream_of(commit: &NewCommit<'_>) -> String {
    let mut stream = String::with_capacity(300 + commit.edits.len() * 250);
    let line = commit.author.line(commit.at);
    let _ = writeln!(stream, "commit refs/heads/{BRANCH}\nmark :1\nauthor {line}\ncommitter {line}");
    data(&mut stream, commit.message);
    if let Some(parent) = commit.parent {
        let _ = writeln!(stream, "from {parent}");
    }
    for (path, text) in commit.settings {
        let _ = writeln!(stream, "M 100644 inline {}", quoted(path));
        data(&mut stream, text);
    }
    for edit in commit.edits {
        match edit {
            Edit::Put(path, pointer) => {
                let _ = writeln!(stream, "M 100644 inline {}", quoted(&format!("{path}{}", pointer::EXTENSION)));
                data(&mut stream, &pointer.write(path));
            }
            Edit::Remove(path) => {
                let _ = writeln!(stream, "D {}", quoted(&format!("{path}{}", pointer::EXTENSION)));
            }
        }
    }
    for (path, text) in commit.texts {
        match text {
            Some(text) => {
                let _ = writeln!(stream, "M 100644 inline {}", quoted(path));
                data(&mut stream, text);
            }
            None => {
                let _ = writeln!(stream, "D {}", quoted(path));
            }
        }
    }
    stream.push_str("get-mark :1\ndone\n");
    stream
}

impl Repository {
    /// Makes a commit the newest one and gives its id. [`GitError::Busy`] where another one has become that meanwhile.
    pub async fn commit(&self, _: &Lock, commit: &NewCommit<'_>) -> Result<String> {
        let arguments = ["fast-import", "--quiet", "--done", "--date-format=raw"];
        let said = self.git.run(arguments, stream_of(commit).into_bytes()).await?;
        if said.code != 0 && said.complaint.contains("Not updating") {
            return Err(GitError::Busy);
        }
        let output = said.succeeded()?;
        let id = String::from_utf8_lossy(&output).trim().to_owned();
        if is_commit_id(&id) { Ok(id) } else { Err(GitError::Failed("gave no id of a commit".to_owned())) }
    }

    /// Makes a tag. [`GitError::TagExists`] where there is one of this name.
    pub async fn tag(&self, _: &Lock, tag: &NewTag<'_>) -> Result<()> {
        let arguments = ["tag", "--annotate", "--cleanup=verbatim", "--file=-", "--", tag.name, tag.commit];
        let mut command = self.git.command(arguments);
        command
            .env("GIT_COMMITTER_NAME", plain(&tag.author.name))
            .env("GIT_COMMITTER_EMAIL", plain(&tag.author.email))
            .env("GIT_COMMITTER_DATE", format!("@{} +0000", tag.at));
        let said = run(&mut command, tag.message.as_bytes().to_vec(), 1 << 10).await?;
        if said.code != 0 && said.complaint.contains("already exists") {
            return Err(GitError::TagExists);
        }
        said.succeeded().map(drop)
    }

    /// Packs what many small commits have left, if that is worth while. Readers and writers go on meanwhile.
    pub async fn tidy(&self) -> Result<()> {
        // Every commit to a folder with many files writes all their names anew, which packing nearly undoes.
        self.git.run(["-c", "gc.auto=256", "gc", "--auto", "--quiet"], Vec::new()).await?.succeeded().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_people_write_is_a_command() {
        let person = Person { name: "a\nfrom x <b>".into(), email: "c>\n".into() };
        assert_eq!(person.line(7), "afrom x b <c> 7 +0000");
        let edits = [Edit::Put("a\" b\\".into(), Pointer { md5: "0".repeat(32), size: 1 }), Edit::Remove("-x".into())];
        let message = "one\ndone\nM 100644 inline evil\n";
        let commit =
            NewCommit { parent: None, author: &person, at: 7, message, edits: &edits, texts: &[], settings: &[] };
        let stream = stream_of(&commit);
        assert!(stream.contains(&format!("data {}\n{message}\n", message.len())), "{stream}");
        assert!(stream.contains("M 100644 inline \"a\\\" b\\\\.dvc\"\n"), "{stream}");
        assert!(stream.ends_with("D \"-x.dvc\"\nget-mark :1\ndone\n"), "{stream}");
    }
}
