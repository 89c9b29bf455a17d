//! The editor's bar for going from picture to picture, and for saying how far the work on one is.

use super::dialog::{Dialog, DialogActions};
use super::editor_cache::{EditorCache, Prepared};
use super::editor_said::Said;
use super::editor_session::EditorSession;
use super::editor_visit::Visit;
use super::editor_work::{OpenWork, PresentWork};
use super::focus::{self, by_id, focus_soon};
use super::icons::{Glyph, Icon};
use super::left_work::use_left_work;
use super::notice::Tone;
use super::queue_address::QueueAddress;
use super::text::{grouped, sentence};
use super::time::Moment;
use super::toast::use_toasts;
use super::wait::painted;
use crate::api::flow::{mark_picture, unmark_picture};
use crate::api::pictures::picture as fetch_picture;
use crate::editor::{Access, Command, Editor, Input, Way, row_of};
use crate::model::mark::MAX_COMMENT;
use crate::model::{Annotations, AppError, Mark, MarkState, NewMark, Queue, QueueEntry, Region};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

/// What the editor asks of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowStep {
    /// Go to another picture.
    Go(Way),
    /// Say how far the work is.
    Mark(MarkState),
    /// Come back with the regions of the picture before.
    BringPrevious,
}

/// What all buttons of the bar begin their ids with.
const BUTTON: &str = "flow-";

fn id_of(command: Command) -> &'static str {
    match command {
        Command::Go(Way::Next) => "flow-next",
        Command::Go(Way::Previous) => "flow-previous",
        Command::Go(Way::NextEmpty) => "flow-next-empty",
        Command::Mark(MarkState::Done) => "flow-done",
        Command::Mark(MarkState::Skipped) => "flow-skip",
        _ => "flow-review",
    }
}

/// The picture that a way leads to.
fn target(queue: &Queue, way: Way) -> Option<&QueueEntry> {
    match way {
        Way::Next => queue.next.as_ref(),
        Way::Previous => queue.previous.as_ref(),
        Way::NextEmpty => queue.next_without_regions.as_ref(),
    }
}

/// What is said where a way leads nowhere.
fn dead_end(way: Way) -> &'static str {
    match way {
        Way::Next => "This is the last picture",
        Way::Previous => "This is the first picture",
        Way::NextEmpty => "Every picture after this one has regions",
    }
}

/// "12 of 340"; for a picture that is not in the row, perhaps no more, how many are before it.
fn place(queue: &Queue) -> String {
    let total = grouped(queue.total);
    match queue.position {
        Some(position) => format!("{} of {total}", grouped(position)),
        None => format!("after {} of {total}", grouped(queue.before)),
    }
}

/// The present regions as they can be saved.
fn regions_of(editor: &Editor) -> Vec<Region> {
    let items = editor.document().items().iter().map(|item| item.region.clone());
    items.filter(|region| !region.object.is_empty()).collect()
}

/// A button of the bar for a command of the table.
#[component]
fn FlowButton(
    session: EditorSession,
    command: Command,
    /// Whether there is nothing for it to do.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    #[prop(optional)] class: &'static str,
    /// What is in it; without anything, its name.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// What it is called here, where that is not the command's own name.
    #[prop(optional, into)]
    called: Option<Signal<Option<&'static str>>>,
) -> impl IntoView {
    let own = row_of(command).map_or("", |row| row.name);
    let name = move || called.and_then(|called| called.get()).unwrap_or(own);
    let keymap = session.labels.keymap;
    let content = match icon {
        Some(glyph) => view! { <Icon glyph=glyph /> }.into_any(),
        None => name.into_any(),
    };
    view! {
        <button
            class=format!("button small {class}")
            type="button"
            id=id_of(command)
            aria-label=name
            title=move || format!("{}{}", name(), keymap.with(|keymap| keymap.in_brackets(command)))
            aria-keyshortcuts=move || keymap.with(|keymap| keymap.aria(command))
            aria-disabled=move || disabled.get().then_some("true")
            on:click=move |event| {
                // After a click the keys belong to the drawing surface; whoever came by keyboard stays here.
                let clicked = event.detail() > 0;
                if let Some(button) = by_id(id_of(command)).filter(|_| clicked) {
                    // Fails only for an element that cannot have the focus, which a button can.
                    let _ = button.blur();
                }
                session.command(command);
                if clicked && command != Command::Mark(MarkState::NeedsReview) {
                    session.focus_surface();
                }
            }
        >
            {content}
        </button>
    }
}

