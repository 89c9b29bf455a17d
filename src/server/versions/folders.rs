//! Looking into folders of a state of a dataset, at one of its files, and at what is written for whoever looks.

use super::no_file;
use super::reading::{At, commits, described, place_for, pointer, resolve};
use super::readme::Around;
use crate::model::folder::{read_folder, split_path};
use crate::model::limits::check_text;
use crate::model::text::escape_html;
use crate::model::version::MAX_PATH;
use crate::model::{
    AppError, Commit, DatasetFile, FileState, Folder, FolderList, Page, PageRequest, SiteAccess, Viewer,
};
use crate::server::blobs::BlobError;
use crate::server::git::Pointer;
use crate::server::markdown;
use crate::server::state::AppState;
use crate::server::store::dataset_files::FileRow;
use crate::server::store::dataset_folders::{self, Contents};
use crate::server::store::{self, dataset_files};
use futures::TryStreamExt;

/// What is written for whoever looks into a folder is called so; the first that is there counts.
const READMES: [&str; 5] = ["README.md", "readme.md", "Readme.md", "README.txt", "README"];
/// A longer one is not shown, in bytes.
const MAX_README: u64 = 200_000;

/// A part of what is in a folder of a state; with a text to be found, the files in it and below whose paths contain that.
pub async fn list(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    folder: &str,
    find: &str,
    page: PageRequest,
) -> Result<FolderList, AppError> {
    let _place = place_for(state, reference).await?;
    let at = resolve(state, viewer, dataset, reference).await?;
    let folder = read_folder("path", folder).map_err(|error| AppError::fields(vec![error]))?;
    if let Some(error) = check_text("find", find, MAX_PATH) {
        return Err(AppError::fields(vec![error]));
    }
    let (folders, files, commit, total) = match in_index(state, dataset, at.as_ref(), &folder, find, page).await? {
        Some(Contents { commit, total, folders, files }) => {
            (folders, dataset_files::describe(&state.db, dataset, files).await?, commit, total)
        }
        None => {
            // Nothing but an earlier state is not in the index.
            let commit = at.map(|at| at.commit).unwrap_or_default();
            let (folders, files, total) = in_git(state, dataset, &commit, &folder, find, page).await?;
            (folders, files, Some(commit), total)
        }
    };
    if total == 0 && !folder.is_empty() && find.is_empty() {
        return Err(AppError::NotFound(format!("there is no folder `{folder}`")));
    }
    Ok(FolderList { commit, folder, total, offset: page.offset, limit: page.limit, folders, files })
}

/// What the index has of a state, if that is the newest one.
async fn in_index(
    state: &AppState,
    dataset: i64,
    at: Option<&At>,
    folder: &str,
    find: &str,
    page: PageRequest,
) -> Result<Option<Contents>, AppError> {
    if at.is_some_and(|at| !at.newest) {
        return Ok(None);
    }
    let contents = if find.is_empty() {
        dataset_folders::list(&state.db, dataset, folder, page).await?
    } else {
        dataset_folders::find(&state.db, dataset, folder, find, page).await?
    };
    // Somebody may have made a commit since the state was looked up.
    let is_meant = at.is_none_or(|at| !at.fixed || contents.commit.as_ref() == Some(&at.commit));
    Ok(is_meant.then_some(contents))
}

async fn in_git(
    state: &AppState,
    dataset: i64,
    commit: &str,
    folder: &str,
    find: &str,
    page: PageRequest,
) -> Result<(Vec<Folder>, Vec<DatasetFile>, i64), AppError> {
    let repository = state.repositories.of(dataset);
    let (folders, mut files) = if find.is_empty() {
        repository.children(commit, folder).await?
    } else {
        let find = find.to_ascii_lowercase();
        let mut files = repository.files(commit, folder).await?;
        files.retain(|file| {
            file.path.strip_prefix(folder).is_some_and(|below| below.to_ascii_lowercase().contains(&find))
        });
        (Vec::new(), files)
    };
    let total = i64::try_from(folders.len() + files.len()).unwrap_or(i64::MAX);
    let (offset, limit) = (page.offset.max(0) as usize, page.limit.max(0) as usize);
    files.drain(..offset.saturating_sub(folders.len()).min(files.len()));
    let folders: Vec<Folder> = folders.iter().skip(offset).take(limit).map(|path| named(path)).collect();
    files.truncate(limit - folders.len());
    Ok((folders, described(state, dataset, files).await?, total))
}

/// A folder of an earlier state. How much is in it is not counted.
fn named(path: &str) -> Folder {
    Folder { name: split_path(path).1.to_owned(), files: None, size: None }
}

