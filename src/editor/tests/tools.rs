//! What drawing and editing have beyond clicks and drags: snapping, free hand, extreme places, edges and frames, lines that go on.

use super::*;

/// A polygon or polyline through places given in pixels.
fn through(id: i64, kind: Kind, pixels: &[(f64, f64)]) -> Region {
    let points = pixels.iter().map(|(x, y)| Point { x: x / 1000.0, y: y / 500.0 }).collect();
    let shape = if kind == Kind::Polygon { Shape::Polygon(points) } else { Shape::Polyline(points) };
    Region { id: Some(id), shape, object: "Dog".to_owned() }
}

/// A square of 200 pixels, as a polygon.
fn square() -> Region {
    through(1, Kind::Polygon, &[(100.0, 100.0), (300.0, 100.0), (300.0, 300.0), (100.0, 300.0)])
}

fn road() -> Region {
    through(1, Kind::Polyline, &[(100.0, 100.0), (200.0, 150.0), (300.0, 100.0), (400.0, 300.0)])
}

fn play(start: Vec<Region>, script: &str) -> Story {
    let mut story = Story::new(start);
    story.play("object Cat").play(script);
    check_history(&story.editor);
    story
}

fn said(story: &Story) -> &str {
    let said = |effect: &Effect| matches!(effect, Effect::Say(_));
    match story.effects.iter().rev().find(|effect| said(effect)) {
        Some(Effect::Say(sentence)) => sentence,
        _ => "",
    }
}

#[test]
fn drawing_snaps_to_corners_edges_and_the_border() {
    let draw = |first: &str| format!("key g; click {first}; click 700 300; click 700 400; key Enter");
    for (first, there) in [
        ("304 103", "300 100"),
        ("303 200", "300 200"),
        ("200 304", "200 300"),
        ("311 200", "311 200"),
        ("3 400", "0 400"),
        ("998 497", "1000 500"),
        ("-20 400", "0 400"),
    ] {
        let story = play(vec![square()], &draw(first));
        assert_eq!(story.regions()[1], format!("Cat polygon {there}, 700 300, 700 400"), "{first}");
    }
    let Shape::Polygon(shared) =
        &play(vec![square()], &draw("304 103")).editor.document().items()[1].region.shape.clone()
    else {
        panic!("no polygon")
    };
    assert_eq!(shared[0], Point { x: 300.0 / 1000.0, y: 100.0 / 500.0 }, "neighbours share the very same corner");
}

#[test]
fn snapping_can_be_suspended_and_switched_off() {
    let draw = "key g; click 304 103; click 700 300; click 700 400; key Enter";
    let raw = "Cat polygon 304 103, 700 300, 700 400";
    for script in [
        format!("alt down; {draw}"),
        format!("key s; {draw}"),
        format!("choose 0; key h; {draw}"),
        "key +; key +; key +; key +; key +; key g; key 1; key +; key +; click 304 103; click 700 300; click 700 400; key Enter".to_owned(),
    ] {
        let story = play(vec![square()], &script);
        let drawn = &story.editor.document().items()[1].region.shape;
        assert!(!crate::geometry::corners(drawn).contains(&Point { x: 0.3, y: 0.2 }), "{script}");
    }
    assert_eq!(play(vec![square()], &format!("key s; key s; alt down; {draw}")).regions()[1], raw);
    assert!(!play(vec![square()], "key s").editor.is_snapping());
}

