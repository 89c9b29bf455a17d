//! What to draw: the editor's state as shapes, handles and lines, without a word about how they are drawn.

use super::commands::Command;
use super::document::Key;
use super::gesture::State;
use super::input::{Device, Pointer};
use super::palette::colour_of;
use super::{Access, Editor, Tool};
use crate::geometry::{Handle, HandleKind, Point, ScreenPoint, Shape, Side, handles};
use crate::model::region::Region;

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
    /// The colour of the object that it will have.
    pub colour: Option<usize>,
}

/// What lies above the regions and follows the pointer.
#[derive(Clone, Debug)]
pub struct Overlay<'a> {
    /// The selected region, or the one that is being drawn.
    pub active: Option<SceneShape<'a>>,
    /// The region below the pointer.
    pub hovered: Option<SceneShape<'a>>,
    /// The handles of the selected region, and whether each is the selected corner.
    pub handles: Vec<(Handle, bool)>,
    /// The polygon or polyline that is being drawn.
    pub sketch: Option<SceneSketch<'a>>,
    /// Where lines across the whole picture meet, to aim by.
    pub crosshair: Option<ScreenPoint>,
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
    /// The regions of the middle layer: all but the active one.
    pub fn shapes(&self) -> impl Iterator<Item = SceneShape<'_>> {
        let active = self.active();
        let resting = self.document.items().iter().filter(move |item| Some(item.key) != active);
        resting.map(|item| scene_shape(item.key, &item.region.shape, &item.region.object))
    }

    /// The uppermost layer.
    pub fn overlay(&self) -> Overlay<'_> {
        let selected_corner = self.selection.and_then(|selection| selection.corner);
        let active = self.active().and_then(|key| {
            let region = self.document.get(key);
            let working = self.state.working().filter(|working| working.key == key);
            let object = region.map(|region| region.object.as_str()).or(working.and_then(|working| working.object));
            let shape = working.map(|working| working.shape).or(region.map(|region| &region.shape))?;
            Some(scene_shape(key, shape, object.or(self.current_object.as_deref()).unwrap_or_default()))
        });
        let handles = match self.shape_with_handles() {
            Some((_, shape)) => handles(shape, &self.view)
                .into_iter()
                .map(|handle| (handle, matches!(handle.kind, HandleKind::Corner(i) if Some(i) == selected_corner)))
                .collect(),
            None => Vec::new(),
        };
        let hovered = self.hovered.filter(|key| Some(*key) != self.active()).and_then(|key| {
            let Region { shape, object, .. } = self.document.get(key)?;
            Some(scene_shape(key, shape, object))
        });
        Overlay { active, hovered, handles, sketch: self.scene_sketch(), crosshair: self.crosshair() }
    }

    /// The form of the mouse pointer.
    pub fn cursor(&self) -> Cursor {
        let below = self.pointer.and_then(|pointer| self.handle_at(pointer));
        match (&self.state, self.tool) {
            (State::Panning(..), _) => Cursor::ClosedHand,
            _ if self.pan_held => Cursor::Hand,
            (State::Idle | State::Pressed(..) | State::Dragging(_), _) if below.is_some() => {
                below.map_or(Cursor::Arrow, |(_, handle)| cursor_of(handle.kind))
            }
            (_, Tool::Box | Tool::Polygon | Tool::Polyline | Tool::Point) => Cursor::Cross,
            (State::Dragging(_), Tool::Select) => Cursor::Move,
            (_, Tool::Select) => match self.hovered {
                Some(key) if self.selected() == Some(key) && self.access == Access::Write => Cursor::Move,
                Some(_) => Cursor::Finger,
                None => Cursor::Arrow,
            },
        }
    }

    /// Whether the editor can obey a command now: what buttons are enabled.
    pub fn can(&self, command: Command) -> bool {
        let writes = self.access == Access::Write;
        let sketching = self.state.sketch().is_some();
        match command {
            Command::Use(tool) => writes || tool == Tool::Select,
            Command::Finish => writes && (sketching || matches!(self.tool, Tool::Box | Tool::Point)),
            Command::Delete | Command::Backspace => writes && (sketching || self.selection.is_some()),
            Command::Undo => writes && (sketching || self.document.can_undo()),
            Command::Redo => writes && self.document.can_redo(),
            Command::Next | Command::Previous => !self.document.items().is_empty(),
            Command::PickObject | Command::Save => writes,
            Command::Grow(..) => {
                writes
                    && self
                        .selected()
                        .and_then(|key| self.document.get(key))
                        .is_some_and(|region| matches!(region.shape, Shape::Bbox(_)))
            }
            Command::Cancel
            | Command::Nudge(..)
            | Command::ZoomIn
            | Command::ZoomOut
            | Command::Fit
            | Command::OneToOne
            | Command::Shortcuts => true,
        }
    }

    /// The region that is drawn on the uppermost layer.
    pub fn active(&self) -> Option<Key> {
        self.state.working().map(|working| working.key).or(self.selected())
    }

    fn scene_sketch(&self) -> Option<SceneSketch<'_>> {
        let sketch = self.state.sketch()?;
        Some(SceneSketch {
            corners: &sketch.corners,
            next: sketch.cursor.map(|cursor| self.view.image_from_screen(cursor.at)),
            closed: sketch.kind == crate::model::region::Kind::Polygon,
            closing: sketch.cursor.is_some_and(|cursor| sketch.closes_at(cursor, &self.view)),
            colour: self.current_object.as_deref().map(colour_of),
        })
    }

    fn crosshair(&self) -> Option<ScreenPoint> {
        let Pointer { at, device } = self.pointer?;
        let aims = self.tool != Tool::Select && device == Device::Mouse && !self.pan_held;
        let free = matches!(self.state, State::Idle | State::Pressed(..) | State::Sketching(_));
        (aims && free && self.handle_at(Pointer { at, device }).is_none()).then_some(at)
    }
}

fn scene_shape<'a>(key: Key, shape: &'a Shape, object: &'a str) -> SceneShape<'a> {
    SceneShape { key, shape, object, colour: (!object.is_empty()).then(|| colour_of(object)) }
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
