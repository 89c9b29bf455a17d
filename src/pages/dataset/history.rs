//! The history of a dataset: its commits, and the versions that have names.

use super::downloads::Commands;
use super::scene::{Scene, called, short, title_of};
use super::state::StateChoice;
use crate::api::version_forms::NameVersion;
use crate::model::version::{MAX_MESSAGE, MAX_TAG_NAME};
use crate::model::{ArchiveKind, Commit, Page, Role, VersionTag};
use crate::ui::field::{TextArea, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error, on_success};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::text::count;
use crate::ui::time::Moment;
use leptos::html::Details;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlFormElement;

/// So many commits are shown at once.
pub(super) const COMMITS: i64 = 50;
/// So many versions are shown and can be chosen.
pub(super) const VERSIONS: i64 = 1000;

/// Who made something, as far as anybody knows: a name that came with a push may look like anybody's.
pub(super) fn author_of(author: String, known: bool) -> String {
    if known { author } else { format!("{author} (not an account here)") }
}

/// A commit in a list of them.
#[component]
pub(super) fn CommitEntry(
    scene: Scene,
    commit: Commit,
    #[prop(optional)] names: Vec<String>,
    buttons: AnyView,
) -> impl IntoView {
    let href = scene.commit(&commit.id);
    let names = names.into_iter().map(|name| {
        view! { <span class="badge version-badge">{name}</span> }
    });
    let names = names.collect_view();
    view! {
        <li class="commit">
            <div class="commit-text">
                <p>
                    <a href=href>{title_of(&commit.message).to_owned()}</a>
                    " "
                    {names}
                </p>
                <p class="field-hint">
                    {author_of(commit.author, commit.author_known)} ", " <Moment unix=commit.at /> ", "
                    <code>{short(&commit.id)}</code>
                </p>
            </div>
            <div class="cluster">{buttons}</div>
        </li>
    }
}

#[component]
fn Version(scene: Scene, version: VersionTag, next: Option<String>) -> impl IntoView {
    let VersionTag { name, message, author, author_known, at, .. } = version;
    let of = scene.at(&name);
    let compare = scene.view("compare", &[("from", &name), ("to", next.as_deref().unwrap_or_default())]);
    let by = if author.is_empty() { String::new() } else { format!("{}, ", author_of(author, author_known)) };
    let what = match &next {
        Some(next) => format!("Compare {name} with {next}"),
        None => format!("Compare {name} with the newest state"),
    };
    view! {
        <li class="commit">
            <div class="commit-text">
                <p>
                    <a href=scene.commit(&name)>
                        <strong>{name.clone()}</strong>
                    </a>
                </p>
                {(!message.is_empty()).then(|| view! { <p class="version-message">{message}</p> })}
                <p class="field-hint">{by} <Moment unix=at /></p>
            </div>
            <div class="cluster">
                <a class="button small quiet" href=of.folder("") aria-label=format!("Files of {name}")>
                    "Files"
                </a>
                <a class="button small quiet" href=compare aria-label=what>
                    "Compare"
                </a>
                <a
                    class="button small quiet"
                    href=of.archive("", "files", ArchiveKind::Zip)
                    download=""
                    rel="external"
                    aria-label=format!("Download {name} as ZIP")
                >
                    "ZIP"
                </a>
                <a class="button small quiet" href=of.export() aria-label=format!("Export {name}")>
                    "Export"
                </a>
            </div>
        </li>
    }
}

/// The form that gives a state a name, folded away.
#[component]
pub(super) fn NameForm(
    scene: Scene,
    reference: String,
    name: ServerAction<NameVersion>,
    words: &'static str,
) -> impl IntoView {
    let error = form_error(name);
    let folded = NodeRef::<Details>::new();
    // What was typed for another state, or has been sent, is not for the next one.
    let empty = move || {
        let Some(folded) = folded.get_untracked() else { return };
        if let Some(form) = folded.query_selector("form").ok().flatten().and_then(|form| form.dyn_into().ok()) {
            HtmlFormElement::reset(&form);
        }
        folded.set_open(false);
    };
    on_success(name, empty);
    Effect::new(move |_| {
        if folded.get().is_some() && error.with_untracked(Option::is_none) {
            empty();
        }
    });
    let which = match reference.as_str() {
        "" => "the newest state".to_owned(),
        reference => called(reference),
    };
    view! {
        <details class="name-version" node_ref=folded open=move || error.with(Option::is_some)>
            <summary>{words}</summary>
            <Form action=name submit="Name the version" fields=&["name", "message"]>
                <input type="hidden" name="dataset" value=scene.dataset.id.to_string() />
                <input type="hidden" name="reference" value=reference />
                <TextField
                    label="Name"
                    name="name"
                    required=true
                    verbatim=true
                    max_length=MAX_TAG_NAME
                    hint=format!("Such as v1.0: for {which}, and for good.")
                    error=field_error(error, "name")
                />
                <TextArea
                    label="What is new"
                    name="message"
                    rows=3
                    max_length=MAX_MESSAGE
                    error=field_error(error, "message")
                />
            </Form>
        </details>
    }
}

