//! Server functions: every operation of the platform, once.
//!
//! A function learns who is asking, checks arguments and rights, calls one function of the server, and gives back a type
//! of the model or an [`AppError`]. The pages call it over the wire under `/fn/`; the public JSON API calls the very
//! same function from its route table (`server/routes.rs`), so that the two cannot drift apart. The upload is the one
//! operation whose body is streamed, and therefore a route only (`server/upload.rs`).

// The macro makes a structure of each function, with the arguments as its undocumented fields.
#![allow(missing_docs)]

pub mod account;
pub mod accounts;
pub mod administration;
pub mod bulk;
pub mod datasets;
pub mod editor_settings;
pub mod exports;
pub mod flow;
pub mod galleries;
pub mod imports;
pub mod jobs;
pub mod json;
pub mod namespaces;
pub mod objects;
pub mod password_reset;
pub mod pictures;
pub mod projects;
pub mod queries;
pub mod reference;
pub mod regions;
pub mod saved_queries;
pub mod storage_sites;
pub mod users;
pub mod version_forms;
pub mod versions;

use crate::model::AppError;
use json::JsonText;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

impl FromServerFnError for AppError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // The server reads arguments, the browser reads answers.
            ServerFnErrorErr::Args(detail)
            | ServerFnErrorErr::MissingArg(detail)
            | ServerFnErrorErr::Deserialization(detail)
                if cfg!(feature = "ssr") =>
            {
                Self::invalid(format!("the arguments do not fit: {detail}"))
            }
            ServerFnErrorErr::Request(_) => {
                Self::Unreachable("The server could not be reached. Check the connection and try again.".into())
            }
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => {
                Self::Unreachable("The server's answer was not understood. Reload the page and try again.".into())
            }
            _ => Self::Internal { request_id: String::new() },
        }
    }
}

/// Where a form leads when it has done its work. A program that called the JSON API is led nowhere.
#[cfg(feature = "ssr")]
fn lead_to(path: &str) {
    if leptos::prelude::use_context::<leptos_axum::ResponseOptions>().is_some() {
        leptos_axum::redirect(path);
    }
}

/// Where a form leads that was sent without JavaScript. One that was sent with it stays, and shows what it did.
#[cfg(feature = "ssr")]
fn lead_without_script(path: &str) {
    let accepts_pages = leptos::prelude::use_context::<axum::http::request::Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(axum::http::header::ACCEPT).and_then(|accept| accept.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    });
    if accepts_pages {
        lead_to(path);
    }
}

/// A page's title as the document's head takes it. The server writes it into HTML as it is, so that it has to be escaped
/// there; the browser sets it as text.
pub fn document_title(text: String) -> String {
    if cfg!(feature = "ssr") { text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { text }
}

/// Gives the page that is being rendered the HTTP status of an error. In the browser it does nothing.
pub fn set_page_status(error: &AppError) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) = (
        leptos::prelude::use_context::<leptos_axum::ResponseOptions>(),
        axum::http::StatusCode::from_u16(error.status()),
    ) {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = error;
}

/// What a form began with, as its hidden field `before` says (`ui::form::Beginning`); nothing where it says nothing.
#[cfg(feature = "ssr")]
fn began_with<T: serde::de::DeserializeOwned>(before: &str) -> Result<Option<T>, AppError> {
    let read =
        |text| serde_json::from_str(text).map_err(|_| AppError::field("before", "cannot be read; load the page again"));
    Some(before).filter(|text| !text.is_empty()).map(read).transpose()
}

/// What a form sends, unless it began with the same: then it stays as it is by now.
#[cfg(feature = "ssr")]
fn changed<T: PartialEq>(sent: T, before: Option<T>) -> Option<T> {
    Some(sent).filter(|sent| before.as_ref() != Some(sent))
}

/// The pictures of a part of a list, with all that is known of them.
#[cfg(feature = "ssr")]
async fn whole_pictures(
    context: &crate::server::context::RequestContext,
    found: crate::model::Page<i64>,
) -> Result<crate::model::Page<crate::model::Picture>, AppError> {
    let (db, viewer, urls) = (&context.state.db, &context.viewer, &context.state.urls);
    let pictures = crate::server::store::pictures::by_ids(db, viewer, &found.items, urls).await?;
    Ok(found.with(pictures))
}

/// The pictures of a part of a list, as cards.
#[cfg(feature = "ssr")]
async fn cards(
    context: &crate::server::context::RequestContext,
    found: crate::model::Page<i64>,
) -> Result<crate::model::Page<crate::model::PictureCard>, AppError> {
    let (db, viewer, urls) = (&context.state.db, &context.viewer, &context.state.urls);
    let cards = crate::server::store::pictures::cards(db, viewer, &found.items, urls).await?;
    Ok(found.with(cards))
}
