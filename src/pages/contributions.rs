//! `/user/<name>/contributions`: which regions a user saved when.

use crate::api::users::contributions;
use crate::model::text::path_segment;
use crate::model::{AppError, Contribution, Page};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::use_part;
use crate::ui::text::{change_text, count};
use crate::ui::time::Moment;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// So many entries are shown unless the address asks for another number.
const USUAL: i64 = 50;

/// Entries of the list, the newest first.
#[component]
pub(super) fn Contributions(items: Vec<Contribution>) -> impl IntoView {
    let rows = items
        .into_iter()
        .map(|item| {
            let title = if item.title.is_empty() { format!("Picture {}", item.picture) } else { item.title.clone() };
            view! {
                <li class="history-state">
                    <div>
                        <p>
                            <a href=format!("/picture/{}", item.picture)>{title}</a>
                            " "
                            <span class="muted">{format!("revision {}", item.revision)}</span>
                        </p>
                        <p class="field-hint">
                            {change_text(item.added, item.changed, item.removed)} ", " <Moment unix=item.timestamp />
                        </p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="plain-list">{rows}</ol> }
}

async fn load(name: String, (offset, limit): (i64, i64)) -> Result<(String, Page<Contribution>), AppError> {
    let page = contributions(name.clone(), Some(offset), Some(limit)).await?;
    Ok((name, page))
}

#[component]
fn Content(name: String, page: Page<Contribution>) -> impl IntoView {
    let user = format!("/user/{}", path_segment(&name));
    let base = super::with_limit(format!("{user}/contributions?"), page.limit, USUAL);
    let list = if page.total == 0 {
        view! {
            <Empty title="No contributions">
                <p>"This user has not saved any regions yet."</p>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <p class="muted result-count">{count(page.total, "save", "saves")}</p>
            <Contributions items=page.items />
            <Pagination total=page.total offset=page.offset limit=page.limit base=base />
        }
        .into_any()
    };
    view! {
        <Title text=format!("Contributions of {name}") />
        <div class="page page-text">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href=user>{name}</a>
                    </p>
                    <h1>"Contributions"</h1>
                    <p>"The regions that this user drew, changed and removed, the newest first."</p>
                </div>
            </div>
            {list}
        </div>
    }
}

/// The page of a user's contributions.
#[component]
pub fn ContributionsPage() -> impl IntoView {
    let (params, part) = (use_params_map(), use_part(USUAL));
    let wanted = move || (params.with(|params| params.get("name").unwrap_or_default()), part.get());
    let loaded = Resource::new_blocking(wanted, |(name, part)| load(name, part));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((name, page)) => view! { <Content name=name page=page /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
