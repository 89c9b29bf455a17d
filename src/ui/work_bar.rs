//! How far a project is, as a bar with its parts, and the badge of a state.

use super::text::grouped;
use crate::model::{WorkCounts, WorkState};
use leptos::prelude::*;

/// From what is finished to what is to be done.
const ORDER: [WorkState; 4] = [WorkState::Accepted, WorkState::Done, WorkState::NeedsReview, WorkState::ToDo];

/// What share of `whole` a number is, in percent. What there is at all is never nothing.
fn percent(number: i64, whole: i64) -> i64 {
    match (number, whole) {
        (0, _) | (_, 0) => 0,
        (number, whole) if number == whole => 100,
        (number, whole) => (number * 100 / whole).clamp(1, 99),
    }
}

/// The badge of a state.
#[component]
pub fn StateBadge(
    /// The state.
    state: WorkState,
    /// Whether it is to be done because somebody has sent it back.
    sent_back: bool,
) -> impl IntoView {
    match sent_back {
        true => view! { <span class="badge work-badge state-sent_back">"Sent back"</span> }.into_any(),
        false => {
            view! { <span class=format!("badge work-badge state-{}", state.as_str())>{state.label()}</span> }.into_any()
        }
    }
}

/// The bar with what its parts mean.
#[component]
pub fn WorkProgress(
    /// How many pictures are in which state.
    counts: WorkCounts,
    /// Where those of a state are shown, if anywhere.
    #[prop(optional, into)]
    href: Option<Callback<WorkState, String>>,
) -> impl IntoView {
    let whole = counts.total();
    let parts = ORDER.into_iter().filter(|state| counts.of(*state) > 0).map(|state| {
        let width = format!("flex-grow: {}", counts.of(state));
        view! { <span class=format!("work-part state-{}", state.as_str()) style=width></span> }
    });
    let legend = ORDER.into_iter().map(|state| {
        let number = counts.of(state);
        let words = format!("{} {} ({} %)", grouped(number), state.label().to_lowercase(), percent(number, whole));
        let words = match href.filter(|_| number > 0) {
            Some(href) => view! { <a href=href.run(state)>{words}</a> }.into_any(),
            None => view! { <span>{words}</span> }.into_any(),
        };
        view! {
            <li>
                <span class=format!("work-swatch state-{}", state.as_str()) aria-hidden="true"></span>
                {words}
            </li>
        }
    });
    view! {
        <div class="work-progress">
            <div class="work-bar" aria-hidden="true">
                {parts.collect_view()}
            </div>
            <ul class="work-legend" aria-label="How far it is">
                {legend.collect_view()}
            </ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_rounded_away() {
        assert_eq!(percent(0, 0), 0);
        assert_eq!(percent(1, 1000), 1);
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(1000, 1000), 100);
    }
}
