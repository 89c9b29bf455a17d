//! Pictures: images with their metadata.

use super::access::{self, PictureOwner, no_picture};
use super::audit::{Actor, record_on_picture};
use super::blobs::{self, BlobRow};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{Blobs, Datasets, Licences, Namespaces, Natures, PictureLicences, Pictures, Ratings, Users};
use super::{Urls, blob_sites, fields, marks, regions, users};
use crate::model::dataset::full_name;
use crate::model::field::PictureField;
use crate::model::picture::{NAMED_OBJECTS, RatingCounts};
use crate::model::text::{fold, origin_key};
use crate::model::{AuditAction, Exif, FieldError, Picture, PictureCard, PictureDetail, RatingSummary, Region, Viewer};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// A picture to be posted. Whoever calls has checked the texts and the regions' shapes, and that the author may replace
/// what is to be replaced.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewPicture {
    /// The file, whose bytes are safe already.
    pub blob: BlobRow,
    /// Title, possibly empty.
    pub title: String,
    /// Description, possibly empty.
    pub description: String,
    /// Who posts it.
    pub author: i64,
    /// Where it comes from.
    pub origin_url: Option<String>,
    /// Now, in Unix seconds.
    pub created_at: i64,
    /// Width in pixels, orientation applied.
    pub width: i64,
    /// Height in pixels, orientation applied.
    pub height: i64,
    /// Id of the nature.
    pub nature: String,
    /// Ids of the licences.
    pub licences: Vec<String>,
    /// The regions to begin with. If there are any, they are its state 1.
    pub regions: Vec<Region>,
    /// The picture that this one replaces.
    pub replaces: Option<i64>,
    /// Whether the regions of the picture that this one replaces are its regions to begin with, in place of `regions`.
    pub carry_regions: bool,
    /// The picture that this one was copied from.
    pub copied_from: Option<i64>,
    /// Whether the place where it was taken may be known.
    pub keep_place: bool,
    /// The dataset that it belongs to; none for the commons. That of the picture that it replaces is the only other one possible.
    pub dataset: Option<i64>,
    /// Whom to name as the author instead of who posts it.
    #[serde(default)]
    pub attribution: Option<String>,
    /// Additional fields.
    #[serde(default)]
    pub fields: Vec<PictureField>,
}

/// What of a new picture names other things.
#[derive(Clone, Copy, Debug)]
pub struct NamesUsed<'a> {
    /// Id of the nature.
    pub nature: &'a str,
    /// Ids of the licences.
    pub licences: &'a [String],
    /// The regions, which name objects.
    pub regions: &'a [Region],
    /// The picture that is to be replaced.
    pub replaces: Option<i64>,
}

/// Fails as [`insert`] would if names are used that do not exist, or the picture to be replaced cannot be. Lets a caller
/// refuse before work is put into a file.
pub async fn check_names(db: &Db, names: NamesUsed<'_>) -> Result<()> {
    let mut tx = db.snapshot().await?;
    unknown_names(&mut tx, &names).await?;
    match names.replaces {
        Some(replaced) => must_be_replaceable(replaced, tx.optional(&select_replaced(replaced)).await?).map(drop),
        None => Ok(()),
    }
}

pub(super) async fn unknown_names(tx: &mut Tx, names: &NamesUsed<'_>) -> Result<()> {
    let mut errors = unknown_natures(tx, Some(names.nature), "nature").await?;
    errors.extend(unknown_licences(tx, names.licences, "licence").await?);
    match regions::object_ids(tx, names.regions, "annotations").await {
        Err(StoreError::Invalid(unknown)) => errors.extend(unknown),
        other => drop(other?),
    }
    if errors.is_empty() { Ok(()) } else { Err(StoreError::Invalid(errors)) }
}

/// Posts a picture and gives its id: rows of file and picture, licences, regions and the link from what it replaces, all
/// or nothing. Its author's account has to be active still, and a writer of the dataset.
pub async fn insert(db: &Db, picture: NewPicture) -> Result<i64> {
    let picture = &picture;
    db.write(|mut tx| async move {
        let id = insert_in(&mut tx, picture).await?;
        tx.commit(id).await
    })
    .await
}

