//! Files of datasets that come in parts, and go on after a connection that broke.
//!
//! What has come lies in `<data_dir>/uploads/<id>`, as long as it is: so nothing has to be written down while bytes come. Several servers
//! that do not share the folder each have their own part, and whoever goes on is told where.

use super::context::{RequestContext, now_s};
use super::errors::{disk, internal};
use super::state::AppState;
use super::store::uploads;
use super::versions::bytes::{self, Home, make_known};
use crate::model::upload::UPLOAD_LASTS_S;
use crate::model::{AppError, Upload};
use axum::body::Bytes;
use futures::{Stream, StreamExt};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// So many that are forgotten are removed in one go.
const SWEPT: u64 = 500;
/// Bytes are gathered up to this length before they are written.
const GROUP_BYTES: usize = 512 * 1024;
/// What is said of a file may have so many bytes.
const MAX_METADATA: usize = 8192;
/// So long whoever brings bytes is waited for after somebody else has come for the same file: to write down what has come, or all.
const PATIENCE: Duration = Duration::from_secs(10);

fn folder(state: &AppState) -> PathBuf {
    state.config.data_dir.join("uploads")
}

fn failed(error: io::Error) -> AppError {
    disk("a file that comes in parts", &error)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, AppError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| internal("a file that comes in parts", &error))?.map_err(failed)
}

/// Begins a file of so many bytes, of which the first may come at once. `metadata` is what whoever brings it says of it otherwise.
pub async fn begin(
    context: &RequestContext,
    dataset: i64,
    path: String,
    size: u64,
    metadata: &str,
) -> Result<Upload, AppError> {
    let (state, user) = (&context.state, bytes::may_change(context, dataset).await?);
    bytes::check(&path)?;
    if metadata.len() > MAX_METADATA {
        return Err(AppError::field("Upload-Metadata", format!("must not be longer than {MAX_METADATA} bytes")));
    }
    let limit = state.config.file_limit_bytes;
    if size > limit {
        return Err(AppError::TooLarge(format!("files of at most {} MB are taken", limit / 1_000_000)));
    }
    // Found out now rather than after hours.
    Home::of(context, dataset).await?;
    let id = format!("{:032x}", rand::random::<u128>());
    let size = i64::try_from(size).map_err(|_| AppError::field("Upload-Length", "is too large"))?;
    let upload = Upload { id, path, size, offset: 0, md5: None };
    uploads::insert(&state.db, &upload, metadata, dataset, user, now_s()).await?;
    Ok(upload)
}

/// A file that comes in parts.
pub struct Found {
    /// The file, with how much of it is here.
    pub upload: Upload,
    /// What whoever brings it said of it when they began.
    pub metadata: String,
    /// When it is forgotten if nothing more comes, in Unix seconds.
    pub expires: i64,
}

/// A file that comes in parts. Others than who began it see none.
///
/// Until all of it is kept for good, one byte is told to be missing: whoever asks would take it for complete otherwise, and with that
/// byte the end is tried again.
pub async fn find(context: &RequestContext, dataset: i64, id: &str) -> Result<Found, AppError> {
    let (state, user) = (&context.state, bytes::may_change(context, dataset).await?);
    let uploads::Row { mut upload, metadata, touched_at } = uploads::get(&state.db, dataset, user, id).await?;
    upload.offset = match &upload.md5 {
        Some(_) => upload.size,
        None => {
            let path = folder(state).join(&upload.id);
            match tokio::fs::metadata(path).await {
                Ok(metadata) => i64::try_from(metadata.len()).unwrap_or(i64::MAX).min(upload.size - 1).max(0),
                Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                Err(error) => return Err(failed(error)),
            }
        }
    };
    Ok(Found { upload, metadata, expires: touched_at + UPLOAD_LASTS_S })
}

/// Who is bringing bytes of which file to this server. A connection can be dead for long before anybody notices: so whoever comes next
/// takes over.
#[derive(Clone, Default)]
pub struct Coming(Arc<Mutex<HashMap<String, Arc<CancellationToken>>>>);

/// One who brings bytes, until somebody else takes over.
struct Turn<'a> {
    coming: &'a Coming,
    id: &'a str,
    token: Arc<CancellationToken>,
}

impl Coming {
    fn take_over<'a>(&'a self, id: &'a str) -> Turn<'a> {
        let token = Arc::new(CancellationToken::new());
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), token.clone());
        if let Some(before) = before {
            before.cancel();
        }
        Turn { coming: self, id, token }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut coming = self.coming.0.lock().unwrap_or_else(PoisonError::into_inner);
        if coming.get(self.id).is_some_and(|token| Arc::ptr_eq(token, &self.token)) {
            coming.remove(self.id);
        }
    }
}

/// The part of a file that is here, for as long as nobody else adds to it.
struct Partial {
    file: File,
    length: u64,
}

