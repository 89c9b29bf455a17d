//! Small changes of a picture's regions, each of which counts once. Only the rows that a delta names are touched, however
//! many regions the picture has.

use super::access::no_picture;
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::objects::names_by_id;
use super::region_plan::{Entry, assign_positions};
use super::regions::{
    Changes, NewRow, Size, entries_by_id, held_object_ids, insert_rows, lock, past_ids, present, read_shape,
    replace_picture_objects, retire, write_shape, write_state,
};
use super::schema::{AppliedDeltas, PictureObjects, Pictures, Regions};
use super::users;
use crate::model::placing::put_in;
use crate::model::region_delta::path_of_id;
use crate::model::{Annotations, DeltaAnswer, DeltaChange, FieldError, Region, SoundDelta, Viewer};
use sea_query::{Expr, ExprTrait, Order, Query};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// For so long a delta that is sent again is recognised, in seconds: 30 days.
pub const MEMORY_S: i64 = 30 * 24 * 60 * 60;

/// So many are forgotten in one statement, so that nobody who saves waits long for it.
const FORGOTTEN_AT_ONCE: u64 = 1000;

/// What became of a delta.
#[derive(Clone, Debug, PartialEq)]
pub enum DeltaOutcome {
    /// It led to this, now or when it came for the first time.
    Applied(DeltaAnswer),
    /// Nothing changed: it is based on another state than the newest, which is this.
    Outdated(Annotations),
}

/// Changes the regions of a picture, all or nothing, if the delta is based on the newest state. One that came before is
/// answered as it was then, and changes nothing.
///
/// The author's account has to be active still. Fails with a conflict if another delta of this name came before, and with faults where it names regions or objects that
/// do not exist. The names of before of an object that was renamed or merged count.
pub async fn apply(
    db: &Db,
    viewer: &Viewer,
    picture: i64,
    delta: &SoundDelta,
    author: i64,
    now: i64,
) -> Result<DeltaOutcome> {
    let body = serde_json::to_vec(delta).map_err(unreadable)?;
    let body_hash = blake3::hash(&body).to_hex().to_string();
    let body_hash = body_hash.as_str();
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, author).await?;
        let revision = lock(&mut tx, viewer, picture).await?;
        if let Some(earlier) = earlier(&mut tx, picture, &delta.id).await? {
            if earlier.author != author || earlier.body_hash != body_hash {
                let id = &delta.id;
                return Err(StoreError::Conflict(format!("another delta with the id `{id}` came before")));
            }
            return earlier.answer(delta).map(DeltaOutcome::Applied);
        }
        if delta.revision != revision {
            let regions = present(&mut tx, picture).await?;
            return Ok(DeltaOutcome::Outdated(Annotations { revision, regions }));
        }
        let answer = apply_in(&mut tx, picture, delta, author, now).await?;
        remember(&mut tx, picture, &delta.id, body_hash, &answer, author, now).await?;
        tx.commit(DeltaOutcome::Applied(answer)).await
    })
    .await
}

/// Forgets the deltas that came before `before`, and gives their number.
pub async fn forget(db: &Db, before: i64) -> Result<u64> {
    let key = [AppliedDeltas::Picture, AppliedDeltas::Id];
    let old = Query::select()
        .columns(key)
        .from(AppliedDeltas::Table)
        .and_where(Expr::col(AppliedDeltas::CreatedAt).lt(before))
        .limit(FORGOTTEN_AT_ONCE)
        .to_owned();
    let delete = Query::delete()
        .from_table(AppliedDeltas::Table)
        .and_where(Expr::tuple(key.map(Expr::col)).in_subquery(old))
        .to_owned();
    let mut forgotten = 0;
    loop {
        let some = db.execute(&delete).await?;
        forgotten += some;
        if some < FORGOTTEN_AT_ONCE {
            return Ok(forgotten);
        }
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::corrupt(format!("a delta cannot be written or read: {error}"))
}

/// A delta that came before.
#[derive(sqlx::FromRow)]
struct Earlier {
    author: i64,
    body_hash: String,
    revision: i64,
    regions: String,
}

/// What is kept of a region that a delta put.
#[derive(Serialize, Deserialize)]
struct PutRegion<'r> {
    id: Option<i64>,
    object: std::borrow::Cow<'r, str>,
}

