//! Stories of the store: projects, their queues, and how far the work is.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, blob, new_picture, nobody, object, rect, user};
use ocellus::model::project::{DatasetReference, NOBODY};
use ocellus::model::{
    Account, Assignment, NewDataset, NewProject, NewWorkState, PageRequest, PicturesFate, ProjectChange, ProjectFilter,
    ProjectRole, Role, Viewer, Visibility, WorkCounts, WorkFilter, WorkState,
};
use ocellus::server::store::audit::Actor;
use ocellus::server::store::projects::Pinned;
use ocellus::server::store::queue::Question;
use ocellus::server::store::{
    Db, Result, StoreError, closing, datasets, object_merge, objects, picture_changes, pictures, project_progress,
    project_work, projects, regions, users,
};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };
const DAY_S: i64 = 86_400;

async fn viewer(db: &Db, name: &str) -> Viewer {
    let row = users::by_name(db, name).await.unwrap().unwrap();
    Viewer { account: Some(Account { id: row.id, username: row.username, admin: row.admin }), read_only: false }
}

fn id(viewer: &Viewer) -> i64 {
    viewer.account.as_ref().unwrap().id
}

/// Ada's private dataset with six pictures; bob and cy may annotate in it, dee may read.
struct World<'d> {
    db: &'d Db,
    ada: Viewer,
    bob: Viewer,
    cy: Viewer,
    dee: Viewer,
    dataset: i64,
    pictures: Vec<i64>,
}

impl<'d> World<'d> {
    async fn new(db: &'d Db) -> Self {
        for name in ["ada", "bob", "cy", "dee"] {
            user(db, name).await;
        }
        let (ada, bob) = (viewer(db, "ada").await, viewer(db, "bob").await);
        let (cy, dee) = (viewer(db, "cy").await, viewer(db, "dee").await);
        let new = NewDataset {
            namespace: "ada".into(),
            name: "cats".into(),
            description: String::new(),
            visibility: Visibility::Private,
            tags: Vec::new(),
            storage_site: None,
        };
        let dataset = datasets::insert(db, &ada, &new, id(&ada), ACTOR).await.unwrap();
        for (name, role) in [("bob", Role::Annotator), ("cy", Role::Annotator), ("dee", Role::Reader)] {
            datasets::set_member(db, &ada, dataset, name, Some(role), id(&ada), ACTOR).await.unwrap();
        }
        let mut ids = Vec::new();
        for digit in ['1', '2', '3', '4', '5', '6'] {
            let mut picture = new_picture(id(&ada), &format!("Cat {digit}"));
            picture.dataset = Some(dataset);
            picture.blob = blob(digit);
            ids.push(pictures::insert(db, picture).await.unwrap());
        }
        Self { db, ada, bob, cy, dee, dataset, pictures: ids }
    }

    fn new_project(&self, name: &str) -> NewProject {
        NewProject {
            name: name.into(),
            dataset: DatasetReference::Number(self.dataset),
            reference: None,
            description: String::new(),
            instructions: String::new(),
            objects: Vec::new(),
            register_objects: false,
            annotators: vec!["bob".into(), "cy".into()],
            reviewers: vec!["ada".into()],
        }
    }

    async fn start_as(&self, viewer: &Viewer, project: &NewProject) -> Result<i64> {
        let pinned =
            Pinned { commit: "c".repeat(40), tag: Some("v1".into()), pictures: self.pictures.clone(), missing: 1 };
        projects::insert(self.db, viewer, self.dataset, project, &pinned, Actor::user(id(viewer), NOW), id(viewer))
            .await
    }

    async fn start(&self) -> i64 {
        self.start_as(&self.ada, &self.new_project("Whiskers")).await.unwrap()
    }

    async fn put(&self, viewer: &Viewer, project: i64, picture: usize, state: WorkState) -> Result<()> {
        self.say(viewer, project, picture, NewWorkState { state, comment: String::new(), before: None }, NOW).await
    }

    async fn say(&self, viewer: &Viewer, project: i64, picture: usize, new: NewWorkState, now: i64) -> Result<()> {
        project_work::set_state(self.db, viewer, project, self.pictures[picture], &new, id(viewer), now).await
    }

