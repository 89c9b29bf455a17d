//! `/user/<name>`: one user, their pictures, datasets, galleries, saved queries and contributions.

use super::administration::member_href;
use super::contributions::Contributions;
use super::datasets::DatasetEntry;
use super::galleries::GalleryCard;
use super::namespaces::namespace_href;
use super::picture_list::PictureList;
use super::saved_queries::SavedCard;
use crate::api::datasets::dataset_cards;
use crate::api::galleries::galleries;
use crate::api::namespaces::is_known;
use crate::api::queries::query_cards;
use crate::api::saved_queries::saved_queries;
use crate::api::users::{contributions, user};
use crate::model::text::path_segment;
use crate::model::{
    AppError, Contribution, DatasetCard, DatasetFilter, DatasetOrder, GallerySummary, Page, PictureCard, SavedQuery,
    UserDetail,
};
use crate::ui::admin_only::AdminOnly;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::use_part;
use crate::ui::session::use_session;
use crate::ui::text::{count, query_for, query_href};
use crate::ui::time::Date;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// So many datasets are shown here; there is a page with all.
const DATASETS: i64 = 4;
/// So many galleries are shown here; there is a page with all.
const GALLERIES: i64 = 6;
/// So many saved queries are shown here; there is a page with all.
const QUERIES: i64 = 3;
/// So many contributions are shown here; there is a page with all.
const CONTRIBUTIONS: i64 = 5;

#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Loaded {
    user: UserDetail,
    pictures: Page<PictureCard>,
    datasets: Page<DatasetCard>,
    /// Whether the viewer may know of the namespace.
    namespace: bool,
    galleries: Page<GallerySummary>,
    queries: Page<SavedQuery>,
    contributions: Page<Contribution>,
}

async fn load(name: String, (offset, limit): (i64, i64)) -> Result<Loaded, AppError> {
    let user = user(name).await?;
    let name = || user.profile.id.clone();
    let query = query_for("author", &user.profile.id);
    let in_namespace = DatasetFilter { namespace: Some(name()), ..DatasetFilter::default() };
    Ok(Loaded {
        pictures: query_cards(query, None, None, Some(offset), Some(limit)).await?,
        datasets: dataset_cards(in_namespace, DatasetOrder::Newest, None, Some(DATASETS)).await?,
        namespace: is_known(name()).await?,
        galleries: galleries(Some(name()), None, None, Some(GALLERIES)).await?,
        queries: saved_queries(Some(name()), None, Some(QUERIES)).await?,
        contributions: contributions(name(), None, Some(CONTRIBUTIONS)).await?,
        user,
    })
}

#[component]
fn Head(user: UserDetail, namespace: bool) -> impl IntoView {
    let name = user.profile.id.clone();
    let administration = member_href(&name);
    let counts = [
        count(user.pictures, "picture", "pictures"),
        count(user.galleries, "gallery", "galleries"),
        format!("{} drawn", count(user.regions, "region", "regions")),
        format!("{} annotated", count(user.annotated, "picture", "pictures")),
    ];
    let counts = counts.into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
    let closed = user.closed.then(|| view! { <span class="badge warning">"Closed account"</span> });
    let attribution = user.attribution.map(|attribution| {
        view! {
            <p>
                "Whoever uses these pictures names " <strong>{attribution}</strong> " as their author."
            </p>
        }
    });
    view! {
        <div class="page-head">
            <div class="stack">
                <h1>{name.clone()}</h1>
                <p class="cluster muted">
                    <span>"Joined on " <Date unix=user.profile.joined /></span>
                    {user.profile.admin.then(|| view! { <span class="badge accent">"Administrator"</span> })} {closed}
                </p>
                {attribution}
                <ul class="cluster muted">{counts}</ul>
            </div>
            <div class="cluster">
                <AdminOnly>
                    <a class="button" href=administration.clone()>
                        "Administration"
                    </a>
                </AdminOnly>
                {namespace
                    .then(|| {
                        view! {
                            <a class="button" href=namespace_href(&name)>
                                "Datasets"
                            </a>
                        }
                    })} <a class="button" href=query_href(&query_for("author", &name))>
                    <Icon glyph=Glyph::Search />
                    "Refine as a query"
                </a>
            </div>
        </div>
    }
}