async fn insert_in(tx: &mut Tx, picture: &NewPicture) -> Result<i64> {
    users::hold_active(tx, picture.author).await?;
    if let Some(dataset) = picture.dataset {
        access::hold_writable(tx, picture.author, dataset).await?;
    }
    insert_allowed(tx, picture).await
}

/// Inserts a picture whose author is known to be allowed to post it.
pub(super) async fn insert_allowed(tx: &mut Tx, picture: &NewPicture) -> Result<i64> {
    let NewPicture { nature, licences, regions, replaces, .. } = picture;
    unknown_names(tx, &NamesUsed { nature, licences, regions, replaces: *replaces }).await?;
    let (mut carried, mut replaced_owner) = (None, None);
    if let Some(replaced) = picture.replaces {
        let owner = hold_replaceable(tx, replaced).await?;
        must_stay_together(replaced, owner, picture.dataset)?;
        replaced_owner = Some(owner);
        if picture.carry_regions {
            carried = Some(regions::without_ids(tx, replaced).await?);
        }
    }
    let here = blob_sites::are_here(tx, picture.dataset).await?;
    blobs::insert_if_absent(tx, &picture.blob, here).await?;
    let id = insert_row(tx, picture, carried.as_deref().unwrap_or(regions)).await?;
    if let (Some(replaced), Some(owner)) = (picture.replaces, replaced_owner) {
        note_replaced(tx, picture, id, replaced, owner).await?;
    }
    Ok(id)
}

/// Fails unless a picture comes to be where the one is that it replaces: whoever may see one of a chain may see all of it, so that
/// what is obsolete is so to everybody.
pub fn must_stay_together(replaced: i64, owner: PictureOwner, dataset: Option<i64>) -> Result<()> {
    if owner.dataset == dataset {
        return Ok(());
    }
    Err(StoreError::field("dataset", format!("must be that of picture {replaced}, which is to be replaced")))
}

/// Locks a picture that is to be replaced and says whose it is, so that of several replacements at once one succeeds, and no
/// region is saved while they are carried over.
pub(super) async fn hold_replaceable(tx: &mut Tx, replaced: i64) -> Result<PictureOwner> {
    let row = tx.optional(select_replaced(replaced).lock_exclusive()).await?;
    must_be_replaceable(replaced, row)
}

/// Writes down that a new picture took the place of another one's.
pub(super) async fn note_replaced(
    tx: &mut Tx,
    picture: &NewPicture,
    id: i64,
    replaced: i64,
    owner: PictureOwner,
) -> Result<()> {
    let actor = Actor::user(picture.author, picture.created_at);
    let (subject, details) = (format!("picture {replaced}"), format!("by picture {id}"));
    record_on_picture(tx, actor, owner, AuditAction::PictureReplaced, &subject, &details).await
}

/// The columns of a new picture's row.
pub(super) const PICTURE_COLUMNS: [Pictures; 18] = [
    Pictures::Blob,
    Pictures::Title,
    Pictures::TitleFolded,
    Pictures::Description,
    Pictures::DescriptionFolded,
    Pictures::Author,
    Pictures::OriginUrl,
    Pictures::OriginKey,
    Pictures::CreatedAt,
    Pictures::Width,
    Pictures::Height,
    Pictures::MediaType,
    Pictures::Nature,
    Pictures::Replaces,
    Pictures::CopiedFrom,
    Pictures::KeepPlace,
    Pictures::Dataset,
    Pictures::Attribution,
];

/// What a new picture has in these columns.
pub(super) fn picture_values(picture: &NewPicture) -> [Expr; 18] {
    [
        picture.blob.hash.as_str().into(),
        picture.title.as_str().into(),
        fold(&picture.title).into(),
        picture.description.as_str().into(),
        fold(&picture.description).into(),
        picture.author.into(),
        picture.origin_url.clone().into(),
        picture.origin_url.as_deref().map(origin_key).into(),
        picture.created_at.into(),
        picture.width.into(),
        picture.height.into(),
        picture.blob.media_type.as_str().into(),
        picture.nature.as_str().into(),
        picture.replaces.into(),
        picture.copied_from.into(),
        picture.keep_place.into(),
        picture.dataset.into(),
        picture.attribution.clone().into(),
    ]
}

