//! `/licences`: the terms of use that pictures can have.

use super::licence_form::NewLicenceForm;
use crate::api::reference::{NewLicence, counted_licences};
use crate::model::text::path_segment;
use crate::model::{Counted, Licence};
use crate::ui::admin_only::AdminOnly;
use crate::ui::disclosure::Disclosure;
use crate::ui::form_error::form_error;
use crate::ui::licence_badge::FreedomBadge;
use crate::ui::loaded::{Loading, failed};
use crate::ui::pagination::Pagination;
use crate::ui::parameters::use_part;
use crate::ui::text::{count, grouped, query_for, query_href};
use leptos::prelude::*;
use leptos_meta::Title;

/// So many licences are shown unless the address asks for another number: all that a site starts with.
const USUAL: i64 = 100;

#[component]
fn Table(licences: Vec<Counted<Licence>>) -> impl IntoView {
    let rows = licences
        .into_iter()
        .map(|Counted { item: licence, pictures }| {
            let href = format!("/licence/{}", path_segment(&licence.id));
            let query = query_href(&query_for("licence", &licence.id));
            let label = format!("{} under {}", count(pictures, "picture", "pictures"), licence.title);
            view! {
                <tr>
                    <th scope="row">
                        <a href=href>{licence.title}</a>
                        <p class="row-description">{licence.description}</p>
                    </th>
                    <td data-label="Id in queries">
                        <code>{licence.id}</code>
                    </td>
                    <td>
                        <FreedomBadge free=licence.free />
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
        <div class="table-wrap table-rows" role="region" aria-label="Licences" tabindex="0">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Licence"</th>
                        <th scope="col">"Id in queries"</th>
                        <th scope="col">"Freedom"</th>
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

/// The list of licences.
#[component]
pub fn LicencesPage() -> impl IntoView {
    let action = ServerAction::<NewLicence>::new();
    let part = use_part(USUAL);
    let list = Resource::new_blocking(move || action.version().get(), |_| counted_licences());
    let refused = form_error(action).with_untracked(Option::is_some);
    let table = move |licences: Vec<Counted<Licence>>| {
        let (offset, limit) = part.get();
        let total = licences.len() as i64;
        view! {
            <Table licences=super::part_of(licences, offset, limit) />
            <Pagination
                total=total
                offset=offset
                limit=limit
                base=super::with_limit("/licences?".to_owned(), limit, USUAL)
            />
        }
    };
    view! {
        <Title text="Licences" />
        <div class="page page-text">
            <div class="page-head">
                <div>
                    <h1>"Licences"</h1>
                    <p>
                        "A picture’s licences say under which terms it may be used. One without any leaves all rights with its author: ask before you use it. A licence is free if it lets everybody use, study, change and share the picture, for any purpose. What an image was made with is its "
                        <a href="/natures">"nature"</a> "."
                    </p>
                </div>
            </div>
            <div class="sections">
                <Transition fallback=Loading>
                    {move || Suspend::new(async move {
                        match list.await {
                            Ok(licences) => table(licences).into_any(),
                            Err(error) => failed(error),
                        }
                    })}
                </Transition>
                <AdminOnly>
                    <Disclosure title="Add a licence" open=refused>
                        <NewLicenceForm action=action />
                    </Disclosure>
                </AdminOnly>
            </div>
        </div>
    }
}
