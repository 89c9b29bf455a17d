//! `/datasets`: named collections of pictures, found by words, namespace, tag and by who may see them.

use crate::api::datasets::dataset_cards;
use crate::model::dataset::{MAX_DATASET_NAME, MAX_TAG};
use crate::model::picture::THUMBNAIL_SMALL_PX;
use crate::model::text::path_segment;
use crate::model::{AppError, Dataset, DatasetCard, DatasetFilter, DatasetOrder, Page, Role, Visibility};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part};
use crate::ui::search_field::{SearchField, use_typed};
use crate::ui::session::use_session;
use crate::ui::text::count;
use crate::ui::visibility::VisibilityBadge;
use leptos::prelude::*;
use leptos_meta::Title;

/// So many datasets are shown unless the address asks for another number.
const USUAL: i64 = 24;

/// The page of a dataset.
pub(super) fn dataset_href(dataset: &Dataset) -> String {
    format!("/{}", dataset.full_name())
}

/// What an address asks for.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Wanted {
    search: String,
    namespace: String,
    tag: String,
    visibility: Option<Visibility>,
    mine: bool,
    order: DatasetOrder,
    offset: i64,
    limit: i64,
}

impl Wanted {
    /// What the address asks for besides the order and the part.
    fn filters(&self) -> Vec<String> {
        let mut filters = Vec::new();
        for (name, value) in [("search", &self.search), ("namespace", &self.namespace), ("tag", &self.tag)] {
            if !value.is_empty() {
                filters.push(format!("{name}={}", path_segment(value)));
            }
        }
        if let Some(visibility) = self.visibility {
            filters.push(format!("visibility={}", visibility.as_str()));
        }
        if self.mine {
            filters.push("mine=true".to_owned());
        }
        filters
    }

    /// The address of the list up to the number of the offset.
    fn base(&self) -> String {
        let mut parameters = self.filters();
        if self.order != DatasetOrder::default() {
            parameters.push(format!("sort={}", self.order.as_str()));
        }
        let separator = if parameters.is_empty() { "" } else { "&" };
        super::with_limit(format!("/datasets?{}{separator}", parameters.join("&")), self.limit, USUAL)
    }

    fn filter(&self) -> DatasetFilter {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        DatasetFilter {
            search: given(&self.search),
            namespace: given(&self.namespace),
            tag: given(&self.tag),
            visibility: self.visibility,
            role: self.mine.then_some(Role::Reader),
        }
    }
}