/// Inserts the picture's row, whose file has one already, with its licences, its regions and the link from what it
/// replaces.
pub(super) async fn insert_row(tx: &mut Tx, picture: &NewPicture, regions: &[Region]) -> Result<i64> {
    let insert = Query::insert()
        .into_table(Pictures::Table)
        .columns(PICTURE_COLUMNS)
        .values_panic(picture_values(picture))
        .returning_col(Pictures::Id)
        .to_owned();
    let id = tx.scalar::<i64>(&insert).await?;
    insert_licences(tx, id, &picture.licences).await?;
    for insert in fields::insertions(picture.fields.iter().map(|field| (id, field))) {
        tx.execute(&insert).await?;
    }
    if let Some(replaced) = picture.replaces {
        set_link(tx, replaced, Pictures::ReplacedBy, Some(id)).await?;
    }
    let (author, now) = (picture.author, picture.created_at);
    regions::replace_in(tx, id, 0, regions, "annotations", author, now).await?;
    Ok(id)
}

pub(super) async fn licences_of(tx: &mut Tx, picture: i64) -> Result<Vec<String>> {
    let statement = Query::select()
        .column(PictureLicences::Licence)
        .from(PictureLicences::Table)
        .and_where(Expr::col(PictureLicences::Picture).eq(picture))
        .order_by(PictureLicences::Licence, Order::Asc)
        .to_owned();
    Ok(tx.all::<(String,)>(&statement).await?.into_iter().map(|(licence,)| licence).collect())
}

/// The pictures of the commons that have this file, oldest first.
pub async fn of_blob(db: &Db, hash: &str) -> Result<Vec<i64>> {
    let statement = Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Blob).eq(hash))
        .and_where(access::in_commons())
        .order_by(Pictures::Id, Order::Asc)
        .to_owned();
    db.column(&statement).await
}

/// How many pictures were posted by anyone but these users.
pub async fn count_by_others(db: &Db, users: &[i64]) -> Result<i64> {
    let statement = Query::select()
        .expr(Func::count(Expr::col(Pictures::Id)))
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Author).is_not_in(users.iter().copied()))
        .to_owned();
    db.scalar(&statement).await
}

fn select_replaced(id: i64) -> SelectStatement {
    Query::select()
        .columns([Pictures::ReplacedBy, Pictures::Author, Pictures::Dataset])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(id))
        .to_owned()
}

/// Whose a picture is that is to be replaced, by its row. Fails if it does not exist or has a replacement already.
fn must_be_replaceable(id: i64, row: Option<(Option<i64>, i64, Option<i64>)>) -> Result<PictureOwner> {
    match row {
        None => Err(StoreError::field("replaces", format!("names picture {id}, which does not exist"))),
        Some((Some(by), ..)) => {
            Err(StoreError::Conflict(format!("picture {id} has been replaced by picture {by} already")))
        }
        Some((None, author, dataset)) => Ok(PictureOwner { author, dataset }),
    }
}

pub(super) async fn set_link(tx: &mut Tx, picture: i64, column: Pictures, value: Option<i64>) -> Result<()> {
    let update = Query::update()
        .table(Pictures::Table)
        .value(column, value)
        .and_where(Expr::col(Pictures::Id).eq(picture))
        .to_owned();
    tx.execute(&update).await.map(drop)
}

pub(super) async fn unknown_natures(tx: &mut Tx, nature: Option<&str>, path: &str) -> Result<Vec<FieldError>> {
    let Some(nature) = nature else { return Ok(Vec::new()) };
    let statement = Query::select()
        .column(Natures::Id)
        .from(Natures::Table)
        .and_where(Expr::col(Natures::Id).eq(nature))
        .to_owned();
    let known = tx.optional::<(String,)>(&statement).await?.is_some();
    let error = || FieldError::new(path, format!("names `{nature}`, which is not a nature"));
    Ok((!known).then(error).into_iter().collect())
}

