//! Random edits of a whole site leave every derived value as the repair computes it.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, blob, names, new_picture, nobody, object, point, rect, user};
use ocellus::model::{ObjectChange, PictureChange, Region};
use ocellus::server::store::{
    Db, StoreError, galleries, objects, picture_changes, picture_copy, pictures, ratings, regions, repair,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::sync::{Arc, Mutex};

const OBJECTS: [&str; 6] = ["Animal", "Pet", "Cat", "Dog", "Kitten", "Thing"];
const TITLES: [&str; 4] = ["", "Straße", "ÄNDERUNG", "A cat"];

/// Pictures are chosen by a number that is taken modulo how many there are.
#[derive(Clone, Debug)]
enum Edit {
    Post { file: char, regions: Vec<(u8, usize)>, replaces: Option<usize>, carry: bool },
    Update { picture: usize, title: usize, licences: Vec<&'static str>, base: Option<i64> },
    Save { picture: usize, regions: Vec<(u8, usize)>, with_ids: bool },
    Revert { picture: usize, revision: u8 },
    Rate { picture: usize, user: usize, rating: Option<u8> },
    Copy { picture: usize, user: usize },
    Parents { object: usize, parents: Vec<usize> },
    Describe { object: usize, title: usize },
    Pick { picture: usize, gallery: usize, add: bool },
    Delete { picture: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let list = || vec((0..8_u8, 0..OBJECTS.len()), 0..5);
    let picture = || any::<usize>();
    let licences = proptest::sample::subsequence(vec!["CC0-1.0", "MIT", "CC-BY-4.0"], 0..=3);
    prop_oneof![
        4 => (prop_oneof![Just('a'), Just('b'), Just('c')], list(), proptest::option::of(picture()), any::<bool>())
            .prop_map(|(file, regions, replaces, carry)| Edit::Post { file, regions, replaces, carry }),
        4 => (picture(), 0..TITLES.len(), licences, proptest::option::of(0..3_i64))
            .prop_map(|(picture, title, licences, base)| Edit::Update { picture, title, licences, base }),
        8 => (picture(), list(), any::<bool>())
            .prop_map(|(picture, regions, with_ids)| Edit::Save { picture, regions, with_ids }),
        3 => (picture(), 0..6_u8).prop_map(|(picture, revision)| Edit::Revert { picture, revision }),
        8 => (picture(), 0..3_usize, proptest::option::of(1..=5_u8))
            .prop_map(|(picture, user, rating)| Edit::Rate { picture, user, rating }),
        2 => (picture(), 0..3_usize).prop_map(|(picture, user)| Edit::Copy { picture, user }),
        2 => (0..OBJECTS.len(), vec(0..OBJECTS.len(), 0..3))
            .prop_map(|(object, parents)| Edit::Parents { object, parents }),
        1 => (0..OBJECTS.len(), 0..TITLES.len()).prop_map(|(object, title)| Edit::Describe { object, title }),
        4 => (picture(), 0..3_usize, any::<bool>())
            .prop_map(|(picture, gallery, add)| Edit::Pick { picture, gallery, add }),
        4 => picture().prop_map(|picture| Edit::Delete { picture }),
    ]
}

/// So many edits, always the same for the same seed, so that a failure comes again.
fn edits(number: usize, seed: u8) -> Vec<Edit> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    vec(edit(), number).new_tree(&mut runner).unwrap().current()
}

fn list(regions: &[(u8, usize)]) -> Vec<Region> {
    regions
        .iter()
        .map(|&(place, object)| {
            let x = f64::from(place) / 10.0;
            if place % 2 == 0 { rect(x, OBJECTS[object]) } else { point(x, 0.5, OBJECTS[object]) }
        })
        .collect()
}

/// A site that several edit at once.
struct Site {
    db: Db,
    users: Vec<i64>,
    galleries: Vec<i64>,
    pictures: Mutex<Vec<i64>>,
}

impl Site {
    async fn new(db: &Db) -> Self {
        let mut users = Vec::new();
        for name in ["ada", "grace", "edsger"] {
            users.push(user(db, name).await);
        }
        for name in OBJECTS {
            object(db, name, &[], users[0]).await;
        }
        let mut made = Vec::new();
        for owner in &users {
            made.push(galleries::insert(db, "Gallery", "", *owner, NOW).await.unwrap());
        }
        Self { db: db.clone(), users, galleries: made, pictures: Mutex::default() }
    }

    fn chosen(&self, index: usize) -> Option<i64> {
        let pictures = self.pictures.lock().unwrap();
        pictures.get(index % pictures.len().max(1)).copied()
    }

    fn posted(&self, id: i64) {
        self.pictures.lock().unwrap().push(id);
    }

    /// Carries an edit out. Refusals are part of the game; failures of the database are not.
    async fn carry_out(&self, edit: Edit) {
        let said = format!("{edit:?}");
        if let Err(error) = self.try_to(edit).await {
            use StoreError::{Conflict, Cycle, Invalid, NotFound};
            assert!(matches!(error, Conflict(_) | Cycle(_) | Invalid(_) | NotFound(_)), "{said}: {error:?}");
        }
    }

    async fn try_to(&self, edit: Edit) -> Result<(), StoreError> {
        let Self { db, users, .. } = self;
        match edit {
            Edit::Post { file, regions, replaces, carry } => {
                let mut new = new_picture(users[0], "Random");
                new.blob = blob(file);
                new.regions = list(&regions);
                // Few, so that most pictures are current.
                new.replaces = replaces.filter(|index| index % 4 == 0).and_then(|index| self.chosen(index));
                new.carry_regions = carry;
                match pictures::insert(db, new).await {
                    // What was to be replaced has gone meanwhile.
                    Err(StoreError::Invalid(errors)) if errors[0].field == "replaces" => Ok(()),
                    outcome => outcome.map(|id| self.posted(id)),
                }
            }
            Edit::Update { picture, title, licences, base } => {
                let Some(picture) = self.chosen(picture) else { return Ok(()) };
                let change = PictureChange {
                    title: Some(TITLES[title].into()),
                    description: (title > 1).then(|| TITLES[title].into()),
                    origin_url: (title > 2).then(|| Some("HTTPS://Example.org/É".into())),
                    licence_ids: Some(names(&licences)),
                    ..PictureChange::default()
                };
                picture_changes::update(db, picture, base, &change, ACTOR).await.map(drop)
            }
            Edit::Save { picture, regions: wanted, with_ids } => {
                let Some(picture) = self.chosen(picture) else { return Ok(()) };
                let mut wanted = list(&wanted);
                if with_ids {
                    let now = regions::annotations(db, &nobody(), picture).await?;
                    for (region, old) in wanted.iter_mut().zip(now.regions) {
                        region.id = old.id;
                    }
                }
                regions::save(db, &nobody(), picture, None, &wanted, users[1], NOW).await.map(drop)
            }
            Edit::Revert { picture, revision } => {
                let Some(picture) = self.chosen(picture) else { return Ok(()) };
                regions::revert(db, &nobody(), picture, i64::from(revision), users[2], NOW).await.map(drop)
            }
            Edit::Rate { picture, user, rating } => {
                let Some(picture) = self.chosen(picture) else { return Ok(()) };
                ratings::set(db, picture, users[user], rating, NOW).await
            }
            Edit::Copy { picture, user } => {
                let Some(picture) = self.chosen(picture) else { return Ok(()) };
                picture_copy::copy(db, &nobody(), picture, users[user], NOW).await.map(|id| self.posted(id))
            }
            Edit::Parents { object, parents } => {
                let parents: Vec<&str> = parents.into_iter().map(|parent| OBJECTS[parent]).collect();
                let place = ObjectChange { parents: Some(names(&parents)), ..ObjectChange::default() };
                objects::update(db, OBJECTS[object], &place, ACTOR).await.map(drop)
            }
            Edit::Describe { object, title } => {
                let words = ObjectChange { description: Some(TITLES[title].to_owned()), ..ObjectChange::default() };
                objects::update(db, OBJECTS[object], &words, ACTOR).await.map(drop)
            }
            Edit::Pick { picture, gallery, add } => {
                let Some(picture) = self.chosen(picture) else { return Ok(()) };
                let gallery = self.galleries[gallery];
                if add {
                    galleries::add_picture(db, &nobody(), gallery, picture, ACTOR).await
                } else {
                    galleries::remove_picture(db, gallery, picture, ACTOR).await
                }
            }
            Edit::Delete { picture } => {
                let Some(picture) = self.chosen(picture) else { return Ok(()) };
                self.pictures.lock().unwrap().retain(|&id| id != picture);
                picture_changes::delete(db, picture, ACTOR).await
            }
        }
    }
}

on_both_databases! {
    async fn derived_values_follow_every_edit(test: &TestDb) {
        let site = Site::new(&test.db).await;
        for (number, edit) in edits(200, 1).into_iter().enumerate() {
            let said = format!("{edit:?}");
            site.carry_out(edit).await;
            if number % 10 == 9 {
                assert_eq!(repair::check(&test.db).await.unwrap(), [], "after {said}");
            }
        }
        assert!(site.pictures.lock().unwrap().len() > 3);
    }

    async fn ten_thousand_edits_by_several_at_once_leave_no_difference(test: &TestDb) {
        const EDITORS: u8 = 4;
        let site = Arc::new(Site::new(&test.db).await);
        let editors = (0..EDITORS).map(|seed| {
            let site = site.clone();
            tokio::spawn(async move {
                for edit in edits(10_000 / usize::from(EDITORS), seed) {
                    site.carry_out(edit).await;
                }
            })
        });
        for outcome in futures::future::join_all(editors).await {
            outcome.unwrap();
        }
        assert_eq!(repair::check(&test.db).await.unwrap(), []);
        assert!(site.pictures.lock().unwrap().len() > 100);
    }
}
