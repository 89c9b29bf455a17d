//! The dialog that puts pictures into a gallery: into one that the person has, or into a new one.

use super::dialog::Dialog;
use super::field::FieldError;
use super::form_error::{FormNotice, field_error, general_error};
use super::notice::{Notice, Tone};
use super::parameters::use_sign_in;
use super::text::{count, sentence};
use super::toast::use_toasts;
use crate::api::galleries::{add_many_to_gallery, add_query_to_gallery, create_gallery, my_galleries};
use crate::model::limits::MAX_TITLE;
use crate::model::{AppError, GalleryName};
use leptos::html;
use leptos::prelude::*;
use web_sys::SubmitEvent;

/// What is to be put into a gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Additions {
    /// These pictures, in this order.
    Pictures(Vec<i64>),
    /// All that a query finds.
    Query(String),
}

/// Where it is put.
#[derive(Clone, Debug)]
enum Goal {
    Gallery(GalleryName),
    New(String),
}

/// The gallery in which the pictures go. One that had to be made is remembered: whoever tries again because they could not be
/// added does not want another one.
async fn find(goal: Goal, made: StoredValue<Option<GalleryName>>) -> Result<GalleryName, AppError> {
    let title = match goal {
        Goal::Gallery(gallery) => return Ok(gallery),
        Goal::New(title) => title.trim().to_owned(),
    };
    if let Some(earlier) = made.try_get_value().flatten().filter(|earlier| earlier.title == title) {
        return Ok(earlier);
    }
    let gallery = create_gallery(title, String::new()).await?;
    let gallery = GalleryName { id: gallery.id, title: gallery.title };
    made.try_update_value(|made| *made = Some(gallery.clone()));
    Ok(gallery)
}

/// Puts the pictures into the gallery and gives it back with the number of those that were not in it before.
async fn add(
    what: Additions,
    goal: Goal,
    made: StoredValue<Option<GalleryName>>,
) -> Result<(GalleryName, i64), AppError> {
    let gallery = find(goal, made).await?;
    let added = match what {
        Additions::Pictures(pictures) => add_many_to_gallery(gallery.id, pictures).await?,
        Additions::Query(query) => add_query_to_gallery(gallery.id, query).await?,
    };
    Ok((gallery, added))
}

#[component]
fn Choice(
    galleries: Vec<GalleryName>,
    what: Signal<Additions>,
    open: RwSignal<bool>,
    id: &'static str,
    on_added: Option<Callback<()>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let title = NodeRef::<html::Input>::new();
    let made = StoredValue::new(None::<GalleryName>);
    let run = move |goal: Goal| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let what = what.get_untracked();
        leptos::task::spawn_local(async move {
            match add(what, goal, made).await {
                Ok((gallery, 0)) => {
                    toasts.show(Tone::Info, format!("Everything was in “{}” already.", gallery.title));
                    open.try_set(false);
                }
                Ok((gallery, added)) => {
                    let added = count(added, "picture is", "pictures are");
                    toasts.show(Tone::Success, format!("{added} in “{}” now.", gallery.title));
                    open.try_set(false);
                    if let Some(on_added) = on_added {
                        on_added.try_run(());
                    }
                }
                Err(problem) => drop(error.try_set(Some(problem))),
            }
            busy.try_set(false);
        });
    };
    let make = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(title) = title.get_untracked() {
            run(Goal::New(title.value()));
        }
    };
    let list = (!galleries.is_empty()).then(|| {
        let items = galleries
            .into_iter()
            .map(|gallery| {
                let name = gallery.title.clone();
                view! {
                    <li>
                        <button
                            class="button quiet wide"
                            type="button"
                            disabled=move || busy.get()
                            on:click=move |_| run(Goal::Gallery(gallery.clone()))
                        >
                            {name}
                        </button>
                    </li>
                }
            })
            .collect_view();
        view! {
            <ul class="pick-list" aria-label="Your galleries">
                {items}
            </ul>
        }
    });
    let in_title = field_error(error.into(), "title");
    let elsewhere = general_error(error.into(), &["title"]);
    let (field, error_id) = (format!("{id}-new"), format!("{id}-new-error"));
    view! {
        <div class="stack">
            <FormNotice error=elsewhere /> {list}
            <form class="stack stack-tight" on:submit=make>
                <label class="field-label" for=field.clone()>
                    "New gallery"
                </label>
                <div class="field-row">
                    <input
                        id=field
                        node_ref=title
                        type="text"
                        required=true
                        autocomplete="off"
                        maxlength=MAX_TITLE.to_string()
                        aria-describedby=error_id.clone()
                        aria-invalid=move || in_title.get().is_some().then_some("true")
                    />
                    <button class="button primary" type="submit" disabled=move || busy.get()>
                        "Make it and add"
                    </button>
                </div>
                <FieldError id=error_id error=in_title />
            </form>
        </div>
    }
}

/// The dialog that puts pictures into a gallery.
#[component]
pub fn AddToGallery(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What to add.
    #[prop(into)]
    what: Signal<Additions>,
    /// The dialog's id, which must be the only one on the page.
    id: &'static str,
    /// Called after pictures were added.
    #[prop(optional)]
    on_added: Option<Callback<()>>,
) -> impl IntoView {
    let account = super::session::use_session().account;
    let sign_in = use_sign_in();
    let known = RwSignal::new(None::<Result<Vec<GalleryName>, AppError>>);
    // Asked anew whenever it opens: there may be other galleries by then.
    Effect::new(move |_| {
        if !open.get() {
            known.set(None);
            return;
        }
        leptos::task::spawn_local(async move {
            let galleries = my_galleries().await;
            known.try_set(Some(galleries));
        });
    });
    let body = move || {
        let signed_in = matches!(account.get(), Some(Ok(Some(_))));
        match known.get() {
            None => view! { <p class="muted">"Looking for your galleries…"</p> }.into_any(),
            Some(Ok(_)) if !signed_in => view! {
                <p>
                    <a href=sign_in rel="external">
                        "Sign in"
                    </a>
                    " to keep pictures in galleries."
                </p>
            }
            .into_any(),
            Some(Ok(galleries)) => {
                view! { <Choice galleries=galleries what=what open=open id=id on_added=on_added /> }.into_any()
            }
            Some(Err(error)) => view! {
                <Notice tone=Tone::Danger>
                    <p>{sentence(&error.to_string())}</p>
                </Notice>
            }
            .into_any(),
        }
    };
    let lead = move || {
        what.with(|what| match what {
            Additions::Pictures(pictures) => {
                format!("{} at the end of:", count(pictures.len() as i64, "picture goes", "pictures go"))
            }
            Additions::Query(_) => "All pictures that the query finds go at the end of:".to_owned(),
        })
    };
    view! {
        <Dialog open=open title="Add to a gallery" id=id>
            <p class="muted">{lead}</p>
            <Transition fallback=|| ()>{body}</Transition>
        </Dialog>
    }
}
