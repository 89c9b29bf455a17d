//! The gestures: what presses, moves and releases mean, as one state machine.
//!
//! A gesture keeps the shape as it was when the gesture began and computes the shape of this moment from it, so giving up
//! means forgetting, and nothing drifts. The document hears of a gesture once, when it ends.

use super::commands::Command;
use super::document::Key;
use super::input::{Button, Device, Effect, Input, Pointer};
use super::merge::Conflict;
use super::sketch::{Held, Sketch};
use super::{Access, Editor, Selection, Tool};
use crate::geometry::{
    Handle, HandleKind, Hit, Point, Rect, ScreenPoint, Shape, Side, View, clamp_to_image, corner_moved, corner_removed,
    corners, handles, hit, midpoint_inserted, moved, rect_between, resized,
};
use crate::model::region::{Kind, Region};

/// A pointer that moved less than this while pressed was clicked, in CSS pixels.
pub(super) const CLICK_PX: f64 = 3.0;
/// How far arrow keys move the view where nothing is selected, in CSS pixels.
const KEY_PAN_PX: f64 = 48.0;

/// What is going on.
#[derive(Clone, Debug, Default)]
pub(super) enum State {
    /// Nothing.
    #[default]
    Idle,
    /// The button is down, but click and drag cannot be told apart yet.
    Pressed(Pointer, Target),
    /// The view follows the pointer; afterwards the state in the box goes on.
    Panning(ScreenPoint, Box<State>),
    /// A shape follows the pointer.
    Dragging(Drag),
    /// A shape follows the arrow keys.
    Nudging(Nudge),
    /// A polygon or polyline is being drawn corner by corner.
    Sketching(Sketch),
}

/// What lies below a press.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Nothing,
    /// Regions, the most likely meant first.
    Regions(Vec<Key>),
    /// A handle of the selected region.
    Handle(Key, HandleKind),
    /// The first corner of a new box.
    NewBox,
}

