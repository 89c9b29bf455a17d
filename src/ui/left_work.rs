//! Pictures that somebody went away from while what they drew was still on its way.
//!
//! Going on must not wait for the server, and nothing that was drawn may depend on who stays on a page. So the work goes on here,
//! for as long as the site is open in this tab: it is sent, again and again if it has to be, and what a person has to know or to
//! do about it stands on every page. The log in the browser keeps all of it; where the browser keeps nothing, this does, for as
//! long as the tab is open.

use super::claim::Claim;
use super::editor_delivery::{Author, deliver, pause_after};
use super::editor_log::Logs;
use super::session::use_session;
use super::wait::wait;
use crate::editor::{Editor, Effect as Asked, Input, SaveStatus, Trouble};
use crate::model::region_delta::Delta;
use futures::channel::{mpsc, oneshot};
use futures::future::{Either, pending, select};
use futures::{FutureExt, StreamExt};
use leptos::prelude::*;
use std::pin::pin;
use std::rc::Rc;

/// A picture that was left.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftPicture {
    /// Its id.
    pub picture: i64,
    /// What to call it.
    pub title: String,
    /// Where its editor is, in the row that one came by.
    pub href: String,
    /// Where saving stands; nothing where an earlier visit left something behind.
    pub status: Option<SaveStatus>,
}

impl LeftPicture {
    /// Whether a person should know: what is just being sent is no news.
    fn is_news(&self) -> bool {
        !matches!(self.status, Some(SaveStatus::Saved | SaveStatus::Saving(_) | SaveStatus::Unsaved(_)))
    }

    fn in_words(&self) -> String {
        self.status.as_ref().map_or_else(|| "unsaved work of an earlier visit".to_owned(), SaveStatus::to_string)
    }
}

/// The work on a picture that was left, and how whoever finishes it is reached.
struct Line {
    number: u64,
    author: Author,
    editor: Editor,
    /// Whether the browser's log has it.
    is_logged: bool,
    /// Has it tried again at once.
    again: mpsc::UnboundedSender<()>,
    /// Has it put down what it is doing; what is given back says when it has.
    recall: Option<oneshot::Sender<oneshot::Sender<()>>>,
}

/// What was left, for the whole site.
#[derive(Clone, Copy)]
pub struct LeftWork {
    pictures: RwSignal<Vec<LeftPicture>>,
    lines: StoredValue<Vec<Line>>,
    /// How many lines there were.
    opened: StoredValue<u64>,
    deliveries: RwSignal<(u32, i64)>,
}

/// Makes [`use_left_work`] work below the calling component, and keeps the page from being closed too early.
pub fn provide_left_work() -> LeftWork {
    let left = LeftWork {
        pictures: RwSignal::new(Vec::new()),
        lines: StoredValue::new(Vec::new()),
        opened: StoredValue::new(0),
        deliveries: RwSignal::new((0, 0)),
    };
    provide_context(left);
    let login = use_session().login.version();
    Effect::new(move |seen: Option<usize>| {
        let now = login.get();
        if seen.is_some_and(|seen| seen != now) {
            left.try_again();
        }
        now
    });
    Effect::new(move |_| {
        let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
            if left.lines.try_with_value(|lines| !lines.is_empty()) == Some(true) {
                event.prevent_default();
                event.set_return_value("There are unsaved changes.");
            }
        });
        let online = window_event_listener(leptos::ev::online, move |_| left.try_again());
        let focus = window_event_listener(leptos::ev::focus, move |_| left.try_again());
        on_cleanup(move || {
            for listener in [unload, online, focus] {
                listener.remove();
            }
        });
    });
    left
}

/// What was left, for the page that the calling component is on.
pub fn use_left_work() -> LeftWork {
    use_context().unwrap_or_else(provide_left_work)
}

impl LeftWork {
    /// Grows with every picture of which the server has the last that was drawn, and names it: the regions of that picture, and
    /// the rows that it is in, may be others from now on.
    pub fn deliveries(self) -> Signal<(u32, i64)> {
        self.deliveries.into()
    }

    /// The line is back, or the person is: everything that waits is sent at once.
    pub fn try_again(self) {
        self.lines.with_value(|lines| {
            for line in lines {
                // Whoever is finished does not listen any more.
                let _ = line.again.unbounded_send(());
            }
        });
    }

