//! Bytes that come in: kept for good, looked at, and known to the dataset before any commit mentions them.

use crate::model::version::{MAX_CHANGES, check_path};
use crate::model::{AppError, Committed, FileChange, Role, SiteAccess};
use crate::server::blobs::StagedBlob;
use crate::server::context::{RequestContext, now_s};
use crate::server::errors::internal;
use crate::server::git::Pointer;
use crate::server::images::ImageError;
use crate::server::state::AppState;
use crate::server::store::blob_sites::Whereabouts;
use crate::server::store::blobs::BlobRow;
use crate::server::store::dataset_files::{self, Kept, PLAIN};
use crate::server::store::{datasets, site_choice};
use std::pin::pin;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

/// Which bytes a file has, as its pointer says it.
pub fn pointer(kept: &Kept) -> Pointer {
    Pointer { md5: kept.blob.md5.clone(), size: u64::try_from(kept.blob.size).unwrap_or_default() }
}

/// Where bytes that come in shall live: with the commons, or with a dataset, whose storage site lets the user bring them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    dataset: Option<i64>,
    site: Option<i64>,
}

impl Home {
    /// That of pictures that are in no dataset.
    pub const COMMONS: Self = Self { dataset: None, site: None };

    /// That of a dataset, in which the user has been found to be a writer.
    pub async fn of(context: &RequestContext, dataset: i64) -> Result<Self, AppError> {
        let (db, viewer) = (&context.state.db, &context.viewer);
        let site = site_choice::of_dataset(db, viewer, dataset, SiteAccess::Use).await?;
        Ok(Self { dataset: Some(dataset), site })
    }
}

/// Keeps a picture, with its thumbnails. Decoding is the real proof that it is one.
pub async fn keep_picture(state: &AppState, home: Home, staged: StagedBlob) -> Result<Kept, AppError> {
    match looked_at(state, &staged).await? {
        Ok(look) => keep(state, home, staged, Some(look)).await,
        Err(refusal) => Err(refusal.into()),
    }
}

/// Keeps any file. One that is no picture that this site can show is kept all the same.
pub async fn keep_any(state: &AppState, home: Home, staged: StagedBlob) -> Result<Kept, AppError> {
    let may_be_picture = staged.size <= state.config.upload_limit_bytes;
    let look = if may_be_picture { looked_at(state, &staged).await?.ok() } else { None };
    keep(state, home, staged, look).await
}

/// What is seen of a picture.
struct Look {
    image: crate::server::images::Inspected,
    thumbnails: crate::server::images::Thumbnails,
    exif: Option<String>,
}

