//! The index over the newest commit of a dataset: it follows Git from one commit to another in one transaction, in which pictures
//! come, move and go with their files.

use super::audit::Actor;
use super::dataset_files::{self, FileRow, Kept};
use super::datasets::{note_if_borrowed, note_push};
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx, VALUES_PER_LIST};
use super::error::StoreError;
use super::picture_bulk;
use super::picture_changes::delete_silently;
use super::picture_copy::copy_of;
use super::pictures::{self, NewPicture};
use super::schema::{DatasetFiles, Datasets, NamespaceMembers, Pictures, Users};
use crate::model::Role;
use crate::server::git::{Change, Pointer};
use sea_query::{Expr, ExprTrait, Func, Order, Query};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// What a picture is called whose file says no more of it.
const NATURE: &str = "photo";

/// A step from one commit to another.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// The dataset.
    pub dataset: i64,
    /// The commit that the index describes; none before the first one.
    pub from: Option<&'a str>,
    /// The commit that it shall describe.
    pub to: &'a str,
    /// What differs between the two. What is not so in the index is passed over.
    pub changes: &'a [Change],
    /// Who made the commit and when: new pictures are theirs.
    pub actor: Actor,
    /// What is known of the picture at one path, if it is new.
    pub prepared: Option<&'a Prepared>,
    /// Whether the commit was pushed: who did so is written down, since its author may be called as anybody likes.
    pub pushed: bool,
}

/// A picture whose file a commit brings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prepared {
    /// The path of the file.
    pub path: String,
    /// The picture.
    pub picture: PreparedPicture,
}

/// What is known of a picture beside its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PreparedPicture {
    /// All that whoever brings it has said.
    New(Box<NewPicture>),
    /// The same as of this picture.
    CopyOf(i64),
}

/// Takes a step. Fails with a conflict if the index describes another commit than the one that the step begins with.
pub async fn advance(db: &Db, step: &Step<'_>) -> Result<()> {
    db.write(|mut tx| async move {
        let lock = Query::select()
            .column(Datasets::Head)
            .from(Datasets::Table)
            .and_where(Expr::col(Datasets::Id).eq(step.dataset))
            .lock_exclusive()
            .to_owned();
        let gone = || StoreError::NotFound(format!("there is no dataset {}", step.dataset));
        let (head,) = tx.optional::<(Option<String>,)>(&lock).await?.ok_or_else(gone)?;
        if head.as_deref() != step.from {
            return Err(StoreError::Conflict("somebody else has changed this dataset meanwhile; try again".to_owned()));
        }
        follow(&mut tx, step).await?;
        let update = Query::update()
            .table(Datasets::Table)
            .value(Datasets::Head, step.to)
            .and_where(Expr::col(Datasets::Id).eq(step.dataset))
            .to_owned();
        tx.execute(&update).await?;
        if step.from != Some(step.to) {
            let details = format!("commit {}", step.to);
            note_if_borrowed(&mut tx, step.dataset, Role::Writer, step.actor, &details).await?;
            if step.pushed {
                note_push(&mut tx, step.dataset, step.actor, &details).await?;
            }
        }
        tx.commit(()).await
    })
    .await
}

/// A file that is about to be in the index.
struct NewFile<'a> {
    path: &'a str,
    pointer: &'a Pointer,
    picture: Option<i64>,
}

async fn follow(tx: &mut Tx, step: &Step<'_>) -> Result<()> {
    let paths: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).collect();
    let mut before = dataset_files::rows_at(tx, step.dataset, &paths).await?;
    let same = |change: &&Change| match (&change.after, before.get(&change.path)) {
        (Some(after), Some(row)) => row.md5 == after.md5,
        (None, None) => true,
        _ => false,
    };
    let changes: Vec<&Change> = step.changes.iter().filter(|change| !same(change)).collect();
    before.retain(|path, _| changes.binary_search_by(|change| change.path.as_str().cmp(path)).is_ok());
    let wanted: BTreeSet<String> =
        changes.iter().filter_map(|change| Some(change.after.as_ref()?.md5.clone())).collect();
    let kept = dataset_files::kept(tx, step.dataset, &wanted).await?;

    remove_rows(tx, step.dataset, before.keys().map(String::as_str).collect()).await?;
    let mut free = free_pictures(tx, step.dataset, &kept, &before).await?;
    let (mut files, mut new) = (Vec::with_capacity(changes.len()), Vec::new());
    for change in &changes {
        let Some(pointer) = &change.after else { continue };
        let Some(bytes) = kept.get(&pointer.md5) else {
            // A picture that stands there would go, and its regions with it.
            if before.contains_key(&change.path) {
                return Err(StoreError::corrupt(format!(
                    "a commit of dataset {} that names the bytes {}, which this site does not have",
                    step.dataset, pointer.md5
                )));
            }
            // Nobody is handed such a commit, so that only a repository that was changed by hand can have one.
            tracing::error!(
                dataset = step.dataset,
                path = change.path,
                "a commit names bytes that this site does not have"
            );
            continue;
        };
        let picture = free.get_mut(&bytes.blob.hash).and_then(VecDeque::pop_front);
        if picture.is_none() && bytes.size_px.is_some() {
            new.push((files.len(), bytes));
        }
        files.push(NewFile { path: &change.path, pointer, picture });
    }
    let moved: BTreeSet<i64> = files.iter().filter_map(|file| file.picture).collect();
    let mut left: BTreeMap<&str, i64> = before
        .values()
        .filter_map(|row| Some((row.path.as_str(), row.picture.filter(|picture| !moved.contains(picture))?)))
        .collect();
    insert_pictures(tx, step, &mut files, new, &mut left).await?;
    for picture in left.into_values() {
        delete_with_older(tx, picture).await?;
    }
    insert_rows(tx, step.dataset, &files).await
}