/// The mark of the picture in words, with the button that takes it back.
#[component]
fn PresentMark(mark: Mark, writes: bool, on_remove: Callback<()>) -> impl IntoView {
    let class = match mark.state {
        MarkState::Done => "badge success",
        MarkState::Skipped => "badge",
        MarkState::NeedsReview => "badge warning",
    };
    let remove = writes.then(|| {
        view! {
            <button
                class="icon-button editor-unmark"
                type="button"
                aria-label="Take the mark back"
                title="Take the mark back"
                on:click=move |_| on_remove.run(())
            >
                <Icon glyph=Glyph::Close />
            </button>
        }
    });
    view! {
        <div class="editor-mark" role="group" aria-label="Mark">
            <span class=class>{mark.state.label()}</span>
            <span class="muted truncate">{format!("by {}, ", mark.author)} <Moment unix=mark.timestamp /></span>
            {remove}
        </div>
        <Said words=mark.comment />
    }
}

/// Asks for the comment to a mark.
#[component]
fn ReviewDialog(
    session: EditorSession,
    open: RwSignal<bool>,
    mark: RwSignal<Option<Mark>>,
    /// Whether it is about a picture of a project.
    in_project: bool,
    /// Whether the picture is sent back to who has annotated it.
    #[prop(into)]
    sends_back: Signal<bool>,
    on_mark: Callback<String>,
) -> impl IntoView {
    let area = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| {
        let Some(area) = area.get().filter(|_| open.get()) else { return };
        // What was said of the picture elsewhere is not for the project.
        let comment = mark.with_untracked(|mark| {
            mark.as_ref()
                .filter(|_| !in_project)
                .filter(|mark| mark.state == MarkState::NeedsReview)
                .map(|mark| mark.comment.clone())
        });
        area.set_value(&comment.unwrap_or_default());
    });
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            session.focus_surface();
        }
        is_open
    });
    let title = if in_project { "A word about it" } else { "Needs review" };
    let send = move || {
        let Some(area) = area.get_untracked() else { return };
        open.set(false);
        on_mark.run(area.value());
    };
    view! {
        <Dialog open=open title=title id="editor-review">
            <form
                class="stack"
                on:submit=move |event| {
                    event.prevent_default();
                    send();
                }
            >
                <label class="field-label" for="editor-review-comment">
                    {move || if sends_back.get() { "What is to be done?" } else { "What should others look at?" }}
                </label>
                <textarea
                    id="editor-review-comment"
                    rows="4"
                    autofocus
                    maxlength=MAX_COMMENT
                    node_ref=area
                    on:keydown=move |event| {
                        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                            event.prevent_default();
                            send();
                        }
                    }
                ></textarea>
                <DialogActions open=open>
                    <button class="button primary" type="submit">
                        {move || if sends_back.get() { "Send back" } else { "Mark for review" }}
                    </button>
                </DialogActions>
            </form>
        </Dialog>
    }
}

