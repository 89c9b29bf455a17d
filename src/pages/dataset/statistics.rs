//! What the pictures of a dataset are like, in the plots that the query page shows of the query that finds them.

use super::query_of;
use crate::model::{DatasetDetail, Statistics};
use crate::ui::notice::{Empty, Notice, Tone};
use crate::ui::query_address::{QueryAddress, View};
use crate::ui::query_statistics::{Answer, plots_piece};
use leptos::prelude::*;

/// The plots, whose links lead to the query page.
#[component]
pub(super) fn Plots(detail: DatasetDetail, answer: Answer) -> impl IntoView {
    if let Ok(Statistics { total: 0, .. }) = answer {
        return view! {
            <Empty title="Nothing to count">
                <p>"As soon as there are pictures here, plots show what they are like."</p>
            </Empty>
        }
        .into_any();
    }
    let address = QueryAddress { view: View::Statistics, ..query_of(&detail) };
    Suspend::new(async move {
        match plots_piece(Signal::stored(address), Some(answer)).await {
            Ok(plots) => plots,
            Err(_) => {
                view! { <Notice tone=Tone::Danger><p>"The plots could not be loaded. Reload the page."</p></Notice> }
                    .into_any()
            }
        }
    })
    .into_any()
}
