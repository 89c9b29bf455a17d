//! What to draw: the editor's state as shapes, handles and lines, without a word about how they are drawn.

use super::commands::Command;
use super::document::Key;
use super::gesture::State;
use super::input::Device;
use super::palette::colour_of;
use super::sketch::Sketch;
use super::{Access, Editor, Tool};
use crate::geometry::{
    Handle, HandleKind, Point, Rect, ScreenPoint, ScreenRect, Shape, Side, clamp_to_image, corners, encloses, handles,
};
use crate::model::region::{Kind, Region};

/// Handles of a line lie at least so far apart, in CSS pixels.
const HANDLE_PX: f64 = 8.0;
/// From more corners than this on, only the one that is being moved has a handle.
const MANY_CORNERS: usize = 100;

/// A region to draw.
#[derive(Clone, Copy, Debug)]
pub struct SceneShape<'a> {
    /// Which one.
    pub key: Key,
    /// Its shape of this moment.
    pub shape: &'a Shape,
    /// Its object; empty while it waits for one.
    pub object: &'a str,
    /// Its colour, unless it waits for an object.
    pub colour: Option<usize>,
    /// Tells it apart from other objects here that have the same colour; 0 for the first one.
    pub variant: usize,
}

/// A polygon or polyline that is being drawn.
#[derive(Clone, Debug)]
pub struct SceneSketch<'a> {
    /// The corners so far.
    pub corners: &'a [Point],
    /// Where the next corner would be.
    pub next: Option<Point>,
    /// Whether the shape will be closed.
    pub closed: bool,
    /// Whether a click now would close it.
    pub closing: bool,
    /// The box around the corners, where it is a box that is being drawn by its extreme places.
    pub frame: Option<Rect>,
    /// The colour of the object that it will have.
    pub colour: Option<usize>,
}

/// What lies above the regions and follows the pointer.
#[derive(Clone, Debug)]
pub struct Overlay<'a> {
    /// The selected regions, or the one that is being drawn; none where there is a [crowd](Editor::has_crowd).
    pub active: Vec<SceneShape<'a>>,
    /// The region below the pointer.
    pub hovered: Option<SceneShape<'a>>,
    /// The handles of the selected region, and whether each is the selected corner.
    pub handles: Vec<(Handle, bool)>,
    /// The polygon or polyline that is being drawn.
    pub sketch: Option<SceneSketch<'a>>,
    /// The band that is being drawn around regions.
    pub band: Option<ScreenRect>,
    /// The frame around several selected regions, by which they are resized together.
    pub frame: Option<Rect>,
    /// The place that was snapped to.
    pub snapped: Option<ScreenPoint>,
    /// Where lines across the whole picture meet, to aim by.
    pub crosshair: Option<ScreenPoint>,
    /// Where they meet because keys have brought them there.
    pub key_aim: Option<ScreenPoint>,
}

impl Overlay<'_> {
    /// Whether there is nothing to draw.
    pub fn is_blank(&self) -> bool {
        let Self { active, hovered, handles, sketch, band, frame, snapped, crosshair, key_aim } = self;
        let has_shapes = !active.is_empty() || hovered.is_some() || !handles.is_empty() || sketch.is_some();
        let has_aim = snapped.is_some() || crosshair.is_some() || key_aim.is_some();
        let has_lines = band.is_some() || frame.is_some() || has_aim;
        !has_shapes && !has_lines
    }
}

/// The form of the mouse pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// An arrow.
    Arrow,
    /// A cross.
    Cross,
    /// An open hand.
    Hand,
    /// A closed hand.
    ClosedHand,
    /// A pointing finger: something can be chosen here.
    Finger,
    /// Four arrows.
    Move,
    /// Two arrows: left and right.
    Horizontal,
    /// Two arrows: up and down.
    Vertical,
    /// Two arrows: top left and bottom right.
    Falling,
    /// Two arrows: bottom left and top right.
    Rising,
}

