//! Stories about saving: answers, trouble, drafts.

use super::*;

/// A server with one picture.
#[derive(Clone)]
pub(super) struct Server {
    pub annotations: Annotations,
    next_id: i64,
    /// What it answered to each delta that it took.
    answers: BTreeMap<String, (Delta, DeltaAnswer)>,
    /// Objects that have another name by now.
    pub renamed: BTreeMap<String, String>,
}

impl Server {
    pub fn new(regions: Vec<Region>) -> Self {
        Self {
            annotations: Annotations { revision: 3, regions },
            next_id: 1000,
            answers: BTreeMap::new(),
            renamed: BTreeMap::new(),
        }
    }

    pub fn post(&mut self, delta: Delta) -> Input {
        if let Some((first, answer)) = self.answers.get(&delta.id) {
            assert_eq!(first, &delta, "what is sent again is the same");
            return Input::Delivered(answer.clone());
        }
        if delta.revision != self.annotations.revision {
            return Input::Outdated(self.annotations.clone());
        }
        let mut list = std::mem::take(&mut self.annotations.regions);
        list.retain(|region| {
            !delta.changes.iter().any(|change| match change {
                DeltaChange::Put { put, position } => position.is_some() && put.id == region.id,
                DeltaChange::Delete { delete } => Some(*delete) == region.id,
            })
        });
        let mut regions = Vec::new();
        let mut placed = Vec::new();
        for change in &delta.changes {
            let DeltaChange::Put { put, position } = change else {
                regions.push(None);
                continue;
            };
            assert!(!put.object.is_empty(), "what waits for its object stays behind");
            self.next_id += 1;
            let object = self.renamed.get(&put.object).unwrap_or(&put.object).clone();
            let region = Region { id: put.id.or(Some(self.next_id)), object, ..put.clone() };
            regions.push(Some(region.clone()));
            match (position, list.iter_mut().find(|known| known.id == region.id)) {
                (Some(position), _) => placed.push((*position, region)),
                (None, Some(known)) => *known = region,
                (None, None) => list.push(region),
            }
        }
        for (position, region) in placed {
            list.insert(position, region);
        }
        self.annotations = Annotations { revision: self.annotations.revision + 1, regions: list };
        let answer = DeltaAnswer { revision: self.annotations.revision, regions };
        self.answers.insert(delta.id.clone(), (delta, answer.clone()));
        Input::Delivered(answer)
    }

