//! `git push`: commits that somebody has made elsewhere, and tags. All of it is taken, or nothing.

use super::journal::{self, Beside};
use super::{Held, hold, settings_remote, to_the_end_aside};
use crate::model::version::{BRANCH, MAX_CHANGES, check_tag_name};
use crate::model::{AppError, Role};
use crate::server::context::{RequestContext, actor};
use crate::server::git::protocol::{Asked, Report, Update};
use crate::server::git::{GitError, Incoming, News, Rules, Spooled, shown};
use crate::server::store::audit::Actor;
use crate::server::store::{self, dataset_files};
use std::collections::BTreeMap;

/// So many missing files are named.
const NAMED: usize = 100;
/// What a push needs, in words.
pub const WHAT: &str = "push to this dataset";
/// What one of tags needs.
const WHAT_WITH_TAGS: &str = "name versions of this dataset";

/// Why updates are not made: for each of some references the reason, and what is to be read beside it.
#[derive(Debug, Default)]
struct Refusal {
    reasons: BTreeMap<String, String>,
    messages: Vec<String>,
}

impl Refusal {
    fn of(update: &Update, reason: impl Into<String>) -> Self {
        Self { reasons: [(update.reference.clone(), reason.into())].into(), messages: Vec::new() }
    }

    /// Of one reference, with more to read.
    fn with(update: &Update, reason: &str, messages: Vec<String>) -> Self {
        Self { messages, ..Self::of(update, reason) }
    }

    fn report(self, asked: &Asked) -> Report {
        let outcome = |update: &Update| {
            let other = || "another reference was refused, and all are taken or none".to_owned();
            let reason = self.reasons.get(&update.reference).cloned().unwrap_or_else(other);
            (update.reference.clone(), Err(reason))
        };
        Report { updates: asked.updates.iter().map(outcome).collect(), messages: self.messages, unpacked: Ok(()) }
    }
}

/// What is asked for, sorted.
struct Wanted<'a> {
    branch: Option<&'a Update>,
    /// New tags: name, update.
    tags: Vec<(&'a str, &'a Update)>,
}

/// What can never be, whatever is sent.
fn wanted(asked: &Asked) -> Result<Wanted<'_>, Refusal> {
    let mut wanted = Wanted { branch: None, tags: Vec::new() };
    let mut refusal = Refusal::default();
    for update in &asked.updates {
        let tag = update.reference.strip_prefix("refs/tags/");
        let reason = match tag {
            _ if update.new.is_none() => Some("nothing is deleted from a history".to_owned()),
            Some(_) if update.old.is_some() => Some("there is a tag of this name, and tags never move".to_owned()),
            Some(name) => check_tag_name(name).map(|fault| format!("the name of a tag {}", fault.message)),
            None if update.reference == Incoming::branch() => None,
            None => Some(format!("there is one branch here, `{BRANCH}`, beside tags")),
        };
        match (reason, tag) {
            (Some(reason), _) => drop(refusal.reasons.insert(update.reference.clone(), reason)),
            (None, Some(name)) => wanted.tags.push((name, update)),
            (None, None) => wanted.branch = Some(update),
        }
    }
    if refusal.reasons.is_empty() { Ok(wanted) } else { Err(refusal) }
}

/// What can be said before any object has come. None where it may go on.
pub async fn refused(context: &RequestContext, dataset: i64, asked: &Asked) -> Result<Option<Report>, AppError> {
    let wanted = match wanted(asked) {
        Ok(wanted) => wanted,
        Err(refusal) => return Ok(Some(refusal.report(asked))),
    };
    let Some((_, first)) = wanted.tags.first() else { return Ok(None) };
    let (db, account) = (&context.state.db, context.writer()?);
    match store::datasets::require(db, &context.viewer, dataset, account.id, Role::Maintainer, WHAT_WITH_TAGS).await {
        Ok(()) => Ok(None),
        Err(store::StoreError::Forbidden(why)) => Ok(Some(Refusal::of(first, why).report(asked))),
        Err(error) => Err(error.into()),
    }
}

/// Says that the objects are not taken.
pub fn not_unpacked(asked: &Asked, why: String) -> Report {
    let none = || Err("the objects were not taken".to_owned());
    let updates = asked.updates.iter().map(|update| (update.reference.clone(), none())).collect();
    Report { messages: Vec::new(), unpacked: Err(why), updates }
}

