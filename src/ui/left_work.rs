//! Pictures that somebody went away from while what they drew was still on its way.
//!
//! Going on must not wait for the server, and nothing that was drawn may depend on who stays on a page. So the work goes on here,
//! for as long as the site is open in this tab: it is sent, again and again if it has to be, and what a person has to know or to
//! do about it stands on every page. The log in the browser keeps all of it; where the browser keeps nothing, this does, for as
//! long as the tab is open.

use super::editor_delivery::{Author, deliver, pause_after};
use super::editor_keeper::{Keeper, log_of};
use super::editor_log::discard;
use super::icons::{Glyph, Icon};
use super::session::use_session;
use super::wait::wait;
use crate::editor::{Editor, Effect as Asked, Input, SaveStatus, Trouble};
use crate::model::region_delta::Delta;
use futures::channel::mpsc;
use futures::future::{LocalBoxFuture, pending, select};
use futures::{FutureExt, StreamExt};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use std::pin::pin;
use std::time::Duration;

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
    /// Whose work it is.
    user: String,
    place: LeftPicture,
    /// Where saving stands; nothing where an earlier visit left something behind.
    status: Option<SaveStatus>,
    /// Whether a shape waits to be drawn to its end.
    is_sketched: bool,
    /// Whether the browser has it, so that it outlives the page.
    is_kept: bool,
    /// Whether it is tried again by itself.
    is_tried: bool,
    /// Whether an earlier visit left something behind as well.
    has_earlier: bool,
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
    /// What an earlier visit left behind.
    fn earlier(user: String, place: LeftPicture) -> Self {
        Self { user, place, status: None, is_sketched: false, is_kept: true, is_tried: false, has_earlier: true }
    }

    fn is_of(&self, user: &str, picture: i64) -> bool {
        self.place.picture == picture && self.user == user
    }

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

/// The work on a picture that was left.
struct Line {
    number: u64,
    place: LeftPicture,
    author: Author,
    editor: Editor,
    /// Whether it is still being sent.
    is_sent: bool,
    /// Has it tried again at once.
    again: mpsc::UnboundedSender<()>,
    /// What belongs to the browser must not go to another thread; on the server there is nothing left.
    keeper: SendWrapper<Keeper>,
}

/// What was left, for the whole site.
#[derive(Clone, Copy)]
pub struct LeftWork {
    pictures: RwSignal<Vec<Left>>,
    lines: StoredValue<Vec<Line>>,
    /// How many lines there were.
    opened: StoredValue<u64>,
    /// Who is signed in.
    viewer: RwSignal<Option<String>>,
    deliveries: RwSignal<(u32, i64)>,
    /// What a person has seen and does not want to see again before it changes.
    closed: RwSignal<Vec<Left>>,
    /// Removes what the browser has of the work of a person on a picture. It comes with the editor, without which nothing is left.
    discarding: StoredValue<Option<Discarding>>,
}

type Discarding = fn(String, i64) -> LocalBoxFuture<'static, bool>;

