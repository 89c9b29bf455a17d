//! Files: pictures byte for byte, thumbnails, and what is in datasets.

use super::context::RequestContext;
use super::extract::Path;
use super::images::{Patch, Placeless, overlaid};
use super::ranges::{self, Ranged, insert, matches};
use super::representation::{REPR_DIGEST, digest, etag_of, wants_digest};
use super::state::AppState;
use super::store::{self, blobs::BlobRow};
use super::versions::reading::Found;
use crate::model::{AppError, Viewer};
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::ops::Range;

/// `GET /image/<hash>.<extension>`: the file as it was uploaded, but for the place where it was taken, if that is not to be
/// known. The address names the content, which does not change but for that place: so caches ask again where it is told.
pub async fn original(
    State(state): State<AppState>,
    Path(name): Path<String>,
    parts: Parts,
) -> Result<Response, AppError> {
    let missing = || AppError::NotFound("there is no such image".to_owned());
    let (hash, extension) = name.split_once('.').ok_or_else(missing)?;
    let found = shown(&state, &parts, hash).await?.filter(|found| found.blob.extension == extension);
    let found = found.ok_or_else(missing)?;
    let (Shown { blob, viewer, caching }, sites) = match readable_at(&state, &found).await? {
        Some(sites) => (found, sites),
        // Not everybody may read from the storage site, but perhaps whoever asks.
        None => {
            let shown = Shown { viewer: viewer(&state, &parts).await?, caching: Caching::Private, ..found };
            let refused = || {
                let message = "this file is at a storage site that you may not read; ask those who manage it";
                AppError::Forbidden(message.to_owned())
            };
            let sites = readable_at(&state, &shown).await?.ok_or_else(refused)?;
            (shown, sites)
        }
    };
    // The address names no dataset. Where the file is at several sites, each has to be held against its hash, and those count as
    // well at which only whoever asks may read: the others' need not be better.
    let several = !sites.is_empty() && store::blob_sites::sites(&state.db, hash).await?.1.len() > 1;
    let sites = match several {
        true => {
            store::blobs::readable_at(&state.db, &self::viewer(&state, &parts).await?, hash).await?.unwrap_or(sites)
        }
        false => sites,
    };
    let source = if several { Source::Any(&sites) } else { Source::Site(sites.first().copied()) };
    let size = u64::try_from(blob.size).unwrap_or(0);
    let (patches, may_tell_place) = match place(&state, &viewer, &blob, &sites).await? {
        Place::TakenOut(patches) => (patches, false),
        Place::MayBeTold => (Vec::new(), true),
    };
    let etag = etag_of(hash, &patches);
    let bytes = Bytes { hash, source, size, etag, media_type: &blob.media_type, patches };
    let mut answer = ranged(&state, bytes, &parts).await?;
    // The address names the content; that it tells a place may end.
    harden(answer.headers_mut(), if may_tell_place { caching.min(Caching::AskAgain) } else { caching });
    Ok(answer)
}

/// A file of a dataset as it was committed, but for the place where a picture was taken, if the viewer may not know it.
pub async fn dataset_file(state: &AppState, found: Found, parts: &Parts) -> Result<Response, AppError> {
    let Found { kept, site, media_type, fixed, may_tell_place } = found;
    let (blob, is_picture) = (&kept.blob, kept.size_px.is_some());
    let tells = is_picture && Placeless::concerns(&blob.media_type);
    let patches = match tells && !may_tell_place {
        true => state.placeless.patches(&blob.hash, &blob.media_type, site.as_slice()).await?,
        false => Vec::new(),
    };
    let size = u64::try_from(blob.size).unwrap_or(0);
    let etag = etag_of(&blob.hash, &patches);
    // To find out that of a copy without its place takes reading all of it, once.
    let sha256 = match patches.is_empty() {
        true => Some(blob.sha256.clone()),
        false if wants_digest(&parts.headers) => {
            let of_file = (blob.sha256.as_str(), None);
            Some(state.placeless.digests(&blob.hash, &blob.media_type, site.as_slice(), of_file).await?.0)
        }
        false => None,
    };
    let source = Source::Site(site);
    let bytes = Bytes { hash: &blob.hash, source, size, etag, media_type: &media_type, patches };
    let mut answer = ranged(state, bytes, parts).await?;
    let is_of_file = answer.status() != StatusCode::RANGE_NOT_SATISFIABLE;
    let headers = answer.headers_mut();
    // What a tag or commit leads to never changes; only to whom a picture tells its place may.
    harden(headers, if fixed && !tells { Caching::OwnForGood } else { Caching::Private });
    insert(headers, header::VARY, "authorization, cookie");
    let digest = sha256.and_then(|sha256| digest(&sha256)).filter(|_| is_of_file);
    if let Some(digest) = digest {
        headers.insert(HeaderName::from_static(REPR_DIGEST), digest);
    }
    if !is_picture {
        // Nothing but pictures is shown on this site's address.
        insert(headers, header::CONTENT_DISPOSITION, "attachment");
    }
    Ok(answer)
}

