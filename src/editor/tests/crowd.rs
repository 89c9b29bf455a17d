//! Many regions that are moved and resized as one drawing.

use super::*;
use crate::editor::hold::CROWD;

/// So many small boxes in rows of twenty.
fn boxes(number: usize) -> Vec<Region> {
    let place = |index: usize| (40.0 + 40.0 * (index % 20) as f64, 40.0 + 30.0 * (index / 20) as f64);
    let boxes = (0..number).map(|index| (index, place(index)));
    boxes.map(|(index, (x, y))| box_at(index as i64 + 1, x, y, 20.0, 20.0)).collect()
}

/// What the script makes of a crowd, and of the same regions one fewer than makes one.
fn crowd_and_few(script: &str) -> (Vec<String>, Vec<String>) {
    let [crowd, few] = [CROWD + 1, CROWD].map(|number| {
        let mut story = Story::new(boxes(number));
        story.play("key Ctrl+a");
        assert_eq!(story.editor.has_crowd(), number > CROWD);
        story.play(script);
        check_history(&story.editor);
        story.regions()
    });
    (crowd[..CROWD].to_vec(), few)
}

#[test]
fn a_crowd_is_moved_as_few_are() {
    for script in ["drag 50 50 73 64", "drag 50 50 -900 64", "key ArrowRight; key Shift+ArrowDown; up"] {
        let (crowd, few) = crowd_and_few(script);
        assert_eq!(crowd, few, "{script}");
        assert_ne!(crowd[..], Story::new(boxes(CROWD)).regions()[..], "{script}");
    }
}

#[test]
fn while_a_crowd_moves_its_drawing_and_its_frame_do() {
    let mut story = Story::new(boxes(CROWD + 1));
    story.play("key Ctrl+a; press 50 50; move 60 50; move 70 60");
    let (from, to) = story.editor.carried().unwrap();
    assert!(to.x > from.x && to.y > from.y && (to.w, to.h) == (from.w, from.h));
    assert_eq!(story.editor.overlay().frame, Some(to));
    assert!(story.editor.overlay().active.is_empty() && story.editor.shapes().is_empty());
    let before = boxes(CROWD + 1);
    for (place, key) in story.editor.crowd().into_iter().enumerate() {
        let (shape, bounds) = story.editor.crowd_at(place).unwrap();
        assert_eq!((shape.key, shape.shape, bounds), (key, &before[place].shape, before[place].shape.bounds()));
    }
    story.play("key Escape");
    assert_eq!((story.editor.carried(), story.regions()), (None, Story::new(before).regions()));
    assert!(!story.editor.can(Command::Undo));
}

#[test]
fn whoever_turns_away_leaves_a_crowd_where_it_is() {
    let mut story = Story::new(boxes(CROWD + 1));
    story.play("key Ctrl+a; press 50 50; move 60 50; move 70 60");
    story.input(Input::PutDown);
    assert_ne!(story.regions(), Story::new(boxes(CROWD + 1)).regions());
    check_history(&story.editor);
}

#[test]
fn what_is_hidden_is_not_drawn_with_a_crowd() {
    let mut story = Story::new(boxes(CROWD + 2));
    let first = story.editor.document().items()[0].key;
    story.input(Input::ToggleHide(first));
    let all = story.editor.document().items().iter().map(|item| item.key).collect();
    story.input(Input::ChooseAll(all));
    let drawn = (0..CROWD + 2).filter_map(|place| Some(story.editor.crowd_at(place)?.0.key));
    assert!(drawn.clone().count() == CROWD + 1 && !drawn.clone().any(|key| key == first));
}
