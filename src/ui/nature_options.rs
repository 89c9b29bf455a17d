//! Choosing a nature.

use super::text::spelled_out;
use crate::model::Nature;
use leptos::prelude::*;

/// All natures as the options of a `select`.
#[component]
pub fn NatureOptions(
    /// Every nature.
    natures: Vec<Nature>,
    /// Id of the one that is chosen.
    #[prop(into)]
    chosen: Signal<String>,
) -> impl IntoView {
    natures
        .into_iter()
        .map(|nature| {
            let (name, value) = (spelled_out(&nature.id), nature.id.clone());
            view! {
                <option value=value selected=move || chosen.with(|chosen| *chosen == nature.id)>
                    {name}
                </option>
            }
        })
        .collect_view()
}
