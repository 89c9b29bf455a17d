//! The index over the newest commit of a dataset: pictures come, move and go with their files, on both databases.

use crate::on_both_databases;
use crate::support::{NOW, blob, new_picture, object, point, user};
use ocellus::model::{Account, NewDataset, PageRequest, Region, Viewer, Visibility};
use ocellus::server::git::{Change, Pointer};
use ocellus::server::store::audit::Actor;
use ocellus::server::store::blob_sites::Whereabouts;
use ocellus::server::store::blobs::BlobRow;
use ocellus::server::store::dataset_files::{self, Kept, PLAIN};
use ocellus::server::store::dataset_folders;
use ocellus::server::store::dataset_index::{Prepared, PreparedPicture, Step, advance};
use ocellus::server::store::{Db, StoreError, Urls, blobs, datasets, pictures, regions};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

struct Site {
    ada: i64,
    viewer: Viewer,
    dataset: i64,
}

async fn site(db: &Db) -> Site {
    let ada = user(db, "ada").await;
    let viewer = Viewer { account: Some(Account { id: ada, username: "ada".into(), admin: false }), read_only: false };
    let new = NewDataset {
        namespace: "ada".into(),
        name: "cats".into(),
        description: String::new(),
        visibility: Visibility::Public,
        tags: Vec::new(),
        storage_site: None,
    };
    let dataset = datasets::insert(db, &viewer, &new, ada, Actor::user(ada, NOW)).await.unwrap();
    // Pictures `a`, `b` and `c`, and a file that is none.
    let kept: Vec<Kept> = ['a', 'b', 'c']
        .map(|digit| Kept { blob: blob(digit), size_px: Some((64, 48)), there: Whereabouts::Here })
        .into();
    dataset_files::insert_kept(db, dataset, &kept).await.unwrap();
    let plain = BlobRow { media_type: PLAIN.into(), extension: "bin".into(), ..blob('d') };
    dataset_files::insert_kept(db, dataset, &[Kept { blob: plain, size_px: None, there: Whereabouts::Here }])
        .await
        .unwrap();
    Site { ada, viewer, dataset }
}

fn pointer(digit: char) -> Pointer {
    Pointer { md5: blob(digit).md5, size: 1234 }
}

