//! The gestures: what presses, moves and releases mean, as one state machine.
//!
//! A gesture keeps the shape as it was when the gesture began and computes the shape of this moment from it, so giving up
//! means forgetting, and nothing drifts. The document hears of a gesture once, when it ends.

use super::commands::Command;
use super::document::Key;
use super::input::{Button, Device, Effect, Input, Pointer};
use super::merge::Conflict;
use super::nudge::Nudge;
use super::obey::regions;
use super::selection::Selection;
use super::sketch::{Held, Sketch};
use super::{Access, Editor, Tool};
use crate::geometry::{
    Handle, HandleKind, Hit, Point, Rect, ScreenPoint, Shape, Side, View, bounds_of, clamp_to_image, corner_moved,
    corners, encloses, handles, hit, midpoint_inserted, moved, rect_between, resized, way_within,
};
use crate::model::region::{Kind, Region};

/// A pointer that moved less than this while pressed was clicked, in CSS pixels.
pub(super) const CLICK_PX: f64 = 3.0;

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
    /// Shapes follow the pointer.
    Dragging(Drag),
    /// Shapes follow the arrow keys.
    Nudging(Nudge),
    /// A band is drawn around regions: from there to there.
    Banding(ScreenPoint, ScreenPoint),
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

/// A region that is not as the document says, because a gesture holds it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub key: Key,
    /// The region as the gesture found it; a new one was not there.
    pub found: Option<Region>,
    /// What the shape of this moment is computed from.
    pub before: Shape,
    /// The shape of this moment.
    pub now: Shape,
}

