//! Versions of datasets: every change to files is a commit.
//!
//! Whoever changes something holds the dataset ([`Held`]). The order is: bytes that are safe, rows that let commits mention them,
//! the commit in Git, and in one transaction the index over it with the pictures ([`store::dataset_index`]). What a crash leaves
//! between the last two is healed by whoever holds the dataset next, and at the start: Git is right.

pub mod bytes;
pub mod check;
mod differences;
pub mod folders;
pub mod pictures;
mod plan;
pub mod reading;

use super::context::{RequestContext, now_s};
use super::errors::internal;
use super::git::{Change, Edit, Lock, NewCommit, NewTag, Person, Repository};
use super::state::AppState;
use super::store::audit::Actor;
use super::store::dataset_files::FileRow;
use super::store::dataset_index::{Prepared, Step, advance};
use super::store::{self, StoreError};
use crate::model::limits::check_text;
use crate::model::version::{MAX_MESSAGE, check_tag_name};
use crate::model::{Account, AppError, Committed, FileChange, Role, VersionTag};
use std::collections::BTreeMap;
use tracing::Instrument;

/// What stands behind the number of a user in commits, as in a mail address.
const MAIL_HOST: &str = "@users.ocellus.invalid";
/// More files than any dataset has.
const ALL_FILES: u64 = i64::MAX as u64;

/// As whom somebody makes commits and tags.
fn person(account: &Account) -> Person {
    Person { name: account.username.clone(), email: format!("{}{MAIL_HOST}", account.id) }
}

