//! What all handlers share.

use super::auth::bot_check::BotCheck;
use super::auth::rate_limits::{Rate, RateLimits, Rates};
use super::blobs::{BlobStore, durable};
use super::config::Config;
use super::git::Repositories;
use super::images::{ImagePipeline, Placeless, ThumbnailCache};
use super::jobs::Bell;
use super::storage::Storage;
use super::store::{Db, Places, Urls};
use super::uploads::Coming;
use std::sync::Arc;
use std::time::Duration;

/// So many programs read from histories at a time.
const HISTORY_READS: usize = 8;
/// So many histories are handed out at a time.
const PACKS: usize = 16;
/// So many archives of files are sent at a time, each of which has its list of files in memory.
const DOWNLOADS: usize = 64;
/// So many follow jobs at a time.
const WATCHERS: usize = 256;
/// So many exports are planned at once: what is known of all their pictures is held meanwhile.
const EXPORTS: usize = 8;
/// So many pushes are waited for at a time until they have come whole, each of which takes room on the disk meanwhile.
const PUSHES_COMING: usize = 32;
/// So many pushes are looked at and taken at a time.
const PUSHES: usize = 4;

/// What handlers share. Cloning is cheap. Nothing in it would be missed by another server: all that lasts is in the
/// database and in blobs.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// The uploaded files.
    pub blobs: BlobStore,
    /// Where those of datasets are that are not in the site's own folder.
    pub storage: Storage,
    /// Decodes and measures pictures.
    pub images: ImagePipeline,
    /// Small versions of pictures.
    pub thumbnails: ThumbnailCache,
    /// The history of datasets.
    pub repositories: Repositories,
    /// Whose turn it is to read from those histories.
    pub history_reads: Places,
    /// Whose turn it is to be handed a history.
    pub packs: Places,
    /// Whose turn it is to be sent an archive of files.
    pub downloads: Places,
    /// Whose turn it is that an export is planned.
    pub exports: Places,
    /// Whose turn it is to send a history.
    pub pushes_coming: Places,
    /// Whose turn it is that what they have sent is taken.
    pub pushes: Places,
    /// Files that come in parts to this server.
    pub uploads: Coming,
    /// Whose turn it is to follow a job.
    pub watchers: Places,
    /// Tells this server that there is long work to do.
    pub bell: Bell,
    /// Files without the place where they were taken.
    pub placeless: Placeless,
    /// Asks strangers who register a question.
    pub bot_check: BotCheck,
    /// Brakes on sign-in and registration.
    pub limits: Arc<RateLimits>,
    /// How addresses of files are made.
    pub urls: Arc<Urls>,
}

impl AppState {
    /// Opens the database and the data folder, and brings the database to the newest form.
    pub async fn open(config: Config) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        durable::create_dir_all(&config.data_dir)
            .map_err(|error| format!("cannot make the data folder {}: {error}", config.data_dir.display()))?;
        let db = Db::connect(&config.database_url).await?.with_limit(Duration::from_secs(config.query_seconds));
        db.migrate().await?;
        let storage = Storage::new(db.clone(), &config);
        let blobs = BlobStore::open(&config.data_dir.join("blobs"))?.with_elsewhere(Arc::new(storage.clone()));
        let images = ImagePipeline::new(config.thumbnail_threads, config.picture_limit_pixels);
        let thumbnails = ThumbnailCache::open(&config.data_dir.join("thumbnails"), blobs.clone(), images.clone())?;
        let placeless = Placeless::open(&config.data_dir.join("placeless"), blobs.clone(), images.clone())?;
        let repositories = Repositories::open(&config.data_dir.join("datasets"))?;
        let (history_reads, packs) = (Places::new(HISTORY_READS), Places::new(PACKS));
        let (downloads, exports) = (Places::new(DOWNLOADS), Places::new(EXPORTS));
        let (pushes_coming, pushes) = (Places::new(PUSHES_COMING), Places::new(PUSHES));
        let bot_check = BotCheck::open(&db).await?;
        let limits = Arc::new(RateLimits::new(&rates(&config)));
        let urls = Arc::new(Urls { public_url: config.public_url.clone() });
        let config = Arc::new(config);
        Ok(Self {
            config,
            db,
            blobs,
            storage,
            images,
            thumbnails,
            repositories,
            history_reads,
            packs,
            downloads,
            exports,
            pushes_coming,
            pushes,
            uploads: Coming::default(),
            watchers: Places::new(WATCHERS),
            bell: Bell::default(),
            placeless,
            bot_check,
            limits,
            urls,
        })
    }
}

fn rates(config: &Config) -> Rates {
    let per = |seconds: u64, tries: u32| Rate::new(tries, Duration::from_secs(seconds) / tries.max(1));
    Rates {
        register: per(3600, config.registrations_per_hour),
        login: per(60, config.logins_per_minute),
        // Generous, since a stranger could otherwise lock the user out.
        login_as: per(60, config.logins_per_minute.saturating_mul(10)),
    }
}