impl Earlier {
    /// The answer of then: the shapes are those of the delta, which is the same.
    fn answer(&self, delta: &SoundDelta) -> Result<DeltaAnswer> {
        let kept: Vec<Option<PutRegion<'_>>> = serde_json::from_str(&self.regions).map_err(unreadable)?;
        let regions = delta.changes.iter().zip(kept).map(|(change, kept)| match (change, kept) {
            (DeltaChange::Put { put, .. }, Some(PutRegion { id, object })) => {
                Some(Region { id, shape: put.shape.clone(), object: object.into_owned() })
            }
            _ => None,
        });
        Ok(DeltaAnswer { revision: self.revision, regions: regions.collect() })
    }
}

async fn earlier(tx: &mut Tx, picture: i64, id: &str) -> Result<Option<Earlier>> {
    let statement = Query::select()
        .columns([AppliedDeltas::Author, AppliedDeltas::BodyHash, AppliedDeltas::Revision, AppliedDeltas::Regions])
        .from(AppliedDeltas::Table)
        .and_where(Expr::col(AppliedDeltas::Picture).eq(picture))
        .and_where(Expr::col(AppliedDeltas::Id).eq(id))
        .to_owned();
    tx.optional(&statement).await
}

async fn remember(
    tx: &mut Tx,
    picture: i64,
    id: &str,
    body_hash: &str,
    answer: &DeltaAnswer,
    author: i64,
    now: i64,
) -> Result<()> {
    let kept = |region: &Region| PutRegion { id: region.id, object: region.object.clone().into() };
    let regions: Vec<_> = answer.regions.iter().map(|region| region.as_ref().map(kept)).collect();
    let insert = Query::insert()
        .into_table(AppliedDeltas::Table)
        .columns([
            AppliedDeltas::Picture,
            AppliedDeltas::Id,
            AppliedDeltas::Author,
            AppliedDeltas::BodyHash,
            AppliedDeltas::Revision,
            AppliedDeltas::Regions,
            AppliedDeltas::CreatedAt,
        ])
        .values_panic([
            picture.into(),
            id.into(),
            author.into(),
            body_hash.into(),
            answer.revision.into(),
            serde_json::to_string(&regions).map_err(unreadable)?.into(),
            now.into(),
        ])
        .to_owned();
    tx.execute(&insert).await.map(drop)
}

/// A region that a delta puts, in the words of the database.
struct Put<'d> {
    region: &'d Region,
    shape: String,
    object: i64,
    /// The row that it continues.
    entry: Option<Entry>,
}

