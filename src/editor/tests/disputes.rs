//! Stories about what two people did to the same regions: merging, and what a person has to decide.

use super::saving::*;
use super::*;

#[test]
fn what_is_held_while_somebody_else_deletes_it_stays_what_it_is() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0), box_at(2, 400.0, 0.0, 100.0, 100.0)];
    for gesture in ["press 50 50; move 50 60", "click 50 50; key Shift+ArrowDown"] {
        for (choice, expected) in [
            (Choice::Mine, vec!["Dog box 400 0 100 100", "Dog box 0 10 100 100"]),
            (Choice::Theirs, vec!["Dog box 400 0 100 100"]),
        ] {
            let mut server = Server::new(start.clone());
            let mut story = Story::new(start.clone());
            // The object in hand is another one than that of the region.
            story.play("object Cat").play(gesture);
            server.overwrite(vec![start[1].clone()]);
            story.input(Input::Outdated(server.annotations.clone()));
            assert!(story.editor.overlay().active.iter().any(|shape| shape.object == "Dog"));
            story.play("release 50 60; up");
            assert!(story.saw(&Effect::ShowConflicts));
            let [conflict] = story.editor.conflicts() else { panic!("{:?}", story.editor.conflicts()) };
            assert_eq!(conflict.theirs, None);
            story.input(Input::Resolve(conflict.key, choice));
            save(&mut story, &mut server);
            assert_eq!(server.regions(), expected, "{gesture}");
            assert_eq!(story.editor.status(), SaveStatus::Saved);
        }
    }
}

#[test]
fn what_is_held_while_somebody_else_moves_it_is_for_a_person_to_decide() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0)];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start);
    story.play("press 50 50; move 50 60");
    server.overwrite(vec![Region { object: "Bird".to_owned(), ..box_at(1, 500.0, 0.0, 100.0, 100.0) }]);
    story.input(Input::Outdated(server.annotations.clone()));
    story.play("release 50 60");
    assert_eq!(story.regions(), ["Bird box 0 10 100 100"]);
    assert_eq!(story.editor.conflicts().len(), 1);
    // A gesture that ends where it began changes nothing.
    let key = story.editor.conflicts()[0].key;
    story.input(Input::Resolve(key, Choice::Theirs));
    story.play("press 550 50; move 560 60");
    server.overwrite(Vec::new());
    story.input(Input::Outdated(server.annotations.clone()));
    story.play("move 550 50; release 550 50");
    assert!(story.regions().is_empty() && story.editor.conflicts().is_empty());
}

#[test]
fn what_two_people_changed_is_merged_region_by_region() {
    let start = vec![
        box_at(1, 0.0, 0.0, 100.0, 100.0),
        box_at(2, 200.0, 0.0, 100.0, 100.0),
        box_at(3, 400.0, 0.0, 100.0, 100.0),
        box_at(4, 600.0, 0.0, 100.0, 100.0),
    ];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start.clone());
    // Mine: move 1, relabel 2, delete 3, add a point.
    story.play(
        "click 50 50; drag 50 50 50 60; click 250 50; object Cat; click 450 50; key Delete; key p; click 500 400",
    );
    // Theirs: move 2, delete 4, add a box.
    let mut theirs = start;
    theirs[1] = box_at(2, 200.0, 300.0, 100.0, 100.0);
    theirs.remove(3);
    theirs.push(Region { id: None, ..box_at(0, 800.0, 0.0, 100.0, 100.0) });
    server.overwrite(theirs);
    save(&mut story, &mut server);
    assert!(story.editor.conflicts().is_empty());
    save(&mut story, &mut server);
    let expected = ["Dog box 0 10 100 100", "Cat box 200 300 100 100", "Dog box 800 0 100 100", "Cat point 500 400"];
    assert_eq!(story.regions(), expected);
    assert_eq!(server.regions(), expected);
    assert_eq!(story.editor.status(), SaveStatus::Saved);
}

/// Ada and Bob move the same box, change a box that the other one deletes, and Ada is asked.
pub(super) fn disputed() -> (Story, Server) {
    let start = vec![
        box_at(1, 0.0, 0.0, 100.0, 100.0),
        box_at(2, 200.0, 0.0, 100.0, 100.0),
        box_at(3, 400.0, 0.0, 100.0, 100.0),
    ];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start);
    // Mine: move 1, delete 2, move 3. Theirs: move 1 and 2 elsewhere, delete 3.
    story.play("click 50 50; drag 50 50 50 60; click 250 50; key Delete; click 450 50; drag 450 50 450 100");
    server.overwrite(vec![box_at(1, 0.0, 300.0, 100.0, 100.0), box_at(2, 200.0, 300.0, 100.0, 100.0)]);
    save(&mut story, &mut server);
    assert_eq!(story.editor.conflicts().len(), 3);
    (story, server)
}