    pub fn overwrite(&mut self, mut regions: Vec<Region>) {
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

pub(super) fn request(story: &mut Story) -> Option<Delta> {
    story.effects.clear();
    story.input(Input::Save);
    story.effects.drain(..).find_map(|effect| match effect {
        Effect::Send(request) => Some(request),
        _ => None,
    })
}

pub(super) fn save(story: &mut Story, server: &mut Server) {
    if let Some(request) = request(story) {
        let answer = server.post(request);
        story.input(answer);
    }
}

/// What a browser keeps of a visit: parts, as text.
#[derive(Clone, Default)]
pub(super) struct Browser {
    head: Option<String>,
    outstanding: Option<String>,
    ids: BTreeMap<u64, String>,
    changes: BTreeMap<u64, String>,
    entries: BTreeMap<u64, String>,
}

impl Browser {
    /// Writes what is new of a visit.
    pub fn keep(&mut self, editor: &mut Editor) {
        let update = editor.take_log();
        if update.is_empty() {
            *self = Self::default();
            return;
        }
        if update.replaces_ids() {
            self.ids.clear();
        }
        if let Some(outstanding) = update.outstanding {
            self.outstanding = outstanding.map(|outstanding| serde_json::to_string(&outstanding).unwrap());
        }
        if let Some((number, part)) = update.ids {
            let before = self.ids.insert(number, serde_json::to_string(&part).unwrap());
            assert_eq!(before, None, "no part is written over another");
        }
        if update.replaces_changes {
            self.changes.clear();
        }
        for (number, sheet) in update.changes {
            match sheet.is_empty() {
                false => self.changes.insert(number, serde_json::to_string(&sheet).unwrap()),
                true => self.changes.remove(&number),
            };
        }
        for (number, entry) in update.entries {
            self.entries.insert(number, serde_json::to_string(&entry).unwrap());
        }
        let Span { first, end, .. } = update.head.history;
        self.entries.retain(|number, _| (first..end).contains(number));
        assert_eq!(self.entries.len() as u64, end - first, "every entry is kept");
        self.head = Some(serde_json::to_string(&update.head).unwrap());
    }

    pub fn log(&self) -> Option<Log> {
        Some(Log {
            head: serde_json::from_str(self.head.as_ref()?).unwrap(),
            outstanding: self.outstanding.as_ref().map(|part| serde_json::from_str(part).unwrap()),
            ids: self.ids.values().flat_map(|part| serde_json::from_str::<Vec<_>>(part).unwrap()).collect(),
            changes: self.changes.values().flat_map(|sheet| serde_json::from_str::<Vec<_>>(sheet).unwrap()).collect(),
            entries: self.entries.values().map(|entry| serde_json::from_str(entry).unwrap()).collect(),
        })
    }

    /// Whether there is work in it that the server may not have.
    pub fn has_unsaved(&self) -> bool {
        self.log().is_some_and(|log| log.head.unsaved)
    }
}

/// A later visit to the same picture.
fn reopened(server: &Server) -> Story {
    let Annotations { revision, regions } = server.annotations.clone();
    let mut story = Story::new(Vec::new());
    story.editor = Editor::new(Size::new(1000.0, 500.0), Annotations { revision, regions }, Access::Write);
    story.editor.name_visit(name());
    story.editor.handle(Input::Resize(Size::new(1032.0, 532.0)));
    story
}

/// A later visit that goes on from what the browser kept, as the page does it.
fn gone_on(browser: &Browser, server: &mut Server) -> Story {
    let mut later = reopened(server);
    if let Some(mut log) = browser.log() {
        let mut newest = None;
        if let Some(delta) = log.outstanding().cloned() {
            match server.post(delta) {
                Input::Delivered(answer) => log.settle(Some(answer)),
                _ => log.settle(None),
            }
            newest = Some(server.annotations.clone());
        }
        later.effects = later.editor.restore(log, newest);
        later.browser.keep(&mut later.editor);
    }
    check_invariants(&later.editor);
    later
}

/// The person leaves, and comes back to what their browser kept.
pub(super) fn come_back(story: &Story, server: &mut Server) -> Story {
    gone_on(&story.browser, server)
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
    let answer = server.post(sent);
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
        assert_eq!(story.browser.has_unsaved(), again);
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
    server.post(sent);
    story.input(Input::SaveFailed(Trouble::Offline));
    story.play("drag 300 100 400 200");
    save(&mut story, &mut server);
    save(&mut story, &mut server);
    assert_eq!(server.regions(), ["Cat box 100 100 100 100", "Cat box 300 100 100 100"]);
    assert_eq!(story.editor.status(), SaveStatus::Saved);
    check_history(&story.editor);
}

/// What is unsaved goes to the server and arrives, but the answer does not come back.
pub(super) fn save_unanswered(story: &mut Story, server: &mut Server) {
    if let Some(request) = request(story) {
        server.post(request);
        story.input(Input::SaveFailed(Trouble::Offline));
    }
}

#[test]
fn what_was_changed_after_a_lost_answer_is_neither_doubled_nor_revived() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0)];
    let drawn = "object Cat; key b; drag 200 100 300 200; key v";
    for (then, expected) in [
        ("", vec!["Dog box 0 0 100 100", "Cat box 200 100 100 100"]),
        ("drag 250 150 250 250", vec!["Dog box 0 0 100 100", "Cat box 200 200 100 100"]),
        ("click 250 150; object Bird", vec!["Dog box 0 0 100 100", "Bird box 200 100 100 100"]),
        ("click 250 150; key Delete", vec!["Dog box 0 0 100 100"]),
        ("click 50 50; key Delete; key Ctrl+z", vec!["Dog box 0 0 100 100", "Cat box 200 100 100 100"]),
    ] {
        for lost_twice in [false, true] {
            let mut server = Server::new(start.clone());
            let mut story = Story::new(start.clone());
            story.play(drawn);
            save_unanswered(&mut story, &mut server);
            story.play(then);
            if lost_twice {
                save_unanswered(&mut story, &mut server);
            }
            save(&mut story, &mut server);
            assert!(story.editor.conflicts().is_empty(), "{then}: {:?}", story.editor.conflicts());
            save(&mut story, &mut server);
            assert_eq!(story.regions(), expected, "{then}");
            assert_eq!(server.regions(), expected, "{then}");
            assert_eq!(story.editor.status(), SaveStatus::Saved);
            check_history(&story.editor);
        }
    }
}

