//! Who sees what of a dataset, and who may do what with it: every actor, every visibility, every operation, on both databases.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, blob, new_picture, nobody, object, picture, point, promote, user};
use ocellus::model::project::DatasetReference;
use ocellus::model::{
    Account, Assignment, DatasetChange, DatasetFilter, DatasetOrder, Dimension, MarkState, NewDataset, NewMark,
    NewProject, NewWorkState, Ordering, PageRequest, PictureChange, ProjectChange, ProjectFilter, Region, Role,
    SoundDelta, Viewer, Visibility, WorkFilter, WorkState,
};
use ocellus::server::search::{self, SearchError, Stretch, Wanted};
use ocellus::server::store::access::{may_write, require_visible, visible};
use ocellus::server::store::projects::Pinned;
use ocellus::server::store::queue::Question;
use ocellus::server::store::{
    Db, Engine, Statement, StoreError, Urls, audit, blobs, contributions, datasets, galleries, licences, marks,
    namespaces, natures, objects, picture_changes, picture_copy, pictures, project_progress, project_work, projects,
    queue, ratings, region_delta, region_history, regions, samples, surroundings, users,
};
use sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_query_sqlx::SqlxValues;
use serde_json::json;

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

/// Somebody, with the role that counts for them.
struct Actor {
    name: String,
    viewer: Viewer,
    role: Option<Role>,
}

impl Actor {
    fn sees(&self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Internal => self.viewer.account.is_some(),
            Visibility::Private => self.role.is_some(),
        }
    }

    fn id(&self) -> i64 {
        self.viewer.account.as_ref().map_or(0, |account| account.id)
    }
}

/// A site with one dataset of each visibility, and one picture in each.
struct World {
    author: i64,
    actors: Vec<Actor>,
    scenes: Vec<Scene>,
    /// A picture of the commons, which those of the datasets were copied from.
    source: i64,
    gallery: i64,
}

/// A dataset with one picture in it, and traces of that everywhere.
struct Scene {
    visibility: Visibility,
    dataset: i64,
    name: String,
    picture: i64,
    hash: String,
    object: String,
    region: i64,
    /// A picture of the commons that is a copy of the one in the dataset.
    copy: i64,
    /// A project with the picture.
    project: i64,
}

impl Scene {
    /// A project that could be started.
    fn new_project(&self, name: &str) -> (NewProject, Pinned) {
        new_project(self.dataset, self.picture, name, Vec::new())
    }
}

fn new_project(dataset: i64, picture: i64, name: &str, reviewers: Vec<String>) -> (NewProject, Pinned) {
    let project = NewProject {
        name: name.into(),
        dataset: DatasetReference::Number(dataset),
        reference: None,
        description: String::new(),
        instructions: String::new(),
        objects: Vec::new(),
        register_objects: false,
        annotators: Vec::new(),
        reviewers,
    };
    (project, Pinned { commit: "c".repeat(40), tag: None, pictures: vec![picture], missing: 0 })
}

async fn viewer(db: &Db, name: &str) -> Viewer {
    let row = users::by_name(db, name).await.unwrap().unwrap();
    Viewer { account: Some(Account { id: row.id, username: row.username, admin: row.admin }), read_only: false }
}

