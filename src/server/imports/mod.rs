//! Bringing annotations in, with their pictures or for pictures that are there; and archives of files with one table
//! ([`archive`], [`table`]).
//!
//! An import is a job ([`run`]). Of annotations it opens what was brought ([`source`]), puts the pictures among it into the dataset ([`along`]), reads
//! everything once to learn which pictures, classes and regions there are ([`reading`]), decides which object each class is
//! ([`classes`]), and reads it again to store regions, each transaction together with how far it has come. A dry run does the same up to
//! the point where something would be written, and what it says is what an import finds.

mod along;
mod archive;
mod classes;
mod command;
mod reading;
pub mod source;
mod table;
mod words;

pub use command::{ImportArguments, import};

use super::context::{RequestContext, now_s};
use super::errors::internal;
use super::jobs::{self, Stop, Work};
use super::state::AppState;
use super::store::region_import::{self, Addition, Importer};
use super::store::{self, jobs::NewJob};
use crate::formats::annotations::{FormatError, PixelSize};
use crate::formats::detect::detect;
use crate::model::folder::read_folder;
use crate::model::import::{AnnotationsReport, Existing, ImportJob, ImportKind, ImportRequest, Listed};
use crate::model::job::JobKind;
use crate::model::{AnnotationFormat, AppError, Role};
use along::Fate;
use reading::{Part, Pictures, Survey, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use source::{Inputs, Source};
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a job is to bring in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    request: ImportRequest,
    dataset: i64,
    /// The folder of the dataset: empty, or with `/` at its end.
    folder: String,
    source: Source,
}

/// How far an import has come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    /// So many of the pictures that come along are done.
    pictures: usize,
    added: u64,
    there: u64,
    refused: Listed,
    commits: Vec<String>,
    /// What was found at first: how many pictures and regions, and which object each class is. Whoever goes on counts on it.
    #[serde(default)]
    began: Option<(u64, u64, BTreeMap<String, Option<String>>)>,
    /// Whether it was said which pictures are not found, and what is lost.
    said: bool,
    /// So many regions of the input are done, or so many rows of a table.
    regions: u64,
    stored: u64,
}

impl Checkpoint {
    fn note(&mut self, picture: &str, fate: Fate) {
        match fate {
            Fate::Added => self.added += 1,
            Fate::There => self.there += 1,
            Fate::Refused(_) => self.refused.add(|| picture.to_owned()),
        }
    }

    fn text(&self) -> Result<String, Stop> {
        serde_json::to_string(self).map_err(|error| internal("a checkpoint", &error).into())
    }
}

/// Queues an import, and gives the number of its job. Whoever asks has to be an annotator of the dataset at least; for pictures that
/// come along a writer.
pub async fn queue(context: &RequestContext, request: ImportRequest, source: Source) -> Result<i64, AppError> {
    let account = context.writer()?;
    let (dataset, folder) = check(context, &request).await?;
    let title = match request.dry_run {
        true => format!("Look at {}", source.name),
        false => format!("Import of {}", source.name),
    };
    let task = Task { request, dataset, folder, source };
    let task = serde_json::to_string(&task).map_err(|error| internal("an import", &error))?;
    jobs::queue(&context.state, &account, &NewJob { kind: JobKind::Import, title, task }).await
}

/// Fails where an import cannot be begun; gives the dataset and the folder in it.
pub async fn check(context: &RequestContext, request: &ImportRequest) -> Result<(i64, String), AppError> {
    let (db, viewer, account) = (&context.state.db, &context.viewer, context.writer()?);
    request.check()?;
    let dataset = store::datasets::resolve(db, viewer, &request.dataset).await?;
    let (role, what) = match request.kind()? {
        ImportKind::Annotations => (Role::Annotator, "annotate pictures of this dataset"),
        ImportKind::Archive => (Role::Writer, "change files of this dataset"),
    };
    store::datasets::require(db, viewer, dataset, account.id, role, what).await?;
    let folder = read_folder("folder", &request.folder).map_err(|error| AppError::fields(vec![error]))?;
    Ok((dataset, folder))
}