/// Each choice that a person has in [`disputed`], and the regions that are left when all is decided by it.
fn choices() -> [(Choice, Vec<&'static str>); 2] {
    [
        (Choice::Mine, vec!["Dog box 0 10 100 100", "Dog box 400 50 100 100"]),
        (Choice::Theirs, vec!["Dog box 0 300 100 100", "Dog box 200 300 100 100"]),
    ]
}

/// The person decides everything the same way.
fn decide(story: &mut Story, choice: Choice) {
    for conflict in story.editor.conflicts().to_vec() {
        story.input(Input::Resolve(conflict.key, choice));
    }
}

/// The person is asked about everything, and nothing is sent before it is decided.
fn check_asked(story: &mut Story) {
    assert!(story.saw(&Effect::ShowConflicts));
    assert_eq!(story.editor.status(), SaveStatus::Conflicts(3));
    assert!(request(story).is_none(), "nothing is overwritten before it is decided");
}

/// What is left is saved, in any order.
fn check_saved(story: &mut Story, server: &mut Server, expected: &[&str]) {
    save(story, server);
    let mut regions = server.regions();
    regions.sort();
    assert_eq!(regions, expected);
    assert_eq!(story.editor.status(), SaveStatus::Saved);
}

#[test]
fn a_person_decides_what_cannot_be_merged() {
    for (choice, expected) in choices() {
        let (mut story, mut server) = disputed();
        check_asked(&mut story);
        decide(&mut story, choice);
        check_saved(&mut story, &mut server, &expected);
    }
}

#[test]
fn a_conflict_that_was_left_open_is_asked_about_again() {
    for (choice, expected) in choices() {
        let (mut story, mut server) = disputed();
        for _ in 0..3 {
            story = come_back(&story, &mut server);
            check_asked(&mut story);
        }
        decide(&mut story, choice);
        // What is decided stays decided.
        story = come_back(&story, &mut server);
        assert!(story.editor.conflicts().is_empty());
        check_saved(&mut story, &mut server, &expected);
    }
}

#[test]
fn a_conflict_that_nobody_has_any_more_is_not_asked_about() {
    let (story, mut server) = disputed();
    // They put the first box back, make of the second what was made of it here, and leave the third deleted.
    server.overwrite(vec![box_at(1, 0.0, 0.0, 100.0, 100.0)]);
    let mut later = come_back(&story, &mut server);
    let [conflict] = later.editor.conflicts() else { panic!("{:?}", later.editor.conflicts()) };
    assert_eq!(conflict.theirs, None);
    later.input(Input::Resolve(conflict.key, Choice::Theirs));
    save(&mut later, &mut server);
    assert_eq!(server.regions(), ["Dog box 0 10 100 100"]);
}

#[test]
fn a_dispute_outlives_the_answer_to_what_was_under_way() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0)];
    for answer in ["outdated", "lost, but arrived", "lost", "saved"] {
        for leaves in [false, true] {
            let mut server = Server::new(start.clone());
            let mut story = Story::new(start.clone());
            // While the box is held, somebody else moves it; its new object is under way when it is let go.
            story.play("click 50 50; object Cat; press 50 50; move 50 60");
            server.overwrite(vec![box_at(1, 500.0, 0.0, 100.0, 100.0)]);
            story.input(Input::Outdated(server.annotations.clone()));
            let sent = request(&mut story).unwrap();
            story.play("release 50 60");
            assert_eq!(story.editor.conflicts().len(), 1);
            match answer {
                "outdated" => {
                    server.overwrite(vec![box_at(1, 500.0, 100.0, 100.0, 100.0)]);
                    let newest = server.post(sent);
                    story.input(newest);
                }
                "saved" => {
                    let saved = server.post(sent);
                    story.input(saved);
                }
                lost => {
                    if lost == "lost, but arrived" {
                        server.post(sent);
                    }
                    story.input(Input::SaveFailed(Trouble::Offline));
                }
            }
            if leaves {
                story = come_back(&story, &mut server);
            }
            assert_eq!(story.editor.status(), SaveStatus::Conflicts(1), "{answer}, {leaves}");
            assert!(request(&mut story).is_none());
            assert_eq!(story.regions(), ["Cat box 0 10 100 100"]);
            let theirs = server.annotations.regions[0].shape.clone();
            let [conflict] = story.editor.conflicts() else { panic!("{:?}", story.editor.conflicts()) };
            assert_eq!(conflict.theirs.as_ref().map(|theirs| theirs.shape.clone()), Some(theirs));
            story.input(Input::Resolve(conflict.key, Choice::Mine));
            for _ in 0..2 {
                save(&mut story, &mut server);
            }
            assert_eq!(server.regions(), ["Cat box 0 10 100 100"], "{answer}, {leaves}");
        }
    }
}