#[test]
fn a_lost_deletion_can_be_undone() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0)];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start);
    story.play("click 50 50; key Delete");
    save_unanswered(&mut story, &mut server);
    story.play("key Ctrl+z; key Escape; object Cat; key p; click 500 300");
    for _ in 0..2 {
        save(&mut story, &mut server);
    }
    assert_eq!(server.regions(), ["Dog box 0 0 100 100", "Cat point 500 300"]);
    assert_eq!(server.annotations.regions[0].id, Some(1));
}

#[test]
fn somebody_else_saves_after_an_answer_was_lost() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0)];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start);
    story.play("object Cat; key b; drag 200 100 300 200; key v; click 50 50; drag 50 50 50 60");
    save_unanswered(&mut story, &mut server);
    // They have seen all of it when they add a box and delete the one that was moved; then the new region is moved on here.
    let mut theirs = server.annotations.regions.clone();
    theirs.remove(0);
    theirs.push(Region { id: None, ..box_at(0, 800.0, 0.0, 100.0, 100.0) });
    server.overwrite(theirs);
    story.play("click 250 150; drag 250 150 260 150");
    for _ in 0..3 {
        save(&mut story, &mut server);
    }
    assert!(story.editor.conflicts().is_empty());
    assert_eq!(server.regions(), ["Cat box 210 100 100 100", "Dog box 800 0 100 100"]);
}

#[test]
fn a_draft_knows_what_was_sent_without_an_answer() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0), box_at(2, 400.0, 0.0, 100.0, 100.0)];
    for answered in [false, true] {
        let mut server = Server::new(start.clone());
        let mut story = Story::new(start.clone());
        story.play("object Cat; key b; drag 200 100 300 200; drag 200 300 300 400; key v; click 450 50; key Delete");
        let sent = request(&mut story).unwrap();
        server.post(sent);
        if answered {
            story.input(Input::SaveFailed(Trouble::Offline));
        }
        // One is moved, one deleted, and one deletion undone, before the browser crashes.
        story.play("key Ctrl+z; click 250 150; drag 250 150 250 140; click 250 350; key Delete");
        let mut later = come_back(&story, &mut server);
        assert!(later.editor.conflicts().is_empty());
        save(&mut later, &mut server);
        let mut regions = server.regions();
        regions.sort();
        assert_eq!(regions, ["Cat box 200 90 100 100", "Dog box 0 0 100 100", "Dog box 400 0 100 100"]);
        assert!(!later.browser.has_unsaved());
    }
}

#[test]
fn turning_away_keeps_what_the_hands_hold() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0)];
    for (script, expected) in [
        ("click 50 50; key ArrowRight; away", vec!["Dog box 1 0 100 100"]),
        ("press 50 50; move 60 50; away", vec!["Dog box 10 0 100 100"]),
        ("press 50 50; away; move 90 90; release 90 90", vec!["Dog box 0 0 100 100"]),
        (
            "object Cat; key b; press 200 200; move 300 300; away",
            vec!["Dog box 0 0 100 100", "Cat box 200 200 100 100"],
        ),
        ("object Cat; key b; press 200 200; move 201 201; away", vec!["Dog box 0 0 100 100"]),
        (
            "object Cat; key l; click 10 300; press 60 300; away; release 60 300; click 90 300; key Enter",
            vec!["Dog box 0 0 100 100", "Cat polyline 10 300, 60 300, 90 300"],
        ),
    ] {
        let mut story = Story::new(start.clone());
        story.play(script);
        assert_eq!(story.regions(), expected, "{script}");
        check_history(&story.editor);
    }
}

