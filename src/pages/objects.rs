//! `/objects`: the kinds of things that regions show, and a form to register a new one.

use crate::api::objects::{NewObject, objects};
use crate::model::limits::MAX_OBJECT_NAME;
use crate::model::text::path_segment;
use crate::model::{AppError, Object, Page};
use crate::ui::field::{TextArea, TextField};
use crate::ui::form_error::{FormNotice, field_error, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Empty, Notice, Tone};
use crate::ui::object_link::object_href;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_offset, use_parameter};
use crate::ui::session::use_session;
use crate::ui::text::{count, grouped, query_for, query_href};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

const PAGE: i64 = 60;

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
                    <td data-label="More special" class:none=no_children>
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
        <div class="table-wrap table-rows" role="region" aria-label="Objects" tabindex="0">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Object"</th>
                        <th scope="col">"More general"</th>
                        <th scope="col">"More special"</th>
                        <th scope="col" class="number">
                            "Pictures"
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn List(page: Page<Object>, search: String) -> impl IntoView {
    if page.items.is_empty() {
        let title = if search.is_empty() { "No objects yet" } else { "Nothing found" };
        let detail = if search.is_empty() {
            "Register the first kind of thing that your pictures show, such as Cat.".to_owned()
        } else {
            format!("No object has “{search}” in its name or description.")
        };
        return view! {
            <Empty title=title>
                <p>{detail}</p>
            </Empty>
        }
        .into_any();
    }
    let base = if search.is_empty() {
        "/objects?offset=".to_owned()
    } else {
        format!("/objects?search={}&offset=", path_segment(&search))
    };
    view! {
        <p class="muted result-count">{count(page.total, "object", "objects")}</p>
        <ObjectTable objects=page.items />
        <Pagination total=page.total offset=page.offset limit=page.limit base=base />
    }
    .into_any()
}

#[component]
fn NewObjectForm(action: ServerAction<NewObject>) -> impl IntoView {
    let error = form_error(action);
    let general = general_error(error, &["id", "description", "parents"]);
    let made = move || match action.value().get() {
        Some(Ok(object)) => Some(object.id),
        _ => None,
    };
    view! {
        <ActionForm action=action>
            <div class="form">
                <FormNotice error=general />
                {move || {
                    made()
                        .map(|name| {
                            let href = object_href(&name);
                            view! {
                                <Notice tone=Tone::Success>
                                    <p>
                                        <a href=href>{name}</a>
                                        " is registered. It can be drawn from now on."
                                    </p>
                                </Notice>
                            }
                        })
                }}
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
                <TextField
                    label="More general objects"
                    name="parents"
                    hint="Names of registered objects, separated by commas, such as Mammal, Pet."
                    error=field_error(error, "parents")
                />
                <div class="form-actions">
                    <button class="button primary" type="submit" disabled=move || action.pending().get()>
                        "Register object"
                    </button>
                </div>
            </div>
        </ActionForm>
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

/// The list of objects.
#[component]
pub fn ObjectsPage() -> impl IntoView {
    let action = ServerAction::<NewObject>::new();
    let (typed, offset) = (use_parameter("search"), use_offset());
    let search = Memo::new(move |_| typed.with(|typed| typed.trim().to_owned()));
    let list = Resource::new_blocking(
        move || (search.get(), offset.get(), action.version().get()),
        |(search, offset, _)| async move {
            let wanted = (!search.is_empty()).then(|| search.clone());
            Ok::<_, AppError>((objects(wanted, Some(offset), Some(PAGE)).await?, search))
        },
    );
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
                    <label class="visually-hidden" for="object-search">
                        "Search objects"
                    </label>
                    <input
                        id="object-search"
                        type="search"
                        name="search"
                        maxlength="120"
                        placeholder="Search objects"
                        prop:value=move || search.get()
                        value=search.get_untracked()
                    />
                    <button class="button" type="submit">
                        <Icon glyph=Glyph::Search />
                        "Search"
                    </button>
                </form>
            </div>
            <div class="with-side">
                <div>
                    <Transition fallback=Loading>
                        {move || Suspend::new(async move {
                            match list.await {
                                Ok((page, search)) => view! { <List page=page search=search /> }.into_any(),
                                Err(error) => failed(error),
                            }
                        })}
                    </Transition>
                </div>
                <NewObjectArea action=action />
            </div>
        </div>
    }
}
