//! `/object/<name>`: one object, where it belongs, what it looks like, and the pictures that show it.

use super::object_forms::ObjectForms;
use super::picture_list::PictureList;
use crate::api::objects::{EditObject, MergeObjectForm, object, object_samples};
use crate::api::queries::query_cards;
use crate::model::{AppError, ObjectDetail, Page, PictureCard, Sample};
use crate::ui::form_error::successes;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::object_link::{ObjectLink, object_href};
use crate::ui::parameters::use_part;
use crate::ui::session::use_session;
use crate::ui::text::{count, grouped, query_for, query_href};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_params_map;

/// Everything that the page shows.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Shown {
    detail: ObjectDetail,
    samples: Vec<Sample>,
    pictures: Page<PictureCard>,
}

async fn load(name: String, (offset, limit): (i64, i64)) -> Result<Shown, AppError> {
    let detail = object(name).await?;
    let name = detail.object.id.clone();
    let pictures = query_cards(query_for("has", &name), None, None, Some(offset), Some(limit)).await?;
    let samples = object_samples(name).await?;
    Ok(Shown { detail, samples, pictures })
}

/// Ways down from the most general objects.
#[component]
fn Crumbs(paths: Vec<Vec<String>>) -> impl IntoView {
    // An object without parents has one way: from the list.
    let paths = if paths.is_empty() { vec![Vec::new()] } else { paths };
    let lines = paths
        .into_iter()
        .map(|path| {
            let steps = path
                .into_iter()
                .map(|name| {
                    let href = object_href(&name);
                    view! {
                        <span aria-hidden="true">" › "</span>
                        <a href=href>{name}</a>
                    }
                })
                .collect_view();
            view! {
                <li>
                    <a href="/objects">"Objects"</a>
                    {steps}
                </li>
            }
        })
        .collect_view();
    view! {
        <nav aria-label="Where this belongs">
            <ul class="crumb plain-list">{lines}</ul>
        </nav>
    }
}

#[component]
fn Neighbours(label: &'static str, names: Vec<String>) -> impl IntoView {
    if names.is_empty() {
        return ().into_any();
    }
    let chips = names.into_iter().map(|name| view! { <ObjectLink name=name count=None /> }).collect_view();
    view! {
        <div class="cluster">
            <span class="muted">{label}</span>
            {chips}
        </div>
    }
    .into_any()
}

#[component]
fn Samples(samples: Vec<Sample>) -> impl IntoView {
    if samples.is_empty() {
        return ().into_any();
    }
    let crops = samples
        .into_iter()
        .map(|sample| {
            let title =
                if sample.title.is_empty() { format!("picture {}", sample.picture) } else { sample.title.clone() };
            view! {
                <li>
                    <a href=format!("/picture/{}", sample.picture)>
                        <img src=sample.crop alt=format!("{} in {title}", sample.object) loading="lazy" decoding="async" />
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <section aria-labelledby="samples">
            <h2 id="samples" class="visually-hidden">
                "Examples"
            </h2>
            <ul class="crops">{crops}</ul>
        </section>
    }
    .into_any()
}

/// How many pictures there are, in words.
fn numbers(detail: &ObjectDetail) -> String {
    let all = count(detail.object.pictures, "picture shows", "pictures show");
    if detail.object.children.is_empty() {
        return format!("{all} it.");
    }
    let own = if detail.own_pictures == detail.object.pictures {
        "all of them the object itself".to_owned()
    } else {
        format!("{} the object itself", grouped(detail.own_pictures))
    };
    format!("{all} it or something more specific, {own}.")
}

#[component]
fn Content(shown: Shown, edit: ServerAction<EditObject>, merge: ServerAction<MergeObjectForm>) -> impl IntoView {
    let Shown { detail, samples, pictures } = shown;
    let numbers = numbers(&detail);
    let forms = detail.clone();
    let ObjectDetail { object, paths, former_names, .. } = detail;
    let base = super::with_limit(format!("{}?", object_href(&object.id)), pictures.limit, super::PICTURES);
    let query = query_href(&query_for("has", &object.id));
    let former = former_names.join(", ");
    view! {
        <Title text=object.id.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <Crumbs paths=paths />
                    <h1>{object.id}</h1>
                    {(!object.description.is_empty()).then(|| view! { <p class="description">{object.description}</p> })}
                    <Neighbours label="A kind of" names=object.parents />
                    <Neighbours label="More specific" names=object.children />
                    <p class="muted">
                        {numbers} {(!former.is_empty()).then(|| format!(" Also found as: {former}."))}
                    </p>
                </div>
                <a class="button" href=query>
                    <Icon glyph=Glyph::Search />
                    "Refine as a query"
                </a>
            </div>
            <div class="sections">
                <Samples samples=samples />
                <PictureList
                    pictures=pictures
                    base=base
                    empty="No picture shows this yet. Annotate one, and it will appear here."
                />
                <ObjectForms detail=forms edit=edit merge=merge />
            </div>
        </div>
    }
}

/// The page of one object. A former name leads on to the page of its object.
#[component]
pub fn ObjectPage() -> impl IntoView {
    let (params, part, changes) = (use_params_map(), use_part(super::PICTURES), use_session().changes);
    let (edit, merge) = (ServerAction::<EditObject>::new(), ServerAction::<MergeObjectForm>::new());
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    // Who gave the object another name is on the way to another address, and needs nothing anew here.
    let saved = successes(edit, move |object| object.id == name.get());
    let wanted = move || (name.get(), part.get(), (saved.get(), changes.get()));
    let loaded =
        Resource::new_blocking(wanted, |(name, part, _)| async move { (load(name.clone(), part).await, name) });
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    (Ok(shown), asked) if shown.detail.object.id != asked => {
                        view! { <Redirect path=object_href(&shown.detail.object.id) /> }.into_any()
                    }
                    (Ok(shown), _) => view! { <Content shown=shown edit=edit merge=merge /> }.into_any(),
                    (Err(error), _) => failed(error),
                }
            })}
        </Transition>
    }
}
