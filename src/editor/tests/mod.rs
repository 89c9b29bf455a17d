//! Stories and tables: scripted gestures and what comes of them, with the invariants checked after every step.
//!
//! Scripts speak in pixels of a picture of 1000x500 that is shown 1:1, sixteen pixels from the surface's corner.

mod alone;
mod combine;
mod crowd;
mod disputes;
mod flow;
mod labelling;
mod many;
mod random;
mod saving;
mod seeing;
mod tools;

use super::*;
use crate::geometry::{Point, Rect, ScreenPoint, Shape, is_valid};
use crate::model::region::Region;
use crate::model::region_delta::{Delta, DeltaAnswer, DeltaChange};
use proptest::prelude::*;
use saving::{Browser, Server, come_back, save, save_unanswered};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

/// A name that no other visit has.
fn name() -> String {
    static VISITS: AtomicU64 = AtomicU64::new(0);
    format!("visit-{}", VISITS.fetch_add(1, Ordering::Relaxed))
}

/// An editor with a person at it.
struct Story {
    editor: Editor,
    browser: Browser,
    effects: Vec<Effect>,
    /// The device and the keys that are held.
    held: Pointer,
}

impl Story {
    fn new(regions: Vec<Region>) -> Self {
        Self::with(regions, Access::Write)
    }

    fn with(regions: Vec<Region>, access: Access) -> Self {
        let annotations = Annotations { revision: 3, regions };
        let mut editor = Editor::new(Size::new(1000.0, 500.0), annotations, access);
        editor.name_visit(name());
        editor.handle(Input::Resize(Size::new(1032.0, 532.0)));
        Self { editor, browser: Browser::default(), effects: Vec::new(), held: Pointer::mouse(ScreenPoint::default()) }
    }

    fn input(&mut self, input: Input) {
        let effects = self.editor.handle(input);
        check_effects(&effects);
        if effects.iter().any(|effect| matches!(effect, Effect::Changed | Effect::Send(_))) {
            self.browser.keep(&mut self.editor);
        }
        self.effects.extend(effects);
        check_invariants(&self.editor);
    }

    fn pointer(&self, x: f64, y: f64) -> Pointer {
        Pointer { at: ScreenPoint::new(x + 16.0, y + 16.0), ..self.held }
    }

    fn play(&mut self, script: &str) -> &mut Self {
        for line in script.split([';', '\n']).map(str::trim).filter(|line| !line.is_empty()) {
            self.line(line);
        }
        self
    }

    fn line(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let numbers: Vec<f64> = rest.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let at = |index: usize| self.pointer(numbers[2 * index], numbers[2 * index + 1]);
        match word {
            "press" => self.input(Input::Press(at(0), Button::Primary)),
            "middle" => self.input(Input::Press(at(0), Button::Middle)),
            "move" => self.input(Input::Move(at(0))),
            "release" => self.input(Input::Release(at(0))),
            "click" => {
                let at = at(0);
                self.input(Input::Press(at, Button::Primary));
                self.input(Input::Release(at));
            }
            "double" => {
                let at = at(0);
                for _ in 0..2 {
                    self.input(Input::Press(at, Button::Primary));
                    self.input(Input::Release(at));
                }
                self.input(Input::DoubleClick(at));
            }
            "drag" => {
                let (from, to) = (at(0), at(1));
                self.input(Input::Press(from, Button::Primary));
                let half = Pointer { at: from.at.midpoint(to.at), ..to };
                self.input(Input::Move(half));
                self.input(Input::Move(to));
                self.input(Input::Release(to));
            }
            "key" => {
                let key = rest.rsplit('+').next().filter(|key| !key.is_empty()).unwrap_or("+");
                let held = |name: &str| rest.split('+').any(|part| part == name);
                let command = command_for(key, held("Ctrl"), held("Shift"), held("Alt"));
                self.input(Input::Command(command.unwrap_or_else(|| panic!("no command for {rest}"))));
            }
            "up" => self.input(Input::NudgeEnd),
            "here" => self.input(Input::PressHere),
            "space" => self.input(Input::HoldPan(rest == "down")),
            "away" => self.input(Input::PutDown),
            "hold" => self.input(Input::Hold),
            "interrupt" => self.input(Input::Interrupt),
            "object" => self.input(Input::PickObject(rest.to_owned())),
            "finger" => self.held.device = Device::Touch,
            "shift" => self.held.adds = rest == "down",
            "alt" => self.held.free = rest == "down",
            "ctrl" => self.held.edges = rest == "down",
            "choose" => {
                let key = self.editor.document().items()[numbers[0] as usize].key;
                self.input(Input::Choose(Some(key)));
            }
            other => panic!("unknown word {other}"),
        }
    }