#[test]
fn a_sketch_survives_the_browser() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key g; click 10 10; click 110 10");
    assert!(story.editor.has_unsaved());
    let mut later = come_back(&story, &mut Server::new(Vec::new()));
    later.play("object Cat; click 10 110; key Enter");
    assert_eq!(later.regions(), ["Cat polygon 10 10, 110 10, 10 110"]);
    story.play("key Escape");
    assert!(!story.editor.has_unsaved());
    assert!(!story.browser.has_unsaved());
}

#[test]
fn a_draft_survives_the_browser() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0), box_at(2, 200.0, 0.0, 100.0, 100.0)];
    let mut server = Server::new(start.clone());
    let mut story = Story::new(start.clone());
    assert!(!story.browser.has_unsaved());
    story.play("click 50 50; drag 50 50 50 60; click 250 50; key Delete; key b; drag 500 100 600 200");
    // Somebody else adds a region before the person comes back.
    let mut theirs = start;
    theirs.push(Region { id: None, ..box_at(0, 800.0, 0.0, 100.0, 100.0) });
    server.overwrite(theirs);
    let mut later = come_back(&story, &mut server);
    assert_eq!(later.regions(), ["Dog box 0 10 100 100", "Dog box 800 0 100 100", "? box 500 100 100 100"]);
    let pending = later.editor.document().items()[2].key;
    later.input(Input::Choose(Some(pending)));
    later.play("object Cat");
    save(&mut later, &mut server);
    assert_eq!(server.regions(), later.regions());
    assert!(!later.browser.has_unsaved());
}

#[test]
fn undoing_the_object_of_what_is_saved_is_a_change_to_save() {
    let mut server = Server::new(Vec::new());
    let mut story = Story::new(Vec::new());
    story.play("key b; drag 100 100 200 200; object Cat");
    save(&mut story, &mut server);
    let id = server.annotations.regions[0].id;
    story.play("key Ctrl+z");
    assert_eq!(story.editor.status(), SaveStatus::Unsaved(1));
    save(&mut story, &mut server);
    assert!(server.regions().is_empty());
    assert_eq!(
        (story.regions(), story.editor.status()),
        (vec!["? box 100 100 100 100".into()], SaveStatus::Pending(1))
    );
    story.play("key Ctrl+Shift+z");
    save(&mut story, &mut server);
    assert_eq!((server.regions(), server.annotations.regions[0].id), (story.regions(), id));
}

#[test]
fn an_object_with_another_name_by_now_is_taken_over() {
    let mut server = Server::new(Vec::new());
    server.renamed.insert("Cat".to_owned(), "House cat".to_owned());
    for lost in [false, true] {
        let mut story = reopened(&server);
        story.play("object Cat; key b; drag 100 100 200 200");
        if lost {
            save_unanswered(&mut story, &mut server);
            story.play("key v; click 150 150; drag 150 150 160 150");
            story = come_back(&story, &mut server);
        }
        save(&mut story, &mut server);
        assert_eq!(story.regions(), server.regions());
        assert!(story.regions().iter().all(|region| region.starts_with("House cat")));
        assert_eq!(story.editor.status(), SaveStatus::Saved);
        assert!(lost || story.editor.can(Command::Undo));
    }
}

#[test]
fn what_was_done_can_be_undone_after_a_reload() {
    let mut server = Server::new(vec![box_at(1, 0.0, 0.0, 100.0, 100.0)]);
    let mut story = reopened(&server);
    story.play("object Cat; key b; drag 200 100 300 200; key v; click 50 50; key Delete");
    save(&mut story, &mut server);
    story.play("key p; click 600 300; key Ctrl+z; key Ctrl+z");
    let reached = story.regions();
    for saved_before in [false, true] {
        if saved_before {
            save(&mut story, &mut server);
        }
        let mut later = come_back(&story, &mut server);
        assert_eq!(later.regions(), reached);
        check_history(&later.editor);
        later.play("key Ctrl+Shift+z; key Ctrl+Shift+z");
        assert_eq!(later.regions(), ["Cat box 200 100 100 100", "Cat point 600 300"]);
        later.play("key Ctrl+z; key Ctrl+z; key Ctrl+z");
        assert_eq!(later.regions(), ["Dog box 0 0 100 100"]);
        assert!(!later.editor.can(Command::Undo));
        // What came back to life is the region that it was.
        assert_eq!(later.editor.document().items()[0].region.id, Some(1));
    }
}