    /// The places of the pictures that a filter names.
    async fn found(&self, viewer: &Viewer, project: i64, filter: WorkFilter) -> Vec<usize> {
        let page = project_work::pictures(self.db, viewer, project, &filter, ALL).await.unwrap();
        assert_eq!(page.total, page.items.len() as i64);
        let place = |picture| self.pictures.iter().position(|own| own == picture).unwrap();
        page.items.iter().map(|(picture, _)| place(picture)).collect()
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(StoreError::Forbidden(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(StoreError::Conflict(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn field<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(StoreError::Invalid(errors)) => errors[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

on_both_databases! {
    async fn pictures_are_shared_out_and_go_from_state_to_state(test: &TestDb) {
        use WorkState::{Accepted, Done, NeedsReview, ToDo};
        let world = World::new(&test.db).await;
        let project = world.start().await;
        let (ada, bob, cy) = (&world.ada, &world.bob, &world.cy);
        assert_eq!(world.found(bob, project, WorkFilter::queue_of("bob")).await, [0, 1, 2]);
        assert_eq!(world.found(bob, project, WorkFilter::queue_of("cy")).await, [3, 4, 5]);

        world.put(bob, project, 0, Done).await.unwrap();
        world.put(bob, project, 1, NeedsReview).await.unwrap();
        // What is another's, and what only reviewers may.
        assert!(refused(world.put(bob, project, 3, Done).await).contains("somebody else"));
        assert!(refused(world.put(bob, project, 0, Accepted).await).contains("reviewers"));
        assert_eq!(world.found(ada, project, WorkFilter::to_review()).await, [0, 1]);
        world.put(ada, project, 0, Accepted).await.unwrap();
        assert!(refused(world.put(bob, project, 0, ToDo).await).contains("reviewers"));
        let mine = NewWorkState { state: Accepted, comment: "Mine".into(), before: None };
        assert!(refused(world.say(bob, project, 0, mine, NOW).await).contains("reviewers"));
        let back = NewWorkState { state: ToDo, comment: "The tail".into(), before: Some(NeedsReview) };
        world.say(ada, project, 1, back.clone(), NOW + 2 * DAY_S).await.unwrap();
        // The page that asked has seen another state.
        assert!(conflict(world.say(ada, project, 1, back, NOW).await).contains("is to do by now, not needs review"));

        let work = project_work::of_picture(&test.db, bob, project, world.pictures[1]).await.unwrap();
        assert_eq!((work.work.state, work.work.comment.as_str()), (ToDo, "The tail"));
        assert!(work.work.sent_back);
        assert_eq!(project_work::own_sent_back(&test.db, bob, project).await.unwrap(), 1);
        assert_eq!((work.work.author.as_deref(), work.work.annotator.as_deref()), (Some("ada"), Some("bob")));
        assert_eq!(work.steps.iter().map(|step| (step.from, step.to)).collect::<Vec<_>>(), [(NeedsReview, ToDo), (ToDo, NeedsReview)]);
        assert_eq!((work.next, work.reviews), (vec![Done, NeedsReview], false));
        let others = project_work::of_picture(&test.db, cy, project, world.pictures[1]).await.unwrap();
        assert_eq!(others.next, []);

        let shown = projects::get(&test.db, ada, project).await.unwrap();
        assert_eq!(shown.pictures, WorkCounts { to_do: 5, done: 0, needs_review: 0, accepted: 1 });
        assert_eq!((shown.unassigned, shown.missing, shown.manages, shown.role), (0, 1, true, Some(ProjectRole::Reviewer)));

        let progress = project_progress::progress(&test.db, ada, project).await.unwrap();
        let days: Vec<_> = progress.days.iter().map(|day| (day.day / DAY_S - NOW / DAY_S, day.pictures.accepted, day.pictures.needs_review)).collect();
        assert_eq!(days, [(0, 1, 1), (2, 1, 0)]);
        let did: Vec<_> = progress.members.iter().map(|one| (one.username.as_str(), one.finished, one.reviewed, one.pictures.to_do)).collect();
        assert_eq!(did, [("ada", 0, 2, 0), ("bob", 2, 0, 2), ("cy", 0, 0, 3)]);
        // Whoever manages the dataset is known as such, with a role in the project or without.
        assert_eq!(progress.members.iter().map(|one| one.manages).collect::<Vec<_>>(), [true, false, false]);
    }

    async fn what_was_sent_back_comes_first(test: &TestDb) {
        use WorkState::{Done, ToDo};
        let world = World::new(&test.db).await;
        let project = world.start().await;
        let (db, ada, bob) = (&test.db, &world.ada, &world.bob);
        let queue = || WorkFilter::queue_of("bob");
        for picture in [1, 2] {
            world.put(bob, project, picture, Done).await.unwrap();
            world.put(ada, project, picture, ToDo).await.unwrap();
        }
        assert_eq!(world.found(bob, project, queue()).await, [1, 2, 0]);
        assert_eq!(project_work::first(db, bob, project, &queue()).await.unwrap(), Some(world.pictures[1]));
        let ask = Question { picture: world.pictures[2], place: None, only: None };
        let around = project_work::around(db, bob, project, &queue(), ask).await.unwrap();
        let ids = (around.previous.map(|to| to.id), around.next.map(|to| to.id));
        assert_eq!((around.position, ids), (Some(2), (Some(world.pictures[1]), Some(world.pictures[0]))));
        // A word about it leaves it where it is; once it is done it is like any other, and so is what somebody takes up again.
        let word = NewWorkState { state: ToDo, comment: "Soon".into(), before: None };
        world.say(bob, project, 1, word, NOW).await.unwrap();
        assert_eq!(world.found(bob, project, queue()).await, [1, 2, 0]);
        world.put(bob, project, 1, Done).await.unwrap();
        world.put(bob, project, 1, ToDo).await.unwrap();
        assert_eq!(world.found(bob, project, queue()).await, [2, 0, 1]);
        let work = project_work::of_picture(db, bob, project, world.pictures[1]).await.unwrap();
        assert!(!work.work.sent_back);
        assert_eq!(project_work::own_sent_back(db, bob, project).await.unwrap(), 1);
    }

    async fn a_private_datasets_project_does_not_exist_for_others(test: &TestDb) {
        let world = World::new(&test.db).await;
        let project = world.start().await;
        user(&test.db, "eve").await;
        let eve = viewer(&test.db, "eve").await;
        for stranger in [&eve, &nobody()] {
            assert!(matches!(projects::get(&test.db, stranger, project).await, Err(StoreError::NotFound(_))));
            assert!(matches!(project_progress::progress(&test.db, stranger, project).await, Err(StoreError::NotFound(_))));
            let filter = WorkFilter::default();
            let listed = project_work::pictures(&test.db, stranger, project, &filter, ALL).await;
            assert!(matches!(listed, Err(StoreError::NotFound(_))));
            assert_eq!(projects::list(&test.db, stranger, &ProjectFilter::default(), ALL).await.unwrap().total, 0);
        }
        assert!(matches!(world.put(&eve, project, 0, WorkState::Done).await, Err(StoreError::NotFound(_))));
        // Readers look; only maintainers manage.
        assert_eq!(world.found(&world.dee, project, WorkFilter::default()).await.len(), 6);
        refused(world.put(&world.dee, project, 0, WorkState::Done).await);
        refused(world.start_as(&world.bob, &world.new_project("Tails")).await);
        refused(projects::update(&test.db, &world.bob, project, &ProjectChange::default(), id(&world.bob), ACTOR).await);
        refused(projects::delete(&test.db, &world.bob, project, id(&world.bob), ACTOR).await);
        refused(project_work::share_out(&test.db, &world.bob, project, false, id(&world.bob), ACTOR).await);
        // A project gives nobody rights in its dataset.
        let given = projects::set_member(&test.db, &world.ada, project, "dee", Some(ProjectRole::Annotator), id(&world.ada), ACTOR);
        assert_eq!(field(given.await), "username");
        assert!(conflict(world.start_as(&world.ada, &world.new_project("Whiskers")).await).contains("Whiskers"));
    }

    async fn queues_are_made_anew(test: &TestDb) {
        let world = World::new(&test.db).await;
        let (db, ada, bob, cy) = (&test.db, &world.ada, &world.bob, &world.cy);
        let project = world.start().await;
        let leave = projects::set_member(db, bob, project, "bob", None, id(bob), ACTOR);
        world.put(bob, project, 2, WorkState::Done).await.unwrap();
        leave.await.unwrap();
        let nobodys = WorkFilter { states: Vec::new(), annotator: Some(NOBODY.into()) };
        // What is done stays theirs.
        assert_eq!(world.found(ada, project, nobodys.clone()).await, [0, 1]);
        assert_eq!(project_work::take(db, cy, project, 1, id(cy)).await.unwrap(), 1);
        assert_eq!(world.found(ada, project, WorkFilter::queue_of("cy")).await, [0, 3, 4, 5]);
        assert_eq!(field(project_work::take(db, cy, project, 0, id(cy)).await), "count");
        refused(project_work::take(db, bob, project, 1, id(bob)).await);
        projects::set_member(db, ada, project, "bob", Some(ProjectRole::Annotator), id(ada), ACTOR).await.unwrap();
        assert_eq!(project_work::share_out(db, ada, project, false, id(ada), ACTOR).await.unwrap(), 1);
        assert_eq!(world.found(ada, project, WorkFilter::queue_of("bob")).await, [1]);
        assert_eq!(project_work::share_out(db, ada, project, true, id(ada), ACTOR).await.unwrap(), 5);
        assert_eq!(world.found(ada, project, WorkFilter::queue_of("bob")).await, [0, 1, 3]);
        // By hand.
        let chosen = |annotator: Option<&str>| Assignment { pictures: vec![world.pictures[0], world.pictures[5]], annotator: annotator.map(Into::into) };
        assert_eq!(project_work::assign(db, ada, project, &chosen(Some("ada")), id(ada), ACTOR).await.unwrap(), 2);
        assert_eq!(world.found(ada, project, WorkFilter::queue_of("ada")).await, [0, 5]);
        assert_eq!(field(project_work::assign(db, ada, project, &chosen(Some("dee")), id(ada), ACTOR).await), "annotator");
        project_work::assign(db, ada, project, &chosen(None), id(ada), ACTOR).await.unwrap();
        assert_eq!(world.found(ada, project, nobodys).await, [0, 5]);
        // Who begins with a picture of nobody's has it.
        world.put(cy, project, 5, WorkState::NeedsReview).await.unwrap();
        let work = project_work::of_picture(db, cy, project, world.pictures[5]).await.unwrap();
        assert_eq!(work.work.annotator.as_deref(), Some("cy"));
        // What comes back to somebody who has left is nobody's.
        projects::set_member(db, bob, project, "bob", None, id(bob), ACTOR).await.unwrap();
        world.put(ada, project, 2, WorkState::ToDo).await.unwrap();
        let work = project_work::of_picture(db, ada, project, world.pictures[2]).await.unwrap();
        assert_eq!((work.work.state, work.work.annotator), (WorkState::ToDo, None));
        // Who has lost the role in the dataset gets nothing more.
        datasets::set_member(db, ada, world.dataset, "cy", Some(Role::Reader), id(ada), ACTOR).await.unwrap();
        assert!(conflict(project_work::share_out(db, ada, project, true, id(ada), ACTOR).await).contains("no annotators"));
        assert_eq!(field(project_work::assign(db, ada, project, &chosen(Some("cy")), id(ada), ACTOR).await), "annotator");
        // What is deleted later is told, too.
        assert_eq!(projects::get(db, ada, project).await.unwrap().missing, 1);
        picture_changes::delete(db, world.pictures[3], ACTOR).await.unwrap();
        let left = projects::get(db, ada, project).await.unwrap();
        assert_eq!((left.missing, left.pictures.total()), (2, 5));
        // A closed account has nothing to do any more.
        closing::close(db, id(cy), &PicturesFate::KeepName, NOW).await.unwrap();
        assert_eq!(world.found(ada, project, WorkFilter::queue_of("cy")).await, [0_usize; 0]);
        let members = project_progress::progress(db, ada, project).await.unwrap().members;
        assert_eq!(members.iter().map(|one| (one.username.as_str(), one.role.is_some())).collect::<Vec<_>>(), [("ada", true), ("bob", false), ("cy", false)]);
    }

    async fn a_queue_is_a_row_of_pictures(test: &TestDb) {
        let world = World::new(&test.db).await;
        let project = world.start().await;
        let filter = WorkFilter::queue_of("bob");
        let ask = |picture: usize| Question { picture: world.pictures[picture], place: None, only: None };
        let queue = project_work::around(&test.db, &world.bob, project, &filter, ask(1)).await.unwrap();
        let ids = (queue.previous.map(|to| to.id), queue.next.map(|to| to.id));
        assert_eq!((queue.position, queue.total), (Some(2), 3));
        assert_eq!(ids, (Some(world.pictures[0]), Some(world.pictures[2])));
        // Done meanwhile: its place is known still.
        world.put(&world.bob, project, 1, WorkState::Done).await.unwrap();
        let queue = project_work::around(&test.db, &world.bob, project, &filter, ask(1)).await.unwrap();
        assert_eq!((queue.position, queue.before, queue.total), (None, 1, 2));
        let row = project_work::begin(&test.db, &world.bob, project, &filter, ask(0)).await.unwrap();
        assert_eq!(row.ids, [world.pictures[0], world.pictures[2]]);
        assert_eq!(project_work::first(&test.db, &world.bob, project, &filter).await.unwrap(), Some(world.pictures[0]));
    }

    async fn objects_and_pictures_go_and_change_names(test: &TestDb) {
        let world = World::new(&test.db).await;
        let (db, ada) = (&test.db, &world.ada);
        for name in ["Cat", "Kitty", "Dog"] {
            object(db, name, &[], id(ada)).await;
        }
        let mut new = world.new_project("Whiskers");
        new.objects = vec!["Kitty".into(), "Dog".into()];
        let project = world.start_as(ada, &new).await.unwrap();
        new.name = "Both".into();
        new.objects = vec!["Kitty".into(), "Cat".into()];
        let both = world.start_as(ada, &new).await.unwrap();
        object_merge::merge(db, "Kitty", "Cat", None, ACTOR).await.unwrap();
        assert_eq!(projects::get(db, ada, project).await.unwrap().objects, ["Cat", "Dog"]);
        assert_eq!(projects::get(db, ada, both).await.unwrap().objects, ["Cat"]);
        let change = ProjectChange { objects: Some(vec!["Unicorn".into()]), ..ProjectChange::default() };
        assert!(projects::update(db, ada, both, &change, id(ada), ACTOR).await.is_err());
        assert_eq!(projects::get(db, ada, both).await.unwrap().objects, ["Cat"]);
        // Where that is asked for they are registered, unless only the case differs from one that there is.
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let change = |objects| ProjectChange { objects, register_objects: true, ..ProjectChange::default() };
        let wrong = projects::update(db, ada, both, &change(names(&["Unicorn", "cat"])), id(ada), ACTOR).await;
        assert!(field(wrong).starts_with("objects"));
        assert!(objects::get(db, "Unicorn").await.is_err());
        projects::update(db, ada, both, &change(names(&["Unicorn", "Kitty"])), id(ada), ACTOR).await.unwrap();
        assert_eq!(projects::get(db, ada, both).await.unwrap().objects, ["Cat", "Unicorn"]);
        assert_eq!(objects::name_and_author(db, "Unicorn").await.unwrap(), ("Unicorn".to_owned(), Some(id(ada))));

        regions::save(db, &world.bob, world.pictures[0], None, &[rect(0.1, "Cat"), rect(0.3, "Dog")], id(&world.bob), NOW).await.unwrap();
        world.put(&world.bob, project, 0, WorkState::Done).await.unwrap();
        let members = project_progress::progress(db, ada, project).await.unwrap().members;
        assert_eq!(members.iter().find(|one| one.username == "bob").unwrap().regions, 2);
        ocellus::server::store::picture_changes::delete(db, world.pictures[0], Actor::user(id(ada), NOW)).await.unwrap();
        let progress = project_progress::progress(db, ada, project).await.unwrap();
        assert_eq!(progress.days.last().unwrap().pictures, WorkCounts { to_do: 5, ..WorkCounts::default() });
        projects::delete(db, ada, project, id(ada), ACTOR).await.unwrap();
        assert!(matches!(projects::get(db, ada, project).await, Err(StoreError::NotFound(_))));
        // With the dataset goes the other one.
        datasets::delete(db, ada, world.dataset, id(ada), ACTOR).await.unwrap();
        assert_eq!(projects::list(db, ada, &ProjectFilter::default(), ALL).await.unwrap().total, 0);
    }
}