/// Decodes a file. The inner error says why it is no picture, the outer one that nobody can say.
async fn looked_at(state: &AppState, staged: &StagedBlob) -> Result<Result<Look, ImageError>, AppError> {
    let path = staged.path();
    let look = async {
        let image = state.images.inspect(path).await?;
        let thumbnails = state.images.thumbnails(path, &image).await?;
        Ok((image, thumbnails))
    };
    let (image, thumbnails) = match look.await {
        Ok(look) => look,
        Err(error @ (ImageError::Io(_) | ImageError::Unavailable(_))) => return Err(error.into()),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let exif = state.images.exif(path, image.format).await;
    let exif = exif.map(|exif| serde_json::to_string(&exif)).transpose();
    let exif = exif.map_err(|error| internal("writing EXIF", &error))?;
    Ok(Ok(Look { image, thumbnails, exif }))
}

async fn keep(state: &AppState, home: Home, staged: StagedBlob, look: Option<Look>) -> Result<Kept, AppError> {
    let (media_type, extension) =
        look.as_ref().map_or((PLAIN, "bin"), |look| (look.image.media_type(), look.image.extension()));
    let blob = BlobRow {
        hash: staged.hash.clone(),
        sha256: staged.sha256.clone(),
        md5: staged.md5.clone(),
        size: i64::try_from(staged.size).unwrap_or(i64::MAX),
        media_type: media_type.to_owned(),
        extension: extension.to_owned(),
        created_at: now_s(),
        exif: look.as_ref().and_then(|look| look.exif.clone()),
        crc32: Some(staged.crc32.into()),
    };
    let there = bring(state, home, staged).await?;
    if let Some(look) = &look {
        // At a site as well as here: thumbnails are made from what has come, and need not be fetched for it.
        state.thumbnails.put(&blob.hash, &look.thumbnails).await?;
    }
    let size_px = look.map(|look| (i64::from(look.image.width), i64::from(look.image.height)));
    Ok(Kept { blob, size_px, there })
}

/// Brings bytes to where they shall live. They are safe when this returns.
async fn bring(state: &AppState, home: Home, staged: StagedBlob) -> Result<Whereabouts, AppError> {
    let Home { dataset: Some(dataset), site: Some(site) } = home else {
        state.blobs.commit(staged).await?;
        return Ok(Whereabouts::Here);
    };
    // What a dataset has it never loses; its site may, and then it is brought there again.
    let known = dataset_files::known_by(&state.db, dataset, &staged.md5).await?;
    let is_known = known.is_some_and(|kept| kept.blob.hash == staged.hash);
    if is_known && state.storage.has(site, &staged.hash, staged.size).await? {
        return Ok(Whereabouts::Known);
    }
    Ok(state.storage.keep(site, staged).await?)
}

/// Brings bytes that are anywhere to where a dataset's are.
pub async fn bring_along(state: &AppState, dataset: i64, hash: &str) -> Result<Whereabouts, AppError> {
    const WHAT: &str = "bringing a file to a dataset";
    let site = site_choice::site_of(&state.db, dataset).await?;
    if site.is_none() && state.blobs.exists(hash).await? {
        return Ok(Whereabouts::Here);
    }
    let staged = state.blobs.copy(hash, site.as_slice()).await.map_err(|error| error.of_known_bytes(WHAT))?;
    bring(state, Home { dataset: Some(dataset), site }, staged).await
}

/// So many files become known at once, since each time costs the disk something.
const TOGETHER: usize = 500;
/// So long a file waits at most until it is known. What no row names counts as without use after an hour (`file_check`).
const AT_MOST: Duration = Duration::from_secs(60);

/// Several files that become one commit.
pub struct Batch {
    context: RequestContext,
    dataset: i64,
    home: Home,
    /// What is being kept.
    work: JoinSet<Result<Kept, AppError>>,
    /// What is kept, but not known to the dataset yet.
    waiting: Vec<Kept>,
    /// Since when something waits.
    since: Instant,
    at_most: Duration,
    changes: Vec<FileChange>,
}

impl Batch {
    /// A batch without files yet, for a user who may change those of the dataset.
    pub async fn begin(context: &RequestContext, dataset: i64) -> Result<Self, AppError> {
        may_change(context, dataset).await?;
        let (home, context) = (Home::of(context, dataset).await?, context.clone());
        let (work, waiting, changes) = (JoinSet::new(), Vec::new(), Vec::new());
        Ok(Self { context, dataset, home, work, waiting, since: Instant::now(), at_most: AT_MOST, changes })
    }

    /// Adds a file whose bytes have come. They are looked at and kept while the next ones come.
    pub async fn add(&mut self, path: String, staged: StagedBlob) -> Result<(), AppError> {
        if self.changes.len() >= MAX_CHANGES {
            return Err(AppError::TooLarge(format!("one commit changes at most {MAX_CHANGES} files")));
        }
        self.changes.push(FileChange::Put { path, md5: staged.md5.clone() });
        let (state, home) = (self.context.state.clone(), self.home);
        let most = state.config.thumbnail_threads * 2 + 2;
        self.work.spawn(async move { keep_any(&state, home, staged).await });
        while self.work.len() >= most {
            let done = self.next().await;
            self.note(done).await?;
        }
        Ok(())
    }

    /// Waits for what comes in, and meanwhile makes known what is kept: however long it takes, nobody must take what has come
    /// already for something without use.
    pub async fn meanwhile<T>(&mut self, coming: impl Future<Output = T>) -> Result<T, AppError> {
        let mut coming = pin!(coming);
        loop {
            let is_busy = !(self.work.is_empty() && self.waiting.is_empty());
            tokio::select! {
                come = &mut coming => return Ok(come),
                done = self.next(), if is_busy => self.note(done).await?,
            }
        }
    }

    /// What is kept next, or nothing when something has waited long enough to be made known.
    async fn next(&mut self) -> Option<Result<Result<Kept, AppError>, JoinError>> {
        let is_waiting = !self.waiting.is_empty();
        tokio::select! {
            Some(done) = self.work.join_next() => Some(done),
            () = sleep_until(self.since + self.at_most), if is_waiting => None,
            else => None,
        }
    }

    async fn note(&mut self, done: Option<Result<Result<Kept, AppError>, JoinError>>) -> Result<(), AppError> {
        if let Some(done) = done {
            let kept = done.map_err(|error| internal("keeping a file", &error))??;
            if self.waiting.is_empty() {
                self.since = Instant::now();
            }
            self.waiting.push(kept);
            if self.waiting.len() < TOGETHER && self.since.elapsed() < self.at_most {
                return Ok(());
            }
        }
        self.make_known().await
    }

    async fn make_known(&mut self) -> Result<(), AppError> {
        let waiting = std::mem::take(&mut self.waiting);
        Ok(dataset_files::insert_kept(&self.context.state.db, self.dataset, &waiting).await?)
    }

    /// Makes the commit, when all of it is kept.
    pub async fn commit(mut self, message: Option<String>) -> Result<Committed, AppError> {
        while !self.work.is_empty() {
            let done = self.next().await;
            self.note(done).await?;
        }
        self.make_known().await?;
        super::change(&self.context, self.dataset, message, self.changes).await
    }
}

/// Fails unless whoever asks may change files of the dataset; gives the number of their account.
pub async fn may_change(context: &RequestContext, dataset: i64) -> Result<i64, AppError> {
    let (db, account) = (&context.state.db, context.writer()?);
    datasets::require(db, &context.viewer, dataset, account.id, Role::Writer, "change files of this dataset").await?;
    Ok(account.id)
}

/// Fails unless a file can have this path.
pub fn check(path: &str) -> Result<(), AppError> {
    check_path("path", path).map_or(Ok(()), |error| Err(AppError::fields(vec![error])))
}

/// Makes bytes known to a dataset that a single commit mentions.
pub async fn make_known(state: &AppState, dataset: i64, kept: &Kept) -> Result<(), AppError> {
    Ok(dataset_files::insert_kept(&state.db, dataset, std::slice::from_ref(kept)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Account, NewDataset, Viewer, Visibility};
    use crate::server::auth::session_store::DbSessionStore;
    use crate::server::config::Config;
    use crate::server::store::audit::Actor;
    use crate::server::store::users::NewUser;
    use crate::server::store::{datasets, users};
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;
    use tokio_util::sync::CancellationToken;
    use tower_sessions::Session;

    /// A site with one dataset, and who may write to it.
    async fn site(dir: &std::path::Path) -> (RequestContext, i64) {
        let database_url = format!("sqlite:{}", dir.join("test.sqlite").display());
        let config = Config { data_dir: dir.to_owned(), database_url, ..Config::default() };
        let state = AppState::open(config).await.unwrap();
        let user = NewUser { username: "ada".into(), password_hash: "$".into(), admin: false, joined: now_s() };
        let id = users::insert(&state.db, &user).await.unwrap();
        let account = Some(Account { id, username: "ada".into(), admin: false });
        let viewer = Viewer { account, read_only: false };
        let dataset = NewDataset {
            namespace: "ada".into(),
            name: "cats".into(),
            description: String::new(),
            visibility: Visibility::Private,
            tags: Vec::new(),
            storage_site: None,
        };
        let dataset = datasets::insert(&state.db, &viewer, &dataset, id, Actor::user(id, now_s())).await.unwrap();
        let session = Session::new(None, Arc::new(DbSessionStore(state.db.clone())), None);
        let (client, gone) = (IpAddr::V4(Ipv4Addr::LOCALHOST), CancellationToken::new());
        (RequestContext { state, viewer, session, client, user_agent: String::new(), gone }, dataset)
    }

    #[tokio::test]
    async fn what_is_kept_becomes_known_while_the_next_file_comes() {
        let dir = tempfile::tempdir().unwrap();
        let (context, dataset) = site(dir.path()).await;
        let state = &context.state;
        let mut batch = Batch::begin(&context, dataset).await.unwrap();
        batch.at_most = Duration::from_millis(20);
        let first = state.blobs.stage_bytes("first").await.unwrap();
        let md5 = first.md5.clone();
        let known = async || dataset_files::known_by(&state.db, dataset, &md5).await.unwrap().is_some();
        batch.add("first".to_owned(), first).await.unwrap();
        assert!(!known().await);
        // The next one comes only when the first is known.
        let next = async {
            while !known().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            state.blobs.stage_bytes("second").await.unwrap()
        };
        let next = tokio::time::timeout(Duration::from_secs(10), batch.meanwhile(next)).await.unwrap().unwrap();
        batch.add("second".to_owned(), next).await.unwrap();
        // Without anything to do it only waits.
        let mut idle = Batch::begin(&context, dataset).await.unwrap();
        assert_eq!(idle.meanwhile(async { 7 }).await.unwrap(), 7);
        batch.commit(None).await.unwrap();
        let files = dataset_files::at(&state.db, dataset, &["first", "second"]).await.unwrap();
        assert_eq!(files.len(), 2);
    }
}
