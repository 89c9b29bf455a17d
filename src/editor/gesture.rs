//! The gestures: what presses, moves and releases mean, as one state machine.
//!
//! A gesture keeps the shape as it was when the gesture began and computes the shape of this moment from it, so giving up
//! means forgetting, and nothing drifts. The document hears of a gesture once, when it ends.

use super::commands::Command;
use super::document::Key;
use super::drag::Drag;
use super::hold::{Grip, Hold, Part};
use super::input::{Button, Device, Effect, Input, Pointer};
use super::merge::Conflict;
use super::nudge::Nudge;
use super::obey::regions;
use super::selection::Selection;
use super::sketch::{Continued, Held, Sketch};
use super::{Access, Editor, Tool};
use crate::geometry::{
    Handle, HandleKind, Hit, Rect, ScreenPoint, ScreenRect, Shape, Side, edge_at, encloses, handles, hit,
    midpoint_inserted, rect_between,
};
use crate::model::MarkState;
use crate::model::region::{Kind, MAX_POINTS, MAX_REGIONS, Region};

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
    /// A shape is being drawn corner by corner.
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
    /// A handle of the frame around several selected regions.
    Frame(Side, Side),
    /// An edge of a region.
    Edge(Key, Grip),
    /// The first corner of a new box.
    NewBox,
}

impl State {
    /// What a gesture holds.
    pub fn hold(&self) -> Option<&Hold> {
        match self {
            Self::Dragging(drag) => Some(&drag.hold),
            Self::Nudging(nudge) => Some(&nudge.hold),
            _ => None,
        }
    }

    /// The regions that a gesture holds.
    pub fn working(&self) -> &[Part] {
        self.hold().map_or(&[], Hold::parts)
    }

    /// Whether a gesture holds a region.
    pub fn holds(&self, key: Key) -> bool {
        self.hold().is_some_and(|hold| hold.keys().contains(&key))
    }

    /// The shape that is being drawn corner by corner.
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
            (Sketching(sketch), Input::PutDown) => Sketching(sketch.released(None, &self.view)),

            // Arrow keys move the cross to draw by.
            (Sketching(sketch), Input::Command(Command::Nudge(x, y))) => {
                let pointer = self.move_key_aim(x, y, sketch.corners.last().copied());
                self.step(Sketching(sketch), Input::Move(pointer))
            }
            (state @ (Pressed(_, Target::NewBox) | Dragging(_)), Input::Command(Command::Nudge(x, y)))
                if self.key_aim().is_some() =>
            {
                let pointer = self.move_key_aim(x, y, None);
                self.step(state, Input::Move(pointer))
            }

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
            (Panning(from, then), input @ Input::Command(_)) => match self.step(*then, input) {
                then @ (Idle | Sketching(_)) => Panning(from, Box::new(then)),
                other => other,
            },

            (Idle, Input::Press(pointer, Button::Primary)) => self.press(pointer),
            (Idle, Input::Move(pointer)) => {
                self.hovered = self.candidates(pointer).first().copied();
                self.hover_aim(pointer);
                Idle
            }

            (Pressed(from, target), Input::Move(pointer)) if pointer.at.distance_to(from.at) >= CLICK_PX => {
                self.begin_drag(from, target, pointer)
            }
            (Pressed(from, target), Input::Release(_)) => {
                self.click(from, target);
                Idle
            }
            (Pressed(from, target @ (Target::Regions(_) | Target::Nothing)), Input::Hold) => {
                Pressed(Pointer { adds: true, ..from }, target)
            }
            (Pressed(..), Input::Interrupt | Input::Command(Command::Cancel)) => Idle,