/// The form that compares two states: the newest, those with names, and the ones that are compared now.
#[component]
pub(super) fn CompareForm(scene: Scene, from: String, to: String, versions: Vec<VersionTag>) -> impl IntoView {
    let names: Vec<String> = versions.into_iter().map(|version| version.name).collect();
    view! {
        <form class="form" method="get" action=crate::pages::datasets::dataset_href(&scene.dataset)>
            <input type="hidden" name="view" value="compare" />
            <StateChoice name="from" label="From" chosen=from versions=names.clone() />
            <StateChoice name="to" label="To" chosen=to versions=names />
            <div class="form-actions">
                <button class="button" type="submit">
                    <Icon glyph=Glyph::Swap />
                    "Compare"
                </button>
            </div>
        </form>
    }
}

/// The commits and the versions.
#[component]
pub(super) fn HistoryPage(
    scene: Scene,
    commits: Page<Commit>,
    versions: Vec<VersionTag>,
    name: ServerAction<NameVersion>,
) -> impl IntoView {
    let Page { items, total, offset, limit } = commits;
    if total == 0 {
        return view! {
            <Empty title="No history yet">
                <p>"Every change to the files of the dataset will be listed here."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = items.into_iter().map(|commit| {
        let names = versions.iter().filter(|version| version.commit == commit.id);
        let names: Vec<String> = names.map(|version| version.name.clone()).collect();
        let files = scene.at(&commit.id).folder("");
        let label = format!("Files of {}", short(&commit.id));
        let compare = scene.view("compare", &[("from", &commit.id)]);
        let is_newest = scene.dataset.head.as_ref() == Some(&commit.id);
        let buttons = view! {
            {(!is_newest)
                .then(|| {
                    view! {
                        <a
                            class="button small quiet"
                            href=compare
                            aria-label=format!("Compare {} with the newest state", short(&commit.id))
                        >
                            "Compare"
                        </a>
                    }
                })}
            <a class="button small quiet" href=files aria-label=label>
                "Files"
            </a>
        };
        view! { <CommitEntry scene=scene.clone() commit=commit names=names buttons=buttons.into_any() /> }
    });
    let rows = rows.collect_view();
    let newer: Vec<Option<String>> =
        std::iter::once(None).chain(versions.iter().map(|version| Some(version.name.clone()))).collect();
    let named = versions.iter().cloned().zip(newer).map(|(version, next)| {
        view! { <Version scene=scene.clone() version=version next=next /> }
    });
    let named = named.collect_view();
    let list = if versions.is_empty() {
        view! { <p class="muted">"No state has a name yet."</p> }.into_any()
    } else {
        view! {
            <ol class="commits" aria-label="Versions">
                {named}
            </ol>
        }
        .into_any()
    };
    let names = (scene.dataset.role >= Some(Role::Maintainer)).then(|| {
        view! {
            <NameForm scene=scene.clone() reference=String::new() name=name words="Name the newest state" />
        }
    });
    let compares = (!versions.is_empty()).then(|| {
        view! {
            <section class="card stack" aria-labelledby="compare">
                <h3 id="compare">"Compare"</h3>
                <CompareForm
                    scene=scene.clone()
                    from=versions.first().map(|version| version.name.clone()).unwrap_or_default()
                    to=String::new()
                    versions=versions.clone()
                />
            </section>
        }
    });
    view! {
        <div class="with-side">
            <section class="stack" aria-labelledby="history">
                <h2 id="history">{count(total, "commit", "commits")}</h2>
                <ol class="commits" aria-label="Commits">
                    {rows}
                </ol>
                <Pagination total=total offset=offset limit=limit base=format!("{}&offset=", scene.view("history", &[])) />
            </section>
            <div class="stack">
                <section class="card stack" aria-labelledby="versions">
                    <h3 id="versions">"Versions"</h3>
                    {list}
                    {names}
                </section>
                {compares}
                <section class="card stack" aria-labelledby="clone">
                    <h3 id="clone">"With Git and DVC"</h3>
                    <Commands scene=scene />
                </section>
            </div>
        </div>
    }
    .into_any()
}