/// What stands in a repository so that DVC finds the bytes, and Git leaves them to it.
fn settings(public_url: &str, dataset: i64) -> [(&'static str, String); 2] {
    let remote = format!(
        "[core]\n    remote = ocellus\n['remote \"ocellus\"']\n    url = {public_url}/api/v1/datasets/{dataset}/dvc\n    \
         method = PUT\n"
    );
    let ignored = "# Git keeps the pointers; DVC brings the files.\n*\n!*/\n!*.dvc\n!/.dvc/config\n!/.gitignore\n";
    [(".dvc/config", remote), (".gitignore", ignored.to_owned())]
}

/// A dataset that nobody else changes meanwhile, and whose index describes its newest commit.
pub struct Held {
    state: AppState,
    dataset: i64,
    repository: Repository,
    lock: Lock,
    head: Option<String>,
}

/// Waits until nobody else changes a dataset, in which the user has to have this role; the refusal says what was to be done.
pub async fn hold(context: &RequestContext, dataset: i64, needed: Role, what: &str) -> Result<Held, AppError> {
    let (state, account) = (&context.state, context.writer()?);
    let may = || store::datasets::require(&state.db, &context.viewer, dataset, account.id, needed, what);
    may().await?;
    let held = hold_for_site(state, dataset).await?;
    // While waiting, things may have changed.
    may().await?;
    Ok(held)
}

/// The same for the site itself, which may do everything.
async fn hold_for_site(state: &AppState, dataset: i64) -> Result<Held, AppError> {
    state.repositories.of(dataset).ensure().await?;
    Held::as_it_is(state, dataset).await?.healed().await
}

/// A commit to be made.
pub struct Work {
    /// What is done, in words.
    pub message: String,
    /// What changes.
    pub edits: Vec<Edit>,
    /// What is known of a new picture.
    pub prepared: Option<Prepared>,
}

impl Held {
    /// Holds a dataset whose repository is there, whether or not its index is right.
    async fn as_it_is(state: &AppState, dataset: i64) -> Result<Self, AppError> {
        let repository = state.repositories.of(dataset);
        let lock = repository.lock().await?;
        let head = repository.head().await?;
        Ok(Self { state: state.clone(), dataset, repository, lock, head })
    }

    /// The newest commit.
    pub fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    /// Brings the index to the newest commit, if it does not describe that.
    async fn healed(self) -> Result<Self, AppError> {
        let index = store::datasets::head(&self.state.db, self.dataset).await?;
        match (&self.head, &index) {
            (None, None) => return self.with_older_pictures().await,
            (None, Some(_)) => {
                return Err(internal(
                    "the history of a dataset",
                    &format!("the repository of {} is lost", self.dataset),
                ));
            }
            (Some(git), index) if Some(git) != index.as_ref() => {
                if !self.is_ahead_of(index.as_deref()).await? {
                    return Err(internal(
                        "the history of a dataset",
                        &format!("the repository of {} is older than the database", self.dataset),
                    ));
                }
                tracing::warn!(dataset = self.dataset, "the index of a dataset is brought to its newest commit");
                self.reindex(index.as_deref()).await?;
            }
            _ => {}
        }
        Ok(self)
    }

    /// Whether the newest commit comes after the one that the index describes. A crash leaves nothing else; a copy of the repository
    /// that is older than that of the database does, and following that would delete what people did since.
    async fn is_ahead_of(&self, index: Option<&str>) -> Result<bool, AppError> {
        match (index, &self.head) {
            (None, _) => Ok(true),
            (Some(_), None) => Ok(false),
            (Some(index), Some(head)) => Ok(self.repository.is_ancestor(index, head).await?),
        }
    }

    /// Makes the index describe the newest commit, whatever it is like.
    async fn reindex(&self, index: Option<&str>) -> Result<(), AppError> {
        let Some(to) = self.head.as_deref() else { return Ok(()) };
        let changes = self.deviations(to).await?;
        let author = self.repository.author_email(to).await?;
        let user = author.strip_suffix(MAIL_HOST).and_then(|number| number.parse().ok());
        let actor = Actor { user, at: now_s() };
        let step = Step { dataset: self.dataset, from: index, to, changes: &changes, actor, prepared: None };
        Ok(advance(&self.state.db, &step).await?)
    }

    /// In what the files of a commit differ from the index.
    async fn deviations(&self, commit: &str) -> Result<Vec<Change>, AppError> {
        let rows = store::dataset_files::below(&self.state.db, self.dataset, "", ALL_FILES).await?;
        let files = self.repository.files(commit, "").await?;
        let pointers = self.repository.pointers(&files).await?;
        let mut changes: BTreeMap<String, Change> = BTreeMap::new();
        for (file, pointer) in files.into_iter().zip(pointers) {
            let change = Change { path: file.path.clone(), before: None, after: pointer };
            changes.insert(file.path, change);
        }
        for FileRow { path, md5, size, .. } in rows {
            let before = super::git::Pointer { md5, size: u64::try_from(size).unwrap_or_default() };
            let change = changes.entry(path.clone()).or_insert_with(|| Change { path, before: None, after: None });
            change.before = Some(before);
        }
        Ok(changes.into_values().filter(|change| change.before != change.after).collect())
    }

    /// Makes files of the pictures that a dataset had before it had commits: the first commit is theirs.
    async fn with_older_pictures(self) -> Result<Self, AppError> {
        let pictures = store::dataset_files::pictures_without_file(&self.state.db, self.dataset).await?;
        if pictures.is_empty() {
            return Ok(self);
        }
        let edits = pictures
            .iter()
            .map(|(id, kept)| Edit::Put(format!("picture-{id}.{}", kept.blob.extension), bytes::pointer(kept)))
            .collect();
        let kept: Vec<_> = pictures.into_iter().map(|(_, kept)| kept).collect();
        store::dataset_files::insert_kept(&self.state.db, self.dataset, &kept).await?;
        let work = Work { message: "Pictures from before versions".to_owned(), edits, prepared: None };
        let site = Person { name: "Ocellus".to_owned(), email: format!("site{MAIL_HOST}") };
        let (state, dataset) = (self.state.clone(), self.dataset);
        self.commit_as(site, Actor::command_line(now_s()), work).await?;
        Box::pin(hold_for_site(&state, dataset)).await
    }

    /// Makes a commit of what is planned and gives the newest one. Where nothing changes, that is the one before.
    pub async fn commit(self, account: &Account, work: Work) -> Result<Committed, AppError> {
        if let Some(error) = check_text("message", &work.message, MAX_MESSAGE) {
            return Err(AppError::fields(vec![error]));
        }
        self.commit_as(person(account), Actor::user(account.id, now_s()), work).await
    }

    async fn commit_as(self, author: Person, actor: Actor, work: Work) -> Result<Committed, AppError> {
        if work.edits.is_empty() {
            let commit = self.head.ok_or_else(|| AppError::Conflict("there is nothing to commit".to_owned()))?;
            return Ok(Committed { commit, changed: 0 });
        }
        // Whoever asked may go away in the middle; the index follows all the same.
        let whole = async move {
            let Work { message, edits, prepared } = work;
            let parent = self.head.as_deref();
            let settings = settings(&self.state.config.public_url, self.dataset);
            let commit = NewCommit {
                parent,
                author: &author,
                at: actor.at,
                message: &message,
                edits: &edits,
                settings: &settings,
            };
            let to = self.repository.commit(&self.lock, &commit).await?;
            let changes = self.repository.changes(parent, &to).await?;
            let prepared = prepared.as_ref();
            let step = Step { dataset: self.dataset, from: parent, to: &to, changes: &changes, actor, prepared };
            advance(&self.state.db, &step).await?;
            let repository = self.repository.clone();
            tokio::spawn(async move {
                if let Err(error) = repository.tidy().await {
                    tracing::warn!(%error, "a repository could not be packed");
                }
            });
            Ok(Committed { commit: to.clone(), changed: i64::try_from(changes.len()).unwrap_or(i64::MAX) })
        };
        let done = tokio::spawn(whole.in_current_span()).await;
        done.unwrap_or_else(|error| Err(internal("a commit", &error)))
    }
}

/// Does several things with files, as one commit.
pub async fn change(
    context: &RequestContext,
    dataset: i64,
    message: Option<String>,
    changes: Vec<FileChange>,
) -> Result<Committed, AppError> {
    let account = context.writer()?;
    let held = hold(context, dataset, Role::Writer, "change files of this dataset").await?;
    let edits = plan::edits(&held, &changes).await?;
    let message = message.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| plan::in_words(&changes));
    held.commit(&account, Work { message, edits, prepared: None }).await
}

