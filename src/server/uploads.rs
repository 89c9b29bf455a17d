//! Files of datasets that come in parts, and go on after a connection that broke.
//!
//! What has come lies in `<data_dir>/uploads/<id>`, as long as it is: so nothing has to be written down while bytes come. Several servers
//! that do not share the folder each have their own part, and whoever goes on is told where.

use super::context::{RequestContext, now_s};
use super::errors::internal;
use super::state::AppState;
use super::store::uploads;
use super::versions::bytes::{self, Home, make_known};
use crate::model::upload::UPLOAD_LASTS_S;
use crate::model::{AppError, Upload};
use axum::body::Bytes;
use futures::{Stream, StreamExt};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::PathBuf;
use std::pin::pin;

/// So many that are forgotten are removed in one go.
const SWEPT: u64 = 500;
/// Bytes are gathered up to this length before they are written.
const GROUP_BYTES: usize = 512 * 1024;

fn folder(state: &AppState) -> PathBuf {
    state.config.data_dir.join("uploads")
}

fn failed(error: io::Error) -> AppError {
    internal("a file that comes in parts", &error)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, AppError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| internal("a file that comes in parts", &error))?.map_err(failed)
}

/// Begins a file of so many bytes, of which the first may come at once.
pub async fn begin(context: &RequestContext, dataset: i64, path: String, size: u64) -> Result<Upload, AppError> {
    let (state, user) = (&context.state, bytes::may_change(context, dataset).await?);
    bytes::check(&path)?;
    let limit = state.config.upload_limit_bytes;
    if size > limit {
        return Err(AppError::TooLarge(format!("files of at most {} MB are taken", limit / 1_000_000)));
    }
    // Found out now rather than after hours.
    Home::of(context, dataset).await?;
    let id = format!("{:032x}", rand::random::<u128>());
    let size = i64::try_from(size).map_err(|_| AppError::field("Upload-Length", "is too large"))?;
    let upload = Upload { id, path, size, offset: 0, md5: None };
    uploads::insert(&state.db, &upload, dataset, user, now_s()).await?;
    Ok(upload)
}

/// A file that comes in parts, with how much of it is here, and when it is forgotten if nothing more comes, in Unix seconds. Others than
/// who began it see none.
pub async fn find(context: &RequestContext, dataset: i64, id: &str) -> Result<(Upload, i64), AppError> {
    let (state, user) = (&context.state, bytes::may_change(context, dataset).await?);
    let (mut upload, touched) = uploads::get(&state.db, dataset, user, id).await?;
    upload.offset = match &upload.md5 {
        Some(_) => upload.size,
        None => {
            let path = folder(state).join(&upload.id);
            match tokio::fs::metadata(path).await {
                Ok(metadata) => i64::try_from(metadata.len()).unwrap_or(i64::MAX).min(upload.size),
                Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                Err(error) => return Err(failed(error)),
            }
        }
    };
    Ok((upload, touched + UPLOAD_LASTS_S))
}

/// The part of a file that is here, for as long as nobody else adds to it.
struct Partial {
    file: File,
    length: u64,
}

