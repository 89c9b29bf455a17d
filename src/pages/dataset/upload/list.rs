//! The files of a batch, one row each. Only the rows in view are in the page.

use super::desk::Desk;
use crate::model::batch::{Batch, File, Input, Phase, Standing, words};
use crate::ui::focus::{by_id, focus_in_place, focus_soon, is_lost, pass_on};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::text::{bytes, grouped};
use crate::ui::windowed::Windowed;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, FocusEvent, HtmlElement, MouseEvent};

/// Which files are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    #[default]
    All,
    Open,
    There,
    Faulty,
    Done,
    Same,
}

impl Shown {
    const ALL: [Self; 6] = [Self::All, Self::Open, Self::There, Self::Faulty, Self::Done, Self::Same];

    fn words(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Open => "To be sent",
            Self::There => "There already",
            Self::Faulty => "Not sent",
            Self::Done => "Sent",
            Self::Same => "Unchanged",
        }
    }

    fn takes(self, file: &File) -> bool {
        match self {
            Self::All => true,
            Self::Open => file.is_wanted() && !matches!(file.phase, Phase::Done(_) | Phase::Failed(_)),
            Self::There => file.there.is_some() && file.phase != Phase::Same,
            Self::Faulty => matches!(file.phase, Phase::Failed(_) | Phase::Refused(_)),
            Self::Done => matches!(file.phase, Phase::Done(_)) && file.is_wanted(),
            Self::Same => file.phase == Phase::Same,
        }
    }
}

/// The choice that is always of use.
const ALL_CHIP: &str = "batch-all";

/// What a row shows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    words: String,
    part: f64,
    class: &'static str,
    /// Whether it can be stopped, or go on.
    pauses: bool,
    resumes: bool,
    fails: bool,
    /// What is there would be replaced; whether it is left out instead.
    there: Option<bool>,
}

fn line(batch: &Batch, key: usize, standing: &Standing) -> Option<Line> {
    let file = batch.file(key)?;
    let part = if file.size == 0 { 0.0 } else { file.sent() as f64 / file.size as f64 };
    let is_active = !file.is_skipped && matches!(file.phase, Phase::Waiting | Phase::Sending);
    let fails = matches!(file.phase, Phase::Failed(_));
    let class = match &file.phase {
        Phase::Failed(_) | Phase::Refused(_) => "failed",
        Phase::Done(_) if !file.is_skipped => "done",
        Phase::Same => "done",
        _ => "",
    };
    Some(Line {
        words: words::state(file, standing),
        part: if matches!(file.phase, Phase::Done(_) | Phase::Same) { 1.0 } else { part },
        class,
        pauses: is_active,
        resumes: file.phase == Phase::Paused && !file.is_skipped,
        fails,
        there: (file.there.is_some() && file.phase != Phase::Same).then_some(file.is_skipped),
    })
}

/// What the button of a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Go {
    Pause,
    Resume,
    Retry,
}

impl Go {
    /// What stands on it, and what it is called before the name of the file.
    fn words(self) -> [&'static str; 2] {
        match self {
            Self::Pause => ["Pause"; 2],
            Self::Resume => ["Resume"; 2],
            Self::Retry => ["Retry", "Try again:"],
        }
    }
}