pub(super) async fn unknown_licences(tx: &mut Tx, licences: &[String], path: &str) -> Result<Vec<FieldError>> {
    let statement = Query::select()
        .column(Licences::Id)
        .from(Licences::Table)
        .and_where(Expr::col(Licences::Id).is_in(licences.iter().map(String::as_str)))
        .to_owned();
    let known: BTreeSet<String> = tx.all::<(String,)>(&statement).await?.into_iter().map(|(id,)| id).collect();
    Ok(licences
        .iter()
        .enumerate()
        .filter(|(_, id)| !known.contains(*id))
        .map(|(index, id)| FieldError::new(format!("{path}[{index}]"), format!("names `{id}`, which is not a licence")))
        .collect())
}

pub(super) async fn insert_licences(tx: &mut Tx, picture: i64, licences: &[String]) -> Result<()> {
    let licences: BTreeSet<&str> = licences.iter().map(String::as_str).collect();
    if licences.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert.into_table(PictureLicences::Table).columns([PictureLicences::Picture, PictureLicences::Licence]);
    for licence in licences {
        insert.values_panic([picture.into(), licence.into()]);
    }
    tx.execute(&insert).await.map(drop)
}

/// A picture's row with the names it refers to.
#[derive(Clone, sqlx::FromRow)]
struct PictureRow {
    id: i64,
    title: String,
    description: String,
    author: String,
    attribution: Option<String>,
    origin_url: Option<String>,
    created_at: i64,
    width: i64,
    height: i64,
    media_type: String,
    nature: String,
    replaces: Option<i64>,
    replaced_by: Option<i64>,
    copied_from: Option<i64>,
    dataset: Option<String>,
    namespace: Option<String>,
    hash: String,
    extension: String,
}

/// What only a picture's own page shows of its row and its file's.
#[derive(sqlx::FromRow)]
struct DetailsRow {
    revision: i64,
    metadata_revision: i64,
    keep_place: bool,
    hash: String,
    exif: Option<String>,
}

impl DetailsRow {
    /// What the camera wrote into the file, without the place unless it may be known.
    async fn exif(&self, tx: &mut Tx, viewer: &Viewer) -> Result<Option<Exif>> {
        let Some(text) = &self.exif else { return Ok(None) };
        let mut exif: Exif = serde_json::from_str(text)
            .map_err(|error| StoreError::corrupt(format!("stored EXIF cannot be read: {error}")))?;
        if exif.place.is_some() && !blobs::is_place_kept(tx, viewer, &self.hash).await? {
            exif.place = None;
        }
        Ok((!exif.is_empty()).then_some(exif))
    }
}

async fn details(tx: &mut Tx, id: i64) -> Result<DetailsRow> {
    let of = |column| (Pictures::Table, column);
    let statement = Query::select()
        .columns([Pictures::Revision, Pictures::MetadataRevision, Pictures::KeepPlace].map(of))
        .columns([Blobs::Hash, Blobs::Exif].map(|column| (Blobs::Table, column)))
        .from(Pictures::Table)
        .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals(of(Pictures::Blob)))
        .and_where(Expr::col(of(Pictures::Id)).eq(id))
        .to_owned();
    tx.optional(&statement).await?.ok_or_else(|| no_picture(id))
}

/// Whom to name as the author, if that is not who posted it.
pub(super) fn attribution() -> Expr {
    let said = Expr::col((Pictures::Table, Pictures::Attribution));
    Func::coalesce([said, Expr::col((Users::Table, Users::Attribution))]).into()
}

