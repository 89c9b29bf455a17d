//! Pictures that somebody went away from while what they drew was still on its way.
//!
//! Going on must not wait for the server, and nothing that was drawn may depend on who stays on a page. So the work goes on here,
//! for as long as the site is open in this tab: it is sent, again and again if it has to be, and what a person has to know or to
//! do about it stands on every page. The log in the browser keeps all of it; where the browser keeps nothing, this does, for as
//! long as the tab is open.

use super::claim::Claim;
use super::editor_delivery::{Author, deliver, pause_after};
use super::editor_log::Logs;
use super::icons::{Glyph, Icon};
use super::session::use_session;
use super::wait::wait;
use crate::editor::{Editor, Effect as Asked, Input, SaveStatus, Trouble};
use crate::model::region_delta::Delta;
use futures::channel::mpsc;
use futures::future::{pending, select};
use futures::{FutureExt, StreamExt};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::pin::pin;
use std::rc::Rc;

/// A picture that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftPicture {
    /// Its id.
    pub picture: i64,
    /// What to call it.
    pub title: String,
    /// Where its editor is, in the row that one came by.
    pub href: String,
}

/// What is known of the work on a picture that was left.
#[derive(Clone, Debug, PartialEq)]
struct Left {
    place: LeftPicture,
    /// Where saving stands; nothing where an earlier visit left something behind.
    status: Option<SaveStatus>,
    /// Whether a shape waits to be drawn to its end.
    is_sketched: bool,
    /// Whether the browser has it, so that it outlives the page.
    is_kept: bool,
    /// Whether it is tried again by itself.
    is_tried: bool,
}

impl LeftPicture {
    /// Another picture in the same row.
    fn other(&self, picture: i64) -> Self {
        let row = self.href.find('?').map_or("", |at| &self.href[at..]);
        let href = format!("/picture/{picture}/annotate{row}");
        Self { picture, title: format!("picture {picture}"), href }
    }
}

impl Left {
    /// Whether a person should know: what is just being sent is no news.
    fn is_news(&self) -> bool {
        match self.status {
            Some(SaveStatus::Saved) => self.is_sketched,
            Some(SaveStatus::Saving(_) | SaveStatus::Unsaved(_)) => false,
            _ => true,
        }
    }

    fn in_words(&self) -> String {
        let saving = match &self.status {
            None => Some("unsaved work of an earlier visit".to_owned()),
            Some(SaveStatus::Saved) => None,
            Some(status) => Some(status.to_string()),
        };
        let sketch = self.is_sketched.then(|| "1 shape is half drawn".to_owned());
        let words: Vec<String> = saving.into_iter().chain(sketch).collect();
        let place = if self.is_kept { "Kept in this browser." } else { "Kept nowhere else: leave the page open." };
        format!("{}. {place}", words.join(", "))
    }
}

/// What keeps the work of a visit in the browser, as far as it keeps anything.
#[derive(Default)]
pub struct Keeping {
    /// The log that it is written down in.
    pub logs: Option<Rc<Logs>>,
    /// Keeps other visits from taking that log for one that was left behind.
    pub claim: Option<Claim>,
}

/// The work on a picture that was left.
struct Line {
    number: u64,
    author: Author,
    editor: Editor,
    /// Whether the browser's log has all of it.
    is_logged: bool,
    /// Has it tried again at once.
    again: mpsc::UnboundedSender<()>,
    /// What belongs to the browser must not go to another thread; on the server there is nothing left.
    keeping: SendWrapper<Keeping>,
}

/// What was left, for the whole site.
#[derive(Clone, Copy)]
pub struct LeftWork {
    pictures: RwSignal<Vec<Left>>,
    lines: StoredValue<Vec<Line>>,
    /// How many lines there were.
    opened: StoredValue<u64>,
    deliveries: RwSignal<(u32, i64)>,
    /// What a person has seen and does not want to see again before it changes.
    closed: RwSignal<Vec<Left>>,
}