    /// Somebody comes back to a picture: what is left of the work on it lies in its log once this is over. What no log has waits
    /// for [`LeftWork::take_back`], and is sent meanwhile.
    pub async fn recall(self, picture: i64) {
        let recall = self.lines.try_update_value(|lines| {
            let line = lines.iter_mut().find(|line| line.author.picture == picture && line.is_logged);
            line.and_then(|line| line.recall.take())
        });
        let (done, is_done) = oneshot::channel();
        if let Some(recall) = recall.flatten()
            && recall.send(done).is_ok()
        {
            let _ = is_done.await;
        }
        if self.lines.try_with_value(|lines| lines.iter().all(|line| line.author.picture != picture)) == Some(true) {
            self.forget(picture);
        }
    }

    /// The work of a person on a picture as they left it, where the browser has no log of it: it is theirs again from here on.
    pub fn take_back(self, user: &str, picture: i64) -> Option<Editor> {
        let line = self.lines.try_update_value(|lines| {
            let is_theirs = |line: &Line| line.author.picture == picture && line.author.user == user && !line.is_logged;
            lines.iter().position(is_theirs).map(|at| lines.remove(at))
        });
        let mut editor = line.flatten()?.editor;
        give_up_answer(&mut editor);
        // Should there be a log by now, it has nothing of this.
        editor.forget_log();
        self.forget(picture);
        Some(editor)
    }

    /// Does something with the work on a picture that was left, unless it was taken back.
    fn work<T>(self, number: u64, work: impl FnOnce(&mut Line) -> T) -> Option<T> {
        self.lines.try_update_value(|lines| lines.iter_mut().find(|line| line.number == number).map(work)).flatten()
    }

    /// Writes down what is new. Where that fails nobody is here to be told, who has been told before.
    async fn write_down(self, number: u64, logs: Option<&Logs>) {
        let Some(logs) = logs else { return };
        let Some(written) = self.work(number, |line| logs.write(line.editor.take_log())) else { return };
        let is_written = written.await.is_ok();
        self.work(number, |line| {
            line.is_logged = is_written;
            if !is_written {
                line.editor.forget_log();
            }
        });
    }

    /// Names pictures on which an earlier visit left something behind.
    pub fn found(self, pictures: impl IntoIterator<Item = i64>) {
        for picture in pictures {
            if self.pictures.with_untracked(|known| known.iter().all(|known| known.picture != picture)) {
                let (title, href) = (format!("picture {picture}"), format!("/picture/{picture}/annotate"));
                self.pictures.update(|known| known.push(LeftPicture { picture, title, href, status: None }));
            }
        }
    }

    fn forget(self, picture: i64) {
        if self.pictures.try_with_untracked(|known| known.iter().any(|known| known.picture == picture)) == Some(true) {
            self.pictures.update(|known| known.retain(|known| known.picture != picture));
        }
    }

    fn hang_up(self, number: u64) {
        let _ = self.lines.try_update_value(|lines| lines.retain(|line| line.number != number));
    }

    fn tell(self, left: &LeftPicture, status: SaveStatus) {
        let told = LeftPicture { status: Some(status), ..left.clone() };
        let _ = self.pictures.try_update(|known| match known.iter_mut().find(|known| known.picture == left.picture) {
            Some(known) => *known = told,
            None => known.push(told),
        });
    }

