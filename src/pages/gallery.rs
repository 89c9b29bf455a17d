//! `/gallery/<id>`: one picked set of pictures; with `?arrange=1`, for those who may, its order by hand.

use super::gallery_arrange::{Arrange, Arranging};
use super::picture_list::PictureList;
use crate::api::galleries::{
    AddGalleryUser, EditGallery, RemoveGallery, RemoveGalleryUser, gallery, gallery_cards, gallery_embed_url,
};
use crate::model::text::{escape_html, path_segment};
use crate::model::{Account, AppError, Gallery, Page, PictureCard};
use crate::ui::announcer::Announcements;
use crate::ui::copy_button::CopyButton;
use crate::ui::field::{TextArea, TextField, TitleField};
use crate::ui::form::{Beginning, Form, SubmitButton};
use crate::ui::form_error::{FormNotice, field_error, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::{use_offset, use_parameter};
use crate::ui::queue_address::QueueAddress;
use crate::ui::session::use_session;
use crate::ui::text::{query_href, sentence};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

fn gallery_query(id: i64) -> String {
    // A gallery keeps what was put into it, also pictures that have been replaced since.
    format!("want:\n  - in_gallery: [{id}]\ninclude_obsolete: true\n")
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Shown {
    gallery: Gallery,
    pictures: Page<PictureCard>,
    embed_url: String,
}

async fn load(id: Option<i64>, offset: i64) -> Result<Shown, AppError> {
    let id = id.ok_or_else(|| AppError::NotFound("galleries have whole numbers as addresses".to_owned()))?;
    Ok(Shown {
        gallery: gallery(id).await?,
        pictures: gallery_cards(id, Some(offset), Some(super::PICTURES)).await?,
        embed_url: gallery_embed_url(id).await?,
    })
}

/// What one can do to the gallery itself.
#[derive(Clone, Copy)]
struct Managing {
    edit: ServerAction<EditGallery>,
    remove: ServerAction<RemoveGallery>,
    add_user: ServerAction<AddGalleryUser>,
    remove_user: ServerAction<RemoveGalleryUser>,
}

impl Managing {
    fn new() -> Self {
        Self {
            edit: ServerAction::new(),
            remove: ServerAction::new(),
            add_user: ServerAction::new(),
            remove_user: ServerAction::new(),
        }
    }

    /// Changes whenever something may have changed.
    fn version(self) -> (usize, usize, usize) {
        (self.edit.version().get(), self.add_user.version().get(), self.remove_user.version().get())
    }
}

/// The HTML with which others show the gallery in their pages.
fn embed_snippet(url: &str, title: &str) -> String {
    let title = escape_html(title);
    format!(
        "<iframe src=\"{url}\" title=\"{title}\" width=\"800\" height=\"600\" style=\"border: 0; max-width: 100%\" \
         loading=\"lazy\" allow=\"fullscreen\"></iframe>"
    )
}

#[component]
fn Embed(url: String, title: String) -> impl IntoView {
    let snippet = embed_snippet(&url, &title);
    let shown = escape_html(&snippet);
    view! {
        <details class="disclosure">
            <summary>"Embed"</summary>
            <div class="stack stack-tight disclosure-body">
                <label class="field-label" for="embed-snippet">
                    "Put this into a page of yours to show the gallery there"
                </label>
                <textarea id="embed-snippet" rows="4" readonly spellcheck="false" inner_html=shown></textarea>
                <div>
                    <CopyButton what="The snippet" label="Copy the snippet" class="small" text=snippet />
                </div>
            </div>
        </details>
    }
}

#[component]
fn EditForm(gallery: Gallery, action: ServerAction<EditGallery>) -> impl IntoView {
    let error = form_error(action);
    view! {
        <details class="disclosure" open=move || error.with(Option::is_some)>
            <summary>"Edit"</summary>
            <Form action=action submit="Save" fields=&["title", "description"] attr:class="disclosure-body">
                <input type="hidden" name="id" value=gallery.id.to_string() />
                <Beginning of=(gallery.title.clone(), gallery.description.clone()) />
                <TitleField value=gallery.title error=error />
                <TextArea
                    label="Description"
                    name="description"
                    value=gallery.description
                    error=field_error(error, "description")
                />
            </Form>
        </details>
    }
}

#[component]
fn TrustedUsers(gallery: Gallery, managing: Managing) -> impl IntoView {
    let Managing { add_user, remove_user, .. } = managing;
    let error = form_error(add_user);
    let not_removed = general_error(form_error(remove_user), &[]);
    // That nobody has this name is said beside it.
    let is_about_name = |error: &AppError| matches!(error, AppError::NotFound(_) | AppError::Invalid { .. });
    let said = move |about_name: bool| {
        error.with(|error| error.as_ref().filter(|e| is_about_name(e) == about_name).map(|e| sentence(&e.to_string())))
    };
    let (in_name, not_added) = (Signal::derive(move || said(true)), Signal::derive(move || said(false)));
    let id = gallery.id;
    let users = gallery
        .users
        .into_iter()
        .map(|name| {
            view! {
                <li class="cluster">
                    <a href=format!("/user/{}", path_segment(&name))>{name.clone()}</a>
                    <ActionForm action=remove_user>
                        <input type="hidden" name="id" value=id.to_string() />
                        <input type="hidden" name="username" value=name.clone() />
                        <button class="button small quiet" type="submit" aria-label=format!("Remove {name}")>
                            "Remove"
                        </button>
                    </ActionForm>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="disclosure" open=move || error.with(Option::is_some)>
            <summary>"Trusted users"</summary>
            <div class="stack disclosure-body">
                <p class="muted">"They may add, remove and order pictures."</p>
                <FormNotice error=not_removed />
                <FormNotice error=not_added />
                <ul class="stack stack-tight" aria-label="Trusted users">
                    {users}
                </ul>
                <ActionForm action=add_user>
                    <div class="form">
                        <input type="hidden" name="id" value=id.to_string() />
                        <TextField label="Username" name="username" required=true verbatim=true error=in_name />
                        <div class="form-actions">
                            <SubmitButton pending=add_user.pending()>"Trust this user"</SubmitButton>
                        </div>
                    </div>
                </ActionForm>
            </div>
        </details>
    }
}

#[component]
fn DeleteForm(id: i64, action: ServerAction<RemoveGallery>) -> impl IntoView {
    view! {
        <details class="disclosure">
            <summary>"Delete"</summary>
            <Form action=action submit="Delete the gallery" button="danger" attr:class="disclosure-body">
                <p>"The gallery goes, and with it the order of its pictures. The pictures stay. This cannot be undone."</p>
                <input type="hidden" name="id" value=id.to_string() />
            </Form>
        </details>
    }
}

#[component]
fn Content(
    shown: Shown,
    account: Option<Account>,
    arrange: bool,
    managing: Managing,
    arranging: Arranging,
) -> impl IntoView {
    let Shown { gallery, pictures, embed_url } = shown;
    let id = gallery.id;
    let trusted = gallery.users.join(", ");
    let manages = account.as_ref().is_some_and(|account| gallery.managed_by(account));
    let edits = account.as_ref().is_some_and(|account| gallery.edited_by(account));
    let arrange = arrange && edits;
    let manage = manages.then(|| {
        view! {
            <EditForm gallery=gallery.clone() action=managing.edit />
            <TrustedUsers gallery=gallery.clone() managing=managing />
            <DeleteForm id=id action=managing.remove />
        }
    });
    let arrange_link = (edits && pictures.total > 0).then(|| {
        let (href, text) = match arrange {
            true => (format!("/gallery/{id}"), "Done arranging"),
            false => (format!("/gallery/{id}?arrange=1"), "Arrange"),
        };
        view! {
            <a class="button" href=href>
                {text}
            </a>
        }
    });
    let slideshow = (pictures.total > 0).then(|| {
        view! {
            <a class="button" href=format!("/gallery/{id}/slideshow")>
                <Icon glyph=Glyph::Picture />
                "Slideshow"
            </a>
        }
    });
    let list = if arrange {
        view! { <Arrange gallery=gallery.clone() pictures=pictures arranging=arranging /> }.into_any()
    } else {
        view! {
            <PictureList
                pictures=pictures
                base=format!("/gallery/{id}?offset=")
                row=QueueAddress::Gallery(id)
                empty="Nothing has been put into this gallery yet. Select pictures in any list and add them."
            />
        }
        .into_any()
    };
    view! {
        <Title text=gallery.title.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/galleries">"Galleries"</a>
                    </p>
                    <h1>{gallery.title.clone()}</h1>
                    {(!gallery.description.is_empty())
                        .then(|| view! { <p class="description">{gallery.description.clone()}</p> })}
                    <p class="muted">
                        "Kept by " <a href=format!("/user/{}", path_segment(&gallery.owner))>{gallery.owner.clone()}</a>
                        {(!trusted.is_empty()).then(|| format!(" with {trusted}"))}
                    </p>
                </div>
                <div class="cluster">
                    {slideshow} {arrange_link} <a class="button" href=format!("/export?gallery={id}")>
                        "Export"
                    </a> <a class="button" href=query_href(&gallery_query(id))>
                        <Icon glyph=Glyph::Search />
                        "Refine as a query"
                    </a>
                </div>
            </div>
            <div class="disclosures">{manage} <Embed url=embed_url title=gallery.title /></div>
            {list}
        </div>
    }
}

/// The page of one gallery.
#[component]
pub fn GalleryPage() -> impl IntoView {
    let (params, offset, arrange) = (use_params_map(), use_offset(), use_parameter("arrange"));
    let session = use_session();
    let (managing, arranging) = (Managing::new(), Arranging::new());
    let wanted = move || {
        let id = params.with(|params| params.get_str("id").and_then(|id| id.parse::<i64>().ok()));
        (id, offset.get(), managing.version(), arranging.version(), session.changes.get())
    };
    let loaded = Resource::new_blocking(wanted, |(id, offset, ..)| load(id, offset));
    view! {
        <Transition fallback=Loading>
            {move || {
                let arrange = arrange.with(|arrange| !arrange.is_empty());
                Suspend::new(async move {
                    match (loaded.await, session.account.await) {
                        (Ok(shown), account) => {
                            let account = account.ok().flatten();
                            view! {
                                <Content
                                    shown=shown
                                    account=account
                                    arrange=arrange
                                    managing=managing
                                    arranging=arranging
                                />
                            }
                                .into_any()
                        }
                        (Err(error), _) => failed(error),
                    }
                })
            }}
        </Transition>
        <Announcements announcer=arranging.announcer />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_do_not_break_out_of_the_snippet() {
        let snippet = embed_snippet("https://example.org/embed/gallery/7", "\"><script>");
        assert!(snippet.contains("src=\"https://example.org/embed/gallery/7\" title=\"&quot;&gt;&lt;script&gt;\""));
    }
}
