//! Many new pictures at once, with few statements: what a benchmark's site and an import need.

use super::db::{Db, ROWS_PER_STATEMENT, Result, Tx};
use super::error::StoreError;
use super::pictures::{
    NamesUsed, NewPicture, PICTURE_COLUMNS, hold_replaceable, must_stay_together, note_replaced, picture_values,
    set_link, unknown_names,
};
use super::region_plan::GAP;
use super::regions::{
    Changes, NewRow, STATE_COLUMNS, Size, held_object_ids, picture_objects_insertion, region_insertion, region_values,
    state_values, write_shape,
};
use super::schema::{PictureLicences, PictureRevisions, Pictures, Ratings};
use super::{access, blob_sites, blobs, fields, users};
use sea_query::{Expr, Query};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a user thinks of a picture.
#[derive(Clone, Copy, Debug)]
pub struct GivenRating {
    /// The user.
    pub user: i64,
    /// From 1 to 5.
    pub rating: u8,
    /// When, in Unix seconds.
    pub at: i64,
}

/// Pictures with all that needs no database to be told of them.
#[derive(Debug)]
pub struct Prepared {
    pictures: Vec<NewPicture>,
    /// Of each picture.
    regions: Vec<Regions>,
    /// Of each picture; none at all where nobody rates any.
    ratings: Vec<Vec<GivenRating>>,
}

impl Prepared {
    /// Prepares pictures that are rated already: `ratings` has those of each picture, by different users.
    pub fn new(pictures: Vec<NewPicture>, ratings: Vec<Vec<GivenRating>>) -> Result<Self> {
        if pictures.iter().any(|picture| picture.carry_regions) {
            return Err(StoreError::field(
                "carry_regions",
                "can only be asked for when pictures are posted one by one",
            ));
        }
        if ratings.iter().flatten().any(|given| !(1..=5).contains(&given.rating)) {
            return Err(StoreError::field("rating", "must be from 1 to 5"));
        }
        let regions = pictures.iter().map(written).collect::<Result<_>>()?;
        Ok(Self { pictures, regions, ratings })
    }

    /// The pictures.
    pub fn pictures(&self) -> &[NewPicture] {
        &self.pictures
    }

    /// Lets pictures say from which others they come, once those have numbers.
    pub fn link(&mut self, number: impl Fn(i64) -> Option<i64>) {
        for picture in &mut self.pictures {
            picture.copied_from = picture.copied_from.and_then(&number);
            picture.replaces = picture.replaces.and_then(&number);
        }
    }
}

/// Posts several pictures in one transaction and gives their ids in the same order: all or none of them. Their authors'
/// accounts have to be active still. What they replace has to be there before, and its regions are not carried over.
pub async fn insert_many(db: &Db, pictures: &[NewPicture]) -> Result<Vec<i64>> {
    insert_prepared(db, &Prepared::new(pictures.to_vec(), Vec::new())?).await
}

/// The same for pictures that are prepared.
pub async fn insert_prepared(db: &Db, prepared: &Prepared) -> Result<Vec<i64>> {
    db.write(|mut tx| async move {
        let ids = insert_in(&mut tx, prepared).await?;
        tx.commit(ids).await
    })
    .await
}

async fn insert_in(tx: &mut Tx, prepared: &Prepared) -> Result<Vec<i64>> {
    let pictures = &prepared.pictures;
    for author in pictures.iter().map(|picture| picture.author).collect::<BTreeSet<_>>() {
        users::hold_active(tx, author).await?;
    }
    let datasets: BTreeSet<(i64, i64)> =
        pictures.iter().filter_map(|picture| Some((picture.dataset?, picture.author))).collect();
    for (dataset, author) in datasets {
        access::hold_writable(tx, author, dataset).await?;
    }
    insert_allowed(tx, prepared).await
}

/// Inserts pictures whose authors are known to be allowed to post them.
pub(super) async fn insert_allowed(tx: &mut Tx, prepared: &Prepared) -> Result<Vec<i64>> {
    let pictures = &prepared.pictures;
    let natures: BTreeSet<&str> = pictures.iter().map(|picture| picture.nature.as_str()).collect();
    let licences: BTreeSet<&String> = pictures.iter().flat_map(|picture| &picture.licences).collect();
    let licences: Vec<String> = licences.into_iter().cloned().collect();
    for nature in natures {
        unknown_names(tx, &NamesUsed { nature, licences: &licences, regions: &[], replaces: None }).await?;
    }
    let shown = || pictures.iter().flat_map(|picture| picture.regions.iter()).map(|region| region.object.as_str());
    let names: BTreeSet<&str> = shown().collect();
    let objects = held_object_ids(tx, names.iter().copied().enumerate(), |_| "annotations".to_owned()).await?;
    let mut seen = BTreeSet::new();
    for picture in pictures {
        if seen.insert(picture.blob.hash.as_str()) {
            let here = blob_sites::are_here(tx, picture.dataset).await?;
            blobs::insert_if_absent(tx, &picture.blob, here).await?;
        }
    }
    let replaced: BTreeSet<i64> = pictures.iter().filter_map(|picture| picture.replaces).collect();
    let mut owners = HashMap::with_capacity(replaced.len());
    for replaced in replaced {
        owners.insert(replaced, hold_replaceable(tx, replaced).await?);
    }
    for picture in pictures {
        if let Some((replaced, owner)) = picture.replaces.and_then(|replaced| Some((replaced, owners.get(&replaced)?)))
        {
            must_stay_together(replaced, *owner, picture.dataset)?;
        }
    }
    let ids = insert_rows(tx, prepared, &objects).await?;
    for (picture, id) in pictures.iter().zip(&ids) {
        let Some(replaced) = picture.replaces else { continue };
        set_link(tx, replaced, Pictures::ReplacedBy, Some(*id)).await?;
        // Nothing to be replaced is named twice, or its row would not have had two links.
        if let Some(owner) = owners.remove(&replaced) {
            note_replaced(tx, picture, *id, replaced, owner).await?;
        }
    }
    Ok(ids)
}