/// What was brought for an earlier job of theirs, which is kept for some days more.
pub async fn source_of(context: &RequestContext, job: i64) -> Result<Source, AppError> {
    let account = context.writer()?;
    let missing = || AppError::field("of", format!("names job {job}, which is not one of your imports"));
    let task = store::jobs::task_of(&context.state.db, account.id, job).await?.ok_or_else(missing)?;
    let task: Task = serde_json::from_str(&task).map_err(|_| missing())?;
    // Whoever presses twice does not want it twice.
    let others = store::jobs::open_tasks(&context.state.db, account.id, JobKind::Import).await?;
    let is_same = |(_, other): &&(i64, String)| {
        let other = serde_json::from_str::<Task>(other);
        other.is_ok_and(|other| !other.request.dry_run && other.source == task.source)
    };
    if let Some((other, _)) = others.iter().find(is_same) {
        return Err(AppError::Conflict(format!("this is being imported already, by job {other}")));
    }
    task.source.keep(&context.state).await?;
    Ok(task.source)
}

/// An import of theirs with what it is to do.
pub async fn job_of(context: &RequestContext, id: i64) -> Result<ImportJob, AppError> {
    let (account, db) = (context.reader()?, &context.state.db);
    let missing = || AppError::NotFound(format!("there is no import {id}"));
    let task = store::jobs::task_of(db, account.id, id).await?.ok_or_else(missing)?;
    let Task { request, dataset, source, .. } = serde_json::from_str(&task).map_err(|_| missing())?;
    let job = store::jobs::get(db, &account, id, now_s()).await?;
    let seen = store::datasets::get(db, &context.viewer, dataset).await.ok();
    Ok(ImportJob { job, request, file: source.name, dataset_id: dataset, dataset: seen.map(|seen| seen.full_name()) })
}

/// Forgets what was brought for an import that is done; what was only looked at stays for who goes on with it.
pub async fn tidy_up(state: &AppState, task: &str) {
    if let Ok(Task { request: ImportRequest { dry_run: false, .. }, source, .. }) = serde_json::from_str(task) {
        source.remove(state).await;
    }
}

