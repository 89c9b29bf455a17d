//! Queries that people keep under a name, beside the text: saving the one that is written, and opening another.

use super::dialog::{Dialog, DialogActions};
use super::field::TextField;
use super::focus::{by_id, focus_soon};
use super::form::SubmitButton;
use super::form_error::{FormNotice, field_error, on_success};
use super::icons::{Glyph, Icon};
use super::layout::{OPEN_MENUS, close_menus};
use super::notice::Tone;
use super::parameters::use_sign_in;
use super::query_address::QueryAddress;
use super::query_history::in_short;
use super::query_shared::QueryText;
use super::session::use_session;
use super::text::sentence;
use super::toast::use_toasts;
use crate::api::saved_queries::{SaveQuery, UpdateSavedQuery, saved_queries};
use crate::model::limits::MAX_TITLE;
use crate::model::saved_query::MAX_SAVED_QUERIES_LISTED;
use crate::model::{AppError, Ordering, SavedQuery};
use leptos::portal::Portal;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// So many are offered; there is a page with all.
const SHOWN: i64 = MAX_SAVED_QUERIES_LISTED;
/// Where the tab keeps which one is open, and what has become of its text.
const PLACE: &str = "ocellus.saved-query";
/// Ids of the fields.
const TITLE: &str = "saved-title";
const PUBLIC: &str = "saved-public";

/// Whether two texts are the same but for line breaks, which forms write in another way, and what fields leave out.
fn same(a: &str, b: &str) -> bool {
    let lines = |text: &str| text.trim().lines().map(str::to_owned).collect::<Vec<_>>();
    lines(a) == lines(b)
}

/// Which of the kept queries a text has come from: the one that says the same, if possible in the same order; otherwise the one that
/// was open, or that the tab remembers to have led to this text.
fn opened_by(
    (text, ordering): (&str, Ordering),
    kept: &[SavedQuery],
    now: Option<i64>,
    remembered: Option<&(i64, String)>,
) -> Option<i64> {
    if text.trim().is_empty() {
        return None;
    }
    let says_it = |saved: &&SavedQuery| same(&saved.query, text);
    let is_now = |saved: &&SavedQuery| Some(saved.id) == now;
    let remembered = remembered.filter(|(_, led_to)| same(led_to, text)).map(|(id, _)| *id);
    let before = now.or(remembered).filter(|id| kept.iter().any(|saved| saved.id == *id));
    let said = kept.iter().filter(says_it);
    let fits = said.clone().filter(|saved| saved.ordering == ordering);
    let found = fits.clone().find(is_now).or_else(|| fits.clone().next());
    let found = found.or_else(|| said.clone().find(is_now)).or_else(|| said.clone().next());
    found.map(|saved| saved.id).or(before)
}

fn tab_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn remembered() -> Option<(i64, String)> {
    serde_json::from_str(&tab_storage()?.get_item(PLACE).ok()??).ok()
}

fn remember(opened: Option<(i64, String)>) {
    let Some(storage) = tab_storage() else { return };
    // A tab that keeps nothing offers less after a reload.
    let _ = match opened.and_then(|opened| serde_json::to_string(&opened).ok()) {
        Some(text) => storage.set_item(PLACE, &text),
        None => storage.remove_item(PLACE),
    };
}

/// What the menu and the dialog share.
#[derive(Clone, Copy)]
struct Shelf {
    shared: QueryText,
    /// Who is signed in.
    name: RwSignal<Option<String>>,
    /// Their queries, once they have come.
    kept: RwSignal<Option<Vec<SavedQuery>>>,
    /// Which of them the text has come from.
    opened: RwSignal<Option<i64>>,
    /// Whether the dialog is open.
    saving: RwSignal<bool>,
    save: ServerAction<SaveQuery>,
    update: ServerAction<UpdateSavedQuery>,
}

impl Shelf {
    fn open_one(self) -> Option<SavedQuery> {
        let id = self.opened.get()?;
        self.kept.with(|kept| kept.as_ref()?.iter().find(|saved| saved.id == id).cloned())
    }

    fn fetch(self) {
        let Some(name) = self.name.get_untracked() else { return self.kept.set(None) };
        leptos::task::spawn_local(async move {
            if let Ok(page) = saved_queries(Some(name), None, Some(SHOWN)).await {
                let _ = self.kept.try_set(Some(page.items));
            }
        });
    }

    /// Follows who is signed in, and what becomes of the text.
    fn follow(self) {
        let account = use_session().account;
        Effect::new(move |_| {
            let name = account.get().and_then(Result::ok).flatten().map(|account| account.username);
            if self.kept.with_untracked(Option::is_none) || self.name.with_untracked(|now| *now != name) {
                self.name.set(name);
                self.fetch();
            }
        });
        let ordering = Memo::new(move |_| self.shared.address.with(|address| address.ordering));
        Effect::new(move |_| {
            let text = self.shared.text.get();
            let Some(kept) = self.kept.get() else { return };
            let ordering = ordering.get();
            let now = opened_by((&text, ordering), &kept, self.opened.get_untracked(), remembered().as_ref());
            if self.opened.get_untracked() != now {
                self.opened.set(now);
            }
            remember(now.map(|id| (id, text)));
        });
    }