/// What hands that are after the same few regions do.
fn any_quarrel() -> impl Strategy<Value = Input> {
    let nudge = |keys: &'static str| command_for(keys, false, false, false).map(Input::Command);
    let mut inputs: Vec<Input> =
        ["ArrowLeft", "ArrowRight", "ArrowUp", "Delete"].into_iter().filter_map(nudge).collect();
    inputs.extend((1..=3).map(|key| Input::Choose(Some(Key(key)))));
    inputs.extend([Input::PickObject("Cat".to_owned()), Input::NudgeEnd, Input::NudgeEnd]);
    inputs.extend(command_for("z", true, false, false).map(Input::Command));
    prop::sample::select(inputs)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever two people and a bad line do: who leaves while a conflict is open and comes back is asked about it again,
    /// unless there is nothing left to decide.
    #[test]
    fn leaving_decides_nothing(steps in prop::collection::vec((any::<bool>(), 0..8u8, any_quarrel()), 1..80)) {
        let start = vec![box_at(1, 100.0, 100.0, 200.0, 200.0), box_at(2, 600.0, 150.0, 50.0, 50.0)];
        let mut server = Server::new(start.clone());
        let mut people = [Story::new(start.clone()), Story::new(start)];
        let mut under_way: [Option<Delta>; 2] = [None, None];
        for (who, what, input) in steps {
            let (story, under_way) = (&mut people[usize::from(who)], &mut under_way[usize::from(who)]);
            story.input(input);
            match (what, under_way.take()) {
                (0 | 1, None) => *under_way = request(story),
                (0 | 1, Some(sent)) => {
                    let answer = server.post(sent);
                    story.input(answer);
                }
                (2, Some(sent)) => {
                    server.post(sent);
                    story.input(Input::SaveFailed(Trouble::Offline));
                }
                (3, Some(_)) => story.input(Input::SaveFailed(Trouble::Offline)),
                (_, still) => *under_way = still,
            }
            let later = come_back(story, &mut server);
            for Conflict { key, base, .. } in story.editor.conflicts() {
                let id = story.editor.document().id_of(*key);
                let of_id = |regions: &[Region]| regions.iter().find(|region| region.id == id).cloned();
                let theirs = of_id(&server.annotations.regions);
                let mine = story.editor.document().get(*key).cloned();
                let here: Vec<Region> = later.editor.document().items().iter().map(|item| item.region.clone()).collect();
                let asked = later.editor.conflicts().iter().any(|again| later.editor.document().id_of(again.key) == id);
                let shape = |region: &Option<Region>| region.as_ref().map(|region| region.shape.clone());
                let (here, theirs, base, mine) = (shape(&of_id(&here)), shape(&theirs), shape(base), shape(&mine));
                // Nothing to decide: they took their shape back, or it is the one that is here.
                prop_assert!(asked || here == theirs || theirs == base, "{:?} {:?} {:?} {:?}", base, mine, theirs, here);
            }
        }
    }
}

#[test]
fn what_is_sent_goes_again_after_its_answer_was_given_up_in_a_conflict() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0)];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start);
    story.play("object Cat; key b; drag 200 100 300 200; key v; press 50 50; move 50 60");
    server.overwrite(vec![box_at(1, 500.0, 0.0, 100.0, 100.0)]);
    story.input(Input::Outdated(server.annotations.clone()));
    story.input(Input::Save);
    story.play("release 50 60");
    let [conflict] = story.editor.conflicts() else { panic!("{:?}", story.editor.conflicts()) };
    let key = conflict.key;
    // Somebody leaves the picture and comes back.
    story.editor.give_up_answer();
    story.input(Input::Resolve(key, Choice::Mine));
    // First what was sent before, then the decision.
    save(&mut story, &mut server);
    save(&mut story, &mut server);
    assert_eq!(story.editor.status(), SaveStatus::Saved);
    assert_eq!(server.regions(), ["Dog box 0 10 100 100", "Cat box 200 100 100 100"]);
}
