//! The annotation editor as a state machine; no browser, no Leptos.
//!
//! A shell turns what happens in the browser into [`Input`]s, hands them to [`Editor::handle`], and does what the returned
//! [`Effect`]s ask for. What to draw is a function of the state ([`Editor::resting_in`], [`Editor::overlay`]).
//!
//! ```text
//! input → handle ─┬→ gesture    presses and keys become gestures; one gesture ends as one change
//!                 │     ├→ drag, hold, snap  what dragging makes of shapes, and what they snap to
//!                 │     ├→ obey        what commands do while no gesture is under way
//!                 │     └→ document   regions with local keys; history of changes
//!                 └→ saving     what is unsaved, sent, refused; merging with what others saved
//! ```
//!
//! Start with `gesture`, whose `step` is the one `match` on state and input. Never here: coordinates outside `[0, 1]`, a
//! change of the document half way through a gesture, a clock, a network.

mod aim;
mod combine;
mod commands;
mod crowd;
mod delta;
mod document;
mod drag;
mod flags;
mod flow;
mod gesture;
mod history;
mod hold;
mod index;
mod input;
mod key_map;
mod keymap;
mod log;
mod look;
mod marks;
mod merge;
mod nudge;
mod obey;
mod objects;
mod order;
mod palette;
mod reading;
mod region_filter;
mod saving;
mod scene;
mod selection;
mod shortcut;
mod sketch;
mod snap;
#[cfg(test)]
mod tests;
mod touch;
mod wheel;

pub use commands::{COMMANDS, Command, DRAWING_KEYS, GESTURES, LIST_KEYS, Row, find_commands, row_of};
pub use document::{Document, Item, Key};
pub use flow::Way;
pub use history::{Change, Entry, Placed, Span};
pub use input::{Button, Device, Effect, Input, Layers, Pointer, Wheel};
pub use keymap::{Asked, Keymap};
pub use log::{DraftChange, DraftSketch, Head, Log, LogUpdate, Outstanding, Writes, Written};
pub use look::{Look, Switch};
pub use marks::{Piece, marked};
pub use merge::{Choice, Conflict};
pub use objects::{Candidate, Catalogue, Offer, preselected};
pub use palette::{COLOURS, colour_of};
pub use reading::{Extent, Reading};
pub use region_filter::RegionFilter;
pub use saving::{SaveStatus, Trouble};
pub use scene::{Cursor, Overlay, SceneShape, SceneSketch};
pub use selection::rows_between;
pub use shortcut::{KeyName, Shortcut};
pub use touch::{Contact, Hands, PointerKind};
pub use wheel::{WheelEvent, WheelReader};

use crate::geometry::{Point, Rect, Size, View};
use crate::model::region::{Annotations, Kind};
use flags::Flags;
use gesture::State;
use palette::Variants;
use saving::Saving;
use selection::Selection;
use sketch::Sketch;

/// What a press of the pointer starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Select, move, reshape.
    Select,
    /// Draw boxes.
    Box,
    /// Draw boxes by the four outermost places of a thing.
    Extreme,
    /// Draw polygons.
    Polygon,
    /// Draw polylines.
    Polyline,
    /// Mark points.
    Point,
}

impl Tool {
    /// Every tool, in the order of the toolbar.
    pub const ALL: [Tool; 6] = [Tool::Select, Tool::Box, Tool::Extreme, Tool::Polygon, Tool::Polyline, Tool::Point];
}

/// How somebody works, whatever the picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    tool: Tool,
    object: Option<String>,
    snapping: bool,
}

/// What the viewer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look, select, zoom.
    Read,
    /// Everything.
    Write,
}

/// The editor of one picture's regions.
#[derive(Clone, Debug)]
pub struct Editor {
    access: Access,
    view: View,
    tool: Tool,
    state: State,
    document: Document,
    saving: Saving,
    selection: Selection,
    variants: Variants,
    flags: Flags,
    snapping: bool,
    /// The place of the picture that was snapped to at the last move of the pointer.
    snapped: Option<Point>,
    hovered: Option<Key>,
    /// The object that the next region gets.
    current_object: Option<String>,
    /// Where the pointer is, while it is over the surface.
    pointer: Option<Pointer>,
    /// Where keys have brought the cross to draw by.
    key_aim: Option<aim::KeyAim>,
    /// The sketch whose first corner was undone, as long as nothing else was done or undone.
    undone_sketch: Option<Sketch>,
    pan_held: bool,
    /// Whether it was said that others save, too.
    told_of_others: bool,
    last_click: Option<crate::geometry::ScreenPoint>,
    effects: Vec<Effect>,
}