/// Takes what has come, or tells why not.
pub async fn take(context: RequestContext, dataset: i64, asked: Asked, pack: Spooled) -> Result<Report, AppError> {
    let place = context.state.pushes.take(context.state.db.caller()).await?;
    let whole = async move {
        let _place = place;
        let wanted = match wanted(&asked) {
            Ok(wanted) => wanted,
            Err(refusal) => return Ok(refusal.report(&asked)),
        };
        // The dataset may be gone by now, and nobody brings it back.
        let (account, repository) = (context.writer()?, context.state.repositories.of(dataset));
        store::datasets::require(&context.state.db, &context.viewer, dataset, account.id, Role::Writer, WHAT).await?;
        if wanted.branch.is_some() {
            repository.ensure().await?;
        } else if let Some((_, first)) = wanted.tags.first().filter(|_| !repository.exists()) {
            return Ok(Refusal::of(first, names_no_commit()).report(&asked));
        }
        let incoming = match repository.receive(pack).await {
            Ok(incoming) => incoming,
            Err(GitError::Refused(why)) => return Ok(not_unpacked(&asked, why)),
            Err(error) => return Err(error.into()),
        };
        Ok(match take_wanted(&context, dataset, &wanted, incoming).await? {
            Err(refusal) => refusal.report(&asked),
            Ok(messages) => {
                let updates = asked.updates.iter().map(|update| (update.reference.clone(), Ok(()))).collect();
                Report { messages, unpacked: Ok(()), updates }
            }
        })
    };
    to_the_end_aside("a push", whole).await
}

fn names_no_commit() -> String {
    format!("a tag names a commit of the branch `{BRANCH}`; push that as well")
}

/// The inner error says why it is not taken, the outer one that nobody can say.
async fn take_wanted(
    context: &RequestContext,
    dataset: i64,
    wanted: &Wanted<'_>,
    incoming: Incoming,
) -> Result<Result<Vec<String>, Refusal>, AppError> {
    let updates: Vec<&Update> =
        wanted.branch.into_iter().chain(wanted.tags.iter().map(|(_, update)| *update)).collect();
    let Some(any) = updates.first() else { return Ok(Ok(Vec::new())) };
    let user = context.writer()?.id;
    let mut named = Vec::with_capacity(wanted.tags.len());
    for (_, update) in &wanted.tags {
        match incoming.commit_of(update.new.as_deref().unwrap_or_default(), user).await? {
            Ok(commit) => named.push(commit),
            Err(faults) => return Ok(Err(Refusal::with(update, "it names no commit", faults))),
        }
    }
    let newest = wanted.branch.and_then(|update| update.new.as_deref());
    let tips: Vec<&str> = newest.into_iter().chain(named.iter().map(String::as_str)).collect();
    let ids: Vec<&str> = updates.iter().filter_map(|update| update.new.as_deref()).collect();
    let remote = settings_remote(&context.state.config.public_url, dataset);
    let news = match incoming.check(&ids, &tips, Rules { remote: &remote, user }).await? {
        Ok(news) => news,
        Err(faults) => return Ok(Err(Refusal::with(any, "the commits hold what is not kept here", faults))),
    };
    let missing = missing(context, dataset, news).await?;
    if !missing.is_empty() {
        return Ok(Err(Refusal::with(any, "files are missing; run `dvc push` first", missing)));
    }

    // What was asked before may have been long ago.
    let (role, what) = match wanted.tags.is_empty() {
        true => (Role::Writer, WHAT),
        false => (Role::Maintainer, WHAT_WITH_TAGS),
    };
    let held = match hold(context, dataset, role, what).await {
        Err(AppError::Forbidden(why)) => return Ok(Err(Refusal::of(any, why))),
        held => held?,
    };
    if let Some(refusal) = refused_now(&held, wanted, &named, &incoming).await? {
        return Ok(Err(refusal));
    }
    accept(context, held, wanted, incoming).await.map(Ok)
}

/// Names the files whose bytes the dataset does not have.
async fn missing(context: &RequestContext, dataset: i64, news: News) -> Result<Vec<String>, AppError> {
    let sums = news.pointers.keys().cloned().collect();
    let known = dataset_files::known(&context.state.db, dataset, &sums).await?;
    let mut lines = Vec::new();
    let mut count = 0;
    for (md5, (size, path)) in &news.pointers {
        let path = shown(path);
        let line = match known.get(md5).map(|kept| kept.blob.size) {
            Some(is) if u64::try_from(is) == Ok(*size) => continue,
            Some(is) => format!("  {path}: its pointer says {size} bytes, but {md5} has {is}"),
            None => format!("  {path} (MD5 {md5}, {size} bytes)"),
        };
        count += 1;
        if count <= NAMED {
            lines.push(line);
        }
    }
    if count > NAMED {
        lines.push(format!("  and {} more", count - NAMED));
    }
    if count > 0 {
        lines.insert(0, "The commits name files that this dataset does not have:".to_owned());
    }
    Ok(lines)
}

