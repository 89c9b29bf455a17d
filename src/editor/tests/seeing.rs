//! What is drawn and read off, and what only looks different.

use super::*;
use crate::editor::Switch;

fn polygon(corners: usize) -> Region {
    let points = (0..corners).map(|corner| corner as f64 / corners as f64 * std::f64::consts::TAU);
    let shape =
        Shape::Polygon(points.map(|angle| Point { x: 0.5 + 0.3 * angle.cos(), y: 0.5 + 0.4 * angle.sin() }).collect());
    Region { id: Some(1), shape, object: "Lake".to_owned() }
}

#[test]
fn the_pixel_below_the_pointer_and_the_size_of_the_selection_are_read_off() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 200.0, 50.0), box_at(2, 500.0, 100.0, 50.0, 50.0)]);
    story.play("move 123.4 45.6");
    let reading = story.editor.reading();
    assert_eq!((reading.pixel, reading.extent), (Some((123, 45)), None));
    story.play("choose 0; move -3 10");
    assert_eq!(story.editor.reading().pixel, None, "beside the picture there are no pixels");
    let size =
        |story: &Story| story.editor.reading().extent.map(|e| (e.width.round(), e.height.round(), e.area.round()));
    assert_eq!(size(&story), Some((200.0, 50.0, 10_000.0)));
    story.play("press 300 150; move 310 170");
    assert_eq!(size(&story), Some((210.0, 70.0, 14_700.0)), "also while it is being changed");
    story.play("release 310 170; key Ctrl+a");
    assert_eq!(size(&story), None);
    story.input(Input::Leave);
    assert_eq!(story.editor.reading().pixel, None);
}

#[test]
fn handles_that_would_cover_each_other_are_shown_as_one() {
    let mut story = Story::new(vec![polygon(20_000)]);
    story.play("choose 0");
    let fitted = story.editor.overlay().handles.len();
    assert!((50..400).contains(&fitted), "{fitted}");
    let corner = story.editor.view().screen_from_image(Point { x: 0.8, y: 0.5 });
    story.input(Input::Wheel(corner, Wheel::Zoom(1e9)));
    let near = story.editor.overlay().handles;
    assert!(!near.is_empty() && near.len() < fitted);
    // Whoever points at a corner takes hold of it, whether its handle is shown or not.
    story.play("key 0");
    let pointer = Pointer::mouse(corner);
    story.input(Input::Press(pointer, Button::Primary));
    story.input(Input::Release(pointer));
    assert!(story.editor.overlay().handles.iter().any(|(_, is_selected)| *is_selected));
}

#[test]
fn only_what_is_in_view_is_drawn_in_the_drawing_order() {
    let regions =
        (0..50).map(|index| box_at(index + 1, (index as f64 * 7.0) % 50.0 * 20.0, 100.0, 15.0, 15.0)).collect();
    let mut story = Story::new(regions);
    let resting = |story: &Story, rect| {
        let mut positions = Vec::new();
        story.editor.resting_in(rect, &mut positions);
        positions
    };
    let all = Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 };
    let left = Rect { x: 0.0, y: 0.0, w: 0.2, h: 1.0 };
    assert_eq!(resting(&story, all), (0..50).collect::<Vec<_>>());
    let some = resting(&story, left);
    assert!(some.is_sorted() && (8..14).contains(&some.len()), "{some:?}");
    let asked = |position: &usize| story.editor.resting_at(*position).is_some_and(|(_, bounds)| bounds.x <= 0.2);
    assert!(some.iter().all(asked));
    // What a gesture holds is drawn above all others.
    story.play("choose 0; press 5 105; move 8 110");
    assert_eq!(resting(&story, all), (1..50).collect::<Vec<_>>());
    assert!(!resting(&story, left).contains(&0));
    story.play("release 8 110");
    assert_eq!(resting(&story, all).len(), 50);
}

#[test]
fn choosing_a_region_draws_nothing_anew_but_the_overlay() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 200.0, 50.0)]);
    story.play("click 150 120");
    let redraws = story.effects.iter().filter_map(|effect| match effect {
        Effect::Redraw(layers) => Some(*layers),
        _ => None,
    });
    assert!(redraws.into_iter().all(|layers| layers == Layers::OVERLAY));
}

#[test]
fn switches_change_nothing_in_the_editor() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 200.0, 50.0)]);
    story.play("key F8; key w");
    assert!(story.saw(&Effect::Switch(Switch::Rulers)) && story.saw(&Effect::ShowLook));
    assert!(!story.editor.can(Command::Undo));
    // Also in the middle of a drawing.
    story.play("key g; click 10 10; click 110 10; key F4; click 10 110; key Enter");
    assert!(story.saw(&Effect::Switch(Switch::Names)));
    assert_eq!(story.regions().len(), 2);
}

#[test]
fn the_map_leads_to_a_place() {
    let mut story = Story::new(Vec::new());
    story.play("key +; key +; key +");
    story.input(Input::LookAt(Point { x: 0.3, y: 0.6 }));
    let (view, surface) = (story.editor.view(), story.editor.view().surface());
    let at = view.screen_from_image(Point { x: 0.3, y: 0.6 });
    assert!(at.distance_to(ScreenPoint::new(surface.width / 2.0, surface.height / 2.0)) < 1e-6);
}
