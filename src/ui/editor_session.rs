//! The shell around the editor: carries out its effects, saves to the server, keeps drafts, and tells the panels.

use crate::editor::{
    Command, Cursor, Draft, Editor, Effect, Input, Key, Layers, SaveRequest, SaveStatus, Tool, Trouble,
};
use crate::model::error::Problem;
use crate::model::region::{Annotations, Kind, Region};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long things have to be quiet before what was drawn is saved.
const QUIET: Duration = Duration::from_millis(800);
/// How long to wait before trying again to reach the server.
const RETRY: Duration = Duration::from_secs(5);
/// When to give up waiting for an answer, in milliseconds.
const ANSWER_TIMEOUT_MS: u32 = 30_000;

/// What toolbar and panels show, apart from the regions themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The tool in hand.
    pub tool: Tool,
    /// The selected region.
    pub selected: Option<Key>,
    /// The region below the pointer.
    pub hovered: Option<Key>,
    /// The object that the picker shows.
    pub object: String,
    /// Whether picking an object changes the selected region rather than the next one.
    pub relabels: bool,
    /// Which of the toolbar's commands can be obeyed.
    pub can_undo: bool,
    /// See above.
    pub can_redo: bool,
    /// See above.
    pub can_delete: bool,
    /// Whether a polygon or polyline is being drawn.
    pub sketching: bool,
    /// Where saving stands.
    pub status: SaveStatus,
    /// How large the picture is shown, in percent of its pixels.
    pub zoom_percent: u32,
    /// The form of the mouse pointer.
    pub cursor: Cursor,
}

impl Panel {
    fn of(editor: &Editor) -> Self {
        Self {
            tool: editor.tool(),
            selected: editor.selected(),
            hovered: editor.hovered(),
            object: editor.shown_object().unwrap_or_default().to_owned(),
            relabels: editor.labelled_by_picking().is_some(),
            can_undo: editor.can(Command::Undo),
            can_redo: editor.can(Command::Redo),
            can_delete: editor.can(Command::Delete),
            sketching: editor.is_sketching(),
            status: editor.status(),
            zoom_percent: (editor.view().scale() * 100.0).round() as u32,
            cursor: editor.cursor(),
        }
    }
}

/// A line of the list of regions.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionRow {
    /// The region.
    pub key: Key,
    /// Its object; empty while it waits for one.
    pub object: String,
    /// Its kind.
    pub kind: Kind,
}

/// One picture's editor in the browser. On the server it only renders what it starts with.
#[derive(Clone, Copy)]
pub struct EditorSession {
    picture: i64,
    editor: StoredValue<Editor>,
    /// What toolbar and panels show.
    pub panel: RwSignal<Panel>,
    /// The list of regions.
    pub rows: RwSignal<Vec<RegionRow>>,
    /// The layers that wait to be drawn again.
    pub redraw: RwSignal<Layers>,
    /// The newest sentence for people who do not see the picture.
    pub announcement: RwSignal<String>,
    /// Grows whenever the object picker is to be opened.
    pub picker_calls: RwSignal<u32>,
    /// Grows whenever the drawing surface is to get the keyboard back.
    pub surface_calls: RwSignal<u32>,
    /// Whether the list of shortcuts is open.
    pub shortcuts_open: RwSignal<bool>,
    /// Whether the person is being asked about conflicts.
    pub conflicts_open: RwSignal<bool>,
    /// Whether shortcuts without a modifier work outside of the drawing surface, too. People whose speech or hands press
    /// keys by accident switch that off.
    pub single_keys: RwSignal<bool>,
    shown_version: StoredValue<u64>,
    save_timer: StoredValue<Option<TimeoutHandle>>,
    draft_key: StoredValue<Option<String>>,
}

impl EditorSession {
    /// Starts a session; nothing happens before [`EditorSession::wake`].
    pub fn new(picture: i64, editor: Editor) -> Self {
        let rows = rows_of(&editor);
        Self {
            picture,
            panel: RwSignal::new(Panel::of(&editor)),
            rows: RwSignal::new(rows),
            redraw: RwSignal::new(Layers::ALL),
            announcement: RwSignal::new(String::new()),
            picker_calls: RwSignal::new(0),
            surface_calls: RwSignal::new(0),
            shortcuts_open: RwSignal::new(false),
            conflicts_open: RwSignal::new(false),
            single_keys: RwSignal::new(true),
            shown_version: StoredValue::new(editor.document().version()),
            save_timer: StoredValue::new(None),
            draft_key: StoredValue::new(None),
            editor: StoredValue::new(editor),
        }
    }

