//! Files of datasets: what the newest commit has, and the bytes that commits may mention.

use super::blob_sites::{self, Whereabouts};
use super::blobs::{self, BlobRow};
use super::datasets::head_in;
use super::db::{Db, ROWS_PER_STATEMENT, Result, Source, Tx, VALUES_PER_LIST};
use super::error::StoreError;
use super::schema::{Blobs, DatasetBlobs, DatasetFiles, Datasets, Pictures};
use crate::model::picture::THUMBNAIL_SMALL_PX;
use crate::model::{DatasetFile, FileList, Page, PageRequest};
use crate::server::git::Pointer;
use sea_query::{Condition, Expr, ExprTrait, Func, OnConflict, Order, Query, SelectStatement};
use std::collections::{BTreeSet, HashMap};

/// The media type of bytes that are no picture: what they are otherwise, only their name could tell.
pub const PLAIN: &str = "application/octet-stream";

/// Bytes that are safe, and what they are.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The file.
    pub blob: BlobRow,
    /// Width and height in pixels, orientation applied, of a picture; none of anything else.
    pub size_px: Option<(i64, i64)>,
    /// Where they are.
    pub there: Whereabouts,
}

impl Kept {
    /// Where a picture has a small version on this site.
    pub fn thumbnail(&self) -> Option<String> {
        self.size_px.map(|_| format!("/thumbnail/{}/{THUMBNAIL_SMALL_PX}", self.blob.hash))
    }
}

/// A file of the newest commit.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FileRow {
    /// Its path.
    pub path: String,
    /// The MD5 of its bytes.
    pub md5: String,
    /// How many bytes it has.
    pub size: i64,
    /// The picture that it is.
    pub picture: Option<i64>,
}

impl FileRow {
    /// Which bytes it has, as Git says it.
    pub fn pointer(&self) -> Pointer {
        Pointer { md5: self.md5.clone(), size: u64::try_from(self.size).unwrap_or_default() }
    }
}

/// How large a dataset is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many files it has.
    pub files: i64,
    /// How many bytes these have.
    pub bytes: i64,
}

pub(super) fn of(column: DatasetFiles) -> (DatasetFiles, DatasetFiles) {
    (DatasetFiles::Table, column)
}

fn in_dataset(dataset: i64) -> Expr {
    Expr::col(of(DatasetFiles::Dataset)).eq(dataset)
}

pub(super) fn rows(dataset: i64) -> SelectStatement {
    Query::select()
        .columns([DatasetFiles::Path, DatasetFiles::Md5, DatasetFiles::Size, DatasetFiles::Picture].map(of))
        .from(DatasetFiles::Table)
        .and_where(in_dataset(dataset))
        .order_by(of(DatasetFiles::Path), Order::Asc)
        .to_owned()
}

/// The paths or folders that begin with this, as a range of an index. No character of a path comes after the last one of all.
pub(super) fn begins_with(column: DatasetFiles, prefix: &str) -> Condition {
    let all = Condition::all();
    if prefix.is_empty() {
        return all;
    }
    let text = || Expr::col(of(column));
    all.add(text().gte(prefix)).add(text().lt(format!("{prefix}\u{10ffff}")))
}

/// How large these datasets are.
pub(super) async fn sizes(source: &mut impl Source, datasets: &[i64]) -> Result<HashMap<i64, Size>> {
    let total = Func::cast_as(Func::sum(Expr::col(DatasetFiles::Size)), "BIGINT");
    let statement = Query::select()
        .column(DatasetFiles::Dataset)
        .expr(Func::count(Expr::col(DatasetFiles::Path)))
        .expr(total)
        .from(DatasetFiles::Table)
        .and_where(Expr::col(DatasetFiles::Dataset).is_in(datasets.iter().copied()))
        .group_by_col(DatasetFiles::Dataset)
        .to_owned();
    let sums = source.all::<(i64, i64, i64)>(&statement).await?;
    Ok(sums.into_iter().map(|(dataset, files, bytes)| (dataset, Size { files, bytes })).collect())
}

/// A part of the files of the newest commit whose paths begin with `prefix`, and that commit. Whoever calls has made sure that the
/// viewer may see the dataset.
pub async fn list(db: &Db, dataset: i64, prefix: &str, page: PageRequest) -> Result<FileList> {
    let mut tx = db.snapshot().await?;
    let commit = head_in(&mut tx, dataset).await?;
    let total = Query::select()
        .expr(Func::count(Expr::col(of(DatasetFiles::Path))))
        .from(DatasetFiles::Table)
        .and_where(in_dataset(dataset))
        .cond_where(begins_with(DatasetFiles::Path, prefix))
        .to_owned();
    let mut found = rows(dataset);
    found.cond_where(begins_with(DatasetFiles::Path, prefix)).offset(page.offset as u64).limit(page.limit as u64);
    let found = tx.all::<FileRow>(&found).await?;
    let items = described(&mut tx, dataset, found).await?;
    let files = Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit };
    Ok(FileList { commit, files })
}

