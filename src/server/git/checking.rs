//! What a push may bring: commits of which each holds pointers, the settings of Git and DVC, and texts about the dataset.

use super::purpose::{Purpose, purpose};
use super::reading::damaged;
use super::{Incoming, MAIL_HOST, Pointer, Result, config, pointer, user_of};
use crate::model::version::is_commit_id;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One push brings at most so many commits.
const MAX_COMMITS: usize = 10_000;
/// All that its commits change may take so many bytes to say, which is some hundred thousand files.
const MAX_DIFFERENCES: u64 = 64 << 20;
/// Largest commit or tag, in bytes: a message and signatures.
const MAX_WORDS: u64 = 64 << 10;
/// Largest text about a dataset, in bytes.
const MAX_TEXT: u64 = 1 << 20;
/// All texts and pointers together, in bytes.
const MAX_TOGETHER: u64 = 128 << 20;
/// No commit was made later than the year 9999.
const MAX_TIME: i64 = 253_402_300_799;
/// So many faults are told.
const MAX_FAULTS: usize = 20;

/// What the commits of one push may say.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Where DVC's settings may lead.
    pub remote: &'a str,
    /// The user of this site who pushes: nobody else of it has made the commits.
    pub user: i64,
}

/// Why a push is refused, line by line.
pub type Faults = Vec<String>;

/// What commits bring that were found sound.
#[derive(Debug, Default)]
pub struct News {
    /// Every pointer, by MD5: how many bytes it says, and where it was found.
    pub pointers: BTreeMap<String, (u64, String)>,
}

/// Something that a commit puts at a path.
struct Entry<'a> {
    commit: &'a str,
    path: &'a str,
    object: &'a str,
    purpose: Purpose,
}

impl Entry<'_> {
    fn fault(&self, what: impl std::fmt::Display) -> String {
        format!("commit {}: `{}`: {what}", short(self.commit), self.path)
    }
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

impl Incoming {
    /// Looks at every commit that these ones bring, each in comparison with the one that it is based on.
    pub async fn check(&self, tips: &[&str], rules: Rules<'_>) -> Result<std::result::Result<News, Faults>> {
        let mut arguments = vec!["rev-list", "--topo-order", "--parents"];
        let most = format!("--max-count={}", MAX_COMMITS + 1);
        arguments.push(&most);
        // Ids, which are no options.
        arguments.extend(tips);
        arguments.extend(["--not", "--all"]);
        let listed = self.seen().git.run(arguments, Vec::new()).await?;
        if listed.code != 0 || !self.is_whole(tips).await? {
            return Ok(Err(vec!["some objects are missing that the commits lead to; is the clone whole?".to_owned()]));
        }
        let listed = String::from_utf8_lossy(&listed.output).into_owned();
        let commits: Vec<(&str, Option<&str>)> = listed
            .lines()
            .filter_map(|line| {
                let mut words = line.split(' ');
                Some((words.next()?, words.next()))
            })
            .collect();
        if commits.len() > MAX_COMMITS {
            return Ok(Err(vec![format!("one push brings at most {MAX_COMMITS} commits; push in parts")]));
        }
        let ids: Vec<&str> = commits.iter().map(|(id, _)| *id).collect();
        let mut faults = self.faults_of_words(&ids, "commit", rules.user).await?;
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let Some(differences) = self.differences(&commits).await? else {
            return Ok(Err(vec!["the commits change too much at once; push in parts".to_owned()]));
        };
        let entries = entries(&differences, &mut faults)?;
        let news = self.look_into(&entries, rules.remote, &mut faults).await?;
        for tip in tips {
            faults.extend(self.faults_of_tree(tip).await?);
        }
        faults.truncate(MAX_FAULTS);
        Ok(if faults.is_empty() { Ok(news) } else { Err(faults) })
    }

    /// The commit that a new tag names, by an object of its own or directly.
    pub async fn commit_of(&self, id: &str, user: i64) -> Result<std::result::Result<String, Faults>> {
        let kind = self.seen().sizes(&[id]).await?.pop().flatten().map(|(kind, _)| kind);
        let nothing_else = || Ok(Err(vec!["a tag names a commit, and nothing else".to_owned()]));
        match kind.as_deref() {
            Some("commit") => return Ok(Ok(id.to_owned())),
            Some("tag") => {}
            _ => return nothing_else(),
        }
        let faults = self.faults_of_words(&[id], "tag", user).await?;
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let (_, content) = self.seen().objects(&[id]).await?.pop().flatten().ok_or_else(|| damaged("a tag"))?;
        let content = String::from_utf8_lossy(&content).into_owned();
        let mut lines = content.lines();
        match (lines.next().and_then(|line| line.strip_prefix("object ")), lines.next()) {
            (Some(commit), Some("type commit")) if is_commit_id(commit) => Ok(Ok(commit.to_owned())),
            _ => nothing_else(),
        }
    }