            (Dragging(drag), Input::Move(pointer)) => Dragging(self.followed(drag, pointer)),
            (Dragging(drag), Input::Release(pointer)) => {
                let drag = self.followed(drag, pointer);
                self.end_drag(drag);
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
                let aim = self.aim_with(&sketch, pointer);
                Sketching(sketch.pressed(pointer, aim, &self.view))
            }
            (Sketching(sketch), Input::Move(pointer)) => {
                let aim = self.aim_with(&sketch, pointer);
                Sketching(sketch.followed(pointer, aim, &self.view))
            }
            (Sketching(sketch), Input::Release(pointer)) if sketch.is_closed_by(pointer, &self.view) => {
                let sketch = sketch.closed(&self.view);
                self.end_sketch(sketch)
            }
            (Sketching(sketch), Input::Release(pointer)) => {
                let aim = self.aim_with(&sketch, pointer);
                let sketch = sketch.released(Some(aim), &self.view);
                if sketch.is_complete() { self.end_sketch(sketch) } else { Sketching(sketch) }
            }
            // Two of the four places of a box may be one.
            (Sketching(sketch), Input::DoubleClick(_)) if sketch.kind == Kind::Bbox => Sketching(sketch),
            (Sketching(sketch), Input::DoubleClick(_)) if sketch.corners.len() <= 1 => Idle,
            (Sketching(sketch), Input::DoubleClick(_) | Input::Command(Command::Finish)) => {
                let sketch = sketch.released(None, &self.view);
                self.end_sketch(sketch)
            }
            (Sketching(sketch), Input::Leave) => Sketching(Sketch { cursor: None, ..sketch }),
            (Sketching(sketch), Input::Interrupt) if sketch.held == Held::Corner(true) => {
                let sketch = Sketch { undone: Vec::new(), ..sketch.without_last() };
                if sketch.corners.is_empty() { Idle } else { Sketching(sketch) }
            }
            (Sketching(sketch), Input::Interrupt) => Sketching(sketch.released(None, &self.view)),
            (Sketching(sketch), Input::Command(Command::Backspace | Command::Delete))
                if !matches!(sketch.held, Held::Pencil { .. }) =>
            {
                self.sketching(sketch.without_last())
            }
            (Sketching(sketch), Input::Command(Command::Backspace | Command::Delete | Command::Undo)) => {
                self.sketching(sketch.without_stroke())
            }
            (Sketching(_), Input::Command(Command::Cancel)) => {
                self.say("Drawing given up".to_owned());
                Idle
            }
            // Whoever takes up another tool with a shape all but closed means the shape to stay.
            (Sketching(sketch), Input::Command(command @ Command::Use(_))) => {
                let sketch = sketch.released(None, &self.view);
                if sketch.corners.len() >= sketch.least_corners() {
                    self.end_sketch(sketch);
                }
                self.command(command)
            }
            (Sketching(sketch), Input::Command(Command::Redo)) => Sketching(sketch.redone()),
            (Sketching(sketch), Input::Command(Command::Mark(MarkState::Done))) => {
                self.say_half_drawn();
                Sketching(sketch)
            }