    /// The regions in pixels: `Cat box 10 20 30 40`.
    fn regions(&self) -> Vec<String> {
        self.editor.document().items().iter().map(|item| in_words(&item.region)).collect()
    }

    fn saw(&self, effect: &Effect) -> bool {
        self.effects.contains(effect)
    }
}

/// What was announced, in order.
fn said(story: &Story) -> Vec<&str> {
    let sentences = story.effects.iter().filter_map(|effect| match effect {
        Effect::Say(sentence) => Some(sentence.as_str()),
        _ => None,
    });
    sentences.collect()
}

/// The command of a key, as long as nobody has changed any.
fn command_for(key: &str, ctrl: bool, shift: bool, alt: bool) -> Option<Command> {
    Shortcut::pressed(key, ctrl, shift, alt).and_then(|pressed| Keymap::default().command(pressed))
}

fn in_words(region: &Region) -> String {
    let px = |x: f64, y: f64| format!("{} {}", (x * 1000.0).round(), (y * 500.0).round());
    let line = |points: &[Point]| points.iter().map(|p| px(p.x, p.y)).collect::<Vec<_>>().join(", ");
    let shape = match &region.shape {
        Shape::Bbox(Rect { x, y, w, h }) => format!("box {} {}", px(*x, *y), px(*w, *h)),
        Shape::Polygon(points) => format!("polygon {}", line(points)),
        Shape::Polyline(points) => format!("polyline {}", line(points)),
        Shape::Point(point) => format!("point {}", px(point.x, point.y)),
    };
    let object = if region.object.is_empty() { "?" } else { &region.object };
    format!("{object} {shape}")
}

fn contents(editor: &Editor) -> Vec<(Key, Shape, String)> {
    let content = |item: &Item| (item.key, item.region.shape.clone(), item.region.object.clone());
    editor.document().items().iter().map(content).collect()
}