/// Gives the keyboard to the next row, or to the one before, since the row goes away.
fn hand_on(event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(row) = target.and_then(|target| target.closest("li").ok().flatten()) else { return };
    let other = row.next_element_sibling().or_else(|| row.previous_element_sibling());
    let button = other.and_then(|row| row.query_selector(".icon-button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        focus_in_place(&button);
    }
}

/// The place in the list of the row in which an element is, from 0 on.
fn place_of(target: Option<EventTarget>) -> Option<usize> {
    let row = target?.dyn_into::<Element>().ok()?.closest("li").ok()??;
    row.get_attribute("aria-posinset")?.parse::<usize>().ok()?.checked_sub(1)
}

/// A row.
#[component]
fn Row(
    desk: Desk,
    key: usize,
    folder: String,
    standing: Memo<Standing>,
    place: Signal<usize>,
    all: Signal<usize>,
) -> impl IntoView {
    let (path, size) =
        desk.now(|batch| batch.file(key).map(|file| (file.path.clone(), file.size))).flatten().unwrap_or_default();
    let name = path.strip_prefix(&folder).unwrap_or(&path).to_owned();
    let now = Memo::new(move |before: Option<&Line>| {
        let line = standing.with(|standing| desk.look(|batch| line(batch, key, standing)));
        // A row that goes is drawn once more.
        line.or_else(|| before.cloned()).unwrap_or_default()
    });
    let called = |what: &str| format!("{what} {name}");
    let (progress, remove) = (called("Progress of"), called("Remove"));
    let file_name = name.clone();
    let (skip, replace) = (called("Skip"), called("Replace"));
    // One button each, whatever it does now: it keeps the keyboard.
    let go = Memo::new(move |_| {
        now.with(|now| match now {
            Line { pauses: true, .. } => Some(Go::Pause),
            Line { resumes: true, .. } => Some(Go::Resume),
            Line { fails: true, .. } => Some(Go::Retry),
            _ => None,
        })
    });
    let there = Memo::new(move |_| now.with(|now| now.there));
    let go_on = move |_| match go.get_untracked() {
        Some(Go::Pause) => desk.say(Input::Pause(key)),
        Some(Go::Resume | Go::Retry) => desk.say(Input::Resume(key)),
        None => {}
    };
    let (choose_button, go_button) = (NodeRef::<html::Button>::new(), NodeRef::<html::Button>::new());
    let remove_button = NodeRef::<html::Button>::new();
    // The one that is always there takes the keyboard from those that are hidden.
    Effect::new(move |_| {
        let hidden = [(choose_button, there.get().is_none()), (go_button, go.get().is_none())];
        for (button, _) in hidden.into_iter().filter(|(_, is_hidden)| *is_hidden) {
            if let Some(button) = button.get() {
                pass_on(&button, || remove_button.get_untracked().map(Into::into));
            }
        }
    });
    // Hidden, it is called something all the same.
    let go_words = move || go.get().unwrap_or(Go::Pause).words();
    let go_label = move || format!("{} {file_name}", go_words()[1]);
    let choose = move |_| {
        if let Some(is_skipped) = there.get_untracked() {
            desk.say(Input::Skip(key, !is_skipped));
        }
    };
    let choice_label = move || if there.get() == Some(true) { replace.clone() } else { skip.clone() };
    let choice_words = move || if there.get() == Some(true) { "Replace" } else { "Skip" };
    let take_out = move |event: MouseEvent| {
        hand_on(&event);
        desk.say(Input::Remove(key));
    };
    let replaces = move || {
        let is_shown = there.get() == Some(false);
        is_shown.then(|| view! { <span class="badge warning">"will be replaced"</span> })
    };
    view! {
        <li
            class="batch-row"
            class:failed=move || now.with(|now| now.class == "failed")
            aria-posinset=move || (place.get() + 1).to_string()
            aria-setsize=move || all.get().to_string()
        >
            <div class="batch-name">
                <span class="batch-path" title=path>
                    <bdi>{name.clone()}</bdi>
                </span>
                <span class="batch-size muted tabular">{bytes(size as f64)}</span>
            </div>
            <div class="batch-state">
                <progress
                    class="progress"
                    class:done=move || now.with(|now| now.class == "done")
                    class:failed=move || now.with(|now| now.class == "failed")
                    max="1"
                    aria-label=progress
                    prop:value=move || now.with(|now| now.part)
                ></progress>
                <div class="batch-words">
                    {replaces}
                    <span class="batch-reason" title=move || now.with(|now| now.words.clone())>
                        {move || now.with(|now| now.words.clone())}
                    </span>
                </div>
            </div>
            <div class="batch-actions">
                <button
                    class="button small quiet"
                    type="button"
                    node_ref=choose_button
                    hidden=move || there.get().is_none()
                    aria-label=choice_label
                    on:click=choose
                >
                    {choice_words}
                </button>
                <button
                    class="button small quiet"
                    type="button"
                    node_ref=go_button
                    hidden=move || go.get().is_none()
                    aria-label=go_label
                    on:click=go_on
                >
                    {move || go_words()[0]}
                </button>
                <button class="icon-button" type="button" node_ref=remove_button aria-label=remove on:click=take_out>
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
        </li>
    }
}

/// The list, with the choice which of the files are shown.
#[component]
pub(super) fn Files(desk: Desk, folder: String, standing: Memo<Standing>) -> impl IntoView {
    let wanted = RwSignal::new(Shown::All);
    let numbers = Memo::new(move |_| {
        desk.look(|batch| {
            let mut numbers = [0_usize; 6];
            for (_, file) in batch.files() {
                for (number, shown) in numbers.iter_mut().zip(Shown::ALL) {
                    *number += usize::from(shown.takes(file));
                }
            }
            numbers
        })
    });
    // A choice of which there is nothing any more shows all.
    let shown = Memo::new(move |_| {
        let wanted = wanted.get();
        let number =
            numbers.with(|numbers| Shown::ALL.iter().zip(numbers).find(|(it, _)| **it == wanted).map(|it| *it.1));
        if number == Some(0) { Shown::All } else { wanted }
    });
    let keys = Memo::new(move |_| {
        let shown = shown.get();
        desk.look(|batch| batch.files().filter(|(_, file)| shown.takes(file)).map(|(key, _)| key).collect::<Vec<_>>())
    });
    let all = Signal::derive(move || keys.with(Vec::len));
    let list = NodeRef::<html::Ul>::new();
    let windowed = Windowed::new(list, all);
    let in_page = Memo::new(move |_| {
        let range = windowed.range.get();
        keys.with(|keys| keys.get(range).map(<[usize]>::to_vec).unwrap_or_default())
    });
    let chips = Shown::ALL.into_iter().enumerate().map(|(index, choice)| {
        let number = Memo::new(move |_| numbers.with(|numbers| numbers.get(index).copied().unwrap_or(0)));
        // One kind alone is no choice.
        let is_of_use = move || {
            number.get() > 0 && (choice == Shown::All || number.get() < all_of(numbers) || shown.get() == choice)
        };
        let button = NodeRef::<html::Button>::new();
        Effect::new(move |_| {
            let is_of_use = is_of_use();
            if let Some(button) = button.get().filter(|_| !is_of_use) {
                pass_on(&button, || by_id(ALL_CHIP));
            }
        });
        view! {
            <button
                class="chip"
                type="button"
                id=(choice == Shown::All).then_some(ALL_CHIP)
                node_ref=button
                hidden=move || !is_of_use()
                aria-pressed=move || (shown.get() == choice).to_string()
                on:click=move |_| {
                    wanted.set(choice);
                    windowed.to_top();
                }
            >
                {choice.words()}
                " "
                <span class="chip-count">{move || grouped(number.get() as i64)}</span>
            </button>
        }
    });
    let chips = chips.collect_view();
    // The row that the keyboard was on last, by its place: a choice may take it out of the list.
    let held = StoredValue::new(None::<usize>);
    let take_hold = move |event: FocusEvent| held.set_value(place_of(event.target()));
    let let_go = move |event: FocusEvent| {
        // It goes nowhere where the row goes away.
        if event.related_target().is_some() {
            held.set_value(None);
        }
    };
    Effect::new(move |_| {
        let all = keys.with(Vec::len);
        let Some(place) = held.get_value() else { return };
        // When the rows are as they are to be.
        focus_soon(move || {
            let list = list.try_get_untracked().flatten().filter(|_| is_lost())?;
            let which = format!("[aria-posinset='{}'] .icon-button", place.min(all.saturating_sub(1)) + 1);
            let button = list.query_selector(&which).ok().flatten().and_then(|button| button.dyn_into().ok());
            button.or_else(|| by_id(ALL_CHIP))
        });
    });
    let row = move |key: usize| {
        let place = Signal::derive(move || keys.with(|keys| keys.binary_search(&key).unwrap_or_default()));
        view! { <Row desk=desk key=key folder=folder.clone() standing=standing place=place all=all /> }
    };
    view! {
        <div class="stack" hidden=move || all_of(numbers) == 0>
            <div class="cluster" role="group" aria-label="Which files are shown">
                {chips}
            </div>
            <ul
                class="batch-list is-windowed"
                aria-label="Files to upload"
                style=move || windowed.room(0, 0)
                node_ref=list
                on:scroll=move |_| windowed.measure()
                on:focusin=take_hold
                on:focusout=let_go
            >
                <For each=move || in_page.get() key=|key| *key children=row />
            </ul>
        </div>
    }
}

fn all_of(numbers: Memo<[usize; 6]>) -> usize {
    numbers.with(|numbers| numbers[0])
}
