//! The line that a reuser puts beside the picture, ready to copy.

use super::Shown;
use crate::model::attribution::Attribution;
use crate::ui::copy_button::CopyButton;
use leptos::prelude::*;

/// The line as text, HTML and Markdown.
#[component]
pub(super) fn Attributions(shown: Shown) -> impl IntoView {
    let metadata = shown.metadata();
    let original = Memo::new(move |_| shown.surroundings.with(|around| around.original.clone()));
    let line = move |form: fn(&Attribution) -> String| {
        Memo::new(move |_| {
            let original = original.get();
            metadata.with(|picture| {
                shown.licences.with_value(|known| form(&Attribution::of(picture, original.as_ref(), known)))
            })
        })
    };
    let text = line(Attribution::text);
    let markup = [("HTML", line(Attribution::html)), ("Markdown", line(Attribution::markdown))].map(|(name, line)| {
        view! {
            <details class="attribution-markup">
                <summary>{name}</summary>
                <div class="attribution-line">
                    <p class="attribution">
                        <code>{move || line.get()}</code>
                    </p>
                    <CopyButton what="The attribution" name=format!("Copy as {name}") text=line />
                </div>
            </details>
        }
    });
    view! {
        <section aria-labelledby="attribution">
            <div class="side-head">
                <h2 id="attribution">"Attribution"</h2>
                <CopyButton what="The attribution" name="Copy as text" text=text />
            </div>
            <p class="attribution">{move || text.get()}</p>
            {markup.into_iter().collect_view()}
        </section>
    }
}
