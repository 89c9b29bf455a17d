//! What pages show while they wait, and when what they wait for does not come.

use super::error_view::ErrorView;
use crate::api::set_page_status;
use crate::model::AppError;
use leptos::prelude::*;
use leptos_meta::Title;

/// A page that could not be loaded: the error in the place of the page, and its status as the page's.
pub fn failed(error: AppError) -> AnyView {
    set_page_status(&error);
    let title = if error.status() == 404 { "Not found" } else { "Error" };
    view! {
        <Title text=title />
        <div class="page page-text">
            <ErrorView error=error />
        </div>
    }
    .into_any()
}

/// Stands where a page will be.
#[component]
pub fn Loading() -> impl IntoView {
    view! {
        <div class="page" role="status" aria-label="Loading">
            <div class="skeleton skeleton-title"></div>
            <div class="skeleton-grid">
                {(0..8).map(|_| view! { <div class="skeleton"></div> }).collect_view()}
            </div>
        </div>
    }
}