/// The bar.
#[component]
pub fn FlowBar(
    /// The editor.
    session: EditorSession,
    /// The work on the picture. What is under way when somebody goes on is not for the next one.
    visit: Visit,
    /// What the viewer may do.
    access: Access,
    /// What is known of the picture.
    prepared: Prepared,
    /// The row that the picture is annotated in.
    row: QueueAddress,
    /// What is kept from picture to picture.
    cache: EditorCache,
    /// Who is annotating.
    user: Option<String>,
) -> impl IntoView {
    let user = StoredValue::new(user);
    let writes = access == Access::Write;
    let picture = prepared.detail.picture.id;
    let is_early = prepared.is_early;
    let around = Around { queue: RwSignal::new(prepared.around), asked: StoredValue::new(0) };
    let mark = RwSignal::new(prepared.detail.mark);
    let reviewing = RwSignal::new(false);
    let (toasts, navigate) = (use_toasts(), use_navigate());
    let project = if let QueueAddress::Project(id, _) = &row { Some(*id) } else { None };
    let signed_in = user.with_value(Option::is_some);
    // What was fetched in advance may have changed, and whoever acts on it waits for what it is now.
    let work = project.filter(|_| signed_in).map(|project| OpenWork::new(project, picture, prepared.work, is_early));
    let row = StoredValue::new(row);

    let go = move |way: Way| {
        let to = around
            .queue
            .with_untracked(|around| around.as_ref().ok().and_then(|queue| target(queue, way)).map(|to| to.id));
        let Some(to) = to else {
            session.announcer.say(dead_end(way));
            return false;
        };
        let button = document().active_element().map(|element| element.id()).filter(|id| id.starts_with(BUTTON));
        cache.leave(picture, session.read(regions_of), button);
        navigate(&row.with_value(|row| row.annotate_href(to)), NavigateOptions { scroll: false, ..Default::default() });
        true
    };
    let put = move |new: NewMark| {
        // In a project marks are the states of that.
        if let Some(work) = work {
            if new.state == MarkState::Skipped {
                return "Left for later".to_owned();
            }
            let (label, annotator) = (untrack(|| work.step(new.state)).map(|(_, label)| label), user.get_value());
            spawn_local(async move {
                if let Err(words) = work.mark(new.state, new.comment, annotator).await {
                    toasts.show(Tone::Danger, words);
                }
            });
            return label.unwrap_or_else(|| new.state.label()).to_owned();
        }
        let (state, annotator) = (new.state, user.get_value());
        spawn_local(async move {
            match mark_picture(picture, new, annotator).await {
                // The page may have gone on to another picture.
                Ok(marks) => drop(mark.try_set(marks.mark)),
                Err(error) => {
                    let label = state.label().to_lowercase();
                    toasts.show(
                        Tone::Danger,
                        format!("Picture {picture} was not marked as {label}: {}", sentence(&error.to_string())),
                    );
                }
            }
        });
        format!("Marked: {}", state.label().to_lowercase())
    };
    let bring = move || {
        let previous = around
            .queue
            .with_untracked(|around| around.as_ref().ok().and_then(|queue| queue.previous.as_ref()).map(|to| to.id));
        spawn_local(async move {
            match cache.regions_before(picture, previous).await {
                _ if visit.is_over() => {}
                Ok(regions) if regions.is_empty() => {
                    session.announcer.say("There is no previous picture to bring regions from");
                }
                Ok(regions) => visit.send(Input::Bring(regions)),
                Err(error) => toasts.show(Tone::Danger, sentence(&error.to_string())),
            }
        });
    };
    let mark_and_go = {
        let go = go.clone();
        move |new: NewMark| {
            let marked = put(new);
            // One sentence with what follows, which would take its place.
            cache.say_on_arrival(format!("{marked}. "));
            if !go(Way::Next) {
                let marked = cache.take_said();
                session.announcer.say(marked + dead_end(Way::Next));
            }
        }
    };
    let step = {
        let (go, mark_and_go) = (go.clone(), mark_and_go.clone());
        move |step: FlowStep| match step {
            FlowStep::Go(way) => {
                cache.say_on_arrival(String::new());
                go(way);
            }
            FlowStep::BringPrevious => bring(),
            FlowStep::Mark(state) if work.is_some_and(|work| untrack(|| work.is_barred(state))) => {
                session.announcer.say("You cannot say this of the picture at present");
            }
            FlowStep::Mark(MarkState::NeedsReview) => reviewing.set(true),
            FlowStep::Mark(state) => mark_and_go(NewMark { state, comment: String::new() }),
        }
    };
    session.flow.set_value(Some(Callback::new(step)));
    let unmark = Callback::new(move |()| {
        let annotator = user.get_value();
        spawn_local(async move {
            match unmark_picture(picture, annotator).await {
                Ok(marks) => {
                    if mark.try_set(marks.mark).is_some() {
                        // The page has gone on to another picture.
                        return;
                    }
                    session.announcer.say("The mark is taken back");
                    // The button is gone then; whoever went elsewhere meanwhile stays there.
                    request_animation_frame(move || {
                        if focus::is_lost() {
                            session.focus_surface();
                        }
                    });
                }
                Err(error) => toasts.show(Tone::Danger, sentence(&error.to_string())),
            }
        });
    });

    Effect::new(move |_| {
        if cache.has_left() {
            around.queue.with_untracked(|around| {
                if let Ok(queue) = around {
                    session.announcer.say(format!("{}Picture {}", cache.take_said(), place(queue)));
                }
            });
            let button = cache.take_focus();
            focus_soon(move || match button {
                Some(button) => by_id(&button),
                None => document().query_selector(".editor-surface").ok().flatten()?.dyn_into().ok(),
            });
        }
        spawn_local(async move {
            // What was fetched in advance is seen first.
            painted().await;
            if let Some(work) = work.filter(|_| is_early) {
                spawn_local(work.refresh());
            }
            let place = around.queue.try_with_untracked(|around| {
                around.as_ref().ok().filter(|queue| queue.position.is_some()).and_then(|queue| queue.place.clone())
            });
            let Some(of) = row.try_get_value() else { return };
            let is_remembered = cache.begin(picture, &of, place.flatten()).await;
            if is_early || is_remembered {
                refresh(visit, cache, picture, row, around, mark).await;
            }
            let ahead = around.queue.try_with_untracked(|around| around.as_ref().map(|queue| queue.ahead.clone()).ok());
            if let Some(ahead) = ahead.flatten() {
                cache.prepare(&of, &ahead);
            }
        });
    });

    let deliveries = use_left_work().deliveries();
    Effect::new(move |seen: Option<(u32, i64)>| {
        let now = deliveries.get();
        match seen.filter(|seen| *seen != now) {
            Some(_) if now.1 == picture => spawn_local(refresh(visit, cache, picture, row, around, mark)),
            Some(_) => spawn_local(look_around(cache, picture, row, around)),
            None => {}
        }
        now
    });

    let leads_nowhere = move |way: Way| {
        Signal::derive(move || {
            around.queue.with(|around| around.as_ref().ok().and_then(|queue| target(queue, way)).is_none())
        })
    };
    let (origin, origin_name) = row.with_value(QueueAddress::origin);
    let words = move || {
        around.queue.with(|around| match around {
            Ok(queue) => place(queue),
            Err(AppError::NotFound(_)) => "This row is gone".to_owned(),
            Err(_) => "This row cannot be read".to_owned(),
        })
    };
    // What the buttons are called in a project; elsewhere they have their own names.
    let called = move |state: MarkState| {
        Signal::derive(move || {
            let work = work?;
            if state == MarkState::Skipped {
                return Some("Later");
            }
            work.step(state).map(|(_, label)| label)
        })
    };
    let barred = move |state: MarkState| Signal::derive(move || work.is_some_and(|work| work.is_barred(state)));
    let sends_back = Signal::derive(move || called(MarkState::NeedsReview).get() == Some("Send back"));
    let button = move |state: MarkState, class: &'static str| {
        view! {
            <FlowButton
                session=session
                command=Command::Mark(state)
                class=class
                disabled=barred(state)
                called=called(state)
            />
        }
    };
    let marks = writes.then(|| {
        view! {
            <div class="editor-flow-part" role="group" aria-label="Mark as">
                {button(MarkState::Done, "primary")}
                {button(MarkState::Skipped, "")}
                {button(MarkState::NeedsReview, "")}
            </div>
            <ReviewDialog
                session=session
                open=reviewing
                mark=mark
                in_project=work.is_some()
                sends_back=sends_back
                on_mark=Callback::new(move |comment| mark_and_go(NewMark { state: MarkState::NeedsReview, comment }))
            />
        }
    });
    view! {
        <nav class="editor-flow" aria-label="Pictures">
            <div class="editor-flow-part">
                <a class="editor-flow-origin" href=origin>
                    {origin_name}
                </a>
                <FlowButton
                    session=session
                    command=Command::Go(Way::Previous)
                    disabled=leads_nowhere(Way::Previous)
                    icon=Glyph::Left
                />
                <p class="editor-flow-place tabular">{words}</p>
                <FlowButton
                    session=session
                    command=Command::Go(Way::Next)
                    disabled=leads_nowhere(Way::Next)
                    icon=Glyph::Right
                />
                <FlowButton
                    session=session
                    command=Command::Go(Way::NextEmpty)
                    disabled=leads_nowhere(Way::NextEmpty)
                />
            </div>
            {marks}
            {match work {
                Some(work) => {
                    let reopen = Callback::new(move |()| {
                        let annotator = user.get_value();
                        spawn_local(async move {
                            match work.reopen(annotator).await {
                                Ok(()) => {
                                    session.announcer.say("The picture is to be done again");
                                    // The button is gone then; whoever went elsewhere meanwhile stays there.
                                    request_animation_frame(move || {
                                        if focus::is_lost() {
                                            session.focus_surface();
                                        }
                                    });
                                }
                                Err(words) => toasts.show(Tone::Danger, words),
                            }
                        });
                    });
                    view! { <PresentWork work=work on_reopen=reopen /> }.into_any()
                }
                None => {
                    (move || mark.get().map(|mark| view! { <PresentMark mark=mark writes=writes on_remove=unmark /> }))
                        .into_any()
                }
            }}
        </nav>
    }
}

