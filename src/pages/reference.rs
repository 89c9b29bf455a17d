//! What the pages about reference data share: the list of all entries, and the page of one with its pictures.

use super::picture_list::PictureList;
use crate::api::queries::query_cards;
use crate::model::licence::MAX_ID;
use crate::model::{AppError, Counted, Page, PictureCard};
use crate::ui::admin_only::AdminOnly;
use crate::ui::disclosure::Disclosure;
use crate::ui::field::TextField;
use crate::ui::form_error::{field_error, form_error, successes};
use crate::ui::loaded::Loaded;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::use_part;
use crate::ui::session::use_session;
use crate::ui::text::{grouped, query_href};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// So many entries are shown unless the address asks for another number: all that a site starts with.
const USUAL: i64 = 100;

/// The id that a new entry gets.
#[component]
pub fn IdField(
    /// What to write into it.
    hint: &'static str,
    /// Why the form was refused, if it was.
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    view! {
        <TextField
            label="Id"
            name="id"
            required=true
            max_length=MAX_ID
            verbatim=true
            hint=hint
            error=field_error(error, "id")
        />
    }
}

/// A row of the table of all entries.
#[component]
pub fn Row(
    /// What the entry is called.
    title: String,
    /// What it means.
    description: String,
    /// Its id.
    id: String,
    /// The path of its page.
    path: String,
    /// The query that finds its pictures.
    query: String,
    /// How many pictures that are.
    pictures: i64,
    /// The same in words, for those who cannot see the column.
    label: String,
    /// What stands between the id and the number.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <a href=path>{title}</a>
                <p class="row-description">{description}</p>
            </th>
            <td data-label="Id in queries">
                <code>{id}</code>
            </td>
            {children.map(|children| children())}
            <td class="number" data-label="Pictures">
                <a href=query_href(&query) aria-label=label>
                    {grouped(pictures)}
                </a>
            </td>
        </tr>
    }
}

/// The page of a list that comes as a whole, with a form for administrators below it.
#[component]
pub fn ReferenceList<T, F>(
    /// What the entries are called.
    title: &'static str,
    /// The page's path.
    path: &'static str,
    /// What the page says before the list.
    about: AnyView,
    /// The whole list.
    list: Resource<Result<Vec<T>, AppError>>,
    /// Shows a part of it.
    table: fn(Vec<T>) -> AnyView,
    /// What administrators can do: the title of the form.
    add: &'static str,
    /// Where the form sends itself to.
    action: ServerAction<F>,
    /// The form.
    children: ChildrenFn,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
{
    let part = use_part(USUAL);
    let form = folded(add, action, children);
    let show = move |entries: Vec<T>| {
        let (offset, limit) = part.get();
        let total = entries.len() as i64;
        view! {
            {table(super::part_of(entries, offset, limit))}
            <Pagination total=total offset=offset limit=limit base=super::with_limit(format!("{path}?"), limit, USUAL) />
        }
        .into_any()
    };
    view! {
        <Title text=title />
        <div class="page page-text">
            <div class="page-head">
                <div>
                    <h1>{title}</h1>
                    {about}
                </div>
            </div>
            <div class="sections">
                <Loaded from=list show=show />
                <AdminOnly>{form()}</AdminOnly>
            </div>
        </div>
    }
}

/// A form, folded away unless it has been refused.
fn folded<F>(title: &'static str, action: ServerAction<F>, form: ChildrenFn) -> impl Fn() -> AnyView + Clone
where
    F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
{
    let refused = form_error(action).with_untracked(Option::is_some);
    move || {
        let form = form.clone();
        view! {
            <Disclosure title=title open=refused>
                {form()}
            </Disclosure>
        }
        .into_any()
    }
}

/// What the page's address names, with the part of its pictures that the address asks for. It is loaded anew when somebody
/// changes it or pictures here.
pub fn use_entry<T, F, Reading>(
    read: fn(String) -> Reading,
    query: fn(&T) -> String,
    edit: ServerAction<F>,
) -> Resource<Result<(T, Page<PictureCard>), AppError>>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: ServerFn + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    F::Error: Clone + Send + Sync + 'static,
    Reading: Future<Output = Result<Counted<T>, AppError>> + Send + 'static,
{
    let (params, part, changes) = (use_params_map(), use_part(super::PICTURES), use_session().changes);
    let saved = successes(edit, |_| true);
    let wanted = move || {
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, part.get(), (saved.get(), changes.get()))
    };
    Resource::new_blocking(wanted, move |(id, (offset, limit), _)| async move {
        let entry = read(id).await?.item;
        let pictures = query_cards(query(&entry), None, None, Some(offset), Some(limit)).await?;
        Ok((entry, pictures))
    })
}

/// The page of one entry, with a form for administrators below its pictures.
#[component]
pub fn ReferenceEntry<F>(
    /// What the entry is called.
    title: String,
    /// The path and the title of the list that it stands in.
    list: (&'static str, &'static str),
    /// What the page says about it.
    about: AnyView,
    /// Links beside that.
    #[prop(optional)]
    links: Option<AnyView>,
    /// The page's path.
    path: String,
    /// The part of its pictures to show.
    pictures: Page<PictureCard>,
    /// What to say where there are none.
    empty: &'static str,
    /// What administrators can do: the title of the form.
    change: &'static str,
    /// Where the form sends itself to.
    action: ServerAction<F>,
    /// The form.
    children: ChildrenFn,
) -> impl IntoView
where
    F: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
{
    let base = super::with_limit(format!("{path}?"), pictures.limit, super::PICTURES);
    let (list_path, list_title) = list;
    let form = folded(change, action, children);
    view! {
        <Title text=title.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href=list_path>{list_title}</a>
                    </p>
                    <h1>{title}</h1>
                    {about}
                </div>
                {links}
            </div>
            <div class="sections">
                <PictureList pictures=pictures base=base empty=empty />
                <AdminOnly>
                    <div class="page-text">{form()}</div>
                </AdminOnly>
            </div>
        </div>
    }
}