impl Editor {
    /// Starts to edit the regions of a picture with so many pixels. The size of the surface follows by [`Input::Resize`].
    pub fn new(picture_px: Size, annotations: Annotations, access: Access) -> Self {
        let mut document = Document::default();
        let saving = Saving::start(&mut document, annotations);
        let mut variants = Variants::default();
        variants.follow(document.version(), document.items());
        Self {
            access,
            view: View::new(picture_px, Size::new(1.0, 1.0)),
            tool: Tool::Select,
            state: State::Idle,
            document,
            saving,
            selection: Selection::default(),
            variants,
            flags: Flags::default(),
            snapping: true,
            snapped: None,
            hovered: None,
            current_object: None,
            pointer: None,
            key_aim: None,
            undone_sketch: None,
            pan_held: false,
            told_of_others: false,
            last_click: None,
            effects: Vec::new(),
        }
    }

    /// How the person works.
    pub fn habits(&self) -> Habits {
        Habits { tool: self.tool, object: self.current_object.clone(), snapping: self.snapping }
    }

    /// Goes on as the person worked on another picture. What is half drawn here keeps the tool that it is drawn with.
    pub fn take_up(&mut self, habits: Habits) {
        if self.access == Access::Write {
            (self.current_object, self.snapping) = (habits.object, habits.snapping);
            if !self.is_sketching() {
                self.tool = habits.tool;
            }
        }
    }

    /// Lets something happen. The effects have to be carried out in order.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        let before = (self.view, self.document.version(), self.hold(), self.hovered, self.flags_version());
        let moves = matches!(input, Input::Move(_));
        let had_conflicts = !self.saving.conflicts().is_empty();
        let (sketched, span) = (self.sketched(), self.document.span());

        self.take(input);
        self.settle();

