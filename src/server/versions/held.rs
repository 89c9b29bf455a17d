//! Holding a dataset: one writer at a time, an index that describes the newest commit, and commits that the index follows.

use super::journal::{self, Beside};
use super::{ALL_FILES, DVC_SETTINGS, bytes, person, settings, to_the_end};
use crate::model::limits::check_text;
use crate::model::version::MAX_MESSAGE;
use crate::model::{Account, AppError, Committed, Role};
use crate::server::context::{RequestContext, now_s};
use crate::server::errors::internal;
use crate::server::git::{Change, Edit, Lock, MAIL_HOST, NewCommit, Person, Repository, user_of};
use crate::server::state::AppState;
use crate::server::store;
use crate::server::store::audit::Actor;
use crate::server::store::dataset_index::{Prepared, Step, advance};
use std::collections::BTreeMap;

/// A dataset that nobody else changes meanwhile, and whose index describes its newest commit.
pub struct Held {
    pub(super) state: AppState,
    pub(super) dataset: i64,
    pub(super) repository: Repository,
    pub(super) lock: Lock,
    pub(super) head: Option<String>,
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
pub(super) async fn hold_for_site(state: &AppState, dataset: i64) -> Result<Held, AppError> {
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
    pub(super) async fn as_it_is(state: &AppState, dataset: i64) -> Result<Self, AppError> {
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
    pub(super) async fn is_ahead_of(&self, index: Option<&str>) -> Result<bool, AppError> {
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
        let note = journal::read(self, index);
        let beside = match &note {
            Some(note) => note.beside(),
            None => {
                let author = self.repository.author_email(to).await?;
                let actor = Actor { user: user_of(&author), at: now_s() };
                Beside { actor, prepared: None, pushed: false }
            }
        };
        let Beside { actor, prepared, pushed } = beside;
        let step = Step { dataset: self.dataset, from: index, to, changes: &changes, actor, prepared, pushed };
        match advance(&self.state.db, &step).await {
            // What its words named may be gone by now; its file is here all the same.
            Err(error) if prepared.is_some() => {
                tracing::error!(%error, dataset = self.dataset, "a picture comes without what was said of it");
                advance(&self.state.db, &Step { prepared: None, ..step }).await?;
            }
            outcome => outcome?,
        }
        journal::forget(self);
        Ok(())
    }

    /// In what the files of a commit differ from the index.
    pub(super) async fn deviations(&self, commit: &str) -> Result<Vec<Change>, AppError> {
        let rows = store::dataset_files::below(&self.state.db, self.dataset, "", ALL_FILES).await?;
        let files = self.repository.files(commit, "").await?;
        let pointers = self.repository.pointers(&files).await?;
        let mut changes: BTreeMap<String, Change> = BTreeMap::new();
        for (file, pointer) in files.into_iter().zip(pointers) {
            let change = Change { path: file.path.clone(), before: None, after: pointer };
            changes.insert(file.path, change);
        }
        for row in rows {
            let before = row.pointer();
            let path = row.path.clone();
            let change = changes.entry(row.path).or_insert_with(|| Change { path, before: None, after: None });
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
        let whole = async move {
            let Work { message, edits, prepared } = work;
            let parent = self.head.as_deref();
            let settings = self.lacking_settings().await?;
            let commit = NewCommit {
                parent,
                author: &author,
                at: actor.at,
                message: &message,
                edits: &edits,
                texts: &[],
                settings: &settings,
            };
            let beside = Beside { actor, prepared: prepared.as_ref(), pushed: false };
            journal::write(&self, beside)?;
            let to = self.repository.commit(&self.lock, &commit).await?;
            let changed = self.follow(&to, beside).await?;
            Ok(Committed { commit: to, changed })
        };
        to_the_end("a commit", whole).await
    }

    /// The files of Git and DVC that a commit of the site brings: those that the newest one lacks, if it does not say where DVC finds
    /// the bytes. So it is with the first one, and after a push that began without any.
    pub(super) async fn lacking_settings(&self) -> Result<Vec<(&'static str, String)>, AppError> {
        let mut lacking = settings(&self.state.config.public_url, self.dataset).to_vec();
        if let Some(head) = self.head() {
            let paths: Vec<&str> = lacking.iter().map(|(path, _)| *path).collect();
            let kinds = self.repository.kinds(head, &paths).await?;
            let there: Vec<&str> = paths.into_iter().zip(kinds).filter_map(|(path, is)| is.map(|_| path)).collect();
            if there.contains(&DVC_SETTINGS) {
                return Ok(Vec::new());
            }
            lacking.retain(|(path, _)| !there.contains(path));
        }
        Ok(lacking)
    }

    /// Takes the index to the commit that has just been made on the one before, and gives how many files have changed.
    pub(super) async fn follow(&self, to: &str, beside: Beside<'_>) -> Result<i64, AppError> {
        let from = self.head.as_deref();
        let changes = self.repository.changes(from, to).await?;
        let Beside { actor, prepared, pushed } = beside;
        let step = Step { dataset: self.dataset, from, to, changes: &changes, actor, prepared, pushed };
        advance(&self.state.db, &step).await?;
        journal::forget(self);
        let repository = self.repository.clone();
        tokio::spawn(async move {
            if let Err(error) = repository.tidy().await {
                tracing::warn!(%error, "a repository could not be packed");
            }
        });
        Ok(i64::try_from(changes.len()).unwrap_or(i64::MAX))
    }
}
