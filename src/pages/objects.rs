//! `/objects`: the kinds of things that regions show, and a form to register a new one.

use crate::api::objects::{NewObject, objects};
use crate::model::limits::MAX_OBJECT_NAME;
use crate::model::text::path_segment;
use crate::model::{AppError, Object, Page};
use crate::ui::field::{TextArea, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::Loaded;
use crate::ui::notice::{Empty, Notice, Tone};
use crate::ui::object_link::object_href;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part};
use crate::ui::search_field::{SearchField, use_typed};
use crate::ui::session::use_session;
use crate::ui::table::Column::{Number, Text};
use crate::ui::table::Table;
use crate::ui::tabs::{Tab, Tabs};
use crate::ui::text::{count, grouped, query_for, query_href};
use leptos::prelude::*;
use leptos_meta::Title;

/// So many objects are shown unless the address asks for another number.
const USUAL: i64 = 60;

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Wanted {
    search: String,
    top: bool,
    offset: i64,
    limit: i64,
}

impl Wanted {
    /// The address of the list up to the number of the offset.
    fn base(&self) -> String {
        let mut base = "/objects?".to_owned();
        if !self.search.is_empty() {
            base.push_str(&format!("search={}&", path_segment(&self.search)));
        }
        if self.top {
            base.push_str("top=true&");
        }
        super::with_limit(base, self.limit, USUAL)
    }
}

/// Names of objects as links, separated by commas.
#[component]
fn Names(names: Vec<String>) -> impl IntoView {
    names
        .into_iter()
        .enumerate()
        .map(|(index, name)| {
            let href = object_href(&name);
            view! {
                {(index > 0).then_some(", ")}
                <a href=href>{name}</a>
            }
        })
        .collect_view()
}

#[component]
fn ObjectTable(objects: Vec<Object>) -> impl IntoView {
    let rows = objects
        .into_iter()
        .map(|object| {
            let href = object_href(&object.id);
            let query = query_href(&query_for("has", &object.id));
            let (no_parents, no_children) = (object.parents.is_empty(), object.children.is_empty());
            view! {
                <tr>
                    <th scope="row">
                        <a href=href>{object.id}</a>
                        {(!object.description.is_empty())
                            .then(|| view! { <p class="row-description">{object.description}</p> })}
                    </th>
                    <td data-label="More general" class:none=no_parents>
                        <Names names=object.parents />
                    </td>
                    <td data-label="More specific" class:none=no_children>
                        <Names names=object.children />
                    </td>
                    <td class="number" data-label="Pictures">
                        {if object.pictures > 0 {
                            view! { <a href=query>{grouped(object.pictures)}</a> }.into_any()
                        } else {
                            view! { <span class="muted">"0"</span> }.into_any()
                        }}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table label="Objects" columns=&[Text("Object"), Text("More general"), Text("More specific"), Number("Pictures")]>
            {rows}
        </Table>
    }
}

#[component]
fn List(page: Page<Object>, wanted: Wanted) -> impl IntoView {
    if page.total == 0 {
        let title = if wanted.search.is_empty() { "No objects yet" } else { "Nothing found" };
        let detail = if wanted.search.is_empty() {
            "Register the first kind of thing that your pictures show, such as Cat.".to_owned()
        } else {
            format!("No object has a name like “{}”.", wanted.search)
        };
        return view! {
            <Empty title=title>
                <p>{detail}</p>
            </Empty>
        }
        .into_any();
    }
    view! {
        <p class="muted result-count">{count(page.total, "object", "objects")}</p>
        <ObjectTable objects=page.items />
        <Pagination total=page.total offset=page.offset limit=page.limit base=wanted.base() />
    }
    .into_any()
}

#[component]
fn NewObjectForm(action: ServerAction<NewObject>) -> impl IntoView {
    let error = form_error(action);
    view! {
        <Form
            action=action
            submit="Register object"
            fields=&["id", "description", "parents"]
            beside=view! { <a href="/objects/import">"Import many"</a> }.into_any()
        >
            <TextField
                label="Name"
                name="id"
                required=true
                max_length=MAX_OBJECT_NAME
                hint="As people would say it, such as Cat (Felis catus)."
                error=field_error(error, "id")
            />
            <TextArea
                label="Description"
                name="description"
                hint="What counts, and what does not."
                error=field_error(error, "description")
            />
            <TextArea
                label="More general objects"
                name="parents"
                rows=2
                hint="Names of registered objects, one a line, such as Mammal and Pet."
                error=field_error(error, "parents")
            />
        </Form>
    }
}

#[component]
fn NewObjectArea(action: ServerAction<NewObject>) -> impl IntoView {
    let account = use_session().account;
    view! {
        <aside class="card side-card" aria-labelledby="new-object">
            <h2 id="new-object">"Register an object"</h2>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok(Some(_)) => view! { <NewObjectForm action=action /> }.into_any(),
                        _ => {
                            view! {
                                <p class="muted">
                                    <a href="/login?next=%2Fobjects">"Sign in"</a>
                                    " to register a kind of thing that is not in the list."
                                </p>
                            }
                                .into_any()
                        }
                    }
                })}
            </Suspense>
        </aside>
    }
}

