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

/// What has been loaded, once it is there, or why it is not. What it shows stays while something newer comes.
#[component]
pub fn Loaded<T>(
    /// What comes.
    from: Resource<Result<T, AppError>>,
    /// How it is shown.
    show: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    view! {
        <Transition fallback=Loading>
            {move || {
                let show = show.clone();
                Suspend::new(async move {
                    match from.await {
                        Ok(loaded) => show(loaded),
                        Err(error) => failed(error),
                    }
                })
            }}
        </Transition>
    }
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
