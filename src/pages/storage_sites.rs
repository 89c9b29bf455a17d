//! `/storage-sites`: places beside the site's own folder where the files of datasets are.

use crate::api::storage_sites::{storage_sites, storage_sites_possible};
use crate::model::text::path_segment;
use crate::model::{AppError, Page, StorageSite, StorageSiteFilter};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part};
use crate::ui::search_field::{SearchField, use_typed};
use crate::ui::session::use_session;
use crate::ui::table::Column::{Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{count, grouped};
use crate::ui::visibility::VisibilityBadge;
use leptos::prelude::*;
use leptos_meta::Title;

/// So many are shown unless the address asks for another number.
const USUAL: i64 = 60;

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Wanted {
    search: String,
    offset: i64,
    limit: i64,
}

impl Wanted {
    fn base(&self) -> String {
        let mut base = "/storage-sites?".to_owned();
        if !self.search.is_empty() {
            base.push_str(&format!("search={}&", path_segment(&self.search)));
        }
        super::with_limit(base, self.limit, USUAL)
    }
}

/// The page of a storage site.
pub(super) fn site_href(id: i64) -> String {
    format!("/storage-sites/{id}")
}

#[component]
fn List(page: Page<StorageSite>, wanted: Wanted, possible: bool) -> impl IntoView {
    if page.total == 0 {
        let (title, words) = match (wanted.search.is_empty(), possible) {
            (false, _) => ("Nothing found", "No storage site that you may see fits this."),
            (true, true) => (
                "No storage sites",
                "There is none that you may see. Maintainers of a namespace can register a folder or a bucket.",
            ),
            (true, false) => {
                ("No storage sites", "The settings of this site name no folder and no address where there may be any.")
            }
        };
        return view! {
            <Empty title=title>
                <p>{words}</p>
            </Empty>
        }
        .into_any();
    }
    let rows = page
        .items
        .into_iter()
        .map(|site| {
            view! {
                <tr>
                    <th scope="row">
                        <a href=site_href(site.id)>{site.name.clone()}</a>
                    </th>
                    <td data-label="Kind">{site.kind.label()}</td>
                    <td data-label="Visibility">
                        <VisibilityBadge visibility=site.visibility />
                    </td>
                    <td data-label="You may">{site.access.label()}</td>
                    <td class="number" data-label="Datasets">
                        {grouped(site.datasets)}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p class="muted result-count">{count(page.total, "storage site", "storage sites")}</p>
        <Table
            label="Storage sites"
            columns=&[Text("Storage site"), Text("Kind"), Text("Visibility"), Text("You may"), Number("Datasets")]
        >
            {rows}
        </Table>
        <Pagination total=page.total offset=page.offset limit=page.limit base=wanted.base() />
    }
    .into_any()
}

async fn load(wanted: Wanted) -> Result<(Page<StorageSite>, bool, Wanted), AppError> {
    let filter =
        StorageSiteFilter { search: Some(wanted.search.clone()).filter(|search| !search.is_empty()), access: None };
    let page = storage_sites(filter, Some(wanted.offset), Some(wanted.limit)).await?;
    Ok((page, storage_sites_possible().await?, wanted))
}

/// The list of storage sites.
#[component]
pub fn StorageSitesPage() -> impl IntoView {
    let (search, part) = (use_parameter("search"), use_part(USUAL));
    let (account, typed) = (use_session().account, use_typed("search"));
    let wanted = move || {
        let (offset, limit) = part.get();
        Wanted { search: search.with(|search| search.trim().to_owned()), offset, limit }
    };
    let list = Resource::new_blocking(wanted, load);
    view! {
        <Title text="Storage sites" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (list.await, account.await) {
                    (Ok((page, possible, wanted)), account) => {
                        let may_register = possible && matches!(account, Ok(Some(_)));
                        view! {
                            <div class="page">
                                <div class="page-head">
                                    <div class="stack">
                                        <p class="crumb">
                                            <a href="/datasets">"Datasets"</a>
                                        </p>
                                        <h1>"Storage sites"</h1>
                                        <p>
                                            "Folders and buckets where the files of datasets are that are not in this site's own folder."
                                        </p>
                                    </div>
                                    {may_register
                                        .then(|| {
                                            view! {
                                                <a class="button" href="/storage-sites/new">
                                                    <Icon glyph=Glyph::Plus />
                                                    "Register a storage site"
                                                </a>
                                            }
                                        })}
                                </div>
                                <div class="stack">
                                    <form
                                        class="search-form"
                                        role="search"
                                        aria-label="Storage sites"
                                        method="get"
                                        action="/storage-sites"
                                    >
                                        <SearchField
                                            typed=typed
                                            name="search"
                                            max_length=64
                                            placeholder="Part of the name or description"
                                            label="Part of the name or description"
                                        />
                                        <button class="button" type="submit">
                                            <Icon glyph=Glyph::Search />
                                            "Show"
                                        </button>
                                    </form>
                                    <List page=page wanted=wanted possible=possible />
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