/// What must hold after every step.
fn check_invariants(editor: &Editor) {
    let items = editor.document().items();
    for item in items {
        assert!(is_valid(&item.region.shape), "{:?}", item.region);
    }
    let keys: BTreeSet<Key> = items.iter().map(|item| item.key).collect();
    assert_eq!(keys.len(), items.len(), "a key stands for one region");
    let ids: Vec<i64> = items.iter().filter_map(|item| item.region.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands for one region");
    assert!(editor.selected().iter().all(|key| keys.contains(key)));
    assert_eq!(
        editor.selected().iter().collect::<BTreeSet<_>>().len(),
        editor.selected().len(),
        "nothing is selected twice"
    );
    assert!(editor.hovered().is_none_or(|key| keys.contains(&key)));
    for active in editor.overlay().active {
        let fresh_box = matches!(active.shape, Shape::Bbox(rect) if rect.w == 0.0 || rect.h == 0.0);
        assert!(is_valid(active.shape) || fresh_box && !keys.contains(&active.key), "{active:?}");
    }
}

/// Undo to the beginning and redo to the end must lead back to exactly the same regions.
fn check_history(editor: &Editor) {
    let mut editor = editor.clone();
    editor.handle(Input::Interrupt);
    let now = contents(&editor);
    let mut states = vec![now.clone()];
    while editor.can(Command::Undo) {
        editor.handle(Input::Command(Command::Cancel));
        let version = editor.document().version();
        editor.handle(Input::Command(Command::Undo));
        if editor.document().version() != version {
            states.push(contents(&editor));
        }
        check_invariants(&editor);
    }
    assert_eq!(states.pop(), Some(contents(&editor)));
    while let Some(expected) = states.pop() {
        editor.handle(Input::Command(Command::Redo));
        assert_eq!(contents(&editor), expected);
    }
    assert_eq!(contents(&editor), now);
}

fn check_effects(effects: &[Effect]) {
    let redraws = effects.iter().filter(|effect| matches!(effect, Effect::Redraw(_))).count();
    assert!(redraws <= 1, "{effects:?}");
}

fn check(script: &str, expected: &[&str]) {
    let mut story = Story::new(Vec::new());
    story.play("object Cat").play(script);
    assert_eq!(story.regions(), expected, "{script}");
    check_history(&story.editor);
}

fn box_at(id: i64, x: f64, y: f64, w: f64, h: f64) -> Region {
    let rect = Rect { x: x / 1000.0, y: y / 500.0, w: w / 1000.0, h: h / 500.0 };
    Region { id: Some(id), shape: Shape::Bbox(rect), object: "Dog".to_owned() }
}

#[test]
fn drawing() {
    check("key b; drag 100 100 200 150", &["Cat box 100 100 100 50"]);
    check("key b; drag 200 150 100 100", &["Cat box 100 100 100 50"]);
    check("key b; drag 900 400 1200 700", &["Cat box 900 400 100 100"]);
    check("key b; drag -50 -50 100 100", &["Cat box 0 0 100 100"]);
    check("key b; drag 100 100 102 102", &[]);
    check("key b; drag 100 100 200 101", &[]);
    check("key b; drag 1100 100 1200 200", &[]);
    check("key b; press 100 100; move 200 200; key Escape; move 300 300; release 300 300", &[]);
    check("key b; press 100 100; move 200 200; interrupt; release 300 300", &[]);
    check("key p; click 300 200", &["Cat point 300 200"]);
    check("key p; drag 300 200 320 210", &["Cat point 320 210"]);
    check("key p; click 1100 200", &[]);
    check("key g; click 10 10; click 110 10; click 10 110; key Enter", &["Cat polygon 10 10, 110 10, 10 110"]);
    check("key g; click 10 10; click 110 10; click 10 110; click 12 11", &["Cat polygon 10 10, 110 10, 10 110"]);
    check("key g; click 10 10; click 110 10; double 10 110", &["Cat polygon 10 10, 110 10, 10 110"]);
    check("key g; click 10 10; click 110 10; key Enter", &[]);
    check("key g; click 10 10; click 110 10; click 9 9; key Enter", &["Cat polygon 10 10, 110 10, 9 9"]);
    check("key g; click -50 10; click 110 10; click 10 110; key Enter", &["Cat polygon 0 10, 110 10, 10 110"]);
    check("key l; click 10 10; click 110 10; double 110 90", &["Cat polyline 10 10, 110 10, 110 90"]);
    check("key l; double 10 10", &[]);
    check("key l; click 10 10; click 50 50; key Backspace; click 90 10; key Enter", &["Cat polyline 10 10, 90 10"]);
    check("key l; click 10 10; click 50 50; key Ctrl+z; click 90 10; key Enter", &["Cat polyline 10 10, 90 10"]);
    check("key l; click 10 10; click 50 50; key b", &["Cat polyline 10 10, 50 50"]);
    check("key l; click 10 10; key b; drag 20 20 50 50", &["Cat box 20 20 30 30"]);
    check("key l; click 10 10; click 50 50; interrupt; click 90 10; key Enter", &["Cat polyline 10 10, 50 50, 90 10"]);
    check("key l; click 10 10; press 50 50; interrupt; click 90 10; key Enter", &["Cat polyline 10 10, 90 10"]);
    check("key l; click 10 10; drag 50 50 60 60; key Enter", &["Cat polyline 10 10, 50 50, 60 60"]);
    check("key l; click 10 10; drag 50 50 53 52; key Enter", &["Cat polyline 10 10, 50 50"]);
}

#[test]
fn a_click_after_closing_on_the_first_corner_starts_nothing() {
    check("key g; click 10 10; click 110 10; click 10 110; double 10 10", &["Cat polygon 10 10, 110 10, 10 110"]);
}

#[test]
fn reshaping() {
    let start = "key b; drag 100 100 200 200; key v; ";
    for (script, expected) in [
        ("drag 150 150 250 160", "Cat box 200 110 100 100"),
        ("drag 150 150 -800 160", "Cat box 0 110 100 100"),
        ("drag 200 200 260 300", "Cat box 100 100 160 200"),
        ("drag 203 203 263 303", "Cat box 100 100 160 200"),
        ("drag 100 100 50 20", "Cat box 50 20 150 180"),
        ("drag 150 100 170 50", "Cat box 100 50 100 150"),
        ("drag 100 150 300 150", "Cat box 200 100 100 100"),
        ("drag 200 150 1500 150", "Cat box 100 100 900 100"),
        ("press 150 150; move 400 400; key Escape; release 500 500", "Cat box 100 100 100 100"),
        ("key ArrowRight; key ArrowRight; key Shift+ArrowDown; up", "Cat box 102 110 100 100"),
        ("key ArrowRight; key Escape", "Cat box 100 100 100 100"),
        ("key Alt+ArrowRight; key Alt+Shift+ArrowUp; up", "Cat box 100 100 101 90"),
        ("drag 600 400 700 300", "Cat box 100 100 100 100"),
    ] {
        check(&format!("{start}{script}"), &[expected]);
    }
    let start = "key g; click 100 100; click 300 100; click 300 300; click 100 300; key Enter; key v; ";
    for (script, expected) in [
        ("drag 300 300 400 400", "Cat polygon 100 100, 300 100, 400 400, 100 300"),
        ("drag 200 100 200 50", "Cat polygon 100 100, 200 50, 300 100, 300 300, 100 300"),
        ("drag 100 200 50 200", "Cat polygon 100 100, 300 100, 300 300, 100 300, 50 200"),
        ("click 300 300; key Delete", "Cat polygon 100 100, 300 100, 100 300"),
        ("click 200 100; key ArrowUp; up", "Cat polygon 100 100, 200 99, 300 100, 300 300, 100 300"),
        ("click 300 300; key Delete; click 300 100; key Delete", "Cat polygon 100 100, 300 100, 100 300"),
        ("drag 200 200 210 190", "Cat polygon 110 90, 310 90, 310 290, 110 290"),
    ] {
        check(&format!("{start}{script}"), &[expected]);
    }
}

#[test]
fn a_series_of_arrow_keys_is_one_change() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 50.0, 50.0)]);
    story.play("choose 0; key ArrowRight; key ArrowRight; key ArrowRight; up; key Ctrl+z");
    assert_eq!(story.regions(), ["Dog box 100 100 50 50"]);
    assert!(!story.editor.can(Command::Undo));
}

