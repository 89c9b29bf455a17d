//! Finding commits, files and differences.

use super::{GitError, MAIL_HOST, Pointer, Repository, Result, pointer, user_of};
use crate::model::version::{BRANCH, Commit, VersionTag, check_path, check_tag_name, is_commit_id};
use std::collections::HashMap;

/// The tree without anything, which Git knows everywhere.
pub(super) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// Its path.
    pub path: String,
    /// The object that holds its pointer.
    object: String,
}

/// What became of a file between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// Which bytes it had; none where it was not there.
    pub before: Option<Pointer>,
    /// Which bytes it has; none where it is no more.
    pub after: Option<Pointer>,
}

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// How many entries come before it.
    pub offset: u64,
    /// How many it has at most.
    pub limit: u64,
}

/// The path of the file that a pointer at this path belongs to. Whatever else is in the repository is no file of the dataset.
fn file_of(path: &[u8]) -> Option<&str> {
    let path = std::str::from_utf8(path).ok()?.strip_suffix(pointer::EXTENSION)?;
    check_path("path", path).is_none().then_some(path)
}

/// A line of what `ls-tree` says.
struct Entry<'a> {
    mode: &'a [u8],
    object: &'a [u8],
    path: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The file that it is. A link or another repository is none, whatever it is called.
    fn file(&self) -> Option<&'a str> {
        file_of(self.path).filter(|_| self.mode.starts_with(b"100"))
    }

    /// The folder that it is, unless it is Git's or DVC's own.
    fn folder(&self) -> Option<&'a str> {
        let path = std::str::from_utf8(self.path).ok()?;
        (self.mode == b"040000" && check_path("path", path).is_none()).then_some(path)
    }
}

/// The lines of what `ls-tree -z` says.
fn entries(output: &[u8]) -> impl Iterator<Item = Entry<'_>> {
    output.split(|byte| *byte == 0).filter_map(|line| {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        let mut words = line[..tab].split(|byte| *byte == b' ');
        Some(Entry { mode: words.next()?, object: words.nth(1)?, path: &line[tab + 1..] })
    })
}

