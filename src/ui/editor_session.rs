//! The shell around the editor: carries out its effects, saves to the server, keeps drafts, and tells the panels.

use super::announcer::Announcer;
use super::drafts::{Claim, Drafts};
use super::editor_labels::Labels;
use crate::api::accounts::current_account;
use crate::editor::{Command, Cursor, Editor, Effect, Input, Key, Layers, SaveRequest, SaveStatus, Tool, Trouble};
use crate::model::AppError;
use crate::model::error::Problem;
use crate::model::region::{Annotations, Kind, Region};
use crate::model::text::path_segment;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long things have to be quiet before what was drawn is saved.
const QUIET: Duration = Duration::from_millis(800);
/// How long to wait at most before trying again to reach the server: after the first failure, and ever.
const RETRY_MS: (f64, f64) = (1_000.0, 60_000.0);
/// So many times at most the regions are sent after the page was left: what others saved meanwhile can make it more than
/// once.
const LAST_SENDS: u32 = 3;
/// When to give up waiting for an answer, in milliseconds.
const ANSWER_TIMEOUT_MS: u32 = 30_000;
/// Names the person whose work a save carries, percent-encoded. The cookie does not: somebody else may have signed in
/// meanwhile in another tab of this browser. The server answers 401 where the two are not the same person.
const USER_HEADER: &str = "X-Ocellus-User";

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
    /// How large the picture is shown, in percent of its pixels.
    pub zoom_percent: u32,
    /// The form of the mouse pointer.
    pub cursor: Cursor,
}

fn sorted(keys: &[Key]) -> Vec<Key> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys
}