impl Editor {
    /// Adds the places in the drawing order of the regions of the middle layer that a rectangle of the image meets: of all but
    /// those that are hidden or that a gesture holds. The list is sorted.
    pub fn resting_in(&self, rect_in_image: Rect, positions: &mut Vec<usize>) {
        let all_rest = self.state.working().is_empty() && !self.hides();
        let rests = |key: Key| all_rest || !(self.is_hidden(key) || self.state.holds(key));
        let all = Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 };
        let items = self.document.items();
        if encloses(rect_in_image, all) {
            positions.extend((0..items.len()).filter(|position| rests(items[*position].key)));
            return;
        }
        let from = positions.len();
        let near = self.document.near(rect_in_image).filter(|item| rests(item.key));
        positions.extend(near.filter_map(|item| self.document.position(item.key)));
        positions[from..].sort_unstable();
    }

    /// All regions of the middle layer.
    #[cfg(test)]
    pub(super) fn shapes(&self) -> Vec<SceneShape<'_>> {
        let mut positions = Vec::new();
        self.resting_in(Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 }, &mut positions);
        positions.into_iter().filter_map(|position| Some(self.resting_at(position)?.0)).collect()
    }

    /// The region at a place in the drawing order, with its bounds.
    pub fn resting_at(&self, position: usize) -> Option<(SceneShape<'_>, Rect)> {
        let item = self.document.items().get(position)?;
        let bounds = self.document.bounds(item.key)?;
        Some((self.scene_shape(item.key, &item.region.shape, &item.region.object), bounds))
    }

    /// The regions that a gesture holds: they are drawn on the uppermost layer alone.
    pub fn held(&self) -> Vec<Key> {
        self.state.working().iter().map(|part| part.key).collect()
    }

    /// Tells apart what a gesture holds before and after an input, of which none changes it but to nothing or from nothing.
    pub(super) fn hold(&self) -> (usize, Option<Key>) {
        let held = self.state.working();
        (held.len(), held.first().map(|part| part.key))
    }

    /// The uppermost layer.
    pub fn overlay(&self) -> Overlay<'_> {
        let selected_corner = self.selection.selected_corner().map(|(_, corner)| corner);
        let active = self.active_shapes();
        let frame = self.frame();
        let plain = |handle| (handle, false);
        let handles = match self.shape_with_handles() {
            Some((_, shape)) => self.handles_seen(shape, selected_corner),
            None => match (frame, self.open_ends()) {
                (Some(frame), _) => handles(&Shape::Bbox(frame), &self.view).into_iter().map(plain).collect(),
                (None, Some((_, ends))) => {
                    ends.into_iter().map(|at| plain(Handle { kind: HandleKind::Corner(0), at })).collect()
                }
                (None, None) => Vec::new(),
            },
        };
        let has_crowd = self.has_crowd();
        let is_active = |key: &Key| {
            let is_in_crowd = || has_crowd && (self.selection.contains(*key) || self.state.holds(*key));
            active.iter().any(|shape| shape.key == *key) || is_in_crowd()
        };
        let hovered = self.hovered.filter(|key| !is_active(key) && !self.is_hidden(*key)).and_then(|key| {
            let Region { shape, object, .. } = self.document.get(key)?;
            Some(self.scene_shape(key, shape, object))
        });
        let band = match self.state {
            State::Banding(from, to) => Some(ScreenRect::between(from, to)),
            _ => None,
        };
        let snapped = self.snapped.filter(|_| self.draws_at_pointer() && self.pointer.is_some());
        Overlay {
            active,
            hovered,
            handles,
            sketch: self.scene_sketch(),
            band,
            frame,
            snapped: snapped.map(|place| self.view.screen_from_image(place)),
            crosshair: self.crosshair(),
            key_aim: self.key_aim().map(|pointer| pointer.at),
        }
    }

    /// The handles of a shape, and whether each is the selected corner. Of handles that would cover each other only one is
    /// shown, and none out of sight: zooming in shows more.
    fn handles_seen(&self, shape: &Shape, selected_corner: Option<usize>) -> Vec<(Handle, bool)> {
        // While one of very many corners is being moved, the others would only be in the way.
        if let (Some(index), true) = (selected_corner, self.holds_corner() && corners(shape).len() > MANY_CORNERS) {
            let held = corners(shape).get(index).map(|corner| self.view.screen_from_image(*corner));
            return held.map(|at| (Handle { kind: HandleKind::Corner(index), at }, true)).into_iter().collect();
        }
        let surface = self.view.surface_on_screen();
        let mut last: Option<ScreenPoint> = None;
        let all = handles(shape, &self.view).into_iter().filter_map(|handle| {
            let is_selected = matches!(handle.kind, HandleKind::Corner(index) if Some(index) == selected_corner);
            let is_clear =
                matches!(shape, Shape::Bbox(_)) || last.is_none_or(|last| last.distance_to(handle.at) >= HANDLE_PX);
            let is_seen = is_selected || (is_clear && surface.contains_within(handle.at, HANDLE_PX));
            is_seen.then(|| {
                last = Some(handle.at);
                (handle, is_selected)
            })
        });
        all.collect()
    }

    /// Whether the pointer holds a corner.
    fn holds_corner(&self) -> bool {
        matches!(&self.state, State::Dragging(drag) if drag.holds_corner())
    }

    /// The form of the mouse pointer.
    pub fn cursor(&self) -> Cursor {
        let below = self.pointer.filter(|_| !self.holds_corner()).and_then(|pointer| {
            self.handle_at(pointer).map(|(_, handle)| handle).or_else(|| self.frame_handle_at(pointer))
        });
        match (&self.state, self.tool) {
            (State::Panning(..), _) => Cursor::ClosedHand,
            _ if self.pan_held => Cursor::Hand,
            (State::Idle | State::Pressed(..) | State::Dragging(_), _) if below.is_some() => {
                below.map_or(Cursor::Arrow, |handle| cursor_of(handle.kind))
            }
            (State::Idle, Tool::Select) if self.pointer.is_some_and(|pointer| self.edge_below(pointer).is_some()) => {
                Cursor::Move
            }
            (_, Tool::Box | Tool::Extreme | Tool::Polygon | Tool::Polyline | Tool::Point) => Cursor::Cross,
            (State::Banding(..), Tool::Select) => Cursor::Cross,
            (State::Dragging(_), Tool::Select) => Cursor::Move,
            (_, Tool::Select) => match self.hovered {
                Some(key) if self.selection.contains(key) && self.access == Access::Write => Cursor::Move,
                Some(_) => Cursor::Finger,
                None => Cursor::Arrow,
            },
        }
    }

    /// Whether the editor can obey a command now: what buttons are enabled.
    pub fn can(&self, command: Command) -> bool {
        let writes = self.access == Access::Write;
        let sketching = self.state.sketch().is_some();
        let selects = !self.selection.keys().is_empty();
        match command {
            Command::Use(tool) => writes || tool == Tool::Select,
            Command::Finish => {
                writes && (sketching || matches!(self.tool, Tool::Box | Tool::Point) || self.aims_by_keys())
            }
            Command::Delete | Command::Backspace => writes && (sketching || selects),
            Command::Undo => writes && (sketching || self.document.can_undo()),
            Command::Redo => {
                let redraws = self.state.sketch().is_some_and(Sketch::can_redo) || self.can_take_up_undone();
                writes && (redraws || self.document.can_redo())
            }
            Command::Next | Command::Previous => !self.document.items().is_empty(),
            Command::SelectAll => !self.document.items().is_empty(),
            Command::SelectSame | Command::Copy | Command::ZoomToSelection => selects,
            Command::Duplicate | Command::Cut | Command::Convert => writes && selects,
            Command::PickObject | Command::Favourite(_) | Command::Paste | Command::Save | Command::Mark(_) => writes,
            Command::Grow(..) => {
                let is_extended = |bounds: Rect| bounds.w > 0.0 || bounds.h > 0.0;
                writes && self.selected_bounds().is_some_and(is_extended)
            }
            Command::Unite | Command::Subtract => writes && self.selection.keys().len() > 1,
            Command::SplitLine => writes && self.selection.selected_corner().is_some(),
            Command::Lock
            | Command::BringToFront
            | Command::BringForward
            | Command::SendBackward
            | Command::SendToBack => writes && selects,
            Command::Hide => selects,
            Command::Solo => selects || self.hides(),
            Command::ShowAll => self.hides(),
            Command::UnlockAll => writes && self.locks(),
            Command::BringPrevious | Command::ToggleSnapping => writes,
            Command::Cancel
            | Command::Nudge(..)
            | Command::ZoomIn
            | Command::ZoomOut
            | Command::Fit
            | Command::OneToOne
            | Command::Go(_)
            | Command::Look
            | Command::Switch(_)
            | Command::Shortcuts
            | Command::Palette => true,
        }
    }

    /// The regions that are drawn on the uppermost layer.
    fn active(&self) -> Vec<Key> {
        let working = self.state.working();
        let shown = || self.selected().iter().copied().filter(|key| !self.is_hidden(*key));
        if working.is_empty() { shown().collect() } else { working.iter().map(|part| part.key).collect() }
    }

    fn active_shapes(&self) -> Vec<SceneShape<'_>> {
        let working = self.state.working();
        if self.has_crowd() {
            return Vec::new();
        }
        if working.is_empty() {
            // The sketch shows the line that it goes on with.
            let continued = self.state.sketch().and_then(|sketch| sketch.continues.as_ref()).map(|line| line.key);
            let selected = self.active().into_iter().filter(|key| Some(*key) != continued);
            let shapes = selected.filter_map(|key| {
                let Region { shape, object, .. } = self.document.get(key)?;
                Some(self.scene_shape(key, shape, object))
            });
            return shapes.collect();
        }
        let shapes = working.iter().map(|part| {
            // Somebody else's save may have given it another object, or taken it away.
            let region = self.document.get(part.key).or(part.found.as_ref());
            let object = region.map(|region| region.object.as_str()).or(self.current_object.as_deref());
            self.scene_shape(part.key, &part.now, object.unwrap_or_default())
        });
        shapes.collect()
    }

    fn scene_sketch(&self) -> Option<SceneSketch<'_>> {
        let sketch = self.state.sketch()?;
        Some(SceneSketch {
            corners: &sketch.corners,
            next: sketch.cursor.map(|cursor| self.snapped.unwrap_or(self.view.image_from_screen(cursor.at))),
            closed: sketch.kind == Kind::Polygon,
            closing: sketch.cursor.is_some_and(|cursor| sketch.closes_at(cursor, &self.view)),
            frame: (sketch.kind == Kind::Bbox).then(|| {
                let cursor = sketch.cursor.map(|cursor| clamp_to_image(self.view.image_from_screen(cursor.at)));
                sketch.frame(cursor)
            }),
            colour: self.colour_of_sketch(sketch),
        })
    }

    fn colour_of_sketch(&self, sketch: &Sketch) -> Option<usize> {
        let object = match &sketch.continues {
            Some(line) => Some(line.found.object.as_str()).filter(|object| !object.is_empty()),
            None => self.current_object.as_deref(),
        };
        object.map(colour_of)
    }

    pub(super) fn scene_shape<'a>(&self, key: Key, shape: &'a Shape, object: &'a str) -> SceneShape<'a> {
        let colour = (!object.is_empty()).then(|| colour_of(object));
        SceneShape { key, shape, object, colour, variant: self.variants.of(object) }
    }

    fn crosshair(&self) -> Option<ScreenPoint> {
        let pointer = self.pointer?;
        let aims = self.tool != Tool::Select && pointer.device == Device::Mouse && !self.pan_held;
        let free = matches!(self.state, State::Idle | State::Pressed(..) | State::Sketching(_));
        (aims && free && self.handle_at(pointer).is_none()).then_some(pointer.at)
    }
}

fn cursor_of(handle: HandleKind) -> Cursor {
    match handle {
        HandleKind::Resize(Side::Neither, _) => Cursor::Vertical,
        HandleKind::Resize(_, Side::Neither) => Cursor::Horizontal,
        HandleKind::Resize(horizontal, vertical) if horizontal == vertical => Cursor::Falling,
        HandleKind::Resize(..) => Cursor::Rising,
        HandleKind::Corner(_) | HandleKind::Insert(_) => Cursor::Move,
    }
}
