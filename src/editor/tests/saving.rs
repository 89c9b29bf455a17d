//! Stories about saving: answers, trouble, merging, drafts.

use super::*;

/// A server with one picture.
#[derive(Clone)]
pub(super) struct Server {
    pub annotations: Annotations,
    next_id: i64,
}

impl Server {
    pub fn new(regions: Vec<Region>) -> Self {
        Self { annotations: Annotations { revision: 3, regions }, next_id: 1000 }
    }

    pub fn put(&mut self, request: SaveRequest) -> Input {
        if request.revision != self.annotations.revision {
            return Input::Outdated(self.annotations.clone());
        }
        self.overwrite(request.regions);
        Input::Saved(self.annotations.clone())
    }

    fn overwrite(&mut self, mut regions: Vec<Region>) {
        for region in &mut regions {
            if region.id.is_none() {
                self.next_id += 1;
                region.id = Some(self.next_id);
            }
        }
        self.annotations = Annotations { revision: self.annotations.revision + 1, regions };
    }

    pub fn regions(&self) -> Vec<String> {
        self.annotations.regions.iter().map(in_words).collect()
    }
}

pub(super) fn request(story: &mut Story) -> Option<SaveRequest> {
    story.effects.clear();
    story.input(Input::Save);
    story.effects.drain(..).find_map(|effect| match effect {
        Effect::Send(request) => Some(request),
        _ => None,
    })
}

pub(super) fn save(story: &mut Story, server: &mut Server) {
    if let Some(request) = request(story) {
        let answer = server.put(request);
        story.input(answer);
    }
}

#[test]
fn saving_adopts_ids_and_keeps_what_was_changed_meanwhile() {
    let mut server = Server::new(Vec::new());
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key b; drag 100 100 200 200; drag 300 100 400 200; key v");
    let sent = request(&mut story).unwrap();
    assert_eq!(story.editor.status(), SaveStatus::Saving(2));
    story.play("click 150 150; drag 150 150 160 150; click 350 150; key Delete; key p; click 600 300");
    assert!(request(&mut story).is_none(), "one request at a time");
    let answer = server.put(sent);
    story.input(answer);
    assert_eq!(story.regions(), ["Cat box 110 100 100 100", "Cat point 600 300"]);
    assert_eq!(story.editor.document().items()[0].region.id, Some(1001));
    assert_eq!(story.editor.status(), SaveStatus::Unsaved(3));
    assert!(story.saw(&Effect::Changed), "the rest is saved next");
    save(&mut story, &mut server);
    assert_eq!(server.regions(), story.regions());
    assert_eq!(story.editor.status(), SaveStatus::Saved);
    check_history(&story.editor);
    story.play("key Ctrl+z; key Ctrl+z");
    save(&mut story, &mut server);
    assert_eq!(server.annotations.regions[1].id, Some(1002), "an undone deletion revives the same region");
}

#[test]
fn trouble_loses_nothing() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key b; drag 100 100 200 200");
    for (trouble, again) in
        [(Trouble::Offline, true), (Trouble::SignedOut, true), (Trouble::Refused("no".to_owned()), true)]
    {
        assert!(request(&mut story).is_some());
        story.input(Input::SaveFailed(trouble.clone()));
        assert_eq!(story.editor.status(), SaveStatus::Trouble(1, trouble));
        assert_eq!(story.editor.draft().is_some(), again);
    }
    let mut server = Server::new(Vec::new());
    save(&mut story, &mut server);
    assert_eq!((server.regions(), story.editor.status()), (story.regions(), SaveStatus::Saved));
}

#[test]
fn an_answer_that_got_lost_makes_no_doubles() {
    let mut server = Server::new(Vec::new());
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key b; drag 100 100 200 200");
    let sent = request(&mut story).unwrap();
    server.put(sent);
    story.input(Input::SaveFailed(Trouble::Offline));
    story.play("drag 300 100 400 200");
    save(&mut story, &mut server);
    save(&mut story, &mut server);
    assert_eq!(server.regions(), ["Cat box 100 100 100 100", "Cat box 300 100 100 100"]);
    assert_eq!(story.editor.status(), SaveStatus::Saved);
    check_history(&story.editor);
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

#[test]
fn a_person_decides_what_cannot_be_merged() {
    let start = vec![
        box_at(1, 0.0, 0.0, 100.0, 100.0),
        box_at(2, 200.0, 0.0, 100.0, 100.0),
        box_at(3, 400.0, 0.0, 100.0, 100.0),
    ];
    for (choice, expected) in [
        (Choice::Mine, vec!["Dog box 0 10 100 100", "Dog box 400 50 100 100"]),
        (Choice::Theirs, vec!["Dog box 0 300 100 100", "Dog box 200 300 100 100"]),
    ] {
        let mut server = Server::new(start.clone());
        let mut story = Story::new(start.clone());
        // Mine: move 1, delete 2, move 3. Theirs: move 1 and 2 elsewhere, delete 3.
        story.play("click 50 50; drag 50 50 50 60; click 250 50; key Delete; click 450 50; drag 450 50 450 100");
        server.overwrite(vec![box_at(1, 0.0, 300.0, 100.0, 100.0), box_at(2, 200.0, 300.0, 100.0, 100.0)]);
        save(&mut story, &mut server);
        assert!(story.saw(&Effect::ShowConflicts));
        assert_eq!(story.editor.status(), SaveStatus::Conflicts(3));
        assert!(request(&mut story).is_none(), "nothing is overwritten before it is decided");
        for conflict in story.editor.conflicts().to_vec() {
            story.input(Input::Resolve(conflict.key, choice));
        }
        save(&mut story, &mut server);
        let mut regions = server.regions();
        regions.sort();
        assert_eq!(regions, expected);
        assert_eq!(story.editor.status(), SaveStatus::Saved);
    }
}

#[test]
fn a_draft_survives_the_browser() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0), box_at(2, 200.0, 0.0, 100.0, 100.0)];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start.clone());
    assert_eq!(story.editor.draft(), None);
    story.play("click 50 50; drag 50 50 50 60; click 250 50; key Delete; key b; drag 500 100 600 200");
    let draft = story.editor.draft().unwrap();
    let draft: Draft = serde_json::from_str(&serde_json::to_string(&draft).unwrap()).unwrap();

    // Somebody else adds a region before the person comes back.
    let mut theirs = start;
    theirs.push(Region { id: None, ..box_at(0, 800.0, 0.0, 100.0, 100.0) });
    server.overwrite(theirs);
    let mut later = Story::new(Vec::new());
    later.editor = Editor::new(Size::new(1000.0, 500.0), server.annotations.clone(), Access::Write);
    later.editor.restore(draft);
    check_invariants(&later.editor);
    assert_eq!(later.regions(), ["Dog box 0 10 100 100", "Dog box 800 0 100 100", "? box 500 100 100 100"]);
    let pending = later.editor.document().items()[2].key;
    later.input(Input::Choose(Some(pending)));
    later.play("object Cat");
    save(&mut later, &mut server);
    assert_eq!(server.regions(), later.regions());
    assert_eq!(later.editor.draft(), None);
}
