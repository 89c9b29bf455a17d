//! Picking names for a rule: a combobox over what the site knows, what is chosen as chips, and what the kind of name adds to
//! that: the tree of objects, groups of licences.

use super::editor_keys::composes;
use super::focus::scroll_near;
use super::icons::{Glyph, Icon};
use super::query_card::Card;
use super::query_names::{Offer, PAUSE, all_licences, ask, asked_label, label_of};
use super::query_tree::ObjectTree;
use super::query_widgets::with_descendants;
use super::text::count;
use crate::model::licence_group::LicenceGroup;
use crate::query::Vocabulary;
use crate::query::text::complete::Names;
use leptos::html;
use leptos::prelude::*;
use web_sys::{FocusEvent, KeyboardEvent};

/// Several names.
#[component]
pub fn NamesField(
    /// The card.
    card: Card,
    /// Where the names come from.
    from: Names,
    /// What the card asks.
    name: Memo<&'static str>,
) -> impl IntoView {
    let values = Memo::new(move |_| {
        card.builder.refused.track();
        card.values()
    });
    let add = Callback::new(move |value: String| {
        let mut values = values.get_untracked();
        if !values.contains(&value) {
            values.push(value);
            card.set_values(&values);
        }
    });
    let remove = Callback::new(move |value: String| {
        let mut values = values.get_untracked();
        values.retain(|other| *other != value);
        card.set_values(&values);
    });
    let extra = match from {
        Names::Of(Vocabulary::Objects) => {
            view! { <Objects card=card values=values add=add remove=remove /> }.into_any()
        }
        Names::Of(Vocabulary::Licences) => view! { <LicenceGroups card=card values=values /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <ul class="query-chips" aria-label="Any of" hidden=move || values.with(Vec::is_empty)>
            <For each=move || values.get() key=Clone::clone let:value>
                <Chip from=from value=value on_remove=remove />
            </For>
        </ul>
        <Combobox card=card from=from name=name values=values add=add />
        {extra}
    }
}

#[component]
fn Chip(from: Names, value: String, on_remove: Callback<String>) -> impl IntoView {
    let label = RwSignal::new(label_of(from, &value));
    if from == Names::Galleries {
        let value = value.clone();
        leptos::task::spawn_local(async move {
            if let Some(title) = asked_label(from, &value).await {
                let _ = label.try_set(title);
            }
        });
    }
    view! {
        <li class="query-chip">
            <span>{move || label.get()}</span>
            <button
                type="button"
                aria-label=move || format!("Take out {}", label.get())
                on:click=move |_| on_remove.run(value.clone())
            >
                <Icon glyph=Glyph::Close />
            </button>
        </li>
    }
}

#[component]
fn Combobox(
    card: Card,
    from: Names,
    name: Memo<&'static str>,
    values: Memo<Vec<String>>,
    add: Callback<String>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let offers = RwSignal::new(Vec::<Offer>::new());
    let open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let failure = RwSignal::new(None::<String>);
    let turn = StoredValue::new(0_u32);
    let list = format!("query-card-{}-names", card.id);
    let list_id = StoredValue::new(list);
    let option_id = move |at: usize| list_id.with_value(|list| format!("{list}-{at}"));

    let close = move || {
        let _ = turn.try_update_value(|turn| *turn = turn.wrapping_add(1));
        let _ = open.try_set(false);
        let _ = active.try_set(None);
    };
    let look = move || {
        let Some(field) = input.get_untracked() else { return };
        let typed = field.value();
        // What is in the list was for what was typed before.
        active.set(None);
        let now = turn.try_update_value(|turn| {
            *turn = turn.wrapping_add(1);
            *turn
        });
        set_timeout(
            move || {
                if turn.try_get_value() != now {
                    return;
                }
                leptos::task::spawn_local(async move {
                    let Some(taken) = values.try_get_untracked() else { return };
                    let answer = ask(from, typed.clone(), taken).await;
                    if turn.try_get_value() != now {
                        return;
                    }
                    failure.set(answer.as_ref().err().map(|error| super::text::sentence(&error.to_string())));
                    let Ok(found) = answer else { return open.set(false) };
                    let some = !found.is_empty();
                    active.set((some && !typed.trim().is_empty()).then_some(0));
                    card.builder.shared.announcer.say(match found.len() {
                        0 => "No suggestion".to_owned(),
                        several => count(several as i64, "suggestion", "suggestions"),
                    });
                    offers.set(found);
                    open.set(some);
                    // The list may reach below what is in view.
                    request_animation_frame(move || {
                        if let Some(list) = list_id.try_with_value(|list| super::focus::by_id(list)).flatten() {
                            scroll_near(&list);
                        }
                    });
                });
            },
            PAUSE,
        );
    };
    let take = move |value: String| {
        close();
        add.run(value);
        // What was refused can be mended.
        if card.problem.with_untracked(Option::is_none)
            && let Some(field) = input.get_untracked()
        {
            field.set_value("");
        }
    };
    let step = move |by: isize| {
        let count = offers.with_untracked(Vec::len) as isize;
        if count > 0 {
            let from = active.get_untracked().map_or(if by > 0 { -1 } else { 0 }, |at| at as isize);
            let to = (from + by).rem_euclid(count) as usize;
            active.set(Some(to));
            if let Some(option) = super::focus::by_id(&option_id(to)) {
                scroll_near(&option);
            }
        }
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        _ if composes(&event) => {}
        "ArrowDown" | "ArrowUp" if !open.get_untracked() => {
            event.prevent_default();
            look();
        }
        "ArrowDown" => {
            event.prevent_default();
            step(1);
        }
        "ArrowUp" => {
            event.prevent_default();
            step(-1);
        }
        "Enter" => {
            event.prevent_default();
            let chosen = active.get_untracked().filter(|_| open.get_untracked());
            let offer = chosen.and_then(|at| offers.with_untracked(|offers| offers.get(at).cloned()));
            let typed = input.get_untracked().map(|field| field.value().trim().to_owned()).unwrap_or_default();
            match offer {
                Some(offer) => take(offer.value),
                // Numbers need not be found first.
                None if matches!(from, Names::Pictures | Names::Galleries) && !typed.is_empty() => take(typed),
                None => {}
            }
        }
        "Escape" if open.get_untracked() => {
            event.prevent_default();
            close();
        }
        "Backspace" => {
            let is_empty = input.get_untracked().is_some_and(|field| field.value().is_empty());
            let last = values.with_untracked(|values| values.last().cloned()).filter(|_| is_empty);
            if let Some(last) = last {
                let mut rest = values.get_untracked();
                rest.retain(|value| *value != last);
                card.set_values(&rest);
            }
        }
        _ => {}
    };
    let options = move || {
        let option = |(at, offer): (usize, Offer)| {
            let (value, detail) = (offer.value.clone(), offer.detail);
            view! {
                <li
                    id=option_id(at)
                    role="option"
                    class="query-option"
                    aria-selected=move || (active.get() == Some(at)).to_string()
                    on:mousedown=move |event| event.prevent_default()
                    on:click=move |_| take(value.clone())
                >
                    <span class="query-option-label">{offer.label}</span>
                    <span class="query-option-detail">{detail}</span>
                </li>
            }
        };
        offers.get().into_iter().enumerate().map(option).collect_view()
    };
    let hint = match from {
        Names::Of(Vocabulary::Objects) => "Find an object",
        Names::Of(Vocabulary::Natures) => "Find a nature",
        Names::Of(Vocabulary::Licences) => "Find a licence",
        Names::Of(Vocabulary::Users) => "Find a user",
        Names::Of(Vocabulary::Datasets) => "Find a dataset",
        Names::Galleries => "Find a gallery, or its number",
        Names::Pictures => "Number of a picture",
    };
    view! {
        <div class="query-combobox">
            <input
                type="text"
                role="combobox"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                placeholder=hint
                node_ref=input
                aria-label=move || name.get()
                aria-autocomplete="list"
                aria-controls=list_id.get_value()
                aria-expanded=move || open.get().to_string()
                aria-activedescendant=move || active.get().filter(|_| open.get()).map(option_id)
                aria-describedby=format!("query-card-{}-error", card.id)
                aria-invalid=move || card.problem.with(Option::is_some).then_some("true")
                on:input=move |_| look()
                on:click=move |_| look()
                on:keydown=key
                on:blur=move |_: FocusEvent| {
                    // The text has the keyboard for a moment while it is being changed.
                    if card.builder.shared.writing.try_get_value() == Some(false) {
                        close();
                    }
                }
            />
            <ul
                class="query-options"
                id=list_id.get_value()
                role="listbox"
                aria-label="Suggestions"
                hidden=move || !open.get()
            >
                {options}
            </ul>
            <p class="field-error" role="alert">
                {move || failure.get()}
            </p>
        </div>
    }
}

/// The tree, and whether what is more specific counts as well.
#[component]
fn Objects(card: Card, values: Memo<Vec<String>>, add: Callback<String>, remove: Callback<String>) -> impl IntoView {
    let open = RwSignal::new(false);
    let panel = format!("query-card-{}-tree", card.id);
    let controls = panel.clone();
    let descends = Memo::new(move |_| with_descendants(card).unwrap_or(true));
    let toggle = Callback::new(move |name: String| {
        if values.with_untracked(|values| values.contains(&name)) { remove.run(name) } else { add.run(name) }
    });
    view! {
        <div class="query-row query-spread">
            <label class="choice query-switch">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=move || {
                        card.builder.refused.track();
                        descends.get()
                    }
                    on:change=move |_| card.turn_over()
                />
                "With descendants"
            </label>
            <button
                class="button small quiet"
                type="button"
                aria-expanded=move || open.get().to_string()
                aria-controls=controls
                on:click=move |_| open.update(|open| *open = !*open)
            >
                "Browse the tree"
            </button>
        </div>
        <div id=panel hidden=move || !open.get()>
            {move || open.get().then(|| view! { <ObjectTree id=card.id chosen=values on_toggle=toggle /> })}
        </div>
    }
}

/// Licences that people want together.
#[component]
fn LicenceGroups(card: Card, values: Memo<Vec<String>>) -> impl IntoView {
    let all = RwSignal::new(Vec::new());
    leptos::task::spawn_local(async move {
        if let Ok(licences) = all_licences().await {
            let _ = all.try_set(licences);
        }
    });
    let button = move |group: LicenceGroup| {
        let ids = Memo::new(move |_| {
            all.with(|all| {
                let held = all.iter().filter(|licence| group.holds(licence));
                held.map(|licence| licence.id.clone()).collect::<Vec<_>>()
            })
        });
        let is_chosen = Memo::new(move |_| {
            ids.with(|ids| {
                !ids.is_empty()
                    && values.with(|values| ids.len() == values.len() && ids.iter().all(|id| values.contains(id)))
            })
        });
        view! {
            <button
                class="query-preset"
                type="button"
                aria-pressed=move || is_chosen.get().to_string()
                disabled=move || ids.with(Vec::is_empty)
                on:click=move |_| {
                    let chosen = if is_chosen.get_untracked() { Vec::new() } else { ids.get_untracked() };
                    card.set_values(&chosen);
                }
            >
                {group.label()}
            </button>
        }
    };
    view! {
        <div class="query-presets" role="group" aria-label="Groups of licences">
            {LicenceGroup::ALL.map(button).into_iter().collect_view()}
        </div>
    }
}