/// A picture's regions as they are stored.
#[derive(Debug)]
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

/// Inserts the rows of all tables in the order of their main index, each table after the other.
async fn insert_rows(tx: &mut Tx, prepared: &Prepared, objects: &HashMap<&str, i64>) -> Result<Vec<i64>> {
    let Prepared { pictures, regions, ratings } = prepared;
    let ratings = || ratings.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));

    let rows: Vec<_> = pictures.iter().zip(regions).zip(ratings()).collect();
    let insertions = rows.chunks(ROWS_PER_STATEMENT).map(|chunk| {
        let counts = [
            Pictures::Revision,
            Pictures::RegionCount,
            Pictures::RegionBytes,
            Pictures::RatingSum,
            Pictures::RatingCount,
        ];
        let mut insert = Query::insert();
        insert.into_table(Pictures::Table).columns(PICTURE_COLUMNS.into_iter().chain(counts));
        for ((picture, Regions { size, .. }), ratings) in chunk {
            // Its regions are its state 1.
            let revision = i64::from(size.regions > 0);
            let rating_sum: i64 = ratings.iter().map(|given| i64::from(given.rating)).sum();
            let rating_count = ratings.len() as i64;
            let counts: [Expr; 5] =
                [revision.into(), size.regions.into(), size.bytes.into(), rating_sum.into(), rating_count.into()];
            insert.values_panic(picture_values(picture).into_iter().chain(counts));
        }
        insert.returning_col(Pictures::Id).to_owned()
    });
    let mut ids: Vec<i64> = tx.insert_all::<(i64,)>(insertions).await?.into_iter().map(|(id,)| id).collect();
    // Numbers are given in the order of the rows, but may be told in another.
    ids.sort_unstable();

    let fields = ids.iter().zip(pictures).flat_map(|(id, picture)| picture.fields.iter().map(|field| (*id, field)));
    let fields = fields::insertions(fields);

    let licences: Vec<(i64, &str)> = ids
        .iter()
        .zip(pictures)
        .flat_map(|(id, picture)| {
            picture.licences.iter().collect::<BTreeSet<_>>().into_iter().map(|licence| (*id, licence.as_str()))
        })
        .collect();
    let licences = licences.chunks(ROWS_PER_STATEMENT).map(|chunk| {
        let mut insert = Query::insert();
        insert.into_table(PictureLicences::Table).columns([PictureLicences::Picture, PictureLicences::Licence]);
        for (id, licence) in chunk {
            insert.values_panic([(*id).into(), (*licence).into()]);
        }
        insert
    });

    let ratings: Vec<(i64, GivenRating)> =
        ids.iter().zip(ratings()).flat_map(|(id, given)| given.iter().map(|given| (*id, *given))).collect();
    let ratings = ratings.chunks(ROWS_PER_STATEMENT).map(|chunk| {
        let mut insert = Query::insert();
        insert.into_table(Ratings::Table).columns([
            Ratings::Picture,
            Ratings::UserId,
            Ratings::Rating,
            Ratings::CreatedAt,
        ]);
        for (id, GivenRating { user, rating, at }) in chunk {
            insert.values_panic([(*id).into(), (*user).into(), i64::from(*rating).into(), (*at).into()]);
        }
        insert
    });

    let (mut states, mut rows, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for ((id, picture), Regions { shapes, size }) in ids.iter().zip(pictures).zip(regions) {
        if shapes.is_empty() {
            continue;
        }
        let (author, now) = (picture.author, picture.created_at);
        states.push((*id, Changes { added: size.regions, ..Changes::default() }, author, now));
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
    let states = states.chunks(ROWS_PER_STATEMENT).map(|chunk| {
        let mut insert = Query::insert();
        insert.into_table(PictureRevisions::Table).columns(STATE_COLUMNS);
        for (id, changes, author, now) in chunk {
            insert.values_panic(state_values(*id, 1, *changes, *author, *now));
        }
        insert
    });
    let rows = rows.chunks(ROWS_PER_STATEMENT).map(|chunk| {
        let mut insert = region_insertion();
        for (id, row, author) in chunk {
            insert.values_panic(region_values(*id, 1, row, *author, row.created_at));
        }
        insert
    });
    // In the order of the index.
    counts.sort_unstable();
    let counts = counts.chunks(ROWS_PER_STATEMENT).map(|chunk| picture_objects_insertion(chunk.iter().copied()));
    tx.insert_all::<(i64,)>(licences.chain(fields).chain(ratings).chain(states).chain(rows).chain(counts)).await?;
    Ok(ids)
}
