//! The frame of every page: skip link, header, main part, footer, toasts.

use super::icons::{Glyph, Icon, Mark};
use super::key_listener::on_key_down;
use super::left_work::{LeftNotice, provide_left_work};
use super::parameters::use_sign_in;
use super::session::use_session;
use super::toast::{ToastHost, provide_toasts};
use crate::model::{Account, dataset::is_reserved, text::path_segment};
use leptos::ev;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Where the header leads.
const PLACES: [(&str, &str); 8] = [
    ("/", "Pictures"),
    ("/query", "Query"),
    ("/upload", "Upload"),
    ("/objects", "Objects"),
    ("/datasets", "Datasets"),
    ("/galleries", "Galleries"),
    ("/licences", "Licences"),
    ("/help", "Help"),
];

/// Whether the page at `path` belongs to the place at `href`.
fn belongs(path: &str, href: &str) -> bool {
    let in_namespace = || {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        !first.is_empty() && !is_reserved(first)
    };
    let singular = match href {
        "/" => return path == "/" || path.starts_with("/picture/"),
        "/objects" => "/object/",
        "/galleries" => "/gallery/",
        "/datasets" if in_namespace() => return true,
        "/datasets" => "/namespace",
        "/licences" => "/licence/",
        "/query" => "/queries",
        _ => "/-",
    };
    path == href || path.starts_with(singular) || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'))
}

/// All open menus.
pub(super) const OPEN_MENUS: &str = "details.menu[open]";
/// Those that close when the page changes. The others change it themselves, again and again.
const PASSING_MENUS: &str = "details.menu[open]:not([data-stays])";

/// Closes every open menu of these but those around `inside`. Gives back whether one was closed, and moves the focus to its
/// button where `refocus` says so.
pub(super) fn close_menus(which: &str, inside: Option<&Element>, refocus: bool) -> bool {
    let mut closed = false;
    let Ok(menus) = document().query_selector_all(which) else { return closed };
    for index in 0..menus.length() {
        let Some(menu) = menus.item(index).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        if inside.is_some_and(|element| menu.contains(Some(element))) {
            continue;
        }
        // Removing an attribute that is there cannot fail.
        let _ = menu.remove_attribute("open");
        closed = true;
        if refocus && let Ok(Some(summary)) = menu.query_selector("summary") {
            let _ = summary.unchecked_into::<HtmlElement>().focus();
        }
    }
    closed
}

/// Menus open by themselves (`<details>`); this closes them on a click elsewhere, on Escape, and when the page changes.
fn tend_menus() {
    let location = use_location();
    Effect::new(move |earlier: Option<()>| {
        location.pathname.track();
        location.search.track();
        if earlier.is_some() {
            close_menus(PASSING_MENUS, None, false);
        }
    });
    Effect::new(|_| {
        let clicks = window_event_listener(ev::click, |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            close_menus(OPEN_MENUS, target.as_ref(), false);
        });
        let keys = on_key_down(|event| {
            if event.key() == "Escape" && close_menus(OPEN_MENUS, None, true) {
                // The key has done its work: what else listens to it leaves it alone.
                event.prevent_default();
            }
        });
        on_cleanup(move || {
            clicks.remove();
            keys.remove();
        });
    });
}

