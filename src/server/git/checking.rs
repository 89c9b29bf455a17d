//! What a push may bring: commits of which each holds pointers, the settings of Git and DVC, and texts about the dataset.

use super::purpose::{Purpose, purpose};
use super::reading::{EMPTY_TREE, damaged};
use super::texts::each_difference;
use super::{GitError, Incoming, MAIL_HOST, Pointer, Repository, Result, config, pointer, user_of};
use crate::model::version::is_commit_id;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// One push brings at most so many commits.
const MAX_COMMITS: usize = 10_000;
/// All that its commits change may take so many bytes to say, which is some hundred thousand files.
const MAX_DIFFERENCES: u64 = 64 << 20;
/// So many files and texts its commits change, one after the other.
const MAX_ENTRIES: usize = 400_000;
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
/// What is said of a path, or what is wrong there, is told in so many characters at most.
const MAX_SHOWN: usize = 200;
/// What ends a list of where to begin: what any reference leads to is not told.
const NEW_ONLY: [&str; 2] = ["--not", "--all"];

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
        fault_at(self.commit, self.path, what)
    }

    /// The last name of its path, without which a pointer cannot be read.
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}

fn fault_at(commit: &str, path: &str, what: impl std::fmt::Display) -> String {
    format!("commit {}: `{}`: {}", short(commit), shown(path), shown(&what.to_string()))
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// As much of a text that somebody has sent as a message shows of it.
pub fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

impl Incoming {
    /// Looks at all that has come: the pack holds nothing but what `named` leads to, which references shall name, and each commit
    /// that `tips` bring is looked at in comparison with the one that it is based on.
    pub async fn check(
        &self,
        named: &[&str],
        tips: &[&str],
        rules: Rules<'_>,
    ) -> Result<std::result::Result<News, Faults>> {
        match self.look_at(named, tips, rules).await {
            // What is in nobody's repository yet is to be refused where it cannot be looked at, whatever it makes Git say.
            Err(GitError::Failed(how)) => {
                tracing::warn!(how, "a push could not be looked at");
                Ok(Err(vec!["the commits cannot be looked at, or not in time; push in parts".to_owned()]))
            }
            Err(GitError::SaidTooMuch) => {
                Ok(Err(vec!["the commits change too much at once; push in parts".to_owned()]))
            }
            outcome => outcome,
        }
    }

    async fn look_at(
        &self,
        named: &[&str],
        tips: &[&str],
        rules: Rules<'_>,
    ) -> Result<std::result::Result<News, Faults>> {
        let missing = || {
            Ok(Err(vec![
                "some objects are missing that the commits lead to, or cannot be read; is the clone whole?".to_owned(),
            ]))
        };
        for found in self.seen().sizes(tips).await? {
            match found {
                Some((kind, _)) if kind == "commit" => {}
                Some((kind, _)) => return Ok(Err(vec![format!("the branch and tags name commits, and no {kind}")])),
                None => return missing(),
            }
        }
        let Some(listed) = self.commits(tips).await? else { return missing() };
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
        let Some(new) = self.led_to(named).await? else { return missing() };
        let new: HashSet<&[u8]> = new.split(|byte| *byte == b'\n').collect();
        // Nothing names what is in it, so that all looks below would pass it over.
        if new.contains(EMPTY_TREE.as_bytes()) {
            return Ok(Err(vec![
                "a commit has no file at all, or an empty folder, which Git itself never makes".to_owned(),
            ]));
        }
        if !self.has_only(&new).await? {
            return Ok(Err(vec!["the pack has objects that belong to none of the commits".to_owned()]));
        }
        let ids: Vec<&str> = commits.iter().map(|(id, _)| *id).collect();
        let mut faults = self.faults_of_words(&ids, "commit", rules.user).await?;
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let differences = self.differences(&commits).await?;
        let entries = entries(&differences, &mut faults)?;
        let news = self.look_into(&entries, rules.remote, &mut faults).await?;
        let new_tips: BTreeSet<&str> = tips.iter().copied().filter(|tip| ids.contains(tip)).collect();
        for tip in new_tips {
            faults.extend(self.new_clashes(tip).await?);
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

    /// The commits that these ones bring, each with those that it is based on. None where one is missing.
    async fn commits(&self, tips: &[&str]) -> Result<Option<String>> {
        let most = format!("--max-count={}", MAX_COMMITS + 1);
        // Ids, which are no options.
        let arguments =
            ["rev-list", "--topo-order", "--parents", &most].into_iter().chain(tips.iter().copied()).chain(NEW_ONLY);
        let said = self.seen().git.run(arguments, Vec::new()).await?;
        Ok((said.code == 0).then(|| String::from_utf8_lossy(&said.output).into_owned()))
    }

    /// The ids of all objects that these ones lead to and the history does not. None where one is missing.
    async fn led_to(&self, named: &[&str]) -> Result<Option<Vec<u8>>> {
        let arguments =
            ["rev-list", "--objects", "--no-object-names"].into_iter().chain(named.iter().copied()).chain(NEW_ONLY);
        let said = self.seen().git.run(arguments, Vec::new()).await?;
        Ok((said.code == 0).then_some(said.output))
    }

    /// Whether the packs that have come hold nothing but these objects and such as the repository has. Whatever else was in them would
    /// be handed out to whoever knows its id, though nobody has looked at it.
    async fn has_only(&self, new: &HashSet<&[u8]>) -> Result<bool> {
        let packed = self.packed().await?;
        let others: Vec<&str> = packed.iter().map(String::as_str).filter(|id| !new.contains(id.as_bytes())).collect();
        // What a thin pack was based on is here.
        Ok(self.real().sizes(&others).await?.iter().all(Option::is_some))
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

    /// What each commit changes, as `diff-tree` says it.
    async fn differences(&self, commits: &[(&str, Option<&str>)]) -> Result<Vec<u8>> {
        let pair = |(id, parent): &(&str, Option<&str>)| match parent {
            Some(parent) => format!("{id} {parent}\n"),
            None => format!("{id}\n"),
        };
        let input: String = commits.iter().map(pair).collect();
        let arguments = ["diff-tree", "--stdin", "-r", "-z", "--raw", "--root", "--no-renames", "--no-ext-diff"];
        let mut command = self.seen().git.command(arguments);
        super::command::run(&mut command, input.into_bytes(), MAX_DIFFERENCES).await?.succeeded()
    }

    /// Reads what entries hold.
    async fn look_into(&self, entries: &[Entry<'_>], remote: &str, faults: &mut Faults) -> Result<News> {
        let mut news = News::default();
        let (drawn, others): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) =
            entries.iter().partition(|entry| entry.purpose == Purpose::Annotations);
        // Merging and taking back bring what was at the same place before.
        let known = self.real().texts_ever(drawn.iter().map(|entry| (entry.path, entry.object)).collect()).await?;
        for entry in drawn.iter().filter(|entry| !known.contains(&(entry.path, entry.object))) {
            faults.push(entry.fault("what is drawn is changed on the site, and not by a push"));
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
        // What stands in many places under one name is read once.
        let mut read = HashSet::new();
        for entry in others.into_iter().filter(|entry| read.insert((entry.object, entry.purpose, entry.name()))) {
            let content = contents.get(entry.object).ok_or_else(|| damaged("an object"))?;
            if let Some(fault) = fault_of_content(entry, content, remote, &mut news) {
                faults.push(entry.fault(fault));
            }
            if faults.len() >= MAX_FAULTS {
                break;
            }
        }
        Ok(news)
    }

    /// Names that a state gives twice and the newest one does not.
    async fn new_clashes(&self, tip: &str) -> Result<Faults> {
        let mut clashes = self.seen().clashes(tip).await?;
        if !clashes.is_empty()
            && let Some(head) = self.real().head().await?
        {
            let before = self.real().clashes(&head).await?;
            clashes.retain(|clash| !before.contains(clash));
        }
        let fault = |(taken, by): &(String, String)| {
            let (commit, taken, by) = (short(tip), shown(taken), shown(by));
            format!("commit {commit}: `{taken}` is the name of a file, and taken by `{by}`")
        };
        Ok(clashes.iter().take(MAX_FAULTS).map(fault).collect())
    }
}

impl Repository {
    /// What is wrong with a state as a whole: a name is that of a file or of a folder, never of both, and Git keeps no file beside DVC.
    /// Each of those names, and what has it as well.
    async fn clashes(&self, commit: &str) -> Result<BTreeSet<(String, String)>> {
        let arguments = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", commit];
        let output = self.git.run(arguments, Vec::new()).await?.succeeded()?;
        let names = output.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        let all: HashSet<&str> = names.filter(|name| !name.is_empty()).collect();
        let mut clashes = BTreeSet::new();
        for name in &all {
            let file = name.strip_suffix(pointer::EXTENSION).unwrap_or(name);
            let above = file.match_indices('/').map(|(end, _)| &file[..end]);
            let itself = (file != *name && all.contains(file)).then_some(file);
            let taken = above.filter(|folder| all.contains(format!("{folder}{}", pointer::EXTENSION).as_str()));
            clashes.extend(taken.chain(itself).take(1).map(|taken| (taken.to_owned(), (*name).to_owned())));
        }
        Ok(clashes)
    }
}

/// What is wrong with what an entry holds, if anything is. What a pointer says is news.
fn fault_of_content(entry: &Entry<'_>, content: &[u8], remote: &str, news: &mut News) -> Option<String> {
    match entry.purpose {
        Purpose::Pointer => {
            let path = entry.path.strip_suffix(pointer::EXTENSION).unwrap_or(entry.path);
            let Pointer { md5, size } = match Pointer::read(path, content) {
                Ok(pointer) => pointer,
                Err(error) => return Some(format!("this is no pointer to one file: {error}")),
            };
            match news.pointers.get(&md5) {
                Some((other, _)) if *other != size => {
                    return Some(format!("the bytes {md5} are {other}, and not {size}"));
                }
                Some(_) => {}
                None => drop(news.pointers.insert(md5, (size, path.to_owned()))),
            }
            None
        }
        Purpose::Config => config::fault(content, remote),
        // Of what was drawn, only what was here before comes so far.
        Purpose::Text | Purpose::Annotations => {
            let is_text = std::str::from_utf8(content).is_ok() && !content.contains(&0);
            (!is_text).then(|| "it is no text in UTF-8; files come as pointers, by `dvc add`".to_owned())
        }
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
        // Whatever could be taken for an address of this site has to be exactly that of who pushes.
        let is_ours = email.trim().to_ascii_lowercase().ends_with(MAIL_HOST);
        if is_person && is_ours && user_of(email) != Some(user) {
            return Some("it says that somebody else of this site has made it");
        }
    }
    None
}

/// What `diff-tree` says, as entries. What only goes is none.
fn entries<'a>(differences: &'a [u8], faults: &mut Faults) -> Result<Vec<Entry<'a>>> {
    let mut entries = Vec::new();
    for difference in each_difference(differences) {
        let difference = difference?;
        if difference.mode == "000000" {
            continue;
        }
        if faults.len() >= MAX_FAULTS {
            break;
        }
        if entries.len() >= MAX_ENTRIES {
            faults.push(format!(
                "one push changes at most {MAX_ENTRIES} files and texts, commit by commit; push in parts"
            ));
            break;
        }
        let (commit, object) = (difference.commit, difference.object);
        let Ok(path) = std::str::from_utf8(difference.path) else {
            faults.push(fault_at(commit, &String::from_utf8_lossy(difference.path), "the path is no UTF-8"));
            continue;
        };
        let found = match difference.mode {
            "100644" | "100755" => purpose(path),
            "120000" => Err("it is a link, and links are not kept here".to_owned()),
            "160000" => Err("it is another repository, and those are not kept here".to_owned()),
            _ => Err("it is no plain file".to_owned()),
        };
        match found {
            Ok(purpose) => entries.push(Entry { commit, path, object, purpose }),
            Err(what) => faults.push(fault_at(commit, path, what)),
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
            commit("a <8@users.ocellus.invalid > 1 +0200", "").into_bytes(),
            commit("a <8@Users.Ocellus.invalid> 1 +0200", "").into_bytes(),
            commit("a\r <b> 1 +0200", "").into_bytes(),
            commit("a <b> 1 +0200\nencoding UTF-7", "").into_bytes(),
            [commit("a <b> 1 +0200", "").into_bytes(), vec![0xff]].concat(),
        ] {
            assert!(fault_of_words(&wrong, 7).is_some(), "{}", String::from_utf8_lossy(&wrong));
        }
    }

    #[test]
    fn a_message_shows_as_much_as_can_be_read() {
        assert_eq!(shown("a/ü.png"), "a/ü.png");
        let fault = fault_at(&"1".repeat(40), &"ü".repeat(5000), "x".repeat(5000));
        assert!(fault.starts_with("commit 1111111111: `üü") && fault.ends_with("xx…"), "{fault}");
        assert!(fault.chars().count() < 450, "{fault}");
    }
}
