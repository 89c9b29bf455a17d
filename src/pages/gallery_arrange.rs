//! A gallery's order by hand: rows that are dragged, or moved by buttons, which work without JavaScript, too.

use crate::api::galleries::{RemoveFromGallery, ReorderGallery, SetGalleryCover};
use crate::model::picture::THUMBNAIL_SMALL_PX;
use crate::model::{Gallery, Page, Picture, PictureCard};
use crate::ui::announcer::Announcer;
use crate::ui::focus::{by_id, focus_soon};
use crate::ui::form_error::{FormNotice, form_error, general_error, on_success};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::pagination::Pagination;
use crate::ui::text::{count, grouped};
use leptos::form::ActionForm;
use leptos::prelude::*;
use web_sys::DragEvent;

/// What one can do to the order of a gallery's pictures.
#[derive(Clone, Copy)]
pub struct Arranging {
    reorder: ServerAction<ReorderGallery>,
    cover: ServerAction<SetGalleryCover>,
    remove: ServerAction<RemoveFromGallery>,
    /// Says what has just happened to those who do not see it.
    pub announcer: Announcer,
    /// The picture that is being dragged.
    dragged: RwSignal<Option<i64>>,
    /// The button that had the focus before the rows were drawn anew.
    focused: StoredValue<Option<String>>,
}

impl Arranging {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        let arranging = Self {
            reorder: ServerAction::new(),
            cover: ServerAction::new(),
            remove: ServerAction::new(),
            announcer: Announcer::default(),
            dragged: RwSignal::new(None),
            focused: StoredValue::new(None),
        };
        arranging.announce();
        arranging
    }

    /// Says what was done once it is done.
    fn announce(self) {
        let Self { announcer, reorder, cover, remove, .. } = self;
        let wanted = StoredValue::new(None);
        Effect::new(move |_| {
            if let Some(input) = reorder.input().get() {
                wanted.set_value(Some(input.position));
            }
        });
        on_success(reorder, move || {
            if let Some(position) = wanted.get_value() {
                announcer.say(format!("Moved to place {}.", grouped(position + 1)));
            }
        });
        on_success(cover, move || announcer.say("The cover is another one."));
        on_success(remove, move || announcer.say("Taken out of the gallery."));
    }

    /// Changes whenever something may have changed.
    pub fn version(self) -> (usize, usize, usize) {
        (self.reorder.version().get(), self.cover.version().get(), self.remove.version().get())
    }
}

impl Default for Arranging {
    fn default() -> Self {
        Self::new()
    }
}

/// A button that moves a picture to another place.
#[component]
fn Move(
    arranging: Arranging,
    gallery: i64,
    picture: i64,
    /// How many pictures come before it then; none where the button leads nowhere.
    position: Option<i64>,
    label: String,
    id: String,
    glyph: Glyph,
) -> impl IntoView {
    let focused = id.clone();
    let click = move |_| arranging.focused.set_value(Some(focused.clone()));
    view! {
        <ActionForm action=arranging.reorder>
            <input type="hidden" name="id" value=gallery.to_string() />
            <input type="hidden" name="picture" value=picture.to_string() />
            <input type="hidden" name="position" value=position.unwrap_or_default().to_string() />
            <button
                class="icon-button"
                type="submit"
                id=id
                aria-label=label.clone()
                title=label
                disabled=position.is_none()
                on:click=click
            >
                <Icon glyph=glyph />
            </button>
        </ActionForm>
    }
}