    /// Reads the editor. Must not be called while it handles an input.
    pub fn read<T: Default>(self, read: impl FnOnce(&Editor) -> T) -> T {
        self.editor.try_with_value(read).unwrap_or_default()
    }

    /// Lets something happen.
    pub fn send(self, input: Input) {
        // The page may have been left while an answer was under way.
        let Some(effects) = self.editor.try_update_value(|editor| editor.handle(input)) else { return };
        self.perform(effects);
    }

    /// Obeys a command.
    pub fn command(self, command: Command) {
        self.send(Input::Command(command));
    }

    /// Gives the keyboard to the drawing surface.
    pub fn focus_surface(self) {
        self.surface_calls.update(|calls| *calls += 1);
    }

    /// Brings back what an earlier visit left unsaved, and from now on guards against losing anything. Runs in the browser
    /// only.
    pub fn wake(self) {
        if let Some((key, draft)) = drafts::newest(self.picture) {
            self.draft_key.set_value(Some(key));
            if let Some(effects) = self.editor.try_update_value(|editor| editor.restore(draft)) {
                self.perform(effects);
            }
        }
        let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
            if self.has_unsaved() {
                event.prevent_default();
                event.set_return_value("There are unsaved changes.");
            }
        });
        let online = window_event_listener(leptos::ev::online, move |_| self.send(Input::Save));
        on_cleanup(move || {
            unload.remove();
            online.remove();
            // The page is left, the browser is not: what is unsaved can still be sent.
            let unsent = self.editor.try_update_value(|editor| editor.handle(Input::Save)).unwrap_or_default();
            for effect in unsent {
                if let Effect::Send(request) = effect {
                    let picture = self.picture;
                    spawn_local(async move {
                        put(picture, request).await;
                    });
                }
            }
        });
    }

    fn has_unsaved(self) -> bool {
        self.editor.try_with_value(|editor| editor.unsaved() > 0).unwrap_or(false)
    }

    fn perform(self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Redraw(layers) => self.redraw.update(|waiting| *waiting = waiting.and(layers)),
                Effect::Changed => {
                    self.keep_draft();
                    self.save_after(QUIET);
                }
                Effect::Send(request) => spawn_local(async move {
                    let answer = put(self.picture, request).await;
                    let offline = answer == Input::SaveFailed(Trouble::Offline);
                    self.send(answer);
                    if offline {
                        self.save_after(RETRY);
                    }
                }),
                Effect::AskForObject | Effect::OpenPicker => self.picker_calls.update(|calls| *calls += 1),
                Effect::ShowConflicts => self.conflicts_open.set(true),
                Effect::ShowShortcuts => self.shortcuts_open.set(true),
                Effect::Say(sentence) => self.announcement.set(sentence),
            }
        }
        self.publish();
    }

    /// Tells toolbar and panels, if there is news for them.
    fn publish(self) {
        let Some((panel, version)) =
            self.editor.try_with_value(|editor| (Panel::of(editor), editor.document().version()))
        else {
            return;
        };
        if self.shown_version.get_value() != version {
            self.shown_version.set_value(version);
            self.rows.set(self.read(rows_of));
        }
        if self.panel.with_untracked(|shown| *shown != panel) {
            self.panel.set(panel);
        }
    }

    fn save_after(self, wait: Duration) {
        let Some(waiting) = self.save_timer.try_update_value(Option::take) else { return };
        if let Some(timer) = waiting {
            timer.clear();
        }
        if self.has_unsaved() {
            // Without a timer the person still can save by hand.
            let timer = set_timeout_with_handle(move || self.send(Input::Save), wait).ok();
            self.save_timer.set_value(timer);
        }
    }

    fn keep_draft(self) {
        let draft = self.editor.try_with_value(Editor::draft).flatten();
        let old_key = self.draft_key.get_value();
        let key = draft.as_ref().map(|draft| drafts::key(self.picture, draft.revision));
        if let (Some(key), Some(draft)) = (&key, &draft) {
            drafts::write(key, draft);
        }
        if let Some(old_key) = old_key.filter(|old_key| Some(old_key) != key.as_ref()) {
            drafts::remove(&old_key);
        }
        self.draft_key.set_value(key);
    }
}

