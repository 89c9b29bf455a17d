//! `/licences`: the terms of use that pictures can have.

use crate::api::reference::licences;
use crate::model::Licence;
use crate::model::text::path_segment;
use crate::ui::loaded::{Loading, failed};
use crate::ui::text::{query_for, query_href};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
fn Table(licences: Vec<Licence>) -> impl IntoView {
    let rows = licences
        .into_iter()
        .map(|licence| {
            let href = format!("/licence/{}", path_segment(&licence.id));
            let query = query_href(&query_for("licence", &licence.id));
            let label = format!("Pictures under {}", licence.title);
            view! {
                <tr>
                    <th scope="row">
                        <a href=href>{licence.title}</a>
                        <p class="row-description">{licence.description}</p>
                    </th>
                    <td>
                        <code>{licence.id}</code>
                    </td>
                    <td>
                        {if licence.free {
                            view! { <span class="badge success">"Free"</span> }.into_any()
                        } else {
                            view! { <span class="badge">"Restricted"</span> }.into_any()
                        }}
                    </td>
                    <td>
                        <a href=query aria-label=label>
                            "Pictures"
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
                        <th scope="col">"Find"</th>
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
    let list = Resource::new_blocking(|| (), |()| licences());
    view! {
        <Title text="Licences" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(licences) => {
                        view! {
                            <div class="page page-text">
                                <div class="page-head">
                                    <div>
                                        <h1>"Licences"</h1>
                                        <p>
                                            "A picture’s licences say under which terms it may be used. One without any leaves all rights with its author: ask before you use it. A licence is free if it lets everybody use, study, change and share the picture, for any purpose."
                                        </p>
                                    </div>
                                </div>
                                <Table licences=licences />
                            </div>
                        }
                            .into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