#[test]
fn what_somebody_else_changed_meanwhile_cannot_be_undone_after_a_reload() {
    let mut server = Server::new(vec![box_at(1, 0.0, 0.0, 100.0, 100.0), box_at(2, 400.0, 0.0, 100.0, 100.0)]);
    let mut story = reopened(&server);
    story.play("click 50 50; drag 50 50 60 50; click 450 50; drag 450 50 460 50");
    save(&mut story, &mut server);
    let second = server.annotations.regions[1].clone();
    server.overwrite(vec![box_at(1, 10.0, 300.0, 100.0, 100.0), second]);
    let mut later = come_back(&story, &mut server);
    later.play("key Ctrl+z");
    assert_eq!(later.regions(), ["Dog box 10 300 100 100", "Dog box 400 0 100 100"]);
    assert!(!later.editor.can(Command::Undo));
}

#[test]
fn a_region_that_waits_below_others_comes_to_its_place() {
    let mut server = Server::new(Vec::new());
    let mut story = reopened(&server);
    story.play("key b; drag 100 100 200 200; object Cat; key Ctrl+z");
    let waiting = story.editor.document().items()[0].key;
    story.play("key Escape; key p; click 600 300; key Escape");
    for key in story.editor.document().items().iter().skip(1).map(|item| item.key).collect::<Vec<_>>() {
        story.input(Input::Choose(Some(key)));
        story.input(Input::PickObject("Dog".to_owned()));
    }
    save(&mut story, &mut server);
    assert_eq!(
        (server.regions(), story.editor.status()),
        (vec!["Dog point 600 300".to_owned()], SaveStatus::Pending(1))
    );
    let mut later = come_back(&story, &mut server);
    assert_eq!(later.regions(), story.regions());
    later.play("choose 0; object Cat");
    save(&mut later, &mut server);
    assert_eq!(server.regions(), ["Cat box 100 100 100 100", "Dog point 600 300"]);
    story.input(Input::DeleteRegion(waiting));
    assert_eq!(story.editor.status(), SaveStatus::Saved);
}

#[test]
fn undoing_leaves_the_order_that_others_made() {
    let boxes: Vec<Region> = (0..4).map(|index| box_at(index + 1, 200.0 * index as f64, 100.0, 50.0, 50.0)).collect();
    let mut server = Server::new(boxes.clone());
    let mut story = Story::new(boxes.clone());
    story.play("drag 225 125 225 225");
    save(&mut story, &mut server);
    let others = server.annotations.regions.iter().filter(|region| region.id != Some(1)).cloned().collect();
    server.overwrite(others);
    story.input(Input::Newer(server.annotations.clone()));
    let ids = |story: &Story| story.editor.document().items().iter().map(|item| item.region.id).collect::<Vec<_>>();
    assert_eq!(ids(&story), [Some(2), Some(3), Some(4)]);
    story.play("key Ctrl+z");
    assert_eq!(ids(&story), [Some(2), Some(3), Some(4)]);
    assert_eq!(story.regions()[0], "Dog box 200 100 50 50");
    let delta = request(&mut story).unwrap();
    let [DeltaChange::Put { position: None, .. }] = &delta.changes[..] else { panic!("{delta:?}") };
    // The same where the history comes from an earlier visit.
    story.input(server.post(delta));
    let mut later = come_back(&story, &mut server);
    later.play("key Ctrl+y");
    assert_eq!(ids(&later), [Some(2), Some(3), Some(4)]);
}

