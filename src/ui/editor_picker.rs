//! The object picker: a combobox over all registered objects, which can also register a new one.

use super::editor_cache::EditorCache;
use super::editor_keys::composes;
use super::editor_session::EditorSession;
use crate::api::objects::{create_object, object_summaries};
use crate::editor::{Candidate, Catalogue, Command, Offer, marked, preselected};
use crate::model::AppError;
use crate::model::object::{ObjectSummary, check_object};
use crate::ui::editor_colours::object_colour;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::notice::Tone;
use crate::ui::text::sentence;
use crate::ui::toast::use_toasts;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// So many matches are listed: more than a person reads, few enough to draw at once.
const LISTED: usize = 40;

/// Objects that were fetched longer ago than this are fetched again when somebody opens the list: others rename and merge them.
const FRESH_MS: f64 = 10_000.0;

/// What Enter says where all that there is differs from what was typed by a mistake or two.
const SIMILAR: &str = "There are similar names: choose one with the arrow keys, or Create.";

/// The object picker.
#[component]
pub fn ObjectPicker(
    /// The editor.
    session: EditorSession,
    /// Every registered object.
    objects: Vec<ObjectSummary>,
) -> impl IntoView {
    let kept = use_context::<EditorCache>();
    let objects = RwSignal::new(Catalogue::new(objects));
    let labels = session.labels;
    let input = NodeRef::<html::Input>::new();
    let open = RwSignal::new(false);
    // What is typed; nothing is typed right after opening, so that the whole list is shown.
    let typed = RwSignal::new(String::new());
    // The option that the keyboard or the pointer went to since something was typed.
    let reached = RwSignal::new(None::<usize>);
    let problem = RwSignal::new(None::<String>);

    let entries = Memo::new(move |_| {
        if !open.get() {
            return Vec::new();
        }
        let text = typed.get();
        let asked = kept.map(EditorCache::asked).unwrap_or_default();
        objects.with(|objects| labels.recent.with(|recent| objects.candidates(&text, recent, LISTED, &asked)))
    });
    let active = Memo::new(move |_| reached.get().or_else(|| entries.with(|entries| preselected(entries))));
    let undecided = RwSignal::new(false);
    let shown = Memo::new(move |_| session.panel.with(|panel| panel.object.clone()));
    let relabels = Memo::new(move |_| session.panel.with(|panel| panel.relabels));
    // What the field shows while nobody types into it.
    let set_field = move |text: &str| {
        if let Some(input) = input.get_untracked() {
            input.set_value(text);
        }
    };
    Effect::new(move |_| {
        let shown = shown.get();
        // The list may have been opened before it was known for which region.
        if open.get() && !typed.with_untracked(String::is_empty) {
            return;
        }
        set_field(&shown);
        if open.get_untracked()
            && let Some(input) = input.get_untracked()
        {
            input.select();
        }
    });

    // The object that Enter would make: whoever has mistyped a name must not have made an object of it.
    let sure = RwSignal::new(None::<String>);
    // The list as it is by now, where it must not change below somebody who is choosing from it.
    let newer = StoredValue::new(None::<Catalogue>);
    let fetched_ms = StoredValue::new(None::<f64>);
    let close = move || {
        open.set(false);
        typed.set(String::new());
        reached.set(None);
        undecided.set(false);
        sure.set(None);
        if let Some(newer) = newer.try_update_value(Option::take).flatten() {
            objects.set(newer);
        }
    };
    let refresh = move || {
        let now_ms = window().performance().map_or(0.0, |clock| clock.now());
        // The page came with the list, and not long before the clock began.
        if now_ms - fetched_ms.get_value().unwrap_or_default() < FRESH_MS {
            return;
        }
        fetched_ms.set_value(Some(now_ms));
        spawn_local(async move {
            // Where the server is not reached, the objects of before have to do.
            let Ok(list) = object_summaries().await else { return };
            if let Some(kept) = kept {
                kept.renew_objects(&list);
                kept.renew_asked().await;
            }
            match reached.try_get_untracked() {
                Some(None) => drop(objects.try_set(Catalogue::new(list))),
                Some(Some(_)) => drop(newer.try_set_value(Some(Catalogue::new(list)))),
                None => {}
            }
        });
    };
    // While an object is being made, a second Enter must not make it again.
    let creating = RwSignal::new(false);
    Effect::new(move |_| {
        session.visits.track();
        close();
        problem.set(None);
        creating.set(false);
    });
    let show = move || {
        if !open.get_untracked() {
            open.set(true);
            reached.set(None);
            refresh();
            if let Some(input) = input.get_untracked() {
                input.select();
            }
        }
    };
    Effect::new(move |_| {
        if session.picker_calls.get() > 0
            && let Some(input) = input.get_untracked()
        {
            // Fails only for an element that cannot be focused, which this can.
            let _ = input.focus();
            show();
            let letter = labels.typed.try_update_untracked(std::mem::take).unwrap_or_default();
            if !letter.is_empty() {
                input.set_value(&letter);
                typed.set(letter);
            }
        }
    });

    let pick = move |name: String| {
        problem.set(None);
        close();
        session.pick_object(&name);
        set_field(&name);
        session.give_keyboard_back();
    };
    let toasts = use_toasts();
    let create = move |name: String| {
        if creating.get_untracked() {
            return;
        }
        if let Some(error) = check_object(&name, "").into_iter().next() {
            problem.set(Some(format!("The name {}.", error.message)));
            return;
        }
        let Some(visit) = session.visit() else { return };
        creating.set(true);
        spawn_local(async move {
            // Whoever signed in elsewhere meanwhile has not made this object.
            let created = match visit.is_still_signed_in().await {
                Ok(true) => create_object(name.clone(), String::new(), Vec::new()).await,
                Ok(false) => Err(AppError::NotSignedIn("sign in again to make an object".to_owned())),
                Err(error) => Err(error),
            };
            // Somebody may have gone on to another picture meanwhile, whose field and regions this is not about.
            let is_over = visit.is_over();
            if !is_over {
                creating.set(false);
            }
            match created {
                Ok(object) => {
                    let (name, description) = (object.id.clone(), object.description);
                    let summary = ObjectSummary { name, description, pictures: 0, parents: Vec::new() };
                    if let Some(kept) = kept {
                        kept.add_object(summary.clone());
                    }
                    // An answer that was asked for before does not have it.
                    let _ = newer.try_update_value(|newer| {
                        if let Some(newer) = newer {
                            newer.push(summary.clone());
                        }
                    });
                    let _ = objects.try_update(|objects| objects.push(summary));
                    if !is_over {
                        pick(object.id);
                    }
                }
                Err(error) if is_over => {
                    toasts.show(Tone::Danger, format!("“{name}” was not made: {}", sentence(&error.to_string())));
                }
                Err(error) => problem.set(Some(error.to_string())),
            }
        });
    };
    let choose = move |candidate: Candidate| match candidate {
        Candidate::Match(object) | Candidate::Similar(object) => pick(object.name),
        Candidate::Create(name) if sure.with_untracked(|sure| sure.as_ref() == Some(&name)) => create(name),
        Candidate::Create(name) => {
            session.announcer.say(format!("There is no object “{name}” yet; Enter once more creates it"));
            sure.set(Some(name));
        }
    };
    let reach = move |index: usize| {
        if reached.get_untracked() != Some(index) {
            reached.set(Some(index));
            undecided.set(false);
            sure.set(None);
        }
    };
    let go_to = move |step: isize| {
        show();
        let count = entries.with(Vec::len) as isize;
        if count > 0 {
            // From no option, a step forward leads to the first and a step back to the last.
            let from = active.get_untracked().map_or(if step > 0 { -1 } else { 0 }, |index| index as isize);
            let to = (from + step).rem_euclid(count) as usize;
            reach(to);
            scroll_to_option(format!("object-option-{to}"));
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        _ if composes(&event) => {}
        "ArrowDown" if !open.get_untracked() => {
            event.prevent_default();
            show();
        }
        "ArrowDown" => {
            event.prevent_default();
            go_to(1);
        }
        "ArrowUp" => {
            event.prevent_default();
            go_to(-1);
        }
        // A key that is held says nothing twice.
        "Enter" if open.get_untracked() && event.repeat() => event.prevent_default(),
        "Enter" if open.get_untracked() => {
            event.prevent_default();
            let chosen = active.get_untracked();
            match chosen.and_then(|index| entries.with_untracked(|entries| entries.get(index).cloned())) {
                Some(candidate) => choose(candidate),
                None if entries.with_untracked(Vec::is_empty) => {}
                None => {
                    undecided.set(true);
                    session.announcer.say(SIMILAR);
                }
            }
        }
        "Escape" => {
            event.prevent_default();
            close();
            set_field(&shown.get_untracked());
            session.give_keyboard_back();
        }
        "d" if open.get_untracked() && (event.ctrl_key() || event.meta_key()) => {
            event.prevent_default();
            let reached = active.get_untracked();
            let candidate = reached.and_then(|index| entries.with_untracked(|entries| entries.get(index).cloned()));
            if let Some(Candidate::Match(object) | Candidate::Similar(object)) = candidate {
                session.toggle_favourite(&object.name);
            }
        }
        _ => {}
    };
    let options = move || {
        entries
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, candidate)| {
                let chosen = candidate.clone();
                view! {
                    <li
                        id=format!("object-option-{index}")
                        class="object-option"
                        role="option"
                        aria-selected=move || if active.get() == Some(index) { "true" } else { "false" }
                        // The field keeps the keyboard while the pointer chooses.
                        on:mousedown=move |event| event.prevent_default()
                        // Not where the list merely opens under a pointer that rests.
                        on:pointermove=move |_| reach(index)
                        on:click=move |_| choose(chosen.clone())
                    >
                        {option_content(session, candidate, typed.get_untracked(), sure)}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <div class="object-picker">
            <label class="object-label" for="object-picker">
                "Object"
            </label>
            <span class="object-hint" id="object-picker-hint">
                {move || match relabels.get() {
                    0 => "for new regions".to_owned(),
                    1 => "of the selected region".to_owned(),
                    several => format!("of {several} selected regions"),
                }}
            </span>
            <input
                class="input object-input"
                id="object-picker"
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                placeholder=move || {
                    format!("Pick an object{}", labels.keymap.with(|keymap| keymap.in_brackets(Command::PickObject)))
                }
                aria-keyshortcuts=move || labels.keymap.with(|keymap| keymap.aria(Command::PickObject))
                aria-autocomplete="list"
                aria-controls="object-picker-list"
                aria-describedby="object-picker-hint"
                aria-busy=move || creating.get().then_some("true")
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-activedescendant=move || {
                    let index = active.get().filter(|_| open.get())?;
                    Some(format!("object-option-{index}"))
                }
                node_ref=input
                on:input:target=move |event| {
                    open.set(true);
                    reached.set(None);
                    undecided.set(false);
                    sure.set(None);
                    problem.set(None);
                    typed.set(event.target().value());
                }
                on:click=move |_| show()
                on:keydown=on_key
                on:blur=move |_| {
                    // The field also loses the keyboard when its page goes. Only afterwards is it known whether that is so: what
                    // was changed until then would be drawn when nothing is there any more.
                    queue_microtask(move || {
                        let Some(shown) = shown.try_get_untracked() else { return };
                        // Whoever went elsewhere is not called back to the list.
                        labels.return_to.set_value(None);
                        close();
                        set_field(&shown);
                    });
                }
            />
            <ul class="object-list" id="object-picker-list" role="listbox" aria-label="Objects" hidden=move || !open.get()>
                {options}
            </ul>
            // The announcer says it as well, however often the key is pressed.
            <p class="object-undecided">{move || undecided.get().then_some(SIMILAR)}</p>
            <p class="object-problem" role="alert">
                {move || problem.get()}
            </p>
            <Favourites session=session />
        </div>
    }
}

fn option_content(
    session: EditorSession,
    candidate: Candidate,
    typed: String,
    sure: RwSignal<Option<String>>,
) -> AnyView {
    match candidate {
        Candidate::Match(object) | Candidate::Similar(object) => {
            let Offer { name, description, pictures, ancestors } = object;
            let (starred, swatch) = (name.clone(), object_colour(&name));
            let digit = move |name: &str| session.labels.digit_of(name);
            let star = {
                let name = name.clone();
                move || match digit(&name) {
                    Some(digit) => view! { <kbd>{digit.to_string()}</kbd> }.into_any(),
                    None => view! { <Icon glyph=Glyph::Star /> }.into_any(),
                }
            };
            view! {
                <span class="object-swatch" style:background=swatch></span>
                <span class="object-name">
                    {pieces(&name, &typed, true)}
                </span>
                <span class="object-count">{(pictures > 0).then(|| pictures.to_string())}</span>
                // By keyboard it is Control and D: an option can hold no button.
                <span
                    class="object-star"
                    class:is-favourite=move || digit(&name).is_some()
                    title="Favourite (Ctrl+D)"
                    aria-hidden="true"
                    on:click=move |event| {
                        event.stop_propagation();
                        session.toggle_favourite(&starred);
                    }
                >
                    {star}
                </span>
                <span class="object-ancestors">{pieces(&ancestors.join(" › "), &typed, false)}</span>
                <span class="object-description">{pieces(&description, &typed, false)}</span>
            }
            .into_any()
        }
        Candidate::Create(name) => {
            let asks = {
                let name = name.clone();
                Memo::new(move |_| sure.with(|sure| sure.as_ref() == Some(&name)))
            };
            view! {
                <span class="object-name">{format!("Create “{name}”")}</span>
                <span class="object-sure">
                    {move || asks.get().then_some("It is new: press Enter once more, or click again.")}
                </span>
            }
            .into_any()
        }
    }
}

/// A text with what was typed marked in it.
fn pieces(shown: &str, typed: &str, loosely: bool) -> AnyView {
    let piece = |piece: crate::editor::Piece| match piece.marked {
        true => view! { <mark>{piece.text}</mark> }.into_any(),
        false => piece.text.into_any(),
    };
    marked(shown, typed, loosely).into_iter().map(piece).collect_view().into_any()
}

/// The favourite objects with their digits, for those who point.
#[component]
fn Favourites(session: EditorSession) -> impl IntoView {
    let favourites = move || {
        session
            .labels
            .settings
            .with(|settings| settings.favourites.clone())
            .into_iter()
            .map(move |(digit, name)| {
                let picked = name.clone();
                view! {
                    <li>
                        <button
                            class="favourite"
                            type="button"
                            title=name.clone()
                            on:click=move |event| {
                                session.pick_object(&picked);
                                if event.detail() > 0 {
                                    session.focus_surface();
                                }
                            }
                        >
                            <kbd aria-hidden="true">{digit.to_string()}</kbd>
                            <span class="object-swatch" style:background=object_colour(&name)></span>
                            <span class="truncate">{name.clone()}</span>
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    let none = move || session.labels.settings.with(|settings| settings.favourites.is_empty());
    view! {
        <ul class="favourites" aria-label="Favourites" hidden=none>
            {favourites}
        </ul>
    }
}

/// Brings an option into sight.
pub fn scroll_to_option(id: String) {
    // The option is drawn after this event; it is looked for in the next frame.
    request_animation_frame(move || {
        if let Some(option) = document().get_element_by_id(&id) {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
}
