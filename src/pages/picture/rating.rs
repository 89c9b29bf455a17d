//! What users think of the picture: the average, how often each grade was given, and one's own grade.

use super::Shown;
use crate::api::pictures::RatePicture;
use crate::model::text::path_segment;
use crate::ui::focus::focus_soon;
use crate::ui::form::{ButtonForm, SubmitButton};
use crate::ui::form_error::{FormNotice, form_error, general_error};
use crate::ui::session::use_session;
use crate::ui::stars::{Star, Stars, rating_total};
use crate::ui::text::count;
use leptos::form::ActionForm;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// How often each grade was given, the best first.
#[component]
fn Grades(shown: Shown) -> impl IntoView {
    let rating = Memo::new(move |_| shown.detail.with(|detail| detail.rating.clone()));
    move || {
        let rating = rating.get();
        let total = rating_total(&rating);
        let counts = rating.rating_count;
        let rows = [(5, counts.five), (4, counts.four), (3, counts.three), (2, counts.two), (1, counts.one)]
            .map(|(grade, number)| {
                let part = number as f64 / total.max(1) as f64;
                view! {
                    <li>
                        <span>{count(grade, "star", "stars")}</span>
                        <span class="grade-bar" style=format!("--part: {part:.3}") aria-hidden="true"></span>
                        <span class="number">{number}</span>
                    </li>
                }
            })
            .into_iter()
            .collect_view();
        view! {
            <Stars rating=rating />
            {(total > 0).then(|| view! { <ul class="grades" aria-label="How often each grade was given">{rows}</ul> })}
        }
    }
}

/// The first of the buttons for one's own grade.
fn first_star() -> Option<web_sys::HtmlElement> {
    document().query_selector(".rate-star").ok().flatten()?.dyn_into().ok()
}

/// Five buttons for one's own grade, and one to take it back.
#[component]
fn OwnRating(shown: Shown, action: ServerAction<RatePicture>) -> impl IntoView {
    let own = Memo::new(move |_| shown.surroundings.with(|around| around.own_rating));
    let stars = (1..=5_u8)
        .map(|grade| {
            let full = move || own.get().is_some_and(|own| own >= grade);
            let class = move || format!("icon-button rate-star{}", if full() { " full" } else { "" });
            view! {
                <SubmitButton
                    pending=action.pending()
                    class=Signal::derive(class)
                    name="rating"
                    value=grade.to_string()
                    label=count(grade.into(), "star", "stars")
                    pressed=Signal::derive(move || own.get() == Some(grade))
                >
                    <Star />
                </SubmitButton>
            }
        })
        .collect_view();
    view! {
        <ActionForm action=action>
            <input type="hidden" name="id" value=shown.id.to_string() />
            <div class="cluster" role="group" aria-label="Your rating">
                <span>"Your rating"</span>
                <span class="rate-stars">{stars}</span>
            </div>
        </ActionForm>
        {move || {
            own.get()
                .map(|_| {
                    view! {
                        <ButtonForm action=action id=shown.id class="button quiet small">
                            "Remove my rating"
                        </ButtonForm>
                    }
                })
        }}
    }
}

/// The ratings.
#[component]
pub(super) fn Rating(shown: Shown) -> impl IntoView {
    let account = use_session().account;
    let action = ServerAction::<RatePicture>::new();
    let error = general_error(form_error(action), &[]);
    let sent = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(input) = action.input().get() {
            sent.set(input.rating);
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(rating)) = action.value().get() {
            shown.detail.update(|detail| detail.rating = rating);
            shown.surroundings.update(|around| around.own_rating = sent.get_untracked());
            // The button that took the rating back goes with it.
            if sent.get_untracked().is_none() {
                focus_soon(first_star);
            }
        }
    });
    let sign_in = format!("/login?next={}", path_segment(&shown.path()));
    view! {
        <section aria-labelledby="rating" class="rating">
            <div class="side-head">
                <h2 id="rating">"Rating"</h2>
            </div>
            <Grades shown=shown />
            <FormNotice error=error />
            <Suspense fallback=|| ()>
                {move || {
                    let sign_in = sign_in.clone();
                    Suspend::new(async move {
                        if matches!(account.await, Ok(Some(_))) {
                            view! { <OwnRating shown=shown action=action /> }.into_any()
                        } else {
                            view! {
                                <p class="muted">
                                    <a href=sign_in>"Sign in"</a>
                                    " to rate it."
                                </p>
                            }
                                .into_any()
                        }
                    })
                }}
            </Suspense>
        </section>
    }
}