/// Paths, and the bytes that they have from now on.
fn changes(list: &[(&str, Option<char>)]) -> Vec<Change> {
    let mut changes: Vec<Change> = list
        .iter()
        .map(|(path, after)| Change { path: (*path).to_owned(), before: None, after: after.map(pointer) })
        .collect();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

impl Site {
    async fn step(&self, db: &Db, from: Option<&str>, to: &str, list: &[(&str, Option<char>)]) {
        self.try_step(db, from, to, list, None).await.unwrap();
    }

    async fn try_step(
        &self,
        db: &Db,
        from: Option<&str>,
        to: &str,
        list: &[(&str, Option<char>)],
        prepared: Option<&Prepared>,
    ) -> Result<(), StoreError> {
        let changes = changes(list);
        let actor = Actor::user(self.ada, NOW);
        advance(db, &Step { dataset: self.dataset, from, to, changes: &changes, actor, prepared, pushed: false }).await
    }

    /// Paths with the first letters of their bytes and their pictures.
    async fn files(&self, db: &Db) -> Vec<(String, char, Option<i64>)> {
        let rows = dataset_files::below(db, self.dataset, "", 1000).await.unwrap();
        rows.into_iter().map(|row| (row.path, row.md5.chars().next().unwrap(), row.picture)).collect()
    }

    async fn picture(&self, db: &Db, path: &str) -> i64 {
        dataset_files::at(db, self.dataset, &[path]).await.unwrap()[path].picture.unwrap()
    }

    async fn draw(&self, db: &Db, picture: i64, shown: &[Region]) {
        regions::save(db, &self.viewer, picture, None, shown, self.ada, NOW).await.unwrap();
    }

    async fn drawn(&self, db: &Db, picture: i64) -> usize {
        regions::annotations(db, &self.viewer, picture).await.unwrap().regions.len()
    }
}

on_both_databases! {
    async fn pictures_come_move_and_go_with_their_files(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        object(db, "Cat", &[], site.ada).await;
        site.step(db, None, "1", &[("in/a.png", Some('a')), ("b.png", Some('b')), ("notes.txt", Some('d'))]).await;
        let urls = Urls { public_url: String::new() };
        let (a, b) = (site.picture(db, "in/a.png").await, site.picture(db, "b.png").await);
        assert_eq!(site.files(db).await[2], ("notes.txt".into(), 'd', None));
        let shown = pictures::get(db, &site.viewer, a, &urls).await.unwrap().picture;
        assert_eq!((shown.title.as_str(), shown.author.as_str(), shown.width, shown.nature.as_str()), ("a", "ada", 64, "photo"));
        assert_eq!(shown.dataset.as_deref(), Some("ada/cats"));
        site.draw(db, a, &[point(0.5, 0.5, "Cat")]).await;

        // Moved, and another file comes to where it was.
        site.step(db, Some("1"), "2", &[("in/a.png", Some('c')), ("out/a.png", Some('a'))]).await;
        assert_eq!(site.picture(db, "out/a.png").await, a);
        assert_eq!(site.drawn(db, a).await, 1);
        assert_ne!(site.picture(db, "in/a.png").await, a);
        assert!(pictures::get(db, &site.viewer, a, &urls).await.unwrap().picture.replaced_by.is_none());

        // Replaced, and back: what was drawn comes back as well.
        site.step(db, Some("2"), "3", &[("out/a.png", Some('b'))]).await;
        let newer = site.picture(db, "out/a.png").await;
        assert!(newer != a && newer != b);
        assert_eq!(pictures::get(db, &site.viewer, newer, &urls).await.unwrap().picture.replaces, Some(a));
        assert_eq!(site.drawn(db, newer).await, 0);
        site.step(db, Some("3"), "4", &[("out/a.png", Some('a'))]).await;
        let again = site.picture(db, "out/a.png").await;
        assert!(again != a && again != newer);
        assert_eq!(site.drawn(db, again).await, 1);

        // A picture that becomes something else is no more, nor is what it had replaced.
        site.step(db, Some("4"), "5", &[("out/a.png", Some('d')), ("b.png", None)]).await;
        for gone in [a, b, newer, again] {
            assert!(matches!(pictures::get(db, &site.viewer, gone, &urls).await, Err(StoreError::NotFound(_))), "{gone}");
        }
        let listed = dataset_files::list(db, site.dataset, "", ALL).await.unwrap();
        assert_eq!(listed.commit.as_deref(), Some("5"));
        let paths: Vec<&str> = listed.files.items.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["in/a.png", "notes.txt", "out/a.png"]);
        assert_eq!(listed.files.items[1].media_type, "text/plain");
        // It is called like a picture, and is none.
        assert_eq!(listed.files.items[2].media_type, PLAIN);
        assert_eq!(listed.files.items[0].media_type, "image/png");
        assert_eq!(dataset_files::list(db, site.dataset, "in/", ALL).await.unwrap().files.total, 1);
        assert_eq!(dataset_files::list(db, site.dataset, "n", ALL).await.unwrap().files.total, 1);
        // Earlier states need the bytes.
        assert!(blobs::unused(db, NOW + 1).await.unwrap().is_empty());
        let told = datasets::get(db, &site.viewer, site.dataset).await.unwrap();
        assert_eq!((told.files, told.bytes, told.pictures, told.head.as_deref()), (3, 3 * 1234, 1, Some("5")));
        datasets::delete(db, &site.viewer, site.dataset, site.ada, Actor::user(site.ada, NOW)).await.unwrap();
        assert_eq!(blobs::unused(db, NOW + 1).await.unwrap().len(), 4);
    }

    async fn a_step_begins_where_the_index_is(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        site.step(db, None, "1", &[("a", Some('a'))]).await;
        let late = site.try_step(db, None, "2", &[("b", Some('b'))], None).await;
        assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
        assert_eq!(site.files(db).await.len(), 1);
        // What is so already stays as it is.
        let picture = site.picture(db, "a").await;
        site.step(db, Some("1"), "2", &[("a", Some('a')), ("gone", None)]).await;
        assert_eq!(site.picture(db, "a").await, picture);
        // Nobody gets what the dataset does not have.
        site.step(db, Some("2"), "3", &[("e", Some('e'))]).await;
        assert_eq!(site.files(db).await.len(), 1);
        let missing = Step { dataset: 999, from: None, to: "1", changes: &[], actor: Actor::command_line(NOW), prepared: None, pushed: false };
        assert!(matches!(advance(db, &missing).await, Err(StoreError::NotFound(_))));
    }

    async fn one_of_many_steps_at_once_succeeds(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let paths: Vec<String> = (0..8).map(|number| format!("{number}.png")).collect();
        let lists: Vec<[(&str, Option<char>); 1]> = paths.iter().map(|path| [(path.as_str(), Some('a'))]).collect();
        let tries = lists.iter().map(|list| site.try_step(db, None, "1", list, None));
        let outcomes = futures::future::join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(site.files(db).await.len(), 1);
        assert_eq!(datasets::get(db, &site.viewer, site.dataset).await.unwrap().pictures, 1);
    }

    async fn what_was_said_of_a_picture_comes_with_it(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        object(db, "Cat", &[], site.ada).await;
        let said = pictures::NewPicture {
            dataset: Some(site.dataset),
            regions: vec![point(0.1, 0.1, "Cat")],
            ..new_picture(site.ada, "A cat")
        };
        let new = Prepared { path: "a.png".into(), picture: PreparedPicture::New(Box::new(said)) };
        site.try_step(db, None, "1", &[("a.png", Some('a')), ("b.png", Some('b'))], Some(&new)).await.unwrap();
        let a = site.picture(db, "a.png").await;
        let urls = Urls { public_url: String::new() };
        let shown = pictures::get(db, &site.viewer, a, &urls).await.unwrap().picture;
        assert_eq!((shown.title.as_str(), shown.licences.len(), shown.regions.len()), ("A cat", 1, 1));
        let copy = Prepared { path: "c.png".into(), picture: PreparedPicture::CopyOf(a) };
        site.try_step(db, Some("1"), "2", &[("c.png", Some('a'))], Some(&copy)).await.unwrap();
        let copied = pictures::get(db, &site.viewer, site.picture(db, "c.png").await, &urls).await.unwrap().picture;
        assert_eq!((copied.copied_from, copied.title.as_str(), copied.regions.len()), (Some(a), "A cat", 1));
    }

    async fn pictures_from_before_commits_get_files(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let old = pictures::NewPicture { dataset: Some(site.dataset), ..new_picture(site.ada, "old") };
        let old = pictures::insert(db, old).await.unwrap();
        let without: Vec<i64> =
            dataset_files::pictures_without_file(db, site.dataset).await.unwrap().into_iter().map(|(id, _)| id).collect();
        assert_eq!(without, [old]);
        site.step(db, None, "1", &[("old.png", Some('a'))]).await;
        assert_eq!(site.picture(db, "old.png").await, old);
        assert!(dataset_files::pictures_without_file(db, site.dataset).await.unwrap().is_empty());
    }

    async fn two_files_with_one_sum_are_refused(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let other = BlobRow { md5: blob('a').md5, ..blob('f') };
        let refused = dataset_files::insert_kept(db, site.dataset, &[Kept { blob: other, size_px: None, there: Whereabouts::Here }]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        let again = dataset_files::insert_kept(db, site.dataset, &[Kept { blob: blob('a'), size_px: None, there: Whereabouts::Here }]).await;
        assert!(again.is_ok(), "{again:?}");
        let known = dataset_files::known(db, site.dataset, &[blob('a').md5, "x".into()].into()).await.unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!(known[&blob('a').md5].size_px, Some((64, 48)));
        assert!(dataset_files::known(db, site.dataset + 1, &[blob('a').md5].into()).await.unwrap().is_empty());
    }

    async fn ten_thousand_files_are_one_step(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let paths: Vec<String> = (0..10_000).map(|number| format!("train/{number:05}.png")).collect();
        let list: Vec<(&str, Option<char>)> = paths.iter().map(|path| (path.as_str(), Some('a'))).collect();
        site.step(db, None, "1", &list).await;
        let part = dataset_files::list(db, site.dataset, "train/", PageRequest { offset: 9_990, limit: 100 }).await.unwrap();
        assert_eq!((part.files.total, part.files.items.len()), (10_000, 10));
    }

    async fn a_folder_of_a_hundred_thousand_files_is_listed_and_searched(test: &TestDb) {
        const FILES: usize = 100_000;
        let db = &test.db;
        let site = site(db).await;
        let paths: Vec<String> = (0..FILES).map(|number| format!("all/{number:06}.txt")).collect();
        let list: Vec<(&str, Option<char>)> = paths.iter().map(|path| (path.as_str(), Some('d'))).collect();
        site.step(db, None, "1", &list).await;
        let top = dataset_folders::list(db, site.dataset, "", ALL).await.unwrap();
        assert_eq!((top.total, top.folders[0].files), (1, Some(FILES as i64)));
        for offset in [0, FILES / 2, FILES - 100] {
            let page = PageRequest { offset: offset as i64, limit: 100 };
            let part = dataset_folders::list(db, site.dataset, "all/", page).await.unwrap();
            let shown: Vec<String> = part.files.into_iter().map(|row| row.path).collect();
            assert_eq!((part.total, shown.as_slice()), (FILES as i64, &paths[offset..offset + 100]));
        }
        // The last digits of every thousandth file.
        let page = PageRequest { offset: 50, limit: 10 };
        let found = dataset_folders::find(db, site.dataset, "all/", "042.TXT", page).await.unwrap();
        let shown: Vec<&str> = found.files.iter().map(|row| row.path.as_str()).collect();
        assert_eq!((found.total, shown.len(), shown[0]), (100, 10, "all/050042.txt"));
    }

    async fn a_folder_has_what_is_in_it_and_counts_what_is_below(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let nothing = dataset_folders::list(db, site.dataset, "", ALL).await.unwrap();
        assert_eq!((nothing.commit, nothing.total), (None, 0));
        let files = [
            ("a/b/x.png", Some('a')), ("a/c/y.png", Some('b')), ("a/z.txt", Some('d')), ("a-b/1", Some('c')),
            ("100%/Ü_1.txt", Some('d')), ("top.txt", Some('d')), ("Atop.txt", Some('d')),
        ];
        site.step(db, None, "1", &files).await;
        let list = async |folder: &str, offset: i64, limit: i64| {
            let page = PageRequest { offset, limit };
            let found = dataset_folders::list(db, site.dataset, folder, page).await.unwrap();
            let folders = found.folders.iter().map(|folder| format!("{}/ {}", folder.name, folder.files.unwrap()));
            let names: Vec<String> = folders.chain(found.files.into_iter().map(|row| row.path)).collect();
            assert_eq!(found.commit.as_deref(), Some("1"));
            (found.total, names.join(", "))
        };
        assert_eq!(list("", 0, 100).await, (5, "100%/ 1, a/ 3, a-b/ 1, Atop.txt, top.txt".into()));
        // Folders and files are one list.
        assert_eq!(list("", 1, 3).await, (5, "a/ 3, a-b/ 1, Atop.txt".into()));
        assert_eq!(list("", 4, 3).await, (5, "top.txt".into()));
        assert_eq!(list("", 9, 3).await, (5, String::new()));
        assert_eq!(list("a/", 0, 100).await, (3, "b/ 1, c/ 1, a/z.txt".into()));
        assert_eq!(list("a/b/", 0, 100).await, (1, "a/b/x.png".into()));
        assert_eq!(list("b/", 0, 100).await, (0, String::new()));
        let sizes = dataset_folders::list(db, site.dataset, "", ALL).await.unwrap().folders;
        assert_eq!(sizes[1].size, Some(3 * 1234));

        let find = async |folder: &str, text: &str| {
            let found = dataset_folders::find(db, site.dataset, folder, text, ALL).await.unwrap();
            let paths: Vec<String> = found.files.into_iter().map(|row| row.path).collect();
            assert_eq!(found.total, paths.len() as i64);
            paths.join(", ")
        };
        assert_eq!(find("", "TOP").await, "Atop.txt, top.txt");
        assert_eq!(find("a/", "png").await, "a/b/x.png, a/c/y.png");
        // What comes before the folder's end does not count, and no character means another.
        assert_eq!(find("a/", "a/").await, "");
        assert_eq!(find("", "0%").await, "100%/Ü_1.txt");
        assert_eq!(find("", "Ü_").await, "100%/Ü_1.txt");
        assert_eq!(find("", "%p").await, "");
        let part = dataset_folders::find(db, site.dataset, "", "txt", PageRequest { offset: 1, limit: 2 }).await.unwrap();
        assert_eq!((part.total, part.files.len()), (4, 2));
        // A file that moves is in its new folder.
        site.step(db, Some("1"), "2", &[("a-b/1", None), ("a/b/1", Some('c'))]).await;
        let moved = dataset_folders::list(db, site.dataset, "a/", ALL).await.unwrap();
        assert_eq!((moved.total, moved.folders[0].files), (3, Some(2)));
    }
}
