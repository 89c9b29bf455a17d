//! The line that a reuser puts beside the picture, ready to copy.

use super::Shown;
use crate::model::attribution::{Attribution, Terms};
use crate::model::picture::Original;
use crate::model::{Licence, Picture};
use crate::ui::copy_button::CopyButton;
use crate::ui::licence_badge::short_name;
use leptos::prelude::*;

/// Who made a copy is not who made the picture.
fn attribution_of(picture: &Picture, original: Option<&Original>, known: &[Licence]) -> Attribution {
    let terms = |id: &String| {
        let licence = known.iter().find(|licence| licence.id == *id);
        let url = licence.and_then(|licence| licence.info_url.clone().or_else(|| licence.legalese_url.clone()));
        Terms { name: short_name(id), url }
    };
    Attribution {
        title: picture.display_title(),
        author: original.map_or_else(|| picture.author_name().to_owned(), |original| original.author.clone()),
        source: picture.origin_url.clone().unwrap_or_else(|| {
            original.map_or_else(|| picture.page_url(), |original| picture.page_url_of(original.id))
        }),
        licences: picture.licences.iter().map(terms).collect(),
    }
}

/// The line as text, HTML and Markdown.
#[component]
pub(super) fn Attributions(shown: Shown) -> impl IntoView {
    let metadata = shown.metadata();
    let original = Memo::new(move |_| shown.surroundings.with(|around| around.original.clone()));
    let line = move |form: fn(&Attribution) -> String| {
        Memo::new(move |_| {
            let original = original.get();
            metadata
                .with(|picture| shown.licences.with(|known| form(&attribution_of(picture, original.as_ref(), known))))
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
