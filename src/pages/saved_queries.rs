//! `/queries`: queries that people keep under a name, one's own and the public ones; with `?owner=`, those of one user.

use crate::api::saved_queries::{DeleteSavedQuery, UpdateSavedQuery, saved_queries};
use crate::model::limits::MAX_TITLE;
use crate::model::text::path_segment;
use crate::model::{Account, AppError, Ordering, Page, SavedQuery};
use crate::ui::copy_button::CopyButton;
use crate::ui::field::FieldError;
use crate::ui::focus::{by_id, focus_first_fault, focus_soon};
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, form_error, on_success, successes};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Empty, Tone};
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part};
use crate::ui::query_address::{QueryAddress, as_kept};
use crate::ui::session::use_session;
use crate::ui::tabs::{Tab, Tabs};
use crate::ui::text::sentence;
use crate::ui::time::Date;
use crate::ui::toast::use_toasts;
use leptos::form::ActionForm;
use leptos::html::Div;
use leptos::prelude::*;
use leptos_meta::Title;

/// So many queries are shown unless the address asks for another number.
const USUAL: i64 = 30;
/// So much of a text is shown: lines, and characters.
const PREVIEW: (usize, usize) = (8, 500);
/// Id of the page's heading, to which the keyboard goes when a query has gone.
const HEADING: &str = "saved-queries";

/// The beginning of a text, and whether there is more.
fn preview(text: &str) -> (String, bool) {
    let whole = text.trim_end();
    let lines = whole.split_inclusive('\n').take(PREVIEW.0).collect::<String>();
    let shown: String = lines.chars().take(PREVIEW.1).collect();
    let more = shown.len() < whole.len();
    (shown.trim_end().to_owned(), more)
}

/// Where the query finds its pictures, in their order.
fn href_of(saved: &SavedQuery) -> String {
    let query = as_kept(&saved.query).to_owned();
    QueryAddress { query, ordering: saved.ordering, ..QueryAddress::default() }.href()
}

fn title_id(id: i64) -> String {
    format!("saved-query-{id}")
}

/// What one can do to a query, and what became of it.
#[derive(Clone, Copy)]
struct Managing {
    update: ServerAction<UpdateSavedQuery>,
    delete: ServerAction<DeleteSavedQuery>,
    /// The query that was changed last; nothing where a form was sent without JavaScript.
    changed: RwSignal<Option<i64>>,
    /// Where the keyboard goes when the list is drawn anew.
    next: StoredValue<Option<String>>,
}

impl Managing {
    fn new() -> Self {
        let new = Self {
            update: ServerAction::new(),
            delete: ServerAction::new(),
            changed: RwSignal::new(None),
            next: StoredValue::new(None),
        };
        let Self { update, delete, changed, next } = new;
        let (sent, deleted) = (update.input(), delete.input());
        Effect::new(move |_| {
            if let Some(id) = sent.with(|sent| sent.as_ref().map(|sent| sent.id)) {
                changed.set(Some(id));
                // Of two refusals the last one counts.
                delete.clear();
            }
        });
        Effect::new(move |_| {
            if deleted.with(Option::is_some) {
                update.clear();
            }
        });
        let toasts = use_toasts();
        on_success(update, move || {
            if let Some(Ok(saved)) = update.value().get_untracked() {
                next.set_value(Some(title_id(saved.id)));
                toasts.show(Tone::Success, format!("“{}” is changed.", saved.title));
            }
        });
        on_success(delete, move || {
            next.set_value(Some(HEADING.to_owned()));
            toasts.show(Tone::Success, "The query is deleted.");
        });
        new
    }

    /// Why the query was not renamed, where that is said beside its name.
    fn name_error(self, id: i64) -> Signal<Option<String>> {
        let (error, changed) = (form_error(self.update), self.changed);
        Signal::derive(move || error.get().filter(|_| changed.get() == Some(id)).as_ref().and_then(about_name))
    }

    /// Every other failure.
    fn other_error(self) -> Signal<Option<String>> {
        let (updating, deleting) = (form_error(self.update), form_error(self.delete));
        let changed = self.changed;
        Signal::derive(move || {
            let updating = updating.get().filter(|error| changed.get().is_none() || about_name(error).is_none());
            updating.or_else(|| deleting.get()).map(|error| sentence(&error.to_string()))
        })
    }
}

/// What an error says of a query's name.
fn about_name(error: &AppError) -> Option<String> {
    match error {
        AppError::Conflict(message) => Some(message.clone()),
        error => error.message_for("title").map(str::to_owned),
    }
}