async fn world(db: &Db) -> World {
    let author = user(db, "ada").await;
    user(db, "boss").await;
    promote(db, "boss").await;
    let boss = viewer(db, "boss").await;
    namespaces::insert_group(db, "lab", Visibility::Public, author, NOW).await.unwrap();
    let owner = viewer(db, "ada").await;
    let mut actors = vec![
        Actor { name: "nobody".into(), viewer: nobody(), role: None },
        Actor { name: "admin".into(), viewer: boss, role: Some(Role::Owner) },
        Actor { name: "maker".into(), viewer: owner.clone(), role: Some(Role::Owner) },
    ];
    user(db, "stranger").await;
    actors.push(Actor { name: "stranger".into(), viewer: viewer(db, "stranger").await, role: None });
    for role in Role::ALL {
        for place in ["namespace", "dataset"] {
            let name = format!("{place}-{}", role.as_str());
            user(db, &name).await;
            if place == "namespace" {
                namespaces::set_member(db, &owner, "lab", &name, Some(*role), author, ACTOR).await.unwrap();
            }
            actors.push(Actor { viewer: viewer(db, &name).await, name, role: Some(*role) });
        }
    }
    let source = picture(db, author).await;
    let gallery = galleries::insert(db, "All", "", author, NOW).await.unwrap();
    let mut scenes = Vec::new();
    for (visibility, digit) in Visibility::ALL.iter().copied().zip(['1', '2', '3']) {
        let name = visibility.as_str().to_owned();
        let dataset = NewDataset {
            namespace: "lab".into(),
            name: name.clone(),
            description: "Birds".into(),
            visibility,
            tags: vec!["bird".into()],
            storage_site: None,
        };
        let dataset = datasets::insert(db, &owner, &dataset, author, ACTOR).await.unwrap();
        for role in Role::ALL {
            let name = format!("dataset-{}", role.as_str());
            datasets::set_member(db, &owner, dataset, &name, Some(*role), author, ACTOR).await.unwrap();
        }
        let shown = format!("Thing {name}");
        object(db, &shown, &[], author).await;
        let new = pictures::NewPicture {
            blob: blob(digit),
            dataset: Some(dataset),
            copied_from: Some(source),
            regions: vec![point(0.5, 0.5, &shown)],
            ..new_picture(author, &name)
        };
        let picture = pictures::insert(db, new).await.unwrap();
        let region = regions::annotations(db, &owner, picture).await.unwrap().regions[0].id.unwrap();
        galleries::add_picture(db, &owner, gallery, picture, ACTOR).await.unwrap();
        let copy = pictures::NewPicture { copied_from: Some(picture), ..new_picture(author, "copy") };
        let copy = pictures::insert(db, copy).await.unwrap();
        let able = actors.iter().filter(|actor| actor.role >= Some(Role::Annotator) && actor.name.contains('-'));
        let able = able.map(|actor| actor.name.clone()).collect();
        let (new, pinned) = new_project(dataset, picture, &format!("Find {name}"), able);
        let project = projects::insert(db, &owner, dataset, &new, &pinned, ACTOR, author).await.unwrap();
        let (object, hash) = (shown, blob(digit).hash);
        scenes.push(Scene { visibility, dataset, name, picture, hash, object, region, copy, project });
    }
    World { author, actors, scenes, source, gallery }
}

fn missing<T>(result: Result<T, StoreError>) -> bool {
    match result {
        Ok(_) => false,
        Err(StoreError::NotFound(_)) => true,
        Err(other) => panic!("{other}"),
    }
}

