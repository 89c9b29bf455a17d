//! Looking at states of a dataset: files, commits, tags and differences.

use super::{differences, drawn, no_file};
use crate::model::batch::There;
use crate::model::limits::check_text;
use crate::model::version::{BRANCH, MAX_PATH, check_path, is_commit_id};
use crate::model::{
    AppError, Commit, CommitDetail, Comparison, DatasetFile, Differences, FileList, Page, PageRequest, Region, Role,
    SiteAccess, VersionTag, Viewer,
};
use crate::server::git::{self, Pointer, Repository};
use crate::server::state::AppState;
use crate::server::store::dataset_files::{self, FileRow, Kept};
use crate::server::store::{self, Db, Place};
use std::collections::BTreeSet;

/// So many paths are looked up at once: those of a thousand files, and of the folders above them.
const MAX_LOOKED_UP: usize = 20_000;

/// A state of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// Its commit.
    pub commit: String,
    /// Whether it is the newest one that the index describes.
    pub newest: bool,
    /// Whether it was asked for by a name that never means another one.
    pub fixed: bool,
}

/// What is said of a state that does not exist.
pub(super) fn no_version(reference: &str) -> AppError {
    let named: String = reference.chars().take(100).collect();
    AppError::NotFound(format!("this dataset has no tag and no commit `{named}`"))
}

/// The state that is meant by a tag, by a commit of the dataset's history, or without either by nothing or `main`: the newest one,
/// which a dataset without commits does not have. Fails unless the viewer may see the dataset.
pub async fn resolve(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
) -> Result<Option<At>, AppError> {
    let head = store::datasets::head_of(&state.db, viewer, dataset).await?;
    let reference = match reference {
        None | Some("" | BRANCH) => return Ok(head.map(|commit| At { commit, newest: true, fixed: false })),
        Some(reference) => reference,
    };
    let (Some(head), repository) = (head, state.repositories.of(dataset)) else { return Err(no_version(reference)) };
    let commit = if is_commit_id(reference) {
        repository.is_ancestor(reference, &head).await?.then(|| reference.to_owned())
    } else {
        repository.tagged(reference).await?
    };
    let commit = commit.ok_or_else(|| no_version(reference))?;
    Ok(Some(At { newest: commit == head, commit, fixed: true }))
}

/// Waits for a turn to read from a history: programs are begun for that.
pub(super) async fn place(state: &AppState) -> Result<Place, AppError> {
    Ok(state.history_reads.take(state.db.caller()).await?)
}

/// The same where the newest state is not meant, which the index knows.
pub(super) async fn place_for(state: &AppState, reference: Option<&str>) -> Result<Option<Place>, AppError> {
    match reference {
        None | Some("" | BRANCH) => Ok(None),
        Some(_) => place(state).await.map(Some),
    }
}

/// A state that has to be there.
async fn existing(state: &AppState, viewer: &Viewer, dataset: i64, reference: &str) -> Result<At, AppError> {
    resolve(state, viewer, dataset, Some(reference)).await?.ok_or_else(|| no_version(reference))
}

/// A part of the files of a state whose paths begin with `prefix`.
pub async fn files(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    prefix: &str,
    page: PageRequest,
) -> Result<FileList, AppError> {
    let _place = place_for(state, reference).await?;
    let at = resolve(state, viewer, dataset, reference).await?;
    if let Some(error) = check_text("prefix", prefix, MAX_PATH) {
        return Err(AppError::fields(vec![error]));
    }
    let at = match at {
        Some(at) if !at.newest => at,
        at => {
            let list = dataset_files::list(&state.db, dataset, prefix, page).await?;
            match at {
                // Somebody has made a commit since the state was looked up.
                Some(at) if at.fixed && list.commit.as_ref() != Some(&at.commit) => at,
                _ => return Ok(list),
            }
        }
    };
    let mut files = state.repositories.of(dataset).files(&at.commit, prefix).await?;
    let total = i64::try_from(files.len()).unwrap_or(i64::MAX);
    files.drain(..(page.offset.max(0) as usize).min(files.len()));
    files.truncate(page.limit.max(0) as usize);
    let items = described(state, dataset, files).await?;
    let files = Page { items, total, offset: page.offset, limit: page.limit };
    Ok(FileList { commit: Some(at.commit), files })
}

/// The files of the newest state at these paths. What can be no path has no file.
pub async fn files_at(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    paths: &[String],
) -> Result<Vec<There>, AppError> {
    if paths.len() > MAX_LOOKED_UP {
        return Err(AppError::field("paths", format!("must be at most {MAX_LOOKED_UP}")));
    }
    resolve(state, viewer, dataset, None).await?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).filter(|path| check_path("path", path).is_none()).collect();
    let found = dataset_files::at(&state.db, dataset, &paths).await?;
    let there =
        |row: FileRow| There { path: row.path, size: u64::try_from(row.size).unwrap_or_default(), md5: row.md5 };
    Ok(found.into_values().map(there).collect())
}

