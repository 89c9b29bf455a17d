//! Stories of the store: objects that are renamed, merged and imported, and counts that stay right.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, names, new_picture, nobody, object, picture, point, rect, user};
use ocellus::model::{ImportReport, ObjectChange, PageRequest, Region, TaxonomyFormat};
use ocellus::server::store::{
    Db, StoreError, Urls, object_merge, objects, picture_changes, pictures, regions, repair, samples, taxonomy,
};
use ocellus::server::taxonomy::read;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

async fn import(db: &Db, text: &str) -> ImportReport {
    let (entries, faults) = read(TaxonomyFormat::guess(text), text);
    taxonomy::import(db, Arc::from(entries), faults, None, NOW).await.unwrap()
}

async fn rename(db: &Db, name: &str, to: &str) -> Result<(), StoreError> {
    let change = ObjectChange { id: Some(to.to_owned()), ..ObjectChange::default() };
    objects::update(db, name, &change, ACTOR).await.map(drop)
}

async fn save(db: &Db, picture: i64, list: Vec<Region>, author: i64) {
    regions::save(db, &nobody(), picture, None, &list, author, NOW).await.unwrap();
}

async fn shown(db: &Db, picture: i64) -> Vec<String> {
    let state = regions::annotations(db, &nobody(), picture).await.unwrap();
    state.regions.into_iter().map(|region| region.object).collect()
}

async fn found(db: &Db, text: &str) -> Vec<String> {
    let page = objects::list(db, Some(text), false, ALL).await.unwrap();
    page.items.into_iter().map(|object| object.id).collect()
}

