//! `/namespaces`: the groups that keep datasets together.

use crate::api::namespaces::namespaces;
use crate::model::text::path_segment;
use crate::model::{AppError, Namespace, NamespaceFilter, Page, Role};
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

/// So many groups are shown unless the address asks for another number.
const USUAL: i64 = 60;

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Wanted {
    search: String,
    mine: bool,
    offset: i64,
    limit: i64,
}

impl Wanted {
    fn base(&self) -> String {
        let mut base = "/namespaces?".to_owned();
        if !self.search.is_empty() {
            base.push_str(&format!("search={}&", path_segment(&self.search)));
        }
        if self.mine {
            base.push_str("mine=true&");
        }
        super::with_limit(base, self.limit, USUAL)
    }
}

/// The page of a namespace.
pub(super) fn namespace_href(name: &str) -> String {
    format!("/namespace/{}", path_segment(name))
}

#[component]
fn List(page: Page<Namespace>, wanted: Wanted) -> impl IntoView {
    if page.total == 0 {
        let (title, words) = match wanted.search.is_empty() && !wanted.mine {
            true => (
                "No groups yet",
                "A group is a namespace whose datasets several people look after. Make the first one.",
            ),
            false => ("Nothing found", "No group that you may see fits this."),
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
        .map(|namespace| {
            view! {
                <tr>
                    <th scope="row">
                        <a href=namespace_href(&namespace.name)>{namespace.name.clone()}</a>
                    </th>
                    <td data-label="Visibility">
                        <VisibilityBadge visibility=namespace.visibility />
                    </td>
                    <td data-label="Your role" class:none=namespace.role.is_none()>
                        {namespace.role.map(Role::label)}
                    </td>
                    <td class="number" data-label="Datasets">
                        {grouped(namespace.datasets)}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p class="muted result-count">{count(page.total, "group", "groups")}</p>
        <Table label="Groups" columns=&[Text("Group"), Text("Visibility"), Text("Your role"), Number("Datasets")]>
            {rows}
        </Table>
        <Pagination total=page.total offset=page.offset limit=page.limit base=wanted.base() />
    }
    .into_any()
}

async fn load(wanted: Wanted) -> Result<(Page<Namespace>, Wanted), AppError> {
    let filter = NamespaceFilter {
        search: Some(wanted.search.clone()).filter(|search| !search.is_empty()),
        group: Some(true),
        role: wanted.mine.then_some(Role::Reader),
    };
    Ok((namespaces(filter, Some(wanted.offset), Some(wanted.limit)).await?, wanted))
}

/// The list of groups.
#[component]
pub fn NamespacesPage() -> impl IntoView {
    let (search, mine, part) = (use_parameter("search"), use_parameter("mine"), use_part(USUAL));
    let (account, typed) = (use_session().account, use_typed("search"));
    let wanted = move || {
        let (offset, limit) = part.get();
        Wanted {
            search: search.with(|search| search.trim().to_owned()),
            mine: mine.with(|mine| mine == "true"),
            offset,
            limit,
        }
    };
    let list = Resource::new_blocking(wanted, load);
    view! {
        <Title text="Groups" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match (list.await, account.await) {
                    (Ok((page, wanted)), account) => {
                        let mine = matches!(account, Ok(Some(_)))
                            .then(|| {
                                view! {
                                    <label class="choice">
                                        <input
                                            type="checkbox"
                                            name="mine"
                                            value="true"
                                            checked=wanted.mine
                                            prop:checked=wanted.mine
                                        />
                                        "Only mine"
                                    </label>
                                }
                            });
                        view! {
                            <div class="page">
                                <div class="page-head">
                                    <div class="stack">
                                        <p class="crumb">
                                            <a href="/datasets">"Datasets"</a>
                                        </p>
                                        <h1>"Groups"</h1>
                                        <p>
                                            "A group is a namespace of several people. Its members have the same roles in all of its datasets."
                                        </p>
                                    </div>
                                    <a class="button" href="/namespaces/new">
                                        <Icon glyph=Glyph::Plus />
                                        "New group"
                                    </a>
                                </div>
                                <div class="stack">
                                    <form
                                        class="search-form"
                                        role="search"
                                        aria-label="Groups"
                                        method="get"
                                        action="/namespaces"
                                    >
                                        <SearchField
                                            typed=typed
                                            name="search"
                                            max_length=64
                                            placeholder="Part of the name"
                                            label="Part of the name"
                                        />
                                        <button class="button" type="submit">
                                            <Icon glyph=Glyph::Search />
                                            "Show"
                                        </button>
                                        {mine}
                                    </form>
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