/// Applies a delta to the newest state of a picture, whose row the transaction has locked.
async fn apply_in(tx: &mut Tx, picture: i64, delta: &SoundDelta, author: i64, now: i64) -> Result<DeltaAnswer> {
    let changes = &delta.changes;
    let names = changes.iter().enumerate().filter_map(|(index, change)| match change {
        DeltaChange::Put { put, .. } => Some((index, put.object.as_str())),
        DeltaChange::Delete { .. } => None,
    });
    let objects = held_object_ids(tx, names, |index| format!("changes[{index}].put.object")).await?;
    let named: Vec<i64> = changes.iter().filter_map(DeltaChange::region_id).collect();
    let mut entries: HashMap<i64, Entry> =
        entries_by_id(tx, picture, &named).await?.into_iter().map(|entry| (entry.id, entry)).collect();
    refuse_unknown_regions(tx, picture, changes, &entries).await?;

    let mut puts: BTreeMap<usize, Put<'_>> = BTreeMap::new();
    let mut leaving: Vec<Entry> = Vec::new();
    let mut numbers = Changes::default();
    for (index, change) in changes.iter().enumerate() {
        let entry = change.region_id().and_then(|id| entries.remove(&id));
        match change {
            DeltaChange::Put { put, .. } => {
                let (shape, object) = (write_shape(&put.shape)?, objects[put.object.as_str()]);
                puts.insert(index, Put { region: put, shape, object, entry });
            }
            DeltaChange::Delete { .. } => {
                numbers.removed += 1;
                leaving.extend(entry);
            }
        }
    }
    let added = puts.values().filter(|put| put.entry.is_none()).count() as i64;
    let before = size(tx, picture).await?;
    let bytes = |shape: &str| shape.len() as i64;
    let gone = leaving.iter().chain(puts.values().filter_map(|put| put.entry.as_ref()));
    let size = Size {
        regions: before.regions + added - numbers.removed,
        bytes: before.bytes + puts.values().map(|put| bytes(&put.shape)).sum::<i64>()
            - gone.map(|entry| bytes(&entry.shape)).sum::<i64>(),
    };
    size.must_fit(before.bytes, "changes")?;
    numbers.added = added;

    let Places { of_puts, of_others } = place(tx, picture, changes, &puts).await?;
    let mut shown: BTreeMap<i64, i64> = BTreeMap::new();
    leaving.iter().for_each(|entry| *shown.entry(entry.object).or_default() -= 1);
    let mut arriving = Vec::new();
    for (index, put) in &puts {
        let (region, position) = (put.region, of_puts[index]);
        if let Some(entry) = &put.entry {
            let kind = region.shape.kind().as_str();
            let is_same = entry.kind == kind && entry.shape == put.shape && entry.object == put.object;
            if is_same && entry.position == position {
                continue;
            }
            numbers.changed += i64::from(!is_same);
            *shown.entry(entry.object).or_default() -= 1;
            leaving.push(entry.clone());
        }
        *shown.entry(put.object).or_default() += 1;
        arriving.push(NewRow {
            id: region.id,
            position,
            kind: region.shape.kind().as_str(),
            shape: &put.shape,
            bounds: region.shape.bounds(),
            object: put.object,
            created_at: put.entry.as_ref().map_or(now, |entry| entry.created_at),
        });
    }
    let others = entries_by_id(tx, picture, &of_others.keys().copied().collect::<Vec<_>>()).await?;
    for entry in &others {
        arriving.push(NewRow {
            id: Some(entry.id),
            position: of_others[&entry.id],
            kind: &entry.kind,
            shape: &entry.shape,
            bounds: read_shape(&entry.kind, &entry.shape)?.bounds(),
            object: entry.object,
            created_at: entry.created_at,
        });
        leaving.push(entry.clone());
    }

    let mut ids = HashMap::new();
    let mut revision = delta.revision;
    if !(leaving.is_empty() && arriving.is_empty()) {
        retire(tx, picture, revision, leaving.iter().collect()).await?;
        revision += 1;
        ids = insert_rows(tx, picture, revision, &arriving, author, now).await?;
        count_objects(tx, picture, shown).await?;
        write_state(tx, picture, revision, size, numbers, author, now).await?;
    }
    let names = names_by_id(tx, &objects.values().copied().collect::<Vec<_>>()).await?;
    let region = |index: usize| {
        let put = puts.get(&index)?;
        let id = put.region.id.or_else(|| ids.get(&of_puts[&index]).copied());
        let object = names.get(&put.object).cloned().unwrap_or_default();
        Some(Region { id, shape: put.region.shape.clone(), object })
    };
    Ok(DeltaAnswer { revision, regions: (0..changes.len()).map(region).collect() })
}

/// A region that is deleted must be there, and one that is put must be there or have been.
async fn refuse_unknown_regions(
    tx: &mut Tx,
    picture: i64,
    changes: &[DeltaChange],
    entries: &HashMap<i64, Entry>,
) -> Result<()> {
    let present: BTreeSet<i64> = entries.keys().copied().collect();
    let put = changes.iter().filter_map(|change| match change {
        DeltaChange::Put { put, .. } => put.id,
        DeltaChange::Delete { .. } => None,
    });
    let past = past_ids(tx, picture, &present, put).await?;
    let is_known = |change: &DeltaChange, id| {
        present.contains(&id) || (matches!(change, DeltaChange::Put { .. }) && past.contains(&id))
    };
    let errors: Vec<FieldError> = changes
        .iter()
        .enumerate()
        .filter_map(|(index, change)| Some((index, change, change.region_id().filter(|id| !is_known(change, *id))?)))
        .take(100)
        .map(|(index, change, id)| {
            FieldError::new(path_of_id(change, index), format!("names region {id}, which the picture does not have"))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(StoreError::Invalid(errors)) }
}

async fn size(tx: &mut Tx, picture: i64) -> Result<Size> {
    let statement = Query::select()
        .columns([Pictures::RegionCount, Pictures::RegionBytes])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(picture))
        .to_owned();
    let row = tx.optional::<(i64, i64)>(&statement).await?;
    row.map(|(regions, bytes)| Size { regions, bytes }).ok_or_else(|| no_picture(picture))
}

/// Positions in the drawing order.
struct Places {
    /// By index of the change.
    of_puts: HashMap<usize, i64>,
    /// By id, for regions that the delta does not name, but that have to make room. Usually none.
    of_others: BTreeMap<i64, i64>,
}