/// The paths of all files of a state with the MD5 of their bytes, in the order of the paths.
pub async fn sums(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
) -> Result<(At, Vec<(String, String)>), AppError> {
    let _place = place_for(state, reference).await?;
    let at = resolve(state, viewer, dataset, reference).await?.ok_or_else(|| no_version(BRANCH))?;
    if at.newest {
        let rows = dataset_files::below(&state.db, dataset, "", super::ALL_FILES).await?;
        // Asked afterwards: somebody may have made a commit since the state was looked up.
        if store::datasets::head(&state.db, dataset).await?.as_ref() == Some(&at.commit) {
            return Ok((at, sorted(rows.into_iter().map(|row| (row.path, row.md5)))));
        }
    }
    let repository = state.repositories.of(dataset);
    let files = repository.files(&at.commit, "").await?;
    let pointers = repository.pointers(&files).await?;
    let sums = files.into_iter().zip(pointers).filter_map(|(file, pointer)| Some((file.path, pointer?.md5)));
    Ok((at, sorted(sums)))
}

fn sorted(files: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut files: Vec<_> = files.collect();
    files.sort_unstable();
    files
}

/// What is known of files of an earlier state.
pub(super) async fn described(
    state: &AppState,
    dataset: i64,
    files: Vec<git::ListedFile>,
) -> Result<Vec<DatasetFile>, AppError> {
    let pointers = state.repositories.of(dataset).pointers(&files).await?;
    let row = |(file, pointer): (git::ListedFile, Option<Pointer>)| {
        let Pointer { md5, size } = pointer?;
        Some(FileRow { path: file.path, md5, size: i64::try_from(size).unwrap_or(i64::MAX), picture: None })
    };
    let rows = files.into_iter().zip(pointers).filter_map(row).collect();
    Ok(dataset_files::describe(&state.db, dataset, rows).await?)
}

/// Which bytes the file at this path has in a state. Whoever calls has made sure that the viewer may see the dataset.
pub(super) async fn pointer(state: &AppState, dataset: i64, at: Option<&At>, path: &str) -> Result<Pointer, AppError> {
    let missing = || no_file(path);
    let at = at.filter(|_| check_path("path", path).is_none()).ok_or_else(missing)?;
    let in_git = async || state.repositories.of(dataset).pointer(&at.commit, path).await?.ok_or_else(missing);
    if !at.newest {
        return in_git().await;
    }
    let row = dataset_files::at(&state.db, dataset, &[path]).await?.remove(path);
    // Asked afterwards: the row is of this commit if that still is the newest one, which none ever is again.
    if at.fixed && store::datasets::head(&state.db, dataset).await?.as_ref() != Some(&at.commit) {
        return in_git().await;
    }
    let row = row.ok_or_else(missing)?;
    Ok(row.pointer())
}

/// The bytes of a file, and how they may be handed out.
#[derive(Clone, Debug)]
pub struct Found {
    /// The bytes.
    pub kept: Kept,
    /// The storage site of the dataset, if it has one.
    pub site: Option<i64>,
    /// Their media type.
    pub media_type: String,
    /// Whether the address will always mean these bytes.
    pub fixed: bool,
    /// Whether the viewer may know where a picture was taken.
    pub may_tell_place: bool,
}

/// The file at this path in a state.
pub async fn file(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    path: &str,
) -> Result<Found, AppError> {
    let _place = place_for(state, reference).await?;
    let at = resolve(state, viewer, dataset, reference).await?;
    let pointer = pointer(state, dataset, at.as_ref(), path).await?;
    let site = store::site_choice::of_dataset(&state.db, viewer, dataset, SiteAccess::Read).await?;
    let kept = dataset_files::known_by(&state.db, dataset, &pointer.md5).await?.ok_or_else(|| {
        crate::server::errors::internal("reading a file of a dataset", &format!("the bytes {} are lost", pointer.md5))
    })?;
    let media_type = dataset_files::media_type(path, &kept.blob.media_type);
    let may_tell_place = may_tell_place(state, viewer, dataset, &kept).await?;
    Ok(Found { kept, site, media_type, fixed: at.is_some_and(|at| at.fixed), may_tell_place })
}

/// What is drawn on the picture at this path. In a named or earlier state, that is what was drawn when the state's last version was
/// named.
pub async fn annotations(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    path: &str,
) -> Result<Vec<Region>, AppError> {
    let _place = place_for(state, reference).await?;
    let at = resolve(state, viewer, dataset, reference).await?;
    if let Some(At { commit, fixed: true, .. }) = &at {
        let pointer = pointer(state, dataset, at.as_ref(), path).await?;
        return drawn::at(&state.repositories.of(dataset), commit, path, &pointer.md5).await;
    }
    let row = dataset_files::at(&state.db, dataset, &[path]).await?.remove(path).ok_or_else(|| no_file(path))?;
    match row.picture {
        Some(picture) => Ok(store::regions::annotations(&state.db, viewer, picture).await?.regions),
        None => Ok(Vec::new()),
    }
}

