//! Errors as whole pages and as parts of pages.

use super::icons::Mark;
use super::parameters::{use_here, use_sign_in};
use crate::model::AppError;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

/// What to tell a person: a heading, a sentence, and whether trying again may help.
fn words(error: &AppError) -> (&'static str, String, bool) {
    let text = error.to_string();
    match error {
        AppError::NotFound(_) => ("There is nothing here", text, false),
        AppError::NotSignedIn(_) => ("Please sign in", text, false),
        AppError::Forbidden(_) => ("You may not do this", text, false),
        AppError::RateLimited { .. } => ("One moment", text, true),
        AppError::Internal { .. } => ("That went wrong", text, true),
        AppError::Unreachable(_) => ("The server does not answer", text, true),
        AppError::Conflict(_) | AppError::Outdated(_) => ("Something has changed meanwhile", text, true),
        _ => ("That does not work", text, false),
    }
}

/// An error in the place of what it kept from being shown.
#[component]
pub fn ErrorView(
    /// What happened.
    error: AppError,
) -> impl IntoView {
    crate::api::set_page_status(&error);
    let (title, detail, again) = words(&error);
    let (here, sign_in_href) = (use_here(), use_sign_in());
    // In a frame of somebody else's page, links open elsewhere.
    let framed = use_location().pathname.with_untracked(|path| path.starts_with("/embed/"));
    let (target, rel) = if framed { (Some("_blank"), Some("noopener external")) } else { (None, None) };
    let sign_in = matches!(error, AppError::NotSignedIn(_));
    view! {
        <div class="empty error-view" role="alert">
            <Mark class="empty-mark" />
            <h1>{title}</h1>
            <p>{super::text::sentence(&detail)}</p>
            <div class="cluster">
                {sign_in
                    .then(|| {
                        view! {
                            <a class="button primary" href=sign_in_href>
                                "Sign in"
                            </a>
                        }
                    })}
                {again
                    .then(|| {
                        view! {
                            <a class="button primary" href=here rel="external">
                                "Try again"
                            </a>
                        }
                    })}
                <a class="button" href="/" target=target rel=rel>
                    "Go to the start page"
                </a>
            </div>
        </div>
    }
}

/// The page for addresses that lead nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Not found" />
        <div class="page page-text">
            <ErrorView error=AppError::NotFound("this address leads to no page; it may be mistyped, or the page is gone".into()) />
        </div>
    }
}