/// The file at this path in a state, and the commit of that.
pub async fn file(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    path: &str,
) -> Result<(String, DatasetFile), AppError> {
    let _place = place_for(state, reference).await?;
    let at = resolve(state, viewer, dataset, reference).await?.ok_or_else(|| no_file(path))?;
    // What is told of the file and of the commit has to belong together.
    let is = pointer(state, dataset, Some(&At { fixed: true, ..at.clone() }), path).await?;
    let size = i64::try_from(is.size).unwrap_or(i64::MAX);
    let row = match dataset_files::at(&state.db, dataset, &[path]).await?.remove(path) {
        Some(row) if at.newest && row.md5 == is.md5 => row,
        _ => FileRow { path: path.to_owned(), md5: is.md5, size, picture: None },
    };
    let file = dataset_files::describe(&state.db, dataset, vec![row]).await?.pop();
    Ok((at.commit, file.ok_or_else(|| no_file(path))?))
}

/// A part of what has become of a file up to a state, the newest first.
pub async fn history(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    path: &str,
    page: PageRequest,
) -> Result<Page<FileState>, AppError> {
    let Page { items, total, offset, limit } = commits(state, viewer, dataset, reference, Some(path), page).await?;
    let files: Vec<(String, &str)> = items.iter().map(|commit| (commit.id.clone(), path)).collect();
    let pointers = state.repositories.of(dataset).pointers_in(&files).await?;
    let became = |(commit, pointer): (Commit, Option<Pointer>)| FileState { commit, md5: pointer.map(|is| is.md5) };
    Ok(Page { items: items.into_iter().zip(pointers).map(became).collect(), total, offset, limit })
}

/// What is written in a folder's README, as HTML: in a file of the dataset, or in a text that Git keeps itself. Nothing where there is
/// none that can be shown.
pub async fn readme(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
    folder: &str,
) -> Result<Option<String>, AppError> {
    let place = place_for(state, reference).await?;
    let at = resolve(state, viewer, dataset, reference).await?;
    let folder = read_folder("path", folder).map_err(|error| AppError::fields(vec![error]))?;
    let paths = READMES.map(|name| format!("{folder}{name}"));
    let found = pointers(state, dataset, at.as_ref(), &paths).await?;
    let (path, bytes) = match paths.iter().zip(found).find_map(|(path, pointer)| Some((path, pointer?))) {
        Some((_, pointer)) if pointer.size > MAX_README => return Ok(None),
        Some((path, Pointer { md5, size })) => {
            let Some(kept) = dataset_files::known_by(&state.db, dataset, &md5).await? else { return Ok(None) };
            (path, whole(state, viewer, dataset, &kept.blob.hash, size).await)
        }
        None => {
            let Some(At { commit, .. }) = &at else { return Ok(None) };
            let _place = match place {
                Some(place) => place,
                None => super::reading::place(state).await?,
            };
            let names: Vec<&str> = paths.iter().map(String::as_str).collect();
            let Some((first, text)) = state.repositories.of(dataset).first_text(commit, &names, MAX_README).await?
            else {
                return Ok(None);
            };
            (&paths[first], Some(text))
        }
    };
    // The page is there without it, too.
    let Some(Ok(text)) = bytes.map(String::from_utf8) else { return Ok(None) };
    let text = text.trim_start_matches('\u{feff}');
    if !path.ends_with(".md") {
        return Ok(Some(format!("<pre>{}</pre>", escape_html(text))));
    }
    let name = store::datasets::get(&state.db, viewer, dataset).await?.full_name();
    Ok(Some(markdown::to_html_around(text, &Around { dataset, name, reference, folder: &folder })))
}

/// The bytes of a small file, if the viewer may read them where they are, and they can be read.
async fn whole(state: &AppState, viewer: &Viewer, dataset: i64, hash: &str, size: u64) -> Option<Vec<u8>> {
    let site = store::site_choice::of_dataset(&state.db, viewer, dataset, SiteAccess::Read).await.ok()?;
    let read = async {
        let parts: Vec<bytes::Bytes> = state.blobs.stream(hash, site, 0..size).await?.try_collect().await?;
        Ok(parts.concat())
    };
    read.await.inspect_err(|error: &BlobError| tracing::warn!(%error, dataset, "a README cannot be read")).ok()
}

/// Which bytes the files at these paths have in a state; nothing where there is none.
async fn pointers(
    state: &AppState,
    dataset: i64,
    at: Option<&At>,
    paths: &[String],
) -> Result<Vec<Option<Pointer>>, AppError> {
    let Some(at) = at else { return Ok(vec![None; paths.len()]) };
    if !at.newest {
        return Ok(state.repositories.of(dataset).pointers_at(&at.commit, paths).await?);
    }
    let names: Vec<&str> = paths.iter().map(String::as_str).collect();
    let rows = dataset_files::at(&state.db, dataset, &names).await?;
    Ok(paths.iter().map(|path| rows.get(path).map(FileRow::pointer)).collect())
}