/// What is around a picture in its row.
#[derive(Clone, Copy)]
struct Around {
    queue: RwSignal<Result<Queue, AppError>>,
    /// How often the server was asked: only the answer to the last question counts, whichever comes first.
    asked: StoredValue<u32>,
}

/// Brings up to date what was fetched in advance: others may have drawn and marked meanwhile.
async fn refresh(
    visit: Visit,
    cache: EditorCache,
    picture: i64,
    row: StoredValue<QueueAddress>,
    around: Around,
    mark: RwSignal<Option<Mark>>,
) {
    // Where the server is not reached, what was fetched in advance has to do.
    if let Ok(detail) = fetch_picture(picture).await {
        let newest = Annotations { revision: detail.revision, regions: detail.picture.regions };
        visit.send(Input::Newer(newest));
        let _ = mark.try_set(detail.mark);
    }
    look_around(cache, picture, row, around).await;
}

/// Asks again what is around the picture.
async fn look_around(cache: EditorCache, picture: i64, row: StoredValue<QueueAddress>, around: Around) {
    let Some(row) = row.try_get_value() else { return };
    let question = around.asked.try_update_value(|asked| {
        *asked += 1;
        *asked
    });
    if let Ok(queue) = cache.around(picture, &row).await
        && around.asked.try_get_value() == question
    {
        let _ = around.queue.try_set(Ok(queue));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_in_words() {
        let queue = Queue { position: Some(12), before: 11, total: 3400, ..Queue::default() };
        assert_eq!(place(&queue), "12 of 3\u{202f}400");
        assert_eq!(place(&Queue { position: None, ..queue }), "after 11 of 3\u{202f}400");
    }
}
