//! Who has a part in a project, and who did how much.

use crate::api::projects::{GiveProjectRole, ShareOut, TakeProjectRole};
use crate::model::text::path_segment;
use crate::model::{Project, ProjectMember, ProjectRole, WorkFilter};
use crate::ui::field::{CheckBox, SelectField, TextField};
use crate::ui::form::{Form, SubmitButton};
use crate::ui::form_error::{FormNotice, field_error, form_error};
use crate::ui::table::Column::{Buttons, Number, Text};
use crate::ui::table::Table;
use crate::ui::text::{count, grouped, sentence};
use crate::ui::time::Moment;
use leptos::form::ActionForm;
use leptos::prelude::*;

#[component]
fn Row(
    project: Project,
    member: ProjectMember,
    username: Option<String>,
    take: ServerAction<TakeProjectRole>,
) -> impl IntoView {
    let is_self = username.as_ref() == Some(&member.username);
    let ends = member.role.is_some() && (project.manages || is_self);
    let (verb, label) = match is_self {
        true => ("Leave", "Leave the project".to_owned()),
        false => ("Take out", format!("Take out {}", member.username)),
    };
    let name = member.username.clone();
    let out = ends.then(|| {
        view! {
            <ActionForm action=take>
                <input type="hidden" name="id" value=project.id.to_string() />
                <input type="hidden" name="username" value=name />
                <SubmitButton pending=take.pending() class="button small quiet" label=label>
                    {verb}
                </SubmitButton>
            </ActionForm>
        }
    });
    let queue = super::pictures_href(project.id, &WorkFilter::queue_of(&member.username));
    let queue_label = format!("{} to do by {}", member.pictures.to_do, member.username);
    let to_do = match member.pictures.to_do {
        0 => view! { "0" }.into_any(),
        number => view! { <a href=queue aria-label=queue_label>{grouped(number)}</a> }.into_any(),
    };
    let role = match member.role {
        Some(role) => role.label(),
        None if member.manages => "Maintains the dataset",
        None => "No member",
    };
    let barred = (!member.may_annotate && member.role.is_some())
        .then(|| view! { <span class="badge warning">"may not annotate in the dataset any more"</span> });
    let last = member.last.map(|last| view! { <Moment unix=last /> });
    let number = |label: &'static str, number: i64| {
        view! {
            <td class="number" data-label=label>
                {grouped(number)}
            </td>
        }
    };
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/user/{}", path_segment(&member.username))>{member.username.clone()}</a>
            </th>
            <td data-label="Role">{role} " " {barred}</td>
            <td class="number" data-label="To do">
                {to_do}
            </td>
            {number("Finished", member.finished)}
            {number("Accepted", member.pictures.accepted)}
            {number("Reviewed", member.reviewed)}
            {number("Regions", member.regions)}
            <td data-label="Last seen at work">{last}</td>
            <td>{out}</td>
        </tr>
    }
}

/// The people.
#[component]
pub(super) fn People(
    project: Project,
    members: Option<Vec<ProjectMember>>,
    username: Option<String>,
    give: ServerAction<GiveProjectRole>,
    take: ServerAction<TakeProjectRole>,
    share: ServerAction<ShareOut>,
) -> impl IntoView {
    let (given, taken) = (form_error(give), form_error(take));
    let taken = Signal::derive(move || taken.get().map(|error| sentence(&error.to_string())));
    let id = project.id;
    let nothing = match &members {
        None => Some("Counting takes too long at present. Try again later."),
        Some(members) if members.is_empty() => Some("Nobody has a part in it yet."),
        Some(_) => None,
    };
    let rows = members
        .into_iter()
        .flatten()
        .map(|member| {
            view! { <Row project=project.clone() member=member username=username.clone() take=take /> }
        })
        .collect_view();
    let options: Vec<(String, String)> = ProjectRole::ALL
        .iter()
        .map(|role| (role.as_str().to_owned(), format!("{}: {}", role.label(), role.meaning())))
        .collect();
    let forms = project.manages.then(|| {
        let unassigned = match project.unassigned {
            0 => "All pictures that are to be done are in somebody's queue.".to_owned(),
            number => format!("{} to be done in nobody's queue.", count(number, "picture is", "pictures are")),
        };
        view! {
            <section class="card" aria-labelledby="add-member">
                <h2 id="add-member">"Add a member"</h2>
                <Form action=give submit="Add the member" fields=&["username", "role"]>
                    <input type="hidden" name="id" value=id.to_string() />
                    <TextField
                        label="Username"
                        name="username"
                        required=true
                        verbatim=true
                        hint="Somebody who may annotate in the dataset."
                        error=field_error(given, "username")
                    />
                    <SelectField
                        label="Role"
                        name="role"
                        options=options
                        value="annotator"
                        error=field_error(given, "role")
                    />
                </Form>
            </section>
            <section class="card" aria-labelledby="share-out">
                <h2 id="share-out">"Share out"</h2>
                <Form action=share submit="Share out">
                    <p class="muted">
                        {unassigned} " They are shared out among the annotators so that all have as much to do."
                    </p>
                    <input type="hidden" name="id" value=id.to_string() />
                    <CheckBox
                        label="Also what is in somebody's queue and not begun"
                        name="again"
                        checked=false
                    />
                </Form>
            </section>
        }
    });
    let table = match nothing {
        Some(words) => view! { <p class="muted">{words}</p> }.into_any(),
        None => view! {
            <Table
                label="People"
                columns=&[
                    Text("User"),
                    Text("Role"),
                    Number("To do"),
                    Number("Finished"),
                    Number("Accepted"),
                    Number("Reviewed"),
                    Number("Regions"),
                    Text("Last seen at work"),
                    Buttons,
                ]
            >
                {rows}
            </Table>
            <p class="muted">
                "Finished: said to be done or asked others to look at. Accepted: of their queue. Reviewed: accepted or sent back. Regions: drawn on the project's pictures since it was started."
            </p>
        }
        .into_any(),
    };
    view! {
        <div class="stack">
            <FormNotice error=taken />
            {table}
            <div class="settings">{forms}</div>
        </div>
    }
}