#[test]
fn boxes_attract_as_polygons_do() {
    let boxes = || vec![box_at(1, 100.0, 100.0, 200.0, 200.0)];
    for (script, drawn) in [
        ("key g; click 304 103; click 700 300; click 700 400; key Enter", "polygon 300 100, 700 300, 700 400"),
        // Drawn between an edge and the border, from a corner, along an edge.
        ("key b; drag 305 150 996 250", "box 300 150 700 100"),
        ("key b; drag 303 304 400 496", "box 300 300 100 200"),
        ("key b; drag 350 250 450 297", "box 350 250 100 47"),
        ("key b; drag 500 200 304 250", "box 300 200 200 50"),
        ("alt down; key b; drag 305 150 996 250", "box 305 150 691 100"),
        ("key s; key b; drag 305 150 996 250", "box 305 150 691 100"),
        ("key b; drag 500 150 600 250; drag 500 200 303 200", "box 300 150 300 100"),
        ("key b; drag 500 150 600 250; alt down; drag 500 200 303 200", "box 303 150 297 100"),
        ("key b; drag 500 150 600 250; drag 550 250 550 496", "box 500 150 100 350"),
    ] {
        let story = play(boxes(), script);
        assert_eq!(story.regions()[1], format!("Cat {drawn}"), "{script}");
    }
    let edge = |story: &Story| match story.editor.document().items()[1].region.shape {
        Shape::Bbox(Rect { x, .. }) => x,
        _ => panic!("no box"),
    };
    let story = play(boxes(), "key b; drag 303 150 400 250");
    assert_eq!(edge(&story), 100.0 / 1000.0 + 200.0 / 1000.0, "neighbours leave no gap");
    let points = vec![Region { shape: Shape::Point(Point { x: 0.3, y: 0.4 }), ..box_at(1, 0.0, 0.0, 1.0, 1.0) }];
    let story = play(points, "key b; drag 303 202 400 300");
    assert_eq!(story.regions()[1], "Cat box 303 202 97 98", "points are no targets");
}

#[test]
fn the_margin_of_snapping_is_measured_on_the_screen() {
    let mut story = play(vec![square()], "key g");
    story.input(Input::Wheel(ScreenPoint::new(316.0, 116.0), Wheel::Zoom(4.0)));
    let corner = story.editor.view().screen_from_image(Point { x: 0.3, y: 0.2 });
    let mut snaps_at = |x: f64| {
        story.input(Input::Move(Pointer::mouse(corner + ScreenPoint::new(x, -x))));
        story.editor.overlay().snapped.is_some()
    };
    assert!(snaps_at(4.0) && !snaps_at(8.0));
}

#[test]
fn what_is_dragged_snaps_as_a_whole() {
    let mut story =
        play(vec![square(), box_at(2, 500.0, 100.0, 100.0, 100.0)], "choose 1; press 550 150; move 354 154");
    assert_eq!(story.editor.overlay().snapped, Some(ScreenPoint::new(316.0, 116.0)));
    story.play("release 354 154");
    assert_eq!(story.regions()[1], "Dog box 300 100 100 100", "the corners meet");
    assert!(story.editor.overlay().snapped.is_none());
    story.play("drag 350 150 355 290");
    assert_eq!(story.regions()[1], "Dog box 300 240 100 100", "it slides along the edge");
    story.play("drag 350 290 945 396");
    assert_eq!(story.regions()[1], "Dog box 900 346 100 100", "the border draws it near");
    story.play("drag 950 396 600 446; drag 650 500 640 450");
    assert_eq!(story.regions()[1], "Dog box 550 400 90 50", "an edge pulled away from the border is free");
    story.play("alt down; drag 640 450 700 496");
    assert_eq!(story.regions()[1], "Dog box 550 400 150 96", "nothing snaps while the key is held");
    check_history(&story.editor);
}

#[test]
fn the_pulled_edge_of_a_box_snaps_alone() {
    // The right edge comes near the left corner of the triangle, which lies within its height.
    let triangle = through(2, Kind::Polygon, &[(500.0, 200.0), (700.0, 100.0), (700.0, 300.0)]);
    let story = play(vec![box_at(1, 100.0, 100.0, 300.0, 200.0), triangle], "choose 0; drag 400 200 495 230");
    assert_eq!(story.regions()[0], "Dog box 100 100 400 200");
}

#[test]
fn a_dragged_corner_does_not_snap_to_its_own_shape() {
    let story = play(vec![square()], "choose 0; drag 300 300 302 104");
    assert_eq!(story.regions()[0], "Dog polygon 100 100, 300 100, 302 104, 100 300");
}

