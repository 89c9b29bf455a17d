//! What somebody has brought: a file that lies in `<data_dir>/imports` until its import is done, or for some days.

use crate::formats::annotations::{Files, is_picture};
use crate::formats::unpack::{EntryKind, UnpackError, UnpackLimits, Unpacked};
use crate::model::AppError;
use crate::model::import::SOURCE_LASTS_S;
use crate::server::blobs::durable;
use crate::server::errors::{disk, internal};
use crate::server::state::AppState;
use bytes::Bytes;
use futures::Stream;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The files of an archive have so many times the bytes of the largest file that this site takes, at most.
const UNPACKED_TIMES: u64 = 4;
/// A name is kept up to so many characters.
const MAX_NAME: usize = 200;
/// Files of archives are read in pieces of so many bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// A file that somebody has brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it is called here.
    file: String,
    /// What it is called where it comes from.
    pub name: String,
}

fn folder(state: &AppState) -> PathBuf {
    state.config.data_dir.join("imports")
}

fn failed(error: io::Error) -> AppError {
    disk("a file that was brought", &error)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| internal("a file that was brought", &error))?
}

impl Source {
    /// Keeps what comes.
    pub async fn receive<E: fmt::Display>(
        state: &AppState,
        name: &str,
        stream: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Self, AppError> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect();
        if name.is_empty() {
            return Err(AppError::field("file", "must have a name"));
        }
        let staged = state.blobs.stage(stream, state.config.file_limit_bytes).await?;
        if staged.size == 0 {
            return Err(AppError::field("file", "is empty"));
        }
        let (folder, file) = (folder(state), format!("{:032x}", rand::random::<u128>()));
        let place = folder.join(&file);
        blocking(move || {
            durable::create_dir_all(&folder).map_err(failed)?;
            std::fs::hard_link(staged.path(), &place).map_err(failed)?;
            File::open(&place).and_then(|file| file.sync_all()).map_err(failed)?;
            durable::sync(&folder).map_err(failed)
        })
        .await?;
        Ok(Self { file, name })
    }

    fn path(&self, state: &AppState) -> PathBuf {
        folder(state).join(&self.file)
    }

    /// Keeps it for some days more. Fails if it is gone.
    pub async fn keep(&self, state: &AppState) -> Result<(), AppError> {
        let path = self.path(state);
        blocking(move || match File::options().append(true).open(path) {
            Ok(file) => file.set_modified(SystemTime::now()).map_err(failed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(AppError::Conflict("what was brought then is not kept any more; bring it again".to_owned()))
            }
            Err(error) => Err(failed(error)),
        })
        .await
    }

    /// Opens it for reading, unless it shall end meanwhile: to unpack an archive takes its time.
    pub async fn open(&self, state: &AppState, end: CancellationToken) -> Result<Inputs, AppError> {
        let (path, name, spool) = (self.path(state), self.name.clone(), folder(state));
        let most = state.config.file_limit_bytes;
        // What is unpacked takes room on the disk beside what is packed.
        let usual = UnpackLimits::default();
        let limits = UnpackLimits {
            bytes: usual.bytes.min(most.saturating_mul(UNPACKED_TIMES)),
            entry_bytes: usual.entry_bytes.min(most),
            ..usual
        };
        blocking(move || Inputs::open(&path, name, &spool, (&limits, &end))).await
    }

    /// Forgets it.
    pub async fn remove(&self, state: &AppState) {
        if let Err(error) = tokio::fs::remove_file(self.path(state)).await {
            tracing::warn!(%error, "what was brought could not be removed");
        }
    }
}

/// Forgets what was brought long ago.
pub async fn sweep(state: &AppState) -> Result<(), AppError> {
    let folder = folder(state);
    blocking(move || {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|time| time.elapsed());
            if matches!(age, Ok(Ok(age)) if age > Duration::from_secs(SOURCE_LASTS_S.unsigned_abs())) {
                std::fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(())
    })
    .await
}

/// The files of an archive, or a single one.
pub enum Inputs {
    /// An archive.
    Archive(Unpacked),
    /// A single file: what it is called, and where it lies.
    Single(String, PathBuf),
}

impl Inputs {
    fn open(
        path: &Path,
        name: String,
        spool: &Path,
        (limits, end): (&UnpackLimits, &CancellationToken),
    ) -> Result<Self, AppError> {
        let gone = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => AppError::Conflict("what was brought is not here any more".to_owned()),
            _ => failed(error),
        };
        let file = File::open(path).map_err(gone)?;
        match Unpacked::open_while(file, spool, limits, &|| !end.is_cancelled()) {
            Ok(unpacked) => Ok(Self::Archive(unpacked)),
            Err(UnpackError::UnknownKind) => Ok(Self::Single(name, path.to_owned())),
            Err(UnpackError::Io(error)) => Err(failed(error)),
            Err(error) => Err(AppError::invalid(error.to_string())),
        }
    }

    /// The paths of the pictures among them.
    pub fn pictures(&self) -> Vec<String> {
        match self {
            Self::Archive(archive) => {
                let pictures = archive.files().iter().filter(|file| file.kind == EntryKind::Image);
                pictures.map(|file| file.path.clone()).collect()
            }
            Self::Single(name, _) if is_picture(name) => vec![name.clone()],
            Self::Single(..) => Vec::new(),
        }
    }

    /// Opens one of them from its beginning.
    pub fn reader(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Archive(archive) => archive.reader(path),
            Self::Single(_, place) => Ok(Box::new(File::open(place)?)),
        }
    }

    /// The bytes of one of them.
    pub fn stream(self: &Arc<Self>, path: &str) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let (sender, mut receiver) = mpsc::channel(2);
        let (inputs, path) = (self.clone(), path.to_owned());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = inputs.send(&path, &sender) {
                // Whoever waits no more does not hear it.
                let _ = sender.blocking_send(Err(error));
            }
        });
        futures::stream::poll_fn(move |context| receiver.poll_recv(context))
    }

    fn send(&self, path: &str, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
        let mut reader = self.reader(path)?;
        loop {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            reader.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
            if piece.is_empty() || sender.blocking_send(Ok(piece.into())).is_err() {
                return Ok(());
            }
        }
    }
}

impl Files for Inputs {
    fn paths(&self) -> Vec<String> {
        match self {
            Self::Archive(archive) => archive.paths(),
            Self::Single(name, _) => vec![name.clone()],
        }
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(self.reader(path)?)
    }
}