/// What somebody sees of a scene: for each way to look, whether it shows.
async fn looks(db: &Db, world: &World, scene: &Scene, viewer: &Viewer) -> Vec<(&'static str, bool)> {
    let urls = Urls { public_url: "http://localhost".into() };
    let ids = [world.source, scene.picture];
    let by_object = format!("want:\n- has: {}\n", scene.object);
    let obsolete = "include_obsolete: true\n";
    let all = async |text: &str| search::find(db, viewer, text, Ordering::DateDesc, 0, ALL).await.unwrap();
    let wanted = Wanted { effects: true, dimensions: Dimension::ALL.to_vec(), top: 20 };
    let at = Question { picture: scene.picture, place: None, only: None };
    let by_name = |name: &str| format!("want:\n- in_dataset: lab/{name}\n");
    let mut shown = Vec::new();
    let mut note = |look: &'static str, shows: bool| shown.push((look, shows));

    note("picture", !missing(pictures::get(db, viewer, scene.picture, &urls).await));
    note("required", !missing(require_visible(&mut &*db, viewer, scene.picture).await));
    note("list", pictures::by_ids(db, viewer, &ids, &urls).await.unwrap().len() == 2);
    note("cards", pictures::cards(db, viewer, &ids, &urls).await.unwrap().len() == 2);
    note("records", pictures::records(db, viewer, &ids, &urls, true).await.unwrap().len() == 2);
    note("owner", !missing(pictures::owner_of(db, viewer, scene.picture).await));
    note("owners", !missing(pictures::owners_of(db, viewer, &ids).await));
    note("size", !missing(pictures::size_of(db, viewer, scene.picture).await));
    let copy = pictures::get(db, viewer, scene.copy, &urls).await.unwrap();
    note("link of a copy", copy.picture.copied_from.is_some());
    note("original of a copy", surroundings::get(db, viewer, scene.copy).await.unwrap().original.is_some());

    note("search", all("").await.items.contains(&scene.picture));
    note("search for all", all(obsolete).await.items.contains(&scene.picture));
    note("search by object", all(&by_object).await.total == 1);
    note("search by title", all(&format!("want:\n- title: {}\n", scene.name)).await.total == 1);
    note(
        "search by source",
        all(&format!("want:\n- copied_from: {}\n", world.source)).await.items.contains(&scene.picture),
    );
    note("search by copy", all(&format!("want:\n- copied_from: {}\n", scene.picture)).await.total == 1);
    note("search by what is not copied", {
        let others = all(&format!("want:\n- title: copy\nexclude:\n- copied_from: {}\n", scene.picture)).await.items;
        !others.contains(&scene.copy)
    });
    note("search by gallery", {
        let text = format!("want:\n- in_gallery: {}\n- title: {}\n", world.gallery, scene.name);
        all(&text).await.total == 1
    });
    let named = search::find(db, viewer, &by_name(&scene.name), Ordering::DateDesc, 0, ALL).await;
    note(
        "search by name",
        match named {
            Ok(page) => page.total == 1,
            Err(SearchError::Query(errors)) => {
                // As if it did not exist; what is suggested is what may be seen.
                assert!(errors[0].message.starts_with("unknown dataset `lab/"), "{errors:?}");
                assert!(!errors[0].suggestions.contains(&format!("lab/{}", scene.name)), "{errors:?}");
                false
            }
            Err(other) => panic!("{other}"),
        },
    );
    note(
        "checked text",
        match search::check(db, viewer, &by_name(&scene.name)).await {
            Ok(()) => true,
            Err(SearchError::Query(_)) => false,
            Err(other) => panic!("{other}"),
        },
    );
    for ordering in Ordering::ALL {
        let stretch = Stretch::Page(ALL);
        let some = search::find_some(db, viewer, &by_object, ordering, 1, stretch).await.unwrap();
        note("part of a search", some.len() == 1);
    }
    let beside = Stretch::Beside(ocellus::model::Beside::After(scene.picture), 10);
    note(
        "beside",
        match search::find_some(db, viewer, "", Ordering::DateDesc, 0, beside).await {
            Ok(_) => true,
            Err(SearchError::NoPlace(_)) => false,
            Err(other) => panic!("{other}"),
        },
    );
    let spooled = search::find_all(db, viewer, &by_object, Ordering::DateDesc, 0).await.unwrap();
    note("download", spooled.total() == 1);
    let insights = search::insights(db, viewer, "", &wanted).await.unwrap();
    let objects = &insights.breakdowns.iter().find(|part| part.dimension == Dimension::Object).unwrap().slices;
    note("breakdown", objects.iter().any(|slice| slice.value == scene.object));
    let insights = search::insights(db, viewer, &by_object, &wanted).await.unwrap();
    note("total", insights.total == 1);
    note("slices", insights.breakdowns.iter().any(|part| !part.slices.is_empty()));
    let excluded = format!("exclude:\n- has: {}\n", scene.object);
    let effects = search::insights(db, viewer, &excluded, &wanted).await.unwrap().effects;
    note("effect of a rule", effects[0].removes == 1);
    note("outlines", !search::outlines(db, viewer, &by_object, &ids).await.unwrap().is_empty());
    note(
        "place in a row",
        match search::in_query(db, viewer, "", Ordering::DateDesc, 0, at).await {
            Ok(_) => true,
            Err(SearchError::Store(StoreError::NotFound(_))) => false,
            Err(other) => panic!("{other}"),
        },
    );
    note("begun row", search::begin_query(db, viewer, "", Ordering::DateDesc, 0, at).await.is_ok());
    let around = Question { picture: world.source, ..at };
    let begun = search::begin_query(db, viewer, "", Ordering::DateDesc, 0, around).await.unwrap();
    note("row of others", begun.ids.contains(&scene.picture));
    note("place in a gallery", !missing(queue::in_gallery(db, viewer, world.gallery, at).await));
    note("begun gallery", !missing(queue::begin_gallery(db, viewer, world.gallery, at).await));
    note("neighbour", queue::neighbours(db, viewer, &[scene.picture], &[]).await.unwrap().previous.is_some());

    note("newest commit", !missing(datasets::head_of(db, viewer, scene.dataset).await));
    note("regions", !missing(regions::annotations(db, viewer, scene.picture).await));
    note("earlier regions", !missing(regions::annotations_at(db, viewer, scene.picture, 1).await));
    note("regions of a state", !missing(regions::at_revision(db, viewer, scene.picture, 1).await));
    note("history", !missing(region_history::list(db, viewer, scene.picture, ALL).await));
    note("sittings", !missing(region_history::sittings(db, viewer, scene.picture, None).await));
    note("marks", !missing(marks::of_picture(db, viewer, scene.picture).await));
    note("allowed to draw", !missing(surroundings::may_annotate(db, viewer, scene.picture).await));
    note("surroundings", !missing(surroundings::get(db, viewer, scene.picture).await));
    note("galleries of it", !missing(galleries::of_picture(db, viewer, scene.picture).await));
    let pictures_in_gallery = galleries::pictures(db, viewer, world.gallery, ALL).await.unwrap();
    assert_eq!(pictures_in_gallery.total, pictures_in_gallery.items.len() as i64);
    note("gallery", pictures_in_gallery.items.contains(&scene.picture));
    let standing = galleries::standing(db, viewer, world.gallery, Some(scene.picture)).await;
    note("standing", !missing(standing));
    let move_it = galleries::move_picture(db, viewer, world.gallery, scene.picture, 9, ACTOR).await;
    note("moved in a gallery", !missing(move_it));
    let cover = galleries::set_cover(db, viewer, world.gallery, Some(scene.picture), ACTOR).await;
    note("chosen as cover", !missing(cover));
    galleries::set_cover(db, viewer, world.gallery, None, ACTOR).await.unwrap();
    note("added to a gallery", !missing(galleries::add_picture(db, viewer, world.gallery, scene.picture, ACTOR).await));
    let many = galleries::add_pictures(db, viewer, world.gallery, &[scene.picture], ACTOR).await;
    note(
        "added with others",
        match many {
            Ok(_) => true,
            Err(StoreError::Invalid(_)) => false,
            Err(other) => panic!("{other}"),
        },
    );
    let contributions = contributions::list(db, viewer, "ada", ALL).await.unwrap();
    assert_eq!(contributions.total, contributions.items.len() as i64);
    note("contributions", contributions.items.iter().any(|item| item.picture == scene.picture));
    note("file", blobs::visible(db, viewer, &scene.hash).await.unwrap().is_some());
    note("sample", samples::place(db, viewer, scene.region).await.unwrap().is_some());
    note("samples", !samples::of_object(db, viewer, &scene.object, 5).await.unwrap().is_empty());

    note("dataset", !missing(datasets::get(db, viewer, scene.dataset).await));
    note("dataset by name", !missing(datasets::by_name(db, viewer, "lab", &scene.name).await));
    note("members", !missing(datasets::members(db, viewer, scene.dataset, ALL).await));
    for filter in [
        DatasetFilter::default(),
        DatasetFilter { search: Some(format!("lab/{}", &scene.name[..4])), ..DatasetFilter::default() },
        DatasetFilter { search: Some("BIRD".into()), namespace: Some("lab".into()), ..DatasetFilter::default() },
        DatasetFilter { tag: Some("Bird".into()), visibility: Some(scene.visibility), ..DatasetFilter::default() },
    ] {
        for order in DatasetOrder::ALL {
            let list = datasets::list(db, viewer, &filter, *order, ALL).await.unwrap();
            assert_eq!(list.total, list.items.len() as i64);
            note("list of datasets", list.items.iter().any(|dataset| dataset.id == scene.dataset));
        }
    }

    note("project", !missing(projects::get(db, viewer, scene.project).await));
    for filter in [
        ProjectFilter::default(),
        ProjectFilter { search: Some(scene.name.clone()), ..ProjectFilter::default() },
        ProjectFilter { dataset: Some(scene.dataset), ..ProjectFilter::default() },
    ] {
        let list = projects::list(db, viewer, &filter, ALL).await.unwrap();
        assert_eq!(list.total, list.items.len() as i64);
        note("list of projects", list.items.iter().any(|project| project.id == scene.project));
    }
    let (project, any) = (scene.project, WorkFilter::default());
    note("progress", !missing(project_progress::progress(db, viewer, project).await));
    note("pictures of a project", !missing(project_work::pictures(db, viewer, project, &any, ALL).await));
    note("work on it", !missing(project_work::of_picture(db, viewer, project, scene.picture).await));
    note("place in a project", !missing(project_work::around(db, viewer, project, &any, at).await));
    note("begun project", !missing(project_work::begin(db, viewer, project, &any, at).await));
    note("first of a project", !missing(project_work::first(db, viewer, project, &any).await));
    note("members of a project", !missing(project_work::able_members(db, viewer, project).await));
    shown
}