/// Files of any commit of a dataset, with what is known of their bytes.
pub async fn describe(db: &Db, dataset: i64, found: Vec<FileRow>) -> Result<Vec<DatasetFile>> {
    described(&mut &*db, dataset, found).await
}

async fn described(source: &mut impl Source, dataset: i64, found: Vec<FileRow>) -> Result<Vec<DatasetFile>> {
    let sums = found.iter().map(|row| row.md5.clone()).collect();
    let kept = kept(source, dataset, &sums).await?;
    let file = |row: FileRow| {
        let kept = kept.get(&row.md5);
        DatasetFile {
            media_type: media_type(&row.path, kept.map_or(PLAIN, |kept| &kept.blob.media_type)),
            sha256: kept.map(|kept| kept.blob.sha256.clone()),
            thumbnail: kept.and_then(Kept::thumbnail),
            path: row.path,
            size: row.size,
            md5: row.md5,
            picture: row.picture,
        }
    };
    Ok(found.into_iter().map(file).collect())
}

/// The media type of a file with this path, whose bytes have one of their own if they are a picture.
pub fn media_type(path: &str, of_bytes: &str) -> String {
    if of_bytes != PLAIN {
        return of_bytes.to_owned();
    }
    let by_name = mime_guess::from_path(path).first_or_octet_stream();
    // What is not a picture by its content is none by its name.
    if by_name.type_() == "image" { PLAIN.to_owned() } else { by_name.essence_str().to_owned() }
}

/// One row of a look at [`kept`].
#[derive(sqlx::FromRow)]
struct KeptRow {
    name: String,
    width: Option<i64>,
    height: Option<i64>,
    #[sqlx(flatten)]
    blob: BlobRow,
}

/// Those of these bytes, named by their MD5, that commits of the dataset may mention.
pub async fn known(db: &Db, dataset: i64, sums: &BTreeSet<String>) -> Result<HashMap<String, Kept>> {
    kept(&mut &*db, dataset, sums).await
}

/// What of a file has to be known to send it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sendable {
    /// The MD5 of its bytes.
    #[sqlx(rename = "name")]
    pub md5: String,
    /// Their BLAKE3.
    pub hash: String,
    /// How many there are.
    pub size: i64,
    /// What they are.
    pub media_type: String,
    /// The width in pixels, if they are a picture.
    pub width: Option<i64>,
    /// Their CRC-32, if anybody knows it.
    pub crc32: Option<i64>,
}

/// The same as [`known`], without what nobody needs who sends them.
pub async fn sendable(db: &Db, dataset: i64, sums: &BTreeSet<String>) -> Result<HashMap<String, Sendable>> {
    let sums: Vec<&str> = sums.iter().map(String::as_str).collect();
    let mut found = HashMap::with_capacity(sums.len());
    for part in sums.chunks(VALUES_PER_LIST) {
        let columns = [Blobs::Hash, Blobs::Size, Blobs::MediaType, Blobs::Crc32].map(|column| (Blobs::Table, column));
        let mut statement = mentionable(dataset, part);
        statement.columns(columns).column((DatasetBlobs::Table, DatasetBlobs::Width));
        let rows = db.all::<Sendable>(&statement).await?;
        found.extend(rows.into_iter().map(|file| (file.md5.clone(), file)));
    }
    Ok(found)
}

/// Of these bytes those that commits of the dataset may mention, with their MD5 as `name`.
fn mentionable(dataset: i64, sums: &[&str]) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col((DatasetBlobs::Table, DatasetBlobs::Md5)), "name")
        .from(DatasetBlobs::Table)
        .inner_join(
            Blobs::Table,
            Expr::col((Blobs::Table, Blobs::Hash)).equals((DatasetBlobs::Table, DatasetBlobs::Blob)),
        )
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Dataset)).eq(dataset))
        .and_where(Expr::col((DatasetBlobs::Table, DatasetBlobs::Md5)).is_in(sums.iter().copied()))
        .to_owned()
}

