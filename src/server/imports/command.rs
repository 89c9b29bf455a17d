//! What `ocellus import` does: annotations come into a dataset of the site here, or of another server.

use super::source::Source;
use super::words;
use crate::model::import::{ColumnUse, Existing, ImportKind, ImportRequest, archive_report_of, report_of};
use crate::model::job::JobState;
use crate::model::{Account, AppError, Job, Viewer};
use crate::server::cli::Failure;
use crate::server::config::Config;
use crate::server::context::{RequestContext, now_s};
use crate::server::jobs;
use crate::server::remote::Token;
use crate::server::remote::site::{Refusal, Site};
use crate::server::state::AppState;
use crate::server::store;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;

/// How often somebody looks how far the job is.
const LOOKS_EVERY: Duration = Duration::from_millis(500);

/// What `ocellus import` can be told.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// An annotation file, an archive, or a folder, which goes as one archive
    path: PathBuf,
    /// The dataset, as `namespace/name`
    #[arg(long, value_name = "NAMESPACE/NAME")]
    dataset: String,
    /// The format: coco, yolo, yolo-seg, voc, cvat, labelme, label-studio, datumaro, via, imagefolder or ocellus; without, it is found out
    #[arg(long)]
    format: Option<String>,
    /// Look for pictures in this folder of the dataset, and put those there that come along
    #[arg(long, value_name = "FOLDER", default_value = "", hide_default_value = true)]
    folder: String,
    /// Let the regions go that named pictures have before
    #[arg(long)]
    replace: bool,
    /// Which object a class is, such as `car=Car`; `car=` leaves its regions out. Can be said again and again
    #[arg(long = "class", value_name = "CLASS=OBJECT")]
    classes: Vec<String>,
    /// What is brought: annotations, or archive for files with one table in CSV that says what is in them
    #[arg(long, value_parser = ImportKind::from_str, default_value = "annotations")]
    kind: ImportKind,
    /// What a column of the table is used for, such as `Photographer=author`: file, title, description, author, licence, nature, origin, field or
    /// skip. Can be said again and again
    #[arg(long = "column", value_name = "COLUMN=USE")]
    columns: Vec<String>,
    /// Which licence a text of the table names, such as `free=CC0-1.0`. Can be said again and again
    #[arg(long = "licence", value_name = "TEXT=LICENCE")]
    licences: Vec<String>,
    /// Register objects that are not there yet
    #[arg(long)]
    create_objects: bool,
    /// Change nothing, and say what would come of it
    #[arg(long)]
    dry_run: bool,
    /// Another server's address; without, the site here
    #[arg(long, env = "OCELLUS_SERVER", value_name = "URL")]
    server: Option<String>,
    #[command(flatten)]
    token: Token,
    /// Whose import it is on the site here
    #[arg(long, value_name = "USERNAME", required_unless_present = "server")]
    user: Option<String>,
}

impl ImportArguments {
    /// Whether it is the dataset of another server.
    pub fn is_remote(&self) -> bool {
        self.server.is_some()
    }

    fn request(&self) -> Result<ImportRequest, Failure> {
        let classes = pairs(&self.classes, "--class must be a class, = and an object")?;
        let licences = pairs(&self.licences, "--licence must be a text, = and the id of a licence")?;
        let mut columns = BTreeMap::new();
        for (column, used) in pairs(&self.columns, "--column must be a column, = and what it is used for")? {
            columns.insert(column, used.unwrap_or_default().parse::<ColumnUse>().map_err(in_words)?);
        }
        Ok(ImportRequest {
            kind: self.kind.as_str().to_owned(),
            columns,
            licences,
            format: self.format.clone(),
            dataset: self.dataset.clone(),
            folder: self.folder.clone(),
            existing: if self.replace { Existing::Replace } else { Existing::Keep },
            classes,
            create_objects: self.create_objects,
            dry_run: self.dry_run,
            ..ImportRequest::default()
        })
    }
}

/// Names with what belongs to them, which is nothing where it is empty.
fn pairs(all: &[String], form: &str) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let pair = |said: &String| {
        let (name, value) = said.rsplit_once('=').ok_or_else(|| format!("{form}, not {said}"))?;
        Ok((name.to_owned(), Some(value.to_owned()).filter(|value| !value.is_empty())))
    };
    all.iter().map(pair).collect()
}

/// What is brought: a file, and what it is called.
struct Brought {
    path: PathBuf,
    name: String,
    /// An archive of a folder, which goes when all is done.
    _archive: Option<NamedTempFile>,
}