/// The part of a shape that a drag holds.
#[derive(Clone, Copy, Debug)]
enum Grip {
    Body,
    Edges(Side, Side),
    Corner(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Drag {
    key: Key,
    /// The region as the gesture found it; a new one was not there.
    found: Option<Region>,
    /// What the shape of this moment is computed from.
    before: Shape,
    now: Shape,
    grip: Grip,
    /// Where the pointer took hold, and where it is.
    from_in_image: Point,
    from_on_screen: ScreenPoint,
    to_on_screen: ScreenPoint,
}

#[derive(Clone, Debug)]
pub(super) struct Nudge {
    key: Key,
    found: Region,
    now: Shape,
    /// So many pixels to the right and down.
    by: (i32, i32),
    part: NudgePart,
}

/// A region that is not as the document says, because a gesture holds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Working<'a> {
    pub key: Key,
    /// Its shape of this moment.
    pub shape: &'a Shape,
    /// Its object, unless it is new.
    pub object: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum NudgePart {
    Body,
    Size,
    Corner(usize),
}

impl State {
    /// The region that a gesture holds.
    pub fn working(&self) -> Option<Working<'_>> {
        match self {
            Self::Dragging(Drag { key, now, found, .. }) => {
                Some(Working { key: *key, shape: now, object: found.as_ref().map(|found| found.object.as_str()) })
            }
            Self::Nudging(Nudge { key, now, found, .. }) => {
                Some(Working { key: *key, shape: now, object: Some(&found.object) })
            }
            _ => None,
        }
    }

    /// The polygon or polyline that is being drawn.
    pub fn sketch(&self) -> Option<&Sketch> {
        match self {
            Self::Sketching(sketch) => Some(sketch),
            Self::Panning(_, then) => then.sketch(),
            _ => None,
        }
    }
}

impl Editor {
    /// The heart of the editor: what `input` does in `state`, and the state after it.
    pub(super) fn step(&mut self, state: State, input: Input) -> State {
        use State::{Dragging, Idle, Nudging, Panning, Pressed, Sketching};
        match (state, input) {
            // A series of arrow keys ends with whatever else happens.
            (Nudging(nudge), Input::Command(Command::Nudge(x, y))) if nudge.part != NudgePart::Size => {
                self.nudged(nudge, x, y)
            }
            (Nudging(nudge), Input::Command(Command::Grow(x, y))) if nudge.part == NudgePart::Size => {
                self.nudged(nudge, x, y)
            }
            (Nudging(_), Input::Command(Command::Cancel) | Input::Interrupt) => Idle,
            (Nudging(nudge), input) => {
                self.reshape(nudge.key, nudge.found, nudge.now);
                self.step(Idle, input)
            }

            // Whoever turns away means what was drawn so far to stay. A sketch waits as it is.
            (Dragging(drag), Input::PutDown) => {
                self.end_drag(drag);
                Idle
            }
            (Pressed(..), Input::PutDown) => Idle,
            (Panning(_, then), Input::PutDown) => self.step(*then, Input::PutDown),
            (Sketching(sketch), Input::PutDown) => Sketching(Sketch { held: Held::Nothing, ..sketch }),

            // Moving the view interrupts nothing.
            (state @ (Idle | Sketching(_)), Input::Press(pointer, button))
                if button == Button::Middle || self.pan_held =>
            {
                Panning(pointer.at, Box::new(state))
            }
            (Panning(from, then), Input::Move(pointer)) => {
                self.view.pan_by(pointer.at - from);
                Panning(pointer.at, then)
            }
            (Panning(_, then), Input::Release(_) | Input::Interrupt) => *then,
            (Panning(_, then), input @ Input::Command(_)) => self.step(*then, input),

            (Idle, Input::Press(pointer, Button::Primary)) => self.press(pointer),
            (Idle, Input::Move(pointer)) => {
                self.hovered = self.candidates(pointer).first().copied();
                Idle
            }

            (Pressed(from, target), Input::Move(pointer)) if pointer.at.distance_to(from.at) >= CLICK_PX => {
                self.begin_drag(from, target, pointer)
            }
            (Pressed(from, target), Input::Release(_)) => {
                self.click(from, target);
                Idle
            }
            (Pressed(..), Input::Interrupt | Input::Command(Command::Cancel)) => Idle,

            (Dragging(drag), Input::Move(pointer)) => Dragging(drag.followed(pointer, &self.view)),
            (Dragging(drag), Input::Release(pointer)) => {
                self.end_drag(drag.followed(pointer, &self.view));
                Idle
            }
            (Dragging(_), Input::Interrupt | Input::Command(Command::Cancel | Command::Undo)) => Idle,

            (Sketching(sketch), Input::Press(pointer, Button::Primary)) => {
                Sketching(sketch.pressed(pointer, &self.view))
            }
            (Sketching(sketch), Input::Move(pointer)) => Sketching(sketch.followed(pointer, &self.view)),
            (Sketching(sketch), Input::Release(_)) if sketch.held == Held::Closing => self.end_sketch(sketch),
            (Sketching(sketch), Input::Release(_)) => Sketching(Sketch { held: Held::Nothing, ..sketch }),
            (Sketching(sketch), Input::DoubleClick(_)) if sketch.corners.len() <= 1 => Idle,
            (Sketching(sketch), Input::DoubleClick(_) | Input::Command(Command::Finish)) => self.end_sketch(sketch),
            (Sketching(sketch), Input::Leave) => Sketching(Sketch { cursor: None, ..sketch }),
            (Sketching(sketch), Input::Interrupt) if sketch.held == Held::Corner(true) => without_last(sketch),
            (Sketching(sketch), Input::Interrupt) => Sketching(Sketch { held: Held::Nothing, ..sketch }),
            (Sketching(sketch), Input::Command(Command::Backspace | Command::Delete | Command::Undo)) => {
                without_last(sketch)
            }
            (Sketching(_), Input::Command(Command::Cancel)) => Idle,
            // Whoever takes up another tool with a shape all but closed means the shape to stay.
            (Sketching(sketch), Input::Command(command @ Command::Use(_))) => {
                if sketch.corners.len() >= sketch.least_corners() {
                    self.end_sketch(sketch);
                }
                self.command(command)
            }
            (Sketching(sketch), Input::Command(Command::Redo)) => Sketching(sketch),

            (Idle, Input::Leave) => {
                self.hovered = None;
                Idle
            }
            (Idle, Input::Command(command)) => self.command(command),
            // Zooming, saving and the like go on beside a gesture; what would pull the rug from under it waits.
            (state, Input::Command(command)) if command.leaves_gestures_alone() => {
                self.command(command);
                state
            }
            (state, _) => state,
        }
    }

    /// Selects a region because a person chose it.
    pub(super) fn choose(&mut self, key: Option<Key>) {
        self.selection = key.map(|key| Selection { key, corner: None, just_drawn: false });
    }

