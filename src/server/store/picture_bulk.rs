//! Many new pictures at once, with few statements: what a benchmark's site and an import need.

use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx};
use super::error::StoreError;
use super::pictures::{NamesUsed, NewPicture, PICTURE_COLUMNS, picture_values, unknown_names};
use super::region_plan::GAP;
use super::regions::{
    Changes, NewRow, STATE_COLUMNS, Size, held_object_ids, picture_objects_insertion, region_insertion, region_values,
    state_values, write_shape,
};
use super::schema::{PictureLicences, PictureRevisions, Pictures};
use super::{blobs, users};
use sea_query::{Expr, Query};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Posts several pictures in one transaction and gives their ids in the same order: all or none of them. None of them
/// replaces another picture. Their authors' accounts have to be active still.
pub async fn insert_many(db: &Db, pictures: &[NewPicture]) -> Result<Vec<i64>> {
    if pictures.iter().any(|picture| picture.replaces.is_some()) {
        return Err(StoreError::field("replaces", "can only be posted one by one"));
    }
    db.write(|mut tx| async move {
        let ids = insert_in(&mut tx, pictures).await?;
        tx.commit(ids).await
    })
    .await
}

async fn insert_in(tx: &mut Tx, pictures: &[NewPicture]) -> Result<Vec<i64>> {
    for author in pictures.iter().map(|picture| picture.author).collect::<BTreeSet<_>>() {
        users::hold_active(tx, author).await?;
    }
    let pairs: BTreeSet<(&str, &[String])> =
        pictures.iter().map(|picture| (picture.nature.as_str(), picture.licences.as_slice())).collect();
    for (nature, licences) in pairs {
        unknown_names(tx, &NamesUsed { nature, licences, regions: &[], replaces: None }).await?;
    }
    let shown = || pictures.iter().flat_map(|picture| picture.regions.iter()).map(|region| region.object.as_str());
    let names: BTreeSet<&str> = shown().collect();
    let objects = held_object_ids(tx, names.iter().copied().enumerate(), |_| "annotations".to_owned()).await?;
    let mut seen = BTreeSet::new();
    for picture in pictures {
        if seen.insert(picture.blob.hash.as_str()) {
            blobs::insert_if_absent(tx, &picture.blob).await?;
        }
    }
    let mut ids = Vec::with_capacity(pictures.len());
    for chunk in pictures.chunks(ROWS_PER_STATEMENT) {
        ids.extend(insert_rows(tx, chunk, &objects).await?);
    }
    Ok(ids)
}

/// A picture's regions as they are stored.
struct Regions {
    shapes: Vec<String>,
    size: Size,
}

fn written(picture: &NewPicture) -> Result<Regions> {
    let shapes = picture.regions.iter().map(|region| write_shape(&region.shape)).collect::<Result<Vec<_>>>()?;
    let bytes = shapes.iter().map(|shape| shape.len() as i64).sum();
    let size = Size { regions: shapes.len() as i64, bytes };
    size.must_fit(0, "annotations")?;
    Ok(Regions { shapes, size })
}

async fn insert_rows(tx: &mut Tx, pictures: &[NewPicture], objects: &HashMap<&str, i64>) -> Result<Vec<i64>> {
    let regions = pictures.iter().map(written).collect::<Result<Vec<_>>>()?;

    let mut insert = Query::insert();
    let counts = [Pictures::Revision, Pictures::RegionCount, Pictures::RegionBytes];
    insert.into_table(Pictures::Table).columns(PICTURE_COLUMNS.into_iter().chain(counts));
    for (picture, Regions { size, .. }) in pictures.iter().zip(&regions) {
        // Its regions are its state 1.
        let counts: [Expr; 3] = [i64::from(size.regions > 0).into(), size.regions.into(), size.bytes.into()];
        insert.values_panic(picture_values(picture).into_iter().chain(counts));
    }
    insert.returning_col(Pictures::Id);
    let mut ids: Vec<i64> = tx.all::<(i64,)>(&insert).await?.into_iter().map(|(id,)| id).collect();
    // Numbers are given in the order of the rows, but may be told in another.
    ids.sort_unstable();

    let licences: Vec<(i64, &str)> = ids
        .iter()
        .zip(pictures)
        .flat_map(|(id, picture)| {
            picture.licences.iter().collect::<BTreeSet<_>>().into_iter().map(|licence| (*id, licence.as_str()))
        })
        .collect();
    for chunk in licences.chunks(ROWS_PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(PictureLicences::Table).columns([PictureLicences::Picture, PictureLicences::Licence]);
        for (id, licence) in chunk {
            insert.values_panic([(*id).into(), (*licence).into()]);
        }
        tx.execute(&insert).await?;
    }

    let mut states = Query::insert();
    states.into_table(PictureRevisions::Table).columns(STATE_COLUMNS);
    let (mut rows, mut counts) = (Vec::new(), Vec::new());
    for ((id, picture), Regions { shapes, size }) in ids.iter().zip(pictures).zip(&regions) {
        if shapes.is_empty() {
            continue;
        }
        let (author, now) = (picture.author, picture.created_at);
        states.values_panic(state_values(*id, 1, Changes { added: size.regions, ..Changes::default() }, author, now));
        let mut shown: BTreeMap<i64, i64> = BTreeMap::new();
        for ((region, shape), position) in picture.regions.iter().zip(shapes).zip(1..) {
            let object = objects[region.object.as_str()];
            *shown.entry(object).or_default() += 1;
            let row = NewRow {
                id: None,
                position: position * GAP,
                kind: region.shape.kind().as_str(),
                shape,
                bounds: region.shape.bounds(),
                object,
                created_at: now,
            };
            rows.push((*id, row, author));
        }
        counts.extend(shown.into_iter().map(|(object, count)| (object, *id, count)));
    }
    if rows.is_empty() {
        return Ok(ids);
    }
    tx.execute(&states).await?;
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let mut insert = region_insertion();
        for (id, row, author) in chunk {
            insert.values_panic(region_values(*id, 1, row, *author, row.created_at));
        }
        tx.execute(&insert).await?;
    }
    // In the order of the index.
    counts.sort_unstable();
    for chunk in counts.chunks(ROWS_PER_STATEMENT) {
        tx.execute(&picture_objects_insertion(chunk.iter().copied())).await?;
    }
    Ok(ids)
}
