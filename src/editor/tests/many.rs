//! Several regions at once, and copies of them.

use super::*;

fn three() -> Story {
    Story::new(vec![
        box_at(1, 100.0, 100.0, 100.0, 100.0),
        box_at(2, 300.0, 100.0, 100.0, 100.0),
        box_at(3, 500.0, 300.0, 100.0, 100.0),
    ])
}

fn selected(story: &Story) -> Vec<i64> {
    let of = |key: &Key| story.editor.document().get(*key).and_then(|region| region.id);
    story.editor.selected().iter().filter_map(of).collect()
}

fn copied(story: &Story) -> Vec<Region> {
    let copies = story.effects.iter().rev().find_map(|effect| match effect {
        Effect::Copy(regions) => Some(regions.clone()),
        _ => None,
    });
    copies.unwrap()
}

#[test]
fn a_click_with_shift_adds_and_takes_out() {
    let mut story = three();
    story.play("click 150 150; shift down; click 350 150; click 550 350");
    assert_eq!(selected(&story), [1, 2, 3]);
    story.play("click 350 150; click 800 50");
    assert_eq!(selected(&story), [1, 3], "a click beside all regions takes nothing away");
    story.play("shift up; click 350 150");
    assert_eq!(selected(&story), [2]);
}

#[test]
fn a_band_selects_what_lies_within() {
    let mut story = three();
    story.play("shift down; drag 90 90 410 210");
    assert_eq!(selected(&story), [1, 2]);
    story.play("drag 620 420 490 290");
    assert_eq!(selected(&story), [1, 2, 3]);
    story.play("shift up; key Escape; shift down; drag 150 90 420 220");
    assert_eq!(selected(&story), [2], "what only reaches into the band is not within");
    story.play("press 90 90; move 700 450");
    assert!(story.editor.overlay().band.is_some());
    story.play("key Escape; release 700 450");
    assert!(story.editor.overlay().band.is_none());
    assert_eq!(selected(&story), [2]);
    assert!(!story.editor.can(Command::Undo));
}

#[test]
fn several_are_moved_as_one() {
    let mut story = three();
    story.play("key Ctrl+a; drag 350 150 360 170");
    assert_eq!(story.regions(), ["Dog box 110 120 100 100", "Dog box 310 120 100 100", "Dog box 510 320 100 100"]);
    story.play("drag 350 150 -500 150");
    assert_eq!(story.regions(), ["Dog box 0 120 100 100", "Dog box 200 120 100 100", "Dog box 400 320 100 100"]);
    story.play("key ArrowRight; key Shift+ArrowDown; up");
    assert_eq!(story.regions(), ["Dog box 1 130 100 100", "Dog box 201 130 100 100", "Dog box 401 330 100 100"]);
    check_history(&story.editor);
    story.play("key Ctrl+z; key Ctrl+z; key Ctrl+z");
    assert_eq!(story.regions(), three().regions());
    assert!(!story.editor.can(Command::Undo));
}

#[test]
fn several_are_deleted_and_relabelled_as_one() {
    let mut story = three();
    story.play("choose 0; shift down; click 550 350; object Cat");
    assert_eq!(story.regions(), ["Cat box 100 100 100 100", "Dog box 300 100 100 100", "Cat box 500 300 100 100"]);
    assert_eq!(story.editor.shown_object(), Some("Cat"));
    story.play("click 350 150");
    assert_eq!(story.editor.shown_object(), None, "they do not agree");
    story.play("shift up; click 150 150; key a");
    assert_eq!(selected(&story), [1, 3]);
    story.play("key Delete");
    assert_eq!(story.regions(), ["Dog box 300 100 100 100"]);
    assert!(story.saw(&Effect::Say("2 regions deleted".to_owned())));
    story.play("key Ctrl+z; key Ctrl+z");
    assert_eq!(story.regions(), three().regions());
    check_history(&story.editor);
}

#[test]
fn copies_lie_beside_what_they_would_cover() {
    let mut story = three();
    story.play("choose 0; key Ctrl+d");
    assert_eq!(story.regions()[3..], ["Dog box 112 112 100 100"]);
    assert_eq!(story.editor.document().items()[3].region.id, None);
    story.play("key Ctrl+d");
    assert_eq!(story.regions()[4..], ["Dog box 124 124 100 100"]);
    story.play("key Ctrl+a; key Ctrl+c; key Ctrl+v");
    let copies = copied(&story);
    assert_eq!(copies.len(), 5);
    assert!(story.saw(&Effect::ReadCopied));

    let mut other = Story::new(Vec::new());
    other.input(Input::Paste(copies.clone()));
    assert_eq!(other.regions(), story.regions(), "elsewhere they have the same places");
    other.input(Input::Paste(copies));
    assert_eq!(other.regions()[5..][..2], ["Dog box 112 112 100 100", "Dog box 312 112 100 100"]);
    other.play("key Ctrl+x");
    assert_eq!(other.regions().len(), 5);
    check_history(&other.editor);
}

#[test]
fn copies_stay_inside_of_the_picture() {
    let mut story = Story::new(vec![box_at(1, 900.0, 400.0, 100.0, 100.0), box_at(2, 0.0, 0.0, 1000.0, 500.0)]);
    story.play("choose 0; key Ctrl+d; choose 1; key Ctrl+d");
    assert_eq!(story.regions()[2..], ["Dog box 888 388 100 100", "Dog box 0 0 1000 500"]);
}

#[test]
fn nothing_comes_of_pasting_nothing_or_in_the_middle_of_a_drawing() {
    let mut story = three();
    story.input(Input::Paste(Vec::new()));
    story.input(Input::Paste(vec![box_at(1, 900.0, 0.0, 200.0, 100.0)]));
    story.play("key l; click 10 10");
    story.input(Input::Paste(vec![box_at(1, 10.0, 10.0, 20.0, 20.0)]));
    assert_eq!(story.regions(), three().regions());
    let mut reader = Story::with(Vec::new(), Access::Read);
    reader.input(Input::Paste(vec![box_at(1, 10.0, 10.0, 20.0, 20.0)]));
    assert!(reader.regions().is_empty());
}

#[test]
fn boxes_become_polygons_and_the_other_way_round() {
    let mut story = three();
    story.play("choose 0; key c");
    assert_eq!(story.regions()[0], "Dog polygon 100 100, 200 100, 200 200, 100 200");
    story.play("drag 200 200 250 260; key c");
    assert_eq!(story.regions()[0], "Dog box 100 100 150 160");
    check_history(&story.editor);
    story.play("key p; click 700 100; key Escape; key Escape; choose 3; key c");
    assert!(story.saw(&Effect::Say("Only boxes and polygons can be converted into each other".to_owned())));
}

#[test]
fn the_selection_is_shown_large() {
    let mut story = three();
    story.play("choose 2; key 2");
    let place = story.editor.view().screen_rect(Rect { x: 0.5, y: 0.6, w: 0.1, h: 0.2 });
    let (surface, middle) = (story.editor.view().surface(), place.min.midpoint(place.max));
    assert!((middle.x - surface.width / 2.0).abs() < 1.0 && (middle.y - surface.height / 2.0).abs() < 1.0);
    assert!(place.height() > surface.height / 2.0 && place.height() < surface.height);
}