    /// Deletes a region.
    pub(super) fn delete(&mut self, key: Key) {
        if self.access == Access::Write && self.document.commit(key, None) {
            self.say("Region deleted".to_owned());
        }
    }

    /// Ends a gesture that gave a region, which it found in a certain state, another shape. Somebody else's save may have
    /// changed or deleted the region meanwhile. Then both sides changed the same: mine stays for the time being, with its
    /// own object, and a person decides.
    fn reshape(&mut self, key: Key, found: Region, shape: Shape) {
        if shape == found.shape {
            return;
        }
        let theirs = self.document.get(key).cloned();
        let disputed = theirs.as_ref().is_none_or(|theirs| theirs.shape != found.shape && theirs.shape != shape);
        let object = theirs.as_ref().map_or(found.object, |theirs| theirs.object.clone());
        self.document.commit(key, Some((shape, object)));
        if disputed {
            self.saving.dispute(Conflict { key, mine: self.document.get(key).cloned(), theirs });
            self.choose(Some(key));
        }
    }

    /// Adds a region that a person drew, and selects it.
    fn add(&mut self, key: Key, shape: Shape) {
        let kind = shape.kind().label();
        self.document.commit(key, Some((shape, self.current_object.clone().unwrap_or_default())));
        self.selection = Some(Selection { key, corner: None, just_drawn: true });
        match &self.current_object {
            Some(object) => self.say(format!("{kind} added: {object}")),
            None => {
                self.say(format!("{kind} added; pick its object"));
                self.effects.push(Effect::AskForObject);
            }
        }
    }

    fn press(&mut self, pointer: Pointer) -> State {
        let at_in_image = self.view.image_from_screen(pointer.at);
        if let Some((key, handle)) = self.handle_at(pointer) {
            return State::Pressed(pointer, Target::Handle(key, handle.kind));
        }
        match self.tool {
            Tool::Box => State::Pressed(pointer, Target::NewBox),
            Tool::Polygon | Tool::Polyline => {
                self.choose(None);
                let kind = if self.tool == Tool::Polygon { Kind::Polygon } else { Kind::Polyline };
                State::Sketching(Sketch::new(kind, clamp_to_image(at_in_image), pointer))
            }
            Tool::Point if self.view.picture_on_screen().contains_within(pointer.at, pointer.device.margin_px()) => {
                let shape = Shape::Point(clamp_to_image(at_in_image));
                let key = self.document.new_key();
                State::Dragging(Drag::new(key, None, shape, Grip::Corner(0), pointer, &self.view))
            }
            Tool::Point => State::Idle,
            Tool::Select => {
                let below = self.candidates(pointer);
                let target = if below.is_empty() { Target::Nothing } else { Target::Regions(below) };
                State::Pressed(pointer, target)
            }
        }
    }

    fn click(&mut self, pointer: Pointer, target: Target) {
        match target {
            Target::Handle(key, HandleKind::Corner(index)) => {
                self.selection = Some(Selection { key, corner: Some(index), just_drawn: false });
            }
            Target::Handle(key, HandleKind::Insert(index)) => {
                if let Some(region) = self.document.get(key).cloned() {
                    let shape = midpoint_inserted(&region.shape, index);
                    self.reshape(key, region, shape);
                    self.selection = Some(Selection { key, corner: Some(index), just_drawn: false });
                }
            }
            Target::Nothing => self.choose(None),
            Target::Handle(_, HandleKind::Resize(..)) | Target::NewBox | Target::Regions(_) => {
                let below = self.candidates(pointer);
                let again = self.last_click.is_some_and(|at| at.distance_to(pointer.at) <= pointer.device.margin_px());
                let selected = self.selection.and_then(|old| below.iter().position(|key| *key == old.key));
                self.choose(match selected {
                    Some(index) if again => below.get((index + 1) % below.len()).copied(),
                    _ => below.first().copied(),
                });
            }
        }
        self.last_click = Some(pointer.at);
    }