impl Panel {
    fn of(editor: &Editor) -> Self {
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
            zoom_percent: (editor.view().scale() * 100.0).round() as u32,
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
    /// Whether shortcuts without a modifier work outside of the drawing surface, too. People whose speech or hands press
    /// keys by accident switch that off.
    pub single_keys: RwSignal<bool>,
    /// Keys, favourites, recent objects.
    pub labels: Labels,
    shown_version: StoredValue<u64>,
    save_timer: StoredValue<Option<TimeoutHandle>>,
    /// How often in a row the server was not reached.
    failures: StoredValue<u32>,
    /// Whose work it is.
    user: StoredValue<String>,
    drafts: StoredValue<Option<Drafts>>,
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
            announcer: Announcer::default(),
            unkept: RwSignal::new(false),
            picker_calls: RwSignal::new(0),
            surface_calls: RwSignal::new(0),
            shortcuts_open: RwSignal::new(false),
            conflicts_open: RwSignal::new(false),
            single_keys: RwSignal::new(true),
            labels: Labels::default(),
            shown_version: StoredValue::new(editor.document().version()),
            save_timer: StoredValue::new(None),
            failures: StoredValue::new(0),
            user: StoredValue::new(String::new()),
            drafts: StoredValue::new(None),
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

    /// Brings back what an earlier visit of this person left unsaved, and from now on guards against losing anything. Runs in
    /// the browser only.
    pub fn wake(self, user: String) {
        let drafts = Drafts::new(&user, self.picture);
        self.user.set_value(user);
        self.drafts.set_value(Some(drafts.clone()));
        let claim = StoredValue::new_local(None::<Claim>);
        spawn_local(async move {
            let own = drafts.claim().await;
            claim.try_set_value(own);
            self.take_over(&drafts).await;
        });
        let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
            self.send(Input::PutDown);
            if self.has_unsaved() {
                event.prevent_default();
                event.set_return_value("There are unsaved changes.");
            }
        });
        let hide = window_event_listener_untyped("pagehide", move |_| self.send(Input::PutDown));
        let online = window_event_listener(leptos::ev::online, move |_| self.resume());
        let focus = window_event_listener(leptos::ev::focus, move |_| self.resume());
        let visible = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                // The browser may throw away a page in the background without a further word.
                self.send(Input::PutDown);
                self.send(Input::Save);
            } else {
                self.resume();
            }
        });
        on_cleanup(move || {
            for listener in [unload, hide, online, focus, visible] {
                listener.remove();
            }
            // The page is left, the browser is not.
            let claim = claim.try_update_value(Option::take).flatten();
            let drafts = self.drafts.try_get_value().flatten();
            let author = self.author();
            if let Some(((editor, drafts), author)) = self.editor.try_get_value().zip(drafts).zip(author) {
                spawn_local(finish(author, editor, drafts, claim));
            }
        });
    }

    /// Merges what an earlier visit left behind with what the server has.
    async fn take_over(self, drafts: &Drafts) {
        let Some(left) = drafts.left_behind().await else { return };
        let restored = self.editor.try_update_value(|editor| {
            // Whoever has begun to draw already gets it at the next visit.
            let untouched = !editor.has_unsaved() && !editor.can(Command::Undo);
            untouched.then(|| editor.restore(left.draft().clone()))
        });
        if let Some(effects) = restored.flatten() {
            self.perform(effects);
            // Only what is kept under this visit's name may go under the old one.
            if !self.unkept.try_get_untracked().unwrap_or(true) {
                left.remove();
            }
        }
    }

    /// The world has changed: the line is back, or the person, who may have signed in again elsewhere.
    fn resume(self) {
        match self.editor.try_with_value(Editor::status) {
            Some(SaveStatus::Trouble(_, Trouble::SignedOut)) => spawn_local(async move {
                // Somebody else may have signed in: this is not their work, and the server would refuse it.
                if self.is_still_signed_in().await == Ok(true) {
                    self.send(Input::Save);
                }
            }),
            Some(SaveStatus::Trouble(_, Trouble::Offline) | SaveStatus::Unsaved(_)) => self.send(Input::Save),
            _ => {}
        }
    }

    /// Whether whoever opened the page is the one who is signed in now.
    pub async fn is_still_signed_in(self) -> Result<bool, AppError> {
        let account = current_account().await?;
        Ok(account.is_some_and(|account| Some(account.username) == self.user.try_get_value()))
    }

    /// Whose work it is on which picture, unless the page was left.
    fn author(self) -> Option<Author> {
        Some(Author { user: self.user.try_get_value()?, picture: self.picture })
    }

    fn has_unsaved(self) -> bool {
        self.editor.try_with_value(Editor::has_unsaved).unwrap_or(false)
    }

    fn perform(self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Redraw(layers) => self.redraw.update(|waiting| *waiting = waiting.and(layers)),
                Effect::Changed => {
                    self.keep_draft();
                    // While the server is not reached, the timer that tries again goes on.
                    if self.failures.try_get_value() == Some(0) {
                        self.save_after(QUIET);
                    }
                }
                Effect::Send(request) => {
                    // The draft also says what is under way.
                    self.keep_draft();
                    let Some(author) = self.author() else { continue };
                    spawn_local(async move {
                        let answer = put(&author, request).await;
                        self.answered(answer);
                    });
                }
                Effect::AskForObject | Effect::OpenPicker => self.picker_calls.update(|calls| *calls += 1),
                Effect::Copy(regions) => super::copied::keep(&regions),
                Effect::BringPrevious => self.announcer.say("There is no previous picture to bring regions from"),
                Effect::ReadCopied => self.send(Input::Paste(super::copied::read())),
                Effect::ShowConflicts => self.conflicts_open.set(true),
                Effect::ShowShortcuts => self.shortcuts_open.set(true),
                Effect::ShowPalette => self.labels.palette_open.set(true),
                Effect::PickFavourite(digit) => self.pick_favourite(digit),
                Effect::Say(sentence) => self.announcer.say(sentence),
            }
        }
        self.publish();
    }

    fn answered(self, answer: Input) {
        let offline = answer == Input::SaveFailed(Trouble::Offline);
        let Some(failures) = self.failures.try_get_value() else { return };
        let failures = if offline { failures.saturating_add(1) } else { 0 };
        self.failures.set_value(failures);
        self.send(answer);
        if offline {
            self.save_after(pause(failures, js_sys::Math::random()));
        }
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
        let Some(drafts) = self.drafts.try_get_value().flatten() else { return };
        let draft = self.editor.try_with_value(Editor::draft).flatten();
        let unkept = !drafts.keep(draft.as_ref());
        if self.unkept.get_untracked() != unkept {
            self.unkept.set(unkept);
            if unkept {
                self.announcer.say("This browser cannot keep a copy of unsaved work. Save before you leave.");
            }
        }
    }
}