#[test]
fn a_box_from_four_extreme_places() {
    check("key e; click 150 100; click 100 140; click 210 170; click 160 200", &["Cat box 100 100 110 100"]);
    check("key e; click 160 200; click 100 140; click 150 100; click 210 170", &["Cat box 100 100 110 100"]);
    check(
        "key e; click 150 100; click 400 400; key Backspace; click 100 140; click 210 170; click 160 200",
        &["Cat box 100 100 110 100"],
    );
    // The corner of a thing may be two of its extremes.
    check("key e; double 100 100; click 210 170; click 160 200", &["Cat box 100 100 110 100"]);
    check("key e; click 100 100; click 210 200; key Enter", &["Cat box 100 100 110 100"]);
    check("key e; click 100 100; key Enter", &[]);
    check("key e; click 100 100; click 210 200; key Escape; key b; drag 20 20 40 40", &["Cat box 20 20 20 20"]);
    check("key e; click 150 100; drag 90 90 100 140; click 210 170; click 160 200", &["Cat box 100 100 110 100"]);
    let mut story = play(Vec::new(), "key e; click 150 100; click 100 140; move 300 300");
    let sketch = story.editor.overlay().sketch.and_then(|sketch| sketch.frame);
    assert_eq!(sketch, Some(Rect { x: 0.1, y: 0.2, w: 0.19999999999999998, h: 0.39999999999999997 }));
    story = come_back(&story, &mut Server::new(Vec::new()));
    assert_eq!(story.editor.tool(), Tool::Extreme);
    story.play("click 210 170; click 160 200");
    assert_eq!(story.regions(), ["Cat box 100 100 110 100"], "the object that was chosen is kept with the draft");
}

#[test]
fn corners_that_were_taken_back_are_set_again() {
    for (script, corners) in [
        ("key Ctrl+z; key Ctrl+Shift+z", "10 10, 110 10, 10 110"),
        ("key Ctrl+z; key Ctrl+z; key Ctrl+Shift+z", "10 10, 110 10"),
        ("key Backspace; key Backspace; key Ctrl+y; key Ctrl+y; key Ctrl+y", "10 10, 110 10, 10 110"),
        ("key Ctrl+z; click 200 200; key Ctrl+Shift+z", "10 10, 110 10, 200 200"),
        ("key Ctrl+z; key Ctrl+z; key Ctrl+z; key Ctrl+y; key Ctrl+y", "10 10, 110 10"),
        ("press 200 200; interrupt; key Ctrl+y", "10 10, 110 10, 10 110"),
    ] {
        let story = play(Vec::new(), &format!("key l; click 10 10; click 110 10; click 10 110; {script}; key Enter"));
        assert_eq!(story.regions(), [format!("Cat polyline {corners}")], "{script}");
    }
    let mut story = play(Vec::new(), "key b; drag 10 10 60 60; key l; click 100 100; key Ctrl+z");
    assert!(!story.editor.is_sketching() && story.editor.can(Command::Redo));
    story.play("key v; key Ctrl+Shift+z");
    assert!(story.editor.is_sketching(), "also the first one");
    story.play("key Ctrl+z; key Ctrl+z; key Ctrl+Shift+z");
    assert!(!story.editor.is_sketching(), "what was undone last comes back first");
    assert_eq!(story.regions(), ["Cat box 10 10 50 50"]);
    story = play(Vec::new(), "key l");
    stroke(&mut story, &[(100.0, 100.0), (200.0, 100.0), (200.0, 200.0)]);
    story.play("click 300 300; key Ctrl+z; key Ctrl+z; key Ctrl+y; key Enter");
    assert_eq!(story.regions(), ["Cat polyline 100 100, 200 100, 200 200"], "a stroke as a whole");
    story.play("key Ctrl+z; key Ctrl+y");
    assert_eq!(story.regions().len(), 1);
}

/// Presses at the first place and moves through the others, in steps of a few pixels.
fn stroke(story: &mut Story, places: &[(f64, f64)]) {
    story.play(&format!("press {} {}", places[0].0, places[0].1));
    for ends in places.windows(2) {
        for step in 1..=10 {
            let part = f64::from(step) / 10.0;
            let at = |a: f64, b: f64| a + (b - a) * part;
            story.play(&format!("move {} {}", at(ends[0].0, ends[1].0), at(ends[0].1, ends[1].1)));
        }
    }
    let end = places[places.len() - 1];
    story.play(&format!("release {} {}", end.0, end.1));
}