on_both_databases! {
    async fn regions_keep_an_object_that_is_renamed(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        object(db, "Kitten", &["Cat"], ada).await;
        let picture = picture(db, ada).await;
        save(db, picture, vec![rect(0.1, "Cat")], ada).await;
        rename(db, "Cat", "House cat").await.unwrap();
        assert_eq!(shown(db, picture).await, ["House cat"]);
        assert_eq!(objects::get(db, "Kitten").await.unwrap().parents, ["House cat"]);

        // The old name goes on leading there: to read, to draw, and as a parent.
        assert_eq!(objects::get(db, "Cat").await.unwrap().id, "House cat");
        save(db, picture, vec![rect(0.1, "Cat"), rect(0.2, "House cat")], ada).await;
        assert_eq!(shown(db, picture).await, ["House cat", "House cat"]);
        object(db, "Siamese", &["Cat"], ada).await;
        assert_eq!(objects::detail(db, "House cat").await.unwrap().former_names, ["Cat"]);
        assert_eq!(found(db, "cat").await, ["House cat"], "once, though two of its names fit");

        // It goes back, and then to something else.
        rename(db, "House cat", "Cat").await.unwrap();
        assert_eq!(objects::detail(db, "Cat").await.unwrap().former_names, ["House cat"]);
        object(db, "House cat", &[], ada).await;
        assert_eq!(objects::detail(db, "Cat").await.unwrap().former_names, names(&[]));
        assert!(matches!(rename(db, "Cat", "HOUSE CAT").await, Err(StoreError::Conflict(_))));
        assert!(matches!(rename(db, "Unicorn", "Horse").await, Err(StoreError::NotFound(_))));
        rename(db, "Cat", "CAT").await.unwrap();
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_merge_moves_everything(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        for (name, parents) in
            [("Animal", &[][..]), ("Pet", &["Animal"]), ("Cat", &["Pet"]), ("Kitty", &["Animal"]), ("Kitten", &["Kitty"])]
        {
            object(db, name, parents, ada).await;
        }
        rename(db, "Kitty", "Pussycat").await.unwrap();
        let (both, one) = (picture(db, ada).await, picture(db, ada).await);
        save(db, both, vec![rect(0.1, "Cat"), rect(0.2, "Pussycat"), rect(0.3, "Pussycat")], ada).await;
        save(db, one, vec![rect(0.1, "Kitten"), rect(0.2, "Pussycat")], bob).await;
        save(db, one, vec![rect(0.1, "Kitten")], ada).await;

        match object_merge::merge(db, "Pussycat", "Cat", Some(ada), ACTOR).await {
            Err(StoreError::Conflict(sentence)) => assert!(sentence.contains("administrator"), "{sentence}"),
            other => panic!("bob has drawn it in an earlier state: {other:?}"),
        }
        let cat = object_merge::merge(db, "Pussycat", "Cat", None, ACTOR).await.unwrap();
        assert_eq!((cat.id.as_str(), cat.parents, cat.children), ("Cat", names(&["Pet"]), names(&["Kitten"])));
        assert_eq!(cat.pictures, 2);
        assert_eq!(objects::get(db, "Pet").await.unwrap().pictures, 2);
        assert_eq!(shown(db, both).await, ["Cat", "Cat", "Cat"]);
        let earlier = regions::at_revision(db, &nobody(), one, 1).await.unwrap();
        assert_eq!(earlier.iter().map(|region| region.object.as_str()).collect::<Vec<_>>(), ["Kitten", "Cat"]);
        for name in ["Kitty", "Pussycat"] {
            assert_eq!(objects::get(db, name).await.unwrap().id, "Cat");
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_merge_closes_no_cycle_and_leaves_nothing_in_the_air(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for (name, parents) in [("Animal", &[][..]), ("Mammal", &["Animal"]), ("Feline", &["Mammal"]), ("Cat", &["Feline"])] {
            object(db, name, parents, ada).await;
        }
        match object_merge::merge(db, "Mammal", "Cat", None, ACTOR).await {
            Err(StoreError::Cycle(way)) => assert_eq!(way, ["Cat", "Feline", "Cat"]),
            other => panic!("{other:?}"),
        }
        assert!(matches!(object_merge::merge(db, "Cat", "Cat", None, ACTOR).await, Err(StoreError::Invalid(_))));
        assert!(matches!(object_merge::merge(db, "Cat", "Dog", None, ACTOR).await, Err(StoreError::NotFound(_))));
        assert_eq!(objects::get(db, "Feline").await.unwrap().children, ["Cat"], "nothing has changed");
        // An object that takes its parent's place hangs where that hung.
        assert_eq!(object_merge::merge(db, "Feline", "Cat", None, ACTOR).await.unwrap().parents, ["Mammal"]);
        assert_eq!(repair::check(db).await.unwrap(), []);
        // The usual way: what is special goes into what is general.
        assert_eq!(object_merge::merge(db, "Cat", "Animal", None, ACTOR).await.unwrap().children, ["Mammal"]);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_merge_and_saves_at_once_lose_nothing(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        for round in 0..8 {
            let name = format!("Kitty {round}");
            object(db, &name, &[], ada).await;
            let picture = picture(db, ada).await;
            save(db, picture, vec![rect(0.1, &name)], ada).await;
            let wanted = vec![rect(0.1, &name), rect(0.2, &name), rect(0.3, "Cat")];
            let nobody = nobody();
            let (merged, saved) = tokio::join!(
                object_merge::merge(db, &name, "Cat", None, ACTOR),
                regions::save(db, &nobody, picture, None, &wanted, ada, NOW),
            );
            merged.unwrap();
            // A save that has looked the name up before the merge and writes after it is refused, and made once more.
            if let Err(error) = saved {
                assert!(matches!(error, StoreError::Conflict(_)), "{error:?}");
                save(db, picture, wanted, ada).await;
            }
            assert_eq!(shown(db, picture).await, ["Cat", "Cat", "Cat"]);
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_taxonomy_is_imported_as_a_whole_or_not_at_all(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let text = "name,description,parent\nAnimal,,\nPet,Lives with people,Animal\nCat,ignored,Animal;Pet\n";
        let (entries, faults) = read(TaxonomyFormat::Csv, text);
        let preview = taxonomy::preview(db, Arc::from(entries), faults).await.unwrap();
        assert_eq!((preview.made.len(), preview.existing.len(), preview.new_parents.len()), (2, 1, 2));
        assert!(preview.dry_run && preview.faults.is_empty());
        assert!(matches!(objects::get(db, "Animal").await, Err(StoreError::NotFound(_))), "a dry run makes nothing");

        let broken = import(db, &format!("{text}Dog,,Wolf\n")).await;
        assert_eq!(broken.faults[0].line, 5);
        assert!(matches!(objects::get(db, "Animal").await, Err(StoreError::NotFound(_))), "all or nothing");

        let report = import(db, text).await;
        assert_eq!(report.made, ["Animal", "Pet"]);
        let cat = objects::get(db, "Cat").await.unwrap();
        assert_eq!((cat.description.as_str(), cat.parents), ("", names(&["Animal", "Pet"])));
        assert_eq!(objects::detail(db, "Cat").await.unwrap().paths, [names(&["Animal"]), names(&["Animal", "Pet"])]);
        let again = import(db, text).await;
        assert_eq!((again.made.len(), again.new_parents.len(), again.existing.len()), (0, 0, 3));
        let cycle = import(db, "- name: Animal\n  parent: Cat\n").await;
        assert!(cycle.faults[0].message.contains("cycle"), "{cycle:?}");
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn many_thousand_objects_are_imported_and_searched(test: &TestDb) {
        let db = &test.db;
        let mut text = "name,parent\nRoot,\n".to_owned();
        (0..5_000).for_each(|number| {
            let parent = if number < 10 { "Root".to_owned() } else { format!("Thing {}", number / 10) };
            text.push_str(&format!("Thing {number},{parent}\n"));
        });
        text.push_str("Elephant,Root\n");
        assert_eq!(import(db, &text).await.made.len(), 5_002);
        assert_eq!(found(db, "elehpant").await, ["Elephant"]);
        assert_eq!(found(db, &"elephant ".repeat(100_000)).await, names(&[]));
        let page = objects::list(db, Some("thing"), false, PageRequest { offset: 4_990, limit: 20 }).await.unwrap();
        assert_eq!((page.total, page.items.len()), (5_000, 10));
        let top = objects::list(db, None, true, ALL).await.unwrap();
        assert_eq!((top.total, top.items[0].id.as_str()), (1, "Root"));
        assert_eq!(objects::list(db, Some("elephnt"), true, ALL).await.unwrap().total, 0);
        assert_eq!(objects::detail(db, "Thing 4321").await.unwrap().paths[0].len(), 4);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_graph_that_is_too_deep_is_refused_before_anything_is_written(test: &TestDb) {
        let db = &test.db;
        let chain = |from: usize, to: usize| {
            let mut text = format!("name,parent\nN{from},\n");
            (from + 1..to).for_each(|number| text.push_str(&format!("N{number},N{}\n", number - 1)));
            text
        };
        let report = import(db, &chain(0, 100_000)).await;
        assert_eq!(report.faults.len(), 1);
        assert!(report.faults[0].message.contains("more than 1000 objects above one"), "{:?}", report.faults);
        assert_eq!(objects::list(db, None, false, ALL).await.unwrap().total, 0);

        // Neither two texts nor a single object nor an edge between two parts get there.
        assert_eq!(import(db, &chain(0, 1_000)).await.faults, []);
        assert_eq!(import(db, "name,parent\nBelow,N999\n").await.faults.len(), 1);
        object(db, "Top", &[], user(db, "ada").await).await;
        let deeper = ObjectChange { parents: Some(names(&["Top"])), ..ObjectChange::default() };
        for refused in [
            objects::insert(db, "Below", "", &names(&["N999"]), 1, NOW).await,
            objects::update(db, "N0", &deeper, ACTOR).await,
        ] {
            assert!(matches!(&refused, Err(StoreError::Invalid(errors)) if errors[0].field == "parents"), "{refused:?}");
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn samples_are_of_different_pictures_first(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Animal", &[], ada).await;
        object(db, "Cat", &["Animal"], ada).await;
        let (one, two) = (picture(db, ada).await, picture(db, ada).await);
        save(db, one, vec![rect(0.1, "Cat")], ada).await;
        save(db, two, vec![rect(0.1, "Animal"), rect(0.2, "Cat"), rect(0.3, "Cat")], ada).await;
        let of = async |name: &str, most| {
            let samples = samples::of_object(db, &nobody(), name, most).await.unwrap();
            samples.into_iter().map(|sample| sample.picture).collect::<Vec<_>>()
        };
        assert_eq!(of("Animal", 3).await, [two, one, two]);
        assert_eq!(of("Cat", 9).await, [two, one, two]);
        // What has been replaced is no example any more.
        let mut better = new_picture(ada, "Better");
        better.replaces = Some(two);
        pictures::insert(db, better).await.unwrap();
        assert_eq!(of("Cat", 9).await, [one]);
        let first = samples::of_object(db, &nobody(), "Cat", 1).await.unwrap().remove(0);
        let place = samples::place(db, &nobody(), first.region).await.unwrap().unwrap();
        assert_eq!((place.bounds.x, place.size), (0.1, (640, 480)));
        assert_eq!(samples::place(db, &nobody(), 9_999).await.unwrap(), None);
    }

    async fn examples_that_are_not_among_the_newest_are_found(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        object(db, "Grass", &[], ada).await;
        let old = picture(db, ada).await;
        save(db, old, vec![rect(0.1, "Cat")], ada).await;
        for _ in 0..2 {
            let meadow = picture(db, ada).await;
            save(db, meadow, (0..10_000).map(|_| rect(0.1, "Grass")).collect(), ada).await;
        }
        let newest = picture(db, ada).await;
        save(db, newest, vec![rect(0.1, "Cat")], ada).await;
        let found = samples::of_object(db, &nobody(), "Cat", 2).await.unwrap();
        assert_eq!(found.iter().map(|sample| sample.picture).collect::<Vec<_>>(), [newest, old]);
        assert_eq!(samples::of_object(db, &nobody(), "Grass", 2).await.unwrap().len(), 2);
    }
}

/// Edits of the graph and of what shows its objects, by number: objects and pictures are taken from those that there are.
#[derive(Clone, Debug)]
enum Edit {
    Make { parents: Vec<usize> },
    Place { object: usize, parents: Vec<usize> },
    Rename { object: usize },
    Merge { object: usize, into: usize },
    Import { parent: usize, known: usize },
    Post { shows: Vec<usize>, replaces: Option<usize> },
    Draw { picture: usize, shows: Vec<usize> },
    Delete { picture: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let any = || 0..50_usize;
    prop_oneof![
        4 => vec(any(), 0..3).prop_map(|parents| Edit::Make { parents }),
        6 => (any(), vec(any(), 0..4)).prop_map(|(object, parents)| Edit::Place { object, parents }),
        1 => any().prop_map(|object| Edit::Rename { object }),
        2 => (any(), any()).prop_map(|(object, into)| Edit::Merge { object, into }),
        1 => (any(), any()).prop_map(|(parent, known)| Edit::Import { parent, known }),
        3 => (vec(any(), 0..4), proptest::option::weighted(0.3, any()))
            .prop_map(|(shows, replaces)| Edit::Post { shows, replaces }),
        4 => (any(), vec(any(), 0..4)).prop_map(|(picture, shows)| Edit::Draw { picture, shows }),
        1 => any().prop_map(|picture| Edit::Delete { picture }),
    ]
}

/// Carries an edit out. Refusals are part of the game.
async fn carry_out(db: &Db, number: usize, edit: Edit, site: &mut Vec<i64>, author: i64) {
    let known: Vec<String> =
        objects::list(db, None, false, ALL).await.unwrap().items.into_iter().map(|object| object.id).collect();
    let name = |index: usize| known[index % known.len()].clone();
    let all = |list: Vec<usize>| list.into_iter().map(name).collect::<Vec<String>>();
    let drawn = |list: Vec<usize>| -> Vec<Region> {
        let place = |index: usize, object: &str| {
            if index.is_multiple_of(2) {
                rect(0.1 * index as f64, object)
            } else {
                point(0.5, 0.1 * index as f64, object)
            }
        };
        all(list).iter().enumerate().map(|(index, object)| place(index, object)).collect()
    };
    let chosen = |index: usize, site: &[i64]| site.get(index % site.len().max(1)).copied();
    let outcome = match edit {
        Edit::Make { parents } => {
            objects::insert(db, &format!("N{number}"), "", &all(parents), author, NOW).await.map(drop)
        }
        Edit::Place { object, parents } => {
            let place = ObjectChange { parents: Some(all(parents)), ..ObjectChange::default() };
            objects::update(db, &name(object), &place, ACTOR).await.map(drop)
        }
        Edit::Rename { object } => rename(db, &name(object), &format!("R{number}")).await,
        Edit::Merge { object, into } => {
            object_merge::merge(db, &name(object), &name(into), None, ACTOR).await.map(drop)
        }
        Edit::Import { parent, known } => {
            let text = format!("name,parent\nI{number},{}\n{},I{number}\n", name(parent), name(known));
            import(db, &text).await;
            Ok(())
        }
        Edit::Post { shows, replaces } => {
            let mut new = new_picture(author, "Random");
            new.regions = drawn(shows);
            new.replaces = replaces.and_then(|index| chosen(index, site));
            pictures::insert(db, new).await.map(|id| site.push(id))
        }
        Edit::Draw { picture, shows } => {
            let Some(picture) = chosen(picture, site) else { return };
            regions::save(db, &nobody(), picture, None, &drawn(shows), author, NOW).await.map(drop)
        }
        Edit::Delete { picture } => {
            let Some(picture) = chosen(picture, site) else { return };
            site.retain(|&id| id != picture);
            picture_changes::delete(db, picture, ACTOR).await
        }
    };
    if let Err(error) = outcome {
        let refusal = matches!(
            error,
            StoreError::Conflict(_) | StoreError::Cycle(_) | StoreError::NotFound(_) | StoreError::Invalid(_)
        );
        assert!(refusal, "{error:?}");
    }
}

/// The pictures of every object as a person would count them: by reading all regions, and by walking the graph.
async fn compare_counts(db: &Db, site: &[i64], after: &str) {
    let urls = Urls { public_url: String::new() };
    let all = objects::list(db, None, false, ALL).await.unwrap().items;
    let parents: BTreeMap<&str, &[String]> =
        all.iter().map(|object| (object.id.as_str(), object.parents.as_slice())).collect();
    let mut own: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    let mut with_descendants = own.clone();
    for picture in pictures::by_ids(db, &nobody(), site, &urls).await.unwrap() {
        if picture.replaced_by.is_some() {
            continue;
        }
        for region in &picture.regions {
            own.entry(region.object.clone()).or_default().insert(picture.id);
            let mut open = vec![region.object.as_str()];
            while let Some(name) = open.pop() {
                with_descendants.entry(name.to_owned()).or_default().insert(picture.id);
                open.extend(parents[name].iter().map(String::as_str));
            }
        }
    }
    let count = |counts: &BTreeMap<String, BTreeSet<i64>>, name: &str| counts.get(name).map_or(0, BTreeSet::len) as i64;
    for object in &all {
        let detail = objects::detail(db, &object.id).await.unwrap();
        assert_eq!(detail.own_pictures, count(&own, &object.id), "{} itself after {after}", object.id);
        assert_eq!(object.pictures, count(&with_descendants, &object.id), "{} after {after}", object.id);
        assert_eq!(detail.object.pictures, object.pictures);
    }
}

on_both_databases! {
    async fn counts_are_right_after_every_edit(test: &TestDb) {
        let db = &test.db;
        let author = user(db, "ada").await;
        object(db, "First", &[], author).await;
        let mut site = Vec::new();
        // The seed is fixed, so that a failure comes again.
        let mut runner = TestRunner::deterministic();
        let edits = vec(edit(), 140).new_tree(&mut runner).unwrap().current();
        for (number, edit) in edits.into_iter().enumerate() {
            let said = format!("{edit:?}");
            carry_out(db, number, edit, &mut site, author).await;
            compare_counts(db, &site, &said).await;
            if number % 10 == 9 {
                assert_eq!(repair::check(db).await.unwrap(), [], "after {said}");
            }
        }
        assert!(site.len() > 5);
    }
}
