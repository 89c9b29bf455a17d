//! Archives of files with one table: the files come into the dataset, and each picture gets what its row says.

use super::along::{self, Fate};
use super::source::Inputs;
use super::table::{self, Meant, Said, Table};
use super::{Checkpoint, Task, off_thread};
use crate::formats::annotations::is_picture;
use crate::model::AppError;
use crate::model::import::{ArchiveReport, ColumnUse, Listed, licences_called, nature_called};
use crate::server::context::now_s;
use crate::server::errors::internal;
use crate::server::images::ImageError;
use crate::server::jobs::{Stop, Work};
use crate::server::store::audit::Actor;
use crate::server::store::{dataset_files, licences, natures, picture_changes};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What so many rows say is stored in one transaction.
const TOGETHER: usize = 200;

/// Does what an archive with a table is about.
pub(super) async fn run(
    work: &mut Work,
    task: &Task,
    inputs: Arc<Inputs>,
    mut reached: Checkpoint,
) -> Result<Value, Stop> {
    let table = {
        let (inputs, request) = (inputs.clone(), task.request.clone());
        let read = off_thread(move || match &*inputs {
            Inputs::Archive(archive) => table::read(archive, &request),
            Inputs::Single(..) => Err(AppError::invalid(
                "this is no archive; bring a ZIP or TAR with the files and one table in CSV that names them",
            )),
        });
        Arc::new(read.await??)
    };
    let dry_run = task.request.dry_run;
    if !dry_run && !table.uses.contains(&ColumnUse::File) {
        let message = format!("no column of {} names the files; say which one does", table.path);
        return Err(AppError::invalid(message).into());
    }
    let meant = Arc::new(meant(work, task, &table).await?);
    let rows = table.survey.rows;
    work.set_total(table.files.len() as i64 + if dry_run { 0 } else { rows as i64 });
    // Of a dry run the numbers of pictures that are not there yet are unknown.
    let (fates, pictures) = match dry_run {
        true => look(work, task, &inputs, &table, &mut reached).await?,
        false => {
            let fates = along::bring(work, task, &inputs, &table.files, &mut reached).await?;
            (fates, pictures(work, task, &table).await?)
        }
    };
    let mut unreadable = Listed::default();
    for (file, path) in table.files.iter().enumerate() {
        if is_picture(path) && !pictures.contains_key(&file) && !matches!(fates[file], Fate::Refused(_)) {
            unreadable.add(|| path.clone());
        }
    }
    let (mut unfit, mut without_picture, mut described) = (Listed::default(), Listed::default(), 0);
    let mut receiver = feed(table.clone(), inputs, meant.clone());
    while let Some(part) = receiver.recv().await {
        let part = part?;
        work.check()?;
        let mut changes = Vec::new();
        let mut last = 0;
        for said in part {
            last = said.row + 1;
            table::note_unfit(&mut unfit, &said);
            if matches!(fates[said.file], Fate::Refused(_)) {
                continue;
            }
            if !pictures.contains_key(&said.file) {
                without_picture.add(|| table.files[said.file].clone());
                continue;
            }
            described += 1;
            if said.row >= reached.regions && !dry_run {
                for (column, fault) in &said.unfit {
                    work.note(
                        format!("{}, line {}", table.path, said.line),
                        format!("{column} {fault}; it is kept as a field"),
                    );
                }
                changes.extend(pictures[&said.file].map(|picture| (picture, said.change)));
            }
        }
        if !changes.is_empty() {
            let actor = Actor::user(work.account.id, now_s());
            work.unless_ended(picture_changes::update_each(&work.state().db, &changes, actor)).await?;
        }
        if !dry_run {
            reached.regions = reached.regions.max(last);
            work.reach(reached.pictures as i64 + reached.regions as i64, reached.text()?).await?;
        }
    }
    if !dry_run && !reached.said {
        say(work, &table);
    }
    let report = ArchiveReport {
        dry_run,
        encoding: table.dialect.encoding,
        delimiter: char::from(table.dialect.delimiter),
        has_header: table.dialect.has_header,
        columns: table.columns(),
        row_count: rows,
        long_rows: table.survey.long_rows,
        rows: table.matches.report.clone(),
        files: table.files.len() as u64,
        unreadable,
        licences: table::reported(&table.licences, &meant.licences),
        natures: table::reported(&table.natures, &meant.natures),
        unfit,
        without_picture,
        added: reached.added,
        already_there: reached.there,
        refused: reached.refused,
        described,
        commits: reached.commits,
        table: table.path.clone(),
    };
    serde_json::to_value(report).map_err(|error| internal("the report of an import", &error).into())
}