#[test]
fn the_smallest_region_is_selected_and_clicking_again_selects_what_lies_below() {
    let mut story = Story::new(vec![box_at(1, 0.0, 0.0, 1000.0, 500.0), box_at(2, 100.0, 100.0, 100.0, 100.0)]);
    let selected = |story: &Story| {
        story.editor.selected().first().and_then(|key| story.editor.document().get(*key)).and_then(|region| region.id)
    };
    for (script, id) in [
        ("click 150 150", Some(2)),
        ("click 151 150", Some(1)),
        ("click 150 150", Some(2)),
        ("click 500 300", Some(1)),
        ("click 150 150", Some(2)),
        ("key Escape", None),
        ("key ]", Some(1)),
        ("key ]", Some(2)),
        ("key ]", Some(1)),
        ("key [", Some(2)),
    ] {
        story.play(script);
        assert_eq!(selected(&story), id, "{script}");
    }
}

#[test]
fn a_selected_large_region_can_be_dragged_from_where_a_small_one_lies() {
    let mut story = Story::new(vec![box_at(1, 0.0, 0.0, 500.0, 500.0), box_at(2, 100.0, 100.0, 100.0, 100.0)]);
    story.play("choose 0; drag 150 150 250 150");
    assert_eq!(story.regions(), ["Dog box 100 0 500 500", "Dog box 100 100 100 100"]);
}