fn rows_of(editor: &Editor) -> Vec<RegionRow> {
    let row = |item: &crate::editor::Item| RegionRow {
        key: item.key,
        object: item.region.object.clone(),
        kind: item.region.shape.kind(),
    };
    editor.document().items().iter().map(row).collect()
}

/// Sends the regions of a picture and says what became of it.
async fn put(picture: i64, request: SaveRequest) -> Input {
    match try_put(picture, &request).await {
        Ok(answer) => answer,
        // No answer, or none that can be read: a proxy's error page, a connection that broke.
        Err(_) => Input::SaveFailed(Trouble::Offline),
    }
}

async fn try_put(picture: i64, request: &SaveRequest) -> Result<Input, gloo_net::Error> {
    let signal = web_sys::AbortSignal::timeout_with_u32(ANSWER_TIMEOUT_MS);
    let response = gloo_net::http::Request::put(&format!("/api/picture/{picture}/annotations"))
        .header("If-Match", &format!("\"{}\"", request.revision))
        .abort_signal(Some(&signal))
        .json(&request.regions)?
        .send()
        .await?;
    let revision = response.headers().get("ETag").as_deref().and_then(revision_of);
    Ok(match (response.status(), revision) {
        (200, Some(revision)) => Input::Saved(Annotations { revision, regions: response.json::<Vec<Region>>().await? }),
        (412, Some(revision)) => {
            Input::Outdated(Annotations { revision, regions: response.json::<Vec<Region>>().await? })
        }
        (401, _) => Input::SaveFailed(Trouble::SignedOut),
        (400..=428, _) => {
            let problem = response.json::<Problem>().await;
            let detail = problem.map_or_else(|_| "the server refused the regions".to_owned(), |problem| problem.detail);
            Input::SaveFailed(Trouble::Refused(detail))
        }
        _ => Input::SaveFailed(Trouble::Offline),
    })
}

/// The revision in an entity tag such as `"7"` or, where something between compressed the answer, `W/"7"`.
fn revision_of(tag: &str) -> Option<i64> {
    tag.trim_start_matches("W/").trim_matches('"').parse().ok()
}

/// Drafts in the browser's local storage: one per picture and base revision. Storage may be full, or switched off; then
/// there are no drafts, and everything else works.
mod drafts {
    use super::Draft;
    use web_sys::Storage;

    const PREFIX: &str = "ocellus.draft.";

    fn storage() -> Option<Storage> {
        leptos::prelude::window().local_storage().ok().flatten()
    }

    pub fn key(picture: i64, revision: i64) -> String {
        format!("{PREFIX}{picture}.{revision}")
    }

    pub fn write(key: &str, draft: &Draft) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(draft)) {
            let _ = storage.set_item(key, &text);
        }
    }

    pub fn remove(key: &str) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(key);
        }
    }

    /// The newest draft for a picture, with its key. Drafts on older revisions wait for the next visit.
    pub fn newest(picture: i64) -> Option<(String, Draft)> {
        let storage = storage()?;
        let prefix = format!("{PREFIX}{picture}.");
        let count = storage.length().unwrap_or(0);
        (0..count)
            .filter_map(|index| storage.key(index).ok().flatten())
            .filter(|key| key.starts_with(&prefix))
            .filter_map(|key| {
                let draft: Draft = serde_json::from_str(&storage.get_item(&key).ok()??).ok()?;
                Some((key, draft))
            })
            .max_by_key(|(_, draft)| draft.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::revision_of;

    #[test]
    fn reads_entity_tags() {
        assert_eq!(revision_of("\"7\""), Some(7));
        assert_eq!(revision_of("W/\"12\""), Some(12));
        assert_eq!(revision_of("\"abc\""), None);
    }
}
