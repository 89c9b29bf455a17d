//! The work on one picture: carries out the editor's effects, saves to the server, keeps the log, and tells the panels.

use super::claim::Claim;
use super::editor_delivery::{Author, deliver, is_signed_in, pause_after};
use super::editor_flow::FlowStep;
use super::editor_log::{LeftBehind, Logs, name_of_visit};
use super::editor_session::{EditorSession, Panel, rows_of};
use super::left_work::{Keeping, LeftPicture, LeftWork};
use super::wait::wait;
use crate::api::regions::annotations;
use crate::editor::{Command, Editor, Effect, Input, SaveStatus, Trouble, Writes, Written};
use crate::model::AppError;
use crate::model::region::Annotations;
use crate::model::region_delta::{Delta, DeltaAnswer};
use futures::FutureExt;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use std::rc::Rc;
use std::time::Duration;

/// How long things have to be quiet before what was drawn is sent.
const QUIET: Duration = Duration::from_millis(400);
/// After so long without an answer of the browser's database people are told that nothing is kept, until it answers after all.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the log of this visit is kept.
#[derive(Clone, Default)]
enum KeptIn {
    /// The browser has not answered yet.
    #[default]
    Unknown,
    /// The browser keeps nothing.
    Nowhere,
    /// The browser's database. What belongs to the browser must not go to another thread, and on the server there is none.
    Logs(SendWrapper<Rc<Logs>>),
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
    log: StoredValue<KeptIn>,
    writes: StoredValue<Writes>,
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
            log: StoredValue::new(KeptIn::default()),
            writes: StoredValue::new(Writes::default()),
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
    /// left with something unsaved, `left` has the rest. `keeping` is where the work lies that was taken back from there. Runs in
    /// the browser only.
    pub fn wake(self, user: String, place: LeftPicture, left: LeftWork, keeping: Keeping) {
        let visit = name_of_visit();
        self.editor.update_value(|editor| editor.name_visit(visit.clone()));
        self.user.set_value(user.clone());
        let Keeping { logs, claim } = keeping;
        let claim = StoredValue::new_local(claim);
        if let Some(logs) = &logs {
            self.log.set_value(KeptIn::Logs(SendWrapper::new(Rc::clone(logs))));
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
            let logs = match logs {
                Some(logs) => logs,
                None => match self.open_logs(user, visit, claim).await {
                    Some(logs) => logs,
                    None => return,
                },
            };
            self.take_over(&logs).await;
            left.found(logs.left_elsewhere().await, &here);
        });
        spawn_local(async move {
            wait(PATIENCE).await;
            if matches!(self.log.try_get_value(), Some(KeptIn::Unknown)) {
                self.log.try_set_value(KeptIn::Nowhere);
                self.keep_log();
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
        on_cleanup(move || {
            for listener in [unload, hide, online, focus, visible] {
                listener.remove();
            }
            // The page is left, the browser is not.
            let claim = claim.try_update_value(Option::take).flatten();
            if self.editor.try_with_value(Editor::is_finished) != Some(false) {
                // What was written last is written before anybody reads it.
                return drop(claim);
            }
            if let Some((editor, author)) = self.editor.try_get_value().zip(self.author()) {
                spawn_local(left.finish(place, author, editor, Keeping { logs: self.logs(), claim }));
            }
        });
    }

    /// Opens this visit's own log, and claims its name; nothing where the browser keeps nothing, or the visit is over.
    async fn open_logs(
        self,
        user: String,
        visit: String,
        claim: StoredValue<Option<Claim>, LocalStorage>,
    ) -> Option<Rc<Logs>> {
        let Ok(logs) = Logs::open(&user, self.picture, &visit).await else {
            self.log.try_set_value(KeptIn::Nowhere);
            self.keep_log();
            return None;
        };
        let logs = Rc::new(logs);
        let own = logs.claim().await;
        claim.try_set_value(own);
        if self.log.try_set_value(KeptIn::Logs(SendWrapper::new(Rc::clone(&logs)))).is_some() {
            return None;
        }
        self.keep_log();
        Some(logs)
    }

    fn logs(self) -> Option<Rc<Logs>> {
        match self.log.try_get_value() {
            Some(KeptIn::Logs(logs)) => Some(Rc::clone(&logs)),
            _ => None,
        }
    }

    /// Merges what an earlier visit left behind with what the server has.
    async fn take_over(self, logs: &Logs) {
        let Some(mut left) = logs.left_behind().await else { return };
        let mut newest = None;
        if let Some(delta) = left.log.outstanding().cloned() {
            let Some((answer, now)) = self.learn_fate(&delta).await else { return };
            left.log.settle(answer);
            newest = Some(now);
        }
        if self.is_untouched() == Some(true) {
            self.go_on_from(logs, left, newest).await;
        }
    }

    async fn go_on_from(self, logs: &Logs, left: LeftBehind, newest: Option<Annotations>) {
        let restored = self.editor.try_update_value(|editor| editor.restore(left.log.clone(), newest));
        let (Some(effects), Some(written)) = (restored, self.write(logs)) else { return };
        self.perform(effects);
        // Only what is kept under this visit's name may go under the old one.
        if written.await {
            logs.remove(left).await;
        }
    }

    /// Whether nothing was done yet: whoever has begun to draw gets what was left at the next visit. Nothing once the page
    /// was left.
    fn is_untouched(self) -> Option<bool> {
        self.editor.try_with_value(|editor| !editor.has_unsaved() && !editor.can(Command::Undo))
    }

    /// Asks the server until it has said what became of a delta, and what it has now: nothing if the person no longer waits for
    /// that.
    async fn learn_fate(self, delta: &Delta) -> Option<(Option<DeltaAnswer>, Annotations)> {
        for failures in 1.. {
            let author = self.author().filter(|_| self.is_untouched() == Some(true))?;
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
        match self.log.try_get_value() {
            Some(KeptIn::Logs(logs)) => {
                if let Some(written) = self.write(&logs) {
                    spawn_local(written.map(drop));
                }
            }
            Some(KeptIn::Nowhere) => self.set_unkept(self.has_unsaved()),
            Some(KeptIn::Unknown) | None => {}
        }
    }

    /// Writes down what is new, unless the visit is over. What is given back tells whether it worked, and sees to it that
    /// people are warned where it did not.
    fn write(self, logs: &Logs) -> Option<impl Future<Output = bool> + use<>> {
        let update = self.editor.try_update_value(Editor::take_log)?;
        let number = self.writes.try_update_value(Writes::begin)?;
        let written = logs.write(update);
        Some(async move {
            let is_written = written.await.is_ok();
            match self.writes.try_update_value(|writes| writes.end(number, is_written)) {
                Some(Written::All) => self.set_unkept(false),
                Some(Written::Lacking { at_once }) => {
                    self.editor.try_update_value(Editor::forget_log);
                    match at_once {
                        true => self.keep_log(),
                        false => self.set_unkept(self.has_unsaved()),
                    }
                }
                Some(Written::Overtaken) | None => {}
            }
            is_written
        })
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
