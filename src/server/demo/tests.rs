use super::*;
use crate::model::region::{Kind, check_regions};
use crate::model::{Ordering, PageRequest, Viewer};
use crate::server::blobs::BlobStore;
use crate::server::images::{ImagePipeline, ThumbnailCache};
use crate::server::search::find;
use crate::server::store::{Db, pictures};
use std::collections::BTreeSet;

/// What every scene says of itself, without turning it into pixels.
fn scenes() -> Vec<(scenes::Subject, Vec<crate::model::Region>)> {
    let subjects = scenes::subjects();
    let scene = |(number, subject): (usize, &scenes::Subject)| {
        let mut scene = scene::Scene::new(1600, 1200, number as u64);
        (subject.kind.draw)(&mut scene, subject.variant);
        (*subject, scene.finish().1)
    };
    subjects.iter().enumerate().map(scene).collect()
}

#[test]
fn every_region_is_valid_and_of_a_known_object() {
    let known: BTreeSet<&str> = taxonomy::OBJECTS.iter().map(|entry| entry.0).collect();
    for (subject, regions) in scenes() {
        assert!(!regions.is_empty(), "{} shows nothing", subject.title());
        assert_eq!(check_regions(&regions, "regions"), Ok(()), "{}", subject.title());
        for region in regions {
            assert!(known.contains(region.object.as_str()), "{}: unknown {}", subject.title(), region.object);
        }
    }
}

#[test]
fn all_four_kinds_and_most_objects_occur() {
    let scenes = scenes();
    let all: Vec<_> = scenes.iter().flat_map(|(_, regions)| regions).collect();
    for kind in Kind::ALL {
        let count = all.iter().filter(|region| region.shape.kind() == kind).count();
        assert!(count >= 40, "only {count} of the kind {}", kind.as_str());
    }
    let shown: BTreeSet<&str> = all.iter().map(|region| region.object.as_str()).collect();
    let leaves =
        taxonomy::OBJECTS.iter().filter(|entry| taxonomy::OBJECTS.iter().all(|other| !other.2.contains(&entry.0)));
    let missing: Vec<&str> = leaves.map(|entry| entry.0).filter(|name| !shown.contains(name)).collect();
    assert!(missing.is_empty(), "never shown: {missing:?}");
}

#[test]
fn there_are_some_sixty_pictures_and_they_stay_the_same() {
    assert!((55..=70).contains(&draw::count()), "{}", draw::count());
    let (first, again) = (draw::draw(8).unwrap(), draw::draw(8).unwrap());
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(first.regions, again.regions);
}

#[test]
fn regions_lie_on_what_they_name() {
    // A plain scene: whatever is drawn in green must be in the region, and nothing else.
    let mut s = scene::Scene::new(200, 100, 1);
    s.draw(&outline::Outline::rect(0.0, 0.0, 200.0, 100.0), colour::rgb(0xFF_FF_FF));
    s.placed((50.0, 60.0), -20.0, 30.0, |s| {
        s.boxed("Square", |s| s.draw(&outline::Outline::rect(-1.0, -0.5, 2.0, 1.0), colour::rgb(0x00_80_00)));
    });
    let (svg, regions) = s.finish();
    let pixels = draw::rasterise(&svg, 200, 100).unwrap();
    let bounds = regions[0].shape.bounds();
    let green = |x: usize, y: usize| pixels[(y * 200 + x) * 3] < 128;
    let found: Vec<(usize, usize)> =
        (0..100).flat_map(|y| (0..200).map(move |x| (x, y))).filter(|&(x, y)| green(x, y)).collect();
    let near = |a: f64, b: f64| (a - b).abs() <= 1.5;
    let left = found.iter().map(|place| place.0).min().unwrap() as f64;
    let right = found.iter().map(|place| place.0).max().unwrap() as f64 + 1.0;
    let top = found.iter().map(|place| place.1).min().unwrap() as f64;
    let bottom = found.iter().map(|place| place.1).max().unwrap() as f64 + 1.0;
    assert!(near(left, bounds.x * 200.0) && near(right, (bounds.x + bounds.w) * 200.0));
    assert!(near(top, bounds.y * 100.0) && near(bottom, (bounds.y + bounds.h) * 100.0));
}