/// A query in a list of them.
#[component]
pub(super) fn SavedCard(
    /// The query.
    saved: SavedQuery,
    /// What can be done with it.
    #[prop(optional)]
    tools: Option<AnyView>,
) -> impl IntoView {
    let (text, more) = preview(&saved.query);
    let text = match text.is_empty() {
        true => view! { <p class="saved-text muted">"Every picture"</p> }.into_any(),
        false => view! { <pre class="saved-text">{text} {more.then_some("\n…")}</pre> }.into_any(),
    };
    let href = href_of(&saved);
    let SavedQuery { id, title, owner, ordering, timestamp, public, .. } = saved;
    let order = (ordering != Ordering::default()).then(|| format!(", {}", ordering.label().to_lowercase()));
    let private = (!public).then(|| {
        view! {
            <span class="badge">
                <Icon glyph=Glyph::Lock />
                "Only for you"
            </span>
        }
    });
    view! {
        <li class="saved-query">
            <p class="saved-head">
                <a class="saved-title" id=title_id(id) href=href>
                    {title}
                </a>
                {private}
            </p>
            <p class="muted saved-meta">
                "By " <a href=format!("/user/{}", path_segment(&owner))>{owner.clone()}</a> ", changed on "
                <Date unix=timestamp /> {order}
            </p>
            {text}
            {tools}
        </li>
    }
}

/// Buttons for whoever may change a query: another name, who sees it, and its end.
#[component]
fn Manage(saved: SavedQuery, managing: Managing) -> impl IntoView {
    let Managing { update, delete, .. } = managing;
    let SavedQuery { id, title, public, .. } = saved;
    let error = managing.name_error(id);
    let fields = NodeRef::<Div>::new();
    focus_first_fault(update, fields);
    let (field, error_id) = (format!("saved-query-{id}-name"), format!("saved-query-{id}-error"));
    let (label_for, described_by) = (field.clone(), error_id.clone());
    let turn = if public { "Make private" } else { "Make public" };
    let said = |what: &str| format!("{what}: {title}");
    let (said_turn, said_rename, said_delete) = (said(turn), said("Rename"), said("Delete"));
    let goes = format!("“{title}” goes for good. The pictures that it finds stay.");
    let hidden = move || view! { <input type="hidden" name="id" value=id.to_string() /> };
    view! {
        <ActionForm action=update>
            {hidden()} <input type="hidden" name="public" value=(!public).to_string() />
            <SubmitButton pending=update.pending() class="button small quiet" label=said_turn>
                {turn}
            </SubmitButton>
        </ActionForm>
        <details class="disclosure" open=move || error.with(Option::is_some)>
            <summary aria-label=said_rename>"Rename"</summary>
            <ActionForm action=update attr:class="disclosure-body">
                <div class="form" node_ref=fields>
                    {hidden()} <div class="field">
                        <label class="field-label" for=label_for>
                            "Name"
                        </label>
                        <input
                            id=field
                            name="title"
                            value=title.clone()
                            required
                            autocomplete="off"
                            maxlength=MAX_TITLE.to_string()
                            aria-describedby=described_by
                            aria-invalid=move || error.with(Option::is_some).then_some("true")
                        />
                        <FieldError id=error_id error=error />
                    </div>
                    <div class="form-actions">
                        <SubmitButton pending=update.pending() class="button primary">
                            "Save the name"
                        </SubmitButton>
                    </div>
                </div>
            </ActionForm>
        </details>
        <details class="disclosure">
            <summary aria-label=said_delete>"Delete"</summary>
            <ActionForm action=delete attr:class="disclosure-body">
                <div class="form">
                    {hidden()} <p>{goes}</p>
                    <div class="form-actions">
                        <SubmitButton pending=delete.pending() class="button danger">
                            "Delete the query"
                        </SubmitButton>
                    </div>
                </div>
            </ActionForm>
        </details>
    }
}