/// Tags, each of which leads to the datasets that have it.
#[component]
pub(super) fn Tags(tags: Vec<String>) -> impl IntoView {
    let links = tags
        .into_iter()
        .map(|tag| {
            let href = format!("/datasets?tag={}", path_segment(&tag));
            view! {
                <li>
                    <a class="badge" href=href>
                        {tag}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="cluster dataset-tags" aria-label="Tags">
            {links}
        </ul>
    }
}

/// A dataset in a list of them.
#[component]
pub(super) fn DatasetEntry(card: DatasetCard) -> impl IntoView {
    let DatasetCard { dataset, covers } = card;
    let href = dataset_href(&dataset);
    let covers = if covers.is_empty() {
        view! { <Icon glyph=Glyph::Picture /> }.into_any()
    } else {
        covers
            .into_iter()
            .map(|hash| {
                view! {
                    <img
                        src=format!("/thumbnail/{hash}/{THUMBNAIL_SMALL_PX}")
                        alt=""
                        width="160"
                        height="120"
                        loading="lazy"
                        decoding="async"
                    />
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <li class="dataset-card">
            <div class="dataset-covers">{covers}</div>
            <div class="dataset-card-text">
                <a class="dataset-name" href=href>
                    <span class="muted">{dataset.namespace}"/"</span>
                    {dataset.name}
                </a>
                <p class="picture-meta">
                    <VisibilityBadge visibility=dataset.visibility />
                    <span>{count(dataset.pictures, "picture", "pictures")}</span>
                </p>
                {(!dataset.description.is_empty()).then(|| view! { <p class="dataset-excerpt">{dataset.description}</p> })}
                {(!dataset.tags.is_empty()).then(|| view! { <Tags tags=dataset.tags /> })}
            </div>
        </li>
    }
}

/// What is in the fields, which outlive each list that they bring.
#[derive(Clone, Copy)]
struct Typed {
    search: RwSignal<String>,
    namespace: RwSignal<String>,
    tag: RwSignal<String>,
}

#[component]
fn Filters(wanted: Wanted, typed: Typed, signed_in: bool) -> impl IntoView {
    let text = |label: &'static str, name: &'static str, typed: RwSignal<String>, most: usize| {
        view! {
            <label class="filter-field">
                <span>{label}</span>
                <input
                    type="text"
                    name=name
                    maxlength=most.to_string()
                    autocapitalize="none"
                    spellcheck="false"
                    value=typed.get_untracked()
                    prop:value=typed
                    on:input:target=move |event| typed.set(event.target().value())
                />
            </label>
        }
    };
    let visibilities = Visibility::ALL.iter().rev().map(|option| {
        view! {
            <option value=option.as_str() selected=wanted.visibility == Some(*option)>
                {option.label()}
            </option>
        }
    });
    let orders = DatasetOrder::ALL.iter().map(|option| {
        view! {
            <option value=option.as_str() selected=wanted.order == *option>
                {option.label()}
            </option>
        }
    });
    // Strangers see nothing but what everybody sees, and nothing is theirs.
    let own = signed_in.then(|| {
        view! {
            <label class="filter-field">
                <span>"Visibility"</span>
                <select name="visibility">
                    <option value="">"Any"</option>
                    {visibilities.collect_view()}
                </select>
            </label>
        }
    });
    let mine = signed_in.then(|| {
        view! {
            <label class="choice">
                <input type="checkbox" name="mine" value="true" checked=wanted.mine prop:checked=wanted.mine />
                "Only those that I am a member of"
            </label>
        }
    });
    let narrow = !wanted.filters().is_empty();
    view! {
        <form class="dataset-filters" role="search" aria-label="Datasets" method="get" action="/datasets">
            <label class="filter-field wide">
                <span>"Search"</span>
                <SearchField typed=typed.search name="search" max_length=120 placeholder="Name, description or tag" />
            </label>
            {text("Namespace", "namespace", typed.namespace, MAX_DATASET_NAME)}
            {text("Tag", "tag", typed.tag, MAX_TAG)} {own}
            <label class="filter-field">
                <span>"Order"</span>
                <select name="sort">{orders.collect_view()}</select>
            </label>
            <div class="cluster">
                <button class="button" type="submit">
                    <Icon glyph=Glyph::Search />
                    "Show"
                </button>
                {narrow.then(|| view! { <a href="/datasets">"Show all"</a> })} {mine}
            </div>
        </form>
    }
}

#[component]
fn List(page: Page<DatasetCard>, wanted: Wanted) -> impl IntoView {
    if page.total == 0 {
        return match wanted.filters().is_empty() {
            true => view! {
                <Empty title="No datasets yet">
                    <p>"A dataset is a named collection of pictures that a person or a group looks after. Make the first one."</p>
                </Empty>
            }
            .into_any(),
            false => view! {
                <Empty title="Nothing found">
                    <p>"No dataset that you may see fits all of this."</p>
                </Empty>
            }
            .into_any(),
        };
    }
    let cards = page.items.into_iter().map(|card| view! { <DatasetEntry card=card /> }).collect_view();
    view! {
        <p class="muted result-count">{count(page.total, "dataset", "datasets")}</p>
        <ul class="dataset-list" aria-label="Datasets">
            {cards}
        </ul>
        <Pagination total=page.total offset=page.offset limit=page.limit base=wanted.base() />
    }
    .into_any()
}

async fn load(wanted: Wanted) -> Result<(Page<DatasetCard>, Wanted), AppError> {
    let page = dataset_cards(wanted.filter(), wanted.order, Some(wanted.offset), Some(wanted.limit)).await?;
    Ok((page, wanted))
}

/// The list of datasets.
#[component]
pub fn DatasetsPage() -> impl IntoView {
    let (search, namespace, tag) = (use_parameter("search"), use_parameter("namespace"), use_parameter("tag"));
    let (visibility, mine, order) = (use_parameter("visibility"), use_parameter("mine"), use_parameter("sort"));
    let (part, account) = (use_part(USUAL), use_session().account);
    let typed = Typed { search: use_typed("search"), namespace: use_typed("namespace"), tag: use_typed("tag") };
    let wanted = move || {
        let text = |parameter: Memo<String>| parameter.with(|text| text.trim().to_owned());
        let (offset, limit) = part.get();
        Wanted {
            search: text(search),
            namespace: text(namespace),
            tag: text(tag),
            visibility: visibility.with(|word| word.parse().ok()),
            mine: mine.with(|mine| mine == "true"),
            order: order.with(|word| word.parse().unwrap_or_default()),
            offset,
            limit,
        }
    };
    let list = Resource::new_blocking(wanted, load);
    view! {
        <Title text="Datasets" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (list.await, account.await) {
                    (Ok((page, wanted)), account) => {
                        let signed_in = matches!(account, Ok(Some(_)));
                        view! {
                            <div class="page">
                                <div class="page-head">
                                    <div>
                                        <h1>"Datasets"</h1>
                                        <p>
                                            "Named collections of pictures, each looked after by a person or a "
                                            <a href="/namespaces">"group"</a> ". Their files are here or at a "
                                            <a href="/storage-sites">"storage site"</a>
                                            ". People annotate versions of them together in "
                                            <a href="/projects">"projects"</a> "."
                                        </p>
                                    </div>
                                    <a class="button" href="/datasets/new">
                                        <Icon glyph=Glyph::Plus />
                                        "New dataset"
                                    </a>
                                </div>
                                <div class="stack">
                                    <Filters wanted=wanted.clone() typed=typed signed_in=signed_in />
                                    <List page=page wanted=wanted />
                                </div>
                            </div>
                        }
                            .into_any()
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
    fn addresses_hold_all_that_is_asked_for() {
        let wanted = Wanted { limit: USUAL, ..Wanted::default() };
        assert_eq!(wanted.base(), "/datasets?offset=");
        let narrow = Wanted {
            search: "a b".into(),
            tag: "é".into(),
            visibility: Some(Visibility::Internal),
            mine: true,
            order: DatasetOrder::Newest,
            ..wanted
        };
        assert_eq!(
            narrow.base(),
            "/datasets?search=a%20b&tag=%C3%A9&visibility=internal&mine=true&sort=newest&offset="
        );
        assert_eq!(narrow.filter().role, Some(Role::Reader));
    }
}