#[component]
fn Row(gallery: Gallery, picture: Picture, position: i64, total: i64, arranging: Arranging) -> impl IntoView {
    let (id, gallery_id) = (picture.id, gallery.id);
    let title = picture.display_title();
    let is_cover = gallery.cover == Some(id) || (gallery.cover.is_none() && position == 0);
    let use_as_cover = format!("Use {title} as cover");
    let over = RwSignal::new(false);
    let start = move |event: DragEvent| {
        arranging.dragged.set(Some(id));
        if let Some(data) = event.data_transfer() {
            // Some browsers begin no drag that carries nothing.
            let _ = data.set_data("text/plain", &id.to_string());
            data.set_effect_allowed("move");
        }
    };
    let drag_over = move |event: DragEvent| {
        if arranging.dragged.get_untracked().is_some() {
            event.prevent_default();
            over.set(true);
        }
    };
    let drop_here = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        let Some(picture) = arranging.dragged.get_untracked().filter(|dragged| *dragged != id) else { return };
        arranging.dragged.set(None);
        arranging.reorder.dispatch(ReorderGallery { id: gallery_id, picture, position });
    };
    let cover = if is_cover {
        view! { <span class="badge accent">"Cover"</span> }.into_any()
    } else {
        view! {
            <ActionForm action=arranging.cover>
                <input type="hidden" name="id" value=gallery_id.to_string() />
                <input type="hidden" name="picture" value=id.to_string() />
                <button class="button small quiet" type="submit" aria-label=use_as_cover>
                    "Use as cover"
                </button>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <li
            class="arrange-row"
            class:dragged=move || arranging.dragged.get() == Some(id)
            class:over=move || over.get()
            draggable="true"
            on:dragstart=start
            on:dragover=drag_over
            on:dragleave=move |_| over.set(false)
            on:dragend=move |_| arranging.dragged.set(None)
            on:drop=drop_here
        >
            <span class="arrange-place">{grouped(position + 1)}</span>
            <img
                src=picture.thumbnail_path(THUMBNAIL_SMALL_PX)
                alt=""
                width="96"
                height="72"
                loading="lazy"
                decoding="async"
                draggable="false"
            />
            <a class="truncate" href=format!("/picture/{id}") draggable="false">
                {title.clone()}
            </a>
            <div class="cluster arrange-tools">
                {cover}
                <Move
                    arranging=arranging
                    gallery=gallery_id
                    picture=id
                    position=(position > 0).then_some(position - 1)
                    label=format!("Move {title} up")
                    id=format!("up-{id}")
                    glyph=Glyph::Up
                />
                <Move
                    arranging=arranging
                    gallery=gallery_id
                    picture=id
                    position=(position + 1 < total).then_some(position + 1)
                    label=format!("Move {title} down")
                    id=format!("down-{id}")
                    glyph=Glyph::Down
                />
                <ActionForm action=arranging.remove>
                    <input type="hidden" name="id" value=gallery_id.to_string() />
                    <input type="hidden" name="picture" value=id.to_string() />
                    <button
                        class="icon-button"
                        type="submit"
                        aria-label=format!("Take {title} out of the gallery")
                        title="Take out of the gallery"
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </ActionForm>
            </div>
        </li>
    }
}

/// The rows of a part of a gallery.
#[component]
pub fn Arrange(
    /// The gallery.
    gallery: Gallery,
    /// The part of its pictures.
    pictures: Page<PictureCard>,
    /// What one can do.
    arranging: Arranging,
) -> impl IntoView {
    let errors = [
        general_error(form_error(arranging.reorder), &[]),
        general_error(form_error(arranging.cover), &[]),
        general_error(form_error(arranging.remove), &[]),
    ];
    let notices = errors.map(|error| view! { <FormNotice error=error /> });
    let Page { items, total, offset, limit } = pictures;
    let base = format!("/gallery/{}?arrange=1&offset=", gallery.id);
    let rows = items
        .into_iter()
        .zip(offset..)
        .map(|(PictureCard { picture, .. }, position)| {
            let gallery = gallery.clone();
            view! { <Row gallery=gallery picture=picture position=position total=total arranging=arranging /> }
        })
        .collect_view();
    // The rows are drawn anew after each change; the focus stays with the picture that was moved.
    Effect::new(move |_| {
        let Some(button) = arranging.focused.try_update_value(Option::take).flatten() else { return };
        focus_soon(move || {
            // At the ends of the list a button leads nowhere any more; the other one takes the focus.
            let other = match button.split_once('-')? {
                ("up", id) => format!("down-{id}"),
                (_, id) => format!("up-{id}"),
            };
            let usable = |id: &str| by_id(id).filter(|button| !button.has_attribute("disabled"));
            usable(&button).or_else(|| usable(&other))
        });
    });
    view! {
        <section aria-labelledby="arrange">
            <div class="section-head">
                <h2 id="arrange">{format!("Order of {}", count(total, "picture", "pictures"))}</h2>
                <p class="muted script-only">"Drag the rows, or use the arrows."</p>
            </div>
            {notices.collect_view()}
            <ol class="arrange" aria-label="Order">
                {rows}
            </ol>
            <Pagination total=total offset=offset limit=limit base=base />
        </section>
    }
}