/// Makes a file as it was in an earlier state.
pub async fn restore(
    context: &RequestContext,
    dataset: i64,
    path: String,
    reference: &str,
    message: Option<String>,
) -> Result<Committed, AppError> {
    context.writer()?;
    let then = reading::resolve(&context.state, &context.viewer, dataset, Some(reference)).await?;
    let pointer = reading::pointer(&context.state, dataset, then.as_ref(), &path).await?;
    let message = message.or_else(|| Some(format!("Restore {path} as of {reference}")));
    change(context, dataset, message, vec![FileChange::Put { path, md5: pointer.md5 }]).await
}

/// Undoes what a commit changed, as a new commit. Fails with a conflict if a later one has changed the same files.
pub async fn revert(
    context: &RequestContext,
    dataset: i64,
    commit: &str,
    message: Option<String>,
) -> Result<Committed, AppError> {
    let account = context.writer()?;
    let held = hold(context, dataset, Role::Writer, "change files of this dataset").await?;
    let known = crate::model::version::is_commit_id(commit)
        && held.repository.is_ancestor(commit, held.head().unwrap_or_default()).await?;
    if !known {
        return Err(reading::no_version(commit));
    }
    let info = held.repository.commit_info(commit).await?;
    let undone = held.repository.changes(info.parents.first().map(String::as_str), commit).await?;
    let paths: Vec<&str> = undone.iter().map(|change| change.path.as_str()).collect();
    let now = store::dataset_files::at(&held.state.db, dataset, &paths).await?;
    let mut changes = Vec::with_capacity(undone.len());
    for Change { path, before, after } in undone {
        let (is, was) = (now.get(&path).map(|row| &row.md5), after.as_ref().map(|pointer| &pointer.md5));
        if is != was {
            let message =
                format!("a later commit has changed `{path}`, which this one changed; restore files one by one");
            return Err(AppError::Conflict(message));
        }
        changes.push(match before {
            Some(pointer) => FileChange::Put { path, md5: pointer.md5 },
            None => FileChange::Delete { path },
        });
    }
    let edits = plan::edits(&held, &changes).await?;
    let title = info.message.lines().next().unwrap_or_default();
    let words = || format!("Revert “{title}”\n\nThis undoes commit {commit}.");
    let message = message.filter(|text| !text.trim().is_empty()).unwrap_or_else(words);
    held.commit(&account, Work { message, edits, prepared: None }).await
}

