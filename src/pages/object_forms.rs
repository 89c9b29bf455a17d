//! Changing an object and merging it into another, below the object's page.

use crate::api::objects::{EditObject, MergeObjectForm};
use crate::model::limits::MAX_OBJECT_NAME;
use crate::model::{Account, ObjectChange, ObjectDetail};
use crate::ui::disclosure::Disclosure;
use crate::ui::field::{TextArea, TextField};
use crate::ui::form::{Beginning, Form};
use crate::ui::form_error::{field_error, form_error};
use crate::ui::session::use_session;
use leptos::prelude::*;

#[component]
fn EditForm(detail: ObjectDetail, may_rename: bool, action: ServerAction<EditObject>) -> impl IntoView {
    let error = form_error(action);
    let object = detail.object;
    let before =
        ObjectChange { id: None, description: Some(object.description.clone()), parents: Some(object.parents.clone()) };
    let refused = error.with_untracked(Option::is_some);
    let name_field = if may_rename {
        view! {
            <TextField
                label="Name"
                name="id"
                value=object.id.clone()
                required=true
                max_length=MAX_OBJECT_NAME
                hint="Regions keep the object, and links with the old name lead here."
                error=field_error(error, "id")
            />
        }
        .into_any()
    } else {
        view! { <input type="hidden" name="id" value=object.id.clone() /> }.into_any()
    };
    view! {
        <Disclosure title="Change this object" open=refused>
            <Form action=action submit="Save" fields=&["id", "description", "parents"]>
                <input type="hidden" name="name" value=object.id />
                <Beginning of=before />
                {name_field}
                <TextArea
                    label="Description"
                    name="description"
                    value=object.description
                    hint="What counts, and what does not."
                    error=field_error(error, "description")
                />
                <TextArea
                    label="More general objects"
                    name="parents"
                    value=object.parents.join("\n")
                    hint="Names of registered objects, one a line."
                    error=field_error(error, "parents")
                />
            </Form>
        </Disclosure>
    }
}

#[component]
fn MergeForm(name: String, action: ServerAction<MergeObjectForm>) -> impl IntoView {
    let error = form_error(action);
    let refused = error.with_untracked(Option::is_some);
    view! {
        <Disclosure title="Merge into another object" open=refused>
            <Form action=action submit="Merge" fields=&["into"] button="danger">
                <input type="hidden" name="name" value=name.clone() />
                <TextField
                    label="Object that stays"
                    name="into"
                    required=true
                    max_length=MAX_OBJECT_NAME
                    hint=format!(
                        "All regions that show {name} will show this object, which also gets its children. Its own description and parents stay. This cannot be undone.",
                    )
                    error=field_error(error, "into")
                />
            </Form>
        </Disclosure>
    }
}

/// The forms that the viewer may use: whoever is signed in may describe an object and place it, who registered it and
/// administrators may rename and merge it.
#[component]
pub fn ObjectForms(
    /// The object.
    detail: ObjectDetail,
    /// Changes it.
    edit: ServerAction<EditObject>,
    /// Merges it into another.
    merge: ServerAction<MergeObjectForm>,
) -> impl IntoView {
    let account = use_session().account;
    let forms = move |account: Account| {
        let is_own = account.admin || detail.author.as_ref() == Some(&account.username);
        // Every object has fields of its own: what was typed for one and not saved never shows up for the next. So has every
        // state of it: the fields show what the form says that it began with.
        let objects = [detail.clone()];
        let state = |ObjectDetail { object, .. }: &ObjectDetail| {
            (object.id.clone(), object.description.clone(), object.parents.clone())
        };
        view! {
            <For each=move || objects.clone() key=state let:detail>
                <EditForm detail=detail.clone() may_rename=is_own action=edit />
                {is_own.then(|| view! { <MergeForm name=detail.object.id action=merge /> })}
            </For>
        }
    };
    view! {
        <Suspense fallback=|| ()>
            {move || {
                let forms = forms.clone();
                Suspend::new(async move {
                    match account.await {
                        Ok(Some(account)) => view! { <div class="page-text stack">{forms(account)}</div> }.into_any(),
                        _ => ().into_any(),
                    }
                })
            }}
        </Suspense>
    }
}
