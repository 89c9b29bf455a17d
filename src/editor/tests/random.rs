//! Thousands of steps of somebody who does everything, at every zoom: what must hold holds after each.

use super::*;
use crate::model::region::parse_regions;
use std::collections::BTreeMap;

/// What a picture of 1000x500 pixels has to begin with: every kind, some of them touching.
fn start() -> Vec<Region> {
    let points = |pixels: &[(f64, f64)]| pixels.iter().map(|(x, y)| Point { x: x / 1000.0, y: y / 500.0 }).collect();
    let region = |id, shape| Region { id: Some(id), shape, object: "Dog".to_owned() };
    vec![
        box_at(1, 100.0, 100.0, 200.0, 200.0),
        box_at(2, 150.0, 150.0, 50.0, 50.0),
        region(3, Shape::Polygon(points(&[(300.0, 100.0), (500.0, 100.0), (450.0, 350.0), (300.0, 300.0)]))),
        region(4, Shape::Polyline(points(&[(50.0, 400.0), (250.0, 350.0), (700.0, 400.0)]))),
        region(5, Shape::Point(Point { x: 0.8, y: 0.5 })),
    ]
}

/// Drags that mean something, beside inputs that mean anything: presses alone seldom meet a handle, an edge, an end.
fn any_gesture() -> impl Strategy<Value = Vec<Input>> {
    let drag = (any_pointer(), any_pointer(), any_pointer()).prop_map(|(from, by, to)| {
        // The keys that are held and the device stay what they are.
        let same = |at: ScreenPoint| Pointer { at, ..from };
        vec![
            Input::Press(from, Button::Primary),
            Input::Move(same(by.at)),
            Input::Move(same(to.at)),
            Input::Release(same(to.at)),
        ]
    });
    let click = any_pointer().prop_map(|pointer| vec![Input::Press(pointer, Button::Primary), Input::Release(pointer)]);
    prop_oneof![3 => drag, 4 => click, 8 => any_input().prop_map(|input| vec![input])]
}

/// Saved and read again, regions are what they were.
fn check_serialised(editor: &Editor) {
    let labelled = |item: &&Item| !item.is_pending();
    let regions: Vec<Region> =
        editor.document().items().iter().filter(labelled).map(|item| item.region.clone()).collect();
    let text = serde_json::to_string(&regions).unwrap();
    let read = parse_regions(&serde_json::from_str(&text).unwrap(), "").unwrap();
    assert_eq!(read, regions);
}

/// Taking back the last change and making it again changes nothing.
fn check_undo_and_redo(editor: &Editor) {
    let mut editor = editor.clone();
    editor.handle(Input::Interrupt);
    editor.handle(Input::Command(Command::Cancel));
    if editor.is_sketching() || !editor.can(Command::Undo) {
        return;
    }
    let before = contents(&editor);
    editor.handle(Input::Command(Command::Undo));
    assert_ne!(contents(&editor), before);
    editor.handle(Input::Command(Command::Redo));
    assert_eq!(contents(&editor), before);
}

/// No box is thinner than a pixel.
fn check_boxes(editor: &Editor) {
    for item in editor.document().items() {
        if let Shape::Bbox(Rect { w, h, .. }) = item.region.shape {
            assert!(w >= 0.999 / 1000.0 && h >= 0.999 / 500.0, "{:?}", item.region);
        }
    }
}

fn locked(editor: &Editor) -> BTreeMap<Key, (Shape, String)> {
    let locked = editor.document().items().iter().filter(|item| editor.is_locked(item.key));
    locked.map(|item| (item.key, (item.region.shape.clone(), item.region.object.clone()))).collect()
}

/// Nothing but undo and redo changes what is locked, and nothing shows what is hidden.
fn check_flags(editor: &Editor, before: &BTreeMap<Key, (Shape, String)>, input: &Input) {
    assert!(editor.shapes().iter().all(|shape| !editor.is_hidden(shape.key)));
    assert!(editor.overlay().active.iter().all(|shape| !editor.is_hidden(shape.key)));
    assert!(editor.state.working().iter().all(|part| editor.is_within_reach(part.key)));
    if matches!(input, Input::Command(Command::Undo | Command::Redo)) {
        return;
    }
    for (key, (shape, object)) in before {
        let now = editor.document().get(*key).map(|region| (&region.shape, &region.object));
        assert_eq!(now, Some((shape, object)), "{input:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn thousands_of_steps_keep_the_invariants(gestures in prop::collection::vec(any_gesture(), 1000..1500)) {
        let mut story = Story::new(start());
        for (number, input) in gestures.into_iter().flatten().enumerate() {
            // So many that a step still takes next to no time.
            if story.editor.document().items().len() > 60 {
                story.input(Input::Interrupt);
                story.play("key Escape; key Escape; key Ctrl+a; key Delete");
            }
            let before = locked(&story.editor);
            story.input(input.clone());
            check_boxes(&story.editor);
            check_flags(&story.editor, &before, &input);
            if number % 16 == 0 {
                check_undo_and_redo(&story.editor);
                check_serialised(&story.editor);
            }
        }
        check_history(&story.editor);
    }
}
