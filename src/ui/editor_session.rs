//! The shell around the editor, which the page's parts talk to. Pictures change in it: what belongs to one is a
//! [`Visit`](super::editor_visit::Visit).

use super::announcer::Announcer;
use super::editor_flow::FlowStep;
use super::editor_labels::Labels;
use super::editor_visit::Visit;
use crate::editor::{Command, Cursor, Editor, Habits, Input, Key, Layers, Look, Reading, SaveStatus, Tool};
use crate::model::region::{Kind, Region};
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;

/// What toolbar and panels show, apart from the regions themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The tool in hand.
    pub tool: Tool,
    /// The selected regions, sorted.
    pub selected: Vec<Key>,
    /// The region below the pointer.
    pub hovered: Option<Key>,
    /// The object that the picker shows.
    pub object: String,
    /// How many selected regions picking an object changes; with none it is for the next one.
    pub relabels: usize,
    /// Which of the toolbar's commands can be obeyed.
    pub can_undo: bool,
    /// See above.
    pub can_redo: bool,
    /// See above.
    pub can_delete: bool,
    /// Whether a polygon or polyline is being drawn.
    pub sketching: bool,
    /// Whether what is drawn and dragged snaps.
    pub snapping: bool,
    /// Changes with what is locked and hidden.
    pub flags_version: u64,
    /// Where saving stands.
    pub status: SaveStatus,
    /// The form of the mouse pointer.
    pub cursor: Cursor,
}

fn sorted(keys: &[Key]) -> Vec<Key> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys
}

impl Panel {
    pub(super) fn of(editor: &Editor) -> Self {
        Self {
            tool: editor.tool(),
            selected: sorted(editor.selected()),
            hovered: editor.hovered(),
            object: editor.shown_object().unwrap_or_default().to_owned(),
            relabels: editor.labelled_by_picking().len(),
            can_undo: editor.can(Command::Undo),
            can_redo: editor.can(Command::Redo),
            can_delete: editor.can(Command::Delete),
            sketching: editor.is_sketching(),
            snapping: editor.is_snapping(),
            flags_version: editor.flags_version(),
            status: editor.status(),
            cursor: editor.cursor(),
        }
    }
}

/// A line of the list of regions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegionRow {
    /// The region.
    pub key: Key,
    /// Its object; empty while it waits for one.
    pub object: String,
    /// Its kind.
    pub kind: Kind,
    /// How wide and high it is, in pixels of the picture; nothing for a point.
    pub size_px: Option<(u32, u32)>,
}

/// The editor in the browser, for as long as somebody goes from picture to picture in it. On the server it only renders what it
/// starts with.
#[derive(Clone, Copy)]
pub struct EditorSession {
    /// Grows with every picture.
    pub visits: RwSignal<u32>,
    visit: StoredValue<Option<Visit>>,
    /// What the visit lives in.
    scope: StoredValue<Owner>,
    /// What the page lives in.
    home: StoredValue<Option<WeakOwner>>,
    /// What toolbar and panels show.
    pub panel: RwSignal<Panel>,
    /// The list of regions.
    pub rows: RwSignal<Vec<RegionRow>>,
    /// How the person wants to see it.
    pub look: RwSignal<Look>,
    /// Whether the panel that sets that is open.
    pub look_open: RwSignal<bool>,
    /// Where the picture lies, where the pointer is, and what that means in pixels.
    pub reading: RwSignal<Reading>,
    /// The layers that wait to be drawn again.
    pub redraw: RwSignal<Layers>,
    /// Speaks to people who do not see the picture.
    pub announcer: Announcer,
    /// Whether the browser refused to keep a copy of what is unsaved.
    pub unkept: RwSignal<bool>,
    /// Grows whenever the object picker is to be opened.
    pub picker_calls: RwSignal<u32>,
    /// Grows whenever the drawing surface is to get the keyboard back.
    pub surface_calls: RwSignal<u32>,
    /// Whether the list of shortcuts is open.
    pub shortcuts_open: RwSignal<bool>,
    /// Whether the person is being asked about conflicts.
    pub conflicts_open: RwSignal<bool>,
    /// Whether the person is asked to sign in again.
    pub sign_in_open: RwSignal<bool>,
    /// How often the person has signed in again.
    pub sign_ins: StoredValue<u32>,
    /// Whether shortcuts without a modifier work outside of the drawing surface, too. People whose speech or hands press
    /// keys by accident switch that off.
    pub single_keys: RwSignal<bool>,
    /// Goes from picture to picture, where the page can.
    pub flow: StoredValue<Option<Callback<FlowStep>>>,
    /// Keys, favourites, recent objects.
    pub labels: Labels,
}