    fn begin_drag(&mut self, from: Pointer, target: Target, to: Pointer) -> State {
        let may_edit = self.access == Access::Write;
        let drag = match target {
            Target::NewBox => {
                let corner = clamp_to_image(self.view.image_from_screen(from.at));
                let shape = Shape::Bbox(Rect { x: corner.x, y: corner.y, w: 0.0, h: 0.0 });
                let key = self.document.new_key();
                self.choose(None);
                Some(Drag::new(key, None, shape, Grip::Edges(Side::High, Side::High), from, &self.view))
            }
            Target::Handle(key, kind) => self.document.get(key).map(|region| {
                let (shape, grip) = match kind {
                    HandleKind::Resize(horizontal, vertical) => {
                        (region.shape.clone(), Grip::Edges(horizontal, vertical))
                    }
                    HandleKind::Corner(index) => (region.shape.clone(), Grip::Corner(index)),
                    HandleKind::Insert(index) => (midpoint_inserted(&region.shape, index), Grip::Corner(index)),
                };
                Drag::new(key, Some(region.clone()), shape, grip, from, &self.view)
            }),
            Target::Regions(below) if may_edit => {
                let selected = self.selection.map(|selection| selection.key).filter(|key| below.contains(key));
                // A finger that pushes the picture along must not take a region with it that was not chosen before.
                let key = selected.or_else(|| below.first().copied().filter(|_| from.device == Device::Mouse));
                key.and_then(|key| {
                    if selected.is_none() {
                        self.choose(Some(key));
                    }
                    let region = self.document.get(key)?.clone();
                    let shape = region.shape.clone();
                    Some(Drag::new(key, Some(region), shape, Grip::Body, from, &self.view))
                })
            }
            Target::Regions(_) | Target::Nothing => None,
        };
        match drag {
            Some(drag) => {
                if let Grip::Corner(index) = drag.grip {
                    self.selection = Some(Selection { key: drag.key, corner: Some(index), just_drawn: false });
                }
                State::Dragging(drag.followed(to, &self.view))
            }
            None => {
                self.view.pan_by(to.at - from.at);
                State::Panning(to.at, Box::new(State::Idle))
            }
        }
    }

    fn end_drag(&mut self, drag: Drag) {
        match drag.found {
            Some(found) => self.reshape(drag.key, found, drag.now),
            None if matches!(drag.now, Shape::Point(_)) || self.is_large_enough(&drag) => self.add(drag.key, drag.now),
            None => {}
        }
    }

    /// Whether the pointer left enough room for a box: the hand trembles, and a box that nobody sees is no box.
    fn is_large_enough(&self, drag: &Drag) -> bool {
        let ends = rect_between(drag.from_in_image, self.view.image_from_screen(drag.to_on_screen));
        let on_screen = self.view.screen_rect(ends);
        on_screen.width() >= CLICK_PX && on_screen.height() >= CLICK_PX
    }

    fn end_sketch(&mut self, sketch: Sketch) -> State {
        if sketch.corners.len() < sketch.least_corners() {
            let kind = sketch.kind.label();
            self.say(format!("A {} needs at least {} corners", kind.to_lowercase(), sketch.least_corners()));
            return State::Sketching(Sketch { held: Held::Nothing, ..sketch });
        }
        let key = self.document.new_key();
        let shape = match sketch.kind {
            Kind::Polygon => Shape::Polygon(sketch.corners),
            _ => Shape::Polyline(sketch.corners),
        };
        self.add(key, shape);
        State::Idle
    }

    /// What a command does while no gesture is under way.
    fn command(&mut self, command: Command) -> State {
        let centre = ScreenPoint::new(self.view.surface().width / 2.0, self.view.surface().height / 2.0);
        if !self.can(command) {
            return State::Idle;
        }
        match command {
            Command::Use(tool) => {
                self.tool = tool;
                self.hovered = None;
            }
            Command::Finish => self.put_into_view(centre),
            Command::Cancel => match self.selection {
                Some(Selection { key, corner: Some(_), .. }) => self.choose(Some(key)),
                Some(_) => self.choose(None),
                None => self.tool = Tool::Select,
            },
            Command::Delete | Command::Backspace => self.delete_selected(),
            Command::Undo => {
                let key = self.document.undo();
                self.reveal_changed(key, "Undone");
            }
            Command::Redo => {
                let key = self.document.redo();
                self.reveal_changed(key, "Redone");
            }
            Command::Next => self.choose_beside(1),
            Command::Previous => self.choose_beside(-1),
            Command::PickObject => self.effects.push(Effect::OpenPicker),
            Command::Nudge(x, y) => return self.nudge(x, y, false),
            Command::Grow(x, y) => return self.nudge(x, y, true),
            Command::ZoomIn => self.view.zoom_at(centre, 1.25),
            Command::ZoomOut => self.view.zoom_at(centre, 0.8),
            Command::Fit => self.view.fit(),
            Command::OneToOne => self.view.one_to_one(),
            Command::Save => self.save_now(),
            Command::Shortcuts => self.effects.push(Effect::ShowShortcuts),
        }
        State::Idle
    }

