//! The work on one picture: carries out the editor's effects, saves to the server, keeps the log, and tells the panels.

use super::editor_delivery::{Author, deliver, is_signed_in, pause_after};
use super::editor_flow::FlowStep;
use super::editor_keeper::{Keeper, log_of};
use super::editor_log::{Found, LeftBehind, Logs, name_of_visit};
use super::editor_session::{EditorSession, Panel, rows_of};
use super::left_work::{LeftPicture, LeftWork};
use super::wait::wait;
use crate::api::regions::{annotations, annotations_since};
use crate::editor::{Command, Editor, Effect, Input, SaveStatus, Trouble};
use crate::model::AppError;
use crate::model::region::Annotations;
use crate::model::region_delta::{Delta, DeltaAnswer};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use std::time::Duration;

/// How long things have to be quiet before what was drawn is sent.
const QUIET: Duration = Duration::from_millis(400);
/// After so long without an answer of the browser's database people are told that nothing is kept, until it answers after all.
const PATIENCE: Duration = Duration::from_secs(5);
/// So often an open editor asks whether somebody else has saved.
const LOOK_AROUND: Duration = Duration::from_secs(15);
/// It asks so often at most while nobody does anything: who has gone away must not stay signed in because of it.
const LOOKS: u32 = 40;

/// What an earlier visit left behind, until it can be gone on from.
struct Waiting {
    left: LeftBehind,
    /// What the server had after the fate of what was under way had been learnt.
    newest: Option<Annotations>,
    /// Whether that is known.
    is_settled: bool,
}

/// The work on one picture. It ends when somebody goes on to another one: whatever comes after that finds nothing here.
#[derive(Clone, Copy)]
pub struct Visit {
    session: EditorSession,
    picture: i64,
    editor: StoredValue<Editor>,
    shown_version: StoredValue<u64>,
    save_timer: StoredValue<Option<TimeoutHandle>>,
    /// How often in a row the server was not reached.
    failures: StoredValue<u32>,
    /// Whose work it is.
    user: StoredValue<String>,
    /// What belongs to the browser must not go to another thread; on the server there is none.
    keeper: StoredValue<Option<SendWrapper<Keeper>>>,
    /// Whether the browser has taken too long to open its database.
    is_late: StoredValue<bool>,
    waiting: StoredValue<Option<SendWrapper<Waiting>>>,
    /// Whether the server is being asked for what others have saved.
    is_looking: StoredValue<bool>,
    /// How often it was asked since somebody did something here.
    looks: StoredValue<u32>,
}

impl Visit {
    /// Comes to a picture.
    pub(super) fn new(session: EditorSession, picture: i64, editor: Editor) -> Self {
        Self {
            session,
            picture,
            shown_version: StoredValue::new(editor.document().version()),
            save_timer: StoredValue::new(None),
            failures: StoredValue::new(0),
            user: StoredValue::new(String::new()),
            keeper: StoredValue::new(None),
            is_late: StoredValue::new(false),
            waiting: StoredValue::new(None),
            is_looking: StoredValue::new(false),
            looks: StoredValue::new(0),
            editor: StoredValue::new(editor),
        }
    }

    /// Whether somebody has gone on to another picture, or elsewhere.
    pub fn is_over(self) -> bool {
        self.failures.is_disposed()
    }

    /// Reads the editor. Must not be called while it handles an input.
    pub fn read<T: Default>(self, read: impl FnOnce(&Editor) -> T) -> T {
        self.editor.try_with_value(read).unwrap_or_default()
    }

    /// Lets something happen. Nothing does once it is over: an answer may have been under way.
    pub fn send(self, input: Input) {
        let Some(effects) = self.editor.try_update_value(|editor| editor.handle(input)) else { return };
        self.perform(effects);
    }

