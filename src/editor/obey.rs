//! The commands: what keys and buttons do while no gesture is under way.

use super::commands::Command;
use super::document::{Item, Key};
use super::gesture::State;
use super::input::Effect;
use super::order::Shift;
use super::selection::Selection;
use super::{Access, Editor, Tool};
use crate::geometry::{
    Point, Rect, ScreenPoint, Shape, Side, bounds_of, clamp_to_image, corner_removed, is_valid, moved, outline,
    rect_between, resized, way_within,
};
use crate::model::region::{MAX_REGIONS, Region};
use std::collections::HashSet;

/// How far beside the original a copy lies, in CSS pixels.
const BESIDE_PX: f64 = 12.0;

impl Editor {
    /// What a command does while no gesture is under way.
    pub(super) fn command(&mut self, command: Command) -> State {
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
            Command::Cancel => match self.selection.selected_corner() {
                Some((key, _)) => self.choose(Some(key)),
                None if !self.selection.keys().is_empty() => self.choose(None),
                None => self.tool = Tool::Select,
            },
            Command::Delete | Command::Backspace => self.delete_selected(),
            Command::Redo if self.can_take_up_undone() => return self.take_up_undone(),
            Command::Undo => {
                let keys = self.document.undo();
                self.reveal_changed(keys, "Undone");
            }
            Command::Redo => {
                let keys = self.document.redo();
                self.reveal_changed(keys, "Redone");
            }
            Command::Next => self.choose_beside(1),
            Command::Previous => self.choose_beside(-1),
            Command::SelectAll => {
                let items = self.document.items().iter().filter(|item| self.is_within_reach(item.key));
                let keys = items.map(|item| item.key).collect();
                self.choose_all(keys);
            }
            Command::SelectSame => self.choose_same(),
            Command::Duplicate => {
                let copies = self.selected_regions();
                self.add_copies(copies, "duplicated");
            }
            Command::Copy => self.copy(),
            Command::Cut => {
                self.copy();
                self.delete(self.selection.keys().to_vec());
            }
            Command::Paste => self.effects.push(Effect::ReadCopied),
            Command::Convert => self.convert(),
            Command::Unite => self.unite(),
            Command::Subtract => self.subtract(),
            Command::SplitLine => self.split_line(),
            Command::ToggleSnapping => {
                self.snapping = !self.snapping;
                self.say(format!("Snapping is {}", if self.snapping { "on" } else { "off" }));
            }
            Command::Lock => {
                let keys = self.selection.keys().to_vec();
                self.toggle_lock(&keys);
            }
            Command::UnlockAll => self.unlock_all(),
            Command::Hide => {
                let keys = self.selection.keys().to_vec();
                self.toggle_hide(&keys);
            }
            Command::Solo => self.solo(),
            Command::ShowAll => self.show_all(),
            Command::BringToFront => self.reorder(Shift::ToFront),
            Command::BringForward => self.reorder(Shift::Forward),
            Command::SendBackward => self.reorder(Shift::Backward),
            Command::SendToBack => self.reorder(Shift::ToBack),
            Command::BringPrevious => self.effects.push(Effect::BringPrevious),
            Command::PickObject => self.effects.push(Effect::OpenPicker),
            Command::Nudge(x, y) => return self.nudge(x, y, false),
            Command::Grow(x, y) => return self.nudge(x, y, true),
            Command::ZoomIn => self.view.zoom_at(centre, 1.25),
            Command::ZoomOut => self.view.zoom_at(centre, 0.8),
            Command::Fit => self.view.fit(),
            Command::OneToOne => self.view.one_to_one(),
            Command::ZoomToSelection => {
                if let Some(bounds) = self.selected_bounds() {
                    self.view.show(bounds);
                }
            }
            Command::Look => self.effects.push(Effect::ShowLook),
            Command::Switch(switch) => self.effects.push(Effect::Switch(switch)),
            Command::Save => self.save_now(),
            Command::Go(way) => self.effects.push(Effect::Go(way)),
            Command::Mark(state) => self.mark(state),
            Command::Shortcuts => self.effects.push(Effect::ShowShortcuts),
            Command::Palette => self.effects.push(Effect::ShowPalette),
            Command::Favourite(digit) => self.effects.push(Effect::PickFavourite(digit)),
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
            Tool::Select | Tool::Extreme | Tool::Polygon | Tool::Polyline => return,
        };
        let key = self.document.new_key();
        self.add(key, shape);
        // A person without a pointer goes on with this very region.
        self.choose(Some(key));
    }

    fn delete_selected(&mut self) {
        let is_point = |key: Key| matches!(self.document.get(key).map(|r| &r.shape), Some(Shape::Point(_)));
        let Some((key, index)) =
            self.selection.selected_corner().filter(|(key, _)| !is_point(*key) && !self.is_locked(*key))
        else {
            return self.delete(self.selection.keys().to_vec());
        };
        let Some(region) = self.document.get(key).cloned() else { return };
        match corner_removed(&region.shape, index) {
            Some(shape) => {
                self.reshape(key, region, shape);
                self.choose(Some(key));
                self.say("Corner deleted".to_owned());
            }
            None => {
                self.say("The shape needs all its corners; press Escape and Delete to delete the region".to_owned())
            }
        }
    }

    /// Deletes regions.
    pub(super) fn delete(&mut self, keys: Vec<Key>) {
        if self.access == Access::Read {
            return;
        }
        let wanted: HashSet<Key> = self.unlocked(&keys).into_iter().collect();
        if wanted.is_empty() {
            return;
        }
        // The last first, so that the others need not move up again and again.
        let keys: Vec<Key> =
            self.document.items().iter().rev().map(|item| item.key).filter(|key| wanted.contains(key)).collect();
        let number = keys.len();
        if self.document.commit_all(keys.into_iter().map(|key| (key, None))) {
            self.say(format!("{} deleted", regions(number)));
        }
    }

    /// Selects and shows what undo and redo have changed.
    fn reveal_changed(&mut self, keys: Vec<Key>, what: &str) {
        if keys.is_empty() {
            return;
        }
        self.say(what.to_owned());
        let keys: Vec<Key> = keys.into_iter().filter(|key| self.document.get(*key).is_some()).collect();
        if !keys.is_empty() {
            self.flags.show(&keys);
            self.selection = Selection::of(keys);
            if let Some(bounds) = self.selected_bounds() {
                self.view.reveal(bounds);
            }
        }
    }

    fn choose_beside(&mut self, step: isize) {
        let items: Vec<&Item> = self.document.items().iter().filter(|item| !self.is_hidden(item.key)).collect();
        let count = items.len() as isize;
        if count == 0 {
            return;
        }
        let last = self.selection.keys().last();
        let selected = last.and_then(|last| items.iter().position(|item| item.key == *last));
        let index = match selected {
            Some(index) => (index as isize + step).rem_euclid(count),
            None if step > 0 => 0,
            None => count - 1,
        };
        let key = items[index as usize].key;
        self.choose_and_say(key);
    }

    /// Selects a region, shows it, and says which one it is.
    pub(super) fn choose_and_say(&mut self, key: Key) {
        let Some(item) = self.document.items().iter().find(|item| item.key == key).cloned() else { return };
        self.choose(Some(key));
        self.view.reveal(item.region.shape.bounds());
        let object = if item.is_pending() { "no object yet" } else { &item.region.object };
        let locked = if self.is_locked(key) { ", locked" } else { "" };
        let shown: Vec<Key> =
            self.document.items().iter().map(|item| item.key).filter(|key| !self.is_hidden(*key)).collect();
        let place = match shown.iter().position(|shown| *shown == key) {
            Some(index) => format!("{} of {}", index + 1, shown.len()),
            None => "hidden".to_owned(),
        };
        self.say(format!("{}: {object}, {place}{locked}", item.region.shape.kind().label()));
    }

    /// Selects every region that shows what a selected one shows.
    fn choose_same(&mut self) {
        let objects: HashSet<&str> =
            self.selection.keys().iter().filter_map(|key| Some(self.document.get(*key)?.object.as_str())).collect();
        let items = self.document.items().iter().filter(|item| self.is_within_reach(item.key));
        let keys = items.filter(|item| objects.contains(item.region.object.as_str())).map(|item| item.key).collect();
        self.choose_all(keys);
    }

    /// Selects regions that a person chose in the list.
    pub(super) fn choose_listed(&mut self, keys: Vec<Key>) {
        let wanted: HashSet<Key> = keys.into_iter().collect();
        let items = self.document.items().iter();
        let keys = items.map(|item| item.key).filter(|key| wanted.contains(key)).collect();
        self.choose_all(keys);
    }

    fn choose_all(&mut self, keys: Vec<Key>) {
        self.say(format!("{} selected", regions(keys.len())));
        self.selection = Selection::of(keys);
    }

    /// The selected regions as they are, without their ids: as other regions would begin.
    fn selected_regions(&self) -> Vec<Region> {
        let selected: HashSet<Key> = self.selection.keys().iter().copied().collect();
        let items = self.document.items().iter().filter(|item| selected.contains(&item.key));
        items.map(|item| Region { id: None, ..item.region.clone() }).collect()
    }

    pub(super) fn selected_bounds(&self) -> Option<Rect> {
        bounds_of(self.selection.keys().iter().filter_map(|key| Some(&self.document.get(*key)?.shape)))
    }

    fn copy(&mut self) {
        let copies = self.selected_regions();
        self.say(format!("{} copied", regions(copies.len())));
        self.effects.push(Effect::Copy(copies));
    }

    /// Adds regions that were copied from here or from another picture.
    pub(super) fn paste(&mut self, copies: Vec<Region>) {
        let sound: Vec<Region> = copies.into_iter().filter(|copy| is_valid(&copy.shape)).collect();
        if sound.is_empty() {
            return self.say("Nothing has been copied".to_owned());
        }
        if matches!(self.state, State::Idle) {
            self.add_copies(sound, "pasted");
        } else {
            self.say("Finish what you are drawing before you paste".to_owned());
        }
    }

    /// Adds the regions of another picture where they lie there, but those that are here already.
    pub(super) fn bring(&mut self, regions_there: Vec<Region>) {
        if self.access == Access::Read {
            return;
        }
        if !matches!(self.state, State::Idle) {
            return self.say("Finish what you are drawing before you bring regions over".to_owned());
        }
        let is_here = |there: &Region| {
            let mut near = self.document.near(there.shape.bounds());
            near.any(|item| item.region.shape == there.shape && item.region.object == there.object)
        };
        let new: Vec<Region> =
            regions_there.into_iter().filter(|there| is_valid(&there.shape) && !is_here(there)).collect();
        if new.is_empty() {
            return self.say("The previous picture has no regions that are not here".to_owned());
        }
        self.add_regions(new, Point::default(), "brought over");
    }

    /// Adds copies of regions, beside those that they would cover exactly, and selects them.
    fn add_copies(&mut self, copies: Vec<Region>, what: &str) {
        if self.access == Access::Read || copies.is_empty() {
            return;
        }
        let covers =
            |copy: &Region| self.document.near(copy.shape.bounds()).any(|item| item.region.shape == copy.shape);
        let bounds = bounds_of(copies.iter().map(|copy| &copy.shape)).filter(|_| copies.iter().any(covers));
        let way = bounds.map_or(Point::default(), |bounds| {
            let (from, to) = (ScreenPoint::default(), ScreenPoint::new(BESIDE_PX, BESIDE_PX));
            let (from, to) = (self.view.image_from_screen(from), self.view.image_from_screen(to));
            let way = Point { x: to.x - from.x, y: to.y - from.y };
            // At the edge of the picture there is room on the other side only.
            let inside = way_within(bounds, way);
            if inside == way { way } else { way_within(bounds, Point { x: -way.x, y: -way.y }) }
        });
        self.add_regions(copies, way, what);
    }

    /// Adds regions that lie a way from where others lie, and selects them.
    fn add_regions(&mut self, copies: Vec<Region>, way: Point, what: &str) {
        if self.document.items().len() + copies.len() > MAX_REGIONS {
            return self.say(format!("A picture can have {MAX_REGIONS} regions at most"));
        }
        let added: Vec<(Key, Region)> = copies.into_iter().map(|copy| (self.document.new_key(), copy)).collect();
        let keys: Vec<Key> = added.iter().map(|(key, _)| *key).collect();
        self.document.commit_all(
            added.into_iter().map(|(key, copy)| (key, Some((moved(&copy.shape, way.x, way.y), copy.object)))),
        );
        self.say(format!("{} {what}", regions(keys.len())));
        self.selection = Selection::of(keys);
    }

    /// Makes polygons of boxes, and boxes of polygons.
    fn convert(&mut self) {
        let keys = self.selection.keys().to_vec();
        let unlocked = self.unlocked(&keys);
        if unlocked.is_empty() {
            return;
        }
        let converted = unlocked.iter().filter_map(|key| {
            let region = self.document.get(*key)?;
            let shape = match &region.shape {
                shape @ Shape::Bbox(_) => Shape::Polygon(outline(shape)?),
                shape @ Shape::Polygon(_) => {
                    let pixel = self.view.pixel_in_image();
                    // A polygon without extent would be a box without any.
                    Shape::Bbox(resized(shape.bounds(), Side::High, Side::High, Point::default(), pixel))
                }
                Shape::Polyline(_) | Shape::Point(_) => return None,
            };
            Some((*key, Some((shape, region.object.clone()))))
        });
        let converted: Vec<_> = converted.collect();
        let number = converted.len();
        if self.document.commit_all(converted) {
            // A corner that was selected may be gone.
            self.selection = Selection::of(self.selection.keys().to_vec());
            self.say(format!("{} converted", regions(number)));
        } else {
            self.say("Only boxes and polygons can be converted into each other".to_owned());
        }
    }
}

/// A number of regions in words.
pub(super) fn regions(number: usize) -> String {
    if number == 1 { "Region".to_owned() } else { format!("{number} regions") }
}

impl Command {
    /// Whether the command can be obeyed while a gesture is under way.
    pub(super) fn leaves_gestures_alone(self) -> bool {
        matches!(
            self,
            Self::ZoomIn
                | Self::ZoomOut
                | Self::Fit
                | Self::OneToOne
                | Self::ZoomToSelection
                | Self::Copy
                | Self::Save
                | Self::Go(_)
                | Self::Mark(_)
                | Self::Look
                | Self::Switch(_)
                | Self::Shortcuts
                | Self::Palette
                | Self::Favourite(_)
                | Self::PickObject
                | Self::ToggleSnapping
                | Self::ShowAll
                | Self::UnlockAll
        )
    }
}