/// Makes [`use_left_work`] work below the calling component, and keeps the page from being closed too early.
pub fn provide_left_work() -> LeftWork {
    let left = LeftWork {
        pictures: RwSignal::new(Vec::new()),
        lines: StoredValue::new(Vec::new()),
        opened: StoredValue::new(0),
        viewer: RwSignal::new(None),
        deliveries: RwSignal::new((0, 0)),
        closed: RwSignal::new(Vec::new()),
        discarding: StoredValue::new(None),
    };
    provide_context(left);
    let session = use_session();
    Effect::new(move |_| {
        if let Some(Ok(account)) = session.account.get() {
            left.viewer.set(account.map(|account| account.username));
        }
    });
    let login = session.login.version();
    Effect::new(move |seen: Option<usize>| {
        let now = login.get();
        if seen.is_some_and(|seen| seen != now) {
            left.try_again();
        }
        now
    });
    Effect::new(move |_| {
        let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
            if left.is_needed() {
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

    /// Whether closing the page would lose something, or leave behind what whoever is signed in has drawn.
    fn is_needed(self) -> bool {
        let viewer = self.viewer.try_get_untracked().flatten();
        let is_needed = |line: &Line| {
            let is_theirs = viewer.as_deref() == Some(line.author.user.as_str());
            !line.editor.is_finished() && (is_theirs || !line.keeper.has_it())
        };
        self.lines.try_with_value(|lines| lines.iter().any(is_needed)) == Some(true)
    }

    /// Whether work on a picture is still being finished here, whoever has done it.
    pub fn is_at_work_on(self, picture: i64) -> bool {
        self.lines.try_with_value(|lines| lines.iter().any(|line| line.author.picture == picture)) == Some(true)
    }

    /// The work of a person on a picture as they left it, with what keeps it: it is theirs again from here on.
    pub fn take_back(self, user: &str, picture: i64) -> Option<(Editor, Keeper)> {
        let is_theirs = |line: &Line| line.author.picture == picture && line.author.user == user;
        let taken = self.lines.try_update_value(|lines| {
            let line = lines.iter().rposition(is_theirs).map(|at| lines.remove(at));
            (line, lines.iter().any(is_theirs))
        });
        let (line, has_more) = taken?;
        if !has_more {
            self.forget(user, picture);
        }
        let Line { mut editor, keeper, .. } = line?;
        editor.give_up_answer();
        Some((editor, keeper.take()))
    }

    /// Does something with the work on a picture that was left, unless it was taken back.
    fn work<T>(self, number: u64, work: impl FnOnce(&mut Line) -> T) -> Option<T> {
        self.lines.try_update_value(|lines| lines.iter_mut().find(|line| line.number == number).map(work)).flatten()
    }

    /// Writes down what is new, unless it was taken back.
    fn write_down(self, number: u64) -> impl Future<Output = ()> + use<> {
        let keeper = self.work(number, |line| Keeper::clone(&line.keeper));
        let written = keeper.map(|keeper| keeper.write());
        async move {
            if let Some(written) = written {
                written.await;
            }
        }
    }

    /// Names pictures on which an earlier visit of a person left something behind. Whoever goes there stays in the row of `here`.
    pub fn found(self, user: &str, pictures: impl IntoIterator<Item = i64>, here: &LeftPicture) {
        self.learn_to_discard();
        for picture in pictures {
            self.name(user, here.other(picture));
        }
    }

    fn name(self, user: &str, place: LeftPicture) {
        let _ =
            self.pictures.try_update(|known| match known.iter_mut().find(|known| known.is_of(user, place.picture)) {
                Some(known) => known.has_earlier = true,
                None => known.push(Left::earlier(user.to_owned(), place)),
            });
    }

    fn learn_to_discard(self) {
        let discarding: Discarding = |user, picture| async move { discard(&user, picture).await }.boxed_local();
        let _ = self.discarding.try_set_value(Some(discarding));
    }

    /// Gives up the work of a person on a picture, here and in the browser.
    fn discard(self, user: String, picture: i64) {
        let is_it = |line: &Line| line.author.picture == picture && line.author.user == user;
        let _ = self.lines.try_update_value(|lines| lines.retain(|line| !is_it(line)));
        let of_it =
            |known: &Vec<Left>| known.iter().find(|left| left.is_of(&user, picture)).map(|left| left.place.clone());
        let place = self.pictures.with_untracked(of_it);
        self.forget(&user, picture);
        let Some(discard) = self.discarding.try_get_value().flatten() else { return };
        spawn_local(async move {
            let is_gone = discard(user.clone(), picture).await;
            if let Some(place) = place.filter(|_| !is_gone) {
                self.name(&user, place);
            }
        });
    }

    fn forget(self, user: &str, picture: i64) {
        let is_it = |left: &Left| left.is_of(user, picture);
        if self.pictures.try_with_untracked(|known| known.iter().any(is_it)) == Some(true) {
            self.pictures.update(|known| known.retain(|left| !is_it(left)));
        }
        // If it is left again, that is news.
        let _ = self.closed.try_update(|closed| closed.retain(|left| !is_it(left)));
    }

    /// Those that the person who is signed in should know of, and has not closed as they are.
    fn news(self) -> Vec<Left> {
        let (closed, viewer) = (self.closed.get(), self.viewer.get());
        self.pictures.with(|pictures| {
            let is_new = |left: &&Left| left.is_news() && viewer.as_ref() == Some(&left.user) && !closed.contains(left);
            pictures.iter().filter(is_new).cloned().collect()
        })
    }

    /// Nothing remains of what was left, unless an earlier visit left something as well.
    fn end(self, user: &str, picture: i64) {
        let _ = self.pictures.try_update(|known| {
            known.retain(|left| !left.is_of(user, picture) || left.has_earlier);
            for left in known.iter_mut().filter(|left| left.is_of(user, picture)) {
                *left = Left::earlier(left.user.clone(), left.place.clone());
            }
        });
    }

    fn hang_up(self, number: u64) {
        let _ = self.lines.try_update_value(|lines| lines.retain(|line| line.number != number));
    }

    /// Says how the work on a picture stands, unless it was taken back.
    fn tell(self, number: u64) {
        let told = self.work(number, |line| Left {
            user: line.author.user.clone(),
            place: line.place.clone(),
            status: Some(line.editor.status()),
            is_sketched: line.editor.is_sketching(),
            is_kept: line.keeper.has_it(),
            is_tried: line.is_sent,
            has_earlier: false,
        });
        let Some(told) = told else { return };
        let _ = self.pictures.try_update(|known| {
            match known.iter_mut().find(|known| known.is_of(&told.user, told.place.picture)) {
                Some(known) => *known = Left { has_earlier: known.has_earlier, ..told },
                None => known.push(told),
            }
        });
    }

    /// What remains to be done after a picture was left: sends what is unsaved, and writes down what became of it. From the moment
    /// that this was called whoever comes back gets the work from [`LeftWork::take_back`], until there is none and the browser
    /// knows that, or the browser has it.
    pub fn finish(
        self,
        place: LeftPicture,
        author: Author,
        mut editor: Editor,
        keeper: Keeper,
    ) -> impl Future<Output = ()> {
        self.learn_to_discard();
        let (again, mut again_calls) = mpsc::unbounded();
        let number = self.opened.try_get_value().unwrap_or_default();
        let _ = self.opened.try_set_value(number + 1);
        // No pointer is here any more, nor a key that would be let go of.
        for input in [Input::PutDown, Input::Leave, Input::HoldPan(false)] {
            editor.handle(input);
        }
        editor.give_up_answer();
        let take = move |all| self.work(number, |line| log_of(&mut line.editor, all));
        keeper.belong_to(take, move |_| self.tell(number));
        let picture = place.picture;
        let keeper = SendWrapper::new(keeper);
        let line = Line { number, place, author: author.clone(), editor, is_sent: true, again, keeper };
        let _ = self.lines.try_update_value(|lines| lines.push(line));
        async move {
            let mut failures = 0;
            // Whoever takes it back goes on with it.
            while let Some(delta) = self.work(number, |line| delta_of(&mut line.editor)) {
                let Some(delta) = delta else { break };
                self.tell(number);
                // Nothing waits for the browser: it may never answer.
                spawn_local(self.write_down(number));
                let answer = deliver(&author, &delta).await;
                if matches!(answer, Input::Delivered(_)) {
                    let _ = self.deliveries.try_update(|(number, of)| (*number, *of) = (*number + 1, picture));
                }
                let answered = self.work(number, |line| {
                    line.editor.handle(answer);
                    line.editor.status()
                });
                let Some(status) = answered else { return };
                self.tell(number);
                let pause = match status {
                    SaveStatus::Trouble(_, Trouble::Offline) => {
                        failures += 1;
                        Some(pause_after(failures))
                    }
                    // Until somebody signs in, trying is of no use.
                    SaveStatus::Trouble(_, Trouble::SignedOut) => None,
                    SaveStatus::Trouble(_, Trouble::Refused(_)) => break,
                    _ => continue,
                };
                wait_for(pause, &mut again_calls).await;
            }
            self.work(number, |line| line.is_sent = false);
            self.leave_to_log(number, &mut again_calls).await;
            if self.work(number, |line| line.editor.is_finished()) == Some(true) {
                self.end(&author.user, picture);
            }
            self.hang_up(number);
        }
    }

    /// Waits until the browser's log has the rest, or has let go of what is finished, however often that takes; or until the
    /// work is taken back.
    async fn leave_to_log(self, number: u64, again: &mut mpsc::UnboundedReceiver<()>) {
        for failures in 1.. {
            // A log that was never written has nothing that would come back.
            let is_over = |line: &mut Line| line.editor.is_finished() && line.keeper.is_blank();
            if self.work(number, is_over) != Some(false) {
                return;
            }
            if self.work(number, |line| line.keeper.is_open()) == Some(false) {
                // That may take long.
                self.tell(number);
            }
            self.write_down(number).await;
            self.tell(number);
            let is_kept =
                |line: &mut Line| line.keeper.has_it() || line.editor.is_finished() && line.keeper.is_settled();
            if self.work(number, is_kept) != Some(false) {
                return;
            }
            wait_for(Some(pause_after(failures)), again).await;
        }
    }
}

/// Waits for so long, if not for ever, but no longer than until somebody asks for another try. Who asks several times at once
/// gets one.
async fn wait_for(pause: Option<Duration>, again: &mut mpsc::UnboundedReceiver<()>) {
    let pause = match pause {
        Some(pause) => wait(pause).left_future(),
        None => pending().right_future(),
    };
    select(pin!(pause), again.next()).await;
    while let Some(Some(())) = again.next().now_or_never() {}
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
    // What others have left is nobody's business, but that it is there: closing the page may lose it.
    let others = Memo::new(move |_| {
        let viewer = left.viewer.get();
        let counts =
            |left: &&Left| left.is_news() && viewer.as_ref() != Some(&left.user) && (viewer.is_none() || !left.is_kept);
        let mut pictures: Vec<i64> =
            left.pictures.with(|lefts| lefts.iter().filter(counts).map(|left| left.place.picture).collect());
        pictures.sort_unstable();
        pictures.dedup();
        pictures.len()
    });
    let others_in_words = move || match others.get() {
        0 => String::new(),
        1 => "1 picture has unsaved work, which waits until whoever drew it signs in.".to_owned(),
        count => format!("{count} pictures have unsaved work, which waits until whoever drew it signs in."),
    };
    // How many of others were there when the notice was closed.
    let others_closed = RwSignal::new(0);
    Effect::new(move |_| {
        if others.get() == 0 {
            others_closed.set(0);
        }
    });
    let has_others = Memo::new(move |_| others.get() != 0 && others.get() != others_closed.get());
    let is_empty = move || news.with(Vec::is_empty) && !has_others.get();
    let close = move |_| {
        left.closed.update(|closed| closed.extend(news.get_untracked()));
        others_closed.set(others.get_untracked());
    };
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
        let name = format!("Discard the unsaved work on {title}");
        let question = format!("{name}? Nobody can bring it back.");
        let discard = move |_| {
            if let Some(user) = left.viewer.get_untracked()
                && window().confirm_with_message(&question) == Ok(true)
            {
                left.discard(user, picture);
            }
        };
        view! {
            <li>
                <a href=href>{title}</a>
                ": "
                {words}
                " "
                <button class="button small" type="button" aria-label=name on:click=discard>
                    "Discard"
                </button>
            </li>
        }
    };
    let places = move || news.with(|news| news.iter().map(|left| left.place.clone()).collect::<Vec<_>>());
    view! {
        <section class="left-work" aria-label="Unsaved work on other pictures" hidden=is_empty>
            <ul class="left-pictures">
                <For each=places key=|place| (place.picture, place.href.clone()) children=row />
            </ul>
            <p hidden=move || !has_others.get()>{others_in_words}</p>
            <button class="button small" type="button" hidden=move || !is_tried.get() on:click=move |_| left.try_again()>
                "Try again"
            </button>
            <button
                class="icon-button left-close"
                type="button"
                aria-label="Close until something changes"
                title="Close until something changes"
                on:click=close
            >
                <Icon glyph=Glyph::Close />
            </button>
        </section>
        <p class="visually-hidden" role="status">
            {said}
        </p>
    }
}
