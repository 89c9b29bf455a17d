//! What goes into the editor, and what comes out of it.

use super::commands::Command;
use super::document::Key;
use super::flow::Way;
use super::merge::Choice;
use crate::geometry::{MOUSE_MARGIN_PX, Point, ScreenPoint, Size, TOUCH_MARGIN_PX};
use crate::model::MarkState;
use crate::model::region::{Annotations, Region};
use crate::model::region_delta::{Delta, DeltaAnswer};

/// What a person points with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// A mouse or a pen: exact.
    Mouse,
    /// A finger: covers what it points at.
    Touch,
}

impl Device {
    /// How far beside a thing this device may point and still mean it, in CSS pixels.
    pub fn margin_px(self) -> f64 {
        match self {
            Self::Mouse => MOUSE_MARGIN_PX,
            Self::Touch => TOUCH_MARGIN_PX,
        }
    }
}

/// A pointer button, as far as the editor tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Left mouse button, finger, pen tip.
    Primary,
    /// Middle mouse button: moves the view.
    Middle,
}

/// Where the pointer is, and what it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointer {
    /// Its place on the surface.
    pub at: ScreenPoint,
    /// What a person points with.
    pub device: Device,
    /// Whether the key is held that adds to the selection instead of replacing it.
    pub adds: bool,
    /// Whether the key is held that keeps what is drawn and dragged from snapping.
    pub free: bool,
    /// Whether the key is held that takes hold of an edge instead of the whole region.
    pub edges: bool,
}

impl Pointer {
    /// A mouse at a place on the surface.
    pub fn mouse(at: ScreenPoint) -> Self {
        Self { at, device: Device::Mouse, adds: false, free: false, edges: false }
    }

    /// A finger at a place on the surface.
    pub fn touch(at: ScreenPoint) -> Self {
        Self { device: Device::Touch, ..Self::mouse(at) }
    }
}

/// What a turn of the wheel means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wheel {
    /// Makes everything so many times as large.
    Zoom(f64),
    /// Moves the picture by this way.
    Pan(ScreenPoint),
}

/// Everything that can happen to the editor.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A button went down, or a finger touched.
    Press(Pointer, Button),
    /// The pointer moved, with or without a button.
    Move(Pointer),
    /// The button went up.
    Release(Pointer),
    /// A finger has been held still: on regions or beside them it adds to the selection from now on instead of replacing it.
    Hold,
    /// The browser reports two clicks in quick succession; both presses and releases came before.
    DoubleClick(Pointer),
    /// The pointer left the surface.
    Leave,
    /// The gesture was taken away: a second finger came, or the browser wants the pointer.
    Interrupt,
    /// The person turns to another window, or leaves: the gesture ends with what there is by now.
    PutDown,
    /// The wheel was turned at a place.
    Wheel(ScreenPoint, Wheel),
    /// Two fingers moved.
    Pinch {
        /// Where they were.
        before: [ScreenPoint; 2],
        /// Where they are.
        after: [ScreenPoint; 2],
    },
    /// A place of the image was pointed out on the map of the picture.
    LookAt(Point),
    /// The key that turns every drag into panning went down or up.
    HoldPan(bool),
    /// An arrow key went up: a series of small steps has ended.
    NudgeEnd,
    /// The key was pressed that draws where keys have brought the cross.
    PressHere,
    /// A command, from a key or a button.
    Command(Command),
    /// The drawing surface has this size now, in CSS pixels.
    Resize(Size),
    /// A region was chosen in the list.
    Choose(Option<Key>),
    /// Several regions were chosen at once in the list.
    ChooseAll(Vec<Key>),
    /// A region was added to the selection in the list, or taken out of it.
    ChooseAlso(Key),
    /// A pen's eraser touched: the last corner of what is being drawn goes, otherwise the region below.
    Erase(Pointer),
    /// What was copied is put down, here or from another picture.
    Paste(Vec<Region>),
    /// The regions of the previous picture, asked for by [`Effect::BringPrevious`].
    Bring(Vec<Region>),
    /// A region's lock was pressed: it is protected from changes now, or no longer.
    ToggleLock(Key),
    /// A region's eye was pressed: it is hidden now, or no longer.
    ToggleHide(Key),
    /// The pointer is over a region in the list.
    Point(Option<Key>),
    /// A region's delete button was pressed.
    DeleteRegion(Key),
    /// An object was picked.
    PickObject(String),
    /// It is time to save what is unsaved.
    Save,
    /// The server took what was sent; this is its answer.
    Delivered(DeltaAnswer),
    /// The server did not take what was sent, because somebody else saved before; this is its state.
    Outdated(Annotations),
    /// The server has this state, as was found out beside saving.
    Newer(Annotations),
    /// What was sent did not arrive, or was refused.
    SaveFailed(super::saving::Trouble),
    /// A person decided a conflict.
    Resolve(Key, Choice),
}

/// The layers of the drawing, from bottom to top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The picture.
    pub picture: bool,
    /// The regions that are not being edited.
    pub shapes: bool,
    /// The selected region, handles, previews.
    pub overlay: bool,
}

impl Layers {
    /// Every layer.
    pub const ALL: Self = Self { picture: true, shapes: true, overlay: true };
    /// The regions, but not the picture.
    pub const REGIONS: Self = Self { picture: false, shapes: true, overlay: true };
    /// What follows the pointer.
    pub const OVERLAY: Self = Self { picture: false, shapes: false, overlay: true };

    /// The layers of both.
    pub fn and(self, other: Self) -> Self {
        Self {
            picture: self.picture || other.picture,
            shapes: self.shapes || other.shapes,
            overlay: self.overlay || other.overlay,
        }
    }

    /// Whether there is any layer.
    pub fn any(self) -> bool {
        self.picture || self.shapes || self.overlay
    }
}

/// What the shell around the editor has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// These layers look different now. At most one per input.
    Redraw(Layers),
    /// The regions or the sketch changed: write the log, and send [`Input::Save`] when things have been quiet for a moment.
    Changed,
    /// Send this to the server and come back with its answer.
    Send(Delta),
    /// Keep these regions for [`Command::Paste`], also in other pictures.
    Copy(Vec<Region>),
    /// Come back with [`Input::Paste`] and what was copied last.
    ReadCopied,
    /// Come back with [`Input::Bring`] and the regions of the previous picture.
    BringPrevious,
    /// A new region waits for an object: let the person pick one.
    AskForObject,
    /// The person wants to pick an object.
    OpenPicker,
    /// Somebody else changed the same regions: let the person decide.
    ShowConflicts,
    /// Show the list of shortcuts.
    ShowShortcuts,
    /// Go to another picture of the row.
    Go(Way),
    /// Say how far the work on this picture is, and go on where that is all there is to it.
    Mark(MarkState),
    /// Open the panel that says how everything looks, or close it.
    ShowLook,
    /// Show something, or hide it.
    Switch(super::Switch),
    /// Offer every command by its name.
    ShowPalette,
    /// Come back with [`Input::PickObject`] and the favourite object that has this digit.
    PickFavourite(u8),
    /// Say this to people who do not see the picture.
    Say(String),
}