/// What of a scene shows in numbers and pictures that are the same for all.
async fn public_traces(db: &Db, world: &World, scene: &Scene) -> Vec<(&'static str, bool)> {
    let listed = galleries::list(db, None, None, ALL).await.unwrap().items;
    let cover = async |picture| {
        let owner = viewer(db, "ada").await;
        galleries::set_cover(db, &owner, world.gallery, Some(picture), ACTOR).await.unwrap();
        let gallery = galleries::get(db, world.gallery).await.unwrap().cover;
        let listed = galleries::list(db, None, None, ALL).await.unwrap().items[0].cover.clone();
        galleries::set_cover(db, &owner, world.gallery, None, ACTOR).await.unwrap();
        (gallery == Some(picture), listed == Some(scene.hash.clone()))
    };
    let (of_gallery, of_list) = cover(scene.picture).await;
    let summaries = objects::summaries(db).await.unwrap();
    let summary = summaries.iter().find(|object| object.name == scene.object).unwrap();
    let commons = world.scenes.len() as i64 + 1;
    let seen = world.scenes.iter().filter(|scene| scene.visibility == Visibility::Public).count() as i64;
    assert_eq!(listed[0].pictures, seen);
    assert_eq!(natures::get_counted(db, "photo").await.unwrap().pictures, commons + seen);
    assert_eq!(licences::get_counted(db, "CC0-1.0").await.unwrap().pictures, commons + seen);
    vec![
        ("cover", of_gallery),
        ("cover in a list", of_list),
        ("object", objects::get(db, &scene.object).await.unwrap().pictures == 1),
        ("object in detail", objects::detail(db, &scene.object).await.unwrap().own_pictures == 1),
        ("objects to pick", summary.pictures == 1),
    ]
}