#[test]
fn free_hand_lines_get_the_corners_they_need() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key l");
    stroke(&mut story, &[(100.0, 100.0), (200.0, 100.0), (200.0, 200.0)]);
    story.play("click 300 250");
    stroke(&mut story, &[(300.0, 300.0), (400.0, 300.0)]);
    story.play("key Enter");
    assert_eq!(story.regions(), ["Cat polyline 100 100, 200 100, 200 200, 300 250, 300 300, 400 300"]);
    check_history(&story.editor);
}

#[test]
fn a_free_hand_polygon_closes_where_it_began() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key g");
    stroke(&mut story, &[(100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (102.0, 103.0)]);
    assert_eq!(story.regions(), ["Cat polygon 100 100, 200 100, 200 200"]);
}

#[test]
fn strokes_are_taken_back_corner_by_corner_or_as_a_whole() {
    let start = |story: &mut Story| {
        story.play("object Cat; key l; click 50 50");
        stroke(story, &[(100.0, 100.0), (200.0, 100.0), (200.0, 200.0)]);
    };
    for (script, left) in [
        ("key Backspace", "50 50, 100 100, 200 100"),
        ("click 300 300; key Ctrl+z; key Backspace", "50 50, 100 100, 200 100"),
        ("click 300 300; key Ctrl+z; key Ctrl+z; click 60 90", "50 50, 60 90"),
        ("key Backspace; key Ctrl+z; click 60 90", "50 50, 60 90"),
        ("press 250 250; move 300 250; key Backspace; release 300 250", "50 50, 100 100, 200 100, 200 200"),
        ("press 250 250; move 300 250; interrupt", "50 50, 100 100, 200 100, 200 200, 250 250, 300 250"),
        ("press 250 250; move 300 250; away", "50 50, 100 100, 200 100, 200 200, 250 250, 300 250"),
    ] {
        let mut story = Story::new(Vec::new());
        start(&mut story);
        story.play(script).play("key Enter");
        assert_eq!(story.regions(), [format!("Cat polyline {left}")], "{script}");
    }
}

#[test]
fn the_draft_is_not_written_at_every_move_of_the_pencil() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key l; press 50 50");
    story.effects.clear();
    story.play("move 80 50; move 110 90; move 170 50");
    assert!(!story.saw(&Effect::Changed));
    story.play("release 170 50");
    assert!(story.saw(&Effect::Changed));
}

#[test]
fn a_selected_line_is_gone_on_with_from_either_end() {
    let other = |rest: &str| format!("Dog polyline {rest}");
    for (script, line) in [
        ("click 400 300; click 500 350; key Enter", "100 100, 200 150, 300 100, 400 300, 500 350"),
        ("click 102 101; click 50 50; click 50 20; key Enter", "50 20, 50 50, 100 100, 200 150, 300 100, 400 300"),
        ("click 400 300; click 500 350; key Escape", "100 100, 200 150, 300 100, 400 300"),
        ("click 400 300; key Enter", "100 100, 200 150, 300 100, 400 300"),
        ("click 400 300; key Backspace; click 450 320; key b", "100 100, 200 150, 300 100, 450 320"),
    ] {
        let story = play(vec![road()], &format!("choose 0; key l; {script}"));
        assert_eq!(story.regions(), [other(line)], "{script}");
        assert_eq!(story.editor.document().items()[0].region.id, Some(1));
    }
    for script in ["choose 0; key l; alt down", "key l", "choose 0; key k; key l"] {
        let story = play(vec![road()], &format!("{script}; click 400 300; click 500 350; key Enter"));
        assert_eq!(story.regions().len(), 2, "{script}: another line");
    }
    let mut story = play(vec![road()], "choose 0; key l");
    assert_eq!(story.editor.overlay().handles.len(), 2, "the ends are marked");
    story.play("click 400 300; click 500 350");
    assert!(story.editor.overlay().active.is_empty(), "the sketch stands for the line");
    let key = story.editor.document().items()[0].key;
    story.input(Input::DeleteRegion(key));
    assert!(!story.editor.is_sketching() && story.regions().is_empty());
}

