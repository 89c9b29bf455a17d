//! What can be done with the picture: annotate, edit, copy, replace, delete.

use super::Shown;
use crate::api::pictures::CopyPicture;
use crate::model::text::path_segment;
use crate::ui::dialog::{Dialog, DialogActions};
use crate::ui::form::ButtonForm;
use crate::ui::form_error::{FormNotice, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::parameters::use_parameter;
use crate::ui::queue_address::QueueAddress;
use crate::ui::session::use_session;
use crate::ui::stars::rating_total;
use crate::ui::text::count;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Id of the link to the form for the metadata.
pub(super) const EDIT_LINK: &str = "edit-picture";

/// What becomes of all that hangs on the picture when it is deleted, a sentence each; none where nothing does.
fn consequences(shown: Shown) -> Vec<String> {
    let around = shown.surroundings.get();
    shown.detail.with(|detail| {
        let picture = &detail.picture;
        let mut sentences = Vec::new();
        let regions = picture.regions.len() as i64;
        match regions {
            0 if detail.revision == 0 => {}
            0 => sentences.push("The history of its regions goes with it.".to_owned()),
            1 => sentences.push("1 region goes with it, and so does its history.".to_owned()),
            several => sentences
                .push(format!("{} go with it, and so does their history.", count(several, "region", "regions"))),
        }
        let ratings = rating_total(&detail.rating);
        if ratings > 0 {
            let go = if ratings == 1 { "goes" } else { "go" };
            sentences.push(format!("{} {go} with it.", count(ratings, "rating", "ratings")));
        }
        if around.gallery_count > 0 {
            let lose = if around.gallery_count == 1 { "loses" } else { "lose" };
            sentences.push(format!("{} {lose} it.", count(around.gallery_count, "gallery", "galleries")));
        }
        if around.copy_count > 0 {
            let stay = if around.copy_count == 1 { "stays" } else { "stay" };
            sentences.push(format!(
                "{} of it {stay}, and no longer say where they come from.",
                count(around.copy_count, "copy", "copies")
            ));
        }
        sentences.extend(match (picture.replaces, picture.replaced_by) {
            (Some(older), Some(newer)) => {
                Some(format!("Picture {older}, which it replaces, is then replaced by picture {newer}."))
            }
            (Some(older), None) => Some(format!("Picture {older}, which it replaces, is current again.")),
            (None, Some(newer)) => Some(format!("Picture {newer}, which replaces it, then replaces nothing.")),
            (None, None) => None,
        });
        sentences
    })
}

/// What is to be known before the picture is deleted: what hangs on it, and why that failed, if it did.
#[component]
fn DeleteQuestion(shown: Shown) -> impl IntoView {
    let error = general_error(form_error(shown.delete), &[]);
    let hanging = move || {
        let sentences = consequences(shown);
        if sentences.is_empty() {
            return view! { <p>"Nothing else hangs on it."</p> }.into_any();
        }
        let items = sentences.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view();
        view! { <ul class="consequences">{items}</ul> }.into_any()
    };
    view! {
        <div class="stack">
            <p>"This cannot be undone."</p>
            {hanging}
            <FormNotice error=error />
        </div>
    }
}

/// The button that deletes the picture.
#[component]
fn DeleteButton(shown: Shown) -> impl IntoView {
    view! {
        <ButtonForm action=shown.delete id=shown.id class="button danger">
            "Delete this picture"
        </ButtonForm>
    }
}

/// What only the author may do, or the writers of its dataset, and administrators.
#[component]
fn OwnersActions(shown: Shown, asking: RwSignal<bool>) -> impl IntoView {
    let replaceable = shown.detail.with_untracked(|detail| detail.picture.replaced_by.is_none());
    let path = shown.path();
    view! {
        <a class="button" id=EDIT_LINK href=format!("{path}?form=edit")>
            <Icon glyph=Glyph::Edit />
            "Edit"
        </a>
        {replaceable
            .then(|| {
                view! {
                    <a class="button" href=format!("{path}/replace")>
                        <Icon glyph=Glyph::Upload />
                        "Replace"
                    </a>
                }
            })}
        <button class="button script-only" type="button" on:click=move |_| asking.set(true)>
            <Icon glyph=Glyph::Delete />
            "Delete"
        </button>
        <a class="button no-script-only" href=format!("{path}?form=delete")>
            <Icon glyph=Glyph::Delete />
            "Delete"
        </a>
    }
}

/// The buttons under the heading.
#[component]
pub(super) fn Actions(shown: Shown) -> impl IntoView {
    let account = use_session().account;
    let form = use_parameter("form");
    // Whoever came by a row of pictures goes on in it.
    let row = use_location().search.with_untracked(|search| QueueAddress::read(search));
    let copy = ServerAction::<CopyPicture>::new();
    let copy_error = general_error(form_error(copy), &[]);
    let asking = RwSignal::new(false);
    let may_edit = Memo::new(move |_| shown.surroundings.with(|around| around.may_edit));
    let offered = Memo::new(move |_| shown.surroundings.with(|around| (around.may_annotate, around.may_copy)));
    let is_in_dataset = Memo::new(move |_| shown.detail.with(|detail| detail.picture.dataset.is_some()));
    let asked_in_address = move || may_edit.get() && form.with(|form| form == "delete");
    view! {
        <div class="cluster picture-actions">
            <Suspense fallback=|| ()>
                {move || {
                    let row = row.clone();
                    let (annotates, copies) = offered.get();
                    Suspend::new(async move {
                        let annotate = row.annotate_href(shown.id);
                        let signed_in = matches!(account.await, Ok(Some(_)));
                        let href = if signed_in {
                            annotate
                        } else {
                            format!("/login?next={}", path_segment(&annotate))
                        };
                        // Who has not signed in may turn out to have a role.
                        view! {
                            {(annotates || !signed_in)
                                .then(|| {
                                    view! {
                                        <a class="button primary" href=href>
                                            <Icon glyph=Glyph::Edit />
                                            {if signed_in { "Annotate" } else { "Sign in to annotate" }}
                                        </a>
                                    }
                                })}
                            {copies
                                .then(|| {
                                    view! {
                                        <ButtonForm action=copy id=shown.id>
                                            <Icon glyph=Glyph::Copy />
                                            {if is_in_dataset.get() { "Copy in the dataset" } else { "Copy to my pictures" }}
                                        </ButtonForm>
                                    }
                                })}
                        }
                    })
                }}
            </Suspense>
            {move || may_edit.get().then(|| view! { <OwnersActions shown=shown asking=asking /> })}
        </div>
        <FormNotice error=copy_error />
        {move || {
            may_edit
                .get()
                .then(|| {
                    view! {
                        <Dialog open=asking title="Delete this picture?" id="delete-picture">
                            <DeleteQuestion shown=shown />
                            <DialogActions open=asking>
                                <DeleteButton shown=shown />
                            </DialogActions>
                        </Dialog>
                    }
                })
        }}
        {move || {
            asked_in_address()
                .then(|| {
                    view! {
                        <section class="card no-script-only" aria-labelledby="delete">
                            <h2 id="delete">"Delete this picture?"</h2>
                            <DeleteQuestion shown=shown />
                            <div class="dialog-actions">
                                <a class="button" href=shown.path()>
                                    "Cancel"
                                </a>
                                <DeleteButton shown=shown />
                            </div>
                        </section>
                    }
                })
        }}
    }
}
