//! Ocellus: a web platform for image datasets.
//!
//! One crate holds the front end and the back end. Dependencies between its modules point one way:
//!
//! ```text
//! pages → ui → editor → geometry → model
//! pages → api → server → query → model
//!                server → formats → query
//! ```
//!
//! Start reading at [`model`], which says what the words mean; `ARCHITECTURE.md` is the map.

#![warn(missing_docs)]
#![recursion_limit = "512"]

#[cfg(all(any(feature = "ssr", feature = "hydrate"), not(erase_components)))]
compile_error!(
    "build with `--cfg erase_components`, as .cargo/config.toml says: the server and the front end have to agree on it. The \
     variable RUSTFLAGS replaces what stands there; add the flag to it."
);

/// What the words mean: plain serde types and their validation; no IO.
pub mod model;

/// Plane geometry: points, bounds, hit tests, transforms; no IO.
pub mod geometry;

/// The annotation editor as a state machine; no browser, no Leptos.
pub mod editor;

/// The query language: text, tree, checking; no database.
pub mod query;

/// File formats: reading and writing them; no database.
#[cfg(feature = "ssr")]
pub mod formats;

/// Server functions: every operation of the platform, once.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod api;

/// HTML shell, route table, error page.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod app;

/// One file per route.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod pages;

/// Components that pages share.
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod ui;

/// Everything that touches the world: database, files, network.
#[cfg(feature = "ssr")]
pub mod server;

/// Takes over the page that the server rendered. The browser calls it once, when the WebAssembly has loaded; it resolves when
/// the page answers, which for some pages takes another piece of the front end (see [`pages::pieces`]).
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_from_async(leptos::prelude::document().body().expect("a body"), app::App).await.forget();
}
