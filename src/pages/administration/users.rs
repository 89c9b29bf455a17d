//! `/administration`: the users of the site, for administrators.

use super::{AccountState, Views, member_href, options, role};
use crate::api::administration::members;
use crate::model::text::path_segment;
use crate::model::{AppError, Member, MemberFilter, MemberKind, MemberOrder, Page};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part};
use crate::ui::table::Column::{Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{count, grouped, query_for, query_href};
use crate::ui::time::Date;
use leptos::prelude::*;
use leptos_meta::Title;

/// So many users are shown unless the address asks for another number.
const USUAL: i64 = 50;

/// The address of the list up to the number of the offset.
fn base(filter: &MemberFilter, limit: i64) -> String {
    let mut base = "/administration?".to_owned();
    if !filter.search.is_empty() {
        base.push_str(&format!("search={}&", path_segment(&filter.search)));
    }
    if filter.kind != MemberKind::default() {
        base.push_str(&format!("kind={}&", filter.kind.as_str()));
    }
    if filter.order != MemberOrder::default() {
        base.push_str(&format!("order={}&", filter.order.as_str()));
    }
    crate::pages::with_limit(base, limit, USUAL)
}

#[component]
fn Rows(members: Vec<Member>) -> impl IntoView {
    let rows = members
        .into_iter()
        .map(|member| {
            let pictures = query_href(&query_for("author", &member.id));
            let label = format!("{} by {}", count(member.pictures, "picture", "pictures"), member.id);
            view! {
                <tr>
                    <th scope="row">
                        <a href=member_href(&member.id)>{member.id.clone()}</a>
                    </th>
                    <td data-label="Joined">
                        <Date unix=member.joined />
                    </td>
                    <td class="number" data-label="Pictures">
                        <a href=pictures aria-label=label>
                            {grouped(member.pictures)}
                        </a>
                    </td>
                    <td data-label="Role">{role(&member)}</td>
                    <td data-label="State">
                        <AccountState member=member />
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table label="Users" columns=&[Text("User"), Text("Joined"), Number("Pictures"), Text("Role"), Text("State")]>{rows}</Table>
    }
}

#[component]
fn Filter(filter: MemberFilter) -> impl IntoView {
    let named = |word: &'static str, label: &'static str| (word.to_owned(), label.to_owned());
    let kinds = MemberKind::ALL.map(|kind| named(kind.as_str(), kind.label())).to_vec();
    let orders = MemberOrder::ALL.map(|order| named(order.as_str(), order.label())).to_vec();
    view! {
        <form class="search-form" role="search" method="get" action="/administration">
            <input
                type="search"
                name="search"
                maxlength="64"
                placeholder="Part of the name"
                aria-label="Part of the name"
                value=filter.search
            />
            <select name="kind" aria-label="Which users">
                {options(kinds, filter.kind.as_str())}
            </select>
            <select name="order" aria-label="Order">
                {options(orders, filter.order.as_str())}
            </select>
            <button class="button" type="submit">
                <Icon glyph=Glyph::Search />
                "Show"
            </button>
        </form>
    }
}

#[component]
fn Content(page: Page<Member>, filter: MemberFilter) -> impl IntoView {
    let base = base(&filter, page.limit);
    view! {
        <div class="page">
            <div class="page-head">
                <div>
                    <h1>"Administration"</h1>
                    <p>"Who has an account here. A name leads to what can be done about it."</p>
                </div>
                <Filter filter=filter />
            </div>
            <div class="stack">
                <Views current="/administration" />
                {if page.total == 0 {
                    view! {
                        <Empty title="Nobody found">
                            <p>"No user fits this search."</p>
                        </Empty>
                    }
                        .into_any()
                } else {
                    view! {
                        <p class="muted result-count">{count(page.total, "user", "users")}</p>
                        <Rows members=page.items />
                        <Pagination total=page.total offset=page.offset limit=page.limit base=base />
                    }
                        .into_any()
                }}
            </div>
        </div>
    }
}

/// The list of users for administrators.
#[component]
pub fn AdministrationPage() -> impl IntoView {
    let (search, part) = (use_parameter("search"), use_part(USUAL));
    let (kind, order) = (use_parameter("kind"), use_parameter("order"));
    let wanted = move || {
        let filter = MemberFilter {
            search: search.with(|search| search.trim().to_owned()),
            kind: kind.with(|kind| MemberKind::named(kind)),
            order: order.with(|order| MemberOrder::named(order)),
        };
        (filter, part.get())
    };
    let list = Resource::new_blocking(wanted, |(filter, (offset, limit))| async move {
        Ok::<_, AppError>((members(filter.clone(), Some(offset), Some(limit)).await?, filter))
    });
    view! {
        <Title text="Administration" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match list.await {
                    Ok((page, filter)) => view! { <Content page=page filter=filter /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