fn open(folder: &Path, id: &str) -> io::Result<Option<Partial>> {
    std::fs::create_dir_all(folder)?;
    let file = OpenOptions::new().create(true).append(true).open(folder.join(id))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Partial { length: file.metadata()?.len(), file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Waits a while until nobody else adds to a file.
async fn held(state: &AppState, id: &str) -> Result<Partial, AppError> {
    let begin = Instant::now();
    loop {
        let (folder, id) = (folder(state), id.to_owned());
        if let Some(partial) = blocking(move || open(&folder, &id)).await? {
            return Ok(partial);
        }
        if begin.elapsed() > PATIENCE {
            let message = "another request is bringing bytes of this file; try again in a while";
            return Err(AppError::Conflict(message.to_owned()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether somebody is bringing bytes of a file just now, perhaps for longer than what nobody asks for is kept.
fn is_being_written(folder: &Path, id: &str) -> io::Result<bool> {
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
    id: &str,
    offset: u64,
    parts: impl Stream<Item = Result<Bytes, E>>,
) -> Result<u64, AppError> {
    let state = &context.state;
    let complete = |upload: &Upload| {
        let size = u64::try_from(upload.size).unwrap_or_default();
        upload.md5.is_some().then(|| if offset == size { Ok(size) } else { Err(wrong(size, offset)) })
    };
    if let Some(all) = complete(&find(context, dataset, id).await?.upload) {
        return all;
    }
    let turn = state.uploads.take_over(id);
    let mut partial = held(state, id).await?;
    // Whoever was here before may have finished it, or ended it; what was just made then goes with the next sweep.
    let Found { upload, .. } = find(context, dataset, id).await?;
    if let Some(all) = complete(&upload) {
        return all;
    }
    let size = u64::try_from(upload.size).unwrap_or_default();
    if partial.length >= size && size > 0 {
        // The end has failed before: as `find` tells it, the last byte is to come once more.
        partial.length = size - 1;
        let file = partial.file.try_clone().map_err(failed)?;
        blocking(move || file.set_len(size - 1)).await?;
    }
    if partial.length != offset {
        return Err(wrong(partial.length, offset));
    }
    // Before as well: who breaks off while bytes come ends this function.
    uploads::touch(&state.db, id, None, now_s()).await?;
    let received = receive(&mut partial, size, parts, &turn.token).await;
    uploads::touch(&state.db, id, None, now_s()).await?;
    let length = partial.length;
    if length == size {
        // However the request ended.
        finish(context, dataset, upload, partial).await?;
    }
    received.map(|()| length)
}

fn wrong(length: u64, offset: u64) -> AppError {
    AppError::Conflict(format!("there are {length} bytes of this file, not {offset}"))
}

async fn receive<E: std::fmt::Display>(
    partial: &mut Partial,
    size: u64,
    parts: impl Stream<Item = Result<Bytes, E>>,
    over: &CancellationToken,
) -> Result<(), AppError> {
    let mut parts = pin!(parts);
    let (mut group, mut outcome) = (Vec::new(), Ok(()));
    loop {
        let next = tokio::select! {
            biased;
            () = over.cancelled() => Some(Err("another request goes on with this file".to_owned())),
            part = parts.next() => part.map(|part| part.map_err(|error| format!("the bytes did not arrive completely: {error}"))),
        };
        let part = match next {
            Some(Ok(part)) if partial.length + (group.len() + part.len()) as u64 > size => {
                outcome = Err(AppError::TooLarge(format!("the file was said to have {size} bytes")));
                None
            }
            Some(Ok(part)) => Some(part),
            Some(Err(error)) => {
                outcome = Err(AppError::invalid(error));
                None
            }
            None => None,
        };
        // Copied, since to keep many small ones would take more memory than they have bytes.
        group.extend_from_slice(part.as_deref().unwrap_or_default());
        if group.len() >= GROUP_BYTES || part.is_none() {
            let mut file = partial.file.try_clone().map_err(failed)?;
            let group = std::mem::take(&mut group);
            let written = group.len() as u64;
            blocking(move || file.write_all(&group)).await?;
            partial.length += written;
        }
        if part.is_none() {
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

/// Ends an upload, also one of which bytes are coming. What has become known to the dataset stays so.
pub async fn end(context: &RequestContext, dataset: i64, id: &str) -> Result<(), AppError> {
    let state = &context.state;
    find(context, dataset, id).await?;
    let _turn = state.uploads.take_over(id);
    let _partial = held(state, id).await?;
    forget(state, id, i64::MAX).await
}

/// Forgets an upload, if nothing of it has come since then.
async fn forget(state: &AppState, id: &str, since: i64) -> Result<(), AppError> {
    match uploads::delete(&state.db, id, since).await? {
        true => remove(folder(state).join(id)).await,
        false => Ok(()),
    }
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
        let since = now - UPLOAD_LASTS_S;
        let stale = uploads::stale(&state.db, since, SWEPT).await?;
        for id in &stale {
            let (folder, name) = (folder(state), id.clone());
            if blocking(move || is_being_written(&folder, &name)).await? {
                uploads::touch(&state.db, id, None, now).await?;
            } else {
                forget(state, id, since).await?;
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