fn select_pictures(viewer: &Viewer, ids: &[i64]) -> SelectStatement {
    let of = |column| (Pictures::Table, column);
    Query::select()
        .columns([
            of(Pictures::Id),
            of(Pictures::Title),
            of(Pictures::Description),
            of(Pictures::OriginUrl),
            of(Pictures::CreatedAt),
            of(Pictures::Width),
            of(Pictures::Height),
            of(Pictures::MediaType),
            of(Pictures::Nature),
            of(Pictures::Replaces),
            of(Pictures::ReplacedBy),
            of(Pictures::CopiedFrom),
        ])
        .expr_as(Expr::col((Users::Table, Users::Username)), "author")
        .expr_as(attribution(), "attribution")
        .columns([Blobs::Hash, Blobs::Extension].map(|column| (Blobs::Table, column)))
        .expr_as(Expr::col((Datasets::Table, Datasets::Name)), "dataset")
        .expr_as(Expr::col((Namespaces::Table, Namespaces::Name)), "namespace")
        .from(Pictures::Table)
        .left_join(Datasets::Table, Expr::col((Datasets::Table, Datasets::Id)).equals(of(Pictures::Dataset)))
        .left_join(
            Namespaces::Table,
            Expr::col((Namespaces::Table, Namespaces::Id)).equals((Datasets::Table, Datasets::Namespace)),
        )
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(Pictures::Author)))
        .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals(of(Pictures::Blob)))
        .and_where(Expr::col(of(Pictures::Id)).is_in(ids.iter().copied()))
        .cond_where(access::visible(viewer))
        .to_owned()
}

/// Shapes of one answer take at most so many bytes, as JSON text. Any one picture has less: see `MAX_SHAPE_BYTES`.
const MAX_REGION_BYTES: i64 = 64_000_000;

/// Pictures in the order of `ids`, with a constant number of statements. Those that do not exist, or that the viewer may
/// not see, are left out. Pictures whose regions are together too much for one answer are refused.
pub async fn by_ids(db: &Db, viewer: &Viewer, ids: &[i64], urls: &Urls) -> Result<Vec<Picture>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = db.snapshot().await?;
    let regions = regions_for_one_answer(&mut tx, viewer, ids).await?;
    load(&mut tx, viewer, ids, regions, urls).await
}

async fn regions_for_one_answer(tx: &mut Tx, viewer: &Viewer, ids: &[i64]) -> Result<HashMap<i64, Vec<Region>>> {
    let bytes = regions::bytes_of_pictures(tx, viewer, ids).await?;
    if bytes > MAX_REGION_BYTES {
        let (bytes, most) = (bytes / 1_000_000, MAX_REGION_BYTES / 1_000_000);
        let message = format!(
            "must be smaller here: these pictures have {bytes} MB of regions, and an answer carries at most {most} MB"
        );
        return Err(StoreError::field("limit", message));
    }
    regions::of_pictures(tx, ids).await
}

/// How many bytes the regions of each picture take as JSON text, about.
pub async fn region_bytes(db: &Db, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    let statement = Query::select()
        .columns([Pictures::Id, Pictures::RegionBytes])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).is_in(ids.iter().copied()))
        .to_owned();
    Ok(db.all::<(i64, i64)>(&statement).await?.into_iter().collect())
}

/// Like [`by_ids`], for lists that tell of regions only how many there are and what they show.
pub async fn cards(db: &Db, viewer: &Viewer, ids: &[i64], urls: &Urls) -> Result<Vec<PictureCard>> {
    let mut tx = db.snapshot().await?;
    let mut cards = described(&mut tx, viewer, ids, urls, HashMap::new(), NAMED_OBJECTS as i64).await?;
    let in_datasets = cards.iter().filter(|card| card.picture.dataset.is_some());
    let in_datasets: Vec<i64> = in_datasets.map(|card| card.picture.id).collect();
    if !in_datasets.is_empty() {
        let locked = access::locked(&mut tx, viewer, &in_datasets).await?;
        for card in &mut cards {
            card.locked = locked.contains(&card.picture.id);
        }
    }
    Ok(cards)
}