/// Does what an import is about.
pub async fn run(work: &mut Work) -> Result<Value, Stop> {
    let unreadable = |error| Stop::Failed(internal("an import", &error));
    let task: Task = serde_json::from_str(&work.task).map_err(unreadable)?;
    let mut reached: Checkpoint =
        work.checkpoint.as_deref().map(serde_json::from_str).transpose().map_err(unreadable)?.unwrap_or_default();
    // It may have waited for long.
    check(&work.context, &ImportRequest { dataset: task.dataset.to_string(), ..task.request.clone() }).await?;
    task.source.keep(work.state()).await?;
    let end = work.end();
    let inputs = Arc::new(work.unless_ended(task.source.open(work.state(), end)).await?);
    if task.request.kind()? == ImportKind::Archive {
        return archive::run(work, &task, inputs, reached).await;
    }
    let format = format(&task.request, &inputs).await?;
    let own = inputs.pictures();
    let dry_run = task.request.dry_run;
    let fates = match dry_run {
        true => {
            let fates = along::look(work, &task, &inputs, &own).await?;
            own.iter().zip(&fates).for_each(|(picture, fate)| reached.note(picture, *fate));
            fates
        }
        false => along::bring(work, &task, &inputs, &own, &mut reached).await?,
    };
    let own = own.into_iter().zip(fates.iter().map(|fate| !matches!(fate, Fate::Refused(_))));
    let pictures = pictures(work, &task, own.collect()).await?;
    let pictures = Arc::new(pictures);
    let survey = survey(work, format, &inputs, &pictures).await?;
    let classes = classes::look_up(&work.state().db, &survey, &task.request).await?;
    if !reached.said {
        say(work, &survey);
        reached.said = true;
    }
    if !dry_run {
        let now = || (survey.found, survey.regions, classes::mapping(&classes).into_iter().collect());
        let began = reached.began.get_or_insert_with(now).clone();
        if (began.0, began.1) != (survey.found, survey.regions) {
            let message = "the dataset was changed while this was cut off, so that nobody can tell what is stored; import it again, \
                           replacing regions that pictures have already";
            return Err(AppError::Conflict(message.to_owned()).into());
        }
        work.set_total(reached.pictures as i64 + survey.regions as i64);
        work.reach(reached.pictures as i64 + reached.regions as i64, reached.text()?).await?;
        let objects = classes::objects(&classes);
        if task.request.create_objects {
            region_import::register_objects(&work.state().db, &objects, work.account.id, now_s()).await?;
        }
        let (_, _, mapping) = began.clone();
        store(work, &task, format, (&inputs, &pictures), mapping.into_iter().collect(), &mut reached).await?;
    }
    let stored = if dry_run { classes::kept(&survey, &classes) } else { reached.stored };
    let report = AnnotationsReport {
        dry_run,
        format: format.as_str().to_owned(),
        pictures: survey.pictures,
        found: survey.found,
        found_by_name: survey.found_by_name,
        missing: survey.missing,
        ambiguous: survey.ambiguous,
        added: reached.added,
        already_there: reached.there,
        refused: reached.refused,
        regions: survey.regions,
        stored,
        classes,
        losses: survey.losses.counts().map(|(loss, count)| (loss.label(count).to_owned(), count)).collect(),
        commits: reached.commits,
    };
    serde_json::to_value(report).map_err(|error| internal("the report of an import", &error).into())
}

