//! `/gallery/<id>/slideshow` and `/embed/gallery/<id>`: a gallery picture by picture. The second is for frames in the pages of
//! others: it knows nobody, and leads elsewhere only in a new window.
//!
//! The address says which picture. The ways to the others are links, so that it works without JavaScript; keys and swipes
//! follow the same links.

use crate::api::galleries::slide;
use crate::model::licence::short_name;
use crate::model::picture::THUMBNAIL_LARGE_PX;
use crate::model::text::path_segment;
use crate::model::{AppError, Picture, Slide};
use crate::ui::focus::{focus_soon, is_lost};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::key_listener::on_key_down;
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::use_parameter;
use crate::ui::picture_grid::alternative_text;
use crate::ui::text::grouped;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FocusEvent, KeyboardEvent, PointerEvent};

/// A finger that moved so far sideways, in CSS pixels, turns the page.
const SWIPE: i32 = 45;

/// Where the slides of a gallery are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Page,
    Frame,
}

impl Stage {
    fn href(self, gallery: i64, picture: i64) -> String {
        match self {
            Stage::Page => format!("/gallery/{gallery}/slideshow?picture={picture}"),
            Stage::Frame => format!("/embed/gallery/{gallery}?picture={picture}"),
        }
    }
}

/// The file for an `<img>`, and the alternatives: the browser takes the smaller one where it suffices.
fn sources(picture: &Picture) -> (String, Option<String>) {
    let large = picture.thumbnail_path(THUMBNAIL_LARGE_PX);
    // Browsers do not show this format.
    if picture.file_format == "image/tiff" {
        return (large, None);
    }
    let width = picture.thumbnail_width_px(THUMBNAIL_LARGE_PX);
    let file = picture.image_path().to_owned();
    if width >= picture.width {
        return (file, None);
    }
    let alternatives = format!("{large} {width}w, {file} {}w", picture.width);
    (file, Some(alternatives))
}

#[component]
fn Caption(picture: Picture, stage: Stage, place: String) -> impl IntoView {
    // A frame stays where it is: its links open elsewhere.
    let (target, rel) = match stage {
        Stage::Page => (None, None),
        Stage::Frame => (Some("_blank"), Some("noopener external")),
    };
    let licences = picture
        .licences
        .iter()
        .map(|id| {
            view! {
                <a href=format!("/licence/{}", path_segment(id)) target=target rel=rel>
                    {short_name(id)}
                </a>
            }
        })
        .collect_view();
    view! {
        <figcaption class="slide-caption">
            <a class="slide-title" href=format!("/picture/{}", picture.id) target=target rel=rel>
                {picture.display_title()}
            </a>
            <span>
                "by "
                <a href=format!("/user/{}", path_segment(&picture.author)) target=target rel=rel>
                    {picture.author_name().to_owned()}
                </a>
            </span>
            {licences}
            <span class="slide-place" role="status">
                {place}
            </span>
        </figcaption>
    }
}

#[component]
fn Arrow(to: Option<String>, label: &'static str, class: &'static str, glyph: Glyph) -> impl IntoView {
    to.map(|href| {
        view! {
            // Going back leads out of the slideshow, not through all its pictures.
            <a class=format!("slide-arrow {class}") href=href aria-label=label prop:replace=true data-noscroll="">
                <Icon glyph=glyph />
            </a>
        }
    })
}

#[component]
fn Shown(
    slide: Slide,
    stage: Stage,
    /// Whether the focus was last seen on an arrow.
    on_arrow: StoredValue<bool>,
) -> impl IntoView {
    let Slide { gallery, picture, index, total, previous, next, .. } = slide;
    let href = |picture: &Picture| stage.href(gallery.id, picture.id);
    let Some(picture) = picture else {
        return view! { <p class="empty">"There is nothing in this gallery yet."</p> }.into_any();
    };
    let neighbours: Vec<&Picture> = [&next, &previous].into_iter().flatten().collect();
    let preload = neighbours
        .into_iter()
        .map(|picture| {
            let (src, srcset) = sources(picture);
            view! { <img src=src srcset=srcset sizes="100vw" alt="" /> }
        })
        .collect_view();
    // At the ends an arrow goes, and the focus with it: the other one takes it.
    Effect::new(move |_| {
        if on_arrow.try_get_value() == Some(true) {
            focus_soon(|| {
                let arrow = document().query_selector(".slide-arrow").ok().flatten().filter(|_| is_lost())?;
                arrow.dyn_into().ok()
            });
        }
    });
    let (src, srcset) = sources(&picture);
    let place = format!("{} of {}", grouped(index + 1), grouped(total));
    view! {
        <figure class="slide">
            <div class="slide-image">
                <img src=src srcset=srcset sizes="100vw" alt=alternative_text(&picture) draggable="false" />
            </div>
            <Caption picture=picture stage=stage place=place />
        </figure>
        <Arrow to=previous.as_ref().map(href) label="Previous picture" class="previous" glyph=Glyph::Left />
        <Arrow to=next.as_ref().map(href) label="Next picture" class="next" glyph=Glyph::Right />
        <div hidden="">{preload}</div>
    }
    .into_any()
}