#[test]
fn deleting_and_bringing_back() {
    let mut story = Story::new(vec![box_at(1, 0.0, 0.0, 100.0, 100.0), box_at(2, 200.0, 200.0, 100.0, 100.0)]);
    story.play("click 50 50; key Delete");
    assert_eq!(story.regions(), ["Dog box 200 200 100 100"]);
    story.play("key Ctrl+z");
    assert_eq!(story.regions(), ["Dog box 0 0 100 100", "Dog box 200 200 100 100"]);
    assert_eq!(story.editor.document().items()[0].region.id, Some(1));
    assert_eq!(story.editor.status(), SaveStatus::Saved);
    story.play("key Ctrl+Shift+z");
    assert_eq!(story.regions(), ["Dog box 200 200 100 100"]);
}

#[test]
fn a_shape_drawn_before_an_object_is_picked_waits_for_it() {
    let mut story = Story::new(Vec::new());
    story.play("key b; drag 100 100 200 200");
    assert!(story.saw(&Effect::AskForObject));
    assert_eq!(story.regions(), ["? box 100 100 100 100"]);
    assert_eq!(story.editor.status(), SaveStatus::Pending(1));
    story.input(Input::Save);
    assert!(!story.effects.iter().any(|effect| matches!(effect, Effect::Send(_))));
    story.play("object Cat; drag 300 100 400 200");
    assert_eq!(story.regions(), ["Cat box 100 100 100 100", "Cat box 300 100 100 100"]);
    assert_eq!(story.editor.status(), SaveStatus::Unsaved(2));
    check_history(&story.editor);
}

#[test]
fn picking_an_object_is_for_what_is_selected_also_when_it_was_just_drawn() {
    let mut story = Story::new(Vec::new());
    story.play("object Cat; key b; drag 100 100 200 200; object Dog");
    assert_eq!(story.regions(), ["Dog box 100 100 100 100"]);
    assert_eq!(story.editor.shown_object(), Some("Dog"));
    story.play("drag 300 100 400 200; key Escape; object Fish; drag 500 100 600 200");
    let three = ["Dog box 100 100 100 100", "Dog box 300 100 100 100", "Fish box 500 100 100 100"];
    assert_eq!(story.regions(), three, "with nothing selected it is for the next one");
    story.play("click 150 150; object Bird; key Ctrl+z");
    assert_eq!(story.regions(), three);
    story.play("object Cow");
    assert_eq!(story.regions()[0], "Cow box 100 100 100 100", "what was undone is selected");
    check_history(&story.editor);
}

#[test]
fn the_view_moves_without_touching_the_regions() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 100.0, 100.0)]);
    let regions = story.regions();
    story.play("key +; key +").input(Input::Wheel(ScreenPoint::new(300.0, 300.0), Wheel::Zoom(3.0)));
    let origin = story.editor.view().picture_on_screen().min;
    story.play("space down; drag 150 150 160 170; space up");
    let moved = story.editor.view().picture_on_screen().min;
    assert_eq!(moved - origin, ScreenPoint::new(10.0, 20.0));
    story.play("middle 150 150; move 140 130; release 140 130; key 1; key 0");
    assert_eq!(story.regions(), regions);
    assert!(!story.editor.can(Command::Undo));
}

#[test]
fn panning_in_the_middle_of_a_polygon_goes_on_with_it() {
    check(
        "key g; click 10 10; click 110 10; space down; drag 200 200 300 300; space up; key 0; click 10 110; key Enter",
        &["Cat polygon 10 10, 110 10, 10 110"],
    );
}

#[test]
fn a_finger_moves_the_picture_unless_the_region_was_chosen() {
    let mut story = Story::new(vec![box_at(1, 100.0, 100.0, 200.0, 200.0)]);
    story.play("finger; drag 200 200 250 200");
    assert_eq!(story.regions(), ["Dog box 100 100 200 200"]);
    story.play("key 0; click 200 200; drag 200 200 250 200");
    assert_eq!(story.regions(), ["Dog box 150 100 200 200"]);
}