#[component]
fn Datasets(name: String, page: Page<DatasetCard>) -> impl IntoView {
    (page.total > 0).then(|| {
        let all = match page.total > page.items.len() as i64 {
            true => format!("All {}", page.total),
            false => "Namespace and members".to_owned(),
        };
        let cards = page.items.into_iter().map(|card| view! { <DatasetEntry card=card /> }).collect_view();
        view! {
            <section aria-labelledby="datasets">
                <div class="section-head">
                    <h2 id="datasets">"Datasets"</h2>
                    <a href=namespace_href(&name)>{all}</a>
                </div>
                <ul class="dataset-list">{cards}</ul>
            </section>
        }
    })
}

#[component]
fn Galleries(name: String, page: Page<GallerySummary>) -> impl IntoView {
    (page.total > 0).then(|| {
        let more = (page.total > page.items.len() as i64).then(|| {
            view! { <a href=format!("/galleries?owner={}", path_segment(&name))>{format!("All {}", page.total)}</a> }
        });
        let cards = page.items.into_iter().map(|gallery| view! { <GalleryCard gallery=gallery /> }).collect_view();
        view! {
            <section aria-labelledby="galleries">
                <div class="section-head">
                    <h2 id="galleries">"Galleries"</h2>
                    {more}
                </div>
                <ul class="gallery-grid">{cards}</ul>
            </section>
        }
    })
}

#[component]
fn Queries(name: String, page: Page<SavedQuery>) -> impl IntoView {
    (page.total > 0).then(|| {
        let more = (page.total > page.items.len() as i64).then(|| {
            view! { <a href=format!("/queries?owner={}", path_segment(&name))>{format!("All {}", page.total)}</a> }
        });
        let cards = page.items.into_iter().map(|saved| view! { <SavedCard saved=saved /> }).collect_view();
        view! {
            <section aria-labelledby="queries">
                <div class="section-head">
                    <h2 id="queries">"Saved queries"</h2>
                    {more}
                </div>
                <ul class="saved-queries">{cards}</ul>
            </section>
        }
    })
}

#[component]
fn Newest(name: String, page: Page<Contribution>) -> impl IntoView {
    (page.total > 0).then(|| {
        let more = (page.total > page.items.len() as i64).then(|| {
            let href = format!("/user/{}/contributions", path_segment(&name));
            view! { <a href=href>{format!("All {}", page.total)}</a> }
        });
        view! {
            <section aria-labelledby="contributions">
                <div class="section-head">
                    <h2 id="contributions">"Contributions"</h2>
                    {more}
                </div>
                <Contributions items=page.items />
            </section>
        }
    })
}

#[component]
fn Content(loaded: Loaded) -> impl IntoView {
    let Loaded { user, pictures, datasets, namespace, galleries, queries, contributions } = loaded;
    let name = user.profile.id.clone();
    let base = super::with_limit(format!("/user/{}?", path_segment(&name)), pictures.limit, super::PICTURES);
    view! {
        <Title text=name.clone() />
        <div class="page">
            <Head user=user namespace=namespace />
            <div class="sections">
                <PictureList pictures=pictures base=base empty="This user has not posted any pictures." />
                <Datasets name=name.clone() page=datasets />
                <Galleries name=name.clone() page=galleries />
                <Queries name=name.clone() page=queries />
                <Newest name=name page=contributions />
            </div>
        </div>
    }
}

/// The page of one user.
#[component]
pub fn UserPage() -> impl IntoView {
    let (params, part, changes) = (use_params_map(), use_part(super::PICTURES), use_session().changes);
    let wanted = move || {
        let name = params.with(|params| params.get("name").unwrap_or_default());
        (name, part.get(), changes.get())
    };
    let loaded = Resource::new_blocking(wanted, |(name, part, _)| load(name, part));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(loaded) => view! { <Content loaded=loaded /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