    /// What is wrong with what stands in commits or tags.
    async fn faults_of_words(&self, ids: &[&str], kind: &str, user: i64) -> Result<Faults> {
        let seen = self.seen();
        let (mut faults, mut together) = (Vec::new(), 0);
        for (id, found) in ids.iter().zip(seen.sizes(ids).await?) {
            match found {
                Some((is, size)) if is == kind && size <= MAX_WORDS => together += size,
                Some((is, _)) if is == kind => {
                    faults.push(format!("{kind} {}: more than {MAX_WORDS} bytes", short(id)));
                }
                _ => faults.push(format!("{kind} {}: is no {kind}", short(id))),
            }
        }
        if together > MAX_TOGETHER {
            faults.push("the messages are too long together; push in parts".to_owned());
        }
        if faults.is_empty() {
            for (id, found) in ids.iter().zip(seen.objects(ids).await?) {
                let content = found.map(|(_, content)| content).unwrap_or_default();
                if let Some(what) = fault_of_words(&content, user) {
                    faults.push(format!("{kind} {}: {what}", short(id)));
                }
            }
        }
        faults.truncate(MAX_FAULTS);
        Ok(faults)
    }

    /// What each commit changes, as `diff-tree` says it. None where that is too much.
    async fn differences(&self, commits: &[(&str, Option<&str>)]) -> Result<Option<Vec<u8>>> {
        let pair = |(id, parent): &(&str, Option<&str>)| match parent {
            Some(parent) => format!("{id} {parent}\n"),
            None => format!("{id}\n"),
        };
        let input: String = commits.iter().map(pair).collect();
        let arguments = ["diff-tree", "--stdin", "-r", "-z", "--raw", "--root", "--no-renames", "--no-ext-diff"];
        let mut command = self.seen().git.command(arguments);
        match super::command::run(&mut command, input.into_bytes(), MAX_DIFFERENCES).await {
            Ok(said) => Ok(Some(said.succeeded()?)),
            Err(super::GitError::SaidTooMuch) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads what entries hold.
    async fn look_into(&self, entries: &[Entry<'_>], remote: &str, faults: &mut Faults) -> Result<News> {
        let mut news = News::default();
        let (drawn, others): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) =
            entries.iter().partition(|entry| entry.purpose == Purpose::Annotations);
        let names: Vec<&str> = drawn.iter().map(|entry| entry.object).collect();
        for (entry, known) in drawn.iter().zip(self.real().sizes(&names).await?) {
            if known.is_none() {
                faults.push(entry.fault("what is drawn is changed on the site, and not by a push"));
            }
        }
        let names: Vec<&str> = others.iter().map(|entry| entry.object).collect::<BTreeSet<_>>().into_iter().collect();
        let mut together = 0;
        let mut large = BTreeSet::new();
        for (name, found) in names.iter().zip(self.seen().sizes(&names).await?) {
            match found {
                Some((kind, size)) if kind == "blob" && size <= MAX_TEXT => together += size,
                _ => drop(large.insert(*name)),
            }
        }
        for entry in others.iter().filter(|entry| large.contains(entry.object)) {
            faults.push(entry.fault(format!("it has more than {MAX_TEXT} bytes")));
        }
        if together > MAX_TOGETHER {
            faults.push("the commits bring too many large texts; push in parts".to_owned());
        }
        if !faults.is_empty() {
            return Ok(news);
        }
        let contents: HashMap<&str, Vec<u8>> = names
            .iter()
            .zip(self.seen().objects(&names).await?)
            .filter_map(|(name, found)| Some((*name, found?.1)))
            .collect();
        for entry in others {
            let content = contents.get(entry.object).ok_or_else(|| damaged("an object"))?;
            match &entry.purpose {
                Purpose::Pointer(path) => match Pointer::read(path, content) {
                    Ok(Pointer { md5, size }) => match news.pointers.get(&md5) {
                        Some((other, _)) if *other != size => {
                            faults.push(entry.fault(format!("the bytes {md5} are {other}, and not {size}")));
                        }
                        Some(_) => {}
                        None => drop(news.pointers.insert(md5, (size, path.clone()))),
                    },
                    Err(error) => faults.push(entry.fault(format!("this is no pointer to one file: {error}"))),
                },
                Purpose::Config => {
                    if let Some(fault) = config::fault(content, remote) {
                        faults.push(entry.fault(fault));
                    }
                }
                Purpose::Text | Purpose::Annotations => {
                    if std::str::from_utf8(content).is_err() || content.contains(&0) {
                        faults.push(entry.fault("it is no text in UTF-8; files come as pointers, by `dvc add`"));
                    }
                }
            }
            if faults.len() >= MAX_FAULTS {
                break;
            }
        }
        Ok(news)
    }

    /// What is wrong with a state as a whole: a name is that of a file or of a folder, never of both, and Git keeps no file beside DVC.
    async fn faults_of_tree(&self, commit: &str) -> Result<Faults> {
        let arguments = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", commit];
        let output = self.seen().git.run(arguments, Vec::new()).await?.succeeded()?;
        let names = output.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        let all: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
        let mut faults = Vec::new();
        for name in &all {
            let file = name.strip_suffix(pointer::EXTENSION).unwrap_or(name);
            let above = file.match_indices('/').map(|(end, _)| &file[..end]);
            let itself = (file != *name && all.contains(file)).then_some(file);
            let taken = above.filter(|folder| all.contains(format!("{folder}{}", pointer::EXTENSION).as_str()));
            for taken in taken.chain(itself).take(1) {
                faults
                    .push(format!("commit {}: `{taken}` is the name of a file, and taken by `{name}`", short(commit)));
            }
            if faults.len() >= MAX_FAULTS {
                break;
            }
        }
        Ok(faults)
    }
}

/// What is wrong with the words of a commit or tag, by which lists would be read wrongly.
fn fault_of_words(content: &[u8], user: i64) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(content) else { return Some("it is not written in UTF-8") };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        return Some("it has control characters");
    }
    let head = text.split("\n\n").next().unwrap_or_default();
    for line in head.lines() {
        if line.starts_with("encoding ") {
            return Some("it says that it is not written in UTF-8");
        }
        let is_person = ["author ", "committer ", "tagger "].iter().any(|key| line.starts_with(key));
        let at = || line.rsplit(' ').nth(1).and_then(|at| at.parse::<i64>().ok());
        if is_person && (line.contains(['\r', '\t']) || at().is_none_or(|at| !(0..=MAX_TIME).contains(&at))) {
            return Some("its author, or the time, cannot be read");
        }
        let email = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(email, _)| email);
        if is_person && email.ends_with(MAIL_HOST) && user_of(email) != Some(user) {
            return Some("it says that somebody else of this site has made it");
        }
    }
    None
}

