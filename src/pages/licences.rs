//! `/licences`: the terms of use that pictures can have.

use super::licence_form::NewLicenceForm;
use super::reference::{ReferenceList, Row};
use crate::api::reference::{NewLicence, counted_licences};
use crate::model::text::path_segment;
use crate::model::{Counted, Licence};
use crate::ui::licence_badge::FreedomBadge;
use crate::ui::table::Column::{Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{count, query_for};
use leptos::prelude::*;

fn table(licences: Vec<Counted<Licence>>) -> AnyView {
    let rows = licences
        .into_iter()
        .map(|Counted { item: licence, pictures }| {
            let label = format!("{} under {}", count(pictures, "picture", "pictures"), licence.title);
            view! {
                <Row
                    title=licence.title
                    description=licence.description
                    path=format!("/licence/{}", path_segment(&licence.id))
                    query=query_for("licence", &licence.id)
                    id=licence.id
                    pictures=pictures
                    label=label
                >
                    <td>
                        <FreedomBadge free=licence.free />
                    </td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table label="Licences" columns=&[Text("Licence"), Text("Id in queries"), Text("Freedom"), Number("Pictures")]>
            {rows}
        </Table>
    }
    .into_any()
}

/// The list of licences.
#[component]
pub fn LicencesPage() -> impl IntoView {
    let action = ServerAction::<NewLicence>::new();
    let list = Resource::new_blocking(move || action.version().get(), |_| counted_licences());
    let about = view! {
        <p>
            "A picture’s licences say under which terms it may be used. One without any leaves all rights with its author: ask before you use it. A licence is free if it lets everybody use, study, change and share the picture, for any purpose. What an image was made with is its "
            <a href="/natures">"nature"</a> "."
        </p>
    }
    .into_any();
    view! {
        <ReferenceList
            title="Licences"
            path="/licences"
            about=about
            list=list
            table=table
            add="Add a licence"
            action=action
        >
            <NewLicenceForm action=action />
        </ReferenceList>
    }
}