/// The bytes with this MD5, if commits of the dataset may mention them.
pub async fn known_by(db: &Db, dataset: i64, md5: &str) -> Result<Option<Kept>> {
    Ok(known(db, dataset, &[md5.to_owned()].into()).await?.remove(md5))
}

/// Like [`known`], within a transaction.
pub(super) async fn kept(
    source: &mut impl Source,
    dataset: i64,
    sums: &BTreeSet<String>,
) -> Result<HashMap<String, Kept>> {
    let sums: Vec<&str> = sums.iter().map(String::as_str).collect();
    let mut found = HashMap::with_capacity(sums.len());
    for part in sums.chunks(VALUES_PER_LIST) {
        let mut statement = mentionable(dataset, part);
        statement.columns([DatasetBlobs::Width, DatasetBlobs::Height].map(|column| (DatasetBlobs::Table, column)));
        statement.columns(blobs::COLUMNS.map(|column| (Blobs::Table, column)));
        for KeptRow { name, width, height, blob } in source.all::<KeptRow>(&statement).await? {
            let there = Whereabouts::Known;
            found.insert(name, Kept { blob, size_px: width.zip(height), there });
        }
    }
    Ok(found)
}

/// Lets commits of a dataset mention bytes, which are safe already. Two files with one MD5 are refused: one was made to be taken
/// for the other.
pub async fn insert_kept(db: &Db, dataset: i64, kept: &[Kept]) -> Result<()> {
    for part in kept.chunks(ROWS_PER_STATEMENT) {
        db.write(|mut tx| async move {
            insert_kept_in(&mut tx, dataset, part).await?;
            tx.commit(()).await
        })
        .await?;
    }
    Ok(())
}

async fn insert_kept_in(tx: &mut Tx, dataset: i64, part: &[Kept]) -> Result<()> {
    let lock = Query::select()
        .column(Datasets::StorageSite)
        .from(Datasets::Table)
        .and_where(Expr::col(Datasets::Id).eq(dataset))
        .lock_shared()
        .to_owned();
    let gone = || StoreError::NotFound(format!("there is no dataset {dataset}"));
    let (site,) = tx.optional::<(Option<i64>,)>(&lock).await?.ok_or_else(gone)?;
    // In one order, so that no two wait for each other.
    let sorted: std::collections::BTreeMap<&str, &Kept> =
        part.iter().map(|kept| (kept.blob.hash.as_str(), kept)).collect();
    if sorted.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert();
    insert.into_table(DatasetBlobs::Table).columns([
        DatasetBlobs::Dataset,
        DatasetBlobs::Md5,
        DatasetBlobs::Blob,
        DatasetBlobs::Width,
        DatasetBlobs::Height,
    ]);
    for (hash, Kept { blob, size_px, there }) in &sorted {
        blobs::insert_if_absent(tx, blob, *there == Whereabouts::Here).await?;
        blob_sites::note(tx, hash, site, there).await?;
        if size_px.is_some() {
            blobs::note_picture(tx, blob).await?;
        }
        let (width, height) = size_px.unzip();
        insert.values_panic([dataset.into(), blob.md5.as_str().into(), (*hash).into(), width.into(), height.into()]);
    }
    insert.on_conflict(OnConflict::columns([DatasetBlobs::Dataset, DatasetBlobs::Md5]).do_nothing().to_owned());
    tx.execute(&insert).await?;
    let sums = sorted.values().map(|kept| kept.blob.md5.clone()).collect();
    let there = self::kept(tx, dataset, &sums).await?;
    for (hash, kept) in sorted {
        if there.get(&kept.blob.md5).is_none_or(|there| there.blob.hash != hash) {
            let message = format!("other bytes of this dataset have the same MD5, {}", kept.blob.md5);
            return Err(StoreError::Conflict(message));
        }
    }
    Ok(())
}

/// Those of these paths at which the newest commit has files.
pub async fn at(db: &Db, dataset: i64, paths: &[&str]) -> Result<HashMap<String, FileRow>> {
    rows_at(&mut &*db, dataset, paths).await
}

/// Like [`at`], within a transaction.
pub(super) async fn rows_at(
    source: &mut impl Source,
    dataset: i64,
    paths: &[&str],
) -> Result<HashMap<String, FileRow>> {
    let mut found = HashMap::with_capacity(paths.len());
    for part in paths.chunks(VALUES_PER_LIST) {
        let mut statement = rows(dataset);
        statement.and_where(Expr::col(of(DatasetFiles::Path)).is_in(part.iter().copied()));
        let rows = source.all::<FileRow>(&statement).await?;
        found.extend(rows.into_iter().map(|row| (row.path.clone(), row)));
    }
    Ok(found)
}