/// Gives a state a name, which stays with it for good.
pub async fn tag(
    context: &RequestContext,
    dataset: i64,
    name: &str,
    reference: Option<&str>,
    message: &str,
) -> Result<VersionTag, AppError> {
    let account = context.writer()?;
    let held = hold(context, dataset, Role::Maintainer, "name versions of this dataset").await?;
    let faults = [check_tag_name(name), check_text("message", message, MAX_MESSAGE)];
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    if !faults.is_empty() {
        return Err(AppError::fields(faults));
    }
    let at = reading::resolve(&context.state, &context.viewer, dataset, reference).await?;
    let commit =
        at.ok_or_else(|| AppError::Conflict("this dataset has no commit yet that could be named".to_owned()))?.commit;
    let (author, at) = (person(&account), now_s());
    let tag = NewTag { name, commit: &commit, author: &author, at, message };
    held.repository.tag(&held.lock, &tag).await?;
    let actor = Actor::user(account.id, at);
    let details = format!("tag {name}");
    store::datasets::record_if_borrowed(&held.state.db, dataset, Role::Maintainer, actor, &details).await?;
    Ok(VersionTag {
        name: name.to_owned(),
        commit,
        message: message.trim_end().to_owned(),
        author: account.username,
        at,
    })
}

/// Deletes a dataset with its pictures, files and history; its owners may.
pub async fn delete(context: &RequestContext, dataset: i64) -> Result<(), AppError> {
    let (state, account) = (&context.state, context.writer()?);
    let (db, viewer, actor) = (&state.db, &context.viewer, Actor::user(account.id, now_s()));
    store::datasets::require(db, viewer, dataset, account.id, Role::Owner, "delete this dataset").await?;
    let repository = state.repositories.of(dataset);
    if !repository.exists() {
        return Ok(store::datasets::delete(db, viewer, dataset, account.id, actor).await?);
    }
    let (db, viewer, user) = (db.clone(), viewer.clone(), account.id);
    // Whoever asked may go away in the middle; a dataset without half of its pictures is nobody's wish.
    let whole = async move {
        let lock = repository.lock().await?;
        store::datasets::delete(&db, &viewer, dataset, user, actor).await?;
        repository.remove(&lock).map_err(|error| internal("removing a repository", &error))
    };
    let done = tokio::spawn(whole.in_current_span()).await;
    done.unwrap_or_else(|error| Err(internal("deleting a dataset", &error)))
}

/// Heals every dataset that a crash has left between Git and the index, and gives pictures from before versions their files.
pub async fn heal_all(state: &AppState) -> Result<(), AppError> {
    for (dataset, index) in store::datasets::heads(&state.db).await? {
        // One that cannot be healed keeps nobody from the others.
        if let Err(error) = heal(state, dataset, index).await {
            tracing::error!(%error, dataset, "a dataset could not be healed");
        }
    }
    Ok(())
}

async fn heal(state: &AppState, dataset: i64, index: Option<String>) -> Result<(), AppError> {
    let head = state.repositories.of(dataset).head().await?;
    let is_due = match (&index, &head) {
        (None, None) => !store::dataset_files::pictures_without_file(&state.db, dataset).await?.is_empty(),
        (index, head) => index != head,
    };
    if is_due { hold_for_site(state, dataset).await.map(drop) } else { Ok(()) }
}

/// What is said of a file that is not there.
fn no_file(path: &str) -> AppError {
    StoreError::NotFound(format!("there is no file `{path}` in this state of the dataset")).into()
}