#[component]
fn List(page: Page<SavedQuery>, owner: String, account: Option<Account>, managing: Managing) -> impl IntoView {
    if page.total == 0 {
        let words = match owner.is_empty() {
            true => "Write a query, and save it under a name: with “Saved” below its text.",
            false => "This user keeps no queries that you may see.",
        };
        return view! {
            <Empty title="No saved queries yet">
                <p>{words}</p>
            </Empty>
        }
        .into_any();
    }
    let base = match owner.as_str() {
        "" => "/queries?".to_owned(),
        owner => format!("/queries?owner={}&", path_segment(owner)),
    };
    if page.items.is_empty() {
        return view! {
            <p class="empty">
                "The list is not that long. " <a href=format!("{base}offset=0")>"Go to its beginning"</a>
            </p>
        }
        .into_any();
    }
    let items = StoredValue::new(page.items);
    let card = move |saved: SavedQuery| {
        let manages = account.as_ref().is_some_and(|account| account.admin || account.username == saved.owner);
        let href = href_of(&saved);
        let link = href.clone();
        let link = Signal::derive(move || format!("{}{link}", window().location().origin().unwrap_or_default()));
        let (run, copy) = (format!("Run: {}", saved.title), format!("Copy the link: {}", saved.title));
        let manage = manages.then(|| view! { <Manage saved=saved.clone() managing=managing /> });
        let tools = view! {
            <div class="disclosures">
                <a class="button small" href=href aria-label=run>
                    <Icon glyph=Glyph::Search />
                    "Run"
                </a>
                <CopyButton what="The link" label="Copy the link" name=copy visible=false text=link />
                {manage}
            </div>
        }
        .into_any();
        view! { <SavedCard saved=saved tools=tools /> }
    };
    view! {
        <ul class="saved-queries" aria-label="Saved queries">
            // Keyed, so that no entry takes over what was opened in the one that stood there before.
            <For each=move || items.get_value() key=|saved| (saved.id, saved.timestamp) children=card />
        </ul>
        <Pagination total=page.total offset=page.offset limit=page.limit base=super::with_limit(base, page.limit, USUAL) />
    }
    .into_any()
}

/// Whose queries are shown.
#[component]
fn Views(owner: String, account: Option<Account>) -> impl IntoView {
    let mut views = vec![(String::new(), "All".to_owned())];
    if let Some(account) = account {
        views.push((account.username, "Yours".to_owned()));
    }
    if !views.iter().any(|(name, _)| *name == owner) {
        views.push((owner.clone(), format!("Those of {owner}")));
    }
    let tabs = views.into_iter().map(|(name, words)| {
        let href =
            if name.is_empty() { "/queries".to_owned() } else { format!("/queries?owner={}", path_segment(&name)) };
        Tab::fixed(href, words, name == owner)
    });
    view! { <Tabs label="Whose queries" tabs=tabs.collect() /> }
}

#[component]
fn Content(page: Page<SavedQuery>, owner: String, account: Option<Account>, managing: Managing) -> impl IntoView {
    Effect::new(move |_| {
        if let Some(id) = managing.next.try_update_value(Option::take).flatten() {
            focus_soon(move || by_id(&id));
        }
    });
    view! {
        <div class="page">
            <div class="page-head">
                <div>
                    <h1 id=HEADING tabindex="-1">
                        "Saved queries"
                    </h1>
                    <p>"Queries that people keep under a name. What they find is what there is when you open them."</p>
                </div>
                <a class="button" href="/query">
                    <Icon glyph=Glyph::Plus />
                    "New query"
                </a>
            </div>
            <div class="stack">
                <FormNotice error=managing.other_error() />
                <Views owner=owner.clone() account=account.clone() />
                <List page=page owner=owner account=account managing=managing />
            </div>
        </div>
    }
}

async fn load(owner: String, (offset, limit): (i64, i64)) -> Result<(String, Page<SavedQuery>), AppError> {
    let wanted = Some(owner.clone()).filter(|owner| !owner.is_empty());
    Ok((owner, saved_queries(wanted, Some(offset), Some(limit)).await?))
}

/// The list of saved queries.
#[component]
pub fn SavedQueriesPage() -> impl IntoView {
    let (owner, part) = (use_parameter("owner"), use_part(USUAL));
    let session = use_session();
    let account = session.account;
    let managing = Managing::new();
    let (updated, deleted) = (successes(managing.update, |_| true), successes(managing.delete, |_| true));
    // Whoever signs out here no longer sees what was theirs alone.
    let changes = move || (updated.get(), deleted.get(), session.logout.version().get());
    let list =
        Resource::new_blocking(move || (owner.get(), part.get(), changes()), |(owner, part, _)| load(owner, part));
    view! {
        <Title text="Saved queries" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (list.await, account.await) {
                    (Ok((owner, page)), account) => {
                        let account = account.ok().flatten();
                        view! { <Content page=page owner=owner account=account managing=managing /> }.into_any()
                    }
                    (Err(error), _) => failed(error),
                }
            })}
        </Transition>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_are_short() {
        assert_eq!(preview("want:\n  - title: a\n"), ("want:\n  - title: a".to_owned(), false));
        assert_eq!(preview(&"a\n".repeat(9)), ("a\n".repeat(8).trim_end().to_owned(), true));
        let (shown, more) = preview(&"é".repeat(600));
        assert_eq!((shown.chars().count(), more), (500, true));
        assert_eq!(preview(" \n"), (String::new(), false));
    }
}