/// What `diff-tree` says, as entries. What only goes is none.
fn entries<'a>(differences: &'a [u8], faults: &mut Faults) -> Result<Vec<Entry<'a>>> {
    let mut words = differences.split(|byte| *byte == 0);
    let (mut commit, mut entries) = ("", Vec::new());
    while let Some(word) = words.next().filter(|word| !word.is_empty()) {
        let head = std::str::from_utf8(word).map_err(|_| damaged("a difference"))?;
        let Some(head) = head.strip_prefix(':') else {
            commit = head;
            continue;
        };
        let path = words.next().ok_or_else(|| damaged("a difference"))?;
        let parts: Vec<&str> = head.split(' ').collect();
        let [_, mode, _, object, _] = parts[..] else { return Err(damaged("a difference")) };
        if mode == "000000" || faults.len() >= MAX_FAULTS {
            continue;
        }
        let Ok(path) = std::str::from_utf8(path) else {
            faults.push(format!("commit {}: a path is no UTF-8: {}", short(commit), String::from_utf8_lossy(path)));
            continue;
        };
        let found = match mode {
            "100644" | "100755" => purpose(path),
            "120000" => Err("it is a link, and links are not kept here".to_owned()),
            "160000" => Err("it is another repository, and those are not kept here".to_owned()),
            _ => Err("it is no plain file".to_owned()),
        };
        match found {
            Ok(purpose) => entries.push(Entry { commit, path, object, purpose }),
            Err(what) => faults.push(Entry { commit, path, object, purpose: Purpose::Text }.fault(what)),
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_read_as_lists_have_them() {
        let commit = |head: &str, message: &str| format!("tree 0\nauthor {head}\ncommitter b <c> 7 +0000\n\n{message}");
        assert_eq!(fault_of_words(commit("a <b> 1780000000 +0200", "Ü\n\n\tencoding x\n").as_bytes(), 7), None);
        assert_eq!(fault_of_words(commit("a <7@users.ocellus.invalid> 1 +0200", "").as_bytes(), 7), None);
        for wrong in [
            commit("a <b> 1780000000 +0200", "a\0b").into_bytes(),
            commit("a <b> 99999999999999999999 +0200", "").into_bytes(),
            commit("a <b> 253402300800 +0200", "").into_bytes(),
            commit("a <b> -1 +0200", "").into_bytes(),
            commit("a <8@users.ocellus.invalid> 1 +0200", "").into_bytes(),
            commit("a <site@users.ocellus.invalid> 1 +0200", "").into_bytes(),
            commit("a\r <b> 1 +0200", "").into_bytes(),
            commit("a <b> 1 +0200\nencoding UTF-7", "").into_bytes(),
            [commit("a <b> 1 +0200", "").into_bytes(), vec![0xff]].concat(),
        ] {
            assert!(fault_of_words(&wrong, 7).is_some(), "{}", String::from_utf8_lossy(&wrong));
        }
    }
}