#[component]
fn Places(label: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let links = PLACES
        .into_iter()
        .map(|(href, name)| {
            let current = move || path.with(|path| belongs(path, href).then_some("page"));
            view! {
                <li>
                    <a class="nav-link" href=href aria-current=current>
                        {name}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav aria-label=label>
            <ul class="nav-list">{links}</ul>
        </nav>
    }
}

#[component]
fn AccountMenu(account: Account) -> impl IntoView {
    let session = use_session();
    view! {
        <details class="menu account-menu">
            <summary class="nav-link" aria-label=format!("Account: {}", account.username)>
                <Icon glyph=Glyph::User />
                <span class="account-name">{account.username.clone()}</span>
            </summary>
            <div class="menu-panel">
                <p class="menu-note">
                    {if account.admin { "Signed in as an administrator" } else { "Signed in" }}
                </p>
                <a class="nav-link" href=format!("/user/{}", path_segment(&account.username))>
                    "Your pictures"
                </a>
                <a class="nav-link" href="/jobs">
                    "Jobs"
                </a>
                <a class="nav-link" href="/account">
                    "Account"
                </a>
                {account
                    .admin
                    .then(|| {
                        view! {
                            <a class="nav-link" href="/administration">
                                "Administration"
                            </a>
                        }
                    })}
                <hr />
                <ActionForm action=session.logout>
                    <button class="nav-link" type="submit">
                        "Sign out"
                    </button>
                </ActionForm>
            </div>
        </details>
    }
}

#[component]
fn SignInLinks() -> impl IntoView {
    view! {
        <a class="nav-link" href=use_sign_in()>
            "Sign in"
        </a>
    }
}

#[component]
fn AccountArea() -> impl IntoView {
    let account = use_session().account;
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match account.await {
                    Ok(Some(account)) => view! { <AccountMenu account=account /> }.into_any(),
                    _ => view! { <SignInLinks /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The frame of every page. The pages' content goes into its `<main>`.
#[component]
pub fn Layout(
    /// The page: usually the router's `<Routes>`.
    children: Children,
) -> impl IntoView {
    let toasts = provide_toasts();
    let left = provide_left_work();
    tend_menus();
    view! {
        <a class="skip-link" href="#main">
            "Skip to the content"
        </a>
        <header class="site-header">
            <div class="site-header-inner">
                <a class="brand" href="/" aria-label="Ocellus, start page">
                    <Mark />
                    <span>"Ocellus"</span>
                </a>
                <div class="site-nav">
                    <Places label="Main" />
                </div>
                <div class="header-tools">
                    <button
                        class="icon-button theme-switch"
                        type="button"
                        data-theme-switch=""
                        aria-label="Switch between light and dark"
                    >
                        <Icon glyph=Glyph::Sun class="icon-sun" />
                        <Icon glyph=Glyph::Moon class="icon-moon" />
                    </button>
                    <AccountArea />
                    <details class="menu site-menu">
                        <summary class="icon-button" aria-label="Menu">
                            <Icon glyph=Glyph::Menu />
                        </summary>
                        <div class="menu-panel">
                            <Places label="Menu" />
                        </div>
                    </details>
                </div>
            </div>
        </header>
        <main class="site-main" id="main" tabindex="-1">
            {children()}
        </main>
        <footer class="site-footer">
            <div class="site-footer-inner">
                <p>"Ocellus keeps image datasets: annotated, searchable, and with the licences in order."</p>
                <ul class="footer-links">
                    <li>
                        <a href="/help">"Help"</a>
                    </li>
                    <li>
                        <a href="/licences">"Licences"</a>
                    </li>
                    <li>
                        <a href="/api/docs" rel="external">
                            "API"
                        </a>
                    </li>
                </ul>
            </div>
        </footer>
        <LeftNotice left=left />
        <ToastHost toasts=toasts />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_place_of_a_page() {
        assert!(belongs("/", "/"));
        assert!(belongs("/picture/3", "/"));
        assert!(belongs("/object/Cat", "/objects"));
        for path in ["/datasets/new", "/namespaces", "/namespace/ada", "/ada", "/ada/birds"] {
            assert!(PLACES.iter().all(|(href, _)| belongs(path, href) == (*href == "/datasets")), "{path}");
        }
        for path in ["/account/token", "/administration", "/user/ada", "/storage-sites/3"] {
            assert!(!belongs(path, "/datasets"), "{path}");
        }
        assert!(belongs("/namespace/bird-lab", "/datasets"));
        assert!(!belongs("/objects", "/"));
        assert!(!belongs("/query", "/objects"));
    }
}