/// Whose work on which picture a save carries.
struct Author {
    user: String,
    picture: i64,
}

/// What remains to be done after the page was left: sends what is unsaved, and removes the draft once the server has
/// everything.
async fn finish(author: Author, mut editor: Editor, drafts: Drafts, claim: Option<Claim>) {
    editor.handle(Input::PutDown);
    if matches!(editor.status(), SaveStatus::Saving(_)) {
        // The answer goes to the page that is no more.
        editor.handle(Input::SaveFailed(Trouble::Offline));
    }
    for _ in 0..LAST_SENDS {
        let request = editor.handle(Input::Save).into_iter().find_map(|effect| match effect {
            Effect::Send(request) => Some(request),
            _ => None,
        });
        // Where that fails nobody is here to be told, who has been told before.
        drafts.keep(editor.draft().as_ref());
        let Some(request) = request else { break };
        editor.handle(put(&author, request).await);
    }
    drafts.keep(editor.draft().as_ref());
    drop(claim);
}

/// How long to wait after so many failures in a row. The part that is left to chance, from 0 to 1, keeps all the browsers
/// that lost a server from coming back to it at once.
fn pause(failures: u32, chance: f64) -> Duration {
    let (first, longest) = RETRY_MS;
    let most = (first * 2_f64.powi(failures.clamp(1, 16) as i32 - 1)).min(longest);
    Duration::from_millis((most * (1.0 + chance) / 2.0) as u64)
}

fn rows_of(editor: &Editor) -> Vec<RegionRow> {
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

/// Sends the regions of a picture and says what became of it.
async fn put(author: &Author, request: SaveRequest) -> Input {
    match try_put(author, &request).await {
        Ok(answer) => answer,
        // No answer, or none that can be read: a proxy's error page, a connection that broke.
        Err(_) => Input::SaveFailed(Trouble::Offline),
    }
}

async fn try_put(Author { user, picture }: &Author, request: &SaveRequest) -> Result<Input, gloo_net::Error> {
    let signal = web_sys::AbortSignal::timeout_with_u32(ANSWER_TIMEOUT_MS);
    let response = gloo_net::http::Request::put(&format!("/api/picture/{picture}/annotations"))
        .header("If-Match", &format!("\"{}\"", request.revision))
        .header(USER_HEADER, &path_segment(user))
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
        // Nobody is signed in any more, or somebody else is.
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

#[cfg(test)]
mod tests {
    use super::{pause, revision_of};
    use std::time::Duration;

    #[test]
    fn waits_longer_and_longer() {
        assert_eq!((pause(1, 0.0), pause(1, 1.0)), (Duration::from_millis(500), Duration::from_secs(1)));
        assert_eq!(pause(3, 1.0), Duration::from_secs(4));
        assert_eq!((pause(7, 1.0), pause(u32::MAX, 1.0)), (Duration::from_secs(60), Duration::from_secs(60)));
    }

    #[test]
    fn reads_entity_tags() {
        assert_eq!(revision_of("\"7\""), Some(7));
        assert_eq!(revision_of("W/\"12\""), Some(12));
        assert_eq!(revision_of("\"abc\""), None);
    }
}