/// Calls a method without arguments that not every browser has.
fn call(object: &JsValue, method: &str) {
    let function =
        js_sys::Reflect::get(object, &method.into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    if let Some(function) = function {
        // What the browser refuses, it refuses for a reason that it tells by itself.
        let _ = function.call0(object);
    }
}

fn is_full_screen() -> bool {
    js_sys::Reflect::get(&document(), &"fullscreenElement".into()).is_ok_and(|element| element.is_object())
}

/// Where a key leads.
fn key_leads(slide: &Slide, key: &str) -> Option<i64> {
    let id = |picture: &Option<Picture>| picture.as_ref().map(|picture| picture.id);
    match key {
        "ArrowRight" | "PageDown" | " " => id(&slide.next),
        "ArrowLeft" | "PageUp" => id(&slide.previous),
        "Home" => slide.first,
        "End" => slide.last,
        _ => None,
    }
}

#[component]
fn Slideshow(stage: Stage) -> impl IntoView {
    let (params, wanted) = (use_params_map(), use_parameter("picture"));
    let gallery = move || params.with(|params| params.get_str("id").and_then(|id| id.parse::<i64>().ok()));
    let picture = move || wanted.with(|id| id.parse::<i64>().ok());
    let loaded = Resource::new_blocking(
        move || (gallery(), picture()),
        |(gallery, picture)| async move {
            let gallery =
                gallery.ok_or_else(|| AppError::NotFound("galleries have whole numbers as addresses".to_owned()))?;
            slide(gallery, picture).await
        },
    );
    let shown = StoredValue::new(None::<Slide>);
    let node = NodeRef::<html::Div>::new();
    let full_screen = RwSignal::new(false);
    let navigate = StoredValue::new(use_navigate());
    let go = move |to: Option<i64>| {
        let Some((picture, gallery)) = to.zip(shown.with_value(|slide| slide.as_ref().map(|slide| slide.gallery.id)))
        else {
            return;
        };
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|navigate| navigate(&stage.href(gallery, picture), options));
    };
    let toggle_full_screen = move || match node.get_untracked() {
        Some(_) if is_full_screen() => call(&document(), "exitFullscreen"),
        Some(node) => call(&node, "requestFullscreen"),
        None => {}
    };
    let key = move |event: KeyboardEvent| {
        let on = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let tag = on.map(|element| element.tag_name()).unwrap_or_default();
        let key = event.key();
        let is_typing = matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT");
        let presses = key == " " && matches!(tag.as_str(), "BUTTON" | "SUMMARY");
        if is_typing || presses || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        match key.as_str() {
            "f" | "F" => toggle_full_screen(),
            // In full screen the browser itself takes this key to leave it.
            // An open menu closes first.
            "Escape" if stage == Stage::Page && !is_full_screen() && !event.default_prevented() => {
                if let Some(gallery) = gallery() {
                    navigate
                        .with_value(|navigate| navigate(&format!("/gallery/{gallery}"), NavigateOptions::default()));
                }
            }
            key => {
                let to = shown.with_value(|slide| slide.as_ref().and_then(|slide| key_leads(slide, key)));
                if to.is_some() {
                    event.prevent_default();
                    go(to);
                }
            }
        }
    };
    Effect::new(move |_| {
        let keys = on_key_down(key);
        let changes = window_event_listener(ev::fullscreenchange, move |_| full_screen.set(is_full_screen()));
        on_cleanup(move || {
            keys.remove();
            changes.remove();
        });
    });
    let on_arrow = StoredValue::new(false);
    let focused = move |event: FocusEvent| {
        let on = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        on_arrow.set_value(on.is_some_and(|on| matches!(on.closest(".slide-arrow"), Ok(Some(_)))));
    };
    let finger = StoredValue::new(None::<(i32, i32)>);
    let down = move |event: PointerEvent| {
        let touches = event.pointer_type() != "mouse" && event.is_primary();
        finger.set_value(touches.then(|| (event.client_x(), event.client_y())));
    };
    let up = move |event: PointerEvent| {
        let Some((x, y)) = finger.try_update_value(Option::take).flatten() else { return };
        let (dx, dy) = (event.client_x() - x, event.client_y() - y);
        if dx.abs() < SWIPE || dx.abs() < 2 * dy.abs() {
            return;
        }
        go(shown.with_value(|slide| {
            slide.as_ref().and_then(|slide| key_leads(slide, if dx < 0 { "ArrowRight" } else { "ArrowLeft" }))
        }));
    };
    let way_out = move || {
        let gallery = gallery()?;
        let href = format!("/gallery/{gallery}");
        Some(match stage {
            Stage::Page => view! {
                <a class="icon-button" href=href aria-label="Back to the gallery">
                    <Icon glyph=Glyph::Close />
                </a>
            }
            .into_any(),
            Stage::Frame => view! {
                <a class="icon-button" href=href target="_blank" rel="noopener external" aria-label="Open the gallery in a new window">
                    <Icon glyph=Glyph::External />
                </a>
            }
            .into_any(),
        })
    };
    view! {
        <div
            class="slideshow"
            class:framed=stage == Stage::Frame
            node_ref=node
            on:focusin=focused
            on:pointerdown=down
            on:pointerup=up
            on:pointercancel=move |_| finger.set_value(None)
        >
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(slide) => {
                            shown.set_value(Some(slide.clone()));
                            let title = slide.gallery.title.clone();
                            view! {
                                <Title text=format!("{title}: slideshow") />
                                <h1 class="slideshow-title">{title}</h1>
                                <Shown slide=slide stage=stage on_arrow=on_arrow />
                            }
                                .into_any()
                        }
                        Err(error) => failed(error),
                    }
                })}
            </Transition>
            <div class="slide-tools">
                <button
                    class="icon-button script-only"
                    type="button"
                    aria-label="Full screen"
                    aria-pressed=move || full_screen.get().to_string()
                    on:click=move |_| toggle_full_screen()
                >
                    <Icon glyph=Glyph::FullScreen />
                </button>
                {way_out}
            </div>
        </div>
    }
}

/// A gallery picture by picture.
#[component]
pub fn SlideshowPage() -> impl IntoView {
    view! { <Slideshow stage=Stage::Page /> }
}

/// The same for a frame in a page of others.
#[component]
pub fn EmbedPage() -> impl IntoView {
    view! { <Slideshow stage=Stage::Frame /> }
}