    /// Puts a shape into the middle of the view, from where arrow keys bring it into place: drawing without a pointer.
    fn put_into_view(&mut self, centre: ScreenPoint) {
        let middle = clamp_to_image(self.view.image_from_screen(centre));
        let reach = (self.view.surface().width.min(self.view.surface().height) / 8.0).max(8.0);
        let way = ScreenPoint::new(reach, reach);
        let shape = match self.tool {
            Tool::Point => Shape::Point(middle),
            Tool::Box => {
                let ends =
                    rect_between(self.view.image_from_screen(centre - way), self.view.image_from_screen(centre + way));
                Shape::Bbox(resized(ends, Side::High, Side::High, Point::default(), self.view.pixel_in_image()))
            }
            Tool::Select | Tool::Polygon | Tool::Polyline => return,
        };
        let key = self.document.new_key();
        self.add(key, shape);
        // A person without a pointer goes on with this very region.
        self.choose(Some(key));
    }

    fn delete_selected(&mut self) {
        let Some(Selection { key, corner, .. }) = self.selection else { return };
        let Some(index) = corner.filter(|_| !matches!(self.document.get(key).map(|r| &r.shape), Some(Shape::Point(_))))
        else {
            return self.delete(key);
        };
        let Some(region) = self.document.get(key) else { return };
        let region = region.clone();
        match corner_removed(&region.shape, index) {
            Some(shape) => {
                self.reshape(key, region, shape);
                self.choose(Some(key));
            }
            None => {
                self.say("The shape needs all its corners; press Escape and Delete to delete the region".to_owned())
            }
        }
    }

    fn reveal_changed(&mut self, key: Option<Key>, what: &str) {
        let Some(key) = key else { return };
        self.say(what.to_owned());
        if let Some(bounds) = self.document.get(key).map(|region| region.shape.bounds()) {
            // Nobody chose it: picking an object still is for the next region.
            self.selection = Some(Selection { key, corner: None, just_drawn: true });
            self.view.reveal(bounds);
        }
    }

    fn choose_beside(&mut self, step: isize) {
        let items = self.document.items();
        let count = items.len() as isize;
        if count == 0 {
            return;
        }
        let selected = self.selection.and_then(|old| items.iter().position(|item| item.key == old.key));
        let index = match selected {
            Some(index) => (index as isize + step).rem_euclid(count),
            None if step > 0 => 0,
            None => count - 1,
        };
        let item = items[index as usize].clone();
        self.choose(Some(item.key));
        self.view.reveal(item.region.shape.bounds());
        let object = if item.is_pending() { "no object yet" } else { &item.region.object };
        self.say(format!("{}: {object}, {} of {count}", item.region.shape.kind().label(), index + 1));
    }

    fn nudge(&mut self, x: i8, y: i8, grow: bool) -> State {
        let selected = self.selection.filter(|_| self.access == Access::Write);
        let Some((selection, region)) = selected.and_then(|s| Some((s, self.document.get(s.key)?))) else {
            self.view
                .pan_by(ScreenPoint::new(-f64::from(x.signum()) * KEY_PAN_PX, -f64::from(y.signum()) * KEY_PAN_PX));
            return State::Idle;
        };
        let part = match selection.corner {
            _ if grow => NudgePart::Size,
            Some(index) if index < corners(&region.shape).len() => NudgePart::Corner(index),
            _ => NudgePart::Body,
        };
        let nudge = Nudge { key: selection.key, found: region.clone(), now: region.shape.clone(), by: (0, 0), part };
        self.nudged(nudge, x, y)
    }

    fn nudged(&self, nudge: Nudge, x: i8, y: i8) -> State {
        let by = (nudge.by.0 + i32::from(x), nudge.by.1 + i32::from(y));
        let pixel = self.view.pixel_in_image();
        let way = Point { x: f64::from(by.0) * pixel.x, y: f64::from(by.1) * pixel.y };
        let now = match (nudge.part, &nudge.found.shape) {
            (NudgePart::Size, Shape::Bbox(rect)) => Shape::Bbox(resized(*rect, Side::High, Side::High, way, pixel)),
            (NudgePart::Corner(index), before) => {
                let corner = corners(before).get(index).copied().unwrap_or_default();
                corner_moved(before, index, Point { x: corner.x + way.x, y: corner.y + way.y })
            }
            (_, before) => moved(before, way.x, way.y),
        };
        State::Nudging(Nudge { by, now, ..nudge })
    }

