//! `/natures`: where images come from.

use super::nature_form::NewNatureForm;
use super::reference::{ReferenceList, Row};
use crate::api::reference::{NewNature, counted_natures};
use crate::model::text::path_segment;
use crate::model::{Counted, Nature};
use crate::ui::table::Column::{Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{count, query_for, spelled_out};
use leptos::prelude::*;

fn table(natures: Vec<Counted<Nature>>) -> AnyView {
    let rows = natures
        .into_iter()
        .map(|Counted { item: nature, pictures }| {
            let label = format!("{} of the nature {}", count(pictures, "picture", "pictures"), nature.id);
            view! {
                <Row
                    title=spelled_out(&nature.id)
                    description=nature.description
                    path=format!("/nature/{}", path_segment(&nature.id))
                    query=query_for("nature", &nature.id)
                    id=nature.id
                    pictures=pictures
                    label=label
                />
            }
        })
        .collect_view();
    view! {
        <Table label="Natures" columns=&[Text("Nature"), Text("Id in queries"), Number("Pictures")]>
            {rows}
        </Table>
    }
    .into_any()
}

/// The list of natures.
#[component]
pub fn NaturesPage() -> impl IntoView {
    let action = ServerAction::<NewNature>::new();
    let list = Resource::new_blocking(move || action.version().get(), |_| counted_natures());
    let about = view! {
        <p>
            "The nature of a picture says where the image comes from: a camera, a program, a hand. Under which terms it may be used is its "
            <a href="/licences">"licence"</a> "."
        </p>
    }
    .into_any();
    view! {
        <ReferenceList
            title="Natures"
            path="/natures"
            about=about
            list=list
            table=table
            add="Add a nature"
            action=action
        >
            <NewNatureForm action=action />
        </ReferenceList>
    }
}