#[test]
fn what_arrived_after_the_last_that_could_be_written_is_not_there_twice() {
    let other = box_at(1, 500.0, 300.0, 100.0, 100.0);
    for (script, written, expected) in [
        ("object Cat; key b; drag 100 100 200 200", "", vec!["Cat box 100 100 100 100"]),
        ("key b; drag 100 100 200 200", "object Cat", vec!["Cat box 100 100 100 100"]),
        // Two on the same place are two, where they show different things.
        (
            "object Bird; key b; drag 100 100 200 200",
            "choose 1; object Cat",
            vec!["Cat box 100 100 100 100", "Bird box 100 100 100 100"],
        ),
    ] {
        let mut server = Server::new(vec![other.clone()]);
        let mut story = reopened(&server);
        story.play(script);
        let browser = story.browser.clone();
        assert!(browser.has_unsaved());
        story.play(written);
        save(&mut story, &mut server);
        assert_eq!(story.editor.status(), SaveStatus::Saved);
        let mut later = gone_on(&browser, &mut server);
        save(&mut later, &mut server);
        assert_eq!(server.regions()[0], "Dog box 500 300 100 100");
        assert_eq!(server.regions()[1..], expected, "{script}");
        assert_eq!((later.regions(), later.editor.status()), (server.regions(), SaveStatus::Saved));
        assert!(later.editor.conflicts().is_empty());
    }
}

#[test]
fn a_twin_that_the_log_knows_is_another_region() {
    let mut server = Server::new(Vec::new());
    let mut story = reopened(&server);
    story.play("object Cat; key b; drag 100 100 200 200");
    save(&mut story, &mut server);
    story.play("key v; click 150 150; drag 150 150 450 150; key Escape; key b; drag 100 100 200 200");
    let both = ["Cat box 400 100 100 100", "Cat box 100 100 100 100"];
    assert_eq!(story.regions(), both);
    let mut later = come_back(&story, &mut server);
    assert_eq!(later.regions(), both);
    save(&mut later, &mut server);
    assert_eq!(server.regions(), both);
}

#[test]
fn a_twin_that_was_there_before_is_another_region() {
    let mut server = Server::new(vec![box_at(1, 100.0, 100.0, 100.0, 100.0)]);
    let mut story = reopened(&server);
    story.play("key b; drag 100 100 200 200");
    let both = ["Dog box 100 100 100 100", "? box 100 100 100 100"];
    assert_eq!(story.regions(), both);
    let later = come_back(&story, &mut server);
    assert_eq!(later.regions(), both);
}

#[test]
fn what_was_left_comes_back_to_who_has_drawn_and_saved() {
    let start = vec![box_at(1, 0.0, 0.0, 100.0, 100.0), box_at(2, 400.0, 0.0, 100.0, 100.0)];
    let mut server = Server::new(start.clone());
    let mut story = reopened(&server);
    story.play("drag 50 50 50 90; object Bird; key Escape; key b; drag 200 300 300 400; object Cat");
    let mut later = reopened(&server);
    later.play("click 450 50; drag 450 50 470 50; key Escape; drag 50 50 60 50; key Escape");
    assert!(!later.editor.can_restore(), "its own work comes first");
    save(&mut later, &mut server);
    assert!(later.editor.can_restore());
    later.effects = later.editor.restore(story.browser.log().unwrap(), Some(server.annotations.clone()));
    later.browser.keep(&mut later.editor);
    check_invariants(&later.editor);
    // Both have moved the first one: that is asked about, and all else is there.
    assert_eq!(later.editor.conflicts().len(), 1);
    assert!(later.saw(&Effect::ShowConflicts));
    assert_eq!(later.regions(), ["Bird box 0 40 100 100", "Dog box 420 0 100 100", "Cat box 200 300 100 100"]);
    let key = later.editor.conflicts()[0].key;
    later.input(Input::Resolve(key, Choice::Theirs));
    save(&mut later, &mut server);
    assert_eq!(later.editor.status(), SaveStatus::Saved);
    assert_eq!(server.regions(), later.regions());
    // What was done here before can still be undone, where nothing came over it.
    check_history(&later.editor);
    later.play("key Ctrl+z; key Ctrl+z; key Ctrl+z");
    assert!(later.regions().contains(&"Dog box 400 0 100 100".to_owned()));
}

