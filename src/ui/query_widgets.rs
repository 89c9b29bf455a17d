//! The controls for the arguments of rules.

use super::query_card::Card;
use super::query_picker::NamesField;
use super::stars::Star;
use crate::query::rules::{Form, NameField};
use crate::query::text::complete::Names;
use crate::query::widgets::{Widget, times_ago};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The control that the card's rule asks for.
#[component]
pub fn WidgetView(
    /// The card.
    card: Card,
    /// What it asks.
    name: Memo<&'static str>,
) -> impl IntoView {
    let widget = Memo::new(move |_| card.form().map(Form::widget));
    move || match widget.get() {
        None => ().into_any(),
        Some(Widget::Names(vocabulary)) => {
            view! { <NamesField card=card from=Names::Of(vocabulary) name=name /> }.into_any()
        }
        Some(Widget::Galleries) => view! { <NamesField card=card from=Names::Galleries name=name /> }.into_any(),
        Some(Widget::Pictures) => view! { <NamesField card=card from=Names::Pictures name=name /> }.into_any(),
        Some(Widget::Text { wildcards }) => view! { <TextWidget card=card name=name wildcards=wildcards /> }.into_any(),
        Some(Widget::Number { unit, presets }) => {
            view! { <NumberWidget card=card name=name unit=unit presets=presets /> }.into_any()
        }
        Some(Widget::Time) => view! { <TimeWidget card=card name=name /> }.into_any(),
        Some(Widget::Stars) => view! { <StarsWidget card=card name=name /> }.into_any(),
    }
}

/// Whether a card asks for an object together with everything more specific, if it asks for one at all.
pub fn with_descendants(card: Card) -> Option<bool> {
    match card.form() {
        Some(Form::Names(NameField::Object)) => Some(true),
        Some(Form::Names(NameField::ExactObject)) => Some(false),
        _ => None,
    }
}

fn described_by(card: Card) -> String {
    format!("query-card-{}-error", card.id)
}

fn invalid(card: Card) -> Option<&'static str> {
    card.problem.with(Option::is_some).then_some("true")
}

#[component]
fn TextWidget(card: Card, name: Memo<&'static str>, wildcards: bool) -> impl IntoView {
    let hint = if wildcards { "winter, or %winter_" } else { "commons.wikimedia.org/" };
    view! {
        <input
            type="text"
            autocomplete="off"
            aria-label=move || name.get()
            aria-describedby=described_by(card)
            aria-invalid=move || invalid(card)
            placeholder=hint
            maxlength=crate::query::MAX_TEXT_CHARS.to_string()
            prop:value=move || card.value()
            on:input=move |event: web_sys::Event| {
                // A sign that is made of several keys may be on its way.
                if !event.dyn_ref::<web_sys::InputEvent>().is_some_and(web_sys::InputEvent::is_composing) {
                    card.type_value(event_target_value(&event));
                }
            }
            on:compositionend=move |event| card.type_value(event_target_value(&event))
            on:change=move |event| card.leave_value(&event_target_value(&event))
        />
    }
}

#[component]
fn NumberWidget(
    card: Card,
    name: Memo<&'static str>,
    unit: &'static str,
    presets: &'static [(&'static str, i64)],
) -> impl IntoView {
    let preset = move |(label, number): (&'static str, i64)| {
        let chosen = Memo::new(move |_| card.values().first().is_some_and(|value| *value == number.to_string()));
        view! {
            <button
                class="query-preset"
                type="button"
                aria-pressed=move || chosen.get().to_string()
                title=format!("{number} {unit}")
                on:click=move |_| card.set_values(&[number.to_string()])
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="query-row">
            <input
                class="query-number"
                type="number"
                min="0"
                step="1"
                inputmode="numeric"
                autocomplete="off"
                aria-label=move || format!("{}, {unit}", name.get())
                aria-describedby=described_by(card)
                aria-invalid=move || invalid(card)
                prop:value=move || card.value()
                on:input=move |event| card.type_value(event_target_value(&event))
                on:change=move |event| card.leave_value(&event_target_value(&event))
            />
            <span class="muted">{unit}</span>
        </div>
        <div class="query-presets" role="group" aria-label="Usual values">
            {presets.iter().copied().map(preset).collect_view()}
        </div>
    }
}

#[component]
fn TimeWidget(card: Card, name: Memo<&'static str>) -> impl IntoView {
    // A moment of a day keeps its time of day; a day is a day.
    let is_moment = Memo::new(move |_| card.values().first().is_some_and(|value| value.contains('T')));
    // Of a day it is the first moment that counts.
    let zone = move || if is_moment.get() { "UTC" } else { "00:00 UTC" };
    let shown = move || card.value().trim_end_matches('Z').to_owned();
    let set = move |value: String| {
        let with_zone = if value.contains('T') { format!("{value}Z") } else { value };
        card.set_values(&[with_zone]);
    };
    let now = (js_sys::Date::now() / 1000.0) as i64;
    let preset = move |(label, time): (&'static str, i64)| {
        view! {
            <button
                class="query-preset"
                type="button"
                on:click=move |_| card.set_values(&[time.to_string()])
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="query-row">
            <input
                class="query-date"
                type=move || if is_moment.get() { "datetime-local" } else { "date" }
                step=move || is_moment.get().then_some("1")
                aria-label=move || format!("{}, {}", name.get(), zone())
                aria-describedby=described_by(card)
                aria-invalid=move || invalid(card)
                prop:value=shown
                on:change=move |event| set(event_target_value(&event))
            />
            <span class="muted">{zone}</span>
        </div>
        <div class="query-presets" role="group" aria-label="Usual values">
            {times_ago(now).into_iter().map(preset).collect_view()}
        </div>
    }
}

#[component]
fn StarsWidget(card: Card, name: Memo<&'static str>) -> impl IntoView {
    let stars = Memo::new(move |_| card.value().parse::<f64>().ok());
    let in_words = move || match stars.get() {
        None => "not chosen yet".to_owned(),
        Some(1.0) => "1 star".to_owned(),
        Some(stars) => format!("{stars} stars"),
    };
    let drawn = (1..=5).map(|star| {
        let class = move || match stars.get() {
            Some(stars) if stars >= f64::from(star) => "query-star full",
            Some(stars) if stars > f64::from(star) - 1.0 => "query-star half",
            _ => "query-star",
        };
        let full = move |_| card.set_values(&[star.to_string()]);
        // Whoever has no pointer moves the slider below.
        view! {
            <span class=class on:click=full>
                <Star />
            </span>
        }
    });
    view! {
        <div class="query-row">
            <span class="query-stars" aria-hidden="true">
                {drawn.collect_view()}
            </span>
            <span class="muted" aria-hidden="true">
                {in_words}
            </span>
        </div>
        <input
            class="query-slider"
            type="range"
            min="1"
            max="5"
            step="0.5"
            aria-label=move || name.get()
            aria-valuetext=in_words
            aria-describedby=described_by(card)
            prop:value=move || stars.get().unwrap_or(3.0).to_string()
            on:input=move |event| card.set_values(&[event_target_value(&event)])
        />
        <p class="muted">"Pictures that nobody has rated count, too."</p>
    }
}