    /// Shows what has been saved.
    fn saved(self, saved: &SavedQuery) {
        self.saving.set(false);
        self.kept.update(|kept| {
            let kept = kept.get_or_insert_default();
            kept.retain(|other| other.id != saved.id);
            kept.insert(0, saved.clone());
        });
        self.opened.set(Some(saved.id));
    }
}

/// The menu of one's own saved queries, and the way to save one.
#[component]
pub fn SavedMenu(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let shelf = Shelf {
        shared,
        name: RwSignal::new(None),
        kept: RwSignal::new(None),
        opened: RwSignal::new(None),
        saving: RwSignal::new(false),
        save: ServerAction::new(),
        update: ServerAction::new(),
    };
    shelf.follow();
    let toasts = use_toasts();
    let done = move |value: Option<Result<SavedQuery, AppError>>| {
        if let Some(Ok(saved)) = value {
            shelf.saved(&saved);
            toasts.show(Tone::Success, format!("“{}” is saved.", saved.title));
        }
    };
    on_success(shelf.save, move || done(shelf.save.value().get_untracked()));
    on_success(shelf.update, move || done(shelf.update.value().get_untracked()));

    let begin = move |_| {
        shelf.save.clear();
        shelf.update.clear();
        // The keyboard comes back to the menu's button.
        close_menus(OPEN_MENUS, None, true);
        shelf.saving.set(true);
        focus_soon(|| by_id(TITLE));
    };
    let opened = Memo::new(move |_| {
        let saved = shelf.open_one()?;
        let reordered = shared.address.with(|address| address.ordering != saved.ordering);
        let changed = reordered || shared.text.with(|text| !same(text, &saved.query));
        Some((saved.title, changed))
    });
    let summary = move || match opened.get() {
        None => "Saved".into_any(),
        Some((title, changed)) => view! {
            <span class="query-opened">
                <span class="visually-hidden">"Saved: "</span>
                {title}
            </span>
            {changed.then_some(" (changed)")}
        }
        .into_any(),
    };
    let navigate = use_navigate();
    let list = move || {
        let item = |saved: SavedQuery| {
            let (short, query, ordering) = (in_short(&saved.query), saved.query, saved.ordering);
            let current = move || (shelf.opened.get() == Some(saved.id)).then_some("true");
            let navigate = navigate.clone();
            let open = move |_| {
                close_menus(OPEN_MENUS, None, true);
                shelf.opened.set(Some(saved.id));
                let now = shared.address.get_untracked();
                if now.ordering != ordering {
                    let there = QueryAddress { query: query.clone(), ordering, ..now.beginning() };
                    let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
                    return navigate(&there.href(), options);
                }
                shared.write(&query);
            };
            view! {
                <li>
                    <button class="query-earlier" type="button" aria-current=current on:click=open>
                        <strong>{saved.title}</strong>
                        " "
                        <span class="muted">{short}</span>
                    </button>
                </li>
            }
        };
        shelf.kept.get().unwrap_or_default().into_iter().map(item).collect_view()
    };
    let words = move || match opened.get() {
        Some((_, true)) => "Update it, or save another…",
        _ => "Save this query…",
    };
    let has_some = Memo::new(move |_| shelf.kept.with(|kept| kept.as_ref().is_some_and(|kept| !kept.is_empty())));
    view! {
        <details class="menu">
            <summary class="button small">
                <Icon glyph=Glyph::Star />
                {summary}
            </summary>
            <div class="menu-panel query-history">
                <button class="button small" type="button" aria-haspopup="dialog" on:click=begin>
                    {words}
                </button>
                <ul aria-label="Your saved queries" hidden=move || !has_some.get()>
                    {list}
                </ul>
                <a class="button small quiet" href="/queries">
                    "All saved queries"
                </a>
            </div>
        </details>
        // A form within the form of the text would send both.
        <Portal>
            <Dialog open=shelf.saving title="Save this query" id="query-save">
                {move || shelf.saving.get().then(|| view! { <SaveForm shelf=shelf /> })}
            </Dialog>
        </Portal>
    }
}