#[test]
fn nothing_is_brought_in_while_the_hands_are_busy() {
    let server = Server::new(vec![box_at(1, 0.0, 0.0, 100.0, 100.0)]);
    for (script, can) in [
        ("", true),
        ("press 50 50", false),
        ("press 500 300; move 700 400", false),
        ("key l; click 500 300", false),
        ("press 50 50; release 50 50", true),
    ] {
        let mut story = reopened(&server);
        story.play(script);
        assert_eq!(story.editor.can_restore(), can, "{script}");
    }
}

#[test]
fn ids_that_are_written_anew_take_the_place_of_the_others() {
    let boxes: Vec<Region> = (0..3).map(|index| box_at(index + 1, 200.0 * index as f64, 100.0, 50.0, 50.0)).collect();
    let mut story = Story::new(boxes);
    story.play("drag 25 125 25 225; drag 225 125 225 225");
    assert_eq!(story.browser.ids.len(), 2);
    for _ in 0..3 {
        story.editor.forget_log();
        story.play("drag 425 125 425 130");
        assert_eq!(story.browser.ids.len(), 1, "no more than there has to be");
        let mut ids: Vec<i64> = story.browser.log().unwrap().ids.into_iter().map(|(_, id)| id).collect();
        ids.sort();
        assert_eq!(ids, [1, 2, 3]);
    }
}

#[test]
fn a_log_is_written_bit_by_bit() {
    let boxes: Vec<Region> = (0..40).map(|index| box_at(index + 1, 20.0 * index as f64, 100.0, 10.0, 10.0)).collect();
    let mut server = Server::new(boxes.clone());
    let mut story = Story::new(boxes);
    story.play("key Ctrl+a; key ArrowDown; up");
    save_unanswered(&mut story, &mut server);
    story.play("key Escape; drag 25 106 25 206");
    let log = story.browser.log().unwrap();
    assert_eq!((log.ids.len(), log.changes.len(), log.entries.len()), (40, 40, 2));
    assert!(log.outstanding().is_some());
    // What is there already is not written again.
    story.browser.keep(&mut story.editor);
    story.editor.handle(Input::PickObject("Cat".to_owned()));
    let update = story.editor.take_log();
    assert_eq!((update.ids, update.outstanding, update.changes.len(), update.entries.len()), (None, None, 1, 1));
    assert!(serde_json::to_string(&update.head).unwrap().len() < 200);
    // A log that could not be written is written anew.
    story.editor.forget_log();
    let update = story.editor.take_log();
    let ids = update.ids.map(|(_, ids)| ids.len());
    let regions: usize = update.changes.iter().map(|(_, sheet)| sheet.len()).sum();
    assert_eq!((ids, regions, update.entries.len()), (Some(40), 40, 3));
    assert!(update.outstanding.flatten().is_some());
}

#[test]
fn many_regions_are_written_on_few_sheets_which_go_with_the_last_of_them() {
    let boxes: Vec<Region> = (0..40).map(|index| box_at(index + 1, 20.0 * index as f64, 100.0, 10.0, 10.0)).collect();
    let mut server = Server::new(boxes.clone());
    let mut story = Story::new(boxes);
    story.play("key Ctrl+a; key ArrowDown; up");
    let kept = story.browser.clone();
    assert!(kept.changes.len() <= 2, "{:?}", kept.changes.keys());
    let moved: Vec<_> = kept.log().unwrap().changes.into_iter().map(|change| change.mine.unwrap()).collect();
    assert_eq!(moved.len(), 40);
    // One that is changed is written with all that share its sheet.
    story.play("key Escape; drag 25 106 25 206");
    let changes = story.browser.log().unwrap().changes;
    let is_moved_again = |change: &&DraftChange| !moved.contains(change.mine.as_ref().unwrap());
    assert_eq!((changes.len(), changes.iter().filter(is_moved_again).count()), (40, 1));
    save(&mut story, &mut server);
    story.browser.keep(&mut story.editor);
    assert_eq!(story.browser.changes.len(), 0);
}