on_both_databases! {
    async fn nothing_shows_to_who_may_not_see_it(test: &TestDb) {
        let db = &test.db;
        let world = world(db).await;
        for scene in &world.scenes {
            for actor in &world.actors {
                let sees = actor.sees(scene.visibility);
                for (look, shows) in looks(db, &world, scene, &actor.viewer).await {
                    assert_eq!(shows, sees, "{look}: {} looks at what is {}", actor.name, scene.visibility.as_str());
                }
            }
            for (trace, shows) in public_traces(db, &world, scene).await {
                assert_eq!(shows, scene.visibility == Visibility::Public, "{trace} of what is {}", scene.name);
            }
        }
        for actor in &world.actors {
            // Numbers are those of what may be seen.
            let seen = world.scenes.iter().filter(|scene| actor.sees(scene.visibility)).count() as i64;
            let commons = world.scenes.len() as i64 + 1;
            let detail = contributions::detail(db, &actor.viewer, "ada").await.unwrap();
            assert_eq!((detail.pictures, detail.regions, detail.annotated), (commons + seen, seen, seen), "{}", actor.name);
            let around = surroundings::get(db, &actor.viewer, world.source).await.unwrap();
            assert_eq!(around.copy_count, seen, "{}", actor.name);
            let namespace = namespaces::get(db, &actor.viewer, "lab").await.unwrap();
            assert_eq!((namespace.datasets, namespace.role), (seen, actor.role.filter(|_| !actor.name.starts_with("dataset"))));
            for scene in world.scenes.iter().filter(|scene| actor.sees(scene.visibility)) {
                assert_eq!(datasets::get(db, &actor.viewer, scene.dataset).await.unwrap().role, actor.role);
            }
        }
    }

    async fn roles_say_who_may_write(test: &TestDb) {
        let db = &test.db;
        let world = world(db).await;
        let nobody_yet = "newcomer";
        user(db, nobody_yet).await;
        for scene in &world.scenes {
            for actor in world.actors.iter().filter(|actor| actor.viewer.account.is_some()) {
                let (viewer, id) = (&actor.viewer, actor.id());
                let state = async || regions::annotations(db, &world.actors[2].viewer, scene.picture).await.unwrap();
                let drawn = |x: f64| -> Vec<Region> { vec![point(x, 0.5, &scene.object)] };
                let delta = SoundDelta::parse(&json!({
                    "id": format!("by-{}", actor.name), "revision": state().await.revision,
                    "changes": [{"put": {"type": "point", "shape": {"x": 0.1, "y": 0.1}, "object": scene.object}}],
                })).unwrap();
                let mark = NewMark { state: MarkState::Done, comment: actor.name.clone() };
                let mut new = pictures::NewPicture { dataset: Some(scene.dataset), ..new_picture(id, "new") };
                new.blob = blob('f');
                let tags = DatasetChange { tags: Some(vec!["bird".into()]), ..DatasetChange::default() };
                let change = |role| async move {
                    datasets::set_member(db, viewer, scene.dataset, nobody_yet, role, id, ACTOR).await
                };
                let unknown = |result: Result<i64, StoreError>| match result {
                    // What a form names that does not exist.
                    Err(StoreError::Invalid(errors)) => {
                        assert_eq!(errors[0].field, "dataset");
                        Err(StoreError::NotFound(errors[0].message.clone()))
                    }
                    other => other.map(drop),
                };
                let (work, by) = (scene.project, audit::Actor::user(id, NOW));
                let done = NewWorkState { state: WorkState::Done, comment: actor.name.clone(), before: None };
                let free = Assignment { pictures: vec![scene.picture], annotator: None };
                let renamed = ProjectChange { name: Some(format!("Find {}", actor.name)), ..ProjectChange::default() };
                let (new_project, pinned) = scene.new_project(&format!("By {}", actor.name));
                let (other, other_pinned) = scene.new_project(&format!("For {}", actor.name));
                let (owner, author) = (&world.actors[2].viewer, world.author);
                let ending = projects::insert(db, owner, scene.dataset, &other, &other_pinned, ACTOR, author).await.unwrap();
                let attempts = [
                    ("work", Role::Annotator, project_work::set_state(db, viewer, work, scene.picture, &done, id, NOW).await),
                    ("assign", Role::Maintainer, project_work::assign(db, viewer, work, &free, id, by).await.map(drop)),
                    ("rename a project", Role::Maintainer, projects::update(db, viewer, work, &renamed, id, by).await),
                    ("start a project", Role::Maintainer,
                        projects::insert(db, viewer, scene.dataset, &new_project, &pinned, by, id).await.map(drop)),
                    ("delete a project", Role::Maintainer, projects::delete(db, viewer, ending, id, by).await),
                    ("save", Role::Annotator, regions::save(db, viewer, scene.picture, None, &drawn(0.3), id, NOW).await.map(drop)),
                    ("delta", Role::Annotator, region_delta::apply(db, viewer, scene.picture, &delta, id, NOW).await.map(drop)),
                    ("revert", Role::Annotator, regions::revert(db, viewer, scene.picture, 1, id, NOW).await.map(drop)),
                    ("mark", Role::Annotator, marks::set(db, viewer, scene.picture, &mark, id, NOW).await.map(drop)),
                    ("unmark", Role::Annotator, marks::remove(db, viewer, scene.picture, id, NOW).await.map(drop)),
                    ("copy", Role::Writer, picture_copy::copy(db, viewer, scene.picture, id, NOW).await.map(drop)),
                    ("add", Role::Writer, unknown(pictures::insert(db, new.clone()).await)),
                    ("add many", Role::Writer, unknown(
                        ocellus::server::store::picture_bulk::insert_many(db, &[new]).await.map(|ids| ids[0]))),
                    ("tag", Role::Maintainer, datasets::update(db, viewer, scene.dataset, &tags, id, ACTOR).await),
                    ("take in", Role::Maintainer, change(Some(Role::Writer)).await),
                    ("make a maintainer", Role::Owner, change(Some(Role::Maintainer)).await),
                    ("make an owner", Role::Owner, change(Some(Role::Owner)).await),
                    ("take an owner out", Role::Owner, change(None).await),
                ];
                for (attempt, needed, result) in attempts {
                    let who = format!("{attempt}: {} with what is {}", actor.name, scene.name);
                    if attempt == "take an owner out" && actor.role == Some(Role::Maintainer) {
                        // Still a writer, whom maintainers may take out.
                        assert!(result.is_ok(), "{who}");
                    } else if !actor.sees(scene.visibility) {
                        assert!(matches!(result, Err(StoreError::NotFound(_))), "{who}: {result:?}");
                    } else if actor.role < Some(needed) {
                        assert!(matches!(result, Err(StoreError::Forbidden(_))), "{who}: {result:?}");
                    } else {
                        assert!(result.is_ok(), "{who}: {result:?}");
                    }
                }
                if actor.sees(scene.visibility) {
                    let account = viewer.account.as_ref().unwrap();
                    let owner = pictures::owner_of(db, viewer, scene.picture).await.unwrap();
                    let may = may_write(&mut &*db, account, owner).await.unwrap();
                    assert_eq!(may, actor.role >= Some(Role::Writer), "{}", actor.name);
                    let around = surroundings::get(db, viewer, scene.picture).await.unwrap();
                    assert_eq!(around.may_edit, may, "{}", actor.name);
                    let may_annotate = surroundings::may_annotate(db, viewer, scene.picture).await.unwrap();
                    assert_eq!(may_annotate, actor.role >= Some(Role::Annotator), "{}", actor.name);
                }
                let end = datasets::delete(db, viewer, scene.dataset, id, ACTOR);
                if actor.role < Some(Role::Owner) {
                    let expected = actor.sees(scene.visibility);
                    match end.await {
                        Err(StoreError::Forbidden(_)) => assert!(expected, "{}", actor.name),
                        Err(StoreError::NotFound(_)) => assert!(!expected, "{}", actor.name),
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
        // Who posted something has no right to it without a role.
        let scene = &world.scenes[2];
        let stranger = &world.actors[3];
        datasets::set_member(db, &world.actors[2].viewer, scene.dataset, "stranger", Some(Role::Writer), world.author, ACTOR)
            .await
            .unwrap();
        let new = pictures::NewPicture { dataset: Some(scene.dataset), ..new_picture(stranger.id(), "mine") };
        let own = pictures::insert(db, new).await.unwrap();
        datasets::set_member(db, &stranger.viewer, scene.dataset, "stranger", None, stranger.id(), ACTOR).await.unwrap();
        let account = stranger.viewer.account.as_ref().unwrap();
        let owner = pictures::owner_of(db, &stranger.viewer, own).await.unwrap();
        assert!(!may_write(&mut &*db, account, owner).await.unwrap());
        // Nor while it is being changed, whatever was so when it began.
        let by_stranger = audit::Actor::user(stranger.id(), NOW);
        let theirs = PictureChange { title: Some("theirs".into()), ..PictureChange::default() };
        let attempts = [
            picture_changes::update(db, own, None, &theirs, by_stranger).await.map(drop),
            picture_changes::update_many(db, &[own], &theirs, by_stranger).await,
            picture_changes::delete_many(db, &[own], by_stranger).await,
        ];
        assert!(attempts.iter().all(|attempt| matches!(attempt, Err(StoreError::Forbidden(_)))), "{attempts:?}");
        // Writers change what others posted, and no administrator's log tells of it.
        let writer = world.actors.iter().find(|actor| actor.name == "dataset-writer").unwrap();
        let by_writer = audit::Actor::user(writer.id(), NOW);
        let change = PictureChange { title: Some("better".into()), ..PictureChange::default() };
        picture_changes::update(db, own, None, &change, by_writer).await.unwrap();
        picture_changes::delete(db, own, by_writer).await.unwrap();
        let log = ocellus::server::store::audit::list(db, None, None, ALL).await.unwrap().items;
        assert!(log.iter().all(|entry| !entry.action.starts_with("picture-")), "{log:?}");
        ratings::set(db, scene.picture, stranger.id(), Some(4), NOW).await.unwrap();
    }
}

/// Asks how a database would run a statement.
struct Explained(SelectStatement);

impl Statement for Explained {
    fn build_for(&self, engine: Engine) -> (String, SqlxValues) {
        let (sql, values) = self.0.build_for(engine);
        (format!("EXPLAIN {}{sql}", if engine == Engine::Sqlite { "QUERY PLAN " } else { "" }), values)
    }
}

on_both_databases! {
    async fn whoever_walks_past_pictures_reads_an_index_only(test: &TestDb) {
        let db = &test.db;
        let world = world(db).await;
        let new: Vec<_> = (0..3000).map(|number| {
            let title = format!("{number}");
            pictures::NewPicture { created_at: NOW + number, ..new_picture(world.author, &title) }
        }).collect();
        ocellus::server::store::picture_bulk::insert_many(db, &new).await.unwrap();
        db.take_stock().await.unwrap();
        let pictures = Alias::new("pictures");
        for actor in world.actors.iter().take(5) {
            for key in ["created_at", "title_folded", "region_count"] {
                let column = |name: &str| (pictures.clone(), Alias::new(name));
                let walk = Query::select()
                    .column(column("id"))
                    .from(pictures.clone())
                    .cond_where(visible(&actor.viewer))
                    .and_where(Expr::col(column("replaced_by")).is_null())
                    .order_by(column(key), Order::Desc)
                    .order_by(column("id"), Order::Desc)
                    .limit(60)
                    .to_owned();
                let walk = Explained(walk);
                let plan: Vec<String> = match db.engine() {
                    Engine::Sqlite => {
                        let rows = db.all::<(i64, i64, i64, String)>(&walk).await.unwrap();
                        rows.into_iter().map(|(.., step)| step).collect()
                    }
                    Engine::Postgres => db.all::<(String,)>(&walk).await.unwrap().into_iter().map(|(line,)| line).collect(),
                };
                let plan = plan.join("\n");
                let way = if db.engine() == Engine::Sqlite { "SCAN pictures USING COVERING INDEX" } else { "Index Only Scan Backward" };
                assert!(plan.contains(way), "{} by {key}: {plan}", actor.name);
                assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE FOR ORDER"), "{} by {key}: {plan}", actor.name);
            }
        }
    }
}