#[test]
fn drawing_without_a_pointer() {
    check("key b; key Enter; key ArrowRight; up", &["Cat box 435 184 133 133"]);
    check("key p; key Enter", &["Cat point 500 250"]);
}

#[test]
fn who_may_only_look_changes_nothing() {
    let regions = vec![box_at(1, 100.0, 100.0, 200.0, 200.0)];
    let mut story = Story::with(regions, Access::Read);
    story.play(
        "key b; drag 10 10 90 90; key v; click 200 200; key Delete; key ArrowRight; drag 200 200 300 300; object Cat",
    );
    assert_eq!(story.regions(), ["Dog box 100 100 200 200"]);
    assert_eq!(story.editor.tool(), Tool::Select);
    story.input(Input::Save);
    assert_eq!(story.editor.status(), SaveStatus::Saved);
}

/// Anywhere, and often on a grid, where things meet.
fn any_place() -> impl Strategy<Value = ScreenPoint> {
    let grid = (0..=20u8, 0..=10u8).prop_map(|(x, y)| (16.0 + f64::from(x) * 50.0, 16.0 + f64::from(y) * 50.0));
    prop_oneof![(-100.0..1150.0f64, -100.0..650.0f64), grid].prop_map(|(x, y)| ScreenPoint::new(x, y))
}

fn any_pointer() -> impl Strategy<Value = Pointer> {
    let held = || prop::bool::weighted(0.25);
    let device = prop_oneof![4 => Just(Device::Mouse), 1 => Just(Device::Touch)];
    (any_place(), device, held(), held(), held()).prop_map(|(at, device, adds, free, edges)| Pointer {
        at,
        device,
        adds,
        free,
        edges,
    })
}

