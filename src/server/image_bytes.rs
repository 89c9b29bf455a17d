//! The bytes of a picture's file as whoever asks may have them.

use super::images::overlaid;
use super::state::AppState;
use super::store;
use crate::model::{AppError, Role, Viewer};
use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::{BoxStream, StreamExt};
use std::collections::BTreeSet;
use std::io;
use std::ops::Range;

/// A part of the file of this hash, which is here or at the storage site of the dataset through which the reader came. With a media
/// type the place where it was taken is not in it.
pub async fn open(
    state: &AppState,
    hash: &str,
    placeless: Option<&str>,
    site: Option<i64>,
    range: Range<u64>,
) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
    let patches = match placeless {
        Some(media_type) => state.placeless.patches(hash, media_type, site.as_slice()).await,
        None => Ok(Vec::new()),
    };
    let (patches, begin) = (patches.map_err(io::Error::other)?, range.start);
    let bytes = state.blobs.stream(hash, site, range).await.map_err(io::Error::other)?;
    Ok(overlaid(bytes.map_err(io::Error::other), begin, patches).boxed())
}

/// Of these files of one dataset or of the commons those whose place whoever asks may know: writers know what they have put in, others
/// of pictures that tell it to them.
pub async fn with_place(
    state: &AppState,
    viewer: &Viewer,
    dataset: Option<i64>,
    hashes: BTreeSet<&str>,
) -> Result<BTreeSet<String>, AppError> {
    let writes = match dataset {
        // Whoever runs the program is one of them, without an account.
        Some(_) if viewer.account.as_ref().is_some_and(|account| account.admin) => true,
        Some(dataset) => store::datasets::role_of(&state.db, viewer, dataset).await? >= Some(Role::Writer),
        None => false,
    };
    if !state.config.strip_location || writes {
        return Ok(hashes.into_iter().map(str::to_owned).collect());
    }
    Ok(store::blobs::with_place(&state.db, viewer, &hashes).await?)
}