        if self.document.span() != span {
            self.undone_sketch = None;
        }
        let drawn = self.sketched();
        if self.document.version() != before.1 || drawn != sketched {
            self.effects.push(Effect::Changed);
        }
        self.say_corners(sketched, drawn);
        join_sentences(&mut self.effects);
        if !had_conflicts && !self.saving.conflicts().is_empty() {
            self.effects.push(Effect::ShowConflicts);
        }
        let layers = if self.view != before.0 {
            Layers::ALL
        } else if self.document.version() != before.1 || self.hold() != before.2 || self.flags_version() != before.4 {
            Layers::REGIONS
        } else if moves && self.hovered == before.3 && !self.draws_at_pointer() {
            Layers::default()
        } else {
            Layers::OVERLAY
        };
        if layers.any() {
            self.effects.push(Effect::Redraw(layers));
        }
        std::mem::take(&mut self.effects)
    }

    /// The regions.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The regions whose bounds share a place with a rectangle of the image, in no particular order: what hit tests, snapping
    /// and drawing ask for instead of asking every region.
    pub fn regions_near(&self, rect_in_image: Rect) -> impl Iterator<Item = &Item> {
        self.document.near(rect_in_image)
    }

    /// Where the picture lies on the surface.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Where the pointer is, while it is over the surface.
    pub fn pointer(&self) -> Option<Pointer> {
        self.pointer
    }

    /// What the viewer may do.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The tool in hand.
    pub fn tool(&self) -> Tool {
        self.tool
    }

    /// The selected regions, in the order in which they were chosen.
    pub fn selected(&self) -> &[Key] {
        self.selection.keys()
    }

    /// The region below the pointer, on the surface or in the list.
    pub fn hovered(&self) -> Option<Key> {
        self.hovered
    }

    /// Whether a shape is being drawn corner by corner.
    pub fn is_sketching(&self) -> bool {
        self.state.sketch().is_some()
    }

    /// The regions that get their object changed by picking one: whatever is selected, also what was drawn just now. Where there
    /// are none, picking is for the next region.
    pub fn labelled_by_picking(&self) -> &[Key] {
        if self.access == Access::Write { self.selection.keys() } else { &[] }
    }

    /// The object that the picker shows: that of the regions it is about, if they agree, or that of the next one.
    pub fn shown_object(&self) -> Option<&str> {
        let [first, others @ ..] = self.labelled_by_picking() else { return self.current_object.as_deref() };
        let object_of = |key: &Key| self.document.get(*key).map(|region| region.object.as_str());
        let object = object_of(first).filter(|object| !object.is_empty())?;
        others.iter().all(|key| object_of(key) == Some(object)).then_some(object)
    }

    /// Where saving stands.
    pub fn status(&self) -> SaveStatus {
        self.saving.status(&self.document)
    }

    /// How many regions are not on the server as they are here.
    pub fn unsaved(&self) -> usize {
        self.saving.unsaved()
    }

    /// The revision that the regions are based on.
    pub fn revision(&self) -> i64 {
        self.saving.revision()
    }

    /// What a person has to decide before saving goes on.
    pub fn conflicts(&self) -> &[Conflict] {
        self.saving.conflicts()
    }

    /// Whether leaving now would lose something, or leave something behind that is only in this browser.
    pub fn has_unsaved(&self) -> bool {
        !self.saving.is_settled() || self.is_sketching() || !self.state.working().is_empty()
    }

    /// Whether nothing remains to be done here: no work, no decision.
    pub fn is_finished(&self) -> bool {
        !self.has_unsaved() && self.conflicts().is_empty()
    }

    /// Whoever waits for an answer is no more: what is sent again counts once.
    pub fn give_up_answer(&mut self) {
        if self.saving.is_awaiting() {
            self.saving.fail(Trouble::Offline);
        }
    }

    /// Names the visit: nothing is sent before. The name has letters, digits and hyphens, and no other visit has it.
    pub fn name_visit(&mut self, visit: String) {
        self.saving.name_visit(visit);
    }

    /// What the browser has to write so that a later visit can go on from here: all of it the first time, then what is new.
    pub fn take_log(&mut self) -> LogUpdate {
        let sketch = self.state.sketch().map(|sketch| DraftSketch {
            kind: sketch.kind,
            corners: sketch.corners.clone(),
            object: self.current_object.clone(),
        });
        let (changes, replaces_changes) = self.saving.take_unkept(&self.document);
        let is_reordered = self.saving.is_reordered() || !self.document.are_new_ones_in_order();
        let keys = || self.document.items().iter().map(|item| item.key);
        let head = Head {
            unsaved: !self.saving.is_settled() || !self.saving.conflicts().is_empty() || sketch.is_some(),
            sketch,
            order: is_reordered.then(|| keys().collect()),
            history: self.document.span(),
            last_id: self.document.items().iter().filter_map(|item| item.region.id).max().unwrap_or_default(),
        };
        let entries = self.document.take_fresh_entries();
        let ids = self.document.take_fresh_ids(&entries, is_reordered);
        let outstanding = self.saving.take_outstanding();
        let update = LogUpdate { head, outstanding, ids, changes, replaces_changes, entries };
        if update.is_empty() {
            // Then all of it goes.
            self.document.forget_logged_ids();
        }
        update
    }

    /// What was taken last could not be written: all of it is taken again next time.
    pub fn forget_log(&mut self) {
        self.saving.forget_kept();
        self.document.forget_fresh_entries();
    }

    /// Whether an earlier visit can be gone on from just now: nothing is unsaved, nor in anybody's hands.
    pub fn can_restore(&self) -> bool {
        self.is_finished() && matches!(self.state, State::Idle)
    }

    /// Goes on from what an earlier visit left, merged with what the server has now. Must come when it can
    /// ([`Editor::can_restore`]), and after what was outstanding is settled ([`Log::settle`]). `newest` is what the server has
    /// since then.
    pub fn restore(&mut self, mut log: Log, newest: Option<Annotations>) -> Vec<Effect> {
        if let Some(newest) = newest.filter(|newest| self.saving.can_take_newer(newest.revision)) {
            self.saving.take_newer(&mut self.document, newest);
        }
        let draft = log.head.sketch.take();
        let object = draft.as_ref().and_then(|draft| draft.object.clone());
        if let Some(sketch) = draft.and_then(Sketch::restored) {
            self.tool = sketch.tool();
            // What was chosen here meanwhile counts more.
            self.current_object = self.current_object.take().or(object);
            self.state = State::Sketching(sketch);
        }
        self.saving.restore(&mut self.document, log);
        if let State::Sketching(sketch) = &mut self.state {
            sketch.find_line(&self.document);
        }
        self.settle();
        let mut effects = vec![Effect::Changed, Effect::Redraw(Layers::REGIONS)];
        if !self.saving.conflicts().is_empty() {
            effects.push(Effect::ShowConflicts);
        }
        effects
    }

    /// Says how far a sketch is where that has changed.
    fn say_corners(&mut self, before: usize, now: usize) {
        let Some(sketch) = self.state.sketch() else { return };
        let sentence = match sketch.kind {
            _ if now == before => return,
            Kind::Bbox if now > before => format!("Place {now} of 4"),
            _ if before == 0 && now > 1 => format!("Going on with {now} corners"),
            _ if now > before => format!("Corner {now}"),
            _ => format!("Taken back, {now} left"),
        };
        self.say(sentence);
    }

    /// What every state does alike is done here; the rest is a matter of gestures.
    fn take(&mut self, input: Input) {
        if matches!(&input, Input::Move(pointer) if self.is_at_rest(*pointer)) {
            return;
        }
        match &input {
            Input::Press(pointer, _) | Input::Move(pointer) | Input::Release(pointer) => {
                self.pointer = Some(*pointer);
                self.drop_key_aim();
            }
            Input::Leave => self.pointer = None,
            _ => {}
        }
        match input {
            Input::Resize(surface) => self.view.resize(surface),
            Input::Wheel(at, Wheel::Zoom(factor)) => self.view.zoom_at(at, factor),
            Input::Wheel(_, Wheel::Pan(way)) => self.view.pan_by(way),
            Input::Pinch { before, after } => self.view.pinch(before, after),
            Input::LookAt(point) => self.view.look_at(point),
            Input::HoldPan(held) => self.pan_held = held,
            Input::Point(key) => self.hovered = key,
            Input::PickObject(object) => self.pick(object),
            Input::Save => self.send(),
            Input::Delivered(answer) => {
                self.saving.finish(&mut self.document, answer);
                self.go_on_saving();
            }
            Input::Newer(newest) => {
                if self.saving.can_take_newer(newest.revision) {
                    // Who works beside others need not hear of it again and again.
                    let is_news = !std::mem::replace(&mut self.told_of_others, true);
                    self.take_newer(newest, is_news);
                }
            }
            Input::Outdated(newest) => self.take_newer(newest, true),
            Input::SaveFailed(trouble) => self.saving.fail(trouble),
            Input::Resolve(key, choice) => {
                self.saving.resolve(&mut self.document, key, choice);
                self.go_on_saving();
            }
            Input::Choose(key) => {
                self.end_nudging();
                match key {
                    Some(key) => self.choose_and_say(key),
                    None => self.choose(None),
                }
            }
            Input::ToggleLock(key) => {
                self.end_nudging();
                self.toggle_lock(&[key]);
            }
            Input::ToggleHide(key) => {
                self.end_nudging();
                self.toggle_hide(&[key]);
            }
            Input::Bring(regions) => {
                self.end_nudging();
                self.bring(regions);
            }
            Input::DeleteRegion(key) => {
                self.end_nudging();
                self.let_go_of(&[key]);
                self.delete(vec![key]);
            }
            Input::ChooseAll(keys) => {
                self.end_nudging();
                self.choose_listed(keys);
            }
            Input::ChooseAlso(key) => {
                self.end_nudging();
                self.choose_also(key);
            }
            Input::Paste(regions) => {
                self.end_nudging();
                self.paste(regions);
            }
            Input::PressHere => self.press_here(),
            Input::Command(Command::Finish) if self.aims_by_keys() && !self.is_sketching() => self.press_here(),
            Input::NudgeEnd if !matches!(self.state, State::Nudging(_)) => self.say_key_aim(),
            gesture => {
                let state = std::mem::take(&mut self.state);
                self.state = self.step(state, gesture);
            }
        }
    }

    fn end_nudging(&mut self) {
        if matches!(self.state, State::Nudging(_)) {
            let state = std::mem::take(&mut self.state);
            self.state = self.step(state, Input::NudgeEnd);
        }
    }

    fn pick(&mut self, object: String) {
        self.end_nudging();
        if self.access == Access::Read || object.is_empty() {
            return;
        }
        let keys = self.labelled_by_picking().to_vec();
        let unlocked = self.unlocked(&keys);
        if unlocked.is_empty() && !keys.is_empty() {
            return;
        }
        let relabelled = unlocked.iter().filter_map(|key| {
            let shape = self.document.get(*key)?.shape.clone();
            Some((*key, Some((shape, object.clone()))))
        });
        let relabelled: Vec<_> = relabelled.collect();
        self.say(match relabelled.len() {
            0 => format!("{object} is for the next region"),
            1 => format!("The region is {object}"),
            several => format!("{several} regions are {object}"),
        });
        self.document.commit_all(relabelled);
        self.current_object = Some(object);
        if self.is_sketching() {
            // The log keeps it with what is half drawn.
            self.effects.push(Effect::Changed);
        }
    }

    fn save_now(&mut self) {
        let sentence = match self.status() {
            SaveStatus::Saved => "Everything is saved",
            SaveStatus::Pending(_) if matches!(self.state, State::Idle) => return self.ask_for_objects(),
            // Who is in the middle of something goes on with it.
            SaveStatus::Pending(_) => flow::PICK_FIRST,
            SaveStatus::Conflicts(_) => return self.effects.push(Effect::ShowConflicts),
            _ => return self.send(),
        };
        self.effects.push(Effect::Say(sentence.to_owned()));
    }

    fn send(&mut self) {
        if self.access == Access::Write {
            self.saving.measure(&mut self.document);
            let request = self.saving.begin(&self.document);
            self.effects.extend(request.map(Effect::Send));
        }
    }

    /// After an answer: what was changed while it was under way has to be saved as well.
    fn go_on_saving(&mut self) {
        self.effects.push(Effect::Changed);
    }

    /// Somebody else has saved, or the same person elsewhere.
    fn take_newer(&mut self, newest: Annotations, is_news: bool) {
        let shape_of = |document: &Document, key: Key| document.get(key).map(|region| region.shape.clone());
        let corner = self.selection.selected_corner().map(|(key, _)| (key, shape_of(&self.document, key)));
        self.saving.take_newer(&mut self.document, newest);
        if let Some((key, before)) = corner.filter(|(key, before)| shape_of(&self.document, *key) != *before) {
            // The number of a corner may stand for another one.
            self.choose(before.and(self.document.get(key)).map(|_| key));
        }
        if is_news {
            let sentence = "This picture was changed elsewhere meanwhile; the changes are shown here now";
            self.effects.push(Effect::Say(sentence.to_owned()));
        }
        self.go_on_saving();
    }

    /// Forgets what no longer is, and counts what is unsaved.
    fn settle(&mut self) {
        let document = &self.document;
        self.selection.follow(document.version(), |key| document.get(key).is_some());
        if let Some((key, index)) = self.selection.selected_corner() {
            let corners = document.get(key).map_or(0, |region| crate::geometry::corners(&region.shape).len());
            if index >= corners {
                self.choose(Some(key));
            }
        }
        self.hovered = self.hovered.filter(|key| self.document.get(*key).is_some());
        self.variants.follow(self.document.version(), self.document.items());
        self.saving.measure(&mut self.document);
    }

    /// How many corners the sketch has for good.
    fn sketched(&self) -> usize {
        self.state.sketch().map_or(0, Sketch::settled_corners)
    }

    fn draws_at_pointer(&self) -> bool {
        self.tool != Tool::Select || !matches!(self.state, State::Idle | State::Pressed(..))
    }
}

/// Makes one sentence of several, at the place of the first: each would take the place of the one before.
fn join_sentences(effects: &mut Vec<Effect>) {
    let is_said = |effect: &Effect| matches!(effect, Effect::Say(_));
    let Some(first) = effects.iter().position(is_said) else { return };
    let mut more = String::new();
    for effect in effects.extract_if(first + 1.., |effect| is_said(effect)) {
        if let Effect::Say(sentence) = effect {
            more.push_str(". ");
            more.push_str(&sentence);
        }
    }
    if let Some(Effect::Say(sentence)) = effects.get_mut(first) {
        sentence.push_str(&more);
    }
}
