//! A part of a long list of pictures, as several pages show it.

use crate::model::{Page, PictureCard};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::picture_grid::PictureGrid;
use crate::ui::queue_address::QueueAddress;
use crate::ui::text::count;
use leptos::prelude::*;

/// How many there are, the pictures, and the way to the others.
#[component]
pub fn PictureList(
    /// The part to show.
    pictures: Page<PictureCard>,
    /// The page's address up to the number of the offset.
    #[prop(into)]
    base: String,
    /// What to say where there are none.
    empty: &'static str,
    /// The row in which the pictures can be annotated one after the other, where there is one.
    #[prop(optional)]
    row: Option<QueueAddress>,
) -> impl IntoView {
    if pictures.total == 0 {
        return view! {
            <Empty title="No pictures">
                <p>{empty}</p>
            </Empty>
        }
        .into_any();
    }
    let grid = match row {
        Some(row) => view! { <PictureGrid pictures=pictures.items row=row /> }.into_any(),
        None => view! { <PictureGrid pictures=pictures.items /> }.into_any(),
    };
    view! {
        <section aria-labelledby="pictures">
            <div class="section-head">
                <h2 id="pictures">{count(pictures.total, "picture", "pictures")}</h2>
            </div>
            {grid}
            <Pagination total=pictures.total offset=pictures.offset limit=pictures.limit base=base />
        </section>
    }
    .into_any()
}
