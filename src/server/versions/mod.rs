//! Versions of datasets: every change to files is a commit.
//!
//! Whoever changes something holds the dataset ([`Held`]). The order is: bytes that are safe, rows that let commits mention them,
//! the commit in Git, and in one transaction the index over it with the pictures ([`store::dataset_index`]). What a crash leaves
//! between the last two is healed by whoever holds the dataset next, and at the start: Git is right.

pub mod archive;
pub mod bytes;
pub mod check;
mod differences;
mod drawn;
pub mod folders;
mod held;
mod journal;
pub mod pictures;
pub mod pictures_at;
mod plan;
pub mod push;
pub mod reading;
mod readme;

use super::context::{RequestContext, now_s};
use super::errors::internal;
use super::git::{Change, GitError, MAIL_HOST, NewTag, Person};
use super::state::AppState;
use super::store::audit::Actor;
use super::store::{self, StoreError};
use crate::model::limits::check_text;
use crate::model::version::{MAX_MESSAGE, check_tag_name};
use crate::model::{Account, AppError, Committed, FileChange, Role, VersionTag};
use tracing::Instrument;

use held::hold_for_site;
pub use held::{Held, Work, hold};

/// More files than any dataset has.
const ALL_FILES: u64 = i64::MAX as u64;

/// Where DVC reads where the bytes are.
const DVC_SETTINGS: &str = ".dvc/config";

/// As whom somebody makes commits and tags.
fn person(account: &Account) -> Person {
    Person { name: account.username.clone(), email: format!("{}{MAIL_HOST}", account.id) }
}

/// Where DVC finds the bytes of a dataset.
fn settings_remote(public_url: &str, dataset: i64) -> String {
    format!("{public_url}/api/v1/datasets/{dataset}/dvc")
}

/// What stands in a repository so that DVC finds the bytes, and Git leaves them to it.
fn settings(public_url: &str, dataset: i64) -> [(&'static str, String); 2] {
    let remote = format!(
        "[core]\n    remote = ocellus\n['remote \"ocellus\"']\n    url = {}\n    method = PUT\n",
        settings_remote(public_url, dataset)
    );
    let ignored = "# Git keeps the pointers; DVC brings the files.\n*\n!*/\n!*.dvc\n!/.dvc/config\n!/.gitignore\n";
    [(DVC_SETTINGS, remote), (".gitignore", ignored.to_owned())]
}

/// Does something as a whole, although whoever asked may go away in the middle.
async fn to_the_end<T: Send + 'static>(
    what: &str,
    whole: impl Future<Output = Result<T, AppError>> + Send + 'static,
) -> Result<T, AppError> {
    let done = tokio::spawn(whole.in_current_span()).await;
    done.unwrap_or_else(|error| Err(internal(what, &error)))
}

/// The same on a thread of its own: what keeps a processor busy holds up nobody who is answered meanwhile.
async fn to_the_end_aside<T: Send + 'static>(
    what: &str,
    whole: impl Future<Output = Result<T, AppError>> + Send + 'static,
) -> Result<T, AppError> {
    let (runtime, whole) = (tokio::runtime::Handle::current(), whole.in_current_span());
    let done = tokio::task::spawn_blocking(move || runtime.block_on(whole)).await;
    done.unwrap_or_else(|error| Err(internal(what, &error)))
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
    // One that has brought texts alone changes no file.
    let edits = if changes.is_empty() { Vec::new() } else { plan::edits(&held, &changes).await? };
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
    let mut held = hold(context, dataset, Role::Maintainer, "name versions of this dataset").await?;
    let faults = [check_tag_name(name), check_text("message", message, MAX_MESSAGE)];
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    if !faults.is_empty() {
        return Err(AppError::fields(faults));
    }
    let at = reading::resolve(&context.state, &context.viewer, dataset, reference).await?;
    let mut commit =
        at.ok_or_else(|| AppError::Conflict("this dataset has no commit yet that could be named".to_owned()))?.commit;
    if held.repository.tagged(name).await?.is_some() {
        return Err(GitError::TagExists.into());
    }
    let (name, message) = (name.to_owned(), message.to_owned());
    let whole = async move {
        let (author, at) = (person(&account), now_s());
        // Of an earlier state nobody knows any more what was drawn then.
        if held.head.as_ref() == Some(&commit) {
            held.keep_drawn(&author, Actor::user(account.id, at), &name).await?;
            commit = held.head.clone().unwrap_or(commit);
        }
        let tag = NewTag { name: &name, commit: &commit, author: &author, at, message: &message };
        held.repository.tag(&held.lock, &tag).await?;
        let actor = Actor::user(account.id, at);
        let details = format!("tag {name}");
        store::datasets::record_if_borrowed(&held.state.db, dataset, Role::Maintainer, actor, &details).await?;
        let (message, author_id) = (message.trim_end().to_owned(), Some(account.id));
        Ok(VersionTag { name, commit, message, author: account.username, author_id, author_known: true, at })
    };
    to_the_end("a tag", whole).await
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
    // A dataset without half of its pictures is nobody's wish.
    let whole = async move {
        let lock = repository.lock().await?;
        store::datasets::delete(&db, &viewer, dataset, user, actor).await?;
        repository.remove(&lock).map_err(|error| internal("removing a repository", &error))
    };
    to_the_end("deleting a dataset", whole).await
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