/// Makes [`use_left_work`] work below the calling component, and keeps the page from being closed too early.
pub fn provide_left_work() -> LeftWork {
    let left = LeftWork {
        pictures: RwSignal::new(Vec::new()),
        lines: StoredValue::new(Vec::new()),
        opened: StoredValue::new(0),
        deliveries: RwSignal::new((0, 0)),
        closed: RwSignal::new(Vec::new()),
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

    /// Whether work on a picture is still being finished here.
    pub fn is_at_work_on(self, picture: i64) -> bool {
        self.lines.try_with_value(|lines| lines.iter().any(|line| line.author.picture == picture)) == Some(true)
    }

    /// The work of a person on a picture as they left it, with what keeps it: it is theirs again from here on. Nothing of it is
    /// known to be written down.
    pub fn take_back(self, user: &str, picture: i64) -> Option<(Editor, Keeping)> {
        let line = self.lines.try_update_value(|lines| {
            let is_theirs = |line: &Line| line.author.picture == picture && line.author.user == user;
            lines.iter().rposition(is_theirs).map(|at| lines.remove(at))
        });
        if !self.is_at_work_on(picture) {
            self.forget(picture);
        }
        let Line { mut editor, keeping, .. } = line.flatten()?;
        editor.give_up_answer();
        editor.forget_log();
        Some((editor, keeping.take()))
    }

    /// Does something with the work on a picture that was left, unless it was taken back.
    fn work<T>(self, number: u64, work: impl FnOnce(&mut Line) -> T) -> Option<T> {
        self.lines.try_update_value(|lines| lines.iter_mut().find(|line| line.number == number).map(work)).flatten()
    }

    /// Writes down what is new, and says how things stand.
    async fn write_down(self, number: u64, place: &LeftPicture) {
        let written = self.work(number, |line| {
            let update = line.keeping.logs.as_ref().map(|logs| (logs, line.editor.take_log()));
            update.map(|(logs, update)| logs.write(update))
        });
        if let Some(Some(written)) = written {
            let is_written = written.await.is_ok();
            self.work(number, |line| {
                line.is_logged = is_written;
                if !is_written {
                    line.editor.forget_log();
                }
            });
        }
        self.tell(number, place);
    }

    /// Names pictures on which an earlier visit left something behind. Whoever goes there stays in the row of `here`.
    pub fn found(self, pictures: impl IntoIterator<Item = i64>, here: &LeftPicture) {
        for picture in pictures {
            if self.pictures.with_untracked(|known| known.iter().all(|known| known.place.picture != picture)) {
                let left = Left {
                    place: here.other(picture),
                    status: None,
                    is_sketched: false,
                    is_kept: true,
                    is_tried: false,
                };
                self.pictures.update(|known| known.push(left));
            }
        }
    }

    fn forget(self, picture: i64) {
        let is_it = |left: &Left| left.place.picture == picture;
        if self.pictures.try_with_untracked(|known| known.iter().any(is_it)) == Some(true) {
            self.pictures.update(|known| known.retain(|left| !is_it(left)));
        }
        // If it is left again, that is news.
        let _ = self.closed.try_update(|closed| closed.retain(|left| !is_it(left)));
    }

    /// Those that a person should know of, and has not closed as they are.
    fn news(self) -> Vec<Left> {
        let closed = self.closed.get();
        self.pictures.with(|pictures| {
            let is_new = |left: &&Left| left.is_news() && !closed.contains(left);
            pictures.iter().filter(is_new).cloned().collect()
        })
    }

    fn hang_up(self, number: u64) {
        let _ = self.lines.try_update_value(|lines| lines.retain(|line| line.number != number));
    }

    /// Says how the work on a picture stands, unless it was taken back.
    fn tell(self, number: u64, place: &LeftPicture) {
        let told = self.work(number, |line| Left {
            place: place.clone(),
            status: Some(line.editor.status()),
            is_sketched: line.editor.is_sketching(),
            is_kept: line.is_logged,
            is_tried: !line.again.is_closed(),
        });
        let Some(told) = told else { return };
        let _ = self.pictures.try_update(|known| {
            match known.iter_mut().find(|known| known.place.picture == place.picture) {
                Some(known) => *known = told,
                None => known.push(told),
            }
        });
    }

    /// What remains to be done after a picture was left: sends what is unsaved, and writes down what became of it. From the moment
    /// that this was called whoever comes back gets the work from [`LeftWork::take_back`], until there is none or the log has it.
    pub fn finish(
        self,
        place: LeftPicture,
        author: Author,
        mut editor: Editor,
        keeping: Keeping,
    ) -> impl Future<Output = ()> {
        let (again, mut again_calls) = mpsc::unbounded();
        let number = self.opened.try_get_value().unwrap_or_default();
        let _ = self.opened.try_set_value(number + 1);
        // No pointer is here any more, nor a key that would be let go of.
        for input in [Input::PutDown, Input::Leave, Input::HoldPan(false)] {
            editor.handle(input);
        }
        editor.give_up_answer();
        // Whether the last that the visit wrote has arrived is told to nobody.
        editor.forget_log();
        let keeping = SendWrapper::new(keeping);
        let line = Line { number, author: author.clone(), editor, is_logged: false, again, keeping };
        let _ = self.lines.try_update_value(|lines| lines.push(line));
        async move {
            let mut failures = 0;
            // Whoever takes it back goes on with it.
            while let Some(delta) = self.work(number, |line| delta_of(&mut line.editor)) {
                self.write_down(number, &place).await;
                let Some(delta) = delta else { break };
                let answer = deliver(&author, &delta).await;
                if matches!(answer, Input::Delivered(_)) {
                    let _ = self
                        .deliveries
                        .try_update(|(number, picture)| (*number, *picture) = (*number + 1, place.picture));
                }
                let answered = self.work(number, |line| {
                    line.editor.handle(answer);
                    line.editor.status()
                });
                let Some(status) = answered else { break };
                self.tell(number, &place);
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
                select(pin!(pause), again_calls.next()).await;
            }
            drop(again_calls);
            self.write_down(number, &place).await;
            let end = self.work(number, |line| (line.editor.is_finished(), line.is_logged));
            let Some((is_finished, is_logged)) = end else { return };
            // What no log has stays here until somebody takes it back.
            if is_finished || is_logged {
                self.hang_up(number);
            }
            if is_finished {
                self.forget(place.picture);
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

/// What was left and needs somebody, on every page; nothing while there is no such thing.
#[component]
pub fn LeftNotice(
    /// What was left.
    left: LeftWork,
) -> impl IntoView {
    let news = Memo::new(move |_| left.news());
    let is_tried = Memo::new(move |_| news.with(|news| news.iter().any(|left| left.is_tried)));
    // What changes of it later can be read in the list; only this is read out.
    let said = Memo::new(move |_| match news.with(Vec::len) {
        0 => String::new(),
        1 => "Your work on 1 other picture is not saved yet".to_owned(),
        count => format!("Your work on {count} other pictures is not saved yet"),
    });
    let row = move |place: LeftPicture| {
        let LeftPicture { picture, title, href } = place;
        let words = Memo::new(move |_| {
            let of_it = |news: &Vec<Left>| news.iter().find(|left| left.place.picture == picture).map(Left::in_words);
            news.with(of_it).unwrap_or_default()
        });
        view! {
            <li>
                <a href=href>{title}</a>
                ": "
                {words}
            </li>
        }
    };
    let places = move || news.with(|news| news.iter().map(|left| left.place.clone()).collect::<Vec<_>>());
    view! {
        <section class="left-work" aria-label="Unsaved work on other pictures" hidden=move || news.with(Vec::is_empty)>
            <ul class="left-pictures">
                <For each=places key=|place| (place.picture, place.href.clone()) children=row />
            </ul>
            <button class="button small" type="button" hidden=move || !is_tried.get() on:click=move |_| left.try_again()>
                "Try again"
            </button>
            <button
                class="icon-button left-close"
                type="button"
                aria-label="Close until something changes"
                title="Close until something changes"
                on:click=move |_| left.closed.update(|closed| closed.extend(news.get_untracked()))
            >
                <Icon glyph=Glyph::Close />
            </button>
        </section>
        <p class="visually-hidden" role="status">
            {said}
        </p>
    }
}