async fn remove_rows(tx: &mut Tx, dataset: i64, paths: Vec<&str>) -> Result<()> {
    for part in paths.chunks(VALUES_PER_LIST) {
        let delete = Query::delete()
            .from_table(DatasetFiles::Table)
            .and_where(Expr::col(DatasetFiles::Dataset).eq(dataset))
            .and_where(Expr::col(DatasetFiles::Path).is_in(part.iter().copied()))
            .to_owned();
        tx.execute(&delete).await?;
    }
    Ok(())
}

async fn insert_rows(tx: &mut Tx, dataset: i64, files: &[NewFile<'_>]) -> Result<()> {
    for part in files.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(DatasetFiles::Table).columns([
            DatasetFiles::Dataset,
            DatasetFiles::Path,
            DatasetFiles::Md5,
            DatasetFiles::Size,
            DatasetFiles::Picture,
        ]);
        for NewFile { path, pointer, picture } in part {
            let size = i64::try_from(pointer.size).unwrap_or(i64::MAX);
            insert.values_panic([
                dataset.into(),
                (*path).into(),
                pointer.md5.as_str().into(),
                size.into(),
                (*picture).into(),
            ]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// The pictures of the dataset that have these bytes and no file, by the hash of their bytes: those whose files were moved, in the
/// order of the paths that they had, and those from before the dataset had commits.
async fn free_pictures(
    tx: &mut Tx,
    dataset: i64,
    kept: &HashMap<String, Kept>,
    before: &HashMap<String, FileRow>,
) -> Result<HashMap<String, VecDeque<i64>>> {
    let hashes: Vec<&str> = kept.values().map(|kept| kept.blob.hash.as_str()).collect();
    let mut found = Vec::new();
    for part in hashes.chunks(VALUES_PER_LIST) {
        let file = Query::select()
            .expr(Expr::cust("1"))
            .from(DatasetFiles::Table)
            .and_where(Expr::col((DatasetFiles::Table, DatasetFiles::Picture)).equals((Pictures::Table, Pictures::Id)))
            .to_owned();
        let statement = Query::select()
            .columns([Pictures::Id, Pictures::Blob])
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Dataset).eq(dataset))
            .and_where(Expr::col(Pictures::Blob).is_in(part.iter().copied()))
            .and_where(Expr::col(Pictures::ReplacedBy).is_null())
            .and_where(Expr::exists(file).not())
            .to_owned();
        found.extend(tx.all::<(i64, String)>(&statement).await?);
    }
    let had: HashMap<i64, &str> = before.values().filter_map(|row| Some((row.picture?, row.path.as_str()))).collect();
    found.sort_by_key(|(id, _)| (!had.contains_key(id), had.get(id).copied(), *id));
    let mut free: HashMap<String, VecDeque<i64>> = HashMap::new();
    for (id, hash) in found {
        free.entry(hash).or_default().push_back(id);
    }
    Ok(free)
}

/// Makes the pictures of new files. One that takes the place of another replaces it, which so is no longer left.
async fn insert_pictures(
    tx: &mut Tx,
    step: &Step<'_>,
    files: &mut [NewFile<'_>],
    new: Vec<(usize, &Kept)>,
    left: &mut BTreeMap<&str, i64>,
) -> Result<()> {
    let author = author(tx, step).await?;
    let (mut plain, mut places) = (Vec::new(), Vec::new());
    for (place, kept) in new {
        let path = files[place].path;
        let older = left.remove(path);
        let prepared = step.prepared.filter(|prepared| prepared.path == path).map(|prepared| &prepared.picture);
        let mut picture = match prepared {
            Some(PreparedPicture::New(picture)) => NewPicture::clone(picture),
            Some(PreparedPicture::CopyOf(source)) => copy_of(tx, *source, author, step.actor.at).await?,
            None => match remembered(tx, kept, older).await? {
                Some(source) => NewPicture { copied_from: None, ..copy_of(tx, source, author, step.actor.at).await? },
                None => by_file(step, path, kept, author),
            },
        };
        picture.replaces = picture.replaces.or(older);
        if prepared.is_some() || !picture.regions.is_empty() {
            files[place].picture = Some(pictures::insert_allowed(tx, &picture).await?);
        } else {
            plain.push(picture);
            places.push(place);
        }
    }
    if !plain.is_empty() {
        let plain = picture_bulk::Prepared::new(plain, Vec::new())?;
        for (place, id) in places.into_iter().zip(picture_bulk::insert_allowed(tx, &plain).await?) {
            files[place].picture = Some(id);
        }
    }
    Ok(())
}

/// A picture that stood at the same place before, with the same bytes as the one that comes now: what was drawn on it comes back with
/// them. `older` is the one that stands there, and leads to those before it.
async fn remembered(tx: &mut Tx, kept: &Kept, older: Option<i64>) -> Result<Option<i64>> {
    let mut next = older;
    while let Some(picture) = next {
        let statement = Query::select()
            .columns([Pictures::Replaces, Pictures::Blob])
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Id).eq(picture))
            .to_owned();
        let Some((replaces, blob)) = tx.optional::<(Option<i64>, String)>(&statement).await? else { break };
        if blob == kept.blob.hash {
            return Ok(Some(picture));
        }
        next = replaces;
    }
    Ok(None)
}

/// A picture of which nothing is known but its file.
fn by_file(step: &Step<'_>, path: &str, kept: &Kept, author: i64) -> NewPicture {
    let name = path.rsplit('/').next().unwrap_or(path);
    let title = name.rsplit_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty()).unwrap_or(name);
    let (width, height) = kept.size_px.unwrap_or_default();
    NewPicture {
        blob: kept.blob.clone(),
        title: title.to_owned(),
        description: String::new(),
        author,
        origin_url: None,
        created_at: step.actor.at,
        width,
        height,
        nature: NATURE.to_owned(),
        licences: Vec::new(),
        regions: Vec::new(),
        replaces: None,
        carry_regions: false,
        copied_from: None,
        keep_place: false,
        dataset: Some(step.dataset),
        attribution: None,
        fields: Vec::new(),
    }
}