/// What a gesture holds of its shapes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Grip {
    Body,
    Edges(Side, Side),
    Corner(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Drag {
    parts: Vec<Part>,
    grip: Grip,
    /// Where the pointer took hold, and where it is.
    from_in_image: Point,
    from_on_screen: ScreenPoint,
    to_on_screen: ScreenPoint,
}

impl State {
    /// The regions that a gesture holds.
    pub fn working(&self) -> &[Part] {
        match self {
            Self::Dragging(drag) => &drag.parts,
            Self::Nudging(nudge) => &nudge.parts,
            _ => &[],
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
        use State::{Banding, Dragging, Idle, Nudging, Panning, Pressed, Sketching};
        match (state, input) {
            // A series of arrow keys ends with whatever else happens.
            (Nudging(nudge), Input::Command(Command::Nudge(x, y))) if !nudge.resizes() => self.nudged(nudge, x, y),
            (Nudging(nudge), Input::Command(Command::Grow(x, y))) if nudge.resizes() => self.nudged(nudge, x, y),
            (Nudging(_), Input::Command(Command::Cancel) | Input::Interrupt) => Idle,
            (Nudging(nudge), input) => {
                self.end_nudge(nudge);
                self.step(Idle, input)
            }

            // Whoever turns away means what was drawn so far to stay. A sketch waits as it is.
            (Dragging(drag), Input::PutDown) => {
                self.end_drag(drag);
                Idle
            }
            (Pressed(..) | Banding(..), Input::PutDown) => Idle,
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

            (Banding(from, _), Input::Move(pointer)) => Banding(from, pointer.at),
            (Banding(from, _), Input::Release(pointer)) => {
                self.choose_within(from, pointer.at);
                Idle
            }
            (Banding(..), Input::Interrupt | Input::Command(Command::Cancel)) => Idle,

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

            (Sketching(sketch), Input::Erase(_)) => without_last(sketch),
            (Idle, Input::Erase(pointer)) => {
                let below = self.candidates(pointer).first().copied();
                self.delete(below.into_iter().collect());
                Idle
            }

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

    /// Selects a region because a person chose it, or none.
    pub(super) fn choose(&mut self, key: Option<Key>) {
        self.selection = Selection::of(key.into_iter().collect());
    }

    /// Adds a region to the selection, or takes it out.
    pub(super) fn choose_also(&mut self, key: Key) {
        self.selection.toggle(key);
        self.say_how_many();
    }

    /// Adds the regions that lie within a band to the selection.
    fn choose_within(&mut self, from: ScreenPoint, to: ScreenPoint) {
        let band = rect_between(self.view.image_from_screen(from), self.view.image_from_screen(to));
        let items = self.document.items().iter();
        let within = items.filter(|item| encloses(band, item.region.shape.bounds())).map(|item| item.key);
        self.selection.add(within);
        self.say_how_many();
    }

    fn say_how_many(&mut self) {
        let number = self.selection.keys().len();
        self.say(if number == 0 { "Nothing selected".to_owned() } else { format!("{} selected", regions(number)) });
    }

    /// The selected regions, to be taken hold of.
    pub(super) fn parts_of_selection(&self) -> Vec<Part> {
        let parts = self.selection.keys().iter().filter_map(|key| Some(Part::of(*key, self.document.get(*key)?)));
        parts.collect()
    }

    /// Ends a gesture that gave a region another shape.
    pub(super) fn reshape(&mut self, key: Key, found: Region, shape: Shape) {
        self.reshape_all(vec![Part { now: shape, ..Part::of(key, &found) }]);
    }

    /// Ends a gesture that gave regions, which it found in a certain state, other shapes. Somebody else's save may have
    /// changed or deleted one of them meanwhile. Then both sides changed the same: mine stays for the time being, with its
    /// own object, and a person decides.
    pub(super) fn reshape_all(&mut self, parts: Vec<Part>) {
        let (mut changes, mut disputed) = (Vec::new(), Vec::new());
        for Part { key, found, now, .. } in parts {
            let Some(found) = found.filter(|found| found.shape != now) else { continue };
            let theirs = self.document.get(key).cloned();
            let object = theirs.as_ref().map_or(&found.object, |theirs| &theirs.object).clone();
            let is_disputed = theirs.as_ref().is_none_or(|theirs| theirs.shape != found.shape && theirs.shape != now);
            changes.push((key, Some((now, object))));
            if is_disputed {
                disputed.push((key, found, theirs));
            }
        }
        self.document.commit_all(changes);
        for (key, found, theirs) in disputed {
            let base = Some(Region { id: self.document.id_of(key), ..found });
            self.saving.dispute(Conflict { key, base, mine: self.document.get(key).cloned(), theirs });
            self.choose(Some(key));
        }
    }

    /// Adds a region that a person drew, and selects it.
    pub(super) fn add(&mut self, key: Key, shape: Shape) {
        let kind = shape.kind().label();
        self.document.commit(key, Some((shape, self.current_object.clone().unwrap_or_default())));
        self.selection = Selection::just_made(vec![key]);
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
        // Whoever adds to the selection means regions, not handles.
        if let Some((key, handle)) = self.handle_at(pointer).filter(|_| !(pointer.adds && self.tool == Tool::Select)) {
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
                State::Dragging(Drag::new(vec![Part::new(key, shape)], Grip::Corner(0), pointer, &self.view))
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
                self.selection = Selection::corner(key, index);
            }
            Target::Handle(key, HandleKind::Insert(index)) => {
                if let Some(region) = self.document.get(key).cloned() {
                    let shape = midpoint_inserted(&region.shape, index);
                    self.reshape(key, region, shape);
                    self.selection = Selection::corner(key, index);
                }
            }
            Target::Nothing if pointer.adds => {}
            Target::Nothing => self.choose(None),
            Target::Regions(below) if pointer.adds => {
                if let Some(key) = below.first() {
                    self.choose_also(*key);
                }
            }
            Target::Handle(_, HandleKind::Resize(..)) | Target::NewBox | Target::Regions(_) => {
                let below = self.candidates(pointer);
                let again = self.last_click.is_some_and(|at| at.distance_to(pointer.at) <= pointer.device.margin_px());
                let selected = self.selection.only().and_then(|only| below.iter().position(|key| *key == only));
                self.choose(match selected {
                    Some(index) if again => below.get((index + 1) % below.len()).copied(),
                    _ => below.first().copied(),
                });
            }
        }
        self.last_click = Some(pointer.at);
    }

    fn begin_drag(&mut self, from: Pointer, target: Target, to: Pointer) -> State {
        if from.adds && matches!(target, Target::Regions(_) | Target::Nothing) {
            return State::Banding(from.at, to.at);
        }
        let held = match target {
            Target::NewBox => {
                let corner = clamp_to_image(self.view.image_from_screen(from.at));
                let shape = Shape::Bbox(Rect { x: corner.x, y: corner.y, w: 0.0, h: 0.0 });
                let key = self.document.new_key();
                self.choose(None);
                Some((vec![Part::new(key, shape)], Grip::Edges(Side::High, Side::High)))
            }
            Target::Handle(key, kind) => self.document.get(key).map(|region| {
                let part = Part::of(key, region);
                match kind {
                    HandleKind::Resize(horizontal, vertical) => (vec![part], Grip::Edges(horizontal, vertical)),
                    HandleKind::Corner(index) => (vec![part], Grip::Corner(index)),
                    HandleKind::Insert(index) => {
                        (vec![Part { before: midpoint_inserted(&region.shape, index), ..part }], Grip::Corner(index))
                    }
                }
            }),
            Target::Regions(below) if self.access == Access::Write => self.take_hold(&below, from.device),
            Target::Regions(_) | Target::Nothing => None,
        };
        match held {
            Some((parts, grip)) => {
                if let (Grip::Corner(index), [part]) = (grip, &parts[..]) {
                    self.selection = Selection::corner(part.key, index);
                }
                State::Dragging(Drag::new(parts, grip, from, &self.view).followed(to, &self.view))
            }
            None => {
                self.view.pan_by(to.at - from.at);
                State::Panning(to.at, Box::new(State::Idle))
            }
        }
    }

    /// What a drag that begins on these regions takes with it: all that is selected, if that is below the pointer.
    fn take_hold(&mut self, below: &[Key], device: Device) -> Option<(Vec<Part>, Grip)> {
        if !below.iter().any(|key| self.selection.contains(*key)) {
            // A finger that pushes the picture along must not take a region with it that was not chosen before.
            let first = below.first().filter(|_| device == Device::Mouse)?;
            self.choose(Some(*first));
        }
        Some((self.parts_of_selection(), Grip::Body)).filter(|(parts, _)| !parts.is_empty())
    }

    fn end_drag(&mut self, drag: Drag) {
        match &drag.parts[..] {
            [Part { key, found: None, now, .. }] => {
                if matches!(now, Shape::Point(_)) || self.is_large_enough(&drag) {
                    self.add(*key, now.clone());
                }
            }
            _ => self.reshape_all(drag.parts),
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

    /// The selected shape, if its handles are shown: of several regions none has any.
    pub(super) fn shape_with_handles(&self) -> Option<(Key, &Shape)> {
        let key = self.selection.only().filter(|_| self.access == Access::Write)?;
        let shape = match self.state.working() {
            [part] if part.key == key => &part.now,
            _ => &self.document.get(key)?.shape,
        };
        match self.tool {
            Tool::Select => Some((key, shape)),
            Tool::Box if matches!(shape, Shape::Bbox(_)) => Some((key, shape)),
            _ => None,
        }
    }

    pub(super) fn say(&mut self, sentence: String) {
        self.effects.push(Effect::Say(sentence));
    }
}

impl Part {
    /// A region that is taken hold of.
    fn of(key: Key, region: &Region) -> Self {
        Self { key, found: Some(region.clone()), before: region.shape.clone(), now: region.shape.clone() }
    }

    /// A region that is only now being made.
    fn new(key: Key, shape: Shape) -> Self {
        Self { key, found: None, before: shape.clone(), now: shape }
    }
}

impl Drag {
    /// A drag that begins.
    fn new(parts: Vec<Part>, grip: Grip, from: Pointer, view: &View) -> Self {
        let at = view.image_from_screen(from.at);
        let is_new = parts.iter().any(|part| part.found.is_none());
        let from_in_image = if is_new { clamp_to_image(at) } else { at };
        Self { parts, grip, from_in_image, from_on_screen: from.at, to_on_screen: from.at }
    }

    /// The drag with the pointer elsewhere.
    fn followed(mut self, pointer: Pointer, view: &View) -> Self {
        let to = view.image_from_screen(pointer.at);
        // A click that trembles must not shift a corner or a point.
        let trembles = pointer.at.distance_to(self.from_on_screen) < CLICK_PX;
        let is_new = self.parts.iter().any(|part| part.found.is_none());
        if trembles && is_new {
            self.parts.iter_mut().for_each(|part| part.now = part.before.clone());
        } else {
            let way = Point { x: to.x - self.from_in_image.x, y: to.y - self.from_in_image.y };
            move_parts(&mut self.parts, self.grip, way, view.pixel_in_image());
        }
        Self { to_on_screen: pointer.at, ..self }
    }
}

/// Gives what a gesture holds the shapes that it has after a way from where the gesture began. Boxes stay at least as large as
/// `least`, and several regions keep their places among each other.
pub(super) fn move_parts(parts: &mut [Part], grip: Grip, way: Point, least: Point) {
    let bounds = bounds_of(parts.iter().map(|part| &part.before)).filter(|_| grip == Grip::Body);
    let way = bounds.map_or(way, |bounds| way_within(bounds, way));
    for part in parts {
        part.now = match (grip, &part.before) {
            (Grip::Edges(horizontal, vertical), Shape::Bbox(rect)) => {
                Shape::Bbox(resized(*rect, horizontal, vertical, way, least))
            }
            (Grip::Corner(index), before) => {
                let corner = corners(before).get(index).copied().unwrap_or_default();
                corner_moved(before, index, Point { x: corner.x + way.x, y: corner.y + way.y })
            }
            (_, before) => moved(before, way.x, way.y),
        };
    }
}

fn without_last(sketch: Sketch) -> State {
    sketch.without_last().map_or(State::Idle, State::Sketching)
}
