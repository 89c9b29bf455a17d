//! HTML shell, route table, error page.

use crate::api::document_title;
use crate::pages::pieces::Place;
use crate::ui::error_view::NotFoundPage;
use crate::ui::layout::Layout;
use crate::ui::session::provide_session;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;

/// The HTML document around the application. The paths are those of the front end; without them the page works without
/// a script.
pub fn shell(css: Option<String>, js: Option<String>, wasm: Option<String>, reload_port: Option<u16>) -> impl IntoView {
    // The script and the WebAssembly are fetched side by side, and early. The attribute tells scripts outside, such as the
    // browser tests, that the page answers from now on.
    let start = js.clone().zip(wasm.clone()).map(|(js, wasm)| {
        format!(
            "import start, {{ hydrate }} from \"{js}\"; await start({{ module_or_path: \"{wasm}\" }}); await hydrate(); \
             document.documentElement.dataset.hydrated = \"\";"
        )
    });
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {css.map(|css| view! { <link rel="stylesheet" href=css /> })}
                <script src="/theme.js"></script>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {js.map(|js| view! { <link rel="modulepreload" href=js /> })}
                {wasm
                    .map(|wasm| {
                        view! { <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }
                    })}
                {start.map(|start| view! { <script type="module" nonce=use_nonce() inner_html=start></script> })}
                {reload_port
                    .map(|port| view! { <script src=format!("http://127.0.0.1:{port}/reload.js") defer></script> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The application: the part of the document that server and browser both render.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let title = |text: String| {
        document_title(if text.is_empty() { "Ocellus".to_owned() } else { format!("{text} – Ocellus") })
    };
    view! {
        <Title formatter=title />
        <Router>
            <Places />
        </Router>
    }
}

/// Every page's address. The session is made here, inside the router, because it reads from the address what a form without
/// JavaScript was refused for.
#[component]
fn Places() -> impl IntoView {
    provide_session();
    // What other sites show in a frame has no header and no menus, and no way to the other pages within the frame.
    if use_location().pathname.with_untracked(|path| path.starts_with("/embed/")) {
        return view! {
            <main class="site-main" id="main">
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/embed/gallery/:id") view=Place::Embed />
                </FlatRoutes>
            </main>
        }
        .into_any();
    }
    view! {
        <Layout>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=Place::Home />
                <Route path=path!("/picture/:id") view=Place::Picture />
                <Route path=path!("/query") view=Place::Query />
                <Route path=path!("/queries") view=Place::SavedQueries />
                <Route path=path!("/upload") view=Place::Upload />
                <Route path=path!("/objects") view=Place::Objects />
                <Route path=path!("/objects/import") view=Place::ImportObjects />
                <Route path=path!("/object/:name") view=Place::Object />
                <Route path=path!("/galleries") view=Place::Galleries />
                <Route path=path!("/galleries/new") view=Place::NewGallery />
                <Route path=path!("/gallery/:id") view=Place::Gallery />
                <Route path=path!("/gallery/:id/slideshow") view=Place::Slideshow />
                <Route path=path!("/datasets") view=Place::Datasets />
                <Route path=path!("/datasets/new") view=Place::NewDataset />
                <Route path=path!("/projects") view=Place::Projects />
                <Route path=path!("/projects/new") view=Place::NewProject />
                <Route path=path!("/project/:id") view=Place::Project />
                <Route path=path!("/storage-sites") view=Place::StorageSites />
                <Route path=path!("/storage-sites/new") view=Place::NewStorageSite />
                <Route path=path!("/storage-sites/:id") view=Place::StorageSite />
                <Route path=path!("/namespaces") view=Place::Namespaces />
                <Route path=path!("/namespaces/new") view=Place::NewNamespace />
                <Route path=path!("/namespace/:name") view=Place::Namespace />
                <Route path=path!("/licences") view=Place::Licences />
                <Route path=path!("/licence/:id") view=Place::Licence />
                <Route path=path!("/natures") view=Place::Natures />
                <Route path=path!("/nature/:id") view=Place::Nature />
                <Route path=path!("/user/:name") view=Place::User />
                <Route path=path!("/user/:name/contributions") view=Place::Contributions />
                <Route path=path!("/login") view=Place::Login />
                <Route path=path!("/register") view=Place::Register />
                <Route path=path!("/setup") view=Place::FirstAccount />
                <Route path=path!("/account") view=Place::Account />
                <Route path=path!("/account/password") view=Place::AccountPassword />
                <Route path=path!("/account/token") view=Place::AccountToken />
                <Route path=path!("/account/close") view=Place::AccountClose />
                <Route path=path!("/reset") view=Place::Reset />
                <Route path=path!("/administration") view=Place::Administration />
                <Route path=path!("/administration/log") view=Place::AdministrationLog />
                <Route path=path!("/administration/user/:name") view=Place::AdministrationUser />
                <Route path=path!("/administration/user/:name/reset-link") view=Place::AdministrationResetLink />
                <Route path=path!("/export") view=Place::Export />
                <Route path=path!("/import") view=Place::Import />
                <Route path=path!("/jobs") view=Place::Jobs />
                <Route path=path!("/job/:id") view=Place::Job />
                <Route path=path!("/help") view=Place::Help />
                <Route path=path!("/picture/:id/annotate") view=Place::Annotate />
                <Route path=path!("/picture/:id/replace") view=Place::Replace />
                // What has no page of its own may be the name of a namespace.
                <Route path=path!("/:name") view=Place::Namespace />
                // No namespace with datasets is called like any of the above (`model::dataset::RESERVED_NAMES`).
                <Route path=path!("/:namespace/:name") view=Place::Dataset />
            </FlatRoutes>
        </Layout>
    }
    .into_any()
}
