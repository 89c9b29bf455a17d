//! How far a batch is, and what is to be said of its files.

use super::desk::Desk;
use super::some_of;
use crate::model::batch::words::{headline, time_left};
use crate::model::batch::{Batch, Input, Phase, Standing, Tally};
use crate::model::text::files;
use crate::ui::dialog::Confirm;
use crate::ui::focus;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::ui::text::{bytes, sentence};
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// How far all of it is.
#[component]
pub(super) fn Progress(desk: Desk, tally: Memo<Tally>, standing: Memo<Standing>) -> impl IntoView {
    let asking = RwSignal::new(false);
    let words = move || tally.with(|tally| standing.with(|standing| headline(tally, standing)));
    let numbers = move || {
        let Tally { bytes: all, sent, .. } = tally.get();
        let done = format!("{} of {}", bytes(sent as f64), bytes(all as f64));
        if standing.get() != Standing::Sending {
            return done;
        }
        match desk.pace() {
            Some((rate, left)) => format!("{done}, {} a second, {}", bytes(rate), time_left(left)),
            None => done,
        }
    };
    let part = move || {
        let Tally { bytes, sent, .. } = tally.get();
        if bytes == 0 { 0.0 } else { sent as f64 / bytes as f64 }
    };
    let is = move |wanted: fn(&Standing) -> bool| standing.with(wanted);
    let goes = move || is(|standing| matches!(standing, Standing::Sending | Standing::Unconnected(_)));
    let rests = move || is(|standing| matches!(standing, Standing::Paused | Standing::Stopped(_)));
    let settled = move || is(|standing| *standing == Standing::Settled);
    let trouble = move || match standing.get() {
        Standing::Unconnected(reason) => {
            // A server that says something is there.
            let what = reason.map_or_else(|| "The server cannot be reached.".to_owned(), |reason| sentence(&reason));
            let words =
                format!("{what} It is tried again by itself, and goes on where it was: nothing that was sent is lost.");
            Some(
                view! {
                    <Notice tone=Tone::Warning>
                        <p>{words}</p>
                    </Notice>
                }
                .into_any(),
            )
        }
        Standing::Stopped(reason) => Some(
            view! {
                <Notice tone=Tone::Danger>
                    <p>
                        {sentence(&reason)}
                        " Nothing that was sent is lost: put it right in another tab, such as by "
                        <a href="/login" target="_blank">"signing in"</a>
                        ", and then go on."
                    </p>
                </Notice>
            }
            .into_any(),
        ),
        _ => None,
    };
    let waits = move || is(|standing| matches!(standing, Standing::Unconnected(_)));
    let (go_on, try_now) = (NodeRef::<html::Button>::new(), NodeRef::<html::Button>::new());
    // Buttons that are hidden while the keyboard is on them give it to those that are of use now.
    Effect::new(move |_| {
        let (goes, rests, waits) = (goes(), rests(), waits());
        if let Some(button) = try_now.get().filter(|_| !waits) {
            focus::pass_on(&button, || go_on.get_untracked().map(Into::into));
        }
        if let Some(button) = go_on.get().filter(|_| !goes && !rests) {
            focus::pass_on(&button, || focus::by_id("batch-commit-all"));
        }
    });
    view! {
        <section class="batch-progress" aria-labelledby="batch-headline" hidden=move || tally.with(|tally| tally.total == 0)>
            <h3 id="batch-headline">{words}</h3>
            <progress class="progress" class:done=settled max="1" aria-labelledby="batch-headline" prop:value=part></progress>
            <div class="batch-line">
                <p class="muted tabular">{numbers}</p>
                <div class="cluster">
                    <button
                        class="button small"
                        type="button"
                        node_ref=try_now
                        hidden=move || !waits()
                        on:click=move |_| desk.say(Input::TryAgain)
                    >
                        "Try now"
                    </button>
                    <button
                        id="batch-go-on"
                        class="button small"
                        node_ref=go_on
                        class:primary=rests
                        type="button"
                        hidden=move || !goes() && !rests()
                        on:click=move |_| desk.say(if untrack(rests) { Input::ResumeAll } else { Input::PauseAll })
                    >
                        {move || if rests() { "Go on" } else { "Pause all" }}
                    </button>
                    <button class="button small" type="button" on:click=move |_| asking.set(true)>
                        "Cancel all"
                    </button>
                </div>
            </div>
            {trouble}
            <Confirm
                open=asking
                title="Cancel the upload?"
                id="cancel-uploads"
                detail="The list is emptied. What was sent of unfinished files is removed from the server; those that came completely stay stored with the dataset, without being in it. Your own files stay as they are."
                action="Cancel the upload"
                on_confirm=Callback::new(move |()| {
                    desk.say(Input::RemoveAll);
                    desk.announcer.say("The upload is cancelled.");
                    // The button that led here is hidden by now.
                    focus::focus_soon(|| focus::by_id("upload-files"));
                })
            />
        </section>
    }
}

