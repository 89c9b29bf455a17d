//! Without a pointer, and without seeing the picture: drawing by keys, and what is said.

use super::*;

#[test]
fn shapes_are_drawn_by_keys_alone() {
    // The cross begins in the middle, and goes five pixels a step.
    for (script, drawn) in [
        (
            "key g; key Shift+ArrowLeft; here; key Shift+ArrowDown; here; key Shift+ArrowRight; here; key Enter",
            "polygon 450 250, 450 300, 500 300",
        ),
        ("key l; key ArrowLeft; here; key ArrowUp; key ArrowUp; here; key Enter", "polyline 495 250, 495 240"),
        ("key p; key ArrowLeft; here", "point 495 250"),
        ("key b; key ArrowUp; here; key Shift+ArrowRight; key Shift+ArrowDown; here", "box 500 245 50 50"),
        ("key b; key ArrowUp; key Enter; key Shift+ArrowRight; key Shift+ArrowDown; key Enter", "box 500 245 50 50"),
        (
            "key e; key ArrowUp; here; key Shift+ArrowLeft; here; key Shift+ArrowDown; here; key Shift+ArrowRight; here",
            "box 450 245 50 50",
        ),
        // Back on the first corner it closes.
        (
            "key g; key ArrowLeft; here; key Shift+ArrowUp; here; key Shift+ArrowLeft; here; key Shift+ArrowDown; key Shift+ArrowRight; here",
            "polygon 495 250, 495 200, 445 200",
        ),
        // It goes on from what a pointer has drawn, and begins where the pointer is.
        ("key l; click 100 100; key Shift+ArrowRight; here; key Enter", "polyline 100 100, 150 100"),
        ("key l; move 300 300; key ArrowUp; here; key ArrowUp; here; key Enter", "polyline 300 295, 300 290"),
    ] {
        check(script, &[&format!("Cat {drawn}")]);
    }
    check("key b; key ArrowUp; here; key Shift+ArrowRight; key Escape; here; here", &[]);
    check("key b; here", &[]);
    check("key ArrowLeft; here", &[]);
}

#[test]
fn the_first_corner_of_a_box_stays_in_its_place_however_the_view_moves() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key b; key ArrowUp; here; key +; key +; key Shift+ArrowRight; key Shift+ArrowDown; here");
    let regions = story.regions();
    assert!(regions.len() == 1 && regions[0].starts_with("Cat box 500 245 "), "{regions:?}");
    // A second press in the same place selects nothing that lies below.
    story.play("key Escape; key ArrowUp; here; here");
    assert_eq!(story.regions(), regions);
    assert!(said(&story).contains(&"The box is too small"), "{:?}", said(&story));
}

#[test]
fn the_cross_goes_where_a_pointer_comes_or_a_region_wants_the_arrow_keys() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key p; key ArrowLeft");
    let cross = |story: &Story| story.editor.overlay().key_aim;
    assert_eq!(cross(&story), Some(ScreenPoint::new(511.0, 266.0)));
    story.play("here");
    assert_eq!(cross(&story), None, "the point is selected");
    story.play("key ArrowDown; up");
    assert_eq!(story.regions(), ["Cat point 495 251"]);
    story.play("key Escape");
    assert!(cross(&story).is_some() && story.editor.aims_by_keys());
    story.play("key ArrowUp; move 20 20");
    assert!(cross(&story).is_none() && !story.editor.aims_by_keys());
    let before = story.editor.view().picture_on_screen();
    story.play("key v; key ArrowLeft");
    assert_ne!(story.editor.view().picture_on_screen(), before, "without a tool arrow keys move the view");
}

#[test]
fn a_pointer_that_rests_does_not_take_the_cross_away() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key p; move 300 300; key ArrowLeft; move 300 300; key ArrowLeft; move 300 300; here");
    assert_eq!(story.regions(), ["Cat point 290 300"]);
    story.play("key Escape; move 300 301");
    assert!(!story.editor.aims_by_keys());
}

#[test]
fn the_view_follows_the_cross() {
    let mut story = Story::new(Vec::new());
    story.play("key l; key +; key +; key +; key +; key +; key +; key +; key +");
    for _ in 0..30 {
        story.play("key Shift+ArrowLeft");
        let at = story.editor.overlay().key_aim.unwrap();
        assert!(story.editor.view().surface_on_screen().contains_within(at, 0.0), "{at:?}");
    }
}

#[test]
fn drawing_is_heard() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key g; click 100 100; click 200 100; key Ctrl+z; key Ctrl+y; click 200 200; key Enter");
    let corners = ["Cat is for the next region", "Corner 1", "Corner 2", "Taken back, 1 left", "Corner 2", "Corner 3"];
    assert_eq!(said(&story)[..6], corners);
    assert_eq!(said(&story)[6..], ["Polygon added: Cat"]);
    story.effects.clear();
    story.play("click 10 400; key Ctrl+z; click 10 400; key Escape; key v; choose 0; click 150 100; key Delete");
    let expected = ["Corner 1", "Nothing is drawn any more", "Corner 1", "Drawing given up"];
    assert_eq!(said(&story)[..4], expected);
    assert_eq!(said(&story)[4..], ["Polygon: Cat, 1 of 1", "Corner added", "Corner deleted"]);
    story.effects.clear();
    story.play("key Escape; key Escape; key g; key ArrowLeft; key ArrowLeft; up; up; here; key Shift+ArrowUp; key Shift+ArrowDown; up");
    assert_eq!(said(&story), ["140, 100 pixels", "Corner 1", "140, 100 pixels"], "where it has gone, once");
}

#[test]
fn several_sentences_are_one() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 50.0, 50.0), box_at(2, 300.0, 100.0, 50.0, 50.0)]);
    story.play("choose 0; key ArrowRight");
    story.effects.clear();
    story.play("choose 1");
    assert_eq!(said(&story), ["Moved to 101 pixels from the left and 100 from the top. Box: Dog, 2 of 2"]);
}

#[test]
fn what_is_locked_says_so() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 50.0, 50.0), box_at(2, 300.0, 100.0, 50.0, 50.0)]);
    story.play("choose 0; key k");
    for script in ["key Delete", "object Cat", "key c", "key Ctrl+ArrowUp", "key Ctrl+x"] {
        story.effects.clear();
        story.play(script);
        assert!(said(&story).iter().any(|said| said.ends_with("The region is locked: unlock it first")), "{script}");
        assert_eq!(story.regions(), ["Dog box 100 100 50 50", "Dog box 300 100 50 50"], "{script}");
    }
    story.effects.clear();
    story.play("click 120 120");
    assert_eq!(said(&story), ["What lies here is locked: choose it in the list"]);
    story.effects.clear();
    story.play("choose 0; key Ctrl+a; shift down; click 320 120; click 320 120; shift up");
    story.input(Input::ChooseAll(vec![Key(1), Key(2)]));
    story.effects.clear();
    story.play("key Delete");
    assert_eq!(said(&story), ["1 of them is locked and stays as it is. Region deleted"]);
    story.input(Input::ChooseAll(vec![Key(1)]));
    story.effects.clear();
    assert!(story.editor.can(Command::UnlockAll));
    story.play("key Shift+k; key Delete");
    assert_eq!(said(&story), ["All regions unlocked", "Region deleted"]);
    assert!(story.regions().is_empty() && !story.editor.can(Command::UnlockAll));
}
