//! `/<namespace>/<name>`: one dataset: what it is, its pictures, its members, and for those who may, its settings.

mod settings;

use super::datasets::{Tags, dataset_href};
use super::namespaces::namespace_href;
use super::picture_list::PictureList;
use super::storage_sites::site_href;
use crate::api::datasets::{
    EditDataset, GiveDatasetRole, RemoveDataset, TakeDatasetRole, dataset_detail, dataset_members,
};
use crate::api::queries::query_cards;
use crate::model::dataset::is_reserved;
use crate::model::text::path_segment;
use crate::model::{Account, AppError, DatasetDetail, Membership, Page, PictureCard, Role};
use crate::ui::error_view::NotFoundPage;
use crate::ui::form_error::{is_ending, on_success, successes};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::members::{MemberRights, Members};
use crate::ui::notice::Tone;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_offset, use_parameter};
use crate::ui::query_address::{self, QueryAddress};
use crate::ui::queue_address::QueueAddress;
use crate::ui::session::use_session;
use crate::ui::tabs::{Tab, Tabs};
use crate::ui::text::{bytes, count, query_for, sentence};
use crate::ui::time::Date;
use crate::ui::toast::use_toasts;
use crate::ui::visibility::VisibilityBadge;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use settings::Settings;

/// So many members are shown at once.
const MEMBERS: i64 = 100;

/// What the page shows of the dataset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Pictures,
    Members,
    Settings,
}

impl View {
    fn read(word: &str) -> Self {
        match word {
            "members" => Self::Members,
            "settings" => Self::Settings,
            _ => Self::Pictures,
        }
    }
}

/// What the view needs.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Part {
    Pictures(Page<PictureCard>),
    Members(Page<Membership>),
    Settings,
}

/// The query that finds the dataset's pictures.
fn query_of(detail: &DatasetDetail) -> QueryAddress {
    QueryAddress { query: query_for("in_dataset", &detail.dataset.full_name()), ..QueryAddress::default() }
}

async fn load(
    namespace: String,
    name: String,
    view: View,
    offset: i64,
) -> Result<Option<(DatasetDetail, Part)>, AppError> {
    // An address of the site itself that leads nowhere.
    if is_reserved(&namespace) {
        return Ok(None);
    }
    let detail = dataset_detail(namespace, name).await?;
    let part = match view {
        View::Members => Part::Members(dataset_members(detail.dataset.id, Some(offset), Some(MEMBERS)).await?),
        View::Settings if detail.dataset.role >= Some(Role::Maintainer) => Part::Settings,
        View::Pictures | View::Settings => {
            let query = query_of(&detail).query;
            Part::Pictures(query_cards(query, None, None, Some(offset), Some(super::PICTURES)).await?)
        }
    };
    Ok(Some((detail, part)))
}

/// What the page asks for: namespace, name, view, offset, and what has changed how often.
type Wanted = (String, String, View, i64, (usize, usize, usize, u32));

/// What one can do to the dataset.
#[derive(Clone, Copy)]
struct Managing {
    edit: ServerAction<EditDataset>,
    remove: ServerAction<RemoveDataset>,
    give: ServerAction<GiveDatasetRole>,
    take: ServerAction<TakeDatasetRole>,
}

/// How much there is.
#[component]
fn Numbers(detail: DatasetDetail) -> impl IntoView {
    let pictures = count(detail.dataset.pictures, "picture", "pictures");
    let mut words = Vec::new();
    match detail.numbers {
        Some(numbers) => {
            words.push(match numbers.replaced {
                0 => pictures,
                replaced => format!("{pictures}, {replaced} of them replaced"),
            });
            words.push(count(numbers.regions, "region", "regions"));
            words.push(count(numbers.objects, "object", "objects"));
            words.push(format!("{} of files", bytes(numbers.size_bytes as f64)));
        }
        None => words.push(pictures),
    }
    let items = words.into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
    let site = detail.dataset.storage_site.map(|site| match (site.id, site.name) {
        (Some(id), Some(name)) => view! { <li>"files at " <a href=site_href(id)>{name}</a></li> }.into_any(),
        _ => view! { <li>"files at a storage site that you may not read"</li> }.into_any(),
    });
    view! {
        <ul class="cluster muted dataset-numbers" aria-label="How much there is">
            {items}
            {site}
            <li>"made on " <Date unix=detail.dataset.created /></li>
        </ul>
    }
}

#[component]
fn Head(detail: DatasetDetail, member: bool) -> impl IntoView {
    let dataset = detail.dataset.clone();
    let query = query_of(&detail);
    let statistics = QueryAddress { view: query_address::View::Statistics, ..query.clone() }.href();
    let writes = dataset.role >= Some(Role::Writer);
    let upload = format!("/upload?dataset={}", path_segment(&dataset.full_name()));
    let role = dataset.role.filter(|_| member).map(|role| format!(" Your role is {}.", role.as_str()));
    view! {
        <div class="page-head">
            <div class="stack">
                <p class="crumb">
                    <a href="/datasets">"Datasets"</a> " / "
                    <a href=namespace_href(&dataset.namespace)>{dataset.namespace.clone()}</a>
                </p>
                <h1>{dataset.name.clone()}</h1>
                <p class="cluster">
                    <VisibilityBadge visibility=dataset.visibility />
                    <span>{sentence(dataset.visibility.meaning())} {role}</span>
                </p>
                {(!dataset.tags.is_empty()).then(|| view! { <Tags tags=dataset.tags.clone() /> })}
                <Numbers detail=detail />
            </div>
            <div class="cluster">
                {writes
                    .then(|| {
                        view! {
                            <a class="button" href=upload>
                                <Icon glyph=Glyph::Upload />
                                "Upload here"
                            </a>
                        }
                    })} <a class="button" href=query.href()>
                    <Icon glyph=Glyph::Search />
                    "Query these"
                </a>
                <a class="button" href=statistics>
                    "Statistics"
                </a>
            </div>
        </div>
    }
}