/// The format that was named, or that is found.
async fn format(request: &ImportRequest, inputs: &Arc<Inputs>) -> Result<AnnotationFormat, Stop> {
    if let Some(format) = request.format().map_err(|error| AppError::fields(vec![error]))? {
        return Ok(format);
    }
    let inputs = inputs.clone();
    let found = off_thread(move || detect(&*inputs)).await?;
    let unknown = || AppError::invalid("the format cannot be told from the files; say which one it is");
    Ok(found.ok_or_else(unknown)?)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Stop> {
    tokio::task::spawn_blocking(work).await.map_err(|error| internal("reading what was brought", &error).into())
}

/// The pictures that may be meant.
async fn pictures(work: &Work, task: &Task, own: Vec<(String, bool)>) -> Result<Pictures, Stop> {
    let there = region_import::pictures_below(&work.state().db, task.dataset, &task.folder).await?;
    let there = there.into_iter().map(|file| {
        let side = |side: i64| u32::try_from(side).unwrap_or(u32::MAX);
        let size = Some(PixelSize { width: side(file.width), height: side(file.height) });
        Target { path: file.path, picture: Some(file.picture), size }
    });
    let there: Vec<Target> = there.collect();
    let folder = task.folder.clone();
    off_thread(move || Pictures::new(&folder, there, own)).await
}

async fn survey(
    work: &Work,
    format: AnnotationFormat,
    inputs: &Arc<Inputs>,
    pictures: &Arc<Pictures>,
) -> Result<Survey, Stop> {
    let (inputs, pictures, end, state) = (inputs.clone(), pictures.clone(), work.end(), work.state().clone());
    let runtime = tokio::runtime::Handle::current();
    let read = off_thread(move || {
        let most = state.config.upload_limit_bytes;
        let mut known: HashMap<String, Option<PixelSize>> = HashMap::new();
        let look = |path: &str| {
            let mut file = tempfile::NamedTempFile::new_in(&state.config.data_dir).ok()?;
            let reader = crate::formats::annotations::Files::open(&*inputs, path).ok()?;
            let copied = std::io::copy(&mut reader.take(most.saturating_add(1)), &mut file).ok()?;
            if copied > most {
                return None;
            }
            file.flush().ok()?;
            let image = runtime.block_on(state.images.inspect(file.path())).ok()?;
            Some(PixelSize { width: image.width, height: image.height })
        };
        let mut measure = |path: &str| match known.get(path) {
            Some(size) => *size,
            None => *known.entry(path.to_owned()).or_insert(look(path)),
        };
        reading::survey(format, &inputs, &pictures, end, &mut measure)
    });
    read.await?.map_err(|error| why(work, &error))
}

/// What a reader's error means for the job.
fn why(work: &Work, error: &FormatError) -> Stop {
    match (work.check(), error) {
        (Err(ended), _) => ended,
        (_, FormatError::Io { file, error }) if error.kind() == std::io::ErrorKind::StorageFull => {
            Stop::Failed(super::errors::disk(file, error))
        }
        (_, error) => Stop::Failed(AppError::invalid(error.to_string())),
    }
}

/// Notes what is not found and what is lost as errors of the job.
fn say(work: &mut Work, survey: &Survey) {
    for (path, what) in &survey.faults {
        work.note(path.as_str(), *what);
    }
    for entry in survey.losses.listed() {
        work.note(entry.place.as_str(), entry.loss.label(1));
    }
}

/// Stores the regions.
async fn store(
    work: &mut Work,
    task: &Task,
    format: AnnotationFormat,
    (inputs, pictures): (&Arc<Inputs>, &Arc<Pictures>),
    classes: reading::Classes,
    reached: &mut Checkpoint,
) -> Result<(), Stop> {
    let (sender, mut receiver) = mpsc::channel::<Part>(2);
    let feeding = {
        let (inputs, pictures, end, skip) = (inputs.clone(), pictures.clone(), work.end(), reached.regions);
        off_thread(move || reading::feed(format, &inputs, &pictures, (classes, skip), end, sender))
    };
    let storing = async {
        while let Some(part) = receiver.recv().await {
            work.check()?;
            keep(work, task, pictures, part, reached).await?;
        }
        // Whoever reads hears that nobody listens any more.
        drop(receiver);
        Ok::<_, Stop>(())
    };
    let (fed, stored) = futures::join!(feeding, storing);
    stored?;
    fed?.map_err(|error| why(work, &error))
}

async fn keep(
    work: &mut Work,
    task: &Task,
    pictures: &Pictures,
    part: Part,
    reached: &mut Checkpoint,
) -> Result<(), Stop> {
    let replaces = task.request.existing == Existing::Replace;
    let additions = part.regions.into_iter().filter_map(|(target, is_first, regions)| {
        let Target { path, picture, .. } = &pictures.targets()[target];
        if picture.is_none() && !regions.is_empty() {
            let lost = format!("this site cannot show the file, so that {} of its regions are lost", regions.len());
            work.note(path.as_str(), lost);
        }
        let is_wanted = replaces || !regions.is_empty();
        picture.filter(|_| is_wanted).map(|picture| Addition {
            picture,
            path: path.clone(),
            replaces: replaces && is_first,
            regions,
        })
    });
    let additions: Vec<Addition> = additions.collect();
    reached.regions = part.read;
    let (context, author) = (work.context.clone(), work.account.id);
    let checkpoint = {
        let next = reached.clone();
        move |stored: u64| serde_json::to_string(&Checkpoint { stored: next.stored + stored, ..next.clone() })
    };
    let job = work.with(reached.pictures as i64 + reached.regions as i64);
    let (viewer, dataset) = (&context.viewer, task.dataset);
    let importer = Importer { viewer, author, dataset, job, checkpoint: &checkpoint };
    let stored = region_import::add(&context.state.db, importer, &additions, now_s()).await?;
    reached.stored += stored.regions;
    work.heard(stored.heard)
}