#[test]
fn a_line_that_was_gone_on_with_is_found_again_after_a_reload() {
    let story = play(vec![road()], "choose 0; key l; click 102 101; click 50 50");
    let mut later = come_back(&story, &mut Server::new(vec![road()]));
    later.play("key Enter");
    assert_eq!(later.regions(), ["Dog polyline 50 50, 100 100, 200 150, 300 100, 400 300"]);
}

#[test]
fn a_line_is_split_at_a_corner() {
    let story = play(vec![road()], "choose 0; click 300 100; key t");
    assert_eq!(story.regions(), ["Dog polyline 100 100, 200 150, 300 100", "Dog polyline 300 100, 400 300"]);
    assert_eq!(story.editor.selected().len(), 2);
    for script in ["choose 0; click 100 100; key t", "choose 0; key t"] {
        assert_eq!(play(vec![road()], script).regions().len(), 1, "{script}");
    }
    assert_eq!(play(vec![square()], "choose 0; click 300 100; key t").regions().len(), 1, "a polygon is no line");
}

#[test]
fn edges_are_dragged_with_both_ends() {
    for (start, script, after) in [
        (square(), "drag 220 100 240 50", "polygon 120 50, 320 50, 300 300, 100 300"),
        (square(), "drag 100 250 50 250", "polygon 50 100, 300 100, 300 300, 50 300"),
        (square(), "drag 100 250 -80 250", "polygon 0 100, 300 100, 300 300, 0 300"),
        (road(), "drag 120 110 120 60", "polyline 100 50, 200 100, 300 100, 400 300"),
        (square(), "drag 200 200 210 210", "polygon 110 110, 310 110, 310 310, 110 310"),
    ] {
        let story = play(vec![start], &format!("choose 0; ctrl down; {script}"));
        assert_eq!(story.regions(), [format!("Dog {after}")], "{script}");
    }
    let story = play(vec![square()], "ctrl down; drag 220 100 240 50");
    assert_eq!(story.editor.selected().len(), 1, "also of what was not selected");
}

#[test]
fn several_are_resized_by_the_frame_around_them() {
    let start = || vec![box_at(1, 100.0, 100.0, 100.0, 100.0), box_at(2, 300.0, 200.0, 100.0, 200.0)];
    for (script, after) in [
        ("drag 400 400 700 400", ["Dog box 100 100 200 100", "Dog box 500 200 200 200"]),
        ("drag 100 100 250 250", ["Dog box 250 250 50 50", "Dog box 350 300 50 100"]),
        ("drag 250 100 250 -200", ["Dog box 100 0 100 133", "Dog box 300 133 100 267"]),
        ("drag 400 400 1500 900", ["Dog box 100 100 300 133", "Dog box 700 233 300 267"]),
        (
            "key Alt+Shift+ArrowRight; key Alt+Shift+ArrowRight; key Alt+Shift+ArrowRight; up",
            ["Dog box 100 100 110 100", "Dog box 320 200 110 200"],
        ),
    ] {
        let story = play(start(), &format!("key Ctrl+a; {script}"));
        assert_eq!(story.regions(), after, "{script}");
    }
    let story = play(start(), "key Ctrl+a; drag 400 250 100 250");
    for item in story.editor.document().items() {
        assert!(item.region.shape.bounds().w >= 0.001 * 0.999, "nothing gets thinner than a pixel");
    }
    let story = play(start(), "key Ctrl+a");
    assert_eq!(story.editor.overlay().handles.len(), 8);
    assert_eq!(
        play(vec![square()], "choose 0; key Alt+Shift+ArrowDown; up").regions(),
        ["Dog polygon 100 100, 300 100, 300 310, 100 310"]
    );
}

