//! Ratings as stars.

use super::text::count;
use crate::model::picture::RatingSummary;
use leptos::prelude::*;

const STAR: &str = "M12 3.2l2.7 5.6 6.1.9-4.4 4.3 1.1 6.1-5.5-2.9-5.5 2.9 1.1-6.1-4.4-4.3 6.1-.9z";

/// The number of all ratings.
pub fn rating_total(rating: &RatingSummary) -> i64 {
    let counts = &rating.rating_count;
    counts.one + counts.two + counts.three + counts.four + counts.five
}

/// One star.
#[component]
pub fn Star(
    /// The class of the drawing.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" class=class aria-hidden="true">
            <path d=STAR fill="currentColor"></path>
        </svg>
    }
}

/// The mean rating as five stars, with the numbers in words.
#[component]
pub fn Stars(
    /// Ratings by all users.
    rating: RatingSummary,
) -> impl IntoView {
    let total = rating_total(&rating);
    match rating.rating_average {
        None => view! { <span class="muted">"Not rated yet"</span> }.into_any(),
        Some(average) => {
            let stars = (1..=5)
                .map(|star| {
                    let full = average + 0.5 >= f64::from(star);
                    view! { <Star class=if full { "star-full" } else { "star-empty" } /> }
                })
                .collect_view();
            view! {
                <span class="cluster">
                    <span class="stars" role="img" aria-label=format!("{average:.1} of 5 stars")>
                        {stars}
                    </span>
                    <span class="muted tabular">{format!("{average:.1} from {}", count(total, "rating", "ratings"))}</span>
                </span>
            }
            .into_any()
        }
    }
}
