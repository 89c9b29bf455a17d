//! Many regions at once, selected or held by a gesture: drawing each of them anew at every move of the pointer would take too
//! long. They are drawn once, and what a gesture does to all of them is done to the drawing.

use super::document::Key;
use super::hold::CROWD;
use super::scene::SceneShape;
use super::{Access, Editor, Tool};
use crate::geometry::{Rect, bounds_of, union};

impl Editor {
    /// Whether so many regions are selected or held that they are drawn on a layer of their own, and not on the uppermost one.
    pub fn has_crowd(&self) -> bool {
        let held = self.state.working().len();
        let number = if held == 0 { self.selection.keys().len() } else { held };
        number > CROWD
    }

    /// The regions of the crowd.
    pub fn crowd(&self) -> Vec<Key> {
        let held = self.state.working();
        if held.is_empty() { self.selection.keys().to_vec() } else { held.iter().map(|part| part.key).collect() }
    }

    /// A region of the crowd by its place in [`Editor::crowd`], with its bounds: as the gesture found it, if one holds it.
    pub fn crowd_at(&self, place: usize) -> Option<(SceneShape<'_>, Rect)> {
        if let Some(part) = self.state.working().get(place) {
            let region = self.document.get(part.key).or(part.found.as_ref())?;
            return Some((self.scene_shape(part.key, &part.before, &region.object), part.before.bounds()));
        }
        let key = *self.selection.keys().get(place)?;
        let region = self.document.get(key).filter(|_| !self.is_hidden(key))?;
        Some((self.scene_shape(key, &region.shape, &region.object), self.document.bounds(key)?))
    }

    /// The frame around the crowd as a gesture found it and as it has become; nothing where no gesture holds a crowd.
    pub fn carried(&self) -> Option<(Rect, Rect)> {
        self.state.hold()?.carried()
    }

    /// The frame around several selected regions, by which they are resized together.
    pub(super) fn frame(&self) -> Option<Rect> {
        if self.tool != Tool::Select || self.access == Access::Read || self.selection.keys().len() < 2 {
            return None;
        }
        let frame = match (self.state.hold(), self.carried()) {
            (_, Some((_, to))) => Some(to),
            (Some(hold), None) => bounds_of(hold.parts().iter().map(|part| &part.now)),
            (None, None) => {
                let keys = self.selection.keys().iter().filter(|key| self.is_within_reach(**key));
                keys.filter_map(|key| self.document.bounds(*key)).reduce(union)
            }
        };
        frame.filter(|frame| frame.w > 0.0 || frame.h > 0.0)
    }
}
