//! Test databases, and the stories' common props: people, files, objects, pictures.

pub mod s3;

use ocellus::model::{AccountChange, Point, Rect, Region, Shape, Viewer};
use ocellus::server::store::audit::Actor;
use ocellus::server::store::blobs::BlobRow;
use ocellus::server::store::pictures::NewPicture;
use ocellus::server::store::{Db, administration, objects, pictures, users};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// A database of its own for one test.
pub struct TestDb {
    /// The database, with its tables and reference data.
    pub db: Db,
    /// Opens it once more.
    pub url: String,
    remains: Remains,
}

enum Remains {
    Folder(#[allow(dead_code)] TempDir),
    Schema { admin: PgConnection, name: String },
}

impl TestDb {
    /// SQLite in a fresh folder, in memory where the system has such folders: no test waits for a disk.
    pub async fn sqlite() -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let folder = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap();
        let url = format!("sqlite:{}", folder.path().join("new/ocellus.db").display());
        let db = Db::connect(&url).await.unwrap();
        db.migrate().await.unwrap();
        Self { db, url, remains: Remains::Folder(folder) }
    }

    /// PostgreSQL in a fresh schema.
    pub async fn postgres() -> Self {
        let server = std::env::var("OCELLUS_TEST_POSTGRES_URL").expect(
            "OCELLUS_TEST_POSTGRES_URL is not set. `make test` starts a PostgreSQL of its own and sets it; use that, or \
             set it to the address of an empty database.",
        );
        let name = format!("test_{:016x}", rand::random::<u64>());
        let mut admin = PgConnection::connect(&server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&mut admin).await.unwrap();
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options[search_path]={name}");
        let db = Db::connect(&url).await.unwrap();
        db.migrate().await.unwrap();
        Self { db, url, remains: Remains::Schema { admin, name } }
    }

    /// Removes the database. A test that fails leaves it behind, for whoever wants to look.
    pub async fn close(self) {
        self.db.close().await;
        if let Remains::Schema { mut admin, name } = self.remains {
            sqlx::query(AssertSqlSafe(format!("DROP SCHEMA {name} CASCADE"))).execute(&mut admin).await.unwrap();
        }
    }
}

/// Tells a figure to whoever runs the suite: what tests print otherwise is shown only where they fail.
pub fn report(figure: &str) {
    use std::io::Write;
    std::io::stderr().write_all(format!("figure: {figure}\n").as_bytes()).unwrap();
}

/// An empty folder, in memory where the system has such folders with room enough: what comes with many files should not wait for a disk.
pub fn roomy_folder() -> TempDir {
    const ROOM_BYTES: u64 = 2 << 30;
    let memory = std::path::Path::new("/dev/shm");
    let room = rustix::fs::statvfs(memory).map_or(0, |told| told.f_bavail.saturating_mul(told.f_frsize));
    let folder = if room > ROOM_BYTES { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.or_else(|_| tempfile::tempdir()).unwrap()
}

/// The real DVC.
pub fn dvc_program() -> String {
    std::env::var("OCELLUS_TEST_DVC").expect(
        "OCELLUS_TEST_DVC is not set. `make test` installs a DVC of its own and sets it; use that, or set it to the path of \
         the program `dvc`.",
    )
}

/// Turns each story, an `async fn` of a [`TestDb`], into two tests: one on each database.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$note:meta])* async fn $name:ident($test:ident: &TestDb) $body:block)+) => {$(
        $(#[$note])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn story($test: &$crate::support::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_sqlite() {
                let test = $crate::support::TestDb::sqlite().await;
                story(&test).await;
                test.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_postgres() {
                let test = $crate::support::TestDb::postgres().await;
                story(&test).await;
                test.close().await;
            }
        }
    )+};
}

/// A time in 2026: tests do not read the clock.
pub const NOW: i64 = 1_780_000_000;

/// Who changes what, where it does not matter who.
pub const ACTOR: Actor = Actor { user: None, at: NOW };

/// Makes a user an administrator.
pub async fn promote(db: &Db, name: &str) {
    let change = AccountChange { admin: Some(true), ..AccountChange::default() };
    administration::change(db, name, &change, ACTOR).await.unwrap();
}

/// Makes a user and gives their id.
pub async fn user(db: &Db, name: &str) -> i64 {
    let user = users::NewUser { username: name.into(), password_hash: "$".into(), admin: false, joined: NOW };
    users::insert(db, &user).await.unwrap()
}

/// Somebody without an account.
pub fn nobody() -> Viewer {
    Viewer::default()
}

/// A file whose hash is `digit` all over.
pub fn blob(digit: char) -> BlobRow {
    let hash: String = std::iter::repeat_n(digit, 64).collect();
    BlobRow {
        sha256: hash.clone(),
        md5: hash[..32].to_owned(),
        hash,
        size: 1234,
        media_type: "image/png".into(),
        extension: "png".into(),
        created_at: NOW,
        exif: None,
        crc32: Some(7),
    }
}

/// Registers an object with parents.
pub async fn object(db: &Db, name: &str, parents: &[&str], author: i64) {
    objects::insert(db, name, "", &names(parents), author, NOW).await.unwrap();
}

/// Owned copies.
pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A picture that is ready to be posted.
pub fn new_picture(author: i64, title: &str) -> NewPicture {
    NewPicture {
        blob: blob('a'),
        title: title.into(),
        description: String::new(),
        author,
        origin_url: None,
        created_at: NOW,
        width: 640,
        height: 480,
        nature: "photo".into(),
        licences: vec!["CC0-1.0".into()],
        regions: Vec::new(),
        replaces: None,
        carry_regions: false,
        copied_from: None,
        keep_place: false,
        dataset: None,
        attribution: None,
        fields: Vec::new(),
    }
}

/// Posts a picture and gives its id.
pub async fn picture(db: &Db, author: i64) -> i64 {
    pictures::insert(db, new_picture(author, "A picture")).await.unwrap()
}

/// A box without id whose left edge is at `x`.
pub fn rect(x: f64, object: &str) -> Region {
    Region { id: None, shape: Shape::Bbox(Rect { x, y: 0.1, w: 0.1, h: 0.2 }), object: object.into() }
}

/// A point without id.
pub fn point(x: f64, y: f64, object: &str) -> Region {
    Region { id: None, shape: Shape::Point(Point { x, y }), object: object.into() }
}