/// Ways to look at the list: everything, or the way in from the top.
#[component]
fn Views(wanted: Memo<Wanted>) -> impl IntoView {
    let views = [(false, "/objects", "All, by name"), (true, "/objects?top=true", "The most general")];
    let tabs = views.map(|(top, href, label)| {
        let is_shown = move || wanted.with(|wanted| wanted.top == top && wanted.search.is_empty());
        Tab::fixed(href, label, Signal::derive(is_shown))
    });
    view! { <Tabs label="Views" tabs=tabs.to_vec() /> }
}

/// The list of objects.
#[component]
pub fn ObjectsPage() -> impl IntoView {
    let action = ServerAction::<NewObject>::new();
    let (search, top, part) = (use_parameter("search"), use_parameter("top"), use_part(USUAL));
    let wanted = Memo::new(move |_| {
        let (offset, limit) = part.get();
        Wanted {
            search: search.with(|search| search.trim().to_owned()),
            top: top.with(|top| top == "true"),
            offset,
            limit,
        }
    });
    let list = Resource::new_blocking(
        move || (wanted.get(), action.version().get()),
        |(wanted, _)| async move {
            let Wanted { search, top, offset, limit } = wanted.clone();
            let search = (!search.is_empty()).then_some(search);
            Ok::<_, AppError>((objects(search, top, Some(offset), Some(limit)).await?, wanted))
        },
    );
    let typed = use_typed("search");
    // An import without JavaScript leads here.
    let made = use_parameter("made");
    let imported = move || {
        let made = made.with(|made| made.parse::<u32>().ok())?;
        let made = count(made.into(), "object is", "objects are");
        Some(view! {
            <Notice tone=Tone::Success>
                <p>{format!("The taxonomy is imported: {made} new.")}</p>
            </Notice>
        })
    };
    view! {
        <Title text="Objects" />
        <div class="page">
            <div class="page-head">
                <div>
                    <h1>"Objects"</h1>
                    <p>
                        "The kinds of things that regions show. They build on each other: whoever asks for an animal also finds the cats."
                    </p>
                </div>
                <form class="search-form" role="search" method="get" action="/objects">
                    <SearchField
                        typed=typed
                        name="search"
                        max_length=120
                        placeholder="Search objects"
                        label="Search objects"
                    />
                    <button class="button" type="submit">
                        <Icon glyph=Glyph::Search />
                        "Search"
                    </button>
                </form>
            </div>
            <div class="with-side">
                <div class="stack">
                    {imported} <Views wanted=wanted />
                    <Loaded
                        from=list
                        show=|(page, wanted)| view! { <List page=page wanted=wanted /> }.into_any()
                    />
                </div>
                <NewObjectArea action=action />
            </div>
        </div>
    }
}