/// One place in the new drawing order.
#[derive(Clone, Copy)]
enum Slot {
    /// The region that this change puts.
    Put(usize),
    /// A region that the delta does not name, with its position.
    Other(i64, i64),
}

async fn place(tx: &mut Tx, picture: i64, changes: &[DeltaChange], puts: &BTreeMap<usize, Put<'_>>) -> Result<Places> {
    let position_of = |index: usize| match &changes[index] {
        DeltaChange::Put { position, .. } => *position,
        DeltaChange::Delete { .. } => None,
    };
    let is_last = |index: &usize| position_of(*index).is_none() && puts[index].entry.is_none();
    let mut slots: Vec<Slot> = Vec::new();
    if puts.keys().any(|index| position_of(*index).is_some()) {
        // Indexes have a meaning only in the whole list.
        let named: HashMap<i64, Option<usize>> = changes
            .iter()
            .enumerate()
            .filter_map(|(index, change)| {
                let stays = matches!(change, DeltaChange::Put { position: None, .. });
                Some((change.region_id()?, stays.then_some(index)))
            })
            .collect();
        slots.extend(order(tx, picture).await?.into_iter().filter_map(|(id, position)| match named.get(&id) {
            None => Some(Slot::Other(id, position)),
            Some(stays) => stays.map(Slot::Put),
        }));
    } else {
        // What stays needs no place, and what is new comes after the last.
        let last = last_position(tx, picture).await?.map(|position| Slot::Other(0, position));
        slots.extend(last.filter(|_| puts.keys().any(&is_last)));
    }
    slots.extend(puts.keys().copied().filter(|index| is_last(index)).map(Slot::Put));
    let placed = puts.keys().filter_map(|index| Some((position_of(*index)?, Slot::Put(*index))));
    let slots = put_in(slots, placed.collect());
    let old = |slot: &Slot| match slot {
        Slot::Put(index) => puts[index].entry.as_ref().map(|entry| entry.position),
        Slot::Other(_, position) => Some(*position),
    };
    let positions = assign_positions(&slots.iter().map(old).collect::<Vec<_>>());
    let stay = puts.iter().filter_map(|(index, put)| Some((*index, put.entry.as_ref()?.position)));
    let mut places = Places { of_puts: stay.collect(), of_others: BTreeMap::new() };
    for (slot, new) in slots.into_iter().zip(positions) {
        match slot {
            Slot::Put(index) => drop(places.of_puts.insert(index, new)),
            Slot::Other(id, position) if position != new => drop(places.of_others.insert(id, new)),
            Slot::Other(..) => {}
        }
    }
    Ok(places)
}

/// The ids and positions of a picture's regions, in drawing order.
async fn order(tx: &mut Tx, picture: i64) -> Result<Vec<(i64, i64)>> {
    let statement = Query::select()
        .columns([Regions::Id, Regions::Position])
        .from(Regions::Table)
        .and_where(Expr::col(Regions::Picture).eq(picture))
        .order_by(Regions::Position, Order::Asc)
        .to_owned();
    tx.all(&statement).await
}

async fn last_position(tx: &mut Tx, picture: i64) -> Result<Option<i64>> {
    let statement = Query::select()
        .column(Regions::Position)
        .from(Regions::Table)
        .and_where(Expr::col(Regions::Picture).eq(picture))
        .order_by(Regions::Position, Order::Desc)
        .limit(1)
        .to_owned();
    Ok(tx.optional::<(i64,)>(&statement).await?.map(|(position,)| position))
}

/// Keeps `picture_objects` in step: `difference` says how much more often each object is shown than before.
async fn count_objects(tx: &mut Tx, picture: i64, difference: BTreeMap<i64, i64>) -> Result<()> {
    if difference.values().all(|more| *more == 0) {
        return Ok(());
    }
    let statement = Query::select()
        .columns([PictureObjects::Object, PictureObjects::Count])
        .from(PictureObjects::Table)
        .and_where(Expr::col(PictureObjects::Picture).eq(picture))
        .lock_exclusive()
        .to_owned();
    let mut counts: BTreeMap<i64, i64> = tx.all::<(i64, i64)>(&statement).await?.into_iter().collect();
    for (object, more) in difference {
        *counts.entry(object).or_default() += more;
    }
    counts.retain(|_, count| *count > 0);
    replace_picture_objects(tx, picture, counts).await
}