#[test]
fn areas_are_united() {
    let boxes = || {
        vec![
            box_at(1, 100.0, 100.0, 100.0, 100.0),
            box_at(2, 150.0, 150.0, 100.0, 100.0),
            box_at(3, 600.0, 100.0, 50.0, 50.0),
        ]
    };
    let story = play(boxes(), "key Ctrl+a; key m");
    assert_eq!(story.regions().len(), 2);
    assert_eq!(story.regions()[1], "Dog box 600 100 50 50", "what touches nothing stays");
    let united = &story.editor.document().items()[0].region;
    assert_eq!(united.id, Some(1));
    assert!((crate::geometry::area(&united.shape) * 500_000.0 - 17_500.0).abs() < 1e-6);
    let apart = play(boxes(), "choose 0; shift down; click 620 120; key m");
    assert_eq!(apart.regions().len(), 3);
    assert!(said(&apart).contains("touch"));
    let locked = play(boxes(), "choose 1; key k; key Ctrl+a; key m");
    assert_eq!(locked.regions().len(), 3);
}

#[test]
fn areas_are_subtracted_and_cut() {
    let hole = || vec![square(), box_at(2, 150.0, 150.0, 50.0, 50.0)];
    let story = play(hole(), "choose 0; shift down; click 175 175; key x");
    assert_eq!(story.regions().len(), 2, "what was taken out stays a region");
    let rest = &story.editor.document().items()[0].region.shape;
    assert!((crate::geometry::area(rest) * 500_000.0 - 37_500.0).abs() < 1e-6);
    assert!(said(&story).contains("seam"));
    assert_eq!(story.editor.selected().len(), 1);
    let whole = play(hole(), "choose 1; shift down; click 250 250; key x");
    assert_eq!(said(&whole), "Nothing would be left of the first region");
    let cut = play(
        vec![square(), through(2, Kind::Polyline, &[(50.0, 200.0), (350.0, 200.0)])],
        "choose 0; shift down; click 340 200; key x",
    );
    assert_eq!(cut.regions().len(), 3);
    assert!(cut.regions()[2].starts_with("Dog polygon"));
    let lone = play(
        vec![through(2, Kind::Polyline, &[(100.0, 50.0), (400.0, 50.0)]), square()],
        "choose 0; shift down; click 250 250; key x",
    );
    assert!(said(&lone).starts_with("Select a box or polygon first"));
}

#[test]
fn what_is_locked_stays_as_it_is() {
    let start = || vec![box_at(1, 100.0, 100.0, 100.0, 100.0), box_at(2, 100.0, 100.0, 300.0, 300.0)];
    let lock = "choose 0; key k; ";
    for script in [
        "drag 150 150 180 180",
        "key ArrowRight; up",
        "key Alt+ArrowRight; up",
        "key Delete",
        "key Ctrl+x",
        "object Cat",
        "key c",
        "key Ctrl+ArrowUp",
        "drag 200 200 300 300",
    ] {
        let story = play(start(), &format!("{lock}{script}"));
        assert!(story.regions().contains(&"Dog box 100 100 100 100".to_owned()), "{script}: {:?}", story.regions());
        assert!(story.editor.document().items()[0].region.id == Some(1), "{script}");
    }
    let mut story = play(start(), &format!("{lock}key Escape; click 150 150"));
    assert_eq!(story.editor.selected(), [story.editor.document().items()[1].key], "clicks pass through it");
    story.play("key Ctrl+a");
    assert_eq!(story.editor.selected().len(), 1);
    let key = story.editor.document().items()[0].key;
    story.input(Input::DeleteRegion(key));
    assert_eq!(story.regions().len(), 2);
    story.input(Input::ToggleLock(key));
    assert!(!story.editor.is_locked(key));
    story.play("choose 0; key Delete");
    assert_eq!(story.regions().len(), 1);
}

