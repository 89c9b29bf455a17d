//! Uniting regions, whatever their outlines look like.

use super::*;
use crate::geometry::{contains, outline};

/// A polygon whose outline crosses itself: two triangles that meet at a point.
const BOW_TIE: [(f64, f64); 4] = [(100.0, 100.0), (300.0, 300.0), (300.0, 100.0), (100.0, 300.0)];

fn polygon(id: i64, pixels: &[(f64, f64)], object: &str) -> Region {
    let points = pixels.iter().map(|(x, y)| Point { x: x / 1000.0, y: y / 500.0 }).collect();
    Region { id: Some(id), shape: Shape::Polygon(points), object: object.to_owned() }
}

fn covers(editor: &Editor, place: Point) -> bool {
    let mut items = editor.document().items().iter();
    items.any(|item| outline(&item.region.shape).is_some_and(|corners| contains(&corners, place)))
}

#[test]
fn an_outline_that_crosses_itself_keeps_both_its_parts() {
    let boxes = [box_at(2, 90.0, 150.0, 50.0, 100.0), box_at(3, 260.0, 150.0, 80.0, 100.0)];
    for number in [1, 2] {
        let regions = [polygon(1, &BOW_TIE, "Cat")].into_iter().chain(boxes[..number].iter().cloned());
        let mut story = Story::new(regions.collect());
        story.play("key Ctrl+a; key m");
        let items = story.editor.document().items();
        assert_eq!(items.len(), 2, "one for each part");
        assert_eq!(items.iter().filter(|item| item.region.id == Some(1)).count(), 1);
        assert!(items.iter().all(|item| item.region.object == "Cat"));
        for (x, inside) in [(110.0, true), (290.0, true), (200.0, false), (95.0, true), (330.0, number == 2)] {
            assert_eq!(covers(&story.editor, Point { x: x / 1000.0, y: 0.4 - 0.001 }), inside, "{number}, {x}");
        }
        assert_eq!(story.editor.selected().len(), 2);
        assert!(story.saw(&Effect::Say(format!("{} united", regions_in_words(number + 1)))), "{:?}", story.effects);
        story.play("key Ctrl+z");
        assert_eq!(story.editor.document().items().len(), number + 1);
    }
}

fn regions_in_words(number: usize) -> String {
    format!("{number} regions")
}

proptest! {
    /// Uniting changes nothing of what is covered, and every region that it makes is one of its own.
    #[test]
    fn uniting_covers_what_was_covered(
        shapes in prop::collection::vec(prop::collection::vec((0..=20u8, 0..=20u8), 3..8), 2..6),
        places in prop::collection::vec((0..1000u16, 0..500u16), 40),
    ) {
        let corner = |(x, y): &(u8, u8)| (f64::from(*x) * 50.0, f64::from(*y) * 25.0);
        let regions = shapes.iter().enumerate().map(|(index, corners)| {
            polygon(index as i64 + 1, &corners.iter().map(corner).collect::<Vec<_>>(), "Cat")
        });
        let mut story = Story::new(regions.collect());
        // Off the grid on which all the corners lie.
        let places: Vec<Point> = places
            .into_iter()
            .map(|(x, y)| Point { x: (f64::from(x) + 0.137) / 1000.0, y: (f64::from(y) + 0.291) / 500.0 })
            .collect();
        let before: Vec<bool> = places.iter().map(|place| covers(&story.editor, *place)).collect();
        let contents_before = contents(&story.editor);
        story.play("key Ctrl+a; key m");
        let after: Vec<bool> = places.iter().map(|place| covers(&story.editor, *place)).collect();
        prop_assert_eq!(before, after);
        if story.editor.can(Command::Undo) {
            story.play("key Ctrl+z");
        }
        prop_assert_eq!(contents(&story.editor), contents_before);
    }
}