    /// Goes on from what an earlier visit of this person left, and from now on guards against losing anything. When the picture is
    /// left with something unsaved, `left` has the rest. `keeper` has the log of what was taken back from there. `is_early` says
    /// that the server may have newer regions than the editor. Runs in the browser only.
    pub fn wake(self, user: String, place: LeftPicture, left: LeftWork, keeper: Option<Keeper>, is_early: bool) {
        let visit = name_of_visit();
        self.editor.update_value(|editor| editor.name_visit(visit.clone()));
        self.user.set_value(user.clone());
        let keeper = keeper.unwrap_or_else(|| Keeper::new(user.clone(), self.picture, visit));
        let take = move |all| self.editor.try_update_value(|editor| log_of(editor, all));
        keeper.belong_to(take, move |is_kept| self.set_unkept(!is_kept && self.has_unsaved()));
        self.keeper.set_value(Some(SendWrapper::new(keeper.clone())));
        if keeper.is_open() {
            self.keep_log();
        }
        if self.has_unsaved() {
            // An earlier visit left it here.
            self.send(Input::Save);
        }
        if self.editor.with_value(|editor| !editor.conflicts().is_empty()) {
            self.session.conflicts_open.set(true);
        }
        let here = place.clone();
        spawn_local(async move {
            keeper.open().await;
            self.keep_log();
            let Some(logs) = keeper.logs().filter(|_| !self.is_over()) else { return };
            // Whoever has left does not hold the name until this is through.
            drop(keeper);
            let pictures = logs.pictures_with_work().await.into_iter();
            left.found(&user, pictures.filter(|picture| *picture != self.picture), &here);
            self.take_over(&logs, is_early).await;
        });
        spawn_local(async move {
            wait(PATIENCE).await;
            if self.is_late.try_set_value(true).is_none() && self.keeper().is_some_and(|keeper| !keeper.is_open()) {
                self.set_unkept(self.has_unsaved());
            }
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
        let looking = set_interval_with_handle(move || self.look_for_newer(), LOOK_AROUND).ok();
        on_cleanup(move || {
            for listener in [unload, hide, online, focus, visible] {
                listener.remove();
            }
            looking.into_iter().for_each(|looking| looking.clear());
            // The page is left, the browser is not.
            let Some(author) = self.author() else { return };
            let is_left = |waiting: &Option<SendWrapper<Waiting>>| {
                waiting.as_ref().is_some_and(|waiting| waiting.left.log.head.unsaved)
            };
            if self.waiting.try_with_value(is_left) == Some(true) {
                left.found(&author.user, [self.picture], &place);
            }
            let Some(keeper) = self.keeper() else { return };
            if keeper.is_settled() && self.editor.try_with_value(Editor::is_finished) == Some(true) {
                return;
            }
            if let Some(editor) = self.editor.try_get_value() {
                spawn_local(left.finish(place, author, editor, keeper));
            }
        });
    }

    fn keeper(self) -> Option<Keeper> {
        self.keeper.try_with_value(|keeper| keeper.as_deref().cloned()).flatten()
    }

    /// Finds what an earlier visit left behind, and learns what it needs to be merged with what the server has.
    async fn take_over(self, logs: &Logs, is_early: bool) {
        let Found { left, is_unreadable } = logs.left_behind().await;
        if is_unreadable && !self.is_over() {
            self.session.announcer.say("Unsaved work of an earlier visit is kept in this browser, but cannot be read");
        }
        let Some(left) = left else { return };
        let delta = left.log.outstanding().cloned();
        // From here on whoever ends the visit lets go of it.
        let waiting = Waiting { left, newest: None, is_settled: false };
        if self.waiting.try_set_value(Some(SendWrapper::new(waiting))).is_some() {
            return;
        }
        let (answer, newest) = match delta {
            Some(delta) => match self.learn_fate(&delta).await {
                Some((answer, newest)) => (answer, Some(newest)),
                None => return,
            },
            // Merging with what was fetched in advance would ask about what nobody disputes.
            None if is_early => (None, annotations(self.picture).await.ok()),
            None => (None, None),
        };
        let _ = self.waiting.try_update_value(|waiting| {
            if let Some(waiting) = waiting {
                waiting.left.log.settle(answer);
                (waiting.newest, waiting.is_settled) = (newest, true);
            }
        });
        self.go_on_from_left();
        if self.waiting.try_with_value(Option::is_some) == Some(true) {
            self.session.announcer.say("Unsaved work of an earlier visit comes back once what you draw now is saved");
        }
    }

    /// Goes on from what an earlier visit left behind, if that waits for it, and nothing of this visit is unsaved.
    fn go_on_from_left(self) {
        let settled = |waiting: &Option<SendWrapper<Waiting>>| {
            waiting.as_ref().filter(|waiting| waiting.is_settled).map(|waiting| waiting.left.log.head.unsaved)
        };
        let Some(is_unsaved) = self.waiting.try_with_value(settled).flatten() else { return };
        let Some((can_restore, is_untouched)) = self
            .editor
            .try_with_value(|editor| (editor.can_restore(), !editor.can(Command::Undo) && !editor.can(Command::Redo)))
        else {
            return;
        };
        if is_unsaved && !can_restore {
            return;
        }
        let Some(waiting) = self.waiting.try_update_value(Option::take).flatten() else { return };
        if !can_restore || !is_unsaved && !is_untouched {
            // It is a mere history, and here is another one.
            return;
        }
        let Waiting { left: LeftBehind { log, claim }, newest, .. } = waiting.take();
        let Some((effects, keeper)) =
            self.editor.try_update_value(|editor| editor.restore(log, newest)).zip(self.keeper())
        else {
            return;
        };
        keeper.replace(claim);
        self.perform(effects);
        if is_unsaved {
            if !is_untouched {
                self.session.announcer.say("Unsaved work of an earlier visit is back");
            }
            // There may be more.
            if let Some(logs) = keeper.logs() {
                spawn_local(async move { self.take_over(&logs, false).await });
            }
        }
    }

    /// Asks the server until it has said what became of a delta, and what it has now: nothing if the visit is over before.
    async fn learn_fate(self, delta: &Delta) -> Option<(Option<DeltaAnswer>, Annotations)> {
        for failures in 1.. {
            let author = self.author()?;
            let fate = match deliver(&author, delta).await {
                Input::Delivered(answer) => Some(Some(answer)),
                Input::SaveFailed(Trouble::Offline | Trouble::SignedOut) => None,
                _ => Some(None),
            };
            if let Some(answer) = fate
                && let Ok(newest) = annotations(author.picture).await
            {
                return Some((answer, newest));
            }
            if failures == 1 && !self.is_over() {
                self.session.announcer.say("Unsaved work of an earlier visit waits for the server");
            }
            wait(pause_after(failures)).await;
        }
        None
    }

    /// The world has changed: the line is back, or the person, who may have signed in again elsewhere.
    fn resume(self) {
        let _ = self.looks.try_set_value(0);
        match self.editor.try_with_value(Editor::status) {
            Some(SaveStatus::Trouble(_, Trouble::SignedOut)) => spawn_local(async move {
                // Somebody else may have signed in: this is not their work, and the server would refuse it.
                if self.is_still_signed_in().await == Ok(true) {
                    self.send(Input::Save);
                }
            }),
            Some(SaveStatus::Trouble(_, Trouble::Offline) | SaveStatus::Unsaved(_)) => self.send(Input::Save),
            _ => self.look_for_newer(),
        }
    }

    /// Shows what somebody else has saved meanwhile. While something is being sent, its answer will tell; and a page in the
    /// background has time.
    fn look_for_newer(self) {
        let state = self.editor.try_with_value(|editor| (editor.status(), editor.revision()));
        let Some((SaveStatus::Saved | SaveStatus::Pending(_) | SaveStatus::Conflicts(_), known)) = state else {
            return;
        };
        let looks = self.looks.try_get_value().unwrap_or(LOOKS);
        if document().hidden() || looks >= LOOKS || self.is_looking.try_get_value() != Some(false) {
            return;
        }
        self.is_looking.set_value(true);
        self.looks.set_value(looks + 1);
        spawn_local(async move {
            let found = annotations_since(self.picture, known).await;
            // A picture that is gone stays so.
            let _ = self.is_looking.try_set_value(matches!(found, Err(AppError::NotFound(_))));
            // Whoever is offline is told so when there is something to be saved.
            if let Ok(Some(newest)) = found {
                self.send(Input::Newer(newest));
                // It was somebody else who did something.
                let _ = self.looks.try_set_value(looks + 1);
            }
        });
    }

    /// Whether whoever opened the page is the one who is signed in now.
    pub async fn is_still_signed_in(self) -> Result<bool, AppError> {
        match self.user.try_get_value() {
            Some(user) => is_signed_in(&user).await,
            None => Ok(false),
        }
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
                Effect::Redraw(layers) => self.session.redraw.update(|waiting| *waiting = waiting.and(layers)),
                Effect::Changed => {
                    let _ = self.looks.try_set_value(0);
                    self.keep_log();
                    // While the server is not reached, the timer that tries again goes on.
                    if self.failures.try_get_value() == Some(0) {
                        self.save_after(QUIET);
                    }
                }
                Effect::Send(delta) => {
                    // The log also says what is under way.
                    self.keep_log();
                    let Some(author) = self.author() else { continue };
                    let sign_ins = self.session.sign_ins.try_get_value();
                    spawn_local(async move {
                        let answer = deliver(&author, &delta).await;
                        let refused = answer == Input::SaveFailed(Trouble::SignedOut);
                        self.answered(answer);
                        // It was on its way while the person signed in.
                        if refused && self.session.sign_ins.try_get_value() != sign_ins {
                            self.send(Input::Save);
                        }
                    });
                }
                Effect::AskForObject | Effect::OpenPicker => self.session.picker_calls.update(|calls| *calls += 1),
                Effect::Copy(regions) => super::copied::keep(&regions),
                Effect::BringPrevious => self.session.step(FlowStep::BringPrevious),
                Effect::ReadCopied => self.send(Input::Paste(super::copied::read())),
                Effect::ShowConflicts => self.session.conflicts_open.set(true),
                Effect::ShowShortcuts => self.session.shortcuts_open.set(true),
                Effect::Go(way) => self.session.step(FlowStep::Go(way)),
                Effect::Mark(state) => self.session.step(FlowStep::Mark(state)),
                Effect::ShowLook => self.session.look_open.update(|open| *open = !*open),
                Effect::Switch(switch) => {
                    let on = self.session.look.try_update(|look| look.turn(switch)).unwrap_or_default();
                    self.session.announcer.say(format!("{} {}", switch.name(), if on { "on" } else { "off" }));
                }
                Effect::ShowPalette => self.session.labels.palette_open.set(true),
                Effect::PickFavourite(digit) => self.session.pick_favourite(digit),
                Effect::Say(sentence) => self.session.announcer.say(sentence),
            }
        }
        self.publish();
        self.go_on_from_left();
    }