/// A name, and who may see the query.
#[component]
fn SaveForm(shelf: Shelf) -> impl IntoView {
    if shelf.name.with_untracked(Option::is_none) {
        let sign_in = use_sign_in();
        return view! {
            <p>"Whoever is signed in can keep queries under a name, for themselves or for everybody."</p>
            <DialogActions open=shelf.saving>
                <a class="button primary" href=sign_in>
                    "Sign in"
                </a>
            </DialogActions>
        }
        .into_any();
    }
    let Shelf { save, update, .. } = shelf;
    let opened = untrack(move || shelf.open_one());
    let is_public = opened.as_ref().is_some_and(|saved| saved.public);
    let error = Signal::derive(move || {
        let of = |value: Option<Result<SavedQuery, AppError>>| value.and_then(Result::err);
        of(update.value().get()).or_else(|| of(save.value().get()))
    });
    // That there is another query of this name is said beside the name.
    let taken =
        move || error.get().filter(|error| matches!(error, AppError::Conflict(_))).map(|error| error.to_string());
    let in_title = field_error(error, "title");
    let beside = Signal::derive(move || in_title.get().or_else(taken));
    let above = Signal::derive(move || match error.get()? {
        _ if beside.get().is_some() => None,
        AppError::InvalidQuery(errors) => {
            let place = errors.first().map(|first| format!(" in line {}: {}", first.line, first.message));
            Some(sentence(&format!("the query is not saved, since it has an error{}", place.unwrap_or_default())))
        }
        other => Some(sentence(&other.to_string())),
    });
    let pending = Signal::derive(move || save.pending().get() || update.pending().get());
    let field = |id| by_id(id).and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    // Whoever writes another name means another query.
    let other_name = RwSignal::new(false);
    let (id, title) = opened.map(|saved| (saved.id, saved.title)).unzip();
    let now = title.clone();
    let look = move |_| {
        let typed = field(TITLE).map(|field| field.value());
        other_name.set(typed.is_some_and(|typed| now.as_ref().is_some_and(|now| typed.trim() != now)));
    };
    let send = move || {
        let (Some(title), Some(public)) = (field(TITLE), field(PUBLIC)) else { return };
        if pending.get_untracked() {
            return;
        }
        let (title, public, query) = (title.value(), public.checked(), shelf.shared.text.get_untracked());
        let ordering = shelf.shared.address.with_untracked(|address| address.ordering);
        save.clear();
        update.clear();
        match id.filter(|_| !other_name.get_untracked()) {
            Some(id) => {
                update.dispatch(UpdateSavedQuery {
                    id,
                    title: Some(title),
                    query: Some(query),
                    ordering: Some(ordering),
                    public: Some(public),
                });
            }
            None => {
                save.dispatch(SaveQuery { title, query, ordering, public });
            }
        }
    };
    Effect::new(move |_| {
        if beside.get().is_some() {
            focus_soon(|| by_id(TITLE));
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let hint = id.map(|_| "Under another name it is saved as another query.").unwrap_or_default();
    let value = title.clone().unwrap_or_default();
    let words = move || match &title {
        Some(_) if other_name.get() => "Save as another".to_owned(),
        Some(title) => format!("Update “{title}”"),
        None => "Save".to_owned(),
    };
    view! {
        <form class="form" novalidate on:input=look on:submit=submit>
            <FormNotice error=above />
            <TextField
                label="Name"
                name=TITLE
                value=value
                hint=hint
                required=true
                max_length=MAX_TITLE
                error=beside
            />
            <label class="choice">
                <input id=PUBLIC type="checkbox" role="switch" checked=is_public />
                "Everybody may see it"
            </label>
            <DialogActions open=shelf.saving>
                <SubmitButton pending=pending class="button primary query-save">
                    {words}
                </SubmitButton>
            </DialogActions>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: i64, query: &str) -> SavedQuery {
        let (title, owner) = (id.to_string(), "ada".to_owned());
        let ordering = Ordering::DateDesc;
        SavedQuery { id, title, query: query.to_owned(), ordering, owner, public: false, timestamp: 0 }
    }

    #[test]
    fn a_text_comes_from_the_query_that_says_the_same() {
        let kept = [kept(1, "want:\n  - title: a\n"), kept(2, "want:\r\n  - title: b"), kept(3, "want:\n  - title: a")];
        assert_eq!(opened_by(("want:\n  - title: b\n", Ordering::DateDesc), &kept, None, None), Some(2));
        assert_eq!(opened_by(("want:\n  - title: b\n", Ordering::DateDesc), &kept, Some(1), None), Some(2));
        assert_eq!(opened_by(("want:\n  - title: a", Ordering::DateDesc), &kept, Some(3), None), Some(3));
        assert_eq!(opened_by(("want:\n  - title: c", Ordering::DateDesc), &kept, Some(3), None), Some(3));
        assert_eq!(opened_by(("want:\n  - title: c", Ordering::DateDesc), &kept, None, None), None);
        let sorted = [kept[0].clone(), SavedQuery { id: 4, ordering: Ordering::TitleAsc, ..kept[0].clone() }];
        assert_eq!(opened_by(("want:\n  - title: a", Ordering::TitleAsc), &sorted, Some(1), None), Some(4));
        assert_eq!(opened_by(("want:\n  - title: a", Ordering::Random), &sorted, Some(4), None), Some(4));
        assert_eq!(opened_by((" \n", Ordering::DateDesc), &kept, Some(3), None), None);
    }

    #[test]
    fn a_reload_remembers_where_a_changed_text_came_from() {
        let kept = [kept(1, "want:\n  - title: a\n")];
        let left = (1, "want:\n  - title: b\n".to_owned());
        assert_eq!(opened_by(("want:\n  - title: b", Ordering::DateDesc), &kept, None, Some(&left)), Some(1));
        assert_eq!(opened_by(("want:\n  - title: c", Ordering::DateDesc), &kept, None, Some(&left)), None);
        assert_eq!(opened_by(("want:\n  - title: b", Ordering::DateDesc), &[], None, Some(&left)), None);
    }
}