pub(super) fn damaged(what: &str) -> GitError {
    GitError::Failed(format!("said what cannot be understood of {what}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What stands before an object: its name, its kind, its size. None where there is no such object.
fn kind_and_size(head: &[u8]) -> Result<Option<(String, u64)>> {
    let head = text(head);
    if head.ends_with(" missing") {
        return Ok(None);
    }
    let mut words = head.rsplit(' ');
    let size = words.next().and_then(|size| size.parse().ok()).ok_or_else(|| damaged("an object"))?;
    Ok(Some((words.next().unwrap_or_default().to_owned(), size)))
}

impl Repository {
    /// The newest commit; none while there is none.
    pub async fn head(&self) -> Result<Option<String>> {
        if !self.exists() {
            return Ok(None);
        }
        self.commit_of(&format!("refs/heads/{BRANCH}")).await
    }

    /// The commit that a tag names, if there is such a tag.
    pub async fn tagged(&self, name: &str) -> Result<Option<String>> {
        if check_tag_name(name).is_some() || !self.exists() {
            return Ok(None);
        }
        self.commit_of(&format!("refs/tags/{name}")).await
    }

    async fn commit_of(&self, reference: &str) -> Result<Option<String>> {
        let object = format!("{reference}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &object];
        let said = self.git.run(arguments, Vec::new()).await?;
        if said.code == 1 && said.output.is_empty() {
            return Ok(None);
        }
        let id = text(&said.succeeded()?).trim().to_owned();
        if is_commit_id(&id) { Ok(Some(id)) } else { Err(damaged("a commit")) }
    }

    /// Whether there is a commit of this id, and whether it belongs to the history of another one, or is that.
    pub async fn is_ancestor(&self, id: &str, of: &str) -> Result<bool> {
        if !is_commit_id(id) || !is_commit_id(of) {
            return Ok(false);
        }
        let said = self.git.run(["merge-base", "--is-ancestor", "--", id, of], Vec::new()).await?;
        match said.code {
            0 => Ok(true),
            // No ancestor; or no commit at all.
            1 | 128 => Ok(false),
            _ => Err(said.failed()),
        }
    }

    /// The files of a commit whose paths begin with `prefix`, by path.
    pub async fn files(&self, commit: &str, prefix: &str) -> Result<Vec<ListedFile>> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit];
        // Whole folders are passed over by Git, the rest here.
        let folder = prefix.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
        if folder.as_deref().is_some_and(|folder| check_path("prefix", folder.trim_end_matches('/')).is_some()) {
            return Ok(Vec::new());
        }
        arguments.extend(folder.as_deref());
        let output = self.git.run(arguments, Vec::new()).await?.succeeded()?;
        let mut files = Vec::new();
        for entry in entries(&output) {
            let Some(path) = entry.file().filter(|path| path.starts_with(prefix)) else { continue };
            files.push(ListedFile { path: path.to_owned(), object: text(entry.object) });
        }
        // Git's order is that of the pointers.
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The folders and files that are directly in a folder of a commit, each by path. The folder is empty or ends with `/`, and has
    /// been checked.
    pub async fn children(&self, commit: &str, folder: &str) -> Result<(Vec<String>, Vec<ListedFile>)> {
        let mut arguments = vec!["ls-tree", "-z", "--full-tree", "--end-of-options", commit];
        arguments.extend(Some(folder).filter(|folder| !folder.is_empty()));
        let output = self.git.run(arguments, Vec::new()).await?.succeeded()?;
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        for entry in entries(&output) {
            if let Some(path) = entry.folder() {
                folders.push(path.to_owned());
            } else if let Some(path) = entry.file() {
                files.push(ListedFile { path: path.to_owned(), object: text(entry.object) });
            }
        }
        folders.sort_unstable();
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok((folders, files))
    }

    /// The pointers of these files, in the same order. One that cannot be understood is none.
    pub async fn pointers(&self, files: &[ListedFile]) -> Result<Vec<Option<Pointer>>> {
        let objects: Vec<&str> = files.iter().map(|file| file.object.as_str()).collect();
        let contents = self.contents(&objects).await?;
        let read = |(file, content): (&ListedFile, Option<Vec<u8>>)| Pointer::read(&file.path, &content?).ok();
        Ok(files.iter().zip(contents).map(read).collect())
    }

    /// The pointer of one file of a commit, if it is there. The path has been checked.
    pub async fn pointer(&self, commit: &str, path: &str) -> Result<Option<Pointer>> {
        Ok(self.pointers_at(commit, &[path.to_owned()]).await?.pop().flatten())
    }

    /// The pointers of the files at these paths of a commit, where they are there. The paths have been checked.
    pub async fn pointers_at(&self, commit: &str, paths: &[String]) -> Result<Vec<Option<Pointer>>> {
        let names: Vec<(String, &str)> = paths.iter().map(|path| (commit.to_owned(), path.as_str())).collect();
        self.pointers_in(&names).await
    }

    /// The pointers of files, each of a commit of its own. The paths have been checked.
    pub async fn pointers_in(&self, files: &[(String, &str)]) -> Result<Vec<Option<Pointer>>> {
        let name = |(commit, path): &(String, &str)| format!("{commit}:{path}{}", pointer::EXTENSION);
        let names: Vec<String> = files.iter().map(name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let contents = self.contents(&names).await?;
        let read = |((_, path), content): (&(String, &str), Option<Vec<u8>>)| Pointer::read(path, &content?).ok();
        Ok(files.iter().zip(contents).map(read).collect())
    }

    /// What there is at these paths of a commit, in Git's words: `blob` for a pointer or text, `tree` for a folder. The paths have been
    /// checked, or are those of settings.
    pub async fn kinds(&self, commit: &str, paths: &[&str]) -> Result<Vec<Option<String>>> {
        let names: Vec<String> = paths.iter().map(|path| format!("{commit}:{path}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(self.sizes(&names).await?.into_iter().map(|found| found.map(|(kind, _)| kind)).collect())
    }

    /// The first of these paths of a commit at which Git keeps something itself that has no more bytes than `most`: its place in the
    /// list, and what it holds. The paths have been checked.
    pub async fn first_text(&self, commit: &str, paths: &[&str], most: u64) -> Result<Option<(usize, Vec<u8>)>> {
        let names: Vec<String> = paths.iter().map(|path| format!("{commit}:{path}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = self.sizes(&names).await?;
        let first =
            found.into_iter().position(|found| found.is_some_and(|(kind, size)| kind == "blob" && size <= most));
        let Some(first) = first else { return Ok(None) };
        Ok(self.contents(&names[first..=first]).await?.pop().flatten().map(|text| (first, text)))
    }

    /// The paths of all that is in these folders of a commit beside pointers. The folders have been checked.
    pub async fn texts_below(&self, commit: &str, folders: &[&str]) -> Result<Vec<String>> {
        // No more than one command takes.
        const TOGETHER: usize = 500;
        let mut found = Vec::new();
        for part in folders.chunks(TOGETHER) {
            let part: Vec<String> = part.iter().map(|folder| format!("{folder}/")).collect();
            let arguments = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", commit];
            let arguments = arguments.into_iter().chain(part.iter().map(String::as_str));
            let output = self.git.run(arguments, Vec::new()).await?.succeeded()?;
            let names = output.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(text);
            found.extend(names.filter(|name| !name.ends_with(pointer::EXTENSION)));
        }
        Ok(found)
    }

    /// What these objects hold, which are named without line breaks; nothing where there is no such object.
    pub(super) async fn contents(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        let found = self.objects(names).await?;
        Ok(found
            .into_iter()
            .map(|found| found.filter(|(kind, _)| kind == "blob").map(|(_, content)| content))
            .collect())
    }

    /// Of which kind these objects are, and what they hold.
    pub(super) async fn objects(&self, names: &[&str]) -> Result<Vec<Option<(String, Vec<u8>)>>> {
        let output = self.cat("--batch", names).await?;
        let mut rest = output.as_slice();
        let mut objects = Vec::with_capacity(names.len());
        for _ in names {
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(|| damaged("an object"))?;
            let head = kind_and_size(&rest[..end])?;
            rest = &rest[end + 1..];
            let Some((kind, size)) = head else {
                objects.push(None);
                continue;
            };
            let size = usize::try_from(size).map_err(|_| damaged("an object"))?;
            let content = rest.get(..size).ok_or_else(|| damaged("an object"))?;
            objects.push(Some((kind, content.to_vec())));
            rest = rest.get(size + 1..).ok_or_else(|| damaged("an object"))?;
        }
        Ok(objects)
    }

    /// Of which kind these objects are, and how large.
    pub(super) async fn sizes(&self, names: &[&str]) -> Result<Vec<Option<(String, u64)>>> {
        let output = self.cat("--batch-check", names).await?;
        let mut lines = output.split(|byte| *byte == b'\n');
        names.iter().map(|_| kind_and_size(lines.next().unwrap_or_default())).collect()
    }

    async fn cat(&self, how: &str, names: &[&str]) -> Result<Vec<u8>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut input = names.join("\n").into_bytes();
        input.push(b'\n');
        self.git.run(["cat-file", how, "--buffer"], input).await?.succeeded()
    }

    /// What differs between two commits, by path; without the first, everything is new in the second. A file that was moved is
    /// one that is gone and one that is new, with the same bytes.
    pub async fn changes(&self, from: Option<&str>, to: &str) -> Result<Vec<Change>> {
        let output = self.differences(from, to, &[]).await?;
        let mut words = output.split(|byte| *byte == 0);
        let (mut changed, mut objects) = (Vec::new(), Vec::new());
        while let (Some(head), Some(path)) = (words.next(), words.next()) {
            let Some(path) = file_of(path) else { continue };
            let head = text(head);
            let parts: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
            let [mode_before, mode_after, before, after, _] = parts[..] else { return Err(damaged("a difference")) };
            let mut place = |mode: &str, object: &str| {
                mode.starts_with("100").then(|| {
                    objects.push(object.to_owned());
                    objects.len() - 1
                })
            };
            changed.push((path.to_owned(), place(mode_before, before), place(mode_after, after)));
        }
        let names: Vec<&str> = objects.iter().map(String::as_str).collect();
        let contents = self.contents(&names).await?;
        let read = |path: &str, place: Option<usize>| Pointer::read(path, contents.get(place?)?.as_ref()?).ok();
        let change = |(path, before, after): (String, Option<usize>, Option<usize>)| {
            let (before, after) = (read(&path, before), read(&path, after));
            Change { path, before, after }
        };
        let mut changes: Vec<Change> =
            changed.into_iter().map(change).filter(|change| change.before != change.after).collect();
        changes.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    /// What `diff-tree` says of two commits, or of some paths in them.
    pub(super) async fn differences(&self, from: Option<&str>, to: &str, paths: &[&str]) -> Result<Vec<u8>> {
        let from = from.unwrap_or(EMPTY_TREE);
        let mut arguments = vec!["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff"];
        arguments.extend(["--end-of-options", from, to, "--"]);
        arguments.extend(paths);
        self.git.run(arguments, Vec::new()).await?.succeeded()
    }

    /// One commit. It has to be there.
    pub async fn commit_info(&self, id: &str) -> Result<Commit> {
        let range = Range { offset: 0, limit: 1 };
        self.log(id, None, range).await?.0.pop().ok_or_else(|| damaged("a commit"))
    }

    /// A part of the history of a commit, the newest first, and how many commits it has; with a path, only those that changed
    /// the file or folder there.
    pub async fn log(&self, commit: &str, path: Option<&str>, range: Range) -> Result<(Vec<Commit>, u64)> {
        let paths = path.map(|path| [format!("{path}{}", pointer::EXTENSION), path.to_owned()]);
        let paths: Vec<&str> = paths.iter().flatten().map(String::as_str).collect();
        let (skip, most) = (format!("--skip={}", range.offset), format!("--max-count={}", range.limit));
        let mut arguments =
            vec!["log", "-z", "--no-show-signature", "--format=%H%n%P%n%an%n%ae%n%at%n%B", &skip, &most];
        arguments.extend(["--end-of-options", commit, "--"]);
        arguments.extend(&paths);
        let output = self.git.run(arguments, Vec::new()).await?.succeeded()?;
        let mut commits = Vec::new();
        for entry in output.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let entry = text(entry);
            let mut lines = entry.splitn(6, '\n');
            let mut line = || lines.next().ok_or_else(|| damaged("a commit"));
            let (id, parents, author, email) = (line()?, line()?, line()?, line()?);
            commits.push(Commit {
                id: id.to_owned(),
                parents: parents.split_whitespace().map(str::to_owned).collect(),
                author: author.to_owned(),
                author_id: user_of(email),
                author_known: email.ends_with(MAIL_HOST),
                at: line()?.parse().map_err(|_| damaged("a commit"))?,
                message: line()?.trim_end().to_owned(),
            });
        }
        let mut arguments = vec!["rev-list", "--count", "--end-of-options", commit, "--"];
        arguments.extend(&paths);
        let count = text(&self.git.run(arguments, Vec::new()).await?.succeeded()?);
        Ok((commits, count.trim().parse().map_err(|_| damaged("a history"))?))
    }

    /// What stands in a commit of the mail address of its author.
    pub async fn author_email(&self, commit: &str) -> Result<String> {
        let arguments =
            ["log", "--format=%ae", "--max-count=1", "--no-show-signature", "--end-of-options", commit, "--"];
        Ok(text(&self.git.run(arguments, Vec::new()).await?.succeeded()?).trim().to_owned())
    }

    /// All tags, the newest first.
    pub async fn tags(&self) -> Result<Vec<VersionTag>> {
        if !self.exists() {
            return Ok(Vec::new());
        }
        let fields = [
            "refname:strip=2",
            "objecttype",
            "objectname",
            "*objectname",
            "taggername",
            "taggeremail:trim",
            "creatordate:unix",
            "contents",
        ];
        let format: String = fields.iter().map(|field| format!("%({field})%00")).collect();
        let format = format!("--format={format}");
        // The last order counts most.
        let orders = ["--sort=-version:refname", "--sort=-creatordate"];
        let arguments = ["for-each-ref", orders[0], orders[1], &format, "refs/tags/"];
        let output = self.git.run(arguments, Vec::new()).await?.succeeded()?;
        let words: Vec<String> = output.split(|byte| *byte == 0).map(text).collect();
        let tag = |words: &[String]| {
            let [name, kind, object, peeled, author, email, at, message] = words else { return None };
            let (commit, message) = if kind == "tag" { (peeled, message.as_str()) } else { (object, "") };
            Some(VersionTag {
                name: name.trim_start().to_owned(),
                commit: commit.clone(),
                message: message.trim_end().to_owned(),
                author: author.clone(),
                author_id: user_of(email),
                author_known: email.ends_with(MAIL_HOST),
                at: at.parse().unwrap_or_default(),
            })
        };
        Ok(words.chunks(fields.len()).filter_map(tag).collect())
    }

    /// Every pointer that any commit mentions, by the file's MD5.
    pub async fn all_pointers(&self) -> Result<HashMap<String, u64>> {
        if !self.exists() {
            return Ok(HashMap::new());
        }
        let output = self.git.run(["rev-list", "--objects", "--all"], Vec::new()).await?.succeeded()?;
        let listed: Vec<ListedFile> = output
            .split(|byte| *byte == b'\n')
            .filter_map(|line| {
                let space = line.iter().position(|byte| *byte == b' ')?;
                let path = file_of(&line[space + 1..])?.to_owned();
                Some(ListedFile { path, object: text(&line[..space]) })
            })
            .collect();
        let pointers = self.pointers(&listed).await?;
        Ok(pointers.into_iter().flatten().map(|pointer| (pointer.md5, pointer.size)).collect())
    }
}