impl Brought {
    fn of(path: &Path) -> Result<Self, Failure> {
        let metadata = std::fs::metadata(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let whole = path.canonicalize()?;
        let name = whole.file_name().and_then(|name| name.to_str()).unwrap_or("import").to_owned();
        if !metadata.is_dir() {
            return Ok(Self { path: path.to_owned(), name, _archive: None });
        }
        let archive = NamedTempFile::new()?;
        let mut tar = tar::Builder::new(File::create(archive.path())?);
        // What a link leads to is not meant by whoever names a folder.
        tar.follow_symlinks(false);
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            let entry = entry?;
            if entry.file_type().is_file() {
                tar.append_path_with_name(entry.path(), entry.path().strip_prefix(path)?)?;
            }
        }
        tar.into_inner()?.sync_all()?;
        Ok(Self { path: archive.path().to_owned(), name: format!("{name}.tar"), _archive: Some(archive) })
    }
}

/// Imports, and says what came of it, line by line. `state` is the site here, which an import into another server needs not.
pub async fn import(state: Option<&AppState>, arguments: &ImportArguments) -> Result<Vec<String>, Failure> {
    let request = arguments.request()?;
    let path = arguments.path.clone();
    let brought = tokio::task::spawn_blocking(move || Brought::of(&path)).await??;
    let job = match (state, &arguments.server) {
        (None, Some(server)) => there(&Site::at(server, &arguments.token.token)?, &request, &brought).await?,
        (Some(state), _) => here(state, arguments.user.as_deref().unwrap_or_default(), request, &brought).await?,
        (None, None) => return Err("there is no site to import into".into()),
    };
    match job.state {
        JobState::Done => {
            let annotations = report_of(&job).map(|report| words::of_annotations(&report, &job));
            let archive = || archive_report_of(&job).map(|report| words::of_archive(&report, &job));
            annotations.or_else(archive).ok_or_else(|| "the server's answer is not understood".into())
        }
        JobState::Failed => Err(job.failure.unwrap_or_else(|| "it failed".to_owned()).into()),
        _ => Err("it was cancelled".into()),
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = "{msg:>11} {bar:30} {human_pos} of {human_len}, {per_sec}, {eta} left";
    // Were the words of the style wrong, the usual one would do.
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message("Importing");
    bar
}

fn show(bar: &ProgressBar, job: &Job) {
    if let Some(total) = job.total {
        bar.set_length(total.unsigned_abs());
    }
    bar.set_position(job.done.unsigned_abs());
}

/// Sends it to a server, and follows the job there. Whoever stops this program does not stop the job.
async fn there(site: &Site, request: &ImportRequest, brought: &Brought) -> Result<Job, Failure> {
    let file = tokio::fs::File::open(&brought.path).await?;
    let length = file.metadata().await?.len();
    let body = reqwest::Body::wrap_stream(ReaderStream::new(file));
    let form = Form::new()
        .text("json", serde_json::to_string(request)?)
        .part("file", Part::stream_with_length(body, length).file_name(brought.name.clone()));
    let answer = site.send(site.bringing(Method::POST, "/api/v1/imports").multipart(form)).await?;
    let answer: serde_json::Value = site.read(answer).await?;
    let id = answer["job"].as_i64().ok_or_else(|| Refusal::here("the server's answer names no job"))?;
    let bar = bar();
    loop {
        let job: Job = site.json(Method::GET, &format!("/api/v1/jobs/{id}/")).await?;
        show(&bar, &job);
        if job.state.has_ended() {
            bar.finish_and_clear();
            return Ok(job);
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

/// Imports into the site here. A server that serves it may take the job, and goes on with it where this program is stopped.
async fn here(state: &AppState, user: &str, request: ImportRequest, brought: &Brought) -> Result<Job, Failure> {
    let row = store::users::by_name(&state.db, user).await?.filter(|row| row.suspended_at.is_none());
    let row = row.ok_or_else(|| format!("there is no user {user} who may act"))?;
    let account = Account { id: row.id, username: row.username, admin: row.admin };
    let viewer = Viewer { account: Some(account.clone()), read_only: false };
    let context = RequestContext::of_job(state, viewer, CancellationToken::new());
    super::check(&context, &request).await.map_err(in_words)?;
    let file = tokio::fs::File::open(&brought.path).await?;
    let source = Source::receive(state, &brought.name, ReaderStream::new(file)).await.map_err(in_words)?;
    let id = super::queue(&context, request, source).await.map_err(in_words)?;
    let (stop, bar) = (CancellationToken::new(), bar());
    let mut state = state.clone();
    // A site that leaves all work to other servers still does this here.
    let config = Config { jobs_at_once: state.config.jobs_at_once.max(1), ..Config::clone(&state.config) };
    state.config = config.into();
    let state = &state;
    let worker = tokio::spawn(jobs::serve(state.clone(), stop.clone()));
    let followed = follow(state, &account, id, &bar).await;
    stop.cancel();
    worker.await?;
    bar.finish_and_clear();
    followed
}

async fn follow(state: &AppState, account: &Account, id: i64, bar: &ProgressBar) -> Result<Job, Failure> {
    loop {
        let job = store::jobs::get(&state.db, account, id, now_s()).await?;
        show(bar, &job);
        if job.state.has_ended() {
            return Ok(job);
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

fn in_words(error: AppError) -> Failure {
    error.to_string().into()
}