            (Sketching(sketch), Input::Erase(_)) => self.sketching(sketch.without_last()),
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
        let items = self.document.items().iter().filter(|item| self.is_within_reach(item.key));
        let within = items.filter(|item| encloses(band, item.region.shape.bounds())).map(|item| item.key);
        let within: Vec<Key> = within.collect();
        self.selection.add(within);
        self.say_how_many();
    }

    fn say_how_many(&mut self) {
        let number = self.selection.keys().len();
        self.say(if number == 0 { "Nothing selected".to_owned() } else { format!("{} selected", regions(number)) });
    }

    /// The selected regions, to be taken hold of.
    pub(super) fn parts_of_selection(&self) -> Vec<Part> {
        let keys = self.selection.keys().iter().filter(|key| self.is_within_reach(**key));
        keys.filter_map(|key| Some(Part::of(*key, self.document.get(*key)?))).collect()
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
        if self.document.items().len() >= MAX_REGIONS {
            return self.say(format!("A picture can have {MAX_REGIONS} regions at most"));
        }
        let kind = shape.kind().label();
        self.document.commit(key, Some((shape, self.current_object.clone().unwrap_or_default())));
        self.choose(Some(key));
        match &self.current_object {
            Some(object) => self.say(format!("{kind} added: {object}")),
            None => {
                self.say(format!("{kind} added; pick its object"));
                self.effects.push(Effect::AskForObject);
            }
        }
    }

    fn press(&mut self, pointer: Pointer) -> State {
        if let Some(sketch) = self.line_to_continue(pointer) {
            return State::Sketching(sketch);
        }
        if let Some((key, grip)) = self.edge_below(pointer) {
            return State::Pressed(pointer, Target::Edge(key, grip));
        }
        // Whoever adds to the selection means regions, not handles.
        if !(pointer.adds && self.tool == Tool::Select) {
            if let Some((key, handle)) = self.handle_at(pointer) {
                return State::Pressed(pointer, Target::Handle(key, handle.kind));
            }
            if let Some(HandleKind::Resize(horizontal, vertical)) = self.frame_handle_at(pointer).map(|h| h.kind) {
                return State::Pressed(pointer, Target::Frame(horizontal, vertical));
            }
        }
        match self.tool {
            Tool::Box => State::Pressed(pointer, Target::NewBox),
            Tool::Extreme | Tool::Polygon | Tool::Polyline => {
                let kind = match self.tool {
                    Tool::Extreme => Kind::Bbox,
                    Tool::Polygon => Kind::Polygon,
                    _ => Kind::Polyline,
                };
                let aim = self.aim(Pointer { free: pointer.free || kind == Kind::Bbox, ..pointer });
                self.choose(None);
                self.undone_sketch = None;
                State::Sketching(Sketch::new(kind, aim, pointer))
            }
            Tool::Point if self.view.picture_on_screen().contains_within(pointer.at, pointer.device.margin_px()) => {
                let shape = Shape::Point(self.aim(pointer));
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
                    if crate::geometry::corners(&region.shape).len() >= MAX_POINTS {
                        return self.say(format!("A shape can have {MAX_POINTS} corners at most"));
                    }
                    let shape = midpoint_inserted(&region.shape, index);
                    self.reshape(key, region, shape);
                    self.selection = Selection::corner(key, index);
                    self.say("Corner added".to_owned());
                }
            }
            Target::Nothing if pointer.adds => {}
            Target::Nothing => {
                self.choose(None);
                if self.hits(pointer, |key| self.is_locked(key) && !self.is_hidden(key)).next().is_some() {
                    self.say("What lies here is locked: choose it in the list".to_owned());
                }
            }
            Target::Regions(below) if pointer.adds => {
                if let Some(key) = below.first() {
                    self.choose_also(*key);
                }
            }
            Target::Handle(_, HandleKind::Resize(..))
            | Target::Frame(..)
            | Target::Edge(..)
            | Target::NewBox
            | Target::Regions(_) => {
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

    pub(super) fn begin_drag(&mut self, from: Pointer, target: Target, to: Pointer) -> State {
        if from.adds && matches!(target, Target::Regions(_) | Target::Nothing) {
            return State::Banding(from.at, to.at);
        }
        let held = match target {
            Target::NewBox => {
                let corner = self.aim(from);
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
            Target::Frame(horizontal, vertical) => Some((self.parts_of_selection(), Grip::Frame(horizontal, vertical))),
            Target::Edge(key, grip) => {
                self.choose(Some(key));
                Some((self.parts_of_selection(), grip)).filter(|(parts, _)| !parts.is_empty())
            }
            Target::Regions(below) if self.access == Access::Write => self.take_hold(&below, from.device),
            Target::Regions(_) | Target::Nothing => None,
        };
        match held {
            Some((parts, grip)) => {
                if let (Grip::Corner(index), [part]) = (grip, &parts[..]) {
                    self.selection = Selection::corner(part.key, index);
                }
                let drag = Drag::new(parts, grip, from, &self.view);
                State::Dragging(self.followed(drag, to))
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
        match drag.hold.parts() {
            [Part { key, found: None, now, .. }] => {
                if matches!(now, Shape::Point(_)) || self.is_large_enough(&drag) {
                    self.add(*key, now.clone());
                } else if self.key_aim().is_some() {
                    // Whoever draws by ear would wait for it.
                    self.say("The box is too small".to_owned());
                }
            }
            _ => self.reshape_all(drag.hold.into_parts()),
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
        let shape = sketch.shape(self.view.pixel_in_image());
        match sketch.continues {
            Some(Continued { found, .. }) if found.shape == shape => {}
            Some(Continued { key, found, .. }) => {
                self.reshape(key, found, shape);
                self.say("Line continued".to_owned());
            }
            None => {
                let key = self.document.new_key();
                self.add(key, shape);
            }
        }
        State::Idle
    }

    /// The regions below the pointer, the most likely meant first.
    fn candidates(&self, pointer: Pointer) -> Vec<Key> {
        let mut hits: Vec<(Hit, usize, Key)> = self.hits(pointer, |key| self.is_within_reach(key)).collect();
        // Of equals the one drawn last is meant: it lies on top.
        hits.sort_by(|(a, place_a, _), (b, place_b, _)| a.order(b).then(place_b.cmp(place_a)));
        hits.into_iter().map(|(.., key)| key).collect()
    }

    /// Those regions below the pointer that are wanted, each with its place in the drawing order.
    fn hits(&self, pointer: Pointer, is_wanted: impl Fn(Key) -> bool) -> impl Iterator<Item = (Hit, usize, Key)> {
        let at = ScreenRect { min: pointer.at, max: pointer.at };
        // A little more, so that rounding loses nothing: the hit test itself is exact.
        let around = self.view.image_rect(at, pointer.device.margin_px() + 1.0);
        self.regions_near(around).filter(move |item| is_wanted(item.key)).filter_map(move |item| {
            let hit = hit(&item.region.shape, &self.view, pointer.at, pointer.device.margin_px())?;
            Some((hit, self.document.position(item.key)?, item.key))
        })
    }

    /// The edge that a pointer takes hold of: of a selected region first.
    pub(super) fn edge_below(&self, pointer: Pointer) -> Option<(Key, Grip)> {
        if !pointer.edges || self.tool != Tool::Select || self.access == Access::Read {
            return None;
        }
        let mut below = self.candidates(pointer);
        below.sort_by_key(|key| !self.selection.contains(*key));
        below.into_iter().find_map(|key| {
            let shape = &self.document.get(key)?.shape;
            let edge = edge_at(shape, &self.view, pointer.at, pointer.device.margin_px())?;
            Some((key, Grip::Edge(edge)))
        })
    }

    /// The selected line, to be gone on with, if the pointer is at one of its ends.
    fn line_to_continue(&self, pointer: Pointer) -> Option<Sketch> {
        let (key, ends) = self.open_ends()?;
        let near = |end: &ScreenPoint| end.distance_to(pointer.at) <= pointer.device.margin_px();
        // Whoever wants to draw another line from here on holds the key that keeps it from snapping.
        let end = ends.iter().position(near).filter(|_| !pointer.free)?;
        let found = self.document.get(key)?.clone();
        let points = crate::geometry::corners(&found.shape).to_vec();
        Some(Sketch::continued(Continued { key, found, from_start: end == 0 }, &points, pointer))
    }

    /// The ends of the selected line, from which the tool in hand can go on with it.
    pub(super) fn open_ends(&self) -> Option<(Key, [ScreenPoint; 2])> {
        let idle = matches!(self.state, State::Idle) && self.tool == Tool::Polyline;
        let key = self.selection.only().filter(|key| idle && self.is_within_reach(*key))?;
        let Shape::Polyline(points) = &self.document.get(key)?.shape else { return None };
        let end = |point: Option<&_>| point.map(|point| self.view.screen_from_image(*point));
        Some((key, [end(points.first())?, end(points.last())?]))
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

    /// The handle below the pointer of the frame around several selected regions.
    pub(super) fn frame_handle_at(&self, pointer: Pointer) -> Option<Handle> {
        let handles = handles(&Shape::Bbox(self.frame()?), &self.view).into_iter();
        let near = handles.map(|handle| (handle.at.distance_to(pointer.at), handle));
        let nearest = near.min_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (nearest.0 <= pointer.device.margin_px()).then_some(nearest.1)
    }

    /// The selected shape, if its handles are shown: of several regions none has any.
    pub(super) fn shape_with_handles(&self) -> Option<(Key, &Shape)> {
        let key = self.selection.only().filter(|key| self.access == Access::Write && self.is_within_reach(*key))?;
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

    /// Goes on with a sketch that lost corners. One without any is none, but can be taken up again.
    fn sketching(&mut self, sketch: Sketch) -> State {
        if sketch.corners.is_empty() {
            self.undone_sketch = Some(sketch).filter(Sketch::can_redo);
            self.say("Nothing is drawn any more".to_owned());
            return State::Idle;
        }
        State::Sketching(sketch)
    }

    /// Whether the last that was undone is the first corner of a sketch.
    pub(super) fn can_take_up_undone(&self) -> bool {
        matches!(self.state, State::Idle) && self.undone_sketch.is_some()
    }

    /// Takes up the sketch whose first corner was undone.
    pub(super) fn take_up_undone(&mut self) -> State {
        let Some(sketch) = self.undone_sketch.take() else { return State::Idle };
        self.tool = sketch.tool();
        self.choose(None);
        State::Sketching(sketch.redone())
    }

    pub(super) fn say(&mut self, sentence: String) {
        self.effects.push(Effect::Say(sentence));
    }
}