impl EditorSession {
    /// Starts with a picture; nothing happens before [`Visit::wake`].
    pub fn new(picture: i64, editor: Editor, labels: Labels) -> Self {
        let (panel, rows, reading) = (Panel::of(&editor), rows_of(&editor), editor.reading());
        let scope = Owner::new();
        let session = Self {
            visits: RwSignal::new(0),
            visit: StoredValue::new(None),
            scope: StoredValue::new(scope.clone()),
            home: StoredValue::new(Owner::current().map(|home| home.downgrade())),
            panel: RwSignal::new(panel),
            rows: RwSignal::new(rows),
            look: RwSignal::new(Look::default()),
            look_open: RwSignal::new(false),
            reading: RwSignal::new(reading),
            redraw: RwSignal::new(Layers::ALL),
            announcer: Announcer::default(),
            unkept: RwSignal::new(false),
            picker_calls: RwSignal::new(0),
            surface_calls: RwSignal::new(0),
            shortcuts_open: RwSignal::new(false),
            conflicts_open: RwSignal::new(false),
            sign_in_open: RwSignal::new(false),
            sign_ins: StoredValue::new(0),
            single_keys: RwSignal::new(true),
            flow: StoredValue::new(None),
            labels,
        };
        session.visit.set_value(Some(scope.with(|| Visit::new(session, picture, editor))));
        session
    }

    /// Leaves the picture, and says how the person worked: what is left to do there is done without the page.
    pub fn leave(self) -> Option<Habits> {
        let habits = self.read(|editor| Some(editor.habits()));
        if let Some(scope) = self.scope.try_get_value() {
            scope.cleanup();
        }
        habits
    }

    /// Comes to a picture, and goes on there as the person worked before.
    pub fn open(self, picture: i64, mut editor: Editor, habits: Option<Habits>) {
        let Some(home) = self.home.get_value().and_then(|home| home.upgrade()) else { return };
        if let Some(habits) = habits {
            editor.take_up(habits);
        }
        let (panel, rows, reading) = (Panel::of(&editor), rows_of(&editor), editor.reading());
        let scope = home.child();
        let visit = scope.with(|| Visit::new(self, picture, editor));
        if let Some(before) = self.scope.try_update_value(|kept| std::mem::replace(kept, scope)) {
            before.cleanup();
        }
        self.visit.set_value(Some(visit));
        for open in [self.shortcuts_open, self.conflicts_open, self.sign_in_open, self.unkept] {
            open.set(false);
        }
        self.labels.begin();
        self.panel.set(panel);
        self.rows.set(rows);
        self.reading.set(reading);
        self.redraw.set(Layers::ALL);
        self.visits.update(|visits| *visits += 1);
    }

    /// The work on the picture of now.
    pub fn visit(self) -> Option<Visit> {
        self.visit.try_get_value().flatten()
    }

    /// Begins something that ends with the visit of now.
    pub fn within_visit(self, begin: impl FnOnce(Visit)) {
        if let Some(visit) = self.visit() {
            self.scope.get_value().with(|| begin(visit));
        }
    }

    /// Reads the editor. Must not be called while it handles an input.
    pub fn read<T: Default>(self, read: impl FnOnce(&Editor) -> T) -> T {
        self.visit().map(|visit| visit.read(read)).unwrap_or_default()
    }

    /// Lets something happen.
    pub fn send(self, input: Input) {
        if let Some(visit) = self.visit() {
            visit.send(input);
        }
    }

    /// Obeys a command.
    pub fn command(self, command: Command) {
        self.send(Input::Command(command));
    }

    /// Gives the keyboard to the drawing surface.
    pub fn focus_surface(self) {
        self.surface_calls.update(|calls| *calls += 1);
    }

    /// Asks the bar for something, where the page has one.
    pub(super) fn step(self, step: FlowStep) {
        if let Some(flow) = self.flow.try_get_value().flatten() {
            flow.run(step);
        }
    }
}

pub(super) fn rows_of(editor: &Editor) -> Vec<RegionRow> {
    let row = |item: &crate::editor::Item| RegionRow {
        key: item.key,
        object: item.region.object.clone(),
        kind: item.region.shape.kind(),
        size_px: size_px(&item.region, editor),
    };
    editor.document().items().iter().map(row).collect()
}

fn size_px(region: &Region, editor: &Editor) -> Option<(u32, u32)> {
    let (bounds, pixel) = (region.shape.bounds(), editor.view().pixel_in_image());
    let px = |part: f64, pixel: f64| (part / pixel).round() as u32;
    (region.shape.kind() != Kind::Point).then(|| (px(bounds.w, pixel.x), px(bounds.h, pixel.y)))
}