/// Whose the new pictures are: who made the commit, or if nobody knows, an owner of the namespace.
async fn author(tx: &mut Tx, step: &Step<'_>) -> Result<i64> {
    if let Some(user) = step.actor.user {
        let known =
            Query::select().column(Users::Id).from(Users::Table).and_where(Expr::col(Users::Id).eq(user)).to_owned();
        if tx.optional::<(i64,)>(&known).await?.is_some() {
            return Ok(user);
        }
    }
    let owner = Query::select()
        .column((NamespaceMembers::Table, NamespaceMembers::UserId))
        .from(NamespaceMembers::Table)
        .inner_join(
            Datasets::Table,
            Expr::col((Datasets::Table, Datasets::Namespace))
                .equals((NamespaceMembers::Table, NamespaceMembers::Namespace)),
        )
        .and_where(Expr::col((Datasets::Table, Datasets::Id)).eq(step.dataset))
        .and_where(Expr::col((NamespaceMembers::Table, NamespaceMembers::Role)).eq(Role::Owner.as_str()))
        .order_by((NamespaceMembers::Table, NamespaceMembers::UserId), Order::Asc)
        .limit(1)
        .to_owned();
    if let Some((owner,)) = tx.optional::<(i64,)>(&owner).await? {
        return Ok(owner);
    }
    let first = Query::select().expr(Func::min(Expr::col(Users::Id))).from(Users::Table).to_owned();
    tx.scalar(&first).await
}

/// Deletes a picture whose file is no more, with those that it has replaced.
async fn delete_with_older(tx: &mut Tx, picture: i64) -> Result<()> {
    let mut next = Some(picture);
    while let Some(picture) = next {
        let older = Query::select()
            .column(Pictures::Replaces)
            .from(Pictures::Table)
            .and_where(Expr::col(Pictures::Id).eq(picture))
            .to_owned();
        let Some((older,)) = tx.optional::<(Option<i64>,)>(&older).await? else { break };
        delete_silently(tx, picture).await?;
        next = older;
    }
    Ok(())
}