/// What the texts for licences and natures mean: what somebody says, and else what they are called.
async fn meant(work: &Work, task: &Task, table: &Table) -> Result<Meant, Stop> {
    let db = &work.state().db;
    let (licences, natures) = (licences::list(db).await?, natures::list(db).await?);
    let is_licence = |id: &String| licences.iter().any(|licence| licence.id == *id);
    let is_nature = |id: &String| natures.iter().any(|nature| nature.id == *id);
    let request = &task.request;
    if let Some(id) = request.licences.values().flatten().find(|id| !is_licence(id)) {
        return Err(AppError::field("licences", format!("names `{id}`, which is not a licence")).into());
    }
    if let Some(id) = request.natures.values().flatten().find(|id| !is_nature(id)) {
        return Err(AppError::field("natures", format!("names `{id}`, which is not a nature")).into());
    }
    let said = |texts: &BTreeMap<String, u64>,
                by_hand: &BTreeMap<String, Option<String>>,
                called: &dyn Fn(&str) -> Vec<String>| {
        let ids = |text: &String| match by_hand.get(text) {
            Some(id) => id.iter().cloned().collect(),
            None => called(text),
        };
        texts.keys().map(|text| (text.clone(), ids(text))).collect()
    };
    Ok(Meant {
        licences: said(&table.licences, &request.licences, &|text| licences_called(text, &licences)),
        natures: said(&table.natures, &request.natures, &|text| nature_called(text, &natures).into_iter().collect()),
    })
}

/// The pictures among files, by the numbers of the files; of those that are not there yet without a number.
type Pictures = HashMap<usize, Option<i64>>;

/// Says what would become of each file, and which are pictures.
async fn look(
    work: &mut Work,
    task: &Task,
    inputs: &Arc<Inputs>,
    table: &Table,
    reached: &mut Checkpoint,
) -> Result<(Vec<Fate>, Pictures), Stop> {
    let there = along::there(work, task, &table.files).await?;
    let (limit, most) = (work.state().config.file_limit_bytes, work.state().config.upload_limit_bytes);
    let (mut fates, mut pictures) = (Vec::with_capacity(table.files.len()), Pictures::new());
    for (number, path) in table.files.iter().enumerate() {
        let staging = work.state().blobs.stage(inputs.stream(path), limit);
        let staged = work.unless_ended(async { staging.await.map_err(AppError::from) }).await?;
        let fate = along::fate(task, &there, path, &staged.md5);
        if let Fate::Refused(why) = fate {
            work.note(path.as_str(), why);
        }
        let seen = match staged.size <= most {
            true => work.state().images.inspect(staged.path()).await.map(drop).map_err(Some),
            false => Err(None),
        };
        match seen {
            Ok(()) => drop(pictures.insert(number, None)),
            Err(Some(error @ (ImageError::Io(_) | ImageError::Unavailable(_)))) => {
                return Err(AppError::from(error).into());
            }
            Err(Some(error)) if is_picture(path) => work.note(path.as_str(), error.to_string()),
            Err(_) => {}
        }
        reached.note(path, fate);
        fates.push(fate);
        work.tell(number as i64 + 1).await?;
    }
    Ok((fates, pictures))
}

/// The pictures that files have become.
async fn pictures(work: &Work, task: &Task, table: &Table) -> Result<Pictures, Stop> {
    let paths: Vec<String> = table.files.iter().map(|path| format!("{}{path}", task.folder)).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let there = dataset_files::at(&work.state().db, task.dataset, &paths).await?;
    let picture = |(number, path): (usize, &&str)| Some((number, Some(there.get(*path)?.picture?)));
    Ok(paths.iter().enumerate().filter_map(picture).collect())
}

/// Reads what rows say, part by part.
fn feed(table: Arc<Table>, inputs: Arc<Inputs>, meant: Arc<Meant>) -> mpsc::Receiver<Result<Vec<Said>, AppError>> {
    let (sender, receiver) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let mut part = Vec::new();
        let mut is_wanted = true;
        let read = table.each(&inputs, &meant, |said| {
            part.push(said);
            if part.len() >= TOGETHER {
                is_wanted = sender.blocking_send(Ok(std::mem::take(&mut part))).is_ok();
            }
            is_wanted
        });
        let rest = read.map(|()| part);
        // Whoever waits no more does not hear it.
        let _ = sender.blocking_send(rest);
    });
    receiver
}

/// Notes rows without files, and files without rows, as errors of the job.
fn say(work: &mut Work, table: &Table) {
    let report = &table.matches.report;
    let at = |line: u64| format!("{}, line {line}", table.path);
    for missing in &report.missing.first {
        work.note(at(missing.row.line), format!("there is no file “{}”", missing.row.name));
    }
    for ambiguous in &report.ambiguous.first {
        work.note(at(ambiguous.row.line), format!("“{}” may be one of several files", ambiguous.row.name));
    }
    for repeated in &report.repeated.first {
        work.note(at(repeated.row.line), format!("another row has the file {} already", repeated.path));
    }
    for row in &report.unnamed.first {
        work.note(at(row.line), "no file is named");
    }
    for path in &report.without_row.first {
        work.note(path.as_str(), "no row names this file");
    }
}
