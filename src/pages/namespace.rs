//! `/namespace/<name>`: the datasets and members of one namespace, and for those who may, its settings.

use super::datasets::DatasetEntry;
use super::namespaces::namespace_href;
use crate::api::datasets::dataset_cards;
use crate::api::namespaces::{
    EditNamespace, GiveNamespaceRole, RemoveNamespace, TakeNamespaceRole, namespace, namespace_members,
};
use crate::model::text::path_segment;
use crate::model::{
    Account, AppError, DatasetCard, DatasetFilter, DatasetOrder, Membership, Namespace, Page, Role, Visibility,
};
use crate::ui::error_view::NotFoundPage;
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error, is_ending, on_success, successes};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::members::{MemberRights, Members};
use crate::ui::notice::{Empty, Notice, Tone};
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_offset, use_parameter};
use crate::ui::session::use_session;
use crate::ui::tabs::{Tab, Tabs};
use crate::ui::text::{count, sentence};
use crate::ui::toast::use_toasts;
use crate::ui::visibility::{VisibilityBadge, VisibilityChoice};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};

/// So many datasets, or members, are shown at once.
const PAGE: i64 = 48;

/// What the page shows of the namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Datasets,
    Members,
    Settings,
}

impl View {
    fn read(word: &str) -> Self {
        match word {
            "members" => Self::Members,
            "settings" => Self::Settings,
            _ => Self::Datasets,
        }
    }
}

/// What the view needs.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Part {
    Datasets(Page<DatasetCard>),
    Members(Page<Membership>),
    /// The members are told to nobody but them.
    Secret,
    Settings,
}

async fn load(name: String, view: View, offset: i64) -> Result<(Namespace, Part), AppError> {
    let found = namespace(name.clone()).await?;
    let part = match view {
        View::Members => match namespace_members(name, Some(offset), Some(PAGE)).await {
            Ok(members) => Part::Members(members),
            Err(AppError::Forbidden(_)) => Part::Secret,
            Err(error) => return Err(error),
        },
        View::Settings if found.role >= Some(Role::Maintainer) => Part::Settings,
        View::Datasets | View::Settings => {
            let filter = DatasetFilter { namespace: Some(name), ..DatasetFilter::default() };
            Part::Datasets(dataset_cards(filter, DatasetOrder::Name, Some(offset), Some(PAGE)).await?)
        }
    };
    Ok((found, part))
}

/// What the page asks for: name, view, offset, and what has changed how often.
type Wanted = (String, View, i64, (usize, usize, usize));

/// What one can do to the namespace.
#[derive(Clone, Copy)]
struct Managing {
    edit: ServerAction<EditNamespace>,
    remove: ServerAction<RemoveNamespace>,
    give: ServerAction<GiveNamespaceRole>,
    take: ServerAction<TakeNamespaceRole>,
}

#[component]
fn Datasets(name: String, page: Page<DatasetCard>) -> impl IntoView {
    if page.total == 0 {
        return view! {
            <Empty title="No datasets">
                <p>"There is no dataset here that you may see."</p>
            </Empty>
        }
        .into_any();
    }
    let base = format!("{}?offset=", namespace_href(&name));
    let cards = page.items.into_iter().map(|card| view! { <DatasetEntry card=card /> }).collect_view();
    view! {
        <p class="muted result-count">{count(page.total, "dataset", "datasets")}</p>
        <ul class="dataset-list" aria-label="Datasets">
            {cards}
        </ul>
        <Pagination total=page.total offset=page.offset limit=page.limit base=base />
    }
    .into_any()
}

#[component]
fn Settings(namespace: Namespace, managing: Managing) -> impl IntoView {
    let error = form_error(managing.edit);
    let (name, deleted, empty) = (namespace.name.clone(), namespace.name.clone(), namespace.datasets == 0);
    let deletable = namespace.group && namespace.role >= Some(Role::Owner);
    view! {
        <div class="settings">
            <section class="card" aria-labelledby="visibility">
                <h2 id="visibility">"Who may see it"</h2>
                <Form action=managing.edit submit="Save" fields=&["visibility"]>
                    <input type="hidden" name="name" value=name />
                    <VisibilityChoice
                        chosen=RwSignal::new(namespace.visibility)
                        most=Visibility::Public
                        reason="No dataset in it may be seen by more. Those that are have to be changed first."
                        error=field_error(error, "visibility")
                    />
                </Form>
            </section>
            {deletable
                .then(|| {
                    view! {
                        <section class="card" aria-labelledby="delete">
                            <h2 id="delete">"Delete the group"</h2>
                            {if empty {
                                view! {
                                    <Form action=managing.remove submit="Delete the group" button="danger">
                                        <p>"The roles of its members end. This cannot be undone."</p>
                                        <input type="hidden" name="name" value=deleted />
                                    </Form>
                                }
                                    .into_any()
                            } else {
                                view! { <p class="muted">"It has datasets. When they are gone, it can go, too."</p> }
                                    .into_any()
                            }}
                        </section>
                    }
                })}
        </div>
    }
}