/// Writers know what they put in. To others a picture tells its place if those tell it that they can see, and there are such.
pub async fn may_tell_place(state: &AppState, viewer: &Viewer, dataset: i64, kept: &Kept) -> Result<bool, AppError> {
    if !state.config.strip_location || store::datasets::role_of(&state.db, viewer, dataset).await? >= Some(Role::Writer)
    {
        return Ok(true);
    }
    let hash = &kept.blob.hash;
    let seen = store::blobs::visible(&state.db, viewer, hash).await?.is_some();
    Ok(seen && store::blobs::keeps_place(&state.db, viewer, hash).await?)
}

/// Puts the names that accounts have now in place of those that they had when they made something: who has closed an account has chosen
/// what is shown instead.
async fn name_authors(db: &Db, authors: Vec<(Option<i64>, &mut String)>) -> Result<(), AppError> {
    let ids: BTreeSet<i64> = authors.iter().filter_map(|(id, _)| *id).collect();
    let names = store::users::usernames(db, &ids.into_iter().collect::<Vec<_>>()).await?;
    for (id, author) in authors {
        if let Some(name) = id.and_then(|id| names.get(&id)) {
            author.clone_from(name);
        }
    }
    Ok(())
}

/// A part of the history of a state, the newest commit first; with a path, only the commits that changed the file or folder there.
pub async fn commits(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    path: Option<&str>,
    page: PageRequest,
) -> Result<Page<Commit>, AppError> {
    let _place = place(state).await?;
    let path = path.map(|path| path.trim_end_matches('/')).filter(|path| !path.is_empty());
    if let Some(error) = path.and_then(|path| check_path("path", path)) {
        return Err(AppError::fields(vec![error]));
    }
    let PageRequest { offset, limit } = page;
    let Some(at) = resolve(state, viewer, dataset, reference).await? else {
        return Ok(Page { items: Vec::new(), total: 0, offset, limit });
    };
    let range = git::Range { offset: offset.max(0) as u64, limit: limit.max(0) as u64 };
    let (mut items, total) = state.repositories.of(dataset).log(&at.commit, path, range).await?;
    name_authors(&state.db, items.iter_mut().map(|commit| (commit.author_id, &mut commit.author)).collect()).await?;
    Ok(Page { items, total: i64::try_from(total).unwrap_or(i64::MAX), offset, limit })
}

/// A commit with a part of what it changed.
pub async fn commit(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: &str,
    page: PageRequest,
) -> Result<CommitDetail, AppError> {
    let _place = place(state).await?;
    let at = existing(state, viewer, dataset, reference).await?;
    let repository = state.repositories.of(dataset);
    let mut commit = repository.commit_info(&at.commit).await?;
    name_authors(&state.db, vec![(commit.author_id, &mut commit.author)]).await?;
    let parent = commit.parents.first().map(String::as_str);
    let changes = repository.changes(parent, &at.commit).await?;
    let regions = drawn::differences(&repository, parent, &at.commit).await?;
    let mut differences = Differences { regions, ..differences::of(changes, page) };
    with_thumbnails(state, dataset, &mut differences).await?;
    Ok(CommitDetail { commit, differences })
}

/// What differs between two states.
pub async fn compare(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    from: &str,
    to: Option<&str>,
    page: PageRequest,
) -> Result<Comparison, AppError> {
    let _place = place(state).await?;
    let (from, to) = (existing(state, viewer, dataset, from).await?, resolve(state, viewer, dataset, to).await?);
    let to = to.ok_or_else(|| no_version(BRANCH))?;
    let repository = state.repositories.of(dataset);
    let changes = repository.changes(Some(&from.commit), &to.commit).await?;
    let regions = drawn::differences(&repository, Some(&from.commit), &to.commit).await?;
    let mut differences = Differences { regions, ..differences::of(changes, page) };
    with_thumbnails(state, dataset, &mut differences).await?;
    Ok(Comparison { from: from.commit, to: to.commit, differences })
}

/// Says where the images among these files have small versions.
async fn with_thumbnails(state: &AppState, dataset: i64, differences: &mut Differences) -> Result<(), AppError> {
    let sums = differences.changes.iter().flat_map(|change| [&change.md5_before, &change.md5]).flatten();
    let known = dataset_files::known(&state.db, dataset, &sums.cloned().collect()).await?;
    let of = |md5: &Option<String>| known.get(md5.as_ref()?)?.thumbnail();
    for change in &mut differences.changes {
        (change.thumbnail_before, change.thumbnail) = (of(&change.md5_before), of(&change.md5));
    }
    Ok(())
}

/// A part of the names of versions, the newest first.
pub async fn tags(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    page: PageRequest,
) -> Result<Page<VersionTag>, AppError> {
    let _place = place(state).await?;
    store::datasets::head_of(&state.db, viewer, dataset).await?;
    let repository: Repository = state.repositories.of(dataset);
    let all = repository.tags().await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (offset, limit) = (page.offset.max(0) as usize, page.limit.max(0) as usize);
    let mut items: Vec<VersionTag> = all.into_iter().skip(offset).take(limit).collect();
    name_authors(&state.db, items.iter_mut().map(|tag| (tag.author_id, &mut tag.author)).collect()).await?;
    Ok(Page { items, total, offset: page.offset, limit: page.limit })
}
