//! `/natures`: where images come from.

use super::nature_form::NewNatureForm;
use crate::api::reference::{NewNature, counted_natures};
use crate::model::text::path_segment;
use crate::model::{Counted, Nature};
use crate::ui::admin_only::AdminOnly;
use crate::ui::disclosure::Disclosure;
use crate::ui::form_error::form_error;
use crate::ui::loaded::{Loading, failed};
use crate::ui::pagination::Pagination;
use crate::ui::parameters::use_part;
use crate::ui::text::{count, grouped, query_for, query_href, spelled_out};
use leptos::prelude::*;
use leptos_meta::Title;

/// So many natures are shown unless the address asks for another number: all that a site starts with.
const USUAL: i64 = 100;

#[component]
fn Table(natures: Vec<Counted<Nature>>) -> impl IntoView {
    let rows = natures
        .into_iter()
        .map(|Counted { item: nature, pictures }| {
            let href = format!("/nature/{}", path_segment(&nature.id));
            let query = query_href(&query_for("nature", &nature.id));
            let label = format!("{} of the nature {}", count(pictures, "picture", "pictures"), nature.id);
            view! {
                <tr>
                    <th scope="row">
                        <a href=href>{spelled_out(&nature.id)}</a>
                        <p class="row-description">{nature.description}</p>
                    </th>
                    <td data-label="Id in queries">
                        <code>{nature.id}</code>
                    </td>
                    <td class="number" data-label="Pictures">
                        <a href=query aria-label=label>
                            {grouped(pictures)}
                        </a>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap table-rows" role="region" aria-label="Natures" tabindex="0">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Nature"</th>
                        <th scope="col">"Id in queries"</th>
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

/// The list of natures.
#[component]
pub fn NaturesPage() -> impl IntoView {
    let action = ServerAction::<NewNature>::new();
    let part = use_part(USUAL);
    let list = Resource::new_blocking(move || action.version().get(), |_| counted_natures());
    let refused = form_error(action).with_untracked(Option::is_some);
    let table = move |natures: Vec<Counted<Nature>>| {
        let (offset, limit) = part.get();
        let total = natures.len() as i64;
        view! {
            <Table natures=super::part_of(natures, offset, limit) />
            <Pagination
                total=total
                offset=offset
                limit=limit
                base=super::with_limit("/natures?".to_owned(), limit, USUAL)
            />
        }
    };
    view! {
        <Title text="Natures" />
        <div class="page page-text">
            <div class="page-head">
                <div>
                    <h1>"Natures"</h1>
                    <p>
                        "The nature of a picture says where the image comes from: a camera, a program, a hand. Under which terms it may be used is its "
                        <a href="/licences">"licence"</a> "."
                    </p>
                </div>
            </div>
            <div class="sections">
                <Transition fallback=Loading>
                    {move || Suspend::new(async move {
                        match list.await {
                            Ok(natures) => table(natures).into_any(),
                            Err(error) => failed(error),
                        }
                    })}
                </Transition>
                <AdminOnly>
                    <Disclosure title="Add a nature" open=refused>
                        <NewNatureForm action=action />
                    </Disclosure>
                </AdminOnly>
            </div>
        </div>
    }
}