/// Up to `most` files of the newest commit whose paths begin with `prefix`, by path.
pub async fn below(db: &Db, dataset: i64, prefix: &str, most: u64) -> Result<Vec<FileRow>> {
    let mut statement = rows(dataset);
    statement.cond_where(begins_with(DatasetFiles::Path, prefix)).limit(most);
    db.all(&statement).await
}

/// Which file each of these pictures is, where it is one: its dataset and path.
pub async fn of_pictures(db: &Db, pictures: &[i64]) -> Result<Vec<(i64, i64, String)>> {
    let statement = Query::select()
        .columns([DatasetFiles::Picture, DatasetFiles::Dataset, DatasetFiles::Path])
        .from(DatasetFiles::Table)
        .and_where(Expr::col(DatasetFiles::Picture).is_in(pictures.iter().copied()))
        .order_by(DatasetFiles::Dataset, Order::Asc)
        .order_by(DatasetFiles::Path, Order::Asc)
        .to_owned();
    db.all(&statement).await
}

/// Pictures that a dataset had before it had commits: number and file, with the picture's size.
pub async fn pictures_without_file(db: &Db, dataset: i64) -> Result<Vec<(i64, Kept)>> {
    #[derive(sqlx::FromRow)]
    struct PictureRow {
        id: i64,
        width: i64,
        height: i64,
        #[sqlx(flatten)]
        blob: BlobRow,
    }
    let file = Query::select()
        .expr(Expr::cust("1"))
        .from(DatasetFiles::Table)
        .and_where(Expr::col(of(DatasetFiles::Picture)).equals((Pictures::Table, Pictures::Id)))
        .to_owned();
    let statement = Query::select()
        .columns([Pictures::Id, Pictures::Width, Pictures::Height].map(|column| (Pictures::Table, column)))
        .columns(blobs::COLUMNS.map(|column| (Blobs::Table, column)))
        .from(Pictures::Table)
        .inner_join(Blobs::Table, Expr::col((Blobs::Table, Blobs::Hash)).equals((Pictures::Table, Pictures::Blob)))
        .and_where(Expr::col((Pictures::Table, Pictures::Dataset)).eq(dataset))
        .and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null())
        .and_where(Expr::exists(file).not())
        .order_by((Pictures::Table, Pictures::Id), Order::Asc)
        .to_owned();
    let rows = db.all::<PictureRow>(&statement).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, Kept { blob: row.blob, size_px: Some((row.width, row.height)), there: Whereabouts::Here }))
        .collect())
}

/// Forgets some of a dataset's files and bytes, which is about to go, and gives how many; none when there are none left.
pub(super) async fn forget_some(tx: &mut Tx, dataset: i64) -> Result<u64> {
    const SOME: u64 = 5000;
    let some = Query::select()
        .column(DatasetFiles::Path)
        .from(DatasetFiles::Table)
        .and_where(Expr::col(DatasetFiles::Dataset).eq(dataset))
        .limit(SOME)
        .to_owned();
    let files = Query::delete()
        .from_table(DatasetFiles::Table)
        .and_where(Expr::col(DatasetFiles::Dataset).eq(dataset))
        .and_where(Expr::col(DatasetFiles::Path).in_subquery(some))
        .to_owned();
    let gone = tx.execute(&files).await?;
    if gone > 0 {
        return Ok(gone);
    }
    let some = Query::select()
        .column(DatasetBlobs::Md5)
        .from(DatasetBlobs::Table)
        .and_where(Expr::col(DatasetBlobs::Dataset).eq(dataset))
        .limit(SOME)
        .to_owned();
    let bytes = Query::delete()
        .from_table(DatasetBlobs::Table)
        .and_where(Expr::col(DatasetBlobs::Dataset).eq(dataset))
        .and_where(Expr::col(DatasetBlobs::Md5).in_subquery(some))
        .to_owned();
    tx.execute(&bytes).await
}

/// The files of this site that have one of these MD5s, the oldest first.
pub async fn by_md5(db: &Db, sums: &[&str]) -> Result<Vec<BlobRow>> {
    let mut found = Vec::new();
    for part in sums.chunks(VALUES_PER_LIST) {
        let statement = Query::select()
            .columns(blobs::COLUMNS)
            .from(Blobs::Table)
            .and_where(Expr::col(Blobs::Md5).is_in(part.iter().copied()))
            .order_by(Blobs::CreatedAt, Order::Asc)
            .to_owned();
        found.extend(db.all::<BlobRow>(&statement).await?);
    }
    Ok(found)
}