/// An empty site in a folder of its own.
struct TestSite {
    dir: tempfile::TempDir,
    db: Db,
    blobs: BlobStore,
    images: ImagePipeline,
    thumbnails: ThumbnailCache,
}

impl TestSite {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!("sqlite:{}", dir.path().join("test.db").display())).await.unwrap();
        db.migrate().await.unwrap();
        let blobs = BlobStore::open(&dir.path().join("blobs")).unwrap();
        let images = ImagePipeline::new(2, 200_000_000);
        let thumbnails = ThumbnailCache::open(&dir.path().join("thumbnails"), blobs.clone(), images.clone()).unwrap();
        Self { dir, db, blobs, images, thumbnails }
    }

    fn site(&self) -> Site<'_> {
        Site { db: &self.db, blobs: &self.blobs, images: &self.images, thumbnails: &self.thumbnails }
    }

    async fn pictures(&self) -> i64 {
        pictures::count_by_others(&self.db, &[]).await.unwrap()
    }
}

fn few(pictures: usize) -> Crowd {
    Crowd { pictures, regions_per_picture: 8, objects: 100, seed: 7 }
}

fn quiet(_: usize, _: usize, _: &str) {}

#[tokio::test]
async fn filling_twice_doubles_nothing_and_strangers_are_left_alone() {
    let test = TestSite::new().await;
    let first = fill::fill_with(&test.site(), false, 2, quiet).await.unwrap();
    assert_eq!((first.pictures, first.already_there, first.objects), (2, 0, taxonomy::OBJECTS.len()));
    assert!(first.regions > 20 && first.galleries > 0);
    // As after an interruption: two are there, the third is not.
    let second = fill::fill_with(&test.site(), false, 3, quiet).await.unwrap();
    assert_eq!((second.pictures, second.already_there, second.objects, second.galleries), (1, 2, 0, 0));
    assert_eq!(test.pictures().await, 3);

    crowd(&test.site(), &few(5), quiet).await.unwrap();
    assert!(matches!(fill::fill_with(&test.site(), false, 1, quiet).await, Err(DemoError::Refused(_))));
    assert!(fill::fill_with(&test.site(), true, 1, quiet).await.is_ok());
}

#[tokio::test]
async fn a_crowd_is_added_in_batches() {
    let test = TestSite::new().await;
    let summary = crowd(&test.site(), &few(1200), quiet).await.unwrap();
    assert_eq!((summary.pictures, test.pictures().await, summary.objects), (1200, 1200, 100));
    assert!((6000..14_000).contains(&summary.regions), "{}", summary.regions);
    // Everything derived is as if the pictures had been posted one by one.
    assert_eq!(crate::server::store::repair::check(&test.db).await.unwrap(), []);
    let again = crowd(&test.site(), &few(3), quiet).await.unwrap();
    assert_eq!((again.pictures, again.objects), (3, 0));
}

/// What a query finds, and in which order.
async fn found(test: &TestSite, query: &str) -> Vec<i64> {
    let all = PageRequest { offset: 0, limit: 10_000 };
    find(&test.db, &Viewer::default(), query, Ordering::TitleAsc, 0, all).await.unwrap().items
}