    /// What remains to be done after a picture was left: sends what is unsaved, and writes down what became of it. Whoever asks
    /// for the work ([`LeftWork::recall`], [`LeftWork::take_back`]) can be sure of it from the moment that this was called.
    pub fn finish(
        self,
        left: LeftPicture,
        author: Author,
        mut editor: Editor,
        logs: Option<Rc<Logs>>,
        claim: Option<Claim>,
    ) -> impl Future<Output = ()> {
        let (again, mut again_calls) = mpsc::unbounded();
        let (recall, mut recalled) = oneshot::channel::<oneshot::Sender<()>>();
        let number = self.opened.try_get_value().unwrap_or_default();
        let _ = self.opened.try_set_value(number + 1);
        editor.handle(Input::PutDown);
        give_up_answer(&mut editor);
        let line =
            Line { number, author: author.clone(), editor, is_logged: logs.is_some(), again, recall: Some(recall) };
        let _ = self.lines.try_update_value(|lines| lines.push(line));
        async move {
            let mut done = None;
            let mut failures = 0;
            // Whoever takes it back goes on with it.
            while let Some(delta) = self.work(number, |line| delta_of(&mut line.editor)) {
                self.write_down(number, logs.as_deref()).await;
                let Some(delta) = delta else { break };
                let answer = match select(pin!(deliver(&author, &delta)), &mut recalled).await {
                    Either::Left((answer, _)) => answer,
                    Either::Right((call, _)) => {
                        done = call.ok();
                        break;
                    }
                };
                if matches!(answer, Input::Delivered(_)) {
                    let _ = self
                        .deliveries
                        .try_update(|(number, picture)| (*number, *picture) = (*number + 1, left.picture));
                }
                let answered = self.work(number, |line| {
                    line.editor.handle(answer);
                    line.editor.status()
                });
                let Some(status) = answered else { break };
                self.tell(&left, status.clone());
                let pause = match status {
                    SaveStatus::Trouble(_, Trouble::Offline) => {
                        failures += 1;
                        wait(pause_after(failures)).left_future()
                    }
                    // Until somebody signs in, trying is of no use.
                    SaveStatus::Trouble(_, Trouble::SignedOut) => pending().right_future(),
                    SaveStatus::Trouble(_, Trouble::Refused(_)) => break,
                    _ => continue,
                };
                if let Either::Right((call, _)) = select(select(pin!(pause), again_calls.next()), &mut recalled).await {
                    done = call.ok();
                    break;
                }
            }
            self.write_down(number, logs.as_deref()).await;
            drop(claim);
            match self.work(number, |line| (line.editor.status(), line.is_logged)) {
                Some((SaveStatus::Saved, _)) => {
                    self.hang_up(number);
                    self.forget(left.picture);
                }
                Some((status, is_logged)) => {
                    // What no log has stays here until somebody takes it back.
                    if is_logged {
                        self.hang_up(number);
                    }
                    self.tell(&left, status);
                }
                None => {}
            }
            if let Some(done) = done {
                let _ = done.send(());
            }
        }
    }
}

/// What is to be sent now.
fn delta_of(editor: &mut Editor) -> Option<Delta> {
    editor.handle(Input::Save).into_iter().find_map(|effect| match effect {
        Asked::Send(delta) => Some(delta),
        _ => None,
    })
}

/// An answer that is under way goes to somebody who is no more; what is sent again counts once.
fn give_up_answer(editor: &mut Editor) {
    if matches!(editor.status(), SaveStatus::Saving(_)) {
        editor.handle(Input::SaveFailed(Trouble::Offline));
    }
}

/// What was left and needs somebody, on every page; nothing while there is no such thing.
#[component]
pub fn LeftNotice(
    /// What was left.
    left: LeftWork,
) -> impl IntoView {
    let news = Memo::new(move |_| {
        left.pictures.with(|pictures| pictures.iter().filter(|left| left.is_news()).cloned().collect::<Vec<_>>())
    });
    let waits = move || left.lines.with_value(|lines| lines.iter().any(|line| !line.again.is_closed()));
    let where_kept = move || match left.lines.with_value(|lines| lines.iter().all(|line| line.is_logged)) {
        true => "It is kept in this browser.",
        false => "This browser cannot keep a copy: leave the page open until all is saved.",
    };
    view! {
        <div class="left-work" role="status" aria-label="Unsaved work on other pictures">
            {move || {
                let news = news.get();
                (!news.is_empty())
                    .then(|| {
                        let rows = news
                            .into_iter()
                            .map(|left| {
                                let words = left.in_words();
                                view! {
                                    <li>
                                        <a href=left.href>{left.title}</a>
                                        ": "
                                        {words}
                                    </li>
                                }
                            })
                            .collect_view();
                        view! {
                            <p>"Not all of your work has been saved yet. " {where_kept()}</p>
                            <ul class="left-pictures">{rows}</ul>
                            {waits()
                                .then(|| {
                                    view! {
                                        <button class="button small" type="button" on:click=move |_| left.try_again()>
                                            "Try again"
                                        </button>
                                    }
                                })}
                        }
                    })
            }}
        </div>
    }
}
