//! Sending a form with progress. `fetch` cannot tell how much of a body has been sent, so this is the one place that uses
//! the older `XMLHttpRequest`.

use leptos::prelude::*;
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

/// Posts a form. `on_progress` is told the part that has been sent, from 0 to 1; `on_end` is called once. The request that
/// comes back can be aborted.
pub fn post_form(
    path: &str,
    form: &FormData,
    on_progress: Callback<f64>,
    on_end: Callback<Ending>,
) -> Result<XmlHttpRequest, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open("POST", path)?;
    request.set_request_header("Accept", "application/json")?;

    // Whoever asked may be gone.
    let end = move |ending| {
        on_end.try_run(ending);
    };
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            on_progress.try_run(event.loaded() / event.total());
        }
    });
    request.upload()?.set_onprogress(Some(progress.into_js_value().unchecked_ref()));

    let loaded = request.clone();
    listen(&request, "load", move || {
        let status = loaded.status().unwrap_or(0);
        let body = loaded.response_text().ok().flatten().unwrap_or_default();
        end(Ending::Answered { status, body });
    })?;
    listen(&request, "error", move || end(Ending::Lost))?;
    listen(&request, "timeout", move || end(Ending::Lost))?;
    listen(&request, "abort", move || end(Ending::Cancelled))?;
    request.send_with_opt_form_data(Some(form))?;
    Ok(request)
}

/// The browser frees the closure together with the request.
fn listen(request: &XmlHttpRequest, event: &str, run: impl FnMut() + 'static) -> Result<(), JsValue> {
    let closure = Closure::<dyn FnMut()>::new(run);
    request.add_event_listener_with_callback(event, closure.into_js_value().unchecked_ref())
}