/// Where a file comes from that is not in the site's own folder.
enum Source<'a> {
    /// From the storage site of its dataset.
    Site(Option<i64>),
    /// From any of these.
    Any(&'a [i64]),
}

/// What is served of a file.
struct Bytes<'a> {
    hash: &'a str,
    source: Source<'a>,
    size: u64,
    etag: String,
    media_type: &'a str,
    /// What is overwritten in it.
    patches: Vec<Patch>,
}

/// A file or a part of it, or that whoever asks has it already.
async fn ranged(state: &AppState, bytes: Bytes<'_>, parts: &Parts) -> Result<Response, AppError> {
    let (etag, media_type) = (bytes.etag.clone(), bytes.media_type);
    let what = Ranged { etag: &etag, size: bytes.size, media_type };
    ranges::answer(parts, what, |range| body(state, bytes, range)).await
}

/// `GET /thumbnail/<hash>/<size>`: a small version, whose longest side has `size` pixels.
pub async fn thumbnail(
    State(state): State<AppState>,
    Path((hash, size_px)): Path<(String, u32)>,
    parts: Parts,
) -> Result<Response, AppError> {
    let missing = || AppError::NotFound("there is no such thumbnail".to_owned());
    let caching = match shown(&state, &parts, &hash).await? {
        Some(shown) => shown.caching,
        None => in_history(&state, &parts, &hash).await?.ok_or_else(missing)?,
    };
    let etag = format!("\"{hash}-{size_px}\"");
    let (bytes, media_type) = match state.thumbnails.find(&hash, size_px).await? {
        Some(found) => found,
        None => {
            let viewer = viewer(&state, &parts).await?;
            let sites = store::blobs::sites_of_visible(&state.db, &viewer, &hash).await?;
            state.thumbnails.get(&hash, size_px, &sites).await?
        }
    };
    let mut answer = if matches(&parts.headers, header::IF_NONE_MATCH, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(bytes).into_response()
    };
    insert(answer.headers_mut(), header::CONTENT_TYPE, media_type);
    let headers = answer.headers_mut();
    insert(headers, header::ETAG, &etag);
    harden(headers, caching);
    Ok(answer)
}

/// `GET /crop/<region>`: what a region shows, cut out of its picture. A region may be drawn anew, and its picture may go: so
/// caches ask again after an hour, and learn by the tag whether anything has changed.
pub async fn crop(State(state): State<AppState>, Path(region): Path<i64>, parts: Parts) -> Result<Response, AppError> {
    let (place, caching) = match store::samples::place(&state.db, &Viewer::default(), region).await? {
        Some(place) if place.in_commons => (Some(place), Caching::AnHour),
        Some(place) => (Some(place), Caching::AskAgain),
        None => {
            let viewer = viewer(&state, &parts).await?;
            (store::samples::place(&state.db, &viewer, region).await?, Caching::Private)
        }
    };
    let place = place.ok_or_else(|| AppError::NotFound("there is no such region".to_owned()))?;
    let crop = state.thumbnails.crop(&place.blob, place.bounds, place.size, place.site.as_slice()).await?;
    let etag = format!("\"{}\"", crop.name);
    let mut answer = if matches(&parts.headers, header::IF_NONE_MATCH, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(crop.bytes).into_response()
    };
    let headers = answer.headers_mut();
    insert(headers, header::CONTENT_TYPE, crop.media_type);
    insert(headers, header::ETAG, &etag);
    harden(headers, caching);
    Ok(answer)
}

/// What caches may do with an answer, from nothing to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Caching {
    /// Only the browser keeps it, and asks each time whether it may still be seen.
    Private,
    /// Only the browser keeps it, for good: what was once seen under the name of a version stays what it was.
    OwnForGood,
    /// Every cache keeps it, and asks each time: that everybody may see it may end.
    AskAgain,
    /// Every cache keeps it for an hour.
    AnHour,
    /// Every cache keeps it for good.
    ForGood,
}