/// What can only be said while nobody else changes the dataset.
async fn refused_now(
    held: &Held,
    wanted: &Wanted<'_>,
    named: &[String],
    incoming: &Incoming,
) -> Result<Option<Refusal>, AppError> {
    let (head, seen) = (held.head(), incoming.seen());
    let mut newest = head;
    if let Some(update) = wanted.branch {
        let new = update.new.as_deref().unwrap_or_default();
        if update.old.as_deref() != head {
            let why = "fetch first: somebody else has changed the dataset meanwhile";
            return Ok(Some(Refusal::of(update, why)));
        }
        if let Some(head) = head
            && !seen.is_ancestor(head, new).await?
        {
            let why = "non-fast-forward: no commit is ever taken away; fetch, and merge or rebase";
            return Ok(Some(Refusal::of(update, why)));
        }
        let drawn = match head {
            Some(head) => held.repository.texts_tree(head).await?,
            None => None,
        };
        if seen.texts_tree(new).await? != drawn {
            let why = "what is drawn is changed on the site: leave `.ocellus` as it is on the branch";
            return Ok(Some(Refusal::of(update, why)));
        }
        if seen.changes(head, new).await?.len() > MAX_CHANGES {
            let why = format!("one push changes at most {MAX_CHANGES} files; push in parts");
            return Ok(Some(Refusal::of(update, why)));
        }
        newest = Some(new);
    }
    for ((name, update), commit) in wanted.tags.iter().zip(named) {
        if held.repository.tagged(name).await?.is_some() {
            return Ok(Some(Refusal::of(update, "there is a tag of this name, and tags never move")));
        }
        let belongs = match newest {
            Some(newest) => seen.is_ancestor(commit, newest).await?,
            None => false,
        };
        if !belongs {
            return Ok(Some(Refusal::of(update, names_no_commit())));
        }
    }
    Ok(None)
}

/// Makes the updates, and the index follow.
async fn accept(
    context: &RequestContext,
    held: Held,
    wanted: &Wanted<'_>,
    incoming: Incoming,
) -> Result<Vec<String>, AppError> {
    let who = actor(&context.writer()?);
    let updates: Vec<Update> =
        wanted.branch.into_iter().chain(wanted.tags.iter().map(|(_, update)| *update)).cloned().collect();
    let beside = Beside { actor: who, prepared: None, pushed: true };
    if wanted.branch.is_some() {
        journal::write(&held, beside)?;
    }
    incoming.accept(&held.lock, &updates).await?;
    let mut messages = Vec::new();
    if let Some(to) = wanted.branch.and_then(|update| update.new.as_deref()) {
        match held.follow(to, beside).await {
            Ok(changed) => messages.push(format!("{changed} files of the dataset have changed.")),
            // Git is right, and the next who holds the dataset brings the index there.
            Err(error) => {
                tracing::error!(%error, dataset = held.dataset, "the index does not follow a push yet");
                messages.push("The commits are here; the site shows them a little later.".to_owned());
            }
        }
    }
    for (name, _) in &wanted.tags {
        // The tag is there, whatever becomes of this.
        if let Err(error) = note_tag(&held, who, name).await {
            tracing::error!(%error, dataset = held.dataset, name, user = who.user, "nobody has written down who pushed a tag");
        }
    }
    Ok(messages)
}

/// Writes down who has pushed a tag.
async fn note_tag(held: &Held, who: Actor, name: &str) -> Result<(), store::StoreError> {
    let (db, details) = (&held.state.db, format!("tag {name}"));
    store::datasets::record_if_borrowed(db, held.dataset, Role::Maintainer, who, &details).await?;
    store::datasets::record_push(db, held.dataset, who, &details).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(updates: &[(&str, bool, bool)]) -> Asked {
        let id = |is: bool, digit: &str| is.then(|| digit.repeat(40));
        let update = |(reference, old, new): &(&str, bool, bool)| Update {
            reference: (*reference).to_owned(),
            old: id(*old, "1"),
            new: id(*new, "2"),
        };
        Asked { updates: updates.iter().map(update).collect(), ..Asked::default() }
    }

    #[test]
    fn only_the_branch_and_new_tags_can_be_pushed() {
        let fine = asked(&[("refs/heads/main", true, true), ("refs/tags/v1", false, true)]);
        let sorted = wanted(&fine).unwrap();
        assert!(sorted.branch.is_some() && sorted.tags[0].0 == "v1");
        for (reference, old, new) in [
            ("refs/heads/main", true, false),
            ("refs/heads/other", false, true),
            ("refs/heads/main/x", false, true),
            ("HEAD", true, true),
            ("refs/tags/v1", true, true),
            ("refs/tags/v1", true, false),
            ("refs/tags/main", false, true),
            ("refs/tags/a/b", false, true),
            ("refs/notes/x", false, true),
            ("refs/tags/../heads/main", false, true),
        ] {
            let asked = asked(&[(reference, old, new), ("refs/tags/fine", false, true)]);
            let report = wanted(&asked).err().unwrap_or_else(|| panic!("{reference}")).report(&asked);
            assert!(report.updates.iter().all(|(_, outcome)| outcome.is_err()), "{report:?}");
            assert_eq!(report.updates[1].1, Err("another reference was refused, and all are taken or none".to_owned()));
        }
    }
}