#[tokio::test]
async fn every_rule_has_something_to_find_in_a_crowd_and_the_same_seed_gives_the_same() {
    let (test, again, other) = (TestSite::new().await, TestSite::new().await, TestSite::new().await);
    let other_seed = Crowd { seed: 8, ..few(2500) };
    for (test, size) in [(&test, few(2500)), (&again, few(2500)), (&other, other_seed)] {
        crowd(&test.site(), &size, quiet).await.unwrap();
    }
    assert_eq!(crate::server::store::repair::check(&test.db).await.unwrap(), []);
    let copied_from: Vec<String> = (1..=1000).map(|id| id.to_string()).collect();
    let copied_from = format!("copied_from: [{}]", copied_from.join(","));
    let rules = [
        "has: Cat",
        "has_object: Cat",
        "nature: scan",
        "licence: GFDL-1.3-or-later",
        "author: crowd-20",
        "title: red",
        "description: kaka",
        "origin_url: archive.example.com",
        "above_width: 1920",
        "above_height: 1080",
        "below_width: 100",
        "below_height: 100",
        "before_date: 2022-01-01",
        "after_date: 2025-01-01",
        "in_gallery: 3",
        "above_rating: 4.5",
        "below_rating: 2",
        "above_rating_count: 4",
        "below_rating_count: 0",
        "above_region_count: 14",
        "below_region_count: 1",
        &copied_from,
    ];
    // A crowd shares everything: there are no datasets.
    assert_eq!(rules.len(), crate::query::RULES.len() - 1);
    let mut differ = 0;
    for rule in rules {
        let query = format!("want:\n  - {rule}\n");
        let ids = found(&test, &query).await;
        assert!((1..2400).contains(&ids.len()), "{rule} finds {}", ids.len());
        assert_eq!(ids, found(&again, &query).await, "{rule}");
        differ += usize::from(ids != found(&other, &query).await);
    }
    assert_eq!(differ, rules.len(), "another seed gives other pictures");
    let all = found(&test, "include_obsolete: true").await.len();
    assert!((30..150).contains(&(all - found(&test, "").await.len())), "some pictures were replaced");
}

#[tokio::test]
async fn a_yolo_folder_is_loaded_and_its_faults_are_named() {
    let test = TestSite::new().await;
    let dir = test.dir.path().join("yolo");
    for folder in ["images", "boxes", "polygons"] {
        std::fs::create_dir_all(dir.join(folder)).unwrap();
    }
    let pixels = vec![120; 64 * 48 * 3];
    let picture = draw::encode(&pixels, 64, 48, draw::FileKind::Jpeg).unwrap();
    std::fs::write(dir.join("images/a.jpg"), picture).unwrap();
    std::fs::write(dir.join("images/b.jpg"), "no picture").unwrap();
    std::fs::write(dir.join("boxes/a.txt"), "0 0.5 0.5 0.4 0.4\n9 0.5 0.5 0.1 0.1\n").unwrap();
    std::fs::write(dir.join("polygons/a.txt"), "18 0.1 0.1 0.5 0.1 0.3 0.6\n").unwrap();
    std::fs::write(dir.join("boxes.classes.txt"), "0 person\n1 bicycle\n").unwrap();
    std::fs::write(dir.join("polygons.classes.txt"), "1 person\n18 dog\n").unwrap();

    let summary = yolo(&test.site(), &dir, "CC-BY-4.0", quiet).await.unwrap();
    assert_eq!((summary.pictures, summary.regions, summary.objects), (1, 2, 2));
    assert_eq!(summary.problems.len(), 2, "{:?}", summary.problems);
    assert!(summary.problems[0].ends_with("a.txt, line 2: there is no class 9"), "{}", summary.problems[0]);
    assert!(summary.problems[1].contains("b.jpg: this is not a picture"), "{}", summary.problems[1]);
    let again = yolo(&test.site(), &dir, "CC-BY-4.0", quiet).await.unwrap();
    assert_eq!((again.pictures, again.already_there), (0, 1));

    let missing = yolo(&test.site(), &dir.join("nowhere"), "CC-BY-4.0", quiet).await.unwrap_err();
    assert!(missing.to_string().contains("cannot read the folder"), "{missing}");
}

#[tokio::test]
async fn pictures_are_drawn_as_files() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(draw_files(dir.path(), 2).await.unwrap(), 2);
    let mut names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names[0].starts_with("01-the-house-below-the-pass."), "{names:?}");
}