    /// The regions below the pointer, the most likely meant first.
    fn candidates(&self, pointer: Pointer) -> Vec<Key> {
        let mut hits: Vec<(Hit, Key)> = self
            .document
            .items()
            .iter()
            .filter_map(|item| {
                Some((hit(&item.region.shape, &self.view, pointer.at, pointer.device.margin_px())?, item.key))
            })
            .collect();
        // Of equals the one drawn last is meant: it lies on top.
        hits.sort_by(|(a, key_a), (b, key_b)| a.order(b).then(key_b.cmp(key_a)));
        hits.into_iter().map(|(_, key)| key).collect()
    }

    /// The handle below the pointer. Handles answer to the tools that show them: all to Select, those of boxes to Box too,
    /// so that a box just drawn can be put right at once, while polygons can share corners.
    pub(super) fn handle_at(&self, pointer: Pointer) -> Option<(Key, Handle)> {
        let (key, shape) = self.shape_with_handles()?;
        let margin = match shape {
            // The inside of a small box must stay free for moving it.
            Shape::Bbox(rect) => {
                let rect = self.view.screen_rect(*rect);
                let inside = rect.contains_within(pointer.at, 0.0);
                let room = rect.width().min(rect.height()) / 4.0;
                if inside { pointer.device.margin_px().min(room) } else { pointer.device.margin_px() }
            }
            _ => pointer.device.margin_px(),
        };
        let (mut best, mut best_order) = (None, (true, f64::INFINITY));
        for handle in handles(shape, &self.view) {
            let distance = handle.at.distance_to(pointer.at);
            let order = (matches!(handle.kind, HandleKind::Insert(_)), distance);
            if distance <= margin && order < best_order {
                (best, best_order) = (Some((key, handle)), order);
            }
        }
        best
    }

    /// The selected shape, if its handles are shown.
    pub(super) fn shape_with_handles(&self) -> Option<(Key, &Shape)> {
        let key = self.selection.filter(|_| self.access == Access::Write)?.key;
        let shape = match self.state.working() {
            Some(working) if working.key == key => working.shape,
            _ => &self.document.get(key)?.shape,
        };
        match self.tool {
            Tool::Select => Some((key, shape)),
            Tool::Box if matches!(shape, Shape::Bbox(_)) => Some((key, shape)),
            _ => None,
        }
    }

    fn say(&mut self, sentence: String) {
        self.effects.push(Effect::Say(sentence));
    }
}

impl Drag {
    /// A drag that begins. `found` is the region that it takes hold of, `shape` what is computed from.
    fn new(key: Key, found: Option<Region>, shape: Shape, grip: Grip, from: Pointer, view: &View) -> Self {
        let from_in_image = view.image_from_screen(from.at);
        let from_in_image = if found.is_none() { clamp_to_image(from_in_image) } else { from_in_image };
        let (from_on_screen, to_on_screen) = (from.at, from.at);
        Self { key, found, now: shape.clone(), before: shape, grip, from_in_image, from_on_screen, to_on_screen }
    }

    /// The drag with the pointer elsewhere.
    fn followed(self, pointer: Pointer, view: &View) -> Self {
        let to = view.image_from_screen(pointer.at);
        let way = Point { x: to.x - self.from_in_image.x, y: to.y - self.from_in_image.y };
        let now = match (self.grip, &self.before) {
            // A click that trembles must not shift a corner or a point.
            _ if pointer.at.distance_to(self.from_on_screen) < CLICK_PX && self.found.is_none() => self.before.clone(),
            (Grip::Edges(horizontal, vertical), Shape::Bbox(rect)) => {
                Shape::Bbox(resized(*rect, horizontal, vertical, way, view.pixel_in_image()))
            }
            (Grip::Corner(index), before) => {
                let corner = corners(before).get(index).copied().unwrap_or_default();
                corner_moved(before, index, Point { x: corner.x + way.x, y: corner.y + way.y })
            }
            (_, before) => moved(before, way.x, way.y),
        };
        Self { now, to_on_screen: pointer.at, ..self }
    }
}

fn without_last(sketch: Sketch) -> State {
    sketch.without_last().map_or(State::Idle, State::Sketching)
}

impl Command {
    /// Whether the command can be obeyed while a gesture is under way.
    fn leaves_gestures_alone(self) -> bool {
        matches!(
            self,
            Self::ZoomIn | Self::ZoomOut | Self::Fit | Self::OneToOne | Self::Save | Self::Shortcuts | Self::PickObject
        )
    }
}