fn any_input() -> impl Strategy<Value = Input> {
    let (at, pointer) = (any_place, any_pointer);
    let command = prop::sample::select(COMMANDS.iter().map(|row| row.command).collect::<Vec<_>>());
    prop_oneof![
        6 => pointer().prop_map(|pointer| Input::Press(pointer, Button::Primary)),
        8 => pointer().prop_map(Input::Move),
        6 => pointer().prop_map(Input::Release),
        1 => pointer().prop_map(|pointer| Input::Press(pointer, Button::Middle)),
        1 => pointer().prop_map(Input::DoubleClick),
        1 => Just(Input::Leave),
        1 => Just(Input::Interrupt),
        1 => Just(Input::PutDown),
        1 => Just(Input::NudgeEnd),
        3 => Just(Input::PressHere),
        1 => any::<bool>().prop_map(Input::HoldPan),
        1 => (at(), 0.5..2.0f64).prop_map(|(at, factor)| Input::Wheel(at, Wheel::Zoom(factor))),
        1 => (at(), at(), at(), at()).prop_map(|(a, b, c, d)| Input::Pinch { before: [a, b], after: [c, d] }),
        1 => (-0.5..1.5f64, -0.5..1.5f64).prop_map(|(x, y)| Input::LookAt(Point { x, y })),
        8 => command.prop_map(Input::Command),
        1 => (50.0..2000.0f64, 50.0..2000.0f64).prop_map(|(w, h)| Input::Resize(Size::new(w, h))),
        2 => (0..12u64).prop_map(|key| Input::Choose(Some(Key(key)))),
        1 => (0..12u64).prop_map(|key| Input::DeleteRegion(Key(key))),
        2 => (0..12u64).prop_map(|key| Input::ChooseAlso(Key(key))),
        1 => prop::collection::vec((0..12u64).prop_map(Key), 0..5).prop_map(Input::ChooseAll),
        1 => pointer().prop_map(Input::Erase),
        1 => (0..12u64).prop_map(|key| Input::ToggleLock(Key(key))),
        1 => (0..12u64).prop_map(|key| Input::ToggleHide(Key(key))),
        1 => Just(Input::Bring(vec![box_at(1, 100.0, 100.0, 200.0, 200.0), box_at(2, 420.0, 30.0, 99.0, 77.0)])),
        1 => Just(Input::Paste(vec![box_at(1, 100.0, 100.0, 200.0, 200.0), box_at(2, 700.0, 300.0, 300.0, 200.0)])),
        2 => prop::sample::select(vec!["Cat", "Dog", "Bird"]).prop_map(|name| Input::PickObject(name.to_owned())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_invariants_hold(inputs in prop::collection::vec(any_input(), 1..120)) {
        let start = vec![box_at(1, 100.0, 100.0, 200.0, 200.0), box_at(2, 150.0, 150.0, 50.0, 50.0)];
        let mut story = Story::new(start);
        for input in inputs {
            story.input(input);
        }
        check_history(&story.editor);
    }

    /// A bad line changes nothing: whatever arrives or gets lost, in the end the server has what was drawn, as often as it
    /// was drawn.
    #[test]
    fn a_bad_line_changes_nothing(steps in prop::collection::vec((0..6u8, any_input()), 1..80)) {
        let start = vec![box_at(1, 100.0, 100.0, 200.0, 200.0), box_at(2, 150.0, 150.0, 50.0, 50.0)];
        let mut server = Server::new(start.clone());
        let (mut story, mut calm) = (Story::new(start.clone()), Story::new(start));
        for (what, input) in steps {
            // Merging may change the order in the list; nothing else may differ. The line below saves, not the key.
            let by_order = [
                Command::Next,
                Command::Previous,
                Command::Unite,
                Command::Subtract,
                Command::BringForward,
                Command::SendBackward,
                Command::Save,
            ];
            if by_order.iter().any(|command| input == Input::Command(*command)) {
                continue;
            }
            calm.input(input.clone());
            story.input(input);
            match what {
                0 => save(&mut story, &mut server),
                1 => save_unanswered(&mut story, &mut server),
                2 if saving::request(&mut story).is_some() => story.input(Input::SaveFailed(Trouble::Offline)),
                _ => {}
            }
            prop_assert!(story.editor.conflicts().is_empty());
        }
        for story in [&mut story, &mut calm] {
            story.input(Input::Interrupt);
        }
        for _ in 0..3 {
            save(&mut story, &mut server);
        }
        let sorted = |mut regions: Vec<String>| { regions.sort(); regions };
        let drawn = sorted(calm.regions());
        prop_assert_eq!(&sorted(story.regions()), &drawn);
        let labelled: Vec<String> = drawn.into_iter().filter(|region| !region.starts_with('?')).collect();
        prop_assert_eq!(sorted(server.regions()), labelled);
    }

    /// Two people and a bad line: whoever saves last, everybody ends with the same regions, and nothing that one person
    /// alone drew is lost.
    #[test]
    fn two_people_come_to_agree(steps in prop::collection::vec((any::<bool>(), 0..4u8, any_input()), 1..80)) {
        let start = vec![box_at(1, 100.0, 100.0, 200.0, 200.0), box_at(2, 150.0, 150.0, 50.0, 50.0)];
        let mut server = Server::new(start.clone());
        let mut people = [Story::new(start.clone()), Story::new(start)];
        for (who, what, input) in steps {
            let story = &mut people[usize::from(who)];
            story.input(input);
            match what {
                0 => save(story, &mut server),
                1 => save_unanswered(story, &mut server),
                _ => {}
            }
        }
        for _ in 0..4 {
            for story in &mut people {
                story.input(Input::Interrupt);
                story.input(Input::Outdated(server.annotations.clone()));
                for conflict in story.editor.conflicts().to_vec() {
                    story.input(Input::Resolve(conflict.key, Choice::Mine));
                }
                save(story, &mut server);
            }
        }
        let mut agreed = server.regions();
        agreed.sort();
        for story in &people {
            let mut regions: Vec<String> =
                story.regions().into_iter().filter(|region| !region.starts_with('?')).collect();
            regions.sort();
            prop_assert_eq!(&regions, &agreed);
        }
    }
}
