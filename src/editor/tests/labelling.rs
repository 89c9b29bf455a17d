//! Labelling, choosing in the list, the eraser.

use super::*;

fn three() -> Story {
    let mut regions = vec![
        box_at(1, 100.0, 100.0, 100.0, 100.0),
        box_at(2, 300.0, 100.0, 100.0, 100.0),
        box_at(3, 500.0, 300.0, 100.0, 100.0),
    ];
    regions[1].object = "Cat".to_owned();
    Story::new(regions)
}

#[test]
fn what_the_list_chose_is_relabelled_as_one() {
    let mut story = three();
    story.input(Input::ChooseAll(vec![Key(3), Key(1), Key(3), Key(77)]));
    assert_eq!(story.editor.selected(), [Key(1), Key(3)]);
    assert_eq!(said(&story), ["2 regions selected"]);
    story.play("object Bird");
    assert_eq!(story.regions(), ["Bird box 100 100 100 100", "Cat box 300 100 100 100", "Bird box 500 300 100 100"]);
    story.play("key Ctrl+z");
    assert_eq!(story.regions(), three().regions());
    check_history(&story.editor);
}

#[test]
fn favourites_are_asked_for_by_their_digits_also_while_drawing() {
    let mut story = three();
    story.play("key 3; key g; click 10 10; key 9");
    assert!(story.saw(&Effect::PickFavourite(3)) && story.saw(&Effect::PickFavourite(9)));
    assert!(story.editor.is_sketching());
    let mut reader = Story::with(Vec::new(), Access::Read);
    reader.play("key 3; key Ctrl+k");
    assert!(!reader.saw(&Effect::PickFavourite(3)));
    assert!(reader.saw(&Effect::ShowPalette));
}

#[test]
fn the_eraser_takes_back_corners_and_deletes_what_lies_below() {
    let mut story = three();
    let erase = |story: &mut Story, x: f64, y: f64| story.input(Input::Erase(story.pointer(x, y)));
    erase(&mut story, 800.0, 50.0);
    assert_eq!(story.regions().len(), 3);
    erase(&mut story, 350.0, 150.0);
    assert_eq!(story.regions(), ["Dog box 100 100 100 100", "Dog box 500 300 100 100"]);
    assert_eq!(said(&story), ["Region deleted"]);
    story.play("object Cat; key l; click 10 10; click 50 50; click 90 90");
    erase(&mut story, 150.0, 150.0);
    story.play("key Enter");
    assert_eq!(story.regions()[2..], ["Cat polyline 10 10, 50 50"]);
    let mut reader = Story::with(vec![box_at(1, 100.0, 100.0, 100.0, 100.0)], Access::Read);
    erase(&mut reader, 150.0, 150.0);
    assert_eq!(reader.regions().len(), 1);
    check_history(&story.editor);
}

#[test]
fn arrow_keys_say_where_they_led() {
    let mut story = three();
    story.play("choose 0").effects.clear();
    story.play("key ArrowRight; key ArrowRight; key ArrowDown; up");
    assert_eq!(said(&story), ["Moved to 102 pixels from the left and 101 from the top"]);
    story.play("key Alt+ArrowRight; up");
    assert_eq!(said(&story)[1..], ["Resized to 101 by 100 pixels"]);
    story.play("key ArrowRight; key ArrowLeft; up");
    assert_eq!(said(&story).len(), 2, "who is back where they began has moved nothing");
}