    fn answered(self, answer: Input) {
        let offline = answer == Input::SaveFailed(Trouble::Offline);
        let Some(failures) = self.failures.try_get_value() else { return };
        let failures = if offline { failures.saturating_add(1) } else { 0 };
        self.failures.set_value(failures);
        self.send(answer);
        if offline {
            self.save_after(pause_after(failures));
        }
    }

    /// Tells toolbar and panels, if there is news for them.
    fn publish(self) {
        let Some((panel, version, reading)) =
            self.editor.try_with_value(|editor| (Panel::of(editor), editor.document().version(), editor.reading()))
        else {
            return;
        };
        if self.session.reading.with_untracked(|shown| *shown != reading) {
            self.session.reading.set(reading);
        }
        if self.shown_version.get_value() != version {
            self.shown_version.set_value(version);
            self.session.rows.set(self.read(rows_of));
        }
        if self.session.panel.with_untracked(|shown| *shown != panel) {
            self.session.panel.set(panel);
        }
        if self.session.conflicts_open.get_untracked() && self.read(|editor| editor.conflicts().is_empty()) {
            // Decided here, or ended by what somebody else saved.
            self.session.conflicts_open.set(false);
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

    /// Writes down what is new. Until the browser has opened its database, the editor remembers what that is.
    fn keep_log(self) {
        let Some(keeper) = self.keeper() else { return };
        if !keeper.is_open() && self.is_late.try_get_value() == Some(true) {
            self.set_unkept(self.has_unsaved());
        }
        spawn_local(keeper.write());
    }

    fn set_unkept(self, unkept: bool) {
        if !self.is_over() && self.session.unkept.try_get_untracked().is_some_and(|before| before != unkept) {
            self.session.unkept.set(unkept);
            if unkept {
                self.session.announcer.say("This browser cannot keep a copy of unsaved work. Save before you leave.");
            }
        }
    }
}
