//! From picture to picture.

use super::*;
use crate::model::MarkState;

#[test]
fn keys_lead_from_picture_to_picture() {
    let mut story = Story::new(vec![]);
    for (key, way) in [("PageDown", Way::Next), ("PageUp", Way::Previous), ("Shift+PageDown", Way::NextEmpty)] {
        story.effects.clear();
        story.play(&format!("key {key}"));
        assert!(story.saw(&Effect::Go(way)), "{key}");
    }
    // Whoever only looks may go on, too, but has nothing to say of the work.
    let mut story = Story::with(vec![], Access::Read);
    story.play("key PageDown; key Ctrl+Enter");
    assert!(story.saw(&Effect::Go(Way::Next)) && !story.saw(&Effect::Mark(MarkState::Done)));
}

#[test]
fn keys_say_how_far_the_work_is() {
    for (key, state) in [
        ("Ctrl+Enter", MarkState::Done),
        ("Ctrl+Shift+Enter", MarkState::Skipped),
        ("Alt+Enter", MarkState::NeedsReview),
    ] {
        let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 100.0, 100.0)]);
        story.play(&format!("key {key}"));
        assert!(story.saw(&Effect::Mark(state)), "{key}");
    }
}

#[test]
fn nothing_half_drawn_is_done() {
    let mut story = Story::new(vec![]);
    story.play("object Cat; key g; click 100 100; click 200 100; key Ctrl+Enter");
    assert!(!story.saw(&Effect::Mark(MarkState::Done)));
    assert!(story.editor.is_sketching(), "the shape is still being drawn");
    // To skip it, or to go on, is another matter: the sketch is kept.
    story.play("key Ctrl+Shift+Enter; key PageDown");
    assert!(story.saw(&Effect::Mark(MarkState::Skipped)) && story.saw(&Effect::Go(Way::Next)));
    story.play("click 200 200; key Enter; key Ctrl+Enter");
    assert!(story.saw(&Effect::Mark(MarkState::Done)));
}

#[test]
fn nothing_without_an_object_is_done() {
    let mut story = Story::new(vec![]);
    story.play("key b; drag 100 100 200 200; key Escape; key Ctrl+Enter");
    assert!(!story.saw(&Effect::Mark(MarkState::Done)) && story.saw(&Effect::AskForObject));
    assert_eq!(story.editor.selected().len(), 1, "what has to be labelled is selected");
    // Nor while something else is unsaved, too.
    story.play("key b; drag 300 100 400 200");
    let second = story.editor.document().items()[1].key;
    story.play("choose 1; object Cat; key Escape; key Ctrl+Enter");
    assert_eq!(story.editor.document().get(second).map(|region| region.object.as_str()), Some("Cat"));
    assert!(!story.saw(&Effect::Mark(MarkState::Done)));
    story.play("choose 0; object Cat; key Ctrl+Enter");
    assert!(story.saw(&Effect::Mark(MarkState::Done)));
}

#[test]
fn nothing_in_dispute_is_done() {
    let (mut story, _) = disputes::disputed();
    story.effects.clear();
    story.play("key Ctrl+Enter");
    assert!(!story.saw(&Effect::Mark(MarkState::Done)) && story.saw(&Effect::ShowConflicts));
    story.play("key Ctrl+Shift+Enter");
    assert!(story.saw(&Effect::Mark(MarkState::Skipped)));
}

#[test]
fn what_is_half_drawn_keeps_its_tool() {
    let mut left = Story::new(vec![]);
    left.play("object Cat; key g; click 100 100; click 200 100; away");
    assert!(!left.editor.is_finished(), "a sketch waits for somebody");
    let mut other = Story::new(vec![]);
    other.play("object Dog; key b");
    left.editor.take_up(other.editor.habits());
    assert_eq!((left.editor.tool(), left.editor.shown_object()), (Tool::Polygon, Some("Dog")));
    left.play("click 200 200; key Enter");
    assert!(!left.editor.is_sketching());
    left.editor.take_up(other.editor.habits());
    assert_eq!(left.editor.tool(), Tool::Box);
}
