//! Sending with progress. `fetch` cannot tell how much of a body has been sent, so this is the one place that uses
//! the older `XMLHttpRequest`.

use crate::model::AppError;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, ProgressEvent, XmlHttpRequest};

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// There was no answer.
    Lost,
    /// It was cancelled here.
    Cancelled,
}

/// Why the server would not have something, by its answer.
pub fn refusal(status: u16, body: &str) -> AppError {
    serde_json::from_str(body).unwrap_or_else(|_| match status {
        413 => AppError::TooLarge("the file is larger than this site allows".to_owned()),
        _ => AppError::Unreachable(format!("the server answered with status {status}; try again")),
    })
}

/// Begins a request. Nothing of it leaves before it is sent.
pub fn request(method: &str, path: &str) -> Result<XmlHttpRequest, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open(method, path)?;
    request.set_request_header("Accept", "application/json")?;
    Ok(request)
}

/// Posts a form. `on_progress` is told the part that has been sent, from 0 to 1; `on_end` is called once. The request that
/// comes back can be aborted.
pub fn post_form(
    path: &str,
    form: &FormData,
    on_progress: Callback<f64>,
    on_end: Callback<Ending>,
) -> Result<XmlHttpRequest, JsValue> {
    let request = request("POST", path)?;
    // Whoever asked may be gone.
    watch_progress(&request, move |part| {
        on_progress.try_run(part);
    })?;
    watch_end(&request, move |ending| {
        on_end.try_run(ending);
    })?;
    request.send_with_opt_form_data(Some(form))?;
    Ok(request)
}

/// Tells the part of a request's body that has been sent, from 0 to 1, again and again.
pub fn watch_progress(request: &XmlHttpRequest, on_progress: impl Fn(f64) + 'static) -> Result<(), JsValue> {
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            on_progress(event.loaded() / event.total());
        }
    });
    request.upload()?.set_onprogress(Some(progress.into_js_value().unchecked_ref()));
    Ok(())
}

/// Tells once how a request has ended.
pub fn watch_end(request: &XmlHttpRequest, on_end: impl Fn(Ending) + 'static) -> Result<(), JsValue> {
    let on_end = Rc::new(on_end);
    let (loaded, end) = (request.clone(), on_end.clone());
    listen(request, "load", move || {
        let status = loaded.status().unwrap_or(0);
        let body = loaded.response_text().ok().flatten().unwrap_or_default();
        end(Ending::Answered { status, body });
    })?;
    for (event, ending) in [("error", Ending::Lost), ("timeout", Ending::Lost), ("abort", Ending::Cancelled)] {
        let end = on_end.clone();
        listen(request, event, move || end(ending.clone()))?;
    }
    Ok(())
}

/// The browser frees the closure together with the request.
fn listen(request: &XmlHttpRequest, event: &str, run: impl FnMut() + 'static) -> Result<(), JsValue> {
    let closure = Closure::<dyn FnMut()>::new(run);
    request.add_event_listener_with_callback(event, closure.into_js_value().unchecked_ref())
}