#[component]
fn Content(namespace: Namespace, part: Part, account: Option<Account>, managing: Managing) -> impl IntoView {
    let (name, group) = (namespace.name.clone(), namespace.group);
    let manages = namespace.role >= Some(Role::Maintainer);
    let href = namespace_href(&name);
    let of = |view: &str| format!("{href}?view={view}");
    let is = |view: bool| Signal::stored(view);
    let mut tabs = vec![
        Tab::fixed(href.clone(), "Datasets", is(matches!(part, Part::Datasets(_)))),
        Tab::fixed(of("members"), "Members", is(matches!(part, Part::Members(_) | Part::Secret))),
    ];
    if manages {
        tabs.push(Tab::fixed(of("settings"), "Settings", is(part == Part::Settings)));
    }
    let kind = match group {
        true => view! { "A group. " }.into_any(),
        false => view! {
            "The namespace of " <a href=format!("/user/{}", path_segment(&name))>{name.clone()}</a> ". "
        }
        .into_any(),
    };
    let role = namespace.role.filter(|_| account.is_some()).map(|role| format!(" Your role is {}.", role.as_str()));
    let rights = MemberRights {
        role: namespace.role,
        username: account.map(|account| account.username),
        fixed: (!group).then(|| name.clone()),
    };
    let body = match part {
        Part::Datasets(page) => view! { <Datasets name=name.clone() page=page /> }.into_any(),
        Part::Secret => view! {
            <Notice>
                <p>"Only its members may know who they are."</p>
            </Notice>
        }
        .into_any(),
        Part::Members(page) => {
            let Page { items, total, offset, limit } = page;
            view! {
                <div class="settings">
                    <h2 class="visually-hidden">"Members"</h2>
                    <p class="muted">"Each has the same role in every dataset of this namespace."</p>
                    <Members of=name.clone() members=items rights=rights give=managing.give take=managing.take />
                    <Pagination total=total offset=offset limit=limit base=format!("{}&offset=", of("members")) />
                </div>
            }
            .into_any()
        }
        Part::Settings => view! { <Settings namespace=namespace.clone() managing=managing /> }.into_any(),
    };
    view! {
        <Title text=name.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/datasets">"Datasets"</a> " / " <a href="/namespaces">"Groups"</a>
                    </p>
                    <h1>{name.clone()}</h1>
                    <p class="cluster">
                        <VisibilityBadge visibility=namespace.visibility />
                        <span>{kind} {sentence(namespace.visibility.meaning())} {role}</span>
                    </p>
                </div>
                {manages
                    .then(|| {
                        view! {
                            <a class="button" href=format!("/datasets/new?namespace={}", path_segment(&name))>
                                <Icon glyph=Glyph::Plus />
                                "New dataset"
                            </a>
                        }
                    })}
            </div>
            <div class="stack">
                <Tabs label="Views" tabs=tabs />
                {body}
            </div>
        </div>
    }
}

/// The page of one namespace.
#[component]
pub fn NamespacePage() -> impl IntoView {
    let (params, view, offset) = (use_params_map(), use_parameter("view"), use_offset());
    let account = use_session().account;
    // Whatever is no page of the site leads here by its name alone, too; few of these are meant to be namespaces.
    let is_short = use_location().pathname.with_untracked(|path| !path.starts_with("/namespace/"));
    let managing = Managing {
        edit: ServerAction::new(),
        remove: ServerAction::new(),
        give: ServerAction::new(),
        take: ServerAction::new(),
    };
    let toasts = use_toasts();
    on_success(managing.edit, move || toasts.show(Tone::Success, "The namespace is changed."));
    on_success(managing.give, move || toasts.show(Tone::Success, "The role is given."));
    on_success(managing.take, move || toasts.show(Tone::Success, "The role is taken back."));
    let edited = successes(managing.edit, |_| true);
    let (given, taken) = (successes(managing.give, |()| true), successes(managing.take, |sees| *sees));
    let wanted = Memo::new(move |before: Option<&Wanted>| {
        let is_left = is_ending(managing.remove, |()| true) || is_ending(managing.take, |sees| !sees);
        if let (true, Some(before)) = (is_left, before) {
            return Wanted::clone(before);
        }
        let name = params.with(|params| params.get("name").unwrap_or_default());
        (name, view.with(|word| View::read(word)), offset.get(), (edited.get(), given.get(), taken.get()))
    });
    let loaded = Resource::new_blocking(move || wanted.get(), |(name, view, offset, _)| load(name, view, offset));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (loaded.await, account.await) {
                    (Ok((namespace, part)), account) => {
                        let account = account.ok().flatten();
                        view! { <Content namespace=namespace part=part account=account managing=managing /> }.into_any()
                    }
                    (Err(AppError::NotFound(_)), _) if is_short => view! { <NotFoundPage /> }.into_any(),
                    (Err(error), _) => failed(error),
                }
            })}
        </Transition>
    }
}