/// Why files were not sent, each reason once.
fn reasons(batch: &Batch) -> Vec<(String, Vec<String>)> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (_, file) in batch.files() {
        if let Phase::Failed(reason) | Phase::Refused(reason) = &file.phase {
            reasons.entry(reason).or_default().push(file.path.clone());
        }
    }
    reasons.into_iter().map(|(reason, paths)| (reason.to_owned(), paths)).collect()
}

/// What is to be said of the files: those that fail, those that are there already, those that are left out.
#[component]
pub(super) fn Remarks(desk: Desk, tally: Memo<Tally>) -> impl IntoView {
    let reasons = Memo::new(move |_| desk.look(reasons));
    let failed = Memo::new(move |_| tally.with(|tally| tally.failed));
    let faults = move || {
        let reasons = reasons.get();
        let items = reasons.iter().map(
            |(reason, paths)| view! { <li>{sentence(reason)} " " <span class="muted">{some_of(paths)}</span></li> },
        );
        let items = items.collect_view();
        let number: usize = reasons.iter().map(|(_, paths)| paths.len()).sum();
        (number > 0).then(|| {
            view! {
                <Notice tone=Tone::Warning>
                    <p>
                        <strong>{format!("{} cannot be sent:", files(number))}</strong>
                    </p>
                    <ul class="batch-reasons">{items}</ul>
                </Notice>
            }
        })
    };
    // It stays where it is while reasons come and go: so it keeps the keyboard.
    let button = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        let is_of_use = failed.get() > 0;
        if let Some(button) = button.get().filter(|_| !is_of_use) {
            focus::pass_on(&button, || focus::by_id("batch-go-on"));
        }
    });
    let retry = view! {
        <p hidden=move || failed.get() == 0>
            <button class="button small" type="button" node_ref=button on:click=move |_| desk.say(Input::ResumeAll)>
                <Icon glyph=Glyph::Retry />
                "Retry what failed"
            </button>
        </p>
    };
    let there = Memo::new(move |_| tally.with(|tally| (tally.there, tally.skipped)));
    let replaced = move || {
        let (there, skipped) = there.get();
        let words = match (there, skipped) {
            (1, 0) => "1 file is there already and will be replaced. The history keeps the one of before.".to_owned(),
            (all, 0) => {
                format!("{} are there already and will be replaced. The history keeps those of before.", files(all))
            }
            (1, _) => "1 file is there already and is skipped.".to_owned(),
            (all, skipped) if all == skipped => format!("{} are there already and are skipped.", files(all)),
            (all, skipped) => {
                format!("{} are there already. To be replaced: {}. Skipped: {skipped}.", files(all), all - skipped)
            }
        };
        (there > 0).then(|| {
            view! {
                <Notice>
                    <p>{words}</p>
                </Notice>
            }
        })
    };
    // They stay where they are whatever is chosen: so they keep the keyboard.
    let all = move |skip: bool, label: &'static str| {
        let is_chosen = move || {
            let (there, skipped) = there.get();
            if skip { skipped == there } else { skipped == 0 }
        };
        view! {
            <button
                class="chip"
                type="button"
                aria-pressed=move || is_chosen().to_string()
                on:click=move |_| desk.say(Input::SkipAll(skip))
            >
                {label}
            </button>
        }
    };
    let choice = view! {
        <div class="cluster" role="group" aria-label="Files that are there already" hidden=move || there.get().0 == 0>
            {all(false, "Replace all of them")}
            {all(true, "Skip all of them")}
        </div>
    };
    let again = Memo::new(move |_| desk.look(|batch| (batch.twice(), batch.displaced())));
    let left_out = move || {
        let (litter, (twice, displaced), unread) = (desk.litter.get(), again.get(), desk.unread.get());
        let mut words = Vec::new();
        if litter > 0 {
            let number = files(litter);
            words.push(format!("{number} that systems leave in folders (such as .DS_Store or Thumbs.db): left out."));
        }
        if twice > 0 {
            words.push(format!("{} chosen that were in the list already.", files(twice)));
        }
        if displaced > 0 {
            let number = files(displaced);
            words.push(format!("{number} in the list gave way to others of the same path that were chosen later."));
        }
        if !unread.is_empty() {
            words.push(format!("The browser could not read {}.", some_of(&unread)));
        }
        (!words.is_empty()).then(|| view! { <p class="muted">{words.join(" ")}</p> })
    };
    view! {
        {faults}
        {retry}
        {replaced}
        {choice}
        {left_out}
    }
}