/// A file that may be served.
struct Shown {
    blob: BlobRow,
    /// To whom.
    viewer: Viewer,
    caching: Caching,
}

/// The file of this hash, if whoever asks may see a picture that has it. Who that is matters only where not everybody may: nothing
/// else of the answer, which every cache on the way may keep, depends on it.
async fn shown(state: &AppState, parts: &Parts, hash: &str) -> Result<Option<Shown>, AppError> {
    let (db, everybody) = (&state.db, Viewer::default());
    if let Some(blob) = store::blobs::in_commons(db, hash).await? {
        return Ok(Some(Shown { blob, viewer: everybody, caching: Caching::ForGood }));
    }
    if let Some(blob) = store::blobs::visible(db, &everybody, hash).await? {
        return Ok(Some(Shown { blob, viewer: everybody, caching: Caching::AskAgain }));
    }
    let viewer = viewer(state, parts).await?;
    let blob = store::blobs::visible(db, &viewer, hash).await?;
    Ok(blob.map(|blob| Shown { blob, viewer, caching: Caching::Private }))
}

/// How the small version of a picture is kept that earlier states of a dataset have, and that no picture has any more. Nothing if
/// whoever asks sees no such dataset.
async fn in_history(state: &AppState, parts: &Parts, hash: &str) -> Result<Option<Caching>, AppError> {
    if store::blobs::in_visible_dataset(&state.db, &Viewer::default(), hash).await? {
        return Ok(Some(Caching::AskAgain));
    }
    let viewer = viewer(state, parts).await?;
    Ok(store::blobs::in_visible_dataset(&state.db, &viewer, hash).await?.then_some(Caching::Private))
}

/// The storage sites at which they may read the file itself, if it is not in the site's own folder; nothing if they may not. What is
/// made of it, such as thumbnails, asks for the dataset alone.
async fn readable_at(state: &AppState, shown: &Shown) -> Result<Option<Vec<i64>>, AppError> {
    let in_commons = shown.caching == Caching::ForGood;
    if in_commons {
        return Ok(Some(Vec::new()));
    }
    Ok(store::blobs::readable_at(&state.db, &shown.viewer, &shown.blob.hash).await?)
}

async fn viewer(state: &AppState, parts: &Parts) -> Result<Viewer, AppError> {
    Ok(RequestContext::from_request_parts(&mut parts.clone(), state).await?.viewer)
}

/// What a file that is served says of the place where it was taken.
enum Place {
    /// Nothing: this is overwritten, if it ever said where.
    TakenOut(Vec<Patch>),
    /// Perhaps where it is. That may end, when somebody no longer wants it to be known.
    MayBeTold,
}

async fn place(state: &AppState, viewer: &Viewer, blob: &BlobRow, sites: &[i64]) -> Result<Place, AppError> {
    if !Placeless::concerns(&blob.media_type) {
        return Ok(Place::TakenOut(Vec::new()));
    }
    if !state.config.strip_location || store::blobs::keeps_place(&state.db, viewer, &blob.hash).await? {
        return Ok(Place::MayBeTold);
    }
    Ok(Place::TakenOut(state.placeless.patches(&blob.hash, &blob.media_type, sites).await?))
}

/// Users upload SVG, which can hold scripts: it runs none, loads nothing but the pictures within it, and is taken for
/// nothing else.
fn harden(headers: &mut HeaderMap, caching: Caching) {
    let cache_control = match caching {
        Caching::Private => "private, no-cache",
        Caching::OwnForGood => "private, max-age=31536000, immutable",
        Caching::AskAgain => "public, no-cache",
        Caching::AnHour => "public, max-age=3600",
        Caching::ForGood => "public, max-age=31536000, immutable",
    };
    insert(headers, header::CACHE_CONTROL, cache_control);
    insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
    );
    if caching <= Caching::OwnForGood {
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
        return;
    }
    // Notebooks and other tools show pictures of this site in pages of their own.
    insert(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
}

async fn body(state: &AppState, bytes: Bytes<'_>, range: Range<u64>) -> Result<Body, AppError> {
    let begin = range.start;
    let stream = match bytes.source {
        Source::Site(site) => state.blobs.stream(bytes.hash, site, range).await,
        Source::Any(sites) => state.blobs.stream_checked(bytes.hash, sites, range).await,
    };
    let stream = stream.map_err(|error| error.of_known_bytes("reading a picture's file"))?;
    Ok(Body::from_stream(overlaid(stream, begin, bytes.patches)))
}