/// Like [`cards`], with the names of all objects, and with regions if they are wanted.
pub async fn records(
    db: &Db,
    viewer: &Viewer,
    ids: &[i64],
    urls: &Urls,
    with_regions: bool,
) -> Result<Vec<PictureCard>> {
    let mut tx = db.snapshot().await?;
    let regions = if with_regions { regions_for_one_answer(&mut tx, viewer, ids).await? } else { HashMap::new() };
    described(&mut tx, viewer, ids, urls, regions, i64::MAX).await
}

async fn described(
    tx: &mut Tx,
    viewer: &Viewer,
    ids: &[i64],
    urls: &Urls,
    regions: HashMap<i64, Vec<Region>>,
    most_objects: i64,
) -> Result<Vec<PictureCard>> {
    let pictures = load(tx, viewer, ids, regions, urls).await?;
    let seen: Vec<i64> = pictures.iter().map(|picture| picture.id).collect();
    let counts = Query::select()
        .columns([Pictures::Id, Pictures::RegionCount])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).is_in(seen.iter().copied()))
        .to_owned();
    let counts: HashMap<i64, i64> = tx.all::<(i64, i64)>(&counts).await?.into_iter().collect();
    let mut objects = regions::named_objects(tx, &seen, most_objects).await?;
    let card = |picture: Picture| PictureCard {
        region_count: counts.get(&picture.id).copied().unwrap_or_default(),
        objects: objects.remove(&picture.id).unwrap_or_default(),
        outlines: Vec::new(),
        locked: false,
        picture,
    };
    Ok(pictures.into_iter().map(card).collect())
}

/// Whether there is any picture at all.
pub async fn any(db: &Db) -> Result<bool> {
    let statement = Query::select().column(Pictures::Id).from(Pictures::Table).limit(1).to_owned();
    Ok(db.optional::<(i64,)>(&statement).await?.is_some())
}

/// One picture with what its own page shows.
pub async fn get(db: &Db, viewer: &Viewer, id: i64, urls: &Urls) -> Result<PictureDetail> {
    let mut tx = db.snapshot().await?;
    // First of all, so that nobody has much read that they may not see.
    access::require_visible(&mut tx, viewer, id).await?;
    let regions = regions::of_pictures(&mut tx, &[id]).await?;
    let picture = load(&mut tx, viewer, &[id], regions, urls).await?.pop().ok_or_else(|| no_picture(id))?;
    let details = details(&mut tx, id).await?;
    let exif = details.exif(&mut tx, viewer).await?;
    let DetailsRow { revision, metadata_revision, keep_place, .. } = details;
    let rating = rating_summary(&mut tx, id).await?;
    let mark = marks::current(&mut tx, id).await?;
    Ok(PictureDetail { picture, rating, revision, metadata_revision, exif, keep_place, mark })
}

/// Pictures that the viewer may see, with the regions that were read for them. Regions of others are dropped here.
async fn load(
    tx: &mut Tx,
    viewer: &Viewer,
    ids: &[i64],
    mut regions: HashMap<i64, Vec<Region>>,
    urls: &Urls,
) -> Result<Vec<Picture>> {
    let rows = tx.all::<PictureRow>(&select_pictures(viewer, ids)).await?;
    let found: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut rows: HashMap<i64, PictureRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let statement = Query::select()
        .columns([PictureLicences::Picture, PictureLicences::Licence])
        .from(PictureLicences::Table)
        .and_where(Expr::col(PictureLicences::Picture).is_in(found.iter().copied()))
        .to_owned();
    let mut licences: HashMap<i64, Vec<String>> = HashMap::new();
    for (picture, licence) in tx.all::<(i64, String)>(&statement).await? {
        licences.entry(picture).or_default().push(licence);
    }
    let mut fields = fields::of_pictures(tx, &found).await?;
    let links = rows.values().flat_map(|row| [row.replaces, row.replaced_by, row.copied_from]).flatten();
    let linked = visible_among(tx, viewer, links.collect()).await?;
    let visible = |link: Option<i64>| link.filter(|id| linked.contains(id));
    let picture = |row: PictureRow| {
        let mut licences = licences.remove(&row.id).unwrap_or_default();
        licences.sort();
        Picture {
            download: urls.download(&row.hash, &row.extension),
            licences,
            regions: regions.remove(&row.id).unwrap_or_default(),
            fields: fields.remove(&row.id).unwrap_or_default(),
            id: row.id,
            title: row.title,
            description: row.description,
            author: row.author,
            attribution: row.attribution,
            origin_url: row.origin_url,
            timestamp: row.created_at,
            width: row.width,
            height: row.height,
            file_format: row.media_type,
            nature: row.nature,
            replaces: visible(row.replaces),
            replaced_by: visible(row.replaced_by),
            copied_from: visible(row.copied_from),
            dataset: row.namespace.zip(row.dataset).map(|(namespace, name)| full_name(&namespace, &name)),
        }
    };
    Ok(ids.iter().filter_map(|id| rows.remove(id)).map(picture).collect())
}