/// The description and the pictures.
#[component]
fn Overview(detail: DatasetDetail, pictures: Page<PictureCard>) -> impl IntoView {
    let base = format!("{}?offset=", dataset_href(&detail.dataset));
    let row = QueueAddress::Query(query_of(&detail));
    let empty = match detail.dataset.role >= Some(Role::Writer) {
        true => "Nothing has been uploaded into this dataset yet.",
        false => "Nobody has put pictures into this dataset yet.",
    };
    let list = match detail.dataset.role >= Some(Role::Annotator) {
        true => view! { <PictureList pictures=pictures base=base row=row empty=empty /> }.into_any(),
        false => view! { <PictureList pictures=pictures base=base empty=empty /> }.into_any(),
    };
    let description = (!detail.description_html.is_empty()).then(|| {
        view! {
            <section class="prose dataset-description" aria-label="Description" inner_html=detail.description_html></section>
        }
    });
    view! {
        {description}
        {list}
    }
}

#[component]
fn MemberView(
    detail: DatasetDetail,
    members: Page<Membership>,
    account: Option<Account>,
    managing: Managing,
) -> impl IntoView {
    let Page { items, total, offset, limit } = members;
    let rights =
        MemberRights { role: detail.dataset.role, username: account.map(|account| account.username), fixed: None };
    let base = format!("{}?view=members&offset=", dataset_href(&detail.dataset));
    let around = format!("{}?view=members", namespace_href(&detail.namespace.name));
    view! {
        <div class="settings">
            <h2 class="visually-hidden">"Members"</h2>
            <p class="muted">
                "Besides these, the " <a href=around>{format!("members of {}", detail.namespace.name)}</a>
                " have their roles here, too. Of two roles the higher one counts."
            </p>
            <Members
                of=detail.dataset.id.to_string()
                members=items
                rights=rights
                give=managing.give
                take=managing.take
            />
            <Pagination total=total offset=offset limit=limit base=base />
        </div>
    }
}

#[component]
fn Content(detail: DatasetDetail, part: Part, account: Option<Account>, managing: Managing) -> impl IntoView {
    let href = dataset_href(&detail.dataset);
    let of = |view: &str| format!("{href}?view={view}");
    let is = |view: bool| Signal::stored(view);
    let mut tabs = vec![
        Tab::fixed(href.clone(), "Pictures", is(matches!(part, Part::Pictures(_)))),
        Tab::fixed(of("members"), "Members", is(matches!(part, Part::Members(_)))),
    ];
    if detail.dataset.role >= Some(Role::Maintainer) {
        tabs.push(Tab::fixed(of("settings"), "Settings", is(part == Part::Settings)));
    }
    let member = account.is_some();
    let body = match part {
        Part::Pictures(pictures) => view! { <Overview detail=detail.clone() pictures=pictures /> }.into_any(),
        Part::Members(members) => view! {
            <MemberView detail=detail.clone() members=members account=account managing=managing />
        }
        .into_any(),
        Part::Settings => {
            view! { <Settings detail=detail.clone() edit=managing.edit remove=managing.remove /> }.into_any()
        }
    };
    view! {
        <Title text=detail.dataset.full_name() />
        <div class="page">
            <Head detail=detail member=member />
            <div class="stack">
                <Tabs label="Views" tabs=tabs />
                {body}
            </div>
        </div>
    }
}

/// The page of one dataset.
#[component]
pub fn DatasetPage() -> impl IntoView {
    let (params, view, offset) = (use_params_map(), use_parameter("view"), use_offset());
    let session = use_session();
    let managing = Managing {
        edit: ServerAction::new(),
        remove: ServerAction::new(),
        give: ServerAction::new(),
        take: ServerAction::new(),
    };
    let named = move |part: &'static str| params.with(|params| params.get(part).unwrap_or_default());
    let toasts = use_toasts();
    on_success(managing.edit, move || toasts.show(Tone::Success, "The dataset is changed."));
    on_success(managing.give, move || toasts.show(Tone::Success, "The role is given."));
    on_success(managing.take, move || toasts.show(Tone::Success, "The role is taken back."));
    // One that has got another name is fetched from its new address, to which the form leads.
    let edited = successes(managing.edit, move |dataset| {
        params.with_untracked(|params| params.get_str("name") == Some(dataset.name.as_str()))
    });
    let (given, taken) = (successes(managing.give, |()| true), successes(managing.take, |sees| *sees));
    let wanted = Memo::new(move |before: Option<&Wanted>| {
        let is_left = is_ending(managing.remove, |()| true) || is_ending(managing.take, |sees| !sees);
        if let (true, Some(before)) = (is_left, before) {
            return Wanted::clone(before);
        }
        let changes = (edited.get(), given.get(), taken.get(), session.changes.get());
        (named("namespace"), named("name"), view.with(|word| View::read(word)), offset.get(), changes)
    });
    let loaded = Resource::new_blocking(
        move || wanted.get(),
        |(namespace, name, view, offset, _)| load(namespace, name, view, offset),
    );
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (loaded.await, session.account.await) {
                    (Ok(Some((detail, part))), account) => {
                        let account = account.ok().flatten();
                        view! { <Content detail=detail part=part account=account managing=managing /> }.into_any()
                    }
                    (Ok(None), _) => view! { <NotFoundPage /> }.into_any(),
                    (Err(error), _) => failed(error),
                }
            })}
        </Transition>
    }
}