#[test]
fn what_is_hidden_is_neither_drawn_nor_hit() {
    let mut story = play(vec![square(), box_at(2, 400.0, 100.0, 100.0, 100.0)], "choose 0; key h");
    let shown = |story: &Story| story.editor.shapes().len();
    assert_eq!((shown(&story), story.editor.selected().len()), (1, 0));
    story.play("click 200 200");
    assert!(story.editor.selected().is_empty());
    story.play("key ]; key ]");
    assert_eq!(story.editor.selected(), [story.editor.document().items()[1].key]);
    story.play("choose 0");
    assert_eq!(shown(&story), 1, "choosing it in the list does not show it");
    story.play("key h; key i");
    assert_eq!(shown(&story), 1);
    story.play("key i");
    assert_eq!(shown(&story), 2, "a second time shows all");
    story.play("key Delete; choose 0; key h; key Ctrl+z; key u");
    assert!(!story.editor.hides());
    let mut hidden = play(vec![square()], "choose 0; key ArrowRight; up; key h; key Ctrl+z");
    assert_eq!(shown(&hidden), 1, "what is undone is shown");
    let key = hidden.editor.document().items()[0].key;
    hidden.input(Input::ToggleHide(key));
    assert!(hidden.editor.is_hidden(key) && hidden.saw(&Effect::Redraw(Layers::REGIONS)));
}

#[test]
fn regions_change_their_place_in_the_drawing_order() {
    let start = || (1..=4).map(|id| box_at(id, 100.0, 100.0, 100.0, 100.0)).collect::<Vec<_>>();
    let order =
        |story: &Story| story.editor.document().items().iter().filter_map(|item| item.region.id).collect::<Vec<_>>();
    for (script, after) in [
        ("choose 0; key Ctrl+ArrowUp", [2, 1, 3, 4]),
        ("choose 0; key Home", [2, 3, 4, 1]),
        ("choose 3; key Ctrl+ArrowDown; key Ctrl+ArrowDown", [1, 4, 2, 3]),
        ("choose 3; key End", [4, 1, 2, 3]),
        ("choose 3; key Ctrl+ArrowUp", [1, 2, 3, 4]),
        ("choose 0; key Home; key Ctrl+z", [1, 2, 3, 4]),
    ] {
        assert_eq!(order(&play(start(), script)), after, "{script}");
    }
    let story = play(start(), "choose 0; key Home; key Escape; click 150 150");
    let selected = story.editor.document().get(story.editor.selected()[0]).unwrap();
    assert_eq!(selected.id, Some(1), "of equals the one on top is meant");
}

#[test]
fn the_regions_of_the_previous_picture_come_over() {
    let mut story = play(vec![square()], "key Shift+r");
    assert!(story.saw(&Effect::BringPrevious));
    story.input(Input::Bring(vec![square(), box_at(7, 10.0, 10.0, 50.0, 50.0)]));
    assert_eq!(story.regions()[1..], ["Dog box 10 10 50 50"]);
    assert_eq!(story.editor.document().items()[1].region.id, None);
    assert_eq!(story.editor.selected(), [story.editor.document().items()[1].key]);
    story.input(Input::Bring(vec![square()]));
    assert_eq!(story.regions().len(), 2);
    story.play("key Ctrl+z");
    assert_eq!(story.regions().len(), 1);
    let mut reader = Story::with(Vec::new(), Access::Read);
    reader.input(Input::Bring(vec![square()]));
    assert!(reader.regions().is_empty());
}

#[test]
fn a_finger_held_still_adds_to_the_selection_and_takes_nothing_from_a_gesture() {
    let corners = [(0.1, 0.2), (0.3, 0.2), (0.3, 0.6), (0.1, 0.6)].map(|(x, y)| Point { x, y }).to_vec();
    let polygon = Region { id: Some(1), shape: Shape::Polygon(corners), object: "Cat".to_owned() };
    let mut story = Story::new(vec![polygon, box_at(2, 500.0, 100.0, 200.0, 200.0)]);
    story.play("finger; click 200 200");
    assert_eq!(story.editor.selected().len(), 1);
    // On another region it adds that one.
    story.play("press 600 200; hold; release 600 200");
    assert_eq!(story.editor.selected().len(), 2);
    // Beside all of them it draws a band.
    story.play("press 850 50; hold; move 480 350; release 480 350");
    assert_eq!(story.editor.selected().len(), 2, "the band reaches the box, which is selected already");
    // On a handle it waits for the drag, and while a corner is dragged it means nothing.
    story.play("click 200 200; press 100 100; hold; move 110 110; hold; move 120 120; release 120 120");
    assert_eq!(story.regions()[0], "Cat polygon 120 120, 300 100, 300 300, 100 300");
}
