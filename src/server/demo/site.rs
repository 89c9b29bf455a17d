//! What all demos need of a site: users, objects, files, pictures.

use crate::model::Region;
use crate::server::auth::passwords;
use crate::server::blobs::{BlobError, BlobStore};
use crate::server::images::{ImageError, ImagePipeline, Inspected, ThumbnailCache};
use crate::server::store::blobs::BlobRow;
use crate::server::store::pictures::NewPicture;
use crate::server::store::users::NewUser;
use crate::server::store::{Db, StoreError, objects, users};
use std::fmt;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// The parts of a site that a demo fills.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The database.
    pub db: &'a Db,
    /// The files.
    pub blobs: &'a BlobStore,
    /// Looks at files and makes thumbnails.
    pub images: &'a ImagePipeline,
    /// Keeps thumbnails.
    pub thumbnails: &'a ThumbnailCache,
}

/// What a demo has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// New pictures.
    pub pictures: usize,
    /// Pictures that were there already, from an earlier run.
    pub already_there: usize,
    /// New regions.
    pub regions: usize,
    /// New objects.
    pub objects: usize,
    /// New galleries.
    pub galleries: usize,
    /// What was left out and why, one sentence each.
    pub problems: Vec<String>,
}

/// Why a demo stopped.
#[derive(Debug)]
pub enum DemoError {
    /// It would have mixed with what is on the site. Says what to do.
    Refused(String),
    /// A folder or file is not as it should be.
    Input(String),
    /// The store failed.
    Store(StoreError),
    /// A picture could not be processed.
    Image(ImageError),
    /// A file could not be kept.
    Blob(BlobError),
    /// The file system failed.
    Io(io::Error),
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) | Self::Input(text) => f.write_str(text),
            Self::Store(error) => error.fmt(f),
            Self::Image(error) => error.fmt(f),
            Self::Blob(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ImageError> for DemoError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

impl From<BlobError> for DemoError {
    fn from(error: BlobError) -> Self {
        Self::Blob(error)
    }
}

impl From<io::Error> for DemoError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Now, in Unix seconds.
pub(super) fn now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// A file that was kept and looked at.
pub(super) struct Kept {
    pub(super) row: BlobRow,
    pub(super) inspected: Inspected,
}

impl Site<'_> {
    /// The ids of users of these names. Who is missing is made, with a password that nobody knows.
    pub(super) async fn users(&self, names: &[&str], joined: i64) -> Result<Vec<i64>, DemoError> {
        let mut ids = Vec::with_capacity(names.len());
        let mut unusable = None;
        for name in names {
            if let Some(user) = users::by_name(self.db, name).await? {
                ids.push(user.id);
                continue;
            }
            let password_hash = match &unusable {
                Some(hash) => String::clone(hash),
                None => {
                    let secret = hex::encode(rand::random::<[u8; 32]>());
                    let hash = passwords::hash(&secret).await.map_err(|error| DemoError::Input(error.to_string()))?;
                    unusable.insert(hash).clone()
                }
            };
            let user = NewUser { username: (*name).to_owned(), password_hash, admin: false, joined };
            ids.push(users::insert(self.db, &user).await?);
        }
        Ok(ids)
    }

    /// Registers an object unless it exists. Says whether it is new.
    pub(super) async fn object(
        &self,
        name: &str,
        description: &str,
        parents: &[String],
        author: i64,
        now: i64,
    ) -> Result<bool, DemoError> {
        match objects::get(self.db, name).await {
            Ok(_) => return Ok(false),
            Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        match objects::insert(self.db, name, description, parents, author, now).await {
            Ok(_) => Ok(true),
            // Somebody else was quicker.
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a file with its thumbnails, just as an upload would.
    pub(super) async fn keep(&self, bytes: Vec<u8>, now: i64) -> Result<Kept, DemoError> {
        let staged = self.blobs.stage_bytes(bytes).await?;
        let inspected = self.images.inspect(staged.path()).await?;
        let thumbnails = self.images.thumbnails(staged.path(), &inspected).await?;
        let row = BlobRow {
            hash: staged.hash.clone(),
            sha256: staged.sha256.clone(),
            md5: staged.md5.clone(),
            size: i64::try_from(staged.size).unwrap_or(i64::MAX),
            media_type: inspected.media_type().to_owned(),
            extension: inspected.extension().to_owned(),
            created_at: now,
            // Nobody took these pictures.
            exif: None,
            crc32: Some(staged.crc32.into()),
        };
        self.blobs.commit(staged).await?;
        self.thumbnails.put(&row.hash, &thumbnails).await?;
        Ok(Kept { row, inspected })
    }
}

/// What is said of a new picture besides its file.
pub(super) struct Caption {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) author: i64,
    pub(super) created_at: i64,
    pub(super) nature: String,
    pub(super) licences: Vec<String>,
}

/// A picture to be posted.
pub(super) fn new_picture(kept: &Kept, caption: Caption, regions: Vec<Region>) -> NewPicture {
    NewPicture {
        blob: kept.row.clone(),
        title: caption.title,
        description: caption.description,
        author: caption.author,
        origin_url: None,
        created_at: caption.created_at,
        width: kept.inspected.width.into(),
        height: kept.inspected.height.into(),
        nature: caption.nature,
        licences: caption.licences,
        regions,
        replaces: None,
        carry_regions: false,
        copied_from: None,
        keep_place: false,
        dataset: None,
        attribution: None,
        fields: Vec::new(),
    }
}