/// Those of these pictures that the viewer may see. So nothing tells of one that they may not see, wherever the other end of a
/// link is by now.
async fn visible_among(tx: &mut Tx, viewer: &Viewer, ids: BTreeSet<i64>) -> Result<BTreeSet<i64>> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let statement = Query::select()
        .column(Pictures::Id)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).is_in(ids))
        .cond_where(access::visible(viewer))
        .to_owned();
    Ok(tx.all::<(i64,)>(&statement).await?.into_iter().map(|(id,)| id).collect())
}

async fn rating_summary(tx: &mut Tx, picture: i64) -> Result<RatingSummary> {
    let statement = Query::select()
        .column(Ratings::Rating)
        .expr(Func::count(Expr::col(Ratings::UserId)))
        .from(Ratings::Table)
        .and_where(Expr::col(Ratings::Picture).eq(picture))
        .group_by_col(Ratings::Rating)
        .order_by(Ratings::Rating, Order::Asc)
        .to_owned();
    let mut counts = RatingCounts::default();
    let (mut sum, mut number) = (0, 0);
    for (rating, count) in tx.all::<(i64, i64)>(&statement).await? {
        sum += rating * count;
        number += count;
        match rating {
            1 => counts.one = count,
            2 => counts.two = count,
            3 => counts.three = count,
            4 => counts.four = count,
            _ => counts.five = count,
        }
    }
    let rating_average = (number > 0).then(|| sum as f64 / number as f64);
    Ok(RatingSummary { rating_average, rating_count: counts })
}

/// Whose a picture is. Fails if the viewer may not see it.
pub async fn owner_of(db: &Db, viewer: &Viewer, id: i64) -> Result<PictureOwner> {
    owners_by_id(db, viewer, &[id]).await?.remove(&id).ok_or_else(|| no_picture(id))
}

/// Whose these pictures are. Fails if the viewer may not see one of them.
pub async fn owners_of(db: &Db, viewer: &Viewer, ids: &[i64]) -> Result<BTreeSet<PictureOwner>> {
    let owners = owners_by_id(db, viewer, ids).await?;
    match ids.iter().find(|id| !owners.contains_key(id)) {
        Some(missing) => Err(no_picture(*missing)),
        None => Ok(owners.into_values().collect()),
    }
}

async fn owners_by_id(db: &Db, viewer: &Viewer, ids: &[i64]) -> Result<HashMap<i64, PictureOwner>> {
    let statement = Query::select()
        .columns([Pictures::Id, Pictures::Author, Pictures::Dataset])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).is_in(ids.iter().copied()))
        .cond_where(access::visible(viewer))
        .to_owned();
    let rows = db.all::<(i64, i64, Option<i64>)>(&statement).await?;
    Ok(rows.into_iter().map(|(id, author, dataset)| (id, PictureOwner { author, dataset })).collect())
}

/// Width and height of a picture, which never change. Fails if the viewer may not see it.
pub async fn size_of(db: &Db, viewer: &Viewer, id: i64) -> Result<(i64, i64)> {
    let statement = Query::select()
        .columns([Pictures::Width, Pictures::Height])
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).eq(id))
        .cond_where(access::visible(viewer))
        .to_owned();
    db.optional(&statement).await?.ok_or_else(|| no_picture(id))
}