fn open(folder: &std::path::Path, id: &str) -> io::Result<Option<Partial>> {
    std::fs::create_dir_all(folder)?;
    let file = OpenOptions::new().create(true).append(true).open(folder.join(id))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Partial { length: file.metadata()?.len(), file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether somebody is bringing bytes of a file just now, perhaps for longer than what nobody asks for is kept.
fn is_being_written(folder: &std::path::Path, id: &str) -> io::Result<bool> {
    let file = match File::open(folder.join(id)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    match file.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Takes the next bytes of a file. Those that came before a connection broke are kept. With the last one, the bytes become known to the
/// dataset. Gives how many there are.
pub async fn append<E: std::fmt::Display>(
    context: &RequestContext,
    dataset: i64,
    upload: &Upload,
    offset: u64,
    parts: impl Stream<Item = Result<Bytes, E>>,
) -> Result<u64, AppError> {
    let state = &context.state;
    let size = u64::try_from(upload.size).unwrap_or_default();
    let wrong = |length: u64| AppError::Conflict(format!("there are {length} bytes of this file, not {offset}"));
    if upload.md5.is_some() {
        return if offset == size { Ok(size) } else { Err(wrong(size)) };
    }
    let (folder, id) = (folder(state), upload.id.clone());
    let partial = blocking(move || open(&folder, &id)).await?;
    let busy = || AppError::Conflict("another request is bringing bytes of this file; try again in a while".to_owned());
    let mut partial = partial.ok_or_else(busy)?;
    // Whoever was here before may have finished it, or ended it; what was just made then goes with the next sweep.
    let (upload, _) = find(context, dataset, &upload.id).await?;
    if upload.md5.is_some() {
        return if offset == size { Ok(size) } else { Err(wrong(size)) };
    }
    if partial.length != offset {
        return Err(wrong(partial.length));
    }
    // Before as well: who breaks off while bytes come ends this function.
    uploads::touch(&state.db, &upload.id, None, now_s()).await?;
    let received = receive(&mut partial, size, parts).await;
    uploads::touch(&state.db, &upload.id, None, now_s()).await?;
    received?;
    let length = partial.length;
    if length == size {
        finish(context, dataset, upload, partial).await?;
    }
    Ok(length)
}

async fn receive<E: std::fmt::Display>(
    partial: &mut Partial,
    size: u64,
    parts: impl Stream<Item = Result<Bytes, E>>,
) -> Result<(), AppError> {
    let mut parts = pin!(parts);
    let (mut group, mut gathered, mut outcome) = (Vec::new(), 0, Ok(()));
    loop {
        let part = match parts.next().await {
            Some(Ok(part)) if partial.length + (gathered + part.len()) as u64 > size => {
                outcome = Err(AppError::TooLarge(format!("the file was said to have {size} bytes")));
                None
            }
            Some(Ok(part)) => Some(part),
            Some(Err(error)) => {
                outcome = Err(AppError::invalid(format!("the bytes did not arrive completely: {error}")));
                None
            }
            None => None,
        };
        let is_last = part.is_none();
        gathered += part.as_ref().map_or(0, Bytes::len);
        group.extend(part);
        if gathered >= GROUP_BYTES || is_last {
            let mut file = partial.file.try_clone().map_err(failed)?;
            let group = std::mem::take(&mut group);
            blocking(move || group.iter().try_for_each(|bytes| file.write_all(bytes))).await?;
            partial.length += gathered as u64;
            gathered = 0;
        }
        if is_last {
            return outcome;
        }
    }
}

/// Makes a file that has come completely known to the dataset, although whoever asked may go away.
async fn finish(context: &RequestContext, dataset: i64, upload: Upload, partial: Partial) -> Result<(), AppError> {
    let (context, path) = (context.clone(), folder(&context.state).join(&upload.id));
    let whole = async move {
        let state = &context.state;
        let file = tokio::fs::File::open(&path).await.map_err(failed)?;
        let staged = state.blobs.stage_reader(file, u64::MAX).await?;
        let kept = bytes::keep_any(state, Home::of(&context, dataset).await?, staged).await?;
        make_known(state, dataset, &kept).await?;
        uploads::touch(&state.db, &upload.id, Some(&kept.blob.md5), now_s()).await?;
        // Only now may somebody else come to it, who finds that all is done.
        drop(partial);
        remove(path).await
    };
    let done = tokio::spawn(whole).await;
    done.unwrap_or_else(|error| Err(internal("a file that came in parts", &error)))
}

/// Ends an upload. What has become known to the dataset stays so.
pub async fn end(context: &RequestContext, dataset: i64, id: &str) -> Result<(), AppError> {
    let (upload, _) = find(context, dataset, id).await?;
    forget(&context.state, &upload.id).await
}

async fn forget(state: &AppState, id: &str) -> Result<(), AppError> {
    uploads::delete(&state.db, id).await?;
    remove(folder(state).join(id)).await
}

/// Removes what has come of a file, unless that has happened.
async fn remove(path: PathBuf) -> Result<(), AppError> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

/// Forgets those of which nothing has come for long, and removes what belongs to none.
pub async fn sweep(state: &AppState, now: i64) -> Result<(), AppError> {
    loop {
        let stale = uploads::stale(&state.db, now - UPLOAD_LASTS_S, SWEPT).await?;
        for id in &stale {
            let (folder, name) = (folder(state), id.clone());
            if blocking(move || is_being_written(&folder, &name)).await? {
                uploads::touch(&state.db, id, None, now).await?;
            } else {
                forget(state, id).await?;
            }
        }
        if (stale.len() as u64) < SWEPT {
            break;
        }
    }
    // With a dataset or an account its uploads go, but not what has come of them.
    let mut entries = match tokio::fs::read_dir(folder(state)).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let id = entry.file_name().to_string_lossy().into_owned();
        if !uploads::is_coming(&state.db, &id).await? {
            remove(entry.path()).await?;
        }
    }
    Ok(())
}
