//! Pictures that come along with annotations, and become files of the dataset.

use super::source::Inputs;
use super::{Checkpoint, Task};
use crate::model::AppError;
use crate::model::version::{MAX_CHANGES, check_path};
use crate::server::jobs::{Stop, Work};
use crate::server::store::dataset_files;
use crate::server::versions::bytes::Batch;
use futures::TryStreamExt;
use md5::{Digest, Md5};
use std::collections::HashMap;
use std::sync::Arc;

/// What becomes of a picture that comes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Added,
    /// It is there already.
    There,
    /// It cannot be there, for this reason.
    Refused(&'static str),
}

const TAKEN: &str = "another file is at this place in the dataset; choose another folder";
const BAD_NAME: &str = "no file of a dataset can be called so";

/// The files that are in a dataset at the places of pictures, by path: the MD5 of each.
pub(super) async fn there(work: &Work, task: &Task, pictures: &[String]) -> Result<HashMap<String, String>, Stop> {
    let paths: Vec<String> = pictures.iter().map(|path| format!("{}{path}", task.folder)).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let files = dataset_files::at(&work.state().db, task.dataset, &paths).await?;
    Ok(files.into_iter().map(|(path, file)| (path, file.md5)).collect())
}

/// Says what would become of each picture.
pub async fn look(work: &Work, task: &Task, inputs: &Arc<Inputs>, pictures: &[String]) -> Result<Vec<Fate>, Stop> {
    let there = there(work, task, pictures).await?;
    let mut fates = Vec::with_capacity(pictures.len());
    for picture in pictures {
        work.check()?;
        let path = format!("{}{picture}", task.folder);
        let md5 = if there.contains_key(&path) { md5_of(inputs, picture).await? } else { String::new() };
        fates.push(fate(task, &there, picture, &md5));
    }
    Ok(fates)
}

/// What becomes of a file with this MD5, where those are in the dataset.
pub(super) fn fate(task: &Task, there: &HashMap<String, String>, picture: &str, md5: &str) -> Fate {
    let path = format!("{}{picture}", task.folder);
    match there.get(&path) {
        _ if check_path("path", &path).is_some() => Fate::Refused(BAD_NAME),
        None => Fate::Added,
        Some(known) if known == md5 => Fate::There,
        Some(_) => Fate::Refused(TAKEN),
    }
}

async fn md5_of(inputs: &Arc<Inputs>, picture: &str) -> Result<String, Stop> {
    let (mut stream, mut md5) = (Box::pin(inputs.stream(picture)), Md5::new());
    while let Some(piece) = stream.try_next().await.map_err(|error| damaged(picture, &error))? {
        md5.update(&piece);
    }
    Ok(hex::encode(md5.finalize()))
}

fn damaged(picture: &str, error: &std::io::Error) -> AppError {
    AppError::invalid(format!("{picture} cannot be read: {error}"))
}

/// Puts pictures into the dataset, in as few commits as there may be, and says what became of each. Those that whoever worked on it
/// before has put there are not put again. Nothing that is there is overwritten.
pub async fn bring(
    work: &mut Work,
    task: &Task,
    inputs: &Arc<Inputs>,
    pictures: &[String],
    reached: &mut Checkpoint,
) -> Result<Vec<Fate>, Stop> {
    let before = &pictures[..reached.pictures];
    let mut fates = match reached.refused.count {
        // What was put there then is there now.
        0 => vec![Fate::There; before.len()],
        _ => look(work, task, inputs, before).await?,
    };
    let there = there(work, task, pictures).await?;
    while reached.pictures < pictures.len() {
        let mut batch = Batch::begin(&work.context, task.dataset).await?;
        let (mut next, mut added) = (reached.clone(), 0);
        for picture in pictures[reached.pictures..].iter().take(MAX_CHANGES) {
            let path = format!("{}{picture}", task.folder);
            let fate = match check_path("path", &path) {
                Some(_) => Fate::Refused(BAD_NAME),
                None => {
                    let limit = work.state().config.file_limit_bytes;
                    let staged = work.state().blobs.stage(inputs.stream(picture), limit);
                    let staged = work.unless_ended(batch.meanwhile(staged)).await?.map_err(AppError::from)?;
                    let fate = fate(task, &there, picture, &staged.md5);
                    if fate == Fate::Added {
                        batch.add(path.clone(), staged).await?;
                    }
                    fate
                }
            };
            next.pictures += 1;
            next.note(picture, fate);
            fates.push(fate);
            added += u64::from(fate == Fate::Added);
            if let Fate::Refused(why) = fate {
                work.note(picture.as_str(), why);
            }
            work.tell(next.pictures as i64).await?;
        }
        if added > 0 {
            let message = format!("Import of {}", task.source.name);
            let committed = work.unless_ended(batch.commit(Some(message))).await?;
            next.commits.push(committed.commit);
        }
        // Who goes on from before this finds the same pictures there already.
        *reached = next;
        work.reach(reached.pictures as i64, reached.text()?).await?;
    }
    Ok(fates)
}
